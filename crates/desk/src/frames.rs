//! The door for answers that come from a screen: pictures of it, or what a reader of codes read there.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use leerpas_check::{Answered, Pending, Presented};
use leerpas_core::{ErrorKind, Timestamp};
use leerpas_intake::{Collected, Collector, pack_request, read_qr};
use serde_json::json;

use crate::{
    api::{Desk, answer, hidden_from, refused},
    requests::State as RequestState,
};

/// A picture of a camera, or all frames as text.
pub const BODY_BYTES: usize = 4 * 1024 * 1024;
/// Pictures that are looked into at a time, of all browsers together.
pub const AT_A_TIME: usize = 2;
/// Lines of one text that are looked at.
const LINES: usize = 2_000;

/// A request that waits, and what was read of its answer so far.
pub struct Waiting {
    /// The request.
    pub pending: Pending,
    collector: Collector,
}

impl Waiting {
    /// A request of which nothing was read yet.
    pub fn new(pending: Pending) -> Self {
        Self { pending, collector: Collector::default() }
    }
}

/// The link with the whole request in it, and the same for a QR code.
pub fn by_value(pending: &mut Pending, now: Timestamp) -> Option<(String, String)> {
    let link = pending.link_by_value(now).ok()?;
    let (_, object) = link.split_once("&request=")?;
    let code = pack_request(object).ok()?;
    Some((link, code))
}

/// Takes frames for a request of this browser: a PNG or JPEG, or lines of text. Says how many are there.
pub async fn take(State(desk): State<Arc<Desk>>, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let now = desk.env().now;
    let name = match desk.requests().link_name(&id, desk.cookie(&headers), now) {
        Ok(name) => name,
        Err(hidden) => return hidden_from(hidden),
    };
    let texts = match headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) {
        Some("image/png" | "image/jpeg") => pictured(&desk, body).await,
        Some(text) if text.starts_with("text/plain") => written(&body),
        _ => {
            let words = "the body must be image/png, image/jpeg or text/plain";
            return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorKind::Usage, words);
        }
    };
    let read = desk.requests().act(&name, now, |waiting| collect(waiting, &texts, now));
    let Some(Read { progress: (have, need), frames, strange, presented }) = read else {
        // It is answered, or has run out; the page asks for the result itself.
        return answer(StatusCode::OK, &json!({ "waiting": false }));
    };
    if let Some(presented) = presented {
        // Judged before the page hears that all is there, and also where the browser hangs up.
        let judging = tokio::spawn(judge(Arc::clone(&desk), name, *presented));
        let _ = judging.await;
        return answer(StatusCode::OK, &json!({ "waiting": false }));
    }
    let body = json!({ "waiting": true, "have": have, "need": need, "frames": frames, "strange": strange });
    answer(StatusCode::OK, &body)
}

/// What was read.
struct Read {
    progress: (usize, usize),
    /// Frames among what came, also those that had come before.
    frames: usize,
    /// Somebody's whole answer, and not to this request.
    strange: bool,
    presented: Option<Box<Presented>>,
}

fn collect(waiting: &mut Waiting, texts: &[String], now: Timestamp) -> (RequestState, Read) {
    let (mut frames, mut strange) = (0, false);
    for text in texts {
        let collected = waiting.collector.take(text);
        frames += usize::from(collected != Collected::Foreign);
        let Collected::Whole(token) = collected else { continue };
        match waiting.pending.accept_frames(&token, now) {
            Ok(Answered::Presented(presented)) => {
                let read = Read { progress: (0, 0), frames, strange: false, presented: Some(presented) };
                return (RequestState::Judging, read);
            }
            Ok(Answered::Declined { .. }) => {
                let read = Read { progress: (0, 0), frames, strange: false, presented: None };
                return (RequestState::Declined, read);
            }
            // Another request's answer, or nobody's: it changes nothing, and the right one can still come.
            Err(_) => strange = true,
        }
    }
    (RequestState::Waiting, Read { progress: waiting.collector.progress(), frames, strange, presented: None })
}

/// The codes in a picture. A picture without one is what a camera sees most of the time.
async fn pictured(desk: &Desk, picture: Bytes) -> Vec<String> {
    let _place = desk.looking.acquire().await;
    let read = tokio::task::spawn_blocking(move || read_qr(&picture));
    read.await.ok().and_then(Result::ok).unwrap_or_default()
}

fn written(text: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(text).lines().take(LINES).map(str::to_owned).collect()
}

async fn judge(desk: Arc<Desk>, name: String, presented: Presented) {
    let result = desk.judge.offline(presented).await.unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be judged");
        json!({ "verdict": "unknown", "offline": true, "presentations": [] })
    });
    let now = desk.env().now;
    desk.requests().finish(&name, &result, now);
}
