//! Making and opening: what is refused, with which error, and that refusing changes nothing.

use std::{fs, path::Path};

use crate::common::{PASSPHRASE, at, bytes_of, create, new_card, open, phrase};
use leerpas_core::{Entropy, ErrorKind, FixedClock, OsEntropy};
use leerpas_vault::{KdfParameters, KeychainError, Page, Presence, RecoveryKey, SlotKind, Vault, VaultError, presence};

fn refused(folder: &Path) -> VaultError {
    let before = bytes_of(folder);
    let error = Vault::open_with_passphrase(folder, &phrase(PASSPHRASE)).unwrap_err();
    assert_eq!(before.keys().collect::<Vec<_>>(), bytes_of(folder).keys().collect::<Vec<_>>(), "{error:?}");
    assert!(before == bytes_of(folder), "{error:?} changed a file");
    error
}

fn filled(folder: &Path) {
    let (mut vault, _) = create(folder);
    for number in 0..20 {
        vault.keep(&new_card(&format!("card-{number}"), &format!("Meten {number}"))).unwrap();
    }
}

#[test]
fn a_vault_opens_again_with_each_of_its_slots() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(presence(folder.path()).unwrap(), Presence::Missing);
    let (mut vault, recovery) = create(folder.path());
    let id = vault.id().to_owned();
    vault.keep(&new_card("a", "Meten")).unwrap();
    assert_eq!(vault.slots(), [SlotKind::Passphrase, SlotKind::RecoveryKey]);
    drop(vault);
    assert_eq!(presence(folder.path()).unwrap(), Presence::Present);
    assert_eq!(Vault::slots_of(folder.path()).unwrap(), [SlotKind::Passphrase, SlotKind::RecoveryKey]);
    assert_eq!(open(folder.path()).id(), id);
    let written_down = RecoveryKey::parse(&recovery.to_text()).unwrap();
    let vault = Vault::open_with_recovery_key(folder.path(), &written_down).unwrap();
    assert_eq!(vault.card_count().unwrap(), 1);
    drop(vault);
    let by_keychain = Vault::open_with_keychain(folder.path()).unwrap_err();
    assert!(matches!(by_keychain, VaultError::Keychain(KeychainError::NotEnabled)), "{by_keychain:?}");
    assert_eq!(by_keychain.kind(), ErrorKind::Locked);
}

#[test]
fn the_default_cost_opens_too() {
    let folder = tempfile::tempdir().unwrap();
    let made =
        Vault::create(folder.path(), &phrase(PASSPHRASE), KdfParameters::default(), &FixedClock(at(0)), &OsEntropy);
    drop(made.unwrap());
    open(folder.path());
}

#[test]
fn i13_passphrases_of_every_script_and_length_work() {
    for text in [
        "🐢🐢🐢🐢🐢🐢🐢🐢🐢🐢".to_owned(),
        "x".repeat(10_000),
        "כל הכבוד לכולם".to_owned(),
        "  spaces  count  ".to_owned(),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let made = Vault::create(folder.path(), &phrase(&text), KdfParameters::FLOOR, &FixedClock(at(0)), &OsEntropy);
        drop(made.unwrap());
        Vault::open_with_passphrase(folder.path(), &phrase(&text)).unwrap();
        let trimmed = Vault::open_with_passphrase(folder.path(), &phrase(text.trim()));
        assert_eq!(trimmed.is_err(), text != text.trim());
    }
}

#[test]
fn a_weak_passphrase_makes_no_vault() {
    let folder = tempfile::tempdir().unwrap();
    let make = |text: &str, cost| Vault::create(folder.path(), &phrase(text), cost, &FixedClock(at(0)), &OsEntropy);
    let error = make("too short", KdfParameters::FLOOR).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WeakPassphrase);
    assert!(!error.to_string().contains("too short"));
    let cheap = KdfParameters { memory_kib: 1024, ..KdfParameters::FLOOR };
    assert!(matches!(make(PASSPHRASE, cheap).unwrap_err(), VaultError::KdfOutOfBounds { .. }));
    assert!(bytes_of(folder.path()).is_empty());
}

