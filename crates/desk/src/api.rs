//! The door for the browser: the page and its API.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use leerpas_check::{About, Ask};
use leerpas_core::{Env, ErrorKind, Url};
use leerpas_openid::vp::ResponseMode;
use serde_json::{Value, json};

use crate::{
    callers::Callers,
    frames::{self, Waiting},
    gate::Gate,
    guard,
    identities::Identities,
    judge::Judge,
    landing,
    place::Place,
    requests::{Hidden, Names, RESULT_SECONDS, Requests, State as RequestState},
    room::{Room, take_in},
    templates::Template,
    wish::wish,
};

/// A file to check, in bytes.
const FILE_BYTES: usize = 10 * 1024 * 1024;
/// A request for a request, in bytes.
const REQUEST_BYTES: usize = 64 * 1024;
/// What the holder is told about keeping the answer.
const RETENTION: &str = "15 minuten, alleen in het geheugen / 15 minutes, in memory only";

/// What both doors share.
pub struct Desk {
    /// Where it stands.
    pub place: Place,
    /// Who called a public desk, and how often.
    pub callers: Mutex<Callers>,
    /// Who asks.
    pub identities: Identities,
    /// Where the wallet finds the other door.
    pub base: Url,
    /// The open requests.
    pub requests: Mutex<Requests<Waiting>>,
    /// Who judges.
    pub judge: Judge,
    /// Pictures that are looked into at a time.
    pub looking: tokio::sync::Semaphore,
    /// What the employer tells about itself.
    pub about: About,
}

type Shared = State<Arc<Desk>>;

impl Desk {
    /// The names of a request that this browser makes. At a public address there is one cookie for the whole browser, and a
    /// gate before every answer that comes over the network; what is read from a screen comes from somebody who is here.
    fn names(&self, headers: &HeaderMap, offline: bool) -> Names {
        let names = Names::make(self.env().entropy);
        if self.place == Place::Here {
            return names;
        }
        let known = self.cookie(headers).filter(|cookie| self.requests().knows(cookie)).map(str::to_owned);
        Names {
            cookie: known.unwrap_or(names.cookie),
            gate: (!offline).then(|| Gate::make(self.env().entropy)),
            caller: self.place.caller(headers),
            ..names
        }
    }

    /// The open requests, for one step.
    pub fn requests(&self) -> std::sync::MutexGuard<'_, Requests<Waiting>> {
        self.requests.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Who called, for one step.
    pub fn callers(&self) -> std::sync::MutexGuard<'_, Callers> {
        self.callers.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The cookie of the browser that asked.
    pub fn cookie<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        cookies(headers).find_map(|(name, value)| (name == self.place.cookie_name()).then_some(value))
    }

    /// Time and chance for one step.
    pub fn env(&self) -> Env<'_> {
        self.judge.env()
    }
}

/// Every address of this door.
pub fn router(desk: Arc<Desk>) -> Router {
    let file = |media_type: &'static str, text: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, media_type)], text) })
    };
    let (script, style) = ("text/javascript; charset=utf-8", "text/css; charset=utf-8");
    let desk_page = Router::new()
        .route("/", file("text/html; charset=utf-8", include_str!("../page/index.html")))
        .route("/desk.css", file(style, include_str!("../page/desk.css")))
        .route("/ask.css", file(style, include_str!("../page/ask.css")))
        .route("/result.css", file(style, include_str!("../page/result.css")))
        .route("/desk.js", file(script, include_str!("../page/desk.js")))
        .route("/own.js", file(script, include_str!("../page/own.js")))
        .route("/reason.js", file(script, include_str!("../page/reason.js")))
        .route("/view.js", file(script, include_str!("../page/view.js")))
        .route("/words.js", file(script, include_str!("../page/words.js")))
        .route("/mark.svg", file("image/svg+xml", include_str!("../page/mark.svg")))
        .route("/api/templates", get(templates))
        .route("/api/requests", post(ask).layer(DefaultBodyLimit::max(REQUEST_BYTES)))
        .route("/camera.js", file(script, include_str!("../page/camera.js")))
        .route("/offline.js", file(script, include_str!("../page/offline.js")))
        .route("/api/requests/{id}", get(result))
        .route("/api/requests/{id}/frames", post(frames::take).layer(DefaultBodyLimit::max(frames::BODY_BYTES)))
        .route("/frame.js", file(script, include_str!("../page/frame.js")))
        .route("/held.js", file(script, include_str!("../page/held.js")))
        .route("/history.js", file(script, include_str!("../page/history.js")))
        .route("/api/verify", post(verify).layer(DefaultBodyLimit::max(FILE_BYTES)));
    let all = match desk.place {
        Place::Here => desk_page,
        Place::Public(_) => desk_page
            .route("/back", file("text/html; charset=utf-8", include_str!("../page/back.html")).post(landing::land))
            .route("/back.js", file(script, include_str!("../page/back.js")))
            .route("/api/requests/{id}/code", post(landing::type_in)),
    };
    all.layer(middleware::from_fn_with_state(Room::new(FILE_BYTES), take_in))
        .layer(middleware::from_fn_with_state(Arc::clone(&desk), guard::page))
        .with_state(desk)
}

