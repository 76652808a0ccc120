//! Table `reading` (said): the present values of a check, and how any value lies in columns.

use super::Fallible;
use roadworthy_api::reading::{Item, Reading, Value};
use rusqlite::{Connection, Row, params, types::FromSqlError};

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

/// The value that four columns from `at` on hold: the reverse of [`columns`].
pub(super) fn value(row: &Row<'_>, at: usize) -> rusqlite::Result<Value> {
    let text = || row.get::<_, String>(at + 3);
    match row.get_ref(at)?.as_str()? {
        "number" => Ok(Value::Number { value: row.get(at + 1)?, unit: row.get(at + 2)? }),
        // Written from a u32, which a double holds exactly.
        "enumerated" => Ok(Value::Enumerated { code: row.get::<_, f64>(at + 1)? as u32, text: text()? }),
        "flag" => Ok(Value::Flag { bool: row.get::<_, f64>(at + 1)? != 0.0 }),
        "text" => Ok(Value::Text { text: text()? }),
        "raw" => Ok(Value::Raw { raw: text()? }),
        _ => Err(FromSqlError::InvalidType.into()),
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
