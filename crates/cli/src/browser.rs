//! The sign-in at an institution: in the person's own browser, or by a command that a script gives.
//!
//! The page of the institution may ask for a card first. Only this process can answer, because it holds the vault: the
//! request comes in as a line that the command prints, or that the person pastes.

use std::{pin::pin, process::Stdio};

use leerpas_core::{ErrorKind, Failure, Url};
use leerpas_wallet::{Answer, Choice, Input, Progress, Wallet};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, ChildStdout, Command},
    sync::mpsc,
};

use crate::{
    passphrase::VARIABLE,
    spoken::{Spoken, is_interactive, tell},
    wallet::present,
};

/// The longest line that is taken for a request, in bytes; what is longer is none.
const LINE_BYTES: usize = 16 * 1024;

/// What a person said beforehand about a sign-in.
pub struct Asked<'a> {
    /// The command that stands in for the browser.
    pub browser: Option<&'a str>,
    /// What is shown where the institution asks for a card first.
    pub choice: Choice,
    /// Whether that may be shared.
    pub approve: bool,
}

/// Sends the browser to the address, and waits until it brings back the answer.
///
/// # Errors
/// When the browser or command cannot be started, when the command fails, or as the engine says. Where the institution asks
/// for a card first and it is not shown, as the showing says.
pub async fn sign_in(wallet: &Wallet, url: &Url, host: &str, asked: &Asked<'_>) -> Result<Progress, Failure> {
    tell(&format!("Sign in at {host} with your browser. If it does not open by itself, go to:\n  {url}"));
    let (lines, mut requests) = mpsc::channel(4);
    let mut browsers = Browsers { command: asked.browser, running: Vec::new(), lines };
    browsers.send(url)?;
    let mut answer = pin!(wallet.answer(Answer::SignIn));
    loop {
        let request = tokio::select! {
            progress = &mut answer => return progress,
            Some(request) = requests.recv() => request,
            failed = browsers.failed() => {
                let (_, ()) = tokio::join!(answer, end_all(wallet));
                return Err(failed);
            }
        };
        match show(wallet, request, host, asked).await {
            Ok(go_on) => go_on.iter().try_for_each(|next| browsers.send(next))?,
            Err(failure) => {
                // What the institution asked for first does not come, so both end.
                let (_, ()) = tokio::join!(answer, end_all(wallet));
                return Err(failure);
            }
        }
        browsers.listen_again();
    }
}

/// Puts away what is on the screen, and then the sign-in.
async fn end_all(wallet: &Wallet) {
    while wallet.sign_in_waits().is_some() {
        wallet.dismiss().await;
    }
}

/// Answers a request in between. Gives the address at which the browser goes on, where there is one.
async fn show(wallet: &Wallet, request: String, host: &str, asked: &Asked<'_>) -> Result<Option<Url>, Failure> {
    tell(&format!("While you sign in at {host}, a card is asked for. The sign-in waits."));
    let inputs = vec![Input::Text(request)];
    let spoken = present(wallet, inputs, asked.choice.clone(), (asked.approve, false), None).await?;
    let Spoken { json, text, .. } = spoken;
    tell(&text);
    if json["sent"] != Value::Bool(true) {
        let words = "the institution asks for a card first, and none was shown; to share it, give --approve";
        return Err(Failure::new(ErrorKind::Declined, "approve", words));
    }
    Ok(json["redirect_uri"].as_str().and_then(|url| Url::parse(url).ok()).filter(|url| url.scheme() == "https"))
}

/// The person's browser, or the commands that stand in for it.
struct Browsers<'a> {
    command: Option<&'a str>,
    running: Vec<Child>,
    /// Where requests go that are printed or pasted.
    lines: mpsc::Sender<String>,
}

impl Browsers<'_> {
    /// Sends the browser to an address.
    fn send(&mut self, url: &Url) -> Result<(), Failure> {
        let Some(command) = self.command else {
            if !open_by_itself(url) {
                tell("The browser did not open; open the address yourself.");
            }
            if self.running.is_empty() && is_interactive() {
                tell("If the page asks for a card first, paste its link (openid4vp:) here.");
                self.listen_again();
            }
            return Ok(());
        };
        let mut browser = run(command, url)?;
        if let Some(printed) = browser.stdout.take() {
            tokio::spawn(pass_on(printed, self.lines.clone()));
        }
        self.running.push(browser);
        Ok(())
    }

    /// Waits for one more pasted line. A thread of its own, because nothing stops a read that waits for a person; it ends
    /// with the program.
    fn listen_again(&self) {
        if self.command.is_some() || !is_interactive() {
            return;
        }
        let lines = self.lines.clone();
        std::thread::spawn(move || {
            let mut line = String::new();
            while std::io::stdin().read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
                if let Some(request) = request_in(&line) {
                    let _ = lines.blocking_send(request);
                    return;
                }
                line.clear();
            }
        });
    }

    /// Waits until a command fails; for ever where none does.
    async fn failed(&mut self) -> Failure {
        while let Some(browser) = self.running.last_mut() {
            let well = browser.wait().await.is_ok_and(|status| status.success());
            self.running.pop();
            if !well {
                return Failure::new(ErrorKind::Usage, "authorization", "the command of --auth-browser failed");
            }
        }
        std::future::pending().await
    }
}

/// Passes on the requests among the lines that a command prints, and nothing else of them.
async fn pass_on(printed: ChildStdout, lines: mpsc::Sender<String>) {
    let mut printed = BufReader::new(printed).lines();
    while let Ok(Some(line)) = printed.next_line().await {
        if let Some(request) = request_in(&line)
            && lines.send(request).await.is_err()
        {
            return;
        }
    }
}

fn request_in(line: &str) -> Option<String> {
    let line = line.trim();
    let fits = ["openid4vp:", "haip-vp:"].iter().any(|scheme| line.starts_with(scheme));
    (fits && line.len() <= LINE_BYTES).then(|| line.to_owned())
}

/// Starts the person's own browser, apart from this program and without its passphrase.
fn open_by_itself(url: &Url) -> bool {
    open::commands(url.as_str()).into_iter().any(|mut command| {
        command.env_remove(VARIABLE).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn().is_ok()
    })
}

/// Starts the command: words apart by spaces, then the address. What it prints never reaches standard output, so that this
/// stays one JSON object.
fn run(command: &str, url: &Url) -> Result<Child, Failure> {
    let usage = |words: String| Failure::new(ErrorKind::Usage, "authorization", words);
    let mut words = command.split_whitespace();
    let program = words.next().ok_or_else(|| usage("--auth-browser names no command".to_owned()))?;
    Command::new(program)
        .args(words)
        .arg(url.as_str())
        .env_remove(VARIABLE)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| usage(format!("{program}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_command_prints_only_requests_are_passed_on() {
        assert_eq!(request_in(" openid4vp://?client_id=a \r\n").as_deref(), Some("openid4vp://?client_id=a"));
        assert!(request_in("haip-vp://?client_id=a").is_some());
        let long = format!("openid4vp://?{}", "a".repeat(LINE_BYTES));
        for other in
            ["", "https://a.example", "openid-credential-offer://?a", "see openid4vp://?a", "/etc/passwd", &long]
        {
            assert_eq!(request_in(other), None, "{other:.40}");
        }
    }
}
