//! The Digital Credentials Query Language (OpenID4VP 1.0, section 6): what a verifier asks for.
//!
//! A query is parsed once, with every rule, and then only read. Members that the specification does not
//! define are ignored.

mod authorities;
mod evaluate;
mod path;
mod purpose;

use std::collections::HashSet;

use leerpas_core::Format;
use serde_json::{Map, Value};
use thiserror::Error;

pub use authorities::TrustedAuthority;
pub use evaluate::{CandidateMatch, ClaimMatch, Descriptor, Evaluation, PlannedSelection, QueryMatches};
pub use path::{ClaimsPathPointer, MAX_INDEX, MAX_PATH, Place, PointerElement, Segment, SelectError, leaves};
pub use purpose::SetPurpose;

/// Credential queries in one request.
pub const MAX_CREDENTIALS: usize = 32;
/// Claims in one credential query.
pub const MAX_CLAIMS: usize = 256;
/// Claim sets, credential sets, options, values and types in one list.
pub const MAX_LIST: usize = 64;

/// Why a query is no query.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueryError {
    /// A rule of OpenID4VP 1.0, section 6, is broken.
    #[error("the query breaks a rule: {0}")]
    Rule(&'static str),
    /// More than anybody needs.
    #[error("the query has more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The cap.
        limit: usize,
    },
}

/// A whole query (OpenID4VP 1.0, 6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DcqlQuery {
    /// One entry for each credential asked for; at least one.
    pub credentials: Vec<CredentialQuery>,
    /// Which combinations will do; empty means every credential is needed.
    pub credential_sets: Vec<CredentialSet>,
    source: Value,
}

/// One credential that is asked for (OpenID4VP 1.0, 6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialQuery {
    /// Names the query; the key of its presentations in `vp_token`.
    pub id: String,
    /// The format.
    pub format: QueryFormat,
    /// Whether more than one presentation may answer it.
    pub multiple: bool,
    /// Whether the holder must prove the key of the credential; true unless the verifier says otherwise.
    pub holder_binding: bool,
    /// What is asked of the kind of credential.
    pub meta: Meta,
    /// Who must stand behind the issuer: one of these; empty means anybody.
    pub trusted_authorities: Vec<TrustedAuthority>,
    /// Claims asked for; empty means only what cannot be hidden.
    pub claims: Vec<ClaimQuery>,
    /// Combinations of claims that will do, best first, as indices into `claims`; empty means all claims.
    pub claim_sets: Vec<Vec<usize>>,
}

/// The format that a query names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryFormat {
    /// One that Leerpas can present. `dc+sd-jwt`, `ldp_vc` and `jwt_vc_json` are the names of appendix B. Two have no name
    /// there and go by their media type (VC-JOSE-COSE): `vc+jwt`, and `vc+sd-jwt`, which drafts gave to SD-JWT VC too, so
    /// that its `meta` tells the two apart.
    Known(Format),
    /// Any other; no card ever fits it.
    Other(String),
}

/// What is asked of the kind of credential (OpenID4VP 1.0, appendix B).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meta {
    /// `vct_values`: one of these types (B.3.5).
    Vct(Vec<String>),
    /// `type_values`: all types of one of these lists, as expanded IRIs (B.1.1).
    Types(Vec<Vec<String>>),
    /// Nothing: any kind of the format (6.1).
    Any,
    /// Of a format that Leerpas does not present.
    Other,
}

/// One claim that is asked for (OpenID4VP 1.0, 6.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimQuery {
    /// Its name within the query; needed where there are claim sets.
    pub id: Option<String>,
    /// Where it is.
    pub path: ClaimsPathPointer,
    /// Values that will do: strings, integers and booleans, compared with their type; empty means any.
    pub values: Vec<Value>,
}

/// Combinations of credentials (OpenID4VP 1.0, 6.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialSet {
    /// Each option is a list of query ids; the verifier likes the first best.
    pub options: Vec<Vec<String>>,
    /// Whether the request fails without it.
    pub required: bool,
    /// What it is for, in the verifier's words. Not in the final text of OpenID4VP 1.0, which drops it;
    /// verifiers built on earlier texts send it.
    pub purpose: Option<SetPurpose>,
}

