//! A recorded dialogue, question by question: what was sent, and each ECU's reply decoded.

use super::{assemble, decode};
use crate::{
    adapter,
    can::{Event, candump},
    frame::{
        self, Line,
        pci::{self, Pci},
    },
    protocol::Protocol,
    traffic::{Direction, Medium, Traffic},
};
use serde_json::{Map, Value, json};

/// One thing that was sent, and everything that came before the next.
struct Exchange {
    ms: u64,
    sent: String,
    came: Vec<u8>,
}

/// An object per thing that was sent, in order. A command of the adapter gives
/// `{"ms":0,"command":"ATI","answer":["ELM327 V1.5"]}`, a request `{"ms":12,"request":"010C","replies":[…]}` with the lines of
/// `assemble` and, in each that holds a payload, the fields of `decode`. Headers are taken to be on, as the driver has them.
/// Of a recording of frames, a request that went to everyone or to one ECU gives the same, with its id as `to`.
pub fn dialogue_lines(traffic: &Traffic) -> Vec<Value> {
    if traffic.medium == Medium::Frames {
        return frame_dialogue(traffic);
    }
    let exchanges = exchanges(traffic);
    let protocols = protocols(&exchanges);
    exchanges.iter().zip(protocols).map(|(exchange, protocol)| write(exchange, protocol)).collect()
}

/// Frames: what came between two requests, be the ids of 11 or of 29 bits.
fn frame_dialogue(traffic: &Traffic) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    let mut open: Option<(u64, String, String)> = None;
    let mut came = String::new();
    let mut close = |open: Option<(u64, String, String)>, came: &mut String| {
        let Some((ms, to, sent)) = open else { return };
        let slow = traffic.bitrate == Some(250_000);
        let id = match (to.len() == 8, slow) {
            (false, false) => '6',
            (true, false) => '7',
            (false, true) => '8',
            (true, true) => '9',
        };
        let lines = frame::assemble_frames(&std::mem::take(came));
        let replies: Vec<Value> = Protocol::from_id(id)
            .map(|protocol| lines.iter().map(|line| reply(line, protocol, &sent)).collect())
            .unwrap_or_default();
        out.push(json!({ "ms": ms, "to": to, "request": sent, "protocol": id.to_string(), "replies": replies }));
    };
    for (event, chunk) in traffic.frames() {
        match (&event, chunk.direction) {
            (Event::Frame(frame), Direction::ToAdapter) => {
                // Flow control belongs to the answer that it asks for.
                let Ok(Pci::Single(request)) = pci::read(frame.data(), 0) else { continue };
                close(open.take(), &mut came);
                open = Some((chunk.ms, frame.id().to_string(), super::hex(request)));
            }
            _ => came.push_str(&format!("can0 {}\n", candump::text(&event))),
        }
    }
    close(open, &mut came);
    out
}

fn exchanges(traffic: &Traffic) -> Vec<Exchange> {
    let mut all: Vec<Exchange> = Vec::new();
    let mut typed: Vec<u8> = Vec::new();
    for chunk in &traffic.chunks {
        match chunk.direction {
            Direction::FromAdapter => {
                if let Some(last) = all.last_mut() {
                    last.came.extend_from_slice(&chunk.bytes);
                }
            }
            // What was half said stays so.
            Direction::Broke => typed.clear(),
            Direction::ToAdapter => {
                for byte in &chunk.bytes {
                    if *byte != b'\r' {
                        typed.push(*byte);
                        continue;
                    }
                    // A space in front only stopped what was under way.
                    let sent = String::from_utf8_lossy(&std::mem::take(&mut typed)).trim().to_ascii_uppercase();
                    all.push(Exchange { ms: chunk.ms, sent, came: Vec::new() });
                }
            }
        }
    }
    all
}

fn is_command(sent: &str) -> bool {
    sent.starts_with("AT") || sent.starts_with("ST")
}

/// The protocol of each exchange: the one that was named, or the one that the search before turned out to have found.
fn protocols(exchanges: &[Exchange]) -> Vec<Option<Protocol>> {
    let mut known = None;
    let mut all = Vec::with_capacity(exchanges.len());
    let mut search = 0;
    for exchange in exchanges {
        let sent = exchange.sent.replace(' ', "");
        if let Some(id) = sent.strip_prefix("ATTP").or_else(|| sent.strip_prefix("ATSP")) {
            known = id.chars().last().and_then(Protocol::from_id);
            search = all.len();
        } else if sent == "ATDPN"
            && let Some(found) = adapter::named_protocol(&adapter::command_lines(&sent, &exchange.came))
        {
            known = Some(found);
            for earlier in all.iter_mut().skip(search) {
                *earlier = known;
            }
        }
        all.push(known);
    }
    all
}

