//! As whom the desk asks: by its certificate, or by a DID at its own address.

use std::sync::Arc;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use leerpas_check::{IdentityError, VerifierIdentity};
use leerpas_credential::{
    keys::{Algorithm, IssuerKey},
    x509::{Chain, ChainError},
};
use serde_json::json;
use thiserror::Error;

/// How the desk proves who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Identity {
    /// By its certificate: `x509_hash` (OpenID4VP 1.0, 5.9.3).
    #[default]
    Certificate,
    /// By a DNS name of its certificate: `x509_san_dns`, for wallets that do not know the hash.
    DnsName,
    /// By a key at its own address: `decentralized_identifier` with a did:web.
    DidWeb,
}

impl Identity {
    /// All of them, the usual one first.
    pub const ALL: [Self; 3] = [Self::Certificate, Self::DnsName, Self::DidWeb];
    /// What to say to a word that is none.
    pub const UNKNOWN: &str = "it must be x509_hash, x509_san_dns or did:web";

    /// The word for it, on the command line and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "x509_hash",
            Self::DnsName => "x509_san_dns",
            Self::DidWeb => "did:web",
        }
    }

    /// Finds one by its word.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|identity| identity.as_str() == word)
    }
}

/// A certificate of the employer's own, and its key.
pub struct Certified {
    signer: IssuerKey,
    x5c: Vec<String>,
}

/// Why a certificate cannot be the desk's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CertifiedError {
    /// The key cannot be used.
    #[error("the key must be a P-256 key in PEM (PKCS #8), without a passphrase")]
    Key,
    /// The chain cannot be read.
    #[error("the certificate cannot be read: {0}")]
    Chain(#[from] ChainError),
    /// The certificate is for another host.
    #[error("the certificate does not name {0}")]
    OtherHost(String),
    /// The chain does not serve.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl Certified {
    /// Reads a chain in PEM, leaf first, and the key of the leaf in PEM.
    ///
    /// # Errors
    /// [`CertifiedError`].
    pub fn read(chain_pem: &str, key_pem: &str) -> Result<Self, CertifiedError> {
        let signer = IssuerKey::from_pem(key_pem).map_err(|_| CertifiedError::Key)?;
        if signer.public().algorithm() != Algorithm::Es256 {
            return Err(CertifiedError::Key);
        }
        Ok(Self { signer, x5c: Chain::x5c_from_pem(chain_pem)? })
    }

    /// The identity under it. Wallets hold the host against the certificate, so that it must be named there; the name of the
    /// employer is the one that it certifies.
    ///
    /// # Errors
    /// [`CertifiedError`] when it is for another host or another key.
    pub fn identity(self, host: &str) -> Result<VerifierIdentity, CertifiedError> {
        let chain = Chain::from_x5c(&json!(self.x5c))?;
        if !chain.has_dns_name(host) {
            return Err(CertifiedError::OtherHost(host.to_owned()));
        }
        let name = chain.organisation().or_else(|| chain.common_name()).unwrap_or_else(|| host.to_owned());
        Ok(VerifierIdentity::new(self.signer, self.x5c, &name)?)
    }
}

impl std::fmt::Debug for Certified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Certified").finish_non_exhaustive()
    }
}

/// The desk under each of its names.
pub struct Identities {
    /// Under its certificate.
    pub certificate: Arc<VerifierIdentity>,
    /// Under the host name in its certificate.
    pub dns_name: Arc<VerifierIdentity>,
    /// Under its DID.
    pub did: Arc<VerifierIdentity>,
    /// Which of them is used where nobody chose.
    pub usual: Identity,
}

impl Identities {
    /// The one that was chosen, or the usual one. An answer as pictures goes to no address, so that only a certificate
    /// says who may read it.
    ///
    /// # Errors
    /// When another was chosen for an answer as pictures.
    pub fn choose(&self, chosen: Option<Identity>, offline: bool) -> Result<Arc<VerifierIdentity>, &'static str> {
        match (chosen, offline) {
            (Some(Identity::DidWeb | Identity::DnsName), true) => {
                Err("without a network only x509_hash can be asked with")
            }
            (Some(Identity::DnsName), false) => Ok(Arc::clone(&self.dns_name)),
            (Some(Identity::Certificate), _) | (None, true) => Ok(Arc::clone(&self.certificate)),
            (Some(Identity::DidWeb), false) => Ok(Arc::clone(&self.did)),
            (None, false) => self.choose(Some(self.usual), false),
        }
    }

    /// The DID document, for the wallet's door (did:web).
    pub fn document(&self) -> Response {
        match self.did.did_document() {
            Some(document) => ([(header::CONTENT_TYPE, "application/did+json")], document.to_string()).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }
}
