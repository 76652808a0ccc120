//! Timelines: events by arrival, of a vehicle or all, of some groups or all, within a range of time.
//!
//! Which events a page shows is read from indexes alone, kind by kind: each is a walk from the newest that ends when the page is
//! full. Only then their rows are read. So a page costs the same however many events there are, and however far back they lie.

mod window;

use super::{
    Fallible, capture, decision, history, import, journal,
    journal::unsigned,
    recording, registration,
    story::{self, Lying},
    vehicle::{self, CALLED},
};
use crate::journal::{
    Hlc,
    place::{Shown, group, shown},
    words,
};
use roadworthy_api::{
    Timestamp,
    finding::Source,
    id::{DecisionId, EventId, RecordingId, VehicleId},
    journal::{EventGroup, EventRow, EvidenceLink, TimelineRow},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Which events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Of this vehicle, by the id that it is shown by; `None`: of all, and those about no vehicle.
    pub(crate) vehicle: Option<VehicleId>,
    /// Of these groups; none: of all.
    pub(crate) groups: Vec<EventGroup>,
    /// Since then, in ms.
    pub(crate) from: Option<Timestamp>,
    /// Before then, in ms.
    pub(crate) to: Option<Timestamp>,
    /// That arrived before this one.
    pub(crate) before: Option<u64>,
}

impl Wanted {
    fn group(&self, kind: &str) -> bool {
        self.groups.is_empty() || self.groups.contains(&group(kind))
    }

    /// Bounds of the walks.
    fn bounds(&self, conn: &Connection) -> Fallible<Bounds> {
        let clock = |at: Timestamp| at.clamp(0, i64::MAX >> 16) << 16;
        let (from, to) = (self.from.map_or(0, clock), self.to.map_or(i64::MAX, clock));
        let (first, end) = window::window(conn, from, to)?;
        let before = self.before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
        Ok(Bounds { first, before: before.min(end), from, to })
    }
}

/// Arrivals and clocks, each from the first to before the second.
#[derive(Clone, Copy)]
struct Bounds {
    first: i64,
    before: i64,
    from: i64,
    to: i64,
}

/// Kinds that there are, each found by one step along the index.
const KINDS: &str = "with recursive kinds (kind) as (
        select min(kind) from journal indexed by journal_kind
        union all
        select (select min(kind) from journal indexed by journal_kind where kind > kinds.kind) from kinds
        where kinds.kind is not null)
    select kind from kinds where kind is not null";
const KINDS_OF: &str = "with recursive kinds (kind) as (
        select min(kind) from journal indexed by journal_timeline where subject = ?1
        union all
        select (select min(kind) from journal indexed by journal_timeline where subject = ?1 and kind > kinds.kind)
        from kinds where kinds.kind is not null)
    select kind from kinds where kind is not null";
const WALK: &str = "select arrival from journal indexed by journal_kind
    where kind = ?1 and arrival < ?2 and arrival >= ?3 and hlc >= ?4 and hlc < ?5 order by arrival desc limit ?6";
const WALK_OF: &str = "select arrival from journal indexed by journal_timeline
    where subject = ?7 and kind = ?1 and arrival < ?2 and arrival >= ?3 and hlc >= ?4 and hlc < ?5 order by arrival desc limit ?6";

/// A page of a timeline, newest first.
pub(crate) fn list(conn: &Connection, wanted: &Wanted, limit: u32) -> Fallible<Vec<TimelineRow>> {
    let bounds = wanted.bounds(conn)?;
    let mut arrivals = match wanted.vehicle {
        None => of_all(conn, wanted, bounds, limit)?,
        Some(vehicle) => of_vehicle(conn, wanted, bounds, vehicle, limit)?,
    };
    arrivals.sort_unstable_by(|a, b| b.cmp(a));
    arrivals.dedup();
    arrivals.truncate(limit as usize);
    let sql = format!(
        "select j.arrival, j.id, j.hlc, j.kind, j.actor, j.correlation, j.version, j.payload, r.vehicle, {CALLED}
         from journal j left join registration r on r.id = j.subject left join vehicle v on v.id = r.vehicle
         where j.arrival = ?"
    );
    let mut find = conn.prepare_cached(&sql)?;
    let mut rows = Vec::with_capacity(arrivals.len());
    for arrival in arrivals {
        if let Some((row, shown)) = find.query_row([arrival], row).optional()? {
            rows.push(evident(conn, row, shown)?);
        }
    }
    Ok(rows)
}

