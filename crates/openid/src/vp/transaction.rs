//! What the person is asked to confirm along with an answer (OpenID4VP 1.0, 5.1 `transaction_data`, and 8.4).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use leerpas_core::Format;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::RequestError;
use crate::{
    dcql::{DcqlQuery, QueryFormat},
    json, text,
};

/// The one type that is known: a sentence to confirm, such as an enrolment. Members beside those of the specification:
/// `statement`, the sentence as the person reads it.
pub const STATEMENT_TYPE: &str = "urn:leerpas:transaction:statement:1";
/// The hash that every wallet knows (OpenID4VP 1.0, appendix B.3.3.1), as it is called in an answer.
pub const TRANSACTION_HASH: &str = "sha-256";

/// Entries in one request.
const MAX_ENTRIES: usize = 8;
/// One entry as it is encoded, in bytes.
const MAX_ENTRY: usize = 8 * 1024;
/// A sentence, in characters. A longer one would be confirmed unread.
const MAX_STATEMENT: usize = 500;

const INVALID: RequestError = RequestError::InvalidTransaction("it is malformed");

/// One thing to confirm, of the type [`STATEMENT_TYPE`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionData {
    /// The queries of which one presentation confirms it.
    pub credential_ids: Vec<String>,
    /// The sentence, in the verifier's words, safe to show.
    pub statement: String,
    /// Whether the verifier named hashes, so that the answer must name the one that was used.
    pub names_hashes: bool,
    encoded: String,
}

impl TransactionData {
    /// Reads the parameter `transaction_data` of a request with this query.
    ///
    /// # Errors
    /// [`RequestError::UnsupportedTransaction`] for an unknown type, other hashes than SHA-256 and presentations that cannot
    /// confirm anything; [`RequestError::InvalidTransaction`] for what is malformed, or contradicts the query.
    pub(super) fn parse_all(value: &Value, query: &DcqlQuery) -> Result<Vec<Self>, RequestError> {
        let list = value.as_array().filter(|list| (1..=MAX_ENTRIES).contains(&list.len())).ok_or(INVALID)?;
        list.iter().map(|entry| Self::parse(entry.as_str().ok_or(INVALID)?, query)).collect()
    }

    fn parse(encoded: &str, query: &DcqlQuery) -> Result<Self, RequestError> {
        if encoded.len() > MAX_ENTRY {
            return Err(INVALID);
        }
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| INVALID)?;
        let members = json::read_object(&bytes).map_err(|_| INVALID)?;
        match members.get("type").and_then(Value::as_str) {
            Some(STATEMENT_TYPE) => {}
            Some(_) => return Err(RequestError::UnsupportedTransaction("a type that is not known")),
            None => return Err(INVALID),
        }
        let credential_ids = words(&members, "credential_ids")?.ok_or(INVALID)?;
        for id in &credential_ids {
            let asked = query.credential(id).ok_or(INVALID)?;
            if !asked.holder_binding {
                return Err(RequestError::InvalidTransaction("a presentation without the holder's key"));
            }
            if asked.format != QueryFormat::Known(Format::SdJwtVc) {
                return Err(RequestError::UnsupportedTransaction("a format that cannot confirm it"));
            }
        }
        let hashes = words(&members, "transaction_data_hashes_alg")?;
        if hashes.as_ref().is_some_and(|hashes| !hashes.iter().any(|hash| hash == TRANSACTION_HASH)) {
            return Err(RequestError::UnsupportedTransaction("a hash other than sha-256"));
        }
        let statement = members.get("statement").and_then(Value::as_str).ok_or(INVALID)?;
        let shown = text::plain(statement, MAX_STATEMENT);
        // What is confirmed must be what was read, to the last character.
        if shown.is_empty() || shown != statement {
            return Err(RequestError::InvalidTransaction("the sentence cannot be shown as it is"));
        }
        Ok(Self { credential_ids, statement: shown, names_hashes: hashes.is_some(), encoded: encoded.to_owned() })
    }

    /// A sentence to be confirmed, for a verifier: by one of these queries of its request.
    ///
    /// # Errors
    /// As a wallet would refuse it: an empty or odd sentence, or a query that cannot confirm anything.
    pub fn statement(credential_ids: &[&str], statement: &str, query: &DcqlQuery) -> Result<Self, RequestError> {
        let entry = serde_json::json!({"type": STATEMENT_TYPE, "credential_ids": credential_ids,
            "transaction_data_hashes_alg": [TRANSACTION_HASH], "statement": statement});
        Self::parse(&URL_SAFE_NO_PAD.encode(entry.to_string()), query)
    }

    /// The entry of `transaction_data`, as it goes over the wire.
    pub fn as_str(&self) -> &str {
        &self.encoded
    }

    /// The hash that goes into the proof of the holder's key: SHA-256 over the entry as it came, as base64url
    /// (OpenID4VP 1.0, appendix B.3.3.1).
    pub fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.encoded.as_bytes()))
    }
}

