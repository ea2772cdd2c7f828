//! SVG, as far as the one element goes that holds the badge.

use quick_xml::{
    NsReader, XmlVersion,
    events::{BytesStart, Event},
    name::ResolveResult,
};

use super::{Edition, UnbakeError, check_size, only};
use crate::xml;

/// The element of Open Badges 3.0, and that of 2.0.
const ELEMENTS: [(&str, &str); 2] =
    [("https://purl.imsglobal.org/ob/v3p0", "credential"), ("http://openbadges.org", "assertion")];

/// Nesting of elements.
const DEPTH: usize = 256;
/// Elements of one picture.
const NODES: usize = 200_000;
/// Attributes of the element that holds the badge.
const ATTRIBUTES: usize = 16;

/// Takes the badge out of an SVG: the `verify` attribute of its element (a compact JWS, or the address of a hosted
/// badge), or the JSON inside.
///
/// A DOCTYPE is tolerated if it names a standard and defines nothing, as many drawing programs write it.
///
/// # Errors
/// When it is no SVG in UTF-8, is damaged, too large, defines entities, or holds no badge or two that differ.
pub fn unbake_svg(svg: &[u8]) -> Result<Vec<u8>, UnbakeError> {
    check_size(svg)?;
    let text = std::str::from_utf8(svg).map_err(|_| UnbakeError::OtherKind)?;
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    let mut found = Vec::new();
    let mut inside: Option<Badge> = None;
    let (mut depth, mut nodes, mut is_svg) = (0_usize, 0_usize, false);
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| damaged(is_svg))?;
        nodes += 1;
        if nodes > NODES {
            return Err(UnbakeError::TooLarge);
        }
        match event {
            Event::Start(element) => {
                is_svg |= is_root(&element, depth)?;
                depth += 1;
                if depth > DEPTH {
                    return Err(UnbakeError::TooLarge);
                }
                if inside.is_some() {
                    return Err(UnbakeError::Damaged("the badge holds an element"));
                }
                if is_badge(&namespace, &element) {
                    inside = Some(Badge::open(&element, depth)?);
                }
            }
            Event::Empty(element) => {
                is_svg |= is_root(&element, depth)?;
                if is_badge(&namespace, &element) {
                    found.extend(Badge::open(&element, depth)?.close());
                }
            }
            Event::End(_) => {
                if inside.as_ref().is_some_and(|badge| badge.depth == depth) {
                    found.extend(inside.take().and_then(Badge::close));
                }
                depth = depth.saturating_sub(1);
            }
            Event::CData(cdata) => push(&mut inside, &cdata.into_inner()),
            Event::Text(text) => push(&mut inside, &text.into_inner()),
            Event::GeneralRef(reference) => {
                let name = reference.into_inner();
                let character = xml::character(&name).ok_or(UnbakeError::Forbidden("an entity"))?;
                push(&mut inside, character.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(doctype) if doctype.contains(['[', '&', '%']) => {
                return Err(UnbakeError::Forbidden("a document type with definitions"));
            }
            Event::Eof if depth > 0 || !is_svg => return Err(damaged(is_svg)),
            Event::Eof => return only(found),
            _ => {}
        }
    }
}

/// Puts a badge of Open Badges 3.0 into an SVG: a compact JWS as the `verify` attribute, JSON inside.
///
/// # Errors
/// When the picture is no sound SVG or has a badge already.
pub fn bake_svg(svg: &str, badge: &str) -> Result<String, UnbakeError> {
    bake_svg_as(svg, badge, Edition::V3)
}

