//! Issuers that speak draft 13 or draft 15 of OpenID4VCI, in the shapes of Dutch software.

use crate::issuer::*;
use leerpas_core::{Body, Exchange, Purpose, Reply, SignedDuration};
use leerpas_credential::report::Verdict;
use leerpas_openid::vci::{
    self, CredentialReply, CredentialRequest, CredentialResponse, ErrorCode, IssuedCredential, Target,
};
use leerpas_receive::{Entitlement, Errand, HeldGrant, OfferSource, Returned};
use serde_json::{Value, json};

/// What an older issuer does otherwise.
#[derive(Clone, Copy)]
struct Older {
    /// The nonce comes along with the token.
    with_token: bool,
    /// The nonce comes along with the refusal of the first proof.
    with_refusal: bool,
    /// The request has to be in the form of draft 13.
    by_format: bool,
    /// The credential stands bare in the response.
    bare: bool,
}

/// Lets an issuer speak an older draft: it reads and writes the older form, and leaves the rest to the right issuer.
fn speak(issuer: &mut Issuer, how: Older) {
    members(&mut issuer.metadata).remove("nonce_endpoint");
    members(&mut issuer.metadata).remove("batch_credential_issuance");
    for (_, known) in members(&mut issuer.metadata["credential_configurations_supported"]) {
        let metadata = members(known).remove("credential_metadata").unwrap();
        known["display"] = metadata["display"].clone();
        known["claims"] = json!({"achievement": {"ects": {"display": [{"name": "Studielast", "locale": "nl"}]}}});
        if known["format"] == "dc+sd-jwt" {
            known["format"] = json!("vc+sd-jwt");
        }
    }
    let mut given = how.with_token.then(|| "older-1".to_owned());
    let mut inner = Issuer::new();
    inner.offer = issuer.offer.clone();
    inner.metadata["nonce_endpoint"] = json!("https://issuer.example/nonce");
    issuer.key = leerpas_credential::keys::IssuerKey::from_pem(inner.key.to_pem().unwrap().expose()).unwrap();
    issuer.badge_key =
        leerpas_credential::keys::IssuerKey::from_pem(inner.badge_key.to_pem().unwrap().expose()).unwrap();
    issuer.twist = Box::new(move |exchange| match exchange.url.path() {
        "/token" => {
            let answer = inner.answer(exchange);
            let mut body = json_of(&answer.clone().unwrap());
            if how.with_token && body.get("access_token").is_some() {
                body["c_nonce"] = json!("older-1");
                body["c_nonce_expires_in"] = json!(300);
            }
            Some(answer.map(|reply| Reply { body: body.to_string().into_bytes(), ..reply }))
        }
        "/credential" => {
            let Some(nonce) = given.clone() else {
                assert!(how.with_refusal, "no nonce was ever given");
                given = Some("older-1".to_owned());
                return Some(reply(
                    400,
                    &json!({"error": "invalid_proof", "c_nonce": "older-1", "c_nonce_expires_in": 9}),
                ));
            };
            Some(credential(&mut inner, exchange, how, &nonce))
        }
        _ => None,
    });
}

