//! Certificates: chains that come in `x5c` headers, and the roots that they may end at. By OpenSSL.

mod chain;
mod der;
mod known;
mod trial;

pub use chain::{Chain, Roots};
pub use trial::{TrialAuthority, TrialError};

use leerpas_core::ErrorKind;
use thiserror::Error;

/// Why a certificate chain was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChainError {
    /// Not certificates, or more than five.
    #[error("the certificates cannot be read")]
    Unreadable,
    /// The leaf is marked as an authority, or can sign certificates.
    #[error("the first certificate is an authority's")]
    LeafIsAuthority,
    /// The leaf signed itself.
    #[error("the first certificate signed itself")]
    SelfSigned,
    /// It ends at no root that is known here.
    #[error("the certificates lead to no known root")]
    NotTrusted,
    /// Not valid at this time.
    #[error("a certificate is expired or not valid yet")]
    Dates,
    /// Another rule of RFC 5280 is broken; the library's word for it.
    #[error("the certificates break a rule: {0}")]
    Broken(String),
    /// The key in the leaf is of a kind that is not accepted.
    #[error("the key in the certificate is not supported")]
    Key,
}

impl ChainError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotTrusted => ErrorKind::CredentialUncheckable,
            _ => ErrorKind::CredentialNotGenuine,
        }
    }
}

#[cfg(test)]
mod tests;
