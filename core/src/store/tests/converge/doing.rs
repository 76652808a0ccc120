//! Does what was drawn, as its author would.

use super::*;

pub(super) fn do_it(store: &Store, now: Timestamp, deed: &Deed) {
    match deed {
        Deed::Vehicle { registers, id, vin, plate, name } => {
            let subject = vehicle_id(*id);
            let kind = if *registers { kind::VEHICLE_REGISTERED } else { kind::VEHICLE_EDITED };
            try_say(store, now, kind, subject, |w, event| {
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
        Deed::Person { adds, id, name, phone } => {
            let subject = person_id(*id);
            if store.read(|conn| crate::store::person::is_forgotten(conn, PersonId::from_bytes(subject))).unwrap() {
                return; // handlers refuse it
            }
            let kind = if *adds { kind::PERSON_ADDED } else { kind::PERSON_EDITED };
            try_say(store, now, kind, subject, |w, event| {
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
                let mut keys = crate::store::person_key::of(conn, subject)?;
                for vehicle in &vehicles {
                    keys.extend(crate::store::person_key::of(conn, vehicle.bytes())?);
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
                let code = format!("P030{code}");
                report = sample::with_lamp(sample::with_code(report, CodeClass::Stored, &code, "7E8"));
                let items = report.snapshot.iter().map(|reading| reading.item.clone()).collect();
                report.freeze_frames.push(FreezeFrame { ecu: "7E8".into(), frame: 0, cause: code, items });
            }
            let visit = VisitId(0x3000 + u128::from(*visit));
            say(
                store,
                now,
                kind::VEHICLE_CHECKED,
                vehicle_id(*vehicle),
                &Checked {
                    visit,
                    report,
                    traffic: String::new(),
                    note: None,
                    after_clearing: false,
                    maybe_cleared: false,
                },
            );
        }
        Deed::Redecode { vehicle, visit, decoder, code } => {
            let code = format!("P040{code}");
            let report = sample::with_code(sample::clean(), CodeClass::Pending, &code, "7E8");
            let (visit, decoder) = (VisitId(0x3000 + u128::from(*visit)), u32::from(*decoder));
            let said = Redecoded { visit, decoder, report: CheckReport { decoder, ended: now, ..report } };
            say(store, now, kind::VISIT_REDECODED, vehicle_id(*vehicle), &said);
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
            let findings = vec![deciding::finding(*source)];
            let made = DiagnosisMade { source: from(*source), at: now, findings, absent, limits: vec!["ABS".into()] };
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
        Deed::Decision { vehicle, decision, what, with } => {
            deciding::decision(store, now, vehicle_id(*vehicle), *decision, *what, *with);
        }
        Deed::Alert { vehicle, alert, what, with } => {
            deciding::alert(store, now, vehicle_id(*vehicle), *alert, *what, *with);
        }
        Deed::Pin { vehicle, pin, pinned } => {
            let pin = PinId(0x8000 + u128::from(*pin));
            let said =
                kind::TelemetryPinned { pin, from: now - 1000, to: now, reason: "claim".into(), pinned: *pinned };
            say(store, now, kind::TELEMETRY_PINNED, vehicle_id(*vehicle), &said);
        }
        Deed::Adapter { adapter, age } => spine::adapter(store, now, *adapter, *age),
        Deed::Import { vehicle, import, undone } => spine::import(store, now, vehicle_id(*vehicle), *import, *undone),
        Deed::Service { vehicle, service, what, with } => {
            serving::service(store, now, vehicle_id(*vehicle), *service, *what, *with);
        }
        Deed::Telemetry { vehicle, recording, what } => spine::telemetry(store, now, *vehicle, *recording, *what),
        Deed::Message { vehicle, what } => spine::message(store, now, *vehicle, *what),
        Deed::Told { vehicle, what } => spine::told(store, now, vehicle_id(*vehicle), *what),
        Deed::Name { of, name } => {
            // The first of them is this device, the others are nobody yet.
            let device = if *of == 0 { store.device() } else { roadworthy_api::id::DeviceId(0xd000 + u128::from(*of)) };
            say(store, now, kind::DEVICE_NAMED, device.bytes(), &kind::Named { name: format!("Bench {name}") });
        }
        Deed::Rebuild => drop(store.rebuild("owner/window", now).unwrap()),
        Deed::Backup | Deed::Restore | Deed::Clock { .. } | Deed::Send { .. } => unreachable!("the world does these"),
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
