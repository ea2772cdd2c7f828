//! One kind of credential that an issuer can give (OpenID4VCI 1.0, 12.2.4 and appendices A and B).

use std::collections::{BTreeMap, BTreeSet};

use leerpas_core::Language;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Edition, NAME, draft};
use crate::{
    json::{JsonError, Members},
    text,
};

/// An entry of `credential_configurations_supported`. Where a member stands both in `credential_metadata`
/// and, as drafts had it, beside it, the former counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialConfiguration {
    /// The format identifier, for example `dc+sd-jwt` or `ldp_vc`; any text, because unknown ones may stand
    /// beside the ones that are used.
    pub format: String,
    /// The type of an SD-JWT VC (appendix A.3). Issuers in the field leave it out.
    pub vct: Option<String>,
    /// `type` of `credential_definition`, for a W3C credential (appendix A.1); empty if absent.
    pub types: Vec<String>,
    /// `@context` of `credential_definition`; empty if absent.
    pub contexts: Vec<Value>,
    /// The OAuth scope.
    pub scope: Option<String>,
    /// `cryptographic_binding_methods_supported`: `jwk`, `did:jwk` and so on; empty for no binding.
    pub binding_methods: Vec<String>,
    /// Algorithms that a `jwt` proof may be signed with; `None` if that proof type is not taken.
    pub jwt_proof_algorithms: Option<Vec<String>>,
    /// Cryptosuites that a `di_vp` proof may be made with; `None` if that proof type is not taken.
    pub di_vp_proof_algorithms: Option<Vec<String>>,
    /// Names of other proof types that are taken.
    pub other_proof_types: Vec<String>,
    /// Proof types that are taken only with a key attestation (`key_attestations_required`).
    pub attested_proof_types: Vec<String>,
    /// Names of the credential.
    pub display: Vec<Display>,
    /// Names of its claims, in the order in which they should be shown.
    pub claims: Vec<ClaimDescription>,
    /// Which edition of the protocol the entry shows; not written.
    pub edition: Edition,
}

/// A name in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Display {
    /// The name, as plain text.
    pub name: String,
    /// A BCP 47 tag; `None` where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// What an issuer says about one claim (appendix B.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimDescription {
    /// The claims path pointer (appendix C).
    pub path: Vec<PathPart>,
    /// Whether the claim is always there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub mandatory: bool,
    /// Its names.
    pub display: Vec<Display>,
}

/// One part of a claims path pointer (appendix C).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum PathPart {
    /// A member of an object.
    Name(String),
    /// An element of an array.
    Index(u64),
    /// Every element of an array; `null` on the wire.
    Every,
}

impl CredentialConfiguration {
    /// Reads one entry.
    ///
    /// # Errors
    /// [`JsonError`]; descriptions of claims that repeat or contradict each other are one (appendix B.3: the wallet
    /// must stop).
    pub fn parse(value: Value) -> Result<Self, JsonError> {
        let Value::Object(members) = value else { return Err(JsonError::NotAnObject) };
        let (members, edition) = draft::configuration(members);
        let members = Members::new(&members);
        let format = members.required_text("format")?.to_owned();
        let definition = members.object("credential_definition")?;
        let (types, contexts) = match &definition {
            Some(definition) => (
                definition.texts("type")?,
                definition.get("@context").and_then(Value::as_array).cloned().unwrap_or_default(),
            ),
            None => (Vec::new(), Vec::new()),
        };
        let Proofs { jwt, di_vp, others, attested } = Proofs::parse(&members)?;
        let metadata = members.object("credential_metadata")?;
        let chosen = |member: &str| metadata.as_ref().filter(|metadata| metadata.get(member).is_some());
        let display = displays(chosen("display").unwrap_or(&members))?;
        let claims = claims(chosen("claims").unwrap_or(&members))?;
        Ok(Self {
            format,
            vct: members.text("vct")?.map(str::to_owned),
            types,
            contexts,
            scope: members.text("scope")?.map(str::to_owned),
            binding_methods: members.texts("cryptographic_binding_methods_supported")?,
            jwt_proof_algorithms: jwt,
            di_vp_proof_algorithms: di_vp,
            other_proof_types: others,
            attested_proof_types: attested,
            display,
            claims,
            edition,
        })
    }

    /// The name of the credential in a language, else in English, else the first; `None` if it has none.
    pub fn name(&self, language: Language) -> Option<&str> {
        Display::best(&self.display, language)
    }
}

impl Display {
    /// The name in a language, else in English, else the first that there is.
    pub fn best(all: &[Self], language: Language) -> Option<&str> {
        let speaks = |display: &&Self, tag: &str| {
            let locale = display.locale.as_deref().unwrap_or_default().to_ascii_lowercase();
            locale == tag || locale.strip_prefix(tag).is_some_and(|rest| rest.starts_with(['-', '_']))
        };
        [language.tag(), Language::En.tag()]
            .iter()
            .find_map(|tag| all.iter().find(|display| speaks(display, tag)))
            .or(all.first())
            .map(|display| display.name.as_str())
    }
}

