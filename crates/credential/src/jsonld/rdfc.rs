//! RDF Dataset Canonicalization (RDFC-1.0, W3C Recommendation of 21 May 2024), with a limit on the work.
//!
//! The algorithm tries orders of nodes that look alike, and somebody can make a small graph with a great many of
//! them; the specification tells implementers to give up on such input (section 7.1), so every step counts.

use std::collections::{BTreeMap, HashMap, HashSet};

use leerpas_core::limits;
use oxrdf::{GraphName, NamedOrBlankNode, Quad, Term};
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
        self.digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
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
    let mut seen = HashSet::new();
    let quads: Vec<&Quad> = quads.iter().filter(|quad| seen.insert(*quad)).collect();
    let labels = Canonicalisation::new(&quads, hash).run()?;
    let name = |node: &str| format!("_:{}", labels.get(node).map_or(node, String::as_str));
    let mut lines: Vec<String> = quads.iter().map(|quad| line(quad, name)).collect();
    lines.sort_unstable();
    Ok(lines.concat())
}

/// One quad as canonical N-Quads, blank nodes named by the function.
fn line(quad: &Quad, name: impl Fn(&str) -> String) -> String {
    let subject = match &quad.subject {
        NamedOrBlankNode::BlankNode(node) => name(node.as_str()),
        NamedOrBlankNode::NamedNode(iri) => iri.to_string(),
    };
    let object = match &quad.object {
        Term::BlankNode(node) => name(node.as_str()),
        term => term.to_string(),
    };
    let predicate = &quad.predicate;
    match &quad.graph_name {
        GraphName::DefaultGraph => format!("{subject} {predicate} {object} .\n"),
        GraphName::BlankNode(node) => format!("{subject} {predicate} {object} {} .\n", name(node.as_str())),
        GraphName::NamedNode(iri) => format!("{subject} {predicate} {object} {iri} .\n"),
    }
}

/// The blank nodes of a quad with their position: subject, object, graph.
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

/// Gives out names in order, and remembers them (RDFC-1.0, section 4.5).
#[derive(Clone)]
struct Issuer<'q> {
    prefix: &'static str,
    issued: HashMap<&'q str, String>,
    order: Vec<&'q str>,
}

impl<'q> Issuer<'q> {
    fn new(prefix: &'static str) -> Self {
        Self { prefix, issued: HashMap::new(), order: Vec::new() }
    }

    fn issue(&mut self, node: &'q str) -> String {
        if let Some(name) = self.issued.get(node) {
            return name.clone();
        }
        let name = format!("{}{}", self.prefix, self.order.len());
        self.issued.insert(node, name.clone());
        self.order.push(node);
        name
    }
}

struct Canonicalisation<'q> {
    hash: HashAlgorithm,
    quads_of: BTreeMap<&'q str, Vec<&'q Quad>>,
    first_hashes: HashMap<&'q str, String>,
    canonical: Issuer<'q>,
    work: usize,
}

impl<'q> Canonicalisation<'q> {
    fn new(quads: &[&'q Quad], hash: HashAlgorithm) -> Self {
        let mut quads_of: BTreeMap<&str, Vec<&Quad>> = BTreeMap::new();
        for quad in quads.iter().copied() {
            let mut seen: Vec<&str> = Vec::with_capacity(3);
            for (node, _) in blank_nodes(quad) {
                if !seen.contains(&node) {
                    seen.push(node);
                    quads_of.entry(node).or_default().push(quad);
                }
            }
        }
        Self { hash, quads_of, first_hashes: HashMap::new(), canonical: Issuer::new("c14n"), work: 0 }
    }

    /// RDFC-1.0, section 4.4.3: the canonical name of each blank node.
    fn run(mut self) -> Result<HashMap<&'q str, String>, JsonLdError> {
        let mut by_hash: BTreeMap<String, Vec<&'q str>> = BTreeMap::new();
        let nodes: Vec<&'q str> = self.quads_of.keys().copied().collect();
        for node in nodes {
            let hash = self.hash_first_degree(node);
            self.first_hashes.insert(node, hash.clone());
            by_hash.entry(hash).or_default().push(node);
        }
        for nodes in by_hash.values() {
            if let [only] = nodes[..] {
                self.canonical.issue(only);
            }
        }
        for nodes in by_hash.values().filter(|nodes| nodes.len() > 1) {
            let mut paths = Vec::new();
            for node in nodes {
                if self.canonical.issued.contains_key(node) {
                    continue;
                }
                let mut issuer = Issuer::new("b");
                issuer.issue(node);
                paths.push(self.hash_n_degree(node, issuer)?);
            }
            paths.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (_, issuer) in paths {
                for node in issuer.order {
                    self.canonical.issue(node);
                }
            }
        }
        Ok(self.canonical.issued)
    }

