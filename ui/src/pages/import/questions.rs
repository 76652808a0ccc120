//! What cannot be told from the file, asked where the answer is given. Each answer is tried at once; one that was given stays here,
//! so that it can be changed.

use super::{desk::Desk, start};
use crate::{locale, parts::icon, words::import as said};
use leptos::prelude::*;
use roadworthy_api::import::{Question, TimeFormat};

/// The questions; nothing where nothing is open.
pub(super) fn questions(desk: Desk) -> AnyView {
    let asked = Memo::new(move |_| desk.asked.get());
    let body = move || {
        let all = asked.get();
        (!all.is_empty()).then(|| {
            let one = |q: Question| question(desk, q);
            view! {
                <section class="panel stack" data-testid="import-questions">
                    <h2>"What the file does not say"</h2>
                    {all.into_iter().map(one).collect_view()}
                    {start::as_last(desk)}
                </section>
            }
        })
    };
    body.into_any()
}

fn question(desk: Desk, question: Question) -> AnyView {
    let what = question.what.clone();
    let key = what.clone();
    let open = Memo::new(move |_| {
        desk.preview.with(|p| p.as_ref().is_some_and(|p| p.questions.iter().any(|q| q.what == key)))
    });
    let state = move || match open.get() {
        true => {
            view! { <span class="tone heed" data-testid="question-open">{icon::tone_icon(crate::words::Tone::Heed, 20)} "Must be said"</span> }
        }
        false => {
            view! { <span class="tone fine" data-testid="question-said">{icon::tone_icon(crate::words::Tone::Fine, 20)} "Said"</span> }
        }
    };
    let field = match what.as_str() {
        "date_order" => {
            let now = move || desk.answers.with(|a| a.date_order).map_or("", |v| said::key_of(&said::ORDERS, v));
            radios("date_order", said::ORDERS.map(|(_, key, label)| (key, label)).to_vec(), now, move |key| {
                desk.say(|a| a.date_order = said::chosen(&said::ORDERS, key));
            })
        }
        "restarts" => {
            let now = move || desk.answers.with(|a| a.restarts).map_or("", |v| said::key_of(&said::RESTARTS, v));
            radios("restarts", said::RESTARTS.map(|(_, key, label)| (key, label)).to_vec(), now, move |key| {
                desk.say(|a| a.restarts = said::chosen(&said::RESTARTS, key));
            })
        }
        "decimal" => {
            let now = move || desk.answers.with(|a| a.decimal).map_or("", |v| said::key_of(&said::DECIMALS, v));
            radios("decimal", said::DECIMALS.map(|(_, key, label)| (key, label)).to_vec(), now, move |key| {
                desk.say(|a| a.decimal = said::chosen(&said::DECIMALS, key));
            })
        }
        "zone" => zone(desk),
        "date" => moment("date", "The first day", "date", move || desk.answers.with(|a| a.date.clone()), move |text| {
            desk.say(|a| a.date = text);
        }),
        "start" => moment("start", "The start", "datetime-local", move || desk.answers.with(|a| a.start.clone()), move |text| {
            desk.say(|a| a.start = text.map(|t| if t.len() == 16 { format!("{t}:00") } else { t }));
        }),
        "time" => time(desk),
        _ => view! { <p class="muted">"Load a way to read it that says this, with the button at the end of the page."</p> }.into_any(),
    };
    view! {
        <fieldset class="question stack tight" data-testid="question" data-what=what>
            <legend><span class="row">{question.ask} {state}</span></legend>
            {field}
        </fieldset>
    }
    .into_any()
}

