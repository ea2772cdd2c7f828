//! The authorization request, whichever way it came (OpenID4VP 1.0, 5; RFC 9101).

use leerpas_core::{Language, Timestamp, Url, limits::CLOCK_SKEW_SECONDS};
use serde_json::{Map, Value, json};

use super::{ClientId, ClientMetadata, Prefix, PresentationDefinition, RequestError, TransactionData, VerifierInfo};
use crate::{
    address::{self, AddressError},
    dcql::DcqlQuery,
    json, text,
};

/// Media type of a request object (RFC 9101, 9.4.1).
pub const REQUEST_OBJECT_MEDIA_TYPE: &str = "application/oauth-authz-req+jwt";
/// The `typ` of a request object (RFC 9101, 10.8).
pub const REQUEST_OBJECT_TYPE: &str = "oauth-authz-req+jwt";
/// The audience of a request object where the verifier did not look the wallet up (OpenID4VP 1.0, 5.8).
pub const SELF_ISSUED_AUDIENCE: &str = "https://self-issued.me/v2";
/// Longest nonce that is taken, in bytes.
pub const MAX_NONCE: usize = 512;
/// Shortest nonce that is taken: fewer characters cannot be fresh for long.
pub const MIN_NONCE: usize = 8;
/// A request that claims to hold for longer than a day is a mistake or a trap.
pub const LONGEST_LIFETIME_SECONDS: i64 = 24 * 60 * 60;

/// Longest reason that is shown.
const MAX_PURPOSE: usize = 500;
/// Members of our own, which other wallets ignore (OpenID4VP 1.0, 5: unknown parameters are ignored): the
/// reason for asking, and how long the answer is kept, both in the verifier's words.
const PURPOSE: &str = "leerpas_purpose";
const RETENTION: &str = "leerpas_retention";

/// The name of the member with the reason in one language: the tag stands behind a `#` (as in OpenID Connect Core 1.0,
/// 5.2). The member without a tag is for everybody else.
pub fn purpose_member(language: Language) -> String {
    format!("{PURPOSE}#{}", language.tag())
}

/// How the answer travels (OpenID4VP 1.0, 8.2 and 8.3.1; the last one is our own).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseMode {
    /// A form in clear over https.
    DirectPost,
    /// A form with an encrypted JWT.
    DirectPostJwt,
    /// An encrypted answer on the screen of the wallet, as pictures that the verifier reads: for a room without a
    /// network. Private use; `docs/offline.md` says what travels.
    Frames,
}

impl ResponseMode {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DirectPost => "direct_post",
            Self::DirectPostJwt => "direct_post.jwt",
            Self::Frames => "leerpas_frames.jwt",
        }
    }

    /// Whether the answer is encrypted to a key of the request.
    pub fn is_encrypted(self) -> bool {
        !matches!(self, Self::DirectPost)
    }
}

/// A request that keeps every rule of the protocol. Who is behind it was not judged here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Who asks; the audience of the answer.
    pub client_id: ClientId,
    /// How the answer travels.
    pub response_mode: ResponseMode,
    /// Where the answer goes; https, without user name and fragment. Nowhere with [`ResponseMode::Frames`].
    pub response_uri: Option<Url>,
    /// What makes the answer fresh.
    pub nonce: String,
    /// What the verifier wants back.
    pub state: Option<String>,
    /// What is asked for.
    pub query: DcqlQuery,
    /// The definition that the query was made of, for a verifier that speaks the old protocol.
    pub definition: Option<PresentationDefinition>,
    /// What the person is to confirm along with the answer.
    pub transactions: Vec<TransactionData>,
    /// What others say about the verifier.
    pub verifier_info: Vec<VerifierInfo>,
    /// What the verifier says about itself.
    pub client_metadata: ClientMetadata,
    /// Why, in the verifier's words, safe to show.
    pub purpose: Option<String>,
    /// Why, in the languages that the verifier says it in, safe to show.
    pub purposes: Vec<(Language, String)>,
    /// How long the answer is kept, in the verifier's words, safe to show.
    pub retention: Option<String>,
    /// When the request runs out, if it says so.
    pub expires: Option<Timestamp>,
}

/// What a verifier puts into a request object.
#[derive(Debug, Clone)]
pub struct RequestObject<'a> {
    /// Its own identifier.
    pub client_id: &'a ClientId,
    /// Where the answer goes; nowhere with [`ResponseMode::Frames`].
    pub response_uri: Option<&'a Url>,
    /// How the answer travels.
    pub response_mode: ResponseMode,
    /// What makes the answer fresh.
    pub nonce: &'a str,
    /// What is to come back.
    pub state: &'a str,
    /// What is asked for.
    pub query: &'a DcqlQuery,
    /// `client_metadata` as JSON.
    pub client_metadata: &'a Value,
    /// Why.
    pub purpose: Option<&'a str>,
    /// How long the answer is kept.
    pub retention: Option<&'a str>,
    /// What the wallet sent along with its POST (OpenID4VP 1.0, 5.10).
    pub wallet_nonce: Option<&'a str>,
    /// Now.
    pub issued: Timestamp,
    /// When it runs out.
    pub expires: Timestamp,
}

