//! A vault that is open: made, opened, and its slots changed.

use std::{fmt, path::Path};

use leerpas_core::{Clock, Entropy, OsEntropy, Secret};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::{
    KdfParameters, KeychainError, Presence, RecoveryKey, SlotKind, VaultError, VaultFiles, database, kdf, keychain,
    lock::Lock,
    presence,
    sealing::{Key, derive, draw},
    slots::Slots,
};

/// An open vault: the only way to what it keeps. Dropping it locks it: keys are wiped, the file is
/// closed, and another Leerpas may open it.
///
/// It blocks on the disk, and when opening by passphrase on Argon2id (about a quarter of a second), so
/// asynchronous callers keep it in a thread of their own.
pub struct Vault {
    // In this order: the connection closes before the lock goes.
    pub(crate) connection: Connection,
    pub(crate) private_keys: Key,
    vault_key: Key,
    slots: Slots,
    files: VaultFiles,
    #[expect(dead_code, reason = "held until the vault is dropped")]
    lock: Lock,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("id", &self.id()).finish_non_exhaustive()
    }
}

impl Vault {
    /// Makes a vault in a folder, which is made too if need be, and opens it. The recovery key is
    /// returned this once. Stopped midway, it leaves a folder that still counts as empty, or a whole
    /// vault; never something between.
    ///
    /// # Errors
    /// [`VaultError::WeakPassphrase`] below [`crate::PASSPHRASE_CHARACTERS`],
    /// [`VaultError::KdfOutOfBounds`], [`VaultError::Exists`], [`VaultError::InUse`],
    /// [`VaultError::Storage`], and what [`presence`] says about a folder that holds half a vault.
    pub fn create(
        folder: &Path,
        passphrase: &Secret<String>,
        cost: KdfParameters,
        clock: &dyn Clock,
        entropy: &dyn Entropy,
    ) -> Result<(Self, RecoveryKey), VaultError> {
        kdf::check_passphrase(passphrase)?;
        cost.check()?;
        refuse_present(folder)?;
        let files = VaultFiles::new(folder);
        files.make_folder()?;
        let lock = Lock::take(&files)?;
        // Again, now that nobody else can be at it.
        refuse_present(folder)?;
        files.clear_unfinished()?;

        let now = clock.now();
        let mut id = [0_u8; 16];
        entropy.fill(&mut id);
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let vault_key = draw(entropy);
        let recovery = RecoveryKey::draw(entropy);
        let mut slots = Slots::new(id, now);
        slots.put_passphrase(&vault_key, passphrase, cost, entropy)?;
        slots.put_recovery_key(&vault_key, &recovery)?;

        database::create(&files.database_in_the_making(), &vault_key, slots.vault(), now)?;
        files.replace_slots(&slots.to_bytes()?)?;
        Ok((Self::unlocked(files, lock, slots, vault_key)?, recovery))
    }

    /// Opens the vault in a folder. A wrong passphrase costs as much time as the right one, and nothing
    /// is counted or wiped.
    ///
    /// # Errors
    /// [`VaultError::WrongPassphrase`], [`VaultError::Missing`], [`VaultError::InUse`], and every way in
    /// which the files can be wrong: [`VaultError::SlotsMissing`], [`VaultError::DatabaseMissing`],
    /// [`VaultError::Foreign`], [`VaultError::Damaged`], [`VaultError::Newer`],
    /// [`VaultError::KdfOutOfBounds`], [`VaultError::Storage`].
    pub fn open_with_passphrase(folder: &Path, passphrase: &Secret<String>) -> Result<Self, VaultError> {
        Self::open(folder, |slots| slots.open_with_passphrase(passphrase))
    }

    /// Opens the vault in a folder when the passphrase is forgotten; [`Vault::change_passphrase`] is
    /// what follows.
    ///
    /// # Errors
    /// [`VaultError::WrongRecoveryKey`], and as for [`Vault::open_with_passphrase`].
    pub fn open_with_recovery_key(folder: &Path, recovery: &RecoveryKey) -> Result<Self, VaultError> {
        Self::open(folder, |slots| slots.open_with_recovery_key(recovery))
    }

    /// Opens the vault in a folder without asking, where the person turned that on. The operating
    /// system may show a prompt of its own, and this waits for it.
    ///
    /// # Errors
    /// [`VaultError::Keychain`], after which the passphrase is to be asked for, and as for
    /// [`Vault::open_with_passphrase`].
    pub fn open_with_keychain(folder: &Path) -> Result<Self, VaultError> {
        if presence(folder)? == Presence::Missing {
            return Err(VaultError::Missing);
        }
        let slots = Slots::read(&VaultFiles::new(folder).slots())?;
        if !slots.has(SlotKind::Keychain) {
            return Err(KeychainError::NotEnabled.into());
        }
        // Before the lock is taken: while the system asks, the passphrase still opens the vault.
        let secret = keychain::read(slots.vault())?;
        Self::open(folder, |slots| {
            slots.open_with_keychain(&secret)?.ok_or(VaultError::Keychain(KeychainError::EntryWrong))
        })
    }

