//! A folder of backups: what lies in it, and who works in it.

use super::manifest::{DATABASE, Manifest, broken};
use crate::{
    files::{self, Files, io_error, private_folder},
    store::{Store, backup as sql, setting},
};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    backup::{BackupReason, BackupRow},
    id::PersonId,
    system::Settings,
};
use std::{
    fs::{self, File, TryLockError},
    io::Read,
    path::{Path, PathBuf},
};

/// How a backup's folder is called, by UTC.
const NAME: &str = "%Y-%m-%dT%H-%M-%SZ";
/// Where backups lie in a data folder.
const DEFAULT: &str = "backups";
/// Beside the database: the folder of the settings, for when the database cannot be read any more.
const NOTE: &str = "backups.path";

/// A folder of backups.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    pub(super) root: PathBuf,
}

/// Work in a folder; dropping it lets others work there.
#[derive(Debug)]
pub(crate) struct Hold {
    _lock: File,
}

/// A backup that says what it is.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(super) folder: Folder,
    pub(crate) manifest: Manifest,
}

impl Folder {
    /// The folder of the settings.
    pub(crate) fn of(store: &Store) -> Result<Self> {
        let settings: Settings = store.read(|conn| setting::get(conn, setting::SETTINGS))?.unwrap_or_default();
        Ok(Self::chosen(store.path(), settings.backup.folder.as_deref()))
    }

    /// The folder that a database's settings choose.
    pub(super) fn chosen(database: &Path, folder: Option<&str>) -> Self {
        let data = database.parent().unwrap_or(Path::new("."));
        match folder.map(str::trim).filter(|f| !f.is_empty()) {
            // A relative one would depend on where the program was started.
            Some(folder) => Self { root: data.join(folder) },
            None => Self { root: data.join(DEFAULT) },
        }
    }

    /// A folder by its path.
    pub(crate) fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// Folders in which backups of this data folder may lie, for when its database cannot be read.
    pub(super) fn noted(data: &Path) -> Vec<Self> {
        let noted = fs::read_to_string(data.join(NOTE)).ok().map(|path| Self::at(PathBuf::from(path.trim_end())));
        let usual = Self::at(data.join(DEFAULT));
        noted.into_iter().filter(|f| f.root != usual.root).chain([usual.clone()]).collect()
    }

    /// Notes the folder beside the database. It only helps, so a failure is no failure.
    pub(super) fn note(&self, data: &Path) {
        let (path, text) = (data.join(NOTE), self.root.display().to_string());
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            return;
        }
        if let Err(error) = fs::write(&path, text) {
            tracing::debug!(%error, "the folder of backups could not be noted");
        }
    }

    /// Stored files of all backups.
    pub(super) fn files(&self) -> Files {
        Files::new(&self.root)
    }

    /// Makes the folder if it is missing, and keeps other processes from working in it.
    pub(super) fn hold(&self) -> Result<Hold> {
        private_folder(&self.root).map_err(|e| io_error(&self.root, &e))?;
        let path = self.root.join(".lock");
        let file =
            files::private_options().create(true).truncate(false).open(&path).map_err(|e| io_error(&path, &e))?;
        match file.try_lock() {
            Ok(()) => Ok(Hold { _lock: file }),
            Err(TryLockError::WouldBlock) => {
                Err(Error::new(Code::Conflict, "Another backup is being made or restored in this folder.")
                    .hint("Wait until it is done, then try again."))
            }
            Err(TryLockError::Error(e)) => Err(io_error(&path, &e)),
        }
    }

    /// A name for a backup begun now that no other has.
    pub(super) fn new_name(&self, now: Timestamp) -> Result<String> {
        let time = jiff::Timestamp::from_millisecond(now)
            .map_err(|e| Error::new(Code::Internal, format!("The clock cannot be written ({e}).")))?;
        let name = time.strftime(NAME).to_string();
        let names = (1..1000).map(|n| if n == 1 { name.clone() } else { format!("{name}-{n}") });
        let free = |name: &String| !self.root.join(name).exists();
        names.into_iter().find(free).ok_or_else(|| {
            Error::new(Code::Conflict, "There are too many backups of this second.").hint("Try again in a second.")
        })
    }

    /// Names of what look like backups, newest first.
    pub(super) fn names(&self) -> Result<Vec<String>> {
        let mut names: Vec<String> = files::entries(&self.root)?
            .into_iter()
            .filter(|path| path.is_dir())
            .filter_map(|path| path.file_name().map(|n| n.to_string_lossy().into_owned()))
            .filter(|name| time_of(name).is_some())
            .collect();
        names.sort_by_key(|name| std::cmp::Reverse((time_of(name), name.clone())));
        Ok(names)
    }

    /// One backup by name.
    pub(crate) fn get(&self, name: &str) -> Result<Kept> {
        if time_of(name).is_none() || !self.root.join(name).is_dir() {
            return Err(Error::new(Code::NotFound, format!("There is no backup {name} in {}.", self.root.display()))
                .hint("`roadworthy backup list` lists them."));
        }
        Ok(Kept { folder: self.clone(), manifest: Manifest::read(&self.root.join(name))? })
    }

    /// Every backup, newest first, with what is wrong with it as far as that shows at once.
    pub(crate) fn list(&self) -> Result<Vec<BackupRow>> {
        let mut rows: Vec<BackupRow> = self
            .names()?
            .into_iter()
            .map(|name| match self.get(&name) {
                Ok(kept) => kept.row(),
                Err(problem) => BackupRow {
                    at: time_of(&name).unwrap_or(0),
                    name,
                    why: BackupReason::Asked,
                    database_bytes: 0,
                    files: (0, 0),
                    events: 0,
                    device: String::new(),
                    folder: self.root.display().to_string(),
                    problem: Some(problem),
                },
            })
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.at));
        Ok(rows)
    }

    /// Names of backups in which somebody who is forgotten now still stands. One that cannot be read counts: it may.
    pub(crate) fn holding(&self, who: PersonId) -> Result<Vec<String>> {
        let holds = |name: &String| {
            let path = self.root.join(name).join(DATABASE);
            sql::open(&path).and_then(|conn| sql::holds(&conn, who)).unwrap_or(true)
        };
        Ok(self.names()?.into_iter().filter(holds).collect())
    }
}

