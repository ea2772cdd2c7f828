//! Wallet against verifier, without a socket between them.

use crate::common;
use crate::common::{Desk, badge_query, body, card, context, form, object, sd_jwt_query, sent};
use leerpas_check::{Answered, FetchError, judge_file};
use leerpas_core::{Evidence, Machine, Step, Url};
use leerpas_credential::{
    keys::HolderKey,
    report::{CheckName, CheckResult, Verdict},
};
use leerpas_openid::vp::ResponseMode;
use leerpas_share::{Answer, Choice};
use serde_json::json;

const BOTH: [ResponseMode; 2] = [ResponseMode::DirectPost, ResponseMode::DirectPostJwt];

#[test]
fn oid4vp_1final_verifier_happy_flow_sd_jwt() {
    for mode in BOTH {
        let mut desk = Desk::asking(sd_jwt_query(json!([{"path": ["title"]}, {"path": ["address", "city"]}])), mode);
        let original = desk.world.sd_jwt(&desk.key, |_| {});
        let exchange = desk.wallet(&original, &Choice::default());
        assert_eq!(form(&exchange)[0].0, if mode == ResponseMode::DirectPost { "vp_token" } else { "response" });
        let judgement = desk.judge(&body(&exchange));
        assert_eq!(judgement.verdict, Verdict::Valid, "{:#?}", judgement.presentations);
        let judged = &judgement.presentations[0];
        // The country came along with the city; it was not asked for, and is not kept.
        assert_eq!(json!(judged.claims), json!({"title": "Watermanagement", "address.city": "Sneek"}));
        for name in [
            CheckName::Signature,
            CheckName::IssuerKey,
            CheckName::Holder,
            CheckName::Kind,
            CheckName::Nonce,
            CheckName::Audience,
            CheckName::Claims,
            CheckName::Validity,
        ] {
            assert_eq!(judged.report.check(name).unwrap().result, CheckResult::Pass, "{name:?}");
        }
        assert_eq!(judged.report.issuer.evidence, Evidence::Listed);
    }
}

#[test]
fn oid4vp_1final_verifier_happy_flow_ldp_vc() {
    for mode in BOTH {
        let path = json!([{"path": ["credentialSubject", "achievement", "name"]}]);
        let mut desk = Desk::asking(badge_query(path), mode);
        let original = desk.world.badge(&desk.key, |_| {});
        let exchange = desk.wallet(&original, &Choice::default());
        let judgement = desk.judge(&body(&exchange));
        assert_eq!(judgement.verdict, Verdict::Valid, "{:#?}", judgement.presentations);
        let claims = json!(judgement.presentations[0].claims);
        assert_eq!(claims, json!({"credentialSubject.achievement.name": "Watermanagement"}));
    }
}

#[test]
fn oid4vp_1final_verifier_request_uri_method_post() {
    let desk = Desk::in_clear();
    let link = Url::parse(&desk.pending.link()).unwrap();
    let mut parameters: Vec<_> = link.query_pairs().into_owned().collect();
    parameters.push(("request_uri_method".to_owned(), "post".to_owned()));
    let (fetch, sharing) = sent(desk.world.begin(&parameters).unwrap());
    let nonce = form(&fetch).into_iter().find(|(name, _)| name == "wallet_nonce").unwrap().1;
    let now = desk.world.time();
    assert_eq!(desk.pending.request_object(Some("no good"), now), Err(FetchError::WalletNonce));
    let jwt = desk.pending.request_object(Some(&nonce), now).unwrap();
    assert!(sharing.reply(Ok(object(&jwt)), desk.world.env()).is_ok());
}

#[test]
fn oid4vp_1final_verifier_request_uri_fetched_twice() {
    let mut desk = Desk::in_clear();
    let first = desk.request();
    // A reply that was lost, or a page that was loaded anew: the same request, and an answer to it is taken.
    assert_eq!(desk.request(), first);
    let original = desk.world.sd_jwt(&desk.key, |_| {});
    let exchange = desk.wallet(&original, &Choice::default());
    assert_eq!(desk.judge(&body(&exchange)).verdict, Verdict::Valid);
    let gone = desk.pending.request_object(None, desk.world.time()).unwrap_err();
    assert_eq!((gone.clone(), gone.http_status()), (FetchError::Expired, 410), "an answered request is over");
}

