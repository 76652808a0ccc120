//! Titles against the words that independent public sources agree on, where `ROADWORTHY_DATA` says where they are.

#![allow(clippy::unwrap_used, reason = "a list that cannot be read ends the test")]

use roadworthy_obd::dtc;
use std::{collections::BTreeSet, fs, path::Path};

/// Reviewed: a title that says the right-hand words says the left-hand one.
const SAME: &[(&str, &str)] = &[];

fn stem(word: &str) -> String {
    word.to_owned()
}

fn words(text: &str) -> BTreeSet<String> {
    text.to_lowercase().split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).map(stem).collect()
}

fn says(title: &BTreeSet<String>, word: &str) -> bool {
    title.contains(&stem(word))
        || SAME.iter().any(|(one, other)| *one == word && words(other).iter().all(|w| title.contains(w)))
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
        let Some(title) = dtc::title(code) else {
            untitled += 1;
            println!("untitled {code} {}", entry["keywords"]);
            continue;
        };
        let said = words(&title);
        let missing: Vec<_> = entry["keywords"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|w| w.as_str())
            .filter(|w| !says(&said, w))
            .collect();
        if missing.is_empty() {
            agreeing += 1;
        } else {
            disagreeing += 1;
            println!("{code} {title:?} lacks {missing:?}");
        }
    }
    println!("titled {}, agreeing {agreeing}, disagreeing {disagreeing}, untitled {untitled}", agreeing + disagreeing);
    assert_eq!(disagreeing, 0);
}
