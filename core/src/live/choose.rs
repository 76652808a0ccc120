//! Which signals a session starts with.

use roadworthy_api::{
    Code, Error, Result,
    live::{PRESETS, SignalInfo},
};

/// Signals of a preset that a vehicle must have for the session to start with it.
const ENOUGH: usize = 3;

/// The names of a preset.
pub(super) fn preset(name: &str) -> Result<&'static [&'static str]> {
    PRESETS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, names)| *names).ok_or_else(|| {
        let known: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
        Error::new(Code::Invalid, format!("There is no preset \"{name}\"."))
            .hint(format!("There is: {}.", known.join(", ")))
    })
}

/// Ids of what the vehicle has of these names, each from the first ECU that has it.
pub(super) fn of_names(names: &[&str], available: &[SignalInfo]) -> Vec<String> {
    names.iter().filter_map(|name| available.iter().find(|s| s.name == *name).map(|s| s.id.clone())).collect()
}

/// What to start with: the preset that was asked for, else the first of which the vehicle has enough, else the one of which
/// it has most.
pub(super) fn start(asked: Option<&str>, available: &[SignalInfo]) -> Vec<String> {
    if let Some(Ok(names)) = asked.map(preset) {
        return of_names(names, available);
    }
    let mut sets: Vec<Vec<String>> = PRESETS.iter().map(|(_, names)| of_names(names, available)).collect();
    match sets.iter().position(|ids| ids.len() >= ENOUGH) {
        Some(first) => sets.swap_remove(first),
        None => sets.into_iter().max_by_key(Vec::len).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(names: &[&str]) -> Vec<SignalInfo> {
        let info = |(ecu, name): (&str, &&str)| SignalInfo {
            id: format!("{ecu}:00:{name}"),
            ecu: ecu.into(),
            ecu_name: String::new(),
            pid: "00".into(),
            name: (*name).into(),
            label: String::new(),
            unit: String::new(),
            range: None,
        };
        ["7E8", "7E9"].iter().flat_map(|ecu| names.iter().map(move |name| info((ecu, name)))).collect()
    }

    #[test]
    fn a_session_starts_with_the_first_preset_of_which_the_vehicle_has_enough() {
        for (names, asked, expect) in [
            (&["engine_rpm", "vehicle_speed", "throttle_position", "odometer"][..], None, 3),
            (&["engine_rpm", "coolant_temperature", "intake_air_temperature", "engine_oil_temperature"], None, 3),
            (&["engine_rpm", "odometer"], None, 2),
            (&["engine_rpm", "odometer"], Some("drive"), 2),
            (&["engine_rpm", "odometer"], Some("Temperatures"), 0),
            (&[], None, 0),
        ] {
            let ids = start(asked, &has(names));
            assert_eq!(ids.len(), expect, "{names:?} {asked:?}: {ids:?}");
            assert!(ids.iter().all(|id| id.starts_with("7E8")), "{ids:?}");
        }
        assert_eq!(preset("Racing").unwrap_err().code, Code::Invalid);
    }
}
