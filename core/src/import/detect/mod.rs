//! What a file looks like: layout, separator, header, times, columns; what was taken for granted, and what must be asked.
//!
//! Pure, from the first lines alone. Nothing that reads two ways is decided here: dates as 03/04/2024, times without a zone,
//! figures as 1,234 in all a column become questions. Rooms: `times` finds the column of times, `columns` judges the others.

mod columns;
mod times;

use super::{
    known,
    lines::{Byte, Cells},
    text, unit,
};
use roadworthy_api::{
    Code, Error, Result,
    import::{Answers, Confidence, Decimal, Layout, LongColumns, Mapping, Question, Separator, TimeFormat},
};
use times::Times;

/// Rows that are looked at.
const ROWS: usize = 2000;
/// Lines that may stand before the header.
const PREAMBLE: usize = 20;

/// What was found.
#[derive(Clone, Debug)]
pub(crate) struct Detected {
    pub(crate) mapping: Mapping,
    pub(crate) confidence: Confidence,
    pub(crate) guesses: Vec<String>,
    pub(crate) questions: Vec<Question>,
    /// The header's line; empty where there is none.
    pub(crate) header: Vec<u8>,
    /// Cells of a row.
    pub(crate) width: usize,
}

/// The first rows as cells.
struct Table {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
    separator: Separator,
    /// Lines before the first row.
    header: usize,
    width: usize,
    /// What the line under the header says of units, if there is one that does; it is none of `rows`.
    units: Vec<String>,
    /// How many columns are named by a line that must be the header, and has fewer cells than the rows.
    short: Option<usize>,
}

impl Table {
    fn column(&self, place: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().filter_map(move |row| row.get(place)).map(String::as_str).filter(|cell| !cell.is_empty())
    }

    fn named(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| known::words(n) == name)
    }
}

const SEPARATORS: [Separator; 4] = [Separator::Tab, Separator::Semicolon, Separator::Bar, Separator::Comma];

/// Lines of the head, without the one that may be cut; ends are those of `ends_with`.
pub(crate) fn head_lines(head: &[u8], whole: bool) -> Vec<&[u8]> {
    let end =
        if memchr::memchr(b'\n', head).is_some() || memchr::memchr(b'\r', head).is_none() { b'\n' } else { b'\r' };
    let mut lines: Vec<&[u8]> = head.split(|b| *b == end).map(|l| l.strip_suffix(b"\r").unwrap_or(l)).collect();
    // Behind the last end there is nothing, or a line that goes on.
    if lines.last().is_some_and(|l| l.is_empty()) || (!whole && lines.len() > 1) {
        lines.pop();
    }
    lines.truncate(ROWS + PREAMBLE);
    lines
}

/// Cells of the first lines, for people.
pub(crate) fn shown(lines: &[&[u8]], separator: Separator) -> Vec<Vec<String>> {
    let mut cells = Cells::default();
    let mut row = |line: &&[u8]| {
        if !cells.split(line, separator.byte()) {
            return vec![text::name(line)];
        }
        cells.iter(line).take(64).map(text::name).collect()
    };
    lines.iter().take(12).map(&mut row).collect()
}

fn split(line: &[u8], separator: Separator, cells: &mut Cells) -> Option<Vec<String>> {
    cells.split(line, separator.byte()).then(|| cells.iter(line).map(text::name).collect())
}

fn is_figure(cell: &str) -> bool {
    cell.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | ','))
        && cell.chars().any(|c| c.is_ascii_digit())
}

/// Whether a row holds units and no figures.
fn are_units(row: &[String]) -> bool {
    let (mut all, mut units) = (0usize, 0usize);
    for cell in row.iter().filter(|c| !c.is_empty()) {
        if is_figure(cell) {
            return false;
        }
        all += 1;
        units += usize::from(unit::find(cell).is_some());
    }
    units > 0 && units * 2 >= all
}