async fn templates(State(desk): Shared) -> Response {
    let templates: Vec<_> = Template::ALL.into_iter().map(Template::listing).collect();
    let is_public = desk.place != Place::Here;
    let body = json!({ "templates": templates, "identity": desk.identities.usual.as_str(), "public": is_public });
    answer(StatusCode::OK, &body)
}

/// Opens a request, and ties it to this browser by a cookie.
async fn ask(State(desk): Shared, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refusal) = unless_json(&headers) {
        return refusal;
    }
    let chosen = wish(&body).and_then(|wish| Ok((desk.identities.choose(wish.identity, wish.offline)?, wish)));
    let (identity, wish) = match chosen {
        Ok(chosen) => chosen,
        Err(message) => return refused(StatusCode::BAD_REQUEST, ErrorKind::Usage, message),
    };
    let offline = wish.offline;
    let env = desk.env();
    let response_mode = if offline { ResponseMode::Frames } else { ResponseMode::DirectPostJwt };
    let (query, purpose) = (wish.query, wish.purpose);
    let ask = Ask { query, purpose, retention: Some(RETENTION.to_owned()), response_mode };
    let opened = ask
        .open(identity, &desk.base, env)
        .map(|pending| wish.purposes.iter().fold(pending, |pending, (language, text)| pending.saying(*language, text)));
    let opened = opened.map(|pending| pending.telling(&desk.about));
    let Ok(mut pending) = opened else {
        return refused(StatusCode::INTERNAL_SERVER_ERROR, ErrorKind::Internal, "the request could not be made");
    };
    let (link, code) = if offline {
        match frames::by_value(&mut pending, env.now) {
            Some(words) => words,
            None => {
                return refused(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    ErrorKind::Internal,
                    "the request could not be made",
                );
            }
        }
    } else {
        (pending.link(), pending.link())
    };
    let Ok(qr) = leerpas_intake::qr_data_url(&code) else {
        return refused(StatusCode::BAD_REQUEST, ErrorKind::InputTooLarge, "the request does not fit a QR code");
    };
    let (expires, name) = (pending.expires(), pending.id().to_owned());
    let names = desk.names(&headers, offline);
    let body = json!({ "id": names.id, "link": link, "code": code, "qr": qr, "expires": expires, "offline": offline });
    let seconds = RESULT_SECONDS + leerpas_check::FRAMES_LIFETIME_SECONDS;
    let cookie = desk.place.cookie(&names.cookie, &names.id, seconds);
    if let Err(full) = desk.requests().open(names, &name, Waiting::new(pending), expires, env.now) {
        return refused(StatusCode::TOO_MANY_REQUESTS, ErrorKind::Usage, &full.to_string());
    }
    let mut response = answer(StatusCode::OK, &body);
    if let Ok(cookie) = cookie.parse() {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Where a request stands, for the browser that opened it.
async fn result(State(desk): Shared, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let now = desk.env().now;
    let seen = desk.requests().see(&id, desk.cookie(&headers), now);
    let (state, expires) = match seen {
        Ok(seen) => seen,
        Err(hidden) => return hidden_from(hidden),
    };
    let mut body = json!({ "state": "waiting", "verdict": null, "presentations": [], "expires": expires });
    match state {
        RequestState::Waiting | RequestState::Judging => {}
        RequestState::Declined => body["state"] = json!("declined"),
        RequestState::Expired => body["state"] = json!("expired"),
        RequestState::Held => body["state"] = json!("held"),
        RequestState::Lost => body["state"] = json!("lost"),
        RequestState::Answered(result) => {
            body["state"] = json!("answered");
            let result: Value = serde_json::from_str(&result).unwrap_or_default();
            for member in ["verdict", "presentations", "offline"] {
                body[member] = result.get(member).cloned().unwrap_or_default();
            }
        }
    }
    answer(StatusCode::OK, &body)
}

/// The same verdict for a dropped file. Nothing of it is kept.
async fn verify(State(desk): Shared, body: Bytes) -> Response {
    match desk.judge.file(&body).await {
        Ok(result) => answer(StatusCode::OK, &result),
        Err(error) => refused(StatusCode::UNPROCESSABLE_ENTITY, error.kind(), &error.to_string()),
    }
}

/// A refusal of a body that is not said to be JSON: a form of another site cannot send that media type without asking first.
pub fn unless_json(headers: &HeaderMap) -> Option<Response> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_json = media_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json");
    let words = "the body must be application/json";
    (!is_json).then(|| refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorKind::Usage, words))
}

/// Why a browser does not see a request.
pub fn hidden_from(hidden: Hidden) -> Response {
    match hidden {
        Hidden::Unknown => refused(StatusCode::NOT_FOUND, ErrorKind::NoSession, "there is no such request"),
        Hidden::Forbidden => refused(StatusCode::FORBIDDEN, ErrorKind::NoSession, "another browser made this request"),
    }
}

/// The cookies of a request, however many headers they come in.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// An answer in JSON.
pub fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// A refusal in JSON.
pub fn refused(status: StatusCode, kind: ErrorKind, message: &str) -> Response {
    answer(status, &json!({ "error": { "kind": kind, "message": message } }))
}
