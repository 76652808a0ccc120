//! Readings and times as people read them.

use crate::{locale, words};
use leptos::prelude::*;
use roadworthy_api::{
    Timestamp,
    reading::{Item, Value},
};

/// A number with its unit, smaller.
pub(crate) fn number(value: f64, unit: &str) -> AnyView {
    let text = locale::number(value, locale::digits(value));
    let unit = (!unit.is_empty()).then(|| view! { <span class="unit">{unit.to_owned()}</span> });
    view! { <span class="num">{text}{unit}</span> }.into_any()
}

/// A decoded value.
pub(crate) fn value(value: &Value) -> AnyView {
    let text = match value {
        Value::Number { value, unit } => return number(*value, unit),
        Value::Enumerated { text, .. } | Value::Text { text } => text.clone(),
        Value::Flag { bool: true } => "Yes".into(),
        Value::Flag { bool: false } => "No".into(),
        Value::Raw { raw } => return view! { <code class="text" title="Not described by the standard: the bytes as sent">{raw.clone()}</code> }.into_any(),
    };
    view! { <span class="text">{text}</span> }.into_any()
}

/// A signal's name for people.
pub(crate) fn label(item: &Item) -> String {
    item.label
        .clone()
        .or_else(|| item.name.as_deref().map(words::sentence_case))
        .unwrap_or_else(|| format!("PID {}", item.pid))
}

/// A label and a value on one line.
pub(crate) fn line(item: &Item) -> AnyView {
    view! { <div class="value"><span>{label(item)}</span> {value(&item.value)}</div> }.into_any()
}

/// How long ago, with the exact time on hover and focus.
pub(crate) fn when(at: Timestamp) -> AnyView {
    view! { <time class="when" tabindex="0" data-exact=locale::time(at) title=locale::time(at)>{locale::ago(at, locale::now())}</time> }.into_any()
}

/// How long ago, inside a link.
pub(crate) fn ago(at: Timestamp) -> AnyView {
    view! { <time title=locale::time(at)>{locale::ago(at, locale::now())}</time> }.into_any()
}
