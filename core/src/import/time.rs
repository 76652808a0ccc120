//! Times as files write them. Pure: what is ambiguous is read in the order that is said, never in the one that happens to fit.

use super::text;
use roadworthy_api::import::DateOrder;

/// Milliseconds of a day.
pub(crate) const DAY: i64 = 86_400_000;

/// A moment as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Milliseconds since 1970 by the clock on the wall.
    pub(crate) local: i64,
    /// How far that clock is ahead of UTC, in milliseconds, where it says so.
    pub(crate) ahead: Option<i64>,
}

/// Milliseconds since 1970 of a day's beginning; `None`: there is no such day.
pub(crate) fn day(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    if !(1900..=2200).contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    // Counted from March, so that the leap day comes last (proleptic Gregorian calendar).
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719_468;
    Some(days * DAY)
}

fn two(bytes: &[u8]) -> Option<i64> {
    match bytes {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(i64::from(a - b'0') * 10 + i64::from(b - b'0')),
        _ => None,
    }
}

fn clock(hour: i64, minute: i64, second: i64) -> Option<i64> {
    // A leap second is the last of its minute.
    let ok = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second);
    ok.then_some(((hour * 60 + minute) * 60 + second.min(59)) * 1000)
}

/// Milliseconds of a fraction of a second, to the nearest one.
fn milliseconds(fraction: &[u8]) -> Option<i64> {
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |at: usize| fraction.get(at).map_or(0, |d| i64::from(d - b'0'));
    Some(digit(0) * 100 + digit(1) * 10 + digit(2) + i64::from(digit(3) >= 5))
}

/// ISO 8601 as programs write it, which is most of all: `2024-03-04T10:11:12.345Z`, a blank for the T, any of `. ,`.
#[inline]
pub(crate) fn iso(cell: &[u8]) -> Option<Stamp> {
    let (date, rest) = cell.split_at_checked(10)?;
    let [a, b, c, d, b'-' | b'/' | b'.', e, f, b'-' | b'/' | b'.', g, h] = date else { return None };
    let year = two(&[*a, *b])? * 100 + two(&[*c, *d])?;
    let day = day(year, two(&[*e, *f])?, two(&[*g, *h])?)?;
    let [b'T' | b't' | b' ', a, b, b':', c, d, b':', e, f, rest @ ..] = rest else { return None };
    let mut local = day + clock(two(&[*a, *b])?, two(&[*c, *d])?, two(&[*e, *f])?)?;
    let mut rest = rest;
    if let [b'.' | b',', fraction @ ..] = rest {
        let end = fraction.iter().position(|c| !c.is_ascii_digit()).unwrap_or(fraction.len());
        let (figures, after) = fraction.split_at(end);
        if figures.is_empty() || figures.len() > 9 {
            return None;
        }
        local += milliseconds(figures)?;
        rest = after;
    }
    Some(Stamp { local, ahead: if rest.is_empty() { None } else { Some(offset(rest.trim_ascii())?) } })
}

/// `Z`, `+02:00`, `+0200`, `+02`, in milliseconds.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, figures) = match text {
        b"Z" | b"z" => return Some(0),
        [b'+', figures @ ..] => (1, figures),
        [b'-', figures @ ..] => (-1, figures),
        _ => return None,
    };
    let (hours, minutes) = match figures {
        [a, b] => (two(&[*a, *b])?, 0),
        [a, b':', c, d] => (two(&[b'0', *a])?, two(&[*c, *d])?),
        [a, b, b':', c, d] | [a, b, c, d] => (two(&[*a, *b])?, two(&[*c, *d])?),
        [a] => (two(&[b'0', *a])?, 0),
        _ => return None,
    };
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000)
}

