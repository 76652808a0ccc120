//! Units by every spelling that files use, and exact factors between those of one dimension. A value is converted by these only.

/// A unit.
#[derive(Debug, PartialEq)]
pub(crate) struct Unit {
    /// As the product writes it.
    pub(crate) name: &'static str,
    dimension: Dimension,
    /// `base = (value * mul) / div + add`.
    mul: f64,
    div: f64,
    add: f64,
    /// Other spellings, in lower case and without blanks.
    spelt: &'static [&'static str],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dimension {
    Temperature,
    Pressure,
    Speed,
    Length,
    MassFlow,
    VolumeFlow,
    Voltage,
    Current,
    Share,
    Time,
    Angle,
    Rotation,
    Torque,
    Power,
    Volume,
    Gallons,
    GallonFlow,
    Acceleration,
    Ratio,
    Consumption,
    Distance,
    MassPerStroke,
    Concentration,
}

const fn unit(name: &'static str, dimension: Dimension, mul: f64, div: f64, spelt: &'static [&'static str]) -> Unit {
    Unit { name, dimension, mul, div, add: 0.0, spelt }
}

use Dimension::*;

/// The base of each dimension is the product's own unit.
static UNITS: &[Unit] = &[
    unit("°C", Temperature, 1.0, 1.0, &["c", "degc", "celsius", "degreescelsius", "℃", "ºc", "grad", "gradc"]),
    Unit {
        name: "°F",
        dimension: Temperature,
        mul: 5.0,
        div: 9.0,
        add: -160.0 / 9.0,
        spelt: &["f", "degf", "fahrenheit", "℉", "ºf"],
    },
    Unit { name: "K", dimension: Temperature, mul: 1.0, div: 1.0, add: -273.15, spelt: &["kelvin"] },
    unit("kPa", Pressure, 1.0, 1.0, &["kilopascal", "kpaabs", "kpa(abs)"]),
    unit("Pa", Pressure, 1.0, 1000.0, &["pascal"]),
    unit("hPa", Pressure, 1.0, 10.0, &["mbar", "millibar"]),
    unit("bar", Pressure, 100.0, 1.0, &[]),
    unit("MPa", Pressure, 1000.0, 1.0, &[]),
    unit("psi", Pressure, 6.894757293168361, 1.0, &["lb/in²", "lbf/in²", "psia"]),
    // At 0 °C, the conventional one.
    unit("inHg", Pressure, 3.386389, 1.0, &["\"hg"]),
    unit("km/h", Speed, 1.0, 1.0, &["kmh", "kph", "kmph", "km/hr", "km/std"]),
    unit("mph", Speed, 1.609344, 1.0, &["mi/h", "miles/h", "miles/hour"]),
    unit("m/s", Speed, 3.6, 1.0, &["meters/second", "metres/second", "mps"]),
    unit("kn", Speed, 1.852, 1.0, &["knots", "kt"]),
    unit("km", Distance, 1.0, 1.0, &["kilometer", "kilometers", "kilometre", "kilometres"]),
    unit("mi", Distance, 1.609344, 1.0, &["mile", "miles"]),
    unit("m", Length, 1.0, 1.0, &["meter", "meters", "metre", "metres"]),
    unit("ft", Length, 0.3048, 1.0, &["feet", "foot"]),
    unit("g/s", MassFlow, 1.0, 1.0, &["gr/s", "gm/s", "gps", "g/sec", "grams/sec"]),
    unit("kg/h", MassFlow, 1000.0, 3600.0, &["kg/hr"]),
    unit("lb/min", MassFlow, 453.59237, 60.0, &["lbs/min"]),
    unit("L/h", VolumeFlow, 1.0, 1.0, &["l/hr", "l/std", "lph", "liters/hour", "litres/hour"]),
    unit("US gal/h", VolumeFlow, 3.785411784, 1.0, &["usgal/hr", "gal(us)/h", "gal(us)/hr"]),
    unit("UK gal/h", VolumeFlow, 4.54609, 1.0, &["ukgal/hr", "gal(uk)/h", "gal(uk)/hr"]),
    // Which of the two it is, nothing says.
    unit("gal/h", GallonFlow, 1.0, 1.0, &["gal/hr", "gph"]),
    unit("V", Voltage, 1.0, 1.0, &["volt", "volts", "vdc"]),
    unit("mV", Voltage, 1.0, 1000.0, &["millivolt"]),
    unit("A", Current, 1.0, 1.0, &["amp", "amps", "ampere"]),
    unit("mA", Current, 1.0, 1000.0, &["milliamp"]),
    unit("%", Share, 1.0, 1.0, &["percent", "pct", "prozent", "procent"]),
    unit("s", Time, 1.0, 1.0, &["sec", "secs", "second", "seconds", "sek"]),
    unit("ms", Time, 1.0, 1000.0, &["millisecond", "milliseconds"]),
    unit("min", Time, 60.0, 1.0, &["minute", "minutes", "mins"]),
    unit("h", Time, 3600.0, 1.0, &["hour", "hours", "hr", "hrs", "std"]),
    unit("°", Angle, 1.0, 1.0, &["deg", "degree", "degrees", "º", "°btdc", "°kw"]),
    unit("rpm", Rotation, 1.0, 1.0, &["r/min", "1/min", "u/min", "rev/min", "/min", "min-1", "rpms"]),
    unit("Nm", Torque, 1.0, 1.0, &["n·m", "n*m", "newtonmeter"]),
    unit("lb·ft", Torque, 1.3558179483314004, 1.0, &["ft-lb", "lb-ft", "ftlb", "lbft", "lb.ft", "ft*lb"]),
    unit("kW", Power, 1.0, 1.0, &["kilowatt"]),
    unit("W", Power, 1.0, 1000.0, &["watt"]),
    // The mechanical one; that of the metric system has its own names.
    unit("hp", Power, 0.7456998715822702, 1.0, &["bhp"]),
    unit("PS", Power, 0.73549875, 1.0, &["cv", "ch"]),
    unit("L", Volume, 1.0, 1.0, &["liter", "litre", "liters", "litres", "ltr"]),
    unit("US gal", Volume, 3.785411784, 1.0, &["gal(us)", "usgallon", "usgallons"]),
    unit("UK gal", Volume, 4.54609, 1.0, &["gal(uk)", "ukgallon", "ukgallons", "impgal"]),
    unit("gal", Gallons, 1.0, 1.0, &["gallon", "gallons"]),
    unit("g", Acceleration, 1.0, 1.0, &["g-force"]),
    unit("lambda", Ratio, 1.0, 1.0, &["λ"]),
    unit("L/100 km", Consumption, 1.0, 1.0, &["l/100"]),
    unit("mg/stroke", MassPerStroke, 1.0, 1.0, &["mg/str", "mg/hub"]),
    unit("ppm", Concentration, 1.0, 1.0, &[]),
];

/// All of them as the product writes them.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    UNITS.iter().map(|u| u.name)
}

