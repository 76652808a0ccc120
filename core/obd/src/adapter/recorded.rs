//! A recording in place of an adapter: whatever is asked is answered out of what was answered then, in whichever order.
//!
//! So a recording is worth as much as what was asked in it, and outlives the driver that made it. Rules kept here:
//! - a request is answered by the answers to the same request of the same ECU, one after the other;
//! - where the driver asked a second time because an answer was spoilt or late, both are one turn, and the better counts;
//! - a request for several present values and requests for each of them answer one another on CAN, ECU by ECU, where
//!   nothing in them was refused or spoilt;
//! - lists of what is supported and vehicle information do not change while a vehicle is connected, so they are given
//!   again; nothing else is;
//! - what was never asked is not silence: [`Reply::NotRecorded`].

use super::{Reply, Request, elm};
use crate::{
    decode,
    dialogue::{Exchange, Question, exchanges, protocols, questions},
    frame::{Line, Status, assemble_reply},
    protocol::Protocol,
    traffic::Traffic,
};
use roadworthy_api::{Code, Error, check::AdapterInfo};
use std::collections::{HashMap, HashSet, VecDeque};

/// What a report says of a question to which a recording has no answer.
pub(crate) const NOT_RECORDED: &str = "This recording has no answer to it.";

/// Exchanges with one question that were one try and the next.
#[derive(Default)]
struct Turn {
    /// Those that are left, by their place.
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
    info: AdapterInfo,
    protocol: Option<Protocol>,
    turns: HashMap<Question, VecDeque<Turn>>,
    /// The answers given last to what does not change.
    steady: HashMap<Question, usize>,
    /// Single values that were taken out of an answer to several.
    taken: HashSet<(usize, u8)>,
    last: Option<Question>,
    ms: u64,
    end: Option<Error>,
}

