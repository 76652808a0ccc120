//! Values over any stretch of time: chosen signals as stacked charts under one cursor, with what happened beside them.

mod address;
mod desk;
mod events;
mod export;
mod keep;
mod load;
mod picker;
mod pins;
mod range;
mod strips;
mod table;

use crate::{
    backend::call,
    live::fetch_by,
    parts::{icon, notice, seen},
};
use desk::Desk;
use leptos::prelude::*;
use roadworthy_api::{
    Error,
    calls::{ListRecordings, ListSignals},
    id::VehicleId,
    live::RecordingRow,
    telemetry::SignalSpan,
};

/// Signals, and the newest recording: the last drive.
type Known = (Vec<SignalSpan>, Option<RecordingRow>);

async fn known(vehicle: VehicleId) -> Result<Known, Error> {
    let signals = call(ListSignals { vehicle }).await?;
    let newest = call(ListRecordings { vehicle: Some(vehicle), offset: 0, limit: 1 }).await?;
    Ok((signals, newest.rows.into_iter().next()))
}

/// The tab.
pub(super) fn trends(vehicle: VehicleId) -> AnyView {
    let known = fetch_by(move || Some(vehicle), known);
    let spans = Memo::new(move |_| known.value.with(|k| k.as_ref().map(|k| k.0.clone()).unwrap_or_default()));
    let drive = Memo::new(move |_| known.value.with(|k| k.as_ref()?.1.as_ref().map(|r| (r.started, r.ended))));
    // A memo, so that what is looked at stays while values come.
    let stage = Memo::new(move |_| known.value.with(|k| k.as_ref().map(|k| !k.0.is_empty())));
    let problem = move || {
        known.error.get().map(|e| {
            let again =
                view! { <button class="button" type="button" on:click=move |_| known.again()>"Try again"</button> };
            notice::error_with(&e, again)
        })
    };
    let body = move || match stage.get() {
        Some(true) => charts(Desk::new(vehicle, spans, drive)),
        Some(false) => empty(vehicle),
        None if known.error.with(Option::is_some) => ().into_any(),
        None => seen::skeleton(6),
    };
    view! { <div class="stack wide trends">{problem} {body}</div> }.into_any()
}

fn charts(desk: Desk) -> AnyView {
    let picking = RwSignal::new(false);
    let nothing = Memo::new(move |_| desk.chosen.with(Vec::is_empty));
    let below = move || {
        if nothing.get() {
            return view! {
                <div class="empty panel" data-testid="nothing-chosen">
                    <h2>"No signal is chosen"</h2>
                    <button class="button main" type="button" on:click=move |_| picking.set(true)>{icon::icon(icon::SEARCH, 20)} "Choose signals"</button>
                </div>
            }
            .into_any();
        }
        view! { {strips::strips(desk)} {events::list(desk)} {table::table(desk)} {pins::pins(desk)} }.into_any()
    };
    view! {
        {range::range(desk, picking)}
        {picker::picker(desk, picking)}
        {below}
    }
    .into_any()
}

fn empty(vehicle: VehicleId) -> AnyView {
    view! {
        <div class="empty panel" data-testid="no-signals">
            {icon::icon(icondata_lu::LuActivity, 32)} <h2>"No values over time yet"</h2>
            <p>"They are kept while live data is recorded: every value, as it was read. A log of another program brings them too."</p>
            <a class="button" href=format!("/import?vehicle={vehicle}")>{icon::icon(icon::FILE, 20)} "Import a log"</a>
            <a class="button main" href=format!("/live?vehicle={vehicle}")>{icon::icon(icondata_lu::LuActivity, 20)} "Show and record live values"</a>
        </div>
    }
    .into_any()
}
