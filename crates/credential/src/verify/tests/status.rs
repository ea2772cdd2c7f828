//! Status lists.

use leerpas_core::{CardStatus, ErrorKind, Timestamp};
use serde_json::{Value, json};

use super::*;
use crate::status::{encode_bitstring, encode_revocation_list};

fn listed(world: &World, index: u64) -> Vec<u8> {
    world.with(|c| c["status"] = json!({"status_list": {"idx": index, "uri": LIST_URL}}))
}

#[test]
fn token_status_list_8_3_each_value_has_its_answer() {
    let world = World::new();
    let status = |index| world.check(&listed(&world, index));
    assert_eq!(found(&status(0), CheckName::Status), PASS);
    assert_eq!(found(&status(1), CheckName::Status), fails(Reason::Revoked));
    assert_eq!((status(1).status, status(1).failure_kind()), (CardStatus::Revoked, Some(ErrorKind::CredentialRevoked)));
    assert_eq!(
        (found(&status(2), CheckName::Status), status(2).status),
        (fails(Reason::Suspended), CardStatus::Suspended)
    );
    assert_eq!(found(&status(3), CheckName::Status), unknown(Reason::NotSupported));
    assert_eq!(found(&status(9_999), CheckName::Status), unknown(Reason::ListInvalid), "security E02");
}

#[test]
fn security_e04_e05_a_list_that_is_not_the_issuers_is_no_answer() {
    let world = World::new();
    let with_list = |list: Vec<u8>| {
        let report = world.run(&listed(&world, 0), world.policy(), |_| Some(list.clone())).0.report;
        assert_ne!(report.verdict, Verdict::Valid);
        found(&report, CheckName::Status)
    };
    let swapped = world.status_token(&[0], |c| c["sub"] = json!("https://hogeschool.example/status/2"));
    assert_eq!(with_list(swapped), unknown(Reason::ListInvalid));
    let old = world.status_token(&[0], |c| c["exp"] = json!(world.now.as_second() - 100));
    assert_eq!(with_list(old), unknown(Reason::ListExpired));
    let claims = json!({"sub": LIST_URL, "iss": ISSUER, "iat": 0, "status_list": encode_token_list(1, &[0]).unwrap()});
    let mallory = IssuerKey::make_p256(&world.entropy);
    let token = |header: Value, signer: &IssuerKey| {
        sign_compact(&header, claims.to_string().as_bytes(), signer).unwrap().into_bytes()
    };
    let forged = token(json!({"typ": "statuslist+jwt", "x5c": world.x5c}), &mallory);
    assert_eq!(with_list(forged), unknown(Reason::ListInvalid));
    assert_eq!(with_list(token(json!({"typ": "JWT", "x5c": world.x5c}), &world.key)), unknown(Reason::ListInvalid));
    let (key, x5c) = world.authority.issue_signer("E", "E", &["evil.example"], &[], world.env()).unwrap();
    assert_eq!(with_list(token(json!({"typ": "statuslist+jwt", "x5c": x5c}), &key)), unknown(Reason::ListInvalid));
    let elsewhere = world.status_token(&[0], |c| c["iss"] = json!("https://evil.example"));
    assert_eq!(with_list(elsewhere), unknown(Reason::ListInvalid));
    assert_eq!(with_list(b"<html>".to_vec()), unknown(Reason::ListInvalid));
}

#[test]
fn security_e08_a_list_that_cannot_be_had_is_said_to_be_so() {
    let world = World::new();
    let report = world.run(&listed(&world, 0), world.policy(), |_| None).0.report;
    assert_eq!(found(&report, CheckName::Status), unknown(Reason::ListUnavailable));
    assert_eq!((report.verdict, report.failure_kind()), (Verdict::Unknown, Some(ErrorKind::CredentialUncheckable)));
}

#[test]
fn security_e06_a_known_list_serves_within_its_lifetime_and_is_dated() {
    let world = World::new();
    let fetched_at = |minutes: i64| {
        let mut resources = Resources::default();
        let fetched = Timestamp::from_second(world.now.as_second() - minutes * 60).unwrap();
        let bytes = world.status_token(&[0], |c| c["iat"] = json!(fetched.as_second()));
        resources.put(LIST_URL.parse().unwrap(), Resource { media_type: None, bytes, fetched });
        Policy { resources, ..world.policy() }
    };
    let (checked, asked) = world.run(&listed(&world, 0), fetched_at(30), |_| None);
    assert!(asked.is_empty());
    assert_eq!(found(&checked.report, CheckName::Status), PASS);
    assert!(checked.report.check(CheckName::Status).unwrap().known_at.is_some());
    let (checked, asked) = world.run(&listed(&world, 0), fetched_at(61), |_| None);
    assert_eq!(asked, [LIST_URL]);
    assert_eq!(found(&checked.report, CheckName::Status), unknown(Reason::ListUnavailable));
    assert!(checked.report.check(CheckName::Status).unwrap().known_at.is_some());
    let offline = Policy { network: false, ..fetched_at(61) };
    let report = world.run(&listed(&world, 0), offline, |_| None).0.report;
    assert_eq!(found(&report, CheckName::Status), unknown(Reason::ListExpired));
}

