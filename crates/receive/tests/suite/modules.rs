//! The modules for wallets of the OpenID Foundation's conformance suite, each under its own name and with what it does:
//! `oid4vci-1_0-wallet-…`; and the rules of OpenID4VCI 1.0 that no other file has.

use std::{cell::RefCell, rc::Rc};

use crate::encrypted::{demand, sealed};
use crate::issuer::*;
use leerpas_core::{Body, ErrorKind, Exchange, Purpose, Reply};
use leerpas_credential::{
    jose::{DecryptionKey, decode_base64url, encrypt},
    keys::IssuerKey,
    read::read,
    report::Verdict,
};
use leerpas_receive::{Answer, Errand, OfferSource, Question, Returned};
use serde_json::{Value, json};

/// What the issuer heard afterwards: what goes out with the end of the flow, and what was sent on the way.
fn bodies<'e>(told: impl Iterator<Item = &'e Exchange>) -> Vec<Value> {
    told.filter(|exchange| exchange.url.path() == "/notification")
        .map(|exchange| match &exchange.body {
            Body::Json(body) => body.clone(),
            other => panic!("JSON, not {other:?}"),
        })
        .collect()
}

/// By code and by sign-in, at once and later, in clear and encrypted.
#[test]
fn oid4vci_1_0_wallet_test_credential_issuance() {
    for (sign_in, later) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut issuer = Issuer::new();
        if sign_in {
            with_sign_in(&mut issuer, &["mc"]);
        }
        issuer.later = later.then_some((3600, 0));
        let mut received = receive(&mut issuer).unwrap();
        let card = if later {
            assert!(received.cards.is_empty());
            let held = (received.grant.unwrap(), received.later.remove(0).entitlement);
            match come_back(&mut issuer, held, Errand::Waiting, (false, now())).1.unwrap() {
                Returned::Ready { card, .. } => *card,
                _ => panic!("it is ready"),
            }
        } else {
            received.cards.remove(0)
        };
        assert_eq!(card.report.verdict, Verdict::Valid, "{sign_in} {later}: {:#?}", card.report);
        let (key, original) = &card.copies[0];
        assert_eq!(read(original).unwrap().holder_key_thumbprint(), Some(key.public().thumbprint()));
        assert_eq!(issuer.signed_in.is_some(), sign_in);
        if let Some(asked) = &issuer.signed_in {
            assert!(asked.contains(&("issuer_state".to_owned(), "eyJhbGciOiJ".to_owned())));
            assert!(asked.contains(&("code_challenge_method".to_owned(), "S256".to_owned())));
        }
    }
    let mut issuer = Issuer::new();
    let seen = demand(&mut issuer, sealed);
    assert_eq!(receive(&mut issuer).unwrap().cards.len(), 1);
    assert_eq!(seen.borrow().len(), 1);
}

#[test]
fn oid4vci_1_0_wallet_test_credential_issuance_notification() {
    for (keeps, event) in [(true, "credential_accepted"), (false, "credential_deleted")] {
        let mut issuer = Issuer::new();
        let source = OfferSource::Value(issuer.offer.clone());
        let mut person = willing(&[TX_CODE]);
        let received = play(&mut issuer, source, 1, |question| match question {
            Question::Keep(_) if !keeps => Answer::Decline,
            other => person(other),
        })
        .unwrap();
        let told = bodies(received.notifications.iter());
        assert_eq!(told, [json!({"notification_id": "n-mc", "event": event})]);
    }
}

#[test]
fn oid4vci_1_0_wallet_happy_path_with_scopes_without_authorization_details_in_token_response() {
    let mut issuer = Issuer::new();
    with_sign_in(&mut issuer, &["mc"]);
    issuer.metadata["credential_configurations_supported"]["mc"]["scope"] = json!("mc_scope");
    assert_eq!(receive(&mut issuer).unwrap().cards.len(), 1);
    let asked = issuer.signed_in.as_ref().unwrap();
    assert!(asked.contains(&("scope".to_owned(), "mc_scope".to_owned())));
    assert!(!asked.iter().any(|(name, _)| name == "authorization_details"));
    let request = issuer.log.iter().find(|exchange| exchange.url.path() == "/credential").unwrap();
    let Body::Json(body) = &request.body else { panic!("JSON") };
    assert_eq!(body["credential_configuration_id"], "mc");
    assert!(body.get("credential_identifier").is_none());
}

/// A batch comes back in another order: each credential is kept with the key that it is bound to.
#[test]
fn oid4vci_1_0_wallet_test_batch_credential_issuance() {
    let mut issuer = Issuer::new();
    issuer.shuffle = Box::new(|credentials| credentials.reverse());
    let source = OfferSource::Value(issuer.offer.clone());
    let received = play(&mut issuer, source, 3, willing(&[TX_CODE])).unwrap();
    let copies = &received.cards[0].copies;
    assert_eq!(copies.len(), 3);
    for (key, original) in copies {
        assert_eq!(read(original).unwrap().holder_key_thumbprint(), Some(key.public().thumbprint()));
    }
}

/// A wallet that nobody attests: an issuer that wants an attestation, with or without a challenge, is told apart before
/// anything is spent.
#[test]
fn without_an_attestation_a_server_that_wants_one_is_not_asked_for_a_challenge() {
    let mut issuer = Issuer::new();
    with_sign_in(&mut issuer, &["mc"]);
    issuer.server["token_endpoint_auth_methods_supported"] = json!(["attest_jwt_client_auth"]);
    issuer.server["challenge_endpoint"] = json!("https://issuer.example/challenge");
    assert_eq!(receive(&mut issuer).unwrap_err().kind(), ErrorKind::ApprovalNeeded);
    assert_eq!(issuer.count(Purpose::Token) + issuer.count(Purpose::Authorization), 0);
    assert!(!issuer.paths().contains(&"/challenge"));
}

