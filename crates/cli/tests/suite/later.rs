//! What goes on between the learner and an institution, by the command line: waiting, collecting, fresh copies, and going
//! there by oneself.

use crate::common::{Ran, Trial};
use serde_json::Value;

/// The same command, so many hours from now.
fn hours_on(trial: &Trial, hours: i64, arguments: &[&str]) -> Ran {
    let then = leerpas_core::Timestamp::now() + leerpas_core::SignedDuration::from_hours(hours);
    let mut all = vec!["--now".to_owned(), then.to_string()];
    all.extend(arguments.iter().map(|word| (*word).to_owned()));
    trial.json(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

fn count(value: &Value) -> usize {
    value.as_array().map_or(0, Vec::len)
}

#[test]
fn a_card_that_comes_later_is_waited_for_collected_and_kept() {
    let trial = Trial::start();
    let promised = trial.receive_open("later");
    assert_eq!(
        (promised.code, count(&promised.json["cards"]), count(&promised.json["waiting"])),
        (0, 0, 1),
        "{promised:?}"
    );
    let id = promised.json["waiting"][0]["id"].as_str().unwrap();
    assert_eq!(trial.json(&["waiting"]).json["waiting"], promised.json["waiting"]);

    let early = trial.json(&["collect", id]);
    assert_eq!((early.code, early.kind()), (3, "too_early"), "{early:?}");
    let none_due = trial.json(&["collect"]);
    assert_eq!((none_due.code, count(&none_due.json["cards"]), count(&none_due.json["waiting"])), (0, 0, 1));

    // The institution needs more time once. By then the token has run out, and is renewed on the way.
    let not_yet = hours_on(&trial, 1, &["collect"]);
    assert_eq!(
        (not_yet.code, count(&not_yet.json["cards"]), count(&not_yet.json["waiting"])),
        (0, 0, 1),
        "{not_yet:?}"
    );
    let came = hours_on(&trial, 2, &["collect", id]);
    assert_eq!((came.code, came.json["cards"][0]["title"].as_str()), (0, Some("Circular product design")), "{came:?}");
    assert_eq!(count(&trial.json(&["waiting"]).json["waiting"]), 0);
    assert_eq!(count(&trial.json(&["cards"]).json["cards"]), 1);
    let again = trial.json(&["collect", id]);
    assert_eq!((again.code, again.kind()), (3, "card_not_found"));
}

#[test]
fn a_waiting_card_can_be_given_up() {
    let trial = Trial::start();
    let promised = trial.receive_open("later");
    let id = promised.json["waiting"][0]["id"].as_str().unwrap();
    let gone = trial.json(&["waiting", "--give-up", id]);
    assert_eq!((gone.code, count(&gone.json["waiting"])), (0, 0));
    assert_eq!(trial.json(&["waiting", "--give-up", id]).kind(), "card_not_found");
    assert_eq!(count(&trial.json(&["keys"]).json["keys"]), 0);
}

#[test]
fn fresh_copies_are_counted() {
    let trial = Trial::start();
    let kept = trial.receive("microcredential");
    let id = kept.json["cards"][0]["id"].as_str().unwrap();
    let more = trial.json(&["refill", id]);
    assert_eq!(
        (more.code, &more.json["came"], &more.json["copies"], &more.json["fresh"]),
        (0, &3.into(), &6.into(), &6.into())
    );
    let nothing = trial.json(&["refill", "0000000000000000"]);
    assert_eq!((nothing.code, nothing.kind()), (3, "card_not_found"));
}

#[test]
fn an_institution_is_named_by_its_address_and_says_what_there_is() {
    let trial = Trial::start();
    let issuer = trial.sandbox.text("/issuer").to_owned();
    let known = trial.json(&["institutions"]);
    assert!(
        known.json["institutions"].as_array().unwrap().iter().any(|one| one["address"] == issuer.as_str()),
        "{known:?}"
    );
    let there = trial.json(&["receive", &format!("{issuer}/")]);
    assert_eq!((there.code, count(&there.json["cards"])), (0, 0), "{there:?}");
    let choices = there.json["choices"].as_array().unwrap();
    assert!(choices.iter().any(|one| one["id"] == "badge.data-analyse"), "{there:?}");
    let wrong = trial.json(&["receive", &issuer, "--credential", "nothing"]);
    assert_eq!((wrong.code, wrong.kind()), (3, "issuer_metadata_invalid"), "{wrong:?}");
    let nobody = trial.json(&["receive", "https://localhost:1025"]);
    assert_eq!((nobody.code, nobody.kind()), (6, "unreachable"), "{nobody:?}");
}
