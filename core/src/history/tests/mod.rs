//! Histories as programs write them, whole: what they are taken for, what is asked, and what becomes of each row.

mod dirty;
mod layouts;
mod round;

use super::{
    cut,
    look::{self, Looked},
    rows::{self, Read},
};
use jiff::tz::TimeZone;
use roadworthy_api::{Result, history::HistoryAnswers};

pub(super) fn look(bytes: &[u8], answers: &HistoryAnswers) -> Result<Looked> {
    let whole = cut::whole(Box::new(std::io::Cursor::new(bytes.to_vec())))?;
    look::look(&whole, None, answers)
}

pub(super) fn asked(text: &str, answers: &HistoryAnswers) -> Vec<String> {
    look(text.as_bytes(), answers).unwrap().questions.into_iter().map(|q| q.what).collect()
}

/// Reads a file as an import does, without storing it.
pub(super) fn read(bytes: &[u8], answers: &HistoryAnswers) -> Read {
    let looked = look(bytes, answers).unwrap();
    assert_eq!(looked.questions, [], "because all was answered");
    let read = rows::read(&looked, &TimeZone::UTC);
    assert!(read.report.adds_up(), "{:#?}", read.report);
    assert_eq!(read.report.records, read.records.len() as u64);
    read
}

pub(super) fn is_history(text: &str) -> bool {
    let whole = cut::whole(Box::new(std::io::Cursor::new(text.as_bytes().to_vec()))).unwrap();
    look::is_history(&whole)
}
