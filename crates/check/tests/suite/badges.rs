//! Data Integrity presentations that do not hold.

use crate::common::{Desk, NOW, badge_query, encode, failed};
use leerpas_check::Judgement;
use leerpas_core::Timestamp;
use leerpas_credential::{
    data_integrity::{self, ProofOptions},
    keys::HolderKey,
    present::present_data_integrity,
    report::{CheckName, Verdict},
};
use leerpas_openid::vp::ResponseMode;
use serde_json::{Value, json};

/// Posts what the closure makes of a badge and the request, and judges it.
fn judged(present: impl FnOnce(&Desk, &[u8], &str, &str) -> Value) -> Judgement {
    let query = badge_query(json!([{"path": ["credentialSubject", "achievement", "name"]}]));
    let mut desk = Desk::asking(query, ResponseMode::DirectPost);
    let request = desk.request();
    let badge = desk.world.badge(&desk.key, |_| {});
    let [domain, nonce, state] = ["client_id", "nonce", "state"].map(|name| request[name].as_str().unwrap());
    let token = json!({"badge": [present(&desk, &badge, domain, nonce)]}).to_string();
    desk.judge(&encode(&[("vp_token", token.as_str()), ("state", state)]))
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

/// A presentation of any credential, signed by any key: what a cheat would make.
fn forged(credential: &Value, key: &HolderKey, domain: &str, challenge: &str, at: Timestamp) -> Value {
    let holder = key.did_jwk();
    let presentation = json!({"@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"], "holder": holder, "verifiableCredential": [credential]});
    let options = ProofOptions {
        verification_method: format!("{holder}#0"),
        purpose: "authentication".to_owned(),
        created: at,
        challenge: Some(challenge.to_owned()),
        domain: Some(domain.to_owned()),
    };
    data_integrity::sign(presentation, &options, key).unwrap()
}

#[track_caller]
fn invalid(judgement: &Judgement, name: CheckName) {
    assert_eq!(judgement.verdict, Verdict::Invalid);
    assert!(failed(judgement).contains(&name), "{:?}", failed(judgement));
    assert!(judgement.presentations[0].claims.is_empty());
}

#[test]
fn what_the_table_starts_from_is_valid() {
    let judgement =
        judged(|desk, badge, domain, nonce| present_data_integrity(&[badge], &desk.key, domain, nonce, now()).unwrap());
    assert_eq!(judgement.verdict, Verdict::Valid);
}

#[test]
fn openid4vp_b_1_3_challenge_and_domain_are_this_request_s() {
    let judgement = judged(|desk, badge, domain, _| {
        present_data_integrity(&[badge], &desk.key, domain, "of-another-request", now()).unwrap()
    });
    invalid(&judgement, CheckName::Nonce);
    let judgement = judged(|desk, badge, _, nonce| {
        present_data_integrity(&[badge], &desk.key, "x509_hash:other", nonce, now()).unwrap()
    });
    invalid(&judgement, CheckName::Audience);
}

#[test]
fn a_badge_of_somebody_else_is_refused() {
    let judgement = judged(|desk, badge, domain, nonce| {
        let cheat = HolderKey::make(&desk.world.entropy);
        forged(&serde_json::from_slice(badge).unwrap(), &cheat, domain, nonce, now())
    });
    invalid(&judgement, CheckName::Holder);
}

#[test]
fn a_badge_that_was_changed_is_refused() {
    let judgement = judged(|desk, badge, domain, nonce| {
        let mut badge: Value = serde_json::from_slice(badge).unwrap();
        badge["credentialSubject"]["achievement"]["name"] = json!("Waterwonderen");
        forged(&badge, &desk.key, domain, nonce, now())
    });
    invalid(&judgement, CheckName::Signature);
}

#[test]
fn a_bare_badge_a_changed_or_an_old_presentation_is_refused() {
    let bare = judged(|_, badge, _, _| serde_json::from_slice(badge).unwrap());
    invalid(&bare, CheckName::Holder);
    let unsigned = judged(|desk, badge, domain, nonce| {
        let mut presentation = present_data_integrity(&[badge], &desk.key, domain, nonce, now()).unwrap();
        presentation.as_object_mut().unwrap().remove("proof");
        presentation
    });
    invalid(&unsigned, CheckName::Holder);
    let changed = judged(|desk, badge, domain, nonce| {
        let mut presentation = present_data_integrity(&[badge], &desk.key, domain, "an-old-challenge", now()).unwrap();
        presentation["proof"]["challenge"] = json!(nonce);
        presentation
    });
    invalid(&changed, CheckName::Holder);
    let old = judged(|desk, badge, domain, nonce| {
        let yesterday = Timestamp::from_second(NOW - 86_400).unwrap();
        forged(&serde_json::from_slice(badge).unwrap(), &desk.key, domain, nonce, yesterday)
    });
    invalid(&old, CheckName::Holder);
}

#[test]
fn several_credentials_in_one_presentation_are_refused() {
    let judgement = judged(|desk, badge, domain, nonce| {
        present_data_integrity(&[badge, badge], &desk.key, domain, nonce, now()).unwrap()
    });
    invalid(&judgement, CheckName::Format);
}
