//! SD-JWT (RFC 9901): a signed set of claims of which each may be shown or kept back.
//!
//! Reading does all of section 7.1 but the signature and the dates, for which a key and a time are needed; those two are
//! in [`crate::verify`]. Nothing of the claims is to be seen before all rules of processing held.

mod issue;
mod key_binding;
mod parse;
mod path;
mod process;

pub use issue::{Issuance, issue};
pub(crate) use key_binding::is_recent;
pub use key_binding::{ConfirmedHashes, KeyBinding, KeyBindingError, KeyBindingExpectation};
pub use parse::SdJwt;
pub use path::{ClaimPath, PathElement, display_path, value_at};

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use leerpas_core::ErrorKind;
use thiserror::Error;

use crate::{
    jose::{JoseError, encode_base64url},
    json::JsonError,
};

/// Why an SD-JWT was refused. Never holds a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SdJwtError {
    /// No `~`, an empty disclosure, or too long.
    #[error("not the compact form of an SD-JWT")]
    Form,
    /// The issuer-signed part is refused.
    #[error("issuer-signed part: {0}")]
    Jose(#[from] JoseError),
    /// A disclosure is no unambiguous JSON.
    #[error("disclosure: {0}")]
    Json(#[from] JsonError),
    /// `_sd_alg` names a hash that is not known (7.1, step 3.a).
    #[error("the hash algorithm is not accepted")]
    HashAlgorithm,
    /// More than the cap of disclosures, or nested too deep.
    #[error("too many disclosures, or nested too deep")]
    TooMany,
    /// A disclosure that is not `[salt, value]` or `[salt, name, value]` where that one belongs.
    #[error("a disclosure has the wrong shape")]
    DisclosureShape,
    /// A disclosed claim is named `_sd` or `...`.
    #[error("a disclosed claim has a reserved name")]
    ReservedName,
    /// A disclosed claim has the name of one that is there already.
    #[error("a disclosed claim is there already")]
    ClaimExists,
    /// The same digest occurs twice, or the same disclosure was sent twice.
    #[error("a digest occurs twice")]
    DuplicateDigest,
    /// A disclosure that no digest refers to.
    #[error("a disclosure belongs to no digest")]
    Unreferenced,
    /// `_sd` is no array of strings, or `...` stands where it may not.
    #[error("digests stand where they may not")]
    DigestShape,
    /// A path that is not there, or cannot be made disclosable.
    #[error("there is no such claim")]
    NoSuchClaim,
}

impl SdJwtError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Jose(error) => error.kind(),
            _ => ErrorKind::CredentialUnreadable,
        }
    }
}

/// The hashes of `_sd_alg` that are accepted (IANA Named Information Hash Algorithm names).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// SHA-256, which is also meant where nothing is named.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl HashAlgorithm {
    /// The hash of this exact name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "sha-256" => Some(Self::Sha256),
            "sha-384" => Some(Self::Sha384),
            "sha-512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The digest of a text in base64url (RFC 9901, section 4.2.3).
    pub fn digest(self, text: &str) -> String {
        let hash = match self {
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        };
        encode_base64url(digest(hash, text.as_bytes()).as_ref())
    }
}

#[cfg(test)]
mod tests;