/// The separator that takes the lines apart into the same number of cells, and where the rows begin.
fn table(lines: &[&[u8]], wanted: Option<Separator>) -> Result<Table> {
    let mut best: Option<(usize, Table)> = None;
    for separator in SEPARATORS.into_iter().filter(|s| wanted.is_none_or(|w| w == *s)) {
        let mut cells = Cells::default();
        let all: Vec<Option<Vec<String>>> = lines.iter().map(|l| split(l, separator, &mut cells)).collect();
        let usual = all.iter().flatten().map(Vec::len).filter(|n| *n > 1);
        let mut counts = std::collections::BTreeMap::new();
        for count in usual {
            *counts.entry(count).or_insert(0usize) += 1;
        }
        // A separator behind the last cell of each row is one more than the header has.
        let Some((mut width, mut fit)) = counts.iter().max_by_key(|(width, n)| (**n, **width)).map(|(w, n)| (*w, *n))
        else {
            continue;
        };
        let heads = |row: &Vec<String>| {
            row.iter().filter(|c| !c.is_empty()).count() > 1
                && row.iter().filter(|c| !c.is_empty()).all(|c| !is_figure(c))
        };
        let at = all
            .iter()
            .take(PREAMBLE)
            .position(|row| row.as_ref().is_some_and(|r| (r.len() == width || r.len() + 1 == width) && heads(r)));
        let names = at.and_then(|at| all.get(at).cloned().flatten());
        let short = all.windows(2).take(PREAMBLE).find_map(|pair| match pair {
            [Some(above), Some(below)]
                if heads(above) && above.len() < width && below.len() == width && !heads(below) =>
            {
                Some(above.len())
            }
            _ => None,
        });
        let short = short.filter(|_| at.is_none());
        if let Some(names) = &names
            && names.len() + 1 == width
        {
            fit += 1;
            width = names.len();
        }
        let first = at.map_or(0, |at| at + 1);
        let mut rows: Vec<Vec<String>> =
            all.into_iter().skip(first).flatten().filter(|r| r.iter().any(|c| !c.is_empty())).take(ROWS).collect();
        let says_units = names.is_some() && rows.first().is_some_and(|row| are_units(row));
        let units = if says_units { rows.remove(0) } else { Vec::new() };
        let score = fit * 4 + usize::from(names.is_some());
        let names = names.unwrap_or_else(|| vec![String::new(); width]);
        if best.as_ref().is_none_or(|(than, _)| score > *than) {
            best = Some((score, Table { names, rows, separator, header: first, width, units, short }));
        }
    }
    best.map(|(_, table)| table).ok_or_else(|| {
        Error::new(Code::Malformed, "The file is no table: no separator takes its lines apart.").hint(
            "A log has a header line and cells between commas, semicolons, tabs or bars; say which (on the command line: --separator), or save it as UTF-8.",
        )
    })
}

/// The layout, and how sure it is.
fn layout(table: &Table) -> (Layout, Confidence) {
    let words: Vec<String> = table.names.iter().map(|n| known::words(n)).collect();
    let has = |name: &str| words.iter().any(|w| w == name);
    let exact: Vec<&str> = table.names.iter().map(String::as_str).collect();
    if exact == ["time", "ecu", "pid", "name", "label", "value", "unit", "note"] {
        return (Layout::RoadworthyLong, Confidence::Certain);
    }
    if exact.first() == Some(&"time")
        && exact.last() == Some(&"mark")
        && exact.iter().skip(1).take(exact.len().saturating_sub(2)).all(|n| columns::own(n).is_some())
    {
        return (Layout::RoadworthyWide, Confidence::Certain);
    }
    if words == ["seconds", "pid", "value", "units"] {
        return (Layout::CarScannerLong, Confidence::Certain);
    }
    if has("device time") && (has("gps time") || has("bearing") || has("g x")) {
        return (Layout::Torque, Confidence::Certain);
    }
    if has("engine run tine") {
        return (Layout::Carobd, Confidence::Certain);
    }
    if has("engine runtime") && has("trouble codes") && has("dtc number") {
        return (Layout::Cephasax, Confidence::Certain);
    }
    if exact.first() == Some(&"Time")
        && has("air flow rate from mass flow sensor g s")
        && has("vehicle speed sensor km h")
    {
        return (Layout::Kit, Confidence::Certain);
    }
    let long = |name: &str| ["signal", "name", "pid", "parameter", "sensor", "channel", "variable"].contains(&name);
    let value = |name: &str| ["value", "reading", "wert"].contains(&name);
    if words.iter().any(|w| long(w)) && words.iter().any(|w| value(w)) && words.len() <= 8 {
        return (Layout::Long, Confidence::Likely);
    }
    if table.separator == Separator::Semicolon
        && exact.first() == Some(&"time")
        && words.len() > 1
        && table.names.iter().skip(1).filter(|n| !n.is_empty()).all(|n| n.ends_with(')') || n.contains(','))
    {
        return (Layout::CarScanner, Confidence::Likely);
    }
    (
        Layout::Wide,
        if table.header > 0 && words.iter().filter(|w| known::find(w).is_some()).count() > 1 {
            Confidence::Likely
        } else {
            Confidence::Guess
        },
    )
}

