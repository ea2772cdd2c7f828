//! Carries the judging out: sends what it asks for through the client, and keeps the keys of
//! institutions for a minute. Status lists are fetched anew for each answer: a withdrawal shows at once.

use std::sync::{Arc, Mutex, PoisonError};

use leerpas_check::{FileError, JudgeContext, Judged, Judging, Presented, judge_file};
use leerpas_core::{CardFacts, Clock, Entropy, Env, Format, Machine, Step, totals};
use leerpas_credential::{
    report::{Report, Verdict},
    trust::TrustList,
    verify::{Resource, Resources, VerifyError},
};
use leerpas_net::{Client, Flow};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::seen::Seen;

/// How long the keys of an institution are used again, in seconds.
const KEYS_SECONDS: i64 = 60;
/// Judgements that are made at a time.
const AT_A_TIME: usize = 8;

/// Judges answers and files.
pub struct Judge {
    trust: Arc<TrustList>,
    /// One for all answers: whoever publishes a list knows this desk by its address anyway, and learns nothing of a
    /// candidate from a connection that is used again.
    flow: Flow,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    known: Mutex<Resources>,
    places: Semaphore,
    seen: Seen,
}

impl Judge {
    /// Makes one with an empty cache.
    pub fn new(trust: TrustList, client: Client, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, seen: Seen) -> Self {
        let (trust, places) = (Arc::new(trust), Semaphore::new(AT_A_TIME));
        Self { trust, flow: client.flow(), clock, entropy, known: Mutex::default(), places, seen }
    }

    /// Time and chance for one step.
    pub fn env(&self) -> Env<'_> {
        Env { now: self.clock.now(), entropy: &*self.entropy }
    }

    /// Judges an answer; gives the result as the API does.
    ///
    /// # Errors
    /// As the machine.
    pub async fn answer(&self, presented: Presented) -> Result<Value, VerifyError> {
        let _place = self.places.acquire().await;
        let again = presented.clone();
        let judgement = self.run(Judging::start(presented, self.context(), self.env())?).await?;
        self.keep(judgement.resources);
        let mut listings: Vec<_> = judgement.presentations.iter().map(listing).collect();
        if judgement.verdict == Verdict::Unknown {
            self.add_last_known(again, &mut listings).await?;
        }
        Ok(json!({ "verdict": judgement.verdict, "presentations": listings }))
    }

    /// Where a list could not be had: what it said when this desk last fetched it, with its date, as long as its own time
    /// is not over. The verdict stays "could not be checked".
    async fn add_last_known(&self, presented: Presented, listings: &mut [Value]) -> Result<(), VerifyError> {
        let context = JudgeContext { trust: Arc::clone(&self.trust), resources: self.seen.all(), network: false };
        let known = self.run(Judging::start(presented, context, self.env())?).await?;
        for (shown, known) in listings.iter_mut().zip(known.presentations.iter().map(listing)) {
            let is_status = |check: &&Value| check["name"] == "status";
            let last = known["checks"].as_array().into_iter().flatten().find(is_status);
            let Some(last) = last.filter(|last| last["known_at"].is_string() && last["result"] != "unknown") else {
                continue;
            };
            let checks = shown["checks"].as_array_mut().into_iter().flatten();
            for check in checks.filter(|check| check["name"] == "status" && check["result"] == "unknown") {
                check["last_known"] =
                    json!({ "at": last["known_at"], "result": last["result"], "reason": last.get("reason") });
            }
        }
        Ok(())
    }

    /// Judges an answer by what was fetched earlier and by nothing else: not one byte goes out. What could change since,
    /// such as whether it was withdrawn, is as old as the last fetch, and each check says so.
    ///
    /// # Errors
    /// As the machine.
    pub async fn offline(&self, presented: Presented) -> Result<Value, VerifyError> {
        let _place = self.places.acquire().await;
        let context = JudgeContext { trust: Arc::clone(&self.trust), resources: self.seen.all(), network: false };
        let judgement = self.run(Judging::start(presented, context, self.env())?).await?;
        Ok(json!({
            "verdict": judgement.verdict,
            "offline": true,
            "presentations": judgement.presentations.iter().map(listing).collect::<Vec<_>>(),
        }))
    }

    /// Judges a file; gives the result in the same shape, with the one presentation spelled out at the top too.
    ///
    /// # Errors
    /// When it is no credential.
    pub async fn file(&self, bytes: &[u8]) -> Result<Value, FileError> {
        let _place = self.places.acquire().await;
        let checked = self.run(judge_file(bytes, &self.context(), self.env())?).await?;
        self.keep(checked.resources.clone());
        let report = &checked.report;
        // What is not valid is not shown as if it said something.
        let facts = checked.credential().facts(&self.trust);
        let claims = match (report.verdict, report.format) {
            (Verdict::Invalid, _) => json!({}),
            // The model repeats itself for machines; a reader gets what it says.
            (_, Format::Elm) => facts.claims.clone(),
            _ => checked.credential().claims().clone(),
        };
        let mut presentation = presentation("file", report, &claims);
        if report.verdict != Verdict::Invalid {
            presentation["facts"] = learning(&facts);
        }
        Ok(json!({
            "verdict": report.verdict,
            "format": report.format,
            "issuer": report.issuer,
            "status": report.status,
            "checks": report.checks,
            "presentations": [presentation],
        }))
    }

    async fn run<M>(&self, mut step: Step<M>) -> Result<M::Outcome, VerifyError>
    where
        M: Machine<Question = std::convert::Infallible, Error = VerifyError>,
    {
        loop {
            step = match step {
                Step::Done(outcome) => return Ok(outcome),
                Step::Ask(never, _) => match never {},
                Step::Send(exchange, machine) => {
                    let reply = self.flow.run(*exchange).await;
                    machine.reply(reply, self.env())?
                }
            };
        }
    }

    fn context(&self) -> JudgeContext {
        let oldest = self.clock.now().as_second().saturating_sub(KEYS_SECONDS);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fresh = Resources::default();
        for (url, resource) in known.iter().filter(|(_, resource)| resource.fetched.as_second() > oldest) {
            fresh.put(url.clone(), resource.clone());
        }
        known.clone_from(&fresh);
        JudgeContext { trust: Arc::clone(&self.trust), resources: fresh, network: true }
    }

    fn keep(&self, resources: Resources) {
        self.seen.keep(&resources);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for (url, resource) in resources.iter().filter(|(_, resource)| holds_keys(resource)) {
            known.put(url.clone(), resource.clone());
        }
    }
}

