//! Collecting and showing a card beside `@openid4vc` at both ends, and matching a request with many cards beside `dcql`; in
//! turns, as in [`crate::comparison`].
//!
//! Both sides take the same steps. Ours also writes to the encrypted vault before and after.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use leerpas_core::Format;
use leerpas_credential::read::read;
use leerpas_openid::dcql::{DcqlQuery, Descriptor};
use serde_json::{Value, json};

use crate::{
    Outcome,
    holdings::Shelf,
    journeys::{COPIES, present_once, receive_once},
    peers::Peers,
    series::Series,
    trial::{Samples, Trial},
};

const RUNS: usize = 9;
/// How many of ours make one turn, and how long a turn of theirs is.
const TURN: u32 = 25;
const THEIR_TURN: Duration = Duration::from_millis(700);
/// How often ten thousand cards are matched in a turn of ours.
const SEARCHES: u32 = 10;
/// How many cards are matched.
const CARDS: usize = 10_000;
/// Every so many of them is of the kind that is asked for.
const OF_THE_KIND: usize = 20;

/// Both flows, each turn from a vault of its own with one card: nobody shows a card to one employer a thousand times.
pub async fn journeys(trial: &Trial, samples: &Samples, folder: &Path) -> Outcome<()> {
    let mut peers = Peers::start()?;
    peers.serve(documents(trial, samples)?)?;
    let mut issuance = Beside::of("issuance");
    let mut unchecked = Series::of_times("peer.issuance.unchecked.theirs");
    let mut share_of_unchecked = Series::of("peer.issuance.unchecked.share", "×");
    let mut presentation = Beside::of("presentation");
    for run in 0..=RUNS {
        let shelf = Shelf::make(trial, samples, folder.join(format!("turn-{run}")), 1).await?;
        let wallet = trial.wallet(&shelf.profile).await?;
        let (mut received, mut presented) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..TURN {
            received += receive_once(trial, &wallet, trial.offer_by_reference()?).await?.kept;
        }
        issuance.turn(run, received / TURN, &mut peers)?;
        let theirs = time_of(&mut peers, "issuance.unchecked")?;
        if run > 0 {
            unchecked.time(theirs);
            share_of_unchecked.value((received / TURN).as_secs_f64() / theirs.as_secs_f64());
        }
        for _ in 0..TURN {
            presented += present_once(trial, &wallet, shelf.count).await?.confirmed;
        }
        presentation.turn(run, presented / TURN, &mut peers)?;
    }
    [issuance, presentation].into_iter().for_each(Beside::tell);
    [unchecked, share_of_unchecked].into_iter().for_each(Series::tell);
    Ok(())
}

/// How long one of theirs takes, by a turn of them.
fn time_of(peers: &mut Peers, what: &str) -> Outcome<Duration> {
    Ok(Duration::from_secs_f64(1.0 / peers.rate(what, THEIR_TURN)?))
}

/// What theirs needs to do the same work: as many configurations in the metadata, the same claims, and the same of them shown.
pub fn documents(trial: &Trial, samples: &Samples) -> Outcome<Value> {
    let sample = read(&samples.microcredential)?;
    let mut claims = sample.claims().clone();
    let members = claims.as_object_mut().ok_or("claims are an object")?;
    // Theirs has its own name, dates, keys, and status list.
    ["iss", "iat", "nbf", "exp", "cnf", "status"].iter().for_each(|name| drop(members.remove(*name)));
    let configurations = trial.sandbox.metadata()["credential_configurations_supported"].take();
    let vct = &claims["vct"];
    let same = |(id, one): (&String, &Value)| (&one["vct"] == vct).then(|| id.clone());
    let offered = configurations.as_object().into_iter().flatten().find_map(same).ok_or("the kind is not described")?;
    let achievement = |name: &str| json!(["credentialSubject", "achievement", name]);
    let shown = [achievement("name"), json!(["issuer", "name"]), achievement("ECTS"), achievement("eqfLevel")];
    Ok(
        json!({"copies": COPIES, "configurations": configurations, "offered": offered, "claims": claims, "shown": shown}),
    )
}

/// A flow of ours beside theirs, which makes new connections for each flow as ours does, and beside theirs with connections
/// that go on from one flow to the next.
struct Beside {
    name: &'static str,
    ours: Series,
    theirs: Series,
    share: Series,
    kept: Series,
    share_of_kept: Series,
}

