use super::*;
use roadworthy_api::note::Wheel;

#[test]
fn pads_press_as_they_wear() {
    let at = |mm: f64| {
        let pad = Pad { wheel: Wheel::FrontLeft, mm, at: 1 };
        Car::new().said_with(&[pad], &[]).findings.into_iter().find(|f| f.key == "rule/brake-pad/front-left")
    };
    for (mm, expect) in [
        (9.0, None),
        (4.0, None),
        (3.9, Some(Severity::Watch)),
        (3.0, Some(Severity::Watch)),
        (2.9, Some(Severity::ActSoon)),
        (1.5, Some(Severity::ActSoon)),
        (1.4, Some(Severity::ActNow)),
        (0.0, Some(Severity::ActNow)),
    ] {
        assert_eq!(at(mm).map(|f| f.severity), expect, "{mm} mm");
    }
    let thin = at(2.5).unwrap();
    assert_eq!((thin.title.as_str(), thin.specialist), ("Brake pad front left: 2.5 mm left", Specialist::Brakes));
}

#[test]
fn chassis_codes_keep_their_reserve() {
    let wheel = Car::new().stored("C0035");
    wheel.says("C0035", "makers often mean something else", "Check the sensor's connector");
    assert!(wheel.finds("code/C0035/7E8").title.ends_with("(generic title; the maker may differ)"));
    let own = Car::new().stored("C1035").finds("code/C1035/7E8");
    assert_eq!(own.title, "Code C1035: defined by the maker");
    assert!(own.explanation.contains("of the chassis"), "{}", own.explanation);
    assert_eq!(own.specialist, Specialist::Brakes);
}
