//! Samples as CSV: times as ISO 8601 in UTC with milliseconds; see [`crate::csv`] for the form of a table.
//!
//! Values are never filled forward: an empty cell means that nothing was read then. In the long layout whatever was read comes
//! back when the file is imported: a word that would be taken for something else there (`12`, `NaN `, one with a line break)
//! is written as a JSON string, and its note says [`TEXT`].

use super::spool::Row;
use crate::{
    csv::{Table, guarded},
    import::number,
    telemetry::Value,
};
use roadworthy_api::{
    Timestamp,
    import::Decimal,
    live::{CsvLayout, Mark, SignalInfo},
};
use std::{
    borrow::Cow,
    io::{self, Write},
};

/// What the note says of a word that is written as a JSON string.
pub(crate) const TEXT: &str = "text";
/// Longest word that is written as it is, in bytes: what an import keeps of a name.
const PLAIN: usize = 200;

/// What is written at once.
pub(super) struct Sheet<'a> {
    pub(super) signals: &'a [SignalInfo],
    pub(super) rows: &'a [Row],
    pub(super) marks: &'a [Mark],
}

/// The whole file.
pub(super) fn write(recorded: &Sheet<'_>, layout: CsvLayout) -> io::Result<String> {
    let mut out = Samples::new(Vec::new(), recorded.signals, layout)?;
    for moment in moments(recorded) {
        match moment {
            Moment::Marked(mark) => out.mark(mark)?,
            Moment::Read(row) => out.read(row.signal, row.at, Value::of(&row.value))?,
        }
    }
    String::from_utf8(out.done()?).map_err(io::Error::other)
}

/// A file of samples that grows, oldest first.
pub(crate) struct Samples<W: Write> {
    out: Table<W>,
    layout: CsvLayout,
    /// What each signal's rows begin with, and its unit.
    signals: Vec<[String; 5]>,
    /// The row of a wide file that is not full yet.
    open: Option<(Timestamp, Vec<String>)>,
}

impl<W: Write> Samples<W> {
    /// Writes the head.
    pub(crate) fn new(out: W, signals: &[SignalInfo], layout: CsvLayout) -> io::Result<Self> {
        let mut out = Table::new(out);
        match layout {
            CsvLayout::Long => out.row(["time", "ecu", "pid", "name", "label", "value", "unit", "note"])?,
            CsvLayout::Wide => {
                let heads = signals.iter().map(column);
                out.row(std::iter::once("time".to_owned()).chain(heads).chain(["mark".to_owned()]))?;
            }
        }
        let cells = |s: &SignalInfo| [&s.ecu, &s.pid, &s.name, &s.label, &s.unit].map(|t| guarded(t).into_owned());
        Ok(Self { out, layout, signals: signals.iter().map(cells).collect(), open: None })
    }

    /// A sample of the signal at a place.
    pub(crate) fn read(&mut self, signal: usize, at: Timestamp, value: Value<'_>) -> io::Result<()> {
        let Some([ecu, pid, name, label, unit]) = self.signals.get(signal) else { return Ok(()) };
        if self.layout == CsvLayout::Long {
            let (value, note): (Cow<'_, str>, Cow<'_, str>) = match value {
                Value::Number(number) => (number.to_string().into(), "".into()),
                Value::Word(word) if reads_back(word) => (guarded(word), "".into()),
                Value::Word(word) => (string(word), TEXT.into()),
                Value::Missing(why) if one_line(why) && !why.starts_with('"') => ("".into(), guarded(why)),
                Value::Missing(why) => ("".into(), string(why)),
            };
            return self.out.row([time(at).as_str(), ecu, pid, name, label, &value, unit, &note]);
        }
        let cell = match value {
            Value::Number(number) => number.to_string(),
            Value::Word(word) => guarded(word).into_owned(),
            Value::Missing(_) => return Ok(()),
        };
        // A second value of the same signal within a millisecond has a line of its own.
        let fits =
            |(then, cells): &(Timestamp, Vec<String>)| *then == at && cells.get(signal).is_some_and(String::is_empty);
        if !self.open.as_ref().is_some_and(fits) {
            self.close()?;
            self.open = Some((at, vec![String::new(); self.signals.len()]));
        }
        if let Some(place) = self.open.as_mut().and_then(|(_, cells)| cells.get_mut(signal)) {
            *place = cell;
        }
        Ok(())
    }

