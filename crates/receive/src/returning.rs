//! The machine for coming back: to an issuer that said "later", or for fresh copies of a card.
//!
//! The metadata is read anew each time, so that an issuer may have moved an address or a key meanwhile. A token that has
//! run out is renewed at the server that gave it, and a renewed grant is written down before it is used: the server may
//! take the old one no longer.

use std::fmt;

use leerpas_core::{Env, Exchange, Fault, Machine, Party, Purpose, Reply, Step};
use leerpas_credential::{
    read::{ReadError, read},
    verify::Resources,
};
use leerpas_openid::vci::{
    AuthorizationCode, AuthorizationServerMetadata, ErrorCode, Grant, IssuerMetadata, PreAuthorizedCode, TokenError,
    TokenRequest, TokenResponse, TokenType,
};

use crate::{
    Candidate, Entitlement, HeldGrant, Later, ReceiveContext, ReceiveError, ReceivedCard,
    collecting::{Collecting, Next},
    copies,
    error::At,
    finding::{Finding, Found},
    grant,
    plan::Plan,
    possession::{Access, Possession},
    reply,
};

/// Why the wallet comes back.
pub enum Errand {
    /// For a card that comes later. The person sees it before it is kept.
    Waiting,
    /// For fresh copies of a card; with the original bytes of a copy that is there. What comes must say the same.
    Refill(Vec<u8>),
}

/// What is asked on the way.
#[derive(Debug)]
pub enum ReturnQuestion {
    /// For the engine: write this grant down in the place of the one before, then say [`ReturnAnswer::Held`].
    Hold(Box<HeldGrant>),
    /// For the engine: write this down in the place of what was held, then say [`ReturnAnswer::Held`]. The issuer gives it
    /// once, and a program may end while the person looks.
    Arrived(Box<Entitlement>),
    /// Keep this, which was verified?
    Keep(Box<Candidate>),
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnAnswer {
    /// The grant, or what came, is written down.
    Held,
    /// Keep it.
    Keep,
    /// No.
    Decline,
}

/// How coming back ended.
pub enum Returned {
    /// Here it is.
    Ready {
        /// Who it is.
        issuer: Party,
        /// What came; for a refill the copies to add. What it says to [`ReceivedCard::refill`] is where to ask next.
        card: Box<ReceivedCard>,
        /// What was fetched on the way.
        resources: Resources,
        /// What the issuer likes to hear, after it is in the vault.
        notifications: Vec<Exchange>,
    },
    /// It is not ready yet.
    NotYet(Later),
    /// The person said no. What the issuer likes to hear.
    Declined(Vec<Exchange>),
}

/// Comes back with a grant for one thing. Nobody is asked whether the issuer may be contacted: that is for whoever starts
/// it, on the person's word.
pub struct Returning {
    base: Base,
    state: State,
}

/// What stays the same on the way.
struct Base {
    context: ReceiveContext,
    errand: Errand,
    /// What came lies in the vault already.
    arrived: bool,
}

struct Held {
    grant: HeldGrant,
    entitlement: Entitlement,
    renew: bool,
}

enum State {
    Metadata(Held, Finding),
    Server(Held, Box<IssuerMetadata>, Finding),
    /// Waits for the challenge without which an attestation is not taken.
    Challenge {
        held: Held,
        plan: Box<Plan>,
        possession: Option<Possession>,
    },
    Token {
        held: Held,
        plan: Box<Plan>,
        possession: Option<Possession>,
    },
    Renewed {
        held: Held,
        plan: Box<Plan>,
    },
    Collecting(Box<Collecting>),
    Arrived(Box<Collecting>),
    Keep(Box<Collecting>),
    /// Nothing came; waits until the issuer was told.
    Failing(std::vec::IntoIter<Exchange>, ReceiveError),
}

impl Returning {
    /// Starts. `renew` asks for a new access token, also where the old one seems to hold; an access token that has run
    /// out is renewed in any case.
    ///
    /// # Errors
    /// [`ReceiveError::GrantEnded`] when the token has run out and cannot be renewed; nothing is sent then.
    pub fn start(
        (grant, entitlement): (HeldGrant, Entitlement),
        errand: Errand,
        renew: bool,
        context: ReceiveContext,
        env: Env<'_>,
    ) -> Result<Step<Self>, ReceiveError> {
        let arrived = entitlement.arrived.is_some();
        // What is here already needs no token.
        let renew = !arrived && (renew || grant.is_over(env.now));
        if renew && !grant.can_renew() {
            return Err(ReceiveError::GrantEnded);
        }
        let (exchange, finding) = Finding::issuer(&grant.issuer, &context)?;
        let state = State::Metadata(Held { grant, entitlement, renew }, finding);
        Ok(Base { context, errand, arrived }.send(exchange, state))
    }
}

impl Base {
    fn send(self, exchange: Exchange, state: State) -> Step<Returning> {
        Step::Send(Box::new(exchange), Returning { base: self, state })
    }