/// The same under the names of either edition.
///
/// # Errors
/// When the picture is no sound SVG or has a badge already.
pub fn bake_svg_as(svg: &str, badge: &str, edition: Edition) -> Result<String, UnbakeError> {
    match unbake_svg(svg.as_bytes()) {
        Err(UnbakeError::NoBadge) => {}
        Ok(_) => return Err(UnbakeError::Disagree),
        Err(error) => return Err(error),
    }
    let start = svg.find("<svg").ok_or(UnbakeError::OtherKind)?;
    let end = start + end_of_tag(&svg[start..]).ok_or(UnbakeError::OtherKind)?;
    if svg[..end].ends_with('/') {
        return Err(UnbakeError::Damaged("it has no content"));
    }
    let (namespace, local) = match edition {
        Edition::V3 => ELEMENTS[0],
        Edition::V2 => ELEMENTS[1],
    };
    let name = format!("openbadges:{local}");
    // Only inside a JSON string can the end mark of CDATA occur, and there `>` may be written as an escape.
    let json = badge.replace("]]>", "]]\\u003e");
    let is_json = badge.trim_start().starts_with('{');
    let element = if is_json {
        format!("<{name} xmlns:openbadges=\"{namespace}\"><![CDATA[{json}]]></{name}>")
    } else {
        format!("<{name} xmlns:openbadges=\"{namespace}\" verify=\"{}\"/>", quick_xml::escape::escape(badge))
    };
    let baked = format!("{}{element}{}", &svg[..=end], &svg[end + 1..]);
    // A picture of which the start was guessed wrong must not go out without its badge.
    let inside = unbake_svg(baked.as_bytes())?;
    let expected = if is_json { json.trim() } else { badge.trim() };
    if inside == expected.as_bytes() { Ok(baked) } else { Err(UnbakeError::Damaged("a badge cannot be put into it")) }
}

/// Where the `>` stands that ends a tag: one within quotes is part of an attribute.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    tag.char_indices().find_map(|(at, c)| {
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
        None
    })
}

struct Badge {
    depth: usize,
    verify: Option<String>,
    body: String,
}

impl Badge {
    fn open(element: &BytesStart<'_>, depth: usize) -> Result<Self, UnbakeError> {
        let mut verify = None;
        for (index, attribute) in element.attributes().enumerate() {
            let attribute = attribute.map_err(|_| UnbakeError::Damaged("an attribute is malformed"))?;
            if index >= ATTRIBUTES {
                return Err(UnbakeError::TooLarge);
            }
            if attribute.key.as_ref() == "verify" {
                let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                let value = value.map_err(|_| UnbakeError::Forbidden("an entity"))?;
                verify = Some(value.trim().to_owned());
            }
        }
        Ok(Self { depth, verify, body: String::new() })
    }

    /// A signed badge is its JWS. A hosted one (2.0) may give its address and, inside, the badge itself.
    fn close(self) -> Option<Vec<u8>> {
        let body = self.body.trim();
        match self.verify.filter(|verify| !verify.is_empty()) {
            Some(verify) if body.is_empty() || !verify.contains("://") => Some(verify.into_bytes()),
            _ if body.is_empty() => None,
            _ => Some(body.as_bytes().to_vec()),
        }
    }
}

fn push(inside: &mut Option<Badge>, text: &str) {
    if let Some(badge) = inside {
        badge.body.push_str(text);
    }
}

fn damaged(is_svg: bool) -> UnbakeError {
    if is_svg { UnbakeError::Damaged("it is no well-formed XML") } else { UnbakeError::OtherKind }
}

/// Whether the element is the `svg` at the top; another element there means another kind of file.
fn is_root(element: &BytesStart<'_>, depth: usize) -> Result<bool, UnbakeError> {
    match (depth, element.local_name().as_ref()) {
        (0, "svg") => Ok(true),
        (0, _) => Err(UnbakeError::OtherKind),
        _ => Ok(false),
    }
}

