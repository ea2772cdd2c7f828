//! A wallet in a folder of its own, and the real institution on loopback.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use leerpas_core::{Clock, Failure, OsEntropy, Secret, SystemClock};
use leerpas_sandbox::{Sandbox, SandboxOptions};
use leerpas_wallet::{Answer, End, Hand, Input, Page, Progress, Prompt, Wallet, World, WorldOptions};

pub const PASSPHRASE: &str = "negen groene fietsen in de regen";

pub struct Place {
    pub folder: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub async fn sandbox(&self) -> Sandbox {
        self.sandbox_at(Arc::new(SystemClock)).await
    }

    pub async fn sandbox_at(&self, clock: Arc<dyn Clock>) -> Sandbox {
        leerpas_sandbox::start(SandboxOptions {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: self.folder.path().to_owned(),
            clock,
            entropy: Arc::new(OsEntropy),
        })
        .await
        .unwrap()
    }

    pub fn options(&self) -> WorldOptions {
        WorldOptions {
            allow_loopback: true,
            tls_roots: vec![self.path("ca.pem")],
            trust: vec![self.path("trust.json")],
            ..WorldOptions::default()
        }
    }

    /// A wallet with an open vault; made if there is none.
    pub async fn wallet(&self) -> Wallet {
        let wallet = Wallet::new(self.path("profile"), World::prepare(self.options()).unwrap());
        match wallet.state().unwrap() {
            leerpas_wallet::VaultState::Missing => drop(wallet.create(phrase()).await.unwrap()),
            _ => wallet.unlock(phrase()).await.unwrap(),
        }
        wallet
    }
}

pub fn phrase() -> Secret<String> {
    Secret::new(PASSPHRASE.to_owned())
}

pub fn link(text: &str) -> Input {
    Input::Text(text.to_owned())
}

/// Says yes to everything until a session ends.
pub async fn take(wallet: &Wallet, offer: &str, code: &str) -> Result<End, Failure> {
    let mut progress = wallet.arrive(link(offer), Hand::Person).await?;
    loop {
        progress = match progress {
            Progress::Ask(prompt) => {
                let answer = match *prompt {
                    Prompt::Contact { .. } => Answer::Take { code: None },
                    Prompt::Frames(_) => Answer::Shown { read: true },
                    Prompt::Offer(offer) => Answer::Take { code: offer.code.map(|_| Secret::new(code.to_owned())) },
                    Prompt::SignIn { .. } | Prompt::Choose(_) => panic!("this offer needs no sign-in"),
                    Prompt::Review(_) => Answer::Keep,
                    Prompt::Share(prompt) => {
                        Answer::Share { fingerprint: prompt.plan.fingerprint.clone(), choice: Default::default() }
                    }
                };
                wallet.answer(answer).await?
            }
            Progress::Ended(end) => return Ok(*end),
            other => panic!("{other:?}"),
        };
    }
}

/// What a refusal must leave as it was.
pub async fn holdings(wallet: &Wallet) -> (usize, usize) {
    (wallet.cards(None, Page::ALL).await.unwrap().len(), wallet.keys().await.unwrap().len())
}
