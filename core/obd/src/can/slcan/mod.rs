//! Adapters that pass frames on as text: SLCAN, the language of Lawicel's CAN232, over any link of bytes.
//!
//! The usual case: `slcan:/dev/ttyACM0?bitrate=500000` as a port. [`Slcan::new`] is for a link of your own.
//!
//! What an adapter had in its buffer is thrown away first, and it is believed to be one only when it has answered a command as
//! such an adapter does. It is closed before it is set up, so that one left open by another program is taken over, and it is
//! closed again at the end ([`CanLink::stop`]; a dropped one says so and does not wait): an open one goes on acknowledging a
//! bus that nobody listens to, and keeps sending into a port that nobody reads.

pub mod line;

use super::{BusError, CanError, CanFrame, CanLink, Event, Later, Mode, Received};
use crate::link::BoxLink;
use line::Said;
use std::{
    collections::VecDeque,
    future::poll_fn,
    io,
    pin::{Pin, pin},
    task::{Context, Waker},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt},
    task::coop::unconstrained,
    time::{Instant, timeout, timeout_at},
};

/// Bit rates by the digit of the command `S`.
pub const RATES: [u32; 9] = [10_000, 20_000, 50_000, 100_000, 125_000, 250_000, 500_000, 800_000, 1_000_000];
/// The rates of ISO 15765-4, tried where none is named.
const OBD: [u32; 2] = [500_000, 250_000];
/// How long an adapter may take for a command.
const PATIENCE: Duration = Duration::from_millis(500);
/// Silence that means that nothing more is on its way.
const QUIET: Duration = Duration::from_millis(60);
/// Longest wait for silence: an open adapter on a busy bus is never silent.
const NOISY: Duration = Duration::from_millis(400);
/// Longest line: a CAN FD frame with its time takes 142 characters.
const LINE: usize = 160;
/// Frames kept while an answer is waited for: half a second of a full bus.
const QUEUE: usize = 4096;

/// An adapter.
pub struct Slcan {
    link: BoxLink,
    bitrate: Option<u32>,
    stamps: bool,
    name: String,
    /// Characters of the line that is not whole yet.
    line: Vec<u8>,
    /// What was said and has not been looked at.
    said: VecDeque<(Instant, Said)>,
    /// Whether it says when it has taken a frame; some never do.
    confirms: bool,
    /// Characters that were no line.
    junk: u32,
    /// Whether it may be on the bus.
    open: bool,
}

impl Slcan {
    /// An adapter that has not been spoken to. `bitrate`: that of the vehicle, if a person has named it.
    ///
    /// # Errors
    /// [`CanError::Refused`] for a rate that this kind of adapter does not know.
    pub fn new(link: BoxLink, bitrate: Option<u32>) -> Result<Self, CanError> {
        if let Some(rate) = bitrate
            && !RATES.contains(&rate)
        {
            return Err(CanError::Refused(format!("the bit rate {rate}")));
        }
        Ok(Self {
            link,
            bitrate,
            stamps: false,
            name: String::new(),
            line: Vec::new(),
            said: VecDeque::new(),
            confirms: true,
            junk: 0,
            open: false,
        })
    }

    /// Asks for the adapter's own time with each frame.
    #[must_use]
    pub fn with_stamps(mut self) -> Self {
        self.stamps = true;
        self
    }

    async fn write(&mut self, text: &str) -> Result<(), CanError> {
        self.link.write_all(text.as_bytes()).await.map_err(|e| CanError::Gone(e.kind()))?;
        self.link.flush().await.map_err(|e| CanError::Gone(e.kind()))
    }

    /// Reads once and takes lines apart. Loses nothing when it is dropped half-way.
    async fn read(&mut self) -> Result<(), CanError> {
        let mut chunk = [0; 1024];
        let read = self.link.read(&mut chunk).await.map_err(|e| CanError::Gone(e.kind()))?;
        if read == 0 {
            return Err(CanError::Gone(io::ErrorKind::UnexpectedEof));
        }
        let at = Instant::now();
        for byte in chunk.iter().take(read) {
            let said = match byte {
                // A bell is an answer of its own, and what stood before it was none.
                0x07 => {
                    self.line.clear();
                    Some(Said::No)
                }
                b'\r' => {
                    let text = String::from_utf8_lossy(&self.line).into_owned();
                    let said = if self.line.len() > LINE { None } else { line::read(&text).ok() };
                    if said.is_none() {
                        self.junk = self.junk.saturating_add(1);
                    }
                    self.line.clear();
                    said
                }
                _ => {
                    if self.line.len() <= LINE {
                        self.line.push(*byte);
                    }
                    None
                }
            };
            if let Some(said) = said {
                if self.said.len() >= QUEUE {
                    self.said.pop_front();
                }
                self.said.push_back((at, said));
            }
        }
        Ok(())
    }

    /// Throws away what comes until nothing does.
    async fn settle(&mut self) -> Result<(), CanError> {
        let end = Instant::now() + NOISY;
        while Instant::now() < end {
            match timeout(QUIET, self.read()).await {
                Ok(read) => read?,
                Err(_) => break,
            }
        }
        self.said.clear();
        self.line.clear();
        Ok(())
    }

