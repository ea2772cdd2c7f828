//! What one flow of the person leaves behind, all of it at once: its cards, what was fetched for them, its lines.

use leerpas_core::{Activity, Card, CardId};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::{
    NewCard, NewEntitlement, NewGrant, Resource, Vault, VaultError,
    activities::write_activity,
    cards::{id_of, remove_card, write_all},
    database::{empty_log, stamp},
    grants::write_promise,
};

/// What an issuer still gives after a flow: its grant, with what that entitles to. A card that is kept in the same flow is
/// named by the identifier with which it comes in.
#[derive(Debug)]
pub struct Promise {
    /// The grant.
    pub grant: NewGrant,
    /// What it entitles to.
    pub entitlements: Vec<NewEntitlement>,
}

impl Vault {
    /// Keeps all cards of one flow, each with its copies and keys, together with what was fetched to check them, the
    /// lines of the log and what the issuer still gives: all of it or nothing at all. A card that is in the vault already
    /// takes the place of the older one and goes on under its identifier, so that the log still leads to it. The first of
    /// `lines` is about these cards and gets their identifiers; a line that was begun is put in the place of what was
    /// written then. When this returns, it is on the disk.
    ///
    /// # Errors
    /// As [`Vault::keep`]; [`VaultError::NoSuchCard`] when the promise is about a card that is not there.
    pub fn keep_together(
        &mut self,
        mut cards: Vec<NewCard>,
        resources: &[Resource],
        mut lines: Vec<Activity>,
        mut promise: Option<Promise>,
    ) -> Result<Vec<Card>, VaultError> {
        let sealed_promise = promise.as_ref().map(|one| self.seal_promise(&one.grant, &one.entitlements));
        let mut sealed = Vec::new();
        for new in &cards {
            sealed.push(new.keys.iter().map(|key| self.seal_key(key)).collect::<Vec<_>>());
        }
        let transaction = self.transaction()?;
        let mut replaced = false;
        for (new, sealed) in cards.iter_mut().zip(&sealed) {
            if let Some(older) = duplicate(&transaction, &new.fingerprint)? {
                remove_card(&transaction, &older)?;
                let refills = promise.iter_mut().flat_map(|one| &mut one.entitlements);
                for refill in refills.filter(|one| one.card.as_ref() == Some(&new.card.id)) {
                    refill.card = Some(older.clone());
                }
                new.card.id = older;
                replaced = true;
            }
            write_all(&transaction, new, sealed)?;
        }
        for resource in resources {
            keep_younger(&transaction, resource)?;
        }
        if let Some(line) = lines.first_mut() {
            line.cards = cards.iter().map(|new| new.card.id.clone()).collect();
            line.cards.dedup();
        }
        for line in &lines {
            write_activity(&transaction, line)?;
        }
        if let (Some(promise), Some(sealed)) = (&promise, &sealed_promise) {
            write_promise(&transaction, &promise.grant, &promise.entitlements, sealed)?;
        }
        transaction.commit()?;
        if replaced {
            // As in delete_card.
            let _ = empty_log(&self.connection);
        }
        Ok(cards.into_iter().map(|new| new.card).collect())
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
