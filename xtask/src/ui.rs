//! Compiles `roadworthy-ui` to wasm32 and binds it, with the bindgen version that the workspace pins: nothing to install.

use crate::assets;
use std::{
    env, fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    process::Command,
    time::UNIX_EPOCH,
};
use wasm_bindgen_cli_support::Bindgen;

const TARGET: &str = "wasm32-unknown-unknown";
const CRATE: &str = "roadworthy-ui";
/// What `dist` was made of; a build that finds it unchanged binds nothing anew.
const STAMP: &str = ".stamp";

/// Builds `ui/dist` and returns what to print: every file with its size in bytes, raw and gzipped.
/// `Err` is a sentence for people with the next step.
pub(crate) fn build(root: &Path, dev: bool) -> Result<String, String> {
    need_target()?;
    let profile = if dev { "dev" } else { "wasm" };
    compile(root, profile)?;
    let folder = if dev { "debug" } else { profile };
    let wasm = target_dir(root).join(TARGET).join(folder).join(format!("{CRATE}.wasm"));
    let dist = root.join("ui/dist");
    let stamp = stamp(&wasm, profile)?;
    let fresh = fs::read_to_string(dist.join(STAMP)).is_ok_and(|old| old == stamp)
        && dist.join(format!("{CRATE}_bg.wasm")).is_file();
    if !fresh {
        bind(&wasm, &dist, dev)?;
        fs::write(dist.join(STAMP), &stamp).map_err(|e| format!("ui/dist cannot be written: {e}."))?;
    }
    let changed = assets::copy(root, &dist)?;
    if fresh && changed == 0 {
        return Ok("The interface is up to date.\n".into());
    }
    assets::sizes(&dist)
}

fn compile(root: &Path, profile: &str) -> Result<(), String> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).args(["build", "--package", CRATE, "--target", TARGET, "--profile", profile]);
    if profile == "dev" {
        // Debug information makes the linker need gigabytes, and no browser reads it.
        cargo.args(["--config", "profile.dev.debug=false"]);
    } else {
        // Leptos then erases the types of views, which makes what is shipped a sixth smaller.
        let erased = format!("target.{TARGET}.rustflags=[\"--cfg\", \"erase_components\"]");
        cargo.args(["--config", &erased]);
    }
    let status = cargo.status().map_err(|e| format!("cargo cannot be started: {e}."))?;
    if status.success() { Ok(()) } else { Err("The interface does not compile; what is wrong stands above.".into()) }
}

fn need_target() -> Result<(), String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let out = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|e| format!("rustc cannot be started: {e}."))?;
    let folder = PathBuf::from(String::from_utf8_lossy(&out.stdout).trim());
    if out.status.success() && folder.is_dir() {
        Ok(())
    } else {
        Err(format!("Rust's {TARGET} target is not installed. Install it with: rustup target add {TARGET}"))
    }
}

/// Cargo's answer to where it builds, since `CARGO_TARGET_DIR` may be relative to the folder it is started in.
fn target_dir(root: &Path) -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR").or_else(|| env::var_os("CARGO_BUILD_TARGET_DIR")) {
        Some(folder) => root.join(folder),
        None => root.join("target"),
    }
}

fn stamp(wasm: &Path, profile: &str) -> Result<String, String> {
    let cannot = |e: std::io::Error| match e.kind() {
        ErrorKind::NotFound => format!("cargo built no {}. Is build.target-dir set in a config file?", wasm.display()),
        _ => format!("{} cannot be read: {e}.", wasm.display()),
    };
    let meta = fs::metadata(wasm).map_err(cannot)?;
    let time = meta.modified().map_err(cannot)?.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos());
    Ok(format!("{profile} {} {time}\n", meta.len()))
}

fn bind(wasm: &Path, dist: &Path, dev: bool) -> Result<(), String> {
    fs::create_dir_all(dist).map_err(|e| format!("ui/dist cannot be made: {e}."))?;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name(CRATE).typescript(false).remove_name_section(!dev).remove_producers_section(true);
    bindgen
        .web(true)
        .and_then(|b| b.generate(dist))
        .map_err(|e| format!("wasm-bindgen refused {}: {e:#}.", wasm.display()))
}
