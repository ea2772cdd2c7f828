//! The power goes: of the write-ahead log only what was flushed is sure to be there, the rest is cut, torn or noise; and a
//! log that was being emptied left the file with pages of two ages. What was called kept is there, and nothing by half.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::common::{create, id, new_card, open};
use leerpas_vault::{Page, Vault};

const SECTOR: usize = 512;
const PAGE: usize = 4096;

fn log_of(folder: &Path) -> PathBuf {
    folder.join("vault.db-wal")
}

/// A folder with these files besides those that never change.
fn folder_with(from: &Path, database: &[u8], log: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(from.join("slots.json"), folder.path().join("slots.json")).unwrap();
    fs::write(folder.path().join("vault.db"), database).unwrap();
    fs::write(log_of(folder.path()), log).unwrap();
    folder
}

/// The cards of a whole vault: each with its copies and keys, and a line of the log.
fn cards(vault: &Vault) -> usize {
    vault.check().unwrap();
    let cards = vault.summaries(None, Page::ALL).unwrap();
    for card in &cards {
        for copy in vault.originals(&card.id).unwrap() {
            vault.open_key(&copy.key.unwrap()).unwrap();
        }
        assert!(vault.activities().unwrap().iter().any(|line| line.cards == [card.id.clone()]));
    }
    assert_eq!(vault.keys().unwrap().len(), 2 * cards.len());
    cards.len()
}

/// The file and its log after each card that was kept.
fn states(folder: &Path, count: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (mut vault, _) = create(folder);
    let mut states = Vec::new();
    for number in 0..count {
        vault.keep(&new_card(&format!("card-{number}"), "Meten")).unwrap();
        states.push((fs::read(folder.join("vault.db")).unwrap(), fs::read(log_of(folder)).unwrap()));
    }
    // Emptied by closing: the file holds all of it now.
    drop(vault);
    states.push((fs::read(folder.join("vault.db")).unwrap(), Vec::new()));
    states
}

#[test]
fn r2_what_was_kept_survives_a_log_that_is_cut_torn_or_noise_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let states = states(folder.path(), 3);
    let mut seen = [0; 4];
    for kept in 1..3 {
        let ((database, flushed), (_, longer)) = (&states[kept - 1], &states[kept]);
        assert!(longer.len() > flushed.len() && longer.starts_with(flushed), "one log, which only grows");
        let rest = longer.len() - flushed.len();
        // A cut where a sector ends, and one byte to either side of the last frame.
        let cuts = (0..rest).step_by(3 * SECTOR).chain([rest - 1, rest]);
        for cut in cuts {
            let end = flushed.len() + cut;
            let mut zeros = longer[..end].to_vec();
            zeros.resize(longer.len(), 0);
            let mut noise = longer[..end].to_vec();
            noise.extend((end..longer.len()).map(|at| (at * 31 % 251) as u8));
            let mut late = flushed.clone();
            late.resize(end, 0);
            late.extend_from_slice(&longer[end..]);
            for (what, log) in [("cut", longer[..end].to_vec()), ("zeros", zeros), ("noise", noise), ("late", late)] {
                let left = folder_with(folder.path(), database, &log);
                let found = cards(&open(left.path()));
                let whole = log == *longer;
                assert_eq!(found, kept + usize::from(whole), "{what} after {cut} of {rest} bytes");
                seen[found] += 1;
            }
        }
    }
    assert!(seen[1] > 20 && seen[2] > 20 && seen[3] > 0, "{seen:?}");
}

#[test]
fn r2_a_log_that_was_being_emptied_is_emptied_again() {
    let folder = tempfile::tempdir().unwrap();
    let states = states(folder.path(), 3);
    let [.., (old, log), (new, _)] = states.as_slice() else { panic!("no states") };
    let pages = new.len() / PAGE;
    // Any pages of the new age beside any of the old one, and the last one torn.
    for pattern in [0_u64, 1, 0b1010_1010, 0x5555_5555_5555_5555, 0xdead_beef_cafe_f00d, u64::MAX] {
        for torn in [0, SECTOR, PAGE / 2, PAGE - 1] {
            let mut file = old.clone();
            for page in (0..pages).filter(|page| pattern >> (page % 64) & 1 == 1) {
                let (from, to) = (page * PAGE, (page + 1) * PAGE - if page + 1 == pages { torn } else { 0 });
                file.resize(file.len().max(to), 0);
                file[from..to].copy_from_slice(&new[from..to]);
            }
            let left = folder_with(folder.path(), &file, log);
            // The MAC of each page is that of the file, so first it is emptied once more, by closing.
            drop(open(left.path()));
            assert_eq!(cards(&open(left.path())), 3, "{pattern:x} {torn}");
        }
    }
}

#[test]
fn v2_cards_of_one_flow_come_together_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    let flow = |names: &[&str]| {
        let mut cards: Vec<_> = names.iter().map(|name| new_card(name, "Meten")).collect();
        let line = cards[0].activity.take().unwrap();
        cards.iter_mut().for_each(|card| card.activity = None);
        (cards, line)
    };
    let (cards, mut line) = flow(&["a", "b"]);
    line.outcome = leerpas_core::Outcome::Started;
    vault.begin_activity(&line).unwrap();
    line.outcome = leerpas_core::Outcome::Done;
    let kept = vault.keep_together(cards, &[], vec![line.clone()], None).unwrap();
    assert_eq!(kept.iter().map(|card| card.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    let lines = vault.activities().unwrap();
    assert_eq!((lines.len(), lines[0].cards.len(), lines[0].outcome), (1, 2, line.outcome), "one line for both");

    // The second one cannot be kept: its identifier is taken by another card. So the first one is not either.
    let (mut cards, other) = flow(&["c", "d"]);
    cards[1].card.id = id("a");
    assert!(vault.keep_together(cards, &[], vec![other], None).is_err());
    assert_eq!(
        (vault.card_count().unwrap(), vault.keys().unwrap().len(), vault.activities().unwrap().len()),
        (2, 4, 1)
    );

    // The same cards anew take the places of the older ones, under their names.
    let (mut cards, again) = flow(&["e", "f"]);
    for (card, older) in cards.iter_mut().zip(["a", "b"]) {
        card.fingerprint = format!("fingerprint of {older}");
    }
    let kept = vault.keep_together(cards, &[], vec![again], None).unwrap();
    assert_eq!(kept.iter().map(|card| card.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((vault.card_count().unwrap(), vault.keys().unwrap().len()), (2, 4));
    vault.check().unwrap();
}
