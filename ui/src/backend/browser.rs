//! The local HTTP door: `POST /call`, `GET /stream`, `GET /blob/{hash}`, `PUT /blob`, all with the token that the program printed.

use super::{Said, Saved, error_of, push, unreachable};
use crate::storage;
use js_sys::{Array, Promise, Uint8Array};
use roadworthy_api::{Code, Error, system::BlobInfo};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, EventSource, File, Headers, HtmlAnchorElement, MessageEvent, ProgressEvent, Request,
    RequestInit, Response, Url, XmlHttpRequest,
};

const TOKEN: &str = "roadworthy.token";
/// Milliseconds before the stream is opened again.
const RETRY_MS: i32 = 1000;

/// Moves `#token=…` out of the address, where history and screenshots would keep it, into this tab's own storage.
pub(crate) fn take_token() {
    let Some(window) = web_sys::window() else { return };
    let location = window.location();
    let fragment = location.hash().unwrap_or_default();
    let Some(token) = token_in(&fragment) else { return };
    storage::set_for_tab(TOKEN, token);
    let address = format!("{}{}", location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
    if let Ok(history) = window.history() {
        // Refused only by pages without an origin, which this is not.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

fn token_in(fragment: &str) -> Option<&str> {
    fragment.trim_start_matches('#').split('&').find_map(|part| part.strip_prefix("token=")).filter(|t| !t.is_empty())
}

/// Whether a token was handed over.
pub(crate) fn has_token() -> bool {
    token().is_some()
}

fn token() -> Option<String> {
    storage::get_for_tab(TOKEN)
}

async fn fetch(method: &str, path: &str, body: Option<&str>) -> Result<Response, Error> {
    let window = web_sys::window().ok_or_else(unreachable)?;
    let broken = |_: JsValue| unreachable();
    let headers = Headers::new().map_err(broken)?;
    headers.set("Authorization", &format!("Bearer {}", token().unwrap_or_default())).map_err(broken)?;
    let init = RequestInit::new();
    init.set_method(method);
    if let Some(body) = body {
        headers.set("Content-Type", "application/json").map_err(broken)?;
        init.set_body(&body.into());
    }
    init.set_headers(&headers);
    let request = Request::new_with_str_and_init(path, &init).map_err(broken)?;
    let response = JsFuture::from(window.fetch_with_request(&request)).await.map_err(broken)?;
    let response: Response = response.dyn_into().map_err(broken)?;
    if response.ok() {
        return Ok(response);
    }
    let text = read(response.text()).await?.as_string().unwrap_or_default();
    Err(match response.status() {
        401 => wrong_token(),
        _ => error_of(&text),
    })
}

fn wrong_token() -> Error {
    Error::new(Code::Unauthorized, "This page's token is not the running program's.")
        .hint("Open the address that Roadworthy printed when it started.")
}

async fn read(promise: Result<Promise, JsValue>) -> Result<JsValue, Error> {
    let broken = |_: JsValue| unreachable();
    JsFuture::from(promise.map_err(broken)?).await.map_err(broken)
}

pub(crate) async fn call(body: &str) -> Result<String, Error> {
    let response = fetch("POST", "/call", Some(body)).await?;
    let text = read(response.text()).await?.as_string().unwrap_or_default();
    Ok(if text.is_empty() { "null".into() } else { text })
}

pub(crate) async fn blob(hash: &str) -> Result<Blob, Error> {
    let response = fetch("GET", &format!("/blob/{hash}"), None).await?;
    // Not the answer's own blob: Chromium keeps a large one on disk, and refuses it where little of that is left.
    let kind = BlobPropertyBag::new();
    kind.set_type(&response.headers().get("Content-Type").ok().flatten().unwrap_or_default());
    let bytes = read(response.array_buffer()).await?;
    Blob::new_with_buffer_source_sequence_and_options(&Array::of1(&bytes), &kind).map_err(|_| unreachable())
}

/// By the older way to send, since fetching tells nothing of how much is sent.
pub(crate) async fn store(file: &File, progress: impl Fn(f64) + 'static) -> Result<String, Error> {
    let broken = |_: JsValue| unreachable();
    let request = XmlHttpRequest::new().map_err(broken)?;
    let path = format!("/blob?name={}", js_sys::encode_uri_component(&plain_name(&file.name())));
    request.open("PUT", &path).map_err(broken)?;
    request.set_request_header("Authorization", &format!("Bearer {}", token().unwrap_or_default())).map_err(broken)?;
    let sent = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        if event.length_computable() && event.total() > 0.0 {
            progress(event.loaded() / event.total());
        }
    });
    request.upload().map_err(broken)?.set_onprogress(Some(sent.as_ref().unchecked_ref()));
    let ended = Promise::new(&mut |resolve, reject| {
        request.set_onload(Some(&resolve));
        request.set_onerror(Some(&reject));
        request.set_onabort(Some(&reject));
    });
    request.send_with_opt_blob(Some(file)).map_err(broken)?;
    JsFuture::from(ended).await.map_err(broken)?;
    let text = request.response_text().ok().flatten().unwrap_or_default();
    match request.status() {
        Ok(200..=299) => Ok(text),
        Ok(401) => Err(wrong_token()),
        _ => Err(error_of(&text)),
    }
}

/// A file's name without what no stored name may hold; cameras and what is pasted may have none.
fn plain_name(name: &str) -> String {
    let kept: String =
        name.chars().map(|c| if c.is_control() || matches!(c, '/' | '\\') { '_' } else { c }).take(100).collect();
    if kept.trim_matches('.').is_empty() { "file".into() } else { kept }
}

pub(crate) async fn save(blob: &BlobInfo) -> Result<Saved, Error> {
    let bytes = self::blob(&blob.hash).await?;
    hand_over(&blob.name, &Blob::new_with_blob_sequence(&Array::of1(&bytes)).map_err(refused)?)
}

pub(crate) fn save_made(name: &str, media: &str, bytes: &[u8]) -> Result<Saved, Error> {
    let kind = BlobPropertyBag::new();
    kind.set_type(media);
    let parts = Array::of1(&Uint8Array::from(bytes));
    hand_over(name, &Blob::new_with_u8_array_sequence_and_options(&parts, &kind).map_err(refused)?)
}

fn refused(_: JsValue) -> Error {
    Error::new(Code::Other, "The browser refused the download.").hint("Allow downloads for this address.")
}

fn hand_over(name: &str, bytes: &Blob) -> Result<Saved, Error> {
    let address = Url::create_object_url_with_blob(bytes).map_err(refused)?;
    let document = web_sys::window().and_then(|w| w.document()).ok_or_else(unreachable)?;
    let link: HtmlAnchorElement =
        document.create_element("a").map_err(refused)?.dyn_into().map_err(|_| unreachable())?;
    link.set_href(&address);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&address).map_err(refused)?;
    Ok(Saved::Downloaded)
}

