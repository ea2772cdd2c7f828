//! The files of a vault, and how they are written.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind as IoKind, Write},
    path::{Path, PathBuf},
};

use crate::{VaultError, slots::Slots};

/// Name of the encrypted database.
pub(crate) const DATABASE: &str = "vault.db";
/// Name of the file with the wrapped vault key.
pub(crate) const SLOTS: &str = "slots.json";

/// Where the files of one vault lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultFiles {
    /// The folder. Other files in it are left alone.
    pub folder: PathBuf,
}

/// Whether a folder holds a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It holds none; [`crate::Vault::create`] may make one.
    Missing,
    /// It holds one.
    Present,
}

/// Looks whether a folder holds a vault. Reads little, writes nothing, needs no secret.
///
/// # Errors
/// When something is there that is not a whole vault of this version: [`VaultError::Foreign`],
/// [`VaultError::Damaged`], [`VaultError::SlotsMissing`], [`VaultError::DatabaseMissing`],
/// [`VaultError::Newer`], [`VaultError::Storage`].
pub fn presence(folder: &Path) -> Result<Presence, VaultError> {
    let files = VaultFiles::new(folder);
    let slots = is_our_file(&files.slots(), SLOTS)?;
    let database = is_our_file(&files.database(), DATABASE)?;
    match (slots, database) {
        (false, false) => Ok(Presence::Missing),
        (false, true) => Err(VaultError::SlotsMissing),
        // `slots.json` is written last; a finished database under its first name is this close to done.
        (true, false) if !is_our_file(&files.database_in_the_making(), DATABASE)? => Err(VaultError::DatabaseMissing),
        (true, _) => Slots::read(&files.slots()).map(|_| Presence::Present),
    }
}

impl VaultFiles {
    /// Names the files in `folder`; touches nothing.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The encrypted database.
    pub fn database(&self) -> PathBuf {
        self.folder.join(DATABASE)
    }

    /// The wrapped vault key.
    pub fn slots(&self) -> PathBuf {
        self.folder.join(SLOTS)
    }

    /// The file that a running Leerpas holds locked; it stays, empty, when none runs.
    pub fn lock(&self) -> PathBuf {
        self.folder.join("vault.lock")
    }

    /// The database until the vault is complete.
    pub(crate) fn database_in_the_making(&self) -> PathBuf {
        self.folder.join("vault.db.new")
    }

    /// Makes the folder if it is not there. One that we made, or that is empty, is closed to others;
    /// one with other files in it belongs to somebody else, who decides on its permissions.
    pub(crate) fn make_folder(&self) -> Result<(), VaultError> {
        fs::create_dir_all(&self.folder)?;
        if fs::read_dir(&self.folder)?.next().is_none() {
            restrict(&self.folder, 0o700)?;
        }
        Ok(())
    }

    /// Throws away what an interrupted creation left, which nobody can open any more.
    pub(crate) fn clear_unfinished(&self) -> Result<(), VaultError> {
        for name in ["vault.db.new", "vault.db.new-wal", "vault.db.new-journal", "slots.json.new"] {
            match fs::remove_file(self.folder.join(name)) {
                Err(error) if error.kind() != IoKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Gives a finished database its name, also after the program stopped just before it could.
    pub(crate) fn finish_creation(&self) -> Result<(), VaultError> {
        if !self.database().exists() {
            fs::rename(self.database_in_the_making(), self.database())?;
            self.sync_folder()?;
        }
        Ok(())
    }

    /// Closes the files to other users, for a folder that was copied or unpacked with wider permissions.
    pub(crate) fn restrict_files(&self) -> Result<(), VaultError> {
        restrict(&self.database(), 0o600)?;
        restrict(&self.slots(), 0o600)
    }

    /// Makes renames in the folder last through a power cut.
    pub(crate) fn sync_folder(&self) -> Result<(), VaultError> {
        #[cfg(unix)]
        File::open(&self.folder)?.sync_all()?;
        Ok(())
    }

    /// Replaces `slots.json` so that, at every instant, either the old or the new one is there whole.
    pub(crate) fn replace_slots(&self, bytes: &[u8]) -> Result<(), VaultError> {
        let unfinished = self.folder.join("slots.json.new");
        let mut file = private_file(&unfinished)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        drop(file);
        if let Err(error) = written.and_then(|()| fs::rename(&unfinished, self.slots())) {
            // Best effort: what is left is overwritten next time.
            let _ = fs::remove_file(&unfinished);
            return Err(error.into());
        }
        self.sync_folder()
    }
}

/// Opens a new or emptied file that only its owner may read.
pub(crate) fn private_file(path: &Path) -> Result<File, VaultError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(path)?)
}

/// Whether there is a regular file. A link could lead anywhere, so it is refused.
fn is_our_file(path: &Path, file: &'static str) -> Result<bool, VaultError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => Ok(true),
        Ok(_) => Err(VaultError::Foreign { file }),
        Err(error) if matches!(error.kind(), IoKind::NotFound | IoKind::NotADirectory) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> Result<(), VaultError> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = fs::metadata(path)?.permissions();
    if permissions.mode() & 0o777 != mode {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// Elsewhere the profile of the user is closed to others already.
#[cfg(not(unix))]
fn restrict(_path: &Path, _mode: u32) -> Result<(), VaultError> {
    Ok(())
}
