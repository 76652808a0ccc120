//! What was: every chosen signal over one time axis, under one cursor. Only what is on screen is drawn.

use super::{
    desk::{Desk, Window},
    export,
    tiles::{self, said},
    words,
};
use crate::{
    chart::{
        Size,
        bands::{self, Band},
        strip::{self, Shape, Strip},
    },
    live::Live,
    locale,
    parts::{
        hand::{self, Cursor},
        icon,
        plot::{self, HEIGHT, LEFT, ROOM},
    },
};
use leptos::{html, prelude::*};
use roadworthy_api::live::{Mark, SignalInfo};

const SPANS: [i64; 4] = [30_000, 60_000, 300_000, 900_000];
const KEYS: &str = "Drag to go back in time, pinch or turn the wheel (with Ctrl, or after a click) to zoom, double-click to follow again. \
    Keys: left and right move the cursor, with Shift further; plus and minus zoom; Home shows the oldest; End or 0 follows; Esc lets the cursor go.";

/// The charts.
pub(super) fn strips(desk: Desk) -> AnyView {
    let live = Live::here();
    let marks = Memo::new(move |_| live.session(desk.id).map(|s| s.marks).unwrap_or_default());
    let box_ = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(node) = box_.get() {
            plot::measure(desk.width, &node);
        }
    });
    let span = move |ms: i64| {
        let on = move || desk.window.get() == Window::Following(ms);
        let set = move |_| desk.window.set(Window::Following(ms));
        view! { <button class="chip" type="button" aria-pressed=move || on().to_string() on:click=set>{words::span(ms)}</button> }
    };
    let still = move || matches!(desk.window.get(), Window::Still(_));
    let held = move || matches!(desk.cursor.get(), Cursor::Held(_));
    let back = move || {
        still().then(|| {
            view! {
                <button class="button main" type="button" data-testid="follow" on:click=move |_| desk.follow()>
                    {icon::icon(icondata_lu::LuStepForward, 20)} "Follow again"
                </button>
            }
        })
    };
    let let_go = move || {
        held().then(|| {
            view! { <button class="button" type="button" on:click=move |_| desk.cursor.set(Cursor::None)>"Let the cursor go"</button> }
        })
    };
    // Said only for a cursor that was put somewhere: one that follows the pointer would talk without end.
    let spoken = Memo::new(move |_| {
        let Cursor::Held(at) = desk.cursor.get() else { return String::new() };
        let value = |i: &SignalInfo| {
            let text = at_cursor(desk, i, at);
            format!("{} {text} {}", i.label, i.unit)
        };
        let values: Vec<String> = desk.chosen.with(|c| c.iter().map(value).collect());
        format!("At {}: {}", locale::clock(at, true), values.join(", "))
    });
    view! {
        <section class="panel stack strips" aria-label="Over time">
            <div class="row apart">
                <h2>"Over time"</h2>
                <div class="chips" role="group" aria-label="Time shown">{SPANS.map(span)}</div>
                <div class="buttons">{let_go} {back} {export::buttons(desk, marks)}</div>
            </div>
            <div class="plots" tabindex="0" role="group" aria-label="Charts" aria-describedby="charts-keys" node_ref=box_ data-testid="charts"
                on:keydown=move |event| hand::key(desk, &event)>
                {axis(desk, marks)}
                <For each=move || desk.chosen.get() key=|i| i.id.clone() children=move |info| plot(desk, info, marks) />
            </div>
            <p class="unseen" aria-live="polite">{spoken}</p>
            <p class="help small muted screen-only" id="charts-keys">{KEYS}</p>
        </section>
    }
    .into_any()
}

/// The time axis, with what was marked.
fn axis(desk: Desk, marks: Memo<Vec<Mark>>) -> AnyView {
    let fine = move || desk.view.get().span() < 5_000;
    let ticks = move || {
        let (view, width) = (desk.view.get(), desk.width.get());
        let tick = |at| view! { <text x=LEFT + view.x(at, width) y="14" text-anchor="middle">{locale::clock(at, fine())}</text> };
        view.ticks(width, 84.0)
            .into_iter()
            .filter(|at| (30.0..width - 24.0).contains(&view.x(*at, width)))
            .map(tick)
            .collect_view()
    };
    let flags = move || {
        let (view, width) = (desk.view.get(), desk.width.get());
        let flag = |m: Mark| {
            let x = LEFT + view.x(m.at, width);
            view! {
                <g class="mark">
                    <path d=format!("M{x:.1} 18V36") />
                    <text x=x + 4.0 y="32">{m.label}</text>
                </g>
            }
        };
        marks.get().into_iter().filter(|m| view.holds(m.at)).map(flag).collect_view()
    };
    view! { <svg class="axis" width="100%" height="36" aria-hidden="true">{ticks} {flags}</svg> }.into_any()
}

