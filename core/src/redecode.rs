//! A visit's recorded traffic, read once more by today's decoder. Pure: a recording in, a report and its differences out.
//!
//! The usual case: [`redecode`] makes the report, [`differences`] lays it beside the one that is shown. Nothing is rounded and
//! no difference is too small, unlike between two visits: the bytes are the same, so only the reading can differ.

use roadworthy_api::{
    Result,
    check::{AdapterInfo, CheckReport, CodeClass, Outcome},
    reading::{Item, Value},
    visit::{DecodedChange, DecodedPart, DecodedRow},
};
use roadworthy_obd::{
    check::{CheckOptions, check_recording},
    traffic::{Medium, Traffic},
};
use std::{collections::BTreeMap, sync::Arc};

use crate::verdict::{class_word, monitor_name};

/// What today's decoder reads in the traffic of a check. Its times and port are those of the check.
///
/// # Errors
/// [`roadworthy_api::Code::Malformed`] where the text is no recording; that of the check where nothing in it can be read.
pub fn redecode(shown: &CheckReport, traffic: &str) -> Result<CheckReport> {
    let mut traffic = Traffic::parse(traffic)?;
    let frames = traffic.medium == Medium::Frames;
    traffic.started = Some(shown.started);
    // A recording of before says nothing of how it ended.
    traffic.ended = traffic.ended.or_else(|| shown.partial.clone());
    let ended = shown.ended;
    let options = CheckOptions { now: Arc::new(move || ended), ..CheckOptions::new(&shown.port) };
    let report = check_recording(traffic, options).report?;
    // What frames went over is not among them, and what was measured of an adapter is no reading of the vehicle.
    let told = if frames { &shown.adapter } else { &report.adapter };
    let adapter = AdapterInfo { passport: shown.adapter.passport.clone(), ..told.clone() };
    Ok(CheckReport { started: shown.started, ended, adapter, ..report })
}

