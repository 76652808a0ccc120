//! Live data: chosen signals of one vehicle, read over and over until somebody stops it.
//!
//! The usual case: [`run_live`] with a link, the options of a check, a receiver of [`Control`] and a closure that takes
//! [`LiveEvent`]s. It finds the vehicle as a check does, says what there is to choose from ([`LiveEvent::Found`]), and then
//! reads what [`Control::signals`] names. It returns when it is stopped, or with the error that ended the link.
//!
//! What is asked when is decided by [`Scheduler`], which is pure: time is an argument. `pace` has the wishes per signal and
//! the limit per bus, with the reasons. An ECU of SAE J1979-2 is asked by service 22 for what service 01 would give, and its
//! signals are known by the same ids. Requests go to every ECU at once, as the standard has it for present values; only
//! read-only ones can be made (see [`crate::adapter::Request`]).
//!
//! A value is only ever what an ECU sent. A signal that an ECU refuses, leaves unanswered twice, garbles or marks as not
//! there becomes [`LiveValue::Missing`] with the reason, once, until it comes back.

mod guard;
mod join;
mod pace;
mod raw;
mod run;
mod schedule;
mod watched;

pub use pace::{gap_ms, period_ms};
pub use run::run_live;
pub use schedule::{Next, Scheduler, Wish};

use crate::decode;
use roadworthy_api::{
    check::{AdapterInfo, Ecu, ProtocolInfo},
    live::{RawLine, Sample, SignalInfo},
};

#[cfg(doc)]
use roadworthy_api::live::LiveValue;

/// What a session is told while it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// Ids of the signals to read ([`SignalInfo::id`]); those that the vehicle does not have are passed over.
    pub signals: Vec<String>,
    /// Nothing is read, and the vehicle is kept awake where its bus needs that.
    pub paused: bool,
    /// What passes is told line by line ([`LiveEvent::Traffic`]). Of a recording nothing passes.
    pub raw: bool,
    /// It ends.
    pub stop: bool,
    /// Counts up when a person says that a session which stopped by itself ([`LiveEvent::Held`]) shall go on.
    pub go_on: u32,
}

/// What a session says while it runs.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveEvent {
    /// What it does just now, in words, until the vehicle is found.
    Doing(String),
    /// The vehicle was found; reading begins.
    Found(Box<Found>),
    /// Requests go out more slowly from now on, with the reason in a sentence; `None`: at their own pace again.
    Slowed(Option<String>),
    /// It stopped reading by itself so as not to harm the vehicle, with the reason; nothing goes out until
    /// [`Control::go_on`].
    Held(String),
    /// It reads again.
    WentOn,
    /// What passed since the last one, where that is wanted.
    Traffic(Vec<RawLine>),
    /// One request is done with.
    Answered {
        /// New values, and signals that went missing.
        samples: Vec<Sample>,
        /// Replies that could be read, of all ECUs.
        replies: u32,
    },
}

/// A vehicle and what there is to read.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Adapter.
    pub adapter: AdapterInfo,
    /// Protocol that answered.
    pub protocol: Option<ProtocolInfo>,
    /// ECUs that answered.
    pub ecus: Vec<Ecu>,
    /// VIN, if they gave a usable one.
    pub vin: Option<String>,
    /// Signals by ECU and PID.
    pub available: Vec<SignalInfo>,
}

/// Every signal that the ECUs say they support and whose layout is published, by ECU and PID.
pub fn available(ecus: &[Ecu]) -> Vec<SignalInfo> {
    let mut all = Vec::new();
    for ecu in ecus {
        for pid in &ecu.supported {
            let Ok(number) = u8::from_str_radix(pid, 16) else { continue };
            all.extend(decode::signals(number).into_iter().map(|signal| SignalInfo {
                id: format!("{}:{pid}:{}", ecu.id, signal.name),
                ecu: ecu.id.clone(),
                ecu_name: ecu.name.clone(),
                pid: pid.clone(),
                name: signal.name.into(),
                label: signal.label.into(),
                unit: signal.unit.into(),
                range: signal.range,
            }));
        }
    }
    all
}
