//! Who asks.

use std::sync::Arc;

use leerpas_core::{ErrorKind, Url};
use leerpas_credential::{
    jose::{self, JoseError},
    keys::{IssuerKey, Signer},
    x509::{Chain, ChainError},
};
use leerpas_openid::vp::{ClientId, Prefix, REQUEST_OBJECT_TYPE};
use serde_json::{Value, json};
use thiserror::Error;

/// A verifier under a signed identifier (OpenID4VP 1.0, 5.9.3): `x509_hash`, the only one of HAIP 1.0, `x509_san_dns` for
/// wallets that know only that, or `decentralized_identifier` with a did:web.
pub struct VerifierIdentity {
    signer: Arc<IssuerKey>,
    proof: Proof,
    client_id: ClientId,
    name: String,
}

/// What a request object names in its header, so that a wallet finds the key.
enum Proof {
    /// The chain, leaf first.
    Certificate(Vec<String>),
    /// The verification method of the DID document.
    Method(String),
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
    /// The certificate does not have this DNS name.
    #[error("the certificate does not name this host")]
    Name,
    /// The address is none that a did:web can stand for.
    #[error("the address of the verifier has no host")]
    Address,
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
        Ok(Self { signer: Arc::new(signer), proof: Proof::Certificate(x5c), client_id, name: name.to_owned() })
    }

    /// The same verifier under a DNS name of its certificate: `x509_san_dns`. Wallets take it only where the answer goes to
    /// that host.
    ///
    /// # Errors
    /// [`IdentityError::Name`] when the certificate does not have that name, or there is no certificate.
    pub fn under_dns_name(&self, dns: &str) -> Result<Self, IdentityError> {
        let Proof::Certificate(x5c) = &self.proof else { return Err(IdentityError::Name) };
        if !Chain::from_x5c(&json!(x5c))?.has_dns_name(dns) {
            return Err(IdentityError::Name);
        }
        Ok(Self {
            signer: Arc::clone(&self.signer),
            proof: Proof::Certificate(x5c.clone()),
            client_id: ClientId::new(Prefix::X509SanDns, dns),
            name: self.name.clone(),
        })
    }

    /// Takes a key and the https address at whose root its DID document will be found (did:web, Read): whoever fetches
    /// it there knows that the key is that host's.
    ///
    /// # Errors
    /// [`IdentityError::Address`] when the address has no host.
    pub fn did_web(signer: IssuerKey, base: &Url, name: &str) -> Result<Self, IdentityError> {
        let host = base.host_str().ok_or(IdentityError::Address)?;
        let port = base.port().map(|port| format!("%3A{port}")).unwrap_or_default();
        let did = format!("did:web:{host}{port}");
        let method = format!("{did}#{}", Signer::public(&signer).thumbprint());
        let client_id = ClientId::new(Prefix::DecentralizedIdentifier, &did);
        Ok(Self { signer: Arc::new(signer), proof: Proof::Method(method), client_id, name: name.to_owned() })
    }

    /// The DID document to publish (Controlled Identifiers 1.0), for a verifier that has a DID.
    pub fn did_document(&self) -> Option<Value> {
        let Proof::Method(method) = &self.proof else { return None };
        let did = self.client_id.value();
        let key = Signer::public(&*self.signer).to_jwk();
        Some(json!({
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
            "id": did,
            "verificationMethod": [{"id": method, "type": "JsonWebKey", "controller": did, "publicKeyJwk": key}],
            "authentication": [method],
            "assertionMethod": [method],
        }))
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
        let header = match &self.proof {
            Proof::Certificate(x5c) => json!({"typ": REQUEST_OBJECT_TYPE, "x5c": x5c}),
            Proof::Method(kid) => json!({"typ": REQUEST_OBJECT_TYPE, "kid": kid}),
        };
        jose::sign_compact(&header, claims.to_string().as_bytes(), &*self.signer)
    }
}

impl std::fmt::Debug for VerifierIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "VerifierIdentity({})", self.client_id)
    }
}
