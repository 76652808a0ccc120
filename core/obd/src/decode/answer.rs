//! What a reply says, by kind, and the way from there to the contract's types.

use super::{
    ComponentTest, DtcStatus, Negative, OxygenTest, Performance, Readiness, Signals, SnapshotId, StoredRecords,
    Supported, TestResult,
};
use roadworthy_api::{check::MonitorTest, reading::Item};

/// A reply that follows its standard.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The service that was asked for, as in `0x01`; for a refusal, the refused one.
    pub service: u8,
    /// What it says.
    pub answer: Answer,
}

/// What a reply says.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "the large variant is the frequent one, and boxing it would allocate")]
pub enum Answer {
    /// Services 01, 02, 08, 22, the bitmaps of 05, 06 and 09, and infotypes that are neither text nor list.
    Values(Values),
    /// Services 03, 07, 0A: trouble codes as in `P0301`, none or more.
    Codes(Vec<String>),
    /// Service 05: one test of one oxygen sensor.
    Oxygen(OxygenTest),
    /// Service 06 on CAN: test results; `incomplete` where the last record was cut short.
    Tests {
        /// Whole records.
        tests: Vec<TestResult>,
        /// Whether a record was cut short, of which nothing is in `tests`.
        incomplete: bool,
    },
    /// Service 06 of other buses: tests of components, unscaled.
    Components(Vec<ComponentTest>),
    /// Service 09: VIN, calibration ids, ECU name and other texts.
    Texts(Vec<String>),
    /// Service 09: calibration verification numbers.
    Cvns(Vec<[u8; 4]>),
    /// Service 09: in-use performance counters.
    Counters(Performance),
    /// Service 19: codes with their status byte.
    Statuses(Vec<DtcStatus>),
    /// Service 19, sub-functions 01 and 07: how many codes there are.
    DtcCount(u16),
    /// Service 19, sub-function 03: codes for which freeze frames are kept.
    Snapshots(Vec<SnapshotId>),
    /// Service 19, sub-functions 04 and 06: what is stored with one code.
    Stored(StoredRecords),
    /// Done, without data: services 04, 08, 10, 14, 3E.
    Positive,
    /// Refused.
    Negative(Negative),
}

/// Present or frozen values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    /// Freeze frame number (service 02 only).
    pub frame: Option<u8>,
    /// Signals, in the order of the reply.
    pub signals: Signals,
    /// Supported bitmaps, in the order of the reply.
    pub supported: Vec<Supported>,
    /// Readiness (PIDs 01 and 41).
    pub readiness: Option<Readiness>,
    /// The code that caused the freeze frame (PID 02): none or one; `None` where the reply does not hold that PID.
    pub codes: Option<Vec<String>>,
}

impl Decoded {
    /// Values, where the reply holds some.
    pub fn values(&self) -> Option<&Values> {
        match &self.answer {
            Answer::Values(values) => Some(values),
            _ => None,
        }
    }

    /// Signals in the contract's form; empty where the reply holds none.
    pub fn items(&self) -> Vec<Item> {
        self.values().map(|v| v.signals.iter().map(super::Signal::item).collect()).unwrap_or_default()
    }

    /// The number of the first signal of that machine name.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.values()?.signals.iter().find(|s| s.name() == name)?.number()
    }

    /// Readiness, where the reply holds it. [`Readiness::pid`] tells since clearing (01) from this drive (41).
    pub fn readiness(&self) -> Option<&Readiness> {
        self.values()?.readiness.as_ref()
    }

    /// Monitors in the contract's form; empty where the reply holds none.
    pub fn monitors(&self) -> Vec<MonitorTest> {
        self.readiness().map(Readiness::tests).unwrap_or_default()
    }

    /// Supported bitmaps; empty where the reply holds none.
    pub fn supported(&self) -> &[Supported] {
        self.values().map_or(&[], |v| &v.supported)
    }

    /// Trouble codes (services 03, 07, 0A, 19, and PID 02); `None` where the reply is of another kind.
    pub fn codes(&self) -> Option<Vec<String>> {
        match &self.answer {
            Answer::Codes(codes) => Some(codes.clone()),
            Answer::Statuses(statuses) => Some(statuses.iter().map(|s| s.code.clone()).collect()),
            Answer::Snapshots(ids) => Some(ids.iter().map(|s| s.code.clone()).collect()),
            Answer::Stored(stored) => Some(vec![stored.dtc.code.clone()]),
            Answer::Values(values) => values.codes.clone(),
            _ => None,
        }
    }

    /// The status byte (ISO 14229-1 D.2) that came with a code, where the service tells one.
    pub fn status(&self, code: &str) -> Option<u8> {
        match &self.answer {
            Answer::Statuses(statuses) => statuses.iter().find(|s| s.code == code).map(|s| s.status),
            _ => None,
        }
    }

    /// Freeze frame number (service 02).
    pub fn frame(&self) -> Option<u8> {
        self.values()?.frame
    }

    /// Texts of service 09; empty where the reply holds none.
    pub fn texts(&self) -> &[String] {
        match &self.answer {
            Answer::Texts(texts) => texts,
            _ => &[],
        }
    }

    /// Calibration verification numbers in upper-case hex; empty where the reply holds none.
    pub fn cvns(&self) -> Vec<String> {
        match &self.answer {
            Answer::Cvns(cvns) => cvns.iter().map(|c| crate::line::hex(c)).collect(),
            _ => Vec::new(),
        }
    }

    /// In-use performance tracking, where the reply holds it.
    pub fn performance(&self) -> Option<&Performance> {
        match &self.answer {
            Answer::Counters(performance) => Some(performance),
            _ => None,
        }
    }

    /// Test results of service 06 on CAN; empty where the reply holds none.
    pub fn tests(&self) -> &[TestResult] {
        match &self.answer {
            Answer::Tests { tests, .. } => tests,
            _ => &[],
        }
    }

    /// Codes with their status (service 19); empty where the reply holds none.
    pub fn statuses(&self) -> &[DtcStatus] {
        match &self.answer {
            Answer::Statuses(statuses) => statuses,
            Answer::Stored(stored) => std::slice::from_ref(&stored.dtc),
            _ => &[],
        }
    }

    /// The refusal, if it is one.
    pub fn negative(&self) -> Option<Negative> {
        match self.answer {
            Answer::Negative(negative) => Some(negative),
            _ => None,
        }
    }
}
