//! Receiving and presenting over loopback, with a person who answers at once.

use std::time::{Duration, Instant};

use leerpas_core::Outcome as Ended;
use leerpas_wallet::{Answer, End, Hand, Input, Progress, Prompt, Wallet};

use crate::{Outcome, holdings::Shelf, series::Series, trial::Trial};

const RUNS: usize = 25;
/// How many copies of a card the institution gives.
pub const COPIES: u32 = 3;
/// How many of the cards that fit a person is asked to choose from at most.
const SHOWN: usize = 50;

/// Several runs of receiving.
pub async fn receive(trial: &Trial, shelf: &Shelf) -> Outcome<()> {
    let wallet = trial.wallet(&shelf.profile).await?;
    let mut times = Series::of_times(format!("receive.{}", shelf.count));
    let mut thrown_away = Series::of_times(format!("delete.{}", shelf.count));
    for run in 0..=RUNS {
        let took = receive_once(trial, &wallet, &trial.offer("microcredential")?).await?;
        if run > 0 {
            times.time(took.kept);
            thrown_away.time(took.thrown_away);
        }
    }
    [times, thrown_away].into_iter().for_each(Series::tell);
    Ok(())
}

/// How long it took.
pub struct Received {
    /// From the offer to the kept card.
    pub kept: Duration,
    /// To throw it away again, with its copies and keys.
    pub thrown_away: Duration,
}

/// From the offer to the kept card: metadata, token, nonce, [`COPIES`] copies each with a key of its own, status list,
/// every check, and the write. Each flow makes connections of its own, one to each host.
pub async fn receive_once(trial: &Trial, wallet: &Wallet, offer: &str) -> Outcome<Received> {
    let begun = Instant::now();
    let end = trial.take(wallet, offer).await?;
    let took = begun.elapsed();
    let End::Kept(cards) = end else { return Err("the card was not kept".into()) };
    let [card] = cards.as_slice() else { return Err("one card was offered".into()) };
    if card.copies != COPIES {
        return Err(format!("{COPIES} copies were asked for and {} came", card.copies).into());
    }
    // Each run starts from the same vault.
    let begun = Instant::now();
    wallet.delete(&card.id).await?;
    Ok(Received { kept: took, thrown_away: begun.elapsed() })
}

/// Several runs of presenting, the plan that a person sees on the way, and the verdict at the desk.
pub async fn present(trial: &Trial, shelf: &Shelf) -> Outcome<()> {
    let wallet = trial.wallet(&shelf.profile).await?;
    let named = |what: &str| Series::of_times(format!("{what}.{}", shelf.count));
    let (mut whole, mut plan, mut answer) = (named("present"), named("present_plan"), named("present_answer"));
    let mut verdict = named("present_verdict");
    for run in 0..=RUNS {
        let took = present_once(trial, &wallet, shelf.count).await?;
        if run > 0 {
            plan.time(took.planned);
            answer.time(took.confirmed - took.planned);
            whole.time(took.confirmed);
            verdict.time(took.judged);
        }
    }
    [whole, plan, answer, verdict].into_iter().for_each(Series::tell);
    Ok(())
}

/// How long it took from the link.
pub struct Presented {
    /// To the question.
    pub planned: Duration,
    /// To the confirmed answer.
    pub confirmed: Duration,
    /// To the verdict on the desk's page.
    pub judged: Duration,
}

/// From the link to the verdict, with a vault in which this many cards fit.
pub async fn present_once(trial: &Trial, wallet: &Wallet, fit: usize) -> Outcome<Presented> {
    let request = trial.request().await?;
    let begun = Instant::now();
    let progress = wallet.arrive(Input::Text(request.link.clone()), Hand::Person).await?;
    let planned = begun.elapsed();
    let Progress::Ask(prompt) = progress else { return Err("nothing was asked".into()) };
    let Prompt::Share(prompt) = *prompt else { return Err("something else was asked".into()) };
    if prompt.cards.len() != fit.min(SHOWN) {
        return Err(format!("{} of {fit} cards fit", prompt.cards.len()).into());
    }
    let answered = Instant::now();
    let said = Answer::Share { fingerprint: prompt.plan.fingerprint.clone(), choice: Default::default() };
    let progress = wallet.answer(said).await?;
    let confirmed = planned + answered.elapsed();
    let Progress::Ended(end) = progress else { return Err("the session did not end".into()) };
    if !matches!(*end, End::Shared { outcome: Ended::Done, .. }) {
        return Err(format!("the desk did not confirm: {end:?}").into());
    }
    trial.verdict(&request).await?;
    Ok(Presented { planned, confirmed, judged: begun.elapsed() })
}
