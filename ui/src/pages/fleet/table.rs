//! Vehicles as a table that sorts by any column.

use super::order::{self, Order};
use crate::{
    parts::{icon, paged::Paged, table, value},
    words,
};
use leptos::{html, prelude::*};
use roadworthy_api::vehicle::{VehicleOrder, VehicleRow};

/// All rows, or those in view.
pub(super) fn table(vehicles: Paged<VehicleRow>, order: RwSignal<Order>) -> AnyView {
    let head = move |column: VehicleOrder| {
        let arrow = move || {
            let order = order.get();
            (order.column == column)
                .then(|| icon::icon(if order.direction(column) == "ascending" { icon::UP } else { icon::DOWN }, 16))
        };
        view! {
            <th scope="col" class=format!("col-{}", order::key(column)) aria-sort=move || order.get().direction(column)>
                <button class="button" type="button" on:click=move |_| order.update(|o| *o = o.pressed(column))>
                    {order::title(column)} {arrow}
                </button>
            </th>
        }
    };
    let head = view! { {order::COLUMNS.map(head)} <th scope="col">"Reason"</th> }.into_any();
    let node = NodeRef::<html::Tbody>::new();
    table::table("Vehicles", "fleet", head, 6, vehicles, node, |row, at| one(&row, at))
}

fn one(row: &VehicleRow, at: usize) -> AnyView {
    let href = format!("/vehicles/{}", row.id);
    let title = row.plate.clone().filter(|p| !p.trim().is_empty()).unwrap_or_else(|| words::vehicle_title(row));
    view! {
        <tr data-testid="vehicle-card" data-vehicle=row.id.to_string() aria-rowindex=at>
            <td>{icon::state_badge(row.verdict.state, "tight")}</td>
            <td class="one-line"><a class="row-link" href=href><b>{title}</b></a></td>
            <td class="one-line">{row.name.clone()}</td>
            <td><code>{row.vin.clone()}</code></td>
            <td class="num">{row.last_seen.map_or_else(|| "never".into_any(), value::ago)}</td>
            <td class="one-line" title=row.verdict.reason.clone()>{row.verdict.reason.clone()}</td>
        </tr>
    }
    .into_any()
}
