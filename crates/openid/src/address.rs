//! Addresses as other parties name them: https, without a name, password or fragment.
//!
//! Which hosts may be reached is for `net` to say; here only the form is judged, so that a wrong one is
//! named before anything is sent.

use leerpas_core::{ErrorKind, Url};
use thiserror::Error;

/// Why an address is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AddressError {
    /// Not a URL with a host.
    #[error("this is not an address")]
    NotAnAddress,
    /// Another scheme than https.
    #[error("only https addresses are used")]
    Insecure,
    /// Carries a user name or password (RFC 3986, 3.2.1).
    #[error("addresses with a user name are refused")]
    UserInfo,
    /// Has a query or fragment where none may be.
    #[error("a query or fragment is not allowed here")]
    NotPlain,
}

impl AddressError {
    /// The kind to report, given what a malformed message of this sort is called.
    pub fn kind_or(self, malformed: ErrorKind) -> ErrorKind {
        match self {
            Self::Insecure => ErrorKind::InsecureAddress,
            Self::UserInfo => ErrorKind::AddressRefused,
            Self::NotAnAddress | Self::NotPlain => malformed,
        }
    }
}

/// Reads an address that something may be fetched from or sent to.
///
/// # Errors
/// [`AddressError`]; a fragment is refused, a query is not.
pub fn https(text: &str) -> Result<Url, AddressError> {
    // The parser would silently drop line breaks and outer spaces, and two spellings would be one address.
    if text.contains(|character: char| character.is_whitespace() || character.is_control()) {
        return Err(AddressError::NotAnAddress);
    }
    let url = Url::parse(text).map_err(|_| AddressError::NotAnAddress)?;
    if url.scheme() != "https" {
        return Err(AddressError::Insecure);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::UserInfo);
    }
    if url.fragment().is_some() {
        return Err(AddressError::NotPlain);
    }
    Ok(url)
}

/// Reads an identifier that is an https URL without query and fragment: a credential issuer
/// (OpenID4VCI 1.0, 12.2.1) or an authorization server (RFC 8414, 2).
///
/// # Errors
/// [`AddressError`].
pub fn identifier(text: &str) -> Result<Url, AddressError> {
    let url = https(text)?;
    if url.query().is_some() { Err(AddressError::NotPlain) } else { Ok(url) }
}

/// The host that a learner can recognise, with the port where it is not the usual one.
pub fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_without_a_name_is_an_address() {
        for (text, error) in [
            ("http://issuer.example", AddressError::Insecure),
            ("file:///etc/hostname", AddressError::Insecure),
            ("data:application/json,%7B%7D", AddressError::Insecure),
            ("javascript:alert(1)", AddressError::Insecure),
            ("https://bank.example@issuer.example", AddressError::UserInfo),
            ("https://:secret@issuer.example", AddressError::UserInfo),
            ("https://issuer.example/#part", AddressError::NotPlain),
            ("issuer.example", AddressError::NotAnAddress),
            ("", AddressError::NotAnAddress),
            (" https://issuer.example", AddressError::NotAnAddress),
            ("https://issuer\n.example", AddressError::NotAnAddress),
        ] {
            assert_eq!(https(text), Err(error), "{text}");
        }
        assert!(https("https://issuer.example/offer?id=1").is_ok());
    }

    #[test]
    fn openid4vci_12_2_1_an_issuer_identifier_has_no_query() {
        assert_eq!(identifier("https://issuer.example/?a=b"), Err(AddressError::NotPlain));
        assert!(identifier("https://issuer.example/tenant").is_ok());
    }

    #[test]
    fn the_host_is_shown_with_its_port() {
        assert_eq!(host(&Url::parse("https://localhost:8443/a").unwrap()), "localhost:8443");
        assert_eq!(host(&Url::parse("https://issuer.example:443/a").unwrap()), "issuer.example");
    }
}
