//! A desk that others find, behind the employer's proxy: who may come in, and to whom an answer is released.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use leerpas_core::{Body, Clock, Reply, SystemClock, Timestamp};
use leerpas_desk::{Certified, Identity, PublicAddress, Standing};
use serde_json::{Value, json};

use crate::trial::{
    Answer, PUBLIC, Trial, object_of, paths, presentations, request_uri, response_to, trial, trial_public, trial_with,
};

/// A clock that the test sets.
struct Set(AtomicI64);

impl Clock for Set {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

impl Set {
    fn now() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(Timestamp::now().as_millisecond())))
    }

    fn pass(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

const ASKER: &str = "203.0.113.7";
const LEARNER: &str = "2001:db8:1:2::3";
const JSON: (&str, &str) = ("content-type", "application/json");

/// One browser somewhere, with its cookies.
struct Browser<'a> {
    trial: &'a Trial,
    address: &'static str,
    cookie: Option<String>,
}

impl<'a> Browser<'a> {
    fn at(trial: &'a Trial, address: &'static str) -> Self {
        Self { trial, address, cookie: None }
    }

    async fn call(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let own = format!("https://{PUBLIC}");
        let mut headers = vec![JSON, ("x-forwarded-for", self.address), ("origin", &own)];
        if let Some(cookie) = &self.cookie {
            headers.push(("cookie", cookie));
        }
        let answer = self.trial.http(method, path, &headers, body.to_string().as_bytes()).await;
        if answer.headers.contains_key("set-cookie") {
            self.cookie = Some(answer.cookie());
        }
        answer
    }

    async fn ask(&mut self) -> Value {
        let asked = self.call("POST", "/api/requests", &json!({ "template": "microcredential" })).await;
        assert_eq!(asked.status, 200);
        asked.json()
    }

    async fn see(&mut self, asked: &Value) -> Answer {
        let path = format!("/api/requests/{}", asked["id"].as_str().unwrap());
        self.call("GET", &path, &json!(null)).await
    }

    async fn land(&mut self, code: &str) -> Answer {
        self.call("POST", "/back", &json!({ "response_code": code })).await
    }

    async fn type_in(&mut self, asked: &Value, code: &str) -> Answer {
        let path = format!("/api/requests/{}/code", asked["id"].as_str().unwrap());
        self.call("POST", &path, &json!({ "code": code })).await
    }
}

/// The wallet fetches the request, answers, and is told where its person goes on.
async fn answered(trial: &Trial, asked: &Value) -> Value {
    let object = fetched(trial, asked).await;
    let (credential, key) = trial.credential(|_| {});
    let presentation = trial.present(&object, &credential, &key, &paths());
    posted(trial, &object, &presentations(&object, "microcredential", vec![presentation])).await.json()
}

async fn fetched(trial: &Trial, asked: &Value) -> Value {
    let uri = request_uri(asked["link"].as_str().unwrap());
    assert_eq!(uri.origin().ascii_serialization(), format!("https://{PUBLIC}"));
    let answer = trial.http("GET", uri.path(), &[("x-forwarded-for", LEARNER)], b"").await;
    assert_eq!(answer.status, 200);
    object_of(&Reply::new(200, None, answer.body))
}

async fn posted(trial: &Trial, object: &Value, answer: &leerpas_openid::vp::AuthorizationResponse) -> Answer {
    let exchange = response_to(object, answer);
    assert_eq!(exchange.url.origin().ascii_serialization(), format!("https://{PUBLIC}"));
    let Body::Form(pairs) = exchange.body else { panic!("a form") };
    let mut form = leerpas_core::Url::parse("https://desk.example/").unwrap();
    form.query_pairs_mut().extend_pairs(pairs.iter().map(|(name, value)| (name, value)));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", LEARNER)];
    trial.http("POST", exchange.url.path(), &headers, form.query().unwrap().as_bytes()).await
}

/// The response code in the address that the wallet was told.
fn code_of(told: &Value) -> String {
    let way = told["redirect_uri"].as_str().unwrap();
    way.strip_prefix(&format!("https://{PUBLIC}/back#response_code=")).unwrap().to_owned()
}

async fn public() -> Trial {
    trial_public(Arc::new(SystemClock)).await
}

