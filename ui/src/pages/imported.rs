//! One import: what was taken in, what cannot be right, what became of every row and cell, how it was read, and its one undo.

use crate::{
    backend::{call, save_made},
    frame,
    live::{Act, fetch},
    locale,
    pages::import::account,
    parts::{dialog::Dialog, export, icon, notice, seen, toast::Toasts, value},
    words::{self, import as said},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use roadworthy_api::{
    Code, Error,
    calls::{GetImport, GetVehicle, UndoImport},
    id::{ImportId, VehicleId},
    import::{ColumnMapping, Flagged, ImportDetail, ImportRow, Mapping},
};

/// The page.
#[component]
pub(crate) fn ImportedPage() -> impl IntoView {
    frame::title("Import");
    let params = use_params_map();
    let fresh = use_query_map().with_untracked(|q| q.get("new").is_some());
    let id = Memo::new(move |_| params.with(|p| p.get("id")).and_then(|t| t.parse::<ImportId>().ok()));
    let import = fetch(move || id.get().map(|import| GetImport { import }));
    let body = move || match id.get() {
        None => super::missing::page().into_any(),
        Some(_) => seen::seen(import, 6, move |detail| page(&detail, fresh)),
    };
    view! { <div class="stack wide">{body}</div> }
}

fn page(detail: &ImportDetail, fresh: bool) -> AnyView {
    let ImportDetail { row, mapping, report, flags } = detail;
    let undone = row.undone.is_some();
    let done = (fresh && !undone).then(|| notice::fine("Imported: all of it is there."));
    view! {
        {whose(row.vehicle)}
        {header(row, flags.len())}
        {done}
        {(!undone).then(|| flagged(flags, mapping))}
        <section class="panel stack" data-testid="import-account"><h2>"What became of every row and cell"</h2> {account::account(report)}</section>
        {how(mapping)}
    }
    .into_any()
}

fn whose(vehicle: VehicleId) -> AnyView {
    let detail = fetch(move || Some(GetVehicle { vehicle }));
    let name = move || {
        detail.value.with(|d| d.as_ref().map_or_else(|| "The vehicle".into(), |d| words::vehicle_title(&d.row)))
    };
    view! { <a class="back" href=format!("/vehicles/{vehicle}/imports")>{icon::icon(icon::BACK, 20)} {name}</a> }
        .into_any()
}

fn header(row: &ImportRow, flags: usize) -> AnyView {
    let asking = RwSignal::new(false);
    let (vehicle, from, to) = (row.vehicle, row.from, row.to);
    let trends = format!("/vehicles/{vehicle}/trends?from={from}&to={}", to + 1);
    let state = match row.undone {
        Some(at) => view! {
            <div class="notice" role="status" data-testid="import-undone">
                {icon::icon(icon::AGAIN, 20)}
                <p class="cause">"Taken back " {value::when(at)} "."</p>
                <p>"Its values are in no trend any more. The same file can be imported again."</p>
                <div class="buttons"><a class="button" href=format!("/import?vehicle={vehicle}")>{icon::icon(icon::FILE, 20)} "Import a log"</a></div>
            </div>
        }
        .into_any(),
        None => view! {
            <div class="buttons">
                <a class="button main" href=trends data-testid="import-trends">{icon::icon(icon::LIVE, 20)} "See the trends"</a>
                <a class="button" href=format!("/import?vehicle={vehicle}") data-testid="import-another">{icon::icon(icon::FILE, 20)} "Import another"</a>
                <button class="button danger" type="button" data-testid="import-undo" on:click=move |_| asking.set(true)>{icon::icon(icon::AGAIN, 20)} "Undo this import…"</button>
            </div>
        }
        .into_any(),
    };
    let dialog = {
        let row = row.clone();
        move || undo(&row, flags, asking)
    };
    let facts = format!("{} · {}", locale::bytes(row.bytes), said::layout(row.layout));
    view! {
        <header class="stack">
            <h1 class="file-name" data-testid="import-title">{said::file_name(row)}</h1>
            <p data-testid="import-line">{said::import_line(row)} "."</p>
            <p class="muted small">{facts} " · imported " {value::when(row.at)} " by " {words::actor(&row.by)}</p>
            {state}
            <Dialog open=asking label="Undo the import">{dialog.clone()}</Dialog>
        </header>
    }
    .into_any()
}

/// Says exactly what is taken back, and asks once.
fn undo(row: &ImportRow, flags: usize, asking: RwSignal<bool>) -> AnyView {
    let (act, import) = (Act::new(), row.id);
    let go = move |_| {
        act.run(call(UndoImport { import }), move |row| {
            let _ = asking.try_set(false);
            Toasts::here().say(format!("Taken back: {}.", said::counted(row.samples, "value")));
        });
    };
    let line = |text: String| view! { <li>{text}</li> };
    view! {
        <div class="stack">
            <h2>{format!("Take back {}?", said::file_name(row))}</h2>
            <ul class="bullets">{said::takes_back(row, flags).into_iter().map(line).collect_view()}</ul>
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button danger" type="button" data-testid="import-undo-confirm" disabled=move || act.busy.get() on:click=go>
                    {icon::icon(icon::AGAIN, 20)} {move || if act.busy.get() { "Taking it back…" } else { "Take all of it back" }}
                </button>
                <button class="button" type="button" disabled=move || act.busy.get() on:click=move |_| asking.set(false)>"Keep it"</button>
            </div>
        </div>
    }
    .into_any()
}

/// Signals that cannot be right, each with why.
fn flagged(flags: &[Flagged], mapping: &Mapping) -> AnyView {
    let mut titles: Vec<String> = Vec::new();
    for title in flags.iter().map(|f| said::flag_title(f, mapping)) {
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    let line = said::flags_line(&titles);
    if flags.is_empty() {
        return view! { <div data-testid="import-flags" data-flags="0">{notice::fine(line)}</div> }.into_any();
    }
    let one = |flag: &Flagged| {
        let (title, reason) = (said::flag_title(flag, mapping), flag.reason.clone());
        let facts = format!("First at {} · {}", locale::exact(flag.at), said::counted(flag.samples, "value"));
        view! {
            <li data-testid="import-flag" data-signal=flag.signal.clone()>
                <div class="stack tight"><p><b>{title}</b> " " <span class="tag">{said::flag_word(&flag.what)}</span></p> <p>{reason}</p> <small>{facts}</small></div>
            </li>
        }
    };
    view! {
        <section class="panel stack" data-testid="import-flags" data-flags=flags.len().to_string()>
            <h2>"Cannot be right"</h2>
            {notice::mild(line, "Look at what the sensor's column means in the other program, or at the sensor itself.")}
            <ul class="workers">{flags.iter().map(one).collect_view()}</ul>
        </section>
    }
    .into_any()
}

/// How it was read, folded in.
fn how(mapping: &Mapping) -> AnyView {
    let act = Act::new();
    let kept = mapping.clone();
    let save = move |_| {
        let kept = kept.clone();
        let work = async move {
            let json = serde_json::to_string_pretty(&kept)
                .map_err(|e| Error::new(Code::Internal, format!("It cannot be written: {e}.")))?;
            save_made("import mapping.json", "application/json", format!("{json}\n").as_bytes()).await
        };
        act.run(work, |saved| Toasts::here().say(export::said(&saved)));
    };
    let row = |(at, c): (usize, &ColumnMapping)| {
        let name = if c.column.is_empty() { format!("Column {}", at + 1) } else { c.column.clone() };
        let becomes = if c.take { c.label.clone() } else { "Left out".into() };
        let (unit, known) =
            if c.take { (said::unit_change(c), c.guessed.clone()) } else { (String::new(), c.left_out.clone()) };
        let ecu = c.take.then(|| format!("{} · {}", said::pid_of(&c.signal), said::ecu_of(&c.signal)));
        view! {
            <tr>
                <th scope="row">{name}</th> <td data-label="Becomes"><span>{becomes} " " <small>{ecu}</small></span></td> <td data-label="Unit">{unit}</td>
                <td data-label="Known of it"><small>{known}</small></td>
            </tr>
        }
    };
    view! {
        <details class="more panel">
            <summary data-testid="import-how">{icon::icon(icon::MORE, 20)} "How it was read"</summary>
            <div class="stack">
                <table class="table fold" aria-label="Columns">
                    <thead><tr><th scope="col">"Column"</th> <th scope="col">"Becomes"</th> <th scope="col">"Unit"</th> <th scope="col">"Known of it"</th></tr></thead>
                    <tbody>{mapping.columns.iter().enumerate().map(row).collect_view()}</tbody>
                </table>
                <div class="buttons">
                    <button class="button" type="button" disabled=move || act.busy.get() on:click=save>{icon::icon(icon::SAVE, 20)} "Save how it is read"</button>
                    <small>"For the next file of its kind."</small>
                </div>
                {notice::shown(act.error)}
            </div>
        </details>
    }
    .into_any()
}
