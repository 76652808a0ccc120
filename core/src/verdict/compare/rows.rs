//! Two checks of one vehicle side by side, everything that either has.

use super::{
    super::names::{class_word, ecu_name, lamp_on, monitor_name, sentence},
    values, was_read,
};
use roadworthy_api::{
    check::{CheckReport, CodeClass, Ecu, Outcome},
    visit::{ComparedRow, ComparedSection},
};

const CLASSES: [CodeClass; 3] = [CodeClass::Stored, CodeClass::Pending, CodeClass::Permanent];

/// Every row of either check, the earlier one first. `differs` is set where the difference means something: what was not
/// read in one of the two is no difference.
pub fn compared(old: &CheckReport, new: &CheckReport) -> Vec<ComparedRow> {
    let mut rows = Vec::new();
    codes(old, new, &mut rows);
    readiness(old, new, &mut rows);
    coverage(old, new, &mut rows);
    calibrations(old, new, &mut rows);
    present(old, new, &mut rows);
    rows
}

/// The ECU's name in whichever check knows it.
fn name(old: &CheckReport, new: &CheckReport, id: &str) -> String {
    ecu_name(if new.ecus.iter().any(|e| e.id == id) { new } else { old }, id)
}

/// What either list has, in the order of the newer with what is only in the older behind it.
fn either<T: PartialEq>(old: impl Iterator<Item = T>, new: impl Iterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = Vec::new();
    for item in new.chain(old) {
        if !all.contains(&item) {
            all.push(item);
        }
    }
    all
}

fn codes(old: &CheckReport, new: &CheckReport, rows: &mut Vec<ComparedRow>) {
    let of = |report: &CheckReport| report.codes.iter().map(|c| (c.ecu.clone(), c.code.clone())).collect::<Vec<_>>();
    for (ecu, code) in either(of(old).into_iter(), of(new).into_iter()) {
        let holds = |report: &CheckReport, class| {
            report.codes.iter().any(|c| c.class == class && c.code == code && c.ecu == ecu)
        };
        // In words: the lists it stands in, and those that have it in the other and were not read here.
        let lists = |here: &CheckReport, there: &CheckReport| {
            let of = |which: &dyn Fn(CodeClass) -> bool| CLASSES.into_iter().filter(|c| which(*c)).collect::<Vec<_>>();
            let unread = of(&|c| holds(there, c) && !holds(here, c) && !was_read(here, c, &ecu));
            let held = of(&|c| holds(here, c));
            if held.is_empty() && unread.len() == of(&|c| holds(there, c)).len() {
                return Some("not read".to_owned());
            }
            let mut words: Vec<String> = held.into_iter().map(|c| class_word(c).to_owned()).collect();
            words.extend(unread.into_iter().map(|c| format!("{} not read", class_word(c))));
            (!words.is_empty()).then(|| words.join(", "))
        };
        let changed =
            |class| holds(old, class) != holds(new, class) && was_read(old, class, &ecu) && was_read(new, class, &ecu);
        rows.push(ComparedRow {
            section: ComparedSection::Codes,
            ecu: name(old, new, &ecu),
            before: lists(old, new),
            after: lists(new, old),
            differs: CLASSES.into_iter().any(changed),
            label: code.clone(),
        });
    }
}

fn readiness(old: &CheckReport, new: &CheckReport, rows: &mut Vec<ComparedRow>) {
    let lamp = |report| lamp_on(report).map(|on| if on { "on" } else { "off" }.to_owned());
    push(rows, ComparedSection::Readiness, String::new(), "Engine lamp", lamp(old), lamp(new));
    let of = |report: &CheckReport| {
        let tests = |r: &roadworthy_api::check::Readiness| {
            r.tests.iter().filter(|t| t.available).map(|t| (r.ecu.clone(), t.name.clone())).collect::<Vec<_>>()
        };
        report.readiness.iter().flat_map(tests).collect::<Vec<_>>()
    };
    for (ecu, test) in either(of(old).into_iter(), of(new).into_iter()) {
        let state = |report: &CheckReport| {
            let readiness = report.readiness.iter().find(|r| r.ecu == ecu)?;
            let test = readiness.tests.iter().find(|t| t.name == test && t.available)?;
            Some(if test.complete { "complete" } else { "not complete" }.to_owned())
        };
        let label = sentence(&format!("{} monitor", monitor_name(&test)));
        push(rows, ComparedSection::Readiness, name(old, new, &ecu), &label, state(old), state(new));
    }
}