impl DcqlQuery {
    /// Reads a query from JSON.
    ///
    /// # Errors
    /// [`QueryError`] names the rule of OpenID4VP 1.0, section 6, or the cap that is broken.
    pub fn parse(value: &Value) -> Result<Self, QueryError> {
        let map = value.as_object().ok_or(QueryError::Rule("it must be an object"))?;
        let list = non_empty(map.get("credentials"), "credentials must be a list with entries")?;
        if list.len() > MAX_CREDENTIALS {
            return Err(QueryError::TooMany { what: "credentials", limit: MAX_CREDENTIALS });
        }
        let credentials = list.iter().map(CredentialQuery::parse).collect::<Result<Vec<_>, _>>()?;
        let mut ids = HashSet::new();
        if !credentials.iter().all(|c| ids.insert(c.id.as_str())) {
            return Err(QueryError::Rule("each credential needs an id of its own"));
        }
        let credential_sets = match map.get("credential_sets") {
            None => Vec::new(),
            sets => capped(non_empty(sets, "credential_sets must be a list with entries")?, "credential sets")?
                .iter()
                .map(|set| CredentialSet::parse(set, &ids))
                .collect::<Result<_, _>>()?,
        };
        Ok(Self { credential_sets, source: value.clone(), credentials })
    }

    /// The query as it was given, for a request object.
    pub fn as_json(&self) -> &Value {
        &self.source
    }

    /// The credential query of this id.
    pub fn credential(&self, id: &str) -> Option<&CredentialQuery> {
        self.credentials.iter().find(|c| c.id == id)
    }

    /// Whether presentations for these query ids answer the request: every required set has an option
    /// that is complete, or without sets every query is there (OpenID4VP 1.0, 6.4.2).
    pub fn is_answered_by(&self, present: &dyn Fn(&str) -> bool) -> bool {
        if self.credential_sets.is_empty() {
            return self.credentials.iter().all(|c| present(&c.id));
        }
        self.credential_sets.iter().all(|set| !set.required || set.first_option(present).is_some())
    }
}

impl CredentialSet {
    /// The first option of which every query passes the test.
    pub fn first_option(&self, present: &dyn Fn(&str) -> bool) -> Option<&[String]> {
        self.options.iter().find(|option| option.iter().all(|id| present(id))).map(Vec::as_slice)
    }

    fn parse(value: &Value, known: &HashSet<&str>) -> Result<Self, QueryError> {
        let map = value.as_object().ok_or(QueryError::Rule("a credential set must be an object"))?;
        let options = capped(non_empty(map.get("options"), "a credential set needs options")?, "options")?
            .iter()
            .map(|option| {
                let ids =
                    capped(non_empty(Some(option), "an option must be a list with entries")?, "ids in an option")?;
                ids.iter()
                    .map(|id| match id.as_str() {
                        Some(id) if known.contains(id) => Ok(id.to_owned()),
                        _ => Err(QueryError::Rule("an option names a credential that is not asked for")),
                    })
                    .collect()
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            options,
            required: flag(map, "required", true)?,
            purpose: map.get("purpose").and_then(SetPurpose::parse),
        })
    }
}

