//! The institution as it would be with software of a few years ago: two further credential issuers, of which one speaks
//! draft 13 of OpenID4VCI and one draft 15. Both know nothing newer: what they do not know, they refuse. Both read one
//! `proof` and no list of them, as most software of that age does.
//!
//! Draft 13 describes a card beside its format, gives the nonce along with the token and with each credential, is asked by
//! format and type, and answers with one `credential`. Draft 15 has a nonce endpoint, is asked by configuration, and answers
//! with a list; the names and claims of a card still stand beside its format. Until draft 16 the metadata lay below the
//! path of the issuer.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use leerpas_openid::{
    vci::{CredentialOffer, ErrorCode, TokenRequest},
    vp::read_form,
};
use serde_json::{Map, Value, json};

use crate::{
    app::{App, Refusal},
    catalogue::Course,
    grants::{TOKEN_SECONDS, TokenError, Use},
    http::{json_ok, refused, token_of},
    issue, metadata,
    metadata::{BADGE_CONTEXTS, Form, VCT},
    proof,
};

/// What is given out here: a microcredential, and by draft 13 a badge too.
const COURSE: &str = "watermanagement";
const BADGE: &str = "data-analyse";
/// The types of a badge.
const BADGE_TYPES: [&str; 2] = ["VerifiableCredential", "OpenBadgeCredential"];

/// An older edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draft {
    /// Draft 13, as the Dutch trials and many badge platforms speak it.
    Thirteen,
    /// Draft 15.
    Fifteen,
}

