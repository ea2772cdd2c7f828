//! From passphrase to key.

use argon2::{Algorithm, Argon2, Params, Version};
use leerpas_core::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{VaultError, sealing::Key};

/// The shortest passphrase, in characters (Unicode scalar values).
pub const PASSPHRASE_CHARACTERS: usize = 10;

/// Cost of Argon2id (RFC 9106): what one guess costs, to us and to a thief.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KdfParameters {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl KdfParameters {
    /// 64 MiB and three passes, the second recommended option of RFC 9106, 4, in one lane: about a
    /// quarter of a second on a laptop.
    pub const DEFAULT: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 };
    /// The least that is made or opened: 19 MiB and two passes (OWASP Password Storage Cheat Sheet).
    pub const FLOOR: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };
    /// The most that is made or opened: 1 GiB, 16 passes, 8 lanes.
    pub const CEILING: Self = Self { memory_kib: 1024 * 1024, passes: 16, lanes: 8 };

    /// Checks the figures, before anything is computed with them.
    ///
    /// # Errors
    /// [`VaultError::KdfOutOfBounds`] below [`Self::FLOOR`] or above [`Self::CEILING`].
    pub fn check(self) -> Result<(), VaultError> {
        let within = |value: u32, least: u32, most: u32| (least..=most).contains(&value);
        if !within(self.memory_kib, Self::FLOOR.memory_kib, Self::CEILING.memory_kib) {
            return Err(VaultError::KdfOutOfBounds { what: "memory" });
        }
        if !within(self.passes, Self::FLOOR.passes, Self::CEILING.passes) {
            return Err(VaultError::KdfOutOfBounds { what: "passes" });
        }
        if !within(self.lanes, Self::FLOOR.lanes, Self::CEILING.lanes) {
            return Err(VaultError::KdfOutOfBounds { what: "lanes" });
        }
        Ok(())
    }
}

impl Default for KdfParameters {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Refuses a passphrase that is too short. Every character counts and nothing is trimmed. The text is
/// used as its UTF-8 bytes, without Unicode normalisation: "é" typed as one character and as two are
/// different passphrases.
pub(crate) fn check_passphrase(passphrase: &Secret<String>) -> Result<(), VaultError> {
    if passphrase.expose().chars().count() < PASSPHRASE_CHARACTERS {
        return Err(VaultError::WeakPassphrase { minimum: PASSPHRASE_CHARACTERS });
    }
    Ok(())
}

/// Computes the key of the passphrase slot. Takes as long as `parameters` say.
pub(crate) fn stretch(passphrase: &Secret<String>, salt: &[u8], parameters: KdfParameters) -> Result<Key, VaultError> {
    parameters.check()?;
    let refused = |_| VaultError::KdfOutOfBounds { what: "the combination" };
    let costs = Params::new(parameters.memory_kib, parameters.passes, parameters.lanes, Some(32)).map_err(refused)?;
    let mut key = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, costs)
        .hash_password_into(passphrase.expose().as_bytes(), salt, key.as_mut())
        .map_err(|_| VaultError::Storage { what: "not enough memory to compute the key".to_owned() })?;
    Ok(Secret::new(*key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_out_of_bounds_are_refused_before_work() {
        let at = std::time::Instant::now();
        for (memory_kib, passes, lanes) in [
            (8, 2, 1),
            (19 * 1024 - 1, 2, 1),
            (64 * 1024 * 1024, 3, 1),
            (u32::MAX, 3, 1),
            (64 * 1024, 1, 1),
            (64 * 1024, 17, 1),
            (64 * 1024, u32::MAX, 1),
            (64 * 1024, 3, 0),
            (64 * 1024, 3, 9),
        ] {
            let result = stretch(
                &"long enough".to_owned().into(),
                b"0123456789abcdef",
                KdfParameters { memory_kib, passes, lanes },
            );
            assert!(matches!(result, Err(VaultError::KdfOutOfBounds { .. })), "{memory_kib} {passes} {lanes}");
        }
        assert!(at.elapsed().as_secs() < 1);
    }

    #[test]
    fn length_counts_characters_and_nothing_is_trimmed() {
        let check = |text: &str| check_passphrase(&text.to_owned().into());
        assert!(matches!(check("123456789"), Err(VaultError::WeakPassphrase { minimum: 10 })));
        assert!(matches!(check("éééé"), Err(VaultError::WeakPassphrase { .. })), "eight bytes, four characters");
        assert!(check("1234567890").is_ok());
        assert!(check("  345678  ").is_ok());
        assert!(check("🐢🐢🐢🐢🐢🐢🐢🐢🐢🐢").is_ok());
        assert!(check(&"x".repeat(10_000)).is_ok());
    }

    #[test]
    fn salt_and_passphrase_both_matter() {
        let key =
            |text: &str, salt: &[u8]| *stretch(&text.to_owned().into(), salt, KdfParameters::FLOOR).unwrap().expose();
        let first = key("correct horse", b"0123456789abcdef");
        assert_eq!(first, key("correct horse", b"0123456789abcdef"));
        assert_ne!(first, key("correct horsf", b"0123456789abcdef"));
        assert_ne!(first, key("correct horse", b"0123456789abcdeg"));
    }
}
