//! What a verification found: one named answer per check, and what follows from all of them.
//!
//! Three answers are kept apart everywhere: it holds, it does not hold, it could not be checked. A fourth, the
//! warning, says something that a person should know and that decides nothing.

use jiff::Timestamp;
use leerpas_core::{CardStatus, ErrorKind, Format, Party};
use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// Every one of them, for the words of the window.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

words! {
    /// The question that a check answers.
    CheckName {
        /// Is it built as its format demands?
        Format = "format",
        /// Does the signature hold under the key that was found?
        Signature = "signature",
        /// Is that key the issuer's?
        IssuerKey = "issuer_key",
        /// Is the issuer on the trust list?
        IssuerTrust = "issuer_trust",
        /// Is it bound to the person who holds it?
        Holder = "holder",
        /// Is it of the kind that was offered or asked for?
        Kind = "kind",
        /// Are we within its dates?
        Validity = "validity",
        /// Did the issuer withdraw it?
        Status = "status",
        /// Does the presentation answer this very request?
        Nonce = "nonce",
        /// Was the presentation made for us?
        Audience = "audience",
        /// Are the claims there that were asked for?
        Claims = "claims",
        /// Does the badge name the learner, by an address that they say is theirs?
        Recipient = "recipient",
        /// Do those who endorse it really do so?
        Endorsements = "endorsements",
        /// Do the credentials within it hold?
        Contents = "contents",
        /// Is it built as its type says (SD-JWT VC Type Metadata)?
        TypeMetadata = "type_metadata",
        /// Did the holder confirm what was asked along with it (OpenID4VP 1.0, 8.4)?
        Transaction = "transaction",
    }
}

words! {
    /// The answer to one check.
    CheckResult {
        /// It holds.
        Pass = "pass",
        /// It holds, with a remark.
        Warn = "warn",
        /// It does not hold.
        Fail = "fail",
        /// It could not be checked.
        Unknown = "unknown",
    }
}

