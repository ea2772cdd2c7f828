//! Collecting: for each offered credential a nonce, the request, and the verification of every copy.
//!
//! A credential that cannot be had does not take the others with it; what fails is told at the end.

use std::collections::VecDeque;

use leerpas_core::{Env, Exchange, Fault, Machine, Purpose, Reply, Secret, SignedDuration, Step, Timestamp};
use leerpas_credential::{
    keys::HolderKey,
    read::Unverified,
    verify::{Binding, Policy, Verification},
};
use leerpas_openid::vci::{
    CredentialReply, CredentialRequest, CredentialResponse, CredentialResponseError, Deferred, Edition, ErrorCode,
    ErrorResponse, Grant, NonceResponse, NotificationEvent, OFFERED, Target, TokenResponse, notification,
};
use serde_json::Value;

use crate::{
    Candidate, Entitlement, Failed, HeldGrant, Later, ReceiveContext, ReceiveError, ReceivedCard, copies,
    error::At,
    grant::{Arrived, Deferral, Transaction, copy_of},
    labels,
    plan::{Plan, Want},
    possession::{Access, Possession},
    proof::{self, BindingMethod},
    reply,
};

/// The part of the machine that holds an access token.
pub(crate) struct Collecting {
    pub(crate) plan: Plan,
    access: Access,
    queue: VecDeque<(usize, Target)>,
    current: Option<(usize, Target)>,
    stage: Stage,
    pub(crate) cards: Vec<ReceivedCard>,
    linkable: Vec<bool>,
    pub(crate) failed: Vec<Failed>,
    kept_notices: Vec<String>,
    failed_notices: Vec<String>,
    /// What comes later.
    pub(crate) later: Vec<Later>,
}

/// What the next reply answers.
enum Stage {
    Idle,
    Nonce { keys: Vec<HolderKey>, again: bool },
    Credential { keys: Vec<HolderKey>, again: bool, nonce: Option<String> },
    Deferred { keys: Vec<HolderKey>, transaction: Transaction },
    Verifying { verification: Box<Verification>, checking: Box<Checking> },
}

/// The copies of one credential on their way through verification.
struct Checking {
    waiting: VecDeque<(HolderKey, Unverified)>,
    at_work: Option<HolderKey>,
    card: Option<ReceivedCard>,
    /// What the first copy says, and where each copy so far points to its status.
    said: Value,
    statuses: Vec<Value>,
    linkable: bool,
    notice: Option<String>,
}

impl Checking {
    fn of(notice: Option<String>) -> Self {
        Self {
            waiting: VecDeque::new(),
            at_work: None,
            card: None,
            said: Value::Null,
            statuses: Vec::new(),
            linkable: false,
            notice,
        }
    }
}

/// What to do next.
pub(crate) enum Next {
    Send(Box<Exchange>, Box<Collecting>),
    Finished(Box<Collecting>),
}

/// By what a credential is known that comes later, and how long to wait; nothing where one came.
fn later(reply: &CredentialReply) -> Result<Option<(Transaction, u64)>, CredentialResponseError> {
    if let Some((token, interval)) = reply.acceptance_token()? {
        return Ok(Some((Transaction::Token(Secret::new(token)), interval)));
    }
    let later = reply.deferred()?;
    Ok(later.map(|later| (Transaction::Id(Secret::new(later.transaction_id)), later.interval)))
}

impl Collecting {
    /// Begins with a token.
    pub(crate) fn start(mut plan: Plan, token: TokenResponse, possession: Option<Possession>, env: Env<'_>) -> Next {
        let mut failed = std::mem::take(&mut plan.failed);
        let mut queue = VecDeque::new();
        for (place, want) in plan.wants.iter().enumerate() {
            if token.authorized.is_empty() {
                queue.push_back((place, Target::Configuration(want.id.clone())));
                continue;
            }
            let named = token.authorized.iter().filter(|one| one.configuration_id == want.id);
            let targets: Vec<_> =
                named.flat_map(|one| one.identifiers.iter().cloned().map(Target::Identifier)).collect();
            if targets.is_empty() {
                failed.push(want.failed(ReceiveError::NotAuthorised));
            }
            queue.extend(targets.into_iter().map(|target| (place, target)));
        }
        queue.truncate(OFFERED);
        let access = Access::of(token, possession, env.now);
        Box::new(Self { queue, failed, ..Self::with(plan, access) }).go_on(Ok(None), env)
    }

