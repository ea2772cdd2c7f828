//! Data Integrity proofs: signatures over what a document means, not over its bytes.
//!
//! Verified are `eddsa-rdfc-2022` (Data Integrity EdDSA Cryptosuites 1.0, section 3.2), `ecdsa-rdfc-2019` with P-256
//! and P-384 (Data Integrity ECDSA Cryptosuites 1.0, section 3.2), their siblings over canonical JSON `eddsa-jcs-2022`
//! and `ecdsa-jcs-2019` (section 3.3 of both), `ecdsa-sd-2023`, of which the holder can leave out statements ([`sd`]), and the older `Ed25519Signature2020`, which Open Badges of the 1.1 data
//! model carry. Made are the first two, with Ed25519 and P-256.
//!
//! A document may hold several proofs. Each is verified by itself; which of them counts is for the caller to say,
//! who knows the issuer. Whose key it is, and whether purpose, dates, challenge and domain fit, is for the caller too.

mod chain;
mod jcs;
mod proof;
pub mod sd;

use leerpas_core::ErrorKind;
use serde_json::{Map, Value, json};
use thiserror::Error;

pub use chain::builds_on;
pub use proof::{Cryptosuite, Proof};

use crate::{
    jsonld::{Contexts, HashAlgorithm, JsonLdError, canonicalise_with},
    keys::{PublicKey, SignatureError, Signer},
};

/// Proofs that one document may have.
const PROOFS: usize = 8;

/// The contexts that a credential or presentation must begin with (VCDM 2.0, section 4.3; VCDM 1.1, section 4.1).
const BASE_CONTEXTS: [&str; 2] = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1"];

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

/// Verifies one proof of a document with a key: the key and cryptosuite fit, and the signature covers the document
/// without its proofs, and the proof without its value. A proof that builds on others covers these too; whether they hold is
/// for the caller to ask.
///
/// # Errors
/// When the signature does not verify, the key is of another kind, or the document has no canonical form.
pub fn verify_proof(document: &Value, proof: &Proof, key: &PublicKey) -> Result<(), ProofError> {
    verify_proof_with(document, proof, key, Contexts::known())
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
    if proof.cryptosuite == Cryptosuite::EcdsaSd2023 {
        return sd::verify(document, proof, key, contexts);
    }
    let hash = match (&proof.cryptosuite, key) {
        (Cryptosuite::Other(name), _) => return Err(ProofError::Unsupported { name: name.clone() }),
        (
            Cryptosuite::EddsaRdfc2022 | Cryptosuite::EddsaJcs2022 | Cryptosuite::Ed25519Signature2020,
            PublicKey::Ed25519(_),
        ) => HashAlgorithm::Sha256,
        (Cryptosuite::EcdsaRdfc2019 | Cryptosuite::EcdsaJcs2019, PublicKey::P256(_)) => HashAlgorithm::Sha256,
        (Cryptosuite::EcdsaRdfc2019 | Cryptosuite::EcdsaJcs2019, PublicKey::P384(_)) => HashAlgorithm::Sha384,
        _ => return Err(ProofError::WrongKey),
    };
    let signed = match proof.cryptosuite {
        Cryptosuite::EddsaJcs2022 | Cryptosuite::EcdsaJcs2019 => SignedData::of_json(document, proof.members(), hash)?,
        _ => SignedData::of(document, proof.members(), hash, contexts)?,
    };
    Ok(key.verify(key.algorithm(), &signed.message(), proof.value())?)
}

/// What a proof signs, step by step. For tests and for whoever wants to show the work.
pub struct SignedData {
    /// The canonical document, without its proofs but for those that this one builds on.
    pub document: String,
    /// The canonical proof, without its value.
    pub options: String,
    hash: HashAlgorithm,
}

impl SignedData {
    /// Makes the canonical forms (EdDSA Cryptosuites 1.0, 3.2.3 to 3.2.5; ECDSA Cryptosuites 1.0, likewise).
    ///
    /// # Errors
    /// When the document does not begin with a credentials context, or has no canonical form.
    pub fn of(
        document: &Value,
        options: &Map<String, Value>,
        hash: HashAlgorithm,
        contexts: &Contexts,
    ) -> Result<Self, ProofError> {
        let (mut unsecured, context) = unsecured(document)?;
        put_back(&mut unsecured, chain::covered(document, options)?);
        Ok(Self {
            options: canonical_options(options, context, hash, contexts)?,
            document: canonicalise_with(&Value::Object(unsecured), contexts, hash)?,
            hash,
        })
    }

