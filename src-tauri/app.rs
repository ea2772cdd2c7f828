//! What the commands share: the wallet and the settings.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use leerpas_core::{ErrorKind, Failure, Language};
use leerpas_ipc::view::{Settings, Snapshot, VaultState};
use leerpas_wallet::{Progress, Waiting, Wallet, World, WorldOptions};
use tauri::{AppHandle, Emitter as _, Manager as _, Runtime};

use crate::{arguments::Arguments, settings};

/// What the commands share.
pub struct App {
    wallet: Arc<Wallet>,
    folder: PathBuf,
    settings: Mutex<Settings>,
}

impl App {
    /// Puts the wallet together. Opens nothing yet.
    ///
    /// # Errors
    /// When there is no home folder, or a file of the trial cannot be read.
    pub fn prepare(arguments: &Arguments) -> Result<Self, Failure> {
        let trial = arguments.trial.as_deref();
        let folder = match (&arguments.profile, trial) {
            (Some(folder), _) => folder.clone(),
            (None, Some(trial)) => trial.join("profile"),
            (None, None) => directories::ProjectDirs::from("nl", "Leerpas", "Leerpas")
                .map(|dirs| dirs.data_local_dir().to_owned())
                .ok_or_else(|| Failure::new(ErrorKind::Usage, "start", "there is no home folder: give --profile"))?,
        };
        let settings = settings::read(&folder);
        let (lists, anchors) = trial.map(trial_lists).unwrap_or_default();
        let world = World::prepare(WorldOptions {
            allow_loopback: trial.is_some(),
            tls_roots: trial.map(|trial| trial.join("ca.pem")).into_iter().collect(),
            trust: lists,
            trust_anchors: anchors,
            language: if settings.language == "en" { Language::En } else { Language::Nl },
            ..WorldOptions::default()
        })?;
        Ok(Self { wallet: Arc::new(Wallet::new(folder.clone(), world)), folder, settings: Mutex::new(settings) })
    }

    /// The wallet.
    pub fn wallet(&self) -> &Wallet {
        &self.wallet
    }

    /// The language of the window.
    pub fn language(&self) -> Language {
        if self.settings().language == "en" { Language::En } else { Language::Nl }
    }

    /// The settings now.
    pub fn settings(&self) -> Settings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps the settings.
    ///
    /// # Errors
    /// When they cannot be written; then the old ones stay.
    pub fn keep_settings(&self, new: Settings) -> Result<(), Failure> {
        settings::write(&self.folder, &new)?;
        *self.settings.lock().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// Everything that the window needs at its start.
    ///
    /// # Errors
    /// When the vault's files are there and are no vault.
    pub fn snapshot(&self) -> Result<Snapshot, Failure> {
        let vault = match self.wallet.state()? {
            leerpas_wallet::VaultState::Missing => VaultState::Missing,
            leerpas_wallet::VaultState::Locked => VaultState::Locked,
            leerpas_wallet::VaultState::Open => VaultState::Open,
        };
        let mut settings = self.settings();
        settings.keychain = self.wallet.has_keychain();
        let link = self.wallet.waiting_link();
        // Who was there is said to nobody but the one who opened the vault.
        let broken_off = if vault == VaultState::Open { self.wallet.broken_off() } else { Vec::new() };
        Ok(Snapshot {
            vault,
            settings,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            waiting: link == Waiting::Yes,
            too_late: link == Waiting::TooLate,
            broken_off: broken_off.iter().map(leerpas_ipc::activity).collect(),
            sign_in_waits: self.wallet.sign_in_waits(),
            sign_in_sleeps: self.wallet.sign_in_sleeps(),
        })
    }
}

/// The signed list of a trial with the key of its signer, which that trial made; else its plain list.
fn trial_lists(trial: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (signed, anchor) = (trial.join("trust.jwt"), trial.join("trust-anchor.jwk"));
    if signed.exists() && anchor.exists() {
        (vec![signed], vec![anchor])
    } else {
        (vec![trial.join("trust.json")], Vec::new())
    }
}

/// Passes every change of the session on to the window.
pub fn tell_window<R: Runtime>(handle: &AppHandle<R>) {
    let mut progress = handle.state::<App>().wallet().watch();
    let handle = handle.clone();
    tauri::async_runtime::spawn(async move {
        let mut signing_in = None;
        while progress.changed().await.is_ok() {
            // Before the session: a request that is shown meanwhile says that the sign-in waits.
            let waits = handle.state::<App>().wallet().sign_in_waits();
            if waits != signing_in {
                signing_in = waits;
                tell_snapshot(&handle);
            }
            let now = progress.borrow_and_update().clone();
            let view = leerpas_ipc::session(&now, handle.state::<App>().language());
            // A window that is gone needs no news.
            drop(handle.emit("session", view));
            if matches!(&now, Progress::Ended(end) if matches!(**end, leerpas_wallet::End::Kept(_) | leerpas_wallet::End::Later { .. }))
            {
                drop(handle.emit("cards", ()));
            }
        }
    });
}

/// Tells the window that cards have changed.
pub fn tell_cards<R: Runtime>(handle: &AppHandle<R>) {
    drop(handle.emit("cards", ()));
}

/// Tells the window that what a snapshot holds has changed.
pub fn tell_snapshot<R: Runtime>(handle: &AppHandle<R>) {
    if let Ok(snapshot) = handle.state::<App>().snapshot() {
        drop(handle.emit("snapshot", snapshot));
    }
}
