//! A server that lets in attested programs alone, and an attestation that the institution gave for it (Attestation-Based
//! Client Authentication, draft 07).

use std::sync::Arc;

use crate::issuer::*;
use leerpas_core::{
    CountingEntropy, Env, ErrorKind, Exchange, Header, Language, Machine as _, Purpose, Reply, Secret, Step, Url,
};
use leerpas_credential::{
    jose::{Jws, sign_compact},
    keys::{HolderKey, IssuerKey},
    trust::TrustList,
    verify::Resources,
};
use leerpas_receive::{
    Answer, AttestationError, ClientAttestation, Errand, OfferSource, Question, ReceiveContext, ReceiveError, Received,
    Receiving, ReturnAnswer, ReturnQuestion, Returned, Returning,
};
use serde_json::{Value, json};

const CLIENT: &str = "https://wallets.example/leerpas";
const CHALLENGES: &str = "https://issuer.example/challenge";

/// The key that the wallet made for the server.
fn key() -> HolderKey {
    HolderKey::make(&CountingEntropy::default())
}

/// What an institution signs about a key; each change is put in, and `null` takes a member out.
fn attestation(key: &HolderKey, change: &Value) -> String {
    let mut claims = json!({"iss": "https://attester.example", "sub": CLIENT, "cnf": {"jwk": key.public().to_jwk()},
        "exp": now().as_second() + 3600, "wallet_name": "Leerpas"});
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    signed("oauth-client-attestation+jwt", &claims)
}

fn signed(typ: &str, claims: &Value) -> String {
    let attester = IssuerKey::make_ed25519(&CountingEntropy::default());
    sign_compact(&json!({"typ": typ, "kid": "11"}), claims.to_string().as_bytes(), &attester).unwrap()
}

fn held_for(server: &str) -> Arc<ClientAttestation> {
    let key = key();
    let token = attestation(&key, &json!({}));
    Arc::new(ClientAttestation::read(server, &token, key, now()).unwrap())
}

fn context(attestations: Vec<Arc<ClientAttestation>>) -> ReceiveContext {
    let (trust, resources) = (Arc::new(TrustList::empty()), Resources::default());
    ReceiveContext { trust, language: Language::Nl, resources, copies: 1, attestations }
}

/// An issuer with a sign-in at a server that takes attested programs alone, and gives challenges.
fn strict() -> Issuer {
    let mut issuer = Issuer::new();
    with_sign_in(&mut issuer, &["mc"]);
    issuer.server["token_endpoint_auth_methods_supported"] = json!(["attest_jwt_client_auth"]);
    issuer.server["challenge_endpoint"] = json!(CHALLENGES);
    let mut count = 0;
    issuer.twist = at("/challenge", move || {
        count += 1;
        reply(200, &json!({"attestation_challenge": format!("challenge-{count}")}))
    });
    issuer
}

fn receive_with(issuer: &mut Issuer, held: Vec<Arc<ClientAttestation>>) -> Result<Received, ReceiveError> {
    let source = OfferSource::Value(issuer.offer.clone());
    play_with(issuer, source, context(held), &mut willing(&[TX_CODE]))
}

fn header(exchange: &Exchange, wanted: Header) -> Option<&str> {
    let mut found = exchange.headers.iter().filter(|(name, _)| *name == wanted).map(|(_, value)| value.as_str());
    let first = found.next();
    assert_eq!(found.next(), None, "one header field at most (6.2)");
    first
}

/// The claims of the proof that went along, after the checks of draft 07, 9.
fn proof(exchange: &Exchange) -> Value {
    let attested = Jws::parse(header(exchange, Header::ClientAttestation).unwrap()).unwrap();
    let proof = Jws::parse(header(exchange, Header::ClientAttestationPop).unwrap()).unwrap();
    assert_eq!(attested.typ(), Some("oauth-client-attestation+jwt"));
    assert_eq!(proof.typ(), Some("oauth-client-attestation-pop+jwt"));
    proof.verify(&key().public()).unwrap();
    let claims = Value::Object(proof.claims().unwrap());
    assert_eq!(claims["iss"], attested.claims().unwrap()["sub"]);
    assert_eq!((&claims["aud"], &claims["iat"]), (&json!(ISSUER), &json!(now().as_second())));
    claims
}

