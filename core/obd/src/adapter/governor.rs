//! The governor: every request of a check, a live session or a clearing passes it, and it sees to it that reading does not
//! harm what is read. Pure: time is an argument, in ms from any start, never going back.
//!
//! What may be sent at all is decided before, by [`super::Request`]; here it is decided when.
//!
//! - **Rate**: requests keep the distance that a bus of their kind needs, since old ECUs have been seen to idle roughly or
//!   to light lamps when asked without a pause.
//! - **Voltage**: below [`LOW`] requests go out at a quarter of the rate. A lasting session stops below [`STOP`], twice in a
//!   row so that cranking is no reason, unless the engine runs. A check goes on: it takes seconds, and a flat battery is a
//!   reason to check.
//! - **Network codes**: a U code that was not there when the session began may come of the reading itself. The first slows
//!   it down, the next stops it.
//! - **Parked**: with nothing changing for [`PARKED_MS`] and nothing that shows a running engine, a lasting session stops:
//!   ECUs that are asked stay awake, and draw the battery down or set off the alarm.

use crate::{live::gap_ms, protocol::Family};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Volts of a 12 V battery below which requests are spread out; with the ignition on a sound one stays above.
pub const LOW: f64 = 11.9;
/// Volts of a 12 V battery below which a lasting session stops; it may be too low to start the engine soon.
pub const STOP: f64 = 11.5;
/// Volts from which the vehicle has a 24 V system, whose levels are twice as high.
const HEAVY: f64 = 18.0;
/// Volts that only a running engine's alternator reaches.
const CHARGING: f64 = 13.2;
/// Milliseconds without a running engine and with no value changing after which a lasting session stops.
pub const PARKED_MS: u64 = 10 * 60_000;
/// How much farther apart requests are kept when something speaks against asking.
const SPREAD: u64 = 4;
/// Milliseconds between two looks at the voltage, and where the last one was low.
const LOOK_MS: (u64, u64) = (20_000, 5_000);
/// Milliseconds between an answer and the next request on the K-line (P3min of ISO 14230-2).
const AFTER_K_LINE_MS: u64 = 55;

/// Whether requests may go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// At the full rate of the bus.
    Full,
    /// More slowly, with the reason in a sentence.
    Slowed(String),
    /// Not until somebody says so, with the reason in a sentence or two.
    Stop(String),
}

/// What is known of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    Unknown,
    Off,
    Runs,
}

/// See the module.
#[derive(Debug)]
pub struct Governor {
    family: Option<Family>,
    /// Whether it lasts: a live session.
    lasting: bool,
    /// Whether there is a vehicle to be spared: a recording has none, nor has a bench.
    real: bool,
    sent: Option<u64>,
    answered: Option<u64>,
    looked: Option<u64>,
    volts: Option<f64>,
    /// Looks in a row that found the voltage below [`STOP`].
    sagging: u8,
    heavy: bool,
    engine: Engine,
    changed: u64,
    /// Network codes of each ECU that has told its codes, and those that came since it first did.
    codes: BTreeMap<String, BTreeSet<String>>,
    new_codes: Vec<String>,
    /// How many of the new codes a person has been told of and went on.
    accepted: usize,
}

impl Default for Governor {
    fn default() -> Self {
        Self {
            family: None,
            lasting: false,
            real: true,
            sent: None,
            answered: None,
            looked: None,
            volts: None,
            sagging: 0,
            heavy: false,
            engine: Engine::Unknown,
            changed: 0,
            codes: BTreeMap::new(),
            new_codes: Vec::new(),
            accepted: 0,
        }
    }
}

impl Governor {
    /// There is no vehicle: a recording is played back, or a simulator or an ECU on a desk is read.
    pub(super) fn stand_aside(&mut self) {
        self.real = false;
    }

    /// The bus that answered.
    pub(super) fn on(&mut self, family: Family) {
        self.family = Some(family);
    }

    /// From `now` on it is a session that lasts.
    pub(crate) fn last(&mut self, now: u64) {
        (self.lasting, self.changed) = (true, now);
    }

