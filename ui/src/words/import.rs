//! Imports in words: what a file is taken for, what is asked, what became of its rows and cells.

use super::{count, list};
use crate::locale;
use roadworthy_api::{
    history::FileNature,
    import::{
        ColumnMapping, Confidence, DateOrder, Decimal, Flagged, ImportReport, ImportRow, Layout, Mapping, Restarts,
        Separator, TimeFormat,
    },
};

/// What a file is taken for.
pub(crate) fn layout(layout: Layout) -> &'static str {
    match layout {
        Layout::Torque => "A log of Torque",
        Layout::CarScanner | Layout::CarScannerLong => "A log of Car Scanner",
        Layout::Kit => "A drive of the KIT data set",
        Layout::Carobd => "A drive of the carOBD data set",
        Layout::Cephasax => "A log in the cephasax layout",
        Layout::RoadworthyLong | Layout::RoadworthyWide => "A recording that Roadworthy saved",
        Layout::Wide => "A table with a column for each signal",
        Layout::Long => "A table with a row for each value",
        Layout::Candump => "A log of a CAN bus",
    }
}

/// How sure that is, with why.
pub(crate) fn certainty(confidence: Confidence) -> (&'static str, &'static str) {
    match confidence {
        Confidence::Certain => ("Certain", "only this layout has such a header"),
        Confidence::Likely => ("Likely", "it fits in all that was looked at"),
        Confidence::Guess => ("A guess", "nothing that is known fits better: look at the columns below"),
    }
}

/// Separators with their place in a form.
pub(crate) const SEPARATORS: [(Separator, &str, &str); 4] = [
    (Separator::Comma, "comma", "Commas"),
    (Separator::Semicolon, "semicolon", "Semicolons"),
    (Separator::Tab, "tab", "Tabs"),
    (Separator::Bar, "bar", "Bars"),
];

/// Decimal signs with their place in a form.
pub(crate) const DECIMALS: [(Decimal, &str, &str); 2] =
    [(Decimal::Point, "point", "A point, as in 3.14"), (Decimal::Comma, "comma", "A comma, as in 3,14")];

/// Orders of dates with their place in a form.
pub(crate) const ORDERS: [(DateOrder, &str, &str); 3] = [
    (DateOrder::Dmy, "dmy", "Day, month, year"),
    (DateOrder::Mdy, "mdy", "Month, day, year"),
    (DateOrder::Ymd, "ymd", "Year, month, day"),
];

/// What a clock that begins again means, with its place in a form.
pub(crate) const RESTARTS: [(Restarts, &str, &str); 2] = [
    (Restarts::Follow, "follow", "Later drives: a minute after the one before, times of day on the next day"),
    (Restarts::Leave, "leave", "Leave out what follows"),
];

/// Ways to write times, with their place in a form.
pub(crate) const FORMATS: [(TimeFormat, &str, &str); 8] = [
    (TimeFormat::DateTime, "date-time", "Date and time"),
    (TimeFormat::TimeOfDay, "time-of-day", "Time of day"),
    (TimeFormat::ElapsedSeconds, "elapsed-seconds", "Seconds since some start"),
    (TimeFormat::ElapsedMilliseconds, "elapsed-milliseconds", "Milliseconds since some start"),
    (TimeFormat::ElapsedClock, "elapsed-clock", "Hours, minutes, seconds since some start"),
    (TimeFormat::EpochSeconds, "epoch-seconds", "Seconds since 1970"),
    (TimeFormat::EpochMilliseconds, "epoch-milliseconds", "Milliseconds since 1970"),
    (TimeFormat::EpochMicroseconds, "epoch-microseconds", "Microseconds since 1970"),
];

/// What a form offers: a value, its place in the form, its label.
pub(crate) type Choices<T> = &'static [(T, &'static str, &'static str)];

/// One of a form's choices by its place in it.
pub(crate) fn chosen<T: Copy>(all: &[(T, &'static str, &'static str)], key: &str) -> Option<T> {
    all.iter().find(|(_, k, _)| *k == key).map(|(value, ..)| *value)
}

/// The place of one of them in a form.
pub(crate) fn key_of<T: Copy + PartialEq>(all: &[(T, &'static str, &'static str)], value: T) -> &'static str {
    all.iter().find(|(v, ..)| *v == value).map_or("", |(_, key, _)| *key)
}

/// How a file is written: `UTF-8, commas between cells, a point in figures`.
pub(crate) fn writing(encoding: &str, separator: Separator, decimal: Decimal) -> String {
    let between = SEPARATORS.iter().find(|(s, ..)| *s == separator).map_or("", |(.., words)| *words);
    let sign = if decimal == Decimal::Comma { "a comma" } else { "a point" };
    format!("{encoding}, {} between cells, {sign} in figures", between.to_lowercase())
}

/// What a file is.
pub(crate) fn nature(nature: FileNature) -> &'static str {
    match nature {
        FileNature::Log => "a log",
        FileNature::History => "a service history",
    }
}

