//! Numbers and times as the person's own locale writes them; outside a browser, plainly.

mod dates;

pub(crate) use dates::{
    ahead, date, day, exact, field, minute, number_of_day, range, same_day, tick, typed_date, typed_moment,
};
use roadworthy_api::Timestamp;

/// Milliseconds since 1970, now.
#[cfg(target_arch = "wasm32")]
pub(crate) fn now() -> Timestamp {
    #[allow(clippy::cast_possible_truncation, reason = "whole milliseconds fit for the next hundred thousand years")]
    let now = js_sys::Date::now() as Timestamp;
    now
}

/// The name of the time zone where the person is; `None` where the browser does not say.
#[cfg(target_arch = "wasm32")]
pub(crate) fn zone() -> Option<String> {
    let options = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
    js_sys::Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}

/// The same outside a browser, which nobody asks.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn zone() -> Option<String> {
    None
}

/// A number with at most `digits` decimal places.
pub(crate) fn number(value: f64, digits: u8) -> String {
    browser::number(value, digits).unwrap_or_else(|| format!("{value:.*}", usize::from(digits)))
}

/// A number with exactly `digits` decimal places, for figures that change under the eye.
pub(crate) fn fixed(value: f64, digits: u8) -> String {
    browser::fixed(value, digits).unwrap_or_else(|| format!("{value:.*}", usize::from(digits)))
}

/// Decimal places that a reading deserves: three figures, and none beyond the point for thousands.
pub(crate) fn digits(value: f64) -> u8 {
    match value.abs() {
        v if v >= 100.0 || v.fract() == 0.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    }
}

/// Date and time to the minute.
pub(crate) fn time(at: Timestamp) -> String {
    browser::time(at).unwrap_or_else(|| format!("{at} ms"))
}

/// A date as a date field writes it, `2026-04-30`, as noon of that day where the person is.
pub(crate) fn typed_day(text: &str) -> Option<Timestamp> {
    browser::typed_day(text)
}

/// Eight o'clock of the day after `now`, where the person is.
pub(crate) fn next_morning(now: Timestamp) -> Timestamp {
    const HOUR: i64 = 3_600_000;
    let local = now + browser::offset(now);
    let morning = (local.div_euclid(24 * HOUR) + 1) * 24 * HOUR + 8 * HOUR;
    // The clock may be put forward or back in that night.
    morning - browser::offset(morning - browser::offset(now))
}

/// The time of day to the second, in the person's own zone (UTC outside a browser); `fine` adds tenths.
pub(crate) fn clock(at: Timestamp, fine: bool) -> String {
    let local = at + browser::offset(at);
    let (h, m, s) = (
        local.div_euclid(3_600_000).rem_euclid(24),
        local.div_euclid(60_000).rem_euclid(60),
        local.div_euclid(1000).rem_euclid(60),
    );
    let tenths = if fine { format!(".{}", local.div_euclid(100).rem_euclid(10)) } else { String::new() };
    format!("{h:02}:{m:02}:{s:02}{tenths}")
}

/// How long ago, in words, as in `3 days ago`; a clock that runs ahead reads as `just now`.
pub(crate) fn ago(at: Timestamp, now: Timestamp) -> String {
    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let passed = now.saturating_sub(at);
    let (count, noun) = match passed {
        p if p < MINUTE => return "just now".into(),
        p if p < HOUR => (p / MINUTE, "minute"),
        p if p < DAY => (p / HOUR, "hour"),
        p if p < 60 * DAY => (p / DAY, "day"),
        p if p < 730 * DAY => (p / (30 * DAY), "month"),
        p => (p / (365 * DAY), "year"),
    };
    format!("{} ago", crate::words::count(u64::try_from(count).unwrap_or_default(), noun))
}

/// Milliseconds as a person would say them while waiting.
pub(crate) fn left(ms: u32) -> String {
    match ms.div_ceil(1000) {
        0 | 1 => "about a second left".into(),
        s if s < 90 => format!("about {s} seconds left"),
        s => format!("about {} left", crate::words::count(u64::from(s.div_ceil(60)), "minute")),
    }
}

