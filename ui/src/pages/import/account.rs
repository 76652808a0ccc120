//! What became of every row and cell.

use crate::words::{
    history,
    import::{self as said, Line},
};
use leptos::prelude::*;
use roadworthy_api::{history::HistoryReport, import::ImportReport};

/// Two tables, rows and cells, and what is remarkable about the times.
pub(crate) fn account(report: &ImportReport) -> AnyView {
    let (rows, cells) = said::account(report);
    let clock = (!report.clock.is_empty()).then(|| {
        let note = |n: &roadworthy_api::import::ClockNote| {
            let text = format!("{}: {}, {}", crate::words::sentence_case(&n.what), said::counted(n.count, "time"), said::lines(&n.lines, n.count));
            view! { <li>{text}</li> }
        };
        view! { <div class="stack tight"><h3>"The times"</h3> <ul class="bullets">{report.clock.iter().map(note).collect_view()}</ul></div> }
    });
    view! {
        <div class="columns">{table("Rows", rows)} {table("Cells", cells)}</div>
        {clock}
    }
    .into_any()
}

/// The same of a history: its rows, and the cells that could not be read.
pub(crate) fn of_history(report: &HistoryReport) -> AnyView {
    let (rows, cells) = history::account(report);
    let note = (!report.rejected.is_empty())
        .then(|| view! { <p class="muted small">"What could not be read is kept as text with its record."</p> });
    view! { <div class="columns">{table("Rows", rows)} {table("Cells", cells)}</div> {note} }.into_any()
}

fn table(caption: &'static str, lines: Vec<Line>) -> AnyView {
    let row = |line: Line| {
        let class = match (line.part, line.heed) {
            (_, true) => "part heed",
            (true, false) => "part",
            (false, false) => "",
        };
        view! {
            <tr class=class data-testid="account-line">
                <th scope="row">{line.what} {(!line.lines.is_empty()).then(|| view! { " " <small>{line.lines}</small> })}</th>
                <td class="num end">{said::whole(line.count)}</td>
            </tr>
        }
    };
    view! {
        <table class="table account">
            <caption class="unseen">{caption}</caption>
            <tbody>{lines.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
    .into_any()
}
