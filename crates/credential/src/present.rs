//! Presenting: the holder's proof around a choice of claims, for one verifier and one request.

mod data_integrity;
mod jwt;

pub use data_integrity::{present_data_integrity, present_part};
pub use jwt::present_jwt;

use jiff::Timestamp;
use leerpas_core::ErrorKind;
use thiserror::Error;

use crate::{
    data_integrity::ProofError,
    jose::JoseError,
    keys::HolderKey,
    read::{self, Body, ReadError},
    sd_jwt::{ClaimPath, KeyBinding, SdJwt, SdJwtError},
    verify::is_bound_to,
};

/// Why a presentation could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PresentError {
    /// The stored original cannot be read any more.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The SD-JWT is refused, or a path leads nowhere.
    #[error(transparent)]
    SdJwt(#[from] SdJwtError),
    /// The key binding could not be signed.
    #[error(transparent)]
    Jose(#[from] JoseError),
    /// The presentation could not be signed.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The stored original is of another format.
    #[error("the credential cannot be presented in this way")]
    Format,
    /// The credential is bound to another key; a verifier would refuse it.
    #[error("the credential is bound to another key")]
    OtherKey,
}

impl PresentError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Read(error) => error.kind(),
            Self::OtherKey => ErrorKind::CredentialNotYours,
            _ => ErrorKind::Internal,
        }
    }
}

/// Presents an SD-JWT VC, or a W3C credential as an SD-JWT: the disclosures that the paths need, and a key binding for this audience and nonce
/// (RFC 9901, section 7.2). The audience is the verifier's full client identifier (OpenID4VP 1.0, section 14.1.2).
///
/// # Errors
/// When the original is no SD-JWT, a path leads nowhere, or it is bound to another key than this one.
pub fn present_sd_jwt(
    original: &[u8],
    disclose: &[ClaimPath],
    key: &HolderKey,
    audience: &str,
    nonce: &str,
    now: Timestamp,
) -> Result<String, PresentError> {
    present_sd_jwt_confirming(original, disclose, key, (audience, nonce), (&[], None), now)
}

/// As [`present_sd_jwt`], and confirms what these hashes of transaction data stand for (OpenID4VP 1.0, appendix
/// B.3.3.1). The second of `hashes` is the hash algorithm where the verifier listed any.
///
/// # Errors
/// As [`present_sd_jwt`].
pub fn present_sd_jwt_confirming(
    original: &[u8],
    disclose: &[ClaimPath],
    key: &HolderKey,
    audience_and_nonce: (&str, &str),
    hashes: (&[String], Option<&str>),
    now: Timestamp,
) -> Result<String, PresentError> {
    let credential = read::read(original)?;
    let (Body::SdJwt(sd_jwt) | Body::W3cSdJwt(sd_jwt)) = credential.body() else { return Err(PresentError::Format) };
    if !is_bound_to(&credential, &key.public()) {
        return Err(PresentError::OtherKey);
    }
    let presentation = SdJwt::parse(&sd_jwt.present(disclose)?)?;
    Ok(KeyBinding::append_confirming(&presentation, key, audience_and_nonce, hashes, now)?)
}
