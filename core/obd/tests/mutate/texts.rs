//! Mutants of JSON lines, VINs and trouble codes.

use crate::rng::{Rng, seeds};
use roadworthy_obd::{dtc, line, vin};

fn chars(rng: &mut Rng, text: &str, alphabet: &str) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut row: Vec<char> = text.chars().collect();
    rng.damage(&mut row, &mut |rng, _| *rng.pick(&alphabet));
    row.into_iter().collect()
}

#[test]
fn every_decoded_line_is_one_json_object_with_a_value_or_an_error() {
    let (mut rng, mutants) = Rng::start("decode_line");
    let seeds = seeds("in");
    let (mut values, mut errors) = (0, 0);
    for _ in 0..mutants {
        let mut input = rng.pick(&seeds)["in"].clone();
        input["id"] = "x".into();
        // Half of them stay JSON, so that the damage reaches the decoder.
        let text = match input["payload"].as_str().map(str::to_owned) {
            Some(payload) if rng.below(2) == 0 => {
                input["payload"] = chars(&mut rng, &payload, "0123456789ABCDEFabcdef ").into();
                input.to_string()
            }
            _ => chars(&mut rng, &input.to_string(), "0123456789ABCDEFabcdef{}[]\":,\\ \n\u{0}éuds-+."),
        };
        let out = line::decode_line(&text);
        let parsed: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out} from {text}"));
        let fields = parsed.as_object().unwrap_or_else(|| panic!("{out} from {text}"));
        assert!(fields.contains_key("id") && !out.contains('\n'), "{out}");
        let keys = [
            "items",
            "supported",
            "supported_by",
            "codes",
            "tests",
            "text",
            "texts",
            "cvns",
            "counters",
            "positive",
            "negative",
        ];
        let value = keys.iter().any(|key| fields.contains_key(*key));
        assert_ne!(value, fields.contains_key("error"), "{out} from {text}");
        if value {
            values += 1;
        } else {
            errors += 1;
        }
    }
    println!("decode_line: {values} values, {errors} errors");
    assert!(values > mutants / 50 && errors > mutants / 10, "the mutants are not worth their name");
}

#[test]
fn a_well_formed_vin_has_seventeen_characters_of_its_alphabet() {
    let (mut rng, mutants) = Rng::start("vin");
    let mut well = 0;
    for _ in 0..mutants {
        let text = chars(&mut rng, "1RWTEST0XX0000001", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabz -é\0");
        let plain = text.chars().count() == 17 && text.chars().all(|c| "0123456789ABCDEFGHJKLMNPRSTUVWXYZ".contains(c));
        assert_eq!(vin::well_formed(&text).is_ok(), plain, "{text:?}");
        assert_eq!(vin::check_digit(&text).is_some(), plain, "{text:?}");
        assert!(!vin::check_digit_fits(&text) || plain, "{text:?}");
        let facts = vin::facts(&text, 2026);
        assert_eq!(facts.is_ok(), plain, "{text:?}");
        assert!(facts.is_ok_and(|f| f.model_years.iter().all(|y| (1980..=2027).contains(y))) || !plain, "{text:?}");
        well += usize::from(plain);
    }
    println!("vin: {well} well formed");
    assert!(well > mutants / 50);
}

#[test]
fn a_code_that_reads_as_bytes_reads_back_the_same() {
    let (mut rng, mutants) = Rng::start("dtc");
    let (mut read, mut explained) = (0, 0);
    for _ in 0..mutants {
        let seed = dtc::code([rng.byte(), rng.byte()]);
        let text = chars(&mut rng, &seed, "0123456789ABCDEFPCBUpcbux -é\0");
        let known = dtc::bytes(&text);
        if let Some(bytes) = known {
            assert_eq!(dtc::code(bytes), text);
            read += 1;
        }
        assert_eq!(known.is_none(), dtc::area(&text) == "Unknown", "{text:?}");
        assert_eq!(known.is_none(), dtc::system(&text) == "unknown", "{text:?}");
        assert!(!(known.is_none() && dtc::maker_controlled(&text)), "{text:?}");
        assert!(known.is_some() || dtc::title(&text).is_none(), "{text:?}");
        // What people type may have blanks and lower case, nothing else.
        let meaning = dtc::explain(&text);
        assert!(meaning.is_some() || known.is_none(), "{text:?}");
        if let Some(meaning) = meaning {
            assert_eq!(dtc::normal(&meaning.code).as_ref(), Some(&meaning.code), "{text:?}");
            assert!(!(meaning.maker_controlled && meaning.title.is_some()), "{text:?}");
            explained += 1;
        }
    }
    println!("dtc: {read} read, {explained} explained");
    assert!(read > mutants / 50 && explained >= read);
}
