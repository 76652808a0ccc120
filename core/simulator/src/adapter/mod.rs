//! A strict ELM327: reads characters, runs one command at a time, ends every answer with a prompt.
//!
//! Strict where real adapters are and clones are not: any character during a request to the bus stops it (`STOPPED`), a
//! bare carriage return repeats the last command, echo runs until `ATE0`, more than seven bytes are refused. The habits of
//! a profile are laid over this, and only here and in [`faults`].

mod command;
mod faults;
mod open;
mod request;
mod settings;

use crate::{
    Options,
    profile::{
        Habits,
        habits::{Does, Trouble},
    },
    vehicle::Vehicle,
};
use faults::{Faults, Prompt};
use settings::Settings;
use std::{collections::VecDeque, io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{Instant, sleep, timeout},
};

/// Bits of one character on a serial line, times the milliseconds of a second.
const CHARACTER: f64 = 10_000.0;
/// Milliseconds of an ordinary command.
const QUICK: f64 = 3.0;
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
    habits: Habits,
    faults: Faults,
    started: Instant,
    /// Whether it does nothing any more until it loses its power.
    hung: bool,
    /// When it last heard a character, `None` while it sleeps.
    awake: Option<Instant>,
    /// Characters that arrived and are not read yet.
    pending: VecDeque<u8>,
    line: String,
    last: String,
}

