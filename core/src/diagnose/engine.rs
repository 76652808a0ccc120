//! Engine: misfire, fuel and air, cooling, oil, timing.

use super::{
    Advice, Case, Known,
    case::Held,
    code::{after, and},
    known, look_up,
};
use crate::{acquire::number, verdict::is_misfire};

const WIRING: &str = "Look over the sensor's connector and wiring: corrosion, a broken wire, chafing.";

#[rustfmt::skip]
static KNOWN: &[Known] = &[
    known("P0010", "P0015", "The camshaft adjuster does not do as it is told.", &["Check the engine oil's level and age: the adjusters work with it.", "Check the oil control valve and its strainer.", "Check the timing chain or belt if the adjuster is sound."]),
    known("P0016", "P0019", "Crankshaft and camshaft are not where they should be to each other.", &["Check the timing chain or belt, its tensioner and marks before driving on: if it jumps further the engine can be destroyed.", "Check both sensors and their rings.", "Check the engine oil's level and the camshaft adjuster."]),
    known("P0020", "P0025", "The camshaft adjuster does not do as it is told.", &["Check the engine oil's level and age: the adjusters work with it.", "Check the oil control valve and its strainer.", "Check the timing chain or belt if the adjuster is sound."]),
    known("P0030", "P0032", "The heater of an oxygen sensor does not work as it should; until it does the mixture is regulated late after a cold start.", &["Check the heater's fuse.", WIRING, "Measure the heater's resistance, and replace the sensor if it is open."]),
    known("P0036", "P0038", "The heater of an oxygen sensor does not work as it should; until it does the mixture is regulated late after a cold start.", &["Check the heater's fuse.", WIRING, "Measure the heater's resistance, and replace the sensor if it is open."]),
    known("P0042", "P0044", "The heater of an oxygen sensor does not work as it should; until it does the mixture is regulated late after a cold start.", &["Check the heater's fuse.", WIRING, "Measure the heater's resistance, and replace the sensor if it is open."]),
    known("P0050", "P0064", "The heater of an oxygen sensor does not work as it should; until it does the mixture is regulated late after a cold start.", &["Check the heater's fuse.", WIRING, "Measure the heater's resistance, and replace the sensor if it is open."]),
    known("P0087", "P0088", "The fuel pressure is not what the engine asks for.", &["Measure the fuel pressure against the maker's figure, at idle and under load.", "Check the fuel filter, the supply pump and its voltage.", "Check the pressure sensor and regulator."]),
    known("P0100", "P0104", "The air mass meter's signal cannot be right.", &[WIRING, "Look for leaks in the intake between air filter and throttle.", "Check the air filter and the meter for dirt before replacing it."]),
    known("P0105", "P0109", "The intake pressure sensor's signal cannot be right.", &[WIRING, "Look for leaks in the intake and a split hose to the sensor.", "Compare its value with the outside pressure, engine off."]),
    known("P0110", "P0114", "The intake air temperature sensor's signal cannot be right; the engine works with a substitute value.", &[WIRING, "Compare its value with the outside temperature on a cold engine.", "Measure the sensor's resistance against the maker's table."]),
    known("P0115", "P0119", "The coolant temperature sensor's signal cannot be right; the fan may run all the time and starting may be hard.", &[WIRING, "Check the coolant's level.", "Measure the sensor's resistance against the maker's table."]),
    known("P0120", "P0124", "The throttle's or pedal's position signal cannot be right; the engine may limit its power.", &[WIRING, "Watch the position signal in live data while the pedal is pressed slowly.", "Clean the throttle and let it learn its stops anew, as the maker says."]),
    known("P0130", "P0134", "An oxygen sensor's signal is not as it should be. The sensor may be right: it shows what the exhaust holds.", &["Look for exhaust leaks ahead of the sensor.", WIRING, "Watch the sensor in live data at steady speed; replace it only if the mixture is known to be right."]),
    known("P0135", "P0135", "The heater of an oxygen sensor does not work as it should; until it does the mixture is regulated late after a cold start.", &["Check the heater's fuse.", WIRING, "Measure the heater's resistance, and replace the sensor if it is open."]),
    known("P0136", "P0140", "An oxygen sensor's signal is not as it should be. The sensor may be right: it shows what the exhaust holds.", &["Look for exhaust leaks ahead of the sensor.", WIRING, "Watch the sensor in live data at steady speed; replace it only if the mixture is known to be right."]),
    known("P0141", "P0141", "The heater of an oxygen sensor does not work as it should; until it does the mixture is regulated late after a cold start.", &["Check the heater's fuse.", WIRING, "Measure the heater's resistance, and replace the sensor if it is open."]),
    known("P0142", "P0146", "An oxygen sensor's signal is not as it should be. The sensor may be right: it shows what the exhaust holds.", &["Look for exhaust leaks ahead of the sensor.", WIRING, "Watch the sensor in live data at steady speed; replace it only if the mixture is known to be right."]),
    known("P0147", "P0147", "The heater of an oxygen sensor does not work as it should; until it does the mixture is regulated late after a cold start.", &["Check the heater's fuse.", WIRING, "Measure the heater's resistance, and replace the sensor if it is open."]),
    known("P0150", "P0154", "An oxygen sensor's signal is not as it should be. The sensor may be right: it shows what the exhaust holds.", &["Look for exhaust leaks ahead of the sensor.", WIRING, "Watch the sensor in live data at steady speed; replace it only if the mixture is known to be right."]),
    known("P0155", "P0155", "The heater of an oxygen sensor does not work as it should; until it does the mixture is regulated late after a cold start.", &["Check the heater's fuse.", WIRING, "Measure the heater's resistance, and replace the sensor if it is open."]),
    known("P0156", "P0160", "An oxygen sensor's signal is not as it should be. The sensor may be right: it shows what the exhaust holds.", &["Look for exhaust leaks ahead of the sensor.", WIRING, "Watch the sensor in live data at steady speed; replace it only if the mixture is known to be right."]),
    known("P0161", "P0161", "The heater of an oxygen sensor does not work as it should; until it does the mixture is regulated late after a cold start.", &["Check the heater's fuse.", WIRING, "Measure the heater's resistance, and replace the sensor if it is open."]),
    known("P0162", "P0166", "An oxygen sensor's signal is not as it should be. The sensor may be right: it shows what the exhaust holds.", &["Look for exhaust leaks ahead of the sensor.", WIRING, "Watch the sensor in live data at steady speed; replace it only if the mixture is known to be right."]),
    known("P0167", "P0167", "The heater of an oxygen sensor does not work as it should; until it does the mixture is regulated late after a cold start.", &["Check the heater's fuse.", WIRING, "Measure the heater's resistance, and replace the sensor if it is open."]),
    known("P0200", "P0209", "The circuit of an injector is open, shorted or cut off.", &["Check the injector's connector and wiring.", "Measure the injector's resistance and compare it with its neighbours."]),
    known("P0210", "P0212", "The circuit of an injector is open, shorted or cut off.", &["Check the injector's connector and wiring.", "Measure the injector's resistance and compare it with its neighbours."]),
    known("P0217", "P0218", "The engine or transmission was too hot.", &["Do not drive on while it is hot.", "Check the coolant's level when it is cold, and look for leaks.", "Check the fan, the thermostat and the water pump."]),
    known("P0230", "P0232", "The fuel pump's circuit does not work as it should.", &["Check the pump's fuse and relay.", "Measure the voltage at the pump while it should run."]),
    known("P0234", "P0234", "The boost pressure is higher than asked for; the engine limits its power.", &["Check the wastegate or the vanes and their actuator for sticking.", "Check the control valve and its vacuum hoses.", "Check the boost pressure sensor."]),
    known("P0261", "P0296", "An injector or the share of its cylinder is not as it should be.", &["Check the injector's connector and wiring.", "Compare it with its neighbours: swap it if the maker allows.", "Measure the compression of that cylinder."]),
    known("P0298", "P0298", "A limit that protects the engine was passed.", &["Check the engine oil's level.", "Look at the values when the code was set."]),
    known("P0299", "P0299", "The boost pressure is lower than asked for; the engine has less power.", &["Look for leaks and loose hoses between turbocharger and engine.", "Check the wastegate or the vanes and their actuator.", "Check the air filter and the exhaust for blockage."]),
    known("P0320", "P0323", "The engine speed signal is lost at times; the engine may stall or not start.", &["Check the crankshaft sensor's connector and wiring.", "Check the sensor's gap and its ring."]),
    known("P0324", "P0334", "The knock sensor's signal is not as it should be; the ignition is held late to be safe.", &["Check the sensor's bolt: it must be tightened to the maker's torque.", WIRING, "Check that the fuel's octane number is what the maker asks for."]),
    known("P0335", "P0349", "The crankshaft or camshaft sensor's signal is lost or wrong; the engine may stall or not start.", &[WIRING, "Check the sensor's gap and its ring for damage and metal chips.", "Check the timing chain or belt if both sensors disagree."]),
    known("P0350", "P0362", "The circuit of an ignition coil does not work as it should.", &["Check the coil's connector, supply and earth.", "Swap the coil with a neighbour's: if the code goes with it, replace the coil."]),
    known("P0365", "P0369", "The camshaft sensor's signal is lost or wrong.", &[WIRING, "Check the sensor's gap and its ring."]),
    known("P0380", "P0384", "The glow plugs' circuit does not work as it should; starting in the cold may be hard.", &["Check the glow plugs' fuse and relay.", "Measure each glow plug's resistance."]),
    known("P0480", "P0485", "A cooling fan's control does not work as it should; the engine may get hot when it stands.", &["Check the fan's fuse and relay.", "Check the fan's connector and that it turns freely."]),
    known("P0500", "P0503", "The vehicle speed signal is lost or wrong.", &["Check whether the ABS holds codes: in many vehicles it gives this signal.", "Check the speed sensor's connector and wiring."]),
    known("P0505", "P0509", "The idle speed is not what the engine aims for.", &["Look for leaks in the intake.", "Clean the throttle and let it learn its stops anew, as the maker says."]),
    known("P0511", "P0511", "The idle speed is not what the engine aims for.", &["Look for leaks in the intake.", "Clean the throttle and let it learn its stops anew, as the maker says."]),
    known("P0520", "P0524", "The oil pressure signal is not as it should be. Until it is measured nobody knows whether the pressure or the signal is wrong.", &["Check the engine oil's level now; do not drive on if it is low or the red oil lamp is on.", "Measure the oil pressure with a gauge.", "Check the sensor's connector and wiring if the pressure is right."]),
    known("P0601", "P0607", "The engine's control unit found a fault in itself or its memory.", &["Check the supply and the earths of the control unit, and the battery.", "Look up whether the maker has newer software for it."]),
    known("P060A", "P060F", "The engine's control unit found a fault in itself or its memory.", &["Check the supply and the earths of the control unit, and the battery.", "Look up whether the maker has newer software for it."]),
    known("P0670", "P0683", "A glow plug or its control does not work as it should; starting in the cold may be hard.", &["Measure each glow plug's resistance.", "Check the glow control module's supply and wiring."]),
    known("P2096", "P2099", "Behind the catalyst the exhaust is not what the mixture should make it.", &["Look for exhaust leaks around the catalyst.", "Check the sensor behind the catalyst and its wiring.", "Look at the fuel trims in live data."]),
    known("P2100", "P2112", "The throttle's motor does not do as it is told; the engine may limit its power.", &["Check the throttle's connector and wiring.", "Clean the throttle and check that it moves freely, ignition off."]),
    known("P2120", "P2134", "The throttle's or pedal's position signal cannot be right; the engine may limit its power.", &[WIRING, "Watch the position signal in live data while the pedal is pressed slowly.", "Clean the throttle and let it learn its stops anew, as the maker says."]),
    known("P2135", "P2139", "Two position signals of pedal or throttle do not agree; the engine may limit its power.", &["Check the connector and wiring of pedal and throttle.", "Watch both signals in live data while the pedal is pressed slowly."]),
    known("P2140", "P2140", "Two position signals of pedal or throttle do not agree; the engine may limit its power.", &["Check the connector and wiring of pedal and throttle.", "Watch both signals in live data while the pedal is pressed slowly."]),
    known("P2187", "P2190", "At idle the mixture is corrected to its limit.", &["Look for leaks in the intake: they count most at idle.", "Check the crankcase ventilation.", "Check the purge valve for leaking."]),
    known("P2195", "P2198", "An oxygen sensor is stuck at lean or rich. The sensor may be right: it shows what the exhaust holds.", &["Look for exhaust leaks ahead of the sensor.", "Look at the fuel trims in live data.", "Check the sensor's connector and wiring."]),
    known("P2262", "P2263", "The turbocharger does not build boost as it should.", &["Look for leaks and loose hoses between turbocharger and engine.", "Check the wastegate or the vanes and their actuator."]),
    known("P2270", "P2274", "An oxygen sensor is stuck at lean or rich. The sensor may be right: it shows what the exhaust holds.", &["Look for exhaust leaks ahead of the sensor.", "Look at the fuel trims in live data.", "Check the sensor's connector and wiring."]),
    known("P2300", "P2335", "The circuit of an ignition coil does not work as it should.", &["Check the coil's connector, supply and earth.", "Swap the coil with a neighbour's: if the code goes with it, replace the coil."]),
];

