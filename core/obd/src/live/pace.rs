//! How often a signal is wanted, and how often a bus may be asked at all.
//!
//! A signal is asked no more often than it can change, even on an idle bus. The limits keep requests apart so that an ECU
//! which is not even meant does not starve: every ECU reads every request, and old ones have been seen to idle roughly or
//! light lamps when asked without a pause. An ELM327 alone rarely reaches the limit of CAN; a faster adapter would.

use crate::protocol::Family;

/// Moves with the engine or the driver's foot: twenty times a second, if the bus allows.
const FAST_MS: u64 = 50;
/// All between: twice a second.
const USUAL_MS: u64 = 500;
/// Temperatures, levels, counters, distances: every two seconds.
const SLOW_MS: u64 = 2_000;

/// Wanted time between two readings of a PID, in ms.
pub fn period_ms(pid: u8) -> u64 {
    match pid {
        // Load, manifold pressure, engine and vehicle speed, timing, air flow, throttles and pedals, oxygen sensors, torque.
        0x04 | 0x0B..=0x0E | 0x10 | 0x11 | 0x14..=0x1B | 0x24..=0x2B | 0x34..=0x3B => FAST_MS,
        0x43..=0x45 | 0x47..=0x4C | 0x5A | 0x61 | 0x62 | 0x66 | 0x6C | 0x70 | 0x87 | 0x8D => FAST_MS,
        // Readiness, coolant, intake air, what the vehicle is, run time, distances, fuel level, warm-ups, barometer,
        // catalysts, ambient air, times, limits, fuel type, oil, battery, reference torque, odometer.
        0x01 | 0x05 | 0x0F | 0x13 | 0x1C..=0x1F | 0x21 | 0x2F..=0x31 | 0x33 | 0x3C..=0x3F => SLOW_MS,
        0x46 | 0x4D..=0x52 | 0x5B | 0x5C | 0x5F | 0x63 | 0x64 | 0x67 | 0xA6 => SLOW_MS,
        // Temperatures of air and exhaust, run times, reagent, filters, inducement, what the vehicle is limited to.
        0x68 | 0x6B | 0x75..=0x79 | 0x7C | 0x7F | 0x81 | 0x82 | 0x84 | 0x85 | 0x88..=0x8B => SLOW_MS,
        0x90 | 0x91 | 0x93 | 0x94 | 0x98 | 0x99 | 0xAA | 0xB2 => SLOW_MS,
        _ => USUAL_MS,
    }
}

/// Least time between the starts of two requests, in ms.
pub fn gap_ms(family: Family) -> u64 {
    match family {
        // 40 a second: with replies about one part in a hundred of the bus.
        Family::Can11 | Family::Can29 => 25,
        // ISO 14230-2 asks for 55 ms between a reply and the next request (P3); with the reply itself that is 8 a second.
        Family::Iso9141 | Family::Kwp => 125,
        // Replies share a bus of 41.6 or 10.4 kbit/s with the vehicle's own traffic.
        Family::Pwm => 66,
        Family::Vpw => 100,
    }
}

/// Silence after which a K-line would fall asleep is five seconds; `None` where a bus needs no word to stay awake.
pub(super) fn keep_awake_ms(family: Family) -> Option<u64> {
    matches!(family, Family::Iso9141 | Family::Kwp).then_some(3_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode;

    #[test]
    fn what_moves_fast_is_read_more_often_than_what_does_not() {
        for (name, expect) in [
            ("engine_rpm", FAST_MS),
            ("vehicle_speed", FAST_MS),
            ("throttle_position", FAST_MS),
            ("intake_manifold_pressure", FAST_MS),
            ("coolant_temperature", SLOW_MS),
            ("engine_oil_temperature", SLOW_MS),
            ("fuel_level", SLOW_MS),
            ("odometer", SLOW_MS),
            ("control_module_voltage", USUAL_MS),
            ("short_term_fuel_trim_bank_1", USUAL_MS),
        ] {
            let pid = (0..=0xFF).find(|pid| decode::signals(*pid).iter().any(|s| s.name == name)).unwrap();
            assert_eq!(period_ms(pid), expect, "{name}");
        }
    }

    #[test]
    fn no_temperature_and_no_distance_is_fast() {
        for pid in 0..=0xFF {
            let signals = decode::signals(pid);
            let slow = signals.iter().filter(|s| ["°C", "km", "min"].contains(&s.unit)).count();
            if slow > 0 {
                // Beside something livelier (fuel pressure in 6D) it may be read as often as that.
                let livelier = slow < signals.len() && period_ms(pid) == USUAL_MS;
                assert!(period_ms(pid) == SLOW_MS || livelier, "{pid:02X}");
            }
        }
    }
}
