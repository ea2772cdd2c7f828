//! The trial institution and the employer's desk on loopback, wallets that know them, and the browser of the employer.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use leerpas_core::{Env, OsEntropy, Secret, SystemClock, Timestamp};
use leerpas_credential::{keys::IssuerKey, read::read, trust::TrustList, x509::TrialAuthority};
use leerpas_desk::{Desk, DeskOptions};
use leerpas_sandbox::{Sandbox, SandboxOptions};
use leerpas_wallet::{Answer, End, Hand, Input, Progress, Prompt, VaultState, Wallet, World, WorldOptions};
use serde_json::Value;

use crate::Outcome;

/// The passphrase of every vault here. `crates/xtask/src/bench.rs` uses it too.
pub const PASSPHRASE: &str = "een zin die alleen hier geldt";

/// How long a verdict may take before something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// The two servers and the folder with what they publish.
pub struct Trial {
    /// The institution.
    pub sandbox: Sandbox,
    desk: Desk,
    folder: PathBuf,
}

/// One credential of each kind as the institution gives it out.
pub struct Samples {
    /// SD-JWT VC.
    pub microcredential: Vec<u8>,
    /// Open Badges 3.0.
    pub badge: Vec<u8>,
}

/// A request of the desk.
pub struct Request {
    /// For the wallet.
    pub link: String,
    address: String,
    cookie: String,
}

