//! Step three: how far it is, with a way to stop it. Leads to the import's own page by itself.

use super::address::{Address, Place};
use crate::{
    backend::call,
    live::{Act, Live, fetch},
    locale,
    parts::{icon, notice, seen},
    words::import as said,
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use roadworthy_api::{
    Code, Error,
    calls::{CancelJob, GetJob},
    history::FileNature,
    id::JobId,
    job::{Job, JobState},
};

/// The step.
pub(super) fn running(job: JobId, address: Address) -> AnyView {
    let live = Live::here();
    let nature = address.now.with_untracked(|place| place.nature).unwrap_or(FileNature::Log);
    let asked = fetch(move || Some(GetJob { job }));
    // News come by themselves; the answer to the question matters after a reload, before the first of them.
    let now = Memo::new(move |_| live.job(job).or_else(|| asked.value.get()));
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(JobState::Made { name }) = now.with(|j| j.as_ref().map(|j| j.state.clone())) {
            // In place of this address: going back must not lead to an import that has ended.
            let to = format!("{}?new=1", said::address_of(nature, &name));
            navigate(&to, NavigateOptions { replace: true, ..Default::default() });
        }
    });
    let state = Memo::new(move |_| now.with(|j| j.as_ref().map(|j| j.state.clone())));
    let act = Act::new();
    (move || match state.get() {
        None => match asked.error.get() {
            Some(error) => ended(&error, address),
            None => seen::skeleton(4),
        },
        Some(JobState::Failed { error }) => ended(&error, address),
        Some(_) => progress(job, nature, now, act),
    })
    .into_any()
}

fn progress(id: JobId, nature: FileNature, now: Memo<Option<Job>>, act: Act) -> AnyView {
    let of = move |read: fn(&Job) -> u32| now.with(|j| j.as_ref().map_or(0, read));
    let doing = Memo::new(move |_| now.with(|j| j.as_ref().map(|j| j.doing.clone()).unwrap_or_default()));
    let title = Memo::new(move |_| now.with(|j| j.as_ref().map(|j| j.title.clone()).unwrap_or_default()));
    let left = move || now.with(|j| j.as_ref().and_then(|j| j.left_ms).map(locale::left)).unwrap_or_default();
    let kib = |n: u32| locale::bytes(u64::from(n) << 10);
    let count = move || match (of(|j| j.done), of(|j| j.total)) {
        (_, 0) => "Beginning".to_owned(),
        (done, total) if nature == FileNature::Log => format!("{} of {} read", kib(done), kib(total)),
        (done, total) => format!("{} of {} stored", said::whole(done.into()), said::counted(total.into(), "row")),
    };
    view! {
        <section class="panel stack" data-testid="import-progress">
            <h2>{title}</h2>
            <p class="doing" aria-live="polite">{doing}</p>
            <progress aria-label="Progress" max=move || of(|j| j.total).max(1) prop:value=move || of(|j| j.done)></progress>
            <div class="row apart">
                <span class="num">{count} " " <small>{left}</small></span>
                <button class="button" type="button" data-testid="import-cancel" disabled=move || act.busy.get()
                    on:click=move |_| act.run(call(CancelJob { job: id }), |()| ())>
                    {icon::icon(icon::CLOSE, 20)} "Stop, and keep nothing of it"
                </button>
            </div>
            {notice::shown(act.error)}
        </section>
    }
    .into_any()
}

fn ended(error: &Error, address: Address) -> AnyView {
    let to = Place { job: None, ..address.now.get_untracked() }.written();
    if error.code == Code::Cancelled {
        return view! {
            <div class="empty panel" data-testid="import-cancelled">
                <h2>"The import was stopped"</h2>
                <p>"Nothing of it is stored."</p>
                <a class="button main" href=to>"Back to the file"</a>
            </div>
        }
        .into_any();
    }
    let back = view! { <a class="button main" href=to>"Back to the file"</a> };
    view! { <div class="stack" data-testid="import-failed">{notice::error_with(error, back)}</div> }.into_any()
}
