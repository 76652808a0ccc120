//! What the parts of the page share: which signals, which time, where the cursor is, and what was answered.

use super::{
    address,
    events::{self, Happened},
    load::{self, Answer},
    range,
};
use crate::{
    chart::{axis::View, trend::Series},
    parts::hand::{Cursor, Plane},
};
use leptos::prelude::*;
use roadworthy_api::{Error, Timestamp, id::VehicleId, telemetry::SignalSpan};
use std::sync::Arc;

/// Longest stretch that can be looked at: forty years.
const LONGEST: i64 = 40 * 366 * 86_400_000;

/// What the parts share.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    pub(super) vehicle: VehicleId,
    /// Signals of which there are values.
    pub(super) spans: Memo<Vec<SignalSpan>>,
    /// Start and end of the newest recording.
    pub(super) drive: Memo<Option<(Timestamp, Timestamp)>>,
    /// Ids of those that are shown, in order.
    pub(super) chosen: RwSignal<Vec<String>>,
    /// Which time is shown.
    pub(super) view: RwSignal<View>,
    /// Width of a plot in pixels.
    pub(super) width: RwSignal<f64>,
    pub(super) cursor: RwSignal<Cursor>,
    /// Its moment.
    pub(super) cursor_at: Memo<Option<Timestamp>>,
    /// The newest answer; stays while a newer one is on its way.
    pub(super) answer: RwSignal<Option<Arc<Answer>>>,
    /// One is on its way.
    pub(super) busy: RwSignal<bool>,
    /// Why there is none.
    pub(super) error: RwSignal<Option<Error>>,
    /// Asks again.
    pub(super) again: RwSignal<u32>,
    /// What happened around the time shown, oldest first.
    pub(super) happened: RwSignal<Vec<Happened>>,
    /// Why that is not known.
    pub(super) happened_error: RwSignal<Option<Error>>,
}

impl Desk {
    /// As the address asks, else the last drive, else the last day there are values of.
    pub(super) fn new(
        vehicle: VehicleId,
        spans: Memo<Vec<SignalSpan>>,
        drive: Memo<Option<(Timestamp, Timestamp)>>,
    ) -> Self {
        let (chosen, asked) = spans.with_untracked(|s| address::asked(s));
        let first = asked.unwrap_or_else(|| range::first(spans.with_untracked(|s| ends(s)), drive.get_untracked()));
        let (view, width, cursor) = (RwSignal::new(first), RwSignal::new(600.0), RwSignal::new(Cursor::None));
        let desk = Self {
            vehicle,
            spans,
            drive,
            chosen: RwSignal::new(chosen),
            view,
            width,
            cursor,
            cursor_at: Memo::new(move |_| cursor.get().at(view.get(), width.get())),
            answer: RwSignal::new(None),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            again: RwSignal::new(0),
            happened: RwSignal::new(Vec::new()),
            happened_error: RwSignal::new(None),
        };
        address::keep(vehicle, desk.chosen, view);
        load::keep(desk);
        events::keep(desk);
        desk
    }

    /// What is known of a signal.
    pub(super) fn span(self, id: &str) -> Option<SignalSpan> {
        self.spans.with(|all| all.iter().find(|s| s.id == id).cloned())
    }

    /// Looks at the values of a signal that were answered; `None`: none were yet.
    pub(super) fn series<T>(self, id: &str, look: impl FnOnce(&Series) -> T) -> Option<T> {
        self.answer.with(|a| a.as_ref()?.signals.iter().find(|s| s.id == id).map(|s| look(&s.series)))
    }

    /// Whether what is shown is not all answered yet.
    pub(super) fn incomplete(self) -> bool {
        self.answer.with(|a| a.as_ref().is_none_or(|a| !a.view.covers(self.view.get())))
    }
}

/// The first and the last moment of all signals.
pub(super) fn ends(spans: &[SignalSpan]) -> (Timestamp, Timestamp) {
    let from = spans.iter().map(|s| s.from).min().unwrap_or_default();
    (from, spans.iter().map(|s| s.to).max().unwrap_or_default().max(from))
}

impl Plane for Desk {
    fn view(self) -> View {
        self.view.get_untracked()
    }

    fn width(self) -> f64 {
        self.width.get_untracked()
    }

    fn cursor(self) -> RwSignal<Cursor> {
        self.cursor
    }

    fn ends(self) -> (Timestamp, Timestamp) {
        self.spans.with_untracked(|s| ends(s))
    }

    fn longest(self) -> i64 {
        LONGEST
    }

    fn show(self, view: View) {
        let (from, to) = self.ends();
        self.view.set(view.within(from, to, LONGEST));
    }

    fn zoom(self, about: Timestamp, factor: f64) {
        self.show(self.view().zoom(about, factor, LONGEST));
    }

    fn reset(self) {
        self.cursor.set(Cursor::None);
        self.view.set(range::first(self.ends(), self.drive.get_untracked()));
    }
}
