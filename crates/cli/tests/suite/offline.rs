//! Desk and wallet in a room without a network: only pictures go between them.

use crate::common;
use crate::common::{Trial, http};
use serde_json::{Value, json};

/// Asks for pictures; gives the text of the code beside what every request has.
fn ask(trial: &Trial) -> (common::Asked, String) {
    let asked = trial.ask(r#"{"template":"microcredential","offline":true}"#);
    // The link says all that the code says.
    let link = asked.link.clone();
    (asked, link)
}

fn bring(trial: &Trial, asked: &common::Asked, lines: &str) -> Value {
    let url = format!("{}/requests/{}/frames", trial.desk.text("/api"), asked.id);
    let headers = [("Cookie", asked.cookie.as_str()), ("Content-Type", "text/plain")];
    let (status, _, body) = http("POST", &url, &headers, lines);
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

fn check<'a>(result: &'a Value, name: &str) -> &'a Value {
    let checks = result["presentations"][0]["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap()
}

#[test]
fn an_answer_goes_by_pictures_and_nothing_goes_over_the_network() {
    let trial = Trial::start();
    assert_eq!(trial.receive("microcredential").code, 0);

    // A day with a network: the desk sees the list of withdrawn credentials once.
    let asked = trial.ask(r#"{"template":"microcredential"}"#);
    assert_eq!(trial.json(&["present", &asked.link, "--approve"]).code, 0);
    assert_eq!(trial.result(&asked)["verdict"], "valid");

    // A day without.
    let log = trial.path("net.log");
    let log = log.to_str().unwrap();
    let (asked, request) = ask(&trial);
    let plan = trial.json(&["--net-log", log, "present", &request]);
    assert_eq!((plan.code, &plan.json["sent"]), (0, &json!(false)), "{plan:?}");
    assert_eq!(plan.json["plan"]["response_host"], Value::Null);
    let refused = trial.json(&["--net-log", log, "present", &request, "--approve"]);
    assert_eq!(refused.kind(), "usage", "without --offline nothing is shown: {refused:?}");

    let file = trial.path("frames.txt");
    let given = trial.json(&["--net-log", log, "present", &request, "--approve", "--offline", file.to_str().unwrap()]);
    assert_eq!(given.json["outcome"], "may_have_been_shared", "{given:?}");
    assert_ne!(given.code, 0, "nobody confirmed it");
    let lines = std::fs::read_to_string(&file).unwrap();
    assert_eq!(given.json["frames"].as_array().unwrap().len(), lines.lines().count());

    // Every third is lost, the rest comes backwards.
    let kept: Vec<&str> = (0..).zip(lines.lines()).filter(|(n, _)| n % 3 != 0).map(|(_, line)| line).collect();
    let kept = kept.into_iter().rev().collect::<Vec<_>>().join("\n");
    assert_eq!(bring(&trial, &asked, &kept), json!({"waiting": false}));
    let result = trial.result(&asked);
    assert_eq!((&result["verdict"], &result["offline"]), (&json!("valid"), &json!(true)), "{result:#}");
    assert!(check(&result, "status")["known_at"].is_string(), "it says since when it knows: {result:#}");

    let written = std::fs::read_to_string(log).unwrap_or_default();
    assert_eq!(written, "", "not one request left the wallet");
    let activity = trial.json(&["activity"]).json;
    let line = activity["activities"].as_array().unwrap().iter().find(|line| line["kind"] == "shared").unwrap();
    assert_eq!((&line["outcome"], &line["error"]), (&json!("uncertain"), &json!("response_unconfirmed")));
}

#[test]
fn the_pictures_come_as_one_that_moves_too_and_no_file_is_written_over() {
    let trial = Trial::start();
    assert_eq!(trial.receive("microcredential").code, 0);
    let (_, request) = ask(&trial);
    let file = trial.path("answer.svg");
    let path = file.to_str().unwrap();
    let given = trial.json(&["present", &request, "--approve", "--offline", path]);
    let svg = std::fs::read_to_string(&file).unwrap();
    assert_eq!(svg.matches("<animate ").count(), given.json["frames"].as_array().unwrap().len());
    assert!(!svg.contains("<script") && !svg.contains("href"), "nothing from elsewhere");
    let again = trial.json(&["present", &request, "--approve", "--offline", path]);
    assert_eq!(again.kind(), "request_answered", "{again:?}");
    let (_, request) = ask(&trial);
    let again = trial.json(&["present", &request, "--approve", "--offline", path]);
    assert_eq!(again.kind(), "usage", "{again:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), svg);

    // A no is no picture either.
    let no = trial.json(&["present", &request, "--decline"]);
    assert_eq!(no.kind(), "declined", "{no:?}");
}
