//! W3C credentials secured with JOSE: VCDM 2.0 as an SD-JWT and as a JWS, VCDM 1.1 as a JWT; and their presentations.

use leerpas_core::Format;
use serde_json::{Value, json};

use super::*;
use crate::{
    jose::encode_base64url,
    present::present_jwt,
    read::{ReadError, Unverified},
};

const V1: &str = "https://www.w3.org/2018/credentials/v1";
const V2: &str = "https://www.w3.org/ns/credentials/v2";
const DESK: &str = "x509_hash:desk";

impl World {
    /// A diploma of the data model 2.0.
    fn diploma(&self) -> Value {
        json!({"@context": [V2], "id": "urn:uuid:6a1f2c1e-9f55-4a50-9a19-0d1c3f6b0002",
            "type": ["VerifiableCredential"], "issuer": {"id": DID, "name": "Hogeschool Delta"},
            "validFrom": "2026-01-01T00:00:00Z", "credentialSubject": {"id": self.holder.did_jwk(),
                "name": "Sanne Voorbeeld", "title": "Datastructuren"}})
    }

    /// Signed by a key that the DID document lists under `assertionMethod`.
    fn jws(&self, header: Value, claims: &Value) -> Vec<u8> {
        let mut header = header;
        header["kid"] = json!(format!("{DID}#badge"));
        sign_compact(&header, claims.to_string().as_bytes(), &self.badge_key).unwrap().into_bytes()
    }

    fn vc_jwt(&self, change: impl Fn(&mut Value)) -> Vec<u8> {
        let mut claims = self.diploma();
        change(&mut claims);
        self.jws(json!({"typ": "vc+jwt", "cty": "vc"}), &claims)
    }

    /// A diploma of the data model 1.1, with the members that its section 6.3.1 takes out of `vc`.
    fn vc_11(&self, change: impl Fn(&mut Value)) -> Vec<u8> {
        let from = self.now.as_second() - 1000;
        let mut claims = json!({"iss": DID, "sub": self.holder.did_jwk(), "jti": "urn:uuid:1", "nbf": from,
            "exp": self.now.as_second() + 1000, "vc": {"@context": [V1], "type": ["VerifiableCredential"],
                "credentialSubject": {"title": "Datastructuren"}}});
        change(&mut claims);
        self.jws(json!({"typ": "JWT"}), &claims)
    }

    fn w3c_sd_jwt(&self, header: Value, change: impl Fn(&mut Value), disclosable: &[ClaimPath]) -> Vec<u8> {
        let mut header = header;
        header["kid"] = json!(format!("{DID}#badge"));
        let mut claims = self.diploma();
        change(&mut claims);
        issue(Issuance { header, claims, disclosable, decoys: 1 }, &self.badge_key, &self.entropy).unwrap().into_bytes()
    }

    fn look(&self, bytes: &[u8], policy: Policy) -> Report {
        self.run(bytes, policy, |url| self.server(url)).0.report
    }

    /// A presentation signed by this key, whatever it holds.
    fn vp(&self, header: Value, claims: Value, key: &HolderKey) -> Vec<u8> {
        sign_compact(&header, claims.to_string().as_bytes(), key).unwrap().into_bytes()
    }

    /// The claims of a good presentation of the data model 2.0 around these contents.
    fn vp_claims(&self, content: Value) -> Value {
        json!({"@context": [V2], "type": ["VerifiablePresentation"], "holder": self.holder.did_jwk(), "aud": DESK,
            "nonce": "n-1", "iat": self.now.as_second(), "verifiableCredential": content})
    }
}

fn name_path() -> ClaimPath {
    vec!["credentialSubject".into(), "name".into()]
}

fn title_path() -> ClaimPath {
    vec!["credentialSubject".into(), "title".into()]
}

fn envelope(media_type: &str, token: &[u8]) -> Value {
    let token = std::str::from_utf8(token).unwrap();
    json!({"@context": V2, "type": "EnvelopedVerifiableCredential", "id": format!("data:{media_type},{token}")})
}

fn reading(bytes: &[u8]) -> Result<Unverified, ReadError> {
    read(bytes)
}

