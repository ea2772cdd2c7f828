//! What bad input gets: a named error, its exit code, and nothing changed or sent.

use std::path::PathBuf;

use crate::common::{PASSPHRASE, Ran, Trial, bare, contents};
use serde_json::json;

/// A folder of published test data, or `None` where it is absent.
fn vectors(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("LEERPAS_VECTORS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"), PathBuf::from);
    let path = root.join(name);
    if !path.is_dir() {
        println!("skipped: no vectors");
        return None;
    }
    Some(path)
}

#[test]
fn words_that_are_wrong_end_with_2_and_one_json_object() {
    for words in [&["--json", "fly"][..], &["--json"], &["--json", "receive"], &["--json", "card", "x", "--nope"]] {
        let ran = Ran::of(bare().args(words));
        assert_eq!((ran.code, ran.kind()), (2, "usage"), "{words:?}: {ran:?}");
    }
    assert_eq!(bare().arg("--help").output().unwrap().status.code(), Some(0));
    assert_eq!(bare().arg("--version").output().unwrap().status.code(), Some(0));
}

#[test]
fn a_public_desk_with_words_that_do_not_fit_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let empty = empty.to_str().unwrap();
    let public = ["--public", "https://desk.example"];
    for words in [
        &["--public", "http://desk.example"][..],
        &["--public", "https://desk.example/path"],
        &["--public", "https://192.0.2.1"],
        &["--certificate", empty, "--key", empty],
        &[public[0], public[1], "--certificate", empty],
        &[public[0], public[1], "--key", empty],
        &[public[0], public[1], "--certificate", empty, "--key", empty],
        &[public[0], public[1], "--certificate", "/nonexistent", "--key", empty],
    ] {
        let data = ["--json", "desk", "--data", folder.path().to_str().unwrap()];
        let ran = Ran::of(bare().args(data).args(words));
        assert_eq!((ran.code, ran.kind()), (2, "usage"), "{words:?}: {ran:?}");
    }
}

#[test]
fn a_vault_that_is_missing_locked_or_there_already_says_which() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("p");
    let at = |words: &[&str], phrase: Option<&str>| {
        let mut command = bare();
        if let Some(phrase) = phrase {
            command.env("LEERPAS_PASSPHRASE", phrase);
        }
        Ran::of(command.arg("--json").args(["--profile".as_ref(), profile.as_os_str()]).args(words))
    };
    assert_eq!(at(&["cards"], Some(PASSPHRASE)).kind(), "vault_missing");
    assert_eq!(at(&["init"], Some("kort")).kind(), "weak_passphrase");
    assert!(!profile.join("vault.db").exists());
    let made = at(&["init"], Some(PASSPHRASE));
    assert_eq!(made.code, 0, "{made:?}");
    assert!(made.json["recovery_key"].as_str().unwrap().len() > 20);
    let before = contents(&profile);
    let again = at(&["init"], Some(PASSPHRASE));
    assert_eq!((again.code, again.kind()), (3, "vault_exists"));
    let wrong = at(&["cards"], Some("een heel andere zin dan die"));
    assert_eq!((wrong.code, wrong.kind()), (5, "wrong_passphrase"));
    let silent = at(&["cards"], None);
    assert_eq!((silent.code, silent.kind()), (5, "locked"));
    assert_eq!(contents(&profile), before, "a refusal changes nothing");

    let file = folder.path().join("phrase");
    std::fs::write(&file, format!("{PASSPHRASE}\n")).unwrap();
    let ran = at(&["--passphrase-file", file.to_str().unwrap(), "cards"], None);
    assert_eq!((ran.code, &ran.json), (0, &json!({"cards": []})));
}

#[test]
fn the_passphrase_and_the_code_are_never_in_an_argument_list() {
    let help = String::from_utf8(bare().arg("--help").output().unwrap().stdout).unwrap();
    assert!(!help.contains("--passphrase "), "{help}");
}

