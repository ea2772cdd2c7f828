//! The keychain of the operating system: Secret Service, Keychain or Credential Manager.
//!
//! It holds one secret per vault, which opens the keychain slot and nothing else. Leerpas works
//! without it; whatever goes wrong here, the passphrase still opens the vault.

use keyring::Entry;
use leerpas_core::Secret;
use thiserror::Error;

use crate::sealing::Key;

/// The name under which the operating system lists the entry.
const SERVICE: &str = "Leerpas";

/// Why the keychain did not help. In each case the passphrase opens the vault, and nothing is made anew:
/// a missing entry never means that this is a first start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeychainError {
    /// Opening by keychain was not turned on for this vault.
    #[error("this vault does not open by keychain")]
    NotEnabled,
    /// There is no keychain: no session bus, nobody on it, or none on this platform.
    #[error("there is no keychain on this computer")]
    NoService,
    /// It is locked and could not be unlocked, or the person closed its prompt.
    #[error("the keychain is locked")]
    Locked,
    /// It runs and has no collection to keep secrets in.
    #[error("the keychain has no place to keep secrets")]
    NoCollection,
    /// It answers and has no entry for this vault: removed, or another keychain.
    #[error("the keychain has no entry for this vault")]
    EntryMissing,
    /// The entry is not the secret that we put there.
    #[error("the entry in the keychain is not the one of this vault")]
    EntryWrong,
    /// There are several entries for this vault.
    #[error("the keychain has several entries for this vault")]
    Ambiguous,
    /// It failed in another way.
    #[error("the keychain failed")]
    Failed,
}

/// Reads the secret of a vault.
pub(crate) fn read(vault: &str) -> Result<Key, KeychainError> {
    let bytes = apart(vault, |entry| entry.get_secret().map(Secret::new))?;
    let secret = <[u8; 32]>::try_from(bytes.expose().as_slice()).map_err(|_| KeychainError::EntryWrong)?;
    Ok(Secret::new(secret))
}

/// Writes the secret of a vault, and reads it back, since some services forget at once.
pub(crate) fn write(vault: &str, secret: &Key) -> Result<(), KeychainError> {
    apart(vault, |entry| entry.set_secret(secret.expose()))?;
    if read(vault)?.expose() == secret.expose() { Ok(()) } else { Err(KeychainError::EntryWrong) }
}

/// Removes the secret of a vault; one that is gone already is as good.
pub(crate) fn remove(vault: &str) -> Result<(), KeychainError> {
    match apart(vault, Entry::delete_credential) {
        Err(KeychainError::EntryMissing) => Ok(()),
        other => other,
    }
}

/// Talks to the keychain in a thread of its own: the calls block, and block badly inside an
/// asynchronous runtime.
fn apart<T: Send>(vault: &str, call: impl FnOnce(&Entry) -> keyring::Result<T> + Send) -> Result<T, KeychainError> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| Entry::new(SERVICE, vault).and_then(|entry| call(&entry)));
        thread.join().map_err(|_| KeychainError::Failed)?.map_err(|error| read_error(&error))
    })
}

fn read_error(error: &keyring::Error) -> KeychainError {
    use keyring::Error as E;
    match error {
        E::NoDefaultStore => KeychainError::NoService,
        E::NoEntry => KeychainError::EntryMissing,
        E::BadEncoding(_) | E::BadDataFormat(..) => KeychainError::EntryWrong,
        E::Ambiguous(_) => KeychainError::Ambiguous,
        // The cause is a type of a crate below `keyring`; its name is all that can be asked for.
        E::NoStorageAccess(cause) if format!("{cause:?}").contains("NoResult") => KeychainError::NoCollection,
        E::NoStorageAccess(_) => KeychainError::Locked,
        _ => KeychainError::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i06_each_answer_of_a_keychain_has_its_own_error() {
        use keyring::Error as E;
        let errors = [
            (E::NoDefaultStore, KeychainError::NoService),
            (E::NoEntry, KeychainError::EntryMissing),
            (E::BadDataFormat(Vec::new(), "x".into()), KeychainError::EntryWrong),
            (E::Ambiguous(Vec::new()), KeychainError::Ambiguous),
            (E::NoStorageAccess("Prompt".into()), KeychainError::Locked),
            (E::NoStorageAccess("NoResult".into()), KeychainError::NoCollection),
            (E::PlatformFailure("x".into()), KeychainError::Failed),
        ];
        for (from, to) in errors {
            assert_eq!(read_error(&from), to);
        }
    }
}
