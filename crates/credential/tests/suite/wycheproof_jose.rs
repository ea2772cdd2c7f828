//! The JOSE vectors of Project Wycheproof.

use leerpas_core::Secret;
use leerpas_credential::{
    jose::{DecryptionKey, Jws, decode_base64url},
    keys::PublicKey,
};
use serde_json::Value;
use wycheproof_ng_kdf_jose::json_web::TestName;

/// Every test of a file with its group.
fn vectors(name: TestName) -> Vec<(Value, Value)> {
    let file: Value = serde_json::from_str(name.json_data()).unwrap();
    let groups = file["testGroups"].as_array().unwrap();
    let tests = |group: &Value| group["tests"].as_array().unwrap().clone();
    groups.iter().flat_map(|group| tests(group).into_iter().map(|test| (group.clone(), test))).collect()
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

/// The public keys of a group, or what it has in their place.
fn keys(group: &Value) -> Vec<Value> {
    let keys = group.get("public").unwrap_or(&group["private"]);
    keys.get("keys").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![keys.clone()])
}

/// What is inside a JWE, if it opens.
fn opens(test: &Value, private: &Value) -> Option<Vec<u8>> {
    // A key that is not for P-256 is no key here; one in its place shows that the token is refused all the same.
    let number = private["d"].as_str().filter(|_| private["crv"] == "P-256");
    let number = number.map_or_else(|| vec![7; 32], |number| decode_base64url(number).unwrap());
    let key = DecryptionKey::from_private(&Secret::new(number)).unwrap();
    test["jwe"].as_str().and_then(|token| key.decrypt(token).ok())
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
    let vectors = vectors(TestName::JsonWebSignature);
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
    let vectors = vectors(TestName::JsonWebKey);
    let (mut held, mut by_policy) = (0, 0);
    for (group, test) in &vectors {
        let holds = keys(group).iter().any(|key| verifies(test, key));
        let supported = matches!(algorithm(test, "jws").trim(), "ES256" | "ES384" | "EdDSA" | "RS256");
        assert_eq!(holds, is_valid(test) && supported, "{} {}", test["tcId"], test["comment"]);
        held += usize::from(holds);
        by_policy += usize::from(is_valid(test) && !supported);
    }
    assert_eq!((vectors.len(), held, by_policy), (26, 1, 4));
}

#[test]
fn json_web_encryption() {
    let vectors = vectors(TestName::JsonWebEncryption);
    let (mut opened, mut by_policy) = (0, 0);
    for (group, test) in &vectors {
        let content = opens(test, &group["private"]);
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

#[test]
fn json_web_crypto() {
    let vectors = vectors(TestName::JsonWebCrypto);
    let (mut held, mut by_policy) = (Vec::new(), Vec::new());
    for (group, test) in &vectors {
        let (holds, supported) = if test.get("jws").is_some() {
            let supported = matches!(algorithm(test, "jws").trim(), "ES256" | "ES384" | "EdDSA" | "RS256");
            (keys(group).iter().any(|key| verifies(test, key)), supported)
        } else {
            let supported = matches!(algorithm(test, "jwe").as_str(), "ECDH-ES A128GCM" | "ECDH-ES A256GCM");
            (opens(test, &group["private"]).is_some(), supported)
        };
        let name = group["comment"].as_str().unwrap();
        assert_eq!(holds, is_valid(test) && supported, "{} {name} {}", test["tcId"], test["comment"]);
        held.extend(holds.then_some(name));
        by_policy.extend((is_valid(test) && !supported).then_some(name));
    }
    assert_eq!(
        (vectors.len(), held, by_policy),
        (83, vec!["jws_ec", "jws_rsa"], vec!["jws_aes", "jws_keyset", "jwe_aes", "jwe_ec"])
    );
}
