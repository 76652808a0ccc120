//! From the time in a row to a moment: zones, days, what a start adds, and clocks that begin again. Keeps account of what is
//! remarkable. No I/O: what is not said is an error before the first row.

use super::{
    number,
    time::{self, DAY, Stamp},
};
use jiff::tz::{AmbiguousOffset, TimeZone};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    import::{Decimal, Restarts, RowReason, TimeFormat, TimeMapping},
};

/// Times outside of these are those of a clock that was never set, or of damage: 1980 and 2100.
const POSSIBLE: std::ops::Range<Timestamp> = 315_532_800_000..4_102_444_800_000;
/// A step back by more than this is another turn of the clock, not a row that came late.
const RESTART: i64 = 10_000;
/// What a drive is set after the one before, where the pause is not known.
const PAUSE: i64 = 60_000;
/// A step by more than this is worth telling.
pub(crate) const JUMP: i64 = 3_600_000;

/// A zone with the hours that it was asked for last.
#[derive(Clone, Debug)]
struct Zone {
    zone: TimeZone,
    /// Hours by the clock on the wall during which `ahead` holds.
    hour: std::ops::Range<i64>,
    ahead: i64,
}

/// Reads the time of each row.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    format: TimeFormat,
    decimal: Decimal,
    order: Option<roadworthy_api::import::DateOrder>,
    zone: Option<Zone>,
    /// Beginning of the day on the wall, or the start in UTC.
    base: i64,
    restarts: Option<Restarts>,
    /// The last reading of a clock that knows no date.
    before: Option<i64>,
    /// Where a clock that began again was left alone.
    left: bool,
    /// The time of day of the last row.
    last: Option<i64>,
    /// The latest moment so far.
    latest: Option<Timestamp>,
    joined: Vec<u8>,
    pub(crate) noted: Noted,
}

/// What is remarkable about the last time that was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Noted {
    /// It is before one that came before it.
    pub(crate) late: bool,
    /// It is more than an hour before or after the one before.
    pub(crate) back: bool,
    pub(crate) ahead: bool,
    /// The clock began again.
    pub(crate) restarted: bool,
    /// It is one of two moments, since the clocks were put back.
    pub(crate) twice: bool,
}

/// A zone by its name or offset.
pub(crate) fn zone(name: &str) -> Result<TimeZone> {
    let name = name.trim();
    if matches!(name, "UTC" | "utc" | "Z" | "z" | "GMT") {
        return Ok(TimeZone::UTC);
    }
    if name.starts_with(['+', '-'])
        && let Some(stamp) = time::iso(format!("2000-01-01T00:00:00{name}").as_bytes())
        && let Some(ahead) = stamp.ahead
        && let Ok(offset) = jiff::tz::Offset::from_seconds(i32::try_from(ahead / 1000).unwrap_or(0))
    {
        return Ok(TimeZone::fixed(offset));
    }
    // Only names with a place: abbreviations as `EST` mean several.
    let known = if name.contains('/') { TimeZone::get(name).ok() } else { None };
    known.ok_or_else(|| {
        Error::new(Code::Invalid, format!("{name:?} is no time zone."))
            .hint("Use a name such as Europe/Berlin, UTC, or an offset such as +02:00.")
    })
}

impl Zone {
    /// UTC of a time on the wall; whether it comes twice.
    fn utc(&mut self, local: i64, latest: Option<Timestamp>) -> Result<(Timestamp, bool), RowReason> {
        if self.hour.contains(&local) {
            return Ok((local - self.ahead, false));
        }
        let civil = |local: i64| -> Option<jiff::civil::DateTime> {
            Some(TimeZone::UTC.to_datetime(jiff::Timestamp::from_millisecond(local).ok()?))
        };
        let offset = |local: i64| Some(self.zone.to_ambiguous_timestamp(civil(local)?).offset());
        let ms = |offset: jiff::tz::Offset| i64::from(offset.seconds()) * 1000;
        match offset(local).ok_or(RowReason::ImpossibleTime)? {
            AmbiguousOffset::Unambiguous { offset: now } => {
                let begin = local.div_euclid(JUMP) * JUMP;
                let same =
                    |at: i64| matches!(offset(at), Some(AmbiguousOffset::Unambiguous { offset }) if offset == now);
                if same(begin) && same(begin + JUMP - 1) && same(begin + JUMP / 2) {
                    self.hour = begin..begin + JUMP;
                    self.ahead = ms(now);
                }
                Ok((local - ms(now), false))
            }
            AmbiguousOffset::Gap { .. } => Err(RowReason::NoSuchTime),
            AmbiguousOffset::Fold { before, after } => {
                // The first of the two, unless that lies before what was read already.
                let (first, second) = (local - ms(before), local - ms(after));
                Ok((if latest.is_some_and(|l| l > first + RESTART) { second } else { first }, true))
            }
        }
    }
}