impl PathPart {
    /// Reads a claims path pointer: at least one part, each a text, a whole number or null.
    fn parse_all(value: &Value) -> Option<Vec<Self>> {
        let parts = value.as_array().filter(|parts| !parts.is_empty() && parts.len() <= 32)?;
        parts
            .iter()
            .map(|part| match part {
                Value::String(name) => Some(Self::Name(name.clone())),
                Value::Number(index) => index.as_u64().map(Self::Index),
                Value::Null => Some(Self::Every),
                _ => None,
            })
            .collect()
    }

    /// The path as people and logs see it: joined with `.`, with `*` for every element.
    pub fn join(path: &[Self]) -> String {
        let parts: Vec<String> = path
            .iter()
            .map(|part| match part {
                Self::Name(name) => name.clone(),
                Self::Index(index) => index.to_string(),
                Self::Every => "*".to_owned(),
            })
            .collect();
        parts.join(".")
    }
}

impl Serialize for CredentialConfiguration {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Map::new();
        members.insert("format".into(), json!(self.format));
        if let Some(vct) = &self.vct {
            members.insert("vct".into(), json!(vct));
        }
        let mut definition = Map::new();
        if !self.contexts.is_empty() {
            definition.insert("@context".into(), json!(self.contexts));
        }
        if !self.types.is_empty() {
            definition.insert("type".into(), json!(self.types));
        }
        if !definition.is_empty() {
            members.insert("credential_definition".into(), definition.into());
        }
        if let Some(scope) = &self.scope {
            members.insert("scope".into(), json!(scope));
        }
        if !self.binding_methods.is_empty() {
            members.insert("cryptographic_binding_methods_supported".into(), json!(self.binding_methods));
        }
        let mut proofs = Map::new();
        for (name, algorithms) in [("jwt", &self.jwt_proof_algorithms), ("di_vp", &self.di_vp_proof_algorithms)] {
            if let Some(algorithms) = algorithms {
                proofs.insert(name.into(), json!({"proof_signing_alg_values_supported": algorithms}));
            }
        }
        if !proofs.is_empty() {
            members.insert("proof_types_supported".into(), proofs.into());
        }
        members.insert("credential_metadata".into(), json!({"display": self.display, "claims": self.claims}));
        Value::Object(members).serialize(serializer)
    }
}

/// What `proof_types_supported` says.
#[derive(Default)]
struct Proofs {
    jwt: Option<Vec<String>>,
    di_vp: Option<Vec<String>>,
    others: Vec<String>,
    attested: Vec<String>,
}

impl Proofs {
    fn parse(members: &Members<'_>) -> Result<Self, JsonError> {
        let mut found = Self::default();
        let Some(types) = members.object("proof_types_supported")? else { return Ok(found) };
        for (name, _) in types.iter() {
            let Some(one) = types.object(name)? else { continue };
            let algorithms = one.texts("proof_signing_alg_values_supported")?;
            match name.as_str() {
                "jwt" => found.jwt = Some(algorithms),
                "di_vp" => found.di_vp = Some(algorithms),
                _ => found.others.push(name.clone()),
            }
            // An empty object demands an attestation as well (12.2.4).
            if one.get("key_attestations_required").is_some() {
                found.attested.push(name.clone());
            }
        }
        Ok(found)
    }
}

/// Names in several languages. One without a name is skipped: it has nothing to show.
pub(super) fn displays(members: &Members<'_>) -> Result<Vec<Display>, JsonError> {
    let Some(value) = members.get("display") else { return Ok(Vec::new()) };
    let items = value.as_array().ok_or_else(|| members.wrong("display", "a list"))?;
    let mut all = Vec::new();
    for item in items {
        let item = item.as_object().ok_or_else(|| members.wrong("display", "a list of objects"))?;
        let word = |member: &str, cap| item.get(member).and_then(Value::as_str).map(|word| text::plain(word, cap));
        let locale = word("locale", 35).filter(|locale| !locale.is_empty());
        if let Some(name) = word("name", NAME).filter(|name| !name.is_empty()) {
            all.push(Display { name, locale });
        }
    }
    Ok(all)
}

/// Descriptions of claims.
fn claims(members: &Members<'_>) -> Result<Vec<ClaimDescription>, JsonError> {
    let mut all: Vec<ClaimDescription> = Vec::new();
    match members.get("claims") {
        None => {}
        Some(Value::Array(items)) => {
            for item in items {
                let item = Members::of(item).map_err(|_| members.wrong("claims", "a list of objects"))?;
                let path = item
                    .get("path")
                    .and_then(PathPart::parse_all)
                    .ok_or_else(|| members.wrong("claims", "a list of objects with a path"))?;
                let mandatory = item.flag("mandatory")?.unwrap_or(false);
                all.push(ClaimDescription { path, mandatory, display: displays(&item)? });
            }
        }
        Some(_) => return Err(members.wrong("claims", "a list")),
    }
    let distinct: BTreeSet<_> = all.iter().map(|claim| &claim.path).collect();
    if distinct.len() != all.len() {
        return Err(members.wrong("claims", "free of repetition"));
    }
    if contradicts(&all) {
        return Err(members.wrong("claims", "free of contradiction"));
    }
    Ok(all)
}

