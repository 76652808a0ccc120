//! Tables as CSV: RFC 4180, UTF-8, lines that end in CRLF, decimal points whatever the locale.
//!
//! Text from a vehicle or a person is never a formula: a spreadsheet would run a cell that begins with `=`, so [`guarded`] puts
//! an apostrophe in front, and [`unguarded`] takes it away again.

use std::{
    borrow::Cow,
    io::{self, Write},
};

/// Text that no spreadsheet takes for a formula.
///
/// One apostrophe more goes before a text that begins with what a spreadsheet runs, whatever number of apostrophes stands
/// before that: so [`unguarded`] gives back any text, also one that had an apostrophe of its own.
pub(crate) fn guarded(text: &str) -> Cow<'_, str> {
    if runs(text.trim_start_matches('\'')) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that [`guarded`] made this of.
pub(crate) fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if runs(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

/// Full-width signs are run too, where the spreadsheet is Japanese or Chinese.
fn runs(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

/// A table that goes to `out` row by row.
pub(crate) struct Table<W: Write> {
    out: W,
    line: String,
    /// Rows so far, the head among them.
    pub(crate) rows: u64,
}

impl<W: Write> Table<W> {
    pub(crate) fn new(out: W) -> Self {
        Self { out, line: String::new(), rows: 0 }
    }

    /// A row of cells as they are; text goes through [`guarded`] first.
    pub(crate) fn row<C: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = C>) -> io::Result<()> {
        self.line.clear();
        for (place, cell) in cells.into_iter().enumerate() {
            if place > 0 {
                self.line.push(',');
            }
            put(&mut self.line, cell.as_ref());
        }
        self.line.push_str("\r\n");
        self.rows += 1;
        self.out.write_all(self.line.as_bytes())
    }

    /// What it was written to.
    pub(crate) fn done(self) -> W {
        self.out
    }
}

fn put(line: &mut String, cell: &str) {
    if cell.contains([',', '"', '\r', '\n']) {
        line.push('"');
        line.push_str(&cell.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_made_text() {
        for (text, expect) in [
            ("=cmd()", "'=cmd()"),
            ("+1", "'+1"),
            ("-2+3", "'-2+3"),
            ("@sum(a1)", "'@sum(a1)"),
            ("\tx", "'\tx"),
            ("'=x", "''=x"),
            ("''", "''"),
            ("'tis", "'tis"),
            ("\nx", "'\nx"),
            ("\u{ff1d}1+1", "'\u{ff1d}1+1"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), expect);
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "['=+@a\\t\\r\\n\u{ff1d}\u{ff20} -]{0,6}") {
            let cell = guarded(&text);
            prop_assert_eq!(unguarded(&cell), text.as_str());
            prop_assert!(!runs(&cell));
        }
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let mut table = Table::new(Vec::new());
        table.row(["a", "b,c", "d \"e\"", "f\ng", ""]).unwrap();
        assert_eq!(table.rows, 1);
        assert_eq!(String::from_utf8(table.done()).unwrap(), "a,\"b,c\",\"d \"\"e\"\"\",\"f\ng\",\r\n");
    }
}
