//! Where an export is put. It is written under a name of its own beside its place, flushed to disk, and gets its name last: what
//! has the name is whole, and what was there stays until then.

use crate::{
    files::{private_options, sync_folder},
    keys::hex,
    store::Store,
};
use roadworthy_api::{
    Code, Error, Result,
    export::ExportTo,
    role::{Actor, Door},
};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Where something goes that is not there yet. Dropping it leaves nothing.
#[derive(Debug)]
pub(super) struct Draft {
    /// The file, or the folder, that is written.
    pub(super) path: PathBuf,
    goal: Goal,
}

/// Where it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    File(PathBuf, bool),
    Folder(PathBuf, bool),
    Stored,
}

impl Goal {
    /// What is asked for, if it can be.
    ///
    /// # Errors
    /// [`Code::Forbidden`] for a browser that names a path, [`Code::NotFound`] where its folder is not there,
    /// [`Code::Conflict`] where something is there that may not be replaced.
    pub(super) fn of(who: &Actor, out: &ExportTo) -> Result<Self> {
        if *out != ExportTo::Stored && who.door == Door::Browser {
            return Err(Error::new(Code::Forbidden, "A browser cannot name a file of this machine.")
                .hint("Save the file in the page."));
        }
        let goal = match out {
            ExportTo::Stored => return Ok(Self::Stored),
            ExportTo::Path { path, replace } => Self::File(absolute(path)?, *replace),
            ExportTo::Folder { path, replace } => Self::Folder(absolute(path)?, *replace),
        };
        goal.free()?;
        Ok(goal)
    }

    fn free(&self) -> Result<()> {
        let (path, replace) = match self {
            Self::Stored => return Ok(()),
            Self::File(path, replace) | Self::Folder(path, replace) => (path, *replace),
        };
        let above = above(path);
        if !above.is_dir() {
            return Err(Error::new(Code::NotFound, format!("There is no folder {}.", above.display()))
                .hint("Make it, or take another place."));
        }
        let wrong = |what: &str| {
            Err(Error::new(Code::Invalid, format!("{} is {what}.", path.display())).hint("Take another name."))
        };
        match (self, fs::symlink_metadata(path)) {
            (_, Err(e)) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            (_, Err(e)) => Err(told(path, &e)),
            (Self::File(..), Ok(_)) if path.is_dir() => wrong("a folder"),
            (Self::File(..), Ok(_)) if replace && !path.is_file() => wrong("no file"),
            (Self::File(..), Ok(_)) if !replace => Err(there_already(path)),
            (Self::Folder(..), Ok(_)) if !path.is_dir() => wrong("no folder"),
            (Self::Folder(..), Ok(_)) if !replace => match fs::read_dir(path).map(|mut all| all.next().is_some()) {
                Ok(false) => Ok(()),
                Ok(true) => Err(Error::new(Code::Conflict, format!("{} is not empty.", path.display()))
                    .hint("Take another name, or say that files of the same names may be replaced (--force).")),
                Err(e) => Err(told(path, &e)),
            },
            _ => Ok(()),
        }
    }

    /// Begins to write.
    pub(super) fn begin(self, store: &Store) -> Result<Draft> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|e| {
            Error::new(Code::Internal, format!("The system gives no random numbers ({e}).")).hint("Try again.")
        })?;
        let beside = match &self {
            Self::File(path, _) | Self::Folder(path, _) => {
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                above(path).join(format!(".{name}.{}.part", hex::write(&random)))
            }
            Self::Stored => store.files.beside(&hex::write(&random))?,
        };
        let made = match &self {
            Self::Folder(..) => fs::create_dir(&beside),
            _ => private_options().create_new(true).open(&beside).map(drop),
        };
        made.map_err(|e| told(self.shown(&beside), &e))?;
        Ok(Draft { path: beside, goal: self })
    }

    fn shown<'a>(&'a self, beside: &'a Path) -> &'a Path {
        match self {
            Self::File(path, _) | Self::Folder(path, _) => path,
            Self::Stored => beside,
        }
    }
}

impl Draft {
    /// The file to write to.
    pub(super) fn open(&self) -> Result<File> {
        File::options().read(true).write(true).open(&self.path).map_err(|e| self.told(&e))
    }

    /// Whether it is a folder.
    pub(super) fn is_folder(&self) -> bool {
        matches!(self.goal, Goal::Folder(..))
    }

    /// The name by which people know what is being written.
    pub(super) fn named(&self) -> &Path {
        self.goal.shown(&self.path)
    }

    /// What the disk said.
    pub(super) fn told(&self, error: &io::Error) -> Error {
        told(self.named(), error)
    }

