//! How what was written gets its name, and loses it again where the journal does not take it.
//!
//! A file appears under its name in one step, whole: a link where nothing may be replaced, so that whoever makes a file of this
//! name meanwhile keeps it; a rename where something is, which is kept beside until it is certain. A folder that is new or empty
//! comes in one step too. Into one that holds something files go one by one, manifest and list of hashes last: while these
//! are missing it is not whole, whatever ended it.

use super::{
    archive::{MANIFEST, SUMS},
    place::{OLD, above},
};
use crate::files::{private_folder, private_options, sync_folder};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// What has its name. Dropping it without [`Self::keep`] puts everything back.
#[derive(Debug, Default)]
pub(super) struct Placed {
    path: Option<PathBuf>,
    /// What was there before, to be removed once it is certain.
    old: Option<PathBuf>,
    /// Renames that undo it, the last first.
    back: Vec<(PathBuf, PathBuf)>,
    /// Files to be removed before that, and folders after it.
    made: Vec<PathBuf>,
    folders: Vec<PathBuf>,
    /// An empty folder that it took the place of.
    empty: Option<PathBuf>,
    /// The lock of what was there before.
    lock: Option<File>,
}

impl Placed {
    /// A stored file, which has no name.
    pub(super) fn stored() -> Self {
        Self::default()
    }

    fn at(path: &Path) -> Self {
        let mut placed = Self::default();
        placed.path = Some(path.to_owned());
        placed
    }

    /// Where it is.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// It stays.
    pub(super) fn keep(mut self) {
        (self.back, self.made, self.folders, self.empty) = Default::default();
        if let Some(old) = self.old.take() {
            drop(if old.is_dir() { fs::remove_dir_all(&old) } else { fs::remove_file(&old) });
        }
        self.lock = None;
    }

    fn moved(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        self.back.push((to.to_owned(), from.to_owned()));
        Ok(())
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        for made in &self.made {
            drop(fs::remove_file(made));
        }
        for (from, to) in self.back.drain(..).rev() {
            drop(fs::rename(from, to));
        }
        if let Some(empty) = &self.empty {
            drop(private_folder(empty));
        }
        for made in self.folders.iter().rev() {
            drop(fs::remove_dir(made));
        }
        if let Some(old) = self.old.take().filter(|old| old.is_dir()) {
            drop(fs::remove_dir_all(old));
        }
    }
}

/// A file where none is.
pub(super) fn file(draft: &Path, path: &Path) -> io::Result<Placed> {
    let mut placed = Placed::at(path);
    match fs::hard_link(draft, path) {
        Ok(()) => {}
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(e),
        // A disk that knows no links.
        Err(_) => {
            private_options().create_new(true).open(path)?;
            placed.made.push(path.to_owned());
            fs::rename(draft, path)?;
        }
    }
    placed.made = vec![path.to_owned()];
    sync_folder(above(path))?;
    Ok(placed)
}

/// A file in place of another.
pub(super) fn instead(draft: &Path, path: &Path) -> io::Result<Placed> {
    let old = beside(draft);
    let mut placed = Placed::at(path);
    placed.lock = locked(path);
    if fs::hard_link(path, &old).is_ok() {
        placed.back.push((old.clone(), path.to_owned()));
    } else {
        placed.moved(path, &old)?;
    }
    placed.old = Some(old);
    fs::rename(draft, path)?;
    sync_folder(above(path))?;
    Ok(placed)
}

/// A folder; one that is there keeps what it holds under other names.
pub(super) fn folder(draft: &Path, path: &Path) -> io::Result<Placed> {
    sync_all(draft)?;
    let mut placed = Placed::at(path);
    if fs::read_dir(path).is_ok_and(|mut all| all.next().is_none()) {
        fs::remove_dir(path)?;
        placed.empty = Some(path.to_owned());
    }
    if !path.exists() {
        placed.moved(draft, path)?;
        sync_folder(above(path))?;
        return Ok(placed);
    }
    let old = beside(draft);
    fs::create_dir(&old)?;
    placed.old = Some(old.clone());
    let last = [MANIFEST, SUMS];
    for name in last.iter().filter(|name| path.join(name).exists()) {
        placed.moved(&path.join(name), &old.join(name))?;
    }
    sync_folder(path)?;
    placed.move_all(draft, path, &old, &last)?;
    sync_all(path)?;
    for name in last {
        placed.moved(&draft.join(name), &path.join(name))?;
    }
    sync_folder(path)?;
    Ok(placed)
}

impl Placed {
    fn move_all(&mut self, from: &Path, to: &Path, old: &Path, but: &[&str]) -> io::Result<()> {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let (name, target) = (entry.file_name(), to.join(entry.file_name()));
            if but.iter().any(|but| name == **but) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                if !target.is_dir() {
                    fs::create_dir(&target)?;
                    self.folders.push(target.clone());
                }
                fs::create_dir(old.join(&name))?;
                self.move_all(&entry.path(), &target, &old.join(&name), &[])?;
                continue;
            }
            if fs::symlink_metadata(&target).is_ok() {
                self.moved(&target, &old.join(&name))?;
            }
            self.moved(&entry.path(), &target)?;
        }
        Ok(())
    }
}

