//! Frames of ISO 15765-2 against the receiver and the sender, judged by the standard's own words.

use super::{rng::Rng, target::Target};
use roadworthy_obd::can::isotp::{Gap, Heard, Next, Options, Receiver, Sender};
use std::time::Duration;

/// A message as a sender cuts it to frames of `size` bytes, of which the first `8 - room` are somebody else's.
pub(crate) fn cut(payload: &[u8], size: usize, room: usize) -> Vec<Vec<u8>> {
    let (n, size) = (payload.len(), size - (8 - room));
    if n < room {
        return vec![[&[n as u8][..], payload].concat()];
    }
    if n + 2 <= size {
        return vec![[&[0, n as u8][..], payload].concat()];
    }
    let head = if n < 4096 {
        vec![0x10 | (n >> 8) as u8, n as u8]
    } else {
        [&[0x10, 0][..], &(n as u32).to_be_bytes()].concat()
    };
    let (first, rest) = payload.split_at(size - head.len());
    let mut frames = vec![[&head[..], first].concat()];
    frames.extend(rest.chunks(size - 1).zip(1..).map(|(part, i)| [&[0x20 | (i & 0xF) as u8][..], part].concat()));
    frames
}

/// Damages of a row of frames as a bus and a bad ECU make them: of the row, of a frame's head, of its length, of its bytes.
pub(crate) fn damage(rng: &mut Rng, frames: &mut Vec<Vec<u8>>) {
    for _ in 0..rng.below(4) {
        let at = rng.below(frames.len());
        if frames.is_empty() {
            return;
        }
        match rng.below(12) {
            0 => {
                frames.remove(at);
            }
            1 => frames.insert(at, frames[at].clone()),
            2 => {
                let other = rng.below(frames.len());
                frames.swap(at, other);
            }
            3 => {
                let (head, row) = (*rng.pick(&[0x30u8, 0x31, 0x32, 0x33, 0x40, 0xF0]), rng.below(frames.len()));
                frames.insert(row, vec![head, rng.byte(), rng.byte(), 0]);
            }
            4 => {
                let len = rng.below(frames[at].len() + 1);
                frames[at].truncate(len);
            }
            5 => {
                let more = rng.below(60);
                frames[at].extend(std::iter::repeat_n(0xAA, more));
            }
            6 => {
                let copy = frames[at..].to_vec();
                frames.extend(copy);
            }
            7 => {
                let (n, part) = (rng.below(20), rng.byte());
                frames.insert(at, cut(&vec![part; n + 1], 8, 8).remove(0));
            }
            // The head says another kind, number or length.
            8 | 9 => {
                if let Some(head) = frames[at].first_mut() {
                    *head = if rng.below(2) == 0 { *head ^ 1 << rng.below(8) } else { head.wrapping_add(1) };
                }
            }
            10 => {
                let to = rng.byte();
                if let Some(low) = frames[at].get_mut(1) {
                    *low = to;
                }
            }
            _ => {
                let (byte, to) = (rng.below(frames[at].len()), rng.byte());
                if let Some(byte) = frames[at].get_mut(byte) {
                    *byte = to;
                }
            }
        }
    }
}

