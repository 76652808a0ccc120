//! Both workers on a store of their own, as the runtime drives them: one event or batch, then what they said is appended.

use super::{super::acquisition::Acquisition, *};
use crate::{
    KeyPlace,
    journal::{
        NewEvent,
        kind::{MeasurementAdded, ReadingsFlagged, Redecoded},
    },
    store::{Store, journal, reading_flag},
    verdict::sample::{clean, reading, with_code, with_lamp},
};
use roadworthy_api::{
    Timestamp,
    check::{CheckReport, CodeClass},
    finding::Severity,
    id::{EventId, MeasurementId, RecordingId, VisitId},
    live::Sample,
    note::{Measured, Wheel},
    system::Settings,
};
use tempfile::TempDir;

const NOW: Timestamp = 1_795_215_600_000;
const VEHICLE: VehicleId = VehicleId(0x1000);
const RECORDING: RecordingId = RecordingId(0x7000);

struct Rig {
    store: Store,
    _folder: TempDir,
}

fn rig() -> Rig {
    let folder = tempfile::tempdir().unwrap();
    Rig { store: Store::open(folder.path(), KeyPlace::FileOnly, NOW).unwrap(), _folder: folder }
}

impl Rig {
    fn append(&self, events: Vec<NewEvent>) {
        let append =
            |w: &mut crate::store::Writing<'_>| events.iter().cloned().try_for_each(|event| w.append(event).map(drop));
        self.store.write("engine/diagnosis", NOW, append).unwrap();
    }

