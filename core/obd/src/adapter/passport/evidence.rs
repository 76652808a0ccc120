//! What an adapter did when it was tried.

use crate::{
    adapter::Request,
    frame::{Line, Status},
    protocol::Protocol,
};
use roadworthy_api::adapter::ResetKind;

/// One of its own commands and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// As sent.
    pub sent: String,
    /// Lines of the answer in capitals, without echo; `None`: no prompt came.
    pub lines: Option<Vec<String>>,
    /// Characters of the answer, the prompt included.
    pub characters: u32,
    /// Milliseconds until the prompt.
    pub ms: f64,
}

/// A request to the vehicle and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The request.
    pub request: Request,
    /// The count of frames behind it, if there was one.
    pub digit: Option<u8>,
    /// What came, assembled; `None`: no prompt came.
    pub lines: Option<Vec<Line>>,
    /// Frames in it.
    pub frames: u32,
    /// Characters of the answer.
    pub characters: u32,
    /// Milliseconds until the prompt.
    pub ms: f64,
}

/// What was tried with a vehicle.
#[derive(Clone, Debug, PartialEq)]
pub struct OnBus {
    /// The protocol that answered.
    pub protocol: Protocol,
    /// Requests in the order in which they were made.
    pub asked: Vec<Asked>,
}

/// Everything that was tried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// Its own word when it was reset.
    pub claims: String,
    /// How it was reset.
    pub reset: Option<ResetKind>,
    /// Voltage at the connector in volts.
    pub voltage: Option<f64>,
    /// Whether it prints no senders, and ECUs are told apart by a filter for one at a time.
    pub filtered: bool,
    /// Its own commands in the order tried.
    pub own: Vec<Tried>,
    /// What was tried with a vehicle; `None`: none answered.
    pub bus: Option<OnBus>,
}

impl Evidence {
    /// The lines with which it answered a command, if it was tried and a prompt came.
    pub fn said(&self, command: &str) -> Option<&[String]> {
        self.own.iter().find(|t| t.sent == command)?.lines.as_deref()
    }

    /// Whether it understands a command; `None`: not tried, or no answer came. An answer that is empty or ends in a question
    /// mark is a no, and so is one where an acceptance is due and something else came.
    pub fn understood(&self, command: &str) -> Option<bool> {
        let lines = self.said(command)?;
        Some(!lines.is_empty() && !lines.iter().any(|l| l.ends_with('?') || l.starts_with("ERR")))
    }
}

impl Asked {
    /// Payloads with who sent them, in a fixed order.
    pub(crate) fn answers(&self) -> Vec<(&str, &[u8])> {
        let mut all: Vec<(&str, &[u8])> = self
            .lines
            .iter()
            .flatten()
            .filter_map(|line| match line {
                Line::Message { ecu: Some(ecu), payload } if self.request.is_answered_by(payload) => {
                    Some((ecu.as_str(), payload.as_slice()))
                }
                _ => None,
            })
            .collect();
        all.sort_unstable();
        all
    }

    /// Codes with which ECUs refused it.
    pub(crate) fn refusals(&self) -> impl Iterator<Item = u8> {
        let service = self.request.service();
        self.lines.iter().flatten().filter_map(move |line| match line {
            Line::Message { payload, .. } => match payload.as_slice() {
                [0x7F, asked, nrc] if *asked == service => Some(*nrc),
                _ => None,
            },
            _ => None,
        })
    }

    pub(crate) fn says(&self, status: Status) -> bool {
        self.lines.iter().flatten().any(|line| *line == Line::Status(status))
    }

    /// Whether anything came that could not be used, and was not merely doubled.
    pub(crate) fn spoilt(&self) -> bool {
        use crate::frame::FrameError::{Duplicate, FromTester, NotAReply};
        self.lines.iter().flatten().any(|line| {
            matches!(line, Line::Unusable { reason, .. } if !matches!(reason, Duplicate | FromTester | NotAReply))
        })
    }
}