fn is_badge(namespace: &ResolveResult<'_>, element: &BytesStart<'_>) -> bool {
    let ResolveResult::Bound(namespace) = namespace else { return false };
    ELEMENTS.iter().any(|(uri, name)| namespace.as_ref() == *uri && element.local_name().as_ref() == *name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PICTURE: &str = "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"><rect/></svg>";

    fn svg(inside: &str) -> Vec<u8> {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:ob=\"https://purl.imsglobal.org/ob/v3p0\">{inside}</svg>"
        )
        .into_bytes()
    }

    #[test]
    fn open_badges_5_3_2_what_is_baked_comes_out() {
        for badge in ["{\"naam\": \"Café & <b> ]]\\u003e\"}", "eyJhbGciOiJFZERTQSJ9.e30.c2ln"] {
            let baked = bake_svg(PICTURE, badge).unwrap();
            assert_eq!(unbake_svg(baked.as_bytes()).unwrap(), badge.as_bytes());
            assert_eq!(bake_svg(&baked, badge), Err(UnbakeError::Disagree));
        }
    }

    #[test]
    fn text_without_cdata_is_read_with_its_five_entities() {
        let badge = svg("<ob:credential>{&quot;a&quot;: &#34;&#x42;&#34;}</ob:credential>");
        assert_eq!(unbake_svg(&badge).unwrap(), b"{\"a\": \"B\"}");
    }

    #[test]
    fn open_badges_2_assertion_of_the_older_namespace_is_read() {
        let badge = b"<svg xmlns:openbadges=\"http://openbadges.org\"><openbadges:assertion verify=\"https://school.example/1\">
            <![CDATA[{\"type\":\"Assertion\"}]]></openbadges:assertion></svg>";
        assert_eq!(unbake_svg(badge).unwrap(), b"{\"type\":\"Assertion\"}");
    }

    #[test]
    fn security_f02_two_badges_that_differ_are_refused() {
        let badge = svg("<ob:credential>{}</ob:credential><g><ob:credential verify=\"a.b.c\"/></g>");
        assert_eq!(unbake_svg(&badge), Err(UnbakeError::Disagree));
    }

    #[test]
    fn security_f07_definitions_and_entities_are_refused() {
        let entity = "<!DOCTYPE svg [<!ENTITY x \"y\">]><svg>&x;</svg>";
        assert_eq!(unbake_svg(entity.as_bytes()), Err(UnbakeError::Forbidden("a document type with definitions")));
        assert_eq!(unbake_svg(&svg("<ob:credential>&x;</ob:credential>")), Err(UnbakeError::Forbidden("an entity")));
        assert!(unbake_svg(&svg("<ob:credential verify=\"&x;\"/>")).is_err());
    }

    #[test]
    fn security_f07_depth_attributes_and_other_encodings_are_bounded() {
        let deep = format!("{}{}", "<g>".repeat(100_000), "</g>".repeat(100_000));
        assert_eq!(unbake_svg(&svg(&deep)), Err(UnbakeError::TooLarge));
        let attributes: String = (0..100_000).map(|n| format!(" a{n}=\"\"")).collect();
        assert_eq!(unbake_svg(&svg(&format!("<rect{attributes}/>"))), Err(UnbakeError::NoBadge));
        assert_eq!(unbake_svg(&svg(&format!("<ob:credential{attributes}/>"))), Err(UnbakeError::TooLarge));
        let utf16: Vec<u8> = PICTURE.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(unbake_svg(&utf16).is_err());
    }

    #[test]
    fn security_f03_cut_short_it_is_damaged() {
        let baked = bake_svg(PICTURE, "{\"id\": \"urn:uuid:1\"}").unwrap();
        let start = baked.find("<svg").unwrap() + 1;
        for length in start..baked.len() {
            assert!(unbake_svg(&baked.as_bytes()[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn security_f13_f14_what_is_no_badge_picture_is_said_to_be_none() {
        assert_eq!(unbake_svg(PICTURE.as_bytes()), Err(UnbakeError::NoBadge));
        assert_eq!(unbake_svg(b"<html></html>"), Err(UnbakeError::OtherKind));
        assert_eq!(unbake_svg(b"\x89PNG"), Err(UnbakeError::OtherKind));
        assert_eq!(unbake_svg(b""), Err(UnbakeError::OtherKind));
        // The same name without the namespace is no badge.
        assert_eq!(unbake_svg(b"<svg><credential verify=\"a.b.c\"/></svg>"), Err(UnbakeError::NoBadge));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[<>/&;\"'a-c=:! \\[\\]-]{0,80}", cut in 0_usize..200) {
            let _ = unbake_svg(text.as_bytes());
            let _ = unbake_svg(&svg(&text));
            let baked = bake_svg(PICTURE, "{}").unwrap();
            let _ = unbake_svg(&baked.as_bytes()[..cut.min(baked.len())]);
        }
    }

    #[test]
    fn a_badge_is_put_behind_the_whole_start_tag() {
        let badge = r#"{"a":"b"}"#;
        let svg =
            r#"<svg xmlns="http://www.w3.org/2000/svg" aria-label='5 > 4 "so"' data-x="a>b"><circle r="4"/></svg>"#;
        let baked = bake_svg(svg, badge).unwrap();
        assert_eq!(unbake_svg(baked.as_bytes()).as_deref(), Ok(badge.as_bytes()));
        let comment = "<!-- <svg> --><svg xmlns='http://www.w3.org/2000/svg'><g/></svg>";
        assert!(bake_svg(comment, badge).is_err(), "no picture goes out that lacks its badge");
    }
}