    fn server_came(
        self,
        held: Held,
        metadata: IssuerMetadata,
        server: AuthorizationServerMetadata,
        env: Env<'_>,
    ) -> Result<Step<Returning>, ReceiveError> {
        let way = way(&held.grant);
        let plan = Box::new(Plan::for_one(&held.entitlement.configuration, way, metadata, server, &self.context)?);
        if !held.renew {
            return self.collect(*plan, held, env);
        }
        let possession = held.grant.key.as_ref().and_then(grant::copy_of).map(Possession::with);
        self.renew(held, plan, possession, env)
    }

    /// Asks for a new access token (RFC 6749, 6), with proof of the key that the old one is bound to (RFC 9449, 5).
    fn renew(
        self,
        held: Held,
        mut plan: Box<Plan>,
        possession: Option<Possession>,
        env: Env<'_>,
    ) -> Result<Step<Returning>, ReceiveError> {
        let token = held.grant.refresh.as_ref().map(grant::again).ok_or(ReceiveError::GrantEnded)?;
        if let Some(challenge) = plan.client.ask_challenge(Purpose::Token, &plan.server) {
            return Ok(self.send(challenge, State::Challenge { held, plan, possession }));
        }
        let client_id = plan.client_id().map(str::to_owned);
        let form = TokenRequest::Refresh { token, client_id }.form();
        let exchange = Exchange::post_form(Purpose::Token, plan.server.token_endpoint.clone(), form);
        let exchange = match &possession {
            Some(possession) => possession.prove(exchange, None, env)?,
            None => exchange,
        };
        let exchange = plan.client.prove(exchange, env)?;
        Ok(self.send(exchange, State::Token { held, plan, possession }))
    }

    fn token_came(
        self,
        (held, mut plan, mut possession): (Held, Box<Plan>, Option<Possession>),
        answer: Result<Reply, Fault>,
        env: Env<'_>,
    ) -> Result<Step<Returning>, ReceiveError> {
        let another_try = match (&answer, &mut possession) {
            (Ok(reply), Some(possession)) => possession.learn(reply),
            _ => false,
        };
        if answer.as_ref().is_ok_and(|reply| plan.client.learn(reply)) {
            return self.renew(held, plan, possession, env);
        }
        let body = match reply::body(answer, At::Token) {
            Ok(body) => body,
            Err(ReceiveError::Refused { code: Some(ErrorCode::UseDpopNonce), .. }) if another_try => {
                return self.renew(held, plan, possession, env);
            }
            Err(ReceiveError::Refused { code: Some(ErrorCode::InvalidGrant), .. }) => {
                return Err(ReceiveError::GrantEnded);
            }
            Err(error) => return Err(error),
        };
        let token = TokenResponse::parse(&body)?;
        let possession = match (token.token_type, possession) {
            (TokenType::Bearer, _) => None,
            (TokenType::Dpop, Some(possession)) => Some(possession),
            (TokenType::Dpop, None) => return Err(TokenError::TokenType.into()),
        };
        let mut access = Access::of(token, possession, env.now);
        // A server that gives no new refresh token goes on taking the old one (RFC 6749, 6).
        let Held { grant: old, entitlement, .. } = held;
        access.refresh = access.refresh.or(old.refresh);
        let grant = access.held(&old.issuer, &old.server, old.named);
        let question = ReturnQuestion::Hold(Box::new(grant.copy()));
        let held = Held { grant, entitlement, renew: false };
        Ok(Step::Ask(question, Returning { base: self, state: State::Renewed { held, plan } }))
    }

