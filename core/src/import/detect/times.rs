//! Which column says when, and how.

use super::{Table, known};
use crate::import::{clock::JUMP, number, order::Orders, time};
use roadworthy_api::import::{DateOrder, Decimal, Layout, TimeFormat, TimeMapping};

/// Names of columns of times, the better ones first, with how good they are.
const NAMES: &[(&str, u32)] = &[
    ("device time", 100),
    ("timestamp", 95),
    ("time stamp", 95),
    ("datetime", 95),
    ("date time", 95),
    ("time utc", 92),
    ("utc", 90),
    ("time", 90),
    ("zeit", 90),
    ("uhrzeit", 90),
    ("date", 80),
    ("datum", 80),
    ("seconds", 75),
    ("elapsed", 75),
    ("elapsed time", 75),
    ("time s", 75),
    ("time sec", 75),
    ("time ms", 75),
    ("t", 70),
    ("ms", 70),
    ("gps time", 60),
    ("engine run tine", 50),
    ("engine run time", 50),
    ("engine runtime", 50),
    ("run time since engine start", 45),
];

/// What is open about times.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    /// What dates say of their order.
    pub(super) orders: Orders,
    /// Each time says its zone.
    pub(super) says_zone: bool,
    /// The clock begins again in what was looked at.
    pub(super) restarts: bool,
}

/// What was found of times.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    pub(super) mapping: TimeMapping,
    pub(super) open: Open,
    pub(super) guess: Option<String>,
}

/// Finds them: by name first, by content where no name says it.
pub(super) fn find(table: &Table, layout: Layout, decimal: Decimal) -> Times {
    let mut candidates: Vec<(u32, usize)> = table
        .names
        .iter()
        .enumerate()
        .filter_map(|(at, name)| {
            let (bare, _) = known::header(name);
            let (words, bare) = (known::words(name), known::words(&bare));
            let rank = NAMES.iter().find(|(n, _)| *n == words || *n == bare).map(|(_, rank)| *rank)?;
            Some((rank, at))
        })
        .collect();
    candidates.sort_by_key(|(rank, at)| (std::cmp::Reverse(*rank), *at));
    let mut passed_over = None;
    for (_, at) in &candidates {
        match judge(table, *at, decimal) {
            Ok(mut found) => {
                if passed_over.is_some() {
                    found.guess = passed_over.take();
                }
                if layout == Layout::CarScannerLong && found.mapping.format != TimeFormat::ElapsedSeconds {
                    continue;
                }
                return found;
            }
            Err(Some(why)) => {
                passed_over.get_or_insert(why);
            }
            Err(None) => {}
        }
    }
    // A date and a time of day in two columns.
    // By content only what cannot be anything else.
    if table.header == 0 || candidates.is_empty() {
        for at in 0..table.width {
            if let Ok(found) = judge(table, at, decimal)
                && matches!(
                    found.mapping.format,
                    TimeFormat::DateTime | TimeFormat::EpochMilliseconds | TimeFormat::EpochSeconds
                )
            {
                return Times {
                    guess: Some(format!("Column {} is taken for the times by what stands in it.", at + 1)),
                    ..found
                };
            }
        }
    }
    Times { guess: passed_over, ..Times::default() }
}

/// What the times of a mapping leave open in this file, and the order of their dates where a figure above 12 tells it.
pub(super) fn open(table: &Table, time: &TimeMapping, decimal: Decimal) -> (Open, Option<DateOrder>) {
    let first = time.columns.first().and_then(|at| usize::try_from(*at).ok());
    match first.map(|at| judge(table, at, decimal)) {
        Some(Ok(found)) if found.mapping.format == time.format => (found.open, found.mapping.date_order),
        _ => <(Open, Option<DateOrder>)>::default(),
    }
}

/// Cells of a column that read so, and those that are not empty.
fn share(table: &Table, at: usize, reads: impl Fn(&[u8]) -> bool) -> bool {
    let (mut all, mut fit) = (0u32, 0u32);
    for cell in table.column(at) {
        // A header that comes again says nothing.
        if table.names.get(at).is_some_and(|n| n == cell) {
            continue;
        }
        all += 1;
        fit += u32::from(reads(cell.as_bytes()));
    }
    // Some may be spoilt.
    all > 0 && fit * 10 >= all * 7
}

