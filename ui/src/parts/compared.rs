//! Two readings of the same things side by side.

use leptos::prelude::*;

/// One thing, read twice.
pub(crate) struct Compared {
    pub(crate) label: String,
    /// Whose it is; empty where it is nobody's in particular.
    pub(crate) ecu: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    /// What stands where one of the two has nothing.
    pub(crate) absent: &'static str,
    pub(crate) differs: bool,
    /// How it stands, in a word.
    pub(crate) mark: Option<&'static str>,
}

/// The table. `sides` head the two readings, `marks` the column of words; each row has the test id `row_id`.
pub(crate) fn table(
    heading: &'static str,
    sides: (String, String),
    marks: &'static str,
    row_id: &'static str,
    rows: Vec<Compared>,
) -> AnyView {
    let row = move |Compared { label, ecu, before, after, absent, differs, mark }| {
        let ecu = (!ecu.is_empty()).then(|| view! { " " <small>{ecu}</small> });
        let cell = |text: Option<String>| match text {
            Some(text) => text.into_any(),
            None => view! { <span class="muted">{absent}</span> }.into_any(),
        };
        let mark = mark.map(|word| view! { <span class="tag">{word}</span> });
        view! {
            <tr class:differs=differs data-testid=row_id>
                <th scope="row">{label} {ecu}</th> <td>{cell(before)}</td> <td>{cell(after)}</td> <td class="col-mark">{mark}</td>
            </tr>
        }
    };
    let (one, other) = sides;
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=heading>
            <table class="table compared">
                <caption class="unseen">{heading}</caption>
                <thead>
                    <tr>
                        <th scope="col">"What"</th> <th scope="col">{one}</th> <th scope="col">{other}</th>
                        <th scope="col" class="col-mark"><span class="unseen">{marks}</span></th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
