//! Titles against the words that independent public sources agree on, where `ROADWORTHY_DATA` says where they are.

#![allow(clippy::unwrap_used, reason = "a list that cannot be read ends the test")]

use roadworthy_obd::dtc;
use std::{collections::BTreeSet, fs, path::Path};

/// A title that says one of a pair where sources say only the other means another code: a list that is shifted by one.
const OPPOSITES: &[(&str, &str)] = &[
    ("low", "high"),
    ("lean", "rich"),
    ("left", "right"),
    ("front", "rear"),
    ("advanced", "retarded"),
    ("open", "closed"),
    ("on", "off"),
    ("intake", "exhaust"),
    ("positive", "negative"),
    ("primary", "secondary"),
    ("lost", "invalid"),
];

/// Reviewed: editions of the standard say "primary or secondary" of these coils and later "primary"; the wider one holds.
const BOTH: &[&str] = &["P0351", "P0352", "P0354", "P0355", "P0356", "P0357", "P0358", "P0360", "P0361", "P0362"];

fn words(text: &str) -> BTreeSet<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn titles_say_what_sources_agree_on() {
    let Some(folder) = std::env::var_os("ROADWORTHY_DATA") else {
        println!("skipped: ROADWORTHY_DATA is not set");
        return;
    };
    let text = fs::read_to_string(Path::new(&folder).join("dtc_keywords.json")).unwrap();
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    let (mut agreeing, mut disagreeing, mut untitled) = (0, 0, 0);
    for entry in list.as_array().unwrap() {
        let code = entry["code"].as_str().unwrap();
        let agreed: BTreeSet<&str> = entry["keywords"].as_array().unwrap().iter().filter_map(|w| w.as_str()).collect();
        let Some(title) = dtc::title(code) else {
            untitled += 1;
            println!("untitled {code} {agreed:?}");
            continue;
        };
        let said = words(&title);
        let missing: Vec<_> = agreed.iter().filter(|w| !said.contains(**w)).collect();
        let against = |one: &str, other: &str| agreed.contains(one) && !agreed.contains(other) && said.contains(other);
        let turned = OPPOSITES.iter().any(|(one, other)| against(one, other) || against(other, one));
        if missing.is_empty() && (!turned || BOTH.contains(&code)) {
            agreeing += 1;
        } else {
            disagreeing += 1;
            println!("{code} {title:?} lacks {missing:?} of {agreed:?}");
        }
    }
    println!("titled {}, agreeing {agreeing}, disagreeing {disagreeing}, untitled {untitled}", agreeing + disagreeing);
    assert_eq!(disagreeing, 0);
    assert!(untitled * 100 < 3 * (agreeing + untitled), "97 of 100 codes have a title");
}
