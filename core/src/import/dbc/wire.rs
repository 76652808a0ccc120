//! A signal in the bytes of a frame.

use super::switch::When;
use crate::import::{known, unit};
use roadworthy_api::import::{CellReason, ColumnMapping};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    Unsigned,
    Signed,
    Float,
    Double,
}

/// A signal of a message.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(super) start: u32,
    pub(super) size: u32,
    pub(super) little: bool,
    pub(super) form: Form,
    pub(super) factor: f64,
    pub(super) offset: f64,
    /// What the file allows; `None`: it does not say.
    pub(super) range: Option<(f64, f64)>,
    pub(super) when: When,
}

impl Wire {
    /// Its bits; `None`: the frame ends before them.
    pub(super) fn raw(&self, data: &[u8]) -> Option<u64> {
        let mut raw = 0u64;
        let bit = |at: u32| Some(u64::from(data.get((at / 8) as usize)? >> (at % 8) & 1));
        if self.little {
            for n in (0..self.size).rev() {
                raw = raw << 1 | bit(self.start + n)?;
            }
            return Some(raw);
        }
        // Motorola: from the most significant bit down, and on at the top of the next byte.
        let mut at = self.start;
        for _ in 0..self.size {
            raw = raw << 1 | bit(at)?;
            at = if at.is_multiple_of(8) { at + 15 } else { at - 1 };
        }
        Some(raw)
    }

    pub(super) fn value(&self, data: &[u8], j1939: bool) -> Result<f64, CellReason> {
        let raw = self.raw(data).ok_or(CellReason::ShortFrame)?;
        if j1939 && self.form == Form::Unsigned && unavailable(raw, self.size) {
            return Err(CellReason::NotAvailable);
        }
        let number = match self.form {
            Form::Unsigned => raw as f64,
            Form::Signed => ((raw << (64 - self.size)).cast_signed() >> (64 - self.size)) as f64,
            Form::Float => f64::from(f32::from_bits(raw as u32)),
            Form::Double => f64::from_bits(raw),
        };
        let value = number * self.factor + self.offset;
        if value.is_nan() {
            return Err(CellReason::NotAvailable);
        }
        if !value.is_finite() {
            return Err(CellReason::Infinite);
        }
        // One step of rounding at either end is none.
        let slack = self.factor.abs() / 2.0;
        match self.range {
            Some((least, most)) if value < least - slack || value > most + slack => Err(CellReason::OutOfRange),
            _ => Ok(value),
        }
    }

    /// The signal that it is, as other columns are.
    pub(crate) fn column(&self, message: &str, sender: Option<u8>) -> ColumnMapping {
        let ecu = sender.map(|s| format!("{s:02X}")).unwrap_or_default();
        let unit = unit::find(&self.unit).map_or_else(|| self.unit.clone(), |u| u.name.to_owned());
        ColumnMapping {
            column: format!("{message}.{}", self.name),
            take: true,
            signal: format!("{ecu}::{}", known::slug(&format!("{message} {}", self.name))),
            label: self.name.replace('_', " "),
            unit_found: self.unit.clone(),
            unit,
            ..ColumnMapping::default()
        }
    }
}

/// What SAE J1939-71 keeps for "not available", "error" and what is reserved: the top of the range.
fn unavailable(raw: u64, size: u32) -> bool {
    match size {
        0 | 1 => false,
        2 => raw >= 2,
        3..=7 => raw == (1 << size) - 1,
        size => raw >> (size - 8) >= 0xfb,
    }
}
