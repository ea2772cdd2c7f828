//! What somebody wants to ask, out of the body of a call: what, why, as whom, and how the answer comes.

use leerpas_core::Language;
use leerpas_openid::dcql::DcqlQuery;
use serde_json::Value;

use crate::{choice, identities::Identity, templates::Template};

/// The text of a purpose, in characters.
const PURPOSE: usize = 300;

/// What somebody wants to ask.
#[derive(Debug)]
pub struct Wish {
    /// What is asked for.
    pub query: DcqlQuery,
    /// Why, for whoever reads none of the languages in `purposes`.
    pub purpose: Option<String>,
    /// Why, by language.
    pub purposes: Vec<(Language, String)>,
    /// Whether the answer comes as pictures.
    pub offline: bool,
    /// As whom.
    pub identity: Option<Identity>,
}

/// Reads the body of `POST /api/requests`.
///
/// # Errors
/// In words for who wrote the program that asked.
pub fn wish(body: &[u8]) -> Result<Wish, &'static str> {
    let body: Value = serde_json::from_slice(body).map_err(|_| "the body is not JSON")?;
    let query = match (body.get("template"), body.get("choice"), body.get("dcql_query")) {
        (Some(template), None, None) => {
            template.as_str().and_then(Template::find).ok_or("there is no such template")?.query()
        }
        (None, Some(choice), None) => choice::query(choice)?,
        (None, None, Some(query)) => query.clone(),
        _ => return Err("exactly one of template, choice and dcql_query is needed"),
    };
    let query = DcqlQuery::parse(&query).map_err(|_| "the dcql_query breaks a rule")?;
    let (purpose, purposes) = purposes(body.get("purpose"))?;
    let offline = match body.get("offline") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(offline)) => *offline,
        Some(_) => return Err("offline must be true or false"),
    };
    let identity = match body.get("identity") {
        None | Some(Value::Null) => None,
        Some(word) => Some(word.as_str().and_then(Identity::find).ok_or(Identity::UNKNOWN)?),
    };
    Ok(Wish { query, purpose, purposes, offline, identity })
}

/// One text for everybody, or a text for each language: `{"nl": …, "en": …}`. The first that is there is also for everybody
/// else.
#[expect(clippy::type_complexity, reason = "two members of the wish")]
fn purposes(given: Option<&Value>) -> Result<(Option<String>, Vec<(Language, String)>), &'static str> {
    match given {
        None | Some(Value::Null) => Ok((None, Vec::new())),
        Some(Value::Object(texts)) => {
            if texts.keys().any(|tag| ![Language::Nl, Language::En].iter().any(|language| language.tag() == tag)) {
                return Err("a purpose can be said in nl and en");
            }
            let mut said = Vec::new();
            for language in [Language::Nl, Language::En] {
                if let Some(text) = texts.get(language.tag()).map(sentence).transpose()?.flatten() {
                    said.push((language, text));
                }
            }
            match said.as_slice() {
                // In one language only it is for everybody, and is said once.
                [(_, only)] => Ok((Some(only.clone()), Vec::new())),
                _ => Ok((said.first().map(|(_, text)| text.clone()), said.split_off(said.len().min(1)))),
            }
        }
        Some(text) => Ok((sentence(text)?, Vec::new())),
    }
}

fn sentence(text: &Value) -> Result<Option<String>, &'static str> {
    match text {
        Value::String(text) if text.chars().count() <= PURPOSE => {
            Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))
        }
        _ => Err("the purpose must be a text of at most 300 characters"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(change: Value) -> Result<Wish, &'static str> {
        let mut body = json!({ "template": "badge" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        wish(body.to_string().as_bytes())
    }

    #[test]
    fn a_purpose_is_one_text_or_one_for_each_language() {
        let both = of(json!({ "purpose": { "en": " Why ", "nl": "Waarom" } })).unwrap();
        assert_eq!(both.purpose.as_deref(), Some("Waarom"));
        assert_eq!(both.purposes, [(Language::En, "Why".to_owned())]);
        for (given, said) in [
            (json!("Waarom"), Some("Waarom")),
            (json!({ "en": "Why", "nl": "  " }), Some("Why")),
            (json!({}), None),
            (Value::Null, None),
        ] {
            let wish = of(json!({ "purpose": given })).unwrap();
            assert_eq!((wish.purpose.as_deref(), wish.purposes.len()), (said, 0), "{given}");
        }
        for bad in [json!({ "fr": "Pourquoi" }), json!({ "nl": 1 }), json!({ "en": "x".repeat(301) }), json!(["x"])] {
            assert!(of(json!({ "purpose": bad })).is_err(), "{bad}");
        }
    }

    #[test]
    fn as_whom_is_one_of_two_words() {
        assert_eq!(of(json!({})).unwrap().identity, None);
        assert_eq!(of(json!({ "identity": "did:web" })).unwrap().identity, Some(Identity::DidWeb));
        assert_eq!(of(json!({ "identity": "x509_hash" })).unwrap().identity, Some(Identity::Certificate));
        for bad in [json!("did:web:elsewhere.example"), json!(1), json!("")] {
            assert!(of(json!({ "identity": bad })).is_err(), "{bad}");
        }
    }
}
