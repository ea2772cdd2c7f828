//! When it was issued and how long it holds.

use leerpas_core::{CardFacts, Timestamp};
use serde_json::Value;

use super::find::Scope;

/// Reads the dates of every format: RFC 7519 numbers, VCDM 1.1 and 2.0, Open Badges 2.0 and 3.0.
pub(super) fn read(claims: &Value, facts: &mut CardFacts) {
    let scope = Scope::new([claims]);
    let get = |names: &[&str]| names.iter().find_map(|name| scope.get(&[name]).and_then(date));
    facts.valid_from = get(&["validFrom", "issuanceDate", "nbf"]);
    facts.issued = get(&[
        "awardedDate",
        "issuedOn",
        "iat",
        "issued",
        "date_of_issuance",
        "issuance_date",
        "issue_date",
        "date_of_issuing",
        "date_of_issue",
    ])
    .or(facts.valid_from);
    facts.expires = get(&["validUntil", "expirationDate", "exp", "expires", "expiry_date", "date_of_expiry"]);
}

/// A date with time and zone; one without zone, or a bare date, both as in UTC; or seconds since 1970.
pub(super) fn date(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => {
            let text = text.trim();
            let whole_day = || (text.len() == 10).then(|| format!("{text}T00:00:00Z").parse().ok())?;
            // The European Learning Model writes times without a zone; a reader takes the day.
            let without_zone = || (text.len() == 19).then(|| format!("{text}Z").parse().ok())?;
            text.parse().ok().or_else(whole_day).or_else(without_zone)
        }
        Value::Number(number) => {
            let text = number.to_string();
            let seconds: i64 = text.split('.').next()?.parse().ok()?;
            Timestamp::from_second(seconds).ok()
        }
        _ => None,
    }
}
