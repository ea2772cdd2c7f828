//! Status list credentials of each kind, form and purpose, and what a known list is worth over time.

use leerpas_core::{CardStatus, Timestamp};
use serde_json::{Value, json};

use super::*;
use crate::status::{encode_bitstring, encode_values};

const LIST: &str = "https://hogeschool.example/status/bits";

/// A list credential before it is signed.
fn credential(kind: &str, encoded: &str) -> Value {
    let of_its_time = |own: &str| {
        json!(["https://www.w3.org/2018/credentials/v1", own, "https://w3id.org/security/data-integrity/v2"])
    };
    let contexts = match kind {
        "StatusList2021" => of_its_time("https://w3id.org/vc/status-list/2021/v1"),
        "RevocationList2020" => of_its_time("https://w3id.org/vc-revocation-list-2020/v1"),
        _ => json!(["https://www.w3.org/ns/credentials/v2"]),
    };
    let begins = if kind == "BitstringStatusList" { "validFrom" } else { "issuanceDate" };
    let encoded = if kind == "BitstringStatusList" { encoded } else { encoded.trim_start_matches('u') };
    let mut list = json!({"@context": contexts, "id": LIST, "type": ["VerifiableCredential", format!("{kind}Credential")],
        "issuer": DID, begins: "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": format!("{LIST}#list"), "type": kind, "statusPurpose": "revocation",
            "encodedList": encoded}});
    if kind == "RevocationList2020" {
        list["credentialSubject"].as_object_mut().unwrap().remove("statusPurpose");
    }
    list
}

fn entry(kind: &str, index: u64, purpose: &str) -> Value {
    match kind {
        "RevocationList2020Status" => json!({"id": format!("{LIST}#{index}"), "type": kind,
            "revocationListIndex": index.to_string(), "revocationListCredential": LIST}),
        _ => json!({"id": format!("{LIST}#{index}"), "type": kind, "statusPurpose": purpose,
            "statusListIndex": index.to_string(), "statusListCredential": LIST}),
    }
}

/// A microcredential with W3C entries, so that each kind of entry is tried without a JSON-LD context for it.
fn with_entries(world: &World, entries: &Value) -> Vec<u8> {
    world.with(|claims| {
        claims["iss"] = json!(ISSUER);
        claims["credentialStatus"] = entries.clone();
    })
}

fn as_jwt(world: &World, list: &Value, change: impl Fn(&mut Value)) -> Vec<u8> {
    let mut claims = list.clone();
    change(&mut claims);
    let header = json!({"typ": "vc+jwt", "kid": format!("{DID}#badge")});
    sign_compact(&header, claims.to_string().as_bytes(), &world.badge_key).unwrap().into_bytes()
}

fn signed(world: &World, list: Value) -> Vec<u8> {
    world.sign_badge(list, &format!("{DID}#badge"), "assertionMethod", &world.badge_key)
}

fn status_check(world: &World, bytes: &[u8], list: &[u8]) -> Check {
    let server = |url: &str| if url == LIST { Some(list.to_vec()) } else { world.server(url) };
    world.run(bytes, world.policy(), server).0.report.check(CheckName::Status).unwrap().clone()
}

fn outcome(check: &Check) -> (CheckResult, Option<Reason>) {
    (check.result, check.reason)
}

#[test]
fn vc_jose_cose_a_list_credential_may_be_a_jwt() {
    let world = World::new();
    for (list_kind, entry_kind) in [
        ("BitstringStatusList", "BitstringStatusListEntry"),
        ("StatusList2021", "StatusList2021Entry"),
        ("RevocationList2020", "RevocationList2020Status"),
    ] {
        let list = credential(list_kind, &encode_bitstring(0, &[7]).unwrap());
        let check = |index, list: &[u8]| {
            outcome(&status_check(&world, &with_entries(&world, &entry(entry_kind, index, "revocation")), list))
        };
        let good = as_jwt(&world, &list, |_| {});
        assert_eq!(check(6, &good), PASS, "{list_kind}");
        assert_eq!(check(7, &good), fails(Reason::Revoked), "{list_kind}");
        let ended = as_jwt(&world, &list, |c| c["exp"] = json!(world.now.as_second() - 100));
        assert_eq!(check(6, &ended), unknown(Reason::ListExpired), "{list_kind}");
        let of_other = as_jwt(&world, &list, |c| c["issuer"] = json!("did:web:evil.example"));
        assert_eq!(check(6, &of_other), unknown(Reason::ListInvalid), "{list_kind}");
        let text = String::from_utf8(good.clone()).unwrap();
        let (front, _) = text.rsplit_once('.').unwrap();
        let unsigned = format!("{front}.{}", crate::jose::encode_base64url(&[1; 64]));
        assert_eq!(check(6, unsigned.as_bytes()), unknown(Reason::ListInvalid), "{list_kind}: security E05");
    }
}

