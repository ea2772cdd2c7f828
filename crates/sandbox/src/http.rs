//! The addresses of the sandbox.

use std::{future::pending, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use leerpas_openid::{
    vci::{ErrorCode, ErrorResponse, NonceResponse, TokenRequest, TokenRequestError},
    vp::read_form,
};
use serde_json::json;

use crate::{
    afterwards::Renewable,
    app::{App, Refusal},
    attested, card_first, drafts,
    grants::{TOKEN_SECONDS, TokenError, Use},
    metadata,
    misbehave::{Misbehave, Place},
    page,
    published::PublishedList,
    register::Standing,
    sign_in::Wanted,
};

/// Bodies of requests are small: five proofs at most.
const BODY_BYTES: usize = 256 * 1024;
/// The answer of an institution that sends far too much.
const HUGE_BYTES: usize = 200 * 1024 * 1024;
/// Nothing runs on the pages of the sandbox, and nothing is loaded but their own pictures.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

type Shared = State<Arc<App>>;

/// Every address.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/sandbox.css", get(style))
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .route("/catalogue", get(|State(app): Shared| async move { json_ok(&app.catalogue()) }))
        .route("/offers/{name}", get(fresh_offer))
        .route("/offer/{name}", get(offer_by_reference))
        .route("/.well-known/openid-credential-issuer", get(issuer_metadata))
        .route("/.well-known/oauth-authorization-server", get(server_metadata))
        .route("/.well-known/did.json", get(did_document))
        .route("/.well-known/jwt-vc-issuer", get(jwt_vc_issuer))
        .route("/vct/microcredential", get(|| async { json_ok(&metadata::type_metadata()) }))
        .route("/par", post(push_sign_in))
        .route("/authorize", get(sign_in_page))
        .route("/authorize/yes", get(signed_in))
        .route("/token", post(token))
        .route("/nonce", post(nonce))
        .route("/credential", post(credential))
        .route("/deferred", post(deferred))
        .route("/notification", post(notification))
        .route("/status/{list}", get(status_list))
        .route("/trial/{standing}/{index}", post(set_standing))
        .merge(card_first::router())
        .merge(drafts::router())
        .merge(attested::router())
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(middleware::from_fn(headers))
        .with_state(app)
}

/// What every answer says about itself. Nothing is kept by caches but what says so.
async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not `no-referrer`: with that a browser sends its own forms with `Origin: null`.
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn home(State(app): Shared, headers: HeaderMap) -> Html<String> {
    Html(page::home(&app, page::words_for(&headers)))
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], page::STYLE).into_response()
}

/// A fresh single-use offer: JSON for programs, a page for people.
async fn fresh_offer(State(app): Shared, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let offer = if name == card_first::OFFER { card_first::offer(&app) } else { app.offer(&name, Use::Once) };
    let Some(offer) = offer else { return StatusCode::NOT_FOUND.into_response() };
    let with_code = offer.grants.pre_authorized_code.as_ref().is_some_and(|grant| grant.tx_code.is_some());
    let tx_code = with_code.then_some(app.tx_code.as_str());
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accepts.contains("text/html") {
        return Html(page::offer(&offer.link(), tx_code, page::words_for(&headers))).into_response();
    }
    json_ok(&json!({ "offer": offer.link(), "tx_code": tx_code }))
}

async fn offer_by_reference(State(app): Shared, Path(name): Path<String>) -> Response {
    app.referenced(&name).map_or_else(|| StatusCode::NOT_FOUND.into_response(), |offer| json_ok(&offer))
}

async fn issuer_metadata(State(app): Shared) -> Response {
    if let Some(trouble) = trouble(&app, Place::Metadata).await {
        return trouble;
    }
    if app.bad() == Some(Misbehave::OtherIssuer) {
        let mut issuer = metadata::credential_issuer(&app.identity.issuer);
        issuer["credential_issuer"] = json!(format!("{}/", app.identity.issuer));
        return json_ok(&issuer);
    }
    ([(header::CONTENT_TYPE, "application/json")], app.metadata.clone()).into_response()
}

async fn server_metadata(State(app): Shared) -> Response {
    json_ok(&metadata::authorization_server(&app.identity.issuer))
}

async fn did_document(State(app): Shared) -> Response {
    json_ok(&app.identity.did_document())
}

async fn jwt_vc_issuer(State(app): Shared) -> Response {
    json_ok(&app.identity.jwt_vc_issuer())
}

