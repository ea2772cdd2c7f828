//! Tests of what the disk gives away, which need the vault key to look inside.

use leerpas_core::{
    Activity, ActivityKind, Card, CardFacts, CardStatus, Evidence, Format, OsEntropy, Outcome, Party, SystemClock,
    Timestamp,
};
use openssl::symm::{Cipher, Crypter, Mode};
use serde_json::json;

use crate::{
    KdfParameters, KeyPurpose, NewCard, NewCopy, NewKey, Page, Resource, Vault, VaultError,
    cards::id_of,
    database::empty_log,
    migrations::SCHEMA_VERSION,
    sealing::{Key, derive},
};

const PASSPHRASE: &str = "canary-passphrase";
const CANARIES: [&str; 8] = [
    "canary-title",
    "canary-issuer",
    "canary-claim",
    "canary-original",
    "canary-private",
    "canary-report",
    "canary-picture",
    "canary-resource",
];

fn new_vault(folder: &std::path::Path) -> Vault {
    let phrase = PASSPHRASE.to_owned().into();
    Vault::create(folder, &phrase, KdfParameters::FLOOR, &SystemClock, &OsEntropy).unwrap().0
}

fn line(name: &str, kind: ActivityKind) -> Activity {
    Activity {
        id: id_of(name),
        at: Timestamp::UNIX_EPOCH,
        kind,
        party: None,
        purpose: None,
        told: None,
        cards: vec![id_of("a")],
        titles: Vec::new(),
        claims: Vec::new(),
        outcome: Outcome::Done,
        error: None,
        elsewhere: false,
    }
}

/// A card with the canaries in it, large enough for pages of its own.
fn canary_card(name: &str, mark: &str) -> NewCard {
    let many = |word: &str| format!("{mark}{word} ").repeat(400);
    NewCard {
        card: Card {
            id: id_of(name),
            facts: CardFacts {
                picture: Some(leerpas_core::Picture { data_url: many("canary-picture"), alt: None }),
                claims: json!({"claim": many("canary-claim")}),
                ..CardFacts::new(
                    format!("{mark}canary-title"),
                    Format::SdJwtVc,
                    Party {
                        name: format!("{mark}canary-issuer"),
                        identifier: "https://hogeschool.example".to_owned(),
                        host: None,
                        evidence: Evidence::Claimed,
                    },
                )
            },
            status: CardStatus::Valid,
            checked: Timestamp::UNIX_EPOCH,
            received: Timestamp::UNIX_EPOCH,
            copies: 1,
        },
        report: json!({"said": many("canary-report")}),
        fingerprint: name.to_owned(),
        copies: vec![NewCopy { original: many("canary-original").into_bytes(), key: Some(id_of(name)) }],
        keys: vec![NewKey {
            id: id_of(name),
            purpose: KeyPurpose::Holder,
            party: None,
            algorithm: "ES256".to_owned(),
            public_jwk: json!({}),
            private: many("canary-private").into_bytes().into(),
            made: Timestamp::UNIX_EPOCH,
        }],
        activity: Some(line(&format!("{name}-in"), ActivityKind::Received)),
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The file as SQLite sees it, free pages and leftovers included: SQLCipher 4 keeps 80 bytes at the end
/// of each page, of which the first 16 are the IV of AES-256-CBC.
fn decrypted(vault: &Vault, vault_key: &Key) -> Vec<u8> {
    let key = derive(vault_key.expose(), "db/v1");
    let file = std::fs::read(vault.files().database()).unwrap();
    let mut plain = Vec::new();
    for (number, page) in file.chunks_exact(4096).enumerate() {
        let from = if number == 0 { 16 } else { 0 };
        let mut crypter =
            Crypter::new(Cipher::aes_256_cbc(), Mode::Decrypt, key.expose(), Some(&page[4016..4032])).unwrap();
        crypter.pad(false);
        let mut out = vec![0; 4096 + 16];
        let length = crypter.update(&page[from..4016], &mut out).unwrap();
        plain.extend_from_slice(&out[..length]);
    }
    plain
}

#[test]
fn nothing_readable_lies_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = new_vault(folder.path());
    vault.keep(&canary_card("a", "")).unwrap();
    vault
        .put_resource(&Resource {
            url: "https://canary-resource.example".to_owned(),
            media_type: None,
            body: b"canary-resource".to_vec(),
            fetched: Timestamp::UNIX_EPOCH,
            expires: None,
        })
        .unwrap();
    vault.summaries(Some("canary"), Page::ALL).unwrap();
    let look = |when: &str, at_least: &[&str]| {
        let mut seen = Vec::new();
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let entry = entry.unwrap();
            let bytes = std::fs::read(entry.path()).unwrap();
            for canary in CANARIES.iter().chain(&[PASSPHRASE, "hogeschool", "SQLite format", "CREATE TABLE", "ES256"]) {
                assert!(!contains(&bytes, canary), "{when}: {canary} in {:?}", entry.file_name());
            }
            seen.push(entry.file_name().into_string().unwrap());
        }
        for name in at_least {
            assert!(seen.iter().any(|seen| seen == name), "{when}: {seen:?}");
        }
        assert!(!seen.iter().any(|name| name.ends_with("-shm")), "{when}: {seen:?}");
    };
    look("open", &["vault.db", "vault.db-wal", "slots.json"]);
    drop(vault);
    look("closed", &["vault.db", "slots.json"]);
}

