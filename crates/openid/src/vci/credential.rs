//! Nonce, credential request and response, and notification (OpenID4VCI 1.0, 7, 8 and 11).

use leerpas_core::ErrorKind;
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::{Deferred, NONCE_BYTES, TOKEN_BYTES, draft, is_token};
use crate::json::{self, JsonError, Members};

/// A fresh nonce for a key proof (7.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NonceResponse {
    /// The nonce.
    pub c_nonce: String,
}

/// Why a nonce response is not used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NonceError {
    /// A member is missing or wrong.
    #[error("the nonce response breaks a rule: {0}")]
    Json(#[from] JsonError),
    /// Too long, or with characters that no nonce has.
    #[error("the nonce cannot be used")]
    Unusable,
}

/// What is asked for: one of two members, never both (8.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `credential_configuration_id`, where the token response named no credentials.
    Configuration(String),
    /// `credential_identifier`, where it did.
    Identifier(String),
}

/// A credential request with `jwt` or `di_vp` proofs (8.2, and appendices F.1 and F.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialRequest {
    /// What is asked for.
    pub target: Target,
    /// One compact JWS for each copy; empty where no proof of this type goes along.
    pub jwt_proofs: Vec<String>,
    /// One W3C presentation with a Data Integrity proof for each copy; empty where none of this type goes along.
    pub di_vp_proofs: Vec<Value>,
}

/// Why a credential request is not taken, seen from the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CredentialRequestError {
    /// A member is missing or wrong.
    #[error("the credential request breaks a rule: {0}")]
    Json(#[from] JsonError),
    /// Both or neither of the two ways to say what is asked for.
    #[error("exactly one of credential_configuration_id and credential_identifier is needed")]
    Target,
    /// Not exactly one proof type, or neither `jwt` nor `di_vp`, or no proof in it.
    #[error("exactly one proof type, jwt or di_vp, with at least one proof is needed")]
    Proofs,
}

/// One credential as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssuedCredential {
    /// Text, as an SD-JWT VC is.
    Text(String),
    /// An object, as a credential with a Data Integrity proof is.
    Object(Map<String, Value>),
}

/// Credentials, straight away (8.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialResponse {
    /// The copies; at least one.
    pub credentials: Vec<IssuedCredential>,
    /// For the notification endpoint.
    pub notification_id: Option<String>,
}

/// The body of a successful response, read once: credentials, or the word that they come later (8.3 and 9.2). Holds
/// credentials, so it has no `Debug`.
pub struct CredentialReply(Map<String, Value>);

/// Why a credential response is not used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CredentialResponseError {
    /// A member is missing or wrong.
    #[error("the credential response breaks a rule: {0}")]
    Json(#[from] JsonError),
    /// The credential is not ready: it would have to be asked for later (9).
    #[error("the issuer will give the credential later, which Leerpas does not wait for yet")]
    Deferred,
}

/// How it went, for the issuer (11.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationEvent {
    /// Kept.
    Accepted,
    /// Not usable.
    Failure,
    /// The person did not want it.
    Deleted,
}

impl NonceError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::ReplyUnreadable
    }
}

impl CredentialResponseError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Json(_) => ErrorKind::ReplyUnreadable,
            Self::Deferred => ErrorKind::OfferUnsupported,
        }
    }
}

impl NonceResponse {
    /// Reads the body of a response of the nonce endpoint.
    ///
    /// # Errors
    /// [`NonceError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NonceError> {
        let value = json::read(bytes)?;
        let nonce = Members::of(&value)?.required_text("c_nonce")?;
        if is_token(nonce, NONCE_BYTES) { Ok(Self { c_nonce: nonce.to_owned() }) } else { Err(NonceError::Unusable) }
    }

    /// The body of a response.
    pub fn to_json(&self) -> Value {
        json!({"c_nonce": self.c_nonce})
    }
}

