//! A check that was cut short: why, what was read by then, and the way to do it again.

use crate::{
    parts::{icon, notice},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{Error, check::CheckReport, id::VehicleId};

/// The notice.
pub(super) fn partial(error: &Error, check: &CheckReport, vehicle: VehicleId) -> AnyView {
    let error = Error { message: format!("This check was cut short: {}", error.message), ..error.clone() };
    let port: String = js_sys::encode_uri_component(&check.port).into();
    let again = view! {
        <a class="button main" href=format!("/check?vehicle={vehicle}&port={port}") data-testid="check-again">{icon::icon(icon::SCAN, 20)} "Check again"</a>
    };
    view! {
        <div class="stack" data-testid="partial">
            {notice::error_with(&error, again)}
            <p>{words::read_by_then(check)}</p>
        </div>
    }
    .into_any()
}
