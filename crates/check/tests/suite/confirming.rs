//! A sentence that the holder confirms with the answer, from the desk's question to its verdict (OpenID4VP 1.0, 8.4 and
//! appendix B.3.3.1).

use crate::common::{Desk, body, encode, failed, sd_jwt_query};
use leerpas_check::{AskError, Judgement};
use leerpas_core::ErrorKind;
use leerpas_credential::{
    report::{CheckName, CheckResult, Verdict},
    sd_jwt::{HashAlgorithm, KeyBinding, SdJwt},
};
use leerpas_openid::vp::{ResponseMode, STATEMENT_TYPE};
use leerpas_share::Choice;
use serde_json::{Value, json};

const SENTENCE: &str = "Ik schrijf mij in voor Watermanagement.";

fn desk(mode: ResponseMode) -> Desk {
    let Desk { world, key, pending } = Desk::asking(sd_jwt_query(json!([{"path": ["title"]}])), mode);
    Desk { world, key, pending: pending.confirming(&["mc"], SENTENCE).unwrap() }
}

#[test]
fn vp_8_4_what_the_desk_asks_to_confirm_is_confirmed_by_the_wallet() {
    for mode in [ResponseMode::DirectPost, ResponseMode::DirectPostJwt] {
        let mut desk = desk(mode);
        let original = desk.world.sd_jwt(&desk.key, |_| {});
        let exchange = desk.wallet(&original, &Choice::default());
        let judgement = desk.judge(&body(&exchange));
        assert_eq!(judgement.verdict, Verdict::Valid, "{:#?}", judgement.presentations);
        let check = judgement.presentations[0].report.check(CheckName::Transaction).unwrap();
        assert_eq!(check.result, CheckResult::Pass);
        assert_eq!(judgement.presentations[0].claims["title"], "Watermanagement");
    }
}

#[test]
fn vp_5_1_the_request_of_the_desk_holds_the_sentence_and_the_hash_that_it_takes() {
    let request = desk(ResponseMode::DirectPost).request();
    let entry = request["transaction_data"][0].as_str().unwrap();
    let read: Value = serde_json::from_slice(&leerpas_credential::jose::decode_base64url(entry).unwrap()).unwrap();
    assert_eq!(
        read,
        json!({"type": STATEMENT_TYPE, "credential_ids": ["mc"], "statement": SENTENCE,
        "transaction_data_hashes_alg": ["sha-256"]})
    );
    assert!(Desk::in_clear().request().get("transaction_data").is_none());
}

#[test]
fn what_no_wallet_would_confirm_is_not_asked() {
    for (queries, sentence) in [(&["other"][..], SENTENCE), (&["mc"], ""), (&["mc"], "a\u{202E}b"), (&[], SENTENCE)] {
        let desk = Desk::in_clear();
        let error = desk.pending.confirming(queries, sentence).map(drop).unwrap_err();
        assert!(matches!(error, AskError::Statement(_)) && error.kind() == ErrorKind::Usage, "{sentence}");
    }
}

/// Answers with these hashes, named so.
fn answered(desk: &mut Desk, hashes: &dyn Fn(&str) -> Vec<String>, named: Option<&str>) -> Judgement {
    let original = desk.world.sd_jwt(&desk.key, |_| {});
    let sd_jwt = SdJwt::parse(std::str::from_utf8(&original).unwrap()).unwrap();
    let request = desk.request();
    let text = |name: &str| request[name].as_str().unwrap().to_owned();
    let entry = request["transaction_data"][0].as_str().unwrap_or_default();
    let title = sd_jwt.present(&[["title".into()].into_iter().collect()]).unwrap();
    let presentation = KeyBinding::append_confirming(
        &SdJwt::parse(&title).unwrap(),
        &desk.key,
        (&text("client_id"), &text("nonce")),
        (&hashes(entry), named),
        desk.world.time(),
    )
    .unwrap();
    let token = json!({"mc": [presentation]}).to_string();
    desk.judge(&encode(&[("vp_token", token.as_str()), ("state", text("state").as_str())]))
}

fn hash(entry: &str) -> String {
    HashAlgorithm::Sha256.digest(entry)
}

#[test]
fn vp_8_4_a_confirmation_that_is_missing_or_another_is_refused() {
    type Hashes = fn(&str) -> Vec<String>;
    let good: Hashes = |entry| vec![hash(entry)];
    let judged = answered(&mut desk(ResponseMode::DirectPost), &good, Some("sha-256"));
    assert_eq!((judged.verdict, failed(&judged)), (Verdict::Valid, Vec::new()));
    let table: [(&str, Hashes, Option<&str>); 7] = [
        ("none", |_| Vec::new(), None),
        ("of another sentence", |_| vec![hash("another")], Some("sha-256")),
        ("one more", |entry| vec![hash(entry), hash("another")], Some("sha-256")),
        ("twice", |entry| vec![hash(entry), hash(entry)], Some("sha-256")),
        (
            "of what was decoded",
            |entry| {
                let bytes = leerpas_credential::jose::decode_base64url(entry).unwrap();
                vec![hash(&String::from_utf8(bytes).unwrap())]
            },
            Some("sha-256"),
        ),
        ("without the name that was asked for", good, None),
        ("by another hash", good, Some("sha-512")),
    ];
    for (name, hashes, named) in table {
        let judged = answered(&mut desk(ResponseMode::DirectPost), &hashes, named);
        assert_eq!((judged.verdict, failed(&judged)), (Verdict::Invalid, vec![CheckName::Transaction]), "{name}");
        assert!(judged.presentations[0].claims.is_empty(), "{name}");
    }
}

#[test]
fn vp_8_4_a_confirmation_of_what_was_not_asked_is_refused() {
    let mut desk = Desk::asking(sd_jwt_query(json!([{"path": ["title"]}])), ResponseMode::DirectPost);
    let judged = answered(&mut desk, &|_| vec![hash("anything")], None);
    assert_eq!((judged.verdict, failed(&judged)), (Verdict::Invalid, vec![CheckName::Transaction]));
}
