//! Telemetry: samples over time. They gather in a tail on disk, are sealed into compressed blocks that the journal names by
//! hash, and are kept as minutes and hours for ever.
//!
//! The usual case: [`Intake::begin`], [`Intake::signal`] once per signal, [`Intake::number`] per value, [`Intake::commit`] at
//! least every second, [`Intake::finish`]. Live recordings do so, and so does whatever brings values from elsewhere.
//!
//! Rooms: `tail` packs batches, `block` is the compressed form with its hash, `period` holds minutes and hours, `seal` makes
//! blocks of the tail, `query` reads values and bands over all of them, `every` goes through all single values for an export, `retain` drops old single values, `keep` does what
//! nobody waits for. The SQL is in `store/{capture,tail,series,block,pin}.rs`.

pub(crate) mod block;
mod bytes;
pub(crate) mod every;
pub(crate) mod intake;
pub(crate) mod keep;
pub(crate) mod period;
pub(crate) mod query;
pub(crate) mod retain;
pub(crate) mod seal;
pub(crate) mod tail;

pub use intake::Intake;

use crate::store::Fail;
use roadworthy_api::{
    Code, Error,
    id::{EventId, RecordingId, VehicleId},
    live::{LiveValue, Sample},
};

/// New samples of one recording, right after they are on disk.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// Its place in the tail: grows, may have gaps.
    pub(crate) place: u64,
    /// The recording.
    pub(crate) recording: RecordingId,
    /// Whose, if known.
    pub(crate) vehicle: Option<VehicleId>,
    /// The event that began the recording: what is said of the samples belongs to its story.
    pub(crate) story: EventId,
    /// The samples, oldest first.
    pub(crate) samples: Vec<Sample>,
}

/// What a sample holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// In the signal's unit; finite.
    Number(f64),
    /// A meaning.
    Word(&'a str),
    /// Nothing, and why.
    Missing(&'a str),
}

impl Value<'_> {
    /// As a page sees it.
    pub(crate) fn live(self) -> LiveValue {
        match self {
            Self::Number(value) => LiveValue::Number { value },
            Self::Word(text) => LiveValue::Word { text: text.to_owned() },
            Self::Missing(why) => LiveValue::Missing { missing: why.to_owned() },
        }
    }

    /// Of a live value; a number that is none is missing, since no reading may come of an error.
    pub(crate) fn of(value: &LiveValue) -> Value<'_> {
        match value {
            LiveValue::Number { value } if value.is_finite() => Value::Number(*value),
            LiveValue::Number { .. } => Value::Missing("The value is not a number."),
            LiveValue::Word { text } => Value::Word(text),
            LiveValue::Missing { missing } => Value::Missing(missing),
        }
    }

    /// Whether both say the same, bit by bit.
    pub(crate) fn same(self, other: Value<'_>) -> bool {
        match (self, other) {
            (Self::Number(a), Value::Number(b)) => a.to_bits() == b.to_bits(),
            (Self::Word(a), Value::Word(b)) | (Self::Missing(a), Value::Missing(b)) => a == b,
            _ => false,
        }
    }
}

/// Stored bytes that are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damaged(pub(crate) &'static str);

impl From<Damaged> for Error {
    fn from(Damaged(what): Damaged) -> Self {
        Error::new(Code::DatabaseUnusable, format!("Stored telemetry cannot be read ({what}).")).hint(
            "Run `roadworthy journal verify`; it names the block. Restore it from the newest backup that is whole.",
        )
    }
}

impl From<Damaged> for Fail {
    fn from(damaged: Damaged) -> Self {
        Self::Told(damaged.into())
    }
}

#[cfg(test)]
mod tests;
