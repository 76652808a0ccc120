//! The check: the full read-out of one visit, every question to every ECU, and what became of each.
//!
//! The usual case: [`run_check`] with a link, [`CheckOptions::new`], a cancel receiver and a closure that shows
//! [`CheckEvent`]s. It returns when the vehicle was read to the end, when it was cancelled, or when the link broke; what
//! was read by then is in the report, marked `partial`. It sends read-only requests only (see [`crate::adapter::Request`]).
//!
//! Questions, in order (request, words): supported values `0100`…, vehicle information `0900`, VIN `0902`, calibration ids
//! `0904`, calibration verification `0906`, ECU name `090A`, readiness `0101`, stored codes `03`, pending codes `07`, permanent
//! codes `0A`, freeze frame `0202`…, on-board monitors `0600`…, present values `01xx`; of vehicle information also whatever
//! else an ECU lists. The VIN comes early, so that a check that is cut short still knows whose it is. ECUs that refuse `0100`
//! or stay silent are asked in the words of SAE J1979-2 (see `dialect`). Service 08 is never asked.

mod clear;
mod compare;
pub(crate) mod coverage;
pub(crate) mod dialect;
mod ecus;
mod freeze;
mod information;
mod joint;
mod mend;
mod monitors;
mod present;
mod run;
mod scale;

use crate::{
    adapter::{Reset, passport::Passports},
    traffic::Traffic,
};
use roadworthy_api::{
    Error, Timestamp,
    check::{CheckReport, Outcome},
};
use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

pub use clear::{Conditions, Stay, run_check_and_stay};
pub use compare::{Compared, Found, compare};
pub use mend::Reopen;
pub(crate) use run::begin;
pub use run::{check_recording, run_check};

/// How to check.
#[derive(Clone)]
pub struct CheckOptions {
    /// The port as given, for the report.
    pub port: String,
    /// The clock that dates readings.
    pub now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// How the adapter is reset first. [`Reset::Cold`] is the usual one; after a [`roadworthy_api::Code::LinkLost`] during
    /// start-up try again on a new link with [`Reset::Warm`], since some clones drop a radio link on a full reset.
    pub reset: Reset,
    /// How to open the link anew when it breaks in the middle; `None`: the check ends there. A vehicle that gave no VIN is not
    /// read on, since nothing would show that it is the same.
    pub reopen: Option<Reopen>,
    /// Where the passport of the adapter is found. With [`Passports::Unused`], the usual one of tests and of recordings from
    /// before there were passports, an adapter is not measured, and values are asked for one by one.
    pub passports: Passports,
    /// Whether there is no vehicle: a simulator, or an ECU on a desk. The governor stands aside and a live session asks as fast
    /// as it is answered. Never for a vehicle: an ECU that is asked without a pause has been seen to idle roughly.
    pub bench: bool,
}

impl CheckOptions {
    /// A check on `port` dated by the system's clock.
    pub fn new(port: impl Into<String>) -> Self {
        let now = || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Timestamp::try_from(since.as_millis()).unwrap_or(Timestamp::MAX)
        };
        let passports = Passports::Unused;
        Self { port: port.into(), now: Arc::new(now), reset: Reset::Cold, reopen: None, passports, bench: false }
    }
}

/// What a check says while it runs.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckEvent {
    /// What it does just now, in words, as in `Looking for the vehicle`.
    Doing(String),
    /// Requests known by now, those done included; grows as ECUs say what they support, and shrinks where an answer makes
    /// a planned request pointless.
    Planned {
        /// Their number.
        total: u32,
    },
    /// A request goes out. Requests with the same question belong to one step of the page.
    Asked {
        /// In hex, as in `03`.
        request: String,
        /// In words, as in `Stored codes`.
        question: String,
    },
    /// What one ECU did with a question (also questions it was not asked, with the reason).
    Answer {
        /// In hex.
        request: String,
        /// In words.
        question: String,
        /// Response id; `None`: nobody answered.
        ecu: Option<String>,
        /// What came of it.
        outcome: Outcome,
    },
    /// A request is done with.
    Done {
        /// Requests done so far, of the `total` last planned.
        done: u32,
        /// How long this one took.
        took: Duration,
    },
}

/// How a check ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What was found; `Err` only when nothing worth keeping was read (no adapter, no vehicle). A check that was cut short
    /// by a broken link or by a person is `Ok` with `partial` set.
    pub report: Result<CheckReport, Error>,
    /// Every byte of both directions, also after an error.
    pub traffic: Traffic,
}