/// A size in bytes.
pub(crate) fn bytes(count: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "three figures are shown")]
    let value = count as f64;
    match count {
        c if c < 1 << 10 => format!("{c} bytes"),
        c if c < 1 << 20 => format!("{} KiB", number(value / 1024.0, 0)),
        c if c < 1 << 30 => format!("{} MiB", number(value / 1_048_576.0, 1)),
        _ => format!("{} GiB", number(value / 1_073_741_824.0, 1)),
    }
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use js_sys::{Array, Date, Function, Intl, Object, Reflect};
    use roadworthy_api::Timestamp;
    use wasm_bindgen::JsValue;

    thread_local! {
        // Making a formatter costs a hundred times what using it does.
        static TIME: Function = Intl::DateTimeFormat::new(&Array::new(), &options(&[("dateStyle", "medium".into()), ("timeStyle", "short".into()), ("hourCycle", "h23".into())])).format();
        static NUMBERS: Vec<Function> = (0..=3u8).map(|digits| {
            Intl::NumberFormat::new(&Array::new(), &options(&[("maximumFractionDigits", digits.into())])).format()
        }).collect();
        static FIXED: Vec<Function> = (0..=3u8).map(|digits| {
            let exactly = options(&[("minimumFractionDigits", digits.into()), ("maximumFractionDigits", digits.into())]);
            Intl::NumberFormat::new(&Array::new(), &exactly).format()
        }).collect();
    }

    pub(super) fn options(fields: &[(&str, JsValue)]) -> Object {
        let object = Object::new();
        for (name, value) in fields {
            let _ = Reflect::set(&object, &(*name).into(), value);
        }
        object
    }

    pub(super) fn number(value: f64, digits: u8) -> Option<String> {
        NUMBERS.with(|all| all.get(usize::from(digits))?.call1(&JsValue::UNDEFINED, &value.into()).ok()?.as_string())
    }

    pub(super) fn fixed(value: f64, digits: u8) -> Option<String> {
        FIXED.with(|all| all.get(usize::from(digits))?.call1(&JsValue::UNDEFINED, &value.into()).ok()?.as_string())
    }

    /// Milliseconds that local time is ahead of UTC.
    pub(super) fn offset(at: Timestamp) -> i64 {
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "milliseconds of any date, minutes of a day"
        )]
        let minutes = Date::new(&(at as f64).into()).get_timezone_offset() as i64;
        -minutes * 60_000
    }

    fn date(at: Timestamp) -> Date {
        #[allow(clippy::cast_precision_loss, reason = "milliseconds of any date fit")]
        Date::new(&(at as f64).into())
    }

    pub(super) fn time(at: Timestamp) -> Option<String> {
        TIME.with(|format| format.call1(&JsValue::UNDEFINED, &date(at)).ok()?.as_string())
    }

    pub(super) fn typed_day(text: &str) -> Option<Timestamp> {
        let noon = Date::parse(&format!("{text}T12:00"));
        #[allow(clippy::cast_possible_truncation, reason = "whole milliseconds of a date fit")]
        (text.len() == 10 && noon.is_finite()).then_some(noon as Timestamp)
    }
}

/// Milliseconds since 1970, now.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn now() -> Timestamp {
    use std::time::{SystemTime, UNIX_EPOCH};
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| Timestamp::try_from(d.as_millis()).unwrap_or(Timestamp::MAX))
}

#[cfg(not(target_arch = "wasm32"))]
mod browser {
    pub(super) fn number(_: f64, _: u8) -> Option<String> {
        None
    }
    pub(super) fn fixed(_: f64, _: u8) -> Option<String> {
        None
    }
    pub(super) fn offset(_: roadworthy_api::Timestamp) -> i64 {
        0
    }
    pub(super) fn time(_: roadworthy_api::Timestamp) -> Option<String> {
        None
    }
    pub(super) fn typed_day(_: &str) -> Option<roadworthy_api::Timestamp> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passed_is_said_in_the_largest_fitting_unit() {
        const H: i64 = 3_600_000;
        for (passed, expect) in [
            (-5, "just now"),
            (59_999, "just now"),
            (60_000, "1 minute ago"),
            (2 * H, "2 hours ago"),
            (25 * H, "1 day ago"),
            (24 * H * 59, "59 days ago"),
            (24 * H * 100, "3 months ago"),
            (24 * H * 800, "2 years ago"),
        ] {
            assert_eq!(ago(1_000_000, 1_000_000 + passed), expect);
        }
    }

    #[test]
    fn time_left_is_never_nought() {
        for (ms, expect) in
            [(0, "about a second left"), (4200, "about 5 seconds left"), (91_000, "about 2 minutes left")]
        {
            assert_eq!(left(ms), expect);
        }
    }

    #[test]
    fn readings_keep_three_figures() {
        for (value, expect) in [(2310.25, 0), (14.062, 1), (5.25, 2), (-0.78125, 3), (83.0, 0), (0.0, 0)] {
            assert_eq!(digits(value), expect, "{value}");
        }
    }

    #[test]
    fn the_time_of_day_has_tenths_only_where_they_are_asked_for() {
        for (at, fine, expect) in [
            (0, false, "00:00:00"),
            (86_399_999, false, "23:59:59"),
            (45_296_789, true, "12:34:56.7"),
            (-1, true, "23:59:59.9"),
        ] {
            assert_eq!(clock(at, fine), expect);
        }
    }

    #[test]
    fn the_next_morning_is_eight_o_clock_of_tomorrow() {
        const H: i64 = 3_600_000;
        for (now, expect) in [(0, 32 * H), (23 * H, 32 * H), (24 * H, 56 * H)] {
            assert_eq!(next_morning(now), expect);
        }
    }

    #[test]
    fn sizes_are_short() {
        for (count, expect) in [(0, "0 bytes"), (2048, "2 KiB"), (3 << 20, "3.0 MiB")] {
            assert_eq!(bytes(count), expect);
        }
    }
}
