//! The machine: from an offer to credentials that are ready to be kept.

use std::{fmt, sync::Arc};

use leerpas_core::{Env, ErrorKind, Exchange, Fault, Machine, Party, Purpose, Reply, Secret, Step, Url};
use leerpas_credential::{trust::TrustList, verify::Resources};
use leerpas_openid::{
    address,
    oauth::is_answer_to,
    vci::{
        AuthorizationCode, CredentialOffer, Edition, ErrorCode, Grant, IssuerMetadata, TokenError, TokenRequest,
        TokenResponse, TokenType, draft_token_form,
    },
};

use crate::{
    Answer, CODE_TRIES, OfferSource, Question, ReceiveContext, ReceiveError, Received, choosing,
    collecting::{Collecting, Next},
    error::At,
    finding::{Finding, Found},
    plan::{self, Plan},
    possession::Possession,
    reply,
    sign_in::SignIn,
};

/// What is asked for when JSON is wanted.
const JSON: &str = "application/json";
/// The longest code that a person may type, in bytes.
const CODE_BYTES: usize = 256;

/// The holder's side of OpenID4VCI 1.0. Start it with [`Receiving::start`], then
/// follow its steps; there is no other way to get a credential out of it than through its checks.
pub struct Receiving {
    context: ReceiveContext,
    state: State,
}

/// What the next reply or answer is about.
enum State {
    /// Waits for the word that the other side may be contacted.
    Contact(Source),
    /// Waits for the offer.
    Offer { from: String },
    /// Waits for the metadata of an issuer that the person named.
    Catalogue { finding: Finding },
    /// Waits for the word what to collect there.
    Choose { issuer: Box<IssuerMetadata> },
    /// Waits for the issuer's metadata.
    Issuer { offer: CredentialOffer, finding: Finding },
    /// Waits for the authorization server's metadata.
    Server { offer: CredentialOffer, issuer: Box<IssuerMetadata>, finding: Finding },
    /// Waits for the word that the offer is taken.
    Take { plan: Box<Plan>, wrong: u8 },
    /// Waits for the address at which the browser can bring its answer.
    Redirect { plan: Box<Plan>, grant: AuthorizationCode },
    /// Waits for the challenge without which an attestation is not taken.
    Challenge { plan: Box<Plan>, then: Box<Then> },
    /// Waits for the word that the request for a sign-in lies at the server.
    Pushed { plan: Box<Plan>, sign_in: Box<SignIn> },
    /// Waits for the browser.
    SignIn { plan: Box<Plan>, sign_in: Box<SignIn> },
    /// Waits for the token.
    Token { plan: Box<Plan>, wrong: u8, request: TokenRequest, possession: Option<Possession> },
    /// Collects and verifies.
    Collecting(Box<Collecting>),
    /// Waits for the word that the credentials are kept.
    Keep(Box<Collecting>),
    /// Nothing could be had; waits until the issuer was told.
    Failing { told: std::vec::IntoIter<Exchange>, error: ReceiveError },
}

/// What an attested program asks for, once it has a challenge.
enum Then {
    Push(SignIn),
    Token { wrong: u8, request: TokenRequest, possession: Option<Possession> },
}

/// What may be contacted.
enum Source {
    Offer(CredentialOffer),
    Reference(Url),
    Named(String),
}

impl Receiving {
    /// Tells whether what a browser brought back belongs to the sign-in that this waits for, by its state, which nobody else
    /// knows. For the door of the engine: other visitors are not heard (security C09). Stands by itself, so that the door
    /// stays open while the machine is put down.
    pub fn answer_test(&self) -> impl Fn(&str) -> bool + Send + use<> {
        let state = match &self.state {
            State::SignIn { sign_in, .. } => Some(sign_in.state()),
            _ => None,
        };
        move |query| state.as_ref().is_some_and(|state| is_answer_to(query, state.expose()))
    }

    /// Puts down everything that came out of the vault, because the person locked it while their browser is awaited: keys
    /// of attestations, what was fetched before, whom the person trusts.
    ///
    /// What stays is of this sign-in alone: what the issuer says of itself and of the cards, the state, and the verifier of
    /// the challenge. The verifier is worth nothing without the code, which goes to the browser first (RFC 7636, 1), no
    /// key of a card exists yet, and all of it is wiped when it is dropped.
    pub fn put_down(&mut self) {
        if let State::SignIn { plan, .. } = &mut self.state {
            plan.client.put_down();
        }
        let ReceiveContext { language, copies, .. } = self.context;
        let (trust, resources) = (Arc::new(TrustList::empty()), Resources::default());
        self.context = ReceiveContext { trust, language, resources, copies, attestations: Vec::new() };
    }

