//! The rail: every page, on a phone as a bar of four and the rest under *More*.

use super::Page;
use crate::{
    live::Fetched,
    parts::{dialog::Dialog, icon},
    words,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use roadworthy_api::work::Pulse;

/// Pages that a phone's bar holds; the others are under *More*.
const BAR: usize = 4;

/// The rail; `helping` opens the list of keys.
pub(super) fn rail(helping: RwSignal<bool>, pulse: Fetched<Pulse>) -> AnyView {
    let path = use_location().pathname;
    let more = RwSignal::new(false);
    let link = move |page: Page| {
        let current = move || belongs(&path.get(), &page).then_some("page");
        let count = (page.id == "nav-alerts").then(|| alerts(pulse));
        let leave = move |_| more.set(false);
        view! {
            <a href=page.href data-testid=page.id aria-current=current on:click=leave>{icon::icon(page.image, 24)} <span>{page.name}</span> {count}</a>
        }
    };
    let beyond = move || super::PAGES.into_iter().skip(BAR);
    let rest = move |page: Page| {
        let class = if super::PAGES.iter().take(BAR).any(|p| p.id == page.id) { "" } else { "beyond" };
        view! { <li class=class>{link(page)}</li> }
    };
    let inside = move || beyond().any(|page| belongs(&path.get(), &page)).then_some("page");
    let others = move || {
        view! {
            <h2>"More"</h2>
            <ul class="others">{beyond().map(|page| view! { <li>{link(page)}</li> }).collect_view()}</ul>
            <div class="buttons"><button class="button" type="button" on:click=move |_| more.set(false)>"Close"</button></div>
        }
        .into_any()
    };
    view! {
        <nav class="rail" aria-label="Pages">
            <a class="brand" href="/" aria-label="Roadworthy, to the fleet"><img src="/icon.svg" alt="" /> <span>"Roadworthy"</span></a>
            <ul>
                {super::PAGES.map(rest)}
                <li class="others-here">
                    <button type="button" data-testid="nav-more" aria-haspopup="dialog" aria-current=inside on:click=move |_| more.set(true)>
                        {icon::icon(icon::OTHERS, 24)} <span>"More"</span>
                    </button>
                </li>
            </ul>
            <div class="foot">
                <button class="button plain" type="button" aria-label="Keys" aria-keyshortcuts="?" on:click=move |_| helping.set(true)>
                    {icon::icon(icon::KEYBOARD, 20)}
                </button>
            </div>
        </nav>
        <Dialog open=more label="More pages">{others}</Dialog>
    }
    .into_any()
}

/// How many alerts are open; nothing where none is.
fn alerts(pulse: Fetched<Pulse>) -> AnyView {
    let open = Memo::new(move |_| pulse.value.with(|p| p.as_ref().map_or((0, 0), |p| p.alerts)));
    (move || {
        let (open, act_now) = open.get();
        (open > 0).then(|| {
            let class = if act_now > 0 { "badge act-now" } else { "badge" };
            let shown = if open > 99 { "99+".to_owned() } else { open.to_string() };
            view! {
                <span class=class aria-hidden="true" data-testid="alert-count">{shown}</span>
                <span class="unseen">{format!(", {}", words::rail_count(open, act_now))}</span>
            }
        })
    })
    .into_any()
}

pub(super) fn belongs(path: &str, page: &Page) -> bool {
    // Two visits side by side are a vehicle's too, and so is what was imported.
    let of_vehicles = ["/compare/", "/import", "/histories/"].iter().any(|of| path.starts_with(of));
    path == page.href || path.starts_with(page.prefix) || (page.href == "/" && of_vehicles)
}
