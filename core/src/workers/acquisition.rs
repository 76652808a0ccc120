//! Acquisition: flags readings of checks and recordings that cannot be right. It drops nothing.

use super::{Done, Read, Worker, memory::Memory};
use crate::{
    acquire::{Seen, Watch, of_report},
    journal::{
        Event,
        kind::{self, Checked, ReadingFlag, ReadingsFlagged},
    },
    store::{Fallible, reading_flag, registration},
    telemetry::Batch,
};
use roadworthy_api::{
    finding::Source,
    id::VehicleId,
    live::{LiveValue, Sample},
};
use roadworthy_obd::decode;

/// The worker.
#[derive(Default)]
pub(crate) struct Acquisition {
    memory: Memory<Watch>,
}

/// ECU, machine name and unit of a live signal's id, `ECU:PID:name`.
pub(super) fn signal(id: &str) -> Option<(&str, &str, &'static str)> {
    let mut parts = id.splitn(3, ':');
    let (ecu, pid, name) = (parts.next()?, parts.next()?, parts.next()?);
    let pid = u8::from_str_radix(pid, 16).ok();
    let unit = pid.and_then(|pid| decode::signals(pid).into_iter().find(|s| s.name == name));
    Some((ecu, name, unit.map_or("", |s| s.unit)))
}

/// The number of a sample, as rules take it.
pub(super) fn seen(sample: &Sample) -> Option<Seen<'_>> {
    let LiveValue::Number { value } = sample.value else { return None };
    let (ecu, name, unit) = signal(&sample.signal)?;
    Some(Seen { name, ecu, unit: Some(unit), at: sample.at, value })
}

/// The registration that stands for a batch's vehicle, and whether that is a hybrid.
pub(super) fn whose(read: &Read<'_>, batch: &Batch) -> Fallible<(Option<VehicleId>, bool)> {
    let Some(vehicle) = batch.vehicle else { return Ok((None, false)) };
    let main = registration::vehicle(read.conn, vehicle)?.unwrap_or(vehicle);
    Ok((Some(registration::root(read.conn, main)?), reading_flag::is_hybrid(read.conn, main)?))
}

fn say(read: &Read<'_>, subject: Option<[u8; 16]>, source: Source, flags: Vec<ReadingFlag>) -> Fallible<Done> {
    let mut done = Done::nothing();
    if !flags.is_empty() {
        done.say(read, kind::READINGS_FLAGGED, subject, &ReadingsFlagged { source, flags })?;
    }
    Ok(done)
}

impl Worker for Acquisition {
    fn name(&self) -> &'static str {
        "acquisition"
    }

    fn does(&self) -> &'static str {
        "Flags readings that cannot be right, and says why."
    }

    fn listens(&self) -> &'static [&'static str] {
        &[kind::VEHICLE_CHECKED]
    }

    fn handle(&self, read: &Read<'_>, event: &Event) -> Fallible<Done> {
        let checked: Checked = super::payload(event)?;
        let source = Source::Visit { visit: checked.visit };
        say(read, event.subject, source, of_report(&checked.report))
    }

    fn hears_telemetry(&self) -> bool {
        true
    }

    fn telemetry(&self, read: &Read<'_>, batch: &Batch) -> Fallible<Done> {
        let source = Source::Recording { recording: batch.recording };
        let (vehicle, hybrid) = whose(read, batch)?;
        let before = self.memory.before(batch, || {
            let mut watch = Watch::new(hybrid);
            for flag in reading_flag::of(read.conn, &source)? {
                watch.knows(&flag.signal, &flag.ecu, &flag.what);
            }
            Ok(watch)
        })?;
        let mut after = before.clone();
        for seen in batch.samples.iter().filter_map(seen) {
            after.offer(seen);
        }
        let flags = after.take();
        self.memory.keep(batch, before, after);
        say(read, vehicle.map(VehicleId::bytes), source, flags)
    }
}
