use super::*;

const LOAD: &str = "calculated_engine_load";
const COOLANT: &str = "coolant_temperature";

#[test]
fn one_cylinder_has_its_own_parts_checked_first() {
    let one = "One cylinder misfires and the others do not";
    let swap = "Swap the ignition coil of cylinder 3";
    Car::new().stored("P0303").says("P0303", one, swap);
    Car::new().pending("P0303").says("P0303", one, swap);
    Car::new().stored("P0303").of("7E9", "P0304").says("P0303", one, swap);
    Car::new().stored("P0303").stored("P0420").says("P0303", one, swap);
    let stored = Car::new().stored("P0303");
    assert_eq!(stored.finds("code/P0303/7E8").severity, Severity::ActSoon);
    assert_eq!(stored.lamp().finds("code/P0303/7E8").severity, Severity::ActNow);
}

#[test]
fn two_cylinders_are_looked_at_for_what_they_share() {
    let two = Car::new().stored("P0301").stored("P0302");
    two.says("P0301", "Cylinders 1 and 2 misfire: look for what these two share", "If they share a coil");
    two.says("P0302", "Cylinders 1 and 2 misfire", "If they share a coil");
    let of_two = two.finds("code/P0302/7E8").check_next;
    assert!(of_two.iter().any(|c| c.contains("coil of cylinder 2")), "{of_two:?}");
}

#[test]
fn many_or_random_misfires_have_one_cause_looked_for() {
    let shared = "one cause they share is likelier";
    Car::new().stored("P0300").says("P0300", shared, "Measure the fuel pressure");
    let many = Car::new().stored("P0301").stored("P0302").stored("P0303");
    many.says("P0301", shared, "Measure the fuel pressure");
    many.says("P0302", shared, "Follow the finding about P0301 first");
    let random = Car::new().stored("P0300").stored("P0304");
    random.says("P0300", shared, "Measure the fuel pressure");
    random.says("P0304", shared, "Follow the finding about P0300 first");
}

#[test]
fn the_freeze_frame_says_where_to_begin() {
    let at = |values: &[(&str, f64, &str)]| Car::new().stored("P0301").frozen("P0301", values);
    at(&[(LOAD, 71.0, "%"), (COOLANT, 90.0, "°C")]).says("P0301", "It was set at 71 % load", "Try it under load");
    at(&[(LOAD, 22.0, "%"), (COOLANT, 90.0, "°C")]).says("P0301", "near idle", "Look for leaks in the intake");
    at(&[(LOAD, 71.0, "%"), (COOLANT, 12.0, "°C")]).says("P0301", "the engine cold", "Start the engine cold");
    // Between idle and hard work nothing follows.
    at(&[(LOAD, 48.0, "%"), (COOLANT, 90.0, "°C")]).says("P0301", "One cylinder", "Swap the ignition coil");
    let lean = [(LOAD, 48.0, "%"), ("short_term_fuel_trim_bank_1", 9.0, "%"), ("long_term_fuel_trim_bank_1", 8.0, "%")];
    at(&lean).says("P0301", "corrected by 17 %", "Find the cause of the lean mixture first");
    // A frame of another code, and one that was never filled, say nothing.
    let other = Car::new().stored("P0301").frozen("P0420", &[(LOAD, 71.0, "%")]);
    other.says("P0301", "One cylinder", "Swap the ignition coil");
    at(&[(LOAD, 71.0, "%"), (COOLANT, -40.0, "°C")]).says("P0301", "It was set at 71 % load", "Try it under load");
}

#[test]
fn a_diesel_has_no_spark_plugs() {
    let diesel = Car::new().stored("P0302").diesel();
    diesel.says("P0302", "does not burn its fuel", "Compare the injectors");
    assert!(!diesel.finds("code/P0302/7E8").check_next.iter().any(|c| c.contains("spark") || c.contains("coil")));
}

#[test]
fn mixture_codes_are_weighed_with_the_trims() {
    let trims = |car: Car, short: f64, long: f64| {
        car.value("short_term_fuel_trim_bank_1", short, "%").value("long_term_fuel_trim_bank_1", long, "%")
    };
    Car::new().stored("P0171").says("P0171", "too little fuel for its air", "Look for leaks in the intake");
    Car::new().stored("P0172").says("P0172", "too much fuel for its air", "Check the air filter");
    let shows = trims(Car::new().stored("P0171"), 8.0, 14.0);
    shows.says("P0171", "Now the correction is 22 %: it shows", "Look for leaks");
    assert_eq!(shows.finds("code/P0171/7E8").confidence, 0.9);
    let gone = trims(Car::new().stored("P0171"), 1.0, 2.0);
    gone.says("P0171", "Now the correction is 3 %: at the moment it does not show", "Look for leaks");
    assert_eq!(gone.finds("code/P0171/7E8").confidence, 0.9 - 0.1);
    trims(Car::new().stored("P0172"), -8.0, -14.0).says("P0172", "-22 %: it shows", "Check the air filter");
    trims(Car::new().stored("P0172"), -1.0, 0.0).says("P0172", "does not show", "Check the air filter");
}

