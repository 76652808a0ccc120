//! A file as a stream of bytes that the parsers take: unpacked, UTF-16 made UTF-8, hashed on the way, in constant memory.
//!
//! What is no text is refused by its first bytes, with what it is. A `.gz` that unpacks to far more than a log does is refused
//! when it does.

use flate2::read::MultiGzDecoder;
use roadworthy_api::{Code, Error, Result};
use std::{
    io::{self, BufReader, Read},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// A gzip file may unpack to so many times its size once it is past the first part: logs come to 20, seldom to 100.
const RATIO: u64 = 400;
const RATIO_FROM: u64 = 64 << 20;

/// Bytes at the front that tell whether a file is text.
const BEGIN: usize = 256;

/// How letters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf8Marked,
    Utf16Le,
    Utf16Be,
    Windows,
}

impl Encoding {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Marked => "UTF-8 with a byte order mark",
            Self::Utf16Le => "UTF-16, least byte first",
            Self::Utf16Be => "UTF-16, most significant byte first",
            Self::Windows => "Windows-1252",
        }
    }
}

/// What was read of a file so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    read: Arc<AtomicU64>,
    hasher: Arc<Mutex<blake3::Hasher>>,
}

impl Meter {
    /// Bytes of the file on disk.
    pub(crate) fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// BLAKE3 of them in hex.
    pub(crate) fn hash(&self) -> String {
        self.hasher.lock().unwrap_or_else(PoisonError::into_inner).finalize().to_hex().to_string()
    }
}

struct Metered<R> {
    from: R,
    meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read(room)?;
        self.meter.read.fetch_add(n as u64, Ordering::Relaxed);
        let got = room.get(..n).unwrap_or_default();
        self.meter.hasher.lock().unwrap_or_else(PoisonError::into_inner).update(got);
        Ok(n)
    }
}

/// An opened file.
pub(crate) struct Source {
    pub(crate) bytes: Box<dyn Read + Send>,
    pub(crate) encoding: Encoding,
    pub(crate) meter: Meter,
}

/// Reads up to so many bytes, fewer only at the end.
fn first(from: &mut impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    from.take(most as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// What went wrong while reading, as it is told.
pub(crate) fn told(error: &io::Error) -> Error {
    if let Some(error) = error.get_ref().and_then(|e| e.downcast_ref::<Error>()) {
        return error.clone();
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::new(Code::Malformed, "The gzip file is cut off: its end is missing.")
            .hint("Copy the file again from where it was made."),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            Error::new(Code::Malformed, format!("The file is damaged ({error})."))
                .hint("Copy the file again from where it was made.")
        }
        io::ErrorKind::NotFound => Error::new(Code::NotFound, "There is no such file.").hint("Check the path."),
        io::ErrorKind::PermissionDenied => Error::new(Code::Forbidden, "The file may not be read by this user.")
            .hint("Give this user the right to read it."),
        _ => Error::new(Code::Malformed, format!("The file cannot be read ({error})."))
            .hint("Copy it to this machine and try again."),
    }
}

/// Opens what was read from disk.
///
/// # Errors
/// [`Code::Malformed`] for what is no text, with what it is.
pub(crate) fn open(from: impl Read + Send + 'static) -> Result<Source> {
    let meter = Meter::default();
    let mut raw = Metered { from, meter: meter.clone() };
    let io = |e: io::Error| told(&e);
    let head = first(&mut raw, 4).map_err(io)?;
    let raw = io::Cursor::new(head.clone()).chain(raw);
    if !head.starts_with(&[0x1f, 0x8b]) {
        return text(raw, meter);
    }
    let gz =
        Unpacked { from: MultiGzDecoder::new(BufReader::with_capacity(128 << 10, raw)), out: 0, meter: meter.clone() };
    let mut gz = gz;
    let head = first(&mut gz, 4).map_err(io)?;
    if head.starts_with(&[0x1f, 0x8b]) {
        return Err(Error::new(Code::Malformed, "The gzip file holds another gzip file.").hint("Unpack it once."));
    }
    text(io::Cursor::new(head).chain(gz), meter)
}

/// A gzip stream that ends where it becomes a bomb.
struct Unpacked<R> {
    from: R,
    out: u64,
    meter: Meter,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read(room)?;
        self.out += n as u64;
        if self.out > RATIO_FROM && self.out / RATIO > self.meter.read() {
            let bomb = Error::new(
                Code::Malformed,
                format!("The gzip file unpacks to more than {RATIO} times its size: it is no log."),
            )
            .hint("Unpack it and look at what is in it.");
            return Err(io::Error::other(bomb));
        }
        Ok(n)
    }
}

