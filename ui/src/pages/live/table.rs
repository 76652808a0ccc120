//! The same values as a table: what charts and dials say to those who do not see them. Changes once a second.

use super::{
    desk::Desk,
    tiles::{self, said},
};
use crate::{locale, parts::icon};
use leptos::prelude::*;
use roadworthy_api::live::SignalInfo;

/// The table, folded in.
pub(super) fn table(desk: Desk) -> AnyView {
    let open = RwSignal::new(false);
    let toggled = move |event: leptos::ev::Event| {
        use wasm_bindgen::JsCast;
        let details = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        open.set(details.is_some_and(|d| d.has_attribute("open")));
    };
    let at = move || {
        desk.cursor_at.get().map_or_else(|| "At the cursor".to_owned(), |at| format!("At {}", locale::clock(at, true)))
    };
    let body = move || {
        open.get().then(|| {
            view! {
                <div class="scroll">
                    <table class="table" data-testid="numbers">
                        <thead>
                            <tr>
                                <th scope="col">"Signal"</th>
                                <th scope="col">"ECU"</th>
                                <th scope="col" class="end">"Now"</th>
                                <th scope="col" class="end">{at}</th>
                                <th scope="col" class="end">"Least and greatest shown"</th>
                                <th scope="col" class="end">"Rate"</th>
                            </tr>
                        </thead>
                        <tbody><For each=move || desk.chosen.get() key=|i| i.id.clone() children=move |i| row(desk, i) /></tbody>
                    </table>
                </div>
            }
        })
    };
    view! {
        <details class="more panel" on:toggle=toggled>
            <summary data-testid="numbers-open">{icon::icon(icon::MORE, 20)} "The same as a table"</summary>
            {body}
        </details>
    }
    .into_any()
}

fn row(desk: Desk, info: SignalInfo) -> AnyView {
    let unit = info.unit.clone();
    let with_unit = move |text: String| if unit.is_empty() { text } else { format!("{text} {unit}") };
    let now = tiles::now(desk, &info);
    let slow = Memo::new(move |_| {
        desk.now.track();
        now.get_untracked()
    });
    let (named, id) = (with_unit.clone(), info.id.clone());
    let current = move || {
        slow.with(|n| match (&n.text, &n.missing, &n.old) {
            (Some(text), _, Some(old)) => format!("{}, {old}", named(text.clone())),
            (Some(text), _, None) => named(text.clone()),
            (None, Some(why), _) => why.clone(),
            (None, None, _) => "no value yet".into(),
        })
    };
    let named = with_unit.clone();
    let at_cursor = move || {
        desk.now.track();
        let Some(at) = desk.cursor_at.get() else { return "–".to_owned() };
        match desk.track(&id, |t| t.at(at).map(|p| said(&p.datum, t.digits()))).flatten() {
            Some((Some(text), ..)) => named(text),
            Some((_, _, Some(why))) => why,
            _ => "no sample".into(),
        }
    };
    let id = info.id.clone();
    let ends = move || {
        desk.now.track();
        let view = desk.view.get_untracked();
        let ends = desk.track(&id, |t| {
            let numbers =
                t.around(view.from, view.to).filter(|(_, p)| view.holds(p.at)).filter_map(|(_, p)| match p.datum {
                    crate::chart::track::Datum::Number(v) => Some(v),
                    _ => None,
                });
            let ends = numbers
                .fold(None, |ends: Option<(f64, f64)>, v| Some(ends.map_or((v, v), |(a, b)| (a.min(v), b.max(v)))));
            ends.map(|(a, b)| (locale::fixed(a, t.digits()), locale::fixed(b, t.digits())))
        });
        ends.flatten().map_or_else(|| "–".to_owned(), |(a, b)| format!("{a} to {}", with_unit(b)))
    };
    view! {
        <tr>
            <th scope="row">{info.label}</th>
            <td>{info.ecu_name} " " <code>{info.ecu}</code></td>
            <td class="end num">{current}</td>
            <td class="end num">{at_cursor}</td>
            <td class="end num">{ends}</td>
            <td class="end num">{move || slow.with(|n| n.rate.clone())}</td>
        </tr>
    }
    .into_any()
}
