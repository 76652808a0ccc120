//! What is now: each chosen signal as a large figure, and as a dial where it suits one.

use super::{desk::Desk, words};
use crate::{
    chart::{
        dial::{self, Dial},
        track::Datum,
    },
    locale,
};
use leptos::prelude::*;
use roadworthy_api::live::SignalInfo;

/// A signal as it is just now.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Now {
    /// The figure, or the word.
    pub(super) text: Option<String>,
    /// The number itself.
    pub(super) number: Option<f64>,
    /// Why there is none.
    pub(super) missing: Option<String>,
    /// How old it is, where that is older than it should be.
    pub(super) old: Option<String>,
    /// Samples per second.
    pub(super) rate: String,
}

/// What a datum says: text, number, reason.
pub(super) fn said(datum: &Datum, digits: u8) -> (Option<String>, Option<f64>, Option<String>) {
    match datum {
        Datum::Number(value) => (Some(locale::fixed(*value, digits)), Some(*value), None),
        Datum::Word(text) => (Some(text.to_string()), None, None),
        Datum::Missing(why) => (None, None, Some(why.to_string())),
    }
}

/// The signal now; looks again at every beat of the figures.
pub(super) fn now(desk: Desk, info: &SignalInfo) -> Memo<Now> {
    let id = info.id.clone();
    Memo::new(move |_| {
        desk.figures.track();
        let rate = desk.rate(&id);
        let last = desk.track(&id, |t| t.last().map(|p| (p.at, said(&p.datum, t.digits())))).flatten();
        let Some((at, (text, number, missing))) = last else {
            return Now { rate: words::rate(rate), ..Now::default() };
        };
        let age = desk.now.get().max(locale::now()) - at;
        let old = words::old(age, rate, desk.reading()).then(|| words::age(age));
        Now { text, number, missing, old, rate: words::rate(rate) }
    })
}

/// All of them.
pub(super) fn tiles(desk: Desk) -> AnyView {
    view! {
        <ul class="tiles" aria-label="Values now" data-testid="tiles">
            <For each=move || desk.chosen.get() key=|i| i.id.clone() children=move |info| tile(desk, info) />
        </ul>
    }
    .into_any()
}

fn tile(desk: Desk, info: SignalInfo) -> AnyView {
    let now = now(desk, &info);
    let scale = {
        let info = info.clone();
        Memo::new(move |_| dial::suits(&info, now.with(|n| n.number)))
    };
    let unit = info.unit.clone();
    let figure = {
        let unit = unit.clone();
        move || {
            now.with(|n| match (&n.text, &n.missing) {
                (_, Some(why)) => view! { <span class="why">{why.clone()}</span> }.into_any(),
                (Some(text), _) if n.number.is_some() => {
                    let unit = (!unit.is_empty()).then(|| view! { <span class="unit">{unit.clone()}</span> });
                    view! { <span class="num">{text.clone()} {unit}</span> }.into_any()
                }
                (Some(text), _) => view! { <span class="word">{text.clone()}</span> }.into_any(),
                (None, None) => view! { <span class="why">"No value yet"</span> }.into_any(),
            })
        }
    };
    let foot = move || {
        now.with(|n| match &n.old {
            Some(old) => view! { <span class="age">{old.clone()}</span> }.into_any(),
            None => view! { <span class="num">{n.rate.clone()}</span> }.into_any(),
        })
    };
    let class = move || now.with(|n| if n.old.is_some() || n.text.is_none() { "tile old" } else { "tile" });
    let with_dial = move || {
        scale.get().map(|scale| {
            let drawn = Memo::new(move |_| dial::dial(now.with(|n| n.number), scale));
            face(drawn, scale)
        })
    };
    view! {
        <li class=class data-testid="tile" data-signal=info.id.clone()>
            <span class="name">{info.label.clone()}</span>
            <small class="ecu">{info.ecu_name.clone()}</small>
            <div class="reading">{with_dial} <p class="big">{figure}</p></div>
            <small class="foot">{foot}</small>
        </li>
    }
    .into_any()
}

fn face(drawn: Memo<Dial>, (lo, hi): (f64, f64)) -> AnyView {
    let of = move |read: fn(&Dial) -> &String| drawn.with(|d| read(d).clone());
    view! {
        <svg class="dial" viewBox="0 0 100 80" aria-hidden="true">
            <path class="arc" d=move || of(|d| &d.arc) />
            <path class="to" d=move || of(|d| &d.value) />
            <path class="needle" d=move || of(|d| &d.needle) />
            <text x="14" y="79" text-anchor="middle">{locale::number(lo, 0)}</text>
            <text x="86" y="79" text-anchor="middle">{locale::number(hi, 0)}</text>
        </svg>
    }
    .into_any()
}
