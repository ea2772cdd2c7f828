//! Rules of the two protocols that say what means nothing.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use leerpas_core::Timestamp;
use leerpas_openid::{
    vci::{CredentialOffer, IssuerMetadata},
    vp::{AuthorizationRequest, ClientId},
};
use serde_json::{Value, json};

const VERIFIER: &str = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk";

/// Members that JSON-LD would follow to other names and other addresses.
fn with_linked_data(mut document: Value) -> Value {
    let members = document.as_object_mut().unwrap();
    members.insert("@context".to_owned(), json!(["https://evil.example/context", {"credential_issuer": "urn:other"}]));
    members.insert("@id".to_owned(), json!("https://evil.example/"));
    members.insert("@type".to_owned(), json!("urn:other"));
    document
}

#[test]
fn vci_a_1_what_json_ld_would_expand_is_read_as_it_stands() {
    let offer =
        json!({"credential_issuer": "https://issuer.example", "credential_configuration_ids": ["Microcredential"]});
    let plain = CredentialOffer::parse(&offer).unwrap();
    let linked = CredentialOffer::parse(&with_linked_data(offer)).unwrap();
    assert_eq!(linked.credential_issuer, plain.credential_issuer);
    assert_eq!(linked.credential_configuration_ids, plain.credential_configuration_ids);

    let metadata = json!({
        "credential_issuer": "https://issuer.example",
        "credential_endpoint": "https://issuer.example/credential",
        "credential_configurations_supported": {
            "Microcredential": {"format": "dc+sd-jwt", "vct": "urn:example:microcredential"},
        },
    });
    let read =
        |document: &Value| IssuerMetadata::parse(document.to_string().as_bytes(), "https://issuer.example").unwrap();
    let (plain, linked) = (read(&metadata), read(&with_linked_data(metadata.clone())));
    assert_eq!(linked.credential_endpoint, plain.credential_endpoint);
    assert!(linked.configuration("Microcredential").is_ok());
}

#[test]
fn vp_5_the_issuer_of_a_request_object_means_nothing() {
    let now = Timestamp::from_second(1_795_000_000).unwrap();
    let client_id = ClientId::parse(VERIFIER).unwrap();
    let read = |issuer: Option<Value>| {
        let mut object = json!({
            "client_id": VERIFIER, "response_type": "vp_token", "response_mode": "direct_post",
            "response_uri": "https://desk.example/answer", "nonce": "n-0S6_WzA2Mj-fresh", "state": "s-1",
            "aud": "https://self-issued.me/v2", "iat": now.as_second(), "exp": now.as_second() + 300,
            "dcql_query": {"credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]}}]},
        });
        if let Some(issuer) = issuer {
            object["iss"] = issuer;
        }
        AuthorizationRequest::from_object(object.as_object().unwrap(), &client_id, &[], None, now)
    };
    let without = read(None).unwrap();
    for issuer in [json!("https://somebody-else.example"), json!(VERIFIER), json!(""), json!(7), json!({})] {
        let with = read(Some(issuer.clone())).unwrap();
        assert_eq!(with.client_id, without.client_id, "{issuer}");
        assert_eq!(with.nonce, without.nonce, "{issuer}");
    }
}
