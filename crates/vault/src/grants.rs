//! What an issuer still gives: grants, and what each of them entitles to. A card that comes later waits here; a card
//! that is kept has here what refills its copies.
//!
//! Tokens and keys are sealed once more within the encrypted file, row by row, as private keys are. A grant that entitles
//! to nothing any more goes by itself.

use leerpas_core::{CardId, EntitlementId, GrantId, Secret, Timestamp};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde_json::Value;

use crate::{
    NewCard, NewCopy, NewKey, Vault, VaultError,
    cards::{card_number, from_json, id_of, remove_card, to_json, write_all},
    copies::write_copies,
    database::{empty_log, instant, stamp},
    sealing::{seal, unseal},
};

/// A grant on its way in.
#[derive(Debug)]
pub struct NewGrant {
    /// Its name in this vault.
    pub id: GrantId,
    /// When it was given.
    pub made: Timestamp,
    /// Its tokens and their key, in whatever form the caller reads back.
    pub secret: Secret<Vec<u8>>,
}

/// Something that a grant entitles to, on its way in.
#[derive(Debug)]
pub struct NewEntitlement {
    /// Its name in this vault.
    pub id: EntitlementId,
    /// The grant.
    pub grant: GrantId,
    /// The card whose copies it refills; none for a card that comes later.
    pub card: Option<CardId>,
    /// When it was promised.
    pub made: Timestamp,
    /// Before this the issuer does not want to be asked.
    pub ask_after: Timestamp,
    /// What a list shows of it, as the caller writes and reads it.
    pub shown: Value,
    /// What is needed to ask, in whatever form the caller reads back.
    pub secret: Secret<Vec<u8>>,
}

/// Something that a grant entitles to, without its secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct EntitlementRecord {
    /// As [`NewEntitlement::id`].
    pub id: EntitlementId,
    /// As [`NewEntitlement::grant`].
    pub grant: GrantId,
    /// As [`NewEntitlement::card`].
    pub card: Option<CardId>,
    /// As [`NewEntitlement::made`].
    pub made: Timestamp,
    /// As [`NewEntitlement::ask_after`].
    pub ask_after: Timestamp,
    /// As [`NewEntitlement::shown`].
    pub shown: Value,
}

/// What is needed to come back to an issuer.
#[derive(Debug)]
pub struct OpenEntitlement {
    /// What it is.
    pub record: EntitlementRecord,
    /// As [`NewGrant::secret`].
    pub grant: Secret<Vec<u8>>,
    /// As [`NewEntitlement::secret`].
    pub secret: Secret<Vec<u8>>,
}

/// The seals of a grant and of what it entitles to, in its order.
pub(crate) struct SealedPromise {
    grant: Vec<u8>,
    entitlements: Vec<Vec<u8>>,
}

/// A row with the seals of the entitlement and of its grant.
type SealedRow = (Result<EntitlementRecord, VaultError>, Vec<u8>, Vec<u8>);

const COLUMNS: &str = "entitlements.id, grant_id, cards.id, entitlements.made, ask_after, shown";
const FROM: &str = "entitlements LEFT JOIN cards ON cards.number = entitlements.card";

impl Vault {
    /// The seals of a grant and of what it entitles to, before the transaction that writes them begins.
    pub(crate) fn seal_promise(&self, grant: &NewGrant, entitlements: &[NewEntitlement]) -> SealedPromise {
        SealedPromise {
            grant: self.seal_grant(&grant.id, &grant.secret),
            entitlements: entitlements.iter().map(|one| self.seal_entitlement(&one.id, &one.secret)).collect(),
        }
    }

    /// Puts a renewed grant in the place of the one before; on the disk before this returns, because the server may take
    /// the old one no longer.
    ///
    /// # Errors
    /// [`VaultError::NoSuchEntitlement`], [`VaultError::Storage`].
    pub fn renew_grant(&mut self, id: &GrantId, secret: &Secret<Vec<u8>>) -> Result<(), VaultError> {
        let sealed = self.seal_grant(id, secret);
        let changed =
            self.connection.execute("UPDATE grants SET sealed = ?2 WHERE id = ?1", params![id.as_str(), sealed])?;
        if changed == 0 { Err(VaultError::NoSuchEntitlement) } else { Ok(()) }
    }

