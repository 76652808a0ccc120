//! Which time is shown: presets up to the newest value, typed dates, and the words for it.

use super::desk::{self, Desk};
use crate::{
    chart::{axis::View, calendar::DAY},
    locale,
    parts::icon,
};
use leptos::prelude::*;
use roadworthy_api::Timestamp;

/// A stretch that a person asks for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Preset {
    Drive,
    /// So many days up to the newest value.
    Days(i64),
    All,
}

const PRESETS: [(Preset, &str); 6] = [
    (Preset::Drive, "Last drive"),
    (Preset::Days(1), "Day"),
    (Preset::Days(7), "Week"),
    (Preset::Days(30), "Month"),
    (Preset::Days(365), "Year"),
    (Preset::All, "All"),
];

type Ends = (Timestamp, Timestamp);

/// The stretch of a preset, with a little room at its ends; `None` where there is no such thing.
fn stretch(preset: Preset, ends: Ends, drive: Option<Ends>) -> Option<View> {
    let roomy = |(from, to): Ends| View { from, to: to.max(from + 1_000) }.wider(0.01);
    match preset {
        Preset::Drive => drive.map(roomy),
        Preset::Days(days) => Some(View::until(ends.1 + days * DAY / 100, days * DAY)),
        Preset::All => Some(roomy(ends)),
    }
}

/// What is shown first: the last drive, else the last day there are values of.
pub(super) fn first(ends: Ends, drive: Option<Ends>) -> View {
    let day = View::until(ends.1 + DAY / 100, DAY);
    // A recording of which no value is kept any more would be an empty chart.
    let drive = drive.filter(|(from, to)| *to >= ends.0 && *from <= ends.1);
    stretch(Preset::Drive, ends, drive).unwrap_or(day)
}

/// The bar above the charts.
pub(super) fn range(desk: Desk, picking: RwSignal<bool>) -> AnyView {
    let ends = Memo::new(move |_| desk.spans.with(|s| desk::ends(s)));
    let of = move |preset| stretch(preset, ends.get(), desk.drive.get());
    let chip = move |(preset, label): (Preset, &'static str)| {
        let on = move || of(preset) == Some(desk.view.get());
        let press = move |_| {
            if let Some(view) = stretch(preset, ends.get_untracked(), desk.drive.get_untracked()) {
                desk.view.set(view);
            }
        };
        view! {
            <button class="chip" type="button" data-testid="range" aria-pressed=move || on().to_string()
                disabled=move || of(preset).is_none() on:click=press>{label}</button>
        }
    };
    let wrong = RwSignal::new(false);
    let typed = move |event: leptos::ev::Event, start: bool| {
        let view = desk.view.get_untracked();
        let at = locale::typed_moment(&event_target_value(&event));
        let view = at.map(|at| if start { View { from: at, ..view } } else { View { to: at, ..view } });
        match view.filter(|v| v.from < v.to) {
            Some(view) => {
                wrong.set(false);
                desk.view.set(view);
            }
            None => wrong.set(true),
        }
    };
    let field = move |label: &'static str, id: &'static str, start: bool| {
        let value = move || desk.view.with(|v| locale::field(if start { v.from } else { v.to }));
        view! {
            <label class="row small moment">
                {label}
                <input class="input" type="datetime-local" data-testid=id prop:value=value on:change=move |event| typed(event, start) />
            </label>
        }
    };
    let counted = move || format!("{} chosen", desk.chosen.with(Vec::len));
    view! {
        <section class="panel stack" aria-label="What is shown">
            <div class="row apart">
                <div class="chips" role="group" aria-label="Time shown, up to the newest value">{PRESETS.map(chip)}</div>
                <button class="button" type="button" data-testid="pick-signals" on:click=move |_| picking.set(true)>
                    {icon::icon(icon::SEARCH, 20)} "Choose signals" <span class="muted num">{counted}</span>
                </button>
            </div>
            <div class="row">
                {field("From", "trend-from", true)}
                {field("to", "trend-to", false)}
                {move || wrong.get().then(|| view! { <span class="wrong small" role="alert">"Type two moments, the earlier one first."</span> })}
            </div>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_end_with_the_newest_value() {
        let ends = (0, 1_000 * DAY);
        let drive = Some((999 * DAY, 999 * DAY + 100_000));
        for (preset, drive, expect) in [
            (Preset::Drive, drive, Some((999 * DAY - 1_000, 999 * DAY + 101_000))),
            (Preset::Drive, None, None),
            (Preset::Days(1), None, Some((999 * DAY + DAY / 100, 1_000 * DAY + DAY / 100))),
            (Preset::All, None, Some((-10 * DAY, 1_010 * DAY))),
        ] {
            let found = stretch(preset, ends, drive).map(|v| (v.from, v.to));
            assert_eq!(found, expect, "{preset:?}");
        }
    }

    #[test]
    fn a_drive_without_values_is_not_shown_first() {
        let ends = (500 * DAY, 600 * DAY);
        assert_eq!(first(ends, Some((0, DAY))).span(), DAY);
        assert_eq!(first(ends, Some((599 * DAY, 599 * DAY + 100_000))).span(), 102_000);
        assert_eq!(first((5, 5), Some((5, 5))).span(), 1_020, "a single value");
    }
}
