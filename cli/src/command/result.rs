//! The result of a check for people.

use crate::{
    exit::Stop,
    out::{Cell, Out, Tone, cell, count, state},
};
use roadworthy_api::{
    check::{CheckReport, CodeClass, Coverage, Ignition, InUse, Outcome, RawInformation},
    reading::{Item, Value},
    visit::VisitDetail,
};
use roadworthy_obd::dtc;

/// Prints a visit: the sentence, then codes, freeze frames, coverage, readiness, readings, differences.
pub(crate) fn print(out: &mut Out, visit: &VisitDetail) -> Result<(), Stop> {
    unstored(out, visit)?;
    if visit.differences.with.is_some() {
        out.heading("Since the last visit")?;
        if visit.differences.lines.is_empty() {
            out.line("  nothing differs")?;
        }
        for line in &visit.differences.lines {
            out.line(&format!("  {line}"))?;
        }
    }
    out.heading("Stored")?;
    out.table(&[
        vec![cell(Tone::Faint, "visit"), cell(Tone::Plain, visit.id.to_string())],
        vec![cell(Tone::Faint, "vehicle"), cell(Tone::Plain, visit.vehicle.to_string())],
    ])?;
    Ok(out.line(&format!("  Report for the customer: roadworthy report {} -o check.pdf", visit.id))?)
}

/// The same of a check that was not stored: no differences, no ids.
pub(crate) fn unstored(out: &mut Out, visit: &VisitDetail) -> Result<(), Stop> {
    let check = &visit.check;
    head(out, visit)?;
    codes(out, check)?;
    freeze_frames(out, check)?;
    coverage(out, check)?;
    readiness(out, check)?;
    monitors(out, check)?;
    performance(out, check)?;
    readings(out, check)
}

fn head(out: &mut Out, visit: &VisitDetail) -> Result<(), Stop> {
    let check = &visit.check;
    let vin = match (&check.vin, &check.vin_problem) {
        (Some(vin), _) => vin.clone(),
        (None, Some(problem)) => format!("No VIN: {problem}"),
        (None, None) => "No VIN".into(),
    };
    out.line(&out.paint(Tone::Strong, &vin))?;
    let (tone, word) = state(visit.verdict.state);
    out.line(&format!("{}: {}", out.paint(tone, &word), visit.verdict.reason))?;
    out.line(&visit.summary)?;
    let seconds = format!("{:.1} s", (check.ended - check.started).max(0) as f64 / 1000.0);
    let voltage = check.adapter.voltage.map(|v| format!("{v:.1} V"));
    let passport = check.adapter.passport.as_ref().map(|p| match p.unfit().as_slice() {
        [] => format!("adapter {}", p.age(check.started)),
        unfit => format!("adapter {}: not fit for {}", p.age(check.started), unfit.join(", ")),
    });
    let protocol = check.protocol.as_ref().map(|p| p.name.clone());
    let facts: Vec<String> =
        [Some(check.port.clone()), Some(check.adapter.claims.clone()), passport, protocol, voltage, Some(seconds)]
            .into_iter()
            .flatten()
            .filter(|t| !t.is_empty())
            .collect();
    out.line(&out.paint(Tone::Faint, &facts.join(" · ")))?;
    if let Some(partial) = &check.partial {
        out.line(&format!("{} {partial}", out.paint(Tone::Watch, "Cut short:")))?;
    }
    Ok(())
}

fn codes(out: &mut Out, check: &CheckReport) -> Result<(), Stop> {
    out.heading("Trouble codes")?;
    let rows: Vec<Vec<Cell>> = check
        .codes
        .iter()
        .map(|code| {
            let class = match code.class {
                CodeClass::Stored => cell(Tone::Bad, "stored"),
                CodeClass::Pending => cell(Tone::Watch, "pending"),
                CodeClass::Permanent => cell(Tone::Bad, "permanent"),
            };
            let frame = check.freeze_frames.iter().any(|f| f.ecu == code.ecu && f.cause == code.code);
            vec![
                cell(Tone::Strong, &code.code),
                class,
                cell(Tone::Plain, name(check, &code.ecu)),
                cell(Tone::Plain, dtc::label(&code.code)),
                cell(Tone::Faint, if frame { "freeze frame" } else { "" }),
            ]
        })
        .collect();
    if !rows.is_empty() {
        return Ok(out.table(&rows)?);
    }
    let read = check
        .coverage
        .iter()
        .any(|c| ["03", "07", "0A"].iter().any(|list| c.asks(list)) && c.outcome == Outcome::Answered);
    Ok(out.line(if read { "  none reported by those who answered" } else { "  not read: nobody answered for them" })?)
}

