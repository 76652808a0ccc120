//! What passes between this machine and the adapter, line by line, for somebody who wants to see it.

use super::desk::Desk;
use crate::{
    backend::call,
    live::{Act, Live, sessions},
    locale,
    parts::notice,
};
use leptos::prelude::*;
use roadworthy_api::{calls::ShowTraffic, live::RawLine};

/// The switch, and below it the newest lines.
pub(super) fn traffic(desk: Desk) -> AnyView {
    let (id, live, act) = (desk.id, Live::here(), Act::new());
    let on = Memo::new(move |_| live.session(id).is_some_and(|s| s.traffic));
    let open = Memo::new(move |_| live.session(id).is_some_and(|s| sessions::open(&s)));
    // Of a recording nothing passes.
    let recorded = Memo::new(move |_| live.session(id).is_some_and(|s| s.port.starts_with("replay:")));
    let switch = move |ev| {
        let on = event_target_checked(&ev);
        act.run(call(ShowTraffic { session: id, on }), move |s| live.session_changed(s));
    };
    let lines = move || {
        let told = live.traffic.with(|told| told.of(id));
        if told.is_empty() {
            let words = if open.get() { "Nothing has passed yet." } else { "The session is closed." };
            return view! { <p class="muted" role="status">{words}</p> }.into_any();
        }
        view! {
            <div class="scroll traffic" tabindex="0" role="region" aria-label="Traffic">
                <table class="table">
                    <caption class="unseen">"Traffic, newest first"</caption>
                    <thead><tr><th scope="col">"Time"</th> <th scope="col">"Direction"</th> <th scope="col">"ECU"</th> <th scope="col">"Line"</th></tr></thead>
                    <tbody>{told.iter().rev().map(row).collect_view()}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="panel stack" data-testid="live-traffic">
            <label class="choice">
                <input type="checkbox" data-testid="show-traffic" prop:checked=move || on.get() disabled=move || act.busy.get() || !open.get() || recorded.get() on:change=switch />
                "Show what passes between this machine and the adapter"
            </label>
            {move || recorded.get().then(|| view! { <p class="muted">"Of a recording nothing passes: its traffic is what the file holds."</p> })}
            {notice::shown(act.error)}
            {move || on.get().then(lines)}
        </section>
    }
    .into_any()
}

fn row(line: &RawLine) -> AnyView {
    let way = if line.sent { "→ sent" } else { "← came" };
    view! {
        <tr data-testid="traffic-line">
            <td class="num">{locale::clock(line.at, true)}</td> <td>{way}</td> <td>{line.ecu.clone().unwrap_or_default()}</td> <td><code>{line.text.clone()}</code></td>
        </tr>
    }
    .into_any()
}
