//! Copies of everything: make one, verify one, restore one.

use super::restore;
use crate::{
    backend::call,
    live::{Act, Fetched, Live, fetch},
    locale,
    parts::{dialog::Dialog, icon, notice, seen, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    Code,
    backup::{BackupReport, BackupRow},
    calls::{CancelJob, GetSettings, ListBackups, MakeBackup, VerifyBackup},
    job::{Job, JobKind, JobState},
    system::BackupSettings,
};

/// The tab.
pub(super) fn backups() -> AnyView {
    let live = Live::here();
    let list = fetch(move || {
        live.beat.track();
        Some(ListBackups {})
    });
    let restoring = RwSignal::new(None::<BackupRow>);
    let open = RwSignal::new(false);
    let body = move |rows: Vec<BackupRow>| {
        if rows.is_empty() {
            return view! {
                <div class="empty panel" data-testid="backups-empty">{icon::icon(icon::BACKUP, 32)} <h2>"No backup yet"</h2> <p>"Make one now: work goes on meanwhile."</p></div>
            }
            .into_any();
        }
        let one = move |row| backup(row, restoring, open);
        view! { <ul class="workers panel" aria-label="Backups">{rows.into_iter().map(one).collect_view()}</ul> }
            .into_any()
    };
    let dialog = move || restoring.get().map(|row| restore::restore(row, open));
    view! {
        <div class="stack wide">
            {make(list)}
            {seen::seen(list, 3, body)}
            <Dialog open=open label="Restore a backup">{move || dialog.into_any()}</Dialog>
        </div>
    }
    .into_any()
}

fn make(list: Fetched<Vec<BackupRow>>) -> AnyView {
    let (live, act, stop) = (Live::here(), Act::new(), Act::new());
    let settings = fetch(|| Some(GetSettings {}));
    let mine = RwSignal::new(None);
    let running = Memo::new(move |_| live.running(JobKind::Backup));
    let busy = Memo::new(move |_| running.with(Option::is_some));
    // What came of the one asked for here.
    let ended = Memo::new(move |_| mine.get().and_then(|id| live.job(id)).map(|job| job.state));
    Effect::new(move |_| {
        if matches!(ended.get(), Some(JobState::Made { .. })) {
            list.again();
        }
    });
    let start = move |_| {
        act.run(call(MakeBackup { folder: None }), move |id| {
            let _ = mine.try_set(Some(id));
        })
    };
    let outcome = move || match ended.get() {
        Some(JobState::Made { name }) => {
            view! { <div data-testid="backup-made">{notice::fine(format!("Made: {name}."))}</div> }.into_any()
        }
        Some(JobState::Failed { error }) if error.code == Code::Cancelled => {
            notice::plain("Stopped; nothing was left behind.")
        }
        Some(JobState::Failed { error }) => notice::error(&error),
        _ => ().into_any(),
    };
    let progress = move || {
        busy.get().then(|| {
            let of = move |read: fn(&Job) -> f64| running.with(|j| j.as_ref().map_or(0.0, read));
            let doing = move || running.with(|j| j.as_ref().map(|j| j.doing.clone()).unwrap_or_default());
            let cancel = move |_| {
                if let Some(job) = running.with_untracked(|j| j.as_ref().map(|j| j.id)) {
                    stop.run(call(CancelJob { job }), |()| ());
                }
            };
            view! {
                <div class="stack tight" data-testid="backup-progress">
                    <p role="status">{doing}</p>
                    <progress aria-label="Backup" max=move || of(|j| f64::from(j.total.max(1))) value=move || of(|j| f64::from(j.done))></progress>
                    <div class="buttons"><button class="button" type="button" data-testid="backup-cancel" disabled=move || stop.busy.get() on:click=cancel>"Cancel"</button></div>
                </div>
            }
        })
    };
    let rule = move || settings.value.with(|s| s.as_ref().map(|s| rule(&s.backup)));
    view! {
        <section class="panel stack">
            <h2>"Backups"</h2>
            <p>{rule} " " <a href="/settings#keeping">"Change it in Settings"</a></p>
            <div class="buttons">
                <button class="button main" type="button" data-testid="backup-make" disabled=move || act.busy.get() || busy.get() on:click=start>
                    {icon::icon(icon::BACKUP, 20)} "Make a backup now"
                </button>
            </div>
            {progress}
            {outcome}
            {notice::shown(act.error)}
            {notice::shown(stop.error)}
        </section>
    }
    .into_any()
}

fn rule(settings: &BackupSettings) -> String {
    let folder = settings.folder.clone().unwrap_or_else(|| "the data folder".into());
    let to = if settings.folder.is_some() { "" } else { " A folder on another disk survives this one." };
    match settings.every_hours {
        0 => format!("None is made by itself. They lie in {folder}.{to}"),
        hours => format!("One is made every {} into {folder}.{to}", words::count(hours.into(), "hour")),
    }
}

fn backup(row: BackupRow, restoring: RwSignal<Option<BackupRow>>, open: RwSignal<bool>) -> AnyView {
    let act = Act::new();
    let found = RwSignal::new(None::<BackupReport>);
    let (name, wanted, whole) = (row.name.clone(), row.clone(), row.problem.is_none());
    let verify = move |_| {
        found.set(None);
        act.run(call(VerifyBackup { name: name.clone() }), move |report| drop(found.try_set(Some(report))));
    };
    let restore = move |_| {
        restoring.set(Some(wanted.clone()));
        open.set(true);
    };
    let size = locale::bytes(row.database_bytes + row.files.1);
    let files = words::count(row.files.0, "file");
    view! {
        <li data-testid="backup-row" data-backup=row.name.clone()>
            <div class="stack tight">
                <p><b>{locale::time(row.at)}</b> " " <small>{value::when(row.at)} " · " {words::backup_reason(row.why)}</small></p>
                <p class="muted small">{format!("{}, {files}, {size}", words::count(row.events, "event"))} " · " <code class="num">{row.name.clone()}</code></p>
                {row.problem.as_ref().map(notice::error)}
                {notice::shown(act.error)}
                {move || found.get().map(|r| report(&r))}
            </div>
            <div class="buttons">
                <button class="button" type="button" data-testid="backup-verify" disabled=move || act.busy.get() on:click=verify>
                    {icon::icon(icon::SHIELD, 20)} {move || if act.busy.get() { "Verifying…" } else { "Verify" }}
                </button>
                <button class="button" type="button" data-testid="backup-restore" disabled=!whole on:click=restore>{icon::icon(icon::AGAIN, 20)} "Restore…"</button>
            </div>
        </li>
    }
    .into_any()
}

fn report(report: &BackupReport) -> AnyView {
    let looked = words::looked_at(report);
    if report.faults.is_empty() {
        return view! { <div data-testid="backup-verified" data-ok="true">{notice::fine(format!("It is whole: {looked} checked."))}</div> }.into_any();
    }
    let line = |f: &String| view! { <li>{f.clone()}</li> };
    view! {
        <div class="stack" data-testid="backup-verified" data-ok="false">
            {notice::mild(format!("It is damaged: {} in {looked}.", words::count(report.faults.len() as u64, "fault")), "Use another backup.")}
            <ul class="bullets">{report.faults.iter().map(line).collect_view()}</ul>
        </div>
    }
    .into_any()
}
