//! What OpenID4VP 1.0 asks of a verifier, where no other test has it.

use std::collections::HashSet;

use crate::common::{Desk, body, encode, failed, form, sd_jwt_query};
use leerpas_check::AnswerError;
use leerpas_credential::{
    jose::{Jws, decode_base64url},
    keys::HolderKey,
    report::{CheckName, Verdict},
    sd_jwt::{KeyBinding, SdJwt},
};
use leerpas_openid::vp::ResponseMode;
use leerpas_share::Choice;
use serde_json::{Value, json};

fn encrypted() -> Desk {
    Desk::asking(sd_jwt_query(json!([{"path": ["title"]}])), ResponseMode::DirectPostJwt)
}

#[test]
fn vp_8_3_each_request_has_a_key_of_its_own_with_alg_and_kid() {
    let mut seen = HashSet::new();
    let mut desk = encrypted();
    for _ in 0..3 {
        let request = desk.request();
        desk.ask_anew(sd_jwt_query(json!([{"path": ["title"]}])), ResponseMode::DirectPostJwt);
        let keys = request["client_metadata"]["jwks"]["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 1);
        assert_eq!((keys[0]["alg"].as_str(), keys[0]["crv"].as_str()), (Some("ECDH-ES"), Some("P-256")));
        assert!(keys[0]["kid"].is_string() && keys[0].get("d").is_none());
        assert!(seen.insert(keys[0]["x"].as_str().unwrap().to_owned()));
    }
}

#[test]
fn haip_5_the_desk_offers_both_encryptions_and_signs_under_x509_hash_by_reference() {
    let desk = encrypted();
    let link = desk.pending.link();
    assert!(link.contains("request_uri=") && link.contains("client_id=x509_hash%3A"), "{link}");
    let jwt = desk.pending.request_object(None, desk.world.time()).unwrap();
    let jws = Jws::parse(&jwt).unwrap();
    let request = Value::Object(jws.claims().unwrap());
    let offered = &request["client_metadata"]["encrypted_response_enc_values_supported"];
    assert_eq!(offered, &json!(["A128GCM", "A256GCM"]));
    assert_eq!(request["response_mode"], "direct_post.jwt");
    let chain = jws.header["x5c"].as_array().unwrap();
    assert!(!chain.is_empty(), "the leaf comes along, and no root");
    let root = desk.world.authority.certificate_pem().replace(['\n', '\r'], "");
    assert!(chain.iter().all(|one| !root.contains(one.as_str().unwrap())));
}

#[test]
fn haip_5_an_answer_is_encrypted_with_the_stronger_of_both() {
    let mut desk = encrypted();
    let original = desk.world.sd_jwt(&desk.key, |_| {});
    let exchange = desk.wallet(&original, &Choice::default());
    let jwe = form(&exchange).into_iter().find(|(name, _)| name == "response").unwrap().1;
    let header: Value = serde_json::from_slice(&decode_base64url(jwe.split('.').next().unwrap()).unwrap()).unwrap();
    assert_eq!((header["alg"].as_str(), header["enc"].as_str()), (Some("ECDH-ES"), Some("A256GCM")));
    assert_eq!(desk.judge(&body(&exchange)).verdict, Verdict::Valid);
}

#[test]
fn vp_14_3_2_an_answer_with_another_state_is_refused() {
    let mut desk = Desk::in_clear();
    desk.request();
    let token = json!({"mc": ["x~"]}).to_string();
    for state in [Some("another"), Some(""), None] {
        let mut form = vec![("vp_token", token.as_str())];
        form.extend(state.map(|state| ("state", state)));
        assert_eq!(desk.accept(&encode(&form)).unwrap_err(), AnswerError::State);
    }
}

#[test]
fn vp_8_6_the_presenter_must_hold_the_key_and_what_fails_leaves_nothing() {
    let mut desk = Desk::in_clear();
    let thief = HolderKey::make(&desk.world.entropy);
    let original = desk.world.sd_jwt(&desk.key, |_| {});
    let request = desk.request();
    let text = |name: &str| request[name].as_str().unwrap().to_owned();
    let stolen = SdJwt::parse(std::str::from_utf8(&original).unwrap()).unwrap();
    let (audience, nonce) = (text("client_id"), text("nonce"));
    let bound = KeyBinding::append(&stolen, &thief, &audience, &nonce, desk.world.time()).unwrap();
    let judged = desk.judge_in_clear(&request, &bound);
    assert_eq!(judged.verdict, Verdict::Invalid);
    assert!(failed(&judged).contains(&CheckName::Holder) && judged.presentations[0].claims.is_empty());
}

#[test]
fn vp_8_6_of_several_presentations_each_is_judged_by_itself() {
    let mut query = sd_jwt_query(json!([{"path": ["title"]}]));
    query["credentials"][0]["multiple"] = json!(true);
    let judged = |second_is_stolen: bool| {
        let mut desk = Desk::asking(query.clone(), ResponseMode::DirectPost);
        let request = desk.request();
        let text = |name: &str| request[name].as_str().unwrap().to_owned();
        let (audience, nonce, state) = (text("client_id"), text("nonce"), text("state"));
        let other = HolderKey::make(&desk.world.entropy);
        let presentation = |key: &HolderKey, signer: &HolderKey, title: &str| {
            let original = desk.world.sd_jwt(key, |claims| claims["title"] = json!(title));
            let sd_jwt = SdJwt::parse(std::str::from_utf8(&original).unwrap()).unwrap();
            KeyBinding::append(&sd_jwt, signer, &audience, &nonce, desk.world.time()).unwrap()
        };
        let second = presentation(&other, if second_is_stolen { &desk.key } else { &other }, "Scheikunde");
        let token = json!({"mc": [presentation(&desk.key, &desk.key, "Watermanagement"), second]}).to_string();
        desk.judge(&encode(&[("vp_token", token.as_str()), ("state", state.as_str())]))
    };
    let good = judged(false);
    assert_eq!(good.verdict, Verdict::Valid, "{:#?}", good.presentations);
    let titles: Vec<&Value> = good.presentations.iter().map(|one| &one.claims["title"]).collect();
    assert_eq!(titles, [&json!("Watermanagement"), &json!("Scheikunde")]);
    let half = judged(true);
    assert_eq!(half.verdict, Verdict::Invalid);
    let verdicts: Vec<Verdict> = half.presentations.iter().map(|one| one.report.verdict).collect();
    assert_eq!(verdicts, [Verdict::Valid, Verdict::Invalid]);
    assert!(half.presentations[1].claims.is_empty(), "nothing of what does not hold is kept");
}
