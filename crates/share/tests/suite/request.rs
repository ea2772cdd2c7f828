//! Who asks: what a request must be before a plan is shown.

use crate::common;
use crate::common::{NOW, REQUEST_URI, World, card, link, object, reply, sent};
use leerpas_core::{ErrorKind, Evidence, Fault, Machine, Method, Outcome, Purpose, Step, Url};
use leerpas_credential::{
    jose,
    keys::{HolderKey, IssuerKey, Signer},
    x509::Chain,
};
use leerpas_share::{Answer, HostCaution, Question, Sharing};
use serde_json::{Value, json};

fn cards(world: &World) -> Vec<leerpas_share::HeldCard> {
    let key = HolderKey::make(&world.entropy);
    vec![card("a", &world.sd_jwt(&key, |_| {}))]
}

#[track_caller]
fn refused(world: &World, jwt: &str) -> ErrorKind {
    match world.plan(jwt, cards(world)) {
        Ok(_) => panic!("this request must be refused"),
        Err(error) => {
            assert_eq!(error.step(), "request");
            error.kind()
        }
    }
}

#[test]
fn nothing_is_fetched_before_the_host_may_be_contacted() {
    let world = World::new();
    let step = Sharing::start(&link(&world.client_id()), world.context(), world.env()).unwrap();
    let Step::Ask(Question::Contact { host }, sharing) = step else { panic!("a question comes first") };
    assert_eq!(host, "desk.example");
    let (exchange, _) = sent(sharing.answer(Answer::Contact, world.env()).unwrap());
    assert_eq!((exchange.purpose, exchange.method), (Purpose::RequestObject, Method::Get));
    assert_eq!((exchange.url.as_str(), exchange.accept), (REQUEST_URI, "application/oauth-authz-req+jwt"));
}

#[test]
fn a_no_to_contact_sends_nothing_at_all() {
    let world = World::new();
    let step = Sharing::start(&link(&world.client_id()), world.context(), world.env()).unwrap();
    let Step::Ask(_, sharing) = step else { panic!("a question comes first") };
    let shared = common::done(sharing.answer(Answer::Decline, world.env()).unwrap());
    assert_eq!((shared.outcome, shared.party.evidence), (Outcome::Declined, Evidence::Claimed));
}

#[test]
fn oid4vp_1final_wallet_happy_flow_names_the_proved_requester() {
    let world = World::new();
    let (plan, sharing) = world.plan(&world.request(|_| {}), cards(&world)).unwrap();
    assert_eq!((plan.requester.name.as_str(), plan.requester.evidence), ("Werkplaats BV", Evidence::Proved));
    assert_eq!(plan.requester.identifier, world.client_id());
    assert_eq!(plan.purpose.as_deref(), Some("Sollicitatie"));
    assert_eq!(plan.retention.as_deref(), Some("30 dagen"));
    assert_eq!(plan.response_host.as_deref(), Some("desk.example"));
    assert_eq!(sharing.requester(), Some(&plan.requester));
    assert!(sharing.intent().is_none());
}

#[test]
fn a_name_that_the_requester_gives_itself_is_never_called_proved() {
    let world = World::new();
    let jwt = world.request(|c| c["client_metadata"] = json!({"client_name": "Rijksoverheid ✔ verified"}));
    let (plan, _) = world.plan(&jwt, cards(&world)).unwrap();
    assert_eq!(plan.requester.name, "Werkplaats BV");
}

#[test]
fn oid4vp_1final_wallet_negative_test_invalid_request_object_signature() {
    let world = World::new();
    let jwt = world.request(|_| {});
    let (body, signature) = jwt.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    assert_eq!(refused(&world, &format!("{body}.{first}{}", &signature[1..])), ErrorKind::RequestNotGenuine);
    let other = IssuerKey::make_p256(&world.entropy);
    let header = json!({"typ": "oauth-authz-req+jwt", "x5c": world.desk_x5c});
    assert_eq!(refused(&world, &world.signed(&header, &world.claims(|_| {}), &other)), ErrorKind::RequestNotGenuine);
}

