//! JSON-LD as far as a signature needs it: a document becomes the one list of quads that everybody agrees on.
//!
//! The way of a document: JSON → quads (strict: what no context defines is an error, not dropped) → canonical N-Quads
//! (RDFC-1.0, with a work limit). Nothing is ever fetched: a context is one of [`Contexts::known`] or the document is
//! refused, naming it. Contexts are worked out once; the walk through a document only looks terms up.
//!
//! Sources: JSON-LD 1.1 Processing Algorithms and API; RDF Dataset Canonicalization 1.0; Verifiable Credentials
//! Data Integrity 1.0, section 2.4 (context injection) and 4.6 (data loss is an error).

mod active;
mod clr;
mod contexts;
mod dutch;
mod expansion;
mod literal;
mod local;
mod open_badges;
mod rdfc;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use leerpas_core::{ErrorKind, limits};
use oxrdf::Quad;
use serde_json::Value;
use thiserror::Error;

pub use contexts::Contexts;
pub(crate) use expansion::{Origin, Traced};
pub use rdfc::HashAlgorithm;

/// Why a document has no canonical form here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JsonLdError {
    /// A context that is not in the program. It is not fetched.
    #[error("the context {url} is not known")]
    UnknownContext {
        /// The address that the document names.
        url: String,
    },
    /// A context written out inside the document, which could give any word any meaning.
    #[error("a context is written out inside the document")]
    InlineContext,
    /// A property that no context defines: it would not be covered by the signature.
    #[error("the term {term} is defined by no context")]
    UndefinedTerm {
        /// The name of the property.
        term: String,
    },
    /// An identifier or type that is no absolute IRI: it would not be covered by the signature.
    #[error("{iri} is not an absolute IRI")]
    RelativeIri {
        /// The text that was found, cut at 200 characters.
        iri: String,
    },
    /// A JSON-LD keyword that credentials have no use for.
    #[error("the keyword {keyword} is not allowed here")]
    Keyword {
        /// The keyword.
        keyword: String,
    },
    /// A value that JSON-LD would drop or change.
    #[error("the value of {term} would be lost")]
    DataLoss {
        /// The property.
        term: String,
    },
    /// JSON-LD processing failed for another reason, such as a protected term that is defined anew.
    #[error("JSON-LD processing failed: {reason}")]
    Processing {
        /// What the processor said; holds no values.
        reason: String,
    },
    /// Nested deeper than [`limits::JSON_DEPTH`], or more objects or quads than [`limits::QUADS`].
    #[error("the document is too large to canonicalise")]
    TooLarge,
    /// A graph made to be slow to canonicalise (RDFC-1.0, section 7.1).
    #[error("the document takes too much work to canonicalise")]
    TooMuchWork,
}

impl JsonLdError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownContext { .. } | Self::InlineContext => ErrorKind::CredentialUncheckable,
            Self::TooLarge | Self::TooMuchWork => ErrorKind::InputTooLarge,
            _ => ErrorKind::CredentialNotGenuine,
        }
    }
}

/// The canonical N-Quads of a document (RDFC-1.0 with SHA-256), each line ended by a newline.
///
/// # Errors
/// When a context is unknown, a term undefined, an IRI relative, a value would be lost, or a limit is passed.
pub fn canonicalise(document: &Value) -> Result<String, JsonLdError> {
    canonicalise_with(document, Contexts::known(), HashAlgorithm::Sha256)
}

/// The same with a choice of contexts and of the hash that names blank nodes: SHA-384 for ECDSA with P-384
/// (Data Integrity ECDSA Cryptosuites 1.0, section 3.2.3).
///
/// # Errors
/// As [`canonicalise`].
pub fn canonicalise_with(document: &Value, contexts: &Contexts, hash: HashAlgorithm) -> Result<String, JsonLdError> {
    contexts::check(document, contexts)?;
    rdfc::canonical_n_quads(&expansion::quads(document, contexts)?, hash)
}

/// The quads of a document with their places in it, for signatures that cover it piece by piece.
///
/// # Errors
/// As [`canonicalise`].
pub(crate) fn traced_quads(document: &Value, contexts: &Contexts) -> Result<Vec<Traced>, JsonLdError> {
    contexts::check(document, contexts)?;
    expansion::traced_quads(document, contexts)
}

/// The number that the canonical form gives to each blank node.
///
/// # Errors
/// When there are too many quads, or naming them takes too much work.
pub(crate) fn canonical_labels(quads: &[Quad], hash: HashAlgorithm) -> Result<HashMap<String, usize>, JsonLdError> {
    rdfc::canonical_labels(quads, hash)
}

/// A quad as a canonical line, with the names that the caller gives to its blank nodes.
pub(crate) fn n_quad<'n>(quad: &Quad, name: impl Fn(&str) -> Option<&'n str>) -> String {
    rdfc::n_quad(quad, name)
}

/// The type IRIs of a document, in its order: the top-level `type` after expansion.
///
/// # Errors
/// As [`canonicalise`].
pub fn type_iris(document: &Value) -> Result<Vec<String>, JsonLdError> {
    let contexts = Contexts::known();
    contexts::check(document, contexts)?;
    expansion::types(document, contexts)
}

/// How many JSON objects one document may have: each may switch contexts, which is what costs time.
const OBJECTS: usize = limits::QUADS / 5;

/// Cuts foreign text for an error message.
fn cut(text: &str) -> String {
    text.chars().take(200).collect()
}
