//! Institutions with older software, on the command line.

use crate::common::{Ran, Trial};

#[test]
fn an_institution_with_older_software_is_told_in_the_log_and_nowhere_else() {
    let trial = Trial::start();
    for (offer, word, cards) in [("draft-13", "draft 13", 2), ("draft-15", "draft 15", 1)] {
        let code = trial.sandbox.text("/tx_code");
        let link = trial.sandbox.text(&format!("/offers/{offer}"));
        let mut command = trial.command(&["receive", link, "--tx-code", code, "--json"]);
        let received = Ran::of(command.env("RUST_LOG", "leerpas_wallet=debug"));
        assert_eq!(received.code, 0, "{received:?}");
        let kept = received.json["cards"].as_array().unwrap();
        assert_eq!(kept.len(), cards, "{received:?}");
        assert!(kept.iter().all(|card| card["status"] == "valid"), "{received:?}");
        assert!(!received.json.to_string().contains("draft"), "{received:?}");
        assert!(received.stderr.contains(word), "{}", received.stderr);
        assert!(!received.stderr.contains(code), "{}", received.stderr);
    }
    // What came by an older draft is shown like any other card.
    let asked = trial.ask(r#"{"template":"microcredential"}"#);
    let shared = trial.json(&["present", &asked.link, "--approve"]);
    assert_eq!(shared.json["outcome"], "shared", "{shared:?}");
    assert_eq!(trial.result(&asked)["verdict"], "valid");
}
