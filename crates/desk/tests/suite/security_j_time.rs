//! The desk over time, and the names that it gives: rows of the security notes on a verifier that need another clock, a
//! host that is down, or many requests.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use crate::trial::{Answer, ISSUER, Trial, object_of, paths, presentations, trial, trial_at};
use leerpas_core::{Clock, Timestamp};
use leerpas_credential::{jose, present::present_sd_jwt, status::encode_token_list};
use leerpas_net::{TlsIdentity, bind_tls};
use serde_json::{Value, json};

/// The clock of this computer, moved by so many seconds.
#[derive(Default)]
struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(Timestamp::now().as_second() + self.0.load(Ordering::SeqCst)).unwrap()
    }
}

async fn asked(trial: &Trial) -> (Answer, Value) {
    let asked = trial.ask(&json!({ "template": "microcredential" })).await;
    let object = object_of(&trial.fetch(asked.json()["link"].as_str().unwrap()).await);
    (asked, object)
}

/// Answers with a credential whose holder signs at a time that is so many seconds from now.
async fn verdict_of(trial: &Trial, seconds: i64) -> Value {
    let (asked, object) = asked(trial).await;
    let (credential, key) = trial.credential(|claims| claims["iat"] = json!(Timestamp::now().as_second() - 1_000));
    let (audience, nonce) = (object["client_id"].as_str().unwrap(), object["nonce"].as_str().unwrap());
    let at = Timestamp::from_second(Timestamp::now().as_second() + seconds).unwrap();
    let shown = present_sd_jwt(credential.as_bytes(), &paths(), &key, audience, nonce, at).unwrap();
    trial.respond(&object, &presentations(&object, "microcredential", vec![Value::String(shown)])).await;
    trial.result(&asked).await["verdict"].clone()
}

#[tokio::test]
async fn security_j21_clocks_may_differ_by_as_much_as_is_written_and_no_more() {
    let trial = trial().await;
    // A minute either way, and five minutes in which an answer may be on its way (the table of limits).
    for (seconds, expected) in [
        (0, "valid"),
        (50, "valid"),
        (90, "invalid"),
        (300, "invalid"),
        (-290, "valid"),
        (-350, "valid"),
        (-400, "invalid"),
    ] {
        assert_eq!(verdict_of(&trial, seconds).await, expected, "{seconds} s");
    }
}

#[tokio::test]
async fn security_j21_a_clock_that_jumps_ends_what_was_open_and_nothing_else() {
    let clock = Arc::new(Moved::default());
    let trial = trial_at(clock.clone()).await;
    for jump in [-7_200, 600, 86_400] {
        clock.0.store(0, Ordering::SeqCst);
        let (asked, object) = asked(&trial).await;
        let (credential, key) = trial.credential(|_| {});
        let shown = trial.present(&object, &credential, &key, &paths());
        clock.0.store(jump, Ordering::SeqCst);
        let reply = trial.respond(&object, &presentations(&object, "microcredential", vec![shown])).await;
        let path = format!("/api/requests/{}", asked.json()["id"].as_str().unwrap());
        let seen = trial.http("GET", &path, &[("cookie", &asked.cookie())], b"").await;
        if jump > 0 {
            assert_eq!(reply.status, 400, "{jump}: it has run out");
            assert!(seen.status == 404 || seen.json()["state"] == "expired", "{jump}");
        } else {
            // Set back, the request has not run out; what the holder signed is then from the future.
            assert_eq!(seen.json()["verdict"], "invalid", "{jump}");
        }
        clock.0.store(0, Ordering::SeqCst);
        assert_eq!(verdict_of(&trial, 0).await, "valid", "{jump}: and then the next one works");
    }
}

#[tokio::test]
async fn security_j19_after_its_time_a_result_is_gone_and_no_file_ever_held_it() {
    let clock = Arc::new(Moved::default());
    let trial = trial_at(clock.clone()).await;
    let (asked, object) = asked(&trial).await;
    let (credential, key) = trial.credential(|_| {});
    let shown = trial.present(&object, &credential, &key, &paths());
    trial.respond(&object, &presentations(&object, "microcredential", vec![shown])).await;
    assert_eq!(trial.result(&asked).await["presentations"][0]["claims"]["given_name"], "Noor");
    clock.0.store(901, Ordering::SeqCst);
    let path = format!("/api/requests/{}", asked.json()["id"].as_str().unwrap());
    let gone = trial.http("GET", &path, &[("cookie", &asked.cookie())], b"").await;
    assert_eq!(gone.status, 404);
    for file in std::fs::read_dir(trial.folder.path()).unwrap().flatten() {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("Noor") && !text.contains("1994-05-17"), "{:?}", file.path());
    }
}

