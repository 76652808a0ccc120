//! What happened in the time shown: a flag above the charts, a line through them, and the same as a list.

use super::desk::Desk;
use crate::{
    backend::call,
    chart::{axis::View, flags},
    live::fetch_by,
    locale,
    parts::{
        icon, notice,
        plot::{HEIGHT, LEFT},
    },
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    Error, Timestamp,
    calls::{ListRecordings, ListTimeline},
    id::VehicleId,
    journal::EventGroup,
};

/// Events asked for at once, the most there are.
const MOST: u32 = 500;
/// Recordings per call, and calls: marks of older ones are not looked for.
const RECORDINGS: (u32, u32) = (100, 20);
/// Lines of the list.
const LISTED: usize = 12;
/// Pixels between two flags: a finger's breadth.
const APART: f64 = 44.0;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Happened {
    pub(super) at: Timestamp,
    /// In a word.
    pub(super) word: String,
    /// In a sentence.
    text: String,
    /// What shows it, and what that is called.
    shows: Option<(String, &'static str)>,
}

async fn read((vehicle, from, to): (VehicleId, Timestamp, Timestamp)) -> Result<Vec<Happened>, Error> {
    let groups = vec![EventGroup::Readings, EventGroup::Alerts, EventGroup::Papers];
    let ask =
        ListTimeline { vehicle: Some(vehicle), groups, from: Some(from), to: Some(to), before: None, limit: MOST };
    let rows = call(ask).await?;
    let mut found: Vec<Happened> = rows
        .into_iter()
        .filter_map(|row| {
            let word = words::worth_a_flag(&row.event.kind)?;
            let shows = row.evidence.as_ref().map(words::evidence);
            Some(Happened { at: row.event.at, word: word.into(), text: row.event.summary, shows })
        })
        .collect();
    for page in 0..RECORDINGS.1 {
        let (offset, limit) = (page * RECORDINGS.0, RECORDINGS.0);
        let rows = call(ListRecordings { vehicle: Some(vehicle), offset, limit }).await?.rows;
        let more = rows.len() as u32 == limit && rows.last().is_some_and(|r| r.started > from);
        for mark in rows.into_iter().flat_map(|r| r.marks).filter(|m| (from..to).contains(&m.at)) {
            let said = if mark.label.is_empty() { "Mark".to_owned() } else { mark.label };
            found.push(Happened { at: mark.at, word: said.clone(), text: format!("Marked: {said}"), shows: None });
        }
        if !more {
            break;
        }
    }
    found.sort_by_key(|h| h.at);
    Ok(found)
}

/// Keeps what happened that of the time shown; what is known stays while the page asks anew.
pub(super) fn keep(desk: Desk) {
    let found =
        fetch_by(move || desk.answer.with(|a| a.as_ref().map(|a| (desk.vehicle, a.view.from, a.view.to))), read);
    Effect::new(move |_| {
        if let Some(all) = found.value.get() {
            desk.happened.set(all);
        }
    });
    Effect::new(move |_| desk.happened_error.set(found.error.get()));
}

fn days(desk: Desk, from: Timestamp, to: Timestamp) -> String {
    words::vehicle_days(desk.vehicle, &locale::date(from), &locale::date(to))
}

/// A flag for each, or for several in one place.
pub(super) fn flags(desk: Desk) -> AnyView {
    let clusters = Memo::new(move |_| {
        let (view, width) = (desk.view.get(), desk.width.get());
        desk.happened.with(|all| {
            let moments: Vec<Timestamp> = all.iter().map(|h| h.at).collect();
            let take = |c: flags::Cluster| {
                let of: Vec<Happened> = c.of.iter().filter_map(|n| all.get(*n).cloned()).collect();
                (c.x, c.room, of)
            };
            flags::clusters(&moments, view, width, APART).into_iter().map(take).collect::<Vec<_>>()
        })
    });
    let flag = move |(x, room, of): (f64, f64, Vec<Happened>)| {
        let first = of.first()?;
        let to = of.last().map_or(first.at, |h| h.at);
        let href = match (&first.shows, of.len()) {
            (Some((href, _)), 1) => href.clone(),
            _ => days(desk, first.at, to),
        };
        let title = if of.len() == 1 {
            format!("{}: {}", locale::exact(first.at), first.text)
        } else {
            let each: Vec<String> = of.iter().take(8).map(|h| format!("{} {}", locale::minute(h.at), h.text)).collect();
            format!("{}: {}", words::count(of.len() as u64, "event"), each.join("; "))
        };
        let word = if of.len() == 1 { first.word.clone() } else { of.len().to_string() };
        let named = title.clone();
        let width = format!("{}px", room.clamp(APART, 140.0));
        Some(view! {
            <a class="flag" href=href title=title aria-label=named style:inset-inline-start=format!("{:.1}px", LEFT + x) style:width=width data-testid="flag">
                {icon::icon(icondata_lu::LuFlag, 16)} <span>{word}</span>
            </a>
        })
    };
    let none = move || {
        (clusters.with(Vec::is_empty) && !desk.incomplete() && desk.happened_error.with(Option::is_none))
            .then(|| view! { <span class="none small muted" style:inset-inline-start=format!("{LEFT}px")>"No event in this time"</span> })
    };
    view! { <div class="flags" role="group" aria-label="What happened">{move || clusters.get().into_iter().map(flag).collect_view()} {none}</div> }
        .into_any()
}

/// A line through a chart for each flag.
pub(super) fn lines(desk: Desk) -> impl Fn() -> AnyView + Copy {
    move || {
        let (view, width) = (desk.view.get(), desk.width.get());
        let line = |c: &flags::Cluster| view! { <path class="marked" d=format!("M{:.1} 0v{HEIGHT}", LEFT + c.x) /> };
        let moments: Vec<Timestamp> = desk.happened.with(|all| all.iter().map(|h| h.at).collect());
        flags::clusters(&moments, view, width, APART).iter().map(line).collect_view().into_any()
    }
}

/// What is shown of them in a view.
pub(super) fn shown(desk: Desk, view: View) -> Vec<Happened> {
    desk.happened.with(|all| all.iter().filter(|h| view.holds(h.at)).cloned().collect())
}

/// The same as a list.
pub(super) fn list(desk: Desk) -> AnyView {
    let here = Memo::new(move |_| shown(desk, desk.view.get()));
    let line = |h: &Happened| {
        let shows = h.shows.clone().map(|(href, what)| view! { <a class="row-link" href=href>{what}</a> });
        view! {
            <li data-testid="happened">
                <span class="num">{locale::exact(h.at)}</span> <span>{h.text.clone()}</span> {shows}
            </li>
        }
    };
    let body = move || {
        here.with(|all| {
            if all.is_empty() {
                return view! { <p class="muted small">"Nothing: no check, alert, mark, note or measurement in this time."</p> }.into_any();
            }
            let over = all.len().saturating_sub(LISTED);
            let more = (over > 0).then(|| view! { <p class="muted small">{format!("and {over} more; zoom in, or see the timeline")}</p> });
            view! { <ul class="happened">{all.iter().rev().take(LISTED).map(line).collect_view()}</ul> {more} }.into_any()
        })
    };
    let timeline = move || desk.view.with(|v| days(desk, v.from, v.to));
    view! {
        <section class="panel stack" aria-label="What happened">
            <div class="row apart">
                <h2>"What happened then"</h2>
                <a class="button plain" href=timeline>{icon::icon(icon::VISITS, 20)} "The timeline of these days"</a>
            </div>
            {notice::shown(desk.happened_error)}
            {body}
        </section>
    }
    .into_any()
}
