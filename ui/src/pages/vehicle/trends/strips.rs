//! Every chosen signal over one time axis, under one cursor. All are drawn, also those off screen: they are few, stand still, and
//! are printed.

use super::{desk::Desk, events, export, keep};
use crate::{
    chart::{
        Size,
        bands::{self, Band},
        calendar, marker,
        strip::Strip,
        trend::Series,
    },
    locale,
    parts::{
        hand::{self, Cursor, Plane},
        icon, notice,
        plot::{self, HEIGHT, LEFT, ROOM},
    },
    words,
};
use leptos::{html, prelude::*};

const KEYS: &str = "Drag to move in time, pinch or turn the wheel (with Ctrl, or after a click) to zoom, double-click for what was shown first. \
    Keys: left and right move the cursor, with Shift further; plus and minus zoom; Home shows the oldest; End or 0 what was shown first; Esc lets the cursor go.";

/// Lines and colours there are; after that both begin again, and the marker goes on.
const COLOURS: usize = 6;

/// The charts.
pub(super) fn strips(desk: Desk) -> AnyView {
    let box_ = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(node) = box_.get() {
            plot::measure(desk.width, &node);
        }
    });
    let held = move || matches!(desk.cursor.get(), Cursor::Held(_));
    let let_go = move || {
        held().then(|| {
            view! { <button class="button" type="button" on:click=move |_| desk.cursor.set(Cursor::None)>"Let the cursor go"</button> }
        })
    };
    let problem = move || {
        desk.error.get().map(|e| {
            let again = move |_| desk.again.update(|n| *n += 1);
            notice::error_with(&e, view! { <button class="button" type="button" on:click=again>"Try again"</button> })
        })
    };
    // Said only for a cursor that was put somewhere: one that follows the pointer would talk without end.
    let spoken = Memo::new(move |_| {
        let Cursor::Held(at) = desk.cursor.get() else { return String::new() };
        let value = |id: &String| format!("{} {}", title(desk, id), at_cursor(desk, id, at));
        let values: Vec<String> = desk.chosen.with(|c| c.iter().map(value).collect());
        format!("At {}: {}", locale::exact(at), values.join(", "))
    });
    let zoom = move |factor: f64| {
        let view = desk.view.get_untracked();
        desk.zoom(
            desk.cursor_at.get_untracked().filter(|at| view.holds(*at)).unwrap_or((view.from + view.to) / 2),
            factor,
        );
    };
    view! {
        <section class="panel stack strips" aria-label="Over time">
            <div class="row apart">
                <h2 data-testid="trend-range">{move || desk.view.with(|v| locale::range(v.from, v.to))}</h2>
                <div class="buttons">
                    {let_go}
                    <button class="button plain" type="button" aria-label="Zoom in" on:click=move |_| zoom(0.5)>{icon::icon(icondata_lu::LuZoomIn, 20)}</button>
                    <button class="button plain" type="button" aria-label="Zoom out" on:click=move |_| zoom(2.0)>{icon::icon(icondata_lu::LuZoomOut, 20)}</button>
                    {keep::button(desk)}
                    {export::buttons(desk)}
                </div>
            </div>
            {problem}
            <div class="plots" tabindex="0" role="group" aria-label="Charts" aria-describedby="trends-keys" node_ref=box_ data-testid="charts"
                on:keydown=move |event| hand::key(desk, &event) aria-busy=move || desk.busy.get().to_string()>
                {axis(desk)}
                {events::flags(desk)}
                <For each=move || desk.chosen.get() key=Clone::clone children=move |id| one(desk, id) />
            </div>
            <p class="unseen" aria-live="polite">{spoken}</p>
            <p class="help small muted screen-only" id="trends-keys">{KEYS}</p>
        </section>
    }
    .into_any()
}

/// The time axis.
fn axis(desk: Desk) -> AnyView {
    let ticks = move || {
        let (view, width) = (desk.view.get(), desk.width.get());
        let (step, at) = calendar::ticks(view, width, 90.0, locale::ahead);
        let tick =
            |at| view! { <text x=LEFT + view.x(at, width) y="14" text-anchor="middle">{locale::tick(step, at)}</text> };
        at.into_iter().filter(|at| (24.0..width - 28.0).contains(&view.x(*at, width))).map(tick).collect_view()
    };
    let reading = move || desk.busy.get().then(|| view! { <text x="0" y="14">"Reading…"</text> });
    view! { <svg class="axis" width="100%" height="20" aria-hidden="true">{ticks} {reading}</svg> }.into_any()
}

/// What a signal is called.
pub(super) fn title(desk: Desk, id: &str) -> String {
    desk.spans
        .with(|all| all.iter().find(|s| s.id == id).map_or_else(|| id.to_owned(), |s| words::signal_title(s, all)))
}

/// What a signal says at a moment.
pub(super) fn at_cursor(desk: Desk, id: &str, at: i64) -> String {
    let unit = desk.span(id).map(|s| s.unit).unwrap_or_default();
    desk.series(id, |s| words::here(s, s.at(at).as_ref(), &unit)).unwrap_or_else(|| "not read yet".into())
}

