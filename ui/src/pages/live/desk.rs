//! What the parts of a session's page share: what is chosen, which time is looked at, and when is drawn anew.
//!
//! Values come up to twenty times a second and are kept elsewhere; the page looks at them on its own beats, so that what it
//! costs depends on what is seen and not on what comes. Charts are drawn when a column of pixels has passed, figures four
//! times a second, ages once.

use crate::{
    chart::{
        axis::{self, View},
        track,
    },
    live::{Live, sessions},
    locale,
    parts::hand::{Cursor, Plane},
};
use leptos::{leptos_dom::helpers::set_interval_with_handle, prelude::*};
use roadworthy_api::{
    Timestamp,
    id::LiveId,
    live::{LiveState, SignalInfo},
};
use std::time::Duration;

/// How often the beats are looked at, in milliseconds.
const BEAT: u64 = 50;
/// Charts are drawn no more often than this, and no less while time goes on, in milliseconds.
const DRAWN: (i64, i64) = (80, 1000);
/// How often the session is told that somebody watches, in milliseconds: it closes itself when nobody does for long.
const WATCHED: i64 = 600_000;
/// Figures change no more often than this, in milliseconds.
const FIGURES: i64 = 250;

/// Which time the charts show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Window {
    /// The newest stretch of so many milliseconds.
    Following(i64),
    /// This one.
    Still(View),
}

/// What the parts share.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    pub(super) id: LiveId,
    /// Where the session stands.
    pub(super) state: Memo<Option<LiveState>>,
    /// Everything that can be chosen.
    pub(super) available: Memo<Vec<SignalInfo>>,
    /// What is chosen, in order.
    pub(super) chosen: Memo<Vec<SignalInfo>>,
    /// Figures are to be written anew.
    pub(super) figures: RwSignal<u64>,
    /// Now, to the second.
    pub(super) now: RwSignal<Timestamp>,
    /// Which time is shown.
    pub(super) window: RwSignal<Window>,
    /// The same, in moments.
    pub(super) view: Memo<View>,
    /// Where the cursor is.
    pub(super) cursor: RwSignal<Cursor>,
    /// Its moment.
    pub(super) cursor_at: Memo<Option<Timestamp>>,
    /// Width of a plot in pixels.
    pub(super) width: RwSignal<f64>,
}

impl Desk {
    /// The desk of a session; its beats end with the page.
    pub(super) fn new(id: LiveId) -> Self {
        let live = Live::here();
        let state = Memo::new(move |_| live.session(id).map(|s| s.state));
        let available = Memo::new(move |_| live.session(id).map(|s| s.available).unwrap_or_default());
        let chosen_ids = Memo::new(move |_| live.session(id).map(|s| s.chosen).unwrap_or_default());
        let chosen = Memo::new(move |_| {
            available.with(|all| {
                chosen_ids.get().iter().filter_map(|id| all.iter().find(|i| i.id == *id).cloned()).collect::<Vec<_>>()
            })
        });
        let window = RwSignal::new(Window::Following(60_000));
        let (drawn, figures, width) = (RwSignal::new(0u64), RwSignal::new(0u64), RwSignal::new(600.0));
        let now = RwSignal::new(locale::now());
        let cursor = RwSignal::new(Cursor::None);
        let view = Memo::new(move |_| {
            drawn.track();
            match window.get() {
                Window::Still(view) => view,
                Window::Following(span) => {
                    let column = View::until(0, span).column(width.get());
                    let newest = sessions::heard(id, |t| t.newest).flatten();
                    let end = match state.get() {
                        Some(LiveState::Paused | LiveState::Held { .. } | LiveState::Ended { .. }) => {
                            newest.unwrap_or_else(locale::now)
                        }
                        _ => newest.unwrap_or_default().max(locale::now()),
                    };
                    // Whole columns, so that what is drawn moves by pixels and does not shimmer.
                    View::until((end.div_euclid(column) + 1) * column, span)
                }
            }
        });
        let cursor_at = Memo::new(move |_| cursor.get().at(view.get(), width.get()));
        let desk = Self { id, state, available, chosen, figures, now, window, view, cursor, cursor_at, width };
        desk.beat(drawn);
        desk
    }

