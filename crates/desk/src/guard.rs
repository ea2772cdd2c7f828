//! Who may talk to the page's door: this machine, from the page itself. And what every answer says about itself.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Scripts and styles are files of the desk; pictures may come inside an answer; nothing else is loaded.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Lets a request through to the page and its API, or refuses it: a host name that is not of this machine (DNS
/// rebinding), or a call from another origin (cross-site request forgery).
pub async fn page(request: Request, next: Next) -> Response {
    let allowed = is_this_machine(request.headers(), request.uri()) && !is_foreign(request.method(), request.headers());
    let mut response = if allowed { next.run(request).await } else { StatusCode::FORBIDDEN.into_response() };
    say(&mut response);
    response
}

/// The same headers for what the wallet talks to.
pub async fn wallet(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
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

/// Whether the request names this machine as its host.
fn is_this_machine(headers: &HeaderMap, uri: &Uri) -> bool {
    let host = match headers.get(header::HOST) {
        Some(host) => host.to_str().ok(),
        None => uri.authority().map(|authority| authority.as_str()),
    };
    let Some(host) = host else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|own| name.eq_ignore_ascii_case(own))
}

/// Whether a browser says that another site caused the request. What is no browser says nothing, and has no
/// cookies of another's either. A link from elsewhere to the page itself is fine.
fn is_foreign(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let navigation = method == Method::GET && text("sec-fetch-mode") == Some("navigate");
    if headers.contains_key("sec-fetch-site")
        && !navigation
        && !matches!(text("sec-fetch-site"), Some("same-origin" | "none"))
    {
        return true;
    }
    let own = text("host").map(|host| format!("http://{host}"));
    headers.contains_key(header::ORIGIN) && text("origin") != own.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let uri = Uri::from_static("/");
        for own in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST", "[::1]:8080", "127.0.0.1"] {
            assert!(is_this_machine(&headers(&[("host", own)]), &uri), "{own}");
        }
        for other in ["desk.example", "127.0.0.1.example:80", "192.168.1.4:8080", "localhost.", "", "evil@127.0.0.1"] {
            assert!(!is_this_machine(&headers(&[("host", other)]), &uri), "{other}");
        }
        assert!(!is_this_machine(&HeaderMap::new(), &uri));
    }

    #[test]
    fn a_call_that_another_site_caused_is_refused() {
        let foreign = |pairs: &[(&'static str, &'static str)]| is_foreign(&Method::POST, &headers(pairs));
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
        assert!(!is_foreign(&Method::GET, &link));
        assert!(is_foreign(&Method::POST, &link));
    }
}
