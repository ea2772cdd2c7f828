use oxrdf::{
    BlankNode, Dataset, GraphName, NamedNode, NamedOrBlankNode, Term,
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
            nodes.iter().filter(|(to, _)| *to != from).any(|(to, _)| !seen.insert((from.to_owned(), (*to).to_owned())))
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
