//! Writing a record down; a reading that contradicts others is said where it was typed, and can be kept all the same.

use crate::{
    backend::call,
    live::Act,
    locale,
    parts::{
        field::{Field, area},
        notice,
        toast::Toasts,
    },
    words,
};
use leptos::{ev, prelude::*};
use roadworthy_api::{
    Code,
    calls::{AddService, RemoveService},
    id::VehicleId,
    service::{Meter, MeterUnit, Money, ServiceFields, ServiceKind},
};

/// The panel.
pub(super) fn add(vehicle: VehicleId, open: RwSignal<bool>) -> AnyView {
    let day = RwSignal::new(locale::date(locale::now()));
    let kind = RwSignal::new(ServiceKind::Service);
    let unit = RwSignal::new(MeterUnit::Km);
    let text = || RwSignal::new(String::new());
    let (done, odometer, cost, currency, vendor, notes) = (text(), text(), text(), text(), text(), text());
    let (act, tried) = (Act::new(), RwSignal::new(false));
    let wrong = move |typed: RwSignal<String>, whole: bool| {
        Signal::derive(move || {
            let problem = typed.with(|t| words::typed_number(t, whole).err());
            problem.filter(|_| tried.get()).map(str::to_owned)
        })
    };
    let keep = move |sure: bool| {
        tried.set(true);
        let number = |typed: RwSignal<String>, whole| typed.with_untracked(|t| words::typed_number(t, whole));
        let (Ok(reading), Ok(amount)) = (number(odometer, true), number(cost, false)) else { return };
        let line = |typed: RwSignal<String>| typed.get_untracked().trim().to_owned();
        let currency = Some(line(currency)).filter(|c| !c.is_empty());
        let fields = ServiceFields {
            day: line(day),
            kind: kind.get_untracked(),
            description: line(done),
            odometer: reading.map(|value| Meter { value, unit: unit.get_untracked() }),
            cost: amount.map(|amount| Money { amount, currency }),
            vendor: line(vendor),
            notes: line(notes),
            ..ServiceFields::default()
        };
        act.run(call(AddService { vehicle, fields, sure }), move |service| {
            let _ = open.try_set(false);
            let back = RemoveService { service, removed: true };
            Toasts::here().done_but("Record kept.", back, "The record is taken back.");
        });
    };
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
    let kinds = ServiceKind::ALL
        .map(|k| view! { <option value=k.word() selected=k == ServiceKind::Service>{k.label()}</option> });
    let of_kind = move |ev| {
        let word = event_target_value(&ev);
        if let Some(chosen) = ServiceKind::ALL.into_iter().find(|k| k.word() == word) {
            kind.set(chosen);
        }
    };
    let units = [MeterUnit::Km, MeterUnit::Mi, MeterUnit::H];
    let of_unit = move |ev| {
        let word = event_target_value(&ev);
        if let Some(chosen) = units.into_iter().find(|u| u.word() == word) {
            unit.set(chosen);
        }
    };
    view! {
        <form class="panel stack" novalidate on:submit=submit data-testid="service-form">
            <h2>"What was done"</h2>
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
                <Field label="Odometer" id="service-odometer" value=odometer kind="decimal" wrong=wrong(odometer, true) />
                <div class="field">
                    <label for="service-unit">"in"</label>
                    <select class="select" id="service-unit" on:change=of_unit>{units.map(|u| view! { <option value=u.word()>{u.word()}</option> })}</select>
                </div>
            </div>
            <div class="threes">
                <Field label="Cost" id="service-cost" value=cost kind="decimal" wrong=wrong(cost, false) />
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
