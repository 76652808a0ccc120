//! On-board monitoring (service 06 on CAN): every test of every monitor that an ECU names, with its limits.

use super::{coverage::Silence, dialect::Dialect, ecus::Known, run::Check};
use crate::{
    adapter::Request,
    decode::{Answer, TestResult},
};
use roadworthy_api::{
    Error,
    check::{MonitorResult, Outcome},
};
use std::collections::BTreeSet;

pub(super) const QUESTION: &str = "On-board monitors";
const NOT_OPEN: &str = "How SAE J1979-2 lays them out is not published openly.";

impl Check<'_> {
    pub(super) async fn monitors(&mut self) -> Result<(), Error> {
        for id in self.speakers(Dialect::Uds) {
            self.cover("22F600", QUESTION, Some(id), Outcome::NotAsked { reason: NOT_OPEN.into() });
        }
        if self.speakers(Dialect::Obd).is_empty() {
            return Ok(());
        }
        let asked = self.named_monitors().await?;
        self.plan(i32::try_from(asked.len()).unwrap_or(0));
        for (id, holders) in asked {
            let request = Request::new(&[0x06, id])?;
            let meant = |k: &Known| if holders.contains(&k.ecu.id) { Silence::Counts } else { Silence::Nothing };
            for read in self.ask(&request, QUESTION, meant).await?.read {
                if let Answer::Tests { tests, .. } = &read.decoded.answer {
                    let results = tests.iter().map(|test| result(&read.ecu, request.hex(), test));
                    self.report.monitors.extend(results);
                }
            }
        }
        Ok(())
    }

    /// Monitors that ECUs name, each with those that do.
    async fn named_monitors(&mut self) -> Result<Vec<(u8, BTreeSet<String>)>, Error> {
        let mut found: Vec<(u8, BTreeSet<String>)> = Vec::new();
        let mut due: Option<BTreeSet<String>> = None;
        for base in (0..=0xE0u8).step_by(0x20) {
            let request = Request::new(&[0x06, base])?;
            let waited = due.take();
            let meant = |k: &Known| {
                if waited.as_ref().is_none_or(|w| w.contains(&k.ecu.id)) { Silence::Counts } else { Silence::Nothing }
            };
            self.plan(1);
            let mut more = BTreeSet::new();
            for read in self.ask(&request, QUESTION, meant).await?.read {
                for bitmap in read.decoded.supported() {
                    for id in bitmap.ids().filter_map(|id| u8::try_from(id).ok()).filter(|id| id % 0x20 != 0) {
                        match found.iter_mut().find(|(known, _)| *known == id) {
                            Some((_, holders)) => drop(holders.insert(read.ecu.clone())),
                            None => found.push((id, [read.ecu.clone()].into())),
                        }
                    }
                    if bitmap.has_next() {
                        more.insert(read.ecu.clone());
                    }
                }
            }
            if more.is_empty() {
                break;
            }
            due = Some(more);
        }
        Ok(found)
    }
}

fn result(ecu: &str, request: &str, test: &TestResult) -> MonitorResult {
    let signed = test.uas >= 0x80;
    let plain = |raw: u16| if signed { f64::from(raw.cast_signed()) } else { f64::from(raw) };
    let (value, min, max, unit) = match test.scaled {
        Some(s) => (s.value, s.min, s.max, s.unit),
        None => (plain(test.raw[0]), plain(test.raw[1]), plain(test.raw[2]), ""),
    };
    // The ends of the scale stand for "no limit".
    let (lowest, highest) = if signed { (0x8000, 0x7FFF) } else { (0, 0xFFFF) };
    let [_, raw_min, raw_max] = test.raw;
    // A test that has not run to its end since codes were cleared has neither a value nor limits.
    let ran = test.raw != [0; 3];
    let (min, max) = ((raw_min != lowest && ran).then_some(min), (raw_max != highest && ran).then_some(max));
    MonitorResult {
        ecu: ecu.to_owned(),
        request: request.to_owned(),
        monitor: monitor(test.mid),
        test: name(test.tid),
        value,
        min,
        max,
        unit: unit.to_owned(),
        scaled: test.scaled.is_some(),
        ran,
        pass: test.pass && ran,
        margin: (test.pass && ran).then(|| margin(value, min, max)).flatten(),
    }
}

/// Between two limits: 1 in the middle. With one: 1 at zero or at twice the limit, whichever lies inside.
fn margin(value: f64, min: Option<f64>, max: Option<f64>) -> Option<f64> {
    let share = match (min, max) {
        (Some(min), Some(max)) if max > min => (value - min).min(max - value) / ((max - min) / 2.0),
        (None, Some(max)) if max > 0.0 => (max - value) / max,
        (Some(min), None) if min > 0.0 => (value - min) / min,
        _ => return None,
    };
    Some(share.clamp(0.0, 1.0))
}

