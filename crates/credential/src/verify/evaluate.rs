//! One look at a credential with what is known.

use jiff::{SignedDuration, Timestamp};
use leerpas_core::{Evidence, Language, Party, Purpose, Url};

use super::{
    Binding, Failed, Policy, Resource, Wanted, contents, dates, elm, endorsements, holder, issuer_keys::Tie, jwt_vc,
    linked_data, open_badge_2, open_badge_3, recipient, sd_jwt_vc, status, type_metadata, w3c_sd_jwt,
};
use crate::{
    did, facts,
    read::{Body, Unverified},
    report::{Check, CheckName, CheckResult, Reason, Report},
    trust::Institution,
    type_metadata::Described,
};

/// How long fetched keys are taken as they are while the network may be used.
const KEYS_FRESH: SignedDuration = SignedDuration::from_hours(24);

/// What was fetched within this time counts as fetched for this very verification.
const JUST_NOW: SignedDuration = SignedDuration::from_mins(1);

/// What one look may use, and what it found missing.
pub(super) struct Look<'a> {
    pub(super) credential: &'a Unverified,
    pub(super) policy: &'a Policy,
    pub(super) now: Timestamp,
    failed: &'a Failed,
    wanted: Option<Wanted>,
    /// How deep this credential lies within another one.
    pub(super) depth: usize,
    described: Option<Described>,
}

