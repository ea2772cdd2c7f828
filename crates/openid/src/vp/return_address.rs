//! Where a requester of a broken request may be told so (OpenID4VP 1.0, 8.5).

use leerpas_core::Url;
use serde_json::{Map, Value};

use super::{ClientId, ClientMetadata, ResponseMode};
use crate::address;

/// What of a request object is needed to say that it is refused. The signature must have held before, and whether the
/// address is the requester's own is for whoever proves the requester to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnAddress {
    /// Where to.
    pub response_uri: Url,
    /// What the verifier wants back, where it is well-formed.
    pub state: Option<String>,
    /// How answers travel.
    pub response_mode: ResponseMode,
    /// With the keys to encrypt to; empty where it cannot be read.
    pub client_metadata: ClientMetadata,
}

impl ReturnAddress {
    /// Reads as much of a request object as there is. `None` where there is no address, or the object is not the one of
    /// this identifier.
    pub fn of(payload: &Map<String, Value>, client_id: &ClientId) -> Option<Self> {
        let text = |name: &str| payload.get(name).and_then(Value::as_str);
        if text("client_id") != Some(client_id.as_str()) {
            return None;
        }
        let response_mode = match text("response_mode")? {
            "direct_post" => ResponseMode::DirectPost,
            "direct_post.jwt" => ResponseMode::DirectPostJwt,
            _ => return None,
        };
        let metadata = payload.get("client_metadata").and_then(|metadata| ClientMetadata::parse(metadata).ok());
        Some(Self {
            response_uri: address::https(text("response_uri")?).ok()?,
            state: text("state").filter(|state| super::request::is_state(state)).map(str::to_owned),
            response_mode,
            client_metadata: metadata.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "x509_san_dns:desk.example";

    fn of(change: impl FnOnce(&mut Value)) -> Option<ReturnAddress> {
        let mut object = json!({"client_id": ID, "response_mode": "direct_post", "state": "s",
            "response_uri": "https://desk.example/answer", "response_type": 7, "dcql_query": "broken"});
        change(&mut object);
        ReturnAddress::of(object.as_object().unwrap(), &ClientId::parse(ID).unwrap())
    }

    #[test]
    fn vp_8_5_the_address_of_a_broken_request_is_read_however_broken_the_rest_is() {
        let found = of(|_| {}).unwrap();
        assert_eq!((found.response_uri.as_str(), found.state.as_deref()), ("https://desk.example/answer", Some("s")));
        assert_eq!(of(|o| o["state"] = json!("a b")).unwrap().state, None, "what is malformed is not sent back");
        assert!(of(|o| o["client_metadata"] = json!([])).unwrap().client_metadata.encryption_keys().is_empty());
    }

    #[test]
    fn vp_8_5_without_an_address_of_the_requester_nobody_is_told() {
        assert_eq!(of(|o| o["response_uri"] = json!("http://desk.example/")), None);
        assert_eq!(of(|o| o["response_mode"] = json!("fragment")), None);
        assert_eq!(of(|o| o["client_id"] = json!("x509_san_dns:evil.example")), None);
        assert_eq!(of(|o| drop(o.as_object_mut().unwrap().remove("response_uri"))), None);
    }
}