pub(super) fn advise(case: &Case<'_>, held: &Held) -> Option<Advice> {
    match held.code.get(..5)? {
        code if is_misfire(code) => Some(misfire(case, held)),
        "P0171" | "P0174" => Some(mixture(case, held, true)),
        "P0172" | "P0175" => Some(mixture(case, held, false)),
        "P0125" | "P0126" | "P0128" => Some(thermostat(case)),
        code => look_up(KNOWN, code),
    }
}

/// Engine load of a freeze frame from which it speaks of work, and up to which of idling, in percent.
const HARD: f64 = 60.0;
const EASY: f64 = 35.0;

/// Cylinders of an ECU's misfire codes; P0300 is none.
fn cylinders(codes: &[String]) -> Vec<u8> {
    codes.iter().filter_map(|c| c.get(3..5)?.parse().ok()).filter(|n| *n > 0).collect()
}

fn misfire(case: &Case<'_>, held: &Held) -> Advice {
    let codes = case.codes_of(&held.ecu, is_misfire);
    let cylinders = cylinders(&codes);
    let random = codes.iter().any(|c| c == "P0300");
    let many = random || cylinders.len() >= 3;
    let lead = codes.first().map_or("", String::as_str);
    let danger = "Unburnt fuel can overheat and destroy the catalyst.";
    if many && held.code != lead {
        return after(
            lead,
            &format!(
                "Several cylinders misfire, so that one cause they share is likelier than a fault of each. {danger}"
            ),
        );
    }
    let mut advice = if case.diesel() {
        Advice::new(
            format!("A cylinder does not burn its fuel as it should. {danger}"),
            &[
                "Compare the injectors' correction values.",
                "Measure the compression.",
                "Check the glow plugs if it misfires in the cold.",
            ],
        )
    } else if many {
        Advice::new(
            format!(
                "Several cylinders misfire, so that one cause they share is likelier than a fault of each. {danger}"
            ),
            &[
                "Measure the fuel pressure.",
                "Look for leaks in the intake.",
                "Check the crankshaft sensor and the timing.",
                "Check the spark plugs of all cylinders.",
            ],
        )
    } else if let ([one, other], true) = (cylinders.as_slice(), cylinders.len() == 2) {
        let mut advice = Advice::new(
            format!("Cylinders {one} and {other} misfire: look for what these two share. {danger}"),
            &[
                "If they share a coil, check that coil and its leads.",
                "If they are neighbours, check the compression of both: the head gasket between them may leak.",
                "If they are one bank, look for leaks of its intake and exhaust.",
            ],
        );
        advice.check_next.extend(swap(&held.code));
        advice
    } else {
        let mut advice = Advice::new(
            format!("One cylinder misfires and the others do not, so that its own parts come first. {danger}"),
            &[],
        );
        advice.check_next = swap(&held.code);
        advice
    };
    if let Some(first) = at_the_time(case, held) {
        advice.check_next.insert(0, first.1);
        advice.explanation = format!("{} {}", advice.explanation, first.0);
    }
    advice
}

