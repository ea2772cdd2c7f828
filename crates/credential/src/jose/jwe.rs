//! Compact JWE (RFC 7516) with ECDH-ES on P-256 (RFC 7518, section 4.6) and AES-GCM; by josekit, with the
//! agreement of `agreement.rs`.

use std::fmt;

use josekit::jwe::{self, JweHeader};
use leerpas_core::{Entropy, Secret, limits};
use serde_json::{Value, json};

use super::{
    JoseError,
    agreement::{Holder, Recipient},
    decode_base64url,
};
use crate::{
    json,
    keys::{HolderKey, KeyError, PublicKey},
};

/// The content encryptions of OpenID4VP 1.0 with HAIP; both are authenticated.
const ENCRYPTIONS: [&str; 2] = ["A128GCM", "A256GCM"];

/// Encrypts for one recipient; copies the recipient's `kid` into the header (OpenID4VP 1.0, section 8.3).
///
/// # Errors
/// When the recipient's key is not a public P-256 key, is not meant for ECDH-ES, or `enc` is not one of the two.
pub fn encrypt(payload: &[u8], recipient_jwk: &Value, enc: &str) -> Result<String, JoseError> {
    if !ENCRYPTIONS.contains(&enc) {
        return Err(JoseError::Algorithm);
    }
    if recipient_jwk.get("alg").is_some_and(|alg| alg != "ECDH-ES") {
        return Err(JoseError::Algorithm);
    }
    if recipient_jwk.get("use").is_some_and(|usage| usage != "enc") {
        return Err(JoseError::Key(KeyError::Unsupported));
    }
    let recipient = Recipient::new(PublicKey::from_jwk(recipient_jwk)?)?;
    let mut header = JweHeader::new();
    header.set_content_encryption(enc);
    if let Some(kid) = recipient_jwk.get("kid").and_then(Value::as_str) {
        header.set_key_id(kid);
    }
    jwe::serialize_compact(payload, &header, &recipient).map_err(|_| JoseError::Decryption)
}

/// The private key of one request, to which the answer is encrypted.
pub struct DecryptionKey {
    private: Secret<Vec<u8>>,
    public: PublicKey,
}

impl DecryptionKey {
    /// Makes a new key with this chance.
    pub fn draw(entropy: &dyn Entropy) -> Self {
        let key = HolderKey::make(entropy);
        Self { private: key.secret(), public: key.public() }
    }

    /// Takes back what [`DecryptionKey::private`] gave.
    ///
    /// # Errors
    /// When it is no P-256 private key.
    pub fn from_private(private: &Secret<Vec<u8>>) -> Result<Self, JoseError> {
        let key = HolderKey::from_secret(private)?;
        Ok(Self { private: key.secret(), public: key.public() })
    }

    /// The private number, 32 bytes, to keep in memory for as long as the request lives.
    pub fn private(&self) -> Secret<Vec<u8>> {
        Secret::new(self.private.expose().clone())
    }

    /// The public key as it goes into `client_metadata.jwks`: with `kid`, `use` and `alg` (OpenID4VP 1.0, 8.3).
    pub fn public_jwk(&self, kid: &str) -> Value {
        let mut jwk = self.public.to_jwk();
        jwk["kid"] = kid.into();
        jwk["use"] = "enc".into();
        jwk["alg"] = "ECDH-ES".into();
        jwk
    }

    /// Decrypts a compact JWE.
    ///
    /// # Errors
    /// [`JoseError::Form`], [`JoseError::Algorithm`] or [`JoseError::Parameter`] where the header says something that
    /// is not accepted; for every other fault one and the same [`JoseError::Decryption`].
    pub fn decrypt(&self, token: &str) -> Result<Vec<u8>, JoseError> {
        check_header(token)?;
        let holder = Holder::new(&self.private)?;
        let (payload, _) = jwe::deserialize_compact(token, &holder).map_err(|_| JoseError::Decryption)?;
        Ok(payload)
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKey({})", self.public.thumbprint())
    }
}

/// Looks at the header before any secret is touched.
fn check_header(token: &str) -> Result<(), JoseError> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, wrapped_key, vector, _, tag] = parts[..] else { return Err(JoseError::Form) };
    // Direct key agreement: there is no wrapped key (RFC 7518, section 4.6).
    if token.len() > limits::reply_bytes(leerpas_core::Purpose::Credential) || !wrapped_key.is_empty() {
        return Err(JoseError::Form);
    }
    for part in &parts {
        decode_base64url(part)?;
    }
    // 96 and 128 bits (RFC 7518, section 5.3). A shorter tag is easier to guess, and the library takes it.
    if decode_base64url(vector)?.len() != 12 || decode_base64url(tag)?.len() != 16 {
        return Err(JoseError::Decryption);
    }
    let Value::Object(header) = json::parse(&decode_base64url(header)?)? else {
        return Err(JoseError::NotAnObject);
    };
    for refused in ["zip", "crit", "p2c"] {
        if header.contains_key(refused) {
            return Err(JoseError::Parameter(refused));
        }
    }
    let enc = header.get("enc").and_then(Value::as_str).unwrap_or_default();
    if header.get("alg") != Some(&json!("ECDH-ES")) || !ENCRYPTIONS.contains(&enc) {
        return Err(JoseError::Algorithm);
    }
    let epk = header.get("epk").ok_or(JoseError::Decryption)?;
    match PublicKey::from_jwk(epk) {
        Ok(PublicKey::P256(_)) => Ok(()),
        _ => Err(JoseError::Decryption),
    }
}
