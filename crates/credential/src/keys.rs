//! Keys: those of holders and issuers, and the public ones that others show us.
//!
//! Accepted are P-256, P-384, Ed25519 and RSA from 2048 bits. A public key is checked once, when it is read;
//! after that it can only be a point on its curve. Symmetric keys do not exist here.

mod multikey;
mod pem;
mod private;
mod public;
mod verifying;

pub use private::{HolderKey, IssuerKey, Signer};
pub use public::PublicKey;
pub use verifying::{CurveKey, RsaKey};

use leerpas_core::ErrorKind;
use thiserror::Error;

/// The signature algorithms that are accepted, by their JOSE names (RFC 7518, section 3.1; RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// ECDSA with P-384 and SHA-384; verified, never made.
    Es384,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256, for Open Badges 3.0 (8.2.4); verified, never made.
    Rs256,
}

impl Algorithm {
    /// The algorithm of this exact JOSE name. `none`, HS256 and everything else give `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "ES384" => Some(Self::Es384),
            // RFC 9864 gives Ed25519 a name of its own beside the older one.
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            "RS256" => Some(Self::Rs256),
            _ => None,
        }
    }

    /// The JOSE name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }
}

/// Why a key was refused. Never holds key material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyError {
    /// A member is missing, misspelt or not canonical base64url.
    #[error("the key is malformed")]
    Malformed,
    /// A private member where only a public key belongs.
    #[error("the key holds a private part")]
    PrivatePart,
    /// A key type, curve or multicodec that is not accepted here.
    #[error("the key type is not supported")]
    Unsupported,
    /// Coordinates that are not on the curve, or a small-order point.
    #[error("the key is not a point on its curve")]
    NotOnCurve,
    /// RSA under 2048 bits or with an unusual exponent.
    #[error("the key is too weak")]
    TooWeak,
}

impl KeyError {
    /// The kind to report.
    pub fn kind(self) -> ErrorKind {
        ErrorKind::CredentialNotGenuine
    }
}

/// Why a signature was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// The algorithm that was named is not this key's.
    #[error("the algorithm does not fit the key")]
    WrongAlgorithm,
    /// The signature has a wrong length or does not verify.
    #[error("the signature does not hold")]
    Invalid,
}

#[cfg(test)]
mod tests;
