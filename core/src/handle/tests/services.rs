//! Service records and imports of histories as doors make them.

use super::*;
use crate::Engine;
use roadworthy_api::{
    Code,
    calls::*,
    history::{FileNature, HistoryAnswers, HistoryDetail, JudgedLine},
    id::ImportId,
    import::{ImportFile, RowReason},
    journal::EventGroup,
    note::Measured,
    service::{Judgement, Meter, MeterUnit, Money, OdometerDoubt, ServiceFields, ServiceKind, ServiceRow},
    valid::LongText,
};

pub(super) fn vehicle(engine: &Engine) -> VehicleId {
    ask(engine, RegisterVehicle { vin: Some("1RWPC14A6S1000427".into()), plate: None, name: None }).unwrap()
}

fn fields(day: &str, km: f64, what: &str) -> ServiceFields {
    ServiceFields {
        day: day.into(),
        kind: ServiceKind::Repair,
        description: what.into(),
        odometer: Some(Meter { value: km, unit: MeterUnit::Km }),
        vendor: "Workshop north".into(),
        ..ServiceFields::default()
    }
}

fn add(engine: &Engine, vehicle: VehicleId, fields: ServiceFields) -> Result<roadworthy_api::id::ServiceId> {
    ask(engine, AddService { vehicle, fields, sure: false })
}

pub(super) fn records(engine: &Engine, vehicle: VehicleId) -> Vec<ServiceRow> {
    ask(engine, ListService { vehicle, offset: 0, limit: 500 }).unwrap().rows
}

fn km(engine: &Engine, vehicle: VehicleId) -> Option<f64> {
    ask(engine, GetVehicle { vehicle }).unwrap().odometer.map(|o| o.km)
}

fn sound(own: &Own) {
    assert_eq!(ask(own, VerifyJournal {}).unwrap().faults, []);
    assert!(own.store.rebuild("owner/window", 1).unwrap().identical);
}

pub(super) fn on_disk(own: &Own, name: &str, text: impl AsRef<[u8]>) -> ImportFile {
    let path = own.folder.path().join(name);
    fs::write(&path, text).unwrap();
    ImportFile::Path { path: path.display().to_string() }
}

pub(super) fn done(engine: &Engine, call: StartHistory) -> Result<ImportId> {
    let job = ask(engine, call)?;
    loop {
        match ask(engine, GetJob { job })?.state {
            JobState::Running => std::thread::sleep(std::time::Duration::from_millis(5)),
            JobState::Made { name } => return Ok(name.parse().unwrap()),
            JobState::Failed { error } => return Err(error),
            other => panic!("{other:?}"),
        }
    }
}

fn start(vehicle: VehicleId, file: ImportFile) -> StartHistory {
    StartHistory { vehicle, file, mapping: None, answers: HistoryAnswers::default(), again: false }
}

#[test]
fn a_record_is_written_down_corrected_removed_and_told() {
    let own = own();
    let vehicle = vehicle(&own);
    let id = add(&own, vehicle, fields("2024-03-05", 45_100.0, " Water pump ")).unwrap();
    let row = ask(&own, GetService { service: id }).unwrap();
    assert_eq!((row.fields.description.as_str(), row.km, row.corrected), ("Water pump", Some(45_100.0), None));
    assert_eq!(km(&own, vehicle), Some(45_100.0));
    let wrong = add(&own, vehicle, fields("2024-03-06", 451_200.0, "Belt")).unwrap_err();
    assert_eq!(wrong.code, Code::Conflict);
    assert!(wrong.message.contains("digit too many") && wrong.message.contains("45,100 km"), "{wrong}");
    let cost = Some(Money { amount: 89.5, currency: None });
    let mended = ServiceFields { cost, ..fields("2024-03-05", 45_200.0, "Water pump and belt") };
    let row = ask(&own, CorrectService { service: id, fields: mended, sure: false }).unwrap();
    assert_eq!((row.km, row.corrected.is_some()), (Some(45_200.0), true));
    let old = own.store.read(|conn| crate::store::journal::chain(conn, own.store.device(), 1, 99)).unwrap();
    assert!(old.iter().any(|e| e.payload.contains("45100")), "because a correction loses nothing");
    ask(&own, RemoveService { service: id, removed: true }).unwrap();
    assert_eq!((records(&own, vehicle).len(), km(&own, vehicle)), (0, None));
    assert_eq!(ask(&own, GetService { service: id }).unwrap_err().code, Code::NotFound);
    ask(&own, RemoveService { service: id, removed: false }).unwrap();
    assert_eq!(records(&own, vehicle).len(), 1);
    let told = ask(
        &own,
        ListTimeline {
            vehicle: Some(vehicle),
            groups: vec![EventGroup::Papers],
            from: None,
            to: None,
            before: None,
            limit: 9,
        },
    )
    .unwrap();
    let told: Vec<&str> = told.iter().map(|row| row.event.summary.as_str()).collect();
    assert_eq!(
        told,
        [
            "Service record brought back",
            "Service record removed",
            "Corrected: Repair of 2024-03-05 at 45,200 km",
            "Repair of 2024-03-05 at 45,100 km written down"
        ]
    );
    for bad in [
        ServiceFields { day: "2024-02-30".into(), ..fields("", 1.0, "x") },
        ServiceFields { day: "2024-02-03".into(), ..ServiceFields::default() },
        fields("2024-02-03", -1.0, "x"),
        fields("2024-02-03", f64::INFINITY, "x"),
    ] {
        assert_eq!(add(&own, vehicle, bad.clone()).unwrap_err().code, Code::Invalid, "{bad:?}");
    }
    sound(&own);
}