fn sent<'a>(issuer: &'a Issuer, path: &str) -> Vec<&'a Exchange> {
    issuer.log.iter().filter(|exchange| exchange.url.path() == path).collect()
}

#[test]
fn oid4vci_1_0_wallet_test_client_attestation_challenge() {
    let mut issuer = strict();
    let received = receive_with(&mut issuer, vec![held_for(ISSUER)]).unwrap();
    assert_eq!(received.cards.len(), 1);
    let (pushed, token) = (proof(sent(&issuer, "/par")[0]), proof(sent(&issuer, "/token")[0]));
    assert_eq!((&pushed["challenge"], &token["challenge"]), (&json!("challenge-1"), &json!("challenge-2")));
    assert_ne!(pushed["jti"], token["jti"]);
    for asked in sent(&issuer, "/challenge") {
        assert_eq!((asked.method, asked.headers.len()), (leerpas_core::Method::Post, 0));
    }
}

#[test]
fn attestation_07_6_3_the_client_is_named_as_its_attestation_names_it() {
    let mut issuer = strict();
    receive_with(&mut issuer, vec![held_for(ISSUER)]).unwrap();
    // The issuer in memory holds the token request and each key proof to the same name.
    let asked = issuer.signed_in.as_ref().unwrap();
    assert!(asked.contains(&("client_id".to_owned(), CLIENT.to_owned())), "{asked:?}");
}

#[test]
fn attestation_07_11_1_an_attestation_goes_to_the_server_that_it_is_for_and_nowhere_else() {
    let mut issuer = strict();
    receive_with(&mut issuer, vec![held_for("https://other.example"), held_for(ISSUER)]).unwrap();
    for exchange in &issuer.log {
        let attested = header(exchange, Header::ClientAttestation).is_some();
        assert_eq!(attested, ["/par", "/token"].contains(&exchange.url.path()), "{exchange:?}");
        assert_eq!(header(exchange, Header::ClientAttestationPop).is_some(), attested);
        assert!(!format!("{exchange:?}").contains("eyJ"), "it is not logged");
    }
    // One for another server is none, and the refusal is as early as without any.
    for near in ["https://other.example", "https://issuer.example/tenant/", "https://issuer.example"] {
        let mut issuer = strict();
        let error = receive_with(&mut issuer, vec![held_for(near)]).unwrap_err();
        assert_eq!((error.kind(), error.step()), (ErrorKind::ApprovalNeeded, "metadata"), "{near}");
        assert_eq!(error.approver(), Some(ISSUER), "the person is told who can help");
        assert_eq!(issuer.count(Purpose::Token) + issuer.count(Purpose::Authorization), 0);
    }
}

#[test]
fn attestation_07_11_1_where_anybody_is_let_in_nothing_is_attested() {
    for methods in [json!(["none", "attest_jwt_client_auth"]), json!(["none"]), Value::Null] {
        let mut issuer = strict();
        issuer.server["token_endpoint_auth_methods_supported"] = methods;
        receive_with(&mut issuer, vec![held_for(ISSUER)]).unwrap();
        assert!(issuer.log.iter().all(|exchange| header(exchange, Header::ClientAttestation).is_none()));
        assert!(sent(&issuer, "/challenge").is_empty());
    }
}