#[test]
fn vc_jose_cose_3_1_1_a_credential_as_vc_jwt_is_verified() {
    let world = World::new();
    let credential = world.vc_jwt(|_| {});
    assert_eq!(reading(&credential).unwrap().format(), Format::JwtVc);
    let report = world.check(&credential);
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    let changed = String::from_utf8(credential).unwrap();
    let parts: Vec<&str> = changed.split('.').collect();
    let mut other = world.diploma();
    other["credentialSubject"]["title"] = json!("Iets anders");
    let forged = format!("{}.{}.{}", parts[0], encode_base64url(other.to_string().as_bytes()), parts[2]);
    assert_eq!(found(&world.check(forged.as_bytes()), CheckName::Signature), fails(Reason::BadSignature));
}

#[test]
fn vc_jose_cose_3_1_1_no_vc_and_no_vp_beside_a_credential_of_2_0() {
    let world = World::new();
    for name in ["vc", "vp"] {
        for value in
            [json!({"type": "VerifiableCredential"}), json!("x"), json!({}), json!({"type": "VerifiablePresentation"})]
        {
            let mixed = world.vc_jwt(|claims| claims[name] = value.clone());
            assert!(reading(&mixed).is_err(), "{name} {value}");
            let mixed = world.w3c_sd_jwt(json!({"typ": "vc+sd-jwt"}), |claims| claims[name] = value.clone(), &[]);
            assert_eq!(reading(&mixed).unwrap_err(), ReadError::MixedModels, "{name} {value}");
        }
    }
    let inner = json!({"vc": world.diploma()});
    assert_eq!(reading(&world.jws(json!({"typ": "vc+jwt"}), &inner)).unwrap_err(), ReadError::MixedModels);
}

#[test]
fn vc_jose_cose_3_1_1_typ_and_cty_name_a_credential() {
    let world = World::new();
    let format = |header: Value| found(&world.check(&world.jws(header, &world.diploma())), CheckName::Format);
    let loose = (CheckResult::Warn, Some(Reason::LooseForm));
    assert_eq!(format(json!({"typ": "application/vc+jwt", "cty": "application/vc"})), PASS);
    assert_eq!(format(json!({"typ": "JWT"})), PASS, "Open Badges 3.0, 8.2.3");
    assert_eq!(format(json!({})), PASS);
    assert_eq!(format(json!({"typ": "vc-ld+jwt"})), loose);
    assert_eq!(format(json!({"typ": "vc+jwt", "cty": "vc+ld+json"})), loose);
    for header in [
        json!({"typ": "dc+sd-jwt"}),
        json!({"typ": "id_token"}),
        json!({"typ": 1}),
        json!({"typ": "vc+jwt", "cty": "JWT"}),
        json!({"typ": "vc+jwt", "cty": null}),
    ] {
        assert_eq!(format(header.clone()), fails(Reason::UnexpectedType), "{header}");
    }
}

#[test]
fn vc_jose_cose_4_1_1_kid_is_a_did_url_of_the_issuer() {
    let world = World::new();
    let of = |kid: Value| {
        let header = json!({"typ": "vc+jwt", "kid": kid});
        let token = sign_compact(&header, world.diploma().to_string().as_bytes(), &world.badge_key).unwrap();
        world.run(token.as_bytes(), world.policy(), |url| world.server(url))
    };
    assert_eq!(of(json!(format!("{DID}#badge"))).0.report.verdict, Verdict::Valid);
    for other in ["did:web:evil.example#badge", "did:web:hogeschool.example#nothing", "https://evil.example/key"] {
        let (checked, asked) = of(json!(other));
        assert_ne!(checked.report.verdict, Verdict::Valid, "{other}");
        assert!(asked.iter().all(|url| !url.contains("evil")), "{other}: {asked:?}");
    }
}

