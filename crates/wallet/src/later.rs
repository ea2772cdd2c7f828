//! What an issuer still gives: cards that come later, and fresh copies of cards that are kept.
//!
//! Nothing is asked unbidden: an issuer is asked again when the person says so, and not before it wants to be. What was
//! asked for is on the disk before anybody waits for it; a card that came is kept and the waiting ended in one step.

use leerpas_core::{
    ActivityKind, Card, CardId, EntitlementId, ErrorKind, Failure, GrantId, Machine as _, Party, Secret, Step,
    Timestamp,
};
use leerpas_receive::{
    Entitlement, Errand, HeldGrant, Later, ReceiveError, ReceivedCard, ReturnAnswer, ReturnQuestion, Returned,
    Returning,
};
use leerpas_vault::{EntitlementRecord, NewEntitlement, NewGrant, OpenEntitlement, Promise, VaultError};
use serde::{Deserialize, Serialize};

use crate::{
    Answer, End, Progress, Prompt, Wallet, Work,
    drive::Carrier,
    failure,
    importing::Pending,
    known,
    receiving::told,
    session::{Session, Turn},
};

/// A card that an institution hands out later.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingCard {
    /// Its name here.
    pub id: EntitlementId,
    /// Who hands it out.
    pub issuer: Party,
    /// The title, as it was offered.
    pub title: String,
    /// Since when.
    pub since: Timestamp,
    /// Before this the institution does not want to be asked.
    pub ask_after: Timestamp,
}

/// How many copies of a card there are, each with a key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copies {
    /// All of them.
    pub all: usize,
    /// Those that nobody has seen.
    pub fresh: usize,
    /// Whether the institution lets the wallet come back for more.
    pub refillable: bool,
}

/// What a list shows of something that is waited for, as the vault keeps it.
#[derive(Serialize, Deserialize)]
struct Shown {
    issuer: Party,
    title: String,
}

/// A machine that came back with a card, while the person looks at it.
pub(crate) struct Homecoming {
    machine: Returning,
    id: EntitlementId,
}

/// What one coming back ended with.
enum Came {
    Asked(Box<Homecoming>, Turn),
    Done(Returned),
}

impl Wallet {
    /// The cards that are waited for, the oldest first.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], [`ErrorKind::StorageFailed`].
    pub async fn waiting(&self) -> Result<Vec<WaitingCard>, Failure> {
        let rows = self.with_vault(|vault| vault.waiting()).await?;
        Ok(rows.into_iter().filter_map(waiting_card).collect())
    }

    /// Asks the institution whether a card is ready now, as a session: it ends with the card for the person to look at,
    /// or with the word that it takes longer.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] while another session runs; [`ErrorKind::TooEarly`] before the institution wants to be asked,
    /// and nothing is sent then; [`ErrorKind::IssuanceDenied`] and [`ErrorKind::GrantEnded`] when it will never come,
    /// and then it is not waited for any longer. After any other failure it still is.
    pub async fn collect(&self, id: &EntitlementId) -> Result<Progress, Failure> {
        let mut session = self.free_session()?;
        self.begin_action();
        self.end_flow();
        let opened = self.open_entitlement(id).await?;
        // What refills a card has a name of the same kind, and is not waited for.
        if opened.record.card.is_some() {
            return Err(failure::of_vault(&VaultError::NoSuchEntitlement));
        }
        let now = self.world.clock.now();
        if opened.record.ask_after > now {
            let words = format!("the institution does not want to be asked before {}", opened.record.ask_after);
            return Err(Failure::new(ErrorKind::TooEarly, "credential", words));
        }
        self.progress.send_replace(Progress::Working(Work::Here));
        let turn = self.come_back_for_waiting(id, opened).await;
        self.take_turn(&mut session, turn)
    }

    /// Gives a waiting card up. Its keys go too, and the institution hears nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], [`ErrorKind::CardNotFound`].
    pub async fn give_up(&self, id: &EntitlementId) -> Result<(), Failure> {
        let id = id.clone();
        self.with_vault(move |vault| {
            let waits = vault.waiting()?.iter().any(|one| one.id == id);
            if waits { vault.give_up(&id) } else { Err(VaultError::NoSuchEntitlement) }
        })
        .await
    }

    /// How many copies of a card nobody has seen, and whether more can be had.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], [`ErrorKind::CardNotFound`].
    pub async fn copies(&self, card: &CardId) -> Result<Copies, Failure> {
        let card = card.clone();
        self.with_vault(move |vault| {
            let mut copies = vault.originals(&card)?;
            copies.retain(|copy| copy.key.is_some());
            let fresh = copies.iter().filter(|copy| copy.shown_to.is_empty()).count();
            Ok(Copies { all: copies.len(), fresh, refillable: vault.refill_of(&card)?.is_some() })
        })
        .await
    }

