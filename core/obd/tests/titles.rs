//! Titles against the words that independent public sources agree on, where `ROADWORTHY_DATA` says where they are; and cases
//! that hold on any checkout.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a list that cannot be read ends the test")]
#![allow(clippy::print_stdout, reason = "a run says that it skips, and how many titles rest on what")]

mod titles {
    mod order;
    pub(crate) mod patterns;
}

use roadworthy_api::fault::CodeMeaning;
use roadworthy_obd::dtc;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Once,
};

/// A title that says one of a pair where sources say only the other means another code: a list that is shifted by one.
const OPPOSITES: &[(&str, &str)] = &[
    ("low", "high"),
    ("lean", "rich"),
    ("left", "right"),
    ("front", "rear"),
    ("driver", "passenger"),
    ("advanced", "retarded"),
    ("open", "closed"),
    ("on", "off"),
    ("intake", "exhaust"),
    ("positive", "negative"),
    ("primary", "secondary"),
    ("lost", "invalid"),
    ("large", "small"),
    ("minimum", "maximum"),
];

/// Words that a title may have beyond those that sources agree on, in any title: names of what nearly every part has. Words
/// that set one code apart from another are no such words; where one is needed it is a claim of its own.
const ADDED: &[(&str, &str)] = &[
    ("words that join others", "or and with from to in of for against between not no"),
    (
        "words that sources leave off, since nearly every code has them",
        "circuit control sensor switch signal input system",
    ),
    ("the same", "module modules solenoid fault malfunction detected condition bank pump"),
    ("A/C and ECM, PCM and TCM written out", "air conditioning engine powertrain transmission"),
    (
        "a part's whole name where sources shorten it",
        "seat belt injector fuel cylinder shaft gear shift cooling supercharger",
    ),
];

/// Claims that go beyond what sources agree on, each reviewed: what a title may say in full, and why.
const CLAIMS: &[(&str, &str)] = &[
    ("circuit fault or open", "editions say circuit and later circuit or open; the wider one holds"),
    ("circuit (PRNDL input)", "the standard's own example of the input"),
    ("primary or secondary", "editions say both of a coil and later primary; the wider one holds"),
    ("secondary circuit", "of P2302 and every third after it, which follow primary low and high"),
    ("Secondary air injection", "the name of the system, which sources shorten to air"),
    ("deactivation or intake valve control", "the standard names both ways of closing a cylinder"),
    ("performance or stuck off", "editions say performance and later add stuck off; the wider one holds"),
    ("range or performance", "P0002: sources shorten range or performance to performance"),
    ("biased or stuck", "editions say stuck and later biased or stuck; the wider one holds"),
    ("leak detected (large leak)", "P0455: large in every edition, and small only in P0442"),
    ("left side obstacle", "U0232 and U0533, each the first of its pair"),
    ("right side obstacle", "U0233 and U0534, each the second of its pair"),
    ("HVAC control module (rear)", "U0165, next to that of the front; U0466 says so"),
    ("A and B", "two parts of a series that has both, against each other"),
    ("(A/C)", "the shortening that sources cut in two"),
    ("Fuel pressure sensor B", "P018A to P018E: its A is the rail's, P0190 to P0194"),
    ("Knock sensor 1 bank 1 or single sensor", "of two, the other is sensor 2 of bank 2"),
    ("bank 1 or single sensor", "the standard's words for what an engine with one has too"),
    ("Warm-up catalyst", "P0421 and P0431, before the main one in the standard's order"),
    ("Main catalyst", "P0422 and P0432, after the one for warm-up"),
    ("NOx trap", "P2000 and P2001: later NOx adsorber"),
    ("Particulate trap", "P2003: later particulate filter"),
    ("(TCS) channel A", "C0001 and C0002: two lists have traction control, channel A, valves 1 and 2"),
    ("(TCS) channel B", "C0003 and C0004: channel B, valves 1 and 2"),
    ("Traction control", "the same"),
    ("Two wheel and four wheel drive", "C0071: its 2 and 4 written out"),
    ("(cruise control)", "what the distance sensor is for, in either list that has it"),
    ("Cruise control switch signal: accelerate", "P0570, the last of its six switches"),
    ("Transmission fluid: over temperature", "P0218: sources differ on fluid only in form"),
    ("over current", "P0484: sources write it in one word"),
    ("suspension (ride level)", "U0132, U0321: ride level and later suspension"),
    ("moveable roof", "U0207: sources spell movable in two ways"),
    ("Turbocharger boost pressure", "P2262: sources shorten it to turbo"),
    ("too low", "P203F: low in one edition, too low in the next"),
    ("no pulses", "P0374: pulse and pulses"),
    ("run or start", "P2533 and P2535: run, start"),
    ("forward actuator", "P0921 to P0923, next to the reverse one"),
    ("terminal", "of the generator, L and F"),
    ("Particulate filter restriction", "P2463: soot restricts it"),
    ("air flow detected", "P2172 to P2175: airflow in one word"),
    ("keep alive memory (KAM)", "its shortening written out"),
    ("random access memory (RAM)", "the same"),
    ("memory (RAM or ROM)", "the same"),
    ("vehicle speed sensor (VSS)", "the same"),
    ("engine speed (rpm)", "the same"),
    ("Engine speed (rpm)", "the same"),
    ("Manifold pressure (MAP) or mass air flow (MAF)", "the same"),
    ("Manifold (MAP)", "the same"),
    ("mass air flow sensor (MAF)", "the same"),
    ("brake system (ABS)", "the same"),
];