words! {
    /// Why a check did not simply pass.
    Reason {
        /// The format's rules are broken, or a member cannot be read.
        Malformed = "malformed",
        /// `typ`, `type` or `vct` is not that of a credential, or not the one expected.
        UnexpectedType = "unexpected_type",
        /// The signature does not verify.
        BadSignature = "bad_signature",
        /// There is no proof at all.
        NotSigned = "not_signed",
        /// One proof of the issuer holds, and another one of the same issuer does not.
        OtherProofFailed = "other_proof_failed",
        /// A proof that this one builds on is missing or does not hold.
        PreviousProof = "previous_proof",
        /// The whole credential, with all that could have been left out, where only a part should be shown.
        BaseProof = "base_proof",
        /// A part of a credential: somebody left the rest out.
        PartOnly = "part_only",
        /// The way of proving is bbs-2023, which is not verified here.
        BbsNotSupported = "bbs_not_supported",
        /// An algorithm or proof type that is not accepted.
        AlgorithmNotAccepted = "algorithm_not_accepted",
        /// A way of proving that this version does not know.
        NotSupported = "not_supported",
        /// The key is proved to belong to somebody else than the issuer.
        KeyNotOfIssuer = "key_not_of_issuer",
        /// The key cannot be had, or is no longer published.
        KeyUnavailable = "key_unavailable",
        /// The key came inside the credential and nothing ties it to the issuer.
        KeyUntied = "key_untied",
        /// The certificate chain ends at no known root.
        ChainNotTrusted = "chain_not_trusted",
        /// The certificate chain breaks a rule.
        ChainInvalid = "chain_invalid",
        /// The issuer is not on the trust list.
        NotInList = "not_in_list",
        /// It is bound to another key than the holder's.
        OtherHolder = "other_holder",
        /// It is bound to nobody.
        NotBound = "not_bound",
        /// The proof of possession is missing.
        KeyBindingMissing = "key_binding_missing",
        /// The proof of possession breaks a rule or does not verify.
        KeyBindingInvalid = "key_binding_invalid",
        /// The proof of possession is too old or from the future.
        KeyBindingTime = "key_binding_time",
        /// The nonce or challenge is another one.
        WrongNonce = "wrong_nonce",
        /// The audience or domain is another one.
        WrongAudience = "wrong_audience",
        /// Past its validity period.
        Expired = "expired",
        /// Before its validity period.
        NotYetValid = "not_yet_valid",
        /// The issuer withdrew it.
        Revoked = "revoked",
        /// The issuer put it on hold.
        Suspended = "suspended",
        /// It names no status list; that is allowed.
        NoStatus = "no_status",
        /// Left alone because the credential itself does not hold.
        NotAsked = "not_asked",
        /// The status list cannot be had.
        ListUnavailable = "list_unavailable",
        /// The status list is out of date.
        ListExpired = "list_expired",
        /// The status list is not the issuer's, or breaks a rule.
        ListInvalid = "list_invalid",
        /// A JSON-LD context that is not known here.
        ContextUnknown = "context_unknown",
        /// A member that no context defines, so that no signature covers it.
        TermUndefined = "term_undefined",
        /// The document is too large to be canonicalised here.
        TooComplex = "too_complex",
        /// The issuer calls the form by an older or looser name than the specification.
        LooseForm = "loose_form",
        /// The issuer has a message about it that says nothing about its validity.
        StatusMessage = "status_message",
        /// The issuer says that there is a newer version.
        NewerVersion = "newer_version",
        /// Proved by the issuer's own web address, which was asked; there is no signature (Open Badges 2.0, hosted).
        Hosted = "hosted",
        /// The issuer's address does not give the badge: not public, not there any more, or out of reach.
        NotHosted = "not_hosted",
        /// The issuer's address leads on to another one, which is not followed.
        Moved = "moved",
        /// What stands at the address is another document than the one that it is said to be.
        OtherDocument = "other_document",
        /// The issuer's own copy says something else than what came in.
        Changed = "changed",
        /// No address of the learner is known that could be compared.
        NoIdentity = "no_identity",
        /// None of the learner's addresses is the one that the badge names.
        OtherRecipient = "other_recipient",
        /// The address is hidden in a way that is too weak to prove anything.
        WeakHash = "weak_hash",
        /// At least one endorsement does not hold or could not be checked.
        EndorsementDoubtful = "endorsement_doubtful",
        /// At least one credential within it does not hold.
        ContentInvalid = "content_invalid",
        /// The issuer offers a newer version.
        RefreshOffered = "refresh_offered",
        /// The picture that it is baked into is no part of the proof.
        PictureUnproved = "picture_unproved",
        /// There is a seal of a kind that this version does not check (JAdES).
        SealNotChecked = "seal_not_checked",
        /// The description of the credential's type cannot be had. It is an extra, so nothing follows from that.
        MetadataUnavailable = "metadata_unavailable",
        /// The description of the type breaks a rule and was left aside.
        MetadataInvalid = "metadata_invalid",
        /// The description of the type is another one than the credential was signed with.
        MetadataChanged = "metadata_changed",
        /// The credential lacks a claim that its type demands, or hides or shows one against the rules of its type.
        MetadataContradicted = "metadata_contradicted",
        /// The trust list that names the issuer should have been replaced by a newer one.
        TrustListOld = "trust_list_old",
        /// What was to be confirmed along with it was not, or something else was.
        NotConfirmed = "not_confirmed",
    }
}

/// One check with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The question.
    pub name: CheckName,
    /// The answer.
    pub result: CheckResult,
    /// The evidence in English, for developers and logs; it holds identifiers and dates, never values of claims.
    pub detail: String,
    /// Why it did not simply pass.
    pub reason: Option<Reason>,
    /// When the list or key that the answer rests on was fetched, if it was not just now.
    pub known_at: Option<Timestamp>,
    /// Where one question has several things to look at (the proofs of a set, the credentials within), each of them by
    /// name, so that none is silent. Empty where there is only one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// One of several things that a check looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it is, for example the cryptosuite and key of a proof; an identifier, never the value of a claim.
    pub name: String,
    /// The answer for it alone.
    pub result: CheckResult,
    /// Why it did not simply pass.
    pub reason: Option<Reason>,
    /// The evidence in English, as in [`Check::detail`].
    pub detail: String,
}

