//! Two credentials that show what few wallets do: one that brings along how its issuer draws the card, and a badge of
//! which the holder can leave out parts.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use leerpas_credential::{
    data_integrity::{
        ProofError,
        sd::{Pointer, sign_base},
    },
    keys::{IssuerKey, Signer},
    type_metadata::integrity_of,
};
use serde_json::{Value, json};

use crate::{
    issue::{IssueError, Order, badge_document, proof_options, sd_jwt_vc},
    metadata::type_metadata,
    misbehave::Misbehave,
};

/// The course of the card with a picture of its own.
pub const STYLED_COURSE: &str = "watermanagement";
/// The course of the badge of which parts can be left out.
pub const PARTS_COURSE: &str = "data-analyse";

/// How the institution draws its card (SD-JWT VC draft-13, section 8.1.2). The placeholders stand for claims.
const TEMPLATE: &str = include_str!("../page/card.svg");

/// The placeholders of the template, with the claim that each stands for.
const PLACEHOLDERS: [(&str, &[&str]); 5] = [
    ("title", &["credentialSubject", "achievement", "name"]),
    ("ects", &["credentialSubject", "achievement", "ECTS"]),
    ("eqf", &["credentialSubject", "achievement", "eqfLevel"]),
    ("given_name", &["given_name"]),
    ("family_name", &["family_name"]),
];

/// What a badge always shows, so that nobody can leave out that it ran out or was withdrawn, or from whom it is.
const ALWAYS: [&str; 8] = [
    "/issuer",
    "/name",
    "/validFrom",
    "/validUntil",
    "/credentialStatus",
    "/credentialSubject/id",
    "/credentialSubject/type",
    "/credentialSubject/achievement/name",
];

/// One copy of a microcredential that brings its type metadata along in its header, with their hash among the signed
/// claims (SD-JWT VC draft-13, sections 6.3.5 and 7). Nobody has to be asked, so nobody learns that the card is looked at.
///
/// # Errors
/// When it cannot be signed.
pub fn styled(order: Order<'_>) -> Result<Value, IssueError> {
    let metadata = metadata_with_template().to_string();
    let header = json!({
        "alg": "ES256",
        "typ": "dc+sd-jwt",
        "x5c": order.identity.x5c,
        "vctm": [URL_SAFE_NO_PAD.encode(&metadata)],
    });
    let further = json!({ "vct#integrity": integrity_of(metadata.as_bytes()) });
    sd_jwt_vc(order, header, further)
}

/// The metadata of the type, with the template and what it shows.
fn metadata_with_template() -> Value {
    let mut metadata = type_metadata();
    let template = json!({
        "uri": format!("data:image/svg+xml;base64,{}", STANDARD.encode(TEMPLATE)),
        "uri#integrity": integrity_of(TEMPLATE.as_bytes()),
        "properties": { "orientation": "landscape", "color_scheme": "light", "contrast": "normal" },
    });
    for display in metadata["display"].as_array_mut().into_iter().flatten() {
        display["rendering"] = json!({ "svg_templates": [template] });
    }
    for claim in metadata["claims"].as_array_mut().into_iter().flatten() {
        if let Some((id, _)) = PLACEHOLDERS.iter().find(|(_, path)| claim["path"] == json!(path)) {
            claim["svg_id"] = json!(id);
        }
    }
    metadata
}

/// A badge with a base proof of `ecdsa-sd-2023` (Data Integrity ECDSA Cryptosuites 1.0, section 3.6).
///
/// # Errors
/// When it cannot be signed.
pub fn in_parts(order: Order<'_>) -> Result<Value, IssueError> {
    let Order { identity, bad, env, .. } = order;
    let always = ALWAYS.iter().map(|pointer| Pointer::parse(pointer)).collect::<Result<Vec<_>, ProofError>>()?;
    let wrong = (bad == Some(Misbehave::WrongSigningKey)).then(|| IssuerKey::make_p256(env.entropy));
    let signer: &dyn Signer = wrong.as_ref().map_or(&identity.parts, |key| key);
    Ok(sign_base(
        badge_document(order),
        &proof_options(identity.parts_method(), env.now),
        &always,
        signer,
        env.entropy,
    )?)
}

#[cfg(test)]
mod tests {
    use leerpas_credential::type_metadata::{TypeMetadata, fill};

    use super::*;
    use crate::metadata::VCT;

    #[test]
    fn the_template_is_kept_whole_when_it_is_made_safe_and_every_placeholder_has_a_claim() {
        let safe = fill(TEMPLATE.as_bytes(), |id| Some(format!("<{id}>"))).unwrap();
        for (id, _) in PLACEHOLDERS {
            assert!(safe.contains(&format!("&lt;{id}&gt;")), "{id}");
        }
        let elements = |text: &str| text.matches('<').count() - text.matches("<!--").count();
        assert_eq!(elements(&safe.replace("&lt;", "")), elements(TEMPLATE), "nothing of it was left out");
        let metadata = TypeMetadata::parse(metadata_with_template().to_string().as_bytes(), VCT).unwrap();
        let placed = metadata.claims.iter().filter(|rule| rule.svg_id.is_some()).count();
        assert_eq!(placed, PLACEHOLDERS.len());
    }
}
