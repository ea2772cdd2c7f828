//! What crosses between the window and the engine: views out, answers in. No Tauri here.

mod approvals;
mod cards;
pub mod contract;
mod frames;
pub mod handlers;
mod later;
mod listen;
mod session;
mod text;
pub mod view;

pub use approvals::approval;
pub use cards::{activity, card_detail, card_summary, key, party, trusted};
pub use later::{copies, institution, waiting};
pub use listen::{UnreadableAnswer, answer, file, looks_good};
pub use session::{failure, session};