impl Adapter {
    pub(crate) fn new(vehicle: Vehicle, options: Options) -> Self {
        let habits = options.adapter.as_ref().map(|profile| profile.habits.clone()).unwrap_or_default();
        let now = Instant::now();
        Self {
            settings: Settings::default(),
            vehicle,
            options,
            faults: Faults::default(),
            started: now,
            hung: false,
            awake: (!habits.sleep.as_ref().is_some_and(|sleep| sleep.first)).then_some(now),
            habits,
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
        for greeting in self.habits.line.greets.clone() {
            self.print_line(link, &greeting).await?;
        }
        loop {
            let Some(byte) = self.next(link).await? else { return Ok(()) };
            if self.hung {
                continue;
            }
            if self.asleep() {
                self.wake(link).await?;
                continue;
            }
            self.awake = Some(Instant::now());
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

    /// Whether it saves power, or would by now.
    fn asleep(&self) -> bool {
        let after = self.habits.sleep.as_ref().and_then(|sleep| sleep.after);
        self.awake.is_none_or(|heard| after.is_some_and(|s| heard.elapsed() > self.real(s * 1000.0)))
    }

    /// The first character wakes it. What comes until it is up again is lost, and so are its settings.
    async fn wake(&mut self, link: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
        sleep(self.real(self.habits.sleep.as_ref().map_or(0.0, |sleep| sleep.wake))).await;
        self.pending.clear();
        let mut lost = [0; 256];
        while let Ok(read) = timeout(Duration::ZERO, link.read(&mut lost)).await {
            if read? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        self.settings.reset();
        (self.awake, self.line) = (Some(Instant::now()), String::new());
        for line in command::banner(&self.habits.chip, 0.0) {
            self.print_line(link, &line.text).await?;
        }
        self.prompt(link).await
    }

    /// Runs the last command typed.
    async fn run(&mut self, link: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
        let since = self.started.elapsed().as_secs_f64() * self.options.speed;
        self.vehicle.advance_to(self.options.driven + since);
        let trouble = self.faults.befalls(&self.habits, &self.last).cloned();
        match trouble.as_ref().and_then(|t| t.does) {
            Some(Does::Silence) => return Ok(()),
            Some(Does::Hang) => {
                self.hung = true;
                return Ok(());
            }
            Some(Does::Drop) => return Err(io::ErrorKind::ConnectionAborted.into()),
            None => {}
        }
        let answer = match &trouble {
            Some(trouble) => self.troubled(trouble),
            None => self.answer(),
        };
        if let Some(stuck) = trouble.map(|t| t.stuck).filter(|ms| *ms > 0.0) {
            let whole: f64 = answer.out.iter().map(|out| out.after).sum();
            sleep(self.real(whole + stuck)).await;
            for out in &answer.out {
                self.say(link, out).await?;
            }
            return self.prompt(link).await;
        }
        for out in &answer.out {
            let characters = f64::from(u32::try_from(out.text.len()).unwrap_or(0));
            let wait = self.real(out.after + CHARACTER / f64::from(self.habits.line.baud.max(1)) * characters);
            if answer.stoppable && self.interrupted(link, wait).await? {
                self.settings.searching = false;
                self.print_line(link, "STOPPED").await?;
                return self.prompt(link).await;
            }
            if !answer.stoppable {
                sleep(wait).await;
            }
            self.say(link, out).await?;
        }
        self.prompt(link).await
    }

    /// What a sound command or request is answered with.
    fn answer(&mut self) -> Answer {
        let (chip, last) = (&self.habits.chip, self.last.as_str());
        let begins = |list: &[String]| list.iter().any(|begin| last.starts_with(begin.as_str()));
        let own = |text: &str| Answer { out: vec![Out::line(QUICK + chip.slow, text)], stoppable: false };
        if last.is_empty() {
            return Answer { out: Vec::new(), stoppable: false };
        }
        if let Some(line) = chip.answers.get(last) {
            return own(line);
        }
        if begins(&chip.unknown) || !chip.only.is_empty() && !begins(&chip.only) {
            return own("?");
        }
        if begins(&chip.ignored) {
            return own("OK");
        }
        if let Some(command) = last.strip_prefix("AT") {
            let mut answer = command::run(&mut self.settings, &self.vehicle, chip, command);
            answer.out.insert(0, Out::part(chip.slow, ""));
            return answer;
        }
        let mut answer = request::run(&mut self.settings, &mut self.vehicle, &self.habits.request, &self.last);
        answer.out = self.faults.shape(&self.habits, answer.out);
        answer
    }

    /// The same when something goes wrong with it.
    fn troubled(&mut self, trouble: &Trouble) -> Answer {
        let mut answer = if trouble.says.is_empty() {
            self.answer()
        } else {
            let out = trouble.says.iter().map(|line| Out::line(QUICK, line)).collect();
            Answer { out, stoppable: !self.last.starts_with("AT") }
        };
        if trouble.resets {
            self.settings.reset();
        }
        trouble.loses.iter().for_each(|setting| self.settings.lose(*setting));
        if let Some(last) = answer.out.iter_mut().rfind(|out| out.ends && !out.text.is_empty()) {
            last.text.push_str(&trouble.behind);
        }
        if trouble.late > 0.0 {
            answer.out.insert(0, Out::part(trouble.late, ""));
            answer.stoppable = true;
        }
        answer
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

    async fn say(&mut self, link: &mut (impl AsyncWrite + Unpin), out: &Out) -> io::Result<()> {
        if out.ends { self.print_line(link, &out.text).await } else { self.print(link, &out.text).await }
    }

    async fn print(&mut self, link: &mut (impl AsyncWrite + Unpin), text: &str) -> io::Result<()> {
        let bytes = self.faults.noisy(&self.habits, text);
        let chunk = if self.habits.line.chunk == 0 { bytes.len() } else { self.habits.line.chunk };
        for (n, part) in bytes.chunks(chunk.max(1)).enumerate() {
            if n > 0 {
                sleep(self.real(self.habits.line.pause)).await;
            }
            link.write_all(part).await?;
            link.flush().await?;
        }
        Ok(())
    }

    async fn print_line(&mut self, link: &mut (impl AsyncWrite + Unpin), text: &str) -> io::Result<()> {
        let usual = if self.settings.linefeeds { "\r\n" } else { "\r" };
        let line = format!("{text}{}", self.habits.line.end.as_deref().unwrap_or(usual));
        self.print(link, &line).await
    }

    async fn prompt(&mut self, link: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let what = self.faults.prompt(&self.habits);
        if what == Prompt::Missing {
            return Ok(());
        }
        self.print_line(link, "").await?;
        sleep(self.real(self.habits.prompt.late)).await;
        self.print(link, ">").await?;
        if what == Prompt::Twice {
            sleep(self.real(self.habits.prompt.gap)).await;
            self.print_line(link, "").await?;
            self.print(link, ">").await?;
        }
        Ok(())
    }
}
