//! Whether XML is a European Digital Credential, by its first tag alone. What is in it is for the credentials' room to read.

use quick_xml::{Reader, events::Event};

/// Declarations, comments and instructions before the first tag.
const BEFORE: usize = 32;
/// The elements that such a credential begins with: itself, or a presentation by whoever issued it for another.
const ROOTS: [&str; 2] = ["europassCredential", "verifiablePresentation"];

/// Whether the first tag says so, in a namespace of the learning model.
pub(crate) fn is_credential(text: &str) -> bool {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
    for _ in 0..BEFORE {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                let names = ["http://data.europa.eu/snb", "http://data.europa.eu/europass/model"];
                return ROOTS.contains(&tag.local_name().as_ref())
                    && names.iter().any(|name| tag.attributes_raw().contains(name));
            }
            Ok(Event::Eof | Event::Empty(_) | Event::End(_)) | Err(_) => return false,
            Ok(_) => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elm_2_a_credential_in_xml_is_known_by_its_first_tag() {
        for text in [
            "<europassCredential xmlns=\"http://data.europa.eu/snb\"></europassCredential>",
            "\u{feff}\n<?xml version=\"1.0\"?><!-- x --><vp:verifiablePresentation xmlns:vp=\"http://data.europa.eu/snb/vp\"><a/>",
            "<europassCredential xmlns=\"http://data.europa.eu/europass/model/credentials#\">",
        ] {
            assert!(is_credential(text), "{text}");
        }
        for text in [
            "",
            "<html/>",
            "<svg><europassCredential xmlns=\"http://data.europa.eu/snb\"/></svg>",
            "<europassCredential></europassCredential>",
            "<loq:x xmlns:loq=\"http://data.europa.eu/snb/model/elm/\"></loq:x>",
            "<elmo xmlns=\"https://github.com/emrex-eu/elmo-schemas/tree/v1\"></elmo>",
        ] {
            assert!(!is_credential(text), "{text}");
        }
        assert!(!is_credential(&"<!-- -->".repeat(1_000_000)));
    }
}
