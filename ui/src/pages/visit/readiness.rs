//! Emission monitors per ECU, as a row of small states.

use crate::{parts::icon, words};
use leptos::prelude::*;
use roadworthy_api::check::{CheckReport, Ignition, MonitorTest, Readiness};

/// The panel.
pub(super) fn readiness(check: &CheckReport) -> AnyView {
    let body = if check.readiness.is_empty() {
        view! { <p class="muted">"Not known: no ECU answered this question."</p> }.into_any()
    } else {
        check.readiness.iter().map(|r| of_ecu(r, check)).collect_view().into_any()
    };
    view! { <section class="panel stack"><h2>"Readiness"</h2> {body}</section> }.into_any()
}

/// One ECU's monitors.
pub(crate) fn of_ecu(readiness: &Readiness, check: &CheckReport) -> AnyView {
    let name =
        check.ecus.iter().find(|e| e.id == readiness.ecu).map_or_else(|| readiness.ecu.clone(), |e| e.name.clone());
    let lamp = if readiness.mil { "Warning lamp commanded on" } else { "Warning lamp off" };
    let codes = words::count(readiness.dtc_count.into(), "confirmed code");
    let ignition = readiness.ignition;
    // Fitted first; what is not fitted is no news.
    let (fitted, absent): (Vec<&MonitorTest>, Vec<&MonitorTest>) = readiness.tests.iter().partition(|t| t.available);
    let absent: Vec<String> = absent.into_iter().map(|t| words::monitor_word(&t.name, ignition)).collect();
    view! {
        <section class="stack" data-testid="readiness" data-mil=readiness.mil.to_string()>
            <h3>{format!("{name} · {lamp} · {codes}")} " " <small>{words::readiness_line(&readiness.tests)}</small></h3>
            <ul class="tests">{fitted.into_iter().map(|t| test(t, ignition)).collect_view()}</ul>
            {(!absent.is_empty()).then(|| view! { <small class="screen-only">{format!("Not fitted: {}.", words::list(&absent))}</small> })}
        </section>
    }
    .into_any()
}

fn test(test: &MonitorTest, ignition: Ignition) -> AnyView {
    let (class, word) = if test.complete { ("test done", "has run") } else { ("test open", "not run yet") };
    view! {
        <li class=class>
            {icon::monitor_icon(test.available, test.complete)}
            <div>{words::monitor_word(&test.name, ignition)} <span>{word}</span></div>
        </li>
    }
    .into_any()
}
