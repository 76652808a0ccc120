//! A fleet that does not exist: vehicles through the calls of a page, visits as events that another device sends, which is
//! the way of the product that takes thousands at once.

use super::ask;
use roadworthy_api::{
    Timestamp,
    calls::*,
    check::*,
    id::{DeviceId, EventId, NoteId, VehicleId, VisitId},
    reading::{Item, Reading, Value},
    valid::LongText,
};
use roadworthy_core::{
    Engine, KeyPlace, Options,
    journal::{Event, FIRST, Hlc, kind},
};
use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tempfile::TempDir;

/// Events sent at once.
const PAGE: usize = 2000;
const HOUR: i64 = 3_600_000;

#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) vehicles: usize,
    pub(super) visits: usize,
    /// Visits of the one vehicle that was there most often.
    pub(super) busiest: usize,
}

pub(super) struct Fleet {
    pub(super) engine: Arc<Engine>,
    pub(super) size: Size,
    pub(super) vehicles: Vec<VehicleId>,
    pub(super) busiest: VehicleId,
    /// A note of 1 MiB.
    pub(super) note: NoteId,
    pub(super) photo_mib: usize,
    pub(super) photo_time: Duration,
    _runtime: tokio::runtime::Runtime,
    folder: TempDir,
}

impl Fleet {
    pub(super) fn database_mib(&self) -> u64 {
        std::fs::metadata(self.folder.path().join("roadworthy.db")).map_or(0, |m| m.len() >> 20)
    }
}

pub(super) fn fleet(size: Size) -> Fleet {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = Options {
        data: folder.path().to_owned(),
        runtime: runtime.handle().clone(),
        keys: KeyPlace::FileOnly,
        workers: false,
    };
    let engine = Engine::open(options).unwrap();
    let vehicles: Vec<VehicleId> = (0..size.vehicles).map(|n| register(&engine, n)).collect();
    let busiest = vehicles[0];
    visits(&engine, size, &vehicles);

    let mut note = NoteId(0);
    for n in 0..50 {
        let text = if n == 25 { "A long story. ".repeat(74_890) } else { format!("Note {n}. ").repeat(100) };
        let written = ask(&engine, AddNote { vehicle: busiest, visit: None, text: LongText(text) });
        note = if n == 25 { written } else { note };
    }
    let photo = photo(if size.vehicles > 100 { 40 } else { 1 });
    let begin = Instant::now();
    let file = engine.put_blob("photo.png", "image/png", &photo).unwrap().hash;
    ask(&engine, AddPhoto { vehicle: busiest, visit: None, file, caption: "Underside".into() });
    let (photo_mib, photo_time) = (photo.len() >> 20, begin.elapsed());
    Fleet { engine, size, vehicles, busiest, note, photo_mib, photo_time, _runtime: runtime, folder }
}

fn register(engine: &Engine, n: usize) -> VehicleId {
    let vin = (n % 10 != 9).then(|| {
        let open = format!("1RWFLEET0X{n:07}");
        let digit = roadworthy_obd::vin::check_digit(&open).unwrap();
        format!("1RWFLEET{digit}X{n:07}")
    });
    let (plate, name) = (Some(format!("B-RW {n}")), n.is_multiple_of(3).then(|| format!("Van {n}")));
    ask(engine, RegisterVehicle { vin, plate, name })
}

/// Noise, which no codec makes smaller, of about so many MiB.
fn photo(mib: u32) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let pixels = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    });
    let (width, height) = (4000, mib * 1024 * 1024 / 4000 / 3 + 1);
    let raw: Vec<u8> = pixels.take(width as usize * height as usize * 3).collect();
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_raw(width, height, raw).unwrap().write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn visits(engine: &Engine, size: Size, vehicles: &[VehicleId]) {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let begin = now - (i64::try_from(size.visits).unwrap() + 1) * HOUR / 8;
    let every = size.visits / size.busiest;
    let mut chain = Chain { device: DeviceId(0xbe0c), seq: 0, hash: FIRST };
    let mut page = Vec::with_capacity(PAGE);
    for n in 0..size.visits {
        let busy = n.is_multiple_of(every);
        let vehicle = if busy { vehicles[0] } else { vehicles[1 + n % (vehicles.len() - 1)] };
        let at = begin + i64::try_from(n).unwrap() * HOUR / 8;
        let report = report(n, at, busy);
        let visit = VisitId((u128::try_from(at).unwrap() << 80) | 0x7000 << 64 | n as u128);
        let checked = kind::Checked {
            visit,
            report,
            traffic: String::new(),
            note: None,
            after_clearing: false,
            maybe_cleared: false,
        };
        page.push(chain.next(at, kind::VEHICLE_CHECKED, vehicle, serde_json::to_string(&checked).unwrap()));
        if page.len() == PAGE || n + 1 == size.visits {
            let received = engine.receive(&page).unwrap();
            assert_eq!((received.appended as usize, received.refused.len()), (page.len(), 0));
            page.clear();
        }
    }
}

/// The chain of the device that sends.
struct Chain {
    device: DeviceId,
    seq: u64,
    hash: [u8; 32],
}

