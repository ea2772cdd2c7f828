//! Presentation Exchange 2, as verifiers that speak a text before OpenID4VP 1.0 still use it: translated to a DCQL
//! query here, and answered with a `presentation_submission`. Nothing else knows of it.
//!
//! What DCQL cannot say is refused rather than bent: submission requirements, patterns, types without a name.

use serde_json::{Map, Value, json};

use super::{RequestError, VpToken};
use crate::{
    dcql::{DcqlQuery, MAX_CREDENTIALS},
    text,
};

/// Longest identifier that is sent back, and longest path.
const MAX_TEXT: usize = 200;
/// Longest reason that is shown.
const MAX_PURPOSE: usize = 500;
/// Types of W3C credentials whose short names everybody uses, with their IRIs.
const TYPES: [(&str, &str); 3] = [
    ("VerifiableCredential", "https://www.w3.org/2018/credentials#VerifiableCredential"),
    ("OpenBadgeCredential", "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"),
    ("AchievementCredential", "https://purl.imsglobal.org/spec/vc/ob/vocab.html#OpenBadgeCredential"),
];

const INVALID: RequestError = RequestError::Invalid("presentation_definition is malformed");
const UNSUPPORTED: RequestError = RequestError::Unsupported("this kind of presentation_definition");

/// What of a presentation definition is needed to answer it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentationDefinition {
    id: String,
    /// Why, in the verifier's words, safe to show.
    pub(super) purpose: Option<String>,
    descriptors: Vec<Descriptor>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Descriptor {
    id: String,
    /// The format as the verifier called it.
    format: String,
    kind: Kind,
}

/// The format that a descriptor leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    SdJwt,
    LinkedData,
    /// VCDM 1.1 as a JWT, within a presentation that is one too.
    Jwt,
}

impl PresentationDefinition {
    /// Translates a definition to a query; the query of the n-th descriptor is called `d<n>`.
    ///
    /// # Errors
    /// [`RequestError::Invalid`] for what is malformed, [`RequestError::Unsupported`] for what DCQL cannot say.
    pub(super) fn translate(value: &Value) -> Result<(Self, DcqlQuery), RequestError> {
        let map = value.as_object().ok_or(INVALID)?;
        if map.contains_key("submission_requirements") {
            return Err(UNSUPPORTED);
        }
        let id = identifier(map)?;
        let list = map.get("input_descriptors").and_then(Value::as_array).ok_or(INVALID)?;
        if list.is_empty() || list.len() > MAX_CREDENTIALS {
            return Err(INVALID);
        }
        let (mut descriptors, mut credentials) = (Vec::<Descriptor>::new(), Vec::new());
        for (n, descriptor) in list.iter().enumerate() {
            let descriptor = descriptor.as_object().ok_or(INVALID)?;
            let id = identifier(descriptor)?;
            if descriptors.iter().any(|earlier| earlier.id == id) {
                return Err(INVALID);
            }
            let formats = descriptor.get("format").or_else(|| map.get("format"));
            let (kind, format) = format_of(formats)?;
            credentials.push(credential(&format!("d{n}"), kind, descriptor)?);
            descriptors.push(Descriptor { id, format, kind });
        }
        let query = DcqlQuery::parse(&json!({"credentials": credentials}))?;
        let purpose = map.get("purpose").and_then(Value::as_str).map(|purpose| text::plain(purpose, MAX_PURPOSE));
        Ok((Self { id, purpose: purpose.filter(|purpose| !purpose.is_empty()), descriptors }, query))
    }

    /// The answer in this protocol: one presentation or a list of them, and where each descriptor finds its own.
    ///
    /// The members are `vp_token`, `presentation_submission` and `state`, for [`Self::to_form`] or to be encrypted.
    pub fn to_payload(&self, token: &VpToken, state: Option<&str>) -> Value {
        let mut presentations = Vec::new();
        let mut map = Vec::new();
        let answered: Vec<_> = self
            .descriptors
            .iter()
            .enumerate()
            .filter_map(|(n, descriptor)| {
                let (_, list) = token.entries().iter().find(|(query, _)| *query == format!("d{n}"))?;
                Some((descriptor, list.first()?))
            })
            .collect();
        for (n, (descriptor, presentation)) in answered.iter().enumerate() {
            let path = if answered.len() == 1 { "$".to_owned() } else { format!("$[{n}]") };
            map.push(match presentation {
                // A presentation around the credential: the credential is within it.
                Value::String(_) if descriptor.kind == Kind::Jwt => {
                    let (of_all, of_one) = jwt_names(&descriptor.format);
                    json!({"id": descriptor.id, "format": of_all, "path": path, "path_nested":
                        {"id": descriptor.id, "format": of_one, "path": "$.vp.verifiableCredential[0]"}})
                }
                Value::Object(_) => json!({"id": descriptor.id, "format": "ldp_vp", "path": path,
                    "path_nested": {"id": descriptor.id, "format": "ldp_vc", "path": "$.verifiableCredential[0]"}}),
                _ => json!({"id": descriptor.id, "format": descriptor.format, "path": path}),
            });
            presentations.push((*presentation).clone());
        }
        let token = match presentations.len() {
            1 => presentations.remove(0),
            _ => Value::Array(presentations),
        };
        let submission = json!({"id": "s1", "definition_id": self.id, "descriptor_map": map});
        let mut payload = json!({"vp_token": token, "presentation_submission": submission});
        if let Some(state) = state {
            payload["state"] = json!(state);
        }
        payload
    }

