//! Alerts of one view, as a list of which only what is in view is drawn. Keys move in it and act on the one that has the focus.

use super::{acts, empty};
use crate::{
    backend::call,
    frame,
    live::Act,
    parts::{
        icon, notice,
        paged::{Paged, Stage, paged},
        seen, value,
    },
    words,
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use roadworthy_api::{
    alert::{AlertRow, AlertState, AlertView},
    calls::{GetAlert, ListAlerts},
    id::AlertId,
};
use wasm_bindgen::JsCast;

/// Pixels of a row with the gap below it; the style sheet says the same.
const HEIGHT: f64 = 104.0 + 8.0;

/// The list.
#[component]
pub(super) fn List(
    /// Which alerts.
    view: Memo<AlertView>,
) -> impl IntoView {
    let list = paged(move |offset, limit| ListAlerts { view: view.get(), vehicle: None, offset, limit });
    let (act, snoozing) = (Act::new(), RwSignal::new(None::<AlertRow>));
    let open = RwSignal::new(false);
    keys(act, snoozing, open);
    let stage = list.stage();
    let body = move || match stage.get() {
        Stage::Opening => seen::skeleton(4),
        Stage::Empty => empty(view.get()),
        Stage::Rows => rows(list),
    };
    let dialog = move || snoozing.get().map(|row| view! { <acts::Snoozing alert=row.id title=row.title open=open /> });
    view! { {list.problem()} {notice::shown(act.error)} {body} {dialog} }
}

fn rows(list: Paged<AlertRow>) -> AnyView {
    let node = NodeRef::<html::Div>::new();
    let drawn = list.drawn(node, HEIGHT, |_| 1);
    let one = move |at: usize| {
        let alert = list.row(at);
        let content = move || {
            match alert.get() {
            Some(row) => card(&row, at),
            None => view! { <article class="alert"><span class="skeleton"></span><span class="unseen">"Reading…"</span></article> }.into_any(),
        }
        };
        view! { <li aria-posinset=at + 1 aria-setsize=move || list.count()>{content}</li> }
    };
    view! {
        <div node_ref=node data-testid="alerts">
            <span class="pad" style:height=move || format!("{}px", drawn.get().above)></span>
            <ol class="alerts" role="list" aria-label="Alerts"><For each=move || drawn.get().rows key=|at| *at children=one /></ol>
            <span class="pad" style:height=move || format!("{}px", drawn.get().below)></span>
        </div>
    }
    .into_any()
}

fn card(row: &AlertRow, at: usize) -> AnyView {
    let open = row.state == AlertState::Open;
    let state = (!open).then(|| format!(" · {}", words::alert_state(&row.state)));
    let escalated = words::escalated(row.escalations).map(|e| format!(" · {e}"));
    view! {
        <article class="alert" data-testid="alert-row" data-alert=row.id.to_string() data-severity=words::severity_key(row.severity)>
            {icon::severity_badge(row.severity, "tight")}
            <a class="over" href=format!("/alerts/{}", row.id) data-at=at><span class="clamp">{row.title.clone()}</span></a>
            <p class="one-line small">
                <a href=format!("/vehicles/{}", row.vehicle)>{row.vehicle_name.clone()}</a>
                <span class="muted">" · since " {value::ago(row.raised)} {format!(" · {}", words::times(row.times))} {escalated} {state}</span>
            </p>
        </article>
    }
    .into_any()
}

/// The link of a row that has the focus, with its place.
fn focused() -> Option<(web_sys::Element, usize)> {
    let active = web_sys::window()?.document()?.active_element()?;
    let row = active.closest(".alert").ok()??;
    let link = row.query_selector("[data-at]").ok()??;
    let at = link.get_attribute("data-at")?.parse().ok()?;
    Some((row, at))
}

fn focus(at: usize) {
    let document = web_sys::window().and_then(|w| w.document());
    let link = document.and_then(|d| d.query_selector(&format!(".alert [data-at='{at}']")).ok().flatten());
    if let Some(link) = link.and_then(|l| l.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Focus scrolls the row into view, which draws the rows behind it.
        let _ = link.focus();
    }
}

fn keys(act: Act, snoozing: RwSignal<Option<AlertRow>>, open: RwSignal<bool>) {
    let listener = window_event_listener(ev::keydown, move |event| {
        if frame::typing(&event) || event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let now = focused();
        let place = now.as_ref().map(|(_, at)| *at);
        match (event.key().as_str(), place) {
            ("j" | "J", at) => focus(at.map_or(0, |at| at + 1)),
            ("k" | "K", at) => focus(at.map_or(0, |at| at.saturating_sub(1))),
            // Arrows scroll the page until a row has the focus.
            ("ArrowDown", Some(at)) => focus(at + 1),
            ("ArrowUp", Some(at)) => focus(at.saturating_sub(1)),
            ("a" | "A" | "s" | "S", Some(_)) => {
                let id = now.and_then(|(row, _)| row.get_attribute("data-alert")).and_then(|id| id.parse().ok());
                let sleep = event.key().eq_ignore_ascii_case("s");
                if let Some(alert) = id {
                    with_row(act, alert, move |row| {
                        if sleep {
                            snoozing.set(Some(row));
                            open.set(true);
                        } else {
                            acts::acknowledge(act, row.id, row.title.clone(), &row.state);
                        }
                    });
                }
            }
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

/// Asks for the alert as it is now, since the list may be older than the key; a closed one is left alone.
fn with_row(act: Act, alert: AlertId, then: impl FnOnce(AlertRow) + 'static) {
    spawn_local(async move {
        match call(GetAlert { alert }).await {
            Ok(detail) if matches!(detail.row.state, AlertState::Closed { .. }) => {}
            Ok(detail) => then(detail.row),
            Err(error) => drop(act.error.try_set(Some(error))),
        }
    });
}
