//! Starting an adapter: reset it, learn its name, set it up, measure the voltage.

use super::{
    Elm,
    command::{self, Command, PATIENCE},
    wire::{Heard, Wire},
};
use crate::{
    link::{BoxLink, Port},
    protocol::Protocol,
};
use roadworthy_api::{Code, Error, check::AdapterInfo};
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

/// What is set up, and whether a check can do without it.
const SETTINGS: [(Command, Need); 6] = [
    // An echo is removed wherever it shows up.
    (Command::EchoOff, Need::Useful),
    (Command::LinefeedsOff, Need::Useful),
    (Command::SpacesOff, Need::Useful),
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
            fell: false,
            late: 0,
            spoke: None,
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
        self.info.voltage = command::voltage(&self.command(Command::Voltage).await?);
        Ok(())
    }

    /// After the adapter fell back to its defaults by itself: sets it up once more, at most once in a session, since an
    /// adapter that keeps resetting has no sound power supply.
    pub(super) async fn restart(&mut self, protocol: Protocol) -> Result<(), Error> {
        if std::mem::replace(&mut self.fell, true) {
            return Err(keeps_resetting());
        }
        self.wire.settle().await?;
        self.settings().await?;
        // Automatic search stays blocked after a reset by low voltage, so the known protocol is set.
        let answer = self.command(Command::Try(Some(protocol))).await?;
        if command::accepted(&answer) { Ok(()) } else { Err(keeps_resetting()) }
    }

    async fn reset(&mut self) -> Result<(), Error> {
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
                return Ok(());
            }
        }
        Err(not_an_adapter())
    }

    async fn settings(&mut self) -> Result<(), Error> {
        for (setting, need) in SETTINGS {
            let mut lines = self.command(setting).await?;
            if !command::accepted(&lines) && !command::unknown(&lines) {
                lines = self.command(setting).await?;
            }
            if !command::accepted(&lines) && need == Need::Must {
                return Err(refuses(setting));
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

/// What an adapter calls itself in its answer to a command, in its own capitals.
pub(crate) fn claims(sent: &str, answer: &[u8]) -> Option<String> {
    let lines = command::lines(sent, answer);
    lines.iter().find(|l| names_an_adapter(l)).map(|name| spelled_as_sent(answer, name))
}

/// A setting without which a check cannot be done.
fn refuses(setting: Command) -> Error {
    let what = format!("The adapter refuses {}, so ECUs cannot be told apart.", setting.text());
    Error::new(Code::AdapterFault, what).hint("Use another adapter.")
}

/// What a recording says of an adapter that was set up: whether it accepted each setting that a check needs.
pub(in crate::adapter) fn accepted(sent: &str, answer: &[u8]) -> Result<(), Error> {
    let must = SETTINGS.iter().filter(|(_, need)| *need == Need::Must);
    match must.map(|(setting, _)| *setting).find(|setting| setting.text() == sent) {
        Some(setting) if !command::accepted(&command::lines(sent, answer)) => Err(refuses(setting)),
        _ => Ok(()),
    }
}

/// A version line of the chip family: `ELM327 v1.5`, `STN1110 v4.2.0`, `OBDII to RS232`, `vLinker MC v2.2`.
fn names_an_adapter(line: &str) -> bool {
    let version = || line.split_once(" V").is_some_and(|(_, v)| v.starts_with(|c: char| c.is_ascii_digit()));
    !line.starts_with("AT") && (["ELM", "OBD", "STN"].iter().any(|n| line.contains(n)) || version())
}

/// The name in the adapter's own capitals.
fn spelled_as_sent(answer: &[u8], name: &str) -> String {
    let text: String = answer.iter().filter(|b| (0x09..0x80).contains(*b)).map(|b| char::from(*b)).collect();
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
