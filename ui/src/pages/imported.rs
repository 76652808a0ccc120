//! One import: what was taken in, what cannot be right, what became of every row and cell, how it was read, and its one undo. Here a
//! log's, in [`history`] that of a service history.

mod history;

use crate::{
    backend::call,
    frame,
    live::{Act, fetch},
    locale,
    pages::import::{account, start},
    parts::{dialog::Dialog, icon, notice, seen, toast::Toasts, value},
    words::{self, import as said},
};
pub(crate) use history::HistoryPage;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use roadworthy_api::{
    Timestamp,
    call::Request,
    calls::{GetImport, GetVehicle, UndoImport},
    id::{ImportId, VehicleId},
    import::{ColumnMapping, Flagged, ImportDetail, ImportRow, Mapping},
};
use serde::Serialize;

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
    let (vehicle, import, from, to) = (row.vehicle, row.id, row.from, row.to);
    let trends = format!("/vehicles/{vehicle}/trends?from={from}&to={}", to + 1);
    Head {
        vehicle,
        name: said::file_name(&row.name),
        line: said::import_line(row),
        facts: format!("{} · {}", locale::bytes(row.bytes), said::layout(row.layout)),
        at: row.at,
        by: row.by.clone(),
        undone: row.undone.map(|at| (at, "Its values are in no trend any more. The same file can be imported again.")),
        next: view! { <a class="button main" href=trends data-testid="import-trends">{icon::icon(icon::LIVE, 20)} "See the trends"</a> }.into_any(),
        takes_back: said::takes_back(row, flags),
    }
    .shown(move || UndoImport { import }, |row| said::counted(row.samples, "value"))
}

/// What stands at the top of an import's page.
struct Head {
    vehicle: VehicleId,
    name: String,
    /// What was taken in, in a sentence.
    line: String,
    /// Size and layout of the file.
    facts: String,
    at: Timestamp,
    by: String,
    /// When it was undone, and what that means.
    undone: Option<(Timestamp, &'static str)>,
    /// Where to go from here.
    next: AnyView,
    /// What undoing it takes back, in sentences.
    takes_back: Vec<String>,
}

impl Head {
    /// With its one undo, which `undo` asks for; `taken` says what is gone then.
    fn shown<C: Request>(
        self,
        undo: impl Fn() -> C + Copy + Send + Sync + 'static,
        taken: impl Fn(C::Reply) -> String + Copy + Send + Sync + 'static,
    ) -> AnyView {
        let asking = RwSignal::new(false);
        let again = format!("/import?vehicle={}", self.vehicle);
        let state = match self.undone {
            Some((at, what)) => view! {
                <div class="notice" role="status" data-testid="import-undone">
                    {icon::icon(icon::AGAIN, 20)}
                    <p class="cause">"Taken back " {value::when(at)} "."</p>
                    <p>{what}</p>
                    <div class="buttons"><a class="button" href=again>{icon::icon(icon::FILE, 20)} "Import a file"</a></div>
                </div>
            }
            .into_any(),
            None => view! {
                <div class="buttons">
                    {self.next}
                    <a class="button" href=again data-testid="import-another">{icon::icon(icon::FILE, 20)} "Import another"</a>
                    <button class="button danger" type="button" data-testid="import-undo" on:click=move |_| asking.set(true)>{icon::icon(icon::AGAIN, 20)} "Undo this import…"</button>
                </div>
            }
            .into_any(),
        };
        let (title, lines) = (format!("Take back {}?", self.name), self.takes_back);
        let dialog = move || undoing(title.clone(), lines.clone(), asking, undo, taken);
        view! {
            <header class="stack">
                <h1 class="file-name" data-testid="import-title">{self.name}</h1>
                <p data-testid="import-line">{self.line} "."</p>
                <p class="muted small">{self.facts} " · imported " {value::when(self.at)} " by " {words::actor(&self.by)}</p>
                {state}
                <Dialog open=asking label="Undo the import">{dialog.clone()}</Dialog>
            </header>
        }
        .into_any()
    }
}

/// Says exactly what is taken back, and asks once.
fn undoing<C: Request>(
    title: String,
    lines: Vec<String>,
    asking: RwSignal<bool>,
    undo: impl Fn() -> C + Copy + Send + Sync + 'static,
    taken: impl Fn(C::Reply) -> String + Copy + Send + Sync + 'static,
) -> AnyView {
    let act = Act::new();
    let go = move |_| {
        act.run(call(undo()), move |gone| {
            let _ = asking.try_set(false);
            Toasts::here().say(format!("Taken back: {}.", taken(gone)));
        });
    };
    let line = |text: String| view! { <li>{text}</li> };
    view! {
        <div class="stack">
            <h2>{title}</h2>
            <ul class="bullets">{lines.into_iter().map(line).collect_view()}</ul>
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
    let columns = view! {
        <table class="table fold" aria-label="Columns">
            <thead><tr><th scope="col">"Column"</th> <th scope="col">"Becomes"</th> <th scope="col">"Unit"</th> <th scope="col">"Known of it"</th></tr></thead>
            <tbody>{mapping.columns.iter().enumerate().map(row).collect_view()}</tbody>
        </table>
    };
    read_so(columns.into_any(), mapping.clone())
}

/// How columns were read, folded in, with the mapping to keep.
fn read_so(columns: AnyView, mapping: impl Serialize + Clone + Send + 'static) -> AnyView {
    let act = Act::new();
    let save = move |_| start::save_mapping(act, mapping.clone());
    view! {
        <details class="more panel">
            <summary data-testid="import-how">{icon::icon(icon::MORE, 20)} "How it was read"</summary>
            <div class="stack">
                {columns}
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
