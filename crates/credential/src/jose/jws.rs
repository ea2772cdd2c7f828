//! Compact JWS (RFC 7515, section 7.1).

use leerpas_core::limits;
use serde_json::{Map, Value};

use super::{JoseError, decode_base64url, encode_base64url};
use crate::{
    json,
    keys::{Algorithm, PublicKey, Signer},
};

/// Cap on a header in its encoded form, in bytes: room for a chain of five certificates.
const HEADER: usize = 64 * 1024;

/// A JWS that was taken apart. Its signature was not looked at yet: that is [`Jws::verify`].
#[derive(Debug, Clone)]
pub struct Jws {
    /// The protected header.
    pub header: Map<String, Value>,
    /// The payload as it was signed.
    pub payload: Vec<u8>,
    algorithm: Algorithm,
    signature: Vec<u8>,
    signed: String,
}

impl Jws {
    /// Takes a compact JWS apart.
    ///
    /// # Errors
    /// When it has not three parts, is over [`limits::CREDENTIAL`], is not canonical base64url, names no algorithm of
    /// the list, has no payload, or uses `crit` (nothing critical is understood here) or `b64` (RFC 7797).
    pub fn parse(token: &str) -> Result<Self, JoseError> {
        if token.len() > limits::CREDENTIAL {
            return Err(JoseError::Form);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JoseError::Form);
        };
        if header.len() > HEADER || payload.is_empty() {
            return Err(JoseError::Form);
        }
        let Value::Object(members) = json::parse(&decode_base64url(header)?)? else {
            return Err(JoseError::NotAnObject);
        };
        for refused in ["crit", "b64"] {
            // JAdES writes `b64: true` (ETSI TS 119 182-1, 5.1.10), which is what holds anyway.
            let harmless = refused == "b64" && members.get(refused) == Some(&Value::Bool(true));
            if members.contains_key(refused) && !harmless {
                return Err(JoseError::Parameter(refused));
            }
        }
        let algorithm = algorithm(&members)?;
        Ok(Self {
            payload: decode_base64url(payload)?,
            signature: decode_base64url(signature)?,
            signed: format!("{header}.{payload}"),
            header: members,
            algorithm,
        })
    }

    /// The `typ` of the header, without a leading `application/` (RFC 7515, section 4.1.9).
    pub fn typ(&self) -> Option<&str> {
        self.media_type("typ")
    }

    /// The `cty` of the header, without a leading `application/` (RFC 7515, section 4.1.10).
    pub fn cty(&self) -> Option<&str> {
        self.media_type("cty")
    }

    fn media_type(&self, name: &str) -> Option<&str> {
        let media_type = self.header.get(name)?.as_str()?;
        Some(media_type.strip_prefix("application/").unwrap_or(media_type))
    }

    /// The token as it came.
    pub fn compact(&self) -> String {
        format!("{}.{}", self.signed, encode_base64url(&self.signature))
    }

    /// The `kid` of the header.
    pub fn kid(&self) -> Option<&str> {
        self.header.get("kid")?.as_str()
    }

    /// The algorithm that the header names.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Verifies the signature with the key that the caller trusts.
    ///
    /// # Errors
    /// When the key's algorithm is another one, or the signature does not hold.
    pub fn verify(&self, key: &PublicKey) -> Result<(), JoseError> {
        Ok(key.verify(self.algorithm, self.signed.as_bytes(), &self.signature)?)
    }

    /// The payload as a JSON object.
    ///
    /// # Errors
    /// When it is no unambiguous JSON object.
    pub fn claims(&self) -> Result<Map<String, Value>, JoseError> {
        match json::parse(&self.payload)? {
            Value::Object(claims) => Ok(claims),
            _ => Err(JoseError::NotAnObject),
        }
    }
}

/// Sound algorithms that are not made here (IANA, JSON Web Signature and Encryption Algorithms).
const NOT_SUPPORTED: [&str; 10] =
    ["ES256K", "ES512", "PS256", "PS384", "PS512", "RS384", "RS512", "Ed448", "ML-DSA-44", "ML-DSA-65"];

fn algorithm(header: &Map<String, Value>) -> Result<Algorithm, JoseError> {
    let name = header.get("alg").and_then(Value::as_str).ok_or(JoseError::Algorithm)?;
    Algorithm::from_name(name).ok_or_else(|| match NOT_SUPPORTED.iter().find(|known| **known == name) {
        Some(known) => JoseError::NotSupported(known),
        None => JoseError::Algorithm,
    })
}

/// Signs a payload. `alg` is written into the header when it is missing there.
///
/// # Errors
/// When the header is no object, or its `alg` is not the signer's.
pub fn sign_compact(header: &Value, payload: &[u8], signer: &dyn Signer) -> Result<String, JoseError> {
    let mut header = header.as_object().cloned().ok_or(JoseError::NotAnObject)?;
    let name = signer.algorithm().name();
    if *header.entry("alg").or_insert_with(|| name.into()) != *name {
        return Err(JoseError::Algorithm);
    }
    let header = Value::Object(header).to_string();
    let signed = format!("{}.{}", encode_base64url(header.as_bytes()), encode_base64url(payload));
    let signature = encode_base64url(&signer.sign(signed.as_bytes()));
    Ok(format!("{signed}.{signature}"))
}
