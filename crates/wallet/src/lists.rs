//! The trust lists that a run was started with: plain ones, which are the word of whoever started it, and signed ones,
//! for which the run also names the key of the signer.

use std::{fs, path::PathBuf};

use leerpas_core::{ErrorKind, Failure, Timestamp};
use leerpas_credential::{
    json,
    keys::PublicKey,
    trust::{Institution, SignedList, TrustError, TrustList},
};

/// A signed list, and the key under which its signature held.
#[derive(Debug, Clone)]
pub struct Anchored {
    /// The key that the run named.
    pub signer: PublicKey,
    /// What it signed.
    pub list: SignedList,
}

impl Anchored {
    /// The institutions, each with the time until which the list was meant to be used.
    pub(crate) fn institutions(&self) -> impl Iterator<Item = Institution> {
        let until = Some(self.list.expires);
        self.list.institutions.iter().cloned().map(move |institution| Institution { until, ..institution })
    }
}

/// Reads every list. One that is no JSON is a signed one, and has to be signed by one of the keys in the anchor files.
///
/// # Errors
/// [`ErrorKind::Usage`] with the name of the file that cannot be read, breaks a rule, or is signed by nobody who was
/// named.
pub(crate) fn read_lists(
    lists: &[PathBuf],
    anchors: &[PathBuf],
    now: Timestamp,
) -> Result<(TrustList, Vec<Anchored>), Failure> {
    let mut keys = Vec::new();
    for path in anchors {
        let jwk = json::parse(&read(path)?).map_err(|e| told(path, &TrustError::Json(e)))?;
        keys.push(PublicKey::from_jwk(&jwk).map_err(|e| told(path, &TrustError::Key(e)))?);
    }
    let (mut plain, mut signed) = (TrustList::empty(), Vec::new());
    for path in lists {
        let bytes = read(path)?;
        if bytes.trim_ascii_start().starts_with(b"{") {
            plain.merge(TrustList::from_json(&bytes).map_err(|e| told(path, &e))?);
        } else {
            let list = under_any(&String::from_utf8_lossy(&bytes), &keys, now);
            signed.push(list.map_err(|e| told(path, &e))?);
        }
    }
    Ok((plain, signed))
}

/// The list under the key that signed it; a reason other than a foreign signature comes first.
fn under_any(token: &str, keys: &[PublicKey], now: Timestamp) -> Result<Anchored, TrustError> {
    let mut refused = TrustError::Signer;
    for signer in keys {
        match SignedList::read(token, signer, None, now) {
            Ok(list) => return Ok(Anchored { signer: signer.clone(), list }),
            Err(TrustError::Signer) => {}
            Err(other) => refused = other,
        }
    }
    Err(refused)
}

fn told(path: &std::path::Path, error: &TrustError) -> Failure {
    Failure::new(ErrorKind::Usage, "trust", format!("{}: {error}", path.display()))
}

fn read(path: &PathBuf) -> Result<Vec<u8>, Failure> {
    fs::read(path)
        .map_err(|e| Failure::new(ErrorKind::Usage, "start", format!("{} cannot be read: {e}", path.display())))
}
