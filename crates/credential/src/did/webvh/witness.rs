//! Witnesses: others who say that a log is the one log of its DID ("DID Witnesses").

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{LogError, entry::Entry, proof};
use crate::keys::{Algorithm, PublicKey};

/// Witnesses of one DID, and proofs of one file.
const MOST: usize = 64;

/// Who must stand in for an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Witnesses {
    threshold: usize,
    /// Their Multikeys.
    keys: BTreeSet<String>,
}

impl Witnesses {
    /// Reads the parameter `witness`; `None` for `{}`. One of another shape never counts as none.
    pub(super) fn read(value: &Value) -> Result<Option<Self>, LogError> {
        match value {
            Value::Null => return Ok(None),
            Value::Object(members) if members.is_empty() => return Ok(None),
            _ => {}
        }
        let listed = value.get("witnesses").and_then(Value::as_array).ok_or(LogError::Malformed)?;
        if listed.is_empty() || listed.len() > MOST {
            return Err(LogError::Malformed);
        }
        let mut keys = BTreeSet::new();
        for witness in listed {
            let key = witness.get("id").and_then(Value::as_str).and_then(|id| id.strip_prefix("did:key:"));
            let key =
                key.filter(|key| PublicKey::from_multikey(key).is_ok_and(|key| key.algorithm() == Algorithm::EdDsa));
            if !keys.insert(key.ok_or(LogError::Malformed)?.to_owned()) {
                return Err(LogError::Malformed);
            }
        }
        let threshold = value.get("threshold").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let threshold = threshold.filter(|n| (1..=keys.len()).contains(n)).ok_or(LogError::Malformed)?;
        Ok(Some(Self { threshold, keys }))
    }
}

/// Whose proof stands in up to which entry.
pub(super) struct Proofs(Vec<(usize, String)>);

impl Proofs {
    /// Reads `did-witness.json` and keeps the proofs that hold. Those for entries that the log does not have yet are
    /// passed over.
    pub(super) fn read(bytes: &[u8], entries: &[Entry]) -> Result<Self, LogError> {
        let value = crate::json::parse(bytes).map_err(|_| LogError::Malformed)?;
        let mut found = Vec::new();
        let mut tried = 0;
        for version in value.as_array().ok_or(LogError::Malformed)? {
            let id = version.get("versionId").and_then(Value::as_str).ok_or(LogError::Malformed)?;
            let Some(index) = entries.iter().position(|entry| entry.version_id == id) else { continue };
            for one in version.get("proof").and_then(Value::as_array).ok_or(LogError::Malformed)? {
                tried += 1;
                if tried > MOST * MOST {
                    return Err(LogError::TooLong);
                }
                found.extend(proof::verify(one, &json!({"versionId": id})).map(|witness| (index, witness)));
            }
        }
        Ok(Self(found))
    }

    /// Whether enough different witnesses stand in for this entry or a later one.
    pub(super) fn are_enough(&self, witnesses: &Witnesses, index: usize) -> bool {
        let standing = self.0.iter().filter(|(upto, key)| *upto >= index && witnesses.keys.contains(key));
        standing.map(|(_, key)| key).collect::<BTreeSet<_>>().len() >= witnesses.threshold
    }
}
