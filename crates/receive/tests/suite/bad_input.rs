//! Receiving as it must not go: every line ends in a named error, and nothing is kept.

use crate::issuer::*;
use leerpas_core::{ErrorKind, Fault, Purpose, Reply, Secret};
use leerpas_credential::keys::IssuerKey;
use leerpas_openid::vci::{ErrorCode, IssuedCredential};
use leerpas_receive::{Answer, OfferSource, Question, ReceiveError};
use serde_json::{Value, json};

type Broken = fn(String) -> Result<Reply, Fault>;
type Change = fn(&mut Value);

/// Kind and step of the failure.
fn fails(issuer: &mut Issuer) -> (ErrorKind, &'static str) {
    match receive(issuer) {
        Err(error) => {
            let said = format!("{error} {error:?}");
            for secret in [CODE, TOKEN, TX_CODE, "Noor", "Voorbeeld"] {
                assert!(!said.contains(secret), "an error says what it must not: {said}");
            }
            (error.kind(), error.step())
        }
        Ok(received) => panic!("it was kept: {:?}", received.cards),
    }
}

fn start_fails(offer: Value) -> (ErrorKind, &'static str) {
    let mut issuer = Issuer::new();
    issuer.offer = offer;
    let found = fails(&mut issuer);
    assert!(issuer.log.is_empty(), "nothing may be sent");
    found
}

#[test]
fn an_offer_that_breaks_a_rule_is_refused_before_anything_is_sent() {
    let with = |pointer: &str, value: Value| {
        let mut offer = Issuer::new().offer;
        *offer.pointer_mut(pointer).unwrap() = value;
        offer
    };
    assert_eq!(
        start_fails(with("/credential_issuer", json!("http://issuer.example"))),
        (ErrorKind::InsecureAddress, "offer")
    );
    assert_eq!(
        start_fails(with("/credential_issuer", json!("https://a@issuer.example"))),
        (ErrorKind::AddressRefused, "offer")
    );
    assert_eq!(start_fails(with("/credential_configuration_ids", json!([]))), (ErrorKind::OfferInvalid, "offer"));
    assert_eq!(start_fails(json!("hello")), (ErrorKind::OfferInvalid, "offer"));
    assert_eq!(start_fails(with("/grants", json!({"urn:other": {}}))), (ErrorKind::OfferUnsupported, "offer"));
}

#[test]
fn an_offer_by_reference_over_http_is_refused_before_anything_is_sent() {
    for (address, kind) in [
        ("http://issuer.example/offer", ErrorKind::InsecureAddress),
        ("file:///etc/hostname", ErrorKind::InsecureAddress),
        ("data:application/json,{}", ErrorKind::InsecureAddress),
        ("https://a:b@issuer.example/offer", ErrorKind::AddressRefused),
    ] {
        let mut issuer = Issuer::new();
        let source = OfferSource::Reference(address.parse().unwrap());
        let error = play(&mut issuer, source, 1, willing(&[])).unwrap_err();
        assert_eq!((error.kind(), error.step()), (kind, "offer"), "{address}");
        assert!(issuer.log.is_empty());
    }
}

#[test]
fn an_offer_by_reference_that_is_gone_or_a_page_is_refused() {
    for (answer, kind) in [
        (page as fn() -> Result<Reply, Fault>, ErrorKind::ReplyUnreadable),
        (|| Ok(Reply::new(200, None, b"<html>".to_vec())), ErrorKind::ReplyUnreadable),
        (|| reply(404, &json!({})), ErrorKind::OfferExpired),
        (|| reply(500, &json!({})), ErrorKind::OtherSideFailed),
        (|| reply(302, &json!({})), ErrorKind::OtherSideFailed),
        (|| reply(200, &json!({"credential_issuer": 5})), ErrorKind::OfferInvalid),
    ] {
        let mut issuer = Issuer::new();
        issuer.twist = at("/offer", answer);
        let error = play(&mut issuer, by_reference(), 1, willing(&[])).unwrap_err();
        assert_eq!((error.kind(), error.step()), (kind, "offer"));
        assert_eq!(issuer.log.len(), 1);
    }
}

