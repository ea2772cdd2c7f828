//! The doors at which the desk and the sandbox listen.

use std::{
    collections::HashMap,
    future::{Future, pending},
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
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
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    task::JoinHandle,
    time::{Instant, Sleep, sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// Time for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Time that a connection may stand still.
const IDLE: Duration = Duration::from_secs(60);
/// Connections at one time, those in a handshake among them.
const CONNECTIONS: usize = 512;
/// After so long without progress a connection makes way for a new one, where all places are taken.
const STILL: Duration = Duration::from_millis(500);

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
/// others waiting. Closes when dropped, and ends the connections that came through it.
#[derive(Debug)]
pub struct TlsListener {
    local: SocketAddr,
    ready: mpsc::Receiver<(TlsConnection, SocketAddr)>,
    door: JoinHandle<()>,
    places: Places,
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
        self.places.clear();
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
    place: Place,
}

impl TlsConnection {
    /// Starts the clock anew after progress, and looks at it where there is none.
    fn watch<T>(&mut self, cx: &mut Context<'_>, progress: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if progress.is_ready() {
            self.still.as_mut().reset(Instant::now() + self.idle);
            self.place.moved();
            return progress;
        }
        if self.place.is_to_leave(cx) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
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
    let places = Places::new(connections);
    let all = places.clone();
    let door = tokio::spawn(async move {
        loop {
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
            let mut place = places.take().await;
            tokio::spawn(async move {
                let accepted = tokio::select! {
                    accepted = timeout(handshake, acceptor.accept(tcp)) => accepted,
                    _ = &mut place.leave => return tracing::debug!("a TLS handshake made way"),
                };
                match accepted {
                    Ok(Ok(stream)) => {
                        place.moved();
                        let connection = TlsConnection { stream, idle, still: Box::pin(sleep(idle)), place };
                        // Fails only when the listener is gone.
                        let _ = hand_over.send((connection, peer)).await;
                    }
                    Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                    Err(_) => tracing::debug!("a TLS handshake took too long"),
                }
            });
        }
    });
    Ok(TlsListener { local, ready, door, places: all })
}

/// The places at a door. Where all are taken, the connection that has stood still longest makes way: otherwise a few
/// hundred that say nothing would keep everybody else out.
#[derive(Debug, Clone)]
struct Places {
    free: Arc<Semaphore>,
    taken: Arc<Mutex<HashMap<u64, Taken>>>,
    begun: Instant,
    next: Arc<AtomicU64>,
}

#[derive(Debug)]
struct Taken {
    moved: Arc<AtomicU64>,
    leave: oneshot::Sender<()>,
}

/// One place. It is free again when this is dropped.
#[derive(Debug)]
struct Place {
    number: u64,
    places: Places,
    /// When there was progress last, in milliseconds since the door opened.
    moved: Arc<AtomicU64>,
    /// Ready when the connection is to make way.
    leave: oneshot::Receiver<()>,
    leaving: bool,
    permit: Option<OwnedSemaphorePermit>,
}

impl Places {
    fn new(count: usize) -> Self {
        let free = Arc::new(Semaphore::new(count));
        Self { free, taken: Arc::default(), begun: Instant::now(), next: Arc::default() }
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<u64, Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Sends everybody away.
    fn clear(&self) {
        for (_, one) in self.taken().drain() {
            // Fails only where it is leaving already.
            let _ = one.leave.send(());
        }
    }

    /// Waits for a place, and asks for one where none is free.
    async fn take(&self) -> Place {
        // The semaphore is never closed: an error is only that no place came free in time.
        let permit = loop {
            if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
                break permit;
            }
            self.ask_for_one();
            if let Ok(Ok(permit)) = timeout(STILL / 10, Arc::clone(&self.free).acquire_owned()).await {
                break permit;
            }
        };
        let moved = Arc::new(AtomicU64::new(self.now()));
        let (tell, leave) = oneshot::channel();
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.taken().insert(number, Taken { moved: Arc::clone(&moved), leave: tell });
        Place { number, places: self.clone(), moved, leave, leaving: false, permit: Some(permit) }
    }

    /// Sends away the one that has stood still longest, if that is long enough.
    fn ask_for_one(&self) {
        let mut taken = self.taken();
        let longest = taken.iter().map(|(number, one)| (one.moved.load(Ordering::Relaxed), *number)).min();
        let Some((moved, number)) = longest else { return };
        let still = Duration::from_millis(self.now().saturating_sub(moved));
        if still >= STILL
            && let Some(one) = taken.remove(&number)
        {
            // Fails only where it is leaving already.
            let _ = one.leave.send(());
        }
    }
}

impl Place {
    fn moved(&self) {
        self.moved.store(self.places.now(), Ordering::Relaxed);
    }

    /// Whether it was asked to make way; also asked again after it was.
    fn is_to_leave(&mut self, cx: &mut Context<'_>) -> bool {
        // A channel that has spoken is never polled again.
        self.leaving = self.leaving || Pin::new(&mut self.leave).poll(cx).is_ready();
        self.leaving
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.taken().remove(&self.number);
        // After the entry: a place that is free stands in no list.
        drop(self.permit.take());
    }
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
    async fn a_door_that_closes_ends_the_connections_that_came_through_it() {
        let mut place = open(LONG, LONG, 4).await;
        let _client = connect(&place).await.unwrap();
        let (mut connection, _) = place.listener.accept().await;
        let reading = tokio::spawn(async move { connection.read_u8().await });
        tokio::time::sleep(SHORT).await;
        assert!(!reading.is_finished());
        drop(place);
        let result = timeout(Duration::from_secs(5), reading).await.unwrap().unwrap();
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::ConnectionAborted);
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

    #[tokio::test]
    async fn security_j11_where_all_places_are_taken_who_stands_still_makes_way() {
        let mut place = open(LONG, LONG, 4).await;
        // Two that never speak TLS, two that never send a request.
        let silent = [TcpStream::connect(place.listener.local).await, TcpStream::connect(place.listener.local).await];
        let mut held = Vec::new();
        for _ in 0..2 {
            held.push((connect(&place).await.unwrap(), place.listener.accept().await));
        }
        for _ in 0..6 {
            let client = timeout(Duration::from_secs(5), connect(&place)).await;
            assert!(client.is_ok_and(|client| client.is_ok()), "a new visitor is served");
            let (_served, _) = timeout(Duration::from_secs(5), place.listener.accept()).await.unwrap();
            // Those that were handed over hear that they are to end, and hear it again.
            for (_, (connection, _)) in &mut held {
                for _ in 0..2 {
                    let _ = timeout(Duration::from_millis(10), connection.read_u8()).await;
                }
            }
            held.retain(|(_, (connection, _))| !connection.place.leaving);
        }
        drop(silent);
    }
}
