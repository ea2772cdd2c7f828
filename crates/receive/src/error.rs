//! Why receiving stopped.

use leerpas_core::{ErrorKind, Failure, Fault};
use leerpas_credential::{
    data_integrity::ProofError, jose::JoseError, read::ReadError, report::CheckName, verify::VerifyError,
};
use leerpas_openid::{
    address::AddressError,
    oauth::AuthorizationError,
    vci::{CredentialResponseError, ErrorCode, MetadataError, NonceError, OfferError, TokenError},
};
use thiserror::Error;

/// Where in the protocol it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Reading or fetching the offer.
    Offer,
    /// Reading the metadata of the issuer or its authorization server.
    Metadata,
    /// Signing in with the browser.
    Authorization,
    /// Getting an access token.
    Token,
    /// Getting a nonce.
    Nonce,
    /// Getting the credential.
    Credential,
    /// Verifying it.
    Verify,
}

impl At {
    /// The word for [`Failure::step`].
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Metadata => "metadata",
            Self::Authorization => "authorization",
            Self::Token => "token",
            Self::Nonce => "nonce",
            Self::Credential => "credential",
            Self::Verify => "verify",
        }
    }
}

/// What an issuer asks for and Leerpas cannot do yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unsupported {
    /// A credential format.
    #[error("credentials in this format")]
    Format,
    /// A credential that is bound to nobody, or in a way that is not known here.
    #[error("this way of binding a credential to its holder")]
    Binding,
    /// A key proof of another type than `jwt`, or with another algorithm than ES256.
    #[error("this kind of key proof")]
    Proof,
    /// Encrypted credential responses.
    #[error("encrypted credential responses")]
    Encryption,
    /// Clients have to be registered.
    #[error("a registered client")]
    Registration,
    /// Programs or their keys have to be attested by whoever makes them (HAIP 1.0, 4.4 and 4.5). Nobody attests a program on
    /// somebody's own computer.
    #[error("an attestation of this program or its keys")]
    Attestation,
    /// A sign-in that has no page, or does without the protection that a program on somebody's own computer needs.
    #[error("this kind of sign-in")]
    SignIn,
}

/// Why signed metadata are not used (OpenID4VCI 1.0, 12.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignedMetadata {
    /// No token of this type, or without what it must say.
    #[error("the signed metadata cannot be read")]
    Form,
    /// `sub` is another issuer.
    #[error("the signed metadata are about another issuer")]
    OtherIssuer,
    /// From the future, or out of date.
    #[error("the signed metadata are not of this time")]
    Dates,
    /// The signature does not hold.
    #[error("the signature of the metadata does not hold")]
    Signature,
    /// Nobody says that the signer may speak for the issuer.
    #[error("the signer of the metadata is not known")]
    Signer,
}