    /// When the next request may go out.
    pub fn free(&self) -> u64 {
        let Some(family) = self.family.filter(|_| self.real) else { return 0 };
        let after_sent = self.sent.map_or(0, |sent| sent.saturating_add(self.gap()));
        let k_line = matches!(family, Family::Iso9141 | Family::Kwp);
        let after_answer = self.answered.filter(|_| k_line).map_or(0, |at| at.saturating_add(AFTER_K_LINE_MS));
        after_sent.max(after_answer)
    }

    /// Least distance of a request that is sent again: to the start of the one before, and to its answer.
    pub(super) fn apart(&self) -> (Duration, Duration) {
        let k_line = matches!(self.family, Some(Family::Iso9141 | Family::Kwp));
        let (gap, after) = if self.real { (self.gap(), if k_line { AFTER_K_LINE_MS } else { 0 }) } else { (0, 0) };
        (Duration::from_millis(gap), Duration::from_millis(after))
    }

    /// Least milliseconds between the starts of two requests just now.
    pub fn gap(&self) -> u64 {
        let gap = self.family.filter(|_| self.real).map_or(0, gap_ms);
        if self.leave_now() == Leave::Full { gap } else { gap.saturating_mul(SPREAD) }
    }

    /// A request goes out.
    pub(super) fn sent(&mut self, now: u64) {
        self.sent = Some(now);
    }

    /// Its answer is complete.
    pub(super) fn answered(&mut self, now: u64) {
        self.answered = Some(now);
    }

    /// Whether the voltage should be measured now. Only lasting sessions look again: a check measures once, as it begins.
    pub(super) fn look(&self, now: u64) -> bool {
        let every = if self.sagging > 0 { LOOK_MS.1 } else { LOOK_MS.0 };
        self.lasting && self.real && self.looked.is_none_or(|at| now.saturating_sub(at) >= every)
    }

    /// The voltage at the connector in volts; `None`: the adapter cannot say.
    pub(super) fn volts(&mut self, volts: Option<f64>, now: u64) {
        (self.looked, self.volts) = (Some(now), volts);
        self.heavy |= volts.is_some_and(|v| v >= HEAVY);
        self.sagging = if volts.is_some_and(|v| v < self.level(STOP)) { self.sagging.saturating_add(1) } else { 0 };
    }

    fn level(&self, volts: f64) -> f64 {
        if self.heavy { 2.0 * volts } else { volts }
    }

    /// Engine speed in min⁻¹.
    pub(crate) fn speed(&mut self, rpm: f64) {
        self.engine = if rpm > 0.0 { Engine::Runs } else { Engine::Off };
    }

    /// Some value changed.
    pub(crate) fn changed(&mut self, now: u64) {
        self.changed = now;
    }

    /// Codes that an ECU has now: the first time it tells them says what was there before.
    pub(crate) fn codes(&mut self, ecu: &str, codes: impl IntoIterator<Item = String>) {
        let network: BTreeSet<String> = codes.into_iter().filter(|c| c.starts_with('U')).collect();
        let Some(known) = self.codes.get_mut(ecu) else {
            self.codes.insert(ecu.to_owned(), network);
            return;
        };
        for code in network {
            if known.insert(code.clone()) && !self.new_codes.contains(&code) {
                self.new_codes.push(code);
            }
        }
    }

    /// Whether requests may go on at `now`.
    pub fn leave(&self, now: u64) -> Leave {
        // An electric car has no engine speed, and some adapters measure no voltage: what does not show that it runs may be
        // parked.
        if self.lasting && self.real && !self.runs() && now.saturating_sub(self.changed) >= PARKED_MS {
            let minutes = PARKED_MS / 60_000;
            let off = if self.engine == Engine::Off { "The engine is off and nothing" } else { "Nothing" };
            return Leave::Stop(format!(
                "{off} has changed for {minutes} minutes. Reading has stopped, so that the vehicle can go to sleep and keeps \
                 its battery."
            ));
        }
        self.leave_now()
    }

    fn runs(&self) -> bool {
        self.engine == Engine::Runs || self.volts.is_some_and(|v| v >= self.level(CHARGING))
    }