fn json_of(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

/// Reads a request in the older form, has a new-style issuer answer it, and writes the answer in the older form.
fn credential(inner: &mut Issuer, exchange: &Exchange, how: Older, nonce: &str) -> Result<Reply, leerpas_core::Fault> {
    let Body::Json(body) = &exchange.body else { panic!("JSON") };
    if how.by_format && (body.get("credential_configuration_id").is_some() || body.get("format").is_none()) {
        return refusal(ErrorCode::InvalidCredentialRequest);
    }
    let Some(proof) = body.get("proof") else { return refusal(ErrorCode::InvalidCredentialRequest) };
    assert_eq!(proof["proof_type"], "jwt");
    let id = match body["format"].as_str() {
        Some("vc+sd-jwt") => {
            assert_eq!(body["vct"], VCT);
            "mc"
        }
        Some("ldp_vc") => {
            assert_eq!(body["credential_definition"]["type"], json!(["VerifiableCredential", "OpenBadgeCredential"]));
            "badge"
        }
        Some(other) => panic!("{other}"),
        None => body["credential_configuration_id"].as_str().unwrap(),
    };
    let proof = proof["jwt"].as_str().unwrap();
    let claims = leerpas_credential::jose::Jws::parse(proof).unwrap().claims().unwrap();
    assert_eq!(claims["nonce"], nonce);
    let key = inner.holder_of(proof);
    let made = if id == "badge" { inner.badge(&key) } else { inner.microcredential(&key) };
    let one = match made {
        IssuedCredential::Text(text) => json!(text),
        IssuedCredential::Object(object) => Value::Object(object),
    };
    reply(200, &if how.bare { json!({"credential": one, "c_nonce": "older-1"}) } else { json!({"credentials": [one]}) })
}

const DRAFT_13: Older = Older { with_token: true, with_refusal: false, by_format: true, bare: true };

#[test]
fn draft_13_a_card_and_a_badge_are_collected_with_the_nonce_of_the_token() {
    for id in ["mc", "badge"] {
        let mut issuer = Issuer::new();
        issuer.offer = offer_of(&[id], None);
        speak(&mut issuer, DRAFT_13);
        let received = receive(&mut issuer).unwrap();
        assert_eq!(received.cards[0].report.verdict, Verdict::Valid, "{id}: {:#?}", received.cards[0].report);
        assert_eq!(received.edition.as_str(), "draft 13");
        assert_eq!((issuer.count(Purpose::Nonce), issuer.count(Purpose::Credential)), (0, 1));
        assert!(received.cards[0].facts.labels.iter().any(|label| label.path == "achievement.ects"));
    }
}

#[test]
fn draft_13_two_credentials_in_one_offer_are_each_asked_for() {
    let mut issuer = Issuer::new();
    issuer.offer = offer_of(&["mc", "badge"], None);
    speak(&mut issuer, DRAFT_13);
    let received = receive(&mut issuer).unwrap();
    assert_eq!((received.cards.len(), received.failed.len()), (2, 0), "{:?}", received.failed);
}

#[test]
fn draft_14_a_nonce_that_comes_with_the_refusal_is_used_once() {
    let mut issuer = Issuer::new();
    speak(&mut issuer, Older { with_token: false, with_refusal: true, bare: false, ..DRAFT_13 });
    assert_eq!(receive(&mut issuer).unwrap().cards.len(), 1);
    assert_eq!(issuer.count(Purpose::Credential), 2);
}

#[test]
fn draft_13_a_refusal_for_ever_ends_after_one_more_try() {
    let mut issuer = Issuer::new();
    speak(&mut issuer, DRAFT_13);
    issuer.twist = at("/credential", || reply(400, &json!({"error": "invalid_proof", "c_nonce": "n"})));
    assert!(receive(&mut issuer).is_err());
    assert_eq!(issuer.count(Purpose::Credential), 2);
}

#[test]
fn draft_15_one_proof_alone_is_tried_after_the_refusal_of_the_list() {
    let mut issuer = Issuer::new();
    for (_, known) in members(&mut issuer.metadata["credential_configurations_supported"]) {
        let metadata = members(known).remove("credential_metadata").unwrap();
        known["display"] = metadata["display"].clone();
        known["claims"] = metadata["claims"].clone();
    }
    // Reads `proof` and nothing else; the rest is as in 1.0.
    let mut inner = Issuer::new();
    inner.metadata = issuer.metadata.clone();
    inner.offer = issuer.offer.clone();
    issuer.key = leerpas_credential::keys::IssuerKey::from_pem(inner.key.to_pem().unwrap().expose()).unwrap();
    issuer.twist = Box::new(move |exchange| match exchange.url.path() {
        "/nonce" => Some(inner.answer(exchange)),
        "/credential" => {
            let Body::Json(body) = &exchange.body else { panic!("JSON") };
            let Some(proof) = body.get("proof") else { return Some(refusal(ErrorCode::InvalidProof)) };
            let target = Target::Configuration(body["credential_configuration_id"].as_str().unwrap().to_owned());
            let jwt_proofs = vec![proof["jwt"].as_str().unwrap().to_owned()];
            let request = CredentialRequest { target, jwt_proofs, di_vp_proofs: Vec::new() };
            Some(inner.answer(&Exchange { body: Body::Json(request.to_json()), ..exchange.clone() }))
        }
        _ => None,
    });
    let received = receive(&mut issuer).unwrap();
    assert_eq!(received.edition.as_str(), "draft 15");
    assert_eq!((issuer.count(Purpose::Nonce), issuer.count(Purpose::Credential)), (2, 2));
}

#[test]
fn an_issuer_of_1_0_that_refuses_is_not_asked_again_in_another_form() {
    let mut issuer = Issuer::new();
    issuer.twist = at("/credential", || refusal(ErrorCode::InvalidProof));
    assert!(receive(&mut issuer).is_err());
    assert_eq!(issuer.count(Purpose::Credential), 1);
    let received = receive(&mut Issuer::new()).unwrap();
    assert_eq!(received.edition.as_str(), "1.0");
}

#[test]
fn draft_11_an_offer_with_its_older_names_is_collected_and_its_pin_goes_under_both_names() {
    let mut issuer = Issuer::new();
    let grant = json!({"pre-authorized_code": CODE, "user_pin_required": true});
    let older =
        json!({"credential_issuer": ISSUER, "credentials": ["mc"], "grants": {vci::PRE_AUTHORIZED_CODE: grant}});
    let received = play(&mut issuer, OfferSource::Value(older), 1, willing(&[TX_CODE])).unwrap();
    assert_eq!(received.cards.len(), 1);
    let sent = issuer.log.iter().find(|exchange| exchange.purpose == Purpose::Token).unwrap();
    let Body::Form(form) = &sent.body else { panic!("a form") };
    let codes: Vec<_> = form.iter().filter(|(_, value)| value == TX_CODE).map(|(name, _)| name.as_str()).collect();
    assert_eq!(codes, ["tx_code", "user_pin"]);
}

#[test]
fn drafts_metadata_after_the_path_are_found_where_there_are_none_before_it() {
    let mut issuer = Issuer::new();
    let (metadata, server) = (issuer.metadata.clone(), issuer.server.clone());
    issuer.twist = Box::new(move |exchange| match exchange.url.path() {
        "/.well-known/openid-credential-issuer/tenant" | "/.well-known/oauth-authorization-server/tenant" => {
            Some(Ok(Reply::new(404, None, Vec::new())))
        }
        "/tenant/.well-known/openid-credential-issuer" => Some(reply(200, &metadata)),
        "/tenant/.well-known/openid-configuration" => Some(reply(200, &server)),
        _ => None,
    });
    assert_eq!(receive(&mut issuer).unwrap().cards.len(), 1);
    assert_eq!(issuer.count(Purpose::Metadata), 4);
    // Nothing at either place is an end, not a loop.
    issuer.log.clear();
    issuer.twist =
        Box::new(|exchange| (exchange.purpose == Purpose::Metadata).then(|| Ok(Reply::new(404, None, Vec::new()))));
    assert!(receive(&mut issuer).is_err());
    assert_eq!(issuer.count(Purpose::Metadata), 2);
}

#[test]
fn a_response_with_more_than_one_form_is_held_to_the_same_checks() {
    let mut issuer = Issuer::new();
    issuer.twist = at("/credential", || reply(200, &json!({"credential": "not.a.credential"})));
    assert!(receive(&mut issuer).is_err());
    let text = json!({"credentials": [{"credential": "a"}], "credential": "b"}).to_string();
    assert_eq!(CredentialResponse::parse(text.as_bytes()).unwrap().credentials.len(), 1);
}

#[test]
fn drafts_11_and_12_a_card_that_comes_later_is_fetched_with_a_token_of_its_own() {
    let mut issuer = Issuer::new();
    let mut asked = 0;
    issuer.metadata["deferred_credential_endpoint"] = json!("https://issuer.example/deferred");
    issuer.twist = Box::new(move |exchange| match exchange.url.path() {
        "/credential" if asked == 0 => {
            Some(reply(200, &json!({"acceptance_token": "canary-acceptance", "interval": 7})))
        }
        "/deferred" => {
            asked += 1;
            assert_eq!((exchange.bearer.as_deref(), &exchange.body), (Some("canary-acceptance"), &Body::Empty));
            let pending = json!({"error": "issuance_pending", "interval": 900});
            Some(if asked == 1 { reply(400, &pending) } else { reply(200, &json!({"credential": "no.credential"})) })
        }
        _ => None,
    });
    let mut received = receive(&mut issuer).unwrap();
    let (grant, later) = (received.grant.unwrap(), received.later.remove(0));
    assert_eq!((received.cards.len(), later.ask_after), (0, now() + SignedDuration::from_secs(7)));
    assert!(!format!("{later:?} {grant:?}").contains("canary"));

    // It is kept as it is, and asked about with the wait that the error names.
    let held = |grant: &HeldGrant, entitlement: &Entitlement| {
        (
            HeldGrant::from_secret(&grant.to_secret()).unwrap(),
            Entitlement::from_secret(&entitlement.to_secret()).unwrap(),
        )
    };
    let (_, back) = come_back(&mut issuer, held(&grant, &later.entitlement), Errand::Waiting, (false, now()));
    let Ok(Returned::NotYet(later)) = back else { panic!("it takes longer") };
    assert_eq!(later.ask_after, now() + SignedDuration::from_secs(900));
    // What comes is held to the same checks as any credential.
    let (_, back) = come_back(&mut issuer, held(&grant, &later.entitlement), Errand::Waiting, (false, now()));
    assert!(back.is_err());
}

#[test]
fn drafts_11_and_12_a_token_that_could_not_be_sent_is_refused_and_a_credential_beside_it_is_taken() {
    for bad in [json!(""), json!(7), json!("a b"), json!("a\r\nb"), json!("x".repeat(1_000_000))] {
        let mut issuer = Issuer::new();
        let body = json!({"acceptance_token": bad});
        issuer.twist = at("/credential", move || reply(200, &body));
        assert!(receive(&mut issuer).is_err());
    }
    let token = |body: &str| CredentialReply::read(body.as_bytes()).unwrap().acceptance_token().unwrap();
    assert_eq!(token(r#"{"credential":"a","acceptance_token":"t"}"#), None);
    assert_eq!(token(r#"{"transaction_id":"t","acceptance_token":"t"}"#), None);
    assert_eq!(token(r#"{"acceptance_token":"t","interval":7}"#), Some(("t".to_owned(), 7)));
}
