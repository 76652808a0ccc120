//! Puts a backup in the place of what is there.
//!
//! The backup is verified, then copied beside the database and made ready there: tables migrated, a device of its own, since
//! the one that made it may have gone on and two must never write one chain. Then nobody may write any more; a backup of what
//! is there is made, so that all this can be undone; what must last is carried over (this device's settings, messages that
//! left the house, people who were forgotten); and the copy's pages take the place of the database's in one transaction.
//! Other processes that have it open go on with the new content.

use super::{
    folder::{Folder, Kept},
    make::{self, Source},
    manifest::DATABASE,
    verify,
};
use crate::{
    KeyPlace,
    files::{Files, io_error},
    journal::{NewEvent, kind},
    keys::{hex, mint, random},
    store::{
        Store,
        restore::{Carried, Here, KeyNote},
        unclean,
    },
    telemetry::intake::recording_anywhere,
};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    backup::{BackupReason, Restored},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A copy beside the database, which goes when this is dropped.
struct Stage {
    path: PathBuf,
}

impl Stage {
    fn of(kept: &Kept, data: &Path) -> Result<Self> {
        let mut bytes = [0; 8];
        random(&mut bytes)?;
        let stage = Self { path: data.join(format!("restore-{}.db", hex::write(&bytes))) };
        let copied = crate::files::private_file(&stage.path).and_then(|()| fs::File::open(kept.database())).and_then(
            |mut from| {
                let mut to = fs::File::options().write(true).open(&stage.path)?;
                std::io::copy(&mut from, &mut to)?;
                to.sync_all()
            },
        );
        copied.map_err(|e| io_error(&stage.path, &e))?;
        Ok(stage)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for end in ["", "-journal", "-wal", "-shm"] {
            let mut path = self.path.clone().into_os_string();
            path.push(end);
            drop(fs::remove_file(path));
        }
    }
}

/// Removes copies that a process left which was killed while it restored.
pub(super) fn sweep(data: &Path) {
    for path in crate::files::entries(data).unwrap_or_default() {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if name.starts_with("restore-") && name.ends_with(".db") {
            drop(Stage { path });
        }
    }
}

/// An error that tells what is wrong with it, unless it is whole.
fn whole(kept: &Kept) -> Result<()> {
    let report = verify::verify(kept)?;
    match report.faults.as_slice() {
        [] => Ok(()),
        [first, rest @ ..] => {
            let more = if rest.is_empty() { String::new() } else { format!(" ({} more faults)", rest.len()) };
            Err(Error::new(
                Code::DatabaseUnusable,
                format!("The backup {} is not whole, and nothing was changed: {first}{more}", report.name),
            )
            .hint("Choose another backup; `roadworthy backup verify NAME` lists every fault."))
        }
    }
}

/// Why nothing can be restored now.
pub(crate) fn busy(what: &str) -> Error {
    Error::new(Code::Conflict, format!("No backup can be restored while {what}."))
        .hint("Wait for it to end or stop it, then restore the backup.")
}

/// Restores into an open database. `undo` is where the backup of what was there goes.
pub(super) fn restore(store: &Store, kept: &Kept, undo: &Folder, actor: &str, now: Timestamp) -> Result<Restored> {
    let hold = undo.hold()?;
    whole(kept)?;
    let data = store.path().parent().unwrap_or(Path::new("."));
    sweep(data);
    let stage = Stage::of(kept, data)?;
    let here = store.read(KeyNote::of)?.ok_or_else(|| Error::new(Code::Internal, "The database notes no key."))?;
    let staged = Store::staged(&stage.path, data, Here::Key(&here), now)?;
    let source = Source::of(store)?;
    let (undone_by, carried) = store.replace(&stage.path, || {
        // It may have begun while the backup was verified; from now on none can begin.
        if recording_anywhere(store) {
            return Err(busy("live data is being recorded"));
        }
        let before = make::copy(&source, undo, &hold, BackupReason::BeforeRestore, now, &mut |_| true)?;
        let carried = staged.carry_over(store, actor, now, |carried| {
            let said = said(&kept.manifest.name, &before.name, carried, now)?;
            Ok(vec![said, make::said(&before, now)?])
        })?;
        put_back(&staged, &kept.folder.files(), &store.files)?;
        Ok((before.name, carried))
    })?;
    let foreign = staged.foreign_keys().unwrap_or(false);
    drop(staged);
    drop(stage);
    if foreign {
        tracing::warn!("the restored content holds personal fields that another machine's key seals");
    }
    let events = store.read(crate::store::journal::count)?;
    Ok(Restored {
        from: kept.manifest.name.clone(),
        events,
        lost: carried.lost,
        forgotten: carried.forgotten,
        undo: undone_by,
    })
}

