//! Encryption on top of TLS (OpenID4VCI 1.0, 10): what an issuer takes and gives, and what is chosen from it.

use serde_json::{Map, Value, json};

use crate::json::{JsonError, Members};

/// The one key agreement that is used: with an ephemeral key, on P-256.
const ALG: &str = "ECDH-ES";
/// Content encryptions, the one that is liked best first (HAIP 1.0, 5).
const ENCS: [&str; 2] = ["A256GCM", "A128GCM"];
/// Keys of one issuer that are looked at.
const KEYS: usize = 16;

/// What the metadata of an issuer say about encryption (12.2.4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encryption {
    /// `credential_request_encryption`; `None` if it takes no encrypted request.
    pub request: Option<RequestEncryption>,
    /// `credential_response_encryption`; `None` if it gives no encrypted response.
    pub response: Option<ResponseEncryption>,
}

/// How an issuer reads encrypted requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestEncryption {
    /// Its public keys.
    pub keys: Vec<Value>,
    /// Content encryptions that it reads.
    pub encs: Vec<String>,
    /// Whether it reads nothing else.
    pub required: bool,
}

/// How an issuer encrypts responses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseEncryption {
    /// Key agreements that it can do.
    pub algs: Vec<String>,
    /// Content encryptions that it can do.
    pub encs: Vec<String>,
    /// Whether it gives nothing else.
    pub required: bool,
}

/// How the messages with one issuer are encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenEncryption {
    /// The issuer's key for requests.
    pub recipient: Value,
    /// The content encryption of requests.
    pub request_enc: &'static str,
    /// The content encryption of responses; `None` where responses come as they are.
    pub response_enc: Option<&'static str>,
}

/// The issuer insists on encryption that cannot be done here, or that could be done only in a way that the specification
/// forbids: a response key in a request that anybody on the way can change (8.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoCommonEncryption;

impl Encryption {
    pub(super) fn parse(members: &Members<'_>) -> Result<Self, JsonError> {
        let request = match members.object("credential_request_encryption")? {
            None => None,
            Some(request) => {
                let jwks = request.object("jwks")?;
                let keys = jwks.as_ref().and_then(|jwks| jwks.get("keys")).and_then(Value::as_array);
                Some(RequestEncryption {
                    keys: keys.into_iter().flatten().take(KEYS).cloned().collect(),
                    encs: request.texts("enc_values_supported")?,
                    required: request.flag("encryption_required")?.unwrap_or(false),
                })
            }
        };
        let response = match members.object("credential_response_encryption")? {
            None => None,
            Some(response) => Some(ResponseEncryption {
                algs: response.texts("alg_values_supported")?,
                encs: response.texts("enc_values_supported")?,
                required: response.flag("encryption_required")?.unwrap_or(false),
            }),
        };
        Ok(Self { request, response })
    }

    /// Chooses. Where the issuer can do both, both are done: then nobody who ends the TLS before it reads a learner's data.
    /// Where it can do only one and does not insist, nothing is encrypted but what it insists on.
    ///
    /// # Errors
    /// [`NoCommonEncryption`].
    pub fn choose(&self) -> Result<Option<ChosenEncryption>, NoCommonEncryption> {
        let request_required = self.request.as_ref().is_some_and(|request| request.required);
        let response_required = self.response.as_ref().is_some_and(|response| response.required);
        let response_enc = self.response.as_ref().and_then(ResponseEncryption::usable);
        let Some((recipient, request_enc)) = self.request.as_ref().and_then(RequestEncryption::usable) else {
            return if request_required || response_required { Err(NoCommonEncryption) } else { Ok(None) };
        };
        match response_enc {
            None if response_required => Err(NoCommonEncryption),
            None if !request_required => Ok(None),
            _ => Ok(Some(ChosenEncryption { recipient: recipient.clone(), request_enc, response_enc })),
        }
    }

    /// The members for the metadata.
    pub(super) fn write(&self, members: &mut Map<String, Value>) {
        if let Some(RequestEncryption { keys, encs, required }) = &self.request {
            let request =
                json!({"jwks": {"keys": keys}, "enc_values_supported": encs, "encryption_required": required});
            members.insert("credential_request_encryption".into(), request);
        }
        if let Some(ResponseEncryption { algs, encs, required }) = &self.response {
            let response =
                json!({"alg_values_supported": algs, "enc_values_supported": encs, "encryption_required": required});
            members.insert("credential_response_encryption".into(), response);
        }
    }
}

