//! Days, months and exact moments; dates as fields write them.

use super::{browser, clock};
use crate::chart::calendar::{self, DAY, Step};
use roadworthy_api::Timestamp;

/// Milliseconds that local time is ahead of UTC at a moment.
pub(crate) fn ahead(at: Timestamp) -> i64 {
    browser::offset(at)
}

/// Date and time to the second.
pub(crate) fn exact(at: Timestamp) -> String {
    formats::exact(at).unwrap_or_else(|| format!("{} {}", date(at), clock(at, false)))
}

/// A day with its weekday and year, as a heading.
pub(crate) fn day(at: Timestamp) -> String {
    formats::day(at).unwrap_or_else(|| date(at))
}

/// The time of day to the minute.
pub(crate) fn minute(at: Timestamp) -> String {
    clock(at, false).chars().take(5).collect()
}

/// A stretch of time in words: the day once where it is one.
pub(crate) fn range(from: Timestamp, to: Timestamp) -> String {
    let (a, b) = (number_of_day(from), number_of_day(to));
    let fine = to - from < 10_000;
    let time = |at| if to - from < 600_000 { clock(at, fine) } else { minute(at) };
    if a == b {
        return format!("{}, {} to {}", short(from), time(from), time(to));
    }
    if to - from < 3 * DAY {
        return format!("{} {} to {} {}", short(from), time(from), short(to), time(to));
    }
    format!("{} to {}", short(from), short(to))
}

/// A round moment on a time axis.
pub(crate) fn tick(step: Step, at: Timestamp) -> String {
    match step {
        Step::Clock(_) if (at + ahead(at)).rem_euclid(DAY) == 0 => day_of_month(at),
        Step::Clock(ms) if ms < 60_000 => clock(at, ms < 1_000),
        Step::Clock(_) => minute(at),
        Step::Days(_) => day_of_month(at),
        Step::Months(_) => formats::month(at).unwrap_or_else(|| date(at).chars().take(7).collect()),
        Step::Years(_) => date(at).chars().take(4).collect(),
    }
}

fn day_of_month(at: Timestamp) -> String {
    formats::day_of_month(at).unwrap_or_else(|| date(at).chars().skip(5).collect())
}

fn short(at: Timestamp) -> String {
    formats::short(at).unwrap_or_else(|| date(at))
}

/// The local day, counted from 1970.
pub(crate) fn number_of_day(at: Timestamp) -> i64 {
    (at + ahead(at)).div_euclid(DAY)
}

/// Whether two moments are of one local day.
pub(crate) fn same_day(one: Timestamp, other: Timestamp) -> bool {
    number_of_day(one) == number_of_day(other)
}

/// The local day as a date field writes it, `2026-04-30`.
pub(crate) fn date(at: Timestamp) -> String {
    let (y, m, d) = calendar::civil(number_of_day(at));
    format!("{y:04}-{m:02}-{d:02}")
}

/// A local moment as a field for date and time writes it, `2026-04-30T12:34`.
pub(crate) fn field(at: Timestamp) -> String {
    format!("{}T{}", date(at), minute(at))
}

/// What a date field holds, as the first moment of that day where the person is.
pub(crate) fn typed_date(text: &str) -> Option<Timestamp> {
    let mut parts = text.split('-');
    let mut next = || parts.next().and_then(|p| p.parse::<i64>().ok());
    let (year, month, day) = (next()?, next()?, next()?);
    let number = calendar::number_of(year, month, day);
    let real = calendar::civil(number) == (year, month, day) && (1970..=9999).contains(&year) && parts.next().is_none();
    real.then(|| calendar::of_local(number * DAY, ahead))
}

/// What a field for date and time holds.
pub(crate) fn typed_moment(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once('T')?;
    let start = typed_date(date)?;
    let mut parts = time.split(':');
    let (hour, minute) = (parts.next()?.parse::<i64>().ok()?, parts.next()?.parse::<i64>().ok()?);
    let second = parts.next().map_or(Some(0.0), |s| s.parse::<f64>().ok())?;
    #[allow(clippy::cast_possible_truncation, reason = "seconds of a minute")]
    let ms = (second * 1000.0).round() as i64;
    let fine = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60_000).contains(&ms);
    let local = number_of_day(start) * DAY + (hour * 60 + minute) * 60_000 + ms;
    fine.then(|| calendar::of_local(local, ahead))
}

