//! Checking cards again, all at once: each list and each issuer's keys are asked for once, for all cards together.
//!
//! Whoever keeps a card has agreed that it is checked against its issuer's list now and then; nothing else is ever
//! fetched for it. An issuer learns that somebody still looks at this list, and no more: the request is for the whole
//! list, carries no cookie and no identifier, comes at another moment than any presentation, and an address that could
//! stand for one credential is never asked unbidden (Token Status List, section 12; security.md E11, E13).

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use leerpas_core::{
    CardFacts, CardId, CardStatus, Entropy, ErrorKind, Evidence, Exchange, Failure, Fault, Format, KeyId, Language,
    Machine as _, Reply, SignedDuration, Step, Timestamp, Url,
};
use leerpas_credential::{
    keys::PublicKey,
    read::{Unverified, read},
    report::{CheckResult, Report, Verdict},
    status::{lifetime, status_references},
    trust::TrustList,
    verify::{Binding, Checked, Policy, Resources, Verification, VerifyError},
};
use leerpas_vault::{Page, Vault, VaultError};
use tokio::task::{JoinError, JoinSet};

use crate::{Wallet, failure, known};

/// Requests that are under way at once.
const AT_ONCE: usize = 4;
/// Requests of one round of checks. A wallet with more issuers than that gets the rest at the next round.
const REQUESTS: usize = 256;
/// The longest wait before a request that nobody waits for, in milliseconds, so that those of one wallet do not come as
/// one burst.
const SPREAD_MILLISECONDS: u64 = 1_500;
/// Cards whose last check is younger are left alone when nobody asked.
const YOUNG: SignedDuration = SignedDuration::from_mins(5);

/// Which cards to check again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refresh {
    /// Those whose status list is due, by its own lifetime within 5 minutes and 7 days. For the time after unlocking:
    /// what is still fresh is not asked for, and a card without a list is left alone.
    Due,
    /// All of them, with what the network says now.
    All,
    /// One of them, likewise.
    One(CardId),
    /// These, because what is known of their issuer has changed: only what is missing or has served its time is asked for.
    These(Vec<CardId>),
}

/// What a round of checks did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// The cards that were checked.
    pub checked: Vec<CardId>,
    /// Those of them whose status is another one now.
    pub changed: Vec<CardId>,
    /// How many requests were made.
    pub requests: usize,
    /// The hosts that gave no answer.
    pub silent: Vec<String>,
}

/// One card to be checked.
struct Held {
    id: CardId,
    status: CardStatus,
    checked: Timestamp,
    credential: Unverified,
    binding: Binding,
}

impl Wallet {
    /// Checks cards again and keeps the answers. A list that cannot be had leaves the one that is known in force for as
    /// long as that may serve; the report says from when it is. Where it may not serve any longer, the card could not
    /// be checked.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], also when the vault is locked on the way: then nothing more is asked. For one card
    /// [`ErrorKind::CardNotFound`] and whatever makes it unreadable. That a check fails is an answer, not an error.
    pub async fn refresh(&self, which: Refresh) -> Result<Refreshed, Failure> {
        // One round at a time; who comes second finds fresh lists.
        let _turn = self.refreshing.lock().await;
        let (mut held, known) = self.cards_to_check(&which).await?;
        let asked = matches!(which, Refresh::All | Refresh::One(_));
        let unbidden = which == Refresh::Due;
        if let Refresh::These(these) = &which {
            held.retain(|card| these.contains(&card.id));
        }
        if unbidden {
            let now = self.world.clock.now();
            held.retain(|card| is_due(card, &known, now));
        }
        // Who asks wants to hear what is so now; what is known serves only where nobody answers.
        let resources = if asked { Resources::default() } else { known.clone() };
        let mut round = Round::new(self, self.identities().await?, unbidden);
        let mut found = round.verify(held, &resources).await?;
        let mut all = known;
        all.merge(round.fetched.clone());
        for (_, found) in &mut found {
            if found.checked.report.verdict == Verdict::Unknown {
                self.fall_back(found, &round.identities, &all).await?;
            }
        }
        let mut refreshed =
            Refreshed { requests: round.requests, silent: round.silent.into_iter().collect(), ..Refreshed::default() };
        self.keep_answers(found, round.fetched, &mut refreshed).await?;
        Ok(refreshed)
    }

