//! What the engine needs of the world, put together once: clock, chance, network, trust.

use std::{fs, path::PathBuf, sync::Arc};

use leerpas_core::{Clock, Entropy, Env, ErrorKind, Failure, FixedClock, Language, OsEntropy, SystemClock, Timestamp};
use leerpas_credential::trust::TrustList;
use leerpas_net::{Client, Policy, RequestLog};

use crate::lists::{Anchored, read_lists};

/// How to put a [`World`] together.
#[derive(Debug, Clone, Default)]
pub struct WorldOptions {
    /// Lets addresses of this machine through the guard, for trying out.
    pub allow_loopback: bool,
    /// PEM files with roots for https and for signers, besides those of the system.
    pub tls_roots: Vec<PathBuf>,
    /// Trust lists, plain or signed.
    pub trust: Vec<PathBuf>,
    /// The public keys (JWK) of whom the signed ones may be signed by.
    pub trust_anchors: Vec<PathBuf>,
    /// Where to write one line for each request.
    pub net_log: Option<PathBuf>,
    /// A clock that stands still.
    pub now: Option<Timestamp>,
    /// The language of the texts that issuers give in several.
    pub language: Language,
}

/// What the engine needs of the world.
#[derive(Clone)]
pub struct World {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// The network, under its one policy.
    pub client: Arc<Client>,
    /// Who is known, by all lists together.
    pub trust: Arc<TrustList>,
    /// Who is known by the plain lists alone.
    pub plain: Arc<TrustList>,
    /// The signed lists, of which a vault may have seen newer ones.
    pub signed: Arc<Vec<Anchored>>,
    /// The language of the texts that issuers give in several.
    pub language: Language,
}

impl World {
    /// Reads the roots and lists, and makes the client.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when a file cannot be read or is not what it should be.
    pub fn prepare(options: WorldOptions) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = match options.now {
            Some(now) => Arc::new(FixedClock(now)),
            None => Arc::new(SystemClock),
        };
        let (mut plain, signed) = read_lists(&options.trust, &options.trust_anchors, clock.now())?;
        let mut roots = Vec::new();
        for path in &options.tls_roots {
            let pem = read(path)?;
            // A root that a person names for this run counts for signers too: the trial has one authority for both.
            plain
                .add_root_pem(&String::from_utf8_lossy(&pem))
                .map_err(|e| Failure::new(ErrorKind::Usage, "tls_root", format!("{}: {e}", path.display())))?;
            roots.push(pem);
        }
        let mut trust = plain.clone();
        for institution in signed.iter().flat_map(Anchored::institutions) {
            trust.add(institution).map_err(|e| Failure::new(ErrorKind::Usage, "trust", e.to_string()))?;
        }
        let log = options
            .net_log
            .as_ref()
            .map(|path| RequestLog::open(path))
            .transpose()
            .map_err(|e| Failure::new(ErrorKind::Usage, "net_log", e.to_string()))?;
        let policy = Policy { allow_loopback: options.allow_loopback, extra_roots_pem: roots, log };
        let client = Client::new(policy).map_err(|e| Failure::new(e.kind(), "network", e.to_string()))?;
        Ok(Self {
            clock,
            entropy: Arc::new(OsEntropy),
            client: Arc::new(client),
            trust: Arc::new(trust),
            plain: Arc::new(plain),
            signed: Arc::new(signed),
            language: options.language,
        })
    }

    /// What a machine may know at this moment.
    pub fn env(&self) -> Env<'_> {
        Env { now: self.clock.now(), entropy: &*self.entropy }
    }
}

fn read(path: &PathBuf) -> Result<Vec<u8>, Failure> {
    fs::read(path)
        .map_err(|e| Failure::new(ErrorKind::Usage, "start", format!("{} cannot be read: {e}", path.display())))
}
