//! What a column is, by its name and unit alone.

use super::{
    known::{self, Known},
    unit::{self, Conversion},
};
use roadworthy_api::import::ColumnMapping;

/// Names of columns that say where somebody was.
const PLACES: &[&str] =
    &["latitude", "longitude", "lat", "lon", "lng", "gps latitude", "gps longitude", "breitengrad", "langengrad"];
/// Names of columns that count rows or name things.
const COUNTS: &[&str] = &[
    "ord",
    "index",
    "no",
    "nr",
    "row",
    "id",
    "vehicle id",
    "trip id",
    "session id",
    "vin",
    "driver",
    "driver id",
    "plate",
];

/// A column as it is taken unless somebody says otherwise. `unit`: said beside it, else in its name.
pub(crate) fn column(name: &str, unit: Option<&str>, location: bool) -> ColumnMapping {
    let (bare, in_name) = known::header(name);
    let words = known::words(&bare);
    let found = unit.map(str::to_owned).or(in_name).unwrap_or_default();
    let mut column =
        ColumnMapping { column: name.to_owned(), take: true, unit_found: found.clone(), ..ColumnMapping::default() };
    if PLACES.contains(&words.as_str()) && !location {
        column.take = false;
        column.left_out =
            "It says where somebody was, which is personal: it is taken only where that is asked for.".into();
    } else if COUNTS.contains(&words.as_str()) {
        column.take = false;
        column.left_out = "It names or counts, and is no reading.".into();
    }
    match known::find(&bare).filter(|known| fits(known, &found)) {
        Some(known) => {
            column.signal = known.id();
            column.label = known.label.to_owned();
            column.unit = known.unit.to_owned();
            if found.is_empty() && !known.unit.is_empty() {
                column.guessed = format!("No unit is given: taken for {}.", known.unit);
            }
        }
        None => {
            column.signal = format!("::{}", known::slug(&bare));
            column.label = if bare.is_empty() { "Unnamed".to_owned() } else { bare };
            // One that is known is written as the product writes it.
            column.unit = unit::find(&found).map_or(found, |u| u.name.to_owned());
        }
    }
    column
}

/// Whether values of the unit that was found can be those of a known signal.
fn fits(known: &Known, found: &str) -> bool {
    match (unit::find(found), unit::find(known.unit)) {
        _ if found.is_empty() => true,
        (Some(from), Some(to)) => Conversion::between(from, to).is_some(),
        (Some(from), None) => known.unit.is_empty() && from.name == "lambda",
        (None, _) => known.unit.is_empty() && matches!(found.to_lowercase().as_str(), "ratio" | "count" | "-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_a_known_signal_where_name_and_unit_agree() {
        for (name, unit, signal, to) in [
            ("Engine RPM [RPM]", None, ":0C:engine_rpm", "rpm"),
            ("Intake Manifold Pressure(psi)", None, ":0B:intake_manifold_pressure", "kPa"),
            ("ENGINE_RPM ()", None, ":0C:engine_rpm", "rpm"),
            ("Vehicle speed", Some("mph"), ":0D:vehicle_speed", "km/h"),
            ("Vehicle speed", Some("rpm"), "::vehicle_speed", "rpm"),
            ("Boost [bar]", None, "::boost", "bar"),
            ("Boost [furlong]", None, "::boost", "furlong"),
            ("Commanded Equivalence Ratio(lambda)", None, ":44:commanded_equivalence_ratio", ""),
        ] {
            let column = column(name, unit, false);
            assert_eq!((column.signal.as_str(), column.unit.as_str(), column.take), (signal, to, true), "{name}");
        }
        assert!(column("ENGINE_RPM ()", None, false).guessed.contains("rpm"));
        assert!(!column("Latitude", None, false).take && column("Latitude", None, true).take);
        assert!(!column("VEHICLE_ID", None, true).take);
    }
}