#[tokio::test]
async fn security_d23_on_one_device_the_answer_is_released_in_the_browser_that_asked() {
    let trial = public().await;
    let mut asker = Browser::at(&trial, ASKER);
    let asked = asker.ask().await;
    assert_eq!(asker.see(&asked).await.json()["state"], "waiting");
    let code = code_of(&answered(&trial, &asked).await);
    let held = asker.see(&asked).await.json();
    assert_eq!((&held["state"], &held["verdict"], &held["presentations"]), (&json!("held"), &json!(null), &json!([])));
    let landed = asker.land(&code).await;
    assert_eq!((landed.status, &landed.json()["id"]), (200, &asked["id"]));
    let result = asker.see(&asked).await.json();
    assert_eq!((&result["state"], &result["verdict"]), (&json!("answered"), &json!("valid")));
    assert_eq!(asker.see(&asked).await.json(), result, "as often as one likes");
}

#[tokio::test]
async fn security_j03_a_response_code_that_is_guessed_used_missing_or_of_another_browser_is_refused() {
    let trial = public().await;
    let (mut asker, mut other) = (Browser::at(&trial, ASKER), Browser::at(&trial, "203.0.113.8"));
    let asked = asker.ask().await;
    let elsewhere = other.ask().await;
    let code = code_of(&answered(&trial, &asked).await);
    let (name, secret) = code.split_once('.').unwrap();
    assert_eq!(secret.len(), 22, "128 bits");
    let guess = format!("{name}.AAAAAAAAAAAAAAAAAAAAAA");
    for wrong in [guess.as_str(), name, secret, "", "x.y", &format!(".{secret}"), &format!("{code}x")] {
        assert_eq!(asker.land(wrong).await.status, 403, "{wrong}");
    }
    for body in [json!({}), json!({ "response_code": 7 }), json!([]), json!(null)] {
        assert_eq!(asker.call("POST", "/back", &body).await.status, 403, "{body}");
    }
    assert_eq!(asker.see(&asked).await.json()["state"], "held", "nothing was released by any of them");
    // Another browser, even one that knows the name of the request and has a cookie of its own.
    assert_eq!(other.see(&asked).await.status, 403);
    let landed = other.land(&code).await;
    assert_eq!(landed.status, 403);
    assert!(landed.json().get("id").is_none());
    assert_eq!(other.see(&asked).await.status, 403);
    assert_eq!(other.see(&elsewhere).await.json()["state"], "waiting");
    // It was used there, so that it opens nothing any more, not even here.
    assert_eq!(asker.land(&code).await.status, 403);
    assert_eq!(asker.see(&asked).await.json()["state"], "held");
    // And used in the right one it is used as well.
    let again = asker.ask().await;
    let code = code_of(&answered(&trial, &again).await);
    assert_eq!(asker.land(&code).await.status, 200);
    assert_eq!(asker.land(&code).await.status, 403);
    assert_eq!(other.land(&code).await.status, 403);
    assert_eq!(asker.see(&again).await.json()["verdict"], "valid");
}

#[tokio::test]
async fn security_d23_across_devices_nothing_is_released_without_the_code_that_is_told() {
    let trial = public().await;
    let (mut asker, mut learner) = (Browser::at(&trial, ASKER), Browser::at(&trial, LEARNER));
    let asked = asker.ask().await;
    let code = code_of(&answered(&trial, &asked).await);
    let landed = learner.land(&code).await;
    assert_eq!(landed.status, 403);
    let digits = landed.json()["code"].as_str().unwrap().to_owned();
    assert!(digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_digit()));
    // Who only polls, and who types on the device that answered, get nothing.
    assert_eq!(asker.see(&asked).await.json()["state"], "held");
    assert_eq!(learner.type_in(&asked, &digits).await.status, 403);
    assert_eq!(asker.see(&asked).await.json()["state"], "held");
    assert_eq!(asker.type_in(&asked, "0").await.json()["tries"], 4);
    assert_eq!(asker.type_in(&asked, &format!("{} {}", &digits[..4], &digits[4..])).await.status, 200);
    assert_eq!(asker.see(&asked).await.json()["verdict"], "valid");
}

