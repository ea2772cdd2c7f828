//! The cards in the vault: listed, opened, checked again, thrown away; and the other lists.

use leerpas_core::{
    Activity, ActivityId, ActivityKind, Card, CardId, CardStatus, ErrorKind, Failure, KeyId, Outcome, Timestamp,
};
use leerpas_credential::{keys::PublicKey, report::Report};
use leerpas_vault::{CardSummary, KeyRecord, Page};

use crate::{Refresh, Wallet, failure};

/// A key of the vault, without its private half.
#[derive(Debug, Clone)]
pub struct HeldKey {
    /// What the vault knows of it.
    pub record: KeyRecord,
    /// The title of the card that it belongs to.
    pub card: Option<String>,
    /// The thumbprint of the public half (RFC 7638), base64url.
    pub thumbprint: String,
}

impl Wallet {
    /// One page of the list, newest first, or the best match first when something is searched for.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], [`ErrorKind::StorageFailed`].
    pub async fn cards(&self, query: Option<String>, page: Page) -> Result<Vec<CardSummary>, Failure> {
        let now = self.world.clock.now();
        self.with_vault(move |vault| {
            let mut cards = vault.summaries(query.as_deref().filter(|text| !text.trim().is_empty()), page)?;
            for card in &mut cards {
                card.status = status_at(card.status, card.valid_from, card.expires, now);
            }
            Ok(cards)
        })
        .await
    }

    /// The picture of a card as a `data:` URL.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], [`ErrorKind::CardNotFound`].
    pub async fn picture(&self, id: &CardId) -> Result<Option<String>, Failure> {
        let id = id.clone();
        self.with_vault(move |vault| Ok(vault.picture(&id)?.map(|picture| picture.data_url))).await
    }

    /// One card with what the last check said.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], [`ErrorKind::CardNotFound`].
    pub async fn card(&self, id: &CardId) -> Result<(Card, Report), Failure> {
        let (wanted, now) = (id.clone(), self.world.clock.now());
        let stored = self.with_vault(move |vault| vault.card(&wanted)).await?.ok_or_else(|| not_found(id))?;
        let card = card_at(stored.card, now);
        let report = serde_json::from_value(stored.report).map_err(|e| failure::internal("card", e))?;
        Ok((card, report))
    }

    /// The original bytes of a card's first copy, exactly as the issuer made them.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], [`ErrorKind::CardNotFound`].
    pub async fn original(&self, id: &CardId) -> Result<Vec<u8>, Failure> {
        let wanted = id.clone();
        let copies = self.with_vault(move |vault| vault.originals(&wanted)).await?;
        copies.into_iter().next().map(|copy| copy.original).ok_or_else(|| not_found(id))
    }

    /// Checks a card once more, with what the network says now, and keeps the answer. Where nobody answers, what is known
    /// of its list serves as long as it may.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], [`ErrorKind::CardNotFound`]. That a check fails is an answer, not an error.
    pub async fn check_again(&self, id: &CardId) -> Result<(Card, Report), Failure> {
        self.refresh(Refresh::One(id.clone())).await?;
        self.card(id).await
    }

    /// Throws a card away. Its keys go too; what was shared of it stays in the log.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], [`ErrorKind::CardNotFound`].
    pub async fn delete(&self, id: &CardId) -> Result<(), Failure> {
        let (card, _) = self.card(id).await?;
        let activity = Activity {
            id: ActivityId::make(&*self.world.entropy),
            at: self.world.clock.now(),
            kind: ActivityKind::Deleted,
            party: Some(card.facts.issuer),
            purpose: None,
            told: None,
            cards: vec![id.clone()],
            titles: vec![card.facts.title],
            claims: Vec::new(),
            outcome: Outcome::Done,
            error: None,
            elsewhere: false,
        };
        let id = id.clone();
        self.with_vault(move |vault| vault.delete_card(&id, &activity)).await
    }

    /// The activity log, newest first.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`].
    pub async fn activities(&self) -> Result<Vec<Activity>, Failure> {
        self.with_vault(|vault| vault.activities()).await
    }

    /// Every key, public halves only.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`].
    pub async fn keys(&self) -> Result<Vec<HeldKey>, Failure> {
        let found = self
            .with_vault(|vault| {
                let mut keys = Vec::new();
                for key in vault.keys()? {
                    let card = key.card.as_ref().map(|id| vault.card(id)).transpose()?.flatten();
                    keys.push((key, card.map(|stored| stored.card.facts.title)));
                }
                Ok(keys)
            })
            .await?;
        found
            .into_iter()
            .map(|(record, card)| {
                let public = PublicKey::from_jwk(&record.public_jwk).map_err(|e| failure::internal("keys", e))?;
                Ok(HeldKey { thumbprint: public.thumbprint(), record, card })
            })
            .collect()
    }

    /// A new identifier for a card.
    pub(crate) fn new_card_id(&self) -> CardId {
        CardId::make(&*self.world.entropy)
    }

    /// A new identifier for a key.
    pub(crate) fn new_key_id(&self) -> KeyId {
        KeyId::make(&*self.world.entropy)
    }
}

/// What a list may say now: a card that was valid when it was checked may have run out since.
pub fn status_at(
    checked: CardStatus,
    valid_from: Option<Timestamp>,
    expires: Option<Timestamp>,
    now: Timestamp,
) -> CardStatus {
    match checked {
        CardStatus::Valid | CardStatus::NotYetValid | CardStatus::Unknown
            if expires.is_some_and(|until| until < now) =>
        {
            CardStatus::Expired
        }
        CardStatus::NotYetValid if valid_from.is_none_or(|from| from <= now) => CardStatus::Valid,
        other => other,
    }
}

/// As [`status_at`], for a card as it is kept.
pub(crate) fn card_at(mut card: Card, now: Timestamp) -> Card {
    card.status = status_at(card.status, card.facts.valid_from, card.facts.expires, now);
    card
}

pub(crate) fn not_found(id: &CardId) -> Failure {
    Failure::new(ErrorKind::CardNotFound, "card", format!("there is no card {id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_that_was_valid_runs_out_without_being_checked_again() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let past = Some("2026-11-24T11:59:59Z".parse().unwrap());
        let future = Some("2026-11-24T12:00:01Z".parse().unwrap());
        assert_eq!(status_at(CardStatus::Valid, None, past, now), CardStatus::Expired);
        assert_eq!(status_at(CardStatus::Valid, None, future, now), CardStatus::Valid);
        assert_eq!(status_at(CardStatus::NotYetValid, past, None, now), CardStatus::Valid);
        assert_eq!(status_at(CardStatus::NotYetValid, future, None, now), CardStatus::NotYetValid);
        assert_eq!(status_at(CardStatus::Revoked, None, past, now), CardStatus::Revoked, "the graver one stays");
    }
}