/// Whether the last frame ends this message: it holds all of it, or is the last of frames that follow one another by number,
/// all as long as the first. What is no part of any message may stand between them. `steps` says whether the time between two
/// of them (by their places) was short enough.
pub(crate) fn ends_message(
    frames: &[Vec<u8>],
    room: usize,
    steps: &dyn Fn(usize, usize) -> bool,
    payload: &[u8],
) -> bool {
    let Some((last, before)) = frames.split_last() else { return false };
    let n = payload.len();
    let alone = if last.len() <= room {
        n > 0 && n < room && last.first() == Some(&(n as u8)) && last[1..].starts_with(payload)
    } else {
        n >= room && n < 0x100 && last.starts_with(&[0, n as u8]) && last[2..].starts_with(payload)
    };
    if alone {
        return true;
    }
    let Some(start) = before.iter().rposition(|f| f.first().is_some_and(|head| head >> 4 < 2)) else { return false };
    let first = &before[start];
    let body = if n < 4096 && first.starts_with(&[0x10 | (n >> 8) as u8, n as u8]) {
        &first[2..]
    } else if n >= 4096 && first.starts_with(&[&[0x10, 0][..], &(n as u32).to_be_bytes()].concat()) {
        &first[6..]
    } else {
        return false;
    };
    let parts: Vec<usize> =
        (start + 1..frames.len()).filter(|i| frames[*i].first().is_some_and(|h| h >> 4 == 2)).collect();
    let in_order = parts.iter().zip(1usize..).all(|(i, number)| frames[*i][0] & 0xF == (number & 0xF) as u8);
    let full = parts.iter().rev().skip(1).all(|i| frames[*i].len() == first.len());
    let in_time = std::iter::once(&start).chain(&parts).zip(&parts).all(|(one, next)| steps(*one, *next));
    let bytes: Vec<u8> = body.iter().chain(parts.iter().flat_map(|i| &frames[*i][1..])).copied().collect();
    let whole = bytes.len() >= n && bytes.len() - n < frames[frames.len() - 1].len();
    parts.last() == Some(&(frames.len() - 1)) && in_order && full && in_time && whole && bytes[..n] == *payload
}

/// Mostly short messages, and a few that need every kind of head.
fn message(rng: &mut Rng, longest: usize) -> Vec<u8> {
    let n = match rng.below(8) {
        0..=2 => 1 + rng.below(8),
        3..=5 => 7 + rng.below(60),
        6 => 60 + rng.below(200),
        _ => 1 + rng.below(longest),
    };
    let (first, step) = (rng.byte(), rng.byte());
    (0..n.min(longest)).map(|i| first.wrapping_add((i as u8).wrapping_mul(step | 1))).collect()
}

#[derive(Default)]
pub(crate) struct Received {
    whole: usize,
    broken: usize,
}

impl Target for Received {
    fn one(&mut self, rng: &mut Rng) {
        let (prefix, size) = (rng.below(2), *rng.pick(&[8usize, 8, 8, 12, 24, 64]));
        let (room, longest) = (8 - prefix, *rng.pick(&[20usize, 100, 4095, 6000]));
        let (mut frames, mut sound) = (Vec::new(), Vec::new());
        for _ in 0..=rng.below(3) {
            let message = message(rng, longest.min(600));
            frames.extend(cut(&message, size, room));
            sound.push(message);
        }
        // As a bus does: filled up.
        if rng.below(2) == 0 {
            frames.iter_mut().filter(|f| f.len() < room).for_each(|f| f.resize(room, 0xCC));
        }
        let untouched = rng.below(4) == 0;
        if !untouched {
            damage(rng, &mut frames);
        }
        let options = Options {
            prefix,
            frame: size,
            longest,
            block_size: *rng.pick(&[0, 1, 3, 200]),
            gap: Gap::from_byte(rng.byte()),
            ..Options::default()
        };
        let mut receiver = Receiver::new(options);
        let (mut now, mut times, mut allowed, mut whole) = (Duration::ZERO, Vec::new(), Vec::new(), Vec::new());
        for i in 0..frames.len() {
            let jump = if untouched { 10 } else { *rng.pick(&[0u64, 0, 1, 10, 127, 999, 1000, 5000]) };
            now += Duration::from_millis(jump);
            let due = receiver.due();
            if receiver.late(now).is_some() {
                assert!(due.is_some_and(|due| due <= now) && !receiver.under_way());
            }
            times.push(now);
            let (heard, _) = receiver.take(now, &frames[i]);
            let steps = |one: usize, next: usize| times[next] - times[one] < allowed[one];
            match heard {
                Ok(Heard::Whole(payload)) => {
                    assert!(payload.len() <= longest && !receiver.under_way());
                    let seen = &frames[..=i];
                    assert!(ends_message(seen, room, &steps, &payload), "{payload:02X?} of {seen:02X?} at {times:?}");
                    whole.push(payload);
                }
                Ok(Heard::Flow(flow)) => {
                    assert_eq!(flow[0] >> 4, 3);
                    assert_eq!(flow[0] == 0x30, receiver.under_way(), "{flow:02X?}");
                }
                Ok(_) => {}
                Err(_) => self.broken += 1,
            }
            allowed.push(Duration::from_secs(1));
            if let Some((announced, got)) = receiver.progress() {
                assert!(got < announced && announced <= longest && got <= frames[..=i].iter().map(Vec::len).sum());
            }
            receiver.sent(now);
        }
        if untouched {
            sound.retain(|m| m.len() <= longest);
            assert_eq!(whole, sound, "{frames:02X?}");
        }
        self.whole += whole.len();
    }

