//! What a proof signs: the canonical forms of the document and of the proof itself.

use serde_json::{Map, Value};

use super::{Cryptosuite, Proof, ProofError, chain, sd};
use crate::{
    json,
    jsonld::{Contexts, HashAlgorithm, canonicalise_with},
    keys::PublicKey,
};

/// The contexts that a credential or presentation must begin with (VCDM 2.0, section 4.3; VCDM 1.1, section 4.1).
const BASE_CONTEXTS: [&str; 2] = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1"];

/// A document of which several proofs are verified: what they have in common is worked out once.
pub struct Secured<'d> {
    document: &'d Value,
    contexts: &'d Contexts,
    /// The canonical document without any proof, or why there is none, for each hash that was asked for.
    canonical: Vec<(HashAlgorithm, Result<String, ProofError>)>,
}

impl<'d> Secured<'d> {
    /// A document with the contexts that this program knows.
    pub fn new(document: &'d Value) -> Self {
        Self::with(document, Contexts::known())
    }

    /// The same with a choice of contexts.
    pub fn with(document: &'d Value, contexts: &'d Contexts) -> Self {
        Self { document, contexts, canonical: Vec::new() }
    }

    /// Verifies one proof with a key: the key and cryptosuite fit, and the signature covers the document without its
    /// proofs, and the proof without its value. A proof that builds on others covers these too; whether they hold is for
    /// the caller to ask.
    ///
    /// # Errors
    /// When the signature does not verify, the key is of another kind, or the document has no canonical form.
    pub fn verify(&mut self, proof: &Proof, key: &PublicKey) -> Result<(), ProofError> {
        if proof.cryptosuite == Cryptosuite::EcdsaSd2023 {
            return sd::verify(self.document, proof, key, self.contexts);
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
        let message = match proof.cryptosuite {
            Cryptosuite::EddsaJcs2022 | Cryptosuite::EcdsaJcs2019 => {
                SignedData::of_json(self.document, proof.members(), hash)?.message()
            }
            _ if proof.has_previous => SignedData::of(self.document, proof.members(), hash, self.contexts)?.message(),
            _ => {
                let options = canonical_options(proof.members(), context(self.document)?, hash, self.contexts)?;
                message(hash, &options, self.canonical(hash)?)
            }
        };
        Ok(key.verify(key.algorithm(), &message, proof.value())?)
    }

    fn canonical(&mut self, hash: HashAlgorithm) -> Result<&str, ProofError> {
        if !self.canonical.iter().any(|(known, _)| *known == hash) {
            let canonical = unsecured(self.document)
                .and_then(|(unsecured, _)| Ok(canonicalise_with(&Value::Object(unsecured), self.contexts, hash)?));
            self.canonical.push((hash, canonical));
        }
        let known = self.canonical.iter().find(|(known, _)| *known == hash);
        known.map_or(Err(ProofError::BaseContext), |(_, canonical)| canonical.as_deref().map_err(Clone::clone))
    }
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
        let canonical = |members| json::canonical(members).map_err(|_| ProofError::Number);
        Ok(Self { options: canonical(&options)?, document: canonical(&unsecured)?, hash })
    }

    /// The two hashes side by side, that of the proof first.
    pub fn message(&self) -> Vec<u8> {
        message(self.hash, &self.options, &self.document)
    }
}

fn message(hash: HashAlgorithm, options: &str, document: &str) -> Vec<u8> {
    [hash.digest(options.as_bytes()), hash.digest(document.as_bytes())].concat()
}

/// The canonical form of a proof without its value, under the contexts of the document.
pub(super) fn canonical_options(
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
pub(super) fn unsecured(document: &Value) -> Result<(Map<String, Value>, Value), ProofError> {
    let mut unsecured = document.as_object().cloned().ok_or(ProofError::BaseContext)?;
    unsecured.remove("proof");
    Ok((unsecured, context(document)?))
}

fn context(document: &Value) -> Result<Value, ProofError> {
    let context = document.get("@context").ok_or(ProofError::BaseContext)?;
    let first = context.get(0).unwrap_or(context).as_str();
    let base = first.is_some_and(|first| BASE_CONTEXTS.contains(&first));
    if base { Ok(context.clone()) } else { Err(ProofError::BaseContext) }
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

#[cfg(test)]
mod tests {
    use leerpas_core::CountingEntropy;
    use serde_json::json;

    use super::*;
    use crate::{
        data_integrity::{ProofOptions, proofs, sign},
        keys::IssuerKey,
    };

    #[test]
    fn a_document_is_made_canonical_once_for_all_its_proofs() {
        let entropy = CountingEntropy::default();
        let keys =
            [IssuerKey::make_ed25519(&entropy), IssuerKey::make_p256(&entropy), IssuerKey::make_ed25519(&entropy)];
        let options = ProofOptions {
            verification_method: "did:example:school#key-1".to_owned(),
            purpose: "assertionMethod".to_owned(),
            created: "2026-02-01T12:00:00Z".parse().unwrap(),
            challenge: None,
            domain: None,
        };
        let credential = json!({
            "@context": "https://www.w3.org/ns/credentials/v2", "type": "VerifiableCredential",
            "issuer": "did:example:school", "credentialSubject": {"id": "did:example:learner"}
        });
        let signed = keys.iter().fold(credential, |document, key| sign(document, &options, key).unwrap());
        let mut secured = Secured::new(&signed);
        for (proof, key) in proofs(&signed).unwrap().iter().zip(&keys) {
            secured.verify(proof, &key.public()).unwrap();
            assert_eq!(secured.canonical.len(), 1);
        }
        let mut other = signed.clone();
        other["issuer"] = json!("did:example:other");
        let mut secured = Secured::new(&other);
        for (proof, key) in proofs(&other).unwrap().iter().zip(&keys) {
            assert!(matches!(secured.verify(proof, &key.public()), Err(ProofError::Signature(_))));
        }
    }
}
