//! Dates and times in the spellings of programs.

use super::{rng::Rng, target::Target};
use crate::import::time;
use jiff::civil;
use roadworthy_api::import::DateOrder;

#[derive(Default)]
pub(crate) struct Times {
    sound: usize,
    read: usize,
    refused: usize,
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn utc(at: civil::DateTime) -> i64 {
    at.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_millisecond()
}

/// A moment in one of its spellings, with how far its clock is ahead in minutes where it says so.
fn spelled(rng: &mut Rng, at: civil::DateTime) -> (String, Option<i64>) {
    let (year, month, day) = (at.year(), at.month(), at.day());
    let named = MONTHS[usize::from(month.unsigned_abs()) - 1];
    let clock = format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second());
    let half = format!(
        "{}:{:02}:{:02} {}",
        (at.hour() + 11) % 12 + 1,
        at.minute(),
        at.second(),
        if at.hour() < 12 { "AM" } else { "PM" }
    );
    let part = format!("{:03}", at.millisecond());
    match rng.below(8) {
        0 => (format!("{year}-{month:02}-{day:02}T{clock}.{part}Z"), Some(0)),
        1 => (format!("{year}-{month:02}-{day:02} {clock}.{part}"), None),
        2 => (format!("{year}-{month:02}-{day:02}T{clock},{part}+02:00"), Some(120)),
        3 => (format!("{day:02}-{named}-{year} {clock}.{part}"), None),
        4 => (format!("{named} {day:02} {year} {clock}.{part}"), None),
        5 => (format!("Thu {named} {day:02} {clock}.{part} GMT-03:30 {year}"), Some(-210)),
        6 => (format!("{day:02}/{month:02}/{year} {clock}.{part}"), None),
        _ => (format!("{day}.{month}.{year}, {}", half.replacen(' ', &format!(".{part} "), 1)), None),
    }
}

impl Target for Times {
    fn one(&mut self, rng: &mut Rng) {
        let mut of = |least: usize, most: usize| least + rng.below(most - least + 1);
        let (year, month, day) = (of(1980, 2099) as i16, of(1, 12) as i8, of(1, 31) as i8);
        let (hour, minute, second, part) = (of(0, 23) as i8, of(0, 59) as i8, of(0, 59) as i8, of(0, 999) as i32);
        let Ok(at) = civil::DateTime::new(year, month, day, hour, minute, second, part * 1_000_000) else {
            let cell = format!("{year}-{month:02}-{day:02}T10:00:00Z");
            assert_eq!(time::date_time(cell.as_bytes(), None), None, "{cell}, because there is no such day");
            self.refused += 1;
            return;
        };
        let (cell, ahead) = spelled(rng, at);
        if rng.below(2) == 0 {
            let stamp = time::date_time(cell.as_bytes(), Some(DateOrder::Dmy));
            assert_eq!(stamp.map(|s| (s.local, s.ahead)), Some((utc(at), ahead.map(|m| m * 60_000))), "{cell}");
            self.sound += 1;
            return;
        }
        let cell = rng.spoil(&cell, "0123456789-/.:, TZ+JanFebPMµ");
        let Some(stamp) = time::date_time(cell.as_bytes(), Some(DateOrder::Dmy)) else {
            self.refused += 1;
            return;
        };
        self.read += 1;
        let read = jiff::Timestamp::from_millisecond(stamp.local).unwrap().to_zoned(jiff::tz::TimeZone::UTC).datetime();
        let figures: Vec<i64> = cell
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|run| run.get(..run.len().min(9))?.parse().ok())
            .collect();
        let stands = |figure: i64| figures.contains(&figure);
        let lower = cell.to_lowercase();
        let names = |month: i8| time::MONTHS[usize::from(month.unsigned_abs()) - 1];
        // A fraction of more than half a millisecond may round up into the next second.
        let before = read.checked_sub(jiff::SignedDuration::from_millis(1)).unwrap();
        let part_of = |read: civil::DateTime| {
            let (year, hour) = (i64::from(read.year()), i64::from(read.hour()));
            (stands(year) || stands(year % 100))
                && (stands(i64::from(read.month())) || names(read.month()).iter().any(|n| lower.contains(n)))
                && stands(i64::from(read.day()))
                && (stands(hour) || stands((hour + 11) % 12 + 1))
                && stands(i64::from(read.minute()))
                && (stands(i64::from(read.second())) || read.second() == 0 || (read.second() == 59 && stands(60)))
        };
        assert!(part_of(read) || (read.millisecond() == 0 && part_of(before)), "{cell:?} is read as {read}");
    }

    fn tally(&self) -> String {
        format!("{} sound, {} damaged and read, {} refused", self.sound, self.read, self.refused)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.sound > inputs / 3 && self.read > inputs / 20 && self.refused > inputs / 10
    }
}