    /// Sends a command and waits for an answer that `fits`; frames stay in the queue. `None`: none came.
    async fn command(&mut self, text: &str, fits: fn(&Said) -> bool) -> Result<Option<Said>, CanError> {
        // An answer that is late already is no answer to this.
        self.said.retain(|(_, said)| matches!(said, Said::Frame(..)));
        self.write(&format!("{text}\r")).await?;
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(place) = self.said.iter().position(|(_, said)| fits(said)) {
                return Ok(self.said.remove(place).map(|(_, said)| said));
            }
            match timeout_at(end, self.read()).await {
                Ok(read) => read?,
                Err(_) => return Ok(None),
            }
        }
    }

    /// A command that is done or refused.
    async fn set(&mut self, text: &str) -> Result<Option<bool>, CanError> {
        let said = self.command(text, |said| matches!(said, Said::Done | Said::No)).await?;
        Ok(said.map(|said| said == Said::Done))
    }

    /// Finds out that it is an adapter of this kind, and which.
    async fn meet(&mut self) -> Result<(), CanError> {
        // What another program left half-typed ends here.
        self.write("\r\r").await?;
        self.settle().await?;
        self.write("C\r").await?;
        self.settle().await?;
        let fits = |said: &Said| matches!(said, Said::Version(_) | Said::No | Said::Done);
        for _ in 0..3 {
            match self.command("V", fits).await? {
                Some(Said::Version(version)) => {
                    self.name = format!("SLCAN {version}");
                    if let Some(Said::Serial(serial)) =
                        self.command("N", |said| matches!(said, Said::Serial(_) | Said::No | Said::Done)).await?
                    {
                        self.name = format!("SLCAN {version} ({serial})");
                    }
                    return Ok(());
                }
                // It does not know the question, but it knows how to refuse one.
                Some(Said::No) => {
                    self.name = "SLCAN".into();
                    return Ok(());
                }
                _ => self.settle().await?,
            }
        }
        let what = if self.junk > 0 || !self.line.is_empty() {
            "what answers speaks another language"
        } else {
            "nothing answers"
        };
        Err(CanError::NotAnAdapter(what.into()))
    }

    async fn go(&mut self, bitrate: Option<u32>, mode: Mode) -> Result<(), CanError> {
        if self.name.is_empty() {
            self.meet().await?;
        }
        let rate = bitrate.or(self.bitrate).unwrap_or(OBD[0]);
        let digit =
            RATES.iter().position(|r| *r == rate).ok_or_else(|| CanError::Refused(format!("the bit rate {rate}")))?;
        // Refused where it is closed already.
        self.set("C").await?;
        self.settle().await?;
        if self.set(&format!("S{digit}")).await? != Some(true) {
            return Err(CanError::Refused(format!("the bit rate {} kbit/s", rate / 1000)));
        }
        if self.set(if self.stamps { "Z1" } else { "Z0" }).await? != Some(true) {
            // Its frames come with the time or without; both are read.
            self.settle().await?;
        }
        // Before it is said: who does not hear the answer cannot know.
        self.open = true;
        let opened = self.set(if mode == Mode::Listen { "L" } else { "O" }).await?;
        self.open = opened != Some(false);
        match (opened, mode) {
            (Some(true), _) => Ok(()),
            (_, Mode::Listen) => Err(CanError::NoListening),
            (_, Mode::Active) => Err(CanError::Refused("to open the bus".into())),
        }
    }

    async fn close(&mut self) -> Result<(), CanError> {
        if !self.open {
            return Ok(());
        }
        // A refusal is that of a line which was cut short before this one.
        if self.set("C").await? == Some(false) {
            self.set("C").await?;
        }
        self.open = false;
        Ok(())
    }

    async fn put(&mut self, frame: &CanFrame) -> Result<(), CanError> {
        let text = line::write(frame);
        if !self.confirms {
            return self.write(&text).await;
        }
        let fits = |said: &Said| matches!(said, Said::Taken | Said::Done | Said::No);
        match self.command(text.trim_end(), fits).await? {
            Some(Said::No) => Err(CanError::Full),
            Some(_) => Ok(()),
            None => {
                self.confirms = false;
                Ok(())
            }
        }
    }
}

impl CanLink for Slcan {
    fn about(&self) -> String {
        self.name.clone()
    }

    fn bitrates(&self) -> Vec<u32> {
        self.bitrate.map_or_else(|| OBD.to_vec(), |rate| vec![rate])
    }

    fn start(&mut self, bitrate: Option<u32>, mode: Mode) -> Later<'_, ()> {
        Box::pin(self.go(bitrate, mode))
    }

    fn send<'a>(&'a mut self, frame: &'a CanFrame) -> Later<'a, ()> {
        Box::pin(self.put(frame))
    }

    fn receive(&mut self) -> Later<'_, Received> {
        Box::pin(async move {
            loop {
                while let Some((at, said)) = self.said.pop_front() {
                    if let Said::Frame(frame, stamp) = said {
                        return Ok(Received { at, stamp, event: Event::Frame(frame) });
                    }
                }
                self.read().await?;
            }
        })
    }

    fn faults(&mut self) -> Later<'_, Option<BusError>> {
        Box::pin(async move {
            Ok(match self.command("F", |said| matches!(said, Said::Status(_) | Said::No)).await? {
                Some(Said::Status(status)) if status.is_garbled() => Some(BusError::GARBLED),
                Some(Said::Status(status)) if status.lost_frames() => Some(BusError::OVERFLOW),
                _ => None,
            })
        })
    }

    fn stop(&mut self) -> Later<'_, ()> {
        Box::pin(self.close())
    }
}

impl Drop for Slcan {
    /// What ends in the middle of things cannot wait for an answer: the adapter is told, if the link takes so much at once.
    fn drop(&mut self) {
        if self.open {
            let last = unconstrained(poll_fn(|cx| Pin::new(&mut self.link).poll_write(cx, b"\rC\r")));
            let _ = pin!(last).poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}
