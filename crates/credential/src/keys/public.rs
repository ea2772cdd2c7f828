//! Public keys and what they verify.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use super::{
    Algorithm, KeyError, SignatureError, multikey,
    verifying::{CurveKey, RsaKey},
};

/// Members that only private or symmetric keys have (RFC 7518, section 6; RFC 8037, section 2).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A public key that was found sound when it was read.
#[derive(Clone, PartialEq)]
pub enum PublicKey {
    /// P-256, for ES256.
    P256(CurveKey),
    /// P-384, for ES384.
    P384(CurveKey),
    /// Ed25519, for EdDSA.
    Ed25519(ed25519_dalek::VerifyingKey),
    /// RSA of 2048 to 4096 bits, for RS256.
    Rsa(RsaKey),
}

impl PublicKey {
    /// Reads a JWK (RFC 7517).
    ///
    /// # Errors
    /// When a member is missing or not canonical, when it holds a private part, when `alg` or `use` contradict a
    /// signature key, when the point is off its curve, or when RSA is under 2048 bits.
    pub fn from_jwk(jwk: &Value) -> Result<Self, KeyError> {
        let members = jwk.as_object().ok_or(KeyError::Malformed)?;
        if PRIVATE_MEMBERS.iter().any(|name| members.contains_key(*name)) {
            return Err(KeyError::PrivatePart);
        }
        let key = match (text(members, "kty")?, members.get("crv").and_then(Value::as_str)) {
            ("EC", Some("P-256")) => Self::from_p256_sec1(&uncompressed(members, 32)?)?,
            ("EC", Some("P-384")) => Self::from_p384_sec1(&uncompressed(members, 48)?)?,
            ("OKP", Some("Ed25519")) => Self::from_ed25519_bytes(&bytes(members, "x")?)?,
            ("RSA", _) => Self::from_rsa_numbers(bytes(members, "n")?, bytes(members, "e")?)?,
            _ => return Err(KeyError::Unsupported),
        };
        match members.get("alg") {
            None => Ok(key),
            // A P-256 key agreement key says ECDH-ES here; that is no contradiction of the curve.
            Some(Value::String(alg)) if alg == key.algorithm().name() || alg.starts_with("ECDH-ES") => Ok(key),
            // RFC 9864 gives Ed25519 a name of its own beside EdDSA.
            Some(Value::String(alg)) if alg == "Ed25519" && key.algorithm() == Algorithm::EdDsa => Ok(key),
            Some(_) => Err(KeyError::Unsupported),
        }
    }

    /// Reads a JWK that is to verify signatures: as [`PublicKey::from_jwk`], and `use` and `key_ops` must allow it (RFC 7517,
    /// sections 4.2 and 4.3).
    ///
    /// # Errors
    /// As [`PublicKey::from_jwk`]; [`KeyError::Unsupported`] for a key that is meant for something else.
    pub fn from_verifying_jwk(jwk: &Value) -> Result<Self, KeyError> {
        let verifies = |operations: &Value| {
            operations.as_array().is_some_and(|list| list.iter().any(|operation| operation == "verify"))
        };
        if jwk.get("use").is_some_and(|usage| usage != "sig") || jwk.get("key_ops").is_some_and(|ops| !verifies(ops)) {
            return Err(KeyError::Unsupported);
        }
        if jwk.get("alg").and_then(Value::as_str).is_some_and(|alg| alg.starts_with("ECDH-ES")) {
            return Err(KeyError::Unsupported);
        }
        Self::from_jwk(jwk)
    }

    /// The JWK with its required members only, in the order of RFC 7638.
    pub fn to_jwk(&self) -> Value {
        match self {
            Self::P256(key) => ec_jwk("P-256", key),
            Self::P384(key) => ec_jwk("P-384", key),
            Self::Ed25519(key) => json!({"crv": "Ed25519", "kty": "OKP", "x": encode(key.as_bytes())}),
            Self::Rsa(key) => json!({"e": encode(key.e()), "kty": "RSA", "n": encode(key.n())}),
        }
    }

    /// The JWK thumbprint with SHA-256, base64url (RFC 7638).
    pub fn thumbprint(&self) -> String {
        let make = || encode(digest(&SHA256, self.canonical_jwk().as_bytes()).as_ref());
        match self {
            Self::P256(key) | Self::P384(key) => key.thumbprint(make).to_owned(),
            Self::Ed25519(_) | Self::Rsa(_) => make(),
        }
    }

