//! What a bad, broken or vanished verifier can do, and what the log says afterwards.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::common::phrase;
use crate::learner::{Learner, OPTIONAL, asked, assert_shared, end, yes};
use crate::verifier::{Then, parameters};
use leerpas_core::{ActivityKind, Clock, ErrorKind, Outcome, Timestamp};
use leerpas_vault::Vault;
use leerpas_wallet::{End, Page, Wallet, World};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_is_gone_got_nothing_and_the_log_says_so() {
    let learner = Learner::new().await;
    let desk = learner.employer().await;
    let request = desk.ask("microcredential").await;
    let prompt = learner.asked(&request.link).await;
    drop(desk);
    let failure = learner.wallet.answer(yes(&prompt)).await.unwrap_err();
    assert_eq!((failure.kind, failure.step.as_str()), (ErrorKind::Unreachable, "response"));
    let line = &learner.log().await[0];
    assert_eq!((line.outcome, line.error), (Outcome::Failed, Some(ErrorKind::Unreachable)));
    // And the next request works without a restart.
    let desk = learner.employer().await;
    let request = desk.ask("microcredential").await;
    assert_shared(&learner.share(&request.link).await.unwrap(), Outcome::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_confirms_may_have_been_shared_and_is_sent_once() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let cases = [
        Then::say(200, "text/html", "<!doctype html><p>Thank you!"),
        Then::say(200, "application/json", "[]"),
        Then::say(200, "application/json", "{"),
        Then::say(204, "application/json", ""),
        Then::say(307, "text/html", ""),
        Then::say(302, "text/html", ""),
        Then::say(500, "application/json", "{}"),
        Then::say(503, "text/html", "busy"),
        Then::HangUp,
    ];
    for (count, then) in cases.into_iter().enumerate() {
        verifier.then(then.clone());
        let end = learner.share(&verifier.ask(|_| {})).await.unwrap();
        assert_shared(&end, Outcome::Uncertain);
        assert_eq!(verifier.answers().len(), count + 1, "{then:?}: sent once");
        let line = &learner.log().await[0];
        let expected = (Outcome::Uncertain, Some(ErrorKind::ResponseUnconfirmed));
        assert_eq!((line.outcome, line.error), expected, "{then:?}");
        assert!(line.claims.iter().any(|claim| claim.path == OPTIONAL), "{then:?}");
    }
    // A refusal is the verifier's own word that it took nothing.
    verifier.then(Then::say(400, "application/json", r#"{"error":"invalid_request"}"#));
    let failure = learner.share(&verifier.ask(|_| {})).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::ResponseRefused);
    assert_eq!(learner.log().await[0].outcome, Outcome::Failed);
    verifier.then(Then::thanks());
    assert_shared(&learner.share(&verifier.ask(|_| {})).await.unwrap(), Outcome::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_without_end_is_cut_off_and_may_have_been_shared() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let huge = " ".repeat(8 * 1024 * 1024);
    verifier.then(Then::say(200, "application/json", &huge));
    assert_shared(&learner.share(&verifier.ask(|_| {})).await.unwrap(), Outcome::Uncertain);
    let request = verifier.hand_out("application/oauth-authz-req+jwt", &huge);
    assert_eq!(learner.refused(&request).await, ErrorKind::ReplyTooLarge);
}

#[tokio::test(flavor = "multi_thread")]
async fn openid4vp_8_2_only_an_https_address_to_go_on_is_offered() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    for (text, offered) in [
        (r#"{"redirect_uri":"https://desk.example/thanks#code=1"}"#, Some("https://desk.example/thanks#code=1")),
        (r#"{"redirect_uri":"javascript:alert(1)"}"#, None),
        (r#"{"redirect_uri":"file:///etc/passwd"}"#, None),
    ] {
        verifier.then(Then::say(200, "application/json", text));
        let end = learner.share(&verifier.ask(|_| {})).await.unwrap();
        let End::Shared { go_on, outcome: Outcome::Done, .. } = end else { panic!("{end:?}") };
        assert_eq!(go_on.as_ref().map(leerpas_core::Url::as_str), offered);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_about_to_be_shared_is_written_down_first_and_a_stop_leaves_it_open() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    verifier.then(Then::Silent);
    let prompt = learner.asked(&verifier.ask(|_| {})).await;
    let wallet = Arc::new(learner.wallet);
    let waiting = tokio::spawn({
        let (wallet, answer) = (Arc::clone(&wallet), yes(&prompt));
        async move { end(wallet.answer(answer).await) }
    });
    verifier.wait_for_answers(1).await;
    let log = wallet.activities().await.unwrap();
    assert_eq!((log[0].kind, log[0].outcome), (ActivityKind::Shared, Outcome::Started));
    assert!(log[0].claims.iter().any(|claim| claim.path == OPTIONAL));
    assert_eq!(wallet.answer(yes(&prompt)).await.unwrap_err().kind, ErrorKind::Busy, "nobody says yes twice");

    let begun = Instant::now();
    wallet.cancel();
    assert_shared(&waiting.await.unwrap().unwrap(), Outcome::Uncertain);
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
    assert_eq!(wallet.activities().await.unwrap()[0].outcome, Outcome::Uncertain);
    assert_eq!(verifier.answers().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_that_never_answers_is_given_up_after_a_while() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    verifier.then(Then::Silent);
    let begun = Instant::now();
    assert_shared(&learner.share(&verifier.ask(|_| {})).await.unwrap(), Outcome::Uncertain);
    assert!(begun.elapsed().as_secs() <= leerpas_core::limits::TOTAL_SECONDS, "{:?}", begun.elapsed());
    assert_eq!(verifier.answers().len(), 1, "sent once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_breaks_a_rule_is_refused_before_anything_is_shown() {
    type Change = fn(&mut Value);
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let table: &[(&str, Change, ErrorKind)] = &[
        ("without nonce", |c| drop(c.as_object_mut().unwrap().remove("nonce")), ErrorKind::RequestInvalid),
        (
            "answer to another host",
            |c| c["response_uri"] = json!("https://evil.example/response"),
            ErrorKind::RequestWrongAddress,
        ),
        ("answer to this machine by number", to_number, ErrorKind::RequestWrongAddress),
        ("answer over http", |c| c["response_uri"] = json!("http://localhost/"), ErrorKind::InsecureAddress),
        ("run out", |c| c["exp"] = json!(Timestamp::now().as_second() - 3600), ErrorKind::RequestExpired),
        ("of another", |c| c["client_id"] = json!("x509_hash:AAAA"), ErrorKind::RequestInvalid),
        ("for another", |c| c["aud"] = json!("https://wallet.example"), ErrorKind::RequestInvalid),
        ("asks nothing", |c| c["dcql_query"] = json!({"credentials": []}), ErrorKind::RequestInvalid),
        ("to be encrypted to nobody", |c| c["response_mode"] = json!("direct_post.jwt"), ErrorKind::RequestInvalid),
    ];
    for (name, change, kind) in table {
        assert_eq!(learner.refused(&verifier.ask(change)).await, *kind, "{name}");
    }
    let object = verifier.sign(&verifier.claims(|_| {}));
    let media_type = "application/oauth-authz-req+jwt";
    let (rest, signature) = object.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{rest}.{first}{}", &signature[1..]);
    for (media_type, object, kind) in [
        (media_type, forged.as_str(), ErrorKind::RequestNotGenuine),
        ("text/html", "<!doctype html><p>Hello", ErrorKind::ReplyUnreadable),
        (media_type, "<!doctype html>", ErrorKind::ReplyUnreadable),
        (media_type, "", ErrorKind::ReplyUnreadable),
    ] {
        assert_eq!(learner.refused(&verifier.hand_out(media_type, object)).await, kind, "{object}");
    }
    // What was refused is not kept: once the verifier hands out the right thing, the same link works.
    let request = verifier.hand_out(media_type, "<!doctype html>");
    assert_eq!(learner.refused(&request).await, ErrorKind::ReplyUnreadable);
    verifier.replace(media_type, &object);
    learner.asked(&request).await;
    learner.wallet.dismiss().await;
    // Told was only what the verifier itself got wrong, at its own address; not a word about the learner.
    let told = verifier.answers();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told.iter().all(|form| form[0] == ("error".to_owned(), "invalid_request".to_owned()) && form.len() <= 2));
    assert!(learner.log().await.iter().all(|line| line.claims.is_empty() && line.outcome == Outcome::Failed));
    // And then the next one works.
    assert_shared(&learner.share(&verifier.ask(|_| {})).await.unwrap(), Outcome::Done);
}

fn to_number(claims: &mut Value) {
    let address = claims["response_uri"].as_str().unwrap().replace("localhost", "127.0.0.1");
    claims["response_uri"] = json!(address);
}

#[tokio::test(flavor = "multi_thread")]
async fn x509_hash_by_value_without_a_signature_is_refused_and_nobody_hears_of_it() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    let claims = verifier.claims(|_| {});
    let query = claims["dcql_query"].to_string();
    let plain = parameters(&[
        ("client_id", &verifier.client_id),
        ("response_type", "vp_token"),
        ("response_mode", "direct_post"),
        ("response_uri", claims["response_uri"].as_str().unwrap()),
        ("nonce", claims["nonce"].as_str().unwrap()),
        ("dcql_query", &query),
    ]);
    assert_eq!(learner.refused(&plain).await, ErrorKind::RequestUnsigned);
    let insecure = parameters(&[("client_id", &verifier.client_id), ("request_uri", "http://localhost/request/1")]);
    for (bad, kind) in [
        ("openid4vp://?", ErrorKind::RequestInvalid),
        ("openid4vp://?client_id=x", ErrorKind::RequestUnsupported),
        (insecure.as_str(), ErrorKind::InsecureAddress),
    ] {
        assert_eq!(learner.refused(bad).await, kind, "{bad}");
    }
    assert_eq!((verifier.fetches(), verifier.answers().len()), (0, 0));
}

/// The clock of this computer, put forward.
#[derive(Default)]
struct Forward(AtomicI64);

impl Clock for Forward {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(Timestamp::now().as_second() + self.0.load(Ordering::SeqCst)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_runs_out_while_the_person_thinks_gets_nothing() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    learner.wallet.lock().await;
    let clock = Arc::new(Forward::default());
    let world = World { clock: clock.clone(), ..World::prepare(learner.place.options()).unwrap() };
    let wallet = Wallet::new(learner.place.path("profile"), world);
    wallet.unlock(phrase()).await.unwrap();

    let prompt = asked(&wallet, &verifier.ask(|_| {})).await;
    clock.0.store(600, Ordering::SeqCst);
    let failure = wallet.answer(yes(&prompt)).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::RequestExpired);
    assert!(verifier.answers().is_empty());
    let log = wallet.activities().await.unwrap();
    let line = log.iter().find(|line| line.kind == ActivityKind::Shared).unwrap();
    assert_eq!((line.outcome, line.error), (Outcome::Failed, Some(ErrorKind::RequestExpired)));
    assert!(line.claims.is_empty(), "nothing was shared: {line:?}");

    // Nothing of it counts as given: no copy was shown, and the next time the party gets nothing "again".
    wallet.lock().await;
    let vault = Vault::open_with_passphrase(wallet.folder(), &phrase()).unwrap();
    for card in vault.summaries(None, Page::ALL).unwrap() {
        assert!(vault.originals(&card.id).unwrap().iter().all(|copy| copy.shown_to.is_empty()));
    }
    drop(vault);
    wallet.unlock(phrase()).await.unwrap();
    clock.0.store(0, Ordering::SeqCst);
    let prompt = asked(&wallet, &verifier.ask(|_| {})).await;
    assert!(prompt.before.is_empty());
    assert_shared(&end(wallet.answer(yes(&prompt)).await).unwrap(), Outcome::Done);
    assert_eq!(wallet.cards(None, Page::ALL).await.unwrap().len(), 1);
}
