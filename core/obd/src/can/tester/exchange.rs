//! One request and everything that comes for it, from however many ECUs at once.

use super::{LONG_WINDOW, OTHERS, PATIENCE, RESTART, STRANGERS, SURE, Tester};
use crate::{
    adapter::Request,
    can::{
        BusError, CanError, CanFrame, CanId, DataRate, Event, candump,
        isotp::{Address, Heard, IsoTpError, Next, Receiver, Sender, Timer},
    },
    frame::{FrameError, Line, Status},
    traffic::Direction,
};
use roadworthy_api::{Code, Error};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::{
    task::yield_now,
    time::{Instant, timeout},
};

/// How long what is here already is fetched: a full bus never ends.
const AT_ONCE: Duration = Duration::from_millis(20);
/// How long one request may take in all, whatever ECUs begin or ask for.
const ENDLESS: Duration = Duration::from_secs(60);

/// One ECU's part.
struct Peer {
    address: Address,
    receiver: Receiver,
    /// Frames of its message under way, as text.
    frames: Vec<String>,
    /// Its word that asks for patience, and until when it has it.
    patience: Option<(Vec<u8>, Instant)>,
    /// Whether it has said its last word.
    done: bool,
}

/// What the controller reported meanwhile.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trouble {
    /// Anything by which an answer may be missing.
    pub(super) fault: bool,
    /// Bits that do not read.
    pub(super) garbled: bool,
    /// Nobody acknowledges.
    pub(super) unheard: bool,
    /// Frames were lost on this side of the bus.
    pub(super) overflow: bool,
}

impl Trouble {
    pub(super) fn add(&mut self, error: &BusError) {
        self.overflow |= error.is_overflow();
        self.fault |= error.is_fault() && *error != BusError::OVERFLOW;
        self.garbled |= error.is_garbled();
        self.unheard |= error.is_unheard();
    }
}

/// What is under way.
struct Exchange<'a> {
    request: &'a Request,
    /// Nobody else is heard; `None`: everyone is.
    only: Option<CanId>,
    to: CanId,
    peers: BTreeMap<CanId, Peer>,
    lines: Vec<Line>,
    sender: Sender,
    /// Why the rest of the request will not be sent.
    unsent: Option<IsoTpError>,
    trouble: Trouble,
    asked: Instant,
    /// Until when the controller may come back on the bus.
    off: Option<Instant>,
}

impl Tester {
    /// Sends a request to `to` and collects what comes for it: messages, broken frames with their reasons, and the controller's
    /// faults as a status. Nobody answered: the one status "no data".
    pub(super) async fn exchange(
        &mut self,
        to: CanId,
        only: Option<CanId>,
        request: &Request,
    ) -> Result<Vec<Line>, Error> {
        self.drain().await?;
        let wrong = |e: IsoTpError| Error::new(Code::Internal, format!("The request cannot be sent: {e}."));
        let sender = Sender::new(self.options, request.bytes()).map_err(wrong)?;
        // Nobody's flow control could be for it (ISO 15765-2: functional addressing takes single frames only).
        if only.is_none() && !sender.is_single() {
            return Err(Error::new(Code::Invalid, "A request to every ECU at once must fit one frame."));
        }
        let mut all = Exchange {
            request,
            only,
            to,
            peers: BTreeMap::new(),
            lines: Vec::new(),
            sender,
            unsent: None,
            trouble: Trouble::default(),
            asked: Instant::now(),
            off: None,
        };
        self.push_on(&mut all).await?;
        let mut asked = Instant::now();
        // Who answered when everybody had the time to will do so again.
        let before = self.answered.get(&(to, request.bytes().to_vec())).cloned().unwrap_or_default();
        let (expected, times) = &before;
        let sure = *times >= SURE && !expected.is_empty();
        let mut behind = false;
        let all_in = loop {
            if behind {
                self.catch_up(&mut all).await?;
            }
            let now = Instant::now();
            self.look(&mut all, now)?;
            let done = |ids: &BTreeSet<CanId>| ids.iter().all(|id| all.peers.get(id).is_some_and(|p| p.done));
            let heard = all.peers.values().any(|p| p.done);
            let busy = all.peers.values().any(|p| p.receiver.under_way() || p.patience.is_some())
                || all.off.is_some()
                || self.sending(&all).is_some();
            // Where ECUs or the link are slow, everything waits longer.
            let slow = (3 * self.slowest).min(LONG_WINDOW);
            let mut until = asked + self.window.max(slow);
            if now >= asked + ENDLESS {
                break true;
            }
            if !busy {
                if heard && (only.is_some() || sure && done(expected)) {
                    break false;
                }
                until = match (heard, done(&self.known)) {
                    (false, _) => until,
                    // Nobody is known yet: whoever is there gets the time to say so.
                    _ if self.known.is_empty() => until,
                    (true, false) => until.min(asked + OTHERS.max(slow)),
                    (true, true) => until.min(asked + STRANGERS.max(slow)),
                };
                if now >= until {
                    break true;
                }
            }
            let until = self.next_look(&all, until, now);
            if let Some(received) = self.receive(until).await? {
                self.hear(&mut all, received.event).await?;
            }
            behind = Instant::now() >= until;
            if self.sending(&all).is_some() {
                self.push_on(&mut all).await?;
                asked = Instant::now();
            }
        };
        if all_in {
            let who = all.peers.iter().filter(|(_, p)| p.done).map(|(id, _)| *id);
            let (ids, times) = self.answered.entry((to, request.bytes().to_vec())).or_default();
            ids.extend(who);
            *times = times.saturating_add(1);
        }
        // One that asked for patience and then said nothing has said just that.
        for (id, peer) in &mut all.peers {
            if let Some((payload, _)) = peer.patience.take() {
                all.lines.push(Line::Message { ecu: Some(id.to_string()), payload });
            }
        }
        self.known.extend(all.peers.iter().filter(|(_, p)| p.done).map(|(id, _)| *id));
        self.trouble = all.trouble;
        match (all.unsent, all.trouble) {
            (Some(IsoTpError::Late(Timer::Bs)), _) => all.lines.push(Line::Status(Status::FcRxTimeout)),
            (Some(_), _) | (None, Trouble { fault: true, .. }) => all.lines.push(Line::Status(Status::CanError)),
            (None, Trouble { overflow: true, .. }) => all.lines.push(Line::Status(Status::BufferFull)),
            _ => {}
        }
        if all.lines.is_empty() {
            all.lines.push(Line::Status(Status::NoData));
        }
        Ok(all.lines)
    }

