//! From the text of an adapter's answer to payloads, one ECU at a time.
//!
//! Usually you call [`assemble_reply`] with headers on: it drops the echo, strips the status texts, checks every frame and
//! joins the frames of each ECU. With headers off the sender is unknown ([`Line::Message::ecu`] is `None`), and answers of
//! several ECUs that cannot be told apart are refused, never merged.
//!
//! What cannot be used comes back as [`Line::Unusable`] with the frame as received: a frame of a broken message yields no
//! bytes at all, and an error text is never read as hexadecimal.

pub(crate) mod assembly;
mod can;
mod candump;
mod clean;
mod isotp;
mod legacy;
mod padding;
pub(crate) mod pci;
mod status;
mod unusable;

pub use candump::assemble_frames;
pub(crate) use legacy::crc8;
pub use pci::FlowStatus;
pub use status::Status;
pub use unusable::FrameError;

use crate::protocol::{Family, Protocol};

/// One thing an answer held, in the order of the lines it came in; a message stands where its first frame stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A whole message of one ECU.
    Message {
        /// Response id as three (11 bit) or eight (29 bit) hex digits, or the source byte as two; `None` without headers.
        ecu: Option<String>,
        /// Application payload, service byte first, padding and checksum removed. Legacy service 09 lines are joined with
        /// their counter byte removed (`49 02` and twenty bytes for a VIN); other legacy lines are a message each.
        payload: Vec<u8>,
    },
    /// A status text of the adapter.
    Status(Status),
    /// A frame that cannot be used. Nothing of it is in any message.
    Unusable {
        /// The line as received, trimmed, in upper case.
        frame: String,
        /// Why.
        reason: FrameError,
    },
}

/// Reads an adapter's answer to one request, up to the prompt or the end.
pub fn assemble(protocol: Protocol, headers: bool, answer: &[u8]) -> Vec<Line> {
    assemble_reply(protocol, headers, "", answer)
}

/// As [`assemble`], and drops the echo of `sent` when the answer starts with it (spaces and case do not matter). On CAN
/// without headers, padding behind the value that `sent` asked for is cut where it can be nothing else.
pub fn assemble_reply(protocol: Protocol, headers: bool, sent: &str, answer: &[u8]) -> Vec<Line> {
    let mut lines = read(protocol, headers, clean::lines(answer, sent));
    if protocol.is_can() && !headers {
        padding::cut(sent, &mut lines);
    }
    lines
}

fn read(protocol: Protocol, headers: bool, lines: Vec<String>) -> Vec<Line> {
    let mut slots = Vec::with_capacity(lines.len());
    let mut frames = Vec::with_capacity(lines.len());
    for line in lines {
        let read = status::split(&line);
        slots.extend(read.statuses.into_iter().map(|s| Some(Line::Status(s))));
        if read.rest.is_empty() {
            continue;
        }
        let slot = slots.len();
        let refused = if protocol.is_j1939() { Some(FrameError::J1939) } else { read.fault };
        match refused {
            Some(reason) => slots.push(Some(Line::Unusable { frame: line, reason })),
            None => {
                slots.push(None);
                frames.push(Frame { slot, text: read.rest });
            }
        }
        slots.extend(read.after.map(|s| Some(Line::Status(s))));
    }
    let mut out = Slots(slots);
    match (protocol.family(), headers) {
        (Family::Can11, true) => can::with_headers(&frames, 3, &mut out),
        (Family::Can29, true) => can::with_headers(&frames, 8, &mut out),
        (Family::Can11 | Family::Can29, false) => can::without_headers(&frames, &mut out),
        (family, true) => legacy::with_headers(&frames, family, &mut out),
        (family, false) => legacy::without_headers(&frames, family, &mut out),
    }
    out.0.into_iter().flatten().collect()
}

/// Whether a payload can be an ECU's: replies start at 40, requests below. Where there is no CAN id, little else tells an
/// echo or noise from a reply.
fn is_reply(payload: &[u8]) -> bool {
    payload.first().is_some_and(|service| *service >= 0x40)
}

/// A line that holds a frame, and the place its outcome has in the answer.
struct Frame {
    slot: usize,
    text: String,
}

/// Outcomes in the order of the lines; a place stays empty where a line went into an earlier line's message.
struct Slots(Vec<Option<Line>>);

impl Slots {
    fn message(&mut self, slot: usize, ecu: Option<String>, payload: Vec<u8>) {
        self.put(slot, Line::Message { ecu, payload });
    }

    fn unusable(&mut self, frame: &Frame, reason: FrameError) {
        self.put(frame.slot, Line::Unusable { frame: frame.text.clone(), reason });
    }

    fn put(&mut self, slot: usize, line: Line) {
        if let Some(place) = self.0.get_mut(slot) {
            *place = Some(line);
        }
    }
}
