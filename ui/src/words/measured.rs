//! What was measured by hand, in words; and numbers as people type them.

use crate::locale;
use roadworthy_api::note::{Measured, MeasurementRow, Wheel};

/// A wheel in words.
pub(crate) fn wheel_word(wheel: Wheel) -> &'static str {
    match wheel {
        Wheel::FrontLeft => "front left",
        Wheel::FrontRight => "front right",
        Wheel::RearLeft => "rear left",
        Wheel::RearRight => "rear right",
        Wheel::Spare => "spare",
    }
}

/// A wheel as its class and test id.
pub(crate) fn wheel_key(wheel: Wheel) -> &'static str {
    match wheel {
        Wheel::FrontLeft => "front-left",
        Wheel::FrontRight => "front-right",
        Wheel::RearLeft => "rear-left",
        Wheel::RearRight => "rear-right",
        Wheel::Spare => "spare",
    }
}

/// What was measured.
pub(crate) fn what_word(measured: &Measured) -> String {
    match measured {
        Measured::Odometer { .. } => "Odometer".into(),
        Measured::BrakePad { wheel, .. } => format!("Brake pad, {}", wheel_word(*wheel)),
        Measured::Tread { wheel, .. } => format!("Tread, {}", wheel_word(*wheel)),
        Measured::Battery { .. } => "Battery test".into(),
        Measured::Oil { .. } => "Engine oil".into(),
    }
}

/// The figures with their units.
pub(crate) fn measured_line(measured: &Measured) -> String {
    let number = |value: f64, digits: u8, unit: &str| format!("{} {unit}", locale::number(value, digits));
    match measured {
        Measured::Odometer { km } => number(*km, 0, "km"),
        Measured::BrakePad { mm, .. } | Measured::Tread { mm, .. } => number(*mm, 1, "mm"),
        Measured::Battery { volts, cold_cranking_amps, health_percent } => {
            let parts = [
                volts.map(|v| number(v, 2, "V at rest")),
                cold_cranking_amps.map(|a| number(a, 0, "A cold cranking")),
                health_percent.map(|h| number(h, 0, "% health")),
            ];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
        Measured::Oil { grade, specification } if specification.trim().is_empty() => grade.clone(),
        Measured::Oil { grade, specification } => format!("{grade}, {specification}"),
    }
}

/// The newest of each kind and wheel, in the order of the list, which is newest first.
pub(crate) fn newest(rows: &[MeasurementRow]) -> Vec<&MeasurementRow> {
    let mut seen: Vec<String> = Vec::new();
    rows.iter()
        .filter(|row| {
            let what = what_word(&row.measured);
            let new = !seen.contains(&what);
            if new {
                seen.push(what);
            }
            new
        })
        .collect()
}

/// A number as typed, with a point or a comma. Spaces and apostrophes group digits. One that could be read two ways, as
/// 123.456 km, is refused where `whole` is asked for. `Ok(None)`: nothing typed.
pub(crate) fn typed_number(text: &str, whole: bool) -> Result<Option<f64>, &'static str> {
    let plain: String =
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’' | '\u{a0}' | '\u{202f}')).collect();
    if plain.is_empty() {
        return Ok(None);
    }
    let separators = plain.matches(['.', ',']).count();
    if separators > 1 || (whole && separators == 1 && plain.rsplit(['.', ',']).next().is_some_and(|t| t.len() == 3)) {
        return Err("Write it without dots or commas between thousands.");
    }
    if plain.chars().any(|c| !c.is_ascii_digit() && !matches!(c, '.' | ',')) {
        return Err("Write a number.");
    }
    plain.replace(',', ".").parse().map(Some).map_err(|_| "Write a number.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        for (text, whole, expect) in [
            ("", true, Ok(None)),
            ("  ", false, Ok(None)),
            ("123456", true, Ok(Some(123_456.0))),
            ("123 456", true, Ok(Some(123_456.0))),
            ("123'456", true, Ok(Some(123_456.0))),
            ("123456,5", true, Ok(Some(123_456.5))),
            ("7,5", false, Ok(Some(7.5))),
            ("7.25", false, Ok(Some(7.25))),
            ("12.455", false, Ok(Some(12.455))),
            ("123.456", true, Err(())),
            ("1.234.567", true, Err(())),
            ("-3", false, Err(())),
            ("1e3", false, Err(())),
            ("7 mm", false, Err(())),
            (".", false, Err(())),
        ] {
            assert_eq!(typed_number(text, whole).map_err(|_| ()), expect, "{text}");
        }
    }

    #[test]
    fn figures_carry_their_units() {
        for (measured, what, line) in [
            (Measured::Odometer { km: 81_250.0 }, "Odometer", "81250 km"),
            (Measured::Tread { wheel: Wheel::RearLeft, mm: 4.5 }, "Tread, rear left", "4.5 mm"),
            (
                Measured::Battery { volts: Some(12.6), cold_cranking_amps: None, health_percent: Some(81.0) },
                "Battery test",
                "12.60 V at rest, 81 % health",
            ),
            (Measured::Oil { grade: "5W-30".into(), specification: String::new() }, "Engine oil", "5W-30"),
        ] {
            assert_eq!((what_word(&measured).as_str(), measured_line(&measured).as_str()), (what, line));
        }
    }

    #[test]
    fn the_newest_of_each_stands_for_it() {
        let row = |at, measured| MeasurementRow {
            service: None,
            id: None,
            at,
            source: String::new(),
            measured,
            confirmed: false,
            remark: None,
        };
        let tread = |wheel, mm| Measured::Tread { wheel, mm };
        let rows = [
            row(5, tread(Wheel::FrontLeft, 4.0)),
            row(4, tread(Wheel::FrontRight, 4.1)),
            row(3, tread(Wheel::FrontLeft, 6.0)),
            row(2, Measured::Odometer { km: 9.0 }),
        ];
        assert_eq!(newest(&rows).iter().map(|r| r.at).collect::<Vec<_>>(), [5, 4, 2]);
    }
}
