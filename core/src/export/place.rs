//! Where an export is put. It is written under a name of its own beside its place, flushed to disk, and gets its name last
//! ([`super::placed`]): what has the name is whole, and what was there stays until then.

use super::placed::{self, Placed};
use crate::{files::private_options, keys::hex, store::Store};
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
    /// Held while it is written, so that what a process left behind that was killed is told from it.
    _lock: Option<File>,
}

/// How the name ends of what is not whole yet, and of what a new one replaces until that is certain.
const PART: &str = ".part";
pub(super) const OLD: &str = ".old";

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

    /// Begins to write, and clears away what exports to the same place left behind that were killed.
    pub(super) fn begin(self, store: &Store) -> Result<Draft> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|e| {
            Error::new(Code::Internal, format!("The system gives no random numbers ({e}).")).hint("Try again.")
        })?;
        let random = hex::write(&random);
        let beside = match &self {
            Self::File(path, _) | Self::Folder(path, _) => {
                clear_left(path);
                above(path).join(format!("{}{random}{PART}", beginning(path)))
            }
            Self::Stored => store.files.beside(&random)?,
        };
        let made = match &self {
            Self::Folder(..) => fresh_folder(&beside),
            _ => private_options().create_new(true).open(&beside).map(drop),
        };
        made.map_err(|e| told(self.shown(&beside), &e))?;
        let lock = placed::locked(&beside);
        Ok(Draft { path: beside, goal: self, _lock: lock })
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

    /// Gives it its name, which it loses again unless that is kept; a stored file has none and is taken by its hash.
    pub(super) fn place(&self, store: &Store, hash: &str) -> Result<Placed> {
        self.goal.free()?;
        let placed = match &self.goal {
            Goal::Stored => {
                store.files.adopt(&self.path, hash)?;
                return Ok(Placed::stored());
            }
            Goal::File(path, true) if path.is_file() => placed::instead(&self.path, path),
            Goal::File(path, _) => placed::file(&self.path, path),
            Goal::Folder(path, _) => placed::folder(&self.path, path),
        };
        placed.map_err(|e| self.told(&e))
    }
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

pub(super) fn above(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}

/// What the name of everything begins with that is put beside a place for a while.
fn beginning(path: &Path) -> String {
    format!(".{}.", path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default())
}

/// Removes what is left beside a place of exports whose process is gone; one that is under way holds its lock.
fn clear_left(path: &Path) {
    let begins = beginning(path);
    let left = |name: &str| {
        let rest = name.strip_prefix(&begins)?;
        let random = rest.strip_suffix(PART).or_else(|| rest.strip_suffix(OLD))?;
        (random.len() == 16 && hex::read(random).is_some()).then_some(())
    };
    for entry in fs::read_dir(above(path)).into_iter().flatten().flatten() {
        if left(&entry.file_name().to_string_lossy()).is_none() {
            continue;
        }
        let old = entry.path();
        if placed::locked(&old).is_some() {
            drop(if old.is_dir() { fs::remove_dir_all(&old) } else { fs::remove_file(&old) });
        }
    }
}

/// A folder that only this user may enter.
fn fresh_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
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
