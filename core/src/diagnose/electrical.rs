//! Battery, charging, networks, and the high-voltage system of hybrids.

use super::{
    Advice, Case,
    case::Held,
    code::{after, and},
    look_up,
};
use std::collections::BTreeSet;

/// `U0100` to `U02FF`: somebody is not heard any more.
fn is_lost(code: &str) -> bool {
    code.get(..5).is_some_and(|base| ("U0100"..="U02FF").contains(&base))
}

pub(super) fn advise(case: &Case<'_>, held: &Held) -> Option<Advice> {
    if is_lost(&held.code) { lost(case, held) } else { look_up(&held.code) }
}

/// Who misses whom says where to look.
fn lost(case: &Case<'_>, held: &Held) -> Option<Advice> {
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
            return Some(after(lead, &why));
        }
        Advice::new(
            why,
            &[
                "Check the battery's voltage and the earths first.",
                "Measure between the two wires of a high-speed CAN, battery disconnected: about 60 ohms.",
                "Look for water in connectors and for what was added to the vehicle.",
            ],
        )
    } else if missed.len() >= 2 {
        let why = format!(
            "{} alone misses several control units, so that its own connection to the network is likelier than all of theirs.",
            and(&names)
        );
        if !first {
            return Some(after(lead, &why));
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
            return Some(after(lead, &why));
        }
        Advice::new(
            why,
            &[
                "Check the fuse, supply and earth of the control unit that is missed.",
                "Check its connector and its wires to the network.",
            ],
        )
    } else {
        look_up(&held.code)?
    };
    if !held.stored() {
        advice.check_next.push("Clear nothing yet: see whether it comes back in the next drives.".into());
    }
    Some(advice)
}
