//! Hostile tokens, by the numbers of the list of inputs (security.md, 2.A), those that have no test beside the code that
//! refuses them. Each goes the whole way, from bytes to report.

use serde_json::{Value, json};

use super::*;
use crate::{
    jose::encode_base64url,
    read::ReadError,
    sd_jwt::{HashAlgorithm, KeyBinding, SdJwt, SdJwtError},
};

fn disclosure(content: &Value) -> (String, String) {
    let text = encode_base64url(content.to_string().as_bytes());
    let digest = HashAlgorithm::Sha256.digest(&text);
    (text, digest)
}

impl World {
    /// Claims as they are, signed by the issuer, with these disclosures behind them, whatever rules they break.
    fn raw(&self, change: impl Fn(&mut Value), disclosures: &[&str]) -> Vec<u8> {
        let mut claims = self.claims();
        change(&mut claims);
        let jwt = sign_compact(&self.x5c_header(), claims.to_string().as_bytes(), &self.key).unwrap();
        let sent = disclosures.iter().fold(format!("{jwt}~"), |token, text| format!("{token}{text}~"));
        sent.into_bytes()
    }

    fn refused(&self, change: impl Fn(&mut Value), disclosures: &[&str]) -> SdJwtError {
        match read(&self.raw(change, disclosures)) {
            Err(ReadError::SdJwt(error)) => error,
            other => panic!("{:?}", other.map(|_| ())),
        }
    }
}

#[test]
fn security_a01_a02_no_key_of_the_issuer_is_ever_a_shared_secret() {
    let world = World::new();
    let payload = encode_base64url(world.claims().to_string().as_bytes());
    for alg in ["HS256", "HS384", "HS512", "none", "None", ""] {
        let header = encode_base64url(json!({"alg": alg, "typ": "dc+sd-jwt", "x5c": world.x5c}).to_string().as_bytes());
        for signature in ["", "AAAA"] {
            let error = read(format!("{header}.{payload}.{signature}~").as_bytes()).unwrap_err();
            assert_eq!(error.kind(), leerpas_core::ErrorKind::CredentialNotGenuine, "{alg} {signature}");
        }
    }
}

#[test]
fn security_a04_addresses_in_header_or_payload_are_never_asked() {
    let world = World::new();
    let evil = "https://evil.example/keys";
    let mut header = world.x5c_header();
    (header["jku"], header["x5u"]) = (json!(evil), json!("https://192.168.1.1/certificate"));
    let mut claims = world.claims();
    (claims["jwks_uri"], claims["jku"]) = (json!(evil), json!(evil));
    let (checked, asked) =
        world.run(&world.sd_jwt(claims, header, &[], &world.key), world.policy(), |url| world.server(url));
    assert_eq!((checked.report.verdict, asked.len()), (Verdict::Valid, 0), "{asked:?}");
}

#[test]
fn security_a16_an_unknown_hash_is_refused() {
    let world = World::new();
    for bad in [json!("md5"), json!("sha-1"), json!("sha-3"), json!(256)] {
        assert_eq!(world.refused(|claims| claims["_sd_alg"] = bad.clone(), &[]), SdJwtError::HashAlgorithm, "{bad}");
    }
}

#[test]
fn security_a17_a_disclosure_of_another_shape_or_with_a_reserved_name_is_refused() {
    let world = World::new();
    for (content, error) in [
        (json!(["salt", "value"]), SdJwtError::DisclosureShape),
        (json!([]), SdJwtError::DisclosureShape),
        (json!(["salt", "name", "value", "more"]), SdJwtError::DisclosureShape),
        (json!([7, "name", "value"]), SdJwtError::DisclosureShape),
        (json!(["salt", "_sd", ["digest"]]), SdJwtError::ReservedName),
        (json!(["salt", "...", "value"]), SdJwtError::ReservedName),
    ] {
        let (text, digest) = disclosure(&content);
        assert_eq!(world.refused(|claims| claims["_sd"] = json!([digest]), &[&text]), error, "{content}");
    }
    let (text, digest) = disclosure(&json!(["salt", "name", "value"]));
    let in_array = |claims: &mut Value| claims["list"] = json!([{"...": digest}]);
    assert_eq!(world.refused(in_array, &[&text]), SdJwtError::DisclosureShape);
}

#[test]
fn security_a18_a_digest_that_occurs_twice_is_refused() {
    let world = World::new();
    let (inner, digest) = disclosure(&json!(["salt", "degree", "BSc"]));
    let (outer, outer_digest) = disclosure(&json!(["salt", "study", {"_sd": [digest]}]));
    let within = |claims: &mut Value| claims["_sd"] = json!([digest, outer_digest]);
    assert_eq!(world.refused(within, &[&inner, &outer]), SdJwtError::DuplicateDigest);
    assert_eq!(world.refused(|claims| claims["_sd"] = json!([digest, digest]), &[]), SdJwtError::DuplicateDigest);
}

