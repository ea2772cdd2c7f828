//! A badge as a picture: put into the badge's own image, the way other programs take it in.
//!
//! What is written into is the PNG that our own encoder wrote for the card, or, where the badge has none, the SVG that came
//! inside it. What goes in is the credential as it came, byte for byte for a token, and the same JSON for a document.

use base64::{Engine, engine::general_purpose::STANDARD};
use leerpas_core::limits;
use serde_json::Value;

use crate::{
    read::{Body, Unverified},
    trust::TrustList,
    unbake::{Edition, bake_png_as, bake_svg_as, unbake_png, unbake_svg},
};

/// A baked badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Baked {
    /// A PNG.
    Png(Vec<u8>),
    /// An SVG.
    Svg(Vec<u8>),
}

/// Bakes a badge. `None` for what is no Open Badge, has no picture of its own, or came as a picture already: that one is
/// best kept as it is.
pub fn bake(credential: &Unverified) -> Option<Baked> {
    let edition = edition(credential)?;
    let text = std::str::from_utf8(credential.original()).ok()?.trim_start_matches('\u{feff}').trim();
    if text.starts_with('<') || text.len() > limits::PNG_TEXT {
        return None;
    }
    let picture = credential.facts(&TrustList::empty()).picture;
    if let Some(picture) = picture {
        let png = STANDARD.decode(picture.data_url.strip_prefix("data:image/png;base64,")?).ok()?;
        let baked = bake_png_as(&png, text, edition).ok()?;
        // What would not come out again is not given away.
        return (unbake_png(&baked).ok()? == text.as_bytes()).then_some(Baked::Png(baked));
    }
    let baked = bake_svg_as(&own_svg(credential.claims())?, text, edition).ok()?;
    unbake_svg(baked.as_bytes()).ok()?;
    Some(Baked::Svg(baked.into_bytes()))
}

/// Which of the two specifications a badge is of; `None` where it is of neither.
fn edition(credential: &Unverified) -> Option<Edition> {
    match credential.body() {
        Body::OpenBadge2 { .. } => Some(Edition::V2),
        Body::SdJwt(_) => None,
        _ => {
            let classes = credential.types();
            let is_badge = classes.iter().any(|class| {
                ["OpenBadgeCredential", "AchievementCredential"]
                    .iter()
                    .any(|name| class.rsplit(['#', '/']).next() == Some(name))
            });
            is_badge.then_some(Edition::V3)
        }
    }
}

/// The SVG behind a `data:` URL among the places where a badge has its picture.
fn own_svg(claims: &Value) -> Option<String> {
    let places = ["/credentialSubject/achievement/image", "/image", "/badge/image", "/credentialSubject/image"];
    places.iter().filter_map(|place| claims.pointer(place)).find_map(|image| {
        let url = image.as_str().or_else(|| image.get("id")?.as_str())?;
        let data = url.strip_prefix("data:image/svg+xml;base64,")?;
        let svg = STANDARD.decode(data).ok().filter(|svg| svg.len() <= limits::BADGE_IMAGE)?;
        String::from_utf8(svg).ok()
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat};
    use serde_json::json;

    use super::*;
    use crate::read::read;

    fn png_url() -> String {
        let mut png = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(8, 8).write_to(&mut png, ImageFormat::Png).unwrap();
        format!("data:image/png;base64,{}", STANDARD.encode(png.into_inner()))
    }

    fn badge(image: &str) -> Value {
        json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "issuer": "https://school.example", "credentialSubject": {"id": "did:example:1", "achievement": {
                "name": "Café ✓ ]]> & <b>", "image": {"id": image, "type": "Image"}}}})
    }

    #[test]
    fn open_badges_5_3_a_badge_is_baked_into_its_own_picture_and_comes_out_as_it_went_in() {
        let text = badge(&png_url()).to_string();
        let Some(Baked::Png(png)) = bake(&read(text.as_bytes()).unwrap()) else { panic!("it has a picture") };
        let again = read(&png).unwrap();
        assert_eq!(again.claims(), &badge(&png_url()));
        assert_eq!(unbake_png(&png).unwrap(), text.as_bytes());
        assert_eq!(bake(&again), None, "a picture stays the picture that it is");
    }

    #[test]
    fn open_badges_5_3_2_a_badge_with_an_svg_is_baked_into_that() {
        let svg = STANDARD.encode("<svg xmlns=\"http://www.w3.org/2000/svg\"><rect/></svg>");
        let document = badge(&format!("data:image/svg+xml;base64,{svg}"));
        let Some(Baked::Svg(svg)) = bake(&read(document.to_string().as_bytes()).unwrap()) else {
            panic!("it has a picture")
        };
        assert_eq!(read(&svg).unwrap().claims(), &document);
        assert!(String::from_utf8(svg).unwrap().contains("https://purl.imsglobal.org/ob/v3p0"));
    }

    #[test]
    fn open_badges_2_0_baking_uses_the_names_of_that_edition() {
        let assertion = json!({"type": "Assertion", "id": "https://school.example/1", "recipient": {"identity": "x"},
            "badge": {"name": "Meten", "image": png_url()}, "verification": {"type": "hosted"}});
        let Some(Baked::Png(png)) = bake(&read(assertion.to_string().as_bytes()).unwrap()) else {
            panic!("it has a picture")
        };
        assert!(png.windows(11).any(|window| window == b"openbadges\0"));
        assert_eq!(read(&png).unwrap().claims(), &assertion);
    }

    #[test]
    fn what_has_no_picture_or_is_no_badge_is_not_baked() {
        assert_eq!(bake(&read(badge("https://school.example/picture.png").to_string().as_bytes()).unwrap()), None);
        let mut other = badge(&png_url());
        other["type"] = json!(["VerifiableCredential", "StudentCard"]);
        assert_eq!(bake(&read(other.to_string().as_bytes()).unwrap()), None);
    }
}