impl Recorded {
    pub(super) fn of(traffic: Traffic) -> Self {
        let exchanges = exchanges(&traffic);
        let (protocols, questions) = (protocols(&exchanges), questions(&exchanges));
        let end = traffic.ended.clone().or_else(|| broken_off(&exchanges));
        Self {
            traffic,
            exchanges,
            protocols,
            questions,
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

    /// Whether everything in it has been asked for.
    pub(super) fn is_played(&self) -> bool {
        self.turns.values().all(VecDeque::is_empty)
    }

    /// What the adapter said of itself, as far as it was asked.
    pub(super) fn set_up(&mut self) -> Result<(), Error> {
        let asked = self.questions.iter().position(Option::is_some).unwrap_or(self.exchanges.len());
        let mut refused = Ok(());
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
            // The last word counts: it was asked again.
            if sent == "ATH1" {
                refused = elm::accepted(&sent, answer);
            }
            self.ms = exchange.until;
        }
        if asked < self.exchanges.len() {
            return Ok(());
        }
        refused?;
        Err(match (self.end.clone(), self.info.claims.is_empty()) {
            (Some(end), _) => end,
            (None, true) => elm::not_an_adapter(),
            (None, false) => nothing_asked(),
        })
    }

    /// The protocol to which an ECU answered first. What was asked while it was looked for is answered by it again, and by
    /// nothing else.
    pub(super) fn connect(&mut self) -> Result<Protocol, Error> {
        let mut tried = elm::Tried::default();
        for at in 0..self.exchanges.len() {
            let Some(request) = self.request(at) else { continue };
            let Some(exchange) = self.exchanges.get(at) else { continue };
            let protocol = self.protocols.get(at).copied().flatten();
            let answer = exchange.answer().unwrap_or_default();
            if let Some(protocol) = protocol.filter(|p| elm::replied(*p, &request, answer)) {
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
        Err(self.end.clone().unwrap_or_else(|| tried.into_error(self.info.voltage)))
    }

    fn request(&self, at: usize) -> Option<Request> {
        let question = self.questions.get(at)?.as_ref()?;
        Request::new(&crate::line::unhex(&question.hex)?).ok()
    }

    /// Files what came after the vehicle was found at `found` by its question.
    fn file(&mut self, found: usize) {
        let mut before: Option<usize> = None;
        for at in found..self.exchanges.len() {
            let Some(question) = self.questions.get(at).cloned().flatten() else { continue };
            if at == found {
                self.steady.insert(question, at);
                continue;
            }
            // What was asked and never answered was not recorded.
            if self.exchanges.get(at).is_some_and(|e| at + 1 == self.exchanges.len() && e.answer().is_none()) {
                continue;
            }
            let again = before
                .is_some_and(|b| self.questions.get(b).and_then(Option::as_ref) == Some(&question) && !self.stands(b));
            let turns = self.turns.entry(question).or_default();
            match turns.back_mut().filter(|_| again) {
                Some(turn) => turn.rest.push_back(at),
                None => turns.push_back(Turn { rest: [at].into(), begun: false }),
            }
            before = Some(at);
        }
    }

    /// Whether an answer was good for any driver, so that asking again was a new question.
    fn stands(&self, at: usize) -> bool {
        let Some(exchange) = self.exchanges.get(at).filter(|e| !e.late) else { return false };
        let plain = |line: &Line| match line {
            // An ECU that asks for patience is asked again.
            Line::Message { payload, .. } => !matches!(payload.as_slice(), [0x7F, _, 0x78]),
            Line::Status(status) => *status == Status::Searching,
            Line::Unusable { .. } => false,
        };
        let lines = self.lines(at, exchange.answer().unwrap_or_default());
        !lines.is_empty() && lines.iter().all(plain)
    }

    fn lines(&self, at: usize, answer: &[u8]) -> Vec<Line> {
        let Some(exchange) = self.exchanges.get(at) else { return Vec::new() };
        let protocol = self.protocols.get(at).copied().flatten().or(self.protocol);
        protocol.map(|p| assemble_reply(p, true, &exchange.sent, answer)).unwrap_or_default()
    }

    /// What an exchange brought, as the driver would have had it.
    fn reply(&self, at: usize) -> Reply {
        let Some(exchange) = self.exchanges.get(at) else { return Reply::NotRecorded };
        let Some(answer) = exchange.answer() else { return Reply::Late };
        let reply = match self.lines(at, answer) {
            lines if lines.is_empty() => Reply::Empty,
            lines => Reply::Lines(lines),
        };
        let spoilt = elm::judge(&reply) != elm::Verdict::Good;
        if exchange.late && spoilt { Reply::Late } else { reply }
    }

    /// The answer to a request.
    pub(super) fn ask(&mut self, request: &Request) -> Reply {
        let question = Question { hex: request.hex().to_owned(), target: None };
        if self.last.as_ref() != Some(&question)
            && let Some(last) = self.last.replace(question.clone())
            && let Some(turns) = self.turns.get_mut(&last)
            && turns.front().is_some_and(|turn| turn.begun)
        {
            // What is left of a turn was a second try, which another answer makes needless.
            turns.pop_front();
        }
        if let Some(reply) = self.take(&question) {
            return reply;
        }
        if let Some(reply) = self.out_of_several(request).or_else(|| self.out_of_singles(request)) {
            return reply;
        }
        match self.steady.get(&question).filter(|_| is_steady(request)) {
            Some(at) => self.reply(*at),
            None => Reply::NotRecorded,
        }
    }

    /// What counts of the turn that is next: how many exchanges of it that takes, which of them it is, and the reply.
    fn next(&self, question: &Question) -> Option<(usize, usize, Reply)> {
        let turn = self.turns.get(question)?.front()?;
        let mut best: Option<(usize, Reply)> = None;
        let mut used = 0;
        for &at in turn.rest.iter().take(2) {
            used += 1;
            let reply = self.reply(at);
            // Silence, and what was late, did not count where it was asked about once more.
            let doubted = reply.messages() == 0 || self.exchanges.get(at).is_some_and(|e| e.late);
            let good = elm::judge(&reply) == elm::Verdict::Good && (!doubted || used == turn.rest.len());
            best = match best {
                Some((earlier, better)) if !good && better.messages() > reply.messages() => Some((earlier, better)),
                _ => Some((at, reply)),
            };
            if good {
                break;
            }
        }
        best.map(|(at, reply)| (used, at, reply))
    }

    /// The answer to the question itself, if there is another.
    fn take(&mut self, question: &Question) -> Option<Reply> {
        let (used, at, reply) = self.next(question)?;
        let turns = self.turns.get_mut(question)?;
        let turn = turns.front_mut()?;
        turn.rest.drain(..used);
        turn.begun = true;
        if turn.rest.is_empty() {
            turns.pop_front();
        }
        self.ms = self.ms.max(self.exchanges.get(at).map_or(0, |e| e.until));
        self.steady.insert(question.clone(), at);
        self.taken.extend(several(question).into_iter().map(|pid| (at, pid)));
        Some(reply)
    }

    fn is_can(&self) -> bool {
        self.protocol.is_some_and(Protocol::is_can)
    }

    /// One present value out of an answer to a request for several.
    fn out_of_several(&mut self, request: &Request) -> Option<Reply> {
        let &[0x01, pid] = request.bytes() else { return None };
        let places = self.questions.iter().enumerate().filter(|_| self.is_can());
        let holds = |question: &Option<Question>| question.as_ref().is_some_and(|q| several(q).contains(&pid));
        let mut left = places.filter(|(at, q)| holds(q) && !self.taken.contains(&(*at, pid)));
        let at = left.next()?.0;
        let asked = self.request(at)?;
        let mut lines = Vec::new();
        for (ecu, payload) in plain(&self.reply(at))? {
            let found = decode::present_values(&payload, asked.bytes()).ok()?;
            if let Some((_, data)) = found.into_iter().find(|(p, _)| *p == pid) {
                lines.push(Line::Message { ecu: Some(ecu), payload: [&[0x41, pid], data.as_slice()].concat() });
            }
        }
        self.taken.insert((at, pid));
        self.ms = self.ms.max(self.exchanges.get(at)?.until);
        let question = self.questions.get(at)?.clone()?;
        if several(&question).iter().all(|pid| self.taken.contains(&(at, *pid))) {
            self.drop_turn(&question, at);
        }
        Some(or_no_data(lines))
    }

    /// Several present values, each of which was asked for by itself.
    fn out_of_singles(&mut self, request: &Request) -> Option<Reply> {
        let (&[0x01], pids) = request.bytes().split_first_chunk::<1>()? else { return None };
        if pids.len() < 2 || !self.is_can() {
            return None;
        }
        let question = |pid: &u8| Question { hex: format!("01{pid:02X}"), target: None };
        let mut by_ecu: Vec<(String, Vec<u8>)> = Vec::new();
        for pid in pids {
            let (_, _, reply) = self.next(&question(pid))?;
            for (ecu, payload) in plain(&reply)? {
                let data = payload.get(1..).filter(|_| payload.starts_with(&[0x41, *pid]))?.to_vec();
                match by_ecu.iter_mut().find(|(known, _)| *known == ecu) {
                    Some((_, all)) => all.extend(data),
                    None => by_ecu.push((ecu, [&[0x41], data.as_slice()].concat())),
                }
            }
        }
        for pid in pids {
            self.take(&question(pid));
        }
        let message = |(ecu, payload)| Line::Message { ecu: Some(ecu), payload };
        Some(or_no_data(by_ecu.into_iter().map(message).collect()))
    }

    fn drop_turn(&mut self, question: &Question, at: usize) {
        let Some(turns) = self.turns.get_mut(question) else { return };
        for turn in turns.iter_mut() {
            turn.rest.retain(|place| *place != at);
        }
        turns.retain(|turn| !turn.rest.is_empty());
    }

    /// What the driver of then made of the last answer, if that was the end of it.
    fn gave_up(&self) -> Option<Error> {
        let last = self.questions.iter().rposition(Option::is_some)?;
        match elm::judge(&self.reply(last)) {
            elm::Verdict::Gone => Some(elm::gone()),
            elm::Verdict::Reset => Some(elm::keeps_resetting()),
            elm::Verdict::Good | elm::Verdict::Spoilt => None,
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
fn is_steady(request: &Request) -> bool {
    match *request.bytes() {
        [0x01 | 0x06, id] | [0x02, id, _] => id % 0x20 == 0,
        [0x09, _] => true,
        _ => false,
    }
}

/// The messages of a reply in which nothing was refused or spoilt; `None` where anything was.
fn plain(reply: &Reply) -> Option<Vec<(String, Vec<u8>)>> {
    let Reply::Lines(lines) = reply else { return None };
    let mut messages = Vec::new();
    for line in lines {
        match line {
            Line::Message { ecu: Some(ecu), payload } if payload.first() == Some(&0x41) => {
                messages.push((ecu.clone(), payload.clone()));
            }
            Line::Status(Status::NoData | Status::Searching) => {}
            Line::Message { .. } | Line::Status(_) | Line::Unusable { .. } => return None,
        }
    }
    Some(messages)
}

fn or_no_data(lines: Vec<Line>) -> Reply {
    Reply::Lines(if lines.is_empty() { vec![Line::Status(Status::NoData)] } else { lines })
}

/// The end of a recording that stops before an answer does.
fn broken_off(exchanges: &[Exchange]) -> Option<Error> {
    let last = exchanges.last().filter(|e| e.answer().is_none())?;
    let what =
        format!("The recording ends before the answer to {} does: the link broke, or it was stopped.", last.sent);
    Some(Error::new(Code::LinkLost, what).hint("Check again if the vehicle is still there."))
}

fn nothing_asked() -> Error {
    Error::new(Code::LinkLost, "The recording ends before anything was asked of a vehicle.").hint("Check again.")
}

#[cfg(test)]
mod tests;
