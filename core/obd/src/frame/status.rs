//! Status texts of adapters: what they are, and how they are found in a line, alone, in front of a frame or behind it.

use super::FrameError;
use std::fmt;

/// A status text. Adapters write them in several spellings; [`fmt::Display`] writes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// `OK`: a command was accepted.
    Ok,
    /// `?`: the command is not understood.
    Unknown,
    /// `NO DATA`: nobody answered in time.
    NoData,
    /// `STOPPED`: a character came while the adapter was busy, so it gave up what it did.
    Stopped,
    /// `SEARCHING...`: the adapter tries protocols; the answer follows.
    Searching,
    /// `UNABLE TO CONNECT`: no protocol worked.
    UnableToConnect,
    /// `BUS INIT: ...ERROR`: the slow or fast initialisation of a K-line failed.
    BusInitError,
    /// `BUS BUSY`: the bus never fell silent.
    BusBusy,
    /// `BUS ERROR`: the bus is shorted or cut.
    BusError,
    /// `CAN ERROR`: nobody acknowledged, or the bit rate is wrong.
    CanError,
    /// `DATA ERROR`: a checksum was wrong, or the bytes are incomplete.
    DataError,
    /// `<RX ERROR`: a CAN frame was received with an error.
    RxError,
    /// `FB ERROR`: what was sent did not read back.
    FbError,
    /// `BUFFER FULL`: the adapter lost data.
    BufferFull,
    /// `ERRnn`: a fault inside the adapter; 94 lost all settings.
    Err(u8),
    /// `ACT ALERT`: no activity for a while.
    ActAlert,
    /// `LP ALERT`: the adapter goes to sleep within two seconds.
    LpAlert,
    /// `LV RESET`: the voltage dropped, all settings are lost.
    LvReset,
    /// `FC RX TIMEOUT`: no flow-control frame came.
    FcRxTimeout,
    /// `UART RX OVERFLOW`: the adapter lost bytes that were sent to it.
    RxOverflow,
    /// `NOT CONNECTED`: some clones' `UNABLE TO CONNECT`.
    NotConnected,
    /// `NO VEHICLE`: some clones' `UNABLE TO CONNECT`.
    NoVehicle,
}

/// Spellings without spaces, upper case, longest first where one ends in another.
const TEXTS: [(&str, Status, &str); 23] = [
    ("UNABLETOCONNECT", Status::UnableToConnect, "UNABLE TO CONNECT"),
    ("UARTRXOVERFLOW", Status::RxOverflow, "UART RX OVERFLOW"),
    ("RXOVERFLOW", Status::RxOverflow, "UART RX OVERFLOW"),
    ("FCRXTIMEOUT", Status::FcRxTimeout, "FC RX TIMEOUT"),
    ("NOTCONNECTED", Status::NotConnected, "NOT CONNECTED"),
    ("BUFFERFULL", Status::BufferFull, "BUFFER FULL"),
    ("NOVEHICLE", Status::NoVehicle, "NO VEHICLE"),
    ("DATAERROR", Status::DataError, "DATA ERROR"),
    ("CANERROR", Status::CanError, "CAN ERROR"),
    ("BUSERROR", Status::BusError, "BUS ERROR"),
    ("BUSINITERROR", Status::BusInitError, "BUS INIT: ...ERROR"),
    ("INITERROR", Status::BusInitError, "BUS INIT: ...ERROR"),
    ("ACTALERT", Status::ActAlert, "ACT ALERT"),
    ("SEARCHING", Status::Searching, "SEARCHING..."),
    ("BUSBUSY", Status::BusBusy, "BUS BUSY"),
    ("RXERROR", Status::RxError, "RX ERROR"),
    ("FBERROR", Status::FbError, "FB ERROR"),
    ("LPALERT", Status::LpAlert, "LP ALERT"),
    ("LVRESET", Status::LvReset, "LV RESET"),
    ("STOPPED", Status::Stopped, "STOPPED"),
    ("NODATA", Status::NoData, "NO DATA"),
    ("OK", Status::Ok, "OK"),
    ("?", Status::Unknown, "?"),
];

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Err(number) = self {
            return write!(f, "ERR{number:02}");
        }
        f.write_str(TEXTS.iter().find(|(_, status, _)| status == self).map_or("", |(.., text)| text))
    }
}

impl Status {
    /// As printed in `{"status":…}`.
    pub fn text(self) -> String {
        self.to_string()
    }

    /// The status that a whole line states, spaces and case aside; `None` where it states none.
    pub fn of(line: &str) -> Option<Self> {
        let line = super::clean::squeeze(line).to_ascii_uppercase();
        let split = split(&line);
        if split.rest.is_empty() { split.statuses.last().copied() } else { None }
    }

    /// Whether the adapter has lost all its settings and must be set up anew.
    pub fn is_reset(self) -> bool {
        matches!(self, Self::LvReset | Self::Err(94))
    }

