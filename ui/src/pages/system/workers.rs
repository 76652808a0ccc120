//! Workers: what each does just now, how far behind it is, why it failed; and the events they gave up on.

use super::watched;
use crate::{
    backend::call,
    live::{Act, Fetched},
    parts::{icon, notice, seen, toast::Toasts, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::{DropDeadEvent, ListDeadEvents, ListWorkers, PauseWorker, RetryDeadEvent},
    vehicle::Page,
    work::{DeadEvent, WorkerReport, WorkerRow, WorkerState},
};

/// Dead events shown at once.
const DEAD: u32 = 100;

/// The tab.
pub(super) fn workers() -> AnyView {
    let report = watched(|| ListWorkers {});
    let dead = watched(|| ListDeadEvents { offset: 0, limit: DEAD });
    // Each row keeps its elements, and with them the focus, while figures change under it.
    let rows = Memo::new(move |_| report.value.with(|r| r.as_ref().map(|r| r.workers.clone()).unwrap_or_default()));
    let row = move |first: WorkerRow| {
        let name = first.name.clone();
        let now = Memo::new(move |_| {
            rows.with(|all| all.iter().find(|w| w.name == name).cloned()).unwrap_or_else(|| first.clone())
        });
        worker(now, report)
    };
    let where_at = move || report.value.with(|r| r.as_ref().map(whose));
    let there = Memo::new(move |_| report.value.with(Option::is_some));
    let failed = Memo::new(move |_| report.error.with(Option::is_some));
    let list = move || {
        if !there.get() {
            return if failed.get() { ().into_any() } else { seen::skeleton(5) };
        }
        view! { <ul class="workers"><For each=move || rows.get() key=|w| w.name.clone() children=row /></ul> }
            .into_any()
    };
    view! {
        <div class="stack wide">
            <section class="panel stack">
                <h2>"Workers"</h2>
                <p class="muted" role="status">{where_at}</p>
                {notice::shown(report.error)}
                {list}
            </section>
            <section class="panel stack">
                <h2>"Events that were given up"</h2>
                {seen::seen(dead, 2, move |page| given_up(page, dead))}
            </section>
        </div>
    }
    .into_any()
}

fn whose(report: &WorkerReport) -> String {
    match (report.here, report.process) {
        (true, _) => "This program runs them.".into(),
        (false, Some(process)) => format!("Another Roadworthy on this machine runs them (process {process})."),
        (false, None) => "No program runs them just now: what happens is kept, and waits.".into(),
    }
}

fn worker(now: Memo<WorkerRow>, report: Fetched<WorkerReport>) -> AnyView {
    let act = Act::new();
    let name = now.with_untracked(|w| w.name.clone());
    let (title, id, label) = (words::sentence_case(&name), name.clone(), name.clone());
    let paused = Memo::new(move |_| now.with(|w| w.state == WorkerState::Paused));
    let pause = move |_| {
        let paused = !paused.get_untracked();
        act.run(call(PauseWorker { worker: name.clone(), paused }), move |()| report.again());
    };
    let state = move || {
        let (tone, word, more) = now.with(|w| words::worker_state(&w.state, w.lag));
        view! { {icon::tone_badge(tone, word)} {(!more.is_empty()).then(|| view! { " " <small>{more}</small> })} }
    };
    let facts = move || {
        now.with(|w| {
            let dead = (w.dead > 0).then(|| format!(" · {} given up", words::count(w.dead.into(), "event")));
            view! { {words::count(w.handled, "event")} " handled · " {words::lag(w.lag, w.lag_ms)} {dead} }
        })
    };
    let failure = move || {
        now.with(|w| w.last_failure.clone())
            .map(|(at, why)| view! { <p class="small">"Last failure, " {value::when(at)} ": " {why}</p> })
    };
    view! {
        <li data-testid="worker-row" data-worker=id>
            <div class="stack tight">
                <div class="row"><b>{title}</b> <span class="row" aria-live="polite">{state}</span></div>
                <p class="muted small">{now.with_untracked(|w| w.does.clone())}</p>
                <p class="small num wrap">{facts}</p>
                {failure}
                {notice::shown(act.error)}
            </div>
            <button class="button" type="button" data-testid="pause-worker" disabled=move || act.busy.get() on:click=pause
                aria-label=move || format!("{} {label}", if paused.get() { "Let go on:" } else { "Pause" })>
                {move || if paused.get() { icon::icon(icon::GO_ON, 20) } else { icon::icon(icon::PAUSE, 20) }}
                {move || if paused.get() { "Go on" } else { "Pause" }}
            </button>
        </li>
    }
    .into_any()
}

fn given_up(page: Page<DeadEvent>, list: Fetched<Page<DeadEvent>>) -> AnyView {
    if page.rows.is_empty() {
        return view! { <p class="muted">"None. An event is given up after many tries, and never silently."</p> }
            .into_any();
    }
    let more = page.total.saturating_sub(DEAD);
    let more = (more > 0).then(|| notice::plain(format!("{more} older ones stand behind these.")));
    view! { <ul class="workers">{page.rows.into_iter().map(|row| dead(row, list)).collect_view()}</ul> {more} }
        .into_any()
}

fn dead(row: DeadEvent, list: Fetched<Page<DeadEvent>>) -> AnyView {
    let (act, toasts, asking) = (Act::new(), Toasts::here(), RwSignal::new(false));
    let (worker, arrival) = (row.worker.clone(), row.arrival);
    let again = move |_| {
        act.run(call(RetryDeadEvent { worker: worker.clone(), arrival }), move |()| {
            toasts.say("The worker tries it again.");
            list.again();
        });
    };
    let worker = row.worker.clone();
    let discard = move |_| {
        act.run(call(DropDeadEvent { worker: worker.clone(), arrival }), move |()| {
            toasts.say(if arrival == 0 {
                "Dropped. The recordings keep the values."
            } else {
                "Dropped. The event itself stays in the journal."
            });
            list.again();
        });
    };
    let discard = Callback::new(discard);
    // Values have no event of their own, so all that the worker gave up on go together.
    let warning = match arrival {
        0 => {
            "The worker will never look at any of the values that it gave up on, and this cannot be undone. The recordings keep them."
        }
        _ => {
            "The worker will never handle this event, and this cannot be undone. The event itself stays in the journal."
        }
    };
    let buttons = move || {
        if asking.get() {
            return view! {
                <button class="button danger" type="button" data-testid="drop-dead-sure" disabled=move || act.busy.get() on:click=move |_| discard.run(())>"Drop it for good"</button>
                <button class="button" type="button" on:click=move |_| asking.set(false)>"Keep it"</button>
            }
            .into_any();
        }
        view! { <button class="button" type="button" data-testid="drop-dead" on:click=move |_| asking.set(true)>{icon::icon(icon::REMOVE, 20)} "Drop"</button> }.into_any()
    };
    view! {
        <li data-testid="dead-event">
            <div class="stack tight">
                <p><b>{row.summary}</b></p>
                <p class="small">{row.cause}</p>
                <p class="muted small">{words::sentence_case(&row.worker)} " · " {words::tried(row.attempts)} " · " {value::when(row.at)}</p>
                {move || asking.get().then(|| view! { <p class="small">{warning}</p> })}
                {notice::shown(act.error)}
            </div>
            <div class="buttons">
                <button class="button" type="button" data-testid="retry-dead" disabled=move || act.busy.get() on:click=again>{icon::icon(icon::AGAIN, 20)} "Try again"</button>
                {buttons}
            </div>
        </li>
    }
    .into_any()
}