#[test]
fn a_wrong_passphrase_or_recovery_key_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let before = bytes_of(folder.path());
    for text in ["", "x", "een wachtzin van belanG", "een wachtzin van belang "] {
        let error = Vault::open_with_passphrase(folder.path(), &phrase(text)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongPassphrase, "{error:?}");
    }
    let other = tempfile::tempdir().unwrap();
    let (_, recovery) = create(other.path());
    let error = Vault::open_with_recovery_key(folder.path(), &recovery).unwrap_err();
    assert!(matches!(error, VaultError::WrongRecoveryKey));
    assert!(before == bytes_of(folder.path()));
    open(folder.path());
}

#[test]
fn a_second_vault_is_never_made_over_the_first() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let make =
        || Vault::create(folder.path(), &phrase(PASSPHRASE), KdfParameters::FLOOR, &FixedClock(at(0)), &OsEntropy);
    let before = bytes_of(folder.path());
    assert_eq!(make().unwrap_err().kind(), ErrorKind::VaultExists);
    assert!(before == bytes_of(folder.path()));
    fs::rename(folder.path().join("slots.json"), folder.path().join("elsewhere")).unwrap();
    assert!(matches!(make().unwrap_err(), VaultError::SlotsMissing));
    assert!(before["vault.db"] == bytes_of(folder.path())["vault.db"]);
}

#[test]
fn an_absent_folder_stays_absent() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("not/there");
    assert_eq!(presence(&absent).unwrap(), Presence::Missing);
    assert!(matches!(Vault::open_with_passphrase(&absent, &phrase(PASSPHRASE)), Err(VaultError::Missing)));
    assert!(matches!(Vault::slots_of(&absent), Err(VaultError::Missing)));
    assert!(!absent.exists());
}

#[test]
fn i01_a_truncated_database_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let whole = fs::read(folder.path().join("vault.db")).unwrap();
    let pages = whole.len() / 4096;
    assert!(pages > 20);
    for length in [
        0,
        1,
        7,
        15,
        16,
        17,
        100,
        1024,
        4095,
        4096,
        4097,
        8192,
        4096 * (pages / 2),
        whole.len() - 4096,
        whole.len() - 1,
    ] {
        fs::write(folder.path().join("vault.db"), &whole[..length]).unwrap();
        let error = refused(folder.path());
        assert!(matches!(error, VaultError::Damaged { file: "vault.db", .. }), "{length}: {error:?}");
        assert_eq!(error.kind(), ErrorKind::VaultDamaged);
    }
    fs::write(folder.path().join("vault.db"), &whole).unwrap();
    open(folder.path()).check().unwrap();
}

#[test]
fn i01_one_flipped_byte_on_any_page_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let path = folder.path().join("vault.db");
    let whole = fs::read(&path).unwrap();
    for page in 0..whole.len() / 4096 {
        for offset in [0, 15, 16, 40, 2000, 4000, 4040, 4095] {
            if page > 3 && offset != 2000 {
                continue;
            }
            let mut changed = whole.clone();
            changed[page * 4096 + offset] ^= 0x20;
            fs::write(&path, &changed).unwrap();
            match Vault::open_with_passphrase(folder.path(), &phrase(PASSPHRASE)) {
                Err(error) => assert_eq!(error.kind(), ErrorKind::VaultDamaged, "page {page}+{offset}: {error:?}"),
                Ok(vault) => {
                    let error = vault.check().unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::VaultDamaged, "page {page}+{offset}: {error:?}");
                }
            }
            assert!(fs::read(&path).unwrap() == changed, "page {page}+{offset}");
        }
    }
    fs::write(&path, &whole).unwrap();
    open(folder.path()).check().unwrap();
}

