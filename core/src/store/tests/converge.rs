//! Devices that exchanged their chains hold the same tables, whatever was done where and arrived when.

use super::*;
use crate::{
    journal::kind::{
        Absent, Attached, Checked, DiagnosisMade, Forgot, MeasurementAdded, MeasurementRemoved, NoteRemoved, NoteText,
        OwnerSet, PhotoAdded, PhotoEdited, PhotoRemoved, ReadingFlag, ReadingsFlagged, Recorded,
    },
    keys,
    store::{recording, registration},
    verdict::sample,
};
use proptest::prelude::*;
use roadworthy_api::{
    check::CodeClass,
    finding::Source,
    id::{EventId, MeasurementId, NoteId, PersonId, PhotoId, PinId, RecordingId, VehicleId, VisitId},
    live::Mark,
    note::Measured,
};
use rusqlite::{Connection, params};

const DEVICES: usize = 3;

/// One thing done, on the device it names; vehicles and people are numbers from a small range, so that they clash.
#[derive(Clone, Debug)]
enum Deed {
    Vehicle {
        id: u8,
        vin: Option<u8>,
        plate: Option<u8>,
        name: Option<u8>,
    },
    Owner {
        id: u8,
        person: Option<u8>,
    },
    Person {
        id: u8,
        name: Option<u8>,
        phone: Option<u8>,
    },
    Forget {
        id: u8,
        vehicles: Vec<u8>,
    },
    Check {
        vehicle: u8,
        visit: u8,
        code: Option<u8>,
    },
    Record {
        vehicle: Option<u8>,
        recording: u8,
        vin: Option<u8>,
    },
    Diagnose {
        vehicle: u8,
        source: u8,
        key: u8,
    },
    Flag {
        vehicle: Option<u8>,
        source: u8,
        what: u8,
    },
    Note {
        vehicle: u8,
        note: u8,
        text: u8,
        adds: bool,
    },
    Photo {
        vehicle: u8,
        photo: u8,
        caption: u8,
        adds: bool,
    },
    Measure {
        vehicle: u8,
        measurement: u8,
        km: u8,
    },
    /// Removes or brings back the note, photo and measurement of this number.
    Remove {
        vehicle: u8,
        which: u8,
        what: u8,
        removed: bool,
    },
    Attach {
        vehicle: u8,
        to: Option<u8>,
    },
    Pin {
        vehicle: u8,
        pin: u8,
        pinned: bool,
    },
    /// Gives `to` the next events of a chain (and some again that it has), after the keys.
    Send {
        chain: usize,
        to: usize,
        count: u8,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
    let few = || 0..4u8;
    let maybe = || proptest::option::of(0..4u8);
    prop_oneof![
        (few(), maybe(), maybe(), maybe()).prop_map(|(id, vin, plate, name)| Deed::Vehicle { id, vin, plate, name }),
        (few(), maybe()).prop_map(|(id, person)| Deed::Owner { id, person }),
        (few(), maybe(), maybe()).prop_map(|(id, name, phone)| Deed::Person { id, name, phone }),
        (few(), proptest::collection::vec(few(), 0..3)).prop_map(|(id, vehicles)| Deed::Forget { id, vehicles }),
        (few(), few(), maybe()).prop_map(|(vehicle, visit, code)| Deed::Check { vehicle, visit, code }),
        (maybe(), few(), maybe()).prop_map(|(vehicle, recording, vin)| Deed::Record { vehicle, recording, vin }),
        (few(), few(), few()).prop_map(|(vehicle, source, key)| Deed::Diagnose { vehicle, source, key }),
        (maybe(), few(), few()).prop_map(|(vehicle, source, what)| Deed::Flag { vehicle, source, what }),
        (few(), few(), few(), any::<bool>()).prop_map(|(vehicle, note, text, adds)| Deed::Note {
            vehicle,
            note,
            text,
            adds
        }),
        (few(), few(), few(), any::<bool>()).prop_map(|(vehicle, photo, caption, adds)| Deed::Photo {
            vehicle,
            photo,
            caption,
            adds
        }),
        (few(), few(), few()).prop_map(|(vehicle, measurement, km)| Deed::Measure { vehicle, measurement, km }),
        (few(), few(), 0..3u8, any::<bool>()).prop_map(|(vehicle, which, what, removed)| Deed::Remove {
            vehicle,
            which,
            what,
            removed
        }),
        (few(), maybe()).prop_map(|(vehicle, to)| Deed::Attach { vehicle, to }),
        (few(), few(), any::<bool>()).prop_map(|(vehicle, pin, pinned)| Deed::Pin { vehicle, pin, pinned }),
        (0..DEVICES, 0..DEVICES, 1..5u8).prop_map(|(chain, to, count)| Deed::Send { chain, to, count }),
    ]
}

fn vehicle_id(n: u8) -> [u8; 16] {
    (0x1000 + u128::from(n)).to_be_bytes()
}

fn person_id(n: u8) -> [u8; 16] {
    (0x2000 + u128::from(n)).to_be_bytes()
}

/// Gives `to` the keys that `from` holds, but for erased ones: what sync will have to do before it sends events.
fn share_keys(from: &Store, to: &Store) {
    let rows: Vec<([u8; 16], [u8; 16], Vec<u8>)> = from
        .read(|conn| {
            let mut all = conn.prepare("select key, subject, wrapped from person_key")?;
            let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .unwrap();
    to.write_local(|tx| {
        for (key, subject, wrapped) in rows {
            let id = EventId::from_bytes(key);
            let plain = keys::unwrap(&from.master.get()?, id, subject, &wrapped).unwrap();
            let wrapped = keys::wrap(&to.master.get()?, id, subject, &plain)?;
            tx.execute(
                "insert or ignore into person_key (key, subject, wrapped) select ?1, ?2, ?3 where not exists (select 1 from erased_key where key = ?1)
                 and not exists (select 1 from person where id = ?2 and forgotten)",
                params![key, subject, wrapped],
            )?;
        }
        Ok(())
    })
    .unwrap();
}

fn do_it(store: &Store, now: Timestamp, deed: &Deed) {
    match deed {
        Deed::Vehicle { id, vin, plate, name } => {
            let subject = vehicle_id(*id);
            try_say(store, now, kind::VEHICLE_EDITED, subject, |w, event| {
                let plate = plate.map(|p| w.seal(subject, event, "plate", &format!("RW-{p}"))).transpose()?;
                let vin = vin.map(|v| if v == 3 { String::new() } else { format!("1RWTEST00X000000{v}") });
                let name = name.map(|n| if n == 3 { String::new() } else { format!("Van {n}") });
                let name = name.map(|n| w.seal(subject, event, "name", &n)).transpose()?;
                Ok(serde_json::to_value(kind::VehicleFields { vin, plate, name }).unwrap())
            })
            .unwrap();
        }
        Deed::Owner { id, person } => {
            let person = person.map(|p| PersonId::from_bytes(person_id(p)));
            say(store, now, kind::VEHICLE_OWNER_SET, vehicle_id(*id), &OwnerSet { person });
        }
        Deed::Person { id, name, phone } => {
            let subject = person_id(*id);
            if store.read(|conn| super::super::person::is_forgotten(conn, PersonId::from_bytes(subject))).unwrap() {
                return; // handlers refuse it
            }
            try_say(store, now, kind::PERSON_EDITED, subject, |w, event| {
                let name = name.map(|n| w.seal(subject, event, "name", &format!("Customer {n}"))).transpose()?;
                let phone = phone.map(|p| w.seal(subject, event, "phone", &format!("+49 {p}"))).transpose()?;
                Ok(serde_json::to_value(kind::PersonFields { name, phone, ..Default::default() }).unwrap())
            })
            .unwrap();
        }
        Deed::Forget { id, vehicles } => {
            let subject = person_id(*id);
            let vehicles: Vec<VehicleId> = vehicles.iter().map(|v| VehicleId::from_bytes(vehicle_id(*v))).collect();
            let keys = store.read(|conn| {
                let mut keys = super::super::person_key::of(conn, subject)?;
                for vehicle in &vehicles {
                    keys.extend(super::super::person_key::of(conn, vehicle.bytes())?);
                }
                Ok(keys)
            });
            say(store, now, kind::PERSON_FORGOTTEN, subject, &Forgot { vehicles, keys: keys.unwrap() });
        }
        Deed::Check { vehicle, visit, code } => {
            let mut report = sample::clean();
            report.ended = now;
            report.snapshot[0].at = now;
            if let Some(code) = code {
                report = sample::with_code(report, CodeClass::Stored, &format!("P030{code}"), "7E8");
            }
            let visit = VisitId(0x3000 + u128::from(*visit));
            say(
                store,
                now,
                kind::VEHICLE_CHECKED,
                vehicle_id(*vehicle),
                &Checked { visit, report, traffic: String::new(), note: None },
            );
        }
        Deed::Record { vehicle, recording, vin } => {
            let said = Recorded {
                recording: RecordingId(0x7000 + u128::from(*recording)),
                started: now - 1000,
                ended: now,
                port: "sim:petrol".into(),
                vin: vin.map(|v| format!("1RWTEST00X000000{v}")),
                signals: vec![],
                samples: 3,
                marks: vec![Mark { at: now, label: "here".into() }],
                file: String::new(),
                cut_short: false,
            };
            store
                .write("owner/window", now, |w| {
                    let id = w.mint()?;
                    w.append(NewEvent::new(id, kind::VEHICLE_RECORDED, vehicle.map(vehicle_id), &said)?)?;
                    Ok(())
                })
                .unwrap();
        }
        Deed::Diagnose { vehicle, source, key } => {
            let absent = vec![Absent { key: format!("code/P030{key}/7E8"), why: "It is gone.".into() }];
            let made = DiagnosisMade { source: from(*source), at: now, findings: vec![], absent, limits: vec![] };
            say(store, now, kind::DIAGNOSIS_MADE, vehicle_id(*vehicle), &made);
        }
        Deed::Flag { vehicle, source, what } => {
            let flag = ReadingFlag {
                signal: "coolant_temperature".into(),
                ecu: "7E8".into(),
                what: ["range", "jump", "stuck", "unit"][usize::from(*what)].into(),
                reason: format!("Said at {now}."),
                at: now,
                samples: 1,
            };
            let said = ReadingsFlagged { source: from(*source), flags: vec![flag] };
            store
                .write("engine/acquisition", now, |w| {
                    let id = w.mint()?;
                    w.append(NewEvent::new(id, kind::READINGS_FLAGGED, vehicle.map(vehicle_id), &said)?)?;
                    Ok(())
                })
                .unwrap();
        }
        Deed::Note { vehicle, note, text, adds } => {
            let subject = vehicle_id(*vehicle);
            let kind = if *adds { kind::NOTE_ADDED } else { kind::NOTE_EDITED };
            try_say(store, now, kind, subject, |w, event| {
                let text = w.seal(subject, event, "note", &format!("Note {text} ").repeat(500))?;
                let note = NoteText { note: NoteId(0x4000 + u128::from(*note)), visit: None, text };
                Ok(serde_json::to_value(note).unwrap())
            })
            .unwrap();
        }
        Deed::Photo { vehicle, photo, caption, adds } => {
            let (subject, id) = (vehicle_id(*vehicle), PhotoId(0x5000 + u128::from(*photo)));
            let kind = if *adds { kind::PHOTO_ADDED } else { kind::PHOTO_EDITED };
            try_say(store, now, kind, subject, |w, event| {
                let sealed = w.seal(subject, event, "caption", &format!("Caption {caption}"))?;
                Ok(match adds {
                    true => serde_json::to_value(photo_added(id, sealed)).unwrap(),
                    false => serde_json::to_value(PhotoEdited { photo: id, caption: sealed }).unwrap(),
                })
            })
            .unwrap();
        }
        Deed::Measure { vehicle, measurement, km } => {
            let added = MeasurementAdded {
                measurement: MeasurementId(0x6000 + u128::from(*measurement)),
                at: now,
                measured: Measured::Odometer { km: f64::from(*km) * 1000.0 },
                confirmed: *km == 3,
            };
            say(store, now, kind::MEASUREMENT_ADDED, vehicle_id(*vehicle), &added);
        }
        Deed::Remove { vehicle, which, what, removed } => {
            let (subject, which, removed) = (vehicle_id(*vehicle), u128::from(*which), *removed);
            match what {
                0 => {
                    let note = NoteId(0x4000 + which);
                    say(store, now, kind::NOTE_REMOVED, subject, &NoteRemoved { note, removed });
                }
                1 => {
                    let photo = PhotoId(0x5000 + which);
                    say(store, now, kind::PHOTO_REMOVED, subject, &PhotoRemoved { photo, removed });
                }
                _ => {
                    let measurement = MeasurementId(0x6000 + which);
                    say(store, now, kind::MEASUREMENT_REMOVED, subject, &MeasurementRemoved { measurement, removed });
                }
            }
        }
        Deed::Attach { vehicle, to } => {
            let to = to.map(|to| VehicleId::from_bytes(vehicle_id(to)));
            say(store, now, kind::VEHICLE_ATTACHED, vehicle_id(*vehicle), &Attached { to });
        }
        Deed::Pin { vehicle, pin, pinned } => {
            let pin = PinId(0x8000 + u128::from(*pin));
            let said =
                kind::TelemetryPinned { pin, from: now - 1000, to: now, reason: "claim".into(), pinned: *pinned };
            say(store, now, kind::TELEMETRY_PINNED, vehicle_id(*vehicle), &said);
        }
        Deed::Send { .. } => {}
    }
}

/// A visit or a recording.
fn from(n: u8) -> Source {
    match n {
        0 | 1 => Source::Visit { visit: VisitId(0x3000 + u128::from(n)) },
        _ => Source::Recording { recording: RecordingId(0x7000 + u128::from(n)) },
    }
}

fn photo_added(photo: PhotoId, caption: keys::Sealed) -> PhotoAdded {
    PhotoAdded {
        photo,
        visit: None,
        file: "f".repeat(64),
        media: "image/jpeg".into(),
        bytes: 1,
        thumbnail: "e".repeat(64),
        width: 4,
        height: 3,
        caption,
    }
}

/// The next events of a chain for `to`, with up to two that it has already.
fn send(stores: &[Own], chain_of: usize, from: usize, to: usize, count: usize) -> u64 {
    share_keys(&stores[from], &stores[to]);
    let device = stores[chain_of].device();
    let has = chain(&stores[to], device).len();
    let all = chain(&stores[from], device);
    let start = has.saturating_sub(2).min(all.len());
    let page: Vec<Event> = all[start..].iter().take(count + 2).cloned().collect();
    let received = stores[to].receive(&page, NOW).unwrap();
    assert_eq!(received.refused, []);
    received.appended
}

/// `ROADWORTHY_LONG=1` tries many more.
fn cases() -> u32 {
    if std::env::var_os("ROADWORTHY_LONG").is_some() { 2000 } else { 150 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn devices_that_exchanged_their_chains_hold_the_same_tables(
        deeds in proptest::collection::vec((0..DEVICES, -3_600_000..3_600_000i64, deed()), 1..40),
        order in Just((0..DEVICES * DEVICES).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let stores: Vec<Own> = (0..DEVICES).map(|_| own()).collect();
        for (device, skew, deed) in &deeds {
            match deed {
                Deed::Send { chain, to, count } if chain != to => {
                    send(&stores, *chain, *chain, *to, usize::from(*count));
                }
                other => do_it(&stores[*device], NOW + skew, other),
            }
        }
        // All to all, in a random order, until nothing is new.
        loop {
            let mut new = 0;
            for pair in &order {
                let (chain, to) = (pair / DEVICES, pair % DEVICES);
                if chain != to {
                    new += send(&stores, chain, chain, to, 3);
                }
            }
            if new == 0 {
                break;
            }
        }
        let first = dumps(&stores[0]);
        for store in &stores[1..] {
            for (here, there) in first.iter().zip(dumps(store)) {
                prop_assert_eq!(here, &there, "table {} after {:?}", here.0, deeds);
            }
        }
        for store in &stores {
            one_vin_each(store);
            let rebuilt = store.rebuild("owner/window", NOW).unwrap();
            prop_assert!(rebuilt.identical, "{:?} differ after {:?}", rebuilt.differing, deeds);
            prop_assert_eq!(store.verify().unwrap().faults, vec![]);
        }
    }
}

/// No vehicle has registrations of differing VINs, and every registration has its vehicle.
fn one_vin_each(store: &Store) {
    let wrong: u32 = store
        .read(|conn| {
            Ok(conn.query_row(
                "select (select count(*) from (select 1 from registration group by vehicle having count(distinct vin) > 1))
                 + (select count(*) from registration r where not exists (select 1 from vehicle v where v.id = r.vehicle))
                 + (select count(*) from vehicle v where not exists (select 1 from registration r where r.vehicle = v.id))",
                [],
                |row| row.get(0),
            )?)
        })
        .unwrap();
    assert_eq!(wrong, 0);
}

/// Both give the other all they have.
fn exchange(a: &Own, b: &Own) {
    for (from, to) in [(a, b), (b, a)] {
        share_keys(from, to);
        assert_eq!(to.receive(&chain(from, from.device()), NOW).unwrap().refused, []);
    }
    assert_eq!(dumps(a), dumps(b));
}

fn vehicle(store: &Store, n: u8) -> roadworthy_api::vehicle::VehicleDetail {
    let id = VehicleId::from_bytes(vehicle_id(n));
    store.read(|conn| super::super::vehicle::get(conn, id)).unwrap().unwrap()
}

fn plate(n: u8) -> Deed {
    Deed::Vehicle { id: 1, vin: None, plate: Some(n), name: None }
}

#[test]
fn what_an_erased_key_seals_on_another_device_is_gone_too() {
    let (a, b) = (own(), own());
    do_it(&a, NOW, &plate(1));
    exchange(&a, &b);
    // The key alone is named, so that neither the vehicle nor the time of the event decides.
    let keys = a.read(|conn| super::super::person_key::of(conn, vehicle_id(1))).unwrap();
    say(&a, NOW + 10, kind::PERSON_FORGOTTEN, person_id(1), &Forgot { vehicles: vec![], keys });
    do_it(&b, NOW + 20, &plate(2));
    assert_eq!(vehicle(&b, 1).row.plate.as_deref(), Some("RW-2"));
    exchange(&a, &b);
    assert_eq!(vehicle(&b, 1).row.plate, None);
    assert!(b.read(|conn| super::super::person_key::of(conn, vehicle_id(1))).unwrap().is_empty());
}

#[test]
fn a_plate_sealed_with_a_key_from_before_the_forgetting_is_gone_though_nobody_named_the_key() {
    let (a, b) = (own(), own());
    do_it(&b, NOW, &plate(1));
    do_it(&a, NOW + 10, &Deed::Forget { id: 1, vehicles: vec![1] });
    do_it(&b, NOW + 20, &plate(2));
    share_keys(&b, &a);
    exchange(&a, &b);
    assert_eq!(vehicle(&a, 1).row.plate, None, "because holding the key does not make it count");
    do_it(&b, NOW + 30, &plate(3));
    exchange(&a, &b);
    assert_eq!(vehicle(&a, 1).row.plate.as_deref(), Some("RW-3"), "because its key is newer");
}

#[test]
fn a_registration_whose_vin_moves_takes_its_visits_along() {
    let here = own();
    let vin = |id, vin| Deed::Vehicle { id, vin: Some(vin), plate: None, name: None };
    for deed in [vin(1, 0), vin(2, 0), Deed::Check { vehicle: 2, visit: 1, code: None }] {
        do_it(&here, NOW, &deed);
    }
    assert_eq!(
        (vehicle(&here, 2).row.id, vehicle(&here, 1).visits),
        (vehicle(&here, 1).row.id, 1),
        "because they are one"
    );
    do_it(&here, NOW, &vin(2, 1));
    assert_eq!((vehicle(&here, 1).visits, vehicle(&here, 2).visits), (0, 1));
    do_it(&here, NOW, &vin(2, 0));
    do_it(&here, NOW, &vin(1, 1));
    assert_eq!(
        (vehicle(&here, 1).visits, vehicle(&here, 2).visits),
        (0, 1),
        "because the least of a group moves as well"
    );
    assert!(here.rebuild("owner/window", NOW).unwrap().identical);
}

#[test]
fn a_recording_without_a_vehicle_is_of_the_one_that_has_its_vin_whichever_came_first() {
    let vin = |id, vin| Deed::Vehicle { id, vin: Some(vin), plate: None, name: None };
    let record = Deed::Record { vehicle: None, recording: 1, vin: Some(0) };
    for deeds in [
        vec![record.clone(), vin(1, 0)],
        vec![vin(1, 0), record.clone()],
        vec![vin(1, 1), record.clone(), vin(1, 0)],
        vec![record.clone(), vin(2, 0), vin(1, 0)],
    ] {
        let here = own();
        deeds.iter().for_each(|deed| do_it(&here, NOW, deed));
        do_it(&here, NOW, &vin(3, 2));
        let of = |n: u8| {
            let find = |conn: &Connection| {
                let id = registration::vehicle(conn, VehicleId::from_bytes(vehicle_id(n)))?.unwrap();
                Ok((id, recording::list(conn, Some(id), 0, 10)?))
            };
            here.read(find).unwrap()
        };
        let (owner, list) = of(1);
        assert_eq!((list.total, list.rows.len()), (1, 1), "{deeds:?}");
        assert_eq!(list.rows[0].vehicle, Some(owner), "{deeds:?}");
        assert_eq!(here.read(|conn| recording::list(conn, None, 0, 10)).unwrap(), list);
        assert_eq!(of(3).1.total, 0, "because another VIN is another vehicle");
        do_it(&here, NOW, &vin(1, 3));
        do_it(&here, NOW, &vin(2, 3));
        assert_eq!(here.read(|conn| recording::list(conn, None, 0, 10)).unwrap().rows[0].vehicle, None);
    }
}

#[test]
fn a_recording_with_a_vehicle_stays_there_whatever_its_vin_is() {
    let here = own();
    let vin = |id, vin| Deed::Vehicle { id, vin: Some(vin), plate: None, name: None };
    for deed in [vin(1, 0), vin(2, 1), Deed::Record { vehicle: Some(1), recording: 1, vin: Some(1) }] {
        do_it(&here, NOW, &deed);
    }
    let of = |n| here.read(|conn| recording::list(conn, Some(VehicleId::from_bytes(vehicle_id(n))), 0, 10)).unwrap();
    assert_eq!((of(1).total, of(2).total), (1, 0));
}
