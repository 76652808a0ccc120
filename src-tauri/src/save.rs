//! Files that leave the program for a folder of the person's own.

use roadworthy_api::{Code, Error, Result};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Names tried before giving up.
const NAMES: u32 = 1000;

/// Writes a file into `folder` under `name`, or `name (1)` and so on where that is taken; nothing is ever overwritten.
pub(crate) fn beside(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf> {
    let failed = |e: &io::Error| {
        let code = if e.kind() == io::ErrorKind::StorageFull { Code::DiskFull } else { Code::ReadOnly };
        Error::new(code, format!("The file cannot be written to {}: {e}.", folder.display()))
            .hint("Make room there or allow writing, then try again.")
    };
    fs::create_dir_all(folder).map_err(|e| failed(&e))?;
    let name = plain(name);
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
        _ => (name.as_str(), String::new()),
    };
    for n in 0..NAMES {
        let path = folder.join(if n == 0 { name.clone() } else { format!("{stem} ({n}){ending}") });
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                return match file.write_all(bytes).and_then(|()| file.sync_all()) {
                    Ok(()) => Ok(path),
                    Err(e) => {
                        // Half a file is worse than none.
                        let _ = fs::remove_file(&path);
                        Err(failed(&e))
                    }
                };
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(failed(&e)),
        }
    }
    Err(Error::new(Code::Conflict, format!("{} holds {NAMES} files of that name already.", folder.display()))
        .hint("Remove some of them."))
}

/// A percent-encoded name as it was, made plain: a header carries no other letters than ASCII.
pub(crate) fn decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        let escaped = (byte == b'%').then(|| {
            let mut ahead = rest.clone();
            let digit = |b: Option<u8>| char::from(b?).to_digit(16);
            let value = digit(ahead.next())? * 16 + digit(ahead.next())?;
            Some((u8::try_from(value).ok()?, ahead))
        });
        match escaped.flatten() {
            Some((value, ahead)) => {
                bytes.push(value);
                rest = ahead;
            }
            None => bytes.push(byte),
        }
    }
    plain(&String::from_utf8_lossy(&bytes))
}

/// The name without anything that could lead out of the folder or that some system refuses.
fn plain(name: &str) -> String {
    let kept: String =
        name.chars().map(|c| if c.is_control() || r#"/\:*?"<>|"#.contains(c) { '_' } else { c }).take(120).collect();
    let kept = kept.trim_matches(['.', ' ']);
    if kept.is_empty() { "roadworthy".into() } else { kept.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder() {
        for (name, expect) in [
            ("check.pdf", "check.pdf"),
            ("../../x.pdf", "_.._x.pdf"),
            ("/etc/passwd", "_etc_passwd"),
            ("a\0b\n.pdf", "a_b_.pdf"),
            ("..", "roadworthy"),
            ("", "roadworthy"),
        ] {
            assert_eq!(plain(name), expect, "{name:?}");
        }
    }

    #[test]
    fn a_name_in_a_header_reads_as_it_was() {
        for (header, expect) in [
            ("a%20b.jpg", "a b.jpg"),
            ("Pr%C3%BCfung.png", "Prüfung.png"),
            ("100%.png", "100%.png"),
            ("a%2", "a%2"),
            ("%2e%2E%2fx", "_x"),
            ("%FF", "\u{fffd}"),
        ] {
            assert_eq!(decoded(header), expect, "{header}");
        }
    }

    #[test]
    fn a_taken_name_is_left_alone() {
        let folder = std::env::temp_dir().join(format!("roadworthy-save-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        for (bytes, expect) in [("one", "a.b.pdf"), ("two", "a.b (1).pdf"), ("three", "a.b (2).pdf")] {
            let path = beside(&folder, "a.b.pdf", bytes.as_bytes()).unwrap();
            assert_eq!(path, folder.join(expect));
        }
        assert_eq!(fs::read_to_string(folder.join("a.b.pdf")).unwrap(), "one");
        assert_eq!(fs::read_to_string(folder.join("a.b (2).pdf")).unwrap(), "three");
        fs::remove_dir_all(&folder).unwrap();
    }
}
