//! RDF Dataset Canonicalization (RDFC-1.0, W3C Recommendation of 21 May 2024), with a limit on the work.
//!
//! The algorithm tries orders of nodes that look alike, and somebody can make a small graph with a great many of
//! them; the specification tells implementers to give up on such input (section 7.1), so every step counts.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    mem,
};

use leerpas_core::limits;
use oxrdf::{GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term, vocab::xsd};
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

    fn hex(self, text: &str) -> Hex {
        match self {
            Self::Sha256 => Hex::of(&Sha256::digest(text.as_bytes())),
            Self::Sha384 => Hex::of(&Sha384::digest(text.as_bytes())),
        }
    }
}

/// A digest in lower-case hexadecimal, in its place: thousands are made for one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hex {
    digits: [u8; 96],
    length: usize,
}

impl Hex {
    fn of(digest: &[u8]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; 96];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(digest) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        Self { digits, length: 2 * digest.len().min(48) }
    }

    fn as_str(&self) -> &str {
        // Digits are ASCII.
        std::str::from_utf8(&self.digits[..self.length]).unwrap_or_default()
    }
}

/// Steps in the search for an order; an honest credential takes some hundreds. Counted, not timed, so that one
/// document has one answer on every computer.
const WORK: usize = 30_000;

/// The canonical form: one quad per line, sorted by code point, no line twice (RDFC-1.0, section 4.4.3).
pub(super) fn canonical_n_quads(quads: &[Quad], hash: HashAlgorithm) -> Result<String, JsonLdError> {
    let labelled = Labelled::new(quads, hash)?;
    let mut sorted: Vec<String> = labelled
        .lines
        .iter()
        .map(|line| {
            let mut text = String::with_capacity(line.text.len() + 24);
            line.write(&mut text, |node, text| push_label(text, labelled.number(node)));
            text
        })
        .collect();
    sorted.sort_unstable();
    Ok(sorted.concat())
}

/// The number that the canonical form gives to each blank node (the canonical issuer of RDFC-1.0, section 4.4.3).
pub(super) fn canonical_labels(quads: &[Quad], hash: HashAlgorithm) -> Result<HashMap<String, usize>, JsonLdError> {
    let labelled = Labelled::new(quads, hash)?;
    Ok(labelled.nodes.iter().map(|(label, node)| ((*label).to_owned(), labelled.number(*node))).collect())
}

/// A dataset whose blank nodes have their canonical numbers.
struct Labelled<'q> {
    lines: Vec<Line<'q>>,
    /// Each blank node by the label that it came with.
    nodes: HashMap<&'q str, usize>,
    numbers: Vec<Option<usize>>,
}

impl<'q> Labelled<'q> {
    /// # Errors
    /// Too many quads, or a graph made to be slow.
    fn new(quads: &'q [Quad], hash: HashAlgorithm) -> Result<Self, JsonLdError> {
        if quads.len() > limits::QUADS {
            return Err(JsonLdError::TooLarge);
        }
        // A dataset is a set: what is said twice counts once (RDF 1.1 Concepts, section 4).
        let mut seen = HashSet::with_capacity(quads.len());
        let mut nodes = HashMap::new();
        let lines: Vec<Line<'q>> =
            quads.iter().filter(|quad| seen.insert(*quad)).map(|quad| Line::new(quad, &mut nodes)).collect();
        let numbers = Canonicalisation::new(&lines, nodes.len(), hash).run()?;
        Ok(Self { lines, nodes, numbers })
    }

