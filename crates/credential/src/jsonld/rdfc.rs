//! RDF Dataset Canonicalization (RDFC-1.0, W3C Recommendation of 21 May 2024), with a limit on the work.
//!
//! The algorithm tries orders of nodes that look alike, and somebody can make a small graph with a great many of
//! them; the specification tells implementers to give up on such input (section 7.1), so every step counts.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Write,
};

use leerpas_core::limits;
use oxrdf::{GraphName, NamedNode, NamedOrBlankNode, Quad, Term};
use sha2::{Digest, Sha256, Sha384};

use super::JsonLdError;

/// The hash that names blank nodes (RDFC-1.0, section 4.4, "hash algorithm").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// The usual one.
    Sha256,
    /// For ECDSA with P-384.
    Sha384,
}

impl HashAlgorithm {
    /// The digest of some bytes.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
        }
    }

    fn hex(self, text: &str) -> String {
        let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
        self.digest(text.as_bytes()).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }
}

/// Steps in the search for an order; an honest credential takes some hundreds. Counted, not timed, so that one
/// document has one answer on every computer.
const WORK: usize = 30_000;

/// The canonical form: one quad per line, sorted by code point, no line twice (RDFC-1.0, section 4.4.3).
pub(super) fn canonical_n_quads(quads: &[Quad], hash: HashAlgorithm) -> Result<String, JsonLdError> {
    if quads.len() > limits::QUADS {
        return Err(JsonLdError::TooLarge);
    }
    // A dataset is a set: what is said twice counts once (RDF 1.1 Concepts, section 4).
    let mut seen = HashSet::with_capacity(quads.len());
    let mut numbers = HashMap::new();
    let lines: Vec<Line<'_>> =
        quads.iter().filter(|quad| seen.insert(*quad)).map(|quad| Line::new(quad, &mut numbers)).collect();
    let labels = Canonicalisation::new(&lines, numbers.len(), hash).run()?;
    let mut sorted: Vec<String> = lines
        .iter()
        .map(|line| {
            let mut text = String::with_capacity(line.text.len() + 24);
            line.write(&mut text, |node, text| push_label(text, labels.get(node).copied().flatten().unwrap_or(node)));
            text
        })
        .collect();
    sorted.sort_unstable();
    Ok(sorted.concat())
}

/// The number that the canonical form gives to each blank node (the canonical issuer of RDFC-1.0, section 4.4.3).
pub(super) fn canonical_labels(quads: &[Quad], hash: HashAlgorithm) -> Result<HashMap<String, usize>, JsonLdError> {
    if quads.len() > limits::QUADS {
        return Err(JsonLdError::TooLarge);
    }
    let mut seen = HashSet::with_capacity(quads.len());
    let mut numbers = HashMap::new();
    let lines: Vec<Line<'_>> =
        quads.iter().filter(|quad| seen.insert(*quad)).map(|quad| Line::new(quad, &mut numbers)).collect();
    let labels = Canonicalisation::new(&lines, numbers.len(), hash).run()?;
    let number = |node: usize| labels.get(node).copied().flatten().unwrap_or(node);
    Ok(numbers.into_iter().map(|(label, node)| (label.to_owned(), number(node))).collect())
}

/// A quad as a canonical line, with the names that the caller gives to its blank nodes.
pub(super) fn n_quad<'n>(quad: &Quad, name: impl Fn(&str) -> Option<&'n str>) -> String {
    let mut numbers = HashMap::new();
    let line = Line::new(quad, &mut numbers);
    let mut labels = vec![""; numbers.len()];
    for (label, node) in &numbers {
        if let Some(slot) = labels.get_mut(*node) {
            *slot = name(label).unwrap_or(label);
        }
    }
    let mut text = String::with_capacity(line.text.len() + 96);
    line.write(&mut text, |node, text| {
        text.push_str("_:");
        text.push_str(labels.get(node).copied().unwrap_or_default());
    });
    text
}

fn push_label(text: &mut String, number: usize) {
    text.push_str("_:c14n");
    push_number(text, number);
}

fn push_number(text: &mut String, number: usize) {
    // Writing to a text cannot fail.
    let _ = write!(text, "{number}");
}

/// A quad as canonical N-Quads with gaps for the names of its blank nodes, which are numbers here.
struct Line<'q> {
    predicate: &'q NamedNode,
    text: String,
    /// Where in the text which node goes, and in which position of the quad.
    gaps: [Option<(usize, usize, char)>; 3],
}

