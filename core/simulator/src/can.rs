//! A simulated vehicle on a CAN bus of its own, for adapters that pass frames on and leave the rest to their client.
//!
//! [`CanCar`] has no clock and no bus: it is given frames and the time, and says which frames are due. Its ECUs keep the
//! sender's half of ISO 15765-2: a long answer stops behind its first frame until flow control for that very ECU comes, and
//! goes on in the blocks and at the pace that it asks for.

use crate::{
    Options, Source,
    bus::{Family, Reply, Target, can::single},
    door,
    random::Random,
    vehicle::Vehicle,
};
use roadworthy_api::{Code, Error};
use std::time::Duration;

/// A frame on the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanFrame {
    /// Identifier.
    pub id: u32,
    /// Whether it has 29 bits.
    pub extended: bool,
    /// Whether it is one of CAN FD.
    pub fd: bool,
    /// Up to eight bytes; of CAN FD 12, 16, 20, 24, 32, 48 or 64 too.
    pub data: Vec<u8>,
}

/// Which frames the ECUs of a vehicle know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Frames {
    /// Classic ones only. What the controllers make of others is the bus's affair.
    #[default]
    Classic,
    /// Both: a tester is answered in the form in which it asks. Among themselves they speak CAN FD.
    Both,
    /// Those of CAN FD only.
    Fd,
}

/// Seconds until an ECU gives up waiting for flow control (N_Bs).
const FLOW: f64 = 1.0;
/// Bytes of a frame that an ECU fills; those above eight are of CAN FD.
const LENGTHS: [usize; 8] = [8, 12, 16, 20, 24, 32, 48, 64];
/// Seconds between two frames that the ECUs exchange among themselves.
const CHATTER: f64 = 0.1;

/// A vehicle on a CAN bus.
pub struct CanCar {
    vehicle: Vehicle,
    options: Options,
    random: Random,
    /// Frames to come, each with its time in the car's seconds.
    due: Vec<(f64, CanFrame)>,
    /// Long answers that wait for flow control.
    talks: Vec<Talk>,
    frames: Frames,
    /// When the ECUs speak among themselves again; `None`: never, as behind a gateway.
    chatter: Option<f64>,
}

/// A long answer behind its first frame.
struct Talk {
    ecu: u32,
    rest: Vec<u8>,
    number: u8,
    pad: u8,
    fd: bool,
    /// When its first frame, or the last of a block, is on the bus, and when it is given up.
    from: f64,
    until: f64,
}

impl CanCar {
    /// A vehicle whose ECUs speak among themselves, as most do.
    ///
    /// # Errors
    /// As [`crate::connect`] and [`crate::connect_file`], and [`Code::Invalid`] for a vehicle that has no CAN bus.
    pub fn new(vehicle: Source<'_>, options: Options) -> Result<Self, Error> {
        let read = door::describe(vehicle)?;
        if !Family::of(read.protocol).is_can() {
            return Err(Error::new(Code::Invalid, format!("The vehicle {} has no CAN bus.", read.name))
                .hint("Take one whose protocol is 6 to 9."));
        }
        let random = Random::new(options.seed ^ 0xCA);
        let vehicle = Vehicle::new(read, &options);
        Ok(Self {
            vehicle,
            options,
            random,
            due: Vec::new(),
            talks: Vec::new(),
            frames: Frames::Classic,
            chatter: Some(0.0),
        })
    }

