//! A request, from the first look to what became of the answer.

use std::sync::Arc;

use leerpas_core::{
    Activity, ActivityId, ActivityKind, CardId, ErrorKind, Exchange, Failure, Fault, Machine as _, Method, Outcome,
    Party, Purpose, Reply, SignedDuration, Step, Timestamp,
};
use leerpas_credential::{keys::HolderKey, read::read};
use leerpas_share::{
    Answer as MachineAnswer, Approval, ApproveError, Choice, HeldCard, HeldKey, Intent, MAX_CANDIDATES, Plan, Question,
    ShareContext, ShareError, Shared, Sharing, rank,
};
use leerpas_vault::{CopyUse, Leaving, Page, Resource, VaultError};

use crate::{
    Answer, Before, End, Hand, Prompt, SharePrompt, Wallet, answered,
    cards::{card_at, not_found, status_at},
    drive::Carrier,
    failure,
    session::{Session, Turn},
};

/// How long a request object is kept for a second look, in seconds: as long as verifiers keep a request open.
const REQUEST_KEPT_SECONDS: i64 = 300;

/// A machine that waits for the person.
pub(crate) struct Handover {
    machine: Sharing,
    asked: Asked,
    origin: Origin,
}

/// Where a request came from.
pub(crate) struct Origin {
    /// Where the request object was fetched.
    pub(crate) fetched: Option<String>,
    /// It came as a picture of a code, so that somebody made it on another screen. A link may have come from another one too:
    /// nobody can tell.
    pub(crate) elsewhere: bool,
}

enum Asked {
    Contact,
    Share(Box<Plan>),
}

impl Wallet {
    /// Begins with a request.
    pub(crate) async fn begin_request(
        &self,
        source: leerpas_intake::RequestSource,
        hand: Hand,
        elsewhere: bool,
    ) -> Result<Turn, Failure> {
        let context = ShareContext { trust: self.trust(), language: self.world.language };
        let step = Sharing::start(&source.parameters, context, self.world.env()).map_err(|e| told(&e))?;
        self.share(step, hand, Origin { fetched: None, elsewhere }, Vec::new()).await
    }

    /// Goes on with a request.
    pub(crate) async fn answer_request(&self, handover: Handover, answer: Answer) -> Result<Turn, Failure> {
        let Handover { machine, asked, origin } = handover;
        let answer = match (asked, answer) {
            (Asked::Contact, Answer::Take { .. }) => MachineAnswer::Contact,
            (Asked::Share(plan), Answer::Share { fingerprint, choice }) => {
                return self.approve(machine, plan, &fingerprint, &choice, origin).await;
            }
            (_, Answer::Decline) => MachineAnswer::Decline,
            _ => return Err(failure::no_session()),
        };
        let step = machine.answer(answer, self.world.env()).map_err(|e| told(&e))?;
        self.share(step, Hand::Program, origin, Vec::new()).await
    }

    /// Makes the approval, opens the keys of the approved cards, and sends.
    async fn approve(
        &self,
        machine: Sharing,
        plan: Box<Plan>,
        fingerprint: &str,
        choice: &Choice,
        origin: Origin,
    ) -> Result<Turn, Failure> {
        let approval = plan.approve(fingerprint, choice).map_err(|e| not_approved(&e))?;
        let (keys, copies) = self.keys_for(&approval, &plan.requester).await?;
        let step = match machine.answer(MachineAnswer::Share { approval, keys }, self.world.env()) {
            Ok(step) => step,
            Err(error) => {
                self.log_unanswered(Some(plan.requester), error.kind()).await?;
                return Err(told(&error));
            }
        };
        self.share(step, Hand::Program, origin, copies).await
    }