fn write(exchange: &Exchange, protocol: Option<Protocol>) -> Value {
    let Exchange { ms, sent, came } = exchange;
    let text = || adapter::command_lines(&sent.replace(' ', ""), &up_to_prompt(came));
    if is_command(sent) {
        return json!({ "ms": ms, "command": sent, "answer": text() });
    }
    let Some(protocol) = protocol else {
        return json!({ "ms": ms, "request": sent, "answer": text() });
    };
    let lines = frame::assemble_reply(protocol, true, sent, came);
    let replies: Vec<Value> = lines.iter().map(|line| reply(line, protocol, sent)).collect();
    json!({ "ms": ms, "request": sent, "protocol": protocol.id().to_string(), "replies": replies })
}

/// Without the prompt, which is no line of an answer.
fn up_to_prompt(came: &[u8]) -> Vec<u8> {
    came.iter().copied().filter(|b| *b != b'>').collect()
}

fn reply(line: &Line, protocol: Protocol, sent: &str) -> Value {
    let mut out = assemble::write(line);
    let Line::Message { payload, .. } = line else { return out };
    let bus = if protocol.is_can() { "can" } else { "legacy" };
    // A refusal names its own service; everything else must repeat what was asked.
    let input = json!({ "id": 0, "payload": super::hex(payload), "bus": bus, "request": sent });
    let read: Map<String, Value> = serde_json::from_str(&decode::decode_line(&input.to_string())).unwrap_or_default();
    if let Some(out) = out.as_object_mut() {
        out.extend(read.into_iter().filter(|(key, _)| key != "id"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Value> {
        dialogue_lines(&Traffic::parse(&format!("roadworthy-traffic 1\n{text}")).unwrap())
    }

    #[test]
    fn each_request_stands_with_each_ecus_reply() {
        let lines = read(
            "0 > ATZ\\r\n800 < ATZ\\r\\r\\rELM327 v1.5\\r\n801 < \\r>\n\
             900 > ATTP0\\r\n901 < OK\\r\\r>\n902 > 0100\\r\n950 < SEARCHING...\\r48 6B 10 41 00 80 00 00 00 84 \\r\\r>\n\
             960 > ATDPN\\r\n961 < A3\\r\\r>\n\
             970 > 03\\r\n980 < 48 6B 10 43 03 01 00 00 00 00 0A \\r48 6B 18 43 07 00 00 00 00 00 00 \\r\\r>\n\
             990 > \\x20\n991 > 0105\\r\n1000 < NO DATA\\r\\r>\n",
        );
        let requests: Vec<&Value> = lines.iter().filter(|l| l.get("request").is_some()).collect();
        assert_eq!(lines[0], json!({ "ms": 0, "command": "ATZ", "answer": ["ELM327 V1.5"] }));
        // The search was answered before its protocol was known.
        assert_eq!(requests[0]["replies"][1]["supported"], json!(["01"]));
        assert_eq!(requests[1]["ms"], 970);
        assert_eq!(requests[1]["replies"][0]["codes"], json!(["P0301"]));
        assert_eq!(requests[1]["replies"][0]["ecu"], "10");
        assert!(requests[1]["replies"][1]["error"]["message"].as_str().unwrap().contains("checksum"));
        assert_eq!(requests[2]["request"], "0105");
        assert_eq!(requests[2]["replies"], json!([{ "status": "NO DATA" }]));
    }

    #[test]
    fn frames_are_read_request_by_request() {
        let text = "roadworthy-traffic 1 can 500000\n0 > 7DF#0209020000000000\n5 < 7E8#1014490201315257\n6 > 7E0#3000000000000000\n\
                    9 < 7E8#2154455354305858\n12 < 7E8#2230303030303031\n200 > 18DB33F1#02010C0000000000\n\
                    205 < 18DAF110#04410C1AF8000000\n206 < 20000040#0000000000000000\n400 > 7E0#0103000000000000\n";
        let lines = dialogue_lines(&Traffic::parse(text).unwrap());
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0]["to"], "7DF");
        assert_eq!(lines[0]["request"], "0902");
        assert_eq!(lines[0]["replies"][0]["text"], "1RWTEST0XX0000001");
        assert_eq!(
            (&lines[1]["protocol"], &lines[1]["replies"][0]["items"][0]["value"]),
            (&json!("7"), &json!(1726.0))
        );
        assert!(lines[1]["replies"][1]["error"]["message"].as_str().unwrap().contains("fault on the bus"));
        assert_eq!(lines[2]["replies"], json!([]));
    }

    #[test]
    fn without_a_protocol_nothing_is_made_of_the_bytes() {
        let lines = read("0 > 010C\\r\n5 < 7E8 04 41 0C 1A F8 \\r\\r>\n");
        assert_eq!(lines, [json!({ "ms": 0, "request": "010C", "answer": ["7E8 04 41 0C 1A F8"] })]);
    }
}
