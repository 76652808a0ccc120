//! Table `ecu` (said): the ECUs that answered in a visit.

use super::Fallible;
use roadworthy_api::check::Ecu;
use rusqlite::{Connection, params};

/// Writes a visit's ECUs; lists as JSON.
pub(super) fn put(tx: &Connection, visit: [u8; 16], ecus: &[Ecu]) -> Fallible<()> {
    let json = |list: &[String]| serde_json::Value::from(list).to_string();
    let mut insert = tx.prepare_cached("insert into ecu values (?, ?, ?, ?, ?, ?, ?, ?)")?;
    for (place, ecu) in ecus.iter().enumerate() {
        let Ecu { id, name, named_itself, supported, calibrations, cvns } = ecu;
        insert.execute(params![
            visit,
            place,
            id,
            name,
            named_itself,
            json(supported),
            json(calibrations),
            json(cvns)
        ])?;
    }
    Ok(())
}
