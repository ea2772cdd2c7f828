//! An offer, from the first look to the kept card.

use leerpas_core::{ActivityKind, Card, ErrorKind, Failure, Machine as _, Party, Step};
use leerpas_credential::verify::Resources;
use leerpas_net::Door;
use leerpas_receive::{
    Answer as MachineAnswer, OfferSource, Question, ReceiveContext, ReceiveError, Received, ReceivedCard, Receiving,
};

use crate::{
    Answer, End, Hand, OfferPrompt, Prompt, Wallet, failure,
    importing::Pending,
    session::{Session, Turn},
    sign_in::{SigningIn, no_door},
    unfinished::Line,
};

/// Copies to ask for where an issuer gives several, each with a key of its own: one for each verifier, so that two
/// of them cannot find out that they met the same person (OpenID4VCI 1.0, 15.4.1).
const COPIES: u32 = 3;

/// A machine that waits for the person.
pub(crate) struct Receipt {
    machine: Receiving,
    asked: Asked,
    /// The line of the log about it, once it is known who offers what.
    line: Option<Line>,
}

enum Asked {
    Contact,
    Choose,
    Take,
    /// With the door at which the browser will bring the answer, and the host of the page.
    SignIn(Door, String),
    Keep,
}

impl Receipt {
    /// The sign-in that the person was asked for, if that is what they were asked for.
    pub(crate) fn signing_in(self: Box<Self>) -> Result<SigningIn, Box<Self>> {
        let Self { machine, asked, line } = *self;
        match asked {
            Asked::SignIn(door, host) => Ok(SigningIn { machine, door, host, line }),
            asked => Err(Box::new(Self { machine, asked, line })),
        }
    }
}

impl Wallet {
    /// Begins with an offer.
    pub(crate) async fn begin_offer(&self, source: leerpas_intake::OfferSource, hand: Hand) -> Result<Turn, Failure> {
        let source = match source {
            leerpas_intake::OfferSource::Value(value) => OfferSource::Value(value),
            leerpas_intake::OfferSource::Reference(url) => OfferSource::Reference(url),
        };
        let context = self.receive_context().await?;
        let step = Receiving::start(source, context, self.world.env()).map_err(|e| told(&e))?;
        self.receive(step, hand, None).await
    }

    /// Begins with an institution that the person named.
    pub(crate) async fn begin_visit(&self, address: &str) -> Result<Turn, Failure> {
        let context = self.receive_context().await?;
        let step = Receiving::start_at(address, context).map_err(|e| told(&e))?;
        // They named it themself: that is their word to look.
        self.receive(step, Hand::Person, None).await
    }

    /// What the machines may know of this wallet.
    pub(crate) async fn receive_context(&self) -> Result<ReceiveContext, Failure> {
        let (trust, language, resources) = (self.trust(), self.world.language, self.known().await?);
        let attestations = self.attestations_to_show().await?;
        Ok(ReceiveContext { trust, language, resources, copies: COPIES, attestations })
    }

    /// Goes on with an offer.
    pub(crate) async fn answer_offer(&self, receipt: Receipt, answer: Answer) -> Result<Turn, Failure> {
        let Receipt { machine, asked, mut line } = receipt;
        // Before the code is spent: whatever happens from here on, the log says so.
        if let (Asked::Take, Answer::Take { .. }, Some(line)) = (&asked, &answer, &mut line) {
            self.begin_line(line).await?;
        }
        let turn = self.go_on(machine, asked, answer, line.clone()).await;
        self.end_line(line, &turn).await;
        turn
    }

    /// The person gave it up, or another session takes its place.
    pub(crate) async fn give_up_offer(&self, receipt: Receipt) {
        self.end_line(receipt.line, &Ok(Turn::End(End::Declined))).await;
    }

    async fn go_on(
        &self,
        machine: Receiving,
        asked: Asked,
        answer: Answer,
        line: Option<Line>,
    ) -> Result<Turn, Failure> {
        let answer = match (asked, answer) {
            (Asked::Contact, Answer::Take { .. }) => MachineAnswer::Contact,
            (Asked::Choose, Answer::Choose(ids)) => MachineAnswer::Choose(ids),
            (Asked::Take, Answer::Take { code }) => MachineAnswer::Take { code },
            (Asked::Keep, Answer::Keep) => MachineAnswer::Keep,
            (_, Answer::Decline) => MachineAnswer::Decline,
            _ => return Err(failure::no_session()),
        };
        let step = machine.answer(answer, self.world.env()).map_err(|e| told(&e))?;
        self.receive(step, Hand::Program, line).await
    }