#[test]
fn both_banks_have_one_cause_looked_for() {
    let both = Car::new().stored("P0171").stored("P0174");
    both.says("P0171", "ahead of both", "Measure the fuel pressure under load");
    both.says("P0174", "Both banks are the same", "Follow the finding about P0171 first");
    Car::new().stored("P0174").says("P0174", "too little fuel", "Look for leaks in the intake");
    // Another ECU's other bank is another engine's.
    Car::new().stored("P0171").of("7E9", "P0174").says("P0171", "too little fuel", "Look for leaks in the intake");
}

#[test]
fn a_misfire_comes_before_a_lean_mixture() {
    Car::new().stored("P0171").stored("P0301").says("P0171", "too little fuel", "Look at the misfire too");
    Car::new().stored("P0171").permanent("P0301").says("P0171", "too little fuel", "Look for leaks in the intake");
}

#[test]
fn the_thermostat_is_judged_by_the_coolant_of_a_warm_engine() {
    let at = |celsius: f64, seconds: f64| {
        Car::new().stored("P0128").value(COOLANT, celsius, "°C").value("engine_run_time", seconds, "s")
    };
    at(62.0, 1800.0).says("P0128", "30 min after the start, it is 62 °C: it shows", "Check the coolant's level");
    at(91.0, 1800.0).says("P0128", "it does not show", "Check the coolant's level");
    assert!(!at(20.0, 60.0).finds("code/P0128/7E8").explanation.contains("Now"));
}

#[test]
fn ranges_have_their_own_advice() {
    for (code, explains, first) in [
        ("P0016", "Crankshaft and camshaft", "Check the engine oil"),
        ("P0113", "intake air temperature", "Look over the sensor's connector"),
        ("P0118", "coolant temperature sensor", "Look over the sensor's connector"),
        ("P0217", "Do not drive it until the cause is known", "Check the coolant's level"),
        ("P0299", "lower than asked for", "Look for leaks and loose hoses"),
        ("P0335", "may stall", "Look over the sensor's connector"),
        ("P0351", "ignition coil", "Check the coil's connector"),
        ("P0480", "cooling fan", "Check the fan's fuse"),
        ("P0524", "until it is measured nobody knows", "Check the engine oil's level"),
        ("P0522", "Until the pressure is measured", "Check the engine oil's level"),
        ("P2135", "do not agree", "Check the connector and wiring of pedal"),
    ] {
        Car::new().stored(code).says(code, explains, first);
        assert_eq!(Car::new().stored(code).finds(&format!("code/{code}/7E8")).specialist, Specialist::Engine, "{code}");
    }
    // Codes of something else stand between those of a part: its advice is not theirs.
    for (code, wrong) in [
        ("P0034", "heater"),
        ("P0040", "heater"),
        ("P0046", "heater"),
        ("P0148", "oxygen sensor"),
        ("P020A", "circuit of an injector"),
        ("P0235", "higher than asked for"),
        ("P0297", "protects the engine"),
        ("P050F", "idle speed"),
        ("P0600", "fault in itself"),
        ("P0624", "alternator"),
        ("P213A", "position signals"),
        ("P2122", "do not agree"),
        ("P0459", "leaks"),
        ("P0475", "pressure signal"),
        ("P2031", "reductant"),
        ("P2457", "particulate"),
        ("P245B", "soot"),
        ("P0703", "selector lever"),
        ("P0719", "speed sensor"),
        ("P0791", "shift valve"),
        ("P0850", "pressure signal"),
        ("P0863", "pressure signal"),
        ("P2711", "clutch or solenoid"),
        ("P2740", "clutch or solenoid"),
    ] {
        let finding = Car::new().stored(code).finds(&format!("code/{code}/7E8"));
        assert!(!finding.explanation.contains(wrong), "{code}: {}", finding.explanation);
        assert!(!finding.check_next.is_empty(), "{code}");
    }
    for (code, explains) in [
        ("P0135", "heater of an oxygen sensor"),
        ("P2122", "one of its sensors cannot be right"),
        ("P0459", "valve or the pressure sensor"),
        ("P076F", "ratio of a gear"),
        ("P0775", "pressure or shift valve"),
    ] {
        let finding = Car::new().stored(code).finds(&format!("code/{code}/7E8"));
        assert!(finding.explanation.contains(explains), "{code}: {}", finding.explanation);
    }
    // Beside a range nothing is said of it.
    for code in ["P0129", "P0213", "P0363"] {
        let finding = Car::new().stored(code).finds(&format!("code/{code}/7E8"));
        assert!(finding.check_next[0].starts_with("Look P0"), "{code}: {:?}", finding.check_next);
    }
}
