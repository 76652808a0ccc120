//! Step one: which file.

use super::address::Address;
use crate::parts::choose::{Asked, choose, drop_on};
use leptos::prelude::*;

const FILE: Asked = Asked { label: "Choose a file…", id: "import-file", accept: "", main: true };

/// The step.
pub(super) fn file(address: Address) -> AnyView {
    let open = Callback::new(move |picked| address.take(picked));
    let inside = view! {
        <h2>"Which file?"</h2>
        <p>
            <b>"A log"</b> " that another program wrote: Torque, Car Scanner, any table with times, also packed as .gz; a candump log with its DBC file; or a
            recording that Roadworthy saved."
        </p>
        <p><b>"A service history"</b> ": what LubeLogger or Fleetio exported, any table with days, or what Roadworthy saved."</p>
        <p>"Which of them it is, is seen in the file. Nothing is stored before you have seen how it is read."</p>
        {choose(FILE, open)}
        <p class="muted small">"Or drop it here."</p>
    }
    .into_any();
    drop_on(open, inside)
}
