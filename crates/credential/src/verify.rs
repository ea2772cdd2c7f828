//! Verifying a credential: the one way from [`Unverified`] to [`Verified`].
//!
//! [`Verification`] is a machine without input or output. It looks at what it has, asks for the one thing that is
//! missing (a DID document, an issuer's keys, a status list), and looks again; whatever cannot be had makes one check
//! [`Unknown`](crate::report::CheckResult::Unknown), with the reason, and never the whole verification fail.
//!
//! What decides what:
//!
//! - A signature that holds under a key of somebody else fails [`CheckName::IssuerKey`]; one that does not hold fails
//!   [`CheckName::Signature`]. Dates are judged apart from both, so an expired credential still says that it is genuine.
//! - An `x5c` chain that ends at no known root leaves the issuer's key *unknown*: the signature holds, but whose it is
//!   cannot be said, and a root that is added later may say it. A chain whose names do not fit `iss` fails, because no
//!   root can mend that.
//! - An issuer that is not on the trust list is a *warning*: Leerpas knows no better name for it than its identifier.
//! - A key that came inside the credential (a `jwk` header, a fragment of an https address) proves that the content is
//!   whole and nothing about who signed it: the issuer's key is unknown.
//! - Of the two files that were published as Open Badges 3.0.3 the newer one is used for both. It only adds two terms:
//!   what was signed under the older one has the same canonical form under it, and a badge that used either term there
//!   was not covered by its signature and holds under neither.
//! - A did:key or did:jwk as a verification method without fragment names its one key. An array of one proof is that
//!   proof; an array of none is no proof.
//! - The description of a credential's type (type metadata) is an extra: that it cannot be had is a warning. It counts
//!   against a credential only where it is not what the issuer signed, or where the credential contradicts it.
//! - A proof that builds on others (`previousProof`) holds only where they all do. A base proof of `ecdsa-sd-2023` fails
//!   where a holder shows it in answer to a request; a derived one elsewhere is a warning, because it is genuine and a
//!   part.
//! - Status and type metadata are asked for only after signature, key and dates held (Token Status List, section 8.3,
//!   says so too), so that a forgery can send nobody anywhere.

mod contents;
mod dates;
mod elm;
mod endorsements;
mod evaluate;
mod holder;
mod issuer_keys;
mod jwt_presentation;
mod jwt_vc;
mod linked_data;
mod nested;
mod open_badge_2;
mod open_badge_3;
mod prepared;
mod recipient;
mod resources;
mod sd_jwt_vc;
mod status;
mod type_metadata;
mod w3c_sd_jwt;

use std::{collections::HashMap, convert::Infallible, sync::Arc};

use leerpas_core::{CardFacts, Env, ErrorKind, Exchange, Fault, Language, Machine, Purpose, Reply, Step, Url, limits};
use thiserror::Error;

pub use resources::{Resource, Resources};

use crate::{
    keys::PublicKey,
    read::{Body, Unverified},
    report::{Report, Verdict},
    trust::TrustList,
    type_metadata::Described,
};

#[cfg(doc)]
use crate::report::CheckName;

/// Whether a credential is bound to this key: by `cnf`, or as its one subject by a did:jwk or did:key.
pub fn is_bound_to(credential: &Unverified, key: &PublicKey) -> bool {
    holder::bound_key(credential.body()).is_ok_and(|bound| bound == *key)
}

/// What is asked of a credential.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Who is known.
    pub trust: Arc<TrustList>,
    /// To whom it must be bound.
    pub binding: Binding,
    /// What was fetched before.
    pub resources: Resources,
    /// Whether anything that is missing may be fetched.
    pub network: bool,
    /// The credential issuer that it came from, to name the party where the credential itself names none (an SD-JWT
    /// VC may leave out `iss` beside `x5c`). It proves nothing and fails nothing.
    pub issuer: Option<String>,
    /// The addresses that the learner says are theirs (e-mail, telephone, web address, eduID), for badges that name
    /// their recipient so. Compared here and never sent anywhere.
    pub identities: Vec<String>,
}

/// To whom a credential must be bound.
#[derive(Debug, Clone, PartialEq)]
pub enum Binding {
    /// To nobody in particular: looking at a file.
    NotAsked,
    /// To this key: receiving, or checking a card that is held.
    HolderKey(PublicKey),
    /// To the presenter, who proves it by key binding or by the presentation's proof.
    Presentation {
        /// The nonce or challenge of the request; `None` leaves it unchecked.
        nonce: Option<String>,
        /// The full client identifier; `None` leaves it unchecked.
        audience: Option<String>,
        /// Whether the proof must be there. What is there is checked in any case.
        required: bool,
    },
}

/// Why a verification stopped. What is wrong with the credential is never one of these: that is in the [`Report`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// A reply came where none was asked for.
    #[error("the verification was not waiting for a reply")]
    NotWaiting,
}

