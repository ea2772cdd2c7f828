//! `vault.db`: opened, configured and checked.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};

use leerpas_core::Timestamp;
use rusqlite::{Connection, OpenFlags, config::DbConfig, params};
use zeroize::Zeroizing;

use crate::{
    VaultError,
    files::{DATABASE, private_file},
    migrations,
    sealing::{Key, derive},
};

/// Every database of SQLite without encryption starts with this (SQLite file format, 1.3).
const PLAIN: &[u8; 16] = b"SQLite format 3\0";

/// How many statements stay prepared: more than there are. Each that has to be prepared again takes and gives back
/// many small pieces of memory, and locks and wipes each.
const STATEMENTS: usize = 128;

/// SQLCipher's page in bytes.
const PAGE: u64 = 4096;

/// Makes the database of a new vault under a name of its own, whole and flushed.
pub(crate) fn create(path: &Path, vault_key: &Key, vault: &str, now: Timestamp) -> Result<(), VaultError> {
    private_file(path)?;
    let mut connection = connect(path, vault_key)?;
    configure(&connection)?;
    migrations::run(&mut connection)?;
    connection.execute("INSERT INTO vault (id, made) VALUES (?1, ?2)", params![vault, stamp(now)])?;
    connection.close().map_err(|(_, error)| error)?;
    File::open(path)?.sync_all()?;
    Ok(())
}

/// Opens the database of a vault whose key is known to be right; what does not fit is therefore
/// foreign or damaged. On an error the file and its write-ahead log are as they were.
///
/// # Errors
/// [`VaultError::Foreign`], [`VaultError::Damaged`], [`VaultError::Newer`], [`VaultError::InUse`],
/// [`VaultError::Storage`].
pub(crate) fn open(path: &Path, vault_key: &Key, vault: &str) -> Result<Connection, VaultError> {
    recognise(path, vault_key)?;
    let log_was_there = std::fs::metadata(write_ahead_log(path)).is_ok_and(|log| log.len() > 0);
    // Only a stop in the middle of emptying the log leaves half a page, and then the log holds it whole.
    if !log_was_there && std::fs::metadata(path)?.len() % PAGE != 0 {
        return Err(VaultError::row("its last page is cut short"));
    }
    let mut connection = connect(path, vault_key)?;
    // A connection that gives up must not tidy away the log of a file that is damaged.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, log_was_there)?;
    migrations::refuse_newer(&connection)?;
    configure(&connection)?;
    migrations::run(&mut connection)?;
    let found: String = connection.query_row("SELECT id FROM vault", [], |row| row.get(0))?;
    if found != vault {
        return Err(VaultError::Foreign { file: DATABASE });
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(connection)
}

/// Reads every page and checks it: the MAC of SQLCipher, the structure of SQLite, the references
/// between rows, and the search index. Takes time in proportion to the file.
///
/// # Errors
/// [`VaultError::Damaged`] naming the first check that failed.
pub(crate) fn check(connection: &Connection) -> Result<(), VaultError> {
    for (pragma, good, what) in [
        ("cipher_integrity_check", None, "the MAC of a page does not hold"),
        ("integrity_check", Some("ok"), "the structure does not hold"),
        ("foreign_key_check", None, "a row refers to nothing"),
    ] {
        let mut statement = connection.prepare(&format!("PRAGMA {pragma}"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let line: rusqlite::types::Value = row.get(0)?;
            if good.is_none_or(|good| line != rusqlite::types::Value::Text(good.to_owned())) {
                return Err(VaultError::row(what));
            }
        }
    }
    connection
        .execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)", [])
        .map(|_| ())
        .map_err(|_| VaultError::row("the search index does not hold"))
}

/// Moves everything from the write-ahead log into the file and empties the log, so that what was
/// deleted is in neither.
pub(crate) fn empty_log(connection: &Connection) -> Result<(), VaultError> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(VaultError::from)
}