impl CredentialRequest {
    /// The body to send.
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        match &self.target {
            Target::Configuration(id) => members.insert("credential_configuration_id".into(), json!(id)),
            Target::Identifier(id) => members.insert("credential_identifier".into(), json!(id)),
        };
        if !self.jwt_proofs.is_empty() {
            members.insert("proofs".into(), json!({"jwt": self.jwt_proofs}));
        } else if !self.di_vp_proofs.is_empty() {
            members.insert("proofs".into(), json!({"di_vp": self.di_vp_proofs}));
        }
        Value::Object(members)
    }

    /// Reads a body that arrived.
    ///
    /// # Errors
    /// [`CredentialRequestError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CredentialRequestError> {
        let value = json::read(bytes)?;
        let members = Members::of(&value)?;
        let target = match (members.text("credential_configuration_id")?, members.text("credential_identifier")?) {
            (Some(id), None) => Target::Configuration(id.to_owned()),
            (None, Some(id)) => Target::Identifier(id.to_owned()),
            _ => return Err(CredentialRequestError::Target),
        };
        let (jwt_proofs, di_vp_proofs) = match members.object("proofs")? {
            None => (Vec::new(), Vec::new()),
            Some(proofs) => {
                let jwt = proofs.texts("jwt")?;
                let di_vp = proofs.get("di_vp").and_then(Value::as_array).cloned().unwrap_or_default();
                let objects = di_vp.iter().all(Value::is_object);
                if proofs.len() != 1 || jwt.is_empty() == di_vp.is_empty() || !objects {
                    return Err(CredentialRequestError::Proofs);
                }
                (jwt, di_vp)
            }
        };
        Ok(Self { target, jwt_proofs, di_vp_proofs })
    }
}

impl IssuedCredential {
    /// The bytes to keep: the text itself, or the object as JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Object(object) => serde_json::to_vec(object).unwrap_or_default(),
        }
    }
}

impl CredentialReply {
    /// Reads the body of a 2xx response of the credential endpoint or of the deferred one.
    ///
    /// # Errors
    /// [`CredentialResponseError::Json`] unless it is an object.
    pub fn read(bytes: &[u8]) -> Result<Self, CredentialResponseError> {
        Ok(Self(json::read_object(bytes)?))
    }

    /// The transaction under which a credential comes later; `None` where it holds credentials, or names no transaction.
    /// Credentials that came are taken, whatever stands beside them.
    ///
    /// # Errors
    /// [`CredentialResponseError::Json`] for a transaction that could not be named again.
    pub fn deferred(&self) -> Result<Option<Deferred>, CredentialResponseError> {
        Deferred::among(&Members::new(&self.0))
    }

    /// The token by which an issuer knows a credential that comes later (until draft 12), and the seconds to wait.
    ///
    /// # Errors
    /// [`CredentialResponseError::Json`] for a token that could not be sent.
    pub fn acceptance_token(&self) -> Result<Option<(String, u64)>, CredentialResponseError> {
        draft::acceptance_token(&Members::new(&self.0))
    }

    /// The nonce for the next proof (drafts 13 and 14).
    pub fn nonce(&self) -> Option<&str> {
        draft::nonce_among(&self.0)
    }

    /// The credentials that came.
    ///
    /// # Errors
    /// [`CredentialResponseError`].
    pub fn credentials(self) -> Result<CredentialResponse, CredentialResponseError> {
        let mut all = draft::credential_response(self.0);
        let came = all.remove("credentials").filter(|credentials| !credentials.is_null());
        let members = Members::new(&all);
        let items = match came {
            Some(Value::Array(items)) if !items.is_empty() => items,
            Some(_) => return Err(members.wrong("credentials", "a list with at least one credential").into()),
            None if members.get("transaction_id").is_some() => return Err(CredentialResponseError::Deferred),
            None => return Err(JsonError::Missing("credentials".to_owned()).into()),
        };
        let credentials = items
            .into_iter()
            .map(|mut item| match item.get_mut("credential").map(Value::take) {
                Some(Value::String(text)) if !text.is_empty() => Ok(IssuedCredential::Text(text)),
                Some(Value::Object(object)) => Ok(IssuedCredential::Object(object)),
                _ => Err(members.wrong("credentials", "a list of objects with a credential")),
            })
            .collect::<Result<_, _>>()?;
        let notification_id = members.text("notification_id")?;
        if notification_id.is_some_and(|id| id.len() > TOKEN_BYTES) {
            return Err(members.wrong("notification_id", "short enough").into());
        }
        Ok(CredentialResponse { credentials, notification_id: notification_id.map(str::to_owned) })
    }
}

impl CredentialResponse {
    /// Reads the body of a 2xx response.
    ///
    /// # Errors
    /// [`CredentialResponseError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, CredentialResponseError> {
        CredentialReply::read(bytes)?.credentials()
    }

    /// The body of a 200 response.
    pub fn to_json(&self) -> Value {
        let credentials: Vec<Value> = self
            .credentials
            .iter()
            .map(|one| match one {
                IssuedCredential::Text(text) => json!({"credential": text}),
                IssuedCredential::Object(object) => json!({"credential": object}),
            })
            .collect();
        let mut members = Map::new();
        members.insert("credentials".into(), credentials.into());
        if let Some(id) = &self.notification_id {
            members.insert("notification_id".into(), json!(id));
        }
        Value::Object(members)
    }
}

