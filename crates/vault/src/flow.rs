//! What one flow of the person leaves behind, all of it at once: its cards, what was fetched for them, its lines.

use leerpas_core::{Activity, Card, CardId, Outcome};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::{
    NewCard, NewEntitlement, NewGrant, Resource, Vault, VaultError,
    activities::{begin, write_activity},
    cards::{id_of, remove_card, write_all},
    copies::mark_shown,
    database::{empty_log, stamp},
    grants::write_promise,
    resources::{mark_answered, remove},
};

/// An answer that is about to leave.
#[derive(Debug, Clone)]
pub struct Leaving<'a> {
    /// The names of the request, as in [`Vault::mark_answered`]: by its nonce, and by where it was fetched.
    pub answered: &'a [String],
    /// Where its request object was fetched, if it was: an answered one is not there for a second look.
    pub fetched: Option<&'a str>,
    /// The copies that the party of the line is going to see, by number.
    pub copies: &'a [i64],
    /// The line of the log, with [`Outcome::Started`].
    pub line: &'a Activity,
}

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
    /// Writes down that an answer is about to leave, all of it or nothing at all, and in one write: that its request is
    /// answered, which copies its party saw, and the line of the log. When this returns, it is on the disk.
    ///
    /// # Errors
    /// [`VaultError::NoSuchCopy`], [`VaultError::Conflict`] when the line is there already, [`VaultError::Storage`].
    pub fn begin_answer(&mut self, leaving: &Leaving<'_>) -> Result<(), VaultError> {
        let Leaving { answered, fetched, copies, line } = leaving;
        debug_assert_eq!(line.outcome, Outcome::Started, "nothing has left yet");
        let transaction = self.transaction()?;
        for name in *answered {
            mark_answered(&transaction, name, line.at)?;
        }
        if let Some(party) = &line.party {
            copies.iter().try_for_each(|copy| mark_shown(&transaction, *copy, &party.identifier))?;
        }
        begin(&transaction, line)?;
        if let Some(url) = fetched {
            remove(&transaction, url)?;
        }
        Ok(transaction.commit()?)
    }

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
        cards: Vec<NewCard>,
        resources: &[Resource],
        lines: Vec<Activity>,
        promise: Option<Promise>,
    ) -> Result<Vec<Card>, VaultError> {
        self.keep_instead(cards.into_iter().map(|new| (new, None)).collect(), resources, lines, promise)
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
        mut promise: Option<Promise>,
    ) -> Result<Vec<Card>, VaultError> {
        let sealed_promise = promise.as_ref().map(|one| self.seal_promise(&one.grant, &one.entitlements));
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
                let refills = promise.iter_mut().flat_map(|one| &mut one.entitlements);
                for refill in refills.filter(|one| one.card.as_ref() == Some(&new.card.id)) {
                    refill.card = Some(older.clone());
                }
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
        if let (Some(promise), Some(sealed)) = (&promise, &sealed_promise) {
            write_promise(&transaction, &promise.grant, &promise.entitlements, sealed)?;
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