#[test]
fn vc_jose_cose_3_2_1_a_credential_as_an_sd_jwt_is_verified() {
    let world = World::new();
    let typ = || json!({"typ": "vc+sd-jwt"});
    let credential = world.w3c_sd_jwt(typ(), |_| {}, &[name_path(), title_path()]);
    let read = reading(&credential).unwrap();
    assert_eq!(read.format(), Format::W3cSdJwt);
    assert!(read.selectable(&name_path()) && !read.selectable(&["credentialSubject".into()]));
    assert!(read.types().contains(&"https://www.w3.org/2018/credentials#VerifiableCredential".to_owned()));
    let report = world.check(&credential);
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    let format = |bytes: &[u8]| found(&world.check(bytes), CheckName::Format);
    let draft = world.w3c_sd_jwt(json!({"typ": "vc-ld+sd-jwt"}), |_| {}, &[]);
    assert_eq!(format(&draft), (CheckResult::Warn, Some(Reason::LooseForm)));
    assert_eq!(format(&world.w3c_sd_jwt(json!({"typ": "dc+sd-jwt"}), |_| {}, &[])), fails(Reason::UnexpectedType));
    for hidden in ["@context", "issuer", "validFrom", "id"] {
        let path: ClaimPath = vec![hidden.into()];
        let expected = if hidden == "id" { PASS } else { fails(Reason::Malformed) };
        assert_eq!(format(&world.w3c_sd_jwt(typ(), |_| {}, &[path])), expected, "{hidden}");
    }
    let other = world.w3c_sd_jwt(typ(), |claims| claims["iss"] = json!("did:web:other.example"), &[]);
    assert_eq!(format(&other), fails(Reason::Malformed));
}

#[test]
fn content_decides_between_an_sd_jwt_vc_and_a_w3c_credential() {
    let world = World::new();
    let both = world.w3c_sd_jwt(json!({"typ": "vc+sd-jwt"}), |claims| claims["vct"] = json!("urn:x"), &[]);
    assert_eq!(reading(&both).unwrap().format(), Format::SdJwtVc);
    let neither = world.w3c_sd_jwt(json!({"typ": "vc+sd-jwt"}), |claims| claims["type"] = json!("Other"), &[]);
    assert_eq!(found(&world.check(&neither), CheckName::Format), fails(Reason::UnexpectedType));
}

#[test]
fn vcdm_1_1_6_3_1_what_stands_only_beside_vc_counts() {
    let world = World::new();
    let credential = world.vc_11(|_| {});
    let read = reading(&credential).unwrap();
    assert_eq!(read.format(), Format::JwtVc11);
    assert_eq!((read.issuer(), read.holder_ids()), (Some(DID), vec![world.holder.did_jwk()]));
    assert_eq!(read.claims()["id"], json!("urn:uuid:1"));
    assert_eq!(read.claims()["issuanceDate"], json!("2026-11-24T11:43:20Z"));
    let report = world.check(&credential);
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    let expired = world.vc_11(|claims| claims["exp"] = json!(world.now.as_second() - 61));
    assert_eq!(found(&world.check(&expired), CheckName::Validity), fails(Reason::Expired));
    let of_other = world.vc_11(|claims| claims["sub"] = json!(HolderKey::make(&world.entropy).did_jwk()));
    assert_eq!(found(&world.check(&of_other), CheckName::Holder), fails(Reason::OtherHolder));
    let extra = world.vc_11(|claims| claims["email"] = json!("sanne@example.org"));
    assert_eq!(reading(&extra).unwrap().claims()["email"], json!("sanne@example.org"), "what is signed is shown");
}

#[test]
fn vcdm_1_1_6_3_1_what_stands_in_both_places_must_agree() {
    let world = World::new();
    let format = |change: &dyn Fn(&mut Value)| found(&world.check(&world.vc_11(change)), CheckName::Format);
    assert_eq!(format(&|c| c["vc"]["issuer"] = json!({"name": "Hogeschool Delta"})), PASS);
    for (inside, value) in [
        ("/vc/issuer", json!("did:web:other.example")),
        ("/vc/id", json!("urn:uuid:2")),
        ("/vc/credentialSubject/id", json!("did:jwk:other")),
        ("/vc/issuanceDate", json!("2020-01-01T00:00:00Z")),
        ("/vc/expirationDate", json!("2099-01-01T00:00:00Z")),
    ] {
        let (parent, name) = inside.rsplit_once('/').unwrap();
        let change = |claims: &mut Value| claims.pointer_mut(parent).unwrap()[name] = value.clone();
        assert_eq!(format(&change), fails(Reason::Malformed), "{inside}");
    }
    for name in ["iss", "sub", "jti"] {
        assert_eq!(format(&|claims| claims[name] = json!(1)), fails(Reason::Malformed), "{name}");
    }
    let differs = |claims: &mut Value| (claims["level"], claims["vc"]["level"]) = (json!("6"), json!("7"));
    assert_eq!(format(&differs), fails(Reason::Malformed));
    assert_eq!(format(&|c| c["vc"]["@context"] = json!([V2])), (CheckResult::Warn, Some(Reason::LooseForm)));
}

