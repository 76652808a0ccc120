//! One import of a service history: what was taken in, odometer readings that cannot be right, what became of every row, how it was
//! read, and its one undo.

use super::{Head, read_so, whose};
use crate::{
    backend::call,
    frame,
    live::{fetch, fetch_by},
    locale,
    pages::{import::account, missing, vehicle::service},
    parts::{icon, notice, seen},
    words::{history as said, import, service as words},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use roadworthy_api::{
    Error,
    calls::{GetHistory, ListService, UndoHistory},
    history::{HistoryColumn, HistoryDetail, HistoryMapping, HistoryReport, HistoryRow},
    id::{ImportId, VehicleId},
    service::ServiceRow,
};

/// Records of a call.
const AT_ONCE: u32 = 500;
/// Most flagged readings that are shown here; the rest wait on the Service tab.
const SHOWN: usize = 50;

/// The page.
#[component]
pub(crate) fn HistoryPage() -> impl IntoView {
    frame::title("Import");
    let params = use_params_map();
    let fresh = use_query_map().with_untracked(|q| q.get("new").is_some());
    let id = Memo::new(move |_| params.with(|p| p.get("id")).and_then(|t| t.parse::<ImportId>().ok()));
    let import = fetch(move || id.get().map(|import| GetHistory { import }));
    let body = move || match id.get() {
        None => missing::page().into_any(),
        Some(_) => seen::seen(import, 6, move |detail| page(&detail, fresh)),
    };
    view! { <div class="stack wide">{body}</div> }
}

fn page(detail: &HistoryDetail, fresh: bool) -> AnyView {
    let HistoryDetail { row, mapping, report } = detail;
    let stands = row.undone.is_none();
    let done = (fresh && stands).then(|| notice::fine("Imported: all of it is there."));
    view! {
        {whose(row.vehicle)}
        {header(row)}
        {done}
        {stands.then(|| flagged(row.vehicle, row.id, report))}
        <section class="panel stack" data-testid="import-account"><h2>"What became of every row"</h2> {account::of_history(report)}</section>
        {how(mapping)}
    }
    .into_any()
}

fn header(row: &HistoryRow) -> AnyView {
    let (vehicle, import) = (row.vehicle, row.id);
    let records = format!("/vehicles/{vehicle}/service");
    Head {
        vehicle,
        name: import::file_name(&row.name),
        line: said::import_line(row),
        facts: format!("{} · {}", locale::bytes(row.bytes), said::layout(row.layout)),
        at: row.at,
        by: row.by.clone(),
        undone: row.undone.map(|at| (at, "Its records are in the service history no more. The same file can be imported again.")),
        next: view! { <a class="button main" href=records data-testid="import-records">{icon::icon(icon::TEXT, 20)} "See the records"</a> }.into_any(),
        takes_back: said::takes_back(row),
    }
    .shown(move || UndoHistory { import }, |row| import::counted(row.records, "record"))
}

/// Records of the import whose reading was flagged, newest first.
async fn of_import(vehicle: VehicleId, import: ImportId) -> Result<Vec<ServiceRow>, Error> {
    let (mut found, mut offset) = (Vec::new(), 0);
    loop {
        let page = call(ListService { vehicle, offset, limit: AT_ONCE }).await?;
        offset += AT_ONCE;
        let more = !page.rows.is_empty() && offset < page.total;
        found.extend(page.rows.into_iter().filter(|r| r.import == Some(import) && r.flag.is_some()));
        if !more {
            return Ok(found);
        }
    }
}

/// Readings that cannot be right, each with its decision.
fn flagged(vehicle: VehicleId, import: ImportId, report: &HistoryReport) -> AnyView {
    if report.flagged == 0 {
        return view! { <div data-testid="history-flags" data-flags="0">{notice::fine(said::flags_line(0, 0))}</div> }
            .into_any();
    }
    let rows = fetch_by(move || Some((vehicle, import)), |(vehicle, import)| of_import(vehicle, import));
    let one = |row: &ServiceRow| {
        let line = row.line.map(|line| format!("line {line}"));
        view! {
            <li data-testid="history-flag">
                <div class="stack tight">
                    <p><b>{words::service_title(&row.fields)}</b></p>
                    <p class="num wrap">{row.fields.day.clone()} " · " {words::service_facts(&row.fields)} " · " <small>{line}</small></p>
                    {service::flagged(row)}
                </div>
            </li>
        }
    };
    let body = move |rows: Vec<ServiceRow>| {
        let judged = rows.iter().filter(|r| r.judged.is_some()).count();
        let hidden = rows.len().saturating_sub(SHOWN);
        let more = (hidden > 0).then(|| {
            notice::plain(format!("And {} on the vehicle's Service tab.", import::counted(hidden as u64, "other")))
        });
        view! {
            <p role="status" data-testid="history-flags-line">{said::flags_line(rows.len() as u64, judged as u64)}</p>
            <ul class="workers">{rows.iter().take(SHOWN).map(one).collect_view()}</ul>
            {more}
        }
        .into_any()
    };
    view! {
        <section class="panel stack" data-testid="history-flags" data-flags=report.flagged.to_string()>
            <h2>"Odometer readings that cannot be right"</h2>
            {seen::seen(rows, 3, body)}
        </section>
    }
    .into_any()
}

/// How it was read, folded in.
fn how(mapping: &HistoryMapping) -> AnyView {
    let row = |(at, c): (usize, &HistoryColumn)| {
        let name = if c.column.is_empty() { format!("Column {}", at + 1) } else { c.column.clone() };
        let field = c.field.and_then(|f| said::FIELDS.into_iter().find(|(field, ..)| *field == f));
        let known = (!c.guessed.is_empty()).then(|| view! { <small>{c.guessed.clone()}</small> });
        let becomes = field.map_or("Left out", |(.., label)| label);
        view! { <tr><th scope="row">{name}</th> <td data-label="Became">{becomes}</td> <td data-label="Known of it">{known}</td></tr> }
    };
    let columns = view! {
        <table class="table fold" aria-label="Columns">
            <thead><tr><th scope="col">"Column"</th> <th scope="col">"Became"</th> <th scope="col">"Known of it"</th></tr></thead>
            <tbody>{mapping.columns.iter().enumerate().map(row).collect_view()}</tbody>
        </table>
    };
    read_so(columns.into_any(), mapping.clone())
}
