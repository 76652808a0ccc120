//! Checks a backup from its first byte to its last.

use super::folder::Kept;
use crate::{files::Files, store::backup as sql};
use roadworthy_api::{Result, backup::BackupReport};
use std::collections::HashSet;

/// Faults listed at most: past that, one more says nothing new.
const MOST: usize = 1000;

/// Everything that is wrong with a backup; none is worth restoring that has a fault.
pub(super) fn verify(kept: &Kept) -> Result<BackupReport> {
    let mut report =
        BackupReport { name: kept.manifest.name.clone(), events: 0, blocks: 0, files: 0, faults: Vec::new() };
    let stored = database(kept, &mut report);
    files(kept, stored, &mut report);
    report.faults.truncate(MOST);
    Ok(report)
}

/// The database; gives the files that it names, if it can be read.
fn database(kept: &Kept, report: &mut BackupReport) -> Option<Vec<(String, bool)>> {
    let manifest = &kept.manifest;
    let path = kept.database();
    match kept.database_is_whole() {
        Ok(true) => {}
        Ok(false) => {
            report.faults.push("The database is not byte for byte what it was when the backup was made.".into())
        }
        Err(error) => {
            report.faults.push(error.message);
            return None;
        }
    }
    // What is wrong is named as closely as can be, also where the hash has told already.
    let read = sql::open(&path).and_then(|conn| {
        let damage = sql::integrity(&conn, false).map_err(crate::store::Fail::told)?;
        report.faults.extend(damage.into_iter().map(|said| format!("The database is damaged: {said}.")));
        let walked = sql::walk(&conn)?;
        report.events = walked.events;
        report.blocks = walked.blocks;
        report
            .faults
            .extend(walked.faults.iter().map(|f| format!("Event {} of device {}: {}.", f.seq, f.device, f.problem)));
        report.faults.extend(walked.block_faults.iter().map(|f| {
            let block = f.block.map_or_else(|| "A block that is missing".to_owned(), |n| format!("Block {n}"));
            format!("{block} of signal {}: {}.", f.signal, f.problem)
        }));
        sql::content(&conn)
    });
    let content = match read {
        Ok(content) => content,
        Err(error) => {
            report.faults.push(error.message);
            return None;
        }
    };
    let chains: Vec<_> =
        content.chains.iter().map(|(d, seq, hash)| (d.to_string(), *seq, crate::keys::hex::write(hash))).collect();
    let said: Vec<_> = manifest.chains.iter().map(|c| (c.device.clone(), c.seq, c.hash.clone())).collect();
    if chains != said || content.events != manifest.events || content.schema != manifest.schema {
        report.faults.push("The database holds another journal than the manifest says.".into());
    }
    Some(content.files)
}

fn files(kept: &Kept, named: Option<Vec<(String, bool)>>, report: &mut BackupReport) {
    let pool: Files = kept.folder.files();
    let mut there = HashSet::new();
    for file in &kept.manifest.files {
        there.insert((file.hash.as_str(), file.deflated));
        match pool.get(&file.hash, file.deflated) {
            Ok(_) => report.files += 1,
            Err(error) => report.faults.push(error.message),
        }
    }
    for (hash, deflated) in named.unwrap_or_default() {
        if !there.contains(&(hash.as_str(), deflated)) && !kept.manifest.missing.contains(&hash) {
            report.faults.push(format!("The database names the file {hash}, and the manifest does not."));
        }
    }
}
