//! What each column of a history is. What is changed is tried at once.

use super::Histories;
use crate::words::{history as said, import};
use leptos::prelude::*;
use roadworthy_api::history::{HistoryColumn, HistoryField, HistoryLayout};

/// Fields that a record has once.
fn once(field: HistoryField) -> bool {
    use HistoryField::{More, Part, PartNumber, PartQuantity, Share, Tasks};
    !matches!(field, More | Share | Part | PartNumber | PartQuantity | Tasks)
}

/// Says what a column is; one that was that before is kept under its own name.
pub(super) fn becomes(desk: Histories, at: usize, field: Option<HistoryField>) {
    desk.change(|mapping| {
        if let Some(field) = field.filter(|f| once(*f)) {
            for other in mapping.columns.iter_mut().filter(|c| c.field == Some(field)) {
                other.field = Some(HistoryField::More);
            }
        }
        if let Some(column) = mapping.columns.get_mut(at) {
            column.field = field;
            column.guessed = String::new();
        }
    });
    desk.say(|answers| answers.judged.clear());
}

/// The step; nothing where each column is what Roadworthy wrote.
pub(super) fn columns(desk: Histories) -> AnyView {
    let all = Memo::new(move |_| {
        desk.preview.with(|p| {
            let other = p.as_ref().filter(|p| p.mapping.history != HistoryLayout::Roadworthy);
            other.map(|p| p.mapping.columns.clone()).unwrap_or_default()
        })
    });
    let rows = move || all.get().into_iter().enumerate().map(|(at, column)| row(desk, at, column)).collect_view();
    (move || {
        (!all.with(Vec::is_empty)).then(|| {
            view! {
                <section class="panel stack" data-testid="import-columns">
                    <h2>"What each column is"</h2>
                    <table class="table fold" aria-label="Columns">
                        <thead><tr><th scope="col">"Column"</th> <th scope="col">"Becomes"</th> <th scope="col">"Known of it"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </section>
            }
        })
    })
    .into_any()
}

fn row(desk: Histories, at: usize, column: HistoryColumn) -> AnyView {
    let name = if column.column.is_empty() { format!("Column {}", at + 1) } else { column.column.clone() };
    let label = format!("What {name} is");
    let options = said::FIELDS
        .map(|(field, key, label)| view! { <option value=key selected=column.field == Some(field)>{label}</option> });
    let chosen = move |ev| becomes(desk, at, import::chosen(&said::FIELDS, &event_target_value(&ev)));
    let class = if column.field.is_some() { "" } else { "left" };
    let key = name.clone();
    view! {
        <tr class=class data-testid="column" data-column=key>
            <th scope="row">{name}</th>
            <td data-label="Becomes">
                <select class="select" aria-label=label data-testid="column-field" on:change=chosen>
                    {options} <option value="" selected=column.field.is_none()>"Left out"</option>
                </select>
            </td>
            <td data-label="Known of it">{(!column.guessed.is_empty()).then(|| view! { <small>{column.guessed}</small> })}</td>
        </tr>
    }
    .into_any()
}
