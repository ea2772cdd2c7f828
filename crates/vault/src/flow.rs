//! What one flow of the person leaves behind, all of it at once: its cards, what was fetched for them, its lines.

use leerpas_core::{Activity, Card, CardId};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::{
    NewCard, Resource, Vault, VaultError,
    activities::write_activity,
    cards::{id_of, remove_card, write_all},
    database::{empty_log, stamp},
};

impl Vault {
    /// Keeps all cards of one flow, each with its copies and keys, together with what was fetched to check them and the
    /// lines of the log: all of it or nothing at all. A card that is in the vault already takes the place of the older
    /// one and goes on under its identifier, so that the log still leads to it. The first of `lines` is about these
    /// cards and gets their identifiers; a line that was begun is put in the place of what was written then.
    /// When this returns, it is on the disk.
    ///
    /// # Errors
    /// As [`Vault::keep`].
    pub fn keep_together(
        &mut self,
        cards: Vec<NewCard>,
        resources: &[Resource],
        lines: Vec<Activity>,
    ) -> Result<Vec<Card>, VaultError> {
        self.keep_instead(cards.into_iter().map(|new| (new, None)).collect(), resources, lines)
    }

    /// The same, where a card may name one that it takes the place of though it says something else: a newer issue.
    ///
    /// # Errors
    /// As [`Vault::keep`]; [`VaultError::NoSuchCard`].
    pub fn keep_instead(
        &mut self,
        mut cards: Vec<(NewCard, Option<CardId>)>,
        resources: &[Resource],
        mut lines: Vec<Activity>,
    ) -> Result<Vec<Card>, VaultError> {
        let mut sealed = Vec::new();
        for (new, _) in &cards {
            sealed.push(new.keys.iter().map(|key| self.seal_key(key)).collect::<Vec<_>>());
        }
        let transaction = self.transaction()?;
        let mut replaced = false;
        for ((new, older), sealed) in cards.iter_mut().zip(&sealed) {
            // What says the same goes too, where it is not what was named.
            let same = duplicate(&transaction, &new.fingerprint)?;
            for gone in older.iter().chain(same.as_ref().filter(|same| older.as_ref() != Some(*same))) {
                remove_card(&transaction, gone)?;
                replaced = true;
            }
            if let Some(older) = older.take().or(same) {
                new.card.id = older;
            }
            write_all(&transaction, new, sealed)?;
        }
        for resource in resources {
            keep_younger(&transaction, resource)?;
        }
        if let Some(line) = lines.first_mut() {
            line.cards = cards.iter().map(|(new, _)| new.card.id.clone()).collect();
            line.cards.dedup();
        }
        for line in &lines {
            write_activity(&transaction, line)?;
        }
        transaction.commit()?;
        if replaced {
            // As in delete_card.
            let _ = empty_log(&self.connection);
        }
        Ok(cards.into_iter().map(|(new, _)| new.card).collect())
    }
}

fn duplicate(transaction: &Transaction<'_>, fingerprint: &str) -> Result<Option<CardId>, VaultError> {
    let id: Option<String> = transaction
        .prepare_cached("SELECT id FROM cards WHERE fingerprint = ?1")?
        .query_row([fingerprint], |row| row.get(0))
        .optional()?;
    Ok(id.as_deref().map(id_of))
}

/// What is there and younger stays: instants sort as text.
fn keep_younger(transaction: &Transaction<'_>, resource: &Resource) -> Result<(), VaultError> {
    transaction
        .prepare_cached(
            "INSERT INTO resources (url, media_type, body, fetched, expires) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (url) DO UPDATE SET media_type = excluded.media_type, body = excluded.body,
                 fetched = excluded.fetched, expires = excluded.expires
             WHERE excluded.fetched > resources.fetched",
        )?
        .execute(params![
            resource.url,
            resource.media_type,
            resource.body,
            stamp(resource.fetched),
            resource.expires.map(stamp)
        ])?;
    Ok(())
}