/// An instant as a column: UTC with nine digits after the point, so that text sorts as time does.
pub(crate) fn stamp(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// An instant from a column.
pub(crate) fn instant(text: &str) -> Result<Timestamp, VaultError> {
    text.parse().map_err(|_| VaultError::row("an instant"))
}

/// The salt of the file, which is also how it starts: so a foreign file is told from a damaged one.
fn salt(vault_key: &Key) -> [u8; 16] {
    let mut salt = [0; 16];
    salt.copy_from_slice(&derive(vault_key.expose(), "db-salt/v1").expose()[..16]);
    salt
}

fn recognise(path: &Path, vault_key: &Key) -> Result<(), VaultError> {
    let mut start = Vec::new();
    File::open(path)?.take(16).read_to_end(&mut start)?;
    let salt = salt(vault_key);
    let alike = start.iter().zip(salt).filter(|(found, ours)| **found == *ours).count();
    if start.is_empty() {
        return Err(VaultError::row("it is empty"));
    }
    if alike == 16 {
        return Ok(());
    }
    // Chance makes one byte in 256 alike; damage leaves most of them.
    if start.as_slice() != PLAIN && alike * 2 > start.len() {
        return Err(VaultError::row("its first bytes"));
    }
    Err(VaultError::Foreign { file: DATABASE })
}

fn connect(path: &Path, vault_key: &Key) -> Result<Connection, VaultError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    // SQLite takes no path below a link with NOFOLLOW; only the file itself must not be one.
    let path = path.parent().map_or_else(
        || Ok(path.to_owned()),
        |folder| Ok::<PathBuf, std::io::Error>(folder.canonicalize()?.join(path.file_name().unwrap_or_default())),
    )?;
    let connection = Connection::open_with_flags(path, flags)?;
    // SQLCipher would otherwise write its complaints to standard error.
    // It also would not lock and wipe its memory, which costs about 2 ms per card kept.
    connection.execute_batch("PRAGMA cipher_log_level = NONE; PRAGMA cipher_memory_security = ON;")?;
    let key = derive(vault_key.expose(), "db/v1");
    let mut statement = Zeroizing::new(String::with_capacity(160));
    statement.push_str("PRAGMA key = \"x'");
    for byte in key.expose().iter().chain(&salt(vault_key)) {
        for digit in [byte >> 4, byte & 15] {
            statement.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
        }
    }
    statement.push_str("'\";");
    connection.execute_batch(&statement)?;
    // Before anything is read: the index of the log then stays in memory and makes no file.
    connection.query_row("PRAGMA locking_mode = EXCLUSIVE", [], |_| Ok(()))?;
    Ok(connection)
}

/// One writer, no shared memory file, nothing on the disk but the file and its log, flushed at each
/// commit (SQLite documentation, "PRAGMA Statements"; SQLCipher API).
fn configure(connection: &Connection) -> Result<(), VaultError> {
    connection.busy_timeout(Duration::from_millis(500))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.execute_batch(
        "PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA synchronous = FULL;",
    )?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // A plan never depends on what is bound. Without this each new value has the statements of the search index prepared
    // again, which was half of what it costs to throw a card away.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(VaultError::Storage { what: "this disk does not take a write-ahead log".to_owned() });
    }
    Ok(())
}

fn write_ahead_log(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_sort_as_text_and_come_back_exactly() {
        let texts = [
            "2026-11-24T10:00:00Z",
            "2026-11-24T10:00:00.000000001Z",
            "2026-11-24T10:00:00.5Z",
            "2026-11-24T10:00:01Z",
        ];
        let stamps: Vec<_> = texts.iter().map(|text| stamp(text.parse().unwrap())).collect();
        assert!(stamps.is_sorted(), "{stamps:?}");
        for (text, stamp) in texts.iter().zip(&stamps) {
            assert_eq!(instant(stamp).unwrap(), text.parse().unwrap());
        }
    }
}