/// Everything that either report has, by part, and how it stands.
pub fn differences(shown: &CheckReport, today: &CheckReport) -> Vec<DecodedRow> {
    let (before, after) = (facts(shown), facts(today));
    let mut keys: Vec<&Key> = before.keys().chain(after.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
        .filter_map(|key| {
            let (before, after) = (before.get(key), after.get(key));
            // A question of today that the recording cannot answer says nothing of the visit.
            if before.is_none() && after.is_some_and(|fact| fact.not_asked) {
                return None;
            }
            let same = |a: &Fact, b: &Fact| a.not_asked && b.not_asked || a.words == b.words;
            let change = match (before, after) {
                (Some(a), Some(b)) if same(a, b) => DecodedChange::Same,
                (Some(_), Some(_)) => DecodedChange::Changed,
                (None, _) => DecodedChange::New,
                (Some(_), None) => DecodedChange::Gone,
            };
            let words = |fact: Option<&Fact>| fact.map(|f| f.words.clone());
            let label = after.or(before).map(|f| f.label.clone()).unwrap_or_default();
            Some(DecodedRow {
                part: key.0,
                ecu: key.1.clone(),
                label,
                before: words(before),
                after: words(after),
                change,
            })
        })
        .collect()
}

/// Whether nothing reads otherwise than it is shown.
pub fn nothing_differs(rows: &[DecodedRow]) -> bool {
    rows.iter().all(|row| row.change == DecodedChange::Same)
}

/// What a fact is known by: its part, its ECU and its own name, which a new wording of a label leaves alone.
type Key = (DecodedPart, String, String);

struct Fact {
    label: String,
    words: String,
    not_asked: bool,
}

fn facts(report: &CheckReport) -> BTreeMap<Key, Fact> {
    let mut all = BTreeMap::new();
    let mut put = |part, ecu: &str, key: &str, label: &str, words: String| {
        let place = |n: u32| (part, ecu.to_owned(), if n == 0 { key.to_owned() } else { format!("{key} {n}") });
        // The same thing may be said twice; each counts.
        let key = (0..).map(place).find(|key| !all.contains_key(key));
        if let Some(key) = key {
            all.insert(key, Fact { label: label.to_owned(), words, not_asked: false });
        }
    };
    vehicle(report, &mut put);
    ecus(report, &mut put);
    codes(report, &mut put);
    tests(report, &mut put);
    for reading in &report.snapshot {
        let Item { pid, .. } = &reading.item;
        // Whether it was asked for alone or with others says nothing of it.
        let service = reading.request.get(..2).unwrap_or_default();
        let key = format!("{service} {pid} {}", reading.item.name.as_deref().unwrap_or_default());
        put(DecodedPart::Values, &reading.ecu, &key, &label(&reading.item), words(&reading.item.value));
    }
    for rejected in &report.rejected {
        let key = format!("{} {}", rejected.request, rejected.raw);
        put(DecodedPart::Rejected, "", &key, &key, rejected.reason.clone());
    }
    for row in &report.coverage {
        let ecu = row.ecu.as_deref().unwrap_or_default();
        let label = format!("{} ({})", row.question, row.request);
        let key = (DecodedPart::Coverage, ecu.to_owned(), row.request.clone());
        let (words, not_asked) = outcome(&row.outcome);
        all.insert(key, Fact { label, words, not_asked });
    }
    all
}

type Put<'a> = &'a mut dyn FnMut(DecodedPart, &str, &str, &str, String);

fn vehicle(report: &CheckReport, put: Put<'_>) {
    let part = DecodedPart::Vehicle;
    let mut some = |label: &str, words: Option<String>| {
        if let Some(words) = words {
            put(part, "", label, label, words);
        }
    };
    some("VIN", report.vin.clone());
    some("Why there is no VIN", report.vin_problem.clone());
    some("Protocol", report.protocol.as_ref().map(|p| p.name.clone()));
    some("Adapter", Some(report.adapter.claims.clone()));
    some("Voltage", report.adapter.voltage.map(|v| format!("{v} V")));
    some("Cut short", report.partial.as_ref().map(|e| e.message.clone()));
}

fn ecus(report: &CheckReport, put: Put<'_>) {
    for ecu in &report.ecus {
        put(DecodedPart::Ecus, &ecu.id, "name", "Name", ecu.name.clone());
        for (label, list) in [
            ("Supported values", &ecu.supported),
            ("Calibration", &ecu.calibrations),
            ("Verification number", &ecu.cvns),
        ] {
            if !list.is_empty() {
                put(DecodedPart::Ecus, &ecu.id, label, label, list.join(", "));
            }
        }
    }
}

fn codes(report: &CheckReport, put: Put<'_>) {
    for code in &report.codes {
        let class = match code.class {
            CodeClass::Stored => "stored",
            CodeClass::Pending => "pending",
            CodeClass::Permanent => "permanent",
        };
        put(
            DecodedPart::Codes,
            &code.ecu,
            &format!("{} {class}", code.code),
            &code.code,
            class_word(code.class).to_owned(),
        );
    }
    for readiness in &report.readiness {
        let mut say = |key: &str, label: &str, words: &str| {
            put(DecodedPart::Readiness, &readiness.ecu, key, label, words.to_owned());
        };
        say("mil", "Engine lamp", if readiness.mil { "on" } else { "off" });
        say("count", "Confirmed codes", &readiness.dtc_count.to_string());
        for test in readiness.tests.iter().filter(|t| t.available) {
            say(&test.name, &monitor_name(&test.name), if test.complete { "complete" } else { "not complete" });
        }
    }
    for frame in &report.freeze_frames {
        let whose = format!("{} {}", frame.frame, frame.cause);
        put(DecodedPart::Frames, &frame.ecu, &whose, "Cause", frame.cause.clone());
        for item in &frame.items {
            let key = format!("{whose} {} {}", item.pid, item.name.as_deref().unwrap_or_default());
            put(DecodedPart::Frames, &frame.ecu, &key, &label(item), words(&item.value));
        }
    }
}

/// What ECUs tell of themselves.
fn tests(report: &CheckReport, put: Put<'_>) {
    let part = DecodedPart::Monitors;
    for test in &report.monitors {
        let key = format!("{} {} {}", test.request, test.monitor, test.test);
        let limit = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), |value| value.to_string());
        let end = match (test.ran, test.pass) {
            (false, _) => "has not run",
            (true, true) => "passed",
            (true, false) => "failed",
        };
        let value = format!("{} {}", test.value, test.unit);
        let words = format!("{}, limits {} to {}: {end}", value.trim_end(), limit(test.min), limit(test.max));
        put(part, &test.ecu, &key, &format!("{}: {}", test.monitor, test.test), words);
    }
    for ran in &report.performance {
        for monitor in &ran.monitors {
            let key = format!("{} {}", ran.request, monitor.monitor);
            let words = format!("{} of {}", monitor.completed, monitor.conditions);
            put(part, &ran.ecu, &key, &monitor.monitor, words);
        }
    }
    for raw in &report.raw_information {
        let label = if raw.about.is_empty() { &raw.request } else { &raw.about };
        put(part, &raw.ecu, &raw.request, label, format!("{} (raw)", raw.raw));
    }
}

