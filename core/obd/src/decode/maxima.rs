//! How far other PIDs reach: PIDs 4F and 50 (SAE J1979-DA, "external test equipment configuration").
//!
//! An ECU whose sensors measure farther than the usual encoding holds says there how far, and counts in shares of that: the
//! ratios of 24–2B, 34–3B and 44, the voltages of 24–2B, the currents of 34–3B, the pressure of 0B, the air flow of 10. 00
//! keeps the usual scale. One reply cannot tell, so the decoder gives the usual scale, and whoever reads an ECU lays this
//! over its values. A boosted engine would else show half its intake pressure.

/// What one ECU says in PIDs 4F and 50. The default is the usual scale of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Maxima {
    ratio: Option<f64>,
    volts: Option<f64>,
    milliamps: Option<f64>,
    kilopascals: Option<f64>,
    grams: Option<f64>,
}

impl Maxima {
    /// The PIDs that it comes from.
    pub const PIDS: [u8; 2] = [0x4F, 0x50];

    /// Takes in a signal of these PIDs, by its machine name; other signals say nothing.
    pub fn learn(&mut self, name: &str, value: f64) {
        let place = match name {
            "maximum_equivalence_ratio" => &mut self.ratio,
            "maximum_o2_sensor_voltage" => &mut self.volts,
            "maximum_o2_sensor_current" => &mut self.milliamps,
            "maximum_intake_manifold_pressure" => &mut self.kilopascals,
            "maximum_mass_air_flow" => &mut self.grams,
            _ => return,
        };
        *place = Some(value);
    }

    /// Which of [`Self::PIDS`] sets the scale of a number of this PID, told from the PID's others by its unit.
    pub fn source(pid: u8, unit: &str) -> Option<u8> {
        match (pid, unit) {
            (0x0B, _) | (0x44 | 0x24..=0x2B | 0x34..=0x3B, "") | (0x24..=0x2B, "V") | (0x34..=0x3B, "mA") => Some(0x4F),
            (0x10, _) => Some(0x50),
            _ => None,
        }
    }

    /// A number of this PID, given in its usual scale, in that of the ECU.
    pub fn scale(&self, pid: u8, unit: &str, value: f64) -> f64 {
        // Bits a unit in the usual scale, the bits of the greatest number, and how far that reaches.
        let (bits, most, reach) = match (pid, unit) {
            (0x0B, _) => (1.0, 255.0, self.kilopascals),
            (0x10, _) => (100.0, 65535.0, self.grams),
            (0x44 | 0x24..=0x2B | 0x34..=0x3B, "") => (32768.0, 65535.0, self.ratio),
            (0x24..=0x2B, "V") => (8192.0, 65535.0, self.volts),
            // From -reach, with nothing in the middle.
            (0x34..=0x3B, "mA") => (256.0, 32768.0, self.milliamps),
            _ => return value,
        };
        reach.map_or(value, |reach| (value * bits).round() * reach / most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Context, decode};

    #[test]
    fn numbers_are_laid_over_the_reach_that_the_ecu_names() {
        let mut maxima = Maxima::default();
        for pid in ["414F04104033", "415050000000"] {
            let read = decode(&crate::line::unhex(pid).unwrap(), Context::default()).unwrap();
            read.values().unwrap().signals.iter().for_each(|s| maxima.learn(s.name(), s.number().unwrap()));
        }
        for (reply, usual, expect) in [
            ("410B80", &[128.0][..], &[256.0][..]),
            ("410BFF", &[255.0], &[510.0]),
            ("41102710", &[100.0], &[122.072]),
            ("4110FFFF", &[655.35], &[800.0]),
            ("41248000FFFF", &[1.0, 7.9999], &[2.00003, 16.0]),
            ("41247D009C40", &[0.97656, 4.88281], &[1.95315, 9.76577]),
            ("41347D005C40", &[0.97656, -35.75], &[1.95315, -17.875]),
            ("413B80008000", &[1.0, 0.0], &[2.00003, 0.0]),
            ("41448000", &[1.0], &[2.00003]),
            ("41055A", &[50.0], &[50.0]),
            ("41145AFF", &[0.45], &[0.45]),
        ] {
            let read = decode(&crate::line::unhex(reply).unwrap(), Context::default()).unwrap();
            let items = read.values().unwrap().signals.iter().filter_map(|s| match &s.reading {
                crate::decode::Reading::Number(value, unit) => Some((s.id, *unit, *value)),
                _ => None,
            });
            let items: Vec<_> = items.collect();
            assert_eq!(items.len(), expect.len(), "{reply}");
            for ((id, unit, value), (usual, expect)) in items.into_iter().zip(usual.iter().zip(expect)) {
                let pid = u8::try_from(id).unwrap();
                assert!((Maxima::default().scale(pid, unit, value) - usual).abs() < 0.001, "{reply} {value}");
                let got = maxima.scale(pid, unit, value);
                assert!((got - expect).abs() < 0.001, "{reply}: {got} where {expect} was expected");
                assert_eq!(Maxima::source(pid, unit).is_none(), pid == 0x05 || pid == 0x14, "{reply}");
            }
        }
    }
}
