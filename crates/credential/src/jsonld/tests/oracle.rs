//! Another way from a document to its quads, to hold ours against: expansion by `json-ld`, which works contexts out
//! anew for each document, then RDF by `oxjsonld`, which by then sees none. Between the two, the same losses are
//! errors.

use std::{
    collections::BTreeMap,
    future::Future,
    pin::pin,
    task::{Context as TaskContext, Poll, Waker},
};

use json_ld::{
    Expand, Iri, IriBuf, LoadError, Loader, LoadingResult, RemoteDocument,
    context_processing::Error as ContextError,
    expansion::{Action, Error as ExpansionError, Options, Policy},
    syntax::{IntoJsonWithContext, Parse, Print, Value as LdValue},
};
use leerpas_core::limits;
use oxjsonld::JsonLdParser;
use oxrdf::Quad;
use serde_json::Value;

use super::super::{JsonLdError, cut};

/// Contexts by address, unread.
#[derive(Clone, Default)]
pub(super) struct Published(BTreeMap<String, RemoteDocument>);

impl Published {
    /// `context` is the value of `@context`.
    pub(super) fn insert(&mut self, url: &str, context: &Value) {
        let document = to_ld(&serde_json::json!({ "@context": context })).unwrap();
        let iri = IriBuf::new(url.to_owned()).unwrap();
        self.0.insert(url.to_owned(), RemoteDocument::new(Some(iri), None, document));
    }
}

impl Loader for Published {
    async fn load(&self, url: &Iri) -> LoadingResult<IriBuf> {
        self.0.get(url.as_str()).cloned().ok_or_else(|| LoadError::new(url.to_owned(), std::fmt::Error))
    }
}

/// The same JSON for the processor; numbers keep their text.
fn to_ld(document: &Value) -> Result<LdValue, JsonLdError> {
    let (value, _) = LdValue::parse_str(&document.to_string())
        .map_err(|_| JsonLdError::Processing { reason: "not JSON".to_owned() })?;
    Ok(value)
}

/// The quads of a document whose contexts were checked.
pub(super) fn quads(document: &Value, contexts: &Published) -> Result<Vec<Quad>, JsonLdError> {
    let expanded = expand(document, contexts)?;
    check_node_list(&parse(&expanded)?)?;
    let mut quads = Vec::new();
    for quad in JsonLdParser::new().for_slice(expanded.as_bytes()) {
        quads.push(quad.map_err(|_| JsonLdError::Processing { reason: "a value is no RDF term".to_owned() })?);
        if quads.len() > limits::QUADS {
            return Err(JsonLdError::TooLarge);
        }
    }
    Ok(quads)
}

fn expand(document: &Value, contexts: &Published) -> Result<String, JsonLdError> {
    match expand_with(document, contexts, Action::Reject)? {
        Ok(expanded) => Ok(expanded),
        Err(error @ ExpansionError::InvalidTypeValue) => {
            // The processor does not say which type: keep it, and the check of the expanded document will.
            if let Ok(expanded) = expand_with(document, contexts, Action::Keep)? {
                check_node_list(&parse(&expanded)?)?;
            }
            Err(explain(&error))
        }
        Err(error) => Err(explain(&error)),
    }
}

fn expand_with(
    document: &Value,
    contexts: &Published,
    invalid: Action,
) -> Result<Result<String, ExpansionError>, JsonLdError> {
    let document = to_ld(document)?;
    let policy = Policy { invalid, vocab: Action::Keep, allow_undefined: false };
    let options = Options { policy, ..Options::default() };
    let vocabulary = json_ld::rdf_types::vocabulary::no_vocabulary_mut();
    // No base address: a relative IRI stays relative, and is refused by the check of the expanded document.
    let expansion = document.expand_full(vocabulary, json_ld::Context::default(), None, contexts, options, ());
    Ok(finish(expansion)?.map(|expanded| Vec::from_iter(expanded).into_json_with(&()).compact_print().to_string()))
}

fn parse(expanded: &str) -> Result<Value, JsonLdError> {
    serde_json::from_str(expanded)
        .map_err(|_| JsonLdError::Processing { reason: "the expanded document is not JSON".to_owned() })
}

