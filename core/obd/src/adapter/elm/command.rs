//! The adapter's own commands that this driver uses. None of them reaches the vehicle or is stored in the adapter: `AT SP`
//! and `AT PP` write to its memory, and `AT TP A0` locks some clones until they lose power, so there is no variant for them.

use crate::protocol::Protocol;
use std::time::Duration;

/// How long an adapter may take for one of these.
pub(super) const PATIENCE: Duration = Duration::from_millis(2000);

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Full reset; takes about a second.
    Reset,
    /// Reset without the self-test, keeps the serial speed.
    WarmStart,
    /// Settings back to their defaults.
    Defaults,
    /// Says who it is.
    Identify,
    EchoOff,
    LinefeedsOff,
    SpacesOff,
    /// Prints who sent each line.
    HeadersOn,
    /// Learns how long to wait for replies.
    AdaptiveTiming,
    /// Waits as long as it was told to, also behind a first answer.
    FixedTiming,
    /// Does not store the protocol it finds.
    MemoryOff,
    /// Tries this protocol without storing it; `None`: looks for one.
    Try(Option<Protocol>),
    /// Says which protocol is in use.
    ProtocolNumber,
    Voltage,
    /// Shows frames of this CAN id only, written with three or eight digits.
    Only(u32, usize),
    /// Shows every ECU's frames again.
    Everyone,
    /// Longest wait for a reply in units of 4.096 ms; 0: the default.
    Timeout(u8),
}

impl Command {
    /// As sent, without its carriage return.
    pub(super) fn text(self) -> String {
        match self {
            Self::Reset => "ATZ".into(),
            Self::WarmStart => "ATWS".into(),
            Self::Defaults => "ATD".into(),
            Self::Identify => "ATI".into(),
            Self::EchoOff => "ATE0".into(),
            Self::LinefeedsOff => "ATL0".into(),
            Self::SpacesOff => "ATS0".into(),
            Self::HeadersOn => "ATH1".into(),
            Self::AdaptiveTiming => "ATAT1".into(),
            Self::FixedTiming => "ATAT0".into(),
            Self::MemoryOff => "ATM0".into(),
            Self::Try(None) => "ATTP0".into(),
            Self::Try(Some(protocol)) => format!("ATTP{}", protocol.id()),
            Self::ProtocolNumber => "ATDPN".into(),
            Self::Voltage => "ATRV".into(),
            Self::Only(id, digits) => format!("ATCRA{id:0digits$X}"),
            Self::Everyone => "ATAR".into(),
            Self::Timeout(units) => format!("ATST{units:02X}"),
        }
    }
}

/// Lines of an answer to a command: junk bytes and the echo removed, trimmed, upper case, none empty.
pub(crate) fn lines(sent: &str, answer: &[u8]) -> Vec<String> {
    let text: String = printable(answer);
    let mut lines: Vec<String> =
        text.split(['\r', '\n']).map(|l| l.trim().to_ascii_uppercase()).filter(|l| !l.is_empty()).collect();
    if lines.first().is_some_and(|first| first.replace(' ', "") == sent) {
        lines.remove(0);
    }
    lines
}

