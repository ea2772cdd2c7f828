//! The sign-in in the browser, and tokens that only this wallet can use.

use crate::issuer::{ISSUER, Issuer, REDIRECT_URI, at, play, receive, refusal, reply, willing, with_sign_in};
use leerpas_core::{ErrorKind, Purpose};
use leerpas_openid::vci::ErrorCode;
use leerpas_receive::{Answer, OfferSource, Question};
use serde_json::json;

fn asked(issuer: &Issuer, name: &str) -> Option<String> {
    let asked = issuer.signed_in.as_ref().unwrap();
    asked.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

#[test]
fn oid4vci_1_0_wallet_test_credential_issuance_with_a_pushed_sign_in() {
    let mut issuer = Issuer::new();
    with_sign_in(&mut issuer, &["mc", "badge"]);
    issuer.metadata["credential_configurations_supported"]["badge"]["scope"] = json!("badge_scope");
    let received = receive(&mut issuer).unwrap();
    assert_eq!(received.cards.len(), 2);
    assert_eq!(asked(&issuer, "issuer_state").as_deref(), Some("eyJhbGciOiJ"));
    assert_eq!(asked(&issuer, "redirect_uri").as_deref(), Some(REDIRECT_URI));
    assert_eq!(asked(&issuer, "scope").as_deref(), Some("badge_scope"));
    assert_eq!(asked(&issuer, "resource").as_deref(), Some(ISSUER));
    let details: serde_json::Value = serde_json::from_str(&asked(&issuer, "authorization_details").unwrap()).unwrap();
    assert_eq!(details, json!([{"type": "openid_credential", "credential_configuration_id": "mc"}]));
    assert_eq!(issuer.count(Purpose::Authorization), 1);
}

#[test]
fn without_a_place_to_push_it_the_request_goes_with_the_browser() {
    let mut issuer = Issuer::new();
    with_sign_in(&mut issuer, &["mc"]);
    issuer.server.as_object_mut().unwrap().remove("pushed_authorization_request_endpoint");
    issuer.metadata["authorization_servers"] = json!([ISSUER]);
    assert_eq!(receive(&mut issuer).unwrap().cards.len(), 1);
    assert_eq!(issuer.count(Purpose::Authorization), 0);
    // With servers of its own the issuer is named in each detail (OpenID4VCI 1.0, 5.1.1).
    assert!(asked(&issuer, "authorization_details").unwrap().contains("locations"));
}

#[test]
fn the_person_sees_beforehand_where_they_will_sign_in() {
    let mut issuer = Issuer::new();
    with_sign_in(&mut issuer, &["mc"]);
    let source = OfferSource::Value(issuer.offer.clone());
    let received = play(&mut issuer, source, 1, |question| match question {
        Question::Take(preview) => {
            assert_eq!(preview.sign_in.as_deref(), Some("login.example"));
            assert!(preview.code.is_none());
            Answer::Decline
        }
        _ => Answer::Contact,
    })
    .unwrap();
    assert!(received.declined && issuer.signed_in.is_none());
}

#[test]
fn security_c07_c08_an_answer_of_another_sign_in_or_server_gets_no_token() {
    let twists: [fn(String) -> String; 5] = [
        |query| query.replace("state=", "state=x"),
        |query| query.replace("iss=", "iss=x"),
        |query| query.split("&iss").next().unwrap().to_owned(),
        |query| format!("{query}&code=another"),
        |_| String::new(),
    ];
    for twist in twists {
        let mut issuer = Issuer::new();
        with_sign_in(&mut issuer, &["mc"]);
        issuer.comes_back = Box::new(twist);
        let error = receive(&mut issuer).unwrap_err();
        assert_eq!((error.kind(), error.step()), (ErrorKind::OtherSideFailed, "authorization"));
        assert_eq!(issuer.count(Purpose::Token), 0);
    }
    let mut issuer = Issuer::new();
    with_sign_in(&mut issuer, &["mc"]);
    issuer.comes_back = Box::new(|query| query.replace("code=", "error=access_denied&was="));
    assert_eq!(receive(&mut issuer).unwrap_err().kind(), ErrorKind::Declined);
}

#[test]
fn security_c08_a_server_that_cannot_protect_the_code_is_not_used() {
    for (name, value) in [
        ("code_challenge_methods_supported", json!(["plain"])),
        ("token_endpoint_auth_methods_supported", json!(["private_key_jwt"])),
        ("authorization_endpoint", json!(null)),
    ] {
        let mut issuer = Issuer::new();
        with_sign_in(&mut issuer, &["mc"]);
        issuer.server[name] = value;
        let error = receive(&mut issuer).unwrap_err();
        assert_eq!((error.kind(), error.step()), (ErrorKind::OfferUnsupported, "metadata"), "{name}");
        assert_eq!(issuer.count(Purpose::Authorization), 0);
    }
}

#[test]
fn rfc9449_8_tokens_are_bound_to_a_key_and_each_server_gets_its_nonce() {
    for sign_in in [true, false] {
        let mut issuer = Issuer::new();
        if sign_in {
            with_sign_in(&mut issuer, &["mc", "badge"]);
        }
        issuer.server["dpop_signing_alg_values_supported"] = json!(["EdDSA", "ES256"]);
        issuer.binds_tokens = true;
        let received = receive(&mut issuer).unwrap();
        assert_eq!(received.cards.len(), if sign_in { 2 } else { 1 });
        assert_eq!(issuer.count(Purpose::Token), 2, "once without the nonce, once with it");
        let told = &received.notifications[0];
        assert!(told.bearer.is_some() && told.dpop.is_some());
    }
}

#[test]
fn security_c23_a_server_that_never_has_enough_nonces_is_given_up() {
    let mut issuer = Issuer::new();
    issuer.server["dpop_signing_alg_values_supported"] = json!(["ES256"]);
    let mut count = 0;
    issuer.twist = at("/token", move || {
        count += 1;
        reply(400, &json!({"error": "use_dpop_nonce"}))
            .map(|reply| leerpas_core::Reply { dpop_nonce: Some(format!("n{count}")), ..reply })
    });
    let error = receive(&mut issuer).unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::OtherSideFailed, "token"));
    assert_eq!(issuer.count(Purpose::Token), 3);
}

#[test]
fn rfc9449_5_a_bound_token_that_nobody_asked_for_is_not_used() {
    let mut issuer = Issuer::new();
    issuer.twist = at("/token", || reply(200, &json!({"access_token": "t", "token_type": "DPoP"})));
    let error = receive(&mut issuer).unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::OfferUnsupported, "token"));
}

#[test]
fn a_refused_push_ends_before_the_browser_is_opened() {
    let mut issuer = Issuer::new();
    with_sign_in(&mut issuer, &["mc"]);
    issuer.twist = at("/par", || refusal(ErrorCode::InvalidRequest));
    let source = OfferSource::Value(issuer.offer.clone());
    let error = play(&mut issuer, source, 1, willing(&[])).unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::OtherSideFailed, "authorization"));
    assert!(issuer.signed_in.is_none());
}
