//! Live values for people and programs: a table that is drawn over and over on a terminal, plain lines elsewhere, one object
//! per frame with `--json`.

use crate::{
    exit::Stop,
    out::{Cell, Out, Tone, cell},
};
use jiff::{Timestamp, tz::TimeZone};
use roadworthy_api::{
    Error,
    live::{LiveFrame, LiveSession, LiveState, LiveValue, PRESETS, RawFrame, Sample, SignalInfo, fresh_ms},
};
use serde_json::json;
use std::{
    collections::HashMap,
    io::{self, IsTerminal},
    time::{Duration, Instant},
};

/// A table that changes faster cannot be read.
const REDRAW: Duration = Duration::from_millis(200);

pub(super) struct Screen {
    json: bool,
    terminal: bool,
    /// Lines of the table that stands on the terminal.
    lines: usize,
    drawn: Option<Instant>,
    state: Option<(LiveState, Vec<String>, Option<Error>)>,
    /// The newest sample of each signal.
    newest: HashMap<String, Sample>,
}

impl Screen {
    pub(super) fn new(json: bool) -> Self {
        let terminal = !json && io::stdout().is_terminal();
        Self { json, terminal, lines: 0, drawn: None, state: None, newest: HashMap::new() }
    }

    /// Tells what changed of the session itself.
    pub(super) fn session(&mut self, out: &mut Out, session: &LiveSession) -> Result<(), Stop> {
        let now = (session.state.clone(), session.chosen.clone(), session.recording_problem.clone());
        if self.state.as_ref() == Some(&now) {
            return Ok(());
        }
        if self.json {
            out.object(session)?;
        } else {
            let before = self.state.take();
            let before = before.as_ref();
            if before.is_none_or(|b| b.0 != now.0) && !matches!(now.0, LiveState::Ended { .. }) {
                self.erase(out)?;
                out.line(&state(session))?;
            }
            if let Some(problem) = now.2.as_ref().filter(|_| before.is_none_or(|b| b.2 != now.2)) {
                self.erase(out)?;
                let words = format!("The recording broke off: {} {}", problem.message, problem.hint);
                out.line(&out.paint(Tone::Bad, words.trim_end()))?;
            }
        }
        self.state = Some(now);
        Ok(out.flush()?)
    }

    /// Tells new values.
    pub(super) fn frame(&mut self, out: &mut Out, session: &LiveSession, frame: &LiveFrame) -> Result<(), Stop> {
        if self.json {
            out.object(frame)?;
            return Ok(out.flush()?);
        }
        for sample in &frame.samples {
            if !self.terminal
                && let Some(signal) = session.available.iter().find(|s| s.id == sample.signal)
            {
                let (_, value) = value(&sample.value, signal);
                out.line(&format!("{}  {}  {value}", clock(sample.at), title(signal, session)))?;
            }
            self.newest.insert(sample.signal.clone(), sample.clone());
        }
        if self.terminal && self.drawn.is_none_or(|at| at.elapsed() >= REDRAW) {
            self.erase(out)?;
            self.draw(out, session, frame)?;
            self.drawn = Some(Instant::now());
        }
        Ok(out.flush()?)
    }

    /// Tells what passed: time, direction, ECU, and the line.
    pub(super) fn traffic(&mut self, out: &mut Out, frame: &RawFrame) -> Result<(), Stop> {
        if self.json {
            out.object(frame)?;
            return Ok(out.flush()?);
        }
        if frame.left_out > 0 {
            out.line(&out.paint(Tone::Watch, &format!("({} lines left out)", frame.left_out)))?;
        }
        for line in &frame.lines {
            let (way, tone) = if line.sent { ('>', Tone::Faint) } else { ('<', Tone::Plain) };
            let ecu = line.ecu.as_deref().unwrap_or_default();
            out.line(&format!("{}  {way} {ecu:<8}  {}", clock(line.at), out.paint(tone, &line.text)))?;
        }
        Ok(out.flush()?)
    }

    fn draw(&mut self, out: &mut Out, session: &LiveSession, frame: &LiveFrame) -> Result<(), Stop> {
        let now = Timestamp::now().as_millisecond();
        let rows: Vec<Vec<Cell>> = session
            .chosen
            .iter()
            .enumerate()
            .filter_map(|(place, id)| {
                let signal = session.available.iter().find(|s| s.id == *id)?;
                let per_second = frame.rates.get(place).copied().unwrap_or_default();
                let newest = self.newest.get(id);
                let (tone, shown) = newest.map_or((Tone::Faint, "…".into()), |s| value(&s.value, signal));
                // What is old is never shown as if it were now.
                let old = newest.and_then(|s| old(now - s.at, per_second));
                let (tone, last) = match old {
                    Some(age) => (Tone::Faint, cell(Tone::Watch, age)),
                    None => (tone, cell(Tone::Faint, format!("{per_second:.1}/s"))),
                };
                Some(vec![cell(Tone::Plain, title(signal, session)), cell(tone, shown), last])
            })
            .collect();
        out.table(&rows)?;
        let recording =
            session.recording.as_ref().map_or_else(String::new, |r| format!(", recording ({} samples)", r.samples));
        let foot = format!("  {:.1} replies/s{recording}. Ctrl C ends it.", frame.replies_per_second);
        out.line(&out.paint(Tone::Faint, &foot))?;
        self.lines = rows.len() + 1;
        Ok(())
    }

