//! The desk among strangers: the rows of the security notes on a verifier that have no test beside what they are about.

use crate::trial;
use std::{
    fmt::Write,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::trial::{Trial, object_of, paths, presentations, response_to, trial};
use leerpas_core::{Exchange, OsEntropy, Purpose, SystemClock, Url};
use leerpas_desk::{DeskOptions, start};
use leerpas_net::{Client, Policy};
use leerpas_openid::vp::{AuthorizationResponse, VpToken};
use serde_json::{Value, json};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

async fn asked(trial: &Trial) -> (trial::Answer, Value) {
    let asked = trial.ask(&json!({ "template": "microcredential" })).await;
    let object = object_of(&trial.fetch(asked.json()["link"].as_str().unwrap()).await);
    (asked, object)
}

fn good(trial: &Trial, object: &Value) -> AuthorizationResponse {
    let (credential, key) = trial.credential(|_| {});
    presentations(object, "microcredential", vec![trial.present(object, &credential, &key, &paths())])
}

/// The form that an honest wallet posts, as text.
fn form(object: &Value, answer: &AuthorizationResponse) -> String {
    match response_to(object, answer).body {
        leerpas_core::Body::Form(pairs) => {
            let mut url = Url::parse("https://desk.example/").unwrap();
            url.query_pairs_mut().extend_pairs(pairs.iter().map(|(name, value)| (name, value)));
            url.query().unwrap().to_owned()
        }
        other => panic!("a form, not {other:?}"),
    }
}

#[tokio::test]
async fn security_j05_a_token_of_another_shape_is_refused_whole() {
    let trial = trial().await;
    let (asked, object) = asked(&trial).await;
    let (credential, key) = trial.credential(|_| {});
    let one = trial.present(&object, &credential, &key, &paths());
    let state = object["state"].as_str().map(str::to_owned);
    for entries in [
        vec![],
        vec![("other", vec![one.clone()])],
        vec![("microcredential", vec![])],
        vec![("microcredential", vec![one.clone()]), ("other", vec![one.clone()])],
        vec![("microcredential", vec![one.clone(), one.clone()])],
        vec![("microcredential", vec![json!(7)])],
    ] {
        let vp_token = VpToken::new(entries.into_iter().map(|(id, list)| (id.to_owned(), list)).collect());
        let answer = AuthorizationResponse::Presentations { vp_token, state: state.clone() };
        let reply = trial.respond(&object, &answer).await;
        assert_eq!((reply.status, reply.body.is_empty()), (400, true));
    }
    assert_eq!(trial.result(&asked).await["state"], "waiting");
    assert_eq!(trial.respond(&object, &good(&trial, &object)).await.status, 200);
}

#[tokio::test]
async fn security_j08_what_was_not_asked_for_is_dropped_and_stored_nowhere() {
    let trial = trial().await;
    let (asked, object) = asked(&trial).await;
    assert!(!object["dcql_query"].to_string().contains("birthdate"));
    trial.respond(&object, &good(&trial, &object)).await;
    let result = trial.result(&asked).await;
    assert_eq!(result["verdict"], "valid");
    assert!(!result.to_string().contains("1994-05-17"));
    for file in std::fs::read_dir(trial.folder.path()).unwrap().flatten() {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("1994-05-17") && !text.contains("Noor"), "{:?}", file.path());
    }
}

