//! An offer, from the first look to the kept card.

use leerpas_core::{
    Activity, ActivityId, ActivityKind, Card, ErrorKind, Failure, Machine as _, Outcome, Purpose, Secret, Step,
};
use leerpas_net::Door;
use leerpas_receive::{
    Answer as MachineAnswer, OfferSource, Question, ReceiveContext, ReceiveError, Received, Receiving,
};

use crate::{
    Answer, End, Hand, OfferPrompt, Progress, Prompt, Wallet, Work, failure,
    importing::Pending,
    session::{Session, Turn},
};

/// Copies to ask for where an issuer gives several, each with a key of its own: one for each verifier, so that two
/// of them cannot find out that they met the same person (OpenID4VCI 1.0, 13.5).
const COPIES: u32 = 3;

/// A machine that waits for the person.
pub(crate) struct Receipt {
    machine: Receiving,
    asked: Asked,
}

enum Asked {
    Contact,
    Take,
    /// With the door at which the browser will bring the answer.
    SignIn(Door),
    Keep,
}

impl Wallet {
    /// Begins with an offer.
    pub(crate) async fn begin_offer(&self, source: leerpas_intake::OfferSource, hand: Hand) -> Result<Turn, Failure> {
        let source = match source {
            leerpas_intake::OfferSource::Value(value) => OfferSource::Value(value),
            leerpas_intake::OfferSource::Reference(url) => OfferSource::Reference(url),
        };
        let context = ReceiveContext {
            trust: self.trust(),
            language: self.world.language,
            resources: self.known().await?,
            copies: COPIES,
        };
        let step = Receiving::start(source, context, self.world.env()).map_err(|e| told(&e))?;
        self.receive(step, hand).await
    }

    /// Goes on with an offer.
    pub(crate) async fn answer_offer(&self, receipt: Receipt, answer: Answer) -> Result<Turn, Failure> {
        let Receipt { machine, asked } = receipt;
        let answer = match (asked, answer) {
            (Asked::SignIn(door), Answer::SignIn) => MachineAnswer::SignedIn(self.wait_for_browser(door).await?),
            (Asked::Contact, Answer::Take { .. }) => MachineAnswer::Contact,
            (Asked::Take, Answer::Take { code }) => MachineAnswer::Take { code },
            (Asked::Keep, Answer::Keep) => MachineAnswer::Keep,
            (_, Answer::Decline) => MachineAnswer::Decline,
            _ => return Err(failure::no_session()),
        };
        let step = machine.answer(answer, self.world.env()).map_err(|e| told(&e))?;
        self.receive(step, Hand::Program).await
    }

    async fn receive(&self, mut step: Step<Receiving>, hand: Hand) -> Result<Turn, Failure> {
        let mut carrier = self.carrier();
        let mut door = None;
        loop {
            step = match step {
                Step::Send(exchange, machine) => {
                    let reply = carrier.exchange(*exchange).await?;
                    machine.reply(reply, self.world.env()).map_err(|e| told(&e))?
                }
                Step::Ask(Question::Contact { host, .. }, machine) => match hand {
                    Hand::Person => machine.answer(MachineAnswer::Contact, self.world.env()).map_err(|e| told(&e))?,
                    Hand::Program => return Ok(ask(Prompt::Contact { host }, machine, Asked::Contact)),
                },
                Step::Ask(Question::Take(preview), machine) => {
                    let prompt = OfferPrompt {
                        issuer: preview.issuer,
                        titles: preview.titles,
                        code: preview.code,
                        wrong_code: preview.wrong_code,
                        sign_in: preview.sign_in,
                    };
                    return Ok(ask(Prompt::Offer(prompt), machine, Asked::Take));
                }
                Step::Ask(Question::Redirect, machine) => {
                    let opened = Door::open(&*self.world.entropy).await.map_err(|e| no_door(&e))?;
                    let url = opened.url().clone();
                    door = Some(opened);
                    machine.answer(MachineAnswer::Redirect(url), self.world.env()).map_err(|e| told(&e))?
                }
                Step::Ask(Question::SignIn { url, host }, machine) => {
                    let door = door.take().ok_or_else(|| failure::internal("authorization", "no door was opened"))?;
                    return Ok(ask(Prompt::SignIn { url, host }, machine, Asked::SignIn(door)));
                }
                Step::Ask(Question::Keep(candidates), machine) => {
                    let pending = candidates
                        .into_iter()
                        .map(|candidate| Pending {
                            card: self.new_card(candidate.facts, &candidate.report, candidate.copies),
                            report: candidate.report,
                            copies: Vec::new(),
                            resources: Default::default(),
                        })
                        .collect();
                    let (review, _) = self.review(pending, false, Vec::new()).await?;
                    return Ok(ask(Prompt::Review(review), machine, Asked::Keep));
                }
                Step::Done(received) => return self.received(received, carrier).await,
            };
        }
    }