impl CredentialQuery {
    fn parse(value: &Value) -> Result<Self, QueryError> {
        let map = value.as_object().ok_or(QueryError::Rule("a credential query must be an object"))?;
        let id = identifier(map.get("id"), "a credential query needs an id of letters, digits, _ and -")?;
        let names_vct = map.get("meta").is_some_and(|meta| meta.get("vct_values").is_some());
        let format = match map.get("format").and_then(Value::as_str) {
            Some("dc+sd-jwt") => QueryFormat::Known(Format::SdJwtVc),
            Some("vc+sd-jwt") if names_vct => QueryFormat::Known(Format::SdJwtVc),
            Some("vc+sd-jwt") => QueryFormat::Known(Format::W3cSdJwt),
            Some("ldp_vc") => QueryFormat::Known(Format::DataIntegrity),
            Some("jwt_vc_json") => QueryFormat::Known(Format::JwtVc11),
            Some("vc+jwt") => QueryFormat::Known(Format::JwtVc),
            Some(other) if !other.is_empty() => QueryFormat::Other(other.to_owned()),
            _ => return Err(QueryError::Rule("a credential query needs a format")),
        };
        let meta = Meta::parse(&format, map.get("meta"))?;
        let trusted_authorities = authorities::parse(map.get("trusted_authorities"))?;
        let claims = match map.get("claims") {
            None => Vec::new(),
            claims => {
                let claims = non_empty(claims, "claims must be a list with entries")?;
                if claims.len() > MAX_CLAIMS {
                    return Err(QueryError::TooMany { what: "claims", limit: MAX_CLAIMS });
                }
                claims.iter().map(ClaimQuery::parse).collect::<Result<Vec<_>, _>>()?
            }
        };
        check_claim_ids(&claims)?;
        let claim_sets = match map.get("claim_sets") {
            None => Vec::new(),
            Some(_) if claims.is_empty() => return Err(QueryError::Rule("claim_sets without claims")),
            sets => parse_claim_sets(non_empty(sets, "claim_sets must be a list with entries")?, &claims)?,
        };
        Ok(Self {
            multiple: flag(map, "multiple", false)?,
            holder_binding: flag(map, "require_cryptographic_holder_binding", true)?,
            id,
            format,
            meta,
            trusted_authorities,
            claims,
            claim_sets,
        })
    }

    /// Whether a credential of this format and these types is of the kind that is asked for. Says nothing
    /// about its claims, so that a large collection can be narrowed down before any claim is read.
    pub fn fits_kind(&self, format: Format, types: &[String]) -> bool {
        self.format == QueryFormat::Known(format)
            && match &self.meta {
                Meta::Vct(wanted) => types.iter().any(|t| wanted.contains(t)),
                Meta::Types(wanted) => wanted.iter().any(|all| all.iter().all(|t| types.contains(t))),
                Meta::Any => true,
                Meta::Other => false,
            }
    }
}

impl Meta {
    fn parse(format: &QueryFormat, value: Option<&Value>) -> Result<Self, QueryError> {
        let map = value.and_then(Value::as_object).ok_or(QueryError::Rule("a credential query needs meta"))?;
        match format {
            QueryFormat::Known(_) if map.is_empty() => Ok(Self::Any),
            QueryFormat::Known(Format::SdJwtVc) => {
                strings(map.get("vct_values"), "meta needs vct_values, a list of strings").map(Self::Vct)
            }
            QueryFormat::Known(_) => {
                const RULE: &str = "meta needs type_values, a list of lists of strings";
                let lists = capped(non_empty(map.get("type_values"), RULE)?, "types")?;
                lists.iter().map(|list| strings(Some(list), RULE)).collect::<Result<_, _>>().map(Self::Types)
            }
            QueryFormat::Other(_) => Ok(Self::Other),
        }
    }
}

impl ClaimQuery {
    fn parse(value: &Value) -> Result<Self, QueryError> {
        let map = value.as_object().ok_or(QueryError::Rule("a claim must be an object"))?;
        let id = match map.get("id") {
            None => None,
            id => Some(identifier(id, "a claim id has letters, digits, _ and - only")?),
        };
        let path = ClaimsPathPointer::parse(map.get("path").unwrap_or(&Value::Null))?;
        let values = match map.get("values") {
            None => Vec::new(),
            values => capped(non_empty(values, "values must be a list with entries")?, "values")?.to_vec(),
        };
        let allowed = |v: &Value| v.is_string() || v.is_boolean() || v.as_i64().is_some() || v.as_u64().is_some();
        if !values.iter().all(allowed) {
            return Err(QueryError::Rule("values are strings, integers and booleans"));
        }
        Ok(Self { id, path, values })
    }
}

fn check_claim_ids(claims: &[ClaimQuery]) -> Result<(), QueryError> {
    let mut seen = HashSet::new();
    if claims.iter().filter_map(|c| c.id.as_deref()).all(|id| seen.insert(id)) {
        Ok(())
    } else {
        Err(QueryError::Rule("each claim needs an id of its own"))
    }
}

