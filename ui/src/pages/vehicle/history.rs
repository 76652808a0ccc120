//! One code over all visits: where it was seen, at which mileage, with its freeze frames.

use crate::{
    live::fetch,
    locale,
    parts::{frame, icon, notice, seen, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::GetFaultHistory,
    fault::{FaultHistory, Sighting},
    id::VehicleId,
};

/// Sightings drawn before the rest is asked for.
const FIRST: usize = 20;

/// The history, asked for when it is opened.
pub(super) fn history(vehicle: VehicleId, code: String) -> AnyView {
    let asked = fetch(move || Some(GetFaultHistory { vehicle, code: code.clone() }));
    view! { <div class="inset stack" data-testid="history">{seen::seen(asked, 3, whole)}</div> }.into_any()
}

fn whole(history: FaultHistory) -> AnyView {
    let meaning = history.meaning;
    let who = if meaning.maker_controlled {
        "What this code means is the maker's to say; the standard gives only the system."
    } else if meaning.known {
        "The meaning is the standard's."
    } else {
        "No title is certain for this code; the system is the standard's."
    };
    let gone = match history.absent_since {
        0 => "The newest visit that read the list still found it.".to_owned(),
        n => format!("{} since then read the list and did not find it.", words::count(n.into(), "visit")),
    };
    let all = RwSignal::new(false);
    let total = history.sightings.len();
    let sightings = StoredValue::new(history.sightings);
    let list = move || {
        let most = if all.get() { usize::MAX } else { FIRST };
        sightings.with_value(|s| s.iter().take(most).map(sighting).collect_view())
    };
    let more = move || {
        (total > FIRST && !all.get()).then(|| {
            view! { <button class="button" type="button" on:click=move |_| all.set(true)>{format!("Show all {total}")}</button> }
        })
    };
    view! {
        <p class="small">{who} " " {gone}</p>
        <ol class="sightings">{list}</ol>
        {more}
    }
    .into_any()
}

fn sighting(seen: &Sighting) -> AnyView {
    let lists: Vec<String> = seen.classes.iter().map(|c| words::class_words(*c).0.to_lowercase()).collect();
    let km = seen.odometer_km.map(|km| view! { " at " {value::number(km.round(), "km")} });
    let frozen = seen.freeze_frame.as_ref().map_or_else(
        || notice::plain("No freeze frame names it."),
        |f| {
            view! {
                <details class="more">
                    <summary>{icon::icon(icon::MORE, 20)} "Freeze frame"</summary>
                    {frame::values(f)}
                </details>
            }
            .into_any()
        },
    );
    view! {
        <li>
            <p>
                <a class="row-link" href=format!("/visits/{}", seen.visit)><b>{locale::time(seen.at)}</b></a> " "
                <small>{value::ago(seen.at)}</small> {km} ", " {words::list(&lists)} ", " <code>{seen.ecu.clone()}</code>
            </p>
            {frozen}
        </li>
    }
    .into_any()
}