/// When a backup of this name was begun; `None` if none is called so.
pub(super) fn time_of(name: &str) -> Option<Timestamp> {
    let (time, number) = name.split_once('Z')?;
    if !number.is_empty() && number.strip_prefix('-')?.parse::<u32>().ok()? < 2 {
        return None;
    }
    let time = jiff::civil::DateTime::strptime("%Y-%m-%dT%H-%M-%S", time).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

impl Kept {
    /// The backup's own folder.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.root.join(&self.manifest.name)
    }

    /// Its database.
    pub(super) fn database(&self) -> PathBuf {
        self.path().join(DATABASE)
    }

    /// What is wrong, as far as sizes tell.
    pub(super) fn problem(&self) -> Option<Error> {
        let bytes = fs::metadata(self.database()).map(|m| m.len()).ok();
        if bytes.is_none() {
            return Some(broken("its database is missing"));
        }
        if bytes != Some(self.manifest.database.bytes) {
            return Some(broken("its database is not as long as it was"));
        }
        let files = self.folder.files();
        let gone = self
            .manifest
            .files
            .iter()
            .filter(|f| files.size(&f.hash, f.deflated).ok().flatten() != Some(f.bytes))
            .count();
        (gone > 0).then(|| broken(&format!("{gone} of its stored files are missing or not as long as they were")))
    }

    /// Whether its database is byte for byte what it was.
    pub(super) fn database_is_whole(&self) -> Result<bool> {
        Ok(hash_file(&self.database())? == self.manifest.database.hash)
    }

    pub(super) fn row(self) -> BackupRow {
        let problem = self.problem();
        let Manifest { name, at, why, events, device, database, files, .. } = self.manifest;
        BackupRow {
            name,
            at,
            why,
            database_bytes: database.bytes,
            files: (files.len() as u64, files.iter().map(|f| f.bytes).sum()),
            events,
            device,
            folder: self.folder.root.display().to_string(),
            problem,
        }
    }
}

/// The backup whose own folder a path is; `None` for what is a name and no path.
pub(super) fn by_path(named: &str) -> Option<Result<Kept>> {
    let is_path = named.contains('/') || named.contains(std::path::MAIN_SEPARATOR);
    is_path.then(|| {
        let no = || {
            Error::new(Code::NotFound, format!("There is no backup at {named}."))
                .hint("Type the path of its own folder.")
        };
        let path = fs::canonicalize(named).map_err(|_| no())?;
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return Err(no()) };
        Folder::at(folder.to_owned()).get(&name.to_string_lossy())
    })
}

/// BLAKE3 of a file in hex.
pub(super) fn hash_file(path: &Path) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    let mut chunk = vec![0; 1 << 20];
    let read = File::open(path).and_then(|mut file| {
        loop {
            match file.read(&mut chunk)? {
                0 => return Ok(()),
                n => hasher.update(chunk.get(..n).unwrap_or_default()),
            };
        }
    });
    read.map_err(|e| io_error(path, &e))?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// The newest backup of a data folder that is whole, as far as its database goes: for when that of the folder is damaged.
fn newest_whole(data: &Path) -> Option<Kept> {
    let all = Folder::noted(data).into_iter().flat_map(|folder| {
        let names = folder.names().unwrap_or_default();
        names.into_iter().filter_map(move |name| folder.get(&name).ok())
    });
    let mut all: Vec<Kept> = all.collect();
    all.sort_by_key(|kept| std::cmp::Reverse(kept.manifest.at));
    all.into_iter().find(|kept| kept.problem().is_none() && kept.database_is_whole().unwrap_or(false))
}

/// Adds to why a database cannot be opened which backup could take its place.
pub(crate) fn offer(data: &Path, error: Error) -> Error {
    if error.code != Code::DatabaseUnusable {
        return error;
    }
    let Some(kept) = newest_whole(data) else { return error };
    let name = &kept.manifest.name;
    error.hint(format!(
        "`roadworthy restore {name}` puts the newest whole backup in its place, and keeps the damaged file aside."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_their_time_and_others_are_left_alone() {
        for (name, expect) in [
            ("2026-11-20T18-00-00Z", Some(1_795_197_600_000)),
            ("2026-11-20T18-00-00Z-2", Some(1_795_197_600_000)),
            ("2026-11-20T18-00-00Z-1", None),
            ("2026-11-20T18-00-00Zx", None),
            ("2026-13-20T18-00-00Z", None),
            ("new-2026-11-20T18-00-00Z", None),
            ("files", None),
            ("", None),
            ("../2026-11-20T18-00-00Z", None),
        ] {
            assert_eq!(time_of(name), expect, "{name}");
        }
    }
}