#[test]
fn attestation_07_8_without_a_challenge_endpoint_there_is_none_and_a_newer_one_takes_the_place_of_an_older() {
    let mut issuer = strict();
    members(&mut issuer.server).remove("challenge_endpoint");
    receive_with(&mut issuer, vec![held_for(ISSUER)]).unwrap();
    assert!(proof(sent(&issuer, "/par")[0]).get("challenge").is_none());

    // A challenge in the reply to one request is for the next.
    let mut issuer = strict();
    let mut twist = std::mem::replace(&mut issuer.twist, Box::new(|_| None));
    let mut first = true;
    issuer.twist = Box::new(move |exchange| match exchange.url.path() {
        "/token" if std::mem::take(&mut first) => {
            let refused = reply(400, &json!({"error": "use_attestation_challenge"}));
            Some(refused.map(|reply| Reply { attestation_challenge: Some("from-a-header".to_owned()), ..reply }))
        }
        _ => twist(exchange),
    });
    receive_with(&mut issuer, vec![held_for(ISSUER)]).unwrap();
    let challenges: Vec<_> = sent(&issuer, "/token").into_iter().map(|one| proof(one)["challenge"].clone()).collect();
    assert_eq!(challenges, [json!("challenge-2"), json!("from-a-header")]);
    assert_eq!(sent(&issuer, "/challenge").len(), 2);
}

#[test]
fn attestation_07_6_2_a_server_that_is_never_content_is_given_up() {
    for (path, word, tries, kind) in [
        ("/par", "use_attestation_challenge", 3, ErrorKind::OtherSideFailed),
        ("/token", "use_attestation_challenge", 3, ErrorKind::OtherSideFailed),
        // Only another attestation helps: the person is told where to arrange one.
        ("/par", "invalid_client_attestation", 1, ErrorKind::ApprovalNeeded),
        ("/token", "use_fresh_attestation", 1, ErrorKind::ApprovalNeeded),
        ("/par", "invalid_client", 1, ErrorKind::OtherSideFailed),
    ] {
        let mut issuer = strict();
        let mut twist = std::mem::replace(&mut issuer.twist, Box::new(|_| None));
        issuer.twist = Box::new(move |exchange| {
            if exchange.url.path() == path { Some(reply(400, &json!({"error": word}))) } else { twist(exchange) }
        });
        let error = receive_with(&mut issuer, vec![held_for(ISSUER)]).unwrap_err();
        assert_eq!(error.kind(), kind, "{path} {word}");
        assert_eq!(sent(&issuer, path).len(), tries, "{path} {word}");
    }
    for body in [json!({}), json!({"attestation_challenge": ""}), json!([])] {
        let mut issuer = strict();
        issuer.twist = at("/challenge", move || reply(200, &body));
        let error = receive_with(&mut issuer, vec![held_for(ISSUER)]).unwrap_err();
        assert_eq!((error.kind(), error.step()), (ErrorKind::ReplyUnreadable, "authorization"));
        assert!(sent(&issuer, "/par").is_empty());
    }
}

#[test]
fn attestation_07_10_3_a_token_is_renewed_by_the_same_client() {
    let mut issuer = strict();
    issuer.renews = true;
    let Received { mut cards, grant, .. } = receive_with(&mut issuer, vec![held_for(ISSUER)]).unwrap();
    let refill = cards.remove(0).refill.unwrap();
    issuer.log.clear();
    let entropy = CountingEntropy::default();
    let env = Env { now: now(), entropy: &entropy };
    let start = |held| Returning::start((held, refill), Errand::Waiting, true, context(vec![held_for(ISSUER)]), env);
    let mut step = start(grant.unwrap()).unwrap();
    let returned = loop {
        step = match step {
            Step::Send(exchange, machine) => machine.reply(issuer.answer(&exchange), env).unwrap(),
            Step::Ask(ReturnQuestion::Keep(_), machine) => machine.answer(ReturnAnswer::Keep, env).unwrap(),
            Step::Ask(_, machine) => machine.answer(ReturnAnswer::Held, env).unwrap(),
            Step::Done(returned) => break returned,
        };
    };
    assert!(matches!(returned, Returned::Ready { .. }));
    let renewed = sent(&issuer, "/token");
    assert_eq!((renewed.len(), proof(renewed[0])["challenge"].clone()), (1, json!("challenge-3")));
}