#[test]
fn bad_offers_and_requests_are_refused_by_name() {
    let trial = Trial::start();
    let hash = "x509_hash:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let query = "%7B%22credentials%22%3A%5B%7B%22id%22%3A%22q%22%2C%22format%22%3A%22dc%2Bsd-jwt%22%2C%22meta%22%3A%7B%22vct_values%22%3A%5B%22x%22%5D%7D%7D%5D%7D";
    let by_value = |client: &str, nonce: &str, to: &str| {
        format!(
            "openid4vp://?response_type=vp_token&response_mode=direct_post&client_id={client}{nonce}&response_uri={to}&dcql_query={query}"
        )
    };
    let there = "https%3A%2F%2Flocalhost%3A9443%2Fa";
    let redirect = format!("redirect_uri%3A{there}");
    let cases = [
        ("receive", "ftp://example.org/no-offer".to_owned(), 3, "not_recognised"),
        ("receive", "WIFI:S:cafe;T:WPA;P:x;;".to_owned(), 3, "not_recognised"),
        (
            "receive",
            "openid-credential-offer://?credential_offer_uri=http%3A%2F%2Fx.example%2F".to_owned(),
            3,
            "insecure_address",
        ),
        (
            "receive",
            "openid-credential-offer://?credential_offer_uri=https%3A%2F%2F10.1.2.3%2F".to_owned(),
            3,
            "address_refused",
        ),
        ("receive", "openid-credential-offer://?credential_offer=%7B%7D".to_owned(), 3, "offer_invalid"),
        (
            "receive",
            "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Flocalhost%3A1025%2F".to_owned(),
            6,
            "unreachable",
        ),
        ("present", by_value(hash, "&nonce=0123456789abcdef", there), 3, "request_unsigned"),
        ("present", by_value(&redirect, "", there), 3, "request_invalid"),
        (
            "present",
            by_value(&redirect, "&nonce=0123456789abcdef", "https%3A%2F%2Fother.example%2Fa"),
            3,
            "request_wrong_address",
        ),
        ("present", by_value("origin%3Ahttps%3A%2F%2Fx", "&nonce=0123456789abcdef", there), 3, "request_invalid"),
        ("present", "openid4vp://?client_id=x&request_uri=http%3A%2F%2Fx.example".to_owned(), 3, "insecure_address"),
        ("present", "openid4vp://".to_owned(), 3, "request_invalid"),
    ];
    let log = trial.path("net.log");
    for (command, link, code, kind) in cases {
        let ran = trial.json(&["--net-log", log.to_str().unwrap(), command, &link]);
        assert_eq!((ran.code, ran.kind()), (code, kind), "{link}: {ran:?}");
        assert!(ran.json["error"]["step"].is_string() && ran.json["error"]["message"].is_string());
    }
    assert_eq!(trial.json(&["cards"]).json, json!({"cards": []}));
    assert_eq!(trial.json(&["keys"]).json, json!({"keys": []}));
}

#[test]
fn a_wrong_code_is_refused_and_the_right_one_works_after_it() {
    let trial = Trial::start();
    let offer = trial.sandbox.text("/offers/microcredential").to_owned();
    let code = trial.sandbox.text("/tx_code");
    let wrong: String = code.chars().map(|c| if c == '9' { '0' } else { '9' }).collect();
    let ran = trial.json(&["receive", &offer, "--tx-code", &wrong]);
    assert_eq!((ran.code, ran.kind()), (3, "tx_code_wrong"), "{ran:?}");
    let ran = trial.json(&["receive", &offer]);
    assert_eq!((ran.code, ran.kind()), (3, "tx_code_needed"), "{ran:?}");
    assert_eq!(trial.json(&["keys"]).json, json!({"keys": []}));
    assert_eq!(trial.receive("microcredential").code, 0);
}

