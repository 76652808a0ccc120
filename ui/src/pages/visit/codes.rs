//! Trouble codes by class, with their freeze frames.

use crate::{
    parts::{frame, icon},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    check::{CheckReport, CodeClass, FreezeFrame, Outcome, TroubleCode},
    fault::CodeMeaning,
};

/// All classes; an empty one says whether it was answered.
pub(super) fn codes(check: &CheckReport, meanings: &[CodeMeaning]) -> AnyView {
    let class = |class: CodeClass| {
        let found: Vec<&TroubleCode> = check.codes.iter().filter(|c| c.class == class).collect();
        let (heading, meaning) = words::class_words(class);
        let answered = check.coverage.iter().any(|c| c.asks(class.requests()[0]) && c.outcome == Outcome::Answered);
        let none = found.is_empty().then(|| {
            let text = if answered { "None." } else { "Not known: no ECU answered this question." };
            view! { <p class="muted">{text}</p> }
        });
        let rows = found.iter().map(|c| row(c, check, meanings)).collect_view();
        view! { <section><h3>{heading} " " <small>{meaning}</small></h3> {none} <ul class="codes">{rows}</ul></section> }
    };
    view! {
        <section class="panel stack">
            <h2>"Trouble codes"</h2>
            <div class="classes">{[CodeClass::Stored, CodeClass::Pending, CodeClass::Permanent].map(class)}</div>
        </section>
        {(!check.freeze_frames.is_empty()).then(|| view! {
            <section class="panel stack screen-only">
                <h2>"Freeze frames"</h2>
                <small>"Values that an ECU stored when it set a code."</small>
                {check.freeze_frames.iter().map(|f| freeze_frame(f, check)).collect_view()}
            </section>
        })}
    }
    .into_any()
}

fn ecu_name(id: &str, check: &CheckReport) -> String {
    check.ecus.iter().find(|e| e.id == id).map_or_else(|| id.to_owned(), |e| format!("{} ({id})", e.name))
}

fn row(code: &TroubleCode, check: &CheckReport, meanings: &[CodeMeaning]) -> AnyView {
    let (title, system) = words::meaning(meanings, &code.code).unwrap_or_default();
    let system = system.map(|s| view! { <small>{s} " · "</small> });
    let frozen = check.freeze_frames.iter().any(|f| f.ecu == code.ecu && f.cause == code.code);
    view! {
        <li class="code" data-testid="code-row" data-code=code.code.clone() data-class=words::class_words(code.class).0.to_lowercase()>
            <span class="dtc">{code.code.clone()}</span>
            <span>{(!title.is_empty()).then(|| view! { <b>{title}</b> <br /> })} {system} <small>{ecu_name(&code.ecu, check)}</small></span>
            <span>{frozen.then(|| view! { <span class="tag">"Freeze frame"</span> })}</span>
        </li>
    }
    .into_any()
}

fn freeze_frame(frozen: &FreezeFrame, check: &CheckReport) -> AnyView {
    view! {
        <details class="more" open=check.freeze_frames.len() == 1>
            <summary>
                {icon::icon(icon::MORE, 20)} <span class="mono">{frozen.cause.clone()}</span> " "
                {format!("frame {}, {}", frozen.frame, ecu_name(&frozen.ecu, check))}
            </summary>
            {frame::values(frozen)}
        </details>
    }
    .into_any()
}
