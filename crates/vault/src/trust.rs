//! Institutions that the person trusts beside any list, and how far each signed list has come.

use leerpas_core::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use crate::{
    Vault, VaultError,
    cards::{from_json, to_json},
    database::{instant, stamp},
};

/// One institution that the person trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedInstitution {
    /// Its name here.
    pub id: String,
    /// When the person added it.
    pub added: Timestamp,
    /// The thumbprint of the signer of the list that it came with, if it came with one.
    pub signer: Option<String>,
    /// The institution, as a trust list writes it.
    pub institution: Value,
}

/// Who signs a list that the person took in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustSigner {
    /// The thumbprint of the key.
    pub thumbprint: String,
    /// The key.
    pub jwk: Value,
    /// The number of the last list. It stays when the institutions are removed, so that no older list comes back.
    pub sequence: i64,
    /// Until when that list was meant to be used.
    pub expires: Timestamp,
}

impl Vault {
    /// Keeps an institution, in the place of one of the same id.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn trust(&mut self, trusted: &TrustedInstitution) -> Result<(), VaultError> {
        write(&self.connection, trusted)
    }

    /// Takes in a whole signed list, in the place of the one before by the same signer.
    ///
    /// # Errors
    /// [`VaultError::Storage`]; then the list before stays.
    pub fn trust_list(&mut self, signer: &TrustSigner, list: &[TrustedInstitution]) -> Result<(), VaultError> {
        let transaction = self.transaction()?;
        transaction.execute("DELETE FROM trusted WHERE signer = ?1", [&signer.thumbprint])?;
        transaction.execute(
            "INSERT OR REPLACE INTO trust_signers (signer, jwk, sequence, expires) VALUES (?1, ?2, ?3, ?4)",
            params![signer.thumbprint, to_json(&signer.jwk)?, signer.sequence, stamp(signer.expires)],
        )?;
        for trusted in list {
            write(&transaction, trusted)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Every institution that the person trusts, the one added last first.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn trusted(&self) -> Result<Vec<TrustedInstitution>, VaultError> {
        let mut statement =
            self.connection.prepare_cached("SELECT id, added, signer, body FROM trusted ORDER BY added DESC, id")?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(row)?);
        }
        Ok(found)
    }

    /// The signer of this thumbprint, if a list of theirs was taken in before.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn trust_signer(&self, thumbprint: &str) -> Result<Option<TrustSigner>, VaultError> {
        let row: Option<(String, i64, String)> = self
            .connection
            .prepare_cached("SELECT jwk, sequence, expires FROM trust_signers WHERE signer = ?1")?
            .query_row([thumbprint], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        row.map(|(jwk, sequence, expires)| {
            Ok(TrustSigner {
                thumbprint: thumbprint.to_owned(),
                jwk: from_json(&jwk, "a signer")?,
                sequence,
                expires: instant(&expires)?,
            })
        })
        .transpose()
    }

    /// Trusts an institution no longer. Returns whether it was there.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn distrust(&mut self, id: &str) -> Result<bool, VaultError> {
        Ok(self.connection.execute("DELETE FROM trusted WHERE id = ?1", [id])? == 1)
    }
}

fn write(connection: &rusqlite::Connection, trusted: &TrustedInstitution) -> Result<(), VaultError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO trusted (id, added, signer, body) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![trusted.id, stamp(trusted.added), trusted.signer, to_json(&trusted.institution)?])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<TrustedInstitution, VaultError> {
    let body: String = row.get(3)?;
    Ok(TrustedInstitution {
        id: row.get(0)?,
        added: instant(&row.get::<_, String>(1)?)?,
        signer: row.get(2)?,
        institution: from_json(&body, "an institution")?,
    })
}