#[test]
fn a_request_that_ran_out_is_neither_handed_out_nor_answered() {
    let mut desk = Desk::in_clear();
    desk.world.now += 301;
    let now = desk.world.time();
    assert!(desk.pending.is_expired(now));
    assert_eq!(desk.pending.request_object(None, now), Err(FetchError::Expired));
    assert_eq!(desk.accept("vp_token=%7B%7D").unwrap_err(), leerpas_check::AnswerError::Expired);
}

#[test]
fn the_desk_hears_a_no_and_no_more() {
    let mut desk = Desk::asking(sd_jwt_query(json!([{"path": ["title"]}])), ResponseMode::DirectPostJwt);
    let link = Url::parse(&desk.pending.link()).unwrap();
    let parameters: Vec<_> = link.query_pairs().into_owned().collect();
    let (_, sharing) = sent(desk.world.begin(&parameters).unwrap());
    let jwt = desk.pending.request_object(None, desk.world.time()).unwrap();
    let step = sharing.reply(Ok(object(&jwt)), desk.world.env()).unwrap();
    let original = desk.world.sd_jwt(&desk.key, |_| {});
    let (_, sharing) = desk.world.cards(step, vec![card("a", &original)]).unwrap();
    let (exchange, _) = sent(sharing.answer(Answer::Decline, desk.world.env()).unwrap());
    match desk.accept(&body(&exchange)).unwrap() {
        Answered::Declined { error } => assert_eq!(error, "access_denied"),
        Answered::Presented(_) => panic!("nothing was presented"),
    }
    assert!(desk.pending.is_answered());
}

#[test]
fn what_the_person_leaves_out_does_not_reach_the_desk() {
    let mut query = sd_jwt_query(json!([{"id": "t", "path": ["title"]}, {"id": "n", "path": ["name"]}]));
    query["credentials"][0]["claim_sets"] = json!([["t", "n"], ["t"]]);
    let mut desk = Desk::asking(query, ResponseMode::DirectPost);
    let original = desk.world.sd_jwt(&desk.key, |_| {});
    let choice = Choice { without: vec![("mc".to_owned(), "name".to_owned())], ..Choice::default() };
    let exchange = desk.wallet(&original, &choice);
    let judgement = desk.judge(&body(&exchange));
    assert_eq!(judgement.verdict, Verdict::Valid);
    assert_eq!(json!(judgement.presentations[0].claims), json!({"title": "Watermanagement"}));
}

#[test]
fn a_dropped_badge_gets_the_same_checks() {
    let desk = Desk::in_clear();
    let judged = |bytes: &[u8]| match judge_file(bytes, &context(&desk.world), desk.world.env()).unwrap() {
        Step::Done(checked) => checked.report,
        other => panic!("nothing has to be fetched here: {other:?}"),
    };
    let badge = desk.world.badge(&HolderKey::make(&desk.world.entropy), |_| {});
    assert_eq!(judged(&badge).verdict, Verdict::Valid);
    let forged = String::from_utf8(badge).unwrap().replace("Watermanagement", "Waterwonderen");
    assert_eq!(judged(forged.as_bytes()).verdict, Verdict::Invalid);
    let old = desk.world.sd_jwt(&desk.key, |c| c["exp"] = json!(common::NOW - 1_000));
    assert_eq!(judged(&old).check(CheckName::Validity).unwrap().result, CheckResult::Fail);
    assert!(judge_file(b"%PDF-1.7", &context(&desk.world), desk.world.env()).is_err());
}

#[test]
fn nonces_states_and_ids_never_repeat() {
    use leerpas_core::Env;
    use leerpas_core::OsEntropy;
    let desk = Desk::in_clear();
    let env = Env { now: desk.world.time(), entropy: &OsEntropy };
    let identity = common::identity(&desk.world);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..200 {
        let query = leerpas_openid::dcql::DcqlQuery::parse(&sd_jwt_query(json!([{"path": ["title"]}]))).unwrap();
        let ask = leerpas_check::Ask { query, purpose: None, retention: None, response_mode: ResponseMode::DirectPost };
        let base = Url::parse("https://desk.example").unwrap();
        let pending = ask.open(identity.clone(), &base, env).unwrap();
        assert_eq!(pending.request_uri().path(), format!("/request/{}", pending.id()));
        let jwt = pending.request_object(None, env.now).unwrap();
        let claims = leerpas_credential::jose::Jws::parse(&jwt).unwrap().claims().unwrap();
        for name in ["nonce", "state"] {
            let value = claims[name].as_str().unwrap().to_owned();
            assert_eq!(value.len(), 32);
            assert!(seen.insert(value));
        }
        assert!(seen.insert(pending.id().to_owned()));
    }
}
