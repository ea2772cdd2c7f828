//! What can come in, before and after it is known what it is.

use url::Url;

/// Something that came in.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// A link that was opened, or text that was pasted.
    Text(&'a str),
    /// A file that was dropped or chosen.
    File {
        /// Its name, for messages of the caller; it decides nothing.
        name: &'a str,
        /// Its bytes.
        bytes: &'a [u8],
    },
}

/// What it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrival {
    /// A credential offer (OpenID4VCI 1.0, 4.1).
    Offer(OfferSource),
    /// An authorization request (OpenID4VP 1.0, 5).
    Request(RequestSource),
    /// A credential: the whole file if it came as a badge picture, else its text without what copying
    /// around it left behind.
    Credential(Vec<u8>),
    /// Several different ones, two at least, in the order in which they were found: the person picks.
    Several(Vec<Arrival>),
}

/// Where the offer is.
#[derive(Debug, Clone, PartialEq)]
pub enum OfferSource {
    /// Here: a JSON object, not looked into further (`credential_offer`, OpenID4VCI 1.0, 4.1.2).
    Value(serde_json::Value),
    /// There: an https address (`credential_offer_uri`, OpenID4VCI 1.0, 4.1.3).
    Reference(Url),
}

/// The parameters of a request, as they are written in the link.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestSource {
    /// The client identifier; whether one is needed is for the protocol to say.
    pub client_id: Option<String>,
    /// All parameters in their order, each name once; the others in this struct are among them.
    pub parameters: Vec<(String, String)>,
    /// Where the request object is; https (RFC 9101, 5.2).
    pub request_uri: Option<Url>,
    /// The request object itself; never together with `request_uri` (RFC 9101, 5).
    pub request: Option<String>,
    /// `get` or `post`, not looked at here (OpenID4VP 1.0, 5.1).
    pub request_uri_method: Option<String>,
}

impl RequestSource {
    /// The value of one parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}
