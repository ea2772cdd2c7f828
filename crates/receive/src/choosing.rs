//! Collecting that the person starts: they name an issuer, choose from what its metadata describes, and sign in there
//! (OpenID4VCI 1.0, 3.3 and 5). What they chose is an offer that nobody sent.

use leerpas_openid::{
    address::{self, AddressError},
    vci::{CredentialOffer, Grants, IssuerMetadata, MetadataError, OFFERED, OfferError},
};

use crate::{Choosable, Choosing, ReceiveContext, ReceiveError, Unsupported, plan, plan::Want};

/// The identifier that is meant by an address that a person typed: with `https://` where they left that out, and without
/// the slash that browsers put behind a bare host. Nothing else is changed, because issuers are compared byte for byte.
///
/// # Errors
/// [`AddressError`] for what cannot be an issuer.
pub(crate) fn issuer_at(typed: &str) -> Result<String, AddressError> {
    let typed = typed.trim();
    let whole = if typed.contains("://") { typed.to_owned() } else { format!("https://{typed}") };
    let url = address::identifier(&whole)?;
    let bare = url.path() == "/";
    Ok(if bare { whole.trim_end_matches('/').to_owned() } else { whole })
}

/// What the person can choose from: what this program can collect, in the order of names.
///
/// # Errors
/// Why the first of them cannot be collected, when none can; [`Unsupported::Format`] for an issuer that gives nothing.
pub(crate) fn choices(metadata: &IssuerMetadata, context: &ReceiveContext) -> Result<Choosing, ReceiveError> {
    let (mut options, mut why_not) = (Vec::new(), None);
    for id in metadata.configurations.keys() {
        match Want::new(id, metadata, context.language) {
            Ok(want) => options.push(Choosable { id: want.id, title: want.title }),
            Err(error) => drop(why_not.get_or_insert(error)),
        }
    }
    if options.is_empty() {
        return Err(why_not.unwrap_or(Unsupported::Format.into()));
    }
    options.sort_by_cached_key(|option| (option.title.to_lowercase(), option.id.clone()));
    let name = metadata.name(context.language);
    let issuer = plan::party(&metadata.credential_issuer, name, &context.trust, context.language);
    Ok(Choosing { issuer, options })
}

/// What was chosen, as an offer without a way: the authorization server decides, and has a sign-in (4.1.1).
///
/// # Errors
/// [`OfferError::TooMany`] or [`OfferError::Repeated`] as for an offer; [`MetadataError::NotDescribed`] for what the
/// issuer does not give; [`ReceiveError::OutOfTurn`] when nothing was chosen.
pub(crate) fn chosen(metadata: &IssuerMetadata, ids: Vec<String>) -> Result<CredentialOffer, ReceiveError> {
    if ids.is_empty() {
        return Err(ReceiveError::OutOfTurn);
    }
    if ids.len() > OFFERED {
        return Err(OfferError::TooMany.into());
    }
    if ids.iter().collect::<std::collections::BTreeSet<_>>().len() != ids.len() {
        return Err(OfferError::Repeated.into());
    }
    if !ids.iter().all(|id| metadata.configurations.contains_key(id)) {
        return Err(MetadataError::NotDescribed.into());
    }
    Ok(CredentialOffer {
        credential_issuer: metadata.credential_issuer.clone(),
        credential_configuration_ids: ids,
        grants: Grants::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vci_12_2_1_an_address_that_was_typed_is_changed_as_little_as_can_be() {
        for (typed, meant) in [
            ("https://issuer.example", "https://issuer.example"),
            (" https://issuer.example/ ", "https://issuer.example"),
            ("issuer.example", "https://issuer.example"),
            ("localhost:8443", "https://localhost:8443"),
            ("https://issuer.example/tenant/", "https://issuer.example/tenant/"),
            ("https://Issuer.example/a", "https://Issuer.example/a"),
        ] {
            assert_eq!(issuer_at(typed).as_deref(), Ok(meant), "{typed}");
        }
        for typed in
            ["", "http://issuer.example", "ftp://issuer.example", "https://a@b.example", "https://a.example/?q", "a b"]
        {
            assert!(issuer_at(typed).is_err(), "{typed}");
        }
    }
}
