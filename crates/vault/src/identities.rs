//! The addresses that the learner says are theirs, so that a badge that names one can be told to be theirs. They are held
//! against badges here and go nowhere.

use rusqlite::params;

use crate::{Vault, VaultError};

impl Vault {
    /// The addresses, in the order in which the learner gave them.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn identities(&self) -> Result<Vec<String>, VaultError> {
        let mut statement = self.connection.prepare_cached("SELECT identity FROM identities ORDER BY number")?;
        let identities = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(identities)
    }

    /// Puts these addresses in the place of those that were there.
    ///
    /// # Errors
    /// [`VaultError::Conflict`] when one of them is there twice; [`VaultError::Storage`]. The old ones then stay.
    pub fn set_identities(&mut self, identities: &[String]) -> Result<(), VaultError> {
        let transaction = self.transaction()?;
        transaction.execute("DELETE FROM identities", [])?;
        for identity in identities {
            transaction.prepare_cached("INSERT INTO identities (identity) VALUES (?1)")?.execute(params![identity])?;
        }
        Ok(transaction.commit()?)
    }
}