#[test]
fn the_predecessors_are_verified_with_data_integrity_too() {
    let world = World::new();
    for (list_kind, entry_kind) in
        [("StatusList2021", "StatusList2021Entry"), ("RevocationList2020", "RevocationList2020Status")]
    {
        let list = signed(&world, credential(list_kind, &encode_bitstring(0, &[7]).unwrap()));
        let check = |index, list: &[u8]| {
            outcome(&status_check(&world, &with_entries(&world, &entry(entry_kind, index, "revocation")), list))
        };
        assert_eq!(check(6, &list), PASS, "{list_kind}");
        assert_eq!(check(7, &list), fails(Reason::Revoked), "{list_kind}");
        let mut altered: Value = serde_json::from_slice(&list).unwrap();
        let other = encode_bitstring(0, &[]).unwrap();
        altered["credentialSubject"]["encodedList"] = json!(other.trim_start_matches('u'));
        assert_eq!(check(7, altered.to_string().as_bytes()), unknown(Reason::ListInvalid), "{list_kind}");
    }
}

#[test]
fn a_list_of_another_kind_than_the_entry_is_no_answer() {
    let world = World::new();
    let list = |kind| as_jwt(&world, &credential(kind, &encode_bitstring(0, &[]).unwrap()), |_| {});
    let old = with_entries(&world, &entry("RevocationList2020Status", 6, "revocation"));
    assert_eq!(outcome(&status_check(&world, &old, &list("BitstringStatusList"))), unknown(Reason::ListInvalid));
    let new = with_entries(&world, &entry("BitstringStatusListEntry", 6, "revocation"));
    assert_eq!(outcome(&status_check(&world, &new, &list("RevocationList2020"))), unknown(Reason::ListInvalid));
}

#[test]
fn bitstring_2_2_a_message_is_told_and_does_not_decide() {
    let world = World::new();
    let mut list = credential("BitstringStatusList", &encode_values(0, 2, &[(1, 1), (2, 2)]).unwrap());
    list["credentialSubject"]["statusPurpose"] = json!(["message", "revocation"]);
    let list = as_jwt(&world, &list, |_| {});
    let with_index = |index, purpose| {
        let mut entry = entry("BitstringStatusListEntry", index, purpose);
        entry["statusSize"] = json!(2);
        let message = |value: &str, message: &str| json!({"status": value, "message": message});
        entry["statusMessage"] = json!([
            message("0x0", "nothing"),
            message("0x1", "appeal pending"),
            message("0x2", "name was corrected"),
            message("0x3", "other")
        ]);
        with_entries(&world, &entry)
    };
    assert_eq!(outcome(&status_check(&world, &with_index(0, "message"), &list)), PASS);
    let told = status_check(&world, &with_index(2, "message"), &list);
    assert_eq!(outcome(&told), (CheckResult::Warn, Some(Reason::StatusMessage)));
    assert!(told.detail.ends_with("0x2: name was corrected"), "{}", told.detail);
    // Not to have it takes nothing away either.
    let none = status_check(&world, &with_index(0, "message"), b"<html>");
    assert_eq!(outcome(&none), (CheckResult::Warn, Some(Reason::ListInvalid)));
    // The same width with a purpose that decides: only 0 stands for nothing being the matter.
    assert_eq!(outcome(&status_check(&world, &with_index(2, "revocation"), &list)), fails(Reason::Revoked));
    assert_eq!(outcome(&status_check(&world, &with_index(0, "revocation"), &list)), PASS);
}

#[test]
fn bitstring_2_2_a_newer_version_is_told_and_does_not_decide() {
    let world = World::new();
    let mut list = credential("BitstringStatusList", &encode_bitstring(0, &[7]).unwrap());
    list["credentialSubject"]["statusPurpose"] = json!("refresh");
    let list = as_jwt(&world, &list, |_| {});
    let check = |index| {
        status_check(&world, &with_entries(&world, &entry("BitstringStatusListEntry", index, "refresh")), &list)
    };
    assert_eq!(outcome(&check(6)), PASS);
    assert_eq!(outcome(&check(7)), (CheckResult::Warn, Some(Reason::NewerVersion)));
}

#[test]
fn security_e12_of_entries_that_disagree_the_strictest_counts_and_each_is_told() {
    let world = World::new();
    let mut list = credential("BitstringStatusList", &encode_bitstring(0, &[7]).unwrap());
    list["credentialSubject"]["statusPurpose"] = json!(["revocation", "suspension", "refresh"]);
    let list = as_jwt(&world, &list, |_| {});
    let entries = |revoked: u64, suspended: u64, newer: u64| {
        let kind = "BitstringStatusListEntry";
        let entries = json!([
            entry(kind, newer, "refresh"),
            entry(kind, suspended, "suspension"),
            entry(kind, revoked, "revocation")
        ]);
        status_check(&world, &with_entries(&world, &entries), &list)
    };
    assert_eq!(outcome(&entries(7, 7, 7)), fails(Reason::Revoked));
    assert_eq!(outcome(&entries(6, 7, 7)), fails(Reason::Suspended));
    assert_eq!(outcome(&entries(6, 6, 7)), (CheckResult::Warn, Some(Reason::NewerVersion)));
    let all = entries(6, 6, 6);
    assert_eq!((outcome(&all), all.parts.len()), (PASS, 3));
    assert_eq!(outcome(&entries(6, 999_999, 6)), unknown(Reason::ListInvalid), "one that is not known is not valid");
}

