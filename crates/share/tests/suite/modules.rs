//! The modules for wallets of the OpenID Foundation's conformance suite that no other file has, each under its own name
//! and with what it does: `oid4vp-1final-wallet-…`.

use crate::common::{
    NONCE, NOW, REQUEST_URI, RESPONSE_URI, World, card, done, form, held_key, link, object, reply, sd_jwt_query, sent,
};
use leerpas_core::{ErrorKind, Exchange, Machine, Method, Outcome, Step};
use leerpas_credential::{
    jose::{DecryptionKey, Jws, decode_base64url, encode_base64url},
    keys::{HolderKey, IssuerKey, Signer},
    sd_jwt::SdJwt,
};
use leerpas_share::{Answer, Choice, Plan, Sharing};
use serde_json::{Value, json};

/// A learner with one card.
struct Learner {
    world: World,
    key: HolderKey,
    original: Vec<u8>,
}

impl Learner {
    fn new() -> Self {
        let world = World::new();
        let key = HolderKey::make(&world.entropy);
        let original = world.sd_jwt(&key, |_| {});
        Self { world, key, original }
    }

    /// From a link to the answer, as whoever says yes to what is proposed.
    fn answer(&self, step: Step<Sharing>) -> (Exchange, Sharing) {
        let (plan, sharing) = self.world.cards(step, vec![card("a", &self.original)]).unwrap();
        self.yes(&plan, sharing)
    }

    fn yes(&self, plan: &Plan, sharing: Sharing) -> (Exchange, Sharing) {
        let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
        let key = HolderKey::from_secret(&self.key.secret()).unwrap();
        let keys = vec![held_key("a", key, &self.original)];
        sent(sharing.answer(Answer::Share { approval, keys }, self.world.env()).unwrap())
    }
}