    /// Gives it its name, and says which that is; a stored file keeps none and is taken by its hash.
    pub(super) fn place(&self, store: &Store, hash: &str) -> Result<Option<PathBuf>> {
        self.goal.free()?;
        match &self.goal {
            Goal::Stored => {
                store.files.adopt(&self.path, hash)?;
                Ok(None)
            }
            Goal::File(path, replace) => {
                // Whoever makes a file of this name meanwhile keeps it.
                if !replace {
                    private_options().create_new(true).open(path).map_err(|e| told(path, &e))?;
                }
                let placed = fs::rename(&self.path, path);
                if placed.is_err() && !replace {
                    drop(fs::remove_file(path));
                }
                placed.and_then(|()| sync_folder(above(path))).map_err(|e| told(path, &e))?;
                Ok(Some(path.clone()))
            }
            Goal::Folder(path, _) => {
                self.place_folder(path).map_err(|e| told(path, &e))?;
                Ok(Some(path.clone()))
            }
        }
    }

    fn place_folder(&self, path: &Path) -> io::Result<()> {
        if !path.exists() {
            fs::rename(&self.path, path)?;
            return sync_folder(above(path));
        }
        move_into(&self.path, path)?;
        sync_folder(path)
    }
}

fn move_into(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            move_into(&entry.path(), &target)?;
        } else {
            fs::rename(entry.path(), target)?;
        }
    }
    Ok(())
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already where it got its name.
        if self.is_folder() {
            drop(fs::remove_dir_all(&self.path));
        } else {
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Size, SHA-256 and BLAKE3 of a file, both in hex.
pub(super) fn weighed(path: &Path) -> io::Result<(u64, String, String)> {
    use sha2::{Digest, Sha256};
    let (mut file, mut buffer) = (File::open(path)?, vec![0; 1 << 16]);
    let (mut bytes, mut sha, mut blake) = (0, Sha256::new(), blake3::Hasher::new());
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        let read = buffer.get(..n).unwrap_or_default();
        sha.update(read);
        blake.update(read);
        bytes += n as u64;
    }
    Ok((bytes, hex::write(&sha.finalize()), blake.finalize().to_hex().to_string()))
}

/// Bytes of all files below a folder.
pub(super) fn size(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        bytes += if about.is_dir() { size(&entry.path())? } else { about.len() };
    }
    Ok(bytes)
}

fn absolute(path: &str) -> Result<PathBuf> {
    let path = Path::new(path);
    if !path.is_absolute() || path.file_name().is_none() {
        return Err(Error::new(Code::Invalid, format!("{} is no full path of a file.", path.display()))
            .hint("Begin with the root of the disk, and end with a name."));
    }
    Ok(path.to_owned())
}

fn above(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}

fn there_already(path: &Path) -> Error {
    Error::new(Code::Conflict, format!("{} is there already.", path.display()))
        .hint("Take another name, or say that it may be replaced (--force).")
}

/// What the disk said of a place that a person chose.
fn told(path: &Path, error: &io::Error) -> Error {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::AlreadyExists => there_already(path),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Error::new(Code::DiskFull, format!("The disk is full: {shown} cannot be written; nothing of it is left."))
                .hint("Free some space there, or take another disk.")
        }
        io::ErrorKind::FileTooLarge => {
            Error::new(Code::DiskFull, format!("The disk takes no file as large as {shown} would be."))
                .hint("Take another disk, or export a shorter time.")
        }
        _ => Error::new(Code::ReadOnly, format!("{shown} cannot be written: {error}.")).hint("Take another place."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goal(out: ExportTo) -> Result<Goal> {
        Goal::of(&Actor::owner(Door::CommandLine), &out)
    }

    #[test]
    fn a_place_that_cannot_be_is_refused_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        fs::write(at("there"), "old").unwrap();
        let file = |name: &str, replace| goal(ExportTo::Path { path: at(name), replace }).map_err(|e| e.code);
        let dir = |name: &str, replace| goal(ExportTo::Folder { path: at(name), replace }).map_err(|e| e.code);
        assert_eq!(file("there", false), Err(Code::Conflict));
        assert!(file("there", true).is_ok() && file("new", false).is_ok());
        assert_eq!(file("no/new", false), Err(Code::NotFound));
        assert_eq!(file("", true), Err(Code::Invalid));
        assert_eq!(dir("there", true), Err(Code::Invalid));
        assert!(dir("new", false).is_ok());
        fs::create_dir(at("full")).unwrap();
        assert!(dir("full", false).is_ok());
        fs::write(at("full/a"), "a").unwrap();
        assert_eq!(dir("full", false), Err(Code::Conflict));
        assert!(dir("full", true).is_ok());
        let relative = goal(ExportTo::Path { path: "a.zip".into(), replace: false });
        assert_eq!(relative.unwrap_err().code, Code::Invalid);
        let browser = Goal::of(&Actor::owner(Door::Browser), &ExportTo::Path { path: at("new"), replace: false });
        assert_eq!(browser.unwrap_err().code, Code::Forbidden);
    }
}