/// Hours, minutes and seconds in milliseconds: `07:16:30.444`, `7:16 PM`; hours from 24 on only if it `counts` what has passed.
#[inline]
pub(crate) fn of_day(cell: &[u8], counts: bool) -> Option<i64> {
    let mut rest = cell;
    let mut number = |most: usize| -> Option<i64> {
        let end = rest.iter().position(|c| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (figures, after) = rest.split_at(end);
        if figures.is_empty() || figures.len() > most {
            return None;
        }
        rest = after.split_first().filter(|(c, _)| **c == b':').map_or(after, |(_, r)| r);
        Some(figures.iter().fold(0, |n, d| n * 10 + i64::from(d - b'0')))
    };
    let colons = cell.iter().filter(|c| **c == b':').count();
    if !(1..=2).contains(&colons) {
        return None;
    }
    let (mut hour, minute) = (number(5)?, number(2)?);
    let second = if colons == 2 { number(2)? } else { 0 };
    let mut fraction = 0;
    if let [b'.' | b',', figures @ ..] = rest {
        let end = figures.iter().position(|c| !c.is_ascii_digit()).unwrap_or(figures.len());
        let (figures, after) = figures.split_at(end);
        if figures.is_empty() || figures.len() > 9 {
            return None;
        }
        fraction = milliseconds(figures)?;
        rest = after;
    }
    match rest.trim_ascii().to_ascii_lowercase().as_slice() {
        b"" => {}
        b"am" | b"a.m." if (1..=12).contains(&hour) => hour %= 12,
        b"pm" | b"p.m." if (1..=12).contains(&hour) => hour = hour % 12 + 12,
        _ => return None,
    }
    if counts && hour >= 24 {
        return (minute < 60 && second < 60).then_some(((hour * 60 + minute) * 60 + second) * 1000 + fraction);
    }
    Some(clock(hour, minute, second)? + fraction)
}

/// Short names of months in the languages that phones are set to, three letters or as many as tell them apart.
pub(super) const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen"],
    &["feb", "fév", "fev"],
    &["mar", "mär", "mrz", "maa", "mrt"],
    &["apr", "avr", "abr"],
    &["may", "mai", "maj", "mag", "mei"],
    &["jun", "juin", "giu"],
    &["jul", "juil", "lug"],
    &["aug", "aoû", "ago"],
    &["sep", "set"],
    &["oct", "okt", "ott", "out"],
    &["nov"],
    &["dec", "dez", "déc", "dic"],
];

fn month(word: &str) -> Option<i64> {
    if word.chars().count() < 3 {
        return None;
    }
    let of = |word: &str| {
        // The longest that fits: `juin` and `juil` before `jui`.
        MONTHS.iter().zip(1..).find(|(names, _)| names.iter().any(|n| word.starts_with(n))).map(|(_, number)| number)
    };
    of(word)
}

/// Offsets of the abbreviations that mean one zone only.
fn zone_word(word: &str) -> Option<i64> {
    Some(match word {
        "z" | "utc" | "gmt" => 0,
        "cet" | "mez" => 3_600_000,
        "cest" | "mesz" => 7_200_000,
        _ => return None,
    })
}

const WEEKDAYS: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun", "mo", "di", "mi", "do", "fr", "sa", "so"];

/// A date alone, as it is written with figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figures(pub(crate) i64, pub(crate) i64, pub(crate) i64);

/// A date and a time in any other spelling; `order`: of dates in figures that do not begin with the year.
///
/// `None`: it is none, or the order is needed and not said.
pub(crate) fn date_time(cell: &[u8], order: Option<DateOrder>) -> Option<Stamp> {
    if let Some(stamp) = iso(cell) {
        return Some(stamp);
    }
    let parts = parts(cell)?;
    let day = match (parts.date, parts.named, order) {
        (Some(Figures(y, m, d)), None, _) if y >= 1000 => day(y, m, d)?,
        (Some(figures), None, Some(order)) => in_order(figures, order)?,
        (None, Some((d, m, y)), _) => day(full(y), m, d)?,
        _ => return None,
    };
    Some(Stamp { local: day + parts.clock?, ahead: parts.ahead })
}

/// A date alone, in milliseconds since 1970.
pub(crate) fn date(cell: &[u8], order: Option<DateOrder>) -> Option<i64> {
    let with_time = [cell, b" 00:00:00"].concat();
    date_time(&with_time, order).map(|s| s.local)
}

/// The day that figures are in an order, in milliseconds since 1970.
pub(crate) fn in_order(Figures(a, b, c): Figures, order: DateOrder) -> Option<i64> {
    match order {
        DateOrder::Dmy => day(full(c), b, a),
        DateOrder::Mdy => day(full(c), a, b),
        DateOrder::Ymd => day(full(a), b, c),
    }
}

/// The figures of a date whose order is not told by itself, for whoever asks; `None`: there is no such date.
pub(crate) fn open_date(cell: &[u8]) -> Option<Figures> {
    parts(cell)?.date.filter(|f| f.0 < 1000)
}

fn full(year: i64) -> i64 {
    if (0..100).contains(&year) { 2000 + year } else { year }
}

