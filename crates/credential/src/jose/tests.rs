use leerpas_core::CountingEntropy;
use serde_json::{Value, json};

use super::*;
use crate::keys::IssuerKey;

fn key() -> IssuerKey {
    IssuerKey::make_p256(&CountingEntropy::default())
}

fn token(header: &str, payload: &str) -> String {
    format!(
        "{}.{}.{}",
        encode_base64url(header.as_bytes()),
        encode_base64url(payload.as_bytes()),
        encode_base64url(&[1; 64])
    )
}

#[test]
fn what_was_signed_verifies_and_a_changed_token_does_not() {
    let key = key();
    let token = sign_compact(&json!({"typ": "application/x+jwt", "kid": "1"}), b"{\"a\":1}", &key).unwrap();
    let jws = Jws::parse(&token).unwrap();
    jws.verify(&key.public()).unwrap();
    assert_eq!((jws.typ(), jws.kid()), (Some("x+jwt"), Some("1")));
    assert_eq!(jws.claims().unwrap()["a"], json!(1));
    let other = IssuerKey::make_ed25519(&CountingEntropy::default());
    assert!(matches!(jws.verify(&other.public()), Err(JoseError::Signature(_))));
    let parts: Vec<&str> = token.split('.').collect();
    let changed = format!("{}.{}.{}", parts[0], encode_base64url(b"{\"a\":2}"), parts[2]);
    assert!(Jws::parse(&changed).unwrap().verify(&key.public()).is_err());
    assert_eq!(sign_compact(&json!({"alg": "EdDSA"}), b"x", &key).unwrap_err(), JoseError::Algorithm);
}

#[test]
fn security_a01_a02_a_missing_or_unlisted_alg_is_refused() {
    for alg in ["\"none\"", "\"nOnE\"", "\"HS256\"", "[\"ES256\"]", "null", "1"] {
        let error = Jws::parse(&token(&format!("{{\"alg\":{alg}}}"), "{}")).unwrap_err();
        assert_eq!(error, JoseError::Algorithm, "{alg}");
    }
    assert_eq!(Jws::parse(&token("{}", "{}")).unwrap_err(), JoseError::Algorithm);
    let empty = format!("{}.{}.", encode_base64url(b"{\"alg\":\"ES256\"}"), encode_base64url(b"{}"));
    assert!(Jws::parse(&empty).unwrap().verify(&key().public()).is_err());
}