/// What can be text: clones and bad lines strew in NUL, control characters, DEL and bytes above it.
pub(super) fn printable(answer: &[u8]) -> String {
    answer.iter().filter(|b| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~')).map(|b| char::from(*b)).collect()
}

/// Whether an answer accepts its command.
pub(crate) fn accepted(lines: &[String]) -> bool {
    // Some adapters print the acceptance right behind the echo.
    lines.iter().any(|l| l == "OK" || l.ends_with(" OK") || l.ends_with("OK") && l.starts_with("AT"))
}

/// Whether an answer says that the command is not understood.
pub(super) fn unknown(lines: &[String]) -> bool {
    lines.iter().any(|l| l.ends_with('?'))
}

/// The voltage at the connector in volts, if it can be one of a vehicle: clones without the divider say 0.0 V, and below
/// 6 V the adapter measures itself.
pub(in crate::adapter) fn voltage(lines: &[String]) -> Option<f64> {
    let text = lines.first()?.strip_suffix('V').unwrap_or(lines.first()?);
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    text.parse().ok().filter(|volts| plain && (6.0..=32.0).contains(volts))
}

/// The protocol that `AT DPN` names. `A` in front says that it was found automatically; `0` says that none was.
pub(crate) fn protocol(lines: &[String]) -> Option<Protocol> {
    let mut letters = lines.first()?.chars();
    match (letters.next()?, letters.next(), letters.next()) {
        ('A', Some(id), None) | (id, None, None) => Protocol::from_id(id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sent: &str, answer: &str) -> Vec<String> {
        lines(sent, answer.as_bytes())
    }

    #[test]
    fn echo_and_junk_are_not_part_of_an_answer() {
        for (sent, answer, expect) in [
            ("ATE0", &b"ATE0\rOK\r\r"[..], &["OK"][..]),
            ("ATE0", b"AT E0\r\nOK\r\n\r\n", &["OK"]),
            ("ATE0", b"ate0\rOK", &["OK"]),
            ("ATZ", b"ATZ\r?\rELM327 v1.5\r\r", &["?", "ELM327 V1.5"]),
            ("ATZ", b"\xfc\r\rELM327 v1.5\r\r", &["ELM327 V1.5"]),
            ("ATRV", b"\0\x001\x002.3V\r", &["12.3V"]),
        ] {
            assert_eq!(lines(sent, answer), expect);
        }
    }

    #[test]
    fn a_voltage_no_vehicle_has_is_not_believed() {
        for (answer, expect) in [
            ("12.3V\r", Some(12.3)),
            ("12.3\r", Some(12.3)),
            ("24.0V\r", Some(24.0)),
            ("0.0V\r", None),
            ("5.9V\r", None),
            ("33.0V\r", None),
            ("inf\r", None),
            ("1e1V\r", None),
            ("NAN\r", None),
            ("?\r", None),
            ("V\r", None),
            ("", None),
        ] {
            assert_eq!(voltage(&read("ATRV", answer)), expect, "{answer:?}");
        }
    }

    #[test]
    fn an_unresolved_protocol_is_no_protocol() {
        for (answer, expect) in [
            ("A6\r", Some('6')),
            ("6\r", Some('6')),
            ("A\r", Some('A')),
            ("AA\r", Some('A')),
            ("A0\r", None),
            ("0\r", None),
            ("?\r", None),
            ("OK\r", None),
            ("AUTO\r", None),
            ("", None),
        ] {
            assert_eq!(protocol(&read("ATDPN", answer)).map(Protocol::id), expect, "{answer:?}");
        }
    }

    #[test]
    fn no_command_writes_to_the_adapters_memory_or_locks_a_clone() {
        let tries = ('1'..='9').chain('A'..='C').filter_map(Protocol::from_id).map(|p| Command::Try(Some(p)));
        let all = [
            Command::Reset,
            Command::WarmStart,
            Command::Defaults,
            Command::Identify,
            Command::EchoOff,
            Command::LinefeedsOff,
            Command::SpacesOff,
            Command::HeadersOn,
            Command::AdaptiveTiming,
            Command::FixedTiming,
            Command::MemoryOff,
            Command::Try(None),
            Command::ProtocolNumber,
            Command::Voltage,
            Command::Timeout(0xFF),
            Command::Only(0x7E8, 3),
            Command::Only(0x18DA_F110, 8),
            Command::Everyone,
        ];
        for command in all.into_iter().chain(tries) {
            let text = command.text();
            for bad in ["ATSP", "ATPP", "ATTPA0", "ATSV", "ATCFC", "ATMA"] {
                assert!(!text.starts_with(bad), "{text}");
            }
        }
    }
}
