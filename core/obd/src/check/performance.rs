//! In-use performance tracking (infotypes 08 of spark and 0B of compression ignition): counters by the order of SAE J1979-DA.

use roadworthy_api::check::{InUse, Performance};

/// Behind general conditions and starts: monitors in order, two counters each. Later editions add to the end.
const SPARK: [&str; 13] = [
    "Catalyst, bank 1",
    "Catalyst, bank 2",
    "Oxygen sensor, bank 1",
    "Oxygen sensor, bank 2",
    "EGR and variable valve timing",
    "Secondary air",
    "Evaporative system",
    "Secondary oxygen sensor, bank 1",
    "Secondary oxygen sensor, bank 2",
    "Air-fuel ratio imbalance, bank 1",
    "Air-fuel ratio imbalance, bank 2",
    "Particulate filter, bank 1",
    "Particulate filter, bank 2",
];
const COMPRESSION: [&str; 8] = [
    "NMHC catalyst",
    "NOx catalyst",
    "NOx adsorber",
    "Particulate filter",
    "Exhaust gas sensor",
    "EGR and variable valve timing",
    "Boost pressure",
    "Fuel system",
];

/// `None` where there are more or fewer counters than the standard has.
pub(super) fn performance(ecu: &str, request: &str, infotype: u8, counters: &[u32]) -> Option<Performance> {
    let names: &[&str] = match infotype {
        0x08 => &SPARK,
        0x0B => &COMPRESSION,
        _ => return None,
    };
    let [general, starts, rest @ ..] = counters else { return None };
    let (pairs, []) = rest.as_chunks::<2>() else { return None };
    let known = match infotype {
        // Sixteen counters, twenty since 2010 and 28 since the particulate filter of petrol cars.
        0x08 => matches!(pairs.len(), 7 | 9 | 13),
        _ => pairs.len() == names.len(),
    };
    let monitors = pairs.iter().zip(names).map(|([completed, conditions], name)| InUse {
        monitor: (*name).to_owned(),
        completed: *completed,
        conditions: *conditions,
    });
    known.then(|| Performance {
        ecu: ecu.to_owned(),
        request: request.to_owned(),
        general_conditions: Some(*general),
        ignition_cycles: Some(*starts),
        monitors: monitors.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_have_the_order_of_the_standard_or_no_name() {
        let sixteen: Vec<u32> = (1..=16).collect();
        let read = performance("7E8", "0908", 0x08, &sixteen).unwrap();
        assert_eq!((read.general_conditions, read.ignition_cycles), (Some(1), Some(2)));
        assert_eq!(read.monitors.len(), 7);
        let evap = &read.monitors[6];
        assert_eq!((evap.monitor.as_str(), evap.completed, evap.conditions), ("Evaporative system", 15, 16));
        for (infotype, count, expect) in [
            (0x08, 20, Some(9)),
            (0x08, 18, None),
            (0x08, 15, None),
            (0x0B, 18, Some(8)),
            (0x0B, 16, None),
            (0x0D, 16, None),
        ] {
            let counters = vec![7; count];
            assert_eq!(
                performance("7E8", "09", infotype, &counters).map(|p| p.monitors.len()),
                expect,
                "{infotype} {count}"
            );
        }
    }
}
