//! What the addresses of the sandbox do, apart from HTTP: the institution with its books.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::body::Bytes;
use leerpas_core::{Clock, Entropy, Env};
use leerpas_credential::keys::PublicKey;
use leerpas_openid::vci::{
    AuthorizationCode, CredentialOffer, CredentialRequest, Deferred, ErrorCode, Grants as OfferGrants, InputMode,
    PreAuthorizedCode, Target, TxCode,
};
use serde_json::{Value, json};

use crate::{
    afterwards::{Afterwards, Transaction},
    attested,
    card_first::{Asker, CardsFirst},
    catalogue::{COURSES, Course},
    drafts::Draft,
    grants::{Grants, Use},
    identity::Identity,
    issue::{self, IssueError, Order},
    metadata::{self, Form},
    misbehave::Misbehave,
    proof,
    published::{Published, PublishedList},
    register::{Register, Standing},
    showpieces::{self, PARTS_COURSE, STYLED_COURSE},
    sign_in::SignIns,
};

/// The course of the offers that are printed.
const SHOWN_FIRST: &str = "watermanagement";
/// The course of the badge offer.
const BADGE_FIRST: &str = "data-analyse";
/// The course of the offer that is handed out later.
const LATER: &str = "circular-design";
/// The name of that offer.
const LATER_OFFER: &str = "later";

/// The institution with everything that it keeps.
pub struct App {
    /// Who it is.
    pub identity: Identity,
    /// Who it is where it asks for a card itself.
    pub asker: Asker,
    /// What it says of itself as an issuer, written once: it stays the same while the sandbox runs.
    pub metadata: Bytes,
    /// The transaction code of this run: four digits.
    pub tx_code: String,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    books: Mutex<Books>,
    bad: Mutex<Option<Misbehave>>,
}

/// What changes while the sandbox runs.
#[derive(Debug, Default)]
pub struct Books {
    /// Codes, tokens and nonces.
    pub grants: Grants,
    /// Sign-ins on their way.
    pub sign_ins: SignIns,
    /// Cards that sign-ins ask for.
    pub cards_first: CardsFirst,
    /// What was given out.
    pub register: Register,
    /// What goes on after the first answer.
    pub afterwards: Afterwards,
    /// The books of the issuer that lets in approved programs alone.
    pub attested: attested::Attested,
    /// The status lists as they lie at their addresses.
    published: Published,
    /// Offers by reference, by the last part of their address.
    references: BTreeMap<String, CredentialOffer>,
}

/// How a credential request is refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 401: no access token, or one that does not hold.
    Token,
    /// 400 with this word.
    Request(ErrorCode),
    /// 500.
    Internal,
}

impl App {
    /// Opens the books.
    pub fn new(identity: Identity, asker: Asker, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        let mut bytes = [0_u8; 4];
        entropy.fill(&mut bytes);
        let tx_code = format!("{:04}", u32::from_be_bytes(bytes) % 10_000);
        let metadata = metadata::credential_issuer(&identity.issuer).to_string().into();
        Self { identity, asker, metadata, tx_code, clock, entropy, books: Mutex::default(), bad: Mutex::default() }
    }

