//! One command, one answer: the prompt discipline.
//!
//! An adapter takes one command at a time and ends every answer with `>`. A character sent earlier stops what it does, and
//! an answer that comes after its timeout would be read as the answer to the next command. So after a missing prompt
//! nothing is sent until both sides are in step again, which is proved by an answer that only one command gives.

use super::command::printable;
use crate::{
    link::{self, BoxLink, Port},
    traffic::{Direction, Traffic},
};
use roadworthy_api::{Code, Error};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::yield_now,
    time::{Instant, timeout, timeout_at},
};

/// Longest answer: a babbling device is not an adapter.
const LONGEST: usize = 64 * 1024;
/// Most bytes of a whole dialogue: real checks stay below a few hundred kilobytes, and every byte is kept.
const RECORD: usize = 16 << 20;
/// Longest time for one answer however much trickles in.
const ENDLESS: Duration = Duration::from_secs(60);
/// Silence that means that nothing more is on its way.
const QUIET: Duration = Duration::from_millis(120);
/// How long an answer may come behind a bare prompt at most. Where answers have all been quicker, twice the slowest does, but
/// never less than a [`QUIET`]: one that comes later still is not mistaken, since both sides get in step before anything
/// else is sent, and the request is put again.
const BARE: Duration = Duration::from_millis(500);
/// How long after a bare prompt the whole of that answer may take.
const BARE_END: Duration = Duration::from_secs(2);
/// How long an adapter may take to say its name.
const NAME: Duration = Duration::from_millis(1500);
/// Longest wait for silence.
const NOISY: Duration = Duration::from_secs(3);
/// How long getting in step may take in all; a sound adapter needs one attempt.
const IN_STEP: Duration = Duration::from_secs(10);

/// How a command was answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Everything up to the prompt.
    Answer(Vec<u8>),
    /// A prompt and nothing else. Either a leftover of the command before, or an adapter with nothing to say.
    Empty,
    /// No prompt in time.
    Late,
}

/// Whether both sides agree on whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The last answer was read to its prompt.
    In,
    /// A prompt came, but perhaps not the one of the last command.
    Doubtful,
    /// No prompt came. Also while a command is under way, so that one that is given up half-way (a cancelled check) leaves
    /// this behind.
    Out,
}

/// Whether the adapter repeats what it is sent. After a reset it does, so an echo that comes back tells of one that nobody
/// told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Echo {
    /// Also with an adapter that cannot be made to leave it.
    On,
    /// `ATE0` was sent, and no other command since.
    Asked,
    Off,
    /// It was off.
    Back,
}

/// A link with a record of everything on it.
pub(super) struct Wire {
    link: BoxLink,
    traffic: Traffic,
    /// Bytes in `traffic`.
    recorded: usize,
    started: Instant,
    step: Step,
    echo: Echo,
    /// When the last byte went either way.
    moved: Instant,
    /// The longest that a request to the vehicle has taken to its prompt.
    slowest: Option<Duration>,
    /// What the adapter calls itself: the answer to `ATI`, by which it is known again.
    identity: String,
    /// Where the adapter is, for the words when the link breaks.
    port: Option<Port>,
}

impl Wire {
    pub(super) fn new(link: BoxLink) -> Self {
        Self {
            link,
            traffic: Traffic::default(),
            recorded: 0,
            started: Instant::now(),
            step: Step::In,
            echo: Echo::On,
            moved: Instant::now(),
            slowest: None,
            identity: String::new(),
            port: None,
        }
    }

    pub(super) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Drops the record so far.
    pub(super) fn forget(&mut self) {
        (self.traffic, self.recorded) = (Traffic::default(), 0);
    }

    pub(super) fn into_traffic(self) -> Traffic {
        self.traffic
    }

    /// Sets where the adapter is.
    pub(super) fn place(&mut self, port: Port) {
        self.port = Some(port);
    }

    /// Sets the name (upper case) by which the adapter is known again.
    pub(super) fn know(&mut self, identity: &str) {
        identity.clone_into(&mut self.identity);
    }

    /// Whether the adapter says its name in an answer, which only a reset and `ATI` make it do.
    pub(super) fn names_itself(&self, answer: &[u8]) -> bool {
        !self.identity.is_empty() && printable(answer).to_ascii_uppercase().contains(&self.identity)
    }

    /// Sends `text` and waits for the prompt, at most `patience` without a byte.
    pub(super) async fn exchange(&mut self, text: &str, patience: Duration) -> Result<Heard, Error> {
        if self.step != Step::In {
            self.get_in_step().await?;
        }
        self.drain().await?;
        self.send(&format!("{text}\r")).await?;
        let sent = self.moved;
        let heard = self.hear(patience).await?;
        if let Heard::Answer(answer) = &heard {
            if text.starts_with(|c: char| c.is_ascii_hexdigit() && c != 'A') {
                self.slowest = self.slowest.max(Some(sent.elapsed()));
            }
            self.echo = self.echo.after(text, answer);
        }
        Ok(heard)
    }

