//! The employer's desk: a page where one asks for a credential and reads the verdict, and the service behind it.
//!
//! Two doors. The browser talks plain http with this machine only, so that the page opens without a certificate
//! warning. The wallet talks https. What is asked and answered lives in memory: a result for a quarter of an hour, a
//! file not at all.

mod about;
mod api;
mod choice;
mod frames;
mod guard;
mod identities;
mod judge;
mod requests;
mod room;
mod seen;
mod templates;
mod trust;
mod wallet_side;
mod wish;

use std::{
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex},
};

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

pub use identities::Identity;
pub use templates::MICROCREDENTIAL;
pub use trust::TRIAL_DESK;

use crate::{api::Desk as Shared, identities::Identities, judge::Judge, seen::Seen};

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
            Self::Storage(_) => ErrorKind::StorageFailed,
            Self::Address(_) => ErrorKind::Internal,
        }
    }
}

/// A running desk. It ends when this value is dropped.
pub struct Desk {
    /// `http://127.0.0.1:PORT/`, for the browser.
    pub page_url: String,
    /// `http://127.0.0.1:PORT/api`, for programs.
    pub api_url: String,
    /// `https://localhost:PORT/`, where wallets fetch and answer.
    pub wallet_url: String,
    doors: [JoinHandle<io::Result<()>>; 2],
}

/// Starts the desk: makes what is missing in its folder, listens, and answers until it is dropped.
///
/// # Errors
/// When an address is not of this machine or taken, or the folder cannot be used.
pub async fn start(options: DeskOptions) -> Result<Desk, DeskError> {
    start_as(options, Identity::default()).await
}

/// Starts the desk as [`start`] does; where nobody chooses otherwise, it asks under this identity.
///
/// # Errors
/// As [`start`].
pub async fn start_as(options: DeskOptions, usual: Identity) -> Result<Desk, DeskError> {
    let DeskOptions { listen, data, trust, client, clock, entropy } = options;
    let page = bind_plain(listen, Reach::Loopback).await?;
    let page_address = page.local_addr()?;

    let env = Env { now: clock.now(), entropy: &*entropy };
    let authority = TrialAuthority::ensure(&data, env)?;
    let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let (chain_pem, key_pem) = authority.issue_server(&["localhost"], &addresses, env)?;
    let wallet = bind_tls(SocketAddr::new(listen.ip(), 0), &TlsIdentity { chain_pem, key_pem }).await?;
    let base = Url::parse(&format!("https://localhost:{}/", wallet.local_addr().port()))?;
    let (signer, x5c) = authority.issue_signer(NAME, NAME, &["localhost"], &[TRIAL_DESK], env)?;
    let certificate = Arc::new(VerifierIdentity::new(signer, x5c, NAME)?);
    let did = Arc::new(VerifierIdentity::did_web(IssuerKey::make_p256(env.entropy), &base, NAME)?);
    trust::announce(&data, authority.certificate_pem(), did.client_id().value())?;
    let trust = trust::with_folder(trust, &data)?;
    let about = about::of(&data)?;

    let desk = Arc::new(Shared {
        identities: Identities { certificate, did, usual },
        base: base.clone(),
        requests: Mutex::default(),
        judge: Judge::new(trust, client, Arc::clone(&clock), Arc::clone(&entropy), Seen::open(&data)),
        looking: tokio::sync::Semaphore::new(frames::AT_A_TIME),
        about,
    });
    let (page_router, wallet_router) = (api::router(Arc::clone(&desk)), wallet_side::router(desk));
    let doors = [
        tokio::spawn(async move { axum::serve(page, page_router).await }),
        tokio::spawn(async move { axum::serve(wallet, wallet_router).await }),
    ];
    let page_url = format!("http://{page_address}/");
    Ok(Desk { api_url: format!("{page_url}api"), page_url, wallet_url: base.into(), doors })
}

impl Desk {
    /// The line that says that it is ready.
    pub fn ready_line(&self) -> Value {
        json!({ "ready": "desk", "page": self.page_url, "api": self.api_url })
    }

    /// Runs until the future ends, then stops at once.
    ///
    /// # Errors
    /// When a door broke before.
    pub async fn run_until(mut self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let [page, wallet] = &mut self.doors;
        let ended = tokio::select! {
            () = shutdown => return Ok(()),
            ended = page => ended,
            ended = wallet => ended,
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
