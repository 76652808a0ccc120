//! One value on a scale, for the few signals that are read so in a vehicle.

use super::path;
use roadworthy_api::live::SignalInfo;

/// Where the arc begins and ends, in degrees clockwise from three o'clock.
const FROM: f64 = 150.0;
const TO: f64 = 390.0;
/// Middle and radius in a drawing of 100 by 78.
const MIDDLE: (f64, f64) = (50.0, 50.0);
const RADIUS: f64 = 42.0;

/// A drawing of 100 by 78.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Dial {
    /// Path of the whole arc.
    pub(crate) arc: String,
    /// Path of the arc up to the value; empty without one.
    pub(crate) value: String,
    /// Path of the needle; empty without a value.
    pub(crate) needle: String,
}

/// The scale of a signal's dial, if it suits one: what a driver knows where that is less than the encoding holds, and the
/// encoding's own range once a value is beyond it.
pub(crate) fn suits(signal: &SignalInfo, value: Option<f64>) -> Option<(f64, f64)> {
    let (lo, hi) = signal.range?;
    let known = match (signal.name.as_str(), signal.unit.as_str()) {
        (_, "rpm") => (0.0, 8000.0),
        ("vehicle_speed", _) => (0.0, 240.0),
        (name, "°C") if name.contains("catalyst") || name.contains("exhaust") => (0.0, 1000.0),
        (_, "°C") => (-40.0, 140.0),
        (name, "%") if name.contains("fuel_trim") => (-25.0, 25.0),
        (_, "%") => (lo, hi),
        _ => return None,
    };
    let known: (f64, f64) = (known.0.max(lo), known.1.min(hi));
    let beyond = value.is_some_and(|v| v < known.0 || v > known.1);
    Some(if beyond { (lo, hi) } else { known })
}

/// Draws a value on the scale from `lo` to `hi`; a value outside stands at the end.
pub(crate) fn dial(value: Option<f64>, (lo, hi): (f64, f64)) -> Dial {
    let mut drawn = Dial { arc: arc(FROM, TO), ..Dial::default() };
    let Some(value) = value.filter(|_| hi > lo) else { return drawn };
    let on = |v: f64| FROM + ((v - lo) / (hi - lo)).clamp(0.0, 1.0) * (TO - FROM);
    // A scale that reaches as far below nought as above is filled from nought: what counts is how far off it is.
    let even = lo < 0.0 && (lo + hi).abs() < (hi - lo) * 0.1;
    let (base, angle) = (if even { on(0.0) } else { FROM }, on(value));
    if (angle - base).abs() > 0.1 {
        drawn.value = arc(base.min(angle), base.max(angle));
    }
    let (inner, outer) = (point(angle, RADIUS - 16.0), point(angle, RADIUS + 5.0));
    path::to(&mut drawn.needle, 'M', inner.0, inner.1);
    path::to(&mut drawn.needle, 'L', outer.0, outer.1);
    drawn
}

fn point(angle: f64, radius: f64) -> (f64, f64) {
    let (sin, cos) = angle.to_radians().sin_cos();
    (MIDDLE.0 + radius * cos, MIDDLE.1 + radius * sin)
}

fn arc(from: f64, to: f64) -> String {
    let (a, b) = (point(from, RADIUS), point(to, RADIUS));
    let mut out = String::new();
    path::to(&mut out, 'M', a.0, a.1);
    out.push_str("A42 42 0 ");
    out.push_str(if to - from > 180.0 { "1 1 " } else { "0 1 " });
    path::put(&mut out, b.0);
    out.push(' ');
    path::put(&mut out, b.1);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(name: &str, unit: &str, range: Option<(f64, f64)>) -> SignalInfo {
        SignalInfo {
            id: String::new(),
            ecu: String::new(),
            ecu_name: String::new(),
            pid: String::new(),
            name: name.into(),
            label: String::new(),
            unit: unit.into(),
            range,
        }
    }

    #[test]
    fn few_signals_suit_a_dial_and_its_scale_holds_the_value() {
        for (name, unit, range, value, expect) in [
            ("engine_rpm", "rpm", Some((0.0, 16_383.75)), Some(812.0), Some((0.0, 8000.0))),
            ("engine_rpm", "rpm", Some((0.0, 16_383.75)), Some(9000.0), Some((0.0, 16_383.75))),
            ("vehicle_speed", "km/h", Some((0.0, 255.0)), None, Some((0.0, 240.0))),
            ("coolant_temperature", "°C", Some((-40.0, 215.0)), Some(83.0), Some((-40.0, 140.0))),
            ("short_term_fuel_trim_bank_1", "%", Some((-100.0, 99.2)), Some(3.0), Some((-25.0, 25.0))),
            ("short_term_fuel_trim_bank_1", "%", Some((-100.0, 99.2)), Some(-40.0), Some((-100.0, 99.2))),
            ("run_time", "s", Some((0.0, 65_535.0)), None, None),
            ("fuel_system_status", "", None, None, None),
        ] {
            assert_eq!(suits(&signal(name, unit, range), value), expect, "{name} {value:?}");
        }
    }

    #[test]
    fn the_needle_stands_where_the_value_is() {
        for (value, expect) in [
            (Some(50.0), "M50 24L50 3"),
            (Some(-5.0), "M27.5 63L9.3 73.5"),
            (Some(0.0), "M27.5 63L9.3 73.5"),
            (Some(200.0), "M72.5 63L90.7 73.5"),
            (None, ""),
        ] {
            assert_eq!(dial(value, (0.0, 100.0)).needle, expect, "{value:?}");
        }
        assert_eq!(dial(Some(-10.0), (-25.0, 25.0)).value, "M18.8 21.9A42 42 0 0 1 50 8", "from the middle");
        assert_eq!(dial(Some(0.0), (0.0, 100.0)).value, "", "nothing is filled at the least value");
        assert_eq!(dial(Some(1.0), (5.0, 5.0)).needle, "", "a scale of no length shows nothing");
    }
}
