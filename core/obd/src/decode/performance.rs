//! In-use performance tracking: infotypes 08 (spark ignition) and 0B (compression ignition) of service 09.
//!
//! The reply is a row of counters in a fixed order. The first two count driving; then each monitor has how often it ran to
//! its end and how often the conditions for it were met. Counters stop at 65535 and are halved, not reset.

/// A counter's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CounterName {
    /// Machine name, as in `catalyst_bank_1_completed`.
    pub name: &'static str,
    /// Name for people.
    pub label: &'static str,
}

/// The counters of one ECU, in the standard's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Performance {
    /// `0x08` for spark ignition, `0x0B` for compression ignition.
    pub infotype: u8,
    /// As sent; see [`Performance::is_an_edition`].
    pub counts: Vec<u32>,
}

/// How often a monitor ran, against how often it could have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Machine name, as in `catalyst_bank_1`.
    pub monitor: &'static str,
    /// Name for people, as in `Catalyst, bank 1`.
    pub label: &'static str,
    /// Times it ran to its end (the numerator).
    pub completed: u32,
    /// Times the conditions for it were met (the denominator).
    pub conditions: u32,
}

/// Machine name and label of a monitor, then the machine names of its two counters and their labels.
type Row = (&'static str, &'static str, [CounterName; 2]);

macro_rules! monitors {
    ($($name:literal, $label:literal;)*) => {
        &[$((
            $name,
            $label,
            [
                CounterName { name: concat!($name, "_completed"), label: concat!($label, ": run to the end") },
                CounterName { name: concat!($name, "_conditions"), label: concat!($label, ": conditions met") },
            ],
        )),*]
    };
}

static DRIVING: [CounterName; 2] = [
    CounterName { name: "monitoring_conditions", label: "Monitoring conditions met" },
    CounterName { name: "ignition_cycles", label: "Ignition cycles" },
];

static SPARK: &[Row] = monitors! {
    "catalyst_bank_1", "Catalyst, bank 1";
    "catalyst_bank_2", "Catalyst, bank 2";
    "oxygen_sensor_bank_1", "Oxygen sensor, bank 1";
    "oxygen_sensor_bank_2", "Oxygen sensor, bank 2";
    "egr_vvt", "Exhaust gas recirculation or valve timing";
    "secondary_air", "Secondary air";
    "evaporative_system", "Evaporative system";
    "secondary_oxygen_sensor_bank_1", "Secondary oxygen sensor, bank 1";
    "secondary_oxygen_sensor_bank_2", "Secondary oxygen sensor, bank 2";
    "air_fuel_imbalance_bank_1", "Air-fuel ratio imbalance, bank 1";
    "air_fuel_imbalance_bank_2", "Air-fuel ratio imbalance, bank 2";
    "pm_filter_bank_1", "Particulate filter, bank 1";
    "pm_filter_bank_2", "Particulate filter, bank 2";
};

static COMPRESSION: &[Row] = monitors! {
    "nmhc_catalyst", "NMHC catalyst";
    "nox_scr", "NOx or SCR catalyst";
    "nox_adsorber", "NOx adsorber";
    "pm_filter", "Particulate filter";
    "exhaust_gas_sensor", "Exhaust gas sensor";
    "egr_vvt", "Exhaust gas recirculation or valve timing";
    "boost_pressure", "Boost pressure";
    "fuel_system", "Fuel system";
};

impl Performance {
    fn rows(&self) -> &'static [Row] {
        if self.infotype == 0x0B { COMPRESSION } else { SPARK }
    }

    /// Whether there are as many counters as an edition of the standard has (they and their order agree with the test programme
    /// of SAE J1699-3): for spark ignition 16, 20 since 2010 and 28 since petrol cars have particulate filters; for compression
    /// ignition 16 or 18. Of another number nobody knows which they are.
    pub fn is_an_edition(&self) -> bool {
        match self.infotype {
            0x0B => matches!(self.counts.len(), 16 | 18),
            _ => matches!(self.counts.len(), 16 | 20 | 28),
        }
    }

    /// Each counter with its names; `None` for those past what is published.
    pub fn named(&self) -> impl Iterator<Item = (Option<CounterName>, u32)> {
        let names = DRIVING.iter().chain(self.rows().iter().flat_map(|(.., pair)| pair)).copied();
        let names = names.map(Some).chain(std::iter::repeat(None));
        names.zip(self.counts.iter().copied())
    }

    /// Times the general conditions for monitoring were met; the denominator against which the others are judged.
    pub fn monitoring_conditions(&self) -> Option<u32> {
        self.counts.first().copied()
    }

    /// Times the engine was started.
    pub fn ignition_cycles(&self) -> Option<u32> {
        self.counts.get(1).copied()
    }

    /// Each monitor's two counters, in the standard's order. A vehicle without a monitor sends zeros for it.
    pub fn ratios(&self) -> impl Iterator<Item = Ratio> {
        let pairs = self.counts.get(2..).unwrap_or_default().as_chunks::<2>().0;
        let ratio = |(&(monitor, label, _), &[completed, conditions]): (&Row, &[u32; 2])| Ratio {
            monitor,
            label,
            completed,
            conditions,
        };
        self.rows().iter().zip(pairs).map(ratio)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_named_in_the_standards_order() {
        let spark = Performance { infotype: 0x08, counts: (1..=29).collect() };
        let names: Vec<_> = spark.named().map(|(name, count)| (name.map_or("", |n| n.name), count)).collect();
        assert_eq!(names[0], ("monitoring_conditions", 1));
        assert_eq!(names[1], ("ignition_cycles", 2));
        assert_eq!(names[2], ("catalyst_bank_1_completed", 3));
        assert_eq!(names[11], ("egr_vvt_conditions", 12));
        assert_eq!(names[15], ("evaporative_system_conditions", 16));
        assert_eq!(names[19], ("secondary_oxygen_sensor_bank_2_conditions", 20));
        assert_eq!(names[27], ("pm_filter_bank_2_conditions", 28));
        assert_eq!(names[28], ("", 29));
        let diesel = Performance { infotype: 0x0B, counts: (1..=16).collect() };
        let ratios: Vec<_> = diesel.ratios().map(|r| (r.monitor, r.completed, r.conditions)).collect();
        assert_eq!(ratios.len(), 7);
        assert_eq!(ratios[0], ("nmhc_catalyst", 3, 4));
        assert_eq!(ratios[3], ("pm_filter", 9, 10));
        assert_eq!(ratios[6], ("boost_pressure", 15, 16));
        for (infotype, count, expect) in [
            (0x08, 16, true),
            (0x08, 20, true),
            (0x08, 18, false),
            (0x08, 28, true),
            (0x0B, 18, true),
            (0x0B, 20, false),
        ] {
            assert_eq!(Performance { infotype, counts: vec![7; count] }.is_an_edition(), expect, "{infotype} {count}");
        }
    }
}
