//! The schema, as numbered steps. A step that was released is never edited.

use rusqlite::{Connection, TransactionBehavior};

use crate::{VaultError, files::DATABASE};

/// Step by step, each in a transaction of its own together with its number in `user_version`.
const STEPS: &[&str] = &[
    // 1
    "CREATE TABLE vault (
        id TEXT NOT NULL PRIMARY KEY,
        made TEXT NOT NULL
    ) STRICT;

    CREATE TABLE keys (
        id TEXT NOT NULL PRIMARY KEY,
        purpose TEXT NOT NULL,
        party TEXT,
        algorithm TEXT NOT NULL,
        public_jwk TEXT NOT NULL,
        made TEXT NOT NULL,
        private BLOB NOT NULL
    ) STRICT;

    -- What a list needs comes first and is small; the rest lies on pages that a list never reads.
    CREATE TABLE cards (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        fingerprint TEXT NOT NULL UNIQUE,
        received TEXT NOT NULL,
        status TEXT NOT NULL,
        checked TEXT NOT NULL,
        copies INTEGER NOT NULL,
        summary TEXT NOT NULL,
        report TEXT NOT NULL,
        facts TEXT NOT NULL,
        picture TEXT
    ) STRICT;
    CREATE INDEX cards_by_time ON cards (received DESC, number DESC);

    CREATE TABLE copies (
        number INTEGER PRIMARY KEY,
        card INTEGER NOT NULL REFERENCES cards (number) ON DELETE CASCADE,
        key TEXT REFERENCES keys (id),
        original BLOB NOT NULL
    ) STRICT;
    CREATE INDEX copies_by_card ON copies (card);
    CREATE INDEX copies_by_key ON copies (key);

    CREATE TABLE copy_uses (
        copy INTEGER NOT NULL REFERENCES copies (number) ON DELETE CASCADE,
        party TEXT NOT NULL,
        PRIMARY KEY (copy, party)
    ) STRICT, WITHOUT ROWID;

    CREATE VIRTUAL TABLE search USING fts5 (
        title, issuer, rest,
        tokenize = 'unicode61 remove_diacritics 2',
        prefix = '1 2 3'
    );
    INSERT INTO search (search, rank) VALUES ('secure-delete', 1);

    CREATE TABLE activities (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        party TEXT,
        outcome TEXT NOT NULL,
        error TEXT,
        body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX activities_by_time ON activities (at DESC, number DESC);
    CREATE INDEX activities_by_party ON activities (party, kind);

    CREATE TABLE resources (
        url TEXT NOT NULL PRIMARY KEY,
        media_type TEXT,
        body BLOB NOT NULL,
        fetched TEXT NOT NULL,
        expires TEXT
    ) STRICT;

    CREATE TABLE answered (
        fingerprint TEXT NOT NULL PRIMARY KEY,
        at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;",
    // The addresses that the learner says are theirs.
    "CREATE TABLE identities (
        number INTEGER PRIMARY KEY,
        identity TEXT NOT NULL UNIQUE
    ) STRICT;",
    // Institutions that the person trusts, and how far each signed list has come.
    "CREATE TABLE trusted (
        id TEXT NOT NULL PRIMARY KEY,
        added TEXT NOT NULL,
        signer TEXT,
        body TEXT NOT NULL
    ) STRICT;

    CREATE TABLE trust_signers (
        signer TEXT NOT NULL PRIMARY KEY,
        jwk TEXT NOT NULL,
        sequence INTEGER NOT NULL,
        expires TEXT NOT NULL
    ) STRICT;",
    // Since when the status of a card is known, where the last check heard nothing newer.
    "ALTER TABLE cards ADD COLUMN known_at TEXT;
    UPDATE cards SET known_at = (
        SELECT one.value ->> 'known_at' FROM json_each(report, '$.checks') AS one WHERE one.value ->> 'name' = 'status'
    );",
    // All that a list shows of a card, in its order: a list then reads this alone, some ten cards to a page, instead of
    // the page or more that each card lies on and that has to be decrypted.
    "DROP INDEX cards_by_time;
    CREATE INDEX cards_listed ON cards (
        received DESC, number DESC, id, status, checked, copies, summary, picture IS NOT NULL, known_at
    );",
    // What issuers still give: cards that come later, and fresh copies. A grant that entitles to nothing goes.
    "CREATE TABLE grants (
        id TEXT NOT NULL PRIMARY KEY,
        made TEXT NOT NULL,
        sealed BLOB NOT NULL
    ) STRICT;

    CREATE TABLE entitlements (
        id TEXT NOT NULL PRIMARY KEY,
        grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
        card INTEGER REFERENCES cards (number) ON DELETE CASCADE,
        made TEXT NOT NULL,
        ask_after TEXT NOT NULL,
        shown TEXT NOT NULL,
        sealed BLOB NOT NULL
    ) STRICT;
    CREATE INDEX entitlements_by_grant ON entitlements (grant_id);
    CREATE INDEX entitlements_by_card ON entitlements (card);

    CREATE TRIGGER grants_without_use AFTER DELETE ON entitlements BEGIN
        DELETE FROM grants WHERE id = OLD.grant_id
            AND NOT EXISTS (SELECT 1 FROM entitlements WHERE grant_id = OLD.grant_id);
    END;",
    // Attestations of this program, each for one authorization server.
    "CREATE TABLE attestations (
        server TEXT NOT NULL PRIMARY KEY,
        made TEXT NOT NULL,
        sealed BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;",
];

/// The version of the schema that this Leerpas writes.
pub const SCHEMA_VERSION: i64 = STEPS.len() as i64;

/// Refuses a database that a newer Leerpas wrote, before anything is written to it.
///
/// # Errors
/// [`VaultError::Newer`].
pub(crate) fn refuse_newer(connection: &Connection) -> Result<(), VaultError> {
    let found = version(connection)?;
    if found > SCHEMA_VERSION {
        return Err(VaultError::Newer { file: DATABASE, found, known: SCHEMA_VERSION });
    }
    Ok(())
}

/// Takes the steps that are still to be taken.
///
/// # Errors
/// When a step fails; the database then stands at the step before.
pub(crate) fn run(connection: &mut Connection) -> Result<(), VaultError> {
    refuse_newer(connection)?;
    for (step, target) in STEPS.iter().zip(1_i64..).skip(usize::try_from(version(connection)?).unwrap_or(0)) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", target)?;
        transaction.commit()?;
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<i64, VaultError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

#[cfg(test)]
mod tests;
