//! Older drafts of OpenID4VCI, known by what their messages hold and turned into the messages of 1.0.
//!
//! Issuers in the field speak draft 13 and draft 15, and mixtures. Everything that differs is here: what comes in is
//! rewritten before it is read, what goes out is rewritten after it was made. Nothing else knows that there are drafts.
//!
//! | since | what changed |
//! |---|---|
//! | 13 | offers name `credential_configuration_ids`, metadata `credential_configurations_supported`; what comes later is known by a `transaction_id` and no longer by an `acceptance_token` |
//! | 14 | several `proofs` in one request |
//! | 15 | a nonce endpoint instead of `c_nonce` in responses, `credential_configuration_id` instead of `format` in requests, a list of `credentials` in responses, `dc+sd-jwt`, claims by path |
//! | 16 | `credential_metadata`, `proofs` alone, the string of the well-known address between host and path |

use serde_json::{Map, Value, json};

use super::{
    CredentialConfiguration, CredentialRequest, CredentialResponseError, NONCE_BYTES, PRE_AUTHORIZED_CODE, TOKEN_BYTES,
    Target, TokenRequest, deferred::wait, is_token,
};
use crate::json::{self, Members};

/// Parts of a claims path that descriptions by name may nest.
const NESTING: usize = 16;

/// Which edition of OpenID4VCI a party shows by its messages; a later one of these is an older one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edition {
    /// 1.0, or nothing that says otherwise.
    #[default]
    Final,
    /// Draft 15, or one of its neighbours that has a nonce endpoint.
    Draft15,
    /// Draft 13 or 14, or one before.
    Draft13,
}

impl Edition {
    /// The word for a log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Final => "1.0",
            Self::Draft15 => "draft 15",
            Self::Draft13 => "draft 13",
        }
    }
}

/// An offer in the form of 1.0: `credentials` becomes `credential_configuration_ids` (until draft 12), and
/// `user_pin_required` an empty `tx_code` (until draft 11). Nothing where it is in that form already.
pub(super) fn offer(value: &Value) -> Option<Value> {
    let members = value.as_object()?;
    let mut changed = false;
    let mut new = members.clone();
    if !members.contains_key("credential_configuration_ids")
        && let Some(ids) = members.get("credentials").filter(|ids| are_texts(ids))
    {
        new.insert("credential_configuration_ids".to_owned(), ids.clone());
        changed = true;
    }
    if asks_for_pin(value)
        && let Some(grant) = new.get_mut("grants").and_then(|grants| grants.get_mut(PRE_AUTHORIZED_CODE))
    {
        grant["tx_code"] = json!({});
        changed = true;
    }
    changed.then_some(Value::Object(new))
}

/// Whether an offer asks for a code under the name that it had until draft 11.
pub(super) fn asks_for_pin(value: &Value) -> bool {
    let grant = value.get("grants").and_then(|grants| grants.get(PRE_AUTHORIZED_CODE));
    grant.is_some_and(|grant| grant.get("tx_code").is_none() && grant["user_pin_required"] == json!(true))
}

/// The form of a token request for a server that may know the transaction code as `user_pin` (until draft 11).
pub fn token_form(request: &TokenRequest, pin: bool) -> Vec<(String, String)> {
    let mut form = request.form();
    let code = form.iter().find(|(name, _)| name == "tx_code").map(|(_, code)| code.clone());
    if let Some(code) = code.filter(|_| pin) {
        form.push(("user_pin".to_owned(), code));
    }
    form
}

/// The token by which an issuer knows a credential that comes later (until draft 12), and the seconds to wait: it goes to
/// the deferred endpoint in the place of the access token. Nothing where a credential or the transaction of later editions
/// came.
pub(super) fn acceptance_token(members: &Members<'_>) -> Result<Option<(String, u64)>, CredentialResponseError> {
    let newer = ["credential", "credentials", "transaction_id"].iter().any(|name| members.get(name).is_some());
    if newer || members.get("acceptance_token").is_none() {
        return Ok(None);
    }
    let token = members.required_text("acceptance_token")?;
    if !is_token(token, TOKEN_BYTES) {
        return Err(members.wrong("acceptance_token", "one short word").into());
    }
    Ok(Some((token.to_owned(), wait(members.get("interval")))))
}

