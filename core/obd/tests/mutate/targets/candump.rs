//! Logs of candump: whole ones with several ECUs mixed, and single lines.

use super::{
    isotp::{cut, damage, ends_message},
    lines,
    rng::Rng,
    target::Target,
};
use roadworthy_obd::{
    can::{BusError, CanFrame, CanId, Event, candump},
    frame::{self, Line},
    line,
    traffic::Direction,
};
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct Log {
    messages: usize,
    unusable: usize,
}

impl Target for Log {
    fn one(&mut self, rng: &mut Rng) {
        if rng.below(4) == 0 {
            return self.spoilt(rng);
        }
        // Each ECU's frames in their own order, then mixed with the others'.
        let ids = *rng.pick(&[&["7E8", "7E9", "7EF"][..], &["18DAF110", "18DAF118"], &["7E8", "18DAF110", "123"]]);
        let mut rows: Vec<(&str, std::vec::IntoIter<Vec<u8>>)> = Vec::new();
        for id in &ids[..=rng.below(ids.len())] {
            let mut frames = Vec::new();
            for _ in 0..=rng.below(2) {
                let n = 1 + rng.below(40);
                frames.extend(cut(&rng.bytes(n), *rng.pick(&[8, 8, 8, 64]), 8));
            }
            damage(rng, &mut frames);
            frames.retain(|f| f.len() <= 8 || matches!(f.len(), 12 | 16 | 20 | 24 | 32 | 48 | 64));
            rows.push((id, frames.into_iter()));
        }
        let (mut text, mut seen) = (String::new(), BTreeMap::<&str, Vec<Vec<u8>>>::new());
        while !rows.is_empty() {
            let at = rng.below(rows.len());
            let (id, row) = &mut rows[at];
            let id = *id;
            match row.next() {
                None => drop(rows.remove(at)),
                Some(data) => {
                    let mark = if data.len() > 8 { "##1" } else { "#" };
                    text.push_str(&format!("(1.000000) can0 {id}{mark}{}\n", line::hex(&data)));
                    let own = seen.entry(id).or_default();
                    // Some adapters print lines twice: the same number and bytes at once are one frame of a message.
                    let following = data.first().is_some_and(|head| head >> 4 == 2);
                    if !(following && own.last() == Some(&data)) {
                        own.push(data);
                    }
                }
            }
        }
        for out in frame::assemble_frames(&text) {
            match out {
                Line::Message { ecu, payload } => {
                    let frames = ecu.as_deref().and_then(|id| seen.get(id));
                    let held = frames.is_some_and(|frames| {
                        (1..=frames.len()).any(|end| ends_message(&frames[..end], 8, &|_, _| true, &payload))
                    });
                    assert!(held, "{ecu:?} {payload:02X?} is not in\n{text}");
                    self.messages += 1;
                }
                Line::Unusable { .. } => self.unusable += 1,
                Line::Status(status) => panic!("{status} in\n{text}"),
            }
        }
    }

    fn tally(&self) -> String {
        format!("{} messages, {} unusable", self.messages, self.unusable)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.messages > inputs / 2 && self.unusable > inputs / 10
    }
}

impl Log {
    /// Damage to the text itself.
    fn spoilt(&mut self, rng: &mut Rng) {
        let text = "(1.000000) can0 7E8#04410C1AF8AAAAAA\r can1  7E8   [8]  04 41 0C 1A F8 00 00 00\rcan0 18DAF110#1014490201314443\r\
            can0 18DAF110#2131444331444331\rcan0 18DAF110#2231444331444331\r(1.5) can0 7E8##1000C410C1AF80D200574117FAAAA0000\r\
            can0 20000040#0000000000000000\rcan0 7E8#R4";
        let text = String::from_utf8_lossy(&lines::mutate(rng, text)).replace('\r', "\n");
        for out in frame::assemble_frames(&text) {
            match out {
                Line::Message { ecu, payload } => {
                    self.messages += 1;
                    assert!(ecu.is_some_and(|id| matches!(id.len(), 3 | 8)) && !payload.is_empty(), "{text}");
                }
                _ => self.unusable += 1,
            }
        }
    }
}

