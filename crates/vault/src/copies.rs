//! The copies of a card: each as the issuer sent it, with a key of its own, and who saw which.

use leerpas_core::{CardId, KeyId};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::{
    NewKey, Vault, VaultError,
    cards::{card_number, id_of},
    keys::write_key,
};

/// One copy as the issuer sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCopy {
    /// The bytes, exactly.
    pub original: Vec<u8>,
    /// The key that it is bound to; none for a badge from a file.
    pub key: Option<KeyId>,
}

/// One copy as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Its number in this vault.
    pub number: i64,
    /// The bytes, exactly.
    pub original: Vec<u8>,
    /// The key that it is bound to.
    pub key: Option<KeyId>,
    /// Identifiers of the parties that it was shown to.
    pub shown_to: Vec<String>,
}

/// One copy of a card, without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyUse {
    /// As [`Copy::number`].
    pub number: i64,
    /// The key that it is bound to.
    pub key: Option<KeyId>,
    /// Identifiers of the parties that it was shown to.
    pub shown_to: Vec<String>,
}

impl Vault {
    /// The copies of a card in the order in which they came, byte for byte.
    ///
    /// # Errors
    /// [`VaultError::NoSuchCard`], [`VaultError::Storage`].
    pub fn originals(&self, id: &CardId) -> Result<Vec<Copy>, VaultError> {
        let with_original = |one: CopyUse| {
            let CopyUse { number, key, shown_to } = one;
            Ok(Copy { number, original: self.copy(number)?, key, shown_to })
        };
        self.copies(id)?.into_iter().map(with_original).collect()
    }

    /// Which copies of a card there are and who saw them, in the order in which they came, without reading what they say:
    /// an original is long, and a flow needs one of several.
    ///
    /// # Errors
    /// [`VaultError::NoSuchCard`], [`VaultError::Storage`].
    pub fn copies(&self, id: &CardId) -> Result<Vec<CopyUse>, VaultError> {
        let number = card_number(&self.connection, id)?;
        let mut statement =
            self.connection.prepare_cached("SELECT number, key FROM copies WHERE card = ?1 ORDER BY number")?;
        let mut uses = self.connection.prepare_cached("SELECT party FROM copy_uses WHERE copy = ?1 ORDER BY party")?;
        let mut rows = statement.query([number])?;
        let mut copies = Vec::new();
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(0)?;
            let shown_to = uses.query_map([number], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let key: Option<String> = row.get(1)?;
            copies.push(CopyUse { number, key: key.as_deref().map(id_of), shown_to });
        }
        Ok(copies)
    }

    /// One copy, byte for byte as it came.
    ///
    /// # Errors
    /// [`VaultError::NoSuchCopy`], [`VaultError::Storage`].
    pub fn copy(&self, number: i64) -> Result<Vec<u8>, VaultError> {
        let original = self
            .connection
            .prepare_cached("SELECT original FROM copies WHERE number = ?1")?
            .query_row([number], |row| row.get(0))
            .optional()?;
        original.ok_or(VaultError::NoSuchCopy)
    }

    /// Writes down that a copy is shown to a party, before it is sent: the same copy shown to two
    /// parties lets them find out that they met the same person.
    ///
    /// # Errors
    /// [`VaultError::NoSuchCopy`], [`VaultError::Storage`].
    pub fn mark_copy_shown(&mut self, number: i64, party_identifier: &str) -> Result<(), VaultError> {
        mark_shown(&self.connection, number, party_identifier)
    }
}

/// As [`Vault::mark_copy_shown`].
pub(crate) fn mark_shown(connection: &Connection, number: i64, party_identifier: &str) -> Result<(), VaultError> {
    let result = connection
        .prepare_cached("INSERT OR IGNORE INTO copy_uses (copy, party) VALUES (?1, ?2)")?
        .execute(params![number, party_identifier]);
    match result.map_err(VaultError::from) {
        Err(VaultError::Conflict) => Err(VaultError::NoSuchCopy),
        other => other.map(|_| ()),
    }
}

/// Writes copies of a card with their keys; `sealed` as for [`write_key`].
pub(crate) fn write_copies(
    transaction: &Transaction<'_>,
    card: i64,
    copies: &[NewCopy],
    keys: &[NewKey],
    sealed: &[Vec<u8>],
) -> Result<(), VaultError> {
    for (key, sealed) in keys.iter().zip(sealed) {
        write_key(transaction, key, sealed)?;
    }
    for copy in copies {
        transaction
            .prepare_cached("INSERT INTO copies (card, key, original) VALUES (?1, ?2, ?3)")?
            .execute(params![card, copy.key.as_ref().map(KeyId::as_str), copy.original])?;
    }
    Ok(())
}
