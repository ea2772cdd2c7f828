//! The client against real TLS servers on this machine.

use std::{
    future::pending,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::common::{Authority, get, hasty, params, say, serve};
use leerpas_core::{Exchange, Fault, Header, Purpose, Secret, Url, limits};
use leerpas_net::{Addresses, Client, Limits, Names, Policy, PolicyError, RequestLog, TlsIdentity};
use rcgen::{GeneralSubtree, KeyPair, NameConstraints, date_time_ymd};
use tokio::{io::AsyncWriteExt, net::TcpListener};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: Application/JSON; charset=utf-8\r\ncontent-length: 2\r\n\r\n{}";

#[tokio::test]
async fn a_request_says_what_it_must_and_nothing_else() {
    let authority = Authority::new();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&heard);
    let address = serve(&authority.local(), move |head, connection| {
        note.lock().unwrap().push(head);
        async move { say(connection, OK).await }
    })
    .await;
    let client = authority.client(Limits::default());

    let reply = client.run(get(address, "/a?b=c")).await.unwrap();
    assert_eq!(
        (reply.status, reply.media_type.as_deref(), reply.body.as_slice()),
        (200, Some("application/json"), &b"{}"[..])
    );
    let url = Url::parse(&format!("https://localhost:{}/token", address.port())).unwrap();
    client.run(Exchange::post_form(Purpose::Token, url.clone(), vec![("a".into(), "b c&".into())])).await.unwrap();
    client
        .run(Exchange::post_json(Purpose::Credential, url, serde_json::json!({"n": 4.50})).with_bearer("t0"))
        .await
        .unwrap();

    let heard = heard.lock().unwrap();
    let mut lines: Vec<_> = heard[0].trim_end().lines().map(str::to_ascii_lowercase).collect();
    assert_eq!(lines.remove(0), "get /a?b=c http/1.1");
    lines.sort();
    let host = format!("host: localhost:{}", address.port());
    assert_eq!(lines, ["accept: application/json", host.as_str(), "user-agent: leerpas"]);
    assert!(heard[1].contains("application/x-www-form-urlencoded") && heard[1].ends_with("a=b+c%26"), "{}", heard[1]);
    assert!(heard[2].to_lowercase().contains("authorization: bearer t0") && heard[2].contains("application/json"));
}

#[tokio::test]
async fn vci_8_2_an_encrypted_request_goes_as_a_token_and_extra_headers_only_where_they_are_asked_for() {
    let authority = Authority::new();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&heard);
    let address = serve(&authority.local(), move |head, connection| {
        note.lock().unwrap().push(head);
        async move { say(connection, OK).await }
    })
    .await;
    let client = authority.client(Limits::default());
    let url = Url::parse(&format!("https://localhost:{}/credential", address.port())).unwrap();
    client.run(Exchange::post_jwt(Purpose::Credential, url.clone(), "a.b.c.d.e".into())).await.unwrap();
    let languages = get(address, "/m").with_header(Header::AcceptLanguage, "nl, en;q=0.5".into());
    client.run(languages).await.unwrap();
    // What could break out of a header is never sent.
    let broken = get(address, "/m").with_header(Header::AcceptLanguage, "nl\r\nx-evil: 1".into());
    assert!(client.run(broken).await.is_err());

    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 2);
    let first = heard[0].to_lowercase();
    assert!(first.contains("content-type: application/jwt\r\n") && first.ends_with("a.b.c.d.e"), "{first}");
    assert!(first.contains("accept: application/jwt, application/json\r\n"), "{first}");
    assert!(heard[1].to_lowercase().contains("accept-language: nl, en;q=0.5\r\n"), "{}", heard[1]);
}

#[tokio::test]
async fn http_is_refused_even_with_loopback_allowed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let client = Authority::new().client(hasty());
    let fault = client.run(Exchange::get(Purpose::Offer, url, "*/*")).await.unwrap_err();
    assert_eq!(fault, Fault::Insecure { host: "127.0.0.1".into() });
    assert!(nobody_came(&listener).await);
}

#[tokio::test]
async fn d06_d11_a_redirect_is_a_reply_and_is_not_followed() {
    let authority = Authority::new();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let address = serve(&authority.local(), move |head, connection| {
        counter.fetch_add(1, Ordering::SeqCst);
        let status = head.split(['/', ' ']).nth(2).unwrap_or_default().to_owned();
        let text = format!("HTTP/1.1 {status} Elsewhere\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n");
        async move { say(connection, &text).await }
    })
    .await;
    let client = authority.client(hasty());
    for (index, status) in [301, 302, 303, 307, 308].into_iter().enumerate() {
        let mut exchange = get(address, &format!("/{status}"));
        if status >= 307 {
            exchange = Exchange::post_form(Purpose::Response, exchange.url, vec![("vp_token".into(), "x".into())]);
        }
        assert_eq!(client.run(exchange).await.unwrap().status, status);
        assert_eq!(count.load(Ordering::SeqCst), index + 1);
    }
}

