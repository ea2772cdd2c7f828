//! Token Status List (draft-ietf-oauth-status-list): 1, 2, 4 or 8 bits per entry, lowest bits first, zlib, base64url.

use std::io::Write;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use leerpas_core::CardStatus;
use serde_json::{Map, Value, json};

use super::{StatusError, inflate};

/// An inflated list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenList {
    bits: u8,
    bytes: Vec<u8>,
}

impl TokenList {
    /// Reads `status_list` of the payload of a status list token (section 4.2).
    ///
    /// # Errors
    /// When `bits` is not 1, 2, 4 or 8, or `lst` is not base64url of zlib, or it inflates beyond the cap.
    pub fn from_claims(payload: &Map<String, Value>) -> Result<Self, StatusError> {
        let list = payload.get("status_list").ok_or(StatusError::List("status_list"))?;
        let bits = match list.get("bits").and_then(Value::as_u64) {
            Some(bits @ (1 | 2 | 4 | 8)) => bits as u8,
            _ => return Err(StatusError::List("bits")),
        };
        let text = list.get("lst").and_then(Value::as_str).ok_or(StatusError::List("lst"))?;
        let compressed = URL_SAFE_NO_PAD.decode(text).map_err(|_| StatusError::List("lst"))?;
        Ok(Self { bits, bytes: inflate(ZlibDecoder::new(compressed.as_slice()))? })
    }

    /// How many entries there are, some of them unused.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64 * 8 / u64::from(self.bits)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The value at an index (section 4.1: the first entry stands in the lowest bits of the first byte).
    ///
    /// # Errors
    /// When the index is beyond the end (section 8.3).
    pub fn value(&self, index: u64) -> Result<u8, StatusError> {
        let per_byte = 8 / u64::from(self.bits);
        let byte =
            usize::try_from(index / per_byte).ok().and_then(|at| self.bytes.get(at)).ok_or(StatusError::OutOfRange)?;
        let shift = (index % per_byte) as u32 * u32::from(self.bits);
        let mask = (1_u16 << self.bits) - 1;
        Ok((u16::from(*byte >> shift) & mask) as u8)
    }

    /// What the value means (section 7.1): 0 valid, 1 invalid for good, 2 on hold; the rest is for applications to
    /// define, and no proof of validity.
    ///
    /// # Errors
    /// As [`TokenList::value`].
    pub fn status(&self, index: u64) -> Result<CardStatus, StatusError> {
        Ok(match self.value(index)? {
            0 => CardStatus::Valid,
            1 => CardStatus::Revoked,
            2 => CardStatus::Suspended,
            _ => CardStatus::Unknown,
        })
    }
}

/// The `status_list` claim for these values, each below two to the power of `bits`. For issuers and tests.
///
/// # Errors
/// When `bits` is not 1, 2, 4 or 8, or a value does not fit.
pub fn encode_token_list(bits: u8, values: &[u8]) -> Result<Value, StatusError> {
    if !matches!(bits, 1 | 2 | 4 | 8) {
        return Err(StatusError::List("bits"));
    }
    let per_byte = usize::from(8 / bits);
    let mut bytes = vec![0_u8; values.len().div_ceil(per_byte)];
    for (index, value) in values.iter().enumerate() {
        if u16::from(*value) >= 1 << bits {
            return Err(StatusError::List("value"));
        }
        bytes[index / per_byte] |= value << ((index % per_byte) * usize::from(bits));
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes).map_err(|_| StatusError::Damaged)?;
    let compressed = encoder.finish().map_err(|_| StatusError::Damaged)?;
    Ok(json!({"bits": bits, "lst": URL_SAFE_NO_PAD.encode(compressed)}))
}