#[test]
fn vci_11_1_one_copy_that_fails_is_a_failure_of_all() {
    let mut issuer = Issuer::new();
    issuer.one_key = true;
    let source = OfferSource::Value(issuer.offer.clone());
    assert!(play(&mut issuer, source, 3, willing(&[TX_CODE])).is_err());
    assert_eq!(bodies(issuer.log.iter()), [json!({"notification_id": "n-mc", "event": "credential_failure"})]);
}

#[test]
fn vci_10_a_request_names_the_key_that_it_is_encrypted_for() {
    let mut issuer = Issuer::new();
    demand(&mut issuer, sealed);
    receive(&mut issuer).unwrap();
    let request = issuer.log.iter().find(|exchange| exchange.url.path() == "/credential").unwrap();
    let Body::Jwt(token) = &request.body else { panic!("a token") };
    let header: Value = serde_json::from_slice(&decode_base64url(token.split('.').next().unwrap()).unwrap()).unwrap();
    assert_eq!((&header["kid"], &header["alg"], &header["enc"]), (&json!("r1"), &json!("ECDH-ES"), &json!("A256GCM")));
}

#[test]
fn vci_7_2_a_nonce_for_dpop_that_comes_with_the_nonce_spares_a_refusal() {
    let credential_requests = |along: bool| {
        let mut issuer = Issuer::new();
        issuer.server["dpop_signing_alg_values_supported"] = json!(["ES256"]);
        issuer.binds_tokens = true;
        issuer.twist = at("/nonce", move || {
            let nonce = along.then(|| "dpop-/credential".to_owned());
            reply(200, &json!({"c_nonce": "nonce-0"})).map(|reply| Reply { dpop_nonce: nonce.clone(), ..reply })
        });
        receive(&mut issuer).unwrap();
        issuer.log.iter().filter(|exchange| exchange.url.path() == "/credential").count()
    };
    assert_eq!((credential_requests(true), credential_requests(false)), (1, 2));
}

#[test]
fn vci_a_1_3_a_token_of_the_older_model_may_be_called_one_with_json_ld() {
    let mut issuer = Issuer::new();
    issuer.metadata["credential_configurations_supported"]["jwt_vc_json"]["format"] = json!("jwt_vc_json-ld");
    issuer.offer = offer_of(&["jwt_vc_json"], None);
    assert_eq!(receive(&mut issuer).unwrap().cards[0].report.format.as_str(), "jwt_vc_json");
}

/// A credential that is bound to nobody is nobody's own: it is told apart before a code is spent.
#[test]
fn vci_8_1_a_credential_without_a_holder_is_not_collected() {
    let mut issuer = Issuer::new();
    let known = members(&mut issuer.metadata["credential_configurations_supported"]["mc"]);
    known.remove("cryptographic_binding_methods_supported");
    known.remove("proof_types_supported");
    assert_eq!(receive(&mut issuer).unwrap_err().kind(), ErrorKind::OfferUnsupported);
    assert_eq!(issuer.count(Purpose::Token), 0);
}

/// An issuer that demands encryption both ways and hands out later: what is asked for later is encrypted as well, for a
/// key of its own.
#[test]
fn vci_9_1_what_is_asked_for_later_is_encrypted_too() {
    let mut issuer = Issuer::new();
    let key = DecryptionKey::draw(&leerpas_core::OsEntropy);
    issuer.metadata["credential_request_encryption"] = json!({"jwks": {"keys": [key.public_jwk("r1")]},
        "enc_values_supported": ["A128GCM"], "encryption_required": true});
    issuer.metadata["credential_response_encryption"] = json!({"alg_values_supported": ["ECDH-ES"],
        "enc_values_supported": ["A128GCM"], "encryption_required": true});
    let mut inner = Issuer::new();
    inner.later = Some((3600, 0));
    issuer.key = IssuerKey::from_pem(inner.key.to_pem().unwrap().expose()).unwrap();
    let seen: Rc<RefCell<Vec<Value>>> = Rc::default();
    let notes = Rc::clone(&seen);
    issuer.twist = Box::new(move |exchange| match exchange.url.path() {
        "/nonce" => Some(inner.answer(exchange)),
        "/credential" | "/deferred" => {
            let Body::Jwt(token) = &exchange.body else { panic!("it is encrypted") };
            let mut request: Value = serde_json::from_slice(&key.decrypt(token).unwrap()).unwrap();
            let asked = members(&mut request).remove("credential_response_encryption").unwrap();
            let plain = inner.answer(&Exchange { body: Body::Json(request), ..exchange.clone() }).unwrap();
            let token = encrypt(&plain.body, &asked["jwk"], asked["enc"].as_str().unwrap()).unwrap();
            notes.borrow_mut().push(asked["jwk"]["x"].clone());
            Some(Ok(Reply::new(plain.status, Some("application/jwt"), token.into_bytes())))
        }
        _ => None,
    });
    let mut received = receive(&mut issuer).unwrap();
    let held = (received.grant.unwrap(), received.later.remove(0).entitlement);
    let (_, outcome) = come_back(&mut issuer, held, Errand::Waiting, (false, now()));
    let Returned::Ready { card, .. } = outcome.unwrap() else { panic!("it is ready") };
    assert_eq!(card.report.verdict, Verdict::Valid, "{:#?}", card.report);
    let seen = seen.borrow();
    assert_eq!(seen.len(), 2);
    assert_ne!(seen[0], seen[1], "a key for each response");
}