#[tokio::test]
async fn a_body_of_200_mb_is_stopped_at_the_cap() {
    for head in ["content-length: 209715200\r\n", "content-length: 100\r\n", "", "transfer-encoding: chunked\r\n"] {
        let authority = Authority::new();
        let written = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&written);
        let address = serve(&authority.local(), move |_, mut connection| {
            let counter = Arc::clone(&counter);
            async move {
                let chunked = head.contains("chunked");
                let piece = if chunked { format!("10000\r\n{}\r\n", "x".repeat(65536)) } else { "x".repeat(65536) };
                let _ = connection.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n").as_bytes()).await;
                while counter.load(Ordering::SeqCst) < 200 * 1024 * 1024
                    && connection.write_all(piece.as_bytes()).await.is_ok()
                {
                    counter.fetch_add(piece.len(), Ordering::SeqCst);
                }
            }
        })
        .await;
        let result = authority.client(Limits::default()).run(get(address, "/")).await;
        if head.contains("100\r\n") {
            assert_eq!(result.unwrap().body.len(), 100, "extra bytes after the length are not read");
        } else {
            let limit = limits::reply_bytes(Purpose::Metadata);
            assert_eq!(result, Err(Fault::TooLarge { host: "localhost".into(), limit }), "{head}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(written.load(Ordering::SeqCst) < 16 * 1024 * 1024, "{head}: the client took what it does not need");
    }
}

#[tokio::test]
async fn a_body_of_exactly_the_cap_passes_and_one_byte_more_does_not() {
    let authority = Authority::new();
    let address = serve(&authority.local(), |head, connection| async move {
        let size: usize = head.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
        say(connection, &format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(size))).await;
    })
    .await;
    let client = authority.client(Limits { reply_bytes: |_| 5000, ..hasty() });
    assert_eq!(client.run(get(address, "/5000")).await.unwrap().body.len(), 5000);
    assert!(matches!(client.run(get(address, "/5001")).await, Err(Fault::TooLarge { limit: 5000, .. })));
}

#[tokio::test]
async fn a_compressed_body_is_never_inflated() {
    let authority = Authority::new();
    let address = serve(&authority.local(), |_, connection| async move {
        say(connection, "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nABCD").await;
    })
    .await;
    assert_eq!(authority.client(hasty()).run(get(address, "/")).await.unwrap().body, b"ABCD");
}

#[tokio::test]
async fn an_issuer_that_never_answers_is_timed_out_and_may_have_heard() {
    let authority = Authority::new();
    let address = serve(&authority.local(), |_, connection| async move {
        let _open = connection;
        pending::<()>().await;
    })
    .await;
    let begun = Instant::now();
    let fault = authority.client(hasty()).run(get(address, "/")).await.unwrap_err();
    assert_eq!(fault, Fault::TimedOut { host: "localhost".into(), seconds: 1, sent: true });
    assert!(begun.elapsed() < Duration::from_secs(2) && fault.may_have_arrived());
}

