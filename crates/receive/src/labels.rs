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
    let nameless = facts.title.is_empty() || facts.types.iter().any(|kind| is_part_of(&facts.title, kind));
    if let Some(name) = configuration.name(language).filter(|_| nameless) {
        name.clone_into(&mut facts.title);
    }
}

/// Whether a title is only a part of a type identifier, such as `edu id` of `urn:example:edu_id:1`: then the
/// credential has no name of its own, and its configuration's is better.
fn is_part_of(title: &str, kind: &str) -> bool {
    let letters =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let title = letters(title);
    !title.is_empty() && (letters(kind) == title || kind.split([':', '/', '#']).any(|part| letters(part) == title))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_is_only_a_part_of_the_type_is_no_name() {
        assert!(is_part_of("edu id", "urn:example:edu_id:1"));
        assert!(is_part_of("microcredential", "https://issuer.example/vct/Microcredential"));
        assert!(is_part_of("https://issuer.example/vct/a", "https://issuer.example/vct/a"));
        assert!(!is_part_of("Water management", "https://issuer.example/vct/water"));
        assert!(!is_part_of("", "urn:example:1"));
    }
}
