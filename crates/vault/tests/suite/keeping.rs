//! Cards, copies, keys, activities and resources: what goes in comes out, whole or not at all.

use std::collections::BTreeSet;

use crate::common::{activity, at, create, id, new_card, open};
use leerpas_core::{ActivityKind, CardId, CardStatus, ErrorKind, Outcome};
use leerpas_vault::{KeyPurpose, Leaving, NewKey, Page, Resource, Vault, VaultError};
use serde_json::json;

fn titles(vault: &Vault, query: &str) -> Vec<String> {
    vault.summaries(Some(query), Page::ALL).unwrap().into_iter().map(|summary| summary.title).collect()
}

#[test]
fn a_card_comes_back_as_it_went_in() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    let new = new_card("a", "Meten");
    vault.keep(&new).unwrap();
    drop(vault);
    let vault = open(folder.path());
    let stored = vault.card(&id("a")).unwrap().unwrap();
    assert_eq!(stored.card, new.card);
    assert_eq!(stored.report, new.report);
    assert!(stored.card.facts.claims.to_string().contains("4.50"), "a number keeps its last digit");
    assert_eq!(vault.cards().unwrap(), [stored]);
    let copies = vault.originals(&id("a")).unwrap();
    assert_eq!(copies.len(), 2);
    for (copy, new) in copies.iter().zip(&new.copies) {
        assert_eq!((&copy.original, &copy.key), (&new.original, &new.key));
    }
    assert_eq!(vault.open_key(&id("a-key-2")).unwrap().expose(), b"private a 2");
    assert_eq!(vault.activities().unwrap(), [new.activity.unwrap()]);
    assert_eq!(vault.find_duplicate("fingerprint of a").unwrap(), Some(id("a")));
    assert_eq!(vault.find_duplicate("another").unwrap(), None);
    assert_eq!(vault.card(&id("b")).unwrap(), None);
    assert!(matches!(vault.originals(&id("b")), Err(VaultError::NoSuchCard)));
    let summary = vault.summaries(None, Page::ALL).unwrap().remove(0);
    assert_eq!((summary.copies, summary.has_picture, summary.title.as_str()), (2, true, "Meten"));
    assert_eq!(vault.picture(&id("a")).unwrap(), new.card.facts.picture);
}

#[test]
fn v2_a_card_that_does_not_fit_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    vault.keep(&new_card("a", "Meten")).unwrap();
    // The same fingerprint.
    let mut same = new_card("b", "Meten");
    same.fingerprint = "fingerprint of a".to_owned();
    // A copy whose key is nowhere.
    let mut keyless = new_card("c", "Meten");
    keyless.keys.pop();
    for new in [same, keyless, new_card("a", "Meten")] {
        let error = vault.keep(&new).unwrap_err();
        assert!(matches!(error, VaultError::Conflict), "{error:?}");
        assert_eq!(vault.cards().unwrap().len(), 1);
        assert_eq!(vault.keys().unwrap().len(), 2);
        assert_eq!(vault.activities().unwrap().len(), 1);
        assert_eq!(vault.search("meten").unwrap().len(), 1);
    }
    vault.check().unwrap();
}

#[test]
fn v2_a_card_takes_the_place_of_an_older_one_or_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    vault.keep(&new_card("a", "Meten")).unwrap();
    let mut newer = new_card("b", "Meten en weten");
    newer.fingerprint = "fingerprint of a".to_owned();
    // A copy whose key is nowhere: the older card stays.
    let mut keyless = new_card("c", "Meten");
    keyless.fingerprint = "fingerprint of a".to_owned();
    keyless.keys.pop();
    assert!(matches!(vault.keep_together(vec![keyless], &[], Vec::new(), None), Err(VaultError::Conflict)));
    assert_eq!(titles(&vault, "meten"), ["Meten"]);
    let kept = vault.keep_together(vec![newer], &[], Vec::new(), None).unwrap();
    assert_eq!(kept[0].id, id("a"), "under the identifier of the older one");
    assert_eq!(titles(&vault, "meten"), ["Meten en weten"]);
    assert_eq!(vault.keys().unwrap().len(), 2, "the keys of the older one are gone");
    vault.check().unwrap();
}

