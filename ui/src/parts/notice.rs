//! Errors where they belong: cause, next step, code, copy details. Never an alert box.

use super::{icon, toast};
use leptos::prelude::*;
use roadworthy_api::Error;

/// An error's code as programs write it.
pub(crate) fn code_of(error: &Error) -> String {
    serde_json::to_value(error.code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The error, with what else can be done about it.
pub(crate) fn error_with(error: &Error, more: impl IntoView) -> AnyView {
    let code = code_of(error);
    let key = code.clone();
    let details = format!("{}\n{}\nCode: {code}\nPage: {}", error.message, error.hint, here());
    view! {
        <div class="notice bad" role="alert" data-testid="error" data-code=key>
            {icon::alert_icon()}
            <p class="cause">{error.message.clone()}</p>
            {(!error.hint.is_empty()).then(|| view! { <p>{error.hint.clone()}</p> })}
            <div class="buttons">
                {more.into_view()}
                <button class="button plain" type="button" on:click=move |_| toast::copy(&details, "Details copied.")>
                    {icon::icon(icon::COPY, 20)} "Copy details"
                </button>
                <small>"Code: " <code>{code}</code></small>
            </div>
        </div>
    }
    .into_any()
}

/// The error alone.
pub(crate) fn error(error: &Error) -> AnyView {
    error_with(error, ())
}

/// Shows an error while there is one.
pub(crate) fn shown(error: RwSignal<Option<Error>>) -> AnyView {
    (move || error.get().map(|e| self::error(&e))).into_any()
}

/// Something to heed, with its own words.
pub(crate) fn mild(cause: impl Into<String>, next: impl Into<String>) -> AnyView {
    let (cause, next) = (cause.into(), next.into());
    view! {
        <div class="notice mild" role="status">
            {icon::alert_icon()}
            <p class="cause">{cause}</p>
            {(!next.is_empty()).then_some(view! { <p>{next}</p> })}
        </div>
    }
    .into_any()
}

/// A quiet line.
pub(crate) fn plain(text: impl Into<String>) -> AnyView {
    view! { <p class="muted small">{text.into()}</p> }.into_any()
}

/// Something that went well.
pub(crate) fn fine(text: impl Into<String>) -> AnyView {
    view! { <div class="notice fine" role="status">{icon::fine_icon()} <p>{text.into()}</p></div> }.into_any()
}

/// The page without what could name a vehicle or person.
fn here() -> String {
    let path = web_sys::window().and_then(|w| w.location().pathname().ok()).unwrap_or_default();
    path.split('/').take(2).collect::<Vec<_>>().join("/")
}
