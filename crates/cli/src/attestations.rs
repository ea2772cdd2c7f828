//! Attestations of this program, which an institution may give for its own authorization server.

use leerpas_core::{ErrorKind, Failure, Timestamp};
use leerpas_wallet::{Attested, Wallet};
use serde_json::{Value, json};

use crate::{input, spoken::Spoken, views};

/// What was asked for; at most one of the first two and the last.
pub struct Words<'a> {
    /// Show, or make, the key for this server.
    pub key_for: &'a Option<String>,
    /// Take an attestation for this server.
    pub add: &'a Option<String>,
    /// Where it lies.
    pub file: &'a Option<String>,
    /// Remove what is kept for this server.
    pub remove: &'a Option<String>,
}

/// Does it, and shows what is kept.
pub async fn run(wallet: &Wallet, words: &Words<'_>) -> Result<Spoken, Failure> {
    let shown = match (words.key_for, words.add, words.file, words.remove) {
        (Some(server), ..) => vec![wallet.attestation_key(server).await?],
        (_, Some(server), Some(file), _) => {
            let token = String::from_utf8(input::bytes(file)?)
                .map_err(|_| Failure::new(ErrorKind::NotRecognised, "attestation", "the file holds no attestation"))?;
            vec![wallet.add_attestation(server, &token).await?]
        }
        (_, _, _, Some(server)) => {
            wallet.remove_attestation(server).await?;
            wallet.attestations().await?
        }
        _ => wallet.attestations().await?,
    };
    let now = wallet.world().clock.now();
    let text = shown.iter().map(|one| line(one, now)).collect::<String>();
    Ok(Spoken::done(json!({"attestations": shown.iter().map(view).collect::<Vec<_>>()}), text))
}

fn view(one: &Attested) -> Value {
    json!({"server": one.server, "public_jwk": one.public_jwk, "client_id": one.client_id, "expires": one.expires})
}

fn line(one: &Attested, now: Timestamp) -> String {
    let state = match (&one.client_id, one.expires) {
        (Some(_), Some(expires)) if expires <= now => format!("ran out at {expires}; the key is {}", one.public_jwk),
        (Some(client), Some(expires)) => format!("as {} until {expires}", views::plain(client)),
        _ => format!("not attested yet; the key is {}", one.public_jwk),
    };
    format!("{}  {state}\n", views::plain(&one.server))
}