#[test]
fn attestation_07_a_code_that_was_authorised_before_is_taken_by_an_attested_program_too() {
    let mut issuer = Issuer::new();
    issuer.server["pre-authorized_grant_anonymous_access_supported"] = json!(false);
    issuer.server["token_endpoint_auth_methods_supported"] = json!(["attest_jwt_client_auth"]);
    let error = receive_with(&mut issuer, Vec::new()).unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::ApprovalNeeded, "metadata"));
    // Its name goes into the key proof, which the issuer in memory refuses of a client that did not sign in.
    issuer.signed_in = Some(vec![("client_id".to_owned(), CLIENT.to_owned())]);
    assert_eq!(receive_with(&mut issuer, vec![held_for(ISSUER)]).unwrap().cards.len(), 1);
    proof(sent(&issuer, "/token")[0]);
}

#[test]
fn attestation_07_5_1_what_is_no_attestation_of_this_key_is_not_taken() {
    let key = key();
    let other = HolderKey::make(&leerpas_core::OsEntropy);
    let second = now().as_second();
    let mut private = key.public().to_jwk();
    private["d"] = json!("AAAA");
    let good = attestation(&key, &json!({}));
    let full = |change: Value| attestation(&key, &change);
    let rows = [
        ("without an issuer", full(json!({"iss": null})), AttestationError::Form),
        ("without a client", full(json!({"sub": null})), AttestationError::Form),
        ("a client that no header takes", full(json!({"sub": "a\r\nb"})), AttestationError::Form),
        ("a client without end", full(json!({"sub": "a".repeat(600)})), AttestationError::Form),
        ("without an end", full(json!({"exp": null})), AttestationError::Form),
        ("without a key", full(json!({"cnf": null})), AttestationError::Form),
        ("a key by name", full(json!({"cnf": {"kid": "1"}})), AttestationError::Form),
        ("no key", full(json!({"cnf": {"jwk": {"kty": "EC"}}})), AttestationError::Form),
        ("another key", attestation(&other, &json!({})), AttestationError::OtherKey),
        ("a private key", full(json!({"cnf": {"jwk": private}})), AttestationError::OtherKey),
        ("out of date", full(json!({"exp": second})), AttestationError::Expired),
        ("another type", signed("JWT", &json!({"sub": CLIENT})), AttestationError::Form),
        ("too long", full(json!({"x": "x".repeat(5_000)})), AttestationError::Form),
        ("cut short", good[..good.len() / 2].to_owned(), AttestationError::Form),
        ("nothing", String::new(), AttestationError::Form),
    ];
    for (what, token, expected) in rows {
        let copy = HolderKey::from_secret(&key.secret()).unwrap();
        assert_eq!(ClientAttestation::read(ISSUER, &token, copy, now()).err(), Some(expected), "{what}");
    }
    let read = ClientAttestation::read(ISSUER, &format!("{good}\n"), key, now()).unwrap();
    assert_eq!((read.server(), read.client_id(), read.expires().as_second()), (ISSUER, CLIENT, second + 3600));
    assert!(!format!("{read:?}").contains(CLIENT));
}

/// As far as the page at which the person signs in.
fn to_the_page(issuer: &mut Issuer, held: Vec<Arc<ClientAttestation>>) -> (Receiving, Url) {
    let entropy = CountingEntropy::default();
    let env = Env { now: now(), entropy: &entropy };
    let mut step = Receiving::start(OfferSource::Value(issuer.offer.clone()), context(held), env).unwrap();
    loop {
        step = match step {
            Step::Send(exchange, machine) => machine.reply(issuer.answer(&exchange), env).unwrap(),
            Step::Ask(Question::SignIn { url, .. }, machine) => return (machine, url),
            Step::Ask(Question::Redirect, machine) => {
                machine.answer(Answer::Redirect(Url::parse(REDIRECT_URI).unwrap()), env).unwrap()
            }
            Step::Ask(question, machine) => machine.answer(willing(&[TX_CODE])(&question), env).unwrap(),
            Step::Done(_) => panic!("it ended"),
        };
    }
}

