//! A fault of our own in the middle of something (security.md R7): it ends that one thing, tells nothing, leaves nothing
//! by half and nothing locked up, and the next thing works without a restart.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::common::{PASSPHRASE, Place, holdings, phrase, take};
use crate::learner::{asked, yes};
use crate::verifier::Verifier;
use leerpas_core::{Clock, Entropy, OsEntropy, Outcome, Timestamp};
use leerpas_wallet::{Page, Wallet, World};

/// Time and chance that work so many times and then once do not.
struct Trip(AtomicI64);

impl Trip {
    fn step(&self) {
        // Far below zero nothing happens any more: once is enough.
        assert!(self.0.fetch_sub(1, Ordering::SeqCst) != 0, "tripped");
    }

    fn after(&self, calls: i64) {
        self.0.store(calls, Ordering::SeqCst);
    }

    fn never(&self) {
        self.after(i64::MAX);
    }
}

impl Clock for Trip {
    fn now(&self) -> Timestamp {
        self.step();
        Timestamp::now()
    }
}

impl Entropy for Trip {
    fn fill(&self, buffer: &mut [u8]) {
        self.step();
        OsEntropy.fill(buffer);
    }
}

async fn wallet_with(place: &Place, trip: &Arc<Trip>) -> Wallet {
    let mut world = World::prepare(place.options()).unwrap();
    world.clock = Arc::clone(trip) as Arc<dyn Clock>;
    world.entropy = Arc::clone(trip) as Arc<dyn Entropy>;
    let wallet = Wallet::new(place.path("profile"), world);
    wallet.create(phrase()).await.unwrap();
    wallet
}

/// Nothing by half: every copy has its key, every key its copy, every card its bytes, and no line is left open once the
/// vault was opened anew.
async fn assert_whole(wallet: &Wallet, case: &str) {
    wallet.dismiss().await;
    wallet.lock().await;
    wallet.unlock(phrase()).await.unwrap();
    let cards = wallet.cards(None, Page::ALL).await.unwrap();
    for card in &cards {
        assert!(!wallet.original(&card.id).await.unwrap().is_empty(), "{case}");
    }
    let copies: usize = cards.iter().map(|card| card.copies as usize).sum();
    assert_eq!(holdings(wallet).await, (cards.len(), copies), "{case}");
    let log = wallet.activities().await.unwrap();
    assert!(log.iter().all(|line| line.outcome != Outcome::Started), "{case}: {log:?}");
}

/// What a fault says of itself, where it comes back as a failure, and where it ends the task.
fn assert_tells_nothing(told: &str, code: &str, case: &str) {
    for secret in [PASSPHRASE, "Noor", "1994-05-17", &format!("code {code}")] {
        assert!(!told.contains(secret), "{case}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r7_a_fault_at_any_step_of_collecting_leaves_nothing_by_half() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let trip = Arc::new(Trip(AtomicI64::new(i64::MAX)));
    let wallet = Arc::new(wallet_with(&place, &trip).await);
    let mut faults = 0;
    for calls in 0.. {
        let case = format!("after {calls} looks at the clock or draws of chance");
        trip.after(calls);
        let running = tokio::spawn({
            let (wallet, offer, code) =
                (Arc::clone(&wallet), sandbox.offers["microcredential"].clone(), sandbox.tx_code.clone());
            async move { take(&wallet, &offer, &code).await }
        });
        let ended = running.await;
        let tripped = trip.0.load(Ordering::SeqCst) < 0;
        trip.never();
        assert_whole(&wallet, &case).await;
        match ended {
            Ok(Ok(_)) if !tripped => break,
            // What is kept was kept before the fault, as when a notification cannot be made.
            Ok(Ok(_)) => {}
            Ok(Err(failure)) => assert_tells_nothing(&format!("{failure:?}"), &sandbox.tx_code, &case),
            Err(error) => assert_tells_nothing(&error.to_string(), &sandbox.tx_code, &case),
        }
        faults += 1;
        assert!(faults < 500, "it never ends by itself");
    }
    assert!(faults > 5, "{faults}");
    assert_eq!(holdings(&wallet).await.0, 1, "however often it was tried");
}

#[tokio::test(flavor = "multi_thread")]
async fn r7_a_fault_at_any_step_of_sharing_never_makes_the_log_say_less_than_went_out() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let trip = Arc::new(Trip(AtomicI64::new(i64::MAX)));
    let wallet = Arc::new(wallet_with(&place, &trip).await);
    take(&wallet, &sandbox.offers["microcredential"], &sandbox.tx_code).await.unwrap();
    let verifier = Verifier::start(place.folder.path(), "Werkplaats").await;
    let mut faults = 0;
    for calls in 0.. {
        let case = format!("after {calls} looks at the clock or draws of chance");
        let (sent, lines) = (verifier.answers().len(), wallet.activities().await.unwrap().len());
        let request = verifier.ask(|_| {});
        trip.after(calls);
        let running = tokio::spawn({
            let wallet = Arc::clone(&wallet);
            async move {
                let prompt = asked(&wallet, &request).await;
                wallet.answer(yes(&prompt)).await
            }
        });
        let ended = running.await;
        let tripped = trip.0.load(Ordering::SeqCst) < 0;
        trip.never();
        assert_whole(&wallet, &case).await;
        let log = wallet.activities().await.unwrap();
        let went_out = verifier.answers().len() > sent;
        let told =
            log[..log.len() - lines].iter().any(|line| matches!(line.outcome, Outcome::Done | Outcome::Uncertain));
        assert!(told || !went_out, "{case}: {log:?}");
        match ended {
            Ok(Ok(_)) if !tripped => break,
            Ok(Ok(_)) => {}
            Ok(Err(failure)) => assert_tells_nothing(&format!("{failure:?}"), "-", &case),
            Err(error) => assert_tells_nothing(&error.to_string(), "-", &case),
        }
        faults += 1;
        assert!(faults < 500, "it never ends by itself");
    }
    assert!(faults > 3, "{faults}");
}