impl Clock {
    /// # Errors
    /// What is missing or no zone, day or start.
    pub(crate) fn new(mapping: &TimeMapping, decimal: Decimal) -> Result<Self> {
        let invalid = |what: &str| {
            Error::new(Code::Invalid, format!("{what} is no date and time.")).hint("Write it as 2017-07-05T07:16:30.")
        };
        let named = mapping.zone.as_deref().map(zone).transpose()?;
        let zone = named.map(|zone| Zone { zone, hour: 0..0, ahead: 0 });
        let mut clock = Self {
            format: mapping.format,
            decimal,
            order: mapping.date_order,
            zone,
            base: 0,
            restarts: mapping.restarts,
            before: None,
            left: false,
            last: None,
            latest: None,
            joined: Vec::new(),
            noted: Noted::default(),
        };
        match mapping.format {
            TimeFormat::TimeOfDay => {
                let day = mapping.date.as_deref().unwrap_or_default();
                clock.base = time::date(day.trim().as_bytes(), None).ok_or_else(|| invalid(day))?;
            }
            TimeFormat::ElapsedSeconds | TimeFormat::ElapsedMilliseconds | TimeFormat::ElapsedClock => {
                let start = mapping.start.as_deref().unwrap_or_default();
                let text = start.trim();
                let stamp = time::date_time(text.as_bytes(), None)
                    .or_else(|| time::date_time(format!("{text}:00").as_bytes(), None))
                    .or_else(|| time::date(text.as_bytes(), None).map(|local| Stamp { local, ahead: None }));
                clock.base = clock.moment(stamp.ok_or_else(|| invalid(start))?).map_err(|_| invalid(start))?;
            }
            _ => {}
        }
        Ok(clock)
    }

    fn moment(&mut self, stamp: Stamp) -> Result<Timestamp, RowReason> {
        match (stamp.ahead, &mut self.zone) {
            (Some(ahead), _) => Ok(stamp.local - ahead),
            (None, Some(zone)) => {
                let (at, twice) = zone.utc(stamp.local, self.latest)?;
                self.noted.twice = twice;
                Ok(at)
            }
            (None, None) => Err(RowReason::BadTime),
        }
    }

    /// The moment of a row, whose time is in one cell or in a date and a time. Cells are trimmed.
    pub(crate) fn at(&mut self, cell: &[u8], second: Option<&[u8]>) -> Result<Timestamp, RowReason> {
        self.noted = Noted::default();
        let at = match second {
            None => self.one(cell),
            Some(clock) => {
                let mut joined = std::mem::take(&mut self.joined);
                joined.clear();
                joined.extend_from_slice(cell);
                joined.push(b' ');
                joined.extend_from_slice(clock);
                let at = if clock.is_empty() { Err(RowReason::NoTime) } else { self.one(&joined) };
                self.joined = joined;
                at
            }
        }?;
        self.taken(at)
    }

    /// The moment of what counts by itself: microseconds of an epoch were made milliseconds already.
    pub(crate) fn counted(&mut self, ms: i64, format: TimeFormat) -> Result<Timestamp, RowReason> {
        self.noted = Noted::default();
        let at = if format == TimeFormat::ElapsedMilliseconds { self.elapsed(ms)? } else { ms };
        self.taken(at)
    }