    pub(crate) async fn receive(
        &self,
        mut step: Step<Receiving>,
        hand: Hand,
        line: Option<Line>,
    ) -> Result<Turn, Failure> {
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
                    Hand::Program => return Ok(ask(Prompt::Contact { host }, machine, Asked::Contact, line)),
                },
                Step::Ask(Question::Choose(choosing), machine) => {
                    return Ok(ask(Prompt::Choose(choosing), machine, Asked::Choose, line));
                }
                Step::Ask(Question::Take(preview), machine) => {
                    let line = line.unwrap_or_else(|| self.new_line(&preview.issuer, &preview.titles));
                    let prompt = OfferPrompt {
                        issuer: preview.issuer,
                        titles: preview.titles,
                        code: preview.code,
                        wrong_code: preview.wrong_code,
                        sign_in: preview.sign_in,
                    };
                    return Ok(ask(Prompt::Offer(prompt), machine, Asked::Take, Some(line)));
                }
                Step::Ask(Question::Redirect, machine) => {
                    let opened = Door::open().await.map_err(|e| no_door(&e))?;
                    let url = opened.url().clone();
                    door = Some(opened);
                    machine.answer(MachineAnswer::Redirect(url), self.world.env()).map_err(|e| told(&e))?
                }
                Step::Ask(Question::SignIn { url, host }, machine) => {
                    let door = door.take().ok_or_else(|| failure::internal("authorization", "no door was opened"))?;
                    let asked = Asked::SignIn(door, host.clone());
                    return Ok(ask(Prompt::SignIn { url, host }, machine, asked, line));
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
                    return Ok(ask(Prompt::Review(review), machine, Asked::Keep, line));
                }
                Step::Done(received) => return self.received(received, carrier, line).await,
            };
        }
    }

    async fn received(
        &self,
        received: Received,
        mut carrier: crate::drive::Carrier,
        line: Option<Line>,
    ) -> Result<Turn, Failure> {
        tracing::debug!(edition = received.edition.as_str(), "the issuer's edition of OpenID4VCI");
        let end = if received.declined {
            match received.last_error {
                Some(kind) => {
                    return Err(Failure::new(kind, "token", "the code was refused, and no other one was given"));
                }
                None => End::Declined,
            }
        } else {
            let (mut pending, mut refills) = (Vec::new(), Vec::new());
            for mut card in received.cards {
                let refill = card.refill.take();
                let each = self.pending(card, received.resources.clone());
                refills.extend(refill.map(|refill| (each.card.id.clone(), refill)));
                pending.push(each);
            }
            let (promise, waiting) = match &received.grant {
                Some(grant) if !received.later.is_empty() || !refills.is_empty() => {
                    let (promise, waiting) = self.promise(grant, &received.issuer, &received.later, &refills)?;
                    (Some(promise), waiting)
                }
                _ => (None, Vec::new()),
            };
            let failed =
                received.failed.iter().map(|one| self.failed_line(&received.issuer, &one.title, one.error.kind()));
            let mut lines = Vec::new();
            // What is only waited for has a line once it comes.
            if !pending.is_empty() || waiting.is_empty() {
                lines.push(self.kept_line(ActivityKind::Received, line.map(|line| line.activity), &pending));
            }
            lines.extend(failed);
            let kept: Vec<Card> = self.keep(pending, lines, promise).await?;
            if waiting.is_empty() { End::Kept(kept) } else { End::Later { kept, waiting } }
        };
        self.tell(received.notifications, &mut carrier).await;
        Ok(Turn::End(end))
    }

    /// A card that came from an issuer, on its way into the vault.
    pub(crate) fn pending(&self, card: ReceivedCard, resources: Resources) -> Pending {
        Pending {
            card: self.new_card(card.facts, &card.report, u32::try_from(card.copies.len()).unwrap_or(u32::MAX)),
            report: card.report,
            copies: card.copies.into_iter().map(|(key, original)| (Some(key), original)).collect(),
            resources,
        }
    }

    pub(crate) async fn log_failed(&self, issuer: &Party, title: &str, error: ErrorKind) -> Result<(), Failure> {
        let line = self.failed_line(issuer, title, error);
        self.with_vault(move |vault| vault.begin_activity(&line)).await
    }
}

fn ask(prompt: Prompt, machine: Receiving, asked: Asked, line: Option<Line>) -> Turn {
    Turn::Ask(prompt, Session::Receiving(Box::new(Receipt { machine, asked, line })))
}

pub(crate) fn told(error: &ReceiveError) -> Failure {
    Failure::new(error.kind(), error.step(), error.to_string()).to_be_approved_by(error.approver())
}
