//! Status lists in a real vault: asked for in a batch, kept by their own lifetime, and never during a presentation.

use crate::common::{Place, phrase, take};
use crate::learner::{asked, assert_shared, end, yes};
use crate::status_host::StatusHost;
use crate::verifier;
use leerpas_core::{CardStatus, Outcome, Timestamp};
use leerpas_wallet::{Answer, CheckResult, Hand, Input, Page, Refresh, Report, Wallet, World};

/// The status check: its answer, its reason and since when it is known.
fn status(report: &Report) -> (CheckResult, Option<&'static str>, Option<Timestamp>) {
    let check = report.checks.iter().find(|check| check.name.as_str() == "status").unwrap();
    (check.result, check.reason.map(leerpas_credential::report::Reason::as_str), check.known_at)
}

/// Keeps a file without asking anybody else.
async fn import(wallet: &Wallet, files: Vec<Vec<u8>>) {
    let inputs = files.into_iter().map(|bytes| Input::File { name: "card".to_owned(), bytes }).collect();
    wallet.arrive_several(inputs, Hand::Person).await.unwrap();
    wallet.answer(Answer::Keep).await.unwrap();
    wallet.dismiss().await;
}

/// The wallet of this place at another moment.
async fn wallet_at(place: &Place, now: Timestamp) -> Wallet {
    let mut options = place.options();
    options.now = Some(now);
    options.net_log = Some(place.path("net.log"));
    let wallet = Wallet::new(place.path("profile"), World::prepare(options).unwrap());
    match wallet.state().unwrap() {
        leerpas_wallet::VaultState::Missing => drop(wallet.create(phrase()).await.unwrap()),
        _ => wallet.unlock(phrase()).await.unwrap(),
    }
    wallet
}

fn later(minutes: i64) -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second() + minutes * 60).unwrap()
}

