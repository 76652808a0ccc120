//! What has come since the last commit, in memory.

use crate::journal::kind::RecordedSignal;
use crate::telemetry::{
    Value,
    tail::{Packed, Packer},
};
use roadworthy_api::{Timestamp, live::Mark};
use std::collections::HashMap;

/// What has come since the last commit.
#[derive(Debug, Default)]
pub(crate) struct Gather {
    known: HashMap<String, u32>,
    fresh: Vec<(u32, RecordedSignal)>,
    marks: Vec<Mark>,
    marked: bool,
    packer: Packer,
    /// Time and bits of the last number of each signal.
    last: Vec<(Timestamp, u64)>,
    values: u64,
}

/// What one commit writes.
#[derive(Debug, Default)]
pub(crate) struct Portion {
    pub(super) packed: Option<Packed>,
    pub(super) signals: Vec<(u32, RecordedSignal)>,
    pub(super) marks: Option<Vec<Mark>>,
}

impl Gather {
    /// The number of a signal, if it is known.
    pub(crate) fn number(&self, id: &str) -> Option<u32> {
        self.known.get(id).copied()
    }

    /// The number of a signal, known or new.
    pub(crate) fn signal(&mut self, signal: RecordedSignal) -> u32 {
        if let Some(number) = self.number(&signal.id) {
            return number;
        }
        let number = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        self.known.insert(signal.id.clone(), number);
        self.last.push((Timestamp::MIN, 0));
        self.fresh.push((number, signal));
        number
    }

    /// Adds a sample; the very same one again is not added.
    pub(crate) fn add(&mut self, number: u32, at: Timestamp, value: Value<'_>) {
        if let Value::Number(value) = value
            && let Some(last) = self.last.get_mut(number as usize)
            && std::mem::replace(last, (at, value.to_bits())) == (at, value.to_bits())
        {
            return;
        }
        self.values += u64::from(!matches!(value, Value::Missing(_)));
        self.packer.add(number, at, value);
    }

    pub(crate) fn mark(&mut self, mark: Mark) {
        self.marks.push(mark);
        self.marked = true;
    }

    /// Samples so far that hold a value.
    pub(crate) fn values(&self) -> u64 {
        self.values
    }

    pub(crate) fn take(&mut self) -> Portion {
        let marks = std::mem::take(&mut self.marked).then(|| self.marks.clone());
        Portion { packed: self.packer.take(), signals: std::mem::take(&mut self.fresh), marks }
    }

    /// Says for every signal that values of that time were not kept.
    pub(crate) fn lose(&mut self, at: Timestamp) {
        let why = "Not kept: the disk took no samples for too long.";
        for number in 0..u32::try_from(self.known.len()).unwrap_or(u32::MAX) {
            self.packer.add(number, at, Value::Missing(why));
        }
    }
}
