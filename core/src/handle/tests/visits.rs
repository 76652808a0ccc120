use super::*;
use crate::verdict::sample::{VIN, clean, with_code, with_outcome};
use roadworthy_api::{
    Code,
    calls::*,
    check::{CodeClass, FreezeFrame, Outcome},
    id::VisitId,
};

const OTHER: &str = "1RWTEST00X0000002";

fn at(mut report: CheckReport, ended: i64) -> CheckReport {
    report.ended = ended;
    report.started = ended - 20_000;
    report
}

fn vin(mut report: CheckReport, vin: Option<&str>) -> CheckReport {
    report.vin = vin.map(Into::into);
    report
}

#[test]
fn the_vin_that_was_read_decides_whose_check_it_is() -> Result<()> {
    let engine = own();
    let first = filed(&engine, None, clean());
    assert_eq!(
        (filed(&engine, None, clean()).vehicle, &first.note),
        (first.vehicle, &None),
        "because the VIN is known"
    );
    let shown = ask(&engine, GetVehicle { vehicle: first.vehicle })?;
    assert_eq!((shown.row.vin.as_deref(), shown.visits), (Some(VIN), 2));

    let without = filed(&engine, Some(first.vehicle), vin(clean(), None));
    assert_eq!((without.vehicle, without.note), (first.vehicle, None));

    let wrong = filed(&engine, Some(first.vehicle), vin(clean(), Some(OTHER)));
    assert_ne!(wrong.vehicle, first.vehicle);
    let detail = ask(&engine, GetVisit { visit: wrong.visit })?;
    assert!(detail.summary.contains("not that of the vehicle chosen"), "{}", detail.summary);

    let provisional = filed(&engine, None, vin(clean(), None));
    assert!(provisional.note.is_some());
    let known = filed(&engine, Some(provisional.vehicle), clean());
    assert_eq!(known.vehicle, first.vehicle, "because another vehicle has this VIN");
    assert!(known.note.is_some());
    let named = filed(&engine, Some(provisional.vehicle), vin(clean(), Some("1RWTEST00X0000003")));
    assert_eq!((named.vehicle, named.note), (provisional.vehicle, None), "because it had none and nobody else has it");
    assert_eq!(
        ask(&engine, GetVehicle { vehicle: provisional.vehicle })?.row.vin.as_deref(),
        Some("1RWTEST00X0000003")
    );

    let absent = file(&engine.store, &owner(), Some(VehicleId(9)), clean(), "").unwrap_err();
    assert_eq!(absent.code, Code::NotFound);
    let start =
        ask(&engine, StartCheck { port: "sim:petrol".into(), vehicle: Some(VehicleId(9)), baud: None }).unwrap_err();
    assert_eq!(start.code, Code::NotFound);
    Ok(())
}

#[test]
fn a_visit_reads_back_whole_with_its_traffic_and_what_changed() -> Result<()> {
    let engine = own();
    let old = filed(&engine, None, at(clean(), 1_795_000_000_000));
    let report = at(with_code(clean(), CodeClass::Stored, "P0301", "7E8"), 1_795_100_000_000);
    let new = filed(&engine, None, report.clone());
    let detail = ask(&engine, GetVisit { visit: new.visit })?;
    assert_eq!(detail.check, report);
    assert_eq!(detail.differences.with, Some(old.visit));
    assert!(detail.differences.lines.iter().any(|line| line.contains("P0301")), "{:?}", detail.differences);
    assert_eq!(ask(&engine, GetVisit { visit: old.visit })?.differences.with, None);
    let (info, bytes) = engine.blob(&detail.traffic)?;
    assert_eq!((bytes.as_slice(), info.bytes), (&b">03\n<43 01 01 03 01\n"[..], bytes.len() as u64));
    let list = ask(&engine, ListVisits { vehicle: new.vehicle, offset: 0, limit: 10 })?;
    assert_eq!(
        list.rows.iter().map(|v| (v.id, v.codes, v.ecus)).collect::<Vec<_>>(),
        [(new.visit, 1, 2), (old.visit, 0, 2)]
    );
    assert_eq!(ask(&engine, GetVisit { visit: VisitId(1) }).unwrap_err().code, Code::NotFound);
    assert_eq!(ask(&engine, GetVehicle { vehicle: new.vehicle })?.last_visit, Some(list.rows[0].clone()));
    Ok(())
}

#[test]
fn faults_say_when_they_were_seen_and_whether_they_are_still_there() -> Result<()> {
    let engine = own();
    let (a, b) = ("P0301", "P0420");
    let day = |n: i64| 1_795_000_000_000 + n * 86_400_000;
    let mut first =
        at(with_code(with_code(clean(), CodeClass::Stored, a, "7E8"), CodeClass::Pending, b, "7E8"), day(0));
    first.freeze_frames.push(FreezeFrame { ecu: "7E8".into(), frame: 0, cause: a.into(), items: vec![] });
    let vehicle = filed(&engine, None, first).vehicle;
    let fault =
        |code: &str| ask(&engine, ListFaults { vehicle }).unwrap().into_iter().find(|f| f.code == code).unwrap();
    let row = fault(a);
    assert!(row.present && row.freeze_frame);
    assert_eq!((row.first_seen, row.last_seen, row.visits, row.ecu_name.as_str()), (day(0), day(0), 1, "Engine"));

    // Still stored, no longer pending.
    let second = filed(&engine, None, at(with_code(clean(), CodeClass::Stored, a, "7E8"), day(1)));
    let row = fault(a);
    assert_eq!((row.first_seen, row.last_seen, row.visits, row.last_visit), (day(0), day(1), 2, second.visit));
    assert!(row.present && !row.freeze_frame, "because the newest visit's freeze frames do not name it");
    assert!(!fault(b).present);
    let order: Vec<String> = ask(&engine, ListFaults { vehicle })?.into_iter().map(|f| f.code).collect();
    assert_eq!(order, [a, b], "because those present come first");

    // An ECU that stays silent says nothing of its codes: what was there before still stands.
    filed(&engine, None, at(with_outcome(clean(), "7E8", "03", Outcome::Silent), day(2)));
    assert!(fault(a).present);
    filed(&engine, None, at(clean(), day(3)));
    assert!(!fault(a).present);
    Ok(())
}

#[test]
fn the_tables_of_whole_checks_come_out_of_a_rebuild_unchanged() -> Result<()> {
    let engine = own();
    let mut report = with_code(clean(), CodeClass::Stored, "P0301", "7E8");
    report.freeze_frames.push(FreezeFrame {
        ecu: "7E8".into(),
        frame: 0,
        cause: "P0301".into(),
        items: report.snapshot.iter().map(|r| r.item.clone()).collect(),
    });
    report.adapter.voltage = Some(0.1 + 0.2);
    filed(&engine, None, report);
    let rebuilt = ask(&engine, RebuildTables {})?;
    assert_eq!((rebuilt.identical, rebuilt.differing), (true, vec![]));
    assert!(ask(&engine, VerifyJournal {})?.faults.is_empty());
    Ok(())
}
