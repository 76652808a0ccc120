//! The charts as a picture, as a drawing, and as the values they show.

use super::{desk::Desk, events, strips};
use crate::{
    chart::{
        bands, calendar, csv, flags,
        sheet::{self, Content, Panel, Sheet},
        trend::Series,
    },
    live::fetch,
    locale,
    parts::export::{self, As, Made, WIDTH},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{calls::GetVehicle, live::Mark};

/// Pixels between two marks of a drawing: room for a word.
const APART: f64 = 72.0;

/// The buttons.
pub(super) fn buttons(desk: Desk) -> AnyView {
    let vehicle = fetch(move || Some(GetVehicle { vehicle: desk.vehicle }));
    let made = move |kind: As| {
        untrack(|| {
            let view = desk.view.get();
            let name = vehicle.value.with(|v| v.as_ref().map(|v| words::vehicle_title(&v.row))).unwrap_or_default();
            let under =
                vehicle.value.with(|v| v.as_ref().and_then(|v| v.row.vin.clone()).map(|v| format!("VIN {v} · ")));
            let under = format!("{}{}", under.unwrap_or_default(), locale::range(view.from, view.to));
            let samples = (kind == As::Csv).then(|| csv::trend(&values(desk), view));
            Made { name: format!("trends-{}", export::stamp(view.from)), page: drawing(desk, &name, &under), samples }
        })
    };
    export::buttons(made)
}

/// Id, label, unit and values of what is shown.
fn values(desk: Desk) -> Vec<(String, String, String, Series)> {
    let one = |id: String| {
        let unit = desk.span(&id).map(|s| s.unit).unwrap_or_default();
        let series = desk.series(&id, Clone::clone)?;
        let label = strips::title(desk, &id);
        Some((id, label, unit, series))
    };
    desk.chosen.get().into_iter().filter_map(one).collect()
}

fn drawing(desk: Desk, name: &str, under: &str) -> (String, crate::chart::Size) {
    let (view, size) = (desk.view.get(), sheet::plot(WIDTH));
    let panel = |(n, (id, label, unit, series)): (usize, (String, String, String, Series))| {
        let unit = if unit.is_empty() { String::new() } else { format!(" ({unit})") };
        let shown = desk.answer.with(|a| a.as_ref()?.signals.iter().find(|s| s.id == id).map(|s| s.shown.clone()));
        let content = match &series {
            Series::Each(track) if track.speaks() => Content::Words(bands::bands(track, view, size.width)),
            _ => {
                let (strip, dots) = series.drawn(view, size, n);
                Content::Line(strip, dots)
            }
        };
        Panel { name: format!("{label}{unit} · {}", shown.unwrap_or_default()), content }
    };
    let panels: Vec<Panel> = values(desk).into_iter().enumerate().map(panel).collect();
    let (step, at) = calendar::ticks(view, size.width, 90.0, locale::ahead);
    let ticks: Vec<_> = at.into_iter().map(|at| (at, locale::tick(step, at))).collect();
    let all = events::shown(desk, view);
    let moments: Vec<_> = all.iter().map(|h| h.at).collect();
    let mark = |c: flags::Cluster| {
        let first = all.get(*c.of.first()?)?;
        let label = if c.of.len() == 1 { first.word.clone() } else { words::count(c.of.len() as u64, "event") };
        Some(Mark { at: first.at, label })
    };
    let marks: Vec<Mark> = flags::clusters(&moments, view, size.width, APART).into_iter().filter_map(mark).collect();
    let title = format!("Trends of {name}");
    let page = Sheet { title: &title, under, panels: &panels, view, ticks: &ticks, marks: &marks };
    sheet::sheet(&page, WIDTH, locale::fixed)
}