    /// Looks once more with what was known before and without the network.
    async fn fall_back(&self, found: &mut Found, identities: &[String], known: &Resources) -> Result<(), Failure> {
        let policy = policy(&self.trust(), identities, found.binding.clone(), known.clone(), false);
        let credential = found.checked.credential().clone();
        let step = Verification::start(credential, policy, self.world.env()).map_err(told)?;
        if let Step::Done(checked) = step
            && says_more(&checked.report, &found.checked.report)
        {
            found.checked.report = checked.report;
        }
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn cards_to_check(&self, which: &Refresh) -> Result<(Vec<Held>, Resources), Failure> {
        let one = if let Refresh::One(id) = which { Some(id.clone()) } else { None };
        let wanted = one.clone();
        let (cards, keys, known) = self
            .with_vault(move |vault| {
                let cards = originals(vault, wanted.as_ref())?;
                let keys: HashMap<KeyId, _> = vault.keys()?.into_iter().map(|key| (key.id, key.public_jwk)).collect();
                Ok((cards, keys, known::known_to(vault)?))
            })
            .await?;
        let mut held = Vec::new();
        for (id, status, checked, copy) in cards {
            let credential = match (read(&copy.original), &one) {
                (Ok(credential), _) => credential,
                (Err(e), Some(_)) => return Err(Failure::new(e.kind(), "verify", e.to_string())),
                // One that a later version no longer reads must not keep the others from being checked.
                (Err(_), None) => continue,
            };
            let key = copy.key.as_ref().and_then(|key| keys.get(key)).map(PublicKey::from_jwk).transpose();
            let key = key.map_err(|e| failure::internal("keys", e))?;
            held.push(Held {
                id,
                status,
                checked,
                credential,
                binding: key.map_or(Binding::NotAsked, Binding::HolderKey),
            });
        }
        match one {
            Some(id) if held.is_empty() => {
                Err(Failure::new(ErrorKind::CardNotFound, "card", format!("there is no card {id}")))
            }
            _ => Ok((held, known)),
        }
    }

    async fn keep_answers(
        &self,
        found: Vec<(Before, Found)>,
        fetched: Resources,
        refreshed: &mut Refreshed,
    ) -> Result<(), Failure> {
        let mut answers = Vec::new();
        for (before, found) in found {
            let report = serde_json::to_value(&found.checked.report).map_err(|e| failure::internal("card", e))?;
            answers.push((before, found, report));
        }
        let language = self.world.language;
        let kept = self
            .with_vault(move |vault| {
                known::keep_in(vault, &fetched)?;
                let mut kept = Vec::new();
                for (before, found, report) in answers {
                    // One that was thrown away or came anew in the meantime is not this card any longer.
                    let shown = match vault.card(&before.id)? {
                        Some(stored) if stored.card.checked == before.checked => stored.card.facts,
                        _ => continue,
                    };
                    let status = found.checked.report.status;
                    vault.update_check(&before.id, status, found.checked.report.checked, &report)?;
                    let facts = found.facts(&shown, language);
                    if facts != shown {
                        vault.update_facts(&before.id, &facts)?;
                    }
                    kept.push((before.id, before.status != status));
                }
                Ok(kept)
            })
            .await?;
        for (id, changed) in kept {
            if changed {
                refreshed.changed.push(id.clone());
            }
            refreshed.checked.push(id);
        }
        Ok(())
    }
}

/// The first copy of each card, or of one; the others are signed and listed alike.
fn originals(
    vault: &Vault,
    one: Option<&CardId>,
) -> Result<Vec<(CardId, CardStatus, Timestamp, leerpas_vault::Copy)>, VaultError> {
    let mut found = Vec::new();
    for card in vault.summaries(None, Page::ALL)? {
        if one.is_none_or(|one| *one == card.id)
            && let Some(copy) = vault.originals(&card.id)?.into_iter().next()
        {
            found.push((card.id, card.status, card.checked, copy));
        }
    }
    Ok(found)
}

/// Whether a list of this card may be asked for and has served its time.
fn is_due(card: &Held, known: &Resources, now: Timestamp) -> bool {
    if now.duration_since(card.checked) <= YOUNG {
        return false;
    }
    let references = status_references(card.credential.claims()).unwrap_or_default();
    references.iter().filter(|reference| !reference.is_telling()).any(|reference| {
        let kept = known.get(reference.uri());
        kept.is_none_or(|list| !lifetime(&list.bytes).serves(list.fetched, now))
    })
}

/// Whether a report without the network settles what the other one could not, or at least tells since when it is open.
fn says_more(offline: &Report, online: &Report) -> bool {
    let open = |report: &Report| {
        let open = report.checks.iter().filter(|check| check.result == CheckResult::Unknown);
        let (all, undated) =
            open.fold((0, 0), |(all, undated), check| (all + 1, undated + usize::from(check.known_at.is_none())));
        (all, undated)
    };
    open(offline) < open(online)
}

/// What was known of a card before it was checked.
struct Before {
    id: CardId,
    status: CardStatus,
    checked: Timestamp,
}

/// What a check found.
struct Found {
    /// Without what was fetched for it; that is kept once for all cards.
    checked: Checked,
    /// What the card says from now on, where that is for the issuer's address to say.
    facts: Option<CardFacts>,
    binding: Binding,
}

impl Found {
    /// What the card shows from now on, of what it showed so far.
    fn facts(&self, shown: &CardFacts, language: Language) -> CardFacts {
        let mut facts = self.facts.clone().unwrap_or_else(|| shown.clone());
        // Whom one trusts changes, and then how the issuer is known does too. Where nothing could be proved this time,
        // what was proved before stands beside a report that says so.
        if self.checked.report.issuer.evidence != Evidence::Claimed {
            facts.issuer = self.checked.report.issuer.clone();
        }
        // The type may not have been there to ask when the card was kept.
        self.checked.complete(&mut facts, language);
        if facts.rendering.is_none() {
            facts.rendering.clone_from(&shown.rendering);
        }
        facts
    }
}

/// One round: many verifications, and one request for whatever several of them want.
struct Round<'a> {
    wallet: &'a Wallet,
    /// The learner's addresses, for badges that name one.
    identities: Vec<String>,
    answers: HashMap<Url, Result<Reply, Fault>>,
    /// What the answers held. Kept once for all cards: a list has a hundred thousand entries.
    fetched: Resources,
    requests: usize,
    silent: BTreeSet<String>,
    spread: bool,
}

