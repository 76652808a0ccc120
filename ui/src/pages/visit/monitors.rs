//! On-board monitors with the way left to their limits, how often they ran in use, and what no open source describes.

use crate::{
    locale,
    parts::{icon, value},
    words::{self, MonitorState},
};
use leptos::prelude::*;
use roadworthy_api::check::{CheckReport, InUse, MonitorResult, Performance, RawInformation};

/// The panels; nothing where an ECU told none of it.
pub(super) fn monitors(check: &CheckReport) -> AnyView {
    let tests = (!check.monitors.is_empty()).then(|| {
        let rows = words::monitors_by_need(&check.monitors).into_iter().map(|m| test(m, check)).collect_view();
        view! {
            <section class="panel stack screen-only" data-testid="monitors">
                <h2>"On-board monitors"</h2>
                <p>{words::monitors_line(&check.monitors)}</p>
                <small>"Each result lies between the limits that its ECU holds it to. The margin is the way left to the nearer limit: 0 % is at it."</small>
                <div class="scroll" tabindex="0" role="region" aria-label="On-board monitors">
                    <table class="table fold">
                        <caption class="unseen">"Results of on-board monitors, those nearest to a limit first"</caption>
                        <thead><tr>
                            <th scope="col">"Monitor"</th> <th scope="col">"Result"</th> <th scope="col">"Margin"</th>
                            <th scope="col" class="end">"Value"</th> <th scope="col" class="end">"Smallest"</th> <th scope="col" class="end">"Largest"</th>
                        </tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        }
    });
    let performance = (!check.performance.is_empty()).then(|| {
        view! {
            <section class="panel stack screen-only" data-testid="performance">
                <h2>"How often monitors ran in use"</h2>
                {check.performance.iter().map(|p| in_use(p, check)).collect_view()}
            </section>
        }
    });
    let raw = (!check.raw_information.is_empty()).then(|| {
        view! {
            <section class="panel stack screen-only" data-testid="raw-information">
                <h2>"Told, but described nowhere"</h2>
                <small>"No open source says how to read these bytes, so they are shown as sent."</small>
                <ul class="bullets">{check.raw_information.iter().map(|r| raw(r, check)).collect_view()}</ul>
            </section>
        }
    });
    view! { {tests} {performance} {raw} }.into_any()
}

fn name(id: &str, check: &CheckReport) -> String {
    check.ecus.iter().find(|e| e.id == id).map_or_else(|| id.to_owned(), |e| e.name.clone())
}

fn test(m: &MonitorResult, check: &CheckReport) -> AnyView {
    let state = words::monitor_state(m);
    let limit = |limit: Option<f64>| match limit {
        Some(limit) => value::number(limit, &m.unit),
        None => view! { <span class="muted">"none"</span> }.into_any(),
    };
    let read =
        if m.ran { value::number(m.value, &m.unit) } else { view! { <span class="muted">"none"</span> }.into_any() };
    let unscaled = (!m.scaled).then(|| view! { <small>" as sent"</small> });
    view! {
        <tr data-testid="monitor-row" data-state=words::monitor_state_key(state)>
            <th scope="row">{m.monitor.clone()} <br /> <small>{m.test.clone()} " · " {name(&m.ecu, check)}</small></th>
            <td data-label="Result">{icon::monitor_badge(state)}</td>
            <td data-label="Margin">{margin(m)}</td>
            <td class="end" data-label="Value"><span>{read}{unscaled}</span></td>
            <td class="end" data-label="Smallest">{limit(m.min)}</td> <td class="end" data-label="Largest">{limit(m.max)}</td>
        </tr>
    }
    .into_any()
}

/// A bar as long as the margin, with its figure beside it.
fn margin(m: &MonitorResult) -> AnyView {
    let Some(margin) = m.margin else {
        let text = match words::monitor_state(m) {
            MonitorState::Outside => "outside",
            MonitorState::NotRun => "not run yet",
            MonitorState::NoLimit => "no limit",
            // How far a limit is means nothing without the other end.
            _ => "one limit",
        };
        return view! { <span class="muted">{text}</span> }.into_any();
    };
    let percent = locale::number(margin * 100.0, 0);
    let style = format!("inline-size: {:.1}%", margin * 100.0);
    let near = words::monitor_state(m) == MonitorState::Near;
    view! { <span class="margin"><span class="margin-bar" class:near=near aria-hidden="true"><span style=style></span></span> <span class="num">{percent}" %"</span></span> }.into_any()
}

fn in_use(performance: &Performance, check: &CheckReport) -> AnyView {
    let facts =
        [("starts of the engine", performance.ignition_cycles), ("drives that count", performance.general_conditions)];
    let facts: Vec<String> = facts.into_iter().filter_map(|(what, n)| Some(format!("{} {what}", n?))).collect();
    let row = |m: &InUse| {
        let share = words::share(m.completed, m.conditions);
        view! {
            <tr>
                <th scope="row">{m.monitor.clone()}</th>
                <td class="end num" data-label="Ran">{m.completed}</td>
                <td class="end num" data-label="Could have">{m.conditions}</td>
                <td class="end num" data-label="Ratio">{share}</td>
            </tr>
        }
    };
    // A monitor that was never driven such that it could run is not fitted, or says nothing yet.
    let (told, empty): (Vec<&InUse>, Vec<&InUse>) =
        performance.monitors.iter().partition(|m| m.completed > 0 || m.conditions > 0);
    let empty: Vec<String> = empty.into_iter().map(|m| m.monitor.clone()).collect();
    view! {
        <section class="stack">
            <h3>{name(&performance.ecu, check)} " " <small>{facts.join(", ")}</small></h3>
            <div class="scroll" tabindex="0" role="region" aria-label="How often monitors ran">
                <table class="table fold">
                    <caption class="unseen">"How often each monitor ran, and how often it could have"</caption>
                    <thead><tr>
                        <th scope="col">"Monitor"</th> <th scope="col" class="end">"Ran"</th> <th scope="col" class="end">"Could have"</th>
                        <th scope="col" class="end">"Ratio"</th>
                    </tr></thead>
                    <tbody>{told.into_iter().map(row).collect_view()}</tbody>
                </table>
            </div>
            {(!empty.is_empty()).then(|| view! { <small>{format!("Nothing counted for {}.", words::list(&empty))}</small> })}
        </section>
    }
    .into_any()
}

fn raw(raw: &RawInformation, check: &CheckReport) -> AnyView {
    let about = (!raw.about.is_empty()).then(|| view! { {raw.about.clone()} ": " });
    view! { <li>{about} <code>{raw.request.clone()}</code> " of " {name(&raw.ecu, check)} " → " <code class="text">{raw.raw.clone()}</code></li> }.into_any()
}
