//! What passes between this machine and the adapter, line by line, for somebody who watches. Pure.

use crate::{
    bus,
    protocol::Protocol,
    traffic::{Direction, Medium, Traffic},
};
use roadworthy_api::{Timestamp, live::RawLine};

/// The lines of a piece of traffic; `at` dates a millisecond of it. What breaks off without an end is a line too.
pub(super) fn lines(traffic: &Traffic, protocol: Protocol, at: impl Fn(u64) -> Timestamp) -> Vec<RawLine> {
    let mut lines = Vec::new();
    let mut open: Option<(bool, u64, String)> = None;
    let mut close = |open: &mut Option<(bool, u64, String)>| {
        let Some((sent, ms, text)) = open.take() else { return };
        let text = text.trim().to_owned();
        if !text.is_empty() {
            let ecu = if sent { None } else { sender(traffic.medium, protocol, &text) };
            lines.push(RawLine { at: at(ms), sent, ecu, text });
        }
    };
    for chunk in &traffic.chunks {
        let sent = chunk.direction == Direction::ToAdapter;
        if open.as_ref().is_some_and(|(was, ..)| *was != sent) || chunk.direction == Direction::Broke {
            close(&mut open);
        }
        for byte in &chunk.bytes {
            match byte {
                b'\r' | b'\n' | b'>' => close(&mut open),
                _ => {
                    let (_, ms, text) = open.get_or_insert_with(|| (sent, chunk.ms, String::new()));
                    *ms = chunk.ms;
                    // Clones slip in bytes that are no text.
                    if matches!(byte, b' '..=b'~') {
                        text.push(char::from(*byte));
                    }
                }
            }
        }
        if traffic.medium == Medium::Frames || chunk.direction == Direction::Broke {
            close(&mut open);
        }
    }
    close(&mut open);
    lines
}

/// Who sent a line, where it says so.
fn sender(medium: Medium, protocol: Protocol, text: &str) -> Option<String> {
    match medium {
        Medium::Frames => text.split_once('#').map(|(id, _)| id.to_owned()),
        Medium::Characters => {
            let digits: String = text.chars().filter(|c| *c != ' ').collect();
            let frame = digits.len() >= 7 && digits.bytes().all(|b| b.is_ascii_hexdigit());
            bus::sender(Some(protocol.family()), text).filter(|_| frame)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<(i64, bool, Option<String>, String)> {
        let traffic = Traffic::parse(text).unwrap();
        let protocol = Protocol::from_id('6').unwrap();
        let at = |ms: u64| 1000 + i64::try_from(ms).unwrap();
        lines(&traffic, protocol, at).into_iter().map(|l| (l.at, l.sent, l.ecu, l.text)).collect()
    }

    #[test]
    fn each_line_has_its_time_its_direction_and_its_ecu() {
        let ecu = |id: &str| Some(id.to_owned());
        assert_eq!(
            said(
                "roadworthy-traffic 1\n0 > 010C\\r\n20 < 7E8 04 41 0C\n25 < \\x201A F8\\r7E904410C0000\\r\\r>\n30 > 0105\\r\n40 < NO DATA\\r\\r>\n"
            ),
            [
                (1000, true, None, "010C".into()),
                (1025, false, ecu("7E8"), "7E8 04 41 0C 1A F8".into()),
                (1025, false, ecu("7E9"), "7E904410C0000".into()),
                (1030, true, None, "0105".into()),
                (1040, false, None, "NO DATA".into()),
            ]
        );
        assert_eq!(
            said("roadworthy-traffic 1 can\n0 > 7DF#02010C0000000000\n9 < 7E8#04410C1AF8\n12 ! link lost\n"),
            [
                (1000, true, None, "7DF#02010C0000000000".into()),
                (1009, false, ecu("7E8"), "7E8#04410C1AF8".into()),
                (1012, false, None, "link lost".into()),
            ]
        );
    }
}
