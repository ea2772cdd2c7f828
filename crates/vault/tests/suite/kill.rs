//! The program dies while it writes: what it called kept is there, and nothing is there by half.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use crate::common::{activity, create, id, new_card, open};
use leerpas_core::{ActivityKind, Outcome};
use leerpas_vault::Page;

const FOLDER: &str = "LEERPAS_TEST_KILL_FOLDER";
const ROUND: &str = "LEERPAS_TEST_KILL_ROUND";

/// The process that is killed: this test file again, told so by the environment. It writes without end
/// and says what it kept.
#[test]
fn writer() {
    let (Ok(folder), Ok(round)) = (env::var(FOLDER), env::var(ROUND)) else { return };
    let mut vault = open(&PathBuf::from(folder));
    let mut out = std::io::stdout();
    for number in 0.. {
        let name = format!("r{round}n{number}");
        vault.keep(&new_card(&name, "Meten")).unwrap();
        writeln!(out, "kept {name}").unwrap();
        out.flush().unwrap();
        if number % 3 == 2 {
            let line = activity(&format!("{name}-gone"), ActivityKind::Deleted, Outcome::Done, &id(&name));
            vault.delete_card(&id(&name), &line).unwrap();
            writeln!(out, "gone {name}").unwrap();
            out.flush().unwrap();
        }
    }
}

#[test]
fn r1_killed_at_any_moment_the_vault_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    drop(create(folder.path()));
    let (mut kept, mut gone) = (Vec::new(), Vec::new());
    for round in 0..12_u64 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["kill::writer", "--exact", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder.path())
            .env(ROUND, round.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut take = |line: &str| {
            if let Some((_, name)) = line.split_once("kept ") {
                kept.push(name.to_owned());
            } else if let Some((_, name)) = line.split_once("gone ") {
                gone.push(name.to_owned());
            }
        };
        // Let it do some work first, then strike at a moment that differs from round to round.
        for line in lines.by_ref().take(6 + usize::try_from(round).unwrap()) {
            take(&line);
        }
        std::thread::sleep(Duration::from_micros(370 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines {
            take(&line);
        }

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
