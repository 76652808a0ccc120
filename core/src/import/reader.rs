//! Either reader of lines.

use super::{batch::Batch, frames::Frames, lines::Line, rows::Rows};
use crate::journal::kind::{ReadingFlag, RecordedSignal};
use roadworthy_api::{Timestamp, import::ImportReport};

/// What reads a file line by line.
pub(crate) enum Reader {
    /// A table.
    Rows(Box<Rows>),
    /// A CAN log.
    Frames(Box<Frames>),
}

impl Reader {
    #[inline]
    pub(crate) fn line(&mut self, number: u64, line: Line<'_>) {
        match self {
            Self::Rows(rows) => rows.line(number, line),
            Self::Frames(frames) => frames.line(number, line),
        }
    }

    /// What has come since it was taken.
    #[inline]
    pub(crate) fn batch(&mut self) -> &mut Batch {
        match self {
            Self::Rows(rows) => &mut rows.batch,
            Self::Frames(frames) => &mut frames.batch,
        }
    }

    /// Signals so far, by their number.
    pub(crate) fn signals(&self) -> Vec<RecordedSignal> {
        match self {
            Self::Rows(rows) => rows.signals(),
            Self::Frames(frames) => frames.signals(),
        }
    }

    /// Those that have values.
    pub(crate) fn signals_with_values(&self) -> Vec<RecordedSignal> {
        match self {
            Self::Rows(rows) => rows.signals_with_values(),
            Self::Frames(frames) => frames.signals_with_values(),
        }
    }

    pub(crate) fn report(&self) -> ImportReport {
        match self {
            Self::Rows(rows) => rows.report(),
            Self::Frames(frames) => frames.report(),
        }
    }

    /// First and last time of what was stored.
    pub(crate) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        match self {
            Self::Rows(rows) => rows.span(),
            Self::Frames(frames) => frames.span(),
        }
    }

    /// Signals that cannot be right; of a network's own signals nothing is known.
    pub(crate) fn flags(&mut self) -> Vec<ReadingFlag> {
        match self {
            Self::Rows(rows) => rows.flags(),
            Self::Frames(_) => Vec::new(),
        }
    }
}
