//! What leaves the program for somebody to keep: a dialog that says what will be in the file, makes it, with progress and a way to stop,
//! and puts it where the person keeps files.

use super::{dialog::Dialog, export::said, icon, notice};
use crate::{
    backend::{call, save},
    live::{Act, Live},
    locale, words,
};
use leptos::prelude::*;
use roadworthy_api::{
    Code,
    call::Request,
    calls::CancelJob,
    export::ExportMade,
    id::JobId,
    job::{Job, JobState},
};

/// What is asked for, in words.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    /// The button that opens the dialog.
    pub(crate) button: &'static str,
    /// The dialog's heading.
    pub(crate) title: &'static str,
    /// What will be in the file, a sentence each.
    pub(crate) holds: &'static [&'static str],
    /// Test id of the button; those of the dialog begin with it.
    pub(crate) id: &'static str,
}

/// A button and its dialog; `choices` are fields that stand in it, `begin` says what is made when the person asks for it.
pub(crate) fn leave<C>(
    asked: Asked,
    choices: impl Fn() -> AnyView + Copy + Send + Sync + 'static,
    begin: impl Fn() -> C + Copy + Send + Sync + 'static,
) -> AnyView
where
    C: Request<Reply = JobId>,
{
    let open = RwSignal::new(false);
    view! {
        <button class="button" type="button" data-testid=asked.id on:click=move |_| open.set(true)>{icon::icon(icon::SAVE, 20)} {asked.button}</button>
        <Dialog open=open label=asked.title>{move || inside(asked, choices, begin, open)}</Dialog>
    }
    .into_any()
}

fn inside<C>(
    asked: Asked,
    choices: impl Fn() -> AnyView + Copy + Send + Sync + 'static,
    begin: impl Fn() -> C + Copy + Send + Sync + 'static,
    open: RwSignal<bool>,
) -> AnyView
where
    C: Request<Reply = JobId>,
{
    let live = Live::here();
    let (act, stop, saving) = (Act::new(), Act::new(), Act::new());
    let (mine, kept) = (RwSignal::new(None::<JobId>), RwSignal::new(None::<String>));
    let job = Memo::new(move |_| mine.get().and_then(|id| live.job(id)));
    let running = Memo::new(move |_| {
        mine.with(Option::is_some) && job.with(|j| j.as_ref().is_none_or(|j| j.state == JobState::Running))
    });
    let made = Memo::new(move |_| {
        job.with(|j| match j.as_ref().map(|j| &j.state) {
            Some(JobState::Exported { made }) => Some(made.clone()),
            _ => None,
        })
    });
    // As soon as it is there it goes where the person keeps files.
    Effect::new(move |_| {
        if let Some(file) = made.with(|m| m.as_ref().and_then(|m| m.file.clone())) {
            saving.run(async move { save(&file).await }, move |saved| drop(kept.try_set(Some(said(&saved)))));
        }
    });
    let start = move |_| {
        kept.set(None);
        mine.set(None);
        act.run(call(begin()), move |id| {
            let _ = mine.try_set(Some(id));
        });
    };
    let failed = move || {
        let error = job.with(|j| match j.as_ref().map(|j| &j.state) {
            Some(JobState::Failed { error }) => Some(error.clone()),
            _ => None,
        })?;
        Some(if error.code == Code::Cancelled {
            notice::plain("Stopped; nothing was written.")
        } else {
            notice::error(&error)
        })
    };
    let progress = move || {
        running.get().then(|| {
            let of = move |read: fn(&Job) -> f64| job.with(|j| j.as_ref().map_or(0.0, read));
            let doing = move || job.with(|j| j.as_ref().map_or_else(|| "Beginning".to_owned(), |j| j.doing.clone()));
            let cancel = move |_| {
                if let Some(job) = mine.get_untracked() {
                    stop.run(call(CancelJob { job }), |()| ());
                }
            };
            view! {
                <div class="stack tight">
                    <p role="status">{doing}</p>
                    <progress aria-label="How much of it is written" max=move || of(|j| f64::from(j.total.max(1))) value=move || of(|j| f64::from(j.done))></progress>
                    <div class="buttons"><button class="button" type="button" disabled=move || stop.busy.get() on:click=cancel>"Stop"</button></div>
                </div>
            }
        })
    };
    let outcome = move || {
        made.get().map(|made| view! { <div data-testid=format!("{}-made", asked.id)>{told(&made, kept)}</div> })
    };
    let again = move || if made.with(Option::is_some) { "Make it again" } else { "Make the file" };
    let line = |text: &&'static str| view! { <li>{*text}</li> };
    view! {
        <div class="stack">
            <h2>{asked.title}</h2>
            <ul class="bullets">{asked.holds.iter().map(line).collect_view()}</ul>
            {choices()}
            {progress}
            {outcome}
            {failed}
            {notice::shown(act.error)}
            {notice::shown(stop.error)}
            {notice::shown(saving.error)}
            <div class="buttons">
                <button class="button main" type="button" data-testid=format!("{}-make", asked.id) disabled=move || act.busy.get() || running.get() on:click=start>
                    {icon::icon(icon::SAVE, 20)} {again}
                </button>
                <button class="button" type="button" data-testid=format!("{}-close", asked.id) on:click=move |_| open.set(false)>"Close"</button>
            </div>
        </div>
    }
    .into_any()
}

/// What was made, where it is, and what is not in it.
fn told(made: &ExportMade, kept: RwSignal<Option<String>>) -> AnyView {
    let name = made.file.as_ref().map(|f| f.name.clone()).unwrap_or_default();
    // As they are counted, one or many.
    let counts: Vec<String> =
        made.counts.iter().map(|c| format!("{}: {}", c.what, words::import::whole(c.count))).collect();
    let inside =
        (!counts.is_empty()).then(|| view! { <p class="small">{words::sentence_case(&counts.join(" · "))}</p> });
    let notes = (!made.notes.is_empty()).then(|| {
        let note = |n: &String| view! { <li>{n.clone()}</li> };
        view! { <div class="stack tight"><h3>"Not in it"</h3> <ul class="bullets">{made.notes.iter().map(note).collect_view()}</ul></div> }
    });
    view! {
        <div class="stack">
            {notice::fine(format!("{name}, {}.", locale::bytes(made.bytes)))}
            <p role="status">{move || kept.get().unwrap_or_else(|| "It is being saved…".into())}</p>
            {inside}
            {notes}
            <p class="muted small">"SHA-256 " <code>{made.sha256.clone()}</code></p>
        </div>
    }
    .into_any()
}