    /// The ways in which a vault opens, without opening it: whether to try the keychain first.
    ///
    /// # Errors
    /// [`VaultError::Missing`], and what [`presence`] says.
    pub fn slots_of(folder: &Path) -> Result<Vec<SlotKind>, VaultError> {
        match presence(folder)? {
            Presence::Missing => Err(VaultError::Missing),
            Presence::Present => Ok(Slots::read(&VaultFiles::new(folder).slots())?.kinds()),
        }
    }

    /// The identifier of this vault: 32 hexadecimal digits, which say nothing about anyone.
    pub fn id(&self) -> &str {
        self.slots.vault()
    }

    /// Where its files lie.
    pub fn files(&self) -> &VaultFiles {
        &self.files
    }

    /// The ways in which this vault opens.
    pub fn slots(&self) -> Vec<SlotKind> {
        self.slots.kinds()
    }

    /// Puts a new passphrase in place of the old. The cost stays what it was, but never under
    /// [`KdfParameters::FLOOR`]. A copy of the old `slots.json` still opens with the old passphrase.
    ///
    /// # Errors
    /// [`VaultError::WeakPassphrase`], [`VaultError::Storage`]; the old passphrase then stays.
    pub fn change_passphrase(&mut self, passphrase: &Secret<String>) -> Result<(), VaultError> {
        kdf::check_passphrase(passphrase)?;
        let mut slots = self.slots.clone();
        slots.put_passphrase(&self.vault_key, passphrase, slots.cost(), &OsEntropy)?;
        self.replace_slots(slots)
    }

    /// Draws a new recovery key; the old one opens nothing any more.
    ///
    /// # Errors
    /// [`VaultError::Storage`]; the old recovery key then stays.
    pub fn replace_recovery_key(&mut self) -> Result<RecoveryKey, VaultError> {
        let recovery = RecoveryKey::draw(&OsEntropy);
        let mut slots = self.slots.clone();
        slots.put_recovery_key(&self.vault_key, &recovery)?;
        self.replace_slots(slots)?;
        Ok(recovery)
    }

    /// Lets the keychain of the operating system open this vault: any program of this user can then
    /// open it too, as long as the keychain is unlocked. Say so before calling.
    ///
    /// # Errors
    /// [`VaultError::Keychain`], [`VaultError::Storage`]; the vault then opens as before.
    pub fn enable_keychain(&mut self) -> Result<(), VaultError> {
        let secret = draw(&OsEntropy);
        keychain::write(self.id(), &secret)?;
        let mut slots = self.slots.clone();
        slots.put_keychain(&self.vault_key, &secret)?;
        self.replace_slots(slots)
    }

    /// Takes that back: first the slot, so that it holds whatever the keychain does, then the entry.
    ///
    /// # Errors
    /// [`VaultError::Storage`]; or [`VaultError::Keychain`] when the slot is gone and the entry, which
    /// opens nothing any more, could not be removed.
    pub fn disable_keychain(&mut self) -> Result<(), VaultError> {
        if self.slots.has(SlotKind::Keychain) {
            let mut slots = self.slots.clone();
            slots.remove_keychain(&self.vault_key)?;
            self.replace_slots(slots)?;
        }
        Ok(keychain::remove(self.id())?)
    }

    /// Reads and checks everything that is kept. Takes time in proportion to the vault.
    ///
    /// # Errors
    /// [`VaultError::Damaged`] naming the first check that failed.
    pub fn check(&self) -> Result<(), VaultError> {
        database::check(&self.connection)
    }

    /// A transaction that nobody else can be halfway through; it is undone unless committed.
    pub(crate) fn transaction(&mut self) -> Result<Transaction<'_>, VaultError> {
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    fn open(folder: &Path, unlock: impl FnOnce(&Slots) -> Result<Key, VaultError>) -> Result<Self, VaultError> {
        if presence(folder)? == Presence::Missing {
            return Err(VaultError::Missing);
        }
        let files = VaultFiles::new(folder);
        let lock = Lock::take(&files)?;
        let slots = Slots::read(&files.slots())?;
        let vault_key = unlock(&slots)?;
        Self::unlocked(files, lock, slots, vault_key)
    }

    fn unlocked(files: VaultFiles, lock: Lock, slots: Slots, vault_key: Key) -> Result<Self, VaultError> {
        files.finish_creation()?;
        let connection = database::open(&files.database(), &vault_key, slots.vault())?;
        files.restrict_files()?;
        let private_keys = derive(vault_key.expose(), "keys/v1");
        Ok(Self { connection, private_keys, vault_key, slots, files, lock })
    }

    #[cfg(test)]
    pub(crate) fn vault_key_for_tests(&self) -> Key {
        Secret::new(*self.vault_key.expose())
    }

    fn replace_slots(&mut self, slots: Slots) -> Result<(), VaultError> {
        self.files.replace_slots(&slots.to_bytes()?)?;
        self.slots = slots;
        Ok(())
    }
}

fn refuse_present(folder: &Path) -> Result<(), VaultError> {
    match presence(folder)? {
        Presence::Missing => Ok(()),
        Presence::Present => Err(VaultError::Exists),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn can_be_handed_to_another_thread() {
        fn send<T: Send>() {}
        send::<Vault>();
    }
}
