//! The same as tables: what the charts say to those who do not see them.

use super::{desk::Desk, strips};
use crate::{
    chart::{axis::View, track::Datum, trend::Series},
    locale,
    parts::icon,
    words,
};
use leptos::prelude::*;

/// Rows of values for each signal; the CSV holds all.
const ROWS: usize = 100;

/// The tables, folded in.
pub(super) fn table(desk: Desk) -> AnyView {
    let open = RwSignal::new(false);
    let toggled = move |event: leptos::ev::Event| {
        use wasm_bindgen::JsCast;
        let details = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        open.set(details.is_some_and(|d| d.has_attribute("open")));
    };
    let at = move || match desk.cursor_at.get() {
        Some(at) => format!("At {}", locale::exact(at)),
        None => "At the cursor".to_owned(),
    };
    let sums = move || {
        view! {
            <div class="scroll" tabindex="0" role="region" aria-label="Signals shown">
                <table class="table" data-testid="numbers">
                    <caption class="unseen">"Signals in the time shown"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Signal"</th> <th scope="col">"Shown as"</th> <th scope="col" class="end">"Values"</th>
                            <th scope="col" class="end">"Least"</th> <th scope="col" class="end">"Mean"</th> <th scope="col" class="end">"Greatest"</th>
                            <th scope="col" class="end">{at}</th>
                        </tr>
                    </thead>
                    <tbody>{move || desk.chosen.get().into_iter().map(|id| row(desk, id)).collect_view()}</tbody>
                </table>
            </div>
        }
    };
    let values = move || desk.chosen.get().into_iter().map(|id| values(desk, &id)).collect_view();
    let body = move || open.get().then(|| view! { {sums} {values} });
    view! {
        <details class="more panel" on:toggle=toggled>
            <summary data-testid="numbers-open">{icon::icon(icon::MORE, 20)} "The same as a table"</summary>
            {body}
        </details>
    }
    .into_any()
}

fn row(desk: Desk, id: String) -> AnyView {
    let unit = desk.span(&id).map(|s| s.unit).unwrap_or_default();
    let (count, numbers) = desk.series(&id, |s| s.sum(desk.view.get())).unwrap_or_default();
    let shown = desk.answer.with(|a| a.as_ref()?.signals.iter().find(|s| s.id == id).map(|s| s.shown.clone()));
    let of =
        |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| format!("{} {unit}", words::value_range(v, v)));
    #[allow(clippy::cast_precision_loss, reason = "a count for people")]
    let counted = locale::number(count as f64, 0);
    let (least, mean, greatest) = (of(numbers.map(|n| n.0)), of(numbers.map(|n| n.1)), of(numbers.map(|n| n.2)));
    let title = strips::title(desk, &id);
    let cursor = move || desk.cursor_at.get().map_or_else(|| "–".to_owned(), |at| strips::at_cursor(desk, &id, at));
    view! {
        <tr>
            <th scope="row">{title}</th> <td>{shown}</td> <td class="num end">{counted}</td>
            <td class="num end">{least}</td> <td class="num end">{mean}</td> <td class="num end">{greatest}</td> <td class="num end">{cursor}</td>
        </tr>
    }
    .into_any()
}

/// The first rows of a signal, each with its time and what it says; and how many there are.
fn rows(series: &Series, view: View) -> (Vec<(i64, String)>, usize) {
    match series {
        Series::Each(track) => {
            let inside = || track.around(view.from, view.to).filter(|(_, p)| view.holds(p.at));
            let said = |d: &Datum| match d {
                Datum::Number(v) => locale::fixed(*v, track.digits()),
                Datum::Word(text) | Datum::Missing(text) => text.to_string(),
            };
            (inside().take(ROWS).map(|(_, p)| (p.at, said(&p.datum))).collect(), inside().count())
        }
        Series::Band(columns, _) => {
            let inside = || columns.iter().filter(|c| c.to >= view.from && c.from <= view.to);
            let said = |c: &roadworthy_api::telemetry::BandColumn| {
                (c.from, format!("{}, mean {}", words::value_range(c.min, c.max), words::value_range(c.mean, c.mean)))
            };
            (inside().take(ROWS).map(said).collect(), inside().count())
        }
    }
}

fn values(desk: Desk, id: &str) -> AnyView {
    let unit = desk.span(id).map(|s| s.unit).filter(|u| !u.is_empty()).map(|u| format!(" in {u}")).unwrap_or_default();
    let title = format!("{}{unit}", strips::title(desk, id));
    let named = title.clone();
    let (rows, total) = desk.series(id, |s| rows(s, desk.view.get())).unwrap_or_default();
    let over = total.saturating_sub(rows.len());
    let line = |(at, text): (i64, String)| view! { <tr><td class="num">{locale::exact(at)}</td> <td class="num">{text}</td></tr> };
    view! {
        <details class="more">
            <summary>{icon::icon(icon::MORE, 20)} {title.clone()}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=named>
                <table class="table small">
                    <caption class="unseen">{title}</caption>
                    <thead><tr><th scope="col">"Time"</th> <th scope="col">"Value"</th></tr></thead>
                    <tbody>{rows.into_iter().map(line).collect_view()}</tbody>
                </table>
            </div>
            {(over > 0).then(|| view! { <p class="muted small">{format!("and {over} more; the CSV holds them all")}</p> })}
        </details>
    }
    .into_any()
}