#[test]
fn security_a19_a_disclosure_without_digest_twice_or_of_another_credential_is_refused() {
    let world = World::new();
    let (text, digest) = disclosure(&json!(["salt", "degree", "BSc"]));
    assert_eq!(world.refused(|_| {}, &[&text]), SdJwtError::Unreferenced);
    assert_eq!(world.refused(|claims| claims["_sd"] = json!([digest]), &[&text, &text]), SdJwtError::DuplicateDigest);
    let other = String::from_utf8(world.with(|_| {})).unwrap();
    let foreign = other.split('~').nth(1).unwrap();
    assert_eq!(world.refused(|claims| claims["_sd"] = json!([digest]), &[&text, foreign]), SdJwtError::Unreferenced);
}

#[test]
fn security_a20_a_disclosure_never_overwrites_a_claim() {
    let world = World::new();
    for name in ["iss", "cnf", "exp", "vct"] {
        let (text, digest) = disclosure(&json!(["salt", name, "another"]));
        assert_eq!(
            world.refused(|claims| claims["_sd"] = json!([digest]), &[&text]),
            SdJwtError::ClaimExists,
            "{name}"
        );
    }
}

#[test]
fn security_a21_what_decides_may_not_be_kept_back() {
    let world = World::new();
    for name in ["exp", "nbf", "cnf", "status"] {
        let mut claims = world.claims();
        claims["nbf"] = json!(world.now.as_second() - 60);
        claims["status"] = json!({"status_list": {"idx": 0, "uri": LIST_URL}});
        let hidden = world.sd_jwt(claims, world.x5c_header(), &[vec![name.into()]], &world.key);
        assert_eq!(found(&world.check(&hidden), CheckName::Format), fails(Reason::Malformed), "{name}");
    }
    // Kept back, the key to prove is missing, and a holder who must prove one cannot.
    let hidden = world.sd_jwt(world.claims(), world.x5c_header(), &[vec!["cnf".into()]], &world.key);
    let whole = SdJwt::parse(std::str::from_utf8(&hidden).unwrap()).unwrap();
    let less = SdJwt::parse(&whole.present(&[]).unwrap()).unwrap();
    let sent = KeyBinding::append(&less, &world.holder, "x509_hash:desk", "n-1", world.now).unwrap();
    let report = world.run(sent.as_bytes(), world.asked(), |_| None).0.report;
    assert_eq!(found(&report, CheckName::Holder), fails(Reason::NotBound));
}

#[test]
fn security_a24_a_key_binding_that_is_right_in_everything_but_its_signature_is_refused() {
    let world = World::new();
    let sent = present_sd_jwt(&world.with(|_| {}), &[], &world.holder, "x509_hash:desk", "n-1", world.now).unwrap();
    let (signed, signature) = sent.rsplit_once('.').unwrap();
    let stranger = HolderKey::make(&world.entropy);
    let own = signed.rsplit('~').next().unwrap();
    for bad in [encode_base64url(&[0; 64]), encode_base64url(&stranger.sign(own.as_bytes())), String::new()] {
        let report = world.run(format!("{signed}.{bad}").as_bytes(), world.asked(), |_| None).0.report;
        assert_eq!(found(&report, CheckName::Holder), fails(Reason::KeyBindingInvalid), "{bad}");
        assert_eq!(report.verdict, Verdict::Invalid);
    }
    let report = world.run(format!("{signed}.{signature}").as_bytes(), world.asked(), |_| None).0.report;
    assert_eq!(report.verdict, Verdict::Valid);
}

#[test]
fn security_a28_nothing_is_fetched_for_a_vct_when_it_is_checked() {
    let world = World::new();
    for vct in ["https://192.168.1.1/type", "http://localhost/type", "https://evil.example/type", "urn:x"] {
        let (checked, asked) =
            world.run(&world.with(|c| c["vct"] = json!(vct)), world.policy(), |url| world.server(url));
        let own = |url: &String| !url.contains("192.168") && !url.contains("localhost") && !url.starts_with("http:");
        assert!(asked.iter().all(own), "{asked:?}");
        assert_eq!(found(&checked.report, CheckName::Signature), PASS, "{vct}");
    }
}

#[test]
fn rfc9901_7_3_a_key_binding_is_needed_by_policy_and_never_by_what_was_sent() {
    let world = World::new();
    let bare = world.run(&world.with(|_| {}), world.asked(), |_| None).0.report;
    assert_eq!(found(&bare, CheckName::Holder), fails(Reason::KeyBindingMissing));
    let sent = present_sd_jwt(&world.with(|_| {}), &[], &world.holder, "x509_hash:desk", "n-1", world.now).unwrap();
    let (content, _) = sent.rsplit_once('~').unwrap();
    // `none` in the key binding is no algorithm (7.3, step 5.a).
    let header = encode_base64url(br#"{"alg":"none","typ":"kb+jwt"}"#);
    let unsigned = format!("{content}~{header}.{}.", sent.rsplit('.').nth(1).unwrap());
    let report = world.run(unsigned.as_bytes(), world.asked(), |_| None).0.report;
    assert_eq!(found(&report, CheckName::Holder), fails(Reason::KeyBindingInvalid));
}
