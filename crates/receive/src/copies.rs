//! Copies: is each of the offered kind, to which key does it belong, may it be kept, do they say the same?

use std::collections::{BTreeSet, VecDeque};

use leerpas_core::{ErrorKind, Format, limits};
use leerpas_credential::{
    keys::HolderKey,
    read::Unverified,
    report::{Check, CheckName, CheckResult, Reason, Report},
};
use leerpas_openid::{
    text,
    vci::{CredentialResponse, NAME},
};
use serde_json::Value;

use crate::{ReceiveError, plan::Want};

/// Checks that must have passed before anything is kept; the list of the status may be out of reach.
const NEEDED: [CheckName; 3] = [CheckName::Signature, CheckName::IssuerKey, CheckName::Holder];

/// Members that may differ between copies of one credential.
const OWN_TO_A_COPY: [&str; 14] = [
    "cnf",
    "sub",
    "jti",
    "id",
    "iat",
    "nbf",
    "exp",
    "validFrom",
    "validUntil",
    "issuanceDate",
    "expirationDate",
    "status",
    "credentialStatus",
    "proof",
];

/// Reads each copy, refuses what is not of the offered kind or came twice, and gives each the key that it
/// names; one that names none of ours gets a key that is left over, and then fails the check for it.
pub(crate) fn read(
    response: &CredentialResponse,
    want: &Want,
    keys: &mut Vec<HolderKey>,
    copies: &mut VecDeque<(HolderKey, Unverified)>,
) -> Result<(), ReceiveError> {
    let (asked, came) = (keys.len(), response.credentials.len());
    if came > asked {
        return Err(ReceiveError::TooManyCopies { asked, came });
    }
    let mut seen = BTreeSet::new();
    let mut strangers = Vec::new();
    for issued in &response.credentials {
        let bytes = issued.to_bytes();
        if bytes.len() > limits::CREDENTIAL {
            return Err(ReceiveError::TooLarge);
        }
        let credential = leerpas_credential::read::read(&bytes).map_err(ReceiveError::Unreadable)?;
        if !seen.insert(bytes) {
            return Err(ReceiveError::Repeated);
        }
        as_offered(&credential, want)?;
        match keys.iter().position(|key| names(&credential, key)) {
            Some(place) => copies.push_back((keys.swap_remove(place), credential)),
            None if copies.iter().any(|(key, _)| names(&credential, key)) => return Err(ReceiveError::Repeated),
            None => strangers.push(credential),
        }
    }
    for credential in strangers {
        let key = keys.pop().ok_or(ReceiveError::Repeated)?;
        copies.push_front((key, credential));
    }
    Ok(())
}

/// Whether a credential says that it is bound to this key.
fn names(credential: &Unverified, key: &HolderKey) -> bool {
    let did = key.did_jwk();
    credential.holder_key_thumbprint().as_deref() == Some(key.public().thumbprint().as_str())
        || credential.holder_ids().iter().any(|id| id.split('#').next() == Some(did.as_str()))
}

/// Format and type are those of the configuration that was offered.
fn as_offered(credential: &Unverified, want: &Want) -> Result<(), ReceiveError> {
    if !want.takes(credential.format()) || credential.is_presentation() {
        return Err(ReceiveError::NotAsOffered { what: "format" });
    }
    let types = credential.types();
    let fits = match &want.configuration.vct {
        Some(vct) if want.format == Format::SdJwtVc => types.iter().eq([vct]),
        _ if want.format == Format::SdJwtVc => true,
        _ => {
            let own = credential.claims().get("type");
            let says = |name: &String| match own {
                Some(Value::Array(all)) => all.iter().any(|one| one.as_str() == Some(name)),
                Some(Value::String(one)) => one == name,
                _ => false,
            };
            want.configuration.types.iter().all(|name| says(name) || types.contains(name))
        }
    };
    if fits { Ok(()) } else { Err(ReceiveError::NotAsOffered { what: "type" }) }
}

/// The check that [`as_offered`] stands for.
pub(crate) fn kind_check(want: &Want) -> Check {
    let compared = match want.format {
        Format::SdJwtVc => want.configuration.vct.is_some(),
        _ => !want.configuration.types.is_empty(),
    };
    if !compared {
        let detail = "the issuer's metadata names no type to compare with";
        return Check::warn(CheckName::Kind, Reason::LooseForm, detail);
    }
    Check::pass(CheckName::Kind, format!("it is of the kind that was offered: {}", text::plain(&want.id, NAME)))
}

/// Nothing failed, and what is needed for keeping was checked.
pub(crate) fn judge(report: &Report) -> Result<(), ReceiveError> {
    let rejected =
        |check: &Check, kind| ReceiveError::Rejected { kind, check: check.name, detail: check.detail.clone() };
    if let Some(check) = report.checks.iter().find(|check| check.result == CheckResult::Fail) {
        return Err(rejected(check, report.failure_kind().unwrap_or(ErrorKind::CredentialNotGenuine)));
    }
    for name in NEEDED {
        match report.check(name) {
            Some(check) if matches!(check.result, CheckResult::Pass | CheckResult::Warn) => {}
            Some(check) => return Err(rejected(check, ErrorKind::CredentialUncheckable)),
            None => {
                let detail = "it was not made".to_owned();
                return Err(ReceiveError::Rejected { kind: ErrorKind::CredentialUncheckable, check: name, detail });
            }
        }
    }
    let open = |check: &&Check| check.result == CheckResult::Unknown && check.name != CheckName::Status;
    match report.checks.iter().find(open) {
        Some(check) => Err(rejected(check, ErrorKind::CredentialUncheckable)),
        None => Ok(()),
    }
}

/// What a copy says, without what rightly differs from copy to copy: keys, identifiers, dates, status and proof.
pub(crate) fn said(claims: &Value) -> Value {
    let mut said = claims.clone();
    if let Some(members) = said.as_object_mut() {
        members.retain(|name, _| !OWN_TO_A_COPY.contains(&name.as_str()));
        let subject = members.get_mut("credentialSubject").and_then(Value::as_object_mut);
        if let Some(subject) = subject {
            subject.remove("id");
        }
    }
    said
}

/// Where a copy points to its status, if it does.
pub(crate) fn status(claims: &Value) -> Option<Value> {
    claims.get("status").or_else(|| claims.get("credentialStatus")).cloned()
}
