//! A recording in place of an adapter: whatever is asked is answered out of what was answered then, in whichever order.
//!
//! So a recording is worth as much as what was asked in it, and outlives the driver that made it. Rules kept here:
//! - a request is answered by the answers to the same request of the same ECU, one after the other;
//! - where the driver asked again because an answer was spoilt or late, all of that is one turn, and the better counts;
//! - where it asked ECU by ECU behind a filter, because the adapter prints no senders, that is one answer of all of them;
//! - what was asked only to measure the adapter is left out;
//! - a request for several present values and requests for each of them answer one another on CAN, ECU by ECU, where
//!   nothing in them was refused or spoilt;
//! - lists of what is supported and vehicle information do not change while a vehicle is connected, so they are given
//!   again; nothing else is;
//! - what was never asked is not silence: [`Reply::NotRecorded`].

mod answer;

use super::{Reply, Request, elm, passport};
use crate::{
    dialogue::{Exchange, Hearing, Question, exchanges, hearings, protocols, questions},
    frame::{FrameError, Line, Status},
    protocol::Protocol,
    traffic::{Medium, Traffic},
};
use roadworthy_api::{Code, Error, check::AdapterInfo};
use std::collections::{HashMap, HashSet, VecDeque};

/// What a report says of a question to which a recording has no answer.
pub(crate) const NOT_RECORDED: &str = "This recording has no answer to it.";

/// Tries at one question that followed one another because the one before was no answer.
#[derive(Default)]
struct Turn {
    /// Those that are left, by their place among the tries.
    rest: VecDeque<usize>,
    /// Whether one has been given.
    begun: bool,
}

/// A recording that is asked.
pub(super) struct Recorded {
    traffic: Traffic,
    exchanges: Vec<Exchange>,
    protocols: Vec<Option<Protocol>>,
    questions: Vec<Option<Question>>,
    hearings: Vec<Hearing>,
    /// What was asked after the vehicle was found: the exchanges of each try, one but for filters.
    tries: Vec<Vec<usize>>,
    /// The tries of each turn.
    all_turns: Vec<Vec<usize>>,
    info: AdapterInfo,
    protocol: Option<Protocol>,
    turns: HashMap<Question, VecDeque<Turn>>,
    /// The tries given last to what does not change.
    steady: HashMap<Question, usize>,
    /// Single values that were taken out of an answer to several, by its try.
    taken: HashSet<(usize, u8)>,
    last: Option<Question>,
    ms: u64,
    end: Option<Error>,
}

impl Recorded {
    pub(super) fn of(traffic: Traffic) -> Self {
        let mut exchanges = exchanges(&traffic);
        let measured = exchanges.iter().position(|e| e.bare() == passport::LONG);
        exchanges.truncate(measured.unwrap_or(exchanges.len()));
        let (protocols, questions) = (protocols(&exchanges), questions(&exchanges));
        let hearings = hearings(&exchanges);
        let end = traffic.ended.clone().or_else(|| broken_off(&exchanges));
        Self {
            traffic,
            exchanges,
            protocols,
            questions,
            hearings,
            tries: Vec::new(),
            all_turns: Vec::new(),
            info: AdapterInfo::default(),
            protocol: None,
            turns: HashMap::new(),
            steady: HashMap::new(),
            taken: HashSet::new(),
            last: None,
            ms: 0,
            end,
        }
    }

    pub(super) fn info(&self) -> &AdapterInfo {
        &self.info
    }

    pub(super) fn protocol(&self) -> Option<Protocol> {
        self.protocol
    }

    pub(super) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    pub(super) fn into_traffic(self) -> Traffic {
        self.traffic
    }

    /// When the answer came that was given last.
    pub(super) fn ms(&self) -> u64 {
        self.ms
    }

    /// What ended the recording before its time.
    pub(super) fn end(&self) -> Option<&Error> {
        self.end.as_ref()
    }

    /// Whether several values were asked for at once in it.
    pub(super) fn joins(&self) -> bool {
        self.questions.iter().flatten().any(|question| !several(question).is_empty())
    }

    /// Whether everything in it has been asked for.
    pub(super) fn is_played(&self) -> bool {
        self.turns.iter().all(|(question, turns)| turns.is_empty() || is_steady(question))
    }

