//! Endorsements of a badge, and records that hold other credentials.

use serde_json::{Value, json};

use super::*;
use crate::report::Check;

const OB3: [&str; 2] =
    ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"];
const ACHIEVEMENT: &str = "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11";

/// An endorsement of something by somebody with a did:key.
fn endorsement(world: &World, endorser: &IssuerKey, endorsed: &str, change: impl Fn(&mut Value)) -> Value {
    let did = endorser.public().did_key().unwrap();
    let mut document = json!({"@context": OB3, "id": "urn:uuid:6a1f2c1e-9f55-4a50-9a19-0d1c3f6b0009",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": {"id": did, "type": ["Profile"], "name": "Keurmerk"}, "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": endorsed, "type": ["EndorsementSubject"], "endorsementComment": "Goed"}});
    change(&mut document);
    let method = format!("{did}#{}", did.trim_start_matches("did:key:"));
    serde_json::from_slice(&world.sign_badge(document, &method, "assertionMethod", endorser)).unwrap()
}

fn report_on(world: &World, endorsements: Value) -> Report {
    world.check(&world.badge(|badge| badge["credentialSubject"]["achievement"]["endorsement"] = endorsements.clone()))
}

fn endorsements(report: &Report) -> &Check {
    report.check(CheckName::Endorsements).unwrap()
}

#[test]
fn open_badges_9_2_endorsements_are_verified_like_the_badge_and_named() {
    let world = World::new();
    let endorser = IssuerKey::make_ed25519(&world.entropy);
    let good = endorsement(&world, &endorser, ACHIEVEMENT, |_| {});
    let report = report_on(&world, json!([good]));
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    let check = endorsements(&report);
    assert_eq!((check.result, check.parts.len()), (CheckResult::Pass, 1));
    assert_eq!(check.parts[0].name, "Keurmerk");
    assert!(world.check(&world.badge(|_| {})).check(CheckName::Endorsements).is_none());
}

#[test]
fn open_badges_3_an_endorsement_that_fails_is_named_and_takes_nothing_from_the_badge() {
    let world = World::new();
    let endorser = IssuerKey::make_ed25519(&world.entropy);
    let good = endorsement(&world, &endorser, ACHIEVEMENT, |_| {});
    let mut forged = good.clone();
    forged["credentialSubject"]["endorsementComment"] = json!("Heel goed");
    let expired = endorsement(&world, &endorser, ACHIEVEMENT, |e| e["validUntil"] = json!("2026-02-01T00:00:00Z"));
    let of_another = endorsement(&world, &endorser, "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c99", |_| {});
    let no_endorsement = endorsement(&world, &endorser, ACHIEVEMENT, |e| e["type"] = json!(["VerifiableCredential"]));
    let report = report_on(&world, json!([good, forged, expired, of_another, no_endorsement]));
    assert_eq!(report.verdict, Verdict::Valid, "{report:#?}");
    let check = endorsements(&report);
    assert_eq!((check.result, check.reason), (CheckResult::Warn, Some(Reason::EndorsementDoubtful)));
    let reasons: Vec<_> = check.parts.iter().map(|part| part.reason).collect();
    let wanted = [Reason::BadSignature, Reason::Expired, Reason::OtherDocument, Reason::UnexpectedType];
    assert_eq!(reasons[1..], wanted.map(Some));
    assert!(check.parts.iter().all(|part| !part.detail.contains("goed")), "no part holds what it says");
}

#[test]
fn endorsements_are_bounded_and_a_forged_badge_sends_nobody_to_them() {
    let world = World::new();
    let endorser = IssuerKey::make_ed25519(&world.entropy);
    let by_web = endorsement(&world, &endorser, ACHIEVEMENT, |e| e["issuer"]["id"] = json!("did:web:keurmerk.example"));
    let many = vec![by_web; 20];
    let mut badge: Value = serde_json::from_slice(
        &world.badge(|badge| badge["credentialSubject"]["achievement"]["endorsement"] = json!(many)),
    )
    .unwrap();
    badge["credentialSubject"]["achievement"]["name"] = json!("Iets anders");
    let (checked, asked) = world.run(badge.to_string().as_bytes(), world.policy(), |url| world.server(url));
    assert_eq!(asked, [DID_URL]);
    let check = endorsements(&checked.report);
    assert_eq!(check.parts.len(), 20);
    assert_eq!(check.parts[0].reason, Some(Reason::NotAsked));
    assert_eq!(check.parts[19].reason, Some(Reason::TooComplex));
}

#[test]
fn open_badges_3_an_endorsement_as_a_jwt_is_read() {
    let world = World::new();
    let key = &world.key;
    let endorser = key.public().did_jwk();
    let claims = json!({"@context": OB3, "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": {"id": endorser, "type": ["Profile"], "name": "Keurmerk"}, "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": ACHIEVEMENT, "type": ["EndorsementSubject"]}});
    let header = json!({"typ": "vc+jwt", "kid": format!("{endorser}#0")});
    let jwt = sign_compact(&header, claims.to_string().as_bytes(), key).unwrap();
    let badge = world.badge(|badge| badge["credentialSubject"]["achievement"]["endorsementJwt"] = json!([jwt]));
    let report = world.check(&badge);
    let check = endorsements(&report);
    assert_eq!(check.parts[0].result, CheckResult::Pass, "{report:#?}");
}

/// A record with these contents, as a JWT.
fn record(world: &World, contents: Value) -> String {
    let document = json!({"@context": [OB3[0], "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", OB3[1]],
        "id": "urn:uuid:6a1f2c1e-9f55-4a50-9a19-0d1c3f6b0005", "type": ["VerifiableCredential", "ClrCredential"],
        "name": "Dossier", "issuer": {"id": DID, "type": ["Profile"], "name": "Hogeschool Delta"},
        "validFrom": "2026-01-01T00:00:00Z", "credentialSubject": {"id": world.holder.did_jwk(), "type": ["ClrSubject"],
        "verifiableCredential": contents}});
    let header = json!({"typ": "vc+jwt", "kid": format!("{DID}#badge")});
    sign_compact(&header, document.to_string().as_bytes(), &world.badge_key).unwrap()
}

fn content(world: &World, change: impl Fn(&mut Value)) -> Value {
    serde_json::from_slice(&world.badge(change)).unwrap()
}

#[test]
fn clr_2_0_the_record_and_each_credential_in_it_are_verified() {
    let world = World::new();
    let two = json!([
        content(&world, |_| {}),
        content(&world, |b| b["id"] = json!("urn:uuid:6a1f2c1e-9f55-4a50-9a19-0d1c3f6b0002"))
    ]);
    let (checked, asked) = world.run(record(&world, two).as_bytes(), world.policy(), |url| world.server(url));
    assert_eq!(asked, [DID_URL], "one document answers for all");
    assert_eq!(checked.report.verdict, Verdict::Valid, "{:#?}", checked.report);
    let check = checked.report.check(CheckName::Contents).unwrap();
    assert_eq!(check.parts.len(), 2);
    assert_eq!(checked.facts(&world.trust()).contents.len(), 2);
}

#[test]
fn clr_2_0_one_content_that_does_not_hold_fails_the_record() {
    let world = World::new();
    let good = content(&world, |_| {});
    let contents = |contents: Value| {
        let report = world.check(record(&world, contents).as_bytes());
        (found(&report, CheckName::Signature), found(&report, CheckName::Contents), report.verdict)
    };
    let mut forged = good.clone();
    forged["credentialSubject"]["achievement"]["name"] = json!("Iets anders");
    assert_eq!(contents(json!([good, forged])), (PASS, fails(Reason::ContentInvalid), Verdict::Invalid));
    assert_eq!(contents(json!([good, "niets"])).1, fails(Reason::ContentInvalid));
    let expired = content(&world, |b| b["validUntil"] = json!("2026-02-01T00:00:00Z"));
    let (_, found, verdict) = contents(json!([good, expired]));
    assert_eq!((found, verdict), ((CheckResult::Warn, Some(Reason::Expired)), Verdict::Valid));
    let unknown = content(&world, |b| b["issuer"]["id"] = json!("https://elders.example"));
    assert_eq!(contents(json!([good, unknown])).2, Verdict::Unknown);
}

#[test]
fn clr_2_0_records_in_records_and_their_number_are_bounded() {
    let world = World::new();
    let mut deep = record(&world, json!([content(&world, |_| {})]));
    for _ in 0..2 {
        deep = record(&world, json!([deep]));
    }
    let report = world.check(deep.as_bytes());
    assert_eq!(found(&report, CheckName::Contents), unknown(Reason::TooComplex), "{report:#?}");
    let many: Vec<Value> = (0..65).map(|_| json!("a.b.c")).collect();
    let report = world.check(record(&world, json!(many)).as_bytes());
    assert_ne!(report.verdict, Verdict::Valid);
}

#[test]
fn published_samples_of_open_badges_3_end_as_they_should() {
    let root = std::env::var("LEERPAS_VECTORS").map_or_else(
        |_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").into(),
        std::path::PathBuf::from,
    );
    if !root.join("open-badges-3").is_dir() {
        println!("skipped: no vectors");
        return;
    }
    let world = World::new();
    let report = |path: &str| {
        let policy = Policy { binding: Binding::NotAsked, network: false, ..world.policy() };
        world.run(&std::fs::read(root.join(path)).unwrap(), policy, |_| None).0.report
    };
    for path in ["open-badges-3/simple.json", "open-badges-3/simple-json.png", "open-badges-3/endorsement-valid.json"] {
        let report = report(path);
        assert_ne!(found(&report, CheckName::Format).0, CheckResult::Fail, "{path}: {report:#?}");
        assert_eq!(found(&report, CheckName::Signature), PASS, "{path}: {report:#?}");
        assert_eq!(found(&report, CheckName::IssuerKey), unknown(Reason::KeyUntied), "{path}");
        assert_eq!(found(&report, CheckName::Validity), PASS, "{path}");
    }
    let expired = report("open-badges-3/simple-err-expired.json");
    assert_eq!(found(&expired, CheckName::Validity), fails(Reason::Expired));
    let forged = report("open-badges-3/simple-err-proof-value.json");
    assert_eq!(found(&forged, CheckName::Signature).0, CheckResult::Fail, "{forged:#?}");
    // Its endorsements have proofs that are only placeholders: each is there by name and none counts.
    let complete = report("open-badges-3/complete.json");
    let check = endorsements(&complete);
    assert_eq!((check.result, check.reason), (CheckResult::Warn, Some(Reason::EndorsementDoubtful)));
    assert!(check.parts.len() > 1 && check.parts.iter().all(|part| part.result != CheckResult::Pass));
    let unsigned = report("dutch/dc4eu-openbadge/endorsements.json");
    assert_eq!(found(&unsigned, CheckName::Signature), fails(Reason::NotSigned));
}
