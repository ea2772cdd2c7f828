//! What OpenID4VP 1.0 asks of a wallet, where no other test has it.

use crate::common::{ISSUER, NOW, RESPONSE_URI, VCT, World, card, form, held_key, link, object, sd_jwt_query, sent};
use leerpas_core::{ErrorKind, Machine, Method};
use leerpas_credential::{
    jose::Jws,
    keys::{HolderKey, IssuerKey, Signer},
};
use leerpas_share::{Answer, Choice, Plan, ShareError, Sharing};
use serde_json::{Value, json};

fn planned(world: &World, id: &str, jwt: &str, original: &[u8]) -> Result<(Plan, Sharing), ShareError> {
    let (_, sharing) = sent(world.begin(&link(id))?);
    world.cards(sharing.reply(Ok(object(jwt)), world.env())?, vec![card("a", original)])
}

/// The presentations of the answer that says yes to what is proposed.
fn token(world: &World, key: &HolderKey, original: &[u8], (plan, sharing): (Plan, Sharing)) -> Value {
    let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
    let key = HolderKey::from_secret(&key.secret()).unwrap();
    let keys = vec![held_key("a", key, original)];
    let (exchange, _) = sent(sharing.answer(Answer::Share { approval, keys }, world.env()).unwrap());
    assert_eq!((exchange.method, exchange.url.as_str()), (Method::Post, RESPONSE_URI));
    serde_json::from_str(&form(&exchange)[0].1).unwrap()
}

#[test]
fn vp_14_1_2_the_audience_is_the_full_client_id_under_each_prefix() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let original = world.sd_jwt(&key, |_| {});
    let desk_key = HolderKey::make(&world.entropy);
    let attested = IssuerKey::make_p256(&world.entropy);
    let x5c = json!({"typ": "oauth-authz-req+jwt", "x5c": world.desk_x5c});
    let did = json!({"typ": "oauth-authz-req+jwt", "kid": format!("{}#0", desk_key.did_jwk())});
    let attestation = world.signed(
        &json!({"typ": "verifier-attestation+jwt", "x5c": world.issuer_x5c}),
        &json!({"iss": ISSUER, "sub": "werkplaats", "exp": NOW + 1000, "redirect_uris": [RESPONSE_URI],
            "cnf": {"jwk": Signer::public(&attested).to_jwk()}}),
        &world.issuer,
    );
    let by_attestation = json!({"typ": "oauth-authz-req+jwt", "jwt": attestation});
    let cases: [(String, &Value, &dyn Signer); 4] = [
        (world.client_id(), &x5c, &world.desk),
        ("x509_san_dns:desk.example".to_owned(), &x5c, &world.desk),
        (format!("decentralized_identifier:{}", desk_key.did_jwk()), &did, &desk_key),
        ("verifier_attestation:werkplaats".to_owned(), &by_attestation, &attested),
    ];
    for (id, header, signer) in cases {
        let jwt = world.signed(header, &world.claims(|claims| claims["client_id"] = json!(id)), signer);
        let token = token(&world, &key, &original, planned(&world, &id, &jwt, &original).unwrap());
        let binding = Jws::parse(token["mc"][0].as_str().unwrap().rsplit_once('~').unwrap().1).unwrap();
        assert_eq!(binding.claims().unwrap()["aud"], json!(id), "{id}");
    }
}

#[test]
fn vp_5_iss_and_what_is_unknown_are_ignored() {
    let world = World::new();
    let plan = |change: fn(&mut Value)| world.plan(&world.request(change), Vec::new()).unwrap().0;
    let plain = plan(|_| {});
    assert_eq!(plan(|c| c["iss"] = json!("https://evil.example")).requester, plain.requester);
    assert_eq!(plan(|c| c["unheard_of"] = json!({"a": [1]})).requester, plain.requester);
    let described = plan(|c| c["client_metadata"] = json!({"unheard_of": 7, "logo_uri": "https://evil.example/x.svg"}));
    assert_eq!(described.requester, plain.requester);
}