    /// Gets fresh copies of a card from its institution, because the person says so. The card stays the same one; what
    /// came says the same and is bound to new keys. Returns how many came.
    ///
    /// # Errors
    /// [`ErrorKind::CardNotFound`] also where nothing refills this card; [`ErrorKind::GrantEnded`] when the institution
    /// takes its word back, and then it is not asked any more; [`ErrorKind::CredentialNotAsOffered`] when what came says
    /// something else; [`ErrorKind::TooEarly`] when it takes longer, or the institution does not want to be asked yet.
    pub async fn refill(&self, card: &CardId) -> Result<usize, Failure> {
        // One at a time, with the rounds of checks: both write what was fetched.
        let _turn = self.refreshing.lock().await;
        let of = card.clone();
        let (refill, copies) = self.with_vault(move |vault| Ok((vault.refill_of(&of)?, vault.originals(&of)?))).await?;
        let (Some(refill), Some(copy)) = (refill, copies.into_iter().next()) else {
            let words = "this institution lets nobody come back for fresh copies of this card";
            return Err(Failure::new(ErrorKind::CardNotFound, "credential", words));
        };
        if refill.ask_after > self.world.clock.now() {
            let words = format!("the institution does not want to be asked before {}", refill.ask_after);
            return Err(Failure::new(ErrorKind::TooEarly, "credential", words));
        }
        let id = refill.id;
        let mut carrier = Carrier::alone(&self.world);
        let returned = match self.come_back(&id, || Errand::Refill(copy.original.clone()), &mut carrier).await? {
            Came::Done(returned) => returned,
            Came::Asked(..) => return Err(failure::internal("credential", "a refill has nothing to ask")),
        };
        match returned {
            Returned::Ready { card: came, resources, notifications, issuer } => {
                let count = came.copies.len();
                self.add_copies(card, &issuer, *came, &id, resources).await?;
                self.tell(notifications, &mut carrier).await;
                Ok(count)
            }
            Returned::NotYet(later) => {
                self.put_off(&id, &later).await?;
                let words =
                    format!("the institution gives the copies later; it can be asked after {}", later.ask_after);
                Err(Failure::new(ErrorKind::TooEarly, "credential", words))
            }
            Returned::Declined(_) => Err(failure::internal("credential", "nobody was asked")),
        }
    }

    /// What an issuer still gives, as the vault keeps it; with what the person sees of it.
    pub(crate) fn promise(
        &self,
        grant: &HeldGrant,
        issuer: &Party,
        later: &[Later],
        refills: &[(CardId, Entitlement)],
    ) -> Result<(Promise, Vec<WaitingCard>), Failure> {
        let now = self.world.clock.now();
        let id = GrantId::make(&*self.world.entropy);
        let grant = NewGrant { id: id.clone(), made: now, secret: grant.to_secret() };
        let mut entitlements = Vec::new();
        let waiting = later.iter().map(|later| (&later.entitlement, None, later.ask_after));
        for (entitlement, card, ask_after) in
            waiting.chain(refills.iter().map(|(card, entitlement)| (entitlement, Some(card.clone()), now)))
        {
            let shown = Shown { issuer: issuer.clone(), title: entitlement.title.clone() };
            entitlements.push(NewEntitlement {
                id: EntitlementId::make(&*self.world.entropy),
                grant: id.clone(),
                card,
                made: now,
                ask_after,
                shown: serde_json::to_value(shown).map_err(|e| failure::internal("keep", e))?,
                secret: entitlement.to_secret(),
            });
        }
        let waiting = entitlements
            .iter()
            .filter(|one| one.card.is_none())
            .filter_map(|one| {
                waiting_card(EntitlementRecord {
                    id: one.id.clone(),
                    grant: one.grant.clone(),
                    card: None,
                    made: one.made,
                    ask_after: one.ask_after,
                    shown: one.shown.clone(),
                })
            })
            .collect();
        Ok((Promise { grant, entitlements }, waiting))
    }

    async fn come_back_for_waiting(&self, id: &EntitlementId, opened: OpenEntitlement) -> Result<Turn, Failure> {
        let mut carrier = self.carrier();
        match self.come_back(id, || Errand::Waiting, &mut carrier).await? {
            Came::Asked(homecoming, Turn::Ask(prompt, _)) => Ok(Turn::Ask(prompt, Session::ComingBack(homecoming))),
            Came::Asked(_, turn) => Ok(turn),
            Came::Done(Returned::NotYet(later)) => {
                self.put_off(id, &later).await?;
                let record = EntitlementRecord { ask_after: later.ask_after, ..opened.record };
                Ok(Turn::End(End::Later { kept: Vec::new(), waiting: waiting_card(record).into_iter().collect() }))
            }
            Came::Done(_) => Err(failure::internal("credential", "a card came that nobody looked at")),
        }
    }

