//! Whether a mapping that somebody wrote can be: each signal has a name, and one of the standard its own unit. Pure.

use roadworthy_api::{
    Code, Error, Result,
    import::{ColumnMapping, Layout, Mapping},
};
use roadworthy_obd::decode;

/// # Errors
/// [`Code::Invalid`] with the column.
pub(crate) fn sound(mapping: &Mapping) -> Result<()> {
    // What we wrote ourselves is in the unit of its time.
    if matches!(mapping.layout, Layout::RoadworthyLong | Layout::RoadworthyWide) {
        return Ok(());
    }
    mapping.columns.iter().filter(|c| c.take).try_for_each(column)
}

fn column(c: &ColumnMapping) -> Result<()> {
    let invalid = |message: String, hint: &str| Err(Error::new(Code::Invalid, message).hint(hint));
    let parts: Vec<&str> = c.signal.splitn(3, ':').collect();
    let [_, pid, name] = parts.as_slice() else {
        let message =
            format!("The mapping gives the column {:?} the signal {:?}, which is no signal.", c.column, c.signal);
        return invalid(message, "Write it as ECU:PID:name, as in :0C:engine_rpm, or ::boost for one of your own.");
    };
    if name.trim().is_empty() {
        let message = format!("The mapping gives the column {:?} a signal without a name.", c.column);
        return invalid(message, "Write it as in :0C:engine_rpm, or ::boost for one of your own.");
    }
    let numbered = u8::from_str_radix(pid, 16).ok();
    let known = numbered.and_then(|pid| decode::signals(pid).into_iter().find(|s| s.name == *name));
    match known {
        Some(known) if known.unit != c.unit => invalid(
            format!("The mapping stores {} in {:?}, and its unit is {:?}.", known.label, c.unit, known.unit),
            "Write that as `unit`, and what the file has as `unit_found`; or give the column a signal of its own, as in ::boost.",
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_has_a_name_and_one_of_the_standard_its_own_unit() {
        let check = |signal: &str, unit: &str, layout, fits: bool| {
            let column = ColumnMapping {
                column: "A".into(),
                take: true,
                signal: signal.into(),
                unit: unit.into(),
                ..ColumnMapping::default()
            };
            let mapping = Mapping { layout, columns: vec![column], ..Mapping::default() };
            let got = sound(&mapping);
            assert_eq!(got.is_ok(), fits, "{signal} {unit}: {got:?}");
            let left = ColumnMapping { take: false, ..mapping.columns[0].clone() };
            assert_eq!(sound(&Mapping { columns: vec![left], ..mapping }), Ok(()));
        };
        check(":0D:vehicle_speed", "km/h", Layout::Wide, true);
        check("7E8:0D:vehicle_speed", "km/h", Layout::Wide, true);
        check("::boost", "psi", Layout::Wide, true);
        check(":0D:vehicle_speed", "mph", Layout::Wide, false);
        check(":0D:vehicle_speed", "rpm", Layout::Torque, false);
        check("7E8:0D:vehicle_speed", "mph", Layout::RoadworthyLong, true);
        for none in ["", "boost", ":0D:", ":: "] {
            check(none, "km/h", Layout::Wide, false);
        }
    }
}