    /// Takes up again what was put down, out of the vault that is open now. Where an attestation is no longer there, the
    /// next request for which it is needed fails with [`ReceiveError::NotAttested`].
    pub fn take_up(&mut self, context: ReceiveContext) {
        if let State::SignIn { plan, .. } = &mut self.state {
            plan.client.take_up(&context.attestations);
        }
        self.context = context;
    }

    /// Starts with an offer. The first step is always a question; nothing has been sent by then.
    ///
    /// # Errors
    /// [`ReceiveError::Offer`] if the offer itself breaks a rule or asks for a way of collecting that is not
    /// known, [`ReceiveError::Address`] if it would have to be fetched from an address that is not used.
    pub fn start(source: OfferSource, context: ReceiveContext, _env: Env<'_>) -> Result<Step<Self>, ReceiveError> {
        let source = match source {
            OfferSource::Value(value) => {
                let offer = CredentialOffer::parse(&value)?;
                offer.grant()?;
                Source::Offer(offer)
            }
            OfferSource::Reference(url) => Source::Reference(address::https(url.as_str())?),
        };
        Self::ask_contact(source, context)
    }

    /// Starts with the address of an issuer, that the person named themself. The first step is a question, as for an offer.
    ///
    /// # Errors
    /// [`ReceiveError::Address`] for what cannot be the address of an issuer.
    pub fn start_at(issuer: &str, context: ReceiveContext) -> Result<Step<Self>, ReceiveError> {
        Self::ask_contact(Source::Named(choosing::issuer_at(issuer)?), context)
    }

    fn ask_contact(source: Source, context: ReceiveContext) -> Result<Step<Self>, ReceiveError> {
        let (host, by_reference) = match &source {
            Source::Offer(offer) => (address::host(&address::identifier(&offer.credential_issuer)?), false),
            Source::Reference(url) => (address::host(url), true),
            Source::Named(issuer) => (address::host(&address::identifier(issuer)?), false),
        };
        Ok(Step::Ask(Question::Contact { host, by_reference }, Self { context, state: State::Contact(source) }))
    }

    fn send(context: ReceiveContext, exchange: Exchange, state: State) -> Result<Step<Self>, ReceiveError> {
        Ok(Step::Send(Box::new(exchange), Self { context, state }))
    }

    fn ask_issuer(context: ReceiveContext, offer: CredentialOffer) -> Result<Step<Self>, ReceiveError> {
        let (exchange, finding) = Finding::issuer(&offer.credential_issuer, &context)?;
        Self::send(context, exchange, State::Issuer { offer, finding })
    }

    /// The offer came. Its issuer may be another host than the one that the person agreed to contact: then
    /// they are asked again.
    fn offer_came(context: ReceiveContext, from: &str, offer: CredentialOffer) -> Result<Step<Self>, ReceiveError> {
        offer.grant()?;
        let issuer = address::host(&address::identifier(&offer.credential_issuer)?);
        if issuer == from { Self::ask_issuer(context, offer) } else { Self::ask_contact(Source::Offer(offer), context) }
    }

    fn issuer_came(
        context: ReceiveContext,
        offer: CredentialOffer,
        issuer: IssuerMetadata,
    ) -> Result<Step<Self>, ReceiveError> {
        let server = issuer.authorization_server(&offer.grant()?)?.to_owned();
        let (exchange, finding) = Finding::server(&server, &context)?;
        let state = State::Server { offer, issuer: Box::new(issuer), finding };
        Self::send(context, exchange, state)
    }

    fn ask_take(context: ReceiveContext, plan: Box<Plan>, wrong: u8) -> Result<Step<Self>, ReceiveError> {
        let question = Question::Take(plan.preview(wrong > 0));
        Ok(Step::Ask(question, Self { context, state: State::Take { plan, wrong } }))
    }

