//! How the standard counts, held by the titles themselves on any checkout: a wrong bank, letter or failure, or a title of the
//! neighbour, breaks the order or is there twice.

use super::patterns;
use roadworthy_obd::dtc;
use std::collections::BTreeMap;

/// A title that belongs to another code is most often somebody else's as well: the other bank's, the neighbour's.
#[test]
fn pain_29_no_two_codes_have_one_title() {
    let mut codes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (code, title) in dtc::titled() {
        codes.entry(title).or_default().push(code);
    }
    let shared: Vec<_> = codes.iter().filter(|(_, codes)| codes.len() > 1).collect();
    assert!(shared.is_empty(), "{shared:#?}");
}

/// The standard counts banks, sensors, cylinders and letters upwards, either sensor by sensor or bank by bank. Codes with a
/// letter in their number were put in later and count among themselves.
#[test]
fn pain_29_banks_sensors_cylinders_and_letters_count_upwards() {
    let mut series: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (code, title) in dtc::titled() {
        let (part, numbers) = patterns::numbered(&title);
        if !numbers.is_empty() {
            series.entry((patterns::decimal(&code), part)).or_default().push((code, numbers));
        }
    }
    let reverse = |numbers: &Vec<u32>| numbers.iter().rev().copied().collect::<Vec<_>>();
    let mut down = Vec::new();
    for codes in series.values() {
        for pair in codes.windows(2) {
            let (one, other) = (&pair[0].1, &pair[1].1);
            if one >= other && reverse(one) >= reverse(other) {
                down.push(pair[1].0.clone());
            }
        }
    }
    down.sort_unstable();
    // The second intake air sensor was given the codes ahead of the first; gear 6 those ahead of gear 1; sensors 2 and 3 that
    // are swapped within a bank come after those swapped between banks.
    assert_eq!(down, ["P0110", "P0111", "P0112", "P0113", "P0731", "P2416"]);
}

/// The failures of one part that stand one after the other: the circuit itself, its range, low, high, intermittent.
#[test]
fn pain_29_failures_of_one_part_are_in_their_order() {
    const RANKS: &[&[&str]] = &[
        &["malfunction", "circuit fault", "circuit fault or open"],
        &["circuit range or performance", "range or performance", "performance", "performance or stuck off"],
        &["stuck on", "circuit no signal"],
        &["circuit low", "low", "circuit low voltage", "electrical"],
        &["circuit high", "high", "circuit high voltage"],
        &["slow response"],
        &["circuit intermittent", "circuit intermittent or erratic", "intermittent", "no activity detected"],
    ];
    let all: BTreeMap<String, String> = dtc::titled().collect();
    let ranked = |code: &str| {
        let (part, failure) = all.get(code)?.rsplit_once(": ")?;
        Some((part, RANKS.iter().position(|rank| rank.contains(&failure))?))
    };
    let (mut pairs, mut back) = (0, Vec::new());
    for code in all.keys() {
        let next = patterns::next(code);
        let (Some((part, one)), Some((same, other))) = (ranked(code), ranked(&next)) else { continue };
        if part == same {
            pairs += 1;
            if one >= other {
                back.push(next);
            }
        }
    }
    assert!(pairs > 1000, "{pairs}");
    // The standard has these four the other way round.
    assert_eq!(back, ["P0515", "P0519", "P2605", "P2764"]);
}

/// Of one circuit the code for low is the one right before that for high.
#[test]
fn pain_29_low_is_right_before_high() {
    let all: BTreeMap<String, String> = dtc::titled().collect();
    let by_title: BTreeMap<&String, &String> = all.iter().map(|(code, title)| (title, code)).collect();
    let mut apart = Vec::new();
    let mut pairs = 0;
    for (title, low) in &by_title {
        let Some((part, failure)) = title.rsplit_once(": ") else { continue };
        let Some(high) = by_title.get(&format!("{part}: {}", failure.replace("low", "high"))) else { continue };
        if low != high {
            pairs += 1;
            if patterns::next(low) != **high {
                apart.push(low.as_str());
            }
        }
    }
    assert!(pairs > 400, "{pairs}");
    apart.sort_unstable();
    // Codes that were put in later, and one that the standard has the other way round (P2763 high, P2764 low).
    assert_eq!(apart, ["P0719", "P0A09", "P0A19", "P2290", "P250F", "P2764"]);
}