    /// Whether the adapter has lost its settings since they were made: it repeats what it is sent, which it had left.
    pub(super) fn echoes_again(&self) -> bool {
        self.echo == Echo::Back
    }

    /// What came last answers something else: both sides get in step before anything more is sent.
    pub(super) fn doubt(&mut self) {
        self.step = Step::Doubtful;
    }

    /// Reads until nothing has come for a moment, which may have begun before; what came is dropped (and kept in the record).
    pub(super) async fn settle(&mut self) -> Result<(), Error> {
        let end = Instant::now() + NOISY;
        let mut dropped = 0;
        while Instant::now() < end
            && let Some(bytes) = self.read(self.moved + QUIET).await?
        {
            dropped += bytes.len();
            if dropped > LONGEST {
                return Err(babble());
            }
        }
        Ok(())
    }

    /// Drops what has arrived already: nothing has been asked, so it answers nothing.
    async fn drain(&mut self) -> Result<(), Error> {
        let mut dropped = 0;
        while let Some(bytes) = self.read(Instant::now()).await? {
            dropped += bytes.len();
            if dropped > LONGEST {
                return Err(babble());
            }
        }
        Ok(())
    }

    async fn hear(&mut self, patience: Duration) -> Result<Heard, Error> {
        let mut end = Instant::now() + ENDLESS;
        let (mut answer, mut total) = (Vec::new(), 0);
        let (mut patience, mut bare) = (patience, false);
        while let Some(bytes) = self.read((Instant::now() + patience).min(end)).await? {
            // All of it: bytes in front of a bare prompt are dropped below, and would otherwise count for nothing.
            total += bytes.len();
            if total > LONGEST {
                return Err(babble());
            }
            answer.extend_from_slice(&bytes);
            while let Some(at) = answer.iter().position(|b| *b == b'>') {
                let rest = answer.split_off(at + 1);
                answer.pop();
                if answer.iter().any(|b| b.is_ascii_graphic()) {
                    self.step = Step::In;
                    return Ok(Heard::Answer(answer));
                }
                // A prompt alone is most likely a leftover: the answer may be right behind it. Only the first one gives it
                // time, or a device that prints nothing but prompts would never be done.
                if !bare {
                    let behind = self.slowest.map_or(BARE, |slowest| (2 * slowest).clamp(QUIET, BARE));
                    (bare, patience) = (true, patience.min(behind));
                    end = end.min(Instant::now() + BARE_END);
                }
                answer = rest;
            }
        }
        if bare {
            self.step = Step::Doubtful;
        }
        Ok(if bare { Heard::Empty } else { Heard::Late })
    }

    /// After a missing prompt: lets what is late arrive, stops what still runs, and asks who is there until the adapter's
    /// own name comes back, which is no answer to anything else. A space stops a busy adapter and is ignored by an idle
    /// one; a carriage return in its place would repeat the last request. Some do not take a line that begins with a space,
    /// so every other attempt does without.
    async fn get_in_step(&mut self) -> Result<(), Error> {
        if let Ok(found) = timeout(IN_STEP, self.find_step()).await
            && found?
        {
            return Ok(());
        }
        Err(Error::new(Code::AdapterFault, "The adapter stopped answering its own commands.")
            .hint("Unplug the adapter, plug it in again, and check again."))
    }

    /// Whether the adapter's name came back.
    async fn find_step(&mut self) -> Result<bool, Error> {
        for stop in [self.step == Step::Out, false, true, false] {
            self.settle().await?;
            if stop {
                self.send(" ").await?;
                self.settle().await?;
            }
            self.send("ATI\r").await?;
            if let Heard::Answer(answer) = self.hear(NAME).await? {
                let known = printable(&answer).to_ascii_uppercase().contains(&self.identity);
                // Another prompt may follow where the space had stopped something late.
                self.settle().await?;
                if known {
                    return Ok(true);
                }
                self.step = Step::Out;
            }
        }
        Ok(false)
    }

    async fn send(&mut self, text: &str) -> Result<(), Error> {
        (self.step, self.moved) = (Step::Out, Instant::now());
        self.record(Direction::ToAdapter, text.as_bytes())?;
        self.link.write_all(text.as_bytes()).await.map_err(|e| self.lost(&e))?;
        self.link.flush().await.map_err(|e| self.lost(&e))
    }