    fn with(plan: Plan, access: Access) -> Self {
        Self {
            plan,
            access,
            queue: VecDeque::new(),
            current: None,
            stage: Stage::Idle,
            cards: Vec::new(),
            linkable: Vec::new(),
            failed: Vec::new(),
            kept_notices: Vec::new(),
            failed_notices: Vec::new(),
            later: Vec::new(),
        }
    }

    /// Comes back for one thing: asks whether it is ready, or asks for it anew.
    pub(crate) fn come_back(
        plan: Plan,
        access: Access,
        entitlement: Entitlement,
        context: &mut ReceiveContext,
        env: Env<'_>,
    ) -> Next {
        let mut this = Self { queue: [(0, entitlement.target())].into(), ..Self::with(plan, access) };
        if let Some(arrived) = entitlement.arrived {
            this.current = this.queue.pop_front();
            let outcome = this.look_again(arrived, context, env);
            return Box::new(this).go_on(outcome, env);
        }
        let Some(Deferral { transaction, keys }) = entitlement.deferral else {
            return Box::new(this).go_on(Ok(None), env);
        };
        this.current = this.queue.pop_front();
        let asked = this.ask_deferred(keys, transaction, env).map(Some);
        Box::new(this).go_on(asked, env)
    }

    /// Verifies what came before and was not kept yet.
    fn look_again(
        &mut self,
        arrived: Arrived,
        context: &mut ReceiveContext,
        env: Env<'_>,
    ) -> Result<Option<Exchange>, ReceiveError> {
        let mut checking = Checking::of(arrived.notice);
        for (key, original) in arrived.copies {
            let credential = leerpas_credential::read::read(&original).map_err(ReceiveError::Unreadable)?;
            checking.waiting.push_back((key, credential));
        }
        self.verify_next(Box::new(checking), context, env)
    }

    /// What came, to be kept until the person has looked at it.
    pub(crate) fn arrived(&self) -> Option<Entitlement> {
        let (card, want) = (self.cards.first()?, self.plan.wants.first()?);
        let copy = |(key, original): &(HolderKey, Vec<u8>)| Some((copy_of(key)?, original.clone()));
        let copies = card.copies.iter().map(copy).collect::<Option<_>>()?;
        let target = card.refill.as_ref().map_or_else(|| Target::Configuration(want.id.clone()), Entitlement::target);
        let arrived = Some(Arrived { copies, notice: self.kept_notices.first().cloned() });
        Some(Entitlement { arrived, ..Entitlement::new(&want.title, &want.id, &target, None) })
    }

    /// What it takes to come back, where there is a reason to.
    pub(crate) fn held(&self) -> Option<HeldGrant> {
        let needed = !self.later.is_empty() || self.cards.iter().any(|card| card.refill.is_some());
        let named = matches!(self.plan.grant, Grant::AuthorizationCode(_));
        needed.then(|| self.access.held(&self.plan.metadata.credential_issuer, &self.plan.server.issuer, named))
    }

    /// Takes the reply to the last request.
    pub(crate) fn reply(
        mut self: Box<Self>,
        reply: Result<Reply, Fault>,
        context: &mut ReceiveContext,
        env: Env<'_>,
    ) -> Next {
        let again = match (&self.stage, &reply) {
            (Stage::Credential { .. } | Stage::Deferred { .. }, Ok(reply)) => {
                self.access.learn(reply) && asks_for_nonce(reply)
            }
            // The nonce endpoint may give one for DPoP along (OpenID4VCI 1.0, 7.2).
            (Stage::Nonce { .. }, Ok(reply)) => {
                self.access.learn(reply);
                false
            }
            _ => false,
        };
        if again {
            let outcome = match std::mem::replace(&mut self.stage, Stage::Idle) {
                Stage::Credential { keys, again, nonce } => self.ask_credential(keys, nonce, again, env),
                Stage::Deferred { keys, transaction } => self.ask_deferred(keys, transaction, env),
                _ => Err(ReceiveError::OutOfTurn),
            };
            return self.go_on(outcome.map(Some), env);
        }
        let outcome = self.take(reply, context, env);
        self.go_on(outcome, env)
    }

    /// Which edition of the protocol the issuer turned out to speak.
    pub(crate) fn edition(&self) -> Edition {
        let plan = &self.plan;
        let used = plan.wants.iter().map(|want| plan.asking.edition(&plan.metadata, want));
        used.max().unwrap_or_default()
    }

    /// What the person is asked about.
    pub(crate) fn candidates(&self) -> Vec<Candidate> {
        let each = self.cards.iter().zip(&self.linkable);
        each.map(|(card, linkable)| Candidate {
            facts: card.facts.clone(),
            report: card.report.clone(),
            copies: u32::try_from(card.copies.len()).unwrap_or(u32::MAX),
            linkable: *linkable,
        })
        .collect()
    }

