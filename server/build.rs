//! Puts the built interface (`ui/dist`) into the library as a table of paths and bytes.
//!
//! A missing folder gives an empty table: the door then says that the interface was not built.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let missing = |name: &str| io::Error::other(format!("cargo did not set {name}"));
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| missing("CARGO_MANIFEST_DIR"))?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| missing("OUT_DIR"))?);
    let ui = here.join("../ui");
    let dist = ui.join("dist");

    let mut files = Vec::new();
    if dist.is_dir() {
        println!("cargo::rerun-if-changed={}", dist.display());
        walk(&dist, "", &mut files)?;
    } else {
        // Watching a folder that does not exist would run this script at every build.
        println!("cargo::rerun-if-changed={}", ui.display());
    }
    files.sort();

    let mut table = String::from("&[\n");
    for (path, file) in &files {
        table.push_str(&format!("    ({path:?}, include_bytes!({:?})),\n", file.display().to_string()));
    }
    table.push(']');
    fs::write(out.join("interface.rs"), table)
}

/// Every file below `folder`, with its path as a browser asks for it.
fn walk(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // Notes that the build keeps for itself.
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{prefix}/{name}");
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &path, files)?;
        } else {
            files.push((path, fs::canonicalize(entry.path())?));
        }
    }
    Ok(())
}
