//! A recorded dialogue, question by question. Pure: traffic in, exchanges out.
//!
//! The usual case: [`exchanges`] gives what was sent with what came of it, [`protocols`] the protocol that each of them went
//! over. What an adapter said late belongs to the request that was outstanding then, and to no other: it is given to it only
//! where the adapter's own name, which answers nothing else, shows where it ended.

use crate::{
    adapter,
    can::{Event, candump},
    frame::{
        Line, assemble_frames, assemble_reply,
        pci::{self, Pci},
    },
    protocol::Protocol,
    traffic::{Direction, Medium, Traffic},
};

/// One thing that was sent, and everything that came before the next, without what was late of the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exchange {
    /// When it was sent, in ms of the recording.
    pub(crate) ms: u64,
    /// When the last of the answer came.
    pub(crate) until: u64,
    /// Upper case, trimmed, without its carriage return.
    pub(crate) sent: String,
    /// As it came; of frames, lines of a candump log, with a prompt behind them.
    pub(crate) came: Vec<u8>,
    /// Something else was sent before the prompt came.
    pub(crate) late: bool,
    /// The link broke before the prompt came.
    pub(crate) broke: bool,
    /// Of frames: the id that it went to, and the bus.
    pub(crate) frames: Option<(String, Protocol)>,
}

/// What an adapter listens to, and what it prints of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hearing {
    /// Whether it prints senders.
    pub(crate) senders: bool,
    /// The one CAN id that it shows; `None`: all of them.
    pub(crate) only: Option<String>,
}

/// What was asked of a vehicle.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    /// Request in upper-case hex, without the count of replies that may have been appended.
    pub(crate) hex: String,
    /// The one ECU that was meant, by the id with which it answers; `None`: all of them.
    pub(crate) target: Option<String>,
}

impl Exchange {
    fn new(ms: u64, sent: String, frames: Option<(String, Protocol)>) -> Self {
        Self { ms, until: ms, sent, came: Vec::new(), late: false, broke: false, frames }
    }

    /// The answer up to its prompt: `None` where none came, empty where there was nothing before it. A prompt in front of
    /// everything else is one of the exchange before.
    pub(crate) fn answer(&self) -> Option<&[u8]> {
        let mut empty = None;
        for part in self.came.split_inclusive(|b| *b == b'>') {
            let Some((b'>', text)) = part.split_last() else { continue };
            if text.iter().any(u8::is_ascii_graphic) {
                return Some(text);
            }
            empty = Some(text);
        }
        empty.map(|_| &[][..])
    }

    /// Without spaces.
    pub(crate) fn bare(&self) -> String {
        self.sent.chars().filter(|c| !c.is_whitespace()).collect()
    }

    /// Whether it is for the adapter itself.
    pub(crate) fn is_command(&self) -> bool {
        self.request().is_none()
    }

    /// Whether it says how many messages are awaited. Where they did not come, it was sent again without.
    pub(crate) fn is_counted(&self) -> bool {
        let bare = self.bare();
        bare.len() % 2 == 1 && bare.bytes().all(|b| b.is_ascii_hexdigit())
    }

    /// The lines of its answer, as the driver has them.
    pub(crate) fn lines(&self, protocol: Protocol, hearing: &Hearing) -> Vec<Line> {
        let answer = self.answer().unwrap_or_default();
        if self.frames.is_some() {
            return assemble_frames(&String::from_utf8_lossy(answer));
        }
        let Some(id) = hearing.only.as_ref().filter(|_| !hearing.senders) else {
            return assemble_reply(protocol, true, &self.sent, answer);
        };
        let mine = |line| match line {
            Line::Message { payload, .. } => Line::Message { ecu: Some(id.clone()), payload },
            Line::Unusable { frame, reason } => Line::Unusable { frame: format!("{id} {frame}"), reason },
            status => status,
        };
        assemble_reply(protocol, false, &self.sent, answer).into_iter().map(mine).collect()
    }

