//! The rows, day by day. Of a long list only what is in view is drawn.

use super::{chosen::Chosen, feed::Feed, filters::image};
use crate::{
    locale,
    parts::{icon, notice, seen, window},
    words,
};
use leptos::{html, prelude::*};
use roadworthy_api::{Timestamp, journal::TimelineRow};

/// Pixels of a line of a long list, on wide screens and on narrow ones; the style sheet says the same.
const HEIGHT: (f64, f64) = (72.0, 120.0);
/// Screens up to here are narrow.
const NARROW: f64 = 700.0;

#[derive(Clone, Debug, PartialEq)]
enum Line {
    /// A day begins; with the arrival of its first row.
    Day(u64, Timestamp),
    Event(Box<TimelineRow>),
    /// Several looks at what is stored, one after the other by the same actor: the newest of them, how many there are, and the
    /// arrival of the oldest.
    Looks(Box<TimelineRow>, usize, u64),
}

/// Looks in a row from which on they are one line: pages read again and again.
const FEW: usize = 3;

impl Line {
    fn key(&self) -> (bool, u64, Option<String>) {
        match self {
            Self::Day(arrival, _) => (true, *arrival, None),
            Self::Event(row) => (false, row.event.arrival, row.vehicle_name.clone()),
            Self::Looks(row, count, _) => (false, row.event.arrival, Some(format!("looks {count}"))),
        }
    }
}

/// A heading wherever the day changes; looks in a row as one line, unless the arrival of the oldest is among the `opened`.
fn lines(rows: &[TimelineRow], opened: &[u64]) -> Vec<Line> {
    let mut out = Vec::with_capacity(rows.len() + 8);
    let of = |row: &TimelineRow| locale::number_of_day(row.event.at);
    let look = |row: &TimelineRow| row.event.kind == "access.recorded";
    let mut day = None;
    for run in rows.chunk_by(|a, b| look(a) && look(b) && a.event.actor == b.event.actor && of(a) == of(b)) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        if day != Some(of(first)) {
            day = Some(of(first));
            out.push(Line::Day(first.event.arrival, first.event.at));
        }
        if run.len() >= FEW && !opened.contains(&last.event.arrival) {
            out.push(Line::Looks(Box::new(first.clone()), run.len(), last.event.arrival));
        } else {
            out.extend(run.iter().map(|row| Line::Event(Box::new(row.clone()))));
        }
    }
    out
}

/// The list.
pub(super) fn list(chosen: Chosen, feed: Feed, fleet: bool) -> AnyView {
    let stage = Memo::new(move |_| feed.rows.with(|r| r.as_ref().map(|r| !r.is_empty())));
    let problem = move || {
        feed.error.get().map(|e| {
            notice::error_with(
                &e,
                view! { <button class="button" type="button" on:click=move |_| feed.retry()>"Try again"</button> },
            )
        })
    };
    let body = move || match stage.get() {
        Some(true) => rows(chosen, feed, fleet),
        Some(false) => empty(chosen),
        None if feed.error.with(Option::is_some) => ().into_any(),
        None => seen::skeleton(8),
    };
    let news = move || {
        let count = feed.waiting();
        (count > 0).then(|| {
            let text = format!("{}: show", words::count(count as u64, "new event"));
            view! { <button class="button main" type="button" data-testid="newer" on:click=move |_| feed.catch_up()>{icon::icon(icon::UP, 20)} {text}</button> }
        })
    };
    view! { {problem} <div class="newer" role="status">{news}</div> {body} }.into_any()
}

fn rows(chosen: Chosen, feed: Feed, fleet: bool) -> AnyView {
    let node = NodeRef::<html::Ol>::new();
    let opened = RwSignal::new(Vec::new());
    let all =
        Memo::new(move |_| feed.rows.with(|r| opened.with(|opened| lines(r.as_deref().unwrap_or_default(), opened))));
    let (top, view, width) = window::viewport();
    let height = Memo::new(move |_| if width.get() < NARROW { HEIGHT.1 } else { HEIGHT.0 });
    let drawn = Memo::new(move |_| {
        // Read so that scrolling asks again.
        let _ = top.get();
        let above = node.get().map_or(0.0, |n| -n.get_bounding_client_rect().top());
        let count = all.with(Vec::len);
        let shown = window::in_view(count, 1, height.get(), above, view.get());
        let space = window::space(count, 1, height.get(), &shown);
        (shown, space)
    });
    let shown = move || {
        let (shown, _) = drawn.get();
        all.with(|all| all.get(shown).unwrap_or_default().to_vec())
    };
    let pad = move |below: bool| {
        let (_, (before, after)) = drawn.get();
        let height = if below { after } else { before };
        (height > 0.0).then(|| view! { <li class="pad" aria-hidden="true" style:height=format!("{height}px")></li> })
    };
    let one = move |line: Line| match line {
        Line::Day(_, at) => view! { <li class="day"><h2>{locale::day(at)}</h2></li> }.into_any(),
        Line::Event(row) => event(chosen, *row, fleet),
        Line::Looks(row, count, oldest) => looks(&row, count, move || opened.update(|all| all.push(oldest))),
    };
    let foot = move || {
        if feed.whole.get() {
            return view! { <p class="muted small" data-testid="timeline-end">"That is all of it."</p> }.into_any();
        }
        view! {
            <button class="button" type="button" data-testid="older" disabled=move || feed.busy.get() on:click=move |_| feed.older()>
                {move || if feed.busy.get() { "Reading…" } else { "Show older events" }}
            </button>
        }
        .into_any()
    };
    view! {
        <section class="panel stack" aria-label="Events">
            <ol class="timeline" class:virtual=move || { all.with(Vec::len) > window::ALL } node_ref=node role="list" data-testid="timeline">
                {move || pad(false)}
                <For each=shown key=Line::key children=one />
                {move || pad(true)}
            </ol>
            <div class="buttons">{foot}</div>
        </section>
    }
    .into_any()
}