/// What an address answered.
type Heard = (Url, Result<Reply, Fault>);

/// A verification that waits for the reply to an exchange.
struct Waiting {
    before: Before,
    binding: Binding,
    exchange: Exchange,
    machine: Verification,
}

impl<'a> Round<'a> {
    fn new(wallet: &'a Wallet, identities: Vec<String>, spread: bool) -> Self {
        Self {
            wallet,
            identities,
            answers: HashMap::new(),
            fetched: Resources::default(),
            requests: 0,
            silent: BTreeSet::new(),
            spread,
        }
    }

    async fn verify(&mut self, cards: Vec<Held>, resources: &Resources) -> Result<Vec<(Before, Found)>, Failure> {
        let (mut waiting, mut done) = (Vec::new(), Vec::new());
        let world = &self.wallet.world;
        for Held { id, status, checked, credential, binding } in cards {
            let policy = policy(&self.wallet.trust(), &self.identities, binding.clone(), resources.clone(), true);
            let step = Verification::start(credential, policy, world.env()).map_err(told)?;
            self.sort(Before { id, status, checked }, binding, step, &mut waiting, &mut done);
            // Checking is arithmetic; others want to go on meanwhile.
            tokio::task::yield_now().await;
        }
        while !waiting.is_empty() {
            self.ask(&waiting).await?;
            for Waiting { before, binding, exchange, machine } in std::mem::take(&mut waiting) {
                let reply = self.answers.get(&exchange.url).cloned().unwrap_or_else(|| Err(no_more(&exchange)));
                let step = machine.reply(reply, world.env()).map_err(told)?;
                self.sort(before, binding, step, &mut waiting, &mut done);
                tokio::task::yield_now().await;
            }
        }
        Ok(done)
    }