#[derive(Default)]
struct Parts {
    date: Option<Figures>,
    /// Day, month, year, where the month is a word.
    named: Option<(i64, i64, i64)>,
    clock: Option<i64>,
    ahead: Option<i64>,
}

fn parts(cell: &[u8]) -> Option<Parts> {
    if cell.len() > 48 {
        return None;
    }
    let text = text::read(cell).to_lowercase();
    let mut found = Parts::default();
    let (mut loose, mut named): (Vec<i64>, Option<i64>) = (Vec::new(), None);
    let mut words: Vec<&str> = text.split([' ', '\u{a0}', '\u{202f}']).filter(|w| !w.is_empty()).collect();
    // `2024/03/04T10:11:12`, and `07:16:30 pm` as one.
    let split: Vec<String>;
    if let [one] = words.as_slice()
        && let Some((date, clock)) =
            one.split_once('t').filter(|(d, c)| d.contains(|c: char| c.is_ascii_digit()) && c.contains(':'))
    {
        split = vec![date.to_owned(), clock.to_owned()];
        words = split.iter().map(String::as_str).collect();
    }
    let mut at = 0;
    while let Some(word) = words.get(at).copied() {
        at += 1;
        let bare = word.trim_matches([',', '.']);
        if bare.is_empty() {
            continue;
        }
        if word.contains(':') && word.starts_with(|c: char| c.is_ascii_digit()) {
            let half = words.get(at).copied().filter(|w| matches!(*w, "am" | "pm" | "a.m." | "p.m."));
            at += usize::from(half.is_some());
            // An offset may hang on it.
            let (clock, ahead) = match word.find(['+', 'z']).or_else(|| word.rfind('-')) {
                Some(place) => (word.get(..place)?, Some(offset(word.get(place..)?.as_bytes())?)),
                None => (word, None),
            };
            let clock = half.map_or_else(|| clock.to_owned(), |half| format!("{clock} {half}"));
            if found.clock.replace(of_day(clock.as_bytes(), false)?).is_some() {
                return None;
            }
            found.ahead = ahead.or(found.ahead);
        } else if let Some(rest) = bare.strip_prefix("gmt").or_else(|| bare.strip_prefix("utc"))
            && !rest.is_empty()
        {
            found.ahead = Some(offset(rest.as_bytes())?);
        } else if let Some(ahead) = zone_word(bare) {
            found.ahead = Some(ahead);
        } else if bare.starts_with(['+', '-']) {
            found.ahead = Some(offset(bare.as_bytes())?);
        } else if bare.contains(['-', '/', '.']) && bare.starts_with(|c: char| c.is_alphanumeric()) {
            let pieces: Vec<&str> = bare.split(['-', '/', '.']).collect();
            let [a, b, c] = pieces.as_slice() else { return None };
            if found.date.is_some() || found.named.is_some() {
                return None;
            }
            match month(b) {
                Some(month) => found.named = Some((number(a)?, month, number(c)?)),
                None => found.date = Some(Figures(number(a)?, number(b)?, number(c)?)),
            }
        } else if let Some(figure) = number(bare) {
            loose.push(figure);
        } else if WEEKDAYS.contains(&bare.get(..3.min(bare.len())).unwrap_or(bare)) && month(bare).is_none() {
        } else if let Some(month) = month(bare) {
            if named.replace(month).is_some() {
                return None;
            }
        } else {
            return None;
        }
    }
    match (named, loose.as_slice()) {
        (None, []) => {}
        // `Jul 05 2017` and `5 Jul 2017`: the year is the one that is no day.
        (Some(month), [day, year]) if found.date.is_none() && found.named.is_none() && *year > 31 => {
            found.named = Some((*day, month, *year));
        }
        _ => return None,
    }
    Some(found)
}

