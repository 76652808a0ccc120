//! Which DBC file names the signals of a CAN log; below what the log is taken for.

use super::log::Logs;
use crate::parts::{
    choose::{Asked, choose},
    icon,
};
use leptos::prelude::*;
use roadworthy_api::import::Layout;

const DBC: Asked = Asked { label: "Choose a DBC file…", id: "import-dbc", accept: ".dbc", main: false };

/// The field; nothing where the file is no log of a bus.
pub(super) fn dbc(desk: Logs) -> AnyView {
    // A log of a bus says so, by its own error as long as there is no DBC file.
    let bus = Memo::new(move |_| {
        let frames = desk.preview.with(|p| p.as_ref().is_some_and(|p| p.mapping.layout == Layout::Candump));
        frames
            || desk.dbc.with(Option::is_some)
            || desk.preview.with(Option::is_none) && desk.error.with(Option::is_some)
    });
    (move || bus.get().then(|| field(desk))).into_any()
}

fn field(desk: Logs) -> AnyView {
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
