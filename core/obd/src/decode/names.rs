//! Names of the monitors and tests of services 05 and 06 (SAE J1979-DA). E1 to FF are the maker's.

/// What a monitor of service 06 on CAN watches, as in `Catalyst, bank 1`; `None` where it is reserved, the maker's, or named
/// otherwise in different editions. (B0 and B1 were the particulate filters until the misfire counters grew to sixteen
/// cylinders; since then those are B2 and B3.)
pub fn monitor_name(mid: u8) -> Option<String> {
    let sensor = |first: u8, what: &str| {
        let place = mid - first;
        // Four banks of four; the fifth sensor of two banks came later.
        let (bank, number) = if place < 0x10 { (place / 4 + 1, place % 4 + 1) } else { (place - 0x0F, 5) };
        format!("{what}, bank {bank} sensor {number}")
    };
    let bank = |first: u8, what: &str| format!("{what}, bank {}", mid - first + 1);
    Some(match mid {
        0x01..=0x12 => sensor(0x01, "Exhaust gas sensor"),
        0x21..=0x24 => bank(0x21, "Catalyst"),
        0x31..=0x34 => bank(0x31, "Exhaust gas recirculation"),
        0x35..=0x38 => bank(0x35, "Variable valve timing"),
        0x39 => "Evaporative system: cap off or 3.8 mm (0.150 in) leak".into(),
        0x3A => "Evaporative system: 2.3 mm (0.090 in) leak".into(),
        0x3B => "Evaporative system: 1.0 mm (0.040 in) leak".into(),
        0x3C => "Evaporative system: 0.5 mm (0.020 in) leak".into(),
        0x3D => "Purge flow".into(),
        0x41..=0x52 => sensor(0x41, "Exhaust gas sensor heater"),
        0x61..=0x64 => bank(0x61, "Heated catalyst"),
        0x71..=0x74 => format!("Secondary air {}", mid - 0x70),
        0x81..=0x84 => bank(0x81, "Fuel system"),
        0x85..=0x86 => bank(0x85, "Boost pressure control"),
        0x90..=0x91 => bank(0x90, "NOx adsorber"),
        0x98..=0x99 => bank(0x98, "NOx or SCR catalyst"),
        0xA1 => "Misfire, all cylinders".into(),
        0xA2..=0xAF => format!("Misfire, cylinder {}", mid - 0xA1),
        0xB2..=0xB3 => bank(0xB2, "Particulate filter"),
        _ => return None,
    })
}

/// What a test of services 05 and 06 measures; `None` where it is reserved or the maker's (80 and above; in service 05 from
/// 21 on). 0B and 0C exist in service 06 only.
pub fn test_name(tid: u8) -> Option<&'static str> {
    Some(match tid {
        0x01 => "Threshold voltage from rich to lean",
        0x02 => "Threshold voltage from lean to rich",
        0x03 => "Low voltage for the switch time",
        0x04 => "High voltage for the switch time",
        0x05 => "Switch time from rich to lean",
        0x06 => "Switch time from lean to rich",
        0x07 => "Lowest voltage of the test cycle",
        0x08 => "Highest voltage of the test cycle",
        0x09 => "Time between transitions",
        0x0A => "Period",
        0x0B => "Misfires in the last ten driving cycles, weighted average",
        0x0C => "Misfires in the last or current driving cycle",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monitors_are_named_by_bank_and_place() {
        for (mid, expect) in [
            (0x01, Some("Exhaust gas sensor, bank 1 sensor 1")),
            (0x06, Some("Exhaust gas sensor, bank 2 sensor 2")),
            (0x10, Some("Exhaust gas sensor, bank 4 sensor 4")),
            (0x11, Some("Exhaust gas sensor, bank 1 sensor 5")),
            (0x12, Some("Exhaust gas sensor, bank 2 sensor 5")),
            (0x22, Some("Catalyst, bank 2")),
            (0x4D, Some("Exhaust gas sensor heater, bank 4 sensor 1")),
            (0x73, Some("Secondary air 3")),
            (0xA2, Some("Misfire, cylinder 1")),
            (0xAD, Some("Misfire, cylinder 12")),
            (0xB0, None),
            (0xB3, Some("Particulate filter, bank 2")),
            (0x00, None),
            (0x13, None),
            (0xE1, None),
        ] {
            assert_eq!(monitor_name(mid).as_deref(), expect, "{mid:02X}");
        }
    }
}
