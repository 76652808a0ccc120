//! What states, outcomes and lists are called. Pure: everything a page says beyond the engine's own sentences.

mod adapter;
mod alert;
mod compared;
mod coverage;
mod decoded;
pub(crate) mod history;
pub(crate) mod import;
mod measured;
mod monitors;
mod port;
pub(crate) mod service;
mod signs;
mod telemetry;
mod timeline;
mod trend;
mod work;

pub(crate) use adapter::{abilities, figures, fit_line, proof};
pub(crate) use alert::{
    VIEWS, action, alert_state, confidence, decision_state, escalated, inbox_line, of_view, rail_count, severity_key,
    severity_word, snoozes, specialist, times, view_empty, view_key, view_of,
};
pub(crate) use compared::{section_word, sections, verdict_line};
pub(crate) use coverage::{Cell, Tally, coverage_line, grid, tally};
pub(crate) use decoded::{decoded_change, decoded_line, decoded_part, decoded_parts};
pub(crate) use measured::{measured_line, newest, typed_number, what_word, wheel_key, wheel_word};
pub(crate) use monitors::{
    MonitorState, monitor_state, monitor_state_key, monitor_state_word, monitors_by_need, monitors_line, share,
};
pub(crate) use port::{any_real, groups as port_groups, typed_port};
use roadworthy_api::{
    check::{CheckReport, CodeClass, Ignition, MonitorTest, Outcome},
    fault::CodeMeaning,
    vehicle::{State, VehicleCounts, VehicleRow},
};
pub(crate) use signs::{Sign, pressing, signs};
pub(crate) use telemetry::{duration, here, signal_title, signals_found, units, value_range, values_shown};
pub(crate) use timeline::{
    EVENT_GROUPS, evidence, group_key, group_word, later, merged, story_order, vehicle_days, who, worth_a_flag,
};
pub(crate) use trend::{Trend, trend_class, trends};
pub(crate) use work::{
    MESSAGE_VIEWS, Tone, backup_reason, lag, looked_at, message_state, restored, retained, tone_key, tried,
    worker_state,
};

/// States, worst first, as pages list them.
pub(crate) const STATES: [State; 5] = [State::ActNow, State::ActSoon, State::Watch, State::CannotTell, State::Good];

/// A state as its class, address and test id.
pub(crate) fn state_key(state: State) -> &'static str {
    match state {
        State::Good => "good",
        State::CannotTell => "cannot-tell",
        State::Watch => "watch",
        State::ActSoon => "act-soon",
        State::ActNow => "act-now",
    }
}

/// A state in words.
pub(crate) fn state_word(state: State) -> &'static str {
    match state {
        State::Good => "Good",
        State::CannotTell => "Cannot tell",
        State::Watch => "Watch",
        State::ActSoon => "Act soon",
        State::ActNow => "Act now",
    }
}

/// How many of a state.
pub(crate) fn of_state(counts: &VehicleCounts, state: State) -> u32 {
    match state {
        State::Good => counts.good,
        State::CannotTell => counts.cannot_tell,
        State::Watch => counts.watch,
        State::ActSoon => counts.act_soon,
        State::ActNow => counts.act_now,
    }
}

/// How many vehicles there are.
pub(crate) fn total(counts: &VehicleCounts) -> u32 {
    STATES.iter().map(|s| of_state(counts, *s)).sum()
}