    /// The same as a form.
    pub fn to_form(&self, token: &VpToken, state: Option<&str>) -> Vec<(String, String)> {
        let Value::Object(members) = self.to_payload(token, state) else { return Vec::new() };
        let as_text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        members.into_iter().map(|(name, value)| (name, as_text(value))).collect()
    }
}

fn identifier(map: &Map<String, Value>) -> Result<String, RequestError> {
    let id = map.get("id").and_then(Value::as_str).ok_or(INVALID)?;
    if id.is_empty() || id.len() > MAX_TEXT { Err(INVALID) } else { Ok(id.to_owned()) }
}

/// The first format that Leerpas presents. One that names no format is taken for what the paths say.
fn format_of(formats: Option<&Value>) -> Result<(Kind, String), RequestError> {
    let Some(formats) = formats else { return Ok((Kind::SdJwt, "dc+sd-jwt".to_owned())) };
    let formats = formats.as_object().ok_or(INVALID)?;
    let known = [
        ("dc+sd-jwt", Kind::SdJwt),
        ("vc+sd-jwt", Kind::SdJwt),
        ("ldp_vp", Kind::LinkedData),
        ("ldp_vc", Kind::LinkedData),
        ("jwt_vp_json", Kind::Jwt),
        ("jwt_vc_json", Kind::Jwt),
        ("jwt_vp", Kind::Jwt),
        ("jwt_vc", Kind::Jwt),
    ];
    let (word, kind) = known.into_iter().find(|(word, _)| formats.contains_key(*word)).ok_or(UNSUPPORTED)?;
    // The algorithm of a presentation is ours; that of a credential is its issuer's.
    let algorithms = formats.get(word).and_then(|details| details.get("alg")).and_then(Value::as_array);
    if word.starts_with("jwt_vp") && algorithms.is_some_and(|list| !list.iter().any(|alg| alg == "ES256")) {
        return Err(UNSUPPORTED);
    }
    Ok((kind, word.to_owned()))
}

/// How a presentation and the credential in it are called, in the family of names that the verifier uses: that of
/// Presentation Exchange, or that of OpenID4VP.
fn jwt_names(asked: &str) -> (&'static str, &'static str) {
    if asked.ends_with("_json") { ("jwt_vp_json", "jwt_vc_json") } else { ("jwt_vp", "jwt_vc") }
}

fn credential(id: &str, kind: Kind, descriptor: &Map<String, Value>) -> Result<Value, RequestError> {
    let constraints = descriptor.get("constraints").and_then(Value::as_object).ok_or(INVALID)?;
    if constraints.get("subject_is_issuer").is_some_and(|rule| rule == "required") {
        return Err(UNSUPPORTED);
    }
    let fields = match constraints.get("fields") {
        None => &[],
        Some(fields) => fields.as_array().ok_or(INVALID)?.as_slice(),
    };
    let type_path = json!([if kind == Kind::SdJwt { "vct" } else { "type" }]);
    let (mut types, mut claims, mut needed) = (None, Vec::new(), Vec::new());
    for (n, field) in fields.iter().enumerate() {
        let field = Field::parse(field, kind)?;
        let is_type = field.path.first() == type_path.get(0);
        if is_type && !field.optional {
            types = Some(field.values);
            continue;
        }
        let name = format!("c{n}");
        let mut claim = json!({"id": name, "path": field.path});
        if !field.values.is_empty() {
            claim["values"] = Value::Array(field.values);
        }
        claims.push(claim);
        if !field.optional {
            needed.push(name);
        }
    }
    let meta = meta(kind, types)?;
    let format = match kind {
        Kind::SdJwt => "dc+sd-jwt",
        Kind::LinkedData => "ldp_vc",
        Kind::Jwt => "jwt_vc_json",
    };
    let mut query = json!({"id": id, "format": format, "meta": meta});
    if claims.is_empty() {
        return Ok(query);
    }
    if needed.len() < claims.len() {
        // Best all of it; what is needed will do. The type is always there and makes up for an empty list.
        claims.push(json!({"id": "type", "path": type_path}));
        let all: Vec<Value> = claims.iter().filter_map(|claim| claim.get("id").cloned()).collect();
        needed.push("type".to_owned());
        query["claim_sets"] = json!([all, needed]);
    }
    query["claims"] = Value::Array(claims);
    Ok(query)
}

