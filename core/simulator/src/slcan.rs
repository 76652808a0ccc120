//! A simulated SLCAN adapter: the language of Lawicel's CAN232, as serial CAN adapters speak it, with a car behind it.
//!
//! Strict: commands out of place are refused with a bell, a bit rate is set only while the channel is closed, and at another
//! rate than the car's nothing is heard but errors.

use crate::can::{CanCar, CanFrame};
use std::{fmt::Write as _, io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{Instant, sleep_until, timeout},
};

/// Bit rates by the digit of `S`.
const RATES: [u32; 9] = [10_000, 20_000, 50_000, 100_000, 125_000, 250_000, 500_000, 800_000, 1_000_000];
const OK: &str = "\r";
const BELL: &str = "\x07";
/// Bits of the status byte: bus error.
const BUS_ERROR: u8 = 0x80;
/// Characters of one command at most.
const LINE: usize = 64;

#[derive(Clone, Copy, PartialEq)]
enum Channel {
    Closed,
    Listening,
    Open,
}

/// The adapter.
pub(crate) struct Slcan {
    car: CanCar,
    started: Instant,
    channel: Channel,
    rate: Option<u32>,
    stamps: bool,
    /// Whether anything was on the bus that did not read, since the status was last asked for.
    garbled: bool,
    /// Printed once, before anything else: some adapters have rubbish in their buffer.
    junk: String,
}

impl Slcan {
    pub(crate) fn new(car: CanCar, junk: &str) -> Self {
        Self {
            car,
            started: Instant::now(),
            channel: Channel::Closed,
            rate: None,
            stamps: false,
            garbled: false,
            junk: junk.into(),
        }
    }

    /// Serves one client until it hangs up, or until the plug is pulled. The channel stays as it was left, as on a real one.
    pub(crate) async fn serve(&mut self, link: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
        match self.car.unplug() {
            None => self.talk(link).await,
            Some(after) => {
                timeout(after, self.talk(link)).await.unwrap_or(Err(io::ErrorKind::ConnectionAborted.into()))
            }
        }
    }

    async fn talk(&mut self, link: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
        let (mut line, mut chunk) = (String::new(), [0; 256]);
        let junk = std::mem::take(&mut self.junk);
        link.write_all(junk.as_bytes()).await?;
        loop {
            let now = self.started.elapsed();
            let mut out = String::new();
            for frame in self.car.due(now) {
                match (self.channel, self.reads()) {
                    (Channel::Closed, _) => {}
                    (_, true) => out.push_str(&self.spell(&frame, now)),
                    (_, false) => self.garbled = true,
                }
            }
            if !out.is_empty() {
                link.write_all(out.as_bytes()).await?;
            }
            let next = self.car.next().map_or(Duration::from_secs(3600), |at| at.max(now + Duration::from_micros(100)));
            tokio::select! {
                read = link.read(&mut chunk) => {
                    let read = read?;
                    if read == 0 {
                        return Ok(());
                    }
                    for byte in chunk.iter().take(read) {
                        if *byte != b'\r' {
                            if line.len() < LINE { line.push(char::from(*byte)); }
                            continue;
                        }
                        let said = self.run(&std::mem::take(&mut line));
                        link.write_all(said.as_bytes()).await?;
                    }
                    link.flush().await?;
                }
                () = sleep_until(self.started + next) => {}
            }
        }
    }

    /// Whether what is on the bus reads as frames.
    fn reads(&self) -> bool {
        self.rate == Some(self.car.bitrate())
    }

    fn run(&mut self, command: &str) -> String {
        let Some((first, rest)) = command.split_at_checked(1) else { return OK.into() };
        let closed = self.channel == Channel::Closed;
        match (first, rest) {
            ("S", digit) if closed => match digit.parse::<usize>().ok().and_then(|n| RATES.get(n)) {
                Some(rate) => {
                    self.rate = Some(*rate);
                    OK.into()
                }
                None => BELL.into(),
            },
            ("O" | "L", "") if closed && self.rate.is_some() => {
                self.channel = if first == "O" { Channel::Open } else { Channel::Listening };
                OK.into()
            }
            ("C", "") => {
                self.channel = Channel::Closed;
                OK.into()
            }
            ("Z", "0" | "1") if closed => {
                self.stamps = rest == "1";
                OK.into()
            }
            ("V", "") => format!("V1013{OK}"),
            ("N", "") => format!("NRW01{OK}"),
            ("F", "") if !closed => {
                format!("F{:02X}{OK}", if std::mem::take(&mut self.garbled) { BUS_ERROR } else { 0 })
            }
            ("t" | "T" | "r" | "R", _) if self.channel == Channel::Open => match parse(command) {
                Some(frame) => {
                    if self.reads() && matches!(first, "t" | "T") {
                        self.car.hear(self.started.elapsed(), &frame);
                    }
                    format!("{}{OK}", if frame.extended { "Z" } else { "z" })
                }
                None => BELL.into(),
            },
            _ => BELL.into(),
        }
    }

    fn spell(&self, frame: &CanFrame, now: Duration) -> String {
        let mut out = if frame.extended { format!("T{:08X}", frame.id) } else { format!("t{:03X}", frame.id) };
        out.push_str(&frame.data.len().to_string());
        for byte in &frame.data {
            let _ = write!(out, "{byte:02X}");
        }
        if self.stamps {
            let _ = write!(out, "{:04X}", now.as_millis() % 60_000);
        }
        out + OK
    }
}

fn parse(command: &str) -> Option<CanFrame> {
    let extended = command.starts_with(['T', 'R']);
    let digits = if extended { 8 } else { 3 };
    let id = u32::from_str_radix(command.get(1..=digits)?, 16).ok()?;
    let length = command.get(digits + 1..digits + 2)?.parse::<usize>().ok().filter(|n| *n <= 8)?;
    let rest = command.get(digits + 2..)?;
    let wanted = if command.starts_with(['r', 'R']) { 0 } else { 2 * length };
    if rest.len() != wanted || id > if extended { 0x1FFF_FFFF } else { 0x7FF } {
        return None;
    }
    let byte = |n: usize| rest.get(n..n + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    let data = (0..wanted).step_by(2).map(byte).collect::<Option<_>>()?;
    Some(CanFrame { id, extended, fd: false, data })
}