    /// Goes on until the person is asked or it is over. The `copies` are those that the answer shows.
    async fn share(
        &self,
        mut step: Step<Sharing>,
        hand: Hand,
        mut origin: Origin,
        copies: Vec<i64>,
    ) -> Result<Turn, Failure> {
        let mut carrier = self.carrier();
        let mut fresh = None;
        loop {
            step = match step {
                Step::Send(exchange, machine) => match machine.intent() {
                    Some(intent) => {
                        let place = origin.fetched.as_deref().map(answered::name_of_place);
                        let activity = self.write_intent(intent.clone(), copies, origin).await?;
                        return self.send_answer(*exchange, machine, activity, place, carrier).await;
                    }
                    None => {
                        if exchange.purpose == Purpose::RequestObject {
                            origin.fetched = Some(exchange.url.to_string());
                        }
                        if let Some((party, kind)) = machine.refusing() {
                            self.log_unanswered(Some(party.clone()), kind).await?;
                        }
                        let address = exchange.url.to_string();
                        let reply = self.request_object(*exchange, &mut carrier, &mut fresh).await?;
                        self.refuse_what_is_gone(&address, &reply).await?;
                        machine.reply(reply, self.world.env()).map_err(|e| told(&e))?
                    }
                },
                Step::Ask(Question::Contact { host }, machine) => match hand {
                    Hand::Person => machine.answer(MachineAnswer::Contact, self.world.env()).map_err(|e| told(&e))?,
                    Hand::Program => {
                        let handover = Handover { machine, asked: Asked::Contact, origin };
                        return Ok(Turn::Ask(Prompt::Contact { host }, Session::Sharing(Box::new(handover))));
                    }
                },
                Step::Ask(Question::Cards, machine) => {
                    let held = match self.held_cards(&machine, fresh.take()).await? {
                        Ok(held) => held,
                        Err(at) => return Err(self.refuse_answered(&machine, at).await),
                    };
                    let party = machine.requester().cloned();
                    match machine.answer(MachineAnswer::Cards(held), self.world.env()) {
                        Ok(step) => step,
                        Err(error) => {
                            self.log_unanswered(party, error.kind()).await?;
                            return Err(told(&error));
                        }
                    }
                }
                Step::Ask(Question::Share(plan), machine) => {
                    if !plan.is_answerable() {
                        self.log_unanswered(Some(plan.requester.clone()), ErrorKind::NothingFits).await?;
                    }
                    let prompt = self.share_prompt(&plan).await?;
                    let handover = Handover { machine, asked: Asked::Share(plan), origin };
                    return Ok(Turn::Ask(Prompt::Share(prompt), Session::Sharing(Box::new(handover))));
                }
                Step::Ask(Question::Frames { answer }, machine) => {
                    return self.show_frames(machine, answer, copies, origin).await;
                }
                Step::Done(shared) => {
                    self.log_unsaid(&shared).await?;
                    return Ok(Turn::End(end_of(shared)?));
                }
            };
        }
    }

    /// Fetches a request object, or takes the one that was fetched when the person looked at the request before: a
    /// verifier hands it out once. It is kept for a few minutes at most, encrypted, until it is answered.
    /// A fresh one is put into `fresh`, to be kept once it is proved.
    async fn request_object(
        &self,
        exchange: Exchange,
        carrier: &mut Carrier,
        fresh: &mut Option<Resource>,
    ) -> Result<Result<Reply, Fault>, Failure> {
        // One that echoes a fresh `wallet_nonce` (OpenID4VP 1.0, 5.10) is good for one look only.
        if exchange.purpose != Purpose::RequestObject || exchange.method != Method::Get {
            return carrier.exchange(exchange).await;
        }
        let (url, now) = (exchange.url.to_string(), self.world.clock.now());
        let known = self
            .with_vault({
                let url = url.clone();
                move |vault| vault.resource(&url)
            })
            .await?;
        if let Some(kept) = known.filter(|kept| kept.expires.is_some_and(|until| until > now)) {
            return Ok(Ok(Reply::new(200, kept.media_type.as_deref(), kept.body)));
        }
        let reply = carrier.exchange(exchange).await?;
        if let Ok(object) = &reply
            && object.is_success()
        {
            *fresh = Some(Resource {
                url,
                media_type: object.media_type.clone(),
                body: object.body.clone(),
                fetched: now,
                expires: now.checked_add(SignedDuration::from_secs(REQUEST_KEPT_SECONDS)).ok(),
            });
        }
        Ok(reply)
    }

