//! From an application payload to what it says, or a typed refusal.
//!
//! Usually you call [`decode`] with the payload and, where you know it, the request it should answer: a reply to
//! something else is then refused. Say `legacy` for J1850, ISO 9141 and KWP, whose lists have no count byte. Say `uds`
//! for ISO 14229-1 services, which reuse numbers that mean something else on KWP.
//!
//! Covered: SAE J1979 (ISO 15031-5) services 01 to 0A, and of ISO 14229-1 the services 10, 14, 19, 22, 3E as SAE J1979-2
//! uses them. A PID that is published nowhere is raw bytes ([`Reading::Raw`]). A payload whose length, enumeration or
//! sentinel does not fit its standard yields a [`DecodeError`] and no value at all.
//!
//! A reply of numbers allocates nothing: names and units are `'static`, up to four signals live inside [`Signals`].
//! [`Decoded::items`] makes the owned form of the contract from them.
//!
//! # Each service, by an example
//!
//! Payloads as [`crate::frame::assemble`] gives them: service byte first, padding and headers gone. Unless said otherwise they
//! came over CAN.
//!
//! **01**, present values: engine speed, and what an ECU supports.
//! ```
//! use roadworthy_obd::decode::{Context, decode};
//!
//! let speed = decode(&[0x41, 0x0C, 0x1A, 0xF8], Context { request: Some(&[0x01, 0x0C]), ..Context::default() })?;
//! assert_eq!(speed.number("engine_rpm"), Some(1726.0));
//! let bitmap = decode(&[0x41, 0x00, 0xB8, 0x00, 0x00, 0x01], Context::default())?;
//! assert_eq!(bitmap.supported()[0].texts(), ["01", "03", "04", "05", "20"]);
//! # Ok::<(), roadworthy_obd::decode::DecodeError>(())
//! ```
//! **02**, freeze frame: its cause first, for without a code there is no frame; the frame number precedes the data.
//! ```
//! # use roadworthy_obd::decode::{Context, decode};
//! let cause = decode(&[0x42, 0x02, 0x00, 0x03, 0x01], Context::default())?;
//! assert_eq!((cause.frame(), cause.codes()), (Some(0), Some(vec!["P0301".to_owned()])));
//! let coolant = decode(&[0x42, 0x05, 0x00, 0x7B], Context::default())?;
//! assert_eq!(coolant.number("coolant_temperature"), Some(83.0));
//! # Ok::<(), roadworthy_obd::decode::DecodeError>(())
//! ```
//! **03**, **07** and **0A**, stored, pending and permanent codes: CAN counts them, older buses fill up with zeros.
//! ```
//! # use roadworthy_obd::decode::{Context, decode};
//! let stored = decode(&[0x43, 0x02, 0x03, 0x01, 0x04, 0x20], Context::default())?;
//! assert_eq!(stored.codes(), Some(vec!["P0301".to_owned(), "P0420".to_owned()]));
//! let older = Context { legacy: true, ..Context::default() };
//! assert_eq!(decode(&[0x47, 0x01, 0x71, 0, 0, 0, 0], older)?.codes(), Some(vec!["P0171".to_owned()]));
//! assert_eq!(decode(&[0x4A, 0x00], Context::default())?.codes(), Some(vec![]));
//! # Ok::<(), roadworthy_obd::decode::DecodeError>(())
//! ```
//! **04**, erasing codes: done, or refused with a reason. (Sending it takes an [`crate::adapter::Unlock`].)
//! ```
//! # use roadworthy_obd::decode::{Answer, Context, decode};
//! assert_eq!(decode(&[0x44], Context::default())?.answer, Answer::Positive);
//! let refused = decode(&[0x7F, 0x04, 0x22], Context::default())?.negative().unwrap();
//! assert_eq!((refused.service, refused.meaning()), (0x04, "conditionsNotCorrect"));
//! # Ok::<(), roadworthy_obd::decode::DecodeError>(())
//! ```
//! **05**, tests of oxygen sensors, which only buses from before CAN have: the time a sensor takes from lean to rich.
//! ```
//! # use roadworthy_obd::decode::{Answer, Context, decode};
//! let older = Context { legacy: true, ..Context::default() };
//! let Answer::Oxygen(test) = decode(&[0x45, 0x06, 0x01, 0x19, 0x00, 0x32], older)?.answer else { panic!() };
//! assert_eq!((test.name(), test.sensor()), (Some("Switch time from lean to rich"), Some(1)));
//! assert_eq!((test.value(), test.pass()), (Some((0.1, "s")), Some(true)));
//! # Ok::<(), roadworthy_obd::decode::DecodeError>(())
//! ```
//! **06**, on-board monitoring: a value between two limits, each scaled by the test's own unit.
//! ```
//! # use roadworthy_obd::decode::{Context, decode, monitor_name};
//! let reply = decode(&[0x46, 0x01, 0x0A, 0x10, 0x00, 0x14, 0x00, 0x0A, 0x00, 0x32], Context::default())?;
//! let test = reply.tests()[0];
//! assert_eq!(monitor_name(test.mid).as_deref(), Some("Exhaust gas sensor, bank 1 sensor 1"));
//! let scaled = test.scaled.unwrap();
//! assert_eq!((scaled.value, scaled.min, scaled.max, scaled.unit, test.pass), (20.0, 10.0, 50.0, "ms", true));
//! assert_eq!(test.margin().unwrap().room, Some(0.5));
//! # Ok::<(), roadworthy_obd::decode::DecodeError>(())
//! ```
//! **08**, control of a system, is read and never sent: the evaporative system was sealed for a leak test.
//! ```
//! # use roadworthy_obd::decode::{Answer, Context, decode};
//! assert_eq!(decode(&[0x48, 0x01], Context::default())?.answer, Answer::Positive);
//! # Ok::<(), roadworthy_obd::decode::DecodeError>(())
//! ```
//! **09**, vehicle information: texts, verification numbers, in-use counters.
//! ```
//! # use roadworthy_obd::decode::{Context, decode};
//! let vin = [&[0x49, 0x02, 0x01], b"1RWTEST00X0000001".as_slice()].concat();
//! assert_eq!(decode(&vin, Context::default())?.texts(), ["1RWTEST00X0000001"]);
//! let cvn = decode(&[0x49, 0x06, 0x01, 0x5D, 0x1E, 0x90, 0xC4], Context::default())?;
//! assert_eq!(cvn.cvns(), ["5D1E90C4"]);
//! # Ok::<(), roadworthy_obd::decode::DecodeError>(())
//! ```
//! **19** (UDS), codes with failure type and status: the confirmed ones of the emissions group.
//! ```
//! # use roadworthy_obd::decode::{Context, decode};
//! let uds = Context { uds: true, ..Context::default() };
//! let reply = decode(&[0x59, 0x42, 0x33, 0xFF, 0x1E, 0x04, 0x02, 0x03, 0x01, 0x11, 0x8F], uds)?;
//! let found = &reply.statuses()[0];
//! assert_eq!((found.code.as_str(), found.status), ("P0301-11", 0x8F));
//! assert!(found.flags().contains(&"confirmedDTC"));
//! # Ok::<(), roadworthy_obd::decode::DecodeError>(())
//! ```
//! **22** (UDS), data by identifier: `F4xx` holds what service 01 has as PID `xx`.
//! ```
//! # use roadworthy_obd::decode::{Context, decode};
//! let uds = Context { uds: true, ..Context::default() };
//! let reply = decode(&[0x62, 0xF4, 0x0C, 0x1A, 0xF8], uds)?;
//! assert_eq!((reply.items()[0].pid.as_str(), reply.number("engine_rpm")), ("F40C", Some(1726.0)));
//! # Ok::<(), roadworthy_obd::decode::DecodeError>(())
//! ```
//! **14** and **3E** (UDS), erasing codes and tester present: done, without data.
//! ```
//! # use roadworthy_obd::decode::{Answer, Context, DecodeError, decode};
//! let uds = Context { uds: true, ..Context::default() };
//! assert_eq!(decode(&[0x54], uds)?.answer, Answer::Positive);
//! assert_eq!(decode(&[0x7E, 0x00], uds)?.answer, Answer::Positive);
//! // On KWP these numbers mean something else.
//! assert_eq!(decode(&[0x54], Context::default()), Err(DecodeError::UdsNotAllowed(0x14)));
//! # Ok::<(), roadworthy_obd::decode::DecodeError>(())
//! ```

