//! A file that somebody drops on the desk.

use std::sync::Arc;

use leerpas_core::{Env, ErrorKind, Step};
use leerpas_credential::{
    read::{self, ReadError},
    verify::{Binding, Policy, Verification, VerifyError},
};
use thiserror::Error;

use crate::JudgeContext;

/// Why a file is not judged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FileError {
    /// It is no credential.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The verification could not begin.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

impl FileError {
    /// The kind to report.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Read(error) => error.kind(),
            Self::Verify(error) => error.kind(),
        }
    }
}

/// Judges a credential or presentation that came as a file: the same checks as for an answer, but that nobody
/// was asked to prove a key for it. A proof that is in it is checked all the same.
///
/// # Errors
/// [`FileError::Read`] for bytes that are no credential.
pub fn judge_file(bytes: &[u8], context: &JudgeContext, env: Env<'_>) -> Result<Step<Verification>, FileError> {
    let credential = read::read(bytes)?;
    let policy = Policy {
        trust: Arc::clone(&context.trust),
        binding: Binding::Presentation { nonce: None, audience: None, required: false },
        resources: context.resources.clone(),
        network: context.network,
        issuer: None,
        identities: Vec::new(),
    };
    Ok(Verification::start(credential, policy, env)?)
}
