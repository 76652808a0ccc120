//! What is looked at, as the page's address says it: a reload shows the same.

use crate::chart::axis::View;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use roadworthy_api::{id::VehicleId, live::PRESETS, telemetry::SignalSpan};
use std::time::Duration;

/// Most signals at once.
pub(super) const MOST: usize = 16;
/// Signals shown where the address names none.
const FIRST: usize = 4;
/// How long the address waits for the hand to rest.
const RESTS: Duration = Duration::from_millis(400);

/// Signals and stretch that the address asks for, as far as they are there and make sense.
fn read(get: impl Fn(&str) -> Option<String>, spans: &[SignalSpan]) -> (Vec<String>, Option<View>) {
    let asked = get("s").unwrap_or_default();
    let mut chosen: Vec<String> = Vec::new();
    for id in asked.split(',').filter(|id| spans.iter().any(|s| s.id == *id)) {
        if chosen.len() < MOST && !chosen.iter().any(|c| c == id) {
            chosen.push(id.to_owned());
        }
    }
    if chosen.is_empty() {
        chosen = usual(spans);
    }
    let number = |key: &str| get(key).and_then(|t| t.parse::<i64>().ok());
    let view = match (number("from"), number("to")) {
        // A moment of a year beyond 9999 is no moment.
        (Some(from), Some(to)) if from < to && from >= 0 && to < 253_402_300_800_000 => Some(View { from, to }),
        _ => None,
    };
    (chosen, view)
}

/// The first signals of the usual set that the vehicle has, else its first ones.
fn usual(spans: &[SignalSpan]) -> Vec<String> {
    let names = PRESETS.first().map(|(_, names)| *names).unwrap_or_default();
    let named = |name: &&str| spans.iter().find(|s| s.id.rsplit(':').next() == Some(*name)).map(|s| s.id.clone());
    let found: Vec<String> = names.iter().filter_map(named).take(FIRST).collect();
    if found.is_empty() { spans.iter().take(FIRST).map(|s| s.id.clone()).collect() } else { found }
}

fn written(vehicle: VehicleId, chosen: &[String], view: View) -> String {
    let mut query = ParamsMap::new();
    query.insert("s", chosen.join(","));
    query.insert("from", view.from.to_string());
    query.insert("to", view.to.to_string());
    format!("/vehicles/{vehicle}/trends{}", query.to_query_string())
}

/// The address now.
pub(super) fn asked(spans: &[SignalSpan]) -> (Vec<String>, Option<View>) {
    use_query_map().with_untracked(|q| read(|key| q.get(key), spans))
}

/// Keeps the address that of what is shown. Ends with the page.
pub(super) fn keep(vehicle: VehicleId, chosen: RwSignal<Vec<String>>, view: RwSignal<View>) {
    let navigate = use_navigate();
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    Effect::new(move |_| {
        let to = written(vehicle, &chosen.get(), view.get());
        let navigate = navigate.clone();
        stop();
        let go = move || navigate(&to, NavigateOptions { replace: true, scroll: false, ..Default::default() });
        timer.set_value(set_timeout_with_handle(go, RESTS).ok());
    });
    on_cleanup(stop);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(ids: &[&str]) -> Vec<SignalSpan> {
        let one = |id: &&str| SignalSpan {
            id: (*id).to_owned(),
            label: String::new(),
            unit: String::new(),
            from: 0,
            to: 1,
            samples: 1,
            raw_from: None,
        };
        ids.iter().map(one).collect()
    }

    #[test]
    fn an_address_is_taken_as_far_as_it_makes_sense() {
        let all = spans(&["7E8:05:coolant_temperature", "7E8:0C:engine_rpm", "7E8:2F:fuel_level"]);
        for (fields, chosen, view) in [
            (&[][..], &["7E8:0C:engine_rpm", "7E8:05:coolant_temperature"][..], None),
            (&[("s", "7E8:2F:fuel_level,nothing,7E8:2F:fuel_level")], &["7E8:2F:fuel_level"], None),
            (&[("s", "7E8:2F:fuel_level"), ("from", "5"), ("to", "9")], &["7E8:2F:fuel_level"], Some((5, 9))),
            (&[("s", "7E8:2F:fuel_level"), ("from", "9"), ("to", "5")], &["7E8:2F:fuel_level"], None),
            (&[("s", "7E8:2F:fuel_level"), ("from", "x"), ("to", "5")], &["7E8:2F:fuel_level"], None),
            (&[("s", "7E8:2F:fuel_level"), ("from", "1"), ("to", "9223372036854775807")], &["7E8:2F:fuel_level"], None),
        ] {
            let get = |key: &str| fields.iter().find(|(k, _)| *k == key).map(|(_, v)| (*v).to_owned());
            let found = read(get, &all);
            assert_eq!(
                (found.0, found.1.map(|v| (v.from, v.to))),
                (chosen.iter().map(|s| (*s).to_owned()).collect(), view),
                "{fields:?}"
            );
        }
        assert_eq!(read(|_| None, &spans(&["a:b:c"])).0, ["a:b:c"], "none of the usual ones");
    }
}