/// A row that differs where both have it and not the same.
fn push(
    rows: &mut Vec<ComparedRow>,
    section: ComparedSection,
    ecu: String,
    label: &str,
    before: Option<String>,
    after: Option<String>,
) {
    let differs = before.is_some() && after.is_some() && before != after;
    rows.push(ComparedRow { section, ecu, label: label.to_owned(), before, after, differs });
}

fn coverage(old: &CheckReport, new: &CheckReport, rows: &mut Vec<ComparedRow>) {
    let of = |report: &CheckReport| {
        report.coverage.iter().map(|c| (c.ecu.clone(), c.request.clone(), c.question.clone())).collect::<Vec<_>>()
    };
    for (ecu, request, question) in either(of(old).into_iter(), of(new).into_iter()) {
        let outcome = |report: &CheckReport| {
            let row = report.coverage.iter().find(|c| c.ecu == ecu && c.request == request)?;
            Some(match &row.outcome {
                Outcome::Answered => "answered".to_owned(),
                Outcome::Refused { meaning, .. } => format!("refused ({meaning})"),
                Outcome::Silent => "silent".to_owned(),
                Outcome::NotAsked { .. } => "not asked".to_owned(),
                Outcome::Unreadable { .. } => "unreadable".to_owned(),
            })
        };
        let whose = ecu.as_deref().map(|id| name(old, new, id)).unwrap_or_default();
        let (before, after) = (outcome(old), outcome(new));
        let asked = |o: &Option<String>| o.as_ref().is_some_and(|o| o != "not asked");
        // An ECU that is in one of the two only was silent in the other.
        let differs = before != after && (asked(&before) || before.is_none()) && (asked(&after) || after.is_none());
        rows.push(ComparedRow {
            section: ComparedSection::Coverage,
            ecu: whose,
            label: question,
            before,
            after,
            differs,
        });
    }
}

fn calibrations(old: &CheckReport, new: &CheckReport, rows: &mut Vec<ComparedRow>) {
    let ids = |report: &CheckReport| report.ecus.iter().map(|e| e.id.clone()).collect::<Vec<_>>();
    for id in either(ids(old).into_iter(), ids(new).into_iter()) {
        let joined = |report: &CheckReport, list: fn(&Ecu) -> &Vec<String>| {
            let list = list(report.ecus.iter().find(|e| e.id == id)?);
            (!list.is_empty()).then(|| list.join(", "))
        };
        for (label, list) in
            [("Calibration", (|e| &e.calibrations) as fn(&Ecu) -> &Vec<String>), ("Verification number", |e| &e.cvns)]
        {
            let (before, after) = (joined(old, list), joined(new, list));
            if before.is_some() || after.is_some() {
                push(rows, ComparedSection::Calibrations, name(old, new, &id), label, before, after);
            }
        }
    }
}

