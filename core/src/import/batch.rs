//! Values on their way from rows to blocks.

use crate::telemetry::{Value, block::Samples};
use roadworthy_api::Timestamp;
use std::collections::HashMap;

/// Values of one signal, in the order of the file.
#[derive(Debug, Default)]
pub(crate) struct Growing {
    pub(crate) samples: Samples,
    texts: HashMap<String, usize>,
    /// Some are earlier than the one before.
    pub(crate) jumbled: bool,
}

/// Values of all signals, by their number.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) signals: Vec<Growing>,
    pub(crate) samples: usize,
}

impl Batch {
    #[inline]
    pub(crate) fn push(&mut self, signal: usize, at: Timestamp, value: Value<'_>) {
        if signal >= self.signals.len() {
            self.signals.resize_with(signal + 1, Growing::default);
        }
        if let Some(growing) = self.signals.get_mut(signal) {
            growing.jumbled |= growing.samples.times.last().is_some_and(|last| at < *last);
            growing.samples.push(at, value, &mut growing.texts);
            self.samples += 1;
        }
    }
}