#[test]
fn a_key_is_kept_before_the_card_and_belongs_to_it_after() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    let mut new = new_card("a", "Meten");
    let begun = activity("a-received", ActivityKind::Received, Outcome::Started, &id("a"));
    vault.begin_activity(&begun).unwrap();
    for key in new.keys.drain(..) {
        vault.add_key(&key).unwrap();
    }
    assert!(vault.keys().unwrap().iter().all(|key| key.card.is_none()));
    vault.keep(&new).unwrap();
    let keys = vault.keys().unwrap();
    assert!(keys.iter().all(|key| key.card == Some(id("a")) && key.purpose == KeyPurpose::Holder));
    assert_eq!(vault.activities().unwrap()[0].outcome, Outcome::Done, "the line that was begun is replaced");
    assert_eq!(vault.activities().unwrap().len(), 1);
}

#[test]
fn keys_that_nothing_is_bound_to_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    vault.keep(&new_card("a", "Meten")).unwrap();
    let key = |name: &str, purpose, made| NewKey {
        id: id(name),
        purpose,
        party: None,
        algorithm: "ES256".to_owned(),
        public_jwk: json!({}),
        private: b"x".to_vec().into(),
        made: at(made),
    };
    vault.add_key(&key("old", KeyPurpose::Holder, 0)).unwrap();
    vault.add_key(&key("new", KeyPurpose::Holder, 1000)).unwrap();
    vault.add_key(&key("dpop", KeyPurpose::Dpop, 0)).unwrap();
    assert_eq!(vault.remove_unused_keys(at(500)).unwrap(), 1);
    let left: BTreeSet<_> = vault.keys().unwrap().into_iter().map(|key| key.id.to_string()).collect();
    assert_eq!(left, ["a-key-1", "a-key-2", "dpop", "new"].map(str::to_owned).into());
}

#[test]
fn a_deleted_card_takes_its_copies_keys_and_words_along() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    vault.keep(&new_card("a", "Meten")).unwrap();
    vault.keep(&new_card("b", "Weten")).unwrap();
    let line = activity("gone", ActivityKind::Deleted, Outcome::Done, &id("a"));
    vault.delete_card(&id("a"), &line).unwrap();
    assert_eq!(vault.card(&id("a")).unwrap(), None);
    assert!(vault.keys().unwrap().iter().all(|key| key.card == Some(id("b"))));
    assert!(matches!(vault.open_key(&id("a-key-1")), Err(VaultError::NoSuchKey)));
    assert!(titles(&vault, "meten").iter().all(|title| title == "Weten"));
    assert_eq!(vault.activities().unwrap().len(), 3);
    let error = vault.delete_card(&id("a"), &activity("again", ActivityKind::Deleted, Outcome::Done, &id("a")));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::CardNotFound);
    assert_eq!(vault.activities().unwrap().len(), 3, "no line for what did not happen");
    vault.check().unwrap();
}

#[test]
fn a_check_replaces_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    vault.keep(&new_card("a", "Meten")).unwrap();
    vault.update_check(&id("a"), CardStatus::Revoked, at(5), &json!({"checks": []})).unwrap();
    let stored = vault.card(&id("a")).unwrap().unwrap();
    assert_eq!((stored.card.status, stored.card.checked), (CardStatus::Revoked, at(5)));
    assert_eq!(stored.report, json!({"checks": []}));
    assert_eq!(vault.summaries(None, Page::ALL).unwrap()[0].status, CardStatus::Revoked);
    let missing = vault.update_check(&id("b"), CardStatus::Valid, at(5), &json!(null));
    assert!(matches!(missing, Err(VaultError::NoSuchCard)));
}

#[test]
fn copies_remember_who_saw_them() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    vault.keep(&new_card("a", "Meten")).unwrap();
    let first = vault.originals(&id("a")).unwrap()[0].number;
    for party in ["https://b.example", "https://a.example", "https://b.example"] {
        vault.mark_copy_shown(first, party).unwrap();
    }
    let copies = vault.originals(&id("a")).unwrap();
    assert_eq!(copies[0].shown_to, ["https://a.example", "https://b.example"]);
    assert!(copies[1].shown_to.is_empty());
    assert!(matches!(vault.mark_copy_shown(999, "https://a.example"), Err(VaultError::NoSuchCopy)));
}

