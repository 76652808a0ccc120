//! The charts as a picture (PNG), as a drawing (SVG) and as the samples they show (CSV).

use super::desk::Desk;
use crate::{
    chart::{
        Size, bands, csv,
        sheet::{self, Content, Panel, Sheet},
        strip::{self, Shape},
        track::Track,
    },
    live::Live,
    locale,
    parts::export::{self, As, Made, WIDTH},
};
use leptos::prelude::*;
use roadworthy_api::live::{Mark, SignalInfo};

/// The buttons.
pub(super) fn buttons(desk: Desk, marks: Memo<Vec<Mark>>) -> AnyView {
    let made = move |kind| {
        let made = signals(desk);
        let view = desk.view.get_untracked();
        let name = format!("live-{}", export::stamp(view.from));
        let page = drawing(desk, &made, &marks.get_untracked());
        Made { name, page, samples: matches!(kind, As::Csv).then(|| csv::csv(&made, view)) }
    };
    export::buttons(made)
}

fn signals(desk: Desk) -> Vec<(SignalInfo, Track)> {
    desk.chosen
        .get_untracked()
        .into_iter()
        .map(|i| (desk.track(&i.id, Clone::clone).unwrap_or_default(), i))
        .map(|(t, i)| (i, t))
        .collect()
}

fn drawing(desk: Desk, signals: &[(SignalInfo, Track)], marks: &[Mark]) -> (String, Size) {
    let view = desk.view.get_untracked();
    let session = Live::here().session(desk.id);
    let port = session.as_ref().map(|s| s.port.clone()).unwrap_or_default();
    let title = format!("Live values, {}", locale::time(view.to));
    let simulated = if port.starts_with("sim:") { "Simulated: no real vehicle · " } else { "" };
    let vin = session.and_then(|s| s.vin).map(|v| format!(" · VIN {v}")).unwrap_or_default();
    let under =
        format!("{simulated}{port}{vin} · {} to {}", locale::clock(view.from, false), locale::clock(view.to, false));
    let size = sheet::plot(WIDTH);
    let panel = |(info, track): &(SignalInfo, Track)| {
        let unit = if info.unit.is_empty() { String::new() } else { format!(" ({})", info.unit) };
        let shape = if info.range.is_some() { Shape::Line } else { Shape::Steps };
        let content = if track.speaks() {
            Content::Words(bands::bands(track, view, size.width))
        } else {
            Content::Line(strip::strip(track, view, size, shape), String::new())
        };
        Panel { name: format!("{}{unit} · {}", info.label, info.ecu_name), content }
    };
    let panels: Vec<Panel> = signals.iter().map(panel).collect();
    let fine = view.span() < 5_000;
    let ticks: Vec<_> = view.ticks(size.width, 90.0).into_iter().map(|at| (at, locale::clock(at, fine))).collect();
    let page = Sheet { title: &title, under: &under, panels: &panels, view, ticks: &ticks, marks };
    sheet::sheet(&page, WIDTH, locale::fixed)
}
