//! The real program is killed at any write and at any moment while it collects and shares. After the next start each of
//! it is finished, or gone, and the program says which; the vault holds every card with its keys, or nothing of it.
//!
//! No hook is needed for that: the operating system strikes at the write that would make a file longer than a limit.
#![cfg(unix)]

use crate::common;
use std::{
    fs,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use crate::common::{Asked, PASSPHRASE, Trial};
use leerpas_core::{Activity, ActivityKind, ErrorKind, Outcome, Secret};
use leerpas_wallet::{Page, Wallet, World, WorldOptions};
use serde_json::Value;

/// The signal for a write beyond the limit on the size of files.
const BEYOND_THE_LIMIT: i32 = 25;
const KILLED: i32 = 9;
/// The unit of that limit, in bytes.
const BLOCK: u64 = 512;
/// From one limit to the next: a little less than one page of the write-ahead log with its head, so that each page is cut,
/// and at many places.
const STEP: u64 = 8;

/// What is in a vault after a run.
pub struct Found {
    cards: usize,
    lines: Vec<Activity>,
    broken_off: Vec<Activity>,
}

impl Found {
    fn only_new(&self, before: &Found) -> &[Activity] {
        &self.lines[..self.lines.len() - before.lines.len()]
    }
}

/// Opens the vault as the next start would, and looks at all of it: every copy with its key, every key with its copy,
/// every original readable, no line open.
pub fn look(trial: &Trial) -> Found {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let wallet = Wallet::new(trial.path("profile"), World::prepare(WorldOptions::default()).unwrap());
        wallet.unlock(Secret::new(PASSPHRASE.to_owned())).await.unwrap();
        let cards = wallet.cards(None, Page::ALL).await.unwrap();
        let keys = wallet.keys().await.unwrap();
        let lines = wallet.activities().await.unwrap();
        for card in &cards {
            wallet.card(&card.id).await.unwrap();
            assert!(!wallet.original(&card.id).await.unwrap().is_empty());
        }
        let copies: usize = cards.iter().map(|card| card.copies as usize).sum();
        assert_eq!(keys.len(), copies, "a key for each copy and no other");
        assert!(keys.iter().all(|key| key.card.is_some()), "no key without a card");
        assert!(lines.iter().all(|line| line.outcome != Outcome::Started), "{lines:?}");
        let found = Found { cards: cards.len(), lines, broken_off: wallet.take_broken_off() };
        wallet.lock().await;
        found
    })
}

/// The profile as it was before a run, to begin each run from.
pub struct Before(Vec<(std::path::PathBuf, Vec<u8>)>);

impl Before {
    pub fn of(trial: &Trial) -> Self {
        Self(common::contents(&trial.path("profile")))
    }

    pub fn again(&self, trial: &Trial) {
        let folder = trial.path("profile");
        for (path, _) in common::contents(&folder) {
            fs::remove_file(path).unwrap();
        }
        for (path, bytes) in &self.0 {
            fs::write(path, bytes).unwrap();
        }
    }
}

/// The command under a limit on the size of files. Where `ignored`, a write beyond it is refused instead, as a full disk
/// refuses.
fn limited(trial: &Trial, arguments: &[&str], blocks: u64, ignored: bool) -> Output {
    let plain = trial.command(arguments);
    let ignore = if ignored { "trap '' 25; " } else { "" };
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("{ignore}ulimit -c 0; ulimit -f {blocks}; exec \"$0\" \"$@\""));
    command.arg(plain.get_program()).args(plain.get_args()).arg("--json");
    command.env_remove("RUST_LOG").env("LANG", "C.UTF-8").env("LEERPAS_PASSPHRASE", PASSPHRASE);
    command.stdin(Stdio::null()).output().unwrap()
}

pub fn collecting(trial: &Trial) -> [&str; 4] {
    ["receive", trial.sandbox.text("/offers/microcredential"), "--tx-code", trial.sandbox.text("/tx_code")]
}

pub fn answered(trial: &Trial, asked: &Asked) -> bool {
    trial.result(asked)["state"] == "answered"
}

fn size_of(folder: &Path) -> u64 {
    common::contents(folder).iter().map(|(_, bytes)| bytes.len() as u64).sum()
}

