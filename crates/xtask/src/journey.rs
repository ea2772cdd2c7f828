//! The trial: an institution and an employer's desk on this machine, and the journey between them.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::{
    http,
    programs::{say, target},
};

/// The passphrase of the trial's wallet. It protects invented data only.
pub const PASSPHRASE: &str = "een zin die alleen hier geldt";

/// A server that ends with this value.
pub struct Server {
    child: Child,
    /// Its line of JSON, as it was printed.
    pub ready: String,
}

impl Server {
    /// Starts `leerpas ARGUMENTS` and waits for its line.
    pub fn start(arguments: &[&str]) -> Result<Self, String> {
        let mut child = Command::new(program("leerpas"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|e| format!("leerpas could not be started: {e}"))?;
        let mut ready = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut ready).map_err(|e| e.to_string())?;
        }
        let server = Self { child, ready: ready.trim().to_owned() };
        if server.ready.is_empty() {
            return Err(format!("leerpas {} ended before it was ready", arguments.join(" ")));
        }
        Ok(server)
    }

    /// The text of one member of the ready line. Its values hold no quotes and no escapes but `\/`.
    pub fn value(&self, name: &str) -> Result<String, String> {
        member(&self.ready, name).ok_or_else(|| format!("the ready line has no {name}: {}", self.ready))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is left to do if it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn member(json: &str, name: &str) -> Option<String> {
    let (_, rest) = json.split_once(&format!("\"{name}\":\""))?;
    Some(rest.split_once('"')?.0.replace("\\/", "/"))
}

/// Where a program of this workspace was built.
pub fn program(name: &str) -> PathBuf {
    target().join("debug").join(name)
}

/// The two servers of the trial and their folder.
pub struct Trial {
    /// `ca.pem`, `trust.json` and the wallet's profile lie here.
    pub folder: PathBuf,
    /// The institution.
    pub sandbox: Server,
    /// The employer.
    pub desk: Server,
}

impl Trial {
    /// Starts both in `folder`, on free ports.
    pub fn start(folder: &Path) -> Result<Self, String> {
        fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let data = folder.to_string_lossy();
        say("Starting the trial institution (sandbox)");
        let sandbox = Server::start(&["--json", "sandbox", "--listen", "127.0.0.1:0", "--data", &data])?;
        println!("  {}", sandbox.value("issuer")?);
        say("Starting the employer's desk");
        let roots = folder.join("ca.pem");
        let trust = folder.join("trust.json");
        let desk = Server::start(&[
            "--json",
            "--allow-loopback",
            "--tls-root",
            &roots.to_string_lossy(),
            "--trust",
            &trust.to_string_lossy(),
            "desk",
            "--listen",
            "127.0.0.1:0",
            "--data",
            &data,
        ])?;
        println!("  {}", desk.value("page")?);
        Ok(Self { folder: folder.to_owned(), sandbox, desk })
    }

    /// The command line, pointed at this trial, with the passphrase in its environment.
    pub fn leerpas(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program("leerpas"));
        command
            .env("LEERPAS_PASSPHRASE", PASSPHRASE)
            .arg("--allow-loopback")
            .arg("--profile")
            .arg(self.folder.join("profile"))
            .arg("--tls-root")
            .arg(self.folder.join("ca.pem"))
            .arg("--trust")
            .arg(self.folder.join("trust.json"))
            .args(arguments);
        command
    }
}

/// Plays the journey from offer to verdict with the real command line, printing each step and its result.
pub fn play(trial: &Trial) -> Result<(), String> {
    let profile = trial.folder.join("profile");
    if !profile.join("vault.db").exists() {
        shown(trial, "Make a wallet", &["init"])?;
    }
    let offer = trial.sandbox.value("microcredential")?;
    let code = trial.sandbox.value("tx_code")?;
    shown(trial, "Take the microcredential that the institution offers", &["receive", &offer, "--tx-code", &code])?;
    let badge = trial.sandbox.value("badge")?;
    shown(trial, "Take the Open Badge that the institution offers", &["receive", &badge])?;
    shown(trial, "See the cards", &["cards"])?;

    say("The employer asks for a microcredential");
    let api = trial.desk.value("api")?;
    let asked = http::post(&format!("{api}/requests"), r#"{"template":"microcredential"}"#)?;
    let link = member(&asked.body, "link").ok_or_else(|| format!("no link in {}", asked.body))?;
    let id = member(&asked.body, "id").ok_or_else(|| format!("no id in {}", asked.body))?;
    println!("  {link}");
    shown(trial, "See what is asked, and share nothing yet", &["present", &link])?;

    shown(trial, "Share what is asked", &["present", &link, "--approve"])?;

    say("What the employer sees");
    let seen = http::get(&format!("{api}/requests/{id}"), asked.cookie.as_deref())?;
    println!("  {}", seen.body);
    if member(&seen.body, "state").as_deref() != Some("answered") {
        return Err("the desk has no answer".into());
    }
    shown(trial, "Find it in the activity log", &["activity"])
}

fn shown(trial: &Trial, what: &str, arguments: &[&str]) -> Result<(), String> {
    say(what);
    let status = trial.leerpas(arguments).stdin(Stdio::null()).status().map_err(|e| e.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("{what}: {status}")) }
}