    /// What the issuer likes to hear, once it is known whether the credentials were kept. Not told to another
    /// host than the one that gave them, because the token goes along.
    pub(crate) fn notifications(&self, kept: bool, env: Env<'_>) -> Vec<Exchange> {
        let metadata = &self.plan.metadata;
        let endpoint = metadata.notification_endpoint.as_ref();
        let Some(endpoint) = endpoint.filter(|url| url.origin() == metadata.credential_endpoint.origin()) else {
            return Vec::new();
        };
        let word = if kept { NotificationEvent::Accepted } else { NotificationEvent::Deleted };
        let kept = self.kept_notices.iter().map(|id| (id, word));
        let failed = self.failed_notices.iter().map(|id| (id, NotificationEvent::Failure));
        kept.chain(failed)
            .filter_map(|(id, event)| {
                let told = Exchange::post_json(Purpose::Credential, endpoint.clone(), notification(id, event));
                self.access.authorise(told, env).ok()
            })
            .collect()
    }

    /// Goes on until something has to be sent or everything was tried.
    fn go_on(mut self: Box<Self>, mut outcome: Result<Option<Exchange>, ReceiveError>, env: Env<'_>) -> Next {
        loop {
            match outcome {
                Ok(Some(exchange)) => return Next::Send(Box::new(exchange), self),
                Ok(None) => {}
                Err(error) => self.give_up(error),
            }
            self.current = self.queue.pop_front();
            if self.current.is_none() {
                return Next::Finished(self);
            }
            outcome = self.begin(env).map(Some);
        }
    }

    /// Notes what could not be had. Where the network or the token failed, the rest is not tried.
    fn give_up(&mut self, error: ReceiveError) {
        if error.ends_everything() {
            self.queue.clear();
        }
        self.stage = Stage::Idle;
        if let Some((place, _)) = self.current.take() {
            self.failed.push(self.plan.wants[place].failed(error));
        }
    }

    /// Makes the keys of the next credential, then asks for a nonce if the issuer has them.
    fn begin(&mut self, env: Env<'_>) -> Result<Exchange, ReceiveError> {
        let keys = (0..self.plan.copies).map(|_| HolderKey::make(env.entropy)).collect();
        self.ask_nonce_or_credential(keys, false, env)
    }

    fn ask_nonce_or_credential(
        &mut self,
        keys: Vec<HolderKey>,
        again: bool,
        env: Env<'_>,
    ) -> Result<Exchange, ReceiveError> {
        let Some(endpoint) = self.plan.metadata.nonce_endpoint.clone() else {
            let given = self.plan.asking.nonce();
            return self.ask_credential(keys, given, again, env);
        };
        self.stage = Stage::Nonce { keys, again };
        Ok(Exchange::post_nothing(Purpose::Nonce, endpoint))
    }

    fn ask_credential(
        &mut self,
        keys: Vec<HolderKey>,
        nonce: Option<String>,
        again: bool,
        env: Env<'_>,
    ) -> Result<Exchange, ReceiveError> {
        let (place, target) = self.current.as_ref().ok_or(ReceiveError::OutOfTurn)?;
        let want = &self.plan.wants[*place];
        let issuer = &self.plan.metadata.credential_issuer;
        let client_id = self.plan.client_id();
        let (mut jwt_proofs, mut di_vp_proofs) = (Vec::new(), Vec::new());
        for key in &keys {
            if want.binding == BindingMethod::Presentation {
                let made = proof::presentation(key, issuer, nonce.as_deref(), env.now);
                di_vp_proofs.push(made.map_err(ReceiveError::Presentation)?);
            } else {
                let made = proof::jwt(key, want.binding, issuer, (client_id, nonce.as_deref()), env.now);
                jwt_proofs.push(made.map_err(ReceiveError::Proof)?);
            }
        }
        let request = CredentialRequest { target: target.clone(), jwt_proofs, di_vp_proofs };
        let exchange = self.plan.asking.request(&request, &self.plan.metadata, want, env)?;
        self.stage = Stage::Credential { keys, again, nonce };
        self.access.authorise(exchange, env)
    }

