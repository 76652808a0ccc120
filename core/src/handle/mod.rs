//! Handlers: one for every call of the contract, one file per noun. They are synchronous and may block.

mod adapter;
mod alert;
mod backup;
mod check;
mod clearing;
mod decision;
mod decoding;
mod diagnosis;
mod export;
mod fault;
mod history;
mod identity;
mod import;
mod job;
mod journal;
mod live;
mod measurement;
mod message;
mod note;
mod person;
mod photo;
mod recording;
mod service;
mod system;
mod telemetry;
mod vehicle;
mod visit;
mod worker;

pub(crate) use service::end_of_today;
pub(crate) use visit::detail as visit_detail;

use crate::store::{self, Fallible, Writing, registration};
use roadworthy_api::{
    Code, Error,
    id::{VehicleId, VisitId},
};

/// Most rows that one page of a list gives.
const PAGE: u32 = 500;

fn no_vehicle() -> Error {
    Error::new(Code::NotFound, "There is no such vehicle.").hint("Look for it in the list of vehicles.")
}

fn no_visit() -> Error {
    Error::new(Code::NotFound, "There is no such visit.").hint("Look for it among the vehicle's visits.")
}

/// The registration that something new about a vehicle is filed under; a visit that it is about must be the vehicle's.
fn about(w: &Writing<'_>, vehicle: VehicleId, visit: Option<VisitId>) -> Fallible<VehicleId> {
    let main = registration::vehicle(w.tx(), vehicle)?.ok_or_else(no_vehicle)?;
    if let Some(visit) = visit
        && store::visit::vehicle(w.tx(), visit)?.ok_or_else(no_visit)? != main
    {
        return Err(Error::new(Code::Invalid, "This visit is another vehicle's.")
            .hint("Choose a visit of this vehicle, or none.")
            .into());
    }
    registration::root(w.tx(), main)
}

fn no_person() -> Error {
    Error::new(Code::NotFound, "There is no such customer (any more).").hint("Look for them in the list of customers.")
}

/// A text that is there: trimmed and not empty.
fn given(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

#[cfg(test)]
mod tests;
