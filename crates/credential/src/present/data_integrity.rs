//! W3C credentials within a presentation that the holder signs.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::PresentError;
use crate::{
    data_integrity::{self, ProofOptions},
    keys::HolderKey,
    read::{self, Body, Unverified},
    sd_jwt::ClaimPath,
};

/// Presents W3C credentials with a Data Integrity proof of the holder (ecdsa-rdfc-2019): `challenge` is the nonce and
/// `domain` the verifier's full client identifier (OpenID4VP 1.0, appendix B.1.3). Whole documents; of one with a base
/// proof the derived proof of everything, because the base proof itself is for the holder alone.
///
/// The presentation is of the data model 2.0 whatever its credentials are: there `verifiableCredential` clears the
/// contexts, so that a credential of the data model 1.1 keeps its own (VCDM 2.0, appendix B.1).
///
/// # Errors
/// When an original is no W3C credential, is about another holder, or cannot be canonicalised.
pub fn present_data_integrity(
    originals: &[&[u8]],
    key: &HolderKey,
    domain: &str,
    challenge: &str,
    now: Timestamp,
) -> Result<Value, PresentError> {
    let mut credentials = Vec::new();
    for original in originals {
        let credential = own(original, key)?;
        let everything = [ClaimPath::new()];
        credentials.push(match credential.is_selective() {
            true => credential.part(&everything)?,
            false => credential.claims().clone(),
        });
    }
    sign(&credentials, key, domain, challenge, now)
}

/// The same for a part of one credential with a base proof: these claims and what cannot be left out.
///
/// # Errors
/// As [`present_data_integrity`]; also when there is no base proof, or a path leads nowhere.
pub fn present_part(
    original: &[u8],
    disclose: &[ClaimPath],
    key: &HolderKey,
    domain: &str,
    challenge: &str,
    now: Timestamp,
) -> Result<Value, PresentError> {
    let part = own(original, key)?.part(disclose)?;
    sign(&[part], key, domain, challenge, now)
}

/// A credential that is no presentation, and about the holder of this key.
fn own(original: &[u8], key: &HolderKey) -> Result<Unverified, PresentError> {
    let credential = read::read(original)?;
    let Body::DataIntegrity { presentation: None, .. } = credential.body() else { return Err(PresentError::Format) };
    let own = [Some(key.did_jwk()), key.public().did_key()];
    if credential.holder_ids().iter().any(|id| own.contains(&Some(id.clone()))) {
        Ok(credential)
    } else {
        Err(PresentError::OtherKey)
    }
}

fn sign(
    credentials: &[Value],
    key: &HolderKey,
    domain: &str,
    challenge: &str,
    now: Timestamp,
) -> Result<Value, PresentError> {
    let holder = key.did_jwk();
    let presentation = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": holder,
        "verifiableCredential": credentials,
    });
    let options = ProofOptions {
        verification_method: format!("{holder}#0"),
        purpose: "authentication".to_owned(),
        created: now,
        challenge: Some(challenge.to_owned()),
        domain: Some(domain.to_owned()),
    };
    Ok(data_integrity::sign(presentation, &options, key)?)
}
