//! Encrypted credential requests and responses (OpenID4VCI 1.0, 10).

use std::{cell::RefCell, rc::Rc};

use crate::issuer::*;
use leerpas_core::{Body, ErrorKind, Exchange, Fault, Purpose, Reply};
use leerpas_credential::{
    jose::{DecryptionKey, encrypt},
    report::Verdict,
};
use leerpas_openid::vci::ErrorCode;
use serde_json::{Value, json};

/// The plaintext requests that the issuer decrypted.
pub type Seen = Rc<RefCell<Vec<Value>>>;

/// Lets the issuer demand encryption both ways; `answer` writes the response for the key of the request.
pub fn demand(
    issuer: &mut Issuer,
    mut answer: impl FnMut(&Value, Result<Reply, Fault>) -> Result<Reply, Fault> + 'static,
) -> Seen {
    let key = DecryptionKey::draw(&leerpas_core::OsEntropy);
    issuer.metadata["credential_request_encryption"] = json!({"jwks": {"keys": [key.public_jwk("r1")]},
        "enc_values_supported": ["A256GCM"], "encryption_required": true});
    issuer.metadata["credential_response_encryption"] = json!({"alg_values_supported": ["ECDH-ES"],
        "enc_values_supported": ["A128GCM", "A256GCM"], "encryption_required": true});
    let mut inner = Issuer::new();
    inner.offer = issuer.offer.clone();
    let pem = inner.key.to_pem().unwrap();
    issuer.key = leerpas_credential::keys::IssuerKey::from_pem(pem.expose()).unwrap();
    let seen = Seen::default();
    let notes = seen.clone();
    issuer.twist = Box::new(move |exchange| match exchange.url.path() {
        "/nonce" => Some(inner.answer(exchange)),
        "/credential" => {
            let Body::Jwt(token) = &exchange.body else { panic!("the request is encrypted") };
            let request: Value = serde_json::from_slice(&key.decrypt(token).unwrap()).unwrap();
            notes.borrow_mut().push(request.clone());
            let plain = inner.answer(&Exchange { body: Body::Json(request.clone()), ..exchange.clone() });
            Some(answer(&request["credential_response_encryption"], plain))
        }
        _ => None,
    });
    seen
}

/// The response as it should be: encrypted to the key that was asked for.
pub fn sealed(asked: &Value, plain: Result<Reply, Fault>) -> Result<Reply, Fault> {
    let enc = asked["enc"].as_str().unwrap();
    let token = encrypt(&plain?.body, &asked["jwk"], enc).unwrap();
    Ok(Reply::new(200, Some("application/jwt"), token.into_bytes()))
}

#[test]
fn vci_10_a_card_is_collected_with_request_and_response_encrypted() {
    let mut issuer = Issuer::new();
    let seen = demand(&mut issuer, sealed);
    let received = receive(&mut issuer).unwrap();
    assert_eq!(received.cards[0].report.verdict, Verdict::Valid, "{:#?}", received.cards[0].report);
    let asked = &seen.borrow()[0]["credential_response_encryption"];
    assert_eq!(asked["enc"], "A256GCM");
    assert_eq!((&asked["jwk"]["alg"], &asked["jwk"]["use"]), (&json!("ECDH-ES"), &json!("enc")));
    assert!(asked["jwk"].get("d").is_none() && asked.get("zip").is_none());
}

#[test]
fn vci_8_2_each_response_has_a_key_of_its_own() {
    let mut issuer = Issuer::new();
    issuer.offer = offer_of(&["mc", "badge"], None);
    let mut first = true;
    let seen = demand(&mut issuer, move |asked, plain| {
        // The first request is refused once, so that it is asked again.
        if std::mem::take(&mut first) { refusal(ErrorCode::InvalidNonce) } else { sealed(asked, plain) }
    });
    receive(&mut issuer).unwrap();
    let mut keys: Vec<_> =
        seen.borrow().iter().map(|one| one["credential_response_encryption"]["jwk"]["x"].to_string()).collect();
    assert_eq!(keys.len(), 3);
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 3);
}

#[test]
fn security_c21_a_response_that_is_not_encrypted_or_for_another_key_is_refused() {
    type Answer = fn(&Value, Result<Reply, Fault>) -> Result<Reply, Fault>;
    let rows: [(&str, Answer); 6] = [
        ("as it is", |_, plain| plain),
        ("as it is, under the other label", |_, plain| {
            plain.map(|reply| Reply { media_type: Some("application/jwt".to_owned()), ..reply })
        }),
        ("encrypted, under the wrong label", |asked, plain| {
            sealed(asked, plain).map(|reply| Reply { media_type: Some("application/json".to_owned()), ..reply })
        }),
        ("for another key", |asked, plain| {
            let other = DecryptionKey::draw(&leerpas_core::OsEntropy).public_jwk("1");
            sealed(&json!({"jwk": other, "enc": asked["enc"]}), plain)
        }),
        ("cut short", |asked, plain| {
            sealed(asked, plain).map(|mut reply| {
                reply.body.truncate(reply.body.len() / 2);
                reply
            })
        }),
        ("with a part changed", |asked, plain| {
            sealed(asked, plain).map(|mut reply| {
                let last = reply.body.len() - 40;
                reply.body[last] = if reply.body[last] == b'A' { b'B' } else { b'A' };
                reply
            })
        }),
    ];
    for (name, answer) in rows {
        let mut issuer = Issuer::new();
        demand(&mut issuer, answer);
        let error = receive(&mut issuer).unwrap_err();
        assert_eq!((error.kind(), error.step()), (ErrorKind::ReplyUnreadable, "credential"), "{name}: {error}");
        assert_eq!(issuer.count(Purpose::Credential), 1, "{name}");
    }
}

#[test]
fn vci_8_3_1_an_error_is_read_though_it_is_not_encrypted() {
    let mut issuer = Issuer::new();
    demand(&mut issuer, |_, _| refusal(ErrorCode::CredentialRequestDenied));
    let error = receive(&mut issuer).unwrap_err();
    assert!(error.to_string().contains("credential_request_denied"), "{error}");
}

#[test]
fn vci_8_2_an_issuer_that_encrypts_only_responses_is_refused_before_a_code_is_spent() {
    let mut issuer = Issuer::new();
    demand(&mut issuer, sealed);
    members(&mut issuer.metadata).remove("credential_request_encryption");
    let error = receive(&mut issuer).unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::OfferUnsupported, "metadata"));
    assert_eq!(issuer.count(Purpose::Token), 0);
}