impl<'q> Line<'q> {
    fn new(quad: &'q Quad, numbers: &mut HashMap<&'q str, usize>) -> Self {
        let mut number = |label: &'q str| {
            let next = numbers.len();
            *numbers.entry(label).or_insert(next)
        };
        let mut text = String::with_capacity(160);
        let mut gaps = [None; 3];
        match &quad.subject {
            NamedOrBlankNode::BlankNode(node) => gaps[0] = Some((0, number(node.as_str()), 's')),
            NamedOrBlankNode::NamedNode(iri) => push_iri(&mut text, iri),
        }
        text.push(' ');
        push_iri(&mut text, &quad.predicate);
        text.push(' ');
        match &quad.object {
            Term::BlankNode(node) => gaps[1] = Some((text.len(), number(node.as_str()), 'o')),
            Term::NamedNode(iri) => push_iri(&mut text, iri),
            literal => {
                let _ = write!(text, "{literal}");
            }
        }
        match &quad.graph_name {
            GraphName::DefaultGraph => {}
            GraphName::BlankNode(node) => {
                text.push(' ');
                gaps[2] = Some((text.len(), number(node.as_str()), 'g'));
            }
            GraphName::NamedNode(iri) => {
                text.push(' ');
                push_iri(&mut text, iri);
            }
        }
        text.push_str(" .\n");
        Self { predicate: &quad.predicate, text, gaps }
    }

    /// Writes the line with each gap filled.
    fn write(&self, to: &mut String, name: impl Fn(usize, &mut String)) {
        let mut from = 0;
        for (at, node, _) in self.gaps.iter().flatten() {
            to.push_str(&self.text[from..*at]);
            name(*node, to);
            from = *at;
        }
        to.push_str(&self.text[from..]);
    }

    /// The blank nodes with their position: subject, object, graph.
    fn nodes(&self) -> impl Iterator<Item = (usize, char)> {
        self.gaps.iter().flatten().map(|(_, node, position)| (*node, *position))
    }
}

fn push_iri(text: &mut String, iri: &NamedNode) {
    text.push('<');
    text.push_str(iri.as_str());
    text.push('>');
}

/// Gives out names in order, and remembers them (RDFC-1.0, section 4.5).
#[derive(Clone, Default)]
struct Issuer {
    issued: HashMap<usize, usize>,
    order: Vec<usize>,
}

impl Issuer {
    fn issue(&mut self, node: usize) -> usize {
        let next = self.order.len();
        let number = *self.issued.entry(node).or_insert(next);
        if number == next {
            self.order.push(node);
        }
        number
    }
}

struct Canonicalisation<'l> {
    lines: &'l [Line<'l>],
    hash: HashAlgorithm,
    /// Which lines name each node.
    lines_of: Vec<Vec<usize>>,
    first_hashes: Vec<String>,
    /// The canonical number of each node that has one.
    canonical: Vec<Option<usize>>,
    given: usize,
    work: usize,
}

