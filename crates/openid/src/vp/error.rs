//! Why a request is refused.

use leerpas_core::ErrorKind;
use thiserror::Error;

use crate::dcql::QueryError;

/// Why a request is refused. Names rules, never what the verifier wrote.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RequestError {
    /// A rule of OpenID4VP 1.0 or RFC 9101 is broken.
    #[error("the request breaks a rule: {0}")]
    Invalid(&'static str),
    /// The query is no query (OpenID4VP 1.0, 6).
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Something that the specification knows and Leerpas does not do.
    #[error("the request asks for something that is not supported: {0}")]
    Unsupported(&'static str),
    /// The client identifier is one that must be proved by a signature, and there is none.
    #[error("the request should be signed and is not")]
    Unsigned,
    /// An address that is not https.
    #[error("an address in the request is not https")]
    Insecure,
    /// The answer would go to an address that is not the requester's own.
    #[error("the answer would go to another address than the requester's own")]
    WrongAddress,
    /// Past its `exp`.
    #[error("the request has run out")]
    Expired,
}

impl RequestError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid(_) | Self::Query(_) => ErrorKind::RequestInvalid,
            Self::Unsupported(_) => ErrorKind::RequestUnsupported,
            Self::Unsigned => ErrorKind::RequestUnsigned,
            Self::Insecure => ErrorKind::InsecureAddress,
            Self::WrongAddress => ErrorKind::RequestWrongAddress,
            Self::Expired => ErrorKind::RequestExpired,
        }
    }
}