    /// The person takes the offer: the code goes to the token endpoint and nowhere else, or the browser has its turn.
    fn taken(
        context: ReceiveContext,
        plan: Box<Plan>,
        wrong: u8,
        code: Option<&Secret<String>>,
        env: Env<'_>,
    ) -> Result<Step<Self>, ReceiveError> {
        match plan.grant.clone() {
            Grant::PreAuthorized(grant) => {
                let tx_code = match &grant.tx_code {
                    Some(hints) => Some(typed(code, hints.input_mode.is_numeric())?),
                    None => None,
                };
                let request = TokenRequest::PreAuthorized { code: Secret::new(grant.code), tx_code };
                Self::ask_token(context, plan, wrong, request, env)
            }
            Grant::AuthorizationCode(grant) => {
                Ok(Step::Ask(Question::Redirect, Self { context, state: State::Redirect { plan, grant } }))
            }
        }
    }

    /// The engine listens: the request is left at the server beforehand where it takes that, and the browser is sent.
    fn redirected(
        context: ReceiveContext,
        plan: Box<Plan>,
        grant: &AuthorizationCode,
        redirect_uri: Url,
        env: Env<'_>,
    ) -> Result<Step<Self>, ReceiveError> {
        let sign_in = Box::new(SignIn::prepare(&plan, grant, redirect_uri, env)?);
        Self::push(context, plan, sign_in, env)
    }

    fn push(
        context: ReceiveContext,
        mut plan: Box<Plan>,
        sign_in: Box<SignIn>,
        env: Env<'_>,
    ) -> Result<Step<Self>, ReceiveError> {
        let Some(exchange) = sign_in.push(&plan) else {
            let url = sign_in.url();
            return Ok(Self::ask_sign_in(context, plan, sign_in, url));
        };
        if let Some(challenge) = plan.client.ask_challenge(Purpose::Authorization, &plan.server) {
            let then = Box::new(Then::Push(*sign_in));
            return Self::send(context, challenge, State::Challenge { plan, then });
        }
        let exchange = plan.client.prove(exchange, env)?;
        Self::send(context, exchange, State::Pushed { plan, sign_in })
    }

    /// The challenge came; what it is for is asked now.
    fn challenged(
        context: ReceiveContext,
        mut plan: Box<Plan>,
        then: Then,
        answer: Result<Reply, Fault>,
        env: Env<'_>,
    ) -> Result<Step<Self>, ReceiveError> {
        let at = if matches!(then, Then::Push(_)) { At::Authorization } else { At::Token };
        plan.client.take_challenge(&reply::body(answer, at)?)?;
        match then {
            Then::Push(sign_in) => Self::push(context, plan, Box::new(sign_in), env),
            Then::Token { wrong, request, possession } => {
                Self::send_token_request(context, plan, wrong, request, possession, env)
            }
        }
    }

    fn ask_sign_in(context: ReceiveContext, plan: Box<Plan>, sign_in: Box<SignIn>, url: Url) -> Step<Self> {
        let host = sign_in.host();
        Step::Ask(Question::SignIn { url, host }, Self { context, state: State::SignIn { plan, sign_in } })
    }

    /// Asks for the token; where the server takes proofs of possession, for one that only this wallet can use.
    fn ask_token(
        context: ReceiveContext,
        plan: Box<Plan>,
        wrong: u8,
        request: TokenRequest,
        env: Env<'_>,
    ) -> Result<Step<Self>, ReceiveError> {
        let possible = plan.server.dpop_algorithms.iter().any(|algorithm| algorithm == "ES256");
        let possession = possible.then(|| Possession::make(env));
        Self::send_token_request(context, plan, wrong, request, possession, env)
    }

    fn send_token_request(
        context: ReceiveContext,
        mut plan: Box<Plan>,
        wrong: u8,
        request: TokenRequest,
        possession: Option<Possession>,
        env: Env<'_>,
    ) -> Result<Step<Self>, ReceiveError> {
        if let Some(challenge) = plan.client.ask_challenge(Purpose::Token, &plan.server) {
            let then = Box::new(Then::Token { wrong, request, possession });
            return Self::send(context, challenge, State::Challenge { plan, then });
        }
        let form = draft_token_form(&request, plan.pin);
        let exchange = Exchange::post_form(Purpose::Token, plan.server.token_endpoint.clone(), form);
        let exchange = match &possession {
            Some(possession) => possession.prove(exchange, None, env)?,
            None => exchange,
        };
        let exchange = plan.client.prove(exchange, env)?;
        Self::send(context, exchange, State::Token { plan, wrong, request, possession })
    }

