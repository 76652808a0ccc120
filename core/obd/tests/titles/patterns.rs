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

/// The title with `@` for each number and letter that counts, and these in their order.
pub(crate) fn numbered(title: &str) -> (String, Vec<u32>) {
    let mut numbers = Vec::new();
    let words = title.split(' ').map(|word| {
        let own = word.trim_end_matches([':', ',', ')']);
        match own.parse() {
            Ok(number) => numbers.push(number),
            Err(_) if letter(own) => numbers.extend(own.chars().map(u32::from)),
            Err(_) => return word,
        }
        "@"
    });
    let part = words.collect::<Vec<_>>().join(" ");
    (part, numbers)
}

/// Whether the three digits that count are decimal ones.
pub(crate) fn decimal(code: &str) -> bool {
    code.bytes().skip(2).all(|b| b.is_ascii_digit())
}

/// The code after this one as the standard counts: in tens where all digits are decimal, else in sixteens.
pub(crate) fn next(code: &str) -> String {
    let (head, digits) = code.split_at(2);
    match digits.parse::<u16>() {
        Ok(number) => format!("{head}{:03}", number + 1),
        Err(_) => format!("{head}{:03X}", u16::from_str_radix(digits, 16).unwrap_or(0) + 1),
    }
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

/// Titles that no pattern makes of an agreed one. Each was found in the same words in two public lists or workshop manuals
/// that do not copy each other; where they name less, the title does.
pub(crate) const BY_NAME: &[(&str, &str)] = &[
    ("B0050", "Driver seat belt sensor: malfunction"),
    ("B0052", "Passenger seat belt sensor: malfunction"),
    ("B00A0", "Occupant classification system: malfunction"),
    ("C0020", "ABS pump motor control: malfunction"),
    ("C0063", "Yaw rate sensor: malfunction"),
    ("C0077", "Tire pressure: low"),
    ("C0081", "ABS indicator: malfunction"),
    ("P000E", "Fuel volume regulator control: exceeded learning limit"),
    ("P0049", "Turbocharger or supercharger turbine A: overspeed"),
    ("P0069", "Manifold and barometric pressure: correlation"),
    ("P006A", "Manifold pressure and mass or volume air flow: correlation"),
    ("P006D", "Barometric and turbocharger or supercharger inlet pressure: correlation"),
    ("P0148", "Fuel delivery: error"),
    ("P0215", "Engine shutoff solenoid: malfunction"),
    ("P0217", "Engine coolant: over temperature condition"),
    ("P023F", "Fuel pump secondary: circuit fault or open"),
    ("P0297", "Vehicle: overspeed condition"),
    ("P0330", "Knock sensor 2 bank 2: circuit fault"),
    ("P0331", "Knock sensor 2 bank 2: circuit range or performance"),
    ("P0332", "Knock sensor 2 bank 2: circuit low"),
    ("P0333", "Knock sensor 2 bank 2: circuit high"),
    ("P0334", "Knock sensor 2 bank 2: circuit intermittent"),
    ("P0403", "Exhaust gas recirculation A control: circuit fault"),
    ("P0404", "Exhaust gas recirculation A control: circuit range or performance"),
    ("P0418", "Secondary air injection control A: circuit fault"),
    ("P0419", "Secondary air injection control B: circuit fault"),
    ("P0494", "Cooling fan speed: low"),
    ("P0495", "Cooling fan speed: high"),
    ("P0504", "Brake switch A and B: correlation"),
    ("P050A", "Cold start idle air control: performance"),
    ("P050B", "Cold start ignition timing: performance"),
    ("P050E", "Cold start engine exhaust temperature: too low"),
    ("P050F", "Brake assist vacuum: too low"),
    ("P0574", "Cruise control system: vehicle speed too high"),
    ("P0585", "Cruise control multi-function input A and B: correlation"),
    ("P0606", "Engine or powertrain control module (ECM, PCM) processor: malfunction"),
    ("P060C", "Internal control module main processor: performance"),
    ("P061C", "Internal control module engine speed (rpm): performance"),
    ("P0624", "Fuel cap lamp control: circuit fault"),
    ("P0631", "VIN in transmission control module (TCM): not programmed or incompatible"),
    ("P0632", "Odometer in engine or powertrain control module (ECM, PCM): not programmed"),
    ("P0645", "Air conditioning (A/C) clutch relay control: circuit fault or open"),
    ("P0646", "Air conditioning (A/C) clutch relay control: circuit low"),
    ("P0647", "Air conditioning (A/C) clutch relay control: circuit high"),
    ("P0649", "Speed control lamp control: circuit fault"),
    ("P0650", "Malfunction indicator lamp (MIL) control: circuit fault"),
    ("P0821", "Gear lever X position: circuit fault"),
    ("P0823", "Gear lever X position: circuit intermittent"),
    ("P0825", "Gear lever push-pull switch (shift anticipate): malfunction"),
    ("P0894", "Transmission component: slipping"),
    ("P0A3E", "Generator inverter: over temperature"),
    ("P204F", "Reductant system: performance"),
    ("P2181", "Cooling system: performance"),
    ("P2263", "Turbocharger or supercharger boost system: performance"),
    ("P2281", "Air leak between mass air flow sensor (MAF) and throttle body"),
    ("P244C", "Exhaust temperature for particulate filter regeneration bank 1: too low"),
    ("P2457", "Exhaust gas recirculation cooling system: performance"),
    ("P250F", "Engine oil level: too low"),
    ("P2560", "Engine coolant level: low"),
    ("P2577", "Direct ozone reduction catalyst: efficiency below threshold"),
    ("P2711", "Unexpected mechanical gear disengagement"),
    ("P2788", "Auto shift manual adaptive learning: at limit"),
    ("U010A", "Lost communication with exhaust gas recirculation control module A"),
    ("U0110", "Lost communication with drive motor control module A"),
    ("U0154", "Lost communication with restraints occupant classification system module"),
    ("U0206", "Lost communication with folding top control module"),
    ("U0301", "Software incompatibility with engine or powertrain control module (ECM, PCM)"),
    ("U0304", "Software incompatibility with gear shift control module"),
    ("U0434", "Invalid data received from active roll control module"),
    ("U0455", "Invalid data received from restraints occupant classification system module"),
    ("U0507", "Invalid data received from folding top control module"),
    ("U3000", "Control module: malfunction"),
    ("U3001", "Control module: improper shutdown"),
];
