//! Mappings that were kept as JSON, damaged in their fields and in their letters, for a table that fits them.

use super::{rng::Rng, tables, target::Target};
use crate::import::{
    detect,
    tests::{kept, look, read_by},
};
use roadworthy_api::{
    import::{Answers, Mapping},
    valid::Valid,
};
use serde_json::{Value, json};

#[derive(Default)]
pub(crate) struct Mappings {
    read: usize,
    no_mapping: usize,
    refused: usize,
}

/// One field, anywhere in it, becomes something else.
fn spoil(rng: &mut Rng, key: &str, value: &mut Value) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let key = fields.keys().nth(rng.below(fields.len())).unwrap().clone();
            match rng.below(24) {
                0 => drop(fields.remove(&key)),
                1 => drop(fields.insert("other".into(), json!(1))),
                _ => spoil(rng, &key, fields.get_mut(&key).unwrap()),
            }
        }
        Value::Array(rows) if !rows.is_empty() => {
            let at = rng.below(rows.len());
            match rng.below(6) {
                0 => drop(rows.remove(at)),
                1 => {
                    let row = rows[at].clone();
                    rows.push(row);
                }
                2 => {
                    let other = rng.below(rows.len());
                    rows.swap(at, other);
                }
                _ => spoil(rng, key, &mut rows[at]),
            }
        }
        other => {
            let same_kind = rng.below(8) > 0;
            *other = match other {
                _ if !same_kind => rng.pick(&[json!(null), json!(0.5), json!([]), json!({}), json!(-1)]).clone(),
                Value::Bool(was) => json!(!*was),
                Value::Number(_) => json!(*rng.pick(&[0u32, 1, 2, 3, 7, u32::MAX])),
                Value::String(_) => json!(*rng.pick(words(key))),
                _ => json!([1]),
            };
        }
    }
}

/// What may stand in a field, or nearly.
fn words(key: &str) -> &'static [&'static str] {
    match key {
        "layout" => &["wide", "long", "roadworthy-long", "roadworthy-wide", "candump", "kit", "torque"],
        "separator" => &["comma", "semicolon", "tab", "bar"],
        "decimal" => &["comma", "point"],
        "format" => &["date-time", "epoch-seconds", "time-of-day", "elapsed-clock", "elapsed-seconds", "unknown"],
        "date_order" => &["dmy", "mdy", "ymd"],
        "restarts" => &["follow", "leave"],
        "zone" => &["Europe/Berlin", "+02:00", "EST", ""],
        "date" | "start" => &["2024-03-04", "2024-03-04T10:00:00", "yesterday", ""],
        "unit" | "unit_found" => &["kPa", "°F", "mph", "rpm", "furlong", ""],
        _ => &["", "time", ":0C:engine_rpm", "::boost", "Engine RPM (rpm)"],
    }
}

impl Target for Mappings {
    fn one(&mut self, rng: &mut Rng) {
        let (rows, separator) = tables::sound(rng);
        let bytes = tables::text(&rows, separator).into_bytes();
        let Ok(detected) = look(&bytes, &tables::answers(None)) else { return };
        let mut value = serde_json::to_value(&detected.mapping).unwrap();
        for _ in 0..=rng.below(3) {
            spoil(rng, "", &mut value);
        }
        let mut json = value.to_string();
        if rng.below(8) == 0 {
            json = rng.spoil(&json, "0123456789{}[]\":,abetrue\\n -.é");
        }
        let Ok(mapping) = serde_json::from_str::<Mapping>(&json) else {
            self.no_mapping += 1;
            return;
        };
        assert_eq!(kept(&mapping), mapping, "{json}");
        let head = detect::head_lines(&bytes, true);
        let read = mapping
            .valid("mapping")
            .and_then(|()| detect::by_mapping(&head, mapping.clone(), &Answers::default()))
            .and_then(
                |detected| if detected.questions.is_empty() { read_by(&bytes, detected).map(Some) } else { Ok(None) },
            );
        match read {
            Ok(Some(read)) => {
                self.read += 1;
                for (signal, ..) in &read.values {
                    let named: Vec<_> = mapping.columns.iter().filter(|c| c.signal == *signal).collect();
                    assert!(named.is_empty() || named.iter().any(|c| c.take), "{signal} was left out in {json}");
                }
            }
            Ok(None) => self.refused += 1,
            Err(error) => {
                assert!(!error.message.is_empty() && !error.hint.is_empty(), "{error:?}");
                self.refused += 1;
            }
        }
    }

    fn tally(&self) -> String {
        format!("{} read, {} no mappings, {} refused or asked about", self.read, self.no_mapping, self.refused)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.read > inputs / 10 && self.no_mapping > inputs / 10 && self.refused > inputs / 20
    }
}
