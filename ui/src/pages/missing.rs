//! An address that leads nowhere.

use crate::frame;
use leptos::prelude::*;

/// Says so, and where to go.
pub(crate) fn page() -> impl IntoView {
    frame::title("No such page");
    view! {
        <div class="empty">
            <h1>"There is no page at this address"</h1>
            <p>"It may have moved, or the address is incomplete."</p>
            <a class="button main" href="/">"To the fleet"</a>
        </div>
    }
}
