//! Direct key agreement for encrypted tokens: ECDH-ES on P-256 (RFC 7518, section 4.6), by AWS-LC within josekit, which makes
//! and opens the tokens. Josekit's own takes each key through the formats of OpenSSL, which costs more than the agreement
//! itself; a desk does that for every answer.

use std::{borrow::Cow, fmt, sync::Arc};

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use josekit::{
    JoseError,
    jwe::{ECDH_ES, JweAlgorithm, JweContentEncryption, JweDecrypter, JweEncrypter, JweHeader},
};
use leerpas_core::Secret;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::decode_base64url;
use crate::keys::{KeyError, PublicKey};

/// Why no key was agreed on. Says nothing about any key.
#[derive(Debug, Clone, Copy, Error)]
#[error("no key could be agreed on")]
struct NoAgreement;

/// Whom a token is for.
#[derive(Debug, Clone)]
pub(super) struct Recipient(PublicKey);

/// Who can open what is for them. Cheap to clone; wiped when the last goes.
#[derive(Clone)]
pub(super) struct Holder(Arc<PrivateKey>);

impl Recipient {
    /// # Errors
    /// When it is no key on P-256.
    pub(super) fn new(key: PublicKey) -> Result<Self, KeyError> {
        if matches!(key, PublicKey::P256(_)) { Ok(Self(key)) } else { Err(KeyError::Unsupported) }
    }
}

impl Holder {
    /// From a private number of 32 bytes.
    ///
    /// # Errors
    /// When it is none of P-256.
    pub(super) fn new(number: &Secret<Vec<u8>>) -> Result<Self, KeyError> {
        let key = PrivateKey::from_private_key(&ECDH_P256, number.expose()).map_err(|_| KeyError::Malformed)?;
        Ok(Self(Arc::new(key)))
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holder")
    }
}

impl JweEncrypter for Recipient {
    fn algorithm(&self) -> &dyn JweAlgorithm {
        &ECDH_ES
    }

    fn key_id(&self) -> Option<&str> {
        None
    }

    fn compute_content_encryption_key(
        &self,
        content: &dyn JweContentEncryption,
        _given: &JweHeader,
        header: &mut JweHeader,
    ) -> Result<Option<Cow<'_, [u8]>>, JoseError> {
        let passing = PrivateKey::generate(&ECDH_P256).map_err(|_| fault())?;
        let point = passing.compute_public_key().map_err(|_| fault())?;
        let public = PublicKey::from_p256_sec1(point.as_ref()).map_err(|_| fault())?;
        header.set_claim("epk", Some(public.to_jwk()))?;
        content_key(&passing, &self.0, content, header).map(|key| Some(Cow::Owned(key)))
    }

    /// The agreed key is the one for the content: no other goes along.
    fn encrypt(&self, _: &[u8], _: &JweHeader, _: &mut JweHeader) -> Result<Option<Vec<u8>>, JoseError> {
        Ok(None)
    }

    fn box_clone(&self) -> Box<dyn JweEncrypter> {
        Box::new(self.clone())
    }
}

impl JweDecrypter for Holder {
    fn algorithm(&self) -> &dyn JweAlgorithm {
        &ECDH_ES
    }

    fn key_id(&self) -> Option<&str> {
        None
    }

    fn decrypt(
        &self,
        encrypted_key: Option<&[u8]>,
        content: &dyn JweContentEncryption,
        header: &JweHeader,
    ) -> Result<Cow<'_, [u8]>, JoseError> {
        if encrypted_key.is_some_and(|key| !key.is_empty()) {
            return Err(fault());
        }
        let epk = header.claim("epk").ok_or_else(fault)?;
        let sender = PublicKey::from_jwk(epk).map_err(|_| fault())?;
        content_key(&self.0, &sender, content, header).map(Cow::Owned)
    }

    fn box_clone(&self) -> Box<dyn JweDecrypter> {
        Box::new(self.clone())
    }
}