fn meta(kind: Kind, types: Option<Vec<Value>>) -> Result<Value, RequestError> {
    match (kind, types) {
        // Without a name of the kind, every card would be asked for.
        (Kind::SdJwt, Some(values)) if !values.is_empty() => Ok(json!({"vct_values": values})),
        (Kind::SdJwt, _) => Err(RequestError::Unsupported("a presentation_definition that names no type")),
        (Kind::LinkedData | Kind::Jwt, types) => {
            let types = types.unwrap_or_else(|| vec![json!(TYPES[0].0)]);
            let iri = |name: &Value| {
                let name = name.as_str()?;
                let known = TYPES.iter().find(|(short, _)| *short == name).map(|(_, iri)| *iri);
                known.or_else(|| name.contains(':').then_some(name)).map(|iri| json!([iri]))
            };
            let values = types.iter().map(iri).collect::<Option<Vec<_>>>().filter(|values| !values.is_empty());
            Ok(json!({"type_values": values.ok_or(UNSUPPORTED)?}))
        }
    }
}

/// One field of a descriptor.
struct Field {
    path: Vec<Value>,
    values: Vec<Value>,
    optional: bool,
}

impl Field {
    fn parse(value: &Value, kind: Kind) -> Result<Self, RequestError> {
        let map = value.as_object().ok_or(INVALID)?;
        let paths = map.get("path").and_then(Value::as_array).filter(|paths| !paths.is_empty()).ok_or(INVALID)?;
        if map.contains_key("predicate") {
            return Err(UNSUPPORTED);
        }
        // Alternatives are for the formats of a credential (`$.vc.…` is that of a JWT); DCQL has one path.
        let mut readable = paths.iter().filter_map(Value::as_str).filter(|path| path.len() <= MAX_TEXT);
        let first = readable.clone().find(|path| !path.starts_with("$.vc.")).or_else(|| readable.next());
        let mut path = json_path(first.ok_or(INVALID)?).ok_or(UNSUPPORTED)?;
        // The credential itself lies in the claim `vc` of the token (VCDM 1.1, 6.3.1).
        if kind == Kind::Jwt && path.len() > 1 && path.first().is_some_and(|name| name == "vc") {
            path.remove(0);
        }
        let values = match map.get("filter") {
            None => Vec::new(),
            Some(filter) => filter_values(filter, &mut path)?,
        };
        Ok(Self { path, values, optional: map.get("optional") == Some(&Value::Bool(true)) })
    }
}

/// The values that a filter allows; empty for any.
fn filter_values(filter: &Value, path: &mut Vec<Value>) -> Result<Vec<Value>, RequestError> {
    let map = filter.as_object().ok_or(INVALID)?;
    if let Some(one) = map.get("const") {
        return Ok(vec![one.clone()]);
    }
    if let Some(many) = map.get("enum") {
        return many.as_array().filter(|many| !many.is_empty()).cloned().ok_or(INVALID);
    }
    if let Some(pattern) = map.get("pattern") {
        return Ok(vec![json!(literal(pattern.as_str().ok_or(INVALID)?).ok_or(UNSUPPORTED)?)]);
    }
    if let Some(within) = map.get("contains") {
        let is_every = path.last() == Some(&Value::Null);
        if !is_every {
            path.push(Value::Null);
        }
        return filter_values(within, path);
    }
    let only_a_type = map.keys().all(|name| matches!(name.as_str(), "type" | "format"));
    if only_a_type { Ok(Vec::new()) } else { Err(UNSUPPORTED) }
}

/// The one text that a pattern stands for: `^text$`, with escaped punctuation. Anything else is a real pattern.
fn literal(pattern: &str) -> Option<String> {
    let inner = pattern.strip_prefix('^')?.strip_suffix('$')?;
    let mut text = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.push(characters.next().filter(char::is_ascii_punctuation)?),
            // A dot in a pattern of a type is nearly always a dot that nobody escaped.
            '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' => return None,
            other => text.push(other),
        }
    }
    (!text.is_empty()).then_some(text)
}

/// A JSONPath of names, positions and `*` as a claims path pointer.
fn json_path(path: &str) -> Option<Vec<Value>> {
    let mut rest = path.strip_prefix('$')?;
    let mut pointer = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let (name, next) = after.split_at(end);
            match name {
                "" => return None,
                "*" => pointer.push(Value::Null),
                name => pointer.push(json!(name)),
            }
            rest = next;
        } else {
            let after = rest.strip_prefix('[')?;
            let (inner, next) = after.split_once(']')?;
            let quoted = ['\'', '"'].into_iter().find_map(|q| inner.strip_prefix(q)?.strip_suffix(q));
            pointer.push(match (quoted, inner) {
                (Some(name), _) if !name.is_empty() => json!(name),
                (None, "*") => Value::Null,
                (None, number) => json!(number.parse::<u32>().ok()?),
                _ => return None,
            });
            rest = next;
        }
    }
    (!pointer.is_empty()).then_some(pointer)
}

#[cfg(test)]
mod tests;
