//! What was done to the vehicle, newest first; records can be written down, corrected, removed with undo, and an odometer reading that
//! cannot be right waits here for a decision.

mod form;

use crate::{
    backend::{call, save_made},
    live::{Act, fetch},
    parts::{dialog::Dialog, export, icon, notice, odometer, seen, toast::Toasts},
    words::{self, service as said},
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::{ExportService, JudgeOdometer, ListService, RemoveService},
    id::VehicleId,
    service::{Judgement, ServiceRow},
    vehicle::Page,
};

/// Records on one page.
const AT_ONCE: u32 = 50;

/// The tab.
pub(super) fn service(vehicle: VehicleId) -> AnyView {
    let offset = RwSignal::new(0u32);
    let list = fetch(move || Some(ListService { vehicle, offset: offset.get(), limit: AT_ONCE }));
    let adding = RwSignal::new(false);
    let (correcting, open) = (RwSignal::new(None::<ServiceRow>), RwSignal::new(false));
    let correct = Callback::new(move |row: ServiceRow| {
        correcting.set(Some(row));
        open.set(true);
    });
    let body = move |page: Page<ServiceRow>| {
        if page.total == 0 {
            return view! {
                <div class="empty panel" data-testid="service-empty">
                    {icon::icon(icon::TEXT, 32)} <h2>"No service record yet"</h2>
                    <p>"Write down what was done to this vehicle, when, and at which odometer reading; or bring what another program has: LubeLogger, Fleetio, any table with days."</p>
                    {import(vehicle)}
                </div>
            }
            .into_any();
        }
        let (from, total) = (offset.get_untracked(), page.total);
        let more = (total > AT_ONCE).then(|| {
            view! {
                <div class="row">
                    <button class="button" type="button" disabled=from == 0 on:click=move |_| offset.update(|o| *o = o.saturating_sub(AT_ONCE))>"Newer"</button>
                    <span class="num muted">{format!("{} to {} of {total}", from + 1, (from + AT_ONCE).min(total))}</span>
                    <button class="button" type="button" disabled=from + AT_ONCE >= total on:click=move |_| offset.update(|o| *o += AT_ONCE)>"Older"</button>
                </div>
            }
        });
        view! { <ul class="workers panel" aria-label="Service records">{page.rows.into_iter().map(|record| row(record, correct)).collect_view()}</ul> {more} }.into_any()
    };
    let form = move || adding.get().then(|| view! { <div class="panel">{form::add(vehicle, adding)}</div> });
    let some = Memo::new(move |_| list.value.with(|page| page.as_ref().is_some_and(|page| page.total > 0)));
    let tools = move || {
        (!adding.get()).then(|| {
            view! {
                <div class="buttons">
                    <button class="button main" type="button" data-testid="service-add" on:click=move |_| adding.set(true)>{icon::icon(icon::PLUS, 20)} "Write down what was done"</button>
                    {some.get().then(|| view! { {import(vehicle)} {save(vehicle)} })}
                </div>
            }
        })
    };
    let inside = move || correcting.get().map(|row| form::correct(&row, open));
    view! {
        <div class="stack wide">
            {tools} {form} {seen::seen(list, 4, body)}
            <Dialog open=open class="wide" label="Correct the record">{inside}</Dialog>
        </div>
    }
    .into_any()
}

fn import(vehicle: VehicleId) -> AnyView {
    let to = format!("/import?vehicle={vehicle}");
    view! { <a class="button" href=to data-testid="service-import">{icon::icon(icon::FILE, 20)} "Import a service history"</a> }
        .into_any()
}

/// All of the records as a table that this program reads back.
fn save(vehicle: VehicleId) -> AnyView {
    let act = Act::new();
    let save = move |_| {
        let work = async move {
            let text = call(ExportService { vehicle }).await?;
            save_made("service records.csv", "text/csv", text.0.as_bytes()).await
        };
        act.run(work, |saved| Toasts::here().say(export::said(&saved)));
    };
    view! {
        <button class="button" type="button" data-testid="service-save" disabled=move || act.busy.get() on:click=save>{icon::icon(icon::SAVE, 20)} "Save them as CSV"</button>
        {notice::shown(act.error)}
    }
    .into_any()
}

fn row(row: ServiceRow, correct: Callback<ServiceRow>) -> AnyView {
    let (act, id) = (Act::new(), row.id);
    let title = said::service_title(&row.fields);
    let (label, change) =
        (format!("Remove {title} of {}", row.fields.day), format!("Correct {title} of {}", row.fields.day));
    let remove = move |_| {
        act.run(call(RemoveService { service: id, removed: true }), move |()| {
            let back = RemoveService { service: id, removed: false };
            Toasts::here().done_but("Record removed.", back, "The record is back.");
        });
    };
    let corrected = row.corrected.map(|_| view! { " " <span class="tag">"Corrected"</span> });
    let from = row.import.map(|import| {
        let line = row.line.map(|line| format!(", line {line}"));
        view! { <small><a href=format!("/histories/{import}")>"From a file"</a> {line}</small> }.into_any()
    });
    let forgotten = row.forgotten.then(|| notice::plain("Its words were erased with its customer."));
    let notes =
        (!row.fields.notes.is_empty()).then(|| view! { <p class="muted small clamp">{row.fields.notes.clone()}</p> });
    let by = from.unwrap_or_else(|| view! { <small>{words::actor(&row.by)}</small> }.into_any());
    let flag = flagged(&row);
    let (day, facts) = (row.fields.day.clone(), said::service_facts(&row.fields));
    let edit = (!row.forgotten).then(|| {
        view! {
            <button class="button plain" type="button" aria-label=change data-testid="service-correct" on:click=move |_| correct.run(row.clone())>{icon::icon(icon::EDIT, 20)}</button>
        }
    });
    view! {
        <li data-testid="service-row">
            <div class="stack tight">
                <p><b>{title}</b> {corrected}</p>
                <p class="num wrap">{day} " · " {facts}</p>
                {notes}
                {forgotten}
                {by}
                {flag}
                {notice::shown(act.error)}
            </div>
            <div class="buttons">
                {edit}
                <button class="button plain" type="button" aria-label=label data-testid="service-remove" disabled=move || act.busy.get() on:click=remove>{icon::icon(icon::REMOVE, 20)}</button>
            </div>
        </li>
    }
    .into_any()
}

/// Why a record's reading does not count, what speaks against it, and the decision.
pub(crate) fn flagged(row: &ServiceRow) -> Option<AnyView> {
    let (act, service, judged) = (Act::new(), row.id, row.judged);
    let judge = move |judged: Option<Judgement>| act.run(call(JudgeOdometer { service, judged }), |_| ());
    let flag = row.flag.as_ref()?;
    let said = odometer::flagged(flag, Signal::derive(move || judged), row.fields.odometer, act.busy.into(), judge);
    Some(view! { {said} {notice::shown(act.error)} }.into_any())
}
