//! Who must stand behind the issuer of a credential (OpenID4VP 1.0, 6.1.1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{QueryError, capped, non_empty, strings};

/// One entry of `trusted_authorities`. All of them are identifiers: nothing is ever fetched on their word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustedAuthority {
    /// `aki`: KeyIdentifiers of authorities, one of which a certificate of the credential's chain names as the key that
    /// signed it (RFC 5280, 4.2.1.1).
    KeyIdentifier(Vec<Vec<u8>>),
    /// `etsi_tl`, `openid_federation` or a type that is not known here. Whether a credential fits it cannot be told on
    /// this computer without asking somebody.
    Elsewhere,
}

impl TrustedAuthority {
    /// Whether a credential may be put forward for this entry, given the KeyIdentifiers that its certificates name. Where
    /// that cannot be told it may: the verifier judges trust in any case, and a learner is not refused unexplained.
    pub fn may_fit(&self, key_identifiers: &[Vec<u8>]) -> bool {
        match self {
            Self::KeyIdentifier(wanted) => key_identifiers.iter().any(|one| wanted.contains(one)),
            Self::Elsewhere => true,
        }
    }
}

pub(super) fn parse(value: Option<&Value>) -> Result<Vec<TrustedAuthority>, QueryError> {
    const RULE: &str = "trusted_authorities must be a list of entries with type and values";
    if value.is_none() {
        return Ok(Vec::new());
    }
    let entries = capped(non_empty(value, RULE)?, "trusted authorities")?;
    let entry = |entry: &Value| {
        let map = entry.as_object().ok_or(QueryError::Rule(RULE))?;
        let kind = map.get("type").and_then(Value::as_str).ok_or(QueryError::Rule(RULE))?;
        let values = strings(map.get("values"), RULE)?;
        if kind != "aki" {
            return Ok(TrustedAuthority::Elsewhere);
        }
        let decoded = values.iter().map(|one| URL_SAFE_NO_PAD.decode(one));
        let keys = decoded.collect::<Result<_, _>>();
        Ok(TrustedAuthority::KeyIdentifier(keys.map_err(|_| QueryError::Rule("an aki value is base64url"))?))
    };
    entries.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dcql_6_1_1_1_an_authority_is_known_by_the_identifier_of_its_key() {
        // The identifier of the example in the specification, 20 bytes.
        let entries = parse(Some(&json!([{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}]))).unwrap();
        let [TrustedAuthority::KeyIdentifier(keys)] = &entries[..] else { panic!("{entries:?}") };
        assert_eq!(keys[0].len(), 20);
        assert!(entries[0].may_fit(&[vec![1], keys[0].clone()]));
        assert!(!entries[0].may_fit(&[vec![1]]) && !entries[0].may_fit(&[]));
    }

    #[test]
    fn security_d20_lists_and_federations_are_identifiers_and_rule_nobody_out() {
        let entries = parse(Some(&json!([
            {"type": "etsi_tl", "values": ["https://lotl.example/list.xml"]},
            {"type": "openid_federation", "values": ["https://anchor.example"]},
            {"type": "x", "values": ["y"]}])));
        assert_eq!(entries, Ok(vec![TrustedAuthority::Elsewhere; 3]));
        assert!(TrustedAuthority::Elsewhere.may_fit(&[]));
    }

    #[test]
    fn dcql_6_1_1_type_and_values_are_required() {
        for bad in [
            json!([]),
            json!({}),
            json!([1]),
            json!([{"type": "aki"}]),
            json!([{"values": ["a"]}]),
            json!([{"type": "aki", "values": []}]),
            json!([{"type": "aki", "values": [1]}]),
            json!([{"type": "aki", "values": ["a+/="]}]),
        ] {
            assert!(parse(Some(&bad)).is_err(), "{bad}");
        }
        assert_eq!(parse(None), Ok(vec![]));
    }
}
