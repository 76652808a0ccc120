//! Assembled messages as JSON lines.

use crate::{
    frame::{self, Line},
    protocol::Protocol,
};
use serde_json::{Value, json};

/// Reads an adapter's answer to one request; a line per message, status and frame that cannot be used, in their order:
/// `{"ecu":"7E8","payload":"410C1AF8"}`, `{"status":"NO DATA"}`, `{"error":{…},"frame":"…"}`.
pub fn assemble_lines(protocol: Protocol, headers: bool, answer: &[u8]) -> Vec<String> {
    frame::assemble(protocol, headers, answer).iter().map(|line| write(line).to_string()).collect()
}

/// The same for the lines of `candump`.
pub fn frame_lines(text: &str) -> Vec<String> {
    frame::assemble_frames(text).iter().map(|line| write(line).to_string()).collect()
}

pub(super) fn write(line: &Line) -> Value {
    match line {
        Line::Message { ecu, payload } => json!({ "ecu": ecu, "payload": super::hex(payload) }),
        Line::Status(status) => json!({ "status": status.text() }),
        Line::Unusable { frame, reason } => json!({ "error": reason.into_error(frame), "frame": frame }),
    }
}