/// `1 visit`, `2 visits`.
pub(crate) fn count(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// Who did something, as in `owner/window`, in words.
pub(crate) fn actor(by: &str) -> String {
    match by.split_once('/') {
        Some((who, "window")) => format!("{who}, in the window"),
        Some((who, "browser")) => format!("{who}, in a browser"),
        Some((who, "command-line")) => format!("{who}, on the command line"),
        // A worker's own word.
        Some(("engine", worker)) => format!("the {worker} worker"),
        Some((who, _)) => who.to_owned(),
        None => by.to_owned(),
    }
}

/// A part of a whole; all of it sent is not yet all of it kept.
pub(crate) fn part_done(part: f64) -> String {
    if part <= 0.0 {
        "sending…".into()
    } else if part < 1.0 {
        format!("{:.0} %", (part * 100.0).floor())
    } else {
        "being kept…".into()
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list<S: AsRef<str>>(items: &[S]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The fleet in one sentence.
pub(crate) fn fleet_line(counts: &VehicleCounts) -> String {
    let total = total(counts);
    let work = counts.act_now + counts.act_soon;
    if total == 0 {
        return "No vehicles yet.".into();
    }
    if total == 1 {
        let state = STATES.into_iter().find(|s| of_state(counts, *s) == 1).unwrap_or(State::CannotTell);
        let how = match state {
            State::Good => "is good",
            State::Watch => "is one to watch",
            State::ActSoon => "needs work soon",
            State::ActNow => "needs work now",
            State::CannotTell => "cannot be told yet",
        };
        return format!("The one vehicle {how}.");
    }
    if counts.good == total {
        return format!("All {total} vehicles are good.");
    }
    let mut rest = Vec::new();
    if counts.watch > 0 {
        rest.push(format!("{} to watch", counts.watch));
    }
    if counts.cannot_tell > 0 {
        rest.push(format!("{} that cannot be told", counts.cannot_tell));
    }
    let rest = if rest.is_empty() { String::new() } else { format!("; {}", list(&rest)) };
    let verb = if work == 1 { "needs" } else { "need" };
    match (counts.act_now, counts.act_soon) {
        (0, 0) => format!("None of {total} needs work{rest}."),
        (_, 0) => format!("{work} of {total} {verb} work now{rest}."),
        (0, _) => format!("{work} of {total} {verb} work soon{rest}."),
        (now, soon) => format!("{work} of {total} need work: {now} now, {soon} soon{rest}."),
    }
}

/// What a vehicle is called first: its plate, else its name, else its VIN.
pub(crate) fn vehicle_title(row: &VehicleRow) -> String {
    let given = |t: &Option<String>| t.clone().filter(|t| !t.trim().is_empty());
    given(&row.plate)
        .or_else(|| given(&row.name))
        .or_else(|| given(&row.vin))
        .unwrap_or_else(|| "Unnamed vehicle".into())
}

/// A code's first line and what stands beside it: its title with the system, or the system alone where no title is certain.
pub(crate) fn fault_title(title: Option<&str>, system: &str) -> (String, Option<String>) {
    match title.filter(|t| !t.is_empty()) {
        Some(title) => (title.to_owned(), (!system.is_empty()).then(|| sentence_case(system))),
        None => (sentence_case(system), None),
    }
}

/// What a code means, by what came with a visit.
pub(crate) fn meaning(meanings: &[CodeMeaning], code: &str) -> Option<(String, Option<String>)> {
    let known = meanings.iter().find(|m| m.code == code)?;
    let (title, system) = fault_title(known.title.as_deref(), &known.system);
    let parts: Vec<&str> = system.iter().map(String::as_str).chain(known.note.as_deref()).collect();
    Some((title, (!parts.is_empty()).then(|| parts.join("; "))))
}

/// An outcome's class.
pub(crate) fn outcome_key(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "answered",
        Outcome::Refused { .. } => "refused",
        Outcome::Silent => "silent",
        Outcome::NotAsked { .. } => "not-asked",
        Outcome::Unreadable { .. } => "unreadable",
    }
}

/// An outcome in a word or two.
pub(crate) fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "answered",
        Outcome::Refused { .. } => "refused",
        Outcome::Silent => "silent",
        Outcome::NotAsked { .. } => "not asked",
        Outcome::Unreadable { .. } => "unreadable",
    }
}

/// Why, where an outcome has a reason.
pub(crate) fn outcome_reason(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Answered | Outcome::Silent => None,
        Outcome::Refused { nrc, meaning } => Some(format!("{meaning} (code {nrc})")),
        Outcome::NotAsked { reason } | Outcome::Unreadable { reason } => Some(reason.clone()),
    }
}

