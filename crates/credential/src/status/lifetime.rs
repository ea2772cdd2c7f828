//! How long a list serves before it is asked for again.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::{jose::Jws, json};

/// A list is fetched anew after this time at the earliest and the latest, whatever its `ttl` says: often enough that a
/// withdrawal shows, seldom enough that the issuer learns little (Token Status List, section 13.7; security.md E06).
const SHORTEST: i64 = 5 * 60;
const LONGEST: i64 = 7 * 24 * 60 * 60;
/// Where a list says nothing.
const DEFAULT: i64 = 12 * 60 * 60;

/// How long a list serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// Seconds from when it was fetched, between 5 minutes and 7 days.
    pub seconds: i64,
    /// When it ends by its own word.
    pub ends: Option<Timestamp>,
}

impl Lifetime {
    /// Whether a list that was fetched then serves now without asking again. One that has ended is asked for again, though
    /// not within five minutes of the last time: an issuer that publishes only old lists is not asked without end.
    pub fn serves(&self, fetched: Timestamp, now: Timestamp) -> bool {
        let age = now.duration_since(fetched);
        age <= SignedDuration::from_secs(SHORTEST)
            || (age <= SignedDuration::from_secs(self.seconds) && self.ends.is_none_or(|ends| now <= ends))
    }
}

/// The lifetime of a list by what it says itself: `ttl` in seconds and `exp` of a token (Token Status List, section 5.1),
/// `credentialSubject.ttl` in milliseconds and `validUntil` of a credential (Bitstring Status List 1.0, section 2.2). It is
/// read before the signature is checked, which at worst makes us ask within the bounds.
pub fn lifetime(list: &[u8]) -> Lifetime {
    let said = said(list).unwrap_or_default();
    Lifetime { seconds: said.ttl.unwrap_or(DEFAULT).clamp(SHORTEST, LONGEST), ends: said.ends }
}

#[derive(Default)]
struct Said {
    ttl: Option<i64>,
    ends: Option<Timestamp>,
}

fn said(list: &[u8]) -> Option<Said> {
    if let Ok(credential) = json::parse(list) {
        return Some(of_credential(&credential));
    }
    let claims = Jws::parse(std::str::from_utf8(list).ok()?.trim()).ok()?.claims().ok()?;
    let ends = claims.get("exp").and_then(Value::as_i64).and_then(|exp| Timestamp::from_second(exp).ok());
    let ttl = claims.get("ttl").and_then(whole);
    let claims = Value::Object(claims);
    let inner = of_credential(claims.get("vc").unwrap_or(&claims));
    Some(Said { ttl: ttl.or(inner.ttl), ends: ends.into_iter().chain(inner.ends).min() })
}

fn of_credential(credential: &Value) -> Said {
    let until = ["validUntil", "expirationDate"].into_iter().find_map(|name| credential.get(name)?.as_str());
    let ttl = credential.get("credentialSubject").and_then(|subject| subject.get("ttl")).and_then(whole);
    Said { ttl: ttl.map(|milliseconds| milliseconds / 1000), ends: until.and_then(|until| until.parse().ok()) }
}

/// A whole number; one too large to count with is as good as endless.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_u64().map(|_| i64::MAX))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jose::encode_base64url;

    fn token(claims: &Value) -> Vec<u8> {
        let part = |value: &Value| encode_base64url(value.to_string().as_bytes());
        format!("{}.{}.{}", part(&json!({"alg": "ES256"})), part(claims), encode_base64url(&[0; 64])).into_bytes()
    }

    fn serves(list: &[u8], age: i64) -> bool {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        lifetime(list).serves(Timestamp::from_second(now.as_second() - age).unwrap(), now)
    }

    #[test]
    fn security_e06_a_ttl_counts_within_five_minutes_and_seven_days() {
        const DAY: i64 = 24 * 3600;
        for (ttl, until) in [
            (json!(0), 300),
            (json!(-5), 300),
            (json!(3600), 3600),
            (json!(1_000_000_000_000_i64), 7 * DAY),
            (json!(u64::MAX), 7 * DAY),
            (json!("soon"), DAY / 2),
            (json!(null), DAY / 2),
        ] {
            let list = token(&json!({"ttl": ttl}));
            assert!(serves(&list, until) && !serves(&list, until + 1), "{ttl}");
        }
        let credential = json!({"credentialSubject": {"ttl": 3_600_000}}).to_string();
        assert!(serves(credential.as_bytes(), 3600) && !serves(credential.as_bytes(), 3601), "milliseconds");
        assert!(serves(b"<html>", DAY / 2) && !serves(b"<html>", DAY / 2 + 1));
    }

    #[test]
    fn security_e06_a_list_that_has_ended_is_asked_for_again_but_not_without_end() {
        let ended = json!({"validUntil": "2026-11-24T11:00:00Z", "credentialSubject": {"ttl": 86_400_000}}).to_string();
        assert!(!serves(ended.as_bytes(), 301));
        assert!(serves(ended.as_bytes(), 299));
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let ended = token(&json!({"ttl": 86_400, "exp": now.as_second() - 1}));
        assert!(!serves(&ended, 301) && serves(&ended, 299));
    }
}
