//! Whoever is slow, silent, endless or gone: every exchange ends by itself, every wait ends when the person says so, the
//! time that a person reads is never counted, and what is left says what happened.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::common::{Place, holdings, link, phrase, take};
use crate::learner::{Learner, asked, yes};
use crate::verifier::Then;
use leerpas_core::{Clock, ErrorKind, Outcome, Secret, Timestamp};
use leerpas_net::{Client, Limits, Policy, SystemNames};
use leerpas_sandbox::{Misbehave, Place as Where};
use leerpas_wallet::{Answer, End, Hand, Progress, Prompt, Wallet, World};

/// The patience of these tests; the published one is tested where it is kept.
const TOTAL: Duration = Duration::from_millis(1500);

fn hasty() -> Limits {
    Limits { connect: TOTAL / 2, first_byte: TOTAL / 2, total: TOTAL, ..Limits::default() }
}

/// A wallet with little patience for others; made if there is none.
async fn impatient(place: &Place, clock: Option<Arc<dyn Clock>>) -> Wallet {
    let mut world = World::prepare(place.options()).unwrap();
    let root = std::fs::read(place.path("ca.pem")).unwrap();
    let policy = Policy { allow_loopback: true, extra_roots_pem: vec![root], log: None };
    world.client = Arc::new(Client::with(policy, hasty(), SystemNames).unwrap());
    if let Some(clock) = clock {
        world.clock = clock;
    }
    let wallet = Wallet::new(place.path("profile"), world);
    match wallet.state().unwrap() {
        leerpas_wallet::VaultState::Missing => drop(wallet.create(phrase()).await.unwrap()),
        _ => wallet.unlock(phrase()).await.unwrap(),
    }
    wallet
}

/// Each place, the step of a failure there, and the word that the window shows meanwhile.
const PLACES: [(Where, &str, &str); 4] = [
    (Where::Metadata, "metadata", "metadata"),
    (Where::Token, "token", "token"),
    (Where::Nonce, "nonce", "credential"),
    (Where::Credential, "credential", "credential"),
];