#[test]
fn i01_damaged_pages_never_show_wrong_data() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let path = folder.path().join("vault.db");
    let whole = fs::read(&path).unwrap();
    let good = open(folder.path()).cards().unwrap();
    for page in 0..whole.len() / 4096 {
        let mut changed = whole.clone();
        changed[page * 4096 + 1000] ^= 1;
        fs::write(&path, &changed).unwrap();
        let Ok(vault) = Vault::open_with_passphrase(folder.path(), &phrase(PASSPHRASE)) else { continue };
        match vault.cards() {
            Ok(cards) => assert_eq!(cards, good, "page {page}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::VaultDamaged, "page {page}: {error:?}"),
        }
    }
}

#[test]
fn i01_foreign_files_are_foreign_and_stay() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let (database, slots) = (folder.path().join("vault.db"), folder.path().join("slots.json"));
    let plain = folder.path().join("plain.db");
    rusqlite::Connection::open(&plain).unwrap().execute_batch("CREATE TABLE cards (id TEXT)").unwrap();
    let mut noise = vec![0_u8; 3 * 4096];
    OsEntropy.fill(&mut noise);
    let whole = (fs::read(&database).unwrap(), fs::read(&slots).unwrap());
    for foreign in
        [fs::read(&plain).unwrap(), noise.clone(), b"just a text".to_vec(), b"%PDF-1.7 and so on".repeat(900)]
    {
        fs::write(&database, &foreign).unwrap();
        let error = refused(folder.path());
        assert!(matches!(error, VaultError::Foreign { file: "vault.db" }), "{error:?}");
        assert_eq!(error.kind(), ErrorKind::VaultForeign);
    }
    fs::write(&database, &whole.0).unwrap();
    for foreign in [noise, b"{\"name\":\"something else\"}".to_vec(), vec![b' '; 100_000]] {
        fs::write(&slots, &foreign).unwrap();
        let error = refused(folder.path());
        assert!(matches!(error, VaultError::Foreign { file: "slots.json" }), "{error:?}");
        assert_eq!(presence(folder.path()).unwrap_err().kind(), ErrorKind::VaultForeign);
    }
    fs::write(&slots, b"").unwrap();
    assert!(matches!(refused(folder.path()), VaultError::Damaged { file: "slots.json", .. }));
    fs::write(&slots, &whole.1[..whole.1.len() / 2]).unwrap();
    assert!(matches!(refused(folder.path()), VaultError::Damaged { file: "slots.json", .. }));
    fs::write(&slots, &whole.1).unwrap();
    open(folder.path());
}

#[test]
fn the_database_of_another_vault_is_foreign() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    filled(folder.path());
    drop(create(other.path()));
    fs::copy(other.path().join("vault.db"), folder.path().join("vault.db")).unwrap();
    assert!(matches!(refused(folder.path()), VaultError::Foreign { file: "vault.db" }));
}

#[test]
fn a_missing_half_is_named() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    let (database, slots, aside) =
        (folder.path().join("vault.db"), folder.path().join("slots.json"), folder.path().join("aside"));
    fs::rename(&slots, &aside).unwrap();
    let error = refused(folder.path());
    assert!(matches!(error, VaultError::SlotsMissing), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::VaultDamaged);
    fs::rename(&aside, &slots).unwrap();
    fs::rename(&database, &aside).unwrap();
    let error = refused(folder.path());
    assert!(matches!(error, VaultError::DatabaseMissing), "{error:?}");
    fs::rename(&aside, &database).unwrap();
    open(folder.path());
}

