//! Private keys: those of the holder, and those of an issuer of the sandbox, a desk or a test.

use std::fmt;

use aws_lc_rs::{
    agreement::{ECDH_P256, PrivateKey},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use ed25519_dalek::Signer as _;
use leerpas_core::{Entropy, Secret};
use openssl::{
    bn::BigNum,
    ec::{EcGroup, EcKey},
    nid::Nid,
    pkey::{Id, PKey, Private},
};
use zeroize::Zeroizing;

use super::{Algorithm, CurveKey, KeyError, PublicKey};

/// Signs with one private key.
pub trait Signer {
    /// The algorithm of the key.
    fn algorithm(&self) -> Algorithm;
    /// Its public half.
    fn public(&self) -> PublicKey;
    /// The signature of the message: for ECDSA the two numbers side by side.
    fn sign(&self, message: &[u8]) -> Vec<u8>;
}

/// The private key of one copy of a credential: P-256, because DIIP and HAIP ask for ES256. Wiped when dropped.
pub struct HolderKey(P256Pair);

impl HolderKey {
    /// Makes a new key.
    pub fn make(entropy: &dyn Entropy) -> Self {
        Self(P256Pair::make(entropy))
    }

    /// Takes back what [`HolderKey::secret`] gave.
    ///
    /// # Errors
    /// When it is not 32 bytes, or zero, or not below the order of the curve.
    pub fn from_secret(secret: &Secret<Vec<u8>>) -> Result<Self, KeyError> {
        P256Pair::from_number(secret.expose()).map(Self)
    }

    /// The private number, 32 bytes big-endian.
    pub fn secret(&self) -> Secret<Vec<u8>> {
        Secret::new(self.0.number.to_vec())
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey::P256(self.0.public.clone())
    }

    /// The holder as `did:jwk`.
    pub fn did_jwk(&self) -> String {
        self.public().did_jwk()
    }
}

impl fmt::Debug for HolderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HolderKey({})", self.public().thumbprint())
    }
}

impl Signer for HolderKey {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Es256
    }

    fn public(&self) -> PublicKey {
        HolderKey::public(self)
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message)
    }
}

/// The key of an issuer or verifier. Wiped when dropped.
pub struct IssuerKey(Inner);

enum Inner {
    P256(P256Pair),
    Ed25519(ed25519_dalek::SigningKey),
}

impl IssuerKey {
    /// Makes a new P-256 key.
    pub fn make_p256(entropy: &dyn Entropy) -> Self {
        Self(Inner::P256(P256Pair::make(entropy)))
    }

    /// Makes a new Ed25519 key.
    pub fn make_ed25519(entropy: &dyn Entropy) -> Self {
        let mut seed = Zeroizing::new([0_u8; 32]);
        entropy.fill(&mut *seed);
        Self(Inner::Ed25519(ed25519_dalek::SigningKey::from_bytes(&seed)))
    }

    /// Reads a private key in PEM: PKCS #8, or SEC 1 for P-256.
    ///
    /// # Errors
    /// When it is no PEM, encrypted, or neither P-256 nor Ed25519.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let key = PKey::private_key_from_pem_callback(pem.as_bytes(), |_| Ok(0)).map_err(|_| KeyError::Malformed)?;
        match key.id() {
            Id::ED25519 => {
                let seed = Zeroizing::new(key.raw_private_key().map_err(|_| KeyError::Malformed)?);
                let seed = <&[u8; 32]>::try_from(seed.as_slice()).map_err(|_| KeyError::Malformed)?;
                Ok(Self(Inner::Ed25519(ed25519_dalek::SigningKey::from_bytes(seed))))
            }
            Id::EC => {
                let key = key.ec_key().map_err(|_| KeyError::Malformed)?;
                if key.group().curve_name() != Some(Nid::X9_62_PRIME256V1) {
                    return Err(KeyError::Unsupported);
                }
                let number = Zeroizing::new(key.private_key().to_vec_padded(32).map_err(|_| KeyError::Malformed)?);
                Ok(Self(Inner::P256(P256Pair::from_number(&number)?)))
            }
            _ => Err(KeyError::Unsupported),
        }
    }

    /// The private key as PKCS #8 in PEM.
    ///
    /// # Errors
    /// When the library cannot write it.
    pub fn to_pem(&self) -> Result<Secret<String>, KeyError> {
        let pem = self.to_openssl().and_then(|key| key.private_key_to_pem_pkcs8()).map_err(|_| KeyError::Malformed)?;
        String::from_utf8(pem).map(Secret::new).map_err(|_| KeyError::Malformed)
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        match &self.0 {
            Inner::P256(key) => PublicKey::P256(key.public.clone()),
            Inner::Ed25519(key) => PublicKey::Ed25519(key.verifying_key()),
        }
    }

    fn to_openssl(&self) -> Result<PKey<Private>, openssl::error::ErrorStack> {
        match &self.0 {
            Inner::Ed25519(key) => PKey::private_key_from_raw_bytes(key.as_bytes(), Id::ED25519),
            Inner::P256(key) => {
                let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
                let (x, y) = key.public.coordinates();
                let (x, y) = (BigNum::from_slice(x)?, BigNum::from_slice(y)?);
                let public = EcKey::from_public_key_affine_coordinates(&group, &x, &y)?;
                let key =
                    EcKey::from_private_components(&group, &*BigNum::from_slice(&key.number)?, public.public_key())?;
                PKey::from_ec_key(key)
            }
        }
    }
}

impl fmt::Debug for IssuerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuerKey({})", self.public().thumbprint())
    }
}

impl Signer for IssuerKey {
    fn algorithm(&self) -> Algorithm {
        self.public().algorithm()
    }

    fn public(&self) -> PublicKey {
        IssuerKey::public(self)
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.0 {
            Inner::P256(key) => key.sign(message),
            Inner::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
        }
    }
}

/// A private number with its point, which is worked out once. By AWS-LC: it signs several times as fast as the libraries in
/// Rust do, with the chance that ECDSA needs drawn by itself and mixed with the key and the message, and it wipes what it
/// gives back.
struct P256Pair {
    private: EcdsaKeyPair,
    /// On the heap, because what is moved leaves a copy behind that nobody wipes.
    number: Zeroizing<Vec<u8>>,
    public: CurveKey,
}

impl P256Pair {
    /// Draws until the number is in range, which the first draw is but once in 2^32.
    fn make(entropy: &dyn Entropy) -> Self {
        loop {
            let mut number = Zeroizing::new([0_u8; 32]);
            entropy.fill(&mut *number);
            if let Ok(pair) = Self::from_number(&*number) {
                return pair;
            }
        }
    }

    /// From 32 bytes, big-endian.
    fn from_number(number: &[u8]) -> Result<Self, KeyError> {
        if number.len() != 32 || number.iter().all(|byte| *byte == 0) {
            return Err(KeyError::Malformed);
        }
        // Only the library's key for agreeing works its point out; the one for signing wants to be told.
        let point = PrivateKey::from_private_key(&ECDH_P256, number)
            .map_err(|_| KeyError::Malformed)?
            .compute_public_key()
            .map_err(|_| KeyError::Malformed)?;
        let private =
            EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, number, point.as_ref())
                .map_err(|_| KeyError::Malformed)?;
        let public = CurveKey::p256(point.as_ref())?;
        Ok(Self { private, number: Zeroizing::new(number.to_vec()), public })
    }

    #[expect(clippy::expect_used, reason = "a key that the library took signs, unless memory is out")]
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature = self.private.sign(&SystemRandom::new(), message).expect("AWS-LC signs with a key that it took");
        signature.as_ref().to_vec()
    }
}
