//! The wallet: its vault, locked or open, and the one session that may run.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use leerpas_core::{Activity, ErrorKind, Failure, Secret, Timestamp};
use leerpas_credential::trust::TrustList;
use leerpas_net::Flow;
use leerpas_vault::{KdfParameters, Presence, RecoveryKey, SlotKind, Vault, presence};
use tokio::sync::watch;

use crate::{
    Progress, World, coming_back::Awaited, failure, mailbox::Mailbox, session::Session, sign_in::Aside, unfinished,
};

/// Whether there is a vault, and whether it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultState {
    /// There is none yet.
    Missing,
    /// There is one; it is locked.
    Locked,
    /// It is open.
    Open,
}

/// The wallet. Cheap to share behind an `Arc`; every method takes `&self`.
pub struct Wallet {
    pub(crate) folder: PathBuf,
    pub(crate) world: World,
    vault: Arc<Mutex<Option<Vault>>>,
    pub(crate) known: Mutex<Arc<TrustList>>,
    pub(crate) session: tokio::sync::Mutex<Session>,
    /// The connections of the running session.
    pub(crate) flow: Mutex<Option<Flow>>,
    pub(crate) progress: watch::Sender<Progress>,
    pub(crate) stop: watch::Sender<u64>,
    /// How often it had been stopped when the running action began.
    pub(crate) began: AtomicU64,
    /// How often it was locked: what was being opened then stays closed.
    locked: Arc<AtomicU64>,
    /// What the last end of the program, or locking, broke off; told once.
    pub(crate) broken_off: Mutex<Vec<Activity>>,
    /// Where a browser is awaited that may not find its way back.
    pub(crate) awaited: Awaited,
    /// The sign-in that waits for it, while something else may be on the screen.
    pub(crate) aside: Aside,
    /// The link of another program that waits for its turn.
    pub(crate) mailbox: Mutex<Mailbox>,
    /// Held while cards are checked again.
    pub(crate) refreshing: tokio::sync::Mutex<()>,
}

impl Wallet {
    /// A wallet whose vault lies, or will lie, in this folder. Touches nothing yet.
    pub fn new(folder: impl Into<PathBuf>, world: World) -> Self {
        Self {
            folder: folder.into(),
            known: Mutex::new(world.trust.clone()),
            world,
            vault: Arc::new(Mutex::new(None)),
            session: tokio::sync::Mutex::new(Session::None),
            flow: Mutex::default(),
            progress: watch::Sender::new(Progress::Idle),
            stop: watch::Sender::new(0),
            began: AtomicU64::new(0),
            locked: Arc::default(),
            broken_off: Mutex::default(),
            awaited: Awaited::default(),
            aside: Aside::default(),
            mailbox: Mutex::default(),
            refreshing: tokio::sync::Mutex::new(()),
        }
    }

    /// The folder of the vault.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The world that it lives in.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Whether there is a vault, and whether it is open.
    ///
    /// # Errors
    /// When the files are there and are not a vault.
    pub fn state(&self) -> Result<VaultState, Failure> {
        if self.lock_vault().is_some() {
            return Ok(VaultState::Open);
        }
        match presence(&self.folder).map_err(|e| failure::of_vault(&e))? {
            Presence::Missing => Ok(VaultState::Missing),
            Presence::Present => Ok(VaultState::Locked),
        }
    }

    /// Whether this computer's keychain has a slot in the vault. Readable while locked.
    pub fn has_keychain(&self) -> bool {
        Vault::slots_of(&self.folder).is_ok_and(|slots| slots.contains(&SlotKind::Keychain))
    }

    /// Makes the vault and opens it. The recovery key is shown once and kept nowhere.
    ///
    /// # Errors
    /// [`ErrorKind::VaultExists`], [`ErrorKind::WeakPassphrase`], [`ErrorKind::StorageFailed`].
    pub async fn create(&self, passphrase: Secret<String>) -> Result<Secret<String>, Failure> {
        let (clock, entropy) = (self.world.clock.clone(), self.world.entropy.clone());
        self.opening(move |folder| {
            let (vault, recovery) = Vault::create(folder, &passphrase, KdfParameters::DEFAULT, &*clock, &*entropy)?;
            Ok((vault, recovery.to_text()))
        })
        .await
    }

    /// Opens the vault by passphrase.
    ///
    /// # Errors
    /// [`ErrorKind::WrongPassphrase`] and those of a damaged, foreign, newer or busy vault.
    pub async fn unlock(&self, passphrase: Secret<String>) -> Result<(), Failure> {
        self.opening(move |folder| Ok((Vault::open_with_passphrase(folder, &passphrase)?, ()))).await
    }

    /// Opens the vault by this computer's keychain.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`] when the keychain cannot or will not; the passphrase still opens it.
    pub async fn unlock_with_keychain(&self) -> Result<(), Failure> {
        self.opening(|folder| Ok((Vault::open_with_keychain(folder)?, ()))).await
    }

