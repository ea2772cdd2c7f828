//! The syntax of DIDs and where the documents of did:web and the logs of did:webvh are.

use url::{Host, Url};

use super::DidError;

/// Longest DID or DID URL that is looked at, in bytes: a did:jwk of an RSA key stays well under it.
const LONGEST: usize = 4096;

/// Cuts a DID URL into the DID and the fragment. Paths and queries are refused, because no method here uses them.
///
/// # Errors
/// When it is no DID URL, is too long, or has a path or query.
pub fn split_url(did_url: &str) -> Result<(&str, Option<&str>), DidError> {
    if did_url.len() > LONGEST || did_url.contains(['/', '?']) {
        return Err(DidError::Malformed);
    }
    let (did, fragment) = did_url.split_once('#').map_or((did_url, None), |(did, fragment)| (did, Some(fragment)));
    let mut parts = did.splitn(3, ':');
    let (Some("did"), Some(method), Some(id)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(DidError::Malformed);
    };
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'%');
    let method_ok = !method.is_empty() && method.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let fragment_ok = fragment.is_none_or(|f| !f.is_empty() && !f.contains('#'));
    if !method_ok || id.is_empty() || !id.bytes().all(allowed) || !fragment_ok {
        return Err(DidError::Malformed);
    }
    Ok((did, fragment))
}

/// Where the document of a DID is (did:web method, "Read"), or its log (did:webvh 1.0, "The DID-to-HTTPS
/// Transformation"): `None` for did:key and did:jwk, which carry their key.
///
/// Whether the address may be asked at all (loopback, private networks) is for the network room to say; refused here is
/// only what no did:web can be: IP addresses (method, "the method specific identifier MUST NOT include IP addresses"),
/// user names, `..`, encoded path signs.
///
/// # Errors
/// When the DID is malformed or of another method.
pub fn document_url(did: &str) -> Result<Option<Url>, DidError> {
    let (did, fragment) = split_url(did)?;
    if fragment.is_some() {
        return Err(DidError::Malformed);
    }
    if did.starts_with("did:key:") || did.starts_with("did:jwk:") {
        return Ok(None);
    }
    // A did:webvh has the hash of its beginning before the host; from there on both methods read alike.
    let (id, file) = match did.strip_prefix("did:webvh:") {
        Some(id) => {
            (id.split_once(':').filter(|(scid, _)| !scid.is_empty()).ok_or(DidError::Malformed)?.1, "did.jsonl")
        }
        None => (did.strip_prefix("did:web:").ok_or(DidError::Unsupported)?, "did.json"),
    };
    let mut segments = id.split(':');
    let authority = web_authority(segments.next().unwrap_or_default())?;
    let path: Vec<&str> = segments.collect();
    // The signs that the method leaves in a segment need no decoding; what is encoded there has no honest use.
    if path.iter().any(|segment| segment.is_empty() || segment.contains('%') || matches!(*segment, "." | "..")) {
        return Err(DidError::Malformed);
    }
    let path = if path.is_empty() { ".well-known".to_owned() } else { path.join("/") };
    let url = Url::parse(&format!("https://{authority}/{path}/{file}")).map_err(|_| DidError::Malformed)?;
    match url.host() {
        Some(Host::Domain(_)) => Ok(Some(url)),
        _ => Err(DidError::Malformed),
    }
}

/// The host that a person can recognise: of an https URL, or of a did:web or did:webvh. `None` for everything else.
pub fn host_of(identifier: &str) -> Option<String> {
    let url = if identifier.starts_with("did:") {
        document_url(identifier.split('#').next()?).ok()??
    } else {
        Url::parse(identifier).ok().filter(|url| url.scheme() == "https")?
    };
    url.host_str().map(str::to_owned)
}

/// Host and port: the one place where `%3A` stands for a colon.
fn web_authority(segment: &str) -> Result<String, DidError> {
    let lower = segment.to_ascii_lowercase();
    let (host, port) = lower.split_once("%3a").map_or((lower.as_str(), None), |(host, port)| (host, Some(port)));
    let host_ok = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    let port_ok = port.is_none_or(|p| p.parse::<u16>().is_ok_and(|n| n > 0) && p.chars().all(|c| c.is_ascii_digit()));
    if !host_ok || !port_ok {
        return Err(DidError::Malformed);
    }
    Ok(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}