fn at_cursor(desk: Desk, info: &SignalInfo, at: i64) -> String {
    match desk.track(&info.id, |t| t.at(at).map(|p| said(&p.datum, t.digits()))).flatten() {
        Some((Some(text), ..)) => text,
        Some((_, _, Some(why))) => why,
        _ => "no sample".into(),
    }
}

fn plot(desk: Desk, info: SignalInfo, marks: Memo<Vec<Mark>>) -> AnyView {
    let node = NodeRef::<leptos::svg::Svg>::new();
    let seen = plot::on_screen(node);
    let shape = if info.range.is_some() { Shape::Line } else { Shape::Steps };
    let id = info.id.clone();
    let speaks = Memo::new(move |_| {
        desk.now.track();
        desk.track(&id, |t| t.speaks()).unwrap_or_default()
    });
    let id = info.id.clone();
    let drawn = Memo::new(move |old: Option<&Strip>| {
        if !seen.get() || speaks.get() {
            return old.cloned().unwrap_or_default();
        }
        let (view, size) = (desk.view.get(), Size { width: desk.width.get(), height: HEIGHT - 2.0 * ROOM });
        desk.track(&id, |t| strip::strip(t, view, size, shape)).unwrap_or_default()
    });
    let id = info.id.clone();
    let words_drawn = Memo::new(move |old: Option<&Vec<Band>>| {
        if !seen.get() {
            return old.cloned().unwrap_or_default();
        }
        let (view, width) = (desk.view.get(), desk.width.get());
        if speaks.get() { desk.track(&id, |t| bands::bands(t, view, width)).unwrap_or_default() } else { Vec::new() }
    });
    let place = {
        let id = info.id.clone();
        move || desk.chosen.with(|c| c.iter().position(|i| i.id == id)).unwrap_or_default() % 6 + 1
    };
    let scale = Memo::new(move |_| drawn.with(|d| d.scale));
    let figures = move || scale.get().map(plot::figures);
    let nothing = move || {
        let empty = scale.with(Option::is_none) && words_drawn.with(Vec::is_empty);
        empty.then(|| view! { <text x=LEFT + 12.0 y=HEIGHT / 2.0 + 4.0>"No samples in this time"</text> })
    };
    let verticals = move || {
        let (view, width) = (desk.view.get(), desk.width.get());
        let line =
            |m: Mark| view! { <path class="marked" d=format!("M{:.1} 0v{HEIGHT}", LEFT + view.x(m.at, width)) /> };
        marks.get().into_iter().filter(|m| view.holds(m.at)).map(line).collect_view()
    };
    let cursor = move || {
        let (at, view, width) = (desk.cursor_at.get()?, desk.view.get(), desk.width.get());
        view.holds(at)
            .then(|| view! { <path class="cursor" d=format!("M{:.1} 0v{HEIGHT}", LEFT + view.x(at, width)) /> })
    };
    let named = info.clone();
    let now = tiles::now(desk, &info);
    // Only what is at the cursor, or now, where the line ends; what is old says so.
    let value = move || match desk.cursor_at.get() {
        Some(at) => {
            let when = format!("at {}", locale::clock(at, true));
            view! { <b class="num">{at_cursor(desk, &named, at)}</b> <small>{when}</small> }.into_any()
        }
        None => now.with(|n| {
            let text = n.text.clone().unwrap_or_default();
            match &n.old {
                Some(old) => {
                    view! { <span class="num muted">{text}</span> <small class="age">{old.clone()}</small> }.into_any()
                }
                None => view! { <b class="num">{text}</b> }.into_any(),
            }
        }),
    };
    let unit = (!info.unit.is_empty()).then(|| format!(" in {}", info.unit));
    let label = format!("{} of {} over time; its values are in the table below", info.label, info.ecu_name);
    let pattern = format!("hatch-{}", info.id.replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    view! {
        <figure class=move || format!("plot series-{}", place()) data-testid="plot" data-signal=info.id.clone()>
            <figcaption>
                <span class="swatch" aria-hidden="true"></span>
                <span class="name">{info.label.clone()}</span> <small>{unit}</small> <span class="at">{value}</span>
            </figcaption>
            <svg node_ref=node width="100%" height=HEIGHT role="img" aria-label=label
                on:pointerdown=move |event| hand::down(desk, &event) on:pointermove=move |event| hand::moved(desk, &event)
                on:pointerup=move |event| hand::up(desk, &event) on:pointercancel=move |event| hand::up(desk, &event)
                on:pointerleave=move |_| hand::left(desk) on:wheel=move |event| hand::wheel(desk, &event)
                on:dblclick=move |_| hand::reset(desk)>
                <rect class="ground" x=LEFT y="0" width="100%" height=HEIGHT />
                {figures}
                <svg x=LEFT y="0" width=move || desk.width.get() height=HEIGHT>
                    <g transform=format!("translate(0 {ROOM})")>
                        <path class="band" d=move || drawn.with(|d| d.band.clone()) />
                        <path class="series" d=move || drawn.with(|d| d.line.clone()) />
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
