//! What others say about the verifier (OpenID4VP 1.0, 5.1 `verifier_info`).

use serde_json::Value;

/// Entries that are looked at.
const MAX_ENTRIES: usize = 8;

/// One statement about the verifier, not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierInfo {
    /// The statement, a compact JWS.
    pub data: String,
    credential_ids: Option<Vec<String>>,
}

impl VerifierInfo {
    /// The statements in a format that may be known. It is an offer and no rule: what is malformed or of another format
    /// is passed over.
    pub(super) fn parse_all(value: Option<&Value>) -> Vec<Self> {
        let list = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        list.iter().take(MAX_ENTRIES).filter_map(Self::parse).collect()
    }

    fn parse(value: &Value) -> Option<Self> {
        let format = value.get("format")?.as_str()?;
        if !matches!(format, "registration_cert" | "jwt") {
            return None;
        }
        let credential_ids = match value.get("credential_ids") {
            None => None,
            Some(ids) => Some(ids.as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        };
        Some(Self { data: value.get("data")?.as_str()?.to_owned(), credential_ids })
    }

    /// Whether it is about this query; one that names none is about all.
    pub fn is_about(&self, query: &str) -> bool {
        self.credential_ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id == query))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn vp_5_1_verifier_info_of_unknown_format_or_form_is_passed_over() {
        let read = VerifierInfo::parse_all(Some(&json!([{"format": "x", "data": "a"}, {"format": "jwt"}, 7,
            {"format": "jwt", "data": {}}, {"format": "jwt", "data": "a.b.c", "credential_ids": ["q"]},
            {"format": "registration_cert", "data": "d.e.f"}])));
        assert_eq!(read.iter().map(|info| info.data.as_str()).collect::<Vec<_>>(), ["a.b.c", "d.e.f"]);
        assert_eq!((read[0].is_about("q"), read[0].is_about("r"), read[1].is_about("r")), (true, false, true));
        assert!(VerifierInfo::parse_all(Some(&json!("x"))).is_empty() && VerifierInfo::parse_all(None).is_empty());
    }
}
