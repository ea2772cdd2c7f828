//! Private keys: what each is for, and the sealed key itself.

use leerpas_core::{CardId, KeyId, Secret, Timestamp};
use rusqlite::{OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Vault, VaultError,
    cards::{from_json, from_word, id_of, to_json, word},
    database::{empty_log, instant, stamp},
    sealing::{seal, unseal},
};

/// What a key is for. It is never used for anything else: the seal of the private key says so too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPurpose {
    /// Holder of one copy of one credential.
    Holder,
    /// DPoP (RFC 9449) with one issuer.
    Dpop,
    /// Client of one sign-in service.
    Client,
}

impl KeyPurpose {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holder => "holder",
            Self::Dpop => "dpop",
            Self::Client => "client",
        }
    }
}

/// A key on its way in.
#[derive(Debug)]
pub struct NewKey {
    /// Its name in this vault.
    pub id: KeyId,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// The identifier of the party that it was made for, to show on the Keys screen.
    pub party: Option<String>,
    /// The JOSE algorithm, such as `ES256`.
    pub algorithm: String,
    /// The public key as a JWK (RFC 7517).
    pub public_jwk: Value,
    /// The private key, in whatever encoding the caller reads back.
    pub private: Secret<Vec<u8>>,
    /// When it was made.
    pub made: Timestamp,
}

/// A key as shown: all but the private part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its name in this vault.
    pub id: KeyId,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// The identifier of the party that it was made for.
    pub party: Option<String>,
    /// The JOSE algorithm.
    pub algorithm: String,
    /// The public key as a JWK.
    pub public_jwk: Value,
    /// When it was made.
    pub made: Timestamp,
    /// The card with the copy that is bound to it.
    pub card: Option<CardId>,
}

impl Vault {
    /// Puts a key in, on the disk before this returns: a key is kept before anyone is asked to bind
    /// something to it.
    ///
    /// # Errors
    /// [`VaultError::Conflict`] when the identifier is taken; [`VaultError::Storage`].
    pub fn add_key(&mut self, key: &NewKey) -> Result<(), VaultError> {
        let sealed = self.seal_key(key);
        let transaction = self.transaction()?;
        write_key(&transaction, key, &sealed)?;
        Ok(transaction.commit()?)
    }

    /// Opens the private key.
    ///
    /// # Errors
    /// [`VaultError::NoSuchKey`]; [`VaultError::Damaged`] when the seal does not hold for this key, this
    /// purpose and this vault.
    pub fn open_key(&self, id: &KeyId) -> Result<Secret<Vec<u8>>, VaultError> {
        let row: Option<(String, Vec<u8>)> = self
            .connection
            .prepare_cached("SELECT purpose, private FROM keys WHERE id = ?1")?
            .query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (purpose, sealed) = row.ok_or(VaultError::NoSuchKey)?;
        unseal(&self.private_keys, &place(self.id(), id.as_str(), &purpose), &sealed)
            .ok_or(VaultError::row("the seal of a private key does not hold"))
    }

    /// Every key, oldest first.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn keys(&self) -> Result<Vec<KeyRecord>, VaultError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, purpose, party, algorithm, public_jwk, made,
                (SELECT cards.id FROM copies JOIN cards ON cards.number = copies.card WHERE copies.key = keys.id LIMIT 1)
             FROM keys ORDER BY made, id",
        )?;
        let mut rows = statement.query([])?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next()? {
            let card: Option<String> = row.get(6)?;
            keys.push(KeyRecord {
                id: id_of(&row.get::<_, String>(0)?),
                purpose: from_word(row.get(1)?, "a purpose")?,
                party: row.get(2)?,
                algorithm: row.get(3)?,
                public_jwk: from_json(&row.get::<_, String>(4)?, "a public key")?,
                made: instant(&row.get::<_, String>(5)?)?,
                card: card.as_deref().map(id_of),
            });
        }
        Ok(keys)
    }

    /// Removes the holder keys that were made before `before` and that no copy is bound to: what is left
    /// of collecting that was broken off. Returns how many.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn remove_unused_keys(&mut self, before: Timestamp) -> Result<usize, VaultError> {
        let removed = self.connection.execute(
            "DELETE FROM keys WHERE purpose = ?1 AND made < ?2
             AND NOT EXISTS (SELECT 1 FROM copies WHERE copies.key = keys.id)",
            params![KeyPurpose::Holder.as_str(), stamp(before)],
        )?;
        if removed > 0 {
            // As for a card: the rows are gone, and closing does the same.
            let _ = empty_log(&self.connection);
        }
        Ok(removed)
    }

    pub(crate) fn seal_key(&self, key: &NewKey) -> Vec<u8> {
        let place = place(self.id(), key.id.as_str(), key.purpose.as_str());
        seal(&self.private_keys, &place, key.private.expose())
    }
}

