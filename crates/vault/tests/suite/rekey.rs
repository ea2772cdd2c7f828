//! The program dies while it puts a new passphrase or recovery key in place: the vault opens with the last one that was
//! said to be in place, or with the one that was on its way, and never with none.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use crate::common::{PASSPHRASE, create, new_card, phrase};
use leerpas_core::Secret;
use leerpas_vault::{RecoveryKey, Vault, VaultError};

const FOLDER: &str = "LEERPAS_TEST_REKEY_FOLDER";
const FIRST: &str = "LEERPAS_TEST_REKEY_FIRST";

fn passphrase(number: usize) -> Secret<String> {
    if number == 0 { phrase(PASSPHRASE) } else { phrase(&format!("wachtzin nummer {number} van velen")) }
}

/// The process that is killed: this test again, told so by the environment. It says what is in place.
#[test]
fn changer() {
    let (Ok(folder), Ok(first)) = (env::var(FOLDER), env::var(FIRST)) else { return };
    let first: usize = first.parse().unwrap();
    let mut vault = Vault::open_with_passphrase(&PathBuf::from(folder), &passphrase(first)).unwrap();
    let mut out = std::io::stdout();
    for number in first + 1.. {
        vault.change_passphrase(&passphrase(number)).unwrap();
        writeln!(out, "passphrase {number}").unwrap();
        let recovery = vault.replace_recovery_key().unwrap();
        writeln!(out, "recovery {}", recovery.to_text().expose()).unwrap();
        out.flush().unwrap();
    }
}

fn opens(folder: &Path, number: usize) -> bool {
    match Vault::open_with_passphrase(folder, &passphrase(number)) {
        Ok(vault) => {
            vault.check().unwrap();
            assert_eq!((vault.card_count().unwrap(), vault.keys().unwrap().len()), (1, 2));
            true
        }
        Err(VaultError::WrongPassphrase) => false,
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn r1_killed_while_a_passphrase_is_replaced_the_old_or_the_new_one_opens() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, _) = create(folder.path());
    vault.keep(&new_card("a", "Meten")).unwrap();
    drop(vault);
    let mut current = 0;
    for round in 0..12_u64 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["rekey::changer", "--exact", "--nocapture", "--test-threads=1"])
            .env(FOLDER, folder.path())
            .env(FIRST, current.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let (mut said, mut recovery) = (current, None);
        let mut take = |line: &str| {
            if let Some((_, number)) = line.split_once("passphrase ") {
                said = number.parse().unwrap();
            } else if let Some((_, text)) = line.split_once("recovery ") {
                recovery = Some(text.to_owned());
            }
        };
        // The first words are of the test program itself.
        for line in lines.by_ref().take_while(|line| !line.contains("recovery ")) {
            take(&line);
        }
        std::thread::sleep(Duration::from_micros(1_900 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines {
            take(&line);
        }
        let opening: Vec<_> = [said, said + 1].into_iter().filter(|number| opens(folder.path(), *number)).collect();
        assert_eq!(opening.len(), 1, "round {round}: after {said} one of two opens, not {opening:?}");
        current = opening[0];
        // A recovery key that was on its way may be in place already; the last one that was said is, otherwise.
        if let Some(text) = recovery {
            let key = RecoveryKey::parse(&Secret::new(text)).unwrap();
            match Vault::open_with_recovery_key(folder.path(), &key) {
                Ok(_) => {}
                Err(VaultError::WrongRecoveryKey) => assert!(current >= said, "round {round}"),
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    assert!(current > 11, "{current}");
    assert!(!opens(folder.path(), 0), "the first passphrase opens nothing any more");
}
