//! The newest lines of all log files, in the order of their times.
//!
//! Other processes write and rotate meanwhile: a file that is gone is passed over, and one that is met again under its next
//! name is read once. Whatever stands in a file, it comes out as text: bytes that are not UTF-8 are replaced, a line that does
//! not begin with a time belongs to the one before it.

use super::{
    redact,
    rotate::{self, LogFile},
    unwritable,
};
use roadworthy_api::{Result, Timestamp, system::LogLine};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    time::UNIX_EPOCH,
};

/// Most bytes that are read of one file, from its end; one is larger only by a single event.
const READ: u64 = (1 << 20) + (64 << 10);
/// Longest line in characters; the rest is left out.
const LONG: usize = 8192;
/// How far the time of a file may lie before that of its last line, in ms.
const LATE: Timestamp = 2000;
const LEVELS: [(&str, &str); 5] =
    [("ERROR", "error"), ("WARN", "warn"), ("INFO", "info"), ("DEBUG", "debug"), ("TRACE", "trace")];

/// A line with the time that it is sorted by: its own, or that of the line it belongs to.
type Timed = (Timestamp, LogLine);

/// The newest lines, at most so many, oldest first, redacted once more. None where nothing was logged yet.
///
/// # Errors
/// [`roadworthy_api::Code::ReadOnly`] when the folder or a file cannot be read.
pub fn newest(dir: &Path, limit: usize) -> Result<Vec<LogLine>> {
    let mut files = rotate::files(dir).map_err(|e| unwritable(dir, &e))?;
    files.sort_by(|a, b| (b.modified, &a.path).cmp(&(a.modified, &b.path)));
    let (mut kept, mut read): (Vec<Timed>, Vec<(u64, u64)>) = (Vec::new(), Vec::new());
    for file in files {
        let written = written(&file);
        if kept.len() >= limit && kept.first().is_some_and(|(at, _)| written.saturating_add(LATE) < *at) {
            break;
        }
        let bytes = match end(&file, &mut read) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(unwritable(&file.path, &e)),
        };
        // An older file's lines come before a newer one's of the same moment.
        let mut all = lines(&bytes, written);
        all.append(&mut kept);
        all.sort_by_key(|(at, _)| *at);
        kept = all.split_off(all.len().saturating_sub(limit));
    }
    let clean = |(_, line): Timed| LogLine { text: cut(redact(&line.text)), ..line };
    Ok(kept.into_iter().map(clean).collect())
}

fn written(file: &LogFile) -> Timestamp {
    let since = file.modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The end of a file, from the beginning of a line; nothing where it was read already under another name.
fn end(file: &LogFile, read: &mut Vec<(u64, u64)>) -> io::Result<Vec<u8>> {
    let mut open = File::open(&file.path)?;
    let meta = open.metadata()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let same = (meta.dev(), meta.ino());
        if read.contains(&same) {
            return Ok(Vec::new());
        }
        read.push(same);
    }
    #[cfg(not(unix))]
    let _ = read;
    let skip = meta.len().saturating_sub(READ);
    open.seek(SeekFrom::Start(skip))?;
    let mut bytes = Vec::new();
    open.take(READ).read_to_end(&mut bytes)?;
    if skip > 0 {
        let whole = bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1);
        bytes.drain(..whole);
    }
    Ok(bytes)
}

/// The lines of a file; those before its first time take that, or without any the time when it was written.
fn lines(bytes: &[u8], written: Timestamp) -> Vec<Timed> {
    let text = String::from_utf8_lossy(bytes);
    let all: Vec<LogLine> = text.lines().filter(|line| !line.trim().is_empty()).map(line).collect();
    let mut at = all.iter().find_map(|line| line.at).unwrap_or(written);
    let timed = |line: LogLine| {
        at = line.at.unwrap_or(at);
        (at, line)
    };
    all.into_iter().map(timed).collect()
}

