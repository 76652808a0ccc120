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
    // A list that could not be read whole shows what it holds.
    let part = with_outcome(clean(), "7E8", "03", Outcome::Unreadable { reason: "It is too short.".into() });
    filed(&engine, None, at(with_code(part, CodeClass::Stored, a, "7E8"), day(3)));
    assert!(fault(a).present, "because the newest visit saw it");
    filed(&engine, None, at(clean(), day(4)));
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

#[test]
fn a_codes_history_has_every_sighting_and_counts_visits_without_it() -> Result<()> {
    let engine = own();
    let day = |n: i64| 1_795_000_000_000 + n * 86_400_000;
    let mut first = at(with_code(clean(), CodeClass::Stored, "P0301", "7E8"), day(0));
    let items: Vec<_> = first.snapshot.iter().map(|r| r.item.clone()).collect();
    first.freeze_frames.push(FreezeFrame { ecu: "7E8".into(), frame: 0, cause: "P0301".into(), items: items.clone() });
    let vehicle = filed(&engine, None, first).vehicle;
    let both = with_code(with_code(clean(), CodeClass::Stored, "P0301", "7E8"), CodeClass::Pending, "P0301", "7E8");
    filed(&engine, None, at(with_code(both, CodeClass::Stored, "P0301", "7E9"), day(1)));
    let history = |code: &str| ask(&engine, GetFaultHistory { vehicle, code: code.into() });
    let told = history("p0301")?;
    assert_eq!(told.meaning.code, "P0301");
    let rows: Vec<_> = told.sightings.iter().map(|s| (s.at, s.ecu.as_str(), s.classes.len())).collect();
    assert_eq!(rows, [(day(1), "7E8", 2), (day(1), "7E9", 1), (day(0), "7E8", 1)]);
    assert_eq!(told.sightings[2].freeze_frame.as_ref().map(|f| &f.items), Some(&items));
    assert_eq!((told.sightings[1].freeze_frame.is_none(), told.sightings[0].odometer_km), (true, Some(135_879.1)));
    assert_eq!(told.absent_since, 0);
    let silent = with_outcome(clean(), "7E8", "03", Outcome::Silent);
    let silent = with_outcome(with_outcome(silent, "7E8", "07", Outcome::Silent), "7E9", "03", Outcome::Silent);
    filed(&engine, None, at(silent, day(2)));
    assert_eq!(history("P0301")?.absent_since, 0, "because nobody answered");
    filed(&engine, None, at(clean(), day(3)));
    filed(&engine, None, at(clean(), day(4)));
    assert_eq!(history("P0301")?.absent_since, 2);
    assert_eq!(history("P0420")?.sightings, []);
    assert_eq!(history("hello").unwrap_err().code, Code::Invalid);
    Ok(())
}

#[test]
fn codes_are_explained_in_reports_lists_and_by_name() -> Result<()> {
    let engine = own();
    let report = with_code(with_code(clean(), CodeClass::Stored, "P0301", "7E8"), CodeClass::Pending, "P0301", "7E8");
    let filed = filed(&engine, None, with_code(report, CodeClass::Stored, "P1301", "7E8"));
    let explained = ask(&engine, ExplainCodes { codes: vec!["P0301".into(), "p1301".into()] })?;
    assert!(explained[0].title.as_ref().is_some_and(|t| t.contains("isfire")), "{explained:?}");
    assert!(explained[1].maker_controlled && !explained[1].known && explained[1].title.is_none());
    assert_eq!(ask(&engine, GetVisit { visit: filed.visit })?.meanings, explained, "because each is there once");
    let faults = ask(&engine, ListFaults { vehicle: filed.vehicle })?;
    let title = |code: &str| faults.iter().find(|f| f.code == code).unwrap().title.clone();
    assert_eq!((title("P0301"), title("P1301")), (explained[0].title.clone(), None));
    for codes in [vec!["P03".into()], vec!["P0301".into(); 501]] {
        assert_eq!(ask(&engine, ExplainCodes { codes }).unwrap_err().code, Code::Invalid);
    }
    Ok(())
}

#[test]
fn two_visits_of_one_vehicle_are_compared_old_to_new_in_whichever_order() -> Result<()> {
    let engine = own();
    let old = filed(&engine, None, at(clean(), 1_795_000_000_000));
    let mut report = at(with_code(clean(), CodeClass::Stored, "P0301", "7E8"), 1_795_100_000_000);
    report.snapshot[0].item.value = roadworthy_api::reading::Value::Number { value: 136_000.0, unit: "km".into() };
    let new = filed(&engine, None, report);
    let compare = |one: VisitId, other: VisitId| ask(&engine, CompareVisits { one, other });
    let compared = compare(new.visit, old.visit)?;
    assert_eq!(compared, compare(old.visit, new.visit)?);
    assert_eq!((compared.older.id, compared.newer.id), (old.visit, new.visit));
    assert!(compared.km_between.is_some_and(|km| (km - 120.9).abs() < 0.01), "{compared:?}");
    assert!(compared.verdicts.0.state < compared.verdicts.1.state);
    let differing: Vec<&str> = compared.rows.iter().filter(|r| r.differs).map(|r| r.label.as_str()).collect();
    assert_eq!(differing, ["P0301"]);
    let other = filed(&engine, None, vin(clean(), Some(OTHER)));
    let error = compare(old.visit, other.visit).unwrap_err();
    assert_eq!((error.code, error.hint.is_empty()), (Code::Invalid, false));
    assert_eq!(compare(old.visit, VisitId(1)).unwrap_err().code, Code::NotFound);
    Ok(())
}

#[test]
fn the_traffic_of_a_visit_is_given_as_it_was_stored() -> Result<()> {
    let engine = own();
    let visit = filed(&engine, None, clean()).visit;
    let info = ask(&engine, ExportTraffic { visit })?;
    assert_eq!(engine.blob(&info.hash)?.1, b">03\n<43 01 01 03 01\n");
    let without = file(&engine.store, &owner(), None, clean(), "")?.visit;
    for (visit, code) in [(without, Code::NotFound), (VisitId(1), Code::NotFound)] {
        let error = ask(&engine, ExportTraffic { visit }).unwrap_err();
        assert_eq!((error.code, error.hint.is_empty()), (code, false));
    }
    Ok(())
}