    /// The JWK as one text, always the same for the same key: sorted members, no white space (RFC 7638, section 3).
    pub fn canonical_jwk(&self) -> String {
        // Written out, because it is made for every check, and every value is base64url and needs no escaping.
        let ec = |curve: &str, key: &CurveKey| {
            let (x, y) = key.coordinates();
            format!(r#"{{"crv":"{curve}","kty":"EC","x":"{}","y":"{}"}}"#, encode(x), encode(y))
        };
        match self {
            Self::P256(key) => ec("P-256", key),
            Self::P384(key) => ec("P-384", key),
            Self::Ed25519(key) => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, encode(key.as_bytes())),
            Self::Rsa(key) => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, encode(key.e()), encode(key.n())),
        }
    }

    /// Reads a Multikey: `z`, base58btc, multicodec prefix, compressed point.
    ///
    /// # Errors
    /// When the text is no multibase, the multicodec is unknown, bytes are left over, or the point is off its curve.
    pub fn from_multikey(text: &str) -> Result<Self, KeyError> {
        multikey::decode(text)
    }

    /// The Multikey, or `None` for RSA, which has none here.
    pub fn to_multikey(&self) -> Option<String> {
        multikey::encode(self)
    }

    /// The key as `did:jwk` (did:jwk method): the canonical JWK in base64url.
    pub fn did_jwk(&self) -> String {
        format!("did:jwk:{}", encode(self.canonical_jwk().as_bytes()))
    }

    /// The key as `did:key`, or `None` for RSA.
    pub fn did_key(&self) -> Option<String> {
        self.to_multikey().map(|key| format!("did:key:{key}"))
    }

    /// The one algorithm that this key is used with.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::P256(_) => Algorithm::Es256,
            Self::P384(_) => Algorithm::Es384,
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::Rsa(_) => Algorithm::Rs256,
        }
    }

    /// Verifies a signature: for ECDSA the two numbers side by side (RFC 7518, section 3.4), never DER; for Ed25519
    /// by the strict rule, which leaves no second encoding.
    ///
    /// # Errors
    /// When the algorithm is not this key's, or the signature does not hold.
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        if algorithm != self.algorithm() {
            return Err(SignatureError::WrongAlgorithm);
        }
        let holds = match self {
            Self::P256(key) | Self::P384(key) => key.verify(message, signature),
            Self::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Self::Rsa(key) => key.verify(message, signature),
        };
        if holds { Ok(()) } else { Err(SignatureError::Invalid) }
    }

    /// From a point in SEC 1 form, compressed or not.
    ///
    /// # Errors
    /// When it is not on P-256.
    pub fn from_p256_sec1(point: &[u8]) -> Result<Self, KeyError> {
        CurveKey::p256(point).map(Self::P256)
    }

    /// From a point in SEC 1 form, compressed or not.
    ///
    /// # Errors
    /// When it is not on P-384.
    pub fn from_p384_sec1(point: &[u8]) -> Result<Self, KeyError> {
        CurveKey::p384(point).map(Self::P384)
    }

    /// From the 32 bytes of RFC 8032.
    ///
    /// # Errors
    /// When there are not 32 of them, or they are no point, not in the canonical form, or of small order.
    pub fn from_ed25519_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes = <&[u8; 32]>::try_from(bytes).map_err(|_| KeyError::Malformed)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotOnCurve)?;
        let canonical = key.to_edwards().compress().as_bytes() == bytes;
        if key.is_weak() || !canonical { Err(KeyError::NotOnCurve) } else { Ok(Self::Ed25519(key)) }
    }

    /// From modulus and exponent, big-endian.
    ///
    /// # Errors
    /// When the modulus has under 2048 or over 4096 bits or is even, when it bears the mark of the faulty generator of
    /// CVE-2017-15361 (ROCA), or when the exponent is not 65537.
    pub fn from_rsa_numbers(n: Vec<u8>, e: Vec<u8>) -> Result<Self, KeyError> {
        let bits = n.first().map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);
        if n.first() == Some(&0) || n.last().is_none_or(|last| last % 2 == 0) {
            return Err(KeyError::Malformed);
        }
        if !(2048..=4096).contains(&bits) || e != [1, 0, 1] || has_roca_mark(&n) {
            return Err(KeyError::TooWeak);
        }
        RsaKey::new(n, e).map(Self::Rsa)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.algorithm().name(), self.thumbprint())
    }
}

/// Primes of which the faulty generator leaves a mark in every modulus that it makes.
const ROCA_PRIMES: [u32; 17] = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/// Whether the modulus is a power of 65537 modulo each of these primes, as all moduli of CVE-2017-15361 are and another is
/// once in 2^27 (Nemec and others, "The Return of Coppersmith's Attack", 2017, section 3). Such a key can be factored.
fn has_roca_mark(n: &[u8]) -> bool {
    ROCA_PRIMES.iter().all(|prime| {
        let rest = n.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime);
        let mut power = 1;
        (0..*prime).any(|_| {
            power = power * (65537 % prime) % prime;
            power == rest
        })
    })
}

fn ec_jwk(curve: &str, key: &CurveKey) -> Value {
    let (x, y) = key.coordinates();
    json!({"crv": curve, "kty": "EC", "x": encode(x), "y": encode(y)})
}

fn uncompressed(members: &Map<String, Value>, length: usize) -> Result<Vec<u8>, KeyError> {
    let (x, y) = (bytes(members, "x")?, bytes(members, "y")?);
    // RFC 7518, 6.2.1.2: the octet string is as long as the field, no shorter and no longer.
    if x.len() != length || y.len() != length {
        return Err(KeyError::Malformed);
    }
    let mut point = vec![4];
    point.extend(x);
    point.extend(y);
    Ok(point)
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, KeyError> {
    members.get(name).and_then(Value::as_str).ok_or(KeyError::Malformed)
}

fn bytes(members: &Map<String, Value>, name: &str) -> Result<Vec<u8>, KeyError> {
    URL_SAFE_NO_PAD.decode(text(members, name)?).map_err(|_| KeyError::Malformed)
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
