//! W3C credentials, Open Badges 3.0 among them.

use leerpas_core::{ErrorKind, Evidence};
use serde_json::{Value, json};

use super::*;

#[test]
fn a_good_open_badge_is_verified_through_its_did_document() {
    let world = World::new();
    let (checked, asked) = world.run(&world.badge(|_| {}), world.policy(), |url| world.server(url));
    assert_eq!(checked.report.verdict, Verdict::Valid, "{:#?}", checked.report);
    assert_eq!(asked, [DID_URL]);
    assert_eq!(checked.report.issuer.evidence, Evidence::Listed);
    let again = Policy { resources: checked.resources, network: false, ..world.policy() };
    assert_eq!(world.run(&world.badge(|_| {}), again, |_| None).0.report.verdict, Verdict::Valid);
}

#[test]
fn security_b01_a_changed_or_added_member_is_refused() {
    let world = World::new();
    let mut badge: Value = serde_json::from_slice(&world.badge(|_| {})).unwrap();
    badge["credentialSubject"]["achievement"]["name"] = json!("Iets anders");
    let report = world.check(badge.to_string().as_bytes());
    assert_eq!(found(&report, CheckName::Signature), fails(Reason::BadSignature));
    let mut badge: Value = serde_json::from_slice(&world.badge(|_| {})).unwrap();
    badge["credentialSubject"]["undefinedMember"] = json!("x");
    let report = world.check(badge.to_string().as_bytes());
    assert_eq!(found(&report, CheckName::Signature), fails(Reason::TermUndefined));
    assert_eq!(report.failure_kind(), Some(ErrorKind::CredentialNotGenuine));
}

#[test]
fn security_b03_an_unknown_context_is_unknown_and_not_fetched() {
    let world = World::new();
    let mut badge: Value = serde_json::from_slice(&world.badge(|_| {})).unwrap();
    badge["@context"].as_array_mut().unwrap().push(json!("https://evil.example/context"));
    let (checked, asked) = world.run(badge.to_string().as_bytes(), world.policy(), |url| world.server(url));
    assert_eq!(found(&checked.report, CheckName::Signature), unknown(Reason::ContextUnknown));
    assert_eq!(asked, [DID_URL]);
}

#[test]
fn security_b06_b07_the_key_must_be_the_issuers_for_this_purpose() {
    let world = World::new();
    let unsigned = || {
        let mut badge: Value = serde_json::from_slice(&world.badge(|_| {})).unwrap();
        badge.as_object_mut().unwrap().remove("proof");
        badge
    };
    let key_check = |bytes: Vec<u8>| found(&world.check(&bytes), CheckName::IssuerKey);
    let login = world.sign_badge(unsigned(), &format!("{DID}#login"), "assertionMethod", &world.key);
    assert_eq!(key_check(login), fails(Reason::KeyNotOfIssuer));
    let stranger = IssuerKey::make_ed25519(&world.entropy);
    let did_key = stranger.public().did_key().unwrap();
    let theirs = world.sign_badge(unsigned(), &did_key, "assertionMethod", &stranger);
    assert_eq!(key_check(theirs), fails(Reason::KeyNotOfIssuer));
    let gone = world.sign_badge(unsigned(), &format!("{DID}#gone"), "assertionMethod", &world.badge_key);
    assert_eq!(key_check(gone), unknown(Reason::KeyUnavailable), "security B21");
    let purpose = world.sign_badge(unsigned(), &format!("{DID}#badge"), "authentication", &world.badge_key);
    assert_eq!(found(&world.check(&purpose), CheckName::Signature), fails(Reason::UnexpectedType));
    let none = world.check(unsigned().to_string().as_bytes());
    assert_eq!(found(&none, CheckName::Signature), fails(Reason::NotSigned));
}

#[test]
fn security_b09_a_strangers_proof_never_stands_in_for_the_issuers() {
    let world = World::new();
    let mut badge: Value = serde_json::from_slice(&world.badge(|_| {})).unwrap();
    badge["name"] = json!("Iets anders");
    let stranger = IssuerKey::make_ed25519(&world.entropy);
    let both = world.sign_badge(badge, &stranger.public().did_key().unwrap(), "assertionMethod", &stranger);
    let report = world.check(&both);
    assert_eq!(found(&report, CheckName::Signature), fails(Reason::BadSignature));
    assert_eq!(report.verdict, Verdict::Invalid);
}

