//! The course of sharing, from link to outcome.

use std::sync::Arc;

use leerpas_core::{
    CardId, Env, ErrorKind, Exchange, Fault, Language, Machine, Outcome, Party, Purpose, Reply, SharedClaim, Step,
    Timestamp, Url,
};
use leerpas_credential::{
    did::{DidDocument, document_url},
    jose::encode_base64url,
    keys::HolderKey,
    trust::TrustList,
};
use leerpas_openid::{
    address,
    dcql::DcqlQuery,
    vp::{AuthorizationRequest, Prefix, RequestError, RequestSource},
};

use sha2::{Digest, Sha256};

use crate::{
    Approval, HeldCard, Plan, Registration, ShareError, fetch, lookalike,
    planning::{self, Known},
    registration,
    requester::{
        self, Proof, Unproved,
        federation::{Climb, Next},
        refused::{Refused, Told},
    },
    response::{self, Delivery},
    told,
};

/// What sharing knows of the world besides the request.
#[derive(Debug, Clone)]
pub struct ShareContext {
    /// Institutions and certificate roots that count.
    pub trust: Arc<TrustList>,
    /// The language of names from the trust list.
    pub language: Language,
}

/// What only the person, or the engine on the person's behalf, can say.
#[derive(Debug, Clone)]
pub enum Question {
    /// May this host be contacted? Nothing was fetched so far. Where the person pasted or typed the
    /// request, that was the yes.
    Contact {
        /// The host, with its port where it is not the usual one.
        host: String,
    },
    /// Which cards are there? For the engine; [`Sharing::query`] tells which kinds can fit at all.
    Cards,
    /// Share this?
    Share(Box<Plan>),
    /// Show this answer as pictures, until the person says whether it was read. [`Sharing::intent`] is written down
    /// before the first picture is shown.
    Frames {
        /// The answer, encrypted to the requester: a compact JWE.
        answer: String,
    },
}

/// What was said.
#[derive(Debug)]
pub enum Answer {
    /// Yes to [`Question::Contact`].
    Contact,
    /// To [`Question::Cards`].
    Cards(Vec<HeldCard>),
    /// Yes to [`Question::Share`], with the opened keys of the approved cards.
    Share {
        /// Made by [`Plan::approve`] from the plan that was asked about.
        approval: Approval,
        /// One entry for each card of [`Approval::cards`] that is bound to a key.
        keys: Vec<HeldKey>,
    },
    /// To [`Question::Frames`]: the pictures are no longer shown.
    Shown {
        /// Whether the requester read them, as far as the person can tell.
        read: bool,
    },
    /// No, to any question. Only after [`Question::Share`] does the requester hear of it.
    Decline,
}

/// The key of one copy of a card, opened for one answer.
pub struct HeldKey {
    /// The card.
    pub card: CardId,
    /// The key to which this copy is bound.
    pub key: HolderKey,
    /// The copy in its original bytes.
    pub original: Vec<u8>,
}

impl std::fmt::Debug for HeldKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HeldKey").field("card", &self.card).finish_non_exhaustive()
    }
}

/// What is written down before an answer is sent. A refusal has no cards and no claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Who gets it.
    pub party: Party,
    /// Why, in the requester's words.
    pub purpose: Option<String>,
    /// Which cards.
    pub cards: Vec<CardId>,
    /// Which claims; names, never values.
    pub claims: Vec<SharedClaim>,
    /// What the requester told besides.
    pub told: leerpas_core::Told,
    /// As [`Sharing::request_fingerprint`]: what is answered once is not answered again.
    pub request: String,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// Who asked.
    pub party: Party,
    /// Why, in the requester's words.
    pub purpose: Option<String>,
    /// [`Outcome::Done`], [`Outcome::Declined`], [`Outcome::Failed`] (the requester refused the answer, or
    /// it never left) or [`Outcome::Uncertain`] (it was sent, and nobody confirmed it).
    pub outcome: Outcome,
    /// Where the requester wants the person to go on: https, and opened only on a click.
    pub redirect_uri: Option<Url>,
    /// Which claims were in the answer.
    pub claims: Vec<SharedClaim>,
    /// Which cards were in the answer.
    pub cards: Vec<CardId>,
    /// Why it failed or is uncertain.
    pub error: Option<ErrorKind>,
    /// Of a no that nobody is told, and that [`Sharing::intent`] never said: what the requester told besides.
    pub unsaid: Option<leerpas_core::Told>,
}