/// Tells what letters are written in, and drops the mark in front.
fn text(mut from: impl Read + Send + 'static, meter: Meter) -> Result<Source> {
    let mut head = first(&mut from, 64 << 10).map_err(|e| told(&e))?;
    if let Some(what) = foreign(&head) {
        return Err(Error::new(Code::Malformed, format!("The file is no text: it is {what}."))
            .hint("Export the log as CSV and import that."));
    }
    let encoding = match head.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => Encoding::Utf8Marked,
        [0xff, 0xfe, ..] => Encoding::Utf16Le,
        [0xfe, 0xff, ..] => Encoding::Utf16Be,
        head => {
            // A logger that lost its power leaves zeros behind what it wrote; what begins with them is no text.
            let end = head.iter().rposition(|b| *b != 0).map_or(0, |at| at + 1);
            let begin = head.get(..end.min(BEGIN)).unwrap_or_default();
            let nuls = memchr::memchr_iter(0, begin).count();
            if nuls * 10 > begin.len() && nuls > 8 || end == 0 && !head.is_empty() {
                return Err(Error::new(Code::Malformed, "The file is no text, or UTF-16 without its byte order mark.")
                    .hint("Save it as UTF-8."));
            }
            // A letter may be cut by the end of what was looked at.
            match std::str::from_utf8(head) {
                Ok(_) => Encoding::Utf8,
                Err(e) if e.error_len().is_none() && head.len() == 64 << 10 => Encoding::Utf8,
                Err(_) => Encoding::Windows,
            }
        }
    };
    let marks = match encoding {
        Encoding::Utf8Marked => 3,
        Encoding::Utf16Le | Encoding::Utf16Be => 2,
        _ => 0,
    };
    head.drain(..marks.min(head.len()));
    let bytes = io::Cursor::new(head).chain(from);
    let bytes: Box<dyn Read + Send> = match encoding {
        Encoding::Utf16Le => Box::new(Utf16::new(bytes, u16::from_le_bytes)),
        Encoding::Utf16Be => Box::new(Utf16::new(bytes, u16::from_be_bytes)),
        _ => Box::new(bytes),
    };
    Ok(Source { bytes, encoding, meter })
}

/// What a file is that begins so, if it is no text.
fn foreign(head: &[u8]) -> Option<&'static str> {
    const KNOWN: &[(&[u8], &str)] = &[
        (b"PK\x03\x04", "a zip archive or a workbook (xlsx, ods)"),
        (b"PK\x05\x06", "an empty zip archive"),
        (b"\xd0\xcf\x11\xe0", "an old workbook (xls)"),
        (b"%PDF", "a PDF"),
        (b"SQLite format 3", "an SQLite database"),
        (b"PAR1", "a Parquet file"),
        (b"7z\xbc\xaf", "a 7z archive"),
        (b"Rar!", "a rar archive"),
        (b"\x28\xb5\x2f\xfd", "a zstd archive"),
        (b"BZh", "a bzip2 archive"),
        (b"\xfd7zXZ", "an xz archive"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"\x7fELF", "a program"),
        (b"MDF     ", "an MDF file"),
    ];
    let known = KNOWN.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, what)| *what);
    known.or_else(|| {
        let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        match start {
            [b'<', ..] => Some("HTML or XML"),
            [b'{', rest @ ..] | [b'[', rest @ ..]
                if matches!(rest.trim_ascii_start().first(), Some(b'"' | b'{' | b'[' | b'}' | b']')) =>
            {
                Some("JSON")
            }
            _ => None,
        }
    })
}

/// UTF-16 as UTF-8; half a pair, and half a letter at the end, become the mark of what cannot be read.
struct Utf16<R> {
    from: R,
    order: fn([u8; 2]) -> u16,
    odd: Option<u8>,
    high: Option<u16>,
    out: Vec<u8>,
    given: usize,
    over: bool,
}

impl<R: Read> Utf16<R> {
    fn new(from: R, order: fn([u8; 2]) -> u16) -> Self {
        Self { from, order, odd: None, high: None, out: Vec::new(), given: 0, over: false }
    }

    fn put(&mut self, letter: char) {
        let mut room = [0; 4];
        self.out.extend_from_slice(letter.encode_utf8(&mut room).as_bytes());
    }

