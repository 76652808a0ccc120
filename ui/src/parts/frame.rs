//! A freeze frame's values.

use super::value;
use leptos::prelude::*;
use roadworthy_api::check::FreezeFrame;

/// The values, each with its unit.
pub(crate) fn values(frame: &FreezeFrame) -> AnyView {
    if frame.items.is_empty() {
        return view! { <p class="muted">"The ECU names its cause but gave no values."</p> }.into_any();
    }
    view! { <div class="values">{frame.items.iter().map(value::line).collect_view()}</div> }.into_any()
}