fn words(text: &str) -> BTreeSet<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Codes with the words that sources agree on; `None`, with a line, where nobody said where they are.
fn agreed() -> Option<BTreeMap<String, BTreeSet<String>>> {
    let Some(folder) = std::env::var_os("ROADWORTHY_DATA") else {
        static SAID: Once = Once::new();
        SAID.call_once(|| println!("skipped: ROADWORTHY_DATA is not set"));
        return None;
    };
    let text = fs::read_to_string(Path::new(&folder).join("dtc_keywords.json")).unwrap();
    let list: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let of = |entry: &serde_json::Value| {
        let words = entry["keywords"].as_array().unwrap().iter().map(|w| w.as_str().unwrap().to_owned());
        (entry["code"].as_str().unwrap().to_owned(), words.collect())
    };
    Some(list.iter().map(of).collect())
}

/// No synonym is needed: titles have the sources' words themselves where the word is the name of a part or a failure.
#[test]
fn titles_say_what_sources_agree_on() {
    let Some(agreed) = agreed() else { return };
    let (mut agreeing, mut disagreeing, mut untitled) = (0, 0, 0);
    for (code, words_) in &agreed {
        let Some(title) = dtc::title(code) else {
            untitled += 1;
            println!("untitled {code} {words_:?}");
            continue;
        };
        let said = words(&title);
        let missing: Vec<_> = words_.difference(&said).collect();
        let against = |one: &str, other: &str| words_.contains(one) && !words_.contains(other) && said.contains(other);
        let reviewed = CLAIMS.iter().any(|(claim, _)| title.contains(claim));
        let turned = !reviewed && OPPOSITES.iter().any(|(one, other)| against(one, other) || against(other, one));
        if missing.is_empty() && !turned {
            agreeing += 1;
        } else {
            disagreeing += 1;
            println!("{code} {title:?} lacks {missing:?} of {words_:?}");
        }
    }
    println!(
        "of {} codes {agreeing} agree word for word, {disagreeing} do not, {untitled} have no title",
        agreed.len()
    );
    assert_eq!(disagreeing, 0);
    assert!(agreeing * 100 >= 97 * agreed.len(), "97 of 100 codes agree");
}

