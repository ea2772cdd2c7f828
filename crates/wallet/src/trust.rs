//! Whom the person trusts beside the lists that the program was started with.

use std::sync::{Arc, PoisonError};

use leerpas_core::{CardId, ErrorKind, Evidence, Failure, Party, Timestamp};
use leerpas_credential::{
    keys::PublicKey,
    trust::{Institution, SignedList, TrustError, TrustList},
};
use leerpas_vault::{CardSummary, Page, TrustSigner, TrustedInstitution, Vault, VaultError};
use sha2::{Digest as _, Sha256};

use crate::{Refresh, Wallet, failure, lists::Anchored};

/// One institution that the person trusts.
#[derive(Debug, Clone)]
pub struct Trusted {
    /// Its name here.
    pub id: String,
    /// When it was added.
    pub added: Timestamp,
    /// The thumbprint of the signer of the list that it came with; `None` for what the person added alone.
    pub signer: Option<String>,
    /// Who it is.
    pub institution: Institution,
}

impl Wallet {
    /// Everybody who is known: by the lists that the program was started with first, then by what the person added.
    pub(crate) fn trust(&self) -> Arc<TrustList> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whom the person trusts, the last one first.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`], [`ErrorKind::StorageFailed`].
    pub async fn trusted(&self) -> Result<Vec<Trusted>, Failure> {
        let rows = self.with_vault(rows).await?;
        Ok(rows.into_iter().filter_map(|(row, _)| trusted(row)).collect())
    }

    /// Trusts the issuer of a card from now on. Only one whose identifier was proved, so that the name cannot become
    /// that of somebody else.
    ///
    /// # Errors
    /// [`ErrorKind::CardNotFound`], and [`ErrorKind::CredentialUncheckable`] when it was not proved who issued it.
    pub async fn trust_issuer(&self, card: &CardId) -> Result<(), Failure> {
        let (_, report) = self.card(card).await?;
        let issuer = report.issuer;
        if issuer.evidence != Evidence::Proved {
            let words = "it was not proved who issued this card, or that party is known already";
            return Err(Failure::new(ErrorKind::CredentialUncheckable, "trust", words));
        }
        let institution = Institution {
            name: [(self.world.language.tag().to_owned(), issuer.name)].into(),
            identifiers: vec![issuer.identifier],
            brin: None,
            domains: Vec::new(),
            roots_pem: Vec::new(),
            keys: Vec::new(),
            logo: None,
            scopes: Default::default(),
            own: true,
            until: None,
        };
        let row = self.row(&institution, None)?;
        self.with_vault(move |vault| vault.trust(&row)).await?;
        self.learn().await?;
        self.judge_anew(&[institution]).await
    }

    /// The logo of a party as a `data:` URL of our own writing; only one that was proved to be on a list has one.
    pub fn logo(&self, party: &Party) -> Option<String> {
        self.trust().logo_of(party).map(|picture| picture.data_url)
    }

    /// Whether the signed lists that the run was started with are the newest that this vault has seen. An older one says
    /// nothing about anybody here, and whoever gave it should hear so.
    ///
    /// # Errors
    /// [`ErrorKind::NotRecognised`] when one is older, [`ErrorKind::Locked`], [`ErrorKind::StorageFailed`].
    pub async fn hold_lists(&self) -> Result<(), Failure> {
        for anchored in self.world.signed.iter() {
            if !self.takes(anchored).await? {
                return Err(told(&TrustError::Rollback));
            }
        }
        Ok(())
    }

    /// Takes in a list: plain, as the person's own word; or signed, and then with the JWK of its signer the first time.
    /// Returns how many institutions it holds.
    ///
    /// # Errors
    /// [`ErrorKind::NotRecognised`] for what is no list, is not by its signer, or is older than the one before.
    pub async fn trust_list(&self, bytes: &[u8], signer: Option<&[u8]>) -> Result<usize, Failure> {
        let text = String::from_utf8_lossy(bytes);
        let Some(signer) = signer else {
            let list = TrustList::from_json(bytes).map_err(|e| told(&e))?;
            let rows: Vec<_> = list.institutions().iter().map(|one| self.row(one, None)).collect::<Result<_, _>>()?;
            let count = rows.len();
            self.with_vault(move |vault| rows.iter().try_for_each(|row| vault.trust(row))).await?;
            self.learn().await?;
            self.judge_anew(list.institutions()).await?;
            return Ok(count);
        };
        let jwk = leerpas_credential::json::parse(signer).map_err(|e| told(&TrustError::Json(e)))?;
        let key = PublicKey::from_jwk(&jwk).map_err(|e| told(&TrustError::Key(e)))?;
        let thumbprint = key.thumbprint();
        let wanted = thumbprint.clone();
        let before = self.with_vault(move |vault| vault.trust_signer(&wanted)).await?;
        let last = before.and_then(|before| u64::try_from(before.sequence).ok());
        let list = SignedList::read(&text, &key, last, self.world.clock.now()).map_err(|e| told(&e))?;
        let sequence = i64::try_from(list.sequence).map_err(|_| told(&TrustError::Shape))?;
        let rows: Vec<_> =
            list.institutions.iter().map(|one| self.row(one, Some(thumbprint.clone()))).collect::<Result<_, _>>()?;
        let (count, signer) =
            (rows.len(), TrustSigner { thumbprint, jwk: key.to_jwk(), sequence, expires: list.expires });
        self.with_vault(move |vault| vault.trust_list(&signer, &rows)).await?;
        self.learn().await?;
        self.judge_anew(&list.institutions).await?;
        Ok(count)
    }

    /// Trusts an institution no longer. Cards of it stay, and say what is known now.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] when there is none of this id.
    pub async fn distrust(&self, id: &str) -> Result<(), Failure> {
        let known = self.trusted().await?.into_iter().find(|one| one.id == id);
        let wanted = id.to_owned();
        if !self.with_vault(move |vault| vault.distrust(&wanted)).await? {
            return Err(Failure::new(ErrorKind::Usage, "trust", "there is no institution of this identifier"));
        }
        self.learn().await?;
        let institutions: Vec<_> = known.into_iter().map(|one| one.institution).collect();
        self.judge_anew(&institutions).await
    }

    /// Judges every card of these institutions by what is known of them now: whom one trusts is said on all their cards,
    /// not only on the one that lies open.
    async fn judge_anew(&self, institutions: &[Institution]) -> Result<(), Failure> {
        let cards = self.with_vault(|vault| vault.summaries(None, Page::ALL)).await?;
        let theirs = |card: &CardSummary| institutions.iter().any(|one| is_of(one, &card.issuer));
        let theirs: Vec<CardId> = cards.into_iter().filter(theirs).map(|card| card.id).collect();
        if !theirs.is_empty() {
            self.refresh(Refresh::These(theirs)).await?;
        }
        Ok(())
    }

    /// Whether a signed list of this run is not older than one of the same signer that the vault has seen; then it is
    /// the newest from now on, also for institutions of it that the person keeps.
    async fn takes(&self, anchored: &Anchored) -> Result<bool, Failure> {
        let thumbprint = anchored.signer.thumbprint();
        let sequence = i64::try_from(anchored.list.sequence).map_err(|_| told(&TrustError::Shape))?;
        let (jwk, expires) = (anchored.signer.to_jwk(), anchored.list.expires);
        let signer = TrustSigner { thumbprint: thumbprint.clone(), jwk, sequence, expires };
        let rows: Vec<_> = anchored
            .list
            .institutions
            .iter()
            .map(|one| self.row(one, Some(thumbprint.clone())))
            .collect::<Result<_, _>>()?;
        self.with_vault(move |vault| {
            let before = vault.trust_signer(&thumbprint)?.map(|before| before.sequence);
            if before.is_some_and(|before| before > sequence) {
                return Ok(false);
            }
            if before != Some(sequence) {
                // What is given for a run is kept only where it was kept before.
                let kept = vault.trusted()?.iter().any(|one| one.signer.as_ref() == Some(&thumbprint));
                vault.trust_list(&signer, if kept { &rows } else { &[] })?;
            }
            Ok(true)
        })
        .await
    }

    /// Brings what is known up to date with the vault.
    pub(crate) async fn learn(&self) -> Result<(), Failure> {
        let mut list = TrustList::clone(&self.world.plain);
        for anchored in self.world.signed.iter() {
            if self.takes(anchored).await? {
                for institution in anchored.institutions() {
                    list.add(institution).map_err(|e| told(&e))?;
                }
            } else {
                tracing::warn!("a trust list of this run is older than one that was used before");
            }
        }
        let rows = self.with_vault(rows).await?;
        for (row, until) in rows {
            if let Some(mut one) = trusted(row) {
                one.institution.until = until;
                // It was held to the rules when it was added; one that breaks them now is as good as gone.
                if list.add(one.institution).is_err() {
                    tracing::warn!("an institution in the vault cannot be used");
                }
            }
        }
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(list);
        Ok(())
    }

    fn row(&self, institution: &Institution, signer: Option<String>) -> Result<TrustedInstitution, Failure> {
        let body = serde_json::to_value(institution).map_err(|e| failure::internal("trust", e))?;
        // The same institution added again is one institution.
        let name = format!("{:?} {:?} {signer:?}", institution.name, institution.identifiers);
        let id = Sha256::digest(name).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(TrustedInstitution { id, added: self.world.clock.now(), signer, institution: body })
    }
}

/// The rows, each with the time until which its list was meant to be used.
fn rows(vault: &mut Vault) -> Result<Vec<(TrustedInstitution, Option<Timestamp>)>, VaultError> {
    let mut found = Vec::new();
    for row in vault.trusted()? {
        let signer = row.signer.as_deref().map(|signer| vault.trust_signer(signer)).transpose()?.flatten();
        found.push((row, signer.map(|signer| signer.expires)));
    }
    Ok(found)
}

/// Whether a card's issuer is this institution by its own word. What is proved is for the check to say.
fn is_of(institution: &Institution, issuer: &Party) -> bool {
    let of_host = |host: &str| institution.domains.iter().any(|domain| domain.eq_ignore_ascii_case(host));
    institution.has_identifier(&issuer.identifier) || issuer.host.as_deref().is_some_and(of_host)
}

fn trusted(row: TrustedInstitution) -> Option<Trusted> {
    let mut institution: Institution = serde_json::from_value(row.institution).ok()?;
    institution.own = row.signer.is_none();
    Some(Trusted { id: row.id, added: row.added, signer: row.signer, institution })
}

fn told(error: &TrustError) -> Failure {
    Failure::new(error.kind(), "trust", error.to_string())
}
