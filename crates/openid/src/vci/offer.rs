//! The credential offer (OpenID4VCI 1.0, 4.1).

use std::collections::BTreeMap;

use leerpas_core::{ErrorKind, Url, limits};
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use super::{AUTHORIZATION_CODE, OFFERED, PRE_AUTHORIZED_CODE, TOKEN_BYTES, draft, is_token};
use crate::{
    address,
    json::{self, JsonError, Members},
    text,
};

/// What an issuer offers, and how to collect it (OpenID4VCI 1.0, 4.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CredentialOffer {
    /// The identifier of the issuer, byte for byte as it stood in the offer.
    pub credential_issuer: String,
    /// Keys of `credential_configurations_supported`; at least one, none twice, at most [`OFFERED`].
    pub credential_configuration_ids: Vec<String>,
    /// The ways of collecting.
    #[serde(skip_serializing_if = "Grants::is_empty")]
    pub grants: Grants,
}

/// The ways of collecting that an offer names. Empty means that the issuer names none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Grants {
    /// The issuer authorised it beforehand.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:pre-authorized_code", skip_serializing_if = "Option::is_none")]
    pub pre_authorized_code: Option<PreAuthorizedCode>,
    /// The person authorises it in a browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_code: Option<AuthorizationCode>,
    /// Ways that are not known here, by name. What they hold is not kept.
    #[serde(flatten)]
    pub others: BTreeMap<String, UnknownGrant>,
    /// Whether the transaction code is asked for under the name that drafts gave it; not written.
    #[serde(skip)]
    pub asks_for_pin: bool,
}

/// A way of collecting that is not known here; written as an empty object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct UnknownGrant {}

/// The grant `urn:ietf:params:oauth:grant-type:pre-authorized_code`.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct PreAuthorizedCode {
    /// The code; it is worth a credential, so it is not printed by `Debug`.
    #[serde(rename = "pre-authorized_code")]
    pub code: String,
    /// Present, even as an empty object, if a code must be asked for and sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx_code: Option<TxCode>,
    /// Which of the issuer's authorization servers to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_server: Option<String>,
}

impl std::fmt::Debug for PreAuthorizedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreAuthorizedCode")
            .field("tx_code", &self.tx_code)
            .field("authorization_server", &self.authorization_server)
            .finish_non_exhaustive()
    }
}

/// The grant `authorization_code`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthorizationCode {
    /// To be echoed in the authorization request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer_state: Option<String>,
    /// Which of the issuer's authorization servers to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_server: Option<String>,
}

/// The way of collecting that is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// The issuer authorised it beforehand.
    PreAuthorized(PreAuthorizedCode),
    /// The person signs in with their browser.
    AuthorizationCode(AuthorizationCode),
}

impl Grant {
    /// Which of the issuer's authorization servers it names.
    pub fn authorization_server(&self) -> Option<&str> {
        match self {
            Self::PreAuthorized(grant) => grant.authorization_server.as_deref(),
            Self::AuthorizationCode(grant) => grant.authorization_server.as_deref(),
        }
    }

    /// The transaction code that it asks for.
    pub fn tx_code(&self) -> Option<&TxCode> {
        match self {
            Self::PreAuthorized(grant) => grant.tx_code.as_ref(),
            Self::AuthorizationCode(_) => None,
        }
    }
}

/// What the transaction code looks like. All of it is a hint for the person and nothing more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TxCode {
    /// Digits or any text.
    #[serde(skip_serializing_if = "InputMode::is_numeric")]
    pub input_mode: InputMode,
    /// The number of characters, 1 to 64; a hint outside that is dropped, because the code can be asked without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// Where to find the code, as plain text of at most [`limits::TX_CODE_DESCRIPTION`] characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// The characters of a transaction code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InputMode {
    /// Digits only, which is the default.
    #[default]
    Numeric,
    /// Any characters.
    Text,
}

/// Why an offer is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OfferError {
    /// A member is missing or wrong.
    #[error("the offer breaks a rule: {0}")]
    Json(#[from] JsonError),
    /// The same credential is named twice (OpenID4VCI 1.0, 4.1.1).
    #[error("the offer names the same credential twice")]
    Repeated,
    /// More credentials than one offer may name.
    #[error("the offer names more than {OFFERED} credentials")]
    TooMany,
    /// The pre-authorized code is too long or holds characters that no code has.
    #[error("the offer's pre-authorized code cannot be sent")]
    CodeUnusable,
    /// No way of collecting is offered that Leerpas knows.
    #[error("the offer names no way of collecting that Leerpas knows")]
    NoKnownGrant,
}