    /// The same over JSON as it stands, for the suites of canonical JSON (EdDSA Cryptosuites 1.0, 3.3.2 to 3.3.5;
    /// ECDSA Cryptosuites 1.0, likewise). What is signed is every byte of meaning, so terms need no definition.
    ///
    /// # Errors
    /// When the document does not begin with a credentials context, the proof has contexts that the document does not
    /// begin with, or a number has no canonical form.
    pub fn of_json(document: &Value, options: &Map<String, Value>, hash: HashAlgorithm) -> Result<Self, ProofError> {
        let (mut unsecured, context) = unsecured(document)?;
        if let Some(own) = options.get("@context") {
            if !begins_with(&context, own) {
                return Err(ProofError::ProofContext);
            }
            // Contexts added behind those that were signed are not part of it (3.3.2, step 4).
            unsecured.insert("@context".to_owned(), own.clone());
        }
        put_back(&mut unsecured, chain::covered(document, options)?);
        let mut options = options.clone();
        options.remove("proofValue");
        Ok(Self { options: jcs::canonical(&options)?, document: jcs::canonical(&unsecured)?, hash })
    }

    /// The two hashes side by side, that of the proof first.
    pub fn message(&self) -> Vec<u8> {
        [self.hash.digest(self.options.as_bytes()), self.hash.digest(self.document.as_bytes())].concat()
    }
}

/// The canonical form of a proof without its value, under the contexts of the document.
fn canonical_options(
    options: &Map<String, Value>,
    context: Value,
    hash: HashAlgorithm,
    contexts: &Contexts,
) -> Result<String, ProofError> {
    let mut options = options.clone();
    options.remove("proofValue");
    options.insert("@context".to_owned(), context);
    Ok(canonicalise_with(&Value::Object(options), contexts, hash)?)
}

/// A document without its proofs, and its contexts, of which the first must be that of the data model.
fn unsecured(document: &Value) -> Result<(Map<String, Value>, Value), ProofError> {
    let mut unsecured = document.as_object().cloned().ok_or(ProofError::BaseContext)?;
    unsecured.remove("proof");
    let context = unsecured.get("@context").cloned().ok_or(ProofError::BaseContext)?;
    let first = context.get(0).unwrap_or(&context).as_str();
    if !first.is_some_and(|first| BASE_CONTEXTS.contains(&first)) {
        return Err(ProofError::BaseContext);
    }
    Ok((unsecured, context))
}

/// The proofs that another one covers, back in the document (VC Data Integrity 1.0, section 4.5, step 3).
fn put_back(unsecured: &mut Map<String, Value>, covered: Vec<Value>) {
    if !covered.is_empty() {
        unsecured.insert("proof".to_owned(), Value::Array(covered));
    }
}