    /// Whether it says that no vehicle can be reached with this protocol.
    pub fn is_no_vehicle(self) -> bool {
        use Status::{BusError, BusInitError, CanError, FbError, NoVehicle, NotConnected, UnableToConnect};
        matches!(self, UnableToConnect | BusInitError | NotConnected | NoVehicle | CanError | BusError | FbError)
    }
}

/// What a line holds besides a frame.
pub(super) struct Split {
    /// Status texts in front of, or instead of, a frame.
    pub(super) statuses: Vec<Status>,
    /// What is left: a frame, or nothing.
    pub(super) rest: String,
    /// A status text behind the frame that is not merely the frame's mark.
    pub(super) after: Option<Status>,
    /// Why the frame cannot be used, where a text behind it says so.
    pub(super) fault: Option<FrameError>,
}

/// Takes the status texts off a line (upper case). Spaces inside `rest` are kept.
pub(super) fn split(line: &str) -> Split {
    let mut statuses = Vec::new();
    let mut rest = line.trim();
    loop {
        // Adapters print dots while they search or initialise; they may stand alone.
        rest = rest.trim_start_matches(['.', ' ']);
        if let Some(after) = strip_text(rest, "BUSINIT") {
            let after = after.trim_start_matches([':', '.', ' ']);
            match (strip_text(after, "OK"), strip_text(after, "ERROR")) {
                (Some(more), _) => rest = more,
                (None, Some(more)) => {
                    statuses.push(Status::BusInitError);
                    rest = more;
                }
                // Not finished, or the data follows at once.
                (None, None) => rest = after,
            }
            continue;
        }
        if let Some(after) = strip_text(rest, "INIT")
            && let Some(more) = strip_text(after.trim_start_matches([':', '.', ' ']), "ERROR")
        {
            statuses.push(Status::BusInitError);
            rest = more;
            continue;
        }
        let bare = rest.trim_start_matches(['!', '<', ' ']);
        match front(bare) {
            Some((status, more)) => {
                statuses.push(status);
                rest = more;
            }
            None => break,
        }
    }
    let rest = rest.trim();
    match back(rest) {
        // There was no frame in front of it after all.
        Some(("", status, _)) => {
            statuses.push(status);
            Split { statuses, rest: String::new(), after: None, fault: None }
        }
        Some((frame, status, marked)) => Split {
            statuses,
            rest: frame.to_owned(),
            after: (!marked).then_some(status),
            fault: Some(if marked { FrameError::Marked(status) } else { FrameError::CutBy(status) }),
        },
        None => Split { statuses, rest: rest.to_owned(), after: None, fault: None },
    }
}

/// Whether a line without spaces starts with a status text.
pub(super) fn starts_with_text(line: &str) -> bool {
    front(line.trim_start_matches(['!', '<'])).is_some() || line.starts_with("BUSINIT")
}

/// A status text in front, and what follows it.
fn front(line: &str) -> Option<(Status, &str)> {
    let named = TEXTS.iter().find_map(|(text, status, _)| Some((*status, strip_text(line, text)?)));
    named.filter(|(_, rest)| !rest.starts_with(|c: char| c.is_ascii_alphabetic() && !c.is_ascii_hexdigit())).or_else(
        || {
            let digits = strip_text(line, "ERR")?.trim_start();
            Some((Status::Err(number(digits.get(..2)?)?), digits.get(2..)?))
        },
    )
}

/// A frame, the status text behind it, and whether `<` marks it as the frame's own.
fn back(line: &str) -> Option<(&str, Status, bool)> {
    let end = line.trim_end_matches(['!', '.', ' ']);
    let cut = |status, text: &str| {
        let frame = strip_text_end(end, text)?.trim_end();
        let bare = frame.trim_end_matches(['<', '!', ' ']);
        Some((bare, status, frame.ends_with('<') || matches!(status, Status::DataError | Status::RxError)))
    };
    TEXTS.iter().find_map(|(text, status, _)| cut(*status, text)).or_else(|| {
        let status = Status::Err(number(end.get(end.len().checked_sub(2)?..)?)?);
        let frame = strip_text_end(end.get(..end.len() - 2)?, "ERR")?;
        Some((frame.trim_end(), status, false))
    })
}

fn number(text: &str) -> Option<u8> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// `line` without `text` at its start; spaces in `line` do not matter.
fn strip_text<'a>(line: &'a str, text: &str) -> Option<&'a str> {
    let mut chars = line.chars();
    for want in text.chars() {
        loop {
            match chars.next() {
                Some(' ') => {}
                Some(c) if c == want => break,
                _ => return None,
            }
        }
    }
    Some(chars.as_str())
}

/// `line` without `text` at its end; spaces in `line` do not matter.
fn strip_text_end<'a>(line: &'a str, text: &str) -> Option<&'a str> {
    let mut chars = line.chars();
    for want in text.chars().rev() {
        loop {
            match chars.next_back() {
                Some(' ') => {}
                Some(c) if c == want => break,
                _ => return None,
            }
        }
    }
    Some(chars.as_str())
}