#[test]
fn what_is_deleted_is_gone_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = new_vault(folder.path());
    let vault_key = vault.vault_key_for_tests();
    vault.keep(&canary_card("a", "erased-")).unwrap();
    vault.keep(&canary_card("b", "staying-")).unwrap();
    empty_log(&vault.connection).unwrap();
    let before = decrypted(&vault, &vault_key);
    let sealed: Vec<u8> =
        vault.connection.query_row("SELECT private FROM keys WHERE id = 'a'", [], |row| row.get(0)).unwrap();
    for canary in
        ["canary-title", "canary-issuer", "canary-claim", "canary-original", "canary-report", "canary-picture"]
    {
        assert!(contains(&before, &format!("erased-{canary}")), "{canary}: the test looks in the right place");
    }
    assert!(contains(&before, "erased"), "the search index");
    // Even with the key of the database, a private key is sealed.
    assert!(!contains(&before, "canary-private"));
    assert!(before.windows(32).any(|window| window == &sealed[40..72]));

    vault.delete_card(&id_of("a"), &line("out", ActivityKind::Deleted)).unwrap();
    assert_eq!(std::fs::metadata(folder.path().join("vault.db-wal")).map_or(0, |found| found.len()), 0);
    let after = decrypted(&vault, &vault_key);
    assert!(!contains(&after, "erased"));
    assert!(!after.windows(32).any(|window| window == &sealed[40..72]));
    assert!(contains(&after, "staying-canary-claim"));
    vault.check().unwrap();
}

#[test]
fn i08_a_newer_schema_is_refused_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let vault = new_vault(folder.path());
    vault.connection.pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    drop(vault);
    let before = std::fs::read(folder.path().join("vault.db")).unwrap();
    let error = Vault::open_with_passphrase(folder.path(), &PASSPHRASE.to_owned().into()).unwrap_err();
    let newer = SCHEMA_VERSION + 1;
    assert!(
        matches!(error, VaultError::Newer { file: "vault.db", found, known: SCHEMA_VERSION } if found == newer),
        "{error:?}"
    );
    assert_eq!(error.kind(), leerpas_core::ErrorKind::VaultNewer);
    assert!(before == std::fs::read(folder.path().join("vault.db")).unwrap());
    assert!(!folder.path().join("vault.db-wal").exists());
}