    /// Hears what is here already. It came in time, however late this machine gets round to it.
    async fn catch_up(&mut self, all: &mut Exchange<'_>) -> Result<(), Error> {
        // Lets the runtime see what has arrived.
        yield_now().await;
        let end = Instant::now() + AT_ONCE;
        while Instant::now() < end
            && let Some(received) = self.receive(Instant::now()).await?
        {
            self.hear(all, received.event).await?;
        }
        Ok(())
    }

    /// What has arrived already answers nothing. Frames of ECUs are kept in the record. A controller that went off the bus since
    /// the last request gets its time to come back: nothing could be sent meanwhile.
    async fn drain(&mut self) -> Result<(), Error> {
        let (end, mut off) = (Instant::now() + AT_ONCE, None);
        loop {
            let now = Instant::now();
            if off.is_some_and(|until| until <= now) {
                return Err(self.failed(CanError::Bus(BusError::OFF)));
            }
            if off.is_none() && end <= now {
                return Ok(());
            }
            let Some(received) = self.receive(off.unwrap_or(now)).await? else {
                if off.is_none() {
                    return Ok(());
                }
                continue;
            };
            let ours = match &received.event {
                Event::Frame(frame) => Address::of_responder(frame.id()).is_some(),
                Event::Error(error) => {
                    if error.is_off() {
                        off = Some(Instant::now() + RESTART);
                    } else if error.is_restart() {
                        off = None;
                    }
                    true
                }
            };
            if ours {
                self.record(Direction::FromAdapter, &received.event)?;
            }
        }
    }

