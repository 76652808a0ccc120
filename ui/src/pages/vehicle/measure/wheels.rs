//! A small plan of the vehicle from above, a field at each wheel.

use super::fields::{Typed, wrong};
use crate::{locale, words};
use leptos::prelude::*;
use roadworthy_api::note::{Measured, MeasurementRow, Wheel};

const ROAD: [Wheel; 4] = [Wheel::FrontLeft, Wheel::FrontRight, Wheel::RearLeft, Wheel::RearRight];

/// Millimetres per wheel: of tread (with the spare), or of brake pad. Only the ones typed are kept.
pub(super) fn wheels(tread: bool, tried: RwSignal<bool>, newest: Memo<Vec<MeasurementRow>>) -> Typed {
    let mut all: Vec<(Wheel, RwSignal<String>)> = ROAD.map(|w| (w, RwSignal::new(String::new()))).into();
    if tread {
        all.push((Wheel::Spare, RwSignal::new(String::new())));
    }
    let texts = StoredValue::new(all.clone());
    let none = move || texts.with_value(|all| all.iter().all(|(_, text)| text.with(|t| t.trim().is_empty())));
    let field = |(wheel, text): (Wheel, RwSignal<String>)| {
        let key = words::wheel_key(wheel);
        let id = format!("wheel-{key}");
        let before = move || {
            newest.with(|rows| {
                let found = rows.iter().find_map(|row| match row.measured {
                    Measured::Tread { wheel: w, mm } if tread && w == wheel => Some((mm, row.at)),
                    Measured::BrakePad { wheel: w, mm } if !tread && w == wheel => Some((mm, row.at)),
                    _ => None,
                });
                found.map(|(mm, at)| format!("was {} mm, {}", locale::number(mm, 1), locale::ago(at, locale::now())))
            })
        };
        let wrong = wrong(text, false, tried, None);
        let described = format!("{id}-help");
        view! {
            <div class=format!("field wheel {key}")>
                <label for=id.clone()>{words::sentence_case(words::wheel_word(wheel))}</label>
                <input class="input" id=id.clone() data-testid=id inputmode="decimal" autocomplete="off" aria-describedby=described.clone()
                    aria-invalid=move || wrong.get().is_some().to_string()
                    prop:value=move || text.get() on:input=move |ev| text.set(event_target_value(&ev)) />
                <span id=described class=move || if wrong.get().is_some() { "wrong" } else { "help" }>
                    {move || wrong.get().or_else(before).unwrap_or_default()}
                </span>
            </div>
        }
    };
    let hint = if tread {
        "Millimetres: least depth of the main grooves. Left and right as the driver sits."
    } else {
        "Millimetres: lining left on the thinner pad. Left and right as the driver sits."
    };
    let nothing = move || {
        (tried.get() && none()).then(|| view! { <p class="wrong small" role="alert">"Type at least one wheel."</p> })
    };
    let view = view! {
        <div class="plan" role="group" aria-label=hint>
            {all.into_iter().map(field).collect_view()}
            <svg class="car" viewBox="0 0 100 200" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2">
                <rect x="22" y="8" width="56" height="184" rx="22" />
                <path d="M30 66 Q50 54 70 66 L66 84 H34 Z M32 158 Q50 166 68 158 L65 142 H35 Z" />
                <rect x="12" y="34" width="12" height="34" rx="4" /><rect x="76" y="34" width="12" height="34" rx="4" />
                <rect x="12" y="134" width="12" height="34" rx="4" /><rect x="76" y="134" width="12" height="34" rx="4" />
            </svg>
        </div>
        <small>{hint}</small>
        {nothing}
    };
    let read = move || {
        let mut measured = Vec::new();
        for (wheel, text) in texts.get_value() {
            if let Some(mm) = words::typed_number(&text.get_untracked(), false).map_err(|_| ())? {
                measured.push(if tread { Measured::Tread { wheel, mm } } else { Measured::BrakePad { wheel, mm } });
            }
        }
        Ok(measured)
    };
    Typed::new(view.into_any(), read, move || {
        texts.with_value(|all| all.iter().for_each(|(_, text)| text.set(String::new())));
    })
}
