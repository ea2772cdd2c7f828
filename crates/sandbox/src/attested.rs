//! An institution that lets in approved programs alone: a further credential issuer, whose authorization server wants an
//! attestation of the program and a proof of its key with each token request (Attestation-Based Client Authentication,
//! draft 07, to which OpenID4VCI 1.0 holds).
//!
//! A page gives out such an attestation for the key that a wallet made, as the help desk of an institution would. It has
//! books of its own: a code that was offered here is good for nothing at a door where anybody is let in.

mod approving;
mod sign_in;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use leerpas_core::{Env, Timestamp, limits};
use leerpas_credential::{
    jose::Jws,
    keys::{Algorithm, PublicKey},
};
use leerpas_openid::{
    oauth::{ATTESTATION_PROOF_TYPE, ATTESTATION_TYPE, ATTESTED_CLIENT},
    vci::{
        CredentialOffer, CredentialRequest, ErrorCode, ErrorResponse, Grants as OfferGrants, NonceResponse,
        PreAuthorizedCode, Target, TokenRequest,
    },
    vp::read_form,
};
use serde_json::{Value, json};

pub use approving::{approve, home_link};
pub use sign_in::{OFFER_WITH_SIGN_IN, offer_with_sign_in};

use crate::{
    app::{App, Books, Refusal},
    catalogue::Course,
    grants::{Grants, Kept, TOKEN_SECONDS, TokenError, Use, later, random_word},
    http::{answered, json_ok, refused, token_of},
    metadata::{self, Form},
    misbehave::Misbehave,
    proof,
    sign_in::SignIns,
};

/// The name of its offer, which is also the path of its issuer.
pub const OFFER: &str = "attested";
/// The name that this server gives to a wallet that it approved: not the one by which others know it.
const CLIENT: &str = "leerpas-proef";
/// What is given out.
const COURSE: &str = "zorgtechnologie";
/// Life of a challenge, in seconds.
const CHALLENGE_SECONDS: i64 = 60;
/// Longest `jti` that is remembered, in bytes.
const ID_BYTES: usize = 128;
/// The headers of an attested request (6.1), and the one with which a challenge is handed out (8.1).
const ATTESTATION: HeaderName = HeaderName::from_static("oauth-client-attestation");
const PROOF: HeaderName = HeaderName::from_static("oauth-client-attestation-pop");
const CHALLENGE: HeaderName = HeaderName::from_static("oauth-client-attestation-challenge");

/// What this server gave out and saw.
#[derive(Debug, Default)]
pub struct Attested {
    grants: Grants,
    challenges: Kept<Timestamp>,
    seen: Kept<()>,
    sign_ins: SignIns,
    /// How many requests were sent back for a fresh challenge.
    sent_back: usize,
}

/// Whom an attested request has to satisfy.
struct Door<'a> {
    /// The one attester whom this server believes.
    attester: &'a str,
    key: &'a PublicKey,
    /// Its own identifier.
    server: &'a str,
}

impl Attested {
    fn challenge(&mut self, env: Env<'_>) -> String {
        let challenge = random_word(env.entropy);
        self.challenges.put(challenge.clone(), later(env.now, CHALLENGE_SECONDS));
        challenge
    }

    /// How many requests were sent back for a fresh challenge.
    pub fn sent_back(&self) -> usize {
        self.sent_back
    }

    /// Lets a request in by the rules of draft 07, 9. Gives the name of the client. A challenge is good once, and so is the
    /// `jti` of a proof.
    fn admit(
        &mut self,
        (attestation, proof): (&str, &str),
        door: &Door<'_>,
        now: Timestamp,
    ) -> Result<String, ErrorCode> {
        let wrong = ErrorCode::InvalidClientAttestation;
        let signed = |token: &str, typ: &str| {
            let jws = Jws::parse(token).map_err(|_| wrong)?;
            (jws.typ() == Some(typ) && jws.algorithm() == Algorithm::Es256).then_some(jws).ok_or(wrong)
        };
        let attestation = signed(attestation, ATTESTATION_TYPE)?;
        attestation.verify(door.key).map_err(|_| wrong)?;
        let attested = attestation.claims().map_err(|_| wrong)?;
        let text = |claims: &serde_json::Map<String, Value>, name: &str| {
            claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned).ok_or(wrong)
        };
        let (attester, client) = (text(&attested, "iss")?, text(&attested, "sub")?);
        let jwk =
            attested.get("cnf").and_then(|cnf| cnf.get("jwk")).filter(|jwk| jwk.get("d").is_none()).ok_or(wrong)?;
        let key = PublicKey::from_jwk(jwk).map_err(|_| wrong)?;
        let expires = attested.get("exp").and_then(Value::as_i64).ok_or(wrong)?;
        if attester != door.attester {
            return Err(wrong);
        }
        if expires <= now.as_second() {
            return Err(ErrorCode::UseFreshAttestation);
        }