#[tokio::test]
async fn security_d23_a_short_code_is_for_one_request_few_tries_and_five_minutes() {
    let clock = Set::now();
    let trial = trial_public(clock.clone()).await;
    let (mut asker, mut learner) = (Browser::at(&trial, ASKER), Browser::at(&trial, LEARNER));
    let mut ready = async || {
        let asked = asker.ask().await;
        let code = code_of(&answered(&trial, &asked).await);
        (asked, learner.land(&code).await.json()["code"].as_str().unwrap().to_owned())
    };
    let (first, digits) = ready().await;
    let (second, other) = ready().await;
    assert_eq!(asker.type_in(&first, &other).await.status, 403, "of another request");
    assert_eq!(asker.type_in(&second, &other).await.status, 200);
    for left in (0..4).rev() {
        let wrong = asker.type_in(&first, "12").await;
        assert_eq!((wrong.status, &wrong.json()["tries"]), (403, &json!(left)));
    }
    assert_eq!(asker.type_in(&first, &digits).await.status, 403);
    assert_eq!(asker.see(&first).await.json()["state"], "lost");

    let mut asker = Browser::at(&trial, "203.0.113.9");
    let asked = asker.ask().await;
    let code = code_of(&answered(&trial, &asked).await);
    let digits = learner.land(&code).await.json()["code"].as_str().unwrap().to_owned();
    clock.pass(300_000);
    let late = asker.see(&asked).await.json();
    assert_eq!((&late["state"], &late["presentations"]), (&json!("lost"), &json!([])));
    assert_eq!(asker.type_in(&asked, &digits).await.status, 403);
}

#[tokio::test]
async fn who_declines_is_sent_nowhere_and_the_page_hears_it() {
    let trial = public().await;
    let mut asker = Browser::at(&trial, ASKER);
    let asked = asker.ask().await;
    let object = fetched(&trial, &asked).await;
    let no = leerpas_openid::vp::AuthorizationResponse::Error {
        error: "access_denied".to_owned(),
        state: object["state"].as_str().map(str::to_owned),
    };
    let reply = posted(&trial, &object, &no).await;
    assert_eq!((reply.status, reply.json()), (200, json!({})));
    assert_eq!(asker.see(&asked).await.json()["state"], "declined");
}

#[tokio::test]
async fn on_its_own_machine_the_desk_needs_no_code_and_gives_none() {
    let trial = trial().await;
    let asked = trial.ask(&json!({ "template": "microcredential" })).await;
    let object = object_of(&trial.fetch(asked.json()["link"].as_str().unwrap()).await);
    let (credential, key) = trial.credential(|_| {});
    let presentation = trial.present(&object, &credential, &key, &paths());
    let reply = trial.respond(&object, &presentations(&object, "microcredential", vec![presentation])).await;
    assert_eq!(reply.body, b"{}");
    assert_eq!(trial.result(&asked).await["verdict"], "valid");
    assert_eq!(trial.http("GET", "/back", &[], b"").await.status, 404);
    assert!(trial.desk.ready_line().get("listen").is_none());
}

