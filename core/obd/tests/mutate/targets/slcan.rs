//! SLCAN: single lines, and a whole stream of bytes through the adapter's driver.

use super::{rng::Rng, target::Target};
use roadworthy_obd::{
    can::{
        CanFrame, CanId, CanLink, Event, Mode,
        slcan::{
            Slcan,
            line::{self, Said},
        },
    },
    line::hex,
};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    runtime::Runtime,
    time::timeout,
};

const LENGTHS: [usize; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];

/// A frame's line without its end, with the frame and the adapter's time.
fn spelled(rng: &mut Rng) -> (String, CanFrame, Option<Duration>) {
    let long = rng.below(2) == 0;
    let id = if long {
        CanId::extended(0x18DA_F100 | u32::from(rng.byte()))
    } else {
        CanId::standard(u32::from(rng.byte()) * 8)
    };
    let (id, code) = (id.unwrap(), rng.below(16));
    let (kind, frame) = match rng.below(4) {
        0 => ('r', CanFrame::remote(id, code.min(8) as u8)),
        1 => ('d', CanFrame::fd(id, &rng.bytes(LENGTHS[code]), false, false)),
        2 => ('b', CanFrame::fd(id, &rng.bytes(LENGTHS[code]), true, false)),
        _ => ('t', CanFrame::new(id, &rng.bytes(code.min(8)))),
    };
    let frame = frame.unwrap();
    let code = if matches!(kind, 'd' | 'b') { code } else { code.min(8) };
    let kind = if long { kind.to_ascii_uppercase() } else { kind };
    let (stamp, time) = match rng.below(3) {
        0 => (format!("{:04X}", 4_000 + code), Some(Duration::from_millis(4_000 + code as u64))),
        _ => (String::new(), None),
    };
    (format!("{kind}{id}{code:X}{}{stamp}", hex(frame.data())), frame, time)
}

/// What a line says of a frame, read by its columns.
fn shown(text: &str) -> Option<CanFrame> {
    let text = text.trim_matches(['\n', '\0', ' ']);
    let kind = text.chars().next().filter(|kind| "tTrRdDbB".contains(*kind))?;
    let n = if kind.is_ascii_uppercase() { 8 } else { 3 };
    let digits = |from: usize, to: usize| text.get(from..to).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
    let id = u32::from_str_radix(digits(1, 1 + n)?, 16).ok()?;
    let id = if n == 8 { CanId::extended(id) } else { CanId::standard(id) }?;
    let code = usize::from_str_radix(digits(1 + n, 2 + n)?, 16).ok()?;
    let kind = kind.to_ascii_lowercase();
    let length = if kind == 'r' { 0 } else { LENGTHS[code] };
    let bytes = digits(2 + n, 2 + n + 2 * length)?;
    let rest = digits(2 + n + 2 * length, text.len())?;
    let bytes: Vec<u8> = (0..length).map(|i| u8::from_str_radix(&bytes[2 * i..2 * i + 2], 16).unwrap()).collect();
    if !matches!(rest.len(), 0 | 4) {
        return None;
    }
    match kind {
        'r' => CanFrame::remote(id, code as u8),
        't' => CanFrame::new(id, &bytes),
        _ => CanFrame::fd(id, &bytes, kind == 'b', false),
    }
    .ok()
}

const ALPHABET: &str = "0123456789ABCDEFabdtTrRzZVNF \u{7}\u{0}\n?é";

#[derive(Default)]
pub(crate) struct Lines {
    frames: usize,
    refused: usize,
}

impl Target for Lines {
    fn one(&mut self, rng: &mut Rng) {
        let (text, frame, time) = spelled(rng);
        if rng.below(4) == 0 {
            assert_eq!(line::read(&text), Ok(Said::Frame(frame.clone(), time)), "{text}");
            let again = line::read(line::write(&frame).trim_end_matches('\r'));
            assert_eq!(again, Ok(Said::Frame(frame, None)), "{text}");
            self.frames += 1;
            return;
        }
        let text = rng.spoil(&text, ALPHABET);
        match line::read(&text) {
            Ok(Said::Frame(frame, _)) => {
                assert_eq!(shown(&text), Some(frame), "{text:?}");
                self.frames += 1;
            }
            said => {
                assert_eq!(shown(&text), None, "{text:?} {said:?}");
                self.refused += 1;
            }
        }
    }

    fn tally(&self) -> String {
        format!("{} frames, {} refused", self.frames, self.refused)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.frames > inputs / 4 && self.refused > inputs / 10
    }
}

pub(crate) struct Stream {
    runtime: Runtime,
    frames: usize,
    lost: usize,
}

impl Stream {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        Self { runtime, frames: 0, lost: 0 }
    }
}

/// The frames in a stream of bytes: lines end with a carriage return, and a bell throws away what stood before it.
fn streamed(bytes: &[u8]) -> Vec<CanFrame> {
    let mut lines: Vec<&[u8]> = bytes.split(|b| *b == b'\r').collect();
    lines.pop();
    let own = lines.iter().map(|line| line.rsplit(|b| *b == 7).next().unwrap_or_default());
    own.filter(|line| line.len() <= 160).filter_map(|line| shown(&String::from_utf8_lossy(line))).collect()
}

impl Target for Stream {
    fn one(&mut self, rng: &mut Rng) {
        let mut lines: Vec<Vec<u8>> = Vec::new();
        for _ in 0..rng.below(20) {
            let (text, ..) = spelled(rng);
            lines.push(match rng.below(16) {
                0 => vec![7],
                1 => b"z".to_vec(),
                2 => vec![b't'; rng.below(400)],
                3 => Vec::new(),
                4..=7 => rng.spoil(&text, ALPHABET).into_bytes(),
                _ => text.into_bytes(),
            });
        }
        let mut bytes = lines.join(&b'\r');
        bytes.push(b'\r');
        let size = 1 + rng.below(60);
        let expect = streamed(&bytes);
        let got = self.runtime.block_on(async {
            let (ours, mut theirs) = tokio::io::duplex(1 << 16);
            let adapter = async {
                let (mut command, mut byte) = (Vec::new(), [0]);
                while let Ok(1) = theirs.read(&mut byte).await {
                    if byte[0] != b'\r' {
                        command.push(byte[0]);
                        continue;
                    }
                    let answer: &[u8] = if command == b"V" { b"V1013\r" } else { b"\r" };
                    let opened = command == b"O";
                    command.clear();
                    theirs.write_all(answer).await.unwrap();
                    if opened {
                        break;
                    }
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
                for piece in bytes.chunks(size) {
                    theirs.write_all(piece).await.unwrap();
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                drop(theirs);
                std::future::pending::<()>().await;
            };
            let driver = async {
                let mut adapter = Slcan::new(Box::new(ours), Some(500_000)).unwrap();
                adapter.start(None, Mode::Active).await.unwrap();
                let mut got = Vec::new();
                while let Ok(received) = adapter.receive().await {
                    let Event::Frame(frame) = received.event else { panic!("{received:?} was never said") };
                    got.push(frame);
                }
                got
            };
            tokio::select! {
                got = timeout(Duration::from_secs(600), driver) => got.unwrap(),
                () = adapter => unreachable!(),
            }
        });
        assert_eq!(got, expect, "{:?}", String::from_utf8_lossy(&bytes));
        self.frames += got.len();
        self.lost += lines.len().saturating_sub(got.len());
    }

    fn tally(&self) -> String {
        format!("{} frames, {} lines without one", self.frames, self.lost)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.frames > inputs && self.lost > inputs / 4
    }
}
