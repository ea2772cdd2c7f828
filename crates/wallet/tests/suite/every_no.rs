//! What a verifier can tell from a no, on the wire: nothing (security.md D14 and D32; OpenID4VP 1.0, 8.5 and 15.2).

use crate::common;
use std::time::{Duration, Instant};

use crate::learner::{Learner, assert_shared, end};
use leerpas_core::{ActivityKind, ErrorKind, Outcome, Timestamp};
use leerpas_wallet::{Answer, End, Hand};
use serde_json::{Value, json};

type Change = fn(&mut Value);

/// The title of nobody's card.
fn miss(claims: &mut Value) {
    claims["dcql_query"]["credentials"][0]["claims"][0]["values"] = json!(["Een titel die niemand heeft"]);
}

/// A kind of card that the learner does not have.
fn lack(claims: &mut Value) {
    claims["dcql_query"]["credentials"][0]["meta"] = json!({"vct_values": ["urn:example:somebody-else-s"]});
}

#[tokio::test(flavor = "multi_thread")]
async fn security_d14_a_no_to_a_hit_a_miss_and_a_lack_is_the_same_and_takes_the_same_time() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let asked: [(&str, Change, bool); 3] = [("hit", |_| {}, true), ("miss", miss, false), ("lack", lack, false)];
    let mut times: Vec<(&str, Vec<Duration>)> = Vec::new();
    for (name, change, fits) in asked {
        let mut taken = Vec::new();
        for _ in 0..5 {
            let sent = verifier.answers().len();
            let prompt = learner.asked(&verifier.ask(change)).await;
            assert_eq!(prompt.plan.is_answerable(), fits, "{name}");
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert_eq!(verifier.answers().len(), sent, "{name}: nothing goes out before the person says so");
            let begun = Instant::now();
            assert!(matches!(end(learner.wallet.answer(Answer::Decline).await), Ok(End::Declined)));
            taken.push(begun.elapsed());
            learner.wallet.dismiss().await;
        }
        times.push((name, taken));
    }
    let answers = verifier.raw_answers();
    assert_eq!(answers.len(), 15);
    for (head, body) in &answers {
        assert_eq!(body, b"error=access_denied&state=s-1");
        assert_eq!(head, &answers[0].0, "not even a header differs");
    }
    // The quickest of five, because other tests run beside this one.
    let quickest: Vec<Duration> = times.iter().map(|(_, taken)| *taken.iter().min().unwrap()).collect();
    let (least, most) = (quickest.iter().min().unwrap(), quickest.iter().max().unwrap());
    assert!(*most - *least < Duration::from_millis(150), "{times:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn security_d14_a_vault_that_stays_locked_says_nothing() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let request = verifier.ask(|_| {});
    learner.wallet.lock().await;
    assert_eq!(learner.refused(&request).await, ErrorKind::Locked);
    assert_eq!((verifier.fetches(), verifier.answers().len()), (0, 0), "to them it is a person who does not look");
}

#[tokio::test(flavor = "multi_thread")]
async fn security_d09_a_nonce_that_was_answered_is_not_answered_again() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let stale: Change = |claims| claims["nonce"] = json!("the-nonce-of-last-week");
    // Only looked at: it may come again.
    learner.asked(&verifier.ask(stale)).await;
    learner.wallet.dismiss().await;
    assert_shared(&learner.share(&verifier.ask(stale)).await.unwrap(), Outcome::Done);
    assert_eq!(learner.refused(&verifier.ask(stale)).await, ErrorKind::RequestAnswered);
    assert_eq!(verifier.answers().len(), 1, "nobody hears of it");
    let log = learner.wallet.activities().await.unwrap();
    let line = log.iter().find(|line| line.kind == ActivityKind::Shared).unwrap();
    assert_eq!((line.outcome, line.error), (Outcome::Failed, Some(ErrorKind::RequestAnswered)));
    // It is remembered after a restart, and for this verifier alone.
    learner.wallet.lock().await;
    learner.wallet.unlock(common::phrase()).await.unwrap();
    assert_eq!(learner.refused(&verifier.ask(stale)).await, ErrorKind::RequestAnswered);
    let other = learner.verifier("Bakkerij").await;
    assert_shared(&learner.share(&other.ask(stale)).await.unwrap(), Outcome::Done);
    // A no is an answer too.
    let no: Change = |claims| claims["nonce"] = json!("a-nonce-that-got-a-no");
    learner.asked(&verifier.ask(no)).await;
    end(learner.wallet.answer(Answer::Decline).await).unwrap();
    assert_eq!(learner.refused(&verifier.ask(no)).await, ErrorKind::RequestAnswered);
}

#[tokio::test(flavor = "multi_thread")]
async fn vp_8_5_a_broken_request_of_a_proved_verifier_is_told_and_written_down() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let scope: Change = |claims| {
        claims.as_object_mut().unwrap().remove("dcql_query");
        claims["scope"] = json!("nl.microcredential");
    };
    assert_eq!(learner.refused(&verifier.ask(scope)).await, ErrorKind::RequestScope);
    let (_, body) = verifier.raw_answers().pop().unwrap();
    assert_eq!(body, b"error=invalid_scope&state=s-1");
    let line = &learner.log().await[0];
    assert_eq!((line.outcome, line.error), (Outcome::Failed, Some(ErrorKind::RequestScope)));
    assert_eq!(line.party.as_ref().unwrap().identifier, verifier.client_id);
    assert!(line.claims.is_empty() && line.cards.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn security_h16_d22_a_link_that_was_answered_says_when_whether_the_request_is_gone_or_comes_again() {
    let learner = Learner::new().await;
    let when = |failure: leerpas_core::Failure| {
        assert_eq!(failure.kind, ErrorKind::RequestAnswered, "{failure:?}");
        failure.since.unwrap()
    };
    let again = async |link: &str| learner.wallet.arrive(crate::common::link(link), Hand::Person).await.unwrap_err();
    let begun = Timestamp::now();
    // A desk that hands a request out once: what is left of it is the link.
    let employer = learner.employer().await;
    let asked = employer.ask("microcredential").await;
    assert_shared(&learner.share(&asked.link).await.unwrap(), Outcome::Done);
    let lines = learner.log().await.len();
    let at = when(again(&asked.link).await);
    assert!(at >= begun && at <= Timestamp::now(), "{at}");
    assert_eq!(learner.log().await.len(), lines, "nobody was proved, so there is no line of anybody");
    // One that hands it out again.
    let verifier = learner.verifier("Werkplaats").await;
    let link = verifier.ask(|_| {});
    assert_shared(&learner.share(&link).await.unwrap(), Outcome::Done);
    assert!(when(again(&link).await) > at);
    assert_eq!(verifier.answers().len(), 1);
    // A no counts too, and the time that is said stays that of the answer.
    let declined = employer.ask("microcredential").await;
    learner.asked(&declined.link).await;
    end(learner.wallet.answer(Answer::Decline).await).unwrap();
    let first = when(again(&declined.link).await);
    assert_eq!(when(again(&declined.link).await), first);
    // A place where there is a fresh request each time is no request that was answered.
    verifier.replace("application/oauth-authz-req+jwt", &verifier.sign(&verifier.claims(|_| {})));
    assert_shared(&learner.share(&link).await.unwrap(), Outcome::Done);
    // One that nobody ever saw is gone, and that is all that can be said.
    let unseen = asked.link.replace("request%2F", "request%2Fx");
    assert_ne!(again(&unseen).await.kind, ErrorKind::RequestAnswered);
}
