//! Proofs as they are made and verified.

use leerpas_core::CountingEntropy;
use serde_json::json;

use super::*;
use crate::keys::IssuerKey;

fn credential() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "did:example:school", "type": ["Profile"], "name": "Hogeschool Voorbeeld"},
        "validFrom": "2026-02-01T00:00:00Z",
        "credentialSubject": {"type": ["AchievementSubject"], "achievement": {
            "id": "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11", "type": ["Achievement"], "name": "Datastructuren",
            "description": "Lijsten en bomen", "criteria": {"narrative": "Toets"}, "creditsAvailable": 4.5
        }}
    })
}

fn options() -> ProofOptions {
    ProofOptions {
        verification_method: "did:example:school#key-1".to_owned(),
        purpose: "assertionMethod".to_owned(),
        created: "2026-02-01T12:00:00Z".parse().unwrap(),
        challenge: None,
        domain: None,
    }
}

#[test]
fn what_is_signed_verifies_and_any_change_does_not() {
    let entropy = CountingEntropy::default();
    for key in [IssuerKey::make_ed25519(&entropy), IssuerKey::make_p256(&entropy)] {
        let signed = sign(credential(), &options(), &key).unwrap();
        let proof = &proofs(&signed).unwrap()[0];
        verify_proof(&signed, proof, &key.public()).unwrap();
        assert_eq!(proof.purpose, "assertionMethod");
        assert_eq!(proof.created, Some(options().created));

        let mut other = signed.clone();
        other["credentialSubject"]["achievement"]["creditsAvailable"] = json!(45);
        assert!(matches!(verify_proof(&other, proof, &key.public()), Err(ProofError::Signature(_))));
        let mut other = signed.clone();
        other["proof"]["created"] = json!("2026-02-02T12:00:00Z");
        assert!(matches!(
            verify_proof(&other, &proofs(&other).unwrap()[0], &key.public()),
            Err(ProofError::Signature(_))
        ));
    }
}

#[test]
fn a_key_of_another_kind_is_refused() {
    let entropy = CountingEntropy::default();
    let (ed, p256) = (IssuerKey::make_ed25519(&entropy), IssuerKey::make_p256(&entropy));
    let signed = sign(credential(), &options(), &ed).unwrap();
    let proof = &proofs(&signed).unwrap()[0];
    assert_eq!(verify_proof(&signed, proof, &p256.public()), Err(ProofError::WrongKey));
}

#[test]
fn security_b01_an_added_property_without_definition_is_refused() {
    let key = IssuerKey::make_ed25519(&CountingEntropy::default());
    let mut signed = sign(credential(), &options(), &key).unwrap();
    signed["credentialSubject"]["gpa"] = json!("10");
    let proof = &proofs(&signed).unwrap()[0];
    assert_eq!(
        verify_proof(&signed, proof, &key.public()),
        Err(ProofError::JsonLd(JsonLdError::UndefinedTerm { term: "gpa".to_owned() }))
    );
}

#[test]
fn security_b09_each_proof_of_a_set_is_verified_by_itself() {
    let entropy = CountingEntropy::default();
    let (school, stranger) = (IssuerKey::make_ed25519(&entropy), IssuerKey::make_p256(&entropy));
    let signed = sign(credential(), &options(), &school).unwrap();
    let signed = sign(signed, &options(), &stranger).unwrap();
    let set = proofs(&signed).unwrap();
    assert_eq!(set.len(), 2);
    verify_proof(&signed, &set[0], &school.public()).unwrap();
    verify_proof(&signed, &set[1], &stranger.public()).unwrap();
    assert!(verify_proof(&signed, &set[0], &stranger.public()).is_err());
    let mut broken = signed.clone();
    broken["proof"][0]["proofValue"] = broken["proof"][1]["proofValue"].clone();
    let set = proofs(&broken).unwrap();
    assert!(verify_proof(&broken, &set[0], &school.public()).is_err());
    verify_proof(&broken, &set[1], &stranger.public()).unwrap();
}

#[test]
fn security_b10_a_proof_that_builds_on_one_that_is_not_there_is_refused() {
    let key = IssuerKey::make_ed25519(&CountingEntropy::default());
    let mut signed = sign(credential(), &options(), &key).unwrap();
    signed["proof"]["previousProof"] = json!("urn:uuid:f6ab24cd-86e8-4eaf-b8c6-ded74e8fd41c");
    let proof = &proofs(&signed).unwrap()[0];
    assert_eq!(verify_proof(&signed, proof, &key.public()), Err(ProofError::PreviousProof));
}

#[test]
fn security_b04_the_base_context_comes_first() {
    let key = IssuerKey::make_ed25519(&CountingEntropy::default());
    let mut other = credential();
    other["@context"].as_array_mut().unwrap().reverse();
    assert_eq!(sign(other, &options(), &key), Err(ProofError::BaseContext));
    assert_eq!(sign(json!({"@context": []}), &options(), &key), Err(ProofError::BaseContext));
    assert_eq!(sign(json!("x"), &options(), &key), Err(ProofError::BaseContext));
}

#[test]
fn a_document_without_proof_or_with_too_many_is_refused() {
    assert_eq!(proofs(&credential()), Err(ProofError::Missing));
    assert_eq!(proofs(&json!({"proof": []})), Err(ProofError::Missing));
    assert_eq!(proofs(&json!({"proof": vec![json!({}); 9]})), Err(ProofError::TooMany));
}