impl Draft {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Thirteen, Self::Fifteen];

    /// The name of its offer, which is also the path of its issuer.
    pub fn name(self) -> &'static str {
        match self {
            Self::Thirteen => "draft-13",
            Self::Fifteen => "draft-15",
        }
    }

    /// By the name of its offer.
    pub fn of_offer(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|draft| draft.name() == name)
    }

    /// Its credential issuer identifier.
    fn issuer(self, app: &App) -> String {
        format!("{}/{}", app.identity.issuer, self.name())
    }

    fn cards(self) -> Vec<(Form, &'static Course)> {
        let forms: &[_] = match self {
            Self::Thirteen => &[(Form::Microcredential, COURSE), (Form::Badge, BADGE)],
            Self::Fifteen => &[(Form::Microcredential, COURSE)],
        };
        forms.iter().filter_map(|(form, course)| Some((*form, Course::find(course)?))).collect()
    }

    /// An offer of everything that it gives out, with a transaction code.
    pub fn offer(self, app: &App, times: Use) -> CredentialOffer {
        let configurations = self.cards().into_iter().map(|(form, course)| form.configuration(course)).collect();
        app.offer_of(&self.issuer(app), configurations, true, times)
    }

    /// The credential issuer metadata.
    fn metadata(self, app: &App) -> Value {
        let issuer = self.issuer(app);
        let whole = metadata::credential_issuer(&app.identity.issuer);
        let known = &whole["credential_configurations_supported"];
        let mut configurations = Map::new();
        for (form, course) in self.cards() {
            let id = form.configuration(course);
            let older = self.configuration(known[&id].clone());
            configurations.insert(id, older);
        }
        let mut metadata = json!({
            "credential_issuer": issuer,
            "credential_endpoint": format!("{issuer}/credential"),
            "display": whole["display"],
            "credential_configurations_supported": configurations,
        });
        if self == Self::Fifteen {
            metadata["nonce_endpoint"] = json!(format!("{issuer}/nonce"));
        }
        metadata
    }

    /// A configuration as this draft describes it: names and claims stand beside the format; in draft 13 the claims by
    /// name, nested as they are, and the format under its older name.
    fn configuration(self, mut configuration: Value) -> Value {
        let Some(members) = configuration.as_object_mut() else { return configuration };
        if let Some(Value::Object(mut inner)) = members.remove("credential_metadata") {
            members.extend(inner.remove("display").map(|display| ("display".to_owned(), display)));
            let claims = inner.remove("claims").map(|claims| match self {
                Self::Thirteen => by_name(&claims),
                Self::Fifteen => claims,
            });
            members.extend(claims.map(|claims| ("claims".to_owned(), claims)));
        }
        if self == Self::Thirteen && members.get("format") == Some(&json!("dc+sd-jwt")) {
            members.insert("format".to_owned(), json!("vc+sd-jwt"));
        }
        configuration
    }

    /// What a request asks for, in the words of this draft alone.
    fn asked(self, request: &Value) -> Option<(Form, &'static Course)> {
        let is = |form: Form, course: &Course| match self {
            Self::Fifteen => request["credential_configuration_id"] == json!(form.configuration(course)),
            Self::Thirteen => match form {
                Form::Badge => {
                    request["format"] == "ldp_vc"
                        && request["credential_definition"]["type"] == json!(BADGE_TYPES)
                        && request["credential_definition"]["@context"] == json!(BADGE_CONTEXTS)
                }
                _ => request["format"] == "vc+sd-jwt" && request["vct"] == VCT,
            },
        };
        self.cards().into_iter().find(|(form, course)| is(*form, course))
    }

    /// Answers a credential request.
    fn credential(self, app: &App, token: Option<&str>, body: &[u8]) -> Result<Value, Refusal> {
        let wrong = || Refusal::Request(ErrorCode::InvalidCredentialRequest);
        let env = app.env();
        let entitled = {
            let books = app.books();
            token.and_then(|token| books.grants.entitled(token, env.now)).map(<[String]>::to_vec)
        }
        .ok_or(Refusal::Token)?;
        let request: Value = serde_json::from_slice(body).map_err(|_| wrong())?;
        let (form, course) = self.asked(&request).ok_or_else(wrong)?;
        let proof = &request["proof"];
        let proof = proof["jwt"].as_str().filter(|_| proof["proof_type"] == "jwt");
        // Several at once came later than most software of this age.
        let proof = proof.ok_or(Refusal::Request(ErrorCode::InvalidProof))?.to_owned();
        if !entitled.contains(&form.configuration(course)) {
            return Err(Refusal::Request(ErrorCode::CredentialRequestDenied));
        }
        let proved = proof::check(&[proof], &self.issuer(app), false, env.now).map_err(Refusal::Request)?;
        for nonce in &proved.nonces {
            if !app.books().grants.spend_nonce(nonce, env.now) {
                return Err(Refusal::Request(ErrorCode::InvalidProof));
            }
        }
        let made = match (self, form) {
            (Self::Thirteen, Form::Microcredential) => app.hand_out_as(course, &proved.keys, |order| {
                let header = json!({ "alg": "ES256", "typ": "vc+sd-jwt", "x5c": app.identity.x5c });
                issue::sd_jwt_vc(order, header, json!({}))
            })?,
            _ => app.hand_out(form, course, &proved.keys)?,
        };
        Ok(match self {
            Self::Fifteen => json!({ "credentials": made["credentials"] }),
            Self::Thirteen => {
                let mut answer = json!({ "credential": made["credentials"][0]["credential"] });
                self.add_nonce(app, &mut answer);
                answer
            }
        })
    }

    /// Draft 13 gives the nonce for the next proof along with whatever it answers.
    fn add_nonce(self, app: &App, answer: &mut Value) {
        if self == Self::Thirteen {
            let env = app.env();
            answer["c_nonce"] = json!(app.books().grants.nonce(env.now, env.entropy));
            answer["c_nonce_expires_in"] = json!(TOKEN_SECONDS);
        }
    }

    /// Exchanges the code of an offer.
    fn token(self, app: &App, media_type: &str, body: &[u8]) -> Result<Value, ErrorCode> {
        let form = read_form(media_type, body).map_err(|_| ErrorCode::InvalidRequest)?;
        let request = TokenRequest::parse(&form).map_err(|_| ErrorCode::UnsupportedGrantType)?;
        let TokenRequest::PreAuthorized { code, tx_code } = request else {
            return Err(ErrorCode::UnsupportedGrantType);
        };
        let env = app.env();
        let tx_code = tx_code.as_ref().map(|code| code.expose().as_str());
        let redeemed = app.books().grants.redeem(code.expose(), tx_code, env.now, env.entropy);
        let token = redeemed.map_err(|error| match error {
            TokenError::InvalidGrant => ErrorCode::InvalidGrant,
            TokenError::InvalidRequest => ErrorCode::InvalidRequest,
        })?;
        let mut answer = json!({ "access_token": token, "token_type": "bearer", "expires_in": TOKEN_SECONDS });
        self.add_nonce(app, &mut answer);
        Ok(answer)
    }
}

