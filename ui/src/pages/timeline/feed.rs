//! The rows of a timeline: asked for page by page, kept true while things happen, without moving what a person reads.

use super::chosen::Chosen;
use crate::{backend::call, live::Live, words};
use leptos::{prelude::*, task::spawn_local};
use roadworthy_api::{Error, calls::ListTimeline, journal::TimelineRow};

/// Rows per call.
const PAGE: u32 = 100;
/// Scrolled so far, in pixels, a person reads: what is new waits until it is asked for.
const READS: f64 = 240.0;

/// What is known of a timeline.
#[derive(Clone, Copy)]
pub(super) struct Feed {
    chosen: Chosen,
    /// Newest first; `None` until the first answer.
    pub(super) rows: RwSignal<Option<Vec<TimelineRow>>>,
    /// How they are with what came since, while that waits.
    pub(super) newer: RwSignal<Option<Vec<TimelineRow>>>,
    /// There are no older ones.
    pub(super) whole: RwSignal<bool>,
    /// Older ones are on their way.
    pub(super) busy: RwSignal<bool>,
    pub(super) error: RwSignal<Option<Error>>,
    again: RwSignal<u32>,
    turn: StoredValue<u32>,
}

fn reading() -> bool {
    window().scroll_y().unwrap_or_default() > READS
}

impl Feed {
    /// Asks now, whenever the filters change, and whenever stored data changed.
    pub(super) fn new(chosen: Chosen) -> Self {
        let feed = Self {
            chosen,
            rows: RwSignal::new(None),
            newer: RwSignal::new(None),
            whole: RwSignal::new(false),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            again: RwSignal::new(0),
            turn: StoredValue::new(0),
        };
        let live = Live::here();
        Effect::new(move |before: Option<String>| {
            live.version.track();
            feed.again.track();
            let question = feed.question(None);
            let now = serde_json::to_string(&question).unwrap_or_default();
            if before.is_some_and(|b| b != now) {
                feed.rows.set(None);
                feed.newer.set(None);
                feed.busy.set(false);
            }
            feed.turn.update_value(|t| *t += 1);
            let mine = feed.turn.get_value();
            spawn_local(async move {
                let answer = call(question).await;
                // Something else was asked meanwhile, or the page was left.
                if feed.turn.try_get_value() == Some(mine) {
                    feed.take(answer);
                }
            });
            now
        });
        feed
    }

    fn question(self, before: Option<u64>) -> ListTimeline {
        let (from, to) = self.chosen.stretch();
        let (vehicle, groups) = (self.chosen.vehicle.get(), self.chosen.groups.get());
        ListTimeline { vehicle, groups, from, to, before, limit: PAGE }
    }

    fn take(self, answer: Result<Vec<TimelineRow>, Error>) {
        let newest = match answer {
            Ok(newest) => newest,
            Err(error) => {
                Live::here().note(&error);
                self.error.set(Some(error));
                return;
            }
        };
        self.error.set(None);
        let Some(held) = self.rows.get_untracked() else {
            self.whole.set(newest.len() < PAGE as usize);
            self.rows.set(Some(newest));
            return;
        };
        let all = words::merged(&held, newest, PAGE as usize);
        let came = all.first().map(|r| r.event.arrival) != held.first().map(|r| r.event.arrival);
        if came && !held.is_empty() && reading() {
            self.newer.set(Some(all));
        } else if all != held {
            self.show(all);
        }
    }

    fn show(self, all: Vec<TimelineRow>) {
        // Those that were held may have been too far back to be reached by one page.
        if all.len() <= PAGE as usize && self.rows.with_untracked(|r| r.as_ref().is_some_and(|r| r.len() > all.len())) {
            self.whole.set(false);
        }
        self.rows.set(Some(all));
        self.newer.set(None);
    }

    /// How many came since.
    pub(super) fn waiting(self) -> usize {
        let top = self.rows.with(|r| r.as_ref().and_then(|r| r.first()).map_or(0, |r| r.event.arrival));
        self.newer.with(|n| n.as_ref().map_or(0, |n| n.iter().filter(|r| r.event.arrival > top).count()))
    }

    /// Shows what came since.
    pub(super) fn catch_up(self) {
        if let Some(all) = self.newer.get_untracked() {
            self.show(all);
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    }

    /// Asks again after a failure.
    pub(super) fn retry(self) {
        self.again.update(|n| *n += 1);
    }

    /// Asks for older ones.
    pub(super) fn older(self) {
        let last = self.rows.with_untracked(|r| r.as_ref().and_then(|r| r.last()).map(|r| r.event.arrival));
        let Some(last) = last.filter(|_| !self.busy.get_untracked()) else { return };
        self.busy.set(true);
        let question = untrack(|| self.question(Some(last)));
        let asked = serde_json::to_string(&question).unwrap_or_default();
        spawn_local(async move {
            let answer = call(question).await;
            let same = self.busy.try_get_untracked().is_some()
                && asked == untrack(|| serde_json::to_string(&self.question(Some(last))).unwrap_or_default());
            if !same {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(older) => {
                    self.whole.set(older.len() < PAGE as usize);
                    for held in [self.rows, self.newer] {
                        held.update(|all| {
                            if let Some(all) = all {
                                all.extend(older.iter().filter(|r| r.event.arrival < last).cloned());
                            }
                        });
                    }
                }
                Err(error) => {
                    Live::here().note(&error);
                    self.error.set(Some(error));
                }
            }
        });
    }
}