        let proof = signed(proof, ATTESTATION_PROOF_TYPE)?;
        proof.verify(&key).map_err(|_| wrong)?;
        let proved = proof.claims().map_err(|_| wrong)?;
        let age =
            proved.get("iat").and_then(Value::as_i64).map(|at| now.as_second().saturating_sub(at)).ok_or(wrong)?;
        let in_time = (-limits::CLOCK_SKEW_SECONDS..=limits::KEY_BINDING_AGE_SECONDS).contains(&age);
        let id = text(&proved, "jti")?;
        if text(&proved, "iss")? != client || text(&proved, "aud")? != door.server || !in_time || id.len() > ID_BYTES {
            return Err(wrong);
        }
        if self.seen.get(&id).is_some() {
            return Err(wrong);
        }
        let fresh = proved.get("challenge").and_then(Value::as_str).and_then(|one| self.challenges.take(one));
        if fresh.is_none_or(|expires| expires <= now) {
            self.sent_back = self.sent_back.saturating_add(1);
            return Err(ErrorCode::UseAttestationChallenge);
        }
        self.seen.put(id, ());
        Ok(client)
    }
}

/// An offer for which the wallet has to be approved.
pub fn offer(app: &App, times: Use) -> Option<CredentialOffer> {
    let configurations = vec![configuration()?];
    let env = app.env();
    let code = app.books().attested.grants.offer(configurations.clone(), None, times, env.now, env.entropy);
    let grant = PreAuthorizedCode { code, tx_code: None, authorization_server: None };
    Some(CredentialOffer {
        credential_issuer: issuer(app),
        credential_configuration_ids: configurations,
        grants: OfferGrants { pre_authorized_code: Some(grant), ..OfferGrants::default() },
    })
}

/// Its addresses.
pub fn router() -> Router<Arc<App>> {
    let at = |rest: &str| format!("/{OFFER}{rest}");
    Router::new()
        .route(
            &format!("/.well-known/openid-credential-issuer/{OFFER}"),
            get(|State(app): State<Arc<App>>| async move { json_ok(&issuer_metadata(&app)) }),
        )
        .route(
            &format!("/.well-known/oauth-authorization-server/{OFFER}"),
            get(|State(app): State<Arc<App>>| async move { json_ok(&server_metadata(&app)) }),
        )
        .route(&at(""), get(approving::front_page))
        .route(&at("/approve"), post(approving::approval))
        .route(&at("/challenge"), post(challenge))
        .route(&at("/par"), post(sign_in::push))
        .route(&at("/authorize"), get(sign_in::sign_in_page))
        .route(&at("/authorize/yes"), get(sign_in::signed_in))
        .route(&at("/token"), post(token))
        .route(&at("/nonce"), post(nonce))
        .route(&at("/credential"), post(credential))
}

/// Its credential issuer identifier, and that of its authorization server.
fn issuer(app: &App) -> String {
    format!("{}/{OFFER}", app.identity.issuer)
}

/// The one configuration that is given out.
fn configuration() -> Option<String> {
    Course::find(COURSE).map(|course| Form::Microcredential.configuration(course))
}

fn issuer_metadata(app: &App) -> Value {
    let issuer = issuer(app);
    let whole = metadata::credential_issuer(&app.identity.issuer);
    let id = configuration().unwrap_or_default();
    let configuration = &whole["credential_configurations_supported"][&id];
    json!({
        "credential_issuer": issuer,
        "credential_endpoint": format!("{issuer}/credential"),
        "nonce_endpoint": format!("{issuer}/nonce"),
        "batch_credential_issuance": whole["batch_credential_issuance"],
        "display": whole["display"],
        "credential_configurations_supported": { id: configuration },
    })
}

fn server_metadata(app: &App) -> Value {
    let issuer = issuer(app);
    let mut server = metadata::authorization_server(&issuer);
    server["challenge_endpoint"] = json!(format!("{issuer}/challenge"));
    server["grant_types_supported"] =
        json!([leerpas_openid::vci::PRE_AUTHORIZED_CODE, leerpas_openid::vci::AUTHORIZATION_CODE]);
    server["pre-authorized_grant_anonymous_access_supported"] = json!(false);
    server["token_endpoint_auth_methods_supported"] = json!([ATTESTED_CLIENT]);
    server["client_attestation_signing_alg_values_supported"] = json!(["ES256"]);
    server["client_attestation_pop_signing_alg_values_supported"] = json!(["ES256"]);
    server
}

/// The challenge endpoint (draft 07, 8).
async fn challenge(State(app): State<Arc<App>>) -> Response {
    let challenge = app.books().attested.challenge(app.env());
    if app.bad() == Some(Misbehave::StaleChallenge) {
        app.books().attested.challenges.take(&challenge);
    }
    json_ok(&json!({ "attestation_challenge": challenge }))
}

