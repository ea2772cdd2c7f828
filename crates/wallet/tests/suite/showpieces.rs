//! The two credentials of the trial that show something special, from the offer to the desk.

use crate::common::take;
use crate::learner::{Learner, assert_shared, end, yes};
use base64::{Engine, engine::general_purpose::STANDARD};
use leerpas_core::{Card, CardStatus, Outcome};
use leerpas_wallet::{CheckResult, End, Report};
use serde_json::json;

/// Collects an offer of the trial and gives the one card.
async fn collect(learner: &Learner, offer: &str) -> (Card, Report) {
    let code = learner.sandbox.tx_code.clone();
    let ended = take(&learner.wallet, &learner.sandbox.offers[offer], &code).await.unwrap();
    let End::Kept(cards) = ended else { panic!("{ended:?}") };
    learner.wallet.dismiss().await;
    learner.wallet.card(&cards[0].id).await.unwrap()
}

fn result(report: &Report, name: &str) -> CheckResult {
    report.checks.iter().find(|check| check.name.as_str() == name).unwrap_or_else(|| panic!("{report:?}")).result
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_its_issuer_draws_is_checked_against_what_was_signed_and_shown_with_its_values() {
    let learner = Learner::new().await;
    let (card, report) = collect(&learner, "styled").await;
    assert_eq!(card.status, CardStatus::Valid, "{report:?}");
    assert_eq!(result(&report, "type_metadata"), CheckResult::Pass);
    let drawn = card.facts.rendering.unwrap();
    let svg = STANDARD.decode(drawn.data_url.strip_prefix("data:image/svg+xml;base64,").unwrap()).unwrap();
    let svg = String::from_utf8(svg).unwrap();
    let credit = card.facts.credit.unwrap();
    for value in [&card.facts.title, "Noor van Voorbeeld", &format!("{} ECTS", credit.amount)] {
        assert!(svg.contains(value), "{value} in {svg}");
    }
    assert!(!svg.contains("{{"), "{svg}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_badge_in_parts_is_collected_and_the_desk_finds_the_part_valid() {
    let learner = Learner::new().await;
    let (card, report) = collect(&learner, "parts").await;
    assert_eq!(card.status, CardStatus::Valid, "{report:?}");
    assert_eq!(result(&report, "signature"), CheckResult::Pass);
    let desk = learner.employer().await;
    let asked = desk.ask("badge").await;
    let prompt = learner.asked(&asked.link).await;
    let candidate = &prompt.plan.queries[0].candidates[0];
    assert!(!candidate.whole, "parts of it can be shown");
    let ended = end(learner.wallet.answer(yes(&prompt)).await).unwrap();
    assert_shared(&ended, Outcome::Done);
    let result = desk.result(&asked).await;
    assert_eq!((&result["state"], &result["verdict"]), (&json!("answered"), &json!("valid")), "{result}");
    let line = &learner.log().await[0];
    assert!(line.claims.iter().all(|claim| claim.path != "*"), "{line:?}");
}
