//! An offer, from link to kept card, against the real institution; and every way in which it can go wrong.

use std::time::{Duration, Instant};

use crate::common::{Place, holdings, link, phrase, take};
use leerpas_core::{ActivityKind, CardStatus, ErrorKind, Format, Outcome, Secret};
use leerpas_sandbox::{Misbehave, Place as Where, Standing};
use leerpas_wallet::{Answer, End, Hand, Page, Progress, Prompt};

#[tokio::test(flavor = "multi_thread")]
async fn a_microcredential_and_a_badge_are_kept_and_survive_a_restart() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    for name in ["microcredential", "badge", "both", "microcredential_by_reference"] {
        let end = take(&wallet, &sandbox.offers[name], &sandbox.tx_code).await.unwrap();
        let End::Kept(cards) = end else { panic!("{name}: {end:?}") };
        assert!(cards.iter().all(|card| card.status == CardStatus::Valid), "{name}: {cards:?}");
    }
    drop(sandbox);
    wallet.lock().await;
    drop(wallet);

    let wallet = place.wallet().await;
    let cards = wallet.cards(None, Page::ALL).await.unwrap();
    let formats: Vec<_> = cards.iter().map(|card| card.format).collect();
    assert!(formats.contains(&Format::SdJwtVc) && formats.contains(&Format::DataIntegrity), "{formats:?}");
    for card in &cards {
        assert!(card.credit.is_some() && card.level.is_some(), "{card:?}");
        let original = wallet.original(&card.id).await.unwrap();
        assert!(!original.is_empty());
    }
    // One key for each copy, and no two copies with the same.
    let keys = wallet.keys().await.unwrap();
    let mut thumbprints: Vec<_> = keys.iter().map(|key| &key.thumbprint).collect();
    thumbprints.sort();
    thumbprints.dedup();
    assert_eq!(thumbprints.len(), keys.len());
    assert_eq!(keys.len(), cards.iter().map(|card| card.copies as usize).sum::<usize>());
    let log = wallet.activities().await.unwrap();
    assert!(log.iter().all(|line| line.kind == ActivityKind::Received && line.outcome == Outcome::Done));
}