impl RequestObject<'_> {
    /// The claims of the request object, to be signed with `typ` [`REQUEST_OBJECT_TYPE`].
    pub fn to_claims(&self) -> Value {
        let mut claims = json!({
            "aud": SELF_ISSUED_AUDIENCE,
            "iat": self.issued.as_second(),
            "exp": self.expires.as_second(),
            "client_id": self.client_id.as_str(),
            "response_type": "vp_token",
            "response_mode": self.response_mode.as_str(),
            "nonce": self.nonce,
            "state": self.state,
            "dcql_query": self.query.as_json(),
            "client_metadata": self.client_metadata,
        });
        let response_uri = self.response_uri.map(Url::as_str);
        for (name, value) in [
            ("response_uri", response_uri),
            (PURPOSE, self.purpose),
            (RETENTION, self.retention),
            ("wallet_nonce", self.wallet_nonce),
        ] {
            if let (Some(value), Some(map)) = (value, claims.as_object_mut()) {
                map.insert(name.to_owned(), json!(value));
            }
        }
        claims
    }
}

impl AuthorizationRequest {
    /// Reads the payload of a request object whose signature holds.
    ///
    /// `client_id` and `outside` are what the link said: only the object counts, and an object that
    /// contradicts its link is refused. `wallet_nonce` is what went along with a POST.
    ///
    /// # Errors
    /// [`RequestError`]: every rule of OpenID4VP 1.0, 5 and 8.2, and RFC 9101, 5 and 6.
    pub fn from_object(
        payload: &Map<String, Value>,
        client_id: &ClientId,
        outside: &[(String, String)],
        wallet_nonce: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, RequestError> {
        if payload.get("client_id").and_then(Value::as_str) != Some(client_id.as_str()) {
            return Err(RequestError::Mismatch("client_id differs between the link and the request object"));
        }
        for (name, value) in outside {
            if payload.get(name).and_then(Value::as_str).is_some_and(|inside| inside != value) {
                return Err(RequestError::Mismatch("the link and the request object disagree"));
            }
        }
        if payload.contains_key("request") || payload.contains_key("request_uri") {
            return Err(RequestError::Invalid("a request object within a request object"));
        }
        if wallet_nonce.is_some_and(|sent| payload.get("wallet_nonce").and_then(Value::as_str) != Some(sent)) {
            return Err(RequestError::Mismatch("wallet_nonce is missing or another one"));
        }
        check_audience(payload.get("aud"))?;
        let expires = check_times(payload, now)?;
        Self::from_members(payload, client_id.clone(), expires)
    }

    /// Reads plain parameters, as a link carries them without a signature.
    ///
    /// # Errors
    /// [`RequestError::Unsigned`] when the identifier is one that a signature must prove; otherwise as
    /// [`Self::from_object`].
    pub(super) fn from_parameters(client_id: ClientId, parameters: &[(String, String)]) -> Result<Self, RequestError> {
        if client_id.prefix() == Prefix::PreRegistered {
            return Err(RequestError::Unsupported("an unsigned request without a client_id prefix"));
        }
        if client_id.prefix().is_signed() {
            return Err(RequestError::Unsigned);
        }
        let mut members = Map::new();
        for (name, value) in parameters {
            let value = match name.as_str() {
                "dcql_query" | "client_metadata" | "presentation_definition" | "transaction_data" => {
                    json::read(value.as_bytes()).map_err(|_| RequestError::Invalid("a parameter is no JSON"))?
                }
                _ => Value::String(value.clone()),
            };
            members.insert(name.clone(), value);
        }
        Self::from_members(&members, client_id, None)
    }

    /// The address that the answer is posted to.
    ///
    /// # Errors
    /// [`RequestError::Unsupported`] where the answer is shown as pictures instead.
    pub fn post_address(&self) -> Result<&Url, RequestError> {
        self.response_uri.as_ref().ok_or(RequestError::Unsupported("an answer as pictures here"))
    }

    /// Whether it has run out by now, the allowed clock difference included.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| now.as_second() > expires.as_second().saturating_add(CLOCK_SKEW_SECONDS))
    }

