//! Files whose values became the vehicle's, newest first; those that were undone stay in the list.

use crate::{
    locale,
    parts::{
        icon,
        paged::{Stage, paged},
        seen,
        table::table,
        value,
    },
    words::import as said,
};
use leptos::{html, prelude::*};
use roadworthy_api::{calls::ListImports, id::VehicleId, import::ImportRow};

/// The tab.
pub(super) fn imports(vehicle: VehicleId) -> AnyView {
    let list = paged(move |offset, limit| ListImports { vehicle: Some(vehicle), offset, limit });
    let stage = list.stage();
    let body = move || match stage.get() {
        Stage::Opening => seen::skeleton(4),
        Stage::Empty => none(vehicle),
        Stage::Rows => {
            let head = view! {
                <th scope="col">"File"</th> <th scope="col" class="col-when">"Imported"</th> <th scope="col" class="col-span">"Values from"</th>
                <th scope="col" class="col-short end">"Values"</th> <th scope="col" class="col-short end">"Unreadable"</th>
            }
            .into_any();
            table("Imports", "imports", head, 5, list, NodeRef::<html::Tbody>::new(), |import, at| row(&import, at))
        }
    };
    let tools = move || {
        (stage.get() == Stage::Rows).then(|| {
            view! { <div class="row"><a class="button main" href=format!("/import?vehicle={vehicle}") data-testid="import">{icon::icon(icon::FILE, 20)} "Import a log"</a></div> }
        })
    };
    view! { <div class="stack">{list.problem()} {tools} {body}</div> }.into_any()
}

fn none(vehicle: VehicleId) -> AnyView {
    view! {
        <div class="empty panel" data-testid="imports-empty">
            {icon::icon(icon::FILE, 32)} <h2>"Nothing imported yet"</h2>
            <p>"Logs that other programs wrote become this vehicle's trends: Torque, Car Scanner, any table with times. What cannot be right in them is said."</p>
            <a class="button main" href=format!("/import?vehicle={vehicle}") data-testid="import">{icon::icon(icon::FILE, 20)} "Import a log"</a>
        </div>
    }
    .into_any()
}

fn row(import: &ImportRow, at: usize) -> AnyView {
    let undone = import.undone.map(|_| view! { " " <span class="tag">"Taken back"</span> });
    view! {
        <tr data-testid="import-row" data-import=import.id.to_string() aria-rowindex=at>
            <td class="one-line">
                <a class="row-link" href=format!("/imports/{}", import.id)><b>{said::file_name(import)}</b></a> {undone}
            </td>
            <td>{locale::time(import.at)} " " <small>{value::ago(import.at)}</small></td>
            <td class="num">{locale::range(import.from, import.to)}</td>
            <td class="num end">{said::whole(import.samples)}</td>
            <td class="num end">{if import.rejected == 0 { "none".to_owned() } else { said::whole(import.rejected) }}</td>
        </tr>
    }
    .into_any()
}