#[test]
fn vp_5_10_1_what_stands_beside_the_request_object_counts_for_nothing() {
    let world = World::new();
    let with = |name: &str, value: &str, jwt: &str| {
        let mut beside = link(&world.client_id());
        beside.push((name.to_owned(), value.to_owned()));
        let (_, sharing) = sent(world.begin(&beside).unwrap());
        world.cards(sharing.reply(Ok(object(jwt)), world.env())?, Vec::new())
    };
    let without_nonce = world.request(|c| drop(c.as_object_mut().unwrap().remove("nonce")));
    let refused = with("nonce", "n-from-the-link", &without_nonce).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::RequestInvalid);
    let stateless = world.request(|c| drop(c.as_object_mut().unwrap().remove("state")));
    let (_, sharing) = with("state", "s-from-the-link", &stateless).unwrap();
    let (no, _) = sent(sharing.answer(Answer::Decline, world.env()).unwrap());
    assert_eq!(form(&no), [("error".to_owned(), "access_denied".to_owned())]);
}

#[test]
fn vp_8_1_a_query_that_was_not_answered_is_absent_and_each_answer_is_a_list() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let original = world.sd_jwt(&key, |_| {});
    let jwt = world.request(|c| {
        let query = |id: &str, vct: &str| json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [vct]}});
        c["dcql_query"] = json!({"credentials": [query("mc", VCT), query("no", "urn:other"), query("extra", VCT)],
            "credential_sets": [{"options": [["no"], ["mc"]]}, {"options": [["extra"]], "required": false}]});
    });
    let token = token(&world, &key, &original, planned(&world, &world.client_id(), &jwt, &original).unwrap());
    let members: Vec<&String> = token.as_object().unwrap().keys().collect();
    assert_eq!(members, ["mc"]);
    assert_eq!(token["mc"].as_array().unwrap().len(), 1);
}

#[test]
fn dcql_6_1_a_card_without_a_key_is_no_candidate_where_the_holder_must_prove_it() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let original = world.sd_jwt(&key, |claims| drop(claims.as_object_mut().unwrap().remove("cnf")));
    let plan = |bound: bool| {
        let jwt = world.request(|c| {
            c["dcql_query"]["credentials"][0]["require_cryptographic_holder_binding"] = json!(bound);
        });
        let mut held = card("a", &original);
        held.holder_bound = false;
        world.plan(&jwt, vec![held]).unwrap().0
    };
    assert!(!plan(true).is_answerable() && plan(false).is_answerable());
}

#[test]
fn dcql_6_4_1_values_that_do_not_match_look_like_a_card_that_is_not_there() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let original = world.sd_jwt(&key, |_| {});
    let asked = |value: Value| {
        let jwt = world.request(|c| c["dcql_query"] = sd_jwt_query(json!([{"path": ["ects"], "values": [value]}])));
        planned(&world, &world.client_id(), &jwt, &original).unwrap().0.is_answerable()
    };
    assert!(asked(json!(5)));
    assert!(!asked(json!(6)) && !asked(json!("5")) && !asked(json!(true)), "exact in type and value");
}

/// Requests of the Digital Credentials API never come to a program of its own: neither their modes nor their origins are
/// taken from a link.
#[test]
fn oid4vp_1final_wallet_negative_test_wrong_expected_origins() {
    let world = World::new();
    for mode in ["dc_api", "dc_api.jwt"] {
        let jwt = world.request(|c| {
            c["response_mode"] = json!(mode);
            c["expected_origins"] = json!(["https://evil.example"]);
        });
        assert_eq!(world.plan(&jwt, Vec::new()).unwrap_err().kind(), ErrorKind::RequestUnsupported);
    }
}

#[test]
fn haip_5_what_the_profile_needs_of_a_wallet_is_said_to_a_verifier_that_asks() {
    let world = World::new();
    let mut by_post = link(&world.client_id());
    by_post.push(("request_uri_method".to_owned(), "post".to_owned()));
    let (exchange, _) = sent(world.begin(&by_post).unwrap());
    let metadata = form(&exchange).into_iter().find(|(name, _)| name == "wallet_metadata").unwrap().1;
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let lists = |name: &str, word: &str| metadata[name].as_array().unwrap().contains(&json!(word));
    assert!(lists("client_id_prefixes_supported", "x509_hash"));
    assert!(lists("response_modes_supported", "direct_post.jwt"));
    assert!(lists("request_object_signing_alg_values_supported", "ES256"));
    assert_eq!(metadata["vp_formats_supported"]["dc+sd-jwt"]["kb-jwt_alg_values"], json!(["ES256"]));
}
