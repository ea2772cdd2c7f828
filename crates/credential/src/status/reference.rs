//! Where the status of a credential stands: its status entries.

use serde_json::Value;
use url::Url;

use super::{REFERENCES, StatusError, StatusPurpose};

/// Bits of one entry that are understood; a list with more of them would hide fewer credentials among each other.
const WIDEST: u64 = 8;
/// A message of a list, in characters.
const MESSAGE: usize = 100;

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
        /// The position, counted in entries.
        index: u64,
        /// What a value other than 0 means.
        purpose: StatusPurpose,
        /// Bits of one entry, 1 to 8.
        size: u8,
        /// What each value means, where the entry says so.
        messages: Vec<StatusMessage>,
    },
    /// `RevocationList2020Status` in `credentialStatus`.
    RevocationList2020 {
        /// The revocation list credential.
        uri: Url,
        /// The position.
        index: u64,
    },
    /// `1EdTechRevocationList` in `credentialStatus`.
    RevocationList {
        /// The list.
        uri: Url,
        /// The `id` of the credential, which the list would name.
        credential_id: String,
    },
}

/// What one value of a list means (Bitstring Status List 1.0, section 2.1, `statusMessage`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusMessage {
    /// The value.
    pub value: u64,
    /// What it means: a text of the issuer, without control characters and no longer than 100 characters. It is about
    /// the kind of status and the same for every credential of the list.
    pub message: String,
}

impl StatusReference {
    /// Where the list is.
    pub fn uri(&self) -> &Url {
        match self {
            Self::TokenList { uri, .. }
            | Self::Bitstring { uri, .. }
            | Self::RevocationList2020 { uri, .. }
            | Self::RevocationList { uri, .. } => uri,
        }
    }

    /// Whether the list says if the credential is valid. One of messages or of newer versions does not.
    pub fn decides(&self) -> bool {
        !matches!(self, Self::Bitstring { purpose: StatusPurpose::Message | StatusPurpose::Refresh, .. })
    }

    /// Whether the address could tell the issuer which credential is looked at: one with a query may be made for a
    /// single credential, and is never fetched unasked (Token Status List, section 12.1; security.md E11).
    pub fn is_telling(&self) -> bool {
        self.uri().query().is_some()
    }
}

/// The status entries of a credential: of an SD-JWT VC or JWT (`status`), and of a W3C credential
/// (`credentialStatus`). None at all is normal.
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
        "BitstringStatusListEntry" => bitstring(entry).map(Some),
        "StatusList2021Entry" => match bitstring(entry)? {
            // The predecessor knows one bit and two purposes (StatusList2021, section 4.1).
            StatusReference::Bitstring { size, .. } if size != 1 => Err(StatusError::Entry("statusSize")),
            reference if !reference.decides() => Err(StatusError::Entry("statusPurpose")),
            reference => Ok(Some(reference)),
        },
        "RevocationList2020Status" => {
            let index =
                index_text(entry.get("revocationListIndex")).ok_or(StatusError::Entry("revocationListIndex"))?;
            Ok(Some(StatusReference::RevocationList2020 { uri: url(entry, "revocationListCredential")?, index }))
        }
        "1EdTechRevocationList" => {
            let id = claims.get("id").and_then(Value::as_str).ok_or(StatusError::Entry("id of the credential"))?;
            Ok(Some(StatusReference::RevocationList { uri: url(entry, "id")?, credential_id: id.to_owned() }))
        }
        "1EdTechCredentialRefresh" => Ok(None),
        _ => Err(StatusError::UnknownKind),
    }
}

