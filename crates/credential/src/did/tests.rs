use leerpas_core::CountingEntropy;
use serde_json::{Value, json};

use super::*;
use crate::{
    jose::encode_base64url,
    keys::{HolderKey, IssuerKey},
};

fn url(did: &str) -> Result<Option<String>, DidError> {
    document_url(did).map(|url| url.map(|url| url.to_string()))
}

#[test]
fn did_web_2_5_2_the_address_of_the_document() {
    let of = |did: &str| url(did).unwrap().unwrap();
    assert_eq!(of("did:web:school.example"), "https://school.example/.well-known/did.json");
    assert_eq!(of("did:web:school.example:tenants:a"), "https://school.example/tenants/a/did.json");
    assert_eq!(of("did:web:localhost%3A8443"), "https://localhost:8443/.well-known/did.json");
    assert_eq!(of("did:web:localhost%3a8443:a"), "https://localhost:8443/a/did.json");
    assert_eq!(url("did:key:zDn"), Ok(None));
    assert_eq!(url("did:jwk:eyJ"), Ok(None));
    assert_eq!(host_of("did:web:School.example:a").as_deref(), Some("school.example"));
    assert_eq!(host_of("https://school.example/x").as_deref(), Some("school.example"));
    assert_eq!(host_of("http://school.example/x"), None);
}

#[test]
fn security_b19_no_address_is_made_of_a_hostile_did_web() {
    let long = format!("did:web:{}.example", "a".repeat(5_000));
    for bad in [
        "did:web:",
        "did:web:127.0.0.1",
        "did:web:127.0.0.1%3A22",
        "did:web:0x7f000001",
        "did:web:2130706433",
        "did:web:%5B%3A%3A1%5D",
        "did:web:a%40b.example",
        "did:web:a@b.example",
        "did:web:school.example:..:x",
        "did:web:school.example:.",
        "did:web:school.example:%2e%2e",
        "did:web:school.example::x",
        "did:web:school.example%2Fevil",
        "did:web:school.example/evil",
        "did:web:school.example?x",
        "did:web:school.example#k",
        "did:web:school.example%3A0",
        "did:web:school.example%3A99999",
        "did:web:school.example%3A+443",
        "did:web:school.example%3A80%3A80",
        "did:web:xn--a b",
        "did:web:schöol.example",
        &long,
        "did:",
        "did:web",
        "web:school.example",
        "",
    ] {
        assert_eq!(url(bad), Err(DidError::Malformed), "{bad}");
    }
    assert_eq!(url("did:ethr:0xabc"), Err(DidError::Unsupported));
    assert_eq!(url("did:WEB:school.example"), Err(DidError::Malformed));
}

#[test]
fn did_key_and_did_jwk_carry_their_key() {
    let entropy = CountingEntropy::default();
    let holder = HolderKey::make(&entropy);
    let issuer = IssuerKey::make_ed25519(&entropy);
    let multikey = issuer.public().to_multikey().unwrap();
    for (did, fragment, key) in [
        (holder.did_jwk(), "0".to_owned(), holder.public()),
        (format!("did:key:{multikey}"), multikey, issuer.public()),
    ] {
        let document = DidDocument::resolve_local(&did).unwrap().unwrap();
        for purpose in [Purpose::Assertion, Purpose::Authentication] {
            assert_eq!(document.key(&format!("{did}#{fragment}"), purpose).unwrap(), key);
            assert_eq!(document.key(&did, purpose).unwrap(), key, "a bare DID names its one key");
            assert_eq!(document.key(&format!("{did}#other"), purpose).unwrap_err(), DidError::NoSuchKey);
        }
    }
    assert!(DidDocument::resolve_local("did:web:a.example").unwrap().is_none());
}

#[test]
fn did_key_begins_with_the_kind_of_its_key() {
    for (did, curve) in [
        ("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", "Ed25519"),
        ("did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169", "P-256"),
        ("did:key:z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9", "P-384"),
    ] {
        let document = DidDocument::resolve_local(did).unwrap().unwrap();
        let key = document.key(did, Purpose::Assertion).unwrap();
        assert_eq!(key.to_jwk()["crv"], curve, "{did}");
    }
}

#[test]
fn security_b20_a_did_with_a_private_or_broken_key_is_refused() {
    let mut jwk = HolderKey::make(&CountingEntropy::default()).public().to_jwk();
    jwk["d"] = json!("AAAA");
    let did = format!("did:jwk:{}", encode_base64url(jwk.to_string().as_bytes()));
    let error = DidDocument::resolve_local(&did).unwrap_err();
    assert!(matches!(error, DidError::Key(_)));
    assert!(!error.to_string().contains("AAAA"));
    for bad in ["did:jwk:e30", "did:jwk:bm8", "did:jwk:***", "did:key:z6Mk", "did:key:abc", "did:key:"] {
        assert!(DidDocument::resolve_local(bad).is_err(), "{bad}");
    }
}

fn document() -> Value {
    let entropy = CountingEntropy::default();
    let key = || IssuerKey::make_p256(&entropy).public().to_jwk();
    json!({"id": "did:web:a.example",
        "verificationMethod": [
            {"id": "did:web:a.example#1", "controller": "did:web:a.example", "publicKeyJwk": key()},
            {"id": "#2", "controller": "did:web:a.example", "publicKeyJwk": key()},
            {"id": "#3", "controller": "did:web:evil.example", "publicKeyJwk": key()}],
        "assertionMethod": ["#1", "did:web:a.example#3", {"id": "#4", "controller": "did:web:a.example", "publicKeyJwk": key()}],
        "authentication": ["did:web:a.example#2"]})
}

#[test]
fn did_core_5_3_a_key_serves_the_purposes_that_list_it() {
    let parsed = DidDocument::parse(document().to_string().as_bytes(), "did:web:a.example").unwrap();
    let key = |name: &str, purpose| parsed.key(&format!("did:web:a.example#{name}"), purpose);
    assert!(key("1", Purpose::Assertion).is_ok());
    assert_eq!(key("1", Purpose::Authentication), Err(DidError::WrongPurpose));
    assert!(key("2", Purpose::Authentication).is_ok());
    assert!(key("4", Purpose::Assertion).is_ok());
    assert_eq!(key("3", Purpose::Assertion), Err(DidError::WrongPurpose), "another controller's");
    assert_eq!(key("5", Purpose::Assertion), Err(DidError::NoSuchKey));
    assert_eq!(parsed.key("did:web:b.example#1", Purpose::Assertion), Err(DidError::NoSuchKey));
    assert_eq!(parsed.key("did:web:a.example", Purpose::Assertion), Err(DidError::NoSuchKey));
}

#[test]
fn security_b19_a_document_of_another_did_is_refused() {
    let bytes = document().to_string();
    assert_eq!(DidDocument::parse(bytes.as_bytes(), "did:web:b.example").unwrap_err(), DidError::WrongId);
    assert!(matches!(DidDocument::parse(b"<html>", "did:web:a.example"), Err(DidError::Json(_))));
    assert_eq!(DidDocument::parse(b"[]", "did:web:a.example").unwrap_err(), DidError::Malformed);
}