/// What to try on a cylinder of its own, the cheapest first.
fn swap(code: &str) -> Vec<String> {
    let n: u8 = code.get(3..5).and_then(|n| n.parse().ok()).unwrap_or(0);
    vec![
        format!(
            "Swap the ignition coil of cylinder {n} with a neighbour's: if the misfire goes with it, replace the coil."
        ),
        format!("Look at the spark plug of cylinder {n}."),
        format!("Check the injector of cylinder {n}."),
        format!("Measure the compression of cylinder {n}."),
    ]
}

/// What the freeze frame adds: a sentence, and what to check first because of it.
fn at_the_time(case: &Case<'_>, held: &Held) -> Option<(String, String)> {
    let load = case.frozen(held, "calculated_engine_load")?;
    let coolant = case.frozen(held, "coolant_temperature");
    let trim = trim(case, held, 1);
    if let Some(trim) = trim.filter(|t| *t >= LEAN) {
        let said = format!("When it was set the mixture was corrected by {} %: it was lean.", number(trim));
        return Some((
            said,
            "Find the cause of the lean mixture first: a leak in the intake, or too little fuel.".into(),
        ));
    }
    if let Some(cold) = coolant.filter(|c| *c < 40.0) {
        let said = format!("It was set with the coolant at {} °C, the engine cold.", number(cold));
        return Some((said, "Start the engine cold and watch which cylinder misfires until it is warm.".into()));
    }
    if load >= HARD {
        let said = format!(
            "It was set at {} % load: under load the spark needs most voltage and the engine most fuel.",
            number(load)
        );
        return Some((said, "Try it under load, not at idle: there it may not show.".into()));
    }
    if load <= EASY {
        let said = format!(
            "It was set at {} % load, near idle: there leaks of air and a lack of compression count most.",
            number(load)
        );
        return Some((said, "Look for leaks in the intake, and listen to the engine at idle.".into()));
    }
    None
}

