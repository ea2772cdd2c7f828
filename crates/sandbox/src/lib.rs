//! The sandbox: an institution on this machine to try things with. It offers microcredentials and badges, gives
//! them out over OpenID4VCI 1.0, keeps status lists, and publishes a catalogue. Everything in it is invented.
//!
//! One process, one port, TLS with a certificate of its own authority, whose root (`ca.pem`) and trust list
//! (`trust.json`, and signed `trust.jwt` with its `trust-anchor.jwk`) it writes into its folder. Loopback only.
//!
//! In one thing it is looser than an institution may be: the codes of the offers that it prints when it starts can
//! be used again until it ends, so that a link can be tried more than once. Codes from its pages work once.

mod afterwards;
mod app;
mod artwork;
mod attested;
mod card_first;
mod catalogue;
mod drafts;
mod grants;
mod http;
mod identity;
mod issue;
mod metadata;
mod misbehave;
mod page;
mod proof;
mod published;
mod register;
mod showpieces;
mod sign_in;
mod trust;

use std::{
    collections::BTreeMap,
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
};

use leerpas_check::VerifierIdentity;
use leerpas_core::{Clock, Entropy, Env, ErrorKind, Url};
use leerpas_credential::{
    trust::{TrustError, TrustList},
    x509::{TrialAuthority, TrialError},
};
use leerpas_net::{ListenError, TlsIdentity, bind_tls};
use leerpas_openid::vci::CredentialOffer;
use serde_json::{Value, json};
use thiserror::Error;
use tokio::task::JoinHandle;

pub use afterwards::Pace;
pub use catalogue::{COURSES, Course, HOME, Institution, Load};
pub use identity::{IdentityError, TRIAL_DESK};
pub use issue::LEARNER;
pub use metadata::VCT;
pub use misbehave::{Misbehave, Place};
pub use register::Standing;
pub use trust::{ANCHOR_FILE, SIGNED_TRUST_FILE, TRUST_FILE};

use crate::{app::App, card_first::Asker, grants::Use, identity::Identity};

/// The file with the certificate of the trial authority.
pub const ROOT_FILE: &str = "ca.pem";

/// What the sandbox needs to start.
pub struct SandboxOptions {
    /// Where to listen: an address of this machine; port 0 takes a free port.
    pub listen: SocketAddr,
    /// Its folder; made if it is missing.
    pub data: PathBuf,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
}

/// Why the sandbox did not start.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// It would be reachable from elsewhere.
    #[error("{0} is reachable from elsewhere; the sandbox is for this machine only")]
    NotLoopback(SocketAddr),
    /// The door could not be opened.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The certificates could not be made.
    #[error(transparent)]
    Authority(#[from] TrialError),
    /// The keys could not be made or read.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The certificate does not serve as the identity of one who asks.
    #[error(transparent)]
    Asker(#[from] leerpas_check::IdentityError),
    /// Its own trust list cannot be read back.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// Its own files cannot be read back.
    #[error("the folder of the sandbox cannot be used: {0}")]
    Storage(#[from] io::Error),
}

impl SandboxError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotLoopback(_) => ErrorKind::AddressRefused,
            Self::Listen(_) => ErrorKind::Usage,
            Self::Authority(_) | Self::Identity(_) | Self::Asker(_) | Self::Trust(_) | Self::Storage(_) => {
                ErrorKind::StorageFailed
            }
        }
    }
}

/// A running sandbox. It ends when this value is dropped.
pub struct Sandbox {
    /// The credential issuer identifier, `https://localhost:PORT`.
    pub issuer_url: String,
    /// The offers that are printed, by name: `microcredential`, `badge`, `both` (one offer for two), `styled` (with the
    /// institution's own picture of the card), `parts` (a badge of which parts can be left out), `later` (handed out later),
    /// `draft-13` and `draft-15` (as older software speaks OpenID4VCI), `microcredential_with_sign_in`, `card_first` (a
    /// sign-in that asks for the `microcredential` first) and `microcredential_by_reference`. Their codes can be used again
    /// while the sandbox runs.
    pub offers: BTreeMap<&'static str, String>,
    /// The transaction code of this run.
    pub tx_code: String,
    app: Arc<App>,
    server: JoinHandle<io::Result<()>>,
}

