//! A European Digital Credential in XML, as Europass gave it out before its JSON-LD form: version 2 of the European
//! Learning Model (schema `europassCredential` 1.0 to 1.2).
//!
//! It is read into the shape of version 3, under the names of that version, so that one reader shows both and what has no
//! place on a card is still among its claims. Organisations, specifications and outcomes stand in lists of their own and
//! are referred to; each is put where it is referred to. The seal of such a file is XAdES (ETSI EN 319 132-1), which is for
//! the verification to speak of.
//!
//! No definition and no entity is taken, nothing that the file names is opened, and all that grows is bounded.

mod shape;
mod tree;

use serde_json::Value;

use self::tree::{Element, Space};
use super::ReadError;

/// The credential in this text, and whether a seal came with it.
///
/// # Errors
/// [`ReadError::ElmXml`] when it is another document of the learning model or of transcripts; [`ReadError::Xml`] when it is
/// damaged; [`ReadError::TooLarge`].
pub(super) fn read(text: &str) -> Result<(Value, bool), ReadError> {
    let root = tree::parse(text)?;
    let credential = match root.name.as_str() {
        _ if !root.is(Space::Learning, &root.name) => return Err(ReadError::ElmXml),
        "europassCredential" => &root,
        // What is issued on behalf of another comes as a presentation of exactly one credential.
        "verifiablePresentation" => {
            let mut inside = root.children("europassCredential");
            match (inside.next(), inside.next()) {
                (Some(only), None) => only,
                _ => return Err(ReadError::PresentationContent),
            }
        }
        _ => return Err(ReadError::ElmXml),
    };
    let wrapper = Some(&root).filter(|root| !std::ptr::eq(*root, credential));
    let is_sealed = is_sealed(credential) || wrapper.is_some_and(is_sealed);
    Ok((shape::credential(credential, wrapper)?, is_sealed))
}

/// A seal covers the document that it stands in, as its child or in its `proof`.
fn is_sealed(document: &Element) -> bool {
    let signature = |within: &Element| within.all().any(|child| child.is(Space::Signature, "Signature"));
    signature(document) || document.children("proof").any(signature)
}

#[cfg(test)]
mod tests;