fn one(desk: Desk, id: String) -> AnyView {
    let known = id.clone();
    let place = Memo::new(move |_| desk.chosen.with(|c| c.iter().position(|i| *i == known)).unwrap_or_default());
    let known = id.clone();
    let drawn = Memo::new(move |_: Option<&(Strip, String)>| {
        let (view, size) = (desk.view.get(), Size { width: desk.width.get(), height: HEIGHT - 2.0 * ROOM });
        desk.series(&known, |s| if s.speaks() { <_>::default() } else { s.drawn(view, size, place.get()) })
            .unwrap_or_default()
    });
    let known = id.clone();
    let words_drawn = Memo::new(move |_: Option<&Vec<Band>>| {
        let (view, width) = (desk.view.get(), desk.width.get());
        let of = |s: &Series| match s {
            Series::Each(track) if track.speaks() => bands::bands(track, view, width),
            _ => Vec::new(),
        };
        desk.series(&known, of).unwrap_or_default()
    });
    let scale = Memo::new(move |_| drawn.with(|d| d.0.scale));
    let known = id.clone();
    let nothing = move || {
        let empty = scale.with(Option::is_none) && words_drawn.with(Vec::is_empty);
        let wordless =
            || desk.span(&known).is_some_and(|s| s.unit.is_empty()) && desk.series(&known, Series::dumb) == Some(true);
        empty.then(|| {
            let text = if desk.incomplete() {
                "Reading…"
            } else if wordless() {
                "No numbers in this time; words are shown where there are few: zoom in"
            } else {
                "No values in this time"
            };
            view! { <text x=LEFT + 12.0 y=HEIGHT / 2.0 + 4.0>{text}</text> }
        })
    };
    // Beyond the answer nothing is known yet: that is not the same as no values.
    let unread = move || {
        let (view, width) = (desk.view.get(), desk.width.get());
        let known = desk.answer.with(|a| a.as_ref().map(|a| a.view))?;
        let (from, to) = (view.x(known.from, width).clamp(0.0, width), view.x(known.to, width).clamp(0.0, width));
        let side = |x: f64, w: f64| {
            (w > 0.5).then(|| view! { <rect class="unread" x=LEFT + x y="0" width=w height=HEIGHT /> })
        };
        Some(view! { {side(0.0, from)} {side(to, width - to)} })
    };
    let verticals = events::lines(desk);
    let known = id.clone();
    let cursor = move || {
        let (at, view, width) = (desk.cursor_at.get()?, desk.view.get(), desk.width.get());
        view.holds(at)
            .then(|| view! { <path class="cursor" d=format!("M{:.1} 0v{HEIGHT}", LEFT + view.x(at, width)) /> })
    };
    let value = move || match desk.cursor_at.get() {
        Some(at) => view! { <b class="num">{at_cursor(desk, &known, at)}</b> }.into_any(),
        None => {
            let ends = desk.series(&known, |s| s.sum(desk.view.get()).1).flatten();
            view! { <b class="num">{ends.map(|(least, _, greatest)| words::value_range(least, greatest))}</b> }
                .into_any()
        }
    };
    let known = id.clone();
    let shown =
        move || desk.answer.with(|a| a.as_ref()?.signals.iter().find(|s| s.id == known).map(|s| s.shown.clone()));
    let unit = desk.span(&id).map(|s| s.unit).filter(|u| !u.is_empty()).map(|u| format!("in {u}"));
    let name = title(desk, &id);
    let label = format!("{name} over time; its values are in the table below");
    let pattern = format!("hatch-{}", id.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    let swatch = move || {
        let mut shape = String::new();
        marker::put(&mut shape, place.get(), 7.0, 7.0, 5.0);
        view! { <svg class="shape" width="14" height="14" aria-hidden="true"><path d=shape /></svg> }
    };
    view! {
        <figure class=move || format!("plot series-{}", place.get() % COLOURS + 1) data-testid="plot" data-signal=id.clone()>
            <figcaption>
                {swatch}
                <span class="name">{name}</span> <small>{unit}</small> <small class="shown" data-testid="shown">{shown}</small>
                <span class="at">{value}</span>
            </figcaption>
            <svg width="100%" height=HEIGHT role="img" aria-label=label
                on:pointerdown=move |event| hand::down(desk, &event) on:pointermove=move |event| hand::moved(desk, &event)
                on:pointerup=move |event| hand::up(desk, &event) on:pointercancel=move |event| hand::up(desk, &event)
                on:pointerleave=move |_| hand::left(desk) on:wheel=move |event| hand::wheel(desk, &event)
                on:dblclick=move |_| hand::reset(desk)>
                <rect class="ground" x=LEFT y="0" width="100%" height=HEIGHT />
                {unread}
                {move || scale.get().map(plot::figures)}
                <svg x=LEFT y="0" width=move || desk.width.get() height=HEIGHT>
                    <g transform=format!("translate(0 {ROOM})")>
                        <path class="band" d=move || drawn.with(|d| d.0.band.clone()) />
                        <path class="series" d=move || drawn.with(|d| d.0.line.clone()) />
                        <path class="dots" d=move || drawn.with(|d| d.1.clone()) />
                    </g>
                    {move || words_drawn.with(|all| (!all.is_empty()).then(|| plot::said_bands(all, &pattern)))}
                </svg>
                {verticals}
                {cursor}
                {nothing}
            </svg>
        </figure>
    }
    .into_any()
}
