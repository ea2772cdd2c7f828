//! The program dies while it writes what it waits for: what it called held is there, and nothing is there by half.

use std::time::Duration;

use crate::common::{at, create, hold, id, new_card, open};
use crate::dying::{killed, say, writing};
use leerpas_core::Secret;
use leerpas_vault::{NewEntitlement, NewGrant, Page, Vault};
use serde_json::json;

fn secret(text: String) -> Secret<Vec<u8>> {
    Secret::new(text.into_bytes())
}

fn promise(vault: &mut Vault, name: &str) {
    let grant = NewGrant { id: id(name), made: at(1), secret: secret(format!("token of {name}")) };
    let waits = NewEntitlement {
        id: id(name),
        grant: id(name),
        card: None,
        made: at(1),
        ask_after: at(2),
        shown: json!({}),
        secret: secret(format!("keys of {name}")),
    };
    hold(vault, grant, vec![waits]).unwrap();
}

/// The process that is killed: this test file again, told so by the environment. Each round of a name is promised, put
/// off, renewed, and then kept with what refills it.
#[test]
fn writer() {
    let Some((mut vault, prefix)) = writing() else { return };
    for number in 0.. {
        let name = format!("{prefix}{number}");
        promise(&mut vault, &name);
        say("held", &name);
        vault.put_off(&id(&name), at(number), &secret(format!("other keys of {name}"))).unwrap();
        vault.renew_grant(&id(&name), &secret(format!("other token of {name}"))).unwrap();
        let refill = secret(format!("refill of {name}"));
        vault.keep_awaited(&id(&name), None, &new_card(&name, "Meten"), Some(&refill)).unwrap();
        say("kept", &name);
    }
}

#[test]
fn r1_killed_at_any_moment_a_card_is_waited_for_or_kept_and_never_both_or_neither() {
    let folder = tempfile::tempdir().unwrap();
    drop(create(folder.path()));
    let mut held = Vec::<String>::new();
    for round in 0..10_u64 {
        let when = (4 + usize::try_from(round).unwrap(), Duration::from_micros(730 * round));
        let [more] = killed("kill_grants::writer", (folder.path(), round), when, ["held"]);
        held.extend(more);

        let vault = open(folder.path());
        vault.check().unwrap();
        let waiting: Vec<String> = vault.waiting().unwrap().iter().map(|one| one.id.to_string()).collect();
        let cards: Vec<String> =
            vault.summaries(None, Page::ALL).unwrap().iter().map(|card| card.id.to_string()).collect();
        for name in &held {
            assert!(waiting.contains(name) != cards.contains(name), "{name}: {waiting:?}");
            let opened = vault.open_entitlement(&id(name)).unwrap();
            assert_eq!(opened.record.card.is_some(), cards.contains(name), "what refills it goes with the card");
            assert!(String::from_utf8_lossy(opened.grant.expose()).ends_with(name.as_str()));
        }
        assert_eq!(vault.keys().unwrap().len(), 2 * cards.len(), "no key without its card");
    }
    assert!(held.len() > 20, "{}", held.len());
}
