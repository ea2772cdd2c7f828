//! Links that other programs open: they wait for the lock and for what is on the screen, and not for ever.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::common::{Place, link, phrase};
use leerpas_core::{Clock, ErrorKind, Secret, Timestamp};
use leerpas_wallet::{
    Answer, End, Hand, Input, LINK_WAITS_SECONDS, Progress, Prompt, VaultState, Waiting, Wallet, World,
};

/// A clock that can be set.
struct Set(AtomicI64);

impl Clock for Set {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

fn wallet_at(place: &Place, clock: &Arc<Set>) -> Wallet {
    let mut options = place.options();
    options.net_log = Some(place.path("net.log"));
    let mut world = World::prepare(options).unwrap();
    world.clock = Arc::clone(clock) as Arc<dyn Clock>;
    Wallet::new(place.path("profile"), world)
}

fn now() -> Arc<Set> {
    Arc::new(Set(AtomicI64::new(Timestamp::now().as_second())))
}

fn requests(place: &Place) -> usize {
    std::fs::read_to_string(place.path("net.log")).map_or(0, |log| log.lines().count())
}

fn contact(progress: Progress) -> String {
    let Progress::Ask(prompt) = progress else { panic!("{progress:?}") };
    let Prompt::Contact { host } = *prompt else { panic!("{prompt:?}") };
    host
}

#[tokio::test(flavor = "multi_thread")]
async fn security_h05_a_link_while_locked_is_held_shown_after_unlocking_and_runs_out() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let clock = now();
    let wallet = wallet_at(&place, &clock);
    wallet.create(phrase()).await.unwrap();
    wallet.lock().await;

    wallet.let_wait(sandbox.offers["badge"].clone());
    assert!(wallet.take_up().await.is_none(), "locked");
    assert_eq!(wallet.waiting_link(), Waiting::Yes);
    clock.0.fetch_add(LINK_WAITS_SECONDS - 1, Ordering::SeqCst);
    wallet.unlock(phrase()).await.unwrap();
    let host = contact(wallet.take_up().await.unwrap().unwrap());
    assert!(host.starts_with("localhost"), "{host}");
    assert_eq!((wallet.waiting_link(), requests(&place)), (Waiting::No, 0), "shown, and nothing of it is fetched");