    fn ask_deferred(
        &mut self,
        keys: Vec<HolderKey>,
        transaction: Transaction,
        env: Env<'_>,
    ) -> Result<Exchange, ReceiveError> {
        let endpoint = self.plan.metadata.deferred_credential_endpoint.clone();
        let endpoint = endpoint.ok_or(CredentialResponseError::Deferred)?;
        let exchange = match &transaction {
            Transaction::Id(id) => {
                let exchange = self.plan.asking.post(endpoint, Deferred::request(id.expose()), env)?;
                self.access.authorise(exchange, env)?
            }
            Transaction::Token(token) => {
                Exchange::post_nothing(Purpose::Credential, endpoint).with_bearer(token.expose())
            }
        };
        self.stage = Stage::Deferred { keys, transaction };
        Ok(exchange)
    }

    /// Notes that the issuer has taken the request and will answer later. The keys that were proved wait with it.
    fn put_off(
        &mut self,
        transaction: Transaction,
        interval: u64,
        keys: Vec<HolderKey>,
        now: Timestamp,
    ) -> Result<Option<Exchange>, ReceiveError> {
        if self.plan.metadata.deferred_credential_endpoint.is_none() {
            return Err(CredentialResponseError::Deferred.into());
        }
        let (want, target) = self.wanted()?;
        let deferral = Some(Deferral { transaction, keys });
        let entitlement = Entitlement::new(&want.title, &want.id, target, deferral);
        let wait = SignedDuration::from_secs(i64::try_from(interval).unwrap_or(i64::MAX));
        let ask_after = now.saturating_add(wait).unwrap_or(Timestamp::MAX);
        self.later.push(Later { entitlement, ask_after });
        Ok(None)
    }

    fn wanted(&self) -> Result<(&Want, &Target), ReceiveError> {
        let (place, target) = self.current.as_ref().ok_or(ReceiveError::OutOfTurn)?;
        Ok((&self.plan.wants[*place], target))
    }