#[test]
fn metadata_for_an_issuer_that_differs_by_one_character_is_refused() {
    for near in ["https://issuer.example/tenanT", "https://issuer.example/tenant/", "https://issuer.example:443/tenant"]
    {
        let mut issuer = Issuer::new();
        issuer.metadata["credential_issuer"] = json!(near);
        assert_eq!(fails(&mut issuer), (ErrorKind::IssuerMismatch, "metadata"));
        assert_eq!(issuer.log.len(), 1);
    }
}

#[test]
fn security_c05_c06_c07_another_authorization_server_is_refused() {
    let mut issuer = Issuer::new();
    issuer.offer["grants"][leerpas_openid::vci::PRE_AUTHORIZED_CODE]["authorization_server"] =
        json!("https://evil.example");
    assert_eq!(fails(&mut issuer), (ErrorKind::IssuerMetadataInvalid, "metadata"));
    let mut issuer = Issuer::new();
    issuer.server["issuer"] = json!("https://evil.example");
    assert_eq!(fails(&mut issuer), (ErrorKind::IssuerMismatch, "metadata"));
    assert_eq!(issuer.count(Purpose::Token), 0);
}

#[test]
fn security_c05_hosts_that_differ_are_all_named_beforehand() {
    let mut issuer = Issuer::new();
    issuer.server["token_endpoint"] = json!("https://login.example/token");
    issuer.metadata["credential_endpoint"] = json!("https://give.example/credential");
    let source = OfferSource::Value(issuer.offer.clone());
    let mut hosts = Vec::new();
    play(&mut issuer, source, 1, |question| match question {
        Question::Take(preview) => {
            hosts.clone_from(&preview.hosts);
            assert_eq!(preview.code.as_ref().unwrap().host, "login.example");
            Answer::Decline
        }
        _ => Answer::Contact,
    })
    .unwrap();
    assert_eq!(hosts, ["issuer.example", "login.example", "give.example"]);
}

#[test]
fn what_leerpas_cannot_do_is_said_before_a_code_is_asked() {
    let cases: [fn(&mut Issuer); 6] = [
        |issuer| issuer.offer = offer_of(&["mdoc"], None),
        |issuer| issuer.metadata["credential_response_encryption"] = json!({"encryption_required": true}),
        |issuer| issuer.server["pre-authorized_grant_anonymous_access_supported"] = json!(false),
        |issuer| {
            let known = &mut issuer.metadata["credential_configurations_supported"]["mc"];
            known["proof_types_supported"] = json!({"cwt": {}});
        },
        |issuer| {
            let known = &mut issuer.metadata["credential_configurations_supported"]["mc"];
            known["cryptographic_binding_methods_supported"] = json!(["cose_key"]);
        },
        |issuer| {
            let known = &mut issuer.metadata["credential_configurations_supported"]["mc"];
            known["format"] = json!("vc+sd-jwt");
            members(known).remove("vct");
        },
    ];
    for twist in cases {
        let mut issuer = Issuer::new();
        twist(&mut issuer);
        assert_eq!(fails(&mut issuer), (ErrorKind::OfferUnsupported, "metadata"));
        assert_eq!(issuer.count(Purpose::Token), 0);
    }
    let mut issuer = Issuer::new();
    issuer.offer = offer_of(&["unheard-of"], None);
    assert_eq!(fails(&mut issuer), (ErrorKind::IssuerMetadataInvalid, "metadata"));
}