    /// What the adapter said of itself, as far as it was asked.
    pub(super) fn set_up(&mut self) -> Result<(), Error> {
        let asked = self.questions.iter().position(Option::is_some).unwrap_or(self.exchanges.len());
        if self.is_frames() {
            self.info.claims = "Recording of CAN frames".into();
        }
        for exchange in self.exchanges.iter().take(asked) {
            let (sent, answer) = (exchange.bare(), exchange.answer().unwrap_or_default());
            if self.info.claims.is_empty()
                && let Some(name) = elm::claims(&sent, answer)
            {
                self.info.claims = name;
            }
            if sent == "ATRV" {
                self.info.voltage = elm::voltage(&elm::command_lines(&sent, answer));
            }
            self.ms = exchange.until;
        }
        if asked < self.exchanges.len() {
            return Ok(());
        }
        Err(match self.end.clone() {
            Some(end) => end,
            None if self.info.claims.is_empty() => elm::not_an_adapter(),
            None if !self.prints_senders() => elm::no_senders(),
            None => nothing_asked(),
        })
    }

    /// The protocol to which an ECU answered first. What was asked while it was looked for is answered by it again, and by
    /// nothing else.
    pub(super) fn connect(&mut self) -> Result<Protocol, Error> {
        let mut tried = elm::Looked::default();
        for at in 0..self.exchanges.len() {
            let Some(request) = self.request(at) else { continue };
            let Some(exchange) = self.exchanges.get(at) else { continue };
            let protocol = self.protocols.get(at).copied().flatten();
            let answer = exchange.answer().unwrap_or_default();
            if let Some(protocol) = protocol
                && self.lines(at).iter().any(|line| elm::answers(&request, line))
            {
                self.ms = exchange.until;
                self.protocol = Some(protocol);
                self.file(at);
                self.end = self.end.take().or_else(|| self.gave_up());
                return Ok(protocol);
            }
            tried.heard(protocol, &request, answer);
            if elm::holds_data(answer) {
                tried.data();
            }
        }
        Err(match self.end.clone() {
            Some(end) => end,
            None if self.is_frames() => nobody_answers(),
            None if !self.prints_senders() => elm::no_senders(),
            None => tried.into_error(self.info.voltage),
        })
    }

    fn prints_senders(&self) -> bool {
        self.hearings.iter().all(|hearing| hearing.senders)
    }

    fn is_frames(&self) -> bool {
        self.traffic.medium == Medium::Frames
    }

    fn request(&self, at: usize) -> Option<Request> {
        let question = self.questions.get(at)?.as_ref()?;
        Request::new(&crate::line::unhex(&question.hex)?).ok()
    }

    fn question(&self, at: usize) -> Option<&Question> {
        self.questions.get(at)?.as_ref()
    }

    fn only(&self, at: usize) -> Option<&str> {
        self.hearings.get(at)?.only.as_deref()
    }

    /// Files what came after the vehicle was found at `found` by its question.
    fn file(&mut self, found: usize) {
        let mut before: Option<usize> = None;
        for at in found..self.exchanges.len() {
            let Some(question) = self.question(at).cloned() else { continue };
            // What was asked and never answered was not recorded.
            let Some(exchange) = self.exchanges.get(at) else { continue };
            if exchange.broke || at + 1 == self.exchanges.len() && exchange.answer().is_none() {
                continue;
            }
            let again = before.filter(|before| self.question(*before) == Some(&question));
            let counted = again.and_then(|before| self.exchanges.get(before)).is_some_and(Exchange::is_counted);
            let anew = counted && !exchange.is_counted();
            before = Some(at);
            if again.is_some() && self.carries_on(at) {
                if let Some(last) = self.tries.last_mut() {
                    last.push(at);
                }
                continue;
            }
            let this = self.tries.len();
            let again = again.is_some() && this > 0 && (anew || !self.stands(this - 1));
            self.tries.push(vec![at]);
            // The search is over with its answer, and what does not change is there from then on.
            if at == found && self.only(at).is_none() && is_steady(&question) {
                self.steady.insert(question, this);
                continue;
            }
            let turns = self.turns.entry(question).or_default();
            match (turns.back_mut(), self.all_turns.last_mut()) {
                (Some(turn), Some(all)) if again => {
                    turn.rest.push_back(this);
                    all.push(this);
                }
                _ => {
                    turns.push_back(Turn { rest: [this].into(), begun: false });
                    self.all_turns.push(vec![this]);
                }
            }
        }
    }

    /// Whether an exchange asks another ECU what the one before asked one, each behind a filter.
    fn carries_on(&self, at: usize) -> bool {
        let (Some(id), Some(last)) = (self.only(at), self.tries.last()) else { return false };
        last.iter().all(|earlier| self.only(*earlier).is_some_and(|other| other != id))
    }

