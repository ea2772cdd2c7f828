//! Links: offers and requests behind a scheme of their own, or behind https.
//!
//! What is taken, in capitals too: `openid-credential-offer:` and `haip-vci:` with an offer; `openid4vp:`,
//! `haip-vp:` and `eudi-openid4vp:` with a request; `https:` with the parameters of either. Between the
//! scheme and `?` anything may stand, because wallets were told to ignore it; only parameters count.

use leerpas_core::limits;
use url::{Url, form_urlencoded};

use crate::{Arrival, IntakeError, OfferSource, RequestSource, error::within, text};

/// Schemes that people meet in QR codes and links, so that an answer can name them. Closed, because the
/// word before a colon could be anything.
const OTHERS: [&str; 24] = [
    "http",
    "https",
    "wifi",
    "otpauth",
    "otpauth-migration",
    "mailto",
    "tel",
    "sms",
    "smsto",
    "geo",
    "file",
    "ftp",
    "javascript",
    "data",
    "begin",
    "bitcoin",
    "ethereum",
    "upi",
    "market",
    "intent",
    "openid",
    "openid-vc",
    "mdoc",
    "haip",
];

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Offer,
    Request,
    Web,
}

/// Reads text that is neither JSON nor a token.
pub(crate) fn read(link: &str) -> Result<Arrival, IntakeError> {
    let prose = IntakeError::NotRecognised { what: "text of another kind" };
    let Some((scheme, rest)) = link.split_once(':') else {
        // A link in full-width letters has a full-width colon.
        return Err(if link.contains('：') { IntakeError::StrayCharacters } else { prose });
    };
    let scheme = scheme.to_ascii_lowercase();
    let class = match scheme.as_str() {
        "openid-credential-offer" | "haip-vci" => Class::Offer,
        "openid4vp" | "haip-vp" | "eudi-openid4vp" => Class::Request,
        "https" => Class::Web,
        "http" if carries_something(rest) => return Err(IntakeError::InsecureAddress),
        other => {
            let known = OTHERS.into_iter().find(|known| *known == other);
            return Err(match known {
                Some(scheme) => IntakeError::OtherCode { scheme },
                // Invisible or foreign letters in the scheme itself.
                None if !other.is_ascii() && !other.contains(' ') => IntakeError::StrayCharacters,
                None => prose,
            });
        }
    };
    within(link.len(), limits::LINK)?;
    // RFC 3986 knows visible ASCII only; `url` would drop line breaks and map look-alikes without a word.
    if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(IntakeError::StrayCharacters);
    }
    let parameters = parameters(rest, class)?;
    let has = |name: &str| parameters.iter().any(|(key, _)| key == name);
    let offered = has("credential_offer") || has("credential_offer_uri");
    let asked = has("client_id") && (has("request_uri") || has("request"));
    match class {
        Class::Offer => offer(&parameters),
        Class::Request => request(parameters),
        Class::Web if offered && asked => {
            Err(IntakeError::OfferInvalid { rule: "it is an offer and a request at the same time" })
        }
        Class::Web if offered => offer(&parameters),
        Class::Web if asked => request(parameters),
        Class::Web => Err(IntakeError::OtherCode { scheme: "https" }),
    }
}

/// Whether a plain http link would have been an offer or a request: then the http is what is wrong.
fn carries_something(rest: &str) -> bool {
    form_urlencoded::parse(query(rest).as_bytes())
        .any(|(name, _)| matches!(&*name, "credential_offer" | "credential_offer_uri" | "request_uri"))
}

fn query(rest: &str) -> &str {
    let rest = rest.split('#').next().unwrap_or_default();
    rest.split_once('?').map_or("", |(_, query)| query)
}

/// The parameters in their order. Each name once (OAuth 2.0, RFC 6749, 3.1: no parameter more than once),
/// decoded once, and without what can hide something.
fn parameters(rest: &str, class: Class) -> Result<Vec<(String, String)>, IntakeError> {
    let invalid = |rule| match class {
        Class::Request => IntakeError::RequestInvalid { rule },
        Class::Offer => IntakeError::OfferInvalid { rule },
        Class::Web => IntakeError::OtherCode { scheme: "https" },
    };
    let mut found: Vec<(String, String)> = Vec::new();
    for (name, value) in form_urlencoded::parse(query(rest).as_bytes()) {
        // Decoding puts U+FFFD where the bytes are not UTF-8; the link itself is ASCII and holds none.
        let odd = |c: char| c == '\u{fffd}' || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
        if name.contains(odd) || value.contains(odd) {
            return Err(invalid("a parameter holds bytes that are no text"));
        }
        if found.iter().any(|(key, _)| *key == name) {
            return Err(match class {
                // A web link that says a thing twice is only ours to judge if the thing is.
                Class::Web if name.starts_with("credential_offer") => {
                    IntakeError::OfferInvalid { rule: "a parameter is there twice" }
                }
                Class::Web if matches!(&*name, "client_id" | "request_uri" | "request") => {
                    IntakeError::RequestInvalid { rule: "a parameter is there twice" }
                }
                _ => invalid("a parameter is there twice"),
            });
        }
        found.push((name.into_owned(), value.into_owned()));
    }
    Ok(found)
}

fn offer(parameters: &[(String, String)]) -> Result<Arrival, IntakeError> {
    let value = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let source = match (value("credential_offer"), value("credential_offer_uri")) {
        (Some(_), Some(_)) => {
            return Err(IntakeError::OfferInvalid { rule: "it is there by value and by reference" });
        }
        (None, None) => return Err(IntakeError::OfferInvalid { rule: "the link holds no offer" }),
        (Some(json), None) => {
            let offer = text::parse(json)?.filter(serde_json::Value::is_object);
            OfferSource::Value(offer.ok_or(IntakeError::OfferInvalid { rule: "it is not a JSON object" })?)
        }
        (None, Some(address)) => {
            let rule = "credential_offer_uri is not an address";
            OfferSource::Reference(reference(address, || IntakeError::OfferInvalid { rule })?)
        }
    };
    Ok(Arrival::Offer(source))
}

fn request(parameters: Vec<(String, String)>) -> Result<Arrival, IntakeError> {
    if parameters.is_empty() {
        return Err(IntakeError::RequestInvalid { rule: "the link holds no request" });
    }
    let value = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let (by_value, by_reference) = (value("request"), value("request_uri"));
    if by_value.is_some() && by_reference.is_some() {
        return Err(IntakeError::RequestInvalid { rule: "it is there by value and by reference" });
    }
    let rule = "request_uri is not an address";
    let request_uri =
        by_reference.map(|address| reference(&address, || IntakeError::RequestInvalid { rule })).transpose()?;
    Ok(Arrival::Request(RequestSource {
        client_id: value("client_id"),
        request_uri,
        request: by_value,
        request_uri_method: value("request_uri_method"),
        parameters,
    }))
}

/// An address to fetch from: parsed once, here, so that everybody after compares the same host.
fn reference(address: &str, invalid: impl Fn() -> IntakeError) -> Result<Url, IntakeError> {
    // A letter outside ASCII in a host would be mapped to another one.
    if !address.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid());
    }
    let url = Url::parse(address).map_err(|_| invalid())?;
    if url.scheme() != "https" {
        return Err(IntakeError::InsecureAddress);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(IntakeError::UserInfo);
    }
    // `url` takes the first part of the path for a missing host, as browsers do.
    let host = address.get("https://".len()..).unwrap_or_default();
    let written = host.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '[' | '%' | '_'));
    if !written || url.host_str().is_none_or(|host| host.ends_with('.')) {
        return Err(invalid());
    }
    Ok(url)
}