/// Metadata of an issuer in the form of 1.0, but for its configurations, which are read one by one.
pub(super) fn issuer_metadata(mut members: Map<String, Value>) -> (Map<String, Value>, Edition) {
    let mut edition = Edition::Final;
    if !members.contains_key("credential_configurations_supported")
        && let Some(older) = members.get("credentials_supported").and_then(by_identifier)
    {
        members.insert("credential_configurations_supported".to_owned(), older);
        edition = Edition::Draft13;
    }
    if let Some(server) = members.get("authorization_server").filter(|server| server.is_string()).cloned()
        && !members.contains_key("authorization_servers")
    {
        members.insert("authorization_servers".to_owned(), json!([server]));
        edition = Edition::Draft13;
    }
    // Gone since draft 14 and draft 16.
    for gone in ["batch_credential_endpoint", "signed_metadata", "credential_identifiers_supported"] {
        if members.contains_key(gone) {
            edition = Edition::Draft13;
        }
    }
    (members, edition)
}

/// `credentials_supported`: an object by identifier, or a list of which each entry has an `id` (until draft 11).
fn by_identifier(older: &Value) -> Option<Value> {
    match older {
        Value::Object(_) => Some(older.clone()),
        Value::Array(items) => {
            let named = items.iter().filter_map(|item| Some((item.get("id")?.as_str()?.to_owned(), item.clone())));
            Some(Value::Object(named.collect()))
        }
        _ => None,
    }
}

/// One configuration in the form of 1.0, and which edition it shows.
pub(super) fn configuration(mut members: Map<String, Value>) -> (Map<String, Value>, Edition) {
    let mut edition = Edition::Final;
    let metadata = members.get("credential_metadata");
    if metadata.is_none() && (members.contains_key("display") || members.contains_key("claims")) {
        edition = Edition::Draft15;
    }
    if definition(&mut members) | claims(&mut members) | proofs(&mut members) {
        edition = Edition::Draft13;
    }
    // `dc+sd-jwt` since draft 15; with a type of W3C it is the format of VC-JOSE-COSE.
    let format = members.get("format").and_then(Value::as_str);
    if format == Some("vc+sd-jwt") && members.contains_key("vct") {
        edition = Edition::Draft13;
    }
    (members, edition)
}

/// `types` beside or inside the definition becomes its `type`, a `vct` inside it that of the configuration.
fn definition(members: &mut Map<String, Value>) -> bool {
    let outside = members.get("types").filter(|types| are_texts(types)).cloned();
    let mut definition = match members.get("credential_definition") {
        Some(Value::Object(definition)) => definition.clone(),
        Some(_) => return false,
        None => Map::new(),
    };
    let mut changed = false;
    let inside = definition.get("types").filter(|types| are_texts(types)).cloned();
    if let Some(types) = inside.or(outside).filter(|_| !definition.contains_key("type")) {
        definition.insert("type".to_owned(), types);
        changed = true;
    }
    if let Some(vct) = definition.get("vct").filter(|_| !members.contains_key("vct")).cloned() {
        members.insert("vct".to_owned(), vct);
        changed = true;
    }
    if changed {
        members.insert("credential_definition".to_owned(), Value::Object(definition));
    }
    changed
}

/// Descriptions of claims by name, nested as the claims are, become a list by path. They stand in `claims`, or for W3C
/// credentials in `credential_definition.credentialSubject` (until draft 14).
fn claims(members: &mut Map<String, Value>) -> bool {
    let mut list = Vec::new();
    let in_definition = members.get("credential_definition").and_then(|definition| definition.get("credentialSubject"));
    match (members.get("claims"), in_definition) {
        (Some(Value::Object(by_name)), _) => by_path(by_name, &mut Vec::new(), &mut list),
        (None, Some(Value::Object(by_name))) => by_path(by_name, &mut vec!["credentialSubject"], &mut list),
        _ => return false,
    }
    members.insert("claims".to_owned(), Value::Array(list));
    true
}

fn by_path<'a>(by_name: &'a Map<String, Value>, path: &mut Vec<&'a str>, list: &mut Vec<Value>) {
    for (name, value) in by_name {
        path.push(name);
        let inner = value.as_object().filter(|_| path.len() < NESTING);
        let is_description = |inner: &Map<String, Value>| {
            inner.is_empty() || ["display", "mandatory", "value_type"].iter().any(|known| inner.contains_key(*known))
        };
        match inner {
            Some(inner) if !is_description(inner) => by_path(inner, path, list),
            _ => {
                let mut one = json!({"path": path});
                if let Some(display) = value.get("display").filter(|display| display.is_array()) {
                    one["display"] = display.clone();
                }
                if let Some(mandatory) = value.get("mandatory").filter(|mandatory| mandatory.is_boolean()) {
                    one["mandatory"] = mandatory.clone();
                }
                list.push(one);
            }
        }
        path.pop();
    }
}

