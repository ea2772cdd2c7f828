//! OpenID4VP 1.0 for the verifier: ask, read the answer, judge it. Without input or output.
//!
//! An [`Ask`] becomes a [`Pending`] request with its own nonce, state and decryption key. The wallet fetches
//! the request object once and answers once; [`Pending::accept`] decides whether the answer has the right
//! form, and [`Judging`] verifies each presentation in it. A dropped file goes through [`judge_file`] and the
//! same checks.

mod about;
mod accept;
mod ask;
mod confirmation;
mod file;
mod identity;
mod judgement;
mod judging;

pub use about::{About, AboutError};
pub use accept::{AnswerError, Answered, Presented};
pub use ask::{Ask, AskError, FRAMES_LIFETIME_SECONDS, FetchError, Pending, REQUEST_LIFETIME_SECONDS};
pub use file::{FileError, judge_file};
pub use identity::{IdentityError, VerifierIdentity};
pub use judgement::{Judged, Judgement};
pub use judging::{JudgeContext, Judging};
