//! Unit and scaling ids of service 06 (SAE J1979-DA).
//!
//! 01 to 7F scale unsigned 16-bit values, 80 to FE signed ones. Factors are as printed in the standard, abbreviated ones
//! (0.0000305 for 2/65535) too. 3A to 41, 87, 99, AD, AE and FC are in the later editions only. The newest add 42, 43, 8F,
//! 91, 92, 97, 98 and FB, each described in one open source at most, or in two that differ (8F: steps of 1 µs, or of 0.01 A):
//! they stay raw.

/// How a raw 16-bit value becomes a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaling {
    /// Id.
    pub id: u8,
    /// Whether the raw value is two's complement.
    pub signed: bool,
    /// Unit a step.
    pub step: f64,
    /// Value at raw zero.
    pub offset: f64,
    /// Unit; empty for counts and ratios.
    pub unit: &'static str,
}

impl Scaling {
    /// The number; `None` where the raw value is not allowed (only id 2E, true or false, forbids any).
    pub fn apply(&self, raw: u16) -> Option<f64> {
        if self.id == 0x2E && raw > 1 {
            return None;
        }
        let value = if self.signed { f64::from(raw.cast_signed()) } else { f64::from(raw) };
        Some(value * self.step + self.offset)
    }
}

/// Whether values of an id are two's complement, also where the standard leaves its unit to later editions.
pub(super) const fn is_signed(id: u8) -> bool {
    id >= 0x80
}

const fn row(id: u8, step: f64, unit: &'static str) -> Scaling {
    Scaling { id, signed: is_signed(id), step, offset: 0.0, unit }
}

/// Ascending by id.
static TABLE: [Scaling; 92] = [
    row(0x01, 1.0, ""),
    row(0x02, 0.1, ""),
    row(0x03, 0.01, ""),
    row(0x04, 0.001, ""),
    row(0x05, 0.000_030_5, ""),
    row(0x06, 0.000_305, ""),
    row(0x07, 0.25, "rpm"),
    row(0x08, 0.01, "km/h"),
    row(0x09, 1.0, "km/h"),
    row(0x0A, 0.122, "mV"),
    row(0x0B, 0.001, "V"),
    row(0x0C, 0.01, "V"),
    row(0x0D, 0.003_906_25, "mA"),
    row(0x0E, 0.001, "A"),
    row(0x0F, 0.01, "A"),
    row(0x10, 1.0, "ms"),
    row(0x11, 100.0, "ms"),
    row(0x12, 1.0, "s"),
    row(0x13, 1.0, "mΩ"),
    row(0x14, 1.0, "Ω"),
    row(0x15, 1.0, "kΩ"),
    Scaling { offset: -40.0, ..row(0x16, 0.1, "°C") },
    row(0x17, 0.01, "kPa"),
    row(0x18, 0.0117, "kPa"),
    row(0x19, 0.079, "kPa"),
    row(0x1A, 1.0, "kPa"),
    row(0x1B, 10.0, "kPa"),
    row(0x1C, 0.01, "°"),
    row(0x1D, 0.5, "°"),
    row(0x1E, 0.000_030_5, ""),
    row(0x1F, 0.05, ""),
    row(0x20, 0.003_906_25, ""),
    row(0x21, 1.0, "mHz"),
    row(0x22, 1.0, "Hz"),
    row(0x23, 1.0, "kHz"),
    row(0x24, 1.0, ""),
    row(0x25, 1.0, "km"),
    row(0x26, 0.1, "mV/ms"),
    row(0x27, 0.01, "g/s"),
    row(0x28, 1.0, "g/s"),
    row(0x29, 0.25, "Pa/s"),
    row(0x2A, 0.001, "kg/h"),
    row(0x2B, 1.0, ""),
    row(0x2C, 0.01, "g/cyl"),
    row(0x2D, 0.01, "mg/stroke"),
    row(0x2E, 1.0, ""),
    row(0x2F, 0.01, "%"),
    row(0x30, 0.001_526, "%"),
    row(0x31, 0.001, "L"),
    row(0x32, 0.000_030_5, "in"),
    row(0x33, 0.000_244_14, ""),
    row(0x34, 1.0, "min"),
    row(0x35, 10.0, "ms"),
    row(0x36, 0.01, "g"),
    row(0x37, 0.1, "g"),
    row(0x38, 1.0, "g"),
    Scaling { offset: -327.68, ..row(0x39, 0.01, "%") },
    row(0x3A, 0.001, "g"),
    row(0x3B, 0.0001, "g"),
    row(0x3C, 0.1, "µs"),
    row(0x3D, 0.01, "mA"),
    row(0x3E, 0.000_061_035_16, "mm²"),
    row(0x3F, 0.01, "L"),
    row(0x40, 1.0, "ppm"),
    row(0x41, 0.01, "µA"),
    row(0x81, 1.0, ""),
    row(0x82, 0.1, ""),
    row(0x83, 0.01, ""),
    row(0x84, 0.001, ""),
    row(0x85, 0.000_030_5, ""),
    row(0x86, 0.000_305, ""),
    row(0x87, 1.0, "ppm"),
    row(0x8A, 0.122, "mV"),
    row(0x8B, 0.001, "V"),
    row(0x8C, 0.01, "V"),
    row(0x8D, 0.003_906_25, "mA"),
    row(0x8E, 0.001, "A"),
    row(0x90, 1.0, "ms"),
    row(0x96, 0.1, "°C"),
    row(0x99, 0.1, "kPa"),
    row(0x9C, 0.01, "°"),
    row(0x9D, 0.5, "°"),
    row(0xA8, 1.0, "g/s"),
    row(0xA9, 0.25, "Pa/s"),
    row(0xAD, 0.01, "mg/stroke"),
    row(0xAE, 0.1, "mg/stroke"),
    row(0xAF, 0.01, "%"),
    row(0xB0, 0.003_052, "%"),
    row(0xB1, 2.0, "mV/s"),
    row(0xFC, 0.01, "kPa"),
    row(0xFD, 0.001, "kPa"),
    row(0xFE, 0.25, "Pa"),
];

/// The scaling of an id; `None`: published nowhere.
pub fn scaling(id: u8) -> Option<&'static Scaling> {
    TABLE.binary_search_by_key(&id, |row| row.id).ok().and_then(|at| TABLE.get(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_only_the_published_ids() {
        assert!(TABLE.windows(2).all(|pair| pair[0].id < pair[1].id));
        for unknown in [0x00, 0x42, 0x80, 0x88, 0x8F, 0x97, 0xA0, 0xB2, 0xFB, 0xFF] {
            assert_eq!(scaling(unknown), None, "{unknown:02X}");
        }
    }

    #[test]
    fn true_or_false_has_no_third_value() {
        let scaling = scaling(0x2E).unwrap();
        assert_eq!([0, 1, 2, 0xFFFF].map(|raw| scaling.apply(raw)), [Some(0.0), Some(1.0), None, None]);
    }
}
