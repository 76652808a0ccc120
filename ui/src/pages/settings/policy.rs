//! What may be decided without a person.

use super::adapters::change;
use crate::{
    live::{Act, fetch},
    parts::notice,
};
use leptos::prelude::*;
use roadworthy_api::calls::GetSettings;

/// The panel.
#[component]
pub(super) fn Policy() -> impl IntoView {
    let settings = fetch(|| Some(GetSettings {}));
    let (on, act) = (RwSignal::new(false), Act::new());
    Effect::new(move |_| settings.value.with(|s| s.iter().for_each(|s| on.set(s.auto_approve_critical))));
    let pick = move |event| {
        let wanted = event_target_checked(&event);
        on.set(wanted);
        act.run(change(move |s| s.auto_approve_critical = wanted), |()| ());
    };
    view! {
        <section class="panel stack" id="policy">
            <h2>"Decisions"</h2>
            <label class="choice">
                <input type="checkbox" data-testid="auto-approve" prop:checked=move || on.get() on:change=pick />
                "Approve critical work without asking"
            </label>
            <small>"Off: every proposal waits under Alerts for a person. On: what says act now is approved at once, and its history says that this switch did it."</small>
            {notice::shown(act.error)}
        </section>
    }
}
