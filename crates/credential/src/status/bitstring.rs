//! Bitstring Status List 1.0 (W3C): so many bits per entry, highest bit first, gzip, multibase base64url. Its
//! predecessors StatusList2021 and RevocationList2020 are the same without the multibase letter.

use std::io::Write;

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::URL_SAFE_NO_PAD},
};
use flate2::{
    Compression,
    read::{GzDecoder, ZlibDecoder},
    write::GzEncoder,
};
use leerpas_core::CardStatus;
use serde_json::Value;

use super::{StatusError, inflate};

/// The fewest entries of a list, so that one of them says little (sections 3.4 and 6.1).
const ENTRIES: u64 = 131_072;

/// Base64 as the predecessors have it, with padding or without.
const PLAIN: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a value other than 0 means (section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusPurpose {
    /// Withdrawn, for good.
    Revocation,
    /// On hold; may be lifted.
    Suspension,
    /// The issuer has a message about it, which the entry spells out. Says nothing about validity.
    Message,
    /// There is a newer version of the credential. Says nothing about validity.
    Refresh,
}

impl StatusPurpose {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
            Self::Message => "message",
            Self::Refresh => "refresh",
        }
    }

    /// The purpose of this word.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Revocation, Self::Suspension, Self::Message, Self::Refresh].into_iter().find(|p| p.as_str() == name)
    }
}

/// Which of the three specifications a list follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BitstringKind {
    /// Bitstring Status List 1.0.
    Bitstring,
    /// StatusList2021.
    StatusList2021,
    /// RevocationList2020.
    RevocationList2020,
}

/// An inflated list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BitstringList {
    kind: BitstringKind,
    bytes: Vec<u8>,
    purposes: Vec<String>,
}

impl BitstringList {
    /// Reads the `credentialSubject` of a status list credential (section 2.2; of the predecessors section 4.2 and 2.2).
    ///
    /// # Errors
    /// When a member is missing, the list cannot be inflated, is too large, or has fewer than 131,072 bits.
    pub fn from_credential(credential: &Value) -> Result<Self, StatusError> {
        let subject = credential.get("credentialSubject").ok_or(StatusError::List("credentialSubject"))?;
        let (kind, of_credential) = match subject.get("type").and_then(Value::as_str) {
            Some("BitstringStatusList") => (BitstringKind::Bitstring, "BitstringStatusListCredential"),
            Some("StatusList2021") => (BitstringKind::StatusList2021, "StatusList2021Credential"),
            Some("RevocationList2020") => (BitstringKind::RevocationList2020, "RevocationList2020Credential"),
            _ => return Err(StatusError::List("type")),
        };
        if !has_type(credential, of_credential) {
            return Err(StatusError::List("type"));
        }
        let purposes: Vec<String> = match subject.get("statusPurpose") {
            Some(Value::String(purpose)) => vec![purpose.clone()],
            Some(Value::Array(purposes)) => purposes.iter().filter_map(|p| p.as_str().map(str::to_owned)).collect(),
            None if kind == BitstringKind::RevocationList2020 => vec![StatusPurpose::Revocation.as_str().to_owned()],
            _ => return Err(StatusError::List("statusPurpose")),
        };
        let text = subject.get("encodedList").and_then(Value::as_str).ok_or(StatusError::List("encodedList"))?;
        let compressed = decode(kind, text).ok_or(StatusError::List("encodedList"))?;
        // One member is read; whatever follows it is no part of the list. RevocationList2020 says zlib and is made as
        // gzip all the same: gzip begins with two bytes that zlib never begins with.
        let bytes = if kind == BitstringKind::RevocationList2020 && !compressed.starts_with(&[0x1f, 0x8b]) {
            inflate(ZlibDecoder::new(compressed.as_slice()))?
        } else {
            inflate(GzDecoder::new(compressed.as_slice()))?
        };
        let list = Self { kind, bytes, purposes };
        if list.len() < ENTRIES { Err(StatusError::TooShort) } else { Ok(list) }
    }

    /// Which of the specifications it follows.
    pub fn kind(&self) -> BitstringKind {
        self.kind
    }