#[test]
fn a_page_of_html_where_json_belongs_is_refused_at_every_step() {
    for (path, step) in [
        ("/.well-known/openid-credential-issuer/tenant", "metadata"),
        ("/.well-known/oauth-authorization-server/tenant", "metadata"),
        ("/token", "token"),
        ("/nonce", "nonce"),
        ("/credential", "credential"),
    ] {
        let mut issuer = Issuer::new();
        issuer.twist = at(path, page);
        assert_eq!(fails(&mut issuer), (ErrorKind::ReplyUnreadable, step), "{path}");
        // The label does not decide: a page that calls itself JSON is no better.
        let mut issuer = Issuer::new();
        issuer.twist = at(path, || Ok(Reply::new(200, Some("application/json"), b"<html>".to_vec())));
        assert_eq!(fails(&mut issuer), (ErrorKind::ReplyUnreadable, step), "{path}");
    }
}

#[test]
fn silence_size_and_redirects_have_their_own_names_at_every_step() {
    let host = || "issuer.example".to_owned();
    let faults: [(Broken, ErrorKind); 5] = [
        (|host| Err(Fault::TimedOut { host, seconds: 60, sent: true }), ErrorKind::TimedOut),
        (|host| Err(Fault::TooLarge { host, limit: 1 }), ErrorKind::ReplyTooLarge),
        (|host| Err(Fault::Unreachable { host, reason: "no".into() }), ErrorKind::Unreachable),
        (|_| reply(307, &json!({})), ErrorKind::OtherSideFailed),
        (|_| reply(503, &json!({})), ErrorKind::OtherSideFailed),
    ];
    for (path, step) in [
        ("/.well-known/openid-credential-issuer/tenant", "metadata"),
        ("/.well-known/oauth-authorization-server/tenant", "metadata"),
        ("/token", "token"),
        ("/nonce", "nonce"),
        ("/credential", "credential"),
    ] {
        for (fault, kind) in faults {
            let mut issuer = Issuer::new();
            issuer.twist = at(path, move || fault(host()));
            assert_eq!(fails(&mut issuer), (kind, step), "{path}");
            assert_eq!(issuer.log.last().unwrap().url.path(), path, "nothing follows a failure");
        }
    }
}

#[test]
fn security_c11_three_wrong_codes_end_it() {
    let mut issuer = Issuer::new();
    let source = OfferSource::Value(issuer.offer.clone());
    let error = play(&mut issuer, source, 1, willing(&["1", "2", "3", TX_CODE])).unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::TxCodeWrong, "token"));
    assert_eq!(issuer.count(Purpose::Token), 3);
}

#[test]
fn a_caller_that_cannot_ask_again_learns_that_the_code_was_wrong() {
    for code in [ErrorCode::InvalidGrant, ErrorCode::InvalidTxCode] {
        let mut issuer = Issuer::new();
        issuer.twist = at("/token", move || refusal(code));
        let source = OfferSource::Value(issuer.offer.clone());
        let received = play(&mut issuer, source, 1, willing(&["000000"])).unwrap();
        assert!(received.declined && received.cards.is_empty());
        assert_eq!(received.last_error, Some(ErrorKind::TxCodeWrong));
        assert_eq!(issuer.count(Purpose::Token), 1);
    }
}

#[test]
fn a_code_that_is_needed_and_not_given_is_not_sent_empty() {
    for code in [None, Some(""), Some("   ")] {
        let mut issuer = Issuer::new();
        let source = OfferSource::Value(issuer.offer.clone());
        let error = play(&mut issuer, source, 1, |question| match question {
            Question::Take(_) => Answer::Take { code: code.map(|code| Secret::new(code.to_owned())) },
            _ => Answer::Contact,
        })
        .unwrap_err();
        assert_eq!((error.kind(), error.step()), (ErrorKind::TxCodeNeeded, "token"));
        assert_eq!(issuer.count(Purpose::Token), 0);
    }
}