#[test]
fn copies_are_told_without_what_they_say_and_read_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    vault.keep(&new_card("a", "Meten")).unwrap();
    let whole = vault.originals(&id("a")).unwrap();
    vault.mark_copy_shown(whole[0].number, "https://a.example").unwrap();
    let copies = vault.copies(&id("a")).unwrap();
    assert_eq!(copies.len(), whole.len());
    for (copy, whole) in copies.iter().zip(&whole) {
        assert_eq!((copy.number, &copy.key), (whole.number, &whole.key));
        assert_eq!(vault.copy(copy.number).unwrap(), whole.original);
    }
    assert_eq!(copies[0].shown_to, ["https://a.example"]);
    assert_eq!(vault.title(&id("a")).unwrap().as_deref(), Some("Meten"));
    assert_eq!(vault.title(&id("b")).unwrap(), None);
    assert!(matches!(vault.copies(&id("b")), Err(VaultError::NoSuchCard)));
    assert!(matches!(vault.copy(999), Err(VaultError::NoSuchCopy)));
}

#[test]
fn what_is_written_before_an_answer_leaves_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    vault.keep(&new_card("a", "Meten")).unwrap();
    let copy = vault.originals(&id("a")).unwrap()[0].number;
    let object = Resource {
        url: "https://loket.example/request".to_owned(),
        media_type: None,
        body: b"x".to_vec(),
        fetched: at(1),
        expires: None,
    };
    vault.put_resource(&object).unwrap();
    let line = activity("een", ActivityKind::Shared, Outcome::Started, &id("a"));
    let (right, wrong) = ([copy], [copy, 999]);
    let names = ["nonce 1".to_owned(), "at 1".to_owned()];
    let leaving = |copies| Leaving { answered: &names, fetched: Some(&object.url), copies, line: &line };

    // A copy that is not there: nothing is left of it.
    let before = vault.activities().unwrap();
    assert!(matches!(vault.begin_answer(&leaving(&wrong[..])), Err(VaultError::NoSuchCopy)));
    assert_eq!(vault.activities().unwrap(), before);
    assert_eq!(vault.answered("nonce 1").unwrap(), None);
    assert!(vault.copies(&id("a")).unwrap()[0].shown_to.is_empty());
    assert!(vault.resource(&object.url).unwrap().is_some());

    vault.begin_answer(&leaving(&right[..])).unwrap();
    drop(vault);
    let vault = open(folder.path());
    assert_eq!(vault.answered("nonce 1").unwrap(), Some(line.at));
    assert_eq!(vault.copies(&id("a")).unwrap()[0].shown_to, [line.party.as_ref().unwrap().identifier.clone()]);
    assert_eq!(vault.activities().unwrap().len(), before.len() + 1);
    assert_eq!(vault.resource(&object.url).unwrap(), None);
}

#[test]
fn search_finds_as_one_types() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    vault.keep(&new_card("a", "Meten met sensoren")).unwrap();
    vault.keep(&new_card("b", "Łączność in København, đà Nẵng")).unwrap();
    let mut other = new_card("c", "Psychologie");
    other.card.facts.description = Some("Voor wie meten wil begrijpen: sensoren".to_owned());
    vault.keep(&other).unwrap();
    for typed in ["s", "SENSOREN", "senso met", "met  sens"] {
        assert!(titles(&vault, typed).contains(&"Meten met sensoren".to_owned()), "{typed}");
    }
    assert_eq!(titles(&vault, "sensoren")[0], "Meten met sensoren", "a hit in the title counts more");
    for typed in ["lacznosc", "łączność", "LACZ", "kobenhavn", "København", "da nang"] {
        assert_eq!(titles(&vault, typed), ["Łączność in København, đà Nẵng"], "{typed}");
    }
    assert_eq!(titles(&vault, "lukaszewicz").len(), 3, "the name of the holder");
    assert_eq!(titles(&vault, "malmo").len(), 3, "a claim");
    assert_eq!(titles(&vault, "").len(), 3);
    assert_eq!(titles(&vault, "   ").len(), 3);
    assert!(titles(&vault, "ensoren").is_empty());
    assert_eq!(vault.search("psych").unwrap(), [id::<CardId>("c")]);
}