    /// A moment that somebody marked.
    pub(crate) fn mark(&mut self, mark: &Mark) -> io::Result<()> {
        if self.layout == CsvLayout::Long {
            return self.out.row([time(mark.at).as_str(), "", "", "", "", "", "", &format!("mark: {}", mark.label)]);
        }
        self.close()?;
        let cells = std::iter::repeat_n(String::new(), self.signals.len());
        self.out.row(std::iter::once(time(mark.at)).chain(cells).chain([guarded(&mark.label).into_owned()]))
    }

    fn close(&mut self) -> io::Result<()> {
        let Some((at, cells)) = self.open.take() else { return Ok(()) };
        self.out.row(std::iter::once(time(at)).chain(cells).chain([String::new()]))
    }

    /// Rows that were written, without the head.
    pub(crate) fn rows(&self) -> u64 {
        self.out.rows - 1
    }

    /// Writes what is open, and gives back what it was written to.
    pub(crate) fn done(mut self) -> io::Result<W> {
        self.close()?;
        Ok(self.out.done())
    }
}

/// The head of a signal's column in the wide layout.
fn column(signal: &SignalInfo) -> String {
    let unit = if signal.unit.is_empty() { String::new() } else { format!(" [{}]", signal.unit) };
    guarded(&format!("{} ({}:{}){unit}", signal.label, signal.ecu, signal.pid)).into_owned()
}

enum Moment<'a> {
    Read(&'a Row),
    Marked(&'a Mark),
}

/// Samples in their order, each mark before the first sample that came after it.
fn moments<'a>(recorded: &Sheet<'a>) -> impl Iterator<Item = Moment<'a>> {
    let mut marks = recorded.marks.iter().peekable();
    let mut rows = recorded.rows.iter().peekable();
    std::iter::from_fn(move || match (rows.peek(), marks.peek()) {
        (Some(row), Some(mark)) if mark.at <= row.at => marks.next().map(Moment::Marked),
        (None, Some(_)) => marks.next().map(Moment::Marked),
        _ => rows.next().map(Moment::Read),
    })
}

/// As in `2026-11-20T23:00:00.123Z`.
pub(crate) fn time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |t| format!("{t:.3}"))
}

/// Whether an import reads a cell of this word as the word.
fn reads_back(word: &str) -> bool {
    let cell = guarded(word);
    !word.is_empty() && one_line(word) && number::figure(cell.as_bytes(), Decimal::Point).is_err()
}

fn one_line(text: &str) -> bool {
    text.len() <= PLAIN
        && !text.contains(char::is_control)
        && text.trim() == text
        && number::trim(text.as_bytes()).len() == text.len()
}

