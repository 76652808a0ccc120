use super::*;

#[test]
fn transmission_codes_have_their_own_advice() {
    for (code, explains, first) in [
        ("P0705", "selector lever", "Check the sensor's connector"),
        ("P0715", "speed sensor of the transmission", "Check the sensor's connector"),
        ("P0730", "something slips", "Check the transmission fluid"),
        ("P0740", "lock-up clutch", "Check the transmission fluid"),
        ("P0753", "shift solenoid", "Check the transmission fluid"),
        ("P0868", "pressure signal", "Check the transmission fluid"),
        ("P0894", "slips", "Check the transmission fluid"),
        ("P2757", "clutch or solenoid", "Check the transmission fluid"),
    ] {
        let car = Car::new().stored(code);
        car.says(code, explains, first);
        assert_eq!(car.finds(&format!("code/{code}/7E8")).specialist, Specialist::Transmission, "{code}");
    }
    Car::new().stored("P0301").silent("code/P0740/7E8");
}

#[test]
fn the_request_for_the_lamp_points_to_the_code_behind_it() {
    let both = Car::new().stored("P0700").of("7E9", "P0741");
    both.says("P0700", "asks for the lamp", "Follow the finding about P0741, which Transmission holds.");
    Car::new().stored("P0700").says("P0700", "asks for the lamp", "Read the transmission's control unit");
    // One control unit for engine and transmission holds both; a transmission's code need not begin with P07.
    for code in ["P0741", "P0868", "P2757"] {
        let one = Car::new().stored("P0700").stored(code);
        one.says("P0700", "asks for the lamp", &format!("Follow the finding about {code}, which Engine holds."));
    }
    // The request is no answer to itself.
    let asks = Car::new().stored("P0700").of("7E9", "P0700");
    asks.says("P0700", "asks for the lamp", "Read the transmission's control unit");
}
