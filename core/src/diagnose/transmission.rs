//! Transmission.

use super::{Advice, Case, Known, case::Held, code::whose, known, look_up};
use roadworthy_api::finding::Specialist;

const FLUID: &str = "Check the transmission fluid: level, age, smell, and what the maker says of changing it.";

#[rustfmt::skip]
static KNOWN: &[Known] = &[
    known("P0705", "P0709", "The sensor of the selector lever does not say what it should; the transmission may stay in one gear.", &["Check the sensor's connector and its adjustment.", "Watch the gear position in live data while the lever is moved."]),
    known("P0710", "P0714", "The transmission fluid's temperature signal cannot be right.", &["Check the sensor's connector and wiring.", FLUID]),
    known("P0715", "P0718", "A speed sensor of the transmission does not say what it should; gears may change hard, or not at all.", &["Check the sensor's connector and wiring.", "Look for metal chips on the sensor.", FLUID]),
    known("P0720", "P0723", "A speed sensor of the transmission does not say what it should; gears may change hard, or not at all.", &["Check the sensor's connector and wiring.", "Look for metal chips on the sensor.", FLUID]),
    known("P0725", "P0729", "The transmission does not get the engine speed, or a ratio that fits it.", &["Look for codes of the engine and of the network.", FLUID]),
    known("P0730", "P0736", "The ratio of a gear is not what it should be: something slips, or a speed sensor is wrong.", &[FLUID, "Check the speed sensors of the transmission.", "Do not tow or drive hard until the cause is known."]),
    known("P0740", "P0744", "The lock-up clutch of the torque converter does not do as it is told; fuel use and heat rise.", &[FLUID, "Check the lock-up solenoid's connector and resistance.", "Check the converter if solenoid and fluid are right."]),
    known("P0745", "P0749", "The pressure control of the transmission does not do as it is told.", &[FLUID, "Check the pressure solenoid's connector and resistance."]),
    known("P0750", "P076E", "A shift solenoid does not do as it is told; gears may change hard, or not at all.", &[FLUID, "Check the solenoid's connector and measure its resistance.", "Check the valve body if the solenoid is right."]),
    known("P076F", "P076F", "The ratio of a gear is not what it should be: something slips, or a speed sensor is wrong.", &[FLUID, "Check the speed sensors of the transmission.", "Do not tow or drive hard until the cause is known."]),
    known("P0770", "P0774", "A shift solenoid does not do as it is told; gears may change hard, or not at all.", &[FLUID, "Check the solenoid's connector and measure its resistance.", "Check the valve body if the solenoid is right."]),
    known("P0775", "P0789", "A pressure or shift valve of the transmission does not do as it is told.", &[FLUID, "Check the solenoids' connectors and resistance.", "Check the valve body."]),
    known("P0795", "P0799", "A pressure or shift valve of the transmission does not do as it is told.", &[FLUID, "Check the solenoids' connectors and resistance.", "Check the valve body."]),
    known("P0840", "P084F", "A pressure signal of the transmission is not as it should be.", &[FLUID, "Check the pressure sensor's connector and wiring."]),
    known("P0867", "P0879", "A pressure signal of the transmission is not as it should be.", &[FLUID, "Check the pressure sensor's connector and wiring."]),
    known("P0894", "P0894", "Something in the transmission slips.", &[FLUID, "Do not tow or drive hard until the cause is known."]),
    known("P2700", "P2710", "A clutch or solenoid of the transmission does not do as it is told.", &[FLUID, "Check the solenoids' connectors and resistance."]),
    known("P2713", "P273F", "A clutch or solenoid of the transmission does not do as it is told.", &[FLUID, "Check the solenoids' connectors and resistance."]),
    known("P2756", "P2770", "A clutch or solenoid of the transmission does not do as it is told.", &[FLUID, "Check the solenoids' connectors and resistance."]),
];

pub(super) fn advise(case: &Case<'_>, held: &Held) -> Option<Advice> {
    if held.code.starts_with("P0700") {
        // Whoever asks may hold it too: many vehicles have one control unit for engine and transmission.
        let behind = |h: &Held| whose(&h.code) == Specialist::Transmission && !h.code.starts_with("P0700");
        let held_by = case.held();
        let own = held_by.iter().filter(|h| behind(h)).min_by_key(|h| h.ecu == held.ecu);
        let mut advice = Advice::new(
            "It says only that the transmission's own control unit holds a code and asks for the lamp.",
            &[],
        );
        advice.check_next = match own {
            Some(own) => vec![format!("Follow the finding about {}, which {} holds.", own.code, case.ecu(&own.ecu))],
            None => vec![
                "Read the transmission's control unit with the maker's diagnosis: it did not give its code here."
                    .into(),
            ],
        };
        return Some(advice);
    }
    look_up(KNOWN, &held.code)
}
