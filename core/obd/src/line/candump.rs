//! A recording as a log of `candump -L`, where it was on CAN.

use crate::{
    dialogue::{exchanges, protocols, questions},
    protocol::{Family, Protocol},
    traffic::{Direction, Traffic},
};
use roadworthy_api::{Code, Error};

/// Lines `(seconds) can0 7E8#0641…`. A recording of frames gives all of them, with the direction behind each. One of a
/// dialogue with a chip: each request as ISO 15765-4 has it on the bus, and each frame that came, with the time at
/// which the chip printed it. Flow control is not among them, since a chip sends that by itself and prints nothing of it;
/// neither is a line that is no whole frame. Times count from 1970 where the recording says when it began, else from 0.
///
/// # Errors
/// [`Code::Invalid`] where nothing in it was on CAN.
pub fn candump(traffic: &Traffic) -> Result<String, Error> {
    if let Some(log) = traffic.to_candump("can0") {
        return Ok(log);
    }
    let all = exchanges(traffic);
    let (protocols, questions) = (protocols(&all), questions(&all));
    let began = u64::try_from(traffic.started.unwrap_or(0)).unwrap_or(0);
    let mut out = String::new();
    let mut put = |ms: u64, id: &str, data: &str| {
        let ms = began.saturating_add(ms);
        out.push_str(&format!("({}.{:03}000) can0 {id}#{data}\n", ms / 1000, ms % 1000));
    };
    let mut sent = 0;
    let mut line = String::new();
    for chunk in &traffic.chunks {
        for byte in &chunk.bytes {
            let at = |n: usize| protocols.get(n).copied().flatten().and_then(Bus::of);
            match (chunk.direction, byte) {
                (Direction::ToAdapter, b'\r') => {
                    if let (Some(bus), Some(Some(question))) = (at(sent), questions.get(sent))
                        && let Some(id) = bus.asks(question.target.as_deref())
                        && let Some(data) = single(&question.hex)
                    {
                        put(chunk.ms, &id, &data);
                    }
                    sent += 1;
                    line.clear();
                }
                (Direction::FromAdapter, b'\r' | b'>') => {
                    let text = std::mem::take(&mut line);
                    if let Some((id, data)) = sent.checked_sub(1).and_then(at).and_then(|bus| bus.frame(&text)) {
                        put(chunk.ms, id, data);
                    }
                }
                (Direction::FromAdapter, b) if b.is_ascii_graphic() => line.push(char::from(b.to_ascii_uppercase())),
                _ => {}
            }
        }
    }
    if out.is_empty() {
        return Err(Error::new(Code::Invalid, "Nothing in this recording was on a CAN bus.")
            .hint("Export it as it is, without --candump."));
    }
    Ok(out)
}

#[derive(Clone, Copy)]
enum Bus {
    Short,
    Long,
}

impl Bus {
    fn of(protocol: Protocol) -> Option<Self> {
        match protocol.family() {
            Family::Can11 => Some(Self::Short),
            Family::Can29 if !protocol.is_j1939() => Some(Self::Long),
            _ => None,
        }
    }

    /// The id that a request goes out on.
    fn asks(self, target: Option<&str>) -> Option<String> {
        match (self, target) {
            (Self::Short, None) => Some("7DF".into()),
            (Self::Long, None) => Some("18DB33F1".into()),
            (Self::Short, Some(ecu)) => Some(format!("{:03X}", u16::from_str_radix(ecu, 16).ok()?.checked_sub(8)?)),
            (Self::Long, Some(ecu)) => Some(format!("18DA{}F1", ecu.get(6..8)?)),
        }
    }

    /// A line without spaces as id and data.
    fn frame(self, line: &str) -> Option<(&str, &str)> {
        let digits = line.bytes().all(|b| b.is_ascii_hexdigit());
        let (id, data) = line.split_at_checked(match self {
            Self::Short => 3,
            Self::Long => 8,
        })?;
        let whole = data.len().is_multiple_of(2) && (2..=16).contains(&data.len());
        let known = u32::from_str_radix(id, 16).is_ok_and(|id| id <= 0x1FFF_FFFF) && (id.len() == 8 || id < "800");
        (digits && whole && known).then_some((id, data))
    }
}

/// A request as a single frame of eight bytes, padded as the chip does by default.
fn single(hex: &str) -> Option<String> {
    let length = hex.len() / 2;
    (length <= 7).then(|| format!("{length:02X}{hex:0<14}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialogue_on_can_becomes_the_frames_that_were_on_the_bus() {
        let text = "roadworthy-traffic 1\n# started 1700000000000\n0 > ATTP0\\r\n1 < OK\\r\\r>\n2 > 0100\\r\n\
            900 < SEARCHING...\\r7E8 06 41 00 88 10 00 00 \\r\n910 < 7E9 03 7F 01 12\\r7E8 06 41 0\\r\\r>\n920 > ATDPN\\r\n\
            921 < A6\\r\\r>\n930 > 0902 1\\r\n940 < 7E8 10 14 49 02 01 31 52 57 \\r7E8 21 54 45 53 54 30 30 58\\r\\r>\n\
            950 > ATSH7E1\\r\n951 < OK\\r>\n960 > 03\\r\n970 < NO DATA\\r\\r>\n";
        let log = candump(&Traffic::parse(text).unwrap()).unwrap();
        let expect = "(1700000000.002000) can0 7DF#0201000000000000\n\
            (1700000000.900000) can0 7E8#06410088100000\n\
            (1700000000.910000) can0 7E9#037F0112\n\
            (1700000000.930000) can0 7DF#0209020000000000\n\
            (1700000000.940000) can0 7E8#1014490201315257\n\
            (1700000000.940000) can0 7E8#2154455354303058\n\
            (1700000000.960000) can0 7E1#0103000000000000\n";
        assert_eq!(log, expect);
        let legacy =
            "roadworthy-traffic 1\n0 > ATTP3\\r\n1 < OK\\r>\n2 > 0100\\r\n3 < 48 6B 10 41 00 80 00 00 00 84 \\r\\r>\n";
        assert_eq!(candump(&Traffic::parse(legacy).unwrap()).unwrap_err().code, Code::Invalid);
    }
}