impl Trial {
    /// Starts both in a folder.
    pub async fn start(folder: &Path) -> Outcome<Self> {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let sandbox = leerpas_sandbox::start(SandboxOptions {
            listen,
            data: folder.to_owned(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
        })
        .await?;
        let policy = leerpas_net::Policy {
            allow_loopback: true,
            extra_roots_pem: vec![fs::read(folder.join("ca.pem"))?],
            log: None,
        };
        let desk = leerpas_desk::start(DeskOptions {
            listen,
            data: folder.to_owned(),
            trust: TrustList::from_json(&fs::read(folder.join("trust.json"))?)?,
            client: leerpas_net::Client::new(policy)?,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
        })
        .await?;
        Ok(Self { sandbox, desk, folder: folder.to_owned() })
    }

    /// What a wallet that trusts this trial needs, without anything kept from an earlier run.
    pub fn world(&self) -> Outcome<World> {
        Ok(World::prepare(WorldOptions {
            allow_loopback: true,
            tls_roots: vec![self.folder.join("ca.pem")],
            trust: vec![self.folder.join("trust.json")],
            ..WorldOptions::default()
        })?)
    }

    /// A wallet with an open vault; made if there is none.
    pub async fn wallet(&self, profile: &Path) -> Outcome<Wallet> {
        let wallet = Wallet::new(profile, self.world()?);
        match wallet.state()? {
            VaultState::Missing => drop(wallet.create(passphrase()).await?),
            _ => wallet.unlock(passphrase()).await?,
        }
        Ok(wallet)
    }

    /// A key that signs as the institution does, with its certificate.
    pub fn signer(&self) -> Outcome<(IssuerKey, Vec<String>)> {
        let env = Env { now: Timestamp::now(), entropy: &OsEntropy };
        let authority = TrialAuthority::ensure(&self.folder, env)?;
        let issuer = self.sandbox.issuer_url.as_str();
        Ok(authority.issue_signer(
            "Hogeschool Voorbeeld (proef)",
            "Hogeschool Voorbeeld",
            &["localhost"],
            &[issuer],
            env,
        )?)
    }

    /// Receives one credential of each kind, to make others like it.
    pub async fn samples(&self) -> Outcome<Samples> {
        let profile = tempfile::tempdir()?;
        let wallet = self.wallet(profile.path()).await?;
        let mut originals = Vec::new();
        for name in ["microcredential", "badge"] {
            let End::Kept(cards) = self.take(&wallet, &self.offer(name)?).await? else {
                return Err(format!("the {name} was not kept").into());
            };
            let card = cards.first().ok_or("no card was kept")?;
            originals.push(wallet.original(&card.id).await?);
        }
        let [microcredential, badge] = <[Vec<u8>; 2]>::try_from(originals).map_err(|_| "two credentials were due")?;
        read(&microcredential)?;
        Ok(Samples { microcredential, badge })
    }

    /// A fresh offer.
    pub fn offer(&self, name: &str) -> Outcome<String> {
        self.sandbox.fresh_offer(name).ok_or_else(|| format!("the institution has no {name}").into())
    }

    /// The offer that has to be fetched before it can be read; it works again and again.
    pub fn offer_by_reference(&self) -> Outcome<&str> {
        let offer = self.sandbox.offers.get("microcredential_by_reference");
        Ok(offer.ok_or("the institution has no offer by reference")?)
    }

    /// Takes an offer from the link to the kept card, with a person who says yes at once.
    pub async fn take(&self, wallet: &Wallet, link: &str) -> Outcome<End> {
        let mut progress = wallet.arrive(Input::Text(link.to_owned()), Hand::Person).await?;
        loop {
            let answer = match progress {
                Progress::Ended(end) => return Ok(*end),
                Progress::Ask(prompt) => match *prompt {
                    Prompt::SignIn { .. } | Prompt::Choose(_) => return Err("this offer needs no sign-in".into()),
                    Prompt::Contact { .. } => Answer::Take { code: None },
                    Prompt::Offer(offer) => {
                        Answer::Take { code: offer.code.map(|_| Secret::new(self.sandbox.tx_code.clone())) }
                    }
                    Prompt::Review(_) => Answer::Keep,
                    Prompt::Share(_) | Prompt::Frames(_) => return Err("an offer asks for nothing to be shared".into()),
                },
                Progress::Idle | Progress::Working(_) => return Err("the session stopped midway".into()),
            };
            progress = wallet.answer(answer).await?;
        }
    }

    /// Lets the desk ask for a microcredential.
    pub async fn request(&self) -> Outcome<Request> {
        let address = format!("{}/requests", self.desk.api_url);
        let (body, cookie) = browse("POST", &address, None, r#"{"template":"microcredential"}"#).await?;
        let text = |name: &str| body[name].as_str().map(str::to_owned).ok_or("the desk left something out");
        let address = format!("{address}/{}", text("id")?);
        Ok(Request { link: text("link")?, address, cookie: cookie.ok_or("the desk gave no cookie")? })
    }

    /// Waits until the desk's page can show the verdict, and demands that it is a good one.
    pub async fn verdict(&self, request: &Request) -> Outcome<()> {
        let begun = Instant::now();
        loop {
            let (seen, _) = browse("GET", &request.address, Some(&request.cookie), "").await?;
            match seen["state"].as_str() {
                Some("answered") if seen["verdict"] == "valid" => return Ok(()),
                Some("waiting") if begun.elapsed() < PATIENCE => tokio::time::sleep(Duration::from_millis(1)).await,
                _ => return Err(format!("the desk says {seen}").into()),
            }
        }
    }
}

/// The passphrase.
pub fn passphrase() -> Secret<String> {
    Secret::new(PASSPHRASE.to_owned())
}

/// One HTTP exchange over plain loopback, which is what a browser has with the desk's page.
async fn browse(method: &str, url: &str, cookie: Option<&str>, body: &str) -> Outcome<(Value, Option<String>)> {
    let rest = url.strip_prefix("http://").ok_or("the desk's page is plain http")?;
    let (host, path) = rest.split_once('/').ok_or("an address has a path")?;
    let cookie = cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
    let host = host.to_owned();
    let length = body.len();
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{cookie}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(host)?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).map(|_| answer)
    })
    .await??;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("the desk did not answer")?;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(format!("the desk refused: {body}").into());
    }
    let cookie = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .and_then(|(_, value)| value.split(';').next())
        .map(str::to_owned);
    Ok((serde_json::from_str(body)?, cookie))
}
