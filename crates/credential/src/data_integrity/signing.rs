//! Making proofs.

use serde_json::{Map, Value, json};

use super::{Cryptosuite, ProofError, SignedData};
use crate::{
    jsonld::{Contexts, HashAlgorithm},
    keys::{PublicKey, Signer},
};

/// What a new proof says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofOptions {
    /// The DID URL of the key.
    pub verification_method: String,
    /// `assertionMethod` for a credential, `authentication` for a presentation.
    pub purpose: String,
    /// When it is made.
    pub created: leerpas_core::Timestamp,
    /// What the verifier gave, for a presentation.
    pub challenge: Option<String>,
    /// For whom, for a presentation.
    pub domain: Option<String>,
}

/// Adds a proof to a document: `eddsa-rdfc-2022` with an Ed25519 key, `ecdsa-rdfc-2019` with a P-256 key. Proofs that
/// are there already stay, so that the result may be a proof set.
///
/// # Errors
/// When the key is of another kind, or the document has no canonical form.
pub fn sign(document: Value, options: &ProofOptions, signer: &dyn Signer) -> Result<Value, ProofError> {
    let cryptosuite = match signer.public() {
        PublicKey::Ed25519(_) => Cryptosuite::EddsaRdfc2022,
        PublicKey::P256(_) => Cryptosuite::EcdsaRdfc2019,
        _ => return Err(ProofError::WrongKey),
    };
    let mut proof = new_members(&cryptosuite, options);
    let signed = SignedData::of(&document, &proof, HashAlgorithm::Sha256, Contexts::known())?;
    let signature = signer.sign(&signed.message());
    proof.insert("proofValue".to_owned(), json!(format!("z{}", bs58::encode(signature).into_string())));
    add_proof(document, proof)
}

/// The members of a new proof, without its value.
pub(super) fn new_members(cryptosuite: &Cryptosuite, options: &ProofOptions) -> Map<String, Value> {
    let mut proof = Map::new();
    proof.insert("type".to_owned(), json!("DataIntegrityProof"));
    proof.insert("cryptosuite".to_owned(), json!(cryptosuite.name()));
    proof.insert("created".to_owned(), json!(options.created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()));
    proof.insert("verificationMethod".to_owned(), json!(options.verification_method));
    proof.insert("proofPurpose".to_owned(), json!(options.purpose));
    if let Some(challenge) = &options.challenge {
        proof.insert("challenge".to_owned(), json!(challenge));
    }
    if let Some(domain) = &options.domain {
        proof.insert("domain".to_owned(), json!(domain));
    }
    proof
}

/// Puts a proof beside those that are there.
pub(super) fn add_proof(mut document: Value, proof: Map<String, Value>) -> Result<Value, ProofError> {
    let members = document.as_object_mut().ok_or(ProofError::BaseContext)?;
    let proof = Value::Object(proof);
    let proofs = match members.remove("proof") {
        None => proof,
        Some(Value::Array(mut earlier)) => {
            earlier.push(proof);
            Value::Array(earlier)
        }
        Some(earlier) => json!([earlier, proof]),
    };
    members.insert("proof".to_owned(), proofs);
    Ok(document)
}
