//! A whole file as rows of cells. Unlike a log, a history has cells that go over several lines: notes do.

use crate::import::{
    lines::{Byte, Cells, Line, Lines},
    source, text,
};
use roadworthy_api::{
    Code, Error, Result,
    import::{RowReason, Separator},
};
use std::io::Read;

/// Most bytes of a history, unpacked: a hundred times what a long-lived fleet has written.
const BYTES_MAX: usize = 64 << 20;
/// Most lines of it.
const LINES_MAX: usize = 200_000;
/// Most lines and bytes of one row.
const ROW_LINES: usize = 400;
const ROW_BYTES: usize = 256 << 10;

/// The lines of a file.
pub(crate) struct Whole {
    /// `None`: too long.
    lines: Vec<Option<Vec<u8>>>,
    /// Nothing ends the last one.
    open_end: bool,
    pub(crate) encoding: &'static str,
    /// BLAKE3 of the file in hex.
    pub(crate) hash: String,
}

/// Reads a file into memory.
///
/// # Errors
/// [`Code::Malformed`] where it is no text, or too large for a history.
pub(crate) fn whole(from: Box<dyn Read + Send>) -> Result<Whole> {
    let mut opened = source::open(from)?;
    let encoding = opened.encoding.words();
    let mut lines = Lines::new(&mut opened.bytes);
    lines.head().map_err(|e| source::told(&e))?;
    let (mut all, mut bytes, mut open_end) = (Vec::new(), 0, false);
    while let Some(line) = lines.next().map_err(|e| source::told(&e))? {
        all.push(match line {
            Line::Whole(line) => Some(line.to_vec()),
            Line::Last(line) => {
                open_end = true;
                Some(line.to_vec())
            }
            Line::TooLong => None,
        });
        bytes += all.last().and_then(Option::as_ref).map_or(0, Vec::len);
        if all.len() > LINES_MAX || bytes > BYTES_MAX {
            return Err(Error::new(
                Code::Malformed,
                format!("The file is too large for a service history: more than {LINES_MAX} lines or 64 MiB."),
            )
            .hint("Is it a log? Else export one vehicle at a time."));
        }
    }
    Ok(Whole { lines: all, open_end, encoding, hash: opened.meter.hash() })
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// Line on which it begins, counted from 1.
    pub(crate) line: u64,
    pub(crate) cells: Result<Vec<String>, RowReason>,
    /// It is the last one, and nothing ends it.
    pub(crate) open_end: bool,
}

impl Whole {
    /// Whether there is anything in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.iter().flatten().all(|line| line.trim_ascii().is_empty())
    }

    /// Rows from the beginning, at most so many.
    pub(crate) fn rows(&self, separator: Separator, most: usize) -> Vec<Row> {
        let mut cells = Cells::default();
        let mut rows = Vec::new();
        let mut at = 0;
        while at < self.lines.len() && rows.len() < most {
            let (cut, used) = self.row(at, separator, &mut cells);
            rows.push(Row {
                line: at as u64 + 1,
                cells: cut,
                open_end: self.open_end && at + used == self.lines.len(),
            });
            at += used;
        }
        rows
    }

    /// The row that begins on a line, and how many lines it takes.
    fn row(&self, at: usize, separator: Separator, cells: &mut Cells) -> (Result<Vec<String>, RowReason>, usize) {
        let Some(Some(first)) = self.lines.get(at) else { return (Err(RowReason::TooLong), 1) };
        if cells.split(first, separator.byte()) {
            return (texts(cells, first), 1);
        }
        // A quote is open: the cell goes on, unless somebody forgot to close it.
        let mut joined = first.clone();
        for (more, line) in self.lines.iter().skip(at + 1).take(ROW_LINES).enumerate() {
            let Some(line) = line else { break };
            joined.push(b'\n');
            joined.extend_from_slice(line);
            if joined.len() > ROW_BYTES {
                break;
            }
            let turns = memchr::memchr_iter(b'"', line).count() % 2 == 1;
            if turns && cells.split(&joined, separator.byte()) {
                return (texts(cells, &joined), more + 2);
            }
        }
        (Err(RowReason::OpenQuote), 1)
    }
}

fn texts(cells: &Cells, line: &[u8]) -> Result<Vec<String>, RowReason> {
    cells
        .iter(line)
        .map(|cell| {
            let text = text::read(cell);
            let garbled =
                text.chars().any(|c| (c.is_control() && !matches!(c, '\n' | '\t')) || c == char::REPLACEMENT_CHARACTER);
            if garbled { Err(RowReason::NotText) } else { Ok(text.into_owned()) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u64, std::result::Result<Vec<String>, RowReason>)> {
        let whole = whole(Box::new(std::io::Cursor::new(text.as_bytes().to_vec()))).unwrap();
        whole.rows(Separator::Comma, 100).into_iter().map(|r| (r.line, r.cells)).collect()
    }

    fn cells(line: u64, cells: &[&str]) -> (u64, std::result::Result<Vec<String>, RowReason>) {
        (line, Ok(cells.iter().map(|c| (*c).to_owned()).collect()))
    }

    #[test]
    fn a_cell_may_go_over_several_lines() {
        assert_eq!(
            rows("a,b\n1,\"two\nlines, \"\"said\"\"\"\n\n3,4\n"),
            [cells(1, &["a", "b"]), cells(2, &["1", "two\nlines, \"said\""]), cells(4, &[""]), cells(5, &["3", "4"])]
        );
    }

    #[test]
    fn a_quote_that_nobody_closed_spoils_one_row() {
        assert_eq!(
            rows("a,b\n1,\"two\n3,4\n5,6\n"),
            [cells(1, &["a", "b"]), (2, Err(RowReason::OpenQuote)), cells(3, &["3", "4"]), cells(4, &["5", "6"])]
        );
    }

    #[test]
    fn what_is_no_text_is_told() {
        assert_eq!(rows("a,\0b\nc,d"), [(1, Err(RowReason::NotText)), cells(2, &["c", "d"])]);
    }
}
