//! Recordings that are kept, with their export.

use super::words;
use crate::{
    backend::{call, save},
    live::{Act, fetch},
    locale,
    parts::{export::said, icon, notice, seen, toast::Toasts, value},
    words as all_words,
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::{ExportRecording, GetVehicle, ListRecordings},
    id::VehicleId,
    live::{CsvLayout, RecordingRow},
    vehicle::Page,
};

/// Recordings on one page.
const AT_ONCE: u32 = 10;

/// All recordings of this shop.
pub(super) fn all() -> AnyView {
    let none = Memo::new(|_| None);
    panel("Recordings", none, true)
}

/// Those of the vehicle that a session reads, or all while it is not known whose it is.
pub(super) fn of_session(vehicle: Memo<Option<VehicleId>>) -> AnyView {
    (move || match vehicle.get() {
        Some(_) => panel("Recordings of this vehicle", vehicle, false),
        None => panel("Recordings", vehicle, true),
    })
    .into_any()
}

fn panel(title: &'static str, vehicle: Memo<Option<VehicleId>>, named: bool) -> AnyView {
    let offset = RwSignal::new(0u32);
    let found = fetch(move || Some(ListRecordings { vehicle: vehicle.get(), offset: offset.get(), limit: AT_ONCE }));
    let layout = RwSignal::new(CsvLayout::Long);
    let act = Act::new();
    let list = move |page: Page<RecordingRow>| {
        if page.total == 0 {
            return view! { <p class="muted" data-testid="no-recordings">"None yet. Record while you watch: everything that is read from then on is kept, and exported as CSV."</p> }.into_any();
        }
        let from = offset.get_untracked();
        let total = page.total;
        let more = (total > AT_ONCE).then(|| {
            view! {
                <div class="row">
                    <button class="button" type="button" disabled=from == 0 on:click=move |_| offset.update(|o| *o = o.saturating_sub(AT_ONCE))>"Newer"</button>
                    <span class="num muted">{format!("{} to {} of {total}", from + 1, (from + AT_ONCE).min(total))}</span>
                    <button class="button" type="button" disabled=from + AT_ONCE >= total on:click=move |_| offset.update(|o| *o += AT_ONCE)>"Older"</button>
                </div>
            }
        });
        view! {
            <ul class="recordings">{page.rows.into_iter().map(|r| row(r, layout, act, named)).collect_view()}</ul>
            {more}
        }
        .into_any()
    };
    let choose =
        move |event| layout.set(if event_target_value(&event) == "wide" { CsvLayout::Wide } else { CsvLayout::Long });
    view! {
        <section class="panel stack" data-testid="recordings">
            <div class="row apart">
                <h2>{title}</h2>
                <label class="row small">
                    "CSV with"
                    <select class="select" data-testid="csv-layout" on:change=choose>
                        <option value="long">"one row per sample"</option>
                        <option value="wide">"one column per signal"</option>
                    </select>
                </label>
            </div>
            {notice::shown(act.error)}
            {seen::seen(found, 2, list)}
        </section>
    }
    .into_any()
}

fn row(row: RecordingRow, layout: RwSignal<CsvLayout>, act: Act, named: bool) -> AnyView {
    let id = row.id;
    let export = move |_| {
        let layout = layout.get_untracked();
        let work = async move { save(&call(ExportRecording { recording: id, layout }).await?).await };
        act.run(work, |saved| Toasts::here().say(said(&saved)));
    };
    let short = row.cut_short.then(|| view! { <span class="tag">"Cut short"</span> });
    let marks = (!row.marks.is_empty()).then(|| all_words::count(row.marks.len() as u64, "mark"));
    let facts = [
        Some(words::elapsed(row.ended - row.started)),
        Some(words::samples(row.samples)),
        marks,
        Some(row.port.clone()),
    ];
    let owner = row.vehicle.filter(|_| named).map(whose);
    view! {
        <li data-testid="recording-row">
            <span class="what">
                <b>{locale::time(row.started)}</b> " " <small>{value::ago(row.started)}</small> {short} {owner}
                <small class="num wrap">{facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")}</small>
                <small>{row.signals.join(", ")}</small>
            </span>
            <button class="button" type="button" data-testid="export-recording" disabled=move || act.busy.get() on:click=export
                aria-label=format!("Save the recording of {} as CSV", locale::time(row.started))>
                {icon::icon(icon::SAVE, 20)} "CSV"
            </button>
        </li>
    }
    .into_any()
}

fn whose(vehicle: VehicleId) -> AnyView {
    let detail = fetch(move || Some(GetVehicle { vehicle }));
    let name = move || {
        detail.value.with(|d| d.as_ref().map_or_else(|| "Its vehicle".into(), |d| all_words::vehicle_title(&d.row)))
    };
    view! { <a href=format!("/vehicles/{vehicle}")>{name}</a> }.into_any()
}
