//! The trust list of a trial, in the two forms that a wallet reads: plain as `trust.json`, and signed as `trust.jwt`.
//!
//! The key that signs it is made when the sandbox first runs in a folder and stays there; its public half is the anchor
//! that the run hands over (`trust-anchor.jwk`). No key comes with the program, because its private half would come with
//! it too.

use std::{fs, io, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use leerpas_core::Env;
use leerpas_credential::{
    jose::sign_compact,
    keys::IssuerKey,
    trust::{LIST_TYPE, SignedList},
    x509::TrialAuthority,
};
use serde_json::{Value, json};

use crate::{
    catalogue::HOME,
    drafts::Draft,
    identity::{Identity, IdentityError, TRIAL_DESK, kept_key},
};

/// The file with the trust list.
pub const TRUST_FILE: &str = "trust.json";
/// The file with the same list, signed.
pub const SIGNED_TRUST_FILE: &str = "trust.jwt";
/// The file with the public key of who signed it.
pub const ANCHOR_FILE: &str = "trust-anchor.jwk";
/// The file with the private key, which only its owner may read.
const KEY_FILE: &str = "trust-key.pem";
/// How long a signed list is meant to be used, in seconds.
const LIST_SECONDS: i64 = 30 * 86_400;

/// The mark of the institution: a gate with an open door, on its colour.
const HOME_LOGO: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="#104a6b"/><path d="M14 50V26L32 12l18 14v24H39V38a7 7 0 0 0-14 0v12z" fill="#fbf8f1"/><circle cx="32" cy="25" r="3.5" fill="#104a6b"/></svg>"##;
/// The mark of the desk: a desk with a lamp.
const DESK_LOGO: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="14" fill="#4a2f6e"/><path d="M10 34h44v6h-4v14h-6V40H20v14h-6V40h-4zM28 34v-9l9-9 4 4-7 7v7z" fill="#fbf8f1"/></svg>"##;

/// Writes the list in both forms, and the anchor.
///
/// # Errors
/// When the folder cannot be used, or the key in it is damaged.
pub fn publish(
    identity: &Identity,
    authority: &TrialAuthority,
    folder: &Path,
    env: Env<'_>,
) -> Result<(), IdentityError> {
    let institutions = institutions(identity, authority);
    let plain = json!({ "version": 1, "institutions": institutions });
    replace(folder, TRUST_FILE, &format!("{plain:#}\n"))?;

    let key = kept_key(&folder.join(KEY_FILE), env, IssuerKey::make_p256)?;
    let now = env.now.as_second();
    let signed = json!({
        "version": 2,
        "iat": now,
        "exp": now + LIST_SECONDS,
        "sequence": last_sequence(folder, &key, env) + 1,
        "institutions": institutions,
    });
    let token = sign_compact(&json!({ "typ": LIST_TYPE, "alg": "ES256" }), signed.to_string().as_bytes(), &key)
        .map_err(|error| io::Error::other(error.to_string()))?;
    replace(folder, SIGNED_TRUST_FILE, &token)?;
    replace(folder, ANCHOR_FILE, &format!("{}\n", key.public().to_jwk()))?;
    Ok(())
}

/// This institution, and the desk. The desk comes first: both live at `localhost`, and only the desk's certificate bears
/// its own name.
fn institutions(identity: &Identity, authority: &TrialAuthority) -> Value {
    json!([
        {
            "name": { "nl": "Loket (proef)", "en": "Desk (trial)" },
            "identifiers": [TRIAL_DESK],
            "domains": [],
            "roots": [authority.certificate_pem()],
            "logo": data_url(DESK_LOGO),
        },
        {
            "name": { "nl": format!("{} (proef)", HOME.name), "en": format!("{} (trial)", HOME.name) },
            "identifiers": [
                identity.issuer,
                identity.did,
                format!("{}/{}", identity.issuer, Draft::Thirteen.name()),
                format!("{}/{}", identity.issuer, Draft::Fifteen.name()),
            ],
            "brin": HOME.brin,
            "domains": ["localhost"],
            "roots": [authority.certificate_pem()],
            "logo": data_url(HOME_LOGO),
        },
    ])
}

/// The number of the list that lies there, if this key signed it. Every start gives a higher one, also where the clock
/// went back.
fn last_sequence(folder: &Path, key: &IssuerKey, env: Env<'_>) -> u64 {
    let token = fs::read_to_string(folder.join(SIGNED_TRUST_FILE)).unwrap_or_default();
    SignedList::read(&token, &key.public(), None, env.now).map_or(0, |list| list.sequence)
}

fn data_url(svg: &str) -> String {
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg))
}

/// Replaces the file in one step, so that nobody reads half of it.
fn replace(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    let new = folder.join(format!("{name}.new"));
    fs::write(&new, text)?;
    fs::rename(new, folder.join(name))
}

#[cfg(test)]
mod tests {
    use leerpas_core::{Clock as _, CountingEntropy, FixedClock};
    use leerpas_credential::{keys::PublicKey, trust::TrustList};

    use super::*;

    fn publish_at(folder: &Path, at: &str, entropy: &CountingEntropy) {
        let env = Env { now: FixedClock(at.parse().unwrap()).now(), entropy };
        let authority = TrialAuthority::ensure(folder, env).unwrap();
        let identity = Identity::set_up(8443, &authority, folder, env).unwrap();
        publish(&identity, &authority, folder, env).unwrap();
    }

    fn signed(folder: &Path, last: Option<u64>) -> SignedList {
        let anchor: Value = serde_json::from_slice(&fs::read(folder.join(ANCHOR_FILE)).unwrap()).unwrap();
        let token = fs::read_to_string(folder.join(SIGNED_TRUST_FILE)).unwrap();
        let key = PublicKey::from_jwk(&anchor).unwrap();
        SignedList::read(&token, &key, last, "2026-11-26T12:00:00Z".parse().unwrap()).unwrap()
    }

    #[test]
    fn the_list_of_a_trial_is_signed_by_a_key_of_its_own_folder_and_its_number_only_rises() {
        let entropy = CountingEntropy::default();
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        publish_at(folder.path(), "2026-11-26T12:00:00Z", &entropy);
        let first = signed(folder.path(), None);
        let anchor = fs::read(folder.path().join(ANCHOR_FILE)).unwrap();
        // A clock that went back makes no older list.
        publish_at(folder.path(), "2026-11-26T11:59:00Z", &entropy);
        assert!(signed(folder.path(), Some(first.sequence)).sequence > first.sequence);
        assert_eq!(fs::read(folder.path().join(ANCHOR_FILE)).unwrap(), anchor, "the key stays");
        publish_at(other.path(), "2026-11-26T12:00:00Z", &entropy);
        assert_ne!(fs::read(other.path().join(ANCHOR_FILE)).unwrap(), anchor, "every trial has its own");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(folder.path().join(KEY_FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
    }

    #[test]
    fn both_forms_say_the_same_and_every_institution_has_its_logo() {
        let folder = tempfile::tempdir().unwrap();
        publish_at(folder.path(), "2026-11-26T12:00:00Z", &CountingEntropy::default());
        let plain = TrustList::from_json(&fs::read(folder.path().join(TRUST_FILE)).unwrap()).unwrap();
        assert_eq!(plain.institutions(), signed(folder.path(), None).institutions);
        assert_eq!(plain.institutions()[1].brin.as_deref(), Some(HOME.brin));
        for institution in plain.institutions() {
            let logo = institution.picture().unwrap();
            assert!(logo.data_url.starts_with("data:image/svg+xml;base64,"), "{:?}", institution.name);
        }
    }
}
