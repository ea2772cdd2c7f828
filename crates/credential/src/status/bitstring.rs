//! Bitstring Status List 1.0 (W3C): one bit per entry, highest bit first, gzip, multibase base64url. Its predecessor
//! StatusList2021 is the same without the multibase letter.

use std::io::Write;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use leerpas_core::CardStatus;
use serde_json::Value;

use super::{StatusError, inflate};

/// The fewest entries of a list, so that one of them says little (section 3.4 and 6.1).
const ENTRIES: u64 = 131_072;

/// What a set bit means (section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusPurpose {
    /// Withdrawn, for good.
    Revocation,
    /// On hold; may be lifted.
    Suspension,
}

impl StatusPurpose {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
        }
    }
}

/// An inflated list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BitstringList {
    bytes: Vec<u8>,
    purposes: Vec<String>,
}

impl BitstringList {
    /// Reads the `credentialSubject` of a status list credential (section 3.2).
    ///
    /// # Errors
    /// When a member is missing, the list cannot be inflated, is too large, or has fewer than 131,072 entries.
    pub fn from_credential(credential: &Value) -> Result<Self, StatusError> {
        let subject = credential.get("credentialSubject").ok_or(StatusError::List("credentialSubject"))?;
        let multibase = match subject.get("type").and_then(Value::as_str) {
            Some("BitstringStatusList") => true,
            Some("StatusList2021") => false,
            _ => return Err(StatusError::List("type")),
        };
        let purposes: Vec<String> = match subject.get("statusPurpose") {
            Some(Value::String(purpose)) => vec![purpose.clone()],
            Some(Value::Array(purposes)) => purposes.iter().filter_map(|p| p.as_str().map(str::to_owned)).collect(),
            _ => return Err(StatusError::List("statusPurpose")),
        };
        let text = subject.get("encodedList").and_then(Value::as_str).ok_or(StatusError::List("encodedList"))?;
        let encoded = match text.strip_prefix('u') {
            Some(encoded) if multibase => encoded,
            _ if multibase => return Err(StatusError::List("encodedList")),
            _ => text.trim_end_matches('='),
        };
        let compressed = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| StatusError::List("encodedList"))?;
        // One gzip member is read; whatever follows it is no part of the list.
        let bytes = inflate(GzDecoder::new(compressed.as_slice()))?;
        if (bytes.len() as u64) * 8 < ENTRIES {
            return Err(StatusError::TooShort);
        }
        Ok(Self { bytes, purposes })
    }

    /// How many entries there are.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64 * 8
    }

    /// Whether there are none; never so, for a short list is refused.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What the bit at an index says for a purpose (section 3.2: bit 0 is the highest of the first byte).
    ///
    /// # Errors
    /// When the list serves another purpose or has no such index.
    pub fn status(&self, index: u64, purpose: StatusPurpose) -> Result<CardStatus, StatusError> {
        if !self.purposes.iter().any(|of_list| of_list == purpose.as_str()) {
            return Err(StatusError::OtherPurpose);
        }
        let byte = usize::try_from(index / 8).ok().and_then(|at| self.bytes.get(at)).ok_or(StatusError::OutOfRange)?;
        let set = byte & (0x80 >> (index % 8)) != 0;
        Ok(match (set, purpose) {
            (false, _) => CardStatus::Valid,
            (true, StatusPurpose::Revocation) => CardStatus::Revoked,
            (true, StatusPurpose::Suspension) => CardStatus::Suspended,
        })
    }
}

/// `encodedList` for a list in which the bits of these indices are set, at least 131,072 entries long. For issuers
/// and tests.
///
/// # Errors
/// When an index is beyond the largest list that would be read back.
pub fn encode_bitstring(entries: u64, set: &[u64]) -> Result<String, StatusError> {
    let length = usize::try_from(entries.max(ENTRIES).div_ceil(8)).map_err(|_| StatusError::TooLarge)?;
    if length > leerpas_core::limits::STATUS_LIST_INFLATED {
        return Err(StatusError::TooLarge);
    }
    let mut bytes = vec![0_u8; length];
    for index in set {
        let at = usize::try_from(index / 8).map_err(|_| StatusError::OutOfRange)?;
        *bytes.get_mut(at).ok_or(StatusError::OutOfRange)? |= 0x80 >> (index % 8);
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes).map_err(|_| StatusError::Damaged)?;
    let compressed = encoder.finish().map_err(|_| StatusError::Damaged)?;
    Ok(format!("u{}", URL_SAFE_NO_PAD.encode(compressed)))
}
