//! A request, from link to verdict, with the real desk and with verifiers of our own.

use crate::common::{holdings, link, phrase, take};
use crate::learner::{Learner, OPTIONAL, asked, assert_shared, disclosed, end, share_prompt, yes, yes_without};
use crate::verifier::Then;
use leerpas_core::{ErrorKind, Evidence, Outcome};
use leerpas_wallet::{Answer, End, Hand, Progress, Prompt, Wallet, World};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_microcredential_and_a_badge_are_shared_and_the_desk_finds_them_valid() {
    let learner = Learner::new().await;
    take(&learner.wallet, &learner.sandbox.offers["badge"], &learner.sandbox.tx_code).await.unwrap();
    let desk = learner.employer().await;
    for (template, whole) in [("microcredential", false), ("badge", true), ("microcredential_or_badge", false)] {
        let asked = desk.ask(template).await;
        let prompt = learner.asked(&asked.link).await;
        assert_eq!(prompt.plan.requester.evidence, Evidence::Listed, "the trial knows its own desk");
        assert_eq!(prompt.plan.queries[0].candidates[0].whole, whole, "{template}");
        let end = end(learner.wallet.answer(yes(&prompt)).await).unwrap();
        assert_shared(&end, Outcome::Done);
        let result = desk.result(&asked).await;
        assert_eq!((&result["state"], &result["verdict"]), (&json!("answered"), &json!("valid")), "{result}");
        let line = &learner.log().await[0];
        assert_eq!((line.outcome, line.error, line.titles.len()), (Outcome::Done, None, 1));
        assert_eq!(line.claims.iter().any(|claim| claim.path == "*"), whole, "{line:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_tells_the_desk_and_shares_nothing() {
    let learner = Learner::new().await;
    let desk = learner.employer().await;
    let asked = desk.ask("microcredential").await;
    learner.asked(&asked.link).await;
    let end = end(learner.wallet.answer(Answer::Decline).await).unwrap();
    assert!(matches!(end, End::Declined), "{end:?}");
    let result = desk.result(&asked).await;
    assert_eq!((&result["state"], &result["presentations"]), (&json!("declined"), &json!([])));
    let line = &learner.log().await[0];
    assert_eq!((line.outcome, line.error), (Outcome::Declined, None));
    assert!(line.claims.is_empty() && line.cards.is_empty() && line.titles.is_empty(), "{line:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn c03_a_request_that_another_program_opened_contacts_nobody_before_the_yes() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let request = verifier.ask(|_| {});
    for _ in 0..2 {
        let progress = learner.wallet.arrive(link(&request), Hand::Program).await.unwrap();
        let Progress::Ask(prompt) = progress else { panic!("{progress:?}") };
        let Prompt::Contact { host } = *prompt else { panic!("{prompt:?}") };
        assert_eq!(host, format!("localhost:{}", verifier.base.port().unwrap()));
        let ended = end(learner.wallet.answer(Answer::Decline).await).unwrap();
        assert!(matches!(ended, End::Declined));
    }
    assert_eq!((verifier.fetches(), verifier.answers().len()), (0, 0), "nobody heard of it");

    learner.wallet.arrive(link(&request), Hand::Program).await.unwrap();
    let prompt = share_prompt(learner.wallet.answer(Answer::Take { code: None }).await.unwrap());
    assert_eq!((verifier.fetches(), verifier.answers().len()), (1, 0));
    assert_eq!(prompt.plan.requester.name, "Werkplaats");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_under_its_did_is_proved_and_answered() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let prompt = learner.asked(&verifier.ask_as_did()).await;
    assert_eq!(prompt.plan.requester.evidence, Evidence::Proved);
    assert_shared(&end(learner.wallet.answer(yes(&prompt)).await).unwrap(), Outcome::Done);
    assert_eq!(verifier.answers().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_to_another_plan_is_refused_and_nothing_is_sent() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    // The same verifier, the same question, another moment: still another plan.
    let earlier = learner.asked(&verifier.ask(|_| {})).await;
    learner.wallet.dismiss().await;
    let later = learner.asked(&verifier.ask(|_| {})).await;
    assert_ne!(earlier.plan.fingerprint, later.plan.fingerprint);
    let failure = learner.wallet.answer(yes(&earlier)).await.unwrap_err();
    assert_eq!((failure.kind, failure.step.as_str()), (ErrorKind::Usage, "approve"));
    assert!(verifier.answers().is_empty());
    assert!(learner.log().await.iter().all(|line| line.claims.is_empty()));
    // An answer belongs to one question: the session is over.
    assert_eq!(learner.wallet.answer(yes(&later)).await.unwrap_err().kind, ErrorKind::NoSession);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_needed_cannot_be_left_out_and_what_is_optional_can() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let prompt = learner.asked(&verifier.ask(|_| {})).await;
    let claims = prompt.plan.queries[0].candidates[0].claims.clone();
    let needed = claims.iter().find(|claim| claim.asked && !claim.optional).unwrap();
    let along = claims.iter().find(|claim| !claim.asked).unwrap();
    assert!(claims.iter().any(|claim| claim.path == OPTIONAL && claim.optional));
    for path in [needed.path.as_str(), along.path.as_str(), "no.such.claim"] {
        let prompt = learner.asked_anew(&verifier).await;
        let failure = learner.wallet.answer(yes_without(&prompt, path)).await.unwrap_err();
        assert_eq!(failure.kind, ErrorKind::Usage, "{path}");
        assert!(!failure.message.contains("Noor"), "{failure:?}");
    }
    assert!(verifier.answers().is_empty());

    let prompt = learner.asked_anew(&verifier).await;
    assert_shared(&end(learner.wallet.answer(yes_without(&prompt, OPTIONAL)).await).unwrap(), Outcome::Done);
    assert!(!disclosed(&verifier).contains("Noor"));
    assert!(learner.log().await[0].claims.iter().all(|claim| claim.path != OPTIONAL));
    learner.share(&verifier.ask(|_| {})).await.unwrap();
    assert!(disclosed(&verifier).contains("Noor"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_request_during_a_session_does_not_take_its_place() {
    let learner = Learner::new().await;
    let (first, second) = (learner.verifier("Werkplaats").await, learner.verifier("Bakkerij").await);
    let prompt = learner.asked(&first.ask(|_| {})).await;
    for hand in [Hand::Person, Hand::Program] {
        let failure = learner.wallet.arrive(link(&second.ask(|_| {})), hand).await.unwrap_err();
        assert_eq!(failure.kind, ErrorKind::Busy);
    }
    let offer = &learner.sandbox.offers["badge"];
    assert_eq!(learner.wallet.arrive(link(offer), Hand::Program).await.unwrap_err().kind, ErrorKind::Busy);
    assert_eq!(second.fetches(), 0);
    assert_shared(&end(learner.wallet.answer(yes(&prompt)).await).unwrap(), Outcome::Done);
    assert_eq!((first.answers().len(), second.answers().len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_wallet_takes_no_request() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let prompt = learner.asked(&verifier.ask(|_| {})).await;
    learner.wallet.lock().await;
    assert_eq!(learner.wallet.answer(yes(&prompt)).await.unwrap_err().kind, ErrorKind::NoSession);
    assert_eq!(learner.refused(&verifier.ask(|_| {})).await, ErrorKind::Locked);
    assert_eq!((verifier.fetches(), verifier.answers().len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_same_party_got_before_is_shown_with_the_question() {
    let learner = Learner::new().await;
    let (one, other) = (learner.verifier("Werkplaats").await, learner.verifier("Bakkerij").await);
    let prompt = learner.asked(&one.ask(|_| {})).await;
    assert!(prompt.before.is_empty());
    learner.wallet.answer(yes_without(&prompt, OPTIONAL)).await.unwrap();

    let prompt = learner.asked(&one.ask(|_| {})).await;
    let [before] = prompt.before.as_slice() else { panic!("{:?}", prompt.before) };
    assert!(before.paths.iter().any(|path| path == "credentialSubject.achievement.name"), "{before:?}");
    assert!(before.paths.iter().all(|path| path != OPTIONAL), "{before:?}");
    assert_eq!(before.titles, [prompt.cards[0].facts.title.clone()]);
    learner.wallet.answer(Answer::Decline).await.unwrap();

    assert!(learner.asked(&other.ask(|_| {})).await.before.is_empty(), "another party got nothing");
    learner.wallet.dismiss().await;
    // A no gave nothing away; an answer of which nobody knows whether it arrived may have.
    one.then(Then::HangUp);
    learner.share(&one.ask(|_| {})).await.unwrap();
    assert_eq!(learner.asked(&one.ask(|_| {})).await.before.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_verifier_gets_a_copy_with_a_key_of_its_own_and_always_the_same() {
    let learner = Learner::new().await;
    let [one, two, three, four] = [
        learner.verifier("Een").await,
        learner.verifier("Twee").await,
        learner.verifier("Drie").await,
        learner.verifier("Vier").await,
    ];
    let mut keys = Vec::new();
    for verifier in [&one, &two, &three] {
        learner.share(&verifier.ask(|_| {})).await.unwrap();
        let key = verifier.last_key();
        assert!(!keys.contains(&key), "two verifiers saw the same key");
        keys.push(key);
    }
    for (verifier, key) in [&one, &two, &three].into_iter().zip(&keys) {
        learner.share(&verifier.ask(|_| {})).await.unwrap();
        assert_eq!(&verifier.last_key(), key, "the same verifier sees the same copy again");
    }
    // More verifiers than copies: one is used a second time, which is better than not being able to share.
    learner.share(&four.ask(|_| {})).await.unwrap();
    assert!(keys.contains(&four.last_key()));
    assert_eq!(keys.len(), holdings(&learner.wallet).await.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn arf_dash_03_the_log_names_claims_and_never_their_values() {
    let learner = Learner::new().await;
    let desk = learner.employer().await;
    let request = desk.ask("microcredential").await;
    let prompt = learner.asked(&request.link).await;
    let claims = prompt.plan.queries[0].candidates[0].claims.clone();
    learner.wallet.answer(yes(&prompt)).await.unwrap();
    // Also where it fails on the way.
    let verifier = learner.verifier("Werkplaats").await;
    verifier.then(Then::say(400, "application/json", r#"{"error":"invalid_request"}"#));
    learner.share(&verifier.ask(|_| {})).await.unwrap_err();
    let log = serde_json::to_string(&learner.wallet.activities().await.unwrap()).unwrap();
    assert!(log.contains(OPTIONAL) && log.contains("Een klus aan de dijk"), "{log}");
    assert!(disclosed(&verifier).contains("Noor"), "what is looked for was really shared");
    for name in [OPTIONAL, "family_name"] {
        let claim = claims.iter().find(|claim| claim.path == name).unwrap();
        let value = claim.value.as_str().unwrap();
        assert!(!log.contains(value), "{name} in {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_seen_again_and_an_answer_is_given_once() {
    let learner = Learner::new().await;
    let desk = learner.employer().await;
    let request = desk.ask("microcredential").await;
    let prompt = learner.asked(&request.link).await;
    // Another wallet with the same link may look too; whoever answers first is the only one who does.
    let world = World::prepare(learner.place.options()).unwrap();
    let other = Wallet::new(learner.place.path("other"), world);
    other.create(phrase()).await.unwrap();
    assert!(!asked(&other, &request.link).await.plan.is_answerable(), "it holds nothing");
    other.dismiss().await;
    // The same one may look again, and it is the same plan.
    learner.wallet.dismiss().await;
    assert_eq!(learner.wallet.answer(yes(&prompt)).await.unwrap_err().kind, ErrorKind::NoSession);
    assert_eq!(learner.asked(&request.link).await.plan.fingerprint, prompt.plan.fingerprint);
    assert_eq!(desk.result(&request).await["state"], "waiting");
    learner.wallet.answer(yes(&prompt)).await.unwrap();
    assert_eq!(learner.wallet.answer(yes(&prompt)).await.unwrap_err().kind, ErrorKind::NoSession);
    assert_eq!(learner.refused(&request.link).await, ErrorKind::RequestAnswered);
    assert_eq!(learner.log().await.iter().filter(|line| line.outcome == Outcome::Done).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn security_d32_nothing_that_fits_waits_for_the_person_and_then_sounds_like_any_no() {
    let learner = Learner::new().await;
    let desk = learner.employer().await;
    let request = desk.ask("badge").await;
    let prompt = learner.asked(&request.link).await;
    assert!(!prompt.plan.is_answerable());
    assert_eq!(desk.result(&request).await["state"], "waiting");
    assert_eq!(learner.wallet.answer(yes(&prompt)).await.unwrap_err().kind, ErrorKind::NothingFits);
    assert_eq!(desk.result(&request).await["state"], "waiting");
    let line = &learner.log().await[0];
    assert_eq!((line.outcome, line.error), (Outcome::Failed, Some(ErrorKind::NothingFits)));
    assert!(line.party.is_some(), "arf_dash_02: who asked is part of the story");
    learner.asked(&request.link).await;
    assert!(matches!(end(learner.wallet.answer(Answer::Decline).await), Ok(End::Declined)));
    assert_eq!(desk.result(&request).await["state"], "declined");
}