    /// Whether a try was good for any driver, so that asking again was a new question.
    fn stands(&self, this: usize) -> bool {
        let Some(places) = self.tries.get(this) else { return false };
        let late = |at: &usize| self.exchanges.get(*at).is_none_or(|e| e.late);
        let plain = |line: &Line| match line {
            // An ECU that asks for patience is asked again.
            Line::Message { payload, .. } => !matches!(payload.as_slice(), [0x7F, _, 0x78]),
            Line::Status(status) => *status == Status::Searching,
            Line::Unusable { .. } => false,
        };
        let Reply::Lines(lines) = self.reply(this) else { return false };
        !places.iter().any(late) && !lines.is_empty() && lines.iter().all(plain)
    }

    fn lines(&self, at: usize) -> Vec<Line> {
        let protocol = self.protocols.get(at).copied().flatten().or(self.protocol);
        let (Some(exchange), Some(protocol), Some(hearing)) = (self.exchanges.get(at), protocol, self.hearings.get(at))
        else {
            return Vec::new();
        };
        let mut lines = exchange.lines(protocol, hearing);
        if exchange.frames.is_some() {
            let fault = |line: &Line| matches!(line, Line::Unusable { reason: FrameError::BusError, .. });
            if lines.iter().any(fault) {
                lines.retain(|line| !fault(line));
                lines.push(Line::Status(Status::CanError));
            }
            if lines.is_empty() {
                lines.push(Line::Status(Status::NoData));
            }
        }
        lines
    }

    /// What an exchange brought, as the driver would have had it.
    fn brought(&self, at: usize) -> Reply {
        let Some(exchange) = self.exchanges.get(at) else { return Reply::NotRecorded };
        if exchange.answer().is_none() {
            return Reply::Late;
        }
        let reply = match self.lines(at) {
            lines if lines.is_empty() => Reply::Empty,
            lines => Reply::Lines(lines),
        };
        let spoilt = elm::judge(&reply) != elm::Verdict::Good;
        if exchange.late && spoilt { Reply::Late } else { reply }
    }

    /// What a try brought: behind filters, of all that were asked in it.
    fn reply(&self, this: usize) -> Reply {
        let places = self.tries.get(this).map_or(&[][..], Vec::as_slice);
        if let [at] = places {
            return self.brought(*at);
        }
        let mut all = Vec::new();
        for at in places {
            match self.brought(*at) {
                Reply::Lines(lines) => all.extend(lines),
                other => return other,
            }
        }
        // The silence of one is no word about the others.
        if all.iter().any(|line| matches!(line, Line::Message { .. })) {
            all.retain(|line| !matches!(line, Line::Status(Status::NoData)));
        } else {
            all.dedup();
        }
        Reply::Lines(all)
    }

    fn until(&self, this: usize) -> u64 {
        let places = self.tries.get(this).into_iter().flatten();
        places.filter_map(|at| self.exchanges.get(*at)).map(|e| e.until).max().unwrap_or(0)
    }

    /// What the driver of then made of the last answer, if that was the end of it.
    fn gave_up(&self) -> Option<Error> {
        match elm::judge(&self.reply(self.tries.len().checked_sub(1)?)) {
            elm::Verdict::Gone => Some(elm::gone()),
            elm::Verdict::Reset => Some(elm::keeps_resetting()),
            _ => None,
        }
    }
}

/// The PIDs of a request for several present values; none for any other.
fn several(question: &Question) -> Vec<u8> {
    let bytes = crate::line::unhex(&question.hex).unwrap_or_default();
    match bytes.as_slice() {
        [0x01, pids @ ..] if pids.len() > 1 && question.target.is_none() => pids.to_vec(),
        _ => Vec::new(),
    }
}

/// Whether the answer stays the same while a vehicle is connected: lists of what is supported, and vehicle information.
fn is_steady(question: &Question) -> bool {
    match *crate::line::unhex(&question.hex).unwrap_or_default() {
        [0x01 | 0x06, id] | [0x02, id, _] | [0x22, 0xF4 | 0xF6, id] => id % 0x20 == 0,
        [0x09, _] | [0x22, 0xF8, _] => true,
        _ => false,
    }
}

/// The end of a recording that stops before an answer does.
fn broken_off(exchanges: &[Exchange]) -> Option<Error> {
    let last = exchanges.last().filter(|e| e.answer().is_none())?;
    let what =
        format!("The recording ends before the answer to {} does: the link broke, or it was stopped.", last.sent);
    Some(Error::new(Code::LinkLost, what).hint("Check again if the vehicle is still there."))
}

fn nobody_answers() -> Error {
    Error::new(Code::NoVehicle, "No ECU answers anything in this recording.").hint("Check again with the ignition on.")
}

fn nothing_asked() -> Error {
    Error::new(Code::LinkLost, "The recording ends before anything was asked of a vehicle.").hint("Check again.")
}

#[cfg(test)]
mod tests;
