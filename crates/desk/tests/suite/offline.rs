//! A request by value, and an answer that is read from a screen.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::trial::{Answer, Trial, paths, presentations, trial};
use leerpas_credential::jose::{self, Jws};
use leerpas_intake::{Arrival, Frames, Input, qr_modules, qr_png, read};
use leerpas_openid::vp::AuthorizationResponse;
use serde_json::{Value, json};

async fn ask(trial: &Trial, template: &str) -> (Answer, Value) {
    let asked = trial.ask(&json!({ "template": template, "purpose": "Sollicitatie", "offline": true })).await;
    assert_eq!(asked.status, 200, "{}", String::from_utf8_lossy(&asked.body));
    let object = object_of(asked.json()["code"].as_str().unwrap());
    (asked, object)
}

/// The claims of the request in a code.
fn object_of(code: &str) -> Value {
    let Arrival::Request(source) = read(Input::Text(code)).unwrap() else { unreachable!("a request") };
    Value::Object(Jws::parse(&source.request.unwrap()).unwrap().claims().unwrap())
}

fn frames(object: &Value, answer: &AuthorizationResponse) -> Frames {
    let jwk = &object["client_metadata"]["jwks"]["keys"][0];
    Frames::of(&jose::encrypt(answer.to_payload().to_string().as_bytes(), jwk, "A256GCM").unwrap()).unwrap()
}

async fn post(trial: &Trial, asked: &Answer, media_type: &str, body: &[u8]) -> Answer {
    let path = format!("/api/requests/{}/frames", asked.json()["id"].as_str().unwrap());
    trial.http("POST", &path, &[("cookie", &asked.cookie()), ("content-type", media_type)], body).await
}

fn answer_of(trial: &Trial, object: &Value) -> AuthorizationResponse {
    let (credential, key) = trial.credential(|_| {});
    presentations(object, "microcredential", vec![trial.present(object, &credential, &key, &paths())])
}

#[tokio::test]
async fn a_request_by_value_fits_a_code_that_a_camera_reads() {
    let trial = trial().await;
    for template in ["microcredential", "badge", "microcredential_or_badge"] {
        let (asked, object) = ask(&trial, template).await;
        let body = asked.json();
        assert_eq!(object["response_mode"], "leerpas_frames.jwt");
        assert!(object.get("response_uri").is_none(), "{object}");
        assert!(body["link"].as_str().unwrap().starts_with("openid4vp://?client_id=x509_hash%3A"));
        let code = body["code"].as_str().unwrap();
        let size = qr_modules(code).unwrap().size;
        assert!(size <= 145, "{template}: {size} squares for {} letters", code.len());
        // The link and the code say the same.
        assert_eq!(read(Input::Text(body["link"].as_str().unwrap())).unwrap(), read(Input::Text(code)).unwrap());
    }
}

#[tokio::test]
async fn pictures_of_the_answer_come_to_a_verdict_with_three_in_ten_lost() {
    let trial = trial().await;
    let (asked, object) = ask(&trial, "microcredential").await;
    let frames = frames(&object, &answer_of(&trial, &object));
    let mut last = Value::Null;
    // Out of order, some twice, some never, and a wall in between.
    let wall = qr_png("https://example.org/", 3).unwrap();
    for (number, text) in frames.texts.iter().enumerate().rev().filter(|(number, _)| number % 10 > 2) {
        for _ in 0..1 + number % 2 {
            last = post(&trial, &asked, "image/png", &qr_png(text, 3).unwrap()).await.json();
            if last["waiting"] == false {
                break;
            }
            assert_eq!((&last["need"], &last["strange"]), (&json!(frames.needed), &json!(false)));
        }
        if last["waiting"] == false {
            break;
        }
        post(&trial, &asked, "image/png", &wall).await;
    }
    assert_eq!(last, json!({ "waiting": false }));
    let result = trial.result(&asked).await;
    assert_eq!((&result["state"], &result["verdict"]), (&json!("answered"), &json!("valid")), "{result:#}");
    assert_eq!(result["offline"], true);
    assert_eq!(result["presentations"][0]["claims"]["credentialSubject.achievement.name"], "Watermanagement");
    assert!(!result.to_string().contains("1994-05-17"), "the date of birth was shown and not asked for");
    // A second time changes nothing.
    let again = post(&trial, &asked, "text/plain", frames.texts.join("\n").as_bytes()).await;
    assert_eq!((again.json(), trial.result(&asked).await), (json!({ "waiting": false }), result));
}

#[tokio::test]
async fn lines_of_text_do_as_well_and_strangers_answers_change_nothing() {
    let trial = trial().await;
    let (asked, object) = ask(&trial, "microcredential").await;
    let (_, other) = ask(&trial, "microcredential").await;
    let theirs = frames(&other, &answer_of(&trial, &other));
    let told = post(&trial, &asked, "text/plain", theirs.texts.join("\n").as_bytes()).await.json();
    assert_eq!((&told["waiting"], &told["strange"]), (&json!(true), &json!(true)), "{told}");
    assert_eq!(trial.result(&asked).await["state"], "waiting");

    let ours = frames(&object, &answer_of(&trial, &object));
    let half = ours.texts[..ours.needed / 2].join("\r\n");
    let told = post(&trial, &asked, "text/plain; charset=utf-8", half.as_bytes()).await.json();
    assert_eq!((&told["have"], &told["need"]), (&json!(ours.needed / 2), &json!(ours.needed)), "{told}");
    let told = post(&trial, &asked, "text/plain", ours.texts.join("\n").as_bytes()).await.json();
    assert_eq!(told, json!({ "waiting": false }));
    assert_eq!(trial.result(&asked).await["verdict"], "valid");
}

