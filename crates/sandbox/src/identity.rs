//! Who the sandbox is: its address, its DID, its keys, and the documents that say so.

use std::{fs, io, path::Path};

use leerpas_core::{Entropy, Env, Timestamp};
use leerpas_credential::{
    keys::{IssuerKey, KeyError},
    x509::{TrialAuthority, TrialError},
};
use serde_json::{Value, json};

use crate::catalogue::HOME;

/// The file with the badge key, kept so that badges of an earlier run at the same address still hold.
const BADGE_KEY_FILE: &str = "badge-key.pem";
/// The file with the key of the badges of which parts can be shown.
const PARTS_KEY_FILE: &str = "parts-key.pem";
/// The name of the desk of a trial in its certificate and in `trust.json`.
pub const TRIAL_DESK: &str = "urn:leerpas:trial-desk";

/// The institution that the sandbox plays.
#[derive(Debug)]
pub struct Identity {
    /// `https://localhost:PORT`: the credential issuer identifier, and the start of every address.
    pub issuer: String,
    /// `did:web:localhost%3APORT`, for badges.
    pub did: String,
    /// The `x5c` of credentials and status lists: the leaf alone.
    pub x5c: Vec<String>,
    /// Signs SD-JWT VCs and the Token Status List; P-256, certified by the trial authority.
    pub certified: IssuerKey,
    /// Signs badges and the Bitstring Status Lists; Ed25519, named in the DID document.
    pub badge: IssuerKey,
    /// Signs the badges of which parts can be shown; P-256, as their cryptosuite asks, named in the DID document.
    pub parts: IssuerKey,
}

/// Why the institution could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// The disk refused.
    #[error("the folder of the sandbox cannot be used: {0}")]
    Storage(#[from] io::Error),
    /// The certificates could not be made.
    #[error(transparent)]
    Authority(#[from] TrialError),
    /// The badge key on disk is damaged.
    #[error("the badge key cannot be used: {0}")]
    Key(#[from] KeyError),
}

impl Identity {
    /// Sets up the institution at a port of this machine.
    ///
    /// # Errors
    /// When the folder or a certificate cannot be used.
    pub fn set_up(port: u16, authority: &TrialAuthority, folder: &Path, env: Env<'_>) -> Result<Self, IdentityError> {
        let issuer = format!("https://localhost:{port}");
        let did = format!("did:web:localhost%3A{port}");
        let (certified, x5c) =
            authority.issue_signer(&format!("{} (proef)", HOME.name), HOME.name, &["localhost"], &[&issuer], env)?;
        let badge = kept_key(&folder.join(BADGE_KEY_FILE), env, IssuerKey::make_ed25519)?;
        let parts = kept_key(&folder.join(PARTS_KEY_FILE), env, IssuerKey::make_p256)?;
        Ok(Self { issuer, did, x5c, certified, badge, parts })
    }

    /// The verification method of the badge key.
    pub fn badge_method(&self) -> String {
        format!("{}#badges", self.did)
    }

    /// The verification method of the key of the badges of which parts can be shown.
    pub fn parts_method(&self) -> String {
        format!("{}#parts", self.did)
    }

    /// The DID document (did:web; Controlled Identifiers 1.0).
    pub fn did_document(&self) -> Value {
        let methods = [(self.badge_method(), &self.badge), (self.parts_method(), &self.parts)];
        let method = |(id, key): &(String, &IssuerKey)| {
            json!({
                "id": id,
                "type": "Multikey",
                "controller": self.did,
                "publicKeyMultibase": key.public().to_multikey(),
            })
        };
        json!({
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": self.did,
            "verificationMethod": methods.iter().map(method).collect::<Vec<_>>(),
            "assertionMethod": methods.iter().map(|(id, _)| id).collect::<Vec<_>>(),
        })
    }

    /// JWT VC Issuer Metadata (SD-JWT VC, section 5), for verifiers that do not read certificates.
    pub fn jwt_vc_issuer(&self) -> Value {
        let mut key = self.certified.public().to_jwk();
        key["kid"] = json!(self.certified.public().thumbprint());
        key["use"] = json!("sig");
        json!({ "issuer": self.issuer, "jwks": { "keys": [key] } })
    }
}

/// A year of five, in seconds: how long a microcredential of the trial holds.
pub const VALID_SECONDS: i64 = 5 * 365 * 86_400;

/// The start of the day: dates of issue say the day only, so that copies and people look alike.
pub fn day_of(now: Timestamp) -> i64 {
    now.as_second().div_euclid(86_400) * 86_400
}

/// The key in this file, made the first time.
///
/// # Errors
/// When the file cannot be used, or what is in it is no key.
pub fn kept_key(file: &Path, env: Env<'_>, make: fn(&dyn Entropy) -> IssuerKey) -> Result<IssuerKey, IdentityError> {
    match fs::read_to_string(file) {
        Ok(pem) => Ok(IssuerKey::from_pem(&pem)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = make(env.entropy);
            write_private(file, key.to_pem()?.expose().as_bytes())?;
            Ok(key)
        }
        Err(error) => Err(error.into()),
    }
}

/// Writes a file that only its owner may read.
fn write_private(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    io::Write::write_all(&mut options.open(file)?, content)
}