#[test]
fn an_offer_that_was_used_or_ran_out_is_said_to_be_so() {
    let mut issuer = Issuer::new();
    issuer.offer = offer_of(&["mc"], None);
    issuer.twist = at("/token", || refusal(ErrorCode::InvalidGrant));
    assert_eq!(fails(&mut issuer), (ErrorKind::OfferExpired, "token"));
}

#[test]
fn security_c12_token_responses_that_break_a_rule_are_refused() {
    for (token, kind) in [
        (json!({"access_token": TOKEN}), ErrorKind::ReplyUnreadable),
        (json!({"access_token": "a\r\nX: y", "token_type": "bearer"}), ErrorKind::ReplyUnreadable),
        (json!({"access_token": "x".repeat(1_000_000), "token_type": "bearer"}), ErrorKind::ReplyUnreadable),
        (json!({"access_token": TOKEN, "token_type": "bearer", "expires_in": -1}), ErrorKind::ReplyUnreadable),
        (
            json!({"access_token": TOKEN, "token_type": "bearer", "expires_in": 1_000_000_000_000_u64}),
            ErrorKind::ReplyUnreadable,
        ),
        (json!({"access_token": TOKEN, "token_type": "DPoP"}), ErrorKind::OfferUnsupported),
    ] {
        let mut issuer = Issuer::new();
        issuer.twist = at("/token", move || reply(200, &token));
        assert_eq!(fails(&mut issuer), (kind, "token"));
        assert_eq!(issuer.count(Purpose::Credential), 0);
    }
}

#[test]
fn security_c13_no_proof_is_ever_sent_without_a_nonce_that_is_advertised() {
    for (answer, kind) in [
        ((|| reply(500, &json!({}))) as fn() -> Result<Reply, Fault>, ErrorKind::OtherSideFailed),
        (|| reply(200, &json!({})), ErrorKind::ReplyUnreadable),
        (|| reply(200, &json!({"c_nonce": ""})), ErrorKind::ReplyUnreadable),
        (|| reply(200, &json!({"c_nonce": "n".repeat(1_000_000)})), ErrorKind::ReplyUnreadable),
        (|| reply(404, &json!({})), ErrorKind::OtherSideFailed),
    ] {
        let mut issuer = Issuer::new();
        issuer.twist = at("/nonce", answer);
        assert_eq!(fails(&mut issuer), (kind, "nonce"));
        assert_eq!(issuer.count(Purpose::Credential), 0);
    }
}

#[test]
fn security_c14_a_nonce_that_is_refused_for_ever_is_tried_twice() {
    let mut issuer = Issuer::new();
    issuer.twist = at("/credential", || refusal(ErrorCode::InvalidNonce));
    assert_eq!(fails(&mut issuer), (ErrorKind::OtherSideFailed, "nonce"));
    assert_eq!((issuer.count(Purpose::Nonce), issuer.count(Purpose::Credential)), (2, 2));
}

#[test]
fn a_credential_signed_by_another_key_than_the_issuers_is_refused() {
    let mut issuer = Issuer::new();
    issuer.forger = Some(IssuerKey::make_p256(&leerpas_core::CountingEntropy::default()));
    assert_eq!(fails(&mut issuer), (ErrorKind::CredentialNotGenuine, "verify"));
    let mut issuer = Issuer::new();
    issuer.offer = offer_of(&["badge"], None);
    let right = std::mem::replace(&mut issuer.badge_key, IssuerKey::make_ed25519(&leerpas_core::OsEntropy));
    let document = did_document_of(&issuer, &right);
    issuer.twist = at("/.well-known/did.json", move || reply(200, &document));
    assert_eq!(fails(&mut issuer), (ErrorKind::CredentialNotGenuine, "verify"));
}

