//! The sign-in at an institution: in the person's own browser, or by a command that a script gives.

use std::process::Stdio;

use leerpas_core::{ErrorKind, Failure, Url};
use leerpas_wallet::{Answer, Progress, Wallet};
use tokio::process::{Child, Command};

use crate::{passphrase::VARIABLE, spoken::tell};

/// Sends the browser to the address, and waits until it brings back the answer.
///
/// # Errors
/// When the browser or command cannot be started, when the command fails, or as the engine says.
pub async fn sign_in(wallet: &Wallet, url: &Url, host: &str, command: Option<&str>) -> Result<Progress, Failure> {
    tell(&format!("Sign in at {host} with your browser. If it does not open by itself, go to:\n  {url}"));
    let Some(command) = command else {
        if !open_by_itself(url) {
            tell("The browser did not open; open the address yourself.");
        }
        return wallet.answer(Answer::SignIn).await;
    };
    let mut browser = run(command, url)?;
    let answer = wallet.answer(Answer::SignIn);
    tokio::pin!(answer);
    tokio::select! {
        progress = &mut answer => progress,
        ended = browser.wait() => match ended {
            Ok(status) if status.success() => answer.await,
            _ => {
                wallet.cancel();
                let _ = answer.await;
                Err(Failure::new(ErrorKind::Usage, "authorization", "the command of --auth-browser failed"))
            }
        },
    }
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

/// Starts the command: words apart by spaces, then the address. What it prints goes to standard error, so that standard
/// output stays one JSON object.
fn run(command: &str, url: &Url) -> Result<Child, Failure> {
    let usage = |words: String| Failure::new(ErrorKind::Usage, "authorization", words);
    let mut words = command.split_whitespace();
    let program = words.next().ok_or_else(|| usage("--auth-browser names no command".to_owned()))?;
    Command::new(program)
        .args(words)
        .arg(url.as_str())
        .env_remove(VARIABLE)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| usage(format!("{program}: {error}")))
}
