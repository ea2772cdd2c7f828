//! Who asks.

use leerpas_core::ErrorKind;
use leerpas_credential::{
    jose::{self, JoseError},
    keys::{IssuerKey, Signer},
    x509::{Chain, ChainError},
};
use leerpas_openid::vp::{ClientId, Prefix, REQUEST_OBJECT_TYPE};
use serde_json::{Value, json};
use thiserror::Error;

/// A verifier under an `x509_hash` identifier (OpenID4VP 1.0, 5.9.3; the only signed one of HAIP 1.0).
pub struct VerifierIdentity {
    signer: IssuerKey,
    x5c: Vec<String>,
    client_id: ClientId,
    name: String,
}

/// Why an identity cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdentityError {
    /// The chain cannot be read.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The chain is for another key.
    #[error("the certificate is not for this key")]
    OtherKey,
}

impl IdentityError {
    /// The kind to report: the set-up, not a message, is at fault.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Usage
    }
}

impl VerifierIdentity {
    /// Takes a key and its chain, leaf first, root left out; each entry DER in base64, as in an `x5c` header.
    /// `name` is what the verifier calls itself.
    ///
    /// # Errors
    /// [`IdentityError`] when the chain cannot be read or is for another key.
    pub fn new(signer: IssuerKey, x5c: Vec<String>, name: &str) -> Result<Self, IdentityError> {
        let chain = Chain::from_x5c(&json!(x5c))?;
        if chain.leaf_key() != Signer::public(&signer) {
            return Err(IdentityError::OtherKey);
        }
        let client_id = ClientId::new(Prefix::X509Hash, &chain.leaf_sha256_base64url());
        Ok(Self { signer, x5c, client_id, name: name.to_owned() })
    }

    /// The full client identifier: the audience of every presentation.
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// What the verifier calls itself.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Signs the claims of a request object (RFC 9101, 4).
    pub(crate) fn sign(&self, claims: &Value) -> Result<String, JoseError> {
        let header = json!({"typ": REQUEST_OBJECT_TYPE, "x5c": self.x5c});
        jose::sign_compact(&header, claims.to_string().as_bytes(), &self.signer)
    }
}

impl std::fmt::Debug for VerifierIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerifierIdentity({})", self.client_id)
    }
}
