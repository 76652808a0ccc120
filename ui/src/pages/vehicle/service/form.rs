//! Writing a record down, or correcting one; a reading that contradicts others is said where it was typed, and can be kept all the
//! same.

use crate::{
    backend::call,
    live::Act,
    locale,
    parts::{
        field::{Field, area},
        notice,
        toast::Toasts,
    },
    words::{self, history as said, import},
};
use leptos::{ev, prelude::*};
use roadworthy_api::{
    Code,
    calls::{AddService, CorrectService, RemoveService},
    id::VehicleId,
    service::{Meter, MeterUnit, Money, ServiceFields, ServiceKind, ServiceRow},
};

/// A figure as it is typed. What nobody touches stays as it is stored, also where it could not be typed so.
#[derive(Clone, Copy)]
struct Figure {
    text: RwSignal<String>,
    stored: StoredValue<(String, Option<f64>)>,
    /// It could be read two ways: as in [`words::typed_number`].
    whole: bool,
}

impl Figure {
    fn of(stored: Option<f64>, whole: bool) -> Self {
        let text = stored.map_or_else(String::new, |figure| figure.to_string());
        Self { text: RwSignal::new(text.clone()), stored: StoredValue::new((text, stored)), whole }
    }

    fn read(self) -> Result<Option<f64>, &'static str> {
        let (before, stored) = self.stored.get_value();
        self.text.with(|text| if *text == before { Ok(stored) } else { words::typed_number(text, self.whole) })
    }

    /// What is wrong with it, once `tried`.
    fn wrong(self, tried: RwSignal<bool>) -> Signal<Option<String>> {
        Signal::derive(move || self.read().err().filter(|_| tried.get()).map(str::to_owned))
    }
}

/// What is typed so far.
#[derive(Clone, Copy)]
struct Typed {
    /// What the record says besides; stays as it is.
    rest: StoredValue<ServiceFields>,
    day: RwSignal<String>,
    kind: RwSignal<ServiceKind>,
    done: RwSignal<String>,
    odometer: Figure,
    unit: RwSignal<MeterUnit>,
    cost: Figure,
    currency: RwSignal<String>,
    vendor: RwSignal<String>,
    notes: RwSignal<String>,
    /// Keeping was tried: what is wrong is said from then on.
    tried: RwSignal<bool>,
}

impl Typed {
    fn of(fields: ServiceFields) -> Self {
        let text = |text: &str| RwSignal::new(text.to_owned());
        let currency = fields.cost.as_ref().and_then(|c| c.currency.clone()).unwrap_or_default();
        Self {
            day: text(&fields.day),
            kind: RwSignal::new(fields.kind),
            done: text(&fields.description),
            odometer: Figure::of(fields.odometer.map(|m| m.value), true),
            unit: RwSignal::new(fields.odometer.map_or(MeterUnit::Km, |m| m.unit)),
            cost: Figure::of(fields.cost.as_ref().map(|c| c.amount), false),
            currency: text(&currency),
            vendor: text(&fields.vendor),
            notes: text(&fields.notes),
            tried: RwSignal::new(false),
            rest: StoredValue::new(fields),
        }
    }

    /// What the record says; `None` where a figure is none.
    fn fields(self) -> Option<ServiceFields> {
        self.tried.set(true);
        let (reading, amount) = untrack(|| Some((self.odometer.read().ok()?, self.cost.read().ok()?)))?;
        let line = |typed: RwSignal<String>| typed.get_untracked().trim().to_owned();
        let currency = Some(line(self.currency)).filter(|c| !c.is_empty());
        let unit = self.unit.get_untracked();
        Some(ServiceFields {
            day: line(self.day),
            kind: self.kind.get_untracked(),
            description: line(self.done),
            odometer: reading.map(|value| Meter { value, unit }),
            cost: amount.map(|amount| Money { amount, currency }),
            vendor: line(self.vendor),
            notes: line(self.notes),
            ..self.rest.get_value()
        })
    }
}

/// Writes a record down.
pub(super) fn add(vehicle: VehicleId, open: RwSignal<bool>) -> AnyView {
    let day = locale::date(locale::now());
    let typed = Typed::of(ServiceFields { day, kind: ServiceKind::Service, ..ServiceFields::default() });
    let act = Act::new();
    let keep = move |sure: bool| {
        let Some(fields) = typed.fields() else { return };
        act.run(call(AddService { vehicle, fields, sure }), move |service| {
            let _ = open.try_set(false);
            let back = RemoveService { service, removed: true };
            Toasts::here().done_but("Record kept.", back, "The record is taken back.");
        });
    };
    form("What was done", typed, act, open, keep)
}

