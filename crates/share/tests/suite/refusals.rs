//! What a requester hears of a request that cannot be answered (OpenID4VP 1.0, 8.5 and 15): one word, at an address of
//! its own, or nothing at all.

use crate::common::{NONCE, NOW, RESPONSE_URI, World, card, form, link, object, reply, sd_jwt_query, sent};
use leerpas_core::{ErrorKind, Evidence, Exchange, Fault, Machine, Method, Purpose, Step};
use leerpas_credential::{
    jose::DecryptionKey,
    keys::{HolderKey, IssuerKey},
};
use leerpas_openid::vp::ResponseMode;
use leerpas_share::{Answer, Question, ShareError, Sharing};
use serde_json::{Value, json};

/// From a link by reference to the step after the request object.
fn after(world: &World, id: &str, jwt: &str) -> Result<Step<Sharing>, ShareError> {
    let (_, sharing) = sent(world.begin(&link(id)).unwrap());
    sharing.reply(Ok(object(jwt)), world.env())
}

/// The message to the requester, if there is one, and how the request ends.
fn told(world: &World, id: &str, jwt: &str) -> (Option<Exchange>, ErrorKind) {
    match after(world, id, jwt) {
        Err(error) => (None, error.kind()),
        Ok(step) => {
            let (exchange, sharing) = sent(step);
            let (party, kind) = sharing.refusing().unwrap();
            assert_eq!((party.evidence, party.host.as_deref()), (Evidence::Proved, Some("desk.example")));
            assert!(sharing.intent().is_none() && sharing.query().is_none(), "nothing of the person is at stake");
            let error = sharing.reply(Ok(reply(200, "application/json", "{}")), world.env()).unwrap_err();
            assert_eq!(error.kind(), kind);
            (Some(exchange), kind)
        }
    }
}

#[test]
fn vp_8_5_a_proved_requester_hears_one_word_and_its_state() {
    type Change = fn(&mut Value);
    let table: &[(Change, &str, ErrorKind)] = &[
        (|c| c["nonce"] = json!("x"), "invalid_request", ErrorKind::RequestInvalid),
        (|c| c["scope"] = json!("openid"), "invalid_request", ErrorKind::RequestInvalid),
        (|c| drop(c.as_object_mut().unwrap().remove("dcql_query")), "invalid_request", ErrorKind::RequestInvalid),
        (|c| c["response_type"] = json!("code"), "unsupported_response_type", ErrorKind::RequestUnsupported),
        (|c| c["transaction_data"] = json!(["e30"]), "invalid_transaction_data", ErrorKind::RequestInvalid),
        (
            |c| c["transaction_data"] = json!(["eyJ0eXBlIjoicGF5bWVudCJ9"]),
            "invalid_transaction_data",
            ErrorKind::RequestUnsupported,
        ),
        (
            |c| c["client_metadata"] = json!({"vp_formats_supported": {"mso_mdoc": {}}}),
            "vp_formats_not_supported",
            ErrorKind::RequestUnsupported,
        ),
        (
            |c| {
                c.as_object_mut().unwrap().remove("dcql_query");
                c["scope"] = json!("nl.microcredential");
            },
            "invalid_scope",
            ErrorKind::RequestScope,
        ),
    ];
    let world = World::new();
    for (change, word, expected) in table {
        let (exchange, kind) = told(&world, &world.client_id(), &world.request(change));
        let exchange = exchange.unwrap_or_else(|| panic!("{word} is told"));
        assert_eq!(kind, *expected, "{word}");
        assert_eq!((exchange.purpose, exchange.method), (Purpose::Refusal, Method::Post));
        assert_eq!(exchange.url.as_str(), RESPONSE_URI);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(form(&exchange), [pair("error", word), pair("state", "s-1")]);
    }
}