/// Why receiving stopped. Holds no code, token, claim or word of the other side.
#[derive(Debug, Error)]
pub enum ReceiveError {
    /// The offer is not taken.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// The address of the offer is not used.
    #[error("the address of the offer: {0}")]
    Address(#[from] AddressError),
    /// The metadata is not used.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// The metadata are signed, and their signature is not used.
    #[error(transparent)]
    SignedMetadata(#[from] SignedMetadata),
    /// The issuer asks for something that Leerpas cannot do.
    #[error("the issuer asks for {0}, which Leerpas does not do yet")]
    Unsupported(#[from] Unsupported),
    /// No reply came.
    #[error("{fault}")]
    Fault {
        /// Where.
        step: At,
        /// Why.
        fault: Fault,
    },
    /// The reply is a redirect, and none is followed.
    #[error("the other side answered with a redirect, and none is followed")]
    Redirected {
        /// Where.
        step: At,
    },
    /// The reply has a status that means failure.
    #[error("the other side answered with status {status}{}", .code.map_or_else(String::new, |c| format!(" ({})", c.as_str())))]
    Refused {
        /// Where.
        step: At,
        /// The HTTP status.
        status: u16,
        /// The error word, if there was one in the form of the protocol.
        code: Option<ErrorCode>,
    },
    /// The reply is a page or something else that is not JSON.
    #[error("the other side answered with something that is not JSON")]
    NotJson {
        /// Where.
        step: At,
    },
    /// The offer is gone, or its code was used or has run out.
    #[error("the offer was used or has run out")]
    Expired {
        /// Where.
        step: At,
    },
    /// A transaction code is needed and none was given.
    #[error("a transaction code is needed")]
    TxCodeNeeded,
    /// The transaction code was wrong too often.
    #[error("the transaction code is wrong")]
    TxCodeWrong,
    /// The authorization server lets in attested programs alone, and no attestation for it is at hand.
    #[error("the authorization server lets in attested programs alone, and has not attested this one")]
    NotAttested {
        /// Its identifier.
        server: String,
    },
    /// The sign-in gave no code.
    #[error(transparent)]
    SignIn(#[from] AuthorizationError),
    /// The challenge for the proof of an attested program cannot be read.
    #[error("the challenge for the attestation of this program cannot be read")]
    Challenge,
    /// The token response is not used.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The token is not good for a credential that was offered.
    #[error("the issuer did not authorise a credential that it offered")]
    NotAuthorised,
    /// The nonce response is not used.
    #[error(transparent)]
    Nonce(#[from] NonceError),
    /// The issuer refused a fresh nonce too.
    #[error("the issuer refused its own fresh nonce")]
    NonceRefused,
    /// The key proof could not be made.
    #[error("the key proof could not be made")]
    Proof(#[source] JoseError),
    /// The key proof in the form of a presentation could not be made.
    #[error("the key proof could not be made")]
    Presentation(#[source] ProofError),
    /// The credential response is not used.
    #[error(transparent)]
    Response(#[from] CredentialResponseError),
    /// The response is not encrypted though that was asked for.
    #[error("the issuer sent a credential without the encryption that was asked for")]
    NotEncrypted,
    /// The request could not be encrypted, or the response not be decrypted.
    #[error("encryption: {0}")]
    Encryption(#[source] JoseError),
    /// More copies than were asked for.
    #[error("the issuer sent {came} copies where {asked} were asked for")]
    TooManyCopies {
        /// How many were asked for.
        asked: usize,
        /// How many came.
        came: usize,
    },
    /// Two copies are the same, or bound to the same key.
    #[error("the issuer sent the same copy twice")]
    Repeated,
    /// The copies differ in more than their keys.
    #[error("the issuer sent copies that do not say the same")]
    Unlike,
    /// The credential is larger than the cap.
    #[error("the credential is larger than the cap")]
    TooLarge,
    /// The credential cannot be read.
    #[error("the credential cannot be read: {0}")]
    Unreadable(#[source] ReadError),
    /// The credential is of another format or type than was offered.
    #[error("the credential is of another {what} than was offered")]
    NotAsOffered {
        /// `format` or `type`.
        what: &'static str,
    },
    /// The credential could not be verified.
    #[error("the credential could not be verified: {0}")]
    Verify(#[source] VerifyError),
    /// A check failed, or one that is needed before keeping could not be made.
    #[error("the credential does not pass the check {}: {detail}", .check.as_str())]
    Rejected {
        /// What to report.
        kind: ErrorKind,
        /// The check.
        check: CheckName,
        /// The evidence, without values of claims.
        detail: String,
    },
    /// The grant gives nothing more: it was taken back or has run out, or the issuer knows nothing of it any more.
    #[error("the institution gives nothing more on the word that it gave")]
    GrantEnded,
    /// What came says something else than the card that it was meant for, or holds less long.
    #[error("the institution says something else now than the card says")]
    Otherwise,
    /// The answer or reply does not fit what was asked: a fault of the caller.
    #[error("this does not fit what was asked")]
    OutOfTurn,
}

impl ReceiveError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Offer(error) => error.kind(),
            Self::Address(error) => error.kind_or(ErrorKind::OfferInvalid),
            Self::Metadata(error) => error.kind(),
            Self::SignedMetadata(SignedMetadata::OtherIssuer) => ErrorKind::IssuerMismatch,
            Self::SignedMetadata(_) => ErrorKind::IssuerMetadataInvalid,
            Self::Unsupported(Unsupported::Attestation) => ErrorKind::AttestationNeeded,
            Self::Unsupported(_) => ErrorKind::OfferUnsupported,
            // Also one that it took back, or that is too old for it.
            Self::NotAttested { .. }
            | Self::Refused {
                code: Some(ErrorCode::InvalidClientAttestation | ErrorCode::UseFreshAttestation), ..
            } => ErrorKind::ApprovalNeeded,
            Self::Fault { fault, .. } => fault.kind(),
            Self::Refused { code: Some(ErrorCode::CredentialRequestDenied), .. } => ErrorKind::IssuanceDenied,
            Self::Refused { code: Some(ErrorCode::InvalidTransactionId), .. } | Self::GrantEnded => {
                ErrorKind::GrantEnded
            }
            Self::Redirected { .. } | Self::Refused { .. } | Self::NonceRefused | Self::NotAuthorised => {
                ErrorKind::OtherSideFailed
            }
            Self::NotJson { .. }
            | Self::TooManyCopies { .. }
            | Self::Repeated
            | Self::NotEncrypted
            | Self::Challenge
            | Self::Encryption(_) => ErrorKind::ReplyUnreadable,
            Self::Expired { .. } => ErrorKind::OfferExpired,
            Self::TxCodeNeeded => ErrorKind::TxCodeNeeded,
            Self::TxCodeWrong => ErrorKind::TxCodeWrong,
            Self::SignIn(AuthorizationError::Denied) => ErrorKind::Declined,
            Self::SignIn(_) => ErrorKind::OtherSideFailed,
            Self::Token(error) => error.kind(),
            Self::Nonce(error) => error.kind(),
            Self::Response(error) => error.kind(),
            Self::Unlike | Self::Otherwise | Self::NotAsOffered { .. } => ErrorKind::CredentialNotAsOffered,
            Self::TooLarge => ErrorKind::ReplyTooLarge,
            Self::Unreadable(error) => error.kind(),
            Self::Verify(error) => error.kind(),
            Self::Rejected { kind, .. } => *kind,
            Self::Proof(_) | Self::Presentation(_) | Self::OutOfTurn => ErrorKind::Internal,
        }
    }

    /// The authorization server that has to attest this program first, where that is what is missing and known.
    pub fn approver(&self) -> Option<&str> {
        match self {
            Self::NotAttested { server } => Some(server),
            _ => None,
        }
    }

    /// The step, as one of the words of [`Failure::step`].
    pub fn step(&self) -> &'static str {
        let step = match self {
            Self::Offer(_) | Self::Address(_) | Self::OutOfTurn => At::Offer,
            Self::Metadata(_) | Self::SignedMetadata(_) | Self::Unsupported(_) | Self::NotAttested { .. } => {
                At::Metadata
            }
            Self::Fault { step, .. }
            | Self::Redirected { step }
            | Self::Refused { step, .. }
            | Self::NotJson { step }
            | Self::Expired { step } => *step,
            Self::SignIn(_) | Self::Challenge => At::Authorization,
            Self::TxCodeNeeded | Self::TxCodeWrong | Self::Token(_) | Self::NotAuthorised | Self::GrantEnded => {
                At::Token
            }
            Self::Nonce(_) | Self::NonceRefused => At::Nonce,
            Self::Proof(_)
            | Self::Presentation(_)
            | Self::Response(_)
            | Self::NotEncrypted
            | Self::Encryption(_)
            | Self::TooManyCopies { .. }
            | Self::Repeated
            | Self::TooLarge
            | Self::Unreadable(_) => At::Credential,
            Self::Unlike | Self::Otherwise | Self::NotAsOffered { .. } | Self::Verify(_) | Self::Rejected { .. } => {
                At::Verify
            }
        };
        step.as_str()
    }

    /// Whether the access token was not taken. Where the grant can be renewed, it is worth another try.
    pub fn is_token_refused(&self) -> bool {
        matches!(self, Self::Refused { code: Some(ErrorCode::InvalidToken), .. } | Self::Refused { status: 401, .. })
    }

    /// Whether what was waited for will never come, so that there is nothing left to wait for: it was denied, the grant
    /// is over, or what came is not to be kept. A network that fails and a key that nobody could get are no such end.
    pub fn ends_waiting(&self) -> bool {
        match self {
            Self::GrantEnded | Self::Unlike | Self::NotAsOffered { .. } => true,
            Self::Refused { code, .. } => {
                matches!(code, Some(ErrorCode::CredentialRequestDenied | ErrorCode::InvalidTransactionId))
            }
            Self::Rejected { kind, .. } => *kind != ErrorKind::CredentialUncheckable,
            _ => false,
        }
    }

    /// Whether the network or the other side as a whole failed, so that asking for the next credential
    /// makes no sense.
    pub(crate) fn ends_everything(&self) -> bool {
        matches!(self, Self::Fault { step: At::Nonce | At::Credential, .. })
            || matches!(
                self,
                Self::Refused { code: Some(ErrorCode::InvalidToken), .. } | Self::Refused { status: 401, .. }
            )
    }
}

impl From<ReceiveError> for Failure {
    fn from(error: ReceiveError) -> Self {
        Self::new(error.kind(), error.step(), error.to_string())
    }
}