impl<'l> Canonicalisation<'l> {
    fn new(lines: &'l [Line<'l>], nodes: usize, hash: HashAlgorithm) -> Self {
        let mut lines_of = vec![Vec::new(); nodes];
        for (index, line) in lines.iter().enumerate() {
            for (node, _) in line.nodes() {
                // A line that names a node twice counts once.
                if let Some(of) = lines_of.get_mut(node).filter(|of: &&mut Vec<usize>| of.last() != Some(&index)) {
                    of.push(index);
                }
            }
        }
        Self { lines, hash, lines_of, first_hashes: Vec::new(), canonical: vec![None; nodes], given: 0, work: 0 }
    }

    /// RDFC-1.0, section 4.4.3, steps 3 to 5.
    fn run(mut self) -> Result<Vec<Option<usize>>, JsonLdError> {
        self.first_hashes = (0..self.lines_of.len()).map(|node| self.hash_first_degree(node)).collect();
        let mut by_hash: Vec<usize> = (0..self.lines_of.len()).collect();
        by_hash.sort_by(|a, b| self.first_hashes.get(*a).cmp(&self.first_hashes.get(*b)));
        let groups: Vec<Vec<usize>> = by_hash
            .chunk_by(|a, b| self.first_hashes.get(*a) == self.first_hashes.get(*b))
            .map(<[usize]>::to_vec)
            .collect();
        for group in &groups {
            if let [node] = group.as_slice() {
                self.give(*node);
            }
        }
        for group in groups.into_iter().filter(|group| group.len() > 1) {
            let mut paths = Vec::with_capacity(group.len());
            for node in group {
                if self.number(node).is_some() {
                    continue;
                }
                let mut issuer = Issuer::default();
                issuer.issue(node);
                paths.push(self.hash_n_degree(node, issuer)?);
            }
            paths.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (_, issuer) in paths {
                for node in issuer.order {
                    self.give(node);
                }
            }
        }
        Ok(self.canonical)
    }

    fn number(&self, node: usize) -> Option<usize> {
        self.canonical.get(node).copied().flatten()
    }

    fn give(&mut self, node: usize) {
        if let Some(number) = self.canonical.get_mut(node).filter(|number| number.is_none()) {
            *number = Some(self.given);
            self.given += 1;
        }
    }

    fn lines_of(&self, node: usize) -> impl Iterator<Item = &'l Line<'l>> {
        let lines = self.lines;
        self.lines_of.get(node).into_iter().flatten().filter_map(move |index| lines.get(*index))
    }

    /// RDFC-1.0, section 4.6.3.
    fn hash_first_degree(&self, node: usize) -> String {
        let mut lines: Vec<String> = self
            .lines_of(node)
            .map(|line| {
                let mut text = String::with_capacity(line.text.len() + 9);
                line.write(&mut text, |other, text| text.push_str(if other == node { "_:a" } else { "_:z" }));
                text
            })
            .collect();
        lines.sort_unstable();
        self.hash.hex(&lines.concat())
    }

    /// RDFC-1.0, section 4.7.3.
    fn hash_related(&self, related: usize, line: &Line<'_>, issuer: &Issuer, position: char) -> String {
        let mut data = String::with_capacity(160);
        data.push(position);
        if position != 'g' {
            push_iri(&mut data, line.predicate);
        }
        match (self.number(related), issuer.issued.get(&related)) {
            (Some(number), _) => push_label(&mut data, number),
            (None, Some(number)) => push_temporary(&mut data, *number),
            (None, None) => data.push_str(self.first_hashes.get(related).map_or("", String::as_str)),
        }
        self.hash.hex(&data)
    }

    fn count_work(&mut self) -> Result<(), JsonLdError> {
        self.work += 1;
        if self.work > WORK { Err(JsonLdError::TooMuchWork) } else { Ok(()) }
    }

    /// RDFC-1.0, section 4.8.3.
    fn hash_n_degree(&mut self, node: usize, mut issuer: Issuer) -> Result<(String, Issuer), JsonLdError> {
        // Each step copies the names given so far.
        self.work += issuer.order.len() / 16;
        let mut related_by_hash: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let lines: Vec<&Line<'_>> = self.lines_of(node).collect();
        for line in lines {
            for (related, position) in line.nodes().filter(|(related, _)| *related != node) {
                self.count_work()?;
                let hash = self.hash_related(related, line, &issuer, position);
                related_by_hash.entry(hash).or_default().push(related);
            }
        }
        let mut data = String::new();
        for (hash, mut related) in related_by_hash {
            data.push_str(&hash);
            let mut chosen: Option<(String, Issuer)> = None;
            related.sort_unstable();
            loop {
                self.count_work()?;
                let best = chosen.as_ref().map(|(path, _)| path.as_str());
                if let Some((path, walked)) = self.walk(&related, issuer.clone(), best)?
                    && best.is_none_or(|best| path.as_str() < best)
                {
                    chosen = Some((path, walked));
                }
                if !next_permutation(&mut related) {
                    break;
                }
            }
            if let Some((path, walked)) = chosen {
                data.push_str(&path);
                issuer = walked;
            }
        }
        Ok((self.hash.hex(&data), issuer))
    }

    /// One order of the related nodes: its path and the names it gives, or `None` as soon as it cannot win.
    fn walk(
        &mut self,
        order: &[usize],
        mut issuer: Issuer,
        best: Option<&str>,
    ) -> Result<Option<(String, Issuer)>, JsonLdError> {
        let loses = |path: &str| best.is_some_and(|best| path.len() >= best.len() && path > best);
        let mut path = String::new();
        let mut deeper = Vec::new();
        for node in order {
            if let Some(number) = self.number(*node) {
                push_label(&mut path, number);
            } else {
                if !issuer.issued.contains_key(node) {
                    deeper.push(*node);
                }
                push_temporary(&mut path, issuer.issue(*node));
            }
            if loses(&path) {
                return Ok(None);
            }
        }
        for node in deeper {
            let (hash, walked) = self.hash_n_degree(node, issuer.clone())?;
            push_temporary(&mut path, issuer.issue(node));
            path.push('<');
            path.push_str(&hash);
            path.push('>');
            issuer = walked;
            if loses(&path) {
                return Ok(None);
            }
        }
        Ok(Some((path, issuer)))
    }
}

