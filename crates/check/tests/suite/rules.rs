//! Rules of the standards for a verifier, each with its number.

use crate::common;
use crate::common::{Desk, NOW, sd_jwt_query};
use leerpas_core::Timestamp;
use leerpas_credential::{
    present::present_sd_jwt,
    report::{CheckName, CheckResult, Verdict},
};
use leerpas_openid::vp::ResponseMode;
use serde_json::json;

#[test]
fn oid4vp_1final_verifier_minimal_cnf_jwk() {
    let mut desk = Desk::in_clear();
    let request = desk.request();
    // The members that make the key, and none of those that describe it.
    let original = desk.world.sd_jwt(&desk.key, |claims| {
        let jwk = claims["cnf"]["jwk"].clone();
        claims["cnf"] = json!({"jwk": {"kty": jwk["kty"], "crv": jwk["crv"], "x": jwk["x"], "y": jwk["y"]}});
    });
    let paths = [vec!["title".into()], vec!["ects".into()]];
    let (audience, nonce) = (request["client_id"].as_str().unwrap(), request["nonce"].as_str().unwrap());
    let at = Timestamp::from_second(NOW).unwrap();
    let presentation = present_sd_jwt(&original, &paths, &desk.key, audience, nonce, at).unwrap();
    let judgement = desk.judge_in_clear(&request, &presentation);
    assert_eq!(judgement.verdict, Verdict::Valid, "{:#?}", judgement.presentations);
    let holder = judgement.presentations[0].report.check(CheckName::Holder).unwrap();
    assert_eq!(holder.result, CheckResult::Pass);
}

#[test]
fn haip_5_the_desk_offers_both_encryptions_under_a_key_with_a_name() {
    let mut desk = Desk::asking(sd_jwt_query(json!([{"path": ["title"]}])), ResponseMode::DirectPostJwt);
    let request = desk.request();
    let metadata = &request["client_metadata"];
    assert_eq!(metadata["encrypted_response_enc_values_supported"], json!(["A128GCM", "A256GCM"]));
    let keys = metadata["jwks"]["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!((&keys[0]["kty"], &keys[0]["crv"], &keys[0]["alg"]), (&json!("EC"), &json!("P-256"), &json!("ECDH-ES")));
    assert!(keys[0]["kid"].as_str().is_some_and(|kid| !kid.is_empty()));
    assert!(keys[0].get("d").is_none(), "the private part never leaves");
    // Another request of the same desk has another key.
    let query = sd_jwt_query(json!([{"path": ["title"]}]));
    desk.pending = common::ask(&desk.world, query, ResponseMode::DirectPostJwt);
    assert_ne!(desk.request()["client_metadata"]["jwks"]["keys"][0]["x"], keys[0]["x"]);
}