impl Part {
    /// What a check of one thing found, under the name of that thing.
    pub fn of(name: impl Into<String>, check: &Check) -> Self {
        Self { name: name.into(), result: check.result, reason: check.reason, detail: check.detail.clone() }
    }
}

impl Check {
    /// A check that passed.
    pub fn pass(name: CheckName, detail: impl Into<String>) -> Self {
        Self { name, result: CheckResult::Pass, detail: detail.into(), reason: None, known_at: None, parts: Vec::new() }
    }

    /// A check that passed with a remark.
    pub fn warn(name: CheckName, reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            name,
            result: CheckResult::Warn,
            detail: detail.into(),
            reason: Some(reason),
            known_at: None,
            parts: Vec::new(),
        }
    }

    /// A check that failed.
    pub fn fail(name: CheckName, reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            name,
            result: CheckResult::Fail,
            detail: detail.into(),
            reason: Some(reason),
            known_at: None,
            parts: Vec::new(),
        }
    }

    /// A check that could not be made.
    pub fn unknown(name: CheckName, reason: Reason, detail: impl Into<String>) -> Self {
        Self {
            name,
            result: CheckResult::Unknown,
            detail: detail.into(),
            reason: Some(reason),
            known_at: None,
            parts: Vec::new(),
        }
    }

    /// The same, resting on something that was fetched at this time.
    #[must_use]
    pub fn known_at(mut self, at: Option<Timestamp>) -> Self {
        self.known_at = at;
        self
    }

    /// The same, with what it looked at one by one; a single part says no more than the check and is left out.
    #[must_use]
    pub fn with_parts(mut self, parts: Vec<Part>) -> Self {
        self.parts = if parts.len() > 1 { parts } else { Vec::new() };
        self
    }
}

/// What follows from all checks together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every check passed, if with remarks.
    Valid,
    /// At least one check failed.
    Invalid,
    /// None failed, and at least one could not be made.
    Unknown,
}

impl Verdict {
    /// The verdict of these checks: any failure decides, then anything unknown; a warning never does.
    pub fn of(checks: &[Check]) -> Self {
        if checks.iter().any(|check| check.result == CheckResult::Fail) {
            Self::Invalid
        } else if checks.iter().any(|check| check.result == CheckResult::Unknown) {
            Self::Unknown
        } else {
            Self::Valid
        }
    }

    /// The stable word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
        }
    }
}

/// Everything that a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What follows from the checks.
    pub verdict: Verdict,
    /// The checks, in the order of [`CheckName`]; each name at most once.
    pub checks: Vec<Check>,
    /// The format that the content has.
    pub format: Format,
    /// Who issued it, and how we know.
    pub issuer: Party,
    /// The one word for the card.
    pub status: CardStatus,
    /// The time that the checks were made for.
    pub checked: Timestamp,
}

impl Report {
    /// Puts a report together: sorts the checks, and draws verdict and status from them.
    pub fn new(mut checks: Vec<Check>, format: Format, issuer: Party, checked: Timestamp) -> Self {
        checks.sort_by_key(|check| check.name);
        let (verdict, status) = (Verdict::of(&checks), status_of(&checks));
        Self { verdict, checks, format, issuer, status, checked }
    }

    /// Adds or replaces a check that another room made, such as [`CheckName::Kind`] or [`CheckName::Claims`].
    #[must_use]
    pub fn with(mut self, check: Check) -> Self {
        self.checks.retain(|known| known.name != check.name);
        self.checks.push(check);
        Self::new(self.checks, self.format, self.issuer, self.checked)
    }

    /// The check of this name, if it was made.
    pub fn check(&self, name: CheckName) -> Option<&Check> {
        self.checks.iter().find(|check| check.name == name)
    }

    /// The kind of the first failure, else of the first thing unknown, else `None`.
    pub fn failure_kind(&self) -> Option<ErrorKind> {
        let first = |result| self.checks.iter().find(|check| check.result == result);
        if let Some(check) = first(CheckResult::Fail) {
            return Some(kind_of(check));
        }
        first(CheckResult::Unknown).map(|_| ErrorKind::CredentialUncheckable)
    }
}