    /// The request in it: hex, also behind `STPX … D:`.
    fn request(&self) -> Option<(String, Option<String>)> {
        if let Some((to, _)) = &self.frames {
            return Some((self.sent.clone(), Some(to.clone())));
        }
        let bare = self.bare();
        let (hex, header) = match bare.strip_prefix("STPX") {
            None => (bare.as_str(), None),
            Some(fields) => {
                let field = |name: &str| fields.split(',').find_map(|f| f.strip_prefix(name));
                (field("D:")?, field("H:"))
            }
        };
        let plain = hex.len() > 1 && hex.bytes().all(|b| b.is_ascii_hexdigit());
        // An odd digit at the end is the count of replies.
        plain.then(|| (hex.get(..hex.len() & !1).unwrap_or(hex).to_owned(), header.map(str::to_owned)))
    }
}

/// What was sent, in order. A space in front of it, which only stops what is under way, is no part of it.
pub(crate) fn exchanges(traffic: &Traffic) -> Vec<Exchange> {
    if traffic.medium == Medium::Frames {
        return of_frames(traffic);
    }
    let mut all: Vec<Exchange> = Vec::new();
    let mut typed: Vec<u8> = Vec::new();
    for chunk in &traffic.chunks {
        match chunk.direction {
            Direction::FromAdapter => {
                if let Some(last) = all.last_mut() {
                    last.came.extend_from_slice(&chunk.bytes);
                    last.until = chunk.ms;
                }
            }
            // What was half said stays so.
            Direction::Broke => {
                typed.clear();
                if let Some(last) = all.last_mut() {
                    last.broke = !last.came.contains(&b'>');
                }
            }
            Direction::ToAdapter => {
                if let Some(last) = all.last_mut().filter(|last| !last.broke)
                    && typed.is_empty()
                {
                    last.late |= !last.came.contains(&b'>');
                }
                for byte in &chunk.bytes {
                    if *byte != b'\r' {
                        typed.push(*byte);
                        continue;
                    }
                    let sent = String::from_utf8_lossy(&std::mem::take(&mut typed)).trim().to_ascii_uppercase();
                    all.push(Exchange::new(chunk.ms, sent, None));
                }
            }
        }
    }
    give_back(&mut all);
    all
}

/// Frames: what came between two requests. Flow control belongs to the answer that it asks for.
fn of_frames(traffic: &Traffic) -> Vec<Exchange> {
    let mut all: Vec<Exchange> = Vec::new();
    for chunk in &traffic.chunks {
        let Some(event) = str::from_utf8(&chunk.bytes).ok().and_then(|text| candump::parse(text).ok()) else {
            if let Some(last) = all.last_mut().filter(|_| chunk.direction == Direction::Broke) {
                last.broke = true;
            }
            continue;
        };
        match (&event, chunk.direction) {
            (Event::Frame(frame), Direction::ToAdapter) => {
                let Ok(Pci::Single(request)) = pci::read(frame.data(), 0) else { continue };
                let to = frame.id().to_string();
                let slow = traffic.bitrate == Some(250_000);
                let id = match (to.len() == 8, slow) {
                    (false, false) => '6',
                    (true, false) => '7',
                    (false, true) => '8',
                    (true, true) => '9',
                };
                let frames = Protocol::from_id(id).map(|protocol| (to, protocol));
                all.push(Exchange::new(chunk.ms, crate::line::hex(request), frames));
            }
            (event, Direction::FromAdapter) => {
                if let Some(last) = all.last_mut() {
                    last.came.extend_from_slice(format!("can0 {}\n", candump::text(event)).as_bytes());
                    last.until = chunk.ms;
                }
            }
            _ => {}
        }
    }
    all.iter_mut().filter(|e| !e.broke).for_each(|e| e.came.push(b'>'));
    all
}