/// The token endpoint (OpenID4VCI 1.0, 6).
async fn token(State(app): Shared, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(trouble) = trouble(&app, Place::Token).await {
        return trouble;
    }
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(form) = read_form(media_type, &body) else { return refused(ErrorCode::InvalidRequest) };
    let request = match TokenRequest::parse(&form) {
        Ok(request) => request,
        Err(TokenRequestError::GrantType) => return refused(ErrorCode::UnsupportedGrantType),
        Err(TokenRequestError::Malformed) => return refused(ErrorCode::InvalidRequest),
    };
    let env = app.env();
    let mut books = app.books();
    let redeemed = match request {
        TokenRequest::PreAuthorized { code, tx_code } => {
            let tx_code = tx_code.as_ref().map(|code| code.expose().as_str());
            let token = books.grants.redeem(code.expose(), tx_code, env.now, env.entropy);
            if let Ok(token) = &token {
                books.afterwards.exchanged(code.expose(), token);
            }
            token
        }
        TokenRequest::AuthorizationCode { code, redirect_uri, verifier, client_id } => books
            .sign_ins
            .redeem((code.expose(), verifier.expose()), (&client_id, &redirect_uri), env.now)
            .map(|entitles| books.grants.token_for(entitles, env.now, env.entropy))
            .ok_or(TokenError::InvalidGrant),
        TokenRequest::Refresh { token, .. } => books
            .afterwards
            .renew(token.expose())
            .map(|renewable| {
                let Renewable { entitles, named } = renewable;
                books.grants.token_again(entitles, named, env.now, env.entropy)
            })
            .ok_or(TokenError::InvalidGrant),
    };
    // Whoever may collect may come back: for what is handed out later, and for fresh copies.
    let refresh = redeemed.as_ref().ok().map(|token| {
        let entitles = books.grants.entitled(token, env.now).map(<[String]>::to_vec).unwrap_or_default();
        let named = books.grants.is_named(token);
        books.afterwards.renewable(entitles, named, env.entropy)
    });
    drop(books);
    match redeemed {
        Ok(token) => json_ok(&json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "refresh_token": refresh,
        })),
        Err(TokenError::InvalidGrant) => refused(ErrorCode::InvalidGrant),
        Err(TokenError::InvalidRequest) => refused(ErrorCode::InvalidRequest),
    }
}

/// Where a request for a sign-in is left beforehand (RFC 9126).
async fn push_sign_in(State(app): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let known = |id: &str| metadata::Form::of_configuration(id).is_some();
    let wanted = read_form(media_type, &body).ok().and_then(|form| Wanted::parse(&form, known));
    let Some(wanted) = wanted else { return refused(ErrorCode::InvalidRequest) };
    let (env, life) = (app.env(), wanted.life());
    let reference = app.books().sign_ins.push(wanted, env.now, env.entropy);
    (StatusCode::CREATED, json_ok(&json!({ "request_uri": reference, "expires_in": life }))).into_response()
}

/// The page at which the learner signs in: one invented learner, one click.
async fn sign_in_page(State(app): Shared, Query(asked): Query<SignInQuery>, headers: HeaderMap) -> Response {
    let issuer_state =
        app.books().sign_ins.pushed(&asked.request_uri, app.env().now).map(|wanted| wanted.issuer_state.clone());
    if issuer_state.as_ref().is_some_and(|state| card_first::is_wanted(state.as_deref())) {
        return card_first::sign_in_page(&app, &asked.request_uri, page::words_for(&headers));
    }
    let known = issuer_state.is_some();
    let page = page::sign_in(known.then_some(asked.request_uri.as_str()), page::words_for(&headers));
    (if known { StatusCode::OK } else { StatusCode::BAD_REQUEST }, Html(page)).into_response()
}

/// The learner said yes: back to the wallet. A link and not a form, because browsers hold a form to its own site also
/// where it is redirected.
async fn signed_in(State(app): Shared, Query(asked): Query<SignInQuery>, headers: HeaderMap) -> Response {
    let env = app.env();
    let allowed = card_first::may_go_on(&app, &asked.request_uri, asked.response_code.as_deref());
    let back = allowed
        .then(|| app.books().sign_ins.approve(&asked.request_uri, &app.identity.issuer, env.now, env.entropy))
        .flatten();
    match back {
        Some(back) => Redirect::to(back.as_str()).into_response(),
        None => (StatusCode::BAD_REQUEST, Html(page::sign_in(None, page::words_for(&headers)))).into_response(),
    }
}

