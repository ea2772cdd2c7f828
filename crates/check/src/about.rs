//! What a verifier tells about itself besides its name, for the holder's own record of what they agreed to: where it says
//! what it does with personal data, and how it can be reached (RFC 7591, 2; ISO/IEC TS 27560:2023).

use leerpas_core::Url;
use leerpas_openid::{json, vp::ClientMetadata};
use serde_json::{Map, Value, json};
use thiserror::Error;

/// Members that are read; anything else is a slip of the pen.
const MEMBERS: [&str; 3] = ["policy_uri", "tos_uri", "contacts"];

/// Why it cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AboutError {
    /// No JSON object.
    #[error("this is no JSON object")]
    NoObject,
    /// A member that is not known, or not what it should be: a wallet would pass it over.
    #[error("{0} is not known, or is not what it should be")]
    Member(String),
}

/// What it tells. Nothing at all is the usual case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    policy: Option<Url>,
    terms: Option<Url>,
    contacts: Vec<String>,
}

impl About {
    /// Reads `{"policy_uri": "https://…", "tos_uri": "https://…", "contacts": ["…"]}`, of which any may be absent.
    ///
    /// # Errors
    /// [`AboutError`]: what a wallet would pass over is told to whoever wrote it.
    pub fn from_json(bytes: &[u8]) -> Result<Self, AboutError> {
        let value = json::read(bytes).map_err(|_| AboutError::NoObject)?;
        let members = value.as_object().ok_or(AboutError::NoObject)?;
        let wrong = |name: &str| AboutError::Member(name.chars().take(40).collect());
        if let Some(name) = members.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(wrong(name));
        }
        let read = ClientMetadata::parse(&value).map_err(|_| AboutError::NoObject)?;
        let about = Self { policy: read.policy, terms: read.terms, contacts: read.contacts };
        let told = about.members();
        let as_written = |name: &&str| match (members.get(*name), told.get(*name)) {
            (Some(Value::Array(written)), Some(Value::Array(read))) => written.len() == read.len(),
            (written, read) => written.is_some() == read.is_some(),
        };
        match MEMBERS.iter().find(|name| !as_written(name)) {
            Some(name) => Err(wrong(name)),
            None => Ok(about),
        }
    }

    /// As they stand in `client_metadata`.
    pub(crate) fn members(&self) -> Map<String, Value> {
        let contacts = Some(json!(self.contacts)).filter(|_| !self.contacts.is_empty());
        let page = |url: &Option<Url>| url.as_ref().map(|url| json!(url));
        MEMBERS
            .into_iter()
            .zip([page(&self.policy), page(&self.terms), contacts])
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_wallet_would_pass_over_is_told_to_whoever_wrote_it() {
        let read = |value: Value| About::from_json(value.to_string().as_bytes());
        let whole = json!({"policy_uri": "https://werk.example/privacy", "tos_uri": "https://werk.example/voorwaarden",
            "contacts": ["privacy@werk.example"]});
        assert_eq!(Value::Object(read(whole.clone()).unwrap().members()), whole);
        assert_eq!(read(json!({})), Ok(About::default()));
        for (value, name) in [
            (json!({"policy": "https://werk.example/privacy"}), "policy"),
            (json!({"policy_uri": "http://werk.example/privacy"}), "policy_uri"),
            (json!({"tos_uri": 7}), "tos_uri"),
            (json!({"contacts": "privacy@werk.example"}), "contacts"),
            (json!({"contacts": ["a@werk.example", ""]}), "contacts"),
            (json!({"contacts": ["a", "b", "c", "d", "e"]}), "contacts"),
        ] {
            assert_eq!(read(value), Err(AboutError::Member(name.to_owned())));
        }
        for text in ["", "[]", "null", "{"] {
            assert_eq!(About::from_json(text.as_bytes()), Err(AboutError::NoObject), "{text}");
        }
    }
}
