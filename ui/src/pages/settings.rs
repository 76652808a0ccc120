//! Adapters, look, shop, what is kept and for how long, what is decided without a person. How the installation is stands under System.

mod adapters;
mod keeping;
mod look;
mod policy;

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
                <div class="stack wide"><keeping::Keeping /> <policy::Policy /></div>
            </div>
        </div>
    }
}
