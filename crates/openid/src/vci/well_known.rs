//! Where metadata is found.

use leerpas_core::Url;

use crate::address::{self, AddressError};

/// Where a credential issuer keeps its metadata: the string goes between host and path
/// (OpenID4VCI 1.0, 12.2.2).
///
/// # Errors
/// [`AddressError`] if the identifier is not that of an issuer.
pub fn credential_issuer_metadata(identifier: &str) -> Result<Url, AddressError> {
    let mut url = address::identifier(identifier)?;
    let path = url.path().to_owned();
    // An origin with and without its slash is the same address.
    let path = if path == "/" { "" } else { &path };
    url.set_path(&format!("/.well-known/openid-credential-issuer{path}"));
    Ok(url)
}

/// Where an authorization server keeps its metadata: the string goes between host and path, and a slash at
/// the end of the path goes away (RFC 8414, 3.1).
///
/// # Errors
/// [`AddressError`] if the identifier is not that of an authorization server.
pub fn authorization_server_metadata(identifier: &str) -> Result<Url, AddressError> {
    let mut url = address::identifier(identifier)?;
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openid4vci_12_2_2_the_string_goes_between_host_and_path() {
        for (identifier, expected) in [
            ("https://issuer.example", "https://issuer.example/.well-known/openid-credential-issuer"),
            ("https://issuer.example/", "https://issuer.example/.well-known/openid-credential-issuer"),
            ("https://issuer.example:8443/a/b", "https://issuer.example:8443/.well-known/openid-credential-issuer/a/b"),
        ] {
            assert_eq!(credential_issuer_metadata(identifier).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn rfc8414_3_1_the_string_goes_between_host_and_path_without_the_last_slash() {
        for (identifier, expected) in [
            ("https://as.example", "https://as.example/.well-known/oauth-authorization-server"),
            ("https://as.example/", "https://as.example/.well-known/oauth-authorization-server"),
            ("https://as.example/issuer1/", "https://as.example/.well-known/oauth-authorization-server/issuer1"),
        ] {
            assert_eq!(authorization_server_metadata(identifier).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn an_identifier_cannot_escape_the_well_known_path() {
        let url = credential_issuer_metadata("https://issuer.example/a/../../b").unwrap();
        assert_eq!(url.as_str(), "https://issuer.example/.well-known/openid-credential-issuer/b");
    }
}
