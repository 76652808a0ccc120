//! Roadworthy's desktop window: opens the engine and the window, and lets one reach the other.
//!
//! Pages call [`bridge::call`], listen through [`bridge::live`], keep files through [`bridge::save_blob`] and
//! [`bridge::save_made`], show and add them through [`bridge::get_blob`] and [`bridge::put_blob`], and let a person choose
//! one of this machine through [`bridge::pick_file`]. The engine opens
//! beside the window, not before it, so that pages are there at once; calls wait until it is open, and if it cannot be
//! opened every call says why, so that the page can show it; the next call tries again.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod bridge;
mod opening;
mod save;

use opening::Opening;
use roadworthy_api::{Code, Error, Result};
use std::{process::ExitCode, sync::Arc};
use tauri::WebviewWindowBuilder;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    need_display()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::new(Code::Internal, format!("The system gives no threads: {e}.")))?;
    tauri::async_runtime::set(runtime.handle().clone());

    let opening = Opening::new(runtime.handle().clone());
    let early = Arc::clone(&opening);
    // Pages ask for the engine too; by then it has a head start.
    runtime.spawn(async move { early.engine().await.map(drop) });

    let app = tauri::Builder::default()
        .manage(opening)
        .invoke_handler(tauri::generate_handler![
            bridge::call,
            bridge::live,
            bridge::save_blob,
            bridge::save_made,
            bridge::get_blob,
            bridge::put_blob,
            bridge::pick_file
        ])
        .setup(|app| {
            let config = app.config().app.windows.first().ok_or("tauri.conf.json names no window")?;
            // Pages of this program only; a link that leads elsewhere leads nowhere.
            // The title says where one is, also in the list of windows.
            WebviewWindowBuilder::from_config(app.handle(), config)?
                .on_navigation(own_page)
                .on_document_title_changed(|window, title| {
                    if let Err(error) = window.set_title(&title) {
                        tracing::debug!(%error, "the title stays as it was");
                    }
                })
                .build()?;
            Ok(())
        })
        .build(context())
        .map_err(|e| Error::new(Code::Internal, format!("The window cannot be opened: {e}.")).hint(IN_A_BROWSER))?;
    app.run(|_, _| {});
    Ok(())
}

const IN_A_BROWSER: &str = "Use `roadworthy serve` for the same pages in a browser.";

/// Not in the build that only runs unit tests: cargo compiles that one beside the program itself, and of two compilers that
/// run the macro at once one may embed a page that the other has only half written.
#[cfg(not(test))]
#[allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "inside the code that the macro writes")]
fn context() -> tauri::Context {
    tauri::generate_context!()
}

#[cfg(test)]
fn context() -> tauri::Context {
    unreachable!("unit tests open no window")
}

/// `tauri://localhost` on Linux and macOS, `http://tauri.localhost` on Windows.
fn own_page(url: &tauri::Url) -> bool {
    matches!((url.scheme(), url.host_str()), ("tauri", Some("localhost")) | ("http" | "https", Some("tauri.localhost")))
        || url.as_str() == "about:blank"
}

/// The window system's own library ends the program without a word where there is none.
fn need_display() -> Result<()> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        return Err(Error::new(Code::Internal, "There is no display here to open a window on.").hint(IN_A_BROWSER));
    }
    Ok(())
}

#[allow(clippy::print_stderr, reason = "there is no window to say it in")]
fn complain(error: &Error) {
    eprintln!("{}\n{}", error.message, error.hint);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_shows_its_own_pages_only() {
        for (url, expect) in [
            ("tauri://localhost", true),
            ("tauri://localhost/vehicle/1?tab=faults", true),
            ("http://tauri.localhost/", true),
            ("about:blank", true),
            ("https://example.com/", false),
            ("http://localhost/", false),
            ("http://tauri.localhost.example.com/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(own_page(&url.parse().unwrap()), expect, "{url}");
        }
    }
}
