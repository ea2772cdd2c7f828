//! Judging an answer, one presentation after the other.

use std::{collections::VecDeque, convert::Infallible, sync::Arc};

use leerpas_core::{Env, Evidence, Fault, Format, Machine, Party, Reply, Step, Timestamp};
use leerpas_credential::{
    read,
    report::{Check, CheckName, Reason, Report},
    status::status_references,
    trust::TrustList,
    verify::{Binding, Policy, Resources, Verification, VerifyError},
};
use leerpas_openid::dcql::{DcqlQuery, QueryFormat};
use serde_json::{Map, Value};

use crate::{Judged, Judgement, Presented, confirmation::Confirmations, judgement};

/// What a verifier knows besides the answer.
#[derive(Debug, Clone)]
pub struct JudgeContext {
    /// Institutions and certificate roots that count.
    pub trust: Arc<TrustList>,
    /// What was fetched before.
    pub resources: Resources,
    /// Whether keys and status lists may be fetched.
    pub network: bool,
}

/// Verifies every presentation of an answer.
#[derive(Debug)]
pub struct Judging {
    query: DcqlQuery,
    nonce: String,
    audience: String,
    confirmations: Confirmations,
    context: JudgeContext,
    waiting: VecDeque<(String, Value)>,
    current: Option<(String, Box<Verification>)>,
    judged: Vec<Judged>,
}

impl Judging {
    /// Begins with an answer that [`crate::Pending::accept`] took.
    ///
    /// # Errors
    /// As [`Verification::start`].
    pub fn start(presented: Presented, context: JudgeContext, env: Env<'_>) -> Result<Step<Self>, VerifyError> {
        let Presented { vp_token, query, nonce, audience, transactions } = presented;
        // In the order of the queries, whatever order the wallet chose.
        let mut waiting = VecDeque::new();
        for credential in &query.credentials {
            let entries = vp_token.entries().iter().filter(|(id, _)| *id == credential.id);
            for presentation in entries.flat_map(|(_, list)| list) {
                waiting.push_back((credential.id.clone(), presentation.clone()));
            }
        }
        let confirmations = Confirmations::of(transactions);
        let judging =
            Self { query, nonce, audience, confirmations, context, waiting, current: None, judged: Vec::new() };
        judging.next(env)
    }

    fn next(mut self, env: Env<'_>) -> Result<Step<Self>, VerifyError> {
        while let Some((id, presentation)) = self.waiting.pop_front() {
            let Some(query) = self.query.credential(&id) else { continue };
            let bytes = match presentation {
                Value::String(compact) => compact.into_bytes(),
                other => other.to_string().into_bytes(),
            };
            let Ok(credential) = read::read(&bytes) else {
                self.judged.push(unreadable(&id, &query.format, env.now));
                continue;
            };
            let policy = Policy {
                trust: Arc::clone(&self.context.trust),
                binding: Binding::Presentation {
                    nonce: Some(self.nonce.clone()),
                    audience: Some(self.audience.clone()),
                    required: query.holder_binding,
                },
                resources: self.context.resources.clone(),
                network: self.context.network,
                issuer: None,
                identities: Vec::new(),
            };
            match Verification::start(credential, policy, env)? {
                Step::Done(checked) => self.record(&id, checked),
                Step::Send(exchange, verification) => {
                    self.current = Some((id, Box::new(verification)));
                    return Ok(Step::Send(exchange, self));
                }
                Step::Ask(never, _) => match never {},
            }
        }
        self.confirmations.settle(&mut self.judged);
        Ok(Step::Done(Judgement::of(self.judged, self.context.resources)))
    }

    fn record(&mut self, id: &str, checked: leerpas_credential::verify::Checked) {
        if let Some(query) = self.query.credential(id) {
            let mut report = self.confirmations.judge(id, checked.report.clone(), checked.credential());
            if !self.context.network {
                date_the_lists(&mut report, checked.credential().claims(), &checked.resources);
            }
            self.judged.push(judgement::judge(query, report, checked.credential()));
        }
        self.context.resources = checked.resources;
    }
}

/// Says of status lists when they were fetched, also where they have not served their time yet: without a network
/// nobody can know what happened since.
fn date_the_lists(report: &mut Report, claims: &Value, resources: &Resources) {
    let references = status_references(claims).unwrap_or_default();
    let fetched = references.iter().filter_map(|reference| resources.get(reference.uri())).map(|list| list.fetched);
    let oldest = fetched.min();
    for check in report.checks.iter_mut().filter(|check| check.name == CheckName::Status) {
        check.known_at = check.known_at.or(oldest);
    }
}

impl Machine for Judging {
    type Question = Infallible;
    type Answer = Infallible;
    type Outcome = Judgement;
    type Error = VerifyError;

    fn reply(mut self, reply: Result<Reply, Fault>, env: Env<'_>) -> Result<Step<Self>, VerifyError> {
        let (id, verification) = self.current.take().ok_or(VerifyError::NotWaiting)?;
        match verification.reply(reply, env)? {
            Step::Done(checked) => {
                self.record(&id, checked);
                self.next(env)
            }
            Step::Send(exchange, verification) => {
                self.current = Some((id, Box::new(verification)));
                Ok(Step::Send(exchange, self))
            }
            Step::Ask(never, _) => match never {},
        }
    }

    fn answer(self, answer: Infallible, _env: Env<'_>) -> Result<Step<Self>, VerifyError> {
        match answer {}
    }
}

/// The judgement of something that is no credential at all.
fn unreadable(id: &str, format: &QueryFormat, now: Timestamp) -> Judged {
    let format = match format {
        QueryFormat::Known(format) => *format,
        QueryFormat::Other(_) => Format::SdJwtVc,
    };
    let nobody = Party { name: String::new(), identifier: String::new(), host: None, evidence: Evidence::Claimed };
    let check = Check::fail(CheckName::Format, Reason::Malformed, "it cannot be read as a presentation");
    Judged { query: id.to_owned(), report: Report::new(vec![check], format, nobody, now), claims: Map::new() }
}