    /// The same behind a gateway: nothing is heard until it is asked.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.chatter = None;
        self
    }

    /// The same with ECUs that know these frames.
    #[must_use]
    pub fn with_frames(mut self, frames: Frames) -> Self {
        self.frames = frames;
        self
    }

    /// Bits per second of its bus.
    pub fn bitrate(&self) -> u32 {
        if matches!(self.vehicle.protocol(), 8 | 9) { 250_000 } else { 500_000 }
    }

    /// After which time each client's link dies.
    pub(crate) fn unplug(&self) -> Option<Duration> {
        self.options.unplug.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }

    fn extended(&self) -> bool {
        Family::of(self.vehicle.protocol()) == Family::Can29
    }

    fn seconds(&self, now: Duration) -> f64 {
        now.as_secs_f64() * self.options.speed
    }

    /// Takes a frame that somebody else sent at this time.
    pub fn hear(&mut self, now: Duration, frame: &CanFrame) {
        let at = self.seconds(now);
        self.vehicle.advance_to(self.options.driven + at);
        self.talks.retain(|talk| talk.until > at);
        let known = match self.frames {
            Frames::Classic => !frame.fd,
            Frames::Both => true,
            Frames::Fd => frame.fd,
        };
        if frame.extended != self.extended() || !known {
            return;
        }
        match frame.data.as_slice() {
            [head, block_size, st_min, ..] if head >> 4 == 3 => {
                if *head == 0x30 {
                    self.go_on(at, frame.id, *block_size, *st_min);
                } else if *head == 0x32 {
                    self.talks.retain(|talk| asked_at(talk.ecu, frame.extended) != frame.id);
                }
            }
            data => {
                let Some(request) = single(data) else { return };
                for reply in self.vehicle.ask(Target::Id(frame.id), request) {
                    self.answer(at, &reply, frame.fd);
                }
            }
        }
    }

    fn answer(&mut self, at: f64, reply: &Reply, fd: bool) {
        let mut from = at + reply.think / 1000.0;
        // A new request ends what the ECU was at.
        self.talks.retain(|talk| talk.ecu != reply.sender);
        for message in &reply.messages {
            let length = u16::try_from(message.len()).unwrap_or(u16::MAX).min(0xFFF);
            let [high, low] = length.to_be_bytes();
            if length <= if fd { 62 } else { 7 } {
                let head: &[u8] = if length <= 7 { &[low] } else { &[0, low] };
                self.put(from, reply.sender, head, message, reply.pad, fd);
                from += reply.pause / 1000.0;
                continue;
            }
            let (first, rest) = message.split_at(if fd { 62 } else { 6 });
            self.put(from, reply.sender, &[0x10 | high, low], first, reply.pad, fd);
            let (rest, until) = (rest.to_vec(), from + FLOW);
            let talk = Talk { ecu: reply.sender, rest, number: 1, pad: reply.pad, fd, from, until };
            self.talks.push(talk);
            from += reply.pause / 1000.0;
        }
    }

    /// Flow control for one ECU: its next block.
    fn go_on(&mut self, at: f64, to: u32, block_size: u8, st_min: u8) {
        let extended = self.extended();
        let mine = |talk: &Talk| asked_at(talk.ecu, extended) == to && talk.from <= at;
        let Some(place) = self.talks.iter().position(mine) else { return };
        let mut talk = self.talks.remove(place);
        let gap = match st_min {
            ms @ 0..=0x7F => f64::from(ms) / 1000.0,
            step @ 0xF1..=0xF9 => f64::from(step - 0xF0) / 10_000.0,
            _ => 0.127,
        };
        let (mut due, mut sent) = (at, 0);
        while !talk.rest.is_empty() && (block_size == 0 || sent < block_size) {
            due += gap.max(self.random.between(0.0002, 0.003));
            let full = if talk.fd { 63 } else { 7 };
            let chunk: Vec<u8> = talk.rest.drain(..talk.rest.len().min(full)).collect();
            self.put(due, talk.ecu, &[0x20 | talk.number], &chunk, talk.pad, talk.fd);
            talk.number = (talk.number + 1) & 0xF;
            sent = sent.saturating_add(1);
        }
        if !talk.rest.is_empty() {
            (talk.from, talk.until) = (due, due + FLOW);
            self.talks.push(talk);
        }
    }

    fn put(&mut self, at: f64, id: u32, head: &[u8], body: &[u8], pad: u8, fd: bool) {
        let mut data = [head, body].concat();
        let length = LENGTHS.into_iter().find(|length| *length >= data.len());
        data.resize(length.unwrap_or(data.len()), pad);
        self.due.push((at, CanFrame { id, extended: self.extended(), fd, data }));
    }

    /// Frames that are on the bus by now, in their order.
    pub fn due(&mut self, now: Duration) -> Vec<CanFrame> {
        let at = self.seconds(now);
        if let Some(next) = self.chatter
            && next <= at
        {
            if self.vehicle.awake() {
                let id = if self.extended() { 0x0C00_0100 } else { 0x1A0 };
                self.put(next, id, &[0x00, 0x51, 0x02], &[], 0, self.frames != Frames::Classic);
            }
            self.chatter = Some(at + CHATTER);
        }
        let (mut now, later): (Vec<_>, Vec<_>) = std::mem::take(&mut self.due).into_iter().partition(|(t, _)| *t <= at);
        self.due = later;
        now.sort_by(|a, b| a.0.total_cmp(&b.0));
        now.into_iter().map(|(_, frame)| frame).collect()
    }

    /// When the next frame is due, on the clock that [`CanCar::due`] is asked by.
    pub fn next(&self) -> Option<Duration> {
        let times = self.due.iter().map(|(at, _)| *at).chain(self.chatter);
        // A hair later, lest a rounding puts it before.
        times.min_by(f64::total_cmp).map(|at| Duration::from_secs_f64((at / self.options.speed).max(0.0) + 1e-6))
    }
}

