//! An issuer's SVG template, made safe: walked element by element and written anew from what is on a short list.
//!
//! What comes out holds shapes, text, gradients and pictures from within itself. It has no script and no handler, no
//! style sheet, no animation, no reference to anything outside, no entity. It is shown only as an `<img>`, where a
//! browser runs and loads nothing either: two walls, because the values in it are the learner's.

use leerpas_core::limits;
use quick_xml::{
    Reader, XmlVersion,
    escape::escape,
    events::{BytesStart, Event},
};
use thiserror::Error;

use crate::{badge::picture_of_data_url, xml};

/// Nesting of elements.
const DEPTH: usize = 64;
/// Attributes of one element that are looked at.
const ATTRIBUTES: usize = 64;
/// Longest value that is put in for a placeholder, in characters.
const VALUE: usize = 200;
/// Embedded pictures of one template.
const PICTURES: usize = 8;
/// Longest result, in bytes: a picture that is written anew may grow.
const RESULT: usize = 4 * limits::TYPE_METADATA;

/// Elements that are kept. `use` is not among them: a few of them within each other draw a picture a billion times.
const ELEMENTS: [&str; 19] = [
    "svg",
    "g",
    "defs",
    "title",
    "desc",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
    "image",
];

/// Attributes that are kept, be it that they came within `style`.
const KEPT: [&str; 55] = [
    "id",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "fx",
    "fy",
    "dx",
    "dy",
    "d",
    "points",
    "width",
    "height",
    "viewBox",
    "preserveAspectRatio",
    "transform",
    "gradientTransform",
    "gradientUnits",
    "spreadMethod",
    "clipPathUnits",
    "offset",
    "fill",
    "fill-opacity",
    "fill-rule",
    "clip-path",
    "clip-rule",
    "stroke",
    "stroke-width",
    "stroke-opacity",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-dasharray",
    "stroke-dashoffset",
    "opacity",
    "stop-color",
    "stop-opacity",
    "color",
    "font-family",
    "font-size",
    "font-weight",
    "font-style",
    "letter-spacing",
    "word-spacing",
    "text-anchor",
    "dominant-baseline",
    "textLength",
    "lengthAdjust",
];

/// Why a template is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// It is no well-formed SVG in UTF-8.
    #[error("the template is no well-formed SVG")]
    Malformed,
    /// Over one of the limits of size, nesting, elements, attributes or pictures.
    #[error("the template is too large")]
    TooLarge,
    /// It defines or uses entities.
    #[error("the template uses entities")]
    Entity,
}

