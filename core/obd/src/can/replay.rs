//! A recording of frames as a device: plays the vehicle's part.

use super::{CanError, CanFrame, CanLink, Event, Later, Mode, Received, candump, isotp::Address};
use crate::traffic::{Direction, Traffic};
use std::{collections::VecDeque, future::pending, io::ErrorKind, time::Duration};
use tokio::time::{Instant, sleep_until};

/// How closely what is asked must be what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Follow {
    /// Frame by frame: the recording is one of ours.
    Strictly,
    /// By request: somebody else's log. What follows the same request there is the answer, wherever it stands.
    ByRequest,
}

/// A frame of the recording, with the time since the one before it.
struct Turn {
    after: Duration,
    direction: Direction,
    event: Event,
}

/// The device.
pub(crate) struct Player {
    log: Vec<Turn>,
    /// Frames of the vehicle that are due, and when.
    due: VecDeque<(Instant, Event)>,
    /// Place in the log.
    at: usize,
    last: Instant,
    follow: Follow,
    bitrate: Option<u32>,
    /// The link broke at the end of the log, and breaks again.
    breaks: bool,
}

impl Player {
    /// Plays back a recording of ours.
    pub(crate) fn of(traffic: &Traffic) -> Self {
        let (head, breaks) = traffic.up_to_break();
        let head = Traffic { chunks: head.to_vec(), ..traffic.clone() };
        let turns = head.frames().map(|(event, chunk)| (chunk.ms.saturating_mul(1000), chunk.direction, event));
        Self { bitrate: traffic.bitrate, breaks, ..Self::new(turns, Follow::Strictly) }
    }

    /// Plays back a log of `candump`; `None` where it holds no frame of a vehicle that is asked.
    pub(crate) fn of_log(text: &str) -> Option<Self> {
        let mut last = 0;
        let turns: Vec<_> = text
            .lines()
            .filter_map(|line| candump::read(line).ok())
            .filter_map(|logged| {
                let Event::Frame(frame) = &logged.event else { return None };
                let responder = Address::of_responder(frame.id()).is_some();
                if !responder && !is_tester(frame) {
                    return None;
                }
                let direction = if responder { Direction::FromAdapter } else { Direction::ToAdapter };
                last = logged.micros.unwrap_or(last + 1000).max(last);
                Some((last, direction, logged.event))
            })
            .collect();
        turns
            .iter()
            .any(|(_, way, _)| *way == Direction::FromAdapter)
            .then(|| Self::new(turns.into_iter(), Follow::ByRequest))
    }

    fn new(turns: impl Iterator<Item = (u64, Direction, Event)>, follow: Follow) -> Self {
        let mut last = None;
        let log = turns
            .map(|(micros, direction, event)| {
                let after = Duration::from_micros(micros.saturating_sub(last.unwrap_or(micros)));
                last = Some(micros);
                Turn { after, direction, event }
            })
            .collect();
        Self { log, due: VecDeque::new(), at: 0, last: Instant::now(), follow, bitrate: None, breaks: false }
    }

    /// Makes what the vehicle said next due, up to our next turn.
    fn let_speak(&mut self) {
        let mut at = self.last;
        while let Some(turn) = self.log.get(self.at).filter(|t| t.direction == Direction::FromAdapter) {
            at += turn.after;
            self.due.push_back((at, turn.event.clone()));
            self.at += 1;
        }
    }

    fn hear(&mut self, frame: &CanFrame) -> Result<(), CanError> {
        let sent = Event::Frame(frame.clone());
        // Flow control is the answer's own matter.
        let flow = frame.data().first().is_some_and(|head| head >> 4 == 3);
        match self.follow {
            Follow::ByRequest if flow => return Ok(()),
            Follow::ByRequest => {
                self.due.clear();
                let same = |turn: &Turn| turn.direction == Direction::ToAdapter && same_request(&turn.event, frame);
                let later = self.log.iter().skip(self.at).position(same).map(|n| n + self.at);
                // What was not asked in the recording is met with silence.
                if let Some(place) = later.or_else(|| self.log.iter().position(same)) {
                    (self.at, self.last) = (place + 1, Instant::now());
                    self.let_speak_past_flow();
                }
                return Ok(());
            }
            Follow::Strictly => {}
        }
        let expected = self.log.get(self.at).filter(|turn| turn.direction == Direction::ToAdapter);
        match expected {
            Some(turn) if turn.event == sent => {
                self.due.clear();
                (self.at, self.last) = (self.at + 1, Instant::now());
                self.let_speak();
                Ok(())
            }
            Some(turn) => Err(CanError::Recording(format!(
                "The recording expects {} here, but {} was sent.",
                candump::text(&turn.event),
                candump::text(&sent)
            ))),
            None if self.breaks && self.at == self.log.len() => Err(CanError::Gone(ErrorKind::BrokenPipe)),
            None => Err(CanError::Recording(format!(
                "The recording expects nothing to be sent here, but {} was.",
                candump::text(&sent)
            ))),
        }
    }

    /// As [`Player::let_speak`], through the flow control that the log holds.
    fn let_speak_past_flow(&mut self) {
        let mut at = self.last;
        while let Some(turn) = self.log.get(self.at) {
            let Event::Frame(frame) = &turn.event else { break };
            let flow = frame.data().first().is_some_and(|head| head >> 4 == 3);
            at += turn.after;
            match turn.direction {
                Direction::FromAdapter => self.due.push_back((at, turn.event.clone())),
                Direction::ToAdapter if flow => {}
                Direction::ToAdapter | Direction::Broke => break,
            }
            self.at += 1;
        }
    }
}

/// Whether a tester sends frames of this id.
fn is_tester(frame: &CanFrame) -> bool {
    use super::CanId;
    match frame.id() {
        CanId::Standard(id) => matches!(id, 0x7DF..=0x7E7),
        CanId::Extended(id) => matches!(id >> 16, 0x18DA | 0x18DB) && id & 0xFF == 0xF1,
    }
}

/// Whether two frames ask the same; what fills them behind the request does not matter.
fn same_request(event: &Event, frame: &CanFrame) -> bool {
    let Event::Frame(other) = event else { return false };
    let asked = |frame: &CanFrame| {
        let length = usize::from(*frame.data().first()?);
        frame.data().get(1..=length).map(<[u8]>::to_vec)
    };
    other.id() == frame.id() && asked(other).is_some() && asked(other) == asked(frame)
}

impl CanLink for Player {
    fn about(&self) -> String {
        "Recording of CAN frames".into()
    }

    fn bitrates(&self) -> Vec<u32> {
        self.bitrate.into_iter().collect()
    }

    fn start(&mut self, _: Option<u32>, _: Mode) -> Later<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    fn send<'a>(&'a mut self, frame: &'a CanFrame) -> Later<'a, ()> {
        Box::pin(async move { self.hear(frame) })
    }

    fn receive(&mut self) -> Later<'_, Received> {
        Box::pin(async move {
            let Some((at, _)) = self.due.front().cloned() else {
                if self.breaks && self.at == self.log.len() {
                    return Err(CanError::Gone(ErrorKind::UnexpectedEof));
                }
                // What was waited for in vain is waited for in vain again.
                return pending().await;
            };
            sleep_until(at).await;
            self.last = at;
            match self.due.pop_front() {
                Some((at, event)) => Ok(Received { at, stamp: None, event }),
                None => pending().await,
            }
        })
    }
}