/// What one interrupted collecting may leave; finished, it leaves so many cards more.
pub fn assert_collected(before: &Found, after: &Found, more: usize, case: &str) -> &'static str {
    let new = after.only_new(before);
    match new {
        [] => {
            assert_eq!((after.cards, after.broken_off.len()), (before.cards, 0), "{case}: nothing happened");
            "gone before it began"
        }
        [line] if line.outcome == Outcome::Done => {
            assert_eq!((after.cards, line.cards.len()), (before.cards + more, 1), "{case}: finished");
            assert_eq!(after.broken_off, [], "{case}");
            "finished"
        }
        [line] => {
            assert_eq!((line.kind, line.outcome), (ActivityKind::Received, Outcome::Failed), "{case}");
            assert!(line.error.is_some(), "{case}: it says why");
            assert_eq!(after.cards, before.cards, "{case}: gone");
            if line.error == Some(ErrorKind::Interrupted) {
                assert_eq!(after.broken_off.as_slice(), std::slice::from_ref(line), "{case}: and that is told");
            }
            "gone, and told"
        }
        lines => panic!("{case}: one flow has one line, not {lines:?}"),
    }
}

/// What one interrupted sharing may leave.
pub fn assert_shared(before: &Found, after: &Found, desk_has_it: bool, case: &str) -> &'static str {
    assert_eq!(after.cards, before.cards, "{case}");
    let new = after.only_new(before);
    match new {
        [] => {
            assert!(!desk_has_it, "{case}: the desk has what the log does not know of");
            assert_eq!(after.broken_off, [], "{case}");
            "gone before it began"
        }
        [line] => {
            assert_eq!(line.kind, ActivityKind::Shared, "{case}");
            match line.outcome {
                Outcome::Done => assert!(desk_has_it, "{case}"),
                Outcome::Uncertain => assert_eq!(after.broken_off.len(), 1, "{case}: and that is told"),
                other => assert!(!desk_has_it && other == Outcome::Failed, "{case}: {other:?}"),
            }
            match line.outcome {
                Outcome::Done => "finished",
                Outcome::Uncertain => "may have been shared, and told",
                _ => "gone, and told",
            }
        }
        lines => panic!("{case}: one flow has one line, not {lines:?}"),
    }
}

/// Once it is finished, what is left is the tidying up at the end, which is tried at fewer places.
fn step_after(end: &str) -> u64 {
    if end == "finished" { 4 * STEP } else { STEP }
}