/// An entry of Bitstring Status List 1.0, section 2.1.
fn bitstring(entry: &Value) -> Result<StatusReference, StatusError> {
    let purpose = entry.get("statusPurpose").and_then(Value::as_str).and_then(StatusPurpose::from_name);
    let purpose = purpose.ok_or(StatusError::Entry("statusPurpose"))?;
    let size = match entry.get("statusSize") {
        None => 1,
        Some(size) => {
            size.as_u64().filter(|size| (1..=WIDEST).contains(size)).ok_or(StatusError::Entry("statusSize"))?
        }
    };
    let messages = match entry.get("statusMessage") {
        None if size > 1 || purpose == StatusPurpose::Message => return Err(StatusError::Entry("statusMessage")),
        None => Vec::new(),
        Some(messages) => status_messages(messages, size).ok_or(StatusError::Entry("statusMessage"))?,
    };
    let index = index_text(entry.get("statusListIndex")).ok_or(StatusError::Entry("statusListIndex"))?;
    let uri = url(entry, "statusListCredential")?;
    Ok(StatusReference::Bitstring { uri, index, purpose, size: size as u8, messages })
}

/// One message for each value that an entry of this size can have, none twice.
fn status_messages(messages: &Value, size: u64) -> Option<Vec<StatusMessage>> {
    let messages = messages.as_array().filter(|messages| messages.len() == 1 << size)?;
    let mut read: Vec<StatusMessage> = Vec::with_capacity(messages.len());
    for each in messages {
        let value = each.get("status")?.as_str()?.strip_prefix("0x")?;
        let value = u64::from_str_radix(value, 16).ok().filter(|value| *value < 1 << size)?;
        let text = each.get("message")?.as_str()?;
        if read.iter().any(|known| known.value == value) {
            return None;
        }
        let message = text.chars().filter(|c| !c.is_control()).take(MESSAGE).collect();
        read.push(StatusMessage { value, message });
    }
    Some(read)
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

#[cfg(test)]
mod tests {
    use leerpas_core::CardStatus;
    use serde_json::json;

    use super::*;
    use crate::status::strictest;

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
        assert_eq!(references.iter().map(StatusReference::decides).collect::<Vec<_>>(), [true, true, false]);
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

    #[test]
    fn bitstring_2_1_wide_entries_say_what_each_value_means() {
        let entry = |size: Value, messages: Value| {
            let mut entry = json!({"type": "BitstringStatusListEntry", "statusPurpose": "message", "statusSize": size,
                "statusListIndex": "3", "statusListCredential": "https://school.example/3"});
            if !messages.is_null() {
                entry["statusMessage"] = messages;
            }
            status_references(&json!({"credentialStatus": entry}))
        };
        let message = |value: &str| json!({"status": value, "message": format!("in\u{7} review {value}")});
        let four = || json!([message("0x0"), message("0x1"), message("0x2"), message("0x3")]);
        let references = entry(json!(2), four()).unwrap();
        let StatusReference::Bitstring { size: 2, messages, purpose: StatusPurpose::Message, .. } = &references[0]
        else {
            panic!("{references:?}")
        };
        assert_eq!(messages[2], StatusMessage { value: 2, message: "in review 0x2".to_owned() });
        assert_eq!(entry(json!(2), Value::Null), Err(StatusError::Entry("statusMessage")));
        assert_eq!(entry(json!(1), Value::Null), Err(StatusError::Entry("statusMessage")));
        assert_eq!(entry(json!(2), json!([message("0x0"), message("0x1")])), Err(StatusError::Entry("statusMessage")));
        let twice = json!([message("0x0"), message("0x0"), message("0x2"), message("0x3")]);
        assert_eq!(entry(json!(2), twice), Err(StatusError::Entry("statusMessage")));
        for size in [json!(0), json!(9), json!(-1), json!("2"), json!(u64::MAX)] {
            assert_eq!(entry(size, four()), Err(StatusError::Entry("statusSize")));
        }
    }

    #[test]
    fn revocation_list_2020_entry() {
        let claims = json!({"credentialStatus": {"id": "https://school.example/r#7", "type": "RevocationList2020Status",
            "revocationListIndex": "7", "revocationListCredential": "https://school.example/r"}});
        let uri = Url::parse("https://school.example/r").unwrap();
        assert_eq!(status_references(&claims), Ok(vec![StatusReference::RevocationList2020 { uri, index: 7 }]));
    }
}