impl OfferError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Json(JsonError::Address { error, .. }) => error.kind_or(ErrorKind::OfferInvalid),
            // Only an offer that was fetched can be no JSON at all.
            Self::Json(JsonError::Syntax) => ErrorKind::ReplyUnreadable,
            Self::Json(_) | Self::Repeated | Self::TooMany | Self::CodeUnusable => ErrorKind::OfferInvalid,
            Self::NoKnownGrant => ErrorKind::OfferUnsupported,
        }
    }
}

impl CredentialOffer {
    /// Reads an offer that came by value. Unknown members and unknown grants are ignored.
    ///
    /// # Errors
    /// [`OfferError`], but never for its grants: see [`CredentialOffer::grant`].
    pub fn parse(value: &Value) -> Result<Self, OfferError> {
        let asks_for_pin = draft::asks_for_pin(value);
        let older = draft::offer(value);
        let members = Members::of(older.as_ref().unwrap_or(value))?;
        let credential_issuer = members.required_text("credential_issuer")?.to_owned();
        address::identifier(&credential_issuer)
            .map_err(|error| JsonError::Address { name: "credential_issuer".to_owned(), error })?;
        let credential_configuration_ids = members.texts("credential_configuration_ids")?;
        if credential_configuration_ids.is_empty() {
            return Err(JsonError::Missing("credential_configuration_ids".to_owned()).into());
        }
        if credential_configuration_ids.len() > OFFERED {
            return Err(OfferError::TooMany);
        }
        let distinct: std::collections::BTreeSet<_> = credential_configuration_ids.iter().collect();
        if distinct.len() != credential_configuration_ids.len() {
            return Err(OfferError::Repeated);
        }
        let mut grants =
            members.object("grants")?.map(|grants| Grants::parse(&grants)).transpose()?.unwrap_or_default();
        grants.asks_for_pin = asks_for_pin;
        Ok(Self { credential_issuer, credential_configuration_ids, grants })
    }

    /// Reads an offer that came by reference.
    ///
    /// # Errors
    /// As [`CredentialOffer::parse`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, OfferError> {
        Self::parse(&json::read(bytes)?)
    }

    /// The way of collecting: what the issuer authorised beforehand comes first, because it spares a sign-in. An offer that
    /// names none leaves it to the authorization server, which has a sign-in (OpenID4VCI 1.0, 4.1.1).
    ///
    /// # Errors
    /// [`OfferError::NoKnownGrant`] when it names only ways that are not known here.
    pub fn grant(&self) -> Result<Grant, OfferError> {
        match (&self.grants.pre_authorized_code, &self.grants.authorization_code) {
            (Some(grant), _) => Ok(Grant::PreAuthorized(grant.clone())),
            (None, Some(grant)) => Ok(Grant::AuthorizationCode(grant.clone())),
            (None, None) if !self.grants.others.is_empty() => Err(OfferError::NoKnownGrant),
            (None, None) => {
                Ok(Grant::AuthorizationCode(AuthorizationCode { issuer_state: None, authorization_server: None }))
            }
        }
    }

    /// The link of an offer by value (OpenID4VCI 1.0, 4.1.2).
    pub fn link(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        link("credential_offer", &json)
    }

    /// The link of an offer by reference (OpenID4VCI 1.0, 4.1.3).
    pub fn link_by_reference(reference: &Url) -> String {
        link("credential_offer_uri", reference.as_str())
    }
}

fn link(parameter: &str, value: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair(parameter, value).finish();
    format!("openid-credential-offer://?{query}")
}

