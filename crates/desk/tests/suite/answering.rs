//! From a request on the page to a verdict on the page, with the wallet's side over TLS.

use crate::trial;
use std::sync::Arc;

use crate::trial::{Trial, object_of, paths, presentations, request_uri, response_to, trial};
use leerpas_core::{Exchange, Purpose, Timestamp, Url};
use leerpas_openid::vp::AuthorizationResponse;
use serde_json::{Value, json};

async fn asked(trial: &Trial) -> (trial::Answer, Value) {
    let asked = trial.ask(&json!({ "template": "microcredential", "purpose": "Sollicitatie" })).await;
    assert_eq!(asked.status, 200);
    let object = object_of(&trial.fetch(asked.json()["link"].as_str().unwrap()).await);
    (asked, object)
}

fn check<'a>(presentation: &'a Value, name: &str) -> &'a Value {
    presentation["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap()
}

#[tokio::test]
async fn a_request_has_a_link_a_qr_code_an_end_and_a_cookie() {
    let trial = trial().await;
    let asked = trial.ask(&json!({ "template": "microcredential" })).await;
    let body = asked.json();
    assert!(body["link"].as_str().unwrap().starts_with("openid4vp://?client_id=x509_hash%3A"));
    assert!(body["link"].as_str().unwrap().contains("request_uri=https%3A%2F%2Flocalhost%3A"));
    assert!(body["qr"].as_str().unwrap().starts_with("data:image/svg+xml,"));
    let expires: Timestamp = body["expires"].as_str().unwrap().parse().unwrap();
    let left = expires.as_second() - Timestamp::now().as_second();
    assert!((290..=300).contains(&left), "{left}");
    let cookie = &asked.headers["set-cookie"];
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let value = cookie.split(';').next().unwrap().split_once('=').unwrap().1;
    assert!(value.len() >= 22, "at least 128 bits in base64url");
    assert!(!body["link"].as_str().unwrap().contains(body["id"].as_str().unwrap()));
}

#[tokio::test]
async fn openid4vp_5_the_request_object_is_signed_typed_and_says_why() {
    let trial = trial().await;
    let asked = trial.ask(&json!({ "template": "microcredential", "purpose": "Sollicitatie" })).await;
    let reply = trial.fetch(asked.json()["link"].as_str().unwrap()).await;
    assert_eq!(reply.media_type.as_deref(), Some("application/oauth-authz-req+jwt"));
    let object = object_of(&reply);
    assert!(object["client_id"].as_str().unwrap().starts_with("x509_hash:"));
    assert_eq!(object["response_mode"], "direct_post.jwt");
    assert!(object["nonce"].as_str().unwrap().len() >= 22);
    assert!(object.to_string().contains("Sollicitatie"));
    assert_eq!(object["client_metadata"]["jwks"]["keys"][0]["kty"], "EC");
}

#[tokio::test]
async fn a_request_is_handed_out_until_it_is_answered() {
    let trial = trial().await;
    let asked = trial.ask(&json!({ "template": "badge" })).await.json();
    let link = asked["link"].as_str().unwrap();
    let first = object_of(&trial.fetch(link).await);
    assert_eq!(object_of(&trial.fetch(link).await)["nonce"], first["nonce"]);
    let no = AuthorizationResponse::Error {
        error: "access_denied".to_owned(),
        state: first["state"].as_str().map(str::to_owned),
    };
    assert_eq!(trial.respond(&first, &no).await.status, 200);
    let late = trial.fetch(link).await;
    assert_eq!((late.status, late.body.is_empty()), (404, true));
    let mut unknown = request_uri(link);
    unknown.set_path("/request/00000000000000000000000000000000");
    let reply = trial.client.run(Exchange::get(Purpose::RequestObject, unknown, "*/*")).await.unwrap();
    assert_eq!(reply.status, 404);
}

#[tokio::test]
async fn openid4vp_5_10_a_wallet_nonce_is_echoed() {
    let trial = trial().await;
    let asked = trial.ask(&json!({ "template": "badge" })).await.json();
    let url = request_uri(asked["link"].as_str().unwrap());
    let form = vec![("wallet_nonce".to_owned(), "abc-123".to_owned())];
    let reply = trial.client.run(Exchange::post_form(Purpose::RequestObject, url, form)).await.unwrap();
    assert_eq!(object_of(&reply)["wallet_nonce"], "abc-123");
}

