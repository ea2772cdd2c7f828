//! The contexts that a document may name, and the check that it names no other.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use json_ld::{
    Iri, IriBuf, LoadError, Loader, LoadingResult, RemoteDocument,
    syntax::{Parse, Value as LdValue},
};
use leerpas_core::limits;
use serde_json::{Value, json};
use thiserror::Error;

use super::{JsonLdError, OBJECTS, cut, dutch, open_badges};

/// A closed set of JSON-LD contexts, by the exact address that documents name.
///
/// A table of processed contexts, by hash of the list of addresses, would go here if speed ever asks for it; today
/// each document processes its contexts anew.
#[derive(Clone, Default)]
pub struct Contexts(Arc<BTreeMap<String, RemoteDocument>>);

impl Contexts {
    /// The contexts in the program:
    ///
    /// - those of W3C, as the `ssi` library ships them: credentials 1.1 and 2.0, Data Integrity, Ed25519Signature2020,
    ///   Multikey, DID, StatusList2021, RevocationList2020;
    /// - Open Badges 3.0: `context.json`, 3.0.1, 3.0.2, 3.0.3 and `extensions.json`, from our own table of terms;
    /// - the Dutch extension of Open Badges by educredentials, likewise.
    pub fn known() -> &'static Self {
        static KNOWN: OnceLock<Contexts> = OnceLock::new();
        KNOWN.get_or_init(|| {
            let mut documents = BTreeMap::new();
            for document in w3c() {
                if let Some(url) = document.url() {
                    documents.insert(url.to_string(), document.clone());
                }
            }
            let ours = open_badges::contexts().into_iter().chain([dutch::context()]);
            for (url, context) in ours {
                if let Ok(document) = remote(url, &json!({ "@context": context })) {
                    documents.insert(url.to_owned(), document);
                }
            }
            Self(Arc::new(documents))
        })
    }

    /// The same and one more: `document` is an object with `@context`. For tests, and for whoever pins a context of
    /// their own.
    ///
    /// # Errors
    /// When the address is no IRI.
    pub fn with(&self, url: &str, document: &Value) -> Result<Self, JsonLdError> {
        let mut documents = (*self.0).clone();
        documents.insert(url.to_owned(), remote(url, document)?);
        Ok(Self(Arc::new(documents)))
    }

    /// Whether a document may name this address. Compared byte for byte: another scheme, a `#` or a `?` is another
    /// address.
    pub fn knows(&self, url: &str) -> bool {
        self.0.contains_key(url)
    }

    /// The addresses, sorted.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl Loader for Contexts {
    async fn load(&self, url: &Iri) -> LoadingResult<IriBuf> {
        self.0.get(url.as_str()).cloned().ok_or_else(|| LoadError::new(url.to_owned(), NotKnown))
    }
}

#[derive(Debug, Error)]
#[error("not known")]
struct NotKnown;

fn w3c() -> [&'static RemoteDocument; 9] {
    use ssi::json_ld as shipped;
    [
        &shipped::CREDENTIALS_V1_CONTEXT_DOCUMENT,
        &shipped::CREDENTIALS_V2_CONTEXT_DOCUMENT,
        &shipped::W3ID_DATA_INTEGRITY_V1_CONTEXT_DOCUMENT,
        &shipped::W3ID_DATA_INTEGRITY_V2_CONTEXT_DOCUMENT,
        &shipped::W3ID_ED2020_V1_CONTEXT_DOCUMENT,
        &shipped::W3ID_MULTIKEY_V1_CONTEXT_DOCUMENT,
        &shipped::DID_V1_CONTEXT_DOCUMENT,
        &shipped::STATUS_LIST_2021_V1_CONTEXT_DOCUMENT,
        &shipped::REVOCATION_LIST_2020_V1_CONTEXT_DOCUMENT,
    ]
}

fn remote(url: &str, document: &Value) -> Result<RemoteDocument, JsonLdError> {
    let iri = IriBuf::new(url.to_owned()).map_err(|_| JsonLdError::RelativeIri { iri: cut(url) })?;
    Ok(RemoteDocument::new(Some(iri), None, to_ld(document)?))
}

/// The same JSON for the processor; numbers keep their text.
pub(super) fn to_ld(document: &Value) -> Result<LdValue, JsonLdError> {
    let (value, _) = LdValue::parse_str(&document.to_string())
        .map_err(|_| JsonLdError::Processing { reason: "not JSON".to_owned() })?;
    Ok(value)
}

/// Refuses, before any processing, what could make the words of a document mean something else or vanish: unknown
/// and written-out contexts, keywords that credentials do not use, and sizes beyond the caps.
pub(super) fn check(document: &Value, contexts: &Contexts) -> Result<(), JsonLdError> {
    let mut objects = 0;
    check_part(document, contexts, 1, &mut objects)
}

fn check_part(part: &Value, contexts: &Contexts, depth: usize, objects: &mut usize) -> Result<(), JsonLdError> {
    if depth > limits::JSON_DEPTH {
        return Err(JsonLdError::TooLarge);
    }
    match part {
        Value::Array(items) => items.iter().try_for_each(|item| check_part(item, contexts, depth + 1, objects)),
        Value::Object(members) => {
            *objects += 1;
            if *objects > OBJECTS {
                return Err(JsonLdError::TooLarge);
            }
            members.iter().try_for_each(|(name, value)| match name.as_str() {
                "@context" => check_context(value, contexts),
                "@id" | "@type" | "@value" | "@language" | "@direction" | "@list" | "@set" => {
                    check_part(value, contexts, depth + 1, objects)
                }
                _ if name.starts_with('@') => Err(JsonLdError::Keyword { keyword: cut(name) }),
                _ => check_part(value, contexts, depth + 1, objects),
            })
        }
        _ => Ok(()),
    }
}

fn check_context(value: &Value, contexts: &Contexts) -> Result<(), JsonLdError> {
    match value {
        Value::String(url) if contexts.knows(url) => Ok(()),
        Value::String(url) => Err(JsonLdError::UnknownContext { url: cut(url) }),
        Value::Array(entries) => entries.iter().try_for_each(|entry| match entry {
            Value::Array(_) => Err(JsonLdError::InlineContext),
            _ => check_context(entry, contexts),
        }),
        _ => Err(JsonLdError::InlineContext),
    }
}