fn parse_claim_sets(sets: &[Value], claims: &[ClaimQuery]) -> Result<Vec<Vec<usize>>, QueryError> {
    if claims.iter().any(|c| c.id.is_none()) {
        return Err(QueryError::Rule("claim_sets need an id on every claim"));
    }
    capped(sets, "claim sets")?
        .iter()
        .map(|set| {
            let ids = non_empty(Some(set), "a claim set must be a list with entries")?;
            if ids.len() > MAX_CLAIMS {
                return Err(QueryError::TooMany { what: "claims in a set", limit: MAX_CLAIMS });
            }
            ids.iter()
                .map(|id| {
                    claims
                        .iter()
                        .position(|c| c.id.is_some() && c.id.as_deref() == id.as_str())
                        .ok_or(QueryError::Rule("a claim set names a claim that is not asked for"))
                })
                .collect()
        })
        .collect()
}

fn identifier(value: Option<&Value>, rule: &'static str) -> Result<String, QueryError> {
    let fits = |id: &&str| {
        !id.is_empty() && id.len() <= 256 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    value.and_then(Value::as_str).filter(fits).map(str::to_owned).ok_or(QueryError::Rule(rule))
}

fn flag(map: &Map<String, Value>, name: &str, default: bool) -> Result<bool, QueryError> {
    match map.get(name) {
        None => Ok(default),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(QueryError::Rule("multiple, required and holder binding are true or false")),
    }
}

fn strings(value: Option<&Value>, rule: &'static str) -> Result<Vec<String>, QueryError> {
    capped(non_empty(value, rule)?, "values")?
        .iter()
        .map(|v| v.as_str().map(str::to_owned).ok_or(QueryError::Rule(rule)))
        .collect()
}

fn non_empty<'v>(value: Option<&'v Value>, rule: &'static str) -> Result<&'v [Value], QueryError> {
    value.and_then(Value::as_array).filter(|list| !list.is_empty()).map(Vec::as_slice).ok_or(QueryError::Rule(rule))
}

fn capped<'v>(list: &'v [Value], what: &'static str) -> Result<&'v [Value], QueryError> {
    if list.len() > MAX_LIST { Err(QueryError::TooMany { what, limit: MAX_LIST }) } else { Ok(list) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(mut extra: Value) -> Value {
        let mut query = json!({"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}});
        query.as_object_mut().unwrap().append(extra.as_object_mut().unwrap());
        json!({"credentials": [query]})
    }

    #[test]
    fn dcql_b_formats_go_by_their_names_and_by_what_meta_asks() {
        let types = json!({"type_values": [["urn:a"]]});
        let format = |name: &str, meta: &Value| {
            let query = json!({"credentials": [{"id": "q", "format": name, "meta": meta}]});
            DcqlQuery::parse(&query).map(|query| query.credentials[0].format.clone())
        };
        for (name, known) in
            [("jwt_vc_json", Format::JwtVc11), ("vc+jwt", Format::JwtVc), ("vc+sd-jwt", Format::W3cSdJwt)]
        {
            assert_eq!(format(name, &types), Ok(QueryFormat::Known(known)));
            assert!(format(name, &json!({"vct_values": []})).is_err(), "{name} goes by type_values");
        }
        let vct = json!({"vct_values": ["urn:a"]});
        assert_eq!(format("vc+sd-jwt", &vct), Ok(QueryFormat::Known(Format::SdJwtVc)));
        assert_eq!(format("mso_mdoc", &json!({})), Ok(QueryFormat::Other("mso_mdoc".to_owned())));
    }

    #[test]
    fn dcql_6_unknown_members_are_ignored_and_defaults_hold() {
        let query = DcqlQuery::parse(&one(json!({"colour": "blue"}))).unwrap();
        let credential = &query.credentials[0];
        assert!(!credential.multiple && credential.holder_binding && credential.claims.is_empty());
        assert!(query.credential("a").is_some() && query.credential("b").is_none());
    }

    #[test]
    fn dcql_6_1_ids_are_unique_and_of_the_allowed_characters() {
        for id in [json!(""), json!("a b"), json!("é"), json!(7), json!(null)] {
            assert!(DcqlQuery::parse(&one(json!({"id": id}))).is_err());
        }
        let twice = one(json!({}))["credentials"][0].clone();
        assert!(DcqlQuery::parse(&json!({"credentials": [twice, twice]})).is_err());
    }

    #[test]
    fn dcql_6_1_meta_is_required_and_of_the_format() {
        for meta in [json!(null), json!([]), json!({"vct_values": []}), json!({"vct_values": [1]}), json!({"x": 1})] {
            assert!(DcqlQuery::parse(&one(json!({"meta": meta}))).is_err());
        }
        let ldp = |meta: Value| DcqlQuery::parse(&one(json!({"format": "ldp_vc", "meta": meta})));
        assert!(ldp(json!({"vct_values": ["urn:x"]})).is_err());
        assert!(ldp(json!({"type_values": ["urn:x"]})).is_err());
        assert!(ldp(json!({"type_values": [["urn:x"]]})).is_ok());
    }

    #[test]
    fn dcql_6_1_an_empty_meta_asks_for_any_kind_of_the_format() {
        let query = DcqlQuery::parse(&one(json!({"meta": {}}))).unwrap();
        let [credential] = &query.credentials[..] else { panic!("one query") };
        assert!(credential.fits_kind(Format::SdJwtVc, &["urn:anything".to_owned()]));
        assert!(!credential.fits_kind(Format::DataIntegrity, &["urn:anything".to_owned()]));
    }

    #[test]
    fn dcql_6_3_claim_sets_need_claims_with_ids_that_exist() {
        let claim = json!({"path": ["name"]});
        let named = json!({"id": "n", "path": ["name"]});
        assert!(DcqlQuery::parse(&one(json!({"claim_sets": [["n"]]}))).is_err());
        assert!(DcqlQuery::parse(&one(json!({"claims": [claim], "claim_sets": [["n"]]}))).is_err());
        assert!(DcqlQuery::parse(&one(json!({"claims": [named], "claim_sets": [["m"]]}))).is_err());
        assert!(DcqlQuery::parse(&one(json!({"claims": [named, named]}))).is_err());
        assert!(DcqlQuery::parse(&one(json!({"claims": [named], "claim_sets": [["n"]]}))).is_ok());
    }

    #[test]
    fn hostile_queries_are_refused() {
        let many: Vec<_> = (0..1000)
            .map(|i| json!({"id": format!("q{i}"), "format": "dc+sd-jwt", "meta": {"vct_values": ["x"]}}))
            .collect();
        for bad in [
            json!(null),
            json!([]),
            json!({}),
            json!({"credentials": []}),
            json!({"credentials": {}}),
            json!({"credentials": many}),
            one(json!({"claims": []})),
            one(json!({"claims": [{"path": ["a"], "values": []}]})),
            one(json!({"claims": [{"path": ["a"], "values": [{}]}]})),
            one(json!({"claims": [{"path": ["a"], "values": [1.5]}]})),
            one(json!({"claims": [{"id": "n"}]})),
            one(json!({"multiple": "yes"})),
            one(json!({"trusted_authorities": []})),
        ] {
            assert!(DcqlQuery::parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn dcql_6_2_sets_name_known_queries_and_decide_what_is_enough() {
        let mut query = json!({"credentials": [
            {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["x"]}},
            {"id": "b", "format": "ldp_vc", "meta": {"type_values": [["y"]]}},
            {"id": "c", "format": "dc+sd-jwt", "meta": {"vct_values": ["z"]}}],
            "credential_sets": [{"options": [["a"], ["b"]]}, {"options": [["c"]], "required": false}]});
        let parsed = DcqlQuery::parse(&query).unwrap();
        assert!(parsed.is_answered_by(&|id| id == "a"));
        assert!(parsed.is_answered_by(&|id| id == "b"));
        assert!(!parsed.is_answered_by(&|id| id == "c"));
        query["credential_sets"][0]["options"][0][0] = json!("unknown");
        assert!(DcqlQuery::parse(&query).is_err());
        query["credential_sets"] = json!([]);
        assert!(DcqlQuery::parse(&query).is_err());
    }
}
