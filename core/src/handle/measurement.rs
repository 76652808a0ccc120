//! Measurements by hand, and the odometer.

use super::{PAGE, about, no_vehicle};
use crate::{
    Engine,
    engine::{actor, now},
    journal::{
        NewEvent,
        kind::{self, MeasurementAdded, MeasurementRemoved},
    },
    odometer,
    store::{Fallible, measurement, registration},
};
use jiff::tz::TimeZone;
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    call::Handle,
    calls::{AddMeasurement, ListMeasurements, RemoveMeasurement},
    id::{MeasurementId, VehicleId},
    note::{Measured, MeasurementRow},
    role::Actor,
    vehicle::Page,
};
use rusqlite::Connection;

/// How far a typed time may be ahead: clocks of a page and of the engine are the same machine's, minutes are typed whole.
const AHEAD_MS: i64 = 60_000;

impl Handle<ListMeasurements> for Engine {
    fn handle(&self, _: &Actor, call: ListMeasurements) -> Result<Page<MeasurementRow>> {
        self.store.read(|conn| {
            let main = registration::vehicle(conn, call.vehicle)?.ok_or_else(no_vehicle)?;
            let limit = call.limit.min(PAGE);
            // One more, which may be the reading before the last one shown.
            let mut page = measurement::list(conn, main, call.offset, limit.saturating_add(1))?;
            remarks(conn, main, &mut page.rows)?;
            page.rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            Ok(page)
        })
    }
}

/// Says of each odometer reading how it contradicts the one before it; rows are newest first.
fn remarks(conn: &Connection, vehicle: VehicleId, rows: &mut [MeasurementRow]) -> Fallible<()> {
    let zone = TimeZone::system();
    let Some(oldest) = rows.iter().rposition(|row| matches!(row.measured, Measured::Odometer { .. })) else {
        return Ok(());
    };
    let mut before = measurement::odometer_until(conn, vehicle, rows[oldest].at.saturating_sub(1))?;
    for row in rows[..=oldest].iter_mut().rev() {
        let Measured::Odometer { km } = row.measured else { continue };
        row.remark = odometer::remark(km, before.as_ref(), &zone);
        let source = match (row.id, row.service) {
            (Some(_), _) => "typed in".to_owned(),
            (None, Some(_)) => row.source.clone(),
            (None, None) => format!("read from {}", row.source),
        };
        before = Some(odometer::Point { at: row.at, km, source });
    }
    Ok(())
}

impl Handle<AddMeasurement> for Engine {
    fn handle(&self, who: &Actor, call: AddMeasurement) -> Result<MeasurementId> {
        let now = now();
        let at = call.at.unwrap_or(now);
        if at > now.saturating_add(AHEAD_MS) || at < 0 {
            return Err(Error::new(Code::Invalid, "A measurement cannot be from the future, or from before 1970.")
                .hint("Check the date, and this machine's clock."));
        }
        self.store.write(&actor(who), now, |w| {
            let vehicle = about(w, call.vehicle, None)?;
            let contradiction = contradiction(w.tx(), vehicle, at, &call.measured)?;
            if let Some(contradiction) = &contradiction
                && !call.sure
            {
                return Err(Error::new(Code::Conflict, contradiction.clone())
                    .hint("Check the figure and the date. If it is right, as after a change of the instrument, confirm it.")
                    .into());
            }
            let (id, measurement) = (w.mint()?, MeasurementId(w.mint()?.0));
            let (measured, confirmed) = (call.measured, contradiction.is_some());
            let added = MeasurementAdded { measurement, at, measured, confirmed };
            w.append(NewEvent::new(id, kind::MEASUREMENT_ADDED, Some(vehicle.bytes()), &added)?)?;
            Ok(measurement)
        })
    }
}

fn contradiction(
    conn: &Connection,
    vehicle: VehicleId,
    at: Timestamp,
    measured: &Measured,
) -> Fallible<Option<String>> {
    let Measured::Odometer { km } = measured else { return Ok(None) };
    let main = registration::vehicle(conn, vehicle)?.ok_or_else(no_vehicle)?;
    let before = measurement::odometer_until(conn, main, at)?;
    let after = measurement::odometer_after(conn, main, at)?;
    Ok(odometer::contradiction((at, *km), before.as_ref(), after.as_ref(), &TimeZone::system()))
}

impl Handle<RemoveMeasurement> for Engine {
    fn handle(&self, who: &Actor, call: RemoveMeasurement) -> Result<()> {
        self.store.write(&actor(who), now(), |w| {
            let added = measurement::get(w.tx(), call.measurement)?.ok_or_else(|| {
                Error::new(Code::NotFound, "There is no such measurement.")
                    .hint("Look for it among the vehicle's measurements; readings of checks cannot be removed.")
            })?;
            if added.removed == call.removed {
                return Ok(());
            }
            if let Some(km) = added.unconfirmed_km.filter(|_| !call.removed) {
                let main = registration::vehicle(w.tx(), added.vehicle)?.ok_or_else(no_vehicle)?;
                let before = measurement::odometer_until(w.tx(), main, added.at)?;
                // A later reading that is lower is told beside that one; it may be a new instrument's.
                let wrong = odometer::contradiction((added.at, km), before.as_ref(), None, &TimeZone::system());
                if let Some(contradiction) = wrong {
                    return Err(Error::new(Code::Conflict, contradiction)
                        .hint("If the figure is right, type it in again and confirm it.")
                        .into());
                }
            }
            let id = w.mint()?;
            let removed = MeasurementRemoved { measurement: call.measurement, removed: call.removed };
            w.append(NewEvent::new(id, kind::MEASUREMENT_REMOVED, Some(added.vehicle.bytes()), &removed)?)?;
            Ok(())
        })
    }
}