#[tokio::test]
async fn security_j10_only_one_plain_form_is_an_answer() {
    let trial = trial().await;
    let (asked, object) = asked(&trial).await;
    let right = form(&object, &good(&trial, &object));
    let port = Url::parse(object["response_uri"].as_str().unwrap()).unwrap().port().unwrap();
    let path = Url::parse(object["response_uri"].as_str().unwrap()).unwrap().path().to_owned();
    let plain = "application/x-www-form-urlencoded";
    let twice = format!("{right}&{right}");
    let large = "x".repeat(4 * 1024 * 1024 + 1);
    for (media_type, extra, body, status) in [
        ("multipart/form-data; boundary=x", "", right.as_str(), "415"),
        ("application/json", "", right.as_str(), "415"),
        ("text/plain", "", right.as_str(), "415"),
        ("", "", right.as_str(), "415"),
        (plain, "", twice.as_str(), "400"),
        (plain, "", "", "400"),
        (plain, "", "response=%FF%FE", "400"),
        (plain, "content-encoding: gzip\r\n", "\u{1f}\u{8b}", "400"),
        (plain, "", large.as_str(), "413"),
    ] {
        let head = format!("content-type: {media_type}\r\n{extra}content-length: {}\r\n", body.len());
        let reply = trial::post_tls(&trial, port, &path, &head, body.as_bytes()).await;
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{media_type} {extra}: {reply}");
        assert!(reply.ends_with("\r\n\r\n"), "no more than a status");
    }
    assert_eq!(trial.result(&asked).await["state"], "waiting");
    let head = format!("content-type: {plain}\r\ncontent-length: {}\r\n", right.len());
    assert!(trial::post_tls(&trial, port, &path, &head, right.as_bytes()).await.starts_with("HTTP/1.1 200 "));
    assert_eq!(trial.result(&asked).await["verdict"], "valid");
}

#[tokio::test]
async fn security_j12_an_answer_to_the_key_of_another_request_or_cut_short_is_refused() {
    let trial = trial().await;
    let (asked, object) = self::asked(&trial).await;
    let (_, other) = self::asked(&trial).await;
    let right = good(&trial, &object);
    let mut mixed = object.clone();
    mixed["client_metadata"] = other["client_metadata"].clone();
    assert_eq!(trial.respond(&mixed, &right).await.status, 400);
    let whole = form(&object, &right);
    let url = Url::parse(object["response_uri"].as_str().unwrap()).unwrap();
    let jwe = whole.strip_prefix("response=").unwrap();
    for cut in [0, 10, jwe.len() / 2, jwe.len() - 1] {
        let pairs = vec![("response".to_owned(), jwe[..cut].to_owned())];
        let reply = trial.client.run(Exchange::post_form(Purpose::Response, url.clone(), pairs)).await.unwrap();
        assert_eq!(reply.status, 400, "{cut}");
    }
    assert_eq!(trial.respond(&object, &right).await.status, 200);
    assert_eq!(trial.result(&asked).await["verdict"], "valid");
}

#[tokio::test]
async fn security_j13_no_address_in_a_credential_leads_into_a_private_network() {
    let trial = trial().await;
    for address in
        ["https://10.0.0.1/list", "https://169.254.169.254/latest", "https://[fd00::1]/list", "http://a.example/"]
    {
        let (asked, object) = asked(&trial).await;
        let (credential, key) = trial.credential(|claims| {
            claims["status"] = json!({ "status_list": { "idx": 1, "uri": address } });
            claims["vct#integrity"] = json!("sha256-x");
        });
        let presentation = trial.present(&object, &credential, &key, &paths());
        let begun = Instant::now();
        trial.respond(&object, &presentations(&object, "microcredential", vec![presentation])).await;
        assert!(begun.elapsed() < Duration::from_secs(3), "{address}: nobody was waited for");
        assert_ne!(trial.result(&asked).await["verdict"], "valid", "{address}");
    }
}

#[tokio::test]
async fn security_j14_claims_of_any_text_are_data_and_never_a_page() {
    let trial = trial().await;
    let (asked, object) = asked(&trial).await;
    let bad = "</script><img src=x onerror=alert(1)>{{7*7}}\u{202e}=cmd()";
    let (credential, key) = trial.credential(|claims| claims["given_name"] = json!(bad));
    let presentation = trial.present(&object, &credential, &key, &paths());
    trial.respond(&object, &presentations(&object, "microcredential", vec![presentation])).await;
    let path = format!("/api/requests/{}", asked.json()["id"].as_str().unwrap());
    let answer = trial.http("GET", &path, &[("cookie", &asked.cookie())], b"").await;
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert!(answer.headers["content-security-policy"].contains("script-src 'self'"));
    assert_eq!(answer.json()["presentations"][0]["claims"]["given_name"], bad);
    // The page puts texts into elements and never reads them as markup.
    for script in ["/desk.js", "/own.js", "/view.js", "/words.js", "/frame.js", "/held.js", "/history.js"] {
        let text = String::from_utf8(trial.http("GET", script, &[], b"").await.body).unwrap();
        for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
            assert!(!text.contains(way), "{script}: {way}");
        }
    }
}

