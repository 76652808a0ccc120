//! The journal in words, newest first.

use crate::{
    live::fetch,
    parts::{icon, seen, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{calls::ListEvents, journal::EventRow};

const STEP: u32 = 20;

/// The panel.
#[component]
pub(super) fn Events() -> impl IntoView {
    let limit = RwSignal::new(STEP);
    let rows = fetch(move || Some(ListEvents { before: None, limit: limit.get() }));
    let list = move |rows: Vec<EventRow>| {
        if rows.is_empty() {
            return view! { <p class="muted">"Nothing has happened yet."</p> }.into_any();
        }
        let more = (rows.len() >= limit.get_untracked() as usize).then(|| {
            view! { <button class="button" type="button" on:click=move |_| limit.update(|l| *l += STEP * 5)>"Show more"</button> }
        });
        view! {
            <div class="scroll" tabindex="0" role="region" aria-label="What happened">
                <table class="table small">
                    <caption class="unseen">"Events"</caption>
                    <thead><tr><th scope="col">"When"</th> <th scope="col">"What, and who did it"</th></tr></thead>
                    <tbody>{rows.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
            {more}
        }
        .into_any()
    };
    view! {
        <section class="panel stack" id="events">
            <div class="row apart"><h2>"What happened"</h2> <a class="button plain" href="/timeline">{icon::icon(icon::VISITS, 20)} "Timeline, with filters"</a></div>
            <small>"Every change, in the order it arrived here; nothing in this list can be altered unseen."</small>
            {seen::seen(rows, 6, list)}
        </section>
    }
}

fn row(event: &EventRow) -> AnyView {
    view! {
        <tr data-testid="event-row">
            <td class="num">{value::when(event.at)}</td>
            <td>{event.summary.clone()} <br /> <span class="muted">{words::actor(&event.actor)} " · " <code>{event.kind.clone()}</code></span></td>
        </tr>
    }
    .into_any()
}
