//! The journal: whether its chain holds, and what happened.

use super::events::Events;
use crate::{
    backend::call,
    live::Act,
    locale,
    parts::{icon, notice},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::VerifyJournal,
    journal::{BlockFault, ChainFault, VerifyReport},
};

/// The tab.
pub(super) fn chain() -> AnyView {
    let (act, verified) = (Act::new(), RwSignal::new(None::<VerifyReport>));
    let verify = move |_| {
        verified.set(None);
        act.run(call(VerifyJournal {}), move |report| drop(verified.try_set(Some(report))));
    };
    view! {
        <div class="stack wide">
            <section class="panel stack">
                <h2>"Does the chain hold?"</h2>
                <p class="muted">"Every event is hashed with the one before it, and every block of values is named by its hash. This checks them all."</p>
                <div class="buttons" aria-live="polite">
                    <button class="button" type="button" data-testid="verify-journal" disabled=move || act.busy.get() on:click=verify>
                        {icon::icon(icon::SHIELD, 20)} {move || if act.busy.get() { "Checking every event…" } else { "Verify the journal" }}
                    </button>
                </div>
                {notice::shown(act.error)}
                {move || verified.get().map(report)}
            </section>
            <Events />
        </div>
    }
    .into_any()
}

fn report(report: VerifyReport) -> AnyView {
    let checked = words::list(&[
        words::count(report.events, "event"),
        words::count(report.blocks, "block"),
        words::count(report.devices.into(), "device"),
    ]);
    let faults = report.faults.len() + report.block_faults.len();
    if faults == 0 {
        let head: String = report.head.chars().take(16).collect();
        return view! { <div data-testid="verified" data-ok="true">{notice::fine(format!("The chain holds: {checked} checked. Newest hash {head}…"))}</div> }
            .into_any();
    }
    let event = |f: &ChainFault| view! { <li>{format!("Device {}, event {}: {}", f.device, f.seq, f.problem)}</li> };
    let block = |f: &BlockFault| {
        let which = f.block.map_or_else(|| "A block that is not there".to_owned(), |n| format!("Block {n}"));
        view! { <li>{format!("{which}, {}, from {}: {}", f.signal, locale::time(f.from), f.problem)}</li> }
    };
    view! {
        <div class="stack" data-testid="verified" data-ok="false">
            {notice::mild(
                format!("The chain does not hold: {} in {checked}.", words::count(faults as u64, "fault")),
                "Keep a copy of the database as it is, export the log, and restore a backup from before.",
            )}
            <ul class="bullets">{report.faults.iter().map(event).collect_view()} {report.block_faults.iter().map(block).collect_view()}</ul>
        </div>
    }
    .into_any()
}
