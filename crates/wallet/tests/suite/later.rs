//! Cards that an institution hands out later, and fresh copies of cards that are kept: against the real institution.

use std::{sync::Arc, time::Duration};

use crate::common::{Place, holdings, link, phrase, take};
use leerpas_core::{ActivityKind, CardStatus, Clock, ErrorKind, Outcome, Timestamp};
use leerpas_sandbox::{Misbehave, Pace, Place as Where, Sandbox};
use leerpas_wallet::{Answer, End, Hand, Page, Progress, Prompt, WaitingCard, Wallet, World};

/// Quick enough to wait for.
const QUICK: Pace = Pace { interval: 1, times: 1 };

/// Takes the offer that is handed out later, and gives what is waited for.
async fn promised(wallet: &Wallet, sandbox: &Sandbox) -> WaitingCard {
    let end = take(wallet, &sandbox.offers["later"], "").await.unwrap();
    let End::Later { kept, mut waiting } = end else { panic!("{end:?}") };
    assert!(kept.is_empty() && waiting.len() == 1, "{kept:?}");
    waiting.remove(0)
}

async fn until_it_may_be_asked(waiting: &WaitingCard) {
    while Timestamp::now() < waiting.ask_after {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn one_waiting(wallet: &Wallet) -> WaitingCard {
    let mut waiting = wallet.waiting().await.unwrap();
    assert_eq!(waiting.len(), 1);
    waiting.remove(0)
}

/// Asks until the card is there to look at.
async fn until_there(wallet: &Wallet) -> Progress {
    loop {
        let waiting = one_waiting(wallet).await;
        until_it_may_be_asked(&waiting).await;
        match wallet.collect(&waiting.id).await.unwrap() {
            Progress::Ended(end) if matches!(*end, End::Later { .. }) => drop(wallet.dismiss().await),
            progress => return progress,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn security_c18_a_card_that_comes_later_survives_a_restart_and_is_seen_before_it_is_kept() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    sandbox.set_pace(QUICK);
    let wallet = place.wallet().await;
    let waiting = promised(&wallet, &sandbox).await;
    assert!(waiting.title.contains("Circular") && waiting.issuer.name.contains("Hogeschool"), "{waiting:?}");
    assert_eq!(holdings(&wallet).await, (0, 0), "no card and no key of it yet");
    wallet.dismiss().await;
    wallet.lock().await;
    drop(wallet);

    let wallet = place.wallet().await;
    assert_eq!(one_waiting(&wallet).await, waiting);
    let progress = until_there(&wallet).await;
    let Progress::Ask(prompt) = progress else { panic!("{progress:?}") };
    let Prompt::Review(review) = *prompt else { panic!("{prompt:?}") };
    assert_eq!(review.cards[0].0.status, CardStatus::Valid);
    assert_eq!(holdings(&wallet).await, (0, 0));
    let progress = wallet.answer(Answer::Keep).await.unwrap();
    assert!(matches!(progress, Progress::Ended(end) if matches!(*end, End::Kept(_))));
    assert_eq!(holdings(&wallet).await, (1, 3), "a key for each copy");
    assert_eq!(wallet.waiting().await.unwrap(), []);
    let log = wallet.activities().await.unwrap();
    assert_eq!((log.len(), log[0].kind, log[0].outcome), (1, ActivityKind::Received, Outcome::Done));
    assert_eq!(sandbox.heard()["microcredential.circular-design"], "credential_accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn vci_8_3_an_institution_is_not_asked_before_it_wants_to_be() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    sandbox.set_pace(Pace { interval: 3600, times: 1 });
    let mut options = place.options();
    options.net_log = Some(place.path("net.log"));
    let wallet = Wallet::new(place.path("profile"), World::prepare(options).unwrap());
    wallet.create(phrase()).await.unwrap();
    let waiting = promised(&wallet, &sandbox).await;
    wallet.dismiss().await;
    let before = std::fs::read_to_string(place.path("net.log")).unwrap();
    let failure = wallet.collect(&waiting.id).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::TooEarly);
    assert_eq!(std::fs::read_to_string(place.path("net.log")).unwrap(), before, "nothing was sent");
    assert_eq!(one_waiting(&wallet).await, waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn security_c18_what_is_pending_for_ever_can_be_given_up_and_leaves_nothing() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    sandbox.set_pace(Pace { interval: 1, times: u32::MAX });
    let wallet = place.wallet().await;
    let first = promised(&wallet, &sandbox).await;
    wallet.dismiss().await;
    for _ in 0..2 {
        let waiting = one_waiting(&wallet).await;
        until_it_may_be_asked(&waiting).await;
        let progress = wallet.collect(&waiting.id).await.unwrap();
        assert!(matches!(progress, Progress::Ended(end) if matches!(*end, End::Later { .. })));
        wallet.dismiss().await;
        assert!(one_waiting(&wallet).await.ask_after > waiting.ask_after);
    }
    wallet.give_up(&first.id).await.unwrap();
    assert_eq!(wallet.waiting().await.unwrap(), []);
    assert_eq!(holdings(&wallet).await, (0, 0));
    assert_eq!(wallet.give_up(&first.id).await.unwrap_err().kind, ErrorKind::CardNotFound);
    assert_eq!(wallet.collect(&first.id).await.unwrap_err().kind, ErrorKind::CardNotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn vci_9_3_a_transaction_that_the_institution_knows_no_longer_ends_the_waiting_and_the_log_says_so() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    sandbox.set_pace(QUICK);
    let wallet = place.wallet().await;
    let waiting = promised(&wallet, &sandbox).await;
    wallet.dismiss().await;
    sandbox.take_back();
    until_it_may_be_asked(&waiting).await;
    let failure = wallet.collect(&waiting.id).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::GrantEnded, "{failure:?}");
    assert_eq!(wallet.waiting().await.unwrap(), []);
    let log = wallet.activities().await.unwrap();
    assert_eq!((log[0].outcome, log[0].error), (Outcome::Failed, Some(ErrorKind::GrantEnded)));
    assert_eq!(holdings(&wallet).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn security_c18_an_institution_that_fails_in_between_does_not_end_the_waiting() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    sandbox.set_pace(QUICK);
    let wallet = place.wallet().await;
    let waiting = promised(&wallet, &sandbox).await;
    wallet.dismiss().await;
    until_it_may_be_asked(&waiting).await;
    for (how, expected) in [
        (Misbehave::Html(Where::Deferred), ErrorKind::ReplyUnreadable),
        (Misbehave::Huge(Where::Deferred), ErrorKind::ReplyTooLarge),
        (Misbehave::OtherIssuer, ErrorKind::IssuerMismatch),
    ] {
        sandbox.misbehave(Some(how));
        assert_eq!(wallet.collect(&waiting.id).await.unwrap_err().kind, expected, "{how:?}");
        wallet.dismiss().await;
        assert_eq!(one_waiting(&wallet).await, waiting, "{how:?}");
    }
    sandbox.misbehave(None);
    until_there(&wallet).await;
    wallet.answer(Answer::Keep).await.unwrap();
    assert_eq!(holdings(&wallet).await.0, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn security_c15_what_comes_later_for_another_key_is_refused_and_no_key_is_left() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    sandbox.set_pace(Pace { interval: 1, times: 0 });
    let wallet = place.wallet().await;
    let waiting = promised(&wallet, &sandbox).await;
    wallet.dismiss().await;
    sandbox.misbehave(Some(Misbehave::OtherHolder));
    until_it_may_be_asked(&waiting).await;
    assert_eq!(wallet.collect(&waiting.id).await.unwrap_err().kind, ErrorKind::CredentialNotYours);
    assert_eq!(wallet.waiting().await.unwrap(), []);
    assert_eq!(holdings(&wallet).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_came_and_is_not_wanted_is_not_waited_for_any_longer() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    sandbox.set_pace(Pace { interval: 1, times: 0 });
    let wallet = place.wallet().await;
    promised(&wallet, &sandbox).await;
    wallet.dismiss().await;
    until_there(&wallet).await;
    let progress = wallet.answer(Answer::Decline).await.unwrap();
    assert!(matches!(progress, Progress::Ended(end) if matches!(*end, End::Declined)));
    assert_eq!((wallet.waiting().await.unwrap().len(), holdings(&wallet).await), (0, (0, 0)));
    assert_eq!(sandbox.heard()["microcredential.circular-design"], "credential_deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_came_and_was_not_looked_at_before_the_program_ended_is_there_after_it() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    sandbox.set_pace(Pace { interval: 1, times: 0 });
    let wallet = place.wallet().await;
    promised(&wallet, &sandbox).await;
    wallet.dismiss().await;
    until_there(&wallet).await;
    // The person has it in front of them; the institution gives it no second time.
    drop(wallet);
    sandbox.take_back();
    let wallet = place.wallet().await;
    assert_eq!(holdings(&wallet).await, (0, 0), "nothing was kept");
    let progress = until_there(&wallet).await;
    assert!(matches!(progress, Progress::Ask(prompt) if matches!(*prompt, Prompt::Review(_))));
    wallet.answer(Answer::Keep).await.unwrap();
    assert_eq!((holdings(&wallet).await, wallet.waiting().await.unwrap().len()), ((1, 3), 0));
    assert_eq!(sandbox.heard()["microcredential.circular-design"], "credential_accepted");
}

/// A clock that a test sets ahead.
struct Ahead(std::sync::atomic::AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        let seconds = self.0.load(std::sync::atomic::Ordering::SeqCst);
        Timestamp::now() + leerpas_core::SignedDuration::from_secs(seconds)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rfc6749_6_a_token_that_ran_out_while_waiting_is_renewed() {
    let place = Place::new();
    let (clock, sandbox, wallet) = ahead(&place).await;
    sandbox.set_pace(Pace { interval: 1, times: 0 });
    let waiting = promised(&wallet, &sandbox).await;
    wallet.dismiss().await;
    clock.0.store(3_600, std::sync::atomic::Ordering::SeqCst);
    let progress = wallet.collect(&waiting.id).await.unwrap();
    assert!(matches!(progress, Progress::Ask(prompt) if matches!(*prompt, Prompt::Review(_))));
    wallet.answer(Answer::Keep).await.unwrap();
    assert_eq!(holdings(&wallet).await.0, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn fresh_copies_come_to_the_same_card_each_with_a_new_key() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    take(&wallet, &sandbox.offers["both"], &sandbox.tx_code).await.unwrap();
    wallet.dismiss().await;
    let cards = wallet.cards(None, Page::ALL).await.unwrap();
    // Two cards of one grant: each renews the token of the other, and both go on.
    for round in 2..4_usize {
        for card in &cards {
            let before = wallet.copies(&card.id).await.unwrap();
            assert!(before.refillable);
            let came = wallet.refill(&card.id).await.unwrap();
            let after = wallet.copies(&card.id).await.unwrap();
            assert_eq!((came, after.all, after.fresh), (3, before.all + 3, before.fresh + 3));
            assert_eq!(after.all, 3 * round);
        }
    }
    assert_eq!(wallet.cards(None, Page::ALL).await.unwrap().len(), 2, "no new card");
    let keys = wallet.keys().await.unwrap();
    let mut thumbprints: Vec<_> = keys.iter().map(|key| &key.thumbprint).collect();
    thumbprints.sort();
    thumbprints.dedup();
    assert_eq!((keys.len(), thumbprints.len()), (18, 18));
    assert_eq!(wallet.activities().await.unwrap().len(), 1, "nothing new was received");
}

/// A wallet and an institution that live in a time that the test sets.
async fn ahead(place: &Place) -> (Arc<Ahead>, Sandbox, Wallet) {
    let clock = Arc::new(Ahead(0.into()));
    let sandbox = place.sandbox_at(clock.clone()).await;
    let mut world = World::prepare(place.options()).unwrap();
    world.clock = clock.clone();
    let wallet = Wallet::new(place.path("profile"), world);
    wallet.create(phrase()).await.unwrap();
    (clock, sandbox, wallet)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_was_taken_back_ends_the_refilling_and_leaves_the_card() {
    let place = Place::new();
    let (clock, sandbox, wallet) = ahead(&place).await;
    take(&wallet, &sandbox.offers["badge"], "").await.unwrap();
    wallet.dismiss().await;
    let id = wallet.cards(None, Page::ALL).await.unwrap()[0].id.clone();
    sandbox.misbehave(Some(Misbehave::OtherHolder));
    assert_eq!(wallet.refill(&id).await.unwrap_err().kind, ErrorKind::CredentialNotYours);
    assert!(wallet.copies(&id).await.unwrap().refillable, "a bad batch ends nothing");
    sandbox.misbehave(None);
    clock.0.store(3_600, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(wallet.refill(&id).await.unwrap(), 3, "with a renewed token");
    clock.0.store(7_200, std::sync::atomic::Ordering::SeqCst);
    sandbox.take_back();
    assert_eq!(wallet.refill(&id).await.unwrap_err().kind, ErrorKind::GrantEnded);
    let copies = wallet.copies(&id).await.unwrap();
    assert_eq!((copies.all, copies.fresh, copies.refillable), (6, 6, false));
    assert_eq!(wallet.refill(&id).await.unwrap_err().kind, ErrorKind::CardNotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_at_a_time_also_for_what_is_waited_for() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    promised(&wallet, &sandbox).await;
    // A session that ended and was not put away does not take another one.
    let waiting = one_waiting(&wallet).await;
    wallet.arrive(link(&sandbox.offers["badge"]), Hand::Person).await.unwrap();
    assert_eq!(wallet.collect(&waiting.id).await.unwrap_err().kind, ErrorKind::Busy);
    wallet.dismiss().await;
    wallet.lock().await;
    assert_eq!(wallet.waiting().await.unwrap_err().kind, ErrorKind::Locked);
}