/// Corrects a record; undone by what it said before.
pub(super) fn correct(row: &ServiceRow, open: RwSignal<bool>) -> AnyView {
    let (service, before) = (row.id, StoredValue::new(row.fields.clone()));
    // To go back to a reading that waits for a decision would be a decision.
    let waits = row.flag.is_some() && row.judged.is_none();
    let (typed, act) = (Typed::of(row.fields.clone()), Act::new());
    let keep = move |sure: bool| {
        let Some(fields) = typed.fields() else { return };
        let touched = before.with_value(|b| (&b.odometer, &b.day) != (&fields.odometer, &fields.day));
        act.run(call(CorrectService { service, fields, sure }), move |_| {
            let _ = open.try_set(false);
            if waits && (touched || sure) {
                return Toasts::here().say("Record corrected.");
            }
            let back = CorrectService { service, fields: before.get_value(), sure: touched };
            Toasts::here().done_but("Record corrected.", back, "The record is as before.");
        });
    };
    form("Correct the record", typed, act, open, keep)
}

fn form(
    title: &'static str,
    typed: Typed,
    act: Act,
    open: RwSignal<bool>,
    keep: impl Fn(bool) + Copy + Send + Sync + 'static,
) -> AnyView {
    let Typed { day, kind, done, odometer, unit, cost, currency, vendor, notes, tried, .. } = typed;
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        keep(false);
    };
    let problem = move || {
        act.error.get().map(|error| {
            let anyway = (error.code == Code::Conflict).then(|| {
                view! { <button class="button" type="button" data-testid="service-anyway" on:click=move |_| keep(true)>"It is right: keep it"</button> }
            });
            notice::error_with(&error, anyway)
        })
    };
    let was = kind.get_untracked();
    let kinds = ServiceKind::ALL.map(|k| view! { <option value=k.word() selected=k == was>{k.label()}</option> });
    let of_kind = move |ev| {
        let word = event_target_value(&ev);
        if let Some(chosen) = ServiceKind::ALL.into_iter().find(|k| k.word() == word) {
            kind.set(chosen);
        }
    };
    let measured = unit.get_untracked();
    let units = said::METERS.map(|(u, key, _)| view! { <option value=key selected=u == measured>{u.word()}</option> });
    let of_unit = move |ev| {
        if let Some(chosen) = import::chosen(&said::METERS, &event_target_value(&ev)) {
            unit.set(chosen);
        }
    };
    view! {
        <form class="stack" novalidate on:submit=submit data-testid="service-form">
            <h2>{title}</h2>
            <div class="threes">
                <div class="field">
                    <label for="service-day">"Done on"</label>
                    <input class="input" id="service-day" type="date" data-testid="service-day" prop:value=move || day.get() on:input=move |ev| day.set(event_target_value(&ev)) />
                </div>
                <div class="field">
                    <label for="service-kind">"Kind"</label>
                    <select class="select" id="service-kind" data-testid="service-kind" on:change=of_kind>{kinds}</select>
                </div>
            </div>
            <Field label="What was done" id="service-done" value=done first=true />
            <div class="threes">
                <Field label="Odometer" id="service-odometer" value=odometer.text kind="decimal" wrong=odometer.wrong(tried) />
                <div class="field">
                    <label for="service-unit">"in"</label>
                    <select class="select" id="service-unit" on:change=of_unit>{units}</select>
                </div>
            </div>
            <div class="threes">
                <Field label="Cost" id="service-cost" value=cost.text kind="decimal" wrong=cost.wrong(tried) />
                <Field label="Currency" id="service-currency" value=currency help="As in EUR; empty where it is not known." />
                <Field label="Who did it" id="service-vendor" value=vendor />
            </div>
            {area("Notes", "service-notes", notes)}
            {problem}
            <div class="buttons">
                <button class="button main" type="submit" data-testid="service-keep" disabled=move || act.busy.get()>"Keep"</button>
                <button class="button" type="button" on:click=move |_| open.set(false)>"Cancel"</button>
            </div>
        </form>
    }
    .into_any()
}