/// Runs a future that never waits: our loader has every context at hand.
fn finish<F: Future>(future: F) -> Result<F::Output, JsonLdError> {
    match pin!(future).poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(output) => Ok(output),
        Poll::Pending => Err(JsonLdError::Processing { reason: "the processor waits".to_owned() }),
    }
}

fn explain(error: &ExpansionError) -> JsonLdError {
    match error {
        ExpansionError::KeyExpansionFailed(term) => JsonLdError::UndefinedTerm { term: cut(term) },
        ExpansionError::ContextProcessing(ContextError::ContextLoadingFailed(error)) => {
            JsonLdError::UnknownContext { url: cut(error.target.as_str()) }
        }
        ExpansionError::DuplicateKey(key) => JsonLdError::Processing { reason: format!("{} occurs twice", cut(key)) },
        error => JsonLdError::Processing { reason: error.code().to_string() },
    }
}

/// An expanded document must be nodes all the way down, each name and identifier absolute: the step to RDF drops
/// what is not, silently (JSON-LD 1.1 API, section 8.1).
fn check_node_list(tree: &Value) -> Result<(), JsonLdError> {
    match tree.as_array() {
        Some(nodes) if !nodes.is_empty() => nodes.iter().try_for_each(|node| check_item(node, "the document")),
        _ => Err(JsonLdError::DataLoss { term: "the document".to_owned() }),
    }
}

fn check_item(item: &Value, property: &str) -> Result<(), JsonLdError> {
    let lost = || JsonLdError::DataLoss { term: cut(property) };
    let members = item.as_object().ok_or_else(lost)?;
    // Only a term that a context declares as JSON becomes this: the documents do not write it.
    if members.get("@type").and_then(Value::as_str) == Some("@json") {
        return Ok(());
    }
    if members.contains_key("@value") {
        return members.iter().try_for_each(|(name, value)| match (name.as_str(), value) {
            ("@value", Value::String(_) | Value::Number(_) | Value::Bool(_)) => Ok(()),
            ("@type", Value::String(iri)) => check_iri(iri),
            // RDF drops a language tag that is none, and the text with it.
            ("@language", Value::String(tag)) if is_language(tag) => Ok(()),
            _ => Err(lost()),
        });
    }
    if let Some(list) = members.get("@list") {
        let items = list.as_array().filter(|_| members.len() == 1).ok_or_else(lost)?;
        return items.iter().try_for_each(|item| check_item(item, property));
    }
    members.iter().try_for_each(|(name, value)| match (name.as_str(), value) {
        ("@id", Value::String(iri)) => check_node_id(iri),
        ("@type", Value::Array(types)) => {
            types.iter().try_for_each(|iri| iri.as_str().map_or_else(|| Err(lost()), check_node_id))
        }
        // Credentials put a proof and, in a presentation, each credential into a graph of its own.
        ("@graph", Value::Array(nodes)) => nodes.iter().try_for_each(|node| check_item(node, property)),
        (name, _) if name.starts_with('@') => Err(JsonLdError::Keyword { keyword: cut(name) }),
        (name, Value::Array(items)) => {
            check_iri(name)?;
            items.iter().try_for_each(|item| check_item(item, name))
        }
        _ => Err(lost()),
    })
}

fn check_node_id(iri: &str) -> Result<(), JsonLdError> {
    match iri.strip_prefix("_:") {
        Some(label) if oxrdf::BlankNode::new(label).is_ok() => Ok(()),
        Some(_) => Err(JsonLdError::RelativeIri { iri: cut(iri) }),
        None => check_iri(iri),
    }
}

fn check_iri(iri: &str) -> Result<(), JsonLdError> {
    match json_ld::Iri::new(iri) {
        Ok(_) => Ok(()),
        Err(_) => Err(JsonLdError::RelativeIri { iri: cut(iri) }),
    }
}

/// The shape of BCP 47, which is all that RDF asks for: letters and digits in parts of at most eight.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    parts.next().is_some_and(|first| part(first) && first.bytes().all(|b| b.is_ascii_alphabetic())) && parts.all(part)
}