mod answer;
mod catalogue;
mod codes;
mod component;
mod control;
mod dtcs;
mod error;
mod extract;
mod identifiers;
mod info;
mod limits;
mod live;
mod maxima;
mod monitor;
mod names;
mod negative;
mod oxygen;
mod performance;
mod pids;
mod readiness;
mod signal;
mod split;
mod supported;
mod uas;
mod uds;

pub use answer::{Answer, Decoded, Values};
pub use catalogue::{Described, joins, signals};
pub use component::ComponentTest;
pub use dtcs::{DtcStatus, SEVERITY_FLAGS, STATUS_FLAGS, SnapshotId, StoredRecord, StoredRecords};
pub use error::DecodeError;
pub use limits::{Limit, Margin};
pub use maxima::Maxima;
pub use monitor::{Scaled, TestResult};
pub use names::{monitor_name, test_name};
pub use negative::{Negative, nrc_name};
pub use oxygen::OxygenTest;
pub use performance::{CounterName, Performance, Ratio};
pub use readiness::{Monitor, Readiness};
pub use signal::{Meaning, Reading, Signal, Signals};
pub(crate) use split::{data_length, longest, present_values};
pub use supported::Supported;
pub use uas::{Scaling, scaling};

/// Version of the decoder; rises whenever the same bytes may read differently.
pub const DECODER: u32 = 4;