    /// How many bits there are.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64 * 8
    }

    /// Whether there are none; never so, for a short list is refused.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The value of an entry of so many bits (section 3.2: entry 0 begins with the highest bit of the first byte).
    ///
    /// # Errors
    /// When the list serves another purpose, is too short for entries of this size, or has no such index.
    pub fn value(&self, index: u64, purpose: StatusPurpose, size: u8) -> Result<u64, StatusError> {
        if !self.purposes.iter().any(|of_list| of_list == purpose.as_str()) {
            return Err(StatusError::OtherPurpose);
        }
        let size = u64::from(size.clamp(1, 64));
        if self.len() / size < ENTRIES {
            return Err(StatusError::TooShort);
        }
        let first = index.checked_mul(size).ok_or(StatusError::OutOfRange)?;
        let end = first.checked_add(size).filter(|end| *end <= self.len()).ok_or(StatusError::OutOfRange)?;
        (first..end).try_fold(0_u64, |value, at| Ok(value << 1 | u64::from(self.bit(at)?)))
    }

    /// What an entry of one bit says for a purpose.
    ///
    /// # Errors
    /// As [`BitstringList::value`].
    pub fn status(&self, index: u64, purpose: StatusPurpose) -> Result<CardStatus, StatusError> {
        Ok(match (self.value(index, purpose, 1)?, purpose) {
            (0, _) | (_, StatusPurpose::Message | StatusPurpose::Refresh) => CardStatus::Valid,
            (_, StatusPurpose::Revocation) => CardStatus::Revoked,
            (_, StatusPurpose::Suspension) => CardStatus::Suspended,
        })
    }

    fn bit(&self, at: u64) -> Result<bool, StatusError> {
        let byte = usize::try_from(at / 8).ok().and_then(|at| self.bytes.get(at)).ok_or(StatusError::OutOfRange)?;
        Ok(byte & (0x80 >> (at % 8)) != 0)
    }
}

fn has_type(credential: &Value, wanted: &str) -> bool {
    match credential.get("type") {
        Some(Value::String(name)) => name == wanted,
        Some(Value::Array(names)) => names.iter().any(|name| name == wanted),
        _ => false,
    }
}

fn decode(kind: BitstringKind, text: &str) -> Option<Vec<u8>> {
    if kind == BitstringKind::Bitstring {
        return URL_SAFE_NO_PAD.decode(text.strip_prefix('u')?).ok();
    }
    // The predecessors say base64; the alphabet for addresses is common all the same.
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).or_else(|_| PLAIN.decode(text)).ok()
}

/// `encodedList` for a list in which the bits of these indices are set, at least 131,072 entries long. For issuers
/// and tests.
///
/// # Errors
/// When an index is beyond the end of the list, or the list larger than would be read back.
pub fn encode_bitstring(entries: u64, set: &[u64]) -> Result<String, StatusError> {
    encode_values(entries, 1, &set.iter().map(|index| (*index, 1)).collect::<Vec<_>>())
}

