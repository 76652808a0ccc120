//! Clearing codes: a dialog that says what is lost, asks why, and wants the words typed.

use crate::{
    backend::call,
    live::{Act, fetch},
    locale,
    parts::{dialog::Dialog, field::Field, icon, notice},
};
use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use roadworthy_api::{
    calls::{GetVisit, StartClearing},
    check::{CheckReport, CodeClass},
    clear,
    id::VehicleId,
    valid::LongText,
    visit::VisitRow,
};

/// The button for a vehicle's page: as [`button`], where its last check was of today and read everything. What is old or cut
/// short does not say what would be lost.
pub(in crate::pages) fn of_today(last: Option<VisitRow>) -> AnyView {
    let fresh = last.filter(|v| !v.partial && locale::same_day(v.ended, locale::now()));
    let visit = fetch(move || fresh.as_ref().map(|v| GetVisit { visit: v.id }));
    (move || visit.value.with(|v| v.as_ref().and_then(|v| button(&v.check, v.vehicle)))).into_any()
}

/// The button with its dialog; nothing where the check found nothing that could be cleared, or was a recording.
pub(super) fn button(check: &CheckReport, vehicle: VehicleId) -> Option<AnyView> {
    let codes = check.codes.iter().any(|c| c.class != CodeClass::Permanent);
    let lamp = check.readiness.iter().any(|r| r.mil || r.dtc_count > 0);
    if !(codes || lamp) || check.port.starts_with("replay:") {
        return None;
    }
    let (open, port) = (RwSignal::new(false), StoredValue::new(check.port.clone()));
    Some(
        view! {
            <button class="button" type="button" data-testid="clear-codes" aria-haspopup="dialog" on:click=move |_| open.set(true)>
                {icon::icon(icon::ERASE, 20)} "Clear codes…"
            </button>
            <Dialog open=open label="Clear codes">{move || port.with_value(|port| form(vehicle, port, open))}</Dialog>
        }
        .into_any(),
    )
}

fn form(vehicle: VehicleId, port: &str, open: RwSignal<bool>) -> AnyView {
    let (port, reason, words) =
        (RwSignal::new(port.to_owned()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (tried, act) = (RwSignal::new(false), Act::new());
    let missing = |text: RwSignal<String>, what: &'static str| {
        Signal::derive(move || (tried.get() && text.with(|t| t.trim().is_empty())).then(|| what.to_owned()))
    };
    let confirmed = move || words.with(|w| clear::confirmed(w).is_ok());
    let unconfirmed = Signal::derive(move || {
        (tried.get() && !confirmed()).then(|| format!("Type \"{}\" to confirm it.", clear::WORDS))
    });
    let navigate = use_navigate();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let (port, reason) = (port.get_untracked().trim().to_owned(), reason.get_untracked().trim().to_owned());
        if port.is_empty() || reason.is_empty() || !words.with_untracked(|w| clear::confirmed(w).is_ok()) {
            return;
        }
        let start =
            StartClearing { port, vehicle, baud: None, reason: LongText(reason), confirmed: words.get_untracked() };
        let navigate = navigate.clone();
        act.run(call(start), move |job| {
            let _ = open.try_set(false);
            navigate(&format!("/check?job={job}"), NavigateOptions::default());
        });
    };
    view! {
        <form class="stack" novalidate on:submit=submit data-testid="clear-form">
            <h2>"Clear codes"</h2>
            {notice::mild("This cannot be undone.", "The vehicle is checked first, and again afterwards; both checks are kept.")}
            <ul class="bullets">{clear::LOST.map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
            <p>"Ignition on, engine off. Nothing is cleared when the engine runs, the voltage is low, or another vehicle answers."</p>
            <Field label="Why" id="clear-reason" value=reason first=true help="Kept as a note, as in: ignition coil of cylinder 1 replaced."
                wrong=missing(reason, "Say why in a few words.") />
            <Field label="Adapter" id="clear-port" value=port help="The one that is plugged into this vehicle." wrong=missing(port, "Name the adapter.") />
            <Field label="Type \"clear codes\" to confirm" id="clear-words" value=words wrong=unconfirmed />
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button danger" type="submit" data-testid="clear-start" disabled=move || act.busy.get()>
                    {icon::icon(icon::ERASE, 20)} {move || if act.busy.get() { "Starting…" } else { "Check, then clear" }}
                </button>
                <button class="button" type="button" on:click=move |_| open.set(false)>"Keep the codes"</button>
            </div>
        </form>
    }
    .into_any()
}