#[tokio::test(flavor = "multi_thread")]
async fn r10_an_institution_in_trouble_at_any_step_ends_the_offer_and_says_where() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = impatient(&place, None).await;
    let mut lines = 0;
    for (here, step, _) in PLACES {
        for (how, trouble) in
            [("silent", Misbehave::Silent(here)), ("huge", Misbehave::Huge(here)), ("html", Misbehave::Html(here))]
        {
            sandbox.misbehave(Some(trouble));
            let begun = Instant::now();
            let outcome = take(&wallet, &sandbox.offers["microcredential"], &sandbox.tx_code).await;
            sandbox.misbehave(None);
            let failure = outcome.unwrap_err();
            let case = format!("{how} at {step}: {failure:?}");
            assert!(begun.elapsed() < TOTAL * 5, "{case}: {:?}", begun.elapsed());
            assert_eq!(failure.step, step, "{case}");
            if how == "silent" {
                assert_eq!(failure.kind, ErrorKind::TimedOut, "{case}");
            }
            let Progress::Ended(end) = wallet.watch().borrow().clone() else { panic!("{case}: no end is shown") };
            assert!(matches!(*end, End::Failed(ref shown) if *shown == failure), "{case}");
            wallet.dismiss().await;
            assert_eq!(holdings(&wallet).await, (0, 0), "{case}");
            // Before the yes nothing was done that a log would tell; from then on it has one line.
            lines += usize::from(here != Where::Metadata);
            let log = wallet.activities().await.unwrap();
            assert_eq!(log.len(), lines, "{case}");
            assert!(log.iter().all(|line| line.outcome == Outcome::Failed && line.error.is_some()), "{case}: {log:?}");
        }
    }
    take(&wallet, &sandbox.offers["microcredential"], &sandbox.tx_code).await.unwrap();
    assert_eq!(wallet.activities().await.unwrap()[0].outcome, Outcome::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn r10_every_wait_of_an_offer_ends_at_once_when_the_person_says_so() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = Arc::new(place.wallet().await);
    for (here, _, step) in PLACES {
        for by_locking in [false, true] {
            sandbox.misbehave(Some(Misbehave::Silent(here)));
            let running = tokio::spawn({
                let (wallet, offer, code) =
                    (Arc::clone(&wallet), sandbox.offers["microcredential"].clone(), sandbox.tx_code.clone());
                async move {
                    let progress = wallet.arrive(link(&offer), Hand::Person).await?;
                    assert!(matches!(progress, Progress::Ask(_)), "{progress:?}");
                    wallet.answer(Answer::Take { code: Some(Secret::new(code)) }).await
                }
            });
            let mut watched = wallet.watch();
            let there = |now: &Progress| matches!(now, Progress::Working(work) if work.as_str() == step);
            watched.wait_for(there).await.unwrap();
            // Until it waits for the reply; a nonce and a credential have the same word.
            tokio::time::sleep(Duration::from_millis(150)).await;
            let begun = Instant::now();
            if by_locking {
                wallet.lock().await;
            } else {
                wallet.dismiss().await;
            }
            let took = begun.elapsed();
            // The wait itself would be ten times as long; a busy computer must not fail this.
            assert!(took < Duration::from_secs(2), "{step}: {took:?}");
            let failure = running.await.unwrap().unwrap_err();
            assert_eq!(failure.kind, ErrorKind::Declined, "{step}: {failure:?}");
            sandbox.misbehave(None);
            if by_locking {
                wallet.unlock(phrase()).await.unwrap();
            }
            assert_eq!(holdings(&wallet).await, (0, 0), "{step}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r10_security_d25_a_requester_in_trouble_ends_the_request_and_what_went_out_is_told() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    learner.wallet.lock().await;
    let wallet = impatient(&learner.place, None).await;
    let troubles = [Then::Silent, Then::Drip, Then::Half, Then::Endless, Then::HangUp];

    for trouble in &troubles {
        verifier.trouble(Some(trouble.clone()));
        let begun = Instant::now();
        let failure = wallet.arrive(link(&verifier.ask(|_| {})), Hand::Person).await.unwrap_err();
        assert!(begun.elapsed() < TOTAL * 3, "{trouble:?}: {:?}", begun.elapsed());
        assert_eq!(failure.step, "request", "{trouble:?}: {failure:?}");
        wallet.dismiss().await;
        verifier.trouble(None);
    }
    assert_eq!(verifier.answers().len(), 0);

    for (number, trouble) in troubles.iter().enumerate() {
        verifier.then(trouble.clone());
        let prompt = asked(&wallet, &verifier.ask(|_| {})).await;
        let begun = Instant::now();
        let progress = wallet.answer(yes(&prompt)).await.unwrap();
        assert!(begun.elapsed() < TOTAL * 3, "{trouble:?}: {:?}", begun.elapsed());
        let Progress::Ended(end) = progress else { panic!("{trouble:?}: {progress:?}") };
        assert!(matches!(*end, End::Shared { outcome: Outcome::Uncertain, .. }), "{trouble:?}: {end:?}");
        wallet.dismiss().await;
        let log = wallet.activities().await.unwrap();
        assert_eq!(log[0].outcome, Outcome::Uncertain, "{trouble:?}");
        assert_eq!(verifier.answers().len(), number + 1, "{trouble:?}: sent once, and never again by itself");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_that_a_person_reads_is_never_counted() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    learner.wallet.lock().await;
    let wallet = impatient(&learner.place, None).await;
    let read = || tokio::time::sleep(TOTAL + Duration::from_millis(500));

    let progress = wallet.arrive(link(&learner.sandbox.offers["badge"]), Hand::Program).await.unwrap();
    assert!(matches!(progress, Progress::Ask(_)), "{progress:?}");
    read().await;
    let mut progress = wallet.answer(Answer::Take { code: None }).await.unwrap();
    while let Progress::Ask(prompt) = progress {
        read().await;
        let answer = match *prompt {
            Prompt::Offer(offer) => {
                Answer::Take { code: offer.code.map(|_| Secret::new(learner.sandbox.tx_code.clone())) }
            }
            Prompt::Review(_) => Answer::Keep,
            other => panic!("{other:?}"),
        };
        progress = wallet.answer(answer).await.unwrap();
    }
    assert!(matches!(progress, Progress::Ended(ref end) if matches!(**end, End::Kept(_))), "{progress:?}");
    wallet.dismiss().await;

    let prompt = asked(&wallet, &verifier.ask(|_| {})).await;
    read().await;
    let progress = wallet.answer(yes(&prompt)).await.unwrap();
    let Progress::Ended(end) = progress else { panic!("{progress:?}") };
    assert!(matches!(*end, End::Shared { outcome: Outcome::Done, .. }), "{end:?}");
}

/// A clock that can be set.
struct Set(AtomicI64);

impl Clock for Set {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r8_security_d31_a_clock_that_jumps_in_the_middle_leaves_nothing_by_half() {
    let learner = Learner::new().await;
    let verifier = learner.verifier("Werkplaats").await;
    learner.wallet.lock().await;
    let real = Timestamp::now().as_second();
    let clock = Arc::new(Set(AtomicI64::new(real)));
    let wallet = impatient(&learner.place, Some(Arc::clone(&clock) as Arc<dyn Clock>)).await;
    const HOUR: i64 = 3600;

    // Two hours over a request: it has run out, nothing is sent, and that is in the log.
    let prompt = asked(&wallet, &verifier.ask(|_| {})).await;
    clock.0.store(real + 2 * HOUR, Ordering::SeqCst);
    assert_eq!(wallet.answer(yes(&prompt)).await.unwrap_err().kind, ErrorKind::RequestExpired);
    clock.0.store(real, Ordering::SeqCst);
    wallet.dismiss().await;
    assert_eq!(verifier.answers().len(), 0);
    assert_eq!(wallet.activities().await.unwrap()[0].error, Some(ErrorKind::RequestExpired));

    // 1970, fifty years on, and a day back and forth, while a card is looked at.
    let before = holdings(&wallet).await;
    for jump in [-real, 50 * 365 * 24 * HOUR, 26 * HOUR, -26 * HOUR, 1, -1] {
        wallet.arrive(link(&learner.sandbox.offers["microcredential"]), Hand::Person).await.unwrap();
        clock.0.store(real + jump, Ordering::SeqCst);
        let outcome = wallet.answer(Answer::Take { code: Some(Secret::new(learner.sandbox.tx_code.clone())) }).await;
        if matches!(outcome, Ok(Progress::Ask(_))) {
            clock.0.store(real, Ordering::SeqCst);
            wallet.answer(Answer::Keep).await.unwrap();
        }
        clock.0.store(real, Ordering::SeqCst);
        wallet.dismiss().await;
        assert_eq!(holdings(&wallet).await, before, "{jump}: the same card, or the older one");
        let log = wallet.activities().await.unwrap();
        assert!(log.iter().all(|line| line.outcome != Outcome::Started), "{jump}: {log:?}");
    }
    // Locked and opened at any of these times, the vault is the same.
    for jump in [-real, 50 * 365 * 24 * HOUR] {
        clock.0.store(real + jump, Ordering::SeqCst);
        wallet.lock().await;
        wallet.unlock(phrase()).await.unwrap();
        assert_eq!(holdings(&wallet).await, before, "{jump}");
    }
}
