//! Service 01: how a moment of the drive is written as parameter ids (SAE J1979 scaling, reversed).

use super::drive::State;

/// PIDs that [`encode`] knows.
pub(super) const KNOWN: &[u8] = &[
    0x03, 0x04, 0x05, 0x06, 0x07, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x15, 0x1F, 0x23, 0x2E, 0x2F, 0x33, 0x34,
    0x3C, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x49, 0x4A, 0x4C, 0x5B, 0x5C, 0x5E, 0x61, 0x62, 0x63, 0xA6,
];

/// The bytes of one PID after the PID byte, or `None` where this engine has no such sensor.
pub(crate) fn encode(s: &State, pid: u8) -> Option<Vec<u8>> {
    let percent = |share: f64| vec![byte(share * 255.0)];
    let celsius = |t: f64| vec![byte(t + 40.0)];
    let closed_loop = s.running && s.coolant > 35.0 && s.lambda < 1.5;
    Some(match pid {
        0x03 => vec![
            if !s.running || s.coolant <= 35.0 {
                1
            } else if closed_loop {
                2
            } else {
                4
            },
            0,
        ],
        0x04 => percent(s.load),
        0x05 => celsius(s.coolant),
        0x06 => vec![byte((s.short_trim + 100.0) * 1.28)],
        0x07 => vec![byte((s.long_trim + 100.0) * 1.28)],
        0x0B => vec![byte(s.map)],
        0x0C => word(s.rpm * 4.0),
        0x0D => vec![byte(s.speed)],
        0x0E => vec![byte((s.timing + 64.0) * 2.0)],
        0x0F => celsius(s.intake),
        0x10 => word(s.maf * 100.0),
        0x11 => percent(s.throttle),
        // Voltage, and FF: this sensor takes no part in the trim.
        0x15 => vec![byte(s.o2 * 200.0), 0xFF],
        0x1F => word(s.runtime),
        0x2E => percent(if closed_loop { 0.18 } else { 0.0 }),
        0x2F => percent(s.fuel),
        0x33 => vec![byte(s.pressure)],
        0x34 => [word(s.lambda * 32768.0), word((s.lambda - 1.0) * 2.0 * 256.0 + 32768.0)].concat(),
        0x3C => word((s.catalyst + 40.0) * 10.0),
        0x42 => word((s.volts - 0.15) * 1000.0),
        0x23 => word(s.rail / 10.0),
        0x43 => word(s.maf / (s.rpm.max(1.0) / 60.0 / 2.0) / 1.184 / s.litres * 255.0),
        0x44 => word(if closed_loop { 32768.0 } else { s.lambda * 32768.0 }),
        0x45 => percent((s.throttle - 0.13).max(0.0)),
        0x46 => celsius(s.ambient),
        0x47 => percent(s.throttle + 0.002),
        0x49 => percent(0.16 + 0.64 * s.pedal),
        0x4A => percent(0.08 + 0.32 * s.pedal),
        0x4C => percent(s.throttle),
        0x5B => percent(s.battery),
        0x5C => celsius(s.oil),
        0x5E => word(s.fuel_rate * 20.0),
        0x61 => vec![byte(125.0 + 100.0 * s.torque.1 + 1.0)],
        0x62 => vec![byte(125.0 + 100.0 * s.torque.1)],
        0x63 => word(s.torque.0),
        0xA6 => long(s.odometer * 10.0, 4),
        _ => return None,
    })
}

// Rounding to the scale of the bus is the point; every value is clamped to what fits first.
fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

fn word(value: f64) -> Vec<u8> {
    long(value, 2)
}

/// Rounded, highest byte first, in at most four bytes.
pub(super) fn long(value: f64, bytes: usize) -> Vec<u8> {
    let most = (1u64 << (8 * bytes.min(4))) - 1;
    let whole = value.round().clamp(0.0, most as f64) as u32;
    whole.to_be_bytes()[4 - bytes.min(4)..].to_vec()
}
