//! Institutions with older software, from the offer to the kept card and on to an employer.

use crate::common::{Place, holdings, link, take};
use crate::learner::{asked, assert_shared, end, yes};
use crate::verifier::Employer;
use leerpas_core::{CardStatus, ErrorKind, Format, Outcome, Secret};
use leerpas_credential::jose::Jws;
use leerpas_wallet::{Answer, End, Hand, Page, Progress, Prompt, Wallet, World};

#[tokio::test(flavor = "multi_thread")]
async fn draft_13_a_card_and_a_badge_are_kept_and_the_card_is_taken_by_the_desk() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let options = leerpas_wallet::WorldOptions { net_log: Some(place.path("net.log")), ..place.options() };
    let wallet = Wallet::new(place.path("profile"), World::prepare(options).unwrap());
    wallet.create(crate::common::phrase()).await.unwrap();

    let offer = sandbox.fresh_offer("draft-13").unwrap();
    let End::Kept(cards) = take(&wallet, &offer, &sandbox.tx_code).await.unwrap() else { panic!("not kept") };
    let formats: Vec<_> = cards.iter().map(|card| card.facts.format).collect();
    assert_eq!(formats, [Format::SdJwtVc, Format::DataIntegrity]);
    // One proof in a request, and so one copy.
    assert!(cards.iter().all(|card| card.status == CardStatus::Valid && card.copies == 1), "{cards:?}");
    let original = String::from_utf8(wallet.original(&cards[0].id).await.unwrap()).unwrap();
    assert_eq!(Jws::parse(original.split('~').next().unwrap()).unwrap().typ(), Some("vc+sd-jwt"));
    let net = std::fs::read_to_string(place.path("net.log")).unwrap();
    assert!(!net.contains("\tnonce\n"), "the nonces came along: {net}");
    assert_eq!(net.matches("\tcredential\n").count(), 2, "{net}");

    let desk = Employer::start(place.folder.path()).await;
    let request = desk.ask("microcredential").await;
    let prompt = asked(&wallet, &request.link).await;
    assert_shared(&end(wallet.answer(yes(&prompt)).await).unwrap(), Outcome::Done);
    assert_eq!(desk.result(&request).await["verdict"], "valid");
}

#[tokio::test(flavor = "multi_thread")]
async fn draft_15_a_card_is_kept_with_the_names_that_its_institution_gave() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    let offer = sandbox.fresh_offer("draft-15").unwrap();
    let End::Kept(cards) = take(&wallet, &offer, &sandbox.tx_code).await.unwrap() else { panic!("not kept") };
    let [card] = cards.as_slice() else { panic!("{cards:?}") };
    assert_eq!((card.status, card.facts.format), (CardStatus::Valid, Format::SdJwtVc));
    let named = card.facts.labels.iter().any(|label| label.path == "credentialSubject.achievement.ECTS");
    assert!(named, "{:?}", card.facts.labels);
}

#[tokio::test(flavor = "multi_thread")]
async fn draft_13_a_wrong_code_can_be_given_again_and_leaves_nothing() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = place.wallet().await;
    let offer = sandbox.fresh_offer("draft-13").unwrap();
    let mut progress = wallet.arrive(link(&offer), Hand::Person).await.unwrap();
    let give = |code: &str| Answer::Take { code: Some(Secret::new(code.to_owned())) };
    let wrong = if sandbox.tx_code == "0000" { "0001" } else { "0000" };
    progress = match progress {
        Progress::Ask(prompt) => {
            assert!(matches!(*prompt, Prompt::Offer(_)), "{prompt:?}");
            wallet.answer(give(wrong)).await.unwrap()
        }
        other => panic!("{other:?}"),
    };
    let Progress::Ask(prompt) = progress else { panic!("{progress:?}") };
    let Prompt::Offer(again) = *prompt else { panic!("{prompt:?}") };
    assert!(again.wrong_code);
    assert_eq!(holdings(&wallet).await, (0, 0));
    assert_eq!(wallet.answer(Answer::Decline).await.unwrap_err().kind, ErrorKind::TxCodeWrong);

    // A code is good once.
    take(&wallet, &offer, &sandbox.tx_code).await.unwrap();
    let failure = take(&wallet, &offer, &sandbox.tx_code).await.unwrap_err();
    assert_ne!(failure.kind, ErrorKind::Internal, "{failure:?}");
    assert_eq!(wallet.cards(None, Page::ALL).await.unwrap().len(), 2);
}