    /// Time and chance for one step.
    pub fn env(&self) -> Env<'_> {
        Env { now: self.clock.now(), entropy: &*self.entropy }
    }

    /// The books, for one step. A panic elsewhere leaves nothing half done in them.
    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the institution misbehaves now, if it does.
    pub fn bad(&self) -> Option<Misbehave> {
        *self.bad.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets how it misbehaves from now on.
    pub fn set_bad(&self, bad: Option<Misbehave>) {
        *self.bad.lock().unwrap_or_else(PoisonError::into_inner) = bad;
    }

    /// What an offer of this name is about, and whether it asks for the transaction code: `microcredential`, `badge`,
    /// `styled`, `parts`, `both`, `later` (handed out later), or the short name of a course of the institution.
    pub fn about(name: &str) -> Option<(Vec<String>, bool)> {
        let one = |form: Form, course: &str| Course::find(course).map(|course| form.configuration(course));
        match name {
            "microcredential" => Some((vec![one(Form::Microcredential, SHOWN_FIRST)?], true)),
            "badge" => Some((vec![one(Form::Badge, BADGE_FIRST)?], false)),
            "styled" => Some((vec![one(Form::Styled, STYLED_COURSE)?], true)),
            "parts" => Some((vec![one(Form::Parts, PARTS_COURSE)?], false)),
            LATER_OFFER => Some((vec![one(Form::Microcredential, LATER)?], false)),
            "both" => Some((vec![one(Form::Microcredential, SHOWN_FIRST)?, one(Form::Badge, BADGE_FIRST)?], true)),
            _ => {
                let course = Course::find(name).filter(|course| course.is_ours())?;
                Some((vec![Form::Microcredential.configuration(course)], true))
            }
        }
    }

    /// Makes an offer, or nothing where the name is not known.
    pub fn offer(&self, name: &str, times: Use) -> Option<CredentialOffer> {
        if let Some(draft) = Draft::of_offer(name) {
            return Some(draft.offer(self, times));
        }
        if name == attested::OFFER {
            return attested::offer(self, times);
        }
        if name == attested::OFFER_WITH_SIGN_IN {
            return attested::offer_with_sign_in(self);
        }
        let (configurations, with_code) = Self::about(name)?;
        let offer = self.offer_of(&self.identity.issuer, configurations, with_code, times);
        if let Some(grant) = offer.grants.pre_authorized_code.as_ref().filter(|_| name == LATER_OFFER) {
            self.books().afterwards.delay(&grant.code);
        }
        Some(offer)
    }

    /// Makes an offer of these configurations of a credential issuer.
    pub(crate) fn offer_of(
        &self,
        issuer: &str,
        configurations: Vec<String>,
        with_code: bool,
        times: Use,
    ) -> CredentialOffer {
        let env = self.env();
        let tx_code = with_code.then(|| self.tx_code.clone());
        let code = self.books().grants.offer(configurations.clone(), tx_code, times, env.now, env.entropy);
        CredentialOffer {
            credential_issuer: issuer.to_owned(),
            credential_configuration_ids: configurations,
            grants: OfferGrants {
                pre_authorized_code: Some(PreAuthorizedCode {
                    code,
                    tx_code: with_code.then(|| TxCode {
                        input_mode: InputMode::Numeric,
                        length: Some(4),
                        description: Some("De code van vier cijfers die u van de instelling kreeg.".to_owned()),
                    }),
                    authorization_server: None,
                }),
                ..OfferGrants::default()
            },
        }
    }

    /// An offer for which the learner has to sign in with a browser.
    pub fn offer_with_sign_in(&self) -> Option<CredentialOffer> {
        let (configurations, _) = Self::about("microcredential")?;
        let grant = AuthorizationCode { issuer_state: Some("proef".to_owned()), authorization_server: None };
        Some(CredentialOffer {
            credential_issuer: self.identity.issuer.clone(),
            credential_configuration_ids: configurations,
            grants: OfferGrants { authorization_code: Some(grant), ..OfferGrants::default() },
        })
    }

    /// Keeps an offer at an address of its own and gives its name there.
    pub fn put_by_reference(&self, offer: CredentialOffer) -> String {
        let name = crate::grants::random_word(self.env().entropy);
        self.books().references.insert(name.clone(), offer);
        name
    }

    /// An offer by reference.
    pub fn referenced(&self, name: &str) -> Option<Value> {
        self.books().references.get(name).and_then(|offer| serde_json::to_value(offer).ok())
    }

    /// Answers a credential request (OpenID4VCI 1.0, 8).
    ///
    /// # Errors
    /// [`Refusal`], with the word of 8.3.1.2.
    pub fn credential(&self, token: Option<&str>, body: &[u8]) -> Result<Value, Refusal> {
        let env = self.env();
        let mut books = self.books();
        let named = token.is_some_and(|token| books.grants.is_named(token));
        let entitled = token.and_then(|token| books.grants.entitled(token, env.now)).ok_or(Refusal::Token)?;
        let request =
            CredentialRequest::parse(body).map_err(|_| Refusal::Request(ErrorCode::InvalidCredentialRequest))?;
        let Target::Configuration(id) = &request.target else {
            return Err(Refusal::Request(ErrorCode::UnknownCredentialIdentifier));
        };
        let (form, course) =
            Form::of_configuration(id).ok_or(Refusal::Request(ErrorCode::UnknownCredentialConfiguration))?;
        if !entitled.contains(id) {
            return Err(Refusal::Request(ErrorCode::CredentialRequestDenied));
        }
        let proved =
            proof::check(&request.jwt_proofs, &self.identity.issuer, named, env.now).map_err(Refusal::Request)?;
        for nonce in &proved.nonces {
            if !books.grants.spend_nonce(nonce, env.now) {
                return Err(Refusal::Request(ErrorCode::InvalidNonce));
            }
        }
        if token.is_some_and(|token| books.afterwards.is_late(token)) {
            let transaction_id = books.afterwards.take(form, course, proved.keys, env.entropy);
            return Ok(Deferred { transaction_id, interval: books.afterwards.pace.interval }.to_json());
        }
        drop(books);
        self.hand_out(form, course, &proved.keys)
    }

    /// Answers a wallet that asks again (OpenID4VCI 1.0, 9).
    ///
    /// # Errors
    /// [`Refusal`], with the word of 9.3.
    pub fn deferred(&self, token: Option<&str>, body: &[u8]) -> Result<Value, Refusal> {
        let now = self.env().now;
        let mut books = self.books();
        let entitled = token.and_then(|token| books.grants.entitled(token, now)).ok_or(Refusal::Token)?.to_vec();
        let asked = Deferred::read_request(body).map_err(|_| Refusal::Request(ErrorCode::InvalidCredentialRequest))?;
        let answer = books.afterwards.ask(&asked, |id| entitled.iter().any(|one| one == id));
        drop(books);
        match answer.ok_or(Refusal::Request(ErrorCode::InvalidTransactionId))? {
            Ok(Transaction { form, course, keys, .. }) => self.hand_out(form, course, &keys),
            Err(interval) => Ok(Deferred { transaction_id: asked, interval }.to_json()),
        }
    }

    /// Makes a credential for each key.
    pub(crate) fn hand_out(&self, form: Form, course: &'static Course, keys: &[PublicKey]) -> Result<Value, Refusal> {
        let env = self.env();
        let make = match form {
            Form::Microcredential => issue::microcredential,
            Form::Badge => issue::badge,
            Form::Styled => showpieces::styled,
            Form::Parts => showpieces::in_parts,
        };
        let mut answer = self.hand_out_as(course, keys, make)?;
        answer["notification_id"] = json!(self.books().afterwards.notice(form.configuration(course), env.entropy));
        Ok(answer)
    }

    /// As [`App::hand_out`], where `make` makes each copy.
    pub(crate) fn hand_out_as(
        &self,
        course: &'static Course,
        keys: &[PublicKey],
        make: impl Fn(Order<'_>) -> Result<Value, IssueError>,
    ) -> Result<Value, Refusal> {
        let (env, bad) = (self.env(), self.bad());
        let indices = self
            .books()
            .register
            .enter(course.title, keys.len(), env.now, env.entropy)
            .map_err(|_| Refusal::Request(ErrorCode::CredentialRequestDenied))?;
        let mut credentials = Vec::new();
        for (holder, index) in keys.iter().zip(indices) {
            let order = Order { identity: &self.identity, course, holder, index, bad, env };
            let credential = make(order).map_err(|error| {
                tracing::error!(%error, "a credential was not made");
                Refusal::Internal
            })?;
            credentials.push(json!({ "credential": credential }));
        }
        Ok(json!({ "credentials": credentials }))
    }

    /// Sets what is said about the credential with this index. Gives its title.
    pub fn set_standing(&self, index: usize, standing: Standing) -> Option<&'static str> {
        let mut books = self.books();
        books.published.take_away();
        books.register.set(index, standing)
    }

    /// A status list: 1 is the Token Status List; 2 and 3 are Bitstring Status Lists about revocation and suspension.
    ///
    /// # Errors
    /// When it cannot be packed or signed.
    pub fn status_list(&self, number: u8) -> Result<PublishedList, IssueError> {
        let now = self.env().now;
        let mut books = self.books();
        if let Some(list) = books.published.get(number, now) {
            return Ok(list);
        }
        let about = |standing| issue::bitstring_list(&self.identity, &books.register, standing, now);
        let (media_type, body) = match number {
            1 => ("application/statuslist+jwt", issue::token_status_list(&self.identity, &books.register, now)?),
            2 => ("application/vc", about(Standing::Revoked)?.to_string()),
            _ => ("application/vc", about(Standing::Suspended)?.to_string()),
        };
        let list = PublishedList { media_type, body };
        books.published.put(number, now, list.clone());
        Ok(list)
    }

    /// The catalogue (an invented one, in the shape of what Dutch catalogues say).
    pub fn catalogue(&self) -> Value {
        let base = &self.identity.issuer;
        json!({ "items": COURSES.iter().map(|course| course.listing(base)).collect::<Vec<_>>() })
    }
}