#[test]
fn open_badges_3_samples_with_the_key_in_a_fragment_are_checked_and_stay_untied() {
    let world = World::new();
    let key = &world.badge_key;
    let fragment = format!("{ISSUER}#{}", key.public().to_multikey().unwrap());
    for method in [fragment, key.public().did_key().unwrap()] {
        let mut badge: Value = serde_json::from_slice(&world.badge(|b| b["issuer"]["id"] = json!(ISSUER))).unwrap();
        badge.as_object_mut().unwrap().remove("proof");
        let report = world.check(&world.sign_badge(badge, &method, "assertionMethod", key));
        assert_eq!(found(&report, CheckName::Signature), PASS, "{method}");
        assert_eq!(found(&report, CheckName::IssuerKey), unknown(Reason::KeyUntied), "{method}");
    }
}

#[test]
fn security_b14_b18_the_subject_and_issuer_must_be_there() {
    let world = World::new();
    let mut badge: Value = serde_json::from_slice(&world.badge(|_| {})).unwrap();
    let format = |badge: &Value| found(&world.check(badge.to_string().as_bytes()), CheckName::Format);
    badge["credentialSubject"] = json!([]);
    assert_eq!(format(&badge), fails(Reason::Malformed));
    badge["credentialSubject"] = json!([{"id": "did:a:b"}, {"id": "did:a:c"}]);
    let loose = (CheckResult::Warn, Some(Reason::LooseForm));
    assert_eq!(format(&badge), loose, "two subjects may be; that they lack an achievement is said");
    assert_eq!(found(&world.check(badge.to_string().as_bytes()), CheckName::Holder), fails(Reason::OtherHolder));
    badge["issuer"] = json!({"name": "no id"});
    assert_eq!(format(&badge), fails(Reason::Malformed));
}

#[test]
fn open_badges_8_2_a_jws_with_its_own_key_holds_and_stays_untied() {
    let world = World::new();
    let mut badge: Value = serde_json::from_slice(&world.badge(|b| b["issuer"]["id"] = json!(ISSUER))).unwrap();
    badge.as_object_mut().unwrap().remove("proof");
    badge["iss"] = json!(ISSUER);
    badge["sub"] = json!(world.holder.did_jwk());
    let jws = |badge: &Value| {
        let header = json!({"typ": "JWT", "jwk": world.key.public().to_jwk()});
        world.check(sign_compact(&header, badge.to_string().as_bytes(), &world.key).unwrap().as_bytes())
    };
    let report = jws(&badge);
    assert_eq!(found(&report, CheckName::Format), PASS, "{report:#?}");
    assert_eq!(found(&report, CheckName::Signature), PASS);
    assert_eq!(found(&report, CheckName::IssuerKey), unknown(Reason::KeyUntied));
    badge["iss"] = json!("https://other.example");
    assert_eq!(found(&jws(&badge), CheckName::Format), fails(Reason::Malformed));
}

/// Every file under a folder.
fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn every_published_sample_ends_in_a_report_or_a_named_error() {
    let root = std::env::var("LEERPAS_VECTORS").map_or_else(
        |_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").into(),
        std::path::PathBuf::from,
    );
    let samples = ["open-badges-3", "open-badges-2", "dutch"].iter().flat_map(|name| files(&root.join(name)));
    let samples: Vec<_> = samples.collect();
    if samples.is_empty() {
        println!("skipped: no vectors");
        return;
    }
    let world = World::new();
    let (mut read_ones, mut held) = (0, 0);
    for path in samples {
        let Ok(credential) = read(&std::fs::read(&path).unwrap()) else { continue };
        read_ones += 1;
        let policy = Policy { binding: Binding::NotAsked, ..world.policy() };
        let Step::Done(checked) =
            Verification::start(credential, Policy { network: false, ..policy }, world.env()).unwrap()
        else {
            panic!("nothing may be asked for")
        };
        let report = checked.report;
        assert_ne!(report.verdict, Verdict::Valid, "{}: no issuer of a sample is known", path.display());
        held += usize::from(found(&report, CheckName::Signature).0 == CheckResult::Pass);
    }
    assert!(read_ones > 20 && held > 0, "{read_ones} read, {held} signatures held");
}

