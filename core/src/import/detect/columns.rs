//! What each column is: decimal sign, unit, signal; whether it fills forward or ends early.

use super::{Table, question, sign, times::Times};
use crate::import::{known, name, number, unit};
use roadworthy_api::import::{ColumnMapping, Decimal, Layout, Mapping, Question, Separator};
use roadworthy_obd::decode;

/// Changes that are no accident.
const FEW: usize = 3;

/// Decimal signs, as far as they can be told.
pub(super) struct Signs {
    pub(super) file: Decimal,
    /// No cell of the file tells it.
    untold: bool,
    columns: Vec<Sign>,
}

/// What the cells of a column say of it.
struct Sign {
    told: Option<Decimal>,
    /// A figure that could be either, where none of the column tells it.
    open: Option<String>,
}

/// The figure at the front, without what can only separate thousands.
fn figure(cell: &str) -> String {
    let mut letters = cell.chars().peekable();
    let mut figure = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            letter if letter.is_ascii_digit() || matches!(letter, '-' | '+' | '.' | ',') => figure.push(letter),
            '\'' | '\u{2019}' | ' ' | '\u{a0}' | '\u{202f}'
                if figure.ends_with(|c: char| c.is_ascii_digit())
                    && letters.peek().is_some_and(char::is_ascii_digit) => {}
            _ => break,
        }
    }
    figure
}

/// What the cells of a column say of the sign.
fn evidence(cells: impl Iterator<Item = impl AsRef<str>>) -> (bool, bool, Option<String>) {
    let (mut point, mut comma, mut either) = (false, false, None);
    for cell in cells {
        let cell = cell.as_ref();
        let figure = figure(cell);
        let (points, commas) = (figure.matches('.').count(), figure.matches(',').count());
        let (whole, last) = figure.rsplit_once(['.', ',']).unwrap_or((figure.as_str(), ""));
        let whole = whole.trim_start_matches(['-', '+']);
        match (points, commas) {
            (0, 0) => {}
            // The sign that comes last and only once is the decimal one.
            (1, n) if n > 0 && figure.rfind('.') > figure.rfind(',') => point = true,
            (n, 1) if n > 0 && figure.rfind(',') > figure.rfind('.') => comma = true,
            (1, 0) if last.len() != 3 || whole.is_empty() || whole == "0" || whole.len() > 3 => point = true,
            (0, 1) if last.len() != 3 || whole.is_empty() || whole == "0" || whole.len() > 3 => comma = true,
            (1, 0) | (0, 1) => drop(either.get_or_insert_with(|| cell.to_owned())),
            // Several of one are thousands.
            (n, 0) if n > 1 => {}
            (0, n) if n > 1 => {}
            _ => {}
        }
    }
    (point, comma, either)
}

/// Tells decimal signs by what the cells show.
pub(super) fn decimals(table: &Table) -> Signs {
    let found: Vec<(bool, bool, Option<String>)> = (0..table.width).map(|at| evidence(table.column(at))).collect();
    let points = found.iter().filter(|(point, comma, _)| *point && !comma).count();
    let commas = found.iter().filter(|(point, comma, _)| *comma && !point).count();
    let file = if commas > points { Decimal::Comma } else { Decimal::Point };
    // A comma between cells leaves none for figures but in quotes.
    let certain = points + commas > 0 || table.separator == Separator::Comma;
    let columns = found.into_iter().map(|(point, comma, either)| Sign {
        told: match (point, comma) {
            (true, false) => Some(Decimal::Point),
            (false, true) => Some(Decimal::Comma),
            _ => None,
        },
        open: either.filter(|_| !point && !comma),
    });
    Signs { file, untold: !certain, columns: columns.collect() }
}

/// A figure that could be either, where nothing tells its sign, or what tells it would have all of its column refused.
pub(super) fn open_figure<'a>(signs: &'a Signs, mapping: &Mapping) -> Option<&'a str> {
    let own = matches!(mapping.layout, Layout::RoadworthyLong | Layout::RoadworthyWide);
    let taken = |at: usize| match mapping.long {
        Some(long) => long.value as usize == at,
        None => mapping.columns.iter().any(|c| c.take && c.place as usize == at),
    };
    let mut all = signs.columns.iter().enumerate().filter(|(at, _)| !own && taken(*at));
    all.find_map(|(_, c)| c.open.as_deref().filter(|open| signs.untold || !open.contains(sign(signs.file))))
}

pub(super) fn ask_decimal(example: &str) -> Question {
    let both = [Decimal::Point, Decimal::Comma].map(sign);
    let ask = format!(
        "{example} can be one number or a thousand times that. Is the decimal sign {:?} or {:?}?",
        both[0], both[1]
    );
    question("decimal", ask, "--decimal comma", &["point", "comma"])
}