/// Gives what came late to the request that was outstanding, where the adapter's name tells where that ended.
fn give_back(all: &mut [Exchange]) {
    for at in 1..all.len() {
        let (before, after) = all.split_at_mut(at);
        let (Some(earlier), Some(asked)) = (before.last_mut(), after.first_mut()) else { continue };
        if !earlier.late || earlier.came.contains(&b'>') || asked.bare() != "ATI" {
            continue;
        }
        let parts: Vec<&[u8]> = asked.came.split_inclusive(|b| *b == b'>').collect();
        let named = parts.iter().position(|part| adapter::claims("ATI", part).is_some());
        if let Some(named) = named.filter(|n| *n > 0) {
            let (late, own) = parts.split_at(named);
            let (late, own) = (late.concat(), own.concat());
            earlier.came.extend(late);
            asked.came = own;
        }
    }
}

/// The protocol of each exchange: the one that was named, or the one that the search before turned out to have found.
pub(crate) fn protocols(exchanges: &[Exchange]) -> Vec<Option<Protocol>> {
    let mut known = None;
    let mut all = Vec::with_capacity(exchanges.len());
    let mut search = 0;
    for exchange in exchanges {
        let sent = exchange.bare();
        if let Some((_, protocol)) = &exchange.frames {
            known = Some(*protocol);
        } else if let Some(id) = sent.strip_prefix("ATTP").or_else(|| sent.strip_prefix("ATSP")) {
            known = id.chars().last().and_then(Protocol::from_id);
            search = all.len();
        } else if sent == "ATDPN"
            && let Some(found) = adapter::named_protocol(&adapter::command_lines(&sent, &exchange.came))
        {
            known = Some(found);
            for earlier in all.iter_mut().skip(search) {
                *earlier = known;
            }
        }
        all.push(known);
    }
    all
}

/// What the adapter listened to in each exchange, as far as it was told.
pub(crate) fn hearings(exchanges: &[Exchange]) -> Vec<Hearing> {
    let mut now = Hearing { senders: true, only: None };
    let mut all = Vec::with_capacity(exchanges.len());
    for exchange in exchanges.iter() {
        let sent = exchange.bare();
        let accepted = || adapter::accepted(&adapter::command_lines(&sent, exchange.answer().unwrap_or_default()));
        if exchange.frames.is_some() {
        } else if ["ATZ", "ATWS", "ATD", "ATAR", "ATCRA"].contains(&sent.as_str()) {
            now.only = None;
        } else if let Some(id) = sent.strip_prefix("ATCRA") {
            if accepted() {
                now.only = Some(id.to_owned());
            }
        } else if sent == "ATH1" {
            now.senders = accepted();
        } else if sent == "ATH0" && accepted() {
            now.senders = false;
        }
        all.push(now.clone());
    }
    all
}

/// What each exchange asked of the vehicle; `None` where it was for the adapter.
pub(crate) fn questions(exchanges: &[Exchange]) -> Vec<Option<Question>> {
    let mut target = None;
    let mut all = Vec::with_capacity(exchanges.len());
    for exchange in exchanges {
        let Some((hex, header)) = exchange.request() else {
            let sent = exchange.bare();
            if let Some(header) = sent.strip_prefix("ATSH") {
                target = ecu_of(header);
            } else if ["ATZ", "ATWS", "ATD"].contains(&sent.as_str())
                || sent.starts_with("ATTP")
                || sent.starts_with("ATSP")
            {
                target = None;
            }
            all.push(None);
            continue;
        };
        let target = header.map_or_else(|| target.clone(), |header| ecu_of(&header));
        all.push(Some(Question { hex, target }));
    }
    all
}

