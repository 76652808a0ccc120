//! A finding in plain words: what it means, how sure, what to check next, what it rests on. Also for a vehicle and a visit.

use crate::{
    live::{Fetched, fetch},
    parts::{icon, seen, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::GetDiagnosis,
    finding::{Diagnosis, Evidence, Finding, FindingRow, Source},
    id::{VehicleId, VisitId},
};

/// What there is to check next, first things first.
fn next(finding: &Finding) -> Option<AnyView> {
    let step = |s: &String| view! { <li>{s.clone()}</li> };
    (!finding.check_next.is_empty()).then(|| {
        view! {
            <div>
                <p class="muted small">"Check next"</p>
                <ol class="numbered">{finding.check_next.iter().map(step).collect_view()}</ol>
            </div>
        }
        .into_any()
    })
}

/// What it rests on.
fn evidence(rows: &[Evidence]) -> AnyView {
    let row = |e: &Evidence| {
        let ecu = (!e.ecu.is_empty()).then(|| format!(" · {}", e.ecu));
        view! { <tr><td>{e.what.clone()}<small>{ecu}</small></td> <td>{e.value.clone()}</td> <td class="num">{value::when(e.at)}</td></tr> }
    };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="What it rests on">
            <table class="table small" data-testid="evidence">
                <caption class="unseen">"What it rests on"</caption>
                <thead><tr><th scope="col">"Seen"</th> <th scope="col">"Value"</th> <th scope="col">"When"</th></tr></thead>
                <tbody>{rows.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Where the page is that shows it.
fn jump(source: Source, vehicle: VehicleId, finding: &Finding) -> AnyView {
    let (to, label) = match source {
        Source::Visit { visit } => (format!("/visits/{visit}"), "Show the check"),
        Source::Recording { .. } => {
            // Some minutes around what was seen.
            const AROUND: i64 = 300_000;
            let times = finding.evidence.iter().map(|e| e.at);
            let range =
                times.clone().min().zip(times.max()).map(|(a, b)| format!("?from={}&to={}", a - AROUND, b + AROUND));
            (format!("/vehicles/{vehicle}/trends{}", range.unwrap_or_default()), "Show the values over time")
        }
    };
    view! { <a class="button" href=to data-testid="evidence-jump">{icon::icon(icon::TEXT, 20)} {label}</a> }.into_any()
}

/// A finding whole.
pub(super) fn whole(finding: &Finding, source: Source, vehicle: VehicleId) -> AnyView {
    view! {
        <section class="panel stack" data-testid="finding">
            <h2>"What was found"</h2>
            <p>{finding.explanation.clone()}</p>
            <dl class="facts">
                <dt>"How sure"</dt> <dd>{words::confidence(finding.confidence)}</dd>
                <dt>"Found by"</dt> <dd>{words::specialist(finding.specialist)}</dd>
            </dl>
            {next(finding)}
            {evidence(&finding.evidence)}
            <div class="buttons">{jump(source, vehicle, finding)}</div>
        </section>
    }
    .into_any()
}

/// What the newest diagnosis of a vehicle says; `visit` keeps only what one of its visits said.
pub(crate) fn findings(vehicle: VehicleId, visit: Option<VisitId>) -> AnyView {
    let diagnosis: Fetched<Diagnosis> = fetch(move || Some(GetDiagnosis { vehicle }));
    let body = move |diagnosis: Diagnosis| {
        // An older visit has its own page, and the newest diagnosis says nothing of it.
        if visit.is_some() && diagnosis.visit != visit {
            return ().into_any();
        }
        let of = |row: &&FindingRow| visit.is_none_or(|visit| row.source == Source::Visit { visit });
        let rows: Vec<FindingRow> = diagnosis.findings.iter().filter(of).cloned().collect();
        let none = rows.is_empty().then(|| {
            let text = match diagnosis.visit {
                Some(_) => "Nothing was found in what was read.",
                None => "Nothing has been diagnosed yet: check the vehicle first.",
            };
            view! { <p class="muted">{text}</p> }
        });
        let limits = (!diagnosis.limits.is_empty()).then(|| {
            let line = |l: &String| view! { <li>{l.clone()}</li> };
            view! {
                <div>
                    <p class="muted small">"What this cannot tell"</p>
                    <ul class="bullets">{diagnosis.limits.iter().map(line).collect_view()}</ul>
                </div>
            }
        });
        let open = rows.len() == 1;
        let one = |row: FindingRow| short(row, vehicle, open, visit.is_some());
        view! {
            <section class="panel stack screen-only" data-testid="diagnosis">
                <h2>"What is wrong, what next"</h2>
                {none}
                <ul class="findings">{rows.into_iter().map(one).collect_view()}</ul>
                {limits}
            </section>
        }
        .into_any()
    };
    seen::seen(diagnosis, 3, body)
}

fn short(row: FindingRow, vehicle: VehicleId, open: bool, here: bool) -> AnyView {
    let finding = &row.finding;
    let jump = (!here).then(|| view! { <div class="buttons">{jump(row.source, vehicle, finding)}</div> });
    view! {
        <li>
            <details class="more" open=open data-testid="finding-row" data-key=finding.key.clone()>
                <summary>{icon::icon(icon::MORE, 20)} {icon::severity_badge(finding.severity, "tight")} <span>{finding.title.clone()}</span></summary>
                <div class="stack">
                    <p>{finding.explanation.clone()}</p>
                    {next(finding)}
                    <p class="muted small">{format!("How sure: {} · ", words::confidence(finding.confidence))} {value::when(row.at)}</p>
                    {jump}
                </div>
            </details>
        </li>
    }
    .into_any()
}