    /// Makes each request that is wanted and was not made yet.
    async fn ask(&mut self, waiting: &[Waiting]) -> Result<(), Failure> {
        let wanted: BTreeMap<&Url, &Exchange> = waiting
            .iter()
            .map(|each| (&each.exchange.url, &each.exchange))
            .filter(|(url, _)| !self.answers.contains_key(*url))
            .collect();
        let mut wanted: Vec<Exchange> = wanted.into_values().cloned().collect();
        shuffle(&mut wanted, &*self.wallet.world.entropy);
        let mut under_way = JoinSet::new();
        for exchange in wanted {
            if self.requests >= REQUESTS {
                break;
            }
            if !self.wallet.is_open() {
                return Err(failure::locked());
            }
            if under_way.len() >= AT_ONCE {
                self.hear(under_way.join_next().await);
            }
            if self.spread {
                let wait = below(SPREAD_MILLISECONDS, &*self.wallet.world.entropy);
                tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
            }
            self.requests += 1;
            let client = self.wallet.world.client.clone();
            under_way.spawn(async move { (exchange.url.clone(), client.run(exchange).await) });
        }
        while let Some(heard) = under_way.join_next().await {
            self.hear(Some(heard));
        }
        Ok(())
    }

    fn hear(&mut self, heard: Option<Result<Heard, JoinError>>) {
        if let Some(Ok((url, reply))) = heard {
            if reply.as_ref().map_or(true, |reply| reply.status != 200) {
                self.silent.extend(url.host_str().map(str::to_owned));
            }
            self.answers.insert(url, reply);
        }
    }

    fn sort(
        &mut self,
        before: Before,
        binding: Binding,
        step: Step<Verification>,
        waiting: &mut Vec<Waiting>,
        done: &mut Vec<(Before, Found)>,
    ) {
        match step {
            Step::Send(exchange, machine) => waiting.push(Waiting { before, binding, exchange: *exchange, machine }),
            Step::Ask(question, _) => match question {},
            Step::Done(mut checked) => {
                // A hosted badge is what its issuer's address says now, as long as it says anything.
                let is_fetched =
                    checked.credential().format() == Format::OpenBadge2 && checked.report.verdict != Verdict::Unknown;
                let facts = is_fetched.then(|| {
                    let issuer = checked.report.issuer.clone();
                    CardFacts { issuer, ..checked.facts(&self.wallet.trust()) }
                });
                self.fetched.merge(std::mem::take(&mut checked.resources));
                done.push((before, Found { checked, facts, binding }));
            }
        }
    }
}

fn policy(
    trust: &Arc<TrustList>,
    identities: &[String],
    binding: Binding,
    resources: Resources,
    network: bool,
) -> Policy {
    let (trust, identities) = (Arc::clone(trust), identities.to_vec());
    Policy { trust, binding, resources, network, issuer: None, identities }
}

fn told(error: VerifyError) -> Failure {
    Failure::new(error.kind(), "verify", error.to_string())
}

/// The reply to what was not asked: over the cap of one round, or a request that broke off.
fn no_more(exchange: &Exchange) -> Fault {
    let host = exchange.url.host_str().unwrap_or_default().to_owned();
    Fault::Unreachable { host, reason: "it was not asked in this round".to_owned() }
}

/// An order that says nothing about the cards.
fn shuffle<T>(items: &mut [T], entropy: &dyn Entropy) {
    for last in (1..items.len()).rev() {
        let other = below(last as u64 + 1, entropy) as usize;
        items.swap(last, other);
    }
}

/// A number below this one; even enough for what it is used for.
fn below(end: u64, entropy: &dyn Entropy) -> u64 {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    u64::from_be_bytes(bytes) % end.max(1)
}
