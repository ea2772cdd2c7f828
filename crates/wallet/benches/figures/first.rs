//! The first flows after a start, beside theirs: what a person waits for who opens the program for one card, or to answer one
//! request, and the few that may follow. Each run is a process of its own on either side, with everything of the flow in it:
//! institution, desk, holder.

use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use leerpas_wallet::End;
use serde_json::Value;

use crate::{
    Outcome,
    journeys::{present_once, receive_once},
    peers::Peers,
    protocols::documents,
    series::Series,
    trial::{Samples, Trial},
};

/// The word that makes this program the process that is measured.
pub const WORD: &str = "first";
const RUNS: usize = 9;
/// How many of each follow the first one.
const MORE: usize = 5;

/// How long each of a kind took in one process, the first one first.
type Times = Vec<Duration>;

/// Both flows on both sides, in turns.
pub fn measure(trial: &Trial, samples: &Samples) -> Outcome<()> {
    let documents = documents(trial, samples)?;
    let mut kinds = ["issuance", "presentation"].map(|name| (Beside::of("first", name), Beside::of("next", name)));
    for _ in 0..RUNS {
        for ((first, next), (ours, theirs)) in kinds.iter_mut().zip(ours()?.into_iter().zip(theirs(&documents)?)) {
            first.add(ours[0], theirs[0]);
            next.add(middle(&ours[1..]), middle(&theirs[1..]));
        }
    }
    for (first, next) in kinds {
        [first, next].into_iter().for_each(Beside::tell);
    }
    Ok(())
}

/// Receives and then presents, once each and then a few times more, and prints how many milliseconds each took.
pub async fn run(folder: PathBuf) -> Outcome<()> {
    let trial = Trial::start(&folder).await?;
    let wallet = trial.wallet(&folder.join("profile")).await?;
    let begun = Instant::now();
    let end = trial.take(&wallet, trial.offer_by_reference()?).await?;
    let mut received = vec![begun.elapsed()];
    if !matches!(end, End::Kept(cards) if cards.len() == 1) {
        return Err("the card was not kept".into());
    }
    let mut presented = vec![present_once(&trial, &wallet, 1).await?.confirmed];
    for _ in 0..MORE {
        presented.push(present_once(&trial, &wallet, 1).await?.confirmed);
    }
    // Each takes the place of the card that is there, and is thrown away.
    for _ in 0..MORE {
        received.push(receive_once(&trial, &wallet, trial.offer_by_reference()?).await?.kept);
    }
    for times in [received, presented] {
        let words: Vec<String> = times.iter().map(|time| format!("{:.3}", time.as_secs_f64() * 1_000.0)).collect();
        println!("{}", words.join(" "));
    }
    Ok(())
}

fn ours() -> Outcome<[Times; 2]> {
    let out = Command::new(std::env::current_exe()?).args(["--bench", WORD]).output()?;
    if !out.status.success() {
        return Err(format!("the first flows: {}", String::from_utf8_lossy(&out.stderr)).into());
    }
    let mut kinds = Vec::new();
    for line in String::from_utf8(out.stdout)?.lines() {
        let times: Vec<f64> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        if times.len() != 1 + MORE {
            return Err("some times are missing".into());
        }
        kinds.push(times.into_iter().map(|milliseconds| Duration::from_secs_f64(milliseconds / 1_000.0)).collect());
    }
    <[Times; 2]>::try_from(kinds).map_err(|_| "two kinds of flow were due".into())
}

fn theirs(documents: &Value) -> Outcome<[Times; 2]> {
    let mut peers = Peers::start()?;
    peers.serve(documents.clone())?;
    let mut kinds = ["issuance", "presentation"].map(|name| (name, Times::new()));
    for turn in [1, MORE] {
        for (name, times) in &mut kinds {
            for _ in 0..turn {
                times.push(peers.once(name)?);
            }
        }
    }
    Ok(kinds.map(|(_, times)| times))
}

fn middle(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2]
}

/// A flow of ours beside theirs.
struct Beside {
    ours: Series,
    theirs: Series,
    share: Series,
}

impl Beside {
    fn of(when: &str, flow: &str) -> Self {
        let times = |what: &str| Series::of_times(format!("{when}.{flow}.{what}"));
        Self { ours: times("ours"), theirs: times("theirs"), share: Series::of(format!("{when}.{flow}.share"), "×") }
    }

    fn add(&mut self, ours: Duration, theirs: Duration) {
        self.ours.time(ours);
        self.theirs.time(theirs);
        self.share.value(ours.as_secs_f64() / theirs.as_secs_f64());
    }

    fn tell(self) {
        [self.ours, self.theirs, self.share].into_iter().for_each(Series::tell);
    }
}
