//! The way to the engine: [`call`] for one typed request, [`listen`] for what it says by itself, [`save`], [`image`] and
//! [`store`] for files.
//!
//! In the desktop window everything goes through Tauri, which no other file of this crate names; in a browser through the
//! local HTTP door, with the token that the program printed.

mod browser;
mod order;
mod window;

use roadworthy_api::{Code, Error, call::Request, stream::Push, system::BlobInfo};
use wasm_bindgen::JsValue;
use web_sys::{File, Url};

/// Bytes that the engine takes in one file.
pub(crate) const BLOB_MAX: f64 = 67_108_864.0;

pub(crate) use browser::{has_token, take_token};
pub(crate) use window::in_window;

/// What the connection to the engine says.
pub(crate) enum Said {
    /// The engine is reached; read again what is shown.
    Up,
    /// The engine is not reached; the connection tries again by itself.
    Down,
    /// The engine pushed something.
    Push(Box<Push>),
}

/// Where a file went.
pub(crate) enum Saved {
    /// To the browser's downloads.
    Downloaded,
    /// To this path.
    At(String),
}

/// Runs one call of the contract.
pub(crate) async fn call<C: Request>(request: C) -> Result<C::Reply, Error> {
    let args = serde_json::to_string(&request).map_err(defect)?;
    // One body for all calls: only reading and writing JSON is compiled per call.
    let reply = send(format!(r#"{{"call":"{}","args":{args}}}"#, C::NAME)).await?;
    serde_json::from_str(&reply).map_err(defect)
}

async fn send(body: String) -> Result<String, Error> {
    if in_window() { window::call(&body).await } else { browser::call(&body).await }
}

/// Hears everything the engine says, from now on and through every loss of connection.
pub(crate) fn listen(on: impl Fn(Said) + 'static) {
    if in_window() { window::listen(on) } else { browser::listen(on) }
}

/// An address under which an image that is stored can be shown; give it back with [`forget_image`].
pub(crate) async fn image(hash: &str) -> Result<String, Error> {
    let blob = if in_window() { window::blob(hash).await? } else { browser::blob(hash).await? };
    Url::create_object_url_with_blob(&blob).map_err(|_| unreachable())
}

/// Frees what [`image`] holds.
pub(crate) fn forget_image(address: &str) {
    // Only an address that was never given out is refused.
    let _ = Url::revoke_object_url(address);
}

/// Stores a file that a person chose; `progress` is told the part that is done, 0 to 1, where that is known.
pub(crate) async fn store(file: &File, progress: impl Fn(f64) + 'static) -> Result<BlobInfo, Error> {
    if file.size() > BLOB_MAX {
        return Err(Error::new(Code::Invalid, format!("{} is larger than 64 MiB.", file.name()))
            .hint("Choose a smaller file, or make it smaller first."));
    }
    let reply = if in_window() { window::store(file).await? } else { browser::store(file, progress).await? };
    serde_json::from_str(&reply).map_err(defect)
}

/// Lets the person choose a file of this machine in the system's own dialog; `None` where none was. Only in the window.
pub(crate) async fn pick_file(title: &str) -> Result<Option<String>, Error> {
    window::pick_file(title).await
}

/// Saves a stored file where the person wants it.
pub(crate) async fn save(blob: &BlobInfo) -> Result<Saved, Error> {
    if in_window() { window::save(blob).await } else { browser::save(blob).await }
}

/// Saves a file that the page itself made.
pub(crate) async fn save_made(name: &str, media: &str, bytes: &[u8]) -> Result<Saved, Error> {
    if in_window() { window::save_made(name, bytes).await } else { browser::save_made(name, media, bytes) }
}

fn push(json: &str) -> Option<Said> {
    // A stream that this build does not know is none of its business.
    serde_json::from_str(json).ok().map(|p| Said::Push(Box::new(p)))
}

fn defect(e: serde_json::Error) -> Error {
    Error::new(Code::Internal, format!("The page and the engine do not understand each other: {e}."))
        .hint("Reload the page; both must be of one version.")
}

fn unreachable() -> Error {
    Error::new(Code::Other, "Roadworthy's engine does not answer.")
        .hint("Is the program still running? This page connects again by itself.")
}

/// The error an engine sent, else one that carries the text as its cause.
fn error_of(json: &str) -> Error {
    serde_json::from_str(json).unwrap_or_else(|_| Error::new(Code::Other, format!("The engine refused: {json}")))
}

fn text_of(value: &JsValue) -> String {
    js_sys::JSON::stringify(value).ok().and_then(|s| s.as_string()).unwrap_or_else(|| "null".into())
}
