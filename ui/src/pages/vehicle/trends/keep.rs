//! The values on screen as a file: every single one of the signals and of the time shown, as they are stored.

use super::desk::Desk;
use crate::parts::leave::{Asked, leave};
use leptos::prelude::*;
use roadworthy_api::{
    calls::ExportTelemetry,
    export::{ExportTo, TableFormat},
    live::CsvLayout,
};

const VALUES: Asked = Asked {
    button: "Save the values…",
    title: "Save the values",
    holds: &[
        "Every single value of the signals that are chosen, in the time that is shown, as it was read; not the lines on the screen.",
        "A CSV with a row per value is read back by the import of this program.",
    ],
    id: "save-values",
};

/// What can be chosen: key, label, format, layout.
const CHOICES: [(&str, &str, TableFormat, CsvLayout); 3] = [
    ("long", "CSV, a row per value", TableFormat::Csv, CsvLayout::Long),
    ("wide", "CSV, a column per signal", TableFormat::Csv, CsvLayout::Wide),
    ("parquet", "Parquet, for programs", TableFormat::Parquet, CsvLayout::Long),
];

/// The button.
pub(super) fn button(desk: Desk) -> AnyView {
    let chosen = RwSignal::new("long");
    let choices = move || {
        let one = |(key, label, ..): (&'static str, &'static str, TableFormat, CsvLayout)| {
            view! {
                <label class="choice">
                    <input type="radio" name="values-format" data-testid=format!("values-{key}") prop:checked=move || chosen.get() == key on:change=move |_| chosen.set(key) />
                    {label}
                </label>
            }
        };
        view! { <fieldset class="stack tight"><legend>"Written as"</legend> {CHOICES.map(one)}</fieldset> }.into_any()
    };
    let begin = move || {
        let key = chosen.get_untracked();
        let found = CHOICES.iter().find(|(k, ..)| *k == key);
        let (format, layout) =
            found.map_or((TableFormat::Csv, CsvLayout::Long), |(.., format, layout)| (*format, *layout));
        let view = desk.view.get_untracked();
        ExportTelemetry {
            vehicle: desk.vehicle,
            signals: desk.chosen.get_untracked(),
            from: Some(view.from),
            to: Some(view.to),
            format,
            layout,
            out: ExportTo::Stored,
        }
    };
    leave(VALUES, choices, begin)
}
