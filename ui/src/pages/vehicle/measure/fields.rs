//! What is typed for each kind, and what is wrong with it.

use crate::{parts::field::Field, words};
use leptos::prelude::*;
use roadworthy_api::note::Measured;

type Read = Box<dyn Fn() -> Result<Vec<Measured>, ()> + Send + Sync>;

/// Fields of a form: how they look, what they hold, how they are emptied.
pub(super) struct Typed {
    pub(super) view: AnyView,
    /// What is typed; `Err` while something is wrong, which its field says.
    pub(super) read: StoredValue<Read>,
    pub(super) clear: StoredValue<Box<dyn Fn() + Send + Sync>>,
}

impl Typed {
    pub(super) fn new(
        view: AnyView,
        read: impl Fn() -> Result<Vec<Measured>, ()> + Send + Sync + 'static,
        clear: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self { view, read: StoredValue::new(Box::new(read)), clear: StoredValue::new(Box::new(clear)) }
    }
}

/// What is wrong with a number, once it was tried; `needed`: what to say of an empty one.
pub(super) fn wrong(
    text: RwSignal<String>,
    whole: bool,
    tried: RwSignal<bool>,
    needed: Option<&'static str>,
) -> Signal<Option<String>> {
    Signal::derive(move || {
        if !tried.get() {
            return None;
        }
        match words::typed_number(&text.get(), whole) {
            Err(why) => Some(why.to_owned()),
            Ok(None) => needed.map(str::to_owned),
            Ok(Some(_)) => None,
        }
    })
}

fn number(text: RwSignal<String>, whole: bool) -> Result<Option<f64>, ()> {
    words::typed_number(&text.get_untracked(), whole).map_err(|_| ())
}

pub(super) fn odometer(tried: RwSignal<bool>) -> Typed {
    let km = RwSignal::new(String::new());
    let view = view! {
        <div class="field short">
            <Field label="Kilometres" id="measure-km" value=km kind="decimal" help="As the instrument shows it." wrong=wrong(km, true, tried, Some("Type the kilometres.")) />
        </div>
    };
    let read = move || Ok(number(km, true)?.map(|km| Measured::Odometer { km }).into_iter().collect());
    Typed::new(view.into_any(), read, move || km.set(String::new()))
}

pub(super) fn battery(tried: RwSignal<bool>) -> Typed {
    let [volts, amps, health] = [(); 3].map(|()| RwSignal::new(String::new()));
    let none = move || [volts, amps, health].iter().all(|s| s.with(|t| t.trim().is_empty()));
    let volts_wrong = Signal::derive(move || {
        if tried.get() && none() {
            return Some("Type at least one of the three.".to_owned());
        }
        wrong(volts, false, tried, None).get()
    });
    let view = view! {
        <div class="threes">
            <Field label="Voltage at rest (V)" id="measure-volts" value=volts kind="decimal" wrong=volts_wrong />
            <Field label="Cold cranking current (A)" id="measure-amps" value=amps kind="decimal" wrong=wrong(amps, false, tried, None) />
            <Field label="State of health (%)" id="measure-health" value=health kind="decimal" help="As the tester says." wrong=wrong(health, false, tried, None) />
        </div>
    };
    let read = move || {
        let (volts, cold_cranking_amps, health_percent) =
            (number(volts, false)?, number(amps, false)?, number(health, false)?);
        let any = volts.or(cold_cranking_amps).or(health_percent).is_some();
        Ok(any.then_some(Measured::Battery { volts, cold_cranking_amps, health_percent }).into_iter().collect())
    };
    Typed::new(view.into_any(), read, move || [volts, amps, health].iter().for_each(|s| s.set(String::new())))
}

pub(super) fn oil(tried: RwSignal<bool>) -> Typed {
    let [grade, specification] = [(); 2].map(|()| RwSignal::new(String::new()));
    let missing = Signal::derive(move || {
        (tried.get() && grade.with(|g| g.trim().is_empty())).then(|| "Type the grade, as in 5W-30.".to_owned())
    });
    let view = view! {
        <div class="threes">
            <Field label="Grade" id="measure-grade" value=grade help="As in 5W-30." wrong=missing />
            <Field label="Specification" id="measure-specification" value=specification help="As in ACEA C3; may stay empty." />
        </div>
    };
    let read = move || {
        let line = |s: RwSignal<String>| s.get_untracked().trim().to_owned();
        let (grade, specification) = (line(grade), line(specification));
        Ok((!grade.is_empty()).then_some(Measured::Oil { grade, specification }).into_iter().collect())
    };
    Typed::new(view.into_any(), read, move || [grade, specification].iter().for_each(|s| s.set(String::new())))
}
