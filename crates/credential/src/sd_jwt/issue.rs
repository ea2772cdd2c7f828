//! Making an SD-JWT, for the sandbox and for tests.

use leerpas_core::Entropy;
use serde_json::{Map, Value, json};

use super::{ClaimPath, HashAlgorithm, PathElement, SdJwtError, value_at};
use crate::{
    jose::{encode_base64url, sign_compact},
    keys::Signer,
};

/// What to issue.
#[derive(Debug, Clone)]
pub struct Issuance<'a> {
    /// The header, with `typ` and `x5c` or `kid`; `alg` may be left out.
    pub header: Value,
    /// The claims in the clear, as they are to be read after all disclosures.
    pub claims: Value,
    /// The claims and array elements that get a disclosure of their own; one may lie within another.
    pub disclosable: &'a [ClaimPath],
    /// Digests that stand for nothing, per object with digests, to hide how many there are (section 4.2.5).
    pub decoys: usize,
}

/// Signs an SD-JWT without key binding, with SHA-256.
///
/// # Errors
/// When a path leads nowhere or to the top, or header and signer do not fit.
pub fn issue(issuance: Issuance<'_>, signer: &dyn Signer, entropy: &dyn Entropy) -> Result<String, SdJwtError> {
    let Issuance { header, mut claims, disclosable, decoys } = issuance;
    if !claims.is_object() {
        return Err(SdJwtError::NoSuchClaim);
    }
    // The innermost first, so that an outer disclosure holds the digests of the inner ones.
    let mut paths: Vec<&ClaimPath> = disclosable.iter().collect();
    paths.sort_by_key(|path| std::cmp::Reverse(path.len()));
    paths.dedup();
    let mut disclosures = Vec::new();
    for path in paths {
        disclosures.push(hide(&mut claims, path, entropy)?);
    }
    finish(&mut claims, decoys, entropy);
    claims["_sd_alg"] = "sha-256".into();
    let mut token = sign_compact(&header, claims.to_string().as_bytes(), signer)?;
    token.push('~');
    // Outer before inner reads better and means the same.
    for disclosure in disclosures.into_iter().rev() {
        token.push_str(&disclosure);
        token.push('~');
    }
    Ok(token)
}

/// Replaces one claim by its digest and gives the disclosure.
fn hide(claims: &mut Value, path: &[PathElement], entropy: &dyn Entropy) -> Result<String, SdJwtError> {
    let (last, parent) = path.split_last().ok_or(SdJwtError::NoSuchClaim)?;
    value_at(claims, path).ok_or(SdJwtError::NoSuchClaim)?;
    let parent = parent
        .iter()
        .try_fold(claims, |value, element| match element {
            PathElement::Name(name) => value.get_mut(name),
            PathElement::Index(index) => value.get_mut(index),
        })
        .ok_or(SdJwtError::NoSuchClaim)?;
    let salt = random(entropy);
    match (last, parent) {
        (PathElement::Name(name), Value::Object(members)) => {
            let value = members.remove(name).ok_or(SdJwtError::NoSuchClaim)?;
            let text = encode_base64url(json!([salt, name, value]).to_string().as_bytes());
            add_digest(members, HashAlgorithm::Sha256.digest(&text));
            Ok(text)
        }
        (PathElement::Index(index), Value::Array(items)) => {
            let place = items.get_mut(*index).ok_or(SdJwtError::NoSuchClaim)?;
            let text = encode_base64url(json!([salt, place.take()]).to_string().as_bytes());
            *place = json!({"...": HashAlgorithm::Sha256.digest(&text)});
            Ok(text)
        }
        _ => Err(SdJwtError::NoSuchClaim),
    }
}

/// Adds decoys and sorts the digests, so that their order says nothing (section 4.2.4.1).
fn finish(value: &mut Value, decoys: usize, entropy: &dyn Entropy) {
    match value {
        Value::Object(members) => {
            if members.contains_key("_sd") {
                for _ in 0..decoys {
                    add_digest(members, HashAlgorithm::Sha256.digest(&random(entropy)));
                }
            }
            if let Some(Value::Array(digests)) = members.get_mut("_sd") {
                digests.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
            members.values_mut().for_each(|child| finish(child, decoys, entropy));
        }
        Value::Array(items) => items.iter_mut().for_each(|child| finish(child, decoys, entropy)),
        _ => {}
    }
}

fn add_digest(members: &mut Map<String, Value>, digest: String) {
    if let Value::Array(digests) = members.entry("_sd").or_insert_with(|| json!([])) {
        digests.push(digest.into());
    }
}

/// 128 random bits (section 9.3).
fn random(entropy: &dyn Entropy) -> String {
    let mut bytes = [0_u8; 16];
    entropy.fill(&mut bytes);
    encode_base64url(&bytes)
}