/// Writes one key within a transaction; `sealed` comes from [`Vault::seal_key`].
pub(crate) fn write_key(transaction: &Transaction<'_>, key: &NewKey, sealed: &[u8]) -> Result<(), VaultError> {
    transaction
        .prepare_cached(
            "INSERT INTO keys (id, purpose, party, algorithm, public_jwk, made, private)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            key.id.as_str(),
            word(&key.purpose)?,
            key.party,
            key.algorithm,
            to_json(&key.public_jwk)?,
            stamp(key.made),
            sealed
        ])?;
    Ok(())
}

/// Vault, table, row, column, version of the seal, purpose.
fn place<'a>(vault: &'a str, id: &'a str, purpose: &'a str) -> [&'a str; 6] {
    [vault, "keys", id, "private", "1", purpose]
}

#[cfg(test)]
mod tests {
    use leerpas_core::{CountingEntropy, SystemClock};
    use serde_json::json;

    use super::*;
    use crate::KdfParameters;

    fn key(id: &str, purpose: KeyPurpose, private: &[u8]) -> NewKey {
        NewKey {
            id: id_of(id),
            purpose,
            party: None,
            algorithm: "ES256".to_owned(),
            public_jwk: json!({"kty": "EC"}),
            private: private.to_vec().into(),
            made: Timestamp::UNIX_EPOCH,
        }
    }

    fn vault(folder: &std::path::Path) -> Vault {
        let phrase = "a good passphrase".to_owned().into();
        Vault::create(folder, &phrase, KdfParameters::FLOOR, &SystemClock, &CountingEntropy::default()).unwrap().0
    }

    #[test]
    fn a_private_key_is_sealed_in_its_row() {
        let folder = tempfile::tempdir().unwrap();
        let mut vault = vault(folder.path());
        vault.add_key(&key("a", KeyPurpose::Holder, b"the private key of a")).unwrap();
        vault.add_key(&key("b", KeyPurpose::Holder, b"the private key of b")).unwrap();
        assert_eq!(vault.open_key(&id_of("a")).unwrap().expose(), b"the private key of a");
        let raw: Vec<u8> =
            vault.connection.query_row("SELECT private FROM keys WHERE id = 'a'", [], |r| r.get(0)).unwrap();
        assert!(!raw.windows(11).any(|window| window == b"private key"));
        assert!(matches!(vault.open_key(&id_of("c")), Err(VaultError::NoSuchKey)));
        assert!(matches!(vault.add_key(&key("a", KeyPurpose::Dpop, b"x")), Err(VaultError::Conflict)));
    }

    #[test]
    fn swapped_rows_changed_purposes_and_other_vaults_are_noticed() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut vault = vault(folder.path());
        for id in ["a", "b", "c"] {
            vault.add_key(&key(id, KeyPurpose::Holder, b"private")).unwrap();
        }
        vault
            .connection
            .execute_batch(
                "UPDATE keys SET private = (SELECT private FROM keys WHERE id = 'b') WHERE id = 'a';
                 UPDATE keys SET purpose = 'dpop' WHERE id = 'b';",
            )
            .unwrap();
        for id in ["a", "b"] {
            assert!(matches!(vault.open_key(&id_of(id)), Err(VaultError::Damaged { .. })), "{id}");
        }
        let sealed: Vec<u8> =
            vault.connection.query_row("SELECT private FROM keys WHERE id = 'c'", [], |row| row.get(0)).unwrap();
        let phrase = "a good passphrase".to_owned().into();
        let (mut second, _) =
            Vault::create(other.path(), &phrase, KdfParameters::FLOOR, &SystemClock, &leerpas_core::OsEntropy).unwrap();
        second.add_key(&key("c", KeyPurpose::Holder, b"private")).unwrap();
        second.connection.execute("UPDATE keys SET private = ?1 WHERE id = 'c'", [sealed]).unwrap();
        assert!(matches!(second.open_key(&id_of("c")), Err(VaultError::Damaged { .. })));
    }
}
