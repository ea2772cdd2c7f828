//! Status lists: whether a credential was withdrawn or put on hold since it was issued.
//!
//! Three kinds are read: Token Status List (draft-ietf-oauth-status-list, which SD-JWT VC uses), Bitstring Status
//! List (W3C, VCDM 2.0) with its predecessors StatusList2021 and RevocationList2020, and the revocation list of 1EdTech
//! (Open Badges 3.0). Everything here works on bytes that were fetched already; that the list is signed, by whom, and
//! still valid is for the caller to check.

mod bitstring;
mod lifetime;
mod reference;
mod revocation;
mod token;

use leerpas_core::{CardStatus, ErrorKind, limits};
use thiserror::Error;

pub use bitstring::{BitstringKind, BitstringList, StatusPurpose, encode_bitstring, encode_values};
pub use lifetime::{Lifetime, lifetime};
pub use reference::{StatusMessage, StatusReference, status_references};
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
