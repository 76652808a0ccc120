//! Looking for adapters that have to be called, with what it does, how many it found, and a way to stop it.

use super::{icon, notice};
use crate::{
    backend::call,
    live::{Act, Fetched, Live},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::{CancelJob, ScanPorts},
    check::Outcome,
    job::{Job, JobKind, JobState},
    port::PortInfo,
};

/// A button, and below it the scan that runs or what came of it. `ports` is read again whenever something was found.
pub(crate) fn scan(ports: Fetched<Vec<PortInfo>>) -> (AnyView, AnyView) {
    let (live, act, stop) = (Live::here(), Act::new(), Act::new());
    let newest = Memo::new(move |_| live.jobs.with(|jobs| jobs.iter().find(|j| j.kind == JobKind::Scan).cloned()));
    let running = Memo::new(move |_| newest.with(|j| j.as_ref().is_some_and(|j| j.state == JobState::Running)));
    let found = Memo::new(move |_| newest.with(|j| j.as_ref().map(|j| (j.id, j.done))));
    Effect::new(move |before: Option<Option<_>>| {
        let now = found.get();
        if before.is_some_and(|before| before != now) {
            ports.again();
        }
        now
    });
    let button = view! {
        <button class="button" type="button" data-testid="scan" disabled=move || running.get() || act.busy.get()
            on:click=move |_| act.run(call(ScanPorts {}), |_| ())>
            {icon::icon(icon::SEARCH, 20)} "Search wireless"
        </button>
    };
    let cancel = move |_| {
        if let Some(job) = newest.with_untracked(|j| j.as_ref().map(|j| j.id)) {
            stop.run(call(CancelJob { job }), |()| ());
        }
    };
    let progress = move || {
        running.get().then(|| {
            let doing = move || newest.with(|j| j.as_ref().map(line).unwrap_or_default());
            view! {
                <div class="row" data-testid="scanning">
                    <p role="status">{doing}</p>
                    <button class="button" type="button" on:click=cancel>"Stop"</button>
                </div>
            }
        })
    };
    let outcome = move || {
        let job = newest.get().filter(|j| j.state != JobState::Running)?;
        let skipped = job.steps.iter().flat_map(|s| &s.answers).filter_map(|a| match &a.outcome {
            Outcome::NotAsked { reason } => Some(notice::plain(reason)),
            _ => None,
        });
        let said = match &job.state {
            JobState::Made { name } => {
                view! { <p role="status" data-testid="scanned">{name.clone()} "."</p> }.into_any()
            }
            JobState::Failed { error } => notice::error(error),
            _ => ().into_any(),
        };
        Some(view! { <div class="stack tight">{said} {skipped.collect_view()}</div> })
    };
    let below = view! { {progress} {outcome} {notice::shown(act.error)} {notice::shown(stop.error)} };
    (button.into_any(), below.into_any())
}

fn line(job: &Job) -> String {
    match job.done {
        0 => format!("{}…", job.doing),
        n => format!("{}… {} so far.", job.doing, words::count(u64::from(n), "adapter")),
    }
}