/// The body of a notification (11.1).
pub fn notification(id: &str, event: NotificationEvent) -> Value {
    let event = match event {
        NotificationEvent::Accepted => "credential_accepted",
        NotificationEvent::Failure => "credential_failure",
        NotificationEvent::Deleted => "credential_deleted",
    };
    json!({"notification_id": id, "event": event})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(value: &Value) -> Result<CredentialResponse, CredentialResponseError> {
        CredentialResponse::parse(value.to_string().as_bytes())
    }

    #[test]
    fn openid4vci_7_2_a_nonce_is_one_short_word() {
        let nonce = |value: Value| NonceResponse::parse(json!({"c_nonce": value}).to_string().as_bytes());
        assert_eq!(nonce(json!("wKI4LT17ac15ES9bw8ac4")).unwrap().c_nonce, "wKI4LT17ac15ES9bw8ac4");
        assert_eq!(nonce(json!("n".repeat(1_000_000))), Err(NonceError::Unusable));
        assert_eq!(nonce(json!("a\nb")), Err(NonceError::Unusable));
        assert!(nonce(json!("")).is_err());
        assert!(nonce(Value::Null).is_err());
        assert!(NonceResponse::parse(b"").is_err());
    }

    #[test]
    fn openid4vci_8_2_a_request_names_one_target_and_one_proof_type() {
        let parse = |value: Value| CredentialRequest::parse(value.to_string().as_bytes());
        assert_eq!(parse(json!({})), Err(CredentialRequestError::Target));
        let both = json!({"credential_configuration_id": "a", "credential_identifier": "b"});
        assert_eq!(parse(both), Err(CredentialRequestError::Target));
        for proofs in
            [json!({}), json!({"jwt": []}), json!({"jwt": ["a"], "attestation": ["b"]}), json!({"di_vp": ["a"]})]
        {
            let request = json!({"credential_configuration_id": "a", "proofs": proofs});
            assert_eq!(parse(request), Err(CredentialRequestError::Proofs));
        }
        for target in [Target::Configuration("mc".into()), Target::Identifier("one".into())] {
            let jwt_proofs = vec!["a.b.c".into(), "d.e.f".into()];
            let request = CredentialRequest { target, jwt_proofs, di_vp_proofs: Vec::new() };
            assert_eq!(parse(request.to_json()).unwrap(), request);
            let di_vp_proofs = vec![json!({"type": ["VerifiablePresentation"]})];
            let request = CredentialRequest { jwt_proofs: Vec::new(), di_vp_proofs, ..request };
            assert_eq!(parse(request.to_json()).unwrap(), request);
        }
    }

    #[test]
    fn openid4vci_8_3_text_and_objects_come_as_they_are() {
        let body = json!({"credentials": [{"credential": "a~"}, {"credential": {"@context": [], "ects": 4.5}}],
            "notification_id": "n1"});
        let read = response(&body).unwrap();
        assert_eq!(read.credentials[0], IssuedCredential::Text("a~".into()));
        assert_eq!(read.to_json(), body);
        assert_eq!(read.credentials[0].to_bytes(), b"a~");
        assert!(String::from_utf8(read.credentials[1].to_bytes()).unwrap().contains("4.5"));
    }

    #[test]
    fn openid4vci_8_3_malformed_responses_are_refused() {
        for body in [
            json!({}),
            json!([]),
            json!({"credentials": []}),
            json!({"credentials": {}}),
            json!({"credentials": [["a~"]]}),
            json!({"credentials": [{"type": "a"}]}),
            json!({"credentials": [{"credential": ""}]}),
            json!({"credentials": [{"credential": 5}]}),
            json!({"credentials": [{"credential": "a"}], "notification_id": 5}),
        ] {
            assert_eq!(response(&body).unwrap_err().kind(), ErrorKind::ReplyUnreadable, "{body}");
        }
        assert!(CredentialResponse::parse(b"<html>").is_err());
    }

    #[test]
    fn openid4vci_8_3_a_transaction_is_no_list_of_credentials() {
        let error = response(&json!({"transaction_id": "8xLOxBtZp8", "interval": 3600})).unwrap_err();
        assert_eq!(error, CredentialResponseError::Deferred);
        assert_eq!(error.kind(), ErrorKind::OfferUnsupported);
    }

    #[test]
    fn openid4vci_11_1_a_notification_names_its_event() {
        let body = notification("n1", NotificationEvent::Accepted);
        assert_eq!(body, json!({"notification_id": "n1", "event": "credential_accepted"}));
    }
}
