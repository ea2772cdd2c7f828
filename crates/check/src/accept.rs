//! Taking an answer: is it one to this request, and does it have the right form?

use leerpas_core::Timestamp;
use leerpas_openid::{
    dcql::DcqlQuery,
    vp::{AuthorizationResponse, FormError, ResponseMode, ResponseShapeError, TransactionData, VpToken, read_form},
};
use thiserror::Error;

use crate::Pending;

/// Why an answer is refused. The wallet is told no more than a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AnswerError {
    /// The request was answered before.
    #[error("the request was answered before")]
    AlreadyAnswered,
    /// The request has run out.
    #[error("the request has run out")]
    Expired,
    /// No form, or one too large.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The form or the token has the wrong shape.
    #[error(transparent)]
    Shape(#[from] ResponseShapeError),
    /// In clear where it should be encrypted, or the reverse.
    #[error("the answer did not come in the way that was asked for")]
    Mode,
    /// It could not be decrypted with the key of this request.
    #[error("the answer could not be decrypted")]
    Undecryptable,
    /// Its `state` is not that of this request.
    #[error("the answer has another state")]
    State,
}

impl AnswerError {
    /// The HTTP status that says so without detail.
    pub fn http_status(self) -> u16 {
        match self {
            Self::Form(FormError::TooLarge) => 413,
            Self::Form(FormError::MediaType) => 415,
            _ => 400,
        }
    }
}

/// An answer of the right form, to this request.
#[derive(Debug)]
pub enum Answered {
    /// The wallet gives nothing.
    Declined {
        /// The wallet's word for it, such as `access_denied`.
        error: String,
    },
    /// Presentations, of which nothing is proved yet.
    Presented(Box<Presented>),
}

/// Presentations together with what they must fit.
#[derive(Clone)]
pub struct Presented {
    pub(crate) vp_token: VpToken,
    pub(crate) query: DcqlQuery,
    pub(crate) nonce: String,
    pub(crate) audience: String,
    pub(crate) transactions: Vec<TransactionData>,
}

impl std::fmt::Debug for Presented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Presented").field("vp_token", &self.vp_token).finish_non_exhaustive()
    }
}

impl Pending {
    /// Takes the body of the wallet's POST (OpenID4VP 1.0, 8.2 and 8.3.1). An answer that is taken uses the
    /// request up; one that is refused does not, so that a stranger's nonsense cannot spoil it.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn accept(&mut self, content_type: &str, body: &[u8], now: Timestamp) -> Result<Answered, AnswerError> {
        if self.answered {
            return Err(AnswerError::AlreadyAnswered);
        }
        if self.is_expired(now) {
            return Err(AnswerError::Expired);
        }
        let form = read_form(content_type, body)?;
        let response = match AuthorizationResponse::from_form(&form)? {
            AuthorizationResponse::Encrypted { jwe } => {
                if self.ask.response_mode != ResponseMode::DirectPostJwt {
                    return Err(AnswerError::Mode);
                }
                self.decrypted(&jwe)?
            }
            AuthorizationResponse::Presentations { .. } if self.ask.response_mode != ResponseMode::DirectPost => {
                return Err(AnswerError::Mode);
            }
            _ if self.ask.response_mode == ResponseMode::Frames => return Err(AnswerError::Mode),
            in_clear => in_clear,
        };
        self.take(response)
    }

    /// Takes an answer that was read from the wallet's screen: a compact JWE, encrypted to the key of this request.
    ///
    /// # Errors
    /// As [`Self::accept`].
    pub fn accept_frames(&mut self, jwe: &str, now: Timestamp) -> Result<Answered, AnswerError> {
        if self.answered {
            return Err(AnswerError::AlreadyAnswered);
        }
        if self.is_expired(now) {
            return Err(AnswerError::Expired);
        }
        if self.ask.response_mode != ResponseMode::Frames {
            return Err(AnswerError::Mode);
        }
        let response = self.decrypted(jwe)?;
        self.take(response)
    }

    fn decrypted(&self, jwe: &str) -> Result<AuthorizationResponse, AnswerError> {
        let payload = self.key.decrypt(jwe).map_err(|_| AnswerError::Undecryptable)?;
        Ok(AuthorizationResponse::from_payload(&payload)?)
    }

    fn take(&mut self, response: AuthorizationResponse) -> Result<Answered, AnswerError> {
        let answered = match response {
            AuthorizationResponse::Error { error, state } => {
                self.expect_state(state.as_deref())?;
                Answered::Declined { error }
            }
            AuthorizationResponse::Presentations { vp_token, state } => {
                self.expect_state(state.as_deref())?;
                vp_token.check_against(&self.ask.query)?;
                Answered::Presented(Box::new(Presented {
                    vp_token,
                    query: self.ask.query.clone(),
                    nonce: self.nonce.clone(),
                    audience: self.identity.client_id().as_str().to_owned(),
                    transactions: self.transactions.clone(),
                }))
            }
            AuthorizationResponse::Encrypted { .. } => return Err(AnswerError::Mode),
        };
        self.answered = true;
        Ok(answered)
    }

    fn expect_state(&self, state: Option<&str>) -> Result<(), AnswerError> {
        if state == Some(self.state.as_str()) { Ok(()) } else { Err(AnswerError::State) }
    }
}