#[test]
fn vp_8_3_1_an_error_is_encrypted_where_answers_are_and_clear_where_that_cannot_be() {
    let world = World::new();
    let key = DecryptionKey::draw(&leerpas_core::OsEntropy);
    let with = |jwks: Value| {
        world.request(|c| {
            c["response_mode"] = json!(ResponseMode::DirectPostJwt.as_str());
            c["client_metadata"] = json!({ "jwks": jwks });
            c["nonce"] = json!("");
        })
    };
    let (exchange, _) = told(&world, &world.client_id(), &with(json!({"keys": [key.public_jwk("one")]})));
    let form_of = form(&exchange.unwrap());
    assert_eq!(form_of.len(), 1);
    assert_eq!(form_of[0].0, "response");
    let payload: Value = serde_json::from_slice(&key.decrypt(&form_of[0].1).unwrap()).unwrap();
    assert_eq!(payload, json!({"error": "invalid_request", "state": "s-1"}));
    for unusable in [json!({"keys": []}), json!({"keys": [{"kty": "EC", "d": "AA"}]}), json!("x")] {
        let (exchange, _) = told(&world, &world.client_id(), &with(unusable));
        assert_eq!(form(&exchange.unwrap())[0], ("error".to_owned(), "invalid_request".to_owned()));
    }
}

#[test]
fn vp_8_5_whoever_is_not_proved_or_goes_elsewhere_hears_nothing() {
    type Change = fn(&mut Value);
    let world = World::new();
    let id = world.client_id();
    let silent: &[(&str, Change)] = &[
        ("another host", |c| c["response_uri"] = json!("https://evil.example/response")),
        ("another host, and broken", |c| {
            c["response_uri"] = json!("https://evil.example/response");
            c["nonce"] = json!("");
        }),
        ("http", |c| c["response_uri"] = json!("http://desk.example/response")),
        ("no address", |c| drop(c.as_object_mut().unwrap().remove("response_uri"))),
        ("run out", |c| c["exp"] = json!(NOW - 100)),
        ("of another", |c| c["client_id"] = json!("x509_san_dns:desk.example")),
        ("a mode that has no address", |c| c["response_mode"] = json!("fragment")),
    ];
    for (name, change) in silent {
        assert_eq!(told(&world, &id, &world.request(change)).0, None, "{name}");
    }
    // A broken request of somebody else, under the name of the desk.
    let broken = world.claims(|c| c["nonce"] = json!(""));
    let header = json!({"typ": "oauth-authz-req+jwt", "x5c": world.desk_x5c});
    let forged = world.signed(&header, &broken, &IssuerKey::make_p256(&world.entropy));
    assert_eq!(told(&world, &id, &forged), (None, ErrorKind::RequestNotGenuine));
    let strangers = World::of_strangers();
    let unknown = strangers.request(|c| {
        c["client_id"] = json!(strangers.client_id());
        c["nonce"] = json!("");
    });
    assert_eq!(told(&world, &strangers.client_id(), &unknown), (None, ErrorKind::RequestNotGenuine));
    // A key without a host behind it proves no address.
    let key = HolderKey::make(&world.entropy);
    let did = format!("decentralized_identifier:{}", key.did_jwk());
    let claims = world.claims(|c| {
        c["client_id"] = json!(did);
        c["nonce"] = json!("");
    });
    let header = json!({"typ": "oauth-authz-req+jwt", "kid": format!("{}#0", key.did_jwk())});
    assert_eq!(told(&world, &did, &world.signed(&header, &claims, &key)), (None, ErrorKind::RequestInvalid));
}

#[test]
fn vp_15_9_a_host_that_nobody_agreed_to_contact_hears_nothing() {
    let world = World::new();
    let jwt = world.request(|c| c["nonce"] = json!(""));
    let parameters = [("client_id".to_owned(), world.client_id()), ("request".to_owned(), jwt.clone())];
    let error = Sharing::start(&parameters, world.context(), world.env()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RequestInvalid, "by value: nobody was asked to contact anybody");
    let mut elsewhere = link(&world.client_id());
    elsewhere[1].1 = "https://requests.example/1".to_owned();
    let (_, sharing) = sent(world.begin(&elsewhere).unwrap());
    assert!(sharing.reply(Ok(object(&jwt)), world.env()).is_err(), "another host was agreed to");
}

#[test]
fn vp_8_5_a_plain_request_hears_nothing() {
    let world = World::new();
    let query = sd_jwt_query(json!([{"path": ["title"]}])).to_string();
    let plain = [
        ("client_id", "redirect_uri:https://desk.example/response/1"),
        ("response_type", "code"),
        ("response_mode", "direct_post"),
        ("response_uri", RESPONSE_URI),
        ("nonce", NONCE),
        ("dcql_query", &query),
    ];
    let owned: Vec<_> = plain.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let error = Sharing::start(&owned, world.context(), world.env()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RequestUnsupported);
}

