//! The proofs of a log: eddsa-jcs-2022 by a did:key, and nothing else (Data Integrity EdDSA Cryptosuites, section 3.3).

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    json::canonical,
    keys::{Algorithm, PublicKey},
};

/// The Multikey that signed a document, if the proof keeps the rules and its signature holds. The key comes from the
/// did:key itself, whose two halves must be the same.
pub(super) fn verify(proof: &Value, document: &Value) -> Option<String> {
    let proof = proof.as_object()?;
    let has = |name: &str, value: &str| proof.get(name).and_then(Value::as_str) == Some(value);
    if !has("type", "DataIntegrityProof")
        || !has("cryptosuite", "eddsa-jcs-2022")
        || !has("proofPurpose", "assertionMethod")
    {
        return None;
    }
    let method = proof.get("verificationMethod")?.as_str()?;
    let (body, fragment) = method.strip_prefix("did:key:")?.split_once('#')?;
    if body != fragment {
        return None;
    }
    let key = PublicKey::from_multikey(body).ok().filter(|key| key.algorithm() == Algorithm::EdDsa)?;
    let value = proof.get("proofValue")?.as_str()?.strip_prefix('z').filter(|text| text.len() <= 128)?;
    let signature = bs58::decode(value).into_vec().ok()?;
    key.verify(Algorithm::EdDsa, &signed_bytes(proof, document)?, &signature).ok()?;
    Some(body.to_owned())
}

/// The hash of the proof without its value, then that of the document (section 3.3.4); `None` for a number without
/// canonical form.
pub(super) fn signed_bytes(proof: &Map<String, Value>, document: &Value) -> Option<Vec<u8>> {
    let mut options = proof.clone();
    options.shift_remove("proofValue");
    let mut bytes = Sha256::digest(canonical(&options).ok()?.as_bytes()).to_vec();
    bytes.extend(Sha256::digest(canonical(document.as_object()?).ok()?.as_bytes()));
    Some(bytes)
}