fn count(ends: &mut Vec<(&'static str, usize)>, end: &'static str) {
    match ends.iter_mut().find(|(known, _)| *known == end) {
        Some((_, times)) => *times += 1,
        None => ends.push((end, 1)),
    }
}

#[test]
fn r1_killed_at_any_write_while_collecting_it_is_finished_or_gone() {
    let trial = Trial::start();
    assert_eq!(trial.receive("badge").code, 0);
    let profile = Before::of(&trial);
    let before = look(&trial);
    let (mut ends, mut blocks) = (Vec::new(), 1);
    loop {
        profile.again(&trial);
        let ran = limited(&trial, &collecting(&trial), blocks, false);
        let killed = ran.status.signal() == Some(BEYOND_THE_LIMIT);
        assert!(killed || ran.status.success(), "{blocks}: {ran:?}");
        let case = format!("killed at {} bytes", blocks * BLOCK);
        let end = assert_collected(&before, &look(&trial), 1, &case);
        count(&mut ends, end);
        if ends.contains(&("gone, and told", 5)) && end == "gone, and told" {
            // The same once more, and the next start of the program itself says it, whatever it was started for.
            profile.again(&trial);
            limited(&trial, &collecting(&trial), blocks, false);
            let next = trial.json(&["cards"]);
            assert!(next.code == 0 && next.stderr.contains("nothing was kept"), "{case}: {next:?}");
            assert!(!trial.json(&["cards"]).stderr.contains("nothing was kept"), "{case}: told once");
        }
        if !killed {
            assert_eq!(end, "finished", "{case}: it ended by itself");
            break;
        }
        blocks += step_after(end);
        assert!(blocks * BLOCK < 64 * 1024 * 1024, "no limit lets it end");
    }
    println!("collecting: {ends:?}");
    for expected in ["gone before it began", "gone, and told", "finished"] {
        assert!(ends.iter().any(|(end, _)| *end == expected), "no run was {expected}: {ends:?}");
    }
    // Whatever the last one was, the offer can be taken, and there is one card of it.
    assert_eq!(trial.receive("microcredential").code, 0);
    assert_eq!(look(&trial).cards, before.cards + 1);
}

#[test]
fn r1_killed_at_any_write_while_sharing_the_log_never_says_less_than_the_desk_has() {
    let trial = Trial::start();
    assert_eq!(trial.receive("microcredential").code, 0);
    let profile = Before::of(&trial);
    let before = look(&trial);
    let (mut ends, mut blocks) = (Vec::new(), 1);
    loop {
        profile.again(&trial);
        let asked = trial.ask(r#"{"template":"microcredential"}"#);
        let ran = limited(&trial, &["present", &asked.link, "--approve"], blocks, false);
        let killed = ran.status.signal() == Some(BEYOND_THE_LIMIT);
        assert!(killed || ran.status.success(), "{blocks}: {ran:?}");
        let case = format!("killed at {} bytes", blocks * BLOCK);
        let end = assert_shared(&before, &look(&trial), answered(&trial, &asked), &case);
        count(&mut ends, end);
        if !killed {
            assert_eq!(end, "finished", "{case}: it ended by itself");
            break;
        }
        blocks += step_after(end);
        assert!(blocks * BLOCK < 64 * 1024 * 1024, "no limit lets it end");
    }
    println!("sharing: {ends:?}");
    for expected in ["gone before it began", "may have been shared, and told", "finished"] {
        assert!(ends.iter().any(|(end, _)| *end == expected), "no run was {expected}: {ends:?}");
    }
}

/// Runs a command under one limit after the other until it ends by itself; tells what was found after each.
fn at_any_write(trial: &Trial, arguments: &[&str], mut judge: impl FnMut(&Found, &str) -> &'static str) {
    let profile = Before::of(trial);
    let (mut ends, mut blocks) = (Vec::new(), 1);
    loop {
        profile.again(trial);
        let ran = limited(trial, arguments, blocks, false);
        let killed = ran.status.signal() == Some(BEYOND_THE_LIMIT);
        assert!(killed || ran.status.success(), "{blocks}: {ran:?}");
        let end = judge(&look(trial), &format!("{} killed at {} bytes", arguments[0], blocks * BLOCK));
        count(&mut ends, end);
        if !killed {
            assert_eq!(end, "finished", "it ended by itself");
            break;
        }
        blocks += step_after(end);
        assert!(blocks * BLOCK < 64 * 1024 * 1024, "no limit lets it end");
    }
    println!("{}: {ends:?}", arguments[0]);
    assert!(ends.len() > 1, "no run was stopped before its end: {ends:?}");
}

#[test]
fn r1_killed_at_any_write_while_deleting_or_importing_it_is_done_or_not_begun() {
    let trial = Trial::start();
    assert_eq!(trial.receive("badge").code, 0);
    let id = trial.json(&["cards"]).json["cards"][0]["id"].as_str().unwrap().to_owned();
    let file = trial.path("badge.json");
    fs::write(&file, trial.command(&["card", &id, "--raw"]).output().unwrap().stdout).unwrap();
    let judge = |kind: ActivityKind, before: Found, more: isize| {
        move |after: &Found, case: &str| match after.only_new(&before) {
            [] => {
                assert_eq!(after.cards, before.cards, "{case}");
                "not begun"
            }
            [line] => {
                assert_eq!((line.kind, line.outcome), (kind, Outcome::Done), "{case}");
                assert_eq!(Some(after.cards), before.cards.checked_add_signed(more), "{case}");
                "finished"
            }
            lines => panic!("{case}: {lines:?}"),
        }
    };
    at_any_write(&trial, &["delete", &id], judge(ActivityKind::Deleted, look(&trial), -1));
    // It is gone by now, so what is imported is new.
    at_any_write(&trial, &["import", file.to_str().unwrap()], judge(ActivityKind::Imported, look(&trial), 1));
}

#[test]
fn r3_a_disk_that_takes_no_more_leaves_nothing_by_half_and_what_went_out_is_said() {
    let trial = Trial::start();
    assert_eq!(trial.receive("microcredential").code, 0);
    let profile = Before::of(&trial);
    let before = look(&trial);
    let whole = size_of(&trial.path("profile")) / BLOCK;
    let mut refused = 0;
    for blocks in (0..whole).step_by(usize::try_from(3 * STEP).unwrap()) {
        // The same card once more is another offer, and takes the place of the older one: so nothing is lost either.
        profile.again(&trial);
        let badge = ["receive", trial.sandbox.text("/offers/badge"), "--tx-code", trial.sandbox.text("/tx_code")];
        let ran = limited(&trial, &badge, blocks, true);
        assert!(ran.status.code().is_some(), "{blocks}: {ran:?}");
        let said: Value = serde_json::from_slice(&ran.stdout).unwrap();
        let case = format!("{} bytes", blocks * BLOCK);
        let end = assert_collected(&before, &look(&trial), 1, &case);
        if ran.status.success() {
            assert_eq!(end, "finished", "{case}: it said that the card is kept");
        } else {
            assert_eq!(said["error"]["kind"], "storage_failed", "{case}: {said}");
            assert_ne!(end, "finished", "{case}: it said that nothing is kept");
            refused += 1;
        }

        profile.again(&trial);
        let asked = trial.ask(r#"{"template":"microcredential"}"#);
        let ran = limited(&trial, &["present", &asked.link, "--approve"], blocks, true);
        let said: Value = serde_json::from_slice(&ran.stdout).unwrap();
        let has_it = answered(&trial, &asked);
        assert_shared(&before, &look(&trial), has_it, &case);
        assert_eq!(said["outcome"] == "shared", has_it, "{case}: {said}");
        assert!(has_it || said["error"]["kind"] == "storage_failed", "{case}: {said}");
        // Reading needs no room, and nothing is asked of the disk for it.
        profile.again(&trial);
        let ran = limited(&trial, &["cards"], blocks, true);
        assert!(ran.status.success(), "{case}: {ran:?}");
    }
    assert!(refused > 3, "{refused}");
}

#[test]
fn r1_killed_at_fifty_moments_it_is_finished_or_gone() {
    let trial = Trial::start();
    assert_eq!(trial.receive("microcredential").code, 0);
    let whole = |arguments: &[&str]| {
        let begun = Instant::now();
        trial.json(arguments);
        begun.elapsed()
    };
    let asked = trial.ask(r#"{"template":"microcredential"}"#);
    let (collect, share) = (whole(&collecting(&trial)), whole(&["present", &asked.link, "--approve"]));
    let mut before = look(&trial);
    let mut ends = Vec::new();
    assert_eq!(before.broken_off, []);
    // A fixed sequence, so that a failure comes again.
    let mut moment: u64 = 20_261_126;
    for round in 0..50_u32 {
        moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share_of = |all: Duration| all.mul_f64((moment >> 40) as f64 / f64::from(1 << 24) * 1.1);
        let asked = trial.ask(r#"{"template":"microcredential"}"#);
        let presenting = ["present", &asked.link, "--approve"];
        let is_share = round % 2 == 0;
        let (mut command, wait) = if is_share {
            (trial.command(&presenting), share_of(share))
        } else {
            (trial.command(&collecting(&trial)), share_of(collect))
        };
        command.arg("--json").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(wait);
        child.kill().unwrap();
        let status = child.wait().unwrap();
        assert!(status.success() || status.signal() == Some(KILLED), "{round}: {status:?}");

        let after = look(&trial);
        let case = format!("round {round}, after {wait:?}");
        let end = if is_share {
            assert_shared(&before, &after, answered(&trial, &asked), &case)
        } else {
            // The card is there already; the new one takes its place.
            assert_collected(&before, &after, 0, &case)
        };
        count(&mut ends, end);
        before = after;
    }
    println!("fifty moments: {ends:?}");
    assert_eq!(before.cards, 1, "no card is there twice");
}

#[test]
fn r4_a_profile_that_cannot_be_written_is_said_to_be_so_and_stays_as_it_is() {
    let trial = Trial::start();
    assert_eq!(trial.receive("badge").code, 0);
    let profile = trial.path("profile");
    let before = common::contents(&profile);
    let script = "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && exec \"$@\"";
    let read_only = |arguments: &[&str]| {
        let plain = trial.command(arguments);
        let mut command = Command::new("unshare");
        command.args(["-r", "-m", "sh", "-c", script]).arg(&profile).arg(plain.get_program()).args(plain.get_args());
        command.env("LEERPAS_PASSPHRASE", PASSPHRASE).env("LANG", "C.UTF-8").stdin(Stdio::null());
        command.output()
    };
    if !read_only(&["--version"]).is_ok_and(|ran| ran.status.success()) {
        println!("skipped: nothing can be mounted here");
        return;
    }
    for arguments in [vec!["cards", "--json"], [&collecting(&trial)[..], &["--json"]].concat()] {
        let ran = read_only(&arguments).unwrap();
        let said: Value = serde_json::from_slice(&ran.stdout).unwrap();
        assert_eq!((ran.status.code(), &said["error"]["kind"]), (Some(6), &Value::from("storage_failed")), "{said}");
        assert_eq!(common::contents(&profile), before, "{arguments:?}");
    }
    assert_eq!(look(&trial).cards, 1);
}

#[test]
fn r9_a_second_program_is_told_and_changes_nothing_and_a_killed_one_leaves_no_lock() {
    let trial = Trial::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let wallet = Wallet::new(trial.path("profile"), World::prepare(WorldOptions::default()).unwrap());
    runtime.block_on(wallet.unlock(Secret::new(PASSPHRASE.to_owned()))).unwrap();
    for arguments in [&["cards"][..], &collecting(&trial)] {
        let ran = trial.json(arguments);
        assert_eq!((ran.code, ran.kind()), (3, "vault_in_use"), "{ran:?}");
    }
    runtime.block_on(wallet.lock());
    for _ in 0..5 {
        let mut child = trial.command(&["cards"]).stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(60));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(trial.json(&["cards"]).code, 0);
    }
}
