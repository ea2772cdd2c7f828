//! The real program where the system gives it too little, refuses what it writes, or holds it up in the middle: it says so
//! in its own words, and the vault is whole. And what it leaves lying about when everything is logged.
#![cfg(unix)]

use std::{
    fs,
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

use crate::common::{self, PASSPHRASE, Trial};
use crate::killed::{Before, answered, assert_collected, assert_shared, collecting, look};
use serde_json::Value;

const MICROCREDENTIAL: &str = r#"{"template":"microcredential"}"#;
/// A program that gives up its memory ends with this signal.
const ABORTED: i32 = 6;
/// What the system says where it cannot even load a program.
const NOT_LOADED: i32 = 127;

/// The command behind another one, as `sh -c SCRIPT`, where the script ends with running `"$0" "$@"`.
fn behind(trial: &Trial, script: &str, arguments: &[&str]) -> Output {
    let plain = trial.command(arguments);
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(plain.get_program()).args(plain.get_args()).arg("--json");
    command.env_remove("RUST_LOG").env("LANG", "C.UTF-8").env("LEERPAS_PASSPHRASE", PASSPHRASE);
    command.stdin(Stdio::null()).output().unwrap()
}

/// It said yes, or no with a kind of the closed list and nothing else on standard output.
fn assert_said(ran: &Output, case: &str) -> bool {
    let text = String::from_utf8_lossy(&ran.stderr);
    assert!(!text.contains(PASSPHRASE) && !text.contains("panicked"), "{case}: {text}");
    if ran.status.success() {
        return true;
    }
    let said: Value = serde_json::from_slice(&ran.stdout).unwrap_or_else(|e| panic!("{case}: {e}: {ran:?}"));
    assert!(said["error"]["kind"].is_string(), "{case}: {said}");
    false
}

#[test]
fn r6_with_too_few_files_it_says_so_and_the_vault_is_whole() {
    let trial = Trial::start();
    assert_eq!(trial.receive("badge").code, 0);
    let (profile, before) = (Before::of(&trial), look(&trial));
    let mut ends = [0, 0];
    for files in (6..50).step_by(8) {
        let script = format!("ulimit -n {files}; exec \"$0\" \"$@\"");
        let case = format!("{files} files");
        profile.again(&trial);
        let ran = behind(&trial, &script, &collecting(&trial));
        if ran.status.code() == Some(NOT_LOADED) {
            continue;
        }
        ends[usize::from(assert_said(&ran, &case))] += 1;
        assert_collected(&before, &look(&trial), 1, &case);
        profile.again(&trial);
        let asked = trial.ask(r#"{"template":"badge"}"#);
        let ran = behind(&trial, &script, &["present", &asked.link, "--approve"]);
        assert_said(&ran, &case);
        assert_shared(&before, &look(&trial), answered(&trial, &asked), &case);
    }
    println!("said no {} times and yes {} times", ends[0], ends[1]);
    assert!(ends[0] > 0 && ends[1] > 0, "{ends:?}");
}

#[test]
fn r6_with_too_little_memory_it_ends_and_the_vault_is_whole() {
    let trial = Trial::start();
    assert_eq!(trial.receive("badge").code, 0);
    let (profile, before) = (Before::of(&trial), look(&trial));
    let (mut ended, mut well) = (0, 0);
    for mebibytes in [64, 112, 192, 512, 4_096_u64] {
        let script = format!("ulimit -c 0; ulimit -v {}; exec \"$0\" \"$@\"", mebibytes * 1024);
        let case = format!("{mebibytes} MiB");
        profile.again(&trial);
        let ran = behind(&trial, &script, &collecting(&trial));
        if ran.status.code() == Some(NOT_LOADED) {
            continue;
        }
        let text = String::from_utf8_lossy(&ran.stderr);
        assert!(!text.contains(PASSPHRASE), "{case}: {text}");
        // Without memory a program may have no words left; but it stops, and does not stumble on.
        let stopped = ran.status.signal() == Some(ABORTED) || ran.status.code().is_some();
        assert!(stopped, "{case}: {ran:?}");
        assert_collected(&before, &look(&trial), 1, &case);
        if ran.status.success() { well += 1 } else { ended += 1 }
    }
    assert!(ended > 0 && well > 0, "ended {ended} times and did well {well} times");
}

#[test]
fn r7_a_reader_that_went_away_is_no_fault() {
    let trial = Trial::start();
    assert_eq!(trial.receive("badge").code, 0);
    for arguments in [&["cards"][..], &["card", "no-such-card"], &["present", "openid4vp://?client_id=x"]] {
        let heard = behind(&trial, "exec \"$0\" \"$@\"", arguments);
        for gone in [">&-", "2>&-", ">/dev/full 2>&1"] {
            // The code is that of the command, whether or not somebody could read what it said.
            let script = format!("\"$0\" \"$@\" {gone}");
            let deaf = behind(&trial, &script, arguments);
            assert_eq!(deaf.status.code(), heard.status.code(), "{arguments:?} {gone}: {deaf:?}");
            assert!(!String::from_utf8_lossy(&deaf.stderr).contains("panicked"), "{arguments:?} {gone}: {deaf:?}");
        }
    }
}

#[test]
fn r4_a_disk_that_fails_at_any_write_leaves_nothing_by_half() {
    let trial = Trial::start();
    if Command::new("strace").arg("-V").output().is_err() {
        println!("skipped: there is no strace here");
        return;
    }
    assert_eq!(trial.receive("badge").code, 0);
    let (profile, before) = (Before::of(&trial), look(&trial));
    let mut refused = 0;
    for (calls, error, numbers) in
        [("pwrite64", "EIO", &[1, 3, 8, 21][..]), ("pwrite64", "EDQUOT", &[4]), ("fsync,fdatasync", "EIO", &[1, 2, 4])]
    {
        for number in numbers {
            let case = format!("{error} at {calls} {number}");
            let script = format!(
                "exec strace -f -qq -o /dev/null -e trace={calls} -e signal=none \
                 -e inject={calls}:error={error}:when={number} -- \"$0\" \"$@\""
            );
            profile.again(&trial);
            let ran = behind(&trial, &script, &collecting(&trial));
            let kept = assert_said(&ran, &case);
            let end = assert_collected(&before, &look(&trial), 1, &case);
            assert!(!kept || end == "finished", "{case}: it said that the card is kept");
            refused += usize::from(!kept);
            profile.again(&trial);
            let asked = trial.ask(r#"{"template":"badge"}"#);
            let ran = behind(&trial, &script, &["present", &asked.link, "--approve"]);
            assert_said(&ran, &case);
            assert_shared(&before, &look(&trial), answered(&trial, &asked), &case);
        }
    }
    assert!(refused > 2, "{refused}");
}

#[test]
fn r11_held_up_at_any_moment_it_goes_on_where_it_was() {
    let trial = Trial::start();
    assert_eq!(trial.receive("microcredential").code, 0);
    let mut before = look(&trial);
    let signal = |name: &str, id: u32| {
        assert!(Command::new("kill").args([name, &id.to_string()]).status().unwrap().success());
    };
    for round in 0..6_u32 {
        let asked = trial.ask(MICROCREDENTIAL);
        let presenting = ["present", &asked.link, "--approve"];
        let is_share = round % 2 == 0;
        let mut command = if is_share { trial.command(&presenting) } else { trial.command(&collecting(&trial)) };
        command.arg("--json").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(u64::from(40 + 45 * round)));
        // The other side is held up in some rounds instead: a computer that slept, or a line that was gone for a while.
        let other = if is_share { &trial.desk } else { &trial.sandbox };
        let id = if round % 4 < 2 { child.id() } else { other.id() };
        signal("-STOP", id);
        std::thread::sleep(Duration::from_millis(400));
        signal("-CONT", id);
        let ran = child.wait_with_output().unwrap();
        let case = format!("round {round}: {ran:?}");
        assert!(ran.status.success(), "{case}");
        let after = look(&trial);
        let end = if is_share {
            assert_shared(&before, &after, answered(&trial, &asked), &case)
        } else {
            assert_collected(&before, &after, 0, &case)
        };
        assert_eq!(end, "finished", "{case}");
        before = after;
    }
}

#[test]
fn r20_a_browser_that_is_started_gets_an_address_and_no_passphrase() {
    use std::os::unix::fs::PermissionsExt as _;

    let trial = Trial::start();
    let offer = trial.sandbox.text("/offers/microcredential_with_sign_in");
    let (told, browser) = (trial.path("told"), trial.path("xdg-open"));
    let script = format!("#!/bin/sh\n(env; echo \"words $*\") > {0}.new\nmv {0}.new {0}\n", told.display());
    fs::write(&browser, script).unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", trial.folder.path().display(), std::env::var("PATH").unwrap());
    for given in [&["--auth-browser", browser.to_str().unwrap()][..], &[]] {
        drop(fs::remove_file(&told));
        let mut command = trial.command(&["receive", offer]);
        command.args(given).env("PATH", &path).env_remove("BROWSER");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut text = String::new();
        for _ in 0..400 {
            text = fs::read_to_string(&told).unwrap_or_default();
            if !text.is_empty() {
                break;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(text.contains("words https://localhost:"), "{given:?}: it was started: {text}");
        assert!(!text.contains(PASSPHRASE) && !text.contains("LEERPAS_PASSPHRASE"), "{given:?}");
    }
}

/// Every file below a folder but these, with the places where one of the words is found.
fn found_in(folder: &Path, words: &[(&str, String)], but: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, bytes) in common::contents(folder) {
        let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        if !but.iter().any(|but| name.starts_with(but)) {
            found.extend(leaks(&name, &bytes, words));
            found.extend(leaks(&format!("the name {name}"), name.as_bytes(), words));
        }
    }
    found
}

fn leaks(place: &str, bytes: &[u8], words: &[(&str, String)]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    words.iter().filter(|(_, word)| text.contains(word)).map(|(what, _)| format!("{what} is in {place}")).collect()
}

#[test]
fn r20_with_everything_logged_no_secret_and_no_claim_lies_about() {
    let trial = Trial::start();
    let home = tempfile::tempdir().unwrap();
    let inside = |name: &str| home.path().join(name);
    for name in ["home", "tmp", "config", "data", "cache", "state", "run"] {
        fs::create_dir(inside(name)).unwrap();
    }
    let offer = trial.sandbox.text("/offers/microcredential").to_owned();
    let grant = offer.split("pre-authorized_code").last().unwrap();
    let grant: String =
        grant.split(['%', '"']).find(|part| part.len() > 20).unwrap().trim_start_matches("22").to_owned();
    let code = trial.sandbox.text("/tx_code").to_owned();
    let mut words = vec![
        ("the passphrase", PASSPHRASE.to_owned()),
        ("the date of birth", "1994-05-17".to_owned()),
        ("the family name", "van Voorbeeld".to_owned()),
        // Every JWT, key binding and SD-JWT begins so, and an access token of the trial is none the less random.
        ("a token", "eyJ".to_owned()),
        ("the code of the offer", grant),
        ("the transaction code", format!("tx_code={code}")),
        ("the transaction code", format!("\"tx_code\":\"{code}\"")),
        ("an access token", "access_token\":".to_owned()),
        ("a bearer token", "Bearer ".to_owned()),
        ("a DPoP token", "authorization: DPoP".to_owned()),
    ];
    let mut log = Vec::new();
    let mut run = |arguments: &[&str], words: &[(&str, String)]| {
        let mut command = trial.command(arguments);
        command
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .env("TMPDIR", inside("tmp"))
            .env("HOME", inside("home"));
        for (name, folder) in [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_RUNTIME_DIR", "run"),
        ] {
            command.env(name, inside(folder));
        }
        command.arg("--net-log").arg(inside("net.log")).arg("--json").current_dir(inside("home"));
        let ran = command.stdin(Stdio::null()).output().unwrap();
        assert!(ran.status.code().is_some(), "{arguments:?}: {ran:?}");
        assert!(!ran.stderr.is_empty(), "{arguments:?}: everything is logged");
        // What a plan says to a person goes there too; it is theirs to read, and no log.
        let logged: String = String::from_utf8_lossy(&ran.stderr).lines().filter(|line| is_logged(line)).collect();
        let found = leaks(&format!("the log of {}", arguments[0]), logged.as_bytes(), words);
        assert_eq!(found, Vec::<String>::new(), "{}", excerpt(&ran.stderr, words));
        log.push(logged.len());
        serde_json::from_slice::<Value>(&ran.stdout).unwrap_or_default()
    };
    assert_eq!(run(&["receive", &offer, "--tx-code", &code], &words)["error"], Value::Null);
    run(&["receive", trial.sandbox.text("/offers/badge")], &words);
    run(&["receive", &offer, "--tx-code", "0"], &words);
    let cards = run(&["cards"], &words);
    let id = cards["cards"][0]["id"].as_str().unwrap().to_owned();
    run(&["card", &id], &words);
    run(&["refresh"], &words);
    for body in [MICROCREDENTIAL, r#"{"template":"badge"}"#] {
        let asked = trial.ask(body);
        words.push(("the cookie of the desk", asked.cookie.split_once('=').unwrap().1.to_owned()));
        run(&["present", &asked.link], &words);
        assert_eq!(run(&["present", &asked.link, "--approve"], &words)["outcome"], "shared");
    }
    let asked = trial.ask(MICROCREDENTIAL);
    run(&["present", &asked.link, "--decline"], &words);
    run(&["activity"], &words);
    run(&["keys"], &words);
    run(&["delete", &id], &words);
    run(&["verify", "/dev/null"], &words);
    println!("logged {} bytes", log.iter().sum::<usize>());
    assert!(log.iter().sum::<usize>() > 10_000, "the log was on");
    assert_eq!(found_in(home.path(), &words, &[]), Vec::<String>::new());
    assert_eq!(found_in(&trial.path("profile"), &words, &[]), Vec::<String>::new());
    // Nothing was left where programs leave what they forget.
    assert_eq!(common::contents(&inside("tmp")), Vec::new());
}

/// Whether a line is one of the log: with a level, as each of them has one.
fn is_logged(line: &str) -> bool {
    ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"].iter().any(|level| line.contains(level))
}

/// The lines of a log in which a word was found, to see where it came from.
fn excerpt(log: &[u8], words: &[(&str, String)]) -> String {
    let text = String::from_utf8_lossy(log);
    let lines = text.lines().filter(|line| is_logged(line) && words.iter().any(|(_, word)| line.contains(word)));
    lines.map(|line| line.chars().take(400).collect::<String>()).take(6).collect::<Vec<_>>().join("\n")
}
