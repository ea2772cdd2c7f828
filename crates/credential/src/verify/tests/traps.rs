//! What real Open Badges do that trips programs up, with the choice for each (the module `verify` says why).

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::*;
use crate::{
    data_integrity::SignedData,
    jsonld::{Contexts, HashAlgorithm},
};

const CONTEXT: &str = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";

/// The badge of these tests without its proof, by this issuer.
fn unsigned(world: &World, issuer: &str) -> Value {
    let mut badge: Value = serde_json::from_slice(&world.badge(|badge| badge["issuer"]["id"] = json!(issuer))).unwrap();
    badge.as_object_mut().unwrap().remove("proof");
    badge
}

fn vectors() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let folder = std::env::var_os("LEERPAS_VECTORS").map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no vectors");
    None
}

#[test]
fn ob3_trap_1_a_badge_signed_under_the_older_of_two_contexts_of_one_address_verifies() {
    let Some(vectors) = vectors() else { return };
    let file = std::fs::read(vectors.join("contexts/ob-v3p0-3.0.3.json")).unwrap();
    let mut older: Value = serde_json::from_slice(&file).unwrap();
    for term in ["endorsementJwt", "jti"] {
        older["@context"].as_object_mut().unwrap().remove(term).unwrap();
    }
    let older = Contexts::known().with(CONTEXT, &older).unwrap();
    let world = World::new();
    let mut badge = unsigned(&world, DID);
    let proof = json!({"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-01-01T00:00:00Z", "verificationMethod": format!("{DID}#badge"),
        "proofPurpose": "assertionMethod"});
    let mut proof: Map<String, Value> = proof.as_object().unwrap().clone();
    let signed = SignedData::of(&badge, &proof, HashAlgorithm::Sha256, &older).unwrap();
    let signature = bs58::encode(world.badge_key.sign(&signed.message())).into_string();
    proof.insert("proofValue".to_owned(), json!(format!("z{signature}")));
    badge["proof"] = Value::Object(proof);
    assert_eq!(world.check(badge.to_string().as_bytes()).verdict, Verdict::Valid);
    // What only the newer file defines was not signed, and is never taken for signed.
    for (term, value) in [("endorsementJwt", json!(["a.b.c"])), ("jti", json!("urn:uuid:1"))] {
        let mut more = badge.clone();
        more[term] = value;
        let report = world.check(more.to_string().as_bytes());
        assert_eq!(found(&report, CheckName::Signature), fails(Reason::BadSignature), "{term}");
    }
}

#[test]
fn ob3_trap_2_a_key_in_the_fragment_of_an_address_can_be_tried_and_says_nothing_of_whose_it_is() {
    let world = World::new();
    let key = &world.badge_key;
    let method = format!("{ISSUER}#{}", key.public().to_multikey().unwrap());
    let signed = world.sign_badge(unsigned(&world, ISSUER), &method, "assertionMethod", key);
    let report = world.check(&signed);
    assert_eq!(found(&report, CheckName::Signature), PASS);
    assert_eq!(found(&report, CheckName::IssuerKey), unknown(Reason::KeyUntied));
    assert_eq!(report.verdict, Verdict::Unknown, "anybody can write an address before a key of their own");
    let mut changed: Value = serde_json::from_slice(&signed).unwrap();
    changed["credentialSubject"]["achievement"]["name"] = json!("Iets anders");
    let report = world.check(changed.to_string().as_bytes());
    assert_eq!(found(&report, CheckName::Signature), fails(Reason::BadSignature));
}

