//! Proofs that build on one another, and a way of proving that is known by name alone.

use serde_json::{Value, json};

use super::*;
use crate::{
    data_integrity::SignedData,
    jsonld::{Contexts, HashAlgorithm},
};

/// Adds a proof with a name, which builds on those of the names.
fn add(world: &World, badge: &mut Value, id: &str, previous: &[&str], method: &str, key: &IssuerKey) {
    let mut proof = json!({
        "type": "DataIntegrityProof", "id": id, "cryptosuite": "eddsa-rdfc-2022", "created": world.now.to_string(),
        "verificationMethod": method, "proofPurpose": "assertionMethod"
    });
    if !previous.is_empty() {
        proof["previousProof"] = json!(previous);
    }
    let members = proof.as_object().unwrap();
    let signed = SignedData::of(badge, members, HashAlgorithm::Sha256, Contexts::known()).unwrap();
    let signature = key.sign(&signed.message());
    proof["proofValue"] = json!(format!("z{}", bs58::encode(signature).into_string()));
    if badge.get("proof").is_none() {
        badge["proof"] = json!([]);
    }
    badge["proof"].as_array_mut().unwrap().push(proof);
}

fn unsigned(world: &World) -> Value {
    let mut badge: Value = serde_json::from_slice(&world.badge(|_| {})).unwrap();
    badge.as_object_mut().unwrap().remove("proof");
    badge
}

/// A notary signs first, and the issuer over that.
fn notarised(world: &World) -> Value {
    let notary = IssuerKey::make_ed25519(&world.entropy);
    let mut badge = unsigned(world);
    add(world, &mut badge, "urn:p:1", &[], &notary.public().did_key().unwrap(), &notary);
    add(world, &mut badge, "urn:p:2", &["urn:p:1"], &format!("{DID}#badge"), &world.badge_key);
    badge
}

fn report(world: &World, badge: &Value) -> Report {
    world.check(badge.to_string().as_bytes())
}

#[test]
fn vc_di_4_5_a_chain_holds_when_every_proof_in_it_does() {
    let world = World::new();
    let report = report(&world, &notarised(&world));
    assert_eq!(found(&report, CheckName::Signature), PASS, "{report:#?}");
    assert_eq!(report.verdict, Verdict::Valid);
    let parts = &report.check(CheckName::Signature).unwrap().parts;
    assert_eq!(parts.iter().map(|part| part.result).collect::<Vec<_>>(), [CheckResult::Pass, CheckResult::Pass]);
    assert!(parts[0].name.starts_with("eddsa-rdfc-2022 did:key:"), "{}", parts[0].name);
}

#[test]
fn security_b10_a_proof_does_not_hold_on_one_that_does_not() {
    let world = World::new();
    let mut badge = unsigned(&world);
    let notary = IssuerKey::make_ed25519(&world.entropy);
    let stranger = IssuerKey::make_ed25519(&world.entropy);
    // The issuer signs over what it takes for the notary's proof.
    add(&world, &mut badge, "urn:p:1", &[], &notary.public().did_key().unwrap(), &stranger);
    add(&world, &mut badge, "urn:p:2", &["urn:p:1"], &format!("{DID}#badge"), &world.badge_key);
    let report = report(&world, &badge);
    assert_eq!(found(&report, CheckName::Signature), fails(Reason::PreviousProof), "{report:#?}");
    assert_eq!(report.check(CheckName::Signature).unwrap().parts[0].reason, Some(Reason::BadSignature));
}

#[test]
fn security_b10_a_missing_or_circular_previous_proof_is_refused_in_the_verdict() {
    let world = World::new();
    let mut missing = notarised(&world);
    missing["proof"].as_array_mut().unwrap().remove(0);
    assert_eq!(found(&report(&world, &missing), CheckName::Signature), fails(Reason::PreviousProof));
    let mut circular = notarised(&world);
    circular["proof"][0]["previousProof"] = json!("urn:p:2");
    assert_eq!(found(&report(&world, &circular), CheckName::Signature), fails(Reason::PreviousProof));
}

#[test]
fn a_previous_proof_that_cannot_be_checked_leaves_it_open() {
    let world = World::new();
    let mut badge = unsigned(&world);
    let far = IssuerKey::make_ed25519(&world.entropy);
    add(&world, &mut badge, "urn:p:1", &[], "did:web:notaris.example#key-1", &far);
    add(&world, &mut badge, "urn:p:2", &["urn:p:1"], &format!("{DID}#badge"), &world.badge_key);
    let report = report(&world, &badge);
    assert_eq!(found(&report, CheckName::Signature), unknown(Reason::PreviousProof), "{report:#?}");
    assert_eq!(report.verdict, Verdict::Unknown);
}

#[test]
fn another_proof_of_the_issuer_that_does_not_build_on_it_still_decides() {
    let world = World::new();
    let mut badge = notarised(&world);
    badge["proof"][0]["created"] = json!("2020-01-01T00:00:00Z");
    add(&world, &mut badge, "urn:p:3", &[], &format!("{DID}#badge"), &world.badge_key);
    let report = report(&world, &badge);
    assert_eq!(found(&report, CheckName::Signature), (CheckResult::Warn, Some(Reason::OtherProofFailed)));
    let reasons: Vec<_> =
        report.check(CheckName::Signature).unwrap().parts.iter().map(|part| (part.result, part.reason)).collect();
    assert_eq!(reasons, [fails(Reason::BadSignature), fails(Reason::BadSignature), PASS]);
}

#[test]
fn bbs_2023_could_not_be_checked_and_is_named() {
    let world = World::new();
    let mut badge: Value = serde_json::from_slice(&world.badge(|_| {})).unwrap();
    badge["proof"]["cryptosuite"] = json!("bbs-2023");
    badge["proof"]["proofValue"] = json!("u2V0DhVhA");
    let (checked, asked) = world.run(badge.to_string().as_bytes(), world.policy(), |url| world.server(url));
    assert_eq!(found(&checked.report, CheckName::Signature), unknown(Reason::BbsNotSupported));
    assert_eq!(checked.report.verdict, Verdict::Unknown);
    assert!(checked.report.check(CheckName::Signature).unwrap().detail.contains("bbs-2023"));
    assert!(asked.is_empty(), "{asked:?}");
}