/// Sharing as a machine (OpenID4VP 1.0, the holder's side).
#[derive(Debug)]
pub struct Sharing {
    context: ShareContext,
    state: State,
}

#[derive(Debug)]
enum State {
    Contact {
        source: Box<RequestSource>,
        contact: Url,
    },
    Object {
        link: Box<Link>,
        url: Url,
    },
    Definition {
        unproved: Box<Unproved>,
        url: Url,
    },
    Did {
        unproved: Box<Unproved>,
        url: Url,
    },
    Federation(Box<Climbing>),
    Cards(Box<Proved>),
    Share(Box<Proved>, String),
    /// The requester of a broken request is being told so.
    Refusing {
        error: Box<ShareError>,
        party: Party,
    },
    Response {
        intent: Box<Intent>,
        declined: bool,
    },
    /// The answer is being shown as pictures.
    Frames {
        intent: Box<Intent>,
    },
}

/// A requester whose federation is being asked.
#[derive(Debug)]
struct Climbing {
    unproved: Unproved,
    climb: Climb,
    url: Url,
}

#[derive(Debug)]
struct Link {
    client_id: leerpas_openid::vp::ClientId,
    outside: Vec<(String, String)>,
    wallet_nonce: Option<String>,
}

#[derive(Debug)]
struct Proved {
    request: AuthorizationRequest,
    requester: Party,
    attested_by: Option<String>,
    registration: Option<Registration>,
    /// When it was put to the person.
    asked: Option<Timestamp>,
}

impl Proved {
    fn told(&self, language: Language) -> leerpas_core::Told {
        told::of(&self.request, self.registration.as_ref(), self.asked, language)
    }
}

impl Sharing {
    /// Begins with the parameters of a link, decoded and in their order.
    ///
    /// # Errors
    /// [`ShareError::Request`] for a link that is no request; nothing was fetched then.
    pub fn start(
        parameters: &[(String, String)],
        context: ShareContext,
        env: Env<'_>,
    ) -> Result<Step<Self>, ShareError> {
        let source = RequestSource::from_parameters(parameters)?;
        if let RequestSource::Reference { client_id, .. } | RequestSource::Object { client_id, .. } = &source
            && client_id.prefix() == Prefix::PreRegistered
        {
            requester::registration(client_id, &context.trust)?;
        }
        let contact = match &source {
            RequestSource::Reference { request_uri, .. } => Some(request_uri.clone()),
            RequestSource::Object { client_id, .. } if requester::is_did(client_id) => did_url(client_id.value())?,
            RequestSource::Object { client_id, .. } if client_id.prefix() == Prefix::OpenidFederation => {
                address::https(client_id.value()).ok()
            }
            _ => None,
        };
        match contact {
            Some(contact) => {
                let host = address::host(&contact);
                let state = State::Contact { source: Box::new(source), contact };
                Ok(Step::Ask(Question::Contact { host }, Self { context, state }))
            }
            None => Self::open(source, None, context, env),
        }
    }

    /// What is asked for, once the request is proved.
    pub fn query(&self) -> Option<&DcqlQuery> {
        match &self.state {
            State::Cards(proved) | State::Share(proved, _) => Some(&proved.request.query),
            _ => None,
        }
    }

    /// Who asks, once the request is proved.
    pub fn requester(&self) -> Option<&Party> {
        match &self.state {
            State::Cards(proved) | State::Share(proved, _) => Some(&proved.requester),
            State::Response { intent, .. } | State::Frames { intent } => Some(&intent.party),
            _ => None,
        }
    }

    /// Names the request by who asks and by its nonce, once it is proved: SHA-256 in hexadecimal. A fresh request never
    /// has the name of an earlier one (OpenID4VP 1.0, 5.2 `nonce`).
    pub fn request_fingerprint(&self) -> Option<String> {
        match &self.state {
            State::Cards(proved) | State::Share(proved, _) => Some(name_of(&proved.request)),
            State::Response { intent, .. } | State::Frames { intent } => Some(intent.request.clone()),
            _ => None,
        }
    }