#[tokio::test(flavor = "multi_thread")]
async fn c03_nothing_is_fetched_for_a_link_that_another_program_opened() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let mut options = place.options();
    options.net_log = Some(place.path("net.log"));
    let world = leerpas_wallet::World::prepare(options).unwrap();
    let wallet = leerpas_wallet::Wallet::new(place.path("profile"), world);
    wallet.create(phrase()).await.unwrap();

    let progress = wallet.arrive(link(&sandbox.offers["microcredential"]), Hand::Program).await.unwrap();
    let Progress::Ask(prompt) = progress else { panic!("{progress:?}") };
    let Prompt::Contact { host } = *prompt else { panic!("{prompt:?}") };
    assert!(host.starts_with("localhost"), "{host}");
    assert_eq!(std::fs::read_to_string(place.path("net.log")).unwrap(), "");
    wallet.answer(Answer::Decline).await.unwrap();
    assert_eq!(std::fs::read_to_string(place.path("net.log")).unwrap(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_a_wrong_code_is_asked_for_again_and_the_right_one_still_works() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    wallet.arrive(link(&sandbox.offers["microcredential"]), Hand::Person).await.unwrap();
    let wrong = if sandbox.tx_code.starts_with('1') { "2" } else { "1" }.repeat(sandbox.tx_code.len());
    let progress = wallet.answer(Answer::Take { code: Some(Secret::new(wrong)) }).await.unwrap();
    let Progress::Ask(prompt) = progress else { panic!("{progress:?}") };
    let Prompt::Offer(offer) = *prompt else { panic!("{prompt:?}") };
    assert!(offer.wrong_code);
    assert_eq!(holdings(&wallet).await, (0, 0));
    let code = Some(Secret::new(sandbox.tx_code.clone()));
    let progress = wallet.answer(Answer::Take { code }).await.unwrap();
    assert!(matches!(progress, Progress::Ask(prompt) if matches!(*prompt, Prompt::Review(_))));
    wallet.answer(Answer::Keep).await.unwrap();
    assert_eq!(holdings(&wallet).await.0, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_a_wrong_code_for_ever_ends_with_its_own_error() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    let wrong = if sandbox.tx_code.starts_with('1') { "2" } else { "1" }.repeat(sandbox.tx_code.len());
    let failure = take(&wallet, &sandbox.offers["microcredential"], &wrong).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::TxCodeWrong);
    assert_eq!(holdings(&wallet).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_was_looked_at_and_not_kept_leaves_nothing() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    wallet.arrive(link(&sandbox.offers["badge"]), Hand::Person).await.unwrap();
    let progress = wallet.answer(Answer::Take { code: None }).await.unwrap();
    assert!(matches!(progress, Progress::Ask(prompt) if matches!(*prompt, Prompt::Review(_))));
    let progress = wallet.answer(Answer::Decline).await.unwrap();
    assert!(matches!(progress, Progress::Ended(end) if matches!(*end, End::Declined)));
    assert_eq!(holdings(&wallet).await, (0, 0));
}

/// Each way of misbehaving with the kind that a person is told, for both formats where it concerns them.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_bad_issuer_sends_is_refused_by_name_and_nothing_is_kept() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    let cases = [
        (Misbehave::WrongSigningKey, ErrorKind::CredentialNotGenuine),
        (Misbehave::OtherHolder, ErrorKind::CredentialNotYours),
        (Misbehave::Expired, ErrorKind::CredentialExpired),
        (Misbehave::OtherIssuer, ErrorKind::IssuerMismatch),
        (Misbehave::OtherType, ErrorKind::CredentialNotAsOffered),
        (Misbehave::NonceFails, ErrorKind::OtherSideFailed),
        (Misbehave::Html(Where::Metadata), ErrorKind::ReplyUnreadable),
        (Misbehave::Html(Where::Token), ErrorKind::ReplyUnreadable),
        (Misbehave::Html(Where::Nonce), ErrorKind::ReplyUnreadable),
        (Misbehave::Html(Where::Credential), ErrorKind::ReplyUnreadable),
        (Misbehave::Huge(Where::Metadata), ErrorKind::ReplyTooLarge),
        (Misbehave::Huge(Where::Credential), ErrorKind::ReplyTooLarge),
    ];
    for (how, expected) in cases {
        for name in ["microcredential", "badge"] {
            sandbox.misbehave(Some(how));
            let outcome = take(&wallet, &sandbox.offers[name], &sandbox.tx_code).await;
            let failure = match outcome {
                Err(failure) => failure,
                Ok(end) => panic!("{how:?} {name}: {end:?}"),
            };
            assert_eq!(failure.kind, expected, "{how:?} {name}: {failure:?}");
            assert_eq!(holdings(&wallet).await, (0, 0), "{how:?} {name}");
        }
    }
    // And then the next normal action works without a restart.
    sandbox.misbehave(None);
    take(&wallet, &sandbox.offers["badge"], &sandbox.tx_code).await.unwrap();
    assert_eq!(holdings(&wallet).await.0, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_never_answers_can_be_stopped_at_once() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    sandbox.misbehave(Some(Misbehave::Silent(Where::Metadata)));
    let wallet = std::sync::Arc::new(place.wallet().await);
    let waiting = tokio::spawn({
        let (wallet, offer) = (wallet.clone(), sandbox.offers["badge"].clone());
        async move { wallet.arrive(link(&offer), Hand::Person).await }
    });
    let mut progress = wallet.watch();
    progress.wait_for(|now| matches!(now, Progress::Working(work) if work.as_str() == "metadata")).await.unwrap();
    let begun = Instant::now();
    wallet.cancel();
    let failure = waiting.await.unwrap().unwrap_err();
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
    assert_eq!(failure.kind, ErrorKind::Declined);
    sandbox.misbehave(None);
    take(&wallet, &sandbox.offers["badge"], &sandbox.tx_code).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_link_during_a_session_does_not_take_its_place() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    wallet.arrive(link(&sandbox.offers["badge"]), Hand::Person).await.unwrap();
    let failure = wallet.arrive(link(&sandbox.offers["microcredential"]), Hand::Program).await.unwrap_err();
    assert_eq!(failure.kind, ErrorKind::Busy);
    let progress = wallet.answer(Answer::Take { code: None }).await.unwrap();
    assert!(matches!(progress, Progress::Ask(prompt) if matches!(*prompt, Prompt::Review(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_the_issuer_withdraws_says_so_when_it_is_checked_again() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    for name in ["microcredential", "badge"] {
        let end = take(&wallet, &sandbox.offers[name], &sandbox.tx_code).await.unwrap();
        let End::Kept(cards) = end else { panic!("{end:?}") };
        let id = &cards[0].id;
        for index in &sandbox.issued()[0] {
            sandbox.set_standing(*index, Standing::Revoked).unwrap();
        }
        let (card, report) = wallet.check_again(id).await.unwrap();
        assert_eq!(card.status, CardStatus::Revoked, "{name}: {report:?}");
        let (card, _) = wallet.card(id).await.unwrap();
        assert_eq!(card.status, CardStatus::Revoked, "{name}: it stays so");
    }
    // Without the issuer nobody can say; the old answer is not made up.
    drop(sandbox);
    let id = wallet.cards(None, Page::ALL).await.unwrap()[0].id.clone();
    let (card, report) = wallet.check_again(&id).await.unwrap();
    assert_ne!(card.status, CardStatus::Valid, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_over_http_or_without_sense_is_refused_before_anything_is_sent() {
    let place = Place::new();
    let _sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    let by_value = |issuer: &str| {
        let offer = serde_json::json!({
            "credential_issuer": issuer,
            "credential_configuration_ids": ["x"],
            "grants": {"urn:ietf:params:oauth:grant-type:pre-authorized_code": {"pre-authorized_code": "c"}},
        });
        format!("openid-credential-offer://?credential_offer={}", encode(&offer.to_string()))
    };
    let cases = [
        (by_value("http://localhost:1"), ErrorKind::InsecureAddress),
        (
            "openid-credential-offer://?credential_offer_uri=http%3A%2F%2Flocalhost%2Fo".into(),
            ErrorKind::InsecureAddress,
        ),
        (by_value("https://10.0.0.1"), ErrorKind::AddressRefused),
        (by_value("https://localhost:1025"), ErrorKind::Unreachable),
        ("openid-credential-offer://?x=y".into(), ErrorKind::OfferInvalid),
        ("https://example.org/hello".into(), ErrorKind::NotRecognised),
        ("WIFI:S:cafe;T:WPA;P:geheim;;".into(), ErrorKind::NotRecognised),
        (String::new(), ErrorKind::NotRecognised),
    ];
    for (text, expected) in cases {
        let outcome = wallet.arrive(link(&text), Hand::Person).await;
        assert_eq!(outcome.as_ref().map_err(|f| f.kind).err(), Some(expected), "{text}: {outcome:?}");
        assert_eq!(holdings(&wallet).await, (0, 0));
    }
}

fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