    fn erase(&mut self, out: &mut Out) -> Result<(), Stop> {
        if self.lines > 0 {
            out.bytes(format!("\x1b[{}A\x1b[0J", self.lines).as_bytes())?;
            self.lines = 0;
        }
        Ok(())
    }
}

fn state(session: &LiveSession) -> String {
    match &session.state {
        LiveState::Connecting { doing } => format!("{doing}…"),
        LiveState::Reading => {
            let who = session.vin.clone().unwrap_or_else(|| "a vehicle without VIN".into());
            let how = session.protocol.as_ref().map_or_else(String::new, |p| format!(", {}", p.name));
            format!("Reading {who} on {}{how}", session.port)
        }
        LiveState::Paused => "Paused".into(),
        LiveState::Held { why } => format!("Stopped: {why}"),
        LiveState::Reconnecting { error, attempt } => {
            format!("Values are stale: {} Connecting again, try {attempt}…", error.message)
        }
        LiveState::Ended { .. } => "Ended".into(),
    }
}

/// Its label, and the ECU where several chosen signals have the same.
fn title(signal: &SignalInfo, session: &LiveSession) -> String {
    let same = |s: &&SignalInfo| s.label == signal.label && session.chosen.contains(&s.id);
    if session.available.iter().filter(same).count() > 1 {
        format!("{} ({})", signal.label, signal.ecu)
    } else {
        signal.label.clone()
    }
}

fn value(value: &LiveValue, signal: &SignalInfo) -> Cell {
    match value {
        LiveValue::Number { value } => {
            let text = format!("{value:.2}");
            let text = text.trim_end_matches('0').trim_end_matches('.');
            cell(Tone::Strong, format!("{text} {}", signal.unit).trim_end().to_owned())
        }
        LiveValue::Word { text } => cell(Tone::Strong, text),
        LiveValue::Missing { missing } => cell(Tone::Watch, format!("– {missing}")),
    }
}

/// How old a value of that age (ms) is, where it no longer counts as one of now.
fn old(age: i64, per_second: f64) -> Option<String> {
    (age > fresh_ms(per_second)).then(|| format!("{} s old", age / 1000))
}

fn clock(at: i64) -> String {
    Timestamp::from_millisecond(at)
        .map_or_else(|_| at.to_string(), |t| t.to_zoned(TimeZone::system()).strftime("%H:%M:%S%.3f").to_string())
}

/// What there is to choose from.
pub(super) fn list(out: &mut Out, session: &LiveSession) -> Result<(), Stop> {
    let has = |name: &&str| session.available.iter().any(|s| s.name == **name);
    if out.json {
        let presets: serde_json::Map<String, serde_json::Value> = PRESETS
            .iter()
            .map(|(name, names)| ((*name).to_owned(), json!(names.iter().copied().filter(has).collect::<Vec<_>>())))
            .collect();
        return Ok(out.object(&json!({ "presets": presets, "signals": session.available }))?);
    }
    out.heading("Signals")?;
    let signals: Vec<Vec<Cell>> = session
        .available
        .iter()
        .map(|s| {
            vec![
                cell(Tone::Strong, &s.name),
                cell(Tone::Plain, &s.label),
                cell(Tone::Faint, &s.unit),
                cell(Tone::Plain, format!("{} ({})", s.ecu_name, s.ecu)),
                cell(Tone::Faint, &s.id),
            ]
        })
        .collect();
    out.table(&signals)?;
    out.heading("Presets")?;
    let presets: Vec<Vec<Cell>> = PRESETS
        .iter()
        .map(|(name, names)| {
            let there: Vec<&str> = names.iter().copied().filter(has).collect();
            let words = if there.is_empty() { "nothing of it on this vehicle".to_owned() } else { there.join(", ") };
            vec![cell(Tone::Strong, *name), cell(Tone::Plain, words)]
        })
        .collect();
    Ok(out.table(&presets)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pain_15_a_value_that_no_longer_comes_says_how_old_it_is() {
        for (age, per_second, expect) in [
            (200, 10.0, None),
            (3000, 10.0, None),
            (3001, 10.0, Some("3 s old")),
            (12_400, 0.0, Some("12 s old")),
            // One that is asked for every ten seconds is not old after twelve.
            (12_400, 0.1, None),
            (41_000, 0.1, Some("41 s old")),
            (-5, 1.0, None),
        ] {
            assert_eq!(old(age, per_second).as_deref(), expect, "{age} ms at {per_second}/s");
        }
    }
}
