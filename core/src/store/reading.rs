//! Table `reading` (said): the present values of a check, and how any value lies in columns.

use super::Fallible;
use roadworthy_api::reading::{Item, Reading, Value};
use rusqlite::{Connection, params};

/// A value as the columns `form`, `number`, `unit`, `text`.
pub(super) fn columns(value: &Value) -> (&'static str, Option<f64>, Option<&str>, Option<&str>) {
    match value {
        Value::Number { value, unit } => ("number", Some(*value), Some(unit), None),
        Value::Enumerated { code, text } => ("enumerated", Some(f64::from(*code)), None, Some(text)),
        Value::Flag { bool } => ("flag", Some(f64::from(u8::from(*bool))), None, None),
        Value::Text { text } => ("text", None, None, Some(text)),
        Value::Raw { raw } => ("raw", None, None, Some(raw)),
    }
}

/// Writes a visit's readings.
pub(super) fn put(tx: &Connection, visit: [u8; 16], readings: &[Reading]) -> Fallible<()> {
    let mut insert = tx.prepare_cached("insert into reading values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
    for (place, Reading { ecu, request, raw, at, item }) in readings.iter().enumerate() {
        let Item { pid, name, label, value } = item;
        let (form, number, unit, text) = columns(value);
        insert.execute(params![visit, place, ecu, request, raw, at, pid, name, label, form, number, unit, text])?;
    }
    Ok(())
}
