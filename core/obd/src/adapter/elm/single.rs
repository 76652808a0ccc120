//! One ECU at a time: for an adapter that prints no senders, and for an answer of several ECUs that does not fit its buffer.
//!
//! `AT CRA` shows frames of one CAN id only, so what comes is that ECU's. It is believed only after it was seen to work: with
//! the filter on an id that no ECU has, nothing may come, before and after the others; and only while the adapter does not
//! say that it is on another protocol than the one it was told.

use super::{
    Elm, Reply, Request,
    ask::{Verdict, answers, judge},
    command::{self, Command},
    wire::Heard,
};
use crate::{
    frame::{Line, Status, assemble_reply},
    protocol::{Family, Protocol},
};
use roadworthy_api::Error;

/// Response ids that ISO 15765-4 gives to ECUs, with 11 bits.
const IDS: std::ops::RangeInclusive<u32> = 0x7E8..=0x7EF;
/// No ECU answers a tester with it.
const NOBODY: u32 = 0x700;

/// What came of asking one ECU alone.
enum Alone {
    /// Its answer, with its id on every line.
    Said(Vec<Line>),
    /// The filter is refused, or no answer came.
    Missing,
    /// The adapter has lost its settings, the filter among them: what came is anybody's.
    Fallen,
}

impl Elm {
    /// Looks for ECUs one id at a time, where senders are not printed; whether that works and somebody is there. Only with
    /// 11-bit ids, of which there are eight.
    pub(super) async fn find_single(&mut self, protocol: Protocol, request: &Request) -> Result<bool, Error> {
        if protocol.family() != Family::Can11 {
            return Ok(false);
        }
        let found = self.singles(protocol, request).await?;
        if found.is_empty() {
            // Silence behind a filter would say nothing of the protocols that are tried next.
            self.everyone(protocol).await?;
            return Ok(false);
        }
        self.single = Some(found);
        Ok(true)
    }

    /// The ids that answer alone; none where the filter or the protocol is not as it was told.
    async fn singles(&mut self, protocol: Protocol, request: &Request) -> Result<Vec<String>, Error> {
        let answered = |lines: &[Line]| lines.iter().filter(|line| answers(request, line)).count();
        let mut found = Vec::new();
        for id in std::iter::once(NOBODY).chain(IDS).chain([NOBODY]) {
            let name = format!("{id:03X}");
            let Alone::Said(lines) = self.ask_one(protocol, request, &name, false).await? else {
                return Ok(Vec::new());
            };
            match (id, answered(&lines)) {
                (_, 0) => {}
                (NOBODY, _) => return Ok(Vec::new()),
                (_, 1) => found.push(name),
                (_, _) => return Ok(Vec::new()),
            }
        }
        let at = command::protocol(&self.command(Command::ProtocolNumber).await?);
        Ok(if at.is_none_or(|at| at == protocol) { found } else { Vec::new() })
    }

    /// The answers of all ECUs that were heard before, each asked for by itself; `None` where that is not possible.
    pub(super) async fn ask_each_that_was_heard(
        &mut self,
        protocol: Protocol,
        request: &Request,
    ) -> Result<Option<Reply>, Error> {
        if !protocol.is_can() || self.heard.len() < 2 {
            return Ok(None);
        }
        let ids: Vec<String> = self.heard.iter().cloned().collect();
        let (reply, _) = self.ask_each(protocol, request, &ids, true).await?;
        self.everyone(protocol).await?;
        Ok(Some(reply).filter(|reply| matches!(reply, Reply::Lines(_))))
    }

    /// The answers of these ECUs in one list, and what it means; missing when one of the exchanges had no end.
    pub(super) async fn ask_each(
        &mut self,
        protocol: Protocol,
        request: &Request,
        ids: &[String],
        headers: bool,
    ) -> Result<(Reply, Verdict), Error> {
        let mut all = Vec::new();
        for id in ids {
            match self.ask_one(protocol, request, id, headers).await? {
                Alone::Said(lines) => all.extend(lines),
                Alone::Missing => return Ok((Reply::Late, Verdict::Missing)),
                Alone::Fallen => return Ok((Reply::Empty, Verdict::Reset)),
            }
        }
        // The silence of one is no word about the others.
        if all.iter().any(|line| matches!(line, Line::Message { .. })) {
            all.retain(|line| !matches!(line, Line::Status(Status::NoData)));
        } else {
            all.dedup();
        }
        let reply = Reply::Lines(all);
        let verdict = judge(&reply);
        Ok((reply, verdict))
    }

    async fn ask_one(
        &mut self,
        protocol: Protocol,
        request: &Request,
        id: &str,
        headers: bool,
    ) -> Result<Alone, Error> {
        let Ok(number) = u32::from_str_radix(id, 16) else { return Ok(Alone::Missing) };
        let filter = Command::Only(number, id.len());
        let accepted = command::accepted(&self.command(filter).await?);
        if self.wire.echoes_again() {
            return Ok(Alone::Fallen);
        }
        if !accepted {
            return Ok(Alone::Missing);
        }
        let Heard::Answer(answer) = self.ask_bus(request.hex(), protocol).await? else {
            return Ok(Alone::Missing);
        };
        if self.wire.echoes_again() || self.wire.names_itself(&answer) {
            return Ok(Alone::Fallen);
        }
        let lines = assemble_reply(protocol, headers, request.hex(), &answer);
        if headers {
            return Ok(Alone::Said(lines));
        }
        // It was told the protocol: one that searches has forgotten that, and the filter with it.
        if lines.contains(&Line::Status(Status::Searching)) {
            return Ok(Alone::Fallen);
        }
        let mine = |line| match line {
            Line::Message { payload, .. } => Line::Message { ecu: Some(id.to_owned()), payload },
            Line::Unusable { frame, reason } => Line::Unusable { frame: format!("{id} {frame}"), reason },
            status => status,
        };
        Ok(Alone::Said(lines.into_iter().map(mine).collect()))
    }

    /// Takes the filter off. An adapter that refuses to is set up anew, since silence behind a filter says nothing.
    pub(super) async fn everyone(&mut self, protocol: Protocol) -> Result<(), Error> {
        if command::accepted(&self.command(Command::Everyone).await?) {
            return Ok(());
        }
        self.command(Command::Defaults).await?;
        self.set_up_again(Some(protocol)).await
    }
}
