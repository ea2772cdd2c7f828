//! The client identifier and its prefix (OpenID4VP 1.0, 5.9).

use std::fmt;

use super::RequestError;
use crate::address;

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
    /// `x509_san_dns:` – a DNS name in the signer's certificate.
    X509SanDns,
    /// `verifier_attestation:` – a name that a trusted party gave to the signing key.
    VerifierAttestation,
    /// `openid_federation:` – an entity whose keys a trust anchor vouches for.
    OpenidFederation,
    /// No prefix: the wallet must know the verifier beforehand.
    PreRegistered,
}

/// Every prefix with its word on the wire.
const WORDS: [(Prefix, &str); 6] = [
    (Prefix::X509Hash, "x509_hash"),
    (Prefix::DecentralizedIdentifier, "decentralized_identifier"),
    (Prefix::RedirectUri, "redirect_uri"),
    (Prefix::X509SanDns, "x509_san_dns"),
    (Prefix::VerifierAttestation, "verifier_attestation"),
    (Prefix::OpenidFederation, "openid_federation"),
];

impl Prefix {
    /// The word on the wire, without the colon; `pre-registered`, which is never written, for none.
    pub fn as_str(self) -> &'static str {
        WORDS.iter().find(|(prefix, _)| *prefix == self).map_or("pre-registered", |(_, word)| word)
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
        let full = match prefix {
            Prefix::PreRegistered => value.to_owned(),
            _ => format!("{}:{value}", prefix.as_str()),
        };
        Self { prefix, full }
    }

    /// Reads an identifier. Case counts, and blanks are not forgiven.
    ///
    /// A bare DID, as texts of the protocol before 1.0 have it (with `client_id_scheme=did` or without), is taken
    /// for a decentralized identifier, and stays the audience as it is: this is the one place that knows of it.
    ///
    /// # Errors
    /// [`RequestError::Invalid`], for `origin:` among others (5.9.3: never in a request).
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        if text.is_empty() || text.len() > MAX_CLIENT_ID || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(RequestError::Invalid("client_id is missing or malformed"));
        }
        let (prefix, value) = match text.split_once(':') {
            None | Some(("https", _)) => (Prefix::PreRegistered, text),
            Some(("did", _)) => (Prefix::DecentralizedIdentifier, text),
            Some(("origin", _)) => {
                return Err(RequestError::Invalid("the client_id prefix origin is never allowed in a request"));
            }
            Some((word, value)) => {
                let known = WORDS.iter().find(|(_, known)| *known == word);
                let (prefix, _) = known.ok_or(RequestError::Invalid("the client_id has an unknown prefix"))?;
                (*prefix, value)
            }
        };
        let fits = match prefix {
            Prefix::X509Hash => {
                value.len() == 43 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            }
            Prefix::DecentralizedIdentifier => value.starts_with("did:") && !value.contains(['#', '?', '/']),
            Prefix::X509SanDns => is_dns_name(value),
            Prefix::OpenidFederation => address::https(value).is_ok(),
            Prefix::RedirectUri | Prefix::VerifierAttestation | Prefix::PreRegistered => !value.is_empty(),
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

    /// What follows the prefix and its colon; the whole where there is none.
    pub fn value(&self) -> &str {
        let rest = self.full.strip_prefix(self.prefix.as_str()).and_then(|rest| rest.strip_prefix(':'));
        rest.unwrap_or(&self.full)
    }

    /// The whole identifier, prefix and all.
    pub fn as_str(&self) -> &str {
        &self.full
    }
}

/// A host name in lower or upper case, without wildcard and final dot.
fn is_dns_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    name.len() <= 253 && name.split('.').all(label)
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
    fn vp_5_9_the_prefixes_that_are_taken() {
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
    fn vp_5_9_3_every_prefix_but_origin_is_known() {
        for (text, prefix, value) in [
            ("x509_san_dns:desk.example", Prefix::X509SanDns, "desk.example"),
            ("verifier_attestation:desk", Prefix::VerifierAttestation, "desk"),
            ("openid_federation:https://desk.example/a", Prefix::OpenidFederation, "https://desk.example/a"),
            ("desk", Prefix::PreRegistered, "desk"),
            ("https://desk.example", Prefix::PreRegistered, "https://desk.example"),
        ] {
            let id = ClientId::parse(text).unwrap();
            assert_eq!((id.prefix(), id.value(), id.as_str()), (prefix, value, text));
            assert_eq!(ClientId::new(prefix, value), id);
        }
        for bad in [
            "x509_san_dns:*.desk.example",
            "x509_san_dns:desk.example.",
            "x509_san_dns:https://desk.example",
            "x509_san_dns:desk.example:443",
            "openid_federation:http://desk.example",
            "openid_federation:desk",
            "verifier_attestation:",
        ] {
            assert!(matches!(ClientId::parse(bad), Err(RequestError::Invalid(_))), "{bad}");
        }
    }

    #[test]
    fn a_bare_did_of_earlier_texts_is_a_decentralized_identifier_and_stays_as_it_is() {
        let id = ClientId::parse("did:web:desk.example").unwrap();
        assert_eq!((id.prefix(), id.value()), (Prefix::DecentralizedIdentifier, "did:web:desk.example"));
        assert_eq!(id.as_str(), "did:web:desk.example");
        assert!(ClientId::parse("did:web:desk.example#1").is_err());
    }
}
