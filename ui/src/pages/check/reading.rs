//! Step two: each question as it is asked, each ECU as it answers, time left, cancel. Leads to the result by itself.

use crate::{
    backend::call,
    live::{Act, Live, fetch},
    locale,
    parts::{icon, notice, seen},
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use roadworthy_api::{
    Code, Error,
    calls::{CancelJob, GetJob},
    id::JobId,
    job::{Job, JobState, Step},
};

/// The step.
#[component]
pub(super) fn Reading(
    /// The job that reads.
    job: JobId,
) -> impl IntoView {
    let live = Live::here();
    let asked = fetch(move || Some(GetJob { job }));
    // News come by themselves; the answer to the question matters after a reload, before the first of them.
    let now = Memo::new(move |_| live.job(job).or_else(|| asked.value.get()));
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(JobState::Done { visit, .. }) = now.with(|j| j.as_ref().map(|j| j.state.clone())) {
            // In place of this address: going back must not lead to a check that has ended.
            navigate(&format!("/visits/{visit}?new=1"), NavigateOptions { replace: true, ..Default::default() });
        }
    });
    let state = Memo::new(move |_| now.with(|j| j.as_ref().map(|j| j.state.clone())));
    let act = Act::new();
    move || match state.get() {
        None => match asked.error.get() {
            Some(error) => ended(&error),
            None => seen::skeleton(5),
        },
        Some(JobState::Failed { error }) => ended(&error),
        Some(JobState::Cleared { cleared }) => super::cleared::cleared(&cleared),
        Some(JobState::Running | JobState::Done { .. } | JobState::Made { .. } | JobState::Exported { .. }) => {
            progress(job, now, act)
        }
    }
}

fn progress(id: JobId, now: Memo<Option<Job>>, act: Act) -> AnyView {
    let of = move |read: fn(&Job) -> u32| now.with(|j| j.as_ref().map_or(0, read));
    let doing = Memo::new(move |_| now.with(|j| j.as_ref().map(|j| j.doing.clone()).unwrap_or_default()));
    let title = Memo::new(move |_| now.with(|j| j.as_ref().map(|j| j.title.clone()).unwrap_or_default()));
    let left = move || {
        now.with(|j| j.as_ref().and_then(|j| j.left_ms).map(locale::left))
            .unwrap_or_else(|| "time left not known yet".into())
    };
    let count = move || match (of(|j| j.done), of(|j| j.total)) {
        (_, 0) => "How many questions there are is known once the vehicle answers".to_owned(),
        (done, total) => format!("{done} of {total} questions · {}", left()),
    };
    let steps = move || now.with(|j| j.as_ref().map(|j| j.steps.iter().rev().map(step).collect_view()));
    let any = Memo::new(move |_| now.with(|j| j.as_ref().is_some_and(|j| !j.steps.is_empty())));
    let asked = move || {
        any.get()
            .then(|| view! { <section class="panel"><h2>"Asked so far"</h2> <ul class="asked">{steps}</ul></section> })
    };
    view! {
        <section class="panel stack" data-testid="check-progress">
            <h2>{title}</h2>
            <p class="doing" aria-live="polite">{doing}</p>
            <progress aria-label="Progress" max=move || of(|j| j.total).max(1) prop:value=move || of(|j| j.done)></progress>
            <div class="row apart">
                <span>{count}</span>
                <button class="button" type="button" data-testid="cancel-check" disabled=move || act.busy.get()
                    on:click=move |_| act.run(call(CancelJob { job: id }), |()| ())>
                    {icon::icon(icon::CLOSE, 20)} "Stop, and keep what was read"
                </button>
            </div>
            {notice::shown(act.error)}
        </section>
        {asked}
    }
    .into_any()
}

fn step(step: &Step) -> AnyView {
    let answers = step
        .answers
        .iter()
        .map(|a| view! { <span class="row"><code>{a.ecu.clone()}</code> {icon::outcome_badge(&a.outcome)}</span> })
        .collect_view();
    let waiting = step.answers.is_empty().then(|| view! { <span class="muted small">"no answer yet"</span> });
    view! { <li data-testid="asked"><span>{step.question.clone()}</span> <span class="answers">{answers}{waiting}</span></li> }.into_any()
}

fn ended(error: &Error) -> AnyView {
    if error.code == Code::Cancelled {
        return view! {
            <div class="empty panel">
                <h2>"The check was stopped"</h2>
                <p>"Nothing had been read by then, so nothing was kept."</p>
                <a class="button main" href="/check">"Check again"</a>
            </div>
        }
        .into_any();
    }
    view! { <div class="stack">{notice::error_with(error, view! { <a class="button main" href="/check">"Back to the adapters"</a> })}</div> }.into_any()
}