impl Chain {
    fn next(&mut self, at: Timestamp, kind: &str, subject: VehicleId, payload: String) -> Event {
        self.seq += 1;
        let id = EventId((u128::try_from(at).unwrap() << 80) | 0x7001 << 64 | u128::from(self.seq));
        let mut event = Event {
            id,
            device: self.device,
            seq: self.seq,
            version: kind::version(kind),
            hlc: Hlc(Hlc::at(at).0 + self.seq % 8),
            kind: kind.to_owned(),
            actor: "owner/window".to_owned(),
            correlation: id,
            causation: None,
            subject: Some(subject.bytes()),
            payload,
            prev_hash: self.hash,
            hash: FIRST,
        };
        event.hash = event.sealed_hash();
        self.hash = event.hash;
        event
    }
}

/// A check of two ECUs. That of the busiest vehicle is as long as a real one; the others are shorter, so that the whole
/// can be made in minutes.
pub(crate) fn report(n: usize, at: Timestamp, whole: bool) -> CheckReport {
    let ids = ["7E8", "7E9"];
    let ecu = |id: &&str| Ecu {
        id: (*id).to_owned(),
        name: if *id == "7E8" { "Engine" } else { "Transmission" }.to_owned(),
        named_itself: false,
        supported: (0..if whole { 40 } else { 6 }).map(|pid| format!("{pid:02X}")).collect(),
        calibrations: vec!["RW-CAL-1".into()],
        cvns: vec!["41424344".into()],
    };
    let mut questions = vec!["0101", "03", "07", "0A"];
    if whole {
        questions
            .extend(["0100", "0120", "0140", "0200", "0202", "0900", "0902", "0904", "0906", "090A", "0600", "0620"]);
    }
    let answered = |id: &'static str, request: &str| Coverage {
        ecu: Some(id.to_owned()),
        request: request.to_owned(),
        question: format!("Question {request}"),
        outcome: Outcome::Answered,
    };
    let code = |code: &str, class| TroubleCode { code: code.to_owned(), class, ecu: "7E8".to_owned(), status: None };
    let codes: Vec<TroubleCode> = match n % 7 {
        0 => vec![
            code("P0301", CodeClass::Stored),
            code("P0301", CodeClass::Pending),
            code("P0420", CodeClass::Permanent),
        ],
        1 => vec![code("P0171", CodeClass::Pending)],
        2 if whole => (0..12).map(|i| code(&format!("P02{i:02}"), CodeClass::Stored)).collect(),
        _ => vec![],
    };
    let values = if whole { 60 } else { 8 };
    let value = |i: u32| Reading {
        ecu: ids[i as usize % 2].to_owned(),
        request: format!("01{:02X}", i + 4),
        raw: format!("41{:02X}1AF8", i + 4),
        at,
        item: Item {
            pid: format!("{:02X}", i + 4),
            name: Some(format!("signal_{i}")),
            label: Some(format!("Signal number {i}")),
            value: Value::Number { value: f64::from(i) * 1.5 + (n % 100) as f64, unit: "rpm".to_owned() },
        },
    };
    let mut snapshot: Vec<Reading> = (0..values).map(value).collect();
    if n % 3 != 2 {
        let mut odometer = value(0xA2);
        odometer.item.value = Value::Number { value: 1000.0 + n as f64 / 2.0, unit: "km".to_owned() };
        snapshot.push(odometer);
    }
    let frame = |cause: &str| FreezeFrame {
        ecu: "7E8".to_owned(),
        frame: 0,
        cause: cause.to_owned(),
        items: snapshot.iter().take(20).map(|r| r.item.clone()).collect(),
    };
    let test = |name: &str| MonitorTest { name: name.to_owned(), available: true, complete: !n.is_multiple_of(5) };
    CheckReport {
        started: at - 20_000,
        ended: at,
        port: "/dev/ttyUSB0".into(),
        adapter: AdapterInfo { claims: "ELM327 v1.5".into(), voltage: Some(14.1), passport: None },
        protocol: Some(ProtocolInfo { id: "6".into(), name: "ISO 15765-4 CAN (11 bit, 500 kbit/s)".into() }),
        vin: None,
        vin_problem: Some("not asked".into()),
        ecus: ids.iter().map(ecu).collect(),
        coverage: ids.iter().flat_map(|id| questions.iter().map(|q| answered(id, q))).collect(),
        not_asked: vec![NotAsked { system: "Airbag".into(), reason: "not part of OBD-II".into() }],
        freeze_frames: if codes.len() > 1 { vec![frame(&codes[0].code)] } else { vec![] },
        readiness: vec![Readiness {
            ecu: "7E8".into(),
            mil: n.is_multiple_of(7),
            dtc_count: u8::try_from(codes.iter().filter(|c| c.class == CodeClass::Stored).count()).unwrap(),
            ignition: Ignition::Spark,
            tests: ["misfire", "fuel_system", "catalyst", "o2_sensor"].map(test).to_vec(),
        }],
        codes,
        snapshot,
        monitors: vec![],
        performance: vec![],
        raw_information: vec![],
        rejected: vec![],
        partial: None,
        decoder: 1,
    }
}