/// The id at which a tester asks an ECU alone, by the id it answers with (ISO 15765-4).
fn asked_at(ecu: u32, extended: bool) -> u32 {
    if extended { 0x18DA_00F1 | (ecu & 0xFF) << 8 } else { ecu.wrapping_sub(8) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn frame(id: u32, data: &[u8]) -> CanFrame {
        CanFrame { id, extended: false, fd: false, data: data.to_vec() }
    }

    fn ids(frames: &[CanFrame]) -> Vec<(u32, u8)> {
        frames.iter().map(|f| (f.id, f.data[0])).collect()
    }

    #[test]
    fn a_long_answer_waits_for_flow_control_to_its_own_ecu() {
        let mut car = CanCar::new(Source::Name("misfire"), Options::default()).unwrap().quiet();
        assert_eq!(car.next(), None);
        car.hear(MS, &frame(0x7DF, &[2, 9, 4, 0, 0, 0, 0, 0]));
        // Both have calibration ids, of more bytes than a frame holds.
        assert_eq!(ids(&car.due(100 * MS)), [(0x7E8, 0x10), (0x7E9, 0x10)]);
        car.hear(101 * MS, &frame(0x7DF, &[0x30, 0, 0]));
        car.hear(101 * MS, &frame(0x7E2, &[0x30, 0, 0]));
        assert_eq!(car.due(200 * MS), []);
        car.hear(201 * MS, &frame(0x7E1, &[0x30, 1, 0]));
        assert_eq!(ids(&car.due(300 * MS)), [(0x7E9, 0x21)]);
        car.hear(301 * MS, &frame(0x7E1, &[0x30, 0, 0x0A]));
        assert_eq!(ids(&car.due(400 * MS)), [(0x7E9, 0x22)]);
        // The other has given up by now.
        car.hear(1500 * MS, &frame(0x7E0, &[0x30, 0, 0]));
        assert_eq!(car.due(2000 * MS), []);
    }

    #[test]
    fn a_tester_is_answered_in_the_frames_in_which_it_asks() {
        let asked = |fd| CanFrame { fd, ..frame(0x7DF, &[2, 9, 4, 0, 0, 0, 0, 0]) };
        for (frames, fd, expect) in [
            (Frames::Classic, false, Some((false, 8))),
            (Frames::Classic, true, None),
            (Frames::Both, false, Some((false, 8))),
            // A calibration id with its head is 21 bytes long: the next length that there is.
            (Frames::Both, true, Some((true, 24))),
            (Frames::Fd, true, Some((true, 24))),
            (Frames::Fd, false, None),
        ] {
            let mut car = CanCar::new(Source::Name("misfire"), Options::default()).unwrap().quiet().with_frames(frames);
            car.hear(MS, &asked(fd));
            let first = car.due(100 * MS).first().map(|f| (f.fd, f.data.len()));
            assert_eq!(first, expect, "{frames:?} {fd}");
        }
    }

    #[test]
    fn ecus_speak_among_themselves_while_the_key_is_on() {
        let mut car = CanCar::new(Source::Name("can29"), Options::default()).unwrap();
        let heard: Vec<_> = (0..10).flat_map(|n| car.due(n * 100 * MS)).collect();
        assert!(heard.len() >= 5 && heard.iter().all(|f| f.extended && f.id >> 8 != 0x0018_DAF1), "{heard:?}");
        let off = || Options { key: crate::Key::Off, ..Options::default() };
        let mut car = CanCar::new(Source::Name("petrol"), off()).unwrap();
        assert_eq!((0..10).flat_map(|n| car.due(n * 100 * MS)).count(), 0);
        assert_eq!(CanCar::new(Source::Name("kwp"), off()).err().map(|e| e.code), Some(Code::Invalid));
    }

    #[test]
    fn a_request_with_ids_of_the_other_length_is_not_heard() {
        let mut car = CanCar::new(Source::Name("petrol"), Options::default()).unwrap().quiet();
        car.hear(MS, &CanFrame { extended: true, ..frame(0x18DB_33F1, &[2, 1, 0]) });
        car.hear(MS, &CanFrame { extended: true, ..frame(0x7DF, &[2, 1, 0]) });
        assert_eq!(car.due(500 * MS), []);
    }
}