impl Grants {
    fn parse(members: &Members<'_>) -> Result<Self, OfferError> {
        let pre_authorized_code = members
            .object(PRE_AUTHORIZED_CODE)?
            .map(|grant| -> Result<_, OfferError> {
                let code = grant.required_text("pre-authorized_code")?;
                if !is_token(code, TOKEN_BYTES) {
                    return Err(OfferError::CodeUnusable);
                }
                Ok(PreAuthorizedCode {
                    code: code.to_owned(),
                    tx_code: grant.object("tx_code")?.map(|tx_code| TxCode::parse(&tx_code)),
                    authorization_server: grant.text("authorization_server")?.map(str::to_owned),
                })
            })
            .transpose()?;
        let authorization_code = members
            .object(AUTHORIZATION_CODE)?
            .map(|grant| -> Result<_, OfferError> {
                Ok(AuthorizationCode {
                    issuer_state: grant.text("issuer_state")?.map(str::to_owned),
                    authorization_server: grant.text("authorization_server")?.map(str::to_owned),
                })
            })
            .transpose()?;
        let others = members
            .iter()
            .filter(|(name, _)| ![PRE_AUTHORIZED_CODE, AUTHORIZATION_CODE].contains(&name.as_str()))
            .map(|(name, _)| (name.clone(), UnknownGrant {}))
            .collect();
        Ok(Self { pre_authorized_code, authorization_code, others, asks_for_pin: false })
    }

    /// Whether it names none.
    pub fn is_empty(&self) -> bool {
        self.pre_authorized_code.is_none() && self.authorization_code.is_none() && self.others.is_empty()
    }
}

impl TxCode {
    /// Takes every hint that makes sense; a hint that does not never stops the code from being asked for.
    fn parse(members: &Members<'_>) -> Self {
        let input_mode = match members.get("input_mode").and_then(Value::as_str) {
            None | Some("numeric") => InputMode::Numeric,
            Some(_) => InputMode::Text,
        };
        let length = members.get("length").and_then(Value::as_u64).filter(|length| (1..=64).contains(length));
        let description = members
            .get("description")
            .and_then(Value::as_str)
            .map(|words| text::plain(words, limits::TX_CODE_DESCRIPTION))
            .filter(|words| !words.is_empty());
        Self { input_mode, length, description }
    }
}

