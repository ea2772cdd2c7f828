//! Proof values of ecdsa-sd-2023: base and derived (Data Integrity ECDSA Cryptosuites 1.0, sections 3.5.2 to 3.5.8).

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use leerpas_core::limits;

use super::{
    Disclosure,
    cbor::{Reader, Writer},
    pointer::Pointer,
};
use crate::data_integrity::ProofError;

/// Tag 0x5d00 and 0x5d01 as CBOR writes them.
const BASE: [u8; 3] = [0xd9, 0x5d, 0x00];
const DERIVED: [u8; 3] = [0xd9, 0x5d, 0x01];

/// Pointers that one proof may name.
const POINTERS: usize = 1_000;

pub(super) type Signature = [u8; 64];

/// A P-256 public key with its multicodec.
pub(super) type ProofKey = [u8; 35];

/// A proof value that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SdValue {
    Base(BaseValue),
    Derived(DerivedValue),
}

/// What the issuer gives to the holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BaseValue {
    pub(super) base_signature: Signature,
    pub(super) proof_key: ProofKey,
    pub(super) hmac_key: [u8; 32],
    /// One for each statement that may be left out, in their order.
    pub(super) signatures: Vec<Signature>,
    pub(super) mandatory: Vec<Pointer>,
}

/// What the holder gives to a verifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DerivedValue {
    pub(super) base_signature: Signature,
    pub(super) proof_key: ProofKey,
    pub(super) signatures: Vec<Signature>,
    /// The number of a blank node in the canonical form, and the digest that names it in what was signed.
    pub(super) labels: BTreeMap<u64, [u8; 32]>,
    /// Which statements are mandatory, by their place.
    pub(super) mandatory: BTreeSet<usize>,
}

/// What the first bytes say it is. The rest may still be malformed.
pub(super) fn kind(bytes: &[u8]) -> Option<Disclosure> {
    if bytes.starts_with(&BASE) {
        Some(Disclosure::Base)
    } else if bytes.starts_with(&DERIVED) {
        Some(Disclosure::Derived)
    } else {
        None
    }
}

impl SdValue {
    /// Reads the bytes of a proof value.
    ///
    /// # Errors
    /// When the bytes are no such value, or not in its one form.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ProofError> {
        let value = if let Some(payload) = bytes.strip_prefix(&BASE) {
            BaseValue::read(payload).map(Self::Base)
        } else if let Some(payload) = bytes.strip_prefix(&DERIVED) {
            DerivedValue::read(payload).map(Self::Derived)
        } else {
            None
        };
        value.ok_or(ProofError::Malformed { member: "proofValue" })
    }
}

/// Multibase `u`: base64url without padding.
pub(super) fn to_multibase(bytes: &[u8]) -> String {
    format!("u{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The bytes of a text that [`to_multibase`] made. No longer than a credential may be.
pub(in crate::data_integrity) fn from_multibase(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix('u').filter(|digits| digits.len() <= limits::CREDENTIAL)?;
    BASE64_URL_SAFE_NO_PAD.decode(digits).ok()
}

impl BaseValue {
    fn read(payload: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(payload);
        if reader.array()? != 5 {
            return None;
        }
        let value = Self {
            base_signature: reader.exactly()?,
            proof_key: reader.exactly()?,
            hmac_key: reader.exactly()?,
            signatures: signatures(&mut reader)?,
            mandatory: {
                let count = reader.array().filter(|count| *count <= POINTERS)?;
                (0..count).map(|_| Pointer::parse(reader.text()?).ok()).collect::<Option<_>>()?
            },
        };
        reader.end().map(|()| value)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::after(&BASE);
        writer.array(5);
        writer.bytes(&self.base_signature);
        writer.bytes(&self.proof_key);
        writer.bytes(&self.hmac_key);
        write_signatures(&mut writer, &self.signatures);
        writer.array(self.mandatory.len());
        for pointer in &self.mandatory {
            writer.text(&pointer.to_string());
        }
        writer.into_bytes()
    }
}

impl DerivedValue {
    fn read(payload: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(payload);
        if reader.array()? != 5 {
            return None;
        }
        let (base_signature, proof_key) = (reader.exactly()?, reader.exactly()?);
        let signatures = signatures(&mut reader)?;
        let mut labels = BTreeMap::new();
        for _ in 0..reader.map()? {
            if labels.insert(reader.unsigned()?, reader.exactly()?).is_some() {
                return None;
            }
        }
        // Two nodes under one name would be one node in what was signed, and are two in what is shown.
        if labels.values().collect::<BTreeSet<_>>().len() != labels.len() {
            return None;
        }
        let mut mandatory = BTreeSet::new();
        for _ in 0..reader.array()? {
            if !mandatory.insert(usize::try_from(reader.unsigned()?).ok()?) {
                return None;
            }
        }
        reader.end().map(|()| Self { base_signature, proof_key, signatures, labels, mandatory })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::after(&DERIVED);
        writer.array(5);
        writer.bytes(&self.base_signature);
        writer.bytes(&self.proof_key);
        write_signatures(&mut writer, &self.signatures);
        writer.map(self.labels.len());
        for (number, digest) in &self.labels {
            writer.unsigned(*number);
            writer.bytes(digest);
        }
        writer.array(self.mandatory.len());
        for index in &self.mandatory {
            writer.unsigned(*index as u64);
        }
        writer.into_bytes()
    }
}

fn signatures(reader: &mut Reader<'_>) -> Option<Vec<Signature>> {
    let count = reader.array().filter(|count| *count <= limits::QUADS)?;
    (0..count).map(|_| reader.exactly()).collect()
}

fn write_signatures(writer: &mut Writer, signatures: &[Signature]) {
    writer.array(signatures.len());
    for signature in signatures {
        writer.bytes(signature);
    }
}