/// Where an import's own page is.
pub(crate) fn address_of(nature: FileNature, id: &str) -> String {
    match nature {
        FileNature::Log => format!("/imports/{id}"),
        FileNature::History => format!("/histories/{id}"),
    }
}

/// What a column's unit becomes: `°F, stored as °C`.
pub(crate) fn unit_change(column: &ColumnMapping) -> String {
    let ColumnMapping { unit_found: found, unit, .. } = column;
    match (found.as_str(), unit.as_str()) {
        ("", "") => "none".into(),
        ("", unit) => format!("{unit}, not said by the file"),
        (found, "") => format!("{found}, stored without a unit"),
        (found, unit) if found == unit => unit.to_owned(),
        (found, unit) => format!("{found}, stored as {unit}"),
    }
}

/// Whose signal it is: `ECU 7E8` or that the file does not say.
pub(crate) fn ecu_of(signal: &str) -> String {
    match signal.split(':').next().unwrap_or_default() {
        "" => "ECU not said by the file".into(),
        ecu => format!("ECU {ecu}"),
    }
}

/// What is known of a signal by its id: `PID 05` or that no standard names it.
pub(crate) fn pid_of(signal: &str) -> String {
    match signal.split(':').nth(1).unwrap_or_default() {
        "" => "a signal of its own name".into(),
        pid => format!("PID {pid}"),
    }
}

/// An id for a signal of any name that a person gave, as the engine would make it.
pub(crate) fn own_signal(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        let letter = match letter {
            'ä' => 'a',
            'ö' => 'o',
            'ü' => 'u',
            'é' | 'è' => 'e',
            other => other,
        };
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    let slug = slug.trim_end_matches('_').to_owned();
    format!("::{}", if slug.is_empty() { "unnamed" } else { &slug })
}

/// Lines as they are named: `line 3`, `lines 3, 4, 9 …`.
pub(crate) fn lines(lines: &[u64], count: u64) -> String {
    let more = if count > lines.len() as u64 { " …" } else { "" };
    let named: Vec<String> = lines.iter().map(|n| whole(*n)).collect();
    match named.as_slice() {
        [] => String::new(),
        [one] if more.is_empty() => format!("line {one}"),
        many => format!("lines {}{more}", many.join(", ")),
    }
}

/// A count with its thousands told apart.
pub(crate) fn whole(n: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "a count for people")]
    locale::number(n as f64, 0)
}

/// `1 value`, `2,310 values`.
pub(crate) fn counted(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {noun}s", whole(n)) }
}

/// A line of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// What it counts.
    pub(crate) what: String,
    pub(crate) count: u64,
    /// The first lines of the file that are meant.
    pub(crate) lines: String,
    /// Whether it is a part of a line above it.
    pub(crate) part: bool,
    /// Whether it says that something could not be read.
    pub(crate) heed: bool,
}

/// What became of every row and cell, line by line; it adds up.
pub(crate) fn account(report: &ImportReport) -> (Vec<Line>, Vec<Line>) {
    let line = |what: &str, count| Line { what: what.into(), count, lines: String::new(), part: false, heed: false };
    let part = |what: String, count, lines: String, heed| Line { what, count, lines, part: true, heed };
    let mut rows = vec![line("Rows", report.rows), line("With a value", report.rows_stored)];
    rows.extend(
        report.explained.iter().map(|e| {
            part(super::sentence_case(e.reason.words()), e.count, lines(&e.lines, e.count), !harmless(e.reason))
        }),
    );
    let mut cells = vec![line("Cells", report.cells), line("Values", report.stored)];
    for (what, n) in [
        ("Times", report.times),
        ("Names and units", report.names),
        ("Empty", report.empty),
        ("Copies of the cell above, not read", report.filled),
        ("The same value at the same time again", report.repeated),
        ("In columns that are not taken", report.left_out),
        ("In rows that gave nothing", report.of_explained),
    ] {
        if n > 0 {
            cells.push(part(what.into(), n, String::new(), false));
        }
    }
    cells.extend(
        report
            .rejected
            .iter()
            .map(|r| part(format!("{}: {}", r.column, r.reason.words()), r.count, lines(&r.lines, r.count), true)),
    );
    (rows, cells)
}

/// Whether a row of that kind is in every sound file.
fn harmless(reason: roadworthy_api::import::RowReason) -> bool {
    use roadworthy_api::import::RowReason::{Blank, Empty, Filled, Header, NoData, Repeated, UnknownFrame};
    matches!(reason, Blank | Header | Empty | Filled | Repeated | UnknownFrame | NoData)
}

/// What was taken in, in a sentence.
pub(crate) fn import_line(row: &ImportRow) -> String {
    let signals = count(row.signals.len() as u64, "signal");
    let span = locale::range(row.from, row.to);
    let rejected = match row.rejected {
        0 => String::new(),
        n => format!(", {} could not be read", counted(n, "cell")),
    };
    format!("{} of {signals} from {}, {span}{rejected}", counted(row.samples, "value"), counted(row.rows, "row"))
}