/// How the cells of a column read as times; `Err` with a reason: it would be one but for that.
fn judge(table: &Table, at: usize, decimal: Decimal) -> Result<Times, Option<String>> {
    let place = u32::try_from(at).map_err(|_| None)?;
    let one = |format| TimeMapping { columns: vec![place], format, ..TimeMapping::default() };
    let any =
        |reads: &dyn Fn(DateOrder) -> bool| [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd].into_iter().any(reads);
    if share(table, at, |c| any(&|order| time::date_time(c, Some(order)).is_some())) {
        return Ok(dated(table, at, None, one(TimeFormat::DateTime)));
    }
    let is_date = |c: &[u8]| any(&|order| time::date(c, Some(order)).is_some());
    let is_clock = |c: &[u8]| time::of_day(c, false).is_some();
    if share(table, at, is_date) {
        // The time of day stands in a column of its own.
        let clock = (0..table.width).find(|c| *c != at && share(table, *c, is_clock)).ok_or(None)?;
        let both = TimeMapping {
            columns: vec![place, u32::try_from(clock).map_err(|_| None)?],
            format: TimeFormat::DateTime,
            ..TimeMapping::default()
        };
        return Ok(dated(table, at, Some(clock), both));
    }
    let unit = table.units.get(at).map_or("", String::as_str);
    let words = table.names.get(at).map(|n| known::words(&format!("{n} {unit}"))).unwrap_or_default();
    let counts =
        ["run", "runtime", "elapsed", "duration", "since"].iter().any(|w| words.split(' ').any(|own| own == *w));
    if !counts && share(table, at, is_clock) {
        if let Some(date) = (0..table.width).find(|c| *c != at && share(table, *c, is_date)) {
            return judge(table, date, decimal);
        }
        let restarts = goes_back(table.column(at).filter_map(|c| time::of_day(c.as_bytes(), false)));
        let open = Open { restarts, ..Open::default() };
        return Ok(Times { mapping: one(TimeFormat::TimeOfDay), open, guess: None });
    }
    if share(table, at, |c| time::of_day(c, true).is_some()) {
        let restarts = restarts(table.column(at).filter_map(|c| time::of_day(c.as_bytes(), true)));
        let open = Open { restarts, ..Open::default() };
        return Ok(Times { mapping: one(TimeFormat::ElapsedClock), open, guess: None });
    }
    let value = |c: &str| {
        number::figure(number::trim(c.as_bytes()), decimal).ok().filter(|f| f.unit.is_none()).map(|f| f.value)
    };
    if !share(table, at, |c| std::str::from_utf8(c).ok().and_then(value).is_some()) {
        return Err(None);
    }
    let values: Vec<f64> = table.column(at).filter_map(value).collect();
    let in_range =
        |from: f64, to: f64| values.iter().filter(|v| (from..to).contains(*v)).count() * 10 >= values.len() * 7;
    // 1980 to 2100, as [`super::super::clock`] takes them.
    let epoch = [
        (3.155e8, 4.1e9, TimeFormat::EpochSeconds),
        (3.155e11, 4.1e12, TimeFormat::EpochMilliseconds),
        (3.155e14, 4.1e15, TimeFormat::EpochMicroseconds),
    ];
    let named_elapsed = counts
        || ["ms", "time ms", "seconds", "time s", "time sec", "t", "elapsed", "elapsed time"].contains(&words.as_str());
    let found =
        epoch.into_iter().find(|(from, to, _)| !named_elapsed && in_range(*from, *to)).map(|(.., format)| format);
    let still = values.len() > 3 && values.windows(2).all(|w| w[0] == w[1]);
    if still {
        let name = table.names.get(at).cloned().unwrap_or_default();
        return Err(Some(format!(
            "{name:?} has the same time in every row: it was rounded when the file was saved, and is not used."
        )));
    }
    if let Some(format) = found {
        return Ok(Times { mapping: one(format), ..Times::default() });
    }
    let ascends = values.windows(2).filter(|w| w[0] <= w[1]).count() * 10 >= values.len().saturating_sub(1) * 9;
    if !ascends || values.iter().any(|v| *v < 0.0) {
        return Err(None);
    }
    // Day 45,000 of a spreadsheet, in steps of a hundred-thousandth: as seconds all of a drive would be one moment.
    let steps = values.len().saturating_sub(1) as f64;
    let span = values.last().zip(values.first()).map_or(0.0, |(last, first)| last - first);
    if steps > 1.0 && span < steps * 0.001 && values.iter().all(|v| (20_000.0..80_000.0).contains(v)) {
        let name = table.names.get(at).cloned().unwrap_or_default();
        return Err(Some(format!(
            "{name:?} holds days as a spreadsheet counts them: save the file with dates and times as text."
        )));
    }
    let milliseconds = words == "ms" || words.ends_with(" ms") || words.contains("millis");
    let format = if milliseconds { TimeFormat::ElapsedMilliseconds } else { TimeFormat::ElapsedSeconds };
    let scale = if milliseconds { 1.0 } else { 1000.0 };
    // Nothing counts for three hundred years.
    if in_range(1e13 / scale, f64::INFINITY) {
        let name = table.names.get(at).cloned().unwrap_or_default();
        return Err(Some(format!(
            "{name:?} counts in another unit than seconds, milliseconds or microseconds, and is not used."
        )));
    }
    let restarts = restarts(values.iter().map(|v| (v * scale) as i64));
    Ok(Times { mapping: one(format), open: Open { restarts, ..Open::default() }, guess: None })
}

/// Whether times of day go back in what was looked at, other than past midnight.
fn goes_back(times: impl Iterator<Item = i64>) -> bool {
    let mut before = i64::MIN;
    let mut found = false;
    for at in times {
        let past_midnight = before != i64::MIN && at < before - time::DAY / 2;
        found |= before != i64::MIN && !past_midnight && at < before - JUMP;
        before = if past_midnight { at } else { before.max(at) };
    }
    found
}

fn restarts(times: impl Iterator<Item = i64>) -> bool {
    let mut before = i64::MIN;
    let mut found = false;
    for at in times {
        found |= before != i64::MIN && at < before - 10_000;
        before = before.max(at);
    }
    found
}

/// What is open about times with a date.
fn dated(table: &Table, at: usize, clock: Option<usize>, mut mapping: TimeMapping) -> Times {
    let mut open = Open { says_zone: true, ..Open::default() };
    for row in &table.rows {
        let Some(cell) = row.get(at).filter(|c| !c.is_empty()) else { continue };
        let joined =
            clock.map_or_else(|| cell.clone(), |clock| format!("{cell} {}", row.get(clock).map_or("", String::as_str)));
        if let Some(figures) = time::open_date(joined.as_bytes()) {
            open.orders.see(cell, figures);
        }
        let stamp = [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd]
            .into_iter()
            .find_map(|order| time::date_time(joined.as_bytes(), Some(order)));
        if let Some(stamp) = stamp {
            open.says_zone &= stamp.ahead.is_some();
        }
    }
    mapping.date_order = open.orders.only();
    Times { mapping, open, guess: None }
}