    fn leave_now(&self) -> Leave {
        if !self.real {
            return Leave::Full;
        }
        let volts = self.volts.filter(|_| !self.runs());
        if let Some(volts) = volts
            && self.lasting
            && self.sagging >= 2
        {
            return Leave::Stop(format!(
                "The battery is down to {volts:.1} V with the engine off. Reading has stopped below {:.1} V, so that the engine \
                 can still be started.",
                self.level(STOP)
            ));
        }
        let fresh = self.new_codes.get(self.accepted..).unwrap_or_default();
        if self.lasting && fresh.len() > 1 {
            return Leave::Stop(format!(
                "New network codes appeared while reading ({}). Reading has stopped, since it may be what disturbs the vehicle.",
                self.new_codes.join(", ")
            ));
        }
        if let Some(code) = self.new_codes.last() {
            return Leave::Slowed(format!(
                "A new network code appeared while reading ({code}), so requests go out more slowly."
            ));
        }
        match volts {
            Some(volts) if volts < self.level(LOW) => {
                Leave::Slowed(format!("The battery is low ({volts:.1} V), so requests go out more slowly."))
            }
            _ => Leave::Full,
        }
    }

    /// A person says that it shall go on all the same: everything is waited for anew.
    pub(crate) fn go_on(&mut self, now: u64) {
        (self.changed, self.sagging, self.looked) = (now, 0, None);
        self.accepted = self.new_codes.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(family: Family) -> Governor {
        let mut governor = Governor::default();
        governor.on(family);
        governor.last(0);
        governor
    }

    fn stops(governor: &Governor, now: u64) -> bool {
        matches!(governor.leave(now), Leave::Stop(_))
    }

    #[test]
    fn pain_19_an_old_ecu_is_asked_no_faster_than_its_bus_allows() {
        for (family, sent, answered, free) in [
            (Family::Can11, 1000, 1005, 1000 + gap_ms(Family::Can11)),
            (Family::Vpw, 1000, 1090, 1100),
            (Family::Kwp, 1000, 1040, 1125),
            // The answer was late: the ECU has its pause from then on.
            (Family::Kwp, 1000, 1300, 1355),
            (Family::Iso9141, 1000, 1300, 1355),
        ] {
            let mut governor = live(family);
            governor.sent(sent);
            governor.answered(answered);
            assert_eq!(governor.free(), free, "{family:?}");
        }
        assert!(gap_ms(Family::Kwp) > gap_ms(Family::Pwm) && gap_ms(Family::Pwm) > gap_ms(Family::Can11));
    }

    #[test]
    fn a_recording_is_played_back_without_pauses() {
        let mut governor = live(Family::Kwp);
        governor.stand_aside();
        governor.sent(1000);
        governor.volts(Some(10.0), 1000);
        assert_eq!((governor.free(), governor.leave(PARKED_MS * 2)), (0, Leave::Full));
    }

    #[test]
    fn pain_21_a_sagging_battery_slows_reading_and_then_stops_it() {
        let mut governor = live(Family::Can11);
        assert!(governor.look(0));
        governor.volts(Some(12.4), 0);
        assert_eq!((governor.leave(1), governor.look(19_999), governor.look(20_000)), (Leave::Full, false, true));
        governor.volts(Some(11.8), 20_000);
        assert!(matches!(governor.leave(20_001), Leave::Slowed(_)));
        assert_eq!(governor.gap(), SPREAD * gap_ms(Family::Can11));
        // Cranking: low once, for seconds.
        governor.volts(Some(9.6), 40_000);
        assert!(!stops(&governor, 40_001) && governor.look(45_000));
        governor.volts(Some(12.2), 45_000);
        assert_eq!(governor.leave(45_001), Leave::Full);
        governor.volts(Some(11.4), 65_000);
        governor.volts(Some(11.4), 70_000);
        assert!(stops(&governor, 70_001));
        governor.go_on(80_000);
        assert!(
            !stops(&governor, 80_001) && governor.look(80_001),
            "because a person said so, until it is measured again"
        );
    }

    #[test]
    fn with_the_engine_running_no_voltage_stops_reading() {
        let mut governor = live(Family::Can11);
        governor.speed(800.0);
        governor.volts(Some(11.0), 0);
        governor.volts(Some(11.0), 5_000);
        assert_eq!(governor.leave(PARKED_MS * 3), Leave::Full);
        governor.speed(0.0);
        assert!(stops(&governor, 6_000));
    }

    #[test]
    fn a_lorry_has_levels_of_its_own() {
        let mut governor = live(Family::Can29);
        governor.volts(Some(24.6), 0);
        assert_eq!(governor.leave(1), Leave::Full);
        governor.volts(Some(22.5), 20_000);
        governor.volts(Some(22.5), 25_000);
        assert!(stops(&governor, 25_001));
    }

    #[test]
    fn a_check_is_never_stopped_and_only_slowed() {
        let mut governor = Governor::default();
        governor.on(Family::Can11);
        governor.volts(Some(10.5), 0);
        governor.volts(Some(10.5), 5_000);
        assert!(!governor.look(60_000));
        assert!(matches!(governor.leave(PARKED_MS * 2), Leave::Slowed(_)));
    }

    #[test]
    fn pain_19_new_network_codes_slow_reading_and_then_stop_it() {
        let codes = |all: &[&str]| all.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let mut governor = live(Family::Can11);
        governor.codes("7E8", codes(&["U0100", "P0301"]));
        governor.codes("7E8", codes(&["U0100", "P0301", "P0420"]));
        assert_eq!(governor.leave(1), Leave::Full, "because what was there before, or is of no network, says nothing");
        governor.codes("7E9", codes(&["U0155"]));
        assert_eq!(governor.leave(1), Leave::Full, "because another ECU had it before it was heard");
        governor.codes("7E8", codes(&["U0100", "U0121"]));
        let Leave::Slowed(why) = governor.leave(1) else { panic!("{:?}", governor.leave(1)) };
        assert!(why.contains("U0121"));
        governor.codes("7E8", codes(&["U0140"]));
        assert!(stops(&governor, 1));
        governor.go_on(2);
        assert!(matches!(governor.leave(3), Leave::Slowed(_)), "because a person went on, slowly");
    }

    #[test]
    fn what_an_ecu_says_for_the_first_time_was_there_before() {
        let codes = |all: &[&str]| all.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let mut governor = live(Family::Can11);
        // The gearbox did not answer when the session began.
        governor.codes("7E8", codes(&["P0301"]));
        governor.codes("7E9", codes(&["U0100"]));
        assert_eq!(governor.leave(1), Leave::Full);
        governor.codes("7E8", codes(&["P0301", "U0121"]));
        assert!(matches!(governor.leave(1), Leave::Slowed(why) if why.contains("U0121")));
    }

    #[test]
    fn pain_21_a_parked_car_of_which_nothing_is_known_is_left_to_sleep_too() {
        // An electric car has no engine speed, and many an adapter measures no voltage.
        let mut governor = live(Family::Can11);
        governor.volts(None, 0);
        assert!(!stops(&governor, PARKED_MS - 1));
        assert!(stops(&governor, PARKED_MS));
        governor.changed(PARKED_MS);
        assert!(!stops(&governor, PARKED_MS + 1));
    }

    #[test]
    fn pain_21_a_parked_car_is_left_to_sleep() {
        let mut governor = live(Family::Can11);
        governor.volts(Some(12.5), 0);
        governor.speed(0.0);
        assert!(!stops(&governor, PARKED_MS - 1));
        assert!(stops(&governor, PARKED_MS));
        governor.changed(PARKED_MS - 5);
        assert!(!stops(&governor, PARKED_MS));
        governor.go_on(3 * PARKED_MS);
        assert!(!stops(&governor, 3 * PARKED_MS + 1));
        governor.volts(Some(14.2), 3 * PARKED_MS);
        assert!(!stops(&governor, 5 * PARKED_MS), "because the alternator charges: the engine runs");
    }
}