    /// The token came, or the word why not.
    fn token_came(
        context: ReceiveContext,
        mut plan: Box<Plan>,
        (wrong, request, mut possession): (u8, TokenRequest, Option<Possession>),
        answer: Result<Reply, Fault>,
        env: Env<'_>,
    ) -> Result<Step<Self>, ReceiveError> {
        let another_try = match (&answer, &mut possession) {
            (Ok(reply), Some(possession)) => possession.learn(reply),
            _ => false,
        };
        // A code is not spent by a program that is not let in.
        if answer.as_ref().is_ok_and(|reply| plan.client.learn(reply)) {
            return Self::send_token_request(context, plan, wrong, request, possession, env);
        }
        let coded = matches!(request, TokenRequest::PreAuthorized { tx_code: Some(_), .. });
        let body = match reply::body(answer, At::Token) {
            Ok(body) => body,
            // A pre-authorized code is not spent by a proof without nonce (RFC 9449, 8).
            Err(ReceiveError::Refused { code: Some(ErrorCode::UseDpopNonce), .. }) if another_try => {
                return Self::send_token_request(context, plan, wrong, request, possession, env);
            }
            // A wrong code and an offer that has run out have the same word (OpenID4VCI 1.0, 6.3).
            Err(ReceiveError::Refused { code: Some(ErrorCode::InvalidGrant | ErrorCode::InvalidTxCode), .. })
                if coded =>
            {
                let wrong = wrong + 1;
                if wrong >= CODE_TRIES {
                    return Err(ReceiveError::TxCodeWrong);
                }
                return Self::ask_take(context, plan, wrong);
            }
            Err(ReceiveError::Refused { code: Some(ErrorCode::InvalidGrant), step, .. }) => {
                return Err(ReceiveError::Expired { step });
            }
            Err(ReceiveError::Refused { code: Some(ErrorCode::InvalidTxCode), .. }) => {
                return Err(ReceiveError::TxCodeNeeded);
            }
            Err(error) => return Err(error),
        };
        let token = TokenResponse::parse(&body)?;
        plan.asking.learn(&body);
        // A server may give an ordinary token all the same (RFC 9449, 5); one for a key that was not shown is of no use.
        let possession = match (token.token_type, possession) {
            (TokenType::Bearer, _) => None,
            (TokenType::Dpop, Some(possession)) => Some(possession),
            (TokenType::Dpop, None) => return Err(TokenError::TokenType.into()),
        };
        let next = Collecting::start(*plan, token, possession, env);
        Self::collect(context, next, env)
    }

    fn collect(context: ReceiveContext, next: Next, env: Env<'_>) -> Result<Step<Self>, ReceiveError> {
        match next {
            Next::Send(exchange, collecting) => {
                Ok(Step::Send(exchange, Self { context, state: State::Collecting(collecting) }))
            }
            Next::Finished(collecting) if collecting.cards.is_empty() && !collecting.later.is_empty() => {
                // There is nothing to look at yet. That it is waited for, the person said when they took the offer.
                Ok(Step::Done(Self::kept(context, *collecting, env)))
            }
            Next::Finished(collecting) if collecting.cards.is_empty() => {
                let told = collecting.notifications(false, env).into_iter();
                let first = collecting.failed.into_iter().next();
                Self::failing(context, told, first.map_or(ReceiveError::OutOfTurn, |failed| failed.error))
            }
            Next::Finished(collecting) => {
                let question = Question::Keep(collecting.candidates());
                Ok(Step::Ask(question, Self { context, state: State::Keep(collecting) }))
            }
        }
    }

    /// Tells the issuer what it likes to hear, then ends with the failure. What becomes of the word changes nothing
    /// (OpenID4VCI 1.0, 11).
    fn failing(
        context: ReceiveContext,
        mut told: std::vec::IntoIter<Exchange>,
        error: ReceiveError,
    ) -> Result<Step<Self>, ReceiveError> {
        match told.next() {
            Some(exchange) => Self::send(context, exchange, State::Failing { told, error }),
            None => Err(error),
        }
    }

