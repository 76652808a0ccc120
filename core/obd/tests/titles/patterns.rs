//! How the standard numbers codes, as far as titles rest on it.

use roadworthy_obd::dtc;
use std::collections::{BTreeMap, BTreeSet};

/// A pattern: its name, and a title with what the pattern changes taken out; unchanged where the pattern is not in it.
type Pattern = (&'static str, fn(&str) -> String);

/// Narrow ones first.
const PATTERNS: &[Pattern] = &[
    ("bank 1 and 2 of one part", |title| without(title, |before, word| before == "bank" && number(word))),
    ("sensor 1, 2, 3 of one bank", |title| without(title, |before, word| before == "sensor" && number(word))),
    ("cylinders, and gears, one after the other", |title| {
        without(title, |before, word| matches!(before, "Cylinder" | "cylinder" | "Gear" | "gear") && number(word))
    }),
    ("parts that are numbered", |title| without(title, |_, word| number(word))),
    ("parts that have letters", |title| without(title, |_, word| letter(word))),
    ("left and right, front and rear, rows and seats", |title| without(title, |_, word| PLACES.contains(&word))),
    ("the same control unit lost, of wrong software, or with invalid data", |title| {
        let lead = NETWORK.iter().find(|lead| title.starts_with(**lead));
        lead.map_or_else(|| title.to_owned(), |lead| title.replacen(lead, "@", 1))
    }),
    (FAILURES, |title| match title.split_once(": ") {
        Some((part, _)) => format!("{part}: @"),
        None => title.to_owned(),
    }),
];

/// The one pattern whose neighbours must stand close.
const FAILURES: &str = "the failures of one circuit or part in their order";

const PLACES: &[&str] = &[
    "Left",
    "left",
    "Right",
    "right",
    "Front",
    "front",
    "Rear",
    "rear",
    "Driver",
    "Passenger",
    "First",
    "Second",
    "Third",
    "center",
    "side",
];

const NETWORK: &[&str] = &["Lost communication with", "Software incompatibility with", "Invalid data received from"];

fn number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

fn letter(word: &str) -> bool {
    matches!(word.as_bytes(), [b'A'..=b'N'])
}

/// The title with `@` for each word that `is` picks, by the word before it and itself.
fn without(title: &str, is: impl Fn(&str, &str) -> bool) -> String {
    let bare = |word: &str| word.trim_end_matches([':', ',', ')']).to_owned();
    let mut before = String::new();
    let words = title.split(' ').map(|word| {
        let own = bare(word);
        let out = if is(&before, &own) { word.replacen(&own, "@", 1) } else { word.to_owned() };
        before = own;
        out
    });
    words.collect::<Vec<_>>().join(" ")
}

/// How far apart two codes are, in the bytes.
fn apart(one: &str, other: &str) -> u16 {
    let at = |code: &str| dtc::bytes(code).map_or(0, u16::from_be_bytes);
    at(one).abs_diff(at(other))
}

/// Titles of codes that are not `agreed`, by the first pattern that makes them of one that is: how many each, and the codes of
/// those that none makes.
pub(crate) fn sorted<'a>(
    titles: &'a BTreeMap<String, String>,
    agreed: &BTreeSet<&str>,
) -> (Vec<(&'static str, usize)>, Vec<&'a str>) {
    let mut counts: Vec<(&'static str, usize)> = PATTERNS.iter().map(|(name, _)| (*name, 0)).collect();
    let series: Vec<BTreeMap<String, Vec<&str>>> = PATTERNS
        .iter()
        .map(|(_, mask)| {
            let mut series: BTreeMap<String, Vec<&str>> = BTreeMap::new();
            for (code, title) in titles.iter().filter(|(code, _)| agreed.contains(code.as_str())) {
                series.entry(mask(title)).or_default().push(code);
            }
            series
        })
        .collect();
    let mut rest = Vec::new();
    for (code, title) in titles.iter().filter(|(code, _)| !agreed.contains(code.as_str())) {
        let made = PATTERNS.iter().zip(&series).position(|((name, mask), series)| {
            let own = mask(title);
            let near = |other: &&str| *name != FAILURES || apart(code, other) <= 8;
            own != *title && series.get(&own).is_some_and(|others| others.iter().any(near))
        });
        match made {
            Some(pattern) => counts[pattern].1 += 1,
            None => rest.push(code.as_str()),
        }
    }
    (counts, rest)
}

/// Whether the part that a code's title names is one of a series that counts: the same part with another number or letter, or
/// with none, is another code's.
pub(crate) fn counted(titles: &BTreeMap<String, String>, code: &str) -> bool {
    let part = |title: &str| {
        let named = NETWORK.iter().fold(title, |title, lead| title.strip_prefix(lead).unwrap_or(title)).trim();
        // What follows is the failure, but where it names the bank and the sensor.
        let part = named.split_once(": ").filter(|(_, after)| !after.starts_with("bank "));
        part.map_or(named, |(part, _)| part).to_owned()
    };
    let none = |part: &str| part.split(' ').filter(|word| *word != "@").collect::<Vec<_>>().join(" ");
    let masks = [number, letter].map(|is| move |part: &str| without(part, |_, word| is(word)));
    let Some(own) = titles.get(code).map(|title| part(title)) else { return false };
    masks.iter().any(|mask| {
        let series = none(&mask(&own));
        series != own
            && titles.values().map(|title| part(title)).any(|other| other != own && none(&mask(&other)) == series)
    })
}

/// Titles that no pattern makes of an agreed one: read one by one in the standard (SAE J2012, ISO 15031-6).
#[rustfmt::skip]
pub(crate) const SINGLES: &[&str] = &[
    "B0050", "B0052", "B00A0", "C0020", "C0063", "C0077", "C0081", "P000E", "P0049", "P0069", "P006A", "P006D", "P0148", "P0215",
    "P0217", "P023F", "P0297", "P0330", "P0332", "P0333", "P0334", "P0403", "P0404", "P0418", "P0419", "P0494", "P0495", "P0504",
    "P050A", "P050B", "P050E", "P050F", "P0574", "P0585", "P0606", "P060C", "P061C", "P0624", "P0631", "P0632", "P0645", "P0646",
    "P0647", "P0649", "P0650", "P069E", "P0821", "P0823", "P0825", "P085D", "P085E", "P0894", "P0A3E", "P204F", "P2181", "P2263",
    "P2281", "P244C", "P2457", "P250F", "P2560", "P2577", "P2672", "P2711", "P2788", "U010A", "U0110", "U0154", "U0206", "U0301",
    "U0304", "U0434", "U0455", "U0507", "U3000", "U3001",
];