#[test]
fn i15_search_text_is_never_an_operator() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    vault.keep(&new_card("a", "Meten \"AND\" weten")).unwrap();
    vault.keep(&new_card("b", "'; DROP TABLE cards; --")).unwrap();
    assert_eq!(titles(&vault, "\"weten"), ["Meten \"AND\" weten"]);
    assert_eq!(titles(&vault, "weten AND"), ["Meten \"AND\" weten"]);
    assert_eq!(titles(&vault, "'; DROP TABLE cards; --"), ["'; DROP TABLE cards; --"]);
    for hostile in [
        "meten OR xyzzy",
        "meten NOT weten",
        "title:xyzzy",
        "NEAR(xyzzy meten)",
        "^xyzzy",
        "*",
        "%_%",
        "\"",
        "()",
        "\0",
        "__proto__",
        "-",
    ] {
        assert!(titles(&vault, hostile).is_empty(), "{hostile}");
    }
    assert_eq!(titles(&vault, "weten*").len(), 1);
    let long = "meten ".repeat(100_000);
    let _ = titles(&vault, &long);
    assert_eq!(vault.card_count().unwrap(), 2);
}

#[test]
fn a_list_of_a_thousand_comes_in_pages_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    for number in 0..1000 {
        let mut new = new_card(&format!("{number}"), &format!("Kaart {number}"));
        new.card.received = at(number / 2);
        new.card.facts.claims = json!({"long": "woord ".repeat(500)});
        vault.keep(&new).unwrap();
    }
    drop(vault);
    let vault = open(folder.path());
    let begin = std::time::Instant::now();
    let first = vault.summaries(None, Page { offset: 0, limit: 50 }).unwrap();
    let (page, begin) = (begin.elapsed(), std::time::Instant::now());
    let all = vault.summaries(None, Page::ALL).unwrap();
    println!("first 50 of 1000 cards: {page:?}; all: {:?}", begin.elapsed());
    assert_eq!(first, all[..50]);
    assert_eq!(all.len(), 1000);
    assert_eq!(all[0].title, "Kaart 999");
    let mut paged = Vec::new();
    for offset in (0..1000).step_by(70) {
        paged.extend(vault.summaries(None, Page { offset, limit: 70 }).unwrap());
    }
    assert_eq!(paged, all);
    let begin = std::time::Instant::now();
    assert_eq!(vault.summaries(Some("kaart 99"), Page { offset: 0, limit: 5 }).unwrap().len(), 5);
    println!("search: {:?}", begin.elapsed());
}

#[test]
fn intent_is_written_before_and_the_outcome_after() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    let line = |name: &str, kind| activity(name, kind, Outcome::Started, &id("a"));
    vault.begin_activity(&line("s1", ActivityKind::Shared)).unwrap();
    vault.begin_activity(&line("s2", ActivityKind::Shared)).unwrap();
    vault.begin_activity(&line("s3", ActivityKind::Shared)).unwrap();
    vault.begin_activity(&line("r1", ActivityKind::Received)).unwrap();
    assert!(matches!(vault.begin_activity(&line("r1", ActivityKind::Received)), Err(VaultError::Conflict)));
    vault.end_activity(&id("s1"), Outcome::Done, None).unwrap();
    vault.end_activity(&id("s2"), Outcome::Failed, Some(ErrorKind::ResponseRefused)).unwrap();
    let missing = vault.end_activity(&id("s9"), Outcome::Done, None);
    assert!(matches!(missing, Err(VaultError::NoSuchActivity)));
    drop(vault);

    let mut vault = open(folder.path());
    let settled = vault.settle_interrupted().unwrap();
    assert_eq!(settled.iter().map(|line| line.id.as_str()).collect::<Vec<_>>(), ["s3", "r1"]);
    assert_eq!(settled.iter().map(|line| line.outcome).collect::<Vec<_>>(), [Outcome::Uncertain, Outcome::Failed]);
    assert_eq!(vault.settle_interrupted().unwrap(), []);
    let outcome = |name: &str| {
        let lines = vault.activities().unwrap();
        let line = lines.into_iter().find(|line| line.id.as_str() == name).unwrap();
        (line.outcome, line.error)
    };
    assert_eq!(outcome("s1"), (Outcome::Done, None));
    assert_eq!(outcome("s2"), (Outcome::Failed, Some(ErrorKind::ResponseRefused)));
    assert_eq!(outcome("s3"), (Outcome::Uncertain, None));
    assert_eq!(outcome("r1"), (Outcome::Failed, Some(ErrorKind::Interrupted)));
    let before = vault.shared_before("https://hogeschool.example").unwrap();
    assert_eq!(
        before.iter().map(|shared| shared.times).collect::<Vec<_>>(),
        [2],
        "once done, once perhaps, both the same"
    );
    assert!(vault.shared_before("https://elders.example").unwrap().is_empty());
    let mut more = activity("s4", ActivityKind::Shared, Outcome::Done, &id("a"));
    more.at = at(9);
    more.claims.pop();
    vault.begin_activity(&more).unwrap();
    let before = vault.shared_before("https://hogeschool.example").unwrap();
    assert_eq!(before.iter().map(|shared| (shared.times, shared.last)).collect::<Vec<_>>()[0], (1, at(9)));
    assert_eq!(
        before.iter().map(|shared| shared.claims.len()).collect::<Vec<_>>(),
        [more.claims.len(), more.claims.len() + 1]
    );
    vault.delete_activity(&id("s4")).unwrap();
    vault.delete_activity(&id("s1")).unwrap();
    assert_eq!(vault.activities().unwrap().len(), 3);
    assert!(matches!(vault.delete_activity(&id("s1")), Err(VaultError::NoSuchActivity)));
}

