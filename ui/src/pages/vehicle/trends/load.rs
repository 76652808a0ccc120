//! Asks for values when the hand rests, a little beyond what is shown, and leaves out answers that come too late.

use super::desk::Desk;
use crate::{
    backend::call,
    chart::{axis::View, trend::Series},
    live::Live,
    words,
};
use leptos::{prelude::*, task::spawn_local};
use roadworthy_api::{calls::GetTrend, telemetry::Trend};
use std::{sync::Arc, time::Duration};

/// How long the hand must rest, in milliseconds.
const RESTS: u64 = 120;
/// Stored data that changed is looked at no more often than this, in milliseconds.
const CALM: u64 = 2_000;
/// Asked for beyond what is shown, on each side, as a share of it.
const SPARE: f64 = 0.5;
/// Most columns that can be asked for.
const COLUMNS: f64 = 4_000.0;

/// One signal of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answered {
    pub(super) id: String,
    pub(super) series: Series,
    /// What its values are, in words.
    pub(super) shown: String,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    /// For which stretch.
    pub(super) view: View,
    /// For how many columns.
    pub(super) columns: u32,
    pub(super) signals: Vec<Answered>,
}

impl Answer {
    fn new(trend: Trend, view: View, columns: u32) -> Self {
        let column = view.column(f64::from(columns));
        let one = |s: roadworthy_api::telemetry::TrendSignal| Answered {
            shown: words::values_shown(&s.values, column),
            id: s.id,
            series: Series::new(s.values, view, columns),
        };
        Self { view, columns, signals: trend.signals.into_iter().map(one).collect() }
    }

    /// Whether it says all there is to show of these signals in `view` on so many columns.
    fn serves(&self, chosen: &[String], view: View, columns: u32) -> bool {
        let same = self.signals.len() == chosen.len() && self.signals.iter().zip(chosen).all(|(s, c)| s.id == *c);
        let whole = self.signals.iter().all(|s| matches!(s.series, Series::Each(_)));
        // A column of the answer against one of the screen: finer than two and a half is wanted.
        let coarse = self.view.span() / i64::from(self.columns.max(1)) * i64::from(columns) * 2 > view.span() * 5;
        same && self.view.covers(view) && (whole || !coarse)
    }
}

/// Columns for a plot so many pixels wide.
fn columns(width: f64) -> u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a screen, bounded")]
    let columns = (width * (1.0 + 2.0 * SPARE)).clamp(1.0, COLUMNS) as u32;
    columns
}

/// Keeps the desk's answer that of what it shows. Ends with the page.
pub(super) fn keep(desk: Desk) {
    let live = Live::here();
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let turn = StoredValue::new(0u32);
    let stop = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    Effect::new(move |before: Option<(u64, u32)>| {
        let news = (live.version.get(), desk.again.get());
        let (chosen, view, columns) = (desk.chosen.get(), desk.view.get(), columns(desk.width.get()));
        let first = desk.answer.with_untracked(Option::is_none);
        let served = desk.answer.with_untracked(|a| a.as_ref().is_some_and(|a| a.serves(&chosen, view, columns)));
        let changed = before.is_some_and(|b| b != news);
        let waiting = timer.with_value(Option::is_some);
        if chosen.is_empty() || (served && !changed) {
            // What is stored changed meanwhile: that is still asked for.
            if !(served && waiting) {
                stop();
                desk.busy.set(false);
            }
            return news;
        }
        if served && waiting {
            return news;
        }
        stop();
        let wait = if first {
            0
        } else if served {
            CALM
        } else {
            RESTS
        };
        if !served {
            desk.busy.set(true);
        }
        let ask = move || {
            timer.set_value(None);
            turn.update_value(|t| *t += 1);
            ask(desk, turn.get_value(), turn);
        };
        timer.set_value(set_timeout_with_handle(ask, Duration::from_millis(wait)).ok());
        news
    });
    on_cleanup(stop);
}

fn ask(desk: Desk, mine: u32, turn: StoredValue<u32>) {
    let columns = columns(desk.width.get_untracked());
    let view = desk.view.get_untracked().wider(SPARE);
    let (vehicle, signals) = (desk.vehicle, desk.chosen.get_untracked());
    let question = GetTrend { vehicle, signals, from: view.from, to: view.to, columns };
    spawn_local(async move {
        let answer = call(question).await;
        // A later question was asked meanwhile, or the page was left.
        if turn.try_get_value() != Some(mine) {
            return;
        }
        desk.busy.set(false);
        match answer {
            Ok(trend) => {
                desk.error.set(None);
                let answer = Arc::new(Answer::new(trend, view, columns));
                if desk.answer.with_untracked(|old| old.as_ref() != Some(&answer)) {
                    desk.answer.set(Some(answer));
                }
            }
            Err(error) => {
                Live::here().note(&error);
                desk.error.set(Some(error));
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::telemetry::{TrendSignal, TrendValues};

    fn answer(values: TrendValues) -> Answer {
        let signal = TrendSignal { id: "a".into(), label: String::new(), unit: String::new(), values };
        let (from, to) = (0, 20_000);
        let trend = Trend { vehicle: roadworthy_api::id::VehicleId(1), from, to, signals: vec![signal] };
        Answer::new(trend, View { from, to }, 1_000)
    }

    #[test]
    fn an_answer_serves_until_it_is_left_or_too_coarse() {
        let band = || TrendValues::Band { made_of: "raw".into(), columns: vec![] };
        let each = || TrendValues::Raw { points: vec![], words: vec![] };
        for (values, chosen, from, to, expect) in [
            (band(), "a", 5_000, 15_000, true),
            (band(), "a", 5_000, 21_000, false),
            (band(), "b", 5_000, 15_000, false),
            // A fifth of what was asked for: more could be seen.
            (band(), "a", 5_000, 9_000, false),
            (each(), "a", 5_000, 9_000, true),
        ] {
            let found = answer(values).serves(&[chosen.to_owned()], View { from, to }, 1_000);
            assert_eq!(found, expect, "{chosen} {from} {to}");
        }
    }
}
