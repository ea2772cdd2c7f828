//! The program dies while it writes: what it called kept is there, and nothing is there by half.

use std::time::Duration;

use crate::common::{activity, create, id, new_card, open};
use crate::dying::{killed, say, writing};
use leerpas_core::{ActivityKind, Outcome};
use leerpas_vault::Page;

/// The process that is killed: this test file again, told so by the environment. It writes without end
/// and says what it kept.
#[test]
fn writer() {
    let Some((mut vault, prefix)) = writing() else { return };
    for number in 0.. {
        let name = format!("{prefix}{number}");
        vault.keep(&new_card(&name, "Meten")).unwrap();
        say("kept", &name);
        if number % 3 == 2 {
            let line = activity(&format!("{name}-gone"), ActivityKind::Deleted, Outcome::Done, &id(&name));
            vault.delete_card(&id(&name), &line).unwrap();
            say("gone", &name);
        }
    }
}

#[test]
fn r1_killed_at_any_moment_the_vault_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    drop(create(folder.path()));
    let (mut kept, mut gone) = (Vec::<String>::new(), Vec::<String>::new());
    for round in 0..12_u64 {
        // Let it do some work first, then strike at a moment that differs from round to round.
        let when = (6 + usize::try_from(round).unwrap(), Duration::from_micros(370 * round));
        let [more_kept, more_gone] = killed("kill::writer", (folder.path(), round), when, ["kept", "gone"]);
        kept.extend(more_kept);
        gone.extend(more_gone);

        let vault = open(folder.path());
        vault.check().unwrap();
        let names: Vec<_> =
            vault.summaries(None, Page::ALL).unwrap().into_iter().map(|card| card.id.to_string()).collect();
        for name in &kept {
            let n: usize = name.rsplit('n').next().unwrap().parse().unwrap();
            let may_be_gone = n % 3 == 2;
            assert!(may_be_gone || names.contains(name), "{name} was kept and is not there");
        }
        for name in &gone {
            assert!(!names.contains(name), "{name} was deleted and is there");
        }
        for name in &names {
            let copies = vault.originals(&id(name)).unwrap();
            assert_eq!(copies.len(), 2);
            for copy in copies {
                vault.open_key(&copy.key.unwrap()).unwrap();
            }
            assert!(vault.activities().unwrap().iter().any(|line| line.id.as_str() == format!("{name}-received")));
        }
        assert_eq!(vault.keys().unwrap().len(), 2 * names.len(), "no key without its card");
    }
    assert!(kept.len() > 60, "{}", kept.len());
}