#[test]
fn vcdm_1_1_algorithms_are_es256_eddsa_es384_and_rs256_and_others_are_refused_by_name() {
    let claims = encode_base64url(br#"{"vc":{"type":"VerifiableCredential"}}"#);
    for (alg, name) in [("ES256K", "ES256K"), ("PS256", "PS256"), ("ES512", "ES512")] {
        let header = encode_base64url(json!({"alg": alg}).to_string().as_bytes());
        let error = reading(format!("{header}.{claims}.AAAA").as_bytes()).unwrap_err();
        assert_eq!(error.kind(), leerpas_core::ErrorKind::CredentialUncheckable);
        assert!(error.to_string().contains(name), "{error}");
    }
    for alg in ["ES256", "EdDSA", "ES384", "RS256"] {
        let header = encode_base64url(json!({"alg": alg}).to_string().as_bytes());
        assert!(reading(format!("{header}.{claims}.AAAA").as_bytes()).is_ok(), "{alg}");
    }
}

#[test]
fn a_w3c_sd_jwt_is_presented_with_chosen_claims_and_a_key_binding() {
    let world = World::new();
    let credential = world.w3c_sd_jwt(json!({"typ": "vc+sd-jwt"}), |_| {}, &[name_path(), title_path()]);
    let sent = present_sd_jwt(&credential, &[title_path()], &world.holder, DESK, "n-1", world.now).unwrap();
    let report = world.look(sent.as_bytes(), world.asked());
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    let shown = reading(sent.as_bytes()).unwrap();
    assert_eq!(shown.claims()["credentialSubject"]["title"], json!("Datastructuren"));
    assert!(shown.claims()["credentialSubject"].get("name").is_none());
    let elsewhere = present_sd_jwt(&credential, &[], &world.holder, "x509_hash:other", "n-2", world.now).unwrap();
    let report = world.look(elsewhere.as_bytes(), world.asked());
    assert_eq!(found(&report, CheckName::Nonce), fails(Reason::WrongNonce));
    assert_eq!(found(&report, CheckName::Audience), fails(Reason::WrongAudience));
    let other = HolderKey::make(&world.entropy);
    assert!(present_sd_jwt(&credential, &[], &other, DESK, "n-1", world.now).is_err());
    // A cnf of its own counts before the subject.
    let other_key = json!({"jwk": other.public().to_jwk()});
    let confirmed = world.w3c_sd_jwt(json!({"typ": "vc+sd-jwt"}), |c| c["cnf"] = other_key.clone(), &[]);
    assert_eq!(found(&world.check(&confirmed), CheckName::Holder), fails(Reason::OtherHolder));
}

#[test]
fn vc_jose_cose_3_1_2_and_vcdm_1_1_6_3_1_presentations_are_checked_for_key_nonce_audience_and_time() {
    let world = World::new();
    for credential in [world.vc_jwt(|_| {}), world.vc_11(|_| {}), world.badge(|_| {})] {
        let present = |audience: &str, nonce: &str, now: Timestamp| {
            present_jwt(&credential, &world.holder, audience, nonce, now).unwrap().into_bytes()
        };
        let good = present(DESK, "n-1", world.now);
        let read = reading(&good).unwrap();
        assert!(read.is_presentation());
        assert_eq!(read.format(), reading(&credential).unwrap().format());
        let report = world.look(&good, world.asked());
        assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
        for name in [CheckName::Holder, CheckName::Nonce, CheckName::Audience] {
            assert_eq!(found(&report, name), PASS);
        }
        let of = |bytes: Vec<u8>, name| found(&world.look(&bytes, world.asked()), name);
        assert_eq!(of(present(DESK, "n-2", world.now), CheckName::Nonce), fails(Reason::WrongNonce));
        assert_eq!(of(present("desk", "n-1", world.now), CheckName::Audience), fails(Reason::WrongAudience));
        let old = Timestamp::from_second(world.now.as_second() - 3600).unwrap();
        assert_eq!(of(present(DESK, "n-1", old), CheckName::Holder), fails(Reason::KeyBindingTime));
        assert_eq!(of(credential.clone(), CheckName::Holder), fails(Reason::KeyBindingMissing));
        let other = HolderKey::make(&world.entropy);
        assert!(present_jwt(&credential, &other, DESK, "n-1", world.now).is_err());
        let mut garbage = String::from_utf8(good).unwrap();
        garbage.truncate(garbage.len() - 86);
        garbage.push_str(&encode_base64url(&[9; 64]));
        assert_eq!(of(garbage.into_bytes(), CheckName::Holder), fails(Reason::KeyBindingInvalid), "security A24");
    }
}

#[test]
fn a_presentation_by_another_key_than_the_subjects_is_refused_whatever_it_names() {
    let world = World::new();
    let cheat = HolderKey::make(&world.entropy);
    let content = json!([envelope("application/vc+jwt", &world.vc_jwt(|_| {}))]);
    let of = |header: Value, change: &dyn Fn(&mut Value), key: &HolderKey| {
        let mut claims = world.vp_claims(content.clone());
        change(&mut claims);
        let check = found(&world.look(&world.vp(header, claims, key), world.asked()), CheckName::Holder);
        assert_ne!(check, PASS);
        check
    };
    let own = json!({"typ": "vp+jwt", "kid": format!("{}#0", cheat.did_jwk())});
    assert_eq!(of(own, &|c| c["holder"] = json!(cheat.did_jwk()), &cheat), fails(Reason::OtherHolder));
    let with_jwk = json!({"typ": "vp+jwt", "jwk": cheat.public().to_jwk()});
    assert_eq!(of(with_jwk, &|_| {}, &cheat), fails(Reason::OtherHolder), "security A03");
    assert_eq!(of(json!({"typ": "vp+jwt"}), &|_| {}, &cheat), fails(Reason::KeyBindingInvalid));
    let holder = &world.holder;
    assert_eq!(of(json!({"typ": "vp+jwt"}), &|c| c["iss"] = json!(DID), holder), fails(Reason::OtherHolder));
    assert_eq!(of(json!({"typ": "other+jwt"}), &|_| {}, holder), fails(Reason::KeyBindingInvalid), "security A15");
    assert_eq!(of(json!({"typ": "vp+jwt"}), &|c| c["iat"] = json!("1"), holder), fails(Reason::KeyBindingInvalid));
    let timeless = |claims: &mut Value| drop(claims.as_object_mut().unwrap().remove("iat"));
    assert_eq!(of(json!({"typ": "vp+jwt"}), &timeless, holder), fails(Reason::KeyBindingTime));
    assert_eq!(of(json!({"typ": "vp+jwt"}), &|c| c["aud"] = json!([1]), holder), fails(Reason::KeyBindingInvalid));
    let expired = |claims: &mut Value| claims["exp"] = json!(world.now.as_second() - 120);
    assert_eq!(of(json!({"typ": "vp+jwt"}), &expired, holder), fails(Reason::KeyBindingTime));
}

#[test]
fn an_audience_of_several_verifiers_is_not_for_this_one() {
    let world = World::new();
    let mut claims = world.vp_claims(json!([envelope("application/vc+jwt", &world.vc_jwt(|_| {}))]));
    claims["aud"] = json!([DESK, "x509_hash:other"]);
    let sent = world.vp(json!({"typ": "vp+jwt"}), claims.clone(), &world.holder);
    assert_eq!(found(&world.look(&sent, world.asked()), CheckName::Audience), fails(Reason::WrongAudience));
    claims["aud"] = json!([DESK]);
    let sent = world.vp(json!({"typ": "vp+jwt"}), claims, &world.holder);
    assert_eq!(world.look(&sent, world.asked()).verdict, Verdict::Valid);
}

#[test]
fn vcdm_2_0_4_13_an_envelope_is_a_data_url_of_what_it_says() {
    let world = World::new();
    let (jwt, old) = (world.vc_jwt(|_| {}), world.vc_11(|_| {}));
    let sd_jwt = world.w3c_sd_jwt(json!({"typ": "vc+sd-jwt"}), |_| {}, &[name_path()]);
    let vp = |content: Value| world.vp(json!({"typ": "vp+jwt"}), world.vp_claims(content), &world.holder);
    for good in [envelope("application/vc+jwt", &jwt), envelope("application/vc+sd-jwt", &sd_jwt)] {
        let report = world.look(&vp(json!([good.clone()])), world.asked());
        assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
        assert_eq!(world.check(good.to_string().as_bytes()).verdict, Verdict::Valid, "on its own");
    }
    let mut by_address = envelope("application/vc+jwt", &jwt);
    by_address["id"] = json!("https://evil.example/credential");
    let bound = present_sd_jwt(&sd_jwt, &[], &world.holder, DESK, "n-1", world.now).unwrap();
    for bad in [
        by_address,
        envelope("application/vc+jwt;base64", &jwt),
        envelope("application/vc+sd-jwt", &jwt),
        envelope("application/vc+jwt", &sd_jwt),
        envelope("application/vc+jwt", &old),
        envelope("application/vc+sd-jwt", bound.as_bytes()),
        envelope("application/vc+sd-jwt", &world.with(|_| {})),
        json!(std::str::from_utf8(&jwt).unwrap()),
    ] {
        assert!(reading(&vp(json!([bad.clone()]))).is_err(), "{bad}");
    }
}

#[test]
fn security_b13_what_stands_around_a_signed_token_is_never_shown() {
    let world = World::new();
    let mut forged = envelope("application/vc+jwt", &world.vc_jwt(|_| {}));
    forged["credentialSubject"] = json!({"title": "Iets anders"});
    forged["issuer"] = json!("did:web:evil.example");
    let read = reading(forged.to_string().as_bytes()).unwrap();
    assert_eq!((read.issuer(), &read.claims()["credentialSubject"]["title"]), (Some(DID), &json!("Datastructuren")));
    let mut document = world.diploma();
    document["credentialSubject"]["title"] = json!("Iets anders");
    document["proof"] = json!({"type": "JwtProof2020", "jwt": String::from_utf8(world.vc_jwt(|_| {})).unwrap()});
    let report = world.check(document.to_string().as_bytes());
    assert_ne!(report.verdict, Verdict::Valid);
    assert_ne!(found(&report, CheckName::Signature), PASS);
}

#[test]
fn security_b17_presentations_do_not_nest_and_hold_one_credential() {
    let world = World::new();
    let jwt = world.vc_jwt(|_| {});
    let vp = |content: Value| world.vp(json!({"typ": "vp+jwt"}), world.vp_claims(content), &world.holder);
    let inner = vp(json!([envelope("application/vc+jwt", &jwt)]));
    let old_vp = |content: Value| {
        let claims = json!({"iss": world.holder.did_jwk(), "vp": {"@context": [V1], "type": "VerifiablePresentation",
            "verifiableCredential": content}});
        world.vp(json!({"typ": "JWT"}), claims, &world.holder)
    };
    let as_text = |bytes: &[u8]| json!(std::str::from_utf8(bytes).unwrap());
    for nested in [
        vp(json!([envelope("application/vc+jwt", &inner)])),
        vp(json!([envelope("application/vp+jwt", &inner)])),
        vp(json!([envelope("application/vc+jwt", &jwt), envelope("application/vc+jwt", &jwt)])),
        vp(json!([])),
        vp(json!(null)),
        vp(json!([{"type": "VerifiablePresentation", "verifiableCredential": [world.diploma()]}])),
        old_vp(json!([as_text(&old_vp(json!([as_text(&world.vc_11(|_| {}))])))])),
        old_vp(json!([as_text(&inner)])),
    ] {
        assert!(reading(&nested).is_err());
    }
}

#[test]
fn security_a15_a_presentation_is_no_credential_and_a_credential_no_presentation() {
    let world = World::new();
    let vp_claims = world.vp_claims(json!([envelope("application/vc+jwt", &world.vc_jwt(|_| {}))]));
    for typ in ["vc+jwt", "kb+jwt", "statuslist+jwt", "oauth-authz-req+jwt"] {
        assert!(reading(&world.vp(json!({"typ": typ}), vp_claims.clone(), &world.holder)).is_err(), "{typ}");
    }
    assert!(reading(&world.jws(json!({"typ": "vp+jwt"}), &world.diploma())).is_err());
    let received = world.run(
        &world.vp(json!({"typ": "vp+jwt"}), vp_claims, &world.holder),
        Policy { binding: Binding::NotAsked, ..world.policy() },
        |url| world.server(url),
    );
    assert!(received.0.credential().is_presentation(), "who receives it sees that it is one");
}
