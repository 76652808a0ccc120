//! A recorded dialogue, question by question: what was sent, and each ECU's reply decoded.

use super::{assemble, decode};
use crate::{
    adapter,
    dialogue::{Exchange, Hearing, exchanges, hearings, protocols},
    frame::Line,
    protocol::Protocol,
    traffic::Traffic,
};
use serde_json::{Map, Value, json};

/// An object per thing that was sent, in order. A command of the adapter gives
/// `{"ms":0,"command":"ATI","answer":["ELM327 V1.5"]}`, a request `{"ms":12,"request":"010C","replies":[…]}` with the lines of
/// `assemble` and, in each that holds a payload, the fields of `decode`. Headers are taken to be on, as the driver has
/// them, unless the adapter refused that.
/// Of a recording of frames, a request that went to everyone or to one ECU gives the same, with its id as `to`.
pub fn dialogue_lines(traffic: &Traffic) -> Vec<Value> {
    let exchanges = exchanges(traffic);
    let (protocols, hearings) = (protocols(&exchanges), hearings(&exchanges));
    let all = exchanges.iter().zip(protocols).zip(&hearings);
    all.map(|((exchange, protocol), hearing)| write(exchange, protocol, hearing)).collect()
}

fn write(exchange: &Exchange, protocol: Option<Protocol>, hearing: &Hearing) -> Value {
    let Exchange { ms, sent, came, .. } = exchange;
    let text = || adapter::command_lines(&sent.replace(' ', ""), &up_to_prompt(came));
    if exchange.is_command() {
        return json!({ "ms": ms, "command": sent, "answer": text() });
    }
    let Some(protocol) = protocol else {
        return json!({ "ms": ms, "request": sent, "answer": text() });
    };
    let replies: Vec<Value> =
        exchange.lines(protocol, hearing).iter().map(|line| reply(line, protocol, sent)).collect();
    let mut out = json!({ "ms": ms, "request": sent, "protocol": protocol.id().to_string(), "replies": replies });
    if let (Some((to, _)), Some(out)) = (&exchange.frames, out.as_object_mut()) {
        out.insert("to".into(), json!(to));
    }
    out
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
