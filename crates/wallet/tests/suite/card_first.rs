//! Collecting where the institution asks for a card first: the sign-in waits in the browser, the card is shown from the
//! same wallet, and the sign-in goes on by itself.

use std::{sync::Arc, time::Duration};

use crate::{
    browser::Browser,
    common::{holdings, link, phrase},
    learner::{Learner, end, share_prompt, yes},
};
use leerpas_core::{Activity, ActivityKind, ErrorKind, Failure, Outcome, Url};
use leerpas_wallet::{Answer, End, Hand, Progress, Prompt, Waiting, Wallet};
use tokio::task::JoinHandle;

/// A learner with a card, whose browser was sent to the sign-in of the follow-up course.
struct SigningIn {
    wallet: Arc<Wallet>,
    browser: Browser,
    page: Url,
    host: String,
    /// What becomes of the sign-in.
    signed_in: JoinHandle<Result<Progress, Failure>>,
    place: crate::common::Place,
    sandbox: leerpas_sandbox::Sandbox,
}

impl SigningIn {
    async fn new() -> Self {
        let Learner { place, sandbox, wallet } = Learner::new().await;
        let (wallet, browser) = (Arc::new(wallet), Browser::new(place.folder.path()));
        wallet.dismiss().await;
        wallet.arrive(link(&sandbox.offers["card_first"]), Hand::Person).await.unwrap();
        let Progress::Ask(prompt) = wallet.answer(Answer::Take { code: None }).await.unwrap() else { panic!() };
        let Prompt::SignIn { url: page, host } = *prompt else { panic!("{prompt:?}") };
        let waiting = Arc::clone(&wallet);
        let signed_in = tokio::spawn(async move { waiting.answer(Answer::SignIn).await });
        let signing_in = Self { wallet, browser, page, host, signed_in, place, sandbox };
        signing_in.until(|now| matches!(now, Progress::Working(_))).await;
        assert_eq!(signing_in.wallet.sign_in_waits().as_ref(), Some(&signing_in.host));
        signing_in
    }

    /// The link on the page of the sign-in.
    async fn request(&self) -> String {
        self.browser.get(&self.page).await.link("openid4vp").unwrap()
    }

    async fn until(&self, wanted: impl FnMut(&Progress) -> bool) -> Progress {
        let mut progress = self.wallet.watch();
        tokio::time::timeout(Duration::from_secs(60), progress.wait_for(wanted)).await.unwrap().unwrap().clone()
    }

    /// Shows the card, and gives the address to which the browser is sent on.
    async fn show(&self) -> Url {
        let asked = share_prompt(self.wallet.arrive(link(&self.request().await), Hand::Person).await.unwrap());
        assert!(asked.plan.requester.name.contains("Hogeschool Voorbeeld"), "{:?}", asked.plan.requester);
        let end = end(self.wallet.answer(yes(&asked)).await).unwrap();
        let End::Shared { outcome: Outcome::Done, go_on: Some(go_on), .. } = end else { panic!("{end:?}") };
        go_on
    }

    async fn log(&self) -> Vec<(ActivityKind, Outcome)> {
        let of_this = |line: Activity| (line.kind, line.outcome);
        let mut log: Vec<_> = self.wallet.activities().await.unwrap().into_iter().map(of_this).collect();
        // The card that the learner had before.
        assert_eq!(log.pop(), Some((ActivityKind::Received, Outcome::Done)));
        log
    }
}

fn is_review(progress: &Progress) -> bool {
    matches!(progress, Progress::Ask(prompt) if matches!(**prompt, Prompt::Review(_)))
}

