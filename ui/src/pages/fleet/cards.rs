//! Vehicles as cards: plate, name, one big state, the one reason, last seen.

use crate::{
    parts::{icon, paged::Paged, value},
    words,
};
use leptos::{html, prelude::*};
use roadworthy_api::vehicle::VehicleRow;

/// Pixels of a card with the gap below it, and the least width of one with its gap; the style sheet says the same.
const HEIGHT: f64 = 248.0 + 16.0;
const WIDTH: f64 = 304.0 + 16.0;

fn columns(width: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a handful of columns")]
    let columns = ((width + 16.0) / WIDTH) as usize;
    columns.max(1)
}

/// All of them, or those in view.
pub(super) fn cards(vehicles: Paged<VehicleRow>) -> AnyView {
    let node = NodeRef::<html::Div>::new();
    let drawn = vehicles.drawn(node, HEIGHT, columns);
    let one = move |at: usize| {
        let row = vehicles.row(at);
        let content = move || match row.get() {
            Some(row) => card(&row),
            None => {
                view! { <span class="card"><span class="skeleton"></span><span class="unseen">"Reading…"</span></span> }
                    .into_any()
            }
        };
        view! { <li aria-posinset=at + 1 aria-setsize=move || vehicles.count()>{content}</li> }
    };
    view! {
        <div node_ref=node data-testid="fleet">
            <span class="pad" style:height=move || format!("{}px", drawn.get().above)></span>
            // The role is said again, since a list without bullets is none to some readers.
            <ul class="cards" role="list" aria-label="Vehicles"><For each=move || drawn.get().rows key=|at| *at children=one /></ul>
            <span class="pad" style:height=move || format!("{}px", drawn.get().below)></span>
        </div>
    }
    .into_any()
}

fn card(row: &VehicleRow) -> AnyView {
    let title = words::vehicle_title(row);
    let name = row.name.clone().filter(|n| *n != title);
    let known = name.or_else(|| row.vin.clone().filter(|v| *v != title));
    view! {
        <a class="card" href=format!("/vehicles/{}", row.id) data-testid="vehicle-card" data-vehicle=row.id.to_string()>
            <span class="plate one-line">{title}</span>
            <span class="muted one-line">{known}</span>
            <span>{icon::state_badge(row.verdict.state, "")}</span>
            <span class="reason">{row.verdict.reason.clone()}</span>
            <small class="seen">
                {match row.last_seen {
                    Some(at) => view! { "Last seen " {value::ago(at)} }.into_any(),
                    None => "Never checked".into_any(),
                }}
            </small>
        </a>
    }
    .into_any()
}
