//! The door for the browser: who may come in, and what is told to whom.

use crate::trial;
use crate::trial::trial;
use leerpas_core::{OsEntropy, SystemClock};
use leerpas_credential::trust::TrustList;
use leerpas_desk::{DeskOptions, start};
use leerpas_net::{Client, Policy};
use serde_json::json;

#[tokio::test]
async fn the_ready_line_is_as_the_contract_says() {
    let trial = trial().await;
    let line = trial.desk.ready_line();
    assert_eq!(line["ready"], "desk");
    let page = line["page"].as_str().unwrap();
    assert!(page.starts_with("http://127.0.0.1:") && page.ends_with('/'));
    assert_eq!(line["api"].as_str().unwrap(), format!("{page}api"));
    let list = std::fs::read(trial.folder.path().join("trust.json")).unwrap();
    assert!(TrustList::from_json(&list).unwrap().find(leerpas_desk::TRIAL_DESK).is_some());
}

#[tokio::test]
async fn the_page_and_its_files_come_with_strict_headers() {
    let trial = trial().await;
    for (path, media_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/desk.css", "text/css; charset=utf-8"),
        ("/ask.css", "text/css; charset=utf-8"),
        ("/result.css", "text/css; charset=utf-8"),
        ("/reason.js", "text/javascript; charset=utf-8"),
        ("/desk.js", "text/javascript; charset=utf-8"),
        ("/own.js", "text/javascript; charset=utf-8"),
        ("/view.js", "text/javascript; charset=utf-8"),
        ("/words.js", "text/javascript; charset=utf-8"),
        ("/camera.js", "text/javascript; charset=utf-8"),
        ("/offline.js", "text/javascript; charset=utf-8"),
        ("/frame.js", "text/javascript; charset=utf-8"),
        ("/held.js", "text/javascript; charset=utf-8"),
        ("/history.js", "text/javascript; charset=utf-8"),
        ("/mark.svg", "image/svg+xml"),
    ] {
        let answer = trial.http("GET", path, &[], b"").await;
        assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, media_type), "{path}");
        let policy = &answer.headers["content-security-policy"];
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe"));
        assert_eq!(answer.headers["cache-control"], "no-store");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert!(!answer.headers.contains_key("server") && !answer.headers.contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn j15_another_host_name_another_origin_and_another_media_type_are_refused() {
    let trial = trial().await;
    let body = br#"{"template":"badge"}"#;
    let json = ("content-type", "application/json");
    let post = |headers: Vec<(&'static str, String)>| {
        let trial = &trial;
        async move {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            trial.http("POST", "/api/requests", &headers, body).await.status
        }
    };
    let own = format!("http://{}", trial.host());
    assert_eq!(post(vec![(json.0, json.1.into()), ("origin", own)]).await, 200);
    assert_eq!(post(vec![(json.0, json.1.into()), ("origin", "https://evil.example".into())]).await, 403);
    assert_eq!(post(vec![(json.0, json.1.into()), ("origin", "null".into())]).await, 403);
    assert_eq!(post(vec![(json.0, json.1.into()), ("sec-fetch-site", "cross-site".into())]).await, 403);
    assert_eq!(post(vec![("content-type", "text/plain".into())]).await, 415);
    assert_eq!(post(vec![]).await, 415);
    for host in ["desk.example", "192.168.0.2"] {
        assert_eq!(trial.http("GET", "/", &[("host", host)], b"").await.status, 403, "{host}");
    }
    let file = trial.http("POST", "/api/verify", &[("origin", "https://evil.example")], b"x").await;
    assert_eq!(file.status, 403);
}

#[tokio::test]
async fn j04_a_result_is_for_the_browser_that_asked() {
    let trial = trial().await;
    let asked = trial.ask(&json!({ "template": "badge" })).await;
    let other = trial.ask(&json!({ "template": "badge" })).await;
    let path = format!("/api/requests/{}", asked.json()["id"].as_str().unwrap());
    assert_eq!(trial.http("GET", &path, &[], b"").await.status, 403);
    assert_eq!(trial.http("GET", &path, &[("cookie", "leerpas-desk=guess")], b"").await.status, 403);
    assert_eq!(trial.http("GET", &path, &[("cookie", &other.cookie())], b"").await.status, 403);
    assert_eq!(trial.http("GET", &path, &[("cookie", &asked.cookie())], b"").await.status, 200);
    let many = format!("theme=dark; {}", asked.cookie());
    assert_eq!(trial.http("GET", &path, &[("cookie", &many)], b"").await.status, 200);
    assert_eq!(trial.http("GET", "/api/requests/nothing", &[("cookie", &asked.cookie())], b"").await.status, 404);
}

#[tokio::test]
async fn requests_that_break_a_rule_get_a_named_error() {
    let trial = trial().await;
    let twice = json!({ "template": "badge", "dcql_query": { "credentials": [] } });
    let long = json!({ "template": "badge", "purpose": "x".repeat(301) });
    for bad in [
        json!({}),
        json!({ "template": "diploma" }),
        json!({ "dcql_query": {} }),
        json!({ "dcql_query": { "credentials": [{ "id": "a" }] } }),
        twice,
        long,
        json!([]),
        json!("text"),
    ] {
        let answer = trial.ask(&bad).await;
        assert_eq!(answer.status, 400, "{bad}");
        assert_eq!(answer.json()["error"]["kind"], "usage");
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    let no_json = trial.http("POST", "/api/requests", &[("content-type", "application/json")], b"{").await;
    assert_eq!(no_json.status, 400);
}

#[tokio::test]
async fn a_query_of_ones_own_can_be_asked_with_a_purpose() {
    let trial = trial().await;
    let query = json!({ "credentials": [{ "id": "a", "format": "dc+sd-jwt", "meta": { "vct_values": ["x"] } }] });
    let asked = trial.ask(&json!({ "dcql_query": query, "purpose": "Waarom" })).await;
    assert_eq!(asked.status, 200);
    let object = trial::object_of(&trial.fetch(asked.json()["link"].as_str().unwrap()).await);
    assert_eq!(object["dcql_query"]["credentials"][0]["id"], "a");
}

#[tokio::test]
async fn templates_are_listed_with_words_in_both_languages() {
    let trial = trial().await;
    let listed = trial.http("GET", "/api/templates", &[], b"").await.json();
    let ids: Vec<_> = listed["templates"].as_array().unwrap().iter().map(|template| &template["id"]).collect();
    assert_eq!(ids, ["microcredential", "badge", "microcredential_or_badge"]);
    for template in listed["templates"].as_array().unwrap() {
        assert!(template["title"]["nl"].is_string() && template["title"]["en"].is_string());
        assert!(template["dcql_query"]["credentials"].is_array());
    }
}

#[tokio::test]
async fn j10_bodies_are_capped() {
    let trial = trial().await;
    let large = vec![b'x'; 10 * 1024 * 1024 + 1];
    assert_eq!(trial.http("POST", "/api/verify", &[], &large).await.status, 413);
    let json = [("content-type", "application/json")];
    assert_eq!(trial.http("POST", "/api/requests", &json, &large[..64 * 1024 + 1]).await.status, 413);
    assert_eq!(trial.http("DELETE", "/api/requests", &[], b"").await.status, 405);
    assert_eq!(trial.http("GET", "/api/", &[], b"").await.status, 404);
}

#[tokio::test]
async fn plain_http_is_for_this_machine_only() {
    let folder = tempfile::tempdir().unwrap();
    let started = start(DeskOptions {
        listen: ([0, 0, 0, 0], 0).into(),
        data: folder.path().to_owned(),
        trust: TrustList::empty(),
        client: Client::new(Policy::default()).unwrap(),
        clock: std::sync::Arc::new(SystemClock),
        entropy: std::sync::Arc::new(OsEntropy),
    })
    .await;
    let refused = started.err().unwrap();
    assert_eq!(refused.kind(), leerpas_core::ErrorKind::AddressRefused);
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none(), "nothing was written");
}
