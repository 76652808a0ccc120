//! Decoded payloads as JSON lines.

use super::{hex, unhex};
use crate::{
    decode::{
        self, Answer, ComponentTest, Context, Decoded, DtcStatus, Limit, Negative, OxygenTest, Performance,
        StoredRecord, Supported, TestResult, Values,
    },
    dtc,
};
use roadworthy_api::{Code, Error, check::Ignition, reading::Item};
use serde_json::{Map, Value, json};

type Out = Map<String, Value>;

/// Reads one line (`{"id":"a","payload":"410C1AF8"}`, or a bare code or scaled value) and writes one JSON object.
/// Whatever is wrong with the line stands in `error`; then there is no value.
pub fn decode_line(input: &str) -> String {
    let line: Value = serde_json::from_str(input).unwrap_or(Value::Null);
    let mut out = Out::new();
    out.insert("id".into(), line.get("id").cloned().unwrap_or(Value::Null));
    let told = match &line {
        Value::Object(fields) => Input(fields).read(),
        _ => Err(bad(
            "The line is no JSON object.",
            "Write one object per line, as in {\"id\":\"a\",\"payload\":\"410C1AF8\"}.",
        )),
    };
    match told {
        Ok(fields) => out.extend(fields),
        Err(error) => {
            out.insert("error".into(), json!(error));
        }
    }
    Value::Object(out).to_string()
}

fn bad(message: impl Into<String>, hint: &str) -> Error {
    Error::new(Code::BadRequest, message).hint(hint)
}

struct Input<'a>(&'a Out);

impl Input<'_> {
    fn read(&self) -> Result<Out, Error> {
        match (self.0.contains_key("payload"), self.0.contains_key("dtc"), self.0.contains_key("uas")) {
            (true, false, false) => self.payload(),
            (false, true, false) => self.code(),
            (false, false, true) => self.scaled(),
            _ => Err(bad("The line has not exactly one of payload, dtc and uas.", "Give one of them.")),
        }
    }

    fn payload(&self) -> Result<Out, Error> {
        let payload = self.bytes("payload")?.unwrap_or_default();
        let request = self.bytes("request")?;
        let bus = self.choice("bus", ["can", "legacy"])?;
        // Only older buses have service 05, so nothing else can be meant.
        let legacy = bus.map_or(payload.first() == Some(&0x45), |bus| bus == "legacy");
        let uds = self.choice("protocol", ["obd", "uds"])? == Some("uds");
        let context = Context { legacy, uds, request: request.as_deref() };
        Ok(write(&decode::decode(&payload, context)?))
    }

    fn code(&self) -> Result<Out, Error> {
        let codes = match *self.bytes("dtc")?.unwrap_or_default() {
            // "No code", as everywhere.
            [0, 0] => Vec::new(),
            [high, low] => vec![dtc::code([high, low])],
            [high, low, failure] => vec![dtc::code_with_failure_type([high, low, failure])],
            _ => return Err(malformed("A trouble code has two bytes, or three with its failure type.")),
        };
        Ok(object(json!({ "codes": codes })))
    }

    fn scaled(&self) -> Result<Out, Error> {
        let [id] = *self.bytes("uas")?.unwrap_or_default() else {
            return Err(malformed("A unit and scaling id has one byte."));
        };
        let bytes = self.bytes("raw")?.unwrap_or_default();
        let Ok(raw) = <[u8; 2]>::try_from(bytes.as_slice()) else {
            return Err(malformed("A raw value has two bytes."));
        };
        let item = match decode::scaling(id) {
            None => json!({ "uas": hex(&[id]), "raw": hex(&raw) }),
            Some(scaling) => match scaling.apply(u16::from_be_bytes(raw)) {
                Some(value) => json!({ "uas": hex(&[id]), "value": value, "unit": scaling.unit }),
                None => return Err(malformed("This unit and scaling id allows only 0000 and 0001.")),
            },
        };
        Ok(object(json!({ "items": [item] })))
    }

    fn text(&self, key: &str) -> Result<Option<&str>, Error> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(bad(format!("{key} is no text."), "Put it in quotes.")),
        }
    }

    fn bytes(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let hint = "Write two hexadecimal digits for each byte.";
        unhex(text).map(Some).ok_or_else(|| malformed(format!("{key} is not hexadecimal.")).hint(hint))
    }

    fn choice(&self, key: &str, known: [&'static str; 2]) -> Result<Option<&'static str>, Error> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let [first, second] = known;
        let found = known.into_iter().find(|k| *k == text);
        found.map(Some).ok_or_else(|| {
            bad(format!("{key} is neither {first} nor {second}."), "Use one of the two, or leave it out.")
        })
    }
}

