//! The doors at which the desk and the sandbox listen.

use std::{
    future::{Future, pending},
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use leerpas_core::{ErrorKind, Secret};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinHandle,
    time::{Instant, Sleep, sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// Time for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Time that a connection may stand still.
const IDLE: Duration = Duration::from_secs(60);
/// Connections at one time, those in a handshake among them.
const CONNECTIONS: usize = 256;

/// Who a server says it is: a certificate and its private key.
#[derive(Debug)]
pub struct TlsIdentity {
    /// The server's certificate first, then those between it and the root, in PEM.
    pub chain_pem: String,
    /// The private key of the first certificate, in PEM (PKCS #8, PKCS #1 or SEC 1).
    pub key_pem: Secret<String>,
}

/// From where a door without TLS may be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// From this machine only.
    Loopback,
    /// From anywhere: for an address behind a proxy that speaks TLS.
    Anywhere,
}

/// Why a door could not be opened.
#[derive(Debug, Error)]
pub enum ListenError {
    /// The address is taken or not ours.
    #[error("cannot listen at {address}: {source}")]
    Bind {
        /// Where it was to listen.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Without TLS only this machine may connect.
    #[error("{address} is reachable from elsewhere, and plain http is for this machine only")]
    NotLoopback {
        /// Where it was to listen.
        address: SocketAddr,
    },
    /// The certificate or the key cannot be read, or they do not belong together.
    #[error("the certificate and its key cannot be used: {reason}")]
    Identity {
        /// What the TLS library said; never a part of the key.
        reason: String,
    },
}

impl ListenError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Usage
    }
}

/// Opens a door with TLS 1.2 or 1.3 and HTTP/1.1. Port 0 takes a free port.
///
/// # Errors
/// When the identity does not hold together or the address cannot be had.
pub async fn bind_tls(address: SocketAddr, identity: &TlsIdentity) -> Result<TlsListener, ListenError> {
    bind_tls_within(address, identity, HANDSHAKE, IDLE, CONNECTIONS).await
}

/// Opens a door without TLS.
///
/// # Errors
/// When the address is reachable from elsewhere and [`Reach::Anywhere`] was not said, or cannot be had.
pub async fn bind_plain(address: SocketAddr, reach: Reach) -> Result<TcpListener, ListenError> {
    if reach == Reach::Loopback && !address.ip().is_loopback() {
        return Err(ListenError::NotLoopback { address });
    }
    TcpListener::bind(address).await.map_err(|source| ListenError::Bind { address, source })
}

/// A door with TLS, for `axum::serve`. Handshakes happen beside it, so that a slow client does not keep
/// others waiting. Closes when dropped.
#[derive(Debug)]
pub struct TlsListener {
    local: SocketAddr,
    ready: mpsc::Receiver<(TlsConnection, SocketAddr)>,
    door: JoinHandle<()>,
}

impl TlsListener {
    /// The address, with the port that was taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.door.abort();
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsConnection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The door task only ends with this listener.
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.local)
    }
}

/// One connection after its handshake. Breaks off when it stands still for a minute.
#[derive(Debug)]
pub struct TlsConnection {
    stream: TlsStream<TcpStream>,
    idle: Duration,
    still: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl TlsConnection {
    /// Starts the clock anew after progress, and looks at it where there is none.
    fn watch<T>(&mut self, cx: &mut Context<'_>, progress: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if progress.is_ready() {
            self.still.as_mut().reset(Instant::now() + self.idle);
            return progress;
        }
        ready!(self.still.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for TlsConnection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let progress = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.watch(cx, progress)
    }
}

impl AsyncWrite for TlsConnection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(cx, progress)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // No progress in itself: a flush that is done at once must not keep a still connection alive.
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let progress = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.watch(cx, progress)
    }
}