/// An institution's status list, at a host that is there until this is dropped.
struct StatusHost {
    uri: String,
    door: tokio::task::JoinHandle<()>,
}

impl StatusHost {
    async fn start(trial: &Trial, value: u8) -> Self {
        let env = leerpas_core::Env { now: Timestamp::now(), entropy: &leerpas_core::OsEntropy };
        let local = [IpAddr::V4(Ipv4Addr::LOCALHOST)];
        let (chain_pem, key_pem) = trial.authority.issue_server(&["localhost"], &local, env).unwrap();
        let listener = bind_tls(([127, 0, 0, 1], 0).into(), &TlsIdentity { chain_pem, key_pem }).await.unwrap();
        let uri = format!("https://localhost:{}/list", listener.local_addr().port());
        let (signer, x5c) =
            trial.authority.issue_signer("Hogeschool", "Hogeschool", &["hogeschool.example"], &[ISSUER], env).unwrap();
        let mut values = vec![0; 131_072];
        values[3] = value;
        let now = Timestamp::now().as_second();
        let claims = json!({ "iss": ISSUER, "sub": uri, "iat": now, "exp": now + 86_400, "ttl": 3_600,
            "status_list": encode_token_list(2, &values).unwrap() });
        let header = json!({ "typ": "statuslist+jwt", "x5c": x5c });
        let token = jose::sign_compact(&header, claims.to_string().as_bytes(), &signer).unwrap();
        let list = move || async move { ([("content-type", "application/statuslist+jwt")], token) };
        let router = axum::Router::new().route("/list", axum::routing::get(list));
        let door = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { uri, door }
    }
}

#[tokio::test]
async fn security_j23_while_the_host_of_a_status_is_down_it_is_not_checked_and_the_last_list_is_told() {
    let trial = trial().await;
    for (value, verdict, last) in [(0, "valid", json!("pass")), (1, "invalid", json!("fail"))] {
        let host = StatusHost::start(&trial, value).await;
        let ask = async || {
            let (asked, object) = asked(&trial).await;
            let (credential, key) = trial.credential(|claims| {
                claims["status"] = json!({ "status_list": { "idx": 3, "uri": host.uri } });
            });
            let shown = trial.present(&object, &credential, &key, &paths());
            trial.respond(&object, &presentations(&object, "microcredential", vec![shown])).await;
            let result = trial.result(&asked).await;
            let checks = result["presentations"][0]["checks"].as_array().unwrap();
            let of = |name: &str| checks.iter().find(|check| check["name"] == name).unwrap().clone();
            (result["verdict"].clone(), of("status"), of("signature")["result"].clone())
        };
        let (before, status, _) = ask().await;
        assert_eq!(before, verdict, "{status}");
        assert!(status.get("last_known").is_none());
        host.door.abort();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        // For a whole day: neither valid nor invalid, everything else is checked, and the last list is told with its date.
        for _ in 0..2 {
            let (now, status, signature) = ask().await;
            assert_eq!((now, &status["result"], signature), (json!("unknown"), &json!("unknown"), json!("pass")));
            assert_eq!(status["last_known"]["result"], last, "{status}");
            assert!(status["last_known"]["at"].as_str().unwrap().parse::<Timestamp>().is_ok());
        }
    }
    // A host that never was there leaves nothing to tell.
    let (asked, object) = asked(&trial).await;
    let (credential, key) = trial.credential(|claims| {
        claims["status"] = json!({ "status_list": { "idx": 3, "uri": "https://localhost:9/list" } });
    });
    let shown = trial.present(&object, &credential, &key, &paths());
    trial.respond(&object, &presentations(&object, "microcredential", vec![shown])).await;
    let result = trial.result(&asked).await;
    assert_eq!(result["verdict"], "unknown");
    assert!(!result.to_string().contains("last_known"));
}

