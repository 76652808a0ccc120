//! What stands around every page: the rail, the top bar with search and status, keys, dialogs of the frame.

use crate::{
    live::{Link, Live, fetch},
    pages::live::running as live_running,
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
    calls::{GetSettings, GetStatus},
    system::KeyStore,
};

/// Pages of the rail: test id, label, address, icon, and what other addresses belong to it.
const PAGES: [(&str, &str, &str, icondata_core::Icon, &str); 4] = [
    ("nav-fleet", "Fleet", "/", icon::CAR, "/v"),
    ("nav-check", "Check", "/check", icon::SCAN, "/check"),
    ("nav-live", "Live", "/live", icondata_lu::LuActivity, "/live"),
    ("nav-settings", "Settings", "/settings", icon::SETTINGS, "/settings"),
];

const KEYS: [(&str, &str); 8] = [
    ("Ctrl K  or  /", "Search vehicles, pages and actions"),
    ("Alt 1, 2, 3, 4", "Fleet, Check, Live, Settings"),
    ("Arrow keys", "Move in lists, tabs and the search"),
    ("M, R, P", "On the Live page: mark, record or stop, pause or go on"),
    ("Enter", "Open what is chosen"),
    ("Esc", "Close a dialog"),
    ("Ctrl P", "Print the page"),
    ("?", "This list"),
];

fn belongs(path: &str, href: &str, prefix: &str) -> bool {
    // Two visits side by side are a vehicle's too.
    path == href || path.starts_with(prefix) || (href == "/" && path.starts_with("/compare/"))
}

/// The frame around `children`, which is the page.
#[component]
pub(crate) fn Frame(children: Children) -> impl IntoView {
    let (searching, helping) = (RwSignal::new(false), RwSignal::new(false));
    let settings = fetch(|| Some(GetSettings {}));
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
            {rail(helping)}
            {top(searching)}
            <main class="page" id="main" tabindex="-1" node_ref=main>{children()}</main>
        </div>
        {Toasts::here().view()}
        <Palette open=searching helping=helping />
        <Dialog open=helping label="Keys">{move || keys(helping)}</Dialog>
    }
}

fn rail(helping: RwSignal<bool>) -> AnyView {
    let path = use_location().pathname;
    let link = move |(id, label, href, image, prefix): (
        &'static str,
        &'static str,
        &'static str,
        icondata_core::Icon,
        &'static str,
    )| {
        let current = move || belongs(&path.get(), href, prefix).then_some("page");
        view! { <li><a href=href data-testid=id aria-current=current>{icon::icon(image, 24)} <span>{label}</span></a></li> }
    };
    view! {
        <nav class="rail" aria-label="Pages">
            <a class="brand" href="/" aria-label="Roadworthy, to the fleet"><img src="/icon.svg" alt="" /> <span>"Roadworthy"</span></a>
            <ul>{PAGES.map(link)}</ul>
            <div class="foot">
                <button class="button plain" type="button" aria-label="Keys" aria-keyshortcuts="?" on:click=move |_| helping.set(true)>
                    {icon::icon(icon::KEYBOARD, 20)}
                </button>
            </div>
        </nav>
    }
    .into_any()
}

fn top(searching: RwSignal<bool>) -> AnyView {
    view! {
        <header class="top">
            <button class="search" type="button" data-testid="search" aria-keyshortcuts="Control+K" on:click=move |_| searching.set(true)>
                {icon::icon(icon::SEARCH, 20)} <span>"Search vehicles, pages, actions"</span> <kbd>"Ctrl K"</kbd>
            </button>
            {cluster()}
        </header>
    }
    .into_any()
}

/// The one place that says how everything that can fail by itself is.
fn cluster() -> AnyView {
    let live = Live::here();
    let status = fetch(|| Some(GetStatus {}));
    let engine = move || {
        let (class, image, short, long) = match live.link.get() {
            Link::Up => ("up", icon::PLUG, "Ready", "The engine is connected and ready."),
            Link::Opening => ("", icon::PLUG, "Connecting…", "The page connects to the engine."),
            Link::Lost => (
                "down",
                icon::UNPLUGGED,
                "Engine lost, trying again…",
                "The engine does not answer. The page tries again every second.",
            ),
        };
        view! {
            <a class=class href="/settings#system" title=long data-testid="engine" data-link=class>
                {icon::icon(image, 20)} <span class="words">{short}</span> <span class="unseen">{long}</span>
            </a>
        }
    };
    let job = move || {
        live.running().map(|job| {
            let percent = (u64::from(job.done) * 100)
                .checked_div(u64::from(job.total))
                .map_or(String::new(), |p| format!(" {p} %"));
            view! {
                <a class="busy" href=format!("/check?job={}", job.id) title=job.title data-testid="running">
                    {icon::icon(icon::CABLE, 20)} <span class="words">{format!("Checking{percent}")}</span>
                </a>
            }
        })
    };
    let keys = move || {
        (status.value.with(|s| s.as_ref().map(|s| s.key_store)) == Some(KeyStore::File)).then(|| {
            let why = "No keyring runs here: the key for personal data is in a file that only this user may read.";
            view! {
                <a href="/settings#system" title=why>
                    {icon::icon(icon::KEY, 20)} <span class="words">"Key in a file"</span> <span class="unseen">{why}</span>
                </a>
            }
        })
    };
    view! { <div class="cluster" role="status" aria-label="Status">{live_running()} {job} {keys} {engine}</div> }
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
            .zip(["1", "2", "3", "4"])
            .find(|(_, digit)| event.alt_key() && key == **digit)
            .map(|(page, _)| page.2);
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
            ("/settings", "nav-settings"),
        ] {
            let found: Vec<_> = PAGES.iter().filter(|p| belongs(path, p.2, p.4)).map(|p| p.0).collect();
            assert_eq!(found, [expect], "{path}");
        }
    }
}