    /// Sends the answer. From here on the log says what became of it, whatever happens.
    async fn send_answer(
        &self,
        exchange: Exchange,
        machine: Sharing,
        activity: ActivityId,
        place: Option<String>,
        mut carrier: Carrier,
    ) -> Result<Turn, Failure> {
        let name = machine.request_fingerprint();
        let sent = carrier.exchange(exchange).await;
        let shared = sent.and_then(|reply| machine.reply(reply, self.world.env()).map_err(|e| told(&e)));
        let (outcome, error) = match &shared {
            Ok(Step::Done(shared)) => (shared.outcome, shared.error),
            Ok(_) => (Outcome::Uncertain, Some(ErrorKind::Internal)),
            Err(failure) => (Outcome::Failed, Some(failure.kind)),
        };
        let unsent = outcome == Outcome::Failed && error != Some(ErrorKind::ResponseRefused);
        let written = self
            .with_vault(move |vault| {
                if let Some(name) = name.filter(|_| unsent) {
                    vault.unmark_answered(&name)?;
                    place.iter().try_for_each(|place| vault.unmark_answered(place))?;
                }
                vault.end_activity(&activity, outcome, error)
            })
            .await;
        match shared? {
            Step::Done(shared) => {
                let end = end_of(shared)?;
                // It went out, and the person hears so whatever the disk does. The line that was begun becomes "may
                // have been shared" when the vault is opened again.
                if let Err(failure) = written {
                    tracing::warn!(kind = failure.kind.as_str(), "the outcome could not be written");
                }
                Ok(Turn::End(end))
            }
            _ => Err(failure::internal("response", "the answer was sent and there is no end to it")),
        }
    }

    /// Writes down what is about to leave: the line of the log, that the request is answered, and which copies its party
    /// sees. Only now, because a request that ran out while the person thought has seen none. Where its request object was
    /// fetched is forgotten: an answered request is not there for a second look.
    pub(crate) async fn write_intent(
        &self,
        intent: Intent,
        copies: Vec<i64>,
        origin: Origin,
    ) -> Result<ActivityId, Failure> {
        let Origin { fetched, elsewhere } = origin;
        let id = ActivityId::make(&*self.world.entropy);
        let (activity, at) = (id.clone(), self.world.clock.now());
        self.with_vault(move |vault| {
            let mut titles = Vec::new();
            for card in &intent.cards {
                titles.extend(vault.title(card)?);
            }
            let line = Activity {
                id,
                at,
                kind: ActivityKind::Shared,
                party: Some(intent.party),
                purpose: intent.purpose,
                told: Some(intent.told),
                cards: intent.cards,
                titles,
                claims: intent.claims,
                outcome: Outcome::Started,
                error: None,
                elsewhere,
            };
            let place = fetched.as_deref().map(answered::name_of_place);
            let answered: Vec<_> = [intent.request].into_iter().chain(place).collect();
            vault.begin_answer(&Leaving {
                answered: &answered,
                fetched: fetched.as_deref(),
                copies: &copies,
                line: &line,
            })
        })
        .await?;
        Ok(activity)
    }

    /// A request that could not be answered is part of the story too (EUDI ARF, topic 19, DASH_02).
    pub(crate) async fn log_unanswered(&self, party: Option<Party>, error: ErrorKind) -> Result<(), Failure> {
        let activity = Activity {
            id: ActivityId::make(&*self.world.entropy),
            at: self.world.clock.now(),
            kind: ActivityKind::Shared,
            party,
            purpose: None,
            told: None,
            cards: Vec::new(),
            titles: Vec::new(),
            claims: Vec::new(),
            outcome: Outcome::Failed,
            error: Some(error),
            elsewhere: false,
        };
        self.with_vault(move |vault| vault.begin_activity(&activity)).await
    }

