//! Whom a badge names as its recipient, held against the addresses that the learner says are theirs.
//!
//! Badges name people by an e-mail address, a telephone number or a web address, in the clear or as a hash with a salt
//! (Open Badges 2.0, `IdentityObject`; Open Badges 3.0, `IdentityObject`). The comparison is made here; no address and no
//! hash ever leaves, and no report holds one. A badge that names none of them is only *not proved* to be the learner's:
//! people have more addresses than they have told, so that is a warning.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Binding, evaluate::Look};
use crate::{
    read::{Body, claims::subjects},
    report::{Check, CheckName, Reason},
};

const NAME: CheckName = CheckName::Recipient;
/// Recipients of one badge that are looked at.
const RECIPIENTS: usize = 64;
/// Addresses of the learner that are tried.
const IDENTITIES: usize = 64;

/// One way in which a badge names a person.
struct Recipient<'a> {
    /// The address, or the algorithm, `$` and the digest in hexadecimal digits.
    identity: &'a str,
    hashed: bool,
    salt: &'a str,
}

/// The recipient of an Open Badges 2.0 assertion.
pub(super) fn check_assertion(look: &Look<'_>, assertion: &Value) -> Option<Check> {
    let recipient = read(assertion.get("recipient")?, "identity")?;
    Some(judge(&[recipient], &look.policy.identities))
}

/// The `identifier`s of the subjects of an Open Badge 3.0; `None` where it names nobody in this way.
pub(super) fn check_subjects(look: &Look<'_>) -> Option<Check> {
    if matches!(look.credential.body(), Body::SdJwt(_) | Body::OpenBadge2 { .. }) {
        return None;
    }
    let identities = &look.policy.identities;
    // Where a key proves the holder, an address that nobody told us adds nothing.
    if identities.is_empty() && look.policy.binding != Binding::NotAsked {
        return None;
    }
    let identifiers = subjects(look.credential.claims()).iter().filter_map(|subject| subject.get("identifier"));
    let each = identifiers.flat_map(|identifier| match identifier {
        Value::Array(several) => several.as_slice(),
        one => std::slice::from_ref(one),
    });
    let recipients: Vec<_> = each.filter_map(|one| read(one, "identityHash")).take(RECIPIENTS).collect();
    (!recipients.is_empty()).then(|| judge(&recipients, identities))
}

/// Reads one; those that give a name or a number of some register in the clear say nothing that could be compared.
fn read<'a>(object: &'a Value, member: &str) -> Option<Recipient<'a>> {
    let identity = object.get(member)?.as_str()?;
    let looks_hashed = identity.split_once('$').is_some_and(|(name, _)| matches!(name, "sha256" | "md5"));
    let hashed = object.get("hashed").and_then(Value::as_bool).unwrap_or(looks_hashed);
    let kind = object.get("identityType").or_else(|| object.get("type")).and_then(Value::as_str).unwrap_or_default();
    let is_address = ["email", "emailAddress", "url", "telephone", "phone", "id", "did"].contains(&kind);
    let salt = object.get("salt").and_then(Value::as_str).unwrap_or_default();
    (hashed || is_address || identity.contains('@')).then_some(Recipient { identity, hashed, salt })
}