    /// Opens the vault by recovery key and sets a new passphrase.
    ///
    /// # Errors
    /// [`ErrorKind::WrongPassphrase`] for the key, [`ErrorKind::WeakPassphrase`] for the new passphrase.
    pub async fn recover(&self, recovery_key: Secret<String>, passphrase: Secret<String>) -> Result<(), Failure> {
        let key = RecoveryKey::parse(&recovery_key)
            .map_err(|e| Failure::new(ErrorKind::WrongPassphrase, "vault", e.to_string()))?;
        self.opening(move |folder| {
            let mut vault = Vault::open_with_recovery_key(folder, &key)?;
            vault.change_passphrase(&passphrase)?;
            Ok((vault, ()))
        })
        .await
    }

    /// Lets this computer's keychain open the vault, or no longer.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`] when there is no keychain or it refuses.
    pub async fn set_keychain(&self, wanted: bool) -> Result<(), Failure> {
        self.with_vault(move |vault| if wanted { vault.enable_keychain() } else { vault.disable_keychain() }).await
    }

    /// Locks the vault and ends whatever is going on; a sign-in that waits for the browser waits on, without anything out of
    /// the vault. Keys are wiped from memory.
    pub async fn lock(&self) {
        let waits_on = self.aside.put_down();
        self.cancel();
        if !waits_on {
            drop(self.aside.turn.lock().await);
        }
        let left = std::mem::replace(&mut *self.session.lock().await, Session::None);
        self.leave(left).await;
        self.end_flow();
        self.put_back();
        self.progress.send_replace(Progress::Idle);
        self.locked.fetch_add(1, Ordering::SeqCst);
        *self.lock_vault() = None;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = self.world.trust.clone();
    }

    /// Where the session stands, and every change of it.
    pub fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Does something with the open vault, in a thread where it may block.
    pub(crate) async fn with_vault<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vault) -> Result<T, leerpas_vault::VaultError> + Send + 'static,
    ) -> Result<T, Failure> {
        let vault = Arc::clone(&self.vault);
        tokio::task::spawn_blocking(move || {
            let mut vault = vault.lock().unwrap_or_else(PoisonError::into_inner);
            let open = vault.as_mut().ok_or_else(failure::locked)?;
            work(open).map_err(|e| failure::of_vault(&e))
        })
        .await
        .map_err(|e| failure::broken("vault", &e))?
    }

    async fn opening<T: Send + 'static>(
        &self,
        open: impl FnOnce(&Path) -> Result<(Vault, T), leerpas_vault::VaultError> + Send + 'static,
    ) -> Result<T, Failure> {
        let (folder, place, now) = (self.folder.clone(), Arc::clone(&self.vault), self.world.clock.now());
        let going_on = self.aside.line();
        let (locked, before) = (Arc::clone(&self.locked), self.locked.load(Ordering::SeqCst));
        let answer: Result<(T, Vec<Activity>), Failure> = tokio::task::spawn_blocking(move || {
            let place = || place.lock().unwrap_or_else(PoisonError::into_inner);
            // Opening what is open would find the vault in use, by ourselves. The words must still be right,
            // so it is closed first.
            *place() = None;
            // Nobody else waits while this takes its time: a keychain may ask a person, and wait for ever.
            let (mut vault, answer) = open(&folder).map_err(|e| failure::of_vault(&e))?;
            let broken_off = unfinished::settle(&mut vault, going_on.as_ref());
            // A full disk must not keep anyone from their cards: what is stale goes another time.
            if let Err(error) = forget_stale(&mut vault, now) {
                tracing::warn!(%error, "what was fetched for a while could not be removed");
            }
            let mut place = place();
            if locked.load(Ordering::SeqCst) != before {
                return Err(failure::locked());
            }
            *place = Some(vault);
            Ok((answer, broken_off))
        })
        .await
        .map_err(|e| failure::broken("vault", &e))?;
        let (answer, broken_off) = answer?;
        *self.broken_off.lock().unwrap_or_else(PoisonError::into_inner) = broken_off;
        self.learn().await?;
        self.wake_sign_in().await;
        Ok(answer)
    }

    /// Whether the vault is open at this moment.
    pub(crate) fn is_open(&self) -> bool {
        self.lock_vault().is_some()
    }

    fn lock_vault(&self) -> MutexGuard<'_, Option<Vault>> {
        self.vault.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes what was fetched for a while only and whose time is over.
fn forget_stale(vault: &mut Vault, now: Timestamp) -> Result<(), leerpas_vault::VaultError> {
    for kept in vault.resources()? {
        if kept.expires.is_some_and(|until| until <= now) {
            vault.remove_resource(&kept.url)?;
        }
    }
    Ok(())
}