/// Tells what a file looks like from its first lines.
///
/// # Errors
/// [`Code::Malformed`] for what is no table of a log at all.
pub(crate) fn detect(lines: &[&[u8]], answers: &Answers) -> Result<Detected> {
    if lines.iter().all(|l| l.trim_ascii().is_empty()) {
        return Err(Error::new(Code::Malformed, "The file is empty.").hint("Export the log again."));
    }
    let table = table(lines, answers.separator)?;
    if table.rows.is_empty() {
        return Err(Error::new(Code::Malformed, "The file has a header and no rows.").hint("Export the log again."));
    }
    if let Some(named) = table.short {
        let message = format!("The header names {named} columns, and the rows have {} cells.", table.width);
        return Err(Error::new(Code::Malformed, message).hint(
            "Export the log with semicolons between cells, or with decimal points: a decimal comma between commas cannot be told from them.",
        ));
    }
    let (layout, mut confidence) = layout(&table);
    let mut guesses = Vec::new();
    if table.header == 0 {
        guesses.push("There is no header: columns are named by their place.".to_owned());
    } else if table.header == 2 {
        guesses.push("One line before the header is passed over.".to_owned());
    } else if table.header > 2 {
        guesses.push(format!("{} lines before the header are passed over.", table.header - 1));
    }
    if !table.units.is_empty() {
        guesses.push("The line under the header says the units.".to_owned());
    }
    let mut questions = Vec::new();
    let mut mapping = Mapping {
        layout,
        separator: table.separator,
        header: u32::try_from(table.header).unwrap_or(0),
        location: answers.location.unwrap_or(false),
        ..Mapping::default()
    };
    if matches!(layout, Layout::Long | Layout::CarScannerLong | Layout::RoadworthyLong) {
        mapping.long = Some(long(&table, layout));
    }
    let signs = columns::decimals(&table);
    mapping.decimal = answers.decimal.unwrap_or(signs.file);
    mapping.settled = answers.decimal.is_some();
    let times = times::find(&table, layout, mapping.decimal);
    guesses.extend(times.guess.clone());
    mapping.time = times.mapping.clone();
    times.open.orders.allow(answers.date_order)?;
    take(answers, &mut mapping);
    mapping.columns = columns::all(&table, &mapping, &times, &signs);
    if answers.decimal.is_none()
        && let Some(example) = columns::open_figure(&signs, &mapping)
    {
        questions.push(columns::ask_decimal(example));
    }
    // Miles or kilometres, °F or °C: somebody must look at it first.
    if confidence == Confidence::Likely && mapping.columns.iter().any(columns::two_units) {
        confidence = Confidence::Guess;
    }
    mapping.ragged = columns::ragged(&table);
    if mapping.ragged {
        guesses.push("Rows may end early: what is missing at their end is taken for empty.".to_owned());
    }
    mapping.filled_forward =
        answers.filled_forward.unwrap_or_else(|| mapping.long.is_none() && columns::fills(&table, &mapping));
    mapping.in_turn = mapping.filled_forward && columns::in_turn(&table, &mapping);
    if mapping.in_turn {
        guesses.push(
            "The columns are read by turn, one for each row: its cell is a reading, the others repeat older ones."
                .to_owned(),
        );
    } else if mapping.filled_forward && answers.filled_forward.is_none() {
        guesses.push(
            "Each row carries one fresh value and repeats the others: only a change counts as a reading.".to_owned(),
        );
    }
    guesses.extend(
        mapping
            .columns
            .iter()
            .filter(|c| c.take && !c.guessed.is_empty())
            .map(|c| format!("{}: {}", c.column, c.guessed)),
    );
    questions.extend(ask(&mapping, &times));
    let header = table.header.checked_sub(1).and_then(|at| lines.get(at)).map(|l| l.to_vec()).unwrap_or_default();
    Ok(Detected { mapping, confidence, guesses, questions, header, width: table.width })
}

