//! Files that a command writes where a person says.

use crate::{
    exit::Stop,
    out::{Out, count},
};
use roadworthy_api::{Code, Error, system::BlobInfo};
use std::{fs::OpenOptions, io, io::Write, path::Path};

/// Writes a stored file to `path`, or to standard output for `-`. What is there already is replaced only with `force`.
pub(crate) fn write(out: &mut Out, path: &Path, force: bool, info: &BlobInfo, bytes: &[u8]) -> Result<(), Stop> {
    if path.as_os_str() == "-" {
        return Ok(out.bytes(bytes)?);
    }
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let written = options.open(path).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|e| unwritten(path, &e))?;
    if out.json {
        out.object(&serde_json::json!({ "file": path, "hash": info.hash, "media": info.media, "bytes": info.bytes }))?;
    } else {
        out.line(&format!("{} written ({}).", path.display(), count(bytes.len(), "byte")))?;
    }
    Ok(())
}

/// A file that nobody asked to replace.
pub(crate) fn there_already(path: &Path) -> Error {
    Error::new(Code::Conflict, format!("{} is there already.", path.display()))
        .hint("Take another name, or add --force to replace it.")
}

fn unwritten(path: &Path, error: &io::Error) -> Error {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::AlreadyExists => there_already(path),
        io::ErrorKind::StorageFull => {
            Error::new(Code::DiskFull, format!("The disk of {shown} is full.")).hint("Make room, then try again.")
        }
        _ => Error::new(Code::ReadOnly, format!("{shown} cannot be written: {error}.")).hint("Take another place."),
    }
}