/// Sum of both trims from which a mixture is called lean (above zero) or rich, in percent. ECUs set their codes near 25 %.
const LEAN: f64 = 12.0;
/// Up to here a correction is everyday.
const USUAL: f64 = 8.0;

/// Short and long term trim of a bank when the code was set, in percent.
fn trim(case: &Case<'_>, held: &Held, bank: u8) -> Option<f64> {
    let short = case.frozen(held, &format!("short_term_fuel_trim_bank_{bank}"))?;
    Some(short + case.frozen(held, &format!("long_term_fuel_trim_bank_{bank}"))?)
}

fn mixture(case: &Case<'_>, held: &Held, lean: bool) -> Advice {
    let bank: u8 = if matches!(held.code.get(..5), Some("P0171" | "P0172")) { 1 } else { 2 };
    let pair = if lean { ["P0171", "P0174"] } else { ["P0172", "P0175"] };
    let both = pair.iter().all(|code| case.held().iter().any(|h| h.ecu == held.ecu && h.code.starts_with(code)));
    if both && bank == 2 {
        return after(pair[0], "Both banks are the same, so that one cause they share is likely.");
    }
    let mut advice = match (lean, both) {
        (true, true) => Advice::new(
            "Both banks get too little fuel for their air, so that the cause is ahead of both: fuel supply, air mass meter, a leak that all share.",
            &[
                "Measure the fuel pressure under load.",
                "Check the air mass meter.",
                "Look for leaks between air mass meter and engine.",
            ],
        ),
        (true, false) => Advice::new(
            "The mixture has too little fuel for its air, and the correction is at its limit.",
            &[
                "Look for leaks in the intake, the hoses and the crankcase ventilation.",
                "Look for exhaust leaks ahead of the oxygen sensor.",
                "Measure the fuel pressure.",
                "Check the air mass meter.",
            ],
        ),
        (false, _) => Advice::new(
            "The mixture has too much fuel for its air, and the correction is at its limit.",
            &[
                "Check the air filter.",
                "Check whether the purge valve or an injector leaks.",
                "Measure the fuel pressure.",
                "Check the engine oil for fuel in it.",
            ],
        ),
    };
    if case.misfires() {
        advice
            .check_next
            .insert(0, "Look at the misfire too: air that is not burnt looks lean to the oxygen sensor.".into());
    }
    let now = |term: &str| case.value(&format!("{term}_term_fuel_trim_bank_{bank}"));
    if let (Some(short), Some(long)) = (now("short"), now("long")) {
        let sum = short.value + long.value;
        advice.evidence = vec![short.evidence(), long.evidence()];
        let against = if lean { sum < USUAL } else { sum > -USUAL };
        let sum = number(sum);
        advice.explanation += &match against {
            true => format!(" Now the correction is {sum} %: at the moment it does not show."),
            false => format!(" Now the correction is {sum} %: it shows at the moment."),
        };
        if against {
            advice.confidence -= 0.1;
        }
    }
    advice
}