#[tokio::test]
async fn an_answer_is_judged_and_only_what_was_asked_for_is_kept() {
    let trial = trial().await;
    let (asked, object) = asked(&trial).await;
    assert_eq!(trial.result(&asked).await["state"], "waiting");
    let (credential, key) = trial.credential(|_| {});
    let presentation = trial.present(&object, &credential, &key, &paths());
    let reply = trial.respond(&object, &presentations(&object, "microcredential", vec![presentation])).await;
    assert_eq!((reply.status, reply.body.as_slice()), (200, b"{}".as_slice()));
    let result = trial.result(&asked).await;
    assert_eq!(result["state"], "answered");
    let judged = &result["presentations"][0];
    assert_eq!(judged["query"], "microcredential");
    for name in ["signature", "issuer_key", "issuer_trust", "holder", "nonce", "audience", "kind", "claims"] {
        assert_eq!(check(judged, name)["result"], "pass", "{name}: {result:#}");
    }
    assert_eq!(result["verdict"], "valid", "{result:#}");
    assert_eq!(judged["issuer"]["name"], "Hogeschool");
    assert_eq!(judged["claims"]["credentialSubject.achievement.name"], "Watermanagement");
    assert!(!result.to_string().contains("1994-05-17"), "the date of birth was shown and not asked for");
}

#[tokio::test]
async fn j01_of_fifty_answers_at_once_exactly_one_is_taken() {
    let trial = Arc::new(trial().await);
    let (asked, object) = asked(&trial).await;
    let (credential, key) = trial.credential(|_| {});
    let presentation = trial.present(&object, &credential, &key, &paths());
    let answer = presentations(&object, "microcredential", vec![presentation]);
    let posts: Vec<_> = (0..50)
        .map(|_| {
            let (trial, exchange) = (Arc::clone(&trial), response_to(&object, &answer));
            tokio::spawn(async move { trial.client.run(exchange).await.unwrap().status })
        })
        .collect();
    let mut taken = 0;
    for post in posts {
        match post.await.unwrap() {
            200 => taken += 1,
            status => assert_eq!(status, 400),
        }
    }
    assert_eq!(taken, 1);
    let before = trial.result(&asked).await;
    assert_eq!(trial.respond(&object, &answer).await.status, 400);
    assert_eq!(trial.result(&asked).await, before);
}

#[tokio::test]
async fn a_later_answer_changes_nothing() {
    let trial = trial().await;
    let (asked, object) = asked(&trial).await;
    let no = AuthorizationResponse::Error {
        error: "access_denied".to_owned(),
        state: object["state"].as_str().map(str::to_owned),
    };
    assert_eq!(trial.respond(&object, &no).await.status, 200);
    assert_eq!(trial.result(&asked).await["state"], "declined");
    let (credential, key) = trial.credential(|_| {});
    let presentation = trial.present(&object, &credential, &key, &paths());
    let reply = trial.respond(&object, &presentations(&object, "microcredential", vec![presentation])).await;
    assert_eq!(reply.status, 400);
    assert_eq!(trial.result(&asked).await["state"], "declined");
}

#[tokio::test]
async fn j02_what_is_no_answer_to_this_request_gets_400_and_the_request_stays_open() {
    let trial = trial().await;
    let (asked, object) = asked(&trial).await;
    let (_, other) = self::asked(&trial).await;
    let (credential, key) = trial.credential(|_| {});
    let presentation = trial.present(&object, &credential, &key, &paths());

    let mut foreign = object.clone();
    foreign["state"] = json!("another-state-of-somebody");
    let wrong_state = presentations(&foreign, "microcredential", vec![presentation.clone()]);
    assert_eq!(trial.respond(&object, &wrong_state).await.status, 400);
    let mut other_key = object.clone();
    other_key["client_metadata"] = other["client_metadata"].clone();
    let right = presentations(&object, "microcredential", vec![presentation.clone()]);
    assert_eq!(trial.respond(&other_key, &right).await.status, 400, "encrypted to another request's key");
    let other_query = presentations(&object, "badge", vec![presentation.clone()]);
    assert_eq!(trial.respond(&object, &other_query).await.status, 400);
    let two = presentations(&object, "microcredential", vec![presentation.clone(), presentation]);
    assert_eq!(trial.respond(&object, &two).await.status, 400, "one was asked for");
    let url = Url::parse(object["response_uri"].as_str().unwrap()).unwrap();
    let in_clear = Exchange::post_form(Purpose::Response, url.clone(), right.to_form());
    assert_eq!(trial.client.run(in_clear).await.unwrap().status, 400, "encryption was asked for");
    let json_body = Exchange::post_json(Purpose::Response, url, json!({ "vp_token": {} }));
    assert_eq!(trial.client.run(json_body).await.unwrap().status, 415);

    assert_eq!(trial.result(&asked).await["state"], "waiting");
    assert_eq!(trial.respond(&object, &right).await.status, 200);
    assert_eq!(trial.result(&asked).await["verdict"], "valid");
}