#[cfg(unix)]
#[test]
fn i11_links_are_refused_and_permissions_are_narrow() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("profile");
    filled(&folder);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for name in ["vault.db", "slots.json", "vault.lock"] {
        assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
    }
    let vault = open(&folder);
    if folder.join("vault.db-wal").exists() {
        assert_eq!(mode(&folder.join("vault.db-wal")), 0o600);
    }
    drop(vault);
    fs::set_permissions(folder.join("vault.db"), fs::Permissions::from_mode(0o666)).unwrap();
    drop(open(&folder));
    assert_eq!(mode(&folder.join("vault.db")), 0o600);
    fs::rename(folder.join("vault.db"), parent.path().join("away.db")).unwrap();
    std::os::unix::fs::symlink(parent.path().join("away.db"), folder.join("vault.db")).unwrap();
    assert!(matches!(refused(&folder), VaultError::Foreign { file: "vault.db" }));
}

#[cfg(unix)]
#[test]
fn a_folder_behind_a_link_works() {
    let parent = tempfile::tempdir().unwrap();
    fs::create_dir(parent.path().join("real")).unwrap();
    std::os::unix::fs::symlink(parent.path().join("real"), parent.path().join("link")).unwrap();
    drop(create(&parent.path().join("link")));
    open(&parent.path().join("link"));
}

#[test]
fn i07_a_second_instance_is_refused_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, _) = create(folder.path());
    let error = Vault::open_with_passphrase(folder.path(), &phrase(PASSPHRASE)).unwrap_err();
    assert!(matches!(error, VaultError::InUse), "{error:?}");
    assert_eq!(error.kind(), ErrorKind::VaultInUse);
    drop(vault);
    open(folder.path());
}

#[test]
fn changing_the_passphrase_leaves_the_recovery_key_and_the_cards() {
    let folder = tempfile::tempdir().unwrap();
    let (mut vault, recovery) = create(folder.path());
    vault.keep(&new_card("a", "Meten")).unwrap();
    let database = fs::read(folder.path().join("vault.db")).unwrap();
    assert!(matches!(vault.change_passphrase(&phrase("short")), Err(VaultError::WeakPassphrase { .. })));
    vault.change_passphrase(&phrase("een andere wachtzin")).unwrap();
    assert!(database == fs::read(folder.path().join("vault.db")).unwrap(), "only the slots are written anew");
    drop(vault);
    assert!(matches!(
        Vault::open_with_passphrase(folder.path(), &phrase(PASSPHRASE)),
        Err(VaultError::WrongPassphrase)
    ));
    let vault = Vault::open_with_passphrase(folder.path(), &phrase("een andere wachtzin")).unwrap();
    assert_eq!(vault.summaries(None, Page::ALL).unwrap().len(), 1);
    drop(vault);
    let mut vault = Vault::open_with_recovery_key(folder.path(), &recovery).unwrap();
    let new = vault.replace_recovery_key().unwrap();
    drop(vault);
    assert!(Vault::open_with_recovery_key(folder.path(), &recovery).is_err());
    Vault::open_with_recovery_key(folder.path(), &new).unwrap();
}

#[test]
fn a_creation_that_stopped_midway_counts_as_none_or_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("vault.db.new"), b"half").unwrap();
    fs::write(folder.path().join("slots.json.new"), b"half").unwrap();
    assert_eq!(presence(folder.path()).unwrap(), Presence::Missing);
    drop(create(folder.path()));
    assert_eq!(bytes_of(folder.path()).into_keys().collect::<Vec<_>>(), ["slots.json", "vault.db", "vault.lock"]);
    // Stopped after slots.json was written and before the database got its name.
    fs::rename(folder.path().join("vault.db"), folder.path().join("vault.db.new")).unwrap();
    assert_eq!(presence(folder.path()).unwrap(), Presence::Present);
    open(folder.path()).check().unwrap();
    assert!(folder.path().join("vault.db").exists());
}

#[test]
fn errors_name_no_path_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("vault.db")).unwrap();
    fs::write(folder.path().join("slots.json"), b"x").unwrap();
    let error = Vault::open_with_passphrase(folder.path(), &phrase(PASSPHRASE)).unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(!text.contains(folder.path().to_str().unwrap()) && !text.contains(PASSPHRASE));
}
