//! Files as programs write them, whole: what they are taken for, what is asked, and what becomes of each row and cell.

mod dirty;
mod layouts;
mod real;

use super::{
    detect::{self, Detected},
    lines::Lines,
    rows::Rows,
    source,
};
use crate::telemetry::Value;
use roadworthy_api::{
    Result, Timestamp,
    import::{Answers, ImportReport, Mapping},
};

/// What was read of a file.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) detected: Detected,
    pub(super) report: ImportReport,
    /// Signal, time and value, signal by signal.
    pub(super) values: Vec<(String, Timestamp, String)>,
    pub(super) flags: Vec<(String, String)>,
}

impl Read {
    pub(super) fn of(&self, signal: &str) -> Vec<(Timestamp, &str)> {
        self.values.iter().filter(|(s, ..)| s == signal).map(|(_, at, v)| (*at, v.as_str())).collect()
    }
}

pub(super) fn look(bytes: &[u8], answers: &Answers) -> Result<Detected> {
    let source = source::open(std::io::Cursor::new(bytes.to_vec()))?;
    let mut lines = Lines::new(source.bytes);
    let head = lines.head().map_err(|e| source::told(&e))?;
    detect::detect(&detect::head_lines(head, true), answers)
}

/// Reads a file as an import does, without storing it.
pub(super) fn read(bytes: &[u8], answers: &Answers) -> Result<Read> {
    let detected = look(bytes, answers)?;
    assert_eq!(detected.questions, [], "because all was answered");
    read_by(bytes, detected)
}

pub(super) fn read_by(bytes: &[u8], detected: Detected) -> Result<Read> {
    let source = source::open(std::io::Cursor::new(bytes.to_vec()))?;
    let mut lines = Lines::new(source.bytes);
    lines.head().map_err(|e| source::told(&e))?;
    let mut rows = Rows::new(detected.mapping.clone(), &detected.header, detected.width, false)?;
    let mut number = 0;
    while let Some(line) = lines.next().map_err(|e| source::told(&e))? {
        number += 1;
        if number > u64::from(detected.mapping.header) {
            rows.line(number, line);
        }
    }
    let mut values = Vec::new();
    for (growing, signal) in rows.batch.signals.iter().zip(rows.signals()) {
        for (at, value) in growing.samples.iter() {
            let value = match value {
                Value::Number(n) => n.to_string(),
                Value::Word(w) => format!("word {w}"),
                Value::Missing(w) => format!("missing {w}"),
            };
            values.push((signal.id.clone(), at, value));
        }
    }
    let report = rows.report();
    assert!(report.adds_up(), "every row and cell is accounted for: {report:#?}");
    assert_eq!(report.stored, values.len() as u64);
    let flags = rows.flags().into_iter().map(|f| (f.signal, f.what)).collect();
    Ok(Read { detected, report, values, flags })
}

pub(super) fn ms(text: &str) -> Timestamp {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

pub(super) fn utc() -> Answers {
    Answers { zone: Some("UTC".into()), ..Answers::default() }
}

pub(super) fn asked(bytes: &str, answers: &Answers) -> Vec<String> {
    look(bytes.as_bytes(), answers).unwrap().questions.into_iter().map(|q| q.what).collect()
}

/// The mapping survives being kept as JSON, and reads the file the same.
pub(super) fn kept(mapping: &Mapping) -> Mapping {
    serde_json::from_str(&serde_json::to_string(mapping).unwrap()).unwrap()
}
