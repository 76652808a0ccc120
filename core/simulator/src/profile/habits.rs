//! What an adapter does otherwise than the data sheet says. [`Habits::default`] is the strict one.

use std::collections::BTreeMap;

/// All habits of one adapter.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Habits {
    pub(crate) chip: Chip,
    pub(crate) request: Request,
    pub(crate) line: Line,
    pub(crate) prompt: Prompt,
    pub(crate) sleep: Option<Sleep>,
    pub(crate) trouble: Vec<Trouble>,
}

/// Its own commands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chip {
    /// What it calls itself.
    pub(crate) says: String,
    /// Lines after a reset; `None`: two empty ones and the name.
    pub(crate) banner: Option<Vec<String>>,
    /// Milliseconds of a full reset.
    pub(crate) reset: f64,
    /// Milliseconds that every command takes more.
    pub(crate) slow: f64,
    /// Commands that begin so are answered with `?`.
    pub(crate) unknown: Vec<String>,
    /// Nothing but commands that begin so is understood, requests to the vehicle among what is not; empty: no such limit.
    pub(crate) only: Vec<String>,
    /// Commands that begin so are answered with `OK` and not done.
    pub(crate) ignored: Vec<String>,
    /// Whole commands with the line that answers them.
    pub(crate) answers: BTreeMap<String, String>,
}

impl Default for Chip {
    fn default() -> Self {
        Self {
            says: "ELM327 v1.5".into(),
            banner: None,
            reset: 810.0,
            slow: 0.0,
            unknown: Vec::new(),
            only: Vec::new(),
            ignored: Vec::new(),
            answers: BTreeMap::new(),
        }
    }
}

/// What becomes of a digit behind a request, which says how many frames to wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Count {
    /// It counts.
    #[default]
    Counts,
    /// It is taken no notice of.
    Ignored,
    /// It goes to the vehicle as half a byte.
    Data,
    /// The request is answered with `?`.
    Refused,
}

/// Requests to the vehicle, and their answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    /// Bytes that reach the vehicle; the rest is cut off without a word.
    pub(crate) longest: Option<usize>,
    pub(crate) count: Count,
    /// Whether a request for several values goes out whole, or only for the first.
    pub(crate) several: bool,
    /// Whether it asks an ECU to go on after the first frame of a long reply.
    pub(crate) flow_control: bool,
    /// Characters of one answer that fit; then `BUFFER FULL`.
    pub(crate) buffer: Option<usize>,
    /// Milliseconds that an automatic search takes at least.
    pub(crate) search: f64,
    /// Whether an automatic search finds anything.
    pub(crate) finds: bool,
    /// Whether `SEARCHING...` has no line end of its own.
    pub(crate) glued: bool,
    /// Milliseconds before the first answer after the bus was opened.
    pub(crate) first: f64,
    /// Milliseconds before every answer.
    pub(crate) delay: f64,
    /// Whether it keeps a K-line awake.
    pub(crate) wakes: bool,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            longest: None,
            count: Count::Counts,
            several: true,
            flow_control: true,
            buffer: None,
            search: 0.0,
            finds: true,
            glued: false,
            first: 0.0,
            delay: 0.0,
            wakes: true,
        }
    }
}

/// How characters reach the program.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    /// End of a line; `None`: as `ATL` says.
    pub(crate) end: Option<String>,
    /// Each so-manieth line with data is printed twice; 0: none.
    pub(crate) twice: u32,
    /// Bytes strewn in, one after the other.
    pub(crate) noise: Vec<u8>,
    /// After so many characters comes one of them.
    pub(crate) noise_every: u32,
    /// Characters in one go; 0: as many as there are.
    pub(crate) chunk: usize,
    /// Milliseconds between two of these.
    pub(crate) pause: f64,
    /// Bit/s.
    pub(crate) baud: u32,
    /// Lines printed when a program connects, before it says anything.
    pub(crate) greets: Vec<String>,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            end: None,
            twice: 0,
            noise: Vec::new(),
            noise_every: 1,
            chunk: 0,
            pause: 0.0,
            baud: 38_400,
            greets: Vec::new(),
        }
    }
}

/// The prompt.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Prompt {
    /// Milliseconds between an answer and its prompt.
    pub(crate) late: f64,
    /// Each so-manieth is printed twice; 0: none.
    pub(crate) twice: u32,
    /// Milliseconds between the two.
    pub(crate) gap: f64,
    /// Each so-manieth is left out; 0: none.
    pub(crate) missing: u32,
}

/// Saving power.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sleep {
    /// Whether it sleeps when the first program connects.
    pub(crate) first: bool,
    /// Seconds of silence after which it falls asleep; `None`: never.
    pub(crate) after: Option<f64>,
    /// Milliseconds from the first character to the banner; what else comes meanwhile is lost.
    pub(crate) wake: f64,
}

/// Something that goes wrong now and then.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trouble {
    /// Beginning of the commands or requests it befalls; empty: every request to the vehicle.
    pub(crate) to: String,
    /// So many of these go well first.
    pub(crate) after: u32,
    /// Then each so-manieth, beginning with the next.
    pub(crate) every: u32,
    /// … and so many in a row.
    pub(crate) burst: u32,
    /// At most so many in all; 0: no limit.
    pub(crate) times: u32,
    pub(crate) does: Option<Does>,
    /// Lines in place of the answer.
    pub(crate) says: Vec<String>,
    /// Text behind the last line of the answer, on the same line.
    pub(crate) behind: String,
    /// Milliseconds before the answer, during which a character stops the chip.
    pub(crate) late: f64,
    /// Milliseconds that the whole answer is stuck on its way, with its prompt; the chip has done its work.
    pub(crate) stuck: f64,
    /// Whether its settings are those after power-on from then on.
    pub(crate) resets: bool,
    /// Settings that are those after power-on from then on, where not all are.
    pub(crate) loses: Vec<Setting>,
}

/// A setting that may be lost by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// It repeats what it is sent.
    Echo,
    /// It prints no senders.
    Senders,
    /// It prints spaces between bytes.
    Spaces,
    /// It looks for a protocol again; headers and filters go with the old one.
    Protocol,
}

impl Setting {
    pub(crate) const ALL: [(&'static str, Self); 4] =
        [("echo", Self::Echo), ("senders", Self::Senders), ("spaces", Self::Spaces), ("protocol", Self::Protocol)];
}

/// What no text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// Neither an answer nor a prompt; the next command is taken as ever.
    Silence,
    /// Nothing any more, until the power was off.
    Hang,
    /// The link dies.
    Drop,
}
