//! The exchanges of one flow share a connection, and two flows share nothing.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::common::{Authority, get, hasty};
use leerpas_core::{Exchange, Fault, Purpose, Url};
use leerpas_net::{Addresses, Client, Limits, Names, TlsIdentity};
use rustls::{
    HandshakeKind, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

/// What a server saw: for each connection how its handshake went and how many requests came over it.
#[derive(Default)]
struct Seen(Mutex<Vec<(HandshakeKind, usize)>>);

impl Seen {
    fn requests(&self) -> Vec<usize> {
        self.0.lock().unwrap().iter().map(|(_, requests)| *requests).collect()
    }
}

/// A server that gives out session tickets and keeps each connection open until it has answered so many requests; a
/// further one is read and not answered.
async fn server(identity: &TlsIdentity, answers: usize) -> (SocketAddr, Arc<Seen>) {
    let chain = CertificateDer::pem_slice_iter(identity.chain_pem.as_bytes()).collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key_pem.expose().as_bytes()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    config.ticketer = rustls::crypto::aws_lc_rs::Ticketer::new().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Seen::default());
    let shared = Arc::clone(&seen);
    tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let _ = tcp.set_nodelay(true);
            let (acceptor, seen) = (acceptor.clone(), Arc::clone(&shared));
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(tcp).await else { return };
                let kind = stream.get_ref().1.handshake_kind().unwrap();
                let place = {
                    let mut seen = seen.0.lock().unwrap();
                    seen.push((kind, 0));
                    seen.len() - 1
                };
                let mut piece = [0; 4096];
                for number in 0.. {
                    // Requests are small: each comes in one piece.
                    if stream.read(&mut piece).await.unwrap_or(0) == 0 {
                        return;
                    }
                    seen.0.lock().unwrap()[place].1 += 1;
                    if number == answers {
                        return;
                    }
                    if stream.write_all(OK.as_bytes()).await.is_err() || stream.flush().await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, seen)
}

#[tokio::test]
async fn one_flow_to_one_host_makes_one_connection() {
    let authority = Authority::new();
    let (address, seen) = server(&authority.local(), usize::MAX).await;
    let flow = authority.client(Limits::default()).flow();
    for number in 0..6 {
        assert_eq!(flow.run(get(address, &format!("/{number}"))).await.unwrap().status, 200);
    }
    assert_eq!(seen.requests(), [6]);
    // The same machine by another name is another host.
    let url = Url::parse(&format!("https://127.0.0.1:{}/", address.port())).unwrap();
    flow.run(Exchange::get(Purpose::Metadata, url, "*/*")).await.unwrap();
    assert_eq!(seen.requests(), [6, 1]);
}

#[tokio::test]
async fn two_flows_share_neither_a_connection_nor_a_session() {
    let authority = Authority::new();
    let (address, seen) = server(&authority.local(), usize::MAX).await;
    let client = authority.client(Limits::default());
    let flows = [client.flow(), client.flow()];
    for _ in 0..2 {
        for flow in &flows {
            flow.run(get(address, "/")).await.unwrap();
        }
    }
    assert_eq!(seen.requests(), [2, 2]);
    // What is done by itself has a connection of its own each time.
    client.run(get(address, "/")).await.unwrap();
    client.run(get(address, "/")).await.unwrap();
    assert_eq!(seen.requests(), [2, 2, 1, 1]);
    let seen = seen.0.lock().unwrap();
    assert!(seen.iter().all(|(kind, _)| *kind == HandshakeKind::Full), "{seen:?}");
}

#[tokio::test]
async fn a_flow_that_ends_closes_what_it_kept_open() {
    let authority = Authority::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let inner = server(&authority.local(), usize::MAX).await.0;
    let address = listener.local_addr().unwrap();
    // In between, somebody who sees when the line is cut.
    let cut = tokio::spawn(async move {
        let (mut ours, _) = listener.accept().await.unwrap();
        let mut theirs = tokio::net::TcpStream::connect(inner).await.unwrap();
        tokio::io::copy_bidirectional(&mut ours, &mut theirs).await.map(drop)
    });
    let flow = authority.client(Limits::default()).flow();
    flow.run(get(address, "/")).await.unwrap();
    assert!(!cut.is_finished());
    drop(flow);
    assert!(tokio::time::timeout(Duration::from_secs(5), cut).await.is_ok());
}

#[tokio::test]
async fn a_connection_that_stood_still_for_long_is_not_used_again() {
    let authority = Authority::new();
    let (address, seen) = server(&authority.local(), usize::MAX).await;
    let flow = authority.client(Limits::default()).flow();
    flow.run(get(address, "/")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(3_300)).await;
    flow.run(get(address, "/")).await.unwrap();
    assert_eq!(seen.requests(), [1, 1]);
    let seen = seen.0.lock().unwrap();
    assert!(seen.iter().all(|(kind, _)| *kind == HandshakeKind::Full), "{seen:?}");
}

#[tokio::test]
async fn d25_a_kept_connection_that_breaks_after_the_request_is_interrupted_and_not_tried_again() {
    let authority = Authority::new();
    let (address, seen) = server(&authority.local(), 1).await;
    let flow = authority.client(hasty()).flow();
    flow.run(get(address, "/")).await.unwrap();
    let answer = Exchange::post_form(Purpose::Response, get(address, "/").url, vec![("vp_token".into(), "x".into())]);
    assert_eq!(flow.run(answer).await.unwrap_err(), Fault::Interrupted { host: "localhost".into() });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(seen.requests(), [2], "it came once, over the connection that was there");
    // What comes next has a fresh one.
    flow.run(get(address, "/")).await.unwrap();
    assert_eq!(seen.requests(), [2, 1]);
}

/// Answers the first look-up with this machine and every later one with its neighbour.
#[derive(Default)]
struct Turncoat(Arc<AtomicUsize>);

impl Names for Turncoat {
    fn addresses<'a>(&'a self, _: &'a str) -> Addresses<'a> {
        let first = self.0.fetch_add(1, Ordering::SeqCst) == 0;
        let address: IpAddr = if first { "127.0.0.1" } else { "192.168.0.1" }.parse().unwrap();
        Box::pin(async move { Ok(vec![address]) })
    }
}

#[tokio::test]
async fn c02_a_kept_connection_goes_where_it_was_vetted_to_go_and_the_next_one_is_vetted_anew() {
    let authority = Authority::new();
    let (address, seen) = server(&authority.identity(&["issuer.example"], |_| ()), usize::MAX).await;
    let names = Turncoat::default();
    let asked = Arc::clone(&names.0);
    let client = Client::with(authority.policy(), hasty(), names).unwrap();
    let ask = |host: &str| {
        let url = Url::parse(&format!("https://{host}:{}/", address.port())).unwrap();
        Exchange::get(Purpose::Offer, url, "*/*")
    };
    let flow = client.flow();
    flow.run(ask("issuer.example")).await.unwrap();
    flow.run(ask("issuer.example")).await.unwrap();
    assert_eq!((asked.load(Ordering::SeqCst), seen.requests()), (1, vec![2]), "nobody was asked again");
    assert!(matches!(client.flow().run(ask("issuer.example")).await, Err(Fault::AddressRefused { .. })));
    // An address that is refused as it stands is refused in a flow too.
    for (url, insecure) in [("http://issuer.example/", true), ("https://10.0.0.1/", false)] {
        let fault = flow.run(Exchange::get(Purpose::Offer, Url::parse(url).unwrap(), "*/*")).await.unwrap_err();
        assert_eq!(matches!(fault, Fault::Insecure { .. }), insecure, "{fault:?}");
    }
}
