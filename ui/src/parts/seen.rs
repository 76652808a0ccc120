//! What a page shows of a [`Fetched`]: a skeleton that keeps the layout still, the answer, or why there is none.

use super::notice;
use crate::live::Fetched;
use leptos::prelude::*;

/// Draws the answer anew whenever it changes; an error stands above an older answer, or in its place.
pub(crate) fn seen<T: Clone + Send + Sync + 'static>(
    fetched: Fetched<T>,
    lines: usize,
    content: impl Fn(T) -> AnyView + Send + 'static,
) -> AnyView {
    let problem = move || {
        fetched.error.get().map(|e| {
            let again =
                view! { <button class="button" type="button" on:click=move |_| fetched.again()>"Try again"</button> };
            notice::error_with(&e, again)
        })
    };
    let body = move || match fetched.value.get() {
        Some(value) => content(value),
        None if fetched.error.with(Option::is_some) => ().into_any(),
        None => skeleton(lines),
    };
    view! { {problem} {body} }.into_any()
}

/// Grey lines where text will be.
pub(crate) fn skeleton(lines: usize) -> AnyView {
    let line = |_| view! { <span class="skeleton"></span> };
    view! {
        <div class="stack" aria-busy="true">
            <span class="unseen">"Reading…"</span>
            {(0..lines).map(line).collect_view()}
        </div>
    }
    .into_any()
}
