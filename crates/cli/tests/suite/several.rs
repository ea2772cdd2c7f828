//! Several cards for one question, by the command line and at the desk (OpenID4VP 1.0, 6.1, `multiple`); and what a set of
//! credentials is for, in the verifier's words.

use std::collections::BTreeSet;

use crate::{attested::Caller, common::Trial};
use serde_json::{Value, json};

/// A learner with two microcredentials: their identifiers and titles.
fn two(trial: &Trial) -> [(String, String); 2] {
    let caller = Caller::new(trial);
    ["watermanagement", "circular-design"].map(|course| {
        let code = trial.sandbox.text("/tx_code");
        let received = trial.json(&["receive", &caller.fresh_offer(course), "--tx-code", code]);
        assert_eq!(received.code, 0, "{received:?}");
        let card = &received.json["cards"][0];
        (card["id"].as_str().unwrap().to_owned(), card["title"].as_str().unwrap().to_owned())
    })
}

fn titles(result: &Value) -> BTreeSet<&str> {
    let all = result["presentations"].as_array().unwrap().iter();
    all.map(|one| one["claims"]["credentialSubject.achievement.name"].as_str().unwrap()).collect()
}

#[test]
fn vp_6_1_two_cards_answer_one_query_and_the_desk_judges_each() {
    let trial = Trial::start();
    let [(first, first_title), (second, second_title)] = two(&trial);
    let choice = r#"{"choice":{"kinds":["microcredential"],"several":true}}"#;
    let asked = trial.ask(choice);
    let plan = trial.json(&["present", &asked.link]);
    let query = &plan.json["plan"]["queries"][0];
    assert_eq!((&query["multiple"], query["candidates"].as_array().unwrap().len()), (&json!(true), 2), "{plan:?}");
    let id = query["id"].as_str().unwrap();
    let card = |card: &str| format!("{id}={card}");

    let shared = trial.json(&["present", &asked.link, "--card", &card(&first), "--card", &card(&second), "--approve"]);
    assert_eq!((shared.code, &shared.json["outcome"]), (0, &json!("shared")), "{shared:?}");
    let result = trial.result(&asked);
    assert_eq!((&result["state"], &result["verdict"]), (&json!("answered"), &json!("valid")), "{result}");
    assert_eq!(titles(&result), [first_title.as_str(), second_title.as_str()].into());
    for one in result["presentations"].as_array().unwrap() {
        assert_eq!((&one["verdict"], &one["query"]), (&json!("valid"), &json!(id)), "{one}");
        assert!(one["checks"].as_array().unwrap().iter().all(|check| check["result"] == "pass"), "{one}");
    }
    let log = trial.json(&["activity"]).json;
    let line = log["activities"].as_array().unwrap().iter().find(|line| line["kind"] == "shared").unwrap();
    assert_eq!(line["titles"].as_array().unwrap().len(), 2, "{line}");

    // One will do as well, and it is the one that was named.
    let asked = trial.ask(choice);
    let shared = trial.json(&["present", &asked.link, "--card", &card(&second), "--approve"]);
    assert_eq!(shared.code, 0, "{shared:?}");
    assert_eq!(titles(&trial.result(&asked)), [second_title.as_str()].into());

    // The same card twice is no two cards, and nothing goes out.
    let asked = trial.ask(choice);
    let twice = trial.json(&["present", &asked.link, "--card", &card(&first), "--card", &card(&first), "--approve"]);
    assert_eq!((twice.code, twice.kind()), (3, "card_not_found"), "{twice:?}");
    assert_eq!(trial.result(&asked)["state"], "waiting");
}

#[test]
fn vp_6_1_where_one_card_is_asked_for_two_are_not_sent() {
    let trial = Trial::start();
    let [(first, _), (second, _)] = two(&trial);
    let asked = trial.ask(r#"{"choice":{"kinds":["microcredential"]}}"#);
    let plan = trial.json(&["present", &asked.link]);
    let query = &plan.json["plan"]["queries"][0];
    assert_eq!(query["multiple"], false);
    let card = |card: &str| format!("{}={card}", query["id"].as_str().unwrap());
    let refused = trial.json(&["present", &asked.link, "--card", &card(&first), "--card", &card(&second), "--approve"]);
    assert_ne!(refused.code, 0, "{refused:?}");
    assert_eq!(trial.result(&asked)["state"], "waiting", "nothing went out");
}

#[test]
fn dcql_6_2_the_purpose_of_a_credential_set_is_in_the_plan() {
    let trial = Trial::start();
    two(&trial);
    let query = json!({"id": "mc", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:leerpas:microcredential:1"]},
        "claims": [{"path": ["credentialSubject", "achievement", "name"]}]});
    for (purpose, said) in [
        (json!("Vrijstelling"), json!("Vrijstelling")),
        (json!({"nl": "Vrijstelling", "en": "Exemption"}), json!("Exemption")),
        (json!(7), Value::Null),
    ] {
        let sets = json!([{"options": [["mc"]], "purpose": purpose}]);
        let asked = trial.ask(&json!({"dcql_query": {"credentials": [query], "credential_sets": sets}}).to_string());
        let mut command = trial.command(&["present", &asked.link, "--json"]);
        let plan = crate::common::Ran::of(command.env("LANG", "en_GB.UTF-8"));
        assert_eq!((plan.code, &plan.json["plan"]["purpose"]), (0, &said), "{plan:?}");
        assert_eq!(plan.json["plan"]["queries"][0]["candidates"].as_array().unwrap().len(), 2, "it decides nothing");
    }
}