/// Whether one claim is said to be an object here and an array there, or an array is described both element by element
/// and as a whole (appendix B.3).
fn contradicts(claims: &[ClaimDescription]) -> bool {
    let mut kinds: BTreeMap<&[PathPart], std::mem::Discriminant<PathPart>> = BTreeMap::new();
    claims.iter().any(|claim| {
        claim.path.iter().enumerate().any(|(at, part)| {
            let kind = std::mem::discriminant(part);
            *kinds.entry(&claim.path[..at]).or_insert(kind) != kind
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn microcredential() -> Value {
        json!({
            "format": "dc+sd-jwt", "vct": "https://issuer.example/vct/microcredential", "scope": "mc",
            "cryptographic_binding_methods_supported": ["jwk", "did:jwk"],
            "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}, "attestation": {}},
            "credential_metadata": {
                "display": [{"name": "Microcredential", "locale": "en-GB"}, {"name": "Microcredential (nl)", "locale": "nl"}],
                "claims": [
                    {"path": ["ects"], "display": [{"name": "Study load", "locale": "en"}], "mandatory": true},
                    {"path": ["outcomes", null]}
                ]
            },
            "display": [{"name": "older"}]
        })
    }

    #[test]
    fn vci_b_3_names_and_claims_come_in_the_issuers_order() {
        let configuration = CredentialConfiguration::parse(microcredential()).unwrap();
        let paths: Vec<_> = configuration.claims.iter().map(|claim| PathPart::join(&claim.path)).collect();
        assert_eq!(paths, ["ects", "outcomes.*"]);
        assert_eq!(configuration.jwt_proof_algorithms, Some(vec!["ES256".to_owned()]));
        assert_eq!(configuration.other_proof_types, ["attestation"]);
        assert_eq!(configuration.name(Language::Nl), Some("Microcredential (nl)"));
        assert_eq!(configuration.name(Language::En), Some("Microcredential"));
    }

    #[test]
    fn the_shape_of_drafts_is_read_too() {
        let older = json!({"format": "vc+sd-jwt", "display": [{"name": "Diploma"}],
            "claims": {"given_name": {"display": [{"name": "Voornaam", "locale": "nl"}]}, "odd": 1}});
        let configuration = CredentialConfiguration::parse(older).unwrap();
        assert_eq!(configuration.name(Language::Nl), Some("Diploma"));
        assert_eq!(configuration.claims.len(), 2);
        assert_eq!(configuration.claims[0].display[0].name, "Voornaam");
    }

    #[test]
    fn vci_b_3_a_claim_described_twice_stops_the_wallet() {
        let mut twice = microcredential();
        twice["credential_metadata"]["claims"] = json!([{"path": ["a"]}, {"path": ["a"]}]);
        assert!(CredentialConfiguration::parse(twice).is_err());
    }

    #[test]
    fn vci_b_3_descriptions_that_contradict_each_other_stop_the_wallet() {
        let described = |claims: Value| {
            let mut configuration = microcredential();
            configuration["credential_metadata"]["claims"] = claims;
            CredentialConfiguration::parse(configuration)
        };
        for contradiction in [
            json!([{"path": ["courses", null]}, {"path": ["courses", 0]}]),
            json!([{"path": ["courses", null, "ects"]}, {"path": ["courses", 1, "title"]}]),
            json!([{"path": ["address", "city"]}, {"path": ["address", 0]}]),
            json!([{"path": ["address", null]}, {"path": ["address", "city"]}]),
            json!([{"path": ["name"]}, {"path": ["a", "b", "c"]}, {"path": ["a", null]}]),
        ] {
            assert!(described(contradiction.clone()).is_err(), "{contradiction}");
        }
        let sound = json!([{"path": ["courses"]}, {"path": ["courses", null]}, {"path": ["courses", null, "ects"]},
            {"path": ["courses", null, "title"]}, {"path": ["list", 0]}, {"path": ["list", 1]}, {"path": ["name"]}]);
        assert_eq!(described(sound).unwrap().claims.len(), 7);
    }

    #[test]
    fn vci_12_2_4_of_two_names_for_one_language_the_first_counts() {
        let mut twice = microcredential();
        twice["credential_metadata"]["display"] =
            json!([{"name": "First", "locale": "nl"}, {"name": "Second", "locale": "nl"}, {"name": "Third"}]);
        let configuration = CredentialConfiguration::parse(twice).unwrap();
        assert_eq!(configuration.name(Language::Nl), Some("First"));
    }

    #[test]
    fn a_name_is_plain_and_short() {
        let mut long = microcredential();
        long["credential_metadata"]["display"] = json!([{"name": format!("\u{202E}{}", "n".repeat(100_000))}]);
        let configuration = CredentialConfiguration::parse(long).unwrap();
        assert_eq!(configuration.display[0].name.len(), NAME);
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let mut configuration = CredentialConfiguration::parse(microcredential()).unwrap();
        configuration.other_proof_types.clear();
        let written = serde_json::to_value(&configuration).unwrap();
        assert_eq!(CredentialConfiguration::parse(written).unwrap(), configuration);
    }
}