fn words(members: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, RequestError> {
    let Some(value) = members.get(name) else { return Ok(None) };
    let list = value.as_array().filter(|list| (1..=MAX_ENTRIES).contains(&list.len())).ok_or(INVALID)?;
    list.iter().map(|word| word.as_str().map(str::to_owned).ok_or(INVALID)).collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use leerpas_core::ErrorKind;
    use serde_json::json;

    use super::*;

    fn query() -> DcqlQuery {
        DcqlQuery::parse(&json!({"credentials": [
            {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["x"]}},
            {"id": "loose", "format": "dc+sd-jwt", "meta": {"vct_values": ["x"]},
                "require_cryptographic_holder_binding": false},
            {"id": "badge", "format": "ldp_vc", "meta": {"type_values": [["y"]]}}]}))
        .unwrap()
    }

    fn entry(change: impl FnOnce(&mut Value)) -> String {
        let mut entry = json!({"type": STATEMENT_TYPE, "credential_ids": ["a"], "statement": "Ik schrijf mij in."});
        change(&mut entry);
        URL_SAFE_NO_PAD.encode(entry.to_string())
    }

    fn read(value: &Value) -> Result<Vec<TransactionData>, ErrorKind> {
        TransactionData::parse_all(value, &query()).map_err(|error| error.kind())
    }

    #[test]
    fn vp_5_1_transaction_data_of_the_known_type_is_read() {
        let read = read(&json!([entry(|_| {})])).unwrap();
        assert_eq!((read[0].statement.as_str(), read[0].names_hashes), ("Ik schrijf mij in.", false));
        let named = entry(|e| e["transaction_data_hashes_alg"] = json!(["sha-512", "sha-256"]));
        assert!(super::TransactionData::parse_all(&json!([named]), &query()).unwrap()[0].names_hashes);
    }

    #[test]
    fn vp_b_3_3_1_the_hash_is_over_the_text_as_it_came() {
        let encoded = entry(|_| {});
        let read = read(&json!([encoded])).unwrap();
        assert_eq!(read[0].hash(), URL_SAFE_NO_PAD.encode(Sha256::digest(encoded.as_bytes())));
    }

    #[test]
    fn oid4vp_1final_wallet_negative_test_unknown_transaction_data_type() {
        assert_eq!(read(&json!([entry(|e| e["type"] = json!("payment"))])), Err(ErrorKind::RequestUnsupported));
    }

    #[test]
    fn vp_b_3_3_a_card_without_a_holders_proof_confirms_nothing() {
        let named = |ids: &[&str]| read(&json!([entry(|e| e["credential_ids"] = json!(ids))]));
        assert!(named(&["a"]).is_ok());
        assert_eq!(named(&["loose"]), Err(ErrorKind::RequestInvalid));
        assert_eq!(named(&["a", "loose"]), Err(ErrorKind::RequestInvalid), "also where another one could");
    }

    #[test]
    fn vp_8_5_malformed_transaction_data_is_refused() {
        for bad in [json!([]), json!({}), json!("x"), json!([7]), json!(["e30"]), json!(["%%"]), json!(["bm90IGpzb24"])]
        {
            assert_eq!(read(&bad), Err(ErrorKind::RequestInvalid), "{bad}");
        }
        assert_eq!(read(&json!(vec![entry(|_| {}); 9])), Err(ErrorKind::RequestInvalid));
        let changed = |name: &'static str, value: Value| read(&json!([entry(|e| e[name] = value)]));
        for ids in [json!(null), json!([]), json!(["unknown"]), json!([1]), json!(["loose"])] {
            assert_eq!(changed("credential_ids", ids), Err(ErrorKind::RequestInvalid));
        }
        assert_eq!(changed("credential_ids", json!(["badge"])), Err(ErrorKind::RequestUnsupported));
        assert_eq!(changed("transaction_data_hashes_alg", json!(["sha-512"])), Err(ErrorKind::RequestUnsupported));
        for statement in [json!(null), json!(""), json!("a\u{202E}b"), json!("x".repeat(501)), json!(" a")] {
            assert_eq!(changed("statement", statement), Err(ErrorKind::RequestInvalid));
        }
    }
}