#[tokio::test]
async fn a_server_that_drips_is_timed_out_in_total() {
    let authority = Authority::new();
    let address = serve(&authority.local(), |_, mut connection| async move {
        let _ = connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while connection.write_all(b"x").await.is_ok() && connection.flush().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let begun = Instant::now();
    let fault = authority.client(hasty()).run(get(address, "/")).await.unwrap_err();
    assert_eq!(fault, Fault::TimedOut { host: "localhost".into(), seconds: 2, sent: true });
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_timed_out_and_nothing_was_sent() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let fault = Authority::new().client(hasty()).run(get(address, "/")).await.unwrap_err();
    assert_eq!(fault, Fault::TimedOut { host: "localhost".into(), seconds: 1, sent: false });
    assert!(!fault.may_have_arrived());
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let fault = Authority::new().client(hasty()).run(get(address, "/")).await.unwrap_err();
    assert!(
        matches!(&fault, Fault::Unreachable { host, reason } if host == "localhost" && !reason.is_empty()),
        "{fault:?}"
    );
}

#[tokio::test]
async fn d25_a_connection_that_breaks_after_the_request_is_interrupted_and_not_tried_again() {
    let authority = Authority::new();
    let answers = [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\nhalf",
        "this is not HTTP\r\n\r\n",
    ];
    for answer in answers {
        let count = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&count);
        let address = serve(&authority.local(), move |_, mut connection| {
            counter.fetch_add(1, Ordering::SeqCst);
            async move {
                let _ = connection.write_all(answer.as_bytes()).await;
                let _ = connection.flush().await;
                // Dropped without a close_notify: the transport just ends.
            }
        })
        .await;
        let exchange =
            Exchange::post_form(Purpose::Response, get(address, "/").url, vec![("vp_token".into(), "x".into())]);
        let fault = authority.client(hasty()).run(exchange).await.unwrap_err();
        assert_eq!(fault, Fault::Interrupted { host: "localhost".into() }, "{answer}");
        assert_eq!(count.load(Ordering::SeqCst), 1, "{answer}");
    }
}

#[tokio::test]
async fn a_head_without_end_is_stopped() {
    let authority = Authority::new();
    let written = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&written);
    let address = serve(&authority.local(), move |_, mut connection| {
        let counter = Arc::clone(&counter);
        async move {
            let line = format!("x-filler: {}\r\n", "x".repeat(8000));
            let _ = connection.write_all(b"HTTP/1.1 200 OK\r\n").await;
            while connection.write_all(line.as_bytes()).await.is_ok() {
                counter.fetch_add(line.len(), Ordering::SeqCst);
            }
        }
    })
    .await;
    assert!(matches!(authority.client(hasty()).run(get(address, "/")).await, Err(Fault::Interrupted { .. })));
    assert!(written.load(Ordering::SeqCst) < 16 * 1024 * 1024);
}

#[tokio::test]
async fn c22_a_certificate_that_does_not_hold_is_refused() {
    let authority = Authority::new();
    let narrow = Authority::with(|params| {
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName("example.org".into())],
            excluded_subtrees: vec![],
        });
    });
    let key = KeyPair::generate().unwrap();
    let self_signed = TlsIdentity {
        chain_pem: params(&["localhost"]).self_signed(&key).unwrap().pem(),
        key_pem: Secret::new(key.serialize_pem()),
    };
    let cases = [
        ("wrong name", authority.identity(&["other.example"], |_| ()), "not valid for name"),
        ("expired", authority.identity(&["localhost"], |p| p.not_after = date_time_ymd(2020, 1, 1)), "expired"),
        ("early", authority.identity(&["localhost"], |p| p.not_before = date_time_ymd(2090, 1, 1)), "not valid yet"),
        ("self-signed", self_signed, "certificate"),
        ("unknown authority", Authority::new().local(), "certificate"),
        ("name constraint", narrow.local(), "certificate"),
    ];
    for (case, identity, word) in cases {
        let heard = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&heard);
        let address = serve(&identity, move |head, connection| {
            counter.fetch_add(head.len(), Ordering::SeqCst);
            async move { say(connection, OK).await }
        })
        .await;
        let mut policy = authority.policy();
        policy.extra_roots_pem.push(narrow.pem());
        let client = Client::with(policy, hasty(), leerpas_net::SystemNames).unwrap();
        let fault = client.run(get(address, "/")).await.unwrap_err();
        assert!(matches!(&fault, Fault::Unreachable { reason, .. } if reason.contains(word)), "{case}: {fault:?}");
        assert_eq!(heard.load(Ordering::SeqCst), 0, "{case}: a request was sent");
    }
}

#[tokio::test]
async fn c22_tls_1_1_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        // A ServerHello that picks version 3.2, a random of zeros, no session and a suite of that age.
        let mut hello = vec![22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
        hello.extend([0; 33]);
        hello.extend([0xc0, 0x13, 0]);
        connection.write_all(&hello).await.unwrap();
        pending::<()>().await;
    });
    let fault = Authority::new().client(hasty()).run(get(address, "/")).await.unwrap_err();
    assert!(matches!(&fault, Fault::Unreachable { reason, .. } if reason.contains("incompatible")), "{fault:?}");
}

#[tokio::test]
async fn this_machine_is_refused_without_the_switch() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = Client::with(Policy::default(), hasty(), leerpas_net::SystemNames).unwrap();
    for host in ["localhost", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let url = Url::parse(&format!("https://{host}:{port}/")).unwrap();
        let fault = client.run(Exchange::get(Purpose::Offer, url, "*/*")).await.unwrap_err();
        assert!(matches!(fault, Fault::AddressRefused { .. }), "{host}: {fault:?}");
    }
    assert!(nobody_came(&listener).await);
}