fn judge(recipients: &[Recipient<'_>], identities: &[String]) -> Check {
    if identities.is_empty() {
        return Check::warn(NAME, Reason::NoIdentity, "no address of the learner is known here");
    }
    let matching = |wanted: fn(&Recipient<'_>) -> bool| {
        let mut tried = recipients.iter().filter(|recipient| wanted(recipient));
        tried.find_map(|recipient| {
            identities.iter().take(IDENTITIES).find(|identity| names(recipient, identity)).map(|found| kind(found))
        })
    };
    if let Some(kind) = matching(|recipient| !is_weak(recipient)) {
        return Check::pass(NAME, format!("it names the learner by {kind}"));
    }
    if recipients.iter().all(is_weak) {
        return Check::warn(NAME, Reason::WeakHash, "the recipient is hidden by MD5, which proves nothing");
    }
    Check::warn(NAME, Reason::OtherRecipient, "it names none of the learner's addresses")
}

fn is_weak(recipient: &Recipient<'_>) -> bool {
    recipient.hashed && recipient.identity.to_ascii_lowercase().starts_with("md5$")
}

/// Whether a badge means this address. Issuers differ in how they write one before hashing it, so its usual spellings are
/// tried.
fn names(recipient: &Recipient<'_>, identity: &str) -> bool {
    let spellings = spellings(identity);
    if !recipient.hashed {
        let written = recipient.identity.trim();
        return spellings.iter().any(|spelling| spelling.eq_ignore_ascii_case(written));
    }
    let Some(("sha256", digest)) = recipient.identity.split_once('$') else { return false };
    spellings.iter().any(|spelling| {
        let hash = Sha256::new().chain_update(spelling).chain_update(recipient.salt).finalize();
        hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>().eq_ignore_ascii_case(digest.trim())
    })
}

fn spellings(identity: &str) -> Vec<String> {
    let plain = identity.trim().to_owned();
    if plain.is_empty() {
        return Vec::new();
    }
    let mut spellings = vec![plain.to_lowercase()];
    if let Some((local, domain)) = plain.rsplit_once('@') {
        spellings.push(format!("{local}@{}", domain.to_lowercase()));
        spellings.push(format!("mailto:{}", plain.to_lowercase()));
    } else if kind(&plain) == "telephone number" {
        let digits: String = plain.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        spellings.extend([format!("tel:{digits}"), digits]);
    } else if plain.starts_with("http") {
        let bare = plain.trim_end_matches('/');
        spellings.extend([bare.to_owned(), format!("{bare}/")]);
    }
    spellings.push(plain);
    spellings.dedup();
    spellings
}

/// What kind of address it is, for the report.
fn kind(identity: &str) -> &'static str {
    let identity = identity.trim();
    if identity.contains('@') {
        "e-mail address"
    } else if identity.starts_with("http://") || identity.starts_with("https://") {
        "web address"
    } else if identity.starts_with('+') && identity.chars().all(|c| c.is_ascii_digit() || "+-() .".contains(c)) {
        "telephone number"
    } else {
        "identifier"
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hashed(identity: &str, salt: &str) -> String {
        let hash = Sha256::digest(format!("{identity}{salt}"));
        format!("sha256${}", hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    fn judged(recipient: &Value, identities: &[&str]) -> (crate::report::CheckResult, Option<Reason>, String) {
        let identities: Vec<_> = identities.iter().map(|one| (*one).to_owned()).collect();
        let check = judge(&[read(recipient, "identity").unwrap()], &identities);
        (check.result, check.reason, check.detail)
    }

    #[test]
    fn security_f10_case_and_space_make_no_other_person() {
        let recipient = json!({"type": "email", "hashed": true, "salt": "zout",
            "identity": hashed("sam@voorbeeld.example", "zout")});
        for written in ["sam@voorbeeld.example", " Sam@Voorbeeld.example ", "SAM@VOORBEELD.EXAMPLE"] {
            let (result, reason, detail) = judged(&recipient, &["ander@voorbeeld.example", written]);
            assert_eq!((result, reason), (crate::report::CheckResult::Pass, None), "{written}");
            assert!(!detail.contains("voorbeeld"), "no report holds an address: {detail}");
        }
        let capital = json!({"type": "email", "hashed": true, "identity": hashed("Sam@voorbeeld.example", "")});
        assert_eq!(judged(&capital, &["Sam@Voorbeeld.Example"]).1, None);
    }

    #[test]
    fn open_badges_2_0_identity_hash_with_and_without_salt_and_in_the_clear() {
        let other = json!({"type": "email", "hashed": true, "salt": "x", "identity": hashed("sam@a.example", "zout")});
        assert_eq!(judged(&other, &["sam@a.example"]).1, Some(Reason::OtherRecipient));
        let unsalted = json!({"type": "email", "hashed": true, "identity": hashed("sam@a.example", "").to_uppercase().replace("SHA256", "sha256")});
        assert_eq!(judged(&unsalted, &["sam@a.example"]).1, None);
        let clear = json!({"type": "url", "hashed": false, "identity": "https://sam.example/"});
        assert_eq!(judged(&clear, &["https://sam.example"]).1, None);
        let telephone = json!({"type": "telephone", "hashed": true, "identity": hashed("+31612345678", "")});
        assert_eq!(judged(&telephone, &["+31 6 1234-5678"]).2, "it names the learner by telephone number");
    }

    #[test]
    fn a_weak_hash_proves_nothing_even_where_it_fits() {
        let recipient = json!({"type": "email", "hashed": true, "identity": "md5$5d41402abc4b2a76b9719d911017c592"});
        assert_eq!(judged(&recipient, &["hello"]).1, Some(Reason::WeakHash));
    }

    #[test]
    fn without_an_address_nothing_is_said_about_the_person() {
        let recipient = json!({"type": "email", "hashed": true, "identity": hashed("sam@a.example", "")});
        assert_eq!(judged(&recipient, &[]).1, Some(Reason::NoIdentity));
        assert_eq!(judged(&recipient, &["", "  "]).1, Some(Reason::OtherRecipient));
    }

    #[test]
    fn edubadges_hash_of_an_eduid_is_the_learners() {
        // `identityType` says "id"; the hash is over the identifier in small letters and the salt.
        let id = "0b9f3c6e-1d52-4c0f-8f61-2f6a7c9d1e01";
        let recipient = json!({"type": "id", "hashed": true, "salt": "a1", "identity": hashed(id, "a1")});
        assert_eq!(judged(&recipient, &[&id.to_uppercase()]).2, "it names the learner by identifier");
    }

    #[test]
    fn a_name_in_the_clear_is_no_address() {
        assert!(
            read(&json!({"identityType": "name", "hashed": false, "identityHash": "Sam"}), "identityHash").is_none()
        );
        assert!(
            read(&json!({"identityType": "emailAddress", "identityHash": "sam@a.example"}), "identityHash").is_some()
        );
        assert!(read(&json!({"identityHash": 7}), "identityHash").is_none());
    }
}
