//! Credentials of which a part is shown: received whole, presented in part.

use serde_json::{Value, json};

use super::*;
use crate::{
    data_integrity::sd::{Pointer, sign_base},
    present::present_part,
};

/// A badge of an issuer with a P-256 `did:key`, with a base proof over these mandatory pointers.
fn base(world: &World, mandatory: &[&str], change: impl Fn(&mut Value)) -> Vec<u8> {
    let did = world.key.public().did_key().unwrap();
    let mut badge: Value = serde_json::from_slice(&world.badge(|badge| badge["name"] = json!("Badge"))).unwrap();
    badge.as_object_mut().unwrap().remove("proof");
    badge["issuer"]["id"] = json!(did);
    badge["credentialSubject"]["result"] =
        json!([{"type": ["Result"], "value": "8"}, {"type": ["Result"], "value": "7"}]);
    change(&mut badge);
    let options = ProofOptions {
        verification_method: format!("{did}#{}", did.trim_start_matches("did:key:")),
        purpose: "assertionMethod".to_owned(),
        created: world.now,
        challenge: None,
        domain: None,
    };
    let mandatory: Vec<Pointer> = mandatory.iter().map(|text| Pointer::parse(text).unwrap()).collect();
    sign_base(badge, &options, &mandatory, &world.key, &world.entropy).unwrap().to_string().into_bytes()
}

fn path(text: &str) -> ClaimPath {
    text.split('.').map(|step| step.parse::<usize>().map_or_else(|_| step.into(), Into::into)).collect()
}

fn shown(world: &World, original: &[u8], paths: &[&str]) -> Value {
    let paths: Vec<ClaimPath> = paths.iter().map(|text| path(text)).collect();
    present_part(original, &paths, &world.holder, "x509_hash:desk", "n-1", world.now).unwrap()
}

fn judged(world: &World, presentation: &Value) -> Report {
    world.run(presentation.to_string().as_bytes(), world.asked(), |_| None).0.report
}

#[test]
fn vc_di_ecdsa_sd_2023_a_base_proof_is_taken_in_whole() {
    let world = World::new();
    let original = base(&world, &["/issuer"], |_| {});
    let report = world.check(&original);
    assert_eq!(found(&report, CheckName::Signature), PASS, "{report:#?}");
    assert_eq!((report.verdict, found(&report, CheckName::Format)), (Verdict::Valid, PASS));
    let mut changed: Value = serde_json::from_slice(&original).unwrap();
    changed["credentialSubject"]["result"][1]["value"] = json!("10");
    assert_eq!(found(&world.check(changed.to_string().as_bytes()), CheckName::Signature), fails(Reason::BadSignature));
}

#[test]
fn vc_di_ecdsa_sd_2023_what_is_chosen_is_shown_and_verifies() {
    let world = World::new();
    let original = base(&world, &["/name"], |_| {});
    let presentation = shown(&world, &original, &["credentialSubject.achievement.name"]);
    let report = judged(&world, &presentation);
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    for name in [CheckName::Format, CheckName::Signature, CheckName::Holder, CheckName::Nonce] {
        assert_eq!(found(&report, name), PASS, "{name:?}");
    }
    let text = presentation.to_string();
    for hidden in ["Lijsten en bomen", "Toets", "\"8\"", "result"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    for open in ["Datastructuren", "Badge", "2026-01-01T00:00:00Z"] {
        assert!(text.contains(open), "{open}");
    }
    // Open Badges 3.0, 8: the schema is about the whole badge, so a part that names it is not broken.
    let named = base(&world, &["/name"], |badge| {
        badge["@context"] = json!([
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
        ]);
        badge["credentialSchema"] = json!([{"id": "https://hogeschool.example/schema",
            "type": "1EdTechJsonSchemaValidator2019"}]);
    });
    let part = judged(&world, &shown(&world, &named, &["credentialSubject.achievement.name", "credentialSchema"]));
    assert_eq!((part.verdict, found(&part, CheckName::Format)), (Verdict::Valid, PASS), "{part:#?}");
    let everything = present_data_integrity(&[&original], &world.holder, "x509_hash:desk", "n-1", world.now).unwrap();
    assert_eq!(judged(&world, &everything).verdict, Verdict::Valid);
    assert!(everything.to_string().contains("Lijsten en bomen"));
}

#[test]
fn what_decides_validity_goes_along_even_where_the_issuer_left_it_open() {
    let world = World::new();
    let original = base(&world, &[], |badge| {
        badge["validUntil"] = json!("2026-06-01T00:00:00Z");
        badge["credentialStatus"] = json!({"id": format!("{LIST_URL}#1"), "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation", "statusListIndex": "1", "statusListCredential": LIST_URL});
    });
    let credential = read(&original).unwrap();
    for always in
        ["issuer", "issuer.name", "validUntil", "credentialStatus.id", "credentialSubject", "credentialSubject.id"]
    {
        assert!(!credential.selectable(&path(always)), "{always}");
    }
    for free in
        ["name", "credentialSubject.result.0", "credentialSubject.achievement", "credentialSubject.result.0.value"]
    {
        assert!(credential.selectable(&path(free)), "{free}");
    }
    assert!(!credential.selectable(&path("credentialSubject.achievement.type")), "it comes with its object");
    let presentation = shown(&world, &original, &["name"]);
    assert_eq!(found(&judged(&world, &presentation), CheckName::Validity), fails(Reason::Expired));
    assert!(presentation.to_string().contains(LIST_URL));
}

#[test]
fn security_b22_a_base_proof_is_refused_where_a_derived_one_belongs() {
    let world = World::new();
    let original: Value = serde_json::from_slice(&base(&world, &["/issuer"], |_| {})).unwrap();
    let holder = world.holder.did_jwk();
    let presentation = json!({"@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"], "holder": holder, "verifiableCredential": [original]});
    let options = ProofOptions {
        verification_method: format!("{holder}#0"),
        purpose: "authentication".to_owned(),
        created: world.now,
        challenge: Some("n-1".to_owned()),
        domain: Some("x509_hash:desk".to_owned()),
    };
    let presentation = data_integrity::sign(presentation, &options, &world.holder).unwrap();
    let report = judged(&world, &presentation);
    assert_eq!(found(&report, CheckName::Signature), fails(Reason::BaseProof), "{report:#?}");
    assert_eq!(report.verdict, Verdict::Invalid);
}