/// What is there for an address.
pub(super) enum Found<'a> {
    /// A document to be used. The time is set if it was not fetched just now.
    Document(&'a Resource, Option<Timestamp>),
    /// Nothing, or nothing new enough, and why not; the time of an older one.
    Nothing(&'static str, Option<Timestamp>),
}

impl<'a> Look<'a> {
    pub(super) fn new(credential: &'a Unverified, policy: &'a Policy, failed: &'a Failed, now: Timestamp) -> Self {
        Self { credential, policy, now, failed, wanted: None, depth: 0, described: None }
    }

    /// What is missing, and what the credential's type says of it.
    pub(super) fn finish(self) -> (Option<Wanted>, Option<Described>) {
        (self.wanted, self.described)
    }

    /// Looks at a credential within this one, with the same knowledge.
    pub(super) fn within<T>(&mut self, credential: &Unverified, work: impl FnOnce(&mut Look<'_>) -> T) -> T {
        let mut inner = Look {
            credential,
            policy: self.policy,
            now: self.now,
            failed: self.failed,
            wanted: self.wanted.take(),
            depth: self.depth + 1,
            described: None,
        };
        let found = work(&mut inner);
        self.wanted = inner.wanted;
        found
    }

    /// The HTTP status with which an address was refused, if it answered at all.
    pub(super) fn refusal(&self, url: &Url) -> Option<u16> {
        self.failed.get(url).copied().flatten()
    }

    /// The keys or DID document at an address. Old ones are used only where the network may not be.
    pub(super) fn keys_at(&mut self, url: &Url, accept: &'static str) -> Found<'a> {
        self.document(url, Purpose::Keys, accept, |fetched, now| now.duration_since(fetched) <= KEYS_FRESH)
    }

    /// A document for which `fresh` decides by the time at which it was fetched.
    pub(super) fn document(
        &mut self,
        url: &Url,
        purpose: Purpose,
        accept: &'static str,
        fresh: impl Fn(Timestamp, Timestamp) -> bool,
    ) -> Found<'a> {
        // Whatever a credential names, plain http is never asked (security.md B19).
        if url.scheme() != "https" {
            return Found::Nothing("its address is not https", None);
        }
        let known = self.policy.resources.get(url);
        let known_at =
            known.map(|resource| resource.fetched).filter(|fetched| self.now.duration_since(*fetched) > JUST_NOW);
        match known {
            Some(resource) if !self.policy.network || fresh(resource.fetched, self.now) => {
                Found::Document(resource, known_at)
            }
            _ if !self.policy.network => Found::Nothing("it is not known here and nothing may be fetched", None),
            _ if self.failed.contains_key(url) => Found::Nothing("it could not be fetched", known_at),
            _ => {
                self.wanted.get_or_insert_with(|| Wanted { url: url.clone(), purpose, accept });
                Found::Nothing("it was not fetched", known_at)
            }
        }
    }
}

/// What the checks of one format found.
pub(super) struct Findings {
    /// Format, signature and issuer key.
    pub(super) checks: Vec<Check>,
    /// Who signed, as far as it is proved.
    pub(super) tie: Tie,
}

pub(super) fn evaluate(look: &mut Look<'_>) -> Report {
    let Findings { mut checks, tie } = match look.credential.body() {
        Body::SdJwt(sd_jwt) => sd_jwt_vc::check(look, sd_jwt),
        Body::DataIntegrity { credential, .. } => linked_data::check(look, credential),
        Body::W3cSdJwt(sd_jwt) => w3c_sd_jwt::check(look, sd_jwt),
        Body::Jwt { jws, claims, credential, model } => jwt_vc::check(look, jws, claims, credential, *model),
        Body::OpenBadge2 { assertion, jws } => open_badge_2::check(look, assertion, jws.as_ref()),
        Body::Elm { credential, form } => elm::check(look, credential, *form),
    };
    if !has(&checks, CheckName::Validity) {
        checks.push(dates::check(look.credential.body(), look.now));
    }
    // What lies within another credential is held by whoever holds that one.
    if look.depth == 0 {
        checks.extend(holder::check(look));
        if !has(&checks, CheckName::Recipient) {
            checks.extend(recipient::check_subjects(look));
        }
    }
    open_badge_3::amend(look.credential, &mut checks);
    remark_picture(look.credential, &mut checks);
    let (issuer, trust) = issuer(look, &checks, &tie);
    checks.push(trust);
    let sound = |name| {
        let found = checks.iter().find(|check| check.name == name);
        found.is_none_or(|check| matches!(check.result, CheckResult::Pass | CheckResult::Warn))
    };
    let worth_asking =
        [CheckName::Format, CheckName::Signature, CheckName::IssuerKey, CheckName::Validity].into_iter().all(sound)
            && (!matches!(look.policy.binding, Binding::HolderKey(_)) || sound(CheckName::Holder));
    if !has(&checks, CheckName::Status) {
        checks.push(status::check(look, &tie, worth_asking));
    }
    checks.extend(contents::check(look, worth_asking));
    if look.depth == 0 {
        checks.extend(endorsements::check(look, worth_asking));
        if let Some((check, described)) = type_metadata::check(look, worth_asking) {
            checks.push(check);
            look.described = described;
        }
    }
    Report::new(checks, look.credential.format(), issuer, look.now)
}

/// The picture around a baked badge can be changed by anybody without the badge noticing (security.md F09). Where the badge
/// brings none of its own, that picture is what a card shows, and so it is said.
fn remark_picture(credential: &Unverified, checks: &mut [Check]) {
    let is_sound = |check: &&mut Check| check.name == CheckName::Format && check.result == CheckResult::Pass;
    if credential.is_baked_png()
        && let Some(format) = checks.iter_mut().find(is_sound)
    {
        format.reason = Some(Reason::PictureUnproved);
        format.detail.push_str("; the picture around it is no part of the proof");
    }
}

fn has(checks: &[Check], name: CheckName) -> bool {
    checks.iter().any(|check| check.name == name)
}

/// Who issued it, and whether the list knows that party. A name of the list is given only to whom it was proved.
fn issuer(look: &Look<'_>, checks: &[Check], tie: &Tie) -> (Party, Check) {
    let trust = &look.policy.trust;
    let identifier = tie
        .identifier
        .clone()
        .or_else(|| look.credential.issuer().map(str::to_owned))
        .or_else(|| look.policy.issuer.clone())
        .unwrap_or_default();
    let key = checks.iter().find(|check| check.name == CheckName::IssuerKey);
    let signature = checks.iter().find(|check| check.name == CheckName::Signature);
    // A remark on a signature takes nothing from it: one that does not hold fails.
    let holds = |check: &Check| matches!(check.result, CheckResult::Pass | CheckResult::Warn);
    let proved = [key, signature].iter().all(|check| check.is_some_and(holds));
    let host = did::host_of(&identifier);
    let own_name = || {
        let proved_name = tie.organisation.clone().filter(|_| proved);
        let name = proved_name.or_else(|| facts::issuer_name(look.credential.claims()));
        let names = [name, host.clone(), Some(identifier.clone())];
        names.into_iter().flatten().find(|name| !name.is_empty()).unwrap_or_default()
    };
    let party = |name: String, evidence| Party { name, identifier: identifier.clone(), host: host.clone(), evidence };
    let institution: Option<&Institution> = match &tie.chain {
        Some(chain) => trust.institutions().iter().find(|institution| {
            (institution.has_identifier(&identifier) || institution.owns(chain)) && institution.vouches(chain, look.now)
        }),
        None => trust.find(&identifier),
    };
    match institution {
        Some(institution) if proved => (
            party(institution.name_in(Language::default()).to_owned(), institution.evidence()),
            match institution.until.filter(|until| *until <= look.now) {
                // An old list is better than none, as long as it is said.
                Some(until) => Check::warn(
                    CheckName::IssuerTrust,
                    Reason::TrustListOld,
                    format!("{identifier} is on a trust list that was meant to be used until {until}"),
                ),
                None => Check::pass(CheckName::IssuerTrust, format!("{identifier} is on the trust list")),
            },
        ),
        Some(_) => (
            party(own_name(), Evidence::Claimed),
            Check::warn(CheckName::IssuerTrust, Reason::KeyUntied, "names a listed issuer that is not proved to be it"),
        ),
        None => (
            party(own_name(), if proved { Evidence::Proved } else { Evidence::Claimed }),
            Check::warn(
                CheckName::IssuerTrust,
                Reason::NotInList,
                format!("{identifier} is not on the trust list: it may be genuine, but nobody vouches for the name"),
            ),
        ),
    }
}
