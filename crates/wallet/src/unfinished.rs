//! The line of the log about an offer, from before its code is spent until it ended; and what a sudden end leaves open.

use std::sync::PoisonError;

use leerpas_core::{Activity, ActivityId, ActivityKind, ErrorKind, Failure, Outcome, Party};
use leerpas_vault::Vault;

use crate::{End, Wallet, importing::Pending, session::Turn};

/// The line about one offer.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) activity: Activity,
    /// It is in the vault.
    begun: bool,
}

impl Wallet {
    /// What was going on when the program ended, or the vault was locked, without coming to an end: each line as it
    /// stands in the log since. What was being shared may have been shared; of what was being collected nothing was kept.
    /// Told once after unlocking.
    pub fn take_broken_off(&self) -> Vec<Activity> {
        std::mem::take(&mut *self.broken_off.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// As [`Wallet::take_broken_off`], and they stay.
    pub fn broken_off(&self) -> Vec<Activity> {
        self.broken_off.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The line about an offer that nobody has accepted yet: it is in no vault.
    pub(crate) fn new_line(&self, issuer: &Party, titles: &[String]) -> Line {
        let activity = self.activity(ActivityKind::Received, Some(issuer.clone()), titles.to_vec(), Outcome::Started);
        Line { activity, begun: false }
    }

    /// Writes it down, once.
    pub(crate) async fn begin_line(&self, line: &mut Line) -> Result<(), Failure> {
        if !line.begun {
            line.activity.at = self.world.clock.now();
            let activity = line.activity.clone();
            self.with_vault(move |vault| vault.begin_activity(&activity)).await?;
            line.begun = true;
            // The code is about to be spent.
            self.begin_link();
        }
        Ok(())
    }

    /// Writes down how it ended, where it did. Cards that were kept have said so themselves.
    pub(crate) async fn end_line(&self, line: Option<Line>, turn: &Result<Turn, Failure>) {
        let Some(Line { activity, begun: true }) = line else { return };
        let id = activity.id;
        let written = match turn {
            Ok(Turn::Ask(..) | Turn::End(End::Kept(_))) => return,
            Ok(Turn::End(End::Later { kept, .. })) if !kept.is_empty() => return,
            Ok(Turn::End(End::Declined)) => self.end_as(id, Outcome::Declined, None).await,
            Err(failure) if failure.kind == ErrorKind::Declined => self.end_as(id, Outcome::Declined, None).await,
            Ok(Turn::End(End::Failed(failure))) | Err(failure) => {
                self.end_as(id, Outcome::Failed, Some(failure.kind)).await
            }
            // Any other end has a line of its own.
            Ok(Turn::End(_)) => self.with_vault(move |vault| vault.delete_activity(&id)).await,
        };
        // A line that stays open is settled when the vault is opened again.
        if let Err(failure) = written {
            tracing::warn!(kind = failure.kind.as_str(), "the end of an offer could not be written");
        }
    }

    async fn end_as(&self, id: ActivityId, outcome: Outcome, error: Option<ErrorKind>) -> Result<(), Failure> {
        self.with_vault(move |vault| vault.end_activity(&id, outcome, error)).await
    }

    /// The line about cards that are kept, in the place of the one that was begun.
    pub(crate) fn kept_line(&self, kind: ActivityKind, begun: Option<Activity>, cards: &[Pending]) -> Activity {
        let titles = cards.iter().map(|each| each.card.facts.title.clone()).collect();
        let party = cards.first().map(|each| each.card.facts.issuer.clone());
        let line = self.activity(kind, party, titles, Outcome::Done);
        match begun {
            Some(begun) if cards.is_empty() => Activity { outcome: Outcome::Failed, ..begun },
            Some(begun) => Activity { id: begun.id, ..line },
            None => line,
        }
    }

    /// The line about a card that was offered beside others and could not be had.
    pub(crate) fn failed_line(&self, issuer: &Party, title: &str, error: ErrorKind) -> Activity {
        let line = self.activity(ActivityKind::Received, Some(issuer.clone()), vec![title.to_owned()], Outcome::Failed);
        Activity { error: Some(error), ..line }
    }

    /// A line of now, with whom.
    pub(crate) fn activity(
        &self,
        kind: ActivityKind,
        party: Option<Party>,
        titles: Vec<String>,
        outcome: Outcome,
    ) -> Activity {
        Activity {
            id: ActivityId::make(&*self.world.entropy),
            at: self.world.clock.now(),
            kind,
            party,
            purpose: None,
            told: None,
            cards: Vec::new(),
            titles,
            claims: Vec::new(),
            outcome,
            error: None,
            elsewhere: false,
        }
    }
}

/// Settles what a sudden end left open. A disk that takes no write must not keep anyone from their cards: then it is
/// settled another time.
/// `going_on` is the line of a sign-in that waits for the browser across locking.
pub(crate) fn settle(vault: &mut Vault, going_on: Option<&ActivityId>) -> Vec<Activity> {
    match vault.settle_interrupted_but(going_on) {
        Ok(settled) => settled,
        Err(error) => {
            tracing::warn!(%error, "what a sudden end left open could not be settled");
            Vec::new()
        }
    }
}
