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

/// Where issuers keep their metadata that follow draft 15 or one before: the string goes after the path. Nothing where
/// that is the same address.
pub fn other_credential_issuer_metadata(identifier: &str) -> Option<Url> {
    after_path(identifier, "openid-credential-issuer")
        .filter(|url| credential_issuer_metadata(identifier).is_ok_and(|first| first != *url))
}

/// Where else authorization servers keep their metadata: as a provider of OpenID Connect, with the string after the path
/// (OpenID Connect Discovery 1.0, 4.1), of which the parameters are a superset (RFC 8414, 5).
pub fn other_authorization_server_metadata(identifier: &str) -> Option<Url> {
    after_path(identifier, "openid-configuration")
}

fn after_path(identifier: &str, name: &str) -> Option<Url> {
    let mut url = address::identifier(identifier).ok()?;
    let path = format!("{}/.well-known/{name}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Some(url)
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
    fn drafts_and_openid_connect_put_the_string_after_the_path() {
        let other = other_credential_issuer_metadata("https://issuer.example/tenant/").unwrap();
        assert_eq!(other.as_str(), "https://issuer.example/tenant/.well-known/openid-credential-issuer");
        assert_eq!(other_credential_issuer_metadata("https://issuer.example"), None);
        let other = other_authorization_server_metadata("https://as.example/realms/a").unwrap();
        assert_eq!(other.as_str(), "https://as.example/realms/a/.well-known/openid-configuration");
    }

    #[test]
    fn an_identifier_cannot_escape_the_well_known_path() {
        let url = credential_issuer_metadata("https://issuer.example/a/../../b").unwrap();
        assert_eq!(url.as_str(), "https://issuer.example/.well-known/openid-credential-issuer/b");
    }
}
