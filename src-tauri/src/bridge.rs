//! What a page can ask of this program.

use crate::{opening::Opening, save};
use rfd::AsyncFileDialog;
use roadworthy_api::{
    Code, Error, Result,
    calls::{self, Reply},
    role::{Actor, Door},
    stream::Push,
    system::BlobInfo,
};
use roadworthy_server::{Behind, frames::Frames, wire};
use serde_json::Value;
use std::{path::PathBuf, sync::Arc};
use tauri::{
    AppHandle, Manager, State,
    ipc::{Channel, InvokeBody, Request, Response},
};

/// One call of the contract: `invoke("call", {call: {"call": …, "args": …}})`.
#[tauri::command]
pub(crate) async fn call(opening: State<'_, Arc<Opening>>, call: Value) -> Result<Reply> {
    let engine = opening.engine().await?;
    work(move || calls::dispatch(&*engine, &Actor::owner(Door::Window), wire::read_call(call)?)).await
}

/// What the engine says by itself, from now on: `invoke("live", {channel})`.
#[tauri::command]
pub(crate) async fn live(opening: State<'_, Arc<Opening>>, channel: Channel<Push>) -> Result<()> {
    let engine = opening.engine().await?;
    // Listening from before this command returns: what the page reads next cannot be older than what it hears.
    let mut frames = Frames::new(engine.pushes());
    let listener = tauri::async_runtime::spawn(async move {
        loop {
            while let Some(push) = frames.next().await {
                if channel.send(push).is_err() {
                    return;
                }
            }
            frames = Frames::new(engine.pushes());
        }
    });
    opening.listens(listener);
    Ok(())
}

/// Puts a stored file into the folder for downloads, beside what is there, and returns its path:
/// `invoke("save_blob", {hash})`.
#[tauri::command]
pub(crate) async fn save_blob(app: AppHandle, opening: State<'_, Arc<Opening>>, hash: String) -> Result<String> {
    let engine = opening.engine().await?;
    let folder = downloads(&app)?;
    work(move || {
        let (info, bytes) = Behind::blob(&*engine, &Actor::owner(Door::Window), &hash)?;
        save::beside(&folder, &info.name, &bytes).map(|path| path.display().to_string())
    })
    .await
}

/// A stored file's bytes, for a page to show: `invoke("get_blob", {hash})`.
#[tauri::command]
pub(crate) async fn get_blob(opening: State<'_, Arc<Opening>>, hash: String) -> Result<Response> {
    let engine = opening.engine().await?;
    work(move || Behind::blob(&*engine, &Actor::owner(Door::Window), &hash).map(|(_, bytes)| Response::new(bytes)))
        .await
}

/// Stores a file: `invoke("put_blob", bytes, {headers: {"x-name", "x-media"}})`, the name percent-encoded.
#[tauri::command]
pub(crate) async fn put_blob(opening: State<'_, Arc<Opening>>, request: Request<'_>) -> Result<BlobInfo> {
    let InvokeBody::Raw(bytes) = request.body() else {
        return Err(Error::new(Code::BadRequest, "A file comes as bytes.").hint("Reload the page."));
    };
    let bytes = bytes.clone();
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let (name, media) = (save::decoded(&header("x-name")), header("x-media"));
    let engine = opening.engine().await?;
    work(move || Behind::put_blob(&*engine, &Actor::owner(Door::Window), &name, &media, &bytes)).await
}

/// Puts a file that the page itself made, such as the picture of a chart, there too: `invoke("save_made", {name, bytes})`.
#[tauri::command]
pub(crate) async fn save_made(app: AppHandle, name: String, bytes: Vec<u8>) -> Result<String> {
    let folder = downloads(&app)?;
    work(move || save::beside(&folder, &name, &bytes).map(|path| path.display().to_string())).await
}

/// Lets a person choose a file in the system's own dialog and returns its path; nothing where none was chosen:
/// `invoke("pick_file", {title})`. Only the path: a file of any size is read where it lies.
#[tauri::command]
pub(crate) async fn pick_file(app: AppHandle, title: String) -> Result<Option<String>> {
    let (chosen, choice) = tokio::sync::oneshot::channel();
    let asked = app.clone();
    // The dialog belongs to the thread of the window.
    app.run_on_main_thread(move || {
        let mut dialog = AsyncFileDialog::new().set_title(title);
        if let Some(window) = asked.get_webview_window("main") {
            dialog = dialog.set_parent(&window);
        }
        let picked = dialog.pick_file();
        tauri::async_runtime::spawn(async move {
            // Nobody waits any more where the page was left.
            let _ = chosen.send(picked.await);
        });
    })
    .map_err(|e| no_dialog(&e.to_string()))?;
    let file = choice.await.map_err(|e| no_dialog(&e.to_string()))?;
    Ok(file.map(|file| file.path().display().to_string()))
}

fn no_dialog(why: &str) -> Error {
    Error::new(Code::Internal, format!("The system's dialog cannot be shown: {why}."))
        .hint("Type the path of the file, or drop the file on the page.")
}

fn downloads(app: &AppHandle) -> Result<PathBuf> {
    app.path().download_dir().or_else(|_| app.path().home_dir()).map_err(|_| {
        Error::new(Code::ReadOnly, "This system names no folder for downloads.")
            .hint("Use `roadworthy report VISIT -o FILE.pdf`.")
    })
}

async fn work<T: Send + 'static>(job: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tauri::async_runtime::spawn_blocking(job).await.unwrap_or_else(|_| {
        Err(Error::new(Code::Internal, "A defect of Roadworthy stopped this call.")
            .hint("Please attach the log to a report."))
    })
}
