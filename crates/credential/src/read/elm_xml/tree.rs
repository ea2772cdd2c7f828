//! XML as a small tree, with bounds.

use quick_xml::{
    NsReader, XmlVersion,
    events::{BytesStart, Event},
    name::ResolveResult,
};

use crate::{read::ReadError, xml};

/// Nesting of elements.
const DEPTH: usize = 64;
/// Elements of one document.
const ELEMENTS: usize = 60_000;
/// Attributes of one element.
const ATTRIBUTES: usize = 32;

/// Whose words the name of an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// The learning model, in any of the namespaces that it had.
    Learning,
    /// XML Signature.
    Signature,
    /// Somebody else's: such a `title` is no title.
    Other,
}

/// An element with what is in it. Text beside elements is left out: the model has none.
#[derive(Debug)]
pub(super) struct Element {
    space: Space,
    /// Without its prefix.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    text: String,
    inside: Vec<Element>,
}

impl Element {
    pub(super) fn is(&self, space: Space, name: &str) -> bool {
        self.space == space && self.name == name
    }

    /// An attribute by its name without prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Its text without surrounding white space.
    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }

    /// Every element in it.
    pub(super) fn all(&self) -> impl Iterator<Item = &Element> {
        self.inside.iter()
    }

    /// The elements of the learning model in it.
    pub(super) fn inside(&self) -> impl Iterator<Item = &Element> {
        self.inside.iter().filter(|child| child.space == Space::Learning)
    }

    /// Those of one name.
    pub(super) fn children(&self, name: &str) -> impl Iterator<Item = &Element> {
        self.inside().filter(move |child| child.name == name)
    }
}

/// The root of a document in UTF-8.
pub(super) fn parse(text: &str) -> Result<Element, ReadError> {
    let mut reader = NsReader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut count = 0_usize;
    let mut root = None;
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| DAMAGED)?;
        match event {
            Event::Start(tag) => {
                start(&mut count, open.len(), root.is_some())?;
                open.push(element(&namespace, &tag)?);
            }
            Event::Empty(tag) => {
                start(&mut count, open.len(), root.is_some())?;
                close(element(&namespace, &tag)?, &mut open, &mut root);
            }
            Event::End(_) => close(open.pop().ok_or(DAMAGED)?, &mut open, &mut root),
            Event::Text(text) => push(&mut open, &text.into_inner())?,
            Event::CData(text) => push(&mut open, &text.into_inner())?,
            Event::GeneralRef(reference) => {
                let character = xml::character(&reference.into_inner()).ok_or(ReadError::Xml("it names an entity"))?;
                push(&mut open, character.encode_utf8(&mut [0; 4]))?;
            }
            Event::DocType(_) => return Err(ReadError::Xml("it has a document type")),
            Event::Eof => return root.filter(|_| open.is_empty()).ok_or(DAMAGED),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
}

const DAMAGED: ReadError = ReadError::Xml("it is not well-formed");

fn start(count: &mut usize, depth: usize, is_after_root: bool) -> Result<(), ReadError> {
    *count += 1;
    match () {
        () if is_after_root => Err(DAMAGED),
        () if *count > ELEMENTS || depth >= DEPTH => Err(ReadError::TooLarge),
        () => Ok(()),
    }
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) {
    match open.last_mut() {
        Some(parent) => parent.inside.push(element),
        None => *root = Some(element),
    }
}

fn push(open: &mut [Element], text: &str) -> Result<(), ReadError> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if !text.trim().is_empty() => return Err(DAMAGED),
        None => {}
    }
    Ok(())
}

fn element(namespace: &ResolveResult<'_>, tag: &BytesStart<'_>) -> Result<Element, ReadError> {
    let mut attributes = Vec::new();
    for (index, attribute) in tag.attributes().enumerate() {
        let attribute = attribute.map_err(|_| DAMAGED)?;
        if index >= ATTRIBUTES {
            return Err(ReadError::TooLarge);
        }
        let name = attribute.key.as_ref();
        if name == "xmlns" || name.starts_with("xmlns:") || name.starts_with("xsi:") {
            continue;
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|_| ReadError::Xml("it names an entity"))?;
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
    }
    Ok(Element {
        space: space(namespace),
        name: tag.local_name().as_ref().to_owned(),
        attributes,
        text: String::new(),
        inside: Vec::new(),
    })
}

fn space(namespace: &ResolveResult<'_>) -> Space {
    let ResolveResult::Bound(namespace) = namespace else { return Space::Other };
    let name: &str = namespace.as_ref();
    let is_below = |base: &str| name.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    match name {
        "http://www.w3.org/2000/09/xmldsig#" => Space::Signature,
        _ if is_below("http://data.europa.eu/snb") || is_below("http://data.europa.eu/europass/model") => {
            Space::Learning
        }
        _ => Space::Other,
    }
}