#[tokio::test]
async fn security_j15_a_public_desk_answers_to_its_own_name_and_origin_alone() {
    let trial = public().await;
    let line = trial.desk.ready_line();
    assert_eq!((&line["page"], &line["api"]), (&json!("https://desk.example/"), &json!("https://desk.example/api")));
    assert!(line["listen"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    let ask = json!({ "template": "badge" }).to_string();
    let post = async |headers: &[(&str, &str)]| {
        let headers: Vec<_> = [JSON].iter().chain(headers).copied().collect();
        trial.http("POST", "/api/requests", &headers, ask.as_bytes()).await.status
    };
    assert_eq!(post(&[("origin", "https://desk.example")]).await, 200);
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "http://desk.example"),
        ("origin", "null"),
        ("sec-fetch-site", "same-site"),
        ("host", "127.0.0.1"),
        ("host", "localhost"),
        ("host", "desk.example.evil.example"),
    ] {
        assert_eq!(post(&[(name, value)]).await, 403, "{name}: {value}");
    }
    for path in ["/", "/back", "/request/x", "/.well-known/did.json"] {
        assert_eq!(trial.http("GET", path, &[("host", "127.0.0.1")], b"").await.status, 403, "{path}");
    }
    let landing = trial.http("GET", "/back", &[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")], b"").await;
    assert_eq!(landing.status, 200);
    assert!(landing.headers["content-security-policy"].contains("default-src 'none'"));
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(trial.http("POST", "/back", &form, b"response_code=x").await.status, 415);
}

#[tokio::test]
async fn a_public_desk_asks_under_its_own_address_and_keeps_one_cookie_for_a_browser() {
    let trial = public().await;
    let mut asker = Browser::at(&trial, ASKER);
    let first = asker.call("POST", "/api/requests", &json!({ "template": "badge" })).await;
    let cookie = &first.headers["set-cookie"];
    assert!(cookie.starts_with("__Host-leerpas-desk="), "{cookie}");
    for part in ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
        assert!(cookie.split("; ").any(|one| one == part), "{part}: {cookie}");
    }
    let second = asker.call("POST", "/api/requests", &json!({ "template": "badge" })).await;
    assert_eq!(first.cookie(), second.cookie(), "both are seen from one browser");
    assert_eq!(asker.see(&first.json()).await.status, 200);
    assert_eq!(asker.see(&second.json()).await.status, 200);
    // What a stranger writes there is no cookie of the desk's.
    let mut stranger = Browser { cookie: Some("__Host-leerpas-desk=chosen".to_owned()), ..Browser::at(&trial, ASKER) };
    stranger.ask().await;
    assert_ne!(stranger.cookie.as_deref(), Some("__Host-leerpas-desk=chosen"));

    let object = fetched(&trial, &first.json()).await;
    assert!(object["client_id"].as_str().unwrap().starts_with("x509_hash:"));
    assert!(object["response_uri"].as_str().unwrap().starts_with("https://desk.example/response/"));
    let asked = asker.call("POST", "/api/requests", &json!({ "template": "badge", "identity": "did:web" })).await;
    let link = asked.json()["link"].as_str().unwrap().to_owned();
    assert!(link.contains("did%3Aweb%3Adesk.example&"), "{link}");
    let document = trial.http("GET", "/.well-known/did.json", &[], b"").await;
    assert_eq!(document.json()["id"], "did:web:desk.example");
}

#[tokio::test]
async fn a_certificate_of_ones_own_is_asked_under_and_has_to_fit() {
    let other = trial().await;
    let env = leerpas_core::Env { now: Timestamp::now(), entropy: &leerpas_core::OsEntropy };
    let issue = |host: &str| {
        let (key, x5c) = other.authority.issue_signer("Loket", "De Linde", &[host], &[], env).unwrap();
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", x5c[0]);
        (key.to_pem().unwrap().expose().clone(), pem, x5c)
    };
    let (key, leaf, x5c) = issue(PUBLIC);
    let chain = format!("{leaf}{}", other.authority.certificate_pem());
    let standing = |certified| Standing {
        usual: Identity::default(),
        public: PublicAddress::parse("https://desk.example").ok(),
        certified: Some(certified),
    };
    let trial = trial_with(Arc::new(SystemClock), standing(Certified::read(&chain, &key).unwrap())).await;
    let mut asker = Browser::at(&trial, ASKER);
    let asked = asker.ask().await;
    let uri = request_uri(asked["link"].as_str().unwrap());
    let object = trial.http("GET", uri.path(), &[], b"").await.body;
    let jws = leerpas_credential::jose::Jws::parse(std::str::from_utf8(&object).unwrap()).unwrap();
    assert_eq!(jws.header["x5c"], json!(x5c), "the leaf, and the root stays out");
    assert_eq!(jws.claims().unwrap()["client_metadata"]["client_name"], "De Linde");

    let (another, wrong_host, _) = issue("other.example");
    assert!(Certified::read(&chain, "no key").is_err());
    assert!(Certified::read("no chain", &key).is_err());
    assert!(Certified::read(&wrong_host, &another).unwrap().identity(PUBLIC).is_err(), "for another host");
    assert!(Certified::read(&chain, &another).unwrap().identity(PUBLIC).is_err(), "for another key");
    let edwards = leerpas_credential::keys::IssuerKey::make_ed25519(&leerpas_core::OsEntropy);
    assert!(Certified::read(&chain, edwards.to_pem().unwrap().expose()).is_err(), "HAIP signs with ES256");
}

#[tokio::test]
async fn security_j22_a_caller_that_asks_too_much_is_refused_whatever_it_says_of_its_address_and_others_are_not() {
    let clock = Set::now();
    let trial = trial_public(clock.clone()).await;
    let mut refused = 0;
    for call in 0..260 {
        // A header of the caller's own stands before the word of the proxy, and another one beside it.
        let forged = format!("198.51.100.{call}, {ASKER}");
        let other = format!("for=198.51.100.{call}");
        let headers = [("x-forwarded-for", forged.as_str()), ("forwarded", other.as_str()), ("x-real-ip", "192.0.2.1")];
        refused += usize::from(trial.http("GET", "/api/templates", &headers, b"").await.status == 429);
    }
    assert_eq!(refused, 60, "200 at once");
    let status =
        async |address: &str| trial.http("GET", "/api/templates", &[("x-forwarded-for", address)], b"").await.status;
    assert_eq!(status(ASKER).await, 429);
    assert_eq!(status("203.0.113.8").await, 200, "an honest neighbour");
    assert_eq!(status(LEARNER).await, 200);
    // The same house has one share, however many addresses it has.
    for call in 0..260 {
        status(&format!("2001:db8:9:9::{call:x}")).await;
    }
    assert_eq!(status("2001:db8:9:9:ffff::1").await, 429);
    assert_eq!(status("2001:db8:9:a::1").await, 200);
    // A wallet's call counts like any other, and a moment later there is room.
    assert_eq!(trial.http("GET", "/request/x", &[("x-forwarded-for", ASKER)], b"").await.status, 429);
    clock.pass(1_000);
    assert_eq!(status(ASKER).await, 200);
    // A file costs ten calls.
    let judged =
        async || trial.http("POST", "/api/verify", &[("x-forwarded-for", "203.0.113.8")], b"no badge").await.status;
    for _ in 0..19 {
        assert_eq!(judged().await, 422);
    }
    while judged().await != 429 {}
    assert_eq!(status("203.0.113.9").await, 200);
}

#[tokio::test]
async fn security_j22_one_caller_cannot_take_the_requests_of_all() {
    let clock = Set::now();
    let trial = trial_public(clock.clone()).await;
    let ask = async |address: &str| {
        let body = json!({ "template": "badge" }).to_string();
        trial.http("POST", "/api/requests", &[JSON, ("x-forwarded-for", address)], body.as_bytes()).await.status
    };
    let mut opened = 0;
    for _ in 0..80 {
        opened += usize::from(ask(ASKER).await == 200);
        clock.pass(50);
    }
    assert_eq!(opened, 64);
    assert_eq!(ask("203.0.113.8").await, 200);
}

#[tokio::test]
async fn vp_13_3_the_response_code_is_asked_for_with_the_session_and_fresh_for_each_answer() {
    let trial = public().await;
    let mut asker = Browser::at(&trial, ASKER);
    let (first, second) = (asker.ask().await, asker.ask().await);
    let one = code_of(&answered(&trial, &first).await);
    let other = code_of(&answered(&trial, &second).await);
    assert_ne!(one.split_once('.').unwrap().1, other.split_once('.').unwrap().1);
    // The code of one answer does not release the other, and neither does the session alone.
    let mixed = format!("{}.{}", one.split_once('.').unwrap().0, other.split_once('.').unwrap().1);
    assert_eq!(asker.land(&mixed).await.status, 403);
    assert_eq!(asker.land(&one).await.json()["id"], first["id"]);
    assert_eq!(asker.see(&first).await.json()["state"], "answered");
    assert_eq!(asker.see(&second).await.json()["state"], "held");
    // Neither does the code alone.
    assert_eq!(Browser::at(&trial, ASKER).land(&other).await.status, 403);
    assert_eq!(asker.see(&second).await.json()["state"], "held");
}

#[tokio::test]
async fn haip_5_1_the_desk_tells_the_wallet_where_its_person_goes_on() {
    let trial = public().await;
    let asked = Browser::at(&trial, ASKER).ask().await;
    let told = answered(&trial, &asked).await;
    assert_eq!(told.as_object().unwrap().len(), 1);
    let way = leerpas_core::Url::parse(told["redirect_uri"].as_str().unwrap()).unwrap();
    assert_eq!((way.scheme(), way.host_str(), way.path(), way.query()), ("https", Some(PUBLIC), "/back", None));
}