fn names(form: &[(String, String)]) -> Vec<&str> {
    form.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn oid4vp_1final_wallet_happy_flow() {
    let learner = Learner::new();
    let world = &learner.world;
    let jwt = world.request(|c| drop(c.as_object_mut().unwrap().remove("state")));
    let (fetch, sharing) = sent(world.begin(&link(&world.client_id())).unwrap());
    assert_eq!((fetch.method, fetch.url.as_str()), (Method::Get, REQUEST_URI));
    let (answer, sharing) = learner.answer(sharing.reply(Ok(object(&jwt)), world.env()).unwrap());
    assert_eq!((answer.method, answer.url.as_str()), (Method::Post, RESPONSE_URI));
    let form = form(&answer);
    assert_eq!(names(&form), ["vp_token"], "what was not sent does not come back");
    let token: Value = serde_json::from_str(&form[0].1).unwrap();
    let presentation = token["mc"][0].as_str().unwrap();
    assert_eq!(SdJwt::parse(presentation).unwrap().claims()["title"], "Watermanagement");
    let binding = Jws::parse(presentation.rsplit_once('~').unwrap().1).unwrap();
    let mut header: Vec<&str> = binding.header.keys().map(String::as_str).collect();
    header.sort_unstable();
    assert_eq!(header, ["alg", "typ"]);
    let claims = binding.claims().unwrap();
    let mut said: Vec<&str> = claims.keys().map(String::as_str).collect();
    said.sort_unstable();
    assert_eq!(said, ["aud", "iat", "nonce", "sd_hash"]);
    let shared = done(sharing.reply(Ok(reply(200, "application/json", "{}")), world.env()).unwrap());
    assert_eq!((shared.outcome, shared.redirect_uri), (Outcome::Done, None));
}

/// Long values, what is to be ignored, a key without `use`, parameters in another order, and an address to go on to.
#[test]
fn oid4vp_1final_wallet_alternate_happy_flow() {
    let learner = Learner::new();
    let world = &learner.world;
    let recipient = DecryptionKey::draw(&leerpas_core::OsEntropy);
    let mut key = recipient.public_jwk("one");
    key.as_object_mut().unwrap().remove("use");
    let (nonce, state) = ("n".repeat(43), "s".repeat(64));
    let jwt = world.request(|c| {
        c["nonce"] = json!(nonce);
        c["state"] = json!(state);
        c["random_parameter"] = json!("to be ignored");
        c["iss"] = json!("https://somebody-else.example");
        c["response_mode"] = json!("direct_post.jwt");
        c["client_metadata"] = json!({"jwks": {"keys": [key]}});
    });
    let mut reordered = link(&world.client_id());
    reordered.reverse();
    let (_, sharing) = sent(world.begin(&reordered).unwrap());
    let (answer, sharing) = learner.answer(sharing.reply(Ok(object(&jwt)), world.env()).unwrap());
    let form = form(&answer);
    assert_eq!(names(&form), ["response"]);
    let header = decode_base64url(form[0].1.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!((&header["alg"], &header["enc"], &header["kid"]), (&json!("ECDH-ES"), &json!("A128GCM"), &json!("one")));
    let payload: Value = serde_json::from_slice(&recipient.decrypt(&form[0].1).unwrap()).unwrap();
    assert_eq!(payload["state"], json!(state));
    assert!(["iss", "aud", "exp"].iter().all(|name| payload.get(name).is_none()));
    let binding = payload["vp_token"]["mc"][0].as_str().unwrap().rsplit_once('~').unwrap().1.to_owned();
    assert_eq!(Jws::parse(&binding).unwrap().claims().unwrap()["nonce"], json!(nonce));
    let go_on = r#"{"redirect_uri": "https://desk.example/thanks#response_code=091535f699ea575c"}"#;
    let shared = done(sharing.reply(Ok(reply(200, "application/json", go_on)), world.env()).unwrap());
    assert_eq!(shared.redirect_uri.unwrap().as_str(), "https://desk.example/thanks#response_code=091535f699ea575c");
}

/// The same module under the prefix `redirect_uri`, where the identifier says where the answer goes.
#[test]
fn oid4vp_1final_wallet_alternate_happy_flow_without_response_uri() {
    let learner = Learner::new();
    let query = sd_jwt_query(json!([{"path": ["title"]}])).to_string();
    let id = format!("redirect_uri:{RESPONSE_URI}");
    let plain = [
        ("dcql_query", query.as_str()),
        ("nonce", NONCE),
        ("response_mode", "direct_post"),
        ("response_type", "vp_token"),
        ("client_id", &id),
    ];
    let owned: Vec<_> = plain.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let (answer, _) = learner.answer(learner.world.begin(&owned).unwrap());
    assert_eq!(answer.url.as_str(), RESPONSE_URI);
    let token: Value = serde_json::from_str(&form(&answer)[0].1).unwrap();
    let binding = token["mc"][0].as_str().unwrap().rsplit_once('~').unwrap().1.to_owned();
    assert_eq!(Jws::parse(&binding).unwrap().claims().unwrap()["aud"], json!(id));
}

/// Two queries, both required, of which one fits nothing: not even the other one is answered.
#[test]
fn oid4vp_1final_wallet_negative_test_required_non_matching_credential_gives_no_part() {
    let learner = Learner::new();
    let world = &learner.world;
    let jwt = world.request(|c| {
        let never = json!({"id": "never", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:never"]}});
        c["dcql_query"]["credentials"].as_array_mut().unwrap().push(never);
        c["dcql_query"]["credential_sets"] = json!([{"options": [["mc"]]}, {"options": [["never"]]}]);
    });
    let (plan, sharing) = world.plan(&jwt, vec![card("a", &learner.original)]).unwrap();
    assert!(!plan.is_answerable());
    assert_eq!(plan.approve(&plan.fingerprint, &Choice::default()).unwrap_err().kind(), ErrorKind::NothingFits);
    let (no, _) = sent(sharing.answer(Answer::Decline, world.env()).unwrap());
    assert_eq!(form(&no)[0], ("error".to_owned(), "access_denied".to_owned()));
    assert!(!names(&form(&no)).contains(&"vp_token"));
}

/// Several signatures on one request belong to the Digital Credentials API of browsers; here they are no request object.
#[test]
fn oid4vp_1final_wallet_multisigned_one_invalid_signature() {
    let world = World::new();
    let compact = world.request(|c| c["exp"] = json!(NOW + 300));
    let parts: Vec<&str> = compact.split('.').collect();
    let invalid = encode_base64url(&[7; 64]);
    let several = json!({"payload": parts[1], "signatures": [
        {"protected": parts[0], "signature": invalid}, {"protected": parts[0], "signature": parts[2]}]});
    let (_, sharing) = sent(world.begin(&link(&world.client_id())).unwrap());
    let error = sharing.reply(Ok(object(&several.to_string())), world.env()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReplyUnreadable);
}

#[test]
fn vp_5_10_a_fetch_by_post_says_two_things_and_no_more() {
    let world = World::new();
    let mut by_post = link(&world.client_id());
    by_post.push(("request_uri_method".to_owned(), "post".to_owned()));
    let (exchange, _) = sent(world.begin(&by_post).unwrap());
    assert_eq!(names(&form(&exchange)), ["wallet_metadata", "wallet_nonce"]);
    assert_eq!((exchange.url.as_str(), exchange.accept), (REQUEST_URI, "application/oauth-authz-req+jwt"));
    // Where nothing is signed, nothing is fetched, and no algorithm is said.
    let id = format!("redirect_uri:{RESPONSE_URI}");
    let mut unsigned = link(&id);
    unsigned.push(("request_uri_method".to_owned(), "post".to_owned()));
    assert_eq!(world.begin(&unsigned).unwrap_err().kind(), ErrorKind::RequestInvalid);
}

#[test]
fn vp_5_1_a_key_in_the_clients_metadata_proves_nobody() {
    let world = World::new();
    let other = IssuerKey::make_p256(&world.entropy);
    let mut jwk = Signer::public(&other).to_jwk();
    (jwk["alg"], jwk["use"], jwk["kid"]) = (json!("ES256"), json!("sig"), json!("own"));
    let claims = world.claims(|c| c["client_metadata"] = json!({"jwks": {"keys": [jwk]}}));
    for header in [
        json!({"typ": "oauth-authz-req+jwt", "x5c": world.desk_x5c}),
        json!({"typ": "oauth-authz-req+jwt", "kid": "own"}),
    ] {
        let error = world.plan(&world.signed(&header, &claims, &other), Vec::new()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RequestNotGenuine);
    }
}

#[test]
fn dcql_6_1_a_claim_that_is_asked_for_twice_is_given_once() {
    let learner = Learner::new();
    let jwt = learner.world.request(|c| {
        c["dcql_query"] = sd_jwt_query(json!([{"path": ["title"]}, {"path": ["title"]}]));
    });
    let (plan, sharing) = learner.world.plan(&jwt, vec![card("a", &learner.original)]).unwrap();
    let (answer, sharing) = learner.yes(&plan, sharing);
    let token: Value = serde_json::from_str(&form(&answer)[0].1).unwrap();
    let shown = SdJwt::parse(token["mc"][0].as_str().unwrap()).unwrap();
    assert_eq!(shown.disclosed_paths().count(), 1);
    let written = sharing.intent().unwrap();
    assert_eq!(written.claims.iter().filter(|claim| claim.path == "title").count(), 1);
}