/// The DID document with another key for badges than the one that signs.
fn did_document_of(issuer: &Issuer, badge: &IssuerKey) -> Value {
    let method = |id: &str, key: &IssuerKey| json!({"id": format!("{DID}#{id}"), "type": "JsonWebKey", "controller": DID, "publicKeyJwk": key.public().to_jwk()});
    json!({"@context": ["https://www.w3.org/ns/did/v1"], "id": DID,
        "verificationMethod": [method("key-1", &issuer.key), method("badge", badge)],
        "assertionMethod": [format!("{DID}#key-1"), format!("{DID}#badge")]})
}

#[test]
fn security_c15_a_credential_bound_to_another_holder_or_to_nobody_is_refused() {
    for id in ["mc", "badge"] {
        let mut issuer = Issuer::new();
        issuer.offer = offer_of(&[id], None);
        issuer.other_holder = Some(stranger().public());
        assert_eq!(fails(&mut issuer), (ErrorKind::CredentialNotYours, "verify"), "{id}");
        let mut issuer = Issuer::new();
        issuer.offer = offer_of(&[id], None);
        issuer.change = Box::new(|claims| {
            members(claims).remove("cnf");
            if let Some(subject) = claims.get_mut("credentialSubject") {
                members(subject).remove("id");
            }
        });
        assert_eq!(fails(&mut issuer), (ErrorKind::CredentialNotYours, "verify"), "{id}");
    }
}

#[test]
fn a_credential_outside_its_dates_is_refused() {
    let cases: [(&str, Change, ErrorKind); 4] = [
        ("mc", |claims| claims["exp"] = json!(now().as_second() - 3600), ErrorKind::CredentialExpired),
        ("mc", |claims| claims["nbf"] = json!(now().as_second() + 3600), ErrorKind::CredentialNotYetValid),
        ("badge", |badge| badge["validUntil"] = json!("2026-03-01T00:00:00Z"), ErrorKind::CredentialExpired),
        ("badge", |badge| badge["validFrom"] = json!("2027-03-01T00:00:00Z"), ErrorKind::CredentialNotYetValid),
    ];
    for (id, change, kind) in cases {
        let mut issuer = Issuer::new();
        issuer.offer = offer_of(&[id], None);
        issuer.change = Box::new(change);
        assert_eq!(fails(&mut issuer), (kind, "verify"), "{id}");
    }
}

#[test]
fn security_c16_a_credential_of_another_type_or_format_than_offered_is_refused() {
    let mut issuer = Issuer::new();
    issuer.change = Box::new(|claims| claims["vct"] = json!("https://issuer.example/vct/other"));
    assert_eq!(fails(&mut issuer), (ErrorKind::CredentialNotAsOffered, "verify"));
    let mut issuer = Issuer::new();
    issuer.offer = offer_of(&["badge"], None);
    issuer.change = Box::new(|badge| badge["type"] = json!(["VerifiableCredential"]));
    assert_eq!(fails(&mut issuer), (ErrorKind::CredentialNotAsOffered, "verify"));
    let mut issuer = Issuer::new();
    let badge = issuer.badge(&stranger().public());
    issuer.shuffle = Box::new(move |credentials| *credentials = vec![badge.clone()]);
    assert_eq!(fails(&mut issuer), (ErrorKind::CredentialNotAsOffered, "verify"));
}

fn batch_fails(issuer: &mut Issuer) -> ReceiveError {
    let source = OfferSource::Value(issuer.offer.clone());
    play(issuer, source, 3, willing(&[TX_CODE])).unwrap_err()
}

#[test]
fn security_c17_more_or_repeated_copies_are_refused() {
    let mut issuer = Issuer::new();
    issuer.shuffle = Box::new(|credentials| credentials.push(credentials[0].clone()));
    assert!(matches!(batch_fails(&mut issuer), ReceiveError::TooManyCopies { asked: 3, came: 4 }));
    let mut issuer = Issuer::new();
    issuer.shuffle = Box::new(|credentials| credentials[1] = credentials[0].clone());
    assert!(matches!(batch_fails(&mut issuer), ReceiveError::Repeated));
}

