//! Vehicles as a table that sorts by any column.

use super::order::{Column, Order};
use crate::{
    parts::{icon, value, window},
    words,
};
use leptos::{html, prelude::*};
use roadworthy_api::vehicle::VehicleRow;

/// Pixels of a row; the style sheet says the same.
const HEIGHT: f64 = 56.0;

/// All rows, or those in view.
pub(super) fn table(rows: Vec<VehicleRow>, order: RwSignal<Order>) -> AnyView {
    let head = move |column: Column| {
        let sorted = move || order.get().column == column;
        let direction = move || match (sorted(), order.get().back) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        let arrow = move || sorted().then(|| icon::icon(if order.get().back { icon::UP } else { icon::DOWN }, 16));
        view! {
            <th scope="col" aria-sort=direction>
                <button class="button" type="button" on:click=move |_| order.update(|o| *o = o.pressed(column))>{column.title()} {arrow}</button>
            </th>
        }
    };
    let (top, view, _) = window::viewport();
    let node = NodeRef::<html::Tbody>::new();
    let count = rows.len();
    let rows = StoredValue::new(rows);
    let drawn = Memo::new(move |_| {
        let above = node.get().map_or(0.0, |n| -n.get_bounding_client_rect().top());
        // Read so that scrolling asks again.
        let _ = top.get();
        let drawn = window::in_view(count, 1, HEIGHT, above, view.get());
        (window::space(count, 1, HEIGHT, &drawn), drawn)
    });
    let shown = move || {
        let (_, drawn) = drawn.get();
        rows.with_value(|rows| rows.get(drawn).unwrap_or_default().iter().map(row).collect_view())
    };
    let pad = move |height: f64| {
        (height > 0.0)
            .then(|| view! { <tr aria-hidden="true" style:height=format!("{height}px")><td colspan="6"></td></tr> })
    };
    view! {
        <div class="panel scroll">
            <table class="table rows" data-testid="fleet" aria-rowcount=count>
                <caption class="unseen">"Vehicles"</caption>
                <thead><tr>{Column::ALL.map(head)} <th scope="col">"Reason"</th></tr></thead>
                <tbody node_ref=node>{move || pad(drawn.get().0.0)} {shown} {move || pad(drawn.get().0.1)}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(row: &VehicleRow) -> AnyView {
    let href = format!("/vehicles/{}", row.id);
    let title = row.plate.clone().unwrap_or_else(|| words::vehicle_title(row));
    view! {
        <tr data-testid="vehicle-card" data-vehicle=row.id.to_string()>
            <td>{icon::state_badge(row.verdict.state, "tight")}</td>
            <td><a href=href><b>{title}</b></a></td>
            <td class="one-line">{row.name.clone()}</td>
            <td><code>{row.vin.clone()}</code></td>
            <td class="num">{row.last_seen.map_or_else(|| "never".into_any(), value::ago)}</td>
            <td class="one-line" title=row.verdict.reason.clone()>{row.verdict.reason.clone()}</td>
        </tr>
    }
    .into_any()
}
