//! The first flow after a start, beside theirs: what a person waits for who opens the program for one card, or to answer one
//! request. Each run is a process of its own on either side, with everything of the flow in it: institution, desk, holder.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use leerpas_wallet::End;
use serde_json::Value;

use crate::{
    Outcome,
    journeys::present_once,
    peers::Peers,
    protocols::documents,
    series::Series,
    trial::{Samples, Trial},
};

/// The word that makes this program the process that is measured.
pub const WORD: &str = "first";
const RUNS: usize = 9;

/// Both flows on both sides, in turns.
pub fn measure(trial: &Trial, samples: &Samples) -> Outcome<()> {
    let documents = documents(trial, samples)?;
    let mut flows = ["issuance", "presentation"].map(|name| {
        let times = |what: &str| Series::of_times(format!("first.{name}.{what}"));
        (times("ours"), times("theirs"), Series::of(format!("first.{name}.share"), "×"))
    });
    for _ in 0..RUNS {
        for ((our, their, share), (ours, theirs)) in flows.iter_mut().zip(ours()?.into_iter().zip(theirs(&documents)?))
        {
            our.time(ours);
            their.time(theirs);
            share.value(ours.as_secs_f64() / theirs.as_secs_f64());
        }
    }
    for (ours, theirs, share) in flows {
        [ours, theirs, share].into_iter().for_each(Series::tell);
    }
    Ok(())
}

/// Receives and then presents, once each, and prints how many milliseconds each took.
pub async fn run(folder: &Path) -> Outcome<()> {
    let trial = Trial::start(folder).await?;
    let wallet = trial.wallet(&folder.join("profile")).await?;
    let offer = trial.offer("microcredential")?;
    let begun = Instant::now();
    let end = trial.take(&wallet, &offer).await?;
    let received = begun.elapsed();
    if !matches!(end, End::Kept(cards) if cards.len() == 1) {
        return Err("the card was not kept".into());
    }
    let presented = present_once(&trial, &wallet, 1).await?.judged;
    println!("{:.3} {:.3}", received.as_secs_f64() * 1_000.0, presented.as_secs_f64() * 1_000.0);
    Ok(())
}

fn ours() -> Outcome<[Duration; 2]> {
    let out = Command::new(std::env::current_exe()?).args(["--bench", WORD]).output()?;
    if !out.status.success() {
        return Err(format!("the first flows: {}", String::from_utf8_lossy(&out.stderr)).into());
    }
    let text = String::from_utf8(out.stdout)?;
    let times: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let [received, presented] = times[..] else { return Err("two times were due".into()) };
    Ok([received, presented].map(|milliseconds| Duration::from_secs_f64(milliseconds / 1_000.0)))
}

fn theirs(documents: &Value) -> Outcome<[Duration; 2]> {
    let mut peers = Peers::start()?;
    peers.serve(documents.clone())?;
    Ok([peers.once("issuance.checked")?, peers.once("presentation")?])
}
