//! Step one: which file.

use super::desk::Desk;
use crate::parts::{
    choose::{Asked, choose, drop_on},
    icon,
};
use leptos::prelude::*;

const LOG: Asked = Asked { label: "Choose a file…", id: "import-file", accept: "", main: true };

/// The step.
pub(super) fn file(desk: Desk) -> AnyView {
    let open = Callback::new(move |picked| desk.open(picked));
    let inside = view! {
        <h2>"Which file?"</h2>
        <p>
            "A log that another program wrote: Torque, Car Scanner, any table with times, also packed as .gz; a candump log with its DBC file; or a recording that
            Roadworthy saved. Nothing is stored before you have seen how it is read."
        </p>
        {choose(LOG, open)}
        <p class="muted small">"Or drop it here."</p>
    }
    .into_any();
    drop_on(open, inside)
}

/// Which DBC file names the signals of a CAN log; below what the log is taken for.
pub(super) fn dbc(desk: Desk) -> AnyView {
    const DBC: Asked = Asked { label: "Choose a DBC file…", id: "import-dbc", accept: ".dbc", main: false };
    let body = move || {
        match desk.dbc.get() {
        Some(picked) => view! {
            <div class="row">
                <span>"DBC file: " <b>{picked.name}</b></span>
                <button class="button" type="button" on:click=move |_| desk.dbc.set(None)>{icon::icon(icon::CLOSE, 20)} "Without it"</button>
            </div>
        }
        .into_any(),
        None => choose(DBC, Callback::new(move |picked| desk.dbc.set(Some(picked)))),
    }
    };
    view! {
        <div class="stack tight" data-testid="dbc">
            <p class="muted small">"A log of a CAN bus holds frames; a DBC file says which signals are in them."</p>
            {body}
        </div>
    }
    .into_any()
}
