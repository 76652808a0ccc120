//! What each column becomes: taken or left, as which signal, in which unit. What is changed is tried at once.

use super::log::Logs;
use crate::{
    live::fetch,
    parts::{dialog::Dialog, icon, notice},
    words::import as said,
};
use leptos::{ev, prelude::*};
use roadworthy_api::{
    calls::{ListKnownSignals, ListSignals},
    import::{ColumnMapping, KnownSignal},
};

/// The step.
pub(super) fn columns(desk: Logs) -> AnyView {
    let all =
        Memo::new(move |_| desk.preview.with(|p| p.as_ref().map(|p| p.mapping.columns.clone()).unwrap_or_default()));
    let ready = Memo::new(move |_| desk.answered());
    let (editing, open) = (RwSignal::new(None::<usize>), RwSignal::new(false));
    let row = move |(at, column): (usize, ColumnMapping)| row(desk, at, column, ready, editing, open);
    let rows = move || all.get().into_iter().enumerate().map(row).collect_view();
    let taken = move || {
        let (taken, every) = all.with(|all| (all.iter().filter(|c| c.take).count(), all.len()));
        format!("{taken} of {} taken", crate::words::count(every as u64, "column"))
    };
    let wait = move || {
        (!ready.get()).then(|| notice::plain("They can be changed as soon as the questions above are answered."))
    };
    let inside = move || {
        let at = editing.get();
        let column = at.and_then(|at| all.with_untracked(|all| all.get(at).cloned()));
        at.zip(column).map(|(at, column)| view! { <Change desk=desk at=at column=column open=open /> })
    };
    (move || {
        (!all.with(Vec::is_empty)).then(|| {
            view! {
                <section class="panel stack" data-testid="import-columns">
                    <div class="row apart"><h2>"What is read"</h2> <span class="muted">{taken}</span></div>
                    {wait}
                    <table class="table fold" aria-label="Columns">
                        <thead>
                            <tr>
                                <th scope="col">"Take"</th> <th scope="col">"Column"</th> <th scope="col">"Becomes"</th> <th scope="col">"Unit"</th>
                                <th scope="col">"Known of it"</th> <th scope="col"><span class="unseen">"Change"</span></th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                    <Dialog open=open label="How a column is read">{move || inside.into_any()}</Dialog>
                </section>
            }
        })
    })
    .into_any()
}

fn row(
    desk: Logs,
    at: usize,
    column: ColumnMapping,
    ready: Memo<bool>,
    editing: RwSignal<Option<usize>>,
    open: RwSignal<bool>,
) -> AnyView {
    let name = if column.column.is_empty() { format!("Column {}", at + 1) } else { column.column.clone() };
    let times = !column.take && column.left_out == "It says when.";
    let label = format!("Take {name}");
    let change = format!("Change how {name} is read");
    let take = move |ev| {
        let take = event_target_checked(&ev);
        desk.change_column(at, |c| {
            c.take = take;
            if take && c.signal.is_empty() {
                c.signal = said::own_signal(&c.column);
                c.label = c.column.clone();
            }
            c.left_out = if take { String::new() } else { "It was left out here.".into() };
        });
    };
    let tick = (!times).then(|| {
        view! {
            <label class="choice tick">
                <input type="checkbox" aria-label=label data-testid="column-take" prop:checked=column.take disabled=move || !ready.get() on:change=take />
            </label>
        }
    });
    let becomes = column.take.then(|| {
        let known = format!("{} · {}", said::pid_of(&column.signal), said::ecu_of(&column.signal));
        view! { <span>{column.label.clone()} <br /> <small>{known}</small></span> }
    });
    let unit = column.take.then(|| said::unit_change(&column));
    let known = if column.take { column.guessed.clone() } else { column.left_out.clone() };
    let class = if column.take { "" } else { "left" };
    let key = name.clone();
    let edit = column.take.then(|| {
        let edit = move |_| {
            editing.set(Some(at));
            open.set(true);
        };
        view! {
            <button class="button plain" type="button" aria-label=change data-testid="column-change" disabled=move || !ready.get() on:click=edit>{icon::icon(icon::EDIT, 20)}</button>
        }
    });
    view! {
        <tr class=class data-testid="column" data-column=key>
            <td data-label="Take">{tick}</td>
            <th scope="row">{name}</th>
            <td data-label="Becomes">{becomes}</td>
            <td data-label="Unit">{unit}</td>
            <td data-label="Known of it"><small>{known}</small></td>
            <td class="end">{edit}</td>
        </tr>
    }
    .into_any()
}

/// A signal's id as a person may name it: by its label or its id, else it is one of that name.
fn signal_of(text: &str, known: &[KnownSignal]) -> Option<KnownSignal> {
    let text = text.trim();
    known.iter().find(|k| k.id == text || k.label.eq_ignore_ascii_case(text)).cloned()
}

