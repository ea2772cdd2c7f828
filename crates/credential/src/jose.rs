//! JOSE: signed and encrypted compact forms (RFC 7515, RFC 7516), with nothing optional left open.
//!
//! A JWS here has three parts, canonical base64url, an algorithm of the list and no `crit` or `b64`. Keys that a
//! header carries (`jwk`, `jku`, `x5u`) are never used by this module; whoever verifies names the key.

mod agreement;
mod jwe;
mod jws;

pub use jwe::{DecryptionKey, encrypt};
pub use jws::{Jws, sign_compact};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use leerpas_core::ErrorKind;
use thiserror::Error;

use crate::{
    json::JsonError,
    keys::{KeyError, SignatureError},
};

/// Why a token was refused. Never holds content of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JoseError {
    /// Not three (JWS) or five (JWE) parts, or over the cap.
    #[error("not a compact token of this kind")]
    Form,
    /// A part that is not canonical base64url without padding.
    #[error("a part is not canonical base64url")]
    Encoding,
    /// Header or claims that are no unambiguous JSON object.
    #[error("header or claims: {0}")]
    Json(#[from] JsonError),
    /// Header or claims that are JSON but no object.
    #[error("header or claims are no JSON object")]
    NotAnObject,
    /// `alg` or `enc` missing or outside the list.
    #[error("the algorithm is not accepted")]
    Algorithm,
    /// A sound algorithm that is not made here, such as ES256K: nothing is wrong with the token, it cannot be checked.
    #[error("the algorithm {0} is not supported")]
    NotSupported(&'static str),
    /// A header parameter that is refused: `crit`, `b64`, `zip`.
    #[error("the header parameter `{0}` is not accepted")]
    Parameter(&'static str),
    /// The signature does not hold.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The recipient's key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It does not decrypt. One answer for a wrong key, a wrong tag and everything between.
    #[error("the token does not decrypt")]
    Decryption,
}

impl JoseError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Signature(_) | Self::Key(_) | Self::Algorithm => ErrorKind::CredentialNotGenuine,
            Self::NotSupported(_) => ErrorKind::CredentialUncheckable,
            _ => ErrorKind::CredentialUnreadable,
        }
    }
}

/// Reads base64url strictly: no padding, no white space, no bits left over (RFC 7515, section 2).
///
/// # Errors
/// [`JoseError::Encoding`] for everything else.
pub fn decode_base64url(text: &str) -> Result<Vec<u8>, JoseError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| JoseError::Encoding)
}

/// Writes base64url without padding.
pub fn encode_base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests;
