//! Quads as canonical N-Quads (RDFC-1.0, section 5), with gaps for the names of blank nodes.

use std::{collections::HashMap, fmt::Write as _};

use oxrdf::{GraphName, Literal, NamedNode, NamedOrBlankNode, Quad, Term, vocab::xsd};

/// A quad as canonical N-Quads with gaps for the names of its blank nodes, which are numbers here.
pub(super) struct Line<'q> {
    /// What it says.
    pub(super) predicate: &'q NamedNode,
    /// All of it but the names of its blank nodes.
    pub(super) text: String,
    /// Where in the text which node goes, and in which position of the quad.
    gaps: [Option<(usize, usize, char)>; 3],
}

impl<'q> Line<'q> {
    pub(super) fn new(quad: &'q Quad, numbers: &mut HashMap<&'q str, usize>) -> Self {
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
    pub(super) fn write(&self, to: &mut String, name: impl Fn(usize, &mut String)) {
        let mut from = 0;
        for (at, node, _) in self.gaps.iter().flatten() {
            to.push_str(&self.text[from..*at]);
            name(*node, to);
            from = *at;
        }
        to.push_str(&self.text[from..]);
    }

    /// The blank nodes with their position: subject, object, graph.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (usize, char)> {
        self.gaps.iter().flatten().map(|(_, node, position)| (*node, *position))
    }
}

/// An IRI as N-Quads write it.
pub(super) fn push_iri(text: &mut String, iri: &NamedNode) {
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
