//! Lines out of a stream, in constant memory, and cells out of a line.
//!
//! One line is one row: a quoted cell does not go on in the next line, so that a quote that somebody forgot spoils one row and
//! not the rest of the file. Lines end in LF, CRLF or, where a file has no LF, in CR.

use roadworthy_api::import::Separator;
use std::io::{self, Read};

/// Longest line that is looked at.
pub(crate) const LINE_MAX: usize = 64 << 10;
const BUFFER: usize = 512 << 10;
/// Most bytes of [`Lines::head`].
pub(crate) const HEAD: usize = BUFFER;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    Whole(&'a [u8]),
    /// The last one, which nothing ends.
    Last(&'a [u8]),
    TooLong,
}

/// Lines of a stream.
pub(crate) struct Lines<R> {
    from: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    over: bool,
    ends_with: u8,
    skipping: bool,
    /// Lines so far.
    pub(crate) number: u64,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(from: R) -> Self {
        let buffer = vec![0; BUFFER];
        Self { from, buffer, start: 0, end: 0, over: false, ends_with: b'\n', skipping: false, number: 0 }
    }

    /// What comes first, as far as it is there; says how lines end, so it must be called before the first line is read.
    pub(crate) fn head(&mut self) -> io::Result<&[u8]> {
        while !self.over && self.end < self.buffer.len() {
            self.fill()?;
        }
        let head = self.buffer.get(..self.end).unwrap_or_default();
        if memchr::memchr(b'\n', head).is_none() && memchr::memchr(b'\r', head).is_some() {
            self.ends_with = b'\r';
        }
        Ok(head)
    }

    fn fill(&mut self) -> io::Result<()> {
        let room = self.buffer.get_mut(self.end..).unwrap_or_default();
        let got = loop {
            match self.from.read(room) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.end += got;
        self.over = got == 0;
        Ok(())
    }

    /// The next line without its end; `None` at the end of the stream.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let mut looked = self.start;
        loop {
            let unread = self.buffer.get(looked..self.end).unwrap_or_default();
            if let Some(at) = memchr::memchr(self.ends_with, unread) {
                let (from, to) = (self.start, looked + at);
                self.start = to + 1;
                self.number += 1;
                if std::mem::take(&mut self.skipping) || to - from > LINE_MAX {
                    return Ok(Some(Line::TooLong));
                }
                let line = self.buffer.get(from..to).unwrap_or_default();
                return Ok(Some(Line::Whole(line.strip_suffix(b"\r").unwrap_or(line))));
            }
            looked = self.end;
            if self.over {
                let (from, to) = (self.start, self.end);
                self.start = self.end;
                if std::mem::take(&mut self.skipping) || to - from > LINE_MAX {
                    self.number += 1;
                    return Ok(Some(Line::TooLong));
                }
                if from == to {
                    return Ok(None);
                }
                self.number += 1;
                return Ok(Some(Line::Last(self.buffer.get(from..to).unwrap_or_default())));
            }
            if self.end - self.start > LINE_MAX {
                self.skipping = true;
                (self.start, self.end, looked) = (0, 0, 0);
            } else if self.end == self.buffer.len() {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                (looked, self.start) = (looked - self.start, 0);
            }
            self.fill()?;
        }
    }
}

impl Byte for Separator {
    fn byte(self) -> u8 {
        match self {
            Separator::Comma => b',',
            Separator::Semicolon => b';',
            Separator::Tab => b'\t',
            Separator::Bar => b'|',
        }
    }
}

/// The byte of a separator.
pub(crate) trait Byte {
    fn byte(self) -> u8;
}

/// Cells of a line, without allocation once it has seen a long one.
#[derive(Debug, Default)]
pub(crate) struct Cells {
    /// Where each begins and ends, in the line or, where `1 << 31` is set, in `plain`.
    places: Vec<(u32, u32)>,
    /// Quoted cells without their quotes.
    plain: Vec<u8>,
}

const PLAIN: u32 = 1 << 31;

impl Cells {
    /// Takes a line apart; `false`: a quote is not closed.
    #[inline]
    pub(crate) fn split(&mut self, line: &[u8], separator: u8) -> bool {
        self.places.clear();
        self.plain.clear();
        if memchr::memchr(b'"', line).is_some() {
            return self.quoted(line, separator);
        }
        let mut from = 0u32;
        for at in memchr::memchr_iter(separator, line) {
            // A line has at most `LINE_MAX` bytes.
            let at = at as u32;
            self.places.push((from, at));
            from = at + 1;
        }
        self.places.push((from, line.len() as u32));
        true
    }

    fn quoted(&mut self, line: &[u8], separator: u8) -> bool {
        let mut at = 0;
        loop {
            let rest = line.get(at..).unwrap_or_default();
            let blanks = rest.iter().take_while(|b| **b == b' ').count();
            if rest.get(blanks) == Some(&b'"') {
                let from = self.plain.len();
                let mut inside = at + blanks + 1;
                loop {
                    let Some(quote) = memchr::memchr(b'"', line.get(inside..).unwrap_or_default()) else {
                        return false;
                    };
                    self.plain.extend_from_slice(line.get(inside..inside + quote).unwrap_or_default());
                    inside += quote + 1;
                    if line.get(inside) != Some(&b'"') {
                        break;
                    }
                    self.plain.push(b'"');
                    inside += 1;
                }
                // What stands between the quote and the separator belongs to it.
                let rest = line.get(inside..).unwrap_or_default();
                let end = memchr::memchr(separator, rest).unwrap_or(rest.len());
                self.plain.extend_from_slice(rest.get(..end).unwrap_or_default());
                self.places.push((from as u32 | PLAIN, self.plain.len() as u32));
                at = inside + end;
            } else {
                let end = memchr::memchr(separator, rest).unwrap_or(rest.len());
                self.places.push((at as u32, (at + end) as u32));
                at += end;
            }
            if at >= line.len() {
                return true;
            }
            at += 1;
            if at == line.len() {
                self.places.push((at as u32, at as u32));
                return true;
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// A cell; empty where there is none.
    #[inline]
    pub(crate) fn get<'a>(&'a self, line: &'a [u8], place: usize) -> &'a [u8] {
        let Some((from, to)) = self.places.get(place) else { return &[] };
        let bytes = if from & PLAIN == 0 { line } else { &self.plain };
        bytes.get((from & !PLAIN) as usize..*to as usize).unwrap_or_default()
    }

    pub(crate) fn iter<'a>(&'a self, line: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        (0..self.len()).map(move |place| self.get(line, place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Hands out a few bytes at a time.
    struct Drops<'a>(&'a [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(self.0.len()).min(room.len());
            let (now, later) = self.0.split_at(n);
            room[..n].copy_from_slice(now);
            self.0 = later;
            Ok(n)
        }
    }

    fn all(bytes: &[u8], drops: usize) -> Vec<String> {
        let mut lines = Lines::new(Drops(bytes, drops));
        lines.head().unwrap();
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push(match line {
                Line::Whole(line) => String::from_utf8_lossy(line).into_owned(),
                Line::Last(line) => format!("{}|", String::from_utf8_lossy(line)),
                Line::TooLong => "TOO LONG".to_owned(),
            });
        }
        assert_eq!(lines.number, all.len() as u64);
        all
    }

    #[test]
    fn lines_end_as_any_system_ends_them() {
        for (text, expect) in [
            ("a\nb\n", &["a", "b"][..]),
            ("a\r\nb\r\n", &["a", "b"]),
            ("a\rb\r", &["a", "b"]),
            ("a\n\nb", &["a", "", "b|"]),
            ("a\r\n\r\n", &["a", ""]),
            ("", &[]),
            ("\n", &[""]),
            ("a", &["a|"]),
        ] {
            for drops in [1, 3, 100] {
                assert_eq!(all(text.as_bytes(), drops), expect, "{text:?}");
            }
        }
    }

    #[test]
    fn a_line_without_end_is_passed_over_in_constant_memory() {
        let long = "x".repeat(LINE_MAX + 1);
        let longer = "y".repeat(3 * BUFFER);
        let text = format!("a\n{long}\nb\n{longer}\nc\n{longer}");
        for drops in [7000, 100_000] {
            assert_eq!(all(text.as_bytes(), drops), ["a", "TOO LONG", "b", "TOO LONG", "c", "TOO LONG"]);
        }
        let most = "z".repeat(LINE_MAX);
        assert_eq!(all(format!("{most}\n").as_bytes(), 9999), [most]);
    }

    fn cells(line: &str, separator: u8) -> Option<Vec<String>> {
        let mut cells = Cells::default();
        cells
            .split(line.as_bytes(), separator)
            .then(|| cells.iter(line.as_bytes()).map(|c| String::from_utf8_lossy(c).into_owned()).collect())
    }

    #[test]
    fn cells_with_and_without_quotes() {
        for (line, expect) in [
            ("a;b;c", &["a", "b", "c"][..]),
            ("a;;", &["a", "", ""]),
            ("", &[""]),
            (";", &["", ""]),
            ("\"a;b\";c", &["a;b", "c"]),
            ("\"a\"\"b\";\"\"", &["a\"b", ""]),
            ("\"a\";", &["a", ""]),
            ("a \"b\" c;d", &["a \"b\" c", "d"]),
            (" \"a\" ;b", &["a ", "b"]),
            ("x;\"y;z\"", &["x", "y;z"]),
        ] {
            assert_eq!(cells(line, b';').unwrap(), expect, "{line}");
        }
        assert_eq!(cells("a;\"b;c", b';'), None);
    }

    proptest! {
        #[test]
        fn quoted_cells_read_back(row in proptest::collection::vec("[a-c;\", ]{0,5}", 1..6), mut drops in 1..9usize) {
            let line = row.iter().map(|c| format!("\"{}\"", c.replace('"', "\"\""))).collect::<Vec<_>>().join(";");
            prop_assert_eq!(cells(&line, b';').unwrap(), row);
            drops += 1;
            prop_assert_eq!(all(format!("{line}\n{line}\n").as_bytes(), drops), [line.clone(), line]);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), any::<u8>()], 0..60)) {
            let mut split = Cells::default();
            if split.split(&bytes, b',') {
                let total: usize = split.iter(&bytes).map(<[u8]>::len).sum();
                prop_assert!(total <= bytes.len());
            }
            all(&bytes, 3);
        }
    }
}
