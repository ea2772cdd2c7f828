//! What can go wrong with a vault.

use leerpas_core::ErrorKind;
use rusqlite::ErrorCode;
use thiserror::Error;

use crate::{KeychainError, RecoveryKeyError};

/// Why an operation on the vault did not happen. None of them changed anything on the disk, and none
/// holds a claim, a key, a passphrase or a recovery key.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VaultError {
    /// There is no vault in this folder.
    #[error("there is no vault in this folder")]
    Missing,
    /// There is one already.
    #[error("there is a vault in this folder already")]
    Exists,
    /// The passphrase opens no slot.
    #[error("the passphrase does not open this vault")]
    WrongPassphrase,
    /// The recovery key is whole and belongs to another vault, or was replaced.
    #[error("the recovery key does not open this vault")]
    WrongRecoveryKey,
    /// What was typed is no recovery key.
    #[error(transparent)]
    RecoveryKeyUnreadable(#[from] RecoveryKeyError),
    /// The passphrase is too short.
    #[error("the passphrase is shorter than {minimum} characters")]
    WeakPassphrase {
        /// How many characters are needed.
        minimum: usize,
    },
    /// A file with the name of ours holds something else, or is a link to elsewhere.
    #[error("{file} was not written by Leerpas for this vault")]
    Foreign {
        /// The name of the file, without its folder.
        file: &'static str,
    },
    /// A file of ours is cut short or changed.
    #[error("{file} is damaged: {what}")]
    Damaged {
        /// The name of the file, without its folder.
        file: &'static str,
        /// Which check failed.
        what: &'static str,
    },
    /// `vault.db` is there and `slots.json` is not: nothing can unwrap the vault key.
    #[error("slots.json is missing beside vault.db")]
    SlotsMissing,
    /// `slots.json` is there and `vault.db` is not.
    #[error("vault.db is missing beside slots.json")]
    DatabaseMissing,
    /// A newer Leerpas wrote this.
    #[error("{file} has version {found}; this Leerpas knows versions up to {known}")]
    Newer {
        /// The name of the file, without its folder.
        file: &'static str,
        /// The version found.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// Another running Leerpas has the vault open.
    #[error("another running Leerpas has this vault open")]
    InUse,
    /// The cost figures of the passphrase slot are out of bounds. Checked before any work is done, so
    /// that a changed file can neither exhaust this computer nor make guessing cheap.
    #[error("the cost of the passphrase slot is out of bounds: {what}")]
    KdfOutOfBounds {
        /// Which figure.
        what: &'static str,
    },
    /// The keychain did not give or take the secret.
    #[error(transparent)]
    Keychain(#[from] KeychainError),
    /// No card of this identifier.
    #[error("there is no such card")]
    NoSuchCard,
    /// No copy of this number.
    #[error("there is no such copy")]
    NoSuchCopy,
    /// No key of this identifier.
    #[error("there is no such key")]
    NoSuchKey,
    /// No activity of this identifier.
    #[error("there is no such activity")]
    NoSuchActivity,
    /// Nothing of this identifier is waited for.
    #[error("nothing of this name is waited for")]
    NoSuchEntitlement,
    /// What is to be written clashes with what is kept: an identifier or fingerprint for the second
    /// time, a copy whose key is not in the vault, a key that a copy still needs.
    #[error("this does not fit what the vault holds already")]
    Conflict,
    /// The operating system refused to read or write.
    #[error("the vault could not be read or written: {what}")]
    Storage {
        /// What the operating system or SQLite calls it.
        what: String,
    },
    /// A fault of this room.
    #[error("fault in the vault: {what}")]
    Internal {
        /// What happened.
        what: String,
    },
}

impl VaultError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Missing => ErrorKind::VaultMissing,
            Self::Exists => ErrorKind::VaultExists,
            Self::WrongPassphrase | Self::WrongRecoveryKey | Self::RecoveryKeyUnreadable(_) => {
                ErrorKind::WrongPassphrase
            }
            Self::WeakPassphrase { .. } => ErrorKind::WeakPassphrase,
            Self::Foreign { .. } => ErrorKind::VaultForeign,
            Self::Damaged { .. } | Self::SlotsMissing | Self::DatabaseMissing | Self::KdfOutOfBounds { .. } => {
                ErrorKind::VaultDamaged
            }
            Self::Newer { .. } => ErrorKind::VaultNewer,
            Self::InUse => ErrorKind::VaultInUse,
            Self::Keychain(_) => ErrorKind::Locked,
            Self::NoSuchCard | Self::NoSuchCopy | Self::NoSuchEntitlement => ErrorKind::CardNotFound,
            Self::Storage { .. } => ErrorKind::StorageFailed,
            Self::NoSuchKey | Self::NoSuchActivity | Self::Conflict | Self::Internal { .. } => ErrorKind::Internal,
        }
    }

    /// A row that does not read as what we write: since every page is authenticated, only a fault or a
    /// foreign writer with the key can cause it.
    pub(crate) fn row(what: &'static str) -> Self {
        Self::Damaged { file: crate::files::DATABASE, what }
    }
}

impl From<std::io::Error> for VaultError {
    fn from(error: std::io::Error) -> Self {
        // The kind only: the text of an error may repeat a path with the name of a person in it.
        Self::Storage { what: error.kind().to_string() }
    }
}

impl From<rusqlite::Error> for VaultError {
    fn from(error: rusqlite::Error) -> Self {
        let Some(code) = error.sqlite_error() else {
            return match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..) => Self::row("a column holds another type"),
                _ => Self::Internal { what: "a statement does not fit its table".to_owned() },
            };
        };
        match code.code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::row("a page does not hold"),
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::InUse,
            ErrorCode::ConstraintViolation => Self::Conflict,
            // Numbers only: the text of SQLite may repeat what was being written.
            _ => Self::Storage { what: format!("SQLite error {}", code.extended_code) },
        }
    }
}