    fn kept(context: ReceiveContext, collecting: Collecting, env: Env<'_>) -> Received {
        let notifications = collecting.notifications(true, env);
        let (grant, edition) = (collecting.held(), collecting.edition());
        let Collecting { plan, cards, failed, later, .. } = collecting;
        let proved = cards.first().map(|card| card.report.issuer.clone());
        let issuer = match (plan.issuer.evidence, proved) {
            (leerpas_core::Evidence::Listed | leerpas_core::Evidence::Own, _) | (_, None) => plan.issuer,
            (_, Some(proved)) => proved,
        };
        let (declined, last_error, resources) = (false, None, context.resources);
        Received { issuer, declined, last_error, cards, failed, resources, notifications, later, grant, edition }
    }

    fn declined(self, env: Env<'_>) -> Received {
        let Self { context, state } = self;
        let claimed = |identifier: &str| plan::party(identifier, None, &context.trust, context.language);
        let mut last_error = None;
        let mut notifications = Vec::new();
        let issuer: Party = match state {
            State::Contact(Source::Offer(offer)) | State::Issuer { offer, .. } | State::Server { offer, .. } => {
                claimed(&offer.credential_issuer)
            }
            State::Contact(Source::Named(issuer)) => claimed(&issuer),
            State::Catalogue { finding } => claimed(finding.identifier()),
            State::Choose { issuer } => claimed(&issuer.credential_issuer),
            State::Contact(Source::Reference(url)) => claimed(&url.origin().ascii_serialization()),
            State::Offer { from } => claimed(&format!("https://{from}")),
            State::Take { plan, wrong } | State::Token { plan, wrong, .. } => {
                last_error = (wrong > 0).then_some(ErrorKind::TxCodeWrong);
                plan.issuer
            }
            // Declined while the issuer is told of a failure: whoever asks hears of the failure.
            State::Failing { error, .. } => {
                last_error = Some(error.kind());
                claimed("")
            }
            State::Redirect { plan, .. }
            | State::Challenge { plan, .. }
            | State::Pushed { plan, .. }
            | State::SignIn { plan, .. } => plan.issuer,
            State::Collecting(collecting) | State::Keep(collecting) => {
                notifications = collecting.notifications(false, env);
                collecting.plan.issuer
            }
        };
        let (cards, failed, resources) = (Vec::new(), Vec::new(), context.resources);
        let (later, grant, edition) = (Vec::new(), None, Edition::default());
        Received { issuer, declined: true, last_error, cards, failed, resources, notifications, later, grant, edition }
    }
}

/// Says where it is and nothing of what it holds.
impl fmt::Debug for Receiving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Contact(_) => "Contact",
            State::Offer { .. } => "Offer",
            State::Catalogue { .. } => "Catalogue",
            State::Choose { .. } => "Choose",
            State::Issuer { .. } => "Issuer",
            State::Server { .. } => "Server",
            State::Take { .. } => "Take",
            State::Redirect { .. } => "Redirect",
            State::Challenge { .. } => "Challenge",
            State::Pushed { .. } => "Pushed",
            State::SignIn { .. } => "SignIn",
            State::Token { .. } => "Token",
            State::Collecting(_) => "Collecting",
            State::Keep(_) => "Keep",
            State::Failing { .. } => "Failing",
        };
        write!(f, "Receiving({state})")
    }
}

impl Machine for Receiving {
    type Question = Question;
    type Answer = Answer;
    type Outcome = Received;
    type Error = ReceiveError;

