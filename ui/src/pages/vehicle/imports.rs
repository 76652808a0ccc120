//! Files whose values or records became the vehicle's, newest first; those that were undone stay in the lists.

use crate::{
    locale,
    parts::{
        icon,
        paged::{Paged, Stage, paged},
        seen,
        table::table,
        value,
    },
    words::{history, import as said},
};
use leptos::{html, prelude::*};
use roadworthy_api::{
    calls::{ListHistories, ListImports},
    history::HistoryRow,
    id::VehicleId,
    import::ImportRow,
};

/// The tab: logs and histories, each kind where there is one of it.
pub(super) fn imports(vehicle: VehicleId) -> AnyView {
    let logs = paged(move |offset, limit| ListImports { vehicle: Some(vehicle), offset, limit });
    let histories = paged(move |offset, limit| ListHistories { vehicle: Some(vehicle), offset, limit });
    let stages = (logs.stage(), histories.stage());
    let both = Memo::new(move |_| (stages.0.get(), stages.1.get()));
    let body = move || {
        match both.get() {
        (Stage::Empty, Stage::Empty) => none(vehicle),
        (of_logs, of_histories) => view! {
            <div class="row"><a class="button main" href=format!("/import?vehicle={vehicle}") data-testid="import">{icon::icon(icon::FILE, 20)} "Import a file"</a></div>
            {section("Logs", of_logs, move || the_logs(logs))}
            {section("Service histories", of_histories, move || the_histories(histories))}
        }
        .into_any(),
    }
    };
    view! { <div class="stack wide">{logs.problem()} {histories.problem()} {body}</div> }.into_any()
}

fn section(title: &'static str, stage: Stage, rows: impl FnOnce() -> AnyView) -> AnyView {
    let body = match stage {
        Stage::Opening => seen::skeleton(3),
        Stage::Empty => return ().into_any(),
        Stage::Rows => rows(),
    };
    view! { <section class="stack"><h2>{title}</h2> {body}</section> }.into_any()
}

fn none(vehicle: VehicleId) -> AnyView {
    view! {
        <div class="empty panel" data-testid="imports-empty">
            {icon::icon(icon::FILE, 32)} <h2>"Nothing imported yet"</h2>
            <p>"Logs that other programs wrote become this vehicle's trends: Torque, Car Scanner, any table with times. Service histories become its records: LubeLogger, Fleetio, any table with days. What cannot be right in them is said."</p>
            <a class="button main" href=format!("/import?vehicle={vehicle}") data-testid="import">{icon::icon(icon::FILE, 20)} "Import a file"</a>
        </div>
    }
    .into_any()
}

fn the_logs(list: Paged<ImportRow>) -> AnyView {
    let head = view! {
        <th scope="col">"File"</th> <th scope="col" class="col-span">"Imported"</th> <th scope="col" class="col-span">"Values from"</th>
        <th scope="col" class="col-short end">"Values"</th> <th scope="col" class="col-short end">"Rejected"</th>
    }
    .into_any();
    table("Logs that were imported", "imports", head, 5, list, NodeRef::<html::Tbody>::new(), |import, at| {
        let file = file(format!("/imports/{}", import.id), &import.name, import.undone.is_some());
        view! {
            <tr data-testid="import-row" data-import=import.id.to_string() aria-rowindex=at>
                {file}
                <td>{locale::time(import.at)} " " <small>{value::ago(import.at)}</small></td>
                <td class="num">{locale::range(import.from, import.to)}</td>
                <td class="num end">{said::whole(import.samples)}</td>
                <td class="num end">{or_none(import.rejected)}</td>
            </tr>
        }
        .into_any()
    })
}

fn the_histories(list: Paged<HistoryRow>) -> AnyView {
    let head = view! {
        <th scope="col">"File"</th> <th scope="col" class="col-span">"Imported"</th> <th scope="col" class="col-span">"Days"</th>
        <th scope="col" class="col-short end">"Records"</th> <th scope="col" class="col-short end">"Doubtful"</th>
    }
    .into_any();
    let name = "Service histories that were imported";
    table(name, "histories", head, 5, list, NodeRef::<html::Tbody>::new(), |import, at| {
        let file = file(format!("/histories/{}", import.id), &import.name, import.undone.is_some());
        view! {
            <tr data-testid="history-row" data-import=import.id.to_string() aria-rowindex=at>
                {file}
                <td>{locale::time(import.at)} " " <small>{value::ago(import.at)}</small></td>
                <td class="num">{history::days(&import.from, &import.to)}</td>
                <td class="num end">{said::whole(import.records)}</td>
                <td class="num end">{or_none(import.flagged)}</td>
            </tr>
        }
        .into_any()
    })
}

fn file(to: String, name: &str, undone: bool) -> AnyView {
    let undone = undone.then(|| view! { " " <span class="tag">"Taken back"</span> });
    view! { <td class="one-line"><a class="row-link" href=to><b>{said::file_name(name)}</b></a> {undone}</td> }
        .into_any()
}

fn or_none(n: u64) -> String {
    if n == 0 { "none".to_owned() } else { said::whole(n) }
}
