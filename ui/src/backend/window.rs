//! The door of the desktop window: Tauri's invoke and its channels, by hand, since its own package needs a bundler.

use super::{Said, Saved, error_of, order::InOrder, push, text_of, unreachable};
use js_sys::{Array, Function, JSON, Object, Promise, Reflect, Uint8Array};
use roadworthy_api::{Error, system::BlobInfo};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, File};

const GLOBAL: &str = "__TAURI_INTERNALS__";
/// Milliseconds before the engine is asked to listen again; longer than its own pause between two tries to open.
const RETRY_MS: i32 = 2000;

fn internals() -> Option<JsValue> {
    let window: JsValue = web_sys::window()?.into();
    Reflect::get(&window, &GLOBAL.into()).ok().filter(JsValue::is_object)
}

fn function(name: &str) -> Option<(JsValue, Function)> {
    let tauri = internals()?;
    let function = Reflect::get(&tauri, &name.into()).ok()?.dyn_into().ok()?;
    Some((tauri, function))
}

/// Whether this page runs in the desktop window.
pub(crate) fn in_window() -> bool {
    internals().is_some()
}

async fn invoke(command: &str, args: &Object) -> Result<JsValue, Error> {
    let (tauri, invoke) = function("invoke").ok_or_else(unreachable)?;
    let promise = invoke.call2(&tauri, &command.into(), args).map_err(|e| failed(&e))?;
    JsFuture::from(Promise::resolve(&promise)).await.map_err(|e| failed(&e))
}

fn failed(e: &JsValue) -> Error {
    error_of(&e.as_string().unwrap_or_else(|| text_of(e)))
}

fn object(fields: &[(&str, &JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a field of a fresh plain object cannot be refused.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}

pub(crate) async fn call(body: &str) -> Result<String, Error> {
    let call = JSON::parse(body).map_err(|e| failed(&e))?;
    invoke("call", &object(&[("call", &call)])).await.map(|reply| text_of(&reply))
}

pub(crate) async fn save(blob: &BlobInfo) -> Result<Saved, Error> {
    let args = object(&[("hash", &blob.hash.as_str().into()), ("name", &blob.name.as_str().into())]);
    Ok(invoke("save_blob", &args).await?.as_string().map_or(Saved::Downloaded, Saved::At))
}

/// A stored file's bytes.
pub(crate) async fn blob(hash: &str) -> Result<Blob, Error> {
    let bytes = invoke("get_blob", &object(&[("hash", &hash.into())])).await?;
    // Text would be shown as a file of that text; bytes come as an array buffer.
    Blob::new_with_buffer_source_sequence(&Array::of1(&bytes)).map_err(|e| failed(&e))
}

/// Stores a file: its bytes as the body, what it is as headers.
pub(crate) async fn store(file: &File) -> Result<String, Error> {
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(|e| failed(&e))?;
    let bytes: JsValue = Uint8Array::new(&buffer).into();
    let name = js_sys::encode_uri_component(&file.name());
    let headers = object(&[("x-name", &name.into()), ("x-media", &file.type_().into())]);
    let options = object(&[("headers", &headers)]);
    let (tauri, invoke) = function("invoke").ok_or_else(unreachable)?;
    let promise = invoke.call3(&tauri, &"put_blob".into(), &bytes, &options).map_err(|e| failed(&e))?;
    JsFuture::from(Promise::resolve(&promise)).await.map(|info| text_of(&info)).map_err(|e| failed(&e))
}

pub(crate) async fn save_made(name: &str, bytes: &[u8]) -> Result<Saved, Error> {
    let args = object(&[("name", &name.into()), ("bytes", &Uint8Array::from(bytes).into())]);
    Ok(invoke("save_made", &args).await?.as_string().map_or(Saved::Downloaded, Saved::At))
}

/// The path of a file that a person chose in the system's own dialog.
pub(crate) async fn pick_file(title: &str) -> Result<Option<String>, Error> {
    Ok(invoke("pick_file", &object(&[("title", &title.into())])).await?.as_string())
}

/// Opens a channel: a callback that Tauri knows by number, named to the command as `__CHANNEL__:number`.
pub(crate) fn listen(on: impl Fn(Said) + 'static) {
    let Some((tauri, register)) = function("transformCallback") else { return on(Said::Down) };
    let on = std::rc::Rc::new(on);
    let heard = on.clone();
    let order = RefCell::new(InOrder::default());
    let callback = Closure::<dyn Fn(JsValue)>::new(move |raw: JsValue| {
        let field = |name: &str| Reflect::get(&raw, &name.into()).unwrap_or(JsValue::UNDEFINED);
        if field("end").is_truthy() {
            return heard(Said::Down);
        }
        let message = field("message");
        let text = message.as_string().unwrap_or_else(|| text_of(&message));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count that starts at nought")]
        let index = field("index").as_f64().unwrap_or_default() as u64;
        let due = order.borrow_mut().take(index, text);
        due.iter().filter_map(|text| push(text)).for_each(|said| heard(said));
    });
    let id = register.call1(&tauri, callback.as_ref()).ok().and_then(|id| id.as_f64()).unwrap_or_default();
    // The window listens until it closes.
    callback.forget();
    spawn_local(async move {
        let channel = JsValue::from(format!("__CHANNEL__:{id}"));
        // Refused while the engine cannot be opened, which may be over by the next time.
        while invoke("live", &object(&[("channel", &channel)])).await.is_err() {
            on(Said::Down);
            pause().await;
        }
        on(Said::Up);
    });
}

/// Waits before the next try; at once in a page that has no timers.
async fn pause() {
    let later = Promise::new(&mut |resolve, _| {
        let set =
            web_sys::window().map(|w| w.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, RETRY_MS));
        if !matches!(set, Some(Ok(_))) {
            // Calling a promise's own resolve cannot fail.
            let _ = resolve.call0(&JsValue::NULL);
        }
    });
    // A promise that is only ever resolved.
    let _ = JsFuture::from(later).await;
}