impl InputMode {
    /// Whether only digits are meant.
    pub fn is_numeric(&self) -> bool {
        *self == Self::Numeric
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn offer() -> Value {
        json!({
            "credential_issuer": "https://issuer.example/tenant",
            "credential_configuration_ids": ["Microcredential"],
            "grants": { PRE_AUTHORIZED_CODE: { "pre-authorized_code": "SplxlOBeZQQYbYS6WxSbIA", "tx_code": {} } },
            "later": { "unknown": true }
        })
    }

    fn with(pointer: &str, value: Value) -> Value {
        let mut changed = offer();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed
    }

    fn pre_authorized(offer: &CredentialOffer) -> PreAuthorizedCode {
        match offer.grant() {
            Ok(Grant::PreAuthorized(grant)) => grant,
            other => panic!("authorised beforehand, not {other:?}"),
        }
    }

    const GRANT: &str = "/grants/urn:ietf:params:oauth:grant-type:pre-authorized_code";

    #[test]
    fn openid4vci_4_1_1_unknown_members_are_ignored() {
        let offer = CredentialOffer::parse(&offer()).unwrap();
        assert_eq!(offer.credential_issuer, "https://issuer.example/tenant");
        assert_eq!(pre_authorized(&offer).code, "SplxlOBeZQQYbYS6WxSbIA");
    }

    #[test]
    fn openid4vci_4_1_1_an_unknown_way_is_none_of_ours_also_in_the_link() {
        let mut only = offer();
        only["grants"] = json!({"urn:later": {"a": 1}});
        let only = CredentialOffer::parse(&only).unwrap();
        assert_eq!(only.grant(), Err(OfferError::NoKnownGrant));
        let (_, query) = only.link().split_once('?').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let (_, json) = url::form_urlencoded::parse(query.as_bytes()).next().unwrap();
        assert_eq!(CredentialOffer::from_json(json.as_bytes()), Ok(only));
    }

    #[test]
    fn openid4vci_4_1_1_an_empty_tx_code_object_still_means_ask() {
        let offer = CredentialOffer::parse(&offer()).unwrap();
        assert_eq!(pre_authorized(&offer).tx_code, Some(TxCode::default()));
        let without = CredentialOffer::parse(&with(GRANT, json!({"pre-authorized_code": "a"}))).unwrap();
        assert_eq!(pre_authorized(&without).tx_code, None);
    }

    #[test]
    fn openid4vci_4_1_1_configuration_ids_are_neither_empty_nor_repeated() {
        for (ids, error) in [
            (json!([]), JsonError::Missing("credential_configuration_ids".into()).into()),
            (json!(["a", "b", "a"]), OfferError::Repeated),
            (json!(["1", "2", "3", "4", "5", "6", "7", "8", "9"]), OfferError::TooMany),
        ] {
            let found = CredentialOffer::parse(&with("/credential_configuration_ids", ids)).unwrap_err();
            assert_eq!(found, error);
            assert_eq!(found.kind(), ErrorKind::OfferInvalid);
        }
        for ids in [json!("a"), json!([1]), json!([""])] {
            let found = CredentialOffer::parse(&with("/credential_configuration_ids", ids)).unwrap_err();
            assert_eq!(found.kind(), ErrorKind::OfferInvalid);
        }
    }

    #[test]
    fn an_issuer_that_is_not_https_is_named_as_such() {
        for (issuer, kind) in [
            ("http://issuer.example", ErrorKind::InsecureAddress),
            ("file:///etc/passwd", ErrorKind::InsecureAddress),
            ("https://name@issuer.example", ErrorKind::AddressRefused),
            ("https://issuer.example?x=1", ErrorKind::OfferInvalid),
            ("https://issuer.example#x", ErrorKind::OfferInvalid),
            ("issuer", ErrorKind::OfferInvalid),
        ] {
            let found = CredentialOffer::parse(&with("/credential_issuer", json!(issuer))).unwrap_err();
            assert_eq!(found.kind(), kind, "{issuer}");
        }
    }

    #[test]
    fn hints_about_the_code_are_capped_and_plain() {
        let tx_code = |value: Value| {
            let grant = json!({"pre-authorized_code": "a", "tx_code": value});
            pre_authorized(&CredentialOffer::parse(&with(GRANT, grant)).unwrap()).tx_code.unwrap()
        };
        let long = tx_code(json!({"description": format!("<b>\u{202E}{}", "x".repeat(10_000))}));
        let shown = long.description.unwrap();
        assert_eq!(shown.chars().count(), limits::TX_CODE_DESCRIPTION);
        assert!(shown.starts_with("<b>x"));
        for length in [json!(0), json!(1_000_000_000_u64), json!(-1), json!("4"), json!(4.5)] {
            assert_eq!(tx_code(json!({"length": length})).length, None);
        }
        assert_eq!(tx_code(json!({"length": 4})).length, Some(4));
        assert_eq!(tx_code(json!({"input_mode": "text"})).input_mode, InputMode::Text);
        assert_eq!(tx_code(json!({"input_mode": "numeric"})).input_mode, InputMode::Numeric);
    }

    #[test]
    fn openid4vci_4_1_1_the_way_of_collecting_is_that_of_the_offer_or_of_its_server() {
        let of = |grants: Value| CredentialOffer::parse(&with("/grants", grants)).unwrap().grant();
        let Ok(Grant::AuthorizationCode(grant)) = of(json!({"authorization_code": {"issuer_state": "s"}})) else {
            panic!("a sign-in")
        };
        assert_eq!(grant.issuer_state.as_deref(), Some("s"));
        assert!(matches!(of(json!({})), Ok(Grant::AuthorizationCode(_))), "no grants: the server has a sign-in");
        assert_eq!(of(json!({"urn:other": {}})), Err(OfferError::NoKnownGrant));
        assert_eq!(OfferError::NoKnownGrant.kind(), ErrorKind::OfferUnsupported);
        assert!(matches!(CredentialOffer::parse(&offer()).unwrap().grant(), Ok(Grant::PreAuthorized(_))));
    }

    #[test]
    fn a_code_that_could_break_a_form_is_refused() {
        for code in ["a\r\nb", "\u{0}", &"x".repeat(TOKEN_BYTES + 1)] {
            let found = CredentialOffer::parse(&with(GRANT, json!({"pre-authorized_code": code}))).unwrap_err();
            assert_eq!(found, OfferError::CodeUnusable);
        }
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let offer = CredentialOffer::parse(&offer()).unwrap();
        assert_eq!(CredentialOffer::parse(&serde_json::to_value(&offer).unwrap()).unwrap(), offer);
        let link = Url::parse(&offer.link()).unwrap();
        let (name, value) = link.query_pairs().next().unwrap();
        assert_eq!(name, "credential_offer");
        assert_eq!(CredentialOffer::from_json(value.as_bytes()).unwrap(), offer);
    }

    #[test]
    fn the_code_is_not_printed() {
        let offer = CredentialOffer::parse(&offer()).unwrap();
        assert!(!format!("{offer:?}").contains("SplxlOBeZQQYbYS6WxSbIA"));
    }
}