#[test]
fn security_c17_copies_bound_to_one_key_are_refused() {
    let mut issuer = Issuer::new();
    // Each copy is signed apart, so the bytes differ and the key does not.
    issuer.other_holder = Some(stranger().public());
    assert_eq!(batch_fails(&mut issuer).kind(), ErrorKind::CredentialNotYours);
    let mut issuer = Issuer::new();
    issuer.one_key = true;
    assert!(matches!(batch_fails(&mut issuer), ReceiveError::Repeated));
}

#[test]
fn copies_that_do_not_say_the_same_are_refused() {
    let mut issuer = Issuer::new();
    let count = std::cell::Cell::new(0);
    issuer.change = Box::new(move |claims| {
        count.set(count.get() + 1);
        claims["achievement"]["ects"] = json!(count.get());
    });
    let error = batch_fails(&mut issuer);
    assert_eq!((error.kind(), error.step()), (ErrorKind::CredentialNotAsOffered, "verify"));
}

#[test]
fn a_credential_that_cannot_be_read_is_refused() {
    for text in ["hello", "a.b.c~", "", "{}"] {
        let mut issuer = Issuer::new();
        issuer.shuffle = Box::new(move |credentials| *credentials = vec![IssuedCredential::Text(text.to_owned())]);
        let (_, step) = fails(&mut issuer);
        assert_eq!(step, "credential", "{text}");
    }
}

#[test]
fn a_key_that_cannot_be_had_leaves_the_credential_unchecked_and_not_kept() {
    let mut issuer = Issuer::new();
    issuer.twist = at("/.well-known/did.json", || reply(503, &json!({})));
    assert_eq!(fails(&mut issuer), (ErrorKind::CredentialUncheckable, "verify"));
}

#[test]
fn a_promise_without_a_place_to_ask_again_is_named_as_not_supported() {
    let mut issuer = Issuer::new();
    members(&mut issuer.metadata).remove("deferred_credential_endpoint");
    issuer.twist = at("/credential", || reply(202, &json!({"transaction_id": "t", "interval": 5})));
    assert_eq!(fails(&mut issuer), (ErrorKind::OfferUnsupported, "credential"));
}

#[test]
fn security_c24_a_credential_response_cut_short_anywhere_is_never_half_kept() {
    let issuer = Issuer::new();
    let whole = leerpas_openid::vci::CredentialResponse {
        credentials: vec![issuer.microcredential(&stranger().public())],
        notification_id: None,
    };
    let whole = whole.to_json().to_string().into_bytes();
    for end in (0..whole.len()).step_by(97) {
        let cut = whole[..end].to_vec();
        let mut issuer = Issuer::new();
        issuer.twist = at("/credential", move || Ok(Reply::new(200, Some("application/json"), cut.clone())));
        assert_eq!(fails(&mut issuer), (ErrorKind::ReplyUnreadable, "credential"));
    }
}

#[test]
fn one_network_failure_ends_the_rest_and_keeps_what_was_had() {
    let mut issuer = Issuer::new();
    issuer.offer = offer_of(&["badge", "mc"], None);
    let mut calls = 0;
    issuer.twist = Box::new(move |exchange| {
        if exchange.url.path() != "/credential" {
            return None;
        }
        calls += 1;
        let host = "issuer.example".to_owned();
        (calls > 1).then_some(Err(Fault::TimedOut { host, seconds: 60, sent: true }))
    });
    let received = receive(&mut issuer).unwrap();
    assert_eq!(received.cards.len(), 1);
    assert_eq!(received.failed[0].error.kind(), ErrorKind::TimedOut);
}

#[test]
fn an_answer_that_does_not_fit_the_question_is_a_fault_of_the_caller() {
    let mut issuer = Issuer::new();
    let source = OfferSource::Value(issuer.offer.clone());
    let error = play(&mut issuer, source, 1, |_| Answer::Keep).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(issuer.log.is_empty());
}
