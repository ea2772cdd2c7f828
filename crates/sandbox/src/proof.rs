//! Checks the key proofs of a credential request (OpenID4VCI 1.0, appendix F.1 and F.4).

use leerpas_core::{Timestamp, limits};
use leerpas_credential::{
    did::{DidDocument, Purpose},
    jose::Jws,
    keys::{Algorithm, PublicKey},
};
use leerpas_openid::{
    oauth::CLIENT_ID,
    vci::{ErrorCode, PROOF_TYPE},
};
use serde_json::Value;

use crate::metadata::BATCH;

/// The keys that were proved, and the nonces that the proofs hold; spending them is for the caller.
#[derive(Debug)]
pub struct Proved {
    /// One key for each copy, all different.
    pub keys: Vec<PublicKey>,
    /// Each nonce once.
    pub nonces: Vec<String>,
}

/// Checks every proof of a request; `named` where the client signed in under its name.
///
/// # Errors
/// `invalid_proof` for all that is wrong but a missing nonce, which is `invalid_nonce` (OpenID4VCI 1.0, 8.3.1.2).
pub fn check(proofs: &[String], issuer: &str, named: bool, now: Timestamp) -> Result<Proved, ErrorCode> {
    check_of(proofs, issuer, named.then_some(CLIENT_ID), now)
}

/// As [`check`], where the client made itself known under this name.
pub fn check_of(proofs: &[String], issuer: &str, client: Option<&str>, now: Timestamp) -> Result<Proved, ErrorCode> {
    if proofs.is_empty() || proofs.len() > BATCH {
        return Err(ErrorCode::InvalidProof);
    }
    let mut proved = Proved { keys: Vec::new(), nonces: Vec::new() };
    for proof in proofs {
        let (key, nonce) = check_one(proof, issuer, client, now)?;
        // A copy for the same key again would say that the two belong together.
        if proved.keys.contains(&key) {
            return Err(ErrorCode::InvalidProof);
        }
        proved.keys.push(key);
        if !proved.nonces.contains(&nonce) {
            proved.nonces.push(nonce);
        }
    }
    Ok(proved)
}

fn check_one(
    proof: &str,
    issuer: &str,
    client: Option<&str>,
    now: Timestamp,
) -> Result<(PublicKey, String), ErrorCode> {
    let refused = ErrorCode::InvalidProof;
    let jws = Jws::parse(proof).map_err(|_| refused)?;
    let other_key = ["x5c", "trust_chain", "key_attestation"].iter().any(|name| jws.header.contains_key(*name));
    if jws.typ() != Some(PROOF_TYPE) || jws.algorithm() != Algorithm::Es256 || other_key {
        return Err(refused);
    }
    let key = match (jws.header.get("jwk"), jws.header.get("kid").and_then(Value::as_str)) {
        (Some(jwk), None) => PublicKey::from_jwk(jwk).map_err(|_| refused)?,
        (None, Some(kid)) => key_of_did(kid).ok_or(refused)?,
        _ => return Err(refused),
    };
    jws.verify(&key).map_err(|_| refused)?;
    let claims = jws.claims().map_err(|_| refused)?;
    // Where the access token was anonymous, the proof names no client; else the one that signed in.
    if claims.get("iss").map(Value::as_str) != client.map(Some)
        || claims.get("aud").and_then(Value::as_str) != Some(issuer)
    {
        return Err(refused);
    }
    let issued = claims.get("iat").and_then(Value::as_i64).ok_or(refused)?;
    let age = now.as_second().saturating_sub(issued);
    if !(-limits::CLOCK_SKEW_SECONDS..=limits::KEY_BINDING_AGE_SECONDS).contains(&age) {
        return Err(refused);
    }
    let nonce = claims.get("nonce").and_then(Value::as_str).ok_or(ErrorCode::InvalidNonce)?;
    Ok((key, nonce.to_owned()))
}

/// The key that a `did:jwk` names; other methods are not among `cryptographic_binding_methods_supported`.
fn key_of_did(kid: &str) -> Option<PublicKey> {
    let did = kid.split('#').next().filter(|did| did.starts_with("did:jwk:"))?;
    DidDocument::resolve_local(did).ok()??.key(kid, Purpose::Authentication).ok()
}

#[cfg(test)]
mod tests {
    use leerpas_core::OsEntropy;
    use leerpas_credential::{
        jose::sign_compact,
        keys::{HolderKey, IssuerKey, Signer},
    };
    use serde_json::json;

    use super::*;

    const ISSUER: &str = "https://localhost:8443";

