//! SD-JWT VC Type Metadata (draft-ietf-oauth-sd-jwt-vc-13, sections 6 to 9): what the author of a credential type says
//! of every credential of that type.
//!
//! It is an extra. A sound credential whose metadata cannot be had, or breaks a rule, stays sound, and says so. Only two
//! things count against a credential: metadata that is not what the issuer signed with `vct#integrity`, and a
//! credential that contradicts its own metadata. Where metadata is used it is used whole.
//!
//! - `sd: always` is kept by a disclosure of the claim itself or of one that encloses it: in both cases it is only seen
//!   with consent. `sd: never` is broken only by a disclosure of the claim itself.
//! - Pictures that metadata names are taken only with their hash (`uri#integrity`) or as a `data:` address, and never
//!   fetched to show a card: they come along when the credential is received or checked again.

mod extend;
mod integrity;
mod parse;
mod rendering;
mod rules;
mod template;

use std::collections::BTreeMap;

use leerpas_core::{CardFacts, ClaimLabel, Language};
use serde_json::Value;
use thiserror::Error;

pub use integrity::{IntegrityError, check_integrity, integrity_of};
pub(crate) use rules::contradiction;
pub use template::{TemplateError, fill};

use crate::{facts::title_of_type, json::JsonError};

/// Why type metadata was left aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MetadataError {
    /// Over [`leerpas_core::limits::TYPE_METADATA`], or more claims than [`leerpas_core::limits::TYPE_CLAIMS`].
    #[error("the type metadata is too large")]
    TooLarge,
    /// No unambiguous JSON.
    #[error("the type metadata: {0}")]
    Json(#[from] JsonError),
    /// A member that is used has another shape.
    #[error("the type metadata: `{0}` has another shape")]
    Shape(&'static str),
    /// It describes another type (section 6.3.1).
    #[error("the type metadata is that of another type")]
    OtherType,
    /// Two claims have the same path, or the same `svg_id` (section 9.4).
    #[error("the type metadata names a claim or a placeholder twice")]
    Twice,
    /// A type loosens what the type that it extends demands (section 9.5).
    #[error("the type loosens a rule of the type that it extends")]
    Loosened,
    /// A type extends itself by a detour, or more types than [`leerpas_core::limits::TYPE_CHAIN`].
    #[error("types extend one another in a circle, or too many times")]
    Chain,
}

/// One step of a claim path (section 9.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Into the member of this name.
    Name(String),
    /// Into this element of an array.
    Index(usize),
    /// Into every element of an array.
    Every,
}

/// Whether the issuer makes a claim selectively disclosable (section 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosure {
    /// It must.
    Always,
    /// It may.
    Allowed,
    /// It must not.
    Never,
}

/// What is said of one claim (section 9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRule {
    /// Where it is.
    pub path: Vec<Step>,
    /// Whether it must be in the credential.
    pub mandatory: bool,
    /// Whether it is selectively disclosable.
    pub disclosure: Disclosure,
    /// Its placeholder in SVG templates.
    pub svg_id: Option<String>,
    /// Its names: language tag and name.
    pub labels: Vec<(String, String)>,
}

/// A picture that is named by address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its address: https or `data:`.
    pub uri: String,
    /// Its hash; without it nothing is fetched.
    pub integrity: Option<String>,
}

/// How the type is shown in one language (section 8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// A BCP 47 tag.
    pub locale: String,
    /// The name of the type.
    pub name: String,
    /// SVG templates, the best for a card on a light screen first (section 8.1.2).
    pub templates: Vec<Image>,
    /// Colours and logo (section 8.1.1).
    pub simple: Option<Simple>,
}

/// The simple way of showing (section 8.1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simple {
    /// The logo.
    pub logo: Option<Image>,
    /// A CSS colour.
    pub background: Option<String>,
    /// A CSS colour.
    pub ink: Option<String>,
}

/// The metadata of one type; after [`TypeMetadata::extending`] that of all types that it extends too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeMetadata {
    /// The type.
    pub vct: String,
    /// The type that it extends, and the hash of that one's metadata.
    pub extends: Option<(String, Option<String>)>,
    /// How it is shown.
    pub display: Vec<Display>,
    /// What is said of its claims, in its order.
    pub claims: Vec<ClaimRule>,
}

/// Metadata that was found sound for a credential, with the pictures that came with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// The metadata.
    pub metadata: TypeMetadata,
    /// Pictures by their address; their hashes fit.
    pub pictures: BTreeMap<String, Vec<u8>>,
}

impl Described {
    /// Completes what a card shows: a title where the credential has none but its type, names for claims that have
    /// none yet, and the issuer's own picture of the card.
    pub fn complete(&self, facts: &mut CardFacts, claims: &Value, language: Language) {
        let display = self.metadata.display_in(language);
        let nameless = facts.title.is_empty() || facts.title == title_of_type(&facts.types);
        if let Some(display) = display.filter(|_| nameless) {
            display.name.clone_into(&mut facts.title);
        }
        let known: Vec<String> = facts.labels.iter().map(|label| label.path.clone()).collect();
        for rule in &self.metadata.claims {
            let path = rules::join(&rule.path);
            if !known.contains(&path) {
                facts.labels.extend(rule.labels.iter().map(|(locale, name)| ClaimLabel {
                    path: path.clone(),
                    locale: locale.clone(),
                    name: name.clone(),
                }));
            }
        }
        if let Some(display) = display {
            facts.rendering = rendering::render(self, display, &facts.title, claims);
        }
    }
}

impl TypeMetadata {
    /// The display in this language, else in any.
    pub fn display_in(&self, language: Language) -> Option<&Display> {
        let fits = |display: &&Display| display.locale.split('-').next() == Some(language.tag());
        self.display.iter().find(fits).or_else(|| self.display.first())
    }

    /// The pictures that a card may need, each once: the first template or the logo of each display.
    pub fn pictures(&self) -> Vec<&Image> {
        let mut found: Vec<&Image> = Vec::new();
        for display in &self.display {
            let logo = display.simple.as_ref().and_then(|simple| simple.logo.as_ref());
            let image = display.templates.first().or(logo);
            found.extend(image.filter(|image| !found.contains(image)));
        }
        found
    }
}

#[cfg(test)]
mod tests;