#[derive(Default)]
pub(crate) struct Lines {
    read: usize,
    refused: usize,
}

/// A line in one of its spellings, with what it says.
fn spelled(rng: &mut Rng) -> (String, candump::Logged) {
    let long = rng.below(2) == 0;
    let id = if long {
        CanId::extended((rng.byte() as u32 * 0x0012_3457) & 0x1FFF_FFFF)
    } else {
        CanId::standard(rng.byte() as u32 * 8)
    };
    let id = id.unwrap();
    let n = rng.below(9);
    let data = rng.bytes(n);
    let digits = line::hex(&data);
    let spaced = data.iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(" ");
    let ascii = if rng.below(4) == 0 { "   'AB CD 12'" } else { "" };
    let (frame, event) = match rng.below(6) {
        0 => (format!("{id}#R{n}"), Event::Frame(CanFrame::remote(id, n as u8).unwrap())),
        1 => {
            let flags = rng.below(4);
            let fd = CanFrame::fd(id, &data, flags & 1 != 0, flags & 2 != 0).unwrap();
            (format!("{id}##{flags}{digits}"), Event::Frame(fd))
        }
        2 => {
            let mut detail = [0; 8];
            detail[..n].copy_from_slice(&data);
            let class = 1u32 << rng.below(9);
            (format!("{:08X}#{digits}", class | 0x2000_0000), Event::Error(BusError { class, data: detail }))
        }
        3 => (format!(" {id}   [{n}]  {spaced}{ascii}"), Event::Frame(CanFrame::new(id, &data).unwrap())),
        4 => (format!(" {id}  [{n:02}]  {spaced}"), Event::Frame(CanFrame::fd(id, &data, false, false).unwrap())),
        _ => (format!("{id}#{}", spaced.replace(' ', ".")), Event::Frame(CanFrame::new(id, &data).unwrap())),
    };
    let (seconds, part) = (rng.below(5000), rng.below(1_000_000));
    let (stamp, micros) = match rng.below(3) {
        0 => (String::new(), None),
        1 => ("(2026-11-21 10:00:01.250000) ".to_owned(), None),
        _ => (format!("({seconds:010}.{part:06}) "), Some(seconds as u64 * 1_000_000 + part as u64)),
    };
    let (end, direction) = match rng.below(3) {
        _ if !ascii.is_empty() => ("", None),
        0 => (" R", Some(Direction::FromAdapter)),
        1 => (" T", Some(Direction::ToAdapter)),
        _ => ("", None),
    };
    (format!("{stamp}can0 {frame}{end}"), candump::Logged { micros, interface: "can0".into(), direction, event })
}

impl Target for Lines {
    fn one(&mut self, rng: &mut Rng) {
        let (text, expect) = spelled(rng);
        if rng.below(4) == 0 {
            assert_eq!(candump::read(&text), Ok(expect), "{text}");
            self.read += 1;
            return;
        }
        let text = rng.spoil(&text, "0123456789ABCDEFR#[]().- T'xé");
        let Ok(logged) = candump::read(&text) else {
            self.refused += 1;
            return;
        };
        self.read += 1;
        // What is read is what stands there: the bytes in one piece, and nothing of them twice.
        let shown: String = text.to_ascii_uppercase().chars().filter(|c| !matches!(c, ' ' | '.')).collect();
        let (id, bytes) = match &logged.event {
            Event::Frame(frame) => (frame.id().to_string(), frame.data().to_vec()),
            Event::Error(error) => (format!("{:08X}", error.class | 0x2000_0000), Vec::new()),
        };
        assert!(shown.contains(&id) && shown.contains(&line::hex(&bytes)), "{logged:?} from {text}");
        assert!(text.contains(&logged.interface), "{logged:?} from {text}");
        let again = candump::Logged { micros: logged.micros.or(Some(0)), ..logged };
        assert_eq!(candump::read(&candump::write(&again)), Ok(again), "{text}");
    }

    fn tally(&self) -> String {
        format!("{} read, {} refused", self.read, self.refused)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.read > inputs / 3 && self.refused > inputs / 10
    }
}
