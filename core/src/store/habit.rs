//! Table `habit` (local): what the security monitor has learned.

use super::Fallible;
use crate::monitor::{ACTORS, Counts, Key, Saved};
use roadworthy_api::{Code, Error, Timestamp, role::Door};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;

fn door_text(door: Door) -> Fallible<String> {
    let text = serde_json::to_value(door).ok().and_then(|value| value.as_str().map(str::to_owned));
    text.ok_or_else(|| Error::new(Code::Internal, "A door has no name.").into())
}

/// Every habit, of doors that this version knows.
pub(crate) fn all(conn: &Connection) -> Fallible<Vec<(Key, String)>> {
    let mut find = conn.prepare_cached("select actor, door, habit from habit")?;
    let rows = find.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?)))?;
    let mut habits = Vec::new();
    for row in rows {
        let (actor, door, habit): (String, String, String) = row?;
        if let Ok(door) = serde_json::from_value(door.into()) {
            habits.push(((actor, door), habit));
        }
    }
    Ok(habits)
}

/// Adds to the stored habits; gives them as they are now. Those unseen for longest go.
pub(crate) fn add(tx: &Connection, counts: &HashMap<Key, Counts>, zone_ms: i64) -> Fallible<Vec<(Key, Saved)>> {
    let mut all = Vec::new();
    for (key, counts) in counts {
        let door = door_text(key.1)?;
        let stored: Option<String> = tx
            .prepare_cached("select habit from habit where actor = ? and door = ?")?
            .query_row(params![key.0, door], |row| row.get(0))
            .optional()?;
        let Some((seen, text, saved)) = counts.added(stored.as_deref(), zone_ms) else { continue };
        let seen: Timestamp = seen;
        tx.prepare_cached(
            "insert into habit (actor, door, seen, habit) values (?, ?, ?, ?)
             on conflict do update set seen = excluded.seen, habit = excluded.habit",
        )?
        .execute(params![key.0, door, seen, text])?;
        all.push((key.clone(), saved));
    }
    tx.prepare_cached(
        "delete from habit where (actor, door) in (select actor, door from habit order by seen desc limit -1 offset ?)",
    )?
    .execute([i64::try_from(ACTORS).unwrap_or(i64::MAX)])?;
    Ok(all)
}
