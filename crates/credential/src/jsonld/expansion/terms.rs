//! What a name or a value becomes: nodes, texts, numbers (JSON-LD 1.1 API, sections 5.2, 5.3 and 8.6).

use oxrdf::{BlankNode, Literal, NamedNode, NamedOrBlankNode, Term as RdfTerm, vocab::xsd};
use serde_json::{Map, Value};

use super::{Place, Property, Walk, invalid};
use crate::jsonld::{
    JsonLdError,
    active::{ActiveContext, Coercion, Expanded, is_iri},
    cut,
    literal::{RdfNumber, rdf_number},
};

impl Walk<'_> {
    /// A text, number or truth value (section 5.3).
    pub(super) fn scalar(
        &mut self,
        value: &Value,
        active: &ActiveContext,
        property: Property<'_>,
    ) -> Result<RdfTerm, JsonLdError> {
        match (property.term.map_or(&Coercion::None, |term| &term.coercion), value) {
            (Coercion::Id, Value::String(text)) => Ok(self.node_id(text, active, false)?.into()),
            (Coercion::Vocab, Value::String(text)) => Ok(self.node_id(text, active, true)?.into()),
            (Coercion::Datatype(iri), value) => literal(value, Some(NamedNode::new_unchecked(&**iri)), property),
            (Coercion::Json, _) => Err(property.lost()),
            (_, value) => literal(value, None, property),
        }
    }

    /// An object with `@value` (section 5.1.2, step 15).
    pub(super) fn value_object(
        &mut self,
        members: &Map<String, Value>,
        place: &Place,
        property: Property<'_>,
    ) -> Result<Option<RdfTerm>, JsonLdError> {
        let (mut value, mut language, mut datatype) = (None, None, None);
        for (name, member) in members {
            match (place.active.expand(name, true), member) {
                (Expanded::Keyword("@value"), member) => value = Some(member),
                // RDF drops a language tag that is none, and the text with it.
                (Expanded::Keyword("@language"), Value::String(tag)) if is_language(tag) => language = Some(tag),
                (Expanded::Keyword("@language" | "@direction"), _) => return Err(property.lost()),
                (Expanded::Keyword("@type"), Value::String(text)) if datatype.is_none() => {
                    datatype = match self.type_iri(text, &place.type_scoped)? {
                        NamedOrBlankNode::NamedNode(iri) => Some(iri),
                        NamedOrBlankNode::BlankNode(_) => return Err(invalid("invalid typed value")),
                    };
                }
                (Expanded::Keyword("@type"), _) => return Err(invalid("invalid typed value")),
                _ => return Err(invalid("invalid value object")),
            }
        }
        match (value, language) {
            (None | Some(Value::Null), _) => Ok(None),
            (Some(Value::String(text)), Some(tag)) if datatype.is_none() => {
                let literal = Literal::new_language_tagged_literal(text, tag).map_err(|_| property.lost())?;
                Ok(Some(literal.into()))
            }
            (Some(_), Some(_)) => Err(invalid("invalid language-tagged value")),
            (Some(value), None) => literal(value, datatype, property).map(Some),
        }
    }

    /// A text that names a type.
    pub(super) fn type_iri(&mut self, text: &str, active: &ActiveContext) -> Result<NamedOrBlankNode, JsonLdError> {
        self.node_id(text, active, true)
    }

    /// A text that names a node: an absolute IRI or a label.
    pub(super) fn node_id(
        &mut self,
        text: &str,
        active: &ActiveContext,
        vocab: bool,
    ) -> Result<NamedOrBlankNode, JsonLdError> {
        let relative = || JsonLdError::RelativeIri { iri: cut(text) };
        match active.expand(text, vocab) {
            Expanded::Known(iri) => Ok(NamedNode::new_unchecked(&*iri).into()),
            Expanded::Text(iri) if is_iri(&iri) => Ok(NamedNode::new_unchecked(iri).into()),
            Expanded::Blank(label) => {
                BlankNode::new(label).map_err(|_| relative())?;
                if let Some(node) = self.labels.get(label) {
                    return Ok(node.clone().into());
                }
                let node = self.blank_node();
                self.labels.insert(label.to_owned(), node.clone());
                Ok(node.into())
            }
            _ => Err(relative()),
        }
    }

    pub(super) fn blank_node(&mut self) -> BlankNode {
        let node = BlankNode::new_unchecked(format!("b{}", self.blank_nodes));
        self.blank_nodes += 1;
        node
    }
}

/// Section 8.6.
fn literal(value: &Value, datatype: Option<NamedNode>, property: Property<'_>) -> Result<RdfTerm, JsonLdError> {
    let typed = |lexical: String, otherwise: oxrdf::NamedNodeRef<'_>| {
        Literal::new_typed_literal(lexical, datatype.clone().unwrap_or_else(|| otherwise.into_owned())).into()
    };
    match value {
        Value::String(text) => Ok(typed(text.clone(), xsd::STRING)),
        Value::Bool(value) => Ok(typed(value.to_string(), xsd::BOOLEAN)),
        Value::Number(number) => {
            let always_double = datatype.as_ref().is_some_and(|datatype| datatype.as_ref() == xsd::DOUBLE);
            match rdf_number(number, always_double, property.name)? {
                RdfNumber::Integer(lexical) => Ok(typed(lexical, xsd::INTEGER)),
                RdfNumber::Double(lexical) => Ok(typed(lexical, xsd::DOUBLE)),
            }
        }
        _ => Err(invalid("invalid value object value")),
    }
}

/// The shape of BCP 47, which is all that RDF asks for: letters and digits in parts of at most eight.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    parts.next().is_some_and(|first| part(first) && first.bytes().all(|b| b.is_ascii_alphabetic())) && parts.all(part)
}
