//! A W3C credential of which a part is shown, from issuer over holder to verifier, without a socket between them.

use crate::common::{Desk, badge_query, body, context, encode, failed, form};
use leerpas_check::judge_file;
use leerpas_core::{Evidence, Step};
use leerpas_credential::{
    read::read,
    report::{CheckName, CheckResult, Reason, Verdict},
};
use leerpas_openid::vp::ResponseMode;
use leerpas_share::Choice;
use serde_json::{Value, json};

fn query() -> Value {
    badge_query(json!([
        {"path": ["credentialSubject", "achievement", "name"]},
        {"path": ["credentialSubject", "result", null, "value"]}
    ]))
}

#[test]
fn a_part_of_a_badge_is_shown_and_judged() {
    for mode in [ResponseMode::DirectPost, ResponseMode::DirectPostJwt] {
        let mut desk = Desk::asking(query(), mode);
        let original = desk.world.badge_in_parts(&desk.key, |_| {});
        let exchange = desk.wallet(&original, &Choice::default());
        if mode == ResponseMode::DirectPost {
            let sent = format!("{:?}", form(&exchange));
            assert!(
                sent.contains("Watermanagement") && !sent.contains("Meten en rekenen") && !sent.contains("Completed")
            );
        }
        let judgement = desk.judge(&body(&exchange));
        assert_eq!(judgement.verdict, Verdict::Valid, "{:#?}", judgement.presentations);
        let judged = &judgement.presentations[0];
        let claims = json!({"credentialSubject.achievement.name": "Watermanagement",
            "credentialSubject.result.0.value": "8", "credentialSubject.result.1.value": "6"});
        assert_eq!(json!(judged.claims), claims);
        for name in
            [CheckName::Format, CheckName::Signature, CheckName::IssuerKey, CheckName::Holder, CheckName::Claims]
        {
            assert_eq!(judged.report.check(name).unwrap().result, CheckResult::Pass, "{name:?}");
        }
        assert_eq!(judged.report.issuer.evidence, Evidence::Listed);
    }
}

#[test]
fn openid4vp_7_an_element_is_found_where_the_query_counts_it() {
    let claims = json!([{"path": ["credentialSubject", "result", 1, "value"]}]);
    let mut desk = Desk::asking(badge_query(claims), ResponseMode::DirectPost);
    let original = desk.world.badge_in_parts(&desk.key, |_| {});
    let exchange = desk.wallet(&original, &Choice::default());
    let judgement = desk.judge(&body(&exchange));
    assert_eq!(judgement.verdict, Verdict::Valid, "{:#?}", judgement.presentations);
    assert_eq!(json!(judgement.presentations[0].claims), json!({"credentialSubject.result.1.value": "6"}));
}

#[test]
fn security_b22_a_shown_base_proof_and_a_changed_part_are_refused() {
    let judged = |change: &dyn Fn(&mut Value, &Value)| {
        let mut query = query();
        query["credentials"][0]["require_cryptographic_holder_binding"] = json!(false);
        let mut desk = Desk::asking(query, ResponseMode::DirectPost);
        let original = desk.world.badge_in_parts(&desk.key, |_| {});
        let exchange = desk.wallet(&original, &Choice::default());
        let mut form = form(&exchange);
        let mut token: Value = serde_json::from_str(&form[0].1).unwrap();
        // Bound or not, what is inside was signed by the issuer: the presentation around it is taken off.
        let part =
            token["badge"][0].get("verifiableCredential").map_or(token["badge"][0].clone(), |list| list[0].clone());
        token["badge"][0] = part;
        change(&mut token["badge"][0], &serde_json::from_slice(&original).unwrap());
        form[0].1 = token.to_string();
        desk.judge(&encode(&form))
    };
    assert_eq!(judged(&|_, _| {}).verdict, Verdict::Valid);
    let base = judged(&|part, base| part.clone_from(base));
    assert_eq!(base.verdict, Verdict::Invalid);
    assert_eq!(base.presentations[0].report.check(CheckName::Signature).unwrap().reason, Some(Reason::BaseProof));
    assert!(base.presentations[0].claims.is_empty());
    let changed = judged(&|part, _| part["credentialSubject"]["result"][0]["value"] = json!("10"));
    assert_eq!(failed(&changed), [CheckName::Signature]);
    let fewer = judged(&|part, _| drop(part["credentialSubject"].as_object_mut().unwrap().remove("result")));
    assert!(failed(&fewer).contains(&CheckName::Signature));
}

#[test]
fn a_file_says_whether_it_is_the_whole_or_a_part() {
    let desk = Desk::asking(query(), ResponseMode::DirectPost);
    let original = desk.world.badge_in_parts(&desk.key, |_| {});
    let part = read(&original).unwrap().part(&[]).unwrap().to_string();
    for (bytes, reason) in [(original.as_slice(), Reason::BaseProof), (part.as_bytes(), Reason::PartOnly)] {
        let step = judge_file(bytes, &context(&desk.world), desk.world.env()).unwrap();
        let Step::Done(checked) = step else { panic!("nothing has to be fetched here") };
        let format = checked.report.check(CheckName::Format).unwrap();
        assert_eq!((format.result, format.reason), (CheckResult::Warn, Some(reason)));
        assert_eq!(checked.report.check(CheckName::Signature).unwrap().result, CheckResult::Pass);
        assert_eq!(checked.report.verdict, Verdict::Valid, "{:#?}", checked.report);
    }
}
