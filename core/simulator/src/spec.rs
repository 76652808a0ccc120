//! A vehicle with its options as people write it: `misfire?unplug=20&seed=7`.

use crate::{Key, Options, Profile};
use roadworthy_api::{Code, Error};
use std::sync::Arc;

/// What can be said after the question mark.
const OPTIONS: &str = "key=off|on|running, unplug=SECONDS, adapter=strict|slcan|NAME, seed=NUMBER, speed=FACTOR";

/// The name and the options of a text such as `petrol` or `misfire?key=on&speed=20`; `base` holds for what it does not name.
/// Whether the name is one of [`crate::names`] is not looked at.
///
/// # Errors
/// [`Code::Invalid`] for an option that is not known, given twice, or of a wrong value; the hint lists all.
pub fn parse_spec(text: &str, base: Options) -> Result<(&str, Options), Error> {
    match text.split_once('?') {
        None => Ok((text, base)),
        Some((name, options)) => Ok((name, parse_options(options, base)?)),
    }
}

/// The part after the question mark alone, as in `key=on&speed=20`.
///
/// # Errors
/// As [`parse_spec`].
pub fn parse_options(text: &str, base: Options) -> Result<Options, Error> {
    let mut options = base;
    let mut given: Vec<&str> = Vec::new();
    for pair in text.split('&') {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(wrong(format!("\"{pair}\" is no option of a simulated vehicle.")));
        };
        if given.contains(&key) {
            return Err(wrong(format!("The option \"{key}\" is given twice.")));
        }
        given.push(key);
        let bad = |must: &str| wrong(format!("The option {key}={value} is wrong: it must be {must}."));
        match key {
            "key" => {
                options.key = match value {
                    "off" => Key::Off,
                    "on" => Key::On,
                    "running" => Key::Running,
                    _ => return Err(bad("off, on or running")),
                }
            }
            "adapter" => {
                options.slcan = value == "slcan";
                options.adapter = match value {
                    "strict" | "slcan" => None,
                    _ if Profile::names().contains(&value) => Some(Arc::new(Profile::named(value)?)),
                    _ => return Err(bad(&format!("strict, slcan, {}", Profile::names().join(", ")))),
                }
            }
            "unplug" => {
                options.unplug = Some(decimal(value, 0.0, 86_400.0).ok_or_else(|| bad("seconds from 0 to 86400"))?);
            }
            "speed" => options.speed = decimal(value, 0.01, 1000.0).ok_or_else(|| bad("a factor from 0.01 to 1000"))?,
            "seed" => {
                let plain = value.bytes().all(|b| b.is_ascii_digit());
                options.seed = value.parse().ok().filter(|_| plain).ok_or_else(|| bad("a whole number"))?;
            }
            _ => return Err(wrong(format!("\"{key}\" is no option of a simulated vehicle."))),
        }
    }
    Ok(options)
}

/// Digits with at most one point, nothing else: no sign, no exponent, no infinity.
fn decimal(text: &str, low: f64, high: f64) -> Option<f64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse().ok().filter(|n| plain && (low..=high).contains(n))
}

fn wrong(message: String) -> Error {
    Error::new(Code::Invalid, message).hint(format!("There is: {OPTIONS}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_over_what_holds_without_them() {
        let base = Options { seed: 5, ..Options::default() };
        let with = |name| Some(Arc::new(Profile::named(name).unwrap()));
        for (text, name, expect) in [
            ("petrol", "petrol", base.clone()),
            ("kwp?key=off", "kwp", Options { key: Key::Off, ..base.clone() }),
            ("kwp?key=on&speed=20", "kwp", Options { key: Key::On, speed: 20.0, ..base.clone() }),
            (
                "a?unplug=2.5&seed=18446744073709551615",
                "a",
                Options { unplug: Some(2.5), seed: u64::MAX, ..base.clone() },
            ),
            ("a?adapter=clone", "a", Options { adapter: with("clone"), ..base.clone() }),
            ("a?adapter=slcan", "a", Options { slcan: true, ..base.clone() }),
            ("a?adapter=strict", "a", base.clone()),
            ("a?adapter=deaf&key=running", "a", Options { adapter: with("deaf"), ..base.clone() }),
            ("a?unplug=0", "a", Options { unplug: Some(0.0), ..base.clone() }),
        ] {
            assert_eq!(parse_spec(text, base.clone()).unwrap(), (name, expect), "{text}");
        }
    }

    #[test]
    fn a_wrong_option_is_named_and_the_right_ones_are_listed() {
        for (text, names) in [
            ("petrol?", "\"\""),
            ("petrol?key", "\"key\""),
            ("petrol?key=", "key="),
            ("petrol?key=Off", "key=Off"),
            ("petrol?keys=off", "\"keys\""),
            ("petrol?key=off&key=on", "\"key\" is given twice"),
            ("petrol?unplug=-1", "unplug=-1"),
            ("petrol?unplug=1e3", "unplug=1e3"),
            ("petrol?unplug=inf", "unplug=inf"),
            ("petrol?unplug=", "unplug="),
            ("petrol?speed=0", "speed=0"),
            ("petrol?speed=NaN", "speed=NaN"),
            ("petrol?seed=+1", "seed=+1"),
            ("petrol?seed=18446744073709551616", "seed=1844"),
            ("petrol?adapter=good", "adapter=good"),
            ("petrol?key=off&", "\"\""),
            ("petrol?key=off?seed=1", "key=off?seed=1"),
        ] {
            let error = parse_spec(text, Options::default()).expect_err(text);
            assert_eq!(error.code, Code::Invalid, "{text}");
            assert!(error.message.contains(names), "{text}: {error}");
            assert!(error.hint.contains("key=off|on|running") && error.hint.contains("unplug="), "{text}: {error}");
        }
    }
}
