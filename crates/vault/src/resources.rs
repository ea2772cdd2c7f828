//! What was fetched and may be used again, and what was answered and may not.

use leerpas_core::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    Vault, VaultError,
    database::{instant, stamp},
};

/// Something public that was fetched: a DID document, keys, a status list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Where it came from; also its name here.
    pub url: String,
    /// Its media type in lower case.
    pub media_type: Option<String>,
    /// Its bytes.
    pub body: Vec<u8>,
    /// When it was fetched.
    pub fetched: Timestamp,
    /// Until when it may be used without asking again.
    pub expires: Option<Timestamp>,
}

impl Vault {
    /// Keeps a resource in place of the one of the same address.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn put_resource(&mut self, resource: &Resource) -> Result<(), VaultError> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO resources (url, media_type, body, fetched, expires) VALUES (?1, ?2, ?3, ?4, ?5)",
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

    /// The same for what is worth little: it is there at once, also after the program ended, and is not waited for until
    /// it is on the disk.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn put_passing(&mut self, resource: &Resource) -> Result<(), VaultError> {
        self.connection.pragma_update(None, "synchronous", "NORMAL")?;
        let put = self.put_resource(resource);
        // What comes after this is waited for again, whatever became of it.
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        put
    }

    /// The resource of an address, also after it expired: the caller knows what that means.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn resource(&self, url: &str) -> Result<Option<Resource>, VaultError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT url, media_type, body, fetched, expires FROM resources WHERE url = ?1")?;
        let mut rows = statement.query([url])?;
        rows.next()?.map(read).transpose()
    }

    /// Every resource, by address.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn resources(&self) -> Result<Vec<Resource>, VaultError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT url, media_type, body, fetched, expires FROM resources ORDER BY url")?;
        let mut rows = statement.query([])?;
        let mut resources = Vec::new();
        while let Some(row) = rows.next()? {
            resources.push(read(row)?);
        }
        Ok(resources)
    }

    /// Removes a resource; one that is not there is as good.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn remove_resource(&mut self, url: &str) -> Result<(), VaultError> {
        remove(&self.connection, url)
    }

    /// Writes down that a request is answered, before the answer goes out. `fingerprint` names the
    /// request: a hash of who asks, its nonce and its state. Returns whether this is the first time;
    /// where it is not, nothing is to be sent.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn mark_answered(&mut self, fingerprint: &str, at: Timestamp) -> Result<bool, VaultError> {
        mark_answered(&self.connection, fingerprint, at)
    }

    /// When a request of this fingerprint was answered, if it was.
    ///
    /// # Errors
    /// [`VaultError::Storage`], [`VaultError::Damaged`].
    pub fn answered(&self, fingerprint: &str) -> Result<Option<Timestamp>, VaultError> {
        let at: Option<String> = self
            .connection
            .prepare_cached("SELECT at FROM answered WHERE fingerprint = ?1")?
            .query_row([fingerprint], |row| row.get(0))
            .optional()?;
        at.map(|text| instant(&text)).transpose()
    }

    /// Takes back [`Vault::mark_answered`], for an answer that certainly never left.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn unmark_answered(&mut self, fingerprint: &str) -> Result<(), VaultError> {
        self.connection.execute("DELETE FROM answered WHERE fingerprint = ?1", [fingerprint])?;
        Ok(())
    }

    /// Forgets the requests that were answered before `before`: those have run out by themselves.
    /// Returns how many.
    ///
    /// # Errors
    /// [`VaultError::Storage`].
    pub fn forget_answered(&mut self, before: Timestamp) -> Result<usize, VaultError> {
        Ok(self.connection.execute("DELETE FROM answered WHERE at < ?1", [stamp(before)])?)
    }
}

/// As [`Vault::mark_answered`].
pub(crate) fn mark_answered(connection: &Connection, fingerprint: &str, at: Timestamp) -> Result<bool, VaultError> {
    let inserted = connection
        .prepare_cached("INSERT OR IGNORE INTO answered (fingerprint, at) VALUES (?1, ?2)")?
        .execute(params![fingerprint, stamp(at)])?;
    Ok(inserted == 1)
}

/// As [`Vault::remove_resource`].
pub(crate) fn remove(connection: &Connection, url: &str) -> Result<(), VaultError> {
    connection.prepare_cached("DELETE FROM resources WHERE url = ?1")?.execute([url])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Resource, VaultError> {
    let expires: Option<String> = row.get(4)?;
    Ok(Resource {
        url: row.get(0)?,
        media_type: row.get(1)?,
        body: row.get(2)?,
        fetched: instant(&row.get::<_, String>(3)?)?,
        expires: expires.map(|text| instant(&text)).transpose()?,
    })
}