#[tokio::test(flavor = "multi_thread")]
async fn vci_5_the_institution_asks_for_a_card_first_and_the_sign_in_goes_on_by_itself() {
    let flow = SigningIn::new().await;
    let go_on = flow.show().await;
    assert_eq!(flow.wallet.sign_in_waits().as_ref(), Some(&flow.host), "still");
    assert_eq!(flow.browser.follow(&go_on).await.status, 200);

    // Nobody puts the end of the sharing away: the sign-in takes its place.
    flow.until(is_review).await;
    assert!(is_review(&flow.signed_in.await.unwrap().unwrap()));
    assert_eq!(flow.wallet.sign_in_waits(), None);
    let end = end(flow.wallet.answer(Answer::Keep).await).unwrap();
    let End::Kept(cards) = end else { panic!("{end:?}") };
    assert_eq!(cards[0].facts.title, "Energietransitie in de gebouwde omgeving");
    assert_eq!(holdings(&flow.wallet).await.0, 2);
    let log = flow.wallet.activities().await.unwrap();
    let lines: Vec<_> = log.iter().map(|line| (line.kind, line.outcome)).collect();
    assert_eq!(lines.len(), 3, "one for each flow: {lines:?}");
    assert!(lines.contains(&(ActivityKind::Shared, Outcome::Done)));
    drop((flow.sandbox, flow.place));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_another_program_opens_has_its_turn_and_nothing_else_has() {
    let flow = SigningIn::new().await;
    let wallet = &flow.wallet;
    // What is no request waits for the end of the sign-in.
    wallet.let_wait(flow.sandbox.offers["badge"].clone());
    assert!(wallet.take_up().await.is_none());
    assert_eq!(wallet.waiting_link(), Waiting::Yes);
    let busy = |outcome: Result<Progress, Failure>| outcome.unwrap_err().kind == ErrorKind::Busy;
    assert!(busy(wallet.arrive(link(&flow.sandbox.offers["badge"]), Hand::Person).await));
    assert!(busy(wallet.visit(&flow.sandbox.issuer_url).await));
    assert!(busy(wallet.collect(&"x".parse().unwrap()).await));

    // A request is looked at only with the person's word, as always.
    wallet.let_wait(flow.request().await);
    let Progress::Ask(prompt) = wallet.take_up().await.unwrap().unwrap() else { panic!() };
    assert!(matches!(*prompt, Prompt::Contact { .. }), "{prompt:?}");
    // And a second one waits.
    wallet.let_wait(flow.request().await);
    assert!(wallet.take_up().await.is_none());

    // No to it: the sign-in is on the screen again, and can be given up by itself.
    end(wallet.answer(Answer::Decline).await).unwrap();
    let shown = wallet.dismiss().await;
    assert!(matches!(shown, Progress::Working(_)), "{shown:?}");
    assert_eq!(wallet.sign_in_waits().as_ref(), Some(&flow.host));
    assert!(matches!(wallet.dismiss().await, Progress::Idle));
    assert_eq!(flow.signed_in.await.unwrap().unwrap_err().kind, ErrorKind::Declined);
    assert!(matches!(*wallet.watch().borrow(), Progress::Idle));
    let log = wallet.activities().await.unwrap();
    assert!(log.iter().any(|line| line.kind == ActivityKind::Received && line.outcome == Outcome::Declined));
    assert_eq!(holdings(wallet).await.0, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_back_waits_until_the_question_on_the_screen_is_answered() {
    let flow = SigningIn::new().await;
    let go_on = flow.show().await;
    flow.wallet.dismiss().await;
    // Another request is looked at when the browser comes back.
    let asked = share_prompt(flow.wallet.arrive(link(&flow.request().await), Hand::Person).await.unwrap());
    assert_eq!(flow.browser.follow(&go_on).await.status, 200);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!flow.signed_in.is_finished());
    assert!(matches!(&*flow.wallet.watch().borrow(), Progress::Ask(prompt) if matches!(**prompt, Prompt::Share(_))));
    drop(asked);
    end(flow.wallet.answer(Answer::Decline).await).unwrap();
    flow.until(is_review).await;
    assert!(is_review(&flow.signed_in.await.unwrap().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn r11_locking_takes_the_request_off_the_screen_and_both_go_on_after_unlocking() {
    for showing in [false, true] {
        let flow = SigningIn::new().await;
        if showing {
            share_prompt(flow.wallet.arrive(link(&flow.request().await), Hand::Person).await.unwrap());
        }
        tokio::time::timeout(Duration::from_secs(20), flow.wallet.lock()).await.unwrap();
        assert!(matches!(*flow.wallet.watch().borrow(), Progress::Idle));
        assert_eq!((flow.wallet.sign_in_waits(), flow.wallet.sign_in_sleeps()), (None, true));
        assert!(!flow.signed_in.is_finished());

        flow.wallet.unlock(phrase()).await.unwrap();
        assert_eq!(flow.wallet.take_broken_off(), []);
        assert_eq!(flow.wallet.sign_in_waits().as_ref(), Some(&flow.host));
        // The request was on the screen and nothing of it was used: it waits, like any link, and has its turn.
        assert_eq!(flow.wallet.waiting_link() == Waiting::Yes, showing);
        if showing {
            let Progress::Ask(prompt) = flow.wallet.take_up().await.unwrap().unwrap() else { panic!() };
            assert!(matches!(*prompt, Prompt::Contact { .. }), "{prompt:?}");
            end(flow.wallet.answer(Answer::Decline).await).unwrap();
            flow.wallet.dismiss().await;
        }
        let go_on = flow.show().await;
        assert_eq!(flow.browser.follow(&go_on).await.status, 200);
        flow.until(is_review).await;
        assert!(is_review(&flow.signed_in.await.unwrap().unwrap()));
        assert_eq!(holdings(&flow.wallet).await.0, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn vp_8_2_who_has_no_code_of_the_answer_goes_no_further() {
    let flow = SigningIn::new().await;
    let go_on = flow.show().await;
    let mut without = go_on.clone();
    let reference = go_on.query_pairs().find(|(name, _)| name == "request_uri").unwrap().1.into_owned();
    without.query_pairs_mut().clear().append_pair("request_uri", &reference);
    for bad in [without.clone(), Url::parse(&format!("{without}&response_code=x")).unwrap()] {
        let page = flow.browser.get(&bad).await;
        assert_eq!((page.status, page.location), (400, None), "{bad}");
    }
    assert!(!flow.signed_in.is_finished());
    assert_eq!(flow.log().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_withdrawn_opens_nothing_and_the_sign_in_waits_on() {
    let flow = SigningIn::new().await;
    for index in flow.sandbox.issued().concat() {
        flow.sandbox.set_standing(index, leerpas_sandbox::Standing::Revoked);
    }
    let asked = share_prompt(flow.wallet.arrive(link(&flow.request().await), Hand::Person).await.unwrap());
    let failure = flow.wallet.answer(yes(&asked)).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::ResponseRefused);
    assert!(flow.log().await.contains(&(ActivityKind::Shared, Outcome::Failed)));
    assert!(matches!(flow.wallet.dismiss().await, Progress::Working(_)), "the sign-in is back on the screen");
    assert!(!flow.signed_in.is_finished());
}
