//! Adapters that were measured, what each is fit for, and measuring one.

mod passport;

use crate::{
    backend::call,
    live::{Act, Fetched, Live, fetch},
    parts::{icon, notice, ports::Ports, seen},
};
use leptos::{ev, prelude::*};
use roadworthy_api::{
    adapter::AdapterRow,
    calls::{CancelJob, ListAdapters, StartAdapterTest},
    id::JobId,
    job::{Job, JobKind, JobState},
};

/// The tab.
pub(super) fn adapters() -> AnyView {
    let list = fetch(|| Some(ListAdapters {}));
    let test = Test::new(list);
    let body = move |rows: Vec<AdapterRow>| {
        if rows.is_empty() {
            return view! {
                <div class="empty panel" data-testid="adapters-empty">
                    {icon::icon(icon::PLUG, 32)} <h2>"No adapter was measured yet"</h2>
                    <p>"Choose one below and measure it, best while it sits in a vehicle with the ignition on: what it says of itself is often not true."</p>
                </div>
            }
            .into_any();
        }
        let row = move |row| passport::passport(row, test);
        view! { <ul class="stack wide" aria-label="Adapters">{rows.into_iter().map(row).collect_view()}</ul> }
            .into_any()
    };
    view! {
        <div class="stack wide">
            {test.view()}
            {seen::seen(list, 3, body)}
            {choose(test)}
        </div>
    }
    .into_any()
}

/// A measurement that was asked for here.
#[derive(Clone, Copy)]
struct Test {
    mine: RwSignal<Option<JobId>>,
    act: Act,
}

impl Test {
    fn new(list: Fetched<Vec<AdapterRow>>) -> Self {
        let live = Live::here();
        let mine = RwSignal::new(None);
        let ended =
            Memo::new(move |_| mine.get().and_then(|id| live.job(id)).is_some_and(|j| j.state != JobState::Running));
        Effect::new(move |_| {
            if ended.get() {
                list.again();
            }
        });
        Self { mine, act: Act::new() }
    }

    /// Whether one runs, from wherever it was asked for.
    fn busy(self) -> bool {
        self.act.busy.get() || Live::here().running(JobKind::Adapter).is_some()
    }

    fn start(self, port: String) {
        self.act.run(call(StartAdapterTest { port, baud: None }), move |id| {
            let _ = self.mine.try_set(Some(id));
        });
    }

    /// How far it is, or what came of it.
    fn view(self) -> AnyView {
        let (live, stop) = (Live::here(), Act::new());
        let running = Memo::new(move |_| live.running(JobKind::Adapter));
        let busy = Memo::new(move |_| running.with(Option::is_some));
        let progress = move || {
            busy.get().then(|| {
                let of = move |read: fn(&Job) -> String| running.with(|j| j.as_ref().map(read).unwrap_or_default());
                let cancel = move |_| {
                    if let Some(job) = running.with_untracked(|j| j.as_ref().map(|j| j.id)) {
                        stop.run(call(CancelJob { job }), |()| ());
                    }
                };
                view! {
                    <section class="panel stack tight" data-testid="measuring">
                        <h2>{move || of(|j| j.title.clone())}</h2>
                        <p class="doing" role="status">{move || of(|j| j.doing.clone())}</p>
                        <div class="buttons"><button class="button" type="button" on:click=cancel>"Stop"</button></div>
                    </section>
                }
            })
        };
        let outcome = move || match self.mine.get().and_then(|id| live.job(id)).map(|j| j.state) {
            Some(JobState::Failed { error }) => notice::error(&error),
            Some(JobState::Running) | None => ().into_any(),
            Some(_) => notice::fine("Measured: what it is fit for stands below."),
        };
        view! { {progress} {outcome} {notice::shown(self.act.error)} {notice::shown(stop.error)} }.into_any()
    }
}

/// Measuring one by its port.
fn choose(test: Test) -> AnyView {
    let ports = Ports::new(Memo::new(|_| None));
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let Some(taken) = ports.take() {
            test.start(taken.port);
        }
    };
    view! {
        <form class="stack" novalidate on:submit=submit>
            {ports.view()}
            <div class="buttons">
                <button class="button main" type="submit" data-testid="measure" disabled=move || test.busy()>
                    {icon::icon(icon::GAUGE, 20)} "Measure this adapter"
                </button>
                <small>"Some seconds. It only reads, writes nothing into the adapter, and works without a vehicle too, then with less to say."</small>
            </div>
        </form>
    }
    .into_any()
}
