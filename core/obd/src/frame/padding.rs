//! Padding that adapters print behind a short CAN reply when headers are off, where no length tells it from data.

use super::{Line, clean};
use crate::decode;

/// Bytes that an adapter prints of a single frame whose length it does not look at.
const WHOLE_FRAME: usize = 7;

/// Cuts zeros that cannot be data from the replies to `sent`: it asked for one PID, the PID's length is fixed, and the
/// zeros behind it fill the frame to its end. Anything else is left as it is, and the decoder refuses it.
pub(super) fn cut(sent: &str, lines: &mut [Line]) {
    let Some((service, pid)) = asked(sent) else { return };
    let Some(data) = decode::data_length(pid) else { return };
    let head = if service == 0x02 { 3 } else { 2 };
    for line in lines {
        let Line::Message { ecu: None, payload } = line else { continue };
        let whole = payload.len() == WHOLE_FRAME && payload.starts_with(&[service | 0x40, pid]);
        let zeros = payload.get(head + data..).is_some_and(|tail| tail.iter().all(|b| *b == 0));
        if whole && zeros {
            payload.truncate(head + data);
        }
    }
}

/// Service and PID of a request for one PID of service 01 or 02. A single digit behind it is the number of replies to wait
/// for.
fn asked(sent: &str) -> Option<(u8, u8)> {
    let digits = clean::squeeze(sent);
    let (_, bytes) = clean::hex(digits.get(..digits.len() & !1)?, 0).ok()?;
    match *bytes {
        [0x01, pid] => Some((0x01, pid)),
        [0x02, pid, _] => Some((0x02, pid)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        frame::{Line, assemble, assemble_reply},
        line::hex,
        protocol::Protocol,
    };

    fn payloads(lines: Vec<Line>) -> Vec<String> {
        lines
            .into_iter()
            .filter_map(|l| if let Line::Message { payload, .. } = l { Some(hex(&payload)) } else { None })
            .collect()
    }

    #[test]
    fn only_zeros_that_cannot_be_data_are_cut() {
        for (sent, answer, expect) in [
            ("010C1", "010C1\r41 0C 0B B1 00 00 00 \r>", "410C0BB1"),
            ("010C", "410C0BB1000000\r>", "410C0BB1"),
            // Zeros that are the value stay.
            ("010C", "410C0000000000\r>", "410C0000"),
            ("0105", "41057B0000000000\r>", ""),
            ("020C00", "420C000BB10000\r>", "420C000BB1"),
            // Not all zero, not to the end of the frame, not the PID that was asked for, or of no known length.
            ("010C", "410C0BB1000001\r>", "410C0BB1000001"),
            ("010C", "410C0BB10000\r>", "410C0BB10000"),
            ("010D", "410C0BB1000000\r>", "410C0BB1000000"),
            ("01B3", "41B30BB1000000\r>", "41B30BB1000000"),
            // Two PIDs may be anything.
            ("010C0D", "410C0BB1000000\r>", "410C0BB1000000"),
            ("", "410C0BB1000000\r>", "410C0BB1000000"),
        ] {
            let got = payloads(assemble_reply(Protocol::CAN_11_500, false, sent, answer.as_bytes()));
            assert_eq!(got.concat(), expect, "{sent} {answer}");
        }
        let undecided = payloads(assemble(Protocol::CAN_11_500, false, b"410C0BB1000000\r>"));
        assert_eq!(undecided, ["410C0BB1000000"]);
        // With headers, the frame itself says how long it is.
        let said = payloads(assemble_reply(Protocol::CAN_11_500, true, "010C", b"7E807410C0BB1000000\r>"));
        assert_eq!(said, ["410C0BB1000000"]);
        let kwp = Protocol::from_id('5').unwrap();
        assert_eq!(payloads(assemble_reply(kwp, false, "010C", b"410C0BB1000000\r>")), ["410C0BB1000000"]);
    }
}
