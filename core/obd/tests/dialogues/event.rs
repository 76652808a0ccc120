//! What comes of one event, as JSON.
//!
//! The key of the expectation says how it is looked at: `replies` through the whole driver, headers on; `lines` as
//! [`frame::assemble_reply`] reads it, headers off; `command` as an adapter's own words; `speed` as what is heard while the
//! speed of a serial port is looked for; `forbidden` where the driver must not even make the request; `later` where
//! another part of the project is to read it.

use crate::{Event, player::Script};
use roadworthy_obd::{
    adapter::{Adapter, Request, Reset},
    bus,
    frame::{self, Line, Status},
    line, link,
    protocol::Protocol,
    vin,
};
use serde_json::{Map, Value, json};

pub(crate) async fn outcome(event: &Event, want: &Value, dialogue: &Value) -> Value {
    let mut out = Map::new();
    let protocol = || Protocol::from_id(dialogue["protocol"].as_str().unwrap().chars().next().unwrap()).unwrap();
    for key in want.as_object().expect("an expected event").keys() {
        let got = match key.as_str() {
            "replies" => replies(event, protocol()).await,
            "lines" => lines(event, protocol()),
            "command" => json!(words(event)),
            "speed" => json!(if link::reads_as_answer(&event.came) { "answer" } else { "noise" }),
            "forbidden" => json!(request(&event.sent).is_err()),
            "later" => want[key].clone(),
            other => panic!("unknown key {other}"),
        };
        out.insert(key.clone(), got);
    }
    // A clone that says OK to ATH1 and prints no headers must not make a value of anything.
    if out.contains_key("lines") && request(&event.sent).is_ok() {
        let believed = replies(event, protocol()).await;
        assert!(believed.get("answers").is_none(), "{}: {believed}", event.sent);
    }
    Value::Object(out)
}

/// The request, without the count of replies that may be appended to it as a single digit.
fn request(sent: &str) -> Result<Request, String> {
    let hex: String = sent.chars().filter(|c| !c.is_whitespace()).collect();
    let whole = hex.get(..hex.len() & !1).unwrap_or_default();
    let bytes = line::unhex(whole).ok_or_else(|| format!("{sent} is no request"))?;
    Request::new(&bytes).map_err(|e| e.to_string())
}

async fn replies(event: &Event, protocol: Protocol) -> Value {
    let request = request(&event.sent).unwrap();
    let script = Script::healthy("ELM327 v1.5", protocol.id());
    let mut adapter = Adapter::start(script.link(), Reset::Cold).await.unwrap();
    assert_eq!(adapter.connect().await.unwrap(), protocol);
    script.set(request.hex(), &event.came);
    let replies = match bus::ask(&mut adapter, &request).await {
        Ok(replies) => replies,
        Err(error) => return json!({ "error": error.code }),
    };
    let mut out = Map::new();
    let mut put = |key: &str, values: Vec<Value>| {
        if !values.is_empty() {
            out.insert(key.to_owned(), values.into());
        }
    };
    let answers = replies.answers.iter().map(|(ecu, payload)| said(Some(ecu), payload, protocol, &request));
    put("answers", answers.collect());
    let refusals = replies.refusals.iter().map(|(ecu, nrc)| json!({ "ecu": ecu, "nrc": format!("{nrc:02X}") }));
    put("refusals", refusals.collect());
    let unusable =
        replies.unusable.iter().map(|u| json!({ "ecu": u.ecu, "why": u.reason, "harms": u.harms })).collect();
    put("unusable", unusable);
    if let Some(trouble) = replies.trouble {
        out.insert("trouble".into(), trouble.into());
    }
    Value::Object(out)
}

fn lines(event: &Event, protocol: Protocol) -> Value {
    let asked = request(&event.sent).unwrap();
    let read = |line: &Line| match line {
        Line::Message { ecu, payload } => {
            assert_eq!(*ecu, None);
            said(None, payload, protocol, &asked)
        }
        Line::Status(status) => json!({ "status": status.text() }),
        Line::Unusable { reason, .. } => json!({ "why": reason.to_string() }),
    };
    frame::assemble_reply(protocol, false, &event.sent, &event.came).iter().map(read).collect()
}

/// A payload decoded; a VIN only as its hash and what can be said of it.
fn said(ecu: Option<&str>, payload: &[u8], protocol: Protocol, request: &Request) -> Value {
    let bus = if protocol.is_can() { "can" } else { "legacy" };
    // A refusal of another service stands beside the answer and is no answer to this request.
    let input = json!({ "id": 0, "payload": line::hex(payload), "bus": bus, "request": request.hex() });
    let mut out: Map<String, Value> = serde_json::from_str(&line::decode_line(&input.to_string())).unwrap();
    out.remove("id");
    out.remove("service");
    for item in out.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
        item.as_object_mut().unwrap().remove("label");
    }
    if let Some(error) = out.remove("error") {
        out.insert("why".into(), error["message"].clone());
    }
    if request.bytes() == [0x09, 0x02]
        && let Some(text) = out.remove("text")
    {
        let text = text.as_str().unwrap().trim();
        out.insert(
            "vin".into(),
            json!({
                "blake3": blake3::hash(text.as_bytes()).to_hex().as_str(),
                "length": text.len(),
                "well_formed": vin::well_formed(text).is_ok(),
                "check_digit": vin::check_digit_fits(text),
            }),
        );
    }
    if let Some(ecu) = ecu {
        out.insert("ecu".into(), ecu.into());
    }
    Value::Object(out)
}

/// An adapter's answer to a command of its own, line by line: what is accepted, refused, or its own words.
fn words(event: &Event) -> Vec<String> {
    let text: String = event.came.iter().filter(|b| (0x09..0x80).contains(*b)).map(|b| char::from(*b)).collect();
    let lines = text.split(['\r', '\n', '>']).map(str::trim).filter(|l| !l.is_empty());
    let sent = crate::player::bare(&event.sent);
    let lines = lines.filter(|l| crate::player::bare(l) != sent);
    let mut words: Vec<String> = lines
        .map(|l| match Status::of(l) {
            Some(Status::Ok) => "accepted".to_owned(),
            Some(Status::Unknown) => "refused".to_owned(),
            Some(status) => status.text(),
            None => l.to_owned(),
        })
        .collect();
    if !event.came.contains(&b'>') {
        words.push("no prompt".into());
    }
    words
}
