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

/// The list of Open Badges 2.0 (RevocationList): identifiers of assertions, or objects with an `id` or a `uid`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadgeRevocations {
    issuer: Option<String>,
    revoked: Vec<String>,
}

impl BadgeRevocations {
    /// Reads the JSON of a list. Why a badge was withdrawn is not kept: it may say more about a person than is needed.
    ///
    /// # Errors
    /// When it has no array `revokedAssertions`, or an entry names nothing.
    pub fn from_json(list: &Value) -> Result<Self, StatusError> {
        let entries = list.get("revokedAssertions").and_then(Value::as_array);
        let mut revoked = Vec::new();
        for entry in entries.ok_or(StatusError::List("revokedAssertions"))? {
            let names = [Some(entry), entry.get("id"), entry.get("uid")];
            let before = revoked.len();
            revoked.extend(names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
            if revoked.len() == before {
                return Err(StatusError::List("id"));
            }
        }
        Ok(Self { issuer: issuer(list).map(str::to_owned), revoked })
    }

    /// Whether it may be used for badges of this issuer: a list that names nobody may.
    pub fn is_of(&self, issuer: Option<&str>) -> bool {
        self.issuer.is_none() || self.issuer.as_deref() == issuer
    }

    /// Whether a badge of this `id` or `uid` was withdrawn.
    pub fn holds(&self, id: Option<&str>, uid: Option<&str>) -> bool {
        self.revoked.iter().any(|named| Some(named.as_str()) == id || Some(named.as_str()) == uid)
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
