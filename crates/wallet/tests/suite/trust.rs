//! Whom a person trusts, in a real vault: what a card of theirs says then, and what it says when that is over.

use crate::common::{Place, phrase};
use crate::status_host::StatusHost;
use leerpas_core::{CardId, ErrorKind, Evidence, OsEntropy, Timestamp};
use leerpas_credential::{jose::sign_compact, keys::IssuerKey, trust::LIST_TYPE};
use leerpas_wallet::{Answer, CheckResult, Hand, Input, Page, Report, Wallet, World, WorldOptions};
use serde_json::json;

/// An institution that no list names, under a root that one knows.
async fn unlisted(place: &Place) -> StatusHost {
    let host = StatusHost::start(place).await;
    std::fs::write(place.path("trust.json"), r#"{"version":1,"institutions":[]}"#).unwrap();
    host
}

async fn wallet_at(place: &Place, minutes: i64) -> Wallet {
    let mut options = place.options();
    options.now = Some(in_minutes(minutes));
    let wallet = Wallet::new(place.path("profile"), World::prepare(options).unwrap());
    match wallet.state().unwrap() {
        leerpas_wallet::VaultState::Missing => drop(wallet.create(phrase()).await.unwrap()),
        _ => wallet.unlock(phrase()).await.unwrap(),
    }
    wallet
}

fn in_minutes(minutes: i64) -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second() + minutes * 60).unwrap()
}

async fn keep(wallet: &Wallet, bytes: Vec<u8>) -> CardId {
    let inputs = vec![Input::File { name: "card".to_owned(), bytes }];
    wallet.arrive_several(inputs, Hand::Person).await.unwrap();
    wallet.answer(Answer::Keep).await.unwrap();
    wallet.dismiss().await;
    wallet.cards(None, Page::ALL).await.unwrap()[0].id.clone()
}

/// How the issuer is known, and what the check of that says.
async fn known(wallet: &Wallet, card: &CardId) -> (Evidence, CheckResult, Option<&'static str>) {
    let (kept, report) = wallet.check_again(card).await.unwrap();
    if report.issuer.evidence != Evidence::Claimed {
        assert_eq!(kept.facts.issuer, report.issuer, "the card shows what was found");
    }
    let (result, reason) = issuer_trust(&report);
    (report.issuer.evidence, result, reason)
}

fn issuer_trust(report: &Report) -> (CheckResult, Option<&'static str>) {
    let check = report.checks.iter().find(|check| check.name.as_str() == "issuer_trust").unwrap();
    (check.result, check.reason.map(leerpas_credential::report::Reason::as_str))
}

