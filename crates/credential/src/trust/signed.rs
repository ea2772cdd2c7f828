//! A trust list that somebody keeps and signs: version 2 of the format.

use jiff::{SignedDuration, Timestamp};
use leerpas_core::limits;
use serde::Deserialize;

use super::{Institution, TrustError, TrustList};
use crate::{jose::Jws, json, keys::PublicKey};

/// `typ` of a signed list.
pub const LIST_TYPE: &str = "leerpas-trust+jwt";

/// A list whose signature held under the key that it was expected to.
#[derive(Debug, Clone)]
pub struct SignedList {
    /// The institutions.
    pub institutions: Vec<Institution>,
    /// Its number. A list of a lower number than one that was used before is refused.
    pub sequence: u64,
    /// When a newer one is due. A list past this time is still used, and it is said that it is old.
    pub expires: Timestamp,
}

#[derive(Deserialize)]
struct Document {
    version: u32,
    iat: i64,
    exp: i64,
    sequence: u64,
    institutions: Vec<Institution>,
}

impl SignedList {
    /// Reads a compact JWS over `{"version":2,"iat":…,"exp":…,"sequence":…,"institutions":[…]}` with the `typ` of
    /// [`LIST_TYPE`]. The signer's key is the one that was pinned, and never one that the token names; `last` is the
    /// number of the list of this signer that was used before.
    ///
    /// # Errors
    /// When it is no such token, another signed it, it is older than the last one, or it is from the future.
    pub fn read(token: &str, signer: &PublicKey, last: Option<u64>, now: Timestamp) -> Result<Self, TrustError> {
        let jws = Jws::parse(token.trim())?;
        if jws.typ() != Some(LIST_TYPE) {
            return Err(TrustError::Shape);
        }
        jws.verify(signer).map_err(|_| TrustError::Signer)?;
        let document: Document = serde_json::from_value(json::parse(&jws.payload)?).map_err(|_| TrustError::Shape)?;
        if document.version != 2 {
            return Err(TrustError::Version);
        }
        let time = |seconds| Timestamp::from_second(seconds).map_err(|_| TrustError::Shape);
        let (issued, expires) = (time(document.iat)?, time(document.exp)?);
        if issued > now + SignedDuration::from_secs(limits::CLOCK_SKEW_SECONDS) || expires <= issued {
            return Err(TrustError::Time);
        }
        if last.is_some_and(|last| document.sequence < last) {
            return Err(TrustError::Rollback);
        }
        // Held to the same rules as a plain list before anybody relies on it.
        TrustList::of(document.institutions.clone())?;
        Ok(Self { institutions: document.institutions, sequence: document.sequence, expires })
    }

    /// Whether a newer one is due.
    pub fn is_old(&self, now: Timestamp) -> bool {
        self.expires <= now
    }
}

#[cfg(test)]
mod tests {
    use leerpas_core::CountingEntropy;
    use serde_json::{Value, json};

    use super::*;
    use crate::{jose::sign_compact, keys::IssuerKey};

    fn now() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    fn document() -> Value {
        json!({"version": 2, "iat": now().as_second() - 10, "exp": now().as_second() + 10, "sequence": 7,
            "institutions": [{"name": {"nl": "Hogeschool Delta"}, "identifiers": ["https://delta.example"]}]})
    }

    fn token(document: &Value, typ: &str, signer: &IssuerKey) -> String {
        sign_compact(&json!({"typ": typ}), document.to_string().as_bytes(), signer).unwrap()
    }

    #[test]
    fn a_signed_list_is_read_under_its_signer_alone() {
        let entropy = CountingEntropy::default();
        for key in [IssuerKey::make_p256(&entropy), IssuerKey::make_ed25519(&entropy)] {
            let good = token(&document(), LIST_TYPE, &key);
            let list = SignedList::read(&good, &key.public(), Some(7), now()).unwrap();
            assert_eq!((list.sequence, list.institutions.len(), list.is_old(now())), (7, 1, false));
            let other = IssuerKey::make_p256(&entropy).public();
            assert_eq!(SignedList::read(&good, &other, None, now()).unwrap_err(), TrustError::Signer);
            let typed = token(&document(), "JWT", &key);
            assert_eq!(SignedList::read(&typed, &key.public(), None, now()).unwrap_err(), TrustError::Shape);
        }
    }

    #[test]
    fn an_older_list_is_refused_and_one_past_its_time_says_so() {
        let key = IssuerKey::make_p256(&CountingEntropy::default());
        let read = |change: fn(&mut Value), last| {
            let mut document = document();
            change(&mut document);
            SignedList::read(&token(&document, LIST_TYPE, &key), &key.public(), last, now())
        };
        assert_eq!(read(|_| {}, Some(8)).unwrap_err(), TrustError::Rollback);
        assert!(read(|_| {}, Some(6)).is_ok());
        assert!(read(|d| d["exp"] = (now().as_second() - 1).into(), None).unwrap().is_old(now()));
        assert_eq!(read(|d| d["iat"] = (now().as_second() + 900).into(), None).unwrap_err(), TrustError::Time);
        assert_eq!(read(|d| d["version"] = 1.into(), None).unwrap_err(), TrustError::Version);
        assert_eq!(read(|d| d["sequence"] = (-1).into(), None).unwrap_err(), TrustError::Shape);
        assert!(matches!(read(|d| d["institutions"][0]["keys"] = json!([{}]), None), Err(TrustError::Key(_))));
    }

    #[test]
    fn no_list_can_say_that_a_person_added_it() {
        let list = br#"{"version":1,"institutions":[{"name":{"nl":"A"},"own":true}]}"#;
        assert!(!TrustList::from_json(list).unwrap().institutions()[0].own);
    }
}