/// Looks at a file for which there is a mapping: only what it leaves open is asked.
///
/// # Errors
/// [`Code::Invalid`] where it does not fit.
pub(crate) fn by_mapping(lines: &[&[u8]], mut mapping: Mapping, answers: &Answers) -> Result<Detected> {
    take(answers, &mut mapping);
    if let Some(separator) = answers.separator {
        mapping.separator = separator;
    }
    mapping.decimal = answers.decimal.unwrap_or(mapping.decimal);
    mapping.settled |= answers.decimal.is_some();
    mapping.filled_forward = answers.filled_forward.unwrap_or(mapping.filled_forward);
    mapping.location = answers.location.unwrap_or(mapping.location);
    let at = usize::try_from(mapping.header).unwrap_or(usize::MAX);
    let header = at.checked_sub(1).and_then(|at| lines.get(at)).map(|l| l.to_vec()).unwrap_or_default();
    let mut cells = Cells::default();
    let first = if at == 0 { lines.first().copied() } else { Some(header.as_slice()) };
    let width = match first {
        Some(line) if cells.split(line, mapping.separator.byte()) => cells.len(),
        _ => 0,
    };
    if width < 2 || (at > 0 && header.is_empty()) {
        return Err(Error::new(
            Code::Invalid,
            "The mapping does not fit the file: its header is not where the mapping says.",
        )
        .hint("Preview the file without a mapping."));
    }
    // What its times say by themselves is asked of nobody, and what they leave open is.
    let open = table(lines, Some(mapping.separator)).map(|t| times::open(&t, &mapping.time, mapping.decimal));
    let (open, order) = open.unwrap_or_default();
    open.orders.allow(mapping.time.date_order)?;
    mapping.time.date_order = mapping.time.date_order.or(order);
    let questions = ask(&mapping, &Times { mapping: mapping.time.clone(), open, guess: None });
    let named: Vec<String> = if at > 0 { cells.iter(&header).map(text::name).collect() } else { Vec::new() };
    let guesses = beside(&mapping, &named);
    Ok(Detected { mapping, confidence: Confidence::Certain, guesses, questions, header, width })
}

/// Columns that a mapping takes and the file does not have, and those that it has beside them.
fn beside(mapping: &Mapping, named: &[String]) -> Vec<String> {
    if mapping.long.is_some() || named.is_empty() {
        return Vec::new();
    }
    let gone = mapping.columns.iter().filter(|c| c.take && !c.column.is_empty() && !named.contains(&c.column));
    let gone = gone.map(|c| format!("The file has no column {:?}, which the mapping takes.", c.column));
    let other = named.iter().filter(|n| !n.is_empty() && !mapping.columns.iter().any(|c| c.column == **n));
    gone.chain(
        other.map(|n| format!("The mapping does not name the column {n:?}: it is taken for what its name says.")),
    )
    .collect()
}

