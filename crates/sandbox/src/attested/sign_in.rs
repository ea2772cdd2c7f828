//! The sign-in at this server: the request is left beforehand by an approved program (RFC 9126), and the invented learner
//! says yes on a page.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{Html, IntoResponse, Redirect, Response},
};
use leerpas_openid::vci::{AuthorizationCode, CredentialOffer, ErrorCode, Grants as OfferGrants};
use serde_json::json;

use super::{OFFER, configuration, form_of, issuer, let_in, turn_away};
use crate::{
    app::App,
    http::{json_ok, refused},
    page,
    sign_in::Wanted,
};

/// The name of the offer with a sign-in.
pub const OFFER_WITH_SIGN_IN: &str = "attested_with_sign_in";

/// An offer for which the wallet has to be approved and the learner signs in.
pub fn offer_with_sign_in(app: &App) -> Option<CredentialOffer> {
    let grant = AuthorizationCode { issuer_state: Some("proef".to_owned()), authorization_server: None };
    Some(CredentialOffer {
        credential_issuer: issuer(app),
        credential_configuration_ids: vec![configuration()?],
        grants: OfferGrants { authorization_code: Some(grant), ..OfferGrants::default() },
    })
}

/// What the browser brings along.
#[derive(serde::Deserialize)]
pub(super) struct Asked {
    request_uri: String,
}

/// Where an approved program leaves its request.
pub(super) async fn push(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let env = app.env();
    let mut books = app.books();
    let client = match let_in(&app, &mut books, &headers, env.now) {
        Ok(client) => client,
        Err(code) => return turn_away(&mut books, code, env),
    };
    let form = form_of(&headers, &body).unwrap_or_default();
    if !form.iter().any(|(name, value)| name == "client_id" && *value == client) {
        return refused(ErrorCode::InvalidClient);
    }
    let known = configuration();
    let Some(wanted) = Wanted::parse(&form, |id| Some(id) == known.as_deref()) else {
        return refused(ErrorCode::InvalidRequest);
    };
    let life = wanted.life();
    let reference = books.attested.sign_ins.push(wanted, env.now, env.entropy);
    (StatusCode::CREATED, json_ok(&json!({ "request_uri": reference, "expires_in": life }))).into_response()
}

/// The page at which the learner signs in.
pub(super) async fn sign_in_page(
    State(app): State<Arc<App>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let known = app.books().attested.sign_ins.pushed(&asked.request_uri, app.env().now).is_some();
    let reference = known.then_some(asked.request_uri.as_str());
    let page = page::sign_in_at(&format!("/{OFFER}/authorize/yes"), reference, page::words_for(&headers));
    (if known { StatusCode::OK } else { StatusCode::BAD_REQUEST }, Html(page)).into_response()
}

/// The learner said yes.
pub(super) async fn signed_in(State(app): State<Arc<App>>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let env = app.env();
    let back = app.books().attested.sign_ins.approve(&asked.request_uri, &issuer(&app), env.now, env.entropy);
    match back {
        Some(back) => Redirect::to(back.as_str()).into_response(),
        None => (StatusCode::BAD_REQUEST, Html(page::sign_in(None, page::words_for(&headers)))).into_response(),
    }
}
