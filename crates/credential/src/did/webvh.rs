//! did:webvh 1.0: a DID with a log of its own, of which every entry is bound to the one before and signed.
//!
//! The log says by itself whether it is whole. Its beginning is in the DID (the SCID is the hash of the first entry),
//! each entry carries the hash of the one before, and each is signed with a key that the entries before allow. Nothing
//! is fetched here: the log and, where the DID has witnesses, their proofs are handed in.
//!
//! References are to the did:webvh specification, version 1.0. Not used: `whois`, watchers, older versions of a DID.

mod entry;
mod proof;
mod witness;

use jiff::Timestamp;
use leerpas_core::limits;
use serde_json::Value;
use thiserror::Error;
use url::Url;

use self::{entry::Entry, witness::Witnesses};
use super::{DidDocument, DidError, document_url};
use crate::json;

/// Why a log was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LogError {
    /// Not lines of unambiguous JSON, or a member has another shape.
    #[error("the log of the DID is malformed")]
    Malformed,
    /// More than [`limits::DID_LOG_ENTRIES`].
    #[error("the log of the DID has too many entries")]
    TooLong,
    /// A version of the method that is not known here ("Parameters", `method`).
    #[error("the log of the DID uses another version of the method")]
    Method,
    /// The log does not begin with what the DID names, or a later entry is that of another DID ("SCID").
    #[error("the log is that of another DID")]
    OtherDid,
    /// An entry does not carry the hash of the one before ("Entry Hash").
    #[error("an entry of the log does not follow from the one before")]
    Chain,
    /// Entries are not in the order of their time, or are from the future.
    #[error("the times in the log of the DID are out of order")]
    Time,
    /// An entry is signed with no key that was allowed to, or its signature does not hold ("Authorized Keys").
    #[error("an entry of the log is not signed with a key that may")]
    Unauthorised,
    /// A key was not announced, though the entry before says that it must be ("Key Pre-Rotation").
    #[error("a key of the log was not announced")]
    NotAnnounced,
    /// Too few witnesses ("DID Witnesses").
    #[error("too few witnesses stand in for the log")]
    Witnesses,
    /// The DID moved without being portable ("DID Portability"), or became portable on its way.
    #[error("the DID moved and may not")]
    Moved,
    /// Something follows the end of the DID.
    #[error("the log goes on after the DID was ended")]
    AfterEnd,
}

/// A log that holds, but for its witnesses.
#[derive(Debug, Clone)]
pub struct Log {
    did: String,
    entries: Vec<Entry>,
    /// From entry to entry, the witnesses that it must have.
    witnesses: Vec<Option<Witnesses>>,
    ended: bool,
}

/// Where the proofs of the witnesses are: beside the log ("The Witness Proofs File").
///
/// # Errors
/// When the DID is malformed or of another method.
pub fn witness_url(did: &str) -> Result<Url, DidError> {
    let mut url = document_url(did)?.filter(|_| did.starts_with("did:webvh:")).ok_or(DidError::Unsupported)?;
    let path = url.path().strip_suffix("did.jsonl").ok_or(DidError::Malformed)?.to_owned();
    url.set_path(&format!("{path}did-witness.json"));
    Ok(url)
}

impl Log {
    /// Reads a log and checks all of it but witnesses ("Read (Resolve)").
    ///
    /// # Errors
    /// Each rule that is broken has its own [`LogError`].
    pub fn parse(bytes: &[u8], did: &str, now: Timestamp) -> Result<Self, LogError> {
        let text = std::str::from_utf8(bytes).map_err(|_| LogError::Malformed)?;
        let scid = did.strip_prefix("did:webvh:").and_then(|rest| rest.split(':').next()).ok_or(LogError::OtherDid)?;
        let mut log = Self { did: did.to_owned(), entries: Vec::new(), witnesses: Vec::new(), ended: false };
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            if log.entries.len() >= limits::DID_LOG_ENTRIES {
                return Err(LogError::TooLong);
            }
            if log.ended {
                return Err(LogError::AfterEnd);
            }
            let value = json::parse(line.as_bytes()).map_err(|_| LogError::Malformed)?;
            let entry = Entry::read(value, log.entries.last())?;
            entry.check(log.entries.last(), scid, now)?;
            // Witnesses that are named from nothing count at once; others from the next entry on.
            let before = log.entries.last().and_then(|entry| entry.parameters.witnesses.clone());
            log.witnesses.push(before.or_else(|| entry.parameters.witnesses.clone()));
            log.ended = entry.parameters.deactivated;
            log.entries.push(entry);
        }
        let last = log.entries.last().ok_or(LogError::Malformed)?;
        if last.id() != Some(did) { Err(LogError::OtherDid) } else { Ok(log) }
    }

    /// Whether proofs of witnesses are needed.
    pub fn is_witnessed(&self) -> bool {
        self.witnesses.iter().any(Option::is_some)
    }

    /// Checks that enough witnesses stand in for every entry that must have them ("Witness Threshold Algorithm"). A
    /// proof for an entry is one for all before it.
    ///
    /// # Errors
    /// [`LogError::Malformed`] for a file of another shape, [`LogError::Witnesses`] when there are too few.
    pub fn check_witnesses(&self, proofs: &[u8]) -> Result<(), LogError> {
        let proofs = witness::Proofs::read(proofs, &self.entries)?;
        for (index, witnesses) in self.witnesses.iter().enumerate() {
            if witnesses.as_ref().is_some_and(|witnesses| !proofs.are_enough(witnesses, index)) {
                return Err(LogError::Witnesses);
            }
        }
        Ok(())
    }

    /// The document of the last entry; of a DID that was ended there is none.
    ///
    /// # Errors
    /// [`DidError::Deactivated`], [`DidError::WrongId`].
    pub fn into_document(self) -> Result<DidDocument, DidError> {
        if self.ended {
            return Err(DidError::Deactivated);
        }
        let Some(Value::Object(state)) = self.entries.into_iter().next_back().map(Entry::into_state) else {
            return Err(DidError::Malformed);
        };
        DidDocument::from_members(state, &self.did)
    }
}

#[cfg(test)]
pub(crate) mod tests;
