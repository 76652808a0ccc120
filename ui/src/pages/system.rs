//! What goes on behind the pages, a tab for each: the installation, adapters, workers, outbox, storage, chain, backups, log.

mod adapters;
mod backups;
mod chain;
mod events;
mod installation;
mod log;
mod outbox;
mod restore;
mod storage;
mod workers;

use crate::{
    frame,
    live::{Fetched, Live, fetch},
    parts::tabs,
};
use leptos::{leptos_dom::helpers::set_interval_with_handle, prelude::*};
use leptos_router::hooks::use_params_map;
use roadworthy_api::call::Request;
use std::time::Duration;

/// How often what changes without a word is read again.
const LOOK: Duration = Duration::from_secs(2);

/// The page.
#[component]
pub(crate) fn SystemPage() -> impl IntoView {
    frame::title("System");
    let params = use_params_map();
    let part = Memo::new(move |_| params.with(|p| p.get("part")).unwrap_or_else(|| "installation".into()));
    let tab = |key: &'static str, label: &str| {
        let to = if key == "installation" { "/system".to_owned() } else { format!("/system/{key}") };
        (key, label.to_owned(), to)
    };
    let all = vec![
        tab("installation", "Installation"),
        tab("adapters", "Adapters"),
        tab("workers", "Workers"),
        tab("outbox", "Outbox"),
        tab("storage", "Storage"),
        tab("chain", "Chain"),
        tab("backups", "Backups"),
        tab("log", "Log"),
    ];
    let panel = move || match part.get().as_str() {
        "installation" => installation::installation(),
        "adapters" => adapters::adapters(),
        "workers" => workers::workers(),
        "outbox" => outbox::outbox(),
        "storage" => storage::storage(),
        "chain" => chain::chain(),
        "backups" => backups::backups(),
        "log" => log::log(),
        _ => super::missing::page().into_any(),
    };
    view! {
        <div class="stack wide">
            <h1>"System"</h1>
            {tabs::tabs("Parts of the system", all, move || part.get())}
            <div role="tabpanel" aria-labelledby=move || format!("tab-{}", part.get())>{panel}</div>
        </div>
    }
}

/// As [`fetch`], and again whenever what goes on behind the pages changed, and every [`LOOK`] besides.
fn watched<C>(ask: impl Fn() -> C + 'static) -> Fetched<C::Reply>
where
    C: Request,
    C::Reply: Clone + PartialEq + Send + Sync,
{
    let live = Live::here();
    let fetched = fetch(move || {
        live.beat.track();
        Some(ask())
    });
    // Only a page without a window refuses timers.
    if let Ok(timer) = set_interval_with_handle(move || fetched.again(), LOOK) {
        on_cleanup(move || timer.clear());
    }
    fetched
}
