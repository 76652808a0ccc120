//! ISO 14229-1 service 19: trouble codes with status, severity and stored records.

use super::{Answer, DecodeError, Values, live, split};
use crate::dtc;

/// Names of the status bits of a trouble code, bit 0 first (ISO 14229-1, Annex D).
pub const STATUS_FLAGS: [&str; 8] = [
    "testFailed",
    "testFailedThisOperationCycle",
    "pendingDTC",
    "confirmedDTC",
    "testNotCompletedSinceLastClear",
    "testFailedSinceLastClear",
    "testNotCompletedThisOperationCycle",
    "warningIndicatorRequested",
];

/// Names of the severity bits, bit 0 first: classes of a code for WWH-OBD (GTR 5), then when to act.
pub const SEVERITY_FLAGS: [&str; 8] = [
    "dtcClass0",
    "dtcClass1",
    "dtcClass2",
    "dtcClass3",
    "dtcClass4",
    "maintenanceOnly",
    "checkAtNextHalt",
    "checkImmediately",
];

/// A trouble code with its status byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DtcStatus {
    /// As in `P0301-11`, the failure type last.
    pub code: String,
    /// Status byte.
    pub status: u8,
    /// Severity byte, in the reports that have one.
    pub severity: Option<u8>,
}

impl DtcStatus {
    /// Names of the status bits that are set.
    pub fn flags(&self) -> Vec<&'static str> {
        set(&STATUS_FLAGS, self.status)
    }

    /// Names of the severity bits that are set; `None` where the report has no severity.
    pub fn severity_flags(&self) -> Option<Vec<&'static str>> {
        self.severity.map(|severity| set(&SEVERITY_FLAGS, severity))
    }
}

fn set(names: &[&'static str; 8], bits: u8) -> Vec<&'static str> {
    names.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 != 0).map(|(_, name)| *name).collect()
}

/// A code for which the ECU keeps a freeze frame (sub-function 03).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotId {
    /// As in `P0301-11`.
    pub code: String,
    /// Number of the record, to be asked for with sub-function 04.
    pub record: u8,
}

/// What an ECU stored with one code (sub-functions 04 and 06).
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRecords {
    /// The code with its status.
    pub dtc: DtcStatus,
    /// The records, in the order of the reply; empty where the ECU keeps none.
    pub records: Vec<StoredRecord>,
}

/// One stored record of a code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredRecord {
    /// Its number.
    pub number: u8,
    /// Values by data identifier, as far as their lengths are published (sub-function 04).
    pub values: Values,
    /// Bytes whose layout is the maker's. In them further records may hide, for nothing says where one ends.
    pub raw: Vec<u8>,
}

/// `report sub-function`, then what follows.
pub(super) fn read(sub: u8, rest: &[u8]) -> Result<Answer, DecodeError> {
    match (sub, rest) {
        // By status mask, and by severity: mask, format, count.
        (0x01 | 0x07, [_, _, high, low]) => Ok(Answer::DtcCount(u16::from_be_bytes([*high, *low]))),
        (0x01 | 0x07, _) => Err(short(6, rest)),
        (0x03, _) => snapshots(rest),
        (0x04 | 0x06, [a, b, c, status, records @ ..]) => {
            let dtc = DtcStatus { code: dtc::code_with_failure_type([*a, *b, *c]), status: *status, severity: None };
            let records = if sub == 0x04 { frames(records)? } else { extended(records)? };
            Ok(Answer::Stored(StoredRecords { dtc, records }))
        }
        (0x04 | 0x06, _) => Err(short(6, rest)),
        _ => listed(sub, rest),
    }
}

/// Lists of codes.
fn listed(sub: u8, rest: &[u8]) -> Result<Answer, DecodeError> {
    // Bytes in front, bytes a record, and where in it code, status and severity stand.
    let (front, size, code_at, status_at, severity_at) = match sub {
        // By status mask; supported; first and most recent; permanent; and their like: mask, (code, status)*.
        0x02 | 0x0A..=0x0E | 0x13 | 0x15 => (1, 4, 0, 3, None),
        // By severity: mask, (severity, functional unit, code, status)*.
        0x08 | 0x09 => (1, 6, 2, 5, Some(0)),
        // WWH-OBD by mask: group, status mask, severity mask, format, (severity, code, status)*.
        0x42 => (4, 5, 1, 4, Some(0)),
        // WWH-OBD permanent: group, status mask, format, (code, status)*.
        0x55 => (3, 4, 0, 3, None),
        // By readiness group: group, status mask, format, readiness group, (code, status)*.
        0x56 => (4, 4, 0, 3, None),
        // That have an extended data record: mask, number, (code, status)*. Without codes the number is left out.
        0x1A if rest.len() == 1 => (1, 4, 0, 3, None),
        0x1A => (2, 4, 0, 3, None),
        _ => return Err(DecodeError::SubFunction { service: 0x19, sub }),
    };
    let Some(records) = rest.get(front..).filter(|r| r.len().is_multiple_of(size)) else {
        return Err(short(2 + front, rest));
    };
    let format = match sub {
        0x42 => rest.get(3),
        0x55 | 0x56 => rest.get(2),
        _ => None,
    };
    if let Some(format) = format.filter(|format| **format != 0x04) {
        return Err(DecodeError::CodeFormat(*format));
    }
    // Zeros are no code, but an empty place.
    let records = records.chunks_exact(size).filter(|record| record.get(code_at..code_at + 3) != Some(&[0, 0, 0]));
    let status = |record: &[u8]| DtcStatus {
        code: dtc::code_with_failure_type([record[code_at], record[code_at + 1], record[code_at + 2]]),
        status: record[status_at],
        severity: severity_at.map(|at: usize| record[at]),
    };
    Ok(Answer::Statuses(records.map(status).collect()))
}

