//! A request, from link to outcome, with the real desk; and everything that a bad verifier can do.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

mod common;
mod verifier;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use common::{Place, holdings, link, phrase, take};
use leerpas_core::{Activity, ActivityKind, Clock, ErrorKind, Evidence, Failure, Outcome, Timestamp};
use leerpas_sandbox::Sandbox;
use leerpas_vault::Vault;
use leerpas_wallet::{Answer, Choice, End, Hand, Page, Progress, Prompt, SharePrompt, Wallet, World};
use serde_json::{Value, json};
use verifier::{Employer, Then, Verifier, parameters};

const OPTIONAL: &str = "given_name";

/// A learner with a microcredential, at an institution that is open.
struct Learner {
    place: Place,
    sandbox: Sandbox,
    wallet: Wallet,
}

impl Learner {
    async fn new() -> Self {
        let place = Place::new();
        let sandbox = place.sandbox().await;
        let wallet = place.wallet().await;
        take(&wallet, &sandbox.offers["microcredential"], &sandbox.tx_code).await.unwrap();
        Self { place, sandbox, wallet }
    }

    async fn employer(&self) -> Employer {
        Employer::start(self.place.folder.path()).await
    }

    async fn verifier(&self, name: &str) -> Verifier {
        Verifier::start(self.place.folder.path(), name).await
    }

    /// From a pasted link to what the person is asked.
    async fn asked(&self, request: &str) -> SharePrompt {
        asked(&self.wallet, request).await
    }

    async fn refused(&self, request: &str) -> ErrorKind {
        match self.wallet.arrive(link(request), Hand::Person).await {
            Err(failure) => failure.kind,
            Ok(progress) => panic!("{request} was not refused: {progress:?}"),
        }
    }

    /// Says yes to what is proposed.
    async fn share(&self, request: &str) -> Result<End, Failure> {
        let prompt = self.asked(request).await;
        end(self.wallet.answer(yes(&prompt)).await)
    }

    /// What the log says about sharing, newest first.
    async fn log(&self) -> Vec<Activity> {
        let mut log = self.wallet.activities().await.unwrap();
        log.retain(|line| line.kind == ActivityKind::Shared);
        log
    }
}

async fn asked(wallet: &Wallet, request: &str) -> SharePrompt {
    share_prompt(wallet.arrive(link(request), Hand::Person).await.unwrap())
}

fn share_prompt(progress: Progress) -> SharePrompt {
    let Progress::Ask(prompt) = progress else { panic!("{progress:?}") };
    let Prompt::Share(prompt) = *prompt else { panic!("{prompt:?}") };
    prompt
}

fn yes(prompt: &SharePrompt) -> Answer {
    Answer::Share { fingerprint: prompt.plan.fingerprint.clone(), choice: Choice::default() }
}

fn yes_without(prompt: &SharePrompt, path: &str) -> Answer {
    let choice = Choice { without: vec![(prompt.plan.queries[0].id.clone(), path.to_owned())], ..Choice::default() };
    Answer::Share { fingerprint: prompt.plan.fingerprint.clone(), choice }
}

fn end(progress: Result<Progress, Failure>) -> Result<End, Failure> {
    match progress? {
        Progress::Ended(end) => Ok(*end),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn assert_shared(end: &End, expected: Outcome) {
    assert!(matches!(end, End::Shared { outcome, .. } if *outcome == expected), "{end:?}");
}

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

impl Learner {
    /// Puts away what is open and asks again.
    async fn asked_anew(&self, verifier: &Verifier) -> SharePrompt {
        self.wallet.dismiss().await;
        self.asked(&verifier.ask(|_| {})).await
    }
}

/// The disclosures of the last answer, as text.
fn disclosed(verifier: &Verifier) -> String {
    let sd_jwt = verifier.last_sd_jwt();
    let parts: Vec<_> = sd_jwt.split('~').collect();
    let [_, disclosures @ .., _] = parts.as_slice() else { panic!("{sd_jwt}") };
    let decode = |part: &&str| String::from_utf8(leerpas_credential::jose::decode_base64url(part).unwrap()).unwrap();
    disclosures.iter().map(decode).collect()
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
    assert!(verifier.answers().is_empty());
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

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_handed_out_once_and_an_answer_is_given_once() {
    let learner = Learner::new().await;
    let desk = learner.employer().await;
    let request = desk.ask("microcredential").await;
    let prompt = learner.asked(&request.link).await;
    // Another wallet with the same link comes too late.
    let world = World::prepare(learner.place.options()).unwrap();
    let other = Wallet::new(learner.place.path("other"), world);
    other.create(phrase()).await.unwrap();
    let failure = other.arrive(link(&request.link), Hand::Person).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::RequestExpired);
    // The same one may look again, and it is the same plan.
    learner.wallet.dismiss().await;
    assert_eq!(learner.wallet.answer(yes(&prompt)).await.unwrap_err().kind, ErrorKind::NoSession);
    assert_eq!(learner.asked(&request.link).await.plan.fingerprint, prompt.plan.fingerprint);
    assert_eq!(desk.result(&request).await["state"], "waiting");
    learner.wallet.answer(yes(&prompt)).await.unwrap();
    assert_eq!(learner.wallet.answer(yes(&prompt)).await.unwrap_err().kind, ErrorKind::NoSession);
    assert_eq!(learner.refused(&request.link).await, ErrorKind::RequestExpired);
    assert_eq!(learner.log().await.iter().filter(|line| line.outcome == Outcome::Done).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_fits_is_its_own_end_and_the_desk_hears_nothing() {
    let learner = Learner::new().await;
    let desk = learner.employer().await;
    let request = desk.ask("badge").await;
    assert_eq!(learner.refused(&request.link).await, ErrorKind::NothingFits);
    assert_eq!(desk.result(&request).await["state"], "waiting");
    let line = &learner.log().await[0];
    assert_eq!((line.outcome, line.error), (Outcome::Failed, Some(ErrorKind::NothingFits)));
    assert!(line.party.is_some(), "arf_dash_02: who asked is part of the story");
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