impl Beside {
    fn of(name: &'static str) -> Self {
        let times = |what: &str| Series::of_times(format!("peer.{name}.{what}"));
        let shares = |what: &str| Series::of(format!("peer.{name}.{what}"), "×");
        Self {
            name,
            ours: times("ours"),
            theirs: times("theirs"),
            share: shares("share"),
            kept: times("kept"),
            share_of_kept: shares("share_of_kept"),
        }
    }

    fn turn(&mut self, run: usize, ours: Duration, peers: &mut Peers) -> Outcome<()> {
        let (theirs, kept) = (time_of(peers, self.name)?, time_of(peers, &format!("{}.kept", self.name))?);
        // The first turn warms both sides.
        if run > 0 {
            self.ours.time(ours);
            self.theirs.time(theirs);
            self.share.value(ours.as_secs_f64() / theirs.as_secs_f64());
            self.kept.time(kept);
            self.share_of_kept.value(ours.as_secs_f64() / kept.as_secs_f64());
        }
        Ok(())
    }

    fn tell(self) {
        [self.ours, self.theirs, self.share, self.kept, self.share_of_kept].into_iter().for_each(Series::tell);
    }
}

/// Which of very many cards answer a request with sets.
pub fn matching() -> Outcome<()> {
    let question = |id: &str, name: &str| {
        json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [format!("urn:example:{name}")]}, "claims": [
            {"id": "title", "path": ["title"]}, {"id": "ects", "path": ["credit", "ECTS"]},
            {"id": "outcomes", "path": ["outcomes", null, "name"]},
            {"id": "level", "path": ["level"], "values": ["6", "7"]},
        ], "claim_sets": [["title", "ects", "outcomes", "level"], ["title", "level"], ["title"]]})
    };
    let query = json!({
        "credentials": [question("a", "microcredential"), question("b", "diploma"), question("c", "licence")],
        "credential_sets": [{"options": [["a", "b"], ["c"]]}, {"options": [["b"]], "required": false}],
    });
    let cards: Vec<(Vec<String>, Value)> = (0..CARDS).map(card).collect();
    let held: Vec<Descriptor<'_>> = cards
        .iter()
        .map(|(types, claims)| Descriptor {
            format: Format::SdJwtVc,
            types,
            claims,
            holder_bound: true,
            authorities: &[],
        })
        .collect();

    let mut peers = Peers::start()?;
    let theirs: Vec<Value> = cards.iter().map(|(types, claims)| json!({"vct": types[0], "claims": claims})).collect();
    let fits = peers.search(&query, &theirs)?;
    let found = DcqlQuery::parse(&query)?.evaluate(&held);
    let ours: Vec<usize> = found.queries.iter().map(|query| query.candidates.len()).collect();
    if ours != fits || ours.contains(&0) {
        return Err(format!("{ours:?} cards fit, and {fits:?} in their eyes").into());
    }

    let (mut mine, mut other) = (Series::of_times("peer.dcql.ours"), Series::of_times("peer.dcql.theirs"));
    let mut times = Series::of("peer.dcql.ratio", "×");
    for run in 0..=RUNS {
        let begun = Instant::now();
        for _ in 0..SEARCHES {
            let query = DcqlQuery::parse(&query)?;
            query.evaluate(&held).selection(&query).ok_or("the request could not be answered")?;
        }
        let took = begun.elapsed() / SEARCHES;
        let rate = peers.rate("search", THEIR_TURN)?;
        if run > 0 {
            mine.time(took);
            other.time(Duration::from_secs_f64(1.0 / rate));
            times.value(1.0 / rate / took.as_secs_f64());
        }
    }
    [mine, other, times].into_iter().for_each(Series::tell);
    Ok(())
}

/// One of the cards: most of another kind, and of the three kinds some that lack a claim.
fn card(number: usize) -> (Vec<String>, Value) {
    let kinds = ["microcredential", "diploma", "licence"];
    let kind =
        if number.is_multiple_of(OF_THE_KIND) { kinds[number / OF_THE_KIND % kinds.len()] } else { "something-else" };
    let mut claims = json!({
        "title": format!("Vak {number}"), "credit": {"ECTS": 5}, "level": (4 + number % 4).to_string(),
        "outcomes": [{"name": "Bomen"}, {"name": "Grafen"}], "given_name": "Noor",
    });
    if number.is_multiple_of(7) {
        claims["outcomes"] = json!([]);
    }
    (vec![format!("urn:example:{kind}")], claims)
}