fn thermostat(case: &Case<'_>) -> Advice {
    let mut advice = Advice::new(
        "The coolant does not get as warm as it should in time: most often the thermostat does not close. The engine uses more fuel and wears faster.",
        &[
            "Check the coolant's level.",
            "Watch the coolant temperature in live data from a cold start: it should climb steadily to its working temperature.",
            "Replace the thermostat if it stays low.",
            "Compare the sensor with a thermometer if it does not.",
        ],
    );
    if let (Some(coolant), Some(run)) = (case.value("coolant_temperature"), case.value("engine_run_time"))
        && run.value >= 900.0
    {
        advice.evidence.push(coolant.evidence());
        let minutes = number((run.value / 60.0).floor());
        if coolant.value >= 80.0 {
            advice.confidence -= 0.1;
            advice.explanation += &format!(
                " Now, {minutes} min after the start, it is {}: at the moment it does not show.",
                coolant.shown()
            );
        } else {
            advice.explanation +=
                &format!(" Now, {minutes} min after the start, it is {}: it shows at the moment.", coolant.shown());
        }
    }
    advice
}

/// The misfire codes of an ECU in words, for others that must wait for them.
pub(super) fn misfire_codes(case: &Case<'_>) -> String {
    let mut codes: Vec<String> = case.held().into_iter().filter(|h| is_misfire(&h.code)).map(|h| h.code).collect();
    codes.dedup();
    and(&codes)
}