#[test]
fn security_b09_another_proof_of_the_issuer_that_fails_is_never_silent() {
    let world = World::new();
    let mut badge: Value = serde_json::from_slice(&world.badge(|_| {})).unwrap();
    let mut broken = badge["proof"].clone();
    broken["created"] = json!("2020-01-01T00:00:00Z");
    for order in [json!([badge["proof"], broken]), json!([broken, badge["proof"]])] {
        badge["proof"] = order;
        let report = world.check(badge.to_string().as_bytes());
        assert_eq!((report.verdict, &report.issuer), (Verdict::Valid, &world.check(&world.badge(|_| {})).issuer));
        let signature = report.checks.iter().find(|check| check.name == CheckName::Signature).unwrap();
        assert_eq!((signature.result, signature.reason), (CheckResult::Warn, Some(Reason::OtherProofFailed)));
        let mut parts: Vec<_> = signature.parts.iter().map(|part| part.reason).collect();
        parts.sort_by_key(Option::is_some);
        assert_eq!(parts, [None, Some(Reason::BadSignature)]);
    }
}

fn elm() -> Value {
    json!({"type": ["VerifiableCredential", "EuropeanDigitalCredential"], "issuer": {"id": "https://school.example"},
        "@context": ["https://www.w3.org/2018/credentials/v1", "http://data.europa.eu/snb/model/context/edc-ap"],
        "validFrom": "2025-02-01T00:00:00", "credentialSubject": {"id": "urn:p:1", "hasClaim": [{"title": {"nl": "Diploma"}}]}})
}

fn sealed(credential: &Value) -> Vec<u8> {
    let seal = json!([{"protected": "e30", "header": {"etsiU": []}, "signature": "AA"}]);
    json!({"payload": credential.to_string(), "signatures": seal}).to_string().into_bytes()
}

/// As a file is looked at: nobody must hold a key for it.
fn looked_at(world: &World, bytes: &[u8]) -> Report {
    let policy = Policy { binding: Binding::NotAsked, ..world.policy() };
    world.run(bytes, policy, |url| world.server(url)).0.report
}

#[test]
fn elm_a_seal_is_not_checked_and_never_valid() {
    let world = World::new();
    let mut listed = elm();
    listed["credentialStatus"] = json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation",
        "statusListIndex": "1", "statusListCredential": "https://school.example/list"});
    let report = looked_at(&world, &sealed(&listed));
    assert_eq!(found(&report, CheckName::Signature), unknown(Reason::SealNotChecked));
    assert_eq!(found(&report, CheckName::IssuerKey), unknown(Reason::SealNotChecked));
    assert_eq!((report.verdict, report.format), (Verdict::Unknown, leerpas_core::Format::Elm));
    assert_eq!(report.failure_kind(), Some(ErrorKind::CredentialUncheckable));
    assert_eq!(report.check(CheckName::Status).unwrap().reason, Some(Reason::NotAsked), "nothing is fetched for it");
    // A proof inside the sealed content does not make the seal a checked one.
    let mut both = elm();
    both["proof"] = json!({"type": "DataIntegrityProof"});
    assert_eq!(looked_at(&world, &sealed(&both)).verdict, Verdict::Unknown);
}

#[test]
fn elm_what_is_inside_a_seal_is_judged_all_the_same() {
    let world = World::new();
    let mut over = elm();
    over["validUntil"] = json!("2025-03-01T00:00:00");
    let report = world.check(&sealed(&over));
    assert_eq!(found(&report, CheckName::Validity), fails(Reason::Expired));
    let mut empty = elm();
    empty.as_object_mut().unwrap().remove("credentialSubject");
    assert_eq!(found(&world.check(&sealed(&empty)), CheckName::Format), fails(Reason::Malformed));
}