#[tokio::test]
async fn only_the_browser_that_asked_brings_pictures_and_only_pictures_and_text() {
    let trial = trial().await;
    let (asked, object) = ask(&trial, "microcredential").await;
    let lines = frames(&object, &answer_of(&trial, &object)).texts.join("\n");
    let path = format!("/api/requests/{}/frames", asked.json()["id"].as_str().unwrap());
    let text = ("content-type", "text/plain");
    assert_eq!(trial.http("POST", &path, &[text], lines.as_bytes()).await.status, 403);
    let foreign = [text, ("origin", "https://evil.example"), ("cookie", &asked.cookie())];
    assert_eq!(trial.http("POST", &path, &foreign, lines.as_bytes()).await.status, 403);
    assert_eq!(trial.http("POST", "/api/requests/none/frames", &[text], b"").await.status, 404);
    assert_eq!(post(&trial, &asked, "image/gif", b"GIF89a").await.status, 415);
    assert_eq!(post(&trial, &asked, "image/png", &vec![0; 5 * 1024 * 1024]).await.status, 413);
    for (media_type, body) in
        [("image/png", b"\x89PNG\r\n\x1a\n????".as_slice()), ("text/plain", b"\xff\xfe\0"), ("image/jpeg", b"")]
    {
        let told = post(&trial, &asked, media_type, body).await;
        assert_eq!((told.status, told.json()["have"].clone()), (200, json!(0)), "{media_type}");
    }
    assert_eq!(trial.result(&asked).await["state"], "waiting");
    let bad = trial.ask(&json!({ "template": "badge", "offline": "yes" })).await;
    assert_eq!(bad.status, 400);
}

#[tokio::test]
async fn without_a_network_a_list_that_was_never_fetched_cannot_be_checked() {
    let trial = trial().await;
    let (asked, object) = ask(&trial, "microcredential").await;
    let (credential, key) = trial.credential(|claims| {
        claims["status"] = json!({ "status_list": { "idx": 0, "uri": "https://hogeschool.example/list" } });
    });
    let presentation = trial.present(&object, &credential, &key, &paths());
    let frames = frames(&object, &presentations(&object, "microcredential", vec![presentation]));
    post(&trial, &asked, "text/plain", frames.texts.join("\n").as_bytes()).await;
    let result = trial.result(&asked).await;
    assert_eq!(result["verdict"], "unknown", "{result:#}");
    let checks = result["presentations"][0]["checks"].as_array().unwrap();
    let status = checks.iter().find(|check| check["name"] == "status").unwrap();
    assert_eq!(status["result"], "unknown");
}

#[tokio::test]
async fn security_j08_an_answer_as_pictures_is_judged_for_what_was_asked_and_stored_nowhere() {
    let trial = trial().await;
    let (asked, object) = ask(&trial, "microcredential").await;
    assert!(!object["dcql_query"].to_string().contains("birthdate"));
    let frames = frames(&object, &answer_of(&trial, &object));
    post(&trial, &asked, "text/plain", frames.texts.join("\n").as_bytes()).await;
    let result = trial.result(&asked).await;
    assert_eq!(result["verdict"], "valid", "{result:#}");
    assert!(result.to_string().contains("Noor") && !result.to_string().contains("1994-05-17"));
    for file in std::fs::read_dir(trial.folder.path()).unwrap().flatten() {
        let text = String::from_utf8_lossy(&std::fs::read(file.path()).unwrap_or_default()).into_owned();
        // What was fetched lies there as base64, in `seen.json`: that too holds nothing of a candidate.
        let documents: Vec<Value> = serde_json::from_str(&text).unwrap_or_default();
        let inner = documents.iter().filter_map(|document| document["bytes"].as_str());
        let opened = inner.filter_map(|bytes| STANDARD.decode(bytes).ok());
        let all: Vec<String> = opened.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).chain([text]).collect();
        for word in ["1994-05-17", "Noor", "Watermanagement"] {
            assert!(all.iter().all(|text| !text.contains(word)), "{word} in {:?}", file.path());
        }
    }
    // And it is for the browser that asked alone.
    let path = format!("/api/requests/{}", asked.json()["id"].as_str().unwrap());
    for headers in [vec![], vec![("cookie", "leerpas-desk=guess")]] {
        let seen = trial.http("GET", &path, &headers, b"").await;
        assert_eq!(seen.status, 403);
        assert!(!String::from_utf8_lossy(&seen.body).contains("Noor"));
    }
}

#[tokio::test]
async fn vp_8_3_each_request_without_a_network_has_a_key_of_its_own_that_no_other_answer_opens() {
    let trial = trial().await;
    let mut keys = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let (_, object) = ask(&trial, "badge").await;
        let jwk = &object["client_metadata"]["jwks"]["keys"][0];
        assert!(keys.insert(jwk["x"].to_string()) && keys.insert(jwk["kid"].to_string()), "{jwk}");
        assert!(jwk.get("d").is_none());
    }
}
