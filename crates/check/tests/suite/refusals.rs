//! What a verifier does not take: answers of the wrong form, and presentations that do not hold.

use crate::common;
use crate::common::{Desk, FORM, NOW, body, encode, failed, sd_jwt_query};
use leerpas_check::{AnswerError, VerifierIdentity};
use leerpas_core::Timestamp;
use leerpas_credential::{
    jose::{self, DecryptionKey},
    keys::{HolderKey, IssuerKey},
    present::present_sd_jwt,
    report::{CheckName, CheckResult, Verdict},
    sd_jwt::{ClaimPath, SdJwt},
};
use leerpas_openid::vp::{FormError, ResponseMode, ResponseShapeError};
use leerpas_share::Choice;
use serde_json::{Value, json};

fn paths(names: &[&str]) -> Vec<ClaimPath> {
    names.iter().map(|name| vec![(*name).into()]).collect()
}

/// What a presentation can be made of, so that each test changes one thing.
struct Made<'a> {
    original: Vec<u8>,
    disclose: &'a [&'a str],
    audience: Option<&'a str>,
    nonce: Option<&'a str>,
    at: i64,
}

impl Made<'_> {
    fn new(desk: &Desk) -> Self {
        let original = desk.world.sd_jwt(&desk.key, |_| {});
        Self { original, disclose: &["title", "ects"], audience: None, nonce: None, at: NOW }
    }

    fn present(&self, key: &HolderKey, request: &Value) -> String {
        let audience = self.audience.or(request["client_id"].as_str()).unwrap();
        let nonce = self.nonce.or(request["nonce"].as_str()).unwrap();
        let at = Timestamp::from_second(self.at).unwrap();
        present_sd_jwt(&self.original, &paths(self.disclose), key, audience, nonce, at).unwrap()
    }
}

