//! The account of a file: every row and every cell, once.

use super::clock::Noted;
use roadworthy_api::import::{CellReason, ClockNote, EXAMPLES, ExplainedRows, ImportReport, RejectedCells, RowReason};
use std::collections::BTreeMap;

/// How many, and the first lines.
#[derive(Clone, Debug, Default)]
struct Tally {
    count: u64,
    lines: Vec<u64>,
}

impl Tally {
    fn add(&mut self, line: u64) {
        self.count += 1;
        if self.lines.len() < EXAMPLES && self.lines.last() != Some(&line) {
            self.lines.push(line);
        }
    }
}

/// What became of rows and cells so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    pub(crate) totals: ImportReport,
    rows: BTreeMap<RowReason, Tally>,
    /// By column or signal, whose number only this file's reader knows.
    cells: BTreeMap<(usize, CellReason), Tally>,
    clock: BTreeMap<&'static str, Tally>,
}

impl Account {
    pub(crate) fn explain(&mut self, reason: RowReason, line: u64) {
        self.rows.entry(reason).or_default().add(line);
    }

    pub(crate) fn reject(&mut self, column: usize, reason: CellReason, line: u64) {
        self.cells.entry((column, reason)).or_default().add(line);
    }

    pub(crate) fn note(&mut self, noted: Noted, line: u64) {
        let Noted { late, back, ahead, restarted, twice } = noted;
        for (is, what) in [
            (late && !back, "earlier than a row before it: put in order"),
            (back, "more than an hour earlier than a row before it"),
            (ahead, "more than an hour later than the row before it"),
            (restarted, "the clock began again"),
            (twice, "in the hour that comes twice when clocks are put back: taken to go on"),
        ] {
            if is {
                self.clock.entry(what).or_default().add(line);
            }
        }
    }

    /// Nothing to say is the usual case.
    #[inline]
    pub(crate) fn note_if_any(&mut self, noted: Noted, line: u64) {
        if noted != Noted::default() {
            self.note(noted, line);
        }
    }

    /// As it is told; `name` names a column.
    pub(crate) fn report(&self, name: impl Fn(usize) -> String) -> ImportReport {
        let explained = self.rows.iter().map(|(reason, t)| ExplainedRows {
            reason: *reason,
            count: t.count,
            lines: t.lines.clone(),
        });
        let rejected = self.cells.iter().map(|((column, reason), t)| RejectedCells {
            column: name(*column),
            reason: *reason,
            count: t.count,
            lines: t.lines.clone(),
        });
        let clock = self.clock.iter().map(|(what, t)| ClockNote {
            what: (*what).to_owned(),
            count: t.count,
            lines: t.lines.clone(),
        });
        ImportReport {
            explained: explained.collect(),
            rejected: rejected.collect(),
            clock: clock.collect(),
            ..self.totals.clone()
        }
    }
}
