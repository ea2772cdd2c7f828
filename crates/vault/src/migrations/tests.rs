//! Vaults as each older schema left them: they open with all that they held, also where the program is killed on the way.

use std::path::Path;

use leerpas_core::{
    Activity, ActivityKind, Card, CardFacts, CardStatus, Evidence, Format, OsEntropy, Outcome, Party, SystemClock,
    Timestamp,
};
use serde_json::json;

use super::{SCHEMA_VERSION, STEPS};
use crate::{
    KdfParameters, KeyPurpose, NewCard, NewCopy, NewKey, Page, Resource, TrustedInstitution, Vault, cards::id_of,
};

const PASSPHRASE: &str = "een wachtzin van belang";

fn open(folder: &Path) -> Vault {
    Vault::open_with_passphrase(folder, &PASSPHRASE.to_owned().into()).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

fn party() -> Party {
    Party {
        name: "Hogeschool Voorbeeld".to_owned(),
        identifier: "https://hogeschool.example".to_owned(),
        host: None,
        evidence: Evidence::Proved,
    }
}

fn line(name: &str, kind: ActivityKind) -> Activity {
    Activity {
        id: id_of(name),
        at: at(2),
        kind,
        party: Some(party()),
        purpose: Some("sollicitatie".to_owned()),
        told: None,
        cards: vec![id_of("card-0")],
        titles: vec!["Meten".to_owned()],
        claims: Vec::new(),
        outcome: Outcome::Done,
        error: None,
        elsewhere: false,
    }
}

fn card(number: usize) -> NewCard {
    let name = format!("card-{number}");
    let key = |copy: usize| id_of(&format!("{name}-key-{copy}"));
    let facts = CardFacts {
        claims: json!({"title": "Meten", "words": "woord ".repeat(200)}),
        ..CardFacts::new(format!("Meten {number}"), Format::SdJwtVc, party())
    };
    NewCard {
        card: Card {
            id: id_of(&name),
            facts,
            status: CardStatus::Valid,
            checked: at(1),
            received: at(i64::try_from(number).unwrap()),
            copies: 2,
        },
        report: json!({"checks": [{"name": "status", "result": "valid", "known_at": "2026-09-21T10:00:00Z"}]}),
        fingerprint: format!("fingerprint of {name}"),
        copies: (0..2).map(|n| NewCopy { original: format!("{name}~{n}\0").into(), key: Some(key(n)) }).collect(),
        keys: (0..2)
            .map(|n| NewKey {
                id: key(n),
                purpose: KeyPurpose::Holder,
                party: None,
                algorithm: "ES256".to_owned(),
                public_jwk: json!({"kty": "EC"}),
                private: format!("private {name} {n}").into_bytes().into(),
                made: at(0),
            })
            .collect(),
        activity: Some(line(&format!("{name}-received"), ActivityKind::Received)),
    }
}

/// A vault with something in every table that a schema of that age has.
fn filled(folder: &Path, version: i64, cards: usize) -> Vault {
    let phrase = PASSPHRASE.to_owned().into();
    let (mut vault, _) = Vault::create(folder, &phrase, KdfParameters::FLOOR, &SystemClock, &OsEntropy).unwrap();
    for number in 0..cards {
        vault.keep(&card(number)).unwrap();
    }
    let copy = vault.originals(&id_of("card-0")).unwrap()[0].number;
    vault.mark_copy_shown(copy, "https://werk.example").unwrap();
    vault.mark_answered("a request", at(3)).unwrap();
    vault.begin_activity(&line("shared", ActivityKind::Shared)).unwrap();
    vault
        .put_resource(&Resource {
            url: "https://hogeschool.example/list".to_owned(),
            media_type: Some("application/statuslist+jwt".to_owned()),
            body: b"list".to_vec(),
            fetched: at(0),
            expires: Some(at(100)),
        })
        .unwrap();
    if version >= 2 {
        vault.set_identities(&["sam@a.example".to_owned()]).unwrap();
    }
    if version >= 3 {
        let institution = json!({"name": {"nl": "Hogeschool Voorbeeld"}});
        vault.trust(&TrustedInstitution { id: "own".to_owned(), added: at(4), signer: None, institution }).unwrap();
    }
    vault
}

/// Everything that a vault tells.
fn told(vault: &Vault) -> Vec<String> {
    let mut told = vec![
        format!("{:?}", vault.summaries(None, Page::ALL).unwrap()),
        format!("{:?}", vault.search("Meten").unwrap()),
        format!("{:?}", vault.activities().unwrap()),
        format!("{:?}", vault.resources().unwrap()),
        format!("{:?}", vault.answered("a request").unwrap()),
        format!("{:?}", vault.identities().unwrap()),
        format!("{:?}", vault.trusted().unwrap()),
        format!("{:?}", vault.waiting().unwrap()),
        format!("{:?}", vault.keys().unwrap()),
    ];
    for card in vault.cards().unwrap() {
        told.push(format!("{card:?}"));
        for copy in vault.originals(&card.card.id).unwrap() {
            let key = vault.open_key(copy.key.as_ref().unwrap()).unwrap();
            told.push(format!("{copy:?} {:?}", key.expose()));
        }
    }
    told
}

/// Puts the rows of a vault of today into the tables of an older schema, as that Leerpas left them.
fn make_older(vault: &Vault, version: i64) {
    let connection = &vault.connection;
    let names = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    const OWN: &str = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'
                       AND name NOT LIKE 'search\\_%' ESCAPE '\\'";
    connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    for table in names(OWN) {
        let number = if table == "search" { "rowid AS id, " } else { "" };
        connection
            .execute_batch(&format!(
                "CREATE TEMP TABLE saved_{table} AS SELECT {number}* FROM main.{table}; DROP TABLE main.{table};"
            ))
            .unwrap();
    }
    for step in STEPS.iter().take(usize::try_from(version).unwrap()) {
        connection.execute_batch(step).unwrap();
    }
    for table in names(OWN) {
        let columns = names(&format!("SELECT name FROM pragma_table_info('{table}')")).join(", ");
        let sql = if table == "search" {
            "DELETE FROM search; INSERT INTO search (rowid, title, issuer, rest)
             SELECT id, title, issuer, rest FROM temp.saved_search"
                .to_owned()
        } else {
            format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM temp.saved_{table}")
        };
        connection.execute_batch(&sql).unwrap();
    }
    connection.pragma_update(None, "user_version", version).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
}

#[test]
fn r12_a_vault_of_every_older_schema_opens_with_all_that_it_held() {
    for version in 1..=SCHEMA_VERSION {
        let folder = tempfile::tempdir().unwrap();
        let vault = filled(folder.path(), version, 3);
        let before = told(&vault);
        make_older(&vault, version);
        drop(vault);
        let vault = open(folder.path());
        let now: i64 = vault.connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(now, SCHEMA_VERSION, "from {version}");
        assert_eq!(told(&vault), before, "from {version}");
        vault.check().unwrap();
        drop(vault);
        assert_eq!(told(&open(folder.path())), before, "from {version}, opened once more");
    }
}

#[cfg(unix)]
mod killed {
    use std::{env, fs, os::unix::process::ExitStatusExt as _, process::Command};

    use super::{SCHEMA_VERSION, filled, make_older, open, told};

    const FOLDER: &str = "LEERPAS_TEST_UPGRADE_FOLDER";
    /// The signal for a write beyond the limit on the size of files.
    const BEYOND_THE_LIMIT: i32 = 25;

    /// The process that is killed: this test again, told so by the environment.
    #[test]
    fn opener() {
        if let Ok(folder) = env::var(FOLDER) {
            drop(open(folder.as_ref()));
        }
    }

    #[test]
    fn r12_killed_at_any_write_of_an_upgrade_the_next_start_finishes_it() {
        let first = tempfile::tempdir().unwrap();
        let vault = filled(first.path(), 1, 12);
        let before = told(&vault);
        make_older(&vault, 1);
        drop(vault);
        let (mut seen, mut blocks) = (Vec::new(), 1_u64);
        loop {
            let folder = tempfile::tempdir().unwrap();
            for file in fs::read_dir(first.path()).unwrap().map(Result::unwrap) {
                fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
            }
            let ran = Command::new("sh")
                .arg("-c")
                .arg(format!("ulimit -c 0; ulimit -f {blocks}; exec \"$0\" \"$@\""))
                .arg(env::current_exe().unwrap())
                .args(["migrations::tests::killed::opener", "--exact", "--test-threads=1"])
                .env(FOLDER, folder.path())
                .output()
                .unwrap();
            let killed = ran.status.signal() == Some(BEYOND_THE_LIMIT);
            assert!(killed || ran.status.success(), "{blocks}: {ran:?}");
            let vault = open(folder.path());
            let version: i64 = vault.connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
            assert_eq!((version, told(&vault) == before), (SCHEMA_VERSION, true), "killed at {blocks} blocks");
            // The MAC of each page is that of the file, so first the log is emptied once more, by closing.
            drop(vault);
            open(folder.path()).check().unwrap();
            seen.push(killed);
            if !killed {
                break;
            }
            // Not quite four pages of the log each time.
            blocks += 32;
        }
        assert!(seen.len() > 5, "it was killed {} times", seen.len() - 1);
    }
}