    /// Waits until the browser comes back, as long as that takes or until the person stops it.
    async fn wait_for_browser(&self, door: Door) -> Result<Secret<String>, Failure> {
        self.progress.send_replace(Progress::Working(Work::There(Purpose::Authorization)));
        let mut stop = self.stop.subscribe();
        tokio::select! {
            answer = door.answer() => answer.map(Secret::new).map_err(|e| no_door(&e)),
            _ = stop.changed() => Err(failure::cancelled()),
        }
    }

    async fn received(&self, received: Received, mut carrier: crate::drive::Carrier) -> Result<Turn, Failure> {
        tracing::debug!(edition = received.edition.as_str(), "the issuer's edition of OpenID4VCI");
        let end = if received.declined {
            match received.last_error {
                Some(kind) => {
                    return Err(Failure::new(kind, "token", "the code was refused, and no other one was given"));
                }
                None => End::Declined,
            }
        } else {
            let pending = received
                .cards
                .into_iter()
                .map(|card| Pending {
                    card: self.new_card(card.facts, &card.report, u32::try_from(card.copies.len()).unwrap_or(u32::MAX)),
                    report: card.report,
                    copies: card.copies.into_iter().map(|(key, original)| (Some(key), original)).collect(),
                    resources: received.resources.clone(),
                })
                .collect();
            let kept: Vec<Card> = self.keep(pending, ActivityKind::Received).await?;
            for failed in &received.failed {
                self.log_failed(&received.issuer, &failed.title, failed.error.kind()).await?;
            }
            End::Kept(kept)
        };
        for notification in received.notifications {
            // The card is kept or not, whatever becomes of the word about it (OpenID4VCI 1.0, 11).
            if let Err(stopped) = carrier.exchange(notification).await {
                tracing::debug!(kind = stopped.kind.as_str(), "the issuer was not told");
            }
        }
        Ok(Turn::End(end))
    }

    async fn log_failed(&self, issuer: &leerpas_core::Party, title: &str, error: ErrorKind) -> Result<(), Failure> {
        let activity = Activity {
            id: ActivityId::make(&*self.world.entropy),
            at: self.world.clock.now(),
            kind: ActivityKind::Received,
            party: Some(issuer.clone()),
            purpose: None,
            cards: Vec::new(),
            titles: vec![title.to_owned()],
            claims: Vec::new(),
            outcome: Outcome::Failed,
            error: Some(error),
        };
        self.with_vault(move |vault| vault.begin_activity(&activity)).await
    }
}

fn ask(prompt: Prompt, machine: Receiving, asked: Asked) -> Turn {
    Turn::Ask(prompt, Session::Receiving(Box::new(Receipt { machine, asked })))
}

fn no_door(error: &std::io::Error) -> Failure {
    Failure::new(ErrorKind::Internal, "authorization", format!("the browser has no way back: {error}"))
}

fn told(error: &ReceiveError) -> Failure {
    Failure::new(error.kind(), error.step(), error.to_string())
}
