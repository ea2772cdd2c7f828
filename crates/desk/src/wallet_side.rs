//! The door for the wallet: hands a request out once, takes one answer.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use leerpas_check::{Answered, Presented};
use leerpas_core::Url;
use leerpas_openid::vp::{REQUEST_OBJECT_MEDIA_TYPE, read_form};
use serde_json::json;

use crate::{
    api::Desk,
    guard,
    requests::State as RequestState,
    room::{Held, Room, take_in},
};

/// An answer: credentials with a picture each, encrypted.
const ANSWER_BYTES: usize = 4 * 1024 * 1024;
/// How long the wallet waits for the judgement before it gets its answer anyway.
const PATIENCE: Duration = Duration::from_secs(10);

type Shared = State<Arc<Desk>>;

/// Every address of this door.
pub fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/.well-known/did.json", get(did_document))
        .route("/request/{name}", get(fetch).post(fetch_with_nonce))
        .route("/response/{name}", post(respond))
        .layer(DefaultBodyLimit::max(ANSWER_BYTES))
        .layer(middleware::from_fn_with_state(Room::new(ANSWER_BYTES), take_in))
        .layer(middleware::from_fn_with_state(Arc::clone(&desk), guard::wallet))
        .with_state(desk)
}

/// The key under which the desk asks, for wallets that look it up (did:web, Read).
async fn did_document(State(desk): Shared) -> Response {
    desk.identities.document()
}

/// The request object, by GET (OpenID4VP 1.0, 5.10).
async fn fetch(State(desk): Shared, Path(name): Path<String>) -> Response {
    hand_out(&desk, &name, None)
}

/// The request object, by POST, with the wallet's nonce in it (OpenID4VP 1.0, 5.10).
async fn fetch_with_nonce(State(desk): Shared, Path(name): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let Ok(form) = read_form(media_type(&headers), &body) else { return StatusCode::BAD_REQUEST.into_response() };
    let nonce = form.iter().find(|(name, _)| name == "wallet_nonce").map(|(_, value)| value.as_str());
    hand_out(&desk, &name, nonce)
}

fn hand_out(desk: &Desk, name: &str, wallet_nonce: Option<&str>) -> Response {
    let now = desk.env().now;
    let object = desk
        .requests()
        .act(name, now, |waiting| (RequestState::Waiting, waiting.pending.request_object(wallet_nonce, now)));
    match object {
        Some(Ok(object)) => ([(header::CONTENT_TYPE, REQUEST_OBJECT_MEDIA_TYPE)], object).into_response(),
        Some(Err(error)) => status(error.http_status()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The answer (OpenID4VP 1.0, 8.2 and 8.3.1). The first that fits the request counts; whatever comes later, or does
/// not fit, gets 400 and changes nothing. With a public desk the wallet is told where the person goes on, with the response
/// code that releases the answer; a page on this machine is plain http, where no wallet goes, and waits by itself.
async fn respond(
    State(desk): Shared,
    Path(name): Path<String>,
    Extension(held): Extension<Held>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = desk.env().now;
    let accepted =
        desk.requests().act(&name, now, |waiting| match waiting.pending.accept(media_type(&headers), &body, now) {
            Ok(Answered::Presented(presented)) => (RequestState::Judging, Ok(Some(presented))),
            Ok(Answered::Declined { .. }) => (RequestState::Declined, Ok(None)),
            Err(error) => (RequestState::Waiting, Err(error)),
        });
    match accepted {
        Some(Ok(Some(presented))) => {
            // Goes on where the wallet hangs up: an answer that was taken is judged.
            let judging = tokio::spawn(judge(Arc::clone(&desk), name.clone(), *presented, held));
            let _ = tokio::time::timeout(PATIENCE, judging).await;
            let code = desk.requests().response_code(&name);
            done(code.and_then(|code| desk.place.way_back(&code)))
        }
        // There is nothing to release.
        Some(Ok(None)) => done(None),
        Some(Err(error)) => status(error.http_status()).into_response(),
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn judge(desk: Arc<Desk>, name: String, presented: Presented, _room: Held) {
    let result = match desk.judge.answer(presented).await {
        Ok(result) => result,
        Err(error) => {
            tracing::error!(%error, "an answer could not be judged");
            json!({ "verdict": "unknown", "presentations": [] })
        }
    };
    let now = desk.env().now;
    desk.requests().finish(&name, &result, now);
}

fn done(way_back: Option<Url>) -> Response {
    let body = way_back.map_or_else(|| json!({}), |address| json!({ "redirect_uri": address }));
    ([(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST)
}

fn media_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
