//! One running Leerpas per vault.

use std::fs::{File, OpenOptions, TryLockError};

use crate::{VaultError, VaultFiles};

/// Holds the vault until dropped. The operating system lets go by itself when a program dies, so a
/// stale lock cannot happen.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held for its lock, which ends when it closes")] File);

impl Lock {
    /// Takes the lock, without waiting.
    ///
    /// # Errors
    /// [`VaultError::InUse`] while somebody holds it.
    pub(crate) fn take(files: &VaultFiles) -> Result<Self, VaultError> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(files.lock())?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(VaultError::InUse),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}