/// The fields of one column.
#[component]
fn Change(
    /// The page.
    desk: Logs,
    /// Which.
    at: usize,
    /// As it is.
    column: ColumnMapping,
    /// Whether they are shown.
    open: RwSignal<bool>,
) -> impl IntoView {
    let label = RwSignal::new(column.label.clone());
    let (found, unit) = (RwSignal::new(column.unit_found.clone()), RwSignal::new(column.unit.clone()));
    let known = fetch(|| Some(ListKnownSignals {}));
    // What the vehicle has already: a log can go on where a recording ended.
    let own = fetch(move || desk.vehicle.get().map(|vehicle| ListSignals { vehicle }));
    let all = Memo::new(move |_| {
        let standard = known.value.with(|k| k.as_ref().map(|k| k.signals.clone()).unwrap_or_default());
        let own = own.value.with(|spans| {
            let one = |s: &roadworthy_api::telemetry::SignalSpan| KnownSignal {
                id: s.id.clone(),
                label: format!("{} · {}", s.label, said::ecu_of(&s.id)),
                unit: s.unit.clone(),
            };
            spans.as_ref().map(|all| all.iter().map(one).collect::<Vec<_>>()).unwrap_or_default()
        });
        own.into_iter().chain(standard).collect::<Vec<_>>()
    });
    let units = move || known.value.with(|k| k.as_ref().map(|k| k.units.clone()).unwrap_or_default());
    let before = column.clone();
    let meant = Memo::new(move |_| {
        let text = label.get();
        all.with(|all| signal_of(&text, all))
    });
    let becomes = move || match meant.get() {
        Some(k) if k.unit.is_empty() => format!("{}, {}", said::pid_of(&k.id), said::ecu_of(&k.id)),
        Some(k) => format!("{}, {}, in {}", said::pid_of(&k.id), said::ecu_of(&k.id), k.unit),
        None => "A signal of this name, besides those of the standard.".into(),
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let (text, found) = (label.get_untracked().trim().to_owned(), found.get_untracked().trim().to_owned());
        let (meant, typed) = (meant.get_untracked(), unit.get_untracked().trim().to_owned());
        let same = text == before.label;
        desk.change_column(at, |c| {
            match meant {
                // Its own label that happens to be a known one changes nothing.
                _ if same => c.unit = typed,
                Some(k) => {
                    c.label = k.label.split(" · ").next().unwrap_or_default().to_owned();
                    c.unit = if k.unit.is_empty() { typed } else { k.unit };
                    c.signal = k.id;
                }
                None => {
                    c.signal = said::own_signal(&text);
                    c.label = text;
                    c.unit = typed;
                }
            }
            c.unit_found = found;
            c.guessed = String::new();
        });
        open.set(false);
    };
    let heading =
        format!("How {} is read", if column.column.is_empty() { format!("column {}", at + 1) } else { column.column });
    view! {
        <form class="stack" novalidate on:submit=submit>
            <h2>{heading}</h2>
            <div class="field">
                <label for="column-label">"Signal"</label>
                <input class="input" id="column-label" data-testid="column-label" list="known-signals" autocomplete="off" spellcheck="false"
                    prop:value=move || label.get() on:input=move |ev| label.set(event_target_value(&ev)) aria-describedby="column-becomes" />
                <span class="help" id="column-becomes">{becomes}</span>
                <datalist id="known-signals">{move || all.get().into_iter().map(|k| view! { <option value=k.label></option> }).collect_view()}</datalist>
            </div>
            <div class="threes">
                <div class="field">
                    <label for="column-found">"Unit in the file"</label>
                    <input class="input" id="column-found" data-testid="column-found" list="known-units" autocomplete="off" spellcheck="false"
                        prop:value=move || found.get() on:input=move |ev| found.set(event_target_value(&ev)) />
                </div>
                <div class="field">
                    <label for="column-unit">"Stored as"</label>
                    <input class="input" id="column-unit" data-testid="column-unit" list="known-units" autocomplete="off" spellcheck="false"
                        prop:value=move || unit.get() on:input=move |ev| unit.set(event_target_value(&ev)) />
                </div>
                <datalist id="known-units">{move || units().into_iter().map(|u| view! { <option value=u></option> }).collect_view()}</datalist>
            </div>
            <p class="muted small">"Values are converted between units of one kind by exact factors. Nothing else about them is changed."</p>
            <div class="buttons">
                <button class="button main" type="submit" data-testid="column-save">"Read it so"</button>
                <button class="button" type="button" on:click=move |_| open.set(false)>"Leave it as it was"</button>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_meant_by_its_label_or_its_id() {
        let known = [KnownSignal {
            id: ":05:coolant_temperature".into(),
            label: "Coolant temperature".into(),
            unit: "°C".into(),
        }];
        for (text, expect) in
            [("coolant Temperature", true), (":05:coolant_temperature", true), ("Coolant", false), ("", false)]
        {
            assert_eq!(signal_of(text, &known).is_some(), expect, "{text}");
        }
    }
}