#[test]
fn vp_5_10_1_what_is_not_the_request_that_was_asked_for_ends_in_silence() {
    let world = World::new();
    let mut by_post = link(&world.client_id());
    by_post.push(("request_uri_method".to_owned(), "post".to_owned()));
    let (_, sharing) = sent(world.begin(&by_post).unwrap());
    let other = world.request(|c| c["wallet_nonce"] = json!("another"));
    assert_eq!(sharing.reply(Ok(object(&other)), world.env()).unwrap_err().kind(), ErrorKind::RequestInvalid);
    // Whoever changed the link could otherwise make the wallet refuse in the person's name.
    let mut changed = link(&world.client_id());
    changed.push(("nonce".to_owned(), "another-nonce".to_owned()));
    let (_, sharing) = sent(world.begin(&changed).unwrap());
    assert!(sharing.reply(Ok(object(&world.request(|_| {}))), world.env()).is_err());
}

#[test]
fn whether_the_requester_hears_of_it_changes_nothing() {
    let world = World::new();
    let jwt = world.request(|c| c["nonce"] = json!(""));
    for answer in [
        Ok(reply(500, "text/html", "")),
        Ok(reply(200, "application/json", r#"{"redirect_uri":"https://desk.example/"}"#)),
        Err(Fault::Unreachable { host: "desk.example".into(), reason: "gone".into() }),
    ] {
        let (_, sharing) = sent(after(&world, &world.client_id(), &jwt).unwrap());
        assert_eq!(sharing.reply(answer, world.env()).unwrap_err().kind(), ErrorKind::RequestInvalid);
    }
}

/// D14, D32: the same request fifty times, changed only in the value that it hopes for. A hit, a miss and a card that is
/// not there lead to a question to the person, and a no to any of them is the same to the byte.
#[test]
fn security_d14_every_no_is_the_same_to_the_byte_and_waits_for_the_person() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let held = world.sd_jwt(&key, |_| {});
    let recipient = DecryptionKey::draw(&leerpas_core::OsEntropy);
    for encrypted in [false, true] {
        let mut answers: Vec<Vec<(String, String)>> = Vec::new();
        for guess in 0..50 {
            let jwt = world.request(|c| {
                c["dcql_query"] = sd_jwt_query(json!([{"path": ["ects"], "values": [guess]}]));
                if encrypted {
                    c["response_mode"] = json!("direct_post.jwt");
                    c["client_metadata"] = json!({"jwks": {"keys": [recipient.public_jwk("one")]}});
                }
            });
            let cards = if guess % 2 == 0 { Vec::new() } else { vec![card("a", &held)] };
            let (plan, sharing) = world.plan(&jwt, cards).unwrap();
            assert_eq!(plan.is_answerable(), guess == 5, "ects is 5");
            let (exchange, _) = sent(sharing.answer(Answer::Decline, world.env()).unwrap());
            answers.push(form(&exchange));
        }
        if encrypted {
            // What is random differs; what an onlooker could compare does not.
            let lengths: Vec<usize> = answers.iter().map(|form| form[0].1.len()).collect();
            assert!(lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
            for form in &answers {
                let payload = recipient.decrypt(&form[0].1).unwrap();
                assert_eq!(payload, br#"{"error":"access_denied","state":"s-1"}"#);
            }
        } else {
            assert!(answers.iter().all(|form| *form == answers[0]));
        }
    }
}

#[test]
fn security_d22_the_same_request_has_the_same_name_and_a_fresh_one_another() {
    let world = World::new();
    let named = |change: fn(&mut Value)| {
        let step = after(&world, &world.client_id(), &world.request(change)).unwrap();
        let Step::Ask(Question::Cards, sharing) = step else { panic!("cards are asked for") };
        sharing.request_fingerprint().unwrap()
    };
    let first = named(|_| {});
    assert_eq!(first, named(|c| c["state"] = json!("s-2")), "what else stands in it changes nothing");
    assert_ne!(first, named(|c| c["nonce"] = json!("a-fresh-nonce-1")));
}