    /// A no that nobody is told, because the answer would have been pictures, is the person's own decision all the same.
    async fn log_unsaid(&self, shared: &Shared) -> Result<(), Failure> {
        let Some(told) = shared.unsaid.clone() else { return Ok(()) };
        let line = self.activity(ActivityKind::Shared, Some(shared.party.clone()), Vec::new(), shared.outcome);
        let line = Activity { purpose: shared.purpose.clone(), told: Some(told), ..line };
        self.with_vault(move |vault| vault.begin_activity(&line)).await
    }

    /// The cards that can fit at all; or when the request was answered, if it was. Its object is kept on the way for a
    /// second look, if it was fetched now: by then it has been proved and not answered.
    async fn held_cards(
        &self,
        machine: &Sharing,
        object: Option<Resource>,
    ) -> Result<Result<Vec<HeldCard>, Timestamp>, Failure> {
        let (query, fingerprint) = (machine.query().cloned(), machine.request_fingerprint());
        let now = self.world.clock.now();
        self.with_vault(move |vault| {
            if let Some(at) = fingerprint.map(|name| vault.answered(&name)).transpose()?.flatten() {
                return Ok(Err(at));
            }
            if let Some(object) = object {
                vault.put_passing(&object)?;
            }
            let Some(query) = query else { return Ok(Ok(Vec::new())) };
            let mut cards = vault.summaries(None, Page::ALL)?;
            for card in &mut cards {
                card.status = status_at(card.status, card.valid_from, card.expires, now);
            }
            // In the order in which they are put forward, so that reading can stop where it would change nothing: an
            // original takes half a millisecond, and somebody may hold a thousand of one kind.
            cards.sort_by_key(|card| rank(card.status));
            let ask_for_authorities = query.credentials.iter().any(|asked| !asked.trusted_authorities.is_empty());
            let mut answers = vec![0; query.credentials.len()];
            let mut held = Vec::new();
            for card in cards {
                let wanted: Vec<usize> = (0..)
                    .zip(&query.credentials)
                    .filter(|(n, asked)| answers[*n] < MAX_CANDIDATES && asked.fits_kind(card.format, &card.types))
                    .map(|(n, _)| n)
                    .collect();
                if wanted.is_empty() {
                    continue;
                }
                let Some(copy) = vault.copies(&card.id)?.into_iter().next() else { continue };
                let original = vault.copy(copy.number)?;
                // The claims as the credential has them; the vault's facts leave out what only machines need.
                let read = read(&original).ok();
                let claims = read.as_ref().map(|read| read.claims().clone()).unwrap_or_default();
                let authorities = match &read {
                    Some(read) if ask_for_authorities => read.authority_key_identifiers(),
                    _ => Vec::new(),
                };
                let readable = read.is_some();
                let card = HeldCard {
                    status: card.status,
                    id: card.id,
                    title: card.title,
                    format: card.format,
                    types: card.types,
                    claims: Arc::new(claims),
                    holder_bound: copy.key.is_some(),
                    authorities,
                    original: original.into(),
                };
                for n in wanted {
                    answers[n] += usize::from(readable && card.answers(&query.credentials[n]));
                }
                held.push(card);
            }
            Ok(Ok(held))
        })
        .await
    }

    async fn share_prompt(&self, plan: &Plan) -> Result<SharePrompt, Failure> {
        let mut ids: Vec<CardId> = Vec::new();
        for candidate in plan.queries.iter().flat_map(|query| &query.candidates) {
            if !ids.contains(&candidate.card) {
                ids.push(candidate.card.clone());
            }
        }
        let (party, now) = (plan.requester.identifier.clone(), self.world.clock.now());
        let (cards, before, linkable) = self
            .with_vault(move |vault| {
                let (mut cards, mut linkable) = (Vec::new(), Vec::new());
                for id in ids {
                    let Some(card) = vault.card_alone(&id)? else { return Ok(Err(id)) };
                    cards.push(card_at(card, now));
                    let copy = copy_for(vault.copies(&id)?, &party);
                    if copy.is_some_and(|copy| is_linkable(&copy, &party)) {
                        linkable.push(id);
                    }
                }
                Ok(Ok((cards, vault.shared_before(&party)?, linkable)))
            })
            .await?
            .map_err(|gone| not_found(&gone))?;
        let before = before
            .into_iter()
            .map(|shared| Before {
                last: shared.last,
                times: shared.times,
                titles: shared.titles,
                paths: shared.claims.into_iter().map(|claim| claim.path).collect(),
            })
            .collect();
        Ok(SharePrompt { plan: Box::new(plan.clone()), cards, before, linkable })
    }

