//! The form of Open Badges 3.0 and CLR 2.0.

use serde_json::{Value, json};

use super::*;
use crate::read::read;

fn badge() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
        "id": "urn:uuid:6a1f2c1e-9f55-4a50-9a19-0d1c3f6b0001", "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "https://hogeschool.example", "type": ["Profile"]}, "validFrom": "2026-01-01T00:00:00Z",
        "credentialSchema": [{"id": "https://hogeschool.example/schema", "type": VALIDATOR}],
        "credentialSubject": {"id": "did:example:1", "type": ["AchievementSubject"], "achievement": {
            "id": "urn:uuid:0b0f6a52-6f0c-4a0e-9a53-1f1a6f1b7c11", "type": ["Achievement"], "name": "Datastructuren",
            "description": "Lijsten en bomen", "criteria": {"narrative": "Toets"}}}})
}

fn amended(claims: &Value) -> Vec<Check> {
    let mut checks = vec![Check::pass(CheckName::Format, "sound"), Check::pass(CheckName::Validity, "it has no end")];
    amend(&read(claims.to_string().as_bytes()).unwrap(), &mut checks);
    checks
}

fn form(claims: &Value) -> (CheckResult, Option<Reason>) {
    let checks = amended(claims);
    (checks[0].result, checks[0].reason)
}

#[test]
fn open_badges_9_1_each_member_that_the_schema_asks_for_is_missed() {
    assert_eq!(form(&badge()), (CheckResult::Pass, None));
    for path in [
        "/id",
        "/validFrom",
        "/credentialSubject/id",
        "/credentialSubject/type",
        "/credentialSubject/achievement",
        "/credentialSubject/achievement/id",
        "/credentialSubject/achievement/type",
        "/credentialSubject/achievement/name",
        "/credentialSubject/achievement/description",
        "/credentialSubject/achievement/criteria",
    ] {
        let mut broken = badge();
        let (parent, name) = path.rsplit_once('/').unwrap();
        broken.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        assert_eq!(form(&broken), (CheckResult::Fail, Some(Reason::Malformed)), "{path}");
        broken.as_object_mut().unwrap().remove("credentialSchema");
        assert_eq!(form(&broken), (CheckResult::Warn, Some(Reason::LooseForm)), "{path}");
        *broken.pointer_mut(parent).unwrap() = badge().pointer(parent).unwrap().clone();
        broken.pointer_mut(parent).unwrap()[name] = json!(7);
        assert_ne!(form(&broken), (CheckResult::Pass, None), "{path}");
    }
}

#[test]
fn open_badges_9_1_a_subject_without_id_has_an_identifier() {
    let mut named = badge();
    named["credentialSubject"].as_object_mut().unwrap().remove("id");
    named["credentialSubject"]["identifier"] =
        json!([{"type": "IdentityObject", "identityHash": "x", "hashed": false}]);
    assert_eq!(form(&named), (CheckResult::Pass, None));
}

#[test]
fn open_badges_3_the_older_data_model_and_single_texts_are_taken() {
    let mut older = badge();
    older["type"] = json!(["VerifiableCredential", "AchievementCredential"]);
    older["issuer"] = json!("https://hogeschool.example");
    older["issuanceDate"] = older["validFrom"].take();
    older["credentialSubject"]["type"] = json!("AchievementSubject");
    assert_eq!(form(&older), (CheckResult::Pass, None));
}

#[test]
fn clr_2_0_a_record_without_contents_breaks_its_schema() {
    let mut record = badge();
    record["type"] = json!(["VerifiableCredential", "ClrCredential"]);
    record["name"] = json!("Dossier");
    record["credentialSubject"] = json!({"id": "did:example:1", "type": ["ClrSubject"], "verifiableCredential": []});
    assert_eq!(form(&record), (CheckResult::Fail, Some(Reason::Malformed)));
    record["credentialSubject"]["verifiableCredential"] = json!([badge()]);
    assert_eq!(form(&record), (CheckResult::Pass, None));
}

#[test]
fn open_badges_9_1_a_newer_version_is_said_and_not_fetched() {
    let mut offered = badge();
    offered["refreshService"] = json!({"id": "https://hogeschool.example/1", "type": REFRESH});
    let checks = amended(&offered);
    assert_eq!((checks[1].result, checks[1].reason), (CheckResult::Pass, Some(Reason::RefreshOffered)));
}

#[test]
fn other_credentials_are_left_alone() {
    let mut other = badge();
    other["type"] = json!(["VerifiableCredential", "StudentCard"]);
    other.as_object_mut().unwrap().remove("id");
    assert_eq!(form(&other), (CheckResult::Pass, None));
}

#[test]
fn every_published_badge_keeps_to_the_schema() {
    let root = std::env::var("LEERPAS_VECTORS").map_or_else(
        |_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").into(),
        std::path::PathBuf::from,
    );
    let mut seen = 0;
    for folder in ["open-badges-3", "dutch/dc4eu-openbadge", "dutch/edubadges-demo", "dutch/dc4eu-microcredential"] {
        let Ok(files) = std::fs::read_dir(root.join(folder)) else { continue };
        for path in files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "json"))
        {
            let Ok(credential) = read(&std::fs::read(&path).unwrap()) else { continue };
            let mut checks = [Check::pass(CheckName::Format, "sound")];
            amend(&credential, &mut checks);
            assert_ne!(checks[0].result, CheckResult::Fail, "{}: {}", path.display(), checks[0].detail);
            if checks[0].result == CheckResult::Warn {
                println!("{}: {}", path.display(), checks[0].detail);
            }
            seen += 1;
        }
    }
    if seen == 0 {
        println!("skipped: no vectors");
    }
}