#[test]
fn token_status_list_5_2_a_cwt_is_named_and_not_taken_for_damage() {
    let world = World::new();
    let listed = world.with(|c| c["status"] = json!({"status_list": {"idx": 0, "uri": LIST_URL}}));
    let cwt = [0xd2, 0x84, 0x58, 0x20];
    let report = world.run(&listed, world.policy(), |_| Some(cwt.to_vec())).0.report;
    assert_eq!(found(&report, CheckName::Status), unknown(Reason::NotSupported));
    assert!(report.check(CheckName::Status).unwrap().detail.contains("CWT"));
}

#[test]
fn token_status_list_5_1_iat_must_be_there_and_past() {
    let world = World::new();
    let listed = world.with(|c| c["status"] = json!({"status_list": {"idx": 0, "uri": LIST_URL}}));
    let with = |change: &dyn Fn(&mut Value)| {
        let list = world.status_token(&[0], change);
        found(&world.run(&listed, world.policy(), |_| Some(list.clone())).0.report, CheckName::Status)
    };
    assert_eq!(with(&|_| {}), PASS);
    assert_eq!(with(&|c| drop(c.as_object_mut().unwrap().remove("iat"))), unknown(Reason::ListInvalid));
    let ahead = world.now.as_second() + 3600;
    assert_eq!(with(&|c| c["iat"] = json!(ahead)), unknown(Reason::ListExpired), "security E06");
    assert_eq!(with(&|c| c["exp"] = json!("soon")), unknown(Reason::ListInvalid));
}

#[test]
fn security_e09_on_hold_is_lifted_and_withdrawn_is_final() {
    let world = World::new();
    let listed = world.with(|c| c["status"] = json!({"status_list": {"idx": 0, "uri": LIST_URL}}));
    let status = |value: u8| {
        let list = world.status_token(&[value], |_| {});
        world.run(&listed, world.policy(), |_| Some(list.clone())).0.report.status
    };
    assert_eq!(
        [status(0), status(2), status(0), status(1)],
        [CardStatus::Valid, CardStatus::Suspended, CardStatus::Valid, CardStatus::Revoked]
    );
}

#[test]
fn security_e06_a_list_that_ended_is_no_answer_and_tells_from_when_it_is() {
    let world = World::new();
    let listed = world.with(|c| c["status"] = json!({"status_list": {"idx": 0, "uri": LIST_URL}}));
    let fetched = Timestamp::from_second(world.now.as_second() - 1800).unwrap();
    let ended = world.status_token(&[0], |c| {
        c["iat"] = json!(fetched.as_second());
        c["exp"] = json!(world.now.as_second() - 600);
    });
    let mut resources = Resources::default();
    let resource = Resource { media_type: None, bytes: ended.clone(), fetched };
    resources.put(LIST_URL.parse().unwrap(), resource);
    let offline = Policy { network: false, resources: resources.clone(), ..world.policy() };
    let report = world.run(&listed, offline, |_| None).0.report;
    assert_eq!(found(&report, CheckName::Status), unknown(Reason::ListExpired));
    assert_eq!(report.check(CheckName::Status).unwrap().known_at, Some(fetched));
    // Within its ttl and past its end it is asked for again; an issuer that has nothing newer is asked once.
    let policy = Policy { resources, ..world.policy() };
    let (checked, asked) = world.run(&listed, policy, |_| Some(ended.clone()));
    assert_eq!(asked, [LIST_URL]);
    assert_eq!(found(&checked.report, CheckName::Status), unknown(Reason::ListExpired));
}

#[test]
fn security_e14_a_known_list_is_verified_at_every_use() {
    let world = World::new();
    let listed = world.with(|c| c["status"] = json!({"status_list": {"idx": 0, "uri": LIST_URL}}));
    let text = String::from_utf8(world.status_token(&[1], |_| {})).unwrap();
    let clean = String::from_utf8(world.status_token(&[0], |_| {})).unwrap();
    let parts: Vec<_> = text.split('.').zip(clean.split('.')).collect();
    // Somebody with the disk in their hands puts the claims of another list under the old signature.
    let swapped = format!("{}.{}.{}", parts[0].0, parts[1].1, parts[2].0).into_bytes();
    let mut resources = Resources::default();
    resources.put(LIST_URL.parse().unwrap(), Resource { media_type: None, bytes: swapped, fetched: world.now });
    let policy = Policy { resources, network: false, ..world.policy() };
    let report = world.run(&listed, policy, |_| None).0.report;
    assert_eq!(found(&report, CheckName::Status), unknown(Reason::ListInvalid));
}