#[test]
fn loopback_is_closed_unless_it_is_opened() {
    let trial = Trial::start();
    let offer = trial.sandbox.text("/offers/badge").to_owned();
    let profile = trial.path("profile");
    let ran = Ran::of(
        bare()
            .env("LEERPAS_PASSPHRASE", PASSPHRASE)
            .arg("--json")
            .args(["--profile".as_ref(), profile.as_os_str()])
            .args(["--tls-root".as_ref(), trial.path("ca.pem").as_os_str()])
            .args(["receive", &offer]),
    );
    assert_eq!((ran.code, ran.kind()), (3, "address_refused"), "{ran:?}");
    // And without the institution's root its certificate does not hold.
    let ran = Ran::of(
        bare()
            .env("LEERPAS_PASSPHRASE", PASSPHRASE)
            .args(["--json", "--allow-loopback"])
            .args(["--profile".as_ref(), profile.as_os_str()])
            .args(["receive", &offer]),
    );
    assert_eq!((ran.code, ran.kind()), (6, "unreachable"), "{ran:?}");
}

#[test]
fn real_open_badges_are_imported_and_cut_ones_are_refused() {
    let Some(badges) = vectors("open-badges-3") else { return };
    let trial = Trial::start();
    for (name, status) in [("simple.json", None), ("simple-json.png", None), ("simple-json.svg", None)] {
        let file = badges.join(name);
        let ran = trial.json(&["import", file.to_str().unwrap()]);
        assert_eq!(ran.code, 0, "{name}: {ran:?}");
        let id = ran.json["cards"][0]["id"].as_str().unwrap().to_owned();
        let raw = trial.command(&["card", &id, "--raw"]).output().unwrap().stdout;
        assert_eq!(raw, std::fs::read(&file).unwrap(), "{name}: the original bytes are kept");
        let card = trial.json(&["card", &id]).json;
        let checks = card["card"]["checks"].as_array().unwrap();
        let result = |name: &str| checks.iter().find(|c| c["name"] == name).map(|c| c["result"].clone());
        assert_eq!(result("signature"), Some(json!("pass")), "{name}: {card}");
        assert!(status.is_none_or(|status: &str| card["card"]["status"] == status));
        assert_eq!(trial.json(&["delete", &id]).code, 0);
    }
    let forged = trial.json(&["import", badges.join("simple-err-proof-value.json").to_str().unwrap()]);
    assert_eq!((forged.code, forged.kind()), (3, "credential_not_genuine"), "{forged:?}");
    let verified = trial.json(&["verify", badges.join("simple-err-proof-value.json").to_str().unwrap()]);
    assert_eq!((verified.code, &verified.json["verdict"]), (1, &json!("invalid")));

    let whole = std::fs::read(badges.join("simple-json.png")).unwrap();
    let half = trial.path("half.png");
    std::fs::write(&half, &whole[..whole.len() / 2]).unwrap();
    let ran = trial.json(&["import", half.to_str().unwrap()]);
    assert_eq!((ran.code, ran.kind()), (3, "badge_damaged"), "{ran:?}");
    assert_eq!(trial.json(&["cards"]).json, json!({"cards": []}));
}

#[test]
fn what_is_no_credential_is_refused_before_anything_else() {
    let trial = Trial::start();
    let cases: [(&str, &[u8], &str); 5] = [
        ("empty", b"", "not_recognised"),
        ("page.html", b"<!doctype html><title>x</title>", "not_recognised"),
        ("list.json", b"[1,2,3]", "not_recognised"),
        ("deep.json", &b"{\"a\":".repeat(5000), "not_recognised"),
        ("noise", &[0xFF; 4096], "not_recognised"),
    ];
    for (name, bytes, kind) in cases {
        let file = trial.path(name);
        std::fs::write(&file, bytes).unwrap();
        let ran = trial.json(&["import", file.to_str().unwrap()]);
        assert_eq!(ran.code, 3, "{name}: {ran:?}");
        assert!([kind, "credential_unreadable", "input_too_large"].contains(&ran.kind()), "{name}: {ran:?}");
        let ran = trial.json(&["verify", file.to_str().unwrap()]);
        assert_eq!(ran.code, 3, "{name}: {ran:?}");
    }
    assert_eq!(trial.json(&["import", "/nowhere/at/all"]).code, 2);
    assert_eq!(trial.json(&["import", "/dev/zero"]).code, 2);
}