#[test]
fn a_reading_of_a_record_speaks_against_others_and_a_sure_one_counts() {
    let own = own();
    let vehicle = vehicle(&own);
    add(&own, vehicle, fields("2024-03-05", 145_100.0, "Oil")).unwrap();
    let low = AddMeasurement { vehicle, at: None, measured: Measured::Odometer { km: 100_000.0 }, sure: false };
    let conflict = ask(&own, low).unwrap_err();
    assert!(conflict.message.contains("145,100 km, from a service record on 2024-03-05"), "{conflict}");
    let sure = AddService { vehicle, fields: fields("2024-06-05", 12.0, "New instrument"), sure: true };
    let id = ask(&own, sure).unwrap();
    assert_eq!(km(&own, vehicle), Some(12.0), "because its writer is sure");
    let listed = ask(&own, ListMeasurements { vehicle, offset: 0, limit: 9 }).unwrap().rows;
    assert_eq!((listed.len(), listed[0].service, listed[0].id), (2, Some(id), None));
    let row = ask(&own, JudgeOdometer { service: id, judged: Some(Judgement::LeaveOut) }).unwrap();
    assert_eq!((row.km, km(&own, vehicle)), (None, Some(145_100.0)));
    let miles = Some(Judgement::Unit { unit: MeterUnit::Mi });
    let row = ask(&own, JudgeOdometer { service: id, judged: miles }).unwrap();
    assert_eq!(row.km, Some(12.0 * 1.609_344));
    let plan = ServiceFields { kind: ServiceKind::Plan, ..fields("2024-07-05", 160_000.0, "Belt") };
    add(&own, vehicle, plan).unwrap();
    assert_eq!(km(&own, vehicle), Some(12.0 * 1.609_344), "because what is planned was not reached");
    sound(&own);
}

const HISTORY: &str = "Date,Description,Cost,Notes,Odometer,Tags\n\
    2023-01-10,Oil and filter,$89.50,\"Two\nlines\",45100,oil\n\
    2023-07-10,Brake pads,$120.00,,52000,\n\
    2023-12-01,Typo,$1.00,,590000,\n\
    2024-02-10,Oil and filter,$91.00,,60500,\n\
    2024-02-30,No such day,$5.00,,61000,\n";

fn said() -> HistoryAnswers {
    HistoryAnswers {
        kind: Some(ServiceKind::Service),
        currency: Some("USD".into()),
        distance: Some(MeterUnit::Km),
        ..HistoryAnswers::default()
    }
}

