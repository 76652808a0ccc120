//! Lets Tauri read its configuration, and makes sure that there is a page to embed.

use std::{fs, io, path::Path};

/// What a window shows that was built before its interface was.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Roadworthy</title>\
    <body style=\"font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem\">\
    <h1>The interface was not built</h1><p>Start Roadworthy through <code>./run</code>, which builds it first.</p></body></html>\n";

fn main() -> io::Result<()> {
    let dist = Path::new("ui/dist");
    let page = dist.join("index.html");
    // Tauri refuses to compile without the folder; a fresh clone must still pass clippy.
    if !page.exists() {
        fs::create_dir_all(dist)?;
        fs::write(&page, NOT_BUILT)?;
    }
    println!("cargo::rerun-if-changed={}", dist.display());
    tauri_build::try_build(tauri_build::Attributes::new()).map_err(|e| io::Error::other(format!("{e:#}")))
}