#[tokio::test]
async fn security_j24_what_a_recruiter_pastes_or_drops_is_checked_like_any_answer() {
    let trial = trial().await;
    let (credential, _) = trial.credential(|_| {});
    let verdict = async |bytes: &[u8]| trial.http("POST", "/api/verify", &[], bytes).await;
    assert_eq!(verdict(credential.as_bytes()).await.json()["verdict"], "valid");
    let (head, rest) = credential.split_once('~').unwrap();
    let (signed, signature) = head.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("{signed}.{first}{}~{rest}", &signature[1..]);
    assert_eq!(verdict(forged.as_bytes()).await.json()["verdict"], "invalid");
    let (old, _) = trial.credential(|claims| claims["exp"] = json!(Timestamp::now().as_second() - 3_600));
    assert_eq!(verdict(old.as_bytes()).await.json()["verdict"], "invalid");
    let (strange, _) = trial.credential(|claims| claims["iss"] = json!("https://stranger.example"));
    assert_ne!(verdict(strange.as_bytes()).await.json()["verdict"], "valid");
    for file in
        [&b"%PDF-1.7\n1 0 obj <<>>"[..], b"\x89PNG\r\n\x1a\n", b"<!doctype html>", b"", b"\0\0\0\0", b"eyJ.eyJ.x"]
    {
        let answer = verdict(file).await;
        assert!((400..500).contains(&answer.status), "{file:?}: {}", answer.status);
        assert!(answer.json()["error"]["kind"].is_string(), "{file:?}");
    }
}

#[tokio::test]
async fn security_j18_names_nonces_and_cookies_are_128_bits_and_never_the_same() {
    let trial = trial().await;
    let (mut words, mut ones, mut bits) = (BTreeSet::new(), 0_u32, 0_u32);
    let mut take = |word: &str| {
        assert!(word.len() >= 22, "128 bits: {word}");
        assert!(words.insert(word.to_owned()), "{word} came twice");
        // Some are written in hexadecimal.
        let bytes = match u128::from_str_radix(word, 16) {
            Ok(number) if word.len() == 32 => number.to_be_bytes().to_vec(),
            _ => jose::decode_base64url(word).unwrap(),
        };
        for byte in bytes {
            ones += byte.count_ones();
            bits += 8;
        }
    };
    for _ in 0..150 {
        let (asked, object) = asked(&trial).await;
        take(asked.json()["id"].as_str().unwrap());
        take(asked.cookie().split_once('=').unwrap().1);
        take(object["nonce"].as_str().unwrap());
        take(object["response_uri"].as_str().unwrap().rsplit('/').next().unwrap());
    }
    // As many ones as zeros, within five standard deviations.
    let off = f64::from(ones) - f64::from(bits) / 2.0;
    assert!(off.abs() < 5.0 * (f64::from(bits) / 4.0).sqrt(), "{ones} of {bits}");
}

#[tokio::test]
async fn security_j03_d23_no_response_code_goes_out_and_only_the_browser_that_asked_sees_a_result() {
    let trial = trial().await;
    let (asked, object) = asked(&trial).await;
    let (other, _) = self::asked(&trial).await;
    let (credential, key) = trial.credential(|_| {});
    let shown = trial.present(&object, &credential, &key, &paths());
    let reply = trial.respond(&object, &presentations(&object, "microcredential", vec![shown])).await;
    // Who relays a link gets nothing from the wallet's side: no address to go on to, no code, no word of the verdict.
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b"{}"[..]));
    let path = format!("/api/requests/{}", asked.json()["id"].as_str().unwrap());
    let guessed = format!("leerpas-desk={}", "A".repeat(22));
    for headers in [
        vec![],
        vec![("cookie", other.cookie())],
        vec![("cookie", guessed)],
        vec![("cookie", "leerpas-desk=".to_owned())],
    ] {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = trial.http("GET", &path, &headers, b"").await;
        assert_eq!(answer.status, 403, "{headers:?}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("Noor"));
    }
    assert_eq!(trial.result(&asked).await["verdict"], "valid");
}

#[tokio::test]
async fn security_j22_what_a_caller_says_of_its_address_opens_no_more_than_others_have() {
    let trial = trial().await;
    let headers = |name: &'static str, from: &'static str| [("content-type", "application/json"), (name, from)];
    let body = json!({ "template": "badge" }).to_string();
    // Many requests of one caller do not close the door for another, whatever names they give themselves.
    for round in 0..40 {
        let name = ["x-forwarded-for", "x-real-ip", "forwarded"][round % 3];
        let asked = trial.http("POST", "/api/requests", &headers(name, "for=203.0.113.9"), body.as_bytes()).await;
        assert_eq!(asked.status, 200);
        assert!(!String::from_utf8_lossy(&asked.body).contains("203.0.113.9"));
    }
    assert_eq!(verdict_of(&trial, 0).await, "valid");
    // An address that is said to be of this machine makes no other host name right.
    let foreign = [("host", "desk.example"), ("x-forwarded-for", "127.0.0.1"), ("x-forwarded-host", "localhost")];
    assert_eq!(trial.http("GET", "/", &foreign, b"").await.status, 403);
}
