//! Starting an adapter: reset it, learn its name, set it up, measure the voltage.

use super::{
    Elm,
    ask::MOST_TRIES,
    command::{self, Command, PATIENCE},
    count::Counts,
    wire::{Heard, Wire},
};
use crate::{
    adapter::Target,
    link::{BoxLink, Port},
    protocol::Protocol,
};
use roadworthy_api::{Code, Error, adapter::ResetKind, check::AdapterInfo};
use std::time::Duration;

/// How an adapter is reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reset {
    /// `ATZ`, the full one; falls back to the gentle ones when the adapter does not come back from it.
    #[default]
    Cold,
    /// `ATWS`, for clones that drop their radio link on `ATZ`.
    Warm,
}

/// A full reset takes about a second, with slow clones two.
const RESET: Duration = Duration::from_secs(4);

/// Resets by itself in one session that a supply may have: somebody cranks the engine.
const MOST_FALLS: u8 = 3;

/// What is set up, and whether a check can do without it.
const SETTINGS: [(Command, Need); 6] = [
    // An echo is removed wherever it shows up.
    (Command::EchoOff, Need::Useful),
    (Command::LinefeedsOff, Need::Useful),
    (Command::SpacesOff, Need::Useful),
    // Without it only one ECU can be listened to at a time, see `single`.
    (Command::HeadersOn, Need::Must),
    (Command::AdaptiveTiming, Need::Useful),
    (Command::MemoryOff, Need::Useful),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Must,
    Useful,
}

impl Elm {
    /// An adapter that has not been spoken to.
    pub(crate) fn on(link: BoxLink, reset: Reset) -> Self {
        Self {
            wire: Wire::new(link),
            info: AdapterInfo::default(),
            reset,
            protocol: None,
            falls: 0,
            stood: true,
            headers: true,
            guesses: false,
            single: None,
            tries: MOST_TRIES,
            heard: Default::default(),
            late: 0,
            spoke: None,
            asked: None,
            apart: Default::default(),
            woke: None,
            own: Vec::new(),
            counts: Counts::default(),
            addressed: Target::Everyone,
        }
    }

    /// Says where it is, so that a broken link is told with the device's name.
    pub(crate) fn place(&mut self, port: Port) {
        self.wire.place(port);
    }

    /// Resets it and sets it up; see [`super::super::Adapter::start`].
    ///
    /// # Errors
    /// As [`super::super::Adapter::start`].
    pub(crate) async fn set_up(&mut self) -> Result<(), Error> {
        self.reset().await?;
        self.settings().await?;
        self.info.voltage = self.measure_voltage().await?;
        Ok(())
    }

    /// The voltage at the connector just now, where it can be one of a vehicle.
    pub(crate) async fn measure_voltage(&mut self) -> Result<Option<f64>, Error> {
        Ok(command::voltage(&self.command(Command::Voltage).await?))
    }

    /// After the adapter fell back to its defaults by itself: sets it up once more, and names the protocol if one was found.
    /// One that falls again before an answer stood, or again and again, has no sound power supply.
    pub(super) async fn restart(&mut self, protocol: Option<Protocol>) -> Result<(), Error> {
        self.falls += 1;
        if self.falls > MOST_FALLS || !std::mem::take(&mut self.stood) {
            return Err(keeps_resetting());
        }
        self.wire.settle().await?;
        self.set_up_again(protocol).await
    }

    /// Settings, and the protocol: an automatic search stays blocked after a reset by low voltage.
    pub(super) async fn set_up_again(&mut self, protocol: Option<Protocol>) -> Result<(), Error> {
        // Whatever brought it here took the header along.
        self.addressed = Target::Everyone;
        self.settings().await?;
        if protocol.is_none() || command::accepted(&self.command(Command::Try(protocol)).await?) {
            return Ok(());
        }
        Err(keeps_resetting())
    }

    /// Back to the defaults and set up again, on a protocol that answered before.
    pub(super) async fn begin_anew(&mut self, protocol: Protocol) -> Result<(), Error> {
        self.command(Command::Defaults).await?;
        self.addressed = Target::Everyone;
        self.settings().await?;
        self.command(Command::Try(Some(protocol))).await.map(drop)
    }