    /// What is to be written down before the exchange of this step is carried out, or its pictures are shown; `None`
    /// for every exchange but the one with [`Purpose::Response`], and every question but [`Question::Frames`].
    pub fn intent(&self) -> Option<&Intent> {
        match &self.state {
            State::Response { intent, .. } | State::Frames { intent } => Some(intent),
            _ => None,
        }
    }

    /// Who is told by the exchange of this step that the request cannot be answered, and why it cannot; `None` for every
    /// other exchange. Nothing of the person is in it.
    pub fn refusing(&self) -> Option<(&Party, ErrorKind)> {
        match &self.state {
            State::Refusing { error, party } => Some((party, error.kind())),
            _ => None,
        }
    }

    /// Goes on with a source, now that its host may be contacted.
    fn open(
        source: RequestSource,
        contact: Option<Url>,
        context: ShareContext,
        env: Env<'_>,
    ) -> Result<Step<Self>, ShareError> {
        match source {
            RequestSource::Reference { client_id, request_uri, post, outside } => {
                let wallet_nonce = post.then(|| fresh(env));
                let exchange = fetch::request_object(request_uri.clone(), wallet_nonce.as_deref());
                let link = Box::new(Link { client_id, outside, wallet_nonce });
                let state = State::Object { link, url: request_uri };
                Ok(Step::Send(Box::new(exchange), Self { context, state }))
            }
            RequestSource::Object { client_id, jwt, outside } => {
                Self::prove(Unproved::parse(&jwt, client_id, outside, None, contact)?, context, env)
            }
            RequestSource::Plain(request) => {
                if request.response_mode.is_encrypted() {
                    response::encryption_key(&request.client_metadata)?;
                }
                Ok(Self::proved(*request, &Proof::Nothing, context, env))
            }
        }
    }

    fn prove(unproved: Unproved, context: ShareContext, env: Env<'_>) -> Result<Step<Self>, ShareError> {
        let unproved = unproved.agreed(&context.trust);
        match unproved.client_id.prefix() {
            Prefix::X509Hash | Prefix::X509SanDns | Prefix::PreRegistered => {
                Self::judged(unproved.prove_by_certificate(&context.trust, env.now), context, env)
            }
            Prefix::DecentralizedIdentifier => {
                let did = unproved.client_id.value();
                if let Some(url) = did_url(did)? {
                    let accept = "application/did+json, application/did+ld+json, application/json";
                    let exchange = Exchange::get(Purpose::Keys, url.clone(), accept);
                    let state = State::Did { unproved: Box::new(unproved), url };
                    return Ok(Step::Send(Box::new(exchange), Self { context, state }));
                }
                let document = DidDocument::resolve_local(did)
                    .ok()
                    .flatten()
                    .ok_or(ShareError::NotGenuine("its DID cannot be read"))?;
                Self::judged(unproved.prove_by_did(&document, None, env.now), context, env)
            }
            Prefix::VerifierAttestation => {
                Self::judged(unproved.prove_by_attestation(&context.trust, env.now), context, env)
            }
            Prefix::OpenidFederation => {
                let (climb, exchange) = Climb::start(unproved.client_id.value())?;
                let climbing = Climbing { unproved, climb, url: exchange.url.clone() };
                let state = State::Federation(Box::new(climbing));
                Ok(Step::Send(Box::new(exchange), Self { context, state }))
            }
            Prefix::RedirectUri => {
                Err(RequestError::Invalid("the client_id prefix redirect_uri cannot be signed").into())
            }
        }
    }

    fn proved(request: AuthorizationRequest, proof: &Proof, context: ShareContext, env: Env<'_>) -> Step<Self> {
        let request = request.in_language(context.language);
        let requester = requester::party(&request, proof, &context.trust, context.language, env.now);
        let registration = registration::find(&request, proof, &context.trust, context.language, env.now);
        let attested_by = requester::attester(proof, &context.trust, context.language);
        let state = State::Cards(Box::new(Proved { request, requester, attested_by, registration, asked: None }));
        Step::Ask(Question::Cards, Self { context, state })
    }

