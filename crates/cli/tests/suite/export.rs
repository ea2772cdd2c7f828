//! A card that leaves as a file, and the addresses that badges are held against.

use crate::common::Trial;
use serde_json::json;

#[test]
fn a_card_leaves_as_a_file_and_says_when_that_shows_everything() {
    let trial = Trial::start();
    let badge = trial.receive("badge").json["cards"][0]["id"].as_str().unwrap().to_owned();
    let file = trial.path("badge.json");
    let path = file.to_str().unwrap();
    let written = trial.json(&["export", &badge, path]);
    assert_eq!((written.code, &written.json["shows_everything"]), (0, &json!(false)), "{written:?}");
    let original = trial.command(&["card", &badge, "--raw"]).output().unwrap().stdout;
    assert_eq!(std::fs::read(&file).unwrap(), original);
    assert_eq!(trial.json(&["verify", path]).json["verdict"], "valid");

    // What is there is not written over.
    let again = trial.json(&["export", &badge, path]);
    assert_eq!((again.code, again.kind()), (2, "usage"));
    assert_eq!(std::fs::read(&file).unwrap(), original);

    let card = trial.receive("microcredential").json["cards"][0]["id"].as_str().unwrap().to_owned();
    let secret = trial.path("card.sd-jwt");
    let refused = trial.json(&["export", &card, secret.to_str().unwrap()]);
    assert_eq!((refused.code, refused.kind()), (2, "usage"), "{refused:?}");
    assert!(!secret.exists());
    let written = trial.json(&["export", &card, secret.to_str().unwrap(), "--everything"]);
    assert_eq!((written.code, &written.json["shows_everything"]), (0, &json!(true)), "{written:?}");
    let picture = trial.json(&["export", &card, trial.path("card.png").to_str().unwrap(), "--picture", "--everything"]);
    assert_eq!((picture.code, picture.kind()), (2, "usage"), "an SD-JWT is no badge: {picture:?}");
    assert_eq!(trial.json(&["export", "niets"]).kind(), "card_not_found");
}

#[test]
fn the_learners_addresses_are_added_and_taken_away() {
    let trial = Trial::start();
    let identities = |words: &[&str]| trial.json(&[&["identities"], words].concat()).json["identities"].clone();
    assert_eq!(identities(&[]), json!([]));
    assert_eq!(
        identities(&["--add", " sam@a.example ", "--add", "+31 6 1234"]),
        json!(["sam@a.example", "+31 6 1234"])
    );
    assert_eq!(identities(&["--remove", "SAM@a.example"]), json!(["+31 6 1234"]));
    assert_eq!(identities(&[]), json!(["+31 6 1234"]));
}
