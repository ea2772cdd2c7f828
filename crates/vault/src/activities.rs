//! The log: what is about to happen before it happens, how it ended after. It names claims and holds no
//! value of any.

use leerpas_core::{Activity, ActivityId, ActivityKind, ErrorKind, Outcome, SharedClaim, Timestamp};
use rusqlite::{Connection, Params, Row, params};
use serde::Deserialize;

use crate::{
    Vault, VaultError,
    cards::{from_json, from_word, to_json, word},
    database::{instant, stamp},
};

const COLUMNS: &str = "body, outcome, error";

/// What a party got, or may have got, earlier: the same claims of the same cards, however often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedBefore {
    /// The last time.
    pub last: Timestamp,
    /// How often.
    pub times: u32,
    /// Titles of the cards.
    pub titles: Vec<String>,
    /// The claims.
    pub claims: Vec<SharedClaim>,
}

/// What a line says about what was shared, and nothing else of it.
#[derive(Deserialize)]
struct Said {
    titles: Vec<String>,
    claims: Vec<SharedClaim>,
}

impl Vault {
    /// Writes down what is about to happen, with [`Outcome::Started`]; on the disk before this returns.
    ///
    /// # Errors
    /// [`VaultError::Conflict`] when the identifier is taken; [`VaultError::Storage`].
    pub fn begin_activity(&mut self, activity: &Activity) -> Result<(), VaultError> {
        let transaction = self.transaction()?;
        begin(&transaction, activity)?;
        Ok(transaction.commit()?)
    }

    /// Writes down how it ended.
    ///
    /// # Errors
    /// [`VaultError::NoSuchActivity`], [`VaultError::Storage`].
    pub fn end_activity(
        &mut self,
        id: &ActivityId,
        outcome: Outcome,
        error: Option<ErrorKind>,
    ) -> Result<(), VaultError> {
        let changed = self.connection.execute(
            "UPDATE activities SET outcome = ?2, error = ?3 WHERE id = ?1",
            params![id.as_str(), word(&outcome)?, error.map(ErrorKind::as_str)],
        )?;
        if changed == 0 { Err(VaultError::NoSuchActivity) } else { Ok(()) }
    }

    /// Every line, newest first.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn activities(&self) -> Result<Vec<Activity>, VaultError> {
        select(&self.connection, "ORDER BY at DESC, number DESC", [])
    }

    /// What was shared, or may have been, with the party of this identifier: what it got last first, and each thing once.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn shared_before(&self, party_identifier: &str) -> Result<Vec<SharedBefore>, VaultError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT number, at, body FROM activities
             WHERE party = ?1 AND kind = 'shared' AND outcome IN ('done', 'uncertain')",
        )?;
        let mut rows = statement.query([party_identifier])?;
        let mut before: Vec<(i64, SharedBefore)> = Vec::new();
        while let Some(row) = rows.next()? {
            let (number, last) = (row.get(0)?, instant(&row.get::<_, String>(1)?)?);
            let Said { titles, claims } = from_json(&row.get::<_, String>(2)?, "an activity")?;
            let same = before.iter_mut().find(|(_, shared)| shared.claims == claims && shared.titles == titles);
            match same {
                Some((latest, shared)) => {
                    (shared.last, *latest) = (shared.last, *latest).max((last, number));
                    shared.times += 1;
                }
                None => before.push((number, SharedBefore { last, times: 1, titles, claims })),
            }
        }
        before.sort_by_key(|(number, shared)| std::cmp::Reverse((shared.last, *number)));
        Ok(before.into_iter().map(|(_, shared)| shared).collect())
    }

    /// Ends what a stop of the program left begun: sharing may have happened, anything else did not.
    /// To be called once after opening. Returns those lines as they are now, oldest first.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn settle_interrupted(&mut self) -> Result<Vec<Activity>, VaultError> {
        self.settle_interrupted_but(None)
    }

    /// As [`Vault::settle_interrupted`], without the one line of what still goes on: locking does not end it.
    ///
    /// # Errors
    /// As [`Vault::settle_interrupted`].
    pub fn settle_interrupted_but(&mut self, going_on: Option<&ActivityId>) -> Result<Vec<Activity>, VaultError> {
        let mut statement = self.connection.prepare_cached(&format!(
            "UPDATE activities SET outcome = CASE kind WHEN 'shared' THEN 'uncertain' ELSE 'failed' END,
                 error = CASE kind WHEN 'shared' THEN error ELSE ?1 END
             WHERE outcome = 'started' AND id IS NOT ?2 RETURNING {COLUMNS}"
        ))?;
        let mut rows = statement.query(params![ErrorKind::Interrupted.as_str(), going_on.map(ActivityId::as_str)])?;
        let mut settled = Vec::new();
        while let Some(row) = rows.next()? {
            settled.push(read(row)?);
        }
        settled.sort_by_key(|line| line.at);
        Ok(settled)
    }

    /// Removes one line, because the person wants it gone.
    ///
    /// # Errors
    /// [`VaultError::NoSuchActivity`], [`VaultError::Storage`].
    pub fn delete_activity(&mut self, id: &ActivityId) -> Result<(), VaultError> {
        let removed = self.connection.execute("DELETE FROM activities WHERE id = ?1", [id.as_str()])?;
        if removed == 0 { Err(VaultError::NoSuchActivity) } else { Ok(()) }
    }
}

/// Writes one line within the transaction of what it is about, in place of the one that was begun.
pub(crate) fn write_activity(connection: &Connection, activity: &Activity) -> Result<(), VaultError> {
    insert(connection, activity, "INSERT OR REPLACE")
}

/// As [`Vault::begin_activity`].
pub(crate) fn begin(connection: &Connection, activity: &Activity) -> Result<(), VaultError> {
    insert(connection, activity, "INSERT")
}

fn insert(connection: &Connection, activity: &Activity, how: &str) -> Result<(), VaultError> {
    let sql = format!(
        "{how} INTO activities (id, at, kind, party, outcome, error, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    );
    connection.prepare_cached(&sql)?.execute(params![
        activity.id.as_str(),
        stamp(activity.at),
        word::<ActivityKind>(&activity.kind)?,
        activity.party.as_ref().map(|party| &party.identifier),
        word(&activity.outcome)?,
        activity.error.map(ErrorKind::as_str),
        to_json(activity)?
    ])?;
    Ok(())
}

fn select(connection: &Connection, rest: &str, with: impl Params) -> Result<Vec<Activity>, VaultError> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM activities {rest}"))?;
    let mut rows = statement.query(with)?;
    let mut activities = Vec::new();
    while let Some(row) = rows.next()? {
        activities.push(read(row)?);
    }
    Ok(activities)
}

/// The columns win over the body, which is as it was at the beginning.
fn read(row: &Row<'_>) -> Result<Activity, VaultError> {
    let mut activity: Activity = from_json(&row.get::<_, String>(0)?, "an activity")?;
    activity.outcome = from_word(row.get(1)?, "an outcome")?;
    let error: Option<String> = row.get(2)?;
    activity.error = error.map(|word| from_word(word, "an error")).transpose()?;
    Ok(activity)
}