/// Whether a request is let in: the name of its client.
fn let_in(app: &App, books: &mut Books, headers: &HeaderMap, now: Timestamp) -> Result<String, ErrorCode> {
    let key = app.identity.certified.public();
    let door = Door { attester: &app.identity.issuer, key: &key, server: &issuer(app) };
    let shown = one(headers, &ATTESTATION).zip(one(headers, &PROOF)).ok_or(ErrorCode::InvalidClient)?;
    books.attested.admit(shown, &door, now)
}

/// The answer to a request that is not let in, with a fresh challenge where that is what it needs (8.1).
fn turn_away(books: &mut Books, code: ErrorCode, env: Env<'_>) -> Response {
    if code == ErrorCode::InvalidClient {
        return (StatusCode::UNAUTHORIZED, json_ok(&ErrorResponse::new(code))).into_response();
    }
    let mut response = refused(code);
    if code == ErrorCode::UseAttestationChallenge
        && let Ok(challenge) = HeaderValue::from_str(&books.attested.challenge(env))
    {
        response.headers_mut().insert(CHALLENGE, challenge);
    }
    response
}

/// The token endpoint: whoever is not let in has spent no code.
async fn token(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let env = app.env();
    let mut books = app.books();
    let client = match let_in(&app, &mut books, &headers, env.now) {
        Ok(client) => client,
        Err(code) => return turn_away(&mut books, code, env),
    };
    match redeem(&mut books.attested, &client, &headers, &body, env) {
        Ok(token) => json_ok(&json!({ "access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS })),
        Err(code) => refused(code),
    }
}

fn redeem(
    books: &mut Attested,
    client: &str,
    headers: &HeaderMap,
    body: &[u8],
    env: Env<'_>,
) -> Result<String, ErrorCode> {
    let form = form_of(headers, body).ok_or(ErrorCode::InvalidRequest)?;
    // The name in the form is that of the attestation (9, rule 13).
    if form.iter().any(|(name, value)| name == "client_id" && value != client) {
        return Err(ErrorCode::InvalidClient);
    }
    match TokenRequest::parse(&form) {
        Ok(TokenRequest::PreAuthorized { code, tx_code }) => {
            let tx_code = tx_code.as_ref().map(|code| code.expose().as_str());
            let token = books.grants.redeem(code.expose(), tx_code, env.now, env.entropy);
            token.map_err(|error| match error {
                TokenError::InvalidGrant => ErrorCode::InvalidGrant,
                TokenError::InvalidRequest => ErrorCode::InvalidRequest,
            })
        }
        Ok(TokenRequest::AuthorizationCode { code, redirect_uri, verifier, .. }) => books
            .sign_ins
            .redeem((code.expose(), verifier.expose()), (client, &redirect_uri), env.now)
            .map(|entitles| books.grants.token_for(entitles, env.now, env.entropy))
            .ok_or(ErrorCode::InvalidGrant),
        _ => Err(ErrorCode::UnsupportedGrantType),
    }
}

async fn nonce(State(app): State<Arc<App>>) -> Response {
    let env = app.env();
    let c_nonce = app.books().attested.grants.nonce(env.now, env.entropy);
    json_ok(&NonceResponse { c_nonce }.to_json())
}

async fn credential(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    answered(hand_out(&app, token_of(&headers), &body))
}

fn hand_out(app: &App, token: Option<&str>, body: &[u8]) -> Result<Value, Refusal> {
    let wrong = |code| Refusal::Request(code);
    let now = app.env().now;
    let mut books = app.books();
    let grants = &mut books.attested.grants;
    let entitled = token.and_then(|token| grants.entitled(token, now)).ok_or(Refusal::Token)?.to_vec();
    let request = CredentialRequest::parse(body).map_err(|_| wrong(ErrorCode::InvalidCredentialRequest))?;
    let Target::Configuration(id) = &request.target else {
        return Err(wrong(ErrorCode::UnknownCredentialIdentifier));
    };
    let (form, course) = Form::of_configuration(id).ok_or(wrong(ErrorCode::UnknownCredentialConfiguration))?;
    if !entitled.contains(id) {
        return Err(wrong(ErrorCode::CredentialRequestDenied));
    }
    // A client that made itself known says its name in the key proof too (OpenID4VCI 1.0, F.1).
    let proved = proof::check_of(&request.jwt_proofs, &issuer(app), Some(CLIENT), now).map_err(wrong)?;
    for nonce in &proved.nonces {
        if !grants.spend_nonce(nonce, now) {
            return Err(wrong(ErrorCode::InvalidNonce));
        }
    }
    drop(books);
    let made = app.hand_out(form, course, &proved.keys)?;
    Ok(json!({ "credentials": made["credentials"] }))
}

fn form_of(headers: &HeaderMap, body: &[u8]) -> Option<Vec<(String, String)>> {
    let media_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    read_form(media_type, body).ok()
}

/// The one value of a header; two are as good as none.
fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests;
