//! What the check was made with, and the present values it read.

use crate::{
    locale,
    parts::{icon, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    check::{CheckReport, Ecu},
    reading::Reading,
    visit::VisitDetail,
};

/// Adapter, protocol, VIN, ECUs.
pub(super) fn facts(visit: &VisitDetail) -> AnyView {
    let check = &visit.check;
    let vin = match (&check.vin, &check.vin_problem) {
        (Some(vin), _) => view! { <code>{vin.clone()}</code> }.into_any(),
        (None, Some(problem)) => problem.clone().into_any(),
        (None, None) => "not read".into_any(),
    };
    let voltage = check.adapter.voltage.map(|v| view! { <dt>"At the connector"</dt> <dd>{value::number(v, "V")}</dd> });
    let claims = if check.adapter.claims.is_empty() {
        "said nothing of itself".to_owned()
    } else {
        check.adapter.claims.clone()
    };
    let seconds = (check.ended - check.started).max(0) / 1000;
    view! {
        <section class="panel stack">
            <h2>"This check"</h2>
            <dl class="facts">
                <dt>"VIN"</dt> <dd>{vin}</dd>
                <dt>"Read"</dt> <dd>{locale::time(check.started)} ", in " {words::count(seconds.unsigned_abs(), "second")}</dd>
                <dt>"Through"</dt> <dd><code>{check.port.clone()}</code></dd>
                <dt>"Adapter says it is"</dt> <dd>{claims}</dd>
                {voltage}
                <dt>"Protocol"</dt> <dd>{check.protocol.as_ref().map_or_else(|| "none answered".to_owned(), |p| p.name.clone())}</dd>
            </dl>
            <div class="screen-only">{check.ecus.iter().map(ecu).collect_view()}</div>
        </section>
    }
    .into_any()
}

fn ecu(ecu: &Ecu) -> AnyView {
    let source = if ecu.named_itself { "its own word" } else { "by its id" };
    let line = |label: &'static str, all: &[String]| {
        (!all.is_empty()).then(|| view! { <dt>{label}</dt> <dd><code>{all.join(", ")}</code></dd> })
    };
    view! {
        <details class="more">
            <summary>{icon::icon(icon::MORE, 20)} {ecu.name.clone()} " " <code>{ecu.id.clone()}</code></summary>
            <dl class="facts">
                <dt>"Name"</dt> <dd>{source}</dd>
                {line("Calibrations", &ecu.calibrations)} {line("Verification numbers", &ecu.cvns)} {line("Supported PIDs", &ecu.supported)}
            </dl>
        </details>
    }
    .into_any()
}

/// Present values, per ECU.
pub(super) fn snapshot(check: &CheckReport) -> AnyView {
    let mut ids: Vec<&str> = Vec::new();
    for reading in &check.snapshot {
        if !ids.contains(&reading.ecu.as_str()) {
            ids.push(&reading.ecu);
        }
    }
    let several = ids.len() > 1;
    let of_ecu = |id: &&str| {
        let name = check.ecus.iter().find(|e| e.id == **id).map_or_else(|| (*id).to_owned(), |e| e.name.clone());
        let of: Vec<&Reading> = check.snapshot.iter().filter(|r| r.ecu == **id).collect();
        view! {
            {several.then(|| view! { <h3>{name}</h3> })}
            <div class="values">{of.into_iter().map(|r| value::line(&r.item)).collect_view()}</div>
        }
    };
    let none = ids.is_empty().then(|| view! { <p class="muted">"None was read."</p> });
    view! {
        <section class="panel stack" data-testid="snapshot">
            <h2>"Values at the time of the check"</h2>
            {none}
            {ids.iter().map(of_ecu).collect_view()}
        </section>
    }
    .into_any()
}