    fn read<T>(&self, with: impl FnOnce(&Read<'_>) -> Fallible<T>) -> T {
        let settings = Settings::default();
        let read = |conn: &rusqlite::Connection| {
            with(&Read { conn, now: NOW, device: self.store.device(), settings: &settings })
        };
        self.store.read(read).unwrap()
    }

    fn say(&self, kind: &'static str, payload: &impl serde::Serialize) -> Event {
        let id = self.read(|read| Ok(read.mint()?));
        self.append(vec![NewEvent::new(id, kind, Some(VEHICLE.bytes()), payload).unwrap()]);
        let chain = |conn: &rusqlite::Connection| journal::chain(conn, self.store.device(), 1, u32::MAX);
        self.store.read(chain).unwrap().pop().unwrap()
    }

    fn check(&self, visit: u128, mut report: CheckReport) -> Event {
        report.ended += i64::try_from(visit).unwrap() * 1000;
        let checked = Checked {
            visit: VisitId(visit),
            report,
            traffic: String::new(),
            note: None,
            after_clearing: false,
            maybe_cleared: false,
        };
        self.say(kind::VEHICLE_CHECKED, &checked)
    }

    fn diagnose(&self, event: &Event) -> DiagnosisMade {
        let done = self.read(|read| Diagnosis::default().handle(read, event));
        let [one] = done.events.as_slice() else { panic!("{:?}", done.events) };
        assert_eq!((one.kind, one.subject), (kind::DIAGNOSIS_MADE, event.subject));
        let made = serde_json::from_str(&one.payload).unwrap();
        self.append(done.events);
        made
    }
}

fn keys(made: &DiagnosisMade) -> Vec<&str> {
    made.findings.iter().map(|f| f.key.as_str()).collect()
}

#[test]
fn each_check_has_one_diagnosis_also_where_nothing_is_found() {
    let rig = rig();
    let clean_one = rig.diagnose(&rig.check(1, clean()));
    assert_eq!((keys(&clean_one), clean_one.absent.len()), (vec![], 0));
    let misfire = with_lamp(with_code(clean(), CodeClass::Stored, "P0301", "7E8"));
    let found = rig.diagnose(&rig.check(2, misfire));
    assert_eq!(keys(&found), ["code/P0301/7E8"]);
    let shown = rig.store.read(|conn| diagnosis::get(conn, VEHICLE)).unwrap();
    assert_eq!((shown.visit, shown.findings.len()), (Some(VisitId(2)), 1));
    assert_eq!(shown.findings[0].finding.severity, Severity::ActNow);
    let gone = rig.diagnose(&rig.check(3, clean()));
    assert_eq!(gone.absent[0].key, "code/P0301/7E8");
    let again = rig.diagnose(&rig.check(4, clean()));
    assert_eq!(again.absent, vec![], "what is gone is gone once");
    let shown = rig.store.read(|conn| diagnosis::get(conn, VEHICLE)).unwrap();
    assert_eq!((shown.visit, shown.findings), (Some(VisitId(4)), vec![]));
    assert!(shown.limits.iter().any(|l| l.starts_with("Not asked: ABS")));
}

#[test]
fn a_finding_is_open_until_its_own_ecu_answers() {
    let rig = rig();
    rig.diagnose(&rig.check(1, with_code(clean(), CodeClass::Stored, "P0740", "7E9")));
    let mut silent = clean();
    silent.coverage.retain(|c| c.ecu.as_deref() != Some("7E9"));
    assert_eq!(rig.diagnose(&rig.check(2, silent)).absent, vec![]);
    assert_eq!(rig.diagnose(&rig.check(3, clean())).absent[0].key, "code/P0740/7E9");
}

#[test]
fn pads_that_were_measured_count() {
    let rig = rig();
    let measured = |id: u128, at, mm| {
        let measured = Measured::BrakePad { wheel: Wheel::FrontLeft, mm };
        let added = MeasurementAdded { measurement: MeasurementId(id), at, measured, confirmed: false };
        rig.say(kind::MEASUREMENT_ADDED, &added);
    };
    measured(1, NOW - 10, 2.0);
    assert_eq!(keys(&rig.diagnose(&rig.check(1, clean()))), ["rule/brake-pad/front-left"]);
    measured(2, NOW, 11.0);
    measured(3, NOW - 20, 1.0);
    assert_eq!(keys(&rig.diagnose(&rig.check(2, clean()))), Vec::<&str>::new());
}

fn batch(place: u64, vehicle: Option<VehicleId>, from: i64, name: &str, values: &[f64]) -> Batch {
    let pid = if name == "engine_rpm" { "0C" } else { "05" };
    let sample = |(second, value): (i64, &f64)| Sample {
        signal: format!("7E8:{pid}:{name}"),
        at: NOW + (from + second) * 1000,
        value: LiveValue::Number { value: *value },
    };
    let samples = (0..).zip(values).map(sample).collect();
    Batch { place, recording: RECORDING, vehicle, story: EventId(1), samples }
}

const COOLANT: &str = "coolant_temperature";

impl Rig {
    /// What a worker says of a batch, not appended.
    fn hears(&self, worker: &impl Worker, batch: &Batch) -> Vec<NewEvent> {
        self.read(|read| worker.telemetry(read, batch)).events
    }
}

#[test]
fn a_live_finding_is_said_once_whatever_fails_between() {
    let rig = rig();
    rig.check(1, clean());
    let worker = Diagnosis::default();
    let of = |place, from| batch(place, Some(VEHICLE), from, COOLANT, &[120.0, 120.0]);
    assert!(rig.hears(&worker, &of(1, 0)).is_empty());
    let first = rig.hears(&worker, &of(4, 2));
    assert_eq!(first.len(), 1, "three seconds are over");
    // The commit failed: the same batch comes again, and says the same.
    let again = rig.hears(&worker, &of(4, 2));
    assert_eq!(again.len(), 1);
    rig.append(again);
    assert!(rig.hears(&worker, &of(5, 4)).is_empty());
    // After a restart its tables say what was said.
    let restarted = Diagnosis::default();
    for (place, from) in [(6, 6), (7, 8), (8, 10), (9, 12)] {
        assert!(rig.hears(&restarted, &of(place, from)).is_empty());
    }
    let shown = rig.store.read(|conn| diagnosis::get(conn, VEHICLE)).unwrap();
    assert_eq!((shown.visit, shown.findings.len()), (None, 1));
    assert_eq!(shown.findings[0].source, Source::Recording { recording: RECORDING });
}

#[test]
fn a_finding_waits_until_it_is_known_whose_it_is() {
    let rig = rig();
    rig.check(1, clean());
    let worker = Diagnosis::default();
    assert!(rig.hears(&worker, &batch(1, None, 0, COOLANT, &[120.0; 8])).is_empty());
    assert_eq!(rig.hears(&worker, &batch(2, Some(VEHICLE), 8, COOLANT, &[120.0; 2])).len(), 1);
}

#[test]
fn flags_of_a_recording_are_said_once_and_kept() {
    let rig = rig();
    let worker = Acquisition::default();
    let broken = |place, from| batch(place, None, from, COOLANT, &[215.0, 215.0]);
    let said = rig.hears(&worker, &broken(1, 0));
    let flagged: ReadingsFlagged = serde_json::from_str(&said[0].payload).unwrap();
    assert_eq!((said[0].kind, said[0].subject), (kind::READINGS_FLAGGED, None));
    assert_eq!((flagged.flags[0].what.as_str(), flagged.flags[0].samples), ("range", 2));
    assert_eq!(rig.hears(&worker, &broken(1, 0)).len(), 1, "the commit failed");
    rig.append(said);
    assert!(rig.hears(&worker, &broken(2, 2)).is_empty());
    assert!(rig.hears(&Acquisition::default(), &broken(3, 4)).is_empty(), "after a restart");
    let kept = rig.store.read(|conn| reading_flag::of(conn, &flagged.source)).unwrap();
    assert_eq!(kept, flagged.flags);
    assert!(rig.hears(&Diagnosis::default(), &batch(9, Some(VEHICLE), 0, COOLANT, &[215.0; 20])).is_empty());
}

#[test]
fn a_check_is_flagged_and_its_diagnosis_leaves_that_out() {
    let rig = rig();
    let mut report = clean();
    let mut hot = reading("05", "Coolant", 215.0, "°C");
    hot.item.name = Some(COOLANT.into());
    report.snapshot.push(hot);
    let event = rig.check(1, report);
    let done = rig.read(|read| Acquisition::default().handle(read, &event));
    assert_eq!((done.events.len(), done.events[0].subject), (1, event.subject));
    let made = rig.diagnose(&event);
    assert_eq!(keys(&made), Vec::<&str>::new());
    assert!(made.limits.iter().any(|l| l.contains("215 °C")), "{:?}", made.limits);
    let clean_one = rig.check(2, clean());
    assert!(rig.read(|read| Acquisition::default().handle(read, &clean_one)).events.is_empty());
}

#[test]
fn what_a_newer_decoder_reads_of_the_newest_visit_takes_the_place_of_its_diagnosis() {
    let rig = rig();
    let redecoded = |visit: u128, mut report: CheckReport| {
        report.ended += i64::try_from(visit).unwrap() * 1000;
        report.decoder += 1;
        let said = Redecoded { visit: VisitId(visit), decoder: report.decoder, report };
        rig.say(kind::VISIT_REDECODED, &said)
    };
    rig.diagnose(&rig.check(1, with_code(clean(), CodeClass::Stored, "C0300", "7E8")));
    let made = rig.diagnose(&redecoded(1, with_code(clean(), CodeClass::Stored, "P0301", "7E8")));
    assert_eq!(keys(&made), ["code/P0301/7E8"]);
    assert_eq!(made.absent[0].key, "code/C0300/7E8", "because it was never there");
    let decoder = clean().decoder + 1;
    assert!(made.findings[0].explanation.contains(&format!("by decoder {decoder}")), "{:?}", made.findings[0]);
    let shown = rig.store.read(|conn| diagnosis::get(conn, VEHICLE)).unwrap();
    let keys: Vec<_> = shown.findings.iter().map(|row| row.finding.key.as_str()).collect();
    assert_eq!((shown.visit, keys), (Some(VisitId(1)), vec!["code/P0301/7E8"]));
    assert!(shown.limits.iter().any(|l| l.contains("read anew")), "{:?}", shown.limits);
    // A later visit has spoken: what is said of an earlier one changes nothing.
    rig.diagnose(&rig.check(2, clean()));
    let old = redecoded(1, with_code(clean(), CodeClass::Stored, "P0302", "7E8"));
    let done = rig.read(|read| Diagnosis::default().handle(read, &old));
    assert!(done.events.is_empty());
}

#[test]
fn what_cannot_be_read_is_an_error_and_not_silence() {
    let rig = rig();
    let mut event = rig.check(1, clean());
    event.payload = "{}".into();
    let told = rig.read(|read| Ok(Diagnosis::default().handle(read, &event).is_err()));
    assert!(told);
}

#[test]
fn a_check_after_the_clock_was_set_back_counts_as_later_than_one_before() {
    let rig = rig();
    let known = rig.diagnose(&rig.check(1, with_code(clean(), CodeClass::Pending, "P0301", "7E8")));
    // Another device, whose clock runs a day ahead, said something; all that is said here comes after it.
    let ahead = rig.read(|read| Ok(crate::keys::mint(read.now)?));
    let day = 86_400_000;
    let named = kind::Named { name: "Bench".into() };
    let said = NewEvent::new(ahead, kind::DEVICE_NAMED, Some([1; 16]), &named).unwrap();
    rig.store.write("owner/window", NOW + day, |w| w.append(said.clone())).unwrap();
    let ahead = rig.diagnose(&rig.check(2, with_code(clean(), CodeClass::Pending, "P0301", "7E8")));
    assert!(ahead.at >= known.at + day, "{} {}", ahead.at, known.at);
    let report = with_lamp(with_code(clean(), CodeClass::Stored, "P0301", "7E8"));
    let now = rig.diagnose(&rig.check(3, report));
    assert!(now.at > ahead.at, "because the newest check must not count as old news for a day");
    assert!(now.findings[0].severity > known.findings[0].severity);
}