fn label(item: &Item) -> String {
    item.label.clone().or_else(|| item.name.clone()).unwrap_or_else(|| format!("PID {}", item.pid))
}

/// A value to its last digit.
fn words(value: &Value) -> String {
    match value {
        Value::Number { value, unit } => format!("{value} {unit}").trim_end().to_owned(),
        Value::Enumerated { text, .. } | Value::Text { text } => text.clone(),
        Value::Flag { bool } => if *bool { "yes" } else { "no" }.to_owned(),
        Value::Raw { raw } => format!("{raw} (raw)"),
    }
}

/// In words, and whether it was not asked.
fn outcome(outcome: &Outcome) -> (String, bool) {
    match outcome {
        Outcome::Answered => ("answered".into(), false),
        Outcome::Refused { nrc, meaning } => (format!("refused ({nrc} {meaning})"), false),
        Outcome::Silent => ("silent".into(), false),
        Outcome::NotAsked { reason } => (format!("not asked: {reason}"), true),
        Outcome::Unreadable { reason } => (format!("unreadable: {reason}"), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::sample::{clean, with_code, with_lamp, with_outcome};

    fn changes(
        shown: &CheckReport,
        today: &CheckReport,
    ) -> Vec<(String, Option<String>, Option<String>, DecodedChange)> {
        let rows = differences(shown, today).into_iter().filter(|r| r.change != DecodedChange::Same);
        rows.map(|r| (r.label, r.before, r.after, r.change)).collect()
    }

    #[test]
    fn a_report_does_not_differ_from_itself() {
        let report = with_lamp(with_code(clean(), CodeClass::Stored, "P0301", "7E8"));
        let rows = differences(&report, &report);
        assert!(nothing_differs(&rows) && rows.len() > 10, "{rows:?}");
    }

    #[test]
    fn every_value_that_reads_otherwise_is_named() {
        let shown = with_code(clean(), CodeClass::Pending, "P0302", "7E8");
        let mut today = with_code(clean(), CodeClass::Stored, "P0301", "7E8");
        let text = |t: &str| Some(t.to_owned());
        assert_eq!(
            changes(&shown, &today),
            [
                ("P0301".into(), None, text("stored"), DecodedChange::New),
                ("P0302".into(), text("pending"), None, DecodedChange::Gone),
                ("Confirmed codes".into(), text("0"), text("1"), DecodedChange::Changed),
            ]
        );
        today = shown.clone();
        let Value::Number { value, .. } = &mut today.snapshot[0].item.value else { panic!("a number") };
        *value += 0.001;
        today.snapshot[0].item.label = Some("Another word for it".into());
        let [(label, before, after, DecodedChange::Changed)] = &changes(&shown, &today)[..] else { panic!("one row") };
        assert_eq!(label, "Another word for it");
        assert!(before.is_some() && before != after);
        let silent = with_outcome(clean(), "7E8", "03", Outcome::Silent);
        let row = ("Stored codes (03)".to_owned(), text("answered"), text("silent"), DecodedChange::Changed);
        assert_eq!(changes(&clean(), &silent), [row]);
    }

    #[test]
    fn a_question_that_nobody_asked_then_is_no_difference() {
        let mut today = clean();
        let mut row = today.coverage[0].clone();
        row.request = "0650".into();
        row.outcome = Outcome::NotAsked { reason: "This recording has no answer to it.".into() };
        today.coverage.push(row);
        assert_eq!(changes(&clean(), &today), []);
    }
}
