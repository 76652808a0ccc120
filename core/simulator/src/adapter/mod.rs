//! A strict ELM327: reads characters, runs one command at a time, ends every answer with a prompt.
//!
//! Strict where real adapters are and clones are not: any character during a request to the bus stops it (`STOPPED`), a
//! bare carriage return repeats the last command, echo runs until `ATE0`, more than seven bytes are refused.

mod chip;
mod command;
mod open;
mod request;
mod settings;

use crate::{Options, vehicle::Vehicle};
use settings::Settings;
use std::{collections::VecDeque, io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{Instant, sleep, timeout},
};

/// Milliseconds one character takes at 38400 bit/s.
const CHARACTER: f64 = 10_000.0 / 38_400.0;
/// Characters the chip takes in one command.
const LINE: usize = 128;

/// Part of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Out {
    /// Milliseconds before it is printed.
    pub(crate) after: f64,
    /// One line without its end, or text that stays on its line.
    pub(crate) text: String,
    /// Whether the line ends here.
    pub(crate) ends: bool,
}

impl Out {
    pub(crate) fn line(after: f64, text: impl Into<String>) -> Self {
        Self { after, text: text.into(), ends: true }
    }

    pub(crate) fn part(after: f64, text: impl Into<String>) -> Self {
        Self { after, text: text.into(), ends: false }
    }
}

/// What a command does.
pub(crate) struct Answer {
    /// What is printed before the prompt.
    pub(crate) out: Vec<Out>,
    /// Whether a character from the client stops it.
    pub(crate) stoppable: bool,
}

/// The chip between a client and a vehicle.
pub(crate) struct Adapter {
    settings: Settings,
    vehicle: Vehicle,
    options: Options,
    started: Instant,
    /// Characters that arrived and are not read yet.
    pending: VecDeque<u8>,
    line: String,
    last: String,
}

impl Adapter {
    pub(crate) fn new(vehicle: Vehicle, options: Options) -> Self {
        Self {
            settings: Settings::default(),
            vehicle,
            options,
            started: Instant::now(),
            pending: VecDeque::new(),
            line: String::new(),
            last: String::new(),
        }
    }

    /// Serves one client until it closes, or until the plug is pulled. The chip keeps its settings for the next, as one on a
    /// powered socket does.
    pub(crate) async fn serve(&mut self, link: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
        match self.options.unplug {
            None => self.talk(link).await,
            Some(seconds) => match timeout(Duration::from_secs_f64(seconds), self.talk(link)).await {
                Ok(end) => end,
                Err(_) => Err(io::ErrorKind::ConnectionAborted.into()),
            },
        }
    }

    async fn talk(&mut self, link: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
        self.pending.clear();
        loop {
            let Some(byte) = self.next(link).await? else { return Ok(()) };
            match byte {
                0 | b'\n' => {}
                b'\r' => {
                    if self.settings.echo {
                        self.print(link, "\r").await?;
                    }
                    let typed: String = self.line.drain(..).filter(|c| *c != ' ').collect();
                    if !typed.is_empty() {
                        self.last = typed.to_ascii_uppercase();
                    }
                    self.run(link).await?;
                }
                _ => {
                    let c = char::from(byte);
                    if self.settings.echo {
                        self.print(link, c.encode_utf8(&mut [0; 4])).await?;
                    }
                    if self.line.len() < LINE {
                        self.line.push(c);
                    }
                }
            }
        }
    }

    /// Runs the last command typed.
    async fn run(&mut self, link: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
        let since = self.started.elapsed().as_secs_f64() * self.options.speed;
        self.vehicle.advance_to(self.options.driven + since);
        let chip = self.options.chip;
        let answer = match self.last.strip_prefix("AT") {
            _ if !chip.understands(&self.last) => Answer { out: vec![Out::line(3.0, "?")], stoppable: false },
            Some(command) => command::run(&mut self.settings, &self.vehicle, chip.name(), command),
            None if self.last.is_empty() => Answer { out: Vec::new(), stoppable: false },
            None => request::run(&mut self.settings, &mut self.vehicle, &self.last),
        };
        for out in &answer.out {
            let wait = self.real(out.after + CHARACTER * f64::from(u32::try_from(out.text.len()).unwrap_or(0)));
            if answer.stoppable && self.interrupted(link, wait).await? {
                self.settings.searching = false;
                self.print_line(link, "STOPPED").await?;
                return self.prompt(link).await;
            }
            if !answer.stoppable {
                sleep(wait).await;
            }
            if out.ends {
                self.print_line(link, &out.text).await?;
            } else {
                self.print(link, &out.text).await?;
            }
        }
        self.prompt(link).await
    }

    fn real(&self, ms: f64) -> Duration {
        Duration::from_secs_f64((ms / 1000.0 / self.options.speed).max(0.0))
    }

    /// Waits; `true` as soon as a character arrives, which is thrown away.
    async fn interrupted(&mut self, link: &mut (impl AsyncRead + Unpin), wait: Duration) -> io::Result<bool> {
        if self.pending.pop_front().is_some() {
            return Ok(true);
        }
        let mut byte = [0];
        tokio::select! {
            biased;
            read = link.read(&mut byte) => match read? {
                0 => Err(io::ErrorKind::UnexpectedEof.into()),
                _ => Ok(true),
            },
            () = sleep(wait) => Ok(false),
        }
    }

    async fn next(&mut self, link: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<u8>> {
        if self.pending.is_empty() {
            let mut chunk = [0; 256];
            let n = link.read(&mut chunk).await?;
            self.pending.extend(&chunk[..n]);
        }
        Ok(self.pending.pop_front())
    }

    async fn print(&self, link: &mut (impl AsyncWrite + Unpin), text: &str) -> io::Result<()> {
        link.write_all(text.as_bytes()).await?;
        link.flush().await
    }

    async fn print_line(&self, link: &mut (impl AsyncWrite + Unpin), text: &str) -> io::Result<()> {
        let end = if self.settings.linefeeds { "\r\n" } else { "\r" };
        self.print(link, &format!("{text}{end}")).await
    }

    async fn prompt(&self, link: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        self.print_line(link, "").await?;
        self.print(link, ">").await
    }
}
