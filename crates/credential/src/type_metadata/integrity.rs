//! Hashes of what is referred to, as Subresource Integrity writes them (W3C SRI, section 3; draft-13, section 7).

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256, Sha384, Sha512};
use thiserror::Error;

/// Why a hash was not found to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IntegrityError {
    /// It is the hash of something else.
    #[error("the hash is that of something else")]
    Mismatch,
    /// It holds no hash of a kind that is known: it says nothing.
    #[error("the hash cannot be read")]
    Unreadable,
}

/// Compares bytes with integrity metadata: `sha256-…`, `sha384-…` or `sha512-…` in base64. Of several, separated by
/// white space, the strongest kind counts, and one of that kind must fit (SRI, section 3.3.4).
///
/// # Errors
/// [`IntegrityError::Unreadable`] when none can be read, else [`IntegrityError::Mismatch`] when none fits.
pub fn check_integrity(expected: &str, bytes: &[u8]) -> Result<(), IntegrityError> {
    // What stands behind a question mark are options, of which none is defined.
    let hashes: Vec<(&str, Vec<u8>)> = expected
        .split_ascii_whitespace()
        .filter_map(|word| word.split('?').next()?.split_once('-'))
        .filter_map(|(name, value)| Some((name, STANDARD.decode(value).ok()?)))
        .collect();
    for (name, hash) in [
        ("sha512", Sha512::digest(bytes).to_vec()),
        ("sha384", Sha384::digest(bytes).to_vec()),
        ("sha256", Sha256::digest(bytes).to_vec()),
    ] {
        let mut of_this_kind =
            hashes.iter().filter(|(kind, value)| *kind == name && value.len() == hash.len()).peekable();
        if of_this_kind.peek().is_some() {
            let fits = of_this_kind.any(|(_, value)| *value == hash);
            return if fits { Ok(()) } else { Err(IntegrityError::Mismatch) };
        }
    }
    Err(IntegrityError::Unreadable)
}

/// The integrity metadata of bytes, with SHA-256: what an issuer signs of something that it refers to.
pub fn integrity_of(bytes: &[u8]) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sri_3_3_4_the_strongest_kind_counts() {
        let good = integrity_of(b"a");
        let strong = format!("sha512-{}", STANDARD.encode(Sha512::digest(b"a")));
        let other = format!("sha384-{}", STANDARD.encode(Sha384::digest(b"b")));
        assert_eq!(check_integrity(&good, b"a"), Ok(()));
        assert_eq!(check_integrity(&format!("{good} {strong}"), b"a"), Ok(()));
        assert_eq!(check_integrity(&good, b"b"), Err(IntegrityError::Mismatch));
        assert_eq!(check_integrity(&format!("{good} {other}"), b"a"), Err(IntegrityError::Mismatch));
        for nothing in ["", "sha1-AAAA", "sha256-!", "sha256-AAAA", "md5"] {
            assert_eq!(check_integrity(nothing, b"a"), Err(IntegrityError::Unreadable), "{nothing}");
        }
    }
}
