//! The contexts that a document may name, and the check that it names no other.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use leerpas_core::limits;
use serde_json::{Value, json};
use ssi::json_ld::RemoteDocument;

use super::{
    JsonLdError, OBJECTS,
    active::{ActiveContext, Graph, Step},
    clr, cut, dutch,
    local::LocalContext,
    open_badges,
};

/// A closed set of JSON-LD contexts, by the exact address that documents name, with every active context that
/// documents have led to so far.
#[derive(Debug, Clone)]
pub struct Contexts(Arc<Known>);

#[derive(Debug)]
struct Known {
    documents: BTreeMap<String, Arc<LocalContext>>,
    graph: Graph,
}

impl Contexts {
    /// The contexts in the program:
    ///
    /// - those of W3C, as the `ssi` library ships them: credentials 1.1 and 2.0 (which has the bitstring status list),
    ///   Data Integrity 1 and 2, Ed25519Signature2020, JsonWebSignature2020, Multikey, DID, StatusList2021,
    ///   RevocationList2020;
    /// - Open Badges 3.0: `context.json`, 3.0.1, 3.0.2, 3.0.3 and `extensions.json`, from our own table of terms;
    /// - CLR 2.0: `context.json` and 2.0.1, likewise;
    /// - the Dutch extension of Open Badges by educredentials, likewise.
    pub fn known() -> &'static Self {
        static KNOWN: OnceLock<Contexts> = OnceLock::new();
        KNOWN.get_or_init(|| {
            let mut documents = BTreeMap::new();
            let ours = open_badges::contexts().into_iter().chain(clr::contexts()).chain([dutch::context()]);
            for (url, context) in shipped().into_iter().chain(ours.map(|(url, context)| (url.to_owned(), context))) {
                // That none is left out is held by a test.
                if let Ok(context) = LocalContext::parse(&context) {
                    documents.insert(url, Arc::new(context));
                }
            }
            Self::of(documents)
        })
    }

    /// The same and one more: `document` is an object with `@context`. For tests, and for whoever pins a context of
    /// their own.
    ///
    /// # Errors
    /// When the address is no IRI, or the context uses what no known context does and is not understood here.
    pub fn with(&self, url: &str, document: &Value) -> Result<Self, JsonLdError> {
        if !super::active::is_iri(url) {
            return Err(JsonLdError::RelativeIri { iri: cut(url) });
        }
        let context = LocalContext::parse(document.get("@context").unwrap_or(&json!(0)))?;
        let mut documents = self.0.documents.clone();
        documents.insert(url.to_owned(), Arc::new(context));
        Ok(Self::of(documents))
    }

    fn of(documents: BTreeMap<String, Arc<LocalContext>>) -> Self {
        Self(Arc::new(Known { documents, graph: Graph::new() }))
    }

    /// Whether a document may name this address. Compared byte for byte: another scheme, a `#` or a `?` is another
    /// address.
    pub fn knows(&self, url: &str) -> bool {
        self.0.documents.contains_key(url)
    }

    /// The addresses, sorted.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.0.documents.keys().map(String::as_str)
    }

    /// Where a document begins.
    pub(super) fn root(&self) -> &Arc<ActiveContext> {
        self.0.graph.root()
    }

    /// After a context that the document names.
    pub(super) fn named(&self, from: &Arc<ActiveContext>, url: &str) -> Result<Arc<ActiveContext>, JsonLdError> {
        let unknown = || JsonLdError::UnknownContext { url: cut(url) };
        self.step(from, self.0.documents.get(url).ok_or_else(unknown)?, Step::Named)
    }

    /// After a context that another context holds.
    pub(super) fn step(
        &self,
        from: &Arc<ActiveContext>,
        local: &LocalContext,
        step: Step,
    ) -> Result<Arc<ActiveContext>, JsonLdError> {
        self.0.graph.step(from, local, step)
    }
}

/// Each address with its context, of those that `ssi` ships.
pub(super) fn shipped() -> Vec<(String, Value)> {
    let read = |document: &RemoteDocument| {
        let content: Value = serde_json::from_str(&document.document().to_string()).ok()?;
        Some((document.url()?.to_string(), content.get("@context")?.clone()))
    };
    w3c().into_iter().filter_map(read).collect()
}

fn w3c() -> [&'static RemoteDocument; 10] {
    use ssi::json_ld as shipped;
    [
        &shipped::CREDENTIALS_V1_CONTEXT_DOCUMENT,
        &shipped::CREDENTIALS_V2_CONTEXT_DOCUMENT,
        &shipped::W3ID_DATA_INTEGRITY_V1_CONTEXT_DOCUMENT,
        &shipped::W3ID_DATA_INTEGRITY_V2_CONTEXT_DOCUMENT,
        &shipped::W3ID_ED2020_V1_CONTEXT_DOCUMENT,
        &shipped::W3ID_JWS2020_V1_CONTEXT_DOCUMENT,
        &shipped::W3ID_MULTIKEY_V1_CONTEXT_DOCUMENT,
        &shipped::DID_V1_CONTEXT_DOCUMENT,
        &shipped::STATUS_LIST_2021_V1_CONTEXT_DOCUMENT,
        &shipped::REVOCATION_LIST_2020_V1_CONTEXT_DOCUMENT,
    ]
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
                "@context" => check_context(value, contexts, objects),
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

/// Each name of a context counts like an object, for each costs a step.
fn check_context(value: &Value, contexts: &Contexts, objects: &mut usize) -> Result<(), JsonLdError> {
    *objects += 1;
    if *objects > OBJECTS {
        return Err(JsonLdError::TooLarge);
    }
    match value {
        Value::String(url) if contexts.knows(url) => Ok(()),
        Value::String(url) => Err(JsonLdError::UnknownContext { url: cut(url) }),
        Value::Array(entries) => entries.iter().try_for_each(|entry| match entry {
            Value::Array(_) => Err(JsonLdError::InlineContext),
            _ => check_context(entry, contexts, objects),
        }),
        _ => Err(JsonLdError::InlineContext),
    }
}