    fn taken(&mut self, at: Timestamp) -> Result<Timestamp, RowReason> {
        if !POSSIBLE.contains(&at) {
            return Err(RowReason::ImpossibleTime);
        }
        if let Some(latest) = self.latest {
            self.noted.late = at < latest;
            self.noted.back = at < latest.saturating_sub(JUMP);
            self.noted.ahead = at > latest.saturating_add(JUMP);
        }
        self.latest = self.latest.max(Some(at));
        Ok(at)
    }

    fn one(&mut self, cell: &[u8]) -> Result<Timestamp, RowReason> {
        if cell.is_empty() {
            return Err(RowReason::NoTime);
        }
        let scaled = |cell: &[u8], decimal, scale: f64| -> Result<i64, RowReason> {
            let value = number::plain(cell, decimal)
                .or_else(|| number::figure(cell, decimal).ok().filter(|f| f.unit.is_none()).map(|f| f.value))
                .ok_or(RowReason::BadTime)?;
            let ms = (value * scale).round();
            // Beyond this a double holds no milliseconds.
            if ms.abs() < 9e15 { Ok(ms as i64) } else { Err(RowReason::ImpossibleTime) }
        };
        match self.format {
            TimeFormat::DateTime => {
                let stamp = time::date_time(cell, self.order).ok_or(RowReason::BadTime)?;
                self.moment(stamp)
            }
            TimeFormat::EpochSeconds => scaled(cell, self.decimal, 1000.0),
            TimeFormat::EpochMilliseconds => scaled(cell, self.decimal, 1.0),
            TimeFormat::EpochMicroseconds => scaled(cell, self.decimal, 0.001),
            TimeFormat::TimeOfDay => {
                let of_day = time::of_day(cell, false).ok_or(RowReason::BadTime)?;
                let base = self.day_of(of_day)?;
                self.moment(Stamp { local: base + of_day, ahead: None })
            }
            TimeFormat::ElapsedSeconds => scaled(cell, self.decimal, 1000.0).and_then(|ms| self.elapsed(ms)),
            TimeFormat::ElapsedMilliseconds => scaled(cell, self.decimal, 1.0).and_then(|ms| self.elapsed(ms)),
            TimeFormat::ElapsedClock => {
                time::of_day(cell, true).ok_or(RowReason::BadTime).and_then(|ms| self.elapsed(ms))
            }
            TimeFormat::Unknown => Err(RowReason::NoTime),
        }
    }

    /// The beginning of the day of a time of day.
    fn day_of(&mut self, now: i64) -> Result<i64, RowReason> {
        // One row that strays is no new drive: the clock is soon where it was.
        let strays = self.last.replace(now).is_some_and(|last| (now - last).abs() > JUMP);
        let Some(before) = self.before else {
            self.before = Some(now);
            return Ok(self.base);
        };
        if self.left {
            self.left = !(strays && (before - JUMP..=before + JUMP).contains(&now));
        } else if now < before - DAY / 2 {
            // Past midnight.
            self.base += DAY;
            self.before = Some(now);
        } else if now > before + DAY / 2 && self.latest.is_some() {
            // A late row from before it.
            return Ok(self.base - DAY);
        } else if now < before - JUMP {
            // A drive of a later day; clocks are put back by an hour and no more.
            self.noted.restarted = true;
            if self.restarts == Some(Restarts::Follow) {
                self.base += DAY;
                self.before = Some(now);
            } else {
                self.left = true;
            }
        } else if now <= before + JUMP || !strays {
            self.before = Some(before.max(now));
        }
        if self.left { Err(RowReason::Restarted) } else { Ok(self.base) }
    }

