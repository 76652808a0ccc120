//! Handlers: one for every call of the contract, one file per noun. They are synchronous and may block.

mod check;
mod job;
mod journal;
mod live;
mod pending;
mod person;
mod recording;
mod system;
mod vehicle;
mod visit;

use roadworthy_api::{Code, Error};

/// Most rows that one page of a list gives.
const PAGE: u32 = 500;

fn no_vehicle() -> Error {
    Error::new(Code::NotFound, "There is no such vehicle.").hint("Look for it in the list of vehicles.")
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
