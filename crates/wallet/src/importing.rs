//! Badges that come as files: checked, shown, kept.

use std::collections::BTreeMap;

use leerpas_core::{Activity, ActivityKind, Card, ErrorKind, Failure, KeyId, Timestamp, Url};
use leerpas_credential::{
    keys::HolderKey,
    read::read,
    report::{Report, Verdict},
    verify::{Binding, Policy, Resources},
};
use leerpas_vault::{KeyPurpose, NewCard, NewCopy, NewKey, Promise};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    Answer, End, Prompt, Review, Wallet, failure, known,
    newer::{Standing, Version, standing},
    session::{Session, Turn},
};

/// One card that was checked and not kept yet.
pub(crate) struct Pending {
    pub(crate) card: Card,
    pub(crate) report: Report,
    /// The original bytes of each copy, with its key if it has one.
    pub(crate) copies: Vec<(Option<HolderKey>, Vec<u8>)>,
    /// What was fetched to check it.
    pub(crate) resources: Resources,
}

impl Wallet {
    /// Checks the files and shows what they are. Where one holds nothing but the address of a badge, nobody can see from
    /// the outside whom that address would tell what: the person is asked first.
    pub(crate) async fn begin_import(&self, files: Vec<Vec<u8>>) -> Result<Turn, Failure> {
        for bytes in &files {
            let credential = read(bytes).map_err(|e| Failure::new(e.kind(), "read", e.to_string()))?;
            if let Some(address) = credential.only_an_address() {
                let host = Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
                let prompt = Prompt::Contact { host: host.unwrap_or_default() };
                return Ok(Turn::Ask(prompt, Session::Visiting(files)));
            }
        }
        self.look_at(files).await
    }

    /// Fetches the badge of which only the address came, or not.
    pub(crate) async fn answer_visit(&self, files: Vec<Vec<u8>>, answer: Answer) -> Result<Turn, Failure> {
        match answer {
            Answer::Take { .. } => self.look_at(files).await,
            Answer::Decline => Ok(Turn::End(End::Declined)),
            _ => Err(failure::no_session()),
        }
    }

    async fn look_at(&self, files: Vec<Vec<u8>>) -> Result<Turn, Failure> {
        let mut pending = Vec::new();
        let mut carrier = self.carrier();
        let mut known = self.known().await?;
        let identities = self.identities().await?;
        for bytes in files {
            let credential = read(&bytes).map_err(|e| Failure::new(e.kind(), "read", e.to_string()))?;
            let is_empty = credential.only_an_address().is_some();
            if credential.is_presentation() {
                let words = "this is what somebody showed to somebody else, not a badge to keep";
                return Err(Failure::new(ErrorKind::CredentialNotYours, "read", words));
            }
            let policy = Policy {
                trust: self.trust(),
                binding: Binding::NotAsked,
                resources: known.clone(),
                network: true,
                issuer: None,
                identities: identities.clone(),
            };
            let checked = carrier.verify(credential, policy).await?;
            // Badges of one issuer share its keys and lists.
            known.merge(checked.resources.clone());
            let mut facts = checked.facts(&self.trust());
            checked.complete(&mut facts, self.world.language);
            // What the check found out about the issuer counts, not what the badge says about itself.
            facts.issuer = checked.report.issuer.clone();
            let card = self.new_card(facts, &checked.report, 0);
            if is_empty && checked.report.verdict == Verdict::Unknown {
                let words = "there is no badge at the address in the picture, or it is not public";
                return Err(Failure::new(ErrorKind::CredentialUncheckable, "verify", words));
            }
            // A badge that is not genuine is refused. One that has run out or was withdrawn is part of a life,
            // and one that nobody could check may be checkable tomorrow: both are kept, and say so.
            match checked.report.failure_kind() {
                None
                | Some(
                    ErrorKind::CredentialExpired
                    | ErrorKind::CredentialNotYetValid
                    | ErrorKind::CredentialRevoked
                    | ErrorKind::CredentialUncheckable,
                ) => {}
                Some(kind) => return Err(refusal(kind, &checked.report)),
            }
            let copies = vec![(None, bytes)];
            pending.push(Pending { card, report: checked.report, copies, resources: checked.resources });
        }
        self.review(pending, true, Vec::new()).await.map(|review| {
            let (review, pending) = review;
            Turn::Ask(Prompt::Review(review), Session::Importing(pending))
        })
    }

    /// Keeps the files, or not.
    pub(crate) async fn answer_import(&self, pending: Vec<Pending>, answer: Answer) -> Result<Turn, Failure> {
        match answer {
            Answer::Keep => {
                let lines = vec![self.kept_line(ActivityKind::Imported, None, &pending)];
                Ok(Turn::End(End::Kept(self.keep(pending, lines, None).await?)))
            }
            Answer::Decline => Ok(Turn::End(End::Declined)),
            _ => Err(failure::no_session()),
        }
    }

    /// Puts together what is shown before anything is kept.
    pub(crate) async fn review(
        &self,
        pending: Vec<Pending>,
        from_file: bool,
        failed: Vec<(String, Failure)>,
    ) -> Result<(Review, Vec<Pending>), Failure> {
        let found: Vec<_> =
            pending.iter().map(|each| (each.card.clone(), each.report.clone(), fingerprint(each))).collect();
        let standings: Vec<Standing> = self
            .with_vault(move |vault| {
                found.iter().map(|(card, report, fingerprint)| standing(vault, card, report, fingerprint)).collect()
            })
            .await?;
        let duplicate = standings.iter().any(|standing| matches!(standing, Standing::Same(_)));
        let version = standings.iter().find_map(|standing| match standing {
            Standing::Newer(_) => Some(Version::Newer),
            Standing::Older(_) => Some(Version::Older),
            Standing::New | Standing::Same(_) => None,
        });
        let cards = pending.iter().map(|each| (each.card.clone(), each.report.clone())).collect();
        Ok((Review { cards, from_file, duplicate, version, failed }, pending))
    }

