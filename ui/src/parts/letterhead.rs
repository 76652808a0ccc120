//! What stands at the head of a page on paper: whose shop, what it is, which vehicle.

use crate::{live::fetch, words};
use leptos::prelude::*;
use roadworthy_api::{
    calls::{GetSettings, GetVehicle},
    id::VehicleId,
};

/// The shop's name and what this is; on paper only.
pub(crate) fn letterhead(what: &'static str) -> AnyView {
    let settings = fetch(|| Some(GetSettings {}));
    let shop = move || settings.value.with(|s| s.as_ref().map(|s| s.shop_name.clone())).unwrap_or_default();
    view! { <p class="print-only"><b>{shop}</b> " " {what}</p> }.into_any()
}

/// Plate, else name, else VIN; with the VIN beside it.
pub(crate) fn vehicle(vehicle: VehicleId) -> AnyView {
    let detail = fetch(move || Some(GetVehicle { vehicle }));
    (move || {
        detail.value.with(|d| {
            d.as_ref().map(|d| {
                let title = words::vehicle_title(&d.row);
                let vin = d.row.vin.clone().filter(|v| *v != title);
                view! { <b>{title}</b> {vin.map(|v| view! { " · VIN " <code>{v}</code> })} }
            })
        })
    })
    .into_any()
}