    // Too late: it is gone, and that is said until the person has seen it or another one comes.
    wallet.lock().await;
    wallet.let_wait(sandbox.offers["badge"].clone());
    clock.0.fetch_add(LINK_WAITS_SECONDS, Ordering::SeqCst);
    assert_eq!(wallet.waiting_link(), Waiting::TooLate);
    wallet.unlock(phrase()).await.unwrap();
    assert!(wallet.take_up().await.is_none());
    assert_eq!(wallet.waiting_link(), Waiting::TooLate);
    wallet.seen_too_late();
    assert_eq!((wallet.waiting_link(), requests(&place)), (Waiting::No, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn security_h06_a_second_link_waits_and_never_replaces_what_is_on_the_screen() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = wallet_at(&place, &now());
    wallet.create(phrase()).await.unwrap();
    let shown = |wallet: &Wallet| format!("{:?}", *wallet.watch().borrow());

    // An open question stays, whichever answers are given.
    wallet.let_wait(sandbox.offers["badge"].clone());
    contact(wallet.take_up().await.unwrap().unwrap());
    let before = shown(&wallet);
    wallet.let_wait("openid4vp://?client_id=x509_hash:second".to_owned());
    assert!(wallet.take_up().await.is_none());
    assert_eq!((wallet.waiting_link(), shown(&wallet)), (Waiting::Yes, before));

    // The end of something is on the screen too, until the person goes on.
    wallet.answer(Answer::Decline).await.unwrap();
    let before = shown(&wallet);
    assert!(before.contains("Declined"), "{before}");
    assert!(wallet.take_up().await.is_none());
    assert_eq!((wallet.waiting_link(), shown(&wallet)), (Waiting::Yes, before));

    // Then it has its turn; this one leads nowhere, and says so.
    wallet.dismiss().await;
    assert!(wallet.take_up().await.unwrap().is_err());
    let Progress::Ended(end) = wallet.watch().borrow().clone() else { panic!("{}", shown(&wallet)) };
    assert!(matches!(*end, End::Failed(_)), "{end:?}");
    assert_eq!((wallet.waiting_link(), requests(&place)), (Waiting::No, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn security_h05_a_link_on_the_screen_waits_when_the_vault_locks_until_it_is_used_up() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = wallet_at(&place, &now());
    wallet.create(phrase()).await.unwrap();
    let lock_and_unlock = async || {
        wallet.lock().await;
        let waiting = wallet.waiting_link();
        wallet.unlock(phrase()).await.unwrap();
        waiting
    };

    // Looked at, and locked by an idle computer: asked again after unlocking.
    wallet.arrive(link(&sandbox.offers["microcredential"]), Hand::Person).await.unwrap();
    assert_eq!(lock_and_unlock().await, Waiting::Yes);
    contact(wallet.take_up().await.unwrap().unwrap());
    // Put away by the person: gone.
    wallet.dismiss().await;
    assert_eq!(lock_and_unlock().await, Waiting::No);
    // Its code is spent: the log tells of it instead.
    wallet.arrive(link(&sandbox.offers["microcredential"]), Hand::Person).await.unwrap();
    wallet.answer(Answer::Take { code: Some(Secret::new(sandbox.tx_code.clone())) }).await.unwrap();
    assert_eq!(lock_and_unlock().await, Waiting::No);
    assert_eq!(wallet.take_broken_off().len(), 1);
    // A newer one that waits goes first.
    wallet.arrive(link(&sandbox.offers["microcredential"]), Hand::Person).await.unwrap();
    wallet.let_wait("openid4vp://?x".to_owned());
    assert_eq!(lock_and_unlock().await, Waiting::Yes);
    assert!(wallet.take_up().await.unwrap().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_vault_opens_nothing_else_waits_and_locking_wins() {
    let place = Place::new();
    let _sandbox = place.sandbox().await;
    let wallet = Arc::new(wallet_at(&place, &now()));
    wallet.create(phrase()).await.unwrap();
    wallet.lock().await;
    // The passphrase takes its time on purpose; a busy machine may still be too slow to come in between.
    let mut in_between = false;
    for _ in 0..10 {
        let opening = tokio::spawn({
            let wallet = Arc::clone(&wallet);
            async move { wallet.unlock(phrase()).await }
        });
        tokio::time::sleep(Duration::from_millis(30)).await;
        let begun = Instant::now();
        let state = wallet.state().unwrap();
        let took = begun.elapsed();
        wallet.lock().await;
        let opened = opening.await.unwrap();
        if state == VaultState::Locked && took < Duration::from_millis(20) {
            assert_eq!(opened.unwrap_err().kind, ErrorKind::Locked);
            in_between = true;
            break;
        }
        wallet.lock().await;
    }
    assert!(in_between, "looking waited for the opening each time");
    assert_eq!(wallet.state().unwrap(), VaultState::Locked);
    wallet.unlock(phrase()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn security_h01_a_thousand_links_make_one_question() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = wallet_at(&place, &now());
    wallet.create(phrase()).await.unwrap();
    let begun = Instant::now();
    let mut questions = 0;
    for _ in 0..1000 {
        wallet.let_wait(sandbox.offers["badge"].clone());
        questions += usize::from(wallet.take_up().await.is_some());
    }
    assert_eq!((questions, wallet.waiting_link(), requests(&place)), (1, Waiting::Yes, 0));
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn security_h02_h10_h12_h13_what_is_no_link_of_a_wallet_is_refused_and_nothing_is_asked() {
    let place = Place::new();
    let _sandbox = place.sandbox().await;
    let wallet = wallet_at(&place, &now());
    wallet.create(phrase()).await.unwrap();
    let long = format!("openid4vp://?client_id={}", "a".repeat(1024 * 1024));
    let pasted = "a".repeat(50 * 1024 * 1024);
    let twice = "openid4vp://?client_id=a&client_id=b&request_uri=https%3A%2F%2Flocalhost%3A1%2Fr";
    let twice_offered = "openid-credential-offer://?credential_offer=%7B%7D&credential_offer=%7B%7D";
    let cases = [
        ("H02 a parameter twice", twice),
        ("H02 an offer twice", twice_offered),
        ("H02 1 MB", &long),
        ("H02 a zero byte", "openid4vp://?client_id=a%00b&request_uri=https%3A%2F%2Flocalhost%3A1%2Fr"),
        ("H02 encoded twice", "openid-credential-offer://?credential_offer_uri=https%253A%252F%252Flocalhost%253A1"),
        ("H10 http", "http://localhost:1/"),
        ("H10 file", "file:///etc/passwd"),
        ("H10 javascript", "javascript:alert(1)"),
        ("H10 wifi", "WIFI:S:cafe;T:WPA;P:geheim;;"),
        ("H10 otpauth", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP"),
        ("H10 mailto", "mailto:a@b.example"),
        ("H12 full width", "ｏｐｅｎｉｄ４ｖｐ://?client_id=a"),
        ("H12 zero width", "openid\u{200b}4vp://?client_id=a"),
        ("H12 bidi", "\u{202e}openid4vp://?client_id=a"),
        ("H12 smart quotes", "“openid4vp://?client_id=a”"),
        ("H12 50 MB", &pasted),
        ("H13 another scheme", "haip://?client_id=a"),
        ("H13 no parameters", "openid4vp:///"),
    ];
    for (case, text) in cases {
        for hand in [Hand::Person, Hand::Program] {
            let refused = wallet.arrive(link(text), hand).await;
            assert!(refused.is_err(), "{case}: {refused:?}");
            wallet.dismiss().await;
        }
    }
    assert_eq!(requests(&place), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn security_d23_a_relayed_link_names_the_real_desk_first_and_its_result_stays_there() {
    let learner = crate::learner::Learner::new().await;
    let employer = learner.employer().await;
    // Somebody sends a real desk's link on. Who opens it sees whose it is before anything is fetched,
    let asked = employer.ask("microcredential").await;
    let host = contact(learner.wallet.arrive(link(&asked.link), Hand::Program).await.unwrap());
    assert!(host.starts_with("localhost"), "{host}");
    // and again, now proved, with the question itself.
    let progress = learner.wallet.answer(Answer::Take { code: None }).await.unwrap();
    let prompt = crate::learner::share_prompt(progress);
    assert_eq!(prompt.plan.requester.host.as_deref(), Some(host.as_str()));
    assert_ne!(prompt.plan.requester.evidence, leerpas_core::Evidence::Claimed);
    // A yes sends the learner nowhere by itself, and the log says to whom it went.
    let end = learner.wallet.answer(crate::learner::yes(&prompt)).await.unwrap();
    let Progress::Ended(end) = end else { panic!("{end:?}") };
    assert!(matches!(*end, End::Shared { go_on: None, .. }), "{end:?}");
    let line = learner.log().await.remove(0);
    assert_eq!(line.party.unwrap().host.as_deref(), Some(host.as_str()));
    // Once it is answered the desk hands it out no more, so that whoever comes second hears that it is gone.
    let second = Place::new();
    for file in ["ca.pem", "trust.json"] {
        std::fs::copy(learner.place.path(file), second.path(file)).unwrap();
    }
    let other = second.wallet().await;
    assert!(other.arrive(link(&asked.link), Hand::Person).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn security_d23_the_log_says_of_a_request_in_a_picture_that_it_was_made_on_another_screen() {
    let learner = crate::learner::Learner::new().await;
    let employer = learner.employer().await;
    let asked = employer.ask("microcredential").await;
    let picture =
        || Input::File { name: "foto.png".to_owned(), bytes: leerpas_intake::qr_png(&asked.link, 4).unwrap() };
    let prompt = crate::learner::share_prompt(learner.wallet.arrive(picture(), Hand::Person).await.unwrap());
    learner.wallet.answer(crate::learner::yes(&prompt)).await.unwrap();
    learner.wallet.dismiss().await;
    assert!(learner.log().await[0].elsewhere);
    // Of a link nobody can tell, whether it was opened or pasted, and also where it lay in a file of text.
    let text = |link: &str| Input::File { name: "link.txt".to_owned(), bytes: link.as_bytes().to_vec() };
    for make in [link as fn(&str) -> Input, text] {
        let asked = employer.ask("microcredential").await;
        let prompt =
            crate::learner::share_prompt(learner.wallet.arrive(make(&asked.link), Hand::Person).await.unwrap());
        learner.wallet.answer(crate::learner::yes(&prompt)).await.unwrap();
        learner.wallet.dismiss().await;
        assert!(!learner.log().await[0].elsewhere);
    }
}