/// Monitor ids of SAE J1979-DA.
fn monitor(mid: u8) -> String {
    let bank = |first: u8| (mid - first) + 1;
    let sensor = |first: u8| format!("bank {} sensor {}", (mid - first) / 4 + 1, (mid - first) % 4 + 1);
    match mid {
        0x01..=0x10 => format!("Oxygen sensor, {}", sensor(0x01)),
        0x21..=0x24 => format!("Catalyst, bank {}", bank(0x21)),
        0x31..=0x34 => format!("EGR, bank {}", bank(0x31)),
        0x35..=0x38 => format!("Variable valve timing, bank {}", bank(0x35)),
        0x39 => "Evaporative system, 3.8 mm or cap off".into(),
        0x3A => "Evaporative system, 2.3 mm".into(),
        0x3B => "Evaporative system, 1.0 mm".into(),
        0x3C => "Evaporative system, 0.5 mm".into(),
        0x3D => "Purge flow".into(),
        0x41..=0x50 => format!("Oxygen sensor heater, {}", sensor(0x41)),
        0x61..=0x64 => format!("Heated catalyst, bank {}", bank(0x61)),
        0x71..=0x74 => format!("Secondary air, {}", bank(0x71)),
        0x81..=0x84 => format!("Fuel system, bank {}", bank(0x81)),
        0xA1 => "Misfire, all cylinders".into(),
        0xA2..=0xAD => format!("Misfire, cylinder {}", bank(0xA2)),
        _ => format!("Monitor {mid:02X}"),
    }
}

/// Test ids that SAE J1979-DA assigns; the others are the maker's.
fn name(tid: u8) -> String {
    let known = match tid {
        0x01 => "Rich to lean threshold voltage",
        0x02 => "Lean to rich threshold voltage",
        0x03 => "Low voltage for switch time",
        0x04 => "High voltage for switch time",
        0x05 => "Rich to lean switch time",
        0x06 => "Lean to rich switch time",
        0x07 => "Smallest voltage in the test",
        0x08 => "Largest voltage in the test",
        0x09 => "Time between transitions",
        0x0A => "Period",
        0x0B => "Misfires, average of ten drives",
        0x0C => "Misfires, last or current drive",
        _ => return format!("Test {tid:02X}"),
    };
    known.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Context, decode};

    fn read(record: [u8; 9]) -> MonitorResult {
        let payload = [&[0x46], record.as_slice()].concat();
        let Answer::Tests { tests, .. } = decode(&payload, Context::default()).unwrap().answer else { panic!("tests") };
        result("7E8", "0601", &tests[0])
    }

    #[test]
    fn a_margin_is_the_way_to_the_nearer_limit() {
        for (value, min, max, expect) in [
            (5.0, Some(0.0), Some(10.0), Some(1.0)),
            (1.0, Some(0.0), Some(10.0), Some(0.2)),
            (10.0, Some(0.0), Some(10.0), Some(0.0)),
            (3.0, None, Some(4.0), Some(0.25)),
            (0.0, None, Some(4.0), Some(1.0)),
            (6.0, Some(4.0), None, Some(0.5)),
            (90.0, Some(4.0), None, Some(1.0)),
            (1.0, None, None, None),
            (1.0, Some(1.0), Some(1.0), None),
            (-3.0, Some(-4.0), None, None),
        ] {
            assert_eq!(margin(value, min, max), expect, "{value} {min:?} {max:?}");
        }
    }

    #[test]
    fn the_ends_of_the_scale_are_no_limits_and_zeros_are_no_result() {
        let two = read([0x01, 0x05, 0x10, 0x00, 0x30, 0x00, 0x10, 0x00, 0x96]);
        assert_eq!((two.value, two.min, two.max, two.unit.as_str()), (48.0, Some(16.0), Some(150.0), "ms"));
        assert_eq!(
            (two.monitor.as_str(), two.test.as_str()),
            ("Oxygen sensor, bank 1 sensor 1", "Rich to lean switch time")
        );
        let open = read([0xA2, 0x0B, 0x24, 0x00, 0x05, 0x00, 0x00, 0xFF, 0xFF]);
        assert_eq!((open.min, open.max, open.pass, open.margin), (None, None, true, None));
        let signed = read([0x3C, 0x81, 0xFD, 0xFF, 0x38, 0x80, 0x00, 0x00, 0x00]);
        assert_eq!((signed.value, signed.min, signed.max, signed.pass), (-0.2, None, Some(0.0), true));
        let none = read([0x21, 0x80, 0x1E, 0, 0, 0, 0, 0, 0]);
        assert!(!none.ran && !none.pass && none.margin.is_none() && none.max.is_none());
        let unknown = read([0xE1, 0xF0, 0x7A, 0x00, 0x07, 0x00, 0x00, 0x00, 0x06]);
        assert_eq!((unknown.value, unknown.max, unknown.scaled, unknown.pass), (7.0, Some(6.0), false, false));
        assert_eq!((unknown.monitor.as_str(), unknown.test.as_str()), ("Monitor E1", "Test F0"));
    }

    #[test]
    fn ids_of_the_standard_have_its_names() {
        for (mid, expect) in [
            (0x06, "Oxygen sensor, bank 2 sensor 2"),
            (0x10, "Oxygen sensor, bank 4 sensor 4"),
            (0x22, "Catalyst, bank 2"),
            (0x45, "Oxygen sensor heater, bank 2 sensor 1"),
            (0xA1, "Misfire, all cylinders"),
            (0xAD, "Misfire, cylinder 12"),
            (0xAE, "Monitor AE"),
            (0x11, "Monitor 11"),
        ] {
            assert_eq!(monitor(mid), expect);
        }
    }
}
