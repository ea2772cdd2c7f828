//! A credential that comes later (OpenID4VCI 1.0, 8.3 and 9).

use std::fmt;

use serde_json::{Map, Value, json};

use super::{CredentialReply, CredentialResponseError, TOKEN_BYTES, is_token};
use crate::json::{self, Members};

/// The shortest wait before it is asked again, in seconds; an issuer that names none gets a minute.
pub const SHORTEST_WAIT: u64 = 1;
/// The longest wait, in seconds: 30 days. Whoever names a longer one is asked after that (security C18).
pub const LONGEST_WAIT: u64 = 30 * 86_400;
/// The wait where the issuer names none, as some drafts allowed.
const USUAL_WAIT: u64 = 60;

/// The word of an issuer that a credential will come later: the body of a response with status 202.
#[derive(Clone, PartialEq, Eq)]
pub struct Deferred {
    /// Names the credential at the deferred endpoint. With the token it is worth the credential, so `Debug` leaves it out.
    pub transaction_id: String,
    /// How long to wait before asking, in seconds, within [`SHORTEST_WAIT`] and [`LONGEST_WAIT`].
    pub interval: u64,
}

impl Deferred {
    /// Reads the body of a 2xx response of the credential or deferred endpoint; `None` where it holds credentials, or
    /// names no transaction. Credentials that came are taken, whatever stands beside them.
    ///
    /// # Errors
    /// [`CredentialResponseError::Json`] for a transaction that could not be named again.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, CredentialResponseError> {
        CredentialReply::read(bytes)?.deferred()
    }

    /// The same among the members of a body.
    pub(super) fn among(members: &Members<'_>) -> Result<Option<Self>, CredentialResponseError> {
        if members.get("credentials").is_some() || members.get("transaction_id").is_none() {
            return Ok(None);
        }
        let transaction_id = members.required_text("transaction_id")?;
        if !is_token(transaction_id, TOKEN_BYTES) {
            return Err(members.wrong("transaction_id", "one short word").into());
        }
        Ok(Some(Self { transaction_id: transaction_id.to_owned(), interval: wait(members.get("interval")) }))
    }

    /// The wait that an issuer names along with the error `issuance_pending` (drafts 13 to 15).
    pub fn pending_wait(bytes: &[u8]) -> u64 {
        let value = json::read(bytes).ok();
        wait(value.as_ref().and_then(|value| value.get("interval")))
    }

    /// The body of a 202 response.
    pub fn to_json(&self) -> Value {
        json!({"transaction_id": self.transaction_id, "interval": self.interval})
    }

    /// The body of a request to the deferred endpoint (9.1).
    pub fn request(transaction_id: &str) -> Value {
        let mut members = Map::new();
        members.insert("transaction_id".into(), json!(transaction_id));
        Value::Object(members)
    }

    /// Reads a request to the deferred endpoint.
    ///
    /// # Errors
    /// [`CredentialResponseError::Json`] when no transaction is named.
    pub fn read_request(bytes: &[u8]) -> Result<String, CredentialResponseError> {
        let value = json::read(bytes)?;
        Ok(Members::of(&value)?.required_text("transaction_id")?.to_owned())
    }
}

impl fmt::Debug for Deferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred").field("interval", &self.interval).finish_non_exhaustive()
    }
}

/// A positive number of seconds, rounded up; anything else is no wish at all.
pub(super) fn wait(interval: Option<&Value>) -> u64 {
    let asked = interval.and_then(|value| value.as_u64().or_else(|| rounded(value.as_f64()?)));
    asked.unwrap_or(USUAL_WAIT).clamp(SHORTEST_WAIT, LONGEST_WAIT)
}

fn rounded(seconds: f64) -> Option<u64> {
    // Beyond the longest wait any number means the same.
    (seconds > 0.0).then(|| seconds.min(LONGEST_WAIT as f64).ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &Value) -> Result<Option<Deferred>, CredentialResponseError> {
        Deferred::parse(value.to_string().as_bytes())
    }

    #[test]
    fn vci_8_3_a_transaction_without_credentials_means_later() {
        let later = read(&json!({"transaction_id": "8xLOxBtZp8", "interval": 3600})).unwrap().unwrap();
        assert_eq!((later.transaction_id.as_str(), later.interval), ("8xLOxBtZp8", 3600));
        assert_eq!(read(&later.to_json()).unwrap(), Some(later.clone()));
        assert_eq!(read(&json!({"credentials": [{"credential": "a~"}], "transaction_id": "t"})).unwrap(), None);
        assert_eq!(read(&json!({})).unwrap(), None);
        assert!(!format!("{later:?}").contains("8xLO"));
    }

    #[test]
    fn security_c18_an_interval_that_makes_no_sense_is_brought_within_bounds() {
        let waits =
            |interval: Value| read(&json!({"transaction_id": "t", "interval": interval})).unwrap().unwrap().interval;
        for (named, kept) in [
            (json!(0), SHORTEST_WAIT),
            (json!(5), 5),
            (json!(0.2), 1),
            (json!(1_000_000_000), LONGEST_WAIT),
            (json!(1e300), LONGEST_WAIT),
            (json!(u64::MAX), LONGEST_WAIT),
            (json!(-5), USUAL_WAIT),
            (json!("soon"), USUAL_WAIT),
            (Value::Null, USUAL_WAIT),
        ] {
            assert_eq!(waits(named.clone()), kept, "{named}");
        }
    }

    #[test]
    fn security_c18_a_transaction_that_could_not_be_sent_again_is_refused() {
        for id in [json!(""), json!(5), json!("a b"), json!("a\r\nb"), json!("x".repeat(1_000_000))] {
            assert!(read(&json!({"transaction_id": id})).is_err(), "{}", id.to_string().len());
        }
    }

    #[test]
    fn drafts_13_to_15_name_the_wait_beside_the_error() {
        for (body, kept) in [
            (r#"{"error":"issuance_pending","interval":300}"#, 300),
            (r#"{"error":"issuance_pending","interval":1e300}"#, LONGEST_WAIT),
            (r#"{"error":"issuance_pending"}"#, USUAL_WAIT),
            ("<html>", USUAL_WAIT),
            ("[]", USUAL_WAIT),
        ] {
            assert_eq!(Deferred::pending_wait(body.as_bytes()), kept, "{body}");
        }
    }

    #[test]
    fn vci_9_1_the_request_names_the_transaction() {
        assert_eq!(Deferred::request("t"), json!({"transaction_id": "t"}));
        assert_eq!(Deferred::read_request(br#"{"transaction_id":"t"}"#).unwrap(), "t");
        assert!(Deferred::read_request(b"{}").is_err() && Deferred::read_request(b"<html>").is_err());
    }
}