    /// Goes on with a request that was proved, or tells its requester that it cannot be answered.
    fn judged(
        judged: Result<(AuthorizationRequest, Proof), Refused>,
        context: ShareContext,
        env: Env<'_>,
    ) -> Result<Step<Self>, ShareError> {
        match judged {
            Ok((request, proof)) => Ok(Self::proved(request, &proof, context, env)),
            Err(Refused { error, told: Some(told) }) => {
                let Told { party, exchange } = *told;
                let state = State::Refusing { error: Box::new(error), party };
                Ok(Step::Send(exchange, Self { context, state }))
            }
            Err(Refused { error, told: None }) => Err(error),
        }
    }
}

impl Machine for Sharing {
    type Question = Question;
    type Answer = Answer;
    type Outcome = Shared;
    type Error = ShareError;

    fn reply(self, reply: Result<Reply, Fault>, env: Env<'_>) -> Result<Step<Self>, ShareError> {
        match self.state {
            State::Object { link, url } => {
                let jwt = fetch::read_request_object(reply?, &url)?;
                let contacted = Some(url.clone());
                let unproved = Unproved::parse(&jwt, link.client_id, link.outside, link.wallet_nonce, contacted)?;
                unproved.expect_post()?;
                let Some(elsewhere) = unproved.definition_elsewhere(&url)? else {
                    return Self::prove(unproved, self.context, env);
                };
                let exchange = Exchange::get(Purpose::Metadata, elsewhere.clone(), "application/json");
                let state = State::Definition { unproved: Box::new(unproved), url: elsewhere };
                Ok(Step::Send(Box::new(exchange), Self { context: self.context, state }))
            }
            State::Definition { mut unproved, url } => {
                unproved.definition = Some(fetch::read_definition(&reply?, &url)?);
                Self::prove(*unproved, self.context, env)
            }
            State::Did { unproved, url } => {
                let reply = reply?;
                fetch::expect_success(&reply, &url, "a DID document")?;
                let document = DidDocument::parse(&reply.body, unproved.client_id.value()).map_err(|_| {
                    ShareError::ReplyUnreadable { host: address::host(&url), expected: "a DID document" }
                })?;
                Self::judged(unproved.prove_by_did(&document, url.host_str(), env.now), self.context, env)
            }
            State::Federation(climbing) => {
                let Climbing { unproved, climb, url } = *climbing;
                match climb.reply(&reply?, &url, &self.context.trust, env.now)? {
                    (climb, Next::Fetch(exchange)) => {
                        let climbing = Climbing { unproved, climb, url: exchange.url.clone() };
                        let state = State::Federation(Box::new(climbing));
                        Ok(Step::Send(exchange, Self { context: self.context, state }))
                    }
                    (_, Next::Top(metadata)) => {
                        Self::judged(unproved.prove_by_federation(metadata, env.now), self.context, env)
                    }
                }
            }
            // Whether it heard of it changes nothing.
            State::Refusing { error, .. } => Err(*error),
            State::Response { intent, declined } => {
                let ending = response::ending(reply);
                let mut shared = Shared {
                    party: intent.party,
                    purpose: intent.purpose,
                    outcome: ending.outcome,
                    redirect_uri: ending.redirect_uri,
                    claims: intent.claims,
                    cards: intent.cards,
                    error: ending.error,
                    unsaid: None,
                };
                // Whether the no arrived changes nothing: nothing was shared.
                if declined {
                    (shared.outcome, shared.error) = (Outcome::Declined, None);
                }
                Ok(Step::Done(shared))
            }
            _ => Err(ShareError::OutOfTurn),
        }
    }

