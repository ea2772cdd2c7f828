//! Key binding (RFC 9901, sections 4.3 and 7.3): the proof that the presenter holds the key in `cnf`.

use jiff::Timestamp;
use leerpas_core::limits;
use serde_json::{Value, json};
use thiserror::Error;

use super::SdJwt;
use crate::{
    jose::{JoseError, Jws, sign_compact},
    keys::{HolderKey, PublicKey},
};

/// What the verifier expects of a key binding.
#[derive(Debug, Clone, Copy)]
pub struct KeyBindingExpectation<'a> {
    /// The nonce of the request; `None` leaves it unchecked, for looking at a stored presentation.
    pub nonce: Option<&'a str>,
    /// The full client identifier of the verifier; `None` leaves it unchecked.
    pub audience: Option<&'a str>,
    /// The time of the decision.
    pub now: Timestamp,
}

/// Why a key binding was refused. One variant per rule, so that each can be reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyBindingError {
    /// Not a JWS, or its claims are missing or of another kind.
    #[error("the key binding cannot be read")]
    Malformed,
    /// The header's `typ` is not `kb+jwt`.
    #[error("the key binding has another type")]
    Type,
    /// Not signed by the holder's key.
    #[error("the key binding's signature does not hold")]
    Signature,
    /// Bound to another selection of disclosures.
    #[error("the key binding is for other content")]
    SdHash,
    /// Older than the allowed age, or from the future.
    #[error("the key binding is not from now")]
    Time,
    /// Answers another request.
    #[error("the key binding has another nonce")]
    Nonce,
    /// Made for another verifier.
    #[error("the key binding has another audience")]
    Audience,
}

/// A key binding that is genuine: signed by the holder's key, for this very content, just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyBinding {
    /// The nonce that it answers.
    pub nonce: String,
    /// The verifier that it is for.
    pub audience: String,
}

impl KeyBinding {
    /// Signs the key binding for exactly this presentation, which must end with `~`, and appends it.
    ///
    /// # Errors
    /// When the token cannot be signed.
    pub fn append(
        presentation: &SdJwt,
        key: &HolderKey,
        audience: &str,
        nonce: &str,
        now: Timestamp,
    ) -> Result<String, JoseError> {
        Self::append_confirming(presentation, key, (audience, nonce), (&[], None), now)
    }

    /// As [`KeyBinding::append`], and confirms what these hashes stand for (OpenID4VP 1.0, appendix B.3.3.1). `named` is
    /// the hash algorithm where the verifier listed any.
    ///
    /// # Errors
    /// As [`KeyBinding::append`].
    pub fn append_confirming(
        presentation: &SdJwt,
        key: &HolderKey,
        (audience, nonce): (&str, &str),
        (hashes, named): (&[String], Option<&str>),
        now: Timestamp,
    ) -> Result<String, JoseError> {
        let bound = presentation.without_key_binding();
        let mut claims = json!({
            "iat": now.as_second(),
            "aud": audience,
            "nonce": nonce,
            "sd_hash": presentation.hash().digest(bound),
        });
        if !hashes.is_empty() {
            claims["transaction_data_hashes"] = json!(hashes);
            if let Some(named) = named {
                claims["transaction_data_hashes_alg"] = json!(named);
            }
        }
        let token = sign_compact(&json!({"typ": "kb+jwt"}), claims.to_string().as_bytes(), key)?;
        Ok(format!("{bound}{token}"))
    }

    /// Verifies the key binding of a presentation under the holder's key (RFC 9901, section 7.3, step 5) for its
    /// genuineness: type, signature, `sd_hash` and age. Nonce and audience are given back, to be compared.
    ///
    /// # Errors
    /// The first rule that is broken. A missing binding is [`KeyBindingError::Malformed`].
    pub fn open(presentation: &SdJwt, key: &PublicKey, now: Timestamp) -> Result<Self, KeyBindingError> {
        let token = presentation.key_binding().ok_or(KeyBindingError::Malformed)?;
        let jws = Jws::parse(token).map_err(|_| KeyBindingError::Malformed)?;
        if jws.typ() != Some("kb+jwt") {
            return Err(KeyBindingError::Type);
        }
        jws.verify(key).map_err(|_| KeyBindingError::Signature)?;
        let claims = jws.claims().map_err(|_| KeyBindingError::Malformed)?;
        let text = |name| claims.get(name).and_then(Value::as_str).ok_or(KeyBindingError::Malformed);
        let issued = claims.get("iat").and_then(Value::as_i64).ok_or(KeyBindingError::Malformed)?;
        if text("sd_hash")? != presentation.hash().digest(presentation.without_key_binding()) {
            return Err(KeyBindingError::SdHash);
        }
        if !is_recent(issued, now) {
            return Err(KeyBindingError::Time);
        }
        Ok(Self { nonce: text("nonce")?.to_owned(), audience: text("aud")?.to_owned() })
    }

    /// As [`KeyBinding::open`], and compares nonce and audience with what is expected.
    ///
    /// # Errors
    /// The first rule that is broken; nonce and audience only for a binding that is genuine.
    pub fn verify(
        presentation: &SdJwt,
        key: &PublicKey,
        expected: KeyBindingExpectation<'_>,
    ) -> Result<(), KeyBindingError> {
        let binding = Self::open(presentation, key, expected.now)?;
        if expected.nonce.is_some_and(|wanted| wanted != binding.nonce) {
            return Err(KeyBindingError::Nonce);
        }
        if expected.audience.is_some_and(|wanted| wanted != binding.audience) {
            return Err(KeyBindingError::Audience);
        }
        Ok(())
    }
}

/// What a key binding says was confirmed (OpenID4VP 1.0, appendix B.3.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmedHashes {
    /// Hashes of transaction data, as base64url. Empty where the member is no list of texts.
    pub hashes: Vec<String>,
    /// The hash algorithm, where it is named; empty where the name is no text.
    pub algorithm: Option<String>,
}

impl ConfirmedHashes {
    /// Reads them from a key binding that was not looked at yet.
    pub(crate) fn of(token: &str) -> Option<Self> {
        let claims = Jws::parse(token).ok()?.claims().ok()?;
        let (hashes, algorithm) = (claims.get("transaction_data_hashes"), claims.get("transaction_data_hashes_alg"));
        if hashes.is_none() && algorithm.is_none() {
            return None;
        }
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let hashes = hashes.and_then(Value::as_array).and_then(|list| list.iter().map(text).collect());
        Some(Self {
            hashes: hashes.unwrap_or_default(),
            algorithm: algorithm.map(|name| text(name).unwrap_or_default()),
        })
    }
}

/// Whether a proof of possession is from now: at most [`limits::KEY_BINDING_AGE_SECONDS`] old, and not from the future,
/// both give or take [`limits::CLOCK_SKEW_SECONDS`].
pub(crate) fn is_recent(issued: i64, now: Timestamp) -> bool {
    let oldest = limits::KEY_BINDING_AGE_SECONDS + limits::CLOCK_SKEW_SECONDS;
    now.as_second().checked_sub(issued).is_some_and(|age| (-limits::CLOCK_SKEW_SECONDS..=oldest).contains(&age))
}
