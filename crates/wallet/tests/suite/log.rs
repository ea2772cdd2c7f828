//! One flow, one line of the log, whatever becomes of it; and every card of it or none.

use std::sync::Arc;

use crate::common::{Place, holdings, link, phrase, take};
use leerpas_core::{Activity, ActivityKind, ErrorKind, Outcome, Secret};
use leerpas_sandbox::{Misbehave, Place as Where, Sandbox};
use leerpas_wallet::{Answer, End, Hand, Progress, Prompt, Wallet};

async fn log(wallet: &Wallet) -> Vec<(ActivityKind, Outcome, Option<ErrorKind>)> {
    let lines: Vec<Activity> = wallet.activities().await.unwrap();
    lines.into_iter().map(|line| (line.kind, line.outcome, line.error)).collect()
}

fn accepted(code: &str) -> Answer {
    Answer::Take { code: Some(Secret::new(code.to_owned())) }
}

/// From the offer to the look at the card.
async fn until_review(wallet: &Wallet, sandbox: &Sandbox) {
    wallet.arrive(link(&sandbox.offers["microcredential"]), Hand::Person).await.unwrap();
    let progress = wallet.answer(accepted(&sandbox.tx_code)).await.unwrap();
    let Progress::Ask(prompt) = progress else { panic!("{progress:?}") };
    assert!(matches!(*prompt, Prompt::Review(_)), "{prompt:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_has_one_line_from_the_yes_to_its_end() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    let received = |outcome, error| (ActivityKind::Received, outcome, error);

    // Looked at and left: nothing was collected and nothing says so.
    wallet.arrive(link(&sandbox.offers["microcredential"]), Hand::Person).await.unwrap();
    wallet.dismiss().await;
    assert_eq!(log(&wallet).await, []);

    // While it goes on, the line is open, and a wrong code opens no second one.
    wallet.arrive(link(&sandbox.offers["microcredential"]), Hand::Person).await.unwrap();
    let again = wallet.answer(accepted("000000")).await.unwrap();
    let Progress::Ask(prompt) = again else { panic!("{again:?}") };
    assert!(matches!(*prompt, Prompt::Offer(offer) if offer.wrong_code));
    wallet.answer(accepted(&sandbox.tx_code)).await.unwrap();
    assert_eq!(log(&wallet).await, [received(Outcome::Started, None)]);
    // Kept: the same line, with the card.
    let kept = wallet.answer(Answer::Keep).await.unwrap();
    let Progress::Ended(end) = kept else { panic!("{kept:?}") };
    let End::Kept(cards) = *end else { panic!("{end:?}") };
    assert_eq!(log(&wallet).await, [received(Outcome::Done, None)]);
    assert_eq!(wallet.activities().await.unwrap()[0].cards, [cards[0].id.clone()]);
    wallet.dismiss().await;

    // Said no at the end, or put away: declined.
    until_review(&wallet, &sandbox).await;
    wallet.answer(Answer::Decline).await.unwrap();
    wallet.dismiss().await;
    until_review(&wallet, &sandbox).await;
    wallet.dismiss().await;
    assert_eq!(log(&wallet).await[..2], [received(Outcome::Declined, None), received(Outcome::Declined, None)]);

    // Failed at the other side: with the kind.
    sandbox.misbehave(Some(Misbehave::Html(Where::Credential)));
    let failure = take(&wallet, &sandbox.offers["microcredential"], &sandbox.tx_code).await.unwrap_err();
    sandbox.misbehave(None);
    assert_eq!(log(&wallet).await[0], received(Outcome::Failed, Some(failure.kind)));

    // Locked in the middle: told after unlocking.
    until_review(&wallet, &sandbox).await;
    wallet.lock().await;
    wallet.unlock(phrase()).await.unwrap();
    assert_eq!(log(&wallet).await[0], received(Outcome::Failed, Some(ErrorKind::Interrupted)));
    assert_eq!(wallet.take_broken_off().len(), 1);
    assert_eq!(log(&wallet).await.len(), 5);
    assert_eq!(holdings(&wallet).await.0, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_between_two_steps_is_heard_and_the_vault_locks_at_once() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = Arc::new(place.wallet().await);
    for round in 0..20 {
        wallet.arrive(link(&sandbox.offers["microcredential"]), Hand::Person).await.unwrap();
        sandbox.misbehave(Some(Misbehave::Silent(Where::Credential)));
        let running = tokio::spawn({
            let (wallet, answer) = (Arc::clone(&wallet), accepted(&sandbox.tx_code));
            async move { wallet.answer(answer).await }
        });
        // At another moment each time: before the first exchange, between two, during one.
        tokio::time::sleep(std::time::Duration::from_micros(1500 * round)).await;
        let begun = std::time::Instant::now();
        wallet.dismiss().await;
        assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{round}: {:?}", begun.elapsed());
        let ended = running.await.unwrap();
        sandbox.misbehave(None);
        if let Err(failure) = ended {
            assert!(
                matches!(failure.kind, ErrorKind::Declined | ErrorKind::NoSession | ErrorKind::Busy),
                "{round}: {failure:?}"
            );
        }
        wallet.dismiss().await;
        assert!(log(&wallet).await.iter().all(|(_, outcome, _)| *outcome == Outcome::Declined), "{round}");
    }
    assert_eq!(holdings(&wallet).await, (0, 0));
}
