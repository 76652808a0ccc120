//! Battery, charging, networks, and the high-voltage system of hybrids.

use super::{
    Advice, Case, Known,
    case::Held,
    code::{after, and},
    known, look_up,
};
use std::collections::BTreeSet;

#[rustfmt::skip]
static KNOWN: &[Known] = &[
    known("P0560", "P0563", "The control unit's supply voltage was not as it should be.", &["Measure the battery at rest (12.4 V or more) and with the engine running (13.2 to 14.8 V; less is right where the alternator is controlled).", "Clean and tighten the battery's terminals and the earth strap.", "Test the battery under load."]),
    known("P0620", "P0623", "The alternator or its control does not work as it should.", &["Measure the charging voltage with lamps and heater on.", "Check the alternator's belt, connector and main cable.", "Test the battery before replacing the alternator."]),
    known("P0625", "P0626", "The alternator or its control does not work as it should.", &["Measure the charging voltage with lamps and heater on.", "Check the alternator's belt, connector and main cable.", "Test the battery before replacing the alternator."]),
    known("P0A80", "P0A80", "The hybrid system's control unit says that its battery is worn or its cells have drifted apart.", &["Do not open anything marked orange: it carries a dangerous voltage.", "Check the battery's fan and air filter.", "Have the blocks' voltages compared under load by somebody trained for high voltage."]),
    known("P0A00", "P0FFF", "It belongs to the hybrid or electric drive.", &["Do not open anything marked orange: it carries a dangerous voltage.", "Check the cooling of inverter and battery: fluid, fan, filter.", "Leave the rest to somebody trained for high voltage, with the maker's information."]),
    known("U0001", "U0019", "A data network of the vehicle is disturbed: several control units cannot hear each other.", &["Check the battery's voltage and the earths first.", "Measure the bus resistance, battery disconnected: about 60 ohms on CAN.", "Unplug what was added to the vehicle, such as a radio or a tracker."]),
    known("U0073", "U0079", "A data network of the vehicle was switched off by a control unit that found it disturbed.", &["Check the battery's voltage and the earths first.", "Measure the bus resistance, battery disconnected: about 60 ohms on CAN.", "Unplug what was added to the vehicle, such as a radio or a tracker."]),
    known("U0400", "U04FF", "Another control unit sent data that cannot be right.", &["Look for codes of the control unit that sends it: that one knows the cause."]),
];

/// `U0100` to `U02FF`: somebody is not heard any more.
fn is_lost(code: &str) -> bool {
    code.get(..5).is_some_and(|base| ("U0100"..="U02FF").contains(&base))
}

pub(super) fn advise(case: &Case<'_>, held: &Held) -> Option<Advice> {
    if is_lost(&held.code) { Some(lost(case, held)) } else { look_up(KNOWN, &held.code) }
}

/// Who misses whom says where to look.
fn lost(case: &Case<'_>, held: &Held) -> Advice {
    let all: Vec<Held> = case.held().into_iter().filter(|h| is_lost(&h.code)).collect();
    let missed: BTreeSet<&str> = all.iter().filter_map(|h| h.code.get(..5)).collect();
    let who: BTreeSet<&str> = all.iter().map(|h| h.ecu.as_str()).collect();
    let names: Vec<String> = who.iter().map(|id| case.ecu(id)).collect();
    let lead = all.first().map_or("", |h| h.code.as_str());
    let first = all.first() == Some(held);
    let mut advice = if missed.len() >= 2 && who.len() >= 2 {
        let why = format!(
            "{} miss several control units, so that the network or the supply is likelier than each of them.",
            and(&names)
        );
        if !first {
            return after(lead, &why);
        }
        Advice::new(
            why,
            &[
                "Check the battery's voltage and the earths first.",
                "Measure the bus resistance, battery disconnected: about 60 ohms on CAN.",
                "Look for water in connectors and for what was added to the vehicle.",
            ],
        )
    } else if missed.len() >= 2 {
        let why = format!(
            "{} alone misses several control units, so that its own connection to the network is likelier than all of theirs.",
            and(&names)
        );
        if !first {
            return after(lead, &why);
        }
        Advice::new(
            why,
            &[
                "Check that control unit's connector, its supply and earth.",
                "Check the network's wires from it to the next one.",
            ],
        )
    } else if who.len() >= 2 {
        let why =
            format!("{} miss the same control unit, so that the fault is at the one that is missed.", and(&names));
        if !first {
            return after(lead, &why);
        }
        Advice::new(
            why,
            &[
                "Check the fuse, supply and earth of the control unit that is missed.",
                "Check its connector and its wires to the network.",
            ],
        )
    } else {
        Advice::new(
            "One control unit did not hear another in time. A weak battery or a start with jump leads sets it too.",
            &[
                "Check the battery's voltage.",
                "Check the fuse, supply and earth of the control unit that is missed.",
                "Check its connector and its wires to the network.",
            ],
        )
    };
    if !held.stored() {
        advice.check_next.push("Clear nothing yet: see whether it comes back in the next drives.".into());
    }
    advice
}
