//! What was fetched before and may serve again: issuers' keys and status lists, encrypted in the vault.

use leerpas_core::{Failure, SignedDuration, Timestamp, Url};
use leerpas_credential::verify::{self, Resources};
use leerpas_vault::{Resource, Vault, VaultError};

use crate::Wallet;

/// How long something is kept after it was fetched, in hours. Long after it has stopped to be an answer it still tells
/// since when an answer is missing.
const KEPT_HOURS: i64 = 90 * 24;

impl Wallet {
    /// Everything that was fetched before. What each is worth now is for the check to say, which verifies it anew.
    pub(crate) async fn known(&self) -> Result<Resources, Failure> {
        self.with_vault(known_to).await
    }
}

/// As [`Wallet::known`], where the vault is at hand. Request objects are kept in the same place for some minutes; they
/// are a verifier's and no answer to any check.
pub(crate) fn known_to(vault: &mut Vault) -> Result<Resources, VaultError> {
    let mut resources = Resources::default();
    for kept in vault.resources()? {
        if kept.expires == expiry(kept.fetched)
            && let Ok(url) = Url::parse(&kept.url)
        {
            let (media_type, bytes, fetched) = (kept.media_type, kept.body, kept.fetched);
            resources.put(url, verify::Resource { media_type, bytes, fetched });
        }
    }
    Ok(resources)
}

/// Keeps what was fetched, for the next check. What is there and younger stays.
pub(crate) fn keep_in(vault: &mut Vault, resources: &Resources) -> Result<(), VaultError> {
    for resource in to_keep(resources) {
        if vault.resource(&resource.url)?.is_none_or(|kept| kept.fetched < resource.fetched) {
            vault.put_resource(&resource)?;
        }
    }
    Ok(())
}

/// What was fetched, as the vault keeps it.
pub(crate) fn to_keep(resources: &Resources) -> Vec<Resource> {
    let as_kept = |(url, resource): (&Url, &verify::Resource)| Resource {
        url: url.to_string(),
        media_type: resource.media_type.clone(),
        body: resource.bytes.clone(),
        fetched: resource.fetched,
        expires: expiry(resource.fetched),
    };
    resources.iter().map(as_kept).collect()
}

fn expiry(fetched: Timestamp) -> Option<Timestamp> {
    fetched.checked_add(SignedDuration::from_hours(KEPT_HOURS)).ok()
}