fn freeze_frames(out: &mut Out, check: &CheckReport) -> Result<(), Stop> {
    if check.freeze_frames.is_empty() {
        return Ok(());
    }
    out.heading("Freeze frames")?;
    for frame in &check.freeze_frames {
        out.table(&[vec![
            cell(Tone::Strong, &frame.cause),
            cell(Tone::Plain, name(check, &frame.ecu)),
            cell(Tone::Plain, dtc::label(&frame.cause)),
            cell(Tone::Faint, format!("frame {}", frame.frame)),
        ]])?;
        let rows: Vec<Vec<Cell>> = frame
            .items
            .iter()
            .map(|item| {
                let (figure, unit) = value(item);
                vec![
                    cell(Tone::Plain, " "),
                    cell(Tone::Plain, label(item)),
                    cell(Tone::Strong, figure),
                    cell(Tone::Faint, unit),
                ]
            })
            .collect();
        if rows.is_empty() {
            out.line("    no values could be read")?;
        }
        out.table(&rows)?;
    }
    Ok(())
}

fn coverage(out: &mut Out, check: &CheckReport) -> Result<(), Stop> {
    out.heading("Who answered")?;
    let mut rows = Vec::new();
    for ecu in &check.ecus {
        let own: Vec<&Coverage> = check.coverage.iter().filter(|c| c.ecu.as_ref() == Some(&ecu.id)).collect();
        let answered = own.iter().filter(|c| c.outcome == Outcome::Answered).count();
        rows.push(vec![
            cell(Tone::Strong, name(check, &ecu.id)),
            cell(Tone::Good, format!("{answered} answered")),
            cell(Tone::Plain, but(&own)),
        ]);
    }
    let nobody: Vec<String> = check.coverage.iter().filter(|c| c.ecu.is_none()).map(|c| c.question.clone()).collect();
    if !nobody.is_empty() {
        rows.push(vec![
            cell(Tone::Faint, "Nobody"),
            cell(Tone::Watch, count(nobody.len(), "question")),
            cell(Tone::Plain, nobody.join(", ")),
        ]);
    }
    for system in &check.not_asked {
        rows.push(vec![
            cell(Tone::Faint, &system.system),
            cell(Tone::Faint, "not asked"),
            cell(Tone::Faint, &system.reason),
        ]);
    }
    if !check.rejected.is_empty() {
        let text = "could not be used, nothing was read from them";
        rows.push(vec![
            cell(Tone::Watch, count(check.rejected.len(), "reply").replace("replys", "replies")),
            cell(Tone::Plain, text),
        ]);
    }
    Ok(out.table(&rows)?)
}

/// What an ECU did not answer, in words.
fn but(own: &[&Coverage]) -> String {
    let mut parts = Vec::new();
    for (word, pick) in [
        ("refused", (|o| matches!(o, Outcome::Refused { .. })) as fn(&Outcome) -> bool),
        ("silent on", |o| matches!(o, Outcome::Silent)),
        ("unreadable", |o| matches!(o, Outcome::Unreadable { .. })),
        ("not asked", |o| matches!(o, Outcome::NotAsked { .. })),
    ] {
        let questions: Vec<&str> = own.iter().filter(|c| pick(&c.outcome)).map(|c| c.question.as_str()).collect();
        match questions.len() {
            0 => {}
            1..=4 => parts.push(format!("{word} {}", questions.join(", "))),
            many => parts.push(format!("{word} {} and {} more", questions[..3].join(", "), many - 3)),
        }
    }
    parts.join("; ")
}

fn readiness(out: &mut Out, check: &CheckReport) -> Result<(), Stop> {
    if check.readiness.is_empty() {
        return Ok(());
    }
    out.heading("Readiness")?;
    for ready in &check.readiness {
        let lamp = if ready.mil { out.paint(Tone::Bad, "MIL on") } else { out.paint(Tone::Good, "MIL off") };
        let ignition = match ready.ignition {
            Ignition::Spark => "spark ignition",
            Ignition::Compression => "compression ignition",
        };
        let codes = count(usize::from(ready.dtc_count), "confirmed code");
        out.line(&format!("  {}: {lamp}, {codes}, {ignition}", name(check, &ready.ecu)))?;
        let list = |complete: bool| {
            let names: Vec<String> = ready
                .tests
                .iter()
                .filter(|t| t.available && t.complete == complete)
                .map(|t| t.name.replace('_', " "))
                .collect();
            names.join(", ")
        };
        let rows = [("complete", Tone::Good, list(true)), ("not complete", Tone::Watch, list(false))];
        let rows: Vec<_> = rows
            .into_iter()
            .filter(|row| !row.2.is_empty())
            .map(|(word, tone, tests)| vec![cell(Tone::Plain, " "), cell(tone, word), cell(Tone::Plain, tests)])
            .collect();
        out.table(&rows)?;
    }
    Ok(())
}

