//! Receipts of real answers: to the desk, to a verifier that never confirms, and of a no.

use crate::common::{Place, link, phrase, take};
use crate::learner::{Learner, assert_shared, end, yes};
use crate::verifier::{Employer, Then};
use leerpas_core::{ActivityId, ActivityKind, ErrorKind, Outcome};
use leerpas_openid::dcql::leaves;
use leerpas_wallet::{Answer, End, Hand, Page, Progress, Prompt, Wallet};
use serde_json::{Value, json};

async fn receipt(wallet: &Wallet, id: &ActivityId) -> (String, Value) {
    let export = wallet.receipt(id).await.unwrap();
    assert!(!export.shows_everything);
    (export.name, serde_json::from_slice(&export.bytes).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn ts27560_an_answer_to_the_desk_has_a_receipt_that_names_claims_and_holds_the_value_of_none() {
    let learner = Learner::new().await;
    let about = json!({"policy_uri": "https://werk.example/privacy", "contacts": ["privacy@werk.example"]});
    std::fs::write(learner.place.folder.path().join("about.json"), about.to_string()).unwrap();
    let desk = learner.employer().await;
    let asked = desk.ask("microcredential").await;
    let prompt = learner.asked(&asked.link).await;
    assert_shared(&end(learner.wallet.answer(yes(&prompt)).await).unwrap(), Outcome::Done);
    let line = learner.log().await.remove(0);
    let (name, document) = receipt(&learner.wallet, &line.id).await;
    assert!(name.starts_with("bewijs-20") && name.ends_with(".json"), "{name}");

    let record = &document["dpv:hasRecordOfActivity"];
    let requester = &record["dpv:hasEntity"][1];
    assert_eq!(requester["dpv:hasName"], json!(prompt.plan.requester.name));
    assert_eq!(requester["dpv:hasIdentifier"], json!(prompt.plan.requester.identifier));
    let purpose = record.pointer("/dpv:hasProcess/dpv:hasPurpose").unwrap();
    assert_eq!(prompt.plan.purpose, None, "this desk was asked without a reason");
    assert_eq!(purpose["dpv:hasApplicability"]["@id"], "dpv:NotAvailable");
    let kept = record.pointer("/dpv:hasProcess/dpv:hasStorageCondition/1/dpv:hasDuration/dct:description");
    assert_eq!(kept, Some(&json!(prompt.plan.retention.as_deref().unwrap())), "DESK-14: the desk says how long");
    assert_eq!(record.pointer("/dpv:hasNotice/1/schema:url"), Some(&about["policy_uri"]), "and where it says more");
    assert_eq!(record.pointer("/dpv:hasConsentControl/dpv:isExercisedAt"), Some(&about["contacts"]));
    assert_eq!(record.pointer("/dpv:hasConsentStatus/1/@type/0"), Some(&json!("dpv:ConsentGiven")));
    let data = record.pointer("/dpv:hasProcess/dpv:hasPersonalData").unwrap().as_array().unwrap();
    let named: Vec<&str> = data.iter().map(|one| one["dct:identifier"].as_str().unwrap()).collect();
    assert_eq!(named, line.claims.iter().map(|claim| claim.path.as_str()).collect::<Vec<_>>());

    let text = document.to_string();
    let card = learner.wallet.cards(None, Page::ALL).await.unwrap().remove(0);
    let (card, _) = learner.wallet.card(&card.id).await.unwrap();
    let mut looked_for = 0;
    for (path, value) in leaves(&card.facts.claims) {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // Short ones, such as a number of credits, are digits of dates and names too.
        if value.len() > 4 {
            looked_for += 1;
            assert!(!text.contains(&value), "the value of {path:?} is in {text}");
        }
    }
    assert!(looked_for > 3 && !text.contains(card.id.as_str()) && !text.contains(line.id.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn ts27560_what_was_told_is_kept_over_a_restart_and_a_no_has_a_receipt_too() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let request = verifier.ask(|claims| {
        claims["client_metadata"]["policy_uri"] = json!("https://werk.example/privacy");
        claims["client_metadata"]["contacts"] = json!(["privacy@werk.example"]);
    });
    learner.asked(&request).await;
    assert!(matches!(end(learner.wallet.answer(Answer::Decline).await), Ok(End::Declined)));
    let Learner { place, sandbox: _sandbox, wallet } = learner;
    drop(wallet);
    let wallet = place.wallet().await;
    let log = wallet.activities().await.unwrap();
    let line = log.iter().find(|line| line.kind == ActivityKind::Shared).unwrap();
    let (_, document) = receipt(&wallet, &line.id).await;
    let record = &document["dpv:hasRecordOfActivity"];
    assert_eq!(record.pointer("/dpv:hasConsentStatus/1/@type/0"), Some(&json!("dpv:ConsentRefused")));
    assert_eq!(record.pointer("/dpv:hasNotice/1/schema:url"), Some(&json!("https://werk.example/privacy")));
    let mail = "/dpv:hasEntity/1/schema:contactPoint/0/schema:email";
    assert_eq!(record.pointer(mail), Some(&json!("privacy@werk.example")));

    // A line without a decision, and none at all.
    let received = log.iter().find(|line| line.kind == ActivityKind::Received).unwrap();
    for id in [received.id.clone(), "0000000000000000".parse().unwrap()] {
        assert_eq!(wallet.receipt(&id).await.unwrap_err().kind, ErrorKind::Usage);
    }
    wallet.lock().await;
    assert_eq!(wallet.receipt(&line.id).await.unwrap_err().kind, ErrorKind::Locked);
    wallet.unlock(phrase()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn ts27560_an_answer_that_nobody_confirmed_may_have_been_shared() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let prompt = learner.asked(&verifier.ask(|_| {})).await;
    verifier.then(Then::HangUp);
    assert_shared(&end(learner.wallet.answer(yes(&prompt)).await).unwrap(), Outcome::Uncertain);
    let (_, document) = receipt(&learner.wallet, &learner.log().await[0].id).await;
    let sharing = document.pointer("/dpv:hasRecordOfActivity/dpv:hasProcess/dpv:hasProcessing").unwrap();
    assert_eq!(sharing["dpv:hasApplicability"]["@id"], "dpv:UnknownApplicability");
}

#[tokio::test(flavor = "multi_thread")]
async fn ts27560_a_no_to_pictures_that_nobody_hears_is_in_the_log_and_has_a_receipt() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    take(&wallet, &sandbox.offers["microcredential"], &sandbox.tx_code).await.unwrap();
    let desk = Employer::start(place.folder.path()).await;
    let asked = desk.ask_offline("microcredential").await;
    let progress = wallet.arrive(link(&asked.link), Hand::Person).await.unwrap();
    assert!(matches!(progress, Progress::Ask(prompt) if matches!(*prompt, Prompt::Share(_))));
    assert!(matches!(end(wallet.answer(Answer::Decline).await), Ok(End::Declined)));
    let log = wallet.activities().await.unwrap();
    let lines: Vec<_> = log.iter().filter(|line| line.kind == ActivityKind::Shared).collect();
    assert_eq!((lines.len(), lines[0].outcome, lines[0].error), (1, Outcome::Declined, None));
    let (_, document) = receipt(&wallet, &lines[0].id).await;
    let state = document.pointer("/dpv:hasRecordOfActivity/dpv:hasConsentStatus/1/@type/0");
    assert_eq!(state, Some(&json!("dpv:ConsentRefused")));
}
