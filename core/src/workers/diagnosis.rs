//! Diagnosis: checks and live values become findings. What is known of each part of the vehicle is in `diagnose`.

use super::{
    Done, Read, Worker,
    acquisition::{seen, signal, whose},
    memory::Memory,
};
use crate::{
    acquire,
    diagnose::{Case, Diagnosed, diagnose, live::Live},
    journal::{
        Event,
        kind::{self, Checked, DiagnosisMade, Redecoded},
    },
    store::{Fallible, diagnosis, measurement, registration, visit},
    telemetry::Batch,
};
use roadworthy_api::{finding::Source, id::VehicleId, live::LiveValue};

/// The worker.
#[derive(Default)]
pub(crate) struct Diagnosis {
    memory: Memory<Live>,
}

impl Worker for Diagnosis {
    fn name(&self) -> &'static str {
        "diagnosis"
    }

    fn does(&self) -> &'static str {
        "Makes findings in plain words of codes, freeze frames, readiness and values."
    }

    fn listens(&self) -> &'static [&'static str] {
        &[kind::VEHICLE_CHECKED, kind::VISIT_REDECODED]
    }

    /// One event for each check, also where nothing is found: that is a statement too.
    fn handle(&self, read: &Read<'_>, event: &Event) -> Fallible<Done> {
        if event.kind == kind::VISIT_REDECODED {
            return anew(read, event);
        }
        let checked: Checked = super::payload(event)?;
        let mut done = Done::nothing();
        let Some(subject) = event.subject else { return Ok(done) };
        let filed = VehicleId::from_bytes(subject);
        let main = registration::vehicle(read.conn, filed)?.unwrap_or(filed);
        // By itself, not from what the other worker said: that may still be on its way, and says the same.
        let flags = acquire::of_report(&checked.report);
        let (pads, earlier) = (measurement::pads(read.conn, main)?, diagnosis::open(read.conn, main)?);
        let case = Case { report: &checked.report, flags: &flags, pads: &pads, earlier: &earlier };
        let Diagnosed { findings, mut absent, mut limits } = diagnose(&case);
        if let Some(why) = erased(&checked) {
            // Of course they are not there.
            let gone = absent.len();
            absent.retain(|a| !of_codes(&a.key));
            if absent.len() < gone {
                limits.push(format!("{why} before this check: whether their faults are gone shows in a later one."));
            }
        }
        let source = Source::Visit { visit: checked.visit };
        let made = DiagnosisMade { source, at: event.in_step(checked.report.ended), findings, absent, limits };
        done.say(read, kind::DIAGNOSIS_MADE, Some(subject), &made)?;
        Ok(done)
    }

    fn hears_telemetry(&self) -> bool {
        true
    }

    /// One event where something became due. Whose values they are must be known: a finding is about a vehicle. Until it is
    /// nothing counts as said.
    fn telemetry(&self, read: &Read<'_>, batch: &Batch) -> Fallible<Done> {
        let (vehicle, hybrid) = whose(read, batch)?;
        let begin = || Ok(Live::new(hybrid, diagnosis::said(read.conn, batch.recording)?));
        let before = self.memory.before(batch, begin)?;
        let (mut after, mut findings) = (before.clone(), Vec::new());
        for sample in &batch.samples {
            if let Some(seen) = seen(sample) {
                for finding in after.offer(seen, vehicle.is_some()) {
                    // The later one presses more, or it would not be there.
                    findings.retain(|f: &roadworthy_api::finding::Finding| f.key != finding.key);
                    findings.push(finding);
                }
            } else if let (LiveValue::Missing { .. }, Some((ecu, name, _))) = (&sample.value, signal(&sample.signal)) {
                after.missing(ecu, name);
            }
        }
        self.memory.keep(batch, before, after);
        let mut done = Done::nothing();
        if let (Some(vehicle), false) = (vehicle, findings.is_empty()) {
            let at = read.in_step(batch.samples.last().map_or(read.now, |s| s.at))?;
            let source = Source::Recording { recording: batch.recording };
            let made = DiagnosisMade { source, at, findings, absent: Vec::new(), limits: Vec::new() };
            done.say(read, kind::DIAGNOSIS_MADE, Some(vehicle.bytes()), &made)?;
        }
        Ok(done)
    }
}

/// Why a code may be missing that nobody mended.
fn erased(checked: &Checked) -> Option<&'static str> {
    match (checked.after_clearing, checked.maybe_cleared) {
        (true, _) => Some("Codes were cleared just"),
        (false, true) => Some("Codes may have been cleared, and nobody knows,"),
        (false, false) => None,
    }
}

/// The visit that was diagnosed last reads otherwise: what is said of its vehicle follows. What an earlier visit says
/// otherwise today is history, and a later one has spoken since.
fn anew(read: &Read<'_>, event: &Event) -> Fallible<Done> {
    let said: Redecoded = super::payload(event)?;
    let mut done = Done::nothing();
    let Some(subject) = event.subject else { return Ok(done) };
    let filed = VehicleId::from_bytes(subject);
    let main = registration::vehicle(read.conn, filed)?.unwrap_or(filed);
    let Some(before) = diagnosis::of_visit(read.conn, main, said.visit)? else { return Ok(done) };
    let Some(shown) = visit::get(read.conn, said.visit)?.map(|stored| stored.checked) else { return Ok(done) };
    // An older decoder's reading, say of a device that was not brought up to date, is kept and not shown.
    if shown.report != said.report {
        return Ok(done);
    }
    let flags = acquire::of_report(&said.report);
    let (pads, earlier) = (measurement::pads(read.conn, main)?, diagnosis::open(read.conn, main)?);
    let case = Case { report: &said.report, flags: &flags, pads: &pads, earlier: &earlier };
    let Diagnosed { mut findings, mut absent, mut limits } = diagnose(&case);
    let decoder = said.decoder;
    for finding in &mut findings {
        finding.explanation =
            format!("{} Read anew from the visit's recorded traffic by decoder {decoder}.", finding.explanation);
    }
    if erased(&shown).is_some() {
        absent.retain(|a| !of_codes(&a.key));
    }
    limits.push(format!(
        "The recorded traffic of this visit was read anew by decoder {decoder}; findings that an older decoder made of the \
         same bytes are taken back."
    ));
    let source = Source::Visit { visit: said.visit };
    let at = event.in_step(said.report.ended).max(before);
    done.say(read, kind::DIAGNOSIS_MADE, Some(subject), &DiagnosisMade { source, at, findings, absent, limits })?;
    Ok(done)
}

/// Whether a finding rests on what clearing erases: a code, or the lamp.
fn of_codes(key: &str) -> bool {
    key.starts_with("code/") || key.starts_with("rule/lamp-without-code/")
}

#[cfg(test)]
mod tests;