fn said(from: &str, undo: &str, carried: &Carried, now: Timestamp) -> Result<NewEvent> {
    let restored = kind::BackupRestored {
        name: from.to_owned(),
        undo: undo.to_owned(),
        lost: carried.lost,
        newest_lost: carried.newest_lost,
    };
    NewEvent::new(mint(now)?, kind::BACKUP_RESTORED, None, &restored)
}

/// Stored files that the restored rows name and that are not there.
fn put_back(staged: &Store, pool: &Files, files: &Files) -> Result<()> {
    for (hash, deflated) in staged.files_named()? {
        if files.size(&hash, deflated)?.is_none() && pool.copy(files, &hash, deflated)?.is_none() {
            tracing::warn!(hash, "a stored file is neither here nor in the backup");
        }
    }
    Ok(())
}

/// Restores where the database cannot be opened: it is put aside, whole, into a folder that the answer names under `undo`.
/// Whatever opens the data folder next finds the backup's content.
///
/// `named` is the name of a backup in a folder where this one's may lie, or the path of a backup.
pub(crate) fn rescue(data: &Path, keys: KeyPlace, named: &str, now: Timestamp) -> Result<Restored> {
    let kept = match super::folder::by_path(named) {
        Some(kept) => kept?,
        None => {
            let found = Folder::noted(data).into_iter().map(|folder| folder.get(named)).collect::<Vec<_>>();
            let all_missing = |e: &Result<Kept>| matches!(e, Err(error) if error.code == Code::NotFound);
            let place = found.iter().position(|e| !all_missing(e)).unwrap_or(0);
            found
                .into_iter()
                .nth(place)
                .unwrap_or_else(|| Err(Error::new(Code::NotFound, "There is no such backup.")))?
        }
    };
    whole(&kept)?;
    crate::files::private_folder(data).map_err(|e| io_error(data, &e))?;
    let database = data.join(DATABASE);
    // A process that had it open before it was damaged would go on writing to what is put aside.
    let Some(_alone) = unclean::alone(&database).map_err(|e| io_error(&database, &e))? else {
        return Err(Error::new(Code::Conflict, "Another Roadworthy process has the damaged database open.")
            .hint("Close it, then restore the backup."));
    };
    sweep(data);
    let stage = Stage::of(&kept, data)?;
    let staged = Store::staged(&stage.path, data, Here::Nothing(keys), now)?;
    put_back(&staged, &kept.folder.files(), &Files::new(data))?;
    let aside = format!("damaged-{}", Folder::at(data.to_owned()).new_name(now)?);
    let events = {
        staged.write("engine", now, |w| {
            // How many were lost cannot be told.
            w.append(said(&kept.manifest.name, &aside, &Carried::default(), now)?)?;
            crate::store::journal::count(w.tx())
        })?
    };
    drop(staged);
    let folder = data.join(&aside);
    crate::files::private_folder(&folder).map_err(|e| io_error(&folder, &e))?;
    for end in ["-wal", "-shm", ""] {
        let mut from = database.clone().into_os_string();
        from.push(end);
        match fs::rename(&from, folder.join(format!("{DATABASE}{end}"))) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(io_error(&folder, &e)),
            _ => {}
        }
    }
    let placed = crate::files::sync_folder(&folder)
        .and_then(|()| fs::rename(&stage.path, &database))
        .and_then(|()| crate::files::sync_folder(data));
    placed.map_err(|e| io_error(&database, &e))?;
    Ok(Restored { from: kept.manifest.name, events, lost: 0, forgotten: 0, undo: aside })
}
