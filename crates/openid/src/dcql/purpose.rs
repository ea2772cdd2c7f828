//! What a combination of credentials is for, in the verifier's words. The final text of OpenID4VP 1.0 has no such member;
//! earlier ones had it, left its form open, and verifiers that were built on them send it: as a text, as an object with a
//! text for each language, or as a list of texts with their language, as registrations of verifiers have it.
//!
//! Nobody vouches for it: it is shown as the verifier's own words and decides nothing.

use leerpas_core::Language;
use serde_json::Value;

/// Languages that are looked at; nobody says it in more.
const MAX_LANGUAGES: usize = 64;

/// The texts, as they came: whoever shows them makes them safe to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetPurpose {
    /// For everybody: the text, or the first that there is.
    pub text: String,
    /// In the languages that people read here.
    pub by_language: Vec<(Language, String)>,
}

impl SetPurpose {
    /// Reads the member. What is no purpose is none: a member that no specification defines breaks no request.
    pub fn parse(value: &Value) -> Option<Self> {
        let said: Vec<(&str, &str)> = match value {
            Value::String(text) => vec![("", text)],
            Value::Object(texts) => texts
                .iter()
                .take(MAX_LANGUAGES)
                .filter_map(|(tag, text)| Some((tag.as_str(), text.as_str()?)))
                .collect(),
            Value::Array(texts) => texts
                .iter()
                .take(MAX_LANGUAGES)
                .filter_map(|one| {
                    let text = |names: [&str; 2]| names.iter().find_map(|name| one.get(*name)?.as_str());
                    Some((text(["lang", "locale"]).unwrap_or_default(), text(["value", "name"])?))
                })
                .collect(),
            _ => Vec::new(),
        };
        let said: Vec<_> = said.into_iter().filter(|(_, text)| !text.trim().is_empty()).collect();
        let (_, first) = said.first()?;
        let in_language = |language: Language| {
            let speaks =
                |tag: &str| tag.split(['-', '_']).next().is_some_and(|tag| tag.eq_ignore_ascii_case(language.tag()));
            said.iter().find(|(tag, _)| speaks(tag)).map(|(_, text)| (language, (*text).to_owned()))
        };
        let by_language = [Language::Nl, Language::En].into_iter().filter_map(in_language).collect();
        Some(Self { text: (*first).to_owned(), by_language })
    }

    /// In this language, where it is said in that, or as it is for everybody.
    pub fn in_language(&self, language: Option<Language>) -> &str {
        let own = self.by_language.iter().find(|(spoken, _)| Some(*spoken) == language);
        own.map_or(&self.text, |(_, text)| text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(value: &Value) -> Option<(String, String, String)> {
        let purpose = SetPurpose::parse(value)?;
        let of = |language| purpose.in_language(language).to_owned();
        Some((of(None), of(Some(Language::Nl)), of(Some(Language::En))))
    }

    #[test]
    fn dcql_6_2_a_purpose_of_earlier_texts_is_a_text_or_one_for_each_language() {
        let three = |all: &str, nl: &str, en: &str| Some((all.to_owned(), nl.to_owned(), en.to_owned()));
        for (value, expected) in [
            (json!("Toegang"), three("Toegang", "Toegang", "Toegang")),
            (json!({"nl": "Toegang", "en": "Admission"}), three("Toegang", "Toegang", "Admission")),
            (json!({"nl-NL": "Toegang", "EN_gb": "Admission"}), three("Toegang", "Toegang", "Admission")),
            (json!({"de": "Zugang", "en": "Admission"}), three("Zugang", "Zugang", "Admission")),
            (
                json!([{"lang": "de", "value": "Zugang"}, {"lang": "nl", "value": "Toegang"}]),
                three("Zugang", "Toegang", "Zugang"),
            ),
            (json!([{"locale": "en-GB", "name": "Admission"}]), three("Admission", "Admission", "Admission")),
            (json!([{"value": "Toegang"}, 7]), three("Toegang", "Toegang", "Toegang")),
        ] {
            assert_eq!(said(&value), expected, "{value}");
        }
    }

    #[test]
    fn what_is_no_purpose_is_none() {
        let nested = json!({"nl": {"nl": "x"}});
        for value in
            [json!(null), json!(7), json!(true), json!(""), json!("  "), json!({}), json!([]), json!([[]]), nested]
        {
            assert_eq!(said(&value), None, "{value}");
        }
        let many: serde_json::Map<_, _> = (0..10_000).map(|n| (format!("x{n:05}"), json!("t"))).collect();
        let mut many = Value::Object(many);
        many["zz"] = json!("last");
        assert_eq!(SetPurpose::parse(&many).unwrap().by_language, []);
    }
}