/// Starts the sandbox: makes what is missing in its folder, listens, and answers until it is dropped.
///
/// # Errors
/// When the address is not of this machine or taken, or the folder cannot be used.
pub async fn start(options: SandboxOptions) -> Result<Sandbox, SandboxError> {
    let SandboxOptions { listen, data, clock, entropy } = options;
    if !listen.ip().is_loopback() {
        return Err(SandboxError::NotLoopback(listen));
    }
    let env = Env { now: clock.now(), entropy: &*entropy };
    let authority = TrialAuthority::ensure(&data, env)?;
    let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let (chain_pem, key_pem) = authority.issue_server(&["localhost"], &addresses, env)?;
    let listener = bind_tls(listen, &TlsIdentity { chain_pem, key_pem }).await?;
    let identity = Identity::set_up(listener.local_addr().port(), &authority, &data, env)?;
    trust::publish(&identity, &authority, &data, env)?;

    let issuer_url = identity.issuer.clone();
    let name = format!("{} (proef)", HOME.name);
    let (signer, x5c) = authority.issue_signer(&name, HOME.name, &["localhost"], &[&identity.issuer], env)?;
    let asker = Asker {
        identity: Arc::new(VerifierIdentity::new(signer, x5c, &name)?),
        trust: Arc::new(TrustList::from_json(&std::fs::read(data.join(TRUST_FILE))?)?),
    };
    let app = Arc::new(App::new(identity, asker, Arc::clone(&clock), Arc::clone(&entropy)));
    let offers = printed_offers(&app);
    let router = http::router(Arc::clone(&app));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Sandbox { issuer_url, offers, tx_code: app.tx_code.clone(), app, server })
}

impl Sandbox {
    /// The line that says that it is ready.
    pub fn ready_line(&self) -> Value {
        json!({
            "ready": "sandbox",
            "issuer": self.issuer_url,
            "offers": self.offers,
            "tx_code": self.tx_code,
        })
    }

    /// What it says of itself as an issuer (OpenID4VCI 1.0, 12.2.4).
    pub fn metadata(&self) -> Value {
        metadata::credential_issuer(&self.issuer_url)
    }

    /// A fresh offer that works once: `microcredential`, `badge`, `both`, `styled`, `parts`, `draft-13`, `draft-15`, `attested`, or the name of a
    /// course of the institution. Nothing for another name.
    pub fn fresh_offer(&self, name: &str) -> Option<String> {
        self.app.offer(name, Use::Once).map(|offer| offer.link())
    }

    /// Sets what the status lists say about the credential to which an index belongs. Gives its title, or nothing
    /// when no credential has the index.
    pub fn set_standing(&self, index: usize, standing: Standing) -> Option<&'static str> {
        self.app.set_standing(index, standing)
    }

    /// The status indices of everything given out, the newest credential first, each with all its copies.
    pub fn issued(&self) -> Vec<Vec<usize>> {
        self.app.books().register.issued().map(|issued| issued.indices.clone()).collect()
    }

    /// Sets how slowly it hands out what it hands out later.
    pub fn set_pace(&self, pace: Pace) {
        self.app.books().afterwards.pace = pace;
    }

    /// Takes back every word that wallets may come back: no token is renewed, and nothing is handed out later.
    pub fn take_back(&self) {
        let mut books = self.app.books();
        books.afterwards.take_back();
        books.afterwards.forget_transactions();
    }

    /// Attests the key that a wallet made for `ISSUER/attested`, as its page does. Nothing for what is no such key.
    pub fn approve(&self, jwk: &Value, seconds: i64) -> Option<String> {
        attested::approve(&self.app, jwk, seconds)
    }

    /// How many attested requests were sent back for a fresh challenge.
    pub fn sent_back(&self) -> usize {
        self.app.books().attested.sent_back()
    }

    /// What wallets said last about each credential configuration (OpenID4VCI 1.0, 11).
    pub fn heard(&self) -> BTreeMap<String, String> {
        self.app.books().afterwards.heard()
    }

    /// Makes it misbehave from now on, or behave again. For tests.
    pub fn misbehave(&self, how: Option<Misbehave>) {
        self.app.set_bad(how);
    }

    /// Runs until the future ends, then stops at once.
    ///
    /// # Errors
    /// When the door broke before.
    pub async fn run_until(mut self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        tokio::select! {
            () = shutdown => Ok(()),
            ended = &mut self.server => ended.unwrap_or_else(|error| Err(io::Error::other(error))),
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn printed_offers(app: &App) -> BTreeMap<&'static str, String> {
    let mut offers: BTreeMap<_, _> =
        ["microcredential", "badge", "both", "styled", "parts", "later", "draft-13", "draft-15", attested::OFFER]
            .into_iter()
            .filter_map(|name| Some((name, app.offer(name, Use::Again)?.link())))
            .collect();
    if let Some(offer) = app.offer_with_sign_in() {
        offers.insert("microcredential_with_sign_in", offer.link());
    }
    if let Some(offer) = attested::offer_with_sign_in(app) {
        offers.insert(attested::OFFER_WITH_SIGN_IN, offer.link());
    }
    if let Some(offer) = card_first::offer(app) {
        offers.insert(card_first::OFFER, offer.link());
    }
    if let Some(offer) = app.offer("microcredential", Use::Again) {
        let address = format!("{}/offer/{}", app.identity.issuer, app.put_by_reference(offer));
        if let Ok(address) = Url::parse(&address) {
            offers.insert("microcredential_by_reference", CredentialOffer::link_by_reference(&address));
        }
    }
    offers
}