/// A class of codes as a heading, and what it means for an owner.
pub(crate) fn class_words(class: CodeClass) -> (&'static str, &'static str) {
    match class {
        CodeClass::Stored => ("Stored", "confirmed faults"),
        CodeClass::Pending => ("Pending", "seen in this or the last drive, not confirmed yet"),
        CodeClass::Permanent => ("Permanent", "only the ECU itself can remove them, after a repair and enough driving"),
    }
}

/// An emission monitor in words.
pub(crate) fn monitor_word(name: &str, ignition: Ignition) -> String {
    let known = match name {
        "misfire" => "Misfire",
        "fuel_system" => "Fuel system",
        "components" => "Components",
        "catalyst" => "Catalyst",
        "heated_catalyst" => "Heated catalyst",
        "evaporative_system" => "Fuel vapour (EVAP)",
        "secondary_air" => "Secondary air",
        "ac_refrigerant" => "Air conditioning",
        "oxygen_sensor" => "Oxygen sensor",
        "oxygen_sensor_heater" => "Oxygen sensor heater",
        "egr_vvt" => match ignition {
            Ignition::Spark => "EGR or valve timing",
            Ignition::Compression => "EGR",
        },
        "nmhc_catalyst" => "NMHC catalyst",
        "nox_scr" => "NOx aftertreatment",
        "boost_pressure" => "Boost pressure",
        "exhaust_gas_sensor" => "Exhaust gas sensor",
        "pm_filter" => "Particulate filter",
        _ => return sentence_case(name),
    };
    known.to_owned()
}

/// A machine name for people: `engine_rpm` reads `Engine rpm`.
pub(crate) fn sentence_case(name: &str) -> String {
    let mut text = name.replace('_', " ");
    if let Some(first) = text.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// What a check that was cut short had read by then.
pub(crate) fn read_by_then(check: &CheckReport) -> String {
    let answered = |list: &str| check.coverage.iter().any(|c| c.asks(list) && c.outcome == Outcome::Answered);
    let mut read = Vec::new();
    for (service, what) in [("03", "stored codes"), ("07", "pending codes"), ("0A", "permanent codes")] {
        if answered(service) {
            read.push(what.to_owned());
        }
    }
    if !check.readiness.is_empty() {
        read.push("readiness".into());
    }
    if !check.freeze_frames.is_empty() {
        read.push(count(check.freeze_frames.len() as u64, "freeze frame"));
    }
    if !check.snapshot.is_empty() {
        read.push(count(check.snapshot.len() as u64, "present value"));
    }
    if check.vin.is_some() {
        read.push("the VIN".into());
    }
    if read.is_empty() {
        return "Nothing else had been read by then.".into();
    }
    format!(
        "Read by then, and kept: {}. What is missing below was not read: it is not known to be in order.",
        list(&read)
    )
}

/// How many fitted monitors have run.
pub(crate) fn readiness_line(tests: &[MonitorTest]) -> String {
    let fitted = tests.iter().filter(|t| t.available).count();
    let done = tests.iter().filter(|t| t.available && t.complete).count();
    if fitted == 0 {
        "No monitor is fitted.".into()
    } else if fitted == 1 {
        format!("The one fitted monitor {} to its end.", if done == 1 { "has run" } else { "has not run" })
    } else if done == fitted {
        format!("All {fitted} fitted monitors have run to their end.")
    } else {
        format!("{done} of {fitted} fitted monitors have run to their end.")
    }
}

/// Whether a typed VIN can be one (ISO 3779): 17 letters and digits without I, O and Q. Empty is fine: none is known.
pub(crate) fn typed_vin(text: &str) -> Result<Option<String>, &'static str> {
    let vin: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
    if vin.is_empty() {
        return Ok(None);
    }
    if vin.chars().any(|c| !c.is_ascii_alphanumeric()) {
        return Err("A VIN has only letters and digits.");
    }
    if vin.contains(['I', 'O', 'Q']) {
        return Err("A VIN never holds the letters I, O or Q: read 1 or 0 instead.");
    }
    if vin.len() != 17 {
        return Err("A VIN has 17 characters.");
    }
    Ok(Some(vin))
}

#[cfg(test)]
mod tests;