fn kind_of(check: &Check) -> ErrorKind {
    match (check.name, check.reason) {
        (CheckName::Format, _) => ErrorKind::CredentialUnreadable,
        (CheckName::Holder, _) => ErrorKind::CredentialNotYours,
        (CheckName::Kind, _) => ErrorKind::CredentialNotAsOffered,
        (CheckName::Validity, Some(Reason::Expired)) => ErrorKind::CredentialExpired,
        (CheckName::Validity, Some(Reason::NotYetValid)) => ErrorKind::CredentialNotYetValid,
        (CheckName::Validity | CheckName::Claims, _) => ErrorKind::CredentialUnreadable,
        (CheckName::Status, _) => ErrorKind::CredentialRevoked,
        _ => ErrorKind::CredentialNotGenuine,
    }
}

/// The one word for the card. What is wrong with the credential itself counts before its dates.
fn status_of(checks: &[Check]) -> CardStatus {
    let failed = |reason| checks.iter().any(|c| c.result == CheckResult::Fail && c.reason == Some(reason));
    let dated = [Reason::Revoked, Reason::Suspended, Reason::Expired, Reason::NotYetValid];
    let broken = |c: &Check| c.result == CheckResult::Fail && !c.reason.is_some_and(|r| dated.contains(&r));
    if checks.iter().any(broken) {
        CardStatus::Invalid
    } else if failed(Reason::Revoked) {
        CardStatus::Revoked
    } else if failed(Reason::Expired) {
        CardStatus::Expired
    } else if failed(Reason::Suspended) {
        CardStatus::Suspended
    } else if failed(Reason::NotYetValid) {
        CardStatus::NotYetValid
    } else if checks.iter().any(|c| c.result == CheckResult::Unknown) {
        CardStatus::Unknown
    } else {
        CardStatus::Valid
    }
}

#[cfg(test)]
mod tests {
    use leerpas_core::Evidence;

    use super::*;

    fn report(checks: Vec<Check>) -> Report {
        let issuer =
            Party { name: "I".to_owned(), identifier: "did:x".to_owned(), host: None, evidence: Evidence::Claimed };
        Report::new(checks, Format::SdJwtVc, issuer, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_warning_never_changes_the_verdict() {
        let report = report(vec![
            Check::pass(CheckName::Signature, "holds"),
            Check::warn(CheckName::IssuerTrust, Reason::NotInList, "not listed"),
        ]);
        assert_eq!((report.verdict, report.status), (Verdict::Valid, CardStatus::Valid));
        assert_eq!(report.failure_kind(), None);
    }

    #[test]
    fn not_valid_and_could_not_be_checked_stay_apart() {
        let unknown = report(vec![Check::unknown(CheckName::Status, Reason::ListUnavailable, "down")]);
        assert_eq!((unknown.verdict, unknown.status), (Verdict::Unknown, CardStatus::Unknown));
        assert_eq!(unknown.failure_kind(), Some(ErrorKind::CredentialUncheckable));
        let both = unknown.with(Check::fail(CheckName::Validity, Reason::Expired, "over"));
        assert_eq!((both.verdict, both.status), (Verdict::Invalid, CardStatus::Expired));
        assert_eq!(both.failure_kind(), Some(ErrorKind::CredentialExpired));
    }

    #[test]
    fn a_bad_signature_counts_before_a_date() {
        let report = report(vec![
            Check::fail(CheckName::Validity, Reason::Expired, "over"),
            Check::fail(CheckName::Signature, Reason::BadSignature, "no"),
        ]);
        assert_eq!(report.status, CardStatus::Invalid);
        assert_eq!(report.failure_kind(), Some(ErrorKind::CredentialNotGenuine));
    }

    #[test]
    fn words_go_over_the_wire_in_snake_case() {
        for name in CheckName::ALL {
            assert_eq!(serde_json::to_value(name).unwrap(), name.as_str());
        }
        for reason in Reason::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