    fn number(&self, node: usize) -> usize {
        self.numbers.get(node).copied().flatten().unwrap_or(node)
    }
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
    if let Ok(digit @ 0..=9) = u8::try_from(number) {
        text.push(char::from(b'0' + digit));
    } else {
        // Writing to a text cannot fail.
        let _ = write!(text, "{number}");
    }
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
            Term::Literal(literal) => push_literal(&mut text, literal),
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

/// A literal that needs no escapes, which is nearly every one, is copied as it is; the others are written by the library.
fn push_literal(text: &mut String, literal: &Literal) {
    // The byte 0xEF begins the two characters past ASCII that are escaped, and few others.
    let plain = |byte: u8| byte >= b' ' && !matches!(byte, b'"' | b'\\' | 0x7f | 0xef);
    if literal.language().is_some() || !literal.value().bytes().all(plain) {
        // Writing to a text cannot fail.
        let _ = write!(text, "{literal}");
        return;
    }
    text.push('"');
    text.push_str(literal.value());
    text.push('"');
    if literal.datatype() != xsd::STRING {
        text.push_str("^^<");
        text.push_str(literal.datatype().as_str());
        text.push('>');
    }
}

/// Gives out names in order, and remembers them (RDFC-1.0, section 4.5). A list, for it is copied more often than it is
/// looked into, and holds a handful.
#[derive(Clone, Default)]
struct Issuer {
    order: Vec<usize>,
}

impl Issuer {
    fn issued(&self, node: usize) -> Option<usize> {
        self.order.iter().position(|known| *known == node)
    }