/// What is known of a payload besides its bytes. The default is CAN, no UDS, request unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context<'a> {
    /// It came over J1850, ISO 9141 or KWP.
    pub legacy: bool,
    /// It may be an ISO 14229-1 reply.
    pub uds: bool,
    /// The request it should answer, service byte first.
    pub request: Option<&'a [u8]>,
}

/// Reads one reply payload, service byte first, padding removed.
pub fn decode(payload: &[u8], context: Context<'_>) -> Result<Decoded, DecodeError> {
    let Some((&first, rest)) = payload.split_first() else { return Err(DecodeError::Empty) };
    if first == 0x7F {
        let negative = negative::read(payload)?;
        return match context.request.and_then(<[u8]>::first) {
            Some(&asked) if asked != negative.service => Err(DecodeError::OtherRequest),
            _ => Ok(Decoded { service: negative.service, answer: Answer::Negative(negative) }),
        };
    }
    let Some(service) = first.checked_sub(0x40) else { return Err(DecodeError::NotAReply(first)) };
    if context.request.and_then(<[u8]>::first).is_some_and(|&asked| asked != service) {
        return Err(DecodeError::OtherRequest);
    }
    let answer = match service {
        0x01 => live::current(rest, context.request)?,
        0x02 => live::freeze_frame(rest, context.request)?,
        0x03 | 0x07 | 0x0A => codes::read(service, rest, context.legacy)?,
        0x04 if rest.is_empty() => Answer::Positive,
        0x04 => return Err(DecodeError::Length { what: "service 04", expected: 1, got: payload.len() }),
        0x05 if context.legacy => oxygen::read(rest, context.request)?,
        0x05 => return Err(DecodeError::OnlyLegacy(service)),
        0x06 if context.legacy => component::read(rest, context.request)?,
        0x06 => monitor::read(rest, context.request)?,
        0x08 => control::read(rest, context.legacy, context.request)?,
        0x09 => info::read(rest, context.legacy, context.request)?,
        0x10 | 0x14 | 0x19 | 0x22 | 0x3E if context.uds => uds::read(service, rest, context.request)?,
        0x10 | 0x14 | 0x19 | 0x22 | 0x3E => return Err(DecodeError::UdsNotAllowed(service)),
        _ => return Err(DecodeError::Service(service)),
    };
    Ok(Decoded { service, answer })
}