    /// Opens the key of one copy for each approved card; with the numbers of these copies, to be marked as shown.
    async fn keys_for(&self, approval: &Approval, party: &Party) -> Result<(Vec<HeldKey>, Vec<i64>), Failure> {
        let (cards, party) = (approval.cards(), party.identifier.clone());
        let opened = self
            .with_vault(move |vault| {
                let mut opened = Vec::new();
                for card in cards {
                    if let Some(copy) = copy_for(vault.copies(&card)?, &party)
                        && let Some(key) = &copy.key
                    {
                        opened.push((card, copy.number, vault.open_key(key)?, vault.copy(copy.number)?));
                    }
                }
                Ok::<_, VaultError>(opened)
            })
            .await?;
        let mut keys = Vec::new();
        let mut copies = Vec::new();
        for (card, number, secret, original) in opened {
            let key = HolderKey::from_secret(&secret).map_err(|e| failure::internal("keys", e))?;
            keys.push(HeldKey { card, key, original });
            copies.push(number);
        }
        Ok((keys, copies))
    }
}

/// The copy that this party saw before, else one that nobody saw, else the one that fewest saw.
fn copy_for(copies: Vec<CopyUse>, party: &str) -> Option<CopyUse> {
    copies.into_iter().min_by_key(|copy| (!copy.shown_to.iter().any(|seen| seen == party), copy.shown_to.len()))
}

/// Whether somebody else saw this copy, so that the two could compare what they have.
fn is_linkable(copy: &CopyUse, party: &str) -> bool {
    copy.shown_to.iter().any(|seen| seen != party)
}

pub(crate) fn end_of(shared: Shared) -> Result<End, Failure> {
    match shared.outcome {
        Outcome::Done | Outcome::Uncertain => Ok(End::Shared {
            party: shared.party,
            outcome: shared.outcome,
            count: shared.claims.len(),
            go_on: shared.redirect_uri,
        }),
        Outcome::Declined => Ok(End::Declined),
        Outcome::Failed | Outcome::Started => {
            let kind = shared.error.unwrap_or(ErrorKind::ResponseRefused);
            Err(Failure::new(kind, "response", format!("{} did not take the answer", shared.party.name)))
        }
    }
}

fn not_approved(error: &ApproveError) -> Failure {
    Failure::new(error.kind(), "approve", error.to_string())
}

pub(crate) fn told(error: &ShareError) -> Failure {
    Failure::new(error.kind(), error.step(), error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy(number: i64, shown_to: &[&str]) -> CopyUse {
        CopyUse { number, key: None, shown_to: shown_to.iter().map(|s| (*s).to_owned()).collect() }
    }

    #[test]
    fn each_verifier_gets_a_copy_that_no_other_saw_while_there_are_any() {
        let copies = vec![copy(1, &["a"]), copy(2, &[]), copy(3, &["b"])];
        assert_eq!(copy_for(copies.clone(), "b").map(|c| c.number), Some(3), "the same one again");
        assert_eq!(copy_for(copies, "c").map(|c| c.number), Some(2), "a fresh one");
        let spent = vec![copy(1, &["a", "b"]), copy(2, &["a"])];
        assert_eq!(copy_for(spent, "c").map(|c| c.number), Some(2), "the least linked one");
    }

    #[test]
    fn a_copy_that_somebody_else_saw_is_told() {
        assert!(is_linkable(&copy(1, &["a"]), "b") && is_linkable(&copy(1, &["a", "b"]), "b"));
        assert!(!is_linkable(&copy(1, &[]), "b") && !is_linkable(&copy(1, &["b"]), "b"));
    }
}