#[test]
fn a_history_is_told_asked_about_imported_judged_and_taken_back_at_once() {
    let own = own();
    let vehicle = vehicle(&own);
    let file = on_disk(&own, "history of a customer.csv", HISTORY);
    assert_eq!(ask(&own, TellFile { file: file.clone() }).unwrap(), FileNature::History);
    let open = ask(&own, start(vehicle, file.clone())).unwrap_err();
    assert_eq!(open.code, Code::Invalid);
    assert!(open.hint.contains("--kind") && open.hint.contains("--distance"), "{open:?}");
    let look = |answers| PreviewHistory { vehicle: Some(vehicle), file: file.clone(), mapping: None, answers };
    let preview = ask(&own, look(said())).unwrap();
    let report = preview.report.unwrap();
    assert!(report.adds_up());
    assert_eq!((report.rows, report.records, report.flagged), (5, 4, 1));
    let flagged: Vec<_> = preview.records.iter().filter_map(|r| Some((r.line, r.flag.as_ref()?.what))).collect();
    assert_eq!(flagged, [(5, OdometerDoubt::ExtraDigit)], "because a note of line 2 has two lines");
    assert_eq!(records(&own, vehicle), [], "because a preview stores nothing");

    let call = StartHistory { answers: said(), ..start(vehicle, file.clone()) };
    let id = done(&own, call.clone()).unwrap();
    let rows = records(&own, vehicle);
    let days: Vec<(&str, Option<f64>)> = rows.iter().map(|r| (r.fields.day.as_str(), r.km)).collect();
    let expect = [
        ("2024-02-10", Some(60_500.0)),
        ("2023-12-01", None),
        ("2023-07-10", Some(52_000.0)),
        ("2023-01-10", Some(45_100.0)),
    ];
    assert_eq!(days, expect);
    assert_eq!(km(&own, vehicle), Some(60_500.0), "because a flagged reading does not poison it");
    let HistoryDetail { row, report, .. } = ask(&own, GetHistory { import: id }).unwrap();
    assert!(report.adds_up());
    assert_eq!(
        (row.name.as_str(), row.from.as_str(), row.to.as_str()),
        ("history of a customer.csv", "2023-01-10", "2024-02-10")
    );
    assert_eq!(ask(&own, ListHistories { vehicle: Some(vehicle), offset: 0, limit: 9 }).unwrap().rows, [row]);
    assert_eq!(done(&own, call.clone()).unwrap_err().code, Code::Conflict, "because it is the very same file");
    let told = ask(
        &own,
        ListTimeline {
            vehicle: Some(vehicle),
            groups: vec![EventGroup::Papers],
            from: None,
            to: None,
            before: None,
            limit: 9,
        },
    )
    .unwrap();
    let told: Vec<&str> = told.iter().map(|row| row.event.summary.as_str()).collect();
    assert_eq!(
        told,
        [
            "4 service records taken from a file",
            "Service history imported: 4 records of 5 rows, 2023-01-10 to 2024-02-10; 1 odometer reading to be judged"
        ]
    );
    let mended = ServiceFields { description: "Oil".into(), ..rows[0].fields.clone() };
    ask(&own, CorrectService { service: rows[0].id, fields: mended, sure: false }).unwrap();
    let undone = ask(&own, UndoHistory { import: id }).unwrap();
    assert!(undone.undone.is_some());
    assert_eq!((records(&own, vehicle).len(), km(&own, vehicle)), (0, None));
    assert_eq!(ask(&own, GetService { service: rows[0].id }).unwrap_err().code, Code::NotFound);
    sound(&own);

    let judged = vec![JudgedLine { line: 5, judged: Judgement::Accept }];
    let answers = HistoryAnswers { judged, ..said() };
    let report = ask(&own, look(answers.clone())).unwrap().report.unwrap();
    assert_eq!(report.judged, 1);
    done(&own, StartHistory { answers, ..call }).unwrap();
    assert_eq!(records(&own, vehicle)[1].km, Some(590_000.0), "because a person has accepted it");
    let nowhere = HistoryAnswers { judged: vec![JudgedLine { line: 99, judged: Judgement::Accept }], ..said() };
    assert_eq!(ask(&own, look(nowhere)).unwrap_err().code, Code::Invalid);
    sound(&own);
}

#[test]
fn an_export_imports_into_an_empty_database_as_it_was() {
    let (one, other) = (own(), own());
    let (here, there) = (vehicle(&one), vehicle(&other));
    let file = on_disk(&one, "a.csv", HISTORY);
    done(&one, StartHistory { answers: said(), ..start(here, file) }).unwrap();
    add(&one, here, fields("2024-03-01", 61_000.0, "=cmd()")).unwrap();
    let flagged = records(&one, here).into_iter().find(|r| r.flag.is_some()).unwrap();
    ask(&one, JudgeOdometer { service: flagged.id, judged: Some(Judgement::LeaveOut) }).unwrap();
    let LongText(csv) = ask(&one, ExportService { vehicle: here }).unwrap();
    let file = on_disk(&other, "b.csv", csv);
    assert_eq!(ask(&other, TellFile { file: file.clone() }).unwrap(), FileNature::History);
    done(&other, start(there, file)).unwrap();
    let as_said =
        |rows: Vec<ServiceRow>| -> Vec<_> { rows.into_iter().map(|r| (r.fields, r.at, r.km, r.judged)).collect() };
    assert_eq!(as_said(records(&other, there)), as_said(records(&one, here)));
}