    fn collect(mut self, plan: Plan, held: Held, env: Env<'_>) -> Result<Step<Returning>, ReceiveError> {
        let access = Access::of_held(&held.grant);
        let next = Collecting::come_back(plan, access, held.entitlement, &mut self.context, env);
        self.follow(next, env)
    }

    fn follow(self, next: Next, env: Env<'_>) -> Result<Step<Returning>, ReceiveError> {
        let mut collecting = match next {
            Next::Send(exchange, collecting) => {
                return Ok(Step::Send(exchange, Returning { base: self, state: State::Collecting(collecting) }));
            }
            Next::Finished(collecting) => collecting,
        };
        if let Some(later) = collecting.later.pop() {
            return Ok(Step::Done(Returned::NotYet(later)));
        }
        if collecting.cards.is_empty() {
            let told = collecting.notifications(false, env).into_iter();
            let failed = collecting.failed.into_iter().next();
            return self.failing(told, failed.map_or(ReceiveError::OutOfTurn, |failed| failed.error));
        }
        match &self.errand {
            Errand::Waiting => match collecting.arrived().filter(|_| !self.arrived) {
                Some(arrived) => {
                    let question = ReturnQuestion::Arrived(Box::new(arrived));
                    Ok(Step::Ask(question, Returning { base: self, state: State::Arrived(collecting) }))
                }
                None => self.ask_keep(collecting),
            },
            Errand::Refill(kept) => {
                self.say_the_same(kept, &collecting.cards)?;
                self.ready(*collecting, env)
            }
        }
    }

    fn ask_keep(self, collecting: Box<Collecting>) -> Result<Step<Returning>, ReceiveError> {
        let candidate = collecting.candidates().into_iter().next().ok_or(ReceiveError::OutOfTurn)?;
        let question = ReturnQuestion::Keep(Box::new(candidate));
        Ok(Step::Ask(question, Returning { base: self, state: State::Keep(collecting) }))
    }

    /// A refill says what the card says, and holds no shorter: fewer claims, other ones or an older issue are for the
    /// person to look at, so they must collect the card anew for that (security C26).
    fn say_the_same(&self, kept: &[u8], came: &[ReceivedCard]) -> Result<(), ReceiveError> {
        let unreadable = |error: ReadError| ReceiveError::Unreadable(error);
        let kept = read(kept).map_err(unreadable)?;
        for (_, original) in came.iter().flat_map(|card| &card.copies) {
            let new = read(original).map_err(unreadable)?;
            let until = |credential: &leerpas_credential::read::Unverified| {
                credential.facts(&self.context.trust).expires.unwrap_or(leerpas_core::Timestamp::MAX)
            };
            if copies::said(kept.claims()) != copies::said(new.claims()) || until(&new) < until(&kept) {
                return Err(ReceiveError::Otherwise);
            }
        }
        Ok(())
    }

    /// Tells the issuer what it likes to hear, then ends with the failure.
    fn failing(
        self,
        mut told: std::vec::IntoIter<Exchange>,
        error: ReceiveError,
    ) -> Result<Step<Returning>, ReceiveError> {
        match told.next() {
            Some(exchange) => Ok(self.send(exchange, State::Failing(told, error))),
            None => Err(error),
        }
    }

