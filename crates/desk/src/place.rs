//! Where the desk stands: on the machine of who asks, or at an address of the employer, behind the proxy that has the
//! certificate for it. What differs between the two is here.

use axum::http::{HeaderMap, Uri, header};
use leerpas_core::Url;
use thiserror::Error;
use url::Host;

use crate::callers::Caller;

/// The name of the proxy's header. Its last entry is the proxy's own word; what stands before it anybody can write. The
/// header `Forwarded` (RFC 7239) is not read: a proxy that adds to the one lets a stranger's other one through.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Where the desk stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// On this machine, for browsers of this machine: plain http, and nobody else gets in.
    Here,
    /// At an address of its own, of which a proxy on this machine hands everything on.
    Public(PublicAddress),
}

/// An https address of the employer under which the desk is found: a host name, perhaps a port, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicAddress {
    url: Url,
    /// As in a `Host` header.
    host: String,
}

/// Why an address cannot be the desk's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the public address must be https, a host name and perhaps a port, such as https://desk.example")]
pub struct AddressError;

impl PublicAddress {
    /// Reads it as it is given on the command line.
    ///
    /// # Errors
    /// [`AddressError`] for anything but an https origin with a host name: certificates and did:web need a name, and a path
    /// would give cookies and code to whatever else lives at the host.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError)?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let nobody = url.username().is_empty() && url.password().is_none();
        let Some(Host::Domain(name)) = url.host() else { return Err(AddressError) };
        if url.scheme() != "https" || !bare || !nobody || name.ends_with('.') {
            return Err(AddressError);
        }
        let host = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        Ok(Self { host, url })
    }

    /// `https://HOST[:PORT]/`.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The host name alone.
    pub fn name(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

impl Place {
    /// Whether the request names the desk as its host. On this machine any name of it will do; another one is a name that
    /// somebody pointed here (DNS rebinding).
    pub fn is_named_in(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let host = match headers.get(header::HOST) {
            Some(host) => host.to_str().ok(),
            None => uri.authority().map(|authority| authority.as_str()),
        };
        let Some(host) = host else { return false };
        match self {
            Self::Here => {
                let name = match host.rsplit_once(':') {
                    Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
                    _ => host,
                };
                ["127.0.0.1", "localhost", "[::1]"].iter().any(|own| name.eq_ignore_ascii_case(own))
            }
            Self::Public(own) => host.eq_ignore_ascii_case(&own.host),
        }
    }

    /// The origin of the page, for a request that names this host.
    pub fn origin(&self, host: Option<&str>) -> Option<String> {
        match self {
            Self::Here => host.map(|host| format!("http://{host}")),
            Self::Public(own) => Some(own.url.origin().ascii_serialization()),
        }
    }

    /// Who calls: the address that the proxy saw, or nobody in particular where all callers are this machine.
    pub fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        let Self::Public(_) = self else { return None };
        let last = headers.get_all(FORWARDED_FOR).iter().next_back().and_then(|value| value.to_str().ok());
        Some(last.and_then(|list| list.rsplit(',').next()).map_or(Caller::Unknown, Caller::read))
    }

    /// The name of the cookie. Under its public address no other host of the domain can set it (`__Host-`).
    pub fn cookie_name(&self) -> &'static str {
        match self {
            Self::Here => "leerpas-desk",
            Self::Public(_) => "__Host-leerpas-desk",
        }
    }

    /// The cookie for the browser that made the request `id`: seen by no script, and sent along from this page only. On this
    /// machine other programs have their pages under the same host, so that it is for the one address there.
    pub fn cookie(&self, value: &str, id: &str, seconds: i64) -> String {
        let rest = match self {
            Self::Here => format!("Path=/api/requests/{id}"),
            Self::Public(_) => "Path=/; Secure".to_owned(),
        };
        format!("{}={value}; {rest}; Max-Age={seconds}; HttpOnly; SameSite=Strict", self.cookie_name())
    }

    /// Where the wallet sends the person on to, with this response code (OpenID4VP 1.0, 8.2). In the fragment, so that it is in
    /// no log of the proxy and no `Referer`.
    pub fn way_back(&self, response_code: &str) -> Option<Url> {
        let Self::Public(own) = self else { return None };
        let mut url = own.url.join("back").ok()?;
        url.set_fragment(Some(&format!("response_code={response_code}")));
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        map
    }

    fn public() -> Place {
        Place::Public(PublicAddress::parse("https://desk.example:8443").unwrap())
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let uri = Uri::from_static("/");
        for own in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST", "[::1]:8080", "127.0.0.1"] {
            assert!(Place::Here.is_named_in(&headers(&[("host", own)]), &uri), "{own}");
        }
        for other in ["desk.example", "127.0.0.1.example:80", "192.168.1.4:8080", "localhost.", "", "evil@127.0.0.1"] {
            assert!(!Place::Here.is_named_in(&headers(&[("host", other)]), &uri), "{other}");
        }
        assert!(!Place::Here.is_named_in(&HeaderMap::new(), &uri));
    }

    #[test]
    fn under_a_public_address_only_that_is_answered() {
        let uri = Uri::from_static("/");
        for own in ["desk.example:8443", "DESK.example:8443"] {
            assert!(public().is_named_in(&headers(&[("host", own)]), &uri), "{own}");
        }
        for other in ["desk.example", "127.0.0.1:8443", "localhost", "evil.desk.example:8443", "desk.example:8443.evil"]
        {
            assert!(!public().is_named_in(&headers(&[("host", other)]), &uri), "{other}");
        }
        assert_eq!(public().origin(Some("evil.example")).unwrap(), "https://desk.example:8443");
    }

    #[test]
    fn a_public_address_is_an_https_origin_with_a_name() {
        for good in ["https://desk.example", "https://desk.example/", "https://localhost:8443"] {
            assert!(PublicAddress::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://desk.example",
            "https://desk.example/desk",
            "https://desk.example/?a",
            "https://desk.example/#a",
            "https://me@desk.example",
            "https://192.0.2.1",
            "https://[2001:db8::1]",
            "https://desk.example.",
            "desk.example",
            "",
        ] {
            assert_eq!(PublicAddress::parse(bad), Err(AddressError), "{bad}");
        }
    }

    #[test]
    fn security_j22_the_caller_is_who_the_proxy_says_and_no_other() {
        let caller = |pairs: &[(&'static str, &'static str)]| public().caller(&headers(pairs)).unwrap();
        let own = Caller::read("203.0.113.7");
        for pairs in [
            &[("x-forwarded-for", "203.0.113.7")][..],
            &[("x-forwarded-for", "198.51.100.1, 203.0.113.7")],
            &[("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.7")],
            &[("x-forwarded-for", ",,, nonsense ,203.0.113.7:5511")],
            &[("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=198.51.100.1"), ("x-real-ip", "198.51.100.1")],
        ] {
            assert_eq!(caller(pairs), own, "{pairs:?}");
        }
        assert_eq!(caller(&[("forwarded", "for=198.51.100.1")]), Caller::Unknown);
        assert_eq!(caller(&[("x-forwarded-for", "203.0.113.7, ")]), Caller::Unknown);
        assert_eq!(Place::Here.caller(&headers(&[("x-forwarded-for", "203.0.113.7")])), None);
    }

    #[test]
    fn the_cookie_of_a_public_desk_is_its_own_alone() {
        let cookie = public().cookie("value", "id", 60);
        assert_eq!(cookie, "__Host-leerpas-desk=value; Path=/; Secure; Max-Age=60; HttpOnly; SameSite=Strict");
        let here = Place::Here.cookie("value", "id", 60);
        assert_eq!(here, "leerpas-desk=value; Path=/api/requests/id; Max-Age=60; HttpOnly; SameSite=Strict");
    }

    #[test]
    fn the_way_back_keeps_the_code_in_the_fragment() {
        let way = public().way_back("name.secret").unwrap();
        assert_eq!(way.as_str(), "https://desk.example:8443/back#response_code=name.secret");
        assert_eq!(Place::Here.way_back("name.secret"), None);
    }
}