fn snapshots(rest: &[u8]) -> Result<Answer, DecodeError> {
    let (records, []) = rest.as_chunks::<4>() else { return Err(short(6, rest)) };
    let id = |&[a, b, c, record]: &[u8; 4]| SnapshotId { code: dtc::code_with_failure_type([a, b, c]), record };
    Ok(Answer::Snapshots(records.iter().filter(|record| record[..3] != [0, 0, 0]).map(id).collect()))
}

/// `number count (identifier data)*` again and again. Only the identifiers `F4xx` have a published length, some of them two;
/// where all can be cut to the byte in one way alone, that is how. Else, from the first identifier on whose length is not
/// known, the bytes stay as they are.
fn frames(mut rest: &[u8]) -> Result<Vec<StoredRecord>, DecodeError> {
    let mut records = Vec::new();
    let mut cut = only_cut(rest).into_iter().flatten();
    while let Some((&number, after)) = rest.split_first() {
        let Some((&count, after)) = after.split_first() else { return Err(short(8, rest)) };
        let mut record = StoredRecord { number, ..StoredRecord::default() };
        rest = after;
        for _ in 0..count {
            let [high, low, data @ ..] = rest else { return Err(short(8, rest)) };
            let did = u16::from_be_bytes([*high, *low]);
            let known = cut.next().or_else(|| split::data_length(*low).filter(|_| *high == 0xF4));
            let Some(length) = known else {
                record.raw = rest.to_vec();
                records.push(record);
                return Ok(records);
            };
            let Some((data, more)) = data.split_at_checked(length) else {
                return Err(DecodeError::PidLength { pid: did });
            };
            live::parameter(*low, did, true, data, &mut record.values)?;
            rest = more;
        }
        records.push(record);
    }
    Ok(records)
}

/// Most places looked at for a cut; records of cars stay far below.
const STEPS: u32 = 20_000;

/// Lengths of the values in order, where they fit the bytes in exactly one way.
fn only_cut(rest: &[u8]) -> Option<Vec<usize>> {
    let (mut found, mut steps) = (Vec::new(), STEPS);
    cuts(rest, 0, &mut Vec::new(), &mut found, &mut steps);
    if steps > 0 && found.len() == 1 { found.pop() } else { None }
}

/// `due`: values still to come in this record.
fn cuts(rest: &[u8], due: u8, so_far: &mut Vec<usize>, found: &mut Vec<Vec<usize>>, steps: &mut u32) {
    *steps = steps.saturating_sub(1);
    if *steps == 0 || found.len() > 1 {
        return;
    }
    match (due, rest) {
        (0, []) => found.push(so_far.clone()),
        (0, [_, count, more @ ..]) => cuts(more, *count, so_far, found, steps),
        (1.., [0xF4, pid, data @ ..]) => {
            let (usual, other) = split::lengths(*pid).map_or((None, None), |(usual, other)| (Some(usual), other));
            for length in [usual, other].into_iter().flatten() {
                if let Some((_, more)) = data.split_at_checked(length) {
                    so_far.push(length);
                    cuts(more, due - 1, so_far, found, steps);
                    so_far.pop();
                }
            }
        }
        _ => {}
    }
}

/// `number data`: the layout is the maker's.
fn extended(rest: &[u8]) -> Result<Vec<StoredRecord>, DecodeError> {
    match rest {
        [] => Ok(Vec::new()),
        [_] => Err(short(8, rest)),
        [number, raw @ ..] => Ok(vec![StoredRecord { number: *number, raw: raw.to_vec(), ..StoredRecord::default() }]),
    }
}

/// `least`: bytes of the reply that there must be; `rest` is what stands behind the sub-function.
fn short(least: usize, rest: &[u8]) -> DecodeError {
    DecodeError::Length { what: "service 19", expected: least, got: 2 + rest.len() }
}
