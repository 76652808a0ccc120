//! `roadworthy timeline` and `roadworthy trace`.

use super::telemetry::moment;
use crate::{
    args::workers::{Timeline, Trace as Asked},
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, exact, time},
    session::{Place, Session},
};
use roadworthy_api::{
    calls::{ListTimeline, Trace},
    journal::{EventGroup, EvidenceLink, TimelineRow},
    work::StoryStep,
};

/// Rows per call, the most there are.
const PAGE: u32 = 500;

pub(crate) fn run(place: &Place, out: &mut Out, asked: &Timeline) -> Result<Exit, Stop> {
    let from = asked.from.as_deref().map(moment).transpose()?;
    let to = asked.to.as_deref().map(moment).transpose()?;
    let session = Session::open(place)?;
    let vehicle = asked.vehicle.as_deref().map(|named| session.find_vehicle(named)).transpose()?;
    let groups: Vec<EventGroup> = asked.group.iter().map(|group| (*group).into()).collect();
    let (mut rows, mut before): (Vec<TimelineRow>, Option<u64>) = (Vec::new(), asked.before);
    loop {
        let limit = PAGE.min(asked.lines.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX)));
        let page = session.call(ListTimeline { vehicle, groups: groups.clone(), from, to, before, limit })?;
        before = page.last().map(|row| row.event.arrival);
        let full = page.len() == limit as usize;
        rows.extend(page);
        if !full || rows.len() >= asked.lines as usize {
            break;
        }
    }
    if out.json {
        out.object(&rows)?;
    } else if rows.is_empty() {
        out.line("Nothing that fits has happened.")?;
    } else {
        out.table(&rows.iter().map(line).collect::<Vec<_>>())?;
    }
    Ok(Exit::Good)
}

fn line(row: &TimelineRow) -> Vec<Cell> {
    let shows = match row.evidence {
        Some(EvidenceLink::Visit { visit }) => format!("visit {visit}"),
        Some(EvidenceLink::Alert { alert }) => format!("alert {alert}"),
        Some(EvidenceLink::Trend { from, until, .. }) => format!("values {} to {}", time(from), time(until)),
        Some(EvidenceLink::Import { import } | EvidenceLink::History { import }) => format!("import {import}"),
        Some(EvidenceLink::Papers { .. } | EvidenceLink::Service { .. }) | None => String::new(),
    };
    vec![
        cell(Tone::Faint, row.event.arrival.to_string()),
        cell(Tone::Plain, time(row.event.at)),
        cell(Tone::Strong, row.vehicle_name.as_deref().unwrap_or_default()),
        cell(Tone::Plain, &row.event.summary),
        cell(Tone::Faint, &row.event.actor),
        cell(Tone::Faint, shows),
    ]
}

/// Each step with the number of the one that led to it.
pub(crate) fn trace(place: &Place, out: &mut Out, asked: &Asked) -> Result<Exit, Stop> {
    let story = Session::open(place)?.call(Trace { id: asked.id.clone() })?;
    if out.json {
        out.object(&story)?;
        return Ok(Exit::Good);
    }
    let step = |(number, step): (usize, &StoryStep)| {
        let because = step.because.map_or(String::new(), |because| format!("← {}", because + 1));
        vec![
            cell(Tone::Faint, number.to_string()),
            cell(Tone::Faint, because),
            cell(Tone::Plain, exact(step.at)),
            cell(Tone::Strong, &step.kind),
            cell(Tone::Plain, &step.summary),
            cell(Tone::Faint, &step.actor),
        ]
    };
    out.table(&(1..).zip(&story.steps).map(step).collect::<Vec<_>>())?;
    Ok(Exit::Good)
}