/// Each word of a title is one that sources agree on, or claims nothing, or is a claim that was reviewed; numbers and letters
/// are those of the sources where these have any, and else of a series that the standard counts.
#[test]
fn titles_say_nothing_that_sources_do_not() {
    let Some(agreed) = agreed() else { return };
    let all: BTreeMap<String, String> = dtc::titled().collect();
    let plain: BTreeSet<&str> = ADDED.iter().flat_map(|(_, words)| words.split(' ')).collect();
    let claimed: BTreeSet<&str> = OPPOSITES.iter().flat_map(|(one, other)| [*one, *other]).collect();
    assert_eq!(plain.intersection(&claimed).collect::<Vec<_>>(), Vec::<&&str>::new(), "a claim is no plain word");
    let number = |w: &&String| w.bytes().all(|b| b.is_ascii_digit());
    let (mut used, mut wrong) = (BTreeSet::new(), Vec::new());
    for (code, words_) in &agreed {
        let Some(title) = all.get(code) else { continue };
        let mut rest = title.clone();
        for (claim, _) in CLAIMS.iter().filter(|(claim, _)| title.contains(claim)) {
            rest = rest.replace(claim, "");
            used.insert(*claim);
        }
        for word in words(&rest).difference(words_) {
            let fine = if number(&word) {
                !words_.iter().any(|w| number(&w)) && titles::patterns::counted(&all, code)
            } else if word.len() == 1 {
                titles::patterns::counted(&all, code) || word == "a"
            } else {
                plain.contains(word.as_str())
            };
            if !fine {
                wrong.push(format!("{code} {title:?} says {word:?} beyond {words_:?}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    let idle: Vec<_> = CLAIMS.iter().filter(|(claim, _)| !used.contains(claim)).collect();
    assert!(idle.is_empty(), "claims that nothing needs: {idle:?}");
}

/// A title of a code that the list does not have comes from a pattern of the standard and a neighbour that the list has, or
/// stands by name among those that two lists, made apart from each other, have in the same words. Says how many of each.
#[test]
fn other_titles_come_from_a_stated_pattern() {
    let Some(agreed) = agreed() else { return };
    let all: BTreeMap<String, String> = dtc::titled().collect();
    let (counts, rest) = titles::patterns::sorted(&all, &agreed.keys().map(String::as_str).collect());
    for (pattern, count) in &counts {
        println!("{count:4} by {pattern}");
    }
    println!("{:4} by name, from two lists that agree", rest.len());
    let rest: Vec<_> = rest.iter().map(|code| (*code, all[*code].as_str())).collect();
    assert_eq!(rest, titles::patterns::BY_NAME);
}

/// A list whose titles are shifted by one fits the words of the code before or after better than its own.
#[test]
fn pain_29_no_title_belongs_to_a_neighbour() {
    let Some(agreed) = agreed() else { return };
    let codes: Vec<&String> = agreed.keys().collect();
    let mut beside = 0;
    for pair in codes.windows(2) {
        for (own, other) in [(pair[0], pair[1]), (pair[1], pair[0])] {
            let Some(title) = dtc::title(own) else { continue };
            let said = words(&title);
            let fits = |code: &String| agreed[code].is_subset(&said);
            beside += 1;
            assert!(fits(own) || !fits(other), "{own} {title:?} has the words of {other}: {:?}", agreed[other]);
        }
    }
    println!("{beside} titles beside their neighbours");
}

/// Pain 29: texts of another make, and the widely copied list that is shifted by one.
#[test]
fn pain_29_wrong_or_cross_brand_titles_are_never_shown() {
    // The copied list has "Secondary Air Injection System Relay B" at P0420, and so on; these anchors stand all over it.
    for (code, says, never) in [
        ("P0301", "Cylinder 1", "Cylinder 2"),
        ("P0335", "Crankshaft position sensor A", "Knock"),
        ("P0400", "Exhaust gas recirculation", "Camshaft"),
        ("P0410", "Secondary air injection", "recirculation"),
        ("P0418", "Secondary air injection control A", "valve"),
        ("P0419", "Secondary air injection control B", "Catalyst"),
        ("P0420", "Catalyst system bank 1", "ir injection"),
        ("P0421", "Warm-up catalyst bank 1", "system"),
        ("P0430", "Catalyst system bank 2", "bank 1"),
        ("P0440", "Evaporative emission", "atalyst"),
        ("P0500", "Vehicle speed sensor", "exhaust"),
        ("P0700", "Transmission control", "Control module"),
        ("U0100", "engine or powertrain", "transmission"),
        ("U0101", "transmission", "engine"),
    ] {
        let title = dtc::title(code).unwrap();
        assert!(title.contains(says) && !title.contains(never), "{code} {title:?}");
    }
    // The same number means different things in different makes: no text at all, and no advice.
    for pair in 0..=u16::MAX {
        let code = dtc::code(pair.to_be_bytes());
        let maker = matches!(code.get(..2), Some("P1" | "B1" | "B2" | "C1" | "C2" | "U1" | "U2"))
            || matches!(code.get(..3), Some("P30" | "P31" | "P32" | "P33"));
        let meaning = dtc::explain(&code).unwrap();
        assert_eq!(meaning.maker_controlled, maker, "{code}");
        if maker {
            assert!(meaning.title.is_none() && meaning.advice.is_empty() && !meaning.known, "{code}");
            assert_eq!(meaning.system, "defined by the maker", "{code}");
        }
    }
}

/// What is explained, case by case: only the fields that a case names are compared.
#[test]
fn codes_are_explained_as_the_cases_say() {
    let cases = include_str!("cases/explain.jsonl");
    let mut held = 0;
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let typed = case["in"].as_str().unwrap();
        let got: Option<CodeMeaning> = dtc::explain(typed);
        match case["out"].as_object() {
            None => assert_eq!(got, None, "{typed}"),
            Some(expect) => {
                let got = serde_json::to_value(got).unwrap();
                for (key, value) in expect {
                    assert_eq!(&got[key], value, "{typed}: {key}");
                }
            }
        }
        held += 1;
    }
    assert!(held >= 60, "{held}");
}
