//! What was measured of an adapter, in words.

use crate::locale;
use roadworthy_api::adapter::{CountDigit, Passport, Proof, Purpose, ResetKind};

/// What is to be said of a measurement: a key for its look, and a word.
pub(crate) fn proof(proof: &Proof) -> (&'static str, &'static str) {
    match proof {
        Proof::Yes => ("good", "fit"),
        Proof::No { .. } => ("act-soon", "not fit"),
        Proof::Unknown { .. } => ("cannot-tell", "not known"),
    }
}

/// In one sentence what it is good for.
pub(crate) fn fit_line(passport: &Passport) -> String {
    let of = |wanted: fn(&Proof) -> bool| -> Vec<String> {
        let fit = passport.fit.iter().filter(|f| wanted(&f.fit));
        fit.map(|f| name(f.purpose)).collect()
    };
    let (yes, no, unknown) = (
        of(|p| matches!(p, Proof::Yes)),
        of(|p| matches!(p, Proof::No { .. })),
        of(|p| matches!(p, Proof::Unknown { .. })),
    );
    let part = |words: &str, list: Vec<String>| (!list.is_empty()).then(|| format!("{words} {}", super::list(&list)));
    let parts: Vec<_> =
        [part("fit for", yes), part("not fit for", no), part("not known for", unknown)].into_iter().flatten().collect();
    if parts.is_empty() {
        "Nothing was measured.".into()
    } else {
        format!("{}.", super::sentence_case(&parts.join("; ")))
    }
}

fn name(purpose: Purpose) -> String {
    match purpose {
        Purpose::Uds => "UDS".into(),
        other => {
            let label = other.label();
            let mut chars = label.chars();
            chars.next().into_iter().flat_map(char::to_lowercase).chain(chars).collect()
        }
    }
}

/// Measured figures: what, and how much.
pub(crate) fn figures(p: &Passport) -> Vec<(&'static str, String)> {
    let number = |value: f64, digits, unit: &str| format!("{} {unit}", locale::number(value, digits));
    let rows = [
        ("Answers its own commands in", p.latency_ms.map(|ms| number(ms, 1, "ms"))),
        ("Carries", p.throughput.map(|t| number(t, 0, "characters a second"))),
        ("Longest answer that came whole", p.longest.map(|n| number(f64::from(n), 0, "characters"))),
        ("Voltage at the connector", p.voltage.map(|v| number(v, 1, "V"))),
        ("Reset with", p.reset.map(|r| reset(r).to_owned())),
        ("A count of awaited replies is", Some(digit(&p.count_digit))),
        ("Tried with", p.tried_on.as_ref().map(|t| format!("{}, {}", t.protocol, super::count(t.ecus.into(), "ECU")))),
        ("A vehicle's answer takes", p.tried_on.as_ref().and_then(|t| t.round_trip_ms).map(|ms| number(ms, 1, "ms"))),
    ];
    rows.into_iter().filter_map(|(what, how)| Some((what, how?))).collect()
}

fn reset(kind: ResetKind) -> &'static str {
    match kind {
        ResetKind::Full => "ATZ",
        ResetKind::Warm => "ATWS",
        ResetKind::Defaults => "ATD",
        ResetKind::None => "nothing: no reset brought it back",
    }
}

fn digit(digit: &CountDigit) -> String {
    match digit {
        CountDigit::Honoured => "understood".into(),
        CountDigit::Ignored => "ignored".into(),
        CountDigit::TakenAsData => "taken for a part of the request".into(),
        CountDigit::Unknown { why } => format!("not known: {why}"),
    }
}

/// What it does and does not, each with its proof.
pub(crate) fn abilities(p: &Passport) -> Vec<(&'static str, Proof)> {
    let mut all = vec![
        ("Names the sender of each reply", p.headers.clone()),
        ("Sends requests of three bytes", p.request_of_3.clone()),
        ("Sends requests of seven bytes", p.request_of_7.clone()),
        ("Receives replies of several frames", p.long_reply.clone()),
        ("Tells an ECU to go on sending", p.flow_control.clone()),
        ("Holds a long answer", p.buffer.clone()),
    ];
    if let Some(tried) = &p.tried_on {
        all.push(("Asks this vehicle for several values at once", tried.several_values.clone()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::adapter::{Fitness, TriedOn};

    fn passport() -> Passport {
        let why = || "It stops at 8 characters.".to_owned();
        let fit = |purpose, fit| Fitness { purpose, fit };
        Passport {
            measured: 0,
            claims: "ELM327 v1.5".into(),
            describes: String::new(),
            stn: None,
            reset: Some(ResetKind::Full),
            latency_ms: Some(4.25),
            throughput: None,
            longest: Some(128),
            voltage: None,
            headers: Proof::Yes,
            request_of_3: Proof::Yes,
            request_of_7: Proof::No { why: why() },
            long_reply: Proof::Yes,
            flow_control: Proof::Yes,
            buffer: Proof::Unknown { why: "No vehicle answered.".into() },
            count_digit: CountDigit::TakenAsData,
            commands: vec![],
            counterfeit: None,
            cannot: vec![],
            fit: vec![
                fit(Purpose::LiveData, Proof::Yes),
                fit(Purpose::Codes, Proof::Yes),
                fit(Purpose::Service06, Proof::Unknown { why: why() }),
                fit(Purpose::Uds, Proof::No { why: why() }),
            ],
            tried_on: None,
        }
    }

    #[test]
    fn a_passport_says_in_a_sentence_what_it_is_good_for() {
        let mut p = passport();
        assert_eq!(
            fit_line(&p),
            "Fit for live data and trouble codes; not fit for UDS; not known for test results (service 06)."
        );
        p.fit.clear();
        assert_eq!(fit_line(&p), "Nothing was measured.");
    }

    #[test]
    fn only_what_was_measured_has_a_figure() {
        let mut p = passport();
        let whats = |p: &Passport| figures(p).into_iter().map(|(what, _)| what).collect::<Vec<_>>();
        assert_eq!(
            whats(&p),
            [
                "Answers its own commands in",
                "Longest answer that came whole",
                "Reset with",
                "A count of awaited replies is"
            ]
        );
        assert_eq!(abilities(&p).len(), 6);
        let tried = TriedOn { protocol: "CAN".into(), ecus: 2, several_values: Proof::Yes, round_trip_ms: None };
        p.tried_on = Some(tried);
        assert_eq!(abilities(&p).len(), 7);
        assert_eq!(figures(&p).last().map(|(_, how)| how.as_str()), Some("CAN, 2 ECUs"));
    }
}
