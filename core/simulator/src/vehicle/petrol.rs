//! The petrol car: 1.4 l, five gears, 11-bit CAN at 500 kbit/s, an engine ECU with a misfire and a healthy gearbox ECU.

use super::{
    drive::{Car, Drive, State},
    ecu::{Ecu, Frozen},
};

/// Made up: `1RW` is not an assigned maker code; the ninth character is the correct check digit.
pub(crate) const VIN: &str = "1RWPC14A6S1000427";

const P0301: [u8; 2] = [0x03, 0x01];
const P0302: [u8; 2] = [0x03, 0x02];
const P0420: [u8; 2] = [0x04, 0x20];

pub(crate) fn car() -> Car {
    Car {
        mass: 1290.0,
        drag: 0.66,
        wheel: 1.93,
        gears: &[14.1, 7.9, 5.4, 4.1, 3.3],
        litres: 1.4,
        torque: 132.0,
        tank: 45.0,
        odometer: 84_213.4,
        fuel: 0.62,
        ambient: 19.0,
        pressure: 99.0,
    }
}

pub(crate) fn ecus() -> Vec<Ecu> {
    vec![engine(), transmission()]
}

fn engine() -> Ecu {
    Ecu {
        id: 0x7E8,
        think: (8.0, 12.0),
        pad: 0x00,
        pids: &[
            0x03, 0x04, 0x05, 0x06, 0x07, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x13, 0x15, 0x1C, 0x1F, 0x21, 0x2E,
            0x2F, 0x30, 0x31, 0x33, 0x34, 0x3C, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x49, 0x4A, 0x4C, 0x4D, 0x4E, 0x51,
            0x5C, 0x5E, 0x61, 0x62, 0x63, 0xA6,
        ],
        // Lamp on, one code; misfire, fuel system and components ready; catalyst, evaporative system, oxygen sensors, their
        // heaters and EGR/VVT fitted, the evaporative system not ready.
        readiness: [0x81, 0x07, 0xE5, 0x04],
        stored: &[P0301],
        pending: &[P0302],
        permanent: &[P0420],
        frozen: Some(Frozen {
            cause: P0301,
            state: when_it_misfired(),
            pids: &[0x03, 0x04, 0x05, 0x06, 0x07, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x1F],
        }),
        information: vec![
            (0x02, VIN.as_bytes().to_vec()),
            (0x04, padded(b"RW14-ECM-0427-A1", 16)),
            (0x06, vec![0x5D, 0x1E, 0x90, 0xC4]),
            (0x0A, padded(b"ECM\0-EngineControl", 20)),
        ],
    }
}

fn transmission() -> Ecu {
    Ecu {
        id: 0x7E9,
        think: (12.0, 16.0),
        pad: 0xAA,
        pids: &[0x0C, 0x0D, 0x1C, 0x42, 0x49],
        // Lamp off, no code; only the comprehensive components, ready.
        readiness: [0x00, 0x04, 0x00, 0x00],
        stored: &[],
        pending: &[],
        permanent: &[],
        frozen: None,
        information: vec![
            (0x04, padded(b"RW14-TCM-0112", 16)),
            (0x06, vec![0x31, 0xA7, 0x02, 0xBE]),
            (0x0A, padded(b"TCM\0-TransmisCtrl", 20)),
        ],
    }
}

fn padded(text: &[u8], length: usize) -> Vec<u8> {
    let mut out = text.to_vec();
    out.resize(length, 0);
    out
}

/// Nine minutes into an earlier drive.
fn when_it_misfired() -> State {
    let mut drive = Drive::new(car(), 0xF301, true);
    drive.advance_to(540.0);
    State {
        speed: 57.0,
        rpm: 2240.0,
        load: 0.71,
        throttle: 0.38,
        maf: 24.6,
        map: 78.0,
        timing: 13.5,
        ..drive.state().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Check digit of 49 CFR 565: transliterated, weighted, modulo 11.
    fn check_digit(vin: &str) -> char {
        let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
        let value = |c: char| match c {
            'A'..='H' => c as u32 - 'A' as u32 + 1,
            'J'..='R' => c as u32 - 'J' as u32 + 1,
            'S'..='Z' => c as u32 - 'S' as u32 + 2,
            _ => c.to_digit(10).unwrap(),
        };
        let sum: u32 = vin.chars().zip(weights).map(|(c, w)| value(c) * w).sum();
        if sum % 11 == 10 { 'X' } else { char::from_digit(sum % 11, 10).unwrap() }
    }

    #[test]
    fn the_vin_is_well_formed_and_starts_with_no_makers_code() {
        assert_eq!(check_digit("1M8GDM9AXKP042788"), 'X');
        assert_eq!(VIN.len(), 17);
        assert!(VIN.starts_with("1RW") && !VIN.contains(['I', 'O', 'Q']));
        assert_eq!(VIN.chars().nth(8), Some(check_digit(VIN)));
    }

    #[test]
    fn information_has_the_lengths_of_the_standard() {
        for ecu in ecus() {
            for (infotype, data) in &ecu.information {
                let expect = match infotype {
                    0x02 => 17,
                    0x04 => 16,
                    0x06 => 4,
                    _ => 20,
                };
                assert_eq!(data.len(), expect, "infotype {infotype:02X} of {:X}", ecu.id);
            }
        }
        assert!(ecus()[0].frozen.as_ref().unwrap().pids.len() >= 8);
    }
}