    /// Keeps the cards of one flow with the lines of the log and what the issuer still gives, all of it or nothing. A card
    /// that is in the vault already takes the place of the older one, and leaves that of a newer one alone (see
    /// [`Standing`]); the cards that stand there now come back. What was looked at and not kept leaves nothing.
    pub(crate) async fn keep(
        &self,
        pending: Vec<Pending>,
        mut lines: Vec<Activity>,
        mut promise: Option<Promise>,
    ) -> Result<Vec<Card>, Failure> {
        let (mut found, mut fetched) = (Vec::new(), Resources::default());
        for each in pending {
            found.push((self.new_for_vault(&each)?, each.report));
            fetched.merge(each.resources);
        }
        self.with_vault(move |vault| {
            let (mut cards, mut stayed) = (Vec::new(), Vec::new());
            for (new, report) in found {
                match standing(vault, &new.card, &report, &new.fingerprint)? {
                    Standing::Older(kept) => {
                        // What refills an issue that is not kept has no card to fill.
                        if let Some(promise) = &mut promise {
                            promise.entitlements.retain(|refill| refill.card.as_ref() != Some(&new.card.id));
                        }
                        stayed.extend(vault.card(&kept)?.map(|stored| stored.card));
                    }
                    standing => cards.push((new, standing.replaces().cloned())),
                }
            }
            if cards.is_empty() {
                // Nothing came in by this file, so nothing is written of it.
                lines.retain(|line| line.kind != ActivityKind::Imported);
            }
            let mut kept = vault.keep_instead(cards, &known::to_keep(&fetched), lines, promise)?;
            kept.extend(stayed);
            Ok(kept)
        })
        .await
    }

    pub(crate) fn new_card(&self, facts: leerpas_core::CardFacts, report: &Report, copies: u32) -> Card {
        Card {
            id: self.new_card_id(),
            facts,
            status: report.status,
            checked: report.checked,
            received: self.world.clock.now(),
            copies,
        }
    }

    pub(crate) fn new_for_vault(&self, each: &Pending) -> Result<NewCard, Failure> {
        let copies = each.copies.iter().map(|(key, original)| (key.as_ref(), original.as_slice()));
        let (copies, keys) = self.new_copies(copies, &each.card.facts.issuer.identifier, each.card.received);
        Ok(NewCard {
            card: each.card.clone(),
            report: serde_json::to_value(&each.report).map_err(|e| failure::internal("keep", e))?,
            fingerprint: fingerprint(each),
            copies,
            keys,
            activity: None,
        })
    }
}

impl Wallet {
    /// Copies on their way into the vault, each with its key if it has one.
    pub(crate) fn new_copies<'a>(
        &self,
        copies: impl Iterator<Item = (Option<&'a HolderKey>, &'a [u8])>,
        party: &str,
        made: Timestamp,
    ) -> (Vec<NewCopy>, Vec<NewKey>) {
        let (mut new, mut keys) = (Vec::new(), Vec::new());
        for (key, original) in copies {
            let key: Option<KeyId> = key.map(|key| {
                let id = self.new_key_id();
                keys.push(NewKey {
                    id: id.clone(),
                    purpose: KeyPurpose::Holder,
                    party: Some(party.to_owned()),
                    algorithm: "ES256".to_owned(),
                    public_jwk: key.public().to_jwk(),
                    private: key.secret(),
                    made,
                });
                id
            });
            new.push(NewCopy { original: original.to_vec(), key });
        }
        (new, keys)
    }
}

/// The failure for a credential that must not be kept, with the check that decided.
pub(crate) fn refusal(kind: ErrorKind, report: &Report) -> Failure {
    let decisive =
        report.checks.iter().find(|check| check.result == leerpas_credential::report::CheckResult::Fail).or_else(
            || report.checks.iter().find(|check| check.result != leerpas_credential::report::CheckResult::Pass),
        );
    let words = decisive.map_or_else(|| kind.as_str().to_owned(), |c| format!("{}: {}", c.name.as_str(), c.detail));
    Failure::new(kind, "verify", words)
}

/// What makes two cards the same: issuer, type and what it says, apart from dates, keys and status, which differ
/// between two issues of the same thing.
fn fingerprint(pending: &Pending) -> String {
    const OF_ONE_ISSUE: [&str; 11] =
        ["iat", "nbf", "exp", "jti", "cnf", "status", "proof", "credentialStatus", "validFrom", "validUntil", "id"];
    let facts = &pending.card.facts;
    let mut claims = facts.claims.clone();
    if let Some(object) = claims.as_object_mut() {
        object.retain(|name, _| !OF_ONE_ISSUE.contains(&name.as_str()));
        if let Some(subject) = object.get_mut("credentialSubject").and_then(|s| s.as_object_mut()) {
            subject.remove("id");
        }
    }
    let text = serde_json::json!([facts.issuer.identifier, facts.types, sorted(claims), facts.title]).to_string();
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The same document with its members in the order of their names: disclosures come in any order (RFC 9901, 4.2.4.1).
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            Value::Object(members.into_iter().collect())
        }
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        scalar => scalar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_members_makes_no_other_card() {
        let one: Value = serde_json::from_str(r#"{"b":{"y":1,"x":[{"q":1,"p":2}]},"a":4.50}"#).unwrap();
        let other: Value = serde_json::from_str(r#"{"a":4.50,"b":{"x":[{"p":2,"q":1}],"y":1}}"#).unwrap();
        assert_eq!(sorted(one).to_string(), sorted(other).to_string());
    }
}