/// Proof types as a list, without algorithms, become the object of 1.0; `cryptographic_suites_supported` was the name
/// of the algorithms of the credential, and `did` one for every method of DIDs (until draft 12).
fn proofs(members: &mut Map<String, Value>) -> bool {
    let mut changed = false;
    for name in ["proof_types_supported", "proof_types"] {
        if let Some(types) = members.get(name).and_then(Value::as_array) {
            let types = types.iter().filter_map(Value::as_str);
            // Whoever names no algorithm takes the one that every wallet has.
            let object = types.map(|name| (name.to_owned(), json!({"proof_signing_alg_values_supported": ["ES256"]})));
            let object = Value::Object(object.collect());
            members.insert("proof_types_supported".to_owned(), object);
            changed = true;
        }
    }
    if let Some(Value::Array(methods)) = members.get_mut("cryptographic_binding_methods_supported")
        && methods.contains(&json!("did"))
    {
        methods.push(json!("did:jwk"));
        changed = true;
    }
    if members.contains_key("cryptographic_suites_supported") {
        changed = true;
    }
    let bound = members.get("cryptographic_binding_methods_supported").is_some_and(Value::is_array);
    if changed && bound && !members.contains_key("proof_types_supported") {
        let jwt = json!({"jwt": {"proof_signing_alg_values_supported": ["ES256"]}});
        members.insert("proof_types_supported".to_owned(), jwt);
    }
    changed
}

/// The nonce in a token response, a credential response or an error of draft 13 or 14, which have no nonce endpoint.
pub fn nonce(body: &[u8]) -> Option<String> {
    nonce_among(&json::read_object(body).ok()?).map(str::to_owned)
}

/// The same among the members of a body.
pub(super) fn nonce_among(members: &Map<String, Value>) -> Option<&str> {
    members.get("c_nonce")?.as_str().filter(|nonce| is_token(nonce, NONCE_BYTES))
}

/// A credential request as an older issuer reads it.
///
/// Draft 15 takes one proof as `proof`. Before it, the format and its type say what is asked for, unless the token
/// response named the credential.
pub fn credential_request(
    request: &CredentialRequest,
    configuration: &CredentialConfiguration,
    edition: Edition,
) -> Value {
    let mut value = request.to_json();
    if edition == Edition::Final {
        return value;
    }
    let Some(members) = value.as_object_mut() else { return value };
    if let [proof] = &request.jwt_proofs[..] {
        members.remove("proofs");
        members.insert("proof".to_owned(), json!({"proof_type": "jwt", "jwt": proof}));
    }
    if edition == Edition::Draft13 && matches!(request.target, Target::Configuration(_)) {
        members.remove("credential_configuration_id");
        members.insert("format".to_owned(), json!(configuration.format));
        if let Some(vct) = &configuration.vct {
            members.insert("vct".to_owned(), json!(vct));
        }
        let mut definition = Map::new();
        if !configuration.contexts.is_empty() {
            definition.insert("@context".to_owned(), json!(configuration.contexts));
        }
        if !configuration.types.is_empty() {
            definition.insert("type".to_owned(), json!(configuration.types));
        }
        if !definition.is_empty() {
            members.insert("credential_definition".to_owned(), definition.into());
        }
    }
    value
}

/// A credential response in the form of 1.0: one `credential`, or `credentials` that stand there bare (until draft 14).
pub(super) fn credential_response(mut members: Map<String, Value>) -> Map<String, Value> {
    if members.contains_key("transaction_id") {
        return members;
    }
    let alone = members.remove("credential");
    match (members.get_mut("credentials"), alone) {
        (Some(Value::Array(items)), _) => {
            for item in items.iter_mut().filter(|item| item.is_string() || is_credential(item)) {
                *item = json!({"credential": item.take()});
            }
        }
        (None, Some(one)) => drop(members.insert("credentials".to_owned(), json!([{"credential": one}]))),
        _ => {}
    }
    members
}

/// Whether an object is a W3C credential itself and not a wrapper of one.
fn is_credential(item: &Value) -> bool {
    item.get("credential").is_none() && item.get("@context").is_some()
}

fn are_texts(value: &Value) -> bool {
    value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(Value::is_string))
}

#[cfg(test)]
mod tests;