/// Whether it is a DID document or issuer metadata, by its media type; status lists have types of their own.
fn holds_keys(resource: &Resource) -> bool {
    let types = ["application/json", "application/did+json", "application/did+ld+json", "application/did"];
    resource.media_type.as_deref().is_some_and(|media_type| types.contains(&media_type))
}

/// What a reader looks for first in a file, in the words of every format.
fn learning(facts: &CardFacts) -> Value {
    json!({
        "title": facts.title,
        "credits": facts.credits,
        "levels": facts.levels,
        "results": facts.results,
        "contents": facts.contents,
        "totals": totals(&facts.contents),
    })
}

fn listing(judged: &Judged) -> Value {
    presentation(&judged.query, &judged.report, &Value::Object(judged.claims.clone()))
}

fn presentation(query: &str, report: &Report, claims: &Value) -> Value {
    json!({
        "query": query,
        "verdict": report.verdict,
        "format": report.format,
        "issuer": report.issuer,
        "status": report.status,
        "checked": report.checked,
        "checks": report.checks,
        "claims": claims,
    })
}

#[cfg(test)]
mod tests {
    use leerpas_core::Timestamp;

    use super::*;

    #[test]
    fn keys_are_used_again_and_status_lists_are_not() {
        let of = |media_type: &str| Resource {
            media_type: Some(media_type.to_owned()),
            bytes: Vec::new(),
            fetched: Timestamp::UNIX_EPOCH,
        };
        assert!(holds_keys(&of("application/json")) && holds_keys(&of("application/did+json")));
        assert!(!holds_keys(&of("application/statuslist+jwt")) && !holds_keys(&of("application/vc")));
    }
}