/// Label, ECU, PID and unit of a column of our own wide file, as in `Engine speed (7E8:0C) [rpm]`.
pub(super) fn own(text: &str) -> Option<ColumnMapping> {
    let text = text.strip_prefix('\'').unwrap_or(text);
    let (rest, unit) = match text.strip_suffix(']') {
        Some(rest) => rest.rsplit_once(" [")?,
        None => (text, ""),
    };
    let (label, place) = rest.strip_suffix(')')?.rsplit_once(" (")?;
    let (ecu, pid) = place.split_once(':')?;
    let numbered = u8::from_str_radix(pid, 16).ok();
    let named = numbered.and_then(|pid| decode::signals(pid).into_iter().find(|s| s.label == label));
    let machine = named.map_or_else(|| known::slug(label), |s| s.name.to_owned());
    Some(ColumnMapping {
        take: true,
        signal: format!("{ecu}:{pid}:{machine}"),
        label: label.to_owned(),
        unit: unit.to_owned(),
        unit_found: unit.to_owned(),
        ..ColumnMapping::default()
    })
}

/// Every column, or every signal that the rows name.
pub(super) fn all(table: &Table, mapping: &Mapping, times: &Times, signs: &Signs) -> Vec<ColumnMapping> {
    let is_time = |at: usize| times.mapping.columns.iter().any(|t| *t as usize == at);
    if let Some(long) = mapping.long {
        if mapping.layout == Layout::RoadworthyLong {
            return Vec::new();
        }
        let (mut seen, mut used): (Vec<ColumnMapping>, Vec<String>) = Default::default();
        for row in &table.rows {
            let cell = |at: u32| row.get(at as usize).map_or("", String::as_str);
            let (signal, unit) = (cell(long.signal), long.unit.map_or("", cell));
            let header = table.names.get(long.signal as usize).is_some_and(|n| n == signal);
            if !signal.is_empty() && !header && seen.len() < 512 && !seen.iter().any(|c| c.column == signal) {
                let unit = Some(unit).filter(|u| !u.is_empty());
                let mut column = name::column(signal, unit, mapping.location);
                apart(&mut column, &used);
                used.push(column.signal.clone());
                seen.push(column);
            }
        }
        return seen;
    }
    let mut used: Vec<String> = Vec::new();
    (0..table.width)
        .map(|at| {
            let named = table.names.get(at).cloned().unwrap_or_default();
            let place = u32::try_from(at).unwrap_or(u32::MAX);
            if is_time(at) {
                let left_out = "It says when.".to_owned();
                return ColumnMapping { place, column: named, left_out, ..ColumnMapping::default() };
            }
            let mut column = match mapping.layout {
                Layout::RoadworthyWide => own(&named).unwrap_or_default(),
                _ if named.is_empty() && table.header == 0 => name::column(&format!("Column {}", at + 1), None, true),
                _ if named.is_empty() => {
                    ColumnMapping { left_out: "It has no name.".into(), ..ColumnMapping::default() }
                }
                _ => {
                    let unit = in_cells(table, at, &named).or_else(|| below(table, at, &named));
                    name::column(&named, unit.as_deref(), mapping.location)
                }
            };
            column.place = place;
            column.column = named;
            column.decimal = signs.columns.get(at).and_then(|c| c.told).filter(|told| *told != mapping.decimal);
            if mapping.layout == Layout::RoadworthyWide && !column.take {
                column.left_out = "It holds what somebody marked.".into();
            } else if column.take && mapping.layout != Layout::RoadworthyWide && words_only(table, at) {
                column.take = false;
                column.left_out = "It holds no numbers.".into();
            }
            if column.take {
                apart(&mut column, &used);
                used.push(column.signal.clone());
            }
            column
        })
        .collect()
}

/// Two columns are two signals, and so are two names that rows give.
fn apart(column: &mut ColumnMapping, used: &[String]) {
    let first = column.signal.clone();
    let mut count = 1;
    while used.contains(&column.signal) {
        count += 1;
        let name = first.rsplit(':').next().unwrap_or_default();
        column.signal = format!("::{name}_{count}");
    }
}

/// Whether a column's unit is taken for granted, and people use another one as well.
pub(super) fn two_units(c: &ColumnMapping) -> bool {
    c.take && !c.guessed.is_empty() && matches!(c.unit.as_str(), "km/h" | "km" | "°C" | "kPa")
}

/// The unit that the line under the header says, where the name has none.
fn below(table: &Table, at: usize, named: &str) -> Option<String> {
    let unit = table.units.get(at).filter(|u| known::header(named).1.is_none() && unit::find(u).is_some())?;
    Some(unit.trim_matches(['[', ']', '(', ')']).to_owned())
}