    fn answer(self, answer: Answer, env: Env<'_>) -> Result<Step<Self>, ShareError> {
        match (self.state, answer) {
            (State::Contact { source, contact }, Answer::Contact) => {
                Self::open(*source, Some(contact), self.context, env)
            }
            (State::Contact { source, contact }, Answer::Decline) => Ok(Step::Done(not_contacted(&source, &contact))),
            (State::Cards(mut proved), Answer::Cards(cards)) => {
                proved.asked = Some(env.now);
                let known = Known {
                    requester: proved.requester.clone(),
                    attested_by: proved.attested_by.clone(),
                    host_caution: proved
                        .request
                        .response_uri
                        .as_ref()
                        .and_then(Url::host_str)
                        .and_then(|host| lookalike::caution(host, &self.context.trust)),
                    registration: proved.registration.clone(),
                };
                let plan = planning::plan(&proved.request, known, cards);
                let state = State::Share(proved, plan.fingerprint.clone());
                Ok(Step::Ask(Question::Share(Box::new(plan)), Self { context: self.context, state }))
            }
            (State::Share(proved, fingerprint), Answer::Share { approval, keys }) => {
                if approval.fingerprint != fingerprint {
                    return Err(ShareError::OtherPlan);
                }
                // A person may have taken hours; the request must still hold when the answer leaves.
                if proved.request.is_expired(env.now) {
                    return Err(RequestError::Expired.into());
                }
                let delivery = response::answer(&proved.request, &approval, &keys, env.now)?;
                let intent = Box::new(Intent {
                    told: proved.told(self.context.language),
                    request: name_of(&proved.request),
                    party: proved.requester,
                    purpose: proved.request.purpose,
                    cards: approval.cards(),
                    claims: approval.claims(),
                });
                match delivery {
                    Delivery::Post(exchange) => {
                        let state = State::Response { intent, declined: false };
                        Ok(Step::Send(exchange, Self { context: self.context, state }))
                    }
                    Delivery::Frames(answer) => {
                        let state = State::Frames { intent };
                        Ok(Step::Ask(Question::Frames { answer }, Self { context: self.context, state }))
                    }
                }
            }
            (State::Frames { intent }, Answer::Shown { read }) => Ok(Step::Done(shown(*intent, read))),
            (State::Share(proved, _), Answer::Decline) => {
                let exchange = response::refusal(&proved.request);
                let intent = Intent {
                    told: proved.told(self.context.language),
                    request: name_of(&proved.request),
                    party: proved.requester,
                    purpose: proved.request.purpose,
                    cards: Vec::new(),
                    claims: Vec::new(),
                };
                let Some(exchange) = exchange else {
                    let unsaid = Some(intent.told.clone());
                    let shared = shown(intent, false);
                    return Ok(Step::Done(Shared { outcome: Outcome::Declined, error: None, unsaid, ..shared }));
                };
                let state = State::Response { intent: Box::new(intent), declined: true };
                Ok(Step::Send(Box::new(exchange), Self { context: self.context, state }))
            }
            _ => Err(ShareError::OutOfTurn),
        }
    }
}

/// The outcome of pictures. Nobody but the person can say whether they were read; without that word they may have been.
fn shown(intent: Intent, read: bool) -> Shared {
    let (outcome, error) = match read {
        true => (Outcome::Done, None),
        false => (Outcome::Uncertain, Some(ErrorKind::ResponseUnconfirmed)),
    };
    let Intent { party, purpose, cards, claims, .. } = intent;
    Shared { party, purpose, outcome, redirect_uri: None, claims, cards, error, unsaid: None }
}

/// The outcome of a no before anything was fetched.
fn not_contacted(source: &RequestSource, contact: &Url) -> Shared {
    let party = match source {
        RequestSource::Reference { client_id, .. } | RequestSource::Object { client_id, .. } => {
            requester::party_of_link(client_id, contact)
        }
        RequestSource::Plain(request) => requester::party_of_link(&request.client_id, contact),
    };
    Shared {
        party,
        purpose: None,
        outcome: Outcome::Declined,
        redirect_uri: None,
        claims: Vec::new(),
        cards: Vec::new(),
        error: None,
        unsaid: None,
    }
}

fn did_url(did: &str) -> Result<Option<Url>, ShareError> {
    document_url(did).map_err(|_| RequestError::Unsupported("this DID").into())
}

fn name_of(request: &AuthorizationRequest) -> String {
    let text = serde_json::json!(["leerpas request 1", request.client_id.as_str(), request.nonce]).to_string();
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 128 random bits as base64url.
fn fresh(env: Env<'_>) -> String {
    let mut bytes = [0_u8; 16];
    env.entropy.fill(&mut bytes);
    encode_base64url(&bytes)
}