    /// What is waited for, the oldest first.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn waiting(&self) -> Result<Vec<EntitlementRecord>, VaultError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM {FROM} WHERE entitlements.card IS NULL ORDER BY entitlements.made, entitlements.id"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// What refills a card's copies, if anything does.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn refill_of(&self, card: &CardId) -> Result<Option<EntitlementRecord>, VaultError> {
        let sql = format!("SELECT {COLUMNS} FROM {FROM} WHERE cards.id = ?1 ORDER BY entitlements.made DESC LIMIT 1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([card.as_str()])?;
        rows.next()?.map(read).transpose()
    }

    /// Opens what is needed to come back.
    ///
    /// # Errors
    /// [`VaultError::NoSuchEntitlement`]; [`VaultError::Damaged`] when a seal does not hold for this row and vault.
    pub fn open_entitlement(&self, id: &EntitlementId) -> Result<OpenEntitlement, VaultError> {
        let sql = format!(
            "SELECT {COLUMNS}, entitlements.sealed, grants.sealed FROM {FROM} \
             JOIN grants ON grants.id = entitlements.grant_id WHERE entitlements.id = ?1"
        );
        let row: Option<SealedRow> = self
            .connection
            .prepare_cached(&sql)?
            .query_row([id.as_str()], |row| Ok((read(row), row.get(6)?, row.get(7)?)))
            .optional()?;
        let (record, secret, grant) = row.ok_or(VaultError::NoSuchEntitlement)?;
        let record = record?;
        let broken = || VaultError::row("the seal of a grant does not hold");
        let grant_place = place(self.id(), "grants", record.grant.as_str());
        let grant = unseal(&self.private_keys, &grant_place, &grant).ok_or_else(broken)?;
        let secret =
            unseal(&self.private_keys, &place(self.id(), "entitlements", id.as_str()), &secret).ok_or_else(broken)?;
        Ok(OpenEntitlement { record, grant, secret })
    }

    /// Writes down that the issuer was asked and wants more time.
    ///
    /// # Errors
    /// [`VaultError::NoSuchEntitlement`], [`VaultError::Storage`].
    pub fn put_off(
        &mut self,
        id: &EntitlementId,
        ask_after: Timestamp,
        secret: &Secret<Vec<u8>>,
    ) -> Result<(), VaultError> {
        let sealed = self.seal_entitlement(id, secret);
        let changed = self.connection.execute(
            "UPDATE entitlements SET ask_after = ?2, sealed = ?3 WHERE id = ?1",
            params![id.as_str(), stamp(ask_after), sealed],
        )?;
        if changed == 0 { Err(VaultError::NoSuchEntitlement) } else { Ok(()) }
    }

    /// Gives up what is waited for, with its keys; and its grant, where that entitles to nothing else.
    ///
    /// # Errors
    /// [`VaultError::NoSuchEntitlement`], [`VaultError::Storage`].
    pub fn give_up(&mut self, id: &EntitlementId) -> Result<(), VaultError> {
        let removed = self.connection.execute("DELETE FROM entitlements WHERE id = ?1", [id.as_str()])?;
        if removed == 0 {
            return Err(VaultError::NoSuchEntitlement);
        }
        // As for a card: the rows are gone, and closing does the same.
        let _ = empty_log(&self.connection);
        Ok(())
    }

