//! Baked badges: a credential inside a picture, taken out and put in.
//!
//! PNG: a text chunk with the keyword `openbadgecredential` (Open Badges 3.0, section 5.3.1) or `openbadges` (Open
//! Badges 2.0 Baking Specification). SVG: an element `credential` or `assertion` of the Open Badges namespace
//! (section 5.3.2). A picture that is cut short, changed or holds two badges that differ is refused; nothing is ever
//! fetched or run from it.

mod png;
mod svg;

use leerpas_core::{ErrorKind, limits};
use thiserror::Error;

pub use self::{
    png::{bake_png, bake_png_as, unbake_png},
    svg::{bake_svg, bake_svg_as, unbake_svg},
};

/// Whose names a badge is baked under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// Open Badges 2.0 Baking Specification: `openbadges`, `openbadges:assertion`.
    V2,
    /// Open Badges 3.0, section 5.3: `openbadgecredential`, `openbadges:credential`.
    V3,
}

/// Why no badge came out of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UnbakeError {
    /// Not a picture of the kind that was named.
    #[error("the file is no picture of this kind")]
    OtherKind,
    /// A picture without a badge.
    #[error("the picture holds no badge")]
    NoBadge,
    /// Cut short, changed on the way, or followed by something else.
    #[error("the picture is damaged: {0}")]
    Damaged(&'static str),
    /// Two badges that differ: which one counts, nobody can say.
    #[error("the picture holds two badges that differ")]
    Disagree,
    /// XML that reaches for more than a picture needs: an internal DOCTYPE, entities.
    #[error("the picture holds {0}, which is not allowed")]
    Forbidden(&'static str),
    /// Larger than [`limits::BADGE_IMAGE`] or [`limits::PIXELS`], or its text larger than [`limits::PNG_TEXT`].
    #[error("the picture is too large")]
    TooLarge,
}

impl UnbakeError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::OtherKind => ErrorKind::NotRecognised,
            Self::NoBadge => ErrorKind::NoBadgeInPicture,
            Self::Damaged(_) | Self::Disagree | Self::Forbidden(_) => ErrorKind::BadgeDamaged,
            Self::TooLarge => ErrorKind::InputTooLarge,
        }
    }
}

/// The one badge among what was found, or why there is none.
fn only(mut found: Vec<Vec<u8>>) -> Result<Vec<u8>, UnbakeError> {
    found.dedup();
    match found.len() {
        0 => Err(UnbakeError::NoBadge),
        1 => Ok(found.remove(0)),
        _ => Err(UnbakeError::Disagree),
    }
}

fn check_size(bytes: &[u8]) -> Result<(), UnbakeError> {
    if bytes.len() > limits::BADGE_IMAGE { Err(UnbakeError::TooLarge) } else { Ok(()) }
}
