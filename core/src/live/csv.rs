//! Recordings as CSV: RFC 4180, UTF-8, times as ISO 8601 in UTC with milliseconds, decimal points whatever the locale.
//!
//! Text from a vehicle or a person is never a formula: a spreadsheet would run a cell that begins with `=`, so such a cell
//! gets an apostrophe in front. Values are never filled forward: an empty cell means that nothing was read then.

use super::spool::Row;
use roadworthy_api::{
    Timestamp,
    live::{CsvLayout, LiveValue, Mark, SignalInfo},
};

/// What is written.
pub(super) struct Sheet<'a> {
    pub(super) signals: &'a [SignalInfo],
    pub(super) rows: &'a [Row],
    pub(super) marks: &'a [Mark],
}

/// The whole file.
pub(super) fn write(recorded: &Sheet<'_>, layout: CsvLayout) -> String {
    let mut out = Table(String::new());
    match layout {
        CsvLayout::Long => long(recorded, &mut out),
        CsvLayout::Wide => wide(recorded, &mut out),
    }
    out.0
}

fn long(recorded: &Sheet<'_>, out: &mut Table) {
    out.row(["time", "ecu", "pid", "name", "label", "value", "unit", "note"].map(str::to_owned));
    for moment in moments(recorded) {
        match moment {
            Moment::Marked(mark) => {
                let [e, p, n, l, v, u] = [const { String::new() }; 6];
                out.row([time(mark.at), e, p, n, l, v, u, text(&format!("mark: {}", mark.label))]);
            }
            Moment::Read(row) => {
                let Some(signal) = recorded.signals.get(row.signal) else { continue };
                let (value, note) = match &row.value {
                    LiveValue::Missing { missing } => (String::new(), text(missing)),
                    value => (cell(value), String::new()),
                };
                let [ecu, pid, name, label, unit] =
                    [&signal.ecu, &signal.pid, &signal.name, &signal.label, &signal.unit].map(|t| text(t));
                out.row([time(row.at), ecu, pid, name, label, value, unit, note]);
            }
        }
    }
}

fn wide(recorded: &Sheet<'_>, out: &mut Table) {
    let heads = recorded.signals.iter().map(|s| {
        let unit = if s.unit.is_empty() { String::new() } else { format!(" [{}]", s.unit) };
        text(&format!("{} ({}:{}){unit}", s.label, s.ecu, s.pid))
    });
    out.row(std::iter::once("time".to_owned()).chain(heads).chain(["mark".to_owned()]));
    let width = recorded.signals.len();
    let mut open: Option<(Timestamp, Vec<String>)> = None;
    let close = |open: &mut Option<(Timestamp, Vec<String>)>, out: &mut Table| {
        if let Some((at, cells)) = open.take() {
            out.row(std::iter::once(time(at)).chain(cells).chain([String::new()]));
        }
    };
    for moment in moments(recorded) {
        match moment {
            Moment::Marked(mark) => {
                close(&mut open, out);
                let cells = std::iter::repeat_n(String::new(), width);
                out.row(std::iter::once(time(mark.at)).chain(cells).chain([text(&mark.label)]));
            }
            Moment::Read(row) => {
                if matches!(row.value, LiveValue::Missing { .. }) {
                    continue;
                }
                // A second value of the same signal within a millisecond has a line of its own.
                let fits = |(at, cells): &(Timestamp, Vec<String>)| {
                    *at == row.at && cells.get(row.signal).is_some_and(String::is_empty)
                };
                if !open.as_ref().is_some_and(fits) {
                    close(&mut open, out);
                    open = Some((row.at, vec![String::new(); width]));
                }
                if let Some(place) = open.as_mut().and_then(|(_, cells)| cells.get_mut(row.signal)) {
                    *place = cell(&row.value);
                }
            }
        }
    }
    close(&mut open, out);
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

fn time(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |t| format!("{t:.3}"))
}

fn cell(value: &LiveValue) -> String {
    match value {
        LiveValue::Number { value } => value.to_string(),
        LiveValue::Word { text: word } => text(word),
        LiveValue::Missing { .. } => String::new(),
    }
}

/// Text that no spreadsheet takes for a formula.
fn text(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

struct Table(String);

impl Table {
    fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        for (place, cell) in cells.into_iter().enumerate() {
            if place > 0 {
                self.0.push(',');
            }
            if cell.contains([',', '"', '\r', '\n']) {
                self.0.push('"');
                self.0.push_str(&cell.replace('"', "\"\""));
                self.0.push('"');
            } else {
                self.0.push_str(&cell);
            }
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::spool::{
        Recorded,
        tests::{recording, row},
    };
    use proptest::prelude::*;

    fn write(recorded: &Recorded, layout: CsvLayout) -> String {
        super::write(&Sheet { signals: &recorded.signals, rows: &recorded.rows, marks: &recorded.marks }, layout)
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
                let plain = |cell: &str| cell.strip_prefix('\'').unwrap_or(cell).to_owned();
                match &row.value {
                    LiveValue::Number { value } => prop_assert_eq!(line[5].parse::<f64>().unwrap(), *value),
                    LiveValue::Word { text } => prop_assert!(line[5] == *text || plain(&line[5]) == *text),
                    LiveValue::Missing { missing } => {
                        prop_assert!(line[5].is_empty() && (line[7] == *missing || plain(&line[7]) == *missing));
                    }
                }
            }
            for cell in table.iter().flatten().filter(|c| c.parse::<f64>().is_err()) {
                prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{:?} is a formula", cell);
            }
            let wide = parse(&write(&recorded, CsvLayout::Wide));
            prop_assert!(wide.iter().all(|r| r.len() == 4));
            let filled: usize = wide.iter().skip(1).map(|r| r[1..3].iter().filter(|c| !c.is_empty()).count()).sum();
            let told = rows.iter().filter(|r| !matches!(&r.value, LiveValue::Missing { .. })).filter(|r| !cell(&r.value).is_empty()).count();
            prop_assert_eq!(filled, told);
        }
    }
}
