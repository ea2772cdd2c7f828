//! Whom a person trusts, by the command line: from a list, from a signed list, and no longer.

use crate::common::Trial;
use leerpas_core::{OsEntropy, SystemClock};
use leerpas_credential::{jose::sign_compact, keys::IssuerKey, trust::LIST_TYPE};
use serde_json::{Value, json};

fn names(trial: &Trial) -> Vec<String> {
    let listed = trial.json(&["trust", "list"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    let name = |one: &Value| one["name"]["nl"].as_str().unwrap().to_owned();
    listed.json["trusted"].as_array().unwrap().iter().map(name).collect()
}

fn write(trial: &Trial, name: &str, bytes: &str) -> String {
    let path = trial.path(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn an_institution_is_added_from_a_list_shown_and_removed() {
    let trial = Trial::start();
    assert!(names(&trial).is_empty());
    let list = json!({"version": 1, "institutions": [{"name": {"nl": "Muziekschool De Klank"},
        "identifiers": ["https://deklank.example"], "brin": "99ZZ"}]});
    let file = write(&trial, "own.json", &list.to_string());
    for _ in 0..2 {
        let added = trial.json(&["trust", "add", &file]);
        assert_eq!((added.code, added.json["trusted"].as_array().unwrap().len()), (0, 1), "{added:?}");
    }
    assert_eq!(names(&trial), ["Muziekschool De Klank"], "added twice, it is one");
    let one = trial.json(&["trust", "list"]).json["trusted"][0].clone();
    assert_eq!((&one["signer"], &one["brin"]), (&Value::Null, &json!("99ZZ")));
    assert_eq!(one["identifiers"], json!(["https://deklank.example"]));

    let id = one["id"].as_str().unwrap();
    assert_eq!(trial.json(&["trust", "remove", id]).code, 0);
    assert!(names(&trial).is_empty());
    assert_eq!(trial.json(&["trust", "remove", id]).kind(), "usage");

    let broken = write(&trial, "broken.json", r#"{"version":1,"institutions":[{"name":{"nl":"A"},"keys":[{}]}]}"#);
    assert_eq!(trial.json(&["trust", "add", &broken]).kind(), "not_recognised");
    assert!(names(&trial).is_empty());
}

#[test]
fn a_signed_list_is_taken_in_from_its_signer_and_never_an_older_one() {
    let trial = Trial::start();
    let key = IssuerKey::make_p256(&OsEntropy);
    let signer = write(&trial, "signer.jwk", &key.public().to_jwk().to_string());
    let signed = |sequence: u64, name: &str| {
        let now = leerpas_core::Clock::now(&SystemClock).as_second();
        let list = json!({"version": 2, "iat": now - 60, "exp": now + 3600, "sequence": sequence,
            "institutions": [{"name": {"nl": name}, "identifiers": ["https://deklank.example"]}]});
        let token = sign_compact(&json!({"typ": LIST_TYPE}), list.to_string().as_bytes(), &key).unwrap();
        write(&trial, &format!("{sequence}.jwt"), &token)
    };
    let first = trial.json(&["trust", "add", &signed(2, "De Klank"), "--signer", &signer]);
    assert_eq!(first.code, 0, "{first:?}");
    assert_eq!(first.json["trusted"][0]["signer"], json!(key.public().thumbprint()));
    assert_eq!(trial.json(&["trust", "add", &signed(1, "Oud"), "--signer", &signer]).kind(), "not_recognised");
    assert_eq!(names(&trial), ["De Klank"]);
    assert_eq!(trial.json(&["trust", "add", &signed(3, "De Klank Zuid"), "--signer", &signer]).code, 0);
    assert_eq!(names(&trial), ["De Klank Zuid"], "a list takes the place of the one before");

    let other = write(&trial, "other.jwk", &IssuerKey::make_p256(&OsEntropy).public().to_jwk().to_string());
    assert_eq!(trial.json(&["trust", "add", &signed(4, "Vals"), "--signer", &other]).kind(), "not_recognised");
    assert_eq!(names(&trial), ["De Klank Zuid"]);
}

#[test]
fn the_signed_list_of_a_trial_counts_with_the_key_that_its_run_handed_over() {
    let trial = Trial::start();
    let received = trial.receive("microcredential");
    let id = received.json["cards"][0]["id"].as_str().unwrap().to_owned();
    let known = |arguments: &[&str]| {
        let refreshed = trial.json(&[arguments, &["refresh", &id]].concat());
        assert_eq!(refreshed.code, 0, "{refreshed:?}");
        let shown = trial.json(&[arguments, &["card", &id]].concat()).json;
        let checks = shown["card"]["checks"].as_array().unwrap().clone();
        let check = checks.iter().find(|check| check["name"] == "issuer_trust").unwrap();
        let explained = check["detail"].as_str().unwrap().contains("nobody vouches");
        assert_eq!(explained, check["reason"] == "not_in_list", "a caution says what it means: {check}");
        check["result"].as_str().unwrap().to_owned()
    };
    let (signed, anchor) = (trial.path("trust.jwt"), trial.path("trust-anchor.jwk"));
    let (signed, anchor) = (signed.to_str().unwrap(), anchor.to_str().unwrap());
    std::fs::write(trial.path("trust.json"), r#"{"version":1,"institutions":[]}"#).unwrap();
    assert_eq!(known(&[]), "warn");
    let with_list = ["--trust", signed, "--trust-anchor", anchor];
    assert_eq!(known(&with_list), "pass");
    assert!(names(&trial).is_empty(), "it counts for the run alone");

    let other = write(&trial, "other.jwk", &IssuerKey::make_p256(&OsEntropy).public().to_jwk().to_string());
    for arguments in [vec!["--trust", signed], vec!["--trust", signed, "--trust-anchor", &other]] {
        assert_eq!(
            trial.json(&[&arguments[..], &["cards"]].concat()).kind(),
            "usage",
            "nobody who was named signed it"
        );
    }
}

#[test]
fn a_signed_list_of_a_run_is_refused_when_the_vault_has_seen_a_newer_one() {
    let trial = Trial::start();
    let key = IssuerKey::make_ed25519(&OsEntropy);
    let anchor = write(&trial, "anchor.jwk", &key.public().to_jwk().to_string());
    let run = |sequence: u64| {
        let now = leerpas_core::Clock::now(&SystemClock).as_second();
        let list = json!({"version": 2, "iat": now - 60, "exp": now + 3600, "sequence": sequence,
            "institutions": [{"name": {"nl": "De Klank"}, "identifiers": ["https://deklank.example"]}]});
        let token = sign_compact(&json!({"typ": LIST_TYPE}), list.to_string().as_bytes(), &key).unwrap();
        let file = write(&trial, &format!("run-{sequence}.jwt"), &token);
        trial.json(&["--trust", &file, "--trust-anchor", &anchor, "cards"])
    };
    assert_eq!((run(4).code, run(5).code, run(5).code), (0, 0, 0));
    assert_eq!(run(4).kind(), "not_recognised");
    assert_eq!(run(6).code, 0);
}

#[test]
fn the_issuer_of_a_card_is_trusted_when_it_was_proved_and_is_on_no_list() {
    let trial = Trial::start();
    let received = trial.receive("microcredential");
    let id = received.json["cards"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(trial.json(&["trust", "add", "--issuer-of", &id]).kind(), "credential_uncheckable", "it is listed");
    let list = trial.path("trust.json");
    std::fs::write(&list, r#"{"version":1,"institutions":[]}"#).unwrap();
    assert_eq!(trial.json(&["refresh"]).code, 0);
    let added = trial.json(&["trust", "add", "--issuer-of", &id]);
    assert_eq!(added.code, 0, "{added:?}");
    assert_eq!(trial.json(&["trust", "add", "--issuer-of", "nobody"]).kind(), "card_not_found");
    assert_eq!(added.json["trusted"].as_array().unwrap().len(), 1);
}
