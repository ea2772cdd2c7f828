//! The validity period.

use jiff::{SignedDuration, Timestamp};
use leerpas_core::limits;
use serde_json::{Map, Value};

use super::elm;
use crate::{
    read::Body,
    report::{Check, CheckName, Reason},
};

/// The last second of the year 9999.
const LATEST: i64 = 253_402_300_799;

/// From when and until when something holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) from: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    /// When it was signed, which must not lie ahead.
    pub(super) signed: Option<Timestamp>,
}

/// Judges the period of a credential at this time.
pub(super) fn check(body: &Body, now: Timestamp) -> Check {
    let period = match body {
        Body::SdJwt(sd_jwt) => numeric(sd_jwt.claims()),
        Body::DataIntegrity { credential, .. } => document(credential),
        Body::W3cSdJwt(sd_jwt) => both(numeric(sd_jwt.claims()), document(sd_jwt.claims())),
        Body::Jwt { claims, credential, .. } => both(numeric_of(claims), document(credential)),
        Body::OpenBadge2 { assertion, .. } => open_badge_2(assertion),
        Body::Elm { credential, .. } => elm::period(credential),
    };
    judge_read(period, now)
}

/// Judges the period of an Open Badges 2.0 assertion, which for a hosted one is the issuer's own copy.
pub(super) fn check_assertion(assertion: &Value, now: Timestamp) -> Check {
    judge_read(open_badge_2(assertion), now)
}

fn judge_read(period: Result<Period, &'static str>, now: Timestamp) -> Check {
    match period {
        Err(name) => Check::fail(
            CheckName::Validity,
            Reason::Malformed,
            format!("{name} cannot be read as a time, or ends before it begins"),
        ),
        Ok(period) => judge(period, now),
    }
}

pub(super) fn judge(period: Period, now: Timestamp) -> Check {
    const NAME: CheckName = CheckName::Validity;
    let leeway = SignedDuration::from_secs(limits::CLOCK_SKEW_SECONDS);
    let is_over = |until: Timestamp| now.duration_since(until) > leeway;
    let is_ahead = |from: Timestamp| from.duration_since(now) > leeway;
    match period {
        Period { until: Some(until), .. } if is_over(until) => {
            Check::fail(NAME, Reason::Expired, format!("held until {until}"))
        }
        Period { from: Some(from), .. } if is_ahead(from) => {
            Check::fail(NAME, Reason::NotYetValid, format!("holds from {from}"))
        }
        Period { signed: Some(signed), .. } if is_ahead(signed) => {
            Check::fail(NAME, Reason::NotYetValid, format!("says that it was signed at {signed}"))
        }
        Period { until: Some(until), .. } => Check::pass(NAME, format!("holds until {until}")),
        _ => Check::pass(NAME, "it has no end"),
    }
}

/// `nbf`, `exp` and `iat` (RFC 7519, section 4.1): whole seconds; what is there and cannot be read is not valid.
pub(super) fn numeric(claims: &Value) -> Result<Period, &'static str> {
    claims.as_object().map_or(Ok(Period::default()), numeric_of)
}

/// As [`numeric`].
pub(super) fn numeric_of(claims: &Map<String, Value>) -> Result<Period, &'static str> {
    let read = |name: &'static str| match claims.get(name) {
        None => Ok(None),
        Some(value) => {
            let seconds = value.as_i64().filter(|seconds| (0..=LATEST).contains(seconds)).ok_or(name)?;
            Timestamp::from_second(seconds).map(Some).map_err(|_| name)
        }
    };
    ordered(Period { from: read("nbf")?, until: read("exp")?, signed: read("iat")? })
}

/// `validFrom` and `validUntil` (VCDM 2.0, section 4.9), or `issuanceDate` and `expirationDate` (VCDM 1.1).
pub(super) fn document(credential: &Value) -> Result<Period, &'static str> {
    let read = |names: [&'static str; 2]| {
        for name in names {
            if let Some(value) = credential.get(name) {
                return value.as_str().and_then(date_time).map(Some).ok_or(name);
            }
        }
        Ok(None)
    };
    ordered(Period {
        from: read(["validFrom", "issuanceDate"])?,
        until: read(["validUntil", "expirationDate"])?,
        signed: None,
    })
}

