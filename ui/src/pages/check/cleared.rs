//! What came of clearing codes: each ECU's word, what stays, and the vehicle before and after.

use crate::{
    live::fetch,
    pages::compare,
    parts::{icon, notice, seen},
    words::Tone,
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::CompareVisits,
    clear::{ClearAnswer, ClearOutcome, Cleared},
};

/// The result.
pub(super) fn cleared(cleared: &Cleared) -> AnyView {
    let done = cleared.answers.iter().filter(|a| a.outcome == ClearOutcome::Acknowledged).count();
    let heading = match (done, cleared.answers.len()) {
        (0, _) => "No ECU said that it cleared its codes".to_owned(),
        (done, all) if done == all => "Codes are cleared".to_owned(),
        (done, all) => format!("{done} of {all} ECUs cleared their codes"),
    };
    let before = cleared.before;
    let compared = cleared.after.map(|after| {
        let comparison = fetch(move || Some(CompareVisits { one: before, other: after }));
        view! { {seen::seen(comparison, 4, compare::changes)} }
    });
    let after = cleared.after.map(|after| {
        view! {
            <a class="button main" href=format!("/visits/{after}")>{icon::icon(icon::SCAN, 20)} "The check after it"</a>
            <a class="button" href=format!("/compare/{before}/{after}") data-testid="cleared-compare">{icon::icon(icon::COMPARE, 20)} "Everything side by side"</a>
        }
    });
    view! {
        <article class="stack wide" data-testid="cleared" data-acknowledged=done.to_string()>
            <section class="panel stack">
                <h2>{heading}</h2>
                <ul class="asked">{cleared.answers.iter().map(answer).collect_view()}</ul>
                {cleared.problem.as_ref().map(notice::error)}
                <p>
                    "Permanent codes stay until the vehicle's own tests have passed. The emission monitors start anew: until they have run, "
                    "a fault that is still there may not show, and an emission test may turn the vehicle away."
                </p>
                <div class="buttons">
                    {after}
                    <a class="button" href=format!("/visits/{before}")>{icon::icon(icon::VISITS, 20)} "The check before it"</a>
                </div>
            </section>
            {compared}
        </article>
    }
    .into_any()
}

fn answer(answer: &ClearAnswer) -> AnyView {
    let tone = if answer.outcome == ClearOutcome::Acknowledged { Tone::Fine } else { Tone::Heed };
    view! {
        <li data-testid="clear-answer">
            <span><b>{answer.name.clone()}</b> " " <code>{answer.ecu.clone()}</code></span>
            <span class="row">{icon::tone_icon(tone, 20)} {answer.outcome.words()}</span>
        </li>
    }
    .into_any()
}