fn requests(place: &Place) -> Vec<String> {
    let log = std::fs::read_to_string(place.path("net.log")).unwrap_or_default();
    log.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn security_5_3_fifty_cards_on_one_list_make_one_request() {
    let place = Place::new();
    let host = StatusHost::start(&place).await;
    let wallet = wallet_at(&place, later(0)).await;
    import(&wallet, (0..50).map(|index| host.card(index)).collect()).await;
    let before = host.requests().len();
    host.withdraw(&[7, 31]);
    let refreshed = wallet.refresh(Refresh::All).await.unwrap();
    assert_eq!((refreshed.checked.len(), refreshed.changed.len(), refreshed.requests), (50, 2, 1));
    assert_eq!(host.requests().len() - before, 1);
    let cards = wallet.cards(None, Page::ALL).await.unwrap();
    assert_eq!(cards.iter().filter(|card| card.status == CardStatus::Revoked).count(), 2);
    assert_eq!(cards.iter().filter(|card| card.status == CardStatus::Valid).count(), 48);
}

#[tokio::test(flavor = "multi_thread")]
async fn security_e13_the_request_names_neither_card_nor_wallet() {
    let place = Place::new();
    let host = StatusHost::start(&place).await;
    let wallet = wallet_at(&place, later(0)).await;
    import(&wallet, vec![host.card(7), host.card(8)]).await;
    wallet.refresh(Refresh::All).await.unwrap();
    let requests = host.requests();
    assert_eq!(requests.len(), 2, "once at import, once now");
    for request in requests {
        assert_eq!(request.target, "/status/1");
        let names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["accept", "host", "user-agent"]);
        assert!(request.headers.iter().any(|(name, value)| name == "user-agent" && value == "Leerpas"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn security_e06_a_known_list_serves_by_its_own_ttl_and_no_longer() {
    let place = Place::new();
    let host = StatusHost::start(&place).await;
    let wallet = wallet_at(&place, later(0)).await;
    import(&wallet, vec![host.card(0)]).await;
    wallet.lock().await;
    drop(wallet);
    host.stop();

    // Half an hour later, without a network: the list says that it serves for an hour.
    let wallet = wallet_at(&place, later(30)).await;
    let id = wallet.cards(None, Page::ALL).await.unwrap()[0].id.clone();
    let (card, report) = wallet.check_again(&id).await.unwrap();
    assert_eq!(card.status, CardStatus::Valid, "{report:?}");
    let (result, reason, known_at) = status(&report);
    assert_eq!((result, reason), (CheckResult::Pass, None));
    assert!(known_at.is_some_and(|at| at < later(1)), "it says from when it is");
    let listed = wallet.cards(None, Page::ALL).await.unwrap().remove(0);
    assert_eq!(listed.known_at.map(Timestamp::as_second), known_at.map(Timestamp::as_second), "so does the list");
    wallet.lock().await;
    drop(wallet);

    // Two hours later it is no answer any more, and since when is still told.
    let wallet = wallet_at(&place, later(120)).await;
    let (card, report) = wallet.check_again(&id).await.unwrap();
    assert_eq!(card.status, CardStatus::Unknown);
    let (result, _, known_at) = status(&report);
    assert_eq!(result, CheckResult::Unknown);
    assert!(known_at.is_some_and(|at| at < later(1)), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn security_e06_after_unlocking_a_list_is_asked_for_once_its_time_is_over() {
    let place = Place::new();
    let host = StatusHost::start(&place).await;
    let wallet = wallet_at(&place, later(0)).await;
    import(&wallet, vec![host.card(0), host.card(1)]).await;
    let so_far = host.requests().len();
    wallet.lock().await;
    drop(wallet);
    for (minutes, expected) in [(1, 0), (30, 0), (61, 1), (62, 0)] {
        let before = host.requests().len();
        let wallet = wallet_at(&place, later(minutes)).await;
        let refreshed = wallet.refresh(Refresh::Due).await.unwrap();
        assert_eq!(refreshed.requests, expected, "after {minutes} minutes");
        assert_eq!(host.requests().len() - before, expected, "after {minutes} minutes");
        wallet.lock().await;
    }
    assert_eq!(so_far, 1, "the second file found the list of the first");
}

#[tokio::test(flavor = "multi_thread")]
async fn security_e08_an_issuer_that_is_down_is_asked_once_for_all_its_cards() {
    let place = Place::new();
    let host = StatusHost::start(&place).await;
    let wallet = wallet_at(&place, later(0)).await;
    import(&wallet, (0..5).map(|index| host.card(index)).collect()).await;
    host.answer_with(404);
    wallet.lock().await;
    let wallet = wallet_at(&place, later(120)).await;
    let before = host.requests().len();
    let refreshed = wallet.refresh(Refresh::All).await.unwrap();
    assert_eq!((refreshed.requests, host.requests().len() - before), (1, 1));
    assert_eq!((refreshed.checked.len(), refreshed.silent.as_slice()), (5, &["localhost".to_owned()][..]));
    let cards = wallet.cards(None, Page::ALL).await.unwrap();
    assert!(cards.iter().all(|card| card.status == CardStatus::Unknown), "not valid, and not invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn security_e10_a_redirect_of_a_list_is_followed_nowhere() {
    let place = Place::new();
    let host = StatusHost::start(&place).await;
    let wallet = wallet_at(&place, later(0)).await;
    host.answer_with(302);
    import(&wallet, vec![host.card(0)]).await;
    assert_eq!(host.requests().len(), 1);
    let card = &wallet.cards(None, Page::ALL).await.unwrap()[0];
    assert_eq!(card.status, CardStatus::Unknown);
    let (_, report) = wallet.card(&card.id).await.unwrap();
    assert_eq!(status(&report).1, Some("list_unavailable"));
}

#[tokio::test(flavor = "multi_thread")]
async fn security_e11_a_list_address_with_a_query_is_never_asked() {
    let place = Place::new();
    let host = StatusHost::start(&place).await;
    let wallet = wallet_at(&place, later(0)).await;
    import(&wallet, vec![host.card_at("/status/1?card=7", 7)]).await;
    wallet.refresh(Refresh::All).await.unwrap();
    wallet.refresh(Refresh::Due).await.unwrap();
    assert!(host.requests().is_empty());
    let card = &wallet.cards(None, Page::ALL).await.unwrap()[0];
    assert_eq!(card.status, CardStatus::Unknown);
}

#[tokio::test(flavor = "multi_thread")]
async fn presenting_asks_nothing_of_the_issuer() {
    let place = Place::new();
    let sandbox = place.sandbox().await;
    let wallet = wallet_at(&place, later(0)).await;
    take(&wallet, &sandbox.offers["microcredential"], &sandbox.tx_code).await.unwrap();
    wallet.dismiss().await;
    let verifier = verifier::Verifier::start(place.folder.path(), "Werkplaats").await;
    let before = requests(&place).len();
    let prompt = asked(&wallet, &verifier.ask(|_| {})).await;
    assert_shared(&end(wallet.answer(yes(&prompt)).await).unwrap(), Outcome::Done);
    let made = requests(&place).split_off(before);
    let issuer = sandbox.issuer_url.to_string();
    assert!(!made.is_empty() && made.iter().all(|line| !line.contains(&issuer)), "{made:?}");
    assert!(made.iter().all(|line| !line.ends_with("status_list") && !line.ends_with("keys")), "{made:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_that_is_locked_checks_nothing() {
    let place = Place::new();
    let host = StatusHost::start(&place).await;
    let wallet = wallet_at(&place, later(0)).await;
    import(&wallet, vec![host.card(0)]).await;
    let before = host.requests().len();
    wallet.lock().await;
    assert_eq!(wallet.refresh(Refresh::All).await.unwrap_err().kind, leerpas_core::ErrorKind::Locked);
    assert_eq!(host.requests().len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn sd_jwt_vc_6_a_card_that_is_checked_again_learns_what_its_type_says() {
    let place = Place::new();
    let host = StatusHost::start(&place).await;
    let wallet = wallet_at(&place, later(0)).await;
    host.answer_with(404);
    import(&wallet, vec![host.typed_card()]).await;
    let id = wallet.cards(None, Page::ALL).await.unwrap()[0].id.clone();
    let (before, _) = wallet.card(&id).await.unwrap();
    assert!(before.facts.labels.is_empty() && before.facts.title != "Microcredential van Delta", "{before:?}");

    host.answer_with(200);
    let (card, report) = wallet.check_again(&id).await.unwrap();
    assert_eq!(card.facts.title, "Microcredential van Delta", "{report:?}");
    let labels: Vec<_> = card.facts.labels.iter().map(|label| (&*label.path, &*label.name)).collect();
    assert_eq!(labels, [("grade", "Cijfer")]);
    assert_eq!(wallet.cards(Some("Delta".to_owned()), Page::ALL).await.unwrap().len(), 1, "it is found by it too");

    // What was learnt stays when the type cannot be asked.
    host.answer_with(404);
    assert_eq!(wallet.check_again(&id).await.unwrap().0.facts, card.facts);
}