#[test]
fn ob3_trap_2_a_did_key_without_fragment_names_its_one_key() {
    let world = World::new();
    let issuer = IssuerKey::make_ed25519(&world.entropy);
    let did = issuer.public().did_key().unwrap();
    for method in [did.clone(), format!("{did}#{}", did.trim_start_matches("did:key:"))] {
        let report = world.check(&world.sign_badge(unsigned(&world, &did), &method, "assertionMethod", &issuer));
        assert_eq!(report.verdict, Verdict::Valid, "{method}: {report:#?}");
        assert_eq!(found(&report, CheckName::IssuerTrust), (CheckResult::Warn, Some(Reason::NotInList)));
    }
    // A fragment that names another key than the only one names none.
    let other = IssuerKey::make_ed25519(&world.entropy).public().to_multikey().unwrap();
    let wrong = world.sign_badge(unsigned(&world, &did), &format!("{did}#{other}"), "assertionMethod", &issuer);
    assert_eq!(found(&world.check(&wrong), CheckName::IssuerKey), unknown(Reason::KeyUnavailable));
    // Without fragment it is still the key of that DID and of nobody else.
    let foreign = world.sign_badge(unsigned(&world, DID), &did, "assertionMethod", &issuer);
    assert_eq!(found(&world.check(&foreign), CheckName::IssuerKey), fails(Reason::KeyNotOfIssuer));
}

#[test]
fn ob3_trap_3_an_array_of_one_proof_is_that_proof_and_an_empty_one_is_none() {
    let world = World::new();
    let mut badge: Value = serde_json::from_slice(&world.badge(|_| {})).unwrap();
    let proof = badge["proof"].take();
    badge["proof"] = json!([proof]);
    assert_eq!(world.check(badge.to_string().as_bytes()).verdict, Verdict::Valid);
    badge["proof"] = json!([]);
    assert_eq!(found(&world.check(badge.to_string().as_bytes()), CheckName::Signature), fails(Reason::NotSigned));
    badge["proof"] = json!([[proof]]);
    assert_ne!(world.check(badge.to_string().as_bytes()).verdict, Verdict::Valid);
}

/// A comprehensive learner record with these contents under a Data Integrity proof.
fn record(world: &World, contents: Value) -> Vec<u8> {
    let document = json!({"@context": ["https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", CONTEXT],
        "id": "urn:uuid:6a1f2c1e-9f55-4a50-9a19-0d1c3f6b0005", "type": ["VerifiableCredential", "ClrCredential"],
        "name": "Dossier", "issuer": {"id": DID, "type": ["Profile"], "name": "Hogeschool Delta"},
        "validFrom": "2026-01-01T00:00:00Z", "credentialSubject": {"id": world.holder.did_jwk(), "type": ["ClrSubject"],
        "verifiableCredential": contents}});
    world.sign_badge(document, &format!("{DID}#badge"), "assertionMethod", &world.badge_key)
}

#[test]
fn clr_2_0_a_record_with_a_data_integrity_proof_covers_its_contents_and_each_is_verified() {
    let world = World::new();
    let content = |id: &str| -> Value {
        serde_json::from_slice(&world.badge(|badge| badge["id"] = json!(format!("urn:uuid:{id}")))).unwrap()
    };
    let two = json!([content("6a1f2c1e-9f55-4a50-9a19-0d1c3f6b0001"), content("6a1f2c1e-9f55-4a50-9a19-0d1c3f6b0002")]);
    let signed = record(&world, two);
    let (checked, _) = world.run(&signed, world.policy(), |url| world.server(url));
    assert_eq!(checked.report.verdict, Verdict::Valid, "{:#?}", checked.report);
    assert_eq!(checked.report.check(CheckName::Contents).unwrap().parts.len(), 2);
    assert_eq!(checked.facts(&world.trust()).contents.len(), 2);
    // One content in the place of another that is just as good: the record's own proof says no.
    let mut changed: Value = serde_json::from_slice(&signed).unwrap();
    let other = content("6a1f2c1e-9f55-4a50-9a19-0d1c3f6b0003");
    changed["credentialSubject"]["verifiableCredential"][1] = other;
    let report = world.check(changed.to_string().as_bytes());
    assert_eq!(found(&report, CheckName::Signature), fails(Reason::BadSignature));
    assert_eq!(
        found(&report, CheckName::Contents),
        unknown(Reason::NotAsked),
        "a forgery sends nobody to its contents"
    );
}
