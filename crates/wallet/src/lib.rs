//! The engine of the wallet: one session at a time, drives the protocol machines, writes the activity log.
//!
//! The window and the command line both stand on this and on nothing below it. Of the rooms beneath, this is
//! the only one that touches both a machine and an edge of the world.

mod answered;
mod attestations;
mod cards;
mod checking;
mod coming_back;
mod drive;
mod engine;
mod export;
mod failure;
mod frames;
mod identities;
mod importing;
mod institutions;
mod known;
mod later;
mod lists;
mod looking;
mod mailbox;
mod newer;
mod prompt;
mod receipts;
mod receiving;
mod refreshing;
mod session;
mod sharing;
mod sign_in;
mod trust;
mod unfinished;
mod world;

pub use attestations::Attested;
pub use cards::HeldKey;
pub use checking::{Judgement, check_file};
pub use engine::{VaultState, Wallet};
pub use export::{Export, Form};
pub use frames::{FRAME_MILLISECONDS, FramesPrompt};
pub use institutions::Known;
pub use later::{Copies, WaitingCard};
pub use leerpas_credential::report::{Check, CheckResult, Part, Report, Verdict};
pub use leerpas_receive::{Choosable, Choosing, CodePrompt};
pub use leerpas_share::{Choice, HostCaution, Plan};
pub use leerpas_vault::{CardSummary, PASSPHRASE_CHARACTERS, Page};
pub use lists::Anchored;
pub use looking::holds_something;
pub use mailbox::{LINK_WAITS_SECONDS, Waiting};
pub use newer::Version;
pub use prompt::{Answer, Before, End, Hand, OfferPrompt, Progress, Prompt, Review, SharePrompt, Work};
pub use refreshing::{Refresh, Refreshed};
pub use trust::Trusted;
pub use world::{World, WorldOptions};

/// Something that was pasted, typed, dropped, chosen or opened.
#[derive(Debug, Clone)]
pub enum Input {
    /// A link or pasted text.
    Text(String),
    /// A file or picture.
    File {
        /// Its name, for the person; what it is is decided by its content.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}
