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
pub use monitor::{Scaled, TestResult};
pub use names::{monitor_name, test_name};
pub use negative::{Negative, nrc_name};
pub use oxygen::OxygenTest;
pub use performance::{CounterName, Performance, Ratio};
pub use readiness::{Monitor, Readiness};
pub use signal::{Meaning, Reading, Signal, Signals};
pub(crate) use split::{data_length, present_values};
pub use supported::Supported;
pub use uas::{Scaling, scaling};

/// Version of the decoder; rises whenever the same bytes may read differently.
pub const DECODER: u32 = 2;

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