#[tokio::test]
async fn security_j16_an_answer_tells_nothing_about_the_program() {
    let trial = trial().await;
    for (method, path) in
        [("GET", "/metrics"), ("GET", "/debug"), ("GET", "/api/requests"), ("POST", "/api/verify"), ("TRACE", "/")]
    {
        let answer = trial.http(method, path, &[], b"").await;
        assert!((400..500).contains(&answer.status), "{method} {path}: {}", answer.status);
        for header in ["server", "x-powered-by", "via"] {
            assert!(!answer.headers.contains_key(header), "{path}: {header}");
        }
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!text.contains(".rs") && !text.contains("panicked") && !text.contains("/home"), "{path}: {text}");
    }
}

/// Everything that is logged, at every level, in one text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0.lock().unwrap(), " {field}={value:?}");
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn security_j17_no_log_at_any_level_holds_a_claim_a_nonce_or_a_cookie() {
    let log = Log::default();
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    tracing::info!("the log is kept");
    let trial = trial().await;
    for round in 0..3 {
        let (asked, object) = asked(&trial).await;
        let answer = good(&trial, &object);
        trial.respond(&object, &answer).await;
        assert_eq!(trial.result(&asked).await["verdict"], "valid", "{round}");
        // Refused ones too.
        trial.respond(&object, &answer).await;
        let (credential, _) = trial.credential(|_| {});
        trial.http("POST", "/api/verify", &[], credential.as_bytes()).await;
        trial.http("POST", "/api/verify", &[], b"no credential: Canary-77").await;
        let text = log.0.lock().unwrap().clone();
        assert!(text.contains("the log is kept"));
        let (_, cookie) =
            asked.cookie().split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
        for word in ["Noor", "1994-05-17", "Watermanagement", "Canary-77", object["nonce"].as_str().unwrap(), &cookie] {
            assert!(!text.contains(word), "{word} is in the log");
        }
    }
}

#[tokio::test]
async fn security_j20_after_a_restart_an_open_request_is_gone_and_the_wallet_is_told() {
    let trial = trial().await;
    let (asked, object) = asked(&trial).await;
    let answer = good(&trial, &object);
    let again = start(DeskOptions {
        listen: ([127, 0, 0, 1], 0).into(),
        data: trial.folder.path().to_owned(),
        trust: leerpas_credential::trust::TrustList::empty(),
        client: Client::new(Policy::default()).unwrap(),
        clock: Arc::new(SystemClock),
        entropy: Arc::new(OsEntropy),
    })
    .await
    .unwrap();
    let mut moved = object.clone();
    let mut url = Url::parse(object["response_uri"].as_str().unwrap()).unwrap();
    url.set_port(Url::parse(&again.wallet_url).unwrap().port()).unwrap();
    moved["response_uri"] = json!(url);
    assert_eq!(trial.respond(&moved, &answer).await.status, 400, "another run knows nothing of it");
    // The desk that asked still takes it: once.
    assert_eq!(trial.respond(&object, &answer).await.status, 200);
    assert_eq!(trial.respond(&object, &answer).await.status, 400);
    assert_eq!(trial.result(&asked).await["verdict"], "valid");
}

#[tokio::test]
async fn security_j26_a_result_looks_the_same_however_often_it_is_seen() {
    let trial = trial().await;
    let (asked, object) = asked(&trial).await;
    trial.respond(&object, &good(&trial, &object)).await;
    let first = trial.result(&asked).await;
    for _ in 0..3 {
        assert_eq!(trial.result(&asked).await, first);
    }
    let path = format!("/api/requests/{}", asked.json()["id"].as_str().unwrap());
    let again = trial.http("POST", &path, &[("cookie", &asked.cookie())], b"").await;
    assert_eq!(again.status, 405, "there is nothing to send again");
}
