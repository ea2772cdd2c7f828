//! A sign-in that takes longer than Leerpas waits for a key or a click: the vault is locked meanwhile, and the sign-in goes
//! on after unlocking, or says that it took too long and begins again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use crate::{
    browser::Browser,
    common::{Place, holdings, link, phrase},
    learner::end,
};
use leerpas_core::{ActivityKind, Clock, ErrorKind, Failure, Outcome, SignedDuration, Timestamp, Url};
use leerpas_sandbox::Sandbox;
use leerpas_wallet::{Answer, End, Hand, Progress, Prompt, VaultState, Waiting, Wallet};
use tokio::task::JoinHandle;

const PATIENCE: Duration = Duration::from_secs(30);

/// The clock of the institution, put forward.
#[derive(Default)]
struct Ahead(AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

struct Flow {
    wallet: Arc<Wallet>,
    signed_in: JoinHandle<Result<Progress, Failure>>,
    browser: Browser,
    page: Url,
    clock: Arc<Ahead>,
    sandbox: Sandbox,
    place: Place,
}

impl Flow {
    /// The browser was sent to the page of the sign-in.
    async fn new() -> Self {
        let (place, clock) = (Place::new(), Arc::new(Ahead::default()));
        let sandbox = place.sandbox_at(clock.clone()).await;
        let wallet = place.wallet().await;
        Self::begin(place, clock, sandbox, wallet, "microcredential_with_sign_in").await
    }

    /// The same at the server that lets in approved programs alone.
    async fn approved() -> Self {
        let (place, clock) = (Place::new(), Arc::new(Ahead::default()));
        let sandbox = place.sandbox_at(clock.clone()).await;
        let wallet = place.wallet().await;
        let server = format!("{}/attested", sandbox.issuer_url);
        let key = wallet.attestation_key(&server).await.unwrap().public_jwk;
        wallet.add_attestation(&server, &sandbox.approve(&key, 3600).unwrap()).await.unwrap();
        Self::begin(place, clock, sandbox, wallet, "attested_with_sign_in").await
    }

    async fn begin(place: Place, clock: Arc<Ahead>, sandbox: Sandbox, wallet: Wallet, offer: &str) -> Self {
        let (wallet, browser) = (Arc::new(wallet), Browser::new(place.folder.path()));
        wallet.arrive(link(&sandbox.offers[offer]), Hand::Person).await.unwrap();
        let Progress::Ask(prompt) = wallet.answer(Answer::Take { code: None }).await.unwrap() else { panic!() };
        let Prompt::SignIn { url: page, .. } = *prompt else { panic!("{prompt:?}") };
        let waiting = Arc::clone(&wallet);
        let signed_in = tokio::spawn(async move { waiting.answer(Answer::SignIn).await });
        let flow = Self { wallet, signed_in, browser, page, clock, sandbox, place };
        flow.until(|now| matches!(now, Progress::Working(work) if work.as_str() == "authorization")).await;
        flow
    }

    async fn until(&self, wanted: impl FnMut(&Progress) -> bool) {
        let mut progress = self.wallet.watch();
        tokio::time::timeout(PATIENCE, progress.wait_for(wanted)).await.unwrap().unwrap();
    }

    /// The click on yes, and the way back to Leerpas.
    async fn click(&self) {
        let reference = self.page.query_pairs().find(|(name, _)| name == "request_uri").unwrap().1.into_owned();
        let mut yes = self.page.join("authorize/yes").unwrap();
        yes.query_pairs_mut().append_pair("request_uri", &reference);
        assert_eq!(self.browser.follow(&yes).await.status, 200);
    }

    /// Locking ends at once, although the sign-in waits on; nobody is told where.
    async fn lock(&self) {
        tokio::time::timeout(PATIENCE, self.wallet.lock()).await.unwrap();
        assert_eq!(self.wallet.state().unwrap(), VaultState::Locked);
        assert_eq!((self.wallet.sign_in_waits(), self.wallet.sign_in_sleeps()), (None, true));
        assert!(matches!(*self.wallet.watch().borrow(), Progress::Idle));
    }
}

async fn log(wallet: &Wallet) -> Vec<(ActivityKind, Outcome)> {
    wallet.activities().await.unwrap().iter().map(|line| (line.kind, line.outcome)).collect()
}

async fn ended(task: JoinHandle<Result<Progress, Failure>>) -> Result<Progress, Failure> {
    tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn r11_a_sign_in_goes_on_after_a_lock_whether_the_browser_was_back_before_the_person_or_not() {
    for (browser_first, locks) in [(false, 1), (true, 1), (true, 3)] {
        let flow = Flow::new().await;
        for _ in 1..locks {
            flow.lock().await;
            flow.wallet.unlock(phrase()).await.unwrap();
            assert!(flow.wallet.sign_in_waits().is_some(), "on the screen again");
        }
        flow.lock().await;
        if browser_first {
            flow.click().await;
            // While it is locked nothing is fetched with what the browser brought, and nothing is shown.
            tokio::time::sleep(Duration::from_millis(300)).await;
            assert!(!flow.signed_in.is_finished());
            assert!(matches!(*flow.wallet.watch().borrow(), Progress::Idle));
            assert!(flow.sandbox.issued().is_empty());
        }
        let refused = flow.wallet.arrive(link(&flow.sandbox.offers["badge"]), Hand::Person).await;
        assert_eq!(refused.unwrap_err().kind, ErrorKind::Locked);
        flow.wallet.unlock(phrase()).await.unwrap();
        assert_eq!(flow.wallet.broken_off(), [], "it goes on");
        assert!(!flow.wallet.sign_in_sleeps());
        if !browser_first {
            assert!(flow.wallet.sign_in_waits().is_some());
            flow.click().await;
        }
        let progress = ended(flow.signed_in).await.unwrap();
        assert!(matches!(&progress, Progress::Ask(prompt) if matches!(**prompt, Prompt::Review(_))), "{progress:?}");
        let End::Kept(cards) = end(flow.wallet.answer(Answer::Keep).await).unwrap() else { panic!() };
        assert_eq!((cards.len(), holdings(&flow.wallet).await.0), (1, 1));
        assert_eq!(log(&flow.wallet).await, [(ActivityKind::Received, Outcome::Done)], "one line for all of it");
        drop(flow.place);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r11_a_sign_in_that_was_left_for_too_long_says_so_and_its_offer_is_at_hand() {
    let flow = Flow::new().await;
    flow.lock().await;
    flow.click().await;
    // The code of the trial holds for a minute.
    flow.clock.0.store(90, Ordering::SeqCst);
    flow.wallet.unlock(phrase()).await.unwrap();
    let failure = ended(flow.signed_in).await.unwrap_err();
    assert_eq!((failure.kind, failure.step.as_str()), (ErrorKind::SignInLate, "authorization"));
    assert!(matches!(&*flow.wallet.watch().borrow(), Progress::Ended(end) if matches!(**end, End::Failed(_))));
    assert_eq!(flow.wallet.waiting_link(), Waiting::Yes);
    // It takes the place of nothing: once the person has read that, the offer begins again with its first question.
    assert!(flow.wallet.take_up().await.is_none());
    flow.wallet.dismiss().await;
    let Progress::Ask(prompt) = flow.wallet.take_up().await.unwrap().unwrap() else { panic!() };
    assert!(matches!(*prompt, Prompt::Contact { .. }), "{prompt:?}");
    let lines = flow.wallet.activities().await.unwrap();
    assert_eq!((lines.len(), lines[0].outcome, lines[0].error), (1, Outcome::Failed, Some(ErrorKind::SignInLate)));
    drop((flow.sandbox, flow.place));
}

#[tokio::test(flavor = "multi_thread")]
async fn r11_a_sign_in_that_slept_can_be_given_up_and_does_not_outlive_the_program() {
    let flow = Flow::new().await;
    flow.lock().await;
    flow.wallet.unlock(phrase()).await.unwrap();
    assert!(matches!(flow.wallet.dismiss().await, Progress::Idle));
    assert_eq!(ended(flow.signed_in).await.unwrap_err().kind, ErrorKind::Declined);
    assert_eq!(log(&flow.wallet).await, [(ActivityKind::Received, Outcome::Declined)]);
    assert_eq!(flow.wallet.waiting_link(), Waiting::No);

    // The program ends while it is locked: the next start says that the sign-in was broken off.
    let flow = Flow::new().await;
    flow.lock().await;
    flow.signed_in.abort();
    assert!(flow.signed_in.await.unwrap_err().is_cancelled());
    assert!(!flow.wallet.sign_in_sleeps());
    drop(flow.wallet);
    let wallet = flow.place.wallet().await;
    let broken_off = wallet.take_broken_off();
    let [line] = broken_off.as_slice() else { panic!("{broken_off:?}") };
    assert_eq!((line.kind, line.outcome), (ActivityKind::Received, Outcome::Failed));
    drop(flow.sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn attestation_07_an_approved_program_signs_in_and_proves_its_key_before_and_after_a_lock() {
    let flow = Flow::approved().await;
    flow.lock().await;
    flow.click().await;
    flow.wallet.unlock(phrase()).await.unwrap();
    let progress = ended(flow.signed_in).await.unwrap();
    assert!(matches!(&progress, Progress::Ask(prompt) if matches!(**prompt, Prompt::Review(_))), "{progress:?}");
    let End::Kept(cards) = end(flow.wallet.answer(Answer::Keep).await).unwrap() else { panic!() };
    assert_eq!((cards.len(), flow.sandbox.sent_back()), (1, 0));

    // Without an approval no browser is sent anywhere.
    let server = format!("{}/attested", flow.sandbox.issuer_url);
    flow.wallet.dismiss().await;
    flow.wallet.remove_attestation(&server).await.unwrap();
    let refused = flow.wallet.arrive(link(&flow.sandbox.offers["attested_with_sign_in"]), Hand::Person).await;
    let failure = refused.unwrap_err();
    assert_eq!((failure.kind, failure.approver.as_deref()), (ErrorKind::ApprovalNeeded, Some(server.as_str())));
    drop(flow.place);
}
