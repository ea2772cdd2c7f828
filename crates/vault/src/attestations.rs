//! Attestations of this program that institutions gave for their own authorization servers, each with the key that it is
//! about. Sealed once more within the encrypted file, row by row, as private keys are.

use leerpas_core::{Secret, Timestamp};
use rusqlite::params;

use crate::{
    Vault, VaultError,
    database::{empty_log, instant, stamp},
    sealing::{seal, unseal},
};

/// What is kept for one authorization server.
#[derive(Debug)]
pub struct AttestationRecord {
    /// The identifier of the server.
    pub server: String,
    /// When the key was made.
    pub made: Timestamp,
    /// The key, and the attestation once there is one, in whatever form the caller reads back.
    pub secret: Secret<Vec<u8>>,
}

impl Vault {
    /// Keeps what belongs to one authorization server, in the place of what was kept for it.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn put_attestation(&mut self, new: &AttestationRecord) -> Result<(), VaultError> {
        let sealed = seal(&self.private_keys, &place(self.id(), &new.server), new.secret.expose());
        self.connection.execute(
            "INSERT INTO attestations (server, made, sealed) VALUES (?1, ?2, ?3)
             ON CONFLICT (server) DO UPDATE SET made = excluded.made, sealed = excluded.sealed",
            params![new.server, stamp(new.made), sealed],
        )?;
        Ok(())
    }

    /// Everything that is kept, by server.
    ///
    /// # Errors
    /// [`VaultError::Storage`]; [`VaultError::Damaged`] when a seal does not hold for its row and this vault.
    pub fn attestations(&self) -> Result<Vec<AttestationRecord>, VaultError> {
        let mut statement =
            self.connection.prepare_cached("SELECT server, made, sealed FROM attestations ORDER BY server")?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let (server, sealed): (String, Vec<u8>) = (row.get(0)?, row.get(2)?);
            let secret = unseal(&self.private_keys, &place(self.id(), &server), &sealed)
                .ok_or_else(|| VaultError::row("the seal of an attestation does not hold"))?;
            found.push(AttestationRecord { server, made: instant(&row.get::<_, String>(1)?)?, secret });
        }
        Ok(found)
    }

    /// Removes what is kept for one authorization server, with its key. Whether there was something.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn remove_attestation(&mut self, server: &str) -> Result<bool, VaultError> {
        let removed = self.connection.execute("DELETE FROM attestations WHERE server = ?1", [server])?;
        // As for a card: the row is gone, and closing does the same.
        let _ = empty_log(&self.connection);
        Ok(removed > 0)
    }
}

/// Vault, table, row, column, version of the seal.
fn place<'a>(vault: &'a str, server: &'a str) -> [&'a str; 5] {
    [vault, "attestations", server, "sealed", "1"]
}
