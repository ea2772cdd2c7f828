//! The two programs that run until they are ended: the employer's desk and the trial institution.

use std::{
    io::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use leerpas_core::{ErrorKind, Failure};
use leerpas_desk::{Certified, DeskOptions, Standing};
use leerpas_sandbox::SandboxOptions;
use leerpas_wallet::World;
use serde_json::Value;

use crate::spoken::{Spoken, tell};

/// Runs the employer's desk.
pub async fn desk(
    listen: SocketAddr,
    data: Option<&Path>,
    standing: Standing,
    world: World,
    json: bool,
) -> Result<Spoken, Failure> {
    let folder = folder(data, "desk")?;
    let client = Arc::into_inner(world.client)
        .ok_or_else(|| Failure::new(ErrorKind::Internal, "desk", "the client is in use elsewhere"))?;
    let options = DeskOptions {
        listen,
        data: folder,
        trust: Arc::unwrap_or_clone(world.trust),
        client,
        clock: world.clock,
        entropy: world.entropy,
    };
    let desk =
        leerpas_desk::start_as(options, standing).await.map_err(|e| Failure::new(e.kind(), "desk", e.to_string()))?;
    ready(&desk.ready_line(), json, "The desk is open; its page is")?;
    desk.run_until(ended()).await.map_err(|e| Failure::new(ErrorKind::Internal, "desk", e.to_string()))?;
    Ok(Spoken::silent())
}

/// Reads a certificate of the employer's own, where there is one.
pub fn certified(chain: Option<&Path>, key: Option<&Path>) -> Result<Option<Certified>, Failure> {
    let (Some(chain), Some(key)) = (chain, key) else { return Ok(None) };
    let usage = |message: String| Failure::new(ErrorKind::Usage, "desk", message);
    let read = |path: &Path| std::fs::read_to_string(path).map_err(|e| usage(format!("{}: {e}", path.display())));
    let (chain, key) = (read(chain)?, read(key)?);
    Certified::read(&chain, &key).map(Some).map_err(|e| usage(e.to_string()))
}

/// Runs the trial institution.
pub async fn sandbox(listen: SocketAddr, data: Option<&Path>, world: World, json: bool) -> Result<Spoken, Failure> {
    let folder = folder(data, "sandbox")?;
    let sandbox = leerpas_sandbox::start(SandboxOptions {
        listen,
        data: folder,
        clock: world.clock.clone(),
        entropy: world.entropy.clone(),
    })
    .await
    .map_err(|e| Failure::new(e.kind(), "sandbox", e.to_string()))?;
    ready(&sandbox.ready_line(), json, "The trial institution is open:")?;
    sandbox.run_until(ended()).await.map_err(|e| Failure::new(ErrorKind::Internal, "sandbox", e.to_string()))?;
    Ok(Spoken::silent())
}

/// Without `--data`, a folder of the trial in the person's own data folder.
fn folder(data: Option<&Path>, name: &str) -> Result<PathBuf, Failure> {
    if let Some(path) = data {
        return Ok(path.to_owned());
    }
    directories::ProjectDirs::from("nl", "Leerpas", "Leerpas")
        .map(|dirs| dirs.data_local_dir().join("trial").join(name))
        .ok_or_else(|| Failure::new(ErrorKind::Usage, name, "there is no home folder: give --data"))
}

fn ready(line: &Value, json: bool, what: &str) -> Result<(), Failure> {
    if json {
        let mut out = std::io::stdout();
        return writeln!(out, "{line}")
            .and_then(|()| out.flush())
            .map_err(|e| Failure::new(ErrorKind::Internal, "ready", e.to_string()));
    }
    tell(what);
    tell(&serde_json::to_string_pretty(line).unwrap_or_default());
    Ok(())
}

/// Waits for the end that a terminal or another program asks for.
async fn ended() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Without signals there is nothing to wait for but the end of the process.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
