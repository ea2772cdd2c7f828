//! The keys that verify, prepared once: by AWS-LC, which checks an ES256 signature five times as fast as
//! the libraries in Rust. Ed25519 stays with dalek, whose strict rule AWS-LC does not have.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, EcdsaVerificationAlgorithm, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};

use super::KeyError;

/// A point on P-256 or P-384. Cheap to clone, because one key of an issuer is used for many checks.
#[derive(Clone)]
pub struct CurveKey(Arc<PreparedCurve>);

struct PreparedCurve {
    point: Box<[u8]>,
    prepared: ParsedPublicKey,
    thumbprint: OnceLock<String>,
}

impl CurveKey {
    pub(super) fn p256(point: &[u8]) -> Result<Self, KeyError> {
        Self::new(&ECDSA_P256_SHA256_FIXED, 32, point, |compressed| {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(compressed).ok()?;
            Some(key.to_encoded_point(false).as_bytes().into())
        })
    }

    pub(super) fn p384(point: &[u8]) -> Result<Self, KeyError> {
        Self::new(&ECDSA_P384_SHA384_FIXED, 48, point, |compressed| {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(compressed).ok()?;
            Some(key.to_encoded_point(false).as_bytes().into())
        })
    }

    /// `octets` is the length of one coordinate.
    fn new(
        algorithm: &'static EcdsaVerificationAlgorithm,
        octets: usize,
        point: &[u8],
        decompress: impl Fn(&[u8]) -> Option<Box<[u8]>>,
    ) -> Result<Self, KeyError> {
        let point: Box<[u8]> = match point.first() {
            Some(4) if point.len() == 1 + 2 * octets => point.into(),
            Some(2 | 3) if point.len() == 1 + octets => decompress(point).ok_or(KeyError::NotOnCurve)?,
            _ => return Err(KeyError::NotOnCurve),
        };
        // Refuses a point that is not on the curve; infinity has no uncompressed form.
        let prepared = ParsedPublicKey::new(algorithm, &point).map_err(|_| KeyError::NotOnCurve)?;
        Ok(Self(Arc::new(PreparedCurve { point, prepared, thumbprint: OnceLock::new() })))
    }

    /// The thumbprint, which `make` works out the first time.
    pub(super) fn thumbprint(&self, make: impl FnOnce() -> String) -> &str {
        self.0.thumbprint.get_or_init(make)
    }

    /// The two coordinates, big-endian, each as long as the field.
    pub(super) fn coordinates(&self) -> (&[u8], &[u8]) {
        let numbers = &self.0.point[1..];
        numbers.split_at(numbers.len() / 2)
    }

    /// The point in its uncompressed SEC 1 form.
    pub(crate) fn uncompressed(&self) -> &[u8] {
        &self.0.point
    }

    /// The point in its compressed SEC 1 form.
    pub(super) fn compressed(&self) -> Vec<u8> {
        let (x, y) = self.coordinates();
        let sign = 2 | (y.last().copied().unwrap_or_default() & 1);
        [&[sign], x].concat()
    }

    /// The two numbers of the signature side by side (RFC 7518, section 3.4).
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.prepared.verify_sig(message, signature).is_ok()
    }
}

impl PartialEq for CurveKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.point == other.0.point
    }
}

impl Eq for CurveKey {}

impl fmt::Debug for CurveKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CurveKey")
    }
}

/// An RSA public key of 2048 to 4096 bits.
#[derive(Clone)]
pub struct RsaKey {
    n: Vec<u8>,
    e: Vec<u8>,
    prepared: ParsedPublicKey,
}

impl RsaKey {
    /// From modulus and exponent, big-endian without leading zeros.
    pub(super) fn new(n: Vec<u8>, e: Vec<u8>) -> Result<Self, KeyError> {
        let prepared = RsaPublicKeyComponents { n: &n, e: &e }
            .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
            .map_err(|_| KeyError::Malformed)?;
        Ok(Self { n, e, prepared })
    }

    /// The modulus.
    pub(super) fn n(&self) -> &[u8] {
        &self.n
    }

    /// The public exponent.
    pub(super) fn e(&self) -> &[u8] {
        &self.e
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.prepared.verify_sig(message, signature).is_ok()
    }
}

impl PartialEq for RsaKey {
    fn eq(&self, other: &Self) -> bool {
        (&self.n, &self.e) == (&other.n, &other.e)
    }
}

impl Eq for RsaKey {}

impl fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaKey({} bits)", self.n.len() * 8)
    }
}
