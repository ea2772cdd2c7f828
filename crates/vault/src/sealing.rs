//! Keys from keys, and bytes that open only where they belong.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use leerpas_core::{Entropy, OsEntropy, Secret};
use sha2::Sha256;

/// 256 bits.
pub(crate) type Key = Secret<[u8; 32]>;

/// Length of an XChaCha20-Poly1305 nonce in bytes (draft-irtf-cfrg-xchacha, 2.3): long enough to be
/// drawn by chance.
const NONCE: usize = 24;

/// Derives the key for one use with HKDF-SHA-256 (RFC 5869); `label` separates the uses.
#[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8160 bytes; 32 are asked for")]
pub(crate) fn derive(from: &[u8], label: &str) -> Key {
    let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
    Hkdf::<Sha256>::new(None, from).expand(label.as_bytes(), bytes.as_mut()).expect("32 bytes are within the limit");
    Secret::new(*bytes)
}

/// Draws a new key.
pub(crate) fn draw(entropy: &dyn Entropy) -> Key {
    let mut bytes = zeroize::Zeroizing::new([0_u8; 32]);
    entropy.fill(bytes.as_mut());
    Secret::new(*bytes)
}

/// Seals bytes for one place, named by `place`: nonce first, then ciphertext and tag. The nonce always
/// comes from the operating system, since one that repeats would give the key away.
pub(crate) fn seal(key: &Key, place: &[&str], plain: &[u8]) -> Vec<u8> {
    let mut nonce = [0_u8; NONCE];
    OsEntropy.fill(&mut nonce);
    let payload = Payload { msg: plain, aad: &bound_to(place) };
    #[expect(clippy::expect_used, reason = "fails only beyond 256 GiB")]
    let sealed = cipher(key).encrypt(XNonce::from_slice(&nonce), payload).expect("within the limit of the cipher");
    [nonce.as_slice(), &sealed].concat()
}

/// Opens what [`seal`] made with the same key for the same place; `None` otherwise.
pub(crate) fn unseal(key: &Key, place: &[&str], sealed: &[u8]) -> Option<Secret<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
    let payload = Payload { msg: sealed, aad: &bound_to(place) };
    cipher(key).decrypt(XNonce::from_slice(nonce), payload).ok().map(Secret::new)
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.expose().into())
}

/// Each part with its length before it, so that no two places read the same.
fn bound_to(place: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in place {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use leerpas_core::CountingEntropy;

    use super::*;

    #[test]
    fn opens_only_in_its_place_and_with_its_key() {
        let chance = CountingEntropy::default();
        let (key, other) = (draw(&chance), draw(&chance));
        let sealed = seal(&key, &["keys", "1"], b"private");
        assert_eq!(unseal(&key, &["keys", "1"], &sealed).unwrap().expose(), b"private");
        assert!(unseal(&other, &["keys", "1"], &sealed).is_none());
        assert!(unseal(&key, &["keys", "2"], &sealed).is_none());
        assert!(unseal(&key, &["keys1", ""], &sealed).is_none());
        for cut in 0..sealed.len() {
            assert!(unseal(&key, &["keys", "1"], &sealed[..cut]).is_none());
        }
    }

    #[test]
    fn two_seals_of_the_same_differ() {
        let key = draw(&CountingEntropy::default());
        assert_ne!(seal(&key, &[], b"same"), seal(&key, &[], b"same"));
    }

    #[test]
    fn labels_separate_keys() {
        assert_ne!(derive(b"from", "db/v1").expose(), derive(b"from", "keys/v1").expose());
    }
}