fn monitors(out: &mut Out, check: &CheckReport) -> Result<(), Stop> {
    if check.monitors.is_empty() {
        return Ok(());
    }
    out.heading("On-board monitors")?;
    let rows: Vec<Vec<Cell>> = check
        .monitors
        .iter()
        .map(|m| {
            let limit = |word: &str, limit: Option<f64>| limit.map(|l| format!("{word} {} {}", number(l), m.unit));
            let limits: Vec<String> =
                [limit("at least", m.min), limit("at most", m.max)].into_iter().flatten().collect();
            let (tone, state) = match (m.ran, m.pass, m.margin) {
                (false, ..) => (Tone::Faint, "not run since codes were cleared".to_owned()),
                (_, false, _) => (Tone::Bad, "outside".to_owned()),
                (.., Some(margin)) => (Tone::Good, format!("inside, margin {:.0} %", margin * 100.0)),
                _ if m.min.is_none() && m.max.is_none() => (Tone::Plain, "no limit".to_owned()),
                _ => (Tone::Good, "inside".to_owned()),
            };
            let figure = if m.ran { format!("{} {}", number(m.value), m.unit) } else { String::new() };
            vec![
                cell(Tone::Plain, &m.monitor),
                cell(Tone::Plain, &m.test),
                cell(Tone::Strong, figure.trim_end()),
                cell(Tone::Faint, limits.join(", ").replace(" ,", ",").trim_end()),
                cell(tone, state),
                cell(Tone::Faint, name(check, &m.ecu)),
            ]
        })
        .collect();
    Ok(out.table(&rows)?)
}

fn performance(out: &mut Out, check: &CheckReport) -> Result<(), Stop> {
    for performance in &check.performance {
        out.heading("How often monitors ran in use")?;
        let facts = [("starts", performance.ignition_cycles), ("drives that count", performance.general_conditions)];
        let facts: Vec<String> = facts.into_iter().filter_map(|(what, n)| Some(format!("{} {what}", n?))).collect();
        out.line(&format!("  {}: {}", name(check, &performance.ecu), facts.join(", ")))?;
        let told = performance.monitors.iter().filter(|m| m.completed > 0 || m.conditions > 0);
        let row = |m: &InUse| {
            vec![
                cell(Tone::Plain, " "),
                cell(Tone::Plain, &m.monitor),
                cell(Tone::Strong, format!("{} of {}", m.completed, m.conditions)),
            ]
        };
        out.table(&told.map(row).collect::<Vec<_>>())?;
    }
    if !check.raw_information.is_empty() {
        out.heading("Told, but described nowhere")?;
        let row = |r: &RawInformation| {
            vec![cell(Tone::Plain, &r.request), cell(Tone::Plain, &r.raw), cell(Tone::Faint, name(check, &r.ecu))]
        };
        out.table(&check.raw_information.iter().map(row).collect::<Vec<_>>())?;
    }
    Ok(())
}

fn readings(out: &mut Out, check: &CheckReport) -> Result<(), Stop> {
    if check.snapshot.is_empty() {
        return Ok(());
    }
    out.heading("Readings")?;
    let rows: Vec<Vec<Cell>> = check
        .snapshot
        .iter()
        .map(|reading| {
            let (figure, unit) = value(&reading.item);
            vec![
                cell(Tone::Plain, label(&reading.item)),
                cell(Tone::Strong, figure),
                cell(Tone::Faint, unit),
                cell(Tone::Faint, name(check, &reading.ecu)),
            ]
        })
        .collect();
    Ok(out.table(&rows)?)
}

fn label(item: &Item) -> String {
    item.label.clone().or_else(|| item.name.clone()).unwrap_or_else(|| format!("PID {}", item.pid))
}

fn value(item: &Item) -> (String, String) {
    match &item.value {
        Value::Number { value, unit } => (number(*value), unit.clone()),
        Value::Enumerated { text, .. } | Value::Text { text } => (text.clone(), String::new()),
        Value::Flag { bool } => (if *bool { "yes" } else { "no" }.into(), String::new()),
        Value::Raw { raw } => (raw.clone(), "raw".into()),
    }
}

/// At most three decimals, none that say nothing.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".into() } else { short.into() }
}

/// An ECU by name and id.
fn name(check: &CheckReport, ecu: &str) -> String {
    match check.ecus.iter().find(|e| e.id == ecu) {
        Some(known) if !known.name.is_empty() && known.name != ecu => format!("{} ({ecu})", known.name),
        _ => ecu.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_carry_no_idle_decimals() {
        for (value, expect) in
            [(1726.0, "1726"), (0.5, "0.5"), (14.1234, "14.123"), (-0.0001, "0"), (100.0, "100"), (-40.0, "-40")]
        {
            assert_eq!(number(value), expect);
        }
    }
}
