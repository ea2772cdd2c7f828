//! The samples of 1EdTech, good and bad, and Dutch ones: what verifies, what does not, and what a card shows.

use std::{fs, path::PathBuf};

use leerpas_core::{Format, Timestamp};
use leerpas_credential::{
    data_integrity::{Cryptosuite, Proof, ProofError, proofs, verify_proof},
    facts::facts_of,
    json,
    jsonld::JsonLdError,
    keys::PublicKey,
    status::{StatusReference, status_references},
    trust::TrustList,
    unbake::{UnbakeError, unbake_png, unbake_svg},
};
use serde_json::Value;

fn vectors() -> Option<PathBuf> {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    let folder = PathBuf::from(std::env::var("LEERPAS_VECTORS").unwrap_or_else(|_| here.to_owned()));
    let found = folder.is_dir().then_some(folder);
    if found.is_none() {
        println!("skipped: no vectors");
    }
    found
}

fn sample(name: &str) -> Option<Value> {
    Some(json::parse(&bytes(name)?).unwrap())
}

fn bytes(name: &str) -> Option<Vec<u8>> {
    let path = vectors()?.join(name);
    Some(fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// The samples carry their key in the verification method: after `#`, or after `did:key:`.
fn key(proof: &Proof) -> PublicKey {
    let method = &proof.verification_method;
    PublicKey::from_multikey(method.rsplit_once(['#', ':']).unwrap().1).unwrap()
}

fn verify(name: &str) -> Option<Result<(), ProofError>> {
    let document = sample(name)?;
    let proofs = proofs(&document).unwrap();
    assert_eq!(proofs.len(), 1, "{name}");
    Some(verify_proof(&document, &proofs[0], &key(&proofs[0])))
}

#[test]
fn open_badges_8_3_good_samples_of_the_2_0_data_model_verify() {
    for name in [
        "simple",
        "simple-context-version",
        "simple-did-key-method",
        "simple-did-web-method",
        "endorsement-valid",
        "simple-err-expired",
    ] {
        let Some(result) = verify(&format!("open-badges-3/{name}.json")) else { return };
        assert_eq!(result, Ok(()), "{name}");
    }
}

#[test]
fn open_badges_8_3_good_samples_of_the_1_1_data_model_verify() {
    for name in ["simple_v1", "credential-status-revoked"] {
        let Some(result) = verify(&format!("open-badges-3/{name}.json")) else { return };
        assert_eq!(result, Ok(()), "{name}");
        let document = sample(&format!("open-badges-3/{name}.json")).unwrap();
        assert_eq!(proofs(&document).unwrap()[0].cryptosuite, Cryptosuite::Ed25519Signature2020);
    }
}

#[test]
fn open_badges_8_3_a_changed_proof_value_does_not_verify() {
    let Some(document) = sample("open-badges-3/simple-err-proof-value.json") else { return };
    let refused = proofs(&document).and_then(|proofs| verify_proof(&document, &proofs[0], &key(&proofs[0])));
    assert!(matches!(refused, Err(ProofError::Signature(_) | ProofError::Malformed { .. })), "{refused:?}");
}

#[test]
fn a_sample_whose_words_no_context_defines_is_refused_by_that_word() {
    let (Some(document), Some(simple)) =
        (sample("open-badges-3/complete_v1.json"), sample("open-badges-3/simple.json"))
    else {
        return;
    };
    // Its own key is none; the document is refused before any key counts.
    let key = key(&proofs(&simple).unwrap()[0]);
    assert_eq!(
        verify_proof(&document, &proofs(&document).unwrap()[0], &key),
        Err(ProofError::JsonLd(JsonLdError::RelativeIri { iri: "1EdTechJsonSchemaValidator2019".to_owned() }))
    );
}

#[test]
fn a_sample_with_any_word_changed_does_not_verify() {
    let Some(document) = sample("open-badges-3/simple.json") else { return };
    let proof = &proofs(&document).unwrap()[0];
    for (pointer, value) in [
        ("/name", "Another"),
        ("/id", "http://example.com/credentials/3528"),
        ("/validFrom", "2010-01-01T00:00:01Z"),
        ("/issuer/name", "Another"),
        ("/credentialSubject/id", "did:example:another"),
        ("/credentialSubject/achievement/criteria/narrative", "None"),
    ] {
        let mut changed = document.clone();
        *changed.pointer_mut(pointer).unwrap() = Value::from(value);
        assert!(matches!(verify_proof(&changed, proof, &key(proof)), Err(ProofError::Signature(_))), "{pointer}");
        let mut without = document.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        without.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        assert!(verify_proof(&without, proof, &key(proof)).is_err(), "without {pointer}");
    }
}

#[test]
fn open_badges_5_3_a_baked_png_and_svg_verify_as_the_json_inside() {
    for (name, is_png) in [("simple-json.png", true), ("simple-json.svg", false)] {
        let Some(picture) = bytes(&format!("open-badges-3/{name}")) else { return };
        let badge = if is_png { unbake_png(&picture) } else { unbake_svg(&picture) }.unwrap();
        let document = json::parse(&badge).unwrap();
        let proof = &proofs(&document).unwrap()[0];
        assert_eq!(verify_proof(&document, proof, &key(proof)), Ok(()), "{name}");
        assert_eq!(document["type"][1], "OpenBadgeCredential", "{name}");
    }
}

#[test]
fn open_badges_5_3_a_baked_jws_comes_out_whole() {
    for (name, is_png) in [("simple-jwt.png", true), ("simple-jwt.svg", false)] {
        let Some(picture) = bytes(&format!("open-badges-3/{name}")) else { return };
        let badge = if is_png { unbake_png(&picture) } else { unbake_svg(&picture) }.unwrap();
        assert_eq!(badge.iter().filter(|byte| **byte == b'.').count(), 2, "{name}");
        assert!(badge.starts_with(b"eyJ"), "{name}");
    }
}

#[test]
fn a_real_baked_png_cut_anywhere_is_refused() {
    let Some(picture) = bytes("open-badges-3/simple-json.png") else { return };
    for part in 1..40 {
        let cut = &picture[..picture.len() * part / 40];
        assert!(matches!(unbake_png(cut), Err(UnbakeError::Damaged(_))), "{part}/40");
    }
    assert!(leerpas_credential::badge::picture_of_bytes(&picture, None).is_some());
}

#[test]
fn open_badges_2_baked_png_gives_its_assertion() {
    let Some(picture) = bytes("open-badges-2/simple-badge.png") else { return };
    let badge = unbake_png(&picture).unwrap();
    let text = String::from_utf8(badge).unwrap();
    println!("{}", text.chars().take(80).collect::<String>());
    assert!(text.starts_with("{") || text.starts_with("https://") || text.starts_with("eyJ"));
}

#[test]
fn the_revoked_sample_names_its_revocation_list() {
    let Some(document) = sample("open-badges-3/credential-status-revoked.json") else { return };
    let references = status_references(&document).unwrap();
    assert!(
        matches!(&references[..], [StatusReference::RevocationList { credential_id, .. }] if credential_id == &document["id"])
    );
}

fn facts(name: &str, format: Format) -> Option<leerpas_core::CardFacts> {
    Some(facts_of(format, &sample(name)?, &TrustList::empty()))
}

#[test]
fn facts_of_the_dutch_samples() {
    let Some(vectors) = vectors() else { return };
    for folder in ["dutch/dc4eu-microcredential", "dutch/edubadges-demo"] {
        for entry in fs::read_dir(vectors.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let claims = json::parse(&fs::read(&path).unwrap()).unwrap();
            let facts = facts_of(Format::DataIntegrity, &claims, &TrustList::empty());
            let achievement = &claims["credentialSubject"]["achievement"];
            let name = path.display();
            assert_eq!(facts.title, achievement["name"].as_str().unwrap(), "{name}");
            assert_eq!(facts.issuer.name, claims["issuer"]["name"].as_str().unwrap(), "{name}");
            assert_eq!(facts.language.as_deref(), achievement["inLanguage"].as_str(), "{name}");
            assert_eq!(facts.assessment.as_deref(), achievement["assessmentType"].as_str(), "{name}");
            assert_eq!(facts.supervision.as_deref(), achievement["supervisionType"].as_str(), "{name}");
            assert_eq!(facts.participation.as_deref(), achievement["participationType"].as_str(), "{name}");
            assert_eq!(facts.result.as_deref(), claims["credentialSubject"]["result"][0]["value"].as_str(), "{name}");
            assert_eq!(facts.level.as_ref().unwrap().framework, "EQF", "{name}");
            assert!(facts.criteria.is_some() && facts.description.is_some(), "{name}");
            assert_eq!(facts.expires.is_some(), claims.get("validUntil").is_some(), "{name}");
            assert!(!facts.description.unwrap().contains("**"), "{name}");
            let credit = facts.credit.unwrap();
            let field = match credit.unit.as_str() {
                "hours" => "timeInvestment",
                unit => unit,
            };
            assert_eq!(credit.amount, achievement[field].to_string(), "{name}");
        }
    }
}

#[test]
fn facts_of_a_dutch_microcredential_in_full() {
    let Some(facts) = facts("dutch/dc4eu-microcredential/uvh_fvhz_microcredential_full.json", Format::DataIntegrity)
    else {
        return;
    };
    assert_eq!(facts.title, "Microcredential Argumenteren over Onzinnige Zaken");
    assert_eq!(facts.credit.unwrap().amount, "4.5");
    assert_eq!(facts.level.unwrap().level, "4");
    assert_eq!(facts.quality.as_deref(), Some("M Psychological Assessment (AV-4223)"));
    assert_eq!(facts.programme.as_deref(), Some("20121354"));
    assert_eq!(facts.skills, Vec::<String>::new());
    assert_eq!(facts.valid_from, Some("2024-08-30T00:00:00Z".parse::<Timestamp>().unwrap()));
}

#[test]
fn facts_of_the_complete_1edtech_sample() {
    let Some(facts) = facts("open-badges-3/complete.json", Format::DataIntegrity) else { return };
    assert_eq!(facts.title, "1EdTech University Degree");
    assert_eq!(facts.credit.unwrap().amount, "42");
    assert_eq!(facts.criteria.as_deref(), Some("Degree Requirements\nStudents must complete..."));
    assert_eq!(facts.skills[0], "1EdTech University Degree");
    assert!(facts.result.is_some());
    assert_eq!(facts.holder_id.as_deref(), Some("did:example:ebfeb1f712ebc6f1c276e12ec21"));
}

#[test]
fn facts_of_open_badges_2() {
    let Some(facts) = facts("open-badges-2/basic-assertion-expired.json", Format::OpenBadge2) else { return };
    assert_eq!(facts.title, "https://example.org/robotics-badge.json");
    assert_eq!(facts.issued.unwrap().to_string(), "2016-12-31T23:59:59Z");
    assert_eq!(facts.expires.unwrap().to_string(), "2022-11-15T23:59:59Z");
}

/// Every sample with one member at a time taken away, or replaced by something strange.
#[test]
fn no_change_of_a_sample_makes_anything_panic() {
    let Some(vectors) = vectors() else { return };
    let strange = [
        Value::Null,
        Value::from(1e21),
        Value::from(""),
        Value::Array(vec![]),
        serde_json::json!({"@value": [1]}),
        serde_json::json!([[[{}]]]),
    ];
    for name in ["open-badges-3/simple.json", "dutch/edubadges-demo/uvh_fvhz_microcredential_full.json"] {
        let document = json::parse(&fs::read(vectors.join(name)).unwrap()).unwrap();
        let mut pointers = Vec::new();
        collect(&document, String::new(), &mut pointers);
        for (index, pointer) in pointers.iter().enumerate() {
            let mut changed = document.clone();
            *changed.pointer_mut(pointer).unwrap() = strange[index % strange.len()].clone();
            for format in [Format::DataIntegrity, Format::SdJwtVc, Format::OpenBadge2] {
                let _ = facts_of(format, &changed, &TrustList::empty());
            }
            let _ = status_references(&changed);
            if let Ok(proofs) = proofs(&changed) {
                for proof in proofs {
                    let original = document["proof"][0]["verificationMethod"].as_str().unwrap();
                    let key = PublicKey::from_multikey(original.rsplit_once('#').unwrap().1).unwrap();
                    let result = verify_proof(&changed, &proof, &key);
                    assert!(result.is_err(), "{name} {pointer}: {result:?}");
                }
            }
        }
    }
}

fn collect(value: &Value, at: String, pointers: &mut Vec<String>) {
    let escape = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| collect(value, format!("{at}/{}", escape(name)), pointers))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| collect(value, format!("{at}/{index}"), pointers))
        }
        _ => {}
    }
    if !at.is_empty() {
        pointers.push(at);
    }
}