    /// One reply; `None` when the current credential is complete.
    fn take(
        &mut self,
        answer: Result<Reply, Fault>,
        context: &mut ReceiveContext,
        env: Env<'_>,
    ) -> Result<Option<Exchange>, ReceiveError> {
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Idle => Err(ReceiveError::OutOfTurn),
            Stage::Nonce { keys, again } => {
                let nonce = NonceResponse::parse(&reply::body(answer, At::Nonce)?)?;
                self.ask_credential(keys, Some(nonce.c_nonce), again, env).map(Some)
            }
            Stage::Credential { keys, again, .. } => match self.plan.asking.body(answer) {
                Ok(reply) => match later(&reply)? {
                    Some((transaction, interval)) => self.put_off(transaction, interval, keys, env.now),
                    None => self.open(&reply.credentials()?, keys, context, env),
                },
                Err(ReceiveError::Refused { code: Some(ErrorCode::InvalidNonce), .. })
                    if self.plan.metadata.nonce_endpoint.is_some() =>
                {
                    if again {
                        return Err(ReceiveError::NonceRefused);
                    }
                    self.ask_nonce_or_credential(keys, true, env).map(Some)
                }
                Err(error) if !again && self.tries_another_edition(&error) => {
                    self.ask_nonce_or_credential(keys, true, env).map(Some)
                }
                Err(error) => Err(error),
            },
            Stage::Deferred { keys, transaction } => {
                let refusal = answer.as_ref().ok().filter(|reply| !reply.is_success());
                let pending = refusal.map_or(0, |reply| Deferred::pending_wait(&reply.body));
                match self.plan.asking.body(answer) {
                    Ok(reply) => match later(&reply)? {
                        // The transaction stays the one that was named first (9.2).
                        Some((_, interval)) => self.put_off(transaction, interval, keys, env.now),
                        None => self.open(&reply.credentials()?, keys, context, env),
                    },
                    Err(ReceiveError::Refused { code: Some(ErrorCode::IssuancePending), .. }) => {
                        self.put_off(transaction, pending, keys, env.now)
                    }
                    Err(error) => Err(error),
                }
            }
            Stage::Verifying { verification, checking } => match verification.reply(answer, env) {
                Ok(step) => self.follow(step, checking, context, env),
                Err(error) => Err(self.fail_checking(*checking, ReceiveError::Verify(error))),
            },
        }
    }

    /// Whether the issuer may take the request in the form of another edition of the protocol.
    fn tries_another_edition(&mut self, refused: &ReceiveError) -> bool {
        let Some((place, _)) = self.current else { return false };
        self.plan.asking.tries_another(refused, &self.plan.metadata, &self.plan.wants[place])
    }

    /// Reads what came, copy by copy, and matches each to the key that it is bound to.
    fn open(
        &mut self,
        response: &CredentialResponse,
        mut keys: Vec<HolderKey>,
        context: &mut ReceiveContext,
        env: Env<'_>,
    ) -> Result<Option<Exchange>, ReceiveError> {
        let notice = response.notification_id.clone();
        let mut checking = Checking::of(notice);
        let (want, _) = self.wanted()?;
        if let Err(error) = copies::read(response, want, &mut keys, &mut checking.waiting) {
            return Err(self.fail_checking(checking, error));
        }
        self.verify_next(Box::new(checking), context, env)
    }

    fn verify_next(
        &mut self,
        mut checking: Box<Checking>,
        context: &mut ReceiveContext,
        env: Env<'_>,
    ) -> Result<Option<Exchange>, ReceiveError> {
        let Some((key, credential)) = checking.waiting.pop_front() else {
            self.kept_notices.extend(checking.notice);
            if let Some(card) = checking.card {
                self.cards.push(card);
                self.linkable.push(checking.linkable);
            }
            return Ok(None);
        };
        let policy = Policy {
            trust: context.trust.clone(),
            binding: Binding::HolderKey(key.public()),
            resources: context.resources.clone(),
            network: true,
            issuer: Some(self.plan.metadata.credential_issuer.clone()),
            identities: Vec::new(),
        };
        checking.at_work = Some(key);
        match Verification::start(credential, policy, env) {
            Ok(step) => self.follow(step, checking, context, env),
            Err(error) => Err(self.fail_checking(*checking, ReceiveError::Verify(error))),
        }
    }

    /// Follows a verification to its next request or its end.
    fn follow(
        &mut self,
        step: Step<Verification>,
        mut checking: Box<Checking>,
        context: &mut ReceiveContext,
        env: Env<'_>,
    ) -> Result<Option<Exchange>, ReceiveError> {
        let checked = match step {
            Step::Send(exchange, verification) => {
                self.stage = Stage::Verifying { verification: Box::new(verification), checking };
                return Ok(Some(*exchange));
            }
            Step::Ask(question, _) => match question {},
            Step::Done(checked) => checked,
        };
        context.resources = checked.resources.clone();
        let (want, _) = self.wanted()?;
        let report = checked.report.clone().with(copies::kind_check(want));
        let original = checked.credential().original().to_vec();
        let judged = copies::judge(&report);
        let (Some(key), Ok(())) = (checking.at_work.take(), &judged) else {
            let error = judged.err().unwrap_or(ReceiveError::OutOfTurn);
            return Err(self.fail_checking(*checking, error));
        };
        let claims = checked.credential().claims();
        if let Some(status) = copies::status(claims) {
            checking.linkable |= checking.statuses.contains(&status);
            checking.statuses.push(status);
        }
        match &mut checking.card {
            // What the card shows is read once: the other copies have to say the same.
            None => {
                let mut facts = checked.credential().facts(&context.trust);
                // The offer names this very credential, its type only what all of that type are: so in this order.
                labels::complete(&mut facts, &want.configuration, context.language);
                checked.complete(&mut facts, context.language);
                checking.said = copies::said(claims);
                let refill = self.refill();
                checking.card = Some(ReceivedCard { facts, report, copies: vec![(key, original)], refill });
            }
            Some(card) if checking.said == copies::said(claims) => card.copies.push((key, original)),
            Some(_) => return Err(self.fail_checking(*checking, ReceiveError::Unlike)),
        }
        self.verify_next(checking, context, env)
    }

    /// What to ask for when fresh copies are wanted: possible where the server renews its tokens.
    fn refill(&self) -> Option<Entitlement> {
        self.access.refresh.as_ref()?;
        let (want, target) = self.wanted().ok()?;
        Some(Entitlement::new(&want.title, &want.id, target, None))
    }

    /// Remembers that the issuer likes to hear of a failure.
    fn fail_checking(&mut self, checking: Checking, error: ReceiveError) -> ReceiveError {
        self.failed_notices.extend(checking.notice);
        error
    }
}

/// Whether a request was refused because its proof of possession lacks the server's nonce (RFC 9449, 9: 401; some servers
/// say it with 400 as at the token endpoint).
fn asks_for_nonce(reply: &Reply) -> bool {
    let word = ErrorResponse::parse(&reply.body).map(|response| response.error);
    reply.status == 401 || (reply.status == 400 && word == Some(ErrorCode::UseDpopNonce))
}

impl Want {
    fn failed(&self, error: ReceiveError) -> Failed {
        Failed { configuration: self.id.clone(), title: self.title.clone(), error }
    }
}
