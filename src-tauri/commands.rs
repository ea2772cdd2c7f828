//! The commands of the window: each hears, calls the engine and answers.

pub mod approvals;
pub mod cards;
pub mod later;
pub mod session;
pub mod settings;
pub mod trust;
pub mod vault;

use leerpas_core::Failure;
use leerpas_ipc::view::FailureView;

/// What a command gives back.
type Answer<T> = Result<T, FailureView>;

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn view(failure: Failure) -> FailureView {
    leerpas_ipc::failure(&failure)
}