    fn now() -> Timestamp {
        Timestamp::from_second(1_790_000_000).unwrap()
    }

    fn proof_with(header: &Value, claims: &Value, signer: &dyn Signer) -> String {
        sign_compact(header, claims.to_string().as_bytes(), signer).unwrap()
    }

    fn header(key: &HolderKey) -> Value {
        json!({ "alg": "ES256", "typ": PROOF_TYPE, "jwk": key.public().to_jwk() })
    }

    fn claims() -> Value {
        json!({ "aud": ISSUER, "iat": now().as_second(), "nonce": "n" })
    }

    #[test]
    fn openid4vci_f_1_a_proof_as_it_should_be_gives_its_key_and_nonce() {
        let keys = [HolderKey::make(&OsEntropy), HolderKey::make(&OsEntropy)];
        let proofs: Vec<_> = keys.iter().map(|key| proof_with(&header(key), &claims(), key)).collect();
        let proved = check(&proofs, ISSUER, false, now()).unwrap();
        assert_eq!(proved.keys, keys.map(|key| key.public()));
        assert_eq!(proved.nonces, ["n"]);
    }

    #[test]
    fn openid4vci_f_1_a_did_jwk_names_the_key_of_a_proof() {
        let key = HolderKey::make(&OsEntropy);
        let make = |kid: String, signer: &HolderKey| {
            proof_with(&json!({ "alg": "ES256", "typ": PROOF_TYPE, "kid": kid }), &claims(), signer)
        };
        let proved = check(&[make(format!("{}#0", key.did_jwk()), &key)], ISSUER, false, now()).unwrap();
        assert_eq!(proved.keys, [key.public()]);
        let other = HolderKey::make(&OsEntropy);
        for bad in [make(format!("{}#0", key.did_jwk()), &other), make("did:web:localhost#0".into(), &key)] {
            assert_eq!(check(&[bad], ISSUER, false, now()).unwrap_err(), ErrorCode::InvalidProof);
        }
    }

    #[test]
    fn openid4vci_f_4_every_rule_of_a_proof_is_checked() {
        let key = HolderKey::make(&OsEntropy);
        let change_header = |name: &str, value: Value| {
            let mut header = header(&key);
            header[name] = value;
            proof_with(&header, &claims(), &key)
        };
        let change_claim = |name: &str, value: Value| {
            let mut claims = claims();
            claims[name] = value;
            proof_with(&header(&key), &claims, &key)
        };
        let other = HolderKey::make(&OsEntropy);
        let second = now().as_second();
        let bad = [
            change_header("typ", json!("jwt")),
            change_header("kid", json!("did:jwk:x#0")),
            change_header("jwk", other.public().to_jwk()),
            change_header("jwk", json!({})),
            change_claim("aud", json!("https://localhost:8444")),
            change_claim("aud", json!([ISSUER])),
            change_claim("iss", json!("client")),
            change_claim("iat", json!(second - 301)),
            change_claim("iat", json!(second + 61)),
            change_claim("iat", json!("now")),
            "a.b.c".to_owned(),
            String::new(),
        ];
        for (number, proof) in bad.into_iter().enumerate() {
            assert_eq!(check(&[proof], ISSUER, false, now()).unwrap_err(), ErrorCode::InvalidProof, "{number}");
        }
        let without = proof_with(&header(&key), &json!({ "aud": ISSUER, "iat": second }), &key);
        assert_eq!(check(&[without], ISSUER, false, now()).unwrap_err(), ErrorCode::InvalidNonce);
    }

    #[test]
    fn only_the_algorithm_of_the_metadata_is_taken() {
        let key = IssuerKey::make_ed25519(&OsEntropy);
        let header = json!({ "alg": "EdDSA", "typ": PROOF_TYPE, "jwk": key.public().to_jwk() });
        let proof = proof_with(&header, &claims(), &key);
        assert_eq!(check(&[proof], ISSUER, false, now()).unwrap_err(), ErrorCode::InvalidProof);
    }

    #[test]
    fn no_proof_too_many_and_the_same_key_twice_are_refused() {
        let key = HolderKey::make(&OsEntropy);
        let proof = proof_with(&header(&key), &claims(), &key);
        assert!(check(&[], ISSUER, false, now()).is_err());
        assert!(check(&[proof.clone(), proof], ISSUER, false, now()).is_err());
        let six: Vec<_> =
            (0..6).map(|_| HolderKey::make(&OsEntropy)).map(|key| proof_with(&header(&key), &claims(), &key)).collect();
        assert!(check(&six, ISSUER, false, now()).is_err());
    }
}