#[test]
fn openid4vp_5_9_3_x509_hash_certificate_must_fit_and_be_trusted() {
    let world = World::new();
    let no_certificate = json!({"typ": "oauth-authz-req+jwt"});
    let jwt = world.signed(&no_certificate, &world.claims(|_| {}), &world.desk);
    assert_eq!(refused(&world, &jwt), ErrorKind::RequestNotGenuine);
    let other_certificate = json!({"typ": "oauth-authz-req+jwt", "x5c": world.issuer_x5c});
    let jwt = world.signed(&other_certificate, &world.claims(|_| {}), &world.issuer);
    assert_eq!(refused(&world, &jwt), ErrorKind::RequestNotGenuine);
    // The same desk, seen by somebody who does not know its authority.
    let mut stranger = World::new();
    stranger.trust = leerpas_credential::trust::TrustList::empty().into();
    assert_eq!(refused(&stranger, &stranger.request(|_| {})), ErrorKind::RequestNotGenuine);
    // Two years later its certificate has run out.
    let mut late = World::new();
    late.now = NOW + 2 * 366 * 86_400;
    assert_eq!(refused(&late, &late.request(|_| {})), ErrorKind::RequestNotGenuine);
}

#[test]
fn rfc9101_10_8_typ_of_the_request_object() {
    let world = World::new();
    for typ in [json!("JWT"), json!("dc+sd-jwt"), json!("OAUTH-AUTHZ-REQ+JWT"), Value::Null] {
        let header = json!({"typ": typ, "x5c": world.desk_x5c});
        assert_eq!(
            refused(&world, &world.signed(&header, &world.claims(|_| {}), &world.desk)),
            ErrorKind::RequestInvalid
        );
    }
}

#[test]
fn each_broken_rule_has_its_kind() {
    type Change = fn(&mut Value);
    let table: &[(&str, Change, ErrorKind)] = &[
        (
            "negative_test_missing_nonce",
            |c| drop(c.as_object_mut().unwrap().remove("nonce")),
            ErrorKind::RequestInvalid,
        ),
        ("negative_test_mismatched_client_id", |c| c["client_id"] = json!("x509_hash:x"), ErrorKind::RequestInvalid),
        (
            "negative_test_redirect_uri_with_direct_post",
            |c| c["redirect_uri"] = json!("https://desk.example/"),
            ErrorKind::RequestInvalid,
        ),
        (
            "negative_test_unknown_transaction_data_type",
            |c| c["transaction_data"] = json!(["eyJ0eXBlIjoicGF5bWVudCJ9"]),
            ErrorKind::RequestUnsupported,
        ),
        (
            "response address on another host",
            |c| c["response_uri"] = json!("https://evil.example/a"),
            ErrorKind::RequestWrongAddress,
        ),
        (
            "response address on a host below",
            |c| c["response_uri"] = json!("https://a.desk.example/"),
            ErrorKind::RequestWrongAddress,
        ),
        (
            "response address over http",
            |c| c["response_uri"] = json!("http://desk.example/"),
            ErrorKind::InsecureAddress,
        ),
        ("expired", |c| c["exp"] = json!(NOW - 100), ErrorKind::RequestExpired),
        ("from the future", |c| c["iat"] = json!(NOW + 3_600), ErrorKind::RequestInvalid),
        ("for somebody else", |c| c["aud"] = json!("https://wallet.example"), ErrorKind::RequestInvalid),
        ("two protocols at once", |c| c["presentation_definition"] = json!({}), ErrorKind::RequestInvalid),
        ("sign-in as well", |c| c["response_type"] = json!("vp_token id_token"), ErrorKind::RequestUnsupported),
        ("browser mode", |c| c["response_mode"] = json!("dc_api.jwt"), ErrorKind::RequestUnsupported),
        ("encrypted without key", |c| c["response_mode"] = json!("direct_post.jwt"), ErrorKind::RequestInvalid),
        ("empty query", |c| c["dcql_query"] = json!({"credentials": []}), ErrorKind::RequestInvalid),
    ];
    let world = World::new();
    for (name, change, kind) in table {
        assert_eq!(refused(&world, &world.request(change)), *kind, "{name}");
    }
}

