//! The command palette: vehicles by plate, VIN or name, pages, actions.

use crate::{
    live::fetch,
    parts::{dialog::Dialog, icon},
    words,
};
use icondata_core::Icon;
use leptos::{ev, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use roadworthy_api::{calls::ListVehicles, vehicle::VehicleRow};

const VEHICLES: u32 = 8;

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    image: Icon,
    label: String,
    note: String,
    /// Where it leads; empty: the list of keys.
    to: String,
}

fn fixed() -> Vec<Entry> {
    let entry = |image, label: &str, note: &str, to: &str| Entry {
        image,
        label: label.into(),
        note: note.into(),
        to: to.into(),
    };
    vec![
        entry(icon::CAR, "Fleet", "Page", "/"),
        entry(icon::SCAN, "Check a vehicle", "Page", "/check"),
        entry(icon::LIVE, "Live", "Page", "/live"),
        entry(icon::INBOX, "Alerts", "Page", "/alerts"),
        entry(icon::SYSTEM, "System", "Page", "/system"),
        entry(icon::VISITS, "Timeline", "Page", "/timeline"),
        entry(icon::SETTINGS, "Settings", "Page", "/settings"),
        entry(icon::SIMULATED, "Try a simulated vehicle", "Action", "/check?port=sim:misfire"),
        entry(icon::PLUS, "Register a vehicle", "Action", "/?register=1"),
        entry(icon::FILE, "Import a log or a service history", "Action", "/import"),
        entry(icon::CABLE, "Add an adapter's address", "Action", "/settings#adapters"),
        entry(icon::SUN, "Light or dark", "Action", "/settings#look"),
        entry(icon::SHIELD, "Verify the journal", "Action", "/system/chain"),
        entry(icon::TEXT, "Export the log for support", "Action", "/system/log"),
        entry(icon::SYSTEM, "Workers", "System", "/system/workers"),
        entry(icon::SYSTEM, "Outbox", "System", "/system/outbox"),
        entry(icon::SYSTEM, "Storage", "System", "/system/storage"),
        entry(icon::BACKUP, "Backups", "System", "/system/backups"),
        entry(icon::KEYBOARD, "Keys", "Help", ""),
    ]
}

fn of_vehicle(row: &VehicleRow) -> Entry {
    let title = words::vehicle_title(row);
    let rest: Vec<&str> =
        [row.name.as_deref(), row.vin.as_deref()].into_iter().flatten().filter(|t| *t != title).collect();
    Entry { image: icon::CAR, note: rest.join(" · "), to: format!("/vehicles/{}", row.id), label: title }
}

/// Whether every word of the query is in the text, whatever the case.
fn matches(text: &str, query: &str) -> bool {
    let text = text.to_lowercase();
    query.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// The dialog.
#[component]
pub(crate) fn Palette(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The list of keys.
    helping: RwSignal<bool>,
) -> impl IntoView {
    let query = RwSignal::new(String::new());
    let chosen = RwSignal::new(0usize);
    Effect::new(move |_| {
        if open.get() {
            query.set(String::new());
            chosen.set(0);
        }
    });
    let found = fetch(move || {
        let text = query.get().trim().to_owned();
        open.get().then(|| ListVehicles {
            search: (!text.is_empty()).then_some(text),
            offset: 0,
            limit: VEHICLES,
            order: None,
            back: None,
            state: None,
        })
    });
    let entries = Memo::new(move |_| {
        let query = query.get();
        let mut all: Vec<Entry> = fixed().into_iter().filter(|e| matches(&e.label, &query)).collect();
        let vehicles = found
            .value
            .with(|page| page.as_ref().map(|p| p.rows.iter().map(of_vehicle).collect::<Vec<_>>()).unwrap_or_default());
        if query.trim().is_empty() {
            all.extend(vehicles);
        } else {
            all.splice(0..0, vehicles);
        }
        all
    });
    let navigate = use_navigate();
    let go = Callback::new(move |entry: Entry| {
        open.set(false);
        if entry.to.is_empty() { helping.set(true) } else { navigate(&entry.to, NavigateOptions::default()) }
    });
    let keydown = move |event: ev::KeyboardEvent| {
        let count = entries.with(Vec::len);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|c| *c = (*c + 1).min(count.saturating_sub(1))),
            "ArrowUp" => chosen.update(|c| *c = c.saturating_sub(1)),
            "Enter" => {
                if let Some(entry) = entries.with(|e| e.get(chosen.get()).cloned()) {
                    go.run(entry);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let inside = move || {
        let input = NodeRef::<html::Input>::new();
        Effect::new(move |_| {
            if let Some(input) = input.get() {
                let _ = input.focus();
            }
        });
        let typed = move |event| {
            query.set(event_target_value(&event));
            chosen.set(0);
        };
        let option = move |(at, entry): (usize, Entry)| {
            let picked = entry.clone();
            view! {
                <li role="option" id=format!("choice-{at}") aria-selected=move || (chosen.get() == at).to_string()
                    on:click=move |_| go.run(picked.clone()) on:mousemove=move |_| chosen.set(at)>
                    {icon::icon(entry.image, 20)} <span>{entry.label}</span> <small>{entry.note}</small>
                </li>
            }
        };
        view! {
            <input node_ref=input class="input" type="text" role="combobox" aria-expanded="true" aria-controls="choices" aria-autocomplete="list"
                aria-label="Search vehicles, pages, actions" placeholder="Plate, VIN, name, page or action" autocomplete="off" spellcheck="false"
                aria-activedescendant=move || format!("choice-{}", chosen.get()) data-testid="palette-input"
                prop:value=move || query.get() on:input=typed on:keydown=keydown />
            <ul role="listbox" id="choices" aria-label="Found">
                {move || entries.get().into_iter().enumerate().map(option).collect_view()}
                {move || entries.with(Vec::is_empty).then(|| view! { <li class="empty">"Nothing by that name."</li> })}
            </ul>
        }
        .into_any()
    };
    view! { <Dialog open=open label="Search" class="palette">{inside()}</Dialog> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_must_be_there_in_any_order() {
        for (query, expect) in [("", true), ("SIM", true), ("vehicle try", true), ("simulated bus", false)] {
            assert_eq!(matches("Try a simulated vehicle", query), expect, "{query}");
        }
    }
}
