//! The employer's desk: a page where one asks for a credential and reads the verdict, and the service behind it.
//!
//! Two doors. The browser talks plain http with this machine only, so that the page opens without a certificate
//! warning. The wallet talks https. What is asked and answered lives in memory: a result for a quarter of an hour, a
//! file not at all.
//!
//! Or one door, behind a proxy: then the desk is found at an address of the employer, which both sides use, and an answer
//! is released only once it is known that who asked and who answered belong together (`gate`).

mod about;
mod api;
mod callers;
mod choice;
mod frames;
mod gate;
mod guard;
mod identities;
mod judge;
mod landing;
mod place;
mod requests;
mod room;
mod seen;
mod templates;
mod trust;
mod wallet_side;
mod wish;

use std::{
    fs,
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex},
};

use axum::Router;
use leerpas_check::{IdentityError, VerifierIdentity};
use leerpas_core::{Clock, Entropy, Env, ErrorKind, Url};
use leerpas_credential::{
    keys::IssuerKey,
    trust::{TrustError, TrustList},
    x509::{TrialAuthority, TrialError},
};
use leerpas_net::{Client, ListenError, Reach, TlsIdentity, bind_plain, bind_tls};
use serde_json::{Value, json};
use thiserror::Error;
use tokio::task::JoinHandle;

pub use identities::{Certified, CertifiedError, Identity};
pub use place::{AddressError, PublicAddress};
pub use templates::MICROCREDENTIAL;
pub use trust::TRIAL_DESK;

use crate::{api::Desk as Shared, identities::Identities, judge::Judge, place::Place, seen::Seen};

/// What the desk calls itself in a trial.
const NAME: &str = "Loket (proef)";

