//! The presets of the contract name signals that the decoder knows.

use roadworthy_api::live::PRESETS;
use roadworthy_obd::decode::signals;
use std::collections::BTreeSet;

#[test]
fn every_preset_names_signals_that_there_are() {
    let known: BTreeSet<&str> = (0..=0xFF).flat_map(signals).map(|s| s.name).collect();
    let mut seen = BTreeSet::new();
    for (preset, names) in PRESETS {
        assert!(seen.insert(preset.to_lowercase()), "{preset} is there twice");
        assert!(names.len() >= 3, "{preset} is no set");
        let each: BTreeSet<&&str> = names.iter().collect();
        assert_eq!(each.len(), names.len(), "{preset} names something twice");
        for name in *names {
            assert!(known.contains(name), "{preset}: no PID holds {name}");
        }
    }
    for expect in ["engine", "fuel and air", "temperatures", "electrical", "drive", "emissions", "diesel"] {
        assert!(seen.contains(expect), "{expect}");
    }
}
