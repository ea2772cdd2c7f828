//! The encrypted vault: everything that the learner keeps, in one folder.
//!
//! A random vault key opens everything. It lies in `slots.json`, wrapped once per way of opening:
//! passphrase (always), recovery key (always), keychain of the operating system (if asked for).
//! From it come the key of the SQLCipher file `vault.db` and the key that seals private keys once
//! more, row by row. `vault.lock` lets one running Leerpas in.
//!
//! Two things hold for every operation: it happens whole or not at all, and an error leaves the
//! files as they were.

mod activities;
mod attestations;
mod cards;
mod copies;
mod database;
mod error;
mod files;
mod flow;
mod grants;
mod identities;
mod kdf;
mod keychain;
mod keys;
mod lock;
mod migrations;
mod recovery;
mod resources;
mod sealing;
mod search;
#[cfg(test)]
mod secrecy;
mod slots;
mod trust;
mod vault;

pub use activities::SharedBefore;
pub use attestations::AttestationRecord;
pub use cards::{CardSummary, NewCard, Page, StoredCard};
pub use copies::{Copy, CopyUse, NewCopy};
pub use error::VaultError;
pub use files::{Presence, VaultFiles, presence};
pub use flow::{Leaving, Promise};
pub use grants::{EntitlementRecord, NewEntitlement, NewGrant, OpenEntitlement};
pub use kdf::{KdfParameters, PASSPHRASE_CHARACTERS};
pub use keychain::KeychainError;
pub use keys::{KeyPurpose, KeyRecord, NewKey};
pub use migrations::SCHEMA_VERSION;
pub use recovery::{RecoveryKey, RecoveryKeyError};
pub use resources::Resource;
pub use slots::SlotKind;
pub use trust::{TrustSigner, TrustedInstitution};
pub use vault::Vault;
