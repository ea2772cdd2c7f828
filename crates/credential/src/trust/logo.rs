//! The logos of a trust list. They are data within the list: nothing is ever fetched to show one, and nothing is shown
//! that somebody else wrote. A PNG or JPEG is decoded and written anew, an SVG is walked and written anew.

use base64::{Engine, engine::general_purpose::STANDARD};
use leerpas_core::{Evidence, Party, Picture};

use super::{Institution, TrustList};
use crate::{badge::picture_of_bytes, type_metadata};

/// A logo as the list writes it, in bytes of the `data:` URL. A list has many.
const LENGTH: usize = 64 * 1024;
/// The longest description that is taken along, in characters.
const ALT: usize = 120;

impl Institution {
    /// Its logo, made safe: a `data:` URL of our own writing, for an `<img>` and for nothing else. `None` where the list
    /// has none, or one that is an address, too large, or no picture.
    pub fn picture(&self) -> Option<Picture> {
        let url = self.logo.as_deref().filter(|url| url.len() <= LENGTH)?;
        let (kind, data) = url.strip_prefix("data:")?.split_once(";base64,")?;
        let bytes = STANDARD.decode(data).ok()?;
        match kind {
            "image/svg+xml" => {
                let svg = type_metadata::fill(&bytes, |_| None).ok()?;
                let data_url = format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg));
                Some(Picture { data_url, alt: None })
            }
            "image/png" | "image/jpeg" => picture_of_bytes(&bytes, None),
            _ => None,
        }
    }
}

impl TrustList {
    /// The logo of a party that was proved to be an institution of a list. Nobody else has one: a picture that somebody
    /// brings along themself would say more than a name does, and prove less.
    ///
    /// The institution is the one with the identifier; where what was proved was a certificate, the identifier may be
    /// none of its own, and then it is the one whose name the party bears, which came from the list.
    pub fn logo_of(&self, party: &Party) -> Option<Picture> {
        if party.evidence != Evidence::Listed {
            return None;
        }
        let of_name = || self.institutions.iter().find(|one| one.name.values().any(|name| *name == party.name));
        let named = |one: &&Institution| one.name.values().any(|name| *name == party.name);
        let institution = self.find(&party.identifier).filter(named).or_else(of_name)?;
        let alt = party.name.chars().take(ALT).collect();
        institution.picture().map(|picture| Picture { alt: Some(alt), ..picture })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat};
    use serde_json::json;

    use super::*;

    fn with_logo(logo: &str) -> TrustList {
        let list = json!({"version": 1, "institutions": [
            {"name": {"nl": "Hogeschool Delta", "en": "Delta UAS"}, "identifiers": ["https://delta.example"], "logo": logo},
            {"name": {"nl": "Ander"}, "identifiers": ["https://ander.example"]},
        ]});
        TrustList::from_json(list.to_string().as_bytes()).unwrap()
    }

    fn party(name: &str, identifier: &str, evidence: Evidence) -> Party {
        Party { name: name.to_owned(), identifier: identifier.to_owned(), host: None, evidence }
    }

    fn svg(text: &str) -> String {
        format!("data:image/svg+xml;base64,{}", STANDARD.encode(text))
    }

    fn png(side: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(side, side).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_logo_is_written_anew_and_is_small() {
        let list = with_logo(&format!("data:image/png;base64,{}", STANDARD.encode(png(900))));
        let logo = list.institutions()[0].picture().unwrap();
        let bytes = STANDARD.decode(logo.data_url.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
        let decoded = image::load_from_memory(&bytes).unwrap();
        assert_eq!(decoded.width(), crate::badge::SIDE);

        let list = with_logo(&svg(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)"><script>alert(1)</script>
            <circle cx="4" cy="4" r="3" fill="teal"/><image href="https://spy.example/x.png"/><text>{{name}}</text></svg>"#,
        ));
        let logo = list.institutions()[0].picture().unwrap();
        let bytes = STANDARD.decode(logo.data_url.strip_prefix("data:image/svg+xml;base64,").unwrap()).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains("circle"), "{text}");
        for never in ["script", "alert", "onload", "spy.example", "{{"] {
            assert!(!text.contains(never), "{never} in {text}");
        }
    }

    #[test]
    fn security_e_a_logo_is_never_an_address_and_never_keeps_a_list_from_being_read() {
        let large = format!("data:image/png;base64,{}", "A".repeat(LENGTH));
        let bomb = svg("<!DOCTYPE svg [<!ENTITY a \"aaaaaaaa\">]><svg><text>&a;</text></svg>");
        let text = format!("data:text/html;base64,{}", STANDARD.encode("<script>"));
        for logo in [
            "https://delta.example/logo.png",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:image/png,raw",
            "data:image/png;base64,AAAA",
            "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
            "",
            &text,
            &large,
            &bomb,
        ] {
            let list = with_logo(logo);
            assert_eq!(list.institutions().len(), 2);
            assert_eq!(list.institutions()[0].picture(), None, "{}", logo.chars().take(60).collect::<String>());
        }
    }

    #[test]
    fn only_a_party_that_was_proved_to_be_on_the_list_has_its_logo() {
        let list = with_logo(&svg("<svg viewBox=\"0 0 1 1\"><rect width=\"1\" height=\"1\"/></svg>"));
        let logo = |name, identifier, evidence| list.logo_of(&party(name, identifier, evidence));
        let ours = "https://delta.example";
        assert_eq!(logo("Delta UAS", ours, Evidence::Listed).unwrap().alt.as_deref(), Some("Delta UAS"));
        assert!(logo("Hogeschool Delta", "x509_hash:abc", Evidence::Listed).is_some(), "a certificate proved it");
        for evidence in [Evidence::Own, Evidence::Proved, Evidence::Claimed] {
            assert_eq!(logo("Delta UAS", ours, evidence), None);
        }
        assert_eq!(logo("Ander", "https://ander.example", Evidence::Listed), None, "it has none");
        assert_eq!(logo("Niemand", ours, Evidence::Listed), None, "no list names it so");
    }
}