    fn issue(&mut self, node: usize) -> usize {
        self.issued(node).unwrap_or_else(|| {
            self.order.push(node);
            self.order.len() - 1
        })
    }
}

struct Canonicalisation<'l> {
    lines: &'l [Line<'l>],
    hash: HashAlgorithm,
    /// Which lines name each node.
    lines_of: Vec<Vec<usize>>,
    first_hashes: Vec<Hex>,
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
            paths.sort_by_key(|(hash, _)| *hash);
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
    fn hash_first_degree(&self, node: usize) -> Hex {
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
    fn hash_related(&self, related: usize, line: &Line<'_>, issuer: &Issuer, position: char) -> Hex {
        let mut data = String::with_capacity(160);
        data.push(position);
        if position != 'g' {
            push_iri(&mut data, line.predicate);
        }
        match (self.number(related), issuer.issued(related)) {
            (Some(number), _) => push_label(&mut data, number),
            (None, Some(number)) => push_temporary(&mut data, number),
            (None, None) => data.push_str(self.first_hashes.get(related).map_or("", Hex::as_str)),
        }
        self.hash.hex(&data)
    }

    fn count_work(&mut self, steps: usize) -> Result<(), JsonLdError> {
        self.work += steps;
        if self.work > WORK { Err(JsonLdError::TooMuchWork) } else { Ok(()) }
    }

    /// RDFC-1.0, section 4.8.3.
    fn hash_n_degree(&mut self, node: usize, mut issuer: Issuer) -> Result<(Hex, Issuer), JsonLdError> {
        // Each step looks through the names given so far.
        self.work += issuer.order.len() / 16;
        let mut found: Vec<(Hex, usize)> = Vec::new();
        for line in self.lines_of(node) {
            for (related, position) in line.nodes().filter(|(related, _)| *related != node) {
                found.push((self.hash_related(related, line, &issuer, position), related));
            }
        }
        self.count_work(found.len())?;
        found.sort_unstable();
        let mut data = String::with_capacity(256);
        for alike in found.chunk_by(|(a, _), (b, _)| a == b) {
            data.push_str(alike[0].0.as_str());
            if let [(_, related)] = alike {
                // One node has one order, and nothing to win against.
                self.count_work(1)?;
                if let Some((path, walked)) = self.walk(&[*related], mem::take(&mut issuer), None)? {
                    data.push_str(&path);
                    issuer = walked;
                }
                continue;
            }
            let mut chosen: Option<(String, Issuer)> = None;
            let mut related: Vec<usize> = alike.iter().map(|(_, related)| *related).collect();
            loop {
                self.count_work(1)?;
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
                if issuer.issued(*node).is_none() {
                    deeper.push(*node);
                }
                push_temporary(&mut path, issuer.issue(*node));
            }
            if loses(&path) {
                return Ok(None);
            }
        }
        for node in deeper {
            push_temporary(&mut path, issuer.issue(node));
            let (hash, walked) = self.hash_n_degree(node, issuer)?;
            path.push('<');
            path.push_str(hash.as_str());
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

    /// Whether some node is related to another twice. There the two differ: the specification keeps a list of related
    /// nodes (4.8.3, step 3), as the implementations of signers do, and the other one keeps a set. It was also seen to
    /// name two nodes that point at each other, each in another graph, unlike rdf-canonize does, which agrees with ours
    /// (the next test).
    fn related_twice(quads: &[Quad]) -> bool {
        let quads: HashSet<&Quad> = quads.iter().collect();
        let mut seen = HashSet::new();
        quads.into_iter().any(|quad| {
            let nodes: HashSet<(&str, char)> = blank_nodes(quad).collect();
            let from: HashSet<&str> = nodes.iter().map(|(node, _)| *node).collect();
            from.into_iter().any(|from| {
                nodes
                    .iter()
                    .filter(|(to, _)| *to != from)
                    .any(|(to, _)| !seen.insert((from.to_owned(), (*to).to_owned())))
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
        #![proptest_config(ProptestConfig { max_global_rejects: 20_000, ..ProptestConfig::with_cases(400) })]

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

    /// Rename, reorder: the canonical form stays, whatever relates to whatever.
    fn disguised(quads: &[Quad], rotation: usize) -> Vec<Quad> {
        let node = |node: &BlankNode| BlankNode::new(format!("x{}", hash_of(node.as_str()))).unwrap();
        let mut changed: Vec<Quad> = quads
            .iter()
            .map(|quad| Quad {
                subject: match &quad.subject {
                    NamedOrBlankNode::BlankNode(blank) => node(blank).into(),
                    named => named.clone(),
                },
                predicate: quad.predicate.clone(),
                object: match &quad.object {
                    Term::BlankNode(blank) => node(blank).into(),
                    other => other.clone(),
                },
                graph_name: match &quad.graph_name {
                    GraphName::BlankNode(blank) => node(blank).into(),
                    other => other.clone(),
                },
            })
            .collect();
        let by = rotation % changed.len().max(1);
        changed.rotate_left(by);
        changed
    }

    fn hash_of(label: &str) -> usize {
        label.bytes().fold(7, |hash, byte| (hash * 37 + usize::from(byte) * 11) % 1_009)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn rdfc10_names_and_order_of_the_input_mean_nothing(
            quads in prop::collection::vec((0_u8..6, 0_u8..2, 0_u8..6, 0_u8..8), 1..10),
            rotation in 0_usize..10,
        ) {
            let quads: Vec<Quad> = quads.into_iter().map(quad).collect();
            let here = canonical_n_quads(&quads, HashAlgorithm::Sha256);
            prop_assert_eq!(here, canonical_n_quads(&disguised(&quads, rotation), HashAlgorithm::Sha256));
        }
    }

    /// As rdf-canonize names them.
    #[test]
    fn rdfc10_two_nodes_that_point_at_each_other_in_different_graphs() {
        let quads = [(2, 1, 4, 3), (2, 0, 3, 4), (5, 0, 4, 6), (4, 0, 5, 7), (0, 1, 2, 6), (2, 1, 5, 2), (0, 1, 0, 2)];
        let canonical = "_:c14n2 <urn:p:1> _:c14n2 .\n_:c14n2 <urn:p:1> _:c14n3 _:c14n4 .\n\
            _:c14n3 <urn:p:0> _:c14n1 .\n_:c14n3 <urn:p:1> _:c14n5 .\n_:c14n3 <urn:p:1> _:c14n6 .\n\
            _:c14n5 <urn:p:0> _:c14n6 _:c14n0 .\n_:c14n6 <urn:p:0> _:c14n5 _:c14n4 .\n";
        assert_eq!(canonical_n_quads(&quads.map(quad), HashAlgorithm::Sha256).unwrap(), canonical);
    }

    #[test]
    fn rdfc10_7_1_a_poison_graph_is_given_up() {
        let clique: Vec<Quad> =
            (0..12).flat_map(|a| (0..12).filter(move |b| a != *b).map(move |b| quad((a, 0, b, 0)))).collect();
        assert_eq!(canonical_n_quads(&clique, HashAlgorithm::Sha256), Err(JsonLdError::TooMuchWork));
    }
}