    /// Keeps what came back, or not: both ends the waiting.
    pub(crate) async fn answer_homecoming(&self, homecoming: Homecoming, answer: Answer) -> Result<Turn, Failure> {
        let Homecoming { machine, id } = homecoming;
        let answer = match answer {
            Answer::Keep => ReturnAnswer::Keep,
            Answer::Decline => ReturnAnswer::Decline,
            _ => return Err(failure::no_session()),
        };
        let mut carrier = self.carrier();
        match machine.answer(answer, self.world.env()).map_err(|e| told(&e))? {
            Step::Done(Returned::Ready { card, resources, notifications, .. }) => {
                let refill = card.refill.as_ref().map(Entitlement::to_secret);
                let kept = self.keep_awaited(&id, *card, resources, refill).await?;
                self.tell(notifications, &mut carrier).await;
                Ok(Turn::End(End::Kept(vec![kept])))
            }
            Step::Done(Returned::Declined(notifications)) => {
                self.give_up(&id).await?;
                self.tell(notifications, &mut carrier).await;
                Ok(Turn::End(End::Declined))
            }
            _ => Err(failure::internal("credential", "it was answered and goes on")),
        }
    }

    /// Comes back to the issuer. Where the token is refused and can be renewed, it is tried once more with a new one.
    async fn come_back(
        &self,
        id: &EntitlementId,
        errand: impl Fn() -> Errand,
        carrier: &mut Carrier,
    ) -> Result<Came, Failure> {
        let mut renewed = false;
        loop {
            let opened = self.open_entitlement(id).await?;
            let damaged = || Failure::new(ErrorKind::VaultDamaged, "vault", "a grant in the vault cannot be read");
            let grant = HeldGrant::from_secret(&opened.grant).ok_or_else(damaged)?;
            let entitlement = Entitlement::from_secret(&opened.secret).ok_or_else(damaged)?;
            let can_renew = grant.can_renew();
            let error =
                match self.drive_back((grant, entitlement), (id, &opened.record), errand(), renewed, carrier).await? {
                    Ok(came) => return Ok(came),
                    Err(error) => error,
                };
            if error.is_token_refused() && can_renew && !renewed {
                renewed = true;
                continue;
            }
            let error = if error.is_token_refused() { ReceiveError::GrantEnded } else { error };
            return Err(self.not_coming(&opened.record, error).await?);
        }
    }

    async fn drive_back(
        &self,
        held: (HeldGrant, Entitlement),
        (id, record): (&EntitlementId, &EntitlementRecord),
        errand: Errand,
        renew: bool,
        carrier: &mut Carrier,
    ) -> Result<Result<Came, ReceiveError>, Failure> {
        let context = self.receive_context().await?;
        let mut step = match Returning::start(held, errand, renew, context, self.world.env()) {
            Ok(step) => step,
            Err(error) => return Ok(Err(error)),
        };
        loop {
            let next = match step {
                Step::Send(exchange, machine) => machine.reply(carrier.exchange(*exchange).await?, self.world.env()),
                Step::Ask(ReturnQuestion::Hold(grant), machine) => {
                    let (of, secret) = (record.grant.clone(), grant.to_secret());
                    self.with_vault(move |vault| vault.renew_grant(&of, &secret)).await?;
                    machine.answer(ReturnAnswer::Held, self.world.env())
                }
                Step::Ask(ReturnQuestion::Arrived(entitlement), machine) => {
                    let (of, until, secret) = (id.clone(), record.ask_after, entitlement.to_secret());
                    self.with_vault(move |vault| vault.put_off(&of, until, &secret)).await?;
                    machine.answer(ReturnAnswer::Held, self.world.env())
                }
                Step::Ask(ReturnQuestion::Keep(candidate), machine) => {
                    let pending = Pending {
                        card: self.new_card(candidate.facts, &candidate.report, candidate.copies),
                        report: candidate.report,
                        copies: Vec::new(),
                        resources: Default::default(),
                    };
                    let (review, _) = self.review(vec![pending], false, Vec::new()).await?;
                    let turn = Turn::Ask(Prompt::Review(review), Session::None);
                    return Ok(Ok(Came::Asked(Box::new(Homecoming { machine, id: id.clone() }), turn)));
                }
                Step::Done(returned) => return Ok(Ok(Came::Done(returned))),
            };
            step = match next {
                Ok(step) => step,
                Err(error) => return Ok(Err(error)),
            };
        }
    }

