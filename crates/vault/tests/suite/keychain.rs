//! The keychain of a real desktop: a session bus and gnome-keyring of their own, in a folder of their
//! own, in which this test file runs again.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use crate::common::{bytes_of, create, new_card, open};
use leerpas_core::ErrorKind;
use leerpas_vault::{KeychainError, SlotKind, Vault, VaultError};

const STAGE: &str = "LEERPAS_TEST_KEYCHAIN_STAGE";
const FOLDER: &str = "LEERPAS_TEST_KEYCHAIN_FOLDER";

fn keychain_error(result: Result<impl Sized, VaultError>) -> KeychainError {
    match result.map(|_| ()) {
        Err(VaultError::Keychain(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// What runs inside; on its own it does nothing.
#[test]
fn inside() {
    let (Ok(stage), Ok(folder)) = (env::var(STAGE), env::var(FOLDER)) else { return };
    let folder = PathBuf::from(folder);
    let begin = Instant::now();
    match stage.as_str() {
        "enable" => {
            let (mut vault, _) = create(&folder);
            vault.keep(&new_card("a", "Meten")).unwrap();
            vault.enable_keychain().unwrap();
            assert_eq!(vault.slots(), [SlotKind::Passphrase, SlotKind::RecoveryKey, SlotKind::Keychain]);
            drop(vault);
            assert_eq!(Vault::open_with_keychain(&folder).unwrap().card_count().unwrap(), 1);
            assert_eq!(open(&folder).card_count().unwrap(), 1);
        }
        "disable" => {
            let mut vault = Vault::open_with_keychain(&folder).unwrap();
            // Turned on again, it has a new secret.
            vault.enable_keychain().unwrap();
            let enabled = std::fs::read(folder.join("slots.json")).unwrap();
            vault.disable_keychain().unwrap();
            vault.disable_keychain().unwrap();
            drop(vault);
            assert_eq!(keychain_error(Vault::open_with_keychain(&folder)), KeychainError::NotEnabled);
            // The slot is back, as after restoring a copy, and the entry is not: nothing is made anew.
            std::fs::write(folder.join("slots.json"), enabled).unwrap();
            let before = bytes_of(&folder);
            assert_eq!(keychain_error(Vault::open_with_keychain(&folder)), KeychainError::EntryMissing);
            assert!(before == bytes_of(&folder));
            // An entry of another vault, or by another program.
            let id = open(&folder).id().to_owned();
            let entry = keyring::Entry::new("Leerpas", &id).unwrap();
            for wrong in [vec![7_u8; 32], vec![7_u8; 31], b"password".to_vec()] {
                entry.set_secret(&wrong).unwrap();
                assert_eq!(keychain_error(Vault::open_with_keychain(&folder)), KeychainError::EntryWrong);
            }
            assert_eq!(open(&folder).card_count().unwrap(), 1);
        }
        "locked" => {
            let before = bytes_of(&folder);
            assert_eq!(keychain_error(Vault::open_with_keychain(&folder)), KeychainError::Locked);
            assert!(before == bytes_of(&folder));
            let mut vault = open(&folder);
            assert_eq!(keychain_error(vault.enable_keychain()), KeychainError::Locked);
            assert!(before["slots.json"] == std::fs::read(folder.join("slots.json")).unwrap());
        }
        "no collection" => {
            let (mut vault, _) = create(&folder);
            let error = keychain_error(vault.enable_keychain());
            assert!(matches!(error, KeychainError::NoCollection | KeychainError::Locked), "{error:?}");
            assert_eq!(vault.slots(), [SlotKind::Passphrase, SlotKind::RecoveryKey]);
        }
        "no bus" => {
            let (mut vault, _) = create(&folder);
            assert_eq!(keychain_error(vault.enable_keychain()), KeychainError::NoService);
            assert_eq!(vault.slots(), [SlotKind::Passphrase, SlotKind::RecoveryKey]);
            drop(vault);
            assert_eq!(open(&folder).slots().len(), 2);
        }
        other => panic!("{other}"),
    }
    println!("{stage}: done in {:?}", begin.elapsed());
    assert!(begin.elapsed().as_secs() < 20, "{stage} took {:?}", begin.elapsed());
}

/// A command in a home of its own, with nothing of the session around it.
fn command(program: &str, home: &Path, stage: &str, folder: &Path) -> Command {
    for name in ["data", "config", "cache", "run"] {
        std::fs::create_dir_all(home.join(name)).unwrap();
    }
    #[cfg(unix)]
    std::fs::set_permissions(home.join("run"), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut command = Command::new(program);
    command
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("XDG_RUNTIME_DIR", home.join("run"))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env(STAGE, stage)
        .env(FOLDER, folder)
        .stdin(Stdio::null());
    command
}

fn passes(mut command: Command, stage: &str) {
    let output = command.output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && text.contains(&format!("{stage}: done")), "{stage}: {text}");
    print!("{}", text.lines().filter(|line| line.contains(": done in")).collect::<String>() + "\n");
}

/// Runs one stage on a session bus of its own; `before` starts what it needs there.
fn on_a_bus(home: &Path, stage: &str, folder: &Path, before: &str) {
    let mut session = command("dbus-run-session", home, stage, folder);
    // The daemon is ours and ends with its session.
    let script = format!(
        "{before}\n\"$0\" keychain::inside --exact --nocapture; code=$?; [ -z \"$daemon\" ] || kill $daemon; exit $code"
    );
    session.args(["--", "bash", "-c", &script]).arg(env::current_exe().unwrap());
    passes(session, stage);
}

fn has_keyring() -> bool {
    let found = ["dbus-run-session", "gnome-keyring-daemon", "bash"].iter().all(|name| {
        env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(name).is_file()))
    });
    if !found {
        println!("skipped: no gnome-keyring");
    }
    found
}

/// Starts the daemon and waits until it is on the bus. With a password on its standard input it unlocks
/// its collection, or makes it at the first time.
fn daemon(unlock: bool) -> String {
    let start = if unlock {
        "printf 'test' | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &"
    } else {
        "gnome-keyring-daemon --foreground --components=secrets </dev/null >/dev/null 2>&1 &"
    };
    format!(
        "{start} daemon=$!
         for _ in $(seq 100); do
           dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
             string:org.freedesktop.secrets 2>/dev/null | grep -q 'boolean true' && break
           sleep 0.05
         done"
    )
}

#[test]
fn i06_an_unlocked_keychain_opens_and_a_locked_one_does_not() {
    if !has_keyring() {
        return;
    }
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    on_a_bus(home.path(), "enable", folder.path(), &daemon(true));
    on_a_bus(home.path(), "locked", folder.path(), &daemon(false));
    on_a_bus(home.path(), "disable", folder.path(), &daemon(true));
}

#[test]
fn i06_a_keychain_without_a_collection_has_its_own_error() {
    if !has_keyring() {
        return;
    }
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    on_a_bus(home.path(), "no collection", folder.path(), &daemon(false));
}

#[cfg(target_os = "linux")]
#[test]
fn i06_without_a_session_bus_the_answer_comes_at_once() {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut alone = command(env::current_exe().unwrap().to_str().unwrap(), home.path(), "no bus", folder.path());
    alone
        .args(["keychain::inside", "--exact", "--nocapture"])
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    passes(alone, "no bus");
    // A bus on which nobody keeps secrets.
    assert_eq!(ErrorKind::Locked, VaultError::Keychain(KeychainError::NoService).kind());
}
