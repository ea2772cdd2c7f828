//! Authorities, identities and servers made for one test, on this machine.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::serve::Listener;
use leerpas_core::{Exchange, Purpose, Secret, Url};
use leerpas_net::{Client, Limits, Policy, SystemNames, TlsConnection, TlsIdentity, bind_tls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// An authority that exists for one test.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        Self::with(|_| ())
    }

    pub fn with(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        change(&mut params);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    pub fn identity(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> TlsIdentity {
        let key = KeyPair::generate().unwrap();
        let mut params = params(names);
        change(&mut params);
        TlsIdentity {
            chain_pem: params.signed_by(&key, &self.0).unwrap().pem(),
            key_pem: Secret::new(key.serialize_pem()),
        }
    }

    pub fn local(&self) -> TlsIdentity {
        self.identity(&["localhost", "127.0.0.1"], |_| ())
    }

    /// A client that trusts this authority and may reach this machine.
    pub fn client(&self, limits: Limits) -> Client {
        Client::with(self.policy(), limits, SystemNames).unwrap()
    }

    pub fn policy(&self) -> Policy {
        Policy { allow_loopback: true, extra_roots_pem: vec![self.pem()], log: None }
    }
}

pub fn params(names: &[&str]) -> CertificateParams {
    CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
}

/// Limits short enough to wait for.
pub fn hasty() -> Limits {
    Limits {
        connect: Duration::from_millis(600),
        first_byte: Duration::from_millis(900),
        total: Duration::from_millis(1800),
        ..Limits::default()
    }
}

/// Starts a server that reads the head of each request and lets `answer` do the rest.
pub async fn serve<F, R>(identity: &TlsIdentity, answer: F) -> SocketAddr
where
    F: Fn(String, TlsConnection) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let mut listener = bind_tls(SocketAddr::from(([127, 0, 0, 1], 0)), identity).await.unwrap();
    let address = listener.local_addr();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await;
            let answer = Arc::clone(&answer);
            tokio::spawn(async move {
                let head = head(&mut connection).await;
                answer(head, connection).await;
            });
        }
    });
    address
}

/// Reads until the empty line; what came of the body by then is there as well.
pub async fn head(connection: &mut TlsConnection) -> String {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    while !text.windows(4).any(|w| w == b"\r\n\r\n") {
        match connection.read(&mut piece).await {
            Ok(0) | Err(_) => break,
            Ok(count) => text.extend_from_slice(&piece[..count]),
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Writes everything and closes in order.
pub async fn say(mut connection: TlsConnection, text: &str) {
    connection.write_all(text.as_bytes()).await.unwrap();
    let _ = connection.shutdown().await;
}

pub fn get(address: SocketAddr, path: &str) -> Exchange {
    let url = Url::parse(&format!("https://localhost:{}{path}", address.port())).unwrap();
    Exchange::get(Purpose::Metadata, url, "application/json")
}
