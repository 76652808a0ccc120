//! The one task that cargo cannot do by itself: turning `ui/` into files that a window or a browser can load.
//!
//! `cargo run -p xtask -- ui` builds what is shipped; `-- ui --dev` builds in seconds instead of minutes, at many times the size.

mod assets;
mod ui;

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

const USAGE: &str = "Usage: cargo run -p xtask -- ui [--release | --dev]

  ui            builds the interface into ui/dist
    --release   as it is shipped: small (the default)
    --dev       quickly, while working on it
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let dev = match words.as_slice() {
        ["ui"] | ["ui", "--release"] => false,
        ["ui", "--dev"] => true,
        _ => return leave(USAGE, 2),
    };
    let Some(root) = root() else {
        return leave("The workspace's root was not found beside xtask/.\n", 1);
    };
    match ui::build(&root, dev) {
        Ok(report) => {
            // A closed pipe is no reason to fail a build.
            let _ = io::stdout().write_all(report.as_bytes());
            ExitCode::SUCCESS
        }
        Err(problem) => leave(&format!("{problem}\n"), 1),
    }
}

fn leave(text: &str, code: u8) -> ExitCode {
    let _ = io::stderr().write_all(text.as_bytes());
    ExitCode::from(code)
}

fn root() -> Option<PathBuf> {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(PathBuf::from)
}