    fn elapsed(&mut self, ms: i64) -> Result<Timestamp, RowReason> {
        if ms < 0 {
            return Err(RowReason::ImpossibleTime);
        }
        match (self.before, self.latest) {
            (Some(before), Some(latest)) if ms < before - RESTART => {
                self.noted.restarted = true;
                match self.restarts {
                    Some(Restarts::Follow) => self.base = latest + PAUSE - ms,
                    _ => self.left = true,
                }
                self.before = Some(ms);
            }
            (before, _) => self.before = before.max(Some(ms)),
        }
        if self.left {
            return Err(RowReason::Restarted);
        }
        self.base.checked_add(ms).ok_or(RowReason::ImpossibleTime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(format: TimeFormat) -> TimeMapping {
        TimeMapping { columns: vec![0], format, ..TimeMapping::default() }
    }

    fn ms(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
    }

    fn read(clock: &mut Clock, cells: &[&str]) -> Vec<Result<Timestamp, RowReason>> {
        cells.iter().map(|cell| clock.at(cell.as_bytes(), None)).collect()
    }

    #[test]
    fn a_time_on_the_wall_is_one_of_a_zone() {
        let of = |zone: &str| TimeMapping { zone: Some(zone.into()), ..mapping(TimeFormat::DateTime) };
        let mut clock = Clock::new(&of("Europe/Berlin"), Decimal::Point).unwrap();
        let times = ["2024-01-01 12:00:00", "2024-07-01 12:00:00", "2024-07-01 12:30:00", "2024-07-01T12:00:00Z"];
        let expect = ["2024-01-01T11:00:00Z", "2024-07-01T10:00:00Z", "2024-07-01T10:30:00Z", "2024-07-01T12:00:00Z"];
        assert_eq!(read(&mut clock, &times), expect.map(|t| Ok(ms(t))));
        assert_eq!(clock.at(b"2024-03-31 02:30:00", None), Err(RowReason::NoSuchTime));
        assert_eq!(clock.at(b"2024-03-31 01:59:59", None), Ok(ms("2024-03-31T00:59:59Z")));
        assert_eq!(clock.at(b"2024-03-31 03:00:00", None), Ok(ms("2024-03-31T01:00:00Z")));
        let mut clock = Clock::new(&of("+02:00"), Decimal::Point).unwrap();
        assert_eq!(clock.at(b"2024-01-01 12:00:00", None), Ok(ms("2024-01-01T10:00:00Z")));
        assert_eq!(clock.at(b"2024-01-01", Some(b"12:00:01")), Ok(ms("2024-01-01T10:00:01Z")));
        for bad in ["EST", "Europe/Nowhere", "", "+25:00"] {
            assert!(Clock::new(&of(bad), Decimal::Point).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_hour_that_comes_twice_goes_on() {
        let of = TimeMapping { zone: Some("Europe/Berlin".into()), ..mapping(TimeFormat::DateTime) };
        let mut clock = Clock::new(&of, Decimal::Point).unwrap();
        let times = [
            "2024-10-27 01:59:00",
            "2024-10-27 02:30:00",
            "2024-10-27 02:59:00",
            "2024-10-27 02:00:00",
            "2024-10-27 02:30:00",
            "2024-10-27 03:00:00",
        ];
        let expect = [
            "2024-10-26T23:59:00Z",
            "2024-10-27T00:30:00Z",
            "2024-10-27T00:59:00Z",
            "2024-10-27T01:00:00Z",
            "2024-10-27T01:30:00Z",
            "2024-10-27T02:00:00Z",
        ];
        assert_eq!(read(&mut clock, &times), expect.map(|t| Ok(ms(t))));
    }

    #[test]
    fn a_time_of_day_goes_past_midnight_and_late_rows_stay_before_it() {
        let of =
            TimeMapping { zone: Some("UTC".into()), date: Some("2017-07-05".into()), ..mapping(TimeFormat::TimeOfDay) };
        let mut clock = Clock::new(&of, Decimal::Point).unwrap();
        let times = ["23:59:58", "23:59:59", "00:00:01", "23:59:59.5", "00:00:02"];
        let expect = [
            "2017-07-05T23:59:58Z",
            "2017-07-05T23:59:59Z",
            "2017-07-06T00:00:01Z",
            "2017-07-05T23:59:59.5Z",
            "2017-07-06T00:00:02Z",
        ];
        assert_eq!(read(&mut clock, &times), expect.map(|t| Ok(ms(t))));
        let none = TimeMapping { zone: Some("UTC".into()), ..mapping(TimeFormat::TimeOfDay) };
        assert!(Clock::new(&none, Decimal::Point).is_err(), "because the day must be said");
    }

    #[test]
    fn times_of_day_that_go_back_are_another_day_or_are_left() {
        let of = |restarts| TimeMapping {
            date: Some("2024-03-04".into()),
            zone: Some("UTC".into()),
            restarts,
            ..mapping(TimeFormat::TimeOfDay)
        };
        let check = |restarts, cells: &[&str], expect: &[&str]| {
            let mut clock = Clock::new(&of(restarts), Decimal::Point).unwrap();
            let expect: Vec<_> = expect
                .iter()
                .map(|t| if t.is_empty() { Err(RowReason::Restarted) } else { Ok(ms(&format!("2024-03-{t}:00Z"))) })
                .collect();
            assert_eq!(read(&mut clock, cells), expect, "{cells:?}");
        };
        let drives = ["10:00:00", "10:30:00", "08:00:00", "08:01:00", "10:31:00"];
        let follow = Some(Restarts::Follow);
        check(follow, &drives, &["04T10:00", "04T10:30", "05T08:00", "05T08:01", "05T10:31"]);
        check(None, &["10:00:00", "10:30:00", "08:00:00", "08:01:00"], &["04T10:00", "04T10:30", "", ""]);
        // A step back of less is a row that comes late, or clocks that are put back.
        check(None, &["10:00:00", "09:30:00", "10:01:00"], &["04T10:00", "04T09:30", "04T10:01"]);
        check(None, &["23:59:00", "00:01:00"], &["04T23:59", "05T00:01"]);
        // One that strays, either way.
        check(None, &["10:00:00", "08:00:00", "10:01:00"], &["04T10:00", "", "04T10:01"]);
        check(
            None,
            &["10:00:00", "15:00:00", "10:01:00", "10:02:00"],
            &["04T10:00", "04T15:00", "04T10:01", "04T10:02"],
        );
        // A pause.
        check(None, &["10:00:00", "15:00:00", "15:01:00", "12:00:00"], &["04T10:00", "04T15:00", "04T15:01", ""]);
    }

    #[test]
    fn a_clock_that_begins_again_follows_or_is_left() {
        let of = |restarts| TimeMapping {
            start: Some("2024-01-01T00:00:00Z".into()),
            restarts,
            ..mapping(TimeFormat::ElapsedSeconds)
        };
        let t = |s: &str| Ok(ms(s));
        let mut clock = Clock::new(&of(Some(Restarts::Follow)), Decimal::Point).unwrap();
        assert_eq!(
            read(&mut clock, &["100", "98", "101.5", "0", "1"]),
            [
                t("2024-01-01T00:01:40Z"),
                t("2024-01-01T00:01:38Z"),
                t("2024-01-01T00:01:41.5Z"),
                t("2024-01-01T00:02:41.5Z"),
                t("2024-01-01T00:02:42.5Z")
            ]
        );
        let mut clock = Clock::new(&of(None), Decimal::Point).unwrap();
        let gone = Err(RowReason::Restarted);
        assert_eq!(read(&mut clock, &["100", "0", "200", "201"]), [t("2024-01-01T00:01:40Z"), gone, gone, gone]);
        let mut clock = Clock::new(&of(None), Decimal::Comma).unwrap();
        assert_eq!(
            read(&mut clock, &["1,5", "x", "-1", "1e30"]),
            [
                t("2024-01-01T00:00:01.5Z"),
                Err(RowReason::BadTime),
                Err(RowReason::ImpossibleTime),
                Err(RowReason::ImpossibleTime)
            ]
        );
    }

    #[test]
    fn impossible_times_and_jumps_are_told() {
        let mut clock = Clock::new(&mapping(TimeFormat::EpochSeconds), Decimal::Point).unwrap();
        assert_eq!(clock.at(b"0", None), Err(RowReason::ImpossibleTime));
        assert_eq!(clock.at(b"", None), Err(RowReason::NoTime));
        assert_eq!(clock.at(b"1700000000.25", None), Ok(1_700_000_000_250));
        assert!(clock.at(b"1700000000.15", None).is_ok() && clock.noted == Noted { late: true, ..Noted::default() });
        assert!(clock.at(b"1700009000", None).is_ok() && clock.noted == Noted { ahead: true, ..Noted::default() });
        assert!(
            clock.at(b"1700000001", None).is_ok()
                && clock.noted == Noted { late: true, back: true, ..Noted::default() }
        );
    }
}