/// The unit that stands in a column's cells, where its name has none.
fn in_cells(table: &Table, at: usize, named: &str) -> Option<String> {
    if known::header(named).1.is_some() {
        return None;
    }
    let units = table.column(at).filter_map(|cell| {
        let text = cell.trim_start_matches(|c: char| !c.is_alphabetic() && c != '%' && c != '°' && c != 'Â');
        cell.starts_with(|c: char| c.is_ascii_digit() || c == '-').then(|| unit::find(text)).flatten()
    });
    let mut units = units.map(|u| u.name);
    let first = units.next()?;
    Some(first.to_owned())
}

/// Whether a column has something, and none of it is a number or says that there is none.
fn words_only(table: &Table, at: usize) -> bool {
    let mut any = false;
    for cell in table.column(at).filter(|c| table.names.get(at).is_none_or(|n| n != c)) {
        let trimmed = number::trim(cell.as_bytes());
        let reads = [Decimal::Point, Decimal::Comma].into_iter().any(|decimal| {
            use roadworthy_api::import::CellReason::{Formula, NotANumber, UnknownUnit};
            !matches!(number::figure(trimmed, decimal), Err(NotANumber | UnknownUnit | Formula))
        });
        // A figure that cannot be read is rejected one by one, and told; `-` says nothing either way.
        if number::is_nothing(trimmed) {
            continue;
        }
        any = true;
        if reads || cell.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return false;
        }
    }
    any
}

/// Whether rows leave off empty cells at their end.
pub(super) fn ragged(table: &Table) -> bool {
    // One cell is no row that was cut short, but none at all.
    let short = table.rows.iter().filter(|r| r.len() > 1 && r.len() < table.width).count();
    short * 5 > table.rows.len()
}

/// Whether each row carries one fresh value and repeats the others: over enough rows no two cells change at once, and cells
/// that have a value never become empty again.
pub(super) fn fills(table: &Table, mapping: &Mapping) -> bool {
    let taken: Vec<usize> = mapping.columns.iter().filter(|c| c.take).map(|c| c.place as usize).collect();
    if taken.len() < 3 || table.rows.len() < 50 {
        return false;
    }
    let (mut pairs, mut changed, mut several, mut emptied) = (0usize, 0usize, 0usize, 0usize);
    let mut by_column = vec![0usize; taken.len()];
    // A row that is spoilt says nothing of the others.
    let whole: Vec<&Vec<String>> = table.rows.iter().filter(|r| r.len() >= table.width).collect();
    for pair in whole.windows(2) {
        let [before, now] = pair else { continue };
        pairs += 1;
        let cell = |row: &Vec<String>, at: usize| row.get(at).cloned().unwrap_or_default();
        let (mut changes, mut gone) = (0, false);
        for (at, own) in taken.iter().zip(&mut by_column) {
            let (a, b) = (cell(before, *at), cell(now, *at));
            changes += usize::from(a != b);
            *own += usize::from(a != b);
            gone |= !a.is_empty() && b.is_empty();
        }
        changed += usize::from(changes > 0);
        several += usize::from(changes > 1);
        emptied += usize::from(gone);
    }
    // A file in which nothing changes at all, or one column alone as of an engine at idle, says nothing of how it is written.
    let lively = by_column.iter().filter(|n| **n >= FEW).count();
    lively > 1 && changed * 20 >= pairs && several * 200 <= pairs && emptied * 200 <= pairs
}

/// Whether the fresh value of each row goes by turn: every change is in the column whose turn it is, and most columns change.
pub(super) fn in_turn(table: &Table, mapping: &Mapping) -> bool {
    let taken: Vec<usize> = mapping.columns.iter().filter(|c| c.take).map(|c| c.place as usize).collect();
    let (mut turn, mut lost, mut changes) = (None, None, 0usize);
    let mut changed = vec![false; taken.len()];
    let mut above: Vec<&str> = vec![""; taken.len()];
    let next = |turn: Option<usize>| turn.map(|turn| (turn + 1) % taken.len().max(1));
    for row in &table.rows {
        if row.len() < table.width {
            // It took its turn; what it changed shows in the row after it.
            (lost, turn) = (turn, next(turn));
            continue;
        }
        let now: Vec<&str> = taken.iter().map(|at| row.get(*at).map_or("", String::as_str)).collect();
        let mut differ =
            now.iter().zip(&above).enumerate().filter(|(at, (a, b))| a != b && lost != Some(*at)).map(|(at, _)| at);
        let (first, second) = (differ.next(), differ.next());
        match (first, second, turn) {
            (_, Some(_), _) => return false,
            (Some(at), None, Some(turn)) if at != turn => return false,
            (Some(at), None, _) => {
                changes += 1;
                if let Some(changed) = changed.get_mut(at) {
                    *changed = true;
                }
                turn = Some((at + 1) % taken.len().max(1));
            }
            (None, ..) => turn = next(turn),
        }
        (above, lost) = (now, None);
    }
    // Enough of them that chance cannot have put each in its place.
    changes >= 30 && changed.iter().filter(|c| **c).count() * 2 > taken.len()
}
