//! Decentralised identifiers: `did:key`, `did:jwk`, `did:web` and `did:webvh`.
//!
//! The first two are keys in another spelling and resolve here; for the others, [`document_url`] says where the document
//! or log is, and [`DidDocument::parse`] or [`webvh::Log`] reads it. Nothing is fetched here.

mod document;
mod method;
pub mod webvh;

pub use document::{DidDocument, Purpose};
pub use method::{document_url, host_of, split_url};

use leerpas_core::ErrorKind;
use thiserror::Error;

use crate::{json::JsonError, keys::KeyError};

/// Why a DID or its document was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DidError {
    /// Not a DID, or one with parts that are not allowed.
    #[error("the DID is malformed")]
    Malformed,
    /// A method other than key, jwk, web and webvh.
    #[error("the DID method is not supported")]
    Unsupported,
    /// The key inside the DID is refused.
    #[error("the key in the DID: {0}")]
    Key(#[from] KeyError),
    /// The document is no unambiguous JSON.
    #[error("the DID document: {0}")]
    Json(#[from] JsonError),
    /// The document's `id` is another DID.
    #[error("the DID document is another DID's")]
    WrongId,
    /// The document has no such verification method.
    #[error("the DID document has no such key")]
    NoSuchKey,
    /// The key is there, but not for this purpose, or under another controller.
    #[error("the DID document does not allow the key for this purpose")]
    WrongPurpose,
    /// The DID was ended by whom it belonged to.
    #[error("the DID was ended")]
    Deactivated,
    /// The log of a did:webvh breaks a rule.
    #[error("{0}")]
    Log(#[from] webvh::LogError),
}

impl DidError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NoSuchKey | Self::Unsupported => ErrorKind::CredentialUncheckable,
            _ => ErrorKind::CredentialNotGenuine,
        }
    }
}

#[cfg(test)]
mod tests;