/// The names that a search gives for the time being.
fn push_temporary(text: &mut String, number: usize) {
    text.push_str("_:b");
    push_number(text, number);
}

/// Steps to the next order in lexicographic order; `false` at the last. Equal elements make no extra orders.
fn next_permutation(items: &mut [usize]) -> bool {
    let Some(pivot) = items.windows(2).rposition(|pair| pair[0] < pair[1]) else { return false };
    if let Some(swap) = items.iter().rposition(|item| *item > items[pivot]) {
        items.swap(pivot, swap);
        items[pivot + 1..].reverse();
    }
    true
}

#[cfg(test)]
mod tests {
    use oxrdf::{
        BlankNode, Dataset,
        dataset::{CanonicalizationAlgorithm, CanonicalizationHashAlgorithm},
    };
    use proptest::prelude::*;

    use super::*;

    fn quad((subject, predicate, object, graph): (u8, u8, u8, u8)) -> Quad {
        let blank = |number: u8| BlankNode::new(format!("n{number}")).unwrap();
        let graph = if graph < 6 { GraphName::DefaultGraph } else { blank(graph).into() };
        let predicate = NamedNode::new(format!("urn:p:{predicate}")).unwrap();
        Quad::new(blank(subject), predicate, blank(object), graph)
    }

    fn blank_nodes(quad: &Quad) -> impl Iterator<Item = (&str, char)> {
        let subject = match &quad.subject {
            NamedOrBlankNode::BlankNode(node) => Some((node.as_str(), 's')),
            NamedOrBlankNode::NamedNode(_) => None,
        };
        let object = match &quad.object {
            Term::BlankNode(node) => Some((node.as_str(), 'o')),
            _ => None,
        };
        let graph = match &quad.graph_name {
            GraphName::BlankNode(node) => Some((node.as_str(), 'g')),
            _ => None,
        };
        [subject, object, graph].into_iter().flatten()
    }

    /// Whether some node is related to another twice with one predicate, position and so hash. There the two differ:
    /// the specification keeps a list of related nodes (4.8.3, step 3), as the implementations of signers do; the other
    /// one keeps a set.
    fn related_twice(quads: &[Quad]) -> bool {
        let quads: HashSet<&Quad> = quads.iter().collect();
        let mut seen = HashSet::new();
        quads.into_iter().any(|quad| {
            let nodes: HashSet<(&str, char)> = blank_nodes(quad).collect();
            let from: HashSet<&str> = nodes.iter().map(|(node, _)| *node).collect();
            from.into_iter().any(|from| {
                nodes.iter().filter(|(to, _)| *to != from).any(|(to, position)| {
                    let predicate = if *position == 'g' { "" } else { quad.predicate.as_str() };
                    !seen.insert((from.to_owned(), (*to).to_owned(), *position, predicate.to_owned()))
                })
            })
        })
    }

    /// The same by another implementation, which has no limit and so sees small graphs only.
    fn by_oxrdf(quads: &[Quad], hash_algorithm: CanonicalizationHashAlgorithm) -> String {
        let mut dataset = Dataset::from_iter(quads.iter().cloned());
        dataset.canonicalize(CanonicalizationAlgorithm::Rdfc10 { hash_algorithm });
        let mut lines: Vec<String> = dataset.iter().map(|quad| format!("{quad} .\n")).collect();
        lines.sort_unstable();
        lines.concat()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn rdfc10_blank_nodes_are_named_as_another_implementation_names_them(
            quads in prop::collection::vec((0_u8..6, 0_u8..2, 0_u8..6, 0_u8..8), 1..10),
        ) {
            let quads: Vec<Quad> = quads.into_iter().map(quad).collect();
            prop_assume!(!related_twice(&quads));
            let ours = canonical_n_quads(&quads, HashAlgorithm::Sha256).unwrap();
            prop_assert_eq!(ours, by_oxrdf(&quads, CanonicalizationHashAlgorithm::Sha256));
            let ours = canonical_n_quads(&quads, HashAlgorithm::Sha384).unwrap();
            prop_assert_eq!(ours, by_oxrdf(&quads, CanonicalizationHashAlgorithm::Sha384));
        }
    }

    #[test]
    fn rdfc10_7_1_a_poison_graph_is_given_up() {
        let clique: Vec<Quad> =
            (0..12).flat_map(|a| (0..12).filter(move |b| a != *b).map(move |b| quad((a, 0, b, 0)))).collect();
        assert_eq!(canonical_n_quads(&clique, HashAlgorithm::Sha256), Err(JsonLdError::TooMuchWork));
    }
}
