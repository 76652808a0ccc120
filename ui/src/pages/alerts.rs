//! The inbox: decisions that wait for a person, then alerts, worst first. An alert opens to all that is behind it.
//!
//! [`list`] is the inbox, [`detail`] one alert; [`acts`] is what can be done with one, the same in both.

mod acts;
mod answer;
mod detail;
mod finding;
mod list;
mod waiting;

use crate::{
    frame,
    live::{Fetched, fetch},
    parts::icon,
    words,
};
pub(crate) use detail::AlertPage;
pub(crate) use finding::findings;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use roadworthy_api::{
    alert::{AlertCounts, AlertView},
    calls::CountAlerts,
};

/// The page.
#[component]
pub(crate) fn AlertsPage() -> impl IntoView {
    frame::title("Alerts");
    let query = use_query_map();
    let view = Memo::new(move |_| query.with(|q| q.get("view")).and_then(|v| words::view_of(&v)).unwrap_or_default());
    let counts = fetch(|| Some(CountAlerts {}));
    let line = move || counts.value.with(|c| c.as_ref().map(words::inbox_line));
    view! {
        <div class="stack wide">
            <h1>"Alerts"</h1>
            <p class="reason" data-testid="inbox-line">{line}</p>
            <waiting::Waiting />
            <section class="stack" aria-label="Alerts">
                {chips(view, counts)}
                <list::List view=view />
            </section>
        </div>
    }
}

fn chips(view: Memo<AlertView>, counts: Fetched<AlertCounts>) -> AnyView {
    let chip = move |one: AlertView| {
        let key = words::view_key(one);
        let current = move || (view.get() == one).then_some("page");
        let count = move || counts.value.with(|c| c.as_ref().and_then(|c| words::of_view(c, one)));
        view! {
            <a class="chip" href=format!("/alerts?view={key}") aria-current=current data-testid="alert-view" data-view=key>
                {words::sentence_case(key)} <span class="num muted">{count}</span>
            </a>
        }
    };
    view! { <nav class="chips" aria-label="Which alerts">{words::VIEWS.map(chip)}</nav> }.into_any()
}

/// What an empty view says, and its next step.
fn empty(view: AlertView) -> AnyView {
    let (heading, text) = words::view_empty(view);
    let check = (view == AlertView::Open).then(|| {
        view! { <a class="button main" href="/check">{icon::icon(icon::SCAN, 20)} "Check a vehicle"</a> }
    });
    view! {
        <div class="empty panel" data-testid="alerts-empty">
            {icon::icon(icon::INBOX, 32)} <h2>{heading}</h2> <p>{text}</p> {check}
        </div>
    }
    .into_any()
}