/// `encodedList` for entries of so many bits, at least 131,072 of them: `values` are pairs of index and value, the rest
/// is 0. For issuers and tests.
///
/// # Errors
/// As [`encode_bitstring`].
pub fn encode_values(entries: u64, size: u8, values: &[(u64, u64)]) -> Result<String, StatusError> {
    let size = u64::from(size.clamp(1, 64));
    let bits = entries.max(ENTRIES).checked_mul(size).ok_or(StatusError::TooLarge)?;
    let length = usize::try_from(bits.div_ceil(8)).map_err(|_| StatusError::TooLarge)?;
    if length > leerpas_core::limits::STATUS_LIST_INFLATED {
        return Err(StatusError::TooLarge);
    }
    let mut bytes = vec![0_u8; length];
    for (index, value) in values {
        for bit in (0..size).filter(|bit| value >> (size - 1 - bit) & 1 == 1) {
            let at = index.checked_mul(size).and_then(|first| first.checked_add(bit)).ok_or(StatusError::OutOfRange)?;
            let byte = usize::try_from(at / 8).ok().and_then(|byte| bytes.get_mut(byte));
            *byte.ok_or(StatusError::OutOfRange)? |= 0x80 >> (at % 8);
        }
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes).map_err(|_| StatusError::Damaged)?;
    let compressed = encoder.finish().map_err(|_| StatusError::Damaged)?;
    Ok(format!("u{}", URL_SAFE_NO_PAD.encode(compressed)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn list(kind: &str, encoded: &str, purpose: Value) -> Value {
        let mut subject = json!({"type": kind, "encodedList": encoded});
        if !purpose.is_null() {
            subject["statusPurpose"] = purpose;
        }
        json!({"type": ["VerifiableCredential", format!("{kind}Credential")], "credentialSubject": subject})
    }

    #[test]
    fn security_e03_bitstring_3_2_values_of_several_bits_stand_highest_bit_first() {
        for size in [1_u8, 2, 3, 4, 5, 8] {
            let most = (1 << size) - 1;
            let encoded = encode_values(0, size, &[(0, most), (7, 1), (131_071, most)]).unwrap();
            let list =
                BitstringList::from_credential(&list("BitstringStatusList", &encoded, json!("revocation"))).unwrap();
            let value = |index| list.value(index, StatusPurpose::Revocation, size);
            assert_eq!([value(0), value(1), value(7), value(131_071)], [Ok(most), Ok(0), Ok(1), Ok(most)], "{size}");
            for beyond in [131_072, u64::MAX / 2, u64::MAX] {
                assert_eq!(value(beyond), Err(StatusError::OutOfRange), "{size} {beyond}");
            }
        }
        let narrow = encode_bitstring(0, &[]).unwrap();
        let list = BitstringList::from_credential(&list("BitstringStatusList", &narrow, json!("revocation"))).unwrap();
        assert_eq!(list.value(0, StatusPurpose::Revocation, 2), Err(StatusError::TooShort), "security E07");
    }

    #[test]
    fn bitstring_2_2_a_list_may_serve_several_purposes() {
        let encoded = encode_bitstring(0, &[3]).unwrap();
        let both = list("BitstringStatusList", &encoded, json!(["revocation", "suspension"]));
        let both = BitstringList::from_credential(&both).unwrap();
        assert_eq!(both.status(3, StatusPurpose::Revocation), Ok(CardStatus::Revoked));
        assert_eq!(both.status(3, StatusPurpose::Suspension), Ok(CardStatus::Suspended));
        assert_eq!(both.status(3, StatusPurpose::Message), Err(StatusError::OtherPurpose));
    }

    #[test]
    fn the_predecessors_are_read_in_each_of_their_forms() {
        let gzip = URL_SAFE_NO_PAD.decode(encode_bitstring(0, &[9]).unwrap().trim_start_matches('u')).unwrap();
        let mut bits = vec![0_u8; 16_384];
        bits[1] = 0x40;
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(&bits).unwrap();
        let zlib = zlib.finish().unwrap();
        let padded = base64::engine::general_purpose::STANDARD;
        for (kind, encoded) in [
            ("StatusList2021", URL_SAFE_NO_PAD.encode(&gzip)),
            ("StatusList2021", padded.encode(&gzip)),
            ("RevocationList2020", padded.encode(&gzip)),
            ("RevocationList2020", padded.encode(&zlib)),
            ("RevocationList2020", URL_SAFE_NO_PAD.encode(&zlib)),
        ] {
            let purpose = if kind == "StatusList2021" { json!("revocation") } else { Value::Null };
            let list = BitstringList::from_credential(&list(kind, &encoded, purpose)).unwrap();
            assert_eq!(list.status(9, StatusPurpose::Revocation), Ok(CardStatus::Revoked), "{kind}");
            assert_eq!(list.status(8, StatusPurpose::Revocation), Ok(CardStatus::Valid), "{kind}");
            assert_eq!(list.status(9, StatusPurpose::Suspension), Err(StatusError::OtherPurpose), "{kind}");
        }
    }

    #[test]
    fn security_e07_e01_a_list_too_short_too_large_or_of_another_type_is_refused() {
        let gzip = |bytes: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        let read = |compressed: &[u8]| {
            let encoded = format!("u{}", URL_SAFE_NO_PAD.encode(compressed));
            BitstringList::from_credential(&list("BitstringStatusList", &encoded, json!("revocation")))
        };
        assert_eq!(read(&gzip(&[0; 16_383])).unwrap_err(), StatusError::TooShort);
        let largest = leerpas_core::limits::STATUS_LIST_INFLATED;
        assert_eq!(read(&gzip(&vec![0; largest + 1])).unwrap_err(), StatusError::TooLarge);
        let mut two_members = gzip(&[0; 16_384]);
        two_members.extend(gzip(&[0xff; 16_384]));
        assert_eq!(read(&two_members).unwrap().len(), 131_072, "what follows the first member is no part of it");
        let whole = gzip(&[0; 16_384]);
        assert_eq!(read(&whole[..whole.len() - 9]).unwrap_err(), StatusError::Damaged);
        let mut other = list("BitstringStatusList", &encode_bitstring(0, &[]).unwrap(), json!("revocation"));
        other["type"] = json!(["VerifiableCredential"]);
        assert_eq!(BitstringList::from_credential(&other).unwrap_err(), StatusError::List("type"));
    }
}
