//! Files that ship as they are, and what everything weighs.

use flate2::{Compression, write::GzEncoder};
use std::{fmt::Write as _, fs, io::Write as _, path::Path};

/// From where to which name in `dist`; style sheets are found, not listed.
const FILES: &[(&str, &str)] =
    &[("ui/index.html", "index.html"), ("ui/boot.js", "boot.js"), ("icons/icon.svg", "icon.svg")];

/// Copies what differs and returns how many files that were.
pub(crate) fn copy(root: &Path, dist: &Path) -> Result<usize, String> {
    let mut changed = 0;
    for (from, to) in FILES {
        changed += usize::from(copy_one(&root.join(from), &dist.join(to))?);
    }
    for name in names(&root.join("ui"))?.into_iter().filter(|n| n.ends_with(".css")) {
        changed += usize::from(copy_one(&root.join("ui").join(&name), &dist.join(&name))?);
    }
    Ok(changed)
}

fn copy_one(from: &Path, to: &Path) -> Result<bool, String> {
    let bytes = fs::read(from).map_err(|e| format!("{} cannot be read: {e}.", from.display()))?;
    if fs::read(to).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    fs::write(to, bytes).map_err(|e| format!("{} cannot be written: {e}.", to.display()))?;
    Ok(true)
}

/// A table of every file in `dist`: bytes, and bytes after gzip at its strongest, as the doors send them.
pub(crate) fn sizes(dist: &Path) -> Result<String, String> {
    let mut text = format!("{:>10} {:>10}\n", "bytes", "gzipped");
    let mut sum = (0, 0);
    for name in names(dist)?.into_iter().filter(|n| !n.starts_with('.')) {
        let bytes = fs::read(dist.join(&name)).map_err(|e| format!("ui/dist/{name} cannot be read: {e}."))?;
        let small = gzipped(&bytes)?;
        sum = (sum.0 + bytes.len(), sum.1 + small);
        let _ = writeln!(text, "{:>10} {small:>10}  {name}", bytes.len());
    }
    let _ = writeln!(text, "{:>10} {:>10}  in all", sum.0, sum.1);
    Ok(text)
}

fn gzipped(bytes: &[u8]) -> Result<usize, String> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).and_then(|()| gzip.finish()).map(|out| out.len()).map_err(|e| format!("gzip failed: {e}."))
}

fn names(folder: &Path) -> Result<Vec<String>, String> {
    let cannot = |e: std::io::Error| format!("{} cannot be read: {e}.", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        if entry.file_type().map_err(cannot)?.is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