/// The addresses of both.
pub fn router() -> Router<Arc<App>> {
    Draft::ALL.into_iter().fold(Router::new(), |router, draft| {
        let at = |rest: &str| format!("/{}{rest}", draft.name());
        let server = format!("/.well-known/oauth-authorization-server/{}", draft.name());
        let router = router
            .route(
                &at("/.well-known/openid-credential-issuer"),
                get(move |State(app): State<Arc<App>>| async move { json_ok(&draft.metadata(&app)) }),
            )
            .route(&server, get(move |State(app): State<Arc<App>>| async move { json_ok(&server_of(draft, &app)) }))
            .route(&at("/token"), post(move |State(app), headers, body| token(draft, app, headers, body)))
            .route(&at("/credential"), post(move |State(app), headers, body| credential(draft, app, headers, body)));
        match draft {
            Draft::Thirteen => router,
            Draft::Fifteen => router.route(&at("/nonce"), post(nonce)),
        }
    })
}

/// Authorization server metadata: the issuer is its own, for offers with a code.
fn server_of(draft: Draft, app: &App) -> Value {
    let issuer = draft.issuer(app);
    json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/token"),
        "response_types_supported": ["code"],
        "grant_types_supported": [leerpas_openid::vci::PRE_AUTHORIZED_CODE],
        "token_endpoint_auth_methods_supported": ["none"],
        "pre-authorized_grant_anonymous_access_supported": true,
    })
}

async fn nonce(State(app): State<Arc<App>>) -> Response {
    let env = app.env();
    json_ok(&json!({ "c_nonce": app.books().grants.nonce(env.now, env.entropy) }))
}

async fn token(draft: Draft, app: Arc<App>, headers: HeaderMap, body: Bytes) -> Response {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match draft.token(&app, media_type, &body) {
        Ok(answer) => json_ok(&answer),
        Err(code) => refused(code),
    }
}

async fn credential(draft: Draft, app: Arc<App>, headers: HeaderMap, body: Bytes) -> Response {
    match draft.credential(&app, token_of(&headers), &body) {
        Ok(answer) => json_ok(&answer),
        Err(Refusal::Token) => StatusCode::UNAUTHORIZED.into_response(),
        Err(Refusal::Internal) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Err(Refusal::Request(code)) => {
            let mut answer = json!({ "error": code.as_str() });
            if code == ErrorCode::InvalidProof {
                draft.add_nonce(&app, &mut answer);
            }
            (StatusCode::BAD_REQUEST, json_ok(&answer)).into_response()
        }
    }
}

/// Descriptions of claims by path, as descriptions by name that are nested as the claims are. What is said of each element
/// of a list has no place there.
fn by_name(claims: &Value) -> Value {
    let mut nested = json!({});
    for claim in claims.as_array().into_iter().flatten() {
        let steps: Option<Vec<&str>> = claim["path"].as_array().into_iter().flatten().map(Value::as_str).collect();
        let Some(steps) = steps else { continue };
        let mut at = &mut nested;
        for step in steps {
            at = &mut at[step];
        }
        *at = json!({ "display": claim["display"] });
    }
    nested
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draft_13_claims_are_described_by_name() {
        let claims = json!([
            { "path": ["a", "b"], "display": [1] }, { "path": ["a", "c"], "display": [2] },
            { "path": ["a", "c", null], "display": [3] }, { "path": ["d"], "display": [4] },
        ]);
        let nested = json!({ "a": { "b": { "display": [1] }, "c": { "display": [2] } }, "d": { "display": [4] } });
        assert_eq!(by_name(&claims), nested);
    }

    #[test]
    fn each_draft_gives_out_what_there_is() {
        assert_eq!(Draft::Thirteen.cards().len(), 2);
        assert_eq!(Draft::Fifteen.cards().len(), 1);
        assert_eq!(Draft::of_offer("draft-13"), Some(Draft::Thirteen));
        assert_eq!(Draft::of_offer("draft-14"), None);
    }
}