    fn unit(&mut self, unit: u16) {
        let high = self.high.take();
        match (high, unit) {
            (Some(high), 0xdc00..=0xdfff) => {
                let code = 0x10000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(unit) - 0xdc00);
                self.put(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                return;
            }
            (Some(_), _) => self.put(char::REPLACEMENT_CHARACTER),
            (None, _) => {}
        }
        match unit {
            0xd800..=0xdbff => self.high = Some(unit),
            unit => self.put(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.out.clear();
        self.given = 0;
        let mut room = [0; 16 << 10];
        let n = self.from.read(&mut room)?;
        self.over = n == 0;
        for byte in room.get(..n).unwrap_or_default() {
            match self.odd.take() {
                None => self.odd = Some(*byte),
                Some(first) => self.unit((self.order)([first, *byte])),
            }
        }
        if self.over && (self.odd.take().is_some() | self.high.take().is_some()) {
            self.put(char::REPLACEMENT_CHARACTER);
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.given == self.out.len() && !self.over {
            self.refill()?;
        }
        let rest = self.out.get(self.given..).unwrap_or_default();
        let n = rest.len().min(room.len());
        if let (Some(to), Some(from)) = (room.get_mut(..n), rest.get(..n)) {
            to.copy_from_slice(from);
        }
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn read(bytes: Vec<u8>) -> Result<(String, Encoding)> {
        let mut source = open(io::Cursor::new(bytes.clone()))?;
        let mut all = Vec::new();
        source.bytes.read_to_end(&mut all).map_err(|e| told(&e))?;
        assert_eq!(
            source.meter.hash(),
            blake3::hash(&bytes).to_hex().to_string(),
            "because it is the file that is hashed"
        );
        assert_eq!(source.meter.read(), bytes.len() as u64);
        Ok((String::from_utf8_lossy(&all).into_owned(), source.encoding))
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut gz = GzEncoder::new(Vec::new(), Compression::best());
        gz.write_all(bytes).unwrap();
        gz.finish().unwrap()
    }

    #[test]
    fn letters_of_any_encoding_come_as_utf8() {
        let text = "Zeit;Öl 😀\r\n1;2\n";
        let utf16 = |order: fn(u16) -> [u8; 2], mark: [u8; 2]| -> Vec<u8> {
            mark.into_iter().chain(text.encode_utf16().flat_map(order)).collect()
        };
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8Marked),
            (utf16(u16::to_le_bytes, [0xff, 0xfe]), Encoding::Utf16Le),
            (utf16(u16::to_be_bytes, [0xfe, 0xff]), Encoding::Utf16Be),
        ] {
            assert_eq!(read(bytes.clone()).unwrap(), (text.to_owned(), encoding));
            assert_eq!(read(packed(&bytes)).unwrap(), (text.to_owned(), encoding));
        }
        assert_eq!(read(b"Zeit;\xd6l\n".to_vec()).unwrap().1, Encoding::Windows);
        let odd = [&utf16(u16::to_le_bytes, [0xff, 0xfe])[..], &[0x3d, 0xd8, 0x41]].concat();
        assert!(read(odd).unwrap().0.ends_with('\u{fffd}'));
        assert_eq!(read(vec![]).unwrap(), (String::new(), Encoding::Utf8));
    }

    #[test]
    fn zeros_behind_a_text_leave_it_one() {
        let text = b"time,a\n1,2\n";
        for zeros in [1, 100, 4096, 1 << 20] {
            let (all, encoding) = read([&text[..], &vec![0; zeros]].concat()).unwrap();
            assert!(all.starts_with("time,a\n1,2\n\0") && encoding == Encoding::Utf8, "{zeros}");
        }
    }

    #[test]
    fn what_is_no_text_or_no_log_is_refused_with_what_it_is() {
        let mut cut = packed("time,a\n1,2\n".repeat(1000).as_bytes());
        cut.truncate(cut.len() - 12);
        for (bytes, expect) in [
            (b"PK\x03\x04....".to_vec(), "zip"),
            (b"<html><body>".to_vec(), "HTML"),
            (b"{\"a\": 1}".to_vec(), "JSON"),
            (b"SQLite format 3\0".to_vec(), "SQLite"),
            ([1, 0, 2, 0].repeat(100), "UTF-16"),
            (vec![0; 5000], "UTF-16"),
            (packed(&packed(b"time,a\n1,2\n")), "another gzip"),
            (packed(&vec![b'0'; 80 << 20]), "400 times"),
            (cut, "cut off"),
            ([0x1f, 0x8b, 8, 0, 1, 2, 3].to_vec(), "cut off"),
        ] {
            let error = read(bytes).unwrap_err();
            assert_eq!(error.code, Code::Malformed);
            assert!(error.message.contains(expect) && !error.hint.is_empty(), "{expect}: {error}");
        }
    }
}