#[test]
fn i02_a_vault_that_was_not_closed_opens_and_a_foreign_log_does_no_harm() {
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut vault = new_vault(folder.path());
    vault.keep(&canary_card("a", "")).unwrap();
    // As the disk is at this moment, with the card in the log alone.
    for name in ["vault.db", "vault.db-wal", "slots.json"] {
        std::fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    drop(vault);
    let log = copy.path().join("vault.db-wal");
    let bytes = std::fs::read(&log).unwrap();
    let reopened = || Vault::open_with_passphrase(copy.path(), &PASSPHRASE.to_owned().into());

    let database = std::fs::read(copy.path().join("vault.db")).unwrap();
    // Cut in the last frame: the state of the last whole commit, without the card.
    std::fs::write(&log, &bytes[..bytes.len() - 100]).unwrap();
    let vault = reopened().unwrap();
    assert_eq!(vault.card_count().unwrap(), 0);
    vault.check().unwrap();
    drop(vault);
    std::fs::write(copy.path().join("vault.db"), &database).unwrap();
    std::fs::write(&log, b"not a log at all".repeat(1000)).unwrap();
    let vault = reopened().unwrap();
    assert_eq!(vault.card_count().unwrap(), 0);
    drop(vault);
    std::fs::write(copy.path().join("vault.db"), &database).unwrap();
    std::fs::write(&log, &bytes).unwrap();
    let vault = reopened().unwrap();
    assert_eq!(vault.card_count().unwrap(), 1);
    vault.check().unwrap();
}

#[test]
fn i02_refusing_leaves_the_log_of_an_unclosed_vault_alone() {
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut vault = new_vault(folder.path());
    vault.keep(&canary_card("a", "")).unwrap();
    vault.connection.pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    let names = ["vault.db", "vault.db-wal", "slots.json"];
    for name in names {
        std::fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    let unchanged = || {
        names.iter().all(|name| {
            std::fs::read(folder.path().join(name)).unwrap() == std::fs::read(copy.path().join(name)).unwrap()
        })
    };
    let open = || Vault::open_with_passphrase(copy.path(), &PASSPHRASE.to_owned().into());
    assert!(matches!(open().unwrap_err(), VaultError::Newer { .. }));
    assert!(unchanged());
    vault.connection.pragma_update(None, "user_version", SCHEMA_VERSION).unwrap();
    vault.connection.execute("UPDATE vault SET id = 'another'", []).unwrap();
    std::fs::copy(folder.path().join("vault.db-wal"), copy.path().join("vault.db-wal")).unwrap();
    assert!(matches!(open().unwrap_err(), VaultError::Foreign { file: "vault.db" }));
    assert!(unchanged());
}

#[test]
fn i05_a_full_disk_keeps_what_there_is_and_the_next_try_works() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = new_vault(folder.path());
    vault.keep(&canary_card("a", "")).unwrap();
    let pages: i64 = vault.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    for more in 0..8 {
        let limit = format!("PRAGMA max_page_count = {}", pages + more);
        vault.connection.query_row(&limit, [], |_| Ok(())).unwrap();
        let error = vault.keep(&canary_card("b", "")).unwrap_err();
        assert_eq!(error.kind(), leerpas_core::ErrorKind::StorageFailed, "{error:?}");
        assert_eq!((vault.card_count().unwrap(), vault.keys().unwrap().len()), (1, 1));
    }
    vault.connection.query_row("PRAGMA max_page_count = 1000000", [], |_| Ok(())).unwrap();
    vault.keep(&canary_card("b", "")).unwrap();
    vault.check().unwrap();
}

#[test]
fn a_migration_that_fails_leaves_the_step_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = new_vault(folder.path());
    vault.keep(&canary_card("a", "")).unwrap();
    // As if no step had been taken: the first one then finds its tables there and fails.
    vault.connection.pragma_update(None, "user_version", 0).unwrap();
    crate::migrations::run(&mut vault.connection).unwrap_err();
    assert!(vault.connection.is_autocommit(), "nothing is left open");
    let version: i64 = vault.connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!((version, vault.card_count().unwrap()), (0, 1));
    vault.connection.pragma_update(None, "user_version", SCHEMA_VERSION).unwrap();
    drop(vault);
    Vault::open_with_passphrase(folder.path(), &PASSPHRASE.to_owned().into()).unwrap().check().unwrap();
}

#[test]
fn the_connection_is_set_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let vault = new_vault(folder.path());
    for (pragma, expected) in [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
        ("trusted_schema", "0"),
        ("cell_size_check", "1"),
        ("secure_delete", "1"),
        ("temp_store", "2"),
        ("locking_mode", "exclusive"),
        ("cipher_memory_security", "1"),
        ("cipher_page_size", "4096"),
    ] {
        let value: rusqlite::types::Value =
            vault.connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0)).unwrap();
        let text = match value {
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(text, expected, "{pragma}");
    }
}

/// SQLCipher would lock every piece of memory by itself, for two calls to the system each, and unlock whole pages with their
/// neighbours: SECURITY.md says that nothing is locked, and `.cargo/config.toml` leaves it out of the build.
#[cfg(target_os = "linux")]
#[test]
fn no_memory_is_locked_piece_by_piece() {
    let folder = tempfile::tempdir().unwrap();
    let vault = new_vault(folder.path());
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap().trim();
    assert_eq!(locked, "0 kB");
    drop(vault);
}

#[test]
fn after_something_that_passes_the_disk_is_waited_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = new_vault(folder.path());
    let resource = Resource {
        url: "https://desk.example/r".to_owned(),
        media_type: None,
        body: vec![1],
        fetched: Timestamp::UNIX_EPOCH,
        expires: None,
    };
    vault.put_passing(&resource).unwrap();
    assert_eq!(vault.resource(&resource.url).unwrap(), Some(resource));
    let level: i64 = vault.connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap();
    assert_eq!(level, 2);
}
