//! The issuer's own words for a credential and its claims.

use leerpas_core::{CardFacts, ClaimLabel, Language};
use leerpas_openid::vci::{CredentialConfiguration, PathPart};

/// Completes the facts of a credential with the names that its configuration gives: of each claim, in the
/// issuer's order, and of the credential where it has none of its own.
pub(crate) fn complete(facts: &mut CardFacts, configuration: &CredentialConfiguration, language: Language) {
    facts.labels = configuration
        .claims
        .iter()
        .flat_map(|claim| {
            let path = PathPart::join(&claim.path);
            claim.display.iter().map(move |display| ClaimLabel {
                path: path.clone(),
                locale: display.locale.clone().unwrap_or_default(),
                name: display.name.clone(),
            })
        })
        .collect();
    // A bare type identifier is no name.
    let nameless = facts.title.is_empty() || facts.types.contains(&facts.title);
    if let Some(name) = configuration.name(language).filter(|_| nameless) {
        name.clone_into(&mut facts.title);
    }
}
