//! Verifiers that still speak Presentation Exchange, as the Dutch sandbox has them.

use crate::common;
use crate::common::{VCT, World, card, form, held_key, link, object, reply, sent};
use leerpas_core::{ErrorKind, Machine, Purpose};
use leerpas_credential::{
    jose::{Jws, sign_compact},
    keys::HolderKey,
    sd_jwt::SdJwt,
};
use leerpas_share::{Answer, Choice, Plan, ShareError, Sharing};
use serde_json::{Value, json};

fn definition() -> Value {
    json!({"id": "def", "input_descriptors": [{"id": "microcredential", "format": {"vc+sd-jwt": {}},
        "constraints": {"fields": [{"path": ["$.vct"], "filter": {"const": VCT}}, {"path": ["$.title"]}]}}]})
}

fn answered(world: &World, key: HolderKey, original: &[u8], (plan, sharing): (Plan, Sharing)) -> Vec<(String, String)> {
    let approval = plan.approve(&plan.fingerprint, &Choice::default()).unwrap();
    let keys = vec![held_key("a", key, original)];
    form(&sent(sharing.answer(Answer::Share { approval, keys }, world.env()).unwrap()).0)
}

#[test]
fn a_definition_is_answered_with_a_submission() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let original = world.sd_jwt(&key, |_| {});
    let jwt = world.request(|c| {
        c.as_object_mut().unwrap().remove("dcql_query");
        c["presentation_definition"] = definition();
    });
    let planned = world.plan(&jwt, vec![card("a", &original)]).unwrap();
    let form = answered(&world, key, &original, planned);
    let get = |name: &str| form.iter().find(|(n, _)| n == name).unwrap().1.as_str();
    let shown = SdJwt::parse(get("vp_token")).unwrap();
    assert_eq!(shown.claims()["title"], "Watermanagement");
    assert!(shown.claims().get("name").is_none());
    let submission: Value = serde_json::from_str(get("presentation_submission")).unwrap();
    assert_eq!(submission["descriptor_map"][0], json!({"id": "microcredential", "format": "vc+sd-jwt", "path": "$"}));
    assert_eq!(get("state"), "s-1");
}

#[test]
fn pex_2_a_credential_as_jwt_goes_within_a_presentation_that_the_holder_signs() {
    let world = World::new();
    let key = HolderKey::make(&world.entropy);
    let (public, holder) = (key.public(), key.did_jwk());
    let did = world.badge_issuer.public().did_key().unwrap();
    let header = json!({"typ": "JWT", "kid": format!("{did}#{}", did.trim_start_matches("did:key:"))});
    let claims = json!({"iss": did, "sub": holder, "nbf": common::NOW - 1000, "vc": {
        "@context": ["https://www.w3.org/2018/credentials/v1"], "type": ["VerifiableCredential"],
        "credentialSubject": {"name": "Noor de Wit", "title": "Watermanagement"}}});
    let original = sign_compact(&header, claims.to_string().as_bytes(), &world.badge_issuer).unwrap().into_bytes();
    let jwt = world.request(|c| {
        c.as_object_mut().unwrap().remove("dcql_query");
        c["presentation_definition"] = json!({"id": "def", "format": {"jwt_vp": {"alg": ["ES256"]}}, "input_descriptors": [
            {"id": "enrolment", "constraints": {"fields": [
                {"path": ["$.vc.type"], "filter": {"type": "array", "contains": {"const": "VerifiableCredential"}}},
                {"path": ["$.vc.credentialSubject.title"]}]}}]});
    });
    let planned = world.plan(&jwt, vec![card("a", &original)]).unwrap();
    assert!(planned.0.queries[0].candidates[0].whole, "such a token hides nothing, and the plan says so");
    let form = answered(&world, key, &original, planned);
    let get = |name: &str| form.iter().find(|(n, _)| n == name).unwrap().1.as_str();
    let presentation = Jws::parse(get("vp_token")).unwrap();
    presentation.verify(&public).unwrap();
    let claims = Value::Object(presentation.claims().unwrap());
    assert_eq!((claims["nonce"].as_str(), claims["iss"].as_str()), (Some(common::NONCE), Some(holder.as_str())));
    assert_eq!(claims["aud"].as_str(), Some(world.client_id().as_str()));
    let submission: Value = serde_json::from_str(get("presentation_submission")).unwrap();
    let entry = &submission["descriptor_map"][0];
    assert_eq!((entry["format"].as_str(), entry["path"].as_str()), (Some("jwt_vp"), Some("$")));
    // What the path says is what lies there.
    let nested = entry["path_nested"]["path"].as_str().unwrap();
    assert_eq!(nested, "$.vp.verifiableCredential[0]");
    assert_eq!(claims["vp"]["verifiableCredential"][0].as_str().map(str::as_bytes), Some(original.as_slice()));
}

fn fetched(world: &World, uri: &str, body: &str) -> Result<(Plan, Sharing), ShareError> {
    let key = HolderKey::make(&world.entropy);
    let cards = vec![card("a", &world.sd_jwt(&key, |_| {}))];
    let jwt = world.request(|c| {
        c.as_object_mut().unwrap().remove("dcql_query");
        c["presentation_definition_uri"] = json!(uri);
    });
    let (_, sharing) = sent(world.begin(&link(&world.client_id()))?);
    let (exchange, sharing) = sent(sharing.reply(Ok(object(&jwt)), world.env())?);
    assert_eq!((exchange.purpose, exchange.url.as_str()), (Purpose::Metadata, uri));
    world.cards(sharing.reply(Ok(reply(200, "application/json", body)), world.env())?, cards)
}

#[test]
fn a_definition_by_reference_is_fetched_from_the_host_of_the_request_alone() {
    let world = World::new();
    let good = definition().to_string();
    let (plan, _) = fetched(&world, "https://desk.example/definition", &good).unwrap();
    assert_eq!(plan.queries.len(), 1);
    for elsewhere in ["https://evil.example/d", "http://desk.example/d", "https://desk.example:8443/d"] {
        let error = fetched(&world, elsewhere, &good).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RequestUnsupported, "{elsewhere}");
    }
    for (body, kind) in [("<html>", ErrorKind::ReplyUnreadable), ("{}", ErrorKind::RequestInvalid)] {
        let error = fetched(&world, "https://desk.example/definition", body).unwrap_err();
        assert_eq!(error.kind(), kind, "{body}");
    }
}

#[test]
fn security_d12_two_ways_of_asking_at_once_are_refused() {
    let world = World::new();
    let table: [(&str, Value); 2] = [("scope", json!("openid")), ("presentation_definition", definition())];
    for (name, value) in table {
        let jwt = world.request(|c| c[name] = value);
        assert_eq!(world.plan(&jwt, Vec::new()).unwrap_err().kind(), ErrorKind::RequestInvalid, "{name}");
    }
    let neither = world.request(|c| drop(c.as_object_mut().unwrap().remove("dcql_query")));
    assert_eq!(world.plan(&neither, Vec::new()).unwrap_err().kind(), ErrorKind::RequestInvalid);
}