fn string(text: &str) -> Cow<'static, str> {
    serde_json::Value::from(text).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::spool::{
        Recorded,
        tests::{recording, row},
    };
    use proptest::prelude::*;
    use roadworthy_api::live::LiveValue;

    fn write(recorded: &Recorded, layout: CsvLayout) -> String {
        super::write(&Sheet { signals: &recorded.signals, rows: &recorded.rows, marks: &recorded.marks }, layout)
            .unwrap()
    }

    const AT: Timestamp = 1_795_215_600_123;

    fn number(signal: usize, at: Timestamp, value: f64) -> Row {
        Row { signal, at, value: LiveValue::Number { value } }
    }

    fn word(signal: usize, at: Timestamp, text: &str) -> Row {
        Row { signal, at, value: LiveValue::Word { text: text.into() } }
    }

    #[test]
    fn both_layouts_hold_what_was_read_and_fill_nothing_forward() {
        let missing = Row { signal: 0, at: AT + 2, value: LiveValue::Missing { missing: "The ECU is silent.".into() } };
        let rows = vec![
            number(0, AT, -0.5),
            word(1, AT, "closed, \"loop\""),
            number(0, AT + 1, 812.25),
            number(0, AT + 1, 813.0),
            missing,
        ];
        let (_, recorded) = recording(rows, vec![Mark { at: AT + 1, label: "=cmd()".into() }]);
        let time = "2026-11-20T23:00:00";
        assert_eq!(
            write(&recorded, CsvLayout::Long),
            [
                "time,ecu,pid,name,label,value,unit,note".to_owned(),
                format!("{time}.123Z,7E8,0C,rpm,The rpm,-0.5,rpm,"),
                format!("{time}.123Z,7E8,0C,status,The status,\"closed, \"\"loop\"\"\",,"),
                format!("{time}.124Z,,,,,,,mark: =cmd()"),
                format!("{time}.124Z,7E8,0C,rpm,The rpm,812.25,rpm,"),
                format!("{time}.124Z,7E8,0C,rpm,The rpm,813,rpm,"),
                format!("{time}.125Z,7E8,0C,rpm,The rpm,,rpm,The ECU is silent."),
                String::new(),
            ]
            .join("\r\n")
        );
        assert_eq!(
            write(&recorded, CsvLayout::Wide),
            [
                "time,The rpm (7E8:0C) [rpm],The status (7E8:0C),mark".to_owned(),
                format!("{time}.123Z,-0.5,\"closed, \"\"loop\"\"\","),
                format!("{time}.124Z,,,'=cmd()"),
                format!("{time}.124Z,812.25,,"),
                format!("{time}.124Z,813,,"),
                String::new(),
            ]
            .join("\r\n")
        );
    }

    /// RFC 4180, read by its letter.
    fn parse(csv: &str) -> Vec<Vec<String>> {
        let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
        let mut chars = csv.chars().peekable();
        let mut quoted = false;
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => row.push(std::mem::take(&mut cell)),
                '\r' if !quoted && chars.peek() == Some(&'\n') => {
                    chars.next();
                    row.push(std::mem::take(&mut cell));
                    rows.push(std::mem::take(&mut row));
                }
                c => cell.push(c),
            }
        }
        assert!(cell.is_empty() && row.is_empty() && !quoted, "the last line is whole");
        rows
    }

    proptest! {
        #[test]
        fn a_long_file_reads_back_to_every_sample(mut rows in proptest::collection::vec(row(), 0..20), label in any::<String>()) {
            rows.sort_by_key(|r| r.at);
            let (_, recorded) = recording(rows.clone(), vec![Mark { at: rows.first().map_or(5, |r| r.at), label }]);
            let table = parse(&write(&recorded, CsvLayout::Long));
            prop_assert!(table.iter().all(|r| r.len() == 8));
            let samples: Vec<&Vec<String>> = table.iter().skip(1).filter(|r| !r[3].is_empty()).collect();
            prop_assert_eq!(samples.len(), rows.len());
            for (line, row) in samples.iter().zip(&rows) {
                let at: jiff::Timestamp = line[0].parse().unwrap();
                prop_assert_eq!(at.as_millisecond(), row.at);
                prop_assert_eq!(&line[3], &recorded.signals[row.signal].name);
                let string = |cell: &str| serde_json::from_str::<String>(cell).ok();
                let plain = |cell: &str| crate::csv::unguarded(cell).to_owned();
                match &row.value {
                    LiveValue::Number { value } => prop_assert_eq!(line[5].parse::<f64>().unwrap(), *value),
                    LiveValue::Word { text } if line[7] == TEXT => prop_assert_eq!(string(&line[5]), Some(text.clone())),
                    LiveValue::Word { text } => prop_assert_eq!(&plain(&line[5]), text),
                    LiveValue::Missing { missing } => {
                        let why = string(&line[7]).unwrap_or_else(|| plain(&line[7]));
                        prop_assert!(line[5].is_empty() && why == *missing);
                    }
                }
            }
            for cell in table.iter().flatten().filter(|c| c.parse::<f64>().is_err()) {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{:?} is a formula", cell);
            }
            let wide = parse(&write(&recorded, CsvLayout::Wide));
            prop_assert!(wide.iter().all(|r| r.len() == 4));
            let filled: usize = wide.iter().skip(1).map(|r| r[1..3].iter().filter(|c| !c.is_empty()).count()).sum();
            let told = rows.iter().filter(|r| !matches!(&r.value, LiveValue::Missing { .. })).filter(|r| !matches!(&r.value, LiveValue::Word { text } if text.is_empty())).count();
            prop_assert_eq!(filled, told);
        }
    }
}
