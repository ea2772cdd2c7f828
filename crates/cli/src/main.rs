//! The command `leerpas`. What it prints and the codes it ends with are a contract.

mod arguments;
mod attestations;
mod browser;
mod input;
mod later;
mod offline;
mod passphrase;
mod receipts;
mod servers;
mod spoken;
mod views;
mod wallet;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser as _;
use leerpas_core::Failure;
use leerpas_desk::Standing;
use leerpas_wallet::{World, WorldOptions};
use spoken::Spoken;

/// What is freed is wiped: a claim that was shown or a token that was used is not left lying in memory.
#[global_allocator]
static MEMORY: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    keep_faults_short();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(complaint) => return spoken::wrong_words(&complaint),
    };
    log_to_standard_error();
    let json = arguments.json;
    if !may_open_files() {
        let message = "the system lets this program open too few files at a time";
        return spoken::failed(&Failure::new(leerpas_core::ErrorKind::StorageFailed, "start", message), json);
    }
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Failure::new(leerpas_core::ErrorKind::Internal, "start", e.to_string()))
        // As a task, beside those of its connections: the thread that waits here would have to be woken for each reply.
        .and_then(|runtime| match runtime.block_on(runtime.spawn(run(arguments))) {
            Ok(outcome) => outcome,
            Err(ended) => std::panic::resume_unwind(ended.into_panic()),
        });
    match outcome {
        Ok(spoken) => spoken.print(json),
        Err(failure) => spoken::failed(&failure, json),
    }
}

async fn run(arguments: Arguments) -> Result<Spoken, Failure> {
    let world = World::prepare(WorldOptions {
        allow_loopback: arguments.allow_loopback,
        tls_roots: arguments.tls_root.clone(),
        trust: arguments.trust.clone(),
        trust_anchors: arguments.trust_anchor.clone(),
        net_log: arguments.net_log.clone(),
        now: arguments.now,
        language: spoken::language(),
    })?;
    match &arguments.command {
        Command::Desk { listen, data, identity, public, certificate, key } => {
            let certified = servers::certified(certificate.as_deref(), key.as_deref())?;
            let standing = Standing { usual: *identity, public: public.clone(), certified };
            servers::desk(*listen, data.as_deref(), standing, world, arguments.json).await
        }
        Command::Sandbox { listen, data } => servers::sandbox(*listen, data.as_deref(), world, arguments.json).await,
        Command::Verify { file, expect_holder } => wallet::verify(&world, file, *expect_holder).await,
        _ => wallet::run(&arguments, world).await,
    }
}

/// Whether there is room for the files and connections of one command. Where there is not, it is said before anything is
/// begun: a library below would give up in the middle.
fn may_open_files() -> bool {
    const NEEDED: usize = 24;
    let Ok(own) = std::env::current_exe() else { return true };
    let opened: Vec<_> = (0..NEEDED).map_while(|_| std::fs::File::open(&own).ok()).collect();
    opened.len() == NEEDED
}

/// A fault of our own says where it happened, and nothing of what was at hand there.
fn keep_faults_short() {
    std::panic::set_hook(Box::new(|fault| {
        let place = fault.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        spoken::tell(&format!("leerpas: a fault of Leerpas itself{place}"));
    }));
}

/// Logs go where people's text goes, and only what `RUST_LOG` asks for.
fn log_to_standard_error() {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
}