#[tokio::test]
async fn security_j06_j07_j09_bad_presentations_have_their_own_failed_check() {
    let trial = trial().await;
    // Made for another request.
    let (first, object) = asked(&trial).await;
    let (_, other) = asked(&trial).await;
    let (credential, key) = trial.credential(|_| {});
    let replayed = trial.present(&other, &credential, &key, &paths());
    trial.respond(&object, &presentations(&object, "microcredential", vec![replayed])).await;
    let result = trial.result(&first).await;
    assert_eq!(result["verdict"], "invalid");
    assert_eq!(check(&result["presentations"][0], "nonce")["result"], "fail");
    assert_eq!(result["presentations"][0]["claims"], json!({}));

    // Without a proof of possession.
    let (second, object) = asked(&trial).await;
    trial.respond(&object, &presentations(&object, "microcredential", vec![json!(credential)])).await;
    let result = trial.result(&second).await;
    assert_eq!(result["verdict"], "invalid");

    // Run out.
    let (third, object) = asked(&trial).await;
    let (old, key) = trial.credential(|claims| claims["exp"] = json!(Timestamp::now().as_second() - 3600));
    let presentation = trial.present(&object, &old, &key, &paths());
    trial.respond(&object, &presentations(&object, "microcredential", vec![presentation])).await;
    let result = trial.result(&third).await;
    assert_eq!(check(&result["presentations"][0], "validity")["reason"], "expired");
    assert_eq!(result["verdict"], "invalid");

    // Of another type.
    let (fourth, object) = asked(&trial).await;
    let (card, key) = trial.credential(|claims| claims["vct"] = json!("urn:leerpas:library-card:1"));
    let presentation = trial.present(&object, &card, &key, &paths());
    trial.respond(&object, &presentations(&object, "microcredential", vec![presentation])).await;
    let result = trial.result(&fourth).await;
    assert_eq!(check(&result["presentations"][0], "kind")["result"], "fail");

    // Less than was asked for.
    let (fifth, object) = asked(&trial).await;
    let (credential, key) = trial.credential(|_| {});
    let presentation = trial.present(&object, &credential, &key, &paths()[..1]);
    trial.respond(&object, &presentations(&object, "microcredential", vec![presentation])).await;
    let result = trial.result(&fifth).await;
    assert_eq!(check(&result["presentations"][0], "claims")["result"], "fail");
}

#[tokio::test]
async fn the_learner_may_leave_out_name_and_result() {
    let trial = trial().await;
    let (asked, object) = asked(&trial).await;
    let (credential, key) = trial.credential(|_| {});
    let presentation = trial.present(&object, &credential, &key, &paths()[..3]);
    trial.respond(&object, &presentations(&object, "microcredential", vec![presentation])).await;
    let result = trial.result(&asked).await;
    assert_eq!(result["verdict"], "valid", "{result:#}");
    assert!(!result.to_string().contains("Noor"));
}

#[tokio::test]
async fn a_status_list_that_cannot_be_had_is_neither_valid_nor_invalid() {
    let trial = trial().await;
    let (asked, object) = asked(&trial).await;
    let (credential, key) = trial.credential(|claims| {
        claims["status"] = json!({ "status_list": { "idx": 1, "uri": "https://localhost:9/status/1" } });
    });
    let presentation = trial.present(&object, &credential, &key, &paths());
    trial.respond(&object, &presentations(&object, "microcredential", vec![presentation])).await;
    let result = trial.result(&asked).await;
    assert_eq!(result["verdict"], "unknown");
    assert_eq!(check(&result["presentations"][0], "status")["reason"], "list_unavailable");
}

#[tokio::test]
async fn a_dropped_file_gets_the_same_checks() {
    let trial = trial().await;
    let (credential, _) = trial.credential(|_| {});
    let answer = trial.http("POST", "/api/verify", &[], credential.as_bytes()).await;
    assert_eq!(answer.status, 200);
    let result = answer.json();
    assert_eq!(result["verdict"], "valid", "{result:#}");
    assert_eq!(result["format"], "dc+sd-jwt");
    assert_eq!(result["presentations"][0]["claims"]["given_name"], "Noor");

    let facts = &result["presentations"][0]["facts"];
    assert!(
        ["credits", "levels", "results", "contents", "totals"].iter().all(|name| facts[*name].is_array()),
        "{facts}"
    );

    let mut changed = credential.into_bytes();
    let place = changed.iter().position(|byte| *byte == b'~').unwrap() - 20;
    changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
    let result = trial.http("POST", "/api/verify", &[], &changed).await.json();
    assert_eq!(result["verdict"], "invalid");
    assert_eq!(result["presentations"][0]["claims"], json!({}));
    assert!(result["presentations"][0].get("facts").is_none(), "what is not valid says nothing");

    let nothing = trial.http("POST", "/api/verify", &[], b"<html>hello</html>").await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.json()["error"]["kind"].is_string());
}
