//! The closed list of error kinds: what the window, the command line and a script can act on.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $exit:literal;)*) => {
        /// What went wrong, in a word that is stable. Added to only when somebody acts on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorKind {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl ErrorKind {
            /// Every kind, for the words of the window and the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// The exit code of the command line.
            pub fn exit_code(self) -> u8 {
                match self { $(Self::$name => $exit),* }
            }
        }
    };
}

kinds! {
    /// The words of the call are wrong.
    Usage = "usage", 2;
    /// The vault is locked.
    Locked = "locked", 5;
    /// No slot of the vault opens with this passphrase or recovery key.
    WrongPassphrase = "wrong_passphrase", 5;
    /// The passphrase is too short to protect anything.
    WeakPassphrase = "weak_passphrase", 3;
    /// There is no vault in this profile yet.
    VaultMissing = "vault_missing", 5;
    /// There is one already.
    VaultExists = "vault_exists", 3;
    /// The vault is cut short or changed.
    VaultDamaged = "vault_damaged", 3;
    /// The file is not a vault of Leerpas.
    VaultForeign = "vault_foreign", 3;
    /// A newer Leerpas wrote it.
    VaultNewer = "vault_newer", 3;
    /// Another running Leerpas has it open.
    VaultInUse = "vault_in_use", 3;
    /// The disk refused: full, read-only, gone.
    StorageFailed = "storage_failed", 6;
    /// This is no offer, no request and no credential.
    NotRecognised = "not_recognised", 3;
    /// More than the cap on this input.
    InputTooLarge = "input_too_large", 3;
    /// A picture without a badge and without a QR code.
    NoBadgeInPicture = "no_badge_in_picture", 3;
    /// The badge file is cut short or changed.
    BadgeDamaged = "badge_damaged", 3;
    /// The address is not https.
    InsecureAddress = "insecure_address", 3;
    /// The address is this machine, a private network or otherwise out of bounds.
    AddressRefused = "address_refused", 3;
    /// The offer breaks a rule.
    OfferInvalid = "offer_invalid", 3;
    /// The offer asks for a way of collecting that Leerpas does not know.
    OfferUnsupported = "offer_unsupported", 3;
    /// The offer is only for programs that an institution or a government attested.
    AttestationNeeded = "attestation_needed", 3;
    /// The institution lets in programs alone that it approved, and it could approve this one: `leerpas attestations`.
    ApprovalNeeded = "approval_needed", 3;
    /// The sign-in took longer than its answer holds, because the vault was locked meanwhile.
    SignInLate = "sign_in_late", 3;
    /// The offer was used or has run out.
    OfferExpired = "offer_expired", 3;
    /// The issuer's metadata is for another issuer.
    IssuerMismatch = "issuer_mismatch", 3;
    /// The issuer's metadata breaks a rule.
    IssuerMetadataInvalid = "issuer_metadata_invalid", 3;
    /// The code that the institution gave is wrong.
    TxCodeWrong = "tx_code_wrong", 3;
    /// A code is needed and none was given.
    TxCodeNeeded = "tx_code_needed", 3;
    /// The credential cannot be read.
    CredentialUnreadable = "credential_unreadable", 3;
    /// A credential in a form that this version does not read.
    CredentialUnsupported = "credential_unsupported", 3;
    /// The signature or its key does not hold.
    CredentialNotGenuine = "credential_not_genuine", 3;
    /// The credential is bound to somebody else's key.
    CredentialNotYours = "credential_not_yours", 3;
    /// The credential has expired.
    CredentialExpired = "credential_expired", 3;
    /// The credential is not valid yet.
    CredentialNotYetValid = "credential_not_yet_valid", 3;
    /// It is another credential than the one that was offered.
    CredentialNotAsOffered = "credential_not_as_offered", 3;
    /// The issuer withdrew it.
    CredentialRevoked = "credential_revoked", 3;
    /// A key or a list that is needed for the check was not to be had.
    CredentialUncheckable = "credential_uncheckable", 6;
    /// There is no such card.
    CardNotFound = "card_not_found", 3;
    /// The request breaks a rule.
    RequestInvalid = "request_invalid", 3;
    /// The request should be signed and is not.
    RequestUnsigned = "request_unsigned", 3;
    /// The signature of the request does not hold, or its key is not the requester's.
    RequestNotGenuine = "request_not_genuine", 3;
    /// The answer would go to another address than the requester's own.
    RequestWrongAddress = "request_wrong_address", 3;
    /// The request has run out.
    RequestExpired = "request_expired", 3;
    /// The request speaks a protocol that Leerpas does not.
    RequestUnsupported = "request_unsupported", 3;
    /// The request names no claims, only a word that stands for them.
    RequestScope = "request_scope", 3;
    /// The very same request was answered before.
    RequestAnswered = "request_answered", 3;
    /// The requester took no answer: it had one already, or refused it.
    ResponseRefused = "response_refused", 6;
    /// The answer went out and nobody confirmed it.
    ResponseUnconfirmed = "response_unconfirmed", 6;
    /// The other side answered with something that is not its protocol.
    ReplyUnreadable = "reply_unreadable", 6;
    /// The other side answered with more than the cap.
    ReplyTooLarge = "reply_too_large", 6;
    /// The other side says that it failed.
    OtherSideFailed = "other_side_failed", 6;
    /// The other side could not be reached.
    Unreachable = "unreachable", 6;
    /// The other side was too slow.
    TimedOut = "timed_out", 6;
    /// The program stopped before it was done.
    Interrupted = "interrupted", 6;
    /// The person said no.
    Declined = "declined", 7;
    /// No card fits the request.
    NothingFits = "nothing_fits", 7;
    /// Another offer or request is being dealt with.
    Busy = "busy", 3;
    /// Nothing is being dealt with that this could answer.
    NoSession = "no_session", 3;
    /// The institution decided not to give what it was asked for.
    IssuanceDenied = "issuance_denied", 3;
    /// The institution gives nothing more on the word that it gave: it was taken back, or its time is over.
    GrantEnded = "grant_ended", 3;
    /// The institution asked not to be asked yet.
    TooEarly = "too_early", 3;
    /// A fault of Leerpas itself.
    Internal = "internal", 3;
}

/// A failure as it leaves the engine: a kind to act on, a sentence for developers, and the step.
///
/// The message names hosts, paths and rules; it never holds a claim, a code, a token or a passphrase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct Failure {
    /// The kind.
    pub kind: ErrorKind,
    /// In English, for a log or a terminal; people read the words of the window for [`Failure::kind`].
    pub message: String,
    /// The step at which it happened, such as `offer`, `metadata`, `token`, `credential`, `verify`,
    /// `request`, `match`, `response`, `vault`.
    pub step: String,
    /// Since when it is so, where that helps: when a request was answered that comes again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The authorization server that has to approve this program first, where that is what is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
}

impl Failure {
    /// Puts a failure together.
    pub fn new(kind: ErrorKind, step: &str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), step: step.to_owned(), since: None, approver: None }
    }

    /// The same, with since when it is so.
    pub fn since(self, at: Timestamp) -> Self {
        Self { since: Some(at), ..self }
    }

    /// The same, with the authorization server that has to approve this program first.
    pub fn to_be_approved_by(self, server: Option<&str>) -> Self {
        Self { approver: server.map(str::to_owned), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_word_and_a_documented_exit_code() {
        let mut words: Vec<_> = ErrorKind::ALL.iter().map(|k| k.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), ErrorKind::ALL.len());
        for kind in ErrorKind::ALL {
            assert!(matches!(kind.exit_code(), 2 | 3 | 5 | 6 | 7), "{kind:?}");
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