#[test]
fn attestation_07_locked_meanwhile_no_key_is_held_and_the_same_attestation_goes_on() {
    let entropy = CountingEntropy::default();
    let env = Env { now: now(), entropy: &entropy };
    let mut issuer = strict();
    let held = held_for(ISSUER);
    let (mut machine, url) = to_the_page(&mut issuer, vec![Arc::clone(&held)]);
    let belongs = machine.answer_test();
    assert!(Arc::strong_count(&held) > 1);
    machine.put_down();
    assert_eq!(Arc::strong_count(&held), 1, "nobody but the vault has the key");
    let query = issuer.sign_in(&url);
    assert!(belongs(&query) && !belongs("code=x&state=another"), "the door is open still");

    // Another attestation for that server is another client, and none is none: both are said before anything is sent.
    for others in [vec![], vec![held_for("https://other.example")], vec![renamed(ISSUER)]] {
        let mut issuer = strict();
        let (mut machine, url) = to_the_page(&mut issuer, vec![held_for(ISSUER)]);
        machine.put_down();
        machine.take_up(context(others));
        let answer = Answer::SignedIn(Secret::new(issuer.sign_in(&url)));
        let mut outcome = machine.answer(answer, env);
        while let Ok(Step::Send(exchange, machine)) = outcome {
            outcome = machine.reply(issuer.answer(&exchange), env);
        }
        let Err(error) = outcome else { panic!("it went on") };
        assert_eq!((error.kind(), error.approver()), (ErrorKind::ApprovalNeeded, Some(ISSUER)));
        assert!(sent(&issuer, "/token").is_empty());
    }

    machine.take_up(context(vec![held]));
    let mut step = machine.answer(Answer::SignedIn(Secret::new(query)), env).unwrap();
    let received = loop {
        step = match step {
            Step::Send(exchange, machine) => machine.reply(issuer.answer(&exchange), env).unwrap(),
            Step::Ask(question, machine) => machine.answer(willing(&[])(&question), env).unwrap(),
            Step::Done(received) => break received,
        };
    };
    assert_eq!(received.cards.len(), 1);
    proof(sent(&issuer, "/token")[0]);
}

/// An attestation by which the server knows this program under another name.
fn renamed(server: &str) -> Arc<ClientAttestation> {
    let key = key();
    let token = attestation(&key, &json!({"sub": "https://wallets.example/another"}));
    Arc::new(ClientAttestation::read(server, &token, key, now()).unwrap())
}

#[test]
fn attestation_07_10_1_a_server_that_takes_no_proof_of_this_program_is_told_apart_before_anything_is_sent() {
    for (algorithms, taken) in [(json!(["ES256"]), true), (json!(["EdDSA", "ES256"]), true), (json!(["EdDSA"]), false)]
    {
        let mut issuer = strict();
        issuer.server["client_attestation_pop_signing_alg_values_supported"] = algorithms.clone();
        match receive_with(&mut issuer, vec![held_for(ISSUER)]) {
            Ok(received) => assert!(taken && received.cards.len() == 1, "{algorithms}"),
            Err(error) => {
                assert!(!taken, "{algorithms}");
                // Not one of those that an institution could help with.
                assert_eq!((error.kind(), error.approver()), (ErrorKind::AttestationNeeded, None));
                assert_eq!(issuer.count(Purpose::Token) + issuer.count(Purpose::Authorization), 0);
            }
        }
    }
}