/// The ECU that a request with this header is for, by the id with which it answers; `None`: all of them.
fn ecu_of(header: &str) -> Option<String> {
    let last = |n: usize| header.len().checked_sub(n).and_then(|at| header.get(at..)).unwrap_or(header);
    match header.len() {
        3 => match u16::from_str_radix(header, 16) {
            Ok(0x7DF) => None,
            Ok(id @ 0x7E0..=0x7E7) => Some(format!("{:03X}", id + 8)),
            _ => Some(header.to_owned()),
        },
        6 | 8 => {
            let header = last(6);
            let (kind, address) = (header.get(..2)?, header.get(2..4)?);
            match (kind, address) {
                // Functional: 29-bit CAN; KWP; ISO 9141 and J1850.
                ("DB", _) | (_, "33" | "6A") => None,
                ("DA", _) => Some(format!("18DAF1{address}")),
                _ => Some(address.to_owned()),
            }
        }
        _ => Some(header.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Exchange> {
        exchanges(&Traffic::parse(&format!("roadworthy-traffic 1\n{text}")).unwrap())
    }

    fn came(exchange: &Exchange) -> String {
        String::from_utf8_lossy(&exchange.came).into_owned()
    }

    #[test]
    fn a_late_answer_belongs_to_the_request_that_was_outstanding() {
        let late =
            of("0 > 0105\\r\n5000 > ATI\\r\n5010 < 7E8034105FF\\r\\r>\n5020 < ELM327 v1.5\\r\\r>\n5030 > 010C\\r\n\
             5040 < 7E804410C1AF8\\r\\r>\n");
        let got: Vec<_> = late.iter().map(|e| (e.sent.as_str(), came(e), e.late)).collect();
        assert_eq!(
            got,
            [
                ("0105", "7E8034105FF\r\r>".to_owned(), true),
                ("ATI", "ELM327 v1.5\r\r>".to_owned(), false),
                ("010C", "7E804410C1AF8\r\r>".to_owned(), false),
            ]
        );
        // Stopped by a space: what comes of that is of the request too.
        let stopped =
            of("0 > 0105\\r\n5000 > \\x20\n5001 < STOPPED\\r\\r>\n5100 > ATI\\r\n5110 < ELM327 v1.5\\r\\r>\n");
        assert_eq!((came(&stopped[0]), stopped[0].late), ("STOPPED\r\r>".to_owned(), true));
        assert_eq!(stopped[1].sent, "ATI");
        // Without its name nobody can tell whose it is: it stays where it came.
        let doubtful = of("0 > 0105\\r\n5000 > ATI\\r\n5010 < 7E8034105FF\\r\\r>\n");
        assert_eq!(doubtful[0].came, b"");
    }

    #[test]
    fn an_answer_is_what_stands_before_its_own_prompt() {
        for (came, expect) in [
            ("7E8034105FF\\r\\r>", Some("7E8034105FF\r\r")),
            ("\\r>7E8034105FF\\r\\r>", Some("7E8034105FF\r\r")),
            ("OK\\r>\\r>", Some("OK\r")),
            ("\\r>", Some("")),
            ("7E803", None),
        ] {
            let exchange = of(&format!("0 > 0105\\r\n1 < {came}\n"));
            assert_eq!(exchange[0].answer(), expect.map(str::as_bytes), "{came}");
        }
    }

    #[test]
    fn a_question_is_known_by_its_request_and_its_ecu() {
        let all = of(
            "0 > ATSH7E0\\r\n1 > 22F190\\r\n2 > ATSH7DF\\r\n3 > 010C1\\r\n4 > 01 0C\\r\n5 > ATSHDA10F1\\r\n6 > 1902FF\\r\n\
             7 > ATTP3\\r\n8 > 03\\r\n9 > STPX H:7E1,D:0902,R:2\\r\n10 > STI\\r\n11 > ATSH8410F1\\r\n12 > 0101\\r\n",
        );
        let got: Vec<_> = questions(&all).into_iter().flatten().map(|q| (q.hex, q.target)).collect();
        let expect = [
            ("22F190", Some("7E8")),
            ("010C", None),
            ("010C", None),
            ("1902FF", Some("18DAF110")),
            ("03", None),
            ("0902", Some("7E9")),
            ("0101", Some("10")),
        ];
        let expect: Vec<_> = expect.map(|(hex, ecu)| (hex.to_owned(), ecu.map(str::to_owned))).into();
        assert_eq!(got, expect);
    }
}
