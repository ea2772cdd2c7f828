//! What an issuer still gives is kept sealed, goes when it is given up, and never stays by half.

use crate::common::{activity, at, bytes_of, create, hold, id, new_card, open};
use leerpas_core::{ActivityKind, Outcome, Secret};
use leerpas_vault::{NewEntitlement, NewGrant, Vault, VaultError};
use serde_json::json;

fn secret(text: &str) -> Secret<Vec<u8>> {
    Secret::new(text.as_bytes().to_vec())
}

fn grant(name: &str) -> NewGrant {
    NewGrant { id: id(name), made: at(1), secret: secret("canary-token") }
}

fn waits(name: &str, for_grant: &str, card: Option<&str>) -> NewEntitlement {
    NewEntitlement {
        id: id(name),
        grant: id(for_grant),
        card: card.map(id),
        made: at(1),
        ask_after: at(60),
        shown: json!({"title": "Meten"}),
        secret: secret("canary-transaction"),
    }
}

fn names(vault: &Vault) -> Vec<String> {
    vault.waiting().unwrap().iter().map(|one| one.id.to_string()).collect()
}

#[test]
fn vci_9_what_is_waited_for_survives_a_restart_and_its_secrets_lie_nowhere_readable() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    hold(&mut vault, grant("g"), vec![waits("a", "g", None), waits("b", "g", None)]).unwrap();
    drop(vault);
    for (name, bytes) in bytes_of(folder.path()) {
        assert!(!bytes.windows(7).any(|window| window == b"canary-"), "{name}");
    }
    let mut vault = open(folder.path());
    assert_eq!(names(&vault), ["a", "b"]);
    let opened = vault.open_entitlement(&id("a")).unwrap();
    assert_eq!(
        (opened.grant.expose().as_slice(), opened.secret.expose().as_slice()),
        (&b"canary-token"[..], &b"canary-transaction"[..])
    );
    assert_eq!((opened.record.ask_after, opened.record.shown), (at(60), json!({"title": "Meten"})));

    vault.put_off(&id("a"), at(90), &secret("other")).unwrap();
    vault.renew_grant(&id("g"), &secret("renewed")).unwrap();
    let (a, b) = (vault.open_entitlement(&id("a")).unwrap(), vault.open_entitlement(&id("b")).unwrap());
    assert_eq!((a.record.ask_after, a.secret.expose().as_slice()), (at(90), &b"other"[..]));
    assert_eq!(
        (b.secret.expose().as_slice(), b.grant.expose().as_slice()),
        (&b"canary-transaction"[..], &b"renewed"[..])
    );
    vault.check().unwrap();
}

#[test]
fn what_is_given_up_is_gone_and_the_grant_with_the_last_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    hold(&mut vault, grant("g"), vec![waits("a", "g", None), waits("b", "g", None)]).unwrap();
    vault.give_up(&id("a")).unwrap();
    assert_eq!(names(&vault), ["b"]);
    assert!(vault.open_entitlement(&id("b")).is_ok());
    vault.give_up(&id("b")).unwrap();
    assert!(matches!(vault.renew_grant(&id("g"), &secret("x")), Err(VaultError::NoSuchEntitlement)));
    assert!(matches!(vault.give_up(&id("b")), Err(VaultError::NoSuchEntitlement)));
    assert!(matches!(vault.open_entitlement(&id("b")), Err(VaultError::NoSuchEntitlement)));
    assert!(matches!(vault.put_off(&id("b"), at(1), &secret("x")), Err(VaultError::NoSuchEntitlement)));
}

#[test]
fn the_card_that_was_waited_for_is_kept_and_the_waiting_over_or_neither() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    hold(&mut vault, grant("g"), vec![waits("a", "g", None), waits("b", "g", None)]).unwrap();
    let none = vault.keep_awaited(&id("nothing"), None, &new_card("m", "Meten"), None);
    assert!(matches!(none, Err(VaultError::NoSuchEntitlement)));
    assert_eq!((vault.card_count().unwrap(), vault.keys().unwrap().len()), (0, 0), "undone");

    vault.keep_awaited(&id("a"), None, &new_card("m", "Meten"), Some(&secret("refill"))).unwrap();
    assert_eq!(names(&vault), ["b"]);
    let refill = vault.refill_of(&id("m")).unwrap().unwrap();
    assert_eq!(vault.open_entitlement(&refill.id).unwrap().secret.expose(), b"refill");
    // Once more in the place of the first: what refilled that one goes along.
    vault.keep_awaited(&id("b"), Some(&id("m")), &new_card("m", "Meten"), None).unwrap();
    assert_eq!((names(&vault).len(), vault.card_count().unwrap()), (0, 1));
    assert!(vault.refill_of(&id("m")).unwrap().is_none());
    vault.check().unwrap();
}

#[test]
fn fresh_copies_come_with_their_keys_and_what_refills_goes_with_the_card() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    vault.keep(&new_card("m", "Meten")).unwrap();
    hold(&mut vault, grant("g"), vec![waits("r", "g", Some("m"))]).unwrap();
    assert_eq!(names(&vault).len(), 0, "what refills a card is not waited for");
    let mut more = new_card("n", "Meten");
    vault.add_copies(&id("m"), &more.copies, &more.keys).unwrap();
    assert_eq!(vault.originals(&id("m")).unwrap().len(), 4);
    assert_eq!(vault.card(&id("m")).unwrap().unwrap().card.copies, 4);
    for copy in vault.originals(&id("m")).unwrap() {
        vault.open_key(&copy.key.unwrap()).unwrap();
    }
    // Keys that are there already: nothing of it happens.
    more.copies.truncate(1);
    assert!(matches!(vault.add_copies(&id("m"), &more.copies, &more.keys), Err(VaultError::Conflict)));
    assert_eq!(vault.originals(&id("m")).unwrap().len(), 4);
    assert!(matches!(vault.add_copies(&id("x"), &[], &[]), Err(VaultError::NoSuchCard)));

    vault.delete_card(&id("m"), &activity("gone", ActivityKind::Deleted, Outcome::Done, &id("m"))).unwrap();
    assert_eq!(vault.keys().unwrap().len(), 0);
    assert!(matches!(vault.renew_grant(&id("g"), &secret("x")), Err(VaultError::NoSuchEntitlement)), "the grant too");
    vault.check().unwrap();
}

#[test]
fn a_name_twice_and_a_grant_that_is_not_there_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    hold(&mut vault, grant("g"), vec![waits("a", "g", None)]).unwrap();
    assert!(matches!(hold(&mut vault, grant("g"), vec![waits("a", "g", None)]), Err(VaultError::Conflict)));
    assert!(
        matches!(hold(&mut vault, grant("h"), vec![waits("c", "other", None)]), Err(VaultError::Conflict)),
        "no such grant"
    );
    assert_eq!(names(&vault), ["a"]);
}
