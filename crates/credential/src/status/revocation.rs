//! The revocation list of 1EdTech (1EdTech Revocation List Status Method 1.0): the identifiers of what was withdrawn.

use leerpas_core::CardStatus;
use serde_json::{Value, json};

use super::StatusError;

/// A list that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationList {
    issuer: Option<String>,
    revoked: Vec<String>,
}

impl RevocationList {
    /// Reads the JSON of a list. Entries are credentials by `id`, or plain identifiers.
    ///
    /// # Errors
    /// When it has no array of revoked credentials.
    pub fn from_json(list: &Value) -> Result<Self, StatusError> {
        let entries = list
            .get("revokedCredential")
            .or_else(|| list.get("revokedCredentials"))
            .or_else(|| list.get("revokedAssertions"));
        let entries = entries.and_then(Value::as_array).ok_or(StatusError::List("revokedCredential"))?;
        let revoked = entries.iter().map(|entry| entry.as_str().or_else(|| entry.get("id").and_then(Value::as_str)));
        let revoked: Option<Vec<_>> = revoked.map(|id| id.map(str::to_owned)).collect();
        Ok(Self { issuer: issuer(list).map(str::to_owned), revoked: revoked.ok_or(StatusError::List("id"))? })
    }

    /// Whose list it is, if it says so: a list of somebody else's must not be used.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// What the list says of a credential.
    pub fn status(&self, credential_id: &str) -> CardStatus {
        if self.revoked.iter().any(|id| id == credential_id) { CardStatus::Revoked } else { CardStatus::Valid }
    }
}

fn issuer(list: &Value) -> Option<&str> {
    let issuer = list.get("issuer")?;
    issuer.as_str().or_else(|| issuer.get("id").and_then(Value::as_str))
}

/// A list of one issuer. For the sandbox and tests.
pub fn encode_revocation_list(id: &str, issuer: &str, revoked: &[&str]) -> Value {
    let revoked: Vec<Value> = revoked.iter().map(|id| json!({"id": id, "revoked": true})).collect();
    json!({"id": id, "type": "1EdTechRevocationList", "issuer": issuer, "revokedCredential": revoked})
}