/// A list of this institution, signed, that is meant to be used for an hour.
fn signed(host: &StatusHost, sequence: u64, key: &IssuerKey) -> Vec<u8> {
    let now = Timestamp::now().as_second();
    let list = json!({"version": 2, "iat": now - 60, "exp": now + 3600, "sequence": sequence,
        "institutions": [{"name": {"nl": "Hogeschool Delta"}, "identifiers": [host.issuer()]}]});
    sign_compact(&json!({"typ": LIST_TYPE}), list.to_string().as_bytes(), key).unwrap().into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_says_that_the_person_trusts_its_issuer_until_they_no_longer_do() {
    let place = Place::new();
    let host = unlisted(&place).await;
    let wallet = wallet_at(&place, 0).await;
    let card = keep(&wallet, host.card(0)).await;
    let stranger = (Evidence::Proved, CheckResult::Warn, Some("not_in_list"));
    assert_eq!(known(&wallet, &card).await, stranger);

    wallet.trust_issuer(&card).await.unwrap();
    let own = (Evidence::Own, CheckResult::Pass, None);
    assert_eq!(known(&wallet, &card).await, own);
    let trusted = wallet.trusted().await.unwrap();
    assert_eq!(trusted.len(), 1);
    assert_eq!(trusted[0].institution.identifiers, [host.issuer()]);
    assert!(trusted[0].institution.own && trusted[0].signer.is_none());
    let again = wallet.trust_issuer(&card).await.unwrap_err();
    assert_eq!(again.kind, ErrorKind::CredentialUncheckable, "it is known already");

    // It is kept in the vault, and only an open vault says so.
    wallet.lock().await;
    assert_eq!(wallet.trusted().await.unwrap_err().kind, ErrorKind::Locked);
    wallet.unlock(phrase()).await.unwrap();
    assert_eq!(known(&wallet, &card).await, own);

    wallet.distrust(&trusted[0].id).await.unwrap();
    assert_eq!(known(&wallet, &card).await, stranger);
    assert!(wallet.trusted().await.unwrap().is_empty());
    assert_eq!(wallet.distrust(&trusted[0].id).await.unwrap_err().kind, ErrorKind::Usage);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_cards_of_an_institution_say_at_once_that_it_is_trusted() {
    let place = Place::new();
    let host = unlisted(&place).await;
    let wallet = wallet_at(&place, 0).await;
    let cards = [keep(&wallet, host.card(0)).await, keep(&wallet, host.card(1)).await];
    let evidence = async || {
        let mut all = Vec::new();
        for card in &cards {
            let (kept, report) = wallet.card(card).await.unwrap();
            assert_eq!(kept.facts.issuer.evidence, report.issuer.evidence);
            all.push(report.issuer.evidence);
        }
        all
    };
    assert_eq!(evidence().await, [Evidence::Proved; 2]);
    wallet.trust_issuer(&cards[0]).await.unwrap();
    assert_eq!(evidence().await, [Evidence::Own; 2]);
    let id = wallet.trusted().await.unwrap()[0].id.clone();
    wallet.distrust(&id).await.unwrap();
    assert_eq!(evidence().await, [Evidence::Proved; 2]);

    let list = json!({"version": 1, "institutions": [{"name": {"nl": "Hogeschool Delta"},
        "identifiers": [host.issuer()], "logo": "data:image/svg+xml;base64,PHN2ZyB2aWV3Qm94PSIwIDAgMSAxIi8+"}]});
    wallet.trust_list(list.to_string().as_bytes(), None).await.unwrap();
    assert_eq!(evidence().await, [Evidence::Own; 2]);
    let issuer = wallet.card(&cards[0]).await.unwrap().1.issuer;
    assert_eq!(wallet.logo(&issuer), None, "one's own word brings no logo");
    let listed = leerpas_core::Party { evidence: Evidence::Listed, ..issuer };
    assert!(wallet.logo(&listed).unwrap().starts_with("data:image/svg+xml;base64,"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_proved_cannot_be_trusted() {
    let place = Place::new();
    let host = StatusHost::start(&place).await;
    let wallet = Wallet::new(place.path("profile"), World::prepare(WorldOptions::default()).unwrap());
    drop(wallet.create(phrase()).await.unwrap());
    let card = keep(&wallet, host.card(0)).await;
    assert_eq!(known(&wallet, &card).await.0, Evidence::Claimed);
    assert_eq!(wallet.trust_issuer(&card).await.unwrap_err().kind, ErrorKind::CredentialUncheckable);
    assert!(wallet.trusted().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_list_older_than_the_last_one_is_refused_also_when_that_one_was_removed() {
    let place = Place::new();
    let host = unlisted(&place).await;
    let wallet = wallet_at(&place, 0).await;
    let card = keep(&wallet, host.card(0)).await;
    let key = IssuerKey::make_p256(&OsEntropy);
    let jwk = key.public().to_jwk().to_string().into_bytes();
    assert_eq!(wallet.trust_list(&signed(&host, 7, &key), Some(&jwk)).await.unwrap(), 1);
    assert_eq!(
        known(&wallet, &card).await,
        (Evidence::Listed, CheckResult::Pass, None),
        "a list is not one's own word"
    );

    let older = wallet.trust_list(&signed(&host, 6, &key), Some(&jwk)).await.unwrap_err();
    assert_eq!(older.kind, ErrorKind::NotRecognised);
    let other = IssuerKey::make_p256(&OsEntropy);
    let foreign = wallet.trust_list(&signed(&host, 8, &other), Some(&jwk)).await.unwrap_err();
    assert_eq!(foreign.kind, ErrorKind::NotRecognised);
    let trusted = wallet.trusted().await.unwrap();
    assert_eq!(trusted.len(), 1, "what was refused changed nothing");
    assert_eq!(trusted[0].signer.as_deref(), Some(key.public().thumbprint().as_str()));

    wallet.distrust(&trusted[0].id).await.unwrap();
    assert!(wallet.trust_list(&signed(&host, 6, &key), Some(&jwk)).await.is_err());
    assert_eq!(wallet.trust_list(&signed(&host, 8, &key), Some(&jwk)).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_past_its_time_still_counts_and_is_said_to_be_old() {
    let place = Place::new();
    let host = unlisted(&place).await;
    let wallet = wallet_at(&place, 0).await;
    let card = keep(&wallet, host.card(0)).await;
    let key = IssuerKey::make_ed25519(&OsEntropy);
    let jwk = key.public().to_jwk().to_string().into_bytes();
    wallet.trust_list(&signed(&host, 1, &key), Some(&jwk)).await.unwrap();
    wallet.lock().await;
    drop(wallet);
    let wallet = wallet_at(&place, 59).await;
    assert_eq!(known(&wallet, &card).await, (Evidence::Listed, CheckResult::Pass, None));
    wallet.lock().await;
    drop(wallet);
    let wallet = wallet_at(&place, 61).await;
    assert_eq!(known(&wallet, &card).await, (Evidence::Listed, CheckResult::Warn, Some("trust_list_old")));
}
