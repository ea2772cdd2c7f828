//! European Digital Credentials of the European Learning Model 3, and of version 2 in XML.
//!
//! They are sealed with JAdES (ETSI TS 119 182-1), in XML with XAdES (ETSI EN 319 132-1), by a qualified seal, whose trust hangs on the lists of the member
//! states. That is not made here, and what is not checked is never called valid: a seal is there, and the report says
//! that nobody looked at it. A W3C proof is looked at as in every other credential.

use serde_json::Value;

use super::{
    dates::{Period, date_time, ordered},
    evaluate::{Findings, Look},
    issuer_keys::Tie,
    linked_data,
};
use crate::{
    read::{
        ElmForm,
        claims::{id_of, subjects},
    },
    report::{Check, CheckName, Reason},
};

pub(super) fn check(look: &mut Look<'_>, credential: &Value, form: ElmForm) -> Findings {
    let issuer = credential.get("issuer").and_then(id_of).unwrap_or_default();
    let format = self::format(credential, form);
    let tie = Tie { identifier: Some(issuer.to_owned()).filter(|id| !id.is_empty()), ..Tie::default() };
    let seal = match form {
        ElmForm::Jades => Some("it carries a JAdES seal, which this version does not check"),
        ElmForm::Xades => Some("it carries a XAdES seal, which this version does not check"),
        ElmForm::JsonLd | ElmForm::Xml => None,
    };
    if let Some(detail) = seal {
        let unknown = |name| Check::unknown(name, Reason::SealNotChecked, detail);
        return Findings { checks: vec![format, unknown(CheckName::Signature), unknown(CheckName::IssuerKey)], tie };
    }
    let shown = linked_data::is_shown(look);
    let (signature, key, proved) = linked_data::proofs(look, credential, issuer, shown);
    let tie = if proved.key.is_some() { proved } else { tie };
    Findings { checks: vec![format, signature, key], tie }
}

/// What one must have to be read as one. An issuer is not demanded: what an awarding body hands out before it is sealed
/// has none, and then the seal is missing too.
fn format(credential: &Value, form: ElmForm) -> Check {
    const NAME: CheckName = CheckName::Format;
    let subjects = subjects(credential);
    if subjects.is_empty() || !subjects.iter().all(Value::is_object) {
        return Check::fail(NAME, Reason::Malformed, "credentialSubject is missing, empty or no object");
    }
    // In XML an institution has a name within its document and often no address.
    let is_xml = matches!(form, ElmForm::Xml | ElmForm::Xades);
    let is_named = |issuer: &Value| id_of(issuer).map_or(is_xml, |id| url::Url::parse(id).is_ok());
    if credential.get("issuer").is_some_and(|issuer| !is_named(issuer)) {
        return Check::fail(NAME, Reason::Malformed, "issuer is no URL and has none");
    }
    let version = match form {
        ElmForm::JsonLd | ElmForm::Jades => "3",
        ElmForm::Xml | ElmForm::Xades => "2, in XML",
    };
    Check::pass(NAME, format!("European Digital Credential of the European Learning Model {version}"))
}

/// `validFrom`, `validUntil` and the older names. The model writes times without a zone; they are taken as UTC.
pub(super) fn period(credential: &Value) -> Result<Period, &'static str> {
    let read = |names: [&'static str; 2]| {
        for name in names {
            if let Some(value) = credential.get(name) {
                return value.as_str().and_then(instant).map(Some).ok_or(name);
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

fn instant(text: &str) -> Option<jiff::Timestamp> {
    date_time(text).or_else(|| date_time(&format!("{text}Z")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elm_times_without_a_zone_are_utc() {
        let period =
            period(&json!({"validFrom": "2025-03-25T07:52:38", "validUntil": "2026-03-25T07:52:38Z"})).unwrap();
        assert_eq!(period.from.unwrap().to_string(), "2025-03-25T07:52:38Z");
        assert_eq!(period.until.unwrap().to_string(), "2026-03-25T07:52:38Z");
        assert_eq!(super::period(&json!({"validFrom": "ooit"})), Err("validFrom"));
        assert_eq!(super::period(&json!({"validFrom": 5})), Err("validFrom"));
        assert_eq!(super::period(&json!({"expirationDate": "2025-02-30T00:00:00"})), Err("expirationDate"));
    }
}