#[test]
fn resources_are_kept_by_address() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    let mut resource = Resource {
        url: "https://hogeschool.example/.well-known/did.json".to_owned(),
        media_type: Some("application/did+json".to_owned()),
        body: vec![0, 255, 1],
        fetched: at(0),
        expires: Some(at(60)),
    };
    vault.put_resource(&resource).unwrap();
    assert_eq!(vault.resource(&resource.url).unwrap().as_ref(), Some(&resource));
    resource.body = Vec::new();
    resource.expires = None;
    vault.put_resource(&resource).unwrap();
    assert_eq!(vault.resources().unwrap(), [resource.clone()]);
    assert_eq!(vault.resource("https://elders.example").unwrap(), None);
    vault.remove_resource(&resource.url).unwrap();
    assert!(vault.resources().unwrap().is_empty());
}

#[test]
fn a_request_is_answered_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    assert_eq!(vault.answered("nonce 1").unwrap(), None);
    assert!(vault.mark_answered("nonce 1", at(1)).unwrap());
    assert!(!vault.mark_answered("nonce 1", at(2)).unwrap());
    drop(vault);
    let mut vault = open(folder.path());
    assert!(!vault.mark_answered("nonce 1", at(3)).unwrap());
    assert_eq!(vault.answered("nonce 1").unwrap(), Some(at(1)));
    vault.unmark_answered("nonce 2").unwrap();
    assert_eq!(vault.answered("nonce 1").unwrap(), Some(at(1)));
    assert_eq!(vault.forget_answered(at(2)).unwrap(), 1);
    assert!(vault.mark_answered("nonce 1", at(4)).unwrap());
}

#[test]
fn the_learners_addresses_come_back_in_their_order_or_stay_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    assert_eq!(vault.identities().unwrap(), Vec::<String>::new());
    let two = ["sam@voorbeeld.example".to_owned(), "+31612345678".to_owned()];
    vault.set_identities(&two).unwrap();
    let twice = ["a@b.example".to_owned(), "a@b.example".to_owned()];
    assert!(matches!(vault.set_identities(&twice), Err(VaultError::Conflict)));
    drop(vault);
    let mut vault = open(folder.path());
    assert_eq!(vault.identities().unwrap(), two);
    vault.set_identities(&[]).unwrap();
    assert_eq!(vault.identities().unwrap(), Vec::<String>::new());
}

#[test]
fn what_a_card_says_can_be_fetched_anew_and_its_copies_stay() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    let new = new_card("a", "Meten");
    vault.keep(&new).unwrap();
    let mut facts = new.card.facts.clone();
    facts.title = "Wegen".to_owned();
    facts.picture = None;
    vault.update_facts(&id("a"), &facts).unwrap();
    assert_eq!(vault.card(&id("a")).unwrap().unwrap().card.facts, facts);
    assert_eq!(titles(&vault, "wegen"), ["Wegen"], "the search knows what it says now");
    assert_eq!(vault.originals(&id("a")).unwrap()[0].original, new.copies[0].original);
    assert!(matches!(vault.update_facts(&id("b"), &facts), Err(VaultError::NoSuchCard)));
}