/// The name of an import's file; it is empty once its customer was forgotten.
pub(crate) fn file_name(name: &str) -> String {
    if name.is_empty() { "A file whose name is gone".into() } else { name.to_owned() }
}

/// What undoing it takes back.
pub(crate) fn takes_back(row: &ImportRow, flags: usize) -> Vec<String> {
    let values = counted(row.samples, "value");
    let signals = count(row.signals.len() as u64, "signal");
    let mut all = vec![format!("{values} of {signals} leave the vehicle's trends at once.")];
    if flags > 0 {
        all.push(format!("What was said of implausible values goes with them: {}.", count(flags as u64, "signal")));
    }
    all.push("Values that were recorded here, or came with other files, stay as they are.".into());
    all.push("The timeline keeps that the file was imported, and that it was taken back.".into());
    all.push("The same file can be imported again later.".into());
    all
}

/// Why values of a signal cannot be right, in two words.
pub(crate) fn flag_word(what: &str) -> &'static str {
    match what {
        "range" => "Out of range",
        "jump" => "Jumps",
        "stuck" => "Never changes",
        "unit" => "Wrong unit",
        "contradicts" => "Contradicts others",
        _ => "Implausible",
    }
}

/// A flagged signal's name as the file's mapping has it.
pub(crate) fn flag_title(flag: &Flagged, mapping: &Mapping) -> String {
    let named = mapping.columns.iter().find(|c| c.take && c.signal.rsplit(':').next() == Some(flag.signal.as_str()));
    named.map_or_else(|| super::sentence_case(&flag.signal.replace('_', " ")), |c| c.label.clone())
}

/// The flagged signals in one sentence; nothing where none is.
pub(crate) fn flags_line(titles: &[String]) -> String {
    match titles {
        [] => "No signal was found implausible.".into(),
        [one] => format!("{one} cannot be right. Its values are kept and marked."),
        many => format!("{} cannot be right. Their values are kept and marked.", list(many)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::import::{CellReason, ExplainedRows, RejectedCells, RowReason};

    #[test]
    fn an_account_names_every_kind_of_row_and_cell_that_there_is() {
        let report = ImportReport {
            rows: 10,
            rows_stored: 7,
            explained: vec![
                ExplainedRows { reason: RowReason::Header, count: 2, lines: vec![4, 8] },
                ExplainedRows { reason: RowReason::BadTime, count: 1, lines: vec![9] },
            ],
            cells: 20,
            stored: 12,
            times: 7,
            rejected: vec![RejectedCells {
                column: "Boost".into(),
                reason: CellReason::NotANumber,
                count: 7,
                lines: vec![2, 3],
            }],
            ..ImportReport::default()
        };
        let (rows, cells) = account(&report);
        let said = |all: &[Line]| all.iter().map(|l| format!("{} {} {}", l.what, l.count, l.lines)).collect::<Vec<_>>();
        assert_eq!(
            said(&rows),
            ["Rows 10 ", "With a value 7 ", "The header again 2 lines 4, 8", "The time cannot be read 1 line 9"]
        );
        assert_eq!(said(&cells), ["Cells 20 ", "Values 12 ", "Times 7 ", "Boost: no number 7 lines 2, 3 …"]);
        assert_eq!(rows.iter().map(|l| l.heed).collect::<Vec<_>>(), [false, false, false, true]);
    }

    #[test]
    fn signals_say_whose_they_are() {
        for (id, ecu, pid) in [
            (":05:coolant_temperature", "ECU not said by the file", "PID 05"),
            ("7E8:0C:engine_rpm", "ECU 7E8", "PID 0C"),
            ("::boost", "ECU not said by the file", "a signal of its own name"),
        ] {
            assert_eq!((ecu_of(id).as_str(), pid_of(id).as_str()), (ecu, pid), "{id}");
        }
        for (name, expect) in [("Boost (turbo)", "::boost_turbo"), ("  ", "::unnamed"), ("Öl °C", "::ol_c")] {
            assert_eq!(own_signal(name), expect);
        }
    }

    #[test]
    fn units_say_what_becomes_of_them() {
        for (found, unit, expect) in [
            ("", "", "none"),
            ("", "rpm", "rpm, not said by the file"),
            ("°F", "°C", "°F, stored as °C"),
            ("kPa", "kPa", "kPa"),
        ] {
            let column = ColumnMapping { unit_found: found.into(), unit: unit.into(), ..ColumnMapping::default() };
            assert_eq!(unit_change(&column), expect);
        }
    }

    #[test]
    fn every_choice_of_a_form_finds_its_way_back() {
        for (value, key, _) in FORMATS {
            assert_eq!((chosen(&FORMATS, key), key_of(&FORMATS, value)), (Some(value), key));
        }
        assert_eq!(chosen(&ORDERS, "nonsense"), None);
    }
}