#[test]
fn security_b22_a_derived_proof_outside_a_presentation_says_that_it_is_a_part() {
    let world = World::new();
    let credential = read(&base(&world, &["/issuer"], |_| {})).unwrap();
    let part = credential.part(&[path("name")]).unwrap().to_string();
    let report = world.check(part.as_bytes());
    assert_eq!(found(&report, CheckName::Format), (CheckResult::Warn, Some(Reason::PartOnly)), "{report:#?}");
    assert_eq!((report.verdict, found(&report, CheckName::Signature)), (Verdict::Valid, PASS));
    let part = read(part.as_bytes()).unwrap();
    assert!(!part.is_selective() && part.part(&[path("name")]).is_err());
}

#[test]
fn security_b22_forged_mandatory_statements_are_refused() {
    let world = World::new();
    let original = base(&world, &["/issuer", "/name"], |_| {});
    let presentation = shown(&world, &original, &["credentialSubject.achievement.name"]);
    let resign = |change: &dyn Fn(&mut Value)| {
        let mut other = presentation.clone();
        change(&mut other["verifiableCredential"][0]);
        other.as_object_mut().unwrap().remove("proof");
        let options = ProofOptions {
            verification_method: format!("{}#0", world.holder.did_jwk()),
            purpose: "authentication".to_owned(),
            created: world.now,
            challenge: Some("n-1".to_owned()),
            domain: Some("x509_hash:desk".to_owned()),
        };
        found(&judged(&world, &data_integrity::sign(other, &options, &world.holder).unwrap()), CheckName::Signature)
    };
    assert_eq!(resign(&|_| {}), PASS);
    assert_eq!(resign(&|part| part["name"] = json!("Master")), fails(Reason::BadSignature));
    assert_eq!(resign(&|part| drop(part.as_object_mut().unwrap().remove("name"))), fails(Reason::BadSignature));
    assert_eq!(resign(&|part| part["issuer"]["name"] = json!("Andere")), fails(Reason::BadSignature));
}

#[test]
fn a_strangers_base_proof_gives_no_choice() {
    let world = World::new();
    let original: Value = serde_json::from_slice(&world.badge(|_| {})).unwrap();
    let options = ProofOptions {
        verification_method: world.key.public().did_key().unwrap(),
        purpose: "assertionMethod".to_owned(),
        created: world.now,
        challenge: None,
        domain: None,
    };
    let both = sign_base(original, &options, &[], &world.key, &world.entropy).unwrap().to_string();
    assert!(!read(both.as_bytes()).unwrap().is_selective());
}

#[test]
fn vcdm_2_0_b_1_a_credential_of_1_1_goes_into_a_presentation_of_2_0() {
    let world = World::new();
    let original = base(&world, &["/issuer"], |badge| {
        badge["@context"] = json!([
            "https://www.w3.org/2018/credentials/v1",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
            "https://w3id.org/security/data-integrity/v2"
        ]);
        let members = badge.as_object_mut().unwrap();
        let from = members.remove("validFrom").unwrap();
        members.insert("issuanceDate".to_owned(), from);
    });
    let whole = world.check(&original);
    assert_eq!(whole.verdict, Verdict::Valid, "{whole:#?}");
    let presentation = shown(&world, &original, &["credentialSubject.achievement.name"]);
    let report = judged(&world, &presentation);
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
}
