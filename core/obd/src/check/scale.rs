//! Values whose scale the ECU sets itself (PIDs 4F and 50), corrected once everything is read: the ECU is asked for its scale
//! in the order of the PIDs, after most of what it changes. A value whose scale the ECU has and did not give is left out.

use super::{dialect::Dialect, ecus::Known};
use crate::{bus, decode::Maxima};
use roadworthy_api::{
    check::{CheckReport, Outcome, Rejected},
    reading::{Item, Value},
};
use std::collections::BTreeSet;

const UNSAID: &str = "The ECU sets the scale of this value itself, and did not say it.";

/// What is known of an ECU's scale.
struct Scale {
    maxima: Maxima,
    /// PIDs that set it, that the ECU has, and that it did not give.
    unsaid: BTreeSet<u8>,
}

/// Corrects the present values and the freeze frames of every ECU.
pub(super) fn settle(report: &mut CheckReport, ecus: &[Known]) {
    for known in ecus {
        let scale = of(report, known);
        let id = known.ecu.id.as_str();
        let rejected = &mut report.rejected;
        report.snapshot.retain_mut(|reading| {
            let fits = reading.ecu != id || scale.lay_over(&mut reading.item);
            if !fits {
                let (request, raw) = (reading.request.clone(), reading.raw.clone());
                rejected.push(Rejected { request, raw, reason: UNSAID.into() });
            }
            fits
        });
        for frame in report.freeze_frames.iter_mut().filter(|f| f.ecu == id) {
            frame.items.retain_mut(|item| {
                let fits = scale.lay_over(item);
                if !fits {
                    let (request, raw) = (format!("02{}{:02X}", item.pid, frame.frame), String::new());
                    rejected.push(Rejected { request, raw, reason: UNSAID.into() });
                }
                fits
            });
        }
    }
}

fn of(report: &CheckReport, known: &Known) -> Scale {
    let mut scale = Scale { maxima: Maxima::default(), unsaid: BTreeSet::new() };
    for pid in Maxima::PIDS {
        if !known.pids.as_ref().is_some_and(|pids| pids.contains(&pid)) {
            continue;
        }
        // Zeros are no reading, but an answer.
        let requests = [Dialect::Obd, Dialect::Uds].map(|dialect| bus::hex(&dialect.pid(pid)));
        let said = report.coverage.iter().any(|c| {
            c.ecu.as_deref() == Some(&known.ecu.id) && requests.contains(&c.request) && c.outcome == Outcome::Answered
        });
        if !said {
            scale.unsaid.insert(pid);
        }
        let text = format!("{pid:02X}");
        for reading in report.snapshot.iter().filter(|r| r.ecu == known.ecu.id && r.of_pid(&text)) {
            if let (Some(name), Value::Number { value, .. }) = (&reading.item.name, &reading.item.value) {
                scale.maxima.learn(name, *value);
            }
        }
    }
    scale
}

impl Scale {
    /// Corrects a value; `false` where its scale is not known.
    fn lay_over(&self, item: &mut Item) -> bool {
        let Some(pid) = item.pid.get(item.pid.len().saturating_sub(2)..).and_then(|p| u8::from_str_radix(p, 16).ok())
        else {
            return true;
        };
        let Value::Number { value, unit } = &mut item.value else { return true };
        match Maxima::source(pid, unit) {
            Some(source) if self.unsaid.contains(&source) => false,
            Some(_) => {
                *value = self.maxima.scale(pid, unit, *value);
                true
            }
            None => true,
        }
    }
}
