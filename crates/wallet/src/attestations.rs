//! Attestations of this program: none comes with it, but an institution may give one for its own authorization server.
//!
//! The key is made here, for that server alone; the institution gets the public half and signs. Both stay in the vault.

use std::sync::Arc;

use leerpas_core::{ErrorKind, Failure, Secret, Timestamp, Url};
use leerpas_credential::keys::HolderKey;
use leerpas_receive::ClientAttestation;
use leerpas_vault::AttestationRecord;
use serde_json::{Value, json};

use crate::{Wallet, failure};

/// What is kept for one authorization server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    /// The identifier of the server.
    pub server: String,
    /// The public key that an attestation has to be about, as a JWK.
    pub public_jwk: Value,
    /// By which name the server knows this program; none as long as there is no attestation.
    pub client_id: Option<String>,
    /// Until when the attestation holds.
    pub expires: Option<Timestamp>,
}

impl Wallet {
    /// What is kept, by server.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], [`ErrorKind::VaultDamaged`].
    pub async fn attestations(&self) -> Result<Vec<Attested>, Failure> {
        let records = self.with_vault(|vault| vault.attestations()).await?;
        records.iter().map(|record| attested(record, &read(record)?)).collect()
    }

    /// The public key for an authorization server, made if there is none: what an institution has to attest.
    ///
    /// # Errors
    /// [`ErrorKind::InsecureAddress`] for what is no https address; [`ErrorKind::Locked`].
    pub async fn attestation_key(&self, server: &str) -> Result<Attested, Failure> {
        let server = identifier(server)?;
        if let Some(record) = self.attestation_record(&server).await? {
            return attested(&record, &read(&record)?);
        }
        let kept = Kept { key: HolderKey::make(&*self.world.entropy), token: None };
        self.keep_attestation(&server, kept).await
    }

    /// Takes the attestation that an institution signed for the key of this server.
    ///
    /// # Errors
    /// [`ErrorKind::NotRecognised`] when there is no key for this server, or the attestation is about another one, has run
    /// out or is none.
    pub async fn add_attestation(&self, server: &str, token: &str) -> Result<Attested, Failure> {
        let server = identifier(server)?;
        let Some(record) = self.attestation_record(&server).await? else {
            let words = "no key was made for this server: make it first, and let the institution attest it";
            return Err(Failure::new(ErrorKind::NotRecognised, "attestation", words));
        };
        let kept = read(&record)?;
        let refused = |e: leerpas_receive::AttestationError| Failure::new(e.kind(), "attestation", e.to_string());
        ClientAttestation::read(&server, token, copy(&kept.key)?, self.world.clock.now()).map_err(refused)?;
        self.keep_attestation(&server, Kept { token: Some(token.trim().to_owned()), ..kept }).await
    }

    /// Removes the attestation for a server, and its key.
    ///
    /// # Errors
    /// [`ErrorKind::NotRecognised`] when there is none.
    pub async fn remove_attestation(&self, server: &str) -> Result<(), Failure> {
        let server = identifier(server)?;
        if self.with_vault(move |vault| vault.remove_attestation(&server)).await? {
            return Ok(());
        }
        Err(Failure::new(ErrorKind::NotRecognised, "attestation", "nothing is kept for this server"))
    }

    /// The attestations that hold now, for the machines. One that cannot be read any more is none.
    pub(crate) async fn attestations_to_show(&self) -> Result<Vec<Arc<ClientAttestation>>, Failure> {
        let (records, now) = (self.with_vault(|vault| vault.attestations()).await?, self.world.clock.now());
        let usable = records.iter().filter_map(|record| {
            let Kept { key, token } = read(record).ok()?;
            ClientAttestation::read(&record.server, &token?, key, now).ok()
        });
        Ok(usable.map(Arc::new).collect())
    }

    async fn attestation_record(&self, server: &str) -> Result<Option<AttestationRecord>, Failure> {
        let records = self.with_vault(|vault| vault.attestations()).await?;
        Ok(records.into_iter().find(|record| record.server == server))
    }

    async fn keep_attestation(&self, server: &str, kept: Kept) -> Result<Attested, Failure> {
        let record =
            AttestationRecord { server: server.to_owned(), made: self.world.clock.now(), secret: write(&kept) };
        let view = attested(&record, &kept)?;
        self.with_vault(move |vault| vault.put_attestation(&record)).await?;
        Ok(view)
    }
}

/// A key, with the attestation once there is one.
struct Kept {
    key: HolderKey,
    token: Option<String>,
}

fn write(kept: &Kept) -> Secret<Vec<u8>> {
    let key = leerpas_credential::jose::encode_base64url(kept.key.secret().expose());
    Secret::new(json!({"key": key, "attestation": kept.token}).to_string().into_bytes())
}

fn read(record: &AttestationRecord) -> Result<Kept, Failure> {
    let damaged = || Failure::new(ErrorKind::VaultDamaged, "vault", "an attestation in the vault cannot be read");
    let value: Value = serde_json::from_slice(record.secret.expose()).map_err(|_| damaged())?;
    let key = value["key"].as_str().and_then(|text| leerpas_credential::jose::decode_base64url(text).ok());
    let key = HolderKey::from_secret(&Secret::new(key.ok_or_else(damaged)?)).map_err(|_| damaged())?;
    Ok(Kept { key, token: value["attestation"].as_str().map(str::to_owned) })
}

fn copy(key: &HolderKey) -> Result<HolderKey, Failure> {
    HolderKey::from_secret(&key.secret()).map_err(|e| failure::internal("keys", e))
}

/// What a person sees. An attestation that has run out is shown with its date.
fn attested(record: &AttestationRecord, kept: &Kept) -> Result<Attested, Failure> {
    let read = match &kept.token {
        Some(token) => ClientAttestation::read(&record.server, token, copy(&kept.key)?, Timestamp::UNIX_EPOCH).ok(),
        None => None,
    };
    Ok(Attested {
        server: record.server.clone(),
        public_jwk: kept.key.public().to_jwk(),
        client_id: read.as_ref().map(|one| one.client_id().to_owned()),
        expires: read.as_ref().map(ClientAttestation::expires),
    })
}

/// The identifier of a server, as it stands in its metadata: an https address, byte for byte.
fn identifier(server: &str) -> Result<String, Failure> {
    match Url::parse(server) {
        Ok(url) if url.scheme() == "https" && url.host().is_some() => Ok(server.to_owned()),
        _ => Err(Failure::new(ErrorKind::InsecureAddress, "attestation", "the server is named by an https address")),
    }
}
