//! Whether a card that came is one that is kept already, and which of the two stays.
//!
//! Two are one where they say the same, or where they are W3C credentials of one issuer under one identifier (Open Badges
//! 3.0, credential equality and comparison). Of two that are one the newer stays, by the date from which it holds. What
//! nobody proved never takes the place of what was proved: otherwise a file with a stranger's text under a known
//! identifier would be the end of the card that it names.

use leerpas_core::{Card, CardId, Format, Timestamp};
use leerpas_credential::{
    read::read,
    report::{CheckName, CheckResult, Report},
};
use leerpas_vault::{StoredCard, Vault, VaultError};

/// What a card that came is to those that are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// None of them is it.
    New,
    /// It says the same as this one, and takes its place.
    Same(CardId),
    /// It is a newer issue of this one, and takes its place.
    Newer(CardId),
    /// This one is newer, or was proved where the other was not: it stays.
    Older(CardId),
}

impl Standing {
    /// The card whose place is taken.
    pub(crate) fn replaces(&self) -> Option<&CardId> {
        match self {
            Self::Same(id) | Self::Newer(id) => Some(id),
            Self::New | Self::Older(_) => None,
        }
    }
}

/// Of which issue a review is, beside one that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// It will take the place of the kept one.
    Newer,
    /// The kept one will stay.
    Older,
}

/// Where the vault has this card, and which of the two is to stay.
pub(crate) fn standing(vault: &Vault, card: &Card, report: &Report, fingerprint: &str) -> Result<Standing, VaultError> {
    let same = vault.find_duplicate(fingerprint)?;
    let says_the_same = same.is_some();
    let kept = match same {
        Some(id) => vault.card(&id)?,
        None => reissued(vault, card)?,
    };
    let Some(StoredCard { card: kept, report: known, .. }) = kept else { return Ok(Standing::New) };
    let is_proved = self::is_proved(report);
    let was_proved = serde_json::from_value(known).is_ok_and(|known: Report| self::is_proved(&known));
    Ok(match since(card).cmp(&since(&kept)) {
        _ if was_proved && !is_proved => Standing::Older(kept.id),
        std::cmp::Ordering::Less => Standing::Older(kept.id),
        _ if says_the_same => Standing::Same(kept.id),
        // Somebody else's words under an identifier that is known: a card of its own.
        _ if !is_proved => Standing::New,
        std::cmp::Ordering::Greater => Standing::Newer(kept.id),
        // One issue in two files: a part of a badge must not take the place of the whole.
        std::cmp::Ordering::Equal if holds_all_of(card, &kept) => Standing::Newer(kept.id),
        std::cmp::Ordering::Equal => Standing::Older(kept.id),
    })
}

/// The kept card of the same issuer and identifier.
fn reissued(vault: &Vault, card: &Card) -> Result<Option<StoredCard>, VaultError> {
    let Some(name) = name(card) else { return Ok(None) };
    for summary in vault.summaries(None, leerpas_vault::Page::ALL)? {
        if !has_name(summary.format) || normal(&summary.issuer.identifier) != name.0 {
            continue;
        }
        let Some(mut stored) = vault.card(&summary.id)? else { continue };
        let kept = &mut stored.card;
        if kept.facts.identifier.is_none() {
            // A card of an earlier version, of which the original alone says it.
            let original = vault.originals(&summary.id)?.into_iter().next();
            kept.facts.identifier =
                original.and_then(|copy| read(&copy.original).ok()?.identifier().map(str::to_owned));
        }
        if self::name(kept).as_ref() == Some(&name) {
            return Ok(Some(stored));
        }
    }
    Ok(None)
}

/// Issuer and identifier as they are compared: without percent-encoding and blanks around them.
fn name(card: &Card) -> Option<(String, String)> {
    let identifier = normal(card.facts.identifier.as_deref().filter(|_| has_name(card.facts.format))?);
    let issuer = normal(&card.facts.issuer.identifier);
    (!identifier.is_empty() && !issuer.is_empty()).then_some((issuer, identifier))
}

fn has_name(format: Format) -> bool {
    matches!(format, Format::DataIntegrity | Format::JwtVc | Format::JwtVc11 | Format::W3cSdJwt)
}

fn normal(text: &str) -> String {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let decoded = match after {
            [high, low, after @ ..] if *first == b'%' => digit(*high).zip(digit(*low)).map(|pair| (pair, after)),
            _ => None,
        };
        rest = match decoded {
            Some(((high, low), after)) => {
                bytes.push(high * 16 + low);
                after
            }
            None => {
                bytes.push(*first);
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

fn since(card: &Card) -> Option<Timestamp> {
    card.facts.valid_from.or(card.facts.issued)
}

/// Whether its signature holds under a key that is its issuer's.
fn is_proved(report: &Report) -> bool {
    let holds =
        |name| report.check(name).is_some_and(|check| matches!(check.result, CheckResult::Pass | CheckResult::Warn));
    holds(CheckName::Signature) && holds(CheckName::IssuerKey)
}

/// Whether nothing is missing in it that the other shows: a badge that was shown in part is the same badge with less.
fn holds_all_of(card: &Card, kept: &Card) -> bool {
    fn within(whole: &serde_json::Value, part: &serde_json::Value) -> bool {
        match (whole, part) {
            (serde_json::Value::Object(whole), serde_json::Value::Object(part)) => {
                part.iter().all(|(name, value)| whole.get(name).is_some_and(|whole| within(whole, value)))
            }
            (serde_json::Value::Array(whole), serde_json::Value::Array(part)) => {
                part.len() <= whole.len() && part.iter().all(|value| whole.iter().any(|whole| within(whole, value)))
            }
            _ => true,
        }
    }
    within(&card.facts.claims, &kept.facts.claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_badges_3_equality_names_are_compared_without_percent_encoding_and_blanks() {
        for (one, other) in [
            ("https://school.example/badges/caf%C3%A9", "https://school.example/badges/café"),
            (" urn:uuid:1\n", "urn:uuid:1"),
            ("a%2fb", "a%2Fb"),
            ("%20a", "a"),
        ] {
            assert_eq!(normal(one), normal(other));
        }
        for text in ["%", "%4", "%zz", "100%", "%%41", "%c3%28"] {
            let _ = normal(text);
        }
        assert_eq!((normal("%zz").as_str(), normal("%%41").as_str(), normal("100%").as_str()), ("%zz", "%A", "100%"));
        assert_ne!(normal("urn:uuid:A"), normal("urn:uuid:a"));
    }
}