    fn from_members(
        members: &Map<String, Value>,
        client_id: ClientId,
        expires: Option<Timestamp>,
    ) -> Result<Self, RequestError> {
        let word = |name: &'static str| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(RequestError::Invalid("a parameter that must be text is not")),
        };
        match word("response_type")? {
            Some("vp_token") => {}
            Some(_) => return Err(RequestError::ResponseType),
            None => return Err(RequestError::Invalid("response_type is missing")),
        }
        let response_mode = match word("response_mode")? {
            Some("direct_post") => ResponseMode::DirectPost,
            Some("direct_post.jwt") => ResponseMode::DirectPostJwt,
            Some("leerpas_frames.jwt") => ResponseMode::Frames,
            _ => return Err(RequestError::Unsupported("a response_mode other than direct_post and direct_post.jwt")),
        };
        let nonce = word("nonce")?.ok_or(RequestError::Invalid("nonce is missing"))?;
        if !(MIN_NONCE..=MAX_NONCE).contains(&nonce.len()) || !is_url_safe(nonce) {
            return Err(RequestError::Invalid("nonce is too short, too long or not URL-safe"));
        }
        let state = word("state")?;
        if state.is_some_and(|state| !is_state(state)) {
            return Err(RequestError::Invalid("state is empty, too long or not URL-safe"));
        }
        if members.contains_key("redirect_uri") {
            return Err(RequestError::Invalid("redirect_uri together with direct_post"));
        }
        let response_uri = match response_mode {
            ResponseMode::Frames => nowhere(members, &client_id).map(|()| None)?,
            _ => Some(response_uri(word("response_uri")?, &client_id)?),
        };
        let (query, definition) = query(members)?;
        let transactions = match members.get("transaction_data") {
            None => Vec::new(),
            // The names of queries are our own there, so that nothing could refer to them.
            Some(_) if definition.is_some() => {
                return Err(RequestError::UnsupportedTransaction("in a request of an old protocol"));
            }
            Some(data) => TransactionData::parse_all(data, &query)?,
        };
        let client_metadata =
            members.get("client_metadata").map_or(Ok(ClientMetadata::default()), ClientMetadata::parse)?;
        if response_mode.is_encrypted() {
            if client_metadata.encryption_keys().is_empty() {
                return Err(RequestError::Invalid("an encrypted answer without a key to encrypt to"));
            }
            if client_metadata.content_encryption().is_none() {
                return Err(RequestError::Unsupported("an encryption other than A128GCM and A256GCM"));
            }
        }
        if definition.is_none() && !client_metadata.accepts_any(query.credentials.iter().map(|asked| &asked.format)) {
            return Err(RequestError::Formats);
        }
        let shown =
            |text: Option<&str>| text.map(|text| text::plain(text, MAX_PURPOSE)).filter(|text| !text.is_empty());
        let of_definition = definition.as_ref().and_then(|definition| definition.purpose.as_deref());
        let languages = [Language::Nl, Language::En].into_iter();
        let of_request = shown(members.get(PURPOSE).and_then(Value::as_str));
        let in_languages: Vec<_> = languages
            .clone()
            .filter_map(|language| {
                let text = members.get(&purpose_member(language)).and_then(Value::as_str);
                Some((language, shown(text)?))
            })
            .collect();
        // What is said of the whole request comes before what is said of its parts.
        let (purpose, purposes) = if of_request.is_some() || !in_languages.is_empty() {
            (of_request, in_languages)
        } else {
            let of_sets = |language| shown(purpose_of_sets(&query, language).as_deref());
            let in_language = |language| Some((language, of_sets(Some(language))?));
            (of_sets(None).or_else(|| shown(of_definition)), languages.filter_map(in_language).collect())
        };
        Ok(Self {
            purpose,
            purposes,
            retention: shown(members.get(RETENTION).and_then(Value::as_str)),
            nonce: nonce.to_owned(),
            state: state.map(str::to_owned),
            client_id,
            response_mode,
            response_uri,
            query,
            definition,
            transactions,
            verifier_info: VerifierInfo::parse_all(members.get("verifier_info")),
            client_metadata,
            expires,
        })
    }
}

impl AuthorizationRequest {
    /// The same request with its reason in this language, where the verifier says it in that.
    pub fn in_language(mut self, language: Language) -> Self {
        if let Some((_, text)) = self.purposes.iter().find(|(spoken, _)| *spoken == language) {
            self.purpose = Some(text.clone());
        }
        self
    }
}

/// What the combinations of credentials are for, each reason once, in the order of the request.
fn purpose_of_sets(query: &DcqlQuery, language: Option<Language>) -> Option<String> {
    let mut said: Vec<&str> = Vec::new();
    for purpose in query.credential_sets.iter().filter_map(|set| set.purpose.as_ref()) {
        let text = purpose.in_language(language).trim();
        if !said.contains(&text) {
            said.push(text);
        }
    }
    (!said.is_empty()).then(|| said.join("; "))
}

