//! The client identifier and its prefix (OpenID4VP 1.0, 5.9).

use std::fmt;

use super::RequestError;

/// Longest client identifier that is taken, in bytes.
const MAX_CLIENT_ID: usize = 2_048;

/// Ways of naming a verifier that Leerpas can prove or knowingly takes as a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Prefix {
    /// `x509_hash:` – the base64url SHA-256 of the signer's certificate.
    X509Hash,
    /// `decentralized_identifier:` – a DID whose document has the signing key.
    DecentralizedIdentifier,
    /// `redirect_uri:` – nothing but the address of the answer; never signed.
    RedirectUri,
}

impl Prefix {
    /// The word on the wire, without the colon.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::X509Hash => "x509_hash",
            Self::DecentralizedIdentifier => "decentralized_identifier",
            Self::RedirectUri => "redirect_uri",
        }
    }

    /// Whether the request must be signed.
    pub fn is_signed(self) -> bool {
        self != Self::RedirectUri
    }
}

/// A client identifier with its prefix. The whole of it is the audience of every presentation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientId {
    prefix: Prefix,
    full: String,
}

impl ClientId {
    /// Puts an identifier together, for a verifier.
    pub fn new(prefix: Prefix, value: &str) -> Self {
        Self { prefix, full: format!("{}:{value}", prefix.as_str()) }
    }

    /// Reads an identifier. Case counts, and blanks are not forgiven.
    ///
    /// # Errors
    /// [`RequestError::Unsupported`] names a prefix that is known and not taken, and says so of an
    /// identifier without prefix, which would have to be registered beforehand; [`RequestError::Invalid`]
    /// for everything else, `origin:` among it (5.9.3: never in a request).
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        if text.is_empty() || text.len() > MAX_CLIENT_ID || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(RequestError::Invalid("client_id is missing or malformed"));
        }
        let Some((word, value)) = text.split_once(':') else {
            return Err(RequestError::Unsupported("a client_id without prefix"));
        };
        let prefix = match word {
            "x509_hash" => Prefix::X509Hash,
            "decentralized_identifier" => Prefix::DecentralizedIdentifier,
            "redirect_uri" => Prefix::RedirectUri,
            "x509_san_dns" => return Err(RequestError::Unsupported("the client_id prefix x509_san_dns")),
            "verifier_attestation" => {
                return Err(RequestError::Unsupported("the client_id prefix verifier_attestation"));
            }
            "openid_federation" => return Err(RequestError::Unsupported("the client_id prefix openid_federation")),
            "origin" => return Err(RequestError::Invalid("the client_id prefix origin is never allowed in a request")),
            "https" | "http" => return Err(RequestError::Unsupported("a client_id without prefix")),
            _ => return Err(RequestError::Invalid("the client_id has an unknown prefix")),
        };
        let fits = match prefix {
            Prefix::X509Hash => {
                value.len() == 43 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            }
            Prefix::DecentralizedIdentifier => value.starts_with("did:") && !value.contains(['#', '?', '/']),
            Prefix::RedirectUri => !value.is_empty(),
        };
        if fits {
            Ok(Self { prefix, full: text.to_owned() })
        } else {
            Err(RequestError::Invalid("the client_id does not fit its prefix"))
        }
    }

    /// The prefix.
    pub fn prefix(&self) -> Prefix {
        self.prefix
    }

    /// What follows the prefix and its colon.
    pub fn value(&self) -> &str {
        self.full.get(self.prefix.as_str().len() + 1..).unwrap_or_default()
    }

    /// The whole identifier, prefix and all.
    pub fn as_str(&self) -> &str {
        &self.full
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk";

    #[test]
    fn openid4vp_5_9_the_prefixes_that_are_taken() {
        let id = ClientId::parse(HASH).unwrap();
        assert_eq!((id.prefix(), id.as_str(), id.value()), (Prefix::X509Hash, HASH, &HASH[10..]));
        let did = ClientId::parse("decentralized_identifier:did:web:desk.example").unwrap();
        assert_eq!(did.value(), "did:web:desk.example");
        assert_eq!(ClientId::parse("redirect_uri:https://desk.example/a").unwrap().prefix(), Prefix::RedirectUri);
    }

    #[test]
    fn oid4vp_1final_wallet_negative_test_invalid_client_id_prefix() {
        for bad in [
            "",
            "origin:https://desk.example",
            "X509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk",
            " x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk",
            "x509_hash: Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk",
            "x509_hash:short",
            "x509_hash:",
            "decentralized_identifier:desk.example",
            "decentralized_identifier:did:web:desk.example#key",
            "redirect_uri:",
            "unknown:abc",
            "path/x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk",
            "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszé",
        ] {
            assert!(matches!(ClientId::parse(bad), Err(RequestError::Invalid(_))), "{bad}");
        }
    }

    #[test]
    fn known_prefixes_that_are_not_taken_are_refused_by_name() {
        for word in ["x509_san_dns", "verifier_attestation", "openid_federation"] {
            let error = ClientId::parse(&format!("{word}:desk.example")).unwrap_err();
            assert!(error.to_string().contains(word));
            assert!(matches!(error, RequestError::Unsupported(_)));
        }
        assert!(matches!(ClientId::parse("desk"), Err(RequestError::Unsupported(_))));
        assert!(matches!(ClientId::parse("https://desk.example"), Err(RequestError::Unsupported(_))));
    }
}
