use super::*;
use crate::Engine;
use crate::verdict::sample::{VIN, clean};
use roadworthy_api::{
    Code, Timestamp,
    calls::*,
    id::MeasurementId,
    note::{Measured, MeasurementRow, Wheel},
};

const DAY: i64 = 86_400_000;

/// The sample's check reads 135,879.1 km at this time.
fn read_at() -> Timestamp {
    clean().snapshot[0].at
}

fn odometer(engine: &Engine, vehicle: VehicleId, at: Timestamp, km: f64, sure: bool) -> Result<MeasurementId> {
    ask(engine, AddMeasurement { vehicle, at: Some(at), measured: Measured::Odometer { km }, sure })
}

fn list(engine: &Engine, vehicle: VehicleId) -> Vec<MeasurementRow> {
    let page = ask(engine, ListMeasurements { vehicle, offset: 0, limit: 100 }).unwrap();
    assert_eq!(page.total as usize, page.rows.len());
    page.rows
}

fn shown(engine: &Engine, vehicle: VehicleId) -> (f64, String, Option<String>) {
    let odometer = ask(engine, GetVehicle { vehicle }).unwrap().odometer.unwrap();
    (odometer.km, odometer.source, odometer.remark)
}

/// A vehicle with one visit a hundred days ago.
fn visited(engine: &Engine) -> (VehicleId, Timestamp) {
    let then = crate::engine::now() - 100 * DAY;
    let mut report = clean();
    report.snapshot[0].at = then;
    (report.started, report.ended) = (then - 10_000, then + 10_000);
    (filed(engine, None, report).vehicle, then)
}

#[test]
fn a_typed_odometer_must_fit_or_be_confirmed() -> Result<()> {
    let engine = own();
    let (vehicle, then) = visited(&engine);
    for (at, km, part) in [
        (then + DAY, 100_000.0, "below the reading before it: 135,879 km, read from Engine (PID A6) on "),
        (then - DAY, 135_990.0, "above the reading after it: 135,879 km, read from Engine (PID A6)"),
        (then + DAY, 1_999_105.0, "ten times"),
        (then + DAY, 139_999.0, "4,120 km a day"),
    ] {
        let error = odometer(&engine, vehicle, at, km, false).unwrap_err();
        assert_eq!(error.code, Code::Conflict, "{km}");
        assert!(error.message.contains(part) && error.hint.contains("confirm"), "{error:?}");
    }
    assert_eq!(list(&engine, vehicle).len(), 1, "because nothing was filed");
    let typed = odometer(&engine, vehicle, then + 50 * DAY, 140_000.0, false)?;
    assert_eq!(shown(&engine, vehicle), (140_000.0, "typed in".into(), None));
    // A new instrument: below all before it, confirmed, and from now on what the next is compared with.
    odometer(&engine, vehicle, then + 60 * DAY, 12.0, true)?;
    odometer(&engine, vehicle, then + 61 * DAY, 200.0, false)?;
    assert_eq!(odometer(&engine, vehicle, then + 62 * DAY, 141_000.0, false).unwrap_err().code, Code::Conflict);
    let rows = list(&engine, vehicle);
    assert_eq!(rows.iter().map(|r| r.confirmed).collect::<Vec<_>>(), [false, true, false, false]);
    let remark = rows[1].remark.clone().unwrap();
    assert!(remark.starts_with("139,988 km less than the reading before it: 140,000 km, typed in on "), "{remark}");
    assert_eq!(
        rows.iter().map(|r| (r.id.is_some(), r.source.as_str(), r.remark.is_some())).collect::<Vec<_>>(),
        [
            (true, "owner/window", false),
            (true, "owner/window", true),
            (true, "owner/window", false),
            (false, "Engine (PID A6)", false)
        ]
    );
    let remove = |measurement, removed| ask(&engine, RemoveMeasurement { measurement, removed });
    remove(typed, true)?;
    assert_eq!(list(&engine, vehicle).len(), 3);
    remove(typed, false)?;
    assert_eq!(list(&engine, vehicle).len(), 4);
    remove(typed, true)?;
    odometer(&engine, vehicle, then + 49 * DAY, 140_500.0, true)?;
    let error = remove(typed, false).unwrap_err();
    assert_eq!((error.code, error.hint.is_empty()), (Code::Conflict, false));
    assert!(error.message.contains("below the reading before it: 140,500 km"), "{error}");
    assert_eq!(list(&engine, vehicle).len(), 4, "because it was not brought back");
    assert_eq!(remove(MeasurementId(1), true).unwrap_err().code, Code::NotFound);
    assert!(ask(&engine, RebuildTables {})?.identical);
    Ok(())
}

#[test]
fn a_vehicle_that_counts_backwards_is_stored_and_told() -> Result<()> {
    let engine = own();
    let vehicle = ask(&engine, RegisterVehicle { vin: Some(VIN.into()), plate: None, name: None })?;
    odometer(&engine, vehicle, read_at().min(crate::engine::now()) - DAY, 150_000.0, false)?;
    filed(&engine, None, clean());
    let (km, source, remark) = shown(&engine, vehicle);
    assert_eq!((km, source.as_str()), (135_879.1, "read from Engine (PID A6)"));
    assert!(
        remark.is_some_and(|r| r.starts_with("14,121 km less than the reading before it: 150,000 km, typed in on "))
    );
    // What was typed later than the check is shown though it was stored before it.
    let here = own();
    let (vehicle, then) = visited(&here);
    odometer(&here, vehicle, then + DAY, 136_000.0, false)?;
    let mut old = clean();
    old.snapshot[0].at = then - DAY;
    old.ended = then - DAY;
    filed(&here, None, old);
    assert_eq!(shown(&here, vehicle).0, 136_000.0);
    Ok(())
}

#[test]
fn measurements_read_back_as_typed_and_impossible_ones_are_refused() -> Result<()> {
    let engine = own();
    let (vehicle, then) = visited(&engine);
    let add = |at, measured| ask(&engine, AddMeasurement { vehicle, at: Some(at), measured, sure: false });
    let all = [
        Measured::BrakePad { wheel: Wheel::FrontLeft, mm: 4.5 },
        Measured::Tread { wheel: Wheel::Spare, mm: 7.0 },
        Measured::Battery { volts: Some(12.6), cold_cranking_amps: None, health_percent: Some(81.0) },
        Measured::Oil { grade: "5W-30".into(), specification: "ACEA C3".into() },
    ];
    for (i, measured) in (0..).zip(&all) {
        add(then - (i + 1) * DAY, measured.clone())?;
    }
    let rows = list(&engine, vehicle);
    assert!(matches!(rows[0].measured, Measured::Odometer { km } if km == 135_879.1));
    assert_eq!(rows[1..].iter().map(|r| r.measured.clone()).collect::<Vec<_>>(), all);
    let second = ask(&engine, ListMeasurements { vehicle, offset: 1, limit: 2 })?;
    assert_eq!((second.total, second.rows), (5, rows[1..3].to_vec()));
    for (at, measured) in [
        (crate::engine::now() + 2 * 60_000, all[0].clone()),
        (-1, all[0].clone()),
        (then, Measured::BrakePad { wheel: Wheel::RearLeft, mm: 41.0 }),
        (then, Measured::Odometer { km: f64::NAN }),
        (then, Measured::Oil { grade: " ".into(), specification: String::new() }),
        (then, Measured::Battery { volts: None, cold_cranking_amps: None, health_percent: None }),
    ] {
        let error = add(at, measured).unwrap_err();
        assert_eq!((error.code, error.hint.is_empty()), (Code::Invalid, false), "{error:?}");
    }
    Ok(())
}