    /// The next bytes, or `None` when none came by `until`. What is there already is read even when `until` is past.
    async fn read(&mut self, until: Instant) -> Result<Option<Vec<u8>>, Error> {
        let mut chunk = [0; 1024];
        let read = if until <= Instant::now() {
            // Lets the runtime hear of what has arrived; a timer without time takes it a millisecond, before each request.
            yield_now().await;
            tokio::select! {
                biased;
                read = self.link.read(&mut chunk) => Some(read),
                () = std::future::ready(()) => None,
            }
        } else {
            timeout_at(until, self.link.read(&mut chunk)).await.ok()
        };
        match read {
            None => Ok(None),
            Some(Ok(0)) => Err(self.lost(&io::ErrorKind::UnexpectedEof.into())),
            Some(Ok(n)) => {
                self.moved = Instant::now();
                self.record(Direction::FromAdapter, &chunk[..n])?;
                Ok(Some(chunk[..n].to_vec()))
            }
            Some(Err(e)) => Err(self.lost(&e)),
        }
    }

    fn record(&mut self, direction: Direction, bytes: &[u8]) -> Result<(), Error> {
        self.recorded += bytes.len();
        if self.recorded > RECORD {
            return Err(babble());
        }
        self.traffic.push(self.ms(), direction, bytes);
        Ok(())
    }

    fn lost(&self, error: &io::Error) -> Error {
        link::lost(self.port.as_ref(), error)
    }

    /// Milliseconds since the link was handed over.
    pub(super) fn ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Echo {
    fn after(self, text: &str, answer: &[u8]) -> Self {
        let answer = printable(answer);
        let mut lines = answer.split(['\r', '\n']).map(|l| l.replace(' ', "")).filter(|l| !l.is_empty());
        // An echo and nothing else is a spoilt answer: after a reset something is said behind it.
        let echo = lines.next().is_some_and(|first| first == text) && lines.next().is_some();
        match (self, text) {
            (_, "ATZ" | "ATWS" | "ATD") => Self::On,
            (_, "ATE0") => {
                if answer.contains("OK") {
                    Self::Asked
                } else {
                    Self::On
                }
            }
            (Self::Asked, _) if echo => Self::On,
            (Self::Asked, _) => Self::Off,
            (Self::Off, _) if echo => Self::Back,
            _ => self,
        }
    }
}

fn babble() -> Error {
    Error::new(Code::NotAnAdapter, "The device sends without end.").hint("Pick the port of an OBD adapter.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_that_comes_back_tells_of_a_reset() {
        let table: [(&[(&str, &str)], Echo); 7] = [
            (&[("ATE0", "ATE0\rOK"), ("ATL0", "OK"), ("0100", "41 00")], Echo::Off),
            (&[("ATE0", "ATE0\rOK"), ("ATL0", "OK"), ("0100", "01 00\r41 00")], Echo::Back),
            (&[("ATE0", "ATE0\rOK"), ("ATL0", "ATL0\rOK"), ("0100", "41 00"), ("0100", "0100\r41 00")], Echo::On),
            (&[("ATE0", "ATE0\rOK"), ("ATL0", "OK"), ("0100", "0100\r41 00"), ("ATE0", "ATE0\rOK")], Echo::Asked),
            (&[("ATE0", "ATE0\r?"), ("ATL0", "OK"), ("0100", "0100\r41 00")], Echo::On),
            (&[("ATE0", "ATE0\rOK"), ("ATL0", "OK"), ("0100", "0100\r")], Echo::Off),
            (&[("ATE0", "OK"), ("ATL0", "OK"), ("ATD", "OK"), ("ATH1", "ATH1\rOK")], Echo::On),
        ];
        for (dialogue, expect) in table {
            let end = dialogue.iter().fold(Echo::On, |echo, (text, answer)| echo.after(text, answer.as_bytes()));
            assert_eq!(end, expect, "{dialogue:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_dialogue_has_a_greatest_size() {
        let (ours, mut theirs) = tokio::io::duplex(1 << 17);
        tokio::spawn(async move {
            let mut answer = vec![b'A'; 60_000];
            answer.push(b'>');
            while matches!(theirs.read(&mut [0; 64]).await, Ok(n) if n > 0) {
                theirs.write_all(&answer).await.unwrap();
            }
        });
        let mut wire = Wire::new(Box::new(ours));
        let mut answers = 0;
        let error = loop {
            match wire.exchange("0100", BARE).await {
                Ok(_) => answers += 1,
                Err(error) => break error,
            }
            assert!(answers < 1000, "no end after {answers} answers");
        };
        assert_eq!(error.code, Code::NotAnAdapter);
        assert!(answers > 200, "only {answers} answers");
    }
}