    fn since(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.started)
    }

    /// What waited too long is given up.
    fn look(&self, all: &mut Exchange<'_>, now: Instant) -> Result<(), Error> {
        if all.off.is_some_and(|until| until <= now) {
            return Err(self.failed(CanError::Bus(BusError::OFF)));
        }
        for peer in all.peers.values_mut() {
            let progress = peer.receiver.progress();
            if peer.receiver.late(self.since(now)).is_some() {
                let (announced, got) = progress.unwrap_or_default();
                give_up(&mut all.lines, &mut peer.frames, FrameError::Incomplete { announced, got });
            }
            if peer.patience.as_ref().is_some_and(|(_, until)| *until <= now) {
                if let Some((payload, _)) = peer.patience.take() {
                    all.lines.push(Line::Message { ecu: Some(peer.address.from.to_string()), payload });
                }
                peer.done = true;
            }
        }
        Ok(())
    }

    fn next_look(&self, all: &Exchange<'_>, window: Instant, now: Instant) -> Instant {
        let dues = all.peers.values().flat_map(|peer| {
            let late = peer.receiver.due().map(|due| self.started + due);
            late.into_iter().chain(peer.patience.as_ref().map(|(_, until)| *until))
        });
        let window = Some(window).filter(|at| *at > now);
        // Something is due whenever there is anything left to wait for; the last is for safety.
        dues.chain(all.off).chain(self.sending(all)).chain(window).min().unwrap_or(now + self.window)
    }

    async fn hear(&mut self, all: &mut Exchange<'_>, event: Event) -> Result<(), Error> {
        let frame = match &event {
            Event::Error(error) => {
                self.record(Direction::FromAdapter, &event)?;
                all.trouble.add(error);
                if error.is_off() {
                    all.off = Some(Instant::now() + RESTART);
                } else if error.is_restart() {
                    all.off = None;
                }
                return Ok(());
            }
            Event::Frame(frame) => frame,
        };
        let Some(address) = Address::of_responder(frame.id()).filter(|a| self.concerns(all, a)) else { return Ok(()) };
        self.record(Direction::FromAdapter, &event)?;
        if frame.asks_for().is_some() {
            return Ok(());
        }
        let now = self.since(Instant::now());
        let options = self.options;
        if !all.peers.contains_key(&frame.id()) && all.peers.values().all(|p| p.patience.is_none()) {
            self.slowest = self.slowest.max(all.asked.elapsed());
        }
        let peer = all.peers.entry(frame.id()).or_insert_with(|| Peer {
            address,
            receiver: Receiver::new(options),
            frames: Vec::new(),
            patience: None,
            done: false,
        });
        let shown = candump::text(&event).replace('#', "");
        let (heard, ended) = peer.receiver.take(now, frame.data());
        match ended {
            Some(IsoTpError::Frame(reason @ FrameError::Announced { .. })) => {
                peer.done = true;
                all.lines.push(Line::Unusable { frame: shown.clone(), reason });
            }
            Some(IsoTpError::Frame(reason)) => give_up(&mut all.lines, &mut peer.frames, reason),
            _ => {}
        }
        let begun = peer.receiver.under_way();
        match heard {
            Ok(Heard::Whole(payload)) => {
                peer.frames.clear();
                let ecu = Some(frame.id().to_string());
                match *payload.as_slice() {
                    [0x7F, service, 0x78] if service == all.request.service() => {
                        peer.patience = Some((payload, Instant::now() + PATIENCE));
                        return Ok(());
                    }
                    [0x7F, service, _] if service == all.request.service() => (peer.patience, peer.done) = (None, true),
                    _ if all.request.is_answered_by(&payload) => (peer.patience, peer.done) = (None, true),
                    // The answer to an earlier request, which came late: this one's is still to come.
                    _ => {}
                }
                let line = Line::Message { ecu, payload };
                all.lines.push(if all.lines.contains(&line) {
                    Line::Unusable { frame: shown, reason: FrameError::Duplicate }
                } else {
                    line
                });
            }
            Ok(Heard::Flow(data)) => {
                if begun {
                    peer.frames.push(shown);
                }
                let (to, data) = (peer.address.to, peer.address.wrap(&data));
                // In the form in which the ECU speaks.
                self.send(to, &data, self.fd.filter(|_| frame.is_fd())).await?;
                let now = self.since(Instant::now());
                if let Some(peer) = all.peers.get_mut(&address.from) {
                    peer.receiver.sent(now);
                }
            }
            Ok(Heard::Nothing) => peer.frames.push(shown),
            Ok(Heard::NotOurs) => {
                all.sender.flow(now, frame.data());
            }
            Err(error) => {
                let reason = if let IsoTpError::Frame(reason) = error { reason } else { FrameError::OfBrokenMessage };
                all.lines.push(Line::Unusable { frame: shown, reason });
            }
        }
        Ok(())
    }

    /// Whether an ECU's frame may belong to the request.
    fn concerns(&self, all: &Exchange<'_>, address: &Address) -> bool {
        let same = matches!(
            (all.to, address.from),
            (CanId::Standard(_), CanId::Standard(_)) | (CanId::Extended(_), CanId::Extended(_))
        );
        same && all.only.is_none_or(|only| only == address.from)
    }

    /// When to look at the request again that is not sent to its end; `None`: it is, or never will be.
    fn sending(&self, all: &Exchange<'_>) -> Option<Instant> {
        all.sender.due().filter(|_| all.unsent.is_none()).map(|due| self.started + due)
    }

    /// Sends of the request what may go out now; the rest follows when the ECU says so, and at the pace that it asks for.
    async fn push_on(&mut self, all: &mut Exchange<'_>) -> Result<(), Error> {
        while all.unsent.is_none() {
            match all.sender.next(self.since(Instant::now())) {
                Ok(Next::Send(data)) => {
                    self.send(all.to, &data, self.fd).await?;
                    all.sender.sent(self.since(Instant::now()));
                }
                Ok(Next::Wait(_) | Next::Done) => break,
                Err(error) => all.unsent = Some(error),
            }
        }
        Ok(())
    }

    async fn send(&mut self, to: CanId, data: &[u8], fd: Option<DataRate>) -> Result<(), Error> {
        let frame = match fd {
            Some(rate) => CanFrame::fd(to, data, rate == DataRate::Faster, false),
            None => CanFrame::new(to, data),
        }?;
        self.record(Direction::ToAdapter, &Event::Frame(frame.clone()))?;
        match timeout(self.options.to_send, self.link.send(&frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.failed(error)),
            Err(_) => Err(CanError::Full.into()),
        }
    }
}

/// The frames of a message that will not be whole.
fn give_up(lines: &mut Vec<Line>, frames: &mut Vec<String>, head: FrameError) {
    for (n, frame) in frames.drain(..).enumerate() {
        lines.push(Line::Unusable { frame, reason: if n == 0 { head } else { FrameError::OfBrokenMessage } });
    }
}