    fn beat(self, drawn: RwSignal<u64>) {
        let calm = calm();
        let last = StoredValue::new((0i64, 0i64, None::<Timestamp>));
        let told = StoredValue::new(locale::now());
        let beat = move || {
            if document().hidden() {
                return;
            }
            let now = locale::now();
            if now - told.get_value() > WATCHED {
                told.set_value(now);
                sessions::read_back(self.id);
            }
            let (charts, figures, newest) = last.get_value();
            let newest_now = sessions::heard(self.id, |t| t.newest).flatten();
            let fresh = newest_now != newest;
            let goes_on = self.state.with_untracked(|s| {
                matches!(s, Some(LiveState::Reading | LiveState::Connecting { .. } | LiveState::Reconnecting { .. }))
            });
            let column = self.view.get_untracked().column(self.width.get_untracked());
            let (least, most) = if calm { (DRAWN.1, DRAWN.1) } else { DRAWN };
            let due = now - charts >= column.clamp(least, most) && (fresh || goes_on);
            if due {
                drawn.update(|n| *n += 1);
            }
            let due_figures = now - figures >= FIGURES && (fresh || goes_on);
            if due_figures {
                self.figures.update(|n| *n += 1);
            }
            if now / 1000 != self.now.get_untracked() / 1000 {
                self.now.set(now);
            }
            last.set_value((
                if due { now } else { charts },
                if due_figures { now } else { figures },
                if due { newest_now } else { newest },
            ));
        };
        if let Ok(timer) = set_interval_with_handle(beat, Duration::from_millis(BEAT)) {
            on_cleanup(move || timer.clear());
        }
    }

    /// Looks at the samples of a signal; `None`: there are none.
    pub(super) fn track<T>(self, signal: &str, look: impl FnOnce(&track::Track) -> T) -> Option<T> {
        sessions::heard(self.id, |tape| tape.track(signal).map(look)).flatten()
    }

    /// Whether values come.
    pub(super) fn reading(self) -> bool {
        self.state.with(|s| matches!(s, Some(LiveState::Reading))) && Live::here().link.get() != crate::live::Link::Lost
    }

    /// Achieved samples per second of a signal.
    pub(super) fn rate(self, signal: &str) -> f64 {
        let place = self.chosen.with(|c| c.iter().position(|i| i.id == signal));
        place.and_then(|p| sessions::heard(self.id, |t| t.rates.get(p).copied()).flatten()).unwrap_or_default()
    }

    /// Follows the newest again.
    pub(super) fn follow(self) {
        let span = self.view.get_untracked().span();
        self.window.set(Window::Following(span));
    }
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
        let ends = sessions::heard(self.id, |t| (t.oldest(), t.newest)).unwrap_or_default();
        let now = locale::now();
        (ends.0.unwrap_or(now), ends.1.unwrap_or(now))
    }

    fn longest(self) -> i64 {
        axis::MOST
    }

    /// A stretch that reaches beyond the newest sample follows from then on.
    fn show(self, view: View) {
        let (oldest, newest) = self.ends();
        let half = view.span() / 2;
        self.window.set(if view.to >= newest && newest - view.from < view.span() {
            Window::Following(view.span())
        } else if view.from < oldest - half {
            Window::Still(view.moved(oldest - half - view.from))
        } else {
            Window::Still(view)
        });
    }

    /// While the newest is followed it stays at the right end.
    fn zoom(self, about: Timestamp, factor: f64) {
        let view = self.view.get_untracked();
        match self.window.get_untracked() {
            Window::Following(_) => self.window.set(Window::Following(view.zoom(view.to, factor, axis::MOST).span())),
            Window::Still(_) => self.show(view.zoom(about, factor, axis::MOST)),
        }
    }

    /// The newest minute, no cursor.
    fn reset(self) {
        self.cursor.set(Cursor::None);
        self.window.set(Window::Following(60_000));
    }
}

/// Whether this person asked for less movement.
fn calm() -> bool {
    window().match_media("(prefers-reduced-motion: reduce)").ok().flatten().is_some_and(|m| m.matches())
}
