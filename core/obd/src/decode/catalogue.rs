//! What each PID of service 01 can say, before any ECU says it: for pickers, dials, and for reading several at once.

use super::{
    live,
    pids::{self, Length, Number, Take},
};

/// A signal that a PID can hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Described {
    /// Machine name, as in `engine_rpm`.
    pub name: &'static str,
    /// Name for people, as in `Engine speed`.
    pub label: &'static str,
    /// Unit; empty where the standard gives none, and for words and flags.
    pub unit: &'static str,
    /// Least and greatest value the encoding can hold; `None` for words and flags.
    pub range: Option<(f64, f64)>,
}

/// The signals of a PID, in the order of a reply. Empty for what is no signal (bitmaps, the freeze frame's cause) or is
/// published nowhere. Of PID 41 nothing is given: the byte with lamp and count is reserved there.
pub fn signals(pid: u8) -> Vec<Described> {
    if pid == 0x01 {
        let [mil, count] = [&live::MIL, &live::DTC_COUNT];
        return vec![
            Described { name: mil.name, label: mil.label, unit: "", range: None },
            Described { name: count.name, label: count.label, unit: "", range: Some((0.0, 127.0)) },
        ];
    }
    let mut all: Vec<Described> = Vec::new();
    let Some(known) = pids::find(pid) else { return all };
    for field in known.fields.iter().chain(known.earlier.unwrap_or_default()) {
        let (unit, range) = match &field.take {
            Take::Number(number) => (number.unit, Some(range(number))),
            Take::Enumerated { .. } | Take::Flag { .. } => ("", None),
        };
        let described = Described { name: field.meaning.name, label: field.meaning.label, unit, range };
        // A signal that comes in two scalings or editions is one signal, with the wider range.
        match all.iter_mut().find(|d| d.name == described.name) {
            Some(same) => {
                same.range = same.range.zip(range).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1)));
            }
            None => all.push(described),
        }
    }
    all
}

/// Whether a PID may stand in a request with others: its length is published and always the same, so a reply to several
/// can be taken apart in one way only.
pub fn joins(pid: u8) -> bool {
    pid == 0x01 || pids::find(pid).is_some_and(|known| matches!(known.length, Length::Exact(_)))
}

fn range(number: &Number) -> (f64, f64) {
    let (mut least, mut greatest) = match (number.signed, number.width) {
        (true, 2) => (f64::from(i16::MIN), f64::from(i16::MAX)),
        (_, 1) => (0.0, f64::from(u8::MAX)),
        (_, 2) => (0.0, f64::from(u16::MAX)),
        _ => (0.0, f64::from(u32::MAX)),
    };
    match number.absent.or(number.doubtful).map(f64::from) {
        Some(raw) if raw == least => least += 1.0,
        Some(raw) if raw == greatest => greatest -= 1.0,
        _ => {}
    }
    let value = |raw: f64| raw * number.mul / number.div + number.add;
    (value(least), value(greatest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Context, Reading, decode};

    #[test]
    fn a_signal_is_described_as_the_standard_has_it() {
        for (pid, name, unit, range) in [
            (0x0C, "engine_rpm", "rpm", Some((0.0, 16383.75))),
            (0x05, "coolant_temperature", "°C", Some((-40.0, 215.0))),
            (0x04, "calculated_engine_load", "%", Some((0.0, 100.0))),
            (0x32, "evap_vapor_pressure", "Pa", Some((-8192.0, 8191.75))),
            (0x14, "o2_sensor_1_short_term_fuel_trim", "%", Some((-100.0, 98.4375))),
            (0x03, "fuel_system_1_status", "", None),
            (0x01, "mil", "", None),
        ] {
            let found = signals(pid).into_iter().find(|d| d.name == name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!((found.unit, found.range), (unit, range), "{name}");
        }
        for none in [0x00, 0x02, 0x20, 0x41, 0xB3] {
            assert_eq!(signals(none), [], "{none:02X}");
        }
    }

    #[test]
    fn no_value_leaves_its_range_and_every_signal_is_in_the_catalogue() {
        let mut seen = 0;
        for pid in (0..=0xFFu8).filter(|p| *p != 0x41) {
            for length in 1usize..=41 {
                for fill in [0x00u8, 0x01, 0x7F, 0x80, 0xFE, 0xFF] {
                    let payload: Vec<u8> = [0x41, pid].into_iter().chain(std::iter::repeat_n(fill, length)).collect();
                    let Ok(decoded) = decode(&payload, Context::default()) else { continue };
                    let Some(values) = decoded.values() else { continue };
                    for signal in values.signals.iter().filter(|s| s.meaning.is_some() && s.id == u16::from(pid)) {
                        let described = signals(pid).into_iter().find(|d| d.name == signal.name());
                        let described = described.unwrap_or_else(|| panic!("{pid:02X} {}", signal.name()));
                        // What is in doubt stays as sent.
                        let doubtful = fill == 0xFF && matches!(signal.reading, Reading::Raw(_));
                        assert_eq!(
                            signal.number().is_some() || doubtful,
                            described.range.is_some(),
                            "{pid:02X} {}",
                            described.name
                        );
                        if let (Some(value), Some((least, greatest))) = (signal.number(), described.range) {
                            assert!((least..=greatest).contains(&value), "{pid:02X} {}: {value}", described.name);
                            seen += 1;
                        }
                    }
                }
            }
        }
        assert!(seen > 1500, "{seen}");
    }

    #[test]
    fn a_pid_of_two_lengths_joins_no_others() {
        for (pid, expect) in [(0x0C, true), (0x06, false), (0x01, true), (0x00, false), (0xB3, false)] {
            assert_eq!(joins(pid), expect, "{pid:02X}");
        }
    }
}