impl VerifyError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::Internal
    }
}

/// The verification of one credential.
#[derive(Debug)]
pub struct Verification {
    credential: Unverified,
    policy: Policy,
    failed: Failed,
    waiting: Option<Wanted>,
    exchanges: usize,
}

/// What could not be had, with the HTTP status where there was an answer.
pub(crate) type Failed = HashMap<Url, Option<u16>>;

/// What is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    url: Url,
    purpose: Purpose,
    accept: &'static str,
}

impl Verification {
    /// Begins, and goes as far as it can without asking for anything.
    ///
    /// # Errors
    /// None at present; the signature is that of every machine.
    pub fn start(credential: Unverified, policy: Policy, env: Env<'_>) -> Result<Step<Self>, VerifyError> {
        let new = Self { credential, policy, failed: Failed::new(), waiting: None, exchanges: 0 };
        Ok(new.go_on(env))
    }

    fn go_on(mut self, env: Env<'_>) -> Step<Self> {
        let mut look = evaluate::Look::new(&self.credential, &self.policy, &self.failed, env.now);
        let report = evaluate::evaluate(&mut look);
        let (wanted, described) = look.finish();
        if let Some(wanted) = wanted.filter(|_| self.policy.network && self.exchanges < limits::EXCHANGES) {
            self.exchanges += 1;
            let exchange = Exchange::get(wanted.purpose, wanted.url.clone(), wanted.accept);
            self.waiting = Some(wanted);
            return Step::Send(Box::new(exchange), self);
        }
        let is_valid = report.verdict == Verdict::Valid;
        Step::Done(Checked {
            report,
            resources: self.policy.resources,
            is_valid,
            described,
            credential: self.credential,
        })
    }
}

impl Machine for Verification {
    type Question = Infallible;
    type Answer = Infallible;
    type Outcome = Checked;
    type Error = VerifyError;

    fn reply(mut self, reply: Result<Reply, Fault>, env: Env<'_>) -> Result<Step<Self>, VerifyError> {
        let wanted = self.waiting.take().ok_or(VerifyError::NotWaiting)?;
        match reply {
            // Only 200 is an answer here: a redirect is not followed, and 204 or 206 hold no whole document.
            Ok(reply) if reply.status == 200 => self
                .policy
                .resources
                .put(wanted.url, Resource { media_type: reply.media_type, bytes: reply.body, fetched: env.now }),
            other => {
                self.failed.insert(wanted.url, other.ok().map(|reply| reply.status));
            }
        }
        Ok(self.go_on(env))
    }

    fn answer(self, answer: Infallible, _env: Env<'_>) -> Result<Step<Self>, VerifyError> {
        match answer {}
    }
}

/// A credential with the report on it.
#[derive(Debug, Clone)]
pub struct Checked {
    /// What was checked.
    pub report: Report,
    /// What was known before and what was fetched now, to be kept for the next time.
    pub resources: Resources,
    /// As the checks said; the report can be added to afterwards.
    is_valid: bool,
    described: Option<Described>,
    credential: Unverified,
}

impl Checked {
    /// The verified credential.
    ///
    /// # Errors
    /// Gives itself back when a check failed or could not be made.
    pub fn into_verified(self) -> Result<Verified, Box<Self>> {
        match self.is_valid {
            true => Ok(Verified { credential: self.credential, report: self.report }),
            false => Err(Box::new(self)),
        }
    }

    /// What a card shows of it: with the badge class and the issuer that Open Badges 2.0 only refer to, and with the
    /// issuer's own copy of a hosted badge in place of the file that came in.
    pub fn facts(&self, trust: &TrustList) -> leerpas_core::CardFacts {
        match self.credential.body() {
            Body::OpenBadge2 { assertion, jws } => {
                let whole = open_badge_2::assemble(&self.resources, assertion, jws.is_some());
                self.credential.facts_from(&whole, trust)
            }
            _ => self.credential.facts(trust),
        }
    }

    /// Completes what a card shows with what the credential's type says of it, where that was found sound: names of
    /// claims, a title where there is none, the issuer's own picture of the card.
    pub fn complete(&self, facts: &mut CardFacts, language: Language) {
        if let Some(described) = &self.described {
            described.complete(facts, self.credential.claims(), language);
        }
    }

    /// The credential, whatever was found.
    pub fn credential(&self) -> &Unverified {
        &self.credential
    }
}

/// A credential for which every check passed. Only [`Verification`] makes one.
#[derive(Debug, Clone)]
pub struct Verified {
    credential: Unverified,
    report: Report,
}

impl Verified {
    /// The credential.
    pub fn credential(&self) -> &Unverified {
        &self.credential
    }

    /// What was checked.
    pub fn report(&self) -> &Report {
        &self.report
    }
}

#[cfg(test)]
mod tests;