    fn ready(self, mut collecting: Collecting, env: Env<'_>) -> Result<Step<Returning>, ReceiveError> {
        let notifications = collecting.notifications(true, env);
        let card = collecting.cards.pop().ok_or(ReceiveError::OutOfTurn)?;
        let issuer = collecting.plan.issuer;
        let resources = self.context.resources;
        Ok(Step::Done(Returned::Ready { issuer, card: Box::new(card), resources, notifications }))
    }
}

impl Machine for Returning {
    type Question = ReturnQuestion;
    type Answer = ReturnAnswer;
    type Outcome = Returned;
    type Error = ReceiveError;

    fn reply(self, answer: Result<Reply, Fault>, env: Env<'_>) -> Result<Step<Self>, ReceiveError> {
        let Self { mut base, state } = self;
        match state {
            State::Metadata(held, finding) => match finding.read_issuer(answer, None, &base.context, env)? {
                Found::Metadata(metadata) => {
                    // The server that gave the tokens must still be one of the issuer's; tokens go to no other.
                    let server = metadata.authorization_server(&way(&held.grant))?.to_owned();
                    let (exchange, finding) = Finding::server(&server, &base.context)?;
                    Ok(base.send(exchange, State::Server(held, Box::new(metadata), finding)))
                }
                Found::Ask(exchange, finding) => Ok(base.send(*exchange, State::Metadata(held, finding))),
            },
            State::Server(held, metadata, finding) => match finding.read_server(answer, &base.context)? {
                Found::Metadata(server) => base.server_came(held, *metadata, server, env),
                Found::Ask(exchange, finding) => Ok(base.send(*exchange, State::Server(held, metadata, finding))),
            },
            State::Challenge { held, mut plan, possession } => {
                plan.client.take_challenge(&reply::body(answer, At::Token)?)?;
                base.renew(held, plan, possession, env)
            }
            State::Token { held, plan, possession } => base.token_came((held, plan, possession), answer, env),
            State::Collecting(collecting) => {
                let next = collecting.reply(answer, &mut base.context, env);
                base.follow(next, env)
            }
            State::Failing(told, error) => base.failing(told, error),
            State::Renewed { .. } | State::Arrived(_) | State::Keep(_) => Err(ReceiveError::OutOfTurn),
        }
    }

    fn answer(self, answer: ReturnAnswer, env: Env<'_>) -> Result<Step<Self>, ReceiveError> {
        let Self { base, state } = self;
        match (state, answer) {
            (State::Renewed { held, plan }, ReturnAnswer::Held) => base.collect(*plan, held, env),
            (State::Arrived(collecting), ReturnAnswer::Held) => base.ask_keep(collecting),
            (State::Keep(collecting), ReturnAnswer::Keep) => base.ready(*collecting, env),
            (State::Keep(collecting), ReturnAnswer::Decline) => {
                Ok(Step::Done(Returned::Declined(collecting.notifications(false, env))))
            }
            _ => Err(ReceiveError::OutOfTurn),
        }
    }
}

/// Says where it is and nothing of what it holds.
impl fmt::Debug for Returning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Metadata(..) => "metadata",
            State::Server(..) => "server",
            State::Challenge { .. } => "challenge",
            State::Token { .. } => "token",
            State::Renewed { .. } => "renewed",
            State::Collecting(_) => "collecting",
            State::Arrived(_) => "arrived",
            State::Keep(_) => "keep",
            State::Failing(..) => "failing",
        };
        f.debug_struct("Returning").field("state", &state).finish_non_exhaustive()
    }
}

/// The way by which the tokens were got, with the server that gave them. What it was got with is long spent.
fn way(grant: &HeldGrant) -> Grant {
    let authorization_server = Some(grant.server.clone());
    if grant.named {
        Grant::AuthorizationCode(AuthorizationCode { issuer_state: None, authorization_server })
    } else {
        Grant::PreAuthorized(PreAuthorizedCode { code: String::new(), tx_code: None, authorization_server })
    }
}
