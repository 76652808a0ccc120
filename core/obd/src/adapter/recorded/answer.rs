//! What a recording answers to a request: which try of which turn, out of several values or out of single ones.

use super::{Recorded, is_steady, several};
use crate::{
    adapter::{Reply, Request, Target, elm},
    decode,
    dialogue::Question,
    frame::{Line, Status},
    protocol::Protocol,
};

impl Recorded {
    /// The answer to a request.
    pub(in crate::adapter) fn ask(&mut self, request: &Request) -> Reply {
        let target = Some(request.target()).filter(|t| *t != Target::Everyone).map(|t| t.to_string());
        let question = Question { hex: request.hex().to_owned(), target };
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
        match self.steady.get(&question).filter(|_| is_steady(&question)) {
            Some(this) => self.reply(*this),
            None => Reply::NotRecorded,
        }
    }

    /// What counts of the turn that is next: how many tries of it that takes, which of them it is, and the reply.
    fn next(&self, question: &Question) -> Option<(usize, usize, Reply)> {
        let rest: Vec<usize> = self.turns.get(question)?.front()?.rest.iter().copied().collect();
        self.best(&rest)
    }

    /// As [`Recorded::next`], of these tries.
    fn best(&self, tries: &[usize]) -> Option<(usize, usize, Reply)> {
        let mut best: Option<(usize, Reply)> = None;
        let mut used = 0;
        for &this in tries.iter().take(elm::MOST_TRIES) {
            used += 1;
            let reply = self.reply(this);
            let mut places = self.tries.get(this).into_iter().flatten().filter_map(|at| self.exchanges.get(*at));
            // Silence, what was late, and what ended with a count did not count where it was asked about once more.
            let doubted = reply.messages() == 0 || places.any(|e| e.late || e.is_counted());
            let good = elm::judge(&reply) == elm::Verdict::Good && (!doubted || used == tries.len());
            best = match best {
                Some((earlier, better)) if !good && better.messages() > reply.messages() => Some((earlier, better)),
                _ => Some((this, reply)),
            };
            if good {
                break;
            }
        }
        best.map(|(this, reply)| (used, this, reply))
    }

    /// The answer to the question itself, if there is another.
    fn take(&mut self, question: &Question) -> Option<Reply> {
        let (used, this, reply) = self.next(question)?;
        let turns = self.turns.get_mut(question)?;
        let turn = turns.front_mut()?;
        turn.rest.drain(..used);
        turn.begun = true;
        if turn.rest.is_empty() {
            turns.pop_front();
        }
        self.ms = self.ms.max(self.until(this));
        self.steady.insert(question.clone(), this);
        self.taken.extend(several(question).into_iter().map(|pid| (this, pid)));
        Some(reply)
    }

    fn is_can(&self) -> bool {
        self.protocol.is_some_and(Protocol::is_can)
    }

    /// One present value out of an answer to a request for several.
    fn out_of_several(&mut self, request: &Request) -> Option<Reply> {
        let &[0x01, pid] = request.bytes() else { return None };
        if !self.is_can() || request.target() != Target::Everyone {
            return None;
        }
        let holds = |this: &usize| {
            let question = self.tries.get(*this).and_then(|places| self.question(*places.first()?));
            question.is_some_and(|q| several(q).contains(&pid)) && !self.taken.contains(&(*this, pid))
        };
        let best = self.all_turns.iter().filter_map(|tries| Some(self.best(tries)?.1));
        let (this, lines) = best.filter(holds).find_map(|this| Some((this, self.one_of_several(this, pid)?)))?;
        self.taken.insert((this, pid));
        self.ms = self.ms.max(self.until(this));
        let question = self.question(*self.tries.get(this)?.first()?)?.clone();
        if several(&question).iter().all(|pid| self.taken.contains(&(this, *pid))) {
            self.drop_turn(&question, this);
        }
        Some(or_no_data(lines))
    }

    /// What each ECU said of one value in its answer to several; `None` where anything was refused or spoilt.
    fn one_of_several(&self, this: usize, pid: u8) -> Option<Vec<Line>> {
        let asked = self.request(*self.tries.get(this)?.first()?)?;
        let mut lines = Vec::new();
        for (ecu, payload) in plain(&self.reply(this))? {
            let found = decode::present_values(&payload, asked.bytes()).ok()?;
            if let Some((_, data)) = found.into_iter().find(|(p, _)| *p == pid) {
                lines.push(Line::Message { ecu: Some(ecu), payload: [&[0x41, pid], data.as_slice()].concat() });
            }
        }
        Some(lines)
    }

    /// Several present values, each of which was asked for by itself.
    fn out_of_singles(&mut self, request: &Request) -> Option<Reply> {
        let (&[0x01], pids) = request.bytes().split_first_chunk::<1>()? else { return None };
        if pids.len() < 2 || !self.is_can() || request.target() != Target::Everyone {
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

    fn drop_turn(&mut self, question: &Question, this: usize) {
        let Some(turns) = self.turns.get_mut(question) else { return };
        for turn in turns.iter_mut() {
            turn.rest.retain(|other| *other != this);
        }
        turns.retain(|turn| !turn.rest.is_empty());
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