impl RequestEncryption {
    /// A key and a content encryption that can be used. Every key has an `alg` and a `kid` (10; 12.2.4).
    fn usable(&self) -> Option<(&Value, &'static str)> {
        let key = self.keys.iter().find(|key| {
            key["kty"] == "EC"
                && key["crv"] == "P-256"
                && key["alg"] == ALG
                && key["kid"].is_string()
                && key.get("use").is_none_or(|usage| usage == "enc")
        })?;
        Some((key, best(&self.encs)?))
    }
}

impl ResponseEncryption {
    fn usable(&self) -> Option<&'static str> {
        self.algs.iter().any(|alg| alg == ALG).then(|| best(&self.encs))?
    }
}

fn best(encs: &[String]) -> Option<&'static str> {
    ENCS.into_iter().find(|known| encs.iter().any(|enc| enc == known))
}

/// `credential_response_encryption` of a credential request (8.2): the key for this one response, and how to use it.
/// Compression is never asked for, so that no response can be small on the way and large here.
pub fn response_encryption(jwk: &Value, enc: &str) -> Value {
    json!({"jwk": jwk, "enc": enc})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &Value) -> Encryption {
        Encryption::parse(&Members::of(value).unwrap()).unwrap()
    }

    fn key() -> Value {
        json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "alg": ALG, "kid": "k1", "use": "enc"})
    }

    fn both(request: bool, response: bool) -> Value {
        json!({
            "credential_request_encryption":
                {"jwks": {"keys": [key()]}, "enc_values_supported": ["A128GCM", "A256GCM"], "encryption_required": request},
            "credential_response_encryption":
                {"alg_values_supported": ["RSA-OAEP-256", ALG], "enc_values_supported": ["A128GCM"], "encryption_required": response}
        })
    }

    #[test]
    fn vci_10_both_ways_are_encrypted_where_the_issuer_can() {
        for required in [[false, false], [true, false], [false, true], [true, true]] {
            let chosen = parse(&both(required[0], required[1])).choose().unwrap().unwrap();
            assert_eq!(chosen.recipient["kid"], "k1");
            assert_eq!((chosen.request_enc, chosen.response_enc), ("A256GCM", Some("A128GCM")));
        }
        assert_eq!(parse(&json!({})).choose(), Ok(None));
    }

    #[test]
    fn vci_8_2_a_response_key_never_goes_in_a_request_that_is_not_encrypted() {
        let mut only_response = both(false, true);
        only_response.as_object_mut().unwrap().remove("credential_request_encryption");
        assert_eq!(parse(&only_response).choose(), Err(NoCommonEncryption));
        only_response["credential_response_encryption"]["encryption_required"] = json!(false);
        assert_eq!(parse(&only_response).choose(), Ok(None), "then it is not asked for");
    }

    #[test]
    fn vci_10_an_issuer_that_takes_only_encrypted_requests_gets_them() {
        let mut only_request = both(true, false);
        only_request.as_object_mut().unwrap().remove("credential_response_encryption");
        let chosen = parse(&only_request).choose().unwrap().unwrap();
        assert_eq!(chosen.response_enc, None);
    }

    #[test]
    fn vci_10_the_algorithms_are_those_of_the_metadata() {
        let with = |pointer: &str, value: Value| {
            let mut changed = both(true, true);
            *changed.pointer_mut(pointer).unwrap() = value;
            parse(&changed).choose()
        };
        for (pointer, value) in [
            ("/credential_request_encryption/jwks/keys/0/alg", json!("RSA-OAEP-256")),
            ("/credential_request_encryption/jwks/keys/0/alg", Value::Null),
            ("/credential_request_encryption/jwks/keys/0/kid", Value::Null),
            ("/credential_request_encryption/jwks/keys/0/use", json!("sig")),
            ("/credential_request_encryption/jwks/keys/0/crv", json!("P-384")),
            ("/credential_request_encryption/jwks/keys", json!([])),
            ("/credential_request_encryption/jwks", json!({})),
            ("/credential_request_encryption/enc_values_supported", json!(["A128CBC-HS256"])),
            ("/credential_response_encryption/enc_values_supported", json!([])),
            ("/credential_response_encryption/alg_values_supported", json!(["RSA1_5"])),
        ] {
            assert_eq!(with(pointer, value.clone()), Err(NoCommonEncryption), "{pointer} {value}");
        }
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let one = parse(&both(true, false));
        let mut members = Map::new();
        one.write(&mut members);
        assert_eq!(parse(&Value::Object(members)), one);
    }
}