/// Flips one character in the middle of a base64url part.
fn flipped(text: &str) -> String {
    let at = text.len() / 2;
    let other = if &text[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

fn judged(change: impl FnOnce(&Desk, &Value) -> String) -> leerpas_check::Judgement {
    let mut desk = Desk::in_clear();
    let request = desk.request();
    let presentation = change(&desk, &request);
    let judgement = desk.judge_in_clear(&request, &presentation);
    if judgement.verdict == Verdict::Invalid {
        assert!(judgement.presentations.iter().all(|p| p.claims.is_empty()), "nothing is kept of what does not hold");
    }
    judgement
}

#[test]
fn what_the_table_starts_from_is_valid() {
    let judgement = judged(|desk, request| Made::new(desk).present(&desk.key, request));
    assert_eq!(judgement.verdict, Verdict::Valid);
}

#[test]
fn oid4vp_1final_verifier_invalid_kb_jwt_signature() {
    let judgement = judged(|desk, request| {
        let good = Made::new(desk).present(&desk.key, request);
        let (head, signature) = good.rsplit_once('.').unwrap();
        format!("{head}.{}", flipped(signature))
    });
    assert_eq!(judgement.verdict, Verdict::Invalid);
    assert!(failed(&judgement).contains(&CheckName::Holder));
}

#[test]
fn oid4vp_1final_verifier_invalid_credential_signature() {
    let judgement = judged(|desk, request| {
        let mut made = Made::new(desk);
        let text = String::from_utf8(made.original).unwrap();
        let (jws, rest) = text.split_once('~').unwrap();
        let (head, signature) = jws.rsplit_once('.').unwrap();
        made.original = format!("{head}.{}~{rest}", flipped(signature)).into_bytes();
        made.present(&desk.key, request)
    });
    assert_eq!(judgement.verdict, Verdict::Invalid);
    assert!(failed(&judgement).contains(&CheckName::Signature));
}

#[test]
fn oid4vp_1final_verifier_invalid_sd_hash() {
    let judgement = judged(|desk, request| {
        let made = Made::new(desk);
        let more = Made { disclose: &["title", "ects", "name"], ..Made::new(desk) };
        let binding_of_other = more.present(&desk.key, request);
        let binding = binding_of_other.rsplit_once('~').unwrap().1.to_owned();
        let good = made.present(&desk.key, request);
        format!("{}~{binding}", good.rsplit_once('~').unwrap().0)
    });
    assert_eq!(judgement.verdict, Verdict::Invalid);
    assert!(failed(&judgement).contains(&CheckName::Holder));
}

#[test]
fn oid4vp_1final_verifier_invalid_kb_jwt_nonce() {
    let judgement = judged(|desk, request| {
        Made { nonce: Some("of-another-request"), ..Made::new(desk) }.present(&desk.key, request)
    });
    assert_eq!(judgement.verdict, Verdict::Invalid);
    assert!(failed(&judgement).contains(&CheckName::Nonce));
}

#[test]
fn oid4vp_1final_verifier_invalid_kb_jwt_aud() {
    for audience in ["x509_hash:other", "https://desk.example", ""] {
        let judgement =
            judged(|desk, request| Made { audience: Some(audience), ..Made::new(desk) }.present(&desk.key, request));
        assert_eq!(judgement.verdict, Verdict::Invalid);
        assert!(failed(&judgement).contains(&CheckName::Audience));
    }
}

fn made_at(at: i64) {
    let judgement = judged(|desk, request| Made { at, ..Made::new(desk) }.present(&desk.key, request));
    assert_eq!(judgement.verdict, Verdict::Invalid, "{at}");
    assert!(failed(&judgement).contains(&CheckName::Holder));
}

#[test]
fn oid4vp_1final_verifier_kb_jwt_iat_in_past() {
    made_at(NOW - 86_400);
}

#[test]
fn oid4vp_1final_verifier_kb_jwt_iat_in_future() {
    made_at(NOW + 86_400);
}

#[test]
fn oid4vp_1final_verifier_minimal_cnf_jwk() {
    let judgement = judged(|desk, request| {
        let whole = desk.key.public().to_jwk();
        let minimal: Value =
            ["kty", "crv", "x", "y"].into_iter().map(|name| (name.to_owned(), whole[name].clone())).collect();
        let original = desk.world.sd_jwt(&desk.key, |claims| claims["cnf"] = json!({"jwk": minimal}));
        Made { original, ..Made::new(desk) }.present(&desk.key, request)
    });
    assert_eq!(judgement.verdict, Verdict::Valid, "{:#?}", judgement.presentations);
}

/// Presentations of ISO mdoc are not read here: whatever their session transcript, they do not hold.
#[test]
fn oid4vp_1final_verifier_invalid_session_transcript() {
    let device_response = jose::encode_base64url(b"\xa3gversionc1.0idocuments\x80fstatus\x00");
    let judgement = judged(|_, _| device_response);
    assert_eq!(judgement.verdict, Verdict::Invalid);
    assert!(failed(&judgement).contains(&CheckName::Format));
}

#[test]
fn holder_binding_is_decided_by_policy_and_not_by_presence() {
    let judgement = judged(|desk, _| {
        let original = String::from_utf8(Made::new(desk).original).unwrap();
        SdJwt::parse(&original).unwrap().present(&paths(&["title", "ects"])).unwrap()
    });
    assert_eq!(judgement.verdict, Verdict::Invalid);
    assert!(failed(&judgement).contains(&CheckName::Holder));
}

#[test]
fn missing_claims_and_other_values_fail_and_surplus_is_dropped() {
    let missing = judged(|desk, request| Made { disclose: &["title"], ..Made::new(desk) }.present(&desk.key, request));
    assert_eq!(failed(&missing), [CheckName::Claims]);
    let surplus = judged(|desk, request| {
        Made { disclose: &["title", "ects", "name", "address"], ..Made::new(desk) }.present(&desk.key, request)
    });
    assert_eq!(surplus.verdict, Verdict::Valid);
    assert_eq!(json!(surplus.presentations[0].claims), json!({"title": "Watermanagement", "ects": 5}));
    assert!(!serde_json::to_string(&surplus).unwrap().contains("Noor"));

    let query = sd_jwt_query(json!([{"path": ["ects"], "values": [30]}]));
    let mut desk = Desk::asking(query, ResponseMode::DirectPost);
    let request = desk.request();
    let presentation = Made::new(&desk).present(&desk.key, &request);
    assert_eq!(failed(&desk.judge_in_clear(&request, &presentation)), [CheckName::Claims]);
}

#[test]
fn another_kind_of_credential_fails() {
    let judgement = judged(|desk, request| {
        let original = desk.world.sd_jwt(&desk.key, |c| c["vct"] = json!("urn:example:library-card"));
        Made { original, ..Made::new(desk) }.present(&desk.key, request)
    });
    assert_eq!(failed(&judgement), [CheckName::Kind]);
}

#[test]
fn untrusted_expired_and_self_made_give_different_words() {
    let expired = judged(|desk, request| {
        let original = desk.world.sd_jwt(&desk.key, |c| c["exp"] = json!(NOW - 1_000));
        Made { original, ..Made::new(desk) }.present(&desk.key, request)
    });
    assert_eq!(failed(&expired), [CheckName::Validity]);
    // Signed by an authority that nobody here knows: the signature holds, whose it is cannot be said.
    let stranger = common::World::of_strangers();
    let self_made = judged(|desk, request| {
        let original = stranger.sd_jwt(&desk.key, |_| {});
        Made { original, ..Made::new(desk) }.present(&desk.key, request)
    });
    let check = self_made.presentations[0].report.check(CheckName::IssuerKey).unwrap();
    assert_ne!(check.result, CheckResult::Pass);
    assert_ne!(self_made.verdict, Verdict::Valid);
}

#[test]
fn something_that_is_no_presentation_fails_and_stops_nothing() {
    for nonsense in ["", "x", "a.b.c~d", "<script>alert(1)</script>", "{}", "\u{0}"] {
        let judgement = judged(|_, _| nonsense.to_owned());
        assert_eq!((judgement.verdict, failed(&judgement)), (Verdict::Invalid, vec![CheckName::Format]), "{nonsense}");
    }
}

#[test]
fn the_same_answer_twice_is_refused() {
    for mode in [ResponseMode::DirectPost, ResponseMode::DirectPostJwt] {
        let mut desk = Desk::asking(sd_jwt_query(json!([{"path": ["title"]}])), mode);
        let original = desk.world.sd_jwt(&desk.key, |_| {});
        let answer = body(&desk.wallet(&original, &Choice::default()));
        assert_eq!(desk.judge(&answer).verdict, Verdict::Valid);
        let again = desk.accept(&answer).unwrap_err();
        assert_eq!((again, again.http_status()), (AnswerError::AlreadyAnswered, 400));
    }
}

#[test]
fn an_answer_to_another_request_is_refused_and_spoils_nothing() {
    let mut desk = Desk::in_clear();
    let original = desk.world.sd_jwt(&desk.key, |_| {});
    let answer = desk.wallet(&original, &Choice::default());
    let mut pairs = common::form(&answer);
    pairs.iter_mut().find(|(name, _)| name == "state").unwrap().1 = "guessed".to_owned();
    assert_eq!(desk.accept(&encode(&pairs)).unwrap_err(), AnswerError::State);
    pairs.retain(|(name, _)| name != "state");
    assert_eq!(desk.accept(&encode(&pairs)).unwrap_err(), AnswerError::State);
    assert_eq!(desk.accept("error=access_denied").unwrap_err(), AnswerError::State);
    assert_eq!(desk.judge(&body(&answer)).verdict, Verdict::Valid);
}

#[test]
fn vp_token_of_wrong_shape_is_refused_whole() {
    let mut desk = Desk::in_clear();
    let state = desk.request()["state"].as_str().unwrap().to_owned();
    let mut refused = |token: &str| {
        let error = desk.accept(&encode(&[("vp_token", token), ("state", state.as_str())])).unwrap_err();
        assert_eq!(error.http_status(), 400);
        error
    };
    for token in ["", "null", "[]", "{}", "\"eyJ\"", r#"{"mc":"eyJ"}"#, r#"{"mc":[]}"#, r#"{"mc":[1]}"#] {
        assert_eq!(refused(token), AnswerError::Shape(ResponseShapeError::VpToken), "{token}");
    }
    assert_eq!(refused(r#"{"mc":["a","b"]}"#), AnswerError::Shape(ResponseShapeError::Count));
    assert_eq!(refused(r#"{"xx":["a"]}"#), AnswerError::Shape(ResponseShapeError::NotAskedFor));
    assert_eq!(refused(r#"{"mc":["a"],"xx":["a"]}"#), AnswerError::Shape(ResponseShapeError::NotAskedFor));
}

#[test]
fn a_query_that_has_no_answer_is_missed() {
    let mut query = sd_jwt_query(json!([{"path": ["title"]}]));
    let mut second = query["credentials"][0].clone();
    second["id"] = json!("second");
    query["credentials"].as_array_mut().unwrap().push(second);
    let mut desk = Desk::asking(query, ResponseMode::DirectPost);
    let state = desk.request()["state"].as_str().unwrap().to_owned();
    let error = desk.accept(&encode(&[("vp_token", r#"{"mc":["a"]}"#), ("state", state.as_str())])).unwrap_err();
    assert_eq!(error, AnswerError::Shape(ResponseShapeError::Missing));
}

#[test]
fn only_a_form_is_read() {
    let mut desk = Desk::in_clear();
    let now = desk.world.time();
    let mut post = |media_type: &str, body: &[u8]| desk.pending.accept(media_type, body, now).unwrap_err();
    for media_type in ["multipart/form-data; boundary=x", "application/json", "text/plain", ""] {
        let error = post(media_type, b"vp_token=%7B%7D&state=x");
        assert_eq!((error, error.http_status()), (AnswerError::Form(FormError::MediaType), 415));
    }
    assert_eq!(post(FORM, b"vp_token=1&vp_token=2&state=x"), AnswerError::Form(FormError::Malformed));
    assert_eq!(post(FORM, b"\xff\xfe"), AnswerError::Form(FormError::Malformed));
    let large = post(FORM, &vec![b'a'; 10 * 1024 * 1024]);
    assert_eq!((large, large.http_status()), (AnswerError::Form(FormError::TooLarge), 413));
    assert_eq!(post(FORM, b""), AnswerError::Shape(ResponseShapeError::Shape));
    assert_eq!(post(FORM, b"response=x&vp_token=y"), AnswerError::Shape(ResponseShapeError::Shape));
}

#[test]
fn an_encrypted_answer_to_another_key_or_cut_short_is_refused() {
    let mut desk = Desk::asking(sd_jwt_query(json!([{"path": ["title"]}])), ResponseMode::DirectPostJwt);
    let original = desk.world.sd_jwt(&desk.key, |_| {});
    let answer = desk.wallet(&original, &Choice::default());
    let good = common::form(&answer)[0].1.clone();
    let foreign = DecryptionKey::draw(&leerpas_core::OsEntropy);
    let other = jose::encrypt(b"{\"error\":\"x\"}", &foreign.public_jwk("1"), "A128GCM").unwrap();
    let (head, tag) = good.rsplit_once('.').unwrap();
    for bad in
        [other, good[..good.len() - 8].to_owned(), format!("{head}.{}", flipped(tag)), "x".to_owned(), String::new()]
    {
        assert_eq!(desk.accept(&encode(&[("response", &bad)])).unwrap_err(), AnswerError::Undecryptable);
    }
    // Presentations in clear, although encryption was asked for.
    let clear = desk.accept(r#"vp_token={"mc":["a"]}&state=x"#).unwrap_err();
    assert_eq!(clear, AnswerError::Mode);
    assert_eq!(desk.judge(&body(&answer)).verdict, Verdict::Valid);
}

#[test]
fn an_encrypted_answer_where_none_was_asked_is_refused() {
    let mut desk = Desk::in_clear();
    assert_eq!(desk.accept("response=a.b.c.d.e").unwrap_err(), AnswerError::Mode);
}

#[test]
fn a_verifier_needs_the_key_of_its_certificate() {
    let desk = Desk::in_clear();
    let other = IssuerKey::make_p256(&desk.world.entropy);
    assert!(VerifierIdentity::new(other, desk.world.desk_x5c.clone(), "Werkplaats").is_err());
    let other = IssuerKey::make_p256(&desk.world.entropy);
    assert!(VerifierIdentity::new(other, vec!["nonsense".to_owned()], "Werkplaats").is_err());
}
