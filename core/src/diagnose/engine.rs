//! Engine: misfire, fuel and air, cooling, oil, timing.

use super::{
    Advice, Case,
    case::Held,
    code::{after, and},
    look_up,
};
use crate::{acquire::number, verdict::is_misfire};
use roadworthy_api::finding::Severity;

pub(super) fn advise(case: &Case<'_>, held: &Held) -> Option<Advice> {
    match held.code.get(..5)? {
        code if is_misfire(code) => Some(misfire(case, held)),
        "P0171" | "P0174" => mixture(case, held, true),
        "P0172" | "P0175" => mixture(case, held, false),
        "P0125" | "P0126" | "P0128" => thermostat(case, held),
        code => look_up(code),
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
        let (said, check, drives) = first;
        advice.explanation = format!("{} {said}", advice.explanation);
        // What must not be driven is not tried on the road first.
        match drives && case.pressing(held).severity == Severity::ActNow {
            true => advice.check_next.push(format!("After the repair: {check}")),
            false => advice.check_next.insert(0, check),
        }
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

/// What the freeze frame adds: a sentence, what to check first because of it, and whether that needs a drive.
fn at_the_time(case: &Case<'_>, held: &Held) -> Option<(String, String, bool)> {
    let load = case.frozen(held, "calculated_engine_load")?;
    let coolant = case.frozen(held, "coolant_temperature");
    let trim = trim(case, held, 1);
    if let Some(trim) = trim.filter(|t| *t >= LEAN) {
        let said = format!("When it was set the mixture was corrected by {} %: it was lean.", number(trim));
        return Some((
            said,
            "Find the cause of the lean mixture first: a leak in the intake, or too little fuel.".into(),
            false,
        ));
    }
    if let Some(cold) = coolant.filter(|c| *c < 40.0) {
        let said = format!("It was set with the coolant at {} °C, the engine cold.", number(cold));
        return Some((said, "Start the engine cold and watch which cylinder misfires until it is warm.".into(), false));
    }
    if load >= HARD {
        let said = format!(
            "It was set at {} % load: under load the spark needs most voltage and the engine most fuel.",
            number(load)
        );
        return Some((said, "Try it under load, not at idle: there it may not show.".into(), true));
    }
    if load <= EASY {
        let said = format!(
            "It was set at {} % load, near idle: there leaks of air and a lack of compression count most.",
            number(load)
        );
        return Some((said, "Look for leaks in the intake, and listen to the engine at idle.".into(), false));
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

fn mixture(case: &Case<'_>, held: &Held, lean: bool) -> Option<Advice> {
    let bank: u8 = if matches!(held.code.get(..5), Some("P0171" | "P0172")) { 1 } else { 2 };
    let pair = if lean { ["P0171", "P0174"] } else { ["P0172", "P0175"] };
    let both = pair.iter().all(|code| case.held().iter().any(|h| h.ecu == held.ecu && h.code.starts_with(code)));
    if both && bank == 2 {
        return Some(after(pair[0], "Both banks are the same, so that one cause they share is likely."));
    }
    let mut advice = match both && lean {
        true => Advice::new(
            "Both banks get too little fuel for their air, so that the cause is ahead of both: fuel supply, air mass meter, a leak that all share.",
            &[
                "Measure the fuel pressure under load.",
                "Check the air mass meter.",
                "Look for leaks between air mass meter and engine.",
            ],
        ),
        false => look_up(&held.code)?,
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
    Some(advice)
}

fn thermostat(case: &Case<'_>, held: &Held) -> Option<Advice> {
    let mut advice = look_up(&held.code)?;
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
    Some(advice)
}

/// The misfire codes of an ECU in words, for others that must wait for them.
pub(super) fn misfire_codes(case: &Case<'_>) -> String {
    let mut codes: Vec<String> = case.held().into_iter().filter(|h| is_misfire(&h.code)).map(|h| h.code).collect();
    codes.dedup();
    and(&codes)
}
