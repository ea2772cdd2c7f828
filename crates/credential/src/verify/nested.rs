//! A credential within a credential: read and judged by the same means as one that comes alone.

use serde_json::Value;

use super::evaluate::{self, Look};
use crate::{
    read::{self, Unverified},
    report::{Check, CheckResult, Part, Reason, Report, Verdict},
};

/// One that was found within another.
pub(super) struct Nested {
    pub(super) credential: Unverified,
    pub(super) report: Report,
}

impl Nested {
    /// What was found, as a part of the check on all of them. It is named by its issuer.
    pub(super) fn part(&self) -> Part {
        let (result, wanted) = match self.report.verdict {
            Verdict::Valid => (CheckResult::Pass, CheckResult::Pass),
            Verdict::Invalid => (CheckResult::Fail, CheckResult::Fail),
            Verdict::Unknown => (CheckResult::Unknown, CheckResult::Unknown),
        };
        let name = self.report.issuer.name.clone();
        let decisive = self.report.checks.iter().find(|check| check.result == wanted && result != CheckResult::Pass);
        match decisive {
            Some(Check { name: question, reason, detail, .. }) => {
                Part { name, result, reason: *reason, detail: format!("{}: {detail}", question.as_str()) }
            }
            None => Part { name, result, reason: None, detail: "every check passed".to_owned() },
        }
    }
}

/// A part for one that was not looked at, or could not be read.
pub(super) fn part(name: impl Into<String>, result: CheckResult, reason: Reason, detail: impl Into<String>) -> Part {
    Part { name: name.into(), result, reason: Some(reason), detail: detail.into() }
}

/// Reads and judges one: an object with its proof, a compact JWS, or the envelope around one (VCDM 2.0, section 4.13.1).
///
/// # Errors
/// The part to show where it is no credential.
pub(super) fn judge(look: &mut Look<'_>, value: &Value) -> Result<Nested, Box<Part>> {
    let credential = read::read(text(value).as_bytes())
        .map_err(|error| Box::new(part("", CheckResult::Fail, Reason::Malformed, error.to_string())))?;
    let report = look.within(&credential, evaluate::evaluate);
    Ok(Nested { credential, report })
}

fn text(value: &Value) -> String {
    let envelope = value.get("id").and_then(Value::as_str).and_then(|id| {
        let (kind, token) = id.split_once(',')?;
        ["data:application/vc+jwt", "data:application/jwt", "data:application/vc+sd-jwt"]
            .contains(&kind)
            .then_some(token)
    });
    match (value, envelope) {
        (Value::String(token), _) => token.clone(),
        (_, Some(token)) => token.to_owned(),
        _ => value.to_string(),
    }
}

/// A list, or a thing alone as a list of one.
pub(super) fn each(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(several)) => several,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}
