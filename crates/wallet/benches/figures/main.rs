//! Measures what `docs/benchmarks.md` records and prints one line for each figure, for `cargo xtask bench` to read:
//! `figure`, name, unit, median, least, most and number of runs, separated by tabs.
//!
//! `cargo bench --bench figures -- comparison`, `-- protocols`, `-- matching` and `-- growth` measure that part alone.
//!
//! Everything is real: an encrypted vault on the disk with the cost that it has for people, credentials signed and
//! checked, the trial institution and the employer's desk on loopback behind TLS. Only the person is left out, who
//! answers at once here.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing figures is what this program is for")]

mod comparison;
mod first;
mod growth;
mod holdings;
mod journeys;
mod peers;
mod protocols;
mod series;
mod start;
mod trial;
mod verification;

use std::{error::Error, path::PathBuf};

use holdings::Shelf;
use trial::Trial;

/// As in the programs: what is freed is wiped.
#[global_allocator]
static MEMORY: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// What can go wrong while measuring; nothing is recovered from.
pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Where to leave the vaults, so that whole commands can be measured over them too.
const FOLDER: &str = "LEERPAS_BENCH_FOLDER";
/// How many cards the vaults hold.
const FEW: usize = 10;
const MANY: usize = 1_000;

fn main() -> Outcome<()> {
    // Cargo says so when it wants figures; `cargo test --benches` does not, and has nothing to wait for here.
    if !std::env::args().any(|word| word == "--bench") {
        eprintln!("this measures under `cargo bench` only");
        return Ok(());
    }
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {}
        ["comparison"] => return comparison::measure(),
        ["protocols"] => return within(both_flows),
        ["flows"] => return within(flows_alone),
        [first::WORD] => return within(first::run),
        ["matching"] => return protocols::matching(),
        [growth::WORD] => return growth::measure(),
        [growth::WORD, count] => {
            println!("{:.3}", growth::check_many(count.parse()?)?);
            return Ok(());
        }
        other => return Err(format!("there is no part {other:?}").into()),
    }
    let kept = std::env::var_os(FOLDER).map(PathBuf::from);
    let passing = if kept.is_none() { Some(tempfile::tempdir()?) } else { None };
    let folder = kept.or_else(|| passing.as_ref().map(|folder| folder.path().to_owned())).unwrap_or_default();
    std::fs::create_dir_all(&folder)?;
    run(measure(folder))
}

/// Measures in a folder that passes.
fn within<F: Future<Output = Outcome<()>> + Send + 'static>(part: impl FnOnce(PathBuf) -> F) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    run(part(folder.path().to_owned()))
}

/// As a task of the runtime, which is how the window runs the engine.
fn run(part: impl Future<Output = Outcome<()>> + Send + 'static) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async { tokio::spawn(part).await? })
}

/// Receiving and presenting alone, beside theirs.
async fn both_flows(folder: PathBuf) -> Outcome<()> {
    let trial = Trial::start(&folder).await?;
    let samples = trial.samples().await?;
    protocols::journeys(&trial, &samples, &folder).await?;
    first::measure(&trial, &samples)
}

/// The same without theirs, for a profiler to look at.
async fn flows_alone(folder: PathBuf) -> Outcome<()> {
    let trial = Trial::start(&folder).await?;
    let samples = trial.samples().await?;
    let one = Shelf::make(&trial, &samples, folder.join("1"), 1).await?;
    journeys::receive(&trial, &one).await?;
    journeys::present(&trial, &one).await
}

async fn measure(folder: PathBuf) -> Outcome<()> {
    eprintln!("starting the trial institution and the desk");
    let trial = Trial::start(&folder).await?;
    let samples = trial.samples().await?;
    eprintln!("signing credentials and making vaults with 1, {FEW} and {MANY} cards");
    let one = Shelf::make(&trial, &samples, folder.join("1"), 1).await?;
    let few = Shelf::make(&trial, &samples, folder.join(FEW.to_string()), FEW).await?;
    let many = Shelf::make(&trial, &samples, folder.join(MANY.to_string()), MANY).await?;
    holdings::tell_sizes(&samples, &many)?;

    eprintln!("start");
    start::measure(&trial, &few, &many).await?;
    eprintln!("search");
    start::search(&trial, &many).await?;
    eprintln!("receive and present");
    for shelf in [&one, &many] {
        journeys::receive(&trial, shelf).await?;
        journeys::present(&trial, shelf).await?;
    }
    eprintln!("receive and present beside @openid4vc");
    protocols::journeys(&trial, &samples, &folder).await?;
    first::measure(&trial, &samples)?;
    eprintln!("verification");
    verification::measure(&trial, &samples)?;
    drop(trial);
    eprintln!("beside other implementations");
    comparison::measure()?;
    protocols::matching()?;
    eprintln!("memory of many verifications");
    growth::measure()
}