/// An answer on the screen goes to no address. Whoever points a camera at it could read it, so that only the one
/// requester who proved a certificate gets it, encrypted; whatever was fetched is answered over the network.
fn nowhere(members: &Map<String, Value>, client_id: &ClientId) -> Result<(), RequestError> {
    if client_id.prefix() != Prefix::X509Hash {
        return Err(RequestError::Unsupported("an answer as pictures for a client_id other than x509_hash"));
    }
    if members.contains_key("response_uri") {
        return Err(RequestError::Invalid("response_uri together with an answer as pictures"));
    }
    if members.contains_key("presentation_definition") || members.contains_key("presentation_definition_uri") {
        return Err(RequestError::Invalid("an answer as pictures in an old protocol"));
    }
    Ok(())
}

/// Where the answer goes. Under the prefix `redirect_uri` the identifier says it, and the parameter may be left out
/// (OpenID4VP 1.0, 5.9.3).
fn response_uri(text: Option<&str>, client_id: &ClientId) -> Result<Url, RequestError> {
    let own = (client_id.prefix() == Prefix::RedirectUri).then(|| client_id.value());
    let text = text.or(own).ok_or(RequestError::Invalid("response_uri is missing"))?;
    if own.is_some_and(|own| own != text) {
        return Err(RequestError::WrongAddress);
    }
    address::https(text).map_err(|error| match error {
        AddressError::Insecure => RequestError::Insecure,
        _ => RequestError::Invalid("response_uri is no plain https address"),
    })
}

/// The query, however it is put. What a `scope` stands for is agreed between a verifier and its wallets beforehand
/// (OpenID4VP 1.0, 5.5): whoever knows of an agreement has put its query in the place of the scope by now. Any other is
/// refused.
fn query(members: &Map<String, Value>) -> Result<(DcqlQuery, Option<PresentationDefinition>), RequestError> {
    let definition = members.get("presentation_definition");
    let elsewhere = members.contains_key("presentation_definition_uri");
    match (members.get("dcql_query"), definition, members.contains_key("scope")) {
        (Some(query), None, false) if !elsewhere => Ok((DcqlQuery::parse(query)?, None)),
        (None, Some(definition), _) if !elsewhere => {
            PresentationDefinition::translate(definition).map(|(definition, query)| (query, Some(definition)))
        }
        (None, None, _) if elsewhere => {
            Err(RequestError::Unsupported("a presentation_definition of an old protocol at another address"))
        }
        (None, None, true) => Err(RequestError::Scope),
        (None, None, false) => Err(RequestError::Invalid("dcql_query is missing")),
        _ => Err(RequestError::Invalid("more than one of dcql_query, scope and presentation_definition")),
    }
}

fn check_audience(audience: Option<&Value>) -> Result<(), RequestError> {
    let ours = match audience {
        None => true,
        Some(Value::String(one)) => one == SELF_ISSUED_AUDIENCE,
        Some(Value::Array(many)) => many.iter().any(|one| one == SELF_ISSUED_AUDIENCE),
        Some(_) => false,
    };
    if ours { Ok(()) } else { Err(RequestError::Invalid("the request object is meant for somebody else")) }
}

fn check_times(payload: &Map<String, Value>, now: Timestamp) -> Result<Option<Timestamp>, RequestError> {
    let now = now.as_second();
    let date = |name: &str| match payload.get(name) {
        None => Ok(None),
        Some(value) => {
            seconds(value).map(Some).ok_or(RequestError::Invalid("a date in the request object is no number"))
        }
    };
    for name in ["iat", "nbf"] {
        if date(name)?.is_some_and(|at| at > now.saturating_add(CLOCK_SKEW_SECONDS)) {
            return Err(RequestError::Invalid("the request object is from the future"));
        }
    }
    let Some(expires) = date("exp")? else {
        let old = date("iat")?.is_some_and(|at| at < now.saturating_sub(LONGEST_LIFETIME_SECONDS));
        return if old { Err(RequestError::Expired) } else { Ok(None) };
    };
    if now > expires.saturating_add(CLOCK_SKEW_SECONDS) {
        return Err(RequestError::Expired);
    }
    if expires > now.saturating_add(LONGEST_LIFETIME_SECONDS + CLOCK_SKEW_SECONDS) {
        return Err(RequestError::Invalid("the request object holds for too long"));
    }
    Timestamp::from_second(expires).map(Some).map_err(|_| RequestError::Invalid("exp is out of range"))
}

/// A `NumericDate` (RFC 7519, 2): whole seconds, fractions cut off.
fn seconds(value: &Value) -> Option<i64> {
    let number = value.as_number()?;
    #[expect(clippy::cast_possible_truncation, reason = "an out-of-range date saturates and is then refused")]
    number.as_i64().or_else(|| number.as_f64().map(|n| n as i64))
}

/// Whether this is a `state` (OpenID4VP 1.0, 5.2).
pub(super) fn is_state(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_NONCE && is_url_safe(text)
}

fn is_url_safe(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
}

#[cfg(test)]
mod tests;