    fn reply(self, answer: Result<Reply, Fault>, env: Env<'_>) -> Result<Step<Self>, ReceiveError> {
        let Self { mut context, state } = self;
        match state {
            State::Offer { from } => {
                let body = reply::body(answer, At::Offer).map_err(|error| match error {
                    ReceiveError::Refused { status: 404 | 410, step, .. } => ReceiveError::Expired { step },
                    other => other,
                })?;
                Self::offer_came(context, &from, CredentialOffer::from_json(&body)?)
            }
            State::Catalogue { finding } => match finding.read_issuer(answer, None, &context, env)? {
                Found::Metadata(issuer) => {
                    let question = Question::Choose(choosing::choices(&issuer, &context)?);
                    Ok(Step::Ask(question, Self { context, state: State::Choose { issuer: Box::new(issuer) } }))
                }
                Found::Ask(exchange, finding) => Self::send(context, *exchange, State::Catalogue { finding }),
            },
            State::Issuer { offer, finding } => {
                match finding.read_issuer(answer, Some(&offer.credential_configuration_ids), &context, env)? {
                    Found::Metadata(issuer) => Self::issuer_came(context, offer, issuer),
                    Found::Ask(exchange, finding) => Self::send(context, *exchange, State::Issuer { offer, finding }),
                }
            }
            State::Server { offer, issuer, finding } => match finding.read_server(answer, &context)? {
                Found::Metadata(server) => {
                    let plan = Plan::new(&offer, *issuer, server, &context)?;
                    Self::ask_take(context, Box::new(plan), 0)
                }
                Found::Ask(exchange, finding) => {
                    Self::send(context, *exchange, State::Server { offer, issuer, finding })
                }
            },
            State::Challenge { plan, then } => Self::challenged(context, plan, *then, answer, env),
            State::Pushed { mut plan, sign_in } => {
                if answer.as_ref().is_ok_and(|reply| plan.client.learn(reply)) {
                    return Self::push(context, plan, sign_in, env);
                }
                let url = sign_in.url_of_pushed(answer)?;
                Ok(Self::ask_sign_in(context, plan, sign_in, url))
            }
            State::Token { plan, wrong, request, possession } => {
                Self::token_came(context, plan, (wrong, request, possession), answer, env)
            }
            State::Collecting(collecting) => {
                let next = collecting.reply(answer, &mut context, env);
                Self::collect(context, next, env)
            }
            State::Failing { told, error } => Self::failing(context, told, error),
            State::Contact(_)
            | State::Choose { .. }
            | State::Take { .. }
            | State::Redirect { .. }
            | State::SignIn { .. }
            | State::Keep(_) => Err(ReceiveError::OutOfTurn),
        }
    }

    fn answer(self, answer: Answer, env: Env<'_>) -> Result<Step<Self>, ReceiveError> {
        if matches!(answer, Answer::Decline) {
            return Ok(Step::Done(self.declined(env)));
        }
        let Self { context, state } = self;
        match (state, answer) {
            (State::Contact(Source::Offer(offer)), Answer::Contact) => Self::ask_issuer(context, offer),
            (State::Contact(Source::Reference(url)), Answer::Contact) => {
                let from = address::host(&url);
                Self::send(context, Exchange::get(Purpose::Offer, url, JSON), State::Offer { from })
            }
            (State::Contact(Source::Named(issuer)), Answer::Contact) => {
                let (exchange, finding) = Finding::issuer(&issuer, &context)?;
                Self::send(context, exchange, State::Catalogue { finding })
            }
            (State::Choose { issuer }, Answer::Choose(ids)) => {
                let offer = choosing::chosen(&issuer, ids)?;
                Self::issuer_came(context, offer, *issuer)
            }
            (State::Take { plan, wrong }, Answer::Take { code }) => {
                Self::taken(context, plan, wrong, code.as_ref(), env)
            }
            (State::Redirect { plan, grant }, Answer::Redirect(url)) => {
                Self::redirected(context, plan, &grant, url, env)
            }
            (State::SignIn { plan, sign_in }, Answer::SignedIn(query)) => {
                let request = sign_in.token_request(&plan, &query)?;
                Self::ask_token(context, plan, 0, request, env)
            }
            (State::Keep(collecting), Answer::Keep) => Ok(Step::Done(Self::kept(context, *collecting, env))),
            _ => Err(ReceiveError::OutOfTurn),
        }
    }
}

/// The code as it is sent: without the spaces around it, and where only digits are meant without those inside.
fn typed(code: Option<&Secret<String>>, numeric: bool) -> Result<Secret<String>, ReceiveError> {
    let code = code.ok_or(ReceiveError::TxCodeNeeded)?.expose();
    let mut sent = String::with_capacity(code.len());
    if numeric {
        sent.extend(code.chars().filter(|character| !character.is_whitespace()));
    } else {
        sent.push_str(code.trim());
    }
    match sent.len() {
        0 => Err(ReceiveError::TxCodeNeeded),
        1..=CODE_BYTES => Ok(Secret::new(sent)),
        _ => Err(ReceiveError::TxCodeWrong),
    }
}
