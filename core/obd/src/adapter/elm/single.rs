//! One ECU at a time: for an adapter that prints no senders, and for an answer of several ECUs that does not fit its buffer.
//!
//! `AT CRA` shows frames of one CAN id only, so what comes is that ECU's. It is believed only after it was seen to work: with
//! the filter on an id that no ECU has, nothing may come.

use super::{
    Elm, Reply, Request,
    ask::answers,
    command::{self, Command},
    patience,
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

impl Elm {
    /// Looks for ECUs one id at a time, where senders are not printed; whether that works and somebody is there. Only with
    /// 11-bit ids, of which there are eight.
    pub(super) async fn find_single(&mut self, protocol: Protocol, request: &Request) -> Result<bool, Error> {
        if protocol.family() != Family::Can11 {
            return Ok(false);
        }
        let answered = |lines: &[Line]| lines.iter().filter(|line| answers(request, line)).count();
        let mut found = Vec::new();
        for id in std::iter::once(NOBODY).chain(IDS) {
            let name = format!("{id:03X}");
            let Some(lines) = self.ask_one(protocol, request, &name, false).await? else { return Ok(false) };
            match (id, answered(&lines)) {
                (_, 0) => {}
                (NOBODY, _) => {
                    self.everyone(protocol).await?;
                    return Ok(false);
                }
                (_, 1) => found.push(name),
                (_, _) => return Ok(false),
            }
        }
        let there = !found.is_empty();
        self.single = there.then_some(found);
        Ok(there)
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
        let reply = self.ask_each(protocol, request, &ids, true).await?;
        self.everyone(protocol).await?;
        Ok(Some(reply).filter(|reply| matches!(reply, Reply::Lines(_))))
    }

    /// The answers of these ECUs in one list; missing when one of the exchanges had no end.
    pub(super) async fn ask_each(
        &mut self,
        protocol: Protocol,
        request: &Request,
        ids: &[String],
        headers: bool,
    ) -> Result<Reply, Error> {
        let mut all = Vec::new();
        for id in ids {
            match self.ask_one(protocol, request, id, headers).await? {
                Some(lines) => all.extend(lines),
                None => return Ok(Reply::Late),
            }
        }
        // The silence of one is no word about the others.
        if all.iter().any(|line| matches!(line, Line::Message { .. })) {
            all.retain(|line| !matches!(line, Line::Status(Status::NoData)));
        } else {
            all.dedup();
        }
        Ok(Reply::Lines(all))
    }

    /// What one ECU answers, with its id on every line; `None` where the filter is refused or the answer did not come.
    async fn ask_one(
        &mut self,
        protocol: Protocol,
        request: &Request,
        id: &str,
        headers: bool,
    ) -> Result<Option<Vec<Line>>, Error> {
        let Ok(number) = u32::from_str_radix(id, 16) else { return Ok(None) };
        let filter = Command::Only(number, id.len());
        if !command::accepted(&self.command(filter).await?) {
            return Ok(None);
        }
        let Heard::Answer(answer) = self.wire.exchange(request.hex(), patience(protocol)).await? else {
            return Ok(None);
        };
        let lines = assemble_reply(protocol, headers, request.hex(), &answer);
        if headers {
            return Ok(Some(lines));
        }
        let mine = |line| match line {
            Line::Message { payload, .. } => Line::Message { ecu: Some(id.to_owned()), payload },
            Line::Unusable { frame, reason } => Line::Unusable { frame: format!("{id} {frame}"), reason },
            status => status,
        };
        Ok(Some(lines.into_iter().map(mine).collect()))
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