/// Makes a template safe and puts values in the place of `{{svg_id}}` in its text (draft-13, section 8.1.2.2). A
/// placeholder without a value becomes nothing.
///
/// # Errors
/// When the template is malformed, uses entities or is over a limit. What is only not on the list is left out.
pub fn fill(svg: &[u8], value_of: impl Fn(&str) -> Option<String>) -> Result<String, TemplateError> {
    if svg.len() > limits::TYPE_METADATA {
        return Err(TemplateError::TooLarge);
    }
    let text = std::str::from_utf8(svg).map_err(|_| TemplateError::Malformed)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut writer = Writer::default();
    loop {
        match reader.read_event().map_err(|_| TemplateError::Malformed)? {
            Event::Start(element) => writer.open(&element, false)?,
            Event::Empty(element) => writer.open(&element, true)?,
            Event::End(_) => writer.close(),
            Event::Text(text) => writer.text(&substitute(&text.into_inner(), &value_of)),
            Event::CData(text) => writer.text(&substitute(&text.into_inner(), &value_of)),
            Event::GeneralRef(reference) => {
                let character = xml::character(&reference.into_inner()).ok_or(TemplateError::Entity)?;
                writer.text(character.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(doctype) if doctype.contains(['[', '&', '%']) => return Err(TemplateError::Entity),
            Event::Eof => return writer.finish(),
            _ => {}
        }
        if writer.out.len() > RESULT {
            return Err(TemplateError::TooLarge);
        }
    }
}

#[derive(Default)]
struct Writer {
    out: String,
    /// The elements that are open in what is written.
    open: Vec<&'static str>,
    /// How deep we are within something that is left out.
    left_out: usize,
    elements: usize,
    pictures: usize,
    done: bool,
}

impl Writer {
    fn open(&mut self, element: &BytesStart<'_>, empty: bool) -> Result<(), TemplateError> {
        self.elements += 1;
        if self.elements > limits::TEMPLATE_ELEMENTS || self.open.len() + self.left_out >= DEPTH {
            return Err(TemplateError::TooLarge);
        }
        let name = element.name();
        let local = name.as_ref().strip_prefix("svg:").unwrap_or(name.as_ref());
        let known = ELEMENTS.iter().copied().find(|known| *known == local);
        // The root is an svg, there is one of it, and there is none within.
        if self.open.is_empty() && self.left_out == 0 && (self.done || known != Some("svg")) {
            return Err(TemplateError::Malformed);
        }
        let known = known.filter(|name| self.left_out == 0 && (*name != "svg" || self.open.is_empty()));
        let attributes = match known {
            Some(name) => self.attributes(name, element)?,
            None => None,
        };
        let (Some(name), Some(attributes)) = (known, attributes) else {
            self.left_out += usize::from(!empty);
            return Ok(());
        };
        let namespace = if self.open.is_empty() { " xmlns=\"http://www.w3.org/2000/svg\"" } else { "" };
        self.out.push_str(&format!("<{name}{namespace}{attributes}{}", if empty { "/>" } else { ">" }));
        if empty {
            self.done |= self.open.is_empty();
        } else {
            self.open.push(name);
        }
        Ok(())
    }

    fn close(&mut self) {
        if self.left_out > 0 {
            self.left_out -= 1;
        } else if let Some(name) = self.open.pop() {
            self.out.push_str(&format!("</{name}>"));
            self.done |= self.open.is_empty();
        }
    }

    /// Text, where text means something.
    fn text(&mut self, text: &str) {
        if self.left_out == 0 && matches!(self.open.last(), Some(&("text" | "tspan" | "title" | "desc"))) {
            let visible: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
            self.out.push_str(&escape(&visible));
        }
    }

    fn finish(self) -> Result<String, TemplateError> {
        if self.done && self.open.is_empty() && self.left_out == 0 {
            Ok(self.out)
        } else {
            Err(TemplateError::Malformed)
        }
    }

    /// The attributes that are kept, written out; `None` for a picture that is none.
    fn attributes(&mut self, name: &str, element: &BytesStart<'_>) -> Result<Option<String>, TemplateError> {
        let mut kept: Vec<(String, String)> = Vec::new();
        let mut href = None;
        // Our own check for doubles is over few attributes; the parser's would be over all, each against each.
        for (index, attribute) in element.attributes().with_checks(false).enumerate() {
            if index >= ATTRIBUTES {
                return Err(TemplateError::TooLarge);
            }
            let attribute = attribute.map_err(|_| TemplateError::Malformed)?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| TemplateError::Entity)?;
            match attribute.key.as_ref() {
                "style" => declarations(&value, &mut kept),
                "href" | "xlink:href" => href = Some(value.into_owned()),
                key => keep(key, &value, &mut kept),
            }
        }
        if let Some(href) = self.reference(name, href.as_deref())? {
            kept.push(("href".to_owned(), href));
        } else if name == "image" {
            return Ok(None);
        }
        Ok(Some(kept.iter().map(|(key, value)| format!(" {key}=\"{}\"", escape(value.as_str()))).collect()))
    }

    /// Gradients may refer to another in the same file; a picture is within the file, and written anew.
    fn reference(&mut self, name: &str, href: Option<&str>) -> Result<Option<String>, TemplateError> {
        match (name, href) {
            ("linearGradient" | "radialGradient", Some(href)) => {
                Ok(href.strip_prefix('#').filter(|id| is_name(id)).map(|id| format!("#{id}")))
            }
            ("image", Some(href)) => {
                self.pictures += 1;
                if self.pictures > PICTURES {
                    return Err(TemplateError::TooLarge);
                }
                let href: String = href.chars().filter(|c| !c.is_whitespace()).collect();
                Ok(picture_of_data_url(&href, None).map(|picture| picture.data_url))
            }
            _ => Ok(None),
        }
    }
}

/// The declarations of a `style` attribute, as the attributes that mean the same.
fn declarations(style: &str, kept: &mut Vec<(String, String)>) {
    for declaration in style.split(';').take(ATTRIBUTES) {
        if let Some((key, value)) = declaration.split_once(':') {
            let key = key.trim();
            if key != "id" {
                // A style counts over an attribute of the same name.
                kept.retain(|(known, _)| known != key);
                keep(key, value.trim(), kept);
            }
        }
    }
}

fn keep(key: &str, value: &str, kept: &mut Vec<(String, String)>) {
    if KEPT.contains(&key) && is_harmless(key, value) && kept.iter().all(|(known, _)| known != key) {
        kept.push((key.to_owned(), value.to_owned()));
    }
}

/// Numbers, colours, names and `url(#id)`: nothing that could be an address.
fn is_harmless(key: &str, value: &str) -> bool {
    if key == "id" {
        return is_name(value);
    }
    if let Some(inner) = value.trim().strip_prefix("url(") {
        return inner.strip_suffix(')').and_then(|id| id.strip_prefix('#')).is_some_and(is_name);
    }
    let lower = value.to_ascii_lowercase();
    let plain = |c: char| {
        c.is_alphanumeric() || matches!(c, ' ' | '\n' | '\t' | '.' | ',' | '-' | '+' | '#' | '%' | '(' | ')' | '\'')
    };
    value.chars().all(plain) && !["url", "image", "src", "expression", "import"].iter().any(|word| lower.contains(word))
}

fn is_name(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// Puts values in the place of placeholders.
fn substitute(text: &str, value_of: &impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, behind)) = after.split_once("}}") else {
            // Not a placeholder, so it is text.
            out.push_str("{{");
            rest = after;
            continue;
        };
        out.extend(value_of(name.trim()).unwrap_or_default().chars().take(VALUE));
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled(inside: &str) -> Result<String, TemplateError> {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"0 0 9 9\">{inside}</svg>"
        );
        fill(svg.as_bytes(), |id| (id == "name").then(|| "Noor & <script>alert(1)</script>".to_owned()))
    }

    fn inside(inside: &str) -> String {
        let svg = filled(inside).unwrap();
        svg.strip_prefix("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\">")
            .and_then(|rest| rest.strip_suffix("</svg>"))
            .unwrap_or_else(|| panic!("{svg}"))
            .to_owned()
    }

    #[test]
    fn sd_jwt_vc_8_1_2_2_placeholders_become_escaped_values() {
        assert_eq!(
            inside("<text x=\"1\">Voor {{name}}{{ other }}!</text>"),
            "<text x=\"1\">Voor Noor &amp; &lt;script&gt;alert(1)&lt;/script&gt;!</text>"
        );
        assert_eq!(inside("<text><![CDATA[{{name}}]]> {{</text>").matches("<script").count(), 0);
        assert_eq!(inside("<rect id=\"{{name}}\" fill=\"{{name}}\"/>"), "<rect/>", "only in text");
    }

    #[test]
    fn a_plain_drawing_comes_through() {
        let drawing = "<defs><linearGradient id=\"a\"><stop offset=\"0\" stop-color=\"#fff\"/></linearGradient></defs>\
            <rect width=\"9\" height=\"9\" fill=\"url(#a)\"/><text font-family=\"'Open Sans', serif\">Caf&#233; &amp; co</text>";
        assert_eq!(inside(drawing), drawing.replace("&#233;", "é").replace('\'', "&apos;"));
        assert_eq!(inside("<g style=\"fill: red; stroke-width:2;foo:bar\"/>"), "<g fill=\"red\" stroke-width=\"2\"/>");
    }

    #[test]
    fn security_f05_what_acts_is_left_out() {
        for bad in [
            "<script>alert(1)</script>",
            "<SCRIPT/>",
            "<x:script xmlns:x=\"http://www.w3.org/2000/svg\">alert(1)</x:script>",
            "<foreignObject><iframe/></foreignObject>",
            "<use href=\"#a\"/>",
            "<set attributeName=\"href\" to=\"javascript:alert(1)\"/>",
            "<animate/>",
            "<style>@import url(https://evil.example/a.css);</style>",
            "<a href=\"https://evil.example\"><rect/></a>",
            "<filter id=\"f\"><feImage href=\"https://evil.example\"/></filter>",
            "<metadata><rect/></metadata>",
            "<svg><rect/></svg>",
        ] {
            assert_eq!(inside(bad), "", "{bad}");
        }
        for bad in [
            "onclick=\"alert(1)\"",
            "onload='x'",
            "class=\"a\"",
            "style=\"fill:url(https://evil.example)\"",
            "style=\"background-image:url(x)\"",
            "fill=\"url(https://evil.example/#a)\"",
            "fill=\"URL(//evil.example)\"",
            "clip-path=\"url(data:image/svg+xml,x)\"",
            "href=\"#a\"",
            "xml:base=\"https://evil.example\"",
            "font-family=\"a;src:url(x)\"",
            "fill=\"\\75rl(x)\"",
        ] {
            assert_eq!(inside(&format!("<rect {bad}/>")), "<rect/>", "{bad}");
        }
    }

    #[test]
    fn security_f06_only_pictures_from_within_are_kept_and_written_anew() {
        for bad in [
            "/etc/passwd",
            "file:///etc/passwd",
            "http://evil.example/a.png",
            "//evil.example/a.png",
            "data:image/svg+xml;base64,PHN2Zy8+",
            "data:image/png;base64,AAAA",
            "#a",
        ] {
            assert_eq!(inside(&format!("<image href=\"{bad}\" width=\"1\"/>")), "", "{bad}");
            assert_eq!(inside(&format!("<image xlink:href=\"{bad}\"/>")), "", "{bad}");
        }
        let mut png = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(2, 2).write_to(&mut png, image::ImageFormat::Png).unwrap();
        let baked = crate::unbake::bake_png(&png.into_inner(), "{\"canary\": 1}").unwrap();
        let url = format!(
            "data:image/png;base64,{}",
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &baked)
        );
        let kept = inside(&format!("<image xlink:href=\"{url}\" width=\"2\"/>"));
        assert!(kept.starts_with("<image width=\"2\" href=\"data:image/png;base64,"), "{kept}");
        assert!(!kept.contains(&url), "the issuer's own bytes are not shown");
    }

    #[test]
    fn security_f07_entities_and_excess_are_refused() {
        let entity = "<!DOCTYPE svg [<!ENTITY x \"y\">]><svg>&x;</svg>";
        assert_eq!(fill(entity.as_bytes(), |_| None), Err(TemplateError::Entity));
        assert_eq!(filled("<text>&x;</text>"), Err(TemplateError::Entity));
        assert_eq!(filled("<rect fill=\"&x;\"/>"), Err(TemplateError::Entity));
        let deep = format!("{}{}", "<g>".repeat(100), "</g>".repeat(100));
        assert_eq!(filled(&deep), Err(TemplateError::TooLarge));
        assert_eq!(filled(&deep.replace("<g>", "<b>").replace("</g>", "</b>")), Err(TemplateError::TooLarge));
        assert_eq!(filled(&"<g/>".repeat(10_000)), Err(TemplateError::TooLarge));
        let attributes: String = (0..10_000).map(|n| format!(" a{n}=\"\"")).collect();
        assert_eq!(filled(&format!("<rect{attributes}/>")), Err(TemplateError::TooLarge));
        assert_eq!(fill(&vec![b' '; 2 * limits::TYPE_METADATA], |_| None), Err(TemplateError::TooLarge));
        let utf16: Vec<u8> = "<svg/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bad in [&utf16[..], b"", b"<html/>", b"<svg>", b"<svg><g></svg>", b"<svg/><svg/>", b"\xff"] {
            assert_eq!(fill(bad, |_| None), Err(TemplateError::Malformed));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_or_lets_a_script_through(text in "[<>/&;\"'a-c=:! {}\\[\\]-]{0,80}") {
            let _ = fill(text.as_bytes(), |_| None);
            if let Ok(svg) = filled(&text) {
                prop_assert!(!svg.contains("<script"));
            }
        }
    }
}
