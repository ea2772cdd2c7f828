//! The program dies while it keeps the cards of a flow with what the issuer still gives: each card that is there can be
//! refilled, and what is waited for is there with the cards of its flow or not at all.

use std::time::Duration;

use crate::common::{at, create, id, new_card, open};
use crate::dying::{killed, say, writing};
use leerpas_core::CardId;
use leerpas_vault::{NewCard, NewEntitlement, NewGrant, Page, Promise, Vault, VaultError};
use serde_json::json;

fn secret(text: String) -> leerpas_core::Secret<Vec<u8>> {
    leerpas_core::Secret::new(text.into_bytes())
}

/// What refills a card of this name, and another one of the same flow that comes later.
fn promise(name: &str) -> Promise {
    let entitlement = |own: String, card: Option<CardId>| NewEntitlement {
        id: id(&own),
        grant: id(name),
        card,
        made: at(1),
        ask_after: at(2),
        shown: json!({}),
        secret: secret(format!("keys of {own}")),
    };
    Promise {
        grant: NewGrant { id: id(name), made: at(1), secret: secret(format!("token of {name}")) },
        entitlements: vec![
            entitlement(format!("{name}-refill"), Some(id(name))),
            entitlement(format!("{name}-later"), None),
        ],
    }
}

fn card(name: &str) -> NewCard {
    NewCard { activity: None, ..new_card(name, "Meten") }
}

fn keep(vault: &mut Vault, name: &str) -> Result<CardId, VaultError> {
    vault.keep_together(vec![card(name)], &[], Vec::new(), Some(promise(name))).map(|kept| kept[0].id.clone())
}

/// The process that is killed: this test file again, told so by the environment.
#[test]
fn writer() {
    let Some((mut vault, prefix)) = writing() else { return };
    for number in 0.. {
        let name = format!("{prefix}{number}");
        keep(&mut vault, &name).unwrap();
        say("kept", &name);
    }
}

#[test]
fn r1_killed_at_any_moment_a_card_is_there_with_what_refills_it_and_what_comes_later_or_none_of_them() {
    let folder = tempfile::tempdir().unwrap();
    drop(create(folder.path()));
    let mut kept = Vec::<String>::new();
    for round in 0..10_u64 {
        let when = (4 + usize::try_from(round).unwrap(), Duration::from_micros(730 * round));
        let [more] = killed("kill_flow::writer", (folder.path(), round), when, ["kept"]);
        kept.extend(more);

        let vault = open(folder.path());
        vault.check().unwrap();
        let cards = vault.summaries(None, Page::ALL).unwrap();
        for name in &kept {
            assert!(cards.iter().any(|card| card.id == id(name)), "{name} was said to be kept");
        }
        for card in &cards {
            let refill = vault.refill_of(&card.id).unwrap().unwrap_or_else(|| panic!("nothing refills {}", card.id));
            let opened = vault.open_entitlement(&refill.id).unwrap();
            assert!(String::from_utf8_lossy(opened.grant.expose()).ends_with(card.id.as_str()));
        }
        let waiting = vault.waiting().unwrap();
        assert_eq!(waiting.len(), cards.len());
        assert!(waiting.iter().all(|one| cards.iter().any(|card| one.grant.as_str() == card.id.as_str())));
    }
    assert!(kept.len() > 20, "{}", kept.len());
}

#[test]
fn what_cannot_be_promised_keeps_no_card() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    let mut broken = promise("a");
    broken.entitlements[0].card = Some(id("another"));
    let outcome = vault.keep_together(vec![card("a")], &[], Vec::new(), Some(broken));
    assert!(matches!(outcome, Err(VaultError::NoSuchCard)), "{outcome:?}");
    assert_eq!(vault.card_count().unwrap(), 0);
    assert!(vault.waiting().unwrap().is_empty() && vault.keys().unwrap().is_empty());
}

#[test]
fn a_card_that_takes_the_place_of_an_older_one_is_refilled_by_the_newer_grant() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    let older = keep(&mut vault, "a").unwrap();
    let newer = NewCard { fingerprint: card("a").fingerprint, ..card("b") };
    let kept = vault.keep_together(vec![newer], &[], Vec::new(), Some(promise("b"))).unwrap();
    assert_eq!(kept[0].id, older);
    let refill = vault.refill_of(&older).unwrap().unwrap();
    assert_eq!((refill.id, refill.grant), (id("b-refill"), id("b")));
    assert!(matches!(vault.open_entitlement(&id("a-refill")), Err(VaultError::NoSuchEntitlement)));
}
