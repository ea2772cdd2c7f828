//! `activity --receipt`: what a person agreed to or refused, as a file.

use std::path::Path;

use leerpas_core::{ActivityId, Failure};
use leerpas_wallet::Wallet;

use crate::{spoken::Spoken, wallet::written};

/// Prints the receipt of a line of the log, or writes it.
pub async fn run(wallet: &Wallet, id: &str, file: Option<&Path>) -> Result<Spoken, Failure> {
    let id: ActivityId = match id.parse() {
        Ok(id) => id,
        Err(never) => match never {},
    };
    written(wallet.receipt(&id).await?, file)
}