#[cfg(target_arch = "wasm32")]
mod formats {
    use js_sys::{Array, Date, Function, Intl};
    use roadworthy_api::Timestamp;
    use wasm_bindgen::JsValue;

    fn format(options: &[(&str, &str)]) -> Function {
        let options: Vec<(&str, JsValue)> = options.iter().map(|(k, v)| (*k, (*v).into())).collect();
        Intl::DateTimeFormat::new(&Array::new(), &super::browser::options(&options)).format()
    }

    thread_local! {
        static EXACT: Function = format(&[("dateStyle", "medium"), ("timeStyle", "medium"), ("hourCycle", "h23")]);
        static DAY: Function = format(&[("weekday", "long"), ("day", "numeric"), ("month", "long"), ("year", "numeric")]);
        static SHORT: Function = format(&[("dateStyle", "medium")]);
        static OF_MONTH: Function = format(&[("day", "numeric"), ("month", "short")]);
        static MONTH: Function = format(&[("month", "short"), ("year", "numeric")]);
    }

    fn written(format: &Function, at: Timestamp) -> Option<String> {
        #[allow(clippy::cast_precision_loss, reason = "milliseconds of any date fit")]
        let date = Date::new(&(at as f64).into());
        format.call1(&JsValue::UNDEFINED, &date).ok()?.as_string()
    }

    pub(super) fn exact(at: Timestamp) -> Option<String> {
        EXACT.with(|f| written(f, at))
    }
    pub(super) fn day(at: Timestamp) -> Option<String> {
        DAY.with(|f| written(f, at))
    }
    pub(super) fn short(at: Timestamp) -> Option<String> {
        SHORT.with(|f| written(f, at))
    }
    pub(super) fn day_of_month(at: Timestamp) -> Option<String> {
        OF_MONTH.with(|f| written(f, at))
    }
    pub(super) fn month(at: Timestamp) -> Option<String> {
        MONTH.with(|f| written(f, at))
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod formats {
    use roadworthy_api::Timestamp;

    pub(super) fn exact(_: Timestamp) -> Option<String> {
        None
    }
    pub(super) fn day(_: Timestamp) -> Option<String> {
        None
    }
    pub(super) fn short(_: Timestamp) -> Option<String> {
        None
    }
    pub(super) fn day_of_month(_: Timestamp) -> Option<String> {
        None
    }
    pub(super) fn month(_: Timestamp) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_field_writes_is_read_back() {
        for (text, expect) in [
            ("1970-01-01T00:00", Some(0)),
            ("2024-02-29T23:59", Some(1_709_251_140_000)),
            ("2024-02-29T23:59:30.5", Some(1_709_251_170_500)),
            ("2023-02-29T00:00", None),
            ("2024-13-01T00:00", None),
            ("2024-01-01T24:00", None),
            ("2024-01-01", None),
            ("", None),
        ] {
            assert_eq!(typed_moment(text), expect, "{text}");
            if let Some(at) = expect.filter(|_| text.len() == 16) {
                assert_eq!(field(at), text);
            }
        }
        assert_eq!(typed_date("2024-03-01"), Some(1_709_251_200_000));
        assert_eq!(typed_date("2024-03-01-1"), None);
    }

    #[test]
    fn a_stretch_names_its_day_once() {
        const H: i64 = 3_600_000;
        for (from, to, expect) in [
            (0, 5_000, "1970-01-01, 00:00:00.0 to 00:00:05.0"),
            (0, 60_000, "1970-01-01, 00:00:00 to 00:01:00"),
            (H, 3 * H, "1970-01-01, 01:00 to 03:00"),
            (20 * H, 30 * H, "1970-01-01 20:00 to 1970-01-02 06:00"),
            (0, 400 * 24 * H, "1970-01-01 to 1971-02-05"),
        ] {
            assert_eq!(range(from, to), expect);
        }
    }

    #[test]
    fn ticks_say_as_much_as_their_step_needs() {
        for (step, at, expect) in [
            (Step::Clock(500), 1_500, "00:00:01.5"),
            (Step::Clock(10_000), 20_000, "00:00:20"),
            (Step::Clock(3_600_000), 7_200_000, "02:00"),
            (Step::Clock(3_600_000), DAY, "01-02"),
            (Step::Days(1), DAY, "01-02"),
            (Step::Months(1), 0, "1970-01"),
            (Step::Years(1), 0, "1970"),
        ] {
            assert_eq!(tick(step, at), expect, "{step:?}");
        }
    }
}
