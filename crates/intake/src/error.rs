//! Why something was turned away at the door.

use leerpas_core::ErrorKind;
use thiserror::Error;

/// Why something was turned away. No variant holds a part of what came in except a host, and the hosts of
/// offers and requests are not personal.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IntakeError {
    /// Nothing at all, or blanks.
    #[error("there is nothing in it")]
    Empty,
    /// More than the cap.
    #[error("it has more than {limit} bytes")]
    TooLarge {
        /// The cap in bytes.
        limit: usize,
    },
    /// More pixels than the cap, by its own word; it was not decoded.
    #[error("the picture has more than {limit} pixels")]
    TooManyPixels {
        /// The cap in pixels.
        limit: u64,
    },
    /// JSON that is nested deeper than the cap.
    #[error("the JSON is nested deeper than {limit} levels")]
    TooDeep {
        /// The cap in levels.
        limit: usize,
    },
    /// Something else.
    #[error("this is {what}, and no offer, request or credential")]
    NotRecognised {
        /// What it looks like.
        what: &'static str,
    },
    /// A credential in a form that this version does not read.
    #[error("this is {what}, which is not supported yet")]
    NotSupported {
        /// Which; one of a closed list.
        what: &'static str,
    },
    /// A link or code for another program, such as a web page or a wireless network.
    #[error("this is a link or code for something else ({scheme}:)")]
    OtherCode {
        /// Which; one of a closed list.
        scheme: &'static str,
    },
    /// A link with blanks, line breaks, or letters that look like others in it (full-width, invisible,
    /// right to left).
    #[error("the link holds characters that do not belong in a link")]
    StrayCharacters,
    /// The offer breaks a rule of OpenID4VCI 1.0.
    #[error("the offer cannot be read: {rule}")]
    OfferInvalid {
        /// Which.
        rule: &'static str,
    },
    /// The request breaks a rule of OpenID4VP 1.0 or RFC 9101.
    #[error("the request cannot be read: {rule}")]
    RequestInvalid {
        /// Which.
        rule: &'static str,
    },
    /// A reference that is not https.
    #[error("the link leads to an address that is not https")]
    InsecureAddress,
    /// A reference with a name and password in it.
    #[error("the link leads to an address with a name or password in it")]
    UserInfo,
    /// A picture without a badge and without a QR code.
    #[error("there is neither a badge nor a QR code in the picture")]
    NoBadgeInPicture,
    /// A picture that is cut short or changed.
    #[error("the picture is damaged: {what}")]
    Damaged {
        /// Where it breaks off.
        what: &'static str,
    },
    /// More than one badge in one picture: it cannot be said which is meant.
    #[error("there is more than one badge in the picture")]
    SeveralBadges,
}

impl IntakeError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Empty | Self::NotRecognised { .. } | Self::OtherCode { .. } | Self::StrayCharacters => {
                ErrorKind::NotRecognised
            }
            Self::TooLarge { .. } | Self::TooManyPixels { .. } | Self::TooDeep { .. } => ErrorKind::InputTooLarge,
            Self::NotSupported { .. } => ErrorKind::CredentialUnsupported,
            Self::OfferInvalid { .. } => ErrorKind::OfferInvalid,
            Self::RequestInvalid { .. } => ErrorKind::RequestInvalid,
            Self::InsecureAddress => ErrorKind::InsecureAddress,
            Self::UserInfo => ErrorKind::AddressRefused,
            Self::NoBadgeInPicture => ErrorKind::NoBadgeInPicture,
            Self::Damaged { .. } | Self::SeveralBadges => ErrorKind::BadgeDamaged,
        }
    }
}

/// Holds a size against its cap.
pub(crate) fn within(size: usize, limit: usize) -> Result<(), IntakeError> {
    if size > limit { Err(IntakeError::TooLarge { limit }) } else { Ok(()) }
}
