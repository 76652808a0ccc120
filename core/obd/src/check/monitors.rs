//! On-board monitoring: every test that an ECU names, with its limits. On CAN by monitor (service 06, or `22 F6xx`); before
//! CAN tests of components (service 06) and of oxygen sensors (service 05).

use super::{coverage::Silence, ecus::Known, run::Check};
use crate::{
    adapter::Request,
    decode::{Answer, ComponentTest, Limit, OxygenTest, TestResult, monitor_name, test_name},
    protocol::Protocol,
};
use roadworthy_api::{Error, check::MonitorResult};
use std::collections::BTreeSet;

pub(super) const QUESTION: &str = "On-board monitors";
const SENSORS: &str = "Oxygen sensor tests";
/// PIDs that say which oxygen sensors there are, a bit for each.
const PLACES: [u8; 2] = [0x13, 0x1D];

/// Ids with the ECUs that name them, in the order named.
pub(super) type Named = Vec<(u8, BTreeSet<String>)>;

impl Check<'_> {
    /// Service 06, or what takes its place.
    pub(super) async fn monitors(&mut self) -> Result<(), Error> {
        for dialect in self.dialects() {
            let named = self.named(QUESTION, |_| Silence::Counts, |base| dialect.monitor(base)).await?;
            self.plan(i32::try_from(named.len()).unwrap_or(0));
            for (id, holders) in named {
                let request = Request::new(&dialect.monitor(id))?;
                let meant = |k: &Known| if holders.contains(&k.ecu.id) { Silence::Counts } else { Silence::Nothing };
                for read in self.ask(&request, QUESTION, meant).await?.read {
                    let (ecu, request) = (read.ecu.as_str(), request.hex());
                    match &read.decoded.answer {
                        Answer::Tests { tests, .. } => {
                            self.report.monitors.extend(tests.iter().map(|test| of_monitor(ecu, request, test)));
                        }
                        Answer::Components(tests) => {
                            self.report.monitors.extend(tests.iter().map(|test| of_component(ecu, request, test)));
                        }
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// Service 05, which only buses older than CAN have, of the sensors that present values name. Asked for by their bit there,
    /// as freediag does.
    pub(super) async fn oxygen_sensors(&mut self) -> Result<(), Error> {
        if self.adapter().protocol().is_none_or(Protocol::is_can) {
            return Ok(());
        }
        for place in self.sensors() {
            let of_those = |k: &Known| {
                let names = k.pids.as_ref().is_some_and(|pids| PLACES.iter().any(|pid| pids.contains(pid)));
                if names { Silence::Counts } else { Silence::Nothing }
            };
            let named = self.named(SENSORS, of_those, |base| vec![0x05, base, place]).await?;
            // Who has no list for one sensor has none for the others.
            if named.is_empty() {
                break;
            }
            self.plan(i32::try_from(named.len()).unwrap_or(0));
            for (id, holders) in named {
                let request = Request::new(&[0x05, id, place])?;
                let meant = |k: &Known| if holders.contains(&k.ecu.id) { Silence::Counts } else { Silence::Nothing };
                for read in self.ask(&request, SENSORS, meant).await?.read {
                    if let Answer::Oxygen(test) = &read.decoded.answer {
                        self.report.monitors.push(of_sensor(&read.ecu, request.hex(), test));
                    }
                }
            }
        }
        Ok(())
    }

    /// Oxygen sensors that present values name, each by its bit.
    fn sensors(&self) -> Vec<u8> {
        let names = |pid: &str| u8::from_str_radix(pid, 16).is_ok_and(|pid| PLACES.contains(&pid));
        let answers = self.report.snapshot.iter().filter(|r| names(&r.item.pid));
        let bits = answers.filter_map(|r| u8::from_str_radix(r.raw.get(4..6)?, 16).ok()).fold(0, |all, b| all | b);
        (0..8).map(|bit| 1 << bit).filter(|bit| bits & bit != 0).collect()
    }

    /// Ids that ECUs name in their lists; `request` asks for the list that starts at a base, and `first` says what an
    /// ECU's silence on the first one means.
    pub(super) async fn named(
        &mut self,
        question: &str,
        first: impl Fn(&Known) -> Silence,
        request: impl Fn(u8) -> Vec<u8>,
    ) -> Result<Named, Error> {
        let mut found = Named::new();
        let mut due: Option<BTreeSet<String>> = None;
        for base in (0..=0xE0u8).step_by(0x20) {
            let waited = due.take();
            let request = Request::new(&request(base))?;
            if let Some(waited) = &waited {
                // A list is one frame on every bus.
                self.expect(&request, waited.clone(), 1);
            }
            self.plan(1);
            let meant = |k: &Known| match &waited {
                None => first(k),
                Some(waited) if waited.contains(&k.ecu.id) => Silence::Counts,
                Some(_) => Silence::Nothing,
            };
            let mut more = BTreeSet::new();
            for read in self.ask(&request, question, meant).await?.read {
                for bitmap in read.decoded.supported() {
                    for id in bitmap.ids().map(|id| id.to_be_bytes()[1]).filter(|id| id % 0x20 != 0) {
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

fn of_monitor(ecu: &str, request: &str, test: &TestResult) -> MonitorResult {
    let (value, min, max, unit) = match (test.scaled, test.numbers().map(f64::from)) {
        (Some(s), _) => (s.value, s.min, s.max, s.unit),
        (None, [value, min, max]) => (value, min, max, ""),
    };
    let ran = test.completed();
    MonitorResult {
        ecu: ecu.to_owned(),
        request: request.to_owned(),
        monitor: monitor_name(test.mid).unwrap_or_else(|| format!("Monitor {:02X}", test.mid)),
        test: named_test(test.tid),
        value,
        min: test.bounded(Limit::Minimum).then_some(min),
        max: test.bounded(Limit::Maximum).then_some(max),
        unit: unit.to_owned(),
        scaled: test.scaled.is_some(),
        ran,
        pass: test.pass && ran,
        margin: test.margin().and_then(|m| m.room),
    }
}

/// Tests, components and scaling are the maker's here.
fn of_component(ecu: &str, request: &str, test: &ComponentTest) -> MonitorResult {
    let ran = test.completed();
    let bound = |limit| (test.limit == limit && ran).then(|| f64::from(test.bound));
    MonitorResult {
        ecu: ecu.to_owned(),
        request: request.to_owned(),
        monitor: format!("Component {:02X}", test.component),
        test: format!("Test {:02X}", test.tid),
        value: test.value.into(),
        min: bound(Limit::Minimum),
        max: bound(Limit::Maximum),
        unit: String::new(),
        scaled: false,
        ran,
        pass: test.pass() && ran,
        margin: None,
    }
}

fn of_sensor(ecu: &str, request: &str, test: &OxygenTest) -> MonitorResult {
    let (step, unit) = test.scale().unwrap_or((1.0, ""));
    let scaled = |raw: u8| f64::from(raw) * step;
    let sensor = match test.sensor() {
        Some(sensor) => format!("Oxygen sensor, bank 1 sensor {sensor}"),
        None => format!("Oxygen sensor, sent as {:02X}", test.place),
    };
    MonitorResult {
        ecu: ecu.to_owned(),
        request: request.to_owned(),
        monitor: sensor,
        test: test.name().map_or_else(|| format!("Test {:02X}", test.tid), str::to_owned),
        value: scaled(test.raw),
        min: test.limits.map(|[min, _]| scaled(min)),
        max: test.limits.map(|[_, max]| scaled(max)),
        unit: unit.to_owned(),
        scaled: test.scale().is_some(),
        ran: true,
        // A constant has no limits to break.
        pass: test.pass().unwrap_or(true),
        margin: test.room(),
    }
}

fn named_test(tid: u8) -> String {
    test_name(tid).map_or_else(|| format!("Test {tid:02X}"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Context, decode};

    fn read(record: [u8; 9]) -> MonitorResult {
        let payload = [&[0x46], record.as_slice()].concat();
        let Answer::Tests { tests, .. } = decode(&payload, Context::default()).unwrap().answer else { panic!("tests") };
        of_monitor("7E8", "0601", &tests[0])
    }

    #[test]
    fn the_ends_of_the_range_are_no_limits_and_zeros_are_no_result() {
        let two = read([0x01, 0x05, 0x10, 0x00, 0x30, 0x00, 0x10, 0x00, 0x90]);
        assert_eq!((two.value, two.min, two.max, two.unit.as_str()), (48.0, Some(16.0), Some(144.0), "ms"));
        assert_eq!((two.margin, two.pass, two.scaled), (Some(0.5), true, true));
        assert!(two.monitor.contains("bank 1 sensor 1") && !two.test.starts_with("Test"), "{two:?}");
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
    fn tests_before_can_keep_to_what_is_known() {
        let legacy = Context { legacy: true, ..Context::default() };
        let component = |payload: &[u8]| match decode(payload, legacy).unwrap().answer {
            Answer::Components(tests) => of_component("10", "0605", &tests[0]),
            other => panic!("{other:?}"),
        };
        let over = component(&[0x46, 0x05, 0x02, 0x01, 0x23, 0x01, 0x00]);
        assert_eq!((over.value, over.min, over.max, over.pass, over.scaled), (291.0, None, Some(256.0), false, false));
        let under = component(&[0x46, 0x05, 0x82, 0x00, 0x30, 0x00, 0x10]);
        assert_eq!((under.min, under.max, under.pass), (Some(16.0), None, true));
        let cleared = component(&[0x46, 0x05, 0x82, 0x00, 0x00, 0x00, 0x00]);
        assert_eq!((cleared.ran, cleared.pass, cleared.min), (false, false, None));
        let sensor = |payload: &[u8]| match decode(payload, legacy).unwrap().answer {
            Answer::Oxygen(test) => of_sensor("10", "050501", &test),
            other => panic!("{other:?}"),
        };
        let computed = sensor(&[0x45, 0x05, 0x01, 0x0A, 0x00, 0x28]);
        assert_eq!(
            (computed.value, computed.max, computed.unit.as_str(), computed.margin),
            (0.04, Some(0.16), "s", Some(0.5))
        );
        assert_eq!(computed.monitor, "Oxygen sensor, bank 1 sensor 1");
        let constant = sensor(&[0x45, 0x01, 0x01, 0x5A]);
        assert_eq!((constant.value, constant.min, constant.pass, constant.margin), (0.45, None, true, None));
        assert_eq!(sensor(&[0x45, 0x01, 0x10, 0x5A]).monitor, "Oxygen sensor, sent as 10");
    }
}