#[test]
fn a_key_that_is_no_point_of_its_curve_is_refused_before_anything_is_shown() {
    let world = World::new();
    let zero = "A".repeat(43);
    let jwt = world.request(|c| {
        c["response_mode"] = json!("direct_post.jwt");
        c["client_metadata"] =
            json!({"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "alg": "ECDH-ES", "x": zero, "y": zero}]}});
    });
    assert_eq!(refused(&world, &jwt), ErrorKind::RequestInvalid);
}

#[test]
fn what_is_no_request_object_is_refused_and_no_redirect_is_followed() {
    let world = World::new();
    let jwt = world.request(|_| {});
    let table = [
        (reply(200, "text/html", "<!doctype html><p>hello"), ErrorKind::ReplyUnreadable),
        (reply(200, "application/oauth-authz-req+jwt", "<!doctype html>"), ErrorKind::ReplyUnreadable),
        (reply(200, "application/oauth-authz-req+jwt", ""), ErrorKind::ReplyUnreadable),
        (reply(200, "application/json", &jwt), ErrorKind::ReplyUnreadable),
        (reply(302, "text/html", ""), ErrorKind::ReplyUnreadable),
        (reply(307, "text/html", ""), ErrorKind::ReplyUnreadable),
        (reply(404, "text/html", ""), ErrorKind::RequestExpired),
        (reply(410, "application/json", "{}"), ErrorKind::RequestExpired),
        (reply(500, "text/html", ""), ErrorKind::OtherSideFailed),
    ];
    for (reply, kind) in table {
        let (_, sharing) = sent(world.begin(&link(&world.client_id())).unwrap());
        let status = reply.status;
        assert_eq!(sharing.reply(Ok(reply), world.env()).unwrap_err().kind(), kind, "{status}");
    }
    for (fault, kind) in [
        (Fault::TooLarge { host: "desk.example".into(), limit: 1 }, ErrorKind::ReplyTooLarge),
        (Fault::TimedOut { host: "desk.example".into(), seconds: 60, sent: true }, ErrorKind::TimedOut),
        (Fault::AddressRefused { host: "10.0.0.1".into() }, ErrorKind::AddressRefused),
    ] {
        let (_, sharing) = sent(world.begin(&link(&world.client_id())).unwrap());
        assert_eq!(sharing.reply(Err(fault), world.env()).unwrap_err().kind(), kind);
    }
}

fn parameters(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

#[test]
fn a_request_by_value_with_an_x509_hash_id_and_no_signature_is_refused() {
    let world = World::new();
    let query = common::sd_jwt_query(json!([{"path": ["title"]}])).to_string();
    let plain = parameters(&[
        ("client_id", &world.client_id()),
        ("response_type", "vp_token"),
        ("response_mode", "direct_post"),
        ("response_uri", common::RESPONSE_URI),
        ("nonce", common::NONCE),
        ("dcql_query", &query),
    ]);
    let error = Sharing::start(&plain, world.context(), world.env()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RequestUnsigned);
}

#[test]
fn a_signed_request_by_value_needs_no_contact() {
    let world = World::new();
    let jwt = world.request(|_| {});
    let by_value = parameters(&[("client_id", &world.client_id()), ("request", &jwt)]);
    let step = Sharing::start(&by_value, world.context(), world.env()).unwrap();
    assert!(world.cards(step, cards(&world)).is_ok());
}

#[test]
fn an_unsigned_request_under_redirect_uri_is_only_claimed() {
    let world = World::new();
    let query = common::sd_jwt_query(json!([{"path": ["title"]}])).to_string();
    let plain = parameters(&[
        ("client_id", "redirect_uri:https://desk.example/response/1"),
        ("response_type", "vp_token"),
        ("response_mode", "direct_post"),
        ("response_uri", common::RESPONSE_URI),
        ("nonce", common::NONCE),
        ("dcql_query", &query),
        ("client_metadata", r#"{"client_name":"Werkplaats"}"#),
    ]);
    let (plan, _) = world.cards(world.begin(&plain).unwrap(), cards(&world)).unwrap();
    assert_eq!((plan.requester.name.as_str(), plan.requester.evidence), ("Werkplaats", Evidence::Claimed));
    assert_eq!(plan.host_caution, None);
}

#[test]
fn security_d28_the_plan_says_when_the_host_could_be_taken_for_another() {
    let world = World::new();
    let query = common::sd_jwt_query(json!([{"path": ["title"]}])).to_string();
    for (host, expected) in [
        ("delta.example", None),
        // A Cyrillic letter in the name of the institution of the list.
        ("d\u{435}lta.example", Some(HostCaution::ForeignLetters)),
        ("delta.example.evil.example", Some(HostCaution::LooksLike("delta.example".to_owned()))),
    ] {
        let uri = Url::parse(&format!("https://{host}/response")).unwrap();
        let plain = parameters(&[
            ("client_id", &format!("redirect_uri:{uri}")),
            ("response_type", "vp_token"),
            ("response_mode", "direct_post"),
            ("response_uri", uri.as_str()),
            ("nonce", common::NONCE),
            ("dcql_query", &query),
        ]);
        let (plan, _) = world.cards(world.begin(&plain).unwrap(), cards(&world)).unwrap();
        assert_eq!(plan.host_caution, expected, "{host}");
        assert!(plan.response_host.as_deref().is_some_and(str::is_ascii), "shown as it goes over the wire");
    }
}

#[test]
fn oid4vp_1final_wallet_request_uri_method_post() {
    let world = World::new();
    let mut by_post = link(&world.client_id());
    by_post.push(("request_uri_method".to_owned(), "post".to_owned()));
    let fetch = || sent(world.begin(&by_post).unwrap());
    let (exchange, sharing) = fetch();
    assert_eq!((exchange.method, exchange.accept), (Method::Post, "application/oauth-authz-req+jwt"));
    let form = common::form(&exchange);
    let sent_nonce = form.iter().find(|(name, _)| name == "wallet_nonce").unwrap().1.clone();
    assert!(sent_nonce.len() >= 22);
    let echoed = world.request(|c| c["wallet_nonce"] = json!(sent_nonce));
    assert!(sharing.reply(Ok(object(&echoed)), world.env()).is_ok());
    for bad in [world.request(|_| {}), world.request(|c| c["wallet_nonce"] = json!("another"))] {
        let (_, sharing) = fetch();
        assert_eq!(sharing.reply(Ok(object(&bad)), world.env()).unwrap_err().kind(), ErrorKind::RequestInvalid);
    }
}

#[test]
fn a_verifier_under_did_web_is_proved_by_its_document() {
    let world = World::new();
    let did = "did:web:desk.example";
    let id = format!("decentralized_identifier:{did}");
    let key = IssuerKey::make_p256(&world.entropy);
    let document = json!({"id": did, "verificationMethod": [{"id": format!("{did}#1"), "type": "JsonWebKey",
        "controller": did, "publicKeyJwk": Signer::public(&key).to_jwk()}], "assertionMethod": [format!("{did}#1")]});
    let jwt = |response_uri: &str, kid: &str| {
        let claims = world.claims(|c| {
            c["client_id"] = json!(id);
            c["response_uri"] = json!(response_uri);
        });
        world.signed(&json!({"typ": "oauth-authz-req+jwt", "kid": kid}), &claims, &key)
    };
    let prove = |jwt: &str, document: &str| {
        let (_, sharing) = sent(world.begin(&link(&id)).unwrap());
        let (exchange, sharing) = sent(sharing.reply(Ok(object(jwt)), world.env()).unwrap());
        assert_eq!(exchange.url, Url::parse("https://desk.example/.well-known/did.json").unwrap());
        assert_eq!(exchange.purpose, Purpose::Keys);
        sharing.reply(Ok(reply(200, "application/did+json", document)), world.env())
    };
    let good = jwt(common::RESPONSE_URI, "did:web:desk.example#1");
    let (plan, _) = world.cards(prove(&good, &document.to_string()).unwrap(), cards(&world)).unwrap();
    assert_eq!((plan.requester.name.as_str(), plan.requester.evidence), ("desk.example", Evidence::Proved));
    let kind = |jwt: &str, document: &str| prove(jwt, document).unwrap_err().kind();
    let text = document.to_string();
    assert_eq!(kind(&jwt("https://evil.example/", "did:web:desk.example#1"), &text), ErrorKind::RequestWrongAddress);
    assert_eq!(kind(&jwt(common::RESPONSE_URI, "did:web:desk.example#2"), &text), ErrorKind::RequestNotGenuine);
    assert_eq!(kind(&good, &text.replace("desk.example\",", "other.example\",")), ErrorKind::ReplyUnreadable);
    assert_eq!(kind(&good, "<html>"), ErrorKind::ReplyUnreadable);
}

#[test]
fn a_verifier_under_did_jwk_proves_a_key_and_no_name() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let id = format!("decentralized_identifier:{}", key.did_jwk());
    let claims = world.claims(|c| {
        c["client_id"] = json!(id);
        c["client_metadata"] = json!({"client_name": "Werkplaats"});
    });
    let header = json!({"typ": "oauth-authz-req+jwt", "kid": format!("{}#0", key.did_jwk())});
    let jwt = world.signed(&header, &claims, &key);
    let (_, sharing) = sent(world.begin(&link(&id)).unwrap());
    let step = sharing.reply(Ok(object(&jwt)), world.env()).unwrap();
    let (plan, _) = world.cards(step, cards(&world)).unwrap();
    assert_eq!((plan.requester.name.as_str(), plan.requester.evidence), ("Werkplaats", Evidence::Claimed));
    let forged = world.signed(&header, &claims, &IssuerKey::make_p256(&world.entropy));
    let (_, sharing) = sent(world.begin(&link(&id)).unwrap());
    assert_eq!(sharing.reply(Ok(object(&forged)), world.env()).unwrap_err().kind(), ErrorKind::RequestNotGenuine);
}

#[test]
fn an_answer_to_another_question_is_out_of_turn() {
    let world = World::new();
    let step = Sharing::start(&link(&world.client_id()), world.context(), world.env()).unwrap();
    let Step::Ask(_, sharing) = step else { panic!("a question comes first") };
    assert_eq!(sharing.answer(Answer::Cards(Vec::new()), world.env()).unwrap_err().kind(), ErrorKind::Internal);
}

#[test]
fn a_requester_on_the_trust_list_has_the_name_of_the_list() {
    let mut world = World::new();
    let mut trust = (*world.trust).clone();
    trust
        .add(leerpas_credential::trust::Institution {
            name: [("nl".to_owned(), "Werkplaats Noord".to_owned())].into(),
            identifiers: Vec::new(),
            brin: None,
            domains: vec!["desk.example".to_owned()],
            roots_pem: vec![world.authority.certificate_pem().to_owned()],
            keys: Vec::new(),
            logo: None,
            scopes: Default::default(),
            own: false,
            until: None,
        })
        .unwrap();
    world.trust = trust.into();
    let (plan, _) = world.plan(&world.request(|_| {}), cards(&world)).unwrap();
    assert_eq!((plan.requester.name.as_str(), plan.requester.evidence), ("Werkplaats Noord", Evidence::Listed));
}

#[test]
fn what_the_request_says_of_others_is_ignored_and_never_fetched() {
    let world = World::new();
    let jwt = world.request(|c| {
        c["verifier_info"] = json!([{"format": "jwt", "data": "forged"}, {"format": "x"}]);
        c["dcql_query"]["credentials"][0]["trusted_authorities"] =
            json!([{"type": "openid_federation", "values": ["https://evil.example/"]}]);
        c["client_metadata"] =
            json!({"logo_uri": "https://evil.example/pixel.png", "vp_formats_supported": {"dc+sd-jwt": {}}});
    });
    // The next step after the request object is the plan: no exchange lies between.
    assert!(world.plan(&jwt, cards(&world)).is_ok());
}

#[test]
fn a_look_alike_host_is_shown_as_what_it_is() {
    let world = World::new();
    let mut look_alike = link(&world.client_id());
    look_alike[1].1 = "https://desк.example/request/1".to_owned();
    let step = Sharing::start(&look_alike, world.context(), world.env()).unwrap();
    let Step::Ask(Question::Contact { host }, _) = step else { panic!("a question comes first") };
    assert!(host.starts_with("xn--"), "{host}");
}

#[test]
fn haip_5_a_card_is_put_forward_only_for_an_authority_behind_its_certificates() {
    let world = World::new();
    let authority = Chain::from_x5c(&json!(world.issuer_x5c)).unwrap().authority_key_identifiers();
    let asking_for = |values: Value| {
        world.request(|claims| {
            claims["dcql_query"]["credentials"][0]["trusted_authorities"] = json!([{"type": "aki", "values": values}]);
        })
    };
    let behind: Vec<String> = authority.iter().map(|identifier| jose::encode_base64url(identifier)).collect();
    assert!(!behind.is_empty());
    let (plan, _) = world.plan(&asking_for(json!(behind)), cards(&world)).unwrap();
    assert_eq!(plan.queries[0].candidates.len(), 1);
    let stranger = asking_for(json!([jose::encode_base64url(b"somebody else's key")]));
    assert!(!world.plan(&stranger, cards(&world)).unwrap().0.is_answerable());
}
