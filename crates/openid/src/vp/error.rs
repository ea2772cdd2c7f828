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
    /// The request object is not the one that its link or this wallet asked for: then nobody hears of it, because whoever
    /// made the link could be somebody else (OpenID4VP 1.0, 5.10.1: processing ends).
    #[error("the request is not the one that was asked for: {0}")]
    Mismatch(&'static str),
    /// `transaction_data` breaks a rule.
    #[error("what is to be confirmed breaks a rule: {0}")]
    InvalidTransaction(&'static str),
    /// `transaction_data` of a kind that Leerpas does not know.
    #[error("what is to be confirmed is not supported: {0}")]
    UnsupportedTransaction(&'static str),
    /// A `response_type` other than `vp_token`.
    #[error("the request asks for another kind of answer than presentations")]
    ResponseType,
    /// Nothing but formats that Leerpas does not present.
    #[error("the request takes no format that can be presented here")]
    Formats,
    /// `client_metadata` of a verifier that is known beforehand (OpenID4VP 1.0, 5.1 and 8.5).
    #[error("the request describes a requester that is known beforehand")]
    KnownBeforehand,
    /// A name that stands for a query (OpenID4VP 1.0, 5.5), which says nothing to a person who is to agree.
    #[error("the request names no claims: its scope stands for a query that nobody told")]
    Scope,
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
            Self::Invalid(_)
            | Self::Query(_)
            | Self::Mismatch(_)
            | Self::InvalidTransaction(_)
            | Self::KnownBeforehand => ErrorKind::RequestInvalid,
            Self::Unsupported(_) | Self::UnsupportedTransaction(_) | Self::ResponseType | Self::Formats => {
                ErrorKind::RequestUnsupported
            }
            Self::Scope => ErrorKind::RequestScope,
            Self::Unsigned => ErrorKind::RequestUnsigned,
            Self::Insecure => ErrorKind::InsecureAddress,
            Self::WrongAddress => ErrorKind::RequestWrongAddress,
            Self::Expired => ErrorKind::RequestExpired,
        }
    }

    /// The word that the requester may hear (OpenID4VP 1.0, 8.5; RFC 6749, 4.1.2.1), which follows from the request alone
    /// and never from what anybody has. `None` where nothing is said: the address is not the requester's, the request is
    /// over, or it is not the one that was asked for.
    ///
    /// Two words of 8.5 are never said. `invalid_request_uri_method` belongs to a link that leads to no address to say it
    /// to, and `wallet_unavailable` is for whatever runs in the place of a wallet.
    pub fn word(&self) -> Option<&'static str> {
        match self {
            Self::Invalid(_) | Self::Query(_) | Self::Unsupported(_) => Some("invalid_request"),
            Self::InvalidTransaction(_) | Self::UnsupportedTransaction(_) => Some("invalid_transaction_data"),
            Self::ResponseType => Some("unsupported_response_type"),
            Self::Formats => Some("vp_formats_not_supported"),
            Self::KnownBeforehand => Some("invalid_client"),
            Self::Scope => Some("invalid_scope"),
            Self::Mismatch(_) | Self::Unsigned | Self::Insecure | Self::WrongAddress | Self::Expired => None,
        }
    }
}