/// What the browser brings along.
#[derive(serde::Deserialize)]
struct SignInQuery {
    request_uri: String,
    /// With which the browser comes back where a card was asked for.
    response_code: Option<String>,
}

/// The nonce endpoint (OpenID4VCI 1.0, 7).
async fn nonce(State(app): Shared) -> Response {
    if let Some(trouble) = trouble(&app, Place::Nonce).await {
        return trouble;
    }
    if app.bad() == Some(Misbehave::NonceFails) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let env = app.env();
    let c_nonce = app.books().grants.nonce(env.now, env.entropy);
    json_ok(&NonceResponse { c_nonce }.to_json())
}

/// The credential endpoint (OpenID4VCI 1.0, 8).
async fn credential(State(app): Shared, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(trouble) = trouble(&app, Place::Credential).await {
        return trouble;
    }
    answered(app.credential(token_of(&headers), &body))
}

/// The deferred endpoint (OpenID4VCI 1.0, 9).
async fn deferred(State(app): Shared, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(trouble) = trouble(&app, Place::Deferred).await {
        return trouble;
    }
    answered(app.deferred(token_of(&headers), &body))
}

/// The notification endpoint (OpenID4VCI 1.0, 11): what became of it. The same again is as good.
async fn notification(State(app): Shared, headers: HeaderMap, body: Bytes) -> Response {
    let now = app.env().now;
    let mut books = app.books();
    if token_of(&headers).is_none_or(|token| books.grants.entitled(token, now).is_none()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let said: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let known = match (said["notification_id"].as_str(), said["event"].as_str()) {
        (Some(id), Some(event)) => books.afterwards.hear(id, event),
        _ => false,
    };
    drop(books);
    if known {
        return StatusCode::NO_CONTENT.into_response();
    }
    (StatusCode::BAD_REQUEST, json_ok(&json!({ "error": "invalid_notification_id" }))).into_response()
}

/// The access token of a request.
pub(crate) fn token_of(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
}

/// The answer to a credential request: what was asked for, the word that it takes longer, or no.
pub(crate) fn answered(answer: Result<serde_json::Value, Refusal>) -> Response {
    match answer {
        Ok(answer) if answer.get("transaction_id").is_some() => {
            (StatusCode::ACCEPTED, json_ok(&answer)).into_response()
        }
        Ok(answer) => json_ok(&answer),
        Err(Refusal::Request(code)) => refused(code),
        Err(Refusal::Token) => {
            let challenge = [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
            (StatusCode::UNAUTHORIZED, challenge, json_ok(&ErrorResponse::new(ErrorCode::InvalidToken))).into_response()
        }
        Err(Refusal::Internal) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn status_list(State(app): Shared, Path(list): Path<u8>) -> Response {
    if !(1..=3).contains(&list) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match app.status_list(list) {
        Ok(PublishedList { media_type, body }) => {
            ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "max-age=60")], body).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a status list was not made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Withdraws, suspends or restores a credential by the index of one of its copies. For people and scripts on this
/// machine; a page of another origin may not.
async fn set_standing(State(app): Shared, Path((word, index)): Path<(String, usize)>, headers: HeaderMap) -> Response {
    let foreign = headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() != app.identity.issuer.as_bytes());
    if foreign {
        return StatusCode::FORBIDDEN.into_response();
    }
    let standing = match word.as_str() {
        "revoke" => Standing::Revoked,
        "suspend" => Standing::Suspended,
        "restore" => Standing::Valid,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let Some(title) = app.set_standing(index, standing) else { return StatusCode::NOT_FOUND.into_response() };
    let from_page = headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    if from_page {
        return Redirect::to("/").into_response();
    }
    json_ok(&json!({ "index": index, "title": title, "status": standing.word() }))
}

/// What a misbehaving institution answers instead, where it is told to.
async fn trouble(app: &App, here: Place) -> Option<Response> {
    match app.bad()? {
        Misbehave::Html(place) if place == here => {
            Some(Html("<!doctype html><title>Onderhoud</title><p>Wij zijn zo terug.").into_response())
        }
        Misbehave::Huge(place) if place == here => {
            Some(([(header::CONTENT_TYPE, "application/json")], vec![b' '; HUGE_BYTES]).into_response())
        }
        Misbehave::Silent(place) if place == here => pending().await,
        _ => None,
    }
}

pub(crate) fn json_ok(value: &(impl serde::Serialize + ?Sized)) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

pub(crate) fn refused(code: ErrorCode) -> Response {
    (StatusCode::BAD_REQUEST, json_ok(&ErrorResponse::new(code))).into_response()
}
