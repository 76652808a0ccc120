//! Mutants of JSON lines, VINs and trouble codes.

use super::{rng::Rng, seeds::seeds, target::Target};
use roadworthy_obd::{dtc, line, vin};

pub(crate) struct Lines {
    seeds: Vec<serde_json::Value>,
    values: usize,
    errors: usize,
}

impl Lines {
    pub(crate) fn new() -> Self {
        // Cases of other tables have texts there.
        let seeds = seeds("in").into_iter().filter(|case| case["in"].is_object()).collect();
        Self { seeds, values: 0, errors: 0 }
    }
}

impl Target for Lines {
    fn one(&mut self, rng: &mut Rng) {
        let mut input = rng.pick(&self.seeds)["in"].clone();
        input["id"] = "x".into();
        // Half of them stay JSON, so that the damage reaches the decoder.
        let text = match input["payload"].as_str().map(str::to_owned) {
            Some(payload) if rng.below(2) == 0 => {
                input["payload"] = rng.spoil(&payload, "0123456789ABCDEFabcdef ").into();
                input.to_string()
            }
            _ => rng.spoil(&input.to_string(), "0123456789ABCDEFabcdef{}[]\":,\\ \n\u{0}éuds-+."),
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
            "count",
            "negative",
        ];
        let value = keys.iter().any(|key| fields.contains_key(*key));
        assert_ne!(value, fields.contains_key("error"), "{out} from {text}");
        if value {
            self.values += 1;
        } else {
            self.errors += 1;
        }
    }

    fn tally(&self) -> String {
        format!("{} values, {} errors", self.values, self.errors)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.values > inputs / 50 && self.errors > inputs / 10
    }
}

#[derive(Default)]
pub(crate) struct Vins {
    well: usize,
}

impl Target for Vins {
    fn one(&mut self, rng: &mut Rng) {
        let text = rng.spoil("1RWTEST0XX0000001", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabz -é\0");
        let plain = text.chars().count() == 17 && text.chars().all(|c| "0123456789ABCDEFGHJKLMNPRSTUVWXYZ".contains(c));
        assert_eq!(vin::well_formed(&text).is_ok(), plain, "{text:?}");
        assert_eq!(vin::check_digit(&text).is_some(), plain, "{text:?}");
        assert!(!vin::check_digit_fits(&text) || plain, "{text:?}");
        let facts = vin::facts(&text, 2026);
        assert_eq!(facts.is_ok(), plain, "{text:?}");
        assert!(facts.is_ok_and(|f| f.model_years.iter().all(|y| (1980..=2027).contains(y))) || !plain, "{text:?}");
        self.well += usize::from(plain);
    }

    fn tally(&self) -> String {
        format!("{} well formed", self.well)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.well > inputs / 50
    }
}

#[derive(Default)]
pub(crate) struct Codes {
    read: usize,
    explained: usize,
}

impl Target for Codes {
    fn one(&mut self, rng: &mut Rng) {
        let seed = dtc::code([rng.byte(), rng.byte()]);
        let text = rng.spoil(&seed, "0123456789ABCDEFPCBUpcbux -é\0");
        let known = dtc::bytes(&text);
        if let Some(bytes) = known {
            assert_eq!(dtc::code(bytes), text);
            self.read += 1;
        }
        assert_eq!(known.is_none(), dtc::area(&text) == "Unknown", "{text:?}");
        assert_eq!(known.is_none(), dtc::system(&text) == "unknown", "{text:?}");
        assert!(!(known.is_none() && dtc::maker_controlled(&text)), "{text:?}");
        // A failure type may stand behind it, in the form that this program writes.
        assert!(dtc::title(&text).is_none() || dtc::normal(&text).as_ref() == Some(&text), "{text:?}");
        // What people type may have blanks and lower case, nothing else.
        let meaning = dtc::explain(&text);
        assert!(meaning.is_some() || known.is_none(), "{text:?}");
        if let Some(meaning) = meaning {
            assert_eq!(dtc::normal(&meaning.code).as_ref(), Some(&meaning.code), "{text:?}");
            assert!(!(meaning.maker_controlled && meaning.title.is_some()), "{text:?}");
            self.explained += 1;
        }
    }

    fn tally(&self) -> String {
        format!("{} read, {} explained", self.read, self.explained)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.read > inputs / 50 && self.explained >= self.read
    }
}
