//! W3C credentials secured with JOSE, from the wallet to the desk without a socket between them: `vc+sd-jwt`, `vc+jwt` and
//! `jwt_vc_json`.

use crate::common;
use crate::common::{Desk, NOW, World, body, encode, failed};
use leerpas_check::Judgement;
use leerpas_core::{Evidence, Timestamp};
use leerpas_credential::{
    jose::sign_compact,
    keys::HolderKey,
    present::present_jwt,
    report::{CheckName, CheckResult, Verdict},
    sd_jwt::{Issuance, issue},
};
use leerpas_openid::vp::ResponseMode;
use leerpas_share::Choice;
use serde_json::{Value, json};

const BOTH: [ResponseMode; 2] = [ResponseMode::DirectPost, ResponseMode::DirectPostJwt];
const FORMATS: [&str; 3] = ["vc+sd-jwt", "vc+jwt", "jwt_vc_json"];
const CREDENTIAL: &str = "https://www.w3.org/2018/credentials#VerifiableCredential";

fn query(format: &str) -> Value {
    json!({"credentials": [{"id": "mc", "format": format, "meta": {"type_values": [[CREDENTIAL]]},
        "claims": [{"path": ["credentialSubject", "title"]}]}]})
}

/// A microcredential in this format about this key, by the issuer that the list knows.
fn credential(world: &World, format: &str, key: &HolderKey) -> Vec<u8> {
    let did = world.badge_issuer.public().did_key().unwrap();
    let kid = format!("{did}#{}", did.trim_start_matches("did:key:"));
    let subject = json!({"id": key.did_jwk(), "name": "Noor de Wit", "title": "Watermanagement"});
    let sign = |typ: &str, claims: &Value| {
        let header = json!({"typ": typ, "kid": kid});
        sign_compact(&header, claims.to_string().as_bytes(), &world.badge_issuer).unwrap().into_bytes()
    };
    let of_2 = json!({"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiableCredential"],
        "issuer": did, "validFrom": "2026-01-01T00:00:00Z", "credentialSubject": subject});
    match format {
        "vc+jwt" => sign("vc+jwt", &of_2),
        "vc+sd-jwt" => {
            let disclosable = ["name", "title"].map(|name| vec!["credentialSubject".into(), name.into()]);
            let header = json!({"typ": "vc+sd-jwt", "kid": kid});
            let issuance = Issuance { header, claims: of_2, disclosable: &disclosable, decoys: 1 };
            issue(issuance, &world.badge_issuer, &world.entropy).unwrap().into_bytes()
        }
        _ => sign(
            "JWT",
            &json!({"iss": did, "sub": key.did_jwk(), "nbf": NOW - 1000, "vc": {
                "@context": ["https://www.w3.org/2018/credentials/v1"], "type": ["VerifiableCredential"],
                "credentialSubject": {"name": "Noor de Wit", "title": "Watermanagement"}}}),
        ),
    }
}

#[test]
fn oid4vp_1final_happy_flow_of_each_w3c_token() {
    for (format, mode) in FORMATS.into_iter().flat_map(|format| BOTH.map(|mode| (format, mode))) {
        let mut desk = Desk::asking(query(format), mode);
        let original = credential(&desk.world, format, &desk.key);
        let exchange = desk.wallet(&original, &Choice::default());
        let judgement = desk.judge(&body(&exchange));
        assert_eq!(judgement.verdict, Verdict::Valid, "{format}: {:#?}", judgement.presentations);
        let judged = &judgement.presentations[0];
        assert_eq!(json!(judged.claims), json!({"credentialSubject.title": "Watermanagement"}), "{format}");
        assert_eq!(judged.report.format.as_str(), format);
        assert_eq!(judged.report.issuer.evidence, Evidence::Listed);
        for name in [CheckName::Holder, CheckName::Kind, CheckName::Nonce, CheckName::Audience, CheckName::Claims] {
            assert_eq!(judged.report.check(name).unwrap().result, CheckResult::Pass, "{format} {name:?}");
        }
    }
}

#[test]
fn what_was_not_asked_stays_in_an_sd_jwt_and_goes_along_in_a_jwt() {
    for format in FORMATS {
        let mut desk = Desk::asking(query(format), ResponseMode::DirectPost);
        let original = credential(&desk.world, format, &desk.key);
        let exchange = desk.wallet(&original, &Choice::default());
        let token: Value = serde_json::from_str(&common::form(&exchange)[0].1).unwrap();
        let sent = leerpas_credential::read::read(token["mc"][0].as_str().unwrap().as_bytes()).unwrap();
        let name = sent.claims().pointer("/credentialSubject/name");
        assert_eq!(name.is_some(), format != "vc+sd-jwt", "{format}");
    }
}

/// Posts a presentation of a `vc+jwt` that the closure makes of credential, client identifier and nonce.
fn judged(present: impl FnOnce(&Desk, &[u8], &str, &str) -> String) -> Judgement {
    let mut desk = Desk::asking(query("vc+jwt"), ResponseMode::DirectPost);
    let request = desk.request();
    let original = credential(&desk.world, "vc+jwt", &desk.key);
    let [audience, nonce, state] = ["client_id", "nonce", "state"].map(|name| request[name].as_str().unwrap());
    let token = json!({"mc": [present(&desk, &original, audience, nonce)]}).to_string();
    desk.judge(&encode(&[("vp_token", token.as_str()), ("state", state)]))
}

#[test]
fn openid4vp_14_1_a_jwt_presentation_answers_this_request_for_this_verifier_by_this_holder() {
    let now = Timestamp::from_second(NOW).unwrap();
    let of = |audience: Option<&'static str>, nonce: Option<&'static str>| {
        judged(move |desk, original, own, asked| {
            present_jwt(original, &desk.key, audience.unwrap_or(own), nonce.unwrap_or(asked), now).unwrap()
        })
    };
    assert_eq!(of(None, None).verdict, Verdict::Valid);
    for (judgement, name) in [
        (of(None, Some("of-another-request")), CheckName::Nonce),
        (of(Some("x509_hash:other"), None), CheckName::Audience),
        (judged(|_, original, _, _| String::from_utf8(original.to_vec()).unwrap()), CheckName::Holder),
    ] {
        assert_eq!(judgement.verdict, Verdict::Invalid);
        assert!(failed(&judgement).contains(&name), "{name:?}: {:?}", failed(&judgement));
        assert!(judgement.presentations[0].claims.is_empty());
    }
}

#[test]
fn a_jwt_of_one_model_does_not_answer_a_query_for_the_other() {
    let mut desk = Desk::asking(query("jwt_vc_json"), ResponseMode::DirectPost);
    let request = desk.request();
    let original = credential(&desk.world, "vc+jwt", &desk.key);
    let [audience, nonce] = ["client_id", "nonce"].map(|name| request[name].as_str().unwrap());
    let now = Timestamp::from_second(NOW).unwrap();
    let sent = present_jwt(&original, &desk.key, audience, nonce, now).unwrap();
    let judgement = desk.judge_in_clear(&request, &sent);
    assert_eq!(failed(&judgement), [CheckName::Kind]);
}