    fn tally(&self) -> String {
        format!("{} whole, {} broken", self.whole, self.broken)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.whole > inputs && self.broken > inputs / 10
    }
}

#[derive(Default)]
pub(crate) struct Sent {
    done: usize,
    failed: usize,
}

impl Target for Sent {
    fn one(&mut self, rng: &mut Rng) {
        let (prefix, size) = (rng.below(2), *rng.pick(&[8usize, 8, 8, 12, 24, 64]));
        let pad = if rng.below(2) == 0 { Some(0xAA) } else { None };
        let waits = rng.below(3) as u8;
        let options = Options { prefix, frame: size, pad, waits, longest: 6000, ..Options::default() };
        let payload = message(rng, 5000);
        let mut sender = Sender::new(options, &payload).unwrap();
        let sound = cut(&payload, size, 8 - prefix);
        let (mut now, mut out, mut last) = (Duration::ZERO, 0, Duration::ZERO);
        // Frames that may go out, and the gap between them.
        let (mut left, mut gap) = (Some(1usize), Duration::ZERO);
        for _ in 0..3 * sound.len() + 50 {
            match sender.next(now) {
                Ok(Next::Send(frame)) => {
                    assert!(
                        frame.starts_with(&sound[out]) && frame.len() <= size,
                        "{frame:02X?} for {:02X?}",
                        sound[out]
                    );
                    assert!(left != Some(0), "sent more than the receiver allowed");
                    assert!(out < 2 || now >= last + gap || left.is_some_and(|l| l == 1), "sent too soon");
                    left = left.map(|l| l - 1);
                    out += 1;
                    if rng.below(64) == 0 {
                        now += Duration::from_secs(2);
                    } else {
                        sender.sent(now);
                    }
                    last = now;
                }
                Ok(Next::Wait(until)) => {
                    assert!(until > now);
                    if left != Some(0) || out == sound.len() {
                        now = until;
                        continue;
                    }
                    // The receiver's turn.
                    let flow = match rng.below(16) {
                        0 => vec![0x31, 0, 0],
                        1 => vec![0x32, 0, 0],
                        2 => vec![rng.byte(), rng.byte(), rng.byte()],
                        3 => vec![0x30],
                        4 => Vec::new(),
                        _ => vec![0x30, *rng.pick(&[0, 0, 1, 2, 9]), *rng.pick(&[0, 1, 0x7F, 0x80, 0xF1, 0xF9, 0xFF])],
                    };
                    now += Duration::from_millis(*rng.pick(&[0u64, 1, 500, 999]));
                    now = now.min(until);
                    sender.flow(now, &flow);
                    if let [0x30, block, least, ..] = flow[..] {
                        left = (block != 0).then_some(block.into());
                        gap = match least {
                            0..=0x7F => Duration::from_millis(least.into()),
                            0xF1..=0xF9 => Duration::from_micros((least & 0xF) as u64 * 100),
                            _ => Duration::from_millis(127),
                        };
                        last = Duration::ZERO;
                    }
                    if sender.next(now).is_ok_and(|n| n == Next::Wait(until)) {
                        now = until;
                    }
                }
                Ok(Next::Done) => {
                    assert_eq!(out, sound.len());
                    self.done += 1;
                    return;
                }
                Err(error) => {
                    assert_eq!(sender.next(now), Err(error));
                    self.failed += 1;
                    return;
                }
            }
        }
        panic!("a message of {} bytes never ends", payload.len());
    }

    fn tally(&self) -> String {
        format!("{} sent, {} given up", self.done, self.failed)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.done > inputs / 4 && self.failed > inputs / 20
    }
}
