//! Who may talk to the desk: who calls it by its name, from its own page, and not too often. And what every answer says
//! about itself.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{api::Desk, callers::DEAREST, place::Place};

/// Scripts and styles are files of the desk; pictures may come inside an answer; nothing else is loaded.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Lets a request through to the page and its API, or refuses it: a host name that is not the desk's (DNS rebinding), a call
/// from another origin (cross-site request forgery), or more calls than one caller has.
pub async fn page(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let foreign = is_foreign(&desk.place, request.method(), request.headers());
    let refused = stopped(&desk, &request).or(foreign.then_some(StatusCode::FORBIDDEN));
    pass(refused, request, next).await
}

/// The same for what the wallet talks to, which is no browser.
pub async fn wallet(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    // With a door of its own the wallet's side is reached under its certificate's name or not at all.
    let refused = if desk.place == Place::Here { None } else { stopped(&desk, &request) };
    pass(refused, request, next).await
}

fn stopped(desk: &Desk, request: &Request) -> Option<StatusCode> {
    if !desk.place.is_named_in(request.headers(), request.uri()) {
        return Some(StatusCode::FORBIDDEN);
    }
    let caller = desk.place.caller(request.headers())?;
    // To judge a file is as much work as many other calls. Pictures of a camera come as fast as calls may, two at a time.
    let calls = if request.uri().path() == "/api/verify" { DEAREST } else { 1 };
    (!desk.callers().admit(caller, calls, desk.env().now)).then_some(StatusCode::TOO_MANY_REQUESTS)
}

async fn pass(refused: Option<StatusCode>, request: Request, next: Next) -> Response {
    let mut response = match refused {
        Some(status) => status.into_response(),
        None => next.run(request).await,
    };
    say(&mut response);
    response
}

fn say(response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        // The page itself may ask for the camera, to read an answer from a screen; the browser still asks the person.
        (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Whether a browser says that another site caused the request. What is no browser says nothing, and has no
/// cookies of another's either. A link from elsewhere to the page itself is fine.
fn is_foreign(place: &Place, method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let navigation = method == Method::GET && text("sec-fetch-mode") == Some("navigate");
    if headers.contains_key("sec-fetch-site")
        && !navigation
        && !matches!(text("sec-fetch-site"), Some("same-origin" | "none"))
    {
        return true;
    }
    let own = place.origin(text("host"));
    headers.contains_key(header::ORIGIN) && text("origin") != own.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::PublicAddress;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_call_that_another_site_caused_is_refused() {
        let foreign = |pairs: &[(&'static str, &'static str)]| is_foreign(&Place::Here, &Method::POST, &headers(pairs));
        let host = ("host", "127.0.0.1:80");
        assert!(!foreign(&[host]));
        assert!(!foreign(&[host, ("origin", "http://127.0.0.1:80"), ("sec-fetch-site", "same-origin")]));
        for bad in ["null", "https://evil.example", "http://127.0.0.1:81", "https://127.0.0.1:80"] {
            assert!(foreign(&[host, ("origin", bad)]), "{bad}");
        }
        for bad in ["cross-site", "same-site", "new-word"] {
            assert!(foreign(&[host, ("sec-fetch-site", bad)]), "{bad}");
        }
        let link = headers(&[host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]);
        assert!(!is_foreign(&Place::Here, &Method::GET, &link));
        assert!(is_foreign(&Place::Here, &Method::POST, &link));
    }

    #[test]
    fn a_public_desk_has_one_origin_whatever_host_is_said() {
        let place = Place::Public(PublicAddress::parse("https://desk.example").unwrap());
        let foreign =
            |origin| is_foreign(&place, &Method::POST, &headers(&[("host", "127.0.0.1:80"), ("origin", origin)]));
        assert!(!foreign("https://desk.example"));
        for bad in
            ["http://desk.example", "http://127.0.0.1:80", "https://127.0.0.1:80", "https://desk.example:444", "null"]
        {
            assert!(foreign(bad), "{bad}");
        }
    }
}
