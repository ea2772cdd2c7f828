//! Where an answer is released at a public desk: the page to which the wallet sends its person on, and the field for the
//! short code on the page that asked.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use leerpas_core::ErrorKind;
use serde_json::{Value, json};

use crate::{
    api::{Desk, answer, hidden_from, refused, unless_json},
    gate::Landed,
};

/// Takes the response code that came with a browser: `{"response_code":"…"}`. In the browser that asked it releases the answer.
/// In any other it is refused like a wrong one, with the short code to pass on.
pub async fn land(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refusal) = unless_json(&headers) {
        return refusal;
    }
    let code = member(&body, "response_code");
    let landed = code.and_then(|code| desk.requests().land(&code, desk.cookie(&headers), desk.env()));
    match landed {
        Some((Landed::Here, id)) => answer(StatusCode::OK, &json!({ "id": id })),
        Some((Landed::Elsewhere { digits, until }, _)) => {
            answer(StatusCode::FORBIDDEN, &json!({ "code": digits, "expires": until }))
        }
        None => refused(StatusCode::FORBIDDEN, ErrorKind::NoSession, "this code is wrong or was used"),
    }
}

/// Takes the short code on the page that asked: `{"code":"…"}`. A wrong one is refused with how often it may be tried again.
pub async fn type_in(
    State(desk): State<Arc<Desk>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = unless_json(&headers) {
        return refusal;
    }
    let typed = member(&body, "code").unwrap_or_default();
    let opened = desk.requests().open_by(&id, desk.cookie(&headers), &typed, desk.env().now);
    match opened {
        Ok(Ok(())) => answer(StatusCode::OK, &json!({})),
        Ok(Err(wrong)) => answer(StatusCode::FORBIDDEN, &json!({ "tries": wrong.tries })),
        Err(hidden) => hidden_from(hidden),
    }
}

fn member(body: &[u8], name: &str) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body.get(name)?.as_str().map(str::to_owned)
}
