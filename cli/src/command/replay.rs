//! `roadworthy replay`: a recorded dialogue through the driver, with no adapter and, unless it is to be kept, no database.

use super::{check, result};
use crate::{
    args::check::{Check, Replay},
    exit::{Exit, Stop},
    out::{Out, Tone, cell, count},
    session::Place,
};
use roadworthy_api::{
    check::CheckReport,
    id::{VehicleId, VisitId},
    visit::{Differences, VisitDetail},
};
use roadworthy_core::verdict;
use roadworthy_obd::{
    check::{CheckOptions, check_recording},
    line, link,
    link::Port,
    traffic::Traffic,
};
use serde_json::{Value, json};

pub(crate) fn run(place: &Place, out: &mut Out, replay: Replay) -> Result<Exit, Stop> {
    let port = Port::Replay(replay.file.clone()).to_string();
    if replay.keep {
        return check::run(place, out, Check { port, vehicle: replay.vehicle, baud: None });
    }
    let traffic = link::recording(&replay.file)?;
    if replay.decode {
        return decoded(out, &traffic);
    }
    let report = checked(traffic, &port)?;
    let (verdict, summary) = (verdict::verdict(&report), verdict::summary(&report));
    let partial = report.partial.is_some();
    if out.json {
        let mut object = json!(report);
        object["verdict"] = json!(verdict);
        object["summary"] = json!(summary);
        out.object(&object)?;
    } else {
        result::unstored(
            out,
            &VisitDetail {
                id: VisitId(0),
                vehicle: VehicleId(0),
                verdict,
                summary,
                check: report,
                differences: Differences::default(),
                meanings: Vec::new(),
                traffic: String::new(),
            },
        )?;
    }
    Ok(if partial { Exit::Partial } else { Exit::Good })
}

fn checked(traffic: Traffic, port: &str) -> Result<CheckReport, Stop> {
    // Where it does not say when it was recorded, its readings are dated now.
    Ok(check_recording(traffic, CheckOptions::new(port)).report?)
}

fn decoded(out: &mut Out, traffic: &Traffic) -> Result<Exit, Stop> {
    for exchange in line::dialogue_lines(traffic) {
        if out.json {
            out.object(&exchange)?;
            continue;
        }
        let ms = exchange["ms"].as_u64().unwrap_or(0);
        let time = format!("{:>4}.{:03} s", ms / 1000, ms % 1000);
        let sent = exchange["command"].as_str().or(exchange["request"].as_str()).unwrap_or_default();
        let answer: Vec<&str> = exchange["answer"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let head = format!("{}  {}", out.paint(Tone::Faint, &time), out.paint(Tone::Strong, sent));
        out.line(format!("{head}  {}", answer.join(" | ")).trim_end())?;
        let replies = exchange["replies"].as_array().cloned().unwrap_or_default();
        let rows: Vec<_> = replies
            .iter()
            .map(|reply| {
                let text = |key: &str| reply[key].as_str().unwrap_or_default();
                let (tone, said) = said(reply);
                let raw = if text("payload").is_empty() { text("frame") } else { text("payload") };
                vec![
                    cell(Tone::Plain, "     "),
                    cell(Tone::Plain, text("ecu")),
                    cell(Tone::Faint, raw),
                    cell(tone, said),
                ]
            })
            .collect();
        out.table(&rows)?;
    }
    Ok(Exit::Good)
}

/// What one reply says, in words.
fn said(reply: &Value) -> (Tone, String) {
    let list = |key: &str| {
        let words = reply[key].as_array()?.iter().map(|w| w.as_str().map_or_else(|| w.to_string(), str::to_owned));
        Some(words.collect::<Vec<_>>())
    };
    if let Some(message) = reply["error"]["message"].as_str() {
        return (Tone::Bad, message.to_owned());
    }
    if let Some(status) = reply["status"].as_str() {
        return (Tone::Watch, status.to_owned());
    }
    if let Some(meaning) = reply["negative"]["meaning"].as_str() {
        return (Tone::Watch, format!("refused: {meaning}"));
    }
    if let Some(codes) = list("codes") {
        return (Tone::Plain, if codes.is_empty() { "no code".into() } else { codes.join(" ") });
    }
    if let Some(supported) = list("supported") {
        return (Tone::Plain, format!("supports {}: {}", count(supported.len(), "id"), supported.join(" ")));
    }
    if let Some(texts) =
        list("texts").or_else(|| list("cvns")).or_else(|| reply["text"].as_str().map(|t| vec![t.to_owned()]))
    {
        return (Tone::Plain, texts.join(", "));
    }
    let items: Vec<String> = reply["items"].as_array().into_iter().flatten().map(item).collect();
    let tests = reply["tests"].as_array().map_or(0, Vec::len);
    let tests = (tests > 0).then(|| count(tests, "test"));
    (Tone::Plain, items.into_iter().chain(tests).collect::<Vec<_>>().join(", "))
}

/// One item of a decoded payload.
fn item(item: &Value) -> String {
    let text = |key: &str| item[key].as_str().unwrap_or_default();
    let name = if text("label").is_empty() { text("name") } else { text("label") };
    let name = if name.is_empty() { format!("PID {}", text("pid")) } else { name.to_owned() };
    let value = if let Some(number) = item["value"].as_f64() {
        format!("{} {}", result::number(number), text("unit"))
    } else if let Some(flag) = item["bool"].as_bool() {
        if flag { "yes" } else { "no" }.to_owned()
    } else if text("text").is_empty() {
        format!("{} (raw)", text("raw"))
    } else {
        text("text").to_owned()
    };
    format!("{name} {}", value.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_reads_as_words() {
        for (reply, expect) in [
            (
                json!({ "items": [{ "pid": "0C", "label": "Engine speed", "value": 1726.0, "unit": "rpm" }] }),
                "Engine speed 1726 rpm",
            ),
            (json!({ "items": [{ "pid": "B3", "raw": "0011" }] }), "PID B3 0011 (raw)"),
            (json!({ "codes": ["P0301", "P0420"] }), "P0301 P0420"),
            (json!({ "codes": [] }), "no code"),
            (json!({ "status": "NO DATA" }), "NO DATA"),
            (json!({ "negative": { "meaning": "serviceNotSupported" } }), "refused: serviceNotSupported"),
            (json!({ "supported": ["01", "05"] }), "supports 2 ids: 01 05"),
            (json!({ "error": { "message": "It is too short." } }), "It is too short."),
            (json!({ "text": "CAL-1" }), "CAL-1"),
        ] {
            assert_eq!(said(&reply).1, expect);
        }
    }
}