    /// Keeps the card that was waited for and ends the waiting, both at once or neither. `older` is the card whose place
    /// it takes; `refill` is what the entitlement is from now on, where the issuer lets the wallet come back.
    ///
    /// # Errors
    /// [`VaultError::NoSuchEntitlement`], [`VaultError::NoSuchCard`] for `older`, and as [`Vault::keep`].
    pub fn keep_awaited(
        &mut self,
        id: &EntitlementId,
        older: Option<&CardId>,
        new: &NewCard,
        refill: Option<&Secret<Vec<u8>>>,
    ) -> Result<(), VaultError> {
        let sealed_keys = new.keys.iter().map(|key| self.seal_key(key)).collect::<Vec<_>>();
        let refill = refill.map(|secret| self.seal_entitlement(id, secret));
        let transaction = self.transaction()?;
        if let Some(older) = older {
            remove_card(&transaction, older)?;
        }
        write_all(&transaction, new, &sealed_keys)?;
        let changed = match refill {
            Some(sealed) => {
                let card = card_number(&transaction, &new.card.id)?;
                transaction.execute(
                    "UPDATE entitlements SET card = ?2, sealed = ?3 WHERE id = ?1",
                    params![id.as_str(), card, sealed],
                )?
            }
            None => transaction.execute("DELETE FROM entitlements WHERE id = ?1", [id.as_str()])?,
        };
        if changed == 0 {
            return Err(VaultError::NoSuchEntitlement);
        }
        transaction.commit()?;
        let _ = empty_log(&self.connection);
        Ok(())
    }

    /// Adds fresh copies to a card, with their keys: all or nothing.
    ///
    /// # Errors
    /// [`VaultError::NoSuchCard`], [`VaultError::Conflict`], [`VaultError::Storage`].
    pub fn add_copies(&mut self, card: &CardId, copies: &[NewCopy], keys: &[NewKey]) -> Result<(), VaultError> {
        let sealed = keys.iter().map(|key| self.seal_key(key)).collect::<Vec<_>>();
        let transaction = self.transaction()?;
        let number = card_number(&transaction, card)?;
        write_copies(&transaction, number, copies, keys, &sealed)?;
        count_copies(&transaction, number)?;
        Ok(transaction.commit()?)
    }

    fn seal_grant(&self, id: &GrantId, secret: &Secret<Vec<u8>>) -> Vec<u8> {
        seal(&self.private_keys, &place(self.id(), "grants", id.as_str()), secret.expose())
    }

    fn seal_entitlement(&self, id: &EntitlementId, secret: &Secret<Vec<u8>>) -> Vec<u8> {
        seal(&self.private_keys, &place(self.id(), "entitlements", id.as_str()), secret.expose())
    }
}

/// Writes a grant with what it entitles to. The cards that it names are there already.
pub(crate) fn write_promise(
    transaction: &Transaction<'_>,
    grant: &NewGrant,
    entitlements: &[NewEntitlement],
    sealed: &SealedPromise,
) -> Result<(), VaultError> {
    transaction.execute(
        "INSERT OR IGNORE INTO grants (id, made, sealed) VALUES (?1, ?2, ?3)",
        params![grant.id.as_str(), stamp(grant.made), sealed.grant],
    )?;
    for (one, sealed) in entitlements.iter().zip(&sealed.entitlements) {
        let card = one.card.as_ref().map(|card| card_number(transaction, card)).transpose()?;
        transaction.execute(
            "INSERT INTO entitlements (id, grant_id, card, made, ask_after, shown, sealed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                one.id.as_str(),
                one.grant.as_str(),
                card,
                stamp(one.made),
                stamp(one.ask_after),
                to_json(&one.shown)?,
                sealed
            ],
        )?;
    }
    Ok(())
}

fn count_copies(transaction: &Transaction<'_>, card: i64) -> Result<(), VaultError> {
    transaction.execute(
        "UPDATE cards SET copies = (SELECT count(*) FROM copies WHERE card = ?1 AND key IS NOT NULL) WHERE number = ?1",
        [card],
    )?;
    Ok(())
}

/// Vault, table, row, column, version of the seal.
fn place<'a>(vault: &'a str, table: &'a str, id: &'a str) -> [&'a str; 5] {
    [vault, table, id, "sealed", "1"]
}

fn read(row: &Row<'_>) -> Result<EntitlementRecord, VaultError> {
    let card: Option<String> = row.get(2)?;
    Ok(EntitlementRecord {
        id: id_of(&row.get::<_, String>(0)?),
        grant: id_of(&row.get::<_, String>(1)?),
        card: card.as_deref().map(id_of),
        made: instant(&row.get::<_, String>(3)?)?,
        ask_after: instant(&row.get::<_, String>(4)?)?,
        shown: from_json(&row.get::<_, String>(5)?, "what is waited for")?,
    })
}
