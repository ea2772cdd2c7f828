//! The issuer's own picture of a card (draft-13, section 8.1).

use base64::{Engine, engine::general_purpose::STANDARD};
use leerpas_core::Rendering;
use quick_xml::escape::escape;
use serde_json::Value;

use super::{Described, Display, Image, Simple, rules, template};
use crate::{badge, sd_jwt::value_at};

/// Draws the card: by the template if there is one that holds, else by colours and logo.
pub(super) fn render(described: &Described, display: &Display, title: &str, claims: &Value) -> Option<Rendering> {
    let value_of = |id: &str| {
        let rule = described.metadata.claims.iter().find(|rule| rule.svg_id.as_deref() == Some(id))?;
        value_at(claims, rules::select(claims, &rule.path).first()?).and_then(plain)
    };
    let by_template =
        display.templates.first().and_then(|image| template::fill(&bytes(described, image)?, value_of).ok());
    let svg = by_template.or_else(|| simple(described, display.simple.as_ref()?, title))?;
    let data_url = format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg));
    Some(Rendering { data_url, alt: Some(display.name.clone()).filter(|name| !name.is_empty()) })
}

/// A picture that came along with its hash, or within the metadata itself.
fn bytes(described: &Described, image: &Image) -> Option<Vec<u8>> {
    match image.uri.strip_prefix("data:") {
        Some(data) => STANDARD.decode(data.split_once(";base64,")?.1).ok(),
        None => described.pictures.get(&image.uri).cloned(),
    }
}

/// The simple way, drawn by us and held to the same list as a template.
fn simple(described: &Described, simple: &Simple, title: &str) -> Option<String> {
    let logo = simple.logo.as_ref().and_then(|logo| badge::picture_of_bytes(&bytes(described, logo)?, None));
    let logo = logo.map_or_else(String::new, |logo| {
        format!(
            "<image href=\"{}\" x=\"24\" y=\"24\" width=\"120\" height=\"80\" preserveAspectRatio=\"xMinYMid\"/>",
            logo.data_url
        )
    });
    let background = simple.background.as_deref().unwrap_or("#ffffff");
    let ink = simple.ink.as_deref().unwrap_or("#000000");
    let svg = format!(
        "<svg viewBox=\"0 0 480 300\"><rect width=\"480\" height=\"300\" rx=\"16\" fill=\"{}\"/>{logo}\
         <text x=\"24\" y=\"268\" font-family=\"sans-serif\" font-size=\"28\" fill=\"{}\">{}</text></svg>",
        escape(background),
        escape(ink),
        escape(title)
    );
    // A title may hold what looks like a placeholder; there are none here.
    template::fill(svg.as_bytes(), |_| None).ok()
}

/// A value as text; lists and objects have no place on a card.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}
