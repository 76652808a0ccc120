use super::*;

#[test]
fn who_misses_whom_says_where_to_look() {
    Car::new().stored("U0121").says("U0121", "did not hear another", "Check the battery's voltage");
    let alone = Car::new().stored("U0121").stored("U0140");
    alone.says("U0121", "Engine alone misses several", "Check that control unit's connector");
    alone.says("U0140", "Engine alone misses several", "Follow the finding about U0121 first");
    let same = Car::new().stored("U0121").of("7E9", "U0121");
    same.says("U0121", "Engine and Transmission miss the same", "Check the fuse, supply and earth");
    let wide = Car::new().stored("U0121").of("7E9", "U0100");
    wide.says("U0121", "the network or the supply is likelier", "Check the battery's voltage and the earths");
    assert!(wide.finds("code/U0100/7E9").check_next[0].starts_with("Follow the finding about U0121"));
    let pending = Car::new().pending("U0121").finds("code/U0121/7E8");
    assert!(pending.check_next.last().unwrap().starts_with("Clear nothing yet"));
    let stored = Car::new().stored("U0121").finds("code/U0121/7E8");
    assert!(!stored.check_next.last().unwrap().starts_with("Clear nothing yet"));
}

#[test]
fn supply_network_and_hybrid_codes_have_their_own_advice() {
    for (code, explains, first) in [
        ("P0562", "supply voltage", "Measure a 12 V lead battery"),
        ("P0622", "alternator", "Measure the charging voltage"),
        ("P0A80", "battery is worn", "Do not open anything marked orange"),
        ("P0A0F", "hybrid or electric drive", "Do not open anything marked orange"),
        ("U0001", "network of the vehicle is disturbed", "Check the battery's voltage"),
        ("U0073", "switched off", "Check the battery's voltage"),
        ("U0401", "cannot be right", "Look for codes of the control unit"),
    ] {
        let car = Car::new().stored(code);
        car.says(code, explains, first);
        assert_eq!(car.finds(&format!("code/{code}/7E8")).specialist, Specialist::Electrical, "{code}");
    }
}

#[test]
fn charging_is_judged_only_with_the_engine_running() {
    let at = |volts: f64, rpm: f64| {
        let mut car = Car::new().value("control_module_voltage", volts, "V").value("engine_rpm", rpm, "rpm");
        car.0.adapter.voltage = None;
        car
    };
    let low = at(11.5, 820.0).finds("rule/charging-low");
    assert_eq!((low.severity, low.confidence, low.specialist), (Severity::ActSoon, 0.5, Specialist::Electrical));
    at(11.5, 0.0).silent("rule/charging-low");
    at(12.2, 820.0).silent("rule/charging-low");
    at(14.2, 820.0).silent("rule/charging-low").silent("rule/charging-high");
    at(15.6, 820.0).finds("rule/charging-high");
    at(15.1, 820.0).silent("rule/charging-high");
    // A 24 V vehicle.
    at(28.1, 820.0).silent("rule/charging-high").silent("rule/charging-low");
}

#[test]
fn a_voltage_that_the_adapter_contradicts_raises_nothing() {
    let car = Car::new().value("control_module_voltage", 11.5, "V").value("engine_rpm", 820.0, "rpm");
    car.silent("rule/charging-low");
    assert!(car.said().limits.iter().any(|l| l.contains("the adapter measures 14.2 V")), "{:?}", car.said().limits);
}