/// Keeps the stream open. An event source gives up for good when it is refused, so it is made anew by hand.
pub(crate) fn listen(on: impl Fn(Said) + 'static) {
    open(Rc::new(on));
}

fn open(on: Rc<dyn Fn(Said)>) {
    let path = format!("/stream?token={}", js_sys::encode_uri_component(&token().unwrap_or_default()));
    let Ok(source) = EventSource::new(&path) else { return retry(on) };
    let heard = on.clone();
    let message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(said) = event.data().as_string().and_then(|text| push(&text)) {
            heard(said);
        }
    });
    let heard = on.clone();
    let opened = Closure::<dyn Fn()>::new(move || heard(Said::Up));
    let lost = Cell::new(false);
    let broken = source.clone();
    let failed = Closure::<dyn Fn()>::new(move || {
        broken.close();
        if !lost.replace(true) {
            on(Said::Down);
            retry(on.clone());
        }
    });
    source.set_onmessage(Some(message.as_ref().unchecked_ref()));
    source.set_onopen(Some(opened.as_ref().unchecked_ref()));
    source.set_onerror(Some(failed.as_ref().unchecked_ref()));
    // Three closures per reconnection, freed with the page.
    message.forget();
    opened.forget();
    failed.forget();
}

fn retry(on: Rc<dyn Fn(Said)>) {
    let again = Closure::once_into_js(move || open(on));
    if let Some(window) = web_sys::window() {
        // Only a page without a window refuses timers.
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(again.unchecked_ref(), RETRY_MS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_stored_under_a_plain_name() {
        for (name, expect) in [("a b.jpg", "a b.jpg"), ("", "file"), ("..", "file"), ("a/b\\c\n.png", "a_b_c_.png")] {
            assert_eq!(plain_name(name), expect, "{name}");
        }
    }

    #[test]
    fn the_token_is_found_in_the_fragment_only_as_such() {
        for (fragment, expect) in [
            ("#token=abc", Some("abc")),
            ("#x=1&token=abc", Some("abc")),
            ("#token=", None),
            ("#tokens=abc", None),
            ("", None),
        ] {
            assert_eq!(token_in(fragment), expect, "{fragment}");
        }
    }
}
