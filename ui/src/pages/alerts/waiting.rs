//! Decisions that wait for a person: the question, why it is asked, the work that is proposed, the answer.

use super::answer::Answer;
use crate::{
    live::fetch,
    parts::{icon, notice, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{alert::DecisionRow, calls::ListDecisions};

/// Shown at once: those behind them come up as these are answered.
const MOST: u32 = 20;

/// The section; nothing where none waits.
#[component]
pub(super) fn Waiting() -> impl IntoView {
    let list = fetch(|| Some(ListDecisions { waiting: true, vehicle: None, offset: 0, limit: MOST }));
    let rows = Memo::new(move |_| list.value.with(|p| p.as_ref().map(|p| p.rows.clone()).unwrap_or_default()));
    let any = Memo::new(move |_| rows.with(|r| !r.is_empty()));
    let more = move || {
        let more = list.value.with(|p| p.as_ref().map_or(0, |p| p.total)).saturating_sub(MOST);
        (more > 0).then(|| view! { <p class="muted">{format!("{more} more wait behind these.")}</p> })
    };
    // Each keeps its elements while others come and go, and with them the note that is being typed.
    let body = move || {
        any.get().then(|| {
            view! {
                <section class="stack">
                    <h2>"Decisions that wait for you"</h2>
                    <ul class="decisions"><For each=move || rows.get() key=|row| row.id children=card /></ul>
                    {more}
                </section>
            }
        })
    };
    view! { {notice::shown(list.error)} {body} }
}

fn card(row: DecisionRow) -> AnyView {
    let work = (!row.work.is_empty()).then(|| view! { <p>{row.work}</p> });
    let asked = if work.is_some() { "Book this work?" } else { "Shall work be booked?" };
    let alert = row.alert.map(|id| view! { <a class="row-link" href=format!("/alerts/{id}")>"Show the alert"</a> });
    view! {
        <li class="panel stack" data-testid="decision" data-decision=row.id.to_string()>
            <div class="row">
                {icon::severity_badge(row.severity, "")}
                <b>{row.title}</b>
                <a class="row-link" href=format!("/vehicles/{}", row.vehicle)>{row.vehicle_name}</a>
                <small>{value::when(row.at)}</small>
            </div>
            <div class="columns">
                <div class="stack">
                    <h3>{asked}</h3>
                    {work}
                    <ul class="bullets muted" aria-label="Why it is asked">{reasons(row.reasons)}</ul>
                    {alert}
                </div>
                <Answer decision=row.id />
            </div>
        </li>
    }
    .into_any()
}

fn reasons(reasons: Vec<String>) -> AnyView {
    reasons.into_iter().map(|r| view! { <li>{words::sentence_case(&r)}</li> }).collect_view().into_any()
}

/// A decision with what it rests on; answered here where it waits.
pub(super) fn decision(row: DecisionRow) -> AnyView {
    let waits = row.state == roadworthy_api::alert::DecisionState::Waiting;
    let input = |(name, value): (String, String)| view! { <dt>{words::sentence_case(&name)}</dt> <dd>{value}</dd> };
    let work = (!row.work.is_empty()).then(|| view! { <dt>"Proposed work"</dt> <dd>{row.work}</dd> });
    view! {
        <section class="panel stack" data-testid="decision" data-decision=row.id.to_string()>
            <h2>"What was decided"</h2>
            <dl class="facts">
                <dt>"Decision"</dt> <dd>{words::action(row.action)}</dd>
                {work}
                <dt>"State"</dt> <dd data-testid="decision-state">{words::decision_state(&row.state)}</dd>
                <dt>"When"</dt> <dd>{value::when(row.at)}</dd>
            </dl>
            {waits.then(|| view! { <Answer decision=row.id /> })}
            <details class="more">
                <summary>{icon::icon(icon::MORE, 20)} "Why"</summary>
                <div class="stack">
                    <ul class="bullets">{reasons(row.reasons)}</ul>
                    <dl class="facts">
                        <dt>"Rule"</dt> <dd><code>{row.rule}</code></dd>
                        {row.inputs.into_iter().map(input).collect_view()}
                    </dl>
                </div>
            </details>
        </section>
    }
    .into_any()
}
