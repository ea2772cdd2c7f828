//! Status lists: whether a credential was withdrawn or put on hold since it was issued.
//!
//! Three kinds are read: Token Status List (draft-ietf-oauth-status-list, which SD-JWT VC uses), Bitstring Status
//! List (W3C, VCDM 2.0) with its predecessor StatusList2021, and the revocation list of 1EdTech (Open Badges 3.0).
//! Everything here works on bytes that were fetched already; that the list is signed, by whom, and still valid is
//! for the caller to check.

mod bitstring;
mod revocation;
mod token;

use leerpas_core::{CardStatus, ErrorKind, limits};
use serde_json::Value;
use thiserror::Error;
use url::Url;

pub use bitstring::{BitstringList, StatusPurpose, encode_bitstring};
pub use revocation::{BadgeRevocations, RevocationList, encode_revocation_list};
pub use token::{TokenList, encode_token_list};

/// Status entries that one credential may have; more would only make a wallet fetch.
const REFERENCES: usize = 8;

/// Why a status entry or list cannot be used. The credential's status is then unknown, never valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StatusError {
    /// An entry lacks a member, or one is of the wrong kind.
    #[error("the status entry of the credential is malformed: {0}")]
    Entry(&'static str),
    /// More entries than a credential needs.
    #[error("the credential has more than {REFERENCES} status entries")]
    TooMany,
    /// A kind of status that this program does not know.
    #[error("the status of the credential is of an unknown kind")]
    UnknownKind,
    /// The list lacks a member, or one is of the wrong kind.
    #[error("the status list is malformed: {0}")]
    List(&'static str),
    /// The list cannot be inflated.
    #[error("the status list is damaged")]
    Damaged,
    /// It inflates to more than [`limits::STATUS_LIST_INFLATED`].
    #[error("the status list is larger than {} bytes", limits::STATUS_LIST_INFLATED)]
    TooLarge,
    /// Fewer entries than a list needs to hide one among them.
    #[error("the status list has fewer than 131072 entries")]
    TooShort,
    /// The entry points beyond the end of the list.
    #[error("the status list has no such index")]
    OutOfRange,
    /// The list is about something else than the entry.
    #[error("the status list serves another purpose than the entry")]
    OtherPurpose,
}

impl StatusError {
    /// The kind to report.
    pub fn kind(self) -> ErrorKind {
        ErrorKind::CredentialUncheckable
    }
}

/// Where the status of a credential stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusReference {
    /// `status.status_list` of an SD-JWT VC or JWT.
    TokenList {
        /// The list, which its `sub` must repeat.
        uri: Url,
        /// The position.
        index: u64,
    },
    /// `BitstringStatusListEntry` or `StatusList2021Entry` in `credentialStatus`.
    Bitstring {
        /// The status list credential.
        uri: Url,
        /// The position.
        index: u64,
        /// What a set bit means.
        purpose: StatusPurpose,
    },
    /// `1EdTechRevocationList` in `credentialStatus`.
    RevocationList {
        /// The list.
        uri: Url,
        /// The `id` of the credential, which the list would name.
        credential_id: String,
    },
}

impl StatusReference {
    /// Where the list is.
    pub fn uri(&self) -> &Url {
        match self {
            Self::TokenList { uri, .. } | Self::Bitstring { uri, .. } | Self::RevocationList { uri, .. } => uri,
        }
    }
}

/// The status entries of a credential: of an SD-JWT VC or JWT (`status`), and of a W3C credential
/// (`credentialStatus`). None at all is normal. A `refresh` or `message` entry says nothing about validity and is
/// left out.
///
/// # Errors
/// When an entry is malformed or of an unknown kind: then the status is not known.
pub fn status_references(claims: &Value) -> Result<Vec<StatusReference>, StatusError> {
    let mut references = Vec::new();
    if let Some(status) = claims.get("status").filter(|status| status.is_object()) {
        let list = status.get("status_list").ok_or(StatusError::UnknownKind)?;
        let index = list.get("idx").and_then(Value::as_u64).ok_or(StatusError::Entry("idx"))?;
        references.push(StatusReference::TokenList { uri: url(list, "uri")?, index });
    }
    let entries = match claims.get("credentialStatus") {
        None => &[],
        Some(Value::Array(entries)) => entries.as_slice(),
        Some(entry) => std::slice::from_ref(entry),
    };
    if entries.len() > REFERENCES {
        return Err(StatusError::TooMany);
    }
    for entry in entries {
        references.extend(w3c_reference(entry, claims)?);
    }
    Ok(references)
}