fn malformed(message: impl Into<String>) -> Error {
    Error::new(Code::Malformed, message)
}

fn object(value: Value) -> Out {
    match value {
        Value::Object(fields) => fields,
        _ => Out::new(),
    }
}

fn write(decoded: &Decoded) -> Out {
    let service = hex(&[decoded.service]);
    let mut out = object(match &decoded.answer {
        Answer::Values(values) => Value::Object(write_values(values)),
        Answer::Codes(codes) => json!({ "codes": codes }),
        Answer::Oxygen(test) => json!({ "tests": [write_oxygen(test)] }),
        Answer::Components(tests) => json!({ "tests": tests.iter().map(write_component).collect::<Vec<_>>() }),
        Answer::Tests { tests, incomplete } => {
            let mut out = object(json!({ "tests": tests.iter().map(write_test).collect::<Vec<_>>() }));
            if *incomplete {
                out.insert("incomplete".into(), true.into());
            }
            Value::Object(out)
        }
        Answer::Texts(texts) => match texts.as_slice() {
            [text] => json!({ "text": text }),
            texts => json!({ "texts": texts }),
        },
        Answer::Cvns(_) => json!({ "cvns": decoded.cvns() }),
        Answer::Counters(performance) => write_performance(performance),
        Answer::Statuses(statuses) => write_statuses(statuses),
        Answer::DtcCount(count) => json!({ "count": count }),
        Answer::Snapshots(ids) => json!({
            "codes": ids.iter().map(|id| &id.code).collect::<Vec<_>>(),
            "records": ids.iter()
                .map(|id| json!({ "code": id.code, "record": hex(&[id.record]) }))
                .collect::<Vec<_>>(),
        }),
        Answer::Stored(stored) => {
            let mut out = object(write_statuses(std::slice::from_ref(&stored.dtc)));
            out.insert("records".into(), stored.records.iter().map(write_record).collect());
            Value::Object(out)
        }
        Answer::Positive => json!({ "positive": true }),
        Answer::Negative(negative) => json!({ "negative": write_negative(*negative) }),
    });
    out.insert("service".into(), service.into());
    out
}

fn write_values(values: &Values) -> Out {
    let mut out = Out::new();
    if let Some(frame) = values.frame {
        out.insert("frame".into(), frame.into());
    }
    if let Some(codes) = &values.codes {
        out.insert("codes".into(), json!(codes));
    }
    match values.supported.as_slice() {
        [] => {}
        [one] => {
            out.insert("supported".into(), json!(one.texts()));
        }
        several => {
            let pair = |map: &Supported| (map.base_text(), json!(map.texts()));
            out.insert("supported_by".into(), Value::Object(several.iter().map(pair).collect()));
        }
    }
    if let Some(readiness) = &values.readiness {
        let ignition = match readiness.ignition {
            Ignition::Spark => "spark",
            Ignition::Compression => "compression",
        };
        out.insert("ignition".into(), ignition.into());
        out.insert("tests".into(), json!(readiness.tests()));
    }
    // A reply whose sensors are all "not there" still says so, with no item.
    if !values.signals.is_empty() || out.keys().all(|key| key == "frame") {
        out.insert("items".into(), values.signals.iter().map(|s| write_item(&s.item(), s.wide)).collect());
    }
    out
}

fn write_item(item: &Item, wide: bool) -> Value {
    let mut fields = object(json!(item));
    if wide {
        fields.insert("did".into(), item.pid.clone().into());
    }
    Value::Object(fields)
}