/// What a person said goes over what it looks like.
pub(super) fn take(answers: &Answers, mapping: &mut Mapping) {
    let time = &mut mapping.time;
    let over = |mine: &mut Option<String>, theirs: &Option<String>| {
        if let Some(theirs) = theirs.as_ref().filter(|t| !t.trim().is_empty()) {
            *mine = Some(theirs.trim().to_owned());
        }
    };
    over(&mut time.zone, &answers.zone);
    over(&mut time.date, &answers.date);
    over(&mut time.start, &answers.start);
    time.date_order = answers.date_order.or(time.date_order);
    time.restarts = answers.restarts.or(time.restarts);
}

fn long(table: &Table, layout: Layout) -> LongColumns {
    let of = |names: &[&str]| {
        let found = names.iter().find_map(|n| table.named(n));
        found.and_then(|at| u32::try_from(at).ok())
    };
    match layout {
        Layout::RoadworthyLong => LongColumns { signal: 3, value: 5, unit: Some(6) },
        _ => LongColumns {
            signal: of(&["signal", "name", "parameter", "sensor", "channel", "variable", "pid"]).unwrap_or(0),
            value: of(&["value", "reading", "wert"]).unwrap_or(0),
            unit: of(&["unit", "units", "einheit"]),
        },
    }
}

fn question(what: &str, ask: impl Into<String>, option: &str, choices: &[&str]) -> Question {
    let choices = choices.iter().map(|c| (*c).to_owned()).collect();
    Question { what: what.to_owned(), ask: ask.into(), option: option.to_owned(), choices }
}

/// What is still open about the times of a mapping whose stamps say all they can.
pub(super) fn ask_times(mapping: &Mapping) -> Vec<Question> {
    let open = times::Open { says_zone: true, ..times::Open::default() };
    ask(mapping, &Times { mapping: mapping.time.clone(), open, guess: None })
}

fn ask(mapping: &Mapping, times: &Times) -> Vec<Question> {
    let (time, open) = (&mapping.time, &times.open);
    let mut asked = Vec::new();
    let starts_without_zone = time
        .start
        .as_deref()
        .is_some_and(|start| super::time::iso(start.as_bytes()).is_none_or(|stamp| stamp.ahead.is_none()));
    match time.format {
        TimeFormat::Unknown => asked.push(question(
            "time",
            "No column holds times that can be read. Look at the preview; if one does, name it in a mapping.",
            "--mapping FILE",
            &[],
        )),
        TimeFormat::TimeOfDay if time.date.is_none() => asked.push(question(
            "date",
            "The file says the time of day and not the day. On which day does it begin?",
            "--date 2017-07-05",
            &[],
        )),
        TimeFormat::ElapsedSeconds | TimeFormat::ElapsedMilliseconds | TimeFormat::ElapsedClock
            if time.start.is_none() =>
        {
            asked.push(question(
                "start",
                "The file counts from a start that it does not say. When was that?",
                "--start 2017-07-05T07:16:30",
                &[],
            ));
        }
        _ => {}
    }
    if let Some(order) = open.orders.question().filter(|_| time.date_order.is_none()) {
        asked.push(order);
    }
    let by_wall = match time.format {
        TimeFormat::DateTime => !open.says_zone,
        TimeFormat::TimeOfDay => true,
        TimeFormat::ElapsedSeconds | TimeFormat::ElapsedMilliseconds | TimeFormat::ElapsedClock => starts_without_zone,
        _ => false,
    };
    if by_wall && time.zone.is_none() {
        asked.push(question(
            "zone",
            "The times are those of a clock on the wall. In which time zone?",
            "--zone Europe/Berlin",
            &[],
        ));
    }
    if open.restarts && time.restarts.is_none() {
        asked.push(question(
            "restarts",
            match time.format {
                TimeFormat::TimeOfDay => {
                    "The times of day go back in the middle of the file. Is that a drive of the next day, or shall it be left out?"
                }
                _ => {
                    "The clock begins again in the middle of the file. Are those later drives (they are set a minute after the one before), or shall they be left out?"
                }
            },
            "--restarts follow",
            &["follow", "leave"],
        ));
    }
    asked
}

/// The decimal sign, as it is asked for.
fn sign(decimal: Decimal) -> char {
    if decimal == Decimal::Point { '.' } else { ',' }
}