fn w3c_reference(entry: &Value, claims: &Value) -> Result<Option<StatusReference>, StatusError> {
    match entry.get("type").and_then(Value::as_str).ok_or(StatusError::Entry("type"))? {
        "BitstringStatusListEntry" | "StatusList2021Entry" => {
            let purpose = match entry.get("statusPurpose").and_then(Value::as_str) {
                Some("revocation") => StatusPurpose::Revocation,
                Some("suspension") => StatusPurpose::Suspension,
                Some("refresh" | "message") => return Ok(None),
                _ => return Err(StatusError::Entry("statusPurpose")),
            };
            if entry.get("statusSize").is_some_and(|size| size.as_u64() != Some(1)) {
                return Err(StatusError::Entry("statusSize"));
            }
            let index = index_text(entry.get("statusListIndex")).ok_or(StatusError::Entry("statusListIndex"))?;
            Ok(Some(StatusReference::Bitstring { uri: url(entry, "statusListCredential")?, index, purpose }))
        }
        "1EdTechRevocationList" => {
            let id = claims.get("id").and_then(Value::as_str).ok_or(StatusError::Entry("id of the credential"))?;
            Ok(Some(StatusReference::RevocationList { uri: url(entry, "id")?, credential_id: id.to_owned() }))
        }
        "1EdTechCredentialRefresh" => Ok(None),
        _ => Err(StatusError::UnknownKind),
    }
}

/// A decimal number in a text, without sign or leading zeros; a bare number is tolerated.
fn index_text(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::String(text) if text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0')) => {
            text.parse().ok()
        }
        Value::Number(number) => number.as_u64(),
        _ => None,
    }
}

fn url(entry: &Value, member: &'static str) -> Result<Url, StatusError> {
    let text = entry.get(member).and_then(Value::as_str).ok_or(StatusError::Entry(member))?;
    Url::parse(text).map_err(|_| StatusError::Entry(member))
}

/// The strictest of several answers: revoked before suspended before unknown before valid.
pub fn strictest(statuses: impl IntoIterator<Item = CardStatus>) -> Option<CardStatus> {
    statuses.into_iter().max_by_key(|status| match status {
        CardStatus::Revoked => 3,
        CardStatus::Suspended => 2,
        CardStatus::Valid => 0,
        _ => 1,
    })
}

/// Reads to the end, or until the list is too large: a small body can inflate to anything.
fn inflate(reader: impl std::io::Read) -> Result<Vec<u8>, StatusError> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let mut bounded = reader.take(limits::STATUS_LIST_INFLATED as u64 + 1);
    bounded.read_to_end(&mut bytes).map_err(|_| StatusError::Damaged)?;
    if bytes.len() > limits::STATUS_LIST_INFLATED { Err(StatusError::TooLarge) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_status_is_no_entry() {
        assert_eq!(status_references(&json!({"vct": "x"})), Ok(vec![]));
        // An Open Badges 3.0 result may have a `status` that is a word.
        assert_eq!(status_references(&json!({"status": "Completed"})), Ok(vec![]));
    }

    #[test]
    fn token_status_list_6_2_entry() {
        let claims = json!({"status": {"status_list": {"idx": 7, "uri": "https://school.example/lists/1"}}});
        let uri = Url::parse("https://school.example/lists/1").unwrap();
        assert_eq!(status_references(&claims), Ok(vec![StatusReference::TokenList { uri, index: 7 }]));
    }

    #[test]
    fn security_e02_a_malformed_index_is_refused() {
        for idx in [json!(-1), json!(1.5), json!("7"), json!(null)] {
            let claims = json!({"status": {"status_list": {"idx": idx, "uri": "https://school.example/1"}}});
            assert_eq!(status_references(&claims), Err(StatusError::Entry("idx")));
        }
        for index in ["007", "-1", "1.5", "", "18446744073709551616", "1e3"] {
            let claims = json!({"credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": "revocation",
                "statusListIndex": index, "statusListCredential": "https://school.example/1"}});
            assert_eq!(status_references(&claims), Err(StatusError::Entry("statusListIndex")), "{index}");
        }
    }

    #[test]
    fn bitstring_2_1_entries_of_two_purposes() {
        let entry = |purpose: &str| {
            json!({"type": "BitstringStatusListEntry", "statusPurpose": purpose, "statusListIndex": "94567",
                "statusListCredential": "https://school.example/3"})
        };
        let claims = json!({"credentialStatus": [entry("revocation"), entry("suspension"), entry("refresh")]});
        let references = status_references(&claims).unwrap();
        assert_eq!(references.len(), 2);
        assert!(matches!(
            &references[1],
            StatusReference::Bitstring { index: 94567, purpose: StatusPurpose::Suspension, .. }
        ));
    }

    #[test]
    fn an_unknown_kind_is_not_taken_for_valid() {
        assert_eq!(status_references(&json!({"credentialStatus": {"type": "Other"}})), Err(StatusError::UnknownKind));
        assert_eq!(status_references(&json!({"status": {"other": {}}})), Err(StatusError::UnknownKind));
        assert!(status_references(&json!({"credentialStatus": [1, null, "x"]})).is_err());
    }

    #[test]
    fn security_e12_the_strictest_wins_and_entries_are_capped() {
        assert_eq!(strictest([CardStatus::Valid, CardStatus::Suspended]), Some(CardStatus::Suspended));
        assert_eq!(strictest([CardStatus::Suspended, CardStatus::Revoked]), Some(CardStatus::Revoked));
        assert_eq!(strictest([CardStatus::Unknown, CardStatus::Valid]), Some(CardStatus::Unknown));
        assert_eq!(strictest([]), None);
        let entry = json!({"type": "1EdTechRevocationList", "id": "https://school.example/r"});
        let claims = json!({"id": "urn:x:y", "credentialStatus": vec![entry; 1_000]});
        assert_eq!(status_references(&claims), Err(StatusError::TooMany));
    }
}
