//! Tabs that are links: each has an address. Arrow keys move between them.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

/// One tab: key, label, address.
pub(crate) type Tab = (&'static str, String, String);

/// The row of tabs; `current` is the key of the one that is shown below it.
pub(crate) fn tabs(
    label: &'static str,
    all: Vec<Tab>,
    current: impl Fn() -> String + Copy + Send + Sync + 'static,
) -> AnyView {
    let tab = move |(key, text, href): Tab| {
        let on = move || current() == key;
        view! {
            <a role="tab" id=format!("tab-{key}") href=href data-testid=format!("tab-{key}") aria-selected=move || on().to_string()
                tabindex=move || if on() { "0" } else { "-1" }>{text}</a>
        }
    };
    let row = NodeRef::<html::Div>::new();
    // Where the row is wider than the screen, the current tab is brought into it.
    Effect::new(move |_| {
        let id = format!("tab-{}", current());
        let Some(row) = row.get() else { return };
        request_animation_frame(move || {
            let tab = row
                .query_selector(&format!("#{id}"))
                .ok()
                .flatten()
                .and_then(|t| t.dyn_into::<web_sys::HtmlElement>().ok());
            if let Some(tab) = tab {
                let middle = tab.offset_left() - row.offset_left() + tab.offset_width() / 2;
                row.set_scroll_left(middle - row.offset_width() / 2);
            }
        });
    });
    view! {
        <div node_ref=row class="tabs" role="tablist" aria-label=label on:keydown=step>{all.into_iter().map(tab).collect_view()}</div>
    }
    .into_any()
}

fn step(event: web_sys::KeyboardEvent) {
    let forward = match event.key().as_str() {
        "ArrowRight" => true,
        "ArrowLeft" => false,
        _ => return,
    };
    let Some(now) = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok()) else { return };
    let next = if forward { now.next_element_sibling() } else { now.previous_element_sibling() };
    if let Some(next) = next.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        event.prevent_default();
        // Focus first, so that the address changes under the person's own finger only on Enter or click.
        let _ = next.focus();
    }
}
