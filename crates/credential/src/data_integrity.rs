//! Data Integrity proofs: signatures over what a document means, not over its bytes.
//!
//! Verified are `eddsa-rdfc-2022` (Data Integrity EdDSA Cryptosuites 1.0, section 3.2), `ecdsa-rdfc-2019` with P-256
//! and P-384 (Data Integrity ECDSA Cryptosuites 1.0, section 3.2), their siblings over canonical JSON `eddsa-jcs-2022`
//! and `ecdsa-jcs-2019` (section 3.3 of both), `ecdsa-sd-2023`, of which the holder can leave out statements ([`sd`]),
//! and the older `Ed25519Signature2020`, which Open Badges of the 1.1 data model carry. Made are the first two, with
//! Ed25519 and P-256, and `ecdsa-sd-2023`.
//!
//! A document may hold several proofs. Each is verified by itself; which of them counts is for the caller to say,
//! who knows the issuer. Whose key it is, and whether purpose, dates, challenge and domain fit, is for the caller too.

mod chain;
mod proof;
pub mod sd;
mod secured;
mod signing;
#[cfg(test)]
mod tests;

use leerpas_core::ErrorKind;
use serde_json::Value;
use thiserror::Error;

pub use chain::builds_on;
pub use proof::{Cryptosuite, Proof};
pub use secured::{Secured, SignedData};
pub use signing::{ProofOptions, sign};

use secured::{canonical_options, unsecured};
use signing::{add_proof, new_members};

use crate::{
    jsonld::{Contexts, JsonLdError},
    keys::{PublicKey, SignatureError},
};

/// Proofs that one document may have.
const PROOFS: usize = 8;

/// Why a proof does not hold, or could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ProofError {
    /// There is none.
    #[error("the document has no proof")]
    Missing,
    /// More than this program looks at.
    #[error("the document has more than {PROOFS} proofs")]
    TooMany,
    /// A member is missing or is of the wrong kind.
    #[error("the member {member} of a proof is missing or malformed")]
    Malformed {
        /// Its name.
        member: &'static str,
    },
    /// A kind of proof that this program cannot verify.
    #[error("the cryptosuite {name} is not supported")]
    Unsupported {
        /// What the proof says, cut at 60 characters.
        name: String,
    },
    /// The proof builds on another one (`previousProof`), which no document under this cryptosuite can do.
    #[error("a proof of this cryptosuite cannot build on another one")]
    Chain,
    /// What the proof builds on is missing, is no single proof, or builds on the proof itself.
    #[error("a proof that this one builds on is missing, or builds on it in turn")]
    PreviousProof,
    /// The document does not begin with the context of the credentials data model.
    #[error("the document does not begin with the context of W3C credentials")]
    BaseContext,
    /// The contexts of the proof are not the first ones of the document.
    #[error("the contexts of the proof are not those of the document")]
    ProofContext,
    /// A number that another reader may take for another one, so that it has no canonical form.
    #[error("a number of the document has no exact canonical form")]
    Number,
    /// A JSON pointer that is none, or leads nowhere in the document.
    #[error("a JSON pointer does not lead to a value of the document")]
    Pointer,
    /// No part of the credential can be shown in this way: there is no base proof, or nothing was chosen.
    #[error("no part of the credential can be derived")]
    Derivation,
    /// The key is of another kind than the cryptosuite.
    #[error("the key does not fit the cryptosuite")]
    WrongKey,
    /// The signature does not verify.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The document has no canonical form.
    #[error(transparent)]
    JsonLd(#[from] JsonLdError),
}

impl ProofError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Missing
            | Self::TooMany
            | Self::Malformed { .. }
            | Self::BaseContext
            | Self::ProofContext
            | Self::PreviousProof
            | Self::Pointer
            | Self::Derivation => ErrorKind::CredentialUnreadable,
            Self::Unsupported { .. } | Self::Chain | Self::Number => ErrorKind::CredentialUncheckable,
            Self::WrongKey | Self::Signature(_) => ErrorKind::CredentialNotGenuine,
            Self::JsonLd(error) => error.kind(),
        }
    }
}

/// The proofs of a document, in its order. `proof` may be one object or an array (VC Data Integrity 1.0, 2.1).
///
/// # Errors
/// When there is none, there are more than eight, or one lacks what every proof has.
pub fn proofs(document: &Value) -> Result<Vec<Proof>, ProofError> {
    let proofs = match document.get("proof") {
        None => return Err(ProofError::Missing),
        Some(Value::Array(proofs)) => proofs.as_slice(),
        Some(proof) => std::slice::from_ref(proof),
    };
    match proofs.len() {
        0 => Err(ProofError::Missing),
        count if count > PROOFS => Err(ProofError::TooMany),
        _ => proofs.iter().map(Proof::parse).collect(),
    }
}

/// Verifies one proof of a document with a key, as [`Secured::verify`] does. Where there are several, that is the faster
/// way.
///
/// # Errors
/// When the signature does not verify, the key is of another kind, or the document has no canonical form.
pub fn verify_proof(document: &Value, proof: &Proof, key: &PublicKey) -> Result<(), ProofError> {
    Secured::new(document).verify(proof, key)
}

/// The same with a choice of contexts.
///
/// # Errors
/// As [`verify_proof`].
pub fn verify_proof_with(
    document: &Value,
    proof: &Proof,
    key: &PublicKey,
    contexts: &Contexts,
) -> Result<(), ProofError> {
    Secured::with(document, contexts).verify(proof, key)
}