fn number(text: &str) -> Option<i64> {
    if text.is_empty() || text.len() > 4 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use DateOrder::{Dmy, Mdy, Ymd};
    use proptest::prelude::*;

    /// `2024-03-04T10:11:12.345` as milliseconds, by jiff.
    fn wall(text: &str) -> i64 {
        let time: jiff::civil::DateTime = text.parse().unwrap();
        time.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_millisecond()
    }

    #[test]
    fn times_read_in_every_spelling() {
        let hour = 3_600_000;
        for (cell, order, expect, ahead) in [
            ("2024-03-04T10:11:12.345Z", None, "2024-03-04T10:11:12.345", Some(0)),
            ("2024-03-04 10:11:12", None, "2024-03-04T10:11:12", None),
            ("2024/03/04 10:11:12,5", None, "2024-03-04T10:11:12.5", None),
            ("2024-03-04T10:11:12+02:00", None, "2024-03-04T10:11:12", Some(2 * hour)),
            ("2024-03-04T10:11:12.123456-0530", None, "2024-03-04T10:11:12.123", Some(-hour * 11 / 2)),
            ("05-Jul-2017 07:16:30.444", None, "2017-07-05T07:16:30.444", None),
            ("05-Juli-2017 07:16:30.444", None, "2017-07-05T07:16:30.444", None),
            ("Thu Jul 05 07:16:30 GMT+02:00 2017", None, "2017-07-05T07:16:30", Some(2 * hour)),
            ("Thu Jul 05 07:16:30 MESZ 2017", None, "2017-07-05T07:16:30", Some(2 * hour)),
            ("5 Mar 2024 7:05 PM", None, "2024-03-05T19:05", None),
            ("March 5, 2024 12:05:00 AM", None, "2024-03-05T00:05", None),
            ("03/04/2024 10:11:12", Some(Dmy), "2024-04-03T10:11:12", None),
            ("03/04/2024 10:11:12", Some(Mdy), "2024-03-04T10:11:12", None),
            ("3.4.2024 10:11", Some(Dmy), "2024-04-03T10:11", None),
            ("24-03-04 10:11:12", Some(Ymd), "2024-03-04T10:11:12", None),
            ("2024-3-4 1:02:03", None, "2024-03-04T01:02:03", None),
            ("29.02.2024 00:00:00", Some(Dmy), "2024-02-29T00:00", None),
        ] {
            let expect = Stamp { local: wall(expect), ahead };
            assert_eq!(date_time(cell.as_bytes(), order), Some(expect), "{cell}");
        }
        assert_eq!(date(b"2017-07-05", None), Some(wall("2017-07-05T00:00")));
        assert_eq!(open_date(b"03/04/2024 10:11:12"), Some(Figures(3, 4, 2024)));
        assert_eq!(open_date(b"2024-03-04 10:11:12"), None, "because it begins with the year");
    }

    #[test]
    fn what_is_no_time_or_open_is_refused() {
        for cell in [
            "03/04/2024 10:11:12",
            "2024-02-30 10:11:12",
            "2024-13-01 10:11:12",
            "2024-03-04 25:11:12",
            "2024-03-04 10:61:12",
            "2024-03-04",
            "10:11:12",
            "Thu Jul 05 07:16:30 EST 2017",
            "2024-03-04T10:11:12+99:00",
            "yesterday",
            "",
            "1795215600",
            "-",
        ] {
            assert_eq!(date_time(cell.as_bytes(), None), None, "{cell}");
        }
        assert_eq!(date_time(b"30.02.2024 10:11:12", Some(Dmy)), None);
    }

    #[test]
    fn times_of_day_and_what_has_passed() {
        for (cell, counts, expect) in [
            ("07:16:30.444", false, Some(26_190_444)),
            ("00:45:33", true, Some(2_733_000)),
            ("125:00:01", true, Some(450_001_000)),
            ("125:00:01", false, None),
            ("7:16 pm", false, Some(69_360_000)),
            ("13:00 pm", false, None),
            ("24:00:00", false, None),
            ("07:60:00", false, None),
            ("07", false, None),
            ("1:2:3:4", false, None),
            (":::", false, None),
            ("07:16:30.", false, None),
        ] {
            assert_eq!(of_day(cell.as_bytes(), counts), expect, "{cell}");
        }
    }

    proptest! {
        #[test]
        fn a_calendar_day_is_the_one_of_the_library(days in 0..60_000i64) {
            let then = jiff::civil::date(1960, 1, 1) + jiff::ToSpan::days(days);
            let ms = then.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_millisecond();
            prop_assert_eq!(day(i64::from(then.year()), i64::from(then.month()), i64::from(then.day())), Some(ms));
        }

        #[test]
        fn no_cell_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40), text in "[-0-9:./ TZap+,janfebmar]{0,30}") {
            for cell in [&bytes[..], text.as_bytes()] {
                for order in [None, Some(Dmy), Some(Mdy), Some(Ymd)] {
                    std::hint::black_box(date_time(cell, order));
                    std::hint::black_box(date(cell, order));
                }
                std::hint::black_box((open_date(cell), of_day(cell, true), of_day(cell, false), iso(cell)));
            }
        }
    }
}
