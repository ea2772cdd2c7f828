//! From a closed wallet to the first cards, and finding one among many.

use std::{hint::black_box, time::Instant};

use leerpas_vault::{KdfParameters, Page, Vault};
use leerpas_wallet::Wallet;

use crate::{
    Outcome,
    holdings::{Shelf, title},
    series::Series,
    trial::{Trial, passphrase},
};

/// What the window asks for first.
const FIRST_PAGE: Page = Page { offset: 0, limit: 50 };
const OPENINGS: usize = 21;
const SEARCHES: usize = 201;

/// Measures opening: as people do it, and without the passphrase, to see what Argon2id takes of it.
///
/// The two vaults take turns, so that whatever else this computer does hits both.
pub async fn measure(trial: &Trial, few: &Shelf, many: &Shelf) -> Outcome<()> {
    let named = |what: &str| [few, many].map(|shelf| Series::of_times(format!("{what}.{}", shelf.count)));
    let (mut opened, mut without) = (named("open"), named("open_without_argon2id"));
    let mut ratio = Series::of("open.ratio", "×");
    let mut argon2id = Series::of_times("argon2id");
    // The programs reads roots and lists at its start, before anything is opened.
    let mut prepared = Series::of_times("prepare");
    for run in 0..=OPENINGS {
        let mut took = [0.0; 2];
        for (place, shelf) in [few, many].into_iter().enumerate() {
            let begun = Instant::now();
            let world = trial.world()?;
            let made = begun.elapsed();

            let begun = Instant::now();
            let wallet = Wallet::new(&shelf.profile, world);
            wallet.unlock(passphrase()).await?;
            let cards = wallet.cards(None, FIRST_PAGE).await?;
            let open = begun.elapsed();
            demand(&cards, shelf.count.min(50))?;
            wallet.lock().await;

            let begun = Instant::now();
            let vault = Vault::open_with_recovery_key(&shelf.profile, &shelf.recovery)?;
            let cards = vault.summaries(None, FIRST_PAGE)?;
            let unsealed = begun.elapsed();
            demand(&cards, shelf.count.min(50))?;

            // The first run warms the caches of the system.
            if run > 0 {
                prepared.time(made);
                opened[place].time(open);
                without[place].time(unsealed);
                took[place] = open.as_secs_f64();
            }
        }
        if run > 0 {
            ratio.value(took[1] / took[0]);
            let begun = Instant::now();
            stretch()?;
            argon2id.time(begun.elapsed());
        }
    }
    prepared.tell();
    argon2id.tell();
    opened.into_iter().chain(without).for_each(Series::tell);
    ratio.tell();
    Ok(())
}

/// Measures searching, through the same call as the window's.
pub async fn search(trial: &Trial, shelf: &Shelf) -> Outcome<()> {
    let wallet = trial.wallet(&shelf.profile).await?;
    let last = shelf.count - 1;
    for (name, words, expected) in [
        ("one_card", title(last), 1),
        ("one_letter", "w".to_owned(), 50),
        ("one_word", "robotica".to_owned(), 40),
        ("in_every_card", "hogeschool".to_owned(), 50),
        ("two_words", "wondzorg prak".to_owned(), 5),
        ("in_no_card", "olifantenvoer".to_owned(), 0),
    ] {
        let mut times = Series::of_times(format!("search.{name}"));
        for _ in 0..SEARCHES {
            let begun = Instant::now();
            let found = wallet.cards(Some(words.clone()), FIRST_PAGE).await?;
            times.time(begun.elapsed());
            demand(&found, expected)?;
        }
        times.tell();
    }
    Ok(())
}

fn stretch() -> Outcome<()> {
    let KdfParameters { memory_kib, passes, lanes } = KdfParameters::DEFAULT;
    let costs = argon2::Params::new(memory_kib, passes, lanes, Some(32)).map_err(|e| e.to_string())?;
    let mut key = [0_u8; 32];
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, costs)
        .hash_password_into(passphrase().expose().as_bytes(), b"salt of sixteen.", &mut key)
        .map_err(|e| e.to_string())?;
    black_box(key);
    Ok(())
}

fn demand<T>(found: &[T], expected: usize) -> Outcome<()> {
    if found.len() == expected {
        Ok(())
    } else {
        Err(format!("{} cards were found and {expected} are there", found.len()).into())
    }
}