    fn quads_of(&self, node: &str) -> Vec<&'q Quad> {
        self.quads_of.get(node).cloned().unwrap_or_default()
    }

    /// RDFC-1.0, section 4.6.3.
    fn hash_first_degree(&self, node: &str) -> String {
        let name = |other: &str| if other == node { "_:a" } else { "_:z" }.to_owned();
        let mut lines: Vec<String> = self.quads_of(node).into_iter().map(|quad| line(quad, name)).collect();
        lines.sort_unstable();
        self.hash.hex(&lines.concat())
    }

    /// RDFC-1.0, section 4.7.3.
    fn hash_related(&self, related: &str, quad: &Quad, issuer: &Issuer<'q>, position: char) -> String {
        let name = self.canonical.issued.get(related).or_else(|| issuer.issued.get(related));
        let name = match name {
            Some(name) => format!("_:{name}"),
            None => self.first_hashes.get(related).cloned().unwrap_or_default(),
        };
        let predicate = if position == 'g' { String::new() } else { quad.predicate.to_string() };
        self.hash.hex(&format!("{position}{predicate}{name}"))
    }

    fn count_work(&mut self) -> Result<(), JsonLdError> {
        self.work += 1;
        if self.work > WORK { Err(JsonLdError::TooMuchWork) } else { Ok(()) }
    }

    /// RDFC-1.0, section 4.8.3.
    fn hash_n_degree(&mut self, node: &'q str, mut issuer: Issuer<'q>) -> Result<(String, Issuer<'q>), JsonLdError> {
        // Each step copies the names given so far.
        self.work += issuer.order.len() / 16;
        let mut related_by_hash: BTreeMap<String, Vec<&'q str>> = BTreeMap::new();
        for quad in self.quads_of(node) {
            for (related, position) in blank_nodes(quad).filter(|(related, _)| *related != node) {
                self.count_work()?;
                let hash = self.hash_related(related, quad, &issuer, position);
                related_by_hash.entry(hash).or_default().push(related);
            }
        }
        let mut data = String::new();
        for (hash, mut related) in related_by_hash {
            data.push_str(&hash);
            let mut chosen: Option<(String, Issuer<'q>)> = None;
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
        order: &[&'q str],
        mut issuer: Issuer<'q>,
        best: Option<&str>,
    ) -> Result<Option<(String, Issuer<'q>)>, JsonLdError> {
        let loses = |path: &str| best.is_some_and(|best| path.len() >= best.len() && path > best);
        let mut path = String::new();
        let mut deeper = Vec::new();
        for node in order {
            path.push_str("_:");
            if let Some(name) = self.canonical.issued.get(node) {
                path.push_str(name);
            } else {
                if !issuer.issued.contains_key(node) {
                    deeper.push(*node);
                }
                path.push_str(&issuer.issue(node));
            }
            if loses(&path) {
                return Ok(None);
            }
        }
        for node in deeper {
            let (hash, walked) = self.hash_n_degree(node, issuer.clone())?;
            path.push_str(&format!("_:{}<{hash}>", issuer.issue(node)));
            issuer = walked;
            if loses(&path) {
                return Ok(None);
            }
        }
        Ok(Some((path, issuer)))
    }
}

/// Steps to the next order in lexicographic order; `false` at the last. Equal elements make no extra orders.
fn next_permutation(items: &mut [&str]) -> bool {
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
        BlankNode, Dataset, NamedNode,
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
