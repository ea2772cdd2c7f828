//! Whether an SVG carries a badge (Open Badges 3.0, 5.3.2; Open Badges 2.0 baking). Tags are read one by
//! one; no entity is resolved, nothing is rendered and nothing that it names is opened.

use std::collections::HashSet;

use leerpas_core::limits;
use quick_xml::{Reader, events::BytesStart, events::Event};

use crate::{IntakeError, error::within};

/// The namespaces of Open Badges 3.0 and 2.0.
const NAMESPACES: [&str; 2] = ["https://purl.imsglobal.org/ob/v3p0", "http://openbadges.org"];
/// Prefixes that one picture may bind to them.
const PREFIXES: usize = 8;

/// Whether text begins as XML or HTML does.
pub(crate) fn is_xml(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with('<')
}

/// Finds exactly one badge in an SVG.
pub(crate) fn badge(text: &str) -> Result<(), IntakeError> {
    within(text.len(), limits::BADGE_IMAGE)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
    let mut seen = Seen::default();
    let whole = loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                seen.open(&tag)?;
                seen.depth += 1;
            }
            Ok(Event::Empty(tag)) => seen.open(&tag)?,
            Ok(Event::End(_)) => seen.depth = seen.depth.saturating_sub(1),
            Ok(Event::Eof) => break seen.depth == 0,
            Ok(_) => {}
            Err(_) => break false,
        }
    };
    match (seen.is_svg, seen.badges) {
        (false, _) => Err(stranger(text)),
        (true, _) if !whole => Err(IntakeError::Damaged { what: "its tags do not close" }),
        (true, 0) => Err(IntakeError::NoBadgeInPicture),
        (true, 1) => Ok(()),
        (true, _) => Err(IntakeError::SeveralBadges),
    }
}

/// What XML that is neither a picture nor a credential is: what comes of Europass or ELMO is named, because people have
/// such files.
fn stranger(text: &str) -> IntakeError {
    const EUROPEAN: [&str; 3] =
        ["http://data.europa.eu/snb", "http://data.europa.eu/europass", "emrex-eu/elmo-schemas"];
    if EUROPEAN.iter().any(|namespace| text.contains(namespace)) {
        return IntakeError::NotSupported { what: "XML of Europass or ELMO that is no European Digital Credential" };
    }
    IntakeError::NotRecognised { what: "XML or a web page" }
}

#[derive(Default)]
struct Seen {
    is_svg: bool,
    depth: usize,
    badges: usize,
    prefixes: HashSet<String>,
}

impl Seen {
    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), IntakeError> {
        if self.depth == 0 && !self.is_svg {
            if tag.local_name().as_ref() != "svg" {
                return Err(stranger(tag.attributes_raw()));
            }
            self.is_svg = true;
        }
        // Attributes are only taken apart where a namespace of ours is named at all, so that a tag with
        // a million of them costs one search.
        if NAMESPACES.iter().any(|namespace| tag.attributes_raw().contains(namespace)) {
            for attribute in tag.attributes().with_checks(false).flatten() {
                if NAMESPACES.contains(&&*attribute.value)
                    && let Some(prefix) = attribute.key.as_ref().strip_prefix("xmlns:")
                    && self.prefixes.len() < PREFIXES
                {
                    self.prefixes.insert(prefix.to_owned());
                }
            }
        }
        let name = tag.name();
        if let Some((prefix, "credential" | "assertion")) = name.as_ref().split_once(':')
            && self.prefixes.contains(prefix)
        {
            self.badges += 1;
        }
        Ok(())
    }
}