/// A unit by one of its spellings.
pub(crate) fn find(text: &str) -> Option<&'static Unit> {
    let bare = bare(text);
    if bare.is_empty() || bare.len() > 24 {
        return None;
    }
    UNITS.iter().find(|u| u.name.to_lowercase().replace(' ', "") == bare || u.spelt.contains(&bare.as_str()))
}

/// Lower case without blanks and brackets; a degree sign that was read in the wrong alphabet is one.
fn bare(text: &str) -> String {
    let text = text.trim().trim_matches(['[', ']', '(', ')']);
    let text = text.replace("\u{c2}\u{b0}", "°").replace("В°", "°");
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// How values of one unit become those of another; `None` where they are not of one dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Conversion {
    /// They are the same.
    None,
    /// To the base of the dimension and from there.
    By { from: &'static Unit, to: &'static Unit },
}

impl Conversion {
    pub(crate) fn between(from: &'static Unit, to: &'static Unit) -> Option<Self> {
        if from.name == to.name {
            return Some(Self::None);
        }
        (from.dimension == to.dimension).then_some(Self::By { from, to })
    }

    #[inline]
    pub(crate) fn apply(self, value: f64) -> f64 {
        match self {
            Self::None => value,
            Self::By { from, to } => {
                let base = value * from.mul / from.div + from.add;
                (base - to.add) * to.div / to.mul
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_known_by_their_spellings_and_each_spelling_is_of_one() {
        for (text, expect) in [
            ("°C", "°C"),
            ("[°C]", "°C"),
            ("(Â°C)", "°C"),
            ("Â°C", "°C"),
            ("kmh", "km/h"),
            ("km / h", "km/h"),
            ("RPM", "rpm"),
            ("KPA", "kPa"),
            ("m", "m"),
            ("Meters/second", "m/s"),
            ("l/100km", "L/100 km"),
        ] {
            assert_eq!(find(text).map(|u| u.name), Some(expect), "{text}");
        }
        for none in ["", "furlong", "   ", "°X", &"x".repeat(40)] {
            assert_eq!(find(none), None, "{none}");
        }
        let mut all: Vec<String> = UNITS.iter().map(|u| bare(u.name)).collect();
        all.extend(UNITS.iter().flat_map(|u| u.spelt).map(|s| (*s).to_owned()));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count, "because a spelling means one unit");
    }

    #[test]
    fn values_convert_within_a_dimension() {
        for (value, from, to, expect) in [
            (212.0, "°F", "°C", 100.0),
            (-40.0, "°F", "°C", -40.0),
            (300.0, "K", "°C", 26.85),
            (14.503773773, "psi", "kPa", 100.0),
            (1.0, "bar", "kPa", 100.0),
            (60.0, "mph", "km/h", 96.56064),
            (1.0, "kPa", "Pa", 1000.0),
            (90.0, "s", "min", 1.5),
            (10.0, "m/s", "km/h", 36.0),
            (0.5, "V", "mV", 500.0),
        ] {
            let conversion = Conversion::between(find(from).unwrap(), find(to).unwrap()).unwrap();
            assert!((conversion.apply(value) - expect).abs() < 1e-6, "{value} {from}");
        }
        let same = Conversion::between(find("km/h").unwrap(), find("kmh").unwrap());
        assert_eq!(same, Some(Conversion::None), "because what has the unit already stays bit by bit");
        assert_eq!(Conversion::between(find("km/h").unwrap(), find("°C").unwrap()), None);
        assert_eq!(
            Conversion::between(find("gal/h").unwrap(), find("L/h").unwrap()),
            None,
            "because a gallon is one of two"
        );
        assert_eq!(
            Conversion::between(find("m").unwrap(), find("km").unwrap()),
            None,
            "because an altitude is no trip"
        );
    }
}
