//! Files that the person asked for, in their folder for downloads. Nothing that is there is ever written over.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use directories::UserDirs;
use leerpas_core::{ErrorKind, Failure};

/// Files of one name that are counted.
const SAME_NAME: usize = 999;

/// Writes the file and gives its path, for the person to find it.
///
/// # Errors
/// [`ErrorKind::StorageFailed`] when there is no such folder or the disk refuses.
pub fn save(name: &str, bytes: &[u8]) -> Result<String, Failure> {
    let fail = |words: String| Failure::new(ErrorKind::StorageFailed, "export", words);
    let folders = UserDirs::new().ok_or_else(|| fail("there is no folder for downloads".to_owned()))?;
    let folder = folders.download_dir().unwrap_or_else(|| folders.home_dir());
    let path = write_new(folder, name, bytes).map_err(|e| fail(e.to_string()))?;
    Ok(path.display().to_string())
}

/// Writes under the name, or under the name with a number where that is taken.
fn write_new(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    for count in 1..=SAME_NAME {
        let name = if count == 1 { name.to_owned() } else { format!("{stem} ({count}).{ending}") };
        let path = folder.join(name);
        match File::create_new(&path) {
            Ok(mut file) => {
                let written = file.write_all(bytes).and_then(|()| file.sync_all());
                if let Err(error) = written {
                    // Half a file would look like a whole one.
                    drop(std::fs::remove_file(&path));
                    return Err(error);
                }
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "there are too many files of this name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<_> = (0..3)
            .map(|count| write_new(folder.path(), "Meten-weten.png", &[count]).unwrap())
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        assert_eq!(names, ["Meten-weten.png", "Meten-weten (2).png", "Meten-weten (3).png"]);
        assert_eq!(std::fs::read(folder.path().join("Meten-weten.png")).unwrap(), [0]);
        assert!(write_new(&folder.path().join("gone"), "a.png", b"x").is_err());
    }
}