/// A line as `tracing` writes it: time in UTC, level, the rest.
fn line(text: &str) -> LogLine {
    let whole = LogLine { at: None, level: String::new(), text: text.trim_end().to_owned() };
    let Some((time, rest)) = text.split_once(' ') else { return whole };
    let Ok(at) = time.parse::<jiff::Timestamp>() else { return whole };
    let rest = rest.trim_start();
    let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
    let Some((_, level)) = LEVELS.iter().find(|(name, _)| *name == word) else { return whole };
    LogLine { at: Some(at.as_millisecond()), level: (*level).to_owned(), text: after.trim_end().to_owned() }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        fs,
        time::{Duration, SystemTime},
    };

    const DAY: &str = "2026-11-20T14:05:";
    /// 2026-11-20T14:05:00Z in ms.
    const START: Timestamp = 1_795_183_500_000;

    /// Lines of the files as `level text@second`, with what is asked for.
    fn check(files: &[(&str, &[u8], u64)], limit: usize, expect: &[&str]) {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes, second) in files {
            let path = dir.path().join(name);
            fs::write(&path, bytes).unwrap();
            let start = SystemTime::UNIX_EPOCH + Duration::from_millis(START.unsigned_abs());
            File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_modified(start + Duration::from_secs(*second))
                .unwrap();
        }
        let told = |line: LogLine| {
            let at = line.at.map_or("-".to_owned(), |at| ((at - START) / 1000).to_string());
            format!("{} {}@{at}", line.level, line.text)
        };
        let found: Vec<String> = newest(dir.path(), limit).unwrap().into_iter().map(told).collect();
        assert_eq!(found, expect);
    }

    fn at(second: u32, rest: &str) -> String {
        format!("{DAY}{second:02}.000000Z {rest}\n")
    }

    #[test]
    fn lines_of_all_files_stand_in_the_order_of_their_times() {
        let (old, new) = (at(1, " INFO a: one"), at(3, "ERROR a: three") + "at file.rs:1\n");
        let other = at(2, " WARN b: two") + &at(4, "DEBUG b: four");
        let files: [(&str, &[u8], u64); 3] = [
            ("roadworthy-0.log", new.as_bytes(), 3),
            ("roadworthy-0.1.log", old.as_bytes(), 1),
            ("roadworthy-1.log", other.as_bytes(), 4),
        ];
        let all = ["info a: one@1", "warn b: two@2", "error a: three@3", " at file.rs:1@-", "debug b: four@4"];
        check(&files, 10, &all);
        check(&files, 3, &all[2..]);
        check(&files, 0, &[]);
    }

    #[test]
    fn what_is_damaged_or_half_written_is_told_as_it_is() {
        let half = at(1, " INFO a: whole") + "2026-11-20T14:0";
        check(&[("roadworthy-0.log", half.as_bytes(), 1)], 9, &["info a: whole@1", " 2026-11-20T14:0@-"]);
        let mut bytes = at(2, " INFO a: ").trim_end().as_bytes().to_vec();
        bytes.extend(b" caf\xe9 \x00 \xff\xfe");
        check(&[("roadworthy-0.log", &bytes, 2)], 9, &["info a: caf\u{fffd} \0 \u{fffd}\u{fffd}@2"]);
        check(&[("roadworthy-0.log", b"\n\n  \n", 2)], 9, &[]);
        check(&[("roadworthy-0.log", b"no time at all\r\n", 2)], 9, &[" no time at all@-"]);
        check(
            &[("roadworthy-0.log", at(1, "LOUD a: b").as_bytes(), 1)],
            9,
            &[&format!(" {DAY}01.000000Z LOUD a: b@-")],
        );
        check(&[("other.txt", b"not ours", 2)], 9, &[]);
    }

    #[test]
    fn what_is_personal_is_taken_out_once_more_and_long_lines_are_cut() {
        let line = at(1, " INFO a: read 1RWTEST00X0000001 of owner@example.org");
        check(&[("roadworthy-0.log", line.as_bytes(), 1)], 9, &["info a: read [redacted] of [redacted]@1"]);
        let long = at(1, &format!(" INFO {}", "ab ".repeat(LONG)));
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("roadworthy-0.log"), long).unwrap();
        assert_eq!(newest(dir.path(), 9).unwrap().remove(0).text.chars().count(), LONG + 1);
    }

    #[test]
    fn of_a_large_file_only_the_end_is_read_and_it_begins_with_a_whole_line() {
        let dir = tempfile::tempdir().unwrap();
        let line = at(1, " INFO a: and so on");
        fs::write(dir.path().join("roadworthy-0.log"), line.repeat(60_000)).unwrap();
        let lines = newest(dir.path(), usize::MAX).unwrap();
        assert_eq!(lines.len() as u64, READ / line.len() as u64);
        assert!(lines.iter().all(|line| line.text == "a: and so on"));
        assert!(newest(&dir.path().join("absent"), 9).unwrap().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_was_rotated_meanwhile_is_read_once() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("roadworthy-0.log"), at(1, " INFO a: one")).unwrap();
        // As if it got its next name between two looks.
        fs::hard_link(dir.path().join("roadworthy-0.log"), dir.path().join("roadworthy-0.1.log")).unwrap();
        assert_eq!(newest(dir.path(), 9).unwrap().len(), 1);
    }
}
