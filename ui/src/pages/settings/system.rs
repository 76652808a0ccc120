//! The installation: version, database, keys; verifying the journal; the log for a support request.

use crate::{
    backend::{self, call},
    live::{Act, fetch},
    locale,
    parts::{icon, notice, seen, toast, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::{ExportLog, GetStatus, ListFlags, VerifyJournal},
    journal::VerifyReport,
    system::{Flag, KeyStore, Status},
};

/// The panel.
#[component]
pub(super) fn System() -> impl IntoView {
    let status = fetch(|| Some(GetStatus {}));
    let flags = fetch(|| Some(ListFlags {}));
    let (verifying, exporting) = (Act::new(), Act::new());
    let verified = RwSignal::new(None::<VerifyReport>);
    let verify = move |_| {
        verified.set(None);
        verifying.run(call(VerifyJournal {}), move |report| {
            let _ = verified.try_set(Some(report));
        });
    };
    let export = move |_| {
        let work = async move {
            let blob = call(ExportLog {}).await?;
            Ok((backend::save(&blob).await?, blob.name))
        };
        exporting.run(work, |(saved, name)| toast::saved(saved, &name));
    };
    view! {
        <section class="panel stack" id="system">
            <h2>"System"</h2>
            {seen::seen(status, 6, facts)}
            <div class="buttons">
                <button class="button" type="button" data-testid="verify-journal" disabled=move || verifying.busy.get() on:click=verify>
                    {icon::icon(icon::SHIELD, 20)} {move || if verifying.busy.get() { "Checking every event…" } else { "Verify the journal" }}
                </button>
                <button class="button" type="button" data-testid="export-log" disabled=move || exporting.busy.get() on:click=export>
                    {icon::icon(icon::TEXT, 20)} "Export the log"
                </button>
            </div>
            <small>"The log holds no names, plates, VINs or tokens; read it before you send it."</small>
            {notice::shown(verifying.error)}
            {notice::shown(exporting.error)}
            {move || verified.get().map(report)}
        </section>
        <section class="panel stack">
            <h2>"Noticed by the behaviour monitor"</h2>
            <small>"It observes and flags, and blocks nothing."</small>
            {seen::seen(flags, 2, noticed)}
        </section>
    }
}

fn facts(status: Status) -> AnyView {
    let keys = match status.key_store {
        KeyStore::Keyring => "in the system's keyring",
        KeyStore::File => "in a file that only this user may read, since no keyring runs here",
    };
    view! {
        <dl class="facts" data-testid="status">
            <dt>"Version"</dt> <dd>{status.version}</dd>
            <dt>"Database"</dt> <dd><code>{status.database}</code> <br /> <small>{locale::bytes(status.database_bytes)} {format!(", tables of version {}", status.schema)}</small></dd>
            <dt>"Journal"</dt> <dd>{words::count(status.events, "event")}</dd>
            <dt>"Personal data's key"</dt> <dd>{keys}</dd>
            <dt>"This device"</dt> <dd><code>{status.device}</code></dd>
            <dt>"Log"</dt> <dd><code>{status.log}</code></dd>
        </dl>
    }
    .into_any()
}

fn report(report: VerifyReport) -> AnyView {
    let (events, devices) = (words::count(report.events, "event"), words::count(report.devices.into(), "device"));
    if report.faults.is_empty() {
        let head: String = report.head.chars().take(16).collect();
        return view! { <div data-testid="verified" data-ok="true">{notice::fine(format!("The chain holds: {events} of {devices} checked. Newest hash {head}…"))}</div> }
            .into_any();
    }
    let fault = |f: &roadworthy_api::journal::ChainFault| view! { <li>{format!("Device {}, event {}: {}", f.device, f.seq, f.problem)}</li> };
    view! {
        <div class="stack" data-testid="verified" data-ok="false">
            {notice::mild(
                format!("The chain does not hold: {} in {events} of {devices}.", words::count(report.faults.len() as u64, "fault")),
                "Keep a copy of the database as it is, export the log, and ask for help.",
            )}
            <ul class="bullets">{report.faults.iter().map(fault).collect_view()}</ul>
        </div>
    }
    .into_any()
}

fn noticed(flags: Vec<Flag>) -> AnyView {
    if flags.is_empty() {
        return view! { <p class="muted">"Nothing unusual."</p> }.into_any();
    }
    let line = |f: &Flag| {
        view! { <li>{f.reason.clone()} <br /> <small>{f.actor.clone()} ", risk " {value::number(f.risk, "")} ", " {value::when(f.at)}</small></li> }
    };
    view! { <ul class="bullets">{flags.iter().map(line).collect_view()}</ul> }.into_any()
}