async fn bind_tls_within(
    address: SocketAddr,
    identity: &TlsIdentity,
    handshake: Duration,
    idle: Duration,
    connections: usize,
) -> Result<TlsListener, ListenError> {
    let acceptor = TlsAcceptor::from(Arc::new(server_config(identity)?));
    let failed = |source| ListenError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    let (hand_over, ready) = mpsc::channel(1);
    let places = Arc::new(Semaphore::new(connections));
    let door = tokio::spawn(async move {
        // The semaphore is never closed, so the loop ends only when the task is aborted.
        while let Ok(place) = Arc::clone(&places).acquire_owned().await {
            let (tcp, peer) = match listener.accept().await {
                Ok(connection) => connection,
                Err(error) => {
                    // Out of file handles, most likely: one that is given back helps, hurry does not.
                    tracing::warn!(%error, "a connection was not accepted");
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            // After the handshake the server speaks first (session tickets), and Nagle's algorithm would hold back the
            // answer until that is acknowledged, which takes 40 ms. A refusal only leaves it that slow.
            let _ = tcp.set_nodelay(true);
            let (acceptor, hand_over) = (acceptor.clone(), hand_over.clone());
            tokio::spawn(async move {
                match timeout(handshake, acceptor.accept(tcp)).await {
                    Ok(Ok(stream)) => {
                        let connection = TlsConnection { stream, idle, still: Box::pin(sleep(idle)), _place: place };
                        // Fails only when the listener is gone.
                        let _ = hand_over.send((connection, peer)).await;
                    }
                    Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                    Err(_) => tracing::debug!("a TLS handshake took too long"),
                }
            });
        }
    });
    Ok(TlsListener { local, ready, door })
}

fn server_config(identity: &TlsIdentity) -> Result<ServerConfig, ListenError> {
    let refused = |reason: String| ListenError::Identity { reason };
    let chain = CertificateDer::pem_slice_iter(identity.chain_pem.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| refused("the chain is not PEM".to_owned()))?;
    if chain.is_empty() {
        return Err(refused("the chain holds no certificate".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_slice(identity.key_pem.expose().as_bytes())
        .map_err(|_| refused("the key is not PEM".to_owned()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| refused(error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use axum::serve::Listener;
    use rcgen::{CertificateParams, KeyPair};
    use tokio::io::AsyncReadExt;
    use tokio_rustls::TlsConnector;

    use super::*;

    struct Place {
        listener: TlsListener,
        root: CertificateDer<'static>,
    }

    async fn open(handshake: Duration, idle: Duration, connections: usize) -> Place {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        let identity = TlsIdentity { chain_pem: certificate.pem(), key_pem: Secret::new(key.serialize_pem()) };
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = bind_tls_within(address, &identity, handshake, idle, connections).await.unwrap();
        Place { listener, root: certificate.der().clone() }
    }

    async fn connect(place: &Place) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(place.root.clone()).unwrap();
        let config =
            rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(roots)
                .with_no_client_auth();
        let tcp = TcpStream::connect(place.listener.local).await?;
        TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), tcp).await
    }

    const LONG: Duration = Duration::from_secs(30);
    const SHORT: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn a_handshake_that_takes_too_long_gives_its_place_back() {
        let mut place = open(SHORT, LONG, 1).await;
        let silent = TcpStream::connect(place.listener.local).await.unwrap();
        let client = timeout(Duration::from_secs(5), connect(&place)).await;
        assert!(client.is_ok_and(|result| result.is_ok()));
        assert!(timeout(Duration::from_secs(5), place.listener.accept()).await.is_ok());
        drop(silent);
    }

    #[tokio::test]
    async fn a_connection_that_stands_still_is_broken_off() {
        let mut place = open(LONG, SHORT, 4).await;
        let client = connect(&place).await.unwrap();
        let (mut connection, _) = place.listener.accept().await;
        let result = timeout(Duration::from_secs(5), connection.read_u8()).await.unwrap();
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::TimedOut);
        drop(client);
    }

    #[tokio::test]
    async fn no_more_connections_than_the_cap_are_open_at_once() {
        let mut place = open(LONG, LONG, 1).await;
        let first = connect(&place).await.unwrap();
        let (held, _) = place.listener.accept().await;
        assert!(timeout(SHORT, connect(&place)).await.is_err(), "the second waits");
        drop((first, held));
        assert!(timeout(Duration::from_secs(5), connect(&place)).await.is_ok_and(|result| result.is_ok()));
    }
}