/// Answers every look-up with its next list, and the last one for ever.
struct Told(Mutex<Vec<Vec<&'static str>>>);

impl Told {
    fn new(answers: &[&[&'static str]]) -> Self {
        Self(Mutex::new(answers.iter().rev().map(|answer| answer.to_vec()).collect()))
    }
}

impl Names for Told {
    fn addresses<'a>(&'a self, _: &'a str) -> Addresses<'a> {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() };
        Box::pin(async move { Ok(answer.iter().map(|ip| ip.parse::<IpAddr>().unwrap()).collect()) })
    }
}

#[tokio::test]
async fn c02_a_name_with_a_private_address_is_refused() {
    let url = Url::parse("https://issuer.example:8443/").unwrap();
    for address in ["10.0.0.1", "192.168.1.1", "169.254.169.254", "fd00::1", "::ffff:10.0.0.1", "127.0.0.1", "0.0.0.0"]
    {
        let client = Client::with(Policy::default(), hasty(), Told::new(&[&[address]])).unwrap();
        let fault = client.run(Exchange::get(Purpose::Offer, url.clone(), "*/*")).await.unwrap_err();
        assert_eq!(fault, Fault::AddressRefused { host: "issuer.example".into() }, "{address}");
    }
    let client = Client::with(Policy::default(), hasty(), Told::new(&[&[]])).unwrap();
    let fault = client.run(Exchange::get(Purpose::Offer, url, "*/*")).await.unwrap_err();
    assert!(matches!(fault, Fault::Unreachable { .. }), "a name without addresses: {fault:?}");
}

#[tokio::test]
async fn c02_a_name_that_changes_its_mind_is_vetted_each_time_and_the_vetted_address_is_the_one_used() {
    let authority = Authority::new();
    let identity = authority.identity(&["issuer.example"], |_| ());
    let address = serve(&identity, |_, connection| async move { say(connection, OK).await }).await;
    let url = Url::parse(&format!("https://issuer.example:{}/", address.port())).unwrap();
    let names = Told::new(&[&["10.0.0.1", "127.0.0.1"], &["192.168.0.1"], &["127.0.0.1"]]);
    let client = Client::with(authority.policy(), hasty(), names).unwrap();
    let ask = || client.run(Exchange::get(Purpose::Offer, url.clone(), "*/*"));
    assert!(ask().await.is_ok(), "the private address is dropped, the allowed one is used");
    assert!(matches!(ask().await, Err(Fault::AddressRefused { .. })));
    assert!(ask().await.is_ok());
}

#[tokio::test]
async fn the_log_has_one_line_for_each_request_and_no_code() {
    let authority = Authority::new();
    let address = serve(&authority.local(), |_, connection| async move { say(connection, OK).await }).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.log");
    let policy = Policy { log: Some(RequestLog::open(&path).unwrap()), ..authority.policy() };
    let client = Client::new(policy).unwrap();
    client.run(get(address, "/meta?code=CANARY#CANARY")).await.unwrap();
    let url = get(address, "/token").url;
    let token = Exchange::post_form(Purpose::Token, url, vec![("code".into(), "CANARY".into())]).with_bearer("CANARY");
    client.run(token).await.unwrap();
    let refused = Exchange::get(Purpose::Offer, Url::parse("http://example.org/").unwrap(), "*/*");
    client.run(refused).await.unwrap_err();
    let host = format!("https://localhost:{}", address.port());
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        format!("GET\t{host}/meta\tmetadata\nPOST\t{host}/token\ttoken\n")
    );
}

#[test]
fn an_extra_root_that_is_none_is_said() {
    for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let policy = Policy { extra_roots_pem: vec![Authority::new().pem(), pem.into()], ..Policy::default() };
        let result = Client::new(policy);
        assert!(
            matches!(result, Err(PolicyError::Root { position: 2 } | PolicyError::Tls { .. })),
            "{pem}: {result:?}"
        );
    }
}

/// Runs itself again as a process whose environment names a proxy that does not exist.
#[tokio::test]
async fn the_proxy_of_the_environment_has_no_effect() {
    const CHILD: &str = "LEERPAS_NET_PROXY_CHILD";
    if std::env::var_os(CHILD).is_some() {
        let authority = Authority::new();
        let address = serve(&authority.local(), |_, connection| async move { say(connection, OK).await }).await;
        assert_eq!(authority.client(hasty()).run(get(address, "/")).await.unwrap().status, 200);
        return;
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "client::the_proxy_of_the_environment_has_no_effect"]).env(CHILD, "1");
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"] {
        child.env(name, "http://127.0.0.1:9");
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

async fn nobody_came(listener: &TcpListener) -> bool {
    let came: Result<std::io::Result<(_, SocketAddr)>, _> =
        tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
    came.is_err()
}