#[test]
fn security_a06_crit_and_b64_are_refused() {
    for header in [
        r#"{"alg":"ES256","crit":["x"],"x":1}"#,
        r#"{"alg":"ES256","crit":[]}"#,
        r#"{"alg":"ES256","crit":["missing"]}"#,
    ] {
        assert_eq!(Jws::parse(&token(header, "{}")).unwrap_err(), JoseError::Parameter("crit"));
    }
    for b64 in ["false", "\"true\"", "1", "null"] {
        let error = Jws::parse(&token(&format!(r#"{{"alg":"ES256","b64":{b64}}}"#), "{}")).unwrap_err();
        assert_eq!(error, JoseError::Parameter("b64"), "{b64}");
    }
    assert!(Jws::parse(&token(r#"{"alg":"ES256","b64":true}"#, "{}")).is_ok(), "as JAdES writes what holds anyway");
}

#[test]
fn security_a10_base64url_is_read_strictly() {
    for bad in ["YQ==", "YQ ", "Y\nQ", "+/+/", "YR"] {
        assert_eq!(decode_base64url(bad), Err(JoseError::Encoding), "{bad:?}");
    }
    assert_eq!(decode_base64url("YQ").unwrap(), b"a");
}

#[test]
fn security_a11_wrong_parts_and_ambiguous_json_are_refused() {
    let good = token(r#"{"alg":"ES256"}"#, "{}");
    for bad in ["", "a.b", &good[..good.rfind('.').unwrap()], &format!("{good}.x"), &format!("{good}.x.y"), "{}"] {
        assert!(Jws::parse(bad).is_err(), "{bad}");
    }
    assert_eq!(Jws::parse(&token(r#"{"alg":"ES256"}"#, "")).unwrap_err(), JoseError::Form);
    let big = format!(r#"{{"alg":"ES256","x":"{}"}}"#, "a".repeat(100_000));
    assert_eq!(Jws::parse(&token(&big, "{}")).unwrap_err(), JoseError::Form);
    assert!(matches!(Jws::parse(&token(r#"{"alg":"ES256","alg":"none"}"#, "{}")), Err(JoseError::Json(_))));
    let twice = Jws::parse(&token(r#"{"alg":"ES256"}"#, r#"{"iss":"a","iss":"b"}"#)).unwrap();
    assert!(matches!(twice.claims(), Err(JoseError::Json(_))));
    let array = Jws::parse(&token(r#"{"alg":"ES256"}"#, "[]")).unwrap();
    assert_eq!(array.claims().unwrap_err(), JoseError::NotAnObject);
}

#[test]
fn openid4vp_8_3_what_is_encrypted_for_a_key_decrypts_with_it_alone() {
    let key = DecryptionKey::draw(&leerpas_core::OsEntropy);
    for enc in ["A128GCM", "A256GCM"] {
        let token = encrypt(b"{\"vp_token\":1}", &key.public_jwk("k1"), enc).unwrap();
        let header: Value =
            serde_json::from_slice(&decode_base64url(token.split('.').next().unwrap()).unwrap()).unwrap();
        assert_eq!((&header["alg"], &header["enc"], &header["kid"]), (&json!("ECDH-ES"), &json!(enc), &json!("k1")));
        assert_eq!(key.decrypt(&token).unwrap(), b"{\"vp_token\":1}");
        let again = DecryptionKey::from_private(&key.private()).unwrap();
        assert_eq!(again.decrypt(&token).unwrap(), b"{\"vp_token\":1}");
        assert_eq!(DecryptionKey::draw(&leerpas_core::OsEntropy).decrypt(&token).unwrap_err(), JoseError::Decryption);
    }
}

#[test]
fn security_a26_a_bad_jwe_is_refused_with_one_answer_for_key_and_tag() {
    let key = DecryptionKey::draw(&leerpas_core::OsEntropy);
    let token = encrypt(b"secret", &key.public_jwk("k1"), "A256GCM").unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let tag = encode_base64url(&[7; 16]);
    let bad_tag = [parts[0], parts[1], parts[2], parts[3], tag.as_str()].join(".");
    assert_eq!(key.decrypt(&bad_tag).unwrap_err(), JoseError::Decryption);
    for bytes in [0, 4, 8, 12, 15] {
        let tag = encode_base64url(&decode_base64url(parts[4]).unwrap()[..bytes]);
        let shorter = [parts[0], parts[1], parts[2], parts[3], tag.as_str()].join(".");
        assert_eq!(key.decrypt(&shorter).unwrap_err(), JoseError::Decryption, "{bytes} bytes of the tag");
    }
    let header = |change: &dyn Fn(&mut Value)| {
        let mut header: Value = serde_json::from_slice(&decode_base64url(parts[0]).unwrap()).unwrap();
        change(&mut header);
        let header = encode_base64url(header.to_string().as_bytes());
        key.decrypt(&[header.as_str(), parts[1], parts[2], parts[3], parts[4]].join(".")).unwrap_err()
    };
    for alg in ["RSA1_5", "dir", "PBES2-HS256+A128KW", "ECDH-ES+A128KW", "none"] {
        assert_eq!(header(&|h| h["alg"] = json!(alg)), JoseError::Algorithm, "{alg}");
    }
    assert_eq!(header(&|h| h["enc"] = json!("A128CBC-HS256")), JoseError::Algorithm);
    assert_eq!(header(&|h| h["zip"] = json!("DEF")), JoseError::Parameter("zip"));
    assert_eq!(header(&|h| h["p2c"] = json!(2_147_483_648_u64)), JoseError::Parameter("p2c"));
    assert_eq!(header(&|h| h["crit"] = json!([])), JoseError::Parameter("crit"));
    assert_eq!(header(&|h| h["epk"]["d"] = json!("AAAA")), JoseError::Decryption);
    assert_eq!(header(&|h| h["epk"]["x"] = h["epk"]["y"].clone()), JoseError::Decryption);
    assert_eq!(header(&|h| h["epk"] = json!(null)), JoseError::Decryption);
    assert_eq!(key.decrypt(&parts[..4].join(".")).unwrap_err(), JoseError::Form);
    assert_eq!(key.decrypt("").unwrap_err(), JoseError::Form);
}

#[test]
fn a_recipient_key_of_another_kind_is_refused() {
    let key = DecryptionKey::draw(&leerpas_core::OsEntropy);
    let with = |name: &str, value: Value| {
        let mut jwk = key.public_jwk("k");
        jwk[name] = value;
        encrypt(b"x", &jwk, "A256GCM").unwrap_err()
    };
    assert_eq!(with("alg", json!("RSA-OAEP")), JoseError::Algorithm);
    assert!(matches!(with("use", json!("sig")), JoseError::Key(_)));
    assert!(matches!(with("d", json!("AAAA")), JoseError::Key(_)));
    assert!(matches!(with("crv", json!("P-521")), JoseError::Key(_)));
    assert_eq!(encrypt(b"x", &key.public_jwk("k"), "A128CBC-HS256").unwrap_err(), JoseError::Algorithm);
}