/// The key for the content: what both sides work out, through the Concat KDF with SHA-256, of which one round is enough for
/// both encryptions (RFC 7518, section 4.6.2).
fn content_key(
    own: &PrivateKey,
    other: &PublicKey,
    content: &dyn JweContentEncryption,
    header: &JweHeader,
) -> Result<Vec<u8>, JoseError> {
    let PublicKey::P256(point) = other else { return Err(fault()) };
    let about = [content.name().as_bytes().to_vec(), party(header, "apu")?, party(header, "apv")?];
    let length = content.key_len();
    if length > Sha256::output_size() {
        return Err(fault());
    }
    let other = UnparsedPublicKey::new(&ECDH_P256, point.uncompressed());
    // The error of this library is made whether there is one or not, so it is a word here and no report.
    agree(own, other, NoAgreement, |shared| {
        let mut hash = Sha256::new().chain_update(1_u32.to_be_bytes()).chain_update(shared);
        for part in &about {
            hash.update(u32::try_from(part.len()).map_err(|_| NoAgreement)?.to_be_bytes());
            hash.update(part);
        }
        hash.update(u32::try_from(length * 8).map_err(|_| NoAgreement)?.to_be_bytes());
        Ok(hash.finalize()[..length].to_vec())
    })
    .map_err(|_| fault())
}

/// What the header says about one of the two (RFC 7518, sections 4.6.1.2 and 4.6.1.3); nothing where it says nothing.
fn party(header: &JweHeader, name: &str) -> Result<Vec<u8>, JoseError> {
    match header.claim(name) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => decode_base64url(text).map_err(|_| fault()),
        Some(_) => Err(fault()),
    }
}

fn fault() -> JoseError {
    JoseError::InvalidKeyFormat(NoAgreement.into())
}

#[cfg(test)]
mod tests {
    use josekit::jwe::enc::{A128GCM, A256GCM};
    use serde_json::json;

    use super::*;

    /// RFC 7518, appendix C: Bob's key and Alice's passing one.
    #[test]
    fn rfc7518_c_the_agreed_key_is_the_one_of_the_example() {
        let bob = Holder::new(&Secret::new(decode_base64url("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw").unwrap()))
            .unwrap();
        let mut header = JweHeader::new();
        let epk = json!({"kty": "EC", "crv": "P-256", "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
            "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"});
        header.set_claim("epk", Some(epk)).unwrap();
        header.set_claim("apu", Some(json!("QWxpY2U"))).unwrap();
        header.set_claim("apv", Some(json!("Qm9i"))).unwrap();
        let key = bob.decrypt(None, &A128GCM, &header).unwrap();
        assert_eq!(key.as_ref(), decode_base64url("VqqN6vgjbSBcIijNcacQGg").unwrap());
        // Another encryption has another key, and so have other names.
        assert_eq!(bob.decrypt(None, &A256GCM, &header).unwrap().len(), 32);
        header.set_claim("apv", Some(json!("Qm9c"))).unwrap();
        assert_ne!(bob.decrypt(None, &A128GCM, &header).unwrap(), key);
    }

    #[test]
    fn rfc7518_4_6_a_point_that_is_not_on_the_curve_agrees_on_nothing() {
        let bob = Holder::new(&Secret::new(vec![7; 32])).unwrap();
        let mut header = JweHeader::new();
        assert!(bob.decrypt(None, &A128GCM, &header).is_err());
        let off = json!({"kty": "EC", "crv": "P-256", "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
            "y": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0"});
        header.set_claim("epk", Some(off)).unwrap();
        assert!(bob.decrypt(None, &A128GCM, &header).is_err());
        assert!(Holder::new(&Secret::new(vec![0; 32])).is_err());
        assert!(Holder::new(&Secret::new(vec![0xff; 32])).is_err());
        assert!(Holder::new(&Secret::new(vec![7; 31])).is_err());
    }
}
