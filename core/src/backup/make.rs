//! Makes a backup.

use super::{
    folder::{Folder, Hold, hash_file},
    manifest::{ChainEnd, DATABASE, FILE, FORMAT, FileNote, Manifest, StoredFile},
};
use crate::{
    files::{self, Files, io_error, private_folder, sync_folder},
    journal::{NewEvent, kind},
    keys::hex,
    store::{Store, backup as sql},
};
use roadworthy_api::{Code, Error, Result, Timestamp, backup::BackupReason};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

/// How far it is; the answer says whether to go on.
pub(super) type GoOn<'a> = &'a mut dyn FnMut(Step) -> bool;

/// A step of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Pages of the database, of how many.
    Pages(u32, u32),
    /// Stored files, of how many.
    Files(u32, u32),
    /// The hash and the flush to disk.
    Sealing,
}

/// What is copied.
pub(super) struct Source<'a> {
    pub(super) database: &'a Path,
    pub(super) files: &'a Files,
    pub(super) installation: String,
}

impl<'a> Source<'a> {
    pub(super) fn of(store: &'a Store) -> Result<Self> {
        Ok(Self { database: store.path(), files: &store.files, installation: store.installation()? })
    }
}

/// Copies everything into `folder`, which is held, and gives the manifest. Nothing is left of one that does not come to its
/// end: its folder gets its name last.
///
/// # Errors
/// [`Code::Cancelled`], and what disk and database say.
pub(super) fn copy(
    source: &Source<'_>,
    folder: &Folder,
    _hold: &Hold,
    why: BackupReason,
    now: Timestamp,
    go_on: GoOn<'_>,
) -> Result<Manifest> {
    sweep(folder)?;
    let name = folder.new_name(now)?;
    let beside = folder.root.join(format!("new-{name}"));
    private_folder(&beside).map_err(|e| io_error(&beside, &e))?;
    let made = fill(source, folder, &beside, &name, why, now, go_on);
    if made.is_err() {
        drop(fs::remove_dir_all(&beside));
    }
    made
}

fn fill(
    source: &Source<'_>,
    folder: &Folder,
    beside: &Path,
    name: &str,
    why: BackupReason,
    now: Timestamp,
    go_on: GoOn<'_>,
) -> Result<Manifest> {
    let database = beside.join(DATABASE);
    if !sql::copy(source.database, &database, |done, total| go_on(Step::Pages(done, total)))? {
        return Err(cancelled());
    }
    let content = sql::content(&sql::open(&database)?)?;
    let (files, missing) = copy_files(source.files, &folder.files(), &content.files, go_on)?;
    if !go_on(Step::Sealing) {
        return Err(cancelled());
    }
    let told = |e: &std::io::Error| io_error(&database, e);
    File::options().write(true).open(&database).and_then(|f| f.sync_all()).map_err(|e| told(&e))?;
    let bytes = fs::metadata(&database).map_err(|e| told(&e))?.len();
    let manifest = Manifest {
        format: FORMAT,
        name: name.to_owned(),
        at: now,
        why,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        installation: source.installation.clone(),
        schema: content.schema,
        device: content.device.map(|d| d.to_string()).unwrap_or_default(),
        events: content.events,
        chains: content
            .chains
            .iter()
            .map(|(device, seq, hash)| ChainEnd { device: device.to_string(), seq: *seq, hash: hex::write(hash) })
            .collect(),
        database: FileNote { bytes, hash: hash_file(&database)? },
        files,
        missing,
    };
    let path = beside.join(FILE);
    let bytes = manifest.bytes()?;
    let written = files::private_options().create_new(true).open(&path).and_then(|mut file| {
        file.write_all(&bytes)?;
        file.sync_all()
    });
    written.map_err(|e| io_error(&path, &e))?;
    let whole = folder.root.join(name);
    let named = sync_folder(beside).and_then(|()| fs::rename(beside, &whole)).and_then(|()| sync_folder(&folder.root));
    named.map_err(|e| io_error(&whole, &e))?;
    Ok(manifest)
}

/// What is there, and hashes of what is not.
fn copy_files(
    from: &Files,
    to: &Files,
    named: &[(String, bool)],
    go_on: GoOn<'_>,
) -> Result<(Vec<StoredFile>, Vec<String>)> {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let (mut files, mut missing) = (Vec::new(), Vec::new());
    for (n, (hash, deflated)) in named.iter().enumerate() {
        if !go_on(Step::Files(count(n), count(named.len()))) {
            return Err(cancelled());
        }
        match from.copy(to, hash, *deflated) {
            Ok(Some(bytes)) => files.push(StoredFile { hash: hash.clone(), deflated: *deflated, bytes }),
            // Gone meanwhile, as when somebody is forgotten, or lost; the rest is worth keeping all the same.
            Ok(None) => missing.push(hash.clone()),
            Err(error) if error.code == Code::DatabaseUnusable => {
                tracing::warn!(%error, "a stored file is damaged and in no backup from now on");
                missing.push(hash.clone());
            }
            Err(error) => return Err(error),
        }
    }
    Ok((files, missing))
}

/// Removes what was begun and not ended by a process that is gone.
fn sweep(folder: &Folder) -> Result<()> {
    for path in files::entries(&folder.root)? {
        let left: Option<PathBuf> =
            path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("new-")).then_some(path);
        if let Some(left) = left {
            fs::remove_dir_all(&left).map_err(|e| io_error(&left, &e))?;
        }
    }
    Ok(())
}

fn cancelled() -> Error {
    Error::new(Code::Cancelled, "The backup was cancelled; nothing of it was kept.").hint("Start it again when ready.")
}

/// The event that says that a backup was made.
pub(super) fn said(manifest: &Manifest, now: Timestamp) -> Result<NewEvent> {
    let hash = files::hash(&manifest.bytes()?);
    let made = kind::BackupMade { name: manifest.name.clone(), manifest: hash, events: manifest.events };
    NewEvent::new(crate::keys::mint(now)?, kind::BACKUP_MADE, None, &made)
}

/// Copies a database that is about to be migrated. What goes wrong is told in the log only: a migration either happens whole
/// or not at all, and a backup disk that is not there must not keep the shop from working.
pub(crate) fn before_migration(database: &Path, settings: Option<&str>, installation: String, now: Timestamp) {
    let data = database.parent().unwrap_or(Path::new("."));
    let folder = Folder::chosen(database, settings);
    let source = Source { database, files: &Files::new(data), installation };
    let made =
        folder.hold().and_then(|hold| copy(&source, &folder, &hold, BackupReason::BeforeMigration, now, &mut |_| true));
    match made {
        Ok(manifest) => tracing::info!(name = manifest.name, "a backup was made before the tables change"),
        Err(error) => tracing::warn!(%error, "no backup could be made before the tables change"),
    }
}