/// What the desk needs to start.
pub struct DeskOptions {
    /// Where the page listens: an address of this machine; port 0 takes a free port. The wallet's door takes a free
    /// port at the same address.
    pub listen: SocketAddr,
    /// Its folder, which may be the sandbox's; made if it is missing. A `trust.json` in it counts too, and what
    /// an `about.json` says of the employer is told to learners.
    pub data: PathBuf,
    /// Institutions and roots that count.
    pub trust: TrustList,
    /// Fetches keys and status lists.
    pub client: Client,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

/// As whom and where the desk stands, for whoever does not take what is usual.
#[derive(Debug, Default)]
pub struct Standing {
    /// As whom it asks where nobody chooses.
    pub usual: Identity,
    /// Where it is found by others than this machine. A proxy on this machine has the certificate of this address, and hands
    /// everything on to the page's listener with `Host` as it came and the caller's address as the last entry of
    /// `X-Forwarded-For`.
    pub public: Option<PublicAddress>,
    /// The certificate under which it asks, instead of one of the trial.
    pub certified: Option<Certified>,
}

/// Why the desk did not start.
#[derive(Debug, Error)]
pub enum DeskError {
    /// A door could not be opened.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The certificates could not be made.
    #[error(transparent)]
    Authority(#[from] TrialError),
    /// The certificate does not serve as an identity.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// `trust.json` in the folder cannot be used.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The folder cannot be used.
    #[error("the folder of the desk cannot be used: {0}")]
    Storage(#[from] io::Error),
    /// The certificate that was given does not serve.
    #[error(transparent)]
    Certified(#[from] CertifiedError),
    /// The port cannot be put into an address.
    #[error("the address of the desk cannot be written: {0}")]
    Address(#[from] url::ParseError),
}

impl DeskError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Listen(ListenError::NotLoopback { .. }) => ErrorKind::AddressRefused,
            Self::Listen(_) => ErrorKind::Usage,
            Self::Authority(error) => error.kind(),
            Self::Identity(error) => error.kind(),
            Self::Trust(error) => error.kind(),
            Self::Certified(_) => ErrorKind::Usage,
            Self::Storage(_) => ErrorKind::StorageFailed,
            Self::Address(_) => ErrorKind::Internal,
        }
    }
}

/// A running desk. It ends when this value is dropped.
pub struct Desk {
    /// `http://127.0.0.1:PORT/`, for the browser; its public address where it has one.
    pub page_url: String,
    /// `http://127.0.0.1:PORT/api`, for programs; the same under its public address where it has one.
    pub api_url: String,
    /// `https://localhost:PORT/`, where wallets fetch and answer; its public address where it has one.
    pub wallet_url: String,
    /// `http://127.0.0.1:PORT/`, for the proxy, where it has a public address.
    pub behind_proxy: Option<String>,
    doors: Vec<JoinHandle<io::Result<()>>>,
}

/// Starts the desk: makes what is missing in its folder, listens, and answers until it is dropped.
///
/// # Errors
/// When an address is not of this machine or taken, or the folder cannot be used.
pub async fn start(options: DeskOptions) -> Result<Desk, DeskError> {
    start_as(options, Standing::default()).await
}

/// Starts the desk as [`start`] does, where and as whom it is said here.
///
/// # Errors
/// As [`start`].
pub async fn start_as(options: DeskOptions, standing: Standing) -> Result<Desk, DeskError> {
    let DeskOptions { listen, data, trust, client, clock, entropy } = options;
    let page = bind_plain(listen, Reach::Loopback).await?;
    let page_address = page.local_addr()?;

    let env = Env { now: clock.now(), entropy: &*entropy };
    fs::create_dir_all(&data)?;
    let authority = || TrialAuthority::ensure(&data, env);
    let (place, base, wallet) = match standing.public {
        Some(address) => {
            let base = address.url().clone();
            (Place::Public(address), base, None)
        }
        None => {
            let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
            let (chain_pem, key_pem) = authority()?.issue_server(&["localhost"], &addresses, env)?;
            let wallet = bind_tls(SocketAddr::new(listen.ip(), 0), &TlsIdentity { chain_pem, key_pem }).await?;
            let base = Url::parse(&format!("https://localhost:{}/", wallet.local_addr().port()))?;
            (Place::Here, base, Some(wallet))
        }
    };
    let host = base.host_str().unwrap_or_default();
    let (certificate, trial) = match standing.certified {
        Some(certified) => (certified.identity(host)?, None),
        None => {
            let authority = authority()?;
            let (signer, x5c) = authority.issue_signer(NAME, NAME, &[host], &[TRIAL_DESK], env)?;
            (VerifierIdentity::new(signer, x5c, NAME)?, Some(authority))
        }
    };
    let (name, dns_name) = (certificate.name().to_owned(), certificate.under_dns_name(host)?);
    let did = VerifierIdentity::did_web(IssuerKey::make_p256(env.entropy), &base, &name)?;
    // A certificate that others vouch for needs no root of our own, here or with a wallet.
    if let Some(authority) = trial {
        trust::announce(&data, authority.certificate_pem(), did.client_id().value())?;
    }
    let trust = trust::with_folder(trust, &data)?;
    let about = about::of(&data)?;

    let desk = Arc::new(Shared {
        place,
        callers: Mutex::default(),
        identities: Identities {
            certificate: Arc::new(certificate),
            dns_name: Arc::new(dns_name),
            did: Arc::new(did),
            usual: standing.usual,
        },
        base: base.clone(),
        requests: Mutex::default(),
        judge: Judge::new(trust, client, Arc::clone(&clock), Arc::clone(&entropy), Seen::open(&data)),
        looking: tokio::sync::Semaphore::new(frames::AT_A_TIME),
        about,
    });
    let (page_router, wallet_router) = (api::router(Arc::clone(&desk)), wallet_side::router(desk));
    let listener = format!("http://{page_address}/");
    let (doors, page_url, behind_proxy) = match wallet {
        Some(wallet) => (vec![opened(page, page_router), opened(wallet, wallet_router)], listener, None),
        None => (vec![opened(page, page_router.merge(wallet_router))], base.to_string(), Some(listener)),
    };
    Ok(Desk { api_url: format!("{page_url}api"), page_url, wallet_url: base.into(), behind_proxy, doors })
}

fn opened<L>(listener: L, router: Router) -> JoinHandle<io::Result<()>>
where
    L: axum::serve::Listener,
    L::Addr: std::fmt::Debug,
{
    tokio::spawn(async move { axum::serve(listener, router).await })
}

impl Desk {
    /// The line that says that it is ready.
    pub fn ready_line(&self) -> Value {
        let mut line = json!({ "ready": "desk", "page": self.page_url, "api": self.api_url });
        if let Some(listener) = &self.behind_proxy {
            line["listen"] = json!(listener);
        }
        line
    }

    /// Runs until the future ends, then stops at once.
    ///
    /// # Errors
    /// When a door broke before.
    pub async fn run_until(mut self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let [first, others @ ..] = self.doors.as_mut_slice() else { return Ok(()) };
        let other = async {
            match others.first_mut() {
                Some(other) => other.await,
                None => std::future::pending().await,
            }
        };
        let ended = tokio::select! {
            () = shutdown => return Ok(()),
            ended = first => ended,
            ended = other => ended,
        };
        ended.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for door in &self.doors {
            door.abort();
        }
    }
}
