//! From the errors of the rooms below to the one failure that leaves the engine.

use leerpas_core::{ErrorKind, Failure};
use leerpas_vault::VaultError;

/// A failure of the vault.
pub fn of_vault(error: &VaultError) -> Failure {
    Failure::new(error.kind(), "vault", error.to_string())
}

/// Nothing is going on that this could answer.
pub fn no_session() -> Failure {
    Failure::new(ErrorKind::NoSession, "session", "nothing is going on that this could answer")
}

/// Something else is going on.
pub fn busy() -> Failure {
    Failure::new(ErrorKind::Busy, "session", "another offer or request is being dealt with")
}

/// The vault is locked.
pub fn locked() -> Failure {
    Failure::new(ErrorKind::Locked, "vault", "the vault is locked")
}

/// The person stopped it.
pub fn cancelled() -> Failure {
    Failure::new(ErrorKind::Declined, "session", "stopped by the person")
}

/// A fault of our own.
pub fn internal(step: &str, what: impl std::fmt::Display) -> Failure {
    Failure::new(ErrorKind::Internal, step, what.to_string())
}

/// A step of our own that broke off in the middle. What it had at hand is in no message.
pub fn broken(step: &str, how: &tokio::task::JoinError) -> Failure {
    internal(
        step,
        if how.is_panic() { "a step broke off by a fault of Leerpas" } else { "a step was ended from outside" },
    )
}