    async fn reset(&mut self) -> Result<(), Error> {
        self.addressed = Target::Everyone;
        let mut commands = match self.reset {
            // A second time: what stood half-typed in its buffer spoils the first, as does a monitor it stopped.
            Reset::Cold => vec![(Command::Reset, RESET), (Command::Reset, RESET)],
            Reset::Warm => Vec::new(),
        };
        commands.extend([(Command::WarmStart, PATIENCE), (Command::Defaults, PATIENCE), (Command::Identify, PATIENCE)]);
        let mut silent = false;
        for (command, patience) in commands {
            if silent && command == Command::Reset {
                continue;
            }
            let heard = match self.wire.exchange(&command.text(), patience).await {
                Err(e) if e.code == Code::AdapterFault => return Err(not_an_adapter()),
                Err(e) if e.code == Code::LinkLost && command == Command::Reset => return Err(lost_on_reset(e)),
                other => other?,
            };
            let Heard::Answer(answer) = heard else {
                silent |= heard == Heard::Late;
                continue;
            };
            // Some print a second prompt, or junk, a moment after the first.
            self.wire.settle().await?;
            if let Some(name) = claims(&command.text(), &answer) {
                self.wire.know(&name.to_ascii_uppercase());
                self.info.claims = name;
                self.woke = Some(kind(command));
                return Ok(());
            }
        }
        Err(not_an_adapter())
    }

    async fn settings(&mut self) -> Result<(), Error> {
        for (setting, need) in SETTINGS {
            let mut lines = self.command(setting).await?;
            if !command::accepted(&lines) && !command::unknown(&lines) {
                // Its name answers a reset that somebody else asked for before: every later answer would be one behind.
                if lines.iter().any(|line| names_an_adapter(line)) {
                    self.wire.doubt();
                }
                lines = self.command(setting).await?;
            }
            if need == Need::Must {
                self.headers = command::accepted(&lines);
            }
        }
        Ok(())
    }

    /// Sends a command, a second time if no prompt came; an empty list when none came then either.
    pub(super) async fn command(&mut self, command: Command) -> Result<Vec<String>, Error> {
        for _ in 0..2 {
            if let Heard::Answer(answer) = self.wire.exchange(&command.text(), PATIENCE).await? {
                return Ok(command::lines(&command.text(), &answer));
            }
        }
        Ok(Vec::new())
    }
}

fn kind(reset: Command) -> ResetKind {
    match reset {
        Command::Reset => ResetKind::Full,
        Command::WarmStart => ResetKind::Warm,
        Command::Defaults => ResetKind::Defaults,
        _ => ResetKind::None,
    }
}

/// What an adapter calls itself in its answer to a command, in its own capitals.
pub(crate) fn claims(sent: &str, answer: &[u8]) -> Option<String> {
    let lines = command::lines(sent, answer);
    lines.iter().find(|l| names_an_adapter(l)).map(|name| spelled_as_sent(answer, name))
}

/// A version line of the chip family: `ELM327 v1.5`, `STN1110 v4.2.0`, `OBDII to RS232`, `vLinker MC v2.2`.
fn names_an_adapter(line: &str) -> bool {
    let version = || line.split_once(" V").is_some_and(|(_, v)| v.starts_with(|c: char| c.is_ascii_digit()));
    !line.starts_with("AT") && (["ELM", "OBD", "STN"].iter().any(|n| line.contains(n)) || version())
}

/// The name in the adapter's own capitals.
fn spelled_as_sent(answer: &[u8], name: &str) -> String {
    let text = command::printable(answer);
    let line = text.split(['\r', '\n']).map(str::trim).find(|l| l.eq_ignore_ascii_case(name));
    line.unwrap_or(name).chars().filter(|c| !c.is_control()).take(60).collect()
}

pub(in crate::adapter) fn keeps_resetting() -> Error {
    Error::new(Code::AdapterFault, "The adapter keeps resetting itself.")
        .hint("Check the vehicle's battery and that the plug sits firmly, then check again.")
}

pub(in crate::adapter) fn not_an_adapter() -> Error {
    Error::new(Code::NotAnAdapter, "Nothing on this port answers like an OBD adapter.").hint(
        "Check that this is the adapter's port and that the adapter sits in the vehicle's socket, which powers it.",
    )
}

fn lost_on_reset(error: Error) -> Error {
    let hint = "Some adapters drop the connection when they are reset: check again, it is then done gently.";
    Error::new(error.code, "The connection broke while the adapter was reset.").hint(hint)
}
