//! A recorded dialogue, question by question: what was sent, and each ECU's reply decoded.

use super::{assemble, decode};
use crate::{
    adapter,
    dialogue::{Exchange, exchanges, protocols},
    frame::{self, Line},
    protocol::Protocol,
    traffic::Traffic,
};
use serde_json::{Map, Value, json};

/// An object per thing that was sent, in order. A command of the adapter gives
/// `{"ms":0,"command":"ATI","answer":["ELM327 V1.5"]}`, a request `{"ms":12,"request":"010C","replies":[…]}` with the lines of
/// `assemble` and, in each that holds a payload, the fields of `decode`. Headers are taken to be on, as the driver has them.
pub fn dialogue_lines(traffic: &Traffic) -> Vec<Value> {
    let exchanges = exchanges(traffic);
    let protocols = protocols(&exchanges);
    exchanges.iter().zip(protocols).map(|(exchange, protocol)| write(exchange, protocol)).collect()
}

fn write(exchange: &Exchange, protocol: Option<Protocol>) -> Value {
    let Exchange { ms, sent, came, .. } = exchange;
    let text = || adapter::command_lines(&sent.replace(' ', ""), &up_to_prompt(came));
    if exchange.is_command() {
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
    fn without_a_protocol_nothing_is_made_of_the_bytes() {
        let lines = read("0 > 010C\\r\n5 < 7E8 04 41 0C 1A F8 \\r\\r>\n");
        assert_eq!(lines, [json!({ "ms": 0, "request": "010C", "answer": ["7E8 04 41 0C 1A F8"] })]);
    }
}
