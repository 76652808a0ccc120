//! Adapters, look, shop, and the installation itself.

mod adapters;
mod events;
mod look;
mod system;

use crate::frame;
use leptos::prelude::*;

/// The page.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    frame::title("Settings");
    view! {
        <div class="stack wide">
            <h1>"Settings"</h1>
            <div class="columns">
                <div class="stack wide"><adapters::Adapters /> <look::Look /></div>
                <div class="stack wide"><system::System /> <events::Events /></div>
            </div>
        </div>
    }
}
