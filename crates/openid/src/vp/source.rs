//! How a request comes: by reference, as a signed object in the link, or as plain parameters.

use leerpas_core::Url;

use super::{AuthorizationRequest, ClientId, RequestError};
use crate::address::{self, AddressError};

/// The three ways in which a link carries a request (RFC 9101, 5; OpenID4VP 1.0, 5.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestSource {
    /// The request object is to be fetched.
    Reference {
        /// Who asks, as the link says.
        client_id: ClientId,
        /// Where the request object is.
        request_uri: Url,
        /// Whether to fetch it by POST, with a `wallet_nonce` (5.10.1).
        post: bool,
        /// The other parameters of the link; they count for nothing but must not contradict the object.
        outside: Vec<(String, String)>,
    },
    /// The request object is in the link, as a compact JWS.
    Object {
        /// Who asks, as the link says.
        client_id: ClientId,
        /// The JWS.
        jwt: String,
        /// The other parameters of the link.
        outside: Vec<(String, String)>,
    },
    /// Plain parameters, not signed.
    Plain(Box<AuthorizationRequest>),
}

impl RequestSource {
    /// Reads the parameters of a link.
    ///
    /// # Errors
    /// [`RequestError`]: a parameter given twice (RFC 6749, 3.1), both `request` and `request_uri`, a
    /// `request_uri_method` that is neither `get` nor `post`, a plain request whose client identifier
    /// needs a signature, a signed one whose identifier forbids it, or whatever else is wrong with a
    /// plain request.
    pub fn from_parameters(parameters: &[(String, String)]) -> Result<Self, RequestError> {
        for (i, (name, _)) in parameters.iter().enumerate() {
            if parameters[..i].iter().any(|(earlier, _)| earlier == name) {
                return Err(RequestError::Invalid("a parameter is given twice"));
            }
        }
        let get = |name: &str| parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        let client_id = ClientId::parse(get("client_id").unwrap_or_default())?;
        let method = get("request_uri_method");
        let post = match method {
            None | Some("get") => false,
            Some("post") => true,
            Some(_) => return Err(RequestError::Invalid("request_uri_method is neither get nor post")),
        };
        let outside = || {
            let carried = ["client_id", "request", "request_uri", "request_uri_method"];
            parameters.iter().filter(|(name, _)| !carried.contains(&name.as_str())).cloned().collect()
        };
        match (get("request"), get("request_uri")) {
            (Some(_), Some(_)) => Err(RequestError::Invalid("both request and request_uri")),
            (_, None) if method.is_some() => Err(RequestError::Invalid("request_uri_method without request_uri")),
            (None, None) => {
                AuthorizationRequest::from_parameters(client_id, parameters).map(|r| Self::Plain(Box::new(r)))
            }
            _ if !client_id.prefix().is_signed() => {
                Err(RequestError::Invalid("the client_id prefix redirect_uri cannot be signed"))
            }
            (Some(jwt), None) => Ok(Self::Object { client_id, jwt: jwt.to_owned(), outside: outside() }),
            (None, Some(uri)) => {
                let request_uri = address::https(uri).map_err(|error| match error {
                    AddressError::Insecure => RequestError::Insecure,
                    _ => RequestError::Invalid("request_uri is no address"),
                })?;
                Ok(Self::Reference { client_id, request_uri, post, outside: outside() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk";

    fn source(parameters: &[(&str, &str)]) -> Result<RequestSource, RequestError> {
        let owned: Vec<_> = parameters.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        RequestSource::from_parameters(&owned)
    }

    #[test]
    fn a_reference_is_read() {
        let got = source(&[("client_id", HASH), ("request_uri", "https://desk.example/r/1"), ("x", "y")]).unwrap();
        let RequestSource::Reference { post, outside, .. } = got else { panic!("a reference") };
        assert!(!post && outside.len() == 1);
    }

    #[test]
    fn vp_5_1_request_uri_method_is_case_sensitive() {
        let with = |method| {
            source(&[("client_id", HASH), ("request_uri", "https://d.example/"), ("request_uri_method", method)])
        };
        assert!(with("get").is_ok());
        assert!(matches!(with("post"), Ok(RequestSource::Reference { post: true, .. })));
        for bad in ["POST", "Get", "", "put"] {
            assert!(matches!(with(bad), Err(RequestError::Invalid(_))), "{bad}");
        }
    }

    #[test]
    fn a_request_uri_that_is_not_https_is_refused() {
        let with = |uri| source(&[("client_id", HASH), ("request_uri", uri)]);
        assert_eq!(with("http://desk.example/"), Err(RequestError::Insecure));
        assert!(with("https://a:b@desk.example/").is_err());
        assert!(with("desk").is_err());
    }

    #[test]
    fn an_unsigned_request_with_an_identifier_that_needs_a_signature_is_refused() {
        let plain = |id| source(&[("client_id", id), ("response_type", "vp_token"), ("nonce", "n-0S6_WzA2Mj")]);
        assert_eq!(plain(HASH), Err(RequestError::Unsigned));
        assert_eq!(plain("decentralized_identifier:did:web:desk.example"), Err(RequestError::Unsigned));
    }

    #[test]
    fn a_signed_request_under_redirect_uri_is_refused() {
        let id = "redirect_uri:https://desk.example/a";
        assert!(matches!(source(&[("client_id", id), ("request", "a.b.c")]), Err(RequestError::Invalid(_))));
        assert!(matches!(
            source(&[("client_id", id), ("request_uri", "https://desk.example/")]),
            Err(RequestError::Invalid(_))
        ));
    }

    #[test]
    fn rfc6749_3_1_a_parameter_given_twice_is_refused() {
        let twice = [("client_id", HASH), ("client_id", HASH), ("request_uri", "https://desk.example/")];
        assert!(matches!(source(&twice), Err(RequestError::Invalid(_))));
        let both = [("client_id", HASH), ("request", "a.b.c"), ("request_uri", "https://desk.example/")];
        assert!(matches!(source(&both), Err(RequestError::Invalid(_))));
    }
}
