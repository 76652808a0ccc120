//! Why no vehicle was found: what the search met, and what can honestly be said of the reason.
//!
//! Whether the ignition is on cannot be seen from the plug, which has power either way. What can be told apart: an adapter
//! that refuses to look, one that garbles what it receives, a vehicle that is there and stays silent, a CAN bus on which
//! somebody takes the request and nobody answers it, and a low battery.

use crate::adapter::Request;
use crate::{
    frame::{Line, Status, assemble_reply},
    protocol::Protocol,
};
use roadworthy_api::{Code, Error};

/// Volts below which ECUs stop answering. A healthy battery at rest has 12.4 V and more.
const LOW: f64 = 11.0;

/// What a search met.
#[derive(Debug, Default)]
pub(in crate::adapter) struct Tried {
    /// Requests that went out.
    asked: u32,
    /// Of those, the ones to which the adapter said `?`.
    not_understood: u32,
    /// Whether anything came that reads like an ECU's reply.
    data: bool,
    /// Whether somebody took the request on CAN, so that it ended with `NO DATA` and not with `CAN ERROR`.
    taken: bool,
}

impl Tried {
    pub(in crate::adapter) fn data(&mut self) {
        self.data = true;
    }

    /// The answer to the request, with the protocol where it was named.
    pub(in crate::adapter) fn heard(&mut self, protocol: Option<Protocol>, request: &Request, answer: &[u8]) {
        let lines = assemble_reply(protocol.unwrap_or(Protocol::CAN_11_500), true, request.hex(), answer);
        let said = |status| lines.contains(&Line::Status(status));
        self.asked += 1;
        self.not_understood += u32::from(said(Status::Unknown));
        self.taken |= protocol.is_some_and(Protocol::is_can) && said(Status::NoData);
    }

    /// `voltage`: at the plug, where the adapter measures one that can be a vehicle's.
    pub(in crate::adapter) fn into_error(self, voltage: Option<f64>) -> Error {
        let other = "Use another adapter.";
        if self.data {
            return Error::new(
                Code::AdapterFault,
                "Something answers, but not in a form that says which ECU it is: the adapter garbles what it receives, or \
                 ignores ATH1.",
            )
            .hint(other);
        }
        if self.asked == 0 {
            let what = "The adapter refuses every ATTP command, so it cannot look for the vehicle.";
            return Error::new(Code::AdapterFault, what).hint(other);
        }
        if self.not_understood == self.asked {
            let what = "The adapter does not understand the request 0100, with which every vehicle is looked for.";
            return Error::new(Code::AdapterFault, what).hint(other);
        }
        let taken = if self.taken {
            " Something on the CAN bus takes the request without answering it: the vehicle may not offer OBD-II there."
        } else {
            ""
        };
        match voltage {
            Some(volts) if volts < LOW => Error::new(
                Code::NoVehicle,
                format!("The adapter has power, but no ECU answers, and the battery is low ({volts:.1} V)."),
            )
            .hint(format!("Connect a charger, switch the ignition on, and check again.{taken}")),
            Some(volts) => Error::new(Code::NoVehicle, "The adapter has power, but no ECU answers.").hint(format!(
                "There are {volts:.1} V at the plug. Switch the ignition on, push the adapter in firmly, and check again.{taken}"
            )),
            None => Error::new(Code::NoVehicle, "The adapter answers, but no ECU does.").hint(format!(
                "Push the adapter firmly into the vehicle's socket, switch the ignition on, and check again.{taken}"
            )),
        }
    }
}