fn event(chosen: Chosen, row: TimelineRow, fleet: bool) -> AnyView {
    let at = row.event.at;
    let whose = row.vehicle.filter(|_| fleet).map(|id| {
        let name = row.vehicle_name.clone().unwrap_or_else(|| "its vehicle".into());
        view! { " · " <a href=format!("/vehicles/{id}")>{name}</a> }
    });
    let evidence = row.evidence.as_ref().map(words::evidence).map(|(href, what)| {
        view! { <a class="button plain" href=href data-testid="evidence">{what}</a> }
    });
    let id = row.event.id;
    let tell = move |_| chosen.change.run(("story", id.to_string()));
    let label = format!("Its story: {}", row.event.summary);
    view! {
        <li class="event" data-testid="timeline-row" data-group=words::group_key(row.group)>
            <span class="mark" title=words::group_word(row.group)>{icon::icon(image(row.group), 20)}</span>
            <time class="when num" tabindex="0" data-exact=locale::exact(at) title=locale::exact(at)>{locale::minute(at)}</time>
            <span class="what">
                <span class="said">{row.event.summary.clone()}</span>
                <small>{words::group_word(row.group)} " · by " {words::who(&row.event.actor)} {whose}</small>
            </span>
            <span class="buttons">
                {evidence}
                <button class="button plain" type="button" aria-label=label data-testid="story" on:click=tell>"Its story"</button>
            </span>
        </li>
    }
    .into_any()
}

/// Looks in a row.
fn looks(newest: &TimelineRow, count: usize, open: impl Fn() + 'static) -> AnyView {
    let at = newest.event.at;
    let text = format!("Stored data asked for {count} times");
    let label = format!("Show each: {text}");
    view! {
        <li class="event" data-testid="timeline-looks" data-group=words::group_key(newest.group)>
            <span class="mark" title=words::group_word(newest.group)>{icon::icon(image(newest.group), 20)}</span>
            <time class="when num" tabindex="0" data-exact=locale::exact(at) title=locale::exact(at)>{locale::minute(at)}</time>
            <span class="what">
                <span class="said">{text}</span>
                <small>{words::group_word(newest.group)} " · by " {words::who(&newest.event.actor)}</small>
            </span>
            <span class="buttons"><button class="button plain" type="button" aria-label=label on:click=move |_| open()>"Show each"</button></span>
        </li>
    }
    .into_any()
}

fn empty(chosen: Chosen) -> AnyView {
    if untrack(|| chosen.filtered()) {
        return view! {
            <div class="empty panel" data-testid="timeline-empty">
                <h2>"No event fits"</h2> <p>"None of these groups happened in these days."</p>
                <button class="button main" type="button" on:click=move |_| chosen.clear()>"Show all events"</button>
            </div>
        }
        .into_any();
    }
    view! {
        <div class="empty panel" data-testid="timeline-empty">
            {icon::icon(icon::VISITS, 32)} <h2>"Nothing has happened yet"</h2>
            <p>"Checks, recordings, alerts, notes and changes will stand here, each with who did it and what led to it."</p>
            <a class="button main" href="/check">{icon::icon(icon::SCAN, 20)} "Check a vehicle"</a>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::{
        id::EventId,
        journal::{EventGroup, EventRow},
    };

    const DAY: i64 = 86_400_000;

    fn row(arrival: u64, at: i64, kind: &str) -> TimelineRow {
        let event = EventRow {
            arrival,
            id: EventId(arrival.into()),
            at,
            kind: kind.into(),
            actor: String::new(),
            summary: String::new(),
        };
        TimelineRow {
            event,
            group: EventGroup::System,
            vehicle: None,
            vehicle_name: None,
            evidence: None,
            correlation: EventId(0),
        }
    }

    #[test]
    fn a_day_is_named_wherever_it_changes() {
        let row = |arrival, at| row(arrival, at, "note.added");
        // The third arrived later than it happened: another device's clock, or no network.
        let found = lines(&[row(4, 5 * DAY + 9), row(3, 5 * DAY), row(2, 2 * DAY), row(1, 5 * DAY - 1)], &[]);
        let shape: Vec<_> = found.iter().map(|l| (matches!(l, Line::Day(..)), l.key().1)).collect();
        assert_eq!(shape, [(true, 4), (false, 4), (false, 3), (true, 2), (false, 2), (true, 1), (false, 1)]);
    }

    #[test]
    fn looks_in_a_row_are_one_line_until_they_are_opened() {
        let look = |arrival, at| row(arrival, at, "access.recorded");
        let two = [look(9, DAY), look(8, DAY)];
        let four = [look(9, DAY), look(8, DAY), look(7, DAY), look(6, DAY), row(5, DAY, "note.added"), look(4, DAY)];
        let night = [look(9, 2 * DAY), look(8, 2 * DAY), look(7, DAY), look(6, DAY)];
        for (rows, opened, events, folded) in [
            (&two[..], &[][..], 2, vec![]),
            (&four, &[], 2, vec![4]),
            (&four, &[6], 6, vec![]),
            // Of another run.
            (&four, &[9], 2, vec![4]),
            // Days are kept apart.
            (&night, &[], 4, vec![]),
        ] {
            let found = lines(rows, opened);
            let counts: Vec<usize> = found
                .iter()
                .filter_map(|l| if let Line::Looks(_, count, _) = l { Some(*count) } else { None })
                .collect();
            assert_eq!(counts, folded, "{rows:?}");
            assert_eq!(found.iter().filter(|l| matches!(l, Line::Event(_))).count(), events);
        }
    }
}