    /// What a failure means for what is waited for: some end it, and then the log says so.
    async fn not_coming(&self, record: &EntitlementRecord, error: ReceiveError) -> Result<Failure, Failure> {
        // What refills a card ends with the grant alone: of a batch that was not good there may be a better one.
        let over = match record.card {
            None => error.ends_waiting(),
            Some(_) => matches!(error, ReceiveError::GrantEnded),
        };
        if record.card.is_some() && !over && error.ends_waiting() {
            // The next time it is asked for anew.
            self.forget_deferral(&record.id).await?;
        }
        if over {
            self.drop_entitlement(&record.id).await?;
            if record.card.is_none()
                && let Some(card) = waiting_card(record.clone())
            {
                self.log_failed(&card.issuer, &card.title, error.kind()).await?;
            }
        }
        Ok(told(&error))
    }

    async fn drop_entitlement(&self, id: &EntitlementId) -> Result<(), Failure> {
        let id = id.clone();
        self.with_vault(move |vault| vault.give_up(&id)).await
    }

    async fn open_entitlement(&self, id: &EntitlementId) -> Result<OpenEntitlement, Failure> {
        let id = id.clone();
        self.with_vault(move |vault| vault.open_entitlement(&id)).await
    }

    async fn forget_deferral(&self, id: &EntitlementId) -> Result<(), Failure> {
        let opened = self.open_entitlement(id).await?;
        let Some(entitlement) = Entitlement::from_secret(&opened.secret) else { return Ok(()) };
        let (id, until, secret) = (id.clone(), opened.record.ask_after, entitlement.without_deferral().to_secret());
        self.with_vault(move |vault| vault.put_off(&id, until, &secret)).await
    }

    async fn put_off(&self, id: &EntitlementId, later: &Later) -> Result<(), Failure> {
        let (id, until, secret) = (id.clone(), later.ask_after, later.entitlement.to_secret());
        self.with_vault(move |vault| vault.put_off(&id, until, &secret)).await
    }

    async fn keep_awaited(
        &self,
        id: &EntitlementId,
        came: ReceivedCard,
        resources: leerpas_credential::verify::Resources,
        refill: Option<Secret<Vec<u8>>>,
    ) -> Result<Card, Failure> {
        let pending = self.pending(came, Default::default());
        let mut line = self.kept_line(ActivityKind::Received, None, std::slice::from_ref(&pending));
        line.cards = vec![pending.card.id.clone()];
        let mut new = self.new_for_vault(&pending)?;
        new.activity = Some(line);
        let id = id.clone();
        self.with_vault(move |vault| {
            let older = vault.find_duplicate(&new.fingerprint)?;
            if let Some(older) = &older {
                new.takes_the_place_of(older);
            }
            vault.keep_awaited(&id, older.as_ref(), &new, refill.as_ref())?;
            known::keep_in(vault, &resources)?;
            Ok(new.card)
        })
        .await
    }

    async fn add_copies(
        &self,
        card: &CardId,
        issuer: &Party,
        came: ReceivedCard,
        id: &EntitlementId,
        resources: leerpas_credential::verify::Resources,
    ) -> Result<(), Failure> {
        let now = self.world.clock.now();
        let (copies, keys) = self.new_copies(
            came.copies.iter().map(|(key, original)| (Some(key), original.as_slice())),
            &issuer.identifier,
            now,
        );
        let next = came.refill.as_ref().map(Entitlement::to_secret);
        let (card, id) = (card.clone(), id.clone());
        self.with_vault(move |vault| {
            vault.add_copies(&card, &copies, &keys)?;
            if let Some(next) = next {
                vault.put_off(&id, now, &next)?;
            }
            known::keep_in(vault, &resources)
        })
        .await
    }

    /// Tells the issuer what it likes to hear. One attempt; what becomes of it changes nothing (OpenID4VCI 1.0, 11).
    pub(crate) async fn tell(&self, notifications: Vec<leerpas_core::Exchange>, carrier: &mut Carrier) {
        for notification in notifications {
            if let Err(stopped) = carrier.exchange(notification).await {
                tracing::debug!(kind = stopped.kind.as_str(), "the issuer was not told");
            }
        }
    }
}

/// A row as the person sees it; `None` for one that says nothing readable.
fn waiting_card(record: EntitlementRecord) -> Option<WaitingCard> {
    let Shown { issuer, title } = serde_json::from_value(record.shown).ok()?;
    Some(WaitingCard { id: record.id, issuer, title, since: record.made, ask_after: record.ask_after })
}
