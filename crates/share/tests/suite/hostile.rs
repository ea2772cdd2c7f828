//! Any bytes and any JSON where a stranger's request or answer belongs: refused or read, and never a panic.

use crate::common;
use crate::common::{World, card};
use leerpas_core::Timestamp;
use leerpas_credential::keys::HolderKey;
use leerpas_openid::{
    dcql::DcqlQuery,
    vp::{AuthorizationRequest, AuthorizationResponse, ClientId, ClientMetadata, RequestSource, VpToken, read_form},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const HASH: &str = "x509_hash:Uvo3HtuIxuhC92rShpgqcT3YXwrqRxWEviRiA0OZszk";

/// JSON of any shape, with the names that matter among its members.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z0-9:/._-]{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["dc+sd-jwt", "ldp_vc", "vp_token"]).prop_map(Value::from),
    ];
    let known =
        vec!["credentials", "claims", "claim_sets", "path", "meta", "vct_values", "keys", "jwks", "id", "format"];
    let name = prop_oneof![prop::sample::select(known).prop_map(str::to_owned), "[a-z_]{1,8}"];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn good() -> Value {
    json!({"client_id": HASH, "response_type": "vp_token", "response_mode": "direct_post",
        "response_uri": "https://desk.example/answer", "nonce": "n-0S6_WzA2Mj",
        "dcql_query": common::sd_jwt_query(json!([{"path": ["title"]}]))})
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_in_any_place(
        value in any_json(),
        name in prop::sample::select(vec!["client_id", "nonce", "exp", "iat", "aud", "state", "response_uri",
            "dcql_query", "client_metadata", "response_mode", "leerpas_purpose"]),
    ) {
        let mut object = good();
        object[name] = value.clone();
        let id = ClientId::parse(HASH).unwrap();
        let now = Timestamp::from_second(common::NOW).unwrap();
        let _ = AuthorizationRequest::from_object(object.as_object().unwrap(), &id, &[], None, now);
        let _ = DcqlQuery::parse(&value);
        let _ = ClientMetadata::parse(&value);
        if let Ok(token) = VpToken::parse(&value) {
            let _ = token.check_against(&DcqlQuery::parse(&good()["dcql_query"]).unwrap());
        }
        let _ = AuthorizationResponse::from_payload(value.to_string().as_bytes());
    }

    #[test]
    fn any_link_and_any_form(bytes in prop::collection::vec(any::<u8>(), 0..300), text in ".{0,120}") {
        let _ = ClientId::parse(&text);
        let _ = ClientId::parse(&format!("x509_hash:{text}"));
        let _ = ClientId::parse(&format!("decentralized_identifier:did:web:{text}"));
        if let Ok(form) = read_form("application/x-www-form-urlencoded", &bytes) {
            let _ = AuthorizationResponse::from_form(&form);
            let _ = RequestSource::from_parameters(&form);
        }
        let link = [("client_id".to_owned(), HASH.to_owned()), ("request_uri".to_owned(), text)];
        let _ = RequestSource::from_parameters(&link);
    }
}

#[test]
fn a_signed_request_with_any_query_gives_a_plan_or_an_error() {
    let world = World::new();
    let original = world.sd_jwt(&HolderKey::make(&world.entropy), |_| {});
    let paths = [
        json!(["outcomes", null, "x"]),
        json!(["cnf"]),
        json!(["status"]),
        json!(["address"]),
        json!(["_sd"]),
        json!(["vct"]),
        json!(["outcomes"]),
        json!(["title", 0]),
        json!([""]),
        json!(["a".repeat(100_000)]),
    ];
    for path in paths {
        let jwt = world.request(|c| c["dcql_query"] = common::sd_jwt_query(json!([{"path": path}])));
        if let Ok((plan, _)) = world.plan(&jwt, vec![card("a", &original)]) {
            let approval = plan.approve(&plan.fingerprint, &leerpas_share::Choice::default());
            assert_eq!(approval.is_ok(), plan.is_answerable());
        }
    }
}
