//! The whole journey with the real command line, the real institution and the real desk.

use crate::common;
use crate::common::{Trial, bare, http};
use serde_json::{Value, json};

#[test]
fn a_learner_receives_a_microcredential_and_shows_it_to_an_employer() {
    let trial = Trial::start();

    // Receive.
    let received = trial.receive("microcredential");
    assert_eq!(received.code, 0, "{received:?}");
    let card = &received.json["cards"][0];
    assert_eq!(card["format"], "dc+sd-jwt");
    assert_eq!(card["status"], "valid");
    let id = card["id"].as_str().unwrap().to_owned();

    // Look.
    let cards = trial.json(&["cards"]);
    let line = &cards.json["cards"][0];
    assert_eq!(cards.json["cards"].as_array().unwrap().len(), 1);
    for name in ["id", "title", "issuer", "format", "status", "issued", "expires", "ects", "eqf"] {
        assert!(!line[name].is_null(), "{name} in {line}");
    }
    assert!(line["ects"].is_number() && line["eqf"].is_number(), "{line}");
    let detail = trial.json(&["card", &id]).json["card"].clone();
    assert_eq!(detail["verdict"], "valid");
    for name in ["signature", "issuer_key", "issuer_trust", "holder", "validity", "status"] {
        let check = detail["checks"].as_array().unwrap().iter().find(|check| check["name"] == name);
        assert_eq!(check.map(|check| &check["result"]), Some(&json!("pass")), "{name}: {detail}");
    }
    let title = line["title"].as_str().unwrap();
    let word = title.split(' ').next_back().unwrap();
    assert_eq!(trial.json(&["cards", "--query", word]).json["cards"][0]["id"], id.as_str());
    assert_eq!(trial.json(&["cards", "--query", "zzzz"]).json["cards"], json!([]));

    // The plan sends nothing.
    let asked = trial.ask(r#"{"template":"microcredential"}"#);
    let plan = trial.json(&["present", &asked.link]);
    assert_eq!(plan.code, 0, "{plan:?}");
    assert_eq!(plan.json["sent"], false);
    assert_eq!(trial.result(&asked)["state"], "waiting");
    let query = &plan.json["plan"]["queries"][0];
    let optional = query["candidates"][0]["claims"]
        .as_array()
        .unwrap()
        .iter()
        .find(|claim| claim["optional"] == true)
        .unwrap_or_else(|| panic!("no optional claim in {query}"))["path"]
        .as_str()
        .unwrap()
        .to_owned();

    // Share, without what is optional: the same request, which the desk hands out once.
    let left_out = format!("{}:{optional}", query["id"].as_str().unwrap());
    let shared = trial.json(&["present", &asked.link, "--without", &left_out, "--approve"]);
    assert_eq!((shared.code, &shared.json["outcome"]), (0, &json!("shared")), "{shared:?}");

    // The employer sees the verdict, each check, and only what was shared.
    let result = trial.result(&asked);
    assert_eq!((&result["state"], &result["verdict"]), (&json!("answered"), &json!("valid")), "{result}");
    let presentation = &result["presentations"][0];
    assert_eq!(presentation["verdict"], "valid");
    assert!(presentation["checks"].as_array().unwrap().iter().all(|check| check["result"] == "pass"), "{presentation}");
    let seen = &presentation["claims"][&optional];
    assert!(seen.is_null(), "{optional} was left out, and the desk has {seen}");

    // The log has it, without a value.
    let log = trial.json(&["activity"]).json;
    let line = log["activities"].as_array().unwrap().iter().find(|line| line["kind"] == "shared").unwrap();
    assert_eq!(line["outcome"], "done");
    assert!(line["claims"].as_array().unwrap().iter().all(|claim| claim["path"] != optional.as_str()), "{line}");

    // And a receipt of it, on standard output or as a file that is never written over.
    let of_line = ["activity", "--receipt", line["id"].as_str().unwrap()];
    let printed = trial.json(&of_line);
    let record = &printed.json["dpv:hasRecordOfActivity"];
    assert_eq!((printed.code, &record["dpv:hasConsentStatus"][1]["@type"][0]), (0, &json!("dpv:ConsentGiven")));
    let file = trial.path("bewijs.json");
    let to_file = [of_line.as_slice(), &["--file", file.to_str().unwrap()]].concat();
    assert_eq!(trial.json(&to_file).code, 0);
    let written: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(&written["dpv:hasRecordOfActivity"], record);
    assert_eq!((trial.json(&to_file).kind(), std::fs::read(&file).unwrap().len() > 1000), ("usage", true));
    assert_eq!(trial.json(&["activity", "--receipt", "0000"]).kind(), "usage");

    // The same answer is not taken twice, and a request is given out once.
    let again = trial.json(&["present", &asked.link, "--approve"]);
    assert_ne!(again.code, 0, "{again:?}");

    // Throw away: card and keys are gone, history stays.
    assert_eq!(trial.json(&["delete", &id]).code, 0);
    assert_eq!(trial.json(&["cards"]).json["cards"], json!([]));
    assert_eq!(trial.json(&["keys"]).json["keys"], json!([]));
    assert_eq!(trial.json(&["card", &id]).kind(), "card_not_found");
    assert!(trial.json(&["activity"]).json["activities"].as_array().unwrap().len() >= 3);
}

#[test]
fn an_open_badge_is_received_shown_and_checked_offline_again() {
    let trial = Trial::start();
    let received = trial.receive("badge");
    assert_eq!(received.code, 0, "{received:?}");
    let card = &received.json["cards"][0];
    assert_eq!((&card["format"], &card["status"]), (&json!("ldp_vc"), &json!("valid")));

    // The original bytes come out as they came in, and verify without a vault.
    let raw = trial.command(&["card", card["id"].as_str().unwrap(), "--raw"]).output().unwrap().stdout;
    let file = trial.path("badge.json");
    std::fs::write(&file, &raw).unwrap();
    let verified = trial.json(&["verify", file.to_str().unwrap()]);
    assert_eq!((verified.code, &verified.json["verdict"]), (0, &json!("valid")), "{verified:?}");
    assert_eq!(verified.json["format"], "ldp_vc");

    // Changed by one letter, it is not valid; without its issuer, it could not be checked.
    let text = String::from_utf8(raw).unwrap();
    let changed = text.replacen("Open", "Opem", 1);
    let changed = if changed == text { text.replacen("\"name\":\"", "\"name\":\"x", 1) } else { changed };
    std::fs::write(&file, changed).unwrap();
    let verified = trial.json(&["verify", file.to_str().unwrap()]);
    assert_eq!((verified.code, &verified.json["verdict"]), (1, &json!("invalid")), "{verified:?}");

    let asked = trial.ask(r#"{"template":"badge"}"#);
    let shared = trial.json(&["present", &asked.link, "--approve"]);
    assert_eq!(shared.code, 0, "{shared:?}");
    let result = trial.result(&asked);
    assert_eq!(result["verdict"], "valid", "{result}");
    let title = &result["presentations"][0]["claims"]["credentialSubject.achievement.name"];
    assert_eq!(title, &card["title"], "{result}");
}

#[test]
fn an_offer_and_a_request_come_as_pictures_of_qr_codes_too() {
    let trial = Trial::start();
    let picture = trial.path("screen.png");
    let path = picture.to_str().unwrap();
    common::qr_picture(&picture, trial.sandbox.text("/offers/microcredential_by_reference"));
    let received = trial.json(&["receive", path, "--tx-code", trial.sandbox.text("/tx_code")]);
    assert_eq!(received.code, 0, "{received:?}");
    let asked = trial.ask(r#"{"template":"microcredential"}"#);
    common::qr_picture(&picture, &asked.link);
    let shared = trial.json(&["present", path, "--approve"]);
    assert_eq!(shared.code, 0, "{shared:?}");
    assert_eq!(trial.result(&asked)["verdict"], "valid");
    // A code for something else is refused by name, and nothing is opened.
    common::qr_picture(&picture, "https://example.org/menu");
    let refused = trial.json(&["receive", path]);
    assert_eq!((refused.code, refused.kind()), (3, "not_recognised"), "{refused:?}");
}

#[test]
fn the_same_offer_twice_leaves_one_card() {
    let trial = Trial::start();
    assert_eq!(trial.receive("microcredential").code, 0);
    assert_eq!(trial.receive("microcredential").code, 0);
    assert_eq!(trial.json(&["cards"]).json["cards"].as_array().unwrap().len(), 1);
}

#[test]
fn declining_tells_the_desk_and_shares_nothing() {
    let trial = Trial::start();
    assert_eq!(trial.receive("microcredential").code, 0);
    let asked = trial.ask(r#"{"template":"microcredential"}"#);
    let declined = trial.json(&["present", &asked.link, "--decline"]);
    assert_eq!((declined.code, declined.kind()), (7, "declined"), "{declined:?}");
    let result = trial.result(&asked);
    assert_eq!(result["state"], "declined", "{result}");
    assert!(result["presentations"].as_array().is_none_or(Vec::is_empty), "{result}");
}

#[test]
fn nothing_fits_is_its_own_end_and_the_desk_hears_nothing() {
    let trial = Trial::start();
    let asked = trial.ask(r#"{"template":"microcredential"}"#);
    let ran = trial.json(&["present", &asked.link, "--approve"]);
    assert_eq!((ran.code, ran.kind()), (7, "nothing_fits"), "{ran:?}");
    assert_eq!(trial.result(&asked)["state"], "waiting");
}

#[test]
fn a_result_belongs_to_the_browser_that_asked() {
    let trial = Trial::start();
    let asked = trial.ask(r#"{"template":"microcredential"}"#);
    let url = format!("{}/requests/{}", trial.desk.text("/api"), asked.id);
    assert_eq!(http("GET", &url, &[], "").0, 403);
    assert_eq!(http("GET", &url, &[("Cookie", "leerpas=00000000000000000000000000000000")], "").0, 403);
    let other = trial.ask(r#"{"template":"badge"}"#);
    assert_eq!(http("GET", &url, &[("Cookie", &other.cookie)], "").0, 403);
}

#[test]
fn every_request_is_in_the_log_of_the_run() {
    let trial = Trial::start();
    let log = trial.path("net.log");
    let code = trial.sandbox.text("/tx_code");
    let offer = trial.sandbox.text("/offers/microcredential");
    let ran = trial.json(&["receive", offer, "--tx-code", code, "--net-log", log.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let text = std::fs::read_to_string(log).unwrap();
    assert!(text.lines().count() >= 4, "{text}");
    assert!(text.lines().all(|line| line.split('\t').count() == 3 && line.contains("\thttps://localhost:")), "{text}");
    assert!(!text.contains(code), "{text}");
}

#[test]
fn verify_needs_no_vault_and_says_when_it_cannot_know() {
    let trial = Trial::start();
    assert_eq!(trial.receive("microcredential").code, 0);
    let cards = trial.json(&["cards"]).json;
    let raw = trial.command(&["card", cards["cards"][0]["id"].as_str().unwrap(), "--raw"]).output().unwrap().stdout;
    let file = trial.path("credential.txt");
    std::fs::write(&file, raw).unwrap();
    let path = file.to_str().unwrap();
    // Without the institution's root nobody can say whose key it is.
    let ran = common::Ran::of(bare().args(["--json", "verify", path]));
    assert_eq!((ran.code, &ran.json["verdict"]), (4, &json!("unknown")), "{ran:?}");
    // A credential is no presentation.
    let ran = trial.json(&["verify", path, "--expect-holder"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    // Five years and a day later.
    let later = trial.json(&["--now", "2040-01-01T00:00:00Z", "verify", path]);
    assert_eq!(later.code, 1, "{later:?}");
    let validity = later.json["checks"].as_array().unwrap().iter().find(|check| check["name"] == "validity").unwrap();
    assert_eq!((&validity["result"], &validity["reason"]), (&json!("fail"), &json!("expired")));
    assert!(matches!(later.json["credential"], Value::Object(_)));
}