#[test]
fn many_records_are_cancelled_without_a_trace_or_stored_whole() {
    let own = own();
    let vehicle = vehicle(&own);
    let mut text = "Date,Description,Cost\n".to_owned();
    for n in 0..3000 {
        text += &format!("20{:02}-{:02}-{:02},Fuel {n},{n}.50 EUR\n", 10 + n / 336, 1 + n / 28 % 12, 1 + n % 28);
    }
    let file = on_disk(&own, "long.csv", text);
    let job = ask(&own, start(vehicle, file.clone())).unwrap();
    ask(&own, CancelJob { job }).unwrap();
    loop {
        match ask(&own, GetJob { job }).unwrap().state {
            JobState::Running => std::thread::sleep(std::time::Duration::from_millis(5)),
            JobState::Failed { error } => {
                assert_eq!(error.code, Code::Cancelled);
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(records(&own, vehicle), []);
    assert_eq!(ask(&own, ListHistories { vehicle: None, offset: 0, limit: 9 }).unwrap().total, 0);
    done(&own, start(vehicle, file)).unwrap();
    assert_eq!(ask(&own, ListService { vehicle, offset: 0, limit: 1 }).unwrap().total, 3000);
}

#[test]
fn what_people_wrote_is_gone_with_their_customer() {
    let own = own();
    let vehicle = vehicle(&own);
    let person = ask(&own, AddPerson { details: customer("Xanthippe Muster") }).unwrap();
    ask(&own, SetOwner { vehicle, person: Some(person) }).unwrap();
    let mut wrote = fields("2024-03-05", 45_100.0, "Pump of Xanthippe");
    wrote.notes = "Call Xanthippe at home".into();
    add(&own, vehicle, wrote).unwrap();
    let file = on_disk(&own, "xanthippe.csv", "Date,Description,Cost\n2023-01-10,Xanthippes belt,5 EUR\n");
    done(&own, start(vehicle, file)).unwrap();
    fs::remove_file(own.folder.path().join("xanthippe.csv")).unwrap();
    assert!(!found(own.folder.path(), "Xanthippes belt").is_empty(), "because this test must be able to find it");
    ask(&own, ForgetPerson { person }).unwrap();
    for needle in ["Xanthippe", "xanthippe.csv", "Workshop north"] {
        assert_eq!(found(own.folder.path(), needle), [""; 0], "{needle}");
    }
    let rows = records(&own, vehicle);
    assert!(rows.iter().all(|r| r.forgotten && r.fields.description.is_empty()));
    assert_eq!(rows[0].km, Some(45_100.0), "because a figure is the vehicle's");
    sound(&own);
}

#[test]
fn a_history_that_was_exported_anew_brings_only_what_is_new() {
    let own = own();
    let vehicle = vehicle(&own);
    let rows = |n: usize| {
        let twice = "2024-03-05,Oil,50,45100\n2024-03-05,Oil,50,45100\n";
        let later: String = (1..=n).map(|n| format!("2024-0{}-05,Tyres,80,4{}100\n", n + 3, n + 5)).collect();
        format!("Date,Service,Cost,Odometer km\n{twice}{later}")
    };
    let file = |n| on_disk(&own, &format!("{n}.csv"), rows(n));
    done(&own, start(vehicle, file(1))).unwrap();
    assert_eq!(records(&own, vehicle).len(), 3, "because two that are alike may have been meant");
    let look =
        PreviewHistory { vehicle: Some(vehicle), file: file(3), mapping: None, answers: HistoryAnswers::default() };
    let report = ask(&own, look).unwrap().report.unwrap();
    assert_eq!((report.rows, report.records), (5, 2));
    let id = done(&own, start(vehicle, file(3))).unwrap();
    let HistoryDetail { report, .. } = ask(&own, GetHistory { import: id }).unwrap();
    assert!(report.adds_up());
    let told: Vec<_> = report.explained.iter().map(|e| (e.reason, e.count, e.lines.clone())).collect();
    assert_eq!(told, [(RowReason::AlreadyThere, 3, vec![2, 3, 4])]);
    assert_eq!(records(&own, vehicle).len(), 5);
    // One line more, and nothing new in it.
    let blank = on_disk(&own, "blank.csv", rows(3) + "\n");
    let error = done(&own, start(vehicle, blank.clone())).unwrap_err();
    assert!(error.code == Code::Conflict && error.hint.contains("--again"), "{error}");
    done(&own, StartHistory { again: true, ..start(vehicle, blank) }).unwrap();
    assert_eq!(records(&own, vehicle).len(), 10);
    ask(&own, UndoHistory { import: id }).unwrap();
    assert_eq!(records(&own, vehicle).len(), 8);
}
