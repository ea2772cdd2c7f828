//! The doors.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use crate::common::{Authority, get};
use axum::{Router, routing::get as route};
use leerpas_core::Secret;
use leerpas_net::{Limits, ListenError, Reach, TlsIdentity, bind_plain, bind_tls};
use tokio::net::TcpStream;

const ANY_PORT: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

#[tokio::test]
async fn a_router_is_served_over_tls_while_slow_clients_stand_at_the_door() {
    let authority = Authority::new();
    let listener = bind_tls(SocketAddr::from(ANY_PORT), &authority.local()).await.unwrap();
    let address = listener.local_addr();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", route(|| async { "hello" }))).await });

    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    let begun = Instant::now();
    let reply = authority.client(Limits::default()).run(get(address, "/")).await.unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (200, &b"hello"[..]));
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(silent.len(), 50);
}

#[tokio::test]
async fn the_door_closes_when_the_listener_is_dropped() {
    let listener = bind_tls(SocketAddr::from(ANY_PORT), &Authority::new().local()).await.unwrap();
    let address = listener.local_addr();
    drop(listener);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn an_identity_that_does_not_hold_together_is_refused() {
    let (one, other) = (Authority::new().local(), Authority::new().local());
    let pem =
        |chain: &str, key: &str| TlsIdentity { chain_pem: chain.to_owned(), key_pem: Secret::new(key.to_owned()) };
    for identity in
        [pem(&one.chain_pem, other.key_pem.expose()), pem("", one.key_pem.expose()), pem(&one.chain_pem, "no key")]
    {
        let result = bind_tls(SocketAddr::from(ANY_PORT), &identity).await;
        assert!(matches!(result, Err(ListenError::Identity { .. })), "{result:?}");
    }
}

#[tokio::test]
async fn an_address_that_is_taken_is_said() {
    let identity = Authority::new().local();
    let first = bind_tls(SocketAddr::from(ANY_PORT), &identity).await.unwrap();
    let second = bind_tls(first.local_addr(), &identity).await;
    assert!(matches!(second, Err(ListenError::Bind { .. })));
}

#[tokio::test]
async fn plain_http_is_for_this_machine_unless_told_otherwise() {
    let anywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    assert!(matches!(bind_plain(anywhere, Reach::Loopback).await, Err(ListenError::NotLoopback { .. })));
    assert!(bind_plain(anywhere, Reach::Anywhere).await.is_ok());
    assert!(bind_plain(SocketAddr::from(ANY_PORT), Reach::Loopback).await.is_ok());
}
