//! Multikey: a public key as one word (W3C Controlled Identifiers 1.0, section 2.2.2; Multicodec table).

use super::{KeyError, PublicKey};

const ED25519: [u8; 2] = [0xed, 0x01];
const P256: [u8; 2] = [0x80, 0x24];
const P384: [u8; 2] = [0x81, 0x24];

/// Longest text that is tried: a P-384 key needs 69 characters.
const LONGEST: usize = 128;

pub(super) fn decode(text: &str) -> Result<PublicKey, KeyError> {
    let base58 = text.strip_prefix('z').filter(|t| t.len() <= LONGEST).ok_or(KeyError::Malformed)?;
    let bytes = bs58::decode(base58).into_vec().map_err(|_| KeyError::Malformed)?;
    let (codec, key) = bytes.split_at_checked(2).ok_or(KeyError::Malformed)?;
    match <[u8; 2]>::try_from(codec) {
        Ok(ED25519) => PublicKey::from_ed25519_bytes(key),
        Ok(P256) if key.len() == 33 => PublicKey::from_p256_sec1(key),
        Ok(P384) if key.len() == 49 => PublicKey::from_p384_sec1(key),
        Ok(P256 | P384) => Err(KeyError::Malformed),
        _ => Err(KeyError::Unsupported),
    }
}

pub(super) fn encode(key: &PublicKey) -> Option<String> {
    let (codec, bytes) = match key {
        PublicKey::P256(key) => (P256, key.compressed()),
        PublicKey::P384(key) => (P384, key.compressed()),
        PublicKey::Ed25519(key) => (ED25519, key.to_bytes().to_vec()),
        PublicKey::Rsa(_) => return None,
    };
    let mut whole = codec.to_vec();
    whole.extend(bytes);
    Some(format!("z{}", bs58::encode(whole).into_string()))
}