fn write_test(test: &TestResult) -> Value {
    let mut out = object(json!({
        "mid": hex(&[test.mid]), "tid": hex(&[test.tid]), "uas": hex(&[test.uas]),
    }));
    match test.scaled {
        Some(scaled) => {
            out.extend(object(json!({
                "value": scaled.value, "min": scaled.min, "max": scaled.max, "unit": scaled.unit,
            })));
        }
        None => {
            let [raw, raw_min, raw_max] = test.raw.map(|r| hex(&r.to_be_bytes()));
            out.extend(object(json!({ "raw": raw, "raw_min": raw_min, "raw_max": raw_max })));
        }
    }
    if let Some(margin) = test.margin() {
        let mut fields = object(json!({ "limit": margin.limit.text() }));
        fields.extend(margin.distance.map(|distance| ("distance".to_owned(), json!(distance))));
        fields.extend(margin.room.map(|room| ("room".to_owned(), json!(room))));
        out.insert("margin".into(), Value::Object(fields));
    }
    judge(&mut out, test.completed(), test.pass);
    Value::Object(out)
}

/// A test that has not run passed nothing, whatever its numbers are.
fn judge(out: &mut Out, completed: bool, pass: bool) {
    let (key, value) = if completed { ("pass", pass) } else { ("completed", false) };
    out.insert(key.into(), value.into());
}

fn write_oxygen(test: &OxygenTest) -> Value {
    let mut out = object(json!({ "tid": hex(&[test.tid]) }));
    match test.sensor() {
        Some(sensor) => out.insert("sensor".into(), sensor.into()),
        None => out.insert("sensor_byte".into(), hex(&[test.place]).into()),
    };
    match test.scale() {
        Some((step, unit)) => {
            out.extend(object(json!({ "value": f64::from(test.raw) * step, "unit": unit })));
            if let Some([min, max]) = test.limits {
                out.extend(object(json!({ "min": f64::from(min) * step, "max": f64::from(max) * step })));
            }
        }
        None => {
            out.insert("raw".into(), hex(&[test.raw]).into());
            if let Some([min, max]) = test.limits {
                out.extend(object(json!({ "raw_min": hex(&[min]), "raw_max": hex(&[max]) })));
            }
        }
    }
    out.extend(test.pass().map(|pass| ("pass".to_owned(), json!(pass))));
    Value::Object(out)
}

fn write_component(test: &ComponentTest) -> Value {
    let bound = match test.limit {
        Limit::Minimum => "raw_min",
        Limit::Maximum => "raw_max",
    };
    let mut out = object(json!({
        "tid": hex(&[test.tid]), "component": hex(&[test.component]), "raw": hex(&test.value.to_be_bytes()),
        bound: hex(&test.bound.to_be_bytes()),
    }));
    judge(&mut out, test.completed(), test.pass());
    Value::Object(out)
}

fn write_performance(performance: &Performance) -> Value {
    let names: Vec<Value> = performance.named().map(|(name, _)| json!(name.map(|n| n.name))).collect();
    json!({ "counters": performance.counts, "counter_names": names })
}

fn write_statuses(statuses: &[DtcStatus]) -> Value {
    let status = |s: &DtcStatus| {
        let mut out = object(json!({ "code": s.code, "status": hex(&[s.status]), "flags": s.flags() }));
        if let (Some(severity), Some(flags)) = (s.severity, s.severity_flags()) {
            out.extend(object(json!({ "severity": hex(&[severity]), "severity_flags": flags })));
        }
        Value::Object(out)
    };
    json!({
        "codes": statuses.iter().map(|s| &s.code).collect::<Vec<_>>(),
        "statuses": statuses.iter().map(status).collect::<Vec<_>>(),
    })
}

fn write_record(record: &StoredRecord) -> Value {
    let mut out = write_values(&record.values);
    out.insert("record".into(), hex(&[record.number]).into());
    if !record.raw.is_empty() {
        out.insert("raw".into(), hex(&record.raw).into());
    }
    Value::Object(out)
}

fn write_negative(negative: Negative) -> Value {
    json!({ "service": hex(&[negative.service]), "nrc": hex(&[negative.nrc]), "meaning": negative.meaning() })
}
