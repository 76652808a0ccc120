//! What stands around every page: the rail, the top bar with search and status, keys, dialogs of the frame.

mod cluster;
mod rail;

use crate::{
    live::{Fetched, Live, fetch},
    palette::Palette,
    parts::{dialog::Dialog, icon, toast::Toasts},
    theme,
};
use leptos::{ev, html, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use roadworthy_api::{
    calls::{GetPulse, GetSettings},
    work::Pulse,
};

/// A page of the rail.
#[derive(Clone, Copy)]
struct Page {
    /// Test id.
    id: &'static str,
    name: &'static str,
    href: &'static str,
    image: icondata_core::Icon,
    /// What other addresses belong to it.
    prefix: &'static str,
}

const fn page(
    id: &'static str,
    name: &'static str,
    href: &'static str,
    image: icondata_core::Icon,
    prefix: &'static str,
) -> Page {
    Page { id, name, href, image, prefix }
}

/// In the order of the rail.
static PAGES: [Page; 6] = [
    page("nav-fleet", "Fleet", "/", icon::CAR, "/v"),
    page("nav-check", "Check", "/check", icon::SCAN, "/check"),
    page("nav-live", "Live", "/live", icon::LIVE, "/live"),
    page("nav-alerts", "Alerts", "/alerts", icon::INBOX, "/alerts"),
    page("nav-system", "System", "/system", icon::SYSTEM, "/system"),
    page("nav-settings", "Settings", "/settings", icon::SETTINGS, "/settings"),
];

const KEYS: [(&str, &str); 9] = [
    ("Ctrl K  or  /", "Search vehicles, pages and actions"),
    ("Alt 1 … 6", "Fleet, Check, Live, Alerts, System, Settings"),
    ("Arrow keys", "Move in lists, tabs and the search"),
    ("M, R, P", "On the Live page: mark, record or stop, pause or go on"),
    ("J, K, A, S", "On the Alerts page: next, previous, acknowledge, snooze"),
    ("Enter", "Open what is chosen"),
    ("Esc", "Close a dialog"),
    ("Ctrl P", "Print the page"),
    ("?", "This list"),
];

/// The frame around `children`, which is the page.
#[component]
pub(crate) fn Frame(children: Children) -> impl IntoView {
    let (searching, helping) = (RwSignal::new(false), RwSignal::new(false));
    let settings = fetch(|| Some(GetSettings {}));
    let live = Live::here();
    let pulse = fetch(move || {
        live.beat.track();
        Some(GetPulse {})
    });
    Effect::new(move |_| {
        if let Some(theme) = settings.value.with(|s| s.as_ref().map(|s| s.theme)) {
            theme::show(theme);
        }
    });
    let main = NodeRef::<html::Main>::new();
    let location = use_location();
    // A reader starts at the top of a new page; the first page keeps the focus where the browser put it.
    Effect::new(move |before: Option<String>| {
        let path = location.pathname.get();
        if before.is_some_and(|b| b != path)
            && let Some(main) = main.get_untracked()
        {
            // The router shows the top of the page; focus alone would scroll a long one past its heading.
            let still = web_sys::FocusOptions::new();
            still.set_prevent_scroll(true);
            let _ = main.focus_with_options(&still);
        }
        path
    });
    listen_to_keys(searching, helping);
    let skip = move |event: ev::MouseEvent| {
        event.prevent_default();
        if let Some(main) = main.get_untracked() {
            let _ = main.focus();
        }
    };
    view! {
        <a class="skip button main" href="#main" on:click=skip>"Skip to the page"</a>
        <div class="frame">
            {rail::rail(helping, pulse)}
            {top(searching, pulse)}
            <main class="page" id="main" tabindex="-1" node_ref=main>{children()}</main>
        </div>
        {Toasts::here().view()}
        <Palette open=searching helping=helping />
        <Dialog open=helping label="Keys">{move || keys(helping)}</Dialog>
    }
}

fn top(searching: RwSignal<bool>, pulse: Fetched<Pulse>) -> AnyView {
    view! {
        <header class="top">
            <button class="search" type="button" data-testid="search" aria-keyshortcuts="Control+K" on:click=move |_| searching.set(true)>
                {icon::icon(icon::SEARCH, 20)} <span>"Search vehicles, pages, actions"</span> <kbd>"Ctrl K"</kbd>
            </button>
            {cluster::cluster(pulse)}
        </header>
    }
    .into_any()
}

fn keys(open: RwSignal<bool>) -> AnyView {
    let line = |(key, what)| view! { <dt><kbd>{key}</kbd></dt> <dd>{what}</dd> };
    view! {
        <h2>"Keys"</h2>
        <dl class="facts">{KEYS.map(line)}</dl>
        <div class="buttons"><button class="button" type="button" on:click=move |_| open.set(false)>"Close"</button></div>
    }
    .into_any()
}

fn listen_to_keys(searching: RwSignal<bool>, helping: RwSignal<bool>) {
    let go = use_navigate();
    let listener = window_event_listener(ev::keydown, move |event| {
        let (key, strong) = (event.key(), event.ctrl_key() || event.meta_key());
        let page = PAGES
            .iter()
            .zip(["1", "2", "3", "4", "5", "6"])
            .find(|(_, digit)| event.alt_key() && key == **digit)
            .map(|(page, _)| page.href);
        match key.as_str() {
            "k" if strong => searching.set(true),
            "/" if !typing(&event) && !strong => searching.set(true),
            "?" if !typing(&event) => helping.set(true),
            _ => match page {
                Some(page) => go(page, NavigateOptions::default()),
                None => return,
            },
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

pub(crate) fn typing(event: &ev::KeyboardEvent) -> bool {
    use wasm_bindgen::JsCast;
    let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|t| {
        matches!(t.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            || t.closest("dialog[open]").ok().flatten().is_some()
    })
}

/// Opens the system's print dialog.
pub(crate) fn print() {
    if let Some(window) = web_sys::window() {
        // Refused while another print dialog is open, which then is what the person sees.
        let _ = window.print();
    }
}

/// The title of the page, in the window's bar and in the browser's history.
pub(crate) fn title(text: &str) {
    if let Some(document) = web_sys::window().and_then(|w| w.document()) {
        document.set_title(&if text.is_empty() { "Roadworthy".to_owned() } else { format!("{text} · Roadworthy") });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_the_rail_knows_what_belongs_to_it() {
        for (path, expect) in [
            ("/", "nav-fleet"),
            ("/vehicles/x/faults", "nav-fleet"),
            ("/visits/x", "nav-fleet"),
            ("/compare/x/y", "nav-fleet"),
            ("/check", "nav-check"),
            ("/live/x", "nav-live"),
            ("/alerts/x", "nav-alerts"),
            ("/system/outbox", "nav-system"),
            ("/settings", "nav-settings"),
        ] {
            let found: Vec<_> = PAGES.iter().filter(|p| rail::belongs(path, p)).map(|p| p.id).collect();
            assert_eq!(found, [expect], "{path}");
        }
    }
}