#[test]
fn security_e11_e15_b16_nobody_is_asked_for_a_credential_that_does_not_hold() {
    let world = World::new();
    let nothing_asked = |bytes: &[u8]| {
        let (checked, asked) = world.run(bytes, world.policy(), |url| world.server(url));
        assert!(asked.is_empty(), "{asked:?}");
        assert_eq!(found(&checked.report, CheckName::Status), unknown(Reason::NotAsked));
    };
    let status = json!({"status_list": {"idx": 0, "uri": LIST_URL}});
    let mut claims = world.claims();
    claims["status"] = status.clone();
    nothing_asked(&world.sd_jwt(claims, world.x5c_header(), &[], &IssuerKey::make_p256(&world.entropy)));
    nothing_asked(&world.with(|c| {
        c["status"] = status.clone();
        c["exp"] = json!(1);
    }));
    let unique = format!("{LIST_URL}?card=123");
    nothing_asked(&world.with(|c| c["status"] = json!({"status_list": {"idx": 0, "uri": unique}})));
}

const BITS_URL: &str = "https://hogeschool.example/status/bits";
const REVOKED_URL: &str = "https://hogeschool.example/status/revoked";

fn bitstring(world: &World, change: impl Fn(&mut Value), key: &IssuerKey, method: &str) -> Vec<u8> {
    let mut list = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"], "id": BITS_URL,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"], "issuer": DID,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": format!("{BITS_URL}#list"), "type": "BitstringStatusList",
            "statusPurpose": "revocation", "encodedList": encode_bitstring(131_072, &[7]).unwrap()}});
    change(&mut list);
    world.sign_badge(list, method, "assertionMethod", key)
}

fn badge_at(world: &World, index: &str) -> Vec<u8> {
    world.badge(|badge| {
        badge["credentialStatus"] = json!({"id": format!("{BITS_URL}#{index}"), "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation", "statusListIndex": index, "statusListCredential": BITS_URL});
    })
}

#[test]
fn bitstring_3_2_the_list_credential_is_verified_and_says_valid_or_revoked() {
    let world = World::new();
    let method = format!("{DID}#badge");
    let run = |bytes: &[u8], list: Vec<u8>| {
        let server = |url: &str| if url == BITS_URL { Some(list.clone()) } else { world.server(url) };
        found(&world.run(bytes, world.policy(), server).0.report, CheckName::Status)
    };
    let good = || bitstring(&world, |_| {}, &world.badge_key, &method);
    assert_eq!(run(&badge_at(&world, "6"), good()), PASS);
    assert_eq!(run(&badge_at(&world, "7"), good()), fails(Reason::Revoked));
    assert_eq!(run(&badge_at(&world, "131072"), good()), unknown(Reason::ListInvalid));
    let with =
        |change: &dyn Fn(&mut Value)| run(&badge_at(&world, "6"), bitstring(&world, change, &world.badge_key, &method));
    assert_eq!(with(&|list| list["id"] = json!("https://hogeschool.example/other")), unknown(Reason::ListInvalid));
    assert_eq!(with(&|list| list["issuer"] = json!("did:web:evil.example")), unknown(Reason::ListInvalid));
    assert_eq!(with(&|list| list["validUntil"] = json!("2026-02-01T00:00:00Z")), unknown(Reason::ListExpired));
    let suspension = |list: &mut Value| list["credentialSubject"]["statusPurpose"] = json!("suspension");
    assert_eq!(with(&suspension), unknown(Reason::ListInvalid));
    let stranger = IssuerKey::make_ed25519(&world.entropy);
    let forged = bitstring(&world, |_| {}, &stranger, &method);
    assert_eq!(run(&badge_at(&world, "6"), forged), unknown(Reason::ListInvalid));
}

#[test]
fn open_badges_3_revocation_list_counts_only_from_the_issuers_host() {
    let world = World::new();
    let badge = |url: &str| {
        world.badge(|badge| {
            let extensions = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json";
            badge["@context"].as_array_mut().unwrap().push(json!(extensions));
            badge["credentialStatus"] = json!({"id": url, "type": "1EdTechRevocationList"});
        })
    };
    let id = "urn:uuid:6a1f2c1e-9f55-4a50-9a19-0d1c3f6b0001";
    let run = |url: &str, revoked: &[&str]| {
        let list = encode_revocation_list(url, DID, revoked).to_string().into_bytes();
        let server = |asked: &str| if asked == url { Some(list.clone()) } else { world.server(asked) };
        found(&world.run(&badge(url), world.policy(), server).0.report, CheckName::Status)
    };
    assert_eq!(run(REVOKED_URL, &[]), PASS);
    assert_eq!(run(REVOKED_URL, &[id]), fails(Reason::Revoked));
    assert_eq!(run("https://evil.example/revoked", &[]), unknown(Reason::ListInvalid));
}

#[test]
fn security_b21_an_old_key_is_not_taken_for_a_present_one() {
    let world = World::new();
    let fetched = Timestamp::from_second(world.now.as_second() - 25 * 3600).unwrap();
    let mut resources = Resources::default();
    let bytes = world.server(DID_URL).unwrap();
    resources.put(DID_URL.parse().unwrap(), Resource { media_type: None, bytes, fetched });
    let policy = || Policy { resources: resources.clone(), ..world.policy() };
    let (checked, asked) = world.run(&world.badge(|_| {}), policy(), |_| None);
    assert_eq!(asked, [DID_URL]);
    assert_eq!(found(&checked.report, CheckName::IssuerKey), unknown(Reason::KeyUnavailable));
    assert_eq!(checked.report.check(CheckName::IssuerKey).unwrap().known_at, Some(fetched));
    let offline = Policy { network: false, ..policy() };
    let report = world.run(&world.badge(|_| {}), offline, |_| None).0.report;
    assert_eq!(found(&report, CheckName::IssuerKey), PASS);
    assert_eq!(report.check(CheckName::IssuerKey).unwrap().known_at, Some(fetched));
}
