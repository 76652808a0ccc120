//! The titles, made from a compact table of components and kinds of failure.
//!
//! A row is `CODE[*N] COMPONENT [| FAILURE …]`. The failures belong to consecutive codes from `CODE` on; `.` leaves one out. A
//! failure is a word of [`FAILURES`] or text in quotes; a row without one has a single code whose title is the component.
//! `*N` repeats the row N times, and `#3` or `@A` in its texts count up from there with each repetition. Codes count as the
//! standard numbers them: in tens while all digits after the first are decimal, else in sixteens. `= WORDS` puts words ahead
//! of the components of all rows below it, and a bare `=` ends that.
//!
//! Facts come from SAE J2012 and public lists that agree with each other; the words are this project's. What the standard
//! numbers by a pattern (the failures of a circuit in their order, cylinders, banks, sensors, letters, the same control units
//! among the lost and the invalid ones) may rest on the pattern and a neighbour that lists agree on; `tests/titles.rs` holds
//! each pattern and counts what rests on it. What no pattern gives needs two lists that do not copy each other. A code whose
//! meaning changed between editions or that only one list has gets no row; where editions differ, a title holds for all.

use std::{collections::BTreeMap, sync::OnceLock};

const ROWS: &[(char, &str)] = &[
    ('P', include_str!("titles/p00-p04.txt")),
    ('P', include_str!("titles/p05-p06.txt")),
    ('P', include_str!("titles/p07-p09.txt")),
    ('P', include_str!("titles/p0a.txt")),
    ('P', include_str!("titles/p20-p24.txt")),
    ('P', include_str!("titles/p25-p34.txt")),
    ('B', include_str!("titles/b.txt")),
    ('C', include_str!("titles/c.txt")),
    ('U', include_str!("titles/u.txt")),
];

/// Kinds of failure by the word that stands for them in a row.
const FAILURES: &[(&str, &str)] = &[
    ("m", "malfunction"),
    ("c", "circuit fault"),
    ("o", "circuit fault or open"),
    ("l", "circuit low"),
    ("h", "circuit high"),
    ("p", "circuit range or performance"),
    ("i", "circuit intermittent"),
    ("e", "circuit intermittent or erratic"),
    ("lv", "circuit low voltage"),
    ("hv", "circuit high voltage"),
    ("n", "circuit no signal"),
    ("perf", "performance"),
    ("rp", "range or performance"),
    ("el", "electrical"),
    ("int", "intermittent"),
    ("ie", "intermittent or erratic"),
    ("low", "low"),
    ("high", "high"),
    ("open", "open"),
    ("short", "shorted"),
    ("on", "stuck on"),
    ("off", "stuck off"),
    ("poff", "performance or stuck off"),
    ("so", "stuck open"),
    ("sc", "stuck closed"),
    ("slow", "slow response"),
    ("none", "no activity detected"),
    ("eff", "efficiency below threshold"),
    ("hot", "over temperature"),
    ("ratio", "incorrect ratio"),
    ("lost", "lost communication"),
];

/// The title of a code.
pub(super) fn title(code: u16) -> Option<&'static str> {
    static TITLES: OnceLock<BTreeMap<u16, String>> = OnceLock::new();
    TITLES.get_or_init(|| all().into_iter().flatten().collect()).get(&code).map(String::as_str)
}

/// What the rows weigh in the program, in bytes.
pub(super) fn size() -> usize {
    ROWS.iter().map(|(_, text)| text.len()).sum()
}

/// Every title of every row; `Err` holds a row that cannot be read, which a test keeps from happening.
fn all() -> Vec<Result<(u16, String), &'static str>> {
    let mut all = Vec::new();
    for (area, text) in ROWS {
        let mut lead = "";
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("//")) {
            if let Some(words) = line.strip_prefix('=') {
                lead = words.trim();
                continue;
            }
            match row(*area, lead, line) {
                Some(titles) => all.extend(titles.into_iter().map(Ok)),
                None => all.push(Err(line)),
            }
        }
    }
    all
}

fn row(area: char, lead: &str, line: &str) -> Option<Vec<(u16, String)>> {
    let (left, right) = line.split_once('|').unwrap_or((line, "\"\""));
    let (code, component) = left.split_once(' ')?;
    let component = format!("{lead} {component}");
    let (code, times) = match code.split_once('*') {
        Some((code, times)) => (code, times.parse().ok()?),
        None => (code, 1),
    };
    let mut digits = code.to_owned();
    let mut titles = Vec::new();
    for time in 0..times {
        for failure in words(right)? {
            if let Some(failure) = failure {
                let text = match component.trim() {
                    "" => failure,
                    component if failure.is_empty() => component.to_owned(),
                    component => format!("{component}: {failure}"),
                };
                let bytes = super::bytes(&format!("{area}{digits}"))?;
                titles.push((u16::from_be_bytes(bytes), counted(&text, time)?));
            }
            digits = after(&digits)?;
        }
    }
    Some(titles)
}

/// The failures of a row in words; `None` inside for a code that is left out.
fn words(text: &str) -> Option<Vec<Option<String>>> {
    let mut words = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (inside, after) = quoted.split_once('"')?;
            words.push(Some(inside.to_owned()));
            rest = after.trim_start();
            continue;
        }
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        words.push(match word {
            "." => None,
            word => Some(FAILURES.iter().find(|(short, _)| *short == word)?.1.to_owned()),
        });
        rest = after.trim_start();
    }
    Some(words)
}

/// The text with `#3` and `@A` counted up.
fn counted(text: &str, time: u8) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['#', '@']) {
        let (before, mark) = rest.split_at(at);
        out.push_str(before);
        let (mark, tail) = mark.split_at(1);
        let (first, tail) = tail.split_at_checked(1)?;
        let first = first.bytes().next()?;
        match mark {
            "#" => out.push_str(&(first.checked_sub(b'0')? + time).to_string()),
            _ => out.push(char::from(first + time)),
        }
        rest = tail;
    }
    out.push_str(rest);
    Some(out)
}

/// The code after this one, four digits.
fn after(digits: &str) -> Option<String> {
    let (first, rest) = digits.split_at_checked(1)?;
    if rest.bytes().all(|b| b.is_ascii_digit()) {
        return Some(format!("{first}{:03}", rest.parse::<u16>().ok()? + 1));
    }
    Some(format!("{first}{:03X}", u16::from_str_radix(rest, 16).ok()? + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_row_can_be_read_and_no_code_has_two() {
        let mut seen = BTreeSet::new();
        for entry in all() {
            let (code, title) = entry.unwrap_or_else(|line| panic!("{line}"));
            let text = crate::dtc::code(code.to_be_bytes());
            assert!(seen.insert(code), "{text} has two titles, the second {title:?}");
            assert!(!crate::dtc::maker_controlled(&text), "{text} is the maker's");
            assert!(
                title.is_ascii() && !title.contains(['#', '@', '|', '"']) && title.trim() == title,
                "{text}: {title}"
            );
            assert!(title.len() <= 110, "{text}: {title}");
        }
        assert!(seen.len() > 2900, "{}", seen.len());
    }
}
