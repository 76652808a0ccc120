use super::*;
use crate::verdict::sample::{reading, with_unfinished};

#[test]
fn a_catalyst_code_waits_for_what_upsets_its_test() {
    let cat = "does not store oxygen";
    Car::new().stored("P0420").says("P0420", cat, "Look for exhaust leaks");
    let misfire = Car::new().stored("P0420").stored("P0301");
    misfire.says("P0420", "A misfire is present", "Cure the misfire first (P0301)");
    assert_eq!(misfire.finds("code/P0420/7E8").confidence, 0.9 - 0.3);
    // A misfire of the past does not upset it now.
    Car::new().stored("P0420").permanent("P0301").says("P0420", cat, "Look for exhaust leaks");
    Car::new().stored("P0420").stored("P0171").says("P0420", "The mixture is wrong", "Put the mixture right first");
    Car::new().stored("P0420").stored("P0133").says("P0420", "An oxygen sensor", "Put the oxygen sensor right");
    // Fuel delivery and timing stand among the oxygen sensors and are none.
    Car::new().stored("P0420").stored("P0148").says("P0420", cat, "Look for exhaust leaks");
    Car::new().stored("P0430").says("P0430", cat, "Look for exhaust leaks");
}

#[test]
fn filters_reductant_and_vapour_have_their_own_advice() {
    for (code, explains, first) in [
        ("P0401", "recirculation", "Check the valve"),
        ("P0442", "small leak", "Check that the fuel cap"),
        ("P0455", "the fuel cap first", "Check that the fuel cap"),
        ("P0496", "purge or vent valve", "Check that the purge valve closes"),
        ("P2002", "does not hold", "Check the pressure difference sensor"),
        ("P2452", "pressure difference", "Check both of the sensor's hoses"),
        ("P2463", "too much soot", "Ask how it is driven"),
        ("P20E8", "refuse to start", "Check the reductant's level"),
    ] {
        let car = Car::new().stored(code);
        car.says(code, explains, first);
        assert_eq!(car.finds(&format!("code/{code}/7E8")).specialist, Specialist::Emissions, "{code}");
    }
}

#[test]
fn unfinished_monitors_mean_that_emissions_cannot_be_told() {
    let key = "rule/readiness-incomplete";
    Car(with_unfinished(clean(), 1)).silent(key);
    let open = Car(with_unfinished(clean(), 3));
    let finding = open.finds(key);
    assert_eq!((finding.severity, finding.title.as_str()), (Severity::Watch, "Emissions cannot be told yet"));
    assert!(
        finding.explanation.contains("3 of 4") && finding.explanation.contains("lately"),
        "{}",
        finding.explanation
    );
    let mut cleared = with_unfinished(clean(), 2);
    cleared.snapshot.push(reading("31", "Distance since codes cleared", 12.0, "km"));
    assert!(Car(cleared).finds(key).explanation.contains("codes were cleared 12 km ago"));
    assert_eq!(Car(with_unfinished(clean(), 3)).stored("P0420").finds(key).severity, Severity::Note);
}
