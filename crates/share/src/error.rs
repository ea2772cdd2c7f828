//! Why sharing stopped.

use leerpas_core::{ErrorKind, Fault};
use leerpas_openid::vp::RequestError;
use thiserror::Error;

/// Why sharing stopped before anything of the person was sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ShareError {
    /// The request breaks a rule.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Its signature does not hold, or its key is not the requester's.
    #[error("the request is not genuine: {0}")]
    NotGenuine(&'static str),
    /// No reply came while the request was read.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Something came back that is no request object or no DID document.
    #[error("{host} answered with something else than {expected}")]
    ReplyUnreadable {
        /// Who answered.
        host: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The other side has no request object there any more.
    #[error("{host} does not have this request any more")]
    Gone {
        /// Who answered.
        host: String,
    },
    /// The other side failed.
    #[error("{host} failed with status {status}")]
    OtherSideFailed {
        /// Who answered.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The approval is for another plan than the one that was shown.
    #[error("the approval is for another plan")]
    OtherPlan,
    /// The copy that was handed in says something else than the card that was shown, or its key is missing.
    #[error("the copy to be shared is not the card that was shown")]
    OtherCopy,
    /// The presentation could not be made.
    #[error("the presentation could not be made: {0}")]
    Presenting(&'static str),
    /// The answer does not fit the question, or a reply came that nobody waited for.
    #[error("this does not fit the state of the request")]
    OutOfTurn,
}

impl ShareError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Request(error) => error.kind(),
            Self::NotGenuine(_) => ErrorKind::RequestNotGenuine,
            Self::Fault(fault) => fault.kind(),
            Self::ReplyUnreadable { .. } => ErrorKind::ReplyUnreadable,
            Self::Gone { .. } => ErrorKind::RequestExpired,
            Self::OtherSideFailed { .. } => ErrorKind::OtherSideFailed,
            Self::OtherPlan => ErrorKind::Usage,
            Self::OtherCopy | Self::Presenting(_) | Self::OutOfTurn => ErrorKind::Internal,
        }
    }

    /// The step at which it happened: `request` or `response`.
    pub fn step(&self) -> &'static str {
        match self {
            Self::OtherPlan | Self::OtherCopy | Self::Presenting(_) => "response",
            _ => "request",
        }
    }
}
