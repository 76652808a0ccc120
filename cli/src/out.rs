//! Output: text for people, JSON for programs.

use jiff::{Timestamp, tz::TimeZone};
use roadworthy_api::{Error, vehicle::State};
use serde::Serialize;
use std::io::{self, BufWriter, IsTerminal, Write};

/// How a word looks on a terminal. The word itself always says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Strong,
    Faint,
    Good,
    Watch,
    Bad,
}

/// A word with its look.
pub(crate) type Cell = (Tone, String);

/// A word in a look.
pub(crate) fn cell(tone: Tone, text: impl Into<String>) -> Cell {
    (tone, shown(&text.into(), ""))
}

/// A text without what a terminal would take for an order; `but` stays.
pub(crate) fn shown(text: &str, but: &str) -> String {
    text.chars().map(|c| if c.is_control() && !but.contains(c) { '\u{fffd}' } else { c }).collect()
}

/// Standard output.
pub(crate) struct Out {
    pub(crate) json: bool,
    colour: bool,
    sink: BufWriter<io::Stdout>,
}

impl Out {
    pub(crate) fn new(json: bool) -> Self {
        let stdout = io::stdout();
        let colour = !json && stdout.is_terminal() && wants_colour();
        Self { json, colour, sink: BufWriter::new(stdout) }
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }

    /// One line for people.
    pub(crate) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.sink, "{text}")
    }

    /// A heading with a blank line before it.
    pub(crate) fn heading(&mut self, text: &str) -> io::Result<()> {
        let text = self.paint(Tone::Strong, text);
        writeln!(self.sink, "\n{text}")
    }

    /// One object for programs, on one line.
    pub(crate) fn object(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.sink, value)?;
        writeln!(self.sink)
    }

    /// Bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sink.write_all(bytes)
    }

    /// Rows with their columns aligned, indented by two blanks.
    pub(crate) fn table(&mut self, rows: &[Vec<Cell>]) -> io::Result<()> {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            rows.iter().filter_map(|row| row.get(column)).map(|c| c.1.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in rows {
            let mut line = String::from(" ");
            for (column, (tone, text)) in row.iter().enumerate() {
                if widths[column] == 0 {
                    continue;
                }
                line.push(' ');
                line.push_str(&self.paint(*tone, text));
                // Padded outside of the colour, so that nothing is underlined or shaded by accident.
                let pad = widths[column].saturating_sub(text.chars().count()) + 1;
                line.extend(std::iter::repeat_n(' ', pad));
            }
            writeln!(self.sink, "{}", line.trim_end())?;
        }
        Ok(())
    }

    /// Text in its look, if this is a terminal that shows it.
    pub(crate) fn paint(&self, tone: Tone, text: &str) -> String {
        paint(self.colour, tone, text)
    }

    /// An error: as an object on standard output for programs, as cause and next step on standard error for people.
    pub(crate) fn complain(&mut self, error: &Error) {
        // Nobody is left to tell if this fails.
        let _ = if self.json {
            self.object(&serde_json::json!({ "error": error })).and_then(|()| self.flush())
        } else {
            let _ = self.flush();
            let colour = io::stderr().is_terminal() && wants_colour();
            let mark = paint(colour, Tone::Bad, "error:");
            let hint = if error.hint.is_empty() { String::new() } else { format!("\n       {}", error.hint) };
            writeln!(io::stderr(), "{mark} {}{hint}", error.message)
        };
    }
}

/// Whether colours are welcome (no-color.org, and terminals that have none).
fn wants_colour() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn paint(colour: bool, tone: Tone, text: &str) -> String {
    let code = match tone {
        _ if !colour || text.is_empty() => return text.to_owned(),
        Tone::Plain => return text.to_owned(),
        Tone::Strong => "1",
        Tone::Faint => "2",
        Tone::Good => "32",
        Tone::Watch => "33",
        Tone::Bad => "31",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// A state as shape and word, as the pages show it.
pub(crate) fn state(state: State) -> Cell {
    match state {
        State::Good => cell(Tone::Good, "✓ good"),
        State::CannotTell => cell(Tone::Faint, "◌ cannot tell"),
        State::Watch => cell(Tone::Watch, "◉ watch"),
        State::ActSoon => cell(Tone::Watch, "▲ act soon"),
        State::ActNow => cell(Tone::Bad, "⬢ act now"),
    }
}

/// A time by this machine's clock and zone, as in `2026-11-20 14:05`.
pub(crate) fn time(ms: roadworthy_api::Timestamp) -> String {
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| format!("{ms} ms"), |t| t.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string())
}

/// The same to the millisecond, as in `2026-11-20 14:05:09.042`.
pub(crate) fn exact(ms: roadworthy_api::Timestamp) -> String {
    Timestamp::from_millisecond(ms).map_or_else(
        |_| format!("{ms} ms"),
        |t| t.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string(),
    )
}

/// `1 code`, `2 codes`.
pub(crate) fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}
