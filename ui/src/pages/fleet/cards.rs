//! Vehicles as cards: plate, name, one big state, the one reason, last seen.

use crate::{
    parts::{icon, value, window},
    words,
};
use leptos::{html, prelude::*};
use roadworthy_api::vehicle::VehicleRow;

/// Pixels of a card of a long list with its gap, and the least width of one; the style sheet says the same.
const HEIGHT: f64 = 208.0 + 16.0;
const WIDTH: f64 = 304.0 + 16.0;

/// All of them, or those in view.
pub(super) fn cards(rows: Vec<VehicleRow>) -> AnyView {
    if rows.len() <= window::ALL {
        return view! { <div class="cards" data-testid="fleet">{rows.iter().map(card).collect_view()}</div> }
            .into_any();
    }
    let (top, view, _) = window::viewport();
    let node = NodeRef::<html::Div>::new();
    let rows = StoredValue::new(rows);
    let drawn = Memo::new(move |_| {
        let (above, width) = node
            .get()
            .map_or((0.0, 1200.0), |n| (-n.get_bounding_client_rect().top(), n.get_bounding_client_rect().width()));
        // Read so that scrolling asks again.
        let _ = top.get();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a handful of columns")]
        let columns = (((width + 16.0) / WIDTH) as usize).max(1);
        let count = rows.with_value(Vec::len);
        let drawn = window::in_view(count, columns, HEIGHT, above, view.get());
        (window::space(count, columns, HEIGHT, &drawn), drawn)
    });
    let shown = move || {
        let (_, drawn) = drawn.get();
        rows.with_value(|rows| rows.get(drawn).unwrap_or_default().iter().map(card).collect_view())
    };
    view! {
        <div node_ref=node data-testid="fleet">
            <span class="pad" style:height=move || format!("{}px", drawn.get().0.0)></span>
            <div class="cards virtual">{shown}</div>
            <span class="pad" style:height=move || format!("{}px", drawn.get().0.1)></span>
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
            <span class="plate">{title}</span>
            <span class="muted">{known}</span>
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
