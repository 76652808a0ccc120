//! The ZIP around a bundle: written so that the same files give the same bytes, and read with bounds, since anybody may have
//! made it.

use roadworthy_api::{Code, Error, Result};
use std::io::{Cursor, Read, Write};
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// The largest bundle that is read, in bytes.
pub(super) const LONGEST: u64 = 64 << 20;
/// The most that is unpacked, of all its files together: a recording is 64 MiB at the longest.
const UNPACKED: u64 = 160 << 20;
/// Files in a bundle at the most.
const MOST: usize = 32;

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name, without folders.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl Entry {
    pub(super) fn new(name: &str, bytes: Vec<u8>) -> Self {
        Self { name: name.to_owned(), bytes }
    }
}

/// How a file is packed so that the same bytes always give the same; `level` as of zlib.
pub(crate) fn options(level: i64) -> SimpleFileOptions {
    // 1980, the first time that a ZIP can tell: what is inside says when things were.
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(level))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
}

/// Packs files in their order.
pub(super) fn write(entries: &[Entry]) -> Result<Vec<u8>> {
    let failed = |e: String| {
        Error::new(Code::Internal, format!("The bundle cannot be packed: {e}.")).hint("Send the log with a report.")
    };
    let options = options(9);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries {
        zip.start_file(entry.name.as_str(), options).map_err(|e| failed(e.to_string()))?;
        zip.write_all(&entry.bytes).map_err(|e| failed(e.to_string()))?;
    }
    Ok(zip.finish().map_err(|e| failed(e.to_string()))?.into_inner())
}

/// Unpacks a bundle.
///
/// # Errors
/// [`Code::Malformed`] for what is no ZIP, is damaged, or unpacks to more than a bundle can hold.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Entry>> {
    read_within(bytes, UNPACKED)
}

fn read_within(bytes: &[u8], unpacked: u64) -> Result<Vec<Entry>> {
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LONGEST) {
        return Err(malformed("it is larger than a bundle can be"));
    }
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| malformed(&e.to_string()))?;
    if zip.len() > MOST {
        return Err(malformed("it holds more files than a bundle does"));
    }
    let mut entries: Vec<Entry> = Vec::new();
    let mut left = unpacked;
    for n in 0..zip.len() {
        let file = zip.by_index(n).map_err(|e| malformed(&e.to_string()))?;
        let name = file.name().map_err(|e| malformed(&e.to_string()))?.into_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return Err(malformed("a file in it has a name that no bundle has"));
        }
        if entries.iter().any(|entry| entry.name == name) {
            return Err(malformed("two files in it have one name"));
        }
        let mut bytes = Vec::new();
        // What the ZIP says of sizes is not believed.
        let read = file.take(left + 1).read_to_end(&mut bytes).map_err(|e| malformed(&format!("{name}: {e}")))?;
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        left = left.checked_sub(read).ok_or_else(|| malformed("it unpacks to more than a bundle can hold"))?;
        entries.push(Entry { name, bytes });
    }
    Ok(entries)
}

fn malformed(why: &str) -> Error {
    Error::new(Code::Malformed, format!("This is no bundle: {}.", why.trim_end_matches('.')))
        .hint("Take the file as `roadworthy bundle` made it; a mail program or a download may have damaged it.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_and_looks_the_same_each_time() {
        let entries = [Entry::new("a.txt", b"one".to_vec()), Entry::new("b", vec![0; 5000])];
        let packed = write(&entries).unwrap();
        assert_eq!(read(&packed).unwrap(), entries);
        assert_eq!(write(&entries).unwrap(), packed);
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let packed = write(&[Entry::new("a", vec![0; 1 << 20]), Entry::new("b", vec![0; 1 << 20])]).unwrap();
        assert!(packed.len() < 10_000);
        assert_eq!(read_within(&packed, 1 << 20).unwrap_err().code, Code::Malformed);
        assert!(read_within(&packed, 2 << 20).is_ok());
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in ["../a", "/etc/a", "a/b", "", "a\\b", "ü"] {
            let packed = write(&[Entry::new(name, Vec::new())]);
            assert!(packed.and_then(|packed| read(&packed)).is_err(), "{name}");
        }
    }
}