fn walked(conn: &Connection, bounds: Bounds, kind: &str, of: Option<[u8; 16]>, limit: u32) -> Fallible<Vec<i64>> {
    let Bounds { first, before, from, to } = bounds;
    let mut walk = conn.prepare_cached(if of.is_some() { WALK_OF } else { WALK })?;
    let number = |row: &Row<'_>| row.get(0);
    let rows: rusqlite::Result<Vec<i64>> = match of {
        None => walk.query_map(params![kind, before, first, from, to, limit], number)?.collect(),
        Some(of) => walk.query_map(params![kind, before, first, from, to, limit, of], number)?.collect(),
    };
    Ok(rows?)
}

fn of_all(conn: &Connection, wanted: &Wanted, bounds: Bounds, limit: u32) -> Fallible<Vec<i64>> {
    let kinds: Vec<String> =
        conn.prepare_cached(KINDS)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut arrivals = Vec::new();
    for kind in kinds.iter().filter(|kind| wanted.group(kind)) {
        arrivals.extend(walked(conn, bounds, kind, None, limit)?);
    }
    Ok(arrivals)
}

fn of_vehicle(
    conn: &Connection,
    wanted: &Wanted,
    bounds: Bounds,
    vehicle: VehicleId,
    limit: u32,
) -> Fallible<Vec<i64>> {
    let ids: Vec<[u8; 16]> = conn
        .prepare_cached("select id from registration where vehicle = ?")?
        .query_map([vehicle.bytes()], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut arrivals = Vec::new();
    for id in ids {
        let kinds: Vec<String> =
            conn.prepare_cached(KINDS_OF)?.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for kind in kinds.iter().filter(|kind| wanted.group(kind)) {
            arrivals.extend(walked(conn, bounds, kind, Some(id), limit)?);
        }
    }
    unfiled(conn, wanted, bounds, vehicle, &mut arrivals)?;
    Ok(arrivals)
}

/// Stamp of the event that stored a recording, or the story of one that runs.
type Beginning = (Option<[u8; 24]>, Option<[u8; 16]>);

/// Events of recordings that named no vehicle, since it was not known yet, and are this one's by their VIN. There are few.
fn unfiled(
    conn: &Connection,
    wanted: &Wanted,
    bounds: Bounds,
    vehicle: VehicleId,
    arrivals: &mut Vec<i64>,
) -> Fallible<()> {
    let mut find = conn.prepare_cached(
        "select stamp, null from recording where registration is null and vin in
            (select vin from registration where vehicle = ?1 and vin is not null)
         union all select null, story from capture where registration is null and vin in
            (select vin from registration where vehicle = ?1 and vin is not null)",
    )?;
    let found: Vec<Beginning> =
        find.query_map([vehicle.bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    let Bounds { before, from, to, .. } = bounds;
    for (stamp, story) in found {
        let story = match (stamp, story) {
            (Some(stamp), _) => match journal::stamped(conn, stamp)? {
                Some(event) => journal::story(conn, event)?,
                None => None,
            },
            (None, story) => story.map(EventId::from_bytes),
        };
        let Some(story) = story else { continue };
        let mut walk = conn.prepare_cached(
            "select arrival, kind from journal where correlation = ? and subject is null and arrival < ? and hlc >= ? and hlc < ?",
        )?;
        let rows = walk.query_map(params![story.bytes(), before, from, to], |row| Ok((row.get(0)?, row.get(1)?)))?;
        for row in rows {
            let (arrival, kind): (i64, String) = row?;
            if wanted.group(&kind) {
                arrivals.push(arrival);
            }
        }
    }
    Ok(())
}

fn row(row: &Row<'_>) -> rusqlite::Result<(TimelineRow, Option<Shown>)> {
    let (kind, version, payload): (String, u32, String) = (row.get(3)?, row.get(6)?, row.get(7)?);
    let vehicle = row.get::<_, Option<[u8; 16]>>(8)?.map(VehicleId::from_bytes);
    let shown = shown(&kind, version, &payload);
    let line = TimelineRow {
        group: group(&kind),
        vehicle,
        vehicle_name: if vehicle.is_some() { row.get(9)? } else { None },
        evidence: None,
        correlation: EventId::from_bytes(row.get(5)?),
        event: EventRow {
            arrival: unsigned(row, 0)?,
            id: EventId::from_bytes(row.get(1)?),
            at: Hlc(unsigned(row, 2)?).ms(),
            summary: words::summary(&kind, version, &payload),
            kind,
            actor: row.get(4)?,
        },
    };
    Ok((line, shown))
}

/// Whose a recording is by now, and its time.
type Span = (Option<VehicleId>, Timestamp, Timestamp);

fn span(conn: &Connection, id: RecordingId) -> Fallible<Option<Span>> {
    if let Some((row, _)) = recording::get(conn, id)? {
        return Ok(Some((row.vehicle, row.started, row.ended)));
    }
    let Some(capture) = capture::get(conn, id)? else { return Ok(None) };
    let vehicle = match (capture.registration, capture.vin) {
        (Some(registration), _) => registration::vehicle(conn, registration)?,
        (None, Some(vin)) => vehicle::by_vin(conn, &vin)?,
        (None, None) => None,
    };
    let lying = story::sealed(conn, id)?.into_iter().map(|(_, lying)| lying).chain(story::tail(conn, id)?);
    let last = lying.map(|Lying { to, .. }| to).max();
    Ok(Some((vehicle, capture.started, last.unwrap_or(capture.started))))
}

/// Where the finding was found that a decision is about.
fn source(conn: &Connection, id: DecisionId) -> Fallible<Option<Source>> {
    let mut find = conn.prepare_cached("select json_extract(detail, '$.source') from decision where id = ?")?;
    let text: Option<Option<String>> = find.query_row([id.bytes()], |row| row.get(0)).optional()?;
    Ok(text.flatten().and_then(|text| serde_json::from_str(&text).ok()))
}

/// The row with whose it is, where its event did not name that, and with what shows it, where that is there.
fn evident(conn: &Connection, mut row: TimelineRow, shown: Option<Shown>) -> Fallible<TimelineRow> {
    let trend = |vehicle: Option<VehicleId>, from: Timestamp, last: Timestamp| {
        vehicle.map(|vehicle| EvidenceLink::Trend { vehicle, from, until: last.max(from).saturating_add(1) })
    };
    let of = match shown {
        Some(Shown::Recording(id) | Shown::Sealed(id)) => span(conn, id)?,
        _ => None,
    };
    if let (None, Some((Some(vehicle), ..))) = (row.vehicle, of) {
        (row.vehicle, row.vehicle_name) = (Some(vehicle), vehicle::vehicle_name(conn, vehicle)?);
    }
    row.evidence = match shown {
        None => None,
        Some(Shown::Visit(visit)) => Some(EvidenceLink::Visit { visit }),
        Some(Shown::Alert(alert)) => Some(EvidenceLink::Alert { alert }),
        // One whose own event has not arrived yet cannot be shown.
        Some(Shown::Import(import)) => import::get(conn, import)?.map(|_| EvidenceLink::Import { import }),
        Some(Shown::History(import)) => history::get(conn, import)?.map(|_| EvidenceLink::History { import }),
        Some(Shown::Service) => row.vehicle.map(|vehicle| EvidenceLink::Service { vehicle }),
        Some(Shown::Papers) => row.vehicle.map(|vehicle| EvidenceLink::Papers { vehicle }),
        Some(Shown::Values(from, to)) => trend(row.vehicle, from, to.saturating_sub(1)),
        Some(Shown::Recording(_)) => of.and_then(|(_, from, last)| trend(row.vehicle, from, last)),
        Some(Shown::Sealed(id)) => {
            let sealed = story::sealed(conn, id)?.into_iter().find(|(event, _)| *event == row.event.id);
            let (_, from, last) = match (sealed, of) {
                (Some((_, lying)), _) => (None, lying.from, lying.to),
                // Another device holds the blocks.
                (None, Some(of)) => of,
                (None, None) => return Ok(row),
            };
            trend(row.vehicle, from, last)
        }
        Some(Shown::Decision(id)) => match decision::get(conn, id)?.and_then(|(_, row)| row.alert) {
            Some(alert) => Some(EvidenceLink::Alert { alert }),
            None => match source(conn, id)? {
                Some(source) => return evident(conn, row, Some(source.into())),
                None => None,
            },
        },
    };
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::own;

    #[test]
    fn which_events_a_page_shows_is_read_from_indexes_alone() {
        let own = own();
        let plan = |sql: &str, parameters: usize| {
            let look = |conn: &Connection| {
                let mut plan = conn.prepare(&format!("explain query plan {sql}"))?;
                let nulls = vec![rusqlite::types::Null; parameters];
                let lines = plan.query_map(rusqlite::params_from_iter(nulls), |row| row.get::<_, String>(3))?;
                Ok(lines.collect::<rusqlite::Result<Vec<_>>>()?.join("; "))
            };
            own.store.read(look).unwrap()
        };
        for (sql, parameters, index) in [
            (WALK, 6, "COVERING INDEX journal_kind (kind=? AND arrival>? AND arrival<?)"),
            (WALK_OF, 7, "COVERING INDEX journal_timeline (subject=? AND kind=? AND arrival>? AND arrival<?)"),
            (KINDS, 0, "COVERING INDEX journal_kind (kind>?)"),
            (KINDS_OF, 1, "COVERING INDEX journal_timeline (subject=? AND kind>?)"),
        ] {
            let plan = plan(sql, parameters);
            assert!(plan.contains(index) && !plan.contains("TEMP B-TREE") && !plan.contains("SCAN journal;"), "{plan}");
        }
    }
}