/// A lock on a file or a folder that goes with its process; `None` where another holds it, or where locks keep readers out too.
pub(super) fn locked(path: &Path) -> Option<File> {
    File::open(path).ok().filter(|file| cfg!(unix) && file.try_lock().is_ok())
}

/// Beside a draft, where goes what was there before.
fn beside(draft: &Path) -> PathBuf {
    draft.with_extension(OLD.trim_start_matches('.'))
}

/// Has a folder and those in it know their files by heart.
fn sync_all(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_all(&entry.path())?;
        }
    }
    sync_folder(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every file below a folder with what it says, and every folder.
    fn tree(folder: &Path) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let mut left = vec![folder.to_owned()];
        while let Some(next) = left.pop() {
            for entry in fs::read_dir(next).unwrap().map(Result::unwrap) {
                let name = entry.path().strip_prefix(folder).unwrap().display().to_string();
                match entry.file_type().unwrap().is_dir() {
                    true => {
                        left.push(entry.path());
                        all.push((name + "/", String::new()));
                    }
                    false => all.push((name, fs::read_to_string(entry.path()).unwrap())),
                }
            }
        }
        all.sort();
        all
    }

    fn fill(folder: &Path, files: &[(&str, &str)]) {
        for (name, text) in files {
            fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
            fs::write(folder.join(name), text).unwrap();
        }
    }

    #[test]
    fn what_is_not_kept_leaves_all_as_it_was() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        let check =
            |make: fn(&Path, &Path) -> io::Result<Placed>, there: &[(&str, &str)], new: &[(&str, &str)], whole| {
                for keep in [false, true] {
                    fill(place.path(), there);
                    let before = tree(place.path());
                    fill(place.path(), new);
                    let placed = make(&at(".goal.part"), &at("goal")).unwrap();
                    if keep {
                        placed.keep()
                    } else {
                        drop(placed)
                    }
                    // As the draft does when it is dropped.
                    drop(fs::remove_file(at(".goal.part")));
                    drop(fs::remove_dir_all(at(".goal.part")));
                    let mut after = tree(place.path());
                    assert!(keep || after == before, "{after:?}");
                    after.retain(|(name, _)| !name.ends_with('/'));
                    let expect: &[(&str, &str)] = if keep { whole } else { there };
                    let expect: Vec<(String, String)> =
                        expect.iter().map(|(n, t)| ((*n).into(), (*t).into())).collect();
                    assert_eq!(after, expect, "kept: {keep}");
                    for entry in fs::read_dir(place.path()).unwrap().map(Result::unwrap) {
                        drop(fs::remove_dir_all(entry.path()));
                        drop(fs::remove_file(entry.path()));
                    }
                }
            };
        check(file, &[], &[(".goal.part", "new")], &[("goal", "new")]);
        check(instead, &[("goal", "old")], &[(".goal.part", "new")], &[("goal", "new")]);
        let draft = [(".goal.part/a.csv", "A"), (".goal.part/b/c.csv", "C"), (".goal.part/manifest.json", "M")];
        let draft = [&draft[..], &[(".goal.part/SHA256SUMS", "S"), (".goal.part/d/e/f.csv", "F")]].concat();
        let new = [
            ("goal/SHA256SUMS", "S"),
            ("goal/a.csv", "A"),
            ("goal/b/c.csv", "C"),
            ("goal/d/e/f.csv", "F"),
            ("goal/manifest.json", "M"),
        ];
        check(folder, &[], &draft, &new);
        let empty = || {
            fs::create_dir(at("goal")).unwrap();
            fill(place.path(), &draft);
            folder(&at(".goal.part"), &at("goal")).unwrap()
        };
        drop(empty());
        assert_eq!(tree(&at("goal")), []);
        fs::remove_dir(at("goal")).unwrap();
        fs::remove_dir_all(at(".goal.part")).unwrap();
        empty().keep();
        assert!(at("goal/manifest.json").exists() && !at(".goal.part").exists());
        fs::remove_dir_all(at("goal")).unwrap();
        let old = [("goal/a.csv", "old"), ("goal/b/other", "x"), ("goal/manifest.json", "old"), ("goal/z", "z")];
        let both = [&new[..3], &[("goal/b/other", "x")], &new[3..], &[("goal/z", "z")]].concat();
        check(folder, &old, &draft, &both);
    }

    #[test]
    fn a_file_that_somebody_made_meanwhile_is_theirs() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        fill(place.path(), &[(".goal.part", "new"), ("goal", "theirs")]);
        assert_eq!(file(&at(".goal.part"), &at("goal")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(at("goal")).unwrap(), "theirs");
    }
}