fn radios(
    name: &'static str,
    choices: Vec<(&'static str, &'static str)>,
    now: impl Fn() -> &'static str + Copy + Send + Sync + 'static,
    pick: impl Fn(&'static str) + Copy + Send + Sync + 'static,
) -> AnyView {
    let one = move |(key, label): (&'static str, &'static str)| {
        view! {
            <label class="choice">
                <input type="radio" name=name value=key data-testid=format!("{name}-{key}") prop:checked=move || now() == key on:change=move |_| pick(key) />
                {label}
            </label>
        }
    };
    view! { <div class="row">{choices.into_iter().map(one).collect_view()}</div> }.into_any()
}

/// A zone by its name; that of this computer is offered, never assumed.
fn zone(desk: Desk) -> AnyView {
    let own = locale::zone();
    let mut offered: Vec<String> = own.into_iter().collect();
    offered.push("UTC".into());
    offered.dedup();
    let now = move || desk.answers.with(|a| a.zone.clone()).unwrap_or_default();
    let chip = move |(at, name): (usize, String)| {
        let (key, pick) = (name.clone(), name.clone());
        let on = move || now() == key;
        let label = if at == 0 && name != "UTC" { format!("{name}, as this computer") } else { name };
        view! {
            <button class="chip" type="button" data-testid=format!("zone-{at}") aria-pressed=move || on().to_string() on:click=move |_| {
                let name = pick.clone();
                desk.say(|a| a.zone = Some(name));
            }>{label}</button>
        }
    };
    let typed = move |ev| {
        let text = event_target_value(&ev).trim().to_owned();
        desk.say(|a| a.zone = (!text.is_empty()).then_some(text));
    };
    view! {
        <div class="row">
            <div class="chips">{offered.into_iter().enumerate().map(chip).collect_view()}</div>
            <input class="input zone" type="text" aria-label="Time zone" placeholder="Europe/Berlin or +02:00" autocomplete="off" spellcheck="false" data-testid="zone"
                prop:value=now on:change=typed />
        </div>
    }
    .into_any()
}

fn moment(
    id: &'static str,
    label: &'static str,
    kind: &'static str,
    now: impl Fn() -> Option<String> + Copy + Send + Sync + 'static,
    say: impl Fn(Option<String>) + Copy + Send + Sync + 'static,
) -> AnyView {
    let typed = move |ev| {
        let text = event_target_value(&ev).trim().to_owned();
        say((!text.is_empty()).then_some(text));
    };
    view! {
        <label class="row small moment">
            {label}
            <input class="input" type=kind step="1" data-testid=format!("question-{id}") prop:value=move || now().unwrap_or_default() on:change=typed />
        </label>
    }
    .into_any()
}

/// Which column holds the times, and how they are written.
fn time(desk: Desk) -> AnyView {
    let (column, format) = (RwSignal::new(None::<u32>), RwSignal::new(None::<TimeFormat>));
    Effect::new(move |_| {
        let (Some(column), Some(format)) = (column.get(), format.get()) else { return };
        let Some(mut mapping) = desk.preview.with_untracked(|p| p.as_ref().map(|p| p.mapping.clone())) else { return };
        mapping.time.columns = vec![column];
        mapping.time.format = format;
        // It says when, and nothing else.
        for own in mapping.columns.iter_mut().filter(|c| c.place == column) {
            own.take = false;
            own.left_out = "It says when.".into();
        }
        desk.mapping.set(Some(mapping));
    });
    let columns = desk.preview.with_untracked(|p| p.as_ref().map(|p| p.mapping.columns.clone()).unwrap_or_default());
    let option = |(at, c): (usize, roadworthy_api::import::ColumnMapping)| {
        let name = if c.column.is_empty() { format!("Column {}", at + 1) } else { c.column };
        view! { <option value=c.place.to_string()>{name}</option> }
    };
    let formats = said::FORMATS.map(|(_, key, label)| view! { <option value=key>{label}</option> });
    view! {
        <div class="row">
            <label class="row small moment">
                "The column"
                <select class="select" data-testid="time-column" on:change=move |ev| column.set(event_target_value(&ev).parse().ok())>
                    <option value="">"Choose…"</option> {columns.into_iter().enumerate().map(option).collect_view()}
                </select>
            </label>
            <label class="row small moment">
                "written as"
                <select class="select" data-testid="time-format" on:change=move |ev| format.set(said::chosen(&said::FORMATS, &event_target_value(&ev)))>
                    <option value="">"Choose…"</option> {formats}
                </select>
            </label>
        </div>
    }
    .into_any()
}