fn present(old: &CheckReport, new: &CheckReport, rows: &mut Vec<ComparedRow>) {
    let engines = (values::engine(old), values::engine(new));
    let only_old = old.snapshot.iter().filter(|o| !new.snapshot.iter().any(|n| values::same(o, n)));
    for reading in new.snapshot.iter().chain(only_old) {
        let find = |report: &CheckReport| {
            report.snapshot.iter().find(|r| values::same(r, reading)).map(|r| r.item.value.clone())
        };
        let (then, now) = (find(old), find(new));
        let differs = match (&then, &now) {
            (Some(then), Some(now)) => values::differ(&reading.item.pid, then, now, engines),
            _ => false,
        };
        rows.push(ComparedRow {
            section: ComparedSection::Values,
            ecu: name(old, new, &reading.ecu),
            label: values::label(&reading.item),
            before: then.as_ref().map(values::words),
            after: now.as_ref().map(values::words),
            differs,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::sample::{clean, reading, with_code, with_lamp, with_outcome};
    use roadworthy_api::reading::Value;

    fn row(old: &CheckReport, new: &CheckReport, label: &str) -> (Option<String>, Option<String>, bool) {
        let rows = compared(old, new);
        let row = rows.into_iter().find(|r| r.label == label).unwrap_or_else(|| panic!("{label}"));
        (row.before, row.after, row.differs)
    }

    fn is(before: Option<&str>, after: Option<&str>, differs: bool) -> (Option<String>, Option<String>, bool) {
        (before.map(Into::into), after.map(Into::into), differs)
    }

    #[test]
    fn nothing_differs_between_a_check_and_itself() {
        let report = with_code(clean(), CodeClass::Stored, "P0301", "7E8");
        let rows = compared(&report, &report);
        assert!(rows.iter().all(|r| !r.differs && r.before == r.after), "{rows:?}");
        for section in [
            ComparedSection::Codes,
            ComparedSection::Readiness,
            ComparedSection::Coverage,
            ComparedSection::Calibrations,
            ComparedSection::Values,
        ] {
            assert!(rows.iter().any(|r| r.section == section), "{section:?}");
        }
    }

    #[test]
    fn codes_lamp_and_calibration_are_compared_by_ecu() {
        let stored = |report| with_code(report, CodeClass::Stored, "P0301", "7E8");
        let (old, new) = (with_code(clean(), CodeClass::Pending, "P0301", "7E8"), with_lamp(stored(clean())));
        assert_eq!(row(&old, &new, "P0301"), is(Some("pending"), Some("stored"), true));
        assert_eq!(row(&old, &new, "Engine lamp"), is(Some("off"), Some("on"), true));
        assert_eq!(row(&stored(clean()), &clean(), "P0301"), is(Some("stored"), None, true));
        let silent = with_outcome(clean(), "7E8", "03", Outcome::Silent);
        assert_eq!(row(&stored(clean()), &silent, "P0301"), is(Some("stored"), Some("not read"), false));
        let both = with_code(stored(clean()), CodeClass::Pending, "P0301", "7E8");
        assert_eq!(row(&both, &silent, "P0301"), is(Some("stored, pending"), Some("stored not read"), true));
        assert_eq!(row(&clean(), &silent, "Stored codes"), is(Some("answered"), Some("silent"), true));
        let other = with_code(stored(clean()), CodeClass::Stored, "P0301", "7E9");
        let rows = compared(&stored(clean()), &other);
        let of: Vec<_> = rows.iter().filter(|r| r.label == "P0301").map(|r| (r.ecu.as_str(), r.differs)).collect();
        assert_eq!(of, [("Engine", false), ("Transmission", true)]);
        let mut flashed = clean();
        flashed.ecus[0].calibrations = vec!["RW-CAL-2".into()];
        assert_eq!(row(&clean(), &flashed, "Calibration"), is(Some("RW-CAL-1"), Some("RW-CAL-2"), true));
        flashed.ecus[0].calibrations.clear();
        assert_eq!(row(&clean(), &flashed, "Calibration"), is(Some("RW-CAL-1"), None, false));
        flashed.readiness[0].tests[2].complete = false;
        assert_eq!(row(&clean(), &flashed, "Catalyst monitor"), is(Some("complete"), Some("not complete"), true));
    }

    #[test]
    fn values_are_compared_in_the_same_state_of_the_engine_only() {
        let with = |rpm: Option<f64>, coolant: f64, pid: &str, value: f64, unit: &str| {
            let mut report = clean();
            report.snapshot = vec![reading("05", "Coolant", coolant, "°C"), reading(pid, "It", value, unit)];
            report.snapshot.extend(rpm.map(|rpm| reading("0C", "Engine speed", rpm, "rpm")));
            report
        };
        let warm = |pid, value, unit| with(Some(800.0), 90.0, pid, value, unit);
        for (pid, unit, then, now, differs) in [
            ("04", "%", 20.0, 29.9, false),
            ("04", "%", 20.0, 30.0, true),
            ("42", "V", 14.2, 13.6, true),
            ("42", "V", 14.2, 13.9, false),
            ("A6", "km", 100.0, 90_000.0, false),
            ("1F", "s", 1.0, 9000.0, false),
            ("5E", "L/h", 1.0, 90.0, false),
        ] {
            assert_eq!(row(&warm(pid, then, unit), &warm(pid, now, unit), "It").2, differs, "{pid} {then} {now}");
        }
        let still = with(Some(0.0), 90.0, "04", 90.0, "%");
        let cold = with(Some(800.0), 20.0, "04", 90.0, "%");
        let unknown = with(None, 90.0, "04", 90.0, "%");
        for other in [still, cold, unknown.clone()] {
            assert!(!row(&warm("04", 20.0, "%"), &other, "It").2, "because the engine was in another state");
        }
        assert!(!row(&with(None, 90.0, "04", 1.0, "%"), &unknown, "It").2, "because its state is not known");
        assert_eq!(row(&warm("04", 20.123, "%"), &clean(), "It"), is(Some("20.12 %"), None, false));
        let flag = |bool| {
            let mut report = warm("04", 1.0, "%");
            report.snapshot[1].item.value = Value::Flag { bool };
            report
        };
        assert_eq!(row(&flag(true), &flag(false), "It"), is(Some("yes"), Some("no"), true));
    }
}