#[test]
fn elm_2_in_xml_a_seal_is_not_checked_and_without_one_it_is_not_signed() {
    let world = World::new();
    let diploma = |proof: &str, until: &str| {
        format!(
            "<europassCredential xmlns=\"http://data.europa.eu/snb\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" \
             xmlns:cred=\"http://data.europa.eu/europass/model/credentials/w3c#\" cred:id=\"urn:credential:1\">\
             <cred:validFrom>2024-07-01T00:00:00+02:00</cred:validFrom><cred:validUntil>{until}</cred:validUntil>\
             <cred:issuer idref=\"not-a-url\"/><title><text lang=\"nl\">Diploma</text></title>\
             <credentialSubject id=\"urn:epass:person:1\"><fullName><text lang=\"nl\">Sam</text></fullName></credentialSubject>\
             <agentReferences><organization id=\"not-a-url\"><prefLabel><text lang=\"nl\">School</text></prefLabel>\
             </organization></agentReferences><proof>{proof}</proof></europassCredential>"
        )
    };
    let seal = "<ds:Signature><ds:SignatureValue>AA==</ds:SignatureValue></ds:Signature>";
    let report = looked_at(&world, diploma(seal, "2034-07-01T00:00:00+02:00").as_bytes());
    assert_eq!(found(&report, CheckName::Signature), unknown(Reason::SealNotChecked));
    assert!(report.check(CheckName::Signature).unwrap().detail.contains("XAdES"));
    assert_eq!(found(&report, CheckName::IssuerKey), unknown(Reason::SealNotChecked));
    assert_eq!((report.verdict, report.format), (Verdict::Unknown, leerpas_core::Format::Elm), "{report:#?}");
    assert_eq!(report.failure_kind(), Some(ErrorKind::CredentialUncheckable));
    assert_eq!(report.issuer.name, "School");
    let over = looked_at(&world, diploma(seal, "2025-03-01T00:00:00+01:00").as_bytes());
    assert_eq!(found(&over, CheckName::Validity), fails(Reason::Expired));
    let bare = looked_at(&world, diploma("", "2034-07-01T00:00:00+02:00").as_bytes());
    assert_eq!(found(&bare, CheckName::Signature), fails(Reason::NotSigned));
    assert_eq!(bare.failure_kind(), Some(ErrorKind::CredentialNotGenuine));
}

#[test]
fn elm_without_seal_or_proof_is_not_signed() {
    let world = World::new();
    let report = world.check(elm().to_string().as_bytes());
    assert_eq!(found(&report, CheckName::Signature), fails(Reason::NotSigned));
    assert_eq!(report.failure_kind(), Some(ErrorKind::CredentialNotGenuine));
    let mut proved = elm();
    proved["proof"] = json!({"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "assertionMethod",
        "verificationMethod": "did:web:school.example#1", "proofValue": "z1", "created": "2025-02-01T00:00:00Z"});
    assert_ne!(world.check(proved.to_string().as_bytes()).verdict, Verdict::Valid);
}

#[test]
fn did_webvh_a_badge_of_a_witnessed_log_is_its_issuers() {
    let world = World::new();
    let (did, log, proofs) = crate::did::webvh::tests::sample(&world.badge_key.public());
    let mut badge: Value =
        serde_json::from_slice(&world.badge(|badge| badge["issuer"]["id"] = did.clone().into())).unwrap();
    badge.as_object_mut().unwrap().remove("proof");
    let badge = world.sign_badge(badge, &format!("{did}#k"), "assertionMethod", &world.badge_key);
    let serve = |log: Vec<u8>, proofs: Vec<u8>| {
        move |url: &str| match url {
            "https://school.example/.well-known/did.jsonl" => Some(log.clone()),
            "https://school.example/.well-known/did-witness.json" => Some(proofs.clone()),
            _ => None,
        }
    };
    let (checked, asked) = world.run(&badge, world.policy(), serve(log.clone(), proofs.clone()));
    assert_eq!(found(&checked.report, CheckName::IssuerKey), PASS, "{:?}", checked.report);
    assert_eq!(found(&checked.report, CheckName::Signature), PASS);
    assert_eq!(asked.len(), 2);
    assert_eq!(checked.report.issuer.host.as_deref(), Some("school.example"));
    let report = world.run(&badge, world.policy(), serve(log.clone(), b"[]".to_vec())).0.report;
    assert_eq!(found(&report, CheckName::IssuerKey), unknown(Reason::KeyUnavailable), "the witness is missing");
    let report = world.run(&badge, world.policy(), serve(log[..log.len() / 2].to_vec(), proofs)).0.report;
    assert_eq!(found(&report, CheckName::IssuerKey), unknown(Reason::KeyUnavailable), "half a log is no log");
}
