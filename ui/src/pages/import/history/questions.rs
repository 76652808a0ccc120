//! The fields in which questions about a history are answered.

use super::{super::questions as ask, Histories};
use crate::words::{history as said, import};
use leptos::prelude::*;
use roadworthy_api::{history::HistoryField, import::Question, service::ServiceKind};

/// The field of a question.
pub(super) fn field(desk: Histories, question: &Question) -> AnyView {
    match question.what.as_str() {
        "date_order" => {
            ask::choices("date_order", &import::ORDERS, move || desk.answers.with(|a| a.date_order), move |v| {
                desk.say(|a| a.date_order = v);
            })
        }
        "decimal" => ask::choices("decimal", &import::DECIMALS, move || desk.answers.with(|a| a.decimal), move |v| {
            desk.say(|a| a.decimal = v);
        }),
        "distance" => ask::choices("distance", &said::METERS, move || desk.answers.with(|a| a.distance), move |v| {
            desk.say(|a| a.distance = v);
        }),
        "currency" => currency(desk, question),
        "kind" => kind(desk, question),
        "only" => only(desk, question),
        "mapping" => day(desk),
        _ => view! { <p class="muted">"Load a way to read it that says this, with the button at the end of the page."</p> }.into_any(),
    }
}

fn currency(desk: Histories, question: &Question) -> AnyView {
    let label = |code: &String| match code.as_str() {
        "unknown" => "Unknown: keep the sign".to_owned(),
        code => code.to_owned(),
    };
    let offered = question.choices.iter().map(|code| (code.clone(), label(code))).collect();
    let now = move || desk.answers.with(|a| a.currency.clone());
    ask::text("currency", "Currency", "Another, as in EUR", offered, now, move |text| desk.say(|a| a.currency = text))
}

fn kind(desk: Histories, question: &Question) -> AnyView {
    let of = |word: &str| ServiceKind::ALL.into_iter().find(|k| k.word() == word);
    let offered = question
        .choices
        .iter()
        .filter_map(|word| of(word).map(|kind| (word.clone(), kind.label().to_owned())))
        .collect();
    let now = move || desk.answers.with(|a| a.kind).map_or("", ServiceKind::word).to_owned();
    ask::radios("kind", offered, now, move |word| desk.say(|a| a.kind = of(word)))
}

/// Which of the vehicles in the file.
fn only(desk: Histories, question: &Question) -> AnyView {
    let offered = question.choices.iter().map(|name| (name.clone(), name.clone())).collect();
    let now = move || desk.answers.with(|a| a.only.clone());
    ask::text("only", "The vehicle as the file calls it", "Another, as it is called", offered, now, move |text| {
        desk.say_anew(|a| a.only = text);
    })
}

/// Which column says the day.
fn day(desk: Histories) -> AnyView {
    let columns = desk.preview.with_untracked(|p| p.as_ref().map(|p| p.mapping.columns.clone()).unwrap_or_default());
    let option = |(at, column): (usize, roadworthy_api::history::HistoryColumn)| {
        let name = if column.column.is_empty() { format!("Column {}", at + 1) } else { column.column };
        view! { <option value=at.to_string()>{name}</option> }
    };
    let chosen = move |ev| {
        if let Ok(at) = event_target_value(&ev).parse::<usize>() {
            super::columns::becomes(desk, at, Some(HistoryField::Day));
        }
    };
    view! {
        <label class="row small moment">
            "The column"
            <select class="select" data-testid="day-column" on:change=chosen>
                <option value="">"Choose…"</option> {columns.into_iter().enumerate().map(option).collect_view()}
            </select>
        </label>
    }
    .into_any()
}
