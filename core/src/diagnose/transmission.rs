//! Transmission.

use super::{Advice, Case, case::Held, code::whose, look_up};
use roadworthy_api::finding::Specialist;

pub(super) fn advise(case: &Case<'_>, held: &Held) -> Option<Advice> {
    if held.code.starts_with("P0700") {
        // Whoever asks may hold it too: many vehicles have one control unit for engine and transmission.
        let behind = |h: &Held| whose(&h.code) == Specialist::Transmission && !h.code.starts_with("P0700");
        let held_by = case.held();
        let own = held_by.iter().filter(|h| behind(h)).min_by_key(|h| h.ecu == held.ecu);
        let mut advice = look_up("P0700")?;
        advice.check_next = match own {
            Some(own) => vec![format!("Follow the finding about {}, which {} holds.", own.code, case.ecu(&own.ecu))],
            None => vec![
                "Read the transmission's control unit with the maker's diagnosis: it did not give its code here."
                    .into(),
            ],
        };
        return Some(advice);
    }
    look_up(&held.code)
}
