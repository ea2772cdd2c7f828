//! A JSON-LD context as it is written, read once into a form without JSON.
//!
//! Only what the known contexts use is understood: terms with `@id`, `@type`, `@container`, `@context` and
//! `@protected`, the keyword aliases `id` and `type`, prefixes, `@vocab` and `@version`. Whatever else JSON-LD 1.1 has
//! (`@reverse`, `@nest`, `@index`, `@language`, `@direction`, `@import`, `@propagate`, `@base`) is refused when a
//! context is loaded, so that no document can meet a feature that is half done.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde_json::{Map, Value};

use super::{JsonLdError, cut};

/// A local context (JSON-LD 1.1, section 9.15), with a number that no other has.
#[derive(Debug)]
pub(super) struct LocalContext {
    pub(super) id: u64,
    pub(super) body: Body,
}

#[derive(Debug, PartialEq)]
pub(super) enum Body {
    /// `null`: forget everything.
    Null,
    Terms {
        /// `Some(None)` for `"@vocab": null`.
        vocab: Option<Option<String>>,
        terms: Vec<(Arc<str>, Definition)>,
    },
}

/// Two contexts are the same when they say the same; the number is for looking up only.
impl PartialEq for LocalContext {
    fn eq(&self, other: &Self) -> bool {
        self.body == other.body
    }
}

/// A term definition as written (JSON-LD 1.1, section 9.15.1).
#[derive(Debug, PartialEq)]
pub(super) struct Definition {
    pub(super) id: WrittenId,
    pub(super) coercion: Option<String>,
    pub(super) container: Container,
    pub(super) scoped: Option<Arc<LocalContext>>,
    pub(super) protected: bool,
    /// Written as a plain text, which is what may make it a prefix.
    pub(super) simple: bool,
}

#[derive(Debug, PartialEq)]
pub(super) enum WrittenId {
    /// Not written, or equal to the term.
    Absent,
    Null,
    Text(String),
}

/// How the values of a term are held (JSON-LD 1.1, section 9.15.1, `@container`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    /// One or several, in no order; `@set` says no more than this.
    Plain,
    /// In the order given.
    List,
    /// Each in a graph of its own.
    Graph,
}

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A number that was not given out before.
pub(super) fn next_id() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Contexts within contexts that a file may have. The known ones have three.
const DEPTH: usize = 8;

impl LocalContext {
    /// Reads the value of an `@context` entry.
    ///
    /// # Errors
    /// When it is malformed or uses a feature that is not understood here, naming it.
    pub(super) fn parse(value: &Value) -> Result<Self, JsonLdError> {
        Self::parse_at(value, DEPTH)
    }

    fn parse_at(value: &Value, depth: usize) -> Result<Self, JsonLdError> {
        let depth = depth.checked_sub(1).ok_or_else(|| invalid("invalid scoped context"))?;
        let body = match value {
            Value::Null => Body::Null,
            Value::Object(members) => parse_terms(members, depth)?,
            _ => return Err(invalid("invalid local context")),
        };
        Ok(Self { id: next_id(), body })
    }
}

fn parse_terms(members: &Map<String, Value>, depth: usize) -> Result<Body, JsonLdError> {
    let protected = flag(members.get("@protected"))?.unwrap_or(false);
    let mut vocab = None;
    let mut terms = Vec::with_capacity(members.len());
    for (name, value) in members {
        match (name.as_str(), value) {
            ("@protected" | "@version", _) => {}
            ("@vocab", Value::Null) => vocab = Some(None),
            ("@vocab", Value::String(iri)) => vocab = Some(Some(iri.clone())),
            (name, _) if name.starts_with('@') => return Err(not_understood(name)),
            ("", _) => return Err(invalid("invalid term definition")),
            (name, _) if name.contains([':', '/']) => return Err(not_understood(name)),
            (name, value) => terms.push((Arc::from(name), parse_definition(name, value, protected, depth)?)),
        }
    }
    Ok(Body::Terms { vocab, terms })
}

fn parse_definition(term: &str, value: &Value, protected: bool, depth: usize) -> Result<Definition, JsonLdError> {
    let mut definition = Definition {
        id: WrittenId::Absent,
        coercion: None,
        container: Container::Plain,
        scoped: None,
        protected,
        simple: true,
    };
    let members = match value {
        Value::Null => {
            definition.id = WrittenId::Null;
            return Ok(definition);
        }
        Value::String(id) => {
            definition.id = written_id(term, id)?;
            return Ok(definition);
        }
        Value::Object(members) => members,
        _ => return Err(invalid("invalid term definition")),
    };
    definition.simple = false;
    for (name, value) in members {
        match (name.as_str(), value) {
            ("@id", Value::Null) => definition.id = WrittenId::Null,
            ("@id", Value::String(id)) => definition.id = written_id(term, id)?,
            ("@type", Value::String(coercion)) => definition.coercion = Some(coercion.clone()),
            ("@container", value) => definition.container = container(value)?,
            ("@context", value) => definition.scoped = Some(Arc::new(LocalContext::parse_at(value, depth)?)),
            ("@protected", value) => definition.protected = flag(Some(value))?.unwrap_or(protected),
            ("@id" | "@type", _) => return Err(invalid("invalid term definition")),
            (name, _) => return Err(not_understood(name)),
        }
    }
    if definition.coercion.as_deref() == Some("@json") && definition.container != Container::Plain {
        return Err(not_understood("@json in a container"));
    }
    Ok(definition)
}

fn written_id(term: &str, id: &str) -> Result<WrittenId, JsonLdError> {
    match id {
        id if id == term => Ok(WrittenId::Absent),
        "@id" | "@type" => Ok(WrittenId::Text(id.to_owned())),
        id if id.starts_with('@') => Err(not_understood(id)),
        id => Ok(WrittenId::Text(id.to_owned())),
    }
}

fn container(value: &Value) -> Result<Container, JsonLdError> {
    let entries = match value {
        Value::Array(entries) => entries.as_slice(),
        entry => std::slice::from_ref(entry),
    };
    let mut container = Container::Plain;
    for entry in entries {
        container = match (container, entry.as_str()) {
            (container @ (Container::Plain | Container::Graph), Some("@set")) => container,
            (Container::Plain, Some("@list")) if entries.len() == 1 => Container::List,
            (Container::Plain, Some("@graph")) => Container::Graph,
            (_, Some(other)) => return Err(not_understood(other)),
            (_, None) => return Err(invalid("invalid container mapping")),
        };
    }
    Ok(container)
}

fn flag(value: Option<&Value>) -> Result<Option<bool>, JsonLdError> {
    match value {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(invalid("invalid @protected value")),
    }
}

/// A fault in a context, by the name that the specification gives it (JSON-LD 1.1 API, section 9.6).
pub(super) fn invalid(code: &str) -> JsonLdError {
    JsonLdError::Processing { reason: code.to_owned() }
}

fn not_understood(feature: &str) -> JsonLdError {
    JsonLdError::Processing { reason: format!("the context uses {}, which is not understood", cut(feature)) }
}
