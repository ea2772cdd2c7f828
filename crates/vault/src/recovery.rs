//! The recovery key: what opens the vault when the passphrase is forgotten.

use leerpas_core::{Entropy, Secret};
use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::sealing::{Key, derive};

/// Crockford's base 32 alphabet: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 128 bits of key and 12 of checksum, five per character.
const CHARACTERS: usize = 28;
const GROUP: usize = 4;

/// 128 random bits. Shown to the learner once, to be written down.
#[derive(Debug)]
pub struct RecoveryKey(Secret<[u8; 16]>);

/// Why a text is no recovery key. Says where, never what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RecoveryKeyError {
    /// Too short or too long.
    #[error("a recovery key has {CHARACTERS} letters and digits, this has {found}")]
    Length {
        /// How many letters and digits there are.
        found: usize,
    },
    /// A character that does not occur in recovery keys.
    #[error("character {position} does not occur in a recovery key")]
    Character {
        /// Its position, counting from 1 and without spaces and hyphens.
        position: usize,
    },
    /// All is there and something is mistyped.
    #[error("the recovery key has a typing error")]
    Checksum,
}

impl RecoveryKey {
    /// Draws a new one.
    pub(crate) fn draw(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0_u8; 16]);
        entropy.fill(bytes.as_mut());
        Self(Secret::new(*bytes))
    }

    /// The text to show: seven groups of four, such as `7Q2M-…`, in Crockford's base 32 with a 12-bit
    /// checksum at the end.
    pub fn to_text(&self) -> Secret<String> {
        let key = self.0.expose();
        let bits = Zeroizing::new(u128::from_be_bytes(*key));
        let check = checksum(key);
        let mut text = String::with_capacity(CHARACTERS + CHARACTERS / GROUP);
        for index in 0..CHARACTERS {
            if index > 0 && index % GROUP == 0 {
                text.push('-');
            }
            // Bits 0 to 127 are the key, 128 to 139 the checksum; the 26th character straddles them.
            let value = (0..5).fold(0_usize, |value, bit| {
                let at = index * 5 + bit;
                let one = if at < 128 { (*bits >> (127 - at)) & 1 == 1 } else { (check >> (139 - at)) & 1 == 1 };
                value << 1 | usize::from(one)
            });
            text.push(char::from(ALPHABET[value]));
        }
        Secret::new(text)
    }

    /// Reads what a person typed: any case, with or without spaces and hyphens, O for 0, I or L for 1.
    ///
    /// # Errors
    /// When it is not a whole recovery key without typing errors.
    pub fn parse(text: &Secret<String>) -> Result<Self, RecoveryKeyError> {
        let counts = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}');
        let found = text.expose().chars().filter(counts).count();
        if found != CHARACTERS {
            return Err(RecoveryKeyError::Length { found });
        }
        let mut bits = Zeroizing::new(0_u128);
        let mut check = 0_u16;
        for (index, c) in text.expose().chars().filter(counts).enumerate() {
            let value = value_of(c).ok_or(RecoveryKeyError::Character { position: index + 1 })?;
            for bit in 0..5 {
                let one = (value >> (4 - bit)) & 1;
                if index * 5 + bit < 128 {
                    *bits = *bits << 1 | u128::from(one);
                } else {
                    check = check << 1 | u16::from(one);
                }
            }
        }
        let key = Zeroizing::new(bits.to_be_bytes());
        if checksum(&key) != check {
            return Err(RecoveryKeyError::Checksum);
        }
        Ok(Self(Secret::new(*key)))
    }

    /// The key of the recovery slot: HKDF is enough, since 128 random bits cannot be guessed.
    pub(crate) fn key(&self) -> Key {
        derive(self.0.expose(), "kek-recovery/v1")
    }
}

fn value_of(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|&known| char::from(known) == c).and_then(|index| u8::try_from(index).ok())
}

/// Twelve bits: a typing error slips through once in 4096 times, and then opens nothing.
fn checksum(key: &[u8; 16]) -> u16 {
    let digest = Sha256::new().chain_update(b"leerpas recovery key v1").chain_update(key).finalize();
    u16::from_be_bytes([digest[0], digest[1]]) >> 4
}

#[cfg(test)]
mod tests {
    use leerpas_core::CountingEntropy;
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<[u8; 16], RecoveryKeyError> {
        RecoveryKey::parse(&text.to_owned().into()).map(|key| *key.0.expose())
    }

    #[test]
    fn shows_seven_groups_of_four() {
        let text = RecoveryKey::draw(&CountingEntropy::default()).to_text();
        let groups: Vec<_> = text.expose().split('-').collect();
        assert_eq!(groups.len(), 7);
        assert!(groups.iter().all(|group| group.len() == 4));
    }

    #[test]
    fn is_forgiving_about_what_people_type() {
        let key = RecoveryKey(Secret::new([0x08, 0x42, 0x10, 0x84, 0, 0, 0, 0, 0x21, 0x08, 0x42, 0x10, 0, 0, 0, 1]));
        let text = key.to_text().expose().clone();
        assert!(text.contains('0') && text.contains('1'), "{text}");
        let bare = text.replace('-', "");
        for typed in [
            text.clone(),
            text.to_lowercase(),
            bare.clone(),
            format!("  {}\n", text.replace('-', " ")),
            text.replace('-', "–"),
            bare.replace('0', "O").replace('1', "I"),
            bare.replace('0', "o").replace('1', "l"),
        ] {
            assert_eq!(parse(&typed).unwrap(), *key.0.expose(), "{typed}");
        }
    }

    #[test]
    fn says_what_is_wrong_without_repeating_it() {
        let text = RecoveryKey::draw(&CountingEntropy::default()).to_text().expose().clone();
        assert_eq!(parse("").unwrap_err(), RecoveryKeyError::Length { found: 0 });
        assert_eq!(parse(&text[..text.len() - 1]).unwrap_err(), RecoveryKeyError::Length { found: 27 });
        assert_eq!(parse(&format!("{text}0")).unwrap_err(), RecoveryKeyError::Length { found: 29 });
        assert_eq!(parse(&format!("U{}", &text[1..])).unwrap_err(), RecoveryKeyError::Character { position: 1 });
        assert_eq!(parse(&format!("é{}", &text[1..])).unwrap_err(), RecoveryKeyError::Character { position: 1 });
    }

    #[test]
    fn does_not_print() {
        assert_eq!(format!("{:?}", RecoveryKey::draw(&CountingEntropy::default())), "RecoveryKey(Secret(…))");
    }

    proptest! {
        #[test]
        fn round_trips(key: [u8; 16]) {
            let text = RecoveryKey(Secret::new(key)).to_text();
            prop_assert_eq!(parse(text.expose()), Ok(key));
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = parse(&text);
        }

        #[test]
        fn one_wrong_character_in_the_key_rarely_passes(key: [u8; 16], at in 0_usize..25, by in 1_usize..32) {
            let text = RecoveryKey(Secret::new(key)).to_text().expose().replace('-', "");
            let mut typed: Vec<u8> = text.bytes().collect();
            let old = ALPHABET.iter().position(|&c| c == typed[at]).unwrap();
            typed[at] = ALPHABET[(old + by) % 32];
            // Never the same key, and nearly always a checksum that does not fit.
            prop_assert_ne!(parse(&String::from_utf8(typed).unwrap()), Ok(key));
        }
    }
}