/// Whether the contexts of a document begin with those of its proof. One context counts as a list of one.
fn begins_with(document: &Value, proof: &Value) -> bool {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    list(document).starts_with(&list(proof))
}

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
fn new_members(cryptosuite: &Cryptosuite, options: &ProofOptions) -> Map<String, Value> {
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
fn add_proof(mut document: Value, proof: Map<String, Value>) -> Result<Value, ProofError> {
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

#[cfg(test)]
mod tests {
    use leerpas_core::CountingEntropy;

    use super::*;
    use crate::keys::IssuerKey;

    fn credential() -> Value {
        json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "issuer": {"id": "did:example:school", "type": ["Profile"], "name": "Hogeschool Voorbeeld"},
            "validFrom": "2026-02-01T00:00:00Z",
            "credentialSubject": {"type": ["AchievementSubject"], "achievement": {
                "id": "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11", "type": ["Achievement"], "name": "Datastructuren",
                "description": "Lijsten en bomen", "criteria": {"narrative": "Toets"}, "creditsAvailable": 4.5
            }}
        })
    }

    fn options() -> ProofOptions {
        ProofOptions {
            verification_method: "did:example:school#key-1".to_owned(),
            purpose: "assertionMethod".to_owned(),
            created: "2026-02-01T12:00:00Z".parse().unwrap(),
            challenge: None,
            domain: None,
        }
    }

    #[test]
    fn what_is_signed_verifies_and_any_change_does_not() {
        let entropy = CountingEntropy::default();
        for key in [IssuerKey::make_ed25519(&entropy), IssuerKey::make_p256(&entropy)] {
            let signed = sign(credential(), &options(), &key).unwrap();
            let proof = &proofs(&signed).unwrap()[0];
            verify_proof(&signed, proof, &key.public()).unwrap();
            assert_eq!(proof.purpose, "assertionMethod");
            assert_eq!(proof.created, Some(options().created));

            let mut other = signed.clone();
            other["credentialSubject"]["achievement"]["creditsAvailable"] = json!(45);
            assert!(matches!(verify_proof(&other, proof, &key.public()), Err(ProofError::Signature(_))));
            let mut other = signed.clone();
            other["proof"]["created"] = json!("2026-02-02T12:00:00Z");
            assert!(matches!(
                verify_proof(&other, &proofs(&other).unwrap()[0], &key.public()),
                Err(ProofError::Signature(_))
            ));
        }
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        let entropy = CountingEntropy::default();
        let (ed, p256) = (IssuerKey::make_ed25519(&entropy), IssuerKey::make_p256(&entropy));
        let signed = sign(credential(), &options(), &ed).unwrap();
        let proof = &proofs(&signed).unwrap()[0];
        assert_eq!(verify_proof(&signed, proof, &p256.public()), Err(ProofError::WrongKey));
    }

    #[test]
    fn security_b01_an_added_property_without_definition_is_refused() {
        let key = IssuerKey::make_ed25519(&CountingEntropy::default());
        let mut signed = sign(credential(), &options(), &key).unwrap();
        signed["credentialSubject"]["gpa"] = json!("10");
        let proof = &proofs(&signed).unwrap()[0];
        assert_eq!(
            verify_proof(&signed, proof, &key.public()),
            Err(ProofError::JsonLd(JsonLdError::UndefinedTerm { term: "gpa".to_owned() }))
        );
    }

    #[test]
    fn security_b09_each_proof_of_a_set_is_verified_by_itself() {
        let entropy = CountingEntropy::default();
        let (school, stranger) = (IssuerKey::make_ed25519(&entropy), IssuerKey::make_p256(&entropy));
        let signed = sign(credential(), &options(), &school).unwrap();
        let signed = sign(signed, &options(), &stranger).unwrap();
        let set = proofs(&signed).unwrap();
        assert_eq!(set.len(), 2);
        verify_proof(&signed, &set[0], &school.public()).unwrap();
        verify_proof(&signed, &set[1], &stranger.public()).unwrap();
        assert!(verify_proof(&signed, &set[0], &stranger.public()).is_err());
        let mut broken = signed.clone();
        broken["proof"][0]["proofValue"] = broken["proof"][1]["proofValue"].clone();
        let set = proofs(&broken).unwrap();
        assert!(verify_proof(&broken, &set[0], &school.public()).is_err());
        verify_proof(&broken, &set[1], &stranger.public()).unwrap();
    }

    #[test]
    fn security_b10_a_proof_that_builds_on_one_that_is_not_there_is_refused() {
        let key = IssuerKey::make_ed25519(&CountingEntropy::default());
        let mut signed = sign(credential(), &options(), &key).unwrap();
        signed["proof"]["previousProof"] = json!("urn:uuid:f6ab24cd-86e8-4eaf-b8c6-ded74e8fd41c");
        let proof = &proofs(&signed).unwrap()[0];
        assert_eq!(verify_proof(&signed, proof, &key.public()), Err(ProofError::PreviousProof));
    }

    #[test]
    fn security_b04_the_base_context_comes_first() {
        let key = IssuerKey::make_ed25519(&CountingEntropy::default());
        let mut other = credential();
        other["@context"].as_array_mut().unwrap().reverse();
        assert_eq!(sign(other, &options(), &key), Err(ProofError::BaseContext));
        assert_eq!(sign(json!({"@context": []}), &options(), &key), Err(ProofError::BaseContext));
        assert_eq!(sign(json!("x"), &options(), &key), Err(ProofError::BaseContext));
    }

    #[test]
    fn a_document_without_proof_or_with_too_many_is_refused() {
        assert_eq!(proofs(&credential()), Err(ProofError::Missing));
        assert_eq!(proofs(&json!({"proof": []})), Err(ProofError::Missing));
        assert_eq!(proofs(&json!({"proof": vec![json!({}); 9]})), Err(ProofError::TooMany));
    }
}
