//! The fields in which questions are answered: those of a log, and what any question can use.

use crate::{
    locale,
    pages::import::log::Logs,
    words::import::{self as said, Choices},
};
use leptos::prelude::*;
use roadworthy_api::import::{Question, TimeFormat};

/// The field of a question about a log.
pub(in crate::pages::import) fn of_log(desk: Logs, question: &Question) -> AnyView {
    match question.what.as_str() {
        "date_order" => choices("date_order", &said::ORDERS, move || desk.answers.with(|a| a.date_order), move |v| {
            desk.say(|a| a.date_order = v);
        }),
        "restarts" => choices("restarts", &said::RESTARTS, move || desk.answers.with(|a| a.restarts), move |v| {
            desk.say(|a| a.restarts = v);
        }),
        "decimal" => choices("decimal", &said::DECIMALS, move || desk.answers.with(|a| a.decimal), move |v| {
            desk.say(|a| a.decimal = v);
        }),
        "zone" => zone(desk),
        "date" => moment("date", "The first day", "date", move || desk.answers.with(|a| a.date.clone()), move |text| {
            desk.say(|a| a.date = text);
        }),
        "start" => moment("start", "The start", "datetime-local", move || desk.answers.with(|a| a.start.clone()), move |text| {
            desk.say(|a| a.start = text.map(|t| if t.len() == 16 { format!("{t}:00") } else { t }));
        }),
        "time" => time(desk),
        _ => view! { <p class="muted">"Load a way to read it that says this, with the button at the end of the page."</p> }.into_any(),
    }
}

/// One of some known choices.
pub(in crate::pages::import) fn choices<T: Copy + PartialEq + Send + Sync + 'static>(
    name: &'static str,
    all: Choices<T>,
    now: impl Fn() -> Option<T> + Copy + Send + Sync + 'static,
    pick: impl Fn(Option<T>) + Copy + Send + Sync + 'static,
) -> AnyView {
    let offered = all.iter().map(|(_, key, label)| ((*key).to_owned(), (*label).to_owned())).collect();
    let key = move || now().map_or("", |v| said::key_of(all, v)).to_owned();
    radios(name, offered, key, move |key| pick(said::chosen(all, key)))
}

/// One of some choices, each a key and its label.
pub(in crate::pages::import) fn radios(
    name: &'static str,
    choices: Vec<(String, String)>,
    now: impl Fn() -> String + Copy + Send + Sync + 'static,
    pick: impl Fn(&str) + Copy + Send + Sync + 'static,
) -> AnyView {
    let one = move |(key, label): (String, String)| {
        let (own, said) = (key.clone(), key.clone());
        view! {
            <label class="choice">
                <input type="radio" name=name value=key.clone() data-testid=format!("{name}-{key}") prop:checked=move || now() == own on:change=move |_| pick(&said) />
                {label}
            </label>
        }
    };
    view! { <div class="row">{choices.into_iter().map(one).collect_view()}</div> }.into_any()
}

/// Chips of what is likely, each a text and its label, beside a field for any other text.
pub(in crate::pages::import) fn text(
    id: &'static str,
    label: &'static str,
    example: &'static str,
    offered: Vec<(String, String)>,
    now: impl Fn() -> Option<String> + Copy + Send + Sync + 'static,
    say: impl Fn(Option<String>) + Copy + Send + Sync + 'static,
) -> AnyView {
    let chip = move |(at, (text, label)): (usize, (String, String))| {
        let key = text.clone();
        let on = move || now().as_deref() == Some(key.as_str());
        view! {
            <button class="chip" type="button" data-testid=format!("{id}-{at}") aria-pressed=move || on().to_string() on:click=move |_| say(Some(text.clone()))>{label}</button>
        }
    };
    let typed = move |ev| {
        let text = event_target_value(&ev).trim().to_owned();
        say((!text.is_empty()).then_some(text));
    };
    view! {
        <div class="row">
            <div class="chips">{offered.into_iter().enumerate().map(chip).collect_view()}</div>
            <input class="input zone" type="text" aria-label=label placeholder=example autocomplete="off" spellcheck="false" data-testid=id
                prop:value=move || now().unwrap_or_default() on:change=typed />
        </div>
    }
    .into_any()
}

/// A zone by its name; that of this computer is offered, never assumed.
fn zone(desk: Logs) -> AnyView {
    let own =
        locale::zone().filter(|name| name != "UTC").map(|name| (name.clone(), format!("{name}, as this computer")));
    let offered = own.into_iter().chain([("UTC".to_owned(), "UTC".to_owned())]).collect();
    text(
        "zone",
        "Time zone",
        "Europe/Berlin or +02:00",
        offered,
        move || desk.answers.with(|a| a.zone.clone()),
        move |text| {
            desk.say(|a| a.zone = text);
        },
    )
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
fn time(desk: Logs) -> AnyView {
    let (column, format) = (RwSignal::new(None::<u32>), RwSignal::new(None::<TimeFormat>));
    Effect::new(move |_| {
        let (Some(column), Some(format)) = (column.get(), format.get()) else { return };
        desk.change(|mapping| {
            mapping.time.columns = vec![column];
            mapping.time.format = format;
            // It says when, and nothing else.
            for own in mapping.columns.iter_mut().filter(|c| c.place == column) {
                own.take = false;
                own.left_out = "It says when.".into();
            }
        });
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