/// `issuedOn` and `expires` (Open Badges 2.0, Assertion).
fn open_badge_2(assertion: &Value) -> Result<Period, &'static str> {
    let read = |name: &'static str| match assertion.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => date_time(text).map(Some).ok_or(name),
        // Open Badges 1.1 and earlier had seconds here.
        Some(value) => value.as_i64().and_then(|seconds| Timestamp::from_second(seconds).ok()).map(Some).ok_or(name),
    };
    ordered(Period { from: None, until: read("expires")?, signed: read("issuedOn")? })
}

/// An XML Schema dateTimeStamp: date, time and zone, none of them optional.
pub(super) fn date_time(text: &str) -> Option<Timestamp> {
    // The library forgives a leap second and a space; a signed text gets one reading only.
    let (_, time) = text.split_once('T')?;
    if time.get(6..8) == Some("60") || text.contains(['[', ' ', 't', 'z']) {
        return None;
    }
    text.parse().ok()
}

pub(super) fn ordered(period: Period) -> Result<Period, &'static str> {
    match (period.from, period.until) {
        (Some(from), Some(until)) if until < from => Err("the period"),
        _ => Ok(period),
    }
}

/// The stricter of the token's claims and the credential's own members.
fn both(outer: Result<Period, &'static str>, inner: Result<Period, &'static str>) -> Result<Period, &'static str> {
    ordered(strictest(outer?, inner?))
}

fn strictest(a: Period, b: Period) -> Period {
    Period { from: a.from.max(b.from), until: a.until.into_iter().chain(b.until).min(), signed: a.signed.max(b.signed) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-24T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn security_a13_the_leeway_is_sixty_seconds_on_both_sides() {
        let at = now().as_second();
        let result = |claims: Value| numeric(&claims).map(|period| judge(period, now()).reason);
        assert_eq!(result(json!({"exp": at - 60})), Ok(None));
        assert_eq!(result(json!({"exp": at - 61})), Ok(Some(Reason::Expired)));
        assert_eq!(result(json!({"nbf": at + 60})), Ok(None));
        assert_eq!(result(json!({"nbf": at + 61})), Ok(Some(Reason::NotYetValid)));
        assert_eq!(result(json!({"iat": at + 315_360_000})), Ok(Some(Reason::NotYetValid)));
    }

    #[test]
    fn security_a12_a_time_that_cannot_be_read_is_not_valid() {
        for name in ["exp", "nbf", "iat"] {
            for bad in ["\"1\"", "1.5", "-1", "1e20", "null", "{}", "99999999999999999999"] {
                let claims: Value = serde_json::from_str(&format!("{{\"{name}\":{bad}}}")).unwrap();
                assert_eq!(numeric(&claims), Err(name), "{bad}");
            }
        }
    }

    #[test]
    fn security_b15_only_real_dates_with_a_zone_are_read() {
        for bad in [
            "2025-02-30T00:00:00Z",
            "2025-02-03T00:00:00",
            "2025-02-03",
            "10000-01-01T00:00:00Z",
            "2016-12-31T23:59:60Z",
            "2025-02-03 00:00:00Z",
            "2025-02-03T00:00:00Z[UTC]",
            "",
        ] {
            assert_eq!(document(&json!({"validUntil": bad})), Err("validUntil"), "{bad}");
        }
        assert!(document(&json!({"validFrom": "2025-02-03T00:00:00+01:00"})).unwrap().from.is_some());
        let backwards = json!({"validFrom": "2026-02-03T00:00:00Z", "validUntil": "2025-02-03T00:00:00Z"});
        assert_eq!(document(&backwards), Err("the period"));
    }
}
