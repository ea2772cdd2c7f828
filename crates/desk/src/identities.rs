//! As whom the desk asks: by its certificate, or by a DID at its own address.

use std::sync::Arc;

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use leerpas_check::VerifierIdentity;

/// How the desk proves who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Identity {
    /// By its certificate: `x509_hash` (OpenID4VP 1.0, 5.9.3).
    #[default]
    Certificate,
    /// By a key at its own address: `decentralized_identifier` with a did:web.
    DidWeb,
}

impl Identity {
    /// Both, the usual one first.
    pub const ALL: [Self; 2] = [Self::Certificate, Self::DidWeb];

    /// The word for it, on the command line and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "x509_hash",
            Self::DidWeb => "did:web",
        }
    }

    /// Finds one by its word.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|identity| identity.as_str() == word)
    }
}

/// The desk under both of its names.
pub struct Identities {
    /// Under its certificate.
    pub certificate: Arc<VerifierIdentity>,
    /// Under its DID.
    pub did: Arc<VerifierIdentity>,
    /// Which of both is used where nobody chose.
    pub usual: Identity,
}

impl Identities {
    /// The one that was chosen, or the usual one. An answer as pictures goes to no address, so that only a certificate
    /// says who may read it.
    ///
    /// # Errors
    /// When a DID was chosen for an answer as pictures.
    pub fn choose(&self, chosen: Option<Identity>, offline: bool) -> Result<Arc<VerifierIdentity>, &'static str> {
        match (chosen, offline) {
            (Some(Identity::DidWeb), true) => Err("without a network only x509_hash can be asked with"),
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
