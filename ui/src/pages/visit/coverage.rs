//! Who answered what: ECUs by questions, what was not asked at all, and replies that could not be used.

use crate::{
    parts::icon,
    words::{self, Cell, Tally},
};
use leptos::prelude::*;
use roadworthy_api::check::{CheckReport, Outcome};

/// The panel; open on paper only as its one line at the top of the page.
pub(super) fn coverage(check: &CheckReport) -> AnyView {
    let grid = words::grid(check);
    let each = grid.rows.len();
    let counted = words::tally(&grid);
    let head = || {
        grid.ecus
            .iter()
            .map(|(id, name)| view! { <th scope="col">{name.clone()} " " <code>{id.clone()}</code></th> })
            .collect_view()
    };
    let single = (counted.len() < each).then(|| {
        let table =
            table(head(), grid.rows.iter().map(one).collect_view(), "Every request and what each ECU did with it");
        view! {
            <details class="more">
                <summary>{icon::icon(icon::MORE, 20)} {format!("Every single request ({each})")}</summary>
                <div class="scroll" tabindex="0" role="region" aria-label="Every single request">{table}</div>
            </details>
        }
    });
    let table = table(head(), counted.iter().map(together).collect_view(), "Questions and what each ECU did with them");
    let beyond = (!check.not_asked.is_empty()).then(|| {
        let line = check
            .not_asked
            .iter()
            .map(|n| view! { <dt>{n.system.clone()}</dt> <dd>{n.reason.clone()}</dd> })
            .collect_view();
        view! { <h3>"Not asked at all"</h3> <dl class="facts">{line}</dl> }
    });
    let rejected = (!check.rejected.is_empty()).then(|| {
        let line = check
            .rejected
            .iter()
            .map(|r| view! { <li><code>{r.request.clone()}</code> " → " <code>{r.raw.clone()}</code> ": " {r.reason.clone()}</li> })
            .collect_view();
        view! { <h3>"Replies that could not be used"</h3> <ul class="bullets">{line}</ul> }
    });
    view! {
        <section class="panel stack screen-only">
            <h2>"Who was asked what"</h2>
            <div class="scroll" tabindex="0" role="region" aria-label="Who was asked what" data-testid="coverage-table">{table}</div>
            {single}
            {beyond}
            {rejected}
        </section>
    }
    .into_any()
}

fn table(head: impl IntoView, rows: impl IntoView, caption: &'static str) -> AnyView {
    view! {
        <table class="table">
            <caption class="unseen">{caption}</caption>
            <thead><tr><th scope="col">"Question"</th> {head.into_view()}</tr></thead>
            <tbody>{rows.into_view()}</tbody>
        </table>
    }
    .into_any()
}

fn none() -> AnyView {
    view! { <span class="muted" aria-label="no part of it">"–"</span> }.into_any()
}

fn outcome(outcome: &Outcome, times: usize) -> AnyView {
    let times = (times > 1).then(|| view! { <span class="num muted small">{format!("×{times}")}</span> });
    let reason = words::outcome_reason(outcome).map(|r| view! { <small>{r}</small> });
    view! { <div class="row">{icon::outcome_badge(outcome)} {times} {reason}</div> }.into_any()
}

fn together((question, columns): &Tally) -> AnyView {
    let cell = |outcomes: &Vec<(Outcome, usize)>| {
        let all = outcomes.iter().map(|(o, times)| outcome(o, *times)).collect_view();
        view! { <td>{all} {outcomes.is_empty().then(none)}</td> }
    };
    view! { <tr><th scope="row">{question.clone()}</th> {columns.iter().map(cell).collect_view()}</tr> }.into_any()
}

fn one((request, question, cells): &(String, String, Vec<Cell>)) -> AnyView {
    let cell = |cell: &Cell| view! { <td>{cell.as_ref().map_or_else(none, |o| outcome(o, 1))}</td> };
    view! {
        <tr>
            <th scope="row">{question.clone()} " " <code class="muted">{request.clone()}</code></th>
            {cells.iter().map(cell).collect_view()}
        </tr>
    }
    .into_any()
}
